package vectortest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"policybot/retrieval/vector"
)

// Random makes n entries whose values are drawn from a normal distribution, so
// that all directions are equally likely. The same arguments give the same
// entries; another n gives other ones.
func Random(n, dimensions int) []vector.Entry {
	r := rand.New(rand.NewPCG(uint64(n), uint64(dimensions)))
	entries := make([]vector.Entry, n)
	for i := range entries {
		entries[i] = vector.Entry{ID: fmt.Sprintf("doc.b%05d", i), Vector: direction(r, dimensions)}
	}
	return entries
}

// Clustered makes n entries around a few centres, each at random at one of
// three distances from its centre, as the clauses of similar policies are. The
// same arguments give the same entries.
func Clustered(n, dimensions int) []vector.Entry {
	r := rand.New(rand.NewPCG(uint64(n), uint64(dimensions)))
	centres := make([][]float32, 1+n/100)
	for i := range centres {
		centres[i] = direction(r, dimensions)
	}
	spread := []float32{0.3, 0.01, 0.00001}
	entries := make([]vector.Entry, n)
	for i := range entries {
		v := direction(r, dimensions)
		centre, s := centres[r.IntN(len(centres))], spread[r.IntN(len(spread))]
		for j := range v {
			v[j] = centre[j] + s*v[j]
		}
		entries[i] = vector.Entry{ID: fmt.Sprintf("doc.b%05d", i), Vector: v}
	}
	return entries
}

// Repeated makes n entries of which about a third of the vectors are equal to
// an earlier one or a multiple of it. The same arguments give the same entries.
func Repeated(n, dimensions int) []vector.Entry {
	r := rand.New(rand.NewPCG(uint64(n), uint64(dimensions)))
	entries := Random(n, dimensions)
	for i := 1; i < n; i++ {
		if r.IntN(3) > 0 {
			continue
		}
		v := slices.Clone(entries[r.IntN(i)].Vector)
		by := []float32{1, 1, 2, 0.3, -1}[r.IntN(5)]
		for j := range v {
			v[j] *= by
		}
		entries[i].Vector = v
	}
	return entries
}

func entry(id string, values ...float32) vector.Entry {
	return vector.Entry{ID: id, Vector: values}
}

// direction makes a vector of which all directions are equally likely.
func direction(r *rand.Rand, dimensions int) []float32 {
	v := make([]float32, dimensions)
	for i := range v {
		v[i] = float32(r.NormFloat64())
	}
	return v
}

// Bench measures searches for the 100 best of x with random queries, one after
// the other, and reports the median and the 99th percentile in milliseconds.
func Bench(b *testing.B, x vector.Index, dimensions int) {
	b.Helper()
	r := rand.New(rand.NewPCG(3, uint64(dimensions)))
	queries := make([][]float32, 64)
	for i := range queries {
		queries[i] = direction(r, dimensions)
	}
	var took []time.Duration
	b.ReportAllocs()
	for b.Loop() {
		start := time.Now()
		if _, err := x.Search(b.Context(), queries[len(took)%len(queries)], 100); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(ms(took[len(took)/2]), "p50-ms")
	b.ReportMetric(ms(took[len(took)*99/100]), "p99-ms")
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
