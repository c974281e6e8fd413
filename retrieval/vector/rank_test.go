package vector

import (
	"context"
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestScore(t *testing.T) {
	for _, c := range []struct {
		a, b []float32
		want float64
	}{
		{[]float32{1}, []float32{1}, 1},
		{[]float32{1}, []float32{-1}, -1},
		{[]float32{0.5, 0.5, 0.5, 0.5}, []float32{0.5, 0.5, -0.5, 0.5}, 0.5},
		{[]float32{0, 0, 0, 0, 1}, []float32{0, 0, 0, 0, 1}, 1},
		{[]float32{1.0000001}, []float32{1.0000001}, 1}, // no cosine is more
		{[]float32{1.0000001}, []float32{-1.0000001}, -1},
	} {
		if got := Score(c.a, c.b); got != c.want {
			t.Errorf("Score(%v, %v) = %v, want %v", c.a, c.b, got, c.want)
		}
	}
}

func TestRank(t *testing.T) {
	query := []float32{1, 0}
	candidates := []Entry{{"c", []float32{0, 1}}, {"b", []float32{1, 0}}, {"a", []float32{1, 0}}}
	for k, want := range map[int][]Hit{
		1: {{"a", 1}},
		3: {{"a", 1}, {"b", 1}, {"c", 0}},
		9: {{"a", 1}, {"b", 1}, {"c", 0}},
	} {
		got, err := Rank(t.Context(), query, candidates, k)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("Rank for %d = %v, %v; want %v", k, got, err, want)
		}
	}
	if hits, err := Rank(t.Context(), query, nil, 3); err != nil || len(hits) != 0 {
		t.Errorf("Rank of nothing = %v, %v", hits, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Rank(ctx, query, candidates, 3); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
}

func TestKthLow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lows := rapid.SliceOfN(rapid.Float32Range(-1, 1), 1, 50).Draw(t, "lows")
		k := rapid.IntRange(1, len(lows)).Draw(t, "k")
		bounds := make([]bound, len(lows))
		for i, l := range lows {
			bounds[i].low = l
		}
		slices.Sort(lows)
		if got, want := kthLow(bounds, k), lows[len(lows)-k]; got != want {
			t.Fatalf("kthLow = %v, want %v", got, want)
		}
	})
}
