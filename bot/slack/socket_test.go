package slack_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"policybot/bot/channel"
	"policybot/bot/slackfake"
)

// TestRefresh: Slack takes its connections away every few seconds while people ask 20 questions a second.
func TestRefresh(t *testing.T) {
	for _, reason := range []string{slackfake.ReasonWarning, slackfake.ReasonRefresh} {
		t.Run(reason, func(t *testing.T) {
			in(t, false, slackfake.Options{}, nil, func(w *world) {
				time.Sleep(time.Minute)
				before := len(w.calls("apps.connections.open"))
				var gap, longest time.Duration
				var asked []string
				for i := range 1200 {
					if i%80 == 79 {
						w.Disconnect(reason)
					}
					g, _ := w.say(slackfake.Said{User: fmt.Sprint("U", i%9), Text: fmt.Sprint("问题 ", i)})
					asked = append(asked, g)
					for range 5 {
						if time.Sleep(10 * time.Millisecond); w.Connections() > 0 {
							gap = 0
						} else if gap += 10 * time.Millisecond; gap > longest {
							longest = gap
						}
					}
				}
				if longest > time.Second {
					w.bubble.Errorf("no connection for %s", longest)
				}
				opened := len(w.calls("apps.connections.open")) - before
				time.Sleep(10 * time.Minute)
				seen := map[string]bool{}
				for _, e := range w.events() {
					seen[e.ContentKey] = true
				}
				for _, g := range asked {
					if _, ok := w.platform.Server.Acked(g); !ok {
						w.bubble.Errorf("%s was not acknowledged: %s", g, w.Trouble(g))
					}
				}
				if len(seen) != len(asked) {
					w.bubble.Errorf("%d of %d questions arrived", len(seen), len(asked))
				}
				if opened > 2*15 {
					w.bubble.Errorf("%d connections were asked for", opened)
				}
			})
		})
	}
}

// TestFatal: what somebody has to mend ends Run, says so, and is not tried again.
func TestFatal(t *testing.T) {
	cases := map[string]struct {
		do   func(*world)
		want string
	}{
		"Socket Mode switched off": {func(w *world) { w.Disconnect(slackfake.ReasonLinkDisabled) }, "api.slack.com/apps"},
		"token revoked":            {func(w *world) { w.broken(slackfake.Fault{Method: "auth.test", Kind: slackfake.FaultRevoked}) }, "token_revoked"},
		"app removed": {func(w *world) {
			w.broken(slackfake.Fault{Method: "auth.test", Kind: slackfake.FaultError, Error: "account_inactive"})
			w.Happen("app_uninstalled", nil)
		}, "install the app again"},
		"app token refused": {func(w *world) {
			w.broken(slackfake.Fault{Method: "apps.connections.open", Kind: slackfake.FaultError, Error: "invalid_auth", Times: 9})
			w.Disconnect(slackfake.ReasonRefresh)
		}, "SLACK_APP_TOKEN"},
	}
	for name, tt := range cases {
		t.Run(name, func(t *testing.T) {
			in(t, false, slackfake.Options{}, nil, func(w *world) {
				tt.do(w)
				time.Sleep(2 * time.Minute)
				w.settle()
				select {
				case err := <-w.ended:
					fatal, ok := errors.AsType[*channel.FatalError](err)
					if !ok || !strings.Contains(fatal.Reason, tt.want) {
						w.bubble.Errorf("Run gave %v, want a *FatalError with %q", err, tt.want)
					}
				default:
					w.bubble.Fatal("Run goes on")
				}
				if h := w.channel.Health(); h.State != channel.Stopped || !strings.Contains(h.Reason, tt.want) {
					w.bubble.Errorf("health is %+v", h)
				}
				n := len(w.Calls())
				time.Sleep(time.Hour)
				if more := len(w.Calls()) - n; more > 0 || w.Connections() > 0 {
					w.bubble.Errorf("%d more calls, %d connections", more, w.Connections())
				}
				w.quit()
				w.quit = nil
			})
		})
	}
}

// TestOutages: a line that is dead, without a word or with one, is made anew soon after it can be.
func TestOutages(t *testing.T) {
	cases := map[string]struct {
		breaks, mends func(*world)
		lasts, within time.Duration
	}{
		"half open":      {func(w *world) { w.Stall() }, func(*world) {}, 0, 30 * time.Second},
		"cut for 10 min": {func(w *world) { w.Cut() }, func(w *world) { w.Mend() }, 10 * time.Minute, 30 * time.Second},
		"cut for 1 s":    {func(w *world) { w.Cut() }, func(w *world) { w.Mend() }, time.Second, 5 * time.Second},
	}
	for name, tt := range cases {
		t.Run(name, func(t *testing.T) {
			in(t, false, slackfake.Options{}, nil, func(w *world) {
				time.Sleep(time.Minute)
				before := len(w.calls("apps.connections.open"))
				tt.breaks(w)
				g, _ := w.say(slackfake.Said{User: "U1", Text: "während"})
				time.Sleep(tt.lasts)
				tt.mends(w)
				begin := time.Now()
				for len(w.calls("apps.connections.open")) == before || w.channel.Health().State != channel.Up {
					if time.Sleep(100 * time.Millisecond); time.Since(begin) > tt.within {
						w.bubble.Fatalf("%+v after %s", w.channel.Health(), time.Since(begin))
					}
				}
				time.Sleep(10 * time.Minute)
				if tt.lasts < 6*time.Minute {
					if got := w.events(); len(got) == 0 {
						w.bubble.Errorf("what was said meanwhile did not arrive: %s", w.Trouble(g))
					}
				}
				w.events()
				w.say(slackfake.Said{User: "U1", Text: "danach"})
				w.one()
			})
		})
	}
}

// TestOpening: a connection that cannot be made is tried again at a pace that does no harm.
func TestOpening(t *testing.T) {
	cases := map[string]slackfake.Fault{
		"429":  {Kind: slackfake.FaultWait, After: 30 * time.Second, Times: 3},
		"500":  {Kind: slackfake.FaultBroken, Times: 20},
		"HTML": {Kind: slackfake.FaultNoise, Times: 20},
		"lost": {Kind: slackfake.FaultLost, Times: 20},
		"no":   {Kind: slackfake.FaultError, Error: "internal_error", Times: 20},
	}
	for _, method := range []string{"apps.connections.open", "link", "auth.test"} {
		for name, f := range cases {
			t.Run(method+" "+name, func(t *testing.T) {
				in(t, false, slackfake.Options{}, nil, func(w *world) {
					w.patience = f.After
					f.Method = method
					w.broken(f)
					w.stop(nil)
					w.run()
					time.Sleep(10 * time.Minute)
					w.settle()
					if w.channel.Health().State != channel.Up || w.Connections() != 2 {
						w.bubble.Errorf("%+v, %d connections", w.channel.Health(), w.Connections())
					}
					w.wantPatience()
					var last time.Time
					for _, c := range w.calls("apps.connections.open")[2:] {
						if c.At.Sub(last) < 900*time.Millisecond {
							w.bubble.Errorf("two calls within %s", c.At.Sub(last))
						}
						last = c.At
					}
				})
			})
		}
	}
}

// TestAckLost: the line is cut when a stored event is acknowledged. It comes again, with the same keys.
func TestAckLost(t *testing.T) {
	in(t, false, slackfake.Options{}, nil, func(w *world) {
		var times atomic.Int32
		w.storeWith(func(context.Context, channel.Event) error {
			if times.Add(1) == 1 {
				w.Cut()
				w.Mend()
			}
			return nil
		})
		g, _ := w.say(slackfake.Said{User: "U1", Text: "问题"})
		time.Sleep(2 * time.Minute)
		got := w.events()
		if len(got) != 2 || got[0].ContentKey != got[1].ContentKey || got[0].DeliveryKey != got[1].DeliveryKey {
			w.bubble.Fatalf("%+v", got)
		}
		if _, ok := w.platform.Server.Acked(g); !ok {
			w.bubble.Error("it was not acknowledged in the end")
		}
	})
}

// frames are what no Slack sends.
func frames() map[string]string {
	envelope := func(payload string) string {
		return fmt.Sprintf(`{"type":"events_api","envelope_id":"e-%d","payload":%s}`, len(payload), payload)
	}
	event := func(inner string) string {
		return envelope(`{"type":"event_callback","team_id":"T1","event_id":"Ev1","event":` + inner + `}`)
	}
	return map[string]string{
		"empty": "", "blank": " ", "null": "null", "true": "true", "number": "17", "text": `"hello"`, "list": "[]", "object": "{}", "half": `{"type":"eve`,
		"two documents": "{}{}", "NUL": "\x00", "broken UTF-8": "{\"type\":\"\xff\xfe\"}", "BOM": "\ufeff{}", "lone surrogate": `{"type":"\ud800"}`,
		"huge number": `{"type":"events_api","retry_attempt":1e999}`, "negative": `{"type":"events_api","retry_attempt":-1}`, "comment": `{/*x*/}`, "trailing comma": `{"type":"hello",}`,
		"single quotes": `{'type':'hello'}`, "NaN": `{"retry_attempt":NaN}`, "deep list": strings.Repeat("[", 1<<20), "deep object": strings.Repeat(`{"a":`, 1<<18),
		"hello again": `{"type":"hello"}`, "type is a list": `{"type":["events_api"]}`, "no envelope id": `{"type":"events_api","payload":{}}`, "id is a number": `{"type":"events_api","envelope_id":1}`,
		"unknown type": `{"type":"surprise","envelope_id":"e-1","payload":{"a":1}}`, "no payload": `{"type":"events_api","envelope_id":"e-2"}`,
		"payload null": envelope("null"), "payload list": envelope("[]"), "payload text": envelope(`"x"`), "payload empty": envelope("{}"),
		"event null": event("null"), "event list": event("[]"), "event empty": event("{}"), "event text": event(`"x"`), "message only": event(`{"type":"message"}`),
		"user is an object": event(`{"type":"message","channel":"D1","ts":"1.000001","user":{"id":"U1"},"text":"x"}`), "message null": event(`{"type":"message","subtype":"message_changed","message":null,"channel":"D1"}`),
		"changed without": event(`{"type":"message","subtype":"message_changed","channel":"D1"}`), "deleted without": event(`{"type":"message","subtype":"message_deleted","channel":"D1"}`),
		"message in message": event(strings.Repeat(`{"type":"message","subtype":"message_changed","message":`, 1000) + "1" + strings.Repeat("}", 1000)),
		"interaction null":   `{"type":"interactive","envelope_id":"e-3","payload":null}`, "interaction of nobody": `{"type":"interactive","envelope_id":"e-4","payload":{"type":"block_actions","actions":[{"action_id":"pb_rate","value":"x"}]}}`,
		"view without state": `{"type":"interactive","envelope_id":"e-5","payload":{"type":"view_submission","user":{"id":"U1"},"view":{"callback_id":"pb_view_ask"}}}`,
		"view is a number":   `{"type":"interactive","envelope_id":"e-6","payload":{"type":"view_submission","user":{"id":"U1"},"view":1}}`,
		"no view":            `{"type":"interactive","envelope_id":"e-6b","payload":{"type":"view_submission","user":{"id":"U1"}}}`,
		"command of nobody":  `{"type":"slash_commands","envelope_id":"e-7","payload":{"command":"/policy"}}`, "command is a list": `{"type":"slash_commands","envelope_id":"e-8","payload":[]}`,
		"five million bytes": envelope(`{"x":"` + strings.Repeat("x", 5<<20) + `"}`), "disconnect without reason": `{"type":"disconnect"}`, "disconnect for nothing": `{"type":"disconnect","reason":17}`,
	}
}

// TestFrames: no frame ends the channel or keeps the next event away; a kind of defect is logged once.
func TestFrames(t *testing.T) {
	for name, frame := range frames() {
		t.Run(name, func(t *testing.T) {
			in(t, false, slackfake.Options{}, nil, func(w *world) {
				time.Sleep(time.Minute)
				for range 3 {
					for range 600 { // one of them may have cost a connection
						if err := w.SendRaw([]byte(frame), false); err == nil {
							break
						}
						time.Sleep(100 * time.Millisecond)
					}
					w.settle()
				}
				for _, line := range []string{"cannot be read", "panic"} {
					if n := w.log.count(line); n > 1 {
						w.bubble.Errorf("%q is logged %d times", line, n)
					}
				}
				w.none()
				time.Sleep(time.Minute)
				if h := w.channel.Health(); h.State != channel.Up || w.Connections() != 2 {
					w.bubble.Errorf("%+v, %d connections", h, w.Connections())
				}
				w.say(slackfake.Said{User: "U1", Text: "danach"})
				w.one()
			})
		})
	}
	if n := len(frames()); n < 40 {
		t.Errorf("%d frames", n)
	}
}

// TestBinaryFrame: Slack sends text; what is binary does no harm.
func TestBinaryFrame(t *testing.T) {
	in(t, false, slackfake.Options{}, nil, func(w *world) {
		if err := w.SendRaw([]byte{0, 1, 2, 255}, true); err != nil {
			w.bubble.Fatal(err)
		}
		w.none()
		w.say(slackfake.Said{User: "U1", Text: "danach"})
		w.one()
	})
}
