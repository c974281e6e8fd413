package wecomfake_test

import (
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"policybot/bot/wecomfake"
)

func TestSubscribe(t *testing.T) {
	inBubble(t, wecomfake.BotOptions{}, func(t *testing.T, b *bench) {
		for _, body := range []obj{{"bot_id": botID, "secret": "wrong"}, {"bot_id": "wrong", "secret": secret}, {}} {
			l := b.dial()
			if code := l.do("aibot_subscribe", b.id("aibot_subscribe"), body); code != 853000 {
				t.Errorf("subscribing with %v gave %d", body, code)
			}
			if !l.ended() || b.Subscribed() {
				t.Errorf("the connection lives on after %v", body)
			}
		}
		l := b.dial()
		for _, cmd := range []string{"aibot_respond_msg", "aibot_respond_welcome_msg", "aibot_respond_update_msg", "aibot_send_msg"} {
			if code := l.do(cmd, "r", obj{}); code != 846609 {
				t.Errorf("%s before subscribing gave %d", cmd, code)
			}
		}
		if code := l.do("ping", "ping_1", nil); code != 0 {
			t.Errorf("ping gave %d", code)
		}
		if code := l.subscribe(); code != 0 || !b.Subscribed() {
			t.Errorf("subscribe gave %d", code)
		}
		if code := l.subscribe(); code != 0 || l.ended() || len(l.got("aibot_event_callback")) != 0 {
			t.Errorf("subscribing again gave %d", code)
		}
		if code := l.do("aibot_send_msg", "", markdown("x")); code != 846605 {
			t.Errorf("no req_id gave %d", code)
		}
		if code := l.do("aibot_upload", "r", obj{}); code == 0 || code == noAnswer {
			t.Errorf("a cmd that is none gave %d", code)
		}
	})
}

func TestSubscribesAreLimited(t *testing.T) {
	inBubble(t, wecomfake.BotOptions{Subscribes: 3}, func(t *testing.T, b *bench) {
		l := b.line()
		l.subscribe()
		l.subscribe()
		if code := l.subscribe(); code != 45009 || !l.ended() {
			t.Errorf("the fourth gave %d", code)
		}
		wait(time.Minute)
		b.line()
	})
}

// TestOneConnection lets a new subscription throw out the former one.
func TestOneConnection(t *testing.T) {
	inBubble(t, wecomfake.BotOptions{}, func(t *testing.T, b *bench) {
		one := b.line()
		two := b.dial()
		settle()
		if one.ended() || b.Connections() != 2 {
			t.Error("a connection that is not subscribed has an effect")
		}
		two.subscribe()
		kicked := one.got("aibot_event_callback")
		if len(kicked) != 1 || !one.ended() || two.ended() || b.Connections() != 1 {
			t.Fatalf("the first got %v, ended %t", kicked, one.ended())
		}
		body := kicked[0]["body"].(obj)
		delete(body, "msgid")
		delete(body, "create_time")
		same(t, "the event", body, obj{"aibotid": botID, "msgtype": "event", "event": obj{"eventtype": "disconnected_event"}})

		if err := b.Kick(); err != nil {
			t.Fatal(err)
		}
		settle()
		if len(two.got("aibot_event_callback")) != 1 || !two.ended() || b.Subscribed() || b.Connections() != 0 {
			t.Error("Kick did not throw it out")
		}
		if b.Kick() == nil {
			t.Error("Kick without a connection succeeds")
		}
		b.line()
	})
}

func TestSilentConnectionIsClosed(t *testing.T) {
	inBubble(t, wecomfake.BotOptions{}, func(t *testing.T, b *bench) {
		l := b.line()
		l.stay(10 * time.Minute)
		if l.ended() {
			t.Fatal("closed although it pings")
		}
		wait(2*time.Minute - time.Second)
		if l.ended() {
			t.Error("closed too early")
		}
		wait(2 * time.Second)
		if !l.ended() || b.Connections() != 0 || b.Subscribed() {
			t.Error("not closed although nothing comes")
		}
	})
}

// TestTold checks the frames that tell what people say.
func TestTold(t *testing.T) {
	name := "Policy Bot 2"
	for _, c := range []struct {
		say  wecomfake.Say
		want obj // msgtype and what has its name
	}{
		{wecomfake.Say{User: "ann", Text: "hi"}, obj{"msgtype": "text", "text": obj{"content": "hi"}, "chattype": "single"}},
		{wecomfake.Say{User: "ann", Chat: "wr1", Text: "hi you"}, obj{"msgtype": "text", "text": obj{"content": "@Policy Bot 2 hi you"}, "chattype": "group", "chatid": "wr1"}},
		{wecomfake.Say{User: "ann", Chat: "wr1", Text: "hi you", Mention: wecomfake.MentionSpaces}, obj{"msgtype": "text", "text": obj{"content": "@Policy Bot 2  hi you"}, "chattype": "group", "chatid": "wr1"}},
		{wecomfake.Say{User: "ann", Chat: "wr1", Text: "hi you", Mention: wecomfake.MentionMiddle}, obj{"msgtype": "text", "text": obj{"content": "hi @Policy Bot 2 you"}, "chattype": "group", "chatid": "wr1"}},
		{wecomfake.Say{User: "ann", Chat: "wr1", Text: "hi you", Mention: wecomfake.MentionLast}, obj{"msgtype": "text", "text": obj{"content": "hi you @Policy Bot 2"}, "chattype": "group", "chatid": "wr1"}},
		{wecomfake.Say{User: "ann", Text: "why?", Quote: &wecomfake.Quote{Text: "before"}}, obj{"msgtype": "text", "text": obj{"content": "why?"}, "chattype": "single", "quote": obj{"msgtype": "text", "text": obj{"content": "before"}}}},
		{wecomfake.Say{User: "ann", Kind: wecomfake.SaidVoice, Text: "heard"}, obj{"msgtype": "voice", "voice": obj{"content": "heard"}, "chattype": "single"}},
	} {
		inBubble(t, wecomfake.BotOptions{Name: name}, func(t *testing.T, b *bench) {
			l := b.line()
			g := b.must(b.Say(c.say))
			settle()
			f := l.last("aibot_msg_callback")
			body := f["body"].(obj)
			if f["headers"].(obj)["req_id"] == "" || body["msgid"] == "" || body["response_url"] == "" {
				t.Errorf("the frame is %v", f)
			}
			delete(body, "msgid")
			delete(body, "response_url")
			c.want["aibotid"], c.want["from"] = botID, obj{"userid": "ann"}
			same(t, "the body", body, c.want)
			if b.Acked(g) || len(b.Trouble(g)) != 0 {
				t.Error("over the long connection nothing is acknowledged")
			}
		})
	}
}

func TestPictures(t *testing.T) {
	inBubble(t, wecomfake.BotOptions{}, func(t *testing.T, b *bench) {
		l := b.line()
		for _, kind := range []string{wecomfake.SaidImage, wecomfake.SaidFile, wecomfake.SaidVideo} {
			b.must(b.Say(wecomfake.Say{User: "ann", Kind: kind}))
			settle()
			body := l.last("aibot_msg_callback")["body"].(obj)
			file := body[kind].(obj)
			if body["msgtype"] != kind || file["url"] == "" || file["aeskey"] == "" {
				t.Errorf("%s is told as %v", kind, body)
			}
			if _, err := b.Say(wecomfake.Say{User: "ann", Chat: "wr1", Kind: kind}); err == nil {
				t.Errorf("%s is possible in a group", kind)
			}
		}
		b.must(b.Say(wecomfake.Say{User: "ann", Chat: "wr1", Kind: wecomfake.SaidMixed, Text: "look"}))
		settle()
		items := l.last("aibot_msg_callback")["body"].(obj)["mixed"].(obj)["msg_item"].([]any)
		same(t, "the text", items[0], obj{"msgtype": "text", "text": obj{"content": "@Policy Bot look"}})
		if items[1].(obj)["msgtype"] != "image" || len(items) != 2 {
			t.Errorf("a mixed message is told as %v", items)
		}
		for _, bad := range []wecomfake.Say{{Text: "nobody"}, {User: "ann", Kind: "dance"}} {
			if _, err := b.Say(bad); err == nil {
				t.Errorf("%+v is possible", bad)
			}
		}
	})
}

// TestRedeliver tells the same again in a frame of its own.
func TestRedeliver(t *testing.T) {
	inBubble(t, wecomfake.BotOptions{}, func(t *testing.T, b *bench) {
		l := b.line()
		g := b.must(b.Say(wecomfake.Say{User: "ann", Text: "hi"}))
		if err := b.Redeliver(g); err != nil {
			t.Fatal(err)
		}
		settle()
		all := l.got("aibot_msg_callback")
		if len(all) != 2 || all[0]["headers"].(obj)["req_id"] == all[1]["headers"].(obj)["req_id"] {
			t.Fatalf("%d frames: %v", len(all), all)
		}
		for _, f := range all {
			delete(f["body"].(obj), "response_url")
		}
		same(t, "the second body", all[1]["body"], all[0]["body"])
		if len(b.Messages("ann")) != 1 {
			t.Error("people see it twice")
		}
		if b.Redeliver("gesture-none") == nil {
			t.Error("what was not done is delivered again")
		}
	})
}

// TestNobodyListens loses what comes while nobody is subscribed.
func TestNobodyListens(t *testing.T) {
	inBubble(t, wecomfake.BotOptions{}, func(t *testing.T, b *bench) {
		lost := b.must(b.Say(wecomfake.Say{User: "ann", Text: "hi"}))
		l := b.line()
		settle()
		if len(b.Trouble(lost)) != 1 || len(l.got("aibot_msg_callback")) != 0 {
			t.Errorf("trouble %q", b.Trouble(lost))
		}
		if err := b.Redeliver(lost); err != nil {
			t.Fatal(err)
		}
		settle()
		if len(l.got("aibot_msg_callback")) != 1 {
			t.Error("it does not come again")
		}
	})
}

func TestUnsubscribe(t *testing.T) {
	inBubble(t, wecomfake.BotOptions{}, func(t *testing.T, b *bench) {
		l := b.line()
		id := b.said(l, "ann", "", "hi")
		b.Unsubscribe()
		if code := l.do("aibot_respond_msg", id, markdown("x")); code != 846609 {
			t.Errorf("gave %d", code)
		}
		if code := l.do("ping", "ping_1", nil); code != 0 || l.ended() {
			t.Errorf("ping gave %d", code)
		}
		g := b.must(b.Say(wecomfake.Say{User: "ann", Text: "hi"}))
		if settle(); len(b.Trouble(g)) != 1 || len(l.got("aibot_msg_callback")) != 1 {
			t.Error("it is delivered all the same")
		}
		again := b.line()
		if code := again.do("aibot_respond_msg", id, markdown("x")); code != 0 {
			t.Errorf("over a new connection: %d", code)
		}
	})
}

func TestStall(t *testing.T) {
	inBubble(t, wecomfake.BotOptions{}, func(t *testing.T, b *bench) {
		l := b.line()
		b.Stall()
		if code := l.do("ping", "ping_1", nil); code != noAnswer || l.ended() {
			t.Errorf("ping gave %d", code)
		}
		g := b.must(b.Say(wecomfake.Say{User: "ann", Text: "hi"}))
		wait(time.Hour)
		if len(l.got("aibot_msg_callback")) != 0 || l.ended() || len(b.Trouble(g)) != 1 {
			t.Error("a half-open connection carries something")
		}
		two := b.line()
		b.said(two, "ann", "", "hi")
		if l.ended() || len(l.got("aibot_event_callback")) != 0 {
			t.Error("a half-open connection hears of the new one")
		}
	})
}

func TestCut(t *testing.T) {
	inBubble(t, wecomfake.BotOptions{}, func(t *testing.T, b *bench) {
		l := b.line()
		b.Cut()
		settle()
		if !l.ended() || b.dial() != nil {
			t.Error("a cut line carries")
		}
		b.Mend()
		b.line()
	})
}

func TestSendRaw(t *testing.T) {
	inBubble(t, wecomfake.BotOptions{}, func(t *testing.T, b *bench) {
		if b.SendRaw([]byte("{"), false) == nil {
			t.Error("sent to nobody")
		}
		l := b.line()
		if err := b.SendRaw([]byte("{"), false); err != nil {
			t.Error(err)
		}
		if settle(); len(l.noise) != 1 || l.noise[0] != "{" {
			t.Errorf("got %q", l.noise)
		}
	})
}

// TestNoFrames drops what is no frame.
func TestNoFrames(t *testing.T) {
	inBubble(t, wecomfake.BotOptions{}, func(t *testing.T, b *bench) {
		l := b.line()
		n := len(l.got(""))
		for _, text := range []string{"{", `"ping"`, `{"headers":{"req_id":"a"}}`} {
			if err := l.ws.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
				t.Fatal(err)
			}
		}
		if settle(); len(l.got("")) != n || l.ended() {
			t.Errorf("%d answers", len(l.got(""))-n)
		}
		if code := l.do("aibot_send_msg", "r", "no object"); code != 40058 {
			t.Errorf("a body that is no object gave %d", code)
		}
	})
}

// TestStrict refuses a frame that comes before the answer to another with its req_id.
func TestStrict(t *testing.T) {
	for _, strict := range []bool{false, true} {
		inBubble(t, wecomfake.BotOptions{Strict: strict, AckAfter: time.Second}, func(t *testing.T, b *bench) {
			l := b.dial()
			l.send("aibot_subscribe", "aibot_subscribe_1", obj{"bot_id": botID, "secret": secret})
			wait(time.Second)
			id := b.said(l, "ann", "", "hi")
			l.send("aibot_respond_msg", id, stream("s", "one", false))
			l.send("aibot_respond_msg", id, stream("s", "two", false))
			wait(time.Second)
			acks := l.acks(id)
			want := 0.0
			if strict {
				want = -1
			}
			if len(acks) != 2 || acks[0]["errcode"] != 0.0 || acks[1]["errcode"] != want {
				t.Errorf("strict %t: %v", strict, acks)
			}
			calls := b.Calls()
			if n := len(calls); calls[n-2].Early || !calls[n-1].Early {
				t.Errorf("calls are %+v", calls[n-2:])
			}
			l.send("aibot_respond_msg", id, stream("s", "three", true))
			wait(time.Second)
			if acks := l.acks(id); acks[2]["errcode"] != 0.0 || b.only("ann").Text != "three" {
				t.Errorf("after the answer: %v", acks[2])
			}
		})
	}
}
