// Package chromem searches vectors with chromem-go, in memory only.
//
// What is stored on disk is for others to keep: chromem-go's own files name a
// document by 32 bits of a hash of its id, so that one can replace another
// without an error, and are not written safely. An [Index] is built from the
// vectors of a store at every start.
package chromem

import (
	"context"
	"errors"
	"fmt"

	engine "github.com/philippgille/chromem-go"

	"policybot/retrieval/vector"
)

// An Index is a [vector.Index] kept by chromem-go. It gives exactly the results
// of a [vector.Flat] over the same entries.
type Index struct {
	dimensions int
	count      int
	collection *engine.Collection
}

var _ vector.Index = (*Index)(nil)

// New builds an index of entries, in any order, of vectors that need not have
// length 1; it copies what it needs. Name is that of the collection and should
// be the fingerprint of the model that made the vectors; it must not be empty.
// Dimensions must be at least 1. What [vector.CheckEntries] refuses is an error
// that wraps its *Invalid.
func New(name string, entries []vector.Entry, dimensions int) (*Index, error) {
	if dimensions < 1 {
		return nil, fmt.Errorf("build chromem index %q: %d dimensions", name, dimensions)
	}
	if err := vector.CheckEntries(entries, dimensions); err != nil {
		return nil, fmt.Errorf("build chromem index %q: %w", name, err)
	}
	collection, err := engine.NewDB().CreateCollection(name, nil, noEmbedding)
	if err != nil {
		return nil, fmt.Errorf("build chromem index %q: %w", name, err)
	}
	for _, e := range entries { // one by one: AddDocuments would start a goroutine for each
		doc := engine.Document{ID: e.ID, Embedding: vector.Normalize(e.Vector)}
		if err := collection.AddDocument(context.Background(), doc); err != nil {
			return nil, fmt.Errorf("build chromem index %q: add %q: %w", name, e.ID, err)
		}
	}
	if n := collection.Count(); n != len(entries) {
		return nil, fmt.Errorf("build chromem index %q: it holds %d of %d vectors", name, n, len(entries))
	}
	return &Index{dimensions: dimensions, count: len(entries), collection: collection}, nil
}

// noEmbedding stands where chromem-go would call a model. All vectors are
// computed elsewhere, so calling it is a mistake.
func noEmbedding(context.Context, string) ([]float32, error) {
	return nil, errors.New("chromem index does not compute embeddings")
}

// Len implements [vector.Index].
func (x *Index) Len() int { return x.count }

// Search implements [vector.Index]. It stops comparing vectors when ctx ends,
// but not the preparation that chromem-go makes before, a fraction of a
// microsecond a vector.
func (x *Index) Search(ctx context.Context, query []float32, k int) ([]vector.Hit, error) {
	if err := vector.Check(query, x.dimensions); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil || k < 1 || x.count == 0 {
		return nil, err
	}
	query = vector.Normalize(query)
	k = min(k, x.count)
	candidates, err := x.candidates(ctx, query, k)
	if err != nil {
		return nil, err
	}
	return vector.Rank(ctx, query, candidates, k)
}

// candidates returns every vector that can be among the k best, with its id.
//
// Chromem-go computes in float32 and keeps any of those that are equal at the
// end of its list. So the list must go on until it is clearly below the k-th;
// if it does not, a longer one is asked for.
func (x *Index) candidates(ctx context.Context, query []float32, k int) ([]vector.Entry, error) {
	for n := min(k+k/4+more, x.count); ; n = min(4*n, x.count) {
		list, err := x.collection.QueryEmbedding(ctx, query, n, nil, nil)
		if err == nil {
			err = ctx.Err() // chromem-go gives a part of the results instead
		}
		if err != nil {
			return nil, fmt.Errorf("search chromem index %q: %w", x.collection.Name, err)
		}
		border := float64(list[k-1].Similarity) - 2*vector.Slack(x.dimensions)
		if n < x.count && float64(list[n-1].Similarity) >= border {
			continue
		}
		candidates := make([]vector.Entry, 0, len(list))
		for _, r := range list {
			if float64(r.Similarity) >= border {
				candidates = append(candidates, vector.Entry{ID: r.ID, Vector: r.Embedding})
			}
		}
		return candidates, nil
	}
}

// more is how many results beyond k are asked for at least: a query costs
// nearly the same, asking twice costs double.
const more = 32
