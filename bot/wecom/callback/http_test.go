package callback_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"policybot/bot/channel"
	"policybot/bot/wecom/callback"
	"policybot/bot/wecomfake"
	"policybot/bot/wecomfake/envelope"
)

const message = `{"msgid":"m1","chattype":"single","from":{"userid":"ann"},"msgtype":"text","text":{"content":"补贴多少？"}}`

// TestNew: what is missing is told with what to set, and no secret is in an error.
func TestNew(t *testing.T) {
	for _, o := range []callback.Options{{}, {Token: token}, {Key: aesKey}, {Token: token, Key: aesKey[:42]}, {Token: token, Key: strings.Repeat("*", 43)}, {Token: token, Key: aesKey, Pages: "nowhere"}} {
		_, err := callback.New(o)
		if err == nil || o.Pages == "" && !strings.Contains(err.Error(), "WECOM_BOT_TOKEN") || strings.Contains(err.Error(), token) || strings.Contains(err.Error(), aesKey[:20]) {
			t.Errorf("New(%+v): %v", o, err)
		}
	}
	c, err := callback.New(callback.Options{Token: token, Key: aesKey})
	if err != nil || c.Health().State != channel.Starting || !c.Heard().IsZero() {
		t.Errorf("%v, %+v", err, c.Health())
	}
}

// TestVerify (W3): the address is verified, also while nobody takes events, and nothing is read out before the signature
// holds: not a wrong one, not an old one, and not the text of a message that somebody has caught.
func TestVerify(t *testing.T) {
	inBubble(t, wecomfake.Options{}, nil, func(w *world) {
		if err := w.p.fake.Verify(context.Background()); err != nil {
			t.Error(err)
		}
		w.quit()
		time.Sleep(time.Second)
		if err := w.p.fake.Verify(context.Background()); err != nil {
			t.Errorf("after Run: %v", err)
		}
		box, err := envelope.New(token, aesKey, "")
		if err != nil {
			t.Fatal(err)
		}
		now, nonce := time.Now().Unix(), "12345"
		at := fmt.Sprint(now)
		word, signature := box.Seal([]byte("4561255354251345929"), at, nonce)
		caught, itsSignature := box.Seal([]byte(message), at, nonce)
		old := fmt.Sprint(now - 301)
		for name, q := range map[string]url.Values{
			"a wrong signature": {"msg_signature": {itsSignature}, "timestamp": {at}, "nonce": {nonce}, "echostr": {word}},
			"no signature":      {"timestamp": {at}, "nonce": {nonce}, "echostr": {word}},
			"two signatures":    {"msg_signature": {signature, signature}, "timestamp": {at}, "nonce": {nonce}, "echostr": {word}},
			"an old one":        {"msg_signature": {box.Sign(word, old, nonce)}, "timestamp": {old}, "nonce": {nonce}, "echostr": {word}},
			"a message":         {"msg_signature": {itsSignature}, "timestamp": {at}, "nonce": {nonce}, "echostr": {caught}},
			"nothing":           {},
		} {
			status, body, err := w.p.fake.Raw(context.Background(), http.MethodGet, q, nil)
			if err != nil || status != http.StatusUnauthorized && status != http.StatusBadRequest || bytes.Contains(body, []byte("4561255354251345929")) || bytes.Contains(body, []byte("msgid")) {
				t.Errorf("%s: %d %q, %v", name, status, body, err)
			}
		}
		plus := strings.ReplaceAll(url.Values{"msg_signature": {signature}, "timestamp": {at}, "nonce": {nonce}}.Encode()+"&echostr="+word, "%2B", "+")
		rec := httptest.NewRecorder()
		w.c.Handler().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, callback.Path+"?"+plus, nil))
		if rec.Code != http.StatusOK || rec.Body.String() != "4561255354251345929" {
			t.Errorf("with a plus that is not escaped: %d %q", rec.Code, rec.Body)
		}
	})
}

// TestReplay (W4): the very same request once more is answered 200 and not stored again; what could not be stored may come
// again; and after five minutes nothing of it holds.
func TestReplay(t *testing.T) {
	inBubble(t, wecomfake.Options{}, nil, func(w *world) {
		q, body := w.p.seal(message)
		post := func(want int) {
			t.Helper()
			status, _, err := w.p.fake.Raw(context.Background(), http.MethodPost, q, body)
			if err != nil || status != want {
				t.Errorf("status %d, %v, want %d", status, err, want)
			}
		}
		w.set(func() { w.fail = errDisk })
		post(http.StatusServiceUnavailable)
		w.set(func() { w.fail = nil })
		post(http.StatusOK)
		for range 5 {
			post(http.StatusOK)
			time.Sleep(50 * time.Second)
		}
		if n := len(w.seen()); n != 1 {
			t.Errorf("it was stored %d times", n)
		}
		time.Sleep(time.Minute)
		post(http.StatusUnauthorized)
		q["msg_signature"] = []string{strings.Repeat("0", 40)}
		post(http.StatusUnauthorized)
	})
}

// TestReplayedLook: who sends WeCom's question for a stream again learns nothing new by it, and the channel neither.
func TestReplayedLook(t *testing.T) {
	inBubble(t, wecomfake.Options{Bot: wecomfake.BotOptions{PollEvery: time.Hour}}, nil, func(w *world) {
		e, _ := w.say("ann", "补贴多少？")
		look, body := w.p.seal(`{"msgid":"look","chattype":"single","from":{"userid":"ann"},"msgtype":"stream","stream":{"id":"` + w.bot("ann")[0].StreamID + `"}}`)
		if status, _, err := w.p.fake.Raw(context.Background(), http.MethodPost, look, body); err != nil || status != http.StatusOK {
			t.Fatalf("%d, %v", status, err)
		}
		done := make(chan error, 1)
		go func() { done <- w.finish(e, answerOf("每年一次。"), channel.Delivery{Key: "k"}) }()
		for range 20 {
			time.Sleep(time.Second)
			if status, _, err := w.p.fake.Raw(context.Background(), http.MethodPost, look, body); err != nil || status != http.StatusOK {
				t.Errorf("%d, %v", status, err)
			}
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
		if n := len(w.responses()); n != 1 {
			t.Errorf("%d calls of the response_url: a replay was taken for WeCom", n)
		}
	})
}

// TestSpoilt (W5, F19): an envelope that is wrong in any way is refused at once, with 401 where anybody could have made it
// and 400 where the signature holds, and nothing is stored. Among them is one for a corporation: an AI bot has an empty
// receiveid.
func TestSpoilt(t *testing.T) {
	unauthorized := map[envelope.Way]bool{
		envelope.WrongSignature: true, envelope.NoSignature: true, envelope.OldTimestamp: true, envelope.EarlyTimestamp: true,
	}
	inBubble(t, wecomfake.Options{}, nil, func(w *world) {
		for _, way := range envelope.Ways() {
			want := http.StatusBadRequest
			if unauthorized[way] {
				want = http.StatusUnauthorized
			}
			if status, err := w.p.fake.Spoil(context.Background(), way, "ann", "hello"); err != nil || status != want {
				t.Errorf("%s: %d, %v, want %d", way, status, err, want)
			}
		}
		if n := len(w.seen()); n > 0 {
			t.Errorf("%d were stored", n)
		}
		if !w.c.Heard().IsZero() {
			t.Error("what did not come from WeCom counts as heard")
		}
		w.say("ann", "hello")
		if w.c.Heard().IsZero() {
			t.Error("WeCom was not heard")
		}
	})
}

// TestCheapRefusals (F19): what nobody signed costs little: no more than a few times its size, and no time.
func TestCheapRefusals(t *testing.T) {
	c, err := callback.New(callback.Options{Token: token, Key: aesKey})
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	for name, tt := range map[string]struct {
		body string
		want int
	}{
		"five megabytes": {strings.Repeat("x", 5<<20), http.StatusRequestEntityTooLarge},
		"a deep nest":    {strings.Repeat("[", 1<<20), http.StatusBadRequest},
		"forged":         {`{"encrypt":"` + strings.Repeat("A", 1<<20) + `"}`, http.StatusUnauthorized},
	} {
		r := httptest.NewRequest(http.MethodPost, callback.Path+"?msg_signature=00&timestamp=1&nonce=2", strings.NewReader(tt.body))
		runtime.ReadMemStats(&before)
		begin := time.Now()
		rec := httptest.NewRecorder()
		c.Handler().ServeHTTP(rec, r)
		took := time.Since(begin)
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; rec.Code != tt.want || took > time.Second || used > 64<<20 {
			t.Errorf("%s: %d after %s and %d bytes", name, rec.Code, took, used)
		}
	}
}

// TestRetries (F18): a message that cannot be stored is tried again, and delivered again by WeCom, and in the end it is one question, one
// stream and one answer. So it is when the first answers are lost, and when the process is another one by then.
func TestRetries(t *testing.T) {
	for _, restart := range []bool{false, true} {
		inBubble(t, wecomfake.Options{}, nil, func(w *world) {
			w.set(func() { w.fail = errDisk })
			name, err := w.p.fake.Say(wecomfake.Say{User: "ann", Text: "补贴多少？"})
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(1500 * time.Millisecond) // two attempts
			w.set(func() { w.fail = nil })
			w.p.must(wecomfake.Fault{Call: "callback", Kind: wecomfake.FaultLost, Times: 1})
			time.Sleep(time.Second)
			stored := len(w.seen())
			if stored == 0 || w.p.fake.Acked(name) {
				t.Fatalf("%d events, acknowledged: %v", stored, w.p.fake.Acked(name))
			}
			if restart {
				w.restart()
			}
			time.Sleep(2 * time.Second)
			events := w.seen()
			if len(events) <= stored || !w.p.fake.Acked(name) {
				t.Fatalf("%d events: %+v", len(events), events)
			}
			for _, e := range events {
				if e.DeliveryKey != events[0].DeliveryKey || e.ContentKey != events[0].ContentKey {
					t.Fatalf("%d events: %+v", len(events), events)
				}
			}
			for range 3 { // and much later
				if err := w.p.fake.Redeliver(name); err != nil {
					t.Fatal(err)
				}
			}
			w.must(events[0], "每年一次。")
			if err := w.p.fake.Redeliver(name); err != nil {
				t.Fatal(err)
			}
			time.Sleep(10 * time.Second)
			w.shows("ann", "每年一次。")
		})
	}
}

// TestRetriedAnswered: a message that WeCom delivers again to another process, after its answer, does not search for ever.
func TestRetriedAnswered(t *testing.T) {
	inBubble(t, wecomfake.Options{}, nil, func(w *world) {
		q, body := w.p.seal(message)
		if status, _, err := w.p.fake.Raw(context.Background(), http.MethodPost, q, body); err != nil || status != http.StatusOK {
			t.Fatal(status, err)
		}
		w.restart()
		look := func() string {
			q, body := w.p.seal(message) // the same message, sealed anew
			status, answer, err := w.p.fake.Raw(context.Background(), http.MethodPost, q, body)
			if err != nil || status != http.StatusOK {
				t.Fatal(status, err)
			}
			var sealed struct {
				Encrypt   string `json:"encrypt"`
				Signature string `json:"msgsignature"`
				At        int64  `json:"timestamp"`
				Nonce     string `json:"nonce"`
			}
			box, err := envelope.New(token, aesKey, "")
			if err == nil {
				err = json.Unmarshal(answer, &sealed)
			}
			if err != nil {
				t.Fatal(err)
			}
			plain, err := box.Open(sealed.Signature, strconv.FormatInt(sealed.At, 10), sealed.Nonce, sealed.Encrypt)
			if err != nil {
				t.Fatal(err)
			}
			return string(plain)
		}
		if text := look(); !strings.Contains(text, `"finish":false`) {
			t.Errorf("at once it ends: %s", text)
		}
		time.Sleep(time.Minute)
		if text := look(); !strings.Contains(text, `"finish":true`) || !strings.Contains(text, "请重新提问") {
			t.Errorf("after a minute it is %s", text)
		}
	})
}

// TestSlowStore: WeCom gets its answer within five seconds, whatever the store does.
func TestSlowStore(t *testing.T) {
	inBubble(t, wecomfake.Options{}, nil, func(w *world) {
		w.set(func() { w.hold = time.Hour })
		for range 200 { // more than are stored at once
			q, body := w.p.seal(message)
			go func() { _, _, _ = w.p.fake.Raw(context.Background(), http.MethodPost, q, body) }()
		}
		synctest.Wait()
		begin := time.Now()
		q, body := w.p.seal(message)
		status, _, err := w.p.fake.Raw(context.Background(), http.MethodPost, q, body)
		if took := time.Since(begin); err != nil || status != http.StatusServiceUnavailable || took > 3*time.Second {
			t.Errorf("%d, %v after %s", status, err, took)
		}
		time.Sleep(5 * time.Second)
	})
}

// TestLog: no text of a message, no address of a reply and no secret is in the log.
func TestLog(t *testing.T) {
	inBubble(t, wecomfake.Options{Bot: wecomfake.BotOptions{PollEvery: time.Hour}}, nil, func(w *world) {
		var log bytes.Buffer
		o := w.p.options()
		o.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		w.stop()
		c, err := callback.New(o)
		if err != nil {
			t.Fatal(err)
		}
		w.p.taking.Store(c)
		ctx, quit := context.WithCancel(context.Background())
		w.c, w.quit = c, quit
		go func() { w.done <- c.Run(ctx, w.take) }()
		time.Sleep(time.Second)
		w.set(func() { w.fail = errDisk })
		if _, err := w.p.fake.Say(wecomfake.Say{User: "ann", Text: "Geheimnis"}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		w.set(func() { w.fail = nil })
		e, _ := w.say("ann", "Geheimnis")
		for _, kind := range []string{wecomfake.FaultLost, wecomfake.FaultCode} {
			w.p.must(wecomfake.Fault{Call: "response", Kind: kind, Code: 40058, Times: 3})
			err := w.finish(e, answerOf("Geheimnis"), channel.Delivery{Key: "k" + kind})
			if err == nil || strings.Contains(err.Error(), "/response/") || strings.Contains(err.Error(), "Geheimnis") {
				t.Errorf("finish: %v", err)
			}
		}
		if _, err := w.p.fake.Spoil(ctx, envelope.OtherKey, "ann", "Geheimnis"); err != nil {
			t.Error(err)
		}
		for _, secret := range []string{"Geheimnis", "/response/", token, aesKey} {
			if strings.Contains(log.String(), secret) {
				t.Errorf("the log has %q: %s", secret, log.String())
			}
		}
		if !strings.Contains(log.String(), "could not be stored") {
			t.Errorf("the log does not say that nothing was stored: %s", log.String())
		}
	})
}
