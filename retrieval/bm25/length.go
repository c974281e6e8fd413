package bm25

import "math/bits"

// Lengths of units are stored in a byte: exact below 32, then 16 steps an
// octave (at most 3.2 % too short), up to 507,904.

// quantise returns the code of length n.
func quantise(n uint32) uint8 {
	if n < 32 {
		return uint8(n)
	}
	shift := bits.Len32(n) - 5
	return uint8(min(uint32(shift)<<4+n>>shift, 255))
}

// unquantise returns the shortest length with this code.
func unquantise(code uint8) uint32 {
	if code < 32 {
		return uint32(code)
	}
	shift := code>>4 - 1
	return uint32(code&15|16) << shift
}
