package terminal

import "strings"

// Wrap breaks a text into lines of at most cells. A line is wider only where a
// single character is.
//
// Each line feed ends a line; an empty text is one empty line. A line that is
// too long is broken at blanks and beside Han characters; blanks at the end of
// a line are dropped, as are those around a break. Within the line every blank
// stays as it is. No character but blanks is ever lost or added.
//
// By the rules of Chinese typesetting no line that a break begins starts with
// closing punctuation such as ，。、；：？！）》”, nor ends with opening punctuation
// such as （《“. A number stays with its unit, as in 2022年, and the marker of a
// citation, as in [1], with what it follows. What may not be broken, such as a word or an address, is broken only if it is
// longer than a line, then too by these rules where they leave a choice.
//
// Blanks that begin a line of s stay there. Lines that a break begins get
// indent in front, which should be blanks. Either is left out where it is wider
// than half the line or where only without it a word stays whole. Less than one
// cell is one cell.
func Wrap(s string, cells int, indent string) []string {
	var lines []string
	at := 0
	for part := range strings.SplitSeq(s, "\n") {
		for _, l := range wrapLine(s, at, at+len(part), cells, indent) {
			lines = append(lines, l.indent+s[l.start:l.end])
		}
		at += len(part) + 1
	}
	return lines
}

// A line is one line on the screen: the bytes [start, end) of a text, behind an
// indent.
type line struct {
	indent     string
	start, end int
}

// wrapLine is Wrap for the bytes [start, end) of s, which hold no line feed.
func wrapLine(s string, start, end, cells int, indent string) []line {
	cells = max(cells, 1)
	atoms := atomsOf(s, start, end)
	at := 0
	for at < len(atoms) && atoms[at].blank {
		at++
	}
	if at == len(atoms) {
		return []line{{start: start, end: start}}
	}
	var lines []line
	front := s[start:atoms[at].start]
	for at < len(atoms) {
		front = fitting(front, cells)
		next, place := cut(atoms, at, cells-Width(front))
		if place < beforeMarker && front != "" {
			if n, p := cut(atoms, at, cells); p >= beforeMarker {
				front, next = "", n
			}
		}
		last := next - 1
		for atoms[last].blank {
			last--
		}
		lines = append(lines, line{front, atoms[at].start, atoms[last].end})
		at, front = next, indent
	}
	return lines
}

// fitting is indent if it leaves half a line and a wide character's room, else
// empty.
func fitting(indent string, cells int) string {
	if w := Width(indent); 2*w > cells || cells-w < 2 {
		return ""
	}
	return indent
}

// A place says how well a line may be broken between two atoms.
type place int

const (
	forbidden    place = iota // by the rules of punctuation
	insideWord                // only if the word is longer than a line
	beforeMarker              // only if there is nothing better
	open
	atEnd // of the text: no break at all
)

// cut ends a line that starts at atom i, which is no blank, and has room for
// cells. It returns the atom that begins the next line: the last one before
// which the best possible break can be made.
func cut(atoms []atom, i, cells int) (next int, p place) {
	var at [atEnd]int // place → the last atom that can begin the next line there
	total, before := 0, i
	for j := i; j < len(atoms); j++ {
		total += atoms[j].width
		if atoms[j].blank {
			continue
		}
		if j > i {
			at[between(atoms[before], atoms[j], before+1 < j)] = j
			if total > cells {
				return best(at)
			}
		}
		before = j
	}
	return len(atoms), atEnd
}

// best is the last atom of the best place there is.
func best(at [atEnd]int) (next int, p place) {
	for p = open; p > forbidden && at[p] == 0; {
		p--
	}
	return at[p], p
}

// Punctuation that keeps to its neighbour.
const (
	closing      = "，。、；：？！）》〉」』】〕〗］｝”’…·・～％‰℃" // begins no line
	opening      = "（《〈「『【〔〖［｛“‘￥¥"             // ends no line
	closingLatin = ",.;:?!)]}%"                 // the same without a blank before
	openingLatin = "([{$"                       // the same without a blank behind
	quoteLatin   = `"'`                         // opening or closing: nobody knows
)

// units stay with the number before them.
const units = "年月日时号条款项章节期类届次倍个家名万亿元"

// between is the place between two atoms that follow each other, with or
// without blanks between them.
func between(a, b atom, blanks bool) place {
	switch {
	case in(closing, b.first) || in(opening, a.first):
		return forbidden
	case blanks && b.marker:
		return beforeMarker
	case blanks:
		return open
	case in(closingLatin+quoteLatin, b.first) || in(openingLatin+quoteLatin, a.first):
		return forbidden
	case in("\u200d\u2060\ufeff", a.last): // joiners
		return insideWord
	case b.first == '/', a.first == '第' && isDigit(b.first), isDigit(a.first) && in(units, b.first):
		return insideWord
	case b.marker && (a.width == 2 || in(closing, a.first)):
		return beforeMarker
	case a.width == 2 || b.width == 2:
		return open
	case a.first == '—' && b.first != '—', in(closing+"]", a.first) && in("“‘", b.first):
		return open
	}
	return insideWord
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

func in(set string, r rune) bool { return strings.ContainsRune(set, r) }
