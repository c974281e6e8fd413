package export

import (
	"errors"
	"iter"
	"strconv"
	"testing"
	"testing/synctest"
)

// counted gives n rows and then an error, and counts how many were taken.
func counted(n int, end error, taken *int) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for i := range n {
			*taken = i + 1
			if !yield(Row{ID: strconv.Itoa(i)}, nil) {
				return
			}
		}
		if end != nil {
			yield(Row{}, end)
		}
	}
}

// TestAhead: the rows are the same in the same order, an error comes where it stands, and nothing is read any more after a
// loop that ends early.
func TestAhead(t *testing.T) {
	bad := errors.New("bad")
	for _, n := range []int{0, 1, aheadRows - 1, aheadRows, aheadRows + 1, 20 * aheadRows} {
		for _, stop := range []int{-1, 0, n / 2} {
			synctest.Test(t, func(t *testing.T) {
				taken, i, failed := 0, 0, 0
				for row, err := range ahead(counted(n, bad, &taken)) {
					if errors.Is(err, bad) {
						failed++
						continue
					}
					if row.ID != strconv.Itoa(i) {
						t.Fatalf("row %d is %s", i, row.ID)
					}
					i++
					if i > stop && stop >= 0 {
						break
					}
				}
				if stop < 0 && (i != n || failed != 1) || stop >= 0 && n > 0 && i != stop+1 {
					t.Errorf("%d rows of %d, %d errors", i, n, failed)
				}
				if most := i + (aheadBatches+2)*aheadRows; taken > most {
					t.Errorf("%d rows read for %d", taken, i)
				}
			}) // which waits for the goroutine
		}
	}
}

// TestAheadPanic: what goes wrong while rows are read goes wrong in the loop.
func TestAheadPanic(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	for range ahead(func(func(Row, error) bool) { panic("rows") }) {
		t.Error("a row")
	}
}
