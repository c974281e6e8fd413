package vector

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDistinct(t *testing.T) {
	entries := []Entry{
		{"e", []float32{2, 0}},
		{"b", []float32{0, 1}},
		{"d", []float32{0, 5}},
		{"a", []float32{1, 0}},
		{"c", []float32{1, 0}},
		{"f", []float32{0, -1}},
	}
	different := []Entry{{"a", []float32{1, 0}}, {"b", []float32{0, 1}}, {"f", []float32{0, -1}}}
	equal := map[string][]string{"a": {"c", "e"}, "b": {"d"}}
	kept, others := distinct(entries, hash)
	if diff := cmp.Diff(different, kept) + cmp.Diff(equal, others); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}

	// When all hashes are the same, only equals of the first are found.
	different = []Entry{{"a", []float32{1, 0}}, {"b", []float32{0, 1}}, {"d", []float32{0, 1}}, {"f", []float32{0, -1}}}
	equal = map[string][]string{"a": {"c", "e"}}
	kept, others = distinct(entries, func([]float32) uint64 { return 7 })
	if diff := cmp.Diff(different, kept) + cmp.Diff(equal, others); diff != "" {
		t.Errorf("of one hash, -want +got:\n%s", diff)
	}
}
