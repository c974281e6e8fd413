package console

import (
	"sync"
	"time"
)

// Limits of what is logged of reports by browsers, which anybody may send.
const (
	reportsAMinute = 5
	reportAgain    = time.Hour // until the same report is logged once more
)

// A reportGate keeps reports from flooding the log. The zero value is ready, and may be used from several goroutines.
type reportGate struct {
	mu     sync.Mutex
	logged map[string]time.Time // report → when; none older than reportAgain
	begun  time.Time            // of the minute
	n      int                  // logged in that minute
}

// pass reports whether a report is to be logged now.
func (g *reportGate) pass(report string, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if now.Sub(g.begun) >= time.Minute || now.Before(g.begun) {
		g.begun, g.n = now, 0
	}
	if at, ok := g.logged[report]; g.n >= reportsAMinute || ok && now.Sub(at) < reportAgain {
		return false
	}
	for other, at := range g.logged { // at most reportsAMinute an hour's minutes
		if now.Sub(at) >= reportAgain {
			delete(g.logged, other)
		}
	}
	if g.logged == nil {
		g.logged = map[string]time.Time{}
	}
	g.logged[report] = now
	g.n++
	return true
}
