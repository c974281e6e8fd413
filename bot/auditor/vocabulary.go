package auditor

import (
	_ "embed"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

//go:embed concepts.txt
var conceptFile string

//go:embed free.zh.txt
var freeZhFile string

//go:embed free.en.txt
var freeEnFile string

// vocabulary is what word lists say, ready to be looked up. A line of a list
// is one meaning; said are the forms that a sentence may use for it, bear those
// of a quote. Chinese forms are folded, English ones the stems of their words.
type vocabulary struct {
	said, bear map[string][]int
	lines      int
	longest    int             // characters in the longest Chinese form
	phrase     int             // words in the longest English form
	free       map[string]bool // Chinese words and English stems that claim nothing
	freeWords  map[string]bool // English words of which only the form itself is free
}

var vocab = loadVocabulary()

func loadVocabulary() *vocabulary {
	v := &vocabulary{said: map[string][]int{}, bear: map[string][]int{}, free: map[string]bool{}, freeWords: map[string]bool{}}
	for _, line := range listLines(conceptFile) {
		zh, en, _ := strings.Cut(line, ";")
		forms := append(splitForms(zh), splitForms(en)...)
		v.line(forms, forms, 1)
	}
	for _, line := range append(listLines(freeZhFile), listLines(freeEnFile)...) {
		v.lighten(strings.Fields(line))
	}
	return v
}

// line adds one meaning. Chinese forms of fewer than least characters bear
// nothing.
func (v *vocabulary) line(said, bear []string, least int) {
	id := v.lines
	v.lines++
	for _, f := range said {
		if key := v.key(f); key != "" && !slices.Contains(v.said[key], id) {
			v.said[key] = append(v.said[key], id)
		}
	}
	for _, f := range bear {
		if key := v.key(f); key != "" && !slices.Contains(v.bear[key], id) && (!hasHan(key) || utf8.RuneCountInString(key) >= least) {
			v.bear[key] = append(v.bear[key], id)
		}
	}
}

// key is under what a form is looked up.
func (v *vocabulary) key(f string) string {
	f = fold(f)
	if hasHan(f) {
		v.longest = max(v.longest, utf8.RuneCountInString(f))
		return f
	}
	key := stems(f)
	v.phrase = max(v.phrase, strings.Count(key, " ")+1)
	return key
}

func (v *vocabulary) lighten(words []string) {
	for _, w := range words {
		w = strings.ReplaceAll(w, "_", " ")
		if key := v.key(w); key != "" {
			v.free[key] = true
			v.freeWords[fold(w)] = true
		}
	}
}

// with is a copy of a vocabulary that knows more lines: same, of words that
// may stand for one another, and light, of words that claim nothing.
func (v *vocabulary) with(same, light []string) *vocabulary {
	out := *v
	out.said, out.bear = maps.Clone(v.said), maps.Clone(v.bear)
	out.free, out.freeWords = maps.Clone(v.free), maps.Clone(v.freeWords)
	for _, m := range []map[string][]int{out.said, out.bear} {
		for k := range m {
			m[k] = slices.Clip(m[k])
		}
	}
	for _, line := range listed(same) {
		said, bear, directed := strings.Cut(line, ">")
		if !directed {
			bear = said
		}
		out.line(words(said), words(bear), 2)
	}
	for _, line := range listed(light) {
		out.lighten(strings.Fields(line))
	}
	return &out
}

// listed are the lines of lists that say something: no comments, no heads.
func listed(lines []string) []string {
	var out []string
	for _, line := range listLines(strings.Join(lines, "\n")) {
		if !strings.HasPrefix(line, "[") {
			out = append(out, line)
		}
	}
	return out
}

// words are the forms of a line of a list, in which _ stands for a blank.
func words(line string) []string {
	var out []string
	for _, f := range strings.Fields(line) {
		out = append(out, strings.ReplaceAll(f, "_", " "))
	}
	return out
}

// A hit is a form of a list in a text: its byte range and its lines.
type hit struct {
	start, end int
	lines      []int
}

// hits lists the forms of a list that stand in a folded text.
func (v *vocabulary) hits(list map[string][]int, folded string) []hit {
	var out []hit
	for i, r := range folded {
		if !isHan(r) && r < 128 {
			continue
		}
		end := i
		for range v.longest {
			_, size := utf8.DecodeRuneInString(folded[end:])
			if size == 0 {
				break
			}
			end += size
			if lines := list[folded[i:end]]; lines != nil {
				out = append(out, hit{i, end, lines})
			}
		}
	}
	ws := latin(folded)
	for i := range ws {
		key := ""
		for n := 0; n < v.phrase && i+n < len(ws); n++ {
			key = strings.TrimPrefix(key+" "+ws[i+n].stem, " ")
			if lines := list[key]; lines != nil {
				out = append(out, hit{ws[i].start, ws[i+n].end, lines})
			}
		}
	}
	return out
}

// A source is a text to which a sentence is held: what it says, folded, with
// its Latin stems as one string to search in.
type source struct {
	folded string
	stems  string // " stem stem … "
	lines  map[int]bool
}

func (v *vocabulary) source(folded string) source {
	var b strings.Builder
	b.WriteByte(' ')
	for _, w := range latin(folded) {
		b.WriteString(w.stem + " ")
	}
	s := source{folded: folded, stems: b.String(), lines: map[int]bool{}}
	for _, h := range v.hits(v.bear, folded) {
		for _, l := range h.lines {
			s.lines[l] = true
		}
	}
	return s
}

// conceptsOf lists the lines of the word list that a piece of text names.
func (v *vocabulary) conceptsOf(folded string) map[int]bool {
	out := map[int]bool{}
	for _, h := range v.hits(v.said, folded) {
		for _, l := range h.lines {
			out[l] = true
		}
	}
	return out
}
