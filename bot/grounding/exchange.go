package grounding

import (
	"slices"
	"strings"

	"policybot/bot/quantity/fold"
)

// urged is the number of the line of roles.txt for who is supported.
const urged = 7

// backwards notes that somebody whom the sources support, encourage or allow
// something supports a place or body in the sentence: 企业支持厦门.
func (c *checker) backwards() {
	all := c.corpus.holders[urged]
	for k := range c.claim.phrases {
		for _, m := range c.claim.phrases[k].marks {
			if m.class&(encourage|may) == 0 {
				continue
			}
			before, after := c.beside(m)
			if before == nil || after == nil || !c.isName(after) || c.isName(before) || !c.told(before) {
				continue
			}
			holds := func(s int32) bool { return all[s] }
			if slices.ContainsFunc(before.at, holds) && !slices.ContainsFunc(after.at, holds) {
				c.add(RuleRole, "", before.from, after.to)
			}
		}
	}
}

// beside returns the pieces next to a mark.
func (c *checker) beside(m mark) (before, after *piece) {
	for k := range c.parts {
		p := &c.parts[k]
		switch {
		case p.to == m.from || p.to == m.from-1 && isBlank(c.claim.at(p.to)):
			before = p
		case after == nil && (p.from == m.to || p.from == m.to+1 && isBlank(c.claim.at(m.to))):
			after = p
		}
	}
	return before, after
}

// twice notes a list that has one thing twice: medical and medical institutions.
func (c *checker) twice() {
	for k := 2; k < len(c.parts); k++ {
		a, and, b := &c.parts[k-2], &c.parts[k-1], &c.parts[k]
		join := string(c.claim.Runes[and.from:and.to])
		if a.origin == linked && (join == "and" || join == "or" || join == "和" || join == "及" || join == "或") &&
			strings.EqualFold(string(c.claim.Runes[a.from:a.to]), string(c.claim.Runes[b.from:b.to])) && len(c.of(a, phraseNumber)) > 0 {
			c.add(RuleWord, "", b.from, b.to)
		}
	}
}

// stuttered notes two characters that the sentence has twice on end and no source
// has so: 代工生产生产外包.
func (c *checker) stuttered() {
	r := c.claim.Runes
	for i := 0; i+4 <= len(r); i++ {
		if !fold.Han(r[i]) || !fold.Han(r[i+1]) || r[i] == r[i+1] || r[i] != r[i+2] || r[i+1] != r[i+3] {
			continue
		}
		in := func(t text) bool { return strings.Contains(string(t.Runes), string(r[i:i+4])) }
		if !slices.ContainsFunc(c.sources, in) && !slices.ContainsFunc(c.about, in) {
			c.add(RuleWord, "", i, i+4)
		}
	}
}

// heads are words that say little, but something before another noun: a field
// trial is no trial in the field of something.
var heads = strings.Fields("field area case way form type thing area")

// qualifies reports whether the word at i stands before the noun that it goes
// with.
func qualifies(t *text, list []token, i int) bool {
	if list[i].han || i+1 >= len(list) || !slices.Contains(heads, string(t.Runes[list[i].from:list[i].to])) {
		return false
	}
	next := list[i+1]
	return !next.han && next.from-list[i].to == 1 && fold.Latin(t.Runes[next.from]) && !lightKey(next.key)
}

// hyphens notes a compound of an English sentence that the sources have with
// another first part: enterprise-led for government-led.
func (c *checker) hyphens() {
	own := c.claim.compounds(0, len(c.claim.Runes))
	for _, h := range own {
		same, other := false, false
		for k := range c.sources {
			t := &c.sources[k]
			for _, x := range t.compounds(0, len(t.Runes)) {
				same = same || x.first == h.first && x.last == h.last
				other = other || x.first != h.first && x.last == h.last
			}
		}
		if other && !same && len(c.corpus.phrased([]string{h.first, h.last})) == 0 && len(c.corpus.at[h.first]) > 0 {
			c.add(RuleWord, "", h.from, h.to)
		}
	}
}

// A compound is two English words with a hyphen between them.
type compound struct {
	first, last string
	from, to    int
}

// compounds returns those between two places.
func (t *text) compounds(from, to int) []compound {
	var out []compound
	list := tokens(&t.Text, from, to)
	for k := 1; k < len(list); k++ {
		a, b := list[k-1], list[k]
		if !a.han && !b.han && b.from-a.to == 1 && t.Runes[a.to] == '-' {
			out = append(out, compound{a.key, b.key, a.from, b.to})
		}
	}
	return out
}
