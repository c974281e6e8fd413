package sqlite_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"policybot/retrieval"
)

// randomVectors returns n vectors with keys like those of texts.
func randomVectors(n, dimensions int) []retrieval.StoredVector {
	random := rand.New(rand.NewPCG(1, 1))
	list := make([]retrieval.StoredVector, n)
	for i := range list {
		sum := sha256.Sum256(fmt.Append(nil, "text ", i))
		list[i].Key = hex.EncodeToString(sum[:])
		for range dimensions {
			list[i].Vector = append(list[i].Vector, float32(random.NormFloat64()))
		}
	}
	return list
}

// BenchmarkPutVectors stores 10,000 vectors of 1,024 values in one call.
func BenchmarkPutVectors(b *testing.B) {
	const count, dimensions = 10000, 1024
	db, list := openNew(b), randomVectors(count, dimensions)
	n := 0
	for b.Loop() {
		if err := db.PutVectors(b.Context(), fmt.Sprint("model ", n), list); err != nil {
			b.Fatal(err)
		}
		n++
	}
	b.ReportMetric(float64(b.N)*count/b.Elapsed().Seconds(), "vectors/s")
}

// BenchmarkVectors loads 20,000 vectors of 256 values that were put in batches
// of 1,000, as an index run does.
func BenchmarkVectors(b *testing.B) {
	const count, dimensions, batch = 20000, 256, 1000
	db := openNew(b)
	for part := range slices.Chunk(randomVectors(count, dimensions), batch) {
		if err := db.PutVectors(b.Context(), "model", part); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		n := 0
		for _, err := range db.Vectors(b.Context(), "model") {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		if n != count {
			b.Fatalf("%d vectors, want %d", n, count)
		}
	}
	b.ReportMetric(float64(b.N)*count/b.Elapsed().Seconds(), "vectors/s")
}
