package bm25

// A Contribution is the part of one term in the score of a unit.
type Contribution struct {
	Key     uint64
	Weight  float64 // of the term, repeats added up
	IDF     float64 // among units
	TF      int     // count in the unit
	GroupTF int     // count in the unit's group
	Unit    float64 // part of Hit.UnitScore
	Group   float64 // part of Hit.GroupScore
}

// Explain returns how the score of a unit comes about: an entry for each term
// that the unit's group holds, ordered by key. Unit and Group add up to the
// scores that [Index.Search] gives the unit for the same terms. It returns
// nothing for a unit that does not exist or whose group holds no term.
func (x *Index) Explain(terms []Term, unit int) []Contribution {
	if unit < 0 || unit >= len(x.lengths) {
		return nil
	}
	var s scratch
	scale := x.weigh(&s, terms)
	group := x.groupOf[unit]
	var out []Contribution
	for i := range s.parts {
		p := &s.parts[i]
		groupTF := count(p.list.groups, groupCountBits, group)
		if groupTF == 0 {
			continue
		}
		tf := p.list.count(uint32(unit))
		c := Contribution{Key: p.Key, Weight: p.Weight, IDF: idf(x.Units(), int(p.df)), TF: int(tf), GroupTF: int(groupTF)}
		if tf > 0 {
			c.Unit = float64(fixed(p.unit*x.saturation(tf, x.lengths[unit]))) / scale
		}
		if p.group > 0 {
			c.Group = float64(fixed(p.group*saturation(float64(groupTF), x.groupNorms[group], x.params.K1))) / scale
		}
		out = append(out, c)
	}
	return out
}
