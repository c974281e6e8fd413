package retrievaltest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"policybot/retrieval"
)

// testVectorsEarlyStop leaves loops early more often than any store has
// connections.
func testVectorsEarlyStop(t *testing.T, s retrieval.VectorStore) {
	list := NumberedVectors(1, 50, 2)
	putVectors(t, s, "m", list...)
	for i := range 20 {
		n := 0
		for v, err := range s.Vectors(t.Context(), "m") {
			if err != nil || v.Key != list[n].Key {
				t.Fatalf("vector %d is %q, %v", n, v.Key, err)
			}
			if n++; n > i {
				break
			}
		}
	}
	func() {
		defer func() { _ = recover() }() // as a server does
		for _, err := range s.Vectors(t.Context(), "m") {
			panic(err)
		}
	}()
	WantVectors(t, s, "m", list)
	putVectors(t, s, "m", vec("z", 1, 2))
	a := collection("a", 1)
	activate(t, s, a)
	wantCollections(t, s, &a, nil)
	if err := s.DropVectors(t.Context(), "m"); err != nil {
		t.Error(err)
	}
}

// testVectorsAgain runs what Vectors returned more than once, and two of them
// side by side.
func testVectorsAgain(t *testing.T, s retrieval.VectorStore) {
	all := s.Vectors(t.Context(), "m")
	for n := range 3 {
		putVectors(t, s, "m", vec(fmt.Sprint(n), 1))
		outer := 0
		for a, err := range all {
			if err != nil || a.Key != fmt.Sprint(outer) {
				t.Fatalf("vector %d is %q, %v", outer, a.Key, err)
			}
			outer++
			inner := 0
			for _, err := range all {
				if err != nil {
					t.Fatal(err)
				}
				inner++
			}
			if inner != n+1 {
				t.Errorf("inner loop: %d vectors, want %d", inner, n+1)
			}
		}
		if outer != n+1 {
			t.Errorf("outer loop: %d vectors, want %d", outer, n+1)
		}
	}
}

func testVectorsWriteInLoop(t *testing.T, s retrieval.VectorStore) {
	list := NumberedVectors(1, 20, 2)
	putVectors(t, s, "m", list...)
	n := 0
	for v, err := range s.Vectors(t.Context(), "m") {
		if err != nil || n >= len(list) || v.Key != list[n].Key {
			t.Fatalf("vector %d is %q, %v; want those there at the beginning", n, v.Key, err)
		}
		putVectors(t, s, "m", vec(fmt.Sprintf("z%d", n), 1, 2))
		putVectors(t, s, "other", v)
		c := collection("other", n)
		activate(t, s, c)
		wantCollections(t, s, &c, nil)
		if n == 10 {
			if err := s.DropVectors(t.Context(), "m"); err != nil {
				t.Fatal(err)
			}
		}
		n++
	}
	if n != len(list) {
		t.Errorf("%d vectors, want %d", n, len(list))
	}
	WantVectors(t, s, "other", list)
}

func testVectorsCancelled(t *testing.T, s retrieval.VectorStore) {
	list := NumberedVectors(1, 5, 2)
	putVectors(t, s, "m", list...)
	a := collection("a", 1)
	activate(t, s, a)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.Collections(ctx)
	errs := map[string]error{
		"PutVectors":  s.PutVectors(ctx, "m", []retrieval.StoredVector{vec("z", 1, 2)}),
		"new model":   s.PutVectors(ctx, "n", []retrieval.StoredVector{vec("z", 1, 2)}),
		"Activate":    s.Activate(ctx, collection("b", 2)),
		"DropVectors": s.DropVectors(ctx, "m"),
		"Collections": err,
	}
	for _, model := range []string{"m", "none"} {
		for v, err := range s.Vectors(ctx, model) {
			if errs["Vectors of "+model] = err; err == nil {
				t.Errorf("model %q yields %+v", model, v)
			}
		}
	}
	if len(errs) != 7 {
		t.Errorf("%d errors, want 7", len(errs))
	}
	for name, err := range errs {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: error %v, want context.Canceled", name, err)
		}
	}
	WantVectors(t, s, "m", list)
	WantVectors(t, s, "n", nil)
	wantCollections(t, s, &a, nil)
}

// testVectorsCancelledInLoop wants one error, at once, and then nothing.
func testVectorsCancelledInLoop(t *testing.T, s retrieval.VectorStore) {
	list := NumberedVectors(1, 500, 2)
	putVectors(t, s, "m", list...)
	for _, stop := range []int{1, 7, 499} {
		ctx, cancel := context.WithCancel(t.Context())
		var vectors, failures int
		for _, err := range s.Vectors(ctx, "m") {
			switch {
			case err == nil && failures == 0:
				if vectors++; vectors == stop {
					cancel()
				}
			case !errors.Is(err, context.Canceled):
				t.Errorf("error %v, want context.Canceled", err)
			default:
				failures++
			}
		}
		if vectors != stop || failures != 1 {
			t.Errorf("%d vectors and %d errors, want %d and 1", vectors, failures, stop)
		}
		cancel()
	}
	WantVectors(t, s, "m", list)
}

func testVectorsCopies(t *testing.T, s retrieval.VectorStore) {
	want := NumberedVectors(1, 5, 3)
	put := NumberedVectors(1, 5, 3)
	a, b := collection("a", 1), collection("b", 2)
	putVectors(t, s, "m", put...)
	activate(t, s, a)
	activate(t, s, b)
	for i := range put {
		put[i].Key, put[i].Vector[0] = "spoiled", 99
	}
	for range 2 {
		for v, err := range s.Vectors(t.Context(), "m") {
			if err != nil {
				t.Fatal(err)
			}
			v.Vector[1] = 99
		}
		WantVectors(t, s, "m", want)
		got, err := s.Collections(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got.Active.Model, got.Previous.Model = "spoiled", "spoiled"
		wantCollections(t, s, &b, &a)
	}
	backwards := NumberedVectors(1, 5, 3) // the order of what was put is left alone
	slices.Reverse(backwards)
	putVectors(t, s, "n", backwards...)
	if backwards[0].Key != want[4].Key {
		t.Error("PutVectors has sorted the caller's list")
	}
}

func testVectorsMany(t *testing.T, s retrieval.VectorStore) {
	list := NumberedVectors(1, 5000, 8)
	putVectors(t, s, "m", list[1000:4000]...)
	putVectors(t, s, "m", list...)
	putVectors(t, s, "n", list...)
	WantVectors(t, s, "m", list)
	WantVectors(t, s, "n", list)
}

func testVectorsColliding(t *testing.T, s retrieval.VectorStore) {
	list := CollidingVectors()
	if a, b := hash(list[2].Key), hash(list[3].Key); a == b || a[:8] != b[:8] || list[0].Key != b || list[1].Key != a {
		t.Fatalf("the keys %s and %s do not collide as they should", a, b)
	}
	for _, v := range list {
		putVectors(t, s, "m", v)
	}
	WantVectors(t, s, "m", list)
	putVectors(t, s, "n", list...)
	WantVectors(t, s, "n", list)
}

// testVectorsConcurrent has a builder put one model after the other and
// activate it while others put the same vectors and four readers look. A
// reader sees two models that follow each other, and all vectors of both.
func testVectorsConcurrent(t *testing.T, s retrieval.VectorStore) {
	const models, batches, each = 12, 4, 5
	name := func(m int) string { return fmt.Sprintf("model %02d", m) }
	putBatch := func(m, i int) {
		list := NumberedVectors(m, batches*each, 3)[i*each : (i+1)*each]
		if err := s.PutVectors(t.Context(), name(m), list); err != nil {
			t.Errorf("put batch %d of model %d: %v", i, m, err)
		}
	}
	var writing, reading sync.WaitGroup
	done := make(chan struct{})
	writing.Go(func() {
		for m := range models {
			for i := range batches {
				putBatch(m, i)
			}
			if err := s.Activate(t.Context(), collection(name(m), m)); err != nil {
				t.Error(err)
			}
		}
	})
	for range 2 {
		writing.Go(func() {
			for m := range models {
				for i := range batches {
					putBatch(m, batches-1-i)
				}
			}
		})
	}
	for range 4 {
		reading.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
					readCollectionsOnce(t, s, name, batches*each)
				}
			}
		})
	}
	writing.Wait()
	close(done)
	reading.Wait()
	last, before := collection(name(models-1), models-1), collection(name(models-2), models-2)
	wantCollections(t, s, &last, &before)
	for m := range models {
		WantVectors(t, s, name(m), NumberedVectors(m, batches*each, 3))
	}
}

func readCollectionsOnce(t *testing.T, s retrieval.VectorStore, name func(m int) string, vectors int) {
	now, err := s.Collections(t.Context())
	if err != nil {
		t.Error(err)
	}
	if now.Active == nil {
		return
	}
	m := now.Active.Dimensions - 1
	equal(t, "active", *now.Active, collection(name(m), m))
	WantVectors(t, s, name(m), NumberedVectors(m, vectors, 3))
	if m > 0 {
		before := collection(name(m-1), m-1)
		equal(t, "previous", now.Previous, &before)
		WantVectors(t, s, name(m-1), NumberedVectors(m-1, vectors, 3))
	}
}
