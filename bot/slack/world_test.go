package slack_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode"

	"policybot/bot/channel"
	"policybot/bot/slack"
	"policybot/bot/slackfake"
)

// heard are all events that the manifest of the app can subscribe to.
var heard = []string{
	"app_mention", "message.channels", "message.groups", "message.im", "message.mpim", "agent_session_stopped", "app_home_opened", "app_uninstalled",
	"tokens_revoked", "assistant_thread_started", "reaction_added", "member_joined_channel",
}

// A world is a channel at work on the fake, with what it told the service.
type world struct {
	*platform
	bubble   *testing.T
	channel  *slack.Channel
	log      *lines
	change   func(*slack.Options)
	quit     context.CancelFunc
	ended    chan error
	patience time.Duration // that the faults of a test ask for

	mu    sync.Mutex
	got   []channel.Event
	store func(context.Context, channel.Event) error // nil: all is stored
}

// lines is a log that several goroutines write.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// count tells how many lines of the log hold a text.
func (l *lines) count(text string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for line := range strings.Lines(l.b.String()) {
		if strings.Contains(line, text) {
			n++
		}
	}
	return n
}

// in runs do in a bubble with a channel that takes events. change, which may be nil, changes its options.
func in(t *testing.T, overHTTP bool, fake slackfake.Options, change func(*slack.Options), do func(*world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		if fake.Events == nil {
			fake.Events = heard
		}
		t.Cleanup(func() { time.Sleep(time.Second) }) // servers linger
		w := &world{platform: newPlatform(t, fake, overHTTP), bubble: t, log: &lines{}, change: change}
		w.run()
		defer w.stop(nil)
		w.up()
		do(w)
	})
}

// both runs a test over Socket Mode and over HTTP.
func both(t *testing.T, do func(t *testing.T, overHTTP bool)) {
	t.Helper()
	t.Run("socket", func(t *testing.T) { do(t, false) })
	t.Run("http", func(t *testing.T) { do(t, true) })
}

// run starts a fresh channel.
func (w *world) run() {
	w.bubble.Helper()
	o := w.options()
	o.Log = slog.New(slog.NewJSONHandler(w.log, nil))
	if w.change != nil {
		w.change(&o)
	}
	c, err := slack.New(o)
	if err != nil {
		w.bubble.Fatal(err)
	}
	w.channel = c
	w.taking.Store(c)
	ctx, quit := context.WithCancel(w.bubble.Context())
	w.quit, w.ended = quit, make(chan error, 1)
	go func(ended chan<- error) { ended <- c.Run(ctx, w.sink) }(w.ended)
}

// up waits until the channel is up.
func (w *world) up() {
	w.bubble.Helper()
	for range 600 {
		if w.settle(); w.channel.Health().State == channel.Up {
			return
		}
	}
	w.bubble.Fatalf("the channel is not up: %+v", w.channel.Health())
}

// stop ends Run and wants it to give an error, or nil.
func (w *world) stop(want error) {
	w.bubble.Helper()
	if w.quit == nil {
		return
	}
	w.quit()
	w.quit = nil
	if err := <-w.ended; !errors.Is(err, want) {
		w.bubble.Errorf("Run gave %v, want %v", err, want)
	}
}

// restart ends the channel and starts another one, that knows nothing of what the first one did.
func (w *world) restart() {
	w.bubble.Helper()
	w.stop(nil)
	w.run()
	w.up()
}

// settle waits until nothing moves but what waits for a time.
func (w *world) settle() {
	time.Sleep(200 * time.Millisecond)
	synctest.Wait()
}

func (w *world) sink(ctx context.Context, e channel.Event) (channel.Accepted, error) {
	w.mu.Lock()
	store := w.store
	w.mu.Unlock()
	if store != nil {
		if err := store(ctx, e); err != nil {
			return channel.Accepted{}, err
		}
	}
	if err := ctx.Err(); err != nil { // it is too late to store it
		return channel.Accepted{}, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.got = append(w.got, e)
	return channel.Accepted{ID: e.ContentKey}, nil
}

// storeWith changes what becomes of events from now on.
func (w *world) storeWith(store func(context.Context, channel.Event) error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.store = store
}

// events gives what came so far, and forgets it.
func (w *world) events() []channel.Event {
	w.settle()
	w.mu.Lock()
	defer w.mu.Unlock()
	got := w.got
	w.got = nil
	return got
}

// one wants exactly one event.
func (w *world) one() channel.Event {
	w.bubble.Helper()
	got := w.events()
	if len(got) != 1 {
		w.bubble.Fatalf("%d events, want 1: %+v", len(got), got)
	}
	return got[0]
}

// none wants no event.
func (w *world) none() {
	w.bubble.Helper()
	if got := w.events(); len(got) != 0 {
		w.bubble.Errorf("%d events, want none: %+v", len(got), got)
	}
}

// say lets somebody say something.
func (w *world) say(s slackfake.Said) (gesture, ts string) {
	w.bubble.Helper()
	gesture, err := w.Say(s)
	if err != nil {
		w.bubble.Fatal(err)
	}
	_, ts = w.TS(gesture)
	return gesture, ts
}

// ask lets U1 ask in C1 and gives the event.
func (w *world) ask() channel.Event {
	w.bubble.Helper()
	w.say(slackfake.Said{User: "U1", Channel: "C1", Text: mention + " 有什么补贴？"})
	got := w.events()
	if len(got) == 0 {
		w.bubble.Fatal("the question did not arrive")
	}
	return got[0]
}

// begin takes up the reply to an event.
func (w *world) begin(e channel.Event, id string) channel.Reply {
	w.bubble.Helper()
	r, err := w.channel.Begin(w.bubble.Context(), e.Reply, id)
	if err != nil {
		w.bubble.Fatal(err)
	}
	return r
}

// finish delivers a document once, with the time that the service gives for it.
func (w *world) finish(e channel.Event, d channel.Doc, as channel.Delivery) error {
	w.bubble.Helper()
	ctx, quit := context.WithTimeout(w.bubble.Context(), 20*time.Second)
	defer quit()
	_, err := w.begin(e, d.ID).Finish(ctx, d, as)
	return err
}

// deliver delivers a document as the service does: again after every failure, and tells how often it tried.
func (w *world) deliver(e channel.Event, d channel.Doc, as channel.Delivery) int {
	w.bubble.Helper()
	for n := 1; n <= 60; n++ {
		err := w.finish(e, d, as)
		wait, asked := errors.AsType[*channel.WaitError](err)
		switch {
		case err == nil:
			w.settle()
			return n
		case asked:
			time.Sleep(wait.After)
		case channel.IsGone(err):
			w.bubble.Fatal(err)
		default:
			as.Again = true
			time.Sleep(min(time.Second<<min(n, 6), time.Minute))
		}
	}
	w.bubble.Fatal("the document was not delivered in 60 attempts")
	return 0
}

// calls gives the calls of some methods, by the beginning of their names.
func (w *world) calls(method string) []slackfake.Call {
	return slices.DeleteFunc(w.Calls(), func(c slackfake.Call) bool { return !strings.HasPrefix(c.Method, method) })
}

// broken makes calls fail.
func (w *world) broken(f slackfake.Fault) {
	w.bubble.Helper()
	if err := w.Break(f); err != nil {
		w.bubble.Fatal(err)
	}
}

// An identity is what every message of a document carries.
type identity struct {
	Key   string `json:"key"`
	Part  int    `json:"part"`
	Parts int    `json:"parts"`
}

func identityOf(m slackfake.Message) identity {
	var md struct {
		Payload identity `json:"event_payload"`
	}
	_ = json.Unmarshal(m.Metadata, &md) // what has none is nobody's
	return md.Payload
}

// own are the messages of the bot in a thread that all can see.
func own(all []slackfake.Message) []slackfake.Message {
	return slices.DeleteFunc(all, func(m slackfake.Message) bool { return !m.Own || m.Ephemeral != "" })
}

// squash takes out what a layout may add between words.
func squash(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '>' || r == '•' {
			return -1
		}
		return r
	}, s)
}

// whole tells what is wrong with messages that should be a document, whole and once, with this key and nothing else.
func whole(messages []slackfake.Message, d channel.Doc, key string) error {
	var text, sources strings.Builder
	for i, m := range messages {
		id := identityOf(m)
		if id.Key != key || id.Part != i+1 || id.Parts != len(messages) {
			return fmt.Errorf("message %d of %d in the thread is %+v with the text %.60q, want a part of %s", i+1, len(messages), id, read(m).Text, key)
		}
		if m.State == slackfake.StateStreaming {
			return fmt.Errorf("message %d is still being streamed", i+1)
		}
		seen := read(m)
		text.WriteString(seen.Text)
		for _, s := range seen.Sources {
			sources.WriteString(s)
		}
	}
	all, backed := squash(text.String()), squash(sources.String())
	for _, n := range d.Nodes {
		if n.Kind != channel.Sentence && d.Label != channel.LabelNotice {
			continue // said in other words, and in other places
		}
		if c := strings.Count(all, squash(n.Text)); c == 0 || n.Kind == channel.Sentence && c > 1+len(d.Citations) {
			return fmt.Errorf("%q is there %d times", n.Text, c)
		}
	}
	for _, c := range d.Citations {
		if !strings.Contains(backed, squash(c.Title)) || !strings.Contains(all+backed, squash(c.Quote)) {
			return fmt.Errorf("source %d is not there: %s", c.N, c.Quote)
		}
	}
	if len(messages) == 0 {
		return errors.New("there is no message")
	}
	return nil
}

// wantWhole wants a document as the only thing that the bot has in the thread of a question.
func (w *world) wantWhole(e channel.Event, d channel.Doc, key string) {
	w.bubble.Helper()
	w.settle()
	if err := whole(own(w.Messages(e.Place.ID, e.Place.Thread)), d, key); err != nil {
		w.bubble.Error(err)
	}
}

// answer is a document with so many sentences, each about n characters, with a source each.
func answer(id string, sentences, n int) channel.Doc {
	d := channel.Doc{ID: id, Lang: "zh", Label: channel.LabelExtract}
	for i := range sentences {
		s := fmt.Sprintf("第%d句：符合条件的企业一次性奖励%d万元，", i+1, 100+i)
		for j := 0; len([]rune(s)) < n; j++ {
			s += fmt.Sprintf("第%d项补助%d.5万元；", j+1, 1000+j)
		}
		s += "由市财政局负责。"
		d.Nodes = append(d.Nodes, channel.Node{Kind: channel.Sentence, Text: s, Cites: []int{i + 1}})
		d.Citations = append(d.Citations, channel.Citation{
			N: i + 1, Title: fmt.Sprintf("扶持办法%d", i+1), Number: "市府办〔2021〕1号", Path: fmt.Sprint("第", i+1, "条"), Quote: s, Clause: fmt.Sprint("c.", i+1),
			URL: fmt.Sprint("https://policy.example/c/", i+1),
		})
	}
	d.Nodes = append(d.Nodes, channel.Node{Kind: channel.Line, Text: "以上摘自政策库。"})
	for _, n := range d.Nodes {
		d.Text += n.Text + "\n"
	}
	d.Buttons = []channel.Button{{Token: "aaaaaaaaaaaaaaaaaaaaaa", Label: "有用", Does: "good"}, {Token: "bbbbbbbbbbbbbbbbbbbbbb", Label: "没用", Does: "bad"}}
	return d
}

// beginning is a document as it is while it grows: its first sentences.
func beginning(d channel.Doc, sentences int) channel.Doc {
	d.Nodes, d.Buttons = d.Nodes[:sentences], nil
	d.Text = ""
	for _, n := range d.Nodes {
		d.Text += n.Text + "\n"
	}
	return d
}
