package mutant

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

var (
	number    = regexp.MustCompile(`\d[\d,]*(?:\.\d+)?`)
	listed    = regexp.MustCompile(`^\s*(?:[（(]?\d+[)）]|\d+[.、])`)
	year      = regexp.MustCompile(`^(?:19|20)\d\d$`)
	fiveYears = regexp.MustCompile(`十[二三四]五`)
	numeral   = regexp.MustCompile(`([二三四五六七八九十百千]+)(?:万?(?:年|家|级|项|升|倍|成|个|批重))`)
)

// figures are the numbers of a text as edits that change nothing: no years, no
// numbers of lists, none within a word such as G20.
func figures(s string) []edit {
	var out []edit
	for _, at := range number.FindAllStringIndex(s, -1) {
		before, _ := utf8.DecodeLastRuneInString(s[:at[0]])
		after, _ := utf8.DecodeRuneInString(s[at[1]:])
		text := strings.TrimRight(s[at[0]:at[1]], ",")
		end := at[0] + len(text)
		if latin(before) || latin(after) || year.MatchString(text) || listed.MatchString(s) && at[0] < len(listed.FindString(s)) {
			continue
		}
		if slices.ContainsFunc(out, func(e edit) bool { return e.to == at[0] }) {
			continue
		}
		out = append(out, edit{at[0], end, text, ""})
	}
	return out
}

func latin(r rune) bool { return r < unicode.MaxASCII && unicode.IsLetter(r) }

// digits changes one digit of each number.
func (g *generator) digits(s string) []edit {
	var out []edit
	for _, f := range figures(s) {
		changed := []byte(f.with)
		at := g.rand.IntN(len(changed))
		for changed[at] < '0' || changed[at] > '9' {
			at = g.rand.IntN(len(changed))
		}
		old := changed[at]
		for changed[at] == old || at == 0 && changed[at] == '0' {
			changed[at] = byte('0' + g.rand.IntN(10))
		}
		out = append(out, edit{f.from, f.to, string(changed), "figure: " + f.with + " → " + string(changed)})
	}
	for _, at := range numeral.FindAllStringSubmatchIndex(s, -1) {
		if before, _ := utf8.DecodeLastRuneInString(s[:at[2]]); strings.ContainsRune("第十百千万几数", before) {
			continue
		}
		old := s[at[2]:at[3]]
		changed := g.otherNumeral(old)
		out = append(out, edit{at[2], at[3], changed, "numeral: " + old + " → " + changed})
	}
	return out
}

// otherNumeral changes one character of a Chinese number.
func (g *generator) otherNumeral(s string) string {
	chars := []rune(s)
	at := g.rand.IntN(len(chars))
	kind := []rune("二三四五六七八九")
	if strings.ContainsRune("十百千", chars[at]) {
		kind = []rune("十百千")
	}
	for old := chars[at]; chars[at] == old; {
		chars[at] = kind[g.rand.IntN(len(kind))]
	}
	return string(chars)
}

// years moves each year by up to three, and five-year periods by one or two.
func (g *generator) years(s string) []edit {
	var out []edit
	for _, at := range number.FindAllStringIndex(s, -1) {
		text := strings.TrimRight(s[at[0]:at[1]], ",")
		if !year.MatchString(text) || strings.ContainsAny(s[at[0]+4:min(len(s), at[0]+5)], "%") {
			continue
		}
		y, _ := strconv.Atoi(text)
		by := 1 + g.rand.IntN(3)
		if g.rand.IntN(2) == 0 {
			by = -by
		}
		with := strconv.Itoa(y + by)
		out = append(out, edit{at[0], at[0] + 4, with, "year: " + text + " → " + with})
	}
	for _, at := range fiveYears.FindAllStringIndex(s, -1) {
		old := s[at[0]:at[1]]
		others := slices.DeleteFunc([]string{"十二五", "十三五", "十四五", "十五五"}, func(p string) bool { return p == old })
		with := others[g.rand.IntN(len(others))]
		out = append(out, edit{at[0], at[1], with, "period: " + old + " → " + with})
	}
	return out
}

// A foundForm is a name that a text has.
type foundForm struct {
	form
	from, to int
}

// find finds the names of some kinds in a text, the longest first, none within
// another.
func find(s string, kinds []string) []foundForm {
	var out []foundForm
	taken := make([]bool, len(s))
	for _, f := range forms {
		for from := 0; ; {
			at := strings.Index(s[from:], f.text)
			if at < 0 {
				break
			}
			at += from
			from = at + len(f.text)
			if slices.Contains(taken[at:from], true) || !whole(s, f.text, at) {
				continue
			}
			for i := at; i < from; i++ {
				taken[i] = true
			}
			if slices.Contains(kinds, f.kind) {
				out = append(out, foundForm{f, at, from})
			}
		}
	}
	slices.SortFunc(out, func(a, b foundForm) int { return a.from - b.from })
	return out
}

// whole reports whether a form at a place of a text is no part of a Latin word.
func whole(s, form string, at int) bool {
	before, _ := utf8.DecodeLastRuneInString(s[:at])
	after, _ := utf8.DecodeRuneInString(s[at+len(form):])
	first, _ := utf8.DecodeRuneInString(form)
	last, _ := utf8.DecodeLastRuneInString(form)
	return (!latin(first) || !latin(before)) && (!latin(last) || !latin(after))
}

// names puts another name of the same kind in the place of each.
func (g *generator) names(kinds ...string) func(string) []edit {
	return func(s string) []edit {
		found := find(s, kinds)
		var out []edit
		for _, f := range found {
			var others []string
			for _, n := range names {
				here := slices.ContainsFunc(found, func(o foundForm) bool { return o.kind == n.kind && o.id == n.id })
				if n.kind == f.kind && n.id != f.id && !here && f.column < len(n.forms) && n.forms[f.column] != "-" {
					others = append(others, n.forms[f.column])
				}
			}
			if len(others) > 0 {
				with := others[g.rand.IntN(len(others))]
				out = append(out, edit{f.from, f.to, with, f.kind + ": " + f.text + " → " + with})
			}
		}
		return out
	}
}

var (
	title       = regexp.MustCompile(`《([^》]+)》`)
	issueNumber = regexp.MustCompile(`[\p{Han}]{1,6}[〔\[（(]\d{4}[〕\]）)]\d+号`)
)

// titles names other documents: in the place of those that a text names, and
// as its source.
func (g *generator) titles(s string) []edit {
	p := papers[g.rand.IntN(len(papers))]
	var out []edit
	for _, at := range title.FindAllStringSubmatchIndex(s, -1) {
		out = append(out, edit{at[2], at[3], p.title, "another title"})
	}
	for _, at := range issueNumber.FindAllStringIndex(s, -1) {
		out = append(out, edit{at[0], at[1], p.number, "another number"})
	}
	if chinese(s) {
		return append(out,
			edit{0, 0, "根据《" + p.title + "》(" + p.number + "),", "said of another document"},
			edit{0, 0, p.issuer + "规定:", "said of another issuer"})
	}
	return append(out, edit{0, 0, "Under the " + p.english + ", ", "said of another document"})
}

// chinese reports whether a text is mostly Chinese.
func chinese(s string) bool {
	han, letters := 0, 0
	for _, r := range s {
		if unicode.Is(unicode.Han, r) {
			han++
		} else if latin(r) {
			letters++
		}
	}
	return han*3 > letters
}

// swaps exchanges two numbers, or two names of a kind that say different things.
func (g *generator) swaps(s string) []edit {
	var out []edit
	list := figures(s)
	for i, a := range list {
		for _, b := range list[i+1:] {
			if a.with != b.with {
				out = append(out, exchange("figures", s, a.from, a.to, b.from, b.to))
			}
		}
	}
	kinds := []string{"city", "district", "zone", "body", "programme", "firm", "park", "school", "hospital"}
	found := find(s, kinds)
	for i, a := range found {
		for _, b := range found[i+1:] {
			if a.kind == b.kind && a.id != b.id && a.column == b.column && once(s, a.text) && once(s, b.text) && apart(s[a.to:b.from]) {
				out = append(out, exchange(a.kind, s, a.from, a.to, b.from, b.to))
			}
		}
	}
	return out
}

func once(s, part string) bool { return strings.Count(s, part) == 1 }

func exchange(what, s string, from1, to1, from2, to2 int) edit {
	a, b := s[from1:to1], s[from2:to2]
	return edit{from1, to2, b + s[to1:from2] + a, fmt.Sprintf("%s: %s ↔ %s", what, a, b)}
}

var (
	sayings  = regexp.MustCompile(`建设|支持|推动|引导|开展|打造|完成|实现|设立|落地|竣工|封顶|开工|整合|筹划|establish|support|build|promote`)
	sentence = regexp.MustCompile(`[,，。;；]`)
)

// apart reports whether the text between two names says something of the first
// that it does not say of the second, so that they are no list.
func apart(between string) bool { return sayings.MatchString(between) && sentence.MatchString(between) }
