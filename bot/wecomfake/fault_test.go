package wecomfake_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"policybot/bot/wecomfake"
)

func (b *bench) breaks(f wecomfake.Fault) {
	b.t.Helper()
	if err := b.Break(f); err != nil {
		b.t.Fatal(err)
	}
}

// TestFaultsOfFrames says of each kind whether the thing is done, what is answered, and whether the
// connection lasts.
func TestFaultsOfFrames(t *testing.T) {
	for _, c := range []struct {
		fault wecomfake.Fault
		code  int
		done  bool
		ended bool
	}{
		{wecomfake.Fault{Kind: wecomfake.FaultWait}, 45009, false, false},
		{wecomfake.Fault{Kind: wecomfake.FaultWait, Code: 130101}, 130101, false, false},
		{wecomfake.Fault{Kind: wecomfake.FaultGone}, 86008, false, false},
		{wecomfake.Fault{Kind: wecomfake.FaultGone, Code: 81013}, 81013, false, false},
		{wecomfake.Fault{Kind: wecomfake.FaultCode, Code: 846609}, 846609, false, false},
		{wecomfake.Fault{Kind: wecomfake.FaultBroken}, -1, false, false},
		{wecomfake.Fault{Kind: wecomfake.FaultHang}, noAnswer, true, true},
		{wecomfake.Fault{Kind: wecomfake.FaultHang, After: time.Minute}, noAnswer, true, false},
		{wecomfake.Fault{Kind: wecomfake.FaultLost}, noAnswer, false, true},
		{wecomfake.Fault{Kind: wecomfake.FaultNoise}, noAnswer, true, false},
		{wecomfake.Fault{Kind: wecomfake.FaultSilent}, noAnswer, false, false},
		{wecomfake.Fault{Kind: wecomfake.FaultSlow, After: time.Minute}, noAnswer, false, false},
	} {
		for _, call := range []string{"*", respond} {
			inBubble(t, wecomfake.BotOptions{}, func(t *testing.T, b *bench) {
				l := b.line()
				id := b.said(l, "ann", "", "hi")
				c.fault.Call = call
				b.breaks(c.fault)
				if code := l.do("ping", "ping_1", nil); code != 0 {
					t.Errorf("%+v meets a ping: %d", c.fault, code)
				}
				code := l.do(respond, id, markdown("x"))
				if code != c.code || (len(b.own("ann")) == 1) != c.done || l.ended() != c.ended {
					t.Errorf("%+v: %d, %d messages, ended %t", c.fault, code, len(b.own("ann")), l.ended())
				}
				if (len(l.noise) == 1) != (c.fault.Kind == wecomfake.FaultNoise) {
					t.Errorf("%+v: noise %q", c.fault, l.noise)
				}
				wait(time.Minute)
				slow := c.fault.Kind == wecomfake.FaultSlow
				if slow && (len(l.acks(id)) != 1 || len(b.own("ann")) != 1) {
					t.Errorf("%+v: %v after a minute", c.fault, l.acks(id))
				}
				if c.fault.Kind == wecomfake.FaultHang && !l.ended() {
					t.Errorf("%+v: not ended after a minute", c.fault)
				}
				calls := b.Calls()
				if last := calls[len(calls)-1]; last.Name != respond || last.Fault != c.fault.Kind || last.Early {
					t.Errorf("%+v is noted as %+v", c.fault, last)
				}
				if !l.ended() && l.do(respond, id, markdown("y")) != 0 {
					t.Errorf("%+v meets twice", c.fault)
				}
			})
		}
	}
}

func TestFaultsByName(t *testing.T) {
	inBubble(t, wecomfake.BotOptions{}, func(t *testing.T, b *bench) {
		l := b.line()
		id := b.said(l, "ann", "", "hi")
		b.breaks(wecomfake.Fault{Call: "ping", Kind: wecomfake.FaultSilent, Times: 2})
		b.breaks(wecomfake.Fault{Call: "aibot_send_msg", Kind: wecomfake.FaultBroken})
		if code := l.do(respond, id, markdown("x")); code != 0 {
			t.Errorf("another command: %d", code)
		}
		for i, want := range []int{noAnswer, noAnswer, 0} {
			if code := l.do("ping", b.id("ping"), nil); code != want {
				t.Errorf("ping %d: %d", i, code)
			}
		}
		b.breaks(wecomfake.Fault{Call: "aibot_subscribe", Kind: wecomfake.FaultCode, Code: 853000})
		two := b.dial()
		if code := two.subscribe(); code != 853000 || !two.ended() || l.ended() {
			t.Errorf("subscribe: %d", code)
		}
		for _, bad := range []wecomfake.Fault{
			{},
			{Call: "*"},
			{Call: "*", Kind: "dance"},
			{Kind: wecomfake.FaultWait},
			{Call: "*", Kind: wecomfake.FaultCode},
			{Call: "*", Kind: wecomfake.FaultWait, Times: -1},
			{Call: "*", Kind: wecomfake.FaultSlow, After: -1},
		} {
			if b.Break(bad) == nil {
				t.Errorf("%+v is a fault", bad)
			}
		}
	})
}

// TestSlowAndGone does nothing for a frame whose connection ended while it was held.
func TestSlowAndGone(t *testing.T) {
	inBubble(t, wecomfake.BotOptions{}, func(t *testing.T, b *bench) {
		l := b.line()
		id := b.said(l, "ann", "", "hi")
		b.breaks(wecomfake.Fault{Call: respond, Kind: wecomfake.FaultSlow, After: time.Minute})
		l.send(respond, id, markdown("x"))
		settle()
		l.ws.Close()
		if wait(time.Hour); len(b.own("ann")) != 0 {
			t.Error("it is done")
		}
		b.breaks(wecomfake.Fault{Call: "aibot_subscribe", Kind: wecomfake.FaultSlow, After: time.Minute})
		l = b.dial()
		l.send("aibot_subscribe", "r", obj{"bot_id": botID, "secret": secret})
		settle()
		l.ws.Close()
		if wait(time.Hour); b.Subscribed() {
			t.Error("a connection that is over is subscribed")
		}
	})
}

func TestRevoked(t *testing.T) {
	inBubble(t, wecomfake.BotOptions{}, func(t *testing.T, b *bench) {
		l := b.line()
		b.breaks(wecomfake.Fault{Call: "*", Kind: wecomfake.FaultRevoked})
		settle()
		if !l.ended() {
			t.Error("the connection lasts")
		}
		for range 2 {
			l = b.dial()
			if code := l.subscribe(); code != 853000 || !l.ended() {
				t.Errorf("subscribe: %d", code)
			}
		}
		b.Mend()
		b.line()
	})
}

// TestFaultsOfResponse says the same of a response_url.
func TestFaultsOfResponse(t *testing.T) {
	for _, c := range []struct {
		kind string
		want string // of the answer
		done bool
	}{
		{wecomfake.FaultWait, `"errcode":45009`, false},
		{wecomfake.FaultBroken, "500", false},
		{wecomfake.FaultLost, "EOF", false},
		{wecomfake.FaultSilent, "deadline", false},
		{wecomfake.FaultHang, "deadline", true},
		{wecomfake.FaultNoise, "<html>", true},
		{wecomfake.FaultSlow, `"errcode":0`, true},
	} {
		inBubble(t, wecomfake.BotOptions{}, func(t *testing.T, b *bench) {
			l := b.line()
			b.said(l, "ann", "", "hi")
			address := l.last("aibot_msg_callback")["body"].(obj)["response_url"].(string)
			b.breaks(wecomfake.Fault{Call: "response", Kind: c.kind, After: 5 * time.Second})
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(`{"msgtype":"markdown","markdown":{"content":"x"}}`))
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if w, err := b.client.Do(r); err != nil {
				got = err.Error()
			} else {
				data, err := io.ReadAll(w.Body)
				if err := errors.Join(err, w.Body.Close()); err != nil {
					t.Error(err)
				}
				got = w.Status + string(data)
			}
			if !strings.Contains(got, c.want) || (len(b.own("ann")) == 1) != c.done {
				t.Errorf("%s: %s, %d messages", c.kind, got, len(b.own("ann")))
			}
		})
	}
}

// TestClose ends all that is under way.
func TestClose(t *testing.T) {
	inBubble(t, wecomfake.BotOptions{AckAfter: time.Hour}, func(t *testing.T, b *bench) {
		l := b.dial()
		l.send("aibot_subscribe", "r", obj{"bot_id": botID, "secret": secret})
		settle()
		b.breaks(wecomfake.Fault{Call: "*", Kind: wecomfake.FaultSlow, After: time.Hour})
		l.send(respond, "r2", markdown("x"))
		settle()
		b.Stall()
		b.Close()
		if settle(); !l.ended() || b.Wait(t.Context(), func() bool { return false }) == nil {
			t.Error("it goes on")
		}
	})
	called(t, wecomfake.BotOptions{}, func(int, obj) (int, any) { return 200, stream("s", "x", false) }, func(t *testing.T, b *bench, r *robot) {
		for range 4 {
			b.say("ann", "", "hi")
		}
		settle()
		b.Close()
		n := len(r.heard)
		if wait(time.Hour); len(r.heard) != n {
			t.Error("it goes on")
		}
	})
}

func TestWait(t *testing.T) {
	inBubble(t, wecomfake.BotOptions{}, func(t *testing.T, b *bench) {
		l := b.line()
		go func() {
			time.Sleep(time.Minute)
			b.say("ann", "", "hi")
		}()
		if err := b.Wait(t.Context(), func() bool { return len(b.Messages("ann")) == 1 }); err != nil {
			t.Error(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := b.Wait(ctx, func() bool { return false }); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		l.ws.Close()
	})
}

func TestOptions(t *testing.T) {
	for _, o := range []wecomfake.BotOptions{
		{PollEvery: -1}, {StreamLife: -1}, {PingWithin: -1}, {AckAfter: -1}, {Subscribes: -1}, {EncodingAESKey: "short"},
	} {
		if s, err := wecomfake.New(wecomfake.Options{Bot: o}); err == nil {
			s.Close()
			t.Errorf("%+v is taken", o)
		}
	}
}
