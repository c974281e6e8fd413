package bridge

import (
	"regexp"
	"strconv"
	"strings"
)

var (
	figure = regexp.MustCompile(`(\d+(?:\.\d+)?)\s*个?\s*(千万|百万|万亿|亿|万|千|百|成|%|thousand|million|billion|k\b|m\b|bn\b)?`)
	// spoken are numbers in Chinese characters where a unit shows that they are some.
	spoken  = regexp.MustCompile(`([零一二两三四五六七八九十百千]+)\s*个?\s*(万亿|亿|万|成|家|年|元|天|月|人|平方米|公里|升)`)
	percent = regexp.MustCompile(`百分之([零一二两三四五六七八九十百]+)`)
	// fiveYears is a five-year plan by its number.
	fiveYears   = regexp.MustCompile(`十([一二三四五六])五`)
	fiveEnglish = regexp.MustCompile(`(\d+)th five[- ]year`)
)

var scales = map[string]float64{
	"百": 1e2, "千": 1e3, "万": 1e4, "百万": 1e6, "千万": 1e7, "亿": 1e8, "万亿": 1e12, "成": 10, "thousand": 1e3, "k": 1e3,
	"million": 1e6, "m": 1e6, "billion": 1e9, "bn": 1e9,
}

// figures are the numbers of a text in normal form by their value, with years and
// five-year plans: "10亿" and "1 billion" are one.
func figures(folded string) map[string]bool {
	out := map[string]bool{}
	folded = fiveYears.ReplaceAllStringFunc(folded, func(s string) string {
		out["plan"+strconv.Itoa(10+int(numeral(strings.TrimSuffix(strings.TrimPrefix(s, "十"), "五"))))] = true
		return " "
	})
	folded = fiveEnglish.ReplaceAllStringFunc(folded, func(s string) string {
		out["plan"+fiveEnglish.FindStringSubmatch(s)[1]] = true
		return " "
	})
	add := func(value float64, scale string) {
		if s, ok := scales[scale]; ok {
			value *= s
		}
		out[strconv.FormatFloat(value, 'g', 12, 64)] = true
	}
	for _, m := range figure.FindAllStringSubmatch(folded, -1) {
		if v, err := strconv.ParseFloat(m[1], 64); err == nil {
			add(v, m[2])
		}
	}
	for _, m := range spoken.FindAllStringSubmatch(folded, -1) {
		if v := numeral(m[1]); v > 1 { // 一家 counts nothing
			add(v, m[2])
		}
	}
	for _, m := range percent.FindAllStringSubmatch(folded, -1) {
		add(numeral(m[1]), "")
	}
	return out
}

// numeral reads a number below 10,000 in Chinese characters; 0 for none.
func numeral(s string) float64 {
	total, digit := 0.0, 0.0
	for _, r := range s {
		switch i := strings.IndexRune("零一二三四五六七八九", r); {
		case i >= 0:
			digit = float64(i / 3)
		case r == '两':
			digit = 2
		default:
			unit := map[rune]float64{'十': 10, '百': 100, '千': 1000}[r]
			if digit == 0 {
				digit = 1
			}
			total, digit = total+digit*unit, 0
		}
	}
	return total + digit
}

var (
	// not finds what is denied: two characters, or an English word.
	not = regexp.MustCompile(`(?:不|未|没有|没|并非|无法)(?:能|会|可以|可|要|得|是|再)?(\p{Han}{2})|\b(?:not|no|never|cannot|without|isn't|aren't|don't|doesn't|won't)\s+(?:be\s+|yet\s+)?([a-z]+)`)
	// asksWhether are words with 不 and 没 that deny nothing.
	asksWhether = regexp.MustCompile(`有没有|是不是|能不能|可不可以|会不会|要不要|行不行|对不对|好不好|让不让|给不给|管不管|帮不帮|算不算|支不支持|支持不支持|不少于|不低于|不超过|不高于|不得低于|不仅|不断|不同|不错|不知道|不知|差不多|不过|不好意思|只不过|不管|不论|不够|不懂|不会吧|没错|不一样`)
)

// denied are the words that a text in normal form says not to be.
func denied(folded string) []string {
	var out []string
	for _, m := range not.FindAllStringSubmatch(asksWhether.ReplaceAllString(folded, " "), -1) {
		out = append(out, m[1]+m[2])
	}
	return out
}
