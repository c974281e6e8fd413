// Package vector searches embeddings by cosine similarity.
//
// An [Index] is built once from entries and never changes. Two are known:
// [Flat], which scans all vectors as one array, and the one of package chromem;
// both give the same results, which vectortest.TestIndex checks.
package vector

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
)

// An Entry is a vector with the id that a search returns for it.
type Entry struct {
	ID     string
	Vector []float32
}

// A Hit is an entry found by a search.
type Hit struct {
	ID    string
	Score float64 // cosine similarity, -1 to 1
}

// An Index is a set of vectors of one model. It never changes and may be
// searched from several goroutines.
type Index interface {
	// Len is the number of vectors.
	Len() int
	// Search returns the min(k, Len) entries most similar to query, best first;
	// of equal scores the lower id comes first, by bytes. The query need not
	// have length 1. A k below 1 gives nothing. The error is an *Invalid for a
	// query that Check refuses, or that of the context.
	Search(ctx context.Context, query []float32, k int) ([]Hit, error)
}

// Invalid says why a vector cannot be used.
type Invalid struct {
	ID     string // of the entry; empty for a query
	Reason Reason
	Got    int // number of values; for Dimensions
	Want   int
}

// A Reason names what is wrong with a vector.
type Reason string

// Reasons to refuse a vector.
const (
	Dimensions Reason = "dimensions" // not as many values as the model has
	NotFinite  Reason = "not finite" // NaN or infinity among the values
	ZeroNorm   Reason = "zero norm"  // all values are 0, or so small that their squares are
	NoID       Reason = "no id"      // of an entry
	SameID     Reason = "same id"    // as another entry
)

// Error implements error.
func (e *Invalid) Error() string {
	what := "query vector"
	if e.ID != "" || e.Reason == NoID {
		what = fmt.Sprintf("vector %q", e.ID)
	}
	if e.Reason == Dimensions {
		return fmt.Sprintf("%s has %d dimensions, want %d", what, e.Got, e.Want)
	}
	return fmt.Sprintf("%s: %s", what, e.Reason)
}

// Check refuses, with an *Invalid, a vector that has not exactly this many
// values, a value that is NaN or infinite, or no direction.
func Check(v []float32, dimensions int) error {
	if len(v) != dimensions || dimensions < 1 {
		return &Invalid{Reason: Dimensions, Got: len(v), Want: dimensions}
	}
	norm := Norm(v)
	switch {
	case math.IsNaN(norm) || math.IsInf(norm, 0):
		return &Invalid{Reason: NotFinite}
	case norm < smallest:
		return &Invalid{Reason: ZeroNorm}
	}
	return nil
}

// smallest is the least norm that can be divided by without losing the values.
const smallest = 1e-30

// Norm is the Euclidean length of v, computed in float64.
func Norm(v []float32) float64 {
	sum := 0.0
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	return math.Sqrt(sum)
}

// Normalize returns v with length 1. v must have passed Check.
func Normalize(v []float32) []float32 {
	norm := Norm(v)
	out := make([]float32, len(v))
	for i, x := range v {
		out[i] = float32(float64(x) / norm)
	}
	return out
}

// CheckEntries refuses, with an *Invalid that names the entry, the first one
// that has no id, the id of an earlier one, or a vector that Check refuses.
func CheckEntries(entries []Entry, dimensions int) error {
	seen := make(map[string]bool, len(entries))
	for _, e := range entries {
		switch {
		case e.ID == "":
			return &Invalid{Reason: NoID}
		case seen[e.ID]:
			return &Invalid{ID: e.ID, Reason: SameID}
		}
		seen[e.ID] = true
		if err := Check(e.Vector, dimensions); err != nil {
			bad, _ := errors.AsType[*Invalid](err)
			bad.ID = e.ID
			return bad
		}
	}
	return nil
}

// Sort puts hits in the order that Search promises.
func Sort(hits []Hit) {
	slices.SortFunc(hits, func(a, b Hit) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.ID, b.ID))
	})
}
