package app_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"policybot/bot/channel"
	"policybot/bot/wecom/aibot"
	"policybot/bot/wecom/app"
	"policybot/bot/wecomfake"
	"policybot/bot/wecomfake/envelope"
	"policybot/bot/wecomfake/judge"
)

// sealedPost is a callback as WeCom makes it, at a time.
func sealedPost(t testing.TB, document string, at time.Time, nonce string) *http.Request {
	t.Helper()
	box, err := envelope.New(token, key, corpID)
	if err != nil {
		t.Fatal(err)
	}
	stamp := strconv.FormatInt(at.Unix(), 10)
	text, signature := box.Seal([]byte(document), stamp, nonce)
	q := url.Values{"msg_signature": {signature}, "timestamp": {stamp}, "nonce": {nonce}}
	body := "<xml><ToUserName><![CDATA[" + corpID + "]]></ToUserName><Encrypt><![CDATA[" + text + "]]></Encrypt><AgentID><![CDATA[1000007]]></AgentID></xml>"
	return httptest.NewRequest(http.MethodPost, app.Path+"?"+q.Encode(), strings.NewReader(body))
}

// again is the same request, byte for byte.
func again(t testing.TB, r *http.Request, body string) *http.Request {
	t.Helper()
	return httptest.NewRequest(r.Method, r.URL.String(), strings.NewReader(body))
}

func serve(c *app.Channel, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	c.Handler().ServeHTTP(w, r)
	return w
}

// TestEmptyAnswer is F18: a question is answered with an empty 200 as soon as it is stored. While it cannot be stored it
// is answered with 503 well before WeCom gives up, so that each of WeCom's deliveries finds out; all of them are one
// question.
func TestEmptyAnswer(t *testing.T) {
	in(t, wecomfake.CorpOptions{}, func(w *world) {
		begin := time.Now()
		got := serve(w.c, sealedPost(t, inner, begin, "1"))
		if got.Code != http.StatusOK || got.Body.Len() != 0 || time.Since(begin) != 0 {
			t.Errorf("a question is answered with %d %q after %s", got.Code, got.Body, time.Since(begin))
		}
		w.sink.set(true, nil)
		begin = time.Now()
		got = serve(w.c, sealedPost(t, good("<MsgId>7", "<MsgId>8"), begin, "2"))
		if took := time.Since(begin); got.Code != http.StatusServiceUnavailable || took > 3*time.Second {
			t.Errorf("while nothing is stored a question is answered with %d after %s", got.Code, took)
		}
		name, err := w.AppSay("Ann", "还有吗")
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		if w.Acked(name) || len(w.Trouble(name)) < 3 {
			t.Errorf("acknowledged: %t, after %q", w.Acked(name), w.Trouble(name))
		}
		w.sink.set(false, nil)
		time.Sleep(time.Minute)
		if !w.Acked(name) {
			t.Errorf("not acknowledged after %q", w.Trouble(name))
		}
		if kept := w.sink.kept(); len(kept) != 3 || len(w.sink.seen()) < 7 {
			t.Errorf("%d questions are stored of 3, from %d deliveries", len(kept), len(w.sink.seen()))
		}
	})
}

// TestReplay: the very same request is not stored again, and is answered as before; until it is stored it is tried again.
func TestReplay(t *testing.T) {
	in(t, wecomfake.CorpOptions{}, func(w *world) {
		r := sealedPost(t, inner, time.Now(), "1")
		data, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		body := string(data)
		w.sink.set(false, func(channel.Event) error { return channel.ErrKeyReused })
		if got := serve(w.c, again(t, r, body)); got.Code != http.StatusConflict {
			t.Errorf("a key of something else is answered with %d", got.Code)
		}
		w.sink.set(false, nil)
		for i := range 3 {
			if got := serve(w.c, again(t, r, body)); got.Code != http.StatusOK || got.Body.Len() != 0 {
				t.Errorf("delivery %d is answered with %d %q", i, got.Code, got.Body)
			}
		}
		if n := len(w.sink.seen()); n != 2 {
			t.Errorf("the sink was called %d times, want once for the one that failed and once more", n)
		}
		time.Sleep(301 * time.Second)
		if got := serve(w.c, again(t, r, body)); got.Code != http.StatusUnauthorized {
			t.Errorf("after its time it is answered with %d", got.Code)
		}
	})
}

// TestRefusals is F19 in what is answered: 401 to who does not know the token or comes late, 400 to what is signed and
// cannot be read, 413 to what is too long; and nothing of it becomes an event.
func TestRefusals(t *testing.T) {
	want := map[string]int{
		string(envelope.WrongSignature): 401, string(envelope.NoSignature): 401, string(envelope.OldTimestamp): 401, string(envelope.EarlyTimestamp): 401,
		"a body sealed by somebody else": 401, "a body of five million bytes": 413,
	}
	in(t, wecomfake.CorpOptions{}, func(w *world) {
		for _, name := range w.Garbage() {
			code := want[name]
			if code == 0 {
				code = 400
			}
			if got, err := w.garble(name); err != nil || got != code {
				t.Errorf("%s is answered with %d, %v, want %d", name, got, err, code)
			}
		}
		for name, more := range map[string]string{"unsigned": "", "signed twice": "&msg_signature=0", "with two times": "&timestamp=1", "with half an escape": "&x=%2"} {
			r := sealedPost(t, inner, time.Now(), "1")
			if r.URL.RawQuery += more; more == "" {
				r.URL.RawQuery = ""
			}
			if got := serve(w.c, r); got.Code != http.StatusUnauthorized {
				t.Errorf("%s: %d", name, got.Code)
			}
		}
		if n := len(w.sink.seen()); n != 0 {
			t.Errorf("%d events", n)
		}
	})
}

// slower is how many times longer code may take under the race detector.
var slower = time.Duration(1)

// TestBombs is F19 in what it costs: whatever is sent, signed or not, is refused within ten milliseconds, and takes no
// more memory than a few times its own size.
func TestBombs(t *testing.T) {
	c, err := app.New(app.Options{CorpID: corpID, AgentID: agentID, Secret: secret, Token: token, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	bombs := map[string]func() *http.Request{}
	for name, document := range documents {
		bombs[name] = func() *http.Request { return sealedPost(t, document, time.Now(), "1") }
	}
	for name, body := range bodies {
		if len(body) < 1<<20 { // what is longer is cut off by net/http
			bombs[name] = func() *http.Request { return again(t, sealedPost(t, "", time.Now(), "1"), body) }
		}
	}
	for name, request := range bombs {
		t.Run(name, func(t *testing.T) {
			size := request().ContentLength
			best, least := time.Hour, ^uint64(0)
			for range 20 { // the machine may have other work
				r, w := request(), httptest.NewRecorder()
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				begin := time.Now()
				c.Handler().ServeHTTP(w, r)
				best = min(best, time.Since(begin))
				runtime.ReadMemStats(&after)
				least = min(least, after.TotalAlloc-before.TotalAlloc)
				if w.Code < 400 || w.Code > 499 {
					t.Fatalf("answered with %d", w.Code)
				}
			}
			if most := uint64(1<<20) + 12*uint64(size); best > slower*10*time.Millisecond || least > most {
				t.Errorf("%d bytes took %s and %d bytes of memory, want at most %d", size, best, least, most)
			}
		})
	}
}

// TestVerify: the address is verified with the text that was sealed, as it is, and only for who knows the token.
func TestVerify(t *testing.T) {
	in(t, wecomfake.CorpOptions{}, func(w *world) {
		if got, err := w.AppVerifySpoilt("", "1616140317555161061"); err != nil || string(got) != "1616140317555161061" {
			t.Errorf("verified with %q, %v", got, err)
		}
		for _, way := range envelope.Ways() {
			if got, err := w.AppVerifySpoilt(way, "1616140317555161061"); err == nil || strings.Contains(string(got), "161614") {
				t.Errorf("%s: verified with %q", way, got)
			}
		}
		if got, err := w.AppVerifySpoilt("", inner); err == nil || strings.Contains(string(got), "hello") {
			t.Errorf("a message was read out: %q", got)
		}
		r := httptest.NewRequest(http.MethodGet, app.Path+"?echostr=x", http.NoBody)
		if got := serve(w.c, r); got.Code != http.StatusUnauthorized {
			t.Errorf("without a signature: %d", got.Code)
		}
		if got := serve(w.c, httptest.NewRequest(http.MethodPut, app.Path, http.NoBody)); got.Code != http.StatusMethodNotAllowed {
			t.Errorf("PUT: %d", got.Code)
		}
	})
}

// pressed shows an answer with buttons and presses one, after choosing a reason.
func (w *world) pressed(button, reason string) string {
	w.t.Helper()
	e := w.ask()
	w.deliver(e, answer("给予补贴。"), channel.Delivery{Key: "d-" + e.DeliveryKey})
	var chosen map[string][]string
	if reason != "" {
		chosen = map[string][]string{"reason": {reason}}
	}
	name, err := w.AppPress("Ann", w.card().TaskID, button, chosen)
	if err != nil {
		w.t.Fatal(err)
	}
	return name
}

// card is the last card that Ann sees.
func (w *world) card() wecomfake.AppMessage {
	w.t.Helper()
	all := w.AppMessages("Ann")
	for _, m := range slices.Backward(all) {
		if m.Type == wecomfake.TypeCard {
			return m
		}
	}
	w.t.Fatalf("no card is on screen, %d messages are", len(all))
	return wecomfake.AppMessage{}
}

// TestPressed: a press comes with its token and the reason that was chosen, and then the card says that it was pressed.
func TestPressed(t *testing.T) {
	for _, tt := range []struct{ button, reason, label string }{
		{"good-token-0123456789", "", "有用"}, {"bad-token-01234567890", "", "没用"}, {"bad-token-01234567890", "outdated", "没用"}, {"person-token-01234567", "none", "转人工"},
	} {
		in(t, wecomfake.CorpOptions{}, func(w *world) {
			name := w.pressed(tt.button, tt.reason)
			synctest.Wait()
			seen := w.sink.seen()
			e := seen[len(seen)-1]
			reason := ""
			if e.Feedback != nil {
				reason = e.Feedback.Reason
			}
			if e.Kind != channel.Pressed || e.Token != tt.button || reason != strings.TrimPrefix(tt.reason, "none") || !w.Acked(name) {
				t.Errorf("%+v, want %+v", e, tt)
			}
			if card := judge.ReadCard(w.card().Card); !strings.Contains(card.Title, "已收到") || !strings.Contains(card.Title, tt.label) {
				t.Errorf("the card says %q, want that %q was pressed", card.Title, tt.label)
			}
			// What takes the card's place has a button, too. It means nothing.
			if _, err := w.AppPress("Ann", w.card().TaskID, "done", nil); err != nil {
				t.Error(err)
			}
			synctest.Wait()
			if n := len(w.sink.seen()); n != len(seen) {
				t.Errorf("%d events, want %d", n, len(seen))
			}
			w.deliver(e, answer("另一个答复。"), channel.Delivery{Key: "d-press"})
			w.sees("Ann", 2, "另一个答复", 1)
		})
	}
}

// TestPressIsNotLost is F20: WeCom tells of a press once. It is stored before anything else; when that fails, or the store
// hangs, it is tried until it is stored, and only then the card changes.
func TestPressIsNotLost(t *testing.T) {
	for name, break_ := range map[string]func(*sink){
		"fails": func(s *sink) { s.set(false, func(channel.Event) error { return errors.New("the disk is full") }) },
		"hangs": func(s *sink) { s.set(true, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			in(t, wecomfake.CorpOptions{}, func(w *world) {
				w.sink.set(false, nil)
				e := w.ask()
				w.deliver(e, answer("给予补贴。"), channel.Delivery{Key: "d-1"})
				break_(w.sink)
				press, err := w.AppPress("Ann", w.card().TaskID, "good-token-0123456789", nil)
				if err != nil {
					t.Fatal(err)
				}
				time.Sleep(90 * time.Second)
				if n := len(w.sink.kept()); n != 1 || w.Acked(press) || w.calls("cgi-bin/message/update_template_card") != 0 {
					t.Errorf("%d events are stored, the press is acknowledged: %t, the card was changed %d times", n, w.Acked(press), w.calls("cgi-bin/message/update_template_card"))
				}
				w.sink.set(false, nil)
				time.Sleep(20 * time.Second)
				if n := len(w.sink.kept()); n != 2 || w.calls("cgi-bin/message/update_template_card") != 1 {
					t.Errorf("%d events are stored, the card was changed %d times", n, w.calls("cgi-bin/message/update_template_card"))
				}
				time.Sleep(5 * time.Minute)
				if n := len(w.sink.kept()); n != 2 {
					t.Errorf("%d events are stored", n)
				}
			})
		})
	}
}

// TestNotTaken: who did something that could not be stored for two minutes is told so, once, even if the first calls fail.
func TestNotTaken(t *testing.T) {
	for _, failures := range []int{0, 4} {
		in(t, wecomfake.CorpOptions{}, func(w *world) {
			w.sink.set(false, func(channel.Event) error { return errors.New("the disk is full") })
			if _, err := w.AppSay("Ann", "What is there to get?"); err != nil {
				t.Fatal(err)
			}
			if failures > 0 {
				w.broken(wecomfake.Fault{Call: sending, Kind: wecomfake.FaultBroken, Times: failures})
			}
			time.Sleep(10 * time.Minute)
			w.sees("Ann", 1, said(channel.Question, "en"), 1)
			if !strings.Contains(w.log.String(), "level=ERROR") {
				t.Error("nobody is told that it was lost")
			}
		})
	}
}

// TestRetriesEnd: what is tried again outlasts the end by two tries at most, and never Run.
func TestRetriesEnd(t *testing.T) {
	in(t, wecomfake.CorpOptions{}, func(w *world) {
		w.sink.set(true, nil)
		if _, err := w.AppSay("Ann", "hello"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Second)
		begin := time.Now()
		w.stop()
		if took := time.Since(begin); took > 6*time.Second {
			t.Errorf("Run took %s to end", took)
		}
		n := len(w.sink.seen())
		time.Sleep(time.Hour)
		if len(w.sink.seen()) != n {
			t.Error("the sink is called after Run has returned")
		}
		w.start()
	})
}

// TestCourtesies: who opens the app is welcomed, at most once a day; who sends a picture is told, once for each, that it
// cannot be read, in the language that they write; what was heard is a question.
func TestCourtesies(t *testing.T) {
	in(t, wecomfake.CorpOptions{}, func(w *world) {
		must := func(name string, err error) string {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			return name
		}
		for range 3 {
			must(w.AppEnter("Ann"))
			must(w.AppEvent("ann", "subscribe"))
			time.Sleep(time.Hour)
		}
		w.sees("Ann", 1, aibot.Welcome, 1)
		time.Sleep(24 * time.Hour)
		must(w.AppEnter("Ann"))
		w.sees("Ann", 2, aibot.Welcome, 2)
		must(w.AppEvent("Ann", "unsubscribe"))
		name := must(w.AppSend("Ben", "image"))
		for range 3 {
			time.Sleep(2 * time.Minute)
			if err := w.Redeliver(name); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		w.sees("Ben", 1, aibot.Unread(""), 1)
		must(w.AppSay("Ben", "Which papers?"))
		for _, kind := range []string{"voice", "video", "location", "link"} {
			time.Sleep(time.Minute)
			must(w.AppSend("Ben", kind))
		}
		w.sees("Ben", 5, aibot.Unread("en"), 5)
		w.sees("Ben", 5, aibot.Unread("zh"), 1)
		if n := len(w.sink.seen()); n != 1 {
			t.Errorf("%d events, want the question alone", n)
		}
		heard := good("[text]", "[voice]", "<Content><![CDATA[hello]]></Content>", "<MediaId>m</MediaId><Format>amr</Format><Recognition><![CDATA[有什么补贴]]></Recognition>")
		if got := serve(w.c, sealedPost(t, heard, time.Now(), "1")); got.Code != http.StatusOK {
			t.Errorf("speech is answered with %d", got.Code)
		}
		if e := w.sink.seen()[1]; e.Kind != channel.Question || e.Text != "有什么补贴" || e.Actor.ID != "ann" || e.Actor.Tenant != corpID {
			t.Errorf("speech became %+v", e)
		}
	})
}

// TestFloodOfCourtesies: however many pictures somebody sends, they are told once a minute, so that an answer does not
// wait for that.
func TestFloodOfCourtesies(t *testing.T) {
	in(t, wecomfake.CorpOptions{}, func(w *world) {
		for range 100 {
			if _, err := w.AppSend("Ben", "image"); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
		}
		if n := len(w.texts("Ben")); n != 2 {
			t.Errorf("%d messages within 100 seconds", n)
		}
		e := channel.Event{Reply: app.HandleOf("Ben")}
		if err := w.finish(e, answer("给予补贴。"), channel.Delivery{Key: "d-1"}); err != nil {
			t.Error(err)
		}
		time.Sleep(2 * time.Minute)
		for i := range 13 { // as many messages as a minute takes
			d := answer(fmt.Sprintf("第%d号答复。", i))
			if i == 12 {
				d.Buttons, d.Citations = nil, nil // and no card
			}
			w.deliver(e, d, channel.Delivery{Key: fmt.Sprint("more ", i)})
		}
		if _, err := w.AppSend("Ben", "image"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		w.sees("Ben", 16, aibot.Unread("en"), 2)
	})
}

// TestOddText: what people write is taken whole, and what XML cannot hold does not lose the question.
func TestOddText(t *testing.T) {
	in(t, wecomfake.CorpOptions{}, func(w *world) {
		for i, tt := range []struct{ raw, want string }{
			{"a]]]]><![CDATA[>b", "a]]>b"},
			{"\x01control\x08", "\ufffdcontrol\ufffd"},
			{"ok \xff\xfe", "ok \ufffd"},
			{"&lt;b&gt; &amp;", "&lt;b&gt; &amp;"},
			{"<FromUserName>boss</FromUserName>", "<FromUserName>boss</FromUserName>"},
			{"🏳️‍🌈 𠮷", "🏳️‍🌈 𠮷"},
		} {
			document := good("<MsgId>7", fmt.Sprint("<MsgId>", 100+i), "hello", tt.raw)
			if got := serve(w.c, sealedPost(t, document, time.Now(), strconv.Itoa(i))); got.Code != http.StatusOK {
				t.Errorf("%q is answered with %d", tt.raw, got.Code)
				continue
			}
			seen := w.sink.seen()
			if e := seen[len(seen)-1]; e.Text != tt.want || e.Actor.ID != "ann" {
				t.Errorf("%q became %q of %s", tt.raw, e.Text, e.Actor.ID)
			}
		}
	})
}

// FuzzText lets a person write anything into a message that is made without care, as if nothing were escaped: it never
// speaks for somebody else, in the name of another message, or twice.
func FuzzText(f *testing.F) {
	for _, s := range []string{
		"hello", "]]>", "]]></Content><FromUserName>boss</FromUserName><Content><![CDATA[", "]]></Content><MsgId>8</MsgId><Content><![CDATA[",
		"]]></Content></xml><!--", "]]></Content><MsgType>event</MsgType><Event>template_card_event</Event><EventKey>k</EventKey><x><![CDATA[",
		"]]><Content>a</Content><![CDATA[", "\x00\xff", "&lt;", "]]></Content></xml>" + inner + "<xml><Content><![CDATA[",
	} {
		f.Add(s)
	}
	c, err := app.New(app.Options{CorpID: corpID, AgentID: agentID, Secret: secret, Token: token, Key: key, APIURL: "http://127.0.0.1:1"})
	if err != nil {
		f.Fatal(err)
	}
	kept := &sink{stored: map[string]channel.Event{}}
	ctx, quit := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx, kept.take) }()
	f.Cleanup(func() {
		quit()
		if err := <-done; err != nil {
			f.Error(err)
		}
	})
	for serve(c, sealedPost(f, inner, time.Now(), "0")).Code == http.StatusServiceUnavailable { // Run has not begun
		<-time.After(time.Millisecond)
	}
	f.Fuzz(func(t *testing.T, text string) {
		before := len(kept.seen())
		got := serve(c, sealedPost(t, good("hello", text), time.Now(), "1"))
		if got.Code != http.StatusOK && got.Code != http.StatusBadRequest && got.Code != http.StatusRequestEntityTooLarge || got.Code == http.StatusOK && got.Body.Len() > 0 {
			t.Fatalf("answered with %d %q", got.Code, got.Body)
		}
		events := kept.seen()[before:]
		if len(events) > 1 {
			t.Fatalf("%d events", len(events))
		}
		for _, e := range events {
			if e.Kind != channel.Question || e.Actor.ID != "ann" || e.DeliveryKey != "7" || e.Place.ID != "ann" {
				t.Fatalf("it speaks as %+v", e)
			}
			if !strings.Contains(text, "]]>") && e.Text != strings.Map(allowed, strings.ToValidUTF8(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text), "\ufffd")) {
				t.Fatalf("%q came as %q", text, e.Text)
			}
		}
	})
}

// allowed is a character as XML allows it.
func allowed(r rune) rune {
	if r < ' ' && r != '\t' && r != '\n' || r == 0xfffe || r == 0xffff {
		return '\ufffd'
	}
	return r
}

// said is what is said of an event that could not be stored.
func said(kind channel.Kind, lang string) string {
	text, _ := aibot.Lost(kind, lang)
	return text
}
