package vector_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"policybot/retrieval/vector"
	"policybot/retrieval/vector/vectortest"
)

func TestFlat(t *testing.T) {
	vectortest.TestIndex(t, func(entries []vector.Entry, dimensions int) (vector.Index, error) {
		return vector.NewFlat(entries, dimensions)
	})
}

// TestFlatLarge compares searches that more than one goroutine does with the
// slow way.
func TestFlatLarge(t *testing.T) {
	const dimensions = 96
	for name, entries := range map[string][]vector.Entry{
		"random":    vectortest.Random(5000, dimensions),
		"clustered": vectortest.Clustered(5000, dimensions),
		"repeated":  vectortest.Repeated(5000, dimensions),
		"equal":     equal(5000, dimensions),
	} {
		x, err := vector.NewFlat(entries, dimensions)
		if err != nil {
			t.Fatal(err)
		}
		queries := append(vectortest.Random(2, dimensions), entries[17])
		for i, query := range queries {
			for _, k := range []int{1, 50, 300} {
				t.Run(fmt.Sprintf("%s/%d best/%d", name, k, i), func(t *testing.T) {
					got, err := x.Search(t.Context(), query.Vector, k)
					if err != nil {
						t.Fatal(err)
					}
					if diff := cmp.Diff(vectortest.Expect(entries, query.Vector, k), got); diff != "" {
						t.Errorf("hits (-want +got):\n%s", diff)
					}
				})
			}
		}
	}
}

// equal makes n entries of few vectors, not in the order of their ids.
func equal(n, dimensions int) []vector.Entry {
	few := vectortest.Random(7, dimensions)
	entries := vectortest.Random(n, dimensions)
	for i := range entries {
		entries[i].ID = fmt.Sprintf("doc.b%d", i*7919%n)
		entries[i].Vector = few[i*i%len(few)].Vector
	}
	return entries
}

// TestFlatLong searches vectors that are too long to be rounded.
func TestFlatLong(t *testing.T) {
	const dimensions = 1<<15 + 1
	entries := vectortest.Repeated(12, dimensions)
	x, err := vector.NewFlat(entries, dimensions)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []int{1, 5, 20} {
		got, err := x.Search(t.Context(), entries[3].Vector, k)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(vectortest.Expect(entries, entries[3].Vector, k), got); diff != "" {
			t.Errorf("%d best (-want +got):\n%s", k, diff)
		}
	}
}
