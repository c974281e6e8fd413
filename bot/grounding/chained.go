package grounding

import (
	"regexp"
	"slices"
	"strings"
)

// years are a range of years.
var years = regexp.MustCompile(`(20[0-9]{2})年?\s*(?:[-~至到]|\bto\b)\s*(20[0-9]{2})`)

// plans are names made of numerals, in both languages.
var plans = [][2]string{
	{"十一五", "11th five-year"}, {"十二五", "12th five-year"}, {"十三五", "13th five-year"}, {"十四五", "14th five-year"}, {"十五五", "15th five-year"},
}

// chained are digits in three groups or more: a date, a version, the number of a
// clause.
var chained = regexp.MustCompile(`[0-9]+(?:[-./:][0-9]+){2,}`)

// chains notes such digits that are no quantity, which is compared by value, and that
// no source has as they stand; ranges of years that do not go forward; and five-year
// plans that no source names.
func (c *checker) chains() {
	said := string(c.claim.Runes)
	spot := func(m []int) (from, to int) {
		from = len([]rune(said[:m[0]]))
		return from, from + len([]rune(said[m[0]:m[1]]))
	}
	for _, m := range years.FindAllStringSubmatchIndex(said, -1) {
		if said[m[2]:m[3]] >= said[m[4]:m[5]] {
			from, to := spot(m)
			c.add(RuleNumber, "", from, to)
		}
	}
	for _, p := range plans {
		for _, form := range p {
			named := func(t text) bool {
				return strings.Contains(string(t.Runes), p[0]) || strings.Contains(string(t.Runes), p[1])
			}
			if i := strings.Index(said, form); i >= 0 && !slices.ContainsFunc(c.sources, named) && !slices.ContainsFunc(c.about, named) {
				from, to := spot([]int{i, i + len(form)})
				c.add(RuleNumber, "", from, to)
			}
		}
	}
	for _, m := range chained.FindAllStringIndex(said, -1) {
		from, to := spot(m)
		read := func(q amount) bool { return q.from <= from && to <= q.to }
		has := func(t text) bool { return strings.Contains(string(t.Runes), said[m[0]:m[1]]) }
		if !slices.ContainsFunc(c.claim.quantities, read) && !slices.ContainsFunc(c.sources, has) && !slices.ContainsFunc(c.about, has) {
			c.add(RuleNumber, "", from, to)
		}
	}
}
