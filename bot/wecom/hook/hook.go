// Package hook is the channel of a group robot of WeCom that is called by its webhook
// (https://developer.work.weixin.qq.com/document/path/99110): messages go out to the robot's group and nothing comes in.
// The staff is told of cases there, with a link to the console where each is answered, and whoever runs the service is
// told what is wrong.
//
// WeCom drops no message that comes twice and gives no id to look one up by. Where the end of a post is not known it is
// made again all the same: that the staff misses a case is worse than that it sees one twice. Each message shows a short
// reference, the same in every attempt, by which people see that it is the same.
package hook

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"policybot/bot/channel"
	"policybot/bot/channel/inlet"
	"policybot/bot/wecom/outgoing"
	"policybot/bot/wecom/render"
)

// Name is the channel's name.
const Name = "wecomhook"

// Options of a channel. URL is needed.
type Options struct {
	URL    string       // of the webhook, with its key; whoever has it can post to the group
	Client *http.Client // nil: the usual; no redirect is followed
	// Link gives the page that belongs to a document, under the words that stand for it; "" for none. nil: no document
	// has one. The words are no markup, the address is http or https.
	Link func(d channel.Doc) (words, address string)
	Log  *slog.Logger // nil discards; no text of a message and no key is ever written to it
}

// Times of a channel.
const (
	callTime = 8 * time.Second // for one call
	calm     = 5 * time.Minute // after that a post that failed says nothing any more of how the channel is
	mostKept = 200             // documents under way of which the parts that arrived are remembered
)

// A Channel is one group robot. Its methods may be used from several goroutines.
type Channel struct {
	o      Options
	key    string // of the webhook
	client *http.Client
	door   inlet.Door
	turn   chan struct{} // holds one token: one document is posted at a time
	pace   pace          // for who has the token

	arrived map[string]int // parts of documents under way that have arrived, by key; for who has the token

	mu     sync.Mutex
	failed time.Time   // when a post last failed; the zero time after one that did not
	mend   chan string // why Run ends; nil while it does not run
}

var _ channel.Channel = (*Channel)(nil)

// New makes a channel. It calls nobody before a document or an alert is posted. An error does not have the address.
func New(o Options) (*Channel, error) {
	u, err := url.Parse(o.URL)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.Query().Get("key") == "" {
		return nil, errors.New("wecomhook: the address of the group robot is none: it is http or https and has a key")
	}
	client := &http.Client{}
	if o.Client != nil {
		*client = *o.Client
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse } // it would take the key elsewhere
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	c := &Channel{o: o, key: u.Query().Get("key"), client: client, turn: make(chan struct{}, 1), arrived: map[string]int{}}
	c.turn <- struct{}{}
	return c, nil
}

// Place is the robot's group, the one place of the channel.
func Place() channel.Place { return channel.Place{ID: "group", Group: true} }

// Handle stands for the robot's group. It does not expire.
func Handle() channel.Handle { return channel.Handle{Data: []byte(Place().ID)} }

// Caps implements [channel.Channel].
func (*Channel) Caps() channel.Caps {
	return channel.Caps{Name: Name, Interval: time.Second, Budget: maxText, Formatted: true}
}

// Health implements [channel.Channel]. It is up while Run runs, but for five minutes after a post that failed and was
// followed by none that did not; it is stopped when WeCom does not know the robot.
func (c *Channel) Health() channel.Health { return c.door.Health() }

// Run implements [channel.Channel]. No event ever comes; it waits for the end of ctx, or until WeCom does not know the
// robot any more.
func (c *Channel) Run(ctx context.Context, sink channel.Sink) error {
	mend := make(chan string, 1)
	c.mu.Lock()
	c.mend, c.failed = mend, time.Time{}
	c.mu.Unlock()
	in := c.door.Open(ctx, sink)
	c.door.Set(channel.Up, "")
	reason := c.attend(ctx, mend)
	in.Close()
	if reason != "" {
		c.door.Set(channel.Stopped, reason)
		c.o.Log.Error("wecomhook: the channel stops until somebody mends it", "reason", reason)
		return &channel.FatalError{Reason: "wecomhook: " + reason}
	}
	c.door.Set(channel.Down, "it was stopped")
	return nil
}

// attend waits, and gives why nothing can go on; "" when ctx ended.
func (c *Channel) attend(ctx context.Context, mend <-chan string) string {
	look := time.NewTicker(calm / 5)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return ""
		case reason := <-mend:
			return reason
		case <-look.C:
		}
		c.mu.Lock()
		over := !c.failed.IsZero() && time.Since(c.failed) >= calm
		c.mu.Unlock()
		if over {
			c.note(nil)
		}
	}
}

// note says how the channel is after a post.
func (c *Channel) note(err error) {
	in := c.door.Enter()
	if in == nil {
		return // Run does not run, and says so
	}
	defer in.Leave()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failed = time.Time{}
	refused, ok := errors.AsType[*refusal](err)
	switch {
	case err == nil:
		c.door.Set(channel.Up, "")
	case ok && refused.stops():
		select {
		case c.mend <- refused.plain():
		default:
		}
	default:
		c.failed = time.Now()
		c.door.Set(channel.Down, plain(err))
	}
}

// Begin implements [channel.Channel]. Its only handle is that of [Handle].
func (c *Channel) Begin(ctx context.Context, h channel.Handle, _ string) (channel.Reply, error) {
	if string(h.Data) != string(Handle().Data) {
		return nil, &channel.GoneError{Reason: "the handle is none of the group robot's"}
	}
	return &reply{c}, ctx.Err()
}

// A reply is one document on its way to the group.
type reply struct{ c *Channel }

// Progress implements [channel.Reply]. It does nothing: what is posted cannot be taken back.
func (*reply) Progress(context.Context, string) error { return nil }

// Update implements [channel.Reply]. It does nothing.
func (*reply) Update(context.Context, channel.Doc) error { return nil }

// Abort implements [channel.Reply]. It does nothing.
func (*reply) Abort(context.Context, string) error { return nil }

// Finish implements [channel.Reply]. Parts of which WeCom said that they arrived are not posted again by this process;
// the rest is, also where the end of an earlier attempt is not known, with the same reference.
func (r *reply) Finish(ctx context.Context, d channel.Doc, as channel.Delivery) (channel.Receipt, error) {
	c := r.c
	if err := c.enter(ctx); err != nil {
		return "", err
	}
	defer c.leave()
	parts := c.parts(d, outgoing.Ref(as.Key))
	from := min(c.arrived[as.Key], len(parts))
	if wait := c.pace.wait(len(parts)-from, 0, time.Now()); wait > 0 {
		return "", &channel.WaitError{After: wait, All: true}
	}
	for i := from; i < len(parts); i++ {
		err := c.post(ctx, parts[i])
		if c.note(err); err != nil {
			return "", c.failure(err, i > 0)
		}
		c.keep(as.Key, i+1)
	}
	delete(c.arrived, as.Key)
	return "", nil
}

// keep remembers how many parts of a document have arrived.
func (c *Channel) keep(key string, parts int) {
	if len(c.arrived) >= mostKept {
		clear(c.arrived) // of documents that were given up
	}
	c.arrived[key] = parts
}

// failure is what a document fails with.
func (c *Channel) failure(err error, some bool) error {
	if refused, ok := errors.AsType[*refusal](err); ok && refused.waits() && !some {
		return &channel.WaitError{After: minute, All: true}
	}
	return fmt.Errorf("post to the WeCom group: %w", err)
}

// parts is a document as messages, the last with the link to its page.
func (c *Channel) parts(d channel.Doc, ref string) []string {
	parts := render.Parts(d, render.Hook, ref)
	if c.o.Link == nil {
		return parts
	}
	words, address := c.o.Link(d)
	if address == "" || strings.ContainsAny(address, " ()<>\\\"\r\n\t") {
		return parts
	}
	link := "[" + words + "](" + address + ")"
	if n := len(parts); n > 0 && len(parts[n-1])+1+len(link) <= maxText {
		parts[n-1] += "\n" + link
		return parts
	}
	return append(parts, link)
}

// Alert posts a text to the group for whoever runs the service, once: nothing is stored, and trying again is for the
// caller. A quarter of what WeCom takes in a minute is left for cases: where there is no room for alerts the error is a
// *channel.WaitError.
func (c *Channel) Alert(ctx context.Context, text string) error {
	if err := c.enter(ctx); err != nil {
		return err
	}
	defer c.leave()
	doc := channel.Doc{Label: channel.LabelNotice, Text: text}
	for line := range strings.SplitSeq(text, "\n") {
		doc.Nodes = append(doc.Nodes, channel.Node{Kind: channel.Line, Text: line})
	}
	parts := render.Parts(doc, render.Hook, "")
	if wait := c.pace.wait(len(parts), perMinute/4, time.Now()); wait > 0 {
		return &channel.WaitError{After: wait, All: true}
	}
	for i, part := range parts {
		err := c.post(ctx, part)
		if c.note(err); err != nil {
			return c.failure(err, i > 0)
		}
	}
	return nil
}

// enter waits until nobody else posts. Who got in calls leave.
func (c *Channel) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("post to the WeCom group: %w", err)
	}
	select {
	case <-c.turn:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for another post to the WeCom group: %w", ctx.Err())
	}
}

func (c *Channel) leave() { c.turn <- struct{}{} }
