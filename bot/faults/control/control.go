// Package control is the listening side of the fault kit: the part that a build of the program under
// test carries, so that a run of faults can shift its clock, hold its answers up, make it panic and
// end it at a chosen point. It is for builds with the tag faultkit alone: whoever reaches its address
// can stop the program.
//
// It speaks HTTP with JSON bodies:
//
//	POST /clock  Clock   shifts what Now tells
//	POST /stall  Stall   makes Before wait, or lets it go on
//	POST /panic  Panic   makes Before panic for questions that hold a text
//	POST /exit   Exit    ends the process at a point
//	GET  /stats          Stats
//
// The environment variable [ClockEnv] sets the clock's shift at the start.
package control

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

// ClockEnv names the environment variable that holds the clock's shift at the start, as in [Clock]; not
// set means none.
const ClockEnv = "POLICYBOT_FAULT_CLOCK"

// A Control obeys what comes in over its address. A nil *Control is one that nobody commands: its
// clock is right and it never stalls, panics or exits. Its methods may be used from several goroutines.
type Control struct {
	server *http.Server
	addr   string
	end    func() // ends this process and does not return
	cancel func() bool
	done   chan struct{} // closed when the server has ended

	mu     sync.Mutex
	offset time.Duration
	stall  Stall
	going  chan struct{} // closed when the stall is over
	panics string
	exit   Exit
	points map[string]int // how often each was passed
}

// Start listens on addr, which must be a loopback address with a port; port 0 takes any (see Addr). It
// listens until ctx ends or Close is called.
func Start(ctx context.Context, addr string) (*Control, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("control: listen on %q: %w", addr, err)
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("control: listen on %q: not a loopback address; use 127.0.0.1:PORT", addr)
	}
	var offset time.Duration
	if v := os.Getenv(ClockEnv); v != "" {
		if offset, err = time.ParseDuration(v); err != nil {
			return nil, fmt.Errorf("control: %s: %w", ClockEnv, err)
		}
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("control: listen on %q: %w", addr, err)
	}
	c := newControl(endProcess)
	c.addr, c.offset = listener.Addr().String(), offset
	c.server = &http.Server{Handler: c.handler(), ReadHeaderTimeout: 5 * time.Second}
	go func() {
		defer close(c.done)
		if err := c.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			fmt.Fprintln(os.Stderr, "control: serve:", err)
		}
	}()
	c.cancel = context.AfterFunc(ctx, func() { _ = c.server.Close() })
	return c, nil
}

// newControl makes a Control without an address.
func newControl(end func()) *Control {
	return &Control{end: end, done: make(chan struct{}), points: map[string]int{}}
}

// Addr returns the address that it listens on, "" for nil.
func (c *Control) Addr() string {
	if c == nil {
		return ""
	}
	return c.addr
}

// Close stops listening and waits for that. What was set stays set. It may be called more than once.
func (c *Control) Close() error {
	if c == nil {
		return nil
	}
	c.cancel()
	err := c.server.Close()
	<-c.done
	return err
}

// Now is the wall clock with the shift that was set. It has no monotonic reading, as a time that was
// stored has none; who measures how long something takes uses time.Now.
func (c *Control) Now() time.Time {
	if c == nil {
		return time.Now()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Round(0).Add(c.offset)
}

// Before is called by the answerer before it begins with a question. It panics when it was told to for a
// text that question holds. It waits while a stall that fits question lasts, and returns
// the error of ctx when that ends first.
func (c *Control) Before(ctx context.Context, question string) error {
	if c == nil {
		return nil
	}
	c.mu.Lock()
	panics := c.panics != "" && strings.Contains(question, c.panics)
	going := c.going
	if !c.stall.On || !strings.Contains(question, c.stall.Text) {
		going = nil
	}
	c.mu.Unlock()
	if panics {
		panic("fault kit: told to panic")
	}
	if going == nil {
		return nil
	}
	select {
	case <-going:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Point marks a place in the program by name. It does not return when the process was told to end there.
func (c *Control) Point(name string) {
	if c == nil {
		return
	}
	c.mu.Lock()
	c.points[name]++
	ends := c.exit.At == name
	if ends && c.exit.Skip > 0 {
		c.exit.Skip--
		ends = false
	}
	c.mu.Unlock()
	if ends {
		c.end()
	}
}

// endProcess ends this process as kill -9 does: nothing is flushed, closed or deferred.
func endProcess() {
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Kill()
	}
	if err != nil {
		panic(fmt.Sprintf("fault kit: end the process: %v", err))
	}
	select {} // the signal is on its way
}

// setStall begins or ends a stall; a stall that goes on keeps those that wait.
func (c *Control) setStall(s Stall) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.going != nil {
		close(c.going)
		c.going = nil
	}
	c.stall = s
	if s.On {
		c.going = make(chan struct{})
	}
}
