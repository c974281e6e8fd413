package channeltest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"policybot/bot/channel"
)

// patience is how long a case waits for what must happen, in the bubble's time.
const patience = 20 * time.Minute

// Two people, two places and their threads.
var (
	ann   = channel.Actor{Tenant: "T1", ID: "UAnn"}
	ben   = channel.Actor{Tenant: "T1", ID: "UBen"}
	room  = channel.Place{ID: "room-1", Group: true}
	other = channel.Place{ID: "room-2", Group: true}
)

// A world is what one case works with.
type world struct {
	p    Platform
	can  Can
	ch   channel.Channel
	caps channel.Caps
	sink *recorder

	quit context.CancelFunc // nil when Run is not running
	done chan error
}

func newWorld(t testing.TB, start Start) (*world, error) {
	w := &world{p: start(t), sink: &recorder{ids: map[string]string{}}}
	w.can = w.p.Can()
	if err := w.connect(); err != nil {
		return nil, err
	}
	w.caps = w.ch.Caps()
	if !w.has(channel.Question) {
		return nil, errors.New("Can.Kinds has no question: nobody can ask")
	}
	return w, nil
}

// connect makes a fresh channel.
func (w *world) connect() error {
	ch, err := w.p.Connect()
	if err != nil {
		return fmt.Errorf("connect the channel to the platform: %w", err)
	}
	w.ch = ch
	return nil
}

// start begins Run and waits until the channel is up.
func (w *world) start() error {
	ctx, quit := context.WithCancel(context.Background())
	w.quit, w.done = quit, make(chan error, 1)
	go func(ch channel.Channel, done chan<- error) { done <- ch.Run(ctx, w.sink.take) }(w.ch, w.done)
	if !until(func() bool { return w.ch.Health().State == channel.Up }) {
		return fmt.Errorf("the channel is not up after %s: %+v", patience, w.ch.Health())
	}
	synctest.Wait()
	return nil
}

// stop ends Run, if it runs, and checks that it gives nil.
func (w *world) stop() error {
	if w.quit == nil {
		return nil
	}
	quit := w.quit
	w.quit = nil
	quit()
	w.sink.open()
	return within(w.done, "Run after its context ended")
}

// restart ends the channel and makes a fresh one that runs.
func (w *world) restart() error {
	if err := w.stop(); err != nil {
		return err
	}
	if err := w.connect(); err != nil {
		return err
	}
	return w.start()
}

// within waits for the end of what was started.
func within(done <-chan error, what string) error {
	select {
	case err := <-done:
		if err != nil {
			return fmt.Errorf("%s gave %w, want nil", what, err)
		}
		return nil
	case <-time.After(patience):
		return fmt.Errorf("%s did not return in %s", what, patience)
	}
}

// until waits for something to become true, with all goroutines at rest.
func until(is func() bool) bool {
	step := time.Millisecond
	for waited := time.Duration(0); ; waited += step {
		synctest.Wait()
		if is() {
			return true
		}
		if waited > patience {
			return false
		}
		step = min(2*step, 10*time.Second)
		time.Sleep(step)
	}
}

// gesture is a question of Ann's.
func gesture(text string) Gesture {
	return Gesture{Kind: channel.Question, By: ann, Place: room, Text: text}
}

// do lets a person do something and waits for the event of it.
func (w *world) do(g Gesture) (channel.Event, string, error) {
	before := len(w.sink.seen())
	name, err := w.p.Do(g)
	if err != nil {
		return channel.Event{}, "", fmt.Errorf("platform: %s %.40q: %w", g.Kind, g.Text, err)
	}
	e, err := w.event(before)
	if err != nil {
		return e, name, fmt.Errorf("%s %.40q: %w", g.Kind, g.Text, err)
	}
	return e, name, nil
}

// ask starts the channel, if it does not run, and lets Ann ask something.
func (w *world) ask() (channel.Event, string, error) {
	if w.quit == nil {
		if err := w.start(); err != nil {
			return channel.Event{}, "", err
		}
	}
	return w.do(gesture(fmt.Sprintf("question %d", len(w.sink.seen())+1)))
}

// event waits for the i-th event, from 0.
func (w *world) event(i int) (channel.Event, error) {
	if !until(func() bool { return len(w.sink.seen()) > i }) {
		return channel.Event{}, fmt.Errorf("%d events after %s, want %d", len(w.sink.seen()), patience, i+1)
	}
	return w.sink.seen()[i], nil
}

// settled gives all events once nothing moves any more.
func (w *world) settled() []channel.Event {
	synctest.Wait()
	time.Sleep(time.Second)
	synctest.Wait()
	return w.sink.seen()
}

// screen gives what is on screen once nothing moves any more.
func (w *world) screen(p channel.Place) Screen {
	synctest.Wait()
	return w.p.Screen(p)
}

// shows checks that exactly these documents are on screen whole, in order, and nothing of others.
func (w *world) shows(p channel.Place, docs ...channel.Doc) error {
	s := w.screen(p)
	return errors.Join(s.holds(docs...), check(s.Progress == "", "besides whole messages the screen shows progress %s", brief(s.Progress)))
}

// showsMeanwhile is shows in a place where a question is being worked on: its progress may be seen.
func (w *world) showsMeanwhile(p channel.Place, docs ...channel.Doc) error {
	return w.screen(p).holds(docs...)
}

func (s Screen) holds(docs ...channel.Doc) error {
	var got, want strings.Builder
	for _, m := range s.Messages {
		got.WriteString(m.Text)
	}
	for _, d := range docs {
		want.WriteString(d.Text)
	}
	if g, wanted := bare(got.String()), bare(want.String()); g != wanted {
		return fmt.Errorf("%d messages on screen, together %s, want %s", len(s.Messages), brief(g), brief(wanted))
	}
	cut := slices.ContainsFunc(s.Messages, func(m Message) bool { return m.Cut })
	return errors.Join(
		check(!cut, "what is shown whole says that there is more"),
		check(s.Snapshot == "", "besides whole messages the screen shows snapshot %s", brief(s.Snapshot)),
	)
}

// fits is how many bytes of text are shown whole at least, however they are cut into messages; 0: any.
func (w *world) fits() int { return w.caps.Messages * max(w.caps.Budget, 400) * 3 / 4 }

// most is how many bytes a text may have to be shown whole: so many, unless the channel shows fewer.
func (w *world) most(bytes int) int {
	if n := w.fits(); n > 0 {
		return min(bytes, n)
	}
	return bytes
}

// long is a text of about so many messages, of as many as the channel shows.
func (w *world) long(messages int) string {
	return numbered(w.most(messages * max(w.caps.Budget, 400)))
}

// showsBeginning checks that the beginning of a document that is too long is on screen, and that people are told that there
// is more.
func (w *world) showsBeginning(p channel.Place, d channel.Doc) error {
	s := w.screen(p)
	var got strings.Builder
	for i, m := range s.Messages {
		got.WriteString(m.Text)
		if last := i == len(s.Messages)-1; m.Cut != last {
			return fmt.Errorf("message %d of %d: says that there is more: %v", i+1, len(s.Messages), m.Cut)
		}
	}
	g := bare(got.String())
	return errors.Join(
		check(len(s.Messages) > 0 && len(s.Messages) <= w.caps.Messages, "%d messages on screen, at most %d are allowed", len(s.Messages), w.caps.Messages),
		check(strings.HasPrefix(bare(d.Text), g), "%s on screen is not the beginning of the document", brief(g)),
		check(len(g) >= w.fits()/2, "of a document that is too long %d bytes are on screen, want at least %d", len(g), w.fits()/2),
		check(s.Snapshot == "" && s.Progress == "", "besides whole messages the screen shows snapshot %s, progress %s", brief(s.Snapshot), brief(s.Progress)),
	)
}

// A recorder is a sink that stores events as the service would: the same id for the same question.
type recorder struct {
	mu     sync.Mutex
	events []channel.Event // each that came, stored or not
	ids    map[string]string
	fail   func(channel.Event) error // instead of storing; nil: none
	gate   chan struct{}             // while it is not nil nothing is stored
	active int                       // calls under way
	fixed  *channel.Accepted         // what every call gives; nil: what became of the event
}

// take is the [channel.Sink].
func (r *recorder) take(ctx context.Context, e channel.Event) (channel.Accepted, error) {
	r.mu.Lock()
	r.events = append(r.events, e)
	r.active++
	gate, fail := r.gate, r.fail
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		r.active--
		r.mu.Unlock()
	}()
	if gate != nil {
		select {
		case <-gate:
		case <-ctx.Done():
			return channel.Accepted{}, ctx.Err()
		}
	}
	if fail != nil {
		if err := fail(e); err != nil {
			return channel.Accepted{}, err
		}
	}
	return r.store(e), nil
}

func (r *recorder) store(e channel.Event) channel.Accepted {
	if e.Kind != channel.Question {
		return channel.Accepted{}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fixed != nil {
		return *r.fixed
	}
	keys := []string{"content " + e.ContentKey, "delivery " + e.DeliveryKey}
	for _, k := range keys {
		if id := r.ids[k]; id != "" {
			return channel.Accepted{ID: id, Duplicate: true}
		}
	}
	id := e.ID
	if id == "" {
		id = fmt.Sprintf("a-%d", len(r.ids)+1)
	}
	for _, k := range keys {
		r.ids[k] = id
	}
	return channel.Accepted{ID: id}
}

// seen gives the events that came so far.
func (r *recorder) seen() []channel.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]channel.Event(nil), r.events...)
}

// calls gives how many calls are under way.
func (r *recorder) calls() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.active
}

// id gives the id that an event's question got.
func (r *recorder) id(e channel.Event) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ids["content "+e.ContentKey]
}

// block keeps what comes from being stored until open.
func (r *recorder) block() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.gate = make(chan struct{})
}

func (r *recorder) open() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.gate != nil {
		close(r.gate)
		r.gate = nil
	}
}

// answering makes every call that succeeds give a.
func (r *recorder) answering(a channel.Accepted) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fixed = &a
}

// failing makes every call fail so, none with nil.
func (r *recorder) failing(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fail = nil
	if err != nil {
		r.fail = func(channel.Event) error { return err }
	}
}
