package bm25

// A posting is the distance from the unit (or group) before it, from -1 at
// first, and the count of the key. Postings are stored in codes of 16 bits:
// distance<<b | count, where b is countBits for units and groupCountBits for
// groups, whose counts are larger. A distance that does not fit has codes
// high<<b in front, each for high<<(16-b). The largest count says that the
// count follows, in a code of its own.
const (
	countBits      = 4
	groupCountBits = 9
	longCount      = 1<<countBits - 1
	longGroupCount = 1<<groupCountBits - 1
	maxCode        = 1<<16 - 1
)

// appendPosting appends the codes of a posting; a count beyond maxCode becomes
// maxCode.
func appendPosting(dst []uint16, bits, distance, count uint32) []uint16 {
	limit := uint32(1) << (16 - bits)
	for distance >= limit {
		high := min(distance/limit, limit-1)
		dst = append(dst, uint16(high<<bits))
		distance -= high * limit
	}
	if long := uint32(1)<<bits - 1; count >= long {
		return append(dst, uint16(distance<<bits|long), uint16(min(count, maxCode)))
	}
	return append(dst, uint16(distance<<bits|count))
}

// An iterator walks over postings.
type iterator struct {
	codes []uint16
	bits  uint32
	after uint32 // 1 + the current unit
	count uint32
}

// next goes to the next posting and reports whether there is one.
func (it *iterator) next() bool {
	for len(it.codes) > 0 {
		c := uint32(it.codes[0])
		it.codes = it.codes[1:]
		distance := c >> it.bits
		if it.count = c & (1<<it.bits - 1); it.count == 0 {
			it.after += distance << (16 - it.bits)
			continue
		}
		it.after += distance
		if it.count == 1<<it.bits-1 && len(it.codes) > 0 {
			it.count = uint32(it.codes[0])
			it.codes = it.codes[1:]
		}
		return true
	}
	return false
}

// count returns the count that postings give to unit, 0 if none.
func count(codes []uint16, bits, unit uint32) uint32 {
	it := iterator{codes: codes, bits: bits}
	for it.next() && it.after <= unit+1 {
		if it.after == unit+1 {
			return it.count
		}
	}
	return 0
}

// appendNumber appends n in codes of 15 bits, the lowest first; all but the
// last have the highest bit set.
func appendNumber(dst []uint16, n uint32) []uint16 {
	for ; n >= 1<<15; n >>= 15 {
		dst = append(dst, uint16(n|1<<15))
	}
	return append(dst, uint16(n))
}

// number returns the number that codes begin with and what follows. Codes that
// end too early give nil.
func number(codes []uint16) (n uint32, rest []uint16) {
	for i, c := range codes {
		n |= uint32(c&(1<<15-1)) << (15 * i)
		if c < 1<<15 {
			return n, codes[i+1:]
		}
	}
	return 0, nil
}
