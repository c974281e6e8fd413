package quantity

import (
	"math/big"
	"strconv"
	"strings"
)

// Render says q in a language, zh or en: 1200亿元 is RMB 120 billion, 不少于70% is at
// least 70%. It reports false where that is not certain, as for a measure word
// without its noun (12家), a number whose unit is not told (1200亿), a fraction
// that no percentage writes (三分之一), a code, or another language. A document
// number is the same in both, and has none without its issuer's mark.
//
// Find finds in what Render returns one quantity, which is Equal to q; what would
// read otherwise, such as 2000 years in Chinese, is not certain either.
func Render(q Quantity, lang string) (string, bool) {
	if q.Value == nil || lang != "zh" && lang != "en" {
		return "", false
	}
	s, ok := render(q, lang == "zh")
	if !ok {
		return "", false
	}
	back := Find(s)
	if len(back) != 1 || !Equal(back[0], q) {
		return "", false
	}
	return s, true
}

func render(q Quantity, zh bool) (string, bool) {
	core, ok := "", false
	switch q.Kind {
	case Date:
		core, ok = renderDate(q, zh)
	case Document:
		core, ok = renderDocument(q)
	case Class, Ordinal:
		core, ok = renderClass(q, zh)
	case Money, Percent, Count, Measure, Duration:
		return renderAmount(q, zh)
	case Number:
		if q.Value.Cmp(big.NewRat(1e6, 1)) >= 0 && q.High == nil {
			return renderAmount(q, zh) // 1200亿 is 120 billion, of whatever
		}
	}
	if !ok || q.Comparator != None && q.Kind != Date {
		return "", false
	}
	if q.Kind == Date {
		return compareDate(q, core, zh)
	}
	return core, true
}

func renderDocument(q Quantity) (string, bool) {
	year, number := split(q.Value, 1e6)
	if q.Unit == "" || number <= 0 {
		return "", false
	}
	if year == 0 {
		return q.Unit + "第" + strconv.FormatInt(number, 10) + "号", true
	}
	return q.Unit + "〔" + strconv.FormatInt(year, 10) + "〕" + strconv.FormatInt(number, 10) + "号", true
}

// split divides a whole number that fits; -1, -1 for others.
func split(v *big.Rat, by int64) (high, low int64) {
	if !v.IsInt() || !v.Num().IsInt64() || v.Sign() < 0 {
		return -1, -1
	}
	n := v.Num().Int64()
	return n / by, n % by
}

var monthName = [...]string{
	"", "January", "February", "March", "April", "May", "June", "July", "August",
	"September", "October", "November", "December",
}

var zhParts = map[string]string{"": "", "end": "底", "start": "初", "h1": "上半年", "h2": "下半年", "q1": "第一季度", "q2": "第二季度", "q3": "第三季度", "q4": "第四季度"}

var enDateParts = map[string]string{
	"": "", "end": "the end of ", "start": "early ", "h1": "the first half of ", "h2": "the second half of ",
	"q1": "the first quarter of ", "q2": "the second quarter of ", "q3": "the third quarter of ", "q4": "the fourth quarter of ",
}

func renderDate(q Quantity, zh bool) (string, bool) {
	if q.High != nil {
		y1, rest1 := split(q.Value, 10000)
		y2, rest2 := split(q.High, 10000)
		if rest1 != 0 || rest2 != 0 || q.Unit != "" || y1 < 1900 || y2 <= y1 || y2 > 2100 {
			return "", false
		}
		if zh {
			return strconv.FormatInt(y1, 10) + "—" + strconv.FormatInt(y2, 10) + "年", true
		}
		return strconv.FormatInt(y1, 10) + "–" + strconv.FormatInt(y2, 10), true
	}
	y, rest := split(q.Value, 10000)
	m, d := rest/100, rest%100
	if y < 1900 && (y != 0 || m == 0 || d == 0) || y > 2100 || m > 12 || d > 31 || m == 0 && d != 0 {
		return "", false
	}
	number := func(n int64, after string) string {
		if n == 0 {
			return ""
		}
		return strconv.FormatInt(n, 10) + after
	}
	if zh {
		part, ok := zhParts[q.Unit]
		if q.Unit != "" && (d != 0 || m != 0) {
			ok = false
		}
		return number(y, "年") + number(m, "月") + number(d, "日") + part, ok
	}
	part, ok := enDateParts[q.Unit]
	if q.Unit != "" && (d != 0 || m != 0) {
		ok = false
	}
	return part + strings.TrimSpace(number(d, " ")+strings.TrimSpace(monthName[m]+" "+number(y, ""))), ok
}

func compareDate(q Quantity, core string, zh bool) (string, bool) {
	switch {
	case q.Comparator == None:
		return core, true
	case q.High != nil:
		return "", false
	case zh:
		after, ok := map[Comparator]string{AtMost: "前", AtLeast: "起", MoreThan: "后"}[q.Comparator]
		return core + after, ok
	}
	before, ok := map[Comparator]string{AtMost: "before ", AtLeast: "since ", MoreThan: "after "}[q.Comparator]
	return before + core, ok
}

var roman = [...]string{"", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"}

func renderClass(q Quantity, zh bool) (string, bool) {
	n, low := split(q.Value, 1)
	if low != 0 || n < 1 || q.High != nil || (q.Kind == Ordinal) != (q.Unit == "batch" || q.Unit == "article") {
		return "", false
	}
	switch q.Unit {
	case "class", "phase":
		if n >= int64(len(roman)) {
			return "", false
		}
		name := map[bool]map[string]string{true: {"class": "类", "phase": "期"}, false: {"class": "Class ", "phase": "Phase "}}[zh][q.Unit]
		if zh {
			return string('Ⅰ'+rune(n-1)) + name, true
		}
		return name + roman[n], true
	case "lettered class":
		if n > 4 {
			return "", false
		}
		if zh {
			return string([]rune("甲乙丙丁")[n-1]) + "类", true
		}
		return "Class " + string(rune('A'+n-1)), true
	case "plan":
		if n < 11 || n > 19 {
			return "", false
		}
		if zh {
			return "“十" + strings.TrimPrefix(zhSmall(n-10), "零") + "五”", true
		}
		return strconv.FormatInt(n, 10) + "th Five-Year Plan", true
	case "batch", "article":
		return renderOrdinal(q.Unit, n, zh)
	}
	return "", false
}

func zhSmall(n int64) string { return string([]rune("零一二三四五六七八九")[n]) }

func renderOrdinal(unit string, n int64, zh bool) (string, bool) {
	number := strconv.FormatInt(n, 10)
	switch {
	case zh:
		return "第" + number + map[string]string{"batch": "批", "article": "条"}[unit], true
	case unit == "article":
		return "Article " + number, true
	}
	end := "th"
	if n%100/10 != 1 {
		end = map[int64]string{1: "st", 2: "nd", 3: "rd"}[n%10]
		if end == "" {
			end = "th"
		}
	}
	return number + end + " batch", true
}
