package chromem_test

import (
	"sync"
	"testing"

	"policybot/retrieval/chromem"
	"policybot/retrieval/vector"
	"policybot/retrieval/vector/vectortest"
)

// The big index is built once, however often its benchmark runs.
var chromem100k = sync.OnceValues(func() (*chromem.Index, error) {
	return chromem.New("bench", vectortest.Random(100_000, 1024), 1024)
})

func BenchmarkChromem100kx1024(b *testing.B) {
	x, err := chromem100k()
	if err != nil {
		b.Fatal(err)
	}
	vectortest.Bench(b, x, 1024)
}

func BenchmarkChromem10kx256(b *testing.B) { benchmark(b, 10_000, 256) }

// What FlatFrom was chosen by: a million values in vectors of different length.
func BenchmarkChromem1kx1024(b *testing.B) { benchmark(b, 1_000, 1024) }
func BenchmarkChromem4kx256(b *testing.B)  { benchmark(b, 4_000, 256) }
func BenchmarkChromem16kx64(b *testing.B)  { benchmark(b, 16_000, 64) }
func BenchmarkFlat1kx1024(b *testing.B)    { benchmarkFlat(b, 1_000, 1024) }
func BenchmarkFlat4kx256(b *testing.B)     { benchmarkFlat(b, 4_000, 256) }
func BenchmarkFlat16kx64(b *testing.B)     { benchmarkFlat(b, 16_000, 64) }

func benchmark(b *testing.B, n, dimensions int) {
	x, err := chromem.New("bench", vectortest.Random(n, dimensions), dimensions)
	if err != nil {
		b.Fatal(err)
	}
	vectortest.Bench(b, x, dimensions)
}

func benchmarkFlat(b *testing.B, n, dimensions int) {
	x, err := vector.NewFlat(vectortest.Random(n, dimensions), dimensions)
	if err != nil {
		b.Fatal(err)
	}
	vectortest.Bench(b, x, dimensions)
}
