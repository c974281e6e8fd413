package fakechat

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"policybot/bot/channel"
	"policybot/bot/channel/inlet"
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
	o    Options
	door inlet.Door
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
	return &Channel{o: o}, nil
}

// Caps implements [channel.Channel].
func (c *Channel) Caps() channel.Caps {
	return channel.Caps{
		Name: c.o.Name, Stream: channel.StreamReplace, Interval: interval, Budget: maxText, Buttons: maxButtons, Threads: true, Formatted: true,
	}
}

// Health implements [channel.Channel].
func (c *Channel) Health() channel.Health { return c.door.Health() }

// Run implements [channel.Channel]. It says hello to the platform now and then, to know whether it is
// there; events come to Handler.
func (c *Channel) Run(ctx context.Context, sink channel.Sink) error {
	in := c.door.Open(ctx, sink)
	defer in.Close()
	c.door.Set(channel.Starting, "")
	for {
		wait := helloEvery
		switch err := c.hello(ctx); {
		case ctx.Err() != nil:
			c.door.Set(channel.Down, "it was stopped")
			return nil
		case errors.Is(err, errRevoked):
			c.door.Set(channel.Stopped, "the platform refuses the secret: set the right one and start again")
			return &channel.FatalError{Reason: "fakechat: the platform refuses the secret"}
		case err != nil:
			c.door.Set(channel.Down, err.Error())
			wait = helloAgain
		default:
			c.door.Set(channel.Up, "")
		}
		if inlet.Pause(ctx, wait) != nil {
			c.door.Set(channel.Down, "it was stopped")
			return nil
		}
	}
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
