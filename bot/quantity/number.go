package quantity

import (
	"math/big"
	"slices"
	"strings"

	"policybot/bot/quantity/fold"
)

// A numeral is a number as written, with its multipliers and without a unit.
type numeral struct {
	value  *big.Rat
	scale  *big.Rat // the last multiplier (万, million), nil without one
	end    int
	words  bool // spelled: no Arabic digit in it
	length int  // characters, of a spelled one
}

// maxDigits is the longest number; longer ones are codes.
const maxDigits = 30

var zhDigits = map[rune]int64{
	'〇': 0, '零': 0, '一': 1, '二': 2, '两': 2, '三': 3, '四': 4, '五': 5, '六': 6, '七': 7, '八': 8, '九': 9,
	'壹': 1, '贰': 2, '叁': 3, '肆': 4, '伍': 5, '陆': 6, '柒': 7, '捌': 8, '玖': 9,
}

var zhScales = map[rune]int64{'十': 10, '拾': 10, '百': 100, '佰': 100, '千': 1000, '仟': 1000, '万': 1e4, '亿': 1e8}

func zhNumeral(r rune) bool {
	if r < 0x3007 {
		return false
	}
	_, digit := zhDigits[r]
	return digit || zhScales[r] > 0
}

// numeral reads the number at i: Arabic, Chinese or in English words.
func (s *scanner) numeral(i int) (numeral, bool) {
	switch r := s.at(i); {
	case fold.Digit(r):
		value, end, ok := s.decimal(i)
		if !ok {
			return numeral{}, false
		}
		return s.multiply(numeral{value: value, end: end}), true
	case zhNumeral(r):
		return s.chinese(i)
	case fold.Latin(r):
		return s.english(i)
	}
	return numeral{}, false
}

// decimal reads digits with separators of thousands and decimals.
func (s *scanner) decimal(i int) (*big.Rat, int, bool) {
	end := s.digitsEnd(i)
	if n := end - i; n <= 3 {
		for s.separates(end) {
			end += 4
		}
	}
	text := strings.ReplaceAll(string(s.Runes[i:end]), ",", "")
	if s.at(end) == '.' && fold.Digit(s.at(end+1)) {
		stop := s.digitsEnd(end + 1)
		text += string(s.Runes[end:stop])
		end = stop
	}
	if len(text) > maxDigits {
		return nil, end, false
	}
	value, ok := new(big.Rat).SetString(text)
	return value, end, ok
}

// separates reports whether the comma at i separates thousands. One in full
// width is punctuation unless the digits are in full width too.
func (s *scanner) separates(i int) bool {
	if s.at(i) != ',' || s.digitsEnd(i+1) != i+4 {
		return false
	}
	return s.Original(i) == ',' || s.Original(i+1) != s.Runes[i+1]
}

// multiply reads the multipliers after an Arabic number: 万, 亿, 万亿, million.
func (s *scanner) multiply(n numeral) numeral {
	for zhScales[s.at(n.end)] > 0 && s.unitAt(n.end, "") == nil {
		n.scaled(zhScales[s.at(n.end)])
		n.end++
	}
	if n.scale != nil && fold.Digit(s.at(n.end)) && n.scale.Cmp(big.NewRat(1e4, 1)) > 0 {
		if rest, end, ok := s.decimal(n.end); ok { // 1亿2000万
			if low := s.multiply(numeral{value: rest, end: end}); low.scale != nil && low.value.Cmp(n.scale) < 0 {
				n.value, n.end = new(big.Rat).Add(n.value, low.value), low.end
			}
		}
	}
	at := s.blank(n.end)
	if at == n.end && s.at(at) == '-' {
		at++
	}
	if !fold.Latin(s.at(at)) {
		return n
	}
	stop := s.wordEnd(at)
	if by := enScales[string(s.Runes[at:stop])]; by > 0 {
		n.scaled(by)
		n.end = stop
		return s.multiply(n) // 10 thousand million
	}
	return n
}

func (n *numeral) scaled(by int64) {
	m := big.NewRat(by, 1)
	n.value = new(big.Rat).Mul(n.value, m)
	if n.scale == nil {
		n.scale = m
	} else {
		n.scale = new(big.Rat).Mul(n.scale, m)
	}
}

// chinese reads a Chinese numeral. The whole run of numerals has to be one
// number: 十百千 and 三三 are none.
func (s *scanner) chinese(i int) (numeral, bool) {
	end := i
	for end-i <= maxDigits && zhNumeral(s.at(end)) && (end == i || s.unitAt(end, "") == nil) {
		end++
	}
	value, scale, ok := zhValue(s.Runes[i:end])
	n := numeral{value: value, scale: scale, end: end, words: true, length: end - i}
	if ok && s.at(end) == '点' {
		stop := end + 1
		for d, is := zhDigits[s.at(stop)]; is && d < 10; d, is = zhDigits[s.at(stop)] {
			stop++
		}
		if k := stop - end - 1; k > 0 && k < maxDigits {
			n.value = new(big.Rat).Add(value, fraction(s.Runes[end+1:stop]))
			n.end = stop
			return s.multiply(n), true
		}
	}
	return n, ok
}

// fraction is the value of Chinese digits after the point.
func fraction(digits []rune) *big.Rat {
	sum, unit := new(big.Rat), big.NewRat(1, 1)
	for _, r := range digits {
		unit = new(big.Rat).Mul(unit, big.NewRat(1, 10))
		sum.Add(sum, new(big.Rat).Mul(big.NewRat(zhDigits[r], 1), unit))
	}
	return sum
}

// zhValue is the value of a run of Chinese numerals by their places, and the
// last multiplier from 万 on. 一百二 and 三万五 are not told: they may be short
// for 一百二十 and 三万五千.
func zhValue(run []rune) (value, scale *big.Rat, ok bool) {
	if len(run) == 0 || len(run) > maxDigits {
		return nil, nil, false
	}
	if split := slices.Index(run, '亿'); split >= 0 {
		high, _, ok1 := zhValue(orOne(run[:split]))
		low, ok2 := new(big.Rat), true
		if split+1 < len(run) {
			low, _, ok2 = zhValue(run[split+1:])
		}
		if !ok1 || !ok2 || slices.Contains(run[split+1:], '亿') || low.Cmp(big.NewRat(1e8, 1)) >= 0 {
			return nil, nil, false
		}
		if split > 0 && run[split-1] == '万' {
			return addMul(high, 1e8, low), big.NewRat(1e12, 1), true
		}
		return addMul(high, 1e8, low), big.NewRat(1e8, 1), true
	}
	if split := slices.Index(run, '万'); split >= 0 {
		high, ok1 := zhSection(orOne(run[:split]))
		low, ok2 := int64(0), true
		if split+1 < len(run) {
			low, ok2 = zhSection(run[split+1:])
			ok2 = ok2 && (low >= 1000 || run[split+1] == '零')
		}
		return big.NewRat(high*1e4+low, 1), big.NewRat(1e4, 1), ok1 && ok2 && high > 0
	}
	v, ok := zhSection(run)
	return big.NewRat(v, 1), nil, ok
}

func orOne(run []rune) []rune {
	if len(run) == 0 {
		return []rune{'一'}
	}
	return run
}

func addMul(high *big.Rat, by int64, low *big.Rat) *big.Rat {
	return new(big.Rat).Add(new(big.Rat).Mul(high, big.NewRat(by, 1)), low)
}

// zhSection is the value of numerals below 万.
func zhSection(run []rune) (sum int64, ok bool) {
	digit, last, zero := int64(-1), int64(1e4), false
	for k, r := range run {
		if by := zhScales[r]; by > 0 {
			if by >= last || digit == 0 || digit < 0 && by != 10 && k > 0 {
				return 0, false
			}
			sum += max(digit, 1) * by // 十 by itself is one ten
			digit, last, zero = -1, by, false
			continue
		}
		switch d := zhDigits[r]; {
		case digit > 0, zero && d == 0, digit == 0:
			return 0, false
		case d == 0 && len(run) > 1:
			zero = true
		default:
			digit = d
		}
	}
	if digit < 0 {
		return sum, !zero
	}
	if last > 10 && last < 1e4 && !zero {
		return 0, false // 一百二
	}
	return sum + digit, true
}

var enNumbers = map[string]int64{
	"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
	"eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
	"eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60,
	"seventy": 70, "eighty": 80, "ninety": 90,
}

var enScales = map[string]int64{
	"hundred": 100, "thousand": 1000, "million": 1e6, "billion": 1e9, "trillion": 1e12,
	"mn": 1e6, "mln": 1e6, "bn": 1e9, "bln": 1e9, "tn": 1e12, "trn": 1e12,
}

// shortScales count after an amount of money only: RMB 10m.
var shortScales = map[string]int64{"k": 1e3, "m": 1e6, "b": 1e9}

// english reads a number in English words: two hundred and fifty, a million.
func (s *scanner) english(i int) (numeral, bool) {
	total, part, last := int64(0), int64(0), int64(0)
	end, count := i, 0
	var scale *big.Rat
	for at := i; count < 12; count++ {
		stop := s.wordEnd(at)
		w := string(s.Runes[at:stop])
		v, by := enNumbers[w], int64(0)
		if v == 0 && len(w) > 3 {
			by = enScales[w]
		}
		switch {
		case v > 0 && (last == 0 || last == 100 || last >= 1000 || last >= 20 && last < 100 && v < 10):
			part, last = part+v, v
		case by == 100 && (part > 0 && part < 100 || count == 0):
			part, last = max(part, 1)*100, 100
		case by >= 1000 && (part > 0 || count == 0) && total%(by*1000) == 0:
			total, part, last = total+max(part, 1)*by, 0, by
			scale = big.NewRat(by, 1)
		case w == "and" && last >= 100 && count > 0:
			at = s.blank(stop)
			continue
		default:
			w = ""
		}
		if w == "" {
			break
		}
		end, at = stop, s.blank(stop)
		if at == stop && s.at(stop) == '-' && last >= 20 && last < 100 {
			at = stop + 1
		}
		if at == stop {
			break
		}
	}
	return numeral{value: big.NewRat(total+part, 1), scale: scale, end: end, words: true, length: end - i}, end > i
}
