package bm25

import "math/bits"

// Lengths of units are stored in a byte: exact below 32, then 16 classes an
// octave, up to 507,904. The middle of a class is at most 3.2 % from any length
// in it.

// quantise returns the class of length n.
func quantise(n uint32) uint8 {
	if n < 32 {
		return uint8(n)
	}
	shift := bits.Len32(n) - 5
	return uint8(min(uint32(shift)<<4+n>>shift, 255))
}

// unquantise returns the middle of a class.
func unquantise(class uint8) float64 {
	if class < 32 {
		return float64(class)
	}
	size := uint32(1) << (class>>4 - 1)
	return float64(uint32(class&15|16)*size) + float64(size-1)/2
}
