//go:build !purego

package vector

import "golang.org/x/sys/cpu"

// dot compares query with four rows of its length, a multiple of lanes, and
// writes their sums of products to sums. These are exact as long as each is less
// than 2^31, whatever the sums on the way are: those wrap around and come back.
//
// Four rows from different places keep more of the memory busy than one after
// the other, which takes twice as long.
func dot(a, b, c, d []int8, query []int16, sums *[4]int32) {
	if cpu.X86.HasAVX2 { // and the system saves its registers
		dotAVX2(a, b, c, d, query, sums)
	} else {
		dotPlain(a, b, c, d, query, sums)
	}
}

// dotAVX2 is dot for rows that are at least as long as the query. What a query
// has beyond a multiple of lanes is not read.
//
//go:noescape
func dotAVX2(a, b, c, d []int8, query []int16, sums *[4]int32)
