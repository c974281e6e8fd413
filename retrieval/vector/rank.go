package vector

import (
	"context"
	"math"
)

// Score is the similarity that a [Hit] reports for two vectors that
// [Normalize] made, of the same length: their dot product, at least -1 and at
// most 1. It is the same on every machine, as the products are exact in float64
// and are always added in the same order.
func Score(a, b []float32) float64 {
	b = b[:len(a)]
	var s0, s1, s2, s3 float64
	i := 0
	for ; i+4 <= len(a); i += 4 {
		s0 += float64(a[i]) * float64(b[i])
		s1 += float64(a[i+1]) * float64(b[i+1])
		s2 += float64(a[i+2]) * float64(b[i+2])
		s3 += float64(a[i+3]) * float64(b[i+3])
	}
	for ; i < len(a); i++ {
		s0 += float64(a[i]) * float64(b[i])
	}
	return min(max((s0+s1)+(s2+s3), -1), 1)
}

// Slack is how far a dot product computed in float32 can be from [Score], for
// vectors that Normalize made, in whatever order the products were added and
// fused or not. An engine that computes in float32 finds the k best by Score
// if it hands to [Rank] every vector whose own score is no more than twice
// Slack below its k-th: the k-th best Score is at least the k-th own score less
// Slack, and a vector has that Score only if its own is at most Slack lower.
func Slack(dimensions int) float64 {
	// The usual bound on a sum of n products, with half a unit in the last place
	// of float32 as u: n·u/(1-n·u) of the product of the norms, which is 1. The 8
	// more make room for norms and bounds that were rounded themselves.
	const u = 0x1p-24
	nu := float64(dimensions+8) * u
	return nu / (1 - nu)
}

// Rank returns the k candidates most similar to query, or all if they are
// fewer, in the order that an [Index] promises. Query and candidates must come
// from [Normalize]. The error is that of ctx.
func Rank(ctx context.Context, query []float32, candidates []Entry, k int) ([]Hit, error) {
	hits := make([]Hit, len(candidates))
	err := share(ctx, len(candidates), max(1, chunkValues/len(query)), func(from, to int) {
		for i, c := range candidates[from:to] {
			hits[from+i] = Hit{ID: c.ID, Score: Score(query, c.Vector)}
		}
	})
	if err != nil {
		return nil, err
	}
	Sort(hits)
	return hits[:min(k, len(hits))], nil
}

// A bound says where the Score of a vector is: from low to high.
type bound struct{ low, high float32 }

// kthLow is the k-th largest low, for k from 1 to the number of bounds. It
// keeps the k largest so far in a heap with the smallest of them first.
func kthLow(bounds []bound, k int) float32 {
	heap := make([]float32, k)
	for i := range heap {
		heap[i] = float32(math.Inf(-1))
	}
	for _, b := range bounds {
		if b.low > heap[0] {
			replaceFirst(heap, b.low)
		}
	}
	return heap[0]
}

// replaceFirst puts x in the place of the smallest value of the heap.
func replaceFirst(heap []float32, x float32) {
	i := 0
	for {
		child := 2*i + 1
		if child >= len(heap) {
			break
		}
		if child+1 < len(heap) && heap[child+1] < heap[child] {
			child++
		}
		if x <= heap[child] {
			break
		}
		heap[i] = heap[child]
		i = child
	}
	heap[i] = x
}
