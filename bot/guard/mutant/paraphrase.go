package mutant

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"policybot/bot/guard"
)

// Paraphrases writes the sentences of a true answer in other ways that say the
// same: each result has one sentence in one other form, which is its Class,
// and the quotes as they were. A checker that allows rephrasing should refuse
// none. The form "together" has several at once.
func Paraphrases(c guard.Claims) []Mutant {
	var out []Mutant
	for i, s := range c.Sentences {
		add := func(form, text string) {
			if text != s.Text {
				changed := clone(c)
				changed.Sentences[i].Text = text
				out = append(out, Mutant{Class: form, Note: text, Depth: Text, Claims: changed})
			}
		}
		for _, p := range paraphrases {
			add(p.form, p.write(s.Text))
		}
		add("together", together(s.Text))
	}
	return out
}

var paraphrases = []struct {
	form  string
	write func(string) string
}{
	{"full-width digits", func(s string) string { return strings.Map(wide, s) }},
	{"full-width percent", func(s string) string { return strings.ReplaceAll(s, "%", "％") }},
	{"percent in words", percentWords},
	{"in 万元 or 亿元", smallerUnit},
	{"thousands separators", thousands},
	{"Chinese numerals", numerals},
	{"date in another form", dates},
	{"traditional characters", toTraditional},
	{"brackets", brackets.Replace},
	{"punctuation", punctuation.Replace},
	{"quotation marks", quotations.Replace},
	{"space at figures", spaced},
	{"in 万元 with a space", func(s string) string {
		if smaller := smallerUnit(s); smaller != s {
			return spaced(smaller)
		}
		return s
	}},
}

func together(s string) string {
	for _, write := range []func(string) string{
		smallerUnit, thousands, percentWords, dates, toTraditional, brackets.Replace, punctuation.Replace, quotations.Replace,
	} {
		s = write(s)
	}
	return strings.Map(wide, s)
}

func spaced(s string) string { return beforeHan.ReplaceAllString(s, "$1 $2") }

var (
	brackets    = strings.NewReplacer("(", "（", ")", "）", "（", "(", "）", ")", "〔", "[", "〕", "]")
	punctuation = strings.NewReplacer(",", "，", ";", "；", ":", "：", "，", ",", "；", ";", "：", ":")
	quotations  = strings.NewReplacer("“", "「", "”", "」")
	beforeHan   = regexp.MustCompile(`(\d)([家个项年亿万])`)
	percent     = regexp.MustCompile(`(\d+)%`)
	chineseDay  = regexp.MustCompile(`(\d{4})年(\d{1,2})月(\d{1,2})日`)
	englishDay  = regexp.MustCompile(`(January|February|March|April|May|June|July|August|September|October|November|December) (\d{1,2}), (\d{4})`)
)

func wide(r rune) rune {
	if '0' <= r && r <= '9' {
		return r - '0' + '０'
	}
	return r
}

// thousands puts separators into the numbers of four digits or more.
func thousands(s string) string {
	list := figures(s)
	for i := len(list) - 1; i >= 0; i-- {
		n := list[i].with
		if len(n) < 4 || strings.ContainsAny(n, ",.") {
			continue
		}
		for at := len(n) - 3; at > 0; at -= 3 {
			n = n[:at] + "," + n[at:]
		}
		s = edit{list[i].from, list[i].to, n, ""}.apply(s)
	}
	return s
}

func percentWords(s string) string {
	if !chinese(s) {
		return percent.ReplaceAllString(s, "$1 percent")
	}
	return percent.ReplaceAllStringFunc(s, func(m string) string {
		n, _ := strconv.Atoi(strings.TrimSuffix(m, "%"))
		return "百分之" + inChinese(n)
	})
}

// smallerUnit writes amounts in 亿元 as 万元, those in 万亿元 as 亿元.
func smallerUnit(s string) string {
	list := figures(s)
	for i := len(list) - 1; i >= 0; i-- {
		n, err := strconv.Atoi(list[i].with)
		for unit, smaller := range map[string]string{"万亿元": "亿元", "亿元": "万元"} {
			if rest := s[list[i].to:]; err == nil && strings.HasPrefix(rest, unit) {
				s = edit{list[i].from, list[i].to + len(unit), strconv.Itoa(n*10000) + smaller, ""}.apply(s)
				break
			}
		}
	}
	return s
}

// numerals writes counts in Chinese numerals, but not 2, which is 两.
func numerals(s string) string {
	list := figures(s)
	for i := len(list) - 1; i >= 0; i-- {
		n, err := strconv.Atoi(list[i].with)
		next, _ := utf8.DecodeRuneInString(s[list[i].to:])
		if err == nil && n < 1000 && n != 2 && strings.ContainsRune("家个项款", next) {
			s = edit{list[i].from, list[i].to, inChinese(n), ""}.apply(s)
		}
	}
	return s
}

// inChinese writes a number from 0 to 999.
func inChinese(n int) string {
	digits := []rune("零一二三四五六七八九")
	hundreds, tens, ones := n/100, n/10%10, n%10
	var b strings.Builder
	if hundreds > 0 {
		b.WriteString(string(digits[hundreds]) + "百")
	}
	switch {
	case tens > 1 || tens == 1 && hundreds > 0:
		b.WriteString(string(digits[tens]) + "十")
	case tens == 1:
		b.WriteString("十")
	case hundreds > 0 && ones > 0:
		b.WriteString("零")
	}
	if ones > 0 || n == 0 {
		b.WriteRune(digits[ones])
	}
	return b.String()
}

func dates(s string) string {
	s = chineseDay.ReplaceAllStringFunc(s, func(m string) string {
		day, err := time.Parse("2006年1月2日", m)
		if err != nil {
			return m
		}
		return day.Format(time.DateOnly)
	})
	return englishDay.ReplaceAllString(s, "$2 $1 $3")
}

func toTraditional(s string) string {
	return strings.Map(func(r rune) rune {
		if t, ok := traditional[r]; ok {
			return t
		}
		return r
	}, s)
}
