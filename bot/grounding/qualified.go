package grounding

import (
	"regexp"
	"strings"
)

// qualifier is what narrows the noun behind it to those that meet a condition, in a
// text in normal form: 符合条件的企业, eligible enterprises.
var qualifier = regexp.MustCompile(`(?:符合|具备|满足|达到|通过|经)[^,。;:、的]{0,14}的|有条件的|合格的|\b(?:eligible|qualified|qualifying|certified|recogni[sz]ed|accredited)\s`)

// qualified are words by which a sentence says that not all are meant.
var qualified = strings.Fields("条件 符合 合格 具备 满足 达到 通过 经 获 认定 资格 资质 eligib qualif certif recogni accredit condition meet met pass fulfil satisf that who which with")

// qualifies notes that the sentence takes a noun of q without what narrows it there.
func (c *checker) qualifies(p *phrase, s *text, q *phrase) {
	text := string(s.Runes[q.from:q.to])
	claim := string(c.claim.Runes[p.from:p.to])
	for _, m := range qualifier.FindAllStringIndex(text, -1) {
		from := q.from + len([]rune(text[:m[0]]))
		to := q.from + len([]rune(text[:m[1]]))
		noun := min(to+nounLength(s, to), q.to)
		if noun == to || !c.takes(p, s, to, noun) || c.takes(p, s, from, to) || containsAny(claim, qualified) {
			continue
		}
		c.add(RulePolarity, string(s.Runes[from:to]), p.from, p.to)
	}
}

// nounLength is how many runes the noun at i has: two Han characters or a word.
func nounLength(s *text, i int) int {
	if r := s.at(i); r >= 0x3400 {
		return 2
	}
	n := 0
	for letter(s.at(i + n)) {
		n++
	}
	return n
}

func containsAny(text string, words []string) bool {
	for _, w := range words {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}
