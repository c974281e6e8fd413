package bridge

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var (
	figure = regexp.MustCompile(`(\d+(?:\.\d+)?)\s*个?\s*(千万|百万|万亿|亿|万|千|百|成|%|thousand|million|billion|k\b|m\b|bn\b)?(?:元|\s*yuan\b)?`)
	// spoken are numbers in Chinese characters where a unit shows that they are some.
	spoken  = regexp.MustCompile(`([零一二两三四五六七八九十百千]+)\s*个?\s*(万亿|亿|万|成|家|年|元|天|月|人|平方米|公里|升)`)
	percent = regexp.MustCompile(`百分之([零一二两三四五六七八九十百]+)`)
	// fiveYears is a five-year plan by its number.
	fiveYears = regexp.MustCompile(`十([一二三四五六])五(?:规划|时期|期间)?`)
	// classed are classes and phases by number: 二类医疗器械 and a Class III device are not the same.
	classed     = regexp.MustCompile(`第?(iii|ii|iv|i|[一二三四1-4])(类|期临床)|\b(class|phase) (iii|ii|iv|i|[1-4])\b`)
	fiveEnglish = regexp.MustCompile(`(\d+)th five[- ]year(?:[- ](?:plan|period))?`)
)

var scales = map[string]float64{
	"百": 1e2, "千": 1e3, "万": 1e4, "百万": 1e6, "千万": 1e7, "亿": 1e8, "万亿": 1e12, "成": 10, "thousand": 1e3, "k": 1e3,
	"million": 1e6, "m": 1e6, "billion": 1e9, "bn": 1e9,
}

// classNumbers are the ways to write the number of a class.
var classNumbers = map[string]string{
	"i": "1", "ii": "2", "iii": "3", "iv": "4", "一": "1", "二": "2", "三": "3", "四": "4", "1": "1", "2": "2", "3": "3", "4": "4",
}

// A number is a figure of a text, by its value.
type number struct {
	value      string
	start, end int // bytes of the text, the unit of money included
}

// numbers lists the figures of a text in normal form, with years and five-year plans:
// "10亿" and "1 billion" have one value.
func numbers(folded string) []number {
	var out []number
	text := []byte(folded)
	take := func(of *regexp.Regexp, value func(m []string) string) {
		for _, at := range of.FindAllSubmatchIndex(text, -1) {
			m := make([]string, len(at)/2)
			for i := range m {
				if at[2*i] >= 0 {
					m[i] = string(text[at[2*i]:at[2*i+1]])
				}
			}
			v := value(m)
			if v == "" {
				continue
			}
			out = append(out, number{v, at[0], at[0] + len(strings.TrimSpace(m[0]))})
			for i := at[0]; i < at[1]; i++ { // what is read once is no other figure
				text[i] = ' '
			}
		}
	}
	scaled := func(value float64, scale string) string {
		if s, ok := scales[scale]; ok {
			value *= s
		}
		return strconv.FormatFloat(value, 'f', -1, 64)
	}
	take(fiveYears, func(m []string) string { return "plan" + strconv.Itoa(10+int(numeral(m[1]))) })
	take(fiveEnglish, func(m []string) string { return "plan" + m[1] })
	take(classed, func(m []string) string {
		kind := "class"
		if m[2] == "期临床" || m[3] == "phase" {
			kind = "phase"
		}
		return kind + classNumbers[m[1]+m[4]]
	})
	take(figure, func(m []string) string {
		v, err := strconv.ParseFloat(m[1], 64)
		if err != nil {
			return ""
		}
		return scaled(v, m[2])
	})
	take(spoken, func(m []string) string {
		if v := numeral(m[1]); v > 1 { // 一家 counts nothing
			return scaled(v, m[2])
		}
		return ""
	})
	take(percent, func(m []string) string { return scaled(numeral(m[1]), "") })
	return out
}

// asConcepts puts figures in the place of the concepts that begin within them: what is
// compared of "10亿元" and "1 billion yuan" is the sum. 三年行动计划 stays a word.
func asConcepts(found []Concept, list []number, folded string) []Concept {
	for _, n := range list {
		if slices.ContainsFunc(found, func(c Concept) bool { return c.Start == n.start && c.End > n.end }) {
			continue
		}
		found = slices.DeleteFunc(found, func(c Concept) bool { return c.Start < n.end && n.start <= c.Start })
		found = append(found, Concept{Text: n.value, Start: n.start, End: n.end, Forms: []Form{{Text: folded[n.start:n.end], Weight: 1}}})
	}
	slices.SortStableFunc(found, func(a, b Concept) int { return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End)) })
	return found
}

var year = regexp.MustCompile(`^(?:19|20)\d\d$`)

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
