package bm25

import (
	"fmt"
	"math"
	"slices"
)

// A Builder collects units. It must not be used by several goroutines at once.
type Builder struct {
	params  Params
	slots   []slot // open addressing, a power of two
	terms   int    // used slots
	pool    pool
	lengths []uint32 // of units
	groups  []uint32 // first unit of each group
}

// NewBuilder returns an empty builder. It panics if p is out of the ranges
// given at [Params].
func NewBuilder(p Params) *Builder {
	if !p.valid() {
		panic(fmt.Sprintf("bm25: parameters out of range: %+v", p))
	}
	return &Builder{params: p, slots: make([]slot, 1<<12), pool: newPool()}
}

// A slot holds one key and its postings so far. The posting of the last unit
// is kept back until the key's count in that unit is complete.
type slot struct {
	key   uint64
	last  uint32 // 1 + unit of the posting kept back
	prev  uint32 // 1 + unit of the posting before it, 0 if none
	head  uint32 // where the chain begins in the pool; 0 in a free slot
	next  uint32 // where to write
	tf    uint16
	room  uint16 // codes that still fit behind next
	level uint16
}

const maxTF = 255 // count of a key in a unit

// Add adds the next unit with its keys in any order, repeats included; keys is
// not retained. Units are numbered from 0 in the order of Add. The units of a
// group are contiguous and groups are numbered from 0, so group is that of the
// unit before or a larger one (numbers left out are empty groups); Add panics
// if it is not. A key counts at most 255 times in a unit.
func (b *Builder) Add(keys []uint64, group int) {
	if group < max(0, len(b.groups)-1) {
		panic(fmt.Sprintf("bm25: unit of group %d after one of group %d", group, len(b.groups)-1))
	}
	for len(b.groups) <= group {
		b.groups = append(b.groups, uint32(len(b.lengths)))
	}
	b.lengths = append(b.lengths, uint32(len(keys)))
	unit := uint32(len(b.lengths))
	for len(b.slots) < 2*(b.terms+len(keys)) {
		b.grow()
	}
	for _, key := range keys {
		s := b.slot(key)
		if s.head == 0 {
			*s = slot{key: key}
			b.pool.start(s)
			b.terms++
		}
		if s.last == unit {
			if s.tf < maxTF {
				s.tf++
			}
			continue
		}
		if s.last != 0 {
			b.pool.write(s)
		}
		s.prev, s.last, s.tf = s.last, unit, 1
	}
}

func hash(key uint64) uint64 {
	key *= 0x9e3779b97f4a7c15
	return key ^ key>>32
}

// slot returns the slot of key, or a free one for it.
func (b *Builder) slot(key uint64) *slot {
	slots := b.slots
	i := hash(key)
	for {
		s := &slots[i&uint64(len(slots)-1)]
		if s.key == key || s.head == 0 {
			return s
		}
		i++
	}
}

func (b *Builder) grow() {
	old := b.slots
	b.slots = make([]slot, 2*len(old))
	for i := range old {
		if old[i].head != 0 {
			*b.slot(old[i].key) = old[i]
		}
	}
}

// Build returns the index of the units added. The builder must not be used
// afterwards.
func (b *Builder) Build() *Index {
	x := &Index{params: b.params}
	x.setUnits(b.lengths, b.groups)
	x.prepare()
	x.keys = make([]uint64, 0, b.terms)
	for i := range b.slots {
		if b.slots[i].head != 0 {
			x.keys = append(x.keys, b.slots[i].key)
		}
	}
	slices.Sort(x.keys)
	x.starts = make([]uint32, len(x.keys)+1)
	x.codes = make([]uint16, 0, int(b.pool.used())*5/4)
	w := listWriter{Index: x, bounds: x.boundTable()}
	var codes []uint16
	for i, key := range x.keys {
		s := b.slot(key)
		b.pool.write(s)
		codes = b.pool.read(codes[:0], s)
		w.add(codes)
		if len(x.codes) > math.MaxUint32 {
			panic("bm25: more than 8 GiB of postings")
		}
		x.starts[i+1] = uint32(len(x.codes))
	}
	x.codes = slices.Clone(x.codes)
	*b = Builder{}
	return x
}
