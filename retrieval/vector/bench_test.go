package vector_test

import (
	"sync"
	"testing"

	"policybot/retrieval/vector"
	"policybot/retrieval/vector/vectortest"
)

// The big index is built once, however often its benchmark runs.
var flat100k = sync.OnceValues(func() (*vector.Flat, error) {
	return vector.NewFlat(vectortest.Random(100_000, 1024), 1024)
})

func BenchmarkFlat100kx1024(b *testing.B) {
	x, err := flat100k()
	if err != nil {
		b.Fatal(err)
	}
	vectortest.Bench(b, x, 1024)
}

func BenchmarkFlat10kx256(b *testing.B) {
	x, err := vector.NewFlat(vectortest.Random(10_000, 256), 256)
	if err != nil {
		b.Fatal(err)
	}
	vectortest.Bench(b, x, 256)
}

// BenchmarkFlatEqual searches for more than there are different vectors.
func BenchmarkFlatEqual(b *testing.B) {
	entries := vectortest.Random(100_000, 1024)
	for i := range entries {
		entries[i].Vector = entries[i%10].Vector
	}
	x, err := vector.NewFlat(entries, 1024)
	if err != nil {
		b.Fatal(err)
	}
	vectortest.Bench(b, x, 1024)
}
