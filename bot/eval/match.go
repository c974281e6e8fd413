package eval

import (
	"strings"
	"unicode/utf8"
)

// AltHit reports whether a text says one alternative of a point.
//
// The comparison is of folded texts (see [Norm]). A number is not found inside
// a longer one: 12家 is not in 112家. An alternative in Latin script must start
// at the start of a word, and one that ends with a capital letter or a digit
// must end at the end of one; an alternative of two or more capital letters
// and nothing else keeps its case. An empty alternative is in no text.
func AltHit(alt, text string) bool {
	if a := spaced(alt); isPrintableASCII(a) && strings.ContainsFunc(alt, isLatin) {
		return newLatinAlt(alt, a).in([]rune(spaced(text)))
	}
	return numberSafeContains(Norm(text), Norm(alt))
}

// numberSafeContains reports whether a stands in t without cutting a number or
// a Roman numeral at either end. Both are folded.
func numberSafeContains(t, a string) bool {
	if a == "" {
		return false
	}
	first, firstSize := utf8.DecodeRuneInString(a)
	last, _ := utf8.DecodeLastRuneInString(a)
	for start := 0; ; {
		i := strings.Index(t[start:], a)
		if i < 0 {
			return false
		}
		i += start
		before, after := ' ', ' '
		if i > 0 {
			before, _ = utf8.DecodeLastRuneInString(t[:i])
		}
		if end := i + len(a); end < len(t) {
			after, _ = utf8.DecodeRuneInString(t[end:])
		}
		cut := isDigit(first) && (isDigit(before) || before == '.') ||
			isDigit(last) && isDigit(after) ||
			first == 'i' && before == 'i' ||
			last == 'i' && after == 'i'
		if !cut {
			return true
		}
		start = i + firstSize
	}
}

// A latinAlt is an alternative in Latin script, ready to be looked for.
type latinAlt struct {
	pattern  string // printable ASCII; a blank stands for white space or none
	number   bool   // begins with a digit
	foldCase bool
	wordEnd  bool // must end at the end of a word
}

// newLatinAlt reads the rules for an alternative off its spelling as it was
// written; folded is its spaced form.
func newLatinAlt(alt, folded string) latinAlt {
	first, _ := utf8.DecodeRuneInString(alt)
	ending := strings.TrimSuffix(alt, "\n")
	last := byte(' ')
	if ending != "" {
		last = ending[len(ending)-1]
	}
	isCapital := func(c byte) bool { return 'A' <= c && c <= 'Z' }
	acronym := len(alt) >= 2
	for i := range len(alt) {
		acronym = acronym && isCapital(alt[i])
	}
	return latinAlt{
		pattern:  folded,
		number:   isDigit(first),
		foldCase: !acronym,
		wordEnd:  isCapital(last) || '0' <= last && last <= '9',
	}
}

// in reports whether the alternative stands in the text.
func (a latinAlt) in(text []rune) bool {
	for start := range len(text) + 1 {
		if a.mayStart(text, start) && a.matches(a.pattern, text[start:]) {
			return true
		}
	}
	return false
}

// mayStart reports whether what stands before start allows a match there.
func (a latinAlt) mayStart(text []rune, start int) bool {
	if start == 0 {
		return true
	}
	before := text[start-1]
	if a.number {
		return before != '.' && (before < '0' || before > '9')
	}
	return !a.inWord(before)
}

// matches reports whether text begins with the pattern.
func (a latinAlt) matches(pattern string, text []rune) bool {
	if pattern == "" {
		return !a.wordEnd || len(text) == 0 || !a.inWord(text[0])
	}
	if pattern[0] == ' ' {
		if len(text) > 0 && text[0] == ' ' && a.matches(pattern[1:], text[1:]) {
			return true
		}
		return a.matches(pattern[1:], text)
	}
	return len(text) > 0 && a.same(rune(pattern[0]), text[0]) && a.matches(pattern[1:], text[1:])
}

// same compares a letter of the pattern with one of the text. Where case does
// not matter, the dotted capital and the dotless small i are an i as well.
func (a latinAlt) same(p, r rune) bool {
	if p == r {
		return true
	}
	if !a.foldCase {
		return false
	}
	p = asciiLower(p)
	return p == asciiLower(r) || p == 'i' && turkishI(r)
}

// inWord reports whether r continues a Latin word or a number.
func (a latinAlt) inWord(r rune) bool {
	return isLatin(r) || '0' <= r && r <= '9' || a.foldCase && turkishI(r)
}

func isLatin(r rune) bool  { return 'a' <= asciiLower(r) && asciiLower(r) <= 'z' }
func turkishI(r rune) bool { return r == '\u0130' || r == '\u0131' }

func asciiLower(r rune) rune {
	if 'A' <= r && r <= 'Z' {
		return r + 'a' - 'A'
	}
	return r
}

func isPrintableASCII(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] > 0x7e {
			return false
		}
	}
	return s != ""
}

// PointHit reports whether a text says a point: one of its alternatives, which
// are split by "|". A leading "^" (wording that the answer itself supplies) is
// left aside. A point with a leading "~" is for a person: checkable is false.
func PointHit(point, text string) (hit, checkable bool) {
	if strings.HasPrefix(point, "~") {
		return false, false
	}
	return anyAlt(strings.TrimLeft(point, "^"), text), true
}

// MustNotHit reports whether a text says what a wrong answer says; the entry
// is read like a point, without "^". A negated mention is a hit as well and is
// to be overruled by a person.
func MustNotHit(entry, text string) (hit, checkable bool) {
	if strings.HasPrefix(entry, "~") {
		return false, false
	}
	return anyAlt(entry, text), true
}

func anyAlt(alternatives, text string) bool {
	for alt := range strings.SplitSeq(alternatives, "|") {
		if AltHit(alt, text) {
			return true
		}
	}
	return false
}

// CiteHit reports whether a cited clause holds a gold quote: the file is the
// same and the folded text of the clause contains the folded quote. The path
// of the clause plays no part; see [Judge] for the rule on the smallest unit.
func CiteHit(gold Gold, file, clauseText string) bool {
	return file == gold.File && strings.Contains(Norm(clauseText), Norm(gold.Quote))
}
