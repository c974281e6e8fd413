package chromem_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"policybot/retrieval/chromem"
	"policybot/retrieval/vector"
	"policybot/retrieval/vector/vectortest"
)

func TestIndex(t *testing.T) {
	vectortest.TestIndex(t, func(entries []vector.Entry, dimensions int) (vector.Index, error) {
		return chromem.New("model", entries, dimensions)
	})
}

// TestSameAsFlat compares the two indexes, to the last bit of each score.
func TestSameAsFlat(t *testing.T) {
	for name, entries := range map[string]func(n, dimensions int) []vector.Entry{
		"random":    vectortest.Random,
		"clustered": vectortest.Clustered,
		"repeated":  vectortest.Repeated,
	} {
		for _, size := range []struct{ n, dimensions int }{{50, 7}, {1000, 100}, {300, 384}} {
			t.Run(fmt.Sprintf("%s/%dx%d", name, size.n, size.dimensions), func(t *testing.T) {
				all := entries(size.n, size.dimensions)
				x, err := chromem.New("model", all, size.dimensions)
				if err != nil {
					t.Fatal(err)
				}
				flat, err := vector.NewFlat(all, size.dimensions)
				if err != nil {
					t.Fatal(err)
				}
				queries := append(vectortest.Random(4, size.dimensions), all[:4]...)
				for i, query := range queries {
					for _, k := range []int{1, 20, 300} {
						wantSame(t, x, flat, query.Vector, k, i)
					}
				}
			})
		}
	}
}

func wantSame(t *testing.T, x, flat vector.Index, query []float32, k, i int) {
	t.Helper()
	got, err := x.Search(t.Context(), query, k)
	if err != nil {
		t.Fatal(err)
	}
	want, err := flat.Search(t.Context(), query, k)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("query %d, %d best (-flat +chromem):\n%s", i, k, diff)
	}
}

func TestOpen(t *testing.T) {
	few := vectortest.Random(10, 8)
	if x, err := chromem.Open("model", few, 8); err != nil {
		t.Error(err)
	} else if _, ok := x.(*chromem.Index); !ok || x.Len() != 10 {
		t.Errorf("few values give a %T of %d", x, x.Len())
	}
	many := vectortest.Random(2, chromem.FlatFrom/2)
	if x, err := chromem.Open("model", many, chromem.FlatFrom/2); err != nil {
		t.Error(err)
	} else if _, ok := x.(*vector.Flat); !ok || x.Len() != 2 {
		t.Errorf("many values give a %T of %d", x, x.Len())
	}
	for _, entries := range [][]vector.Entry{nil, few, many} {
		if _, err := chromem.Open("", entries, 8); err == nil {
			t.Errorf("no error for %d vectors without a name", len(entries))
		}
		bad := append([]vector.Entry{{ID: "bad"}}, entries...)
		x, err := chromem.Open("model", bad, 8)
		if invalid, ok := errors.AsType[*vector.Invalid](err); !ok || invalid.ID != "bad" || x != nil {
			t.Errorf("index %v, error %v; want an *Invalid for the first entry", x, err)
		}
	}
}
