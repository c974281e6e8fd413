package terminal

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// ellipsis marks the place where a text was cut. It fills one cell.
const ellipsis = "…"

// Width is the number of cells that s fills on one line: two for each wide or
// full-width character (Han, kana, Hangul, full-width forms, most emoji), none
// for combining marks and zero-width characters, one for every other.
//
// Characters whose East Asian width is ambiguous, such as “ ” … — · and Greek
// or Cyrillic letters, count one, as in the default setting of today's
// terminals; on a terminal set to draw them wide, lines come out longer. Emoji
// made of several characters count as the sum of their parts.
//
// A control character, a line feed too, and a byte that is no UTF-8 count one:
// the cell of what [Clean] puts in its place.
func Width(s string) int {
	n := 0
	for _, r := range s {
		n += runeWidth(r)
	}
	return n
}

// runeWidth is the number of cells of one character.
func runeWidth(r rune) int {
	switch {
	case r >= ' ' && r < 0x7f:
		return 1
	case obeyed(r), r == '\n', r == '\t', r == '\u00ad': // terminals show the soft hyphen
		return 1
	case unicode.Is(unicode.Prepended_Concatenation_Mark, r):
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	default:
		return 1
	}
}

// Truncate is s if it fits into cells, else its beginning and an ellipsis,
// together at most that wide. No character is separated from its combining
// marks, and blanks before the ellipsis are dropped. Less than no cells are none,
// into which only what has no width fits.
func Truncate(s string, cells int) string {
	cells = max(cells, 0)
	if Width(s) <= cells {
		return s
	}
	if cells < 1 {
		return ""
	}
	room, end := cells-1, 0
	for _, a := range atomsOf(s, 0, len(s)) {
		if room -= a.width; room < 0 {
			break
		}
		end = a.end
	}
	return strings.TrimRightFunc(s[:end], isBlank) + ellipsis
}

// Pad is s with as many blanks behind it as make it cells wide. A text that is
// as wide or wider stays as it is.
func Pad(s string, cells int) string { return s + blanks(cells-Width(s)) }

// padLeft is Pad with the blanks in front.
func padLeft(s string, cells int) string { return blanks(cells-Width(s)) + s }

func blanks(n int) string { return strings.Repeat(" ", max(n, 0)) }

// An atom is a character with the combining marks and zero-width characters
// that follow it: what must stay together on a line.
type atom struct {
	start, end  int  // bytes of the text
	first, last rune // the same rune for most
	width       int
	blank       bool // can be dropped where a line is broken
	marker      bool // begins the marker of a citation, as in [1]
}

// atomsOf cuts the bytes [start, end) of s.
func atomsOf(s string, start, end int) []atom {
	var atoms []atom
	for at := start; at < end; {
		r, size := utf8.DecodeRuneInString(s[at:end])
		cells := runeWidth(r)
		if n := len(atoms); n > 0 && cells == 0 {
			last := &atoms[n-1]
			last.end, last.last, last.blank = at+size, r, false
		} else {
			atoms = append(atoms, atom{
				start: at, end: at + size, first: r, last: r, width: cells,
				blank: isBlank(r), marker: r == '[' && markerLen(s[at:end]) > 0,
			})
		}
		at += size
	}
	return atoms
}

// isBlank reports whether r is a blank at which a line may be broken.
func isBlank(r rune) bool {
	switch r {
	case '\t':
		return true
	case '\u00a0', '\u2007', '\u202f': // made to forbid the break
		return false
	}
	return unicode.Is(unicode.Zs, r)
}

// markerLen is the length of the marker [n] that s begins with, else 0. Four
// digits are a year, not a marker.
func markerLen(s string) int {
	n := 1
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	if n < 2 || n > 4 || n == len(s) || s[0] != '[' || s[n] != ']' {
		return 0
	}
	return n + 1
}
