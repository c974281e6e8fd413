package callback_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"policybot/bot/channel"
	"policybot/bot/wecom/callback"
	"policybot/bot/wecomfake"
)

// A world is a fake with a channel that runs, in a bubble.
type world struct {
	t    *testing.T
	p    *platform
	c    *callback.Channel
	quit context.CancelFunc
	done chan error

	mu     sync.Mutex
	events []channel.Event
	fail   error             // what the sink gives; nil: it stores
	hold   time.Duration     // how long it takes
	gives  *channel.Accepted // what it gives; nil: what became of the event
}

// inBubble runs a test with a channel that takes events.
func inBubble(t *testing.T, o wecomfake.Options, late *lateApp, test func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, p: newPlatform(t, o)}
		w.p.late = late
		w.start()
		time.Sleep(2 * time.Minute) // in the first of which little is sent
		test(w)
		w.stop()
	})
}

// start makes a channel as a new process would.
func (w *world) start() {
	w.t.Helper()
	c, err := w.p.connect()
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, quit := context.WithCancel(context.Background())
	w.c, w.quit, w.done = c, quit, make(chan error, 1)
	go func() { w.done <- c.Run(ctx, w.take) }()
	synctest.Wait()
}

func (w *world) stop() {
	w.t.Helper()
	w.quit()
	if err := <-w.done; err != nil {
		w.t.Errorf("Run gave %v", err)
	}
}

// restart ends the process and starts another.
func (w *world) restart() {
	w.t.Helper()
	w.stop()
	w.start()
}

// take is the sink. A question gets an id made of its message's.
func (w *world) take(ctx context.Context, e channel.Event) (channel.Accepted, error) {
	w.mu.Lock()
	hold := w.hold
	w.mu.Unlock()
	if hold > 0 {
		select {
		case <-time.After(hold):
		case <-ctx.Done():
			return channel.Accepted{}, ctx.Err()
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.fail != nil {
		return channel.Accepted{}, w.fail
	}
	out := channel.Accepted{}
	for _, before := range w.events {
		out.Duplicate = out.Duplicate || before.DeliveryKey == e.DeliveryKey
	}
	w.events = append(w.events, e)
	if w.gives != nil {
		return *w.gives, nil
	}
	if e.Kind == channel.Question || e.Kind == channel.Pressed {
		out.ID = "a-" + e.DeliveryKey
	}
	return out, nil
}

// set changes what the sink does.
func (w *world) set(change func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change()
}

// seen are the events that were stored, the same ones as often as they came.
func (w *world) seen() []channel.Event {
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]channel.Event(nil), w.events...)
}

// say lets somebody say something to the bot alone, and gives its event.
func (w *world) say(user, text string) (channel.Event, string) {
	w.t.Helper()
	n := len(w.seen())
	name, err := w.p.fake.Say(wecomfake.Say{User: user, Text: text})
	if err != nil {
		w.t.Fatal(err)
	}
	events := w.seen()
	if len(events) != n+1 {
		w.t.Fatalf("%q: %d events, want one more than %d; trouble: %q", text, len(events), n, w.p.fake.Trouble(name))
	}
	return events[n], name
}

// begin takes a reply up.
func (w *world) begin(e channel.Event) channel.Reply {
	w.t.Helper()
	r, err := w.c.Begin(context.Background(), e.Reply, "a-"+e.DeliveryKey)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// finish delivers a document.
func (w *world) finish(e channel.Event, d channel.Doc, as channel.Delivery) error {
	w.t.Helper()
	_, err := w.begin(e).Finish(context.Background(), d, as)
	return err
}

// must delivers a document that is to arrive.
func (w *world) must(e channel.Event, text string) {
	w.t.Helper()
	if err := w.finish(e, answerOf(text), channel.Delivery{Key: "k-" + e.DeliveryKey}); err != nil {
		w.t.Errorf("finish: %v", err)
	}
}

func answerOf(text string) channel.Doc {
	return channel.Doc{Lang: "zh", Label: channel.LabelAI, Text: text, Nodes: []channel.Node{{Kind: channel.Line, Text: text}}}
}

// bot are the messages of the bot in somebody's chat.
func (w *world) bot(user string) []wecomfake.Message {
	synctest.Wait()
	var out []wecomfake.Message
	for _, m := range w.p.fake.Messages(user) {
		if m.User == "" {
			out = append(out, m)
		}
	}
	return out
}

// shows checks what the bot's messages in somebody's chat begin with. A * at the end of one tells that it is a stream that
// goes on.
func (w *world) shows(user string, want ...string) {
	w.t.Helper()
	var got []string
	ok := true
	for i, m := range w.bot(user) {
		end := ""
		if !m.Finished {
			end = "*"
		}
		got = append(got, m.Text+end)
		ok = ok && i < len(want) && strings.HasSuffix(want[i], "*") == !m.Finished && strings.HasPrefix(m.Text, strings.TrimSuffix(want[i], "*"))
	}
	if !ok || len(got) != len(want) {
		w.t.Errorf("%s sees %q, want %q", user, got, want)
	}
}

// responses are the calls of response_urls.
func (w *world) responses() []wecomfake.Call {
	synctest.Wait()
	var out []wecomfake.Call
	for _, c := range w.p.fake.Calls() {
		if c.Name == "response" {
			out = append(out, c)
		}
	}
	return out
}

var errDisk = errors.New("the disk is full")

func gone(err error) string {
	if g, ok := errors.AsType[*channel.GoneError](err); ok {
		return g.Reason
	}
	return fmt.Sprintf("no GoneError: %v", err)
}
