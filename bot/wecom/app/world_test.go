package app_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"policybot/bot/channel"
	"policybot/bot/wecom/app"
	"policybot/bot/wecomfake"
	"policybot/bot/wecomfake/judge"
)

// A world is a channel that runs on the fake corporation, in a bubble.
type world struct {
	*platform
	t    *testing.T
	c    *app.Channel
	sink *sink
	log  *log

	quit context.CancelFunc
	done chan error
}

// in runs a test in a bubble. Afterwards it looks whether the platform dropped anything, and whether a secret was logged.
func in(t *testing.T, o wecomfake.CorpOptions, do func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{platform: newPlatform(t, o), t: t, sink: &sink{stored: map[string]channel.Event{}}, log: &log{}}
		w.start()
		t.Cleanup(func() { // also after a failure
			w.quit()
			synctest.Wait()
		})
		do(w)
		w.stop()
		for _, d := range w.SilentDrops() {
			t.Errorf("dropped without a word at %s: %.80s", d.At, d.Body)
		}
		for _, v := range w.Advice() {
			t.Errorf("the platform took what it should not be sent: %s", v)
		}
		w.clean("the log", w.log.String())
	})
}

// clean checks that a text holds nothing secret.
func (w *world) clean(what, text string) {
	w.t.Helper()
	for _, s := range w.Can().Secrets {
		if strings.Contains(text, s) {
			w.t.Errorf("%s holds %q: %.300s", what, s, text)
		}
	}
}

// start makes a channel as a process that has just started would, and runs it.
func (w *world) start() {
	w.t.Helper()
	w.c = w.channel()
	w.taking.Store(w.c)
	w.run(w.c)
	synctest.Wait()
}

// channel makes a channel that does not run.
func (w *world) channel() *app.Channel {
	w.t.Helper()
	o := w.options()
	o.Log = slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	c, err := app.New(o)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

func (w *world) run(c *app.Channel) {
	ctx, quit := context.WithCancel(context.Background())
	w.quit, w.done = quit, make(chan error, 1)
	go func() { w.done <- c.Run(ctx, w.sink.take) }()
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

// settle lets the first minute of a process pass, in which it sends little.
func (w *world) settle() { time.Sleep(2 * time.Minute) }

// ask lets Ann ask, and gives the event.
func (w *world) ask() channel.Event {
	w.t.Helper()
	before := len(w.sink.seen())
	if _, err := w.AppSay("Ann", fmt.Sprint("问题 ", before)); err != nil {
		w.t.Fatal(err)
	}
	synctest.Wait()
	seen := w.sink.seen()
	if len(seen) <= before {
		w.t.Fatal("the question did not arrive")
	}
	return seen[len(seen)-1]
}

// finish tries once to deliver.
func (w *world) finish(e channel.Event, d channel.Doc, as channel.Delivery) error {
	w.t.Helper()
	return w.finishIn(context.Background(), w.c, e, d, as)
}

func (w *world) finishIn(ctx context.Context, c *app.Channel, e channel.Event, d channel.Doc, as channel.Delivery) error {
	w.t.Helper()
	r, err := c.Begin(ctx, e.Reply, "a-1")
	if err != nil {
		return err
	}
	_, err = r.Finish(ctx, d, as)
	if err != nil {
		w.clean("the error", err.Error())
	}
	return err
}

// deliver tries until it is delivered, as the service does.
func (w *world) deliver(e channel.Event, d channel.Doc, as channel.Delivery) {
	w.t.Helper()
	for range 100 {
		ctx, quit := context.WithTimeout(context.Background(), 20*time.Second)
		err := w.finishIn(ctx, w.c, e, d, as)
		quit()
		wait, waits := errors.AsType[*channel.WaitError](err)
		switch {
		case err == nil:
			return
		case waits:
			time.Sleep(wait.After)
		case channel.IsGone(err):
			w.t.Fatalf("%s: %v", as.Key, err)
		default:
			as.Again = true
			time.Sleep(5 * time.Second)
		}
	}
	w.t.Fatalf("%s was not delivered", as.Key)
}

// texts are what a person sees, without cards.
func (w *world) texts(user string) []string {
	var out []string
	for _, m := range w.AppMessages(user) {
		if m.Type != wecomfake.TypeCard {
			out = append(out, judge.Read(judge.App, m.Text).Text)
		}
	}
	return out
}

// sees checks how many messages of text a person sees, and that they hold some words so many times.
func (w *world) sees(user string, messages int, words string, times int) {
	w.t.Helper()
	all := w.texts(user)
	if n := strings.Count(strings.Join(all, "\n"), words); len(all) != messages || n != times {
		w.t.Errorf("%s sees %d messages with %q %d times, want %d and %d: %.300q", user, len(all), words, n, messages, times, all)
	}
}

// calls counts the calls of the app by their path.
func (w *world) calls(path string) int {
	n := 0
	for _, c := range w.Calls() {
		if c.Name == path {
			n++
		}
	}
	return n
}

// broken makes calls fail.
func (w *world) broken(f wecomfake.Fault) {
	w.t.Helper()
	if err := w.Server.Break(f); err != nil {
		w.t.Fatal(err)
	}
}

// health waits until the channel is so, and gives the reason.
func (w *world) health(want channel.State) string {
	w.t.Helper()
	for range 240 {
		synctest.Wait()
		if h := w.c.Health(); h.State == want {
			w.clean("the reason", h.Reason)
			return h.Reason
		}
		time.Sleep(5 * time.Second)
	}
	w.t.Fatalf("after 20 minutes the channel is %+v, want %s", w.c.Health(), want)
	return ""
}

// answer is a document with a sentence, its source and buttons.
func answer(text string) channel.Doc {
	return channel.Doc{
		ID: "a-1", Lang: "zh", Label: channel.LabelExtract, Text: text, Nodes: []channel.Node{{Kind: channel.Sentence, Text: text, Cites: []int{1}}},
		Citations: []channel.Citation{{N: 1, Title: "扶持办法", Path: "第三条", Quote: text, Clause: "doc-1.3"}},
		Buttons: []channel.Button{
			{Token: "good-token-0123456789", Label: "有用", Does: "good"},
			{Token: "bad-token-01234567890", Label: "没用", Does: "bad"},
			{Token: "person-token-01234567", Label: "转人工", Does: "person"},
		},
	}
}

// long is a document of many messages.
func long(sentences int) channel.Doc {
	d := channel.Doc{ID: "a-1", Lang: "zh", Label: channel.LabelAI}
	for i := range sentences {
		s := fmt.Sprintf("第%d句：%s。", i+1, strings.Repeat("符合条件的企业给予补贴", 10))
		d.Nodes = append(d.Nodes, channel.Node{Kind: channel.Line, Text: s})
		d.Text += s + "\n"
	}
	return d
}

// whole checks that every sentence of a long document is seen once.
func (w *world) whole(user string, sentences int) {
	w.t.Helper()
	all := strings.Join(w.texts(user), "\n")
	for i := range sentences {
		if n := strings.Count(all, fmt.Sprintf("第%d句：", i+1)); n != 1 {
			w.t.Errorf("sentence %d is seen %d times", i+1, n)
		}
	}
}

// A sink stores events by their keys.
type sink struct {
	mu     sync.Mutex
	events []channel.Event // each that came, stored or not
	stored map[string]channel.Event
	fail   func(channel.Event) error // instead of storing; nil: none
	hangs  bool                      // until the context ends
}

func (s *sink) take(ctx context.Context, e channel.Event) (channel.Accepted, error) {
	s.mu.Lock()
	s.events = append(s.events, e)
	hangs := s.hangs
	s.mu.Unlock()
	if hangs {
		<-ctx.Done()
		return channel.Accepted{}, ctx.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		if err := s.fail(e); err != nil {
			return channel.Accepted{}, err
		}
	}
	_, twice := s.stored[e.DeliveryKey]
	s.stored[e.DeliveryKey] = e
	return channel.Accepted{ID: e.DeliveryKey, Duplicate: twice}, nil
}

func (s *sink) set(hangs bool, fail func(channel.Event) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hangs, s.fail = hangs, fail
}

func (s *sink) seen() []channel.Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]channel.Event(nil), s.events...)
}

// kept are the events that are stored.
func (s *sink) kept() map[string]channel.Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[string]channel.Event{}
	for k, e := range s.stored {
		out[k] = e
	}
	return out
}

// A log is what was logged.
type log struct {
	mu   sync.Mutex
	data bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.data.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.data.String()
}
