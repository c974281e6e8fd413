package vector

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// rowsOf are the arguments of dot, in memory of their own that begins at any
// address.
type rowsOf struct {
	rows  [4][]int8
	query []int16
}

// fill makes arguments of n values; row and query give value i of each.
func fill(n, offset int, row func(r, i int) int8, query func(i int) int16) rowsOf {
	var a rowsOf
	for r := range a.rows {
		a.rows[r] = make([]int8, offset+r+n)[offset+r:]
		for i := range n {
			a.rows[r][i] = row(r, i)
		}
	}
	a.query = make([]int16, offset+n)[offset:]
	for i := range n {
		a.query[i] = query(i)
	}
	return a
}

// wantSums checks dot and dotPlain against sums of 64 bits, which must be less
// than 2^31, and that nothing around the result is written.
func wantSums(t *testing.T, a rowsOf) {
	t.Helper()
	var want [4]int32
	for r, row := range a.rows {
		sum := int64(0)
		for i, q := range a.query {
			sum += int64(row[i]) * int64(q)
		}
		if want[r] = int32(sum); int64(want[r]) != sum {
			t.Fatalf("the case is wrong: sum %d", sum)
		}
	}
	for name, dot := range map[string]func(a, b, c, d []int8, query []int16, sums *[4]int32){"dot": dot, "dotPlain": dotPlain} {
		memory := [3][4]int32{{1, 2, 3, 4}, {5, 6, 7, 8}, {9, 10, 11, 12}}
		dot(a.rows[0], a.rows[1], a.rows[2], a.rows[3], a.query, &memory[1])
		if got := memory[1]; got != want {
			t.Errorf("%s of %d values = %v, want %v", name, len(a.query), got, want)
		}
		if memory[0] != [4]int32{1, 2, 3, 4} || memory[2] != [4]int32{9, 10, 11, 12} {
			t.Errorf("%s of %d values writes beside the result: %v", name, len(a.query), memory)
		}
	}
}

func TestDot(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 16, 32, 48, 64, 112, 256, 1024, 1040, 4096, mostDimensions} {
		most := (&codes{dimensions: max(n, 1)}).most()
		for offset := range 33 {
			wantSums(t, fill(n, offset,
				func(int, int) int8 { return int8(r.IntN(2*largest+1) - largest) },
				func(int) int16 { return int16(r.IntN(2*most+1) - most) }))
		}
	}
}

// TestDotExtremes is about the largest sums that rounded vectors can have, and
// the largest values that the types can.
func TestDotExtremes(t *testing.T) {
	sign := []int{1, -1}
	for _, n := range []int{16, 496, 1024, 4128, 9008, mostDimensions} {
		most := (&codes{dimensions: n}).most()
		for _, s := range sign {
			wantSums(t, fill(n, 0,
				func(r, _ int) int8 { return int8(largest * sign[r%2]) },
				func(int) int16 { return int16(most * s) }))
		}
		// These pass 2^31 on the way, for each of the 8 sums of dotAVX2.
		for r := range 4 {
			wantSums(t, fill(n, 0,
				func(row, i int) int8 { return int8((r - row) * 42 * sign[i/16%2]) },
				func(i int) int16 { return int16(math.MaxInt16 - i/16%2) }))
			wantSums(t, fill(n, 0,
				func(row, i int) int8 { return int8(math.MinInt8 + row/3) },
				func(i int) int16 { return int16(math.MinInt16*(i*2/n) + math.MaxInt16*(1-i*2/n)) }))
		}
	}
	for _, code := range []int8{math.MinInt8, math.MaxInt8} {
		for _, q := range []int16{math.MinInt16, math.MaxInt16} {
			wantSums(t, fill(496, 0, func(int, int) int8 { return code }, func(int) int16 { return q }))
		}
	}
}

// FuzzDot takes 4 codes and a value of the query from every 6 bytes.
func FuzzDot(f *testing.F) {
	f.Add([]byte{})
	f.Add(slices.Repeat([]byte{0x80, 0x7f, 0xff, 1, 0, 0x80}, 496))
	f.Add(slices.Repeat([]byte{0x80, 0x7f, 0xff, 1, 0xff, 0x7f}, 32))
	f.Fuzz(func(t *testing.T, data []byte) {
		n := min(len(data)/6/lanes*lanes, 496) // no sum of so many passes 2^31
		wantSums(t, fill(n, len(data)%32,
			func(r, i int) int8 { return int8(data[6*i+r]) },
			func(i int) int16 { return int16(binary.LittleEndian.Uint16(data[6*i+4:])) }))
	})
}

// TestMost checks, for every length, that no sum of products can pass 2^31, and
// that the query keeps digits enough.
func TestMost(t *testing.T) {
	for d := 1; d <= mostDimensions; d++ {
		most := (&codes{dimensions: d}).most()
		if sum := int64(most) * largest * int64(d); sum > math.MaxInt32 || most > math.MaxInt16 || most < 1<<9 {
			t.Fatalf("%d dimensions: most is %d, for a sum of %d", d, most, sum)
		}
	}
}

func TestNewCodes(t *testing.T) {
	for _, d := range []int{1, 15, 16, 17, 33} {
		entries := make([]Entry, 3)
		for i, sign := range []float32{1, -1, 0.3} {
			v := slices.Repeat([]float32{sign}, d)
			v[0] *= 7
			entries[i].Vector = Normalize(v)
		}
		c := newCodes(entries, d)
		for r, want := range []int8{largest, -largest, largest} {
			row := c.row(r)
			if len(row)%lanes != 0 || row[0] != want || slices.Min(row) < -largest {
				t.Errorf("%d dimensions: codes %v", d, row)
			}
			if slices.ContainsFunc(row[d:], func(b int8) bool { return b != 0 }) {
				t.Errorf("%d dimensions: codes %v do not end with 0", d, row)
			}
		}
	}
	if newCodes(nil, mostDimensions+1) != nil {
		t.Error("codes for vectors that are too long")
	}
}

// TestBounds checks that every bound that a search relies on is true, for
// vectors of all shapes, and tight enough to be of use.
func TestBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := rapid.SampledFrom([]int{1, 2, 31, 32, 33, 64, 500, 4096, 9000, mostDimensions}).Draw(t, "dimensions")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		var entries []Entry
		for _, id := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"} {
			entries = append(entries, Entry{id, shaped(r, d)})
		}
		f, err := NewFlat(entries, d)
		if err != nil {
			t.Fatal(err)
		}
		for _, query := range [][]float32{shaped(r, d), entries[0].Vector, entries[1].Vector} {
			wantBounds(t, f, Normalize(query))
		}
	})
}

// shaped makes a vector of one of several shapes: all values alike, a few large
// ones, or random ones of any sign.
func shaped(r *rand.Rand, d int) []float32 {
	v := make([]float32, d)
	shape := r.IntN(4)
	for i := range v {
		switch shape {
		case 0:
			v[i] = 1
		case 1:
			v[i] = float32(i%2*2 - 1)
		case 2:
			v[i] = float32(r.NormFloat64())
		default:
			v[i] = float32(r.NormFloat64()) * 1e-4
		}
	}
	if shape == 3 {
		v[r.IntN(d)] = -1
	}
	return v
}

func wantBounds(t *rapid.T, f *Flat, query []float32) {
	t.Helper()
	bounds := make([]bound, len(f.entries))
	f.codes.bounds(query)(0, len(bounds), bounds)
	for r, b := range bounds {
		exact := Score(query, f.entries[r].Vector)
		if !(float64(b.low) <= exact && exact <= float64(b.high)) {
			t.Fatalf("score %v is not from %v to %v", exact, b.low, b.high)
		}
		if b.high-b.low > 0.1 {
			t.Fatalf("from %v to %v says too little", b.low, b.high)
		}
		sum := float32(0)
		for i, x := range query {
			sum += x * f.entries[r].Vector[i]
		}
		if got := math.Abs(float64(sum) - exact); got > Slack(len(query)) {
			t.Fatalf("in float32 the score is off by %v, more than Slack, %v", got, Slack(len(query)))
		}
	}
}
