package callback_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"policybot/bot/channel"
	"policybot/bot/wecom/aibot"
	"policybot/bot/wecom/callback"
	"policybot/bot/wecom/render"
	"policybot/bot/wecomfake"
	"policybot/bot/wecomfake/envelope"
	"policybot/bot/wecomfake/judge"
)

// never is a WeCom that does not ask for streams.
var never = wecomfake.Options{Bot: wecomfake.BotOptions{PollEvery: 24 * time.Hour}}

// TestFresh: after a restart WeCom gets a status for a stream of which this process knows nothing, and the answer in that
// same stream once it is there.
func TestFresh(t *testing.T) {
	inBubble(t, wecomfake.Options{}, nil, func(w *world) {
		e, _ := w.say("ann", "补贴多少？")
		w.restart()
		time.Sleep(3 * time.Second)
		w.shows("ann", callback.Working("")+"*")
		if err := w.begin(e).Progress(context.Background(), "queued"); err != nil {
			t.Error(err)
		}
		time.Sleep(1500 * time.Millisecond)
		w.shows("ann", render.Progress("queued", "zh", render.Bot)+"*")
		w.must(e, "每年一次。")
		w.shows("ann", "每年一次。")
		// And the time of the stream counts from the message, not from the restart.
		e, _ = w.say("ann", "补贴多少？")
		time.Sleep(4 * time.Minute)
		w.restart()
		if err := w.begin(e).Progress(context.Background(), "working"); err != nil {
			t.Error(err)
		}
		time.Sleep(2*time.Minute + time.Second)
		w.shows("ann", "每年一次。", aibot.Follows("zh"))
	})
	// When this process hears nothing of its message, it may be over soon: it is ended, and the answer comes otherwise.
	inBubble(t, wecomfake.Options{}, nil, func(w *world) {
		e, _ := w.say("ann", "补贴多少？")
		time.Sleep(5 * time.Minute)
		w.restart()
		time.Sleep(50 * time.Second)
		w.shows("ann", callback.Unseen("zh"))
		w.must(e, "每年一次。")
		w.shows("ann", callback.Unseen("zh"), "每年一次。")
	})
}

// TestFreshAgain: an earlier process may have shown the answer. While WeCom asks for the stream it surely has not; when
// nobody asks it cannot be known, and it is not shown by another way but told so.
func TestFreshAgain(t *testing.T) {
	again := channel.Delivery{Key: "k", Again: true}
	inBubble(t, wecomfake.Options{}, nil, func(w *world) {
		e, _ := w.say("ann", "补贴多少？")
		ctx, quit := context.WithCancel(context.Background())
		quit()
		if _, err := w.begin(e).Finish(ctx, answerOf("每年一次。"), channel.Delivery{Key: "k"}); !errors.Is(err, context.Canceled) {
			t.Errorf("with a context that is over: %v", err)
		}
		w.restart()
		if err := w.finish(e, answerOf("每年一次。"), again); err != nil {
			t.Errorf("it was not shown, but: %v", err)
		}
		w.shows("ann", "每年一次。")
		w.restart()
		if why := gone(w.finish(e, answerOf("每年一次。"), again)); !strings.Contains(why, "cannot be known") {
			t.Errorf("it was shown: %s", why)
		}
		w.shows("ann", "每年一次。")
		if n := len(w.responses()); n > 0 {
			t.Errorf("%d calls of the response_url", n)
		}
	})
	// Where nothing was tried before the response_url may be used.
	inBubble(t, never, nil, func(w *world) {
		e, _ := w.say("ann", "补贴多少？")
		w.restart()
		w.must(e, "每年一次。")
		if n := len(w.responses()); n != 1 {
			t.Errorf("%d calls of the response_url", n)
		}
	})
	// Nor when the attempt was made after the end of the stream: then it may be in the response_url alone, whose refusal does not
	// tell whether it was used or cannot be.
	inBubble(t, wecomfake.Options{}, nil, func(w *world) {
		e, _ := w.say("ann", "补贴多少？")
		time.Sleep(7 * time.Minute)
		as := channel.Delivery{Key: "k", Since: time.Now()}
		if err := w.finish(e, answerOf("每年一次。"), as); err != nil {
			t.Error(err)
		}
		w.restart()
		as.Again = true
		if err := w.finish(e, answerOf("每年一次。"), as); !channel.IsGone(err) {
			t.Errorf("%v, want a *channel.GoneError", err)
		}
		w.shows("ann", aibot.Follows("zh"), "每年一次。")
	})
	// Neither does what goes to the response_url alone.
	inBubble(t, wecomfake.Options{}, nil, func(w *world) {
		var last channel.Event
		for range 3 {
			last, _ = w.say("ann", "补贴多少？")
		}
		if !last.Reply.Expires.After(time.Now()) {
			t.Errorf("the handle expires at %s", last.Reply.Expires)
		}
		w.must(last, "每年一次。")
		w.restart()
		if err := w.finish(last, answerOf("每年一次。"), again); !channel.IsGone(err) {
			t.Errorf("%v, want a *channel.GoneError", err)
		}
		if shown := w.bot("ann"); len(shown) != 4 || len(w.responses()) != 2 {
			t.Errorf("%d messages, %d calls of the response_url", len(shown), len(w.responses()))
		}
	})
}

// TestUnknownEnd: a call of a response_url whose end is not known is made again, and shows the answer once; also where
// WeCom takes the second one without a word. Where it refuses it nobody knows whether the first one arrived, and the service
// is told so.
func TestUnknownEnd(t *testing.T) {
	for _, silent := range []bool{false, true} {
		for _, kind := range []string{wecomfake.FaultHang, wecomfake.FaultNoise, wecomfake.FaultLost, wecomfake.FaultBroken} {
			for _, times := range []int{1, 3} {
				o := never
				o.Bot.SpentSilent = silent
				inBubble(t, o, nil, func(w *world) {
					e, _ := w.say("ann", "补贴多少？")
					w.p.must(wecomfake.Fault{Call: "response", Kind: kind, Times: times})
					as := channel.Delivery{Key: "k"}
					for range 5 {
						err := w.finish(e, answerOf("每年一次。"), as)
						if err == nil || channel.IsGone(err) && !silent && (kind == wecomfake.FaultHang || kind == wecomfake.FaultNoise) {
							break
						}
						if _, waits := errors.AsType[*channel.WaitError](err); waits || channel.IsGone(err) {
							t.Fatalf("%s: %v", kind, err)
						}
						as.Again = true
					}
					w.shows("ann", render.Progress("", "zh", render.Bot)+"*", "每年一次。")
				})
			}
		}
	}
}

// TestSpent: another document cannot have a response_url that was used, and is not lost without a word: it goes the other
// way, or the service is told. After a restart nobody knows whether it was used.
func TestSpent(t *testing.T) {
	for _, restart := range []bool{false, true} {
		for _, late := range []*lateApp{nil, {}} {
			o := wecomfake.Options{}
			o.Bot.SpentSilent = true
			inBubble(t, o, late, func(w *world) {
				e, _ := w.say("ann", "补贴多少？")
				w.must(e, "查不到，已转人工。")
				staff := channel.Doc{Lang: "zh", Label: channel.LabelStaff, Text: "每年一次。"}
				if err := w.finish(e, staff, channel.Delivery{Key: "s1", Later: true}); err != nil {
					t.Error(err) // the first takes the response_url
				}
				if restart {
					w.restart()
				}
				err := w.finish(e, staff, channel.Delivery{Key: "s2", Later: true})
				switch {
				case late == nil && !channel.IsGone(err):
					t.Errorf("a second one gave %v", err)
				case late != nil && (err != nil || len(late.got) != 1 || late.to[0] != "ann"):
					t.Errorf("a second one gave %v and went to %q", err, late.to)
				}
				w.shows("ann", "查不到，已转人工。", "每年一次。")
				if n := len(w.p.fake.SilentDrops()); n > 0 {
					t.Errorf("%d messages were lost without a word", n)
				}
			})
		}
	}
}

// TestHour: after an hour the response_url takes nothing, and the document goes the other way or is given up.
func TestHour(t *testing.T) {
	for _, late := range []*lateApp{nil, {}, {err: &channel.WaitError{After: time.Second}}} {
		inBubble(t, wecomfake.Options{}, late, func(w *world) {
			e, _ := w.say("ann", "补贴多少？")
			if late != nil && !e.Reply.Expires.IsZero() {
				t.Errorf("the handle expires at %s although there is another way", e.Reply.Expires)
			}
			time.Sleep(time.Hour)
			err := w.finish(e, answerOf("每年一次。"), channel.Delivery{Key: "k"})
			switch {
			case late == nil && !channel.IsGone(err):
				t.Errorf("finish gave %v", err)
			case late != nil && late.err == nil && (err != nil || len(late.got) != 1):
				t.Errorf("finish gave %v", err)
			case late != nil && late.err != nil && !errors.Is(err, late.err):
				t.Errorf("finish gave %v, want what the other way gives", err)
			}
			if n := len(w.responses()); n > 0 {
				t.Errorf("%d calls of the response_url", n)
			}
		})
	}
}

// TestHourUnknown: what the response_url may have taken in the last minute of its hour does not go the other way as well.
func TestHourUnknown(t *testing.T) {
	late := &lateApp{}
	inBubble(t, never, late, func(w *world) {
		e, _ := w.say("ann", "补贴多少？")
		time.Sleep(59 * time.Minute)
		w.p.must(wecomfake.Fault{Call: "response", Kind: wecomfake.FaultHang, Times: 9})
		as := channel.Delivery{Key: "k"}
		if err := w.finish(e, answerOf("每年一次。"), as); err == nil || channel.IsGone(err) {
			t.Fatalf("a call that hangs gave %v", err)
		}
		time.Sleep(2 * time.Minute)
		as.Again = true
		if why := gone(w.finish(e, answerOf("每年一次。"), as)); !strings.Contains(why, "cannot be known") {
			t.Errorf("after the hour it gave %s", why)
		}
		w.restart()
		if why := gone(w.finish(e, answerOf("每年一次。"), channel.Delivery{Key: "k", Again: true, Since: time.Now().Add(-3 * time.Minute)})); !strings.Contains(why, "cannot be known") {
			t.Errorf("after a restart it gave %s", why)
		}
		if len(late.got) > 0 {
			t.Error("it went the other way")
		}
	})
}

// TestWaits: WeCom asks for time at a response_url.
func TestWaits(t *testing.T) {
	inBubble(t, never, nil, func(w *world) {
		e, _ := w.say("ann", "补贴多少？")
		w.p.must(wecomfake.Fault{Call: "response", Kind: wecomfake.FaultWait, Times: 1})
		err := w.finish(e, answerOf("每年一次。"), channel.Delivery{Key: "k"})
		if wait, ok := errors.AsType[*channel.WaitError](err); !ok || wait.After != time.Minute {
			t.Errorf("finish gave %v", err)
		}
		w.must(e, "每年一次。")
		w.shows("ann", render.Progress("", "zh", render.Bot)+"*", "每年一次。")
	})
	// In the middle of a document it waits by itself.
	inBubble(t, wecomfake.Options{}, nil, func(w *world) {
		e, _ := w.say("ann", "补贴多少？")
		w.p.must(wecomfake.Fault{Call: "response", Kind: wecomfake.FaultWait, Times: 1})
		begin := time.Now()
		w.must(e, strings.Repeat("第一条 对符合条件的企业给予补贴。\n", 400))
		if took := time.Since(begin); len(w.bot("ann")) != 2 || took < time.Minute || took > 2*time.Minute {
			t.Errorf("%d messages after %s", len(w.bot("ann")), took)
		}
	})
}

type trip func(*http.Request) (*http.Response, error)

func (f trip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestAnswers: what answers of a response_url mean. It is never followed elsewhere.
func TestAnswers(t *testing.T) {
	for _, tt := range []struct {
		name   string
		status int
		header map[string]string
		body   string
		want   string // done, gone, wait and how long, or again
	}{
		{"done", 200, nil, `{"errcode":0,"errmsg":"ok"}`, "done"},
		{"used", 200, nil, `{"errcode":40058,"errmsg":"response_code is used"}`, "gone"},
		{"nobody there", 200, nil, `{"errcode":86008}`, "gone"},
		{"too fast", 200, nil, `{"errcode":45009}`, "wait 1m0s"},
		{"busy", 200, nil, `{"errcode":-1}`, "again"},
		{"no code", 200, nil, `{"errmsg":"ok"}`, "again"},
		{"nothing", 200, nil, ``, "again"},
		{"a list", 200, nil, `[0]`, "again"},
		{"a limit", 429, map[string]string{"Retry-After": "7"}, ``, "wait 7s"},
		{"a limit without a time", 429, nil, ``, "wait 1m0s"},
		{"a limit of nonsense", 429, map[string]string{"Retry-After": "tomorrow"}, ``, "wait 1m0s"},
		{"not there", 404, nil, ``, "gone"},
		{"not there any more", 410, nil, ``, "gone"},
		{"a defect", 502, nil, `<html>`, "again"},
		{"elsewhere", 302, map[string]string{"Location": "http://evil.example/"}, ``, "again"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, never, nil, func(w *world) {
				calls := 0
				w.p.client = &http.Client{Transport: trip(func(r *http.Request) (*http.Response, error) {
					calls++
					if r.URL.Host == "evil.example" {
						t.Error("it was followed")
					}
					h := http.Header{}
					for k, v := range tt.header {
						h.Set(k, v)
					}
					return &http.Response{StatusCode: tt.status, Header: h, Body: io.NopCloser(strings.NewReader(tt.body)), Request: r}, nil
				})}
				w.restart()
				time.Sleep(2 * time.Minute)
				e, _ := w.say("ann", "补贴多少？")
				err := w.finish(e, answerOf("每年一次。"), channel.Delivery{Key: "k"})
				got := "again"
				if wait, ok := errors.AsType[*channel.WaitError](err); ok {
					got = "wait " + wait.After.String()
				} else if err == nil {
					got = "done"
				} else if channel.IsGone(err) {
					got = "gone"
				}
				if got != tt.want || calls == 0 {
					t.Errorf("%s after %d calls, want %s: %v", got, calls, tt.want, err)
				}
			})
		})
	}
}

// TestQuota: not more than 30 messages a minute go to a chat, and none of them is lost.
func TestQuota(t *testing.T) {
	o := never
	o.Bot.TooOftenSilent = true
	inBubble(t, o, nil, func(w *world) {
		var asked []channel.Event
		for range 25 {
			e, _ := w.say("ann", "补贴多少？")
			asked = append(asked, e)
		}
		begin := time.Now()
		for _, e := range asked {
			for {
				err := w.finish(e, answerOf("每年一次。"), channel.Delivery{Key: "k" + e.DeliveryKey})
				wait, ok := errors.AsType[*channel.WaitError](err)
				if err == nil {
					break
				}
				if !ok {
					t.Fatal(err)
				}
				time.Sleep(wait.After)
			}
		}
		n := 0
		for _, m := range w.bot("ann") {
			if strings.HasPrefix(m.Text, "每年一次。") {
				n++
			}
		}
		if n != len(asked) || len(w.p.fake.SilentDrops()) > 0 {
			t.Errorf("%d answers of %d after %s, %d lost without a word", n, len(asked), time.Since(begin), len(w.p.fake.SilentDrops()))
		}
	})
}

// TestWithoutURL: where WeCom gave no response_url nothing is promised that cannot be kept: there is always a stream, and
// at its end it says that there is no answer. The document is given up.
func TestWithoutURL(t *testing.T) {
	inBubble(t, wecomfake.Options{}, nil, func(w *world) {
		stream := func(id string) {
			t.Helper()
			q, body := w.p.seal(strings.ReplaceAll(message, "m1", id))
			if status, _, err := w.p.fake.Raw(context.Background(), "POST", q, body); status != 200 || err != nil {
				t.Fatalf("%d, %v", status, err)
			}
		}
		for _, id := range []string{"m1", "m2", "m3"} {
			stream(id)
		}
		box, err := envelope.New(token, aesKey, "")
		if err != nil {
			t.Fatal(err)
		}
		look := func() string {
			t.Helper()
			q, body := w.p.seal(`{"msgid":"look","from":{"userid":"ann"},"msgtype":"stream","stream":{"id":"` + aibot.StreamID("reply", "ann", "m1") + `"}}`)
			_, answer, err := w.p.fake.Raw(context.Background(), "POST", q, body)
			var sealed struct {
				Encrypt, MsgSignature, Nonce string
				Timestamp                    json.Number
			}
			if err = errors.Join(err, json.Unmarshal(answer, &sealed)); err != nil {
				t.Fatal(err)
			}
			plain, err := box.Open(sealed.MsgSignature, sealed.Timestamp.String(), sealed.Nonce, sealed.Encrypt)
			if err != nil {
				t.Fatal(err)
			}
			return string(plain)
		}
		if shown := look(); !strings.Contains(shown, `"finish":false`) {
			t.Errorf("the stream shows %s", shown)
		}
		e := w.seen()[2]
		to, err := aibot.ReadTarget(e.Reply)
		if err != nil || to.Closed {
			t.Errorf("the third stream: %+v, %v", to, err)
		}
		begin := time.Now()
		err = w.finish(e, answerOf("每年一次。"), channel.Delivery{Key: "k"})
		if took := time.Since(begin); !channel.IsGone(err) && took < 5*time.Minute {
			t.Errorf("it gave %v after %s: the stream could still be asked for", err, took)
		}
		time.Sleep(35 * time.Second)
		if shown := look(); !strings.Contains(shown, `"finish":true`) || !strings.Contains(shown, "请过一会儿重新提问") {
			t.Errorf("at its end the stream shows %s", shown)
		}
		time.Sleep(2 * time.Minute)
		if err := w.finish(e, answerOf("每年一次。"), channel.Delivery{Key: "k", Again: true}); !channel.IsGone(err) {
			t.Errorf("after the end of the stream it gave %v", err)
		}
	})
}

// TestButtonsInWords: a message to the response_url has no card; what its buttons would say is told.
func TestButtonsInWords(t *testing.T) {
	inBubble(t, never, nil, func(w *world) {
		e, _ := w.say("ann", "补贴多少？")
		d := answerOf("贵公司是外资企业吗？")
		d.Buttons = []channel.Button{{Token: "t1", Label: "是", Does: "reply"}, {Token: "t2", Label: "[不是](x)", Does: "reply"}, {Token: "t3", Label: "转人工", Does: "person"}}
		if err := w.finish(e, d, channel.Delivery{Key: "k"}); err != nil {
			t.Fatal(err)
		}
		shown := w.bot("ann")
		text := judge.Read(judge.Bot, shown[len(shown)-1].Text)
		if !strings.HasSuffix(strings.ReplaceAll(text.Text, "\u200b", ""), "可以直接回复：“是” “[不是](x)”") || len(text.Links) > 0 {
			t.Errorf("it shows %q with the links %v", text.Text, text.Links)
		}
	})
}
