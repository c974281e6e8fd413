package bm25

import (
	"math"
	"math/bits"
	"slices"
)

// batchSize is the number of blocks taken at once: the lists of the frequent
// keys are then read one after the other, which is kinder to the cache.
const batchSize = 32

// bound computes the bounds of the blocks.
func (x *Index) bound(s *scratch) {
	s.bounds = zeroed(s.bounds, x.blocks())
	for g, score := range s.groups {
		if from, to := int(x.groups[g]), int(x.groups[g+1]); score > 0 && from < to {
			touched := s.bounds[from/blockSize : (to-1)/blockSize+1]
			for i := range touched {
				touched[i] = max(touched[i], score)
			}
		}
	}
	for b := range s.bounds {
		s.bounds[b] += highest((*[blockSize]uint32)(s.units[b*blockSize:]))
	}
	for i := range s.parts {
		p := &s.parts[i]
		if p.dense == nil {
			continue
		}
		step := uint32(math.Ceil(p.unit*(x.params.K1+1)/255)) + 1 // 1 for the rounding up of the score
		most := p.dense.bounds
		bounds := s.bounds[:len(most)]
		for b, n := range most {
			bounds[b] += step * uint32(n)
		}
	}
}

// highest returns the largest of the scores; as a tree, because each step of a
// plain loop would wait for the one before.
func highest(s *[blockSize]uint32) uint32 {
	a := max(max(s[0], s[1]), max(s[2], s[3]))
	b := max(max(s[4], s[5]), max(s[6], s[7]))
	c := max(max(s[8], s[9]), max(s[10], s[11]))
	d := max(max(s[12], s[13]), max(s[14], s[15]))
	return max(max(a, b), max(c, d))
}

// collect fills s.hits with the k best units.
func (x *Index) collect(s *scratch, k int) {
	width := s.orderBlocks()
	s.hits, s.next = s.hits[:0], 0
	for s.nextBatch(k, width) {
		for i := range s.parts {
			if p := &s.parts[i]; p.dense != nil {
				x.addDense(s, p.dense, p.unit)
			}
		}
		for _, b := range s.batch {
			x.rank(s, b, k)
		}
	}
}

// orderBlocks fills s.order with the blocks by falling bound, roughly: a bound
// is less than width above all before it.
func (s *scratch) orderBlocks() (width uint64) {
	const classes = 512
	shift := max(0, bits.Len32(slices.Max(s.bounds))-bits.Len(classes-1))
	var place [classes + 1]uint32
	for _, bound := range s.bounds {
		place[classes-bound>>shift]++
	}
	for i := range classes {
		place[i+1] += place[i]
	}
	s.order = zeroed(s.order, len(s.bounds))
	for b, bound := range s.bounds {
		p := &place[classes-1-bound>>shift]
		s.order[*p] = uint32(b)
		*p++
	}
	return 1 << shift
}

// nextBatch fills s.batch with the next blocks that may have one of the k best
// units, and reports whether there are any.
func (s *scratch) nextBatch(k int, width uint64) bool {
	least := uint64(0)
	if len(s.hits) == k {
		least = s.hits[0] >> 32
	}
	s.batch = s.batch[:0]
	for s.next < len(s.order) && len(s.batch) < batchSize {
		b := s.order[s.next]
		bound := uint64(s.bounds[b])
		if bound+width <= least {
			break
		}
		s.next++
		if bound >= least {
			s.batch = append(s.batch, b)
		}
	}
	return len(s.batch) > 0
}

// addDense scores a frequent key for the units of the blocks in s.batch.
func (x *Index) addDense(s *scratch, d *dense, weight float64) {
	for _, b := range s.batch {
		scores := (*[blockSize]uint32)(s.units[b*blockSize:])
		lengths := x.lengths[b*blockSize:]
		set, counts := d.block(b)
		for ; set != 0; set &= set - 1 {
			u := bits.TrailingZeros64(set) % blockSize
			scores[u] += fixed(weight * x.saturation(uint32(counts[0]), lengths[u]))
			counts = counts[1:]
		}
	}
}

// rank puts the units of a block among the k best where they belong.
func (x *Index) rank(s *scratch, b uint32, k int) {
	for i, score := range (*[blockSize]uint32)(s.units[b*blockSize:]) {
		if score == 0 {
			continue
		}
		u := b*blockSize + uint32(i)
		hit := uint64(score+s.groups[x.groupOf[u]])<<32 | uint64(^u)
		if len(s.hits) < k {
			s.hits.push(hit)
		} else if hit > s.hits[0] {
			s.hits[0] = hit
			s.hits.sink(0)
		}
	}
}
