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
		if rule := c.quantity(q); rule != "" {
			c.add(rule, "", q.from, q.to)
		}
	}
}

// quantity returns what is wrong with q, or "".
func (c *checker) quantity(q *amount) Rule {
	var best quantity.Relation
	// How near is what bears q out, what has another value, and what compares otherwise.
	found, other, crossed := -1.0, 0.0, 0.0
	fits, scaled := false, false
	context := c.claim.around(q)
	for _, list := range [][]text{c.sources, c.about} {
		for i := range list {
			s := &list[i]
			for j := range s.quantities {
				a := &s.quantities[j]
				r := quantity.Relate(q.Quantity, a.Quantity)
				best.Value, best.Unit, best.Comparator = best.Value || r.Value, best.Unit || r.Unit, best.Comparator || r.Comparator
				scaled = scaled || thousandfold(q, a)
				share := s.around(a).near(context)
				switch {
				case r.Comparator:
					found = max(found, share)
					fits = fits || c.sameThing(q, s, a)
				case r.Unit:
					crossed = max(crossed, share)
				case alike(q, a):
					other = max(other, share)
				}
			}
		}
	}
	if q.Loose {
		if other < 0.5 || other <= found+nearest {
			return ""
		}
		return RuleNumber
	}
	switch {
	case q.Kind == quantity.Date && !best.Value:
		return RuleDate
	case q.Kind == quantity.Document && !best.Value:
		return RuleDocument
	case best.Value && !best.Unit, !best.Value && scaled:
		return RuleUnit
	case !best.Value:
		return RuleNumber
	case !best.Comparator, q.Kind != quantity.Date && crossed >= 0.5 && crossed > found+nearest:
		return RuleComparator
	case !fits, counted(q.Kind) && other >= 0.5 && other > found+nearest:
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
