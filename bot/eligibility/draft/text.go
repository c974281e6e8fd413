package draft

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"policybot/retrieval/analysis"
)

// A text is a text with its normal form, in which cues are looked for.
type text struct {
	raw      string
	s        string // in normal form
	from, to []int  // of each byte of s: the bytes of raw with its character
}

// A span is a part of the normal form of a text, in bytes.
type span struct{ a, b int }

func (p span) empty() bool         { return p.a >= p.b }
func (p span) has(q span) bool     { return p.a <= q.a && q.b <= p.b }
func (p span) touches(q span) bool { return p.a < q.b && q.a < p.b }

// normal brings a text into normal form, character by character.
func normal(raw string) text {
	t := text{raw: raw}
	var b strings.Builder
	known := map[rune]string{}
	for i, w := 0, 0; i < len(raw); i += w {
		var r rune
		r, w = utf8.DecodeRuneInString(raw[i:])
		n, ok := known[r]
		if !ok {
			n = normalRune(r)
			known[r] = n
		}
		b.WriteString(n)
		for range len(n) {
			t.from, t.to = append(t.from, i), append(t.to, i+w)
		}
	}
	t.s = b.String()
	return t
}

func normalRune(r rune) string {
	switch {
	case r == utf8.RuneError:
		return " "
	case r == '“' || r == '”' || r == '「' || r == '」':
		return "\""
	case unicode.IsSpace(r) && r != '\n':
		return " "
	}
	return analysis.Normalize(string(r))
}

// words is the text of a span to the letter, without blanks and marks around it.
func (t text) words(p span) string {
	if p = t.trim(p); p.empty() {
		return ""
	}
	return t.raw[t.from[p.a]:t.to[p.b-1]]
}

// marks are left out at the ends of words.
const marks = " \t\r\n,，.。;；:：、!！?？·|"

func (t text) trim(p span) span {
	s := t.s[p.a:p.b]
	s = strings.TrimLeft(s, marks)
	p.a = p.b - len(s)
	p.b = p.a + len(strings.TrimRight(s, marks))
	return p
}

// spanOf is the span of the bytes of the raw text from a to b.
func (t text) spanOf(a, b int) span {
	i, _ := slices.BinarySearch(t.from, a)
	j, _ := slices.BinarySearch(t.from, b)
	return span{i, j}
}

// find are the places of words in a span.
func (t text) find(words string, in span) []span {
	var out []span
	for at := in.a; words != "" && at < in.b; {
		i := strings.Index(t.s[at:in.b], words)
		if i < 0 {
			break
		}
		out = append(out, span{at + i, at + i + len(words)})
		at += i + len(words)
	}
	return out
}

// size counts what a text says: Han characters, and other words as two.
func size(s string) int {
	n, word := 0, false
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Han, r):
			n++
			word = false
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if !word {
				n += 2
			}
			word = true
		default:
			word = word && (r == '\'' || r == '-')
		}
	}
	return n
}

// chinese reports whether a text is mainly in Han characters.
func chinese(s string) bool {
	han, letters := 0, 0
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Han, r):
			han++
		case unicode.IsLetter(r):
			letters++
		}
	}
	return han*4 >= letters && han > 0
}

// inNumber reports whether a comma stands in a number: 500,000.
func (t text) inNumber(i int) bool {
	digit := func(k int) bool { return k >= 0 && k < len(t.s) && t.s[k] >= '0' && t.s[k] <= '9' }
	return digit(i-1) && digit(i+1) && digit(i+2) && digit(i+3) && !digit(i+4)
}

// pieces cuts a span at the characters of cut that stand outside brackets and
// quotation marks.
func (t text) pieces(p span, cut string) []span {
	var out []span
	depth, quoted, start := 0, false, p.a
	for i, r := range t.s[p.a:p.b] {
		switch {
		case r == '(' || r == '《' || r == '[':
			depth++
		case r == ')' || r == '》' || r == ']':
			depth = max(0, depth-1)
		case r == '"':
			quoted = !quoted
		case r == ',' && t.inNumber(p.a+i):
		case depth == 0 && !quoted && strings.ContainsRune(cut, r):
			out = append(out, span{start, p.a + i})
			start = p.a + i + utf8.RuneLen(r)
		}
	}
	return append(out, span{start, p.b})
}
