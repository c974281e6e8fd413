package bm25

import (
	"math/rand/v2"
	"testing"
)

// The benchmarks use a synthetic corpus: 20,000 units of about 160 keys, with
// frequencies like those of words. Build and Search also report figures of
// their own.

func benchCorpus() corpus { return synthetic(11, 20_000, 160, 60_000) }

func BenchmarkBuild(b *testing.B) {
	c := benchCorpus()
	b.ReportAllocs()
	for b.Loop() {
		c.build(Default)
	}
	b.ReportMetric(float64(b.N)*float64(len(c.units))/b.Elapsed().Seconds(), "units/s")
}

func BenchmarkSearch(b *testing.B) {
	c := benchCorpus()
	x := c.build(Default)
	r := rand.New(rand.NewPCG(1, 2))
	var queries [][]Term
	for range 64 {
		queries = append(queries, c.query(r, 40))
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		x.Search(queries[i%len(queries)], 100)
		i++
	}
}

func BenchmarkRead(b *testing.B) {
	data := benchCorpus().build(Default).encode()
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Read(data); err != nil {
			b.Fatal(err)
		}
	}
}
