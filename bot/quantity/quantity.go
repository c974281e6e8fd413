// Package quantity finds and compares the quantities of Chinese and English
// policy texts: numbers, money, percentages, counts, dates, periods, document
// numbers, ordinals and classes. Strings go in, values and byte offsets come
// out.
//
// Values are exact. Chinese numerals (二十, 十万, 三分之一, 七成), Arabic ones in any
// width, English words (two hundred), thousands separators and multipliers (万,
// 亿, million, bn) all give the same value, so 10亿元 is RMB 1 billion.
//
// What is not a quantity is not found: the marks of a list (一、 （一） 1. ① 一是),
// words that happen to hold a numeral (一致性, 三甲, 统一, 第一时间, 十分) and vague
// amounts (几个, 数百, 一批). The words that decide are in units.txt, comparators.txt
// and words.txt.
package quantity

import (
	"math/big"
	"slices"

	"policybot/bot/quantity/fold"
)

// A Kind says what a quantity counts or names.
type Kind string

// Kinds of quantity.
const (
	Number   Kind = "number"   // without a unit: 1200亿, 120
	Money    Kind = "money"    // Unit is the ISO 4217 code, as in CNY/ton if it is per something
	Percent  Kind = "percent"  // Unit is percent or percentage point; 三分之一 is 100/3 percent, 5‰ is 1/2
	Count    Kind = "count"    // Unit is the measure word, people, or "" if none is written
	Measure  Kind = "measure"  // Unit is an English name: litre, square kilometre, mu
	Duration Kind = "duration" // Unit is year, month, working day, …
	Date     Kind = "date"     // see Quantity.Value; Unit is "" or the part: start, mid, end, h1, h2, q1, …
	Document Kind = "document" // Unit is the issuer's mark as written, 厦府办
	Ordinal  Kind = "ordinal"  // 第八批; Unit is what is counted
	Class    Kind = "class"    // Ⅱ类, Phase III; Unit is class, phase, level, lettered class or plan
	Code     Kind = "code"     // G20, 3D: a name with digits; Unit is all of it, Value is 0
)

// A Comparator says how an amount relates to the number that is written.
type Comparator string

// Comparators. A date has None, AtMost (before, 前), AtLeast (since, 起) or
// MoreThan (after, 后); to, by, 到 and 至 before a date are None.
const (
	None     Comparator = ""
	AtLeast  Comparator = "at least"
	MoreThan Comparator = "more than"
	AtMost   Comparator = "at most"
	LessThan Comparator = "less than"
	UpTo     Comparator = "up to"
	About    Comparator = "about"
	Nearly   Comparator = "nearly" // 近: about, from below
)

// A Quantity is what a text says at text[Start:End], in bytes, with the
// currency before the number and the comparator if it is next to that.
type Quantity struct {
	Start, End int
	Kind       Kind
	// Value is the number, or the lower end of a range, and never nil. That of
	// a date is year*10000 + month*100 + day with 0 for what is not said, that
	// of a document number year*1,000,000 + number.
	Value *big.Rat
	High  *big.Rat // the upper end of a range, otherwise nil
	Unit  string
	// Noun is what follows in the same phrase, in the normal form of
	// retrieval/analysis: at most 12 Chinese characters or 4 English words.
	// "" if nothing does; the noun may stand before the number then.
	Noun       string
	Comparator Comparator
	// Loose is a one in words, which may be no more than an article: 一个, one.
	Loose bool
}

// Find returns the quantities of text in order and without overlap. Spans are
// not empty and begin and end between characters. A text without quantities
// gives nil. Numbers of more than 30 digits are codes.
func Find(text string) []Quantity {
	s := &scanner{Text: fold.New(text), words: words()}
	for i := 0; i < len(s.Runes); {
		i = s.step(i)
	}
	return s.found
}

// A scanner walks over the folded text once.
type scanner struct {
	fold.Text
	words *wordLists
	low   int // the end of the last quantity, before which nothing is looked at
	found []Quantity
}

// step looks at what begins at i and returns where to go on.
func (s *scanner) step(i int) int {
	r := s.Runes[i]
	switch {
	case fold.Digit(r):
		return s.arabic(i)
	case fold.Latin(r):
		return s.word(i)
	case r == '(' || r == '[' || r == '〔' || r == '【':
		return s.bracket(i)
	case r == '第':
		return s.ordinal(i)
	case s.words.signs[r] != 0:
		return s.sign(i)
	}
	return i + 1
}

// at returns the rune at i, or 0 outside the text.
func (s *scanner) at(i int) rune {
	if i < 0 || i >= len(s.Runes) {
		return 0
	}
	return s.Runes[i]
}

// has reports whether form stands at i, with borders where it is Latin.
func (s *scanner) has(i int, form []rune) bool {
	end := i + len(form)
	if i < 0 || end > len(s.Runes) || !slices.Equal(s.Runes[i:end], form) {
		return false
	}
	if fold.Latin(form[len(form)-1]) && fold.Latin(s.at(end)) {
		return false
	}
	return !fold.Latin(form[0]) || !fold.Latin(s.at(i-1))
}

// text reports whether one of forms stands at i and returns its end, or 0.
func (s *scanner) text(i int, forms ...string) int {
	if i < 0 {
		return 0
	}
	for _, f := range forms {
		end := i
		for _, r := range f {
			if s.at(end) != r {
				end = -1
				break
			}
			end++
		}
		if end < 0 || fold.Latin(s.at(end-1)) && fold.Latin(s.at(end)) {
			continue
		}
		if !fold.Latin(s.at(i)) || !fold.Latin(s.at(i-1)) {
			return end
		}
	}
	return 0
}

// blank returns the place after the blanks at i, at most two.
func (s *scanner) blank(i int) int {
	for n := 0; n < 2 && (s.at(i) == ' ' || s.at(i) == '\t' || s.at(i) == '\n' && !fold.Han(s.at(i+1))); n++ {
		i++
	}
	return i
}

// wordEnd returns the end of the run of letters at i.
func (s *scanner) wordEnd(i int) int {
	for fold.Latin(s.at(i)) {
		i++
	}
	return i
}

// digitsEnd returns the end of the run of digits at i.
func (s *scanner) digitsEnd(i int) int {
	for fold.Digit(s.at(i)) {
		i++
	}
	return i
}

// add keeps a quantity at the runes from i to j.
func (s *scanner) add(q Quantity, i, j int) int {
	q.Start, q.End = s.Span(i, j)
	if n := len(s.found); n > 0 && s.found[n-1].End > q.Start {
		return j // two in one character: ㉈
	}
	s.found = append(s.found, q)
	s.low = j
	return j
}
