package chromem

import (
	"errors"

	"policybot/retrieval/vector"
)

// FlatFrom is the number of values, vectors times dimensions, from which
// [Open] uses a [vector.Flat].
//
// A Flat is faster at every size: by the benchmarks here, with two cores, the
// median search in a million values takes chromem-go 1.4 ms at 1,024
// dimensions, 2.5 ms at 256 and 5 ms at 64, and a Flat 0.4, 0.3 and 0.4 ms, or
// 0.8 ms in plain Go; in 100,000 vectors of 1,024 it takes them 110 and 5 ms. So
// the limit is only where chromem-go could begin to be felt, at 5 ms.
const FlatFrom = 1_000_000

// Open builds the index to use for entries: one of chromem-go while they are
// few, a [vector.Flat] from [FlatFrom] values. Their results are the same.
// Name, entries and dimensions are those of [New], which says what is an error.
func Open(name string, entries []vector.Entry, dimensions int) (vector.Index, error) {
	if name == "" {
		return nil, errors.New("open vector index: no name")
	}
	var x vector.Index
	var err error
	if len(entries)*dimensions < FlatFrom {
		x, err = New(name, entries, dimensions)
	} else {
		x, err = vector.NewFlat(entries, dimensions)
	}
	if err != nil {
		return nil, err // not x, which is a nil pointer in an interface
	}
	return x, nil
}
