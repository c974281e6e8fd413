package quantity

import (
	"math/big"

	"policybot/bot/quantity/fold"
)

var percentUnit = &unit{kind: Percent, name: "percent"}

// portion reads 百分之七十, 三分之一, 一半 and 半年 at i.
func (s *scanner) portion(i int) int {
	if s.at(i) == '半' {
		at := i + 1
		if u := s.unitAt(at, Duration); u != nil && !contains("大上下前后多", s.at(i-1)) {
			return s.keep(amount{numeral: numeral{value: big.NewRat(1, 2), end: at + len(u.form)}, start: i, unit: u}, nil)
		}
		return 0
	}
	if s.at(i) == '一' && s.at(i+1) == '半' {
		return s.keep(amount{numeral: numeral{value: big.NewRat(50, 1), end: i + 2}, start: i, unit: percentUnit}, nil)
	}
	part, ok := s.part(i)
	if !ok {
		return 0
	}
	var high *amount
	if at := s.separator(part.end, i); at > 0 {
		if h, ok := s.part(at); ok && part.value.Cmp(h.value) < 0 {
			high = &h
		}
	}
	return s.keep(part, high)
}

// part reads one X分之Y at i.
func (s *scanner) part(i int) (amount, bool) {
	var below, above numeral
	ok := false
	at := s.text(i, "百分之")
	if at > 0 {
		below.value = big.NewRat(100, 1)
	} else if at = s.text(i, "千分之"); at > 0 {
		below.value = big.NewRat(1000, 1)
	} else if zhNumeral(s.at(i)) {
		if below, ok = s.chinese(i); !ok || s.text(below.end, "分之") == 0 {
			return amount{}, false
		}
		at = below.end + 2
	} else {
		return amount{}, false
	}
	if above, ok = s.numeral(at); !ok || below.value.Sign() == 0 {
		return amount{}, false
	}
	value := new(big.Rat).Quo(above.value, below.value)
	a := amount{start: i, unit: percentUnit}
	a.value, a.end = value.Mul(value, big.NewRat(100, 1)), above.end
	return a, true
}

var enParts = map[string]int64{
	"third": 3, "thirds": 3, "quarter": 4, "quarters": 4, "fourth": 4, "fourths": 4, "fifth": 5, "fifths": 5,
	"tenth": 10, "tenths": 10,
}

// fractionWord reads one third, two-thirds and half of at the word from i to end.
func (s *scanner) fractionWord(i, end int) int {
	w := string(s.Runes[i:end])
	at := s.blank(end)
	if w == "half" {
		if s.text(at, "of", "the") > 0 {
			return s.keep(amount{numeral: numeral{value: big.NewRat(50, 1), end: end}, start: i, unit: percentUnit}, nil)
		}
		if stop := s.text(at, "a year"); stop > 0 {
			return s.keep(amount{numeral: numeral{value: big.NewRat(1, 2), end: stop}, start: i, unit: &unit{kind: Duration, name: "year"}}, nil)
		}
		return 0
	}
	above := enNumbers[w]
	if above == 0 && w == "a" {
		above = 1
	}
	if s.at(end) == '-' {
		at = end + 1
	}
	stop := s.wordEnd(at)
	below := enParts[string(s.Runes[min(at, stop):stop])]
	if above == 0 || below <= above || at == end || fold.Digit(s.at(i-1)) || s.at(stop) == '-' || s.ordinalNoun(stop) {
		return 0
	}
	a := amount{start: i, unit: percentUnit}
	a.value, a.end = big.NewRat(above*100, below), stop
	return s.keep(a, nil)
}

// ordinalNoun reports whether a noun follows at i so that what is before it is
// an ordinal: a third party.
func (s *scanner) ordinalNoun(i int) bool {
	at := s.blank(i)
	return fold.Latin(s.at(at)) && s.text(at, "of", "in", "is", "was", "are", "were", "and", "or", "to", "by", "from", "as", "for", "at", "on", "on average") == 0
}

// topWord reads top 100 and Fortune Global 500 at the word from i to end.
func (s *scanner) topWord(i, end int) int {
	stop := s.text(i, "fortune global", "fortune", "top", "global top")
	if stop == 0 {
		return 0
	}
	n, ok := s.numeral(s.blank(stop))
	if !ok || n.value.Cmp(big.NewRat(5, 1)) < 0 || s.unitAt(s.blank(n.end), Percent) != nil {
		return 0
	}
	return s.add(Quantity{Kind: Count, Value: n.value, Unit: "强", Noun: s.noun(n.end)}, i, n.end)
}
