package rephrased

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// digits changes one digit or one numeral of a figure that is no date.
func (w *work) digits() []edit {
	var all []edit
	for _, n := range w.numbers {
		if n.counts != plain || w.inTitle(n.from) {
			continue
		}
		for _, text := range w.otherNumbers(n) {
			if w.newValue(n, text) {
				all = append(all, replace(w.p.Sentence, n.from, n.to, text))
			}
		}
	}
	return all
}

// otherNumbers writes numbers that differ from one in one digit, numeral or word.
func (w *work) otherNumbers(n number) []string {
	var all []string
	switch n.style {
	case 'd':
		for i, r := range n.text {
			if r < '0' || r > '9' || n.bound == about && i > 0 {
				continue // an approximate figure is only changed where it shows
			}
			if r == '0' && len(n.text) > 5 && strings.Trim(n.text[i:], "0,.") == "" {
				continue // of a large round figure the last digits are nothing
			}
			d := byte('1' + w.rng.IntN(9))
			all = append(all, n.text[:i]+string(d)+n.text[i+1:])
		}
	case 'z':
		if strings.ContainsRune("十百千万", []rune(n.text)[0]) {
			all = append(all, "三"+n.text, "五"+n.text)
			break
		}
		for i, r := range n.text {
			if strings.ContainsRune("一二两三四五六七八九", r) {
				other := []rune("三四五六七八九")[w.rng.IntN(7)]
				all = append(all, n.text[:i]+string(other)+n.text[i+len(string(r)):])
			}
		}
	case 'e':
		for range 2 {
			other := englishW[3+w.rng.IntN(len(englishW)-3)]
			if n.text[0] < 'a' {
				other = strings.ToUpper(other[:1]) + other[1:]
			}
			all = append(all, other)
		}
	}
	return all
}

// newValue says whether a text in place of a number says something that the evidence does not: the value
// stands nowhere in it, and a bounded figure is not one that follows from the true one.
func (w *work) newValue(n number, text string) bool {
	v, err := strconv.ParseFloat(strings.ReplaceAll(text, ",", ""), 64)
	switch n.style {
	case 'z':
		v, err = numeral(text), nil
	case 'e':
		v, err = englishN[strings.ToLower(text)], nil
	}
	if err != nil || v == n.value {
		return false
	}
	other := number{value: v, scale: n.scale}
	for _, value := range other.values() {
		if _, known := w.values[value]; known {
			return false
		}
	}
	switch w.boundIn(n) {
	case lower:
		return v > n.value
	case upper:
		return v < n.value
	case about:
		return math.Abs(v-n.value) > 0.15*n.value
	}
	return true
}

// boundIn is the bound of a number in the sentence, or, where it has none there, in the quotes.
func (w *work) boundIn(n number) int {
	if n.bound != exact {
		return n.bound
	}
	for _, v := range n.values() {
		for _, b := range []int{lower, upper, about} {
			if w.values[v]&(1<<b) != 0 {
				return b
			}
		}
	}
	return exact
}

// units puts another unit after a figure.
func (w *work) units() []edit {
	var all []edit
	lines := words().unitLines
	for _, n := range w.numbers {
		if n.counts == yearly || n.counts == daily || n.counts == monthly || w.inTitle(n.from) {
			continue
		}
		if n.counts == span {
			all = append(all, w.spanUnit(n)...)
			continue
		}
		for _, at := range w.unitsAfter(n) {
			if u := lines[at[2]]; u.group == "measure" {
				if n.to == at[0] && n.style == 'd' {
					all = append(all, replace(w.p.Sentence, at[0], at[1], "万"+u.name))
				}
				continue
			}
			for _, other := range lines {
				was := lines[at[2]]
				if other.lang != was.lang || other.group != was.group || other.name == was.name || sameUnit(other.name, was.name) {
					continue
				}
				if w.unitFits(n, was, other) {
					all = append(all, replace(w.p.Sentence, at[0], at[1], other.name))
				}
			}
		}
	}
	return all
}

// unitsAfter finds the units that belong to a number: from, to, and the line of units.txt.
func (w *work) unitsAfter(n number) [][3]int {
	var all [][3]int
	after := w.p.Sentence[n.to:]
	for i, u := range words().unitLines {
		if u.lang != w.p.Lang {
			continue
		}
		room, at := 40, -1
		if u.lang == Chinese {
			room = 9 // 亿 or 万亿 may stand between
		}
		for _, s := range spans(after[:min(len(after), room)], u.name) {
			at = s[0]
			break
		}
		if at < 0 {
			continue
		}
		between := after[:at]
		if betweenUnit.MatchString(between) && (u.group != "big" || strings.TrimSpace(between) == "") {
			all = append(all, [3]int{n.to + at, n.to + at + len(u.name), i})
		}
	}
	return slices.DeleteFunc(all, func(a [3]int) bool { // 万 within 万亿, 个 within 个百分点, percent within percentage
		return slices.ContainsFunc(all, func(b [3]int) bool { return a != b && b[0] <= a[0] && a[1] <= b[1] && b[1]-b[0] > a[1]-a[0] })
	})
}

// betweenUnit is what may stand between a number and its unit.
var betweenUnit = regexp.MustCompile(`(?i)^(万亿|亿|万|千|多|余)*$|^[ -]?(trillion|billion|million|thousand|hundred)?[ -]?([a-z-]+ ){0,2}$`)

func sameUnit(a, b string) bool {
	norm := strings.NewReplacer("per cent", "%", "percent", "%", "metre", "meter", "litre", "liter", "enterprises", "firms", "companies", "firms")
	a, b = norm.Replace(a), norm.Replace(b)
	return a == b
}

func (w *work) unitFits(n number, was, other unit) bool {
	if was.size == 0 {
		return true
	}
	v := n.value * other.size
	if _, known := w.values[round(v)]; known && was.group == "big" {
		return false
	}
	switch w.boundIn(n) {
	case lower:
		return other.size > was.size
	case upper:
		return other.size < was.size
	}
	return true
}

var spanWord = regexp.MustCompile(`^( ?(?:多|余)?)(年|个月)|^([ -](?:consecutive |straight |successive )?)(years?|months?)\b`)

// spanUnit puts months for years and the other way round.
func (w *work) spanUnit(n number) []edit {
	m := spanWord.FindStringSubmatchIndex(w.p.Sentence[n.to:])
	if m == nil {
		return nil
	}
	at := m[4:6]
	if at[0] < 0 {
		at = m[8:10]
	}
	from, to := n.to+at[0], n.to+at[1]
	other := map[string]string{"年": "个月", "个月": "年", "year": "month", "month": "year", "years": "months", "months": "years"}[w.p.Sentence[from:to]]
	if other == "" || strings.HasPrefix(w.p.Sentence[to:], "行动计划") {
		return nil
	}
	return []edit{replace(w.p.Sentence, from, to, other)}
}

// years changes years, days, months, spans of years, and words for periods.
func (w *work) years() []edit {
	var all []edit
	for _, n := range w.numbers {
		if w.inTitle(n.from) {
			continue
		}
		switch n.counts {
		case yearly:
			only := w.deadline(n)
			for _, d := range []float64{-3, -2, -1, 1, 2, 3, 5, 10} {
				if d < 0 || !only {
					all = w.yearEdit(all, n, n.value+d)
				}
			}
		case monthly:
			all = w.yearEdit(all, n, math.Mod(n.value+2+float64(w.rng.IntN(5)), 12)+1)
		case daily:
			all = w.yearEdit(all, n, math.Mod(n.value+4+float64(w.rng.IntN(7)), 28)+1)
		case span:
			for _, text := range w.otherNumbers(n) {
				if w.newValue(n, text) {
					all = append(all, replace(w.p.Sentence, n.from, n.to, text))
				}
			}
		}
	}
	return append(all, w.named("year")()...)
}

var (
	until     = regexp.MustCompile(`(?i)(到|至|by|before|until|end of) ?$`)
	untilYear = regexp.MustCompile(`^年(底|末)?(之)?前`)
)

// deadline says whether something is to be done by a year, so that a later one follows from it.
func (w *work) deadline(n number) bool {
	return until.MatchString(w.p.Sentence[:n.from]) || untilYear.MatchString(w.p.Sentence[n.to:])
}

func (w *work) yearEdit(all []edit, n number, v float64) []edit {
	if _, known := w.values[v]; known || strings.Contains(w.evidence, strconv.Itoa(int(v))+"-") {
		return all
	}
	return append(all, replace(w.p.Sentence, n.from, n.to, strconv.Itoa(int(v))))
}

var (
	titleRE  = regexp.MustCompile(`《([^》]+)》`)
	numberRE = regexp.MustCompile(`[〔\[(](\d{4})[〕\])] ?(?:No\. ?)?(\d+)`)
	yearIn   = regexp.MustCompile(`(19|20)\d\d`)
)

// documents exchanges a title, a number or the year in a title, or bases the sentence on a document that
// the quotes do not name.
func (w *work) documents() []edit {
	var all []edit
	s := w.p.Sentence
	for _, m := range titleRE.FindAllStringSubmatchIndex(s, -1) {
		all = append(all, replace(s, m[2], m[3], w.otherTitle()[0]))
		for _, y := range yearIn.FindAllStringIndex(s[m[2]:m[3]], -1) {
			from := m[2] + y[0]
			v, _ := strconv.ParseFloat(s[from:from+4], 64) // four digits
			all = w.yearEdit(all, number{from: from, to: from + 4}, v+4)
		}
	}
	for _, m := range numberRE.FindAllStringSubmatchIndex(s, -1) {
		year, _ := strconv.Atoi(s[m[2]:m[3]])
		number, _ := strconv.Atoi(s[m[4]:m[5]])
		all = append(all, replace(s, m[2], m[3], strconv.Itoa(year-2)), replace(s, m[4], m[5], strconv.Itoa(number+11)))
	}
	if len(all) > 0 {
		return all
	}
	if w.rng.IntN(2) == 0 {
		return nil // added documents shall not drown the exchanged ones
	}
	title := w.otherTitle()
	if title[0] == "" {
		return nil
	}
	end := len(strings.TrimRight(s, "。.!！"))
	if w.p.Lang == Chinese {
		return []edit{
			w.add(0, "根据《"+title[0]+"》，"), w.add(0, title[2]+"文件规定，"), w.add(end, "（见《"+title[0]+"》）"),
			w.add(end, "（"+title[2]+"）"), w.add(end, "，《"+title[0]+"》另有规定的除外"),
		}
	}
	return []edit{
		w.addStart("Under the " + title[1] + ", "), w.addStart("As required by the " + title[1] + ", "),
		w.add(end, " (see the "+title[1]+")"), w.add(end, ", in line with the "+title[1]), w.add(end, " ("+title[2]+")"),
	}
}

// otherTitle draws a document that the evidence does not name: its two titles and its number.
func (w *work) otherTitle() [3]string {
	var all []concept
	for i, c := range words().concepts {
		if c.class == "document" && !w.stands(i) {
			all = append(all, c)
		}
	}
	if len(all) == 0 {
		return [3]string{}
	}
	c := all[w.rng.IntN(len(all))]
	return [3]string{c.names[Chinese][0], c.names[English][0], c.number}
}
