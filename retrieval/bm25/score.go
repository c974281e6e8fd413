package bm25

// Score returns the score of each of units for a query, in the order given: the
// one that [Index.Search] gives the unit, whether or not it is among the best,
// and 0 for a unit without any of the terms. Units may repeat; one that does
// not exist scores 0.
func (x *Index) Score(terms []Term, units []int) []Hit {
	hits := make([]Hit, len(units))
	if len(x.lengths) == 0 {
		return hits
	}
	s := x.scratch.Get().(*scratch)
	defer x.scratch.Put(s)
	scale := x.weigh(s, terms)
	x.addRare(s)
	for i, u := range units {
		hits[i].Unit = u
		if u < 0 || u >= len(x.lengths) {
			continue
		}
		score := s.units[u]
		for j := range s.parts {
			if p := &s.parts[j]; p.dense != nil {
				if tf := p.dense.count(uint32(u)); tf > 0 {
					score += fixed(p.unit * x.saturation(tf, x.lengths[u]))
				}
			}
		}
		group := s.groups[x.groupOf[u]]
		if score == 0 {
			continue // Search finds no unit by its group alone
		}
		hits[i] = Hit{u, float64(score+group) / scale, float64(score) / scale, float64(group) / scale}
	}
	return hits
}
