package grounding

import (
	"slices"
	"strings"

	"policybot/bot/quantity/fold"
)

// placed reports whether it matters for a piece which sentence of the sources
// has it: not for words of the law, for dates, for what the document as a whole
// is of, nor for those who have to do it, where a source lists them.
func (c *checker) placed(p *piece) bool {
	if !c.told(p) || p.weak || p.date || c.marked(p) {
		return false
	}
	return !c.hollow(p) && !c.called(p)
}

// hollow reports whether all words of a piece add nothing: of the.
func (c *checker) hollow(p *piece) bool {
	return !slices.ContainsFunc(tokens(&c.claim.Text, p.from, p.to), func(t token) bool { return !lightKey(t.key) })
}

// called reports whether a piece is what the document is called: 三年行动计划.
func (c *checker) called(p *piece) bool {
	w := string(c.claim.Runes[p.from:p.to])
	return slices.ContainsFunc(strings.Fields("计划 意见 方案 办法 措施 通知"), func(end string) bool { return strings.HasSuffix(w, end) }) &&
		slices.ContainsFunc(p.at, func(s int32) bool { return c.corpus.spots[s].source < 0 })
}

// ofLists parts pieces into those of lists of who has to do something and the
// others.
func (c *checker) ofLists(pieces []*piece) (others, lists []*piece) {
	for _, p := range pieces {
		if slices.ContainsFunc(p.at, func(s int32) bool {
			k := c.corpus.spots[s].source
			return k >= 0 && assigns(&c.sources[k])
		}) {
			lists = append(lists, p)
		} else {
			others = append(others, p)
		}
	}
	return others, lists
}

// Words of sentences that say who has to do something, and beginnings of the
// lists that clauses end with.
var (
	dutyWords = strings.Fields("负责 职责 责任 分工 涉及 牵头 部门 responsib duties duty remit job involve departments task work")
	dutyLists = []string{"责任单位", "牵头单位", "配合单位", "involved ministries", "municipal departments", "涉及部委", "市级部门"}
)

// duty reports whether the sentence says who has to do something.
func (c *checker) duty() bool {
	text := string(c.claim.Runes)
	return slices.ContainsFunc(dutyWords, func(w string) bool { return strings.Contains(text, w) })
}

// assigns reports whether a source is a list of those who have to do something.
func assigns(s *text) bool {
	text := strings.TrimPrefix(strings.TrimSpace(string(s.Runes)), "(")
	return slices.ContainsFunc(dutyLists, func(w string) bool { return strings.HasPrefix(text, w) })
}

// within reports whether a Chinese piece can be cut so that all of it is in the
// phrase or sentence n of the sources: 区要加强 of 园区要加强能力建设, where 园区 and
// 加强能力建设 are there but 区要加强 is elsewhere.
func (c *checker) within(p *piece, number func(spot) int, n int) bool {
	if !fold.Han(c.claim.Runes[p.from]) {
		return false
	}
	list := tokens(&c.claim.Text, max(0, p.from-3), min(len(c.claim.Runes), p.to+3))
	for i := range list {
		t := list[i]
		if t.from < p.from || t.from >= p.to {
			continue
		}
		fits := lightKey(t.key) || t.key == "要"
		for _, b := range []int{i - 1, i} {
			fits = fits || b >= 0 && b+1 < len(list) && adjoins(list[b], list[b+1]) && c.pairIn(list[b].key, list[b+1].key, number, n)
		}
		if !fits {
			return false
		}
	}
	return true
}

// pairIn reports whether two characters stand one after the other in the phrase
// or sentence n.
func (c *checker) pairIn(a, b string, number func(spot) int, n int) bool {
	return slices.ContainsFunc(c.corpus.at[a], func(s int32) bool {
		k := c.corpus.spots
		return k[s].source >= 0 && number(k[s]) == n && int(s)+1 < len(k) && k[s+1].key == b && k[s+1].source == k[s].source
	})
}

// topic reports whether a piece that is no name is at the head of what sentence
// n goes on with after a semicolon: 2024年医药工业完成投资…;完成产值…; or a name of
// what the document is about, where n has no other name.
func (c *checker) topic(p *piece, n int) bool {
	if c.isName(p) {
		return slices.ContainsFunc(p.at, func(s int32) bool { return c.corpus.spots[s].source < 0 }) && !c.nameIn(n)
	}
	if w := string(c.claim.Runes[p.from:p.to]); strings.HasSuffix(w, "区") || strings.HasSuffix(w, "县") || strings.HasSuffix(w, "后") || strings.Contains(w, "district") || strings.Contains(w, "count") {
		return false
	}
	return slices.ContainsFunc(p.at, func(s int32) bool {
		k := c.corpus.spots[s]
		if k.source < 0 || k.sentence >= n {
			return false
		}
		t := &c.sources[k.source]
		from := k.from
		for from > 0 && t.border(from-1) != endOfPhrase && (t.border(from-1) < endOfSentence) {
			from--
		}
		if k.from-from > 7 || from > 0 && t.border(from-1) == endOfPhrase {
			return false
		}
		return c.follows(s, n, t, k.from)
	})
}

// nameIn reports whether a name stands in sentence n of the sources.
func (c *checker) nameIn(n int) bool {
	for _, at := range c.corpus.named {
		if slices.ContainsFunc(at, func(s int32) bool { return c.corpus.spots[s].sentence == n }) {
			return true
		}
	}
	return false
}

// follows reports whether sentence n of the text t goes on, after semicolons
// alone, with the one at runes from.
func (c *checker) follows(s int32, n int, t *text, from int) bool {
	for i := int(s); i < len(c.corpus.spots) && c.corpus.spots[i].source == c.corpus.spots[s].source; i++ {
		if c.corpus.spots[i].sentence == n {
			for at := from; at < c.corpus.spots[i].from; at++ {
				if t.border(at) >= endOfSentence && t.Runes[at] != ';' {
					return false
				}
			}
			return true
		}
	}
	return false
}
