package retrieval

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"math"
	"slices"
	"sync"
)

// CheckVectors returns how many values each of vectors has, 0 when there are
// none, or says what of it [VectorStore].PutVectors refuses. It knows nothing
// of what is stored.
func CheckVectors(model string, vectors []StoredVector) (dimensions int, err error) {
	if model == "" {
		return 0, fmt.Errorf("the model has no name")
	}
	for i, v := range vectors {
		if v.Key == "" {
			return 0, fmt.Errorf("vector %d has no key", i)
		}
		if err := CheckVector(v.Vector, cmp.Or(dimensions, len(v.Vector))); err != nil {
			return 0, fmt.Errorf("vector %d, key %q: %w", i, v.Key, err)
		}
		dimensions = len(v.Vector)
	}
	return dimensions, nil
}

// CheckVector refuses a vector that is empty, has not this many values, or has
// one that is NaN or infinite.
func CheckVector(v []float32, dimensions int) error {
	if len(v) == 0 {
		return fmt.Errorf("the vector is empty")
	}
	if len(v) != dimensions {
		return fmt.Errorf("the vector has %d values, want %d", len(v), dimensions)
	}
	for i, x := range v {
		if f := float64(x); math.IsNaN(f) || math.IsInf(f, 0) {
			return fmt.Errorf("value %d is %v", i, x)
		}
	}
	return nil
}

// Check says what of c [VectorStore].Activate refuses.
func (c Collection) Check() error {
	switch {
	case c.Model == "":
		return fmt.Errorf("the model has no name")
	case c.Dimensions < 1:
		return fmt.Errorf("dimensions is %d, want at least 1", c.Dimensions)
	case !(c.Weight >= 0) || math.IsInf(c.Weight, 0): // NaN is not >= 0
		return fmt.Errorf("weight is %v, want a number of at least 0", c.Weight)
	}
	return nil
}

// Uses refuses a model that is the active or the previous one, as
// [VectorStore].DropVectors does.
func (c Collections) Uses(model string) error {
	switch {
	case c.Active != nil && c.Active.Model == model:
		return fmt.Errorf("it is the active model")
	case c.Previous != nil && c.Previous.Model == model:
		return fmt.Errorf("it is the previous model, to which one may have to return")
	}
	return nil
}

// memoryVectors are the vectors and collections of a [Memory]. The zero value
// is empty.
type memoryVectors struct {
	mu          sync.RWMutex
	models      map[string]memoryModel
	collections Collections // what its fields point to never changes
}

// A memoryModel is the vectors of one model, at least one.
type memoryModel struct {
	dimensions int
	vectors    map[string][]float32 // by key; a stored slice never changes
}

var _ VectorStore = (*Memory)(nil)

// PutVectors implements [VectorStore]. Of vectors with the same key the first
// counts.
func (m *Memory) PutVectors(ctx context.Context, model string, vectors []StoredVector) error {
	dimensions, err := CheckVectors(model, vectors)
	if err = cmp.Or(ctx.Err(), err); err == nil && len(vectors) > 0 {
		err = m.vectors.put(model, dimensions, vectors)
	}
	if err != nil {
		return fmt.Errorf("retrieval: put %d vectors of model %q: %w", len(vectors), model, err)
	}
	return nil
}

func (m *memoryVectors) put(model string, dimensions int, vectors []StoredVector) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	stored, ok := m.models[model]
	if !ok {
		stored = memoryModel{dimensions, make(map[string][]float32, len(vectors))}
		if m.models == nil {
			m.models = make(map[string]memoryModel)
		}
		m.models[model] = stored
	}
	if stored.dimensions != dimensions {
		return fmt.Errorf("they have %d values, those stored have %d", dimensions, stored.dimensions)
	}
	for _, v := range vectors {
		if _, ok := stored.vectors[v.Key]; !ok {
			stored.vectors[v.Key] = slices.Clone(v.Vector)
		}
	}
	return nil
}

// Vectors implements [VectorStore]. It yields what was stored when the loop
// began.
func (m *Memory) Vectors(ctx context.Context, model string) iter.Seq2[StoredVector, error] {
	return func(yield func(StoredVector, error) bool) {
		if ctx.Err() == nil {
			for _, v := range m.vectors.list(model) {
				if ctx.Err() != nil {
					break
				}
				v.Vector = slices.Clone(v.Vector)
				if !yield(v, nil) {
					return
				}
			}
		}
		if err := ctx.Err(); err != nil {
			yield(StoredVector{}, fmt.Errorf("retrieval: vectors of model %q: %w", model, err))
		}
	}
}

// list returns the vectors of a model in order of their keys, not copied.
func (m *memoryVectors) list(model string) []StoredVector {
	m.mu.RLock()
	defer m.mu.RUnlock()
	stored := m.models[model].vectors
	list := make([]StoredVector, 0, len(stored))
	for _, key := range slices.Sorted(maps.Keys(stored)) {
		list = append(list, StoredVector{key, stored[key]})
	}
	return list
}

// Activate implements [VectorStore].
func (m *Memory) Activate(ctx context.Context, c Collection) error {
	if err := cmp.Or(ctx.Err(), c.Check()); err != nil {
		return fmt.Errorf("retrieval: activate model %q: %w", c.Model, err)
	}
	m.vectors.mu.Lock()
	defer m.vectors.mu.Unlock()
	now := &m.vectors.collections
	if now.Active != nil && now.Active.Model != c.Model {
		now.Previous = now.Active
	}
	now.Active = &c
	return nil
}

// Collections implements [VectorStore].
func (m *Memory) Collections(ctx context.Context) (Collections, error) {
	if err := ctx.Err(); err != nil {
		return Collections{}, fmt.Errorf("retrieval: collections: %w", err)
	}
	m.vectors.mu.RLock()
	defer m.vectors.mu.RUnlock()
	return m.vectors.collections.clone(), nil
}

// clone returns a copy that points to copies.
func (c Collections) clone() Collections {
	for _, p := range []**Collection{&c.Active, &c.Previous} {
		if *p != nil {
			copied := **p
			*p = &copied
		}
	}
	return c
}

// DropVectors implements [VectorStore].
func (m *Memory) DropVectors(ctx context.Context, model string) error {
	m.vectors.mu.Lock()
	defer m.vectors.mu.Unlock()
	if err := cmp.Or(ctx.Err(), m.vectors.collections.Uses(model)); err != nil {
		return fmt.Errorf("retrieval: drop vectors of model %q: %w", model, err)
	}
	delete(m.vectors.models, model)
	return nil
}
