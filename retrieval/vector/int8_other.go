//go:build !amd64 || purego

package vector

// dot compares query with four rows of its length and writes their sums of
// products to sums. These are exact as long as each is less than 2^31.
func dot(a, b, c, d []int8, query []int16, sums *[4]int32) {
	dotPlain(a, b, c, d, query, sums)
}
