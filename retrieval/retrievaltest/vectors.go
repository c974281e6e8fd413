package retrievaltest

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"policybot/retrieval"
)

// TestVectorStore checks that a VectorStore keeps its contract. open returns a
// new, empty store and has it closed at the end of the test that it is given.
// What the suite asks for beyond the comments of [retrieval.VectorStore]:
//
//   - Of vectors with the same key in one PutVectors the first counts.
//   - Vectors keep their bits: -0 is not 0. A vector of zeros is kept.
//   - A loop over Vectors shows what was stored when it began. The store may be
//     read and written within the loop, and the same loop may run again.
//   - Putting no vectors stores nothing, not even how long the model's are.
//   - Activate, which knows a model by its name alone, asks for no vectors.
func TestVectorStore(t *testing.T, open func(t *testing.T) retrieval.VectorStore) {
	for _, tt := range []struct {
		name string
		run  func(t *testing.T, s retrieval.VectorStore)
	}{
		{"Empty", testVectorsEmpty},
		{"PutAndRead", testVectorsPutAndRead},
		{"BitExact", testVectorsBitExact},
		{"Order", testVectorsOrder},
		{"PutTwice", testVectorsPutTwice},
		{"TwoModels", testVectorsTwoModels},
		{"PutNone", testVectorsPutNone},
		{"NoNames", testVectorsNoNames},
		{"NotFinite", testVectorsNotFinite},
		{"MixedLengths", testVectorsMixedLengths},
		{"OtherLength", testVectorsOtherLength},
		{"AllOrNothing", testVectorsAllOrNothing},
		{"Activate", testActivate},
		{"ActivateSame", testActivateSame},
		{"ActivateBack", testActivateBack},
		{"ActivateRefuses", testActivateRefuses},
		{"ActivateAtOnce", testActivateAtOnce},
		{"Drop", testDropVectors},
		{"DropRefuses", testDropVectorsRefuses},
		{"EarlyStop", testVectorsEarlyStop},
		{"Again", testVectorsAgain},
		{"WriteInLoop", testVectorsWriteInLoop},
		{"Cancelled", testVectorsCancelled},
		{"CancelledInLoop", testVectorsCancelledInLoop},
		{"Copies", testVectorsCopies},
		{"Many", testVectorsMany},
		{"Colliding", testVectorsColliding},
		{"Concurrent", testVectorsConcurrent},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.run(t, open(t)) })
	}
}

// NumberedVectors makes n vectors of so many values, ordered by key. The same
// arguments always make the same vectors; another seed makes other vectors
// under the same keys.
func NumberedVectors(seed, n, dimensions int) []retrieval.StoredVector {
	list := make([]retrieval.StoredVector, n)
	for i := range list {
		list[i].Key = fmt.Sprintf("%064x", i)
		for j := range dimensions {
			list[i].Vector = append(list[i].Vector, float32(math.Sin(float64(1+seed*7919+i*dimensions+j))))
		}
	}
	return list
}

// CollidingVectors makes two pairs of vectors whose keys a store that shortens
// them might confuse, ordered by key: two clause ids whose SHA-256 begin with
// the same 32 bits, and these hashes themselves.
func CollidingVectors() []retrieval.StoredVector {
	a, b := "numbered-001628.26", "numbered-003120.25"
	return []retrieval.StoredVector{
		{Key: hash(b), Vector: []float32{1}},
		{Key: hash(a), Vector: []float32{2}},
		{Key: a, Vector: []float32{3}},
		{Key: b, Vector: []float32{4}},
	}
}

// WantVectors wants exactly these vectors of a model, bit by bit.
func WantVectors(t testing.TB, s retrieval.VectorStore, model string, want []retrieval.StoredVector) {
	t.Helper()
	var got []retrieval.StoredVector
	for v, err := range s.Vectors(t.Context(), model) {
		if err != nil {
			t.Errorf("model %q: %v after %d vectors, want %d", model, err, len(got), len(want))
			return
		}
		got = append(got, v)
	}
	if len(got) != len(want) {
		t.Errorf("model %q has %d vectors, want %d", model, len(got), len(want))
		return
	}
	for i := range want {
		if got[i].Key != want[i].Key || !slices.EqualFunc(got[i].Vector, want[i].Vector, sameBits) {
			t.Errorf("model %q, vector %d is %q %v, want %q %v", model, i, got[i].Key, got[i].Vector, want[i].Key, want[i].Vector)
			return
		}
	}
}

func sameBits(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) }

func putVectors(t *testing.T, s retrieval.VectorStore, model string, vectors ...retrieval.StoredVector) {
	t.Helper()
	if err := s.PutVectors(t.Context(), model, vectors); err != nil {
		t.Fatal(err)
	}
}

// refuseVectors wants PutVectors to fail and to leave want of the model.
func refuseVectors(t *testing.T, s retrieval.VectorStore, model string, vectors, want []retrieval.StoredVector) {
	t.Helper()
	if err := s.PutVectors(t.Context(), model, vectors); err == nil {
		t.Errorf("PutVectors(%q, %v): no error", model, vectors)
	}
	WantVectors(t, s, model, want)
}

func vec(key string, values ...float32) retrieval.StoredVector {
	return retrieval.StoredVector{Key: key, Vector: values}
}

// collection makes a collection all of whose fields follow from the name of
// the model and n.
func collection(model string, n int) retrieval.Collection {
	return retrieval.Collection{
		Model: model, Dimensions: n + 1, Weight: float64(n) / 3,
		Report: fmt.Sprintf(`{"题": %d}`, n), BuiltAt: fmt.Sprintf("2026-01-01T00:00:%02dZ", n%60),
	}
}

func activate(t *testing.T, s retrieval.VectorStore, c retrieval.Collection) {
	t.Helper()
	if err := s.Activate(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}

func wantCollections(t *testing.T, s retrieval.VectorStore, active, previous *retrieval.Collection) {
	t.Helper()
	got, err := s.Collections(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "active", got.Active, active)
	equal(t, "previous", got.Previous, previous)
}

func testVectorsEmpty(t *testing.T, s retrieval.VectorStore) {
	for _, model := range []string{"", "none", "%"} {
		WantVectors(t, s, model, nil)
		if err := s.DropVectors(t.Context(), model); err != nil {
			t.Errorf("DropVectors(%q) = %v", model, err)
		}
	}
	wantCollections(t, s, nil, nil)
}

func testVectorsPutAndRead(t *testing.T, s retrieval.VectorStore) {
	list := NumberedVectors(1, 10, 3)
	putVectors(t, s, "m", list[5:]...)
	WantVectors(t, s, "m", list[5:])
	putVectors(t, s, "m", list[:7]...)
	WantVectors(t, s, "m", list)
}

func testVectorsBitExact(t *testing.T, s retrieval.VectorStore) {
	negative := float32(math.Copysign(0, -1))
	want := []retrieval.StoredVector{
		vec("a", 0, negative, 1, -1, 0.1, 1.0/3),
		vec("b", math.SmallestNonzeroFloat32, -math.SmallestNonzeroFloat32, 1e-39, 0x1p-126, 0x1.fffffcp-127, 16777217),
		vec("c", math.MaxFloat32, -math.MaxFloat32, math.Nextafter32(1, 2), math.Nextafter32(1, 0), math.Pi, 0x1.fffffep127),
		vec("d", 0, 0, 0, 0, 0, 0),
		vec("e", negative, negative, negative, negative, negative, negative),
	}
	putVectors(t, s, "m", want...)
	WantVectors(t, s, "m", want)
}

func testVectorsOrder(t *testing.T, s retrieval.VectorStore) {
	keys := []string{"b", "a.b", "a", "é", "a-b", "aa", "10", "9", "厦门", "Z", "a ", " a", "𠮷", "\uffee", "' OR 1=1 --", "%", strings.Repeat("a", 10000)}
	var list []retrieval.StoredVector
	for i, key := range keys {
		list = append(list, vec(key, float32(i)))
	}
	putVectors(t, s, "m", list...)
	slices.SortFunc(list, func(a, b retrieval.StoredVector) int { return strings.Compare(a.Key, b.Key) })
	WantVectors(t, s, "m", list)
}

func testVectorsPutTwice(t *testing.T, s retrieval.VectorStore) {
	putVectors(t, s, "m", vec("a", 1), vec("b", 2), vec("a", 3))
	putVectors(t, s, "m", vec("c", 4), vec("b", 5))
	putVectors(t, s, "m", vec("a", 6))
	WantVectors(t, s, "m", []retrieval.StoredVector{vec("a", 1), vec("b", 2), vec("c", 4)})

	var list []retrieval.StoredVector
	for i := range 200 {
		list = append(list, vec(fmt.Sprint(i%2), float32(i)))
	}
	putVectors(t, s, "n", list...)
	WantVectors(t, s, "n", list[:2])
}

func testVectorsTwoModels(t *testing.T, s retrieval.VectorStore) {
	models := []string{"hash-256-1", "hash-256-10", "HASH-256-1", "hash-256-1 ", "模型", strings.Repeat("m", 10000)}
	for i, model := range models {
		putVectors(t, s, model, NumberedVectors(i, 5, i+1)...)
	}
	for i, model := range models {
		WantVectors(t, s, model, NumberedVectors(i, 5, i+1))
	}
	WantVectors(t, s, "hash-256", nil)
}

func testVectorsPutNone(t *testing.T, s retrieval.VectorStore) {
	putVectors(t, s, "m")
	WantVectors(t, s, "m", nil)
	putVectors(t, s, "m", vec("a", 1, 2))
	putVectors(t, s, "m")
	WantVectors(t, s, "m", []retrieval.StoredVector{vec("a", 1, 2)})
}

func testVectorsNoNames(t *testing.T, s retrieval.VectorStore) {
	good := []retrieval.StoredVector{vec("a", 1)}
	refuseVectors(t, s, "", good, nil)
	refuseVectors(t, s, "", nil, nil)
	refuseVectors(t, s, "m", []retrieval.StoredVector{vec("a", 1), vec("", 2)}, nil)
	refuseVectors(t, s, "m", []retrieval.StoredVector{vec("a")}, nil)
	putVectors(t, s, "m", good...)
	refuseVectors(t, s, "m", []retrieval.StoredVector{vec("b"), vec("c")}, good)
	refuseVectors(t, s, "m", []retrieval.StoredVector{vec("a")}, good) // although a is there
}

func testVectorsNotFinite(t *testing.T, s retrieval.VectorStore) {
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		for i := range 3 {
			v := vec("b", 1, 2, 3)
			v.Vector[i] = float32(bad)
			refuseVectors(t, s, "m", []retrieval.StoredVector{vec("a", 1, 2, 3), v}, nil)
		}
	}
	refuseVectors(t, s, "m", []retrieval.StoredVector{vec("a", math.Float32frombits(0x7f800001))}, nil) // a signalling NaN
}

func testVectorsMixedLengths(t *testing.T, s retrieval.VectorStore) {
	refuseVectors(t, s, "m", []retrieval.StoredVector{vec("a", 1, 2), vec("b", 1)}, nil)
	refuseVectors(t, s, "m", []retrieval.StoredVector{vec("a", 1), vec("a", 1, 2)}, nil)
	putVectors(t, s, "m", vec("a", 1, 2, 3)) // the refused lengths are forgotten
}

func testVectorsOtherLength(t *testing.T, s retrieval.VectorStore) {
	stored := []retrieval.StoredVector{vec("a", 1, 2)}
	putVectors(t, s, "m", stored...)
	refuseVectors(t, s, "m", []retrieval.StoredVector{vec("b", 1)}, stored)
	refuseVectors(t, s, "m", []retrieval.StoredVector{vec("b", 1, 2, 3)}, stored)
	refuseVectors(t, s, "m", []retrieval.StoredVector{vec("a", 1, 2, 3)}, stored)
	putVectors(t, s, "other", vec("b", 1, 2, 3))
	putVectors(t, s, "m", vec("b", 3, 4))
}

func testVectorsAllOrNothing(t *testing.T, s retrieval.VectorStore) {
	good := NumberedVectors(1, 100, 4)
	bad := slices.Clone(good)
	bad[99].Vector = []float32{1, 2, 3, float32(math.NaN())}
	refuseVectors(t, s, "m", bad, nil)
	putVectors(t, s, "m", good[50:]...)
	refuseVectors(t, s, "m", bad, good[50:])
}

func testActivate(t *testing.T, s retrieval.VectorStore) {
	a, b, c := collection("a", 0), collection("b", 1), collection("c", 2)
	a.Report, a.BuiltAt, a.Weight = "", "", 0
	c.Weight = math.Nextafter(1, 2)
	activate(t, s, a)
	wantCollections(t, s, &a, nil)
	activate(t, s, b)
	wantCollections(t, s, &b, &a)
	activate(t, s, c)
	wantCollections(t, s, &c, &b)
	WantVectors(t, s, "c", nil)
	c.Weight = math.MaxFloat64
	activate(t, s, c)
	wantCollections(t, s, &c, &b)
}

func testActivateSame(t *testing.T, s retrieval.VectorStore) {
	for n := range 3 {
		a := collection("a", n)
		activate(t, s, a)
		wantCollections(t, s, &a, nil)
	}
	a := collection("a", 2)
	for n := range 3 {
		b := collection("b", n)
		activate(t, s, b)
		wantCollections(t, s, &b, &a)
	}
}

// testActivateBack activates the previous model again, as one does when the
// new one is worse.
func testActivateBack(t *testing.T, s retrieval.VectorStore) {
	a, b := collection("a", 1), collection("b", 2)
	activate(t, s, a)
	activate(t, s, b)
	activate(t, s, a)
	wantCollections(t, s, &a, &b)
	b.Weight = 7
	activate(t, s, b)
	wantCollections(t, s, &b, &a)
}

func testActivateRefuses(t *testing.T, s retrieval.VectorStore) {
	for _, before := range []*retrieval.Collection{nil, {Model: "b", Dimensions: 1}} {
		if before != nil {
			activate(t, s, *before)
		}
		for i, spoil := range []func(c *retrieval.Collection){
			func(c *retrieval.Collection) { c.Model = "" },
			func(c *retrieval.Collection) { c.Dimensions = 0 },
			func(c *retrieval.Collection) { c.Dimensions = -1 },
			func(c *retrieval.Collection) { c.Weight = -0.1 },
			func(c *retrieval.Collection) { c.Weight = math.NaN() },
			func(c *retrieval.Collection) { c.Weight = math.Inf(1) },
			func(c *retrieval.Collection) { c.Weight = math.Inf(-1) },
		} {
			c := collection("a", 1)
			spoil(&c)
			if err := s.Activate(t.Context(), c); err == nil {
				t.Errorf("collection %d, %+v: no error", i, c)
			}
			wantCollections(t, s, before, nil)
		}
	}
}

// testActivateAtOnce has four goroutines activate models of their own; a
// reading shows two whole collections of two models.
func testActivateAtOnce(t *testing.T, s retrieval.VectorStore) {
	activate(t, s, collection("before", 1))
	activate(t, s, collection("first", 1))
	var all sync.WaitGroup
	for w := range 4 {
		all.Go(func() {
			for n := range 10 {
				if err := s.Activate(t.Context(), collection(fmt.Sprintf("%d", w), n)); err != nil {
					t.Error(err)
				}
				now, err := s.Collections(t.Context())
				if err != nil || now.Active == nil || now.Previous == nil || now.Active.Model == now.Previous.Model {
					t.Errorf("collections are %+v, %v", now, err)
					continue
				}
				for _, c := range []*retrieval.Collection{now.Active, now.Previous} {
					equal(t, "collection", *c, collection(c.Model, c.Dimensions-1))
				}
			}
		})
	}
	all.Wait()
}

func testDropVectors(t *testing.T, s retrieval.VectorStore) {
	a, b, c := NumberedVectors(1, 20, 2), NumberedVectors(2, 20, 3), NumberedVectors(3, 10, 4)
	putVectors(t, s, "a", a...)
	putVectors(t, s, "b", b...)
	for range 2 { // the second time a is unknown
		if err := s.DropVectors(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
		WantVectors(t, s, "a", nil)
		WantVectors(t, s, "b", b)
	}
	if err := s.DropVectors(t.Context(), "b"); err != nil {
		t.Fatal(err)
	}
	putVectors(t, s, "c", c...) // takes nothing over from those dropped
	putVectors(t, s, "a", c...) // of another length than before
	WantVectors(t, s, "a", c)
	WantVectors(t, s, "b", nil)
	WantVectors(t, s, "c", c)
}

func testDropVectorsRefuses(t *testing.T, s retrieval.VectorStore) {
	list := NumberedVectors(1, 5, 2)
	drop := func(model string, refused bool) {
		t.Helper()
		want := list
		if !refused {
			want = nil
		}
		if err := s.DropVectors(t.Context(), model); (err != nil) != refused {
			t.Errorf("DropVectors(%q) = %v, want an error: %v", model, err, refused)
		}
		WantVectors(t, s, model, want)
	}
	for n, model := range []string{"a", "b", "c"} {
		putVectors(t, s, model, list...)
		activate(t, s, collection(model, n))
	}
	drop("c", true)
	drop("b", true)
	drop("a", false)
	activate(t, s, collection("b", 1))
	drop("c", true)
	activate(t, s, collection("d", 1))
	if err := s.DropVectors(t.Context(), "d"); err == nil {
		t.Error("an active model without vectors was dropped")
	}
	drop("c", false)
	drop("b", true)
}
