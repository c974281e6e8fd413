package wxcrypt

import (
	"crypto/sha1"
	"sync"
	"time"
)

const (
	// A timestamp may be a Window ahead and holds until it is a Window behind.
	remember = 2 * Window

	mostYoung = 1 << 16 // sums; there are two such maps, of about 2 MB each
)

// A memory keeps sums for at least the time remember, as long as not more than mostYoung come in that time; else the
// oldest go first.
type memory struct {
	mu         sync.Mutex
	since      time.Time // when young began
	young, old map[[sha1.Size]byte]struct{}
}

func newMemory() memory { return memory{young: map[[sha1.Size]byte]struct{}{}} }

func (m *memory) has(sum [sha1.Size]byte, now time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if now.Sub(m.since) >= remember {
		m.turn()
		m.since = now
	}
	_, young := m.young[sum]
	_, old := m.old[sum]
	return young || old
}

func (m *memory) add(sum [sha1.Size]byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, known := m.young[sum]; known {
		return
	}
	if len(m.young) >= mostYoung {
		m.turn()
	}
	m.young[sum] = struct{}{}
}

// turn forgets what is old. The caller holds mu.
func (m *memory) turn() { m.old, m.young = m.young, map[[sha1.Size]byte]struct{}{} }
