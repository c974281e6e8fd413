package wecomfake_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"policybot/bot/channel/channeltest"
	"policybot/bot/wecomfake"
	"policybot/bot/wecomfake/envelope"
)

const (
	token  = "token-1"
	aesKey = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"
)

// A robot is a bot that takes callbacks.
type robot struct {
	t   *testing.T
	box *envelope.Box

	mu     sync.Mutex
	heard  []obj    // bodies, in clear
	nonces []string // of the requests
	// answer says what to reply: a status, and what goes into the envelope; nil is nothing.
	answer func(n int, body obj) (int, any)
	spoil  func(envelope obj) // changes an answer's envelope; nil: it stays
	off    time.Duration      // of the bot's clock
}

// ServeHTTP implements http.Handler.
func (r *robot) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	query := q.URL.Query()
	at, nonce, signature := query.Get("timestamp"), query.Get("nonce"), query.Get("msg_signature")
	if q.Method == http.MethodGet {
		plain, err := r.box.Open(signature, at, nonce, query.Get("echostr"))
		if err != nil || query.Get("robot") != "1" {
			http.Error(w, "no", http.StatusBadRequest)
			return
		}
		w.Write(plain)
		return
	}
	data, err := io.ReadAll(q.Body)
	var sealed struct{ Encrypt string }
	if err != nil || json.Unmarshal(data, &sealed) != nil {
		http.Error(w, "no envelope", http.StatusBadRequest)
		return
	}
	plain, err := r.box.Open(signature, at, nonce, sealed.Encrypt)
	var body obj
	if err != nil || json.Unmarshal(plain, &body) != nil {
		http.Error(w, "no", http.StatusForbidden)
		return
	}
	r.mu.Lock()
	r.heard = append(r.heard, body)
	r.nonces = append(r.nonces, nonce)
	n := len(r.heard)
	r.mu.Unlock()
	status, reply := r.answer(n, body)
	w.WriteHeader(status)
	if reply != nil {
		w.Write(r.sealed(reply, nonce))
	}
}

func (r *robot) sealed(reply any, nonce string) []byte {
	plain, err := json.Marshal(reply)
	if err != nil {
		r.t.Error(err)
	}
	at := time.Now().Add(r.off).Unix()
	text, signature := r.box.Seal(plain, strconv.FormatInt(at, 10), nonce)
	out := obj{"encrypt": text, "msgsignature": signature, "timestamp": at, "nonce": nonce}
	if r.spoil != nil {
		r.spoil(out)
	}
	data, err := json.Marshal(out)
	if err != nil {
		r.t.Error(err)
	}
	return data
}

// told gives the bodies that came with a msgtype.
func (r *robot) told(kind string) []obj {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(r.heard), func(o obj) bool { return o["msgtype"] != kind })
}

// called runs a test with a fake and a bot that takes callbacks.
func called(t *testing.T, o wecomfake.BotOptions, answer func(n int, body obj) (int, any), test func(t *testing.T, b *bench, r *robot)) {
	t.Helper()
	inBubble(t, o, func(t *testing.T, b *bench) {
		box, err := envelope.New(token, aesKey, "")
		if err != nil {
			t.Fatal(err)
		}
		r := &robot{t: t, box: box, answer: answer}
		address, client := channeltest.Serve(t, r)
		b.Server.Close()
		o.BotID, o.Secret, o.Token, o.EncodingAESKey, o.CallbackURL = botID, secret, token, aesKey, address+"/wecom/bot/callback?robot=1"
		s, err := wecomfake.New(wecomfake.Options{Bot: o, Client: client, URL: "http://in.process"})
		if err != nil {
			t.Fatal(err)
		}
		b.Server = s
		_, b.client = channeltest.Serve(t, s)
		t.Cleanup(s.Close)
		test(t, b, r)
	})
}

func silence(int, obj) (int, any) { return 200, nil }

func (b *bench) say(user, chat, text string) string {
	b.t.Helper()
	return b.must(b.Say(wecomfake.Say{User: user, Chat: chat, Text: text}))
}

func TestCallback(t *testing.T) {
	called(t, wecomfake.BotOptions{}, silence, func(t *testing.T, b *bench, r *robot) {
		if err := b.Verify(t.Context()); err != nil {
			t.Error(err)
		}
		b.breaks(wecomfake.Fault{Call: "*", Kind: wecomfake.FaultLost})
		g := b.say("ann", "wr1", "hi")
		settle()
		if !b.Acked(g) || len(b.Trouble(g)) != 0 || len(r.heard) != 1 {
			t.Fatalf("acked %t, trouble %q, %d bodies", b.Acked(g), b.Trouble(g), len(r.heard))
		}
		body := r.heard[0]
		if !strings.HasPrefix(body["response_url"].(string), "http://in.process/response/") {
			t.Errorf("response_url is %v", body["response_url"])
		}
		first, link := body["msgid"], body["response_url"]
		delete(body, "msgid")
		delete(body, "response_url")
		same(t, "the body", body, obj{"aibotid": botID, "chatid": "wr1", "chattype": "group", "from": obj{"userid": "ann"}, "msgtype": "text", "text": obj{"content": "@Policy Bot hi"}})
		if err := b.Redeliver(g); err != nil {
			t.Error(err)
		}
		settle()
		if len(r.heard) != 2 || r.heard[1]["msgid"] != first || r.heard[1]["response_url"] != link || r.nonces[0] == r.nonces[1] {
			t.Errorf("the second is %v with nonces %q", r.heard[1], r.nonces)
		}
		b.must(b.Say(wecomfake.Say{User: "ann", Kind: wecomfake.SaidFile}))
		settle()
		if file := r.told("file")[0]["file"].(obj); len(file) != 1 {
			t.Errorf("a file is %v", file)
		}
		if l := b.dial(); l.subscribe() != 853000 {
			t.Error("a bot with a callback address can use the long connection, too")
		}
	})
}

func TestVerify(t *testing.T) {
	called(t, wecomfake.BotOptions{}, silence, func(t *testing.T, b *bench, r *robot) {
		for name, bad := range map[string]http.HandlerFunc{
			"quoted": func(w http.ResponseWriter, q *http.Request) {
				plain, _ := r.box.Open(q.FormValue("msg_signature"), q.FormValue("timestamp"), q.FormValue("nonce"), q.FormValue("echostr"))
				w.Write([]byte(strconv.Quote(string(plain))))
			},
			"slow": func(w http.ResponseWriter, q *http.Request) {
				time.Sleep(time.Second + time.Millisecond)
				r.ServeHTTP(w, q)
			},
			"refused": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403) },
		} {
			address, client := channeltest.Serve(t, bad)
			s, err := wecomfake.New(wecomfake.Options{Bot: wecomfake.BotOptions{Token: token, EncodingAESKey: aesKey, CallbackURL: address + "?robot=1"}, Client: client})
			if err != nil {
				t.Fatal(err)
			}
			if s.Verify(t.Context()) == nil {
				t.Errorf("%s is fine", name)
			}
			settle()
			time.Sleep(time.Minute) // until the slow one has ended
			s.Close()
		}
	})
}

// TestCallbackRetries makes four attempts.
func TestCallbackRetries(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(n int, _ obj) (int, any)
		heard  int
		acked  bool
	}{
		"refused": {func(int, obj) (int, any) { return 500, nil }, 4, false},
		"slow": {func(int, obj) (int, any) {
			time.Sleep(5*time.Second + time.Millisecond)
			return 200, nil
		}, 4, false},
		"in time": {func(int, obj) (int, any) {
			time.Sleep(5*time.Second - time.Millisecond)
			return 200, nil
		}, 1, true},
		"at last": {func(n int, _ obj) (int, any) { return map[bool]int{true: 200, false: 404}[n == 4], nil }, 4, true},
	} {
		called(t, wecomfake.BotOptions{}, c.answer, func(t *testing.T, b *bench, r *robot) {
			g := b.say("ann", "", "hi")
			wait(time.Minute)
			if len(r.told("text")) != c.heard || b.Acked(g) != c.acked {
				t.Errorf("%s: %d attempts, acked %t, trouble %q", name, len(r.told("text")), b.Acked(g), b.Trouble(g))
			}
			for _, body := range r.heard {
				if body["msgid"] != r.heard[0]["msgid"] || body["response_url"] != r.heard[0]["response_url"] {
					t.Errorf("%s: the bodies differ", name)
				}
			}
		})
	}
	called(t, wecomfake.BotOptions{}, silence, func(t *testing.T, b *bench, r *robot) {
		b.Cut()
		g := b.say("ann", "", "hi")
		wait(1500 * time.Millisecond)
		b.Mend()
		if wait(time.Minute); len(r.heard) != 1 || !b.Acked(g) || len(b.Trouble(g)) != 2 {
			t.Errorf("after a cut: %d, %q", len(r.heard), b.Trouble(g))
		}
	})
}

// TestReplies shows what the answer to a callback says.
func TestReplies(t *testing.T) {
	card := obj{"msgtype": "template_card", "template_card": buttonCard("t1")}
	text := obj{"msgtype": "text", "text": obj{"content": "hello"}}
	both := stream("s", "end", true)
	both["msgtype"], both["template_card"] = "stream_with_template_card", buttonCard("t2")
	for name, c := range map[string]struct {
		enter bool
		reply any
		shown bool
	}{
		"stream":        {false, stream("s", "end", true), true},
		"card":          {false, card, true},
		"both":          {false, both, true},
		"text":          {false, text, false},
		"markdown":      {false, markdown("x"), false},
		"no JSON":       {false, "x", false},
		"welcome":       {true, text, true},
		"card, enter":   {true, card, true},
		"stream, enter": {true, stream("s", "end", true), false},
	} {
		called(t, wecomfake.BotOptions{}, func(int, obj) (int, any) { return 200, c.reply }, func(t *testing.T, b *bench, _ *robot) {
			var g string
			if c.enter {
				g = b.must(b.Enter("ann"))
			} else {
				g = b.say("ann", "", "hi")
			}
			wait(time.Minute)
			if n := len(b.own("ann")); (n == 1) != c.shown || !b.Acked(g) || (len(b.Trouble(g)) == 0) != c.shown {
				t.Errorf("%s: %d messages, trouble %q", name, n, b.Trouble(g))
			}
		})
	}
}

// TestUnreadableReplies shows nothing of an envelope that is wrong.
func TestUnreadableReplies(t *testing.T) {
	for name, spoil := range map[string]func(obj){
		"signature":         func(o obj) { o["msgsignature"] = "0" },
		"nonce":             func(o obj) { o["nonce"] = "1" },
		"no nonce":          func(o obj) { delete(o, "nonce") },
		"timestamp as text": func(o obj) { o["timestamp"] = strconv.FormatInt(o["timestamp"].(int64), 10) },
		"no timestamp":      func(o obj) { delete(o, "timestamp") },
		"no text":           func(o obj) { delete(o, "encrypt") },
		"late":              nil,
	} {
		called(t, wecomfake.BotOptions{}, func(int, obj) (int, any) { return 200, stream("s", "end", true) }, func(t *testing.T, b *bench, r *robot) {
			if r.spoil = spoil; spoil == nil {
				r.off = 11 * time.Minute
			}
			g := b.say("ann", "", "hi")
			wait(time.Minute)
			if len(b.own("ann")) != 0 || len(b.Trouble(g)) != 1 || len(r.heard) != 1 {
				t.Errorf("%s: %+v after %d attempts, trouble %q", name, b.own("ann"), len(r.heard), b.Trouble(g))
			}
		})
	}
}

// TestPoll asks every second for more until the stream is finished.
func TestPoll(t *testing.T) {
	answer := func(n int, body obj) (int, any) {
		switch n {
		case 1:
			return 200, stream("s", "", false)
		case 3:
			return 200, nil
		case 4:
			return 500, nil
		case 5: // a later frame need not say its id
			return 200, obj{"msgtype": "stream", "stream": obj{"content": "some"}}
		case 6:
			return 200, stream("other", "of another", false)
		case 7:
			return 200, stream("s", "end", true)
		}
		return 200, stream("s", "wait", false)
	}
	called(t, wecomfake.BotOptions{}, answer, func(t *testing.T, b *bench, r *robot) {
		g := b.say("ann", "wr1", "hi")
		for i, want := range []string{"", "wait", "wait", "wait", "some", "some", "end", "end"} {
			settle()
			if m := b.only("wr1"); m.Text != want || m.Finished != (want == "end") || m.Hangs {
				t.Errorf("after %d seconds it is %+v, want %q", i, m, want)
			}
			time.Sleep(time.Second)
		}
		wait(time.Hour)
		if n := len(r.heard); n != 7 || len(b.Trouble(g)) != 2 {
			t.Errorf("%d requests, trouble %q", n, b.Trouble(g))
		}
		poll := r.told("stream")[0]
		if poll["msgid"] == r.heard[0]["msgid"] {
			t.Error("a poll has the msgid of the message")
		}
		delete(poll, "msgid")
		same(t, "a poll", poll, obj{"aibotid": botID, "chatid": "wr1", "chattype": "group", "from": obj{"userid": "ann"}, "msgtype": "stream", "stream": obj{"id": "s"}})
	})
}

// TestPollEnds leaves a stream that is not finished after six minutes.
func TestPollEnds(t *testing.T) {
	called(t, wecomfake.BotOptions{}, func(int, obj) (int, any) { return 200, stream("s", "wait", false) }, func(t *testing.T, b *bench, r *robot) {
		b.say("ann", "", "hi")
		wait(6*time.Minute - time.Second)
		if b.only("ann").Hangs {
			t.Error("over too early")
		}
		wait(time.Hour)
		if m := b.only("ann"); !m.Hangs || m.Finished {
			t.Errorf("the message is %+v", m)
		}
		if n := len(r.told("stream")); n < 355 || n > 360 {
			t.Errorf("%d polls", n)
		}
	})
}

// TestRetryIsOneStream takes the answer to a retry for a frame of the same stream.
func TestRetryIsOneStream(t *testing.T) {
	answer := func(n int, body obj) (int, any) {
		if body["msgtype"] == "stream" {
			return 200, stream("s", "end", true)
		}
		return 200, stream("s", "wait", false)
	}
	called(t, wecomfake.BotOptions{}, answer, func(t *testing.T, b *bench, r *robot) {
		if err := b.Break(wecomfake.Fault{Call: "callback", Kind: wecomfake.FaultLost}); err != nil {
			t.Fatal(err)
		}
		g := b.say("ann", "", "hi")
		settle()
		if len(b.own("ann")) != 0 || b.Acked(g) {
			t.Error("an answer that was lost counts")
		}
		wait(time.Second)
		if len(r.told("text")) != 2 || b.only("ann").Text != "wait" {
			t.Errorf("%d attempts", len(r.told("text")))
		}
		if err := b.Redeliver(g); err != nil {
			t.Fatal(err)
		}
		wait(time.Minute)
		if m := b.only("ann"); m.Text != "end" || !m.Finished || len(r.told("stream")) != 1 {
			t.Errorf("%+v after %d polls", m, len(r.told("stream")))
		}
	})
}

// TestThreeAtATime holds the fourth interaction of a person back.
func TestThreeAtATime(t *testing.T) {
	finish := map[string]bool{}
	var mu sync.Mutex
	answer := func(_ int, body obj) (int, any) {
		mu.Lock()
		defer mu.Unlock()
		switch body["msgtype"] {
		case "event":
			return 200, nil
		case "text":
			return 200, stream(body["text"].(obj)["content"].(string), "wait", false)
		}
		id := body["stream"].(obj)["id"].(string)
		return 200, stream(id, "x", finish[id])
	}
	for _, limit := range []int{0, -1} {
		clear(finish)
		called(t, wecomfake.BotOptions{InFlight: limit}, answer, func(t *testing.T, b *bench, r *robot) {
			for _, text := range []string{"1", "2", "3", "4", "5"} {
				b.say("ann", "", text)
			}
			b.say("ben", "", "6")
			wait(time.Minute)
			want := 4
			if limit < 0 {
				want = 6
			}
			if n := len(r.told("text")); n != want {
				t.Errorf("%d are under way, want %d", n, want)
			}
			b.must(b.Enter("ann")) // is no message
			settle()
			if len(r.told("event")) != 1 {
				t.Error("an event waits, too")
			}
			mu.Lock()
			for _, body := range r.told("text") {
				if body["from"].(obj)["userid"] == "ann" {
					finish[body["text"].(obj)["content"].(string)] = true
					break
				}
			}
			mu.Unlock()
			wait(2 * time.Second)
			if n := len(r.told("text")); n != min(want+1, 6) {
				t.Errorf("%d after one was finished", n)
			}
			wait(6 * time.Minute)
			if n := len(r.told("text")); n != 6 {
				t.Errorf("%d after six minutes", n)
			}
		})
	}
}

// TestUpdateByCallback replaces a card in the answer to its event.
func TestUpdateByCallback(t *testing.T) {
	next := buttonCard("t1")
	next["main_title"] = obj{"title": "Thanks"}
	answer := func(n int, body obj) (int, any) {
		if body["msgtype"] == "text" {
			return 200, obj{"msgtype": "template_card", "template_card": buttonCard("t1")}
		}
		return 200, obj{"response_type": "update_template_card", "template_card": next}
	}
	called(t, wecomfake.BotOptions{}, answer, func(t *testing.T, b *bench, r *robot) {
		b.say("ann", "", "hi")
		settle()
		g := b.must(b.Press("ann", b.only("ann").ID, "yes", nil))
		settle()
		if !bytes.Contains(b.only("ann").Card, []byte("Thanks")) || len(b.Trouble(g)) != 0 || !b.Acked(g) {
			t.Errorf("the card is %s, trouble %q", b.only("ann").Card, b.Trouble(g))
		}
		if r.told("event")[0]["response_url"] == nil {
			t.Error("no response_url")
		}
	})
}

func TestResponseURL(t *testing.T) {
	for _, silent := range []bool{false, true} {
		called(t, wecomfake.BotOptions{SpentSilent: silent}, silence, func(t *testing.T, b *bench, r *robot) {
			post := func(address string, body any) int {
				data, err := json.Marshal(body)
				if err != nil {
					t.Fatal(err)
				}
				w, err := b.client.Post(address, "application/json", bytes.NewReader(data))
				if err != nil {
					return noAnswer
				}
				defer w.Body.Close()
				var a struct{ ErrCode int }
				if err := json.NewDecoder(w.Body).Decode(&a); err != nil || w.StatusCode != 200 {
					return noAnswer
				}
				return a.ErrCode
			}
			address := func() string {
				b.say("ann", "", "hi")
				settle()
				all := r.told("text")
				return all[len(all)-1]["response_url"].(string)
			}
			one := address()
			for i, c := range []struct {
				body any
				code int
			}{{stream("s", "x", true), 40008}, {markdown(long(20481)), 40058}, {markdown("end"), 0}} {
				if code := post(one, c.body); code != c.code {
					t.Errorf("%d: %d, want %d", i, code, c.code)
				}
			}
			want := map[bool]int{false: 40058, true: 0}[silent]
			if code := post(one, markdown("twice")); code != want || b.only("ann").Text != "end" || (len(b.SilentDrops()) == 1) != silent {
				t.Errorf("a second use: %d", code)
			}
			late := address()
			wait(time.Hour)
			if code := post(late, markdown("late")); code != 40058 {
				t.Errorf("after an hour: %d", code)
			}
			if code := post("http://in.process/response/none", markdown("x")); code != 40058 {
				t.Errorf("one that was never given: %d", code)
			}
			if len(b.own("ann")) != 1 {
				t.Errorf("people see %+v", b.own("ann"))
			}
		})
	}
}

// TestSpoil sends what a bot refuses.
func TestSpoil(t *testing.T) {
	called(t, wecomfake.BotOptions{}, silence, func(t *testing.T, b *bench, r *robot) {
		for _, way := range []envelope.Way{envelope.WrongSignature, envelope.PadBig, envelope.OtherKey, envelope.NoText} {
			status, err := b.Spoil(context.Background(), way, "ann", "hi")
			if err != nil || status != 403 {
				t.Errorf("%s: status %d, %v", way, status, err)
			}
		}
		if _, err := b.Spoil(context.Background(), "none", "ann", "hi"); err == nil {
			t.Error("there is such a way")
		}
		if len(r.heard) != 0 || len(b.Messages("ann")) != 0 {
			t.Error("somebody saw it")
		}
		if status, err := b.Spoil(context.Background(), envelope.OldTimestamp, "ann", "hi"); err != nil || status != 200 || len(r.heard) != 1 {
			t.Errorf("an old one, which this bot takes: %d, %v", status, err)
		}
	})
}
