package accounts

import (
	"net/netip"
	"slices"
	"sync"
	"time"
)

// Growing waits after wrong passwords.
const (
	freeTries   = 5                // without any wait
	maxWait     = 15 * time.Minute // between tries
	forgetAfter = time.Hour        // without a try, all is forgotten
	maxCounters = 4096             // of addresses, and of names that nobody has
	keptPlaces  = 20               // addresses that an account is known from
)

// A limiter makes guessing slow. It counts wrong tries in memory: from each address, for each account from
// addresses that it has not signed in from before, and for each account and address that it has. So a flood from
// many addresses makes an account wait for newcomers only: its owner gets in from where the owner was before, and
// a code to reset the password works from anywhere. Names that nobody has wait as those that somebody has.
//
// A try counts when it begins, so that many at once count as many in turn; one that turns out right is taken
// back. While one has to wait, tries are refused and do not count, so that a flood does not lengthen the wait.
type limiter struct {
	mu        sync.Mutex
	addresses map[string]*counter
	strangers map[string]*counter // names that nobody has
	owned     map[string]*counter // by account, and by account and address; none is pushed out
}

// A counter counts the wrong tries of one kind.
type counter struct {
	fails       int
	last, until time.Time
}

func newLimiter() *limiter {
	return &limiter{addresses: map[string]*counter{}, strangers: map[string]*counter{}, owned: map[string]*counter{}}
}

// A try is what a limiter counts: a name that may have an account, from an address.
type try struct {
	name, account, address string
	known                  bool // the account has signed in from the address
}

// begin counts a try, or says how long to wait. back takes it back, and fails is how many were wrong now.
func (l *limiter) begin(now time.Time, t try) (back func(), fails int, wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var counters []*counter
	switch {
	case t.known:
		counters = []*counter{get(l.owned, t.account+"\x00"+network(t.address), now, false)}
	case t.account != "":
		counters = []*counter{get(l.owned, t.account, now, false), get(l.addresses, network(t.address), now, true)}
	default:
		counters = []*counter{get(l.strangers, t.name, now, true), get(l.addresses, network(t.address), now, true)}
	}
	for _, c := range counters {
		wait = max(wait, c.until.Sub(now))
	}
	if wait > 0 {
		return nil, 0, wait
	}
	for _, c := range counters {
		c.fails++
		c.last, c.until = now, now.Add(waitAfter(c.fails))
	}
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, c := range counters {
			c.fails = max(0, c.fails-1)
			c.until = time.Time{}
		}
		if t.known {
			counters[0].fails = 0
		}
	}, counters[0].fails, 0
}

// waitAfter is how long to wait after so many wrong tries.
func waitAfter(fails int) time.Duration {
	if fails <= freeTries {
		return 0
	}
	return min(maxWait, time.Second<<min(fails-freeTries-1, 20))
}

// get finds a counter or makes one. In a map that is bounded, the one that was idle for longest makes room.
func get(m map[string]*counter, key string, now time.Time, bounded bool) *counter {
	c := m[key]
	if c == nil {
		if len(m) >= maxCounters {
			makeRoom(m, now, bounded)
		}
		c = &counter{}
		m[key] = c
	}
	if idle := now.Sub(c.last); idle > forgetAfter || idle < -maxWait { // the clock was ahead
		*c = counter{}
	}
	return c
}

func makeRoom(m map[string]*counter, now time.Time, bounded bool) {
	oldest := ""
	for key, c := range m {
		if now.Sub(c.last) > forgetAfter {
			delete(m, key)
		} else if oldest == "" || c.last.Before(m[oldest].last) {
			oldest = key
		}
	}
	if bounded && len(m) >= maxCounters {
		delete(m, oldest)
	}
}

// network is what counts as one address: of IPv6 the first 64 bits, which one customer has.
func network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	if a = a.Unmap(); a.Is6() {
		p, _ := a.WithZone("").Prefix(64)
		return p.String()
	}
	return a.String()
}

// enters reports whether a held login goes into the audit: the first, and then few of many.
func enters(fails int) bool {
	return fails == freeTries+1 || fails > freeTries && slices.Contains([]int{10, 20, 50}, fails) || fails > 0 && fails%100 == 0
}
