// Package fold reads a text in the normal form of retrieval/analysis character
// by character and remembers where each came from: width, case, diacritics,
// invisible characters and traditional characters make no difference, and what
// is found in the normal form can be shown in the text as written.
package fold

import (
	"sync"
	"unicode"
	"unicode/utf8"

	"policybot/retrieval/analysis"
)

// A Text is a text in its normal form. Unlike analysis.Normalize it keeps the
// separators of thousands.
type Text struct {
	Raw   string  // as written
	Runes []rune  // the normal form
	from  []int32 // where each rune starts in Raw
	to    []int32 // where it ends
}

// New folds s. One character may become several runes, which then share a
// place (Ⅱ is ii), or none. Invalid UTF-8 becomes U+FFFD, a byte each. Time is
// linear in len(s), which must be below 2 GiB.
func New(s string) Text {
	n := utf8.RuneCountInString(s)
	t := Text{Raw: s, Runes: make([]rune, 0, n), from: make([]int32, 0, n), to: make([]int32, 0, n)}
	forms := table()
	for i := 0; i < len(s); {
		r, w := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, w = utf8.DecodeRuneInString(s[i:])
		}
		switch {
		case r < utf8.RuneSelf:
			t.add(i, w, asciiLower(r))
		case r >= 1<<16:
			t.add(i, w, []rune(analysis.Normalize(string(r)))...)
		case forms.one[r] > 0:
			t.add(i, w, forms.one[r])
		default:
			t.add(i, w, forms.more[r]...)
		}
		i += w
	}
	return t
}

func (t *Text) add(at, width int, form ...rune) {
	for _, r := range form {
		t.Runes = append(t.Runes, r)
		t.from = append(t.from, int32(at))
		t.to = append(t.to, int32(at+width))
	}
}

// Span returns the bytes of Raw that Runes[i:j] come from; i < j.
func (t *Text) Span(i, j int) (start, end int) { return int(t.from[i]), int(t.to[j-1]) }

// Original returns the character of Raw that Runes[i] comes from.
func (t *Text) Original(i int) rune {
	r, _ := utf8.DecodeRuneInString(t.Raw[t.from[i]:])
	return r
}

// Runes returns the runes of the normal form of s, as New does.
func Runes(s string) []rune {
	t := New(s)
	return t.Runes
}

// forms holds the normal form of every character of the basic plane.
type forms struct {
	one  [1 << 16]rune   // 0: not one character
	more map[rune][]rune // nothing or several
}

// table is built once in a process, in some 10 ms.
var table = sync.OnceValue(func() *forms {
	f := &forms{more: make(map[rune][]rune)}
	for r := rune(utf8.RuneSelf); r < 1<<16; r++ {
		if r >= 0xd800 && r < 0xe000 {
			f.one[r] = utf8.RuneError
			continue
		}
		if form := []rune(analysis.Normalize(string(r))); len(form) == 1 {
			f.one[r] = form[0]
		} else if len(form) > 1 {
			f.more[r] = form
		}
	}
	return f
})

func asciiLower(r rune) rune {
	if r >= 'A' && r <= 'Z' {
		return r | 0x20
	}
	return r
}

// Digit reports whether r is one of 0 to 9.
func Digit(r rune) bool { return r >= '0' && r <= '9' }

// Latin reports whether r is a letter of a word that is written with blanks
// around it: any letter but Han, kana and Hangul.
func Latin(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= 'a' && r <= 'z'
	}
	return !Han(r) && unicode.IsLetter(r)
}

// Han reports whether r is a character of Chinese, Japanese or Korean text.
func Han(r rune) bool {
	return r >= 0x3400 && r <= 0x9fff || r >= 0x3040 && r <= 0x30ff || r >= 0xac00 && r <= 0xd7a3 ||
		r >= 0x20000 && r <= 0x3ffff || r == '々' || r == '〇'
}
