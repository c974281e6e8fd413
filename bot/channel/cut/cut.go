// Package cut is what every way to show a document needs: texts cleaned of what could act on whoever reads them, and cut
// where readers would cut them. It knows no platform.
package cut

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean takes out what could act on whoever reads a text: control characters and changes of direction.
// Ends of lines become \n. The
// result is valid UTF-8; of control characters it has \n and \t only.
func Clean(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\r' || r == '\u2028' || r == '\u2029':
			return '\n'
		case unicode.IsControl(r) && r != '\n' && r != '\t':
			return -1
		case r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069':
			return -1
		}
		return r
	}, s)
}

// Tidy is a cleaned text without blanks around it; empty when there is nothing to see in it.
func Tidy(s string) string {
	s = strings.TrimSpace(Clean(s))
	if strings.IndexFunc(s, visible) < 0 {
		return ""
	}
	return s
}

// Line is a cleaned text on one line.
func Line(s string) string { return strings.Join(strings.Fields(Clean(s)), " ") }

func visible(r rune) bool { return !unicode.IsSpace(r) && !unicode.In(r, unicode.Cf, unicode.M) }

// Squash is what a text says without its blanks, to compare texts by.
func Squash(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

// A border is how good a place is to cut a text at.
type border int

const (
	inCharacter border = iota // between runes of what is one character to a reader, in a citation marker
	inWord                    // in a Latin word or a number, before a citation marker
	betweenCharacters
	atBlank
	afterClause
	afterSentence
	borders
)

const closers = "”’」』）)\"'》"

// At gives where to cut a text that is longer than budget bytes, at least utf8.UTFMax: at the best kind of
// border among those that leave no piece of less than a third, else at the best of all; in a word only
// where there is no other, in a character where there is no word. It is more than 0 and at most budget, and
// at the end of a rune. A text of no more bytes is not cut.
func At(text string, budget int) int {
	if len(text) <= budget {
		return len(text)
	}
	var late, early [borders]int
	k := cutter{text: text}
	for i, r := range text {
		if i > budget {
			break
		}
		if i > 0 {
			b := k.border(i, r)
			if early[b] = i; i >= budget/3 {
				late[b] = i
			}
		}
		k.pass(i, r)
	}
	for _, kinds := range [][2]border{{betweenCharacters, afterSentence}, {inWord, inWord}, {inCharacter, inCharacter}} {
		for _, found := range [][borders]int{late, early} {
			for b := kinds[1]; b >= kinds[0]; b-- {
				if found[b] > 0 {
					return found[b]
				}
			}
		}
	}
	_, size := utf8.DecodeRuneInString(text)
	return size
}

// A cutter knows what stands before a place in a text.
type cutter struct {
	text     string
	before   rune   // the rune before the last
	last     rune   // the rune before
	end      border // what ended there, closing marks passed over
	flags    int    // regional indicators before, which make flags by pairs
	markerTo int    // end of the citation marker that began before
	linkTo   int    // end of the address that began before
}

// border tells what a cut before r at i would be.
func (k *cutter) border(i int, r rune) border {
	switch {
	case Joins(k.last, r) || k.flags%2 == 1 && regional(r) || i < k.markerTo:
		return inCharacter
	case i < k.linkTo || k.sticks(r, k.text[i:]) || r == '[' && markerLen(k.text[i:]) > 0:
		return inWord
	case k.end > 0 && !strings.ContainsRune(closers, r):
		return k.end
	case unicode.IsSpace(r) || unicode.IsSpace(k.last):
		return atBlank
	case strings.ContainsRune(closers+"。，、；：！？,.;:!?", r):
		return inWord
	}
	return betweenCharacters
}

func (k *cutter) pass(i int, r rune) {
	if r == '[' && i >= k.markerTo {
		k.markerTo = i + markerLen(k.text[i:])
	}
	if (r == 'h' || r == 'w') && i >= k.linkTo && !latin(k.last) {
		k.linkTo = i + linkLen(k.text[i:])
	}
	next := k.text[i+utf8.RuneLen(r):]
	switch {
	case strings.ContainsRune("。！？!?\n", r), r == '.' && blankFirst(next):
		k.end = afterSentence
	case strings.ContainsRune("；，：", r), strings.ContainsRune(";,:", r) && blankFirst(next):
		k.end = afterClause
	case strings.ContainsRune(closers, r), r == ']' && i < k.markerTo, r >= '0' && r <= '9' && i < k.markerTo, r == '[' && i < k.markerTo:
	default:
		k.end = inCharacter
	}
	if !unicode.Is(unicode.M, r) {
		k.before, k.last = k.last, r
	}
	if regional(r) {
		k.flags++
	} else {
		k.flags = 0
	}
}

// markerLen is the length of a citation marker such as [12] at the start of a text; 0: there is none.
func markerLen(s string) int {
	digits := strings.TrimLeft(s[1:], "0123456789")
	n := len(s) - 1 - len(digits)
	if n == 0 || n > 6 || !strings.HasPrefix(digits, "]") {
		return 0
	}
	return n + 2
}

// linkLen is the length of an address of a web page at the start of a text; 0: there is none.
func linkLen(s string) int {
	if !strings.HasPrefix(s, "http://") && !strings.HasPrefix(s, "https://") && !strings.HasPrefix(s, "www.") {
		return 0
	}
	end := strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune("<>\"`", r) })
	if end < 0 {
		end = len(s)
	}
	return len(strings.TrimRight(s[:end], ".,;:!?)]'"))
}

// Joins reports whether two runes are one character to a reader: marks on a letter, parts of an emoji
// (https://unicode.org/reports/tr29/, without Hangul that is written in letters).
func Joins(a, b rune) bool {
	const zeroWidthJoiner = '\u200d'
	switch {
	case unicode.Is(unicode.M, b), b == zeroWidthJoiner, a == zeroWidthJoiner:
		return true
	case b >= 0x1f3fb && b <= 0x1f3ff, b >= 0xe0020 && b <= 0xe007f: // tones of skin, tags of flags
		return true
	}
	return unicode.Is(hangulLetters, a) && unicode.Is(hangulLetters, b)
}

var hangulLetters = &unicode.RangeTable{R16: []unicode.Range16{{Lo: 0x1100, Hi: 0x11ff, Stride: 1}}}

func regional(r rune) bool { return r >= 0x1f1e6 && r <= 0x1f1ff }

// sticks reports whether a cut before b, with which rest begins, would be in a word or a number.
func (k *cutter) sticks(b rune, rest string) bool {
	switch a := k.last; {
	case latin(a) && latin(b):
		return true
	case latin(a) && inner(b):
		next, _ := utf8.DecodeRuneInString(rest[utf8.RuneLen(b):])
		return latin(next) || b == '%' || b == '％'
	case inner(a) && latin(k.before) && latin(b):
		return true
	}
	return false
}

// latin reports whether a rune is a digit or a letter of a script whose words stand between blanks.
func latin(r rune) bool {
	return unicode.IsDigit(r) || unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic)
}

// inner reports whether a rune may stand in a number or an address.
func inner(r rune) bool { return strings.ContainsRune(".,:/-–%'’_@&#=?~+，．：／％", r) }

func blankFirst(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return s == "" || unicode.IsSpace(r)
}

// Shorten is a text of at most n bytes, with an ellipsis where it was cut, at the end of a sentence if
// there is one in its second half.
func Shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.TrimSpace(s[:At(s, n-len("…"))]) + "…"
}

// Runes is a text of at most n runes, at least 1, with an ellipsis where it was cut: not in what is one character to a
// reader, unless that alone is longer.
func Runes(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	k := cutter{text: s}
	at, last, count := 0, 0, 0
	for i, r := range s {
		if i > 0 && k.border(i, r) != inCharacter {
			at = i
		}
		if last = i; count == n-1 {
			break
		}
		count++
		k.pass(i, r)
	}
	if at == 0 {
		at = last
	}
	return strings.TrimSpace(s[:at]) + "…"
}
