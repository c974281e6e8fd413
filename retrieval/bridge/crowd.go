package bridge

import (
	"cmp"
	"slices"
)

// A Crowd finds among many questions those that may say the same as another. It never
// changes and may be used from several goroutines.
type Crowd struct {
	senses []*Sense
	at     map[string][]int32 // a text, or a form of one → the questions
	keys   map[uint64][]int32 // a pair or word of their texts → the questions
}

// NewCrowd returns the crowd of these questions, which are told apart by their place.
func NewCrowd(senses []*Sense) *Crowd {
	c := &Crowd{at: map[string][]int32{}, keys: map[uint64][]int32{}}
	for _, s := range senses {
		c.add(s)
	}
	return c
}

// add enters a question as the last one.
func (c *Crowd) add(s *Sense) {
	i := int32(len(c.senses))
	c.senses = append(c.senses, s)
	for text := range s.own {
		c.at[text] = append(c.at[text], i)
	}
	for text := range s.closure {
		if !s.own[text] {
			c.at[text] = append(c.at[text], i)
		}
	}
	for k := range s.keys {
		c.keys[k] = append(c.keys[k], i)
	}
}

// A Near is a question of a Crowd.
type Near struct {
	Place int // of the question, as NewCrowd got it
	Likeness
}

// Near lists the questions of which a says at least the share least by weight, most alike
// first, then by their place; those that are set apart are among them. At most most are
// compared: those that share most with a. least is above 0.
func (c *Crowd) Near(a *Sense, least float64, most int) []Near {
	var out []Near
	for _, i := range c.sharing(a, least, most) {
		if l := Compare(a, c.senses[i]); l.Asked >= least {
			out = append(out, Near{int(i), l})
		}
	}
	slices.SortStableFunc(out, func(x, y Near) int {
		return cmp.Or(cmp.Compare(y.Value(), x.Value()), cmp.Compare(x.Place, y.Place))
	})
	return out
}

// sharing lists the questions that have something of at least the share least of a by weight: those that share most
// with a first, then by their place, at most most.
func (c *Crowd) sharing(a *Sense, least float64, most int) []int32 {
	if a.none || len(c.senses) == 0 {
		return nil
	}
	shares := make([]float64, len(c.senses))
	stamp := make([]int32, len(c.senses))
	var touched []int32
	for n, m := range a.concepts {
		mark := int32(n + 1)
		add := func(list []int32) {
			for _, i := range list {
				if stamp[i] == mark {
					continue
				}
				if stamp[i] == 0 {
					touched = append(touched, i)
				}
				stamp[i] = mark
				shares[i] += m.weight
			}
		}
		add(c.at[m.Text])
		for _, f := range m.Forms {
			add(c.at[f.Text])
		}
		for _, k := range m.keys {
			add(c.keys[k])
		}
	}
	touched = slices.DeleteFunc(touched, func(i int32) bool { return shares[i] < least*a.all })
	slices.SortFunc(touched, func(x, y int32) int { return cmp.Or(cmp.Compare(shares[y], shares[x]), cmp.Compare(x, y)) })
	return touched[:min(most, len(touched))]
}

// nearest is the place of the question that is most like a, the first of several, if their likeness is at least least;
// else -1. At most most are compared: those that share most with a.
func (c *Crowd) nearest(a *Sense, least float64, most int) int {
	found, best := -1, 0.0
	for _, i := range c.sharing(a, least/2, most) {
		b := c.senses[i]
		if b.none {
			continue
		}
		asked := a.said(b, nil)
		if asked < least/(2-least) { // though b be said wholly, the mean stays below least
			continue
		}
		l := Likeness{Asked: asked, Other: b.said(a, nil)}
		if v := l.Value(); v < least || v < best || v == best && int(i) > found {
			continue
		}
		if conflict(a, b) == "" {
			found, best = int(i), l.Value()
		}
	}
	return found
}

// Group puts questions together that say the same: each with the first of an earlier
// group that is most like it, if their likeness is at least least, else in a group of its
// own. It gives the places of the questions, the largest group first and each in order;
// groups of one size are ordered by their first. The same questions give the same groups.
func Group(senses []*Sense, least float64) [][]int {
	leaders := NewCrowd(nil) // the first of each group
	var groups [][]int
	for i, s := range senses {
		if n := leaders.nearest(s, least, groupLooks); n >= 0 {
			groups[n] = append(groups[n], i)
			continue
		}
		leaders.add(s)
		groups = append(groups, []int{i})
	}
	slices.SortStableFunc(groups, func(a, b []int) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a[0], b[0])) })
	return groups
}

// groupLooks is with how many questions one is compared that is grouped.
const groupLooks = 24
