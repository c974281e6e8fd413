package openai

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"
)

// A slow is a wait that took too long.
type slow struct{ what string }

// Error implements error.
func (s *slow) Error() string { return "too slow: " + s.what }

var (
	errFirst   = &slow{"first"}
	errBetween = &slow{"between"}
	errTotal   = &slow{"total"}
	errGrace   = &slow{"grace"} // no failure: the reply is whole already
)

func (s *slow) detail(t Timeouts) string {
	switch s {
	case errFirst:
		return fmt.Sprintf("nothing of a reply came within %s", t.FirstByte)
	case errBetween:
		return fmt.Sprintf("the reply stopped for %s", t.BetweenTokens)
	}
	return fmt.Sprintf("the call took longer than %s", t.Total)
}

// How long what comes after the end of a reply is waited for: counts of tokens,
// and the end of the connection's stream, without which it cannot be used again.
const (
	graceForUsage = time.Second
	graceForEnd   = 50 * time.Millisecond
)

// A watch ends a try when what is waited for does not come.
type watch struct {
	limits  Timeouts
	timer   *time.Timer
	waiting atomic.Pointer[slow] // what is waited for
}

// newWatch waits for the first event.
func newWatch(cancel context.CancelCauseFunc, t Timeouts) *watch {
	w := &watch{limits: t}
	w.waiting.Store(errFirst)
	w.timer = time.AfterFunc(t.FirstByte, func() { cancel(w.waiting.Load()) })
	return w
}

func (w *watch) stop() { w.timer.Stop() }

// next waits for the next event.
func (w *watch) next() { w.expect(errBetween, w.limits.BetweenTokens) }

// grace waits for what comes after the last.
func (w *watch) grace(limit time.Duration) { w.expect(errGrace, min(limit, w.limits.BetweenTokens)) }

func (w *watch) expect(what *slow, limit time.Duration) {
	w.timer.Stop()
	w.waiting.Store(what)
	w.timer.Reset(limit)
}
