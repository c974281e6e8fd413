package grounding

import (
	"maps"
	"slices"
	"strings"

	"policybot/bot/quantity/fold"
)

// told reports whether a piece says something that the texts of the sources
// say too, and not only what they are about.
func (c *checker) told(p *piece) bool {
	return p.origin == linked && slices.ContainsFunc(p.at, func(s int32) bool { return c.corpus.spots[s].source >= 0 })
}

// of returns what a piece is linked to in the texts: the numbers of phrases, or
// of sentences.
func (c *checker) of(p *piece, number func(spot) int) []int {
	var out []int
	for _, s := range p.at {
		if k := c.corpus.spots[s]; k.source >= 0 {
			out = append(out, number(k))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func phraseNumber(s spot) int   { return s.phrase }
func sentenceNumber(s spot) int { return s.sentence }

// A stretch is phrases of the sentence that belong together: a condition goes
// with what it is a condition of.
type stretch struct {
	pieces []*piece
	from   int // runes
	to     int
}

// opening and closing are words that begin or end a phrase which says nothing
// without the next.
var (
	opening = strings.Fields("经 在 对 凡 除 待 按 据 根据 对于 除了 经过 通过 只要 若 如 after with if when provided except under upon once unless subject for where")
	closed  = strings.Fields("后 下 的 时 者 外")
)

// stretches cuts the pieces of the sentence at its phrases.
func (c *checker) stretches() []stretch {
	var out []stretch
	open := false
	for k := range c.claim.phrases {
		p := &c.claim.phrases[k]
		if !open {
			out = append(out, stretch{from: p.from})
		}
		s := &out[len(out)-1]
		s.to = p.to
		for j := range c.parts {
			if q := &c.parts[j]; q.from >= p.from && q.from < p.to {
				s.pieces = append(s.pieces, q)
			}
		}
		open = c.openEnded(p)
	}
	return out
}

// local notes a word that the sources say only in another sentence than the
// words beside it: 海淀区 of one measure put to another one.
func (c *checker) local() {
	for _, s := range c.stretches() {
		listed := c.duty() && slices.ContainsFunc(c.sources, func(t text) bool { return assigns(&t) })
		if !listed {
			c.exchanges(s)
		}
		for _, part := range c.coordinated(s.pieces) {
			if !listed {
				c.oneSentence(part)
				c.parallel(part)
				continue
			}
			own, of := c.ofLists(part)
			c.oneSentence(of)
			c.oneSentence(own)
		}
	}
	c.spliced()
}

// coordinated cuts English pieces at and, which may join two sentences of the
// sources.
func (c *checker) coordinated(list []*piece) [][]*piece {
	var out [][]*piece
	from := 0
	for k, p := range list {
		switch w := string(c.claim.Runes[p.from:p.to]); {
		case w == "and":
			out = append(out, list[from:k])
			from = k + 1
		case strings.HasPrefix(w, "and "):
			out = append(out, list[from:k])
			from = k
		case strings.HasSuffix(w, " and"):
			out = append(out, list[from:k+1])
			from = k + 1
		}
	}
	return append(out, list[from:])
}

// oneSentence notes the pieces that are not in the sentence of the sources that
// has most of them.
func (c *checker) oneSentence(pieces []*piece) {
	weight := map[int]int{}
	for _, p := range pieces {
		if !c.placed(p) {
			continue
		}
		for _, n := range c.of(p, sentenceNumber) {
			weight[n] += p.j - p.i
			if c.isName(p) {
				weight[n] += 4
			}
		}
	}
	best := -1
	for n, w := range weight {
		if best < 0 || w > weight[best] || w == weight[best] && n < best {
			best = n
		}
	}
	for _, p := range pieces {
		if c.placed(p) && !slices.Contains(c.of(p, sentenceNumber), best) && !c.within(p, sentenceNumber, best) && !c.topic(p, best) {
			c.add(RuleWord, "", p.from, p.to)
		}
	}
}

// exchanges notes a word between two others that stand around another word in
// the sources, where it comes from another phrase: involving municipal powers
// for involving national powers.
func (c *checker) exchanges(s stretch) {
	var list []*piece
	for _, p := range s.pieces {
		if p.origin != light && !c.hollow(p) {
			list = append(list, p)
		}
	}
	for k := 1; k+1 < len(list); k++ {
		l, x, r := list[k-1], list[k], list[k+1]
		if !c.told(l) || !c.told(x) || !c.told(r) || l.weak || x.weak || r.weak || l.date || r.date || c.marked(l) || c.marked(x) || c.marked(r) || c.joined(l.to, x.from) {
			continue
		}
		own, other, fits := c.of(x, phraseNumber), false, false
		left, right := c.of(l, phraseNumber), c.of(r, phraseNumber)
		for _, n := range own {
			fits = fits || slices.Contains(left, n) && slices.Contains(right, n)
		}
		for _, a := range l.at[:min(len(l.at), mostPlaces)] {
			for _, b := range r.at[:min(len(r.at), mostPlaces)] {
				n := c.corpus.spots[a].phrase
				other = other || !fits && c.between(l, a, b) && !slices.Contains(own, n) && !c.within(x, phraseNumber, n)
			}
		}
		if other {
			c.add(RuleWord, "", x.from, x.to)
		}
	}
}

// joined reports whether and or or stands between two places of the sentence.
func (c *checker) joined(from, to int) bool {
	if from >= to {
		return false
	}
	between := " " + string(c.claim.Runes[from:to]) + " "
	return strings.Contains(between, " and ") || strings.Contains(between, " or ") || strings.ContainsAny(between, ",或")
}

// between reports whether a few words that say something stand between the
// piece linked to spot a and spot b of the same phrase.
func (c *checker) between(l *piece, a, b int32) bool {
	n := 1
	if c.corpus.spots[a].han && c.claim.Runes != nil && fold.Han(c.claim.Runes[l.from]) {
		n = l.j - l.i
	}
	gap := int(b) - (int(a) + n)
	if gap < 1 || gap > 5 {
		return false
	}
	x, y := c.corpus.spots[a], c.corpus.spots[b]
	if x.source < 0 || x.source != y.source || x.phrase != y.phrase {
		return false
	}
	for _, k := range c.corpus.spots[int(a)+n : b] {
		if !lightKey(k.key) {
			return true
		}
	}
	return false
}

// spliced notes words of what the sources are about that stand within a word of
// their texts: 国家医疗器械行业协会.
func (c *checker) spliced() {
	about := func(p *piece) bool { return p.origin == linked && !c.told(p) && !c.isName(p) && !c.anybody(p) }
	for k := 1; k+1 < len(c.parts); k++ {
		x := &c.parts[k]
		end := k
		for end < len(c.parts) && about(&c.parts[end]) && c.parts[end].from == c.parts[end-1].to {
			end++
		}
		if end > k && end < len(c.parts) && c.told(&c.parts[k-1]) && c.told(&c.parts[end]) && c.parts[end].from == c.parts[end-1].to {
			c.add(RuleWord, "", x.from, c.parts[end-1].to)
		}
		k = max(k, end-1)
	}
}

// anybody reports whether a piece is a word for whoever policies are for.
func (c *checker) anybody(p *piece) bool {
	return slices.Contains(strings.Fields("企业 公司 机构 单位 部门 项目"), string(c.claim.Runes[p.from:p.to]))
}

// isName reports whether a piece is a name.
func (c *checker) isName(p *piece) bool {
	return slices.ContainsFunc(c.claim.named, func(n named) bool { return n.from <= p.from && p.to <= n.to })
}

// parallel notes a stretch that takes from two phrases of the sources that are
// alike what only one of them has: reform measures of municipal powers after
// the approval that those of national powers need.
func (c *checker) parallel(pieces []*piece) {
	shared, own := map[[2]int]int{}, map[int]*piece{}
	sets := make([][]int, len(pieces))
	seen := map[string]bool{}
	for k, p := range pieces {
		word := string(c.claim.Runes[p.from:p.to])
		if c.told(p) && !p.weak && !seen[word] && !c.empty(p) {
			seen[word] = true
			sets[k] = c.of(p, phraseNumber)
		}
		for a := range sets[k] {
			for b := a + 1; b < len(sets[k]); b++ {
				shared[[2]int{sets[k][a], sets[k][b]}]++
			}
		}
		if len(sets[k]) == 1 {
			own[sets[k][0]] = p
		}
	}
	pairs := slices.SortedFunc(maps.Keys(shared), func(a, b [2]int) int { return slices.Compare(a[:], b[:]) })
	for _, pair := range pairs {
		if shared[pair] >= 3 && own[pair[0]] != nil && own[pair[1]] != nil {
			c.add(RuleWord, "", own[pair[1]].from, own[pair[1]].to)
		}
	}
}
