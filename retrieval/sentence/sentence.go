// Package sentence splits the text of a clause into sentences that can be
// quoted one by one. Strings go in, byte offsets come out.
package sentence

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Span is the half-open byte range [Start, End) of a text.
type Span struct{ Start, End int }

// long is the number of characters above which a sentence is also split at
// semicolons; below it a list of parts reads better whole.
const long = 150

// Split returns the sentences of text in order, without the blanks around
// them. A sentence ends after 。！？ and the closing quotes or brackets that
// follow, after an English full stop before a blank, a capital or a Han
// character, and at a line end. A bracket that stands by itself after a
// sentence, such as a list of responsible departments, is a sentence. Together
// the sentences hold every character of text that is not blank. Blank text has
// none.
func Split(text string) []Span {
	var out []Span
	start := 0
	for i, w := 0, 0; i < len(text); i += w {
		var r rune
		r, w = utf8.DecodeRuneInString(text[i:])
		switch {
		case r == '\n':
			out = add(out, text, start, i)
			start = i + w
		case ends(text, i, w, r):
			end := closers(text, i+w)
			out = add(out, text, start, end)
			start, w = end, end-i
		}
	}
	return add(out, text, start, len(text))
}

// ends reports whether the character r at i closes a sentence.
func ends(text string, i, w int, r rune) bool {
	switch r {
	case '。', '！', '？', '!', '?':
		return true
	case '.':
		next, _ := utf8.DecodeRuneInString(text[i+w:])
		if i+w == len(text) || next == '。' {
			return false
		}
		return (unicode.IsSpace(next) || unicode.Is(unicode.Han, next)) && !abbreviates(text[:i])
	}
	return false
}

// abbreviates reports whether the full stop after s belongs to a number of a
// list, an initial or a usual abbreviation.
func abbreviates(s string) bool {
	word := s[strings.LastIndexFunc(s, func(r rune) bool { return unicode.IsSpace(r) || r == '(' })+1:]
	switch strings.ToLower(word) {
	case "no", "mr", "ms", "dr", "art", "sec", "vol", "fig", "etc", "e.g", "i.e", "co", "ltd", "inc", "st":
		return true
	}
	return utf8.RuneCountInString(word) <= 1 || strings.IndexFunc(word, func(r rune) bool { return r < '0' || r > '9' }) < 0
}

// closers skips marks that belong to the sentence before them.
func closers(text string, i int) int {
	for i < len(text) {
		r, w := utf8.DecodeRuneInString(text[i:])
		if !strings.ContainsRune("”’』」》）)\"'。！？!?", r) {
			break
		}
		i += w
	}
	return i
}

// add appends the part of text from start to end, split at semicolons when it
// is long.
func add(out []Span, text string, start, end int) []Span {
	start, end = trim(text, start, end)
	if start >= end {
		return out
	}
	if longer(text[start:end]) {
		if i := strings.IndexAny(text[start:end], "；;"); i >= 0 {
			_, w := utf8.DecodeRuneInString(text[start+i:])
			if start+i+w < end && !inBracket(text[start:start+i]) {
				return add(append(out, Span{start, start + i + w}), text, start+i+w, end)
			}
		}
	}
	return append(out, Span{start, end})
}

func longer(s string) bool {
	return len(s) > long && (len(s) > utf8.UTFMax*long || utf8.RuneCountInString(s) > long)
}

// inBracket reports whether s ends inside a bracket.
func inBracket(s string) bool {
	return strings.LastIndexAny(s, "(（") > strings.LastIndexAny(s, ")）")
}

func trim(text string, start, end int) (int, int) {
	s := strings.TrimLeftFunc(text[start:end], unicode.IsSpace)
	start = end - len(s)
	return start, start + len(strings.TrimRightFunc(s, unicode.IsSpace))
}
