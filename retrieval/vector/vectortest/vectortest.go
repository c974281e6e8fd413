// Package vectortest checks implementations of vector.Index and makes vectors
// for their tests and benchmarks.
package vectortest

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"policybot/retrieval/vector"
)

// A Build makes the index under test from entries.
type Build func(entries []vector.Entry, dimensions int) (vector.Index, error)

// TestIndex is the conformance suite of [vector.Index]. Build must refuse what
// vector.CheckEntries refuses, with its *vector.Invalid in the error, and
// dimensions below 1; every index it makes must give exactly the hits that
// vector.Rank finds among all its vectors.
func TestIndex(t *testing.T, build func(entries []vector.Entry, dimensions int) (vector.Index, error)) {
	for _, c := range slices.Concat(buildCases, queryCases, orderCases, useCases) {
		t.Run(c.name, func(t *testing.T) { c.run(t, build) })
	}
}

// A testCase is one subtest of the suite.
type testCase struct {
	name string
	run  func(*testing.T, Build)
}

// tb is what the helpers need of *testing.T and *rapid.T.
type tb interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
}

func mustBuild(t tb, build Build, entries []vector.Entry, dimensions int) vector.Index {
	t.Helper()
	x, err := build(entries, dimensions)
	if err != nil {
		t.Fatal(err)
	}
	if x.Len() != len(entries) {
		t.Fatalf("Len() = %d, want %d", x.Len(), len(entries))
	}
	return x
}

func search(t tb, x vector.Index, query []float32, k int) []vector.Hit {
	t.Helper()
	hits, err := x.Search(background, query, k)
	if err != nil {
		t.Fatal(err)
	}
	return hits
}

// wantInvalid checks that err holds exactly this *vector.Invalid.
func wantInvalid(t tb, err error, want vector.Invalid) {
	t.Helper()
	got, ok := errors.AsType[*vector.Invalid](err)
	if !ok {
		t.Fatalf("error %v, want an *Invalid for %+v", err, want)
	}
	if *got != want {
		t.Errorf("error for %+v, want %+v", *got, want)
	}
}

// wantHits checks that x finds exactly the hits that a comparison with all
// entries finds, for a k, and that these are right by the definition of cosine
// similarity.
func wantHits(t tb, x vector.Index, entries []vector.Entry, query []float32, k int) {
	t.Helper()
	got := search(t, x, query, k)
	if diff := cmp.Diff(Expect(entries, query, k), got); diff != "" {
		t.Fatalf("Search for %d of %d (-want +got):\n%s", k, len(entries), diff)
	}
	wantCosines(t, entries, query, got)
}

// Expect is what an index of entries must find, computed one by one. It is
// slow.
func Expect(entries []vector.Entry, query []float32, k int) []vector.Hit {
	if k < 1 || len(entries) == 0 {
		return nil
	}
	all := make([]vector.Entry, len(entries))
	for i, e := range entries {
		all[i] = vector.Entry{ID: e.ID, Vector: vector.Normalize(e.Vector)}
	}
	hits, err := vector.Rank(background, vector.Normalize(query), all, k)
	if err != nil {
		panic(err) // the context never ends
	}
	return hits
}

// tolerance is how far a score may be from the cosine of the vectors as they
// were given: values are float32.
const tolerance = 1e-6

// wantCosines checks hits with nothing but the definition: their scores are the
// cosines, they are in order, and no entry left out is better than the last.
func wantCosines(t tb, entries []vector.Entry, query []float32, hits []vector.Hit) {
	t.Helper()
	cosines := make(map[string]float64, len(entries))
	for _, e := range entries {
		cosines[e.ID] = cosine(query, e.Vector)
	}
	for i, h := range hits {
		want, ok := cosines[h.ID]
		if !ok {
			t.Fatalf("hit %d is %q, which is no entry or was found twice", i, h.ID)
		}
		delete(cosines, h.ID)
		if !(math.Abs(h.Score-want) <= tolerance) || h.Score < -1 || h.Score > 1 {
			t.Fatalf("score of %q = %v, want %v", h.ID, h.Score, want)
		}
		if i == 0 {
			continue
		}
		if before := hits[i-1]; before.Score < h.Score || before.Score == h.Score && before.ID > h.ID {
			t.Fatalf("hits %d and %d in wrong order: %v, %v", i-1, i, before, h)
		}
	}
	for id, c := range cosines {
		if len(hits) > 0 && c > hits[len(hits)-1].Score+tolerance {
			t.Fatalf("%q with %v is missing; the last hit has %v", id, c, hits[len(hits)-1].Score)
		}
	}
}

func cosine(a, b []float32) float64 {
	dot, aa, bb := 0.0, 0.0, 0.0
	for i := range a {
		x, y := float64(a[i]), float64(b[i])
		dot, aa, bb = dot+x*y, aa+x*x, bb+y*y
	}
	return dot / math.Sqrt(aa) / math.Sqrt(bb)
}

func ids(hits []vector.Hit) []string {
	list := []string{}
	for _, h := range hits {
		list = append(list, h.ID)
	}
	return list
}

func clone(entries []vector.Entry) []vector.Entry {
	out := slices.Clone(entries)
	for i := range out {
		out[i].Vector = slices.Clone(out[i].Vector)
	}
	return out
}
