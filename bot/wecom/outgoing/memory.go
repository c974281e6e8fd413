package outgoing

import (
	"sync"
	"time"
)

// A Memory keeps values by key, and forgets all when there are too many. It serves courtesies alone, such as what stood on
// a button that was pressed. It may be used from several goroutines.
type Memory[V any] struct {
	mu   sync.Mutex
	most int
	all  map[string]V
}

// NewMemory makes a memory of at most so many values, above 0.
func NewMemory[V any](most int) *Memory[V] { return &Memory[V]{most: most, all: map[string]V{}} }

// Keep keeps a value in the place of the one before.
func (m *Memory[V]) Keep(key string, v V) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.put(key, v)
}

// put keeps a value. It is called with mu held.
func (m *Memory[V]) put(key string, v V) {
	if len(m.all) >= m.most {
		clear(m.all)
	}
	m.all[key] = v
}

// Of is the value of a key, the zero value where none is kept.
func (m *Memory[V]) Of(key string) V {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.all[key]
}

// Due notes the time under a key, unless one was noted within the duration before, and reports whether it did.
func Due(m *Memory[time.Time], key string, every time.Duration) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if time.Since(m.all[key]) < every {
		return false
	}
	m.put(key, time.Now())
	return true
}
