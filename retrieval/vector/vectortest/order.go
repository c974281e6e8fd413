package vectortest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"policybot/retrieval/vector"
)

// background is for searches that nothing ends.
var background = context.Background()

func seeded(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }

func wantSame(t tb, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("%s (-want +got):\n%s", what, diff)
	}
}

// orderCases are about which entries are found and in what order.
var orderCases = []testCase{
	{"order/all equal", func(t *testing.T, build Build) {
		entries := equal(500, []float32{0.1, 0.7, -0.3, 2, 5, 0.11, 9})
		x := mustBuild(t, build, entries, 7)
		query := []float32{3, 1, 1, 0.2, 0.1, 1, 1}
		for _, k := range []int{1, 2, 31, 32, 33, 250, 499, 500} {
			wantHits(t, x, entries, query, k)
		}
	}},
	{"order/equal at the border", func(t *testing.T, build Build) {
		entries := equal(300, []float32{1, 2, 3})
		for i := range 10 { // better ones
			entries[i*7].Vector = []float32{1, 2, 3 + float32(i+1)/10}
		}
		for i := range 100 { // and worse ones
			entries[i*2+100].Vector = []float32{1, 2, -float32(i + 1)}
		}
		x := mustBuild(t, build, entries, 3)
		for _, k := range []int{1, 9, 10, 11, 50, 190, 250} {
			wantHits(t, x, entries, []float32{0, 0, 1}, k)
		}
	}},
	{"order/nearly equal at the border", func(t *testing.T, build Build) {
		const d = 64
		base := direction(seeded(4), d)
		entries := equal(400, base)
		for i := range entries { // most differ in the last digits of a few values
			v := slices.Clone(base)
			v[i%d] *= 1 + float32(i%7)*0x1p-22
			entries[i].Vector = v
		}
		x := mustBuild(t, build, entries, d)
		for seed := range uint64(5) {
			for _, k := range []int{1, 3, 50, 399} {
				wantHits(t, x, entries, direction(seeded(seed), d), k)
			}
		}
		wantHits(t, x, entries, base, 20)
	}},
	{"order/of insertion does not matter", func(t *testing.T, build Build) {
		entries := Repeated(300, 24)
		query := direction(seeded(2), 24)
		want := search(t, mustBuild(t, build, entries, 24), query, 40)
		for seed := range uint64(5) {
			shuffled := slices.Clone(entries)
			seeded(seed).Shuffle(len(shuffled), func(i, j int) {
				shuffled[i], shuffled[j] = shuffled[j], shuffled[i]
			})
			wantSame(t, "hits", want, search(t, mustBuild(t, build, shuffled, 24), query, 40))
		}
	}},
	{"order/random", corpus(Random)},
	{"order/clustered", corpus(Clustered)},
	{"order/repeated", corpus(Repeated)},
	{"order/any", func(t *testing.T, build Build) {
		rapid.Check(t, func(t *rapid.T) { anyIndex(t, build) })
	}},
}

// equal makes n entries of one vector, not in the order of their ids.
func equal(n int, v []float32) []vector.Entry {
	entries := make([]vector.Entry, n)
	for i := range entries {
		entries[i] = vector.Entry{ID: fmt.Sprintf("same.b%d", (i*7919)%n), Vector: v}
	}
	return entries
}

// corpus compares some searches with the slow way. The dimensions are
// such that loops over many values at once have some left.
func corpus(entries func(n, dimensions int) []vector.Entry) func(*testing.T, Build) {
	return func(t *testing.T, build Build) {
		for _, size := range []struct{ n, dimensions int }{{37, 3}, {500, 31}, {600, 65}, {100, 256}} {
			all := entries(size.n, size.dimensions)
			x := mustBuild(t, build, all, size.dimensions)
			for seed := range uint64(2) {
				for _, k := range []int{1, 10, 300} {
					wantHits(t, x, all, direction(seeded(seed), size.dimensions), k)
					wantHits(t, x, all, all[seed].Vector, k)
				}
			}
		}
	}
}

// anyIndex checks a search in an index that rapid made. Values are few, so that
// equal and opposite vectors are common.
func anyIndex(t *rapid.T, build Build) {
	d := rapid.IntRange(1, 40).Draw(t, "dimensions")
	value := rapid.OneOf(
		rapid.SampledFrom([]float32{0, 1, -1, 0.5, 3, 1e-20, 1e20}),
		rapid.Float32Range(-1, 1),
	)
	vectors := rapid.SliceOfN(value, d, d).Filter(func(v []float32) bool { return vector.Check(v, d) == nil })
	byID := rapid.MapOfN(rapid.StringMatching(`[a-z0-9.-]{1,4}`), vectors, 0, 60).Draw(t, "entries")
	var entries []vector.Entry
	for id, v := range byID {
		entries = append(entries, vector.Entry{ID: id, Vector: v})
	}
	k := rapid.IntRange(-1, 70).Draw(t, "k")
	query := vectors.Draw(t, "query")
	x := mustBuild(t, build, entries, d)
	if got := search(t, x, query, k); len(got) != max(0, min(k, len(entries))) {
		t.Fatalf("%d hits of %d for k %d", len(got), len(entries), k)
	}
	if k > 0 && len(entries) > 0 {
		wantHits(t, x, entries, query, k)
	}
}

// useCases are about contexts, goroutines and repetition.
var useCases = []testCase{
	{"use/ended context", func(t *testing.T, build Build) {
		for _, n := range []int{0, 10, 3000} {
			x := mustBuild(t, build, Random(n, 64), 64)
			ctx, cancel := context.WithCancel(background)
			cancel()
			hits, err := x.Search(ctx, direction(seeded(1), 64), 10)
			if !errors.Is(err, context.Canceled) || len(hits) != 0 {
				t.Errorf("of %d: %d hits, error %v; want none and context.Canceled", n, len(hits), err)
			}
		}
	}},
	{"use/deadline", func(t *testing.T, build Build) {
		x := mustBuild(t, build, Random(20, 4), 4)
		ctx, cancel := context.WithTimeout(background, 0)
		defer cancel()
		if _, err := x.Search(ctx, []float32{1, 2, 3, 4}, 3); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v, want context.DeadlineExceeded", err)
		}
	}},
	{"use/context that ends during a search", func(t *testing.T, build Build) {
		entries := Random(4000, 64)
		x := mustBuild(t, build, entries, 64)
		query := direction(seeded(8), 64)
		want := search(t, x, query, 50)
		for range 50 {
			ctx, cancel := context.WithCancel(background)
			var ended sync.WaitGroup
			ended.Go(cancel)
			hits, err := x.Search(ctx, query, 50)
			ended.Wait()
			if err == nil {
				wantSame(t, "hits", want, hits) // all or nothing
			} else if !errors.Is(err, context.Canceled) || len(hits) != 0 {
				t.Fatalf("%d hits, error %v; want none and context.Canceled", len(hits), err)
			}
		}
	}},
	{"use/context that ends at any step", func(t *testing.T, build Build) {
		x := mustBuild(t, build, Random(5000, 64), 64)
		query := direction(seeded(8), 64)
		want := search(t, x, query, 50)
		for looks := range int32(1000) {
			ctx := &endsAfter{Context: background}
			ctx.looks.Store(looks)
			hits, err := x.Search(ctx, query, 50)
			if err == nil && looks > 0 {
				wantSame(t, "hits", want, hits)
				return
			}
			if !errors.Is(err, context.Canceled) || len(hits) != 0 {
				t.Fatalf("%d hits, error %v; want none and context.Canceled", len(hits), err)
			}
		}
		t.Error("no search was completed")
	}},
	{"use/repeated", func(t *testing.T, build Build) {
		x := mustBuild(t, build, Repeated(500, 16), 16)
		query := direction(seeded(3), 16)
		want := search(t, x, query, 60)
		for range 30 {
			wantSame(t, "hits", want, search(t, x, query, 60))
		}
	}},
	{"use/hits are the caller's", func(t *testing.T, build Build) {
		x := mustBuild(t, build, Random(50, 16), 16)
		query := direction(seeded(3), 16)
		first := search(t, x, query, 10)
		want := slices.Clone(first)
		clear(first)
		wantSame(t, "hits", want, search(t, x, query, 10))
	}},
	{"use/concurrent", func(t *testing.T, build Build) {
		entries := Clustered(600, 32)
		x := mustBuild(t, build, entries, 32)
		var searches sync.WaitGroup
		for g := range uint64(8) {
			searches.Go(func() {
				for i := range uint64(10) {
					query := direction(seeded(g*100+i), 32)
					got, err := x.Search(background, query, 20)
					if diff := cmp.Diff(Expect(entries, query, 20), got); err != nil || diff != "" {
						t.Errorf("error %v; hits (-want +got):\n%s", err, diff)
					}
				}
			})
		}
		searches.Wait()
	}},
}

// endsAfter is a context that ends once its error was looked at so many times.
type endsAfter struct {
	context.Context
	looks atomic.Int32
}

func (c *endsAfter) Err() error {
	if c.looks.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

// collision checks two ids that begin with the same 32 bits when hashed, which
// is what some engines take for the same document.
func collision(t *testing.T, build Build) {
	const a, b = "xiamen-2020-2022.h3.b4-07503", "xiamen-2020-2022.h8.b0-62864"
	ha, hb := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	if [4]byte(ha[:4]) != [4]byte(hb[:4]) {
		t.Fatal("the ids do not collide")
	}
	entries := []vector.Entry{entry(a, 1, 0), entry(b, 0, 1), entry("other", -1, -1)}
	x := mustBuild(t, build, entries, 2)
	for _, e := range entries {
		if got := search(t, x, e.Vector, 1)[0].ID; got != e.ID {
			t.Errorf("search for %s finds %s", e.ID, got)
		}
	}
	wantHits(t, x, entries, []float32{1, 1}, 3)
}
