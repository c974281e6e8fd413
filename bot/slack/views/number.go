package views

import (
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// numeral is a number as people write it, after full-width characters were folded: an amount, perhaps in groups,
// perhaps with a multiple and a unit.
var numeral = regexp.MustCompile(`^(¥|rmb|cny)? ?(\d{1,15}|\d{1,3}(?:[, ]\d{3})+|\d{1,4}(?:,\d{4})+)(\.\d{1,6})? ?(` + multiple + `)? ?([^\d,. ][^\d]*)?$`)

// unitParts are a number, a multiple and what both are of.
var unitParts = regexp.MustCompile(`^([\d,]{0,12}) ?(` + multiple + `)? ?(.*)$`)

const multiple = `十万|百万|千万|十亿|百亿|千亿|十|百|千|万亿|万|亿|thousand|million|billion`

// multiples are what a word after a number stands for.
var multiples = map[string]int64{
	"十": 10, "百": 100, "千": 1000, "万": 1e4, "十万": 1e5, "百万": 1e6, "千万": 1e7, "亿": 1e8, "十亿": 1e9, "百亿": 1e10, "千亿": 1e11, "万亿": 1e12,
	"thousand": 1e3, "million": 1e6, "billion": 1e9,
}

// yuan are units that mean 元.
var yuan = []string{"元", "圆", "块", "块钱", "人民币", "元人民币", "yuan", "rmb", "cny"}

// largest and smallest are what a number is at most, and at least when it is not 0: others would be written with
// an exponent in JSON.
var largest, smallest = big.NewRat(1e15, 1), big.NewRat(1, 1e6)

// number reads a number of a unit as people write it: half-width or full-width digits, groups of three or four,
// 万 and 亿 or thousand, million and billion, and the unit itself. What is written without a multiple and a unit
// is in the unit: 3000, 3000万, 3000万元 and 0.3亿 are the same where the unit is 万元, and 3000元 is 0.3.
func number(s, unit string) (float64, bool) {
	m := numeral.FindStringSubmatch(fold(s))
	if m == nil {
		return 0, false
	}
	value, ok := new(big.Rat).SetString(strings.NewReplacer(",", "", " ", "").Replace(m[2]) + m[3])
	if !ok {
		return 0, false
	}
	scale, base := unitOf(unit)
	tail, money := strings.TrimSpace(m[5]), isYuan(base)
	said := m[1] != "" || tail != "" // that it is of the base, not of the unit
	switch {
	case m[1] != "" && !money, tail != "" && tail != base && (!money || !isYuan(tail)), m[4] != "" && base == "%":
		return 0, false
	case m[4] != "" || said:
		value.Mul(value, new(big.Rat).SetInt64(max(multiples[m[4]], 1)))
		value.Quo(value, new(big.Rat).SetInt64(scale))
	}
	if value.Cmp(largest) >= 0 || value.Sign() > 0 && value.Cmp(smallest) < 0 {
		return 0, false
	}
	f, _ := value.Float64()
	return f, true
}

// unitOf splits a unit in what it is a multiple of and how many: 万元 is 10,000 元, and so is 10,000 yuan.
func unitOf(unit string) (scale int64, base string) {
	m := unitParts.FindStringSubmatch(fold(unit))
	if m == nil {
		return 1, fold(unit)
	}
	scale, err := strconv.ParseInt(strings.ReplaceAll(m[1], ",", ""), 10, 64)
	if err != nil || scale < 1 {
		scale = 1
	}
	return scale * max(multiples[m[2]], 1), m[3]
}

func isYuan(unit string) bool { return slices.Contains(yuan, unit) }

// fold writes full-width characters as half-width ones and blanks as one space, in small letters.
func fold(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r >= 0xFF01 && r <= 0xFF5E:
			return r - 0xFEE0
		case r == '￥':
			return '¥'
		case r == '萬':
			return '万'
		case r == '億':
			return '亿'
		}
		return r
	}, s)
	return strings.ToLower(line(s))
}
