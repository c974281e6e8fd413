package auditor

import (
	_ "embed"
	"sort"
	"strings"
	"unicode/utf8"
)

//go:embed units.txt
var unitFile string

//go:embed compare.txt
var compareFile string

// A form is one way to print something, folded, with what it stands for.
type form struct{ text, means string }

// lines of a word list, comments and blank lines left out.
func listLines(file string) []string {
	var out []string
	for line := range strings.Lines(file) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "#") {
			out = append(out, line)
		}
	}
	return out
}

func splitForms(s string) []string {
	var out []string
	for _, f := range strings.Split(s, ",") {
		if f = strings.TrimSpace(f); f != "" {
			out = append(out, f)
		}
	}
	return out
}

func longestFirst(forms []form) []form {
	sort.SliceStable(forms, func(i, j int) bool { return len(forms[i].text) > len(forms[j].text) })
	return forms
}

var zhUnits, enUnits = func() (zh, en []form) {
	for _, line := range listLines(unitFile) {
		name, rest, _ := strings.Cut(line, " = ")
		z, e, _ := strings.Cut(rest, ";")
		for _, f := range splitForms(z) {
			zh = append(zh, form{fold(f), name})
		}
		for _, f := range splitForms(e) {
			en = append(en, form{fold(f), name})
		}
	}
	return longestFirst(zh), longestFirst(en)
}()

var compareBefore, compareAfter = func() (before, after []form) {
	for _, line := range listLines(compareFile) {
		head, rest, _ := strings.Cut(line, " = ")
		name, where, _ := strings.Cut(head, " : ")
		for _, f := range splitForms(rest) {
			if strings.TrimSpace(where) == "before" {
				before = append(before, form{fold(f), name})
			} else {
				after = append(after, form{fold(f), name})
			}
		}
	}
	return longestFirst(before), longestFirst(after)
}()

// quantities finds every number, date and class of a folded text. mask lists
// byte ranges that hold no numbers: names, and words such as 一批.
func quantities(folded string, mask [][2]int) []quantity {
	out, text := dates(folded)
	for _, m := range mask {
		text = blank(text, m[0], m[1])
	}
	out = append(out, romans(text)...)
	for _, q := range out {
		text = blank(text, q.start, q.end)
	}
	for _, m := range perHundred.FindAllStringSubmatchIndex(text, -1) {
		v, _ := numeral(text[m[2]:m[3]])
		out = append(out, quantity{value: v, unit: "%", start: m[0], end: m[1]})
		text = blank(text, m[0], m[1])
	}
	for _, m := range numberAt.FindAllStringIndex(text, -1) {
		if q, ok := measured(text, m[0], m[1]); ok {
			out = append(out, q)
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].start < out[j].start })
	for i := range out {
		comparator(folded, &out[i])
		out[i].latin = !mostlyHan(folded[max(0, out[i].start-20):min(len(folded), out[i].end+20)])
	}
	ranges(folded, out)
	return out
}

func romans(text string) []quantity {
	var out []quantity
	for _, m := range romanAt.FindAllStringSubmatchIndex(text, -1) {
		get := func(i int) string {
			if m[2*i] < 0 {
				return ""
			}
			return text[m[2*i]:m[2*i+1]]
		}
		unit := "类"
		if u := get(3); u != "" {
			unit = u
		}
		if get(4) == "phase" {
			unit = "期"
		}
		for _, g := range []string{get(1), get(2), get(5), get(6), get(7), get(8)} {
			if v := romanValue[g]; v > 0 {
				out = append(out, quantity{value: v, unit: unit, start: m[0], end: m[1]})
			}
		}
	}
	return out
}

// measured reads the number at a place with its unit; false for what only
// looks like a number.
func measured(text string, start, end int) (quantity, bool) {
	raw := text[start:end]
	v, ok := numeral(raw)
	if !ok || letterBeside(text, start, end) {
		return quantity{}, false
	}
	q := quantity{value: v, start: start, end: end}
	first, _ := utf8.DecodeRuneInString(raw)
	q.english = first >= 'a' && first <= 'z'
	rest := text[end:]
	for _, more := range []string{"余", "多", "几", "+"} {
		rest = strings.TrimPrefix(rest, more)
	}
	for p, mul := range powerOf {
		if mul >= 1e4 && len(rest) < len(text[end:]) && strings.HasPrefix(rest, string(p)) {
			q.value, rest = q.value*mul, rest[len(string(p)):]
		}
	}
	if strings.HasPrefix(rest, "成") && v <= 10 {
		q.value, q.unit, q.end = v*10, "%", len(text)-len(rest)+len("成")
		return q, true
	}
	unit, length := unitAfter(rest)
	big := strings.ContainsAny(raw, "亿万") || strings.Contains(raw, "illion")
	switch {
	case unit != "":
		q.unit, q.end = unit, len(text)-len(rest)+length
	case isHan(first) && !big:
		return quantity{}, false
	case big && q.value >= 1e8 && !countNoun(rest):
		q.unit = "元"
	case first >= '0' && first <= '9' || q.english:
		q.unit = "n:"
		if top := strings.TrimRight(text[:start], " "); strings.HasSuffix(top, "top") || strings.HasSuffix(top, "fortune") {
			q.unit = "强"
		}
	}
	q.soft = v == 1 && (isHan(first) || q.english)
	return q, true
}

func countNoun(rest string) bool {
	for _, u := range []string{" compan", " enterprise", " project", " people", " clause"} {
		if strings.HasPrefix(rest, u) {
			return true
		}
	}
	return false
}

func letterBeside(text string, start, end int) bool {
	isLetter := func(b byte) bool { return b >= 'a' && b <= 'z' }
	if c := text[start]; c < '0' || c > '9' {
		return false
	}
	if start > 0 && isLetter(text[start-1]) && !strings.HasSuffix(text[:start], "rmb") {
		return true
	}
	return end < len(text) && isLetter(text[end]) && text[end] != 'l'
}

func unitAfter(rest string) (string, int) {
	for _, u := range zhUnits {
		if strings.HasPrefix(rest, u.text) && hasHan(u.text) {
			return u.means, len(u.text)
		}
	}
	trimmed := strings.TrimLeft(rest, " -")
	gap := len(rest) - len(trimmed)
	for _, u := range enUnits {
		if after := strings.TrimPrefix(trimmed, u.text); len(after) < len(trimmed) && (after == "" || after[0] < 'a' || after[0] > 'z') {
			return u.means, gap + len(u.text)
		}
	}
	return "", 0
}

// comparator reads what stands right before and right after a quantity, and
// where it stands.
func comparator(text string, q *quantity) {
	q.from, q.to = q.start, q.end
	before := strings.TrimRight(text[:q.start], " ")
	after := strings.TrimLeft(text[q.end:], " ")
	if q.date != "" {
		q.compare = dateComparator(before, after)
		return
	}
	inside := text[q.start:q.end]
	if strings.ContainsAny(inside, "余多+") {
		q.compare = "gt"
	}
	for _, f := range compareAfter {
		if strings.HasPrefix(after, f.text) && wordEnds(f.text, after[len(f.text):]) {
			q.compare, q.to = f.means, len(text)-len(after)+len(f.text)
			return
		}
	}
	if q.before(before) {
		return
	}
	for _, filler := range []string{"达到", "达", "为", "to", "the", "a", "of", "rmb", "人民币", "比例"} {
		if cut, ok := strings.CutSuffix(before, filler); ok && (hasHan(filler) || strings.HasSuffix(cut, " ")) && q.before(strings.TrimRight(cut, " ")) {
			return
		}
	}
}

// before reads a comparator at the end of what stands before a quantity.
func (q *quantity) before(text string) bool {
	for _, f := range compareBefore {
		if cut, ok := strings.CutSuffix(text, f.text); ok && (hasHan(f.text) || cut == "" || !isASCIILetter(cut[len(cut)-1])) {
			q.compare, q.from = f.means, len(cut)
			return true
		}
	}
	return false
}

func wordEnds(f, rest string) bool {
	return hasHan(f) || f == "+" || rest == "" || !isASCIILetter(rest[0])
}

func isASCIILetter(b byte) bool { return b >= 'a' && b <= 'z' }

func dateComparator(before, after string) string {
	for _, w := range []string{"之前", "以前", "前"} {
		if strings.HasPrefix(after, w) {
			return "before"
		}
	}
	for _, w := range []string{"起", "开始", "以后", "之后", "后"} {
		if strings.HasPrefix(after, w) {
			return "from"
		}
	}
	for _, w := range []string{"自", "从", "since", "from", "after", "starting"} {
		if strings.HasSuffix(before, w) {
			return "from"
		}
	}
	for _, w := range []string{"before", "until", "by"} {
		if strings.HasSuffix(before, " "+w) || before == w {
			return "before"
		}
	}
	return ""
}

// ranges marks the two ends of 5至10家 and of 2018-2020.
func ranges(text string, qs []quantity) {
	for i := 0; i+1 < len(qs); i++ {
		if qs[i].end > qs[i+1].start {
			continue
		}
		gap := strings.TrimSpace(text[qs[i].end:qs[i+1].start])
		if (gap == "-" || gap == "至" || gap == "到" || gap == "to") && (qs[i].date == "") == (qs[i+1].date == "") {
			qs[i].compare, qs[i+1].compare = "lo", "hi"
		}
	}
}
