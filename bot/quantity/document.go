package quantity

import (
	"math/big"
	"slices"
	"unicode"

	"policybot/bot/quantity/fold"
)

// marker returns the end of the mark of a list at i, or 0: 1. 、 at the start
// of a line, 一、 and 一是 after a stop, ①.
func (s *scanner) marker(i int) int {
	if r := s.Original(i); r >= 0x2460 && r <= 0x24ff || r >= 0x2776 && r <= 0x2793 {
		for s.at(i+1) != 0 && s.Original(i+1) == r && fold.Digit(s.at(i+1)) {
			i++
		}
		return i + 1
	}
	n, end, ok := s.small(i, 99)
	if !ok || n == 0 {
		return 0
	}
	if zhNumeral(s.at(i)) && s.at(end) == '是' && !zhNumeral(s.at(i-1)) {
		return end
	}
	if !s.opens(i) {
		return 0
	}
	switch s.at(end) {
	case '、', ')':
		return end
	case '.':
		if !fold.Digit(s.at(end+1)) || s.at(end+1) != 0 && s.Original(end) == '．' {
			return end
		}
	}
	return 0
}

// opens reports whether i is at the start of a line or of a sentence.
func (s *scanner) opens(i int) bool {
	for s.at(i-1) == ' ' || s.at(i-1) == '\t' {
		i--
	}
	return i == 0 || contains("\n\r。;:!?”", s.at(i-1))
}

// bracket looks at the bracket at i: (一) is the mark of a list, 〔2020〕57号 a
// document number.
func (s *scanner) bracket(i int) int {
	if y, end, ok := s.bareYear(i + 1); ok && contains(")]〕】", s.at(end)) {
		if stop := s.documentAfter(i, y.year, s.blank(end+1)); stop > 0 {
			return stop
		}
	}
	if _, end, ok := s.small(i+1, 99); ok && s.at(end) == ')' && s.at(i) == '(' {
		return end + 1
	}
	return i + 1
}

// documentAfter reads 57号 or No. 57 at i, after the year in the bracket at
// open, and the issuer's mark before that.
func (s *scanner) documentAfter(open, year, i int) int {
	if end := s.text(i, "第", "no.", "no"); end > 0 {
		i = s.blank(end)
	}
	end := s.digitsEnd(i)
	if end == i || end-i > 6 {
		return 0
	}
	number := int64(0)
	for _, r := range s.Runes[i:end] {
		number = number*10 + int64(r-'0')
	}
	if at := s.blank(end); s.at(at) == '号' {
		end = at + 1
	} else if s.text(s.blank(open+6), "no.", "no") == 0 {
		return 0
	}
	start := s.issuer(open)
	q := Quantity{Kind: Document, Value: big.NewRat(int64(year)*1e6+number, 1), Unit: string(s.Runes[start:open])}
	return s.add(q, start, end)
}

// issuerRunes is how long an issuer's mark is at most.
const issuerRunes = 12

// issuer returns where the mark that ends at i starts.
func (s *scanner) issuer(i int) int {
	start := i
	for start > s.low && fold.Han(s.at(start-1)) && i-start < issuerRunes {
		start--
	}
	for k := start; k < i; k++ {
		for _, w := range s.words.lists["not issuer"] {
			if end := k + len(w); end <= i && s.has(k, w) && end > start {
				start = end
			}
		}
	}
	return start
}

// orderNumber reads 国土资源部令第9号 and 公告2020年第5号, whose 第 is at i and whose
// number ends at end.
func (s *scanner) orderNumber(i int, n numeral, end int) int {
	if s.at(end) != '号' {
		return 0
	}
	at, year := s.back(i), int64(0)
	if d, stop, ok := s.yearFirst(at - 5); ok && stop == at && at-5 >= s.low {
		year, at = int64(d.year), at-5
	} else if k := len(s.found); k > 0 && s.low == at && s.found[k-1].Kind == Date && s.at(at-1) == '年' {
		year = new(big.Int).Div(s.found[k-1].Value.Num(), big.NewInt(10000)).Int64()
		if s.marked(at - 5) {
			s.found = s.found[:k-1]
			s.low, at = 0, at-5
		}
	}
	if !s.marked(at) {
		return 0
	}
	s.low = min(s.low, at)
	start := s.issuer(at)
	value := new(big.Rat).Add(big.NewRat(year*1e6, 1), n.value)
	return s.add(Quantity{Kind: Document, Value: value, Unit: string(s.Runes[start:at])}, start, end+1)
}

// marked reports whether 令, 公告 or the like ends at i.
func (s *scanner) marked(i int) bool {
	return slices.ContainsFunc(s.words.lists["document marks"], func(w []rune) bool { return s.has(i-len(w), w) })
}

// numbered reads No. 57 [2020], Order No. 9 and No. 5 at the word no.
func (s *scanner) numbered(i, end int) int {
	if s.at(end) == '.' {
		end++
	}
	at := s.blank(end)
	stop := s.digitsEnd(at)
	if stop == at || stop-at > 6 {
		return 0
	}
	value, _, ok := s.decimal(at)
	if !ok || !value.IsInt() {
		return 0
	}
	next := s.blank(stop)
	if y, close, ok := s.bareYear(next + 1); ok && contains("[〔(", s.at(next)) && contains("]〕)", s.at(close)) {
		value = new(big.Rat).Add(value, big.NewRat(int64(y.year)*1e6, 1))
		return s.add(Quantity{Kind: Document, Value: value}, i, close+1)
	}
	if back := s.back(i); s.text(back-5, "order") > 0 || s.text(back-6, "decree") > 0 || s.text(back-12, "announcement") > 0 {
		return s.add(Quantity{Kind: Document, Value: value}, i, stop)
	}
	return s.add(Quantity{Kind: Ordinal, Value: value, Unit: "号"}, i, stop)
}

// code reads a name with digits at the digit i: 3D, 5G, 010-12345678.
func (s *scanner) code(i int) int {
	end := s.digitsEnd(i)
	if end-i > maxDigits {
		return s.keepCode(i, end)
	}
	groups := 0
	at := end
	for (s.at(at) == '-' || s.at(at) == '.') && fold.Digit(s.at(at+1)) {
		if s.at(at) == '-' || groups > 0 || s.at(s.digitsEnd(at+1)) == '.' && fold.Digit(s.at(s.digitsEnd(at+1)+1)) {
			groups++
		}
		at = s.digitsEnd(at + 1)
	}
	if groups > 1 || groups == 1 && s.at(i) == '0' && at-i > 6 {
		return s.keepCode(i, at)
	}
	if !fold.Latin(s.at(end)) {
		return 0
	}
	w := string(s.Runes[end:s.wordEnd(end)])
	upper := len(w) == 1 && unicode.IsUpper(s.Original(end)) && w != "l" // 5G, not 5g
	if enScales[w] > 0 || s.unitAt(end, "") != nil && !upper {
		return 0
	}
	if shortScales[w] > 0 {
		if _, prefix := s.currencyBefore(i); prefix != nil || s.unitAt(s.blank(end+1), Money) != nil {
			return 0
		}
	}
	if w == "st" || w == "nd" || w == "rd" || w == "th" {
		value, _, ok := s.decimal(i)
		if ok && value.Num().IsInt64() {
			return s.ordinalWord(i, end+2, value.Num().Int64())
		}
	}
	return s.keepCode(i, s.tokenEnd(end))
}

// tokenEnd returns the end of the letters and digits at i, which hyphens and
// full stops may join.
func (s *scanner) tokenEnd(i int) int {
	joined := func(r rune) bool { return fold.Latin(r) || fold.Digit(r) }
	for joined(s.at(i)) || (s.at(i) == '-' || s.at(i) == '.') && fold.Digit(s.at(i+1)) {
		i++
	}
	return i
}

func (s *scanner) keepCode(i, end int) int {
	return s.add(Quantity{Kind: Code, Value: new(big.Rat), Unit: string(s.Runes[i:end])}, i, end)
}

// word looks at the word at i.
func (s *scanner) word(i int) int {
	end := s.wordEnd(i)
	w := string(s.Runes[i:end])
	if !s.words.starts[w] {
		return s.wordCode(i, end)
	}
	if romans[w] > 0 {
		if stop := s.classAfter(i); stop > 0 {
			return stop
		}
	}
	if stop := s.classWord(i, end); stop > 0 {
		return stop
	}
	if monthNames[w] > 0 || partWords[w] {
		if _, _, ok := s.englishDay(i); ok {
			return s.date(i)
		}
	}
	if n := enOrdinals[w]; n > 0 {
		if stop := s.ordinalWord(i, end, n); stop > 0 {
			return stop
		}
	}
	for _, try := range []func(int, int) int{s.orderWord, s.fractionWord, s.topWord} {
		if stop := try(i, end); stop > 0 {
			return stop
		}
	}
	if w == "no" || w == "nos" {
		if stop := s.numbered(i, end); stop > 0 {
			return stop
		}
	}
	if enNumbers[w] > 0 || enScales[w] > 0 || s.currencyAt(i) != nil {
		if stop := s.amounts(i); stop > 0 {
			return stop
		}
	}
	return s.wordCode(i, end)
}

// wordCode returns the end of the word and keeps it as a code if digits belong
// to it: G20, COVID-19, H1N1. RMB5 is none.
func (s *scanner) wordCode(i, end int) int {
	switch {
	case fold.Digit(s.at(end)):
	case s.at(end) == '-' && fold.Digit(s.at(end+1)) && s.digitsEnd(end+1)-end <= 4:
	default:
		if stop := s.standard(i, end); stop > 0 {
			return s.keepCode(i, stop)
		}
		return end
	}
	return s.keepCode(i, s.tokenEnd(end))
}

// standard returns the end of the number of a standard whose first word ends at
// end: GB 11643-1999, GB/T 9704, ISO 9001; or 0.
func (s *scanner) standard(i, end int) int {
	switch string(s.Runes[i:end]) {
	case "gb", "iso", "iec", "yy", "db", "astm":
	default:
		return 0
	}
	if stop := s.text(end, "/t", "/iec"); stop > 0 {
		end = stop
	}
	if at := s.blank(end); fold.Digit(s.at(at)) {
		return s.tokenEnd(at)
	}
	return 0
}
