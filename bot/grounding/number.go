package grounding

import (
	"cmp"
	"math/big"
	"slices"
	"strings"

	"policybot/bot/quantity"
	"policybot/bot/quantity/fold"
)

// quantities notes the quantities of the sentence that no source has.
func (c *checker) quantities() {
	for k := range c.claim.quantities {
		q := &c.claim.quantities[k]
		if slices.ContainsFunc(c.claim.named, func(n named) bool { return n.from <= q.from && q.to <= n.to }) {
			continue // part of a name
		}
		if rule := c.quantity(q); rule != "" && !c.tells(q) {
			c.add(rule, "", q.from, q.to)
		}
	}
}

// A standing is how a quantity of the sentence stands in the sources.
type standing struct {
	best quantity.Relation
	// How near is what bears it out, what has another value, and what compares otherwise.
	found, other, crossed float64
	fits, scaled          bool
}

// stands compares q with every quantity of the sources.
func (c *checker) stands(q *amount) standing {
	out := standing{found: -1}
	context := c.claim.around(q)
	for _, list := range [][]text{c.sources, c.about} {
		for i := range list {
			s := &list[i]
			for j := range s.quantities {
				a := &s.quantities[j]
				r := quantity.Relate(q.Quantity, a.Quantity)
				out.best.Value, out.best.Unit, out.best.Comparator = out.best.Value || r.Value, out.best.Unit || r.Unit, out.best.Comparator || r.Comparator
				out.scaled = out.scaled || thousandfold(q, a)
				share := s.around(a).near(context)
				switch {
				case r.Comparator:
					out.found = max(out.found, share)
					out.fits = out.fits || c.sameThing(q, s, a) || c.linkedTo(q, s, a)
				case r.Unit:
					out.crossed = max(out.crossed, share)
				case alike(q, a):
					out.other = max(out.other, share)
				}
			}
		}
	}
	return out
}

// quantity returns what is wrong with q, or "".
func (c *checker) quantity(q *amount) Rule {
	s := c.stands(q)
	nearer := s.other >= 0.5 && s.other > s.found+nearest
	switch {
	case q.Loose && nearer:
		return RuleNumber
	case q.Loose:
		return ""
	case q.Kind == quantity.Date && !s.best.Value:
		return RuleDate
	case q.Kind == quantity.Document && !s.best.Value:
		return RuleDocument
	case s.best.Value && !s.best.Unit, !s.best.Value && s.scaled:
		return RuleUnit
	case !s.best.Value:
		return RuleNumber
	case !s.best.Comparator, q.Kind != quantity.Date && s.crossed >= 0.5 && s.crossed > s.found+nearest:
		return RuleComparator
	case c.mated(q):
		return ""
	case c.bound(q), !s.fits, counted(q.Kind) && nearer:
		return RuleNumber
	}
	return ""
}

// counted reports whether the noun beside a quantity of this kind tells what it
// is a number of.
func counted(k quantity.Kind) bool {
	switch k {
	case quantity.Number, quantity.Money, quantity.Percent, quantity.Count, quantity.Measure:
		return true
	}
	return false
}

// alike reports whether a could be the number that q should have been: it
// counts the same way but has another value.
func alike(q, a *amount) bool {
	if !counted(q.Kind) || !counted(a.Kind) || q.Value.Cmp(a.Value) == 0 {
		return false
	}
	x := a.Quantity
	x.Value, x.High = q.Value, q.High
	return quantity.Relate(q.Quantity, x).Unit
}

// thousandfold reports whether a is q but for its multiplier: 万 for 亿.
func thousandfold(q, a *amount) bool {
	if !counted(q.Kind) || !counted(a.Kind) || q.Value.Sign() == 0 || a.Value.Sign() == 0 {
		return false
	}
	x := a.Quantity
	x.Value, x.High, x.Comparator = q.Value, q.High, q.Comparator
	if !quantity.Relate(q.Quantity, x).Unit {
		return false
	}
	ratio := new(big.Rat).Quo(q.Value, a.Value)
	if ratio.Cmp(big.NewRat(1, 1)) < 0 {
		ratio.Inv(ratio)
	}
	for _, by := range []int64{1e3, 1e4, 1e6, 1e8, 1e9, 1e12} {
		if ratio.Cmp(big.NewRat(by, 1)) == 0 {
			return true
		}
	}
	return false
}

// A context is what stands around a quantity in its phrase.
type context struct {
	keys  keys
	latin bool
}

// near is how much of other is in c, 0 across languages.
func (c context) near(other context) float64 {
	if c.latin != other.latin {
		return 0
	}
	return other.keys.share(c.keys)
}

const (
	contextHan   = 12
	contextLatin = 40
)

// around returns the content beside q, up to the quantities before and after
// and to the ends of its phrase.
func (t *text) around(q *amount) context {
	from, to := t.phraseOf(q.from, q.to)
	latin := !fold.Han(t.at(q.to)) && !fold.Han(t.at(q.from-1)) && !fold.Han(t.at(q.to-1))
	most := contextHan
	if latin {
		most = contextLatin
	}
	from, to = max(from, q.from-most, q.after), min(to, q.to+most, q.before)
	if from == q.after && q.after == q.from || to == q.before && q.before == q.to { // 5家五十亿规模企业
		from, to = t.phraseOf(q.from, q.to)
		from, to = max(from, q.from-most), min(to, q.to+most)
	}
	from, to = t.item(q, from, to)
	none := func(int) bool { return false }
	k := append(t.content(from, max(from, q.from), none), t.content(q.to, max(to, q.to), none)...)
	return context{sorted(k), latin}
}

// phraseOf returns the phrase in which the runes from one place to another
// begin.
func (t *text) phraseOf(from, to int) (start, end int) {
	k, found := slices.BinarySearchFunc(t.phrases, from, func(p phrase, at int) int { return cmp.Compare(p.from, at) })
	if !found {
		k--
	}
	if k >= 0 && from < t.phrases[k].to {
		return t.phrases[k].from, max(t.phrases[k].to, to)
	}
	return from, to
}

// sameThing reports whether the noun beside q may be what a counts: nouns.txt
// knows no noun beside one of them, or the same one beside both.
func (c *checker) sameThing(q *amount, s *text, a *amount) bool {
	if q.Kind != quantity.Count && q.Kind != quantity.Number {
		return true
	}
	head := c.claim.head(q)
	if head == 0 {
		return true
	}
	from, to := s.phraseOf(a.from, a.to)
	var beside keys
	for i := from; i < to; i++ {
		if id, end := s.thing(i, to); end > 0 {
			beside = append(beside, uint64(id))
		}
	}
	return len(beside) == 0 || slices.Contains(beside, uint64(head))
}

// head returns the thing that q counts: the last one of the noun after it, or
// the last before it in the phrase; 0 if nouns.txt knows none.
func (t *text) head(q *amount) int {
	from, to := t.phraseOf(q.from, q.to)
	from, to = max(from, q.after), min(to, q.before)
	if id := t.last(q.to, min(to, q.to+len([]rune(q.Noun))+2)); id > 0 {
		return id
	}
	if q.Noun != "" && fold.Latin(rune(q.Noun[0])) {
		return 0
	}
	return t.last(from, q.from)
}

func (t *text) last(from, to int) int {
	last := 0
	for i := from; i < to; {
		id, end := t.thing(i, to)
		if end == 0 {
			i++
			continue
		}
		last, i = id, end
	}
	return last
}

// item narrows the runes around q to the item of the list that q stands in, if
// that says anything besides q.
func (t *text) item(q *amount, from, to int) (int, int) {
	i, j := from, to
	for k := from; k < q.from; k++ {
		if strings.ContainsRune("、和及与", t.Runes[k]) {
			i = k + 1
		}
	}
	for k := to - 1; k >= q.to; k-- {
		if strings.ContainsRune("、和及与", t.Runes[k]) {
			j = k
		}
	}
	none := func(int) bool { return false }
	if len(t.content(i, max(i, q.from), none)) == 0 && len(t.content(q.to, max(j, q.to), none)) == 0 {
		return from, to
	}
	return i, j
}

// nearby returns the pieces of the sentence that say what q is a figure of:
// those of its item of a list, up to the figures beside it.
func (c *checker) nearby(q *amount) []*piece {
	from, to := c.claim.region(q)
	var out []*piece
	for k := range c.parts {
		p := &c.parts[k]
		if w := string(c.claim.Runes[p.from:p.to]); w == "and" || w == "以及" {
			if p.from > q.to {
				break
			}
			if p.from >= from && p.to <= q.from {
				out = nil
			}
		}
		if p.from >= from && p.to <= to && (p.to <= q.from || p.from >= q.to) && c.told(p) && !c.marked(p) {
			out = append(out, p)
		}
	}
	return out
}

// region returns the runes of a source that tell what a is a figure of.
func (t *text) region(a *amount) (from, to int) {
	from, to = t.phraseOf(a.from, a.to)
	after, before := a.after, a.before
	for k := range t.quantities { // 5家五十亿规模企业
		if x := &t.quantities[k]; x.to == a.from {
			after = x.after
		} else if x.from == a.to {
			before = x.before
		}
	}
	return t.item(a, max(from, after), min(to, before))
}

// pairs notes two figures of one item of a list that the sources have in
// different items: 1家市值达200亿 of 1家市值达500亿、4家市值达200亿.
func (c *checker) pairs() {
	list := c.claim.quantities
	for k := 1; k < len(list); k++ {
		a, b := &list[k-1], &list[k]
		if !counted(a.Kind) || !counted(b.Kind) || c.claim.listed(a.to, b.from) && !c.claim.getting(a.to, b.from) {
			continue
		}
		if c.partnered(a, b) == apart && c.partnered(b, a) != alone {
			c.add(RuleNumber, "", b.from, b.to)
		}
	}
}

// getting reports whether what stands between two figures goes on with who gets
// or does something: 年产值超过2亿元的企业,可获得….
func (t *text) getting(from, to int) bool {
	between := string(t.Runes[from:to])
	before, after, ok := strings.Cut(between, ",")
	if !ok || strings.ContainsAny(after, ",。;、") || strings.ContainsAny(before, "。;、") {
		return false
	}
	for _, w := range []string{"可", "给", "予", "最高", "按", "一次性", "奖", "补", "每", " receive", " may", " can", " get"} {
		if strings.HasPrefix(after, w) {
			return true
		}
	}
	return false
}

// How a figure stands in the sources beside another one.
const (
	alone  = iota // in no item with another figure
	paired        // with that one
	apart         // only with others
)

// partnered tells how the sources have q, and whether with b.
func (c *checker) partnered(q, b *amount) int {
	out := alone
	for i := range c.sources {
		s := &c.sources[i]
		for j := range s.quantities {
			x := &s.quantities[j]
			if !quantity.Relate(q.Quantity, x.Quantity).Value {
				continue
			}
			mates := 0
			for _, m := range []int{j - 1, j + 1} {
				if m < 0 || m >= len(s.quantities) {
					continue
				}
				y := &s.quantities[m]
				if !counted(y.Kind) || s.listed(min(x.to, y.to), max(x.from, y.from)) {
					continue
				}
				mates++
				if quantity.Relate(b.Quantity, y.Quantity).Value {
					return paired
				}
			}
			if mates == 0 {
				return alone
			}
			out = apart
		}
	}
	return out
}

// listed reports whether a mark or an and between two places tells apart what
// stands there.
func (t *text) listed(from, to int) bool {
	for i := from; i < to; i++ {
		if t.border(i) != inside || strings.ContainsRune("、和及与", t.Runes[i]) {
			return true
		}
	}
	return from < to && strings.Contains(string(t.Runes[from:to]), " and ")
}

// part is how much of the pieces is linked to runes of a source.
func (c *checker) part(pieces []*piece, s *text, from, to int) float64 {
	if len(pieces) == 0 {
		return 0
	}
	n := 0
	for _, p := range pieces {
		if slices.ContainsFunc(p.at, func(i int32) bool {
			k := c.corpus.spots[i]
			return k.source >= 0 && &c.sources[k.source] == s && k.from >= from && k.from < to
		}) {
			n++
		}
	}
	return float64(n) / float64(len(pieces))
}

// linkedTo reports whether half of what the sentence says q is a figure of is
// beside a.
func (c *checker) linkedTo(q *amount, s *text, a *amount) bool {
	from, to := s.region(a)
	return c.part(c.nearby(q), s, from, to) >= 0.5
}

// bound reports whether what the sentence says q is a figure of stands beside
// another figure of the sources, and not beside that of q.
func (c *checker) bound(q *amount) bool {
	if !counted(q.Kind) {
		return false
	}
	pieces := c.nearby(q)
	own, other := 0.0, 0.0
	for k := range c.sources {
		s := &c.sources[k]
		for j := range s.quantities {
			a := &s.quantities[j]
			from, to := s.region(a)
			switch {
			case quantity.Relate(q.Quantity, a.Quantity).Value:
				own = max(own, c.part(pieces, s, from, to))
			case alike(q, a):
				other = max(other, c.part(pieces, s, from, to))
			}
		}
	}
	return other >= 0.5 && other > own+nearest
}

// dates notes dates that only what the sources are about has, where the
// sentence does not speak of the document: the year of a title is no year of a
// target.
func (c *checker) dates() {
	for k := range c.claim.quantities {
		q := &c.claim.quantities[k]
		if q.Kind != quantity.Date {
			continue
		}
		told := false
		for i := range c.sources {
			told = told || slices.ContainsFunc(c.sources[i].quantities, func(a amount) bool { return quantity.Relate(q.Quantity, a.Quantity).Value })
		}
		if told {
			continue
		}
		from, to := c.claim.phraseOf(q.from, q.to)
		from, to = max(from, q.from-14), min(to, q.to+26)
		if c.claim.at(q.from-1) == '(' {
			from = max(0, q.from-14)
		}
		if fold.Han(c.claim.at(q.to)) || fold.Han(c.claim.at(q.to-1)) {
			to = min(to, q.to+10)
		}
		beside := string(c.claim.Runes[from:to])
		if !slices.ContainsFunc(documentWords, func(w string) bool { return strings.Contains(beside, w) }) {
			c.add(RuleDate, "", q.from, q.to)
		}
	}
}

var documentWords = strings.Fields("印发 发布 出台 公布 计划 意见 方案 通知 办法 措施 文件 施行 有效 发文 plan issue publish dated document opinion measure notice valid effect 《")
