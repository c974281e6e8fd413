package bm25

import (
	"math"
	"slices"
	"sync"
)

// An Index answers queries over the units it was built from. It does not
// change and may be used by several goroutines at once.
type Index struct {
	params  Params
	lengths []uint8  // quantised, of units
	groups  []uint32 // first unit of each group, and the number of units
	sizes   []uint32 // lengths of groups, exact
	keys    []uint64 // sorted
	starts  []uint32 // of each key's list in codes, and the end of the last
	codes   []uint16
	dense   []dense // of frequent keys, in the order of keys

	groupOf     []uint32
	norms       [256]float64                   // K1·(1-B+B·length/average) for each code of length
	groupNorms  []float64                      // the same for each group
	saturations *[(longCount + 1) << 8]float64 // of counts below longCount by code of length
	scratch     *sync.Pool
}

// Units returns the number of units.
func (x *Index) Units() int { return len(x.lengths) }

// Groups returns the number of groups, empty ones included.
func (x *Index) Groups() int { return len(x.sizes) }

// Group returns the group of a unit that exists.
func (x *Index) Group(unit int) int { return int(x.groupOf[unit]) }

// GroupUnits returns the units of a group that exists: from the first up to,
// but not including, end.
func (x *Index) GroupUnits(group int) (first, end int) {
	return int(x.groups[group]), int(x.groups[group+1])
}

// Params returns the parameters that the index was built with.
func (x *Index) Params() Params { return x.params }

// DF returns the number of units that hold key.
func (x *Index) DF(key uint64) int {
	l, _ := x.find(key)
	return int(l.df)
}

// IDF returns the weight of key by its rarity among units: ln(1 +
// (N-df+0.5)/(df+0.5)). It is positive, and largest for a key that no unit
// holds.
func (x *Index) IDF(key uint64) float64 { return idf(x.Units(), x.DF(key)) }

// Has reports whether any unit holds key.
func (x *Index) Has(key uint64) bool {
	_, ok := slices.BinarySearch(x.keys, key)
	return ok
}

func idf(n, df int) float64 {
	return math.Log1p((float64(n-df) + 0.5) / (float64(df) + 0.5))
}

// setUnits fills in what is known about units and groups.
func (x *Index) setUnits(lengths, groups []uint32) {
	x.lengths = make([]uint8, len(lengths))
	for i, n := range lengths {
		x.lengths[i] = quantise(n)
	}
	x.groups = append(slices.Clone(groups), uint32(len(lengths)))
	x.sizes = make([]uint32, len(groups))
	for g := range x.sizes {
		for _, n := range lengths[x.groups[g]:x.groups[g+1]] {
			x.sizes[g] += n
		}
	}
}

// prepare computes from units and groups what is not stored.
func (x *Index) prepare() {
	x.groupOf = make([]uint32, len(x.lengths))
	for g := range x.sizes {
		for u := x.groups[g]; u < x.groups[g+1]; u++ {
			x.groupOf[u] = uint32(g)
		}
	}
	total := 0.0
	for _, code := range x.lengths {
		total += unquantise(code)
	}
	average := max(total/max(float64(len(x.lengths)), 1), 1)
	for code := range x.norms {
		x.norms[code] = x.params.norm(x.params.B, unquantise(uint8(code))/average)
	}
	total = 0
	for _, n := range x.sizes {
		total += float64(n)
	}
	average = max(total/max(float64(len(x.sizes)), 1), 1)
	x.groupNorms = make([]float64, len(x.sizes))
	for g, n := range x.sizes {
		x.groupNorms[g] = x.params.norm(x.params.GroupB, float64(n)/average)
	}
	x.saturations = new([(longCount + 1) << 8]float64)
	for i := range x.saturations[1<<8:] {
		x.saturations[1<<8+i] = saturation(float64(i>>8+1), x.norms[i&255], x.params.K1)
	}
	x.scratch = &sync.Pool{New: func() any { return new(scratch) }}
}

func (p Params) norm(b, length float64) float64 { return p.K1 * (1 - b + b*length) }

func saturation(tf, norm, k1 float64) float64 { return tf * (k1 + 1) / (tf + norm) }

// saturation returns tf·(K1+1)/(tf+norm) for a unit with this code of length.
func (x *Index) saturation(tf uint32, length uint8) float64 {
	if tf < longCount {
		return x.saturations[tf<<8|uint32(length)]
	}
	return saturation(float64(tf), x.norms[length], x.params.K1)
}
