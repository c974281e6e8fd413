package vector

import "math"

// codes are vectors rounded to 8 bits, each with its own scale: value i of
// vector r is about scale[r] times bytes[r*width+i]. How far they are from the
// vector as a whole is kept too, so that what a comparison finds is a certain
// bound on the score and no vector that belongs to the results is lost.
type codes struct {
	dimensions int
	width      int // dimensions, up to a multiple of lanes; the rest is 0
	bytes      []int8
	scale      []float32
	lost       []float32 // length of the vector less its rounded values, or a little more
}

const (
	// lanes is how many values one step of dotAVX2 takes.
	lanes = 16
	// largest is the largest code, and -largest the smallest.
	largest = 127
	// mostDimensions is the longest vector that is worth rounding. A longer one
	// would leave less than 10 bits to the values of a query; see most.
	mostDimensions = 1 << 15
	// rounding is more than all that the computation of a bound itself can lose:
	// norms that are 1 up to 1e-7, and the step from float64 to float32.
	rounding = 1e-6
)

// newCodes rounds the vectors of entries, which must come from Normalize; nil
// if they are too long.
func newCodes(entries []Entry, dimensions int) *codes {
	if dimensions > mostDimensions {
		return nil
	}
	n := len(entries)
	width := (dimensions + lanes - 1) / lanes * lanes
	c := &codes{dimensions, width, make([]int8, n*width), make([]float32, n), make([]float32, n)}
	for r, e := range entries {
		row := c.row(r)
		scale := magnitude(e.Vector) / largest
		square := 0.0
		for i, x := range e.Vector {
			code := math.Round(float64(x) / float64(scale))
			row[i] = int8(code)
			d := float64(x) - float64(scale)*code
			square += d * d
		}
		c.scale[r] = scale
		c.lost[r] = float32(math.Sqrt(square) * (1 + 1e-6))
	}
	return c
}

func (c *codes) row(r int) []int8 {
	return c.bytes[r*c.width : (r+1)*c.width]
}

// bounds returns a function that compares query, which must come from
// Normalize, with the vectors from one number up to another: out[r] becomes the
// bound of vector r. The query is rounded too, to 16 bits or less.
//
// With x for the vector, q for the query and x', q' for what they were rounded
// to, q·x - q'·x' is q·(x-x') + (q-q')·x', and a dot product is no larger than
// the product of the lengths. So q'·x' finds q·x up to |x-x'| + |q-q'|·|x'|,
// where |x'| is at most 1 + |x-x'|.
func (c *codes) bounds(query []float32) func(from, to int, out []bound) {
	values := make([]int16, c.width)
	scale := float64(magnitude(query)) / float64(c.most())
	square := 0.0
	for i, x := range query {
		code := math.Round(float64(x) / scale)
		values[i] = int16(code)
		d := float64(x) - scale*code
		square += d * d
	}
	lost := math.Sqrt(square)
	limits := func(r int, sum int32) bound {
		x := float64(sum) * scale * float64(c.scale[r])
		rowLost := float64(c.lost[r])
		slack := rowLost + lost*(1+rowLost) + rounding
		return bound{float32(x - slack), float32(x + slack)}
	}
	return func(from, to int, out []bound) {
		var sums [4]int32
		quarter := (to - from) / 4
		for i := from; i < from+quarter; i++ {
			at := [4]int{i, i + quarter, i + 2*quarter, i + 3*quarter}
			dot(c.row(at[0]), c.row(at[1]), c.row(at[2]), c.row(at[3]), values, &sums)
			for j, r := range at {
				out[r] = limits(r, sums[j])
			}
		}
		for r := from + 4*quarter; r < to; r++ {
			row := c.row(r)
			dot(row, row, row, row, values, &sums)
			out[r] = limits(r, sums[0])
		}
	}
}

// most is the largest value of a rounded query, and -most the smallest: no sum
// of products with codes may pass 2^31. It is 16,512 at 1,024 dimensions.
func (c *codes) most() int {
	return min(math.MaxInt16, math.MaxInt32/(largest*c.dimensions))
}

// magnitude is the largest absolute value in v.
func magnitude(v []float32) float32 {
	m := float32(0)
	for _, x := range v {
		m = max(m, x, -x)
	}
	return m
}

// dotPlain is dot for every machine. Each value of the query is read once for
// four rows.
func dotPlain(a, b, c, d []int8, query []int16, sums *[4]int32) {
	a, b, c, d = a[:len(query)], b[:len(query)], c[:len(query)], d[:len(query)]
	var sa, sb, sc, sd int32
	for i, v := range query {
		q := int32(v)
		sa += int32(a[i]) * q
		sb += int32(b[i]) * q
		sc += int32(c[i]) * q
		sd += int32(d[i]) * q
	}
	*sums = [4]int32{sa, sb, sc, sd}
}
