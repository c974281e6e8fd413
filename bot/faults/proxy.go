// Package faults breaks things on purpose: a proxy that loses what goes over a connection, and a client
// for the commands of package control.
package faults

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// A Mode is what a Proxy does with what goes over its connections.
type Mode int

// Modes of a proxy.
const (
	Pass      Mode = iota // forwards everything
	Refuse                // closes connections, also those that come
	Stall                 // keeps connections and forwards nothing
	DropReply             // forwards what goes to the target, and closes at the first byte that comes back
)

// A Proxy forwards TCP connections to a target. Make one with Listen. It may be used from several
// goroutines.
type Proxy struct {
	target   string
	listener net.Listener
	wait     sync.WaitGroup
	cancel   context.CancelFunc

	mu      sync.Mutex
	mode    Mode
	changed chan struct{} // closed at the next change of mode
	open    map[net.Conn]bool
	dropped int
	closed  bool
}

// Listen starts a proxy on a free loopback port, in mode Pass. Its connections end with ctx or Close,
// whichever comes first; Close must be called.
func Listen(ctx context.Context, target string) (*Proxy, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("faults: proxy: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	p := &Proxy{target: target, listener: listener, cancel: cancel, changed: make(chan struct{}), open: map[net.Conn]bool{}}
	p.wait.Go(func() { p.accept(ctx) })
	context.AfterFunc(ctx, p.shut)
	return p, nil
}

// Addr is where the proxy listens.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Set changes what the proxy does, also with connections that are open.
func (p *Proxy) Set(mode Mode) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mode = mode
	close(p.changed)
	p.changed = make(chan struct{})
	if mode == Refuse {
		for c := range p.open {
			_ = c.Close()
		}
	}
}

// Dropped tells how many replies DropReply has lost.
func (p *Proxy) Dropped() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.dropped
}

// Close ends all connections and waits for their goroutines.
func (p *Proxy) Close() {
	p.cancel()
	p.shut()
	p.wait.Wait()
}

func (p *Proxy) shut() {
	_ = p.listener.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for c := range p.open {
		_ = c.Close()
	}
}

func (p *Proxy) accept(ctx context.Context) {
	for {
		in, err := p.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			p.wait.Go(func() { p.serve(ctx, in) })
		}
	}
}

// serve forwards one connection in both directions until either side ends.
func (p *Proxy) serve(ctx context.Context, in net.Conn) {
	if !p.keep(in) {
		return
	}
	defer p.drop(in)
	dialer := net.Dialer{Timeout: 5 * time.Second}
	out, err := dialer.DialContext(ctx, "tcp", p.target)
	if err != nil || !p.keep(out) {
		return
	}
	defer p.drop(out)
	var pair sync.WaitGroup
	pair.Go(func() { p.forward(ctx, out, in, false) })
	p.forward(ctx, in, out, true)
	pair.Wait()
}

// keep remembers a connection; it closes it and reports false when the proxy takes none.
func (p *Proxy) keep(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || p.mode == Refuse {
		_ = c.Close()
		return false
	}
	p.open[c] = true
	return true
}

func (p *Proxy) drop(c net.Conn) {
	_ = c.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.open, c)
}

// forward copies from one side to the other and closes both at the end.
func (p *Proxy) forward(ctx context.Context, to, from net.Conn, reply bool) {
	defer to.Close()
	defer from.Close()
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			if !p.passes(ctx, reply) {
				return
			}
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// passes waits while the proxy stalls and reports whether bytes may go on.
func (p *Proxy) passes(ctx context.Context, reply bool) bool {
	for {
		p.mu.Lock()
		mode, changed := p.mode, p.changed
		if mode == DropReply && reply {
			p.dropped++
		}
		p.mu.Unlock()
		switch {
		case mode == Refuse || mode == DropReply && reply:
			return false
		case mode != Stall:
			return true
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return false
		}
	}
}
