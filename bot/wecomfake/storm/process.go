package storm

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"policybot/bot/channel"
	"policybot/bot/journal"
)

var (
	errGone = errors.New("the process is gone")
	errFull = errors.New("the disk is full")
)

// A Process is what ends with a process: what it would store, send or answer after its end is lost. A channel of it makes
// its calls by Client, its connections by Dial, and takes calls by Guard.
type Process struct {
	journal.Journal
	full *atomic.Int64 // until when nothing can be stored, in nanoseconds since 1970
	dead atomic.Bool
	life context.Context // ends with the process
	quit context.CancelFunc

	mu    sync.Mutex
	conns []net.Conn
}

func newProcess(ctx context.Context, rows journal.Journal, full *atomic.Int64) *Process {
	p := &Process{Journal: rows, full: full}
	p.life, p.quit = context.WithCancel(ctx)
	return p
}

// kill ends the process from outside, without a warning.
func (p *Process) kill() {
	p.dead.Store(true)
	p.quit()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		c.Close()
	}
}

// Client makes a client of the process of another one. What was carried out before the end stays so; its answer does not
// arrive.
func (p *Process) Client(of *http.Client) *http.Client {
	return &http.Client{Transport: &mortalCalls{p, of.Transport}}
}

type mortalCalls struct {
	*Process
	reach http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (m *mortalCalls) RoundTrip(r *http.Request) (*http.Response, error) {
	if m.dead.Load() {
		return nil, errGone
	}
	ctx, quit := context.WithCancel(r.Context())
	context.AfterFunc(m.life, quit)
	resp, err := m.reach.RoundTrip(r.WithContext(ctx))
	if m.dead.Load() {
		if err == nil {
			resp.Body.Close()
		}
		return nil, errGone
	}
	return resp, err
}

// A Dialer makes connections.
type Dialer func(ctx context.Context, network, address string) (net.Conn, error)

// Dial makes a dialer of the process of another one. Its connections break with the process.
func (p *Process) Dial(of Dialer) Dialer {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if p.dead.Load() {
			return nil, errGone
		}
		conn, err := of(ctx, network, address)
		if err == nil {
			p.mu.Lock()
			p.conns = append(p.conns, conn)
			p.mu.Unlock()
		}
		return conn, err
	}
}

// Guard makes a handler of the process of another one: it answers nothing any more when the process has ended.
func (p *Process) Guard(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.breathe()
		h.ServeHTTP(&mortalAnswer{w, p}, r)
		p.breathe()
	})
}

// breathe breaks off a request when the process has ended.
func (p *Process) breathe() {
	if p.dead.Load() {
		panic(http.ErrAbortHandler)
	}
}

type mortalAnswer struct {
	http.ResponseWriter
	p *Process
}

// Write implements http.ResponseWriter.
func (m *mortalAnswer) Write(b []byte) (int, error) {
	m.p.breathe()
	return m.ResponseWriter.Write(b)
}

// WriteHeader implements http.ResponseWriter.
func (m *mortalAnswer) WriteHeader(status int) {
	m.p.breathe()
	m.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController set deadlines.
func (m *mortalAnswer) Unwrap() http.ResponseWriter { return m.ResponseWriter }

func (p *Process) alive(do func() error) error {
	if p.dead.Load() {
		return errGone
	}
	return do()
}

// Accept implements journal.Intake. It fails while the disk is full.
func (p *Process) Accept(ctx context.Context, a journal.Arrival) (out journal.Accepted, err error) {
	if time.Now().UnixNano() < p.full.Load() {
		return out, errFull
	}
	err = p.alive(func() (e error) { out, e = p.Journal.Accept(ctx, a); return e })
	return out, err
}

// Withdraw implements journal.Intake.
func (p *Process) Withdraw(ctx context.Context, w journal.Withdrawal) (out journal.State, err error) {
	err = p.alive(func() (e error) { out, e = p.Journal.Withdraw(ctx, w); return e })
	return out, err
}

// Claim implements journal.Queue.
func (p *Process) Claim(ctx context.Context, o journal.ClaimOptions) (out journal.Claim, err error) {
	err = p.alive(func() (e error) { out, e = p.Journal.Claim(ctx, o); return e })
	return out, err
}

// Renew implements journal.Queue.
func (p *Process) Renew(ctx context.Context, c journal.Claim, until time.Time) error {
	return p.alive(func() error { return p.Journal.Renew(ctx, c, until) })
}

// Complete implements journal.Queue.
func (p *Process) Complete(ctx context.Context, c journal.Claim, r journal.Result) error {
	return p.alive(func() error { return p.Journal.Complete(ctx, c, r) })
}

// Release implements journal.Queue.
func (p *Process) Release(ctx context.Context, c journal.Claim, r journal.Release) error {
	return p.alive(func() error { return p.Journal.Release(ctx, c, r) })
}

// Next implements journal.Outbox.
func (p *Process) Next(ctx context.Context, o journal.NextOptions) (out journal.Delivery, err error) {
	err = p.alive(func() (e error) { out, e = p.Journal.Next(ctx, o); return e })
	return out, err
}

// Posted implements journal.Outbox.
func (p *Process) Posted(ctx context.Context, d journal.Delivery, at time.Time, receipt channel.Receipt, pause journal.Pause) error {
	return p.alive(func() error { return p.Journal.Posted(ctx, d, at, receipt, pause) })
}

// Later implements journal.Outbox.
func (p *Process) Later(ctx context.Context, d journal.Delivery, l journal.Later) error {
	return p.alive(func() error { return p.Journal.Later(ctx, d, l) })
}

// GiveUp implements journal.Outbox.
func (p *Process) GiveUp(ctx context.Context, d journal.Delivery, at time.Time, why string, c journal.NewCase) error {
	return p.alive(func() error { return p.Journal.GiveUp(ctx, d, at, why, c) })
}
