package auditor

import (
	_ "embed"
	"strings"
	"unicode/utf8"
)

//go:embed concepts.txt
var conceptFile string

//go:embed free.zh.txt
var freeZhFile string

//go:embed free.en.txt
var freeEnFile string

// vocabulary is what the word lists say, ready to be looked up.
type vocabulary struct {
	han        map[rune][]entry // Chinese forms by first rune, longest first
	latin      map[string][]int // stems of an English form → lines
	formsHan   [][]string       // by line
	formsLatin [][]string       // by line: stems
	freeHan    map[rune][]string
	freeLatin  map[string]bool
	phrase     int // words in the longest English form
}

type entry struct {
	text  string
	lines []int
}

var vocab = loadVocabulary()

func loadVocabulary() vocabulary {
	v := vocabulary{han: map[rune][]entry{}, latin: map[string][]int{}, freeHan: map[rune][]string{}, freeLatin: map[string]bool{}}
	lines := map[string][]int{}
	for i, line := range listLines(conceptFile) {
		zh, en, _ := strings.Cut(line, ";")
		v.formsHan, v.formsLatin = append(v.formsHan, nil), append(v.formsLatin, nil)
		for _, f := range splitForms(zh) {
			f = fold(f)
			lines[f] = append(lines[f], i)
			v.formsHan[i] = append(v.formsHan[i], f)
		}
		for _, f := range splitForms(en) {
			key := stems(f)
			v.latin[key] = append(v.latin[key], i)
			v.formsLatin[i] = append(v.formsLatin[i], key)
			v.phrase = max(v.phrase, strings.Count(key, " ")+1)
		}
	}
	for f, ids := range lines {
		first, _ := utf8.DecodeRuneInString(f)
		v.han[first] = append(v.han[first], entry{f, ids})
	}
	for _, line := range listLines(freeZhFile) {
		for _, w := range strings.Fields(line) {
			first, _ := utf8.DecodeRuneInString(w)
			v.freeHan[first] = append(v.freeHan[first], w)
		}
	}
	for _, line := range listLines(freeEnFile) {
		for _, w := range strings.Fields(line) {
			v.freeLatin[stem(w)], v.freeLatin[w] = true, true
		}
	}
	return v
}

// A source is a text to which a sentence is held: what it says, folded, with
// its Latin stems as one string to search phrases in.
type source struct {
	folded string
	joined string // folded without punctuation: 、,。 and spaces out
	stems  string // " stem stem … "
}

func newSource(folded string) source {
	var b strings.Builder
	b.WriteByte(' ')
	for _, w := range latin(folded) {
		b.WriteString(w.stem + " ")
	}
	return source{folded: folded, joined: folded, stems: b.String()}
}

// has tells whether a source holds a concept, in any of its forms.
func (s source) has(concept int) bool {
	for _, f := range vocab.formsHan[concept] {
		if strings.Contains(s.folded, f) {
			return true
		}
	}
	for _, f := range vocab.formsLatin[concept] {
		if strings.Contains(s.stems, " "+f+" ") {
			return true
		}
	}
	return false
}

func (s source) hasAny(concepts []int) bool {
	for _, c := range concepts {
		if s.has(c) {
			return true
		}
	}
	return false
}

// conceptsOf lists the lines of the word list that a piece of text names.
func conceptsOf(folded string) map[int]bool {
	out := map[int]bool{}
	for i, r := range folded {
		for _, e := range vocab.han[r] {
			if strings.HasPrefix(folded[i:], e.text) {
				for _, c := range e.lines {
					out[c] = true
				}
			}
		}
	}
	ws := latin(folded)
	for i := range ws {
		key := ""
		for n := 0; n < vocab.phrase && i+n < len(ws); n++ {
			key = strings.TrimPrefix(key+" "+ws[i+n].stem, " ")
			for _, c := range vocab.latin[key] {
				out[c] = true
			}
		}
	}
	return out
}

// unborne lists the words of a sentence that no source bears. covered marks
// the bytes that other rules have judged already.
func unborne(folded string, covered []bool, sources []source) []string {
	markHan(folded, covered, sources)
	markLatin(folded, covered, sources)
	var out []string
	start := -1
	for i, r := range folded + "\n" {
		content := i < len(folded) && (isHan(r) || r >= 'a' && r <= 'z' || r >= '0' && r <= '9')
		if content && !covered[i] {
			if start < 0 {
				start = i
			}
			continue
		}
		if start >= 0 {
			if w := folded[start:i]; w != "s" || start == 0 || folded[start-1] != '\'' {
				out = append(out, w)
			}
			start = -1
		}
	}
	return loneTolerated(out, sources)
}

// loneTolerated drops up to two single characters that stand in a source:
// what is left of 研发用 said as 用于研发. The last source is what is about the
// quotes and bears no single characters.
func loneTolerated(words []string, sources []source) []string {
	var out []string
	spare := 2
	for _, w := range words {
		lone := utf8.RuneCountInString(w) == 1 && hasHan(w)
		if lone && spare > 0 && inAny(w, sources[:len(sources)-1]) {
			spare--
			continue
		}
		out = append(out, w)
	}
	return out
}

func inAny(w string, sources []source) bool {
	for _, s := range sources {
		if strings.Contains(s.joined, w) {
			return true
		}
	}
	return false
}

func mark(covered []bool, start, end int) {
	for i := start; i < end; i++ {
		covered[i] = true
	}
}

// markHan covers what the sources bear of the Chinese of a sentence: pairs of
// characters, names of concepts, and free words.
func markHan(folded string, covered []bool, sources []source) {
	for i, r := range folded {
		if !isHan(r) && r != '、' {
			continue
		}
		one := i + utf8.RuneLen(r)
		if next, size := utf8.DecodeRuneInString(folded[one:]); size > 0 && (isHan(next)) && inAny(folded[i:one+size], sources) {
			mark(covered, i, one+size)
		}
		for _, e := range vocab.han[r] {
			if strings.HasPrefix(folded[i:], e.text) && anyBears(sources, e.lines) {
				mark(covered, i, i+len(e.text))
			}
		}
	}
	for i := 0; i < len(folded); {
		r, size := utf8.DecodeRuneInString(folded[i:])
		best := 0
		for _, w := range vocab.freeHan[r] {
			if len(w) > best && strings.HasPrefix(folded[i:], w) && !partly(covered, i, i+len(w)) {
				best = len(w)
			}
		}
		if best > 0 {
			mark(covered, i, i+best)
		}
		i += max(best, size)
	}
}

// partly: some but not all bytes of a range are covered and the word is long;
// a free word must not eat half of a foreign one.
func partly(covered []bool, start, end int) bool {
	return end-start > 6 && covered[start] != covered[end-1] && covered[start]
}

func anyBears(sources []source, concepts []int) bool {
	for _, s := range sources {
		if s.hasAny(concepts) {
			return true
		}
	}
	return false
}

// markLatin covers English words: longest known phrase first, then stems of
// the sources, then free words.
func markLatin(folded string, covered []bool, sources []source) {
	ws := latin(folded)
	for i := range ws {
		key := ""
		for n := 0; n < vocab.phrase && i+n < len(ws); n++ {
			key = strings.TrimPrefix(key+" "+ws[i+n].stem, " ")
			if lines := vocab.latin[key]; len(lines) > 0 && anyBears(sources, lines) {
				mark(covered, ws[i].start, ws[i+n].end)
			}
		}
		if vocab.freeLatin[ws[i].text] || vocab.freeLatin[ws[i].stem] && len(ws[i].text) > 3 || len(ws[i].text) == 1 && ws[i].text > "9" {
			mark(covered, ws[i].start, ws[i].end)
			continue
		}
		for _, s := range sources {
			if strings.Contains(s.stems, " "+ws[i].stem+" ") {
				mark(covered, ws[i].start, ws[i].end)
			}
		}
	}
}
