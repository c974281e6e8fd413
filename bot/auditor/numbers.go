package auditor

import (
	"regexp"
	"strconv"
	"strings"
)

// A quantity is a number of a text with what it counts.
type quantity struct {
	value      float64
	unit       string // canonical: 元 % 年 y (a calendar year or date) n:个 n:家 升 …, "" when none was found
	compare    string // "", ge, gt, le, lt, about, near, lo, hi, before, from
	date       string // of a date: 2022, 2022-12, 2022-12-31, -04-15
	start, end int    // byte range in the folded text, unit and comparator left out
	from, to   int    // the same with the comparator
	soft       bool   // 一个, one: may be an article
	english    bool   // the number is a word
	latin      bool   // it stands among English words
}

var digitOf = map[rune]float64{
	'〇': 0, '零': 0, '一': 1, '二': 2, '两': 2, '三': 3, '四': 4, '五': 5, '六': 6, '七': 7, '八': 8, '九': 9,
}

var powerOf = map[rune]float64{'十': 10, '百': 100, '千': 1000, '万': 1e4, '亿': 1e8}

// chinese is the value of a numeral such as 五千万, 一百二十 or 二〇二二.
func chinese(s string) float64 {
	if strings.IndexFunc(s, func(r rune) bool { return powerOf[r] > 0 }) < 0 {
		v := 0.0
		for _, r := range s {
			v = v*10 + digitOf[r]
		}
		return v
	}
	total, section, digit := 0.0, 0.0, -1.0
	for _, r := range s {
		p := powerOf[r]
		switch {
		case p == 0:
			digit = digitOf[r]
		case p < 1e4:
			section += max(digit, boolTo(digit < 0)) * p
			digit = -1
		default:
			section += max(digit, 0)
			if section == 0 {
				section = 1
			}
			if total > 0 && p > 1e4 {
				total = (total + section) * p
			} else {
				total += section * p
			}
			section, digit = 0, -1
		}
	}
	return total + section + max(digit, 0)
}

func boolTo(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

var english = map[string]float64{
	"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
	"eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
	"eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
	"eighty": 80, "ninety": 90, "hundred": 100, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12,
}

const (
	months   = `january|february|march|april|may|june|july|august|september|october|november|december`
	wordNum  = `(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)`
	bigWord  = `(?:hundred|thousand|million|billion|trillion)`
	zhDigits = `[〇零一二两三四五六七八九十百千万亿]`
)

var (
	numberAt = regexp.MustCompile(`\d+(?:\.\d+)?[十百千万亿]*(?: ?` + bigWord + `\b)*|` + zhDigits + `+|\b` +
		wordNum + `(?:[- ]` + wordNum + `)?(?: ` + bigWord + `)*\b|\b` + bigWord + `(?: ` + bigWord + `)+\b`)
	romanAt = regexp.MustCompile(`\b(i{1,3}|iv)(?:-(i{1,3}|iv))?(类|期|级)|` +
		`\b(class|category|phase|grade)(?:es|s|ies)? (i{1,3}|iv|[1-4])\b(?: ?(?:-|and|to|,|、) ?(?:class |phase )?(i{1,3}|iv)\b)?|` +
		`\b(second|third)[- ](?:class|category)|第([一二三四])类`)
	perHundred = regexp.MustCompile(`百分之(` + zhDigits + `+|\d+(?:\.\d+)?)`)
)

var romanValue = map[string]float64{"i": 1, "ii": 2, "iii": 3, "iv": 4, "1": 1, "2": 2, "3": 3, "4": 4, "second": 2, "third": 3, "一": 1, "二": 2, "三": 3, "四": 4}

// numeral is the value of one match of numberAt.
func numeral(s string) (v float64, ok bool) {
	first := []rune(s)[0]
	if first >= '0' && first <= '9' {
		cut := strings.IndexFunc(s, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
		if cut < 0 {
			cut = len(s)
		}
		v, err := strconv.ParseFloat(s[:cut], 64)
		if err != nil {
			return 0, false
		}
		for _, r := range s[cut:] {
			if p := powerOf[r]; p > 0 {
				v *= p
			}
		}
		for _, w := range strings.FieldsFunc(s[cut:], func(r rune) bool { return r < 'a' || r > 'z' }) {
			v *= english[w]
		}
		return v, true
	}
	if isHan(first) {
		return chinese(s), true
	}
	sum := 0.0
	for _, w := range strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '-' }) {
		if n := english[w]; n >= 100 {
			sum = max(sum, 1) * n
		} else {
			sum += n
		}
	}
	return sum, true
}
