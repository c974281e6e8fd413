package auditor

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

var dateForms = []struct {
	find  *regexp.Regexp
	parts func(m []string) (y, mo, d string)
}{
	{regexp.MustCompile(`(\d{4})年(\d{1,2})月(\d{1,2})日`), func(m []string) (string, string, string) { return m[1], m[2], m[3] }},
	{regexp.MustCompile(`\b(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})\b`), func(m []string) (string, string, string) { return m[1], m[2], m[3] }},
	{regexp.MustCompile(`\b(` + months + `) (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})\b`), func(m []string) (string, string, string) { return m[3], m[1], m[2] }},
	{regexp.MustCompile(`\b(\d{1,2})(?:st|nd|rd|th)? (` + months + `),? (\d{4})\b`), func(m []string) (string, string, string) { return m[3], m[2], m[1] }},
	{regexp.MustCompile(`(\d{4})年(\d{1,2})月`), func(m []string) (string, string, string) { return m[1], m[2], "" }},
	{regexp.MustCompile(`\b(` + months + `),? (\d{4})\b`), func(m []string) (string, string, string) { return m[2], m[1], "" }},
	{regexp.MustCompile(`(\d{1,2})月(\d{1,2})日`), func(m []string) (string, string, string) { return "", m[1], m[2] }},
	{regexp.MustCompile(`\b(\d{1,2}) (` + months + `)\b`), func(m []string) (string, string, string) { return "", m[2], m[1] }},
	{regexp.MustCompile(`\b(` + months + `) (\d{1,2})\b`), func(m []string) (string, string, string) { return "", m[1], m[2] }},
	{regexp.MustCompile(`(\d{4})年(?:底|末)`), func(m []string) (string, string, string) { return m[1], "", "" }},
	{regexp.MustCompile(`([二一][〇零一二三四五六七八九]{3})年`), func(m []string) (string, string, string) {
		return strconv.Itoa(int(chinese(m[1]))), "", ""
	}},
	{regexp.MustCompile(`\b((?:19|20)\d{2})\b`), func(m []string) (string, string, string) { return m[1], "", "" }},
}

// dates takes every date out of a folded text: what it found, and the text
// with those places blanked so that no number is read twice.
func dates(folded string) ([]quantity, string) {
	var out []quantity
	for _, form := range dateForms {
		for _, at := range form.find.FindAllStringSubmatchIndex(folded, -1) {
			m := make([]string, len(at)/2)
			for i := range m {
				if at[2*i] >= 0 {
					m[i] = folded[at[2*i]:at[2*i+1]]
				}
			}
			y, mo, d := form.parts(m)
			if rest := folded[at[1]:]; y != "" && mo == "" && countFollows(rest) {
				continue
			}
			out = append(out, quantity{date: isoDate(y, mo, d), unit: "y", start: at[0], end: at[1]})
		}
		for _, q := range out {
			folded = blank(folded, q.start, q.end)
		}
	}
	return out, folded
}

// countFollows: 2000家 and 1998万 are numbers, not years.
func countFollows(rest string) bool {
	for _, u := range []string{"家", "项", "个", "亿", "万", "元", "亩", "平方", "人", "名", "%", " yuan", " compan", " enterprise", " project", " million", " billion"} {
		if strings.HasPrefix(rest, u) {
			return true
		}
	}
	return false
}

func blank(s string, start, end int) string {
	return s[:start] + strings.Repeat("\x01", end-start) + s[end:]
}

func isoDate(y, mo, d string) string {
	if mo == "" {
		return y
	}
	n, err := strconv.Atoi(mo)
	if err != nil {
		n = 1
		for i, name := range strings.Split(months, "|") {
			if name == mo {
				n = i + 1
			}
		}
	}
	if d == "" {
		return fmt.Sprintf("%s-%02d", y, n)
	}
	day, _ := strconv.Atoi(d)
	return fmt.Sprintf("%s-%02d-%02d", y, n, day)
}

// dateBears: 2022-12-31 in a source bears 2022-12-31, 2022-12, 2022 and -12-31.
func dateBears(source, said string) bool {
	return source == said || strings.HasPrefix(source, said+"-") ||
		(strings.HasPrefix(said, "-") && strings.HasSuffix(source, said))
}
