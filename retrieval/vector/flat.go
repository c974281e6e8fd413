package vector

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// A Flat is an [Index] that compares the query with every vector. It keeps
// them twice: rounded to 8 bits, which a search reads all of, and as they are,
// for [Rank] to compare those again that can be among the best by what is known
// of the rounding. So the results are exact. Vectors that are equal are kept and
// compared once.
//
// On amd64 with AVX2 the comparison is in assembly; the build tag purego leaves
// it out. By BenchmarkFlat100kx1024, with two cores, the median is 5 ms, and 20
// to 30 ms without; plain Go takes longer still for vectors not rounded.
type Flat struct {
	dimensions int
	count      int
	entries    []Entry             // normalised, of different vectors, in the order of their ids
	others     map[string][]string // ids, ascending, of further vectors equal to that of an entry
	codes      *codes              // of entries; nil if the vectors are too long for them
}

var _ Index = (*Flat)(nil)

// chunkValues is how many values a goroutine compares before it looks again
// whether the search was given up, some 10 µs with AVX2 and 100 µs in float64;
// fewer are not worth a second goroutine.
const chunkValues = 1 << 17

// NewFlat builds an index of entries, in any order, of vectors that need not
// have length 1; it copies what it needs. Dimensions must be at least 1. What
// [CheckEntries] refuses is an error that wraps its *Invalid.
func NewFlat(entries []Entry, dimensions int) (*Flat, error) {
	if dimensions < 1 {
		return nil, fmt.Errorf("build flat index: %d dimensions", dimensions)
	}
	if err := CheckEntries(entries, dimensions); err != nil {
		return nil, fmt.Errorf("build flat index: %w", err)
	}
	f := &Flat{dimensions: dimensions, count: len(entries)}
	f.entries, f.others = distinct(entries, hash)
	f.codes = newCodes(f.entries, dimensions)
	return f, nil
}

// distinct returns the entries that a [Flat] keeps, and its others. It compares
// vectors of which the hash is the same, and each only with the first of them:
// equals that it misses are kept like any entry, which costs only time.
func distinct(entries []Entry, hash func([]float32) uint64) ([]Entry, map[string][]string) {
	byID := slices.SortedFunc(slices.Values(entries), func(a, b Entry) int { return cmp.Compare(a.ID, b.ID) })
	var kept []Entry
	others := make(map[string][]string)
	seen := make(map[uint64]Entry)
	for _, e := range byID {
		e.Vector = Normalize(e.Vector)
		h := hash(e.Vector)
		first, ok := seen[h]
		if ok && slices.Equal(first.Vector, e.Vector) {
			others[first.ID] = append(others[first.ID], e.ID)
			continue
		}
		if !ok {
			seen[h] = e
		}
		kept = append(kept, e)
	}
	return kept, others
}

// hash is a number that different vectors rarely share.
func hash(v []float32) uint64 {
	h := uint64(0)
	for _, x := range v {
		h = (h ^ uint64(math.Float32bits(x))) * 0x9e3779b97f4a7c15
	}
	return h
}

// Len implements [Index].
func (f *Flat) Len() int { return f.count }

// Search implements [Index].
func (f *Flat) Search(ctx context.Context, query []float32, k int) ([]Hit, error) {
	if err := Check(query, f.dimensions); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil || k < 1 {
		return nil, err
	}
	query = Normalize(query)
	candidates, err := f.candidates(ctx, query, k)
	if err != nil {
		return nil, err
	}
	hits, err := Rank(ctx, query, candidates, k)
	if err != nil {
		return nil, err
	}
	return f.withOthers(hits, k), nil
}

// candidates returns the entries that can be among the k best: those that, at
// best, are no worse than what k others are at least. The error is that of ctx.
func (f *Flat) candidates(ctx context.Context, query []float32, k int) ([]Entry, error) {
	if len(f.entries) <= k || f.codes == nil {
		return f.entries, nil
	}
	bounds := make([]bound, len(f.entries))
	compare := f.codes.bounds(query)
	err := share(ctx, len(bounds), max(1, chunkValues/f.dimensions), func(from, to int) {
		compare(from, to, bounds)
	})
	if err != nil {
		return nil, err
	}
	border := kthLow(bounds, k)
	var kept []Entry
	for i, b := range bounds {
		if b.high >= border {
			kept = append(kept, f.entries[i])
		}
	}
	return kept, nil
}

// withOthers returns the k best when the equals of each hit count too. As a hit
// has the first id of its equals, none that are not among the k best hits lead
// to one of the k best.
func (f *Flat) withOthers(hits []Hit, k int) []Hit {
	all := hits
	for i, h := range hits {
		others := f.others[h.ID]
		for _, id := range others[:min(k-i-1, len(others))] {
			all = append(all, Hit{ID: id, Score: h.Score})
		}
	}
	if len(all) > len(hits) {
		Sort(all)
	}
	return all[:min(k, len(all))]
}

// share calls work for the chunks of 0 to n, each once, on as many goroutines
// as can run and have a chunk to do, and returns when all are done. Once ctx
// has ended, no more chunks are begun and its error is returned.
func share(ctx context.Context, n, chunk int, work func(from, to int)) error {
	var next atomic.Int64
	run := func() {
		for ctx.Err() == nil {
			to := int(next.Add(int64(chunk)))
			from := to - chunk
			if from >= n {
				return
			}
			work(from, min(to, n))
		}
	}
	var others sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), (n+chunk-1)/chunk) - 1 {
		others.Go(run)
	}
	run()
	others.Wait()
	return ctx.Err()
}
