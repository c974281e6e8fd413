package fakechat

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"policybot/bot/channel"
)

// Options of a channel.
type Options struct {
	Base   string       // URL of the platform, without a path
	Secret string       // shared with the platform; not empty
	Client *http.Client // nil: one of its own. Each call has a time-out besides the client's
	Name   string       // Caps.Name; "" is fakechat
}

// Times of a channel.
const (
	callTime   = 10 * time.Second // for one call of the platform
	updateTime = 3 * time.Second  // for one call that may fail
	sinkTime   = 2500 * time.Millisecond
	helloEvery = 30 * time.Second
	helloAgain = 5 * time.Second // after a failure
	interval   = time.Second     // between two messages in one place, and between two drafts
	longWait   = 2 * time.Minute // in the middle of a document; what takes longer is tried again later
)

// A Channel is the bot's side of the platform.
type Channel struct {
	o Options

	mu     sync.Mutex
	health channel.Health
	intake *intake // nil while Run does not run
}

// An intake is what Run gives events to.
type intake struct {
	ctx   context.Context
	sink  channel.Sink
	calls sync.WaitGroup // of sink
}

var _ channel.Channel = (*Channel)(nil)

// New makes a channel. It calls nobody before Run and Begin.
func New(o Options) (*Channel, error) {
	if o.Secret == "" || o.Base == "" {
		return nil, errors.New("fakechat: the channel needs the platform's URL and a secret: set Options.Base and Options.Secret")
	}
	if o.Name == "" {
		o.Name = "fakechat"
	}
	if o.Client == nil {
		o.Client = &http.Client{}
	}
	o.Base = strings.TrimRight(o.Base, "/")
	return &Channel{o: o, health: channel.Health{State: channel.Starting}}, nil
}

// Caps implements [channel.Channel].
func (c *Channel) Caps() channel.Caps {
	return channel.Caps{
		Name: c.o.Name, Stream: channel.StreamReplace, Interval: interval, Budget: maxText, Buttons: maxButtons, Threads: true, Formatted: true,
	}
}

// Health implements [channel.Channel].
func (c *Channel) Health() channel.Health {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.health
}

func (c *Channel) setHealth(s channel.State, reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	since := c.health.Since
	if c.health.State != s {
		since = time.Now()
	}
	c.health = channel.Health{State: s, Reason: reason, Since: since}
}

// Run implements [channel.Channel]. It says hello to the platform now and then, to know whether it is
// there; events come to Handler.
func (c *Channel) Run(ctx context.Context, sink channel.Sink) error {
	ctx, quit := context.WithCancel(ctx)
	in := &intake{ctx: ctx, sink: sink}
	c.setIntake(in)
	defer func() {
		c.setIntake(nil)
		quit()
		in.calls.Wait()
	}()
	c.setHealth(channel.Starting, "")
	for {
		wait := helloEvery
		switch err := c.hello(ctx); {
		case ctx.Err() != nil:
			c.setHealth(channel.Down, "it was stopped")
			return nil
		case errors.Is(err, errRevoked):
			c.setHealth(channel.Stopped, "the platform refuses the secret: set the right one and start again")
			return &channel.FatalError{Reason: "fakechat: the platform refuses the secret"}
		case err != nil:
			c.setHealth(channel.Down, err.Error())
			wait = helloAgain
		default:
			c.setHealth(channel.Up, "")
		}
		if pause(ctx, wait) != nil {
			c.setHealth(channel.Down, "it was stopped")
			return nil
		}
	}
}

func (c *Channel) setIntake(in *intake) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.intake = in
}

// enter gives where events go, nil when nobody takes them. Who got one calls in.calls.Done.
func (c *Channel) enter() *intake {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.intake == nil || c.intake.ctx.Err() != nil {
		return nil
	}
	c.intake.calls.Add(1)
	return c.intake
}

func (c *Channel) hello(ctx context.Context) error {
	var out struct {
		Bot string `json:"bot"`
	}
	if err := c.call(ctx, callTime, http.MethodGet, "/api/hello", nil, &out); err != nil {
		return fmt.Errorf("say hello to the platform: %w", err)
	}
	return nil
}

// pause waits. It gives the context's error when that ended first.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
