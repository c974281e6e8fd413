// Package socket is WeCom's AI bot (智能机器人) over the long connection: no public address and no encryption of our own.
//
// One bot has one connection: a new one takes the place of the old. Acknowledgements come as frames without a command,
// told by their req_id, and carry the codes; replies to one req_id go one after the other. A reply is a stream, of which
// every snapshot is the whole so far: the same snapshot sent twice is one message, so that nothing is answered twice.
//
// Source: https://developer.work.weixin.qq.com/document/path/101463.
package socket

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"policybot/bot/channel"
	"policybot/bot/channel/inlet"
	"policybot/bot/wecom/aibot"
	"policybot/bot/wecom/outgoing"
	"policybot/bot/wecom/render"
)

// Name is the channel's name.
const Name = "wecom"

// Options of a channel. BotID and Secret are needed.
type Options struct {
	BotID, Secret string
	URL           string                                                               // ws or wss; "" is WeCom's own
	Name          string                                                               // that people call the bot by in groups; "" leaves it to what a mention looks like
	Pages         string                                                               // address of the console, for links; "" for none
	Dial          func(ctx context.Context, network, address string) (net.Conn, error) // nil: the usual
	// Lease waits until this process may connect, so that two of them do not take the connection from each other for ever;
	// it calls waiting once if it has to wait. Release gives it back. nil: it always may.
	Lease func(ctx context.Context, waiting func()) (release func(), err error)
	Quiet bool         // nothing was sent in the minute before, by another process: the whole quota may be used at once
	Log   *slog.Logger // nil discards; no text of a message and no secret is ever written to it
}

// DefaultURL is WeCom's own address.
const DefaultURL = "wss://openws.work.weixin.qq.com"

// Times of a channel.
const (
	dialTime    = 10 * time.Second
	ackTime     = 5 * time.Second // the vendor's client waits as long
	writeTime   = 5 * time.Second
	pingEvery   = 8 * time.Second
	silence     = 25 * time.Second // without a sign of life a connection counts as dead
	firstRetry  = time.Second
	lastRetry   = 20 * time.Second
	secretRetry = 10 * time.Second // after the first refusal of the secret; twice as long after the second
	lastRefusal = 5 * time.Minute  // after codes of which nobody knows whether they pass
	updateTime  = 3 * time.Second  // for one call that may fail
	finishTime  = 20 * time.Minute // for one document, pauses included: hundreds of messages
	lineTime    = 15 * time.Second
	sinkTime    = 2500 * time.Millisecond
	lastTime    = 8 * time.Second // after the end, for what could not be stored
	lookEvery   = 20 * time.Millisecond
	interval    = 2 * time.Second // between two documents in one chat: at most 30 messages a minute
	snapshots   = time.Second     // between two snapshots of a reply
	streamLife  = 10 * time.Minute
	streamEnds  = 9 * time.Minute // a stream is ended by then, and what follows comes as another message
	reqLife     = 24 * time.Hour  // of a req_id
	coolFirst   = time.Minute     // after another connection took over
	coolLast    = 30 * time.Minute
	maxFrame    = 4 << 20
	mostPending = 5000 // not stored yet; what is more is turned away
	mostEvents  = 64   // being stored at once
	mostTries   = 3    // of subscribing with a secret that is refused
	mostSpare   = 64   // things that may fail, under way at once
	maxButtons  = 6
	mostLabels  = 20_000 // that are remembered
)

// A Channel is the bot over one connection.
type Channel struct {
	o       Options
	reader  aibot.Reader
	door    inlet.Door
	lives   *lives
	quota   *outgoing.Quota
	labels  *outgoing.Memory[aibot.Label] // of buttons, by token
	told    *outgoing.Memory[time.Time]   // when somebody was welcomed
	slots   chan struct{}                 // one for each event being stored
	pending chan struct{}                 // one for each event that is not stored yet
	spare   chan struct{}                 // one for each thing that may fail
	sending atomic.Int64                  // documents that are being sent

	mu      sync.Mutex
	line    *line
	changed chan struct{} // closed when there is another line
	ended   bool          // Run has ended: there will be no line
	plain   bool          // WeCom refused a card that stands under a stream
}

var _ channel.Channel = (*Channel)(nil)

// New makes a channel. It calls nobody before Run.
func New(o Options) (*Channel, error) {
	o.URL = cmp.Or(o.URL, DefaultURL)
	u, err := url.Parse(o.URL)
	switch {
	case o.BotID == "" || o.Secret == "":
		return nil, errors.New("wecom: the long connection needs the bot's id and secret: set WECOM_BOT_ID and WECOM_BOT_SECRET")
	case err != nil || u.Host == "" || u.Scheme != "ws" && u.Scheme != "wss":
		return nil, errors.New("wecom: the address of the long connection is none: WECOM_WS_URL begins with wss://")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Channel{
		o: o, reader: aibot.Reader{Name: o.Name, Langs: outgoing.NewMemory[string](mostLabels)}, lives: newLives(), quota: outgoing.ForChats(time.Now(), o.Quiet), labels: outgoing.NewMemory[aibot.Label](mostLabels), told: outgoing.NewMemory[time.Time](mostLabels),
		slots: make(chan struct{}, mostEvents), pending: make(chan struct{}, mostPending), spare: make(chan struct{}, mostSpare), changed: make(chan struct{}),
	}, nil
}

// Caps implements [channel.Channel].
func (c *Channel) Caps() channel.Caps {
	return channel.Caps{
		Name: Name, Stream: channel.StreamReplace, Interval: interval, Budget: render.Budget, Buttons: maxButtons, Formatted: true, Rates: true,
	}
}

// Health implements [channel.Channel].
func (c *Channel) Health() channel.Health { return c.door.Health() }

// Run implements [channel.Channel]. It holds the connection.
func (c *Channel) Run(ctx context.Context, sink channel.Sink) error {
	in := c.door.Open(ctx, sink)
	ctx = in.Context()
	c.setLine(nil, false)
	defer c.setLine(nil, true)
	defer in.Close()
	c.door.Set(channel.Starting, "")
	in.Go(c.tend)
	if fatal := c.hold(ctx, in); fatal != "" && ctx.Err() == nil {
		c.door.Set(channel.Stopped, fatal)
		c.o.Log.Error("wecom: the channel stops until somebody mends it", "reason", fatal)
		return &channel.FatalError{Reason: "wecom: " + fatal}
	}
	c.door.Set(channel.Down, "it was stopped")
	return nil
}

// hold keeps the connection until ctx ends or somebody has to mend something.
func (c *Channel) hold(ctx context.Context, in *inlet.Intake) (fatal string) {
	failures, refusals, cool := 0, 0, coolFirst
	for ctx.Err() == nil {
		began := time.Now()
		err := c.attend(ctx, in)
		lasted := time.Since(began)
		refused, isRefused := errors.AsType[*refusedError](err)
		switch {
		case ctx.Err() != nil:
			return ""
		case isRefused && refused.isOfSecret():
			if refusals++; refusals >= mostTries {
				return refused.reason()
			}
			c.door.Set(channel.Down, refused.reason())
			if inlet.Pause(ctx, time.Duration(refusals)*secretRetry) != nil {
				return ""
			}
			failures++
		case errors.Is(err, errKicked):
			if lasted > 2*coolLast {
				cool = coolFirst
			}
			c.door.Set(channel.Kicked, "another connection of the same bot took over: stop the other process, or give it a bot of its own; asked for again in "+cool.String())
			c.o.Log.Error("wecom: another connection of the same bot took over", "asks_again_in", cool)
			if inlet.Pause(ctx, cool) != nil {
				return ""
			}
			cool = min(2*cool, coolLast)
			failures, refusals = 0, 0
			continue
		default:
			refusals = 0
			c.door.Set(channel.Down, plain(err))
			if failures++; lasted > lastRetry {
				failures = 1
			}
		}
		c.o.Log.Warn("wecom: no connection", "error", plain(err))
		most := lastRetry
		if isRefused && !refused.busy() {
			most = lastRefusal
		}
		if inlet.Pause(ctx, backoff(failures, most)) != nil {
			return ""
		}
	}
	return ""
}

// attend makes one connection, and takes what comes over it until it ends; the error says why.
func (c *Channel) attend(ctx context.Context, in *inlet.Intake) error {
	if c.o.Lease != nil {
		waited := false
		release, err := c.o.Lease(ctx, func() {
			waited = true
			c.door.Set(channel.Kicked, "another process on this machine holds the connection of the same bot; it is waited for")
		})
		if err != nil {
			return err
		}
		defer release()
		if waited {
			c.door.Set(channel.Starting, "")
		}
	}
	l, err := c.connect(ctx)
	if err != nil {
		return err
	}
	defer l.end()
	c.setLine(l, false)
	defer c.setLine(nil, false)
	c.door.Set(channel.Up, "")
	return c.read(ctx, in, l)
}

// setLine says over which connection is sent, nil for none; ended tells that there will be none.
func (c *Channel) setLine(l *line, ended bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.line, c.ended = l, ended
	close(c.changed)
	c.changed = make(chan struct{})
}

// lined gives the connection, waiting for one if there is none, but not for long.
func (c *Channel) lined(ctx context.Context) (*line, error) {
	ctx, quit := context.WithTimeout(ctx, lineTime)
	defer quit()
	for {
		c.mu.Lock()
		l, changed, ended := c.line, c.changed, c.ended
		c.mu.Unlock()
		if l != nil && !l.ended() {
			return l, nil
		}
		if ended {
			return nil, errNoLine
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, errNoLine
		}
	}
}

// isPlain reports whether WeCom refused cards under streams.
func (c *Channel) isPlain() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.plain
}

func (c *Channel) bePlain() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.plain = true
}
