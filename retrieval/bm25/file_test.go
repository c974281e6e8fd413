package bm25

import (
	"bytes"
	"errors"
	"hash/crc32"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestFile(t *testing.T) {
	c := synthetic(5, 3000, 30, 2000)
	x := c.build(Default)
	var a, b bytes.Buffer
	n, err := x.WriteTo(&a)
	if err != nil || n != int64(a.Len()) {
		t.Fatalf("WriteTo: %d bytes of %d, %v", n, a.Len(), err)
	}
	if _, err := c.build(Default).WriteTo(&b); err != nil || !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Fatal("the same units give other bytes")
	}
	y, err := Read(a.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(2, 3))
	for range 20 {
		terms := c.query(r, 12)
		if !slices.Equal(x.Search(terms, 50), y.Search(terms, 50)) {
			t.Fatal("an index read back gives other hits")
		}
	}
	b.Reset()
	if _, err := y.WriteTo(&b); err != nil || !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Fatal("an index read back is written otherwise")
	}
}

func fitChecksum(data []byte) {
	le.PutUint32(data[len(magic):], crc32.Checksum(data[len(magic)+4:], castagnoli))
}

func encoded(c corpus) []byte { return c.build(Default).encode() }

func TestReadErrors(t *testing.T) {
	good := encoded(synthetic(7, 400, 10, 100))
	other := slices.Clone(good)
	other[len(magic)-1]++
	promises := slices.Clone(good)
	for i := range 5 { // 4,294,967,295 of everything
		le.PutUint32(promises[len(magic)+4+4*8+4*i:], math.MaxUint32)
	}
	fitChecksum(promises)
	cases := map[string][]byte{
		"promises":        promises,
		"empty":           nil,
		"something else":  bytes.Repeat([]byte("PK"), 400),
		"another version": other,
		"longer":          append(slices.Clone(good), 0),
	}
	for n := 0; n < len(good); n += 97 {
		if _, err := Read(good[:n]); !isFormatError(err) {
			t.Errorf("%d of %d bytes: %v", n, len(good), err)
		}
	}
	for name, data := range cases {
		if _, err := Read(data); !isFormatError(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for i := range good {
		data := slices.Clone(good)
		data[i] ^= 0x10
		if _, err := Read(data); !isFormatError(err) {
			t.Errorf("byte %d altered: %v", i, err)
		}
	}
}

func isFormatError(err error) bool {
	format, ok := errors.AsType[*FormatError](err)
	return ok && format.Problem != ""
}

// FuzzRead: whatever the data, Read gives an index that can be searched, or a
// FormatError. The checksum is made to fit, so that what follows is reached.
func FuzzRead(f *testing.F) {
	f.Add(encoded(synthetic(1, 0, 5, 10)))
	f.Add(encoded(corpus{[][]uint64{{1, 2, 2}, {2, 3}}, []int{0, 1}}))
	f.Add(encoded(synthetic(3, 150, 4, 20)))
	f.Add(encoded(corpus{[][]uint64{slices.Repeat([]uint64{9}, 300)}, []int{5}}))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := Read(data); err != nil && !isFormatError(err) {
			t.Fatalf("error %v", err)
		}
		if len(data) < headerSize {
			return
		}
		data = slices.Clone(data)
		copy(data, magic)
		fitChecksum(data)
		x, err := Read(data)
		if err != nil {
			if !isFormatError(err) {
				t.Fatalf("error %v", err)
			}
			return
		}
		terms := []Term{{1, 1}, {2, 1}, {9, 2}}
		for _, key := range x.keys[:min(len(x.keys), 50)] {
			terms = append(terms, Term{key, 1})
		}
		for _, h := range x.Search(terms, 10) {
			x.Explain(terms, h.Unit)
		}
		x.encode()
	})
}
