package grounding

import (
	"embed"
	"io/fs"
	"strings"
	"sync"

	"policybot/bot/quantity/fold"
)

// lists of one kind may be spread over several files.
//
//go:embed light*.txt same*.txt
var vocabularyFiles embed.FS

//go:embed kinds.txt
var kindsFile string

// A token is a Han character or a word of a text in normal form.
type token struct {
	key      string // the character, or the root of the word
	from, to int    // runes
	han      bool
}

// tokens are the tokens of t between two places.
func tokens(t *fold.Text, from, to int) []token {
	out := make([]token, 0, (to-from)/2+1)
	for i := from; i < to; {
		r := t.Runes[i]
		switch {
		case fold.Han(r):
			out = append(out, token{string(r), i, i + 1, true})
			i++
		case letter(r):
			end := wordEnd(t.Runes, i, to)
			out = append(out, token{root(string(t.Runes[i:end])), i, end, false})
			i = end
		default:
			i++
		}
	}
	return out
}

// wordEnd returns the end of the word at i: letters, digits, what joins digits,
// and an apostrophe s.
func wordEnd(runes []rune, i, to int) int {
	for i < to && (letter(runes[i]) || (runes[i] == '.' || runes[i] == ',') && i+1 < to && fold.Digit(runes[i-1]) && fold.Digit(runes[i+1])) {
		i++
	}
	if i+1 < to && (runes[i] == '\'' || runes[i] == '’') && runes[i+1] == 's' && (i+2 == to || !letter(runes[i+2])) {
		i += 2
	}
	return i
}

// keysOf are the keys of the tokens of a form.
func keysOf(form string) []string {
	t := fold.New(form)
	var out []string
	for _, k := range tokens(&t, 0, len(t.Runes)) {
		out = append(out, k.key)
	}
	return out
}

// endings are those that root cuts, the longest first.
var endings = []string{
	"isation", "ization", "ational", "ations", "ation", "itions", "ition", "ments", "ment", "ness", "ities", "ity", "ising", "izing", "ised", "ized",
	"ises", "izes", "ise", "ize", "ingly", "ically", "ally", "ings", "ing", "ions", "ion", "ives", "ive", "ors", "or", "ers", "er", "ied", "ies",
	"ical", "ial", "al", "edly", "ed", "ly", "es", "s", "e", "y",
}

// shortEnds are those that leave three letters.
var shortEnds = map[string]bool{"ing": true, "ed": true, "es": true, "s": true, "e": true, "y": true}

// root is what an English word has in common with its other forms: establish of
// establishment, regulat of regulation and regulatory.
func root(w string) string {
	w = strings.TrimSuffix(strings.TrimSuffix(w, "'s"), "’s")
	if same, ok := irregular[w]; ok {
		w = same
	}
	if stay[w] {
		return w
	}
	if one, ok := strings.CutSuffix(w, "s"); ok && stay[one] {
		return one
	}
	if one, ok := strings.CutSuffix(w, "es"); ok && stay[one] {
		return one
	}
	if one, ok := strings.CutSuffix(w, "ies"); ok && len(one) > 2 {
		if w = one + "y"; stay[w] {
			return w
		}
	}
	if w == "" || !fold.Latin(rune(w[0])) {
		return w
	}
	if one, ok := strings.CutSuffix(w, "s"); ok && len(w) > 4 && !strings.HasSuffix(one, "s") && !strings.HasSuffix(one, "u") && !strings.HasSuffix(one, "i") {
		w = one
	}
	for range 2 {
		for _, end := range endings {
			if n := len(w) - len(end); n >= 4 && w[n:] == end || n == 3 && w[n:] == end && shortEnds[end] {
				w = w[:n]
				break
			}
		}
	}
	if n := len(w); n > 4 && w[n-1] == w[n-2] && w[n-1] != 's' && w[n-1] != 'l' {
		w = w[:n-1]
	}
	return w
}

// irregular are forms that cutting does not lead to the form on the right.
var irregular = map[string]string{
	"cooperatives": "cooperatives", "sped": "speed", "dealt": "deal", "spent": "spend", "lent": "lend", "domestically": "domestic", "went": "go", "gone": "go", "ran": "run", "taught": "teach", "fell": "fall",
	"earlier": "early", "earliest": "early", "sooner": "soon", "better": "good", "best": "good", "freely": "free", "lawfully": "law", "built": "build", "held": "hold", "made": "make", "gave": "give", "given": "give", "led": "lead", "sold": "sell", "brought": "bring", "sought": "seek",
	"taken": "take", "took": "take", "grew": "grow", "grown": "grow", "growth": "grow", "began": "begin", "begun": "begin", "children": "child",
	"bought": "buy", "drew": "draw", "drawn": "draw", "drove": "drive", "driven": "drive", "strove": "strive", "striven": "strive", "chose": "choose",
	"chosen": "choose", "won": "win", "kept": "keep", "met": "meet", "paid": "pay", "centre": "center", "centres": "center", "shown": "show", "laid": "lay",
	"broken": "break", "broke": "break", "risen": "rise", "rose": "rise", "tumour": "tumor", "tumours": "tumor", "programme": "program",
	"programmes": "program", "labour": "labor", "licence": "license", "licences": "license", "analysis": "analyse", "analyses": "analyse",
	"approvals": "approve", "approval": "approve", "production": "produce", "productive": "produce", "wider": "wide", "widened": "wide", "widen": "wide",
	"bigger": "big", "faster": "fast", "larger": "large", "stronger": "strong", "strength": "strong", "strengthen": "strong", "strengthened": "strong",
	"strengthening": "strong", "strengthens": "strong", "higher": "high", "greater": "great", "easier": "easy", "simpler": "simple", "longer": "long",
	"shorter": "short", "shorten": "short", "shortened": "short", "shortening": "short", "broader": "broad", "broaden": "broad", "broadened": "broad",
	"quicker": "quick", "quickly": "quick", "simplified": "simple", "simplify": "simple", "simplifying": "simple", "simplification": "simple",
	"carrying": "carry", "carried": "carry", "carries": "carry", "applies": "apply", "applied": "apply", "applying": "apply", "applications": "apply",
	"application": "apply", "applicant": "apply", "applicants": "apply", "studies": "study", "studied": "study", "studying": "study",
}

// stay are words that are no form of another one that cutting would find.
var stay = func() map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(`people important importance import general generic national nation international internationally police universal
		department apartment trial number need party part partner factory factor property proper expert experience experiment center order border
		cover over under medal metal royal center power tower paper offer never ever after other either neither whether number member river letter
		matter order master centre better rather together per user water state station nation mission vision region union million billion process
		business access address express less across this thus plus basis status bonus campus focus discuss class ing thing bring spring king ring during
		being seed need feed speed exceed indeed proceed succeed bed red shed one ones share stage article policy company body study city country duty
		party safety security facility quality quantity activity capacity majority minority authority identity beauty county bounty
		cooperatives institute institution medicine medical lawyer law`) {
		out[w] = true
	}
	return out
}()

// A lexicon finds forms in the tokens of a text.
type lexicon struct {
	next []map[string]int32
	ends [][]entry
}

// An entry is a line that a form stands on.
type entry struct {
	line int
	says bool // may be said where the line is borne out
	bear bool // bears the line out
}

func newLexicon() *lexicon { return &lexicon{next: []map[string]int32{nil}, ends: [][]entry{nil}} }

func (l *lexicon) add(form string, e entry) {
	l.addKeys(keysOf(strings.ReplaceAll(form, "_", " ")), e)
}

func (l *lexicon) addKeys(keys []string, e entry) {
	node := int32(0)
	if len(keys) == 0 {
		return
	}
	for _, k := range keys {
		if l.next[node] == nil {
			l.next[node] = make(map[string]int32)
		}
		n, ok := l.next[node][k]
		if !ok {
			n = int32(len(l.next))
			l.next = append(l.next, nil)
			l.ends = append(l.ends, nil)
			l.next[node][k] = n
		}
		node = n
	}
	l.ends[node] = append(l.ends[node], e)
}

// at calls found for every form that begins at list[i], with its end there.
func (l *lexicon) at(list []token, i int, found func(end int, entries []entry)) {
	node := int32(0)
	for j := i; j < len(list); j++ {
		n, ok := l.next[node][list[j].key]
		if !ok || j > i && !adjoins(list[j-1], list[j]) {
			return
		}
		node = n
		if len(l.ends[node]) > 0 {
			found(j+1, l.ends[node])
		}
	}
}

// adjoins reports whether two tokens may be one form: Han characters next to
// one another, words a blank or a hyphen apart.
func adjoins(a, b token) bool {
	if a.han && b.han {
		return a.to == b.from
	}
	return b.from-a.to <= 1
}

// A vocabulary is what light.txt, same.txt and kinds.txt hold.
type vocabulary struct {
	light *lexicon
	same  *lexicon
	kinds *lexicon
	lines int // of same.txt
	sorts map[int]string
}

var words = sync.OnceValue(func() *vocabulary {
	v := &vocabulary{light: newLexicon(), same: newLexicon(), kinds: newLexicon(), sorts: make(map[int]string)}
	for line := range uncommented(joined("light*.txt")) {
		for w := range strings.FieldsSeq(line) {
			v.light.add(w, entry{says: true})
		}
	}
	for line := range uncommented(joined("same*.txt")) {
		v.lines++
		left, right, directed := strings.Cut(line, " > ")
		for w := range strings.FieldsSeq(left) {
			v.same.add(w, entry{v.lines, true, !directed})
		}
		for w := range strings.FieldsSeq(right) {
			v.same.add(w, entry{v.lines, false, true})
		}
	}
	n := 0
	for line := range uncommented(kindsFile) {
		for member := range strings.SplitSeq(line, "|") {
			n++
			v.sorts[n] = line
			for w := range strings.FieldsSeq(member) {
				w, alone := strings.CutPrefix(w, "*")
				v.kinds.add(w, entry{n, !alone, true})
			}
		}
	}
	return v
})

// Thesaurus returns the text of the files of words: those that may be said for one
// another, a line a meaning, and those that add nothing. It is for others who read
// the same data in their own way.
func Thesaurus() (same, light string) { return joined("same*.txt"), joined("light*.txt") }

// joined returns the files of a pattern, one after the other.
func joined(pattern string) string {
	names, err := fs.Glob(vocabularyFiles, pattern)
	if err != nil {
		panic("grounding: " + err.Error()) // the pattern is constant
	}
	var out strings.Builder
	for _, name := range names {
		data, err := fs.ReadFile(vocabularyFiles, name)
		if err != nil {
			panic("grounding: " + err.Error()) // the files are embedded
		}
		out.Write(data)
		out.WriteByte('\n')
	}
	return out.String()
}

// uncommented yields the lines of a file that say something.
func uncommented(file string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for line := range strings.Lines(file) {
			line = strings.TrimSpace(line)
			if line == "" || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "[") {
				continue
			}
			if !yield(line) {
				return
			}
		}
	}
}
