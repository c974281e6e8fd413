package bm25

import (
	"math"
	"math/bits"
)

// A key that more than one unit in denseShare holds is stored in a form that
// lets a search pass over most units.
//
// Of shares 4, 8 and 16 and blocks of 8, 16 and 32 units, these two gave the
// fewest steps in the slowest hundredth of queries on both corpora of Default.
const (
	denseShare = 8
	blockSize  = 16
)

func isDense(df, units int) bool { return df > units/denseShare }

// A dense is the posting list of a frequent key.
type dense struct {
	words  []uint64 // a bit a unit: whether it holds the key
	ranks  []uint32 // bits set before each word
	bounds []uint8  // what the key adds to a unit of each block at most, in 255ths of K1+1
	counts []uint8  // one for each bit set
}

func (x *Index) blocks() int { return (len(x.lengths) + blockSize - 1) / blockSize }

// boundTable returns what a count below longCount adds to a unit, by code of
// length, in 255ths of K1+1.
func (x *Index) boundTable() *[(longCount + 1) << 8]uint8 {
	t := new([(longCount + 1) << 8]uint8)
	for i := range t {
		t[i] = x.bound255(x.saturations[i])
	}
	return t
}

func (x *Index) bound255(saturation float64) uint8 {
	return uint8(math.Ceil(saturation / (x.params.K1 + 1) * 255))
}

// newDense makes a dense list of postings.
func (w *listWriter) newDense(codes []uint16, df int) dense {
	d := dense{
		words:  make([]uint64, (len(w.lengths)+63)/64),
		bounds: make([]uint8, w.blocks()),
		counts: make([]uint8, df),
	}
	it := iterator{codes: codes, bits: countBits}
	for i := range d.counts {
		it.next()
		u, bound := it.after-1, uint8(0)
		if it.count < longCount {
			bound = w.bounds[it.count<<8|uint32(w.lengths[u])]
		} else {
			bound = w.bound255(w.saturation(it.count, w.lengths[u]))
		}
		d.words[u/64] |= 1 << (u % 64)
		d.bounds[u/blockSize] = max(d.bounds[u/blockSize], bound)
		d.counts[i] = uint8(it.count)
	}
	d.rank()
	return d
}

// rank computes the ranks and returns the number of bits set.
func (d *dense) rank() int {
	d.ranks = make([]uint32, len(d.words))
	n := 0
	for i, w := range d.words {
		d.ranks[i] = uint32(n)
		n += bits.OnesCount64(w)
	}
	return n
}

// block returns the bits of a block, and the counts from the first of them on.
func (d *dense) block(b uint32) (set uint64, counts []uint8) {
	const perWord = 64 / blockSize
	word, shift := d.words[b/perWord], b%perWord*blockSize
	rank := int(d.ranks[b/perWord]) + bits.OnesCount64(word&(1<<shift-1))
	return word >> shift & (1<<blockSize - 1), d.counts[rank:]
}

// count returns the count of a unit, 0 if it does not hold the key.
func (d *dense) count(unit uint32) uint32 {
	set, counts := d.block(unit / blockSize)
	bit := uint64(1) << (unit % blockSize)
	if set&bit == 0 {
		return 0
	}
	return uint32(counts[bits.OnesCount64(set&(bit-1))])
}
