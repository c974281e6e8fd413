package slack

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"policybot/bot/channel"
	"policybot/bot/channel/inlet"
)

// Name is the channel's name.
const Name = "slack"

// Options of a channel. BotToken and one of AppToken and SigningSecret are needed.
type Options struct {
	BotToken      string // xoxb-…
	AppToken      string // xapp-…: events come over Socket Mode; "": over HTTP, to Handler
	SigningSecret string // of requests over HTTP
	APIURL        string // of the Web API, such as https://slack.com/api/; "" is that
	Client        *http.Client
	Dial          func(ctx context.Context, network, address string) (net.Conn, error) // of sockets; nil: the usual
	Connections   int                                                                  // of Socket Mode, 1 to 10; 0 is 2
	External      bool                                                                 // people of other organisations may ask in shared channels
	// Follows reports whether a person has asked in a thread before, so that what they write there is a
	// question without a mention. nil: a mention is always needed in channels. It must not wait long.
	Follows func(ctx context.Context, a channel.Actor, p channel.Place) bool
	Office  Office
	// Pages is the address of the console, http or https without a slash at its end, for citations that have no
	// address of their own; "" for none.
	Pages string
	Log   *slog.Logger // nil discards; no text of a message and no token is ever written to it
}

// Times of a channel.
const (
	callTime     = 10 * time.Second // for one call of the Web API
	updateTime   = 3 * time.Second  // for one call that may fail
	finishTime   = 5 * time.Minute  // for one document, pauses included
	sinkTime     = 2500 * time.Millisecond
	ackTime      = 3 * time.Second // Slack delivers again after that: https://docs.slack.dev/apis/events-api/#acknowledge-events
	checkEvery   = time.Minute     // whether the token still holds
	checkAgain   = 5 * time.Second // after a failure
	interval     = time.Second     // between two messages in one place: https://docs.slack.dev/apis/web-api/rate-limits/#posting-messages
	longWait     = 2 * time.Minute // in the middle of a document; what takes longer is tried again later
	maxBody      = 4 << 20         // bytes of one delivery
	mostEvents   = 64              // being stored at once
	mostCourtesy = 16              // modals and home tabs being made at once
)

// A Channel is the bot in one Slack app, installed in one or more workspaces of an organisation.
type Channel struct {
	o   Options
	api *slack.Client

	limits *limits
	live   *lives

	door    inlet.Door
	slots   chan struct{} // one for each event being stored
	spare   chan struct{} // one for each courtesy
	revoked chan string   // why the bot's rights are gone

	mu      sync.Mutex
	self    self
	noticed map[string]bool // remarks that were logged once
}

// self is who the bot is, as auth.test says.
type self struct {
	user, bot, team, enterprise string
	since                       time.Time // when this process began to take events
}

var _ channel.Channel = (*Channel)(nil)

// New makes a channel. It calls nobody before Run and Begin.
func New(o Options) (*Channel, error) {
	switch {
	case o.BotToken == "":
		return nil, errors.New("slack: the channel needs a bot token: set SLACK_BOT_TOKEN")
	case o.AppToken == "" && o.SigningSecret == "":
		return nil, errors.New("slack: the channel needs an app token for Socket Mode, or a signing secret for HTTP: set SLACK_APP_TOKEN or SLACK_SIGNING_SECRET")
	case o.Connections < 0 || o.Connections > 10:
		return nil, fmt.Errorf("slack: %d connections, want 1 to 10", o.Connections)
	}
	if o.Connections == 0 {
		o.Connections = 2
	}
	if o.Client == nil {
		o.Client = &http.Client{}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	options := []slack.Option{slack.OptionHTTPClient(o.Client)}
	if o.AppToken != "" {
		options = append(options, slack.OptionAppLevelToken(o.AppToken))
	}
	if o.APIURL != "" {
		options = append(options, slack.OptionAPIURL(strings.TrimRight(o.APIURL, "/")+"/"))
	}
	return &Channel{
		o: o, api: slack.New(o.BotToken, options...), limits: newLimits(), live: newLives(), noticed: map[string]bool{},
		slots: make(chan struct{}, mostEvents), spare: make(chan struct{}, mostCourtesy), revoked: make(chan string, 1),
	}, nil
}

// Caps implements [channel.Channel].
func (c *Channel) Caps() channel.Caps {
	return channel.Caps{
		Name: Name, Stream: channel.StreamAppend, Interval: interval, Budget: maxText, Buttons: maxButtons, Threads: true, Formatted: true,
	}
}

// Health implements [channel.Channel].
func (c *Channel) Health() channel.Health { return c.door.Health() }

// Run implements [channel.Channel]. Over Socket Mode it holds its connections; over HTTP events come to
// Handler. In both cases it asks Slack now and then whether the token still holds.
func (c *Channel) Run(ctx context.Context, sink channel.Sink) error {
	c.door.Set(channel.Starting, "")
	fatal, err := c.introduce(ctx)
	if fatal == "" && err == nil {
		select {
		case <-c.revoked: // said of the Run before
		default:
		}
		in := c.door.Open(ctx, sink)
		defer in.Close()
		fatal, err = c.attend(ctx, in)
	}
	switch {
	case fatal != "" && ctx.Err() == nil:
		c.door.Set(channel.Stopped, fatal)
		c.o.Log.Error("slack: the channel stops until somebody mends it", "reason", fatal)
		return &channel.FatalError{Reason: "slack: " + fatal}
	case err != nil && ctx.Err() == nil:
		c.door.Set(channel.Down, err.Error())
		return err
	}
	c.door.Set(channel.Down, "it was stopped")
	return nil
}

// introduce learns who the bot is. It goes on until Slack answers or ctx ends.
func (c *Channel) introduce(ctx context.Context) (fatal string, err error) {
	for {
		err := c.check(ctx)
		reason := fatalReason(err)
		switch {
		case ctx.Err() != nil:
			return "", ctx.Err()
		case reason != "":
			return reason, nil
		case err == nil:
			return "", nil
		}
		c.door.Set(channel.Down, plain(err))
		if inlet.Pause(ctx, max(checkAgain, retryAfter(err))) != nil {
			return "", ctx.Err()
		}
	}
}

// attend holds the connections, if there are any, and checks the token, until ctx ends or nothing can go on.
func (c *Channel) attend(ctx context.Context, in *inlet.Intake) (fatal string, err error) {
	ctx, quit := context.WithCancel(ctx)
	var holders sync.WaitGroup
	defer holders.Wait()
	defer quit()
	if c.o.AppToken != "" {
		up := &connected{c: c}
		for range c.o.Connections {
			holders.Go(func() { c.hold(ctx, in, up) })
		}
	} else {
		c.door.Set(channel.Up, "")
	}
	timer := time.NewTimer(checkEvery)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return "", nil
		case reason := <-c.revoked:
			return reason, nil
		case <-timer.C:
		}
		err := c.check(ctx)
		next := checkEvery
		switch reason := fatalReason(err); {
		case ctx.Err() != nil:
			return "", nil
		case reason != "":
			return reason, nil
		case err != nil:
			next = max(checkAgain, retryAfter(err))
			if c.o.AppToken == "" {
				c.door.Set(channel.Down, plain(err))
			}
		case c.o.AppToken == "":
			c.door.Set(channel.Up, "")
		}
		timer.Reset(next)
	}
}

// check asks Slack who the bot is.
func (c *Channel) check(ctx context.Context) error {
	ctx, quit := context.WithTimeout(ctx, callTime)
	defer quit()
	got, err := c.api.AuthTestContext(ctx)
	if err != nil {
		return fmt.Errorf("ask Slack who the bot is (auth.test): %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	since := c.self.since
	if since.IsZero() {
		since = time.Now()
	}
	c.self = self{user: got.UserID, bot: got.BotID, team: got.TeamID, enterprise: got.EnterpriseID, since: since}
	return nil
}

// me is who the bot is, as far as is known.
func (c *Channel) me() self {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.self
}

// revoke ends Run, because the bot's rights are gone.
func (c *Channel) revoke(reason string) {
	in := c.door.Enter()
	if in == nil {
		return
	}
	defer in.Leave()
	select {
	case c.revoked <- reason:
	default:
	}
}

// once logs a remark the first time.
func (c *Channel) once(remark string, args ...any) {
	c.mu.Lock()
	before := c.noticed[remark]
	c.noticed[remark] = true
	c.mu.Unlock()
	if !before {
		c.o.Log.Warn("slack: "+remark, args...)
	}
}
