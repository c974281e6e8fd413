package bot_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"policybot/bot"
	"policybot/bot/channel"
	"policybot/bot/journal"
	"policybot/bot/journal/memory"
)

// A fakeAnswerer answers every question with what was asked.
type fakeAnswerer struct {
	before func(ctx context.Context, q bot.Question) error // nil: nothing
	mu     sync.Mutex
	asked  []bot.Question
}

func (f *fakeAnswerer) Explain(ctx context.Context, q bot.Question) (bot.Answer, bot.Explanation, error) {
	f.mu.Lock()
	f.asked = append(f.asked, q)
	f.mu.Unlock()
	if f.before != nil {
		if err := f.before(ctx, q); err != nil {
			return bot.Answer{}, bot.Explanation{}, err
		}
	}
	a := bot.Answer{ID: q.ID, Question: q.Text, Lang: "zh", Outcome: bot.Abstained, Reason: bot.ReasonNotInLibrary, Mode: bot.ModeExtractive}
	a.Text = bot.Compose(a)
	return a, bot.Explanation{}, nil
}

func (f *fakeAnswerer) texts() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []string
	for _, q := range f.asked {
		out = append(out, q.Text)
	}
	return out
}

// A shown is one message that a person sees.
type shown struct {
	place, key, id, text string
	at                   time.Time
}

// A fakeChannel is a platform and its adapter in one. What people see outlives
// the service.
type fakeChannel struct {
	caps   channel.Caps
	blind  bool                                                               // does not look whether a message arrived before
	finish func(d channel.Doc, as channel.Delivery) (arrives bool, err error) // nil: all arrives
	run    func(ctx context.Context) error                                    // nil: until ctx ends
	update func(ctx context.Context) error                                    // before a snapshot is shown; nil: nothing
	health atomic.Pointer[channel.Health]                                     // nil: up

	mu       sync.Mutex
	sink     channel.Sink
	messages []shown
	steps    []string
}

func newFakeChannel() *fakeChannel {
	return &fakeChannel{caps: channel.Caps{Name: "fake", Buttons: 3, Threads: true}}
}

func (f *fakeChannel) Caps() channel.Caps { return f.caps }

func (f *fakeChannel) Run(ctx context.Context, sink channel.Sink) error {
	f.mu.Lock()
	f.sink = sink
	f.mu.Unlock()
	if f.run != nil {
		return f.run(ctx)
	}
	<-ctx.Done()
	return nil
}

func (f *fakeChannel) Health() channel.Health {
	if h := f.health.Load(); h != nil {
		return *h
	}
	return channel.Health{State: channel.Up}
}

func (f *fakeChannel) Begin(_ context.Context, h channel.Handle, id string) (channel.Reply, error) {
	return &fakeReply{f, string(h.Data), id}, nil
}

type fakeReply struct {
	f         *fakeChannel
	place, id string
}

func (r *fakeReply) Progress(_ context.Context, step string) error {
	r.f.mu.Lock()
	defer r.f.mu.Unlock()
	r.f.steps = append(r.f.steps, step+" "+r.id)
	return nil
}

func (r *fakeReply) Update(ctx context.Context, d channel.Doc) error {
	if r.f.update != nil {
		if err := r.f.update(ctx); err != nil {
			return err
		}
	}
	r.f.mu.Lock()
	defer r.f.mu.Unlock()
	r.f.steps = append(r.f.steps, "so far: "+d.Text)
	return nil
}

func (r *fakeReply) Abort(context.Context, string) error { return nil }

func (r *fakeReply) Finish(_ context.Context, d channel.Doc, as channel.Delivery) (channel.Receipt, error) {
	r.f.mu.Lock()
	defer r.f.mu.Unlock()
	if as.Again && !r.f.blind && slices.ContainsFunc(r.f.messages, func(m shown) bool { return m.key == as.Key }) {
		return "found", nil
	}
	arrives, err := true, error(nil)
	if r.f.finish != nil {
		arrives, err = r.f.finish(d, as)
	}
	if arrives {
		r.f.messages = append(r.f.messages, shown{r.place, as.Key, d.ID, d.Text, time.Now()})
	}
	return "sent", err
}

// finishWith changes what becomes of documents from now on.
func (f *fakeChannel) finishWith(finish func(channel.Doc, channel.Delivery) (bool, error)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.finish = finish
}

// give gives an event to the service that runs.
func (f *fakeChannel) give(t testing.TB, e channel.Event) (channel.Accepted, error) {
	t.Helper()
	f.mu.Lock()
	sink := f.sink
	f.mu.Unlock()
	e.Reply = channel.Handle{Data: []byte(e.Place.ID + "/" + e.Place.Thread)}
	return sink(t.Context(), e)
}

func (f *fakeChannel) seen() []shown {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.messages)
}

// textsOf are the messages about one question, or a case.
func (f *fakeChannel) textsOf(id string) []string {
	var out []string
	for _, m := range f.seen() {
		if m.id == id {
			out = append(out, m.text)
		}
	}
	return out
}

var events atomic.Int64

// asks is a new question of a user in a place.
func asks(user, place, text string) channel.Event {
	n := fmt.Sprint("e", events.Add(1))
	return channel.Event{
		Kind: channel.Question, DeliveryKey: "d" + n, ContentKey: "c" + n, Actor: channel.Actor{Tenant: "T", ID: user},
		Place: channel.Place{ID: place}, Text: text,
	}
}

var testKey = []byte("0123456789abcdef0123456789abcdef")

// A rig is a service under test with its fakes.
type rig struct {
	*bot.Service
	answerer *fakeAnswerer
	channel  *fakeChannel
	journal  journal.Journal
	stop     func()
}

// start runs a service with its fakes inside a bubble of package synctest. change, which may be
// nil, changes them before.
func start(t *testing.T, change func(*rig, *bot.Options)) *rig {
	t.Helper()
	r := &rig{answerer: &fakeAnswerer{}, channel: newFakeChannel(), journal: memory.New()}
	o := bot.Options{Key: testKey, Limits: bot.DefaultLimits, Lang: "zh"}
	if change != nil {
		change(r, &o)
	}
	o.Journal, o.Answerer, o.Channels = r.journal, r.answerer, append(o.Channels, r.channel)
	s, err := bot.NewService(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	r.run(t, s)
	return r
}

// run runs a service until the rig is stopped.
func (r *rig) run(t *testing.T, s *bot.Service) {
	t.Helper()
	r.Service = s
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	r.stop = func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	synctest.Wait()
}

// ask gives a question to the service and wants it taken.
func (r *rig) ask(t *testing.T, e channel.Event) string {
	t.Helper()
	a, err := r.channel.give(t, e)
	if err != nil || a.Refused != "" {
		t.Fatal(a, err)
	}
	return a.ID
}

// wantTexts checks what was shown of a question: one text for each part, which it holds.
func (r *rig) wantTexts(t *testing.T, id string, want ...string) {
	t.Helper()
	got := r.channel.textsOf(id)
	if len(got) != len(want) {
		t.Fatalf("%s has %d messages %q, want %d", id, len(got), got, len(want))
	}
	for i, w := range want {
		if !strings.Contains(got[i], w) {
			t.Errorf("message %d of %s is %q, want %q in it", i, id, got[i], w)
		}
	}
}

func (r *rig) entry(t *testing.T, id string) journal.Entry {
	t.Helper()
	e, err := r.journal.Entry(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func stepsOf(e journal.Entry) string {
	var names []string
	for _, s := range e.Steps {
		names = append(names, s.Name)
	}
	return strings.Join(names, " ")
}

var errCrashed = errors.New("the process is gone")

// A crashing journal ends its process, so to say, at a random call: before it or
// after it nothing is done any more.
type crashing struct {
	journal.Journal
	dead   atomic.Bool
	random func(n int) int
	one    int // in so many calls; 0 never
}

// call does something unless the process is gone, or goes now.
func (c *crashing) call(do func() error) error {
	at := -1
	if c.one > 0 {
		at = c.random(2 * c.one)
	}
	if at == 0 {
		c.dead.Store(true)
	}
	if c.dead.Load() {
		return errCrashed
	}
	err := do()
	if at == 1 {
		c.dead.Store(true)
		return errCrashed
	}
	return err
}

func (c *crashing) Accept(ctx context.Context, a journal.Arrival) (out journal.Accepted, err error) {
	err = c.call(func() (e error) { out, e = c.Journal.Accept(ctx, a); return e })
	return out, err
}

func (c *crashing) Edit(ctx context.Context, v journal.Edit) (out journal.State, err error) {
	err = c.call(func() (e error) { out, e = c.Journal.Edit(ctx, v); return e })
	return out, err
}

func (c *crashing) Withdraw(ctx context.Context, v journal.Withdrawal) (out journal.State, err error) {
	err = c.call(func() (e error) { out, e = c.Journal.Withdraw(ctx, v); return e })
	return out, err
}

func (c *crashing) Claim(ctx context.Context, o journal.ClaimOptions) (out journal.Claim, err error) {
	err = c.call(func() (e error) { out, e = c.Journal.Claim(ctx, o); return e })
	return out, err
}

func (c *crashing) Renew(ctx context.Context, v journal.Claim, until time.Time) error {
	return c.call(func() error { return c.Journal.Renew(ctx, v, until) })
}

func (c *crashing) Complete(ctx context.Context, v journal.Claim, r journal.Result) error {
	return c.call(func() error { return c.Journal.Complete(ctx, v, r) })
}

func (c *crashing) Release(ctx context.Context, v journal.Claim, r journal.Release) error {
	return c.call(func() error { return c.Journal.Release(ctx, v, r) })
}

func (c *crashing) Next(ctx context.Context, o journal.NextOptions) (out journal.Delivery, err error) {
	err = c.call(func() (e error) { out, e = c.Journal.Next(ctx, o); return e })
	return out, err
}

func (c *crashing) Posted(ctx context.Context, d journal.Delivery, at time.Time, receipt channel.Receipt, p journal.Pause) error {
	return c.call(func() error { return c.Journal.Posted(ctx, d, at, receipt, p) })
}

func (c *crashing) Later(ctx context.Context, d journal.Delivery, l journal.Later) error {
	return c.call(func() error { return c.Journal.Later(ctx, d, l) })
}

func (c *crashing) GiveUp(ctx context.Context, d journal.Delivery, at time.Time, why string, k journal.NewCase) error {
	return c.call(func() error { return c.Journal.GiveUp(ctx, d, at, why, k) })
}

// A walk is a random day of a service: what people did, and what they saw.
type walk struct {
	random  *rand.Rand
	mu      sync.Mutex
	channel *fakeChannel
	rows    journal.Journal
	rig     *rig
	crash   *crashing
	asked   map[string]*askedQuestion // by content key
	crashes int
	rounds  int // of cases
}

// An askedQuestion is one that the sink took at least once.
type askedQuestion struct {
	event   channel.Event
	id      string
	refused bool
	deleted bool // somebody tried to take it back
}

func (w *walk) n(n int) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.random.IntN(n)
}

// boot starts a service on what the last one left behind.
func (w *walk) boot(t *testing.T, one int) {
	w.crash = &crashing{Journal: w.rows, random: w.n, one: one}
	w.rig = start(t, func(r *rig, o *bot.Options) {
		r.channel, r.journal = w.channel, w.crash
		o.Limits.Workers, o.Limits.Senders, o.StaffDesk = 3, 2, office
		r.answerer.before = func(ctx context.Context, q bot.Question) error {
			switch w.n(12) {
			case 0:
				return errors.New("the library cannot be read")
			case 1:
				panic("a fault of the answerer")
			}
			select {
			case <-time.After(time.Duration(w.n(4000)) * time.Millisecond):
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	})
}

// reboot lets a service that has crashed end and starts another.
func (w *walk) reboot(t *testing.T, one int) {
	w.crashes++
	w.crash.dead.Store(true)
	w.rig.stop()
	w.boot(t, one)
}

// give delivers an event as platforms do: again and again until it is acknowledged, and sometimes
// once more.
func (w *walk) give(t *testing.T, e channel.Event) {
	for again := 0; again < 60; again++ {
		a, err := w.channel.give(t, e)
		if err == nil {
			w.note(e, a)
			if w.n(4) > 0 {
				return
			}
			continue
		}
		if w.crash.dead.Load() {
			w.reboot(t, w.crash.one)
		}
		time.Sleep(time.Second)
	}
	t.Errorf("%s was never taken", e.DeliveryKey)
}

func (w *walk) note(e channel.Event, a channel.Accepted) {
	switch q := w.asked[e.ContentKey]; {
	case e.Kind == channel.Question && q == nil:
		w.asked[e.ContentKey] = &askedQuestion{event: e, id: a.ID, refused: a.Refused != ""}
	case e.Kind == channel.Deleted && q != nil:
		q.deleted = true
	}
}

// step does one thing that people or platforms do.
func (w *walk) step(t *testing.T) {
	user, place := fmt.Sprint("U", w.n(4)), fmt.Sprint("P", w.n(2))
	keys := slices.Sorted(maps.Keys(w.asked))
	kind := w.n(10)
	if len(keys) == 0 {
		kind = 0
	}
	switch {
	case kind < 6:
		w.give(t, asks(user, place, fmt.Sprint("问题", w.n(1000))))
	case kind == 6: // the same gesture told in another event
		e := w.asked[keys[w.n(len(keys))]].event
		e.DeliveryKey += "x"
		w.give(t, e)
	case kind == 7:
		e := w.asked[keys[w.n(len(keys))]].event
		e.Kind, e.DeliveryKey, e.Text = channel.Edited, e.DeliveryKey+"e", "改过的问题"
		w.give(t, e)
	case kind == 8:
		e := w.asked[keys[w.n(len(keys))]].event
		e.Kind, e.DeliveryKey = channel.Deleted, e.DeliveryKey+"x"
		w.give(t, e)
	default:
		time.Sleep(time.Duration(w.n(20000)) * time.Millisecond)
	}
	time.Sleep(time.Duration(w.n(1500)) * time.Millisecond)
	if w.crash.dead.Load() {
		w.reboot(t, w.crash.one)
	}
}
