package vectortest

import (
	"math"
	"slices"
	"testing"

	"policybot/retrieval/vector"
)

var (
	nan = float32(math.NaN())
	inf = float32(math.Inf(1))
)

// buildCases are about what may become an index.
var buildCases = []testCase{
	{"build/empty", func(t *testing.T, build Build) {
		x := mustBuild(t, build, nil, 3)
		if hits := search(t, x, []float32{1, 0, 0}, 5); len(hits) != 0 {
			t.Errorf("hits %v in an empty index", hits)
		}
		_, err := x.Search(t.Context(), []float32{1}, 5)
		wantInvalid(t, err, vector.Invalid{Reason: vector.Dimensions, Got: 1, Want: 3})
	}},
	{"build/no dimensions", func(t *testing.T, build Build) {
		for _, d := range []int{0, -1} {
			if _, err := build(nil, d); err == nil {
				t.Errorf("no error for %d dimensions", d)
			}
		}
	}},
	{"build/no id", refused("", []float32{1, 2}, vector.Invalid{Reason: vector.NoID})},
	{"build/same id", refused("good", []float32{1, 2}, vector.Invalid{ID: "good", Reason: vector.SameID})},
	{"build/no values", refused("a", nil, vector.Invalid{ID: "a", Reason: vector.Dimensions, Got: 0, Want: 2})},
	{"build/too few values", refused("a", []float32{1}, vector.Invalid{ID: "a", Reason: vector.Dimensions, Got: 1, Want: 2})},
	{"build/too many values", refused("a", []float32{1, 2, 3}, vector.Invalid{ID: "a", Reason: vector.Dimensions, Got: 3, Want: 2})},
	{"build/NaN", refused("a", []float32{1, nan}, vector.Invalid{ID: "a", Reason: vector.NotFinite})},
	{"build/infinite", refused("a", []float32{inf, 1}, vector.Invalid{ID: "a", Reason: vector.NotFinite})},
	{"build/infinite, negative", refused("a", []float32{-inf, inf}, vector.Invalid{ID: "a", Reason: vector.NotFinite})},
	{"build/zero", refused("a", []float32{0, 0}, vector.Invalid{ID: "a", Reason: vector.ZeroNorm})},
	{"build/nearly zero", refused("a", []float32{1e-40, -1e-40}, vector.Invalid{ID: "a", Reason: vector.ZeroNorm})},
	{"build/any finite length", func(t *testing.T, build Build) {
		entries := []vector.Entry{
			{ID: "large", Vector: []float32{math.MaxFloat32, math.MaxFloat32}},
			{ID: "one", Vector: []float32{0.6, 0.8}},
			{ID: "small", Vector: []float32{1e-25, 2e-25}},
		}
		x := mustBuild(t, build, entries, 2)
		for _, query := range [][]float32{{1, 0}, {3e38, 3e38}, {1e-25, 3e-25}} {
			wantHits(t, x, entries, query, 3)
		}
	}},
	{"build/one dimension", func(t *testing.T, build Build) {
		entries := []vector.Entry{entry("c", -4), entry("b", 0.1), entry("a", 7)}
		wantHits(t, mustBuild(t, build, entries, 1), entries, []float32{2}, 3)
	}},
	{"build/ids", func(t *testing.T, build Build) {
		names := []string{"厦门-2020.h1", "é", "e\u0301", "\x00", "\xff\xfe", " ", "../a", "A", "a", "a.", "a-", "😀", "a\nb"}
		var entries []vector.Entry
		for _, n := range names {
			entries = append(entries, vector.Entry{ID: n, Vector: []float32{1, 2}})
		}
		x := mustBuild(t, build, entries, 2)
		slices.Sort(names) // all are equal, so the order is that of the bytes
		if got := ids(search(t, x, []float32{1, 1}, len(names))); !slices.Equal(got, names) {
			t.Errorf("ids %q, want %q", got, names)
		}
	}},
	{"build/ids with equal hashes", collision},
	{"build/entries are copied", func(t *testing.T, build Build) {
		given := Random(50, 8)
		kept := clone(given)
		x := mustBuild(t, build, given, 8)
		wantSame(t, "entries after building", kept, given)
		for i := range given {
			given[i].ID = "changed"
			clear(given[i].Vector)
		}
		wantHits(t, x, kept, kept[3].Vector, 10)
	}},
}

// refused is a case of an entry that no index may have, after a good one.
func refused(id string, v []float32, want vector.Invalid) func(*testing.T, Build) {
	return func(t *testing.T, build Build) {
		_, err := build([]vector.Entry{{ID: "good", Vector: []float32{3, 4}}, {ID: id, Vector: v}}, 2)
		wantInvalid(t, err, want)
	}
}

// queryCases are about single searches.
var queryCases = []testCase{
	{"query/k", func(t *testing.T, build Build) {
		entries := Random(20, 16)
		x := mustBuild(t, build, entries, 16)
		for _, k := range []int{-1, 0, math.MinInt} {
			if hits := search(t, x, entries[0].Vector, k); len(hits) != 0 {
				t.Errorf("%d hits for k %d", len(hits), k)
			}
		}
		for _, k := range []int{1, 2, 19, 20, 21, 1000, math.MaxInt} {
			wantHits(t, x, entries, entries[0].Vector, k)
		}
	}},
	{"query/refused", func(t *testing.T, build Build) {
		x := mustBuild(t, build, []vector.Entry{entry("a", 1, 2)}, 2)
		for _, c := range []struct {
			query []float32
			want  vector.Invalid
		}{
			{nil, vector.Invalid{Reason: vector.Dimensions, Got: 0, Want: 2}},
			{[]float32{1}, vector.Invalid{Reason: vector.Dimensions, Got: 1, Want: 2}},
			{[]float32{1, 2, 3}, vector.Invalid{Reason: vector.Dimensions, Got: 3, Want: 2}},
			{[]float32{nan, 1}, vector.Invalid{Reason: vector.NotFinite}},
			{[]float32{1, -inf}, vector.Invalid{Reason: vector.NotFinite}},
			{[]float32{0, 0}, vector.Invalid{Reason: vector.ZeroNorm}},
			{[]float32{1e-44, 0}, vector.Invalid{Reason: vector.ZeroNorm}},
		} {
			for _, k := range []int{0, 1, 5} {
				hits, err := x.Search(t.Context(), c.query, k)
				wantInvalid(t, err, c.want)
				if len(hits) != 0 {
					t.Errorf("hits %v with an error", hits)
				}
			}
		}
	}},
	{"query/length does not matter", func(t *testing.T, build Build) {
		entries := Random(100, 12)
		x := mustBuild(t, build, entries, 12)
		query := direction(seeded(1), 12)
		want := search(t, x, query, 10)
		for _, by := range []float32{4, 1024, 1.0 / 64} { // powers of 2 change no digit
			scaled := slices.Clone(query)
			for i := range scaled {
				scaled[i] *= by
			}
			wantSame(t, "hits", want, search(t, x, scaled, 10))
		}
	}},
	{"query/is not changed", func(t *testing.T, build Build) {
		entries := Random(30, 5)
		x := mustBuild(t, build, entries, 5)
		query := []float32{3, 4, 5, 6, 7}
		search(t, x, query, 5)
		wantSame(t, "query", []float32{3, 4, 5, 6, 7}, query)
	}},
	{"query/an entry itself", func(t *testing.T, build Build) {
		entries := Random(200, 300)
		x := mustBuild(t, build, entries, 300)
		for _, e := range entries[:20] {
			hit := search(t, x, e.Vector, 1)[0]
			if hit.ID != e.ID || hit.Score < 1-tolerance || hit.Score > 1 {
				t.Errorf("search for %s finds %v", e.ID, hit)
			}
		}
	}},
	{"query/negative scores", func(t *testing.T, build Build) {
		entries := []vector.Entry{entry("a", -1, 0), entry("b", -1, -1), entry("c", -3, 1)}
		x := mustBuild(t, build, entries, 2)
		query := []float32{1, 0.1}
		wantHits(t, x, entries, query, 2)
		if got, want := ids(search(t, x, query, 3)), []string{"b", "c", "a"}; !slices.Equal(got, want) {
			t.Errorf("order %v, want %v", got, want)
		}
	}},
	{"query/right angles", func(t *testing.T, build Build) {
		entries := make([]vector.Entry, 40)
		for i := range entries {
			v := make([]float32, 40)
			v[i] = float32(i + 1)
			entries[i] = vector.Entry{ID: string(rune('z' - i%26)), Vector: v}
			if i >= 26 {
				entries[i].ID += entries[i].ID
			}
		}
		x := mustBuild(t, build, entries, 40)
		for _, k := range []int{1, 2, 10, 39} {
			wantHits(t, x, entries, entries[7].Vector, k)
		}
	}},
}
