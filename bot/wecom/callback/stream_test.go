package callback_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"policybot/bot/channel"
	"policybot/bot/wecom/aibot"
	"policybot/bot/wecom/callback"
	"policybot/bot/wecom/render"
	"policybot/bot/wecomfake"
)

// TestStream: a message is answered at once with a status, then with the newest snapshot, and ends with the document; the
// response_url is not used.
func TestStream(t *testing.T) {
	inBubble(t, wecomfake.Options{}, nil, func(w *world) {
		e, _ := w.say("ann", "补贴多少？")
		w.shows("ann", render.Progress("", "zh", render.Bot)+"*")
		r := w.begin(e)
		for _, text := range []string{"第一", "第一句。"} {
			if err := r.Update(context.Background(), answerOf(text)); err != nil {
				t.Error(err)
			}
			time.Sleep(1500 * time.Millisecond)
			w.shows("ann", text+"*")
		}
		if err := r.Progress(context.Background(), "working"); err != nil {
			t.Error(err)
		}
		time.Sleep(1500 * time.Millisecond)
		w.shows("ann", "第一句。*") // a status does not take the place of words
		begin := time.Now()
		w.must(e, "第一句。第二句。")
		if took := time.Since(begin); took > 1500*time.Millisecond {
			t.Errorf("it took %s", took)
		}
		time.Sleep(time.Minute)
		w.shows("ann", "第一句。第二句。")
		if n := len(w.responses()); n > 0 {
			t.Errorf("%d calls of the response_url", n)
		}
	})
}

// TestQuickAnswer: an answer that is there before the message is answered comes when WeCom asks the first time.
func TestQuickAnswer(t *testing.T) {
	inBubble(t, wecomfake.Options{}, nil, func(w *world) {
		done := make(chan error, 1)
		w.set(func() { w.hold = time.Second })
		if _, err := w.p.fake.Say(wecomfake.Say{User: "ann", Text: "补贴多少？"}); err != nil {
			t.Fatal(err)
		}
		go func() {
			for len(w.seen()) == 0 {
				time.Sleep(time.Millisecond)
			}
			done <- w.finish(w.seen()[0], answerOf("每年一次。"), channel.Delivery{Key: "k"})
		}()
		if err := <-done; err != nil {
			t.Error(err)
		}
		w.shows("ann", "每年一次。")
		time.Sleep(time.Minute)
		w.shows("ann", "每年一次。")
	})
}

// TestFirstLost: every answer to the message is lost, so that WeCom never asks for more. The document, which was there for
// the second of them, goes to the response_url.
func TestFirstLost(t *testing.T) {
	inBubble(t, wecomfake.Options{}, nil, func(w *world) {
		w.p.must(wecomfake.Fault{Call: "callback", Kind: wecomfake.FaultLost, Times: 2})
		e, _ := w.say("ann", "补贴多少？")
		time.AfterFunc(1500*time.Millisecond, w.p.fake.Cut)
		time.AfterFunc(8*time.Second, w.p.fake.Mend)
		w.must(e, "每年一次。")
		time.Sleep(time.Minute)
		w.shows("ann", "每年一次。")
	})
}

// TestAfterEnd: a message that comes again when WeCom has its document is answered with the end at once.
func TestAfterEnd(t *testing.T) {
	inBubble(t, wecomfake.Options{}, nil, func(w *world) {
		e, name := w.say("ann", "补贴多少？")
		w.must(e, "每年一次。")
		if err := w.p.fake.Redeliver(name); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		w.shows("ann", "每年一次。")
		replies := slices.DeleteFunc(w.p.fake.Calls(), func(c wecomfake.Call) bool { return c.Name != "reply" })
		if last := replies[len(replies)-1]; len(replies) != 2 || !strings.Contains(string(last.Body), `"finish":true`) {
			t.Errorf("%d answers, the last %s", len(replies), last.Body)
		}
	})
}

// TestSixMinutes (W6, W16): a stream whose time is nearly over ends with the promise of an answer, which then comes by the
// response_url, once. That is not spent before.
func TestSixMinutes(t *testing.T) {
	inBubble(t, wecomfake.Options{}, nil, func(w *world) {
		e, _ := w.say("ann", "补贴多少？")
		for range 11 {
			time.Sleep(30 * time.Second)
			if err := w.begin(e).Progress(context.Background(), "working"); err != nil {
				t.Error(err)
			}
		}
		time.Sleep(time.Minute) // six and a half
		w.shows("ann", aibot.Follows("zh"))
		if n := len(w.responses()); n > 0 {
			t.Fatalf("%d calls of the response_url before the answer is there", n)
		}
		w.must(e, "每年一次。")
		w.must(e, "每年一次。")
		w.shows("ann", aibot.Follows("zh"), "每年一次。")
		if n := len(w.responses()); n != 1 {
			t.Errorf("%d calls of the response_url", n)
		}
	})
}

// TestNobodyAsks: when WeCom does not ask for a stream any more, the document goes to the response_url after ten seconds.
// Should it ask once more, the stream says where the answer is, and does not show it twice.
func TestNobodyAsks(t *testing.T) {
	inBubble(t, wecomfake.Options{Bot: wecomfake.BotOptions{PollEvery: 40 * time.Second}}, nil, func(w *world) {
		e, _ := w.say("ann", "补贴多少？")
		begin := time.Now()
		w.must(e, "每年一次。")
		if took := time.Since(begin); took < 9*time.Second || took > 11*time.Second {
			t.Errorf("it took %s", took)
		}
		time.Sleep(time.Minute)
		w.shows("ann", "回答在另一条消息里。", "每年一次。")
	})
}

// TestLostPolls: an end that was lost on its way is given again, and a card that WeCom does not take is left out.
func TestLostPolls(t *testing.T) {
	inBubble(t, wecomfake.Options{}, nil, func(w *world) {
		e, _ := w.say("ann", "补贴多少？")
		w.p.must(wecomfake.Fault{Call: "poll", Kind: wecomfake.FaultLost, Times: 2})
		d := answerOf("每年一次。")
		d.Buttons = []channel.Button{{Token: "tok-0000000000000000000", Label: "转人工", Does: "person"}}
		if err := w.finish(e, d, channel.Delivery{Key: "k"}); err != nil {
			t.Error(err)
		}
		time.Sleep(5 * time.Second)
		w.shows("ann", "每年一次。")
		if m := w.bot("ann")[0]; m.Card == nil {
			t.Error("the card is lost")
		}
	})
	o := wecomfake.Options{Check: func(surface string, _ json.RawMessage) error {
		if surface == "template_card" {
			return errors.New("no cards today")
		}
		return nil
	}}
	inBubble(t, o, nil, func(w *world) {
		e, _ := w.say("ann", "补贴多少？")
		d := answerOf("每年一次。")
		d.Buttons = []channel.Button{{Token: "tok-0000000000000000000", Label: "转人工", Does: "person"}}
		if err := w.finish(e, d, channel.Delivery{Key: "k"}); err != nil {
			t.Error(err)
		}
		time.Sleep(10 * time.Second)
		w.shows("ann", "每年一次。")
	})
}

// A brokenWriter is a connection that has ended.
type brokenWriter struct{ httptest.ResponseRecorder }

func (*brokenWriter) Write([]byte) (int, error) { return 0, errors.New("the connection is closed") }

// TestBrokenLook: an end that could not be written has not arrived. When WeCom does not come back it cannot be known
// whether it got it all the same, and it is not shown by another way.
func TestBrokenLook(t *testing.T) {
	inBubble(t, wecomfake.Options{Bot: wecomfake.BotOptions{PollEvery: 24 * time.Hour}}, nil, func(w *world) {
		e, _ := w.say("ann", "补贴多少？")
		done := make(chan error, 1)
		go func() { done <- w.finish(e, answerOf("每年一次。"), channel.Delivery{Key: "k"}) }()
		time.Sleep(time.Second)
		look, body := w.p.seal(`{"msgid":"look","from":{"userid":"ann"},"msgtype":"stream","stream":{"id":"` + w.bot("ann")[0].StreamID + `"}}`)
		r := httptest.NewRequest(http.MethodPost, callback.Path+"?"+url.Values(look).Encode(), bytes.NewReader(body))
		w.c.Handler().ServeHTTP(&brokenWriter{}, r)
		time.Sleep(time.Second)
		select {
		case err := <-done:
			t.Fatalf("it counts as delivered: %v", err)
		default:
		}
		if err := <-done; err == nil || channel.IsGone(err) {
			t.Errorf("while the stream lasts it gave %v", err)
		}
		time.Sleep(2 * time.Minute)
		if why := gone(w.finish(e, answerOf("每年一次。"), channel.Delivery{Key: "k", Again: true})); !strings.Contains(why, "cannot be known") {
			t.Errorf("after its end it gave %s", why)
		}
		if n := len(w.responses()); n > 0 {
			t.Errorf("%d calls of the response_url", n)
		}
	})
}

// TestThree (W14): WeCom takes three unfinished interactions of a person. The third question gets no stream, so that the
// person can still say stop; its answer comes by the response_url.
func TestThree(t *testing.T) {
	inBubble(t, wecomfake.Options{}, nil, func(w *world) {
		time.Sleep(2 * time.Minute) // in its first minute a process sends less
		var asked []channel.Event
		for i := range 5 {
			e, _ := w.say("ann", fmt.Sprintf("问题 %d", i+1))
			asked = append(asked, e)
		}
		status, wait := render.Progress("", "zh", render.Bot)+"*", callback.Sentences()[0]
		w.shows("ann", status, status, wait, wait, wait)
		other, _ := w.say("ben", "我也问") // somebody else has room
		w.shows("ben", status)
		w.must(other, "好。")
		w.set(func() { w.gives = &channel.Accepted{} })
		w.say("ann", "停止")              // arrives at once, although nothing was answered
		time.Sleep(2 * time.Second)     // WeCom asks
		stopped := render.Stopped("zh") // nobody works on the second question yet, and it ends all the same
		w.shows("ann", stopped, stopped, wait, wait, wait, stopped)
		w.set(func() { w.gives = nil })
		for i := len(asked) - 1; i >= 0; i-- {
			w.must(asked[i], fmt.Sprintf("回答 %d。", i+1))
		}
		w.shows("ann", stopped, stopped, wait, wait, wait, stopped, "回答 5。", "回答 4。", "回答 3。", "回答 2。", "回答 1。")
		e, _ := w.say("ann", "问题 6") // there is room again
		w.must(e, "回答 6。")
		if n := len(w.responses()); n != 5 {
			t.Errorf("%d calls of response_urls", n)
		}
	})
}

// TestThreeFailed: what could not be stored takes no room.
func TestThreeFailed(t *testing.T) {
	inBubble(t, wecomfake.Options{}, nil, func(w *world) {
		w.set(func() { w.fail = errDisk })
		for range 3 {
			if _, err := w.p.fake.Say(wecomfake.Say{User: "ann", Text: "问题"}); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Minute)
		w.set(func() { w.fail = nil })
		w.say("ann", "问题")
		w.shows("ann", render.Progress("", "zh", render.Bot)+"*")
	})
}

// TestThreeFresh: streams that an earlier process has opened count, too.
func TestThreeFresh(t *testing.T) {
	inBubble(t, wecomfake.Options{}, nil, func(w *world) {
		first, _ := w.say("ann", "问题 1")
		w.say("Ann", "问题 2")
		w.restart()
		if err := w.begin(first).Progress(context.Background(), "working"); err != nil { // one is known by its message
			t.Error(err)
		}
		time.Sleep(1500 * time.Millisecond)
		w.say("ann", "问题 3")
		if shown := w.bot("ann"); len(shown) != 3 || shown[2].Text != callback.Sentences()[0] {
			t.Errorf("%d messages, the last %q", len(shown), shown[len(shown)-1].Text)
		}
	})
}

// TestRefused: what the service says about a question that it does not take is in the stream; if it says nothing, the
// stream says it by itself soon.
func TestRefused(t *testing.T) {
	inBubble(t, wecomfake.Options{}, nil, func(w *world) {
		w.set(func() { w.gives = &channel.Accepted{ID: "a-1", Refused: "busy"} })
		e, _ := w.say("ann", "第四个问题")
		w.must(e, "请等前面的问题答完。")
		w.say("ann", "第五个问题")
		time.Sleep(20 * time.Second)
		w.shows("ann", "请等前面的问题答完。", "这条没有受理：")
		if n := len(w.responses()); n > 0 {
			t.Errorf("%d calls of response_urls", n)
		}
	})
}

// TestAbort: what the asker withdrew says so at once, and the response_url is not spent on it.
func TestAbort(t *testing.T) {
	inBubble(t, wecomfake.Options{}, nil, func(w *world) {
		e, _ := w.say("ann", "how much?")
		r := w.begin(e)
		if err := r.Update(context.Background(), answerOf("half")); err != nil {
			t.Error(err)
		}
		if err := r.Abort(context.Background(), "withdrawn"); err != nil {
			t.Error(err)
		}
		w.shows("ann", render.Stopped("en"))
		time.Sleep(2 * time.Second)
		for range 2 {
			w.say("ann", "第二个问题")
		}
		e, _ = w.say("ann", "第四个问题") // which has no stream
		begin := time.Now()
		if err := w.begin(e).Abort(context.Background(), "withdrawn"); err != nil || time.Since(begin) > 0 {
			t.Errorf("where there is no stream it took %s: %v", time.Since(begin), err)
		}
		time.Sleep(7 * time.Minute)
		if err := w.begin(e).Abort(context.Background(), "withdrawn"); err != nil {
			t.Error(err)
		}
		if n := len(w.responses()); n > 0 {
			t.Errorf("%d calls of response_urls", n)
		}
	})
}

// TestLong (W9, F25): a long document has two messages of at most 20,480 bytes, and the second says that there is more, and
// where.
func TestLong(t *testing.T) {
	inBubble(t, wecomfake.Options{}, nil, func(w *world) {
		e, _ := w.say("ann", "全部讲一遍")
		var text strings.Builder
		for i := 1; text.Len() < 200_000; i++ {
			fmt.Fprintf(&text, "第%d条 对符合条件的企业给予补贴。\n", i)
		}
		w.must(e, text.String())
		w.must(e, text.String())
		shown := w.bot("ann")
		if len(shown) != 2 {
			t.Fatalf("%d messages", len(shown))
		}
		for i, m := range shown {
			if len(m.Text) > 20480 || len(m.Text) < 3000 || !m.Finished {
				t.Errorf("message %d has %d bytes, finished: %v", i+1, len(m.Text), m.Finished)
			}
			if end := strings.HasSuffix(m.Text, callback.Rest("zh", pages)); end != (i == 1) {
				t.Errorf("message %d says that there is more: %v", i+1, end)
			}
		}
		for _, c := range w.p.fake.Calls() {
			if c.Code != 0 {
				t.Errorf("a call was refused: %+v", c)
			}
		}
	})
}

// TestLongWithoutURL: a long document that has no second message says so in its first.
func TestLongWithoutURL(t *testing.T) {
	inBubble(t, wecomfake.Options{}, nil, func(w *world) {
		e, _ := w.say("ann", "全部讲一遍")
		if err := w.finish(e, answerOf("先说一句。"), channel.Delivery{Key: "early", Later: true}); err != nil {
			t.Fatal(err)
		}
		w.must(e, strings.Repeat("第一条 对符合条件的企业给予补贴。\n", 1000))
		shown := w.bot("ann")
		if len(shown) != 2 || !strings.HasSuffix(shown[0].Text, callback.Rest("zh", pages)) {
			t.Errorf("%d messages, the first ends %q", len(shown), shown[0].Text[len(shown[0].Text)-100:])
		}
	})
}

// TestMemory: what is long past is forgotten.
func TestMemory(t *testing.T) {
	inBubble(t, wecomfake.Options{}, nil, func(w *world) {
		for i := range 50 {
			e, _ := w.say(fmt.Sprint("u", i), "问题")
			w.must(e, "回答。")
		}
		if n, bytes := w.c.Remembered(); n != 50 || bytes < 50*len("回答。") {
			t.Errorf("%d are remembered with %d bytes, want 50", n, bytes)
		}
		time.Sleep(20 * time.Minute)
		if n, bytes := w.c.Remembered(); n != 50 || bytes > 50*len(callback.Sentences()[2]) {
			t.Errorf("%d are remembered with %d bytes when nobody asks for their texts any more", n, bytes)
		}
		time.Sleep(8 * time.Hour)
		if n, _ := w.c.Remembered(); n != 0 {
			t.Errorf("%d are remembered after 8 hours", n)
		}
	})
}

// TestEndOfRun: the last replies of a process arrive after Run has ended.
func TestEndOfRun(t *testing.T) {
	inBubble(t, wecomfake.Options{}, nil, func(w *world) {
		e, _ := w.say("ann", "补贴多少？")
		w.quit()
		time.Sleep(time.Second)
		if s := w.c.Health().State; s != channel.Down {
			t.Errorf("after Run it is %s", s)
		}
		w.must(e, "每年一次。")
		w.shows("ann", "每年一次。")
	})
}

// TestFlood: where a group has had as many messages as WeCom takes a question gets no stream, which nobody would see; its
// answer comes by the response_url as soon as there is room. Nothing is dropped.
func TestFlood(t *testing.T) {
	inBubble(t, wecomfake.Options{Bot: wecomfake.BotOptions{TooOftenSilent: true}}, nil, func(w *world) {
		var all sync.WaitGroup
		for i := range 45 {
			if _, err := w.p.fake.Say(wecomfake.Say{User: fmt.Sprint("u", i), Chat: "room", Text: fmt.Sprint("问题 ", i)}); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		w.mu.Lock()
		asked := slices.Clone(w.events)
		w.mu.Unlock()
		for i, e := range asked {
			all.Go(func() {
				for {
					err := w.finish(e, answerOf(fmt.Sprintf("答复 %d。", i)), channel.Delivery{Key: fmt.Sprint("k", i)})
					wait, waits := errors.AsType[*channel.WaitError](err)
					if !waits {
						if err != nil {
							t.Error(err)
						}
						return
					}
					time.Sleep(wait.After)
				}
			})
		}
		all.Wait()
		time.Sleep(time.Minute)
		if n := len(w.p.fake.SilentDrops()); n > 0 || len(asked) != 45 {
			t.Errorf("%d of %d were dropped", n, len(asked))
		}
		if shown := w.bot("room"); len(shown) != 45 {
			t.Errorf("the room sees %d messages", len(shown))
		}
	})
}
