package slack_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"policybot/bot/channel"
	"policybot/bot/journal/memory"
	"policybot/bot/slackfake"
)

// TestGone: where nobody can be reached any more the reply says so at once, and Slack is not asked again and again.
func TestGone(t *testing.T) {
	names := []string{
		"channel_not_found", "is_archived", "not_in_channel", "user_not_found", "user_disabled", "cannot_dm_bot", "messages_tab_disabled", "restricted_action",
		"restricted_action_read_only_channel", "restricted_action_thread_locked", "external_channel_migrating", "team_not_found",
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			in(t, false, slackfake.Options{}, nil, func(w *world) {
				e := w.ask()
				w.broken(slackfake.Fault{Method: "chat.", Kind: slackfake.FaultError, Error: name, Times: 99})
				before := len(w.calls("chat."))
				for _, d := range []channel.Doc{short, long} {
					err := w.finish(e, d, channel.Delivery{Key: "d-1"})
					gone, ok := errors.AsType[*channel.GoneError](err)
					if !ok || !strings.Contains(gone.Reason, name) {
						w.bubble.Errorf("%v, want a *GoneError", err)
					}
				}
				if n := len(w.calls("chat.")) - before; n > 4 {
					w.bubble.Errorf("%d calls", n)
				}
			})
		})
	}
	cases := map[string]func(*world){
		"archived": func(w *world) { w.AddChannel(slackfake.Channel{ID: "C1", Archived: true}) },
		"left":     func(w *world) { w.AddChannel(slackfake.Channel{ID: "C1", Absent: true}) },
	}
	for name, do := range cases {
		t.Run(name, func(t *testing.T) {
			in(t, false, slackfake.Options{}, nil, func(w *world) {
				e := w.ask()
				do(w)
				if err := w.finish(e, short, channel.Delivery{Key: "d-1"}); !channel.IsGone(err) {
					w.bubble.Errorf("%v, want a *GoneError", err)
				}
			})
		})
	}
}

// TestWaits: a method that Slack has limited is not called before the time is over, and then brings one message.
func TestWaits(t *testing.T) {
	in(t, false, slackfake.Options{}, nil, func(w *world) {
		w.patience = 30 * time.Second
		first, second := w.ask(), w.ask()
		w.broken(slackfake.Fault{Method: "chat.postMessage", Kind: slackfake.FaultWait, After: 30 * time.Second})
		for range 5 {
			for _, e := range []channel.Event{first, second} {
				err := w.finish(e, long, channel.Delivery{Key: e.ContentKey})
				if wait, ok := errors.AsType[*channel.WaitError](err); !ok || wait.After > 30*time.Second || wait.After <= 0 {
					w.bubble.Errorf("%v, want a *WaitError", err)
				}
			}
			time.Sleep(5 * time.Second)
		}
		time.Sleep(6 * time.Second)
		w.wantPatience()
		w.deliver(first, long, channel.Delivery{Key: first.ContentKey})
		w.wantWhole(first, long, first.ContentKey)
	})
}

// TestProcessEnds: the process ends after Slack has taken a document and before that is stored. The next one finds it.
func TestProcessEnds(t *testing.T) {
	for name, d := range map[string]channel.Doc{"short": short, "long": long, "notice": {ID: "n", Lang: "zh", Label: channel.LabelNotice, Text: "请稍候。", Nodes: []channel.Node{{Kind: channel.Line, Text: "请稍候。"}}}} {
		t.Run(name, func(t *testing.T) {
			in(t, false, slackfake.Options{}, nil, func(w *world) {
				time.Sleep(time.Minute)
				e := w.ask()
				w.deliver(e, d, channel.Delivery{Key: "d-1"})
				for range 2 {
					w.restart()
					w.deliver(e, d, channel.Delivery{Key: "d-1", Again: true})
					w.wantWhole(e, d, "d-1")
				}
			})
		})
	}
}

// TestSplit: a long document is split between words, never in a number, a character or an escape, and each part says
// which it is.
func TestSplit(t *testing.T) {
	for name, size := range map[string]int{"one clause": 1, "many": 30} {
		t.Run(name, func(t *testing.T) {
			in(t, false, slackfake.Options{}, nil, func(w *world) {
				d := answer("a1", size, 21000/size)
				d.Nodes[0].Text = strings.ReplaceAll(d.Nodes[0].Text, "奖励", "奖励<&>👩‍🔬")
				d.Citations[0].Quote = d.Nodes[0].Text
				e := w.ask()
				w.deliver(e, d, channel.Delivery{Key: "d-1"})
				messages := own(w.Messages(e.Place.ID, e.Place.Thread))
				if len(messages) < 3 {
					w.bubble.Errorf("%d messages", len(messages))
				}
				for i, m := range messages {
					text := strings.TrimSpace(read(m).Text)
					if !utf8.ValidString(m.Text) || strings.Contains(m.Text, "\ufffd") {
						w.bubble.Errorf("part %d is not UTF-8", i+1)
					}
					if i == 0 {
						continue
					}
					before := strings.TrimRight(strings.TrimSpace(read(messages[i-1]).Text), "”")
					last, _ := utf8.DecodeLastRuneInString(before)
					next, _ := utf8.DecodeRuneInString(strings.TrimLeft(text, "“"))
					if strings.ContainsRune("0123456789.", last) && strings.ContainsRune("0123456789.", next) {
						w.bubble.Errorf("a number is cut between parts %d and %d: %q %q", i, i+1, last, next)
					}
				}
				w.wantWhole(e, d, "d-1")
			})
		})
	}
}

// TestBudgets: sixty answers in a minute in ten channels do not exceed any rate of Slack's.
func TestBudgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		t.Cleanup(func() { time.Sleep(time.Second) })
		p := newPlatform(t, slackfake.Options{Events: alone, Limits: true}, false)
		robot := boot(t, p, memory.New(), &fakeDesk{quick: true, asked: map[string]int{}})
		time.Sleep(time.Minute)
		for n := range 60 {
			if _, err := p.Say(slackfake.Said{User: fmt.Sprint("U", n), Channel: fmt.Sprint("C", n%10), Text: fmt.Sprintf("%s 问题 %d", mention, n)}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
		}
		time.Sleep(time.Minute)
		streams := 0
		for _, c := range p.Calls() {
			if c.Error == "ratelimited" {
				t.Errorf("%s is limited at %s", c.Method, c.At)
			}
			if c.Method == "chat.startStream" {
				streams++
			}
		}
		if streams < 10 {
			t.Errorf("only %d streams", streams)
		}
		seen := map[string]int{}
		for _, m := range own(p.All("")) {
			seen[identityOf(m).Key]++
		}
		if len(seen) != 60 {
			t.Errorf("%d answers, want 60", len(seen))
		}
		for key, n := range seen {
			if n != 1 {
				t.Errorf("%s is there %d times", key, n)
			}
		}
		robot.end(t)
	})
}

// TestStop: who presses stop sees the beginning of the answer go, and no answer. Without a service the event says so.
func TestStop(t *testing.T) {
	both(t, func(t *testing.T, overHTTP bool) {
		in(t, overHTTP, slackfake.Options{Events: alone}, nil, func(w *world) {
			e := w.ask()
			r := w.begin(e, "a1")
			if err := r.Progress(w.bubble.Context(), "working"); err != nil {
				w.bubble.Error(err)
			}
			if got := w.Thread("C1", e.Place.Thread); got.Status == "" || got.Session != "processing" {
				w.bubble.Errorf("%+v", got)
			}
			if err := r.Update(w.bubble.Context(), beginning(short, 1)); err != nil {
				w.bubble.Error(err)
			}
			if _, err := w.Stop("U1", "C1", e.Place.Thread); err != nil {
				w.bubble.Fatal(err)
			}
			stop := w.one()
			if stop.Kind != channel.Stop || stop.Place != e.Place || stop.Actor != e.Actor {
				w.bubble.Errorf("%+v", stop)
			}
			time.Sleep(2 * time.Second)
			if err := r.Update(w.bubble.Context(), beginning(short, 2)); err == nil {
				w.bubble.Error("the stream goes on")
			}
			if err := r.Abort(w.bubble.Context(), "withdrawn"); err != nil {
				w.bubble.Error(err)
			}
			if left := own(w.Messages("C1", e.Place.Thread)); len(left) > 0 {
				w.bubble.Errorf("%+v is left", left)
			}
			if got := w.Thread("C1", e.Place.Thread); got.Status != "" || got.Session != "active" {
				w.bubble.Errorf("%+v", got)
			}
		})
	})
}

// TestStopServed: the same with a service: the question is withdrawn.
func TestStopServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		t.Cleanup(func() { time.Sleep(time.Second) })
		p := newPlatform(t, slackfake.Options{Events: alone}, false)
		robot := boot(t, p, memory.New(), &slowDesk{})
		time.Sleep(2 * time.Second)
		g, err := p.Say(slackfake.Said{User: "U1", Channel: "C1", Text: mention + " 问题 1"})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		_, ts := p.TS(g)
		if n := len(own(p.Messages("C1", ts))); n != 1 {
			t.Errorf("%d messages while it is answered", n)
		}
		if _, err := p.Stop("U1", "C1", ts); err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Minute)
		if left := own(p.Messages("C1", ts)); len(left) > 0 {
			t.Errorf("%+v is left", left)
		}
		robot.end(t)
	})
}

// TestAbort: what was shown of a reply goes, whichever way it was shown, and also when another process had shown it.
func TestAbort(t *testing.T) {
	cases := map[string]finishCase{
		"a stream":         {shown: 2},
		"an expired one":   {shown: 2, do: expired},
		"a message":        {shown: 3, before: refused("chat.startStream", "unknown_method", 1)},
		"after a restart":  {shown: 2, do: restarted},
		"nothing":          {},
		"a hanging stream": {shown: 1, before: fault("chat.startStream", slackfake.FaultHang)},
	}
	for name, tt := range cases {
		t.Run(name, func(t *testing.T) {
			in(t, false, slackfake.Options{}, nil, func(w *world) {
				e := w.ask()
				if tt.before != nil {
					tt.before(w, e)
				}
				w.show(e, short, tt.shown)
				if tt.shown > 0 && len(own(w.Messages(e.Place.ID, e.Place.Thread))) != 1 {
					w.bubble.Error("nothing was shown")
				}
				if tt.do != nil {
					tt.do(w, e)
				}
				if err := w.begin(e, "a1").Abort(w.bubble.Context(), "withdrawn"); err != nil {
					w.bubble.Error(err)
				}
				if left := own(w.Messages(e.Place.ID, e.Place.Thread)); len(left) > 0 {
					w.bubble.Errorf("%d messages are left", len(left))
				}
			})
		})
	}
}
