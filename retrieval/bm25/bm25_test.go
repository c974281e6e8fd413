package bm25

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

// A corpus is what a naive scorer needs.
type corpus struct {
	units  [][]uint64
	groups []int
}

func (c corpus) build(p Params) *Index {
	b := NewBuilder(p)
	for i, keys := range c.units {
		b.Add(keys, c.groups[i])
	}
	return b.Build()
}

// naive scores every unit by the formula of Params.
func (c corpus) naive(p Params, terms []Term) []Hit {
	groups := 0
	var joined [][]uint64
	if n := len(c.groups); n > 0 {
		groups = c.groups[n-1] + 1
	}
	joined = make([][]uint64, groups)
	for i, keys := range c.units {
		joined[c.groups[i]] = append(joined[c.groups[i]], keys...)
	}
	unit := okapi(p, c.units, terms, func(n int) float64 { return unquantise(quantise(uint32(n))) })
	group := okapi(Params{p.K1, p.GroupB, 0, 0}, joined, terms, func(n int) float64 { return float64(n) })
	var hits []Hit
	for i, s := range unit {
		if s > 0 {
			g := p.Group * group[c.groups[i]]
			hits = append(hits, Hit{i, s + g, s, g})
		}
	}
	slices.SortStableFunc(hits, func(a, b Hit) int {
		switch {
		case a.Score > b.Score:
			return -1
		case a.Score < b.Score:
			return 1
		}
		return 0
	})
	return hits
}

func okapi(p Params, docs [][]uint64, terms []Term, length func(int) float64) []float64 {
	total := 0.0
	for _, d := range docs {
		total += length(len(d))
	}
	average := math.Max(total/math.Max(float64(len(docs)), 1), 1)
	scores := make([]float64, len(docs))
	for _, t := range terms {
		if !(t.Weight > 0) {
			continue
		}
		df := 0
		tf := make([]float64, len(docs))
		for i, d := range docs {
			for _, k := range d {
				if k == t.Key {
					tf[i]++
				}
			}
			if tf[i] > 0 {
				df++
			}
		}
		n := float64(len(docs))
		idf := math.Log(1 + (n-float64(df)+0.5)/(float64(df)+0.5))
		for i, d := range docs {
			if tf[i] > 0 {
				scores[i] += t.Weight * idf * tf[i] * (p.K1 + 1) /
					(tf[i] + p.K1*(1-p.B+p.B*length(len(d))/average))
			}
		}
	}
	return scores
}

const near = 1e-4

// checkSearch compares Search with the naive scores.
func checkSearch(t interface{ Fatalf(string, ...any) }, c corpus, x *Index, p Params, terms []Term, k int) {
	all := c.naive(p, terms)
	got := x.Search(terms, k)
	if want := max(0, min(k, len(all))); len(got) != want {
		t.Fatalf("%d hits, want %d", len(got), want)
	}
	score := map[int]Hit{}
	for _, h := range all {
		score[h.Unit] = h
	}
	seen := map[int]bool{}
	for i, h := range got {
		want, ok := score[h.Unit]
		if !ok || seen[h.Unit] {
			t.Fatalf("hit %d: unit %d does not match, or twice", i, h.Unit)
		}
		seen[h.Unit] = true
		if math.Abs(h.Score-want.Score) > near || math.Abs(h.UnitScore-want.UnitScore) > near ||
			math.Abs(h.GroupScore-want.GroupScore) > near {
			t.Fatalf("hit %d: %+v, want %+v", i, h, want)
		}
		if math.Abs(want.Score-all[i].Score) > near {
			t.Fatalf("hit %d: score %g, want %g", i, want.Score, all[i].Score)
		}
		if i > 0 && (got[i-1].Score < h.Score || got[i-1].Score == h.Score && got[i-1].Unit > h.Unit) {
			t.Fatalf("hits %d and %d are out of order", i-1, i)
		}
		checkExplain(t, x, terms, h)
	}
}

func checkExplain(t interface{ Fatalf(string, ...any) }, x *Index, terms []Term, h Hit) {
	unit, group := 0.0, 0.0
	for _, c := range x.Explain(terms, h.Unit) {
		unit += c.Unit
		group += c.Group
	}
	if math.Abs(unit-h.UnitScore) > near || math.Abs(group-h.GroupScore) > near {
		t.Fatalf("unit %d: explained as %g and %g, scored %g and %g", h.Unit, unit, group, h.UnitScore, h.GroupScore)
	}
}

// synthetic makes a corpus with keys of a Zipf-like distribution.
func synthetic(seed uint64, units, length, keys int) corpus {
	r := rand.New(rand.NewPCG(seed, 1))
	z := rand.NewZipf(r, 1.2, 8, uint64(keys-1))
	var c corpus
	group := 0
	for range units {
		if r.IntN(20) == 0 {
			group += 1 + r.IntN(2)
		}
		unit := make([]uint64, r.IntN(2*length+1))
		topic := uint64(group % 50 * 7)
		for i := range unit {
			unit[i] = z.Uint64()
			if r.IntN(4) == 0 {
				unit[i] = (unit[i] + topic) % uint64(keys)
			}
		}
		c.units, c.groups = append(c.units, unit), append(c.groups, group)
	}
	return c
}

func (c corpus) query(r *rand.Rand, n int) []Term {
	var terms []Term
	for range n {
		if u := c.units[r.IntN(len(c.units))]; len(u) > 0 {
			terms = append(terms, Term{u[r.IntN(len(u))], 1})
		}
	}
	return terms
}

func TestSearchAgainstNaive(t *testing.T) {
	c := synthetic(1, 6000, 40, 3000)
	for _, p := range []Params{Default, {}, {K1: 2, B: 1, Group: 3, GroupB: 0.8}, {K1: 0.5, B: 0.3}} {
		x := c.build(p)
		r := rand.New(rand.NewPCG(2, 3))
		for i := range 15 {
			terms := c.query(r, 1+i*2)
			checkSearch(t, c, x, p, terms, []int{1, 10, 100, 10000}[i%4])
		}
	}
}

func TestSearchRandom(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.Uint64Range(0, 40)
		var c corpus
		group := 0
		for range rapid.IntRange(0, 200).Draw(t, "units") {
			keys := rapid.SliceOfN(key, 0, 30).Draw(t, "keys")
			if rapid.IntRange(0, 30).Draw(t, "long") == 0 {
				keys = append(keys, slices.Repeat([]uint64{3, 5}, rapid.IntRange(1, 40).Draw(t, "times"))...)
			}
			c.units = append(c.units, keys)
			c.groups = append(c.groups, group)
			group += max(0, rapid.IntRange(-5, 2).Draw(t, "step"))
		}
		p := Params{rapid.Float64Range(0, 3).Draw(t, "k1"), rapid.Float64Range(0, 1).Draw(t, "b"), rapid.Float64Range(0, 2).Draw(t, "group"), rapid.Float64Range(0, 1).Draw(t, "groupb")}
		x := c.build(p)
		terms := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Term {
			return Term{key.Draw(t, "key"), rapid.Float64Range(-0.5, 3).Draw(t, "weight")}
		}), 0, 20).Draw(t, "terms")
		checkSearch(t, c, x, p, terms, rapid.IntRange(-1, 250).Draw(t, "k"))
	})
}

// TestPruning: the k best are the first k of all, to the last bit, although
// most blocks are passed over.
func TestPruning(t *testing.T) {
	c := synthetic(9, 9000, 60, 5000)
	x := c.build(Default)
	r := rand.New(rand.NewPCG(4, 5))
	for range 40 {
		terms := c.query(r, 1+r.IntN(60))
		all := x.Search(terms, math.MaxInt)
		for _, k := range []int{1, 3, 10, 100, 1000} {
			if got := x.Search(terms, k); !slices.Equal(got, all[:min(k, len(all))]) {
				t.Fatalf("k %d: not the first of all", k)
			}
		}
	}
}

// TestScore: a unit has the score that Search gives it, found or not.
func TestScore(t *testing.T) {
	c := synthetic(9, 3000, 60, 2000)
	x := c.build(Default)
	r := rand.New(rand.NewPCG(4, 6))
	for range 20 {
		terms := c.query(r, 1+r.IntN(40))
		found := map[int]Hit{}
		for _, h := range x.Search(terms, math.MaxInt) {
			found[h.Unit] = h
		}
		units := []int{-1, x.Units(), math.MaxInt, 0, 0}
		for u := range x.Units() {
			units = append(units, u)
		}
		for i, got := range x.Score(terms, units) {
			want, ok := found[units[i]]
			if !ok {
				want = Hit{Unit: units[i]}
			}
			if got != want {
				t.Fatalf("unit %d: %+v, want %+v", units[i], got, want)
			}
		}
	}
	if hits := x.Score(nil, []int{3}); len(hits) != 1 || hits[0] != (Hit{Unit: 3}) {
		t.Errorf("no terms: %+v", hits)
	}
}

// FuzzSearch makes a small corpus and a query of bytes and compares with the
// naive scores.
func FuzzSearch(f *testing.F) {
	f.Add([]byte("abcabc|abd|/|xyza"), []byte("ab"), uint8(3))
	f.Add([]byte("||/a|/|b"), []byte("aab"), uint8(1))
	f.Add(slices.Repeat([]byte("ab|ac/|a"), 60), []byte("abc"), uint8(20))
	f.Fuzz(func(t *testing.T, text, query []byte, k uint8) {
		if len(text) > 5000 || len(query) > 100 {
			return
		}
		c := corpus{units: [][]uint64{nil}, groups: []int{0}}
		count := map[uint64]int{} // in the unit
		for _, b := range text {
			n := len(c.units) - 1
			switch b {
			case '|':
				c.units, c.groups = append(c.units, nil), append(c.groups, c.groups[n])
			case '/':
				c.units, c.groups = append(c.units, nil), append(c.groups, c.groups[n]+1)
			default:
				key := uint64(b)<<50 | uint64(b)
				if count[key]++; count[key] <= maxTF { // more of a key in a unit count no more; see Builder.Add
					c.units[n] = append(c.units[n], key)
				}
				continue
			}
			clear(count)
		}
		var terms []Term
		for i, b := range query {
			terms = append(terms, Term{uint64(b)<<50 | uint64(b), 0.25 * float64(i%7)})
		}
		checkSearch(t, c, c.build(Default), Default, terms, int(k))
	})
}

func TestConcurrent(t *testing.T) {
	c := synthetic(3, 2000, 30, 500)
	x := c.build(Default)
	terms := c.query(rand.New(rand.NewPCG(1, 1)), 20)
	want := x.Search(terms, 50)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				if !slices.Equal(x.Search(terms, 50), want) {
					t.Error("another result in another goroutine")
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestQuantise(t *testing.T) {
	last := uint8(0)
	for n := uint32(0); n < 507_904; n++ {
		class := quantise(n)
		if class < last {
			t.Fatalf("length %d: class %d after %d", n, class, last)
		}
		last = class
		if got := unquantise(class); math.Abs(got-float64(n)) > 0.032*float64(n) {
			t.Fatalf("length %d becomes %g", n, got)
		}
	}
	if quantise(math.MaxUint32) != 255 {
		t.Error("the longest length is not 255")
	}
}

func TestWeights(t *testing.T) {
	c := synthetic(2, 300, 20, 50)
	x := c.build(Default)
	key := c.units[0][0]
	once := x.Search([]Term{{key, 2}, {key, -1}}, 5)
	if twice := x.Search([]Term{{key, 1}, {key, 1}}, 5); !slices.Equal(once, twice) {
		t.Error("repeated keys are not added up")
	}
	for _, weight := range []float64{5e-324, 1e-6, 1e6, 1e300, math.Inf(1)} {
		hits := x.Search([]Term{{key, weight}}, 5)
		for i, h := range hits {
			if h.Unit != once[i].Unit || !(h.Score > 0) || math.IsInf(h.Score, 0) {
				t.Errorf("weight %g: hit %d is %+v", weight, i, h)
			}
		}
	}
	many := make([]Term, 0, 3000)
	for i := range uint64(3000) {
		many = append(many, Term{i, 1})
	}
	if hits := x.Search(many, 3); len(hits) != 3 || hits[0].Score < hits[2].Score {
		t.Errorf("3,000 terms: %v", hits)
	}
}

func TestEmpty(t *testing.T) {
	x := NewBuilder(Default).Build()
	if x.Units() != 0 || x.Groups() != 0 || x.DF(1) != 0 || len(x.Search([]Term{{1, 1}}, 3)) != 0 || x.Explain([]Term{{1, 1}}, 0) != nil {
		t.Error("an empty index is not empty")
	}
	x = corpus{[][]uint64{{}, {7}}, []int{0, 3}}.build(Default)
	if x.Units() != 2 || x.Groups() != 4 || x.DF(7) != 1 || x.IDF(7) <= 0 || x.IDF(8) <= x.IDF(7) {
		t.Errorf("counts are wrong: %d units, %d groups, df %d", x.Units(), x.Groups(), x.DF(7))
	}
	for _, weight := range []float64{0, -1, math.NaN(), math.Inf(-1)} {
		if hits := x.Search([]Term{{7, weight}}, 5); len(hits) != 0 {
			t.Errorf("weight %g: %v", weight, hits)
		}
	}
}

func TestAddPanics(t *testing.T) {
	for name, f := range map[string]func(){
		"group": func() { b := NewBuilder(Default); b.Add(nil, 1); b.Add(nil, 0) },
		"minus": func() { NewBuilder(Default).Add(nil, -1) },
		"k1":    func() { NewBuilder(Params{K1: math.NaN()}) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}
