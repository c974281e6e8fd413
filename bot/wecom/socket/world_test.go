package socket_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"policybot/bot/channel"
	"policybot/bot/wecom/aibot"
	"policybot/bot/wecom/render"
	"policybot/bot/wecom/socket"
	"policybot/bot/wecomfake"
)

// A world is a fake platform, the channel on it, and what it gave to the sink.
type world struct {
	*platform
	t    *testing.T
	ch   *socket.Channel
	quit context.CancelFunc
	done chan error

	mu     sync.Mutex
	events []channel.Event
	fail   error // of the sink; nil: it stores
	idle   bool  // the sink takes what comes and does nothing, as with the press of a button that is another's
}

// inBubble plays on a fake with a channel that is up.
func inBubble(t *testing.T, o wecomfake.Options, play func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{platform: newPlatform(t, o), t: t}
		w.start(nil)
		w.eventually("the channel is up", 30*time.Second, func() bool { return w.ch.Health().State == channel.Up })
		play(w)
		w.stop()
	})
}

// start starts a channel as a fresh process would.
func (w *world) start(change func(*socket.Options)) {
	w.t.Helper()
	o := w.options()
	if change != nil {
		change(&o)
	}
	ch, err := socket.New(o)
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, quit := context.WithCancel(context.Background())
	w.ch, w.quit, w.done = ch, quit, make(chan error, 1)
	w.t.Cleanup(quit)
	go func(done chan<- error) { done <- ch.Run(ctx, w.sink) }(w.done)
}

func (w *world) stop() {
	w.t.Helper()
	w.quit()
	select {
	case <-w.done:
	case <-time.After(time.Minute):
		w.t.Error("Run goes on a minute after its context ended")
	}
}

func (w *world) sink(_ context.Context, e channel.Event) (channel.Accepted, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.fail != nil {
		return channel.Accepted{}, w.fail
	}
	w.events = append(w.events, e)
	if w.idle {
		return channel.Accepted{}, nil
	}
	return channel.Accepted{ID: "a-" + e.DeliveryKey}, nil
}

// failing lets the sink fail from now on, or store with nil.
func (w *world) failing(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fail = err
}

func (w *world) seen() []channel.Event {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]channel.Event(nil), w.events...)
}

// eventually waits in the bubble's time.
func (w *world) eventually(what string, within time.Duration, is func() bool) {
	w.t.Helper()
	for end := time.Now().Add(within); ; time.Sleep(100 * time.Millisecond) {
		synctest.Wait()
		switch {
		case is():
			return
		case time.Now().After(end):
			w.t.Fatalf("not within %s: %s (the channel is %+v)", within, what, w.ch.Health())
		}
	}
}

// ask lets Ann ask in a group and gives the event.
func (w *world) ask(text string) channel.Event {
	w.t.Helper()
	n := len(w.seen())
	if _, err := w.Say(wecomfake.Say{User: "Ann", Chat: "room", Text: text}); err != nil {
		w.t.Fatal(err)
	}
	w.eventually("the question arrives", time.Minute, func() bool { return len(w.seen()) > n })
	return w.seen()[n]
}

// begin takes up the reply to an event.
func (w *world) begin(e channel.Event) channel.Reply {
	w.t.Helper()
	r, err := w.ch.Begin(context.Background(), e.Reply, "a-"+e.DeliveryKey)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

func doc(text string) channel.Doc {
	return channel.Doc{ID: "a", Lang: "zh", Label: channel.LabelExtract, Text: text, Nodes: []channel.Node{{Kind: channel.Line, Text: text}}}
}

// finish delivers as the service does: it waits when it is asked to, and tries again when the end is not known.
func (w *world) finish(e channel.Event, d channel.Doc, as channel.Delivery) error {
	for range 30 {
		_, err := w.begin(e).Finish(context.Background(), d, as)
		if wait, ok := errors.AsType[*channel.WaitError](err); ok {
			time.Sleep(wait.After)
			continue
		}
		if err == nil || channel.IsGone(err) {
			return err
		}
		as.Again = true
		time.Sleep(time.Second)
	}
	return errors.New("tried 30 times")
}

// shown are the bot's whole messages in the group, in words and without label.
func (w *world) shown() []string {
	var out []string
	for _, m := range w.Messages("room") {
		if m.User == "" && m.Finished {
			out = append(out, strings.TrimSpace(read(m).Text))
		}
	}
	return out
}

// once fails unless a document stands once on screen.
func (w *world) once(text string) {
	w.t.Helper()
	n := 0
	for _, s := range w.shown() {
		if s == text {
			n++
		}
	}
	if n != 1 {
		w.t.Errorf("%q is shown %d times, among %d messages", text, n, len(w.shown()))
	}
}

// calls counts the calls of a command.
func (w *world) calls(cmd string) int {
	n := 0
	for _, c := range w.Calls() {
		if c.Name == cmd {
			n++
		}
	}
	return n
}

// TestHalfOpen: a connection that is open but dead is noticed within 30 seconds, and nothing is lost.
func TestHalfOpen(t *testing.T) {
	inBubble(t, wecomfake.Options{}, func(w *world) {
		e := w.ask("one")
		w.Stall()
		w.eventually("it is noticed", 30*time.Second, func() bool { return w.ch.Health().State == channel.Down })
		w.eventually("it is mended", 30*time.Second, func() bool { return w.ch.Health().State == channel.Up })
		if err := w.finish(e, doc("答。"), channel.Delivery{Key: "k"}); err != nil {
			t.Error(err)
		}
		w.once("答。")
	})
}

// TestOutage: after ten minutes without a network the bot is back within 30 seconds, and has not asked all the time.
func TestOutage(t *testing.T) {
	inBubble(t, wecomfake.Options{}, func(w *world) {
		before := w.calls("aibot_subscribe")
		w.Cut()
		time.Sleep(10 * time.Minute)
		if h := w.ch.Health(); h.State != channel.Down || h.Reason == "" {
			t.Errorf("without a network the channel is %+v", h)
		}
		w.Mend()
		w.eventually("it is back", 30*time.Second, func() bool { return w.ch.Health().State == channel.Up })
		if n := w.calls("aibot_subscribe") - before; n > 3 {
			t.Errorf("%d subscriptions", n)
		}
	})
}

// TestKicked: who is put out by another connection says so and does not fight: it asks again after a minute, then after
// longer and longer, and takes up its work when it is let.
func TestKicked(t *testing.T) {
	inBubble(t, wecomfake.Options{}, func(w *world) {
		e := w.ask("one")
		before := w.calls("aibot_subscribe")
		if err := w.Kick(); err != nil {
			t.Fatal(err)
		}
		w.eventually("it says so", time.Second, func() bool { return w.ch.Health().State == channel.Kicked })
		if h := w.ch.Health(); h.Reason == "" {
			t.Error("no reason")
		}
		time.Sleep(50 * time.Second)
		if n := w.calls("aibot_subscribe"); n != before {
			t.Errorf("it came back after %d subscriptions", n-before)
		}
		w.eventually("it asks again", 20*time.Second, func() bool { return w.ch.Health().State == channel.Up })
		if err := w.finish(e, doc("答。"), channel.Delivery{Key: "k"}); err != nil {
			t.Error(err)
		}
		w.once("答。")
		before = w.calls("aibot_subscribe")
		end := time.Now().Add(4 * time.Hour)
		for time.Now().Before(end) {
			if w.ch.Health().State == channel.Up {
				if err := w.Kick(); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(time.Second)
		}
		if n := w.calls("aibot_subscribe") - before; n < 5 || n > 14 {
			t.Errorf("it asked %d times in four hours of being put out at once", n)
		}
	})
}

// TestNotSubscribed: a connection that is open but no longer subscribed is made anew, and what was refused is sent again.
func TestNotSubscribed(t *testing.T) {
	inBubble(t, wecomfake.Options{}, func(w *world) {
		e := w.ask("one")
		w.Unsubscribe()
		if err := w.finish(e, doc("答。"), channel.Delivery{Key: "k"}); err != nil {
			t.Error(err)
		}
		w.once("答。")
		w.Unsubscribe()
		if err := w.finish(e, doc("后来的答复。"), channel.Delivery{Key: "k2", Later: true}); err != nil {
			t.Error(err)
		}
		w.once("后来的答复。")
	})
}

// TestExpiry: a stream is ended before its time is over, and the answer follows in a message of its own; so it does when
// WeCom ended the stream earlier.
func TestExpiry(t *testing.T) {
	for _, life := range []time.Duration{0, 3 * time.Minute} {
		inBubble(t, wecomfake.Options{Bot: wecomfake.BotOptions{StreamLife: life}}, func(w *world) {
			e := w.ask("one")
			if err := w.begin(e).Update(context.Background(), doc("开头")); err != nil {
				t.Error(err)
			}
			time.Sleep(11 * time.Minute)
			hanging := 0
			for _, m := range w.Messages("room") {
				if m.User == "" && !m.Finished {
					hanging++
				}
			}
			if life == 0 && hanging > 0 {
				t.Error("the stream hangs")
			}
			if err := w.finish(e, doc("开头和后面。"), channel.Delivery{Key: "k"}); err != nil {
				t.Error(err)
			}
			w.once("开头和后面。")
		})
	}
}

// TestExpiredBefore: a stream that an earlier process began, and that WeCom ended, does not count as the document that was
// sent to it with an unknown end: the service is told that nobody knows.
func TestExpiredBefore(t *testing.T) {
	for _, lenient := range []bool{false, true} {
		inBubble(t, wecomfake.Options{Bot: wecomfake.BotOptions{LenientFinish: lenient}}, func(w *world) {
			e := w.ask("one")
			_ = w.begin(e).Progress(context.Background(), "working")
			time.Sleep(9*time.Minute + 30*time.Second) // it is ended in time
			w.stop()
			w.start(nil)
			w.eventually("it is up", time.Minute, func() bool { return w.ch.Health().State == channel.Up })
			_ = w.begin(e).Progress(context.Background(), "working")
			if err := w.Break(wecomfake.Fault{Call: "aibot_respond_msg", Kind: wecomfake.FaultSilent, Only: wecomfake.OnlyWhole}); err != nil {
				t.Fatal(err)
			}
			if err := w.finish(e, doc("答。"), channel.Delivery{Key: "k"}); err != nil {
				t.Error(err)
			}
			w.once("答。")
		})
	}
}

// TestExpiredEarly: WeCom takes no stream any more before its time, and refuses the push in its place. Nothing was delivered,
// so the next process delivers it; where the push was under way when the process died, nobody knows and the service is told.
func TestExpiredEarly(t *testing.T) {
	for _, killed := range []bool{false, true} {
		inBubble(t, wecomfake.Options{}, func(w *world) {
			e := w.ask("one")
			for _, f := range []wecomfake.Fault{
				{Call: "aibot_respond_msg", Kind: wecomfake.FaultCode, Code: 846608, Times: 3}, {Call: "aibot_send_msg", Kind: wecomfake.FaultCode, Code: -1},
			} {
				if err := w.Break(f); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := w.begin(e).Finish(context.Background(), doc("答。"), channel.Delivery{Key: "k"}); !channel.IsUnsent(err) {
				t.Errorf("%v, want a *channel.UnsentError", err)
			}
			w.stop()
			w.start(nil)
			w.eventually("it is up", time.Minute, func() bool { return w.ch.Health().State == channel.Up })
			err := w.finish(e, doc("答。"), channel.Delivery{Key: "k", Again: killed})
			if killed != channel.IsGone(err) || !killed && err != nil {
				t.Errorf("killed %t: %v", killed, err)
			}
			if !killed {
				w.once("答。")
			}
		})
	}
}

// TestLateTwice: a document that one process began late, and that another goes on with, is not shown twice: the second one
// cannot know which stream the first one used.
func TestLateTwice(t *testing.T) {
	inBubble(t, wecomfake.Options{}, func(w *world) {
		e := w.ask("one")
		restart := func() {
			w.stop()
			w.start(nil)
			w.eventually("it is up", time.Minute, func() bool { return w.ch.Health().State == channel.Up })
		}
		time.Sleep(12 * time.Minute)
		restart()
		if err := w.finish(e, doc("答。"), channel.Delivery{Key: "k"}); err != nil {
			t.Error(err)
		}
		restart()
		if err := w.finish(e, doc("答。"), channel.Delivery{Key: "k", Again: true}); !channel.IsGone(err) {
			t.Errorf("%v, want a *channel.GoneError", err)
		}
		w.once("答。")
	})
}

// TestManyUnstored: while hundreds of events cannot be stored, acknowledgements are read and answers arrive.
func TestManyUnstored(t *testing.T) {
	inBubble(t, wecomfake.Options{}, func(w *world) {
		e := w.ask("one")
		w.failing(errors.New("the disk is full"))
		for i := range 300 {
			if _, err := w.Say(wecomfake.Say{User: fmt.Sprint("u", i), Text: "有什么补贴？"}); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(5 * time.Second)
		start := time.Now()
		if err := w.finish(e, doc("答。"), channel.Delivery{Key: "k"}); err != nil || time.Since(start) > time.Second {
			t.Errorf("%v after %s", err, time.Since(start))
		}
		w.failing(nil)
		w.eventually("all are stored", time.Minute, func() bool { return len(w.seen()) == 301 })
	})
}

// TestEarly: what WeCom tells before it acknowledges the subscription is taken, also when it never does.
func TestEarly(t *testing.T) {
	inBubble(t, wecomfake.Options{}, func(w *world) {
		if err := w.Break(wecomfake.Fault{Call: "aibot_subscribe", Kind: wecomfake.FaultHang, After: time.Hour}); err != nil {
			t.Fatal(err)
		}
		w.Cut()
		w.Mend()
		w.eventually("it has subscribed", 30*time.Second, w.Subscribed)
		e := w.ask("one")
		if err := w.finish(e, doc("答。"), channel.Delivery{Key: "k"}); err != nil {
			t.Error(err)
		}
		w.once("答。")
	})
}

// TestToldAtTheEnd: who asks something that cannot be stored is told also when the process ends.
func TestToldAtTheEnd(t *testing.T) {
	inBubble(t, wecomfake.Options{}, func(w *world) {
		w.failing(errors.New("the disk is full"))
		if _, err := w.Say(wecomfake.Say{User: "Ann", Chat: "room", Text: "有什么补贴？"}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		w.stop()
		if said := w.shown(); len(said) != 1 || !strings.Contains(said[0], "没能受理") {
			t.Errorf("Ann sees %q", said)
		}
		w.failing(nil)
		w.start(nil)
	})
}

// TestToldOverAnother: who asks something that cannot be stored is told over the connection that there is by then.
func TestToldOverAnother(t *testing.T) {
	inBubble(t, wecomfake.Options{}, func(w *world) {
		w.failing(errors.New("the disk is full"))
		if _, err := w.Say(wecomfake.Say{User: "Ann", Chat: "room", Text: "有什么补贴？"}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		w.Cut()
		w.Mend()
		w.eventually("Ann is told", 5*time.Minute, func() bool { return len(w.shown()) == 1 && strings.Contains(w.shown()[0], "没能受理") })
	})
}

// TestReqIDsEndWithConnection: where a reply cannot be tied to its question any more it is pushed.
func TestReqIDsEndWithConnection(t *testing.T) {
	inBubble(t, wecomfake.Options{Bot: wecomfake.BotOptions{ReqIDsEndWithConnection: true}}, func(w *world) {
		e := w.ask("one")
		w.Cut()
		time.Sleep(time.Minute)
		w.Mend()
		w.eventually("it is back", 30*time.Second, func() bool { return w.ch.Health().State == channel.Up })
		if err := w.finish(e, doc("答。"), channel.Delivery{Key: "k"}); err != nil {
			t.Error(err)
		}
		w.once("答。")
		if w.calls("aibot_send_msg") == 0 {
			t.Error("it was not pushed")
		}
	})
}

// TestNoSecondPush: a push whose end is not known is not sent again, and the service is told that it must look after it.
func TestNoSecondPush(t *testing.T) {
	for _, kind := range []string{wecomfake.FaultHang, wecomfake.FaultLost, wecomfake.FaultNoise, wecomfake.FaultSilent} {
		inBubble(t, wecomfake.Options{Bot: wecomfake.BotOptions{ReqIDsEndWithConnection: true}}, func(w *world) {
			e := w.ask("one")
			w.Cut()
			time.Sleep(time.Minute)
			w.Mend()
			if err := w.Break(wecomfake.Fault{Call: "aibot_send_msg", Kind: kind}); err != nil {
				t.Fatal(err)
			}
			w.eventually("it is back", 30*time.Second, func() bool { return w.ch.Health().State == channel.Up })
			if err := w.finish(e, doc("答。"), channel.Delivery{Key: "k"}); !channel.IsGone(err) {
				t.Errorf("%s gave %v, want a *channel.GoneError", kind, err)
			}
			if err := w.finish(e, doc("答。"), channel.Delivery{Key: "k", Again: true}); !channel.IsGone(err) {
				t.Errorf("%s, again, gave %v", kind, err)
			}
			if n := len(w.shown()); n > 1 {
				t.Errorf("%s: %d messages", kind, n)
			}
		})
	}
}

// TestSilent: a frame that WeCom drops without a word is sent again.
func TestSilent(t *testing.T) {
	inBubble(t, wecomfake.Options{}, func(w *world) {
		e := w.ask("one")
		if err := w.Break(wecomfake.Fault{Call: "aibot_respond_msg", Kind: wecomfake.FaultSilent, Times: 2}); err != nil {
			t.Fatal(err)
		}
		if err := w.finish(e, doc("答。"), channel.Delivery{Key: "k"}); err != nil {
			t.Error(err)
		}
		w.once("答。")
	})
}

// TestQuota: what would be too much for WeCom waits; nothing is dropped.
func TestQuota(t *testing.T) {
	inBubble(t, wecomfake.Options{Bot: wecomfake.BotOptions{TooOftenSilent: true}}, func(w *world) {
		var all sync.WaitGroup
		for i := range 80 {
			e := w.ask(fmt.Sprintf("question %d", i))
			all.Go(func() {
				if err := w.finish(e, doc(fmt.Sprintf("答%d。", i)), channel.Delivery{Key: fmt.Sprint("k", i)}); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if n := len(w.SilentDrops()); n > 0 {
			t.Errorf("%d were dropped", n)
		}
		for i := range 80 {
			w.once(fmt.Sprintf("答%d。", i))
		}
	})
}

// TestSerial: no frame of a reply goes before the one before it is acknowledged, and of snapshots only the newest waits.
func TestSerial(t *testing.T) {
	inBubble(t, wecomfake.Options{Bot: wecomfake.BotOptions{Strict: true, AckAfter: 1500 * time.Millisecond}}, func(w *world) {
		e := w.ask("one")
		r := w.begin(e)
		var all sync.WaitGroup
		for i := range 20 {
			all.Go(func() { _ = r.Update(context.Background(), doc(strings.Repeat("开", i+1))) })
		}
		if err := w.finish(e, doc("开头和后面。"), channel.Delivery{Key: "k"}); err != nil {
			t.Error(err)
		}
		all.Wait()
		w.once("开头和后面。")
		for _, c := range w.Calls() {
			if c.Early {
				t.Errorf("%s went before the acknowledgement of the one before", c.Name)
			}
		}
		if n := w.calls("aibot_respond_msg"); n > 5 {
			t.Errorf("%d frames", n)
		}
	})
}

// TestWelcome: who opens the chat is greeted within five seconds, in both languages.
func TestWelcome(t *testing.T) {
	inBubble(t, wecomfake.Options{}, func(w *world) {
		visit, err := w.Enter("Ann")
		if err != nil {
			t.Fatal(err)
		}
		w.eventually("the welcome", 5*time.Second, func() bool { return len(w.Messages("Ann")) == 1 })
		for _, word := range []string{"条款", "cite the clause"} {
			if text := w.Messages("Ann")[0].Text; !strings.Contains(text, word) {
				t.Errorf("the welcome does not have %q: %s", word, text)
			}
		}
		for range 3 { // the same visit once more
			if err := w.Redeliver(visit); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(5 * time.Second)
		if n := len(w.Messages("Ann")); n != 1 {
			t.Errorf("%d messages", n)
		}
		if len(w.seen()) > 0 {
			t.Errorf("a visit is no event: %+v", w.seen())
		}
	})
}

// TestUnread: who sends an image is told that it cannot be read; what is spoken is read.
func TestUnread(t *testing.T) {
	inBubble(t, wecomfake.Options{}, func(w *world) {
		for _, kind := range []string{wecomfake.SaidImage, wecomfake.SaidFile, wecomfake.SaidVideo} {
			n := len(w.Messages("Ann"))
			if _, err := w.Say(wecomfake.Say{User: "Ann", Kind: kind}); err != nil {
				t.Fatal(err)
			}
			w.eventually("the reply", 10*time.Second, func() bool { return len(w.Messages("Ann")) == n+2 })
			if m := w.Messages("Ann")[n+1]; !m.Finished || m.Text != aibot.Unread("") {
				t.Errorf("to %s the bot says %+v", kind, m)
			}
		}
		if _, err := w.Say(wecomfake.Say{User: "Ann", Kind: wecomfake.SaidVoice, Text: "补贴多少？"}); err != nil {
			t.Fatal(err)
		}
		w.eventually("what was said", 10*time.Second, func() bool { return len(w.seen()) == 1 && w.seen()[0].Text == "补贴多少？" })
		if _, err := w.Say(wecomfake.Say{User: "Ann", Kind: wecomfake.SaidImage}); err != nil {
			t.Fatal(err)
		}
		w.eventually("the reply", 10*time.Second, func() bool { m := w.Messages("Ann"); return m[len(m)-1].Text == aibot.Unread("zh") })
	})
}

// TestStored: WeCom delivers an event once, so it is stored as soon as that can be done; when it cannot, the person is told.
func TestStored(t *testing.T) {
	inBubble(t, wecomfake.Options{}, func(w *world) {
		w.failing(errors.New("the disk is full"))
		if _, err := w.Say(wecomfake.Say{User: "Ann", Chat: "room", Text: "one"}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		w.failing(nil)
		w.eventually("it is stored", 30*time.Second, func() bool { return len(w.seen()) == 1 })
		w.failing(errors.New("the disk is full"))
		if _, err := w.Say(wecomfake.Say{User: "Ann", Chat: "room", Text: "第二个问题"}); err != nil {
			t.Fatal(err)
		}
		w.eventually("Ann is told", 5*time.Minute, func() bool { return len(w.shown()) == 1 && strings.Contains(w.shown()[0], "没能受理") })
	})
}

// TestMentions: the bot's name is taken out of what is said in a group, wherever it stands.
func TestMentions(t *testing.T) {
	inBubble(t, wecomfake.Options{}, func(w *world) {
		for i, where := range []string{wecomfake.MentionFirst, wecomfake.MentionSpaces, wecomfake.MentionMiddle, wecomfake.MentionLast} {
			if _, err := w.Say(wecomfake.Say{User: "Ann", Chat: "room", Text: "补贴 多少？", Mention: where}); err != nil {
				t.Fatal(err)
			}
			w.eventually("the question", time.Minute, func() bool { return len(w.seen()) == i+1 })
			if got := w.seen()[i].Text; strings.Join(strings.Fields(got), " ") != "补贴 多少？" {
				t.Errorf("mention %q: %q", where, got)
			}
		}
	})
}

// TestQuote: what a message quotes comes with it, as far as it is words.
func TestQuote(t *testing.T) {
	inBubble(t, wecomfake.Options{}, func(w *world) {
		for i, q := range []struct{ kind, text, want string }{{wecomfake.SaidText, "对符合条件的企业给予补贴。", "对符合条件的企业给予补贴。"}, {wecomfake.SaidImage, "", ""}} {
			if _, err := w.Say(wecomfake.Say{User: "Ann", Text: "谁负责？", Quote: &wecomfake.Quote{Kind: q.kind, Text: q.text}}); err != nil {
				t.Fatal(err)
			}
			w.eventually("the question", time.Minute, func() bool { return len(w.seen()) == i+1 })
			if e := w.seen()[i]; e.Quote != q.want || e.Text != "谁负责？" {
				t.Errorf("%+v", e)
			}
		}
	})
}

// TestRated: a reply can be rated whether it was shown bit by bit, at once, or pushed.
func TestRated(t *testing.T) {
	inBubble(t, wecomfake.Options{}, func(w *world) {
		e := w.ask("one")
		_ = w.begin(e).Progress(context.Background(), "working")
		if err := w.finish(e, doc("答。"), channel.Delivery{Key: "k"}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Rate("Ann", "a-"+e.DeliveryKey, wecomfake.Rating{Type: wecomfake.RatedBad, Reasons: []int{2, 3}, Text: "第三条变了"}); err != nil {
			t.Fatal(err)
		}
		w.eventually("the rating", time.Minute, func() bool { return len(w.seen()) == 2 })
		want := channel.Feedback{Answer: "a-" + e.DeliveryKey, Reason: "wrong", Text: "第三条变了"}
		if got := w.seen()[1]; got.Kind != channel.Rated || *got.Feedback != want {
			t.Errorf("%+v %+v", got, got.Feedback)
		}
	})
}

// TestCardRefused: where WeCom takes no card under a stream it is sent by itself.
func TestCardRefused(t *testing.T) {
	inBubble(t, wecomfake.Options{Bot: wecomfake.BotOptions{NoCardWithStream: true}}, func(w *world) {
		for i := range 2 {
			e := w.ask("one")
			d := doc(fmt.Sprintf("答%d。", i))
			d.Buttons = []channel.Button{{Token: fmt.Sprintf("t-yes-%016d", i), Label: "是", Does: "reply"}}
			if err := w.finish(e, d, channel.Delivery{Key: fmt.Sprint("k", i)}); err != nil {
				t.Fatal(err)
			}
			w.once(d.Text)
			if n := strings.Count(fmt.Sprint(w.cards()), d.Buttons[0].Token); n != 1 {
				t.Errorf("the button is on screen %d times", n)
			}
		}
	})
}

func (w *world) cards() []string {
	var out []string
	for _, m := range w.Messages("room") {
		if m.Card != nil {
			out = append(out, string(m.Card))
		}
	}
	return out
}

// TestRefused: a secret that WeCom refuses is tried three times, and then somebody has to mend it.
func TestRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{platform: newPlatform(t, wecomfake.Options{}), t: t}
		w.start(func(o *socket.Options) { o.Secret = "another secret" })
		select {
		case err := <-w.done:
			if _, ok := errors.AsType[*channel.FatalError](err); !ok || strings.Contains(err.Error(), "another secret") {
				t.Errorf("Run gave %v", err)
			}
		case <-time.After(10 * time.Minute):
			t.Fatal("Run goes on")
		}
		if h := w.ch.Health(); h.State != channel.Stopped || !strings.Contains(h.Reason, "WECOM_BOT_SECRET") || w.calls("aibot_subscribe") != 3 {
			t.Errorf("after %d tries the channel is %+v", w.calls("aibot_subscribe"), h)
		}
		w.quit()
	})
}

// TestLease: the connection is made when the lease is given, is held under it, and gives it back.
func TestLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{platform: newPlatform(t, wecomfake.Options{}), t: t}
		free := make(chan struct{})
		held := 0
		w.start(func(o *socket.Options) {
			o.Lease = func(ctx context.Context, waiting func()) (func(), error) {
				waiting()
				select {
				case <-free:
					held++
					return func() { held-- }, nil
				case <-ctx.Done():
					return nil, ctx.Err()
				}
			}
		})
		time.Sleep(time.Hour)
		if h := w.ch.Health(); h.State != channel.Kicked || w.calls("aibot_subscribe") > 0 {
			t.Errorf("without the lease the channel is %+v", h)
		}
		close(free)
		w.eventually("it is up", time.Minute, func() bool { return w.ch.Health().State == channel.Up })
		if held != 1 {
			t.Errorf("%d leases are held", held)
		}
		w.stop()
		if held != 0 {
			t.Errorf("%d leases are held afterwards", held)
		}
	})
}

// TestLeaseGiven: with a lease that is given at once nobody is said to hold the connection while WeCom cannot be reached.
func TestLeaseGiven(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{platform: newPlatform(t, wecomfake.Options{}), t: t}
		w.start(func(o *socket.Options) {
			o.Lease = func(context.Context, func()) (func(), error) { return func() {}, nil }
			o.Dial = func(ctx context.Context, _, _ string) (net.Conn, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			}
		})
		for range 60 {
			time.Sleep(5 * time.Second)
			if h := w.ch.Health(); h.State != channel.Starting && h.State != channel.Down {
				t.Fatalf("the channel is %+v", h)
			}
		}
		w.stop()
	})
}

// TestUnknownRefusal: a code of which nobody knows what it means is tried again, ever less often.
func TestUnknownRefusal(t *testing.T) {
	inBubble(t, wecomfake.Options{}, func(w *world) {
		if err := w.Break(wecomfake.Fault{Call: "aibot_subscribe", Kind: wecomfake.FaultCode, Code: 6000, Times: 10}); err != nil {
			t.Fatal(err)
		}
		before := w.calls("aibot_subscribe")
		w.Cut()
		time.Sleep(time.Second)
		w.Mend()
		time.Sleep(10 * time.Minute)
		if h, n := w.ch.Health(), w.calls("aibot_subscribe")-before; h.State != channel.Down || !strings.Contains(h.Reason, "6000") || n < 5 || n > 10 {
			t.Errorf("after %d tries the channel is %+v", n, h)
		}
		w.eventually("it is up", time.Hour, func() bool { return w.ch.Health().State == channel.Up })
	})
}

// TestOptions: what is missing is named.
func TestOptions(t *testing.T) {
	for _, o := range []socket.Options{{}, {BotID: "x"}, {Secret: "x"}, {BotID: "x", Secret: "y", URL: "https://example.com"}, {BotID: "x", Secret: "y", URL: "::"}} {
		if _, err := socket.New(o); err == nil || !strings.Contains(err.Error(), "WECOM_") {
			t.Errorf("%+v gave %v", o, err)
		}
	}
	if render.Bot.Bytes != 20480 {
		t.Errorf("a message has %d bytes", render.Bot.Bytes)
	}
}
