package grounding

import (
	_ "embed"
	"slices"
	"strings"
	"sync"

	"policybot/bot/quantity/fold"
)

//go:embed words.txt
var wordsFile string

//go:embed nouns.txt
var nounsFile string

// A class is a set of sections of words.txt.
type class uint16

const (
	not class = 1 << iota
	forbid
	exempt
	except
	cancels
	restrict
	double // a negation of one of these: 不取消
	must
	should
	may
	encourage
	intend
	will
	entitle

	polarity = not | forbid | exempt | except | cancels | restrict | double
	modality = must | should | may | encourage | intend | will | entitle
)

var classNames = map[string]class{
	"not": not, "forbid": forbid, "exempt": exempt, "except": except, "cancel": cancels, "restrict": restrict,
	"must": must, "should": should, "may": may, "encourage": encourage, "intend": intend, "will": will, "entitle": entitle, "neutral": 0,
}

// goes tells for each class which of the source bear it out.
var goes = map[class]class{
	not:       not | forbid | exempt | except | cancels,
	forbid:    forbid,
	exempt:    exempt | not,
	except:    except,
	cancels:   cancels,
	restrict:  restrict,
	double:    double,
	must:      must,
	should:    should | must,
	may:       may | entitle,
	entitle:   entitle,
	encourage: encourage,
	intend:    intend,
	will:      will | should | must,
}

// A mark is a word of one of the classes, at runes of a text.
type mark struct {
	class    class
	from, to int
}

// A marking is one form of words.txt.
type marking struct {
	runes []rune
	class class
	open  bool // any ending
}

// wordLists is what words.txt and nouns.txt hold.
type wordLists struct {
	marks      map[rune][]marking // by first rune, longest first
	nouns      map[rune][]form
	empty      map[rune]bool // Han characters that say nothing by themselves
	emptyWords map[string]bool
}

var lists = sync.OnceValue(func() *wordLists {
	l := &wordLists{
		marks: make(map[rune][]marking), nouns: make(map[rune][]form),
		empty: make(map[rune]bool), emptyWords: make(map[string]bool),
	}
	section := ""
	for line := range strings.Lines(wordsFile) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || strings.HasPrefix(line, "# "):
		case strings.HasPrefix(line, "["):
			section = strings.Trim(line, "[]")
		default:
			for w := range strings.FieldsSeq(line) {
				w, open := strings.CutSuffix(w, "*")
				m := marking{fold.Runes(strings.ReplaceAll(w, "_", " ")), classNames[section], open}
				l.marks[m.runes[0]] = append(l.marks[m.runes[0]], m)
			}
		}
	}
	for _, list := range l.marks {
		slices.SortStableFunc(list, func(a, b marking) int { return len(b.runes) - len(a.runes) })
	}
	id := 0
	for line := range strings.Lines(nounsFile) {
		if strings.HasPrefix(line, "# ") {
			continue
		}
		id++
		for w := range strings.FieldsSeq(line) {
			f := form{fold.Runes(strings.ReplaceAll(w, "_", " ")), id}
			l.nouns[f.runes[0]] = append(l.nouns[f.runes[0]], f)
		}
	}
	for _, list := range l.nouns {
		slices.SortStableFunc(list, func(a, b form) int { return len(b.runes) - len(a.runes) })
	}
	for _, r := range "的了和及与等在对以为是将把被于之其并或" {
		l.empty[r] = true
	}
	for w := range strings.FieldsSeq("the a an of to in on for and or by with as at is are be been was were it its that this these those from we our their such other which than also") {
		l.emptyWords[w] = true
	}
	return l
})

// findMarks returns the words of words.txt from one place to another. None
// begins where hidden is true or inside another; the longest counts.
func (t *text) findMarks(from, to int, hidden []bool) []mark {
	var out []mark
	for i := from; i < to; {
		m, end := t.marking(i, to)
		switch {
		case end == 0:
			i++
			continue
		case m.class != 0 && !hidden[i]:
			if k := len(out) - 1; k >= 0 && (out[k].to == i || out[k].to == i-1 && isBlank(t.Runes[i-1])) && out[k].class == not && m.class&polarity != 0 {
				out[k].class = double
			}
			out = append(out, mark{m.class, i, end})
		}
		i = end
	}
	return out
}

// marking returns the longest form of words.txt at i and its end, or 0.
func (t *text) marking(i, to int) (marking, int) {
	if fold.Latin(t.Runes[i]) && letter(t.at(i-1)) {
		return marking{}, 0
	}
	for _, m := range lists().marks[t.Runes[i]] {
		end := i + len(m.runes)
		if end > to && (end > len(t.Runes) || m.class != 0) || !slices.Equal(t.Runes[i:min(end, len(t.Runes))], m.runes) {
			continue
		}
		if m.open {
			for letter(t.at(end)) {
				end++
			}
		}
		if fold.Latin(m.runes[len(m.runes)-1]) && letter(t.at(end)) {
			continue
		}
		return m, end
	}
	return marking{}, 0
}

// scope returns the content that a mark turns: what follows it closely up to
// the next mark, or what
// stands before it at the end of a phrase (除外); around English
// participles (waived, prohibited) both.
func (t *text) scope(p *phrase, m mark) keys {
	const han, words = 6, 6
	none := func(int) bool { return false }
	limit := p.to
	for _, next := range p.marks {
		if next.from > m.to+1 && next.from < limit {
			limit = next.from
		}
	}
	end, n := m.to, 0
	for end < limit && n < han*words && t.Runes[end] != '、' {
		if fold.Han(t.Runes[end]) {
			n += words
		} else if letter(t.Runes[end]) {
			end = t.wordEnd(end, limit) - 1
			n += han
		}
		end++
	}
	start := m.from
	if passive := string(t.Runes[max(m.from, m.to-2):m.to]); p.latin && m.to-m.from > 3 && (passive == "ed" || passive == "en") {
		for n = 0; start > p.from && n < words; start-- {
			if letter(t.Runes[start-1]) && !letter(t.at(start)) {
				n++
			}
		}
		for start > p.from && letter(t.Runes[start-1]) {
			start--
		}
	}
	k := append(t.content(start, m.from, none), t.content(m.to, end, none)...)
	if len(k) == 0 {
		return t.content(max(p.from, m.from-han), m.from, none)
	}
	return sorted(k)
}

// wordEnd returns the end of the letters and digits at i.
func (t *text) wordEnd(i, to int) int {
	for i < to && letter(t.Runes[i]) {
		i++
	}
	return i
}
