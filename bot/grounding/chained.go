package grounding

import (
	"regexp"
	"slices"
	"strings"
)

// chained are digits in three groups or more: a date, a version, the number of a
// clause.
var chained = regexp.MustCompile(`[0-9]+(?:[-./:][0-9]+){2,}`)

// chains notes such digits that are no quantity, which is compared by value, and that
// no source has as they stand.
func (c *checker) chains() {
	said := string(c.claim.Runes)
	for _, m := range chained.FindAllStringIndex(said, -1) {
		from := len([]rune(said[:m[0]]))
		to := from + m[1] - m[0]
		read := func(q amount) bool { return q.from <= from && to <= q.to }
		has := func(t text) bool { return strings.Contains(string(t.Runes), said[m[0]:m[1]]) }
		if !slices.ContainsFunc(c.claim.quantities, read) && !slices.ContainsFunc(c.sources, has) && !slices.ContainsFunc(c.about, has) {
			c.add(RuleNumber, "", from, to)
		}
	}
}
