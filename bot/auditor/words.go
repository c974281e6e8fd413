package auditor

import (
	"strings"
	"unicode/utf8"
)

// unborne lists the words of a sentence that no source bears. covered marks
// the bytes that other rules have judged already.
func (v *vocabulary) unborne(folded string, covered []bool, sources []source) []string {
	v.markBorne(folded, covered, sources)
	v.markHan(folded, covered, sources)
	v.markLatin(folded, covered, sources)
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
		if strings.Contains(s.folded, w) {
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

// markBorne covers the forms of the list that the sources bear.
func (v *vocabulary) markBorne(folded string, covered []bool, sources []source) {
	for _, h := range v.hits(v.said, folded) {
		if anyBears(sources, h.lines) {
			mark(covered, h.start, h.end)
		}
	}
}

func anyBears(sources []source, lines []int) bool {
	for _, s := range sources {
		for _, l := range lines {
			if s.lines[l] {
				return true
			}
		}
	}
	return false
}

// markHan covers what the sources bear of the Chinese of a sentence: pairs of
// characters, and free words.
func (v *vocabulary) markHan(folded string, covered []bool, sources []source) {
	for i, r := range folded {
		if !isHan(r) && r != '、' {
			continue
		}
		one := i + utf8.RuneLen(r)
		if next, size := utf8.DecodeRuneInString(folded[one:]); size > 0 && isHan(next) && inAny(folded[i:one+size], sources) {
			mark(covered, i, one+size)
		}
	}
	for i := 0; i < len(folded); {
		r, size := utf8.DecodeRuneInString(folded[i:])
		best, end := 0, i
		for range v.longest {
			if r < utf8.RuneSelf {
				break
			}
			_, n := utf8.DecodeRuneInString(folded[end:])
			if n == 0 {
				break
			}
			end += n
			if v.free[folded[i:end]] && !partly(covered, i, end) {
				best = end - i
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

// markLatin covers English words: stems of the sources, and free words.
func (v *vocabulary) markLatin(folded string, covered []bool, sources []source) {
	ws := latin(folded)
	for i := range ws {
		key := ""
		for n := 0; n < v.phrase && i+n < len(ws); n++ {
			key = strings.TrimPrefix(key+" "+ws[i+n].stem, " ")
			if n > 0 && v.free[key] {
				mark(covered, ws[i].start, ws[i+n].end)
			}
		}
		if v.freeWord(ws[i]) || len(ws[i].text) == 1 && ws[i].text > "9" {
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

func (v *vocabulary) freeWord(w word) bool {
	return v.freeWords[w.text] || v.free[w.stem] && len(w.text) > 3
}
