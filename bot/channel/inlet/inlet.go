// Package inlet holds what every adapter of a platform needs around [channel.Channel.Run]: how the channel is, and where
// events go while Run runs.
package inlet

import (
	"context"
	"errors"
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
