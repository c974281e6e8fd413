package bm25

import (
	"cmp"
	"math"
	"slices"
)

// A search runs in three steps. Rare keys and groups are scored for every
// unit. Then each block of units gets a bound: the best of its scores so far
// and the most that the frequent keys of the query can add. Last, blocks are
// taken by falling bound, and the frequent keys are scored for their units,
// until the bound falls below the k-th best score (Mallia, Suel and Tonellotto,
// Faster Learned Sparse Retrieval with Block-Max Pruning, SIGIR 2024). The
// result is that of scoring everything.
//
// Scores are whole numbers while a search runs, so that they do not depend on
// the order in which they are added up.

// scratch is what one search works with.
type scratch struct {
	merged []Term
	parts  []part
	units  []uint32 // score of each unit, filled up to a whole block
	groups []uint32 // score of each group

	bounds []uint32 // of each block
	order  []uint32 // blocks by falling bound
	next   int      // in order
	batch  []uint32 // blocks
	hits   heap     // score<<32 | ^unit
}

// A part is a term that the index knows. Its weights have idf in them and are
// scaled to fixed point.
type part struct {
	Term
	list
	unit, group float64
}

// Search returns the k best units that hold at least one term, best first; of
// equal scores the lower unit comes first. It returns nothing if k ≤ 0, if no
// term is known or if there are no units. Scores are exact to about nine
// digits of the highest score that any unit could have.
func (x *Index) Search(terms []Term, k int) []Hit {
	if k <= 0 || len(x.lengths) == 0 {
		return nil
	}
	s := x.scratch.Get().(*scratch)
	defer x.scratch.Put(s)
	scale := x.weigh(s, terms)
	if len(s.parts) == 0 {
		return nil
	}
	x.addRare(s)
	x.bound(s)
	x.collect(s, min(k, len(x.lengths)))
	return x.results(s, scale)
}

// weigh fills s.parts and returns how many steps of fixed point make 1: a power
// of two such that no score reaches 2^31.
func (x *Index) weigh(s *scratch, terms []Term) (scale float64) {
	s.merged = merge(s.merged[:0], terms)
	s.parts = s.parts[:0]
	highest := 0.0
	for _, t := range s.merged {
		l, ok := x.find(t.Key)
		if !ok {
			continue
		}
		p := part{
			t, l, t.Weight * idf(x.Units(), int(l.df)),
			t.Weight * idf(x.Groups(), int(l.groupDF)) * x.params.Group,
		}
		highest += (p.unit + p.group) * (x.params.K1 + 1)
		s.parts = append(s.parts, p)
	}
	_, exp := math.Frexp(highest)
	scale = math.Ldexp(1, 30-exp)
	for i := range s.parts {
		s.parts[i].unit *= scale
		s.parts[i].group *= scale
	}
	return scale
}

// merge appends the terms with repeated keys added up, ordered by key.
func merge(dst, terms []Term) []Term {
	for _, t := range terms {
		if t.Weight > 0 {
			dst = append(dst, Term{t.Key, min(max(t.Weight, minWeight), maxWeight)})
		}
	}
	slices.SortStableFunc(dst, func(a, b Term) int { return cmp.Compare(a.Key, b.Key) })
	n := 0
	for i, t := range dst {
		if n > 0 && dst[n-1].Key == t.Key {
			dst[n-1].Weight += t.Weight
			continue
		}
		dst[n] = dst[i]
		n++
	}
	return dst[:n]
}

// fixed rounds a part of a score up to fixed point. It is never 0, so that a
// unit with a score of 0 is one without any of the keys.
func fixed(part float64) uint32 { return uint32(part) + 1 }

// addRare scores rare keys for all units, and all keys for groups.
func (x *Index) addRare(s *scratch) {
	s.units = zeroed(s.units, x.blocks()*blockSize)
	s.groups = zeroed(s.groups, len(x.sizes))
	for i := range s.parts {
		p := &s.parts[i]
		if p.dense == nil {
			x.addUnits(s.units[:len(x.lengths)], p.list.units, p.unit)
		}
		if p.group > 0 {
			x.addGroups(s.groups, p.list.groups, p.group)
		}
	}
}

func zeroed(s []uint32, n int) []uint32 {
	if cap(s) < n {
		return make([]uint32, n)
	}
	s = s[:n]
	clear(s)
	return s
}

func (x *Index) addUnits(scores []uint32, codes []uint16, weight float64) {
	lengths := x.lengths[:len(scores)]
	saturations := x.saturations
	u := ^uint32(0)
	for i := 0; i < len(codes); i++ {
		c := uint32(codes[i])
		count := c & longCount
		if count == 0 {
			u += c >> countBits << (16 - countBits)
			continue
		}
		if u += c >> countBits; uint(u) >= uint(len(scores)) {
			return
		}
		if count < longCount {
			scores[u] += fixed(weight * saturations[count<<8|uint32(lengths[u])])
		} else if i++; i < len(codes) {
			scores[u] += fixed(weight * x.saturation(uint32(codes[i]), lengths[u]))
		}
	}
}

func (x *Index) addGroups(scores []uint32, codes []uint16, weight float64) {
	norms := x.groupNorms[:len(scores)]
	g := ^uint32(0)
	for i := 0; i < len(codes); i++ {
		c := uint32(codes[i])
		count := c & longGroupCount
		if count == 0 {
			g += c >> groupCountBits << (16 - groupCountBits)
			continue
		}
		if count == longGroupCount {
			if i++; i < len(codes) {
				count = uint32(codes[i])
			}
		}
		if g += c >> groupCountBits; uint(g) >= uint(len(scores)) {
			return
		}
		scores[g] += fixed(weight * saturation(float64(count), norms[g], x.params.K1))
	}
}

// results turns s.hits into hits, best first.
func (x *Index) results(s *scratch, scale float64) []Hit {
	slices.Sort(s.hits)
	slices.Reverse(s.hits)
	hits := make([]Hit, len(s.hits))
	for i, h := range s.hits {
		u := ^uint32(h)
		unit, group := s.units[u], s.groups[x.groupOf[u]]
		hits[i] = Hit{int(u), float64(unit+group) / scale, float64(unit) / scale, float64(group) / scale}
	}
	return hits
}
