// Package inlet holds what every adapter of a platform needs around [channel.Channel.Run]: how the channel is, and where
// events go while Run runs.
package inlet

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"time"

	"policybot/bot/channel"
)

// ErrClosed is what an event fails with while nobody takes events. The platform is to send it again.
var ErrClosed = errors.New("nobody takes events now")

// A Door is how a channel is and, while Run runs, where its events go. The zero value is closed and starting. Its
// methods may be called from several goroutines.
type Door struct {
	mu     sync.Mutex
	health channel.Health
	intake *Intake // nil while Run does not run
}

// Health is how the channel is; see [channel.Channel.Health].
func (d *Door) Health() channel.Health {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.health.State == "" {
		return channel.Health{State: channel.Starting}
	}
	return d.health
}

// Set says how the channel is, and for people why it is not up. Since stays where the state does.
func (d *Door) Set(s channel.State, reason string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	since := d.health.Since
	if d.health.State != s {
		since = time.Now()
	}
	d.health = channel.Health{State: s, Reason: reason, Since: since}
}

// Open lets events in until Close of what it gives, or the end of ctx. Run calls it, once at a time.
func (d *Door) Open(ctx context.Context, sink channel.Sink) *Intake {
	ctx, quit := context.WithCancel(ctx)
	in := &Intake{door: d, ctx: ctx, quit: quit, sink: sink}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.intake = in
	return in
}

// Enter gives where events go, nil when nobody takes them. Who got one calls Leave.
func (d *Door) Enter() *Intake {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.intake == nil || d.intake.ctx.Err() != nil {
		return nil
	}
	d.intake.calls.Add(1)
	return d.intake
}

// Give has an event stored, within limit and as long as Run runs. It fails with ErrClosed when nobody takes events.
func (d *Door) Give(ctx context.Context, e channel.Event, limit time.Duration) (channel.Accepted, error) {
	in := d.Enter()
	if in == nil {
		return channel.Accepted{}, ErrClosed
	}
	defer in.Leave()
	ctx, quit := context.WithTimeout(ctx, limit)
	defer quit()
	defer context.AfterFunc(in.ctx, quit)()
	return in.sink(ctx, e)
}

// An Intake is where events go while Run runs.
type Intake struct {
	door  *Door
	ctx   context.Context
	quit  context.CancelFunc
	sink  channel.Sink
	calls sync.WaitGroup // of sink, and of what Go began
}

// Context ends with the intake.
func (in *Intake) Context() context.Context { return in.ctx }

// Sink stores an event. It is to be called between Enter and Leave, or in what Go runs.
func (in *Intake) Sink(ctx context.Context, e channel.Event) (channel.Accepted, error) {
	return in.sink(ctx, e)
}

// Leave ends what Enter began.
func (in *Intake) Leave() { in.calls.Done() }

// Go runs f in a goroutine that Close waits for. It is to be called by Run, between Enter and Leave, or in what Go runs.
func (in *Intake) Go(f func(ctx context.Context)) { in.calls.Go(func() { f(in.ctx) }) }

// Close lets no event in any more, ends the context, and waits for who is inside.
func (in *Intake) Close() {
	in.door.mu.Lock()
	if in.door.intake == in {
		in.door.intake = nil
	}
	in.door.mu.Unlock()
	in.quit()
	in.calls.Wait()
}

// How long a channel insists where a platform may not deliver an event again.
const (
	StoreTime = 2 * time.Minute  // on storing it
	TellTime  = 10 * time.Minute // and then on telling its author that it was in vain
)

// Insist calls do until it succeeds or fails with [channel.ErrKeyReused], for so long; the pauses between grow from one
// second to fifteen. When ctx ends it is called once more. The context that do gets does not end with ctx: do is to end by
// itself. It gives the last error.
func Insist(ctx context.Context, most time.Duration, do func(ctx context.Context) error) error {
	end := time.Now().Add(most)
	for pause := time.Second; ; pause = min(2*pause, 15*time.Second) {
		last := ctx.Err() != nil || !time.Now().Before(end)
		err := do(context.WithoutCancel(ctx))
		if err == nil || last || errors.Is(err, channel.ErrKeyReused) {
			return err
		}
		_ = Pause(ctx, pause) // when it ends early it is the last time
	}
}

// A Backlog is the events that could not be stored at once, and that a platform may never send again: they are tried for a
// while besides. It may be used from several goroutines.
type Backlog struct {
	most int
	mu   sync.Mutex
	keys map[string]bool
}

// NewBacklog is a backlog of at most so many events, above 0.
func NewBacklog(most int) *Backlog { return &Backlog{most: most, keys: map[string]bool{}} }

// Add has an event tried again, after a second: see [Insist]. Lost is called with what it failed with in the end. It is to
// be called where [Intake.Go] may be. An event that is tried already is not tried twice. It reports false where there are
// too many.
func (b *Backlog) Add(in *Intake, key string, most time.Duration, store func(ctx context.Context) error, lost func(error)) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.keys[key] {
		return true
	}
	if len(b.keys) >= b.most {
		return false
	}
	b.keys[key] = true
	in.Go(func(ctx context.Context) {
		_ = Pause(ctx, time.Second)
		err := Insist(ctx, most, func(ctx context.Context) error {
			if !b.has(key) {
				return nil
			}
			return store(ctx)
		})
		b.Done(key)
		if err != nil {
			lost(err)
		}
	})
	return true
}

// Done tells that an event has been stored, because the platform sent it once more.
func (b *Backlog) Done(key string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.keys, key)
}

func (b *Backlog) has(key string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.keys[key]
}

// Pause waits. It gives the context's error when that ended first.
func Pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// WithoutAddress is the error of an HTTP call without its address, which may hold a secret.
func WithoutAddress(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}

// atLeast is how much time has to be left for a message after a pause.
const atLeast = 5 * time.Second

// Rest waits in the middle of a document. Where ctx ends too soon for another message after the pause it fails at once: the
// rest is for a later attempt.
func Rest(ctx context.Context, pause time.Duration) error {
	if !Room(ctx, pause) {
		return fmt.Errorf("a pause of %s is needed in the middle of a document", pause)
	}
	return Pause(ctx, pause)
}

// Room reports whether there is time for a message after a pause before ctx ends.
func Room(ctx context.Context, pause time.Duration) bool {
	deadline, limited := ctx.Deadline()
	return !limited || time.Until(deadline) >= pause+atLeast
}
