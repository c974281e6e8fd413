package intent

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"policybot/retrieval/analysis"
)

// A passage is a text in the form that rules are written for, cut into
// sentences.
type passage struct {
	text      string
	s         string  // text folded
	start     []int32 // of the character of text that a byte of s comes from
	end       []int32 // of the same
	sentences []stretch
}

// A stretch is a part of passage.s.
type stretch struct{ from, to int }

// fold reads text: normal width, lower case, simplified characters, straight
// quotation marks, no blanks beside Chinese characters and single ones
// elsewhere.
func fold(text string) *passage {
	p := &passage{text: text}
	b := make([]byte, 0, len(text)+8)
	p.start, p.end = make([]int32, 0, len(text)+8), make([]int32, 0, len(text)+8)
	blank := -1 // where a blank in the text waits for what follows
	wide := true
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		if r != '\n' && unicode.IsSpace(r) {
			if blank < 0 {
				blank = i
			}
			i += n
			continue
		}
		form, step := "", n // what text[i:i+n] becomes; step bytes of both make a character
		now := unicode.Is(unicode.Han, r)
		if form, n = foldHan(text[i:]); n == 0 {
			n = step
			form = foldRune(text[i:i+n], r)
		}
		if form != "" && blank >= 0 && !now && !wide {
			b, p.start, p.end = append(b, ' '), append(p.start, int32(blank)), append(p.end, int32(i))
		}
		if form != "" {
			blank, wide = -1, now || r == '\n'
		}
		b = append(b, form...)
		for k := range len(form) {
			at := i
			if n > step {
				at += k / step * step
			}
			p.start, p.end = append(p.start, int32(at)), append(p.end, int32(at+step))
		}
		i += n
	}
	p.s = string(b)
	p.cut()
	return p
}

// foldHan returns the normal form of the usual Chinese characters that s begins
// with, three bytes each in both forms, and how many bytes of s these are.
func foldHan(s string) (form string, n int) {
	for n+2 < len(s) && s[n] >= 0xe4 && s[n] <= 0xe9 {
		if r, _ := utf8.DecodeRuneInString(s[n:]); r < 0x4e00 || r > 0x9fff {
			break
		}
		n += 3
	}
	if n == 0 {
		return "", 0
	}
	if form = analysis.Normalize(s[:n]); len(form) != n || utf8.RuneCountInString(form) != n/3 {
		return "", 0
	}
	return form, n
}

// foldRune returns the normal form of r, which is written as s.
func foldRune(s string, r rune) string {
	switch r {
	case '’', '‘', '`', '´':
		return "'"
	case '“', '”', '「', '」', '『', '』':
		return `"`
	}
	if r < utf8.RuneSelf && (r < 'A' || r > 'Z') {
		return s
	}
	return analysis.Normalize(s)
}

// longest is how many bytes a sentence may have before it is cut at a comma,
// or anywhere if it has none.
const longest = 900

// cut finds the sentences of p: without their marks and blanks around them.
func (p *passage) cut() {
	from, comma := 0, 0
	add := func(to int) {
		part := p.s[from:to]
		lead := len(part) - len(strings.TrimLeft(part, " ,"))
		if part = strings.TrimSpace(part[lead:]); part != "" {
			p.sentences = append(p.sentences, stretch{from + lead, from + lead + len(part)})
		}
	}
	for i, r := range p.s {
		n := utf8.RuneLen(r)
		switch {
		case ends(p.s, i, r):
			add(i)
			from = i + n
		case i-from >= longest && comma > from:
			add(comma)
			from = comma
		case i-from >= longest:
			add(i)
			from = i
		case r == ',':
			comma = i + 1
		}
	}
	add(len(p.s))
}

// ends reports whether the character r at s[i] ends a sentence.
func ends(s string, i int, r rune) bool {
	switch r {
	case '。', '!', '?', ';', '\n', '\r':
		return true
	case '.':
		return !between(s, i, isWordByte)
	}
	return false
}

// between reports whether the bytes on both sides of s[i] are of a kind.
func between(s string, i int, is func(byte) bool) bool {
	return i > 0 && i+1 < len(s) && is(s[i-1]) && is(s[i+1])
}

func isLetter(c byte) bool   { return c >= 'a' && c <= 'z' }
func isDigit(c byte) bool    { return c >= '0' && c <= '9' }
func isWordByte(c byte) bool { return isLetter(c) || isDigit(c) }

// whole reports whether s[from:to] neither begins nor ends within a word of
// letters a to z.
func whole(s string, from, to int) bool {
	return (from == 0 || !isLetter(s[from-1]) || !isLetter(s[from])) &&
		(to == len(s) || !isLetter(s[to-1]) || !isLetter(s[to]))
}

// words returns the places as they stand in the text: in order, those that
// overlap as one.
func (p *passage) words(places []place) []Word {
	places = slices.Clone(places)
	slices.SortFunc(places, func(a, b place) int { return a.from - b.from })
	var out []Word
	to := -1
	for _, at := range places {
		start, end := int(p.start[at.from]), int(p.end[at.to-1])
		if at.from < to {
			last := &out[len(out)-1]
			last.End = max(last.End, end)
			last.Text = p.text[last.Start:last.End]
		} else {
			out = append(out, Word{p.text[start:end], start, end})
		}
		to = max(to, at.to)
	}
	return out
}
