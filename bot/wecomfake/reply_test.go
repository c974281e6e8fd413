package wecomfake_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"policybot/bot/wecomfake"
)

const respond = "aibot_respond_msg"

func TestStream(t *testing.T) {
	inBubble(t, wecomfake.BotOptions{}, func(t *testing.T, b *bench) {
		l := b.line()
		id := b.said(l, "ann", "wr1", "hi")
		for _, step := range []struct {
			body obj
			code int
		}{
			{stream("", "no id", false), 40058},
			{stream("s", "one", false), 0},
			{stream("s", "one two", false), 0},
			{stream("s", "three", true), 0},
			{stream("s", "three", true), 0}, // the same once more
			{stream("s", "three", false), 846608},
			{stream("s", "four", true), 846608},
		} {
			if code := l.do(respond, id, step.body); code != step.code {
				t.Errorf("%v gave %d, want %d", step.body, code, step.code)
			}
		}
		m := b.only("wr1")
		if m.Text != "three" || !m.Finished || m.Hangs || m.Kind != wecomfake.KindReply || m.Frames != 3 || m.ReqID != id || m.StreamID != "s" || !m.Group {
			t.Errorf("the message is %+v", m)
		}
		if code := l.do(respond, id, stream("s2", "more", true)); code != 0 || len(b.own("wr1")) != 2 {
			t.Errorf("another stream.id gave %d and %d messages", code, len(b.own("wr1")))
		}
	})
}

func TestLenientFinish(t *testing.T) {
	inBubble(t, wecomfake.BotOptions{LenientFinish: true}, func(t *testing.T, b *bench) {
		l := b.line()
		id := b.said(l, "ann", "", "hi")
		l.do(respond, id, stream("s", "one", true))
		if code := l.do(respond, id, stream("s", "two", true)); code != 0 || b.only("ann").Text != "one" {
			t.Errorf("gave %d and shows %q", code, b.only("ann").Text)
		}
	})
}

// TestStreamExpires leaves the message as it was when the time is over.
func TestStreamExpires(t *testing.T) {
	inBubble(t, wecomfake.BotOptions{}, func(t *testing.T, b *bench) {
		l := b.line()
		id := b.said(l, "ann", "", "hi")
		l.stay(time.Hour) // the time begins with the first frame
		l.do(respond, id, stream("s", "one", false))
		l.stay(10*time.Minute - time.Second)
		if code := l.do(respond, id, stream("s", "two", false)); code != 0 {
			t.Errorf("in time: %d", code)
		}
		wait(time.Second)
		if code := l.do(respond, id, stream("s", "three", true)); code != 846608 {
			t.Errorf("too late: %d", code)
		}
		if m := b.only("ann"); m.Text != "two" || m.Finished || !m.Hangs {
			t.Errorf("the message is %+v", m)
		}
		if code := l.do(respond, id, markdown("rest")); code != 0 {
			t.Errorf("another message: %d", code)
		}
	})
}

func TestLimitsOfContent(t *testing.T) {
	picture := obj{"msgtype": "image", "image": obj{"base64": "eA==", "md5": "9dd4e461268c8034f5c8564e155c67a6"}}
	pictures := func(n int) []obj {
		var out []obj
		for range n {
			out = append(out, picture)
		}
		return out
	}
	with := func(body obj, key string, value any) obj {
		body["stream"].(obj)[key] = value
		return body
	}
	inBubble(t, wecomfake.BotOptions{}, func(t *testing.T, b *bench) {
		l := b.line()
		id := b.said(l, "ann", "", "hi")
		l.do(respond, id, stream("open", "x", false))
		for i, c := range []struct {
			body obj
			code int
		}{
			{stream("a", long(20480), true), 0},
			{stream("b", long(20481), true), 40058},
			{stream("open", long(20481), true), 40058},
			{markdown(long(20480)), 0},
			{markdown(long(20481)), 40058},
			{markdown(""), 40058},
			{with(stream("c", "x", true), "feedback", obj{"id": long(256)}), 0},
			{with(stream("d", "x", true), "feedback", obj{"id": long(257)}), 40058},
			{with(stream("e", "x", true), "msg_item", pictures(10)), 0},
			{with(stream("f", "x", true), "msg_item", pictures(11)), 40058},
			{with(stream("g", "x", false), "msg_item", pictures(1)), 40058},
			{with(stream("h", "x", true), "msg_item", []obj{{"msgtype": "image"}}), 40058},
			{obj{"msgtype": "text", "text": obj{"content": "x"}}, 40008},
			{obj{"msgtype": "dance"}, 40008},
			{obj{"msgtype": "stream"}, 40058},
			{obj{"msgtype": "image", "image": obj{"media_id": "m"}}, 40007},
		} {
			if code := l.do(respond, id, c.body); code != c.code {
				t.Errorf("%d: gave %d, want %d", i, code, c.code)
			}
		}
		if m := b.own("ann")[0]; m.Text != "x" || m.Finished {
			t.Error("a frame that was refused changed the message")
		}
		if code := l.do(respond, id, stream("open", "x", true)); code != 0 {
			t.Errorf("the stream cannot be finished: %d", code)
		}
	})
	inBubble(t, wecomfake.BotOptions{NoItems: true}, func(t *testing.T, b *bench) {
		l := b.line()
		id := b.said(l, "ann", "", "hi")
		if code := l.do(respond, id, with(stream("e", "x", true), "msg_item", pictures(1))); code != 40058 {
			t.Errorf("NoItems: %d", code)
		}
	})
}

func TestReqIDs(t *testing.T) {
	inBubble(t, wecomfake.BotOptions{PingWithin: 48 * time.Hour}, func(t *testing.T, b *bench) {
		l := b.line()
		if code := l.do(respond, "made-up", markdown("x")); code != 846605 {
			t.Errorf("a req_id that was never given: %d", code)
		}
		id := b.said(l, "ann", "", "hi")
		for _, cmd := range []string{"aibot_respond_welcome_msg", "aibot_respond_update_msg"} {
			if code := l.do(cmd, id, obj{"msgtype": "text", "text": obj{"content": "x"}}); code != 846605 {
				t.Errorf("%s to a message: %d", cmd, code)
			}
		}
		wait(24*time.Hour - time.Second)
		if code := l.do(respond, id, markdown("x")); code != 0 {
			t.Errorf("within a day: %d", code)
		}
		wait(time.Second)
		if code := l.do(respond, id, markdown("x")); code != 846605 {
			t.Errorf("after a day: %d", code)
		}
	})
}

func TestReqIDsAfterReconnect(t *testing.T) {
	for _, end := range []bool{false, true} {
		inBubble(t, wecomfake.BotOptions{ReqIDsEndWithConnection: end}, func(t *testing.T, b *bench) {
			l := b.line()
			id := b.said(l, "ann", "", "hi")
			l.do(respond, id, stream("s", "one", false))
			again := b.line()
			want := map[bool]int{false: 0, true: 846605}[end]
			if code := again.do(respond, id, stream("s", "two", true)); code != want {
				t.Errorf("ReqIDsEndWithConnection %t: %d", end, code)
			}
			if again.do(respond, b.said(again, "ann", "", "hi"), stream("s", "two", true)) != 0 {
				t.Error("a fresh req_id is refused")
			}
		})
	}
}

func TestLimitsOfChat(t *testing.T) {
	inBubble(t, wecomfake.BotOptions{PingWithin: 48 * time.Hour}, func(t *testing.T, b *bench) {
		l := b.line()
		id := b.said(l, "ann", "", "hi")
		other := b.said(l, "ben", "", "hi")
		l.do(respond, id, stream("s", "0", false))
		for range 40 { // the frames of a stream count once
			if code := l.do(respond, id, stream("s", "more", false)); code != 0 {
				t.Fatalf("a stream is refused: %d", code)
			}
		}
		for i := range 29 {
			cmd, reqID, body := respond, id, markdown("x")
			if i%2 == 0 {
				cmd, reqID = "aibot_send_msg", b.id("push")
				body["chatid"] = "ann"
			}
			if code := l.do(cmd, reqID, body); code != 0 {
				t.Fatalf("message %d: %d", i+2, code)
			}
		}
		if code := l.do(respond, id, markdown("x")); code != 45009 {
			t.Errorf("the 31st in a minute: %d", code)
		}
		if code := l.do(respond, id, stream("s", "end", true)); code != 0 {
			t.Errorf("an open stream: %d", code)
		}
		if code := l.do(respond, other, markdown("x")); code != 0 {
			t.Errorf("another chat: %d", code)
		}
		wait(time.Minute)
		if code := l.do(respond, id, markdown("x")); code != 0 {
			t.Errorf("after a minute: %d", code)
		}
		n := 31
		for range 32 {
			wait(time.Minute)
			for range 30 {
				if l.do(respond, id, markdown("x")) == 0 {
					n++
				}
			}
		}
		if n != 991 {
			t.Errorf("%d messages", n)
		}
		wait(time.Minute)
		for n = 0; l.do(respond, id, markdown("x")) == 0; n++ {
		}
		if n != 9 { // with the 991 of this hour
			t.Errorf("%d more before the hour's limit", n)
		}
	})
}

func TestTooOften(t *testing.T) {
	for _, o := range []wecomfake.BotOptions{{TooOften: 130101}, {TooOftenSilent: true}} {
		inBubble(t, o, func(t *testing.T, b *bench) {
			l := b.line()
			id := b.said(l, "ann", "", "hi")
			for range 30 {
				l.do(respond, id, markdown("x"))
			}
			if code := l.do(respond, id, markdown("drop")); code != o.TooOften {
				t.Errorf("gave %d", code)
			}
			if code := l.do(respond, id, stream("s", "drop", false)); code != o.TooOften {
				t.Errorf("gave %d", code)
			}
			if o.TooOftenSilent {
				if code := l.do(respond, id, stream("s", "drop 2", true)); code != 0 {
					t.Errorf("gave %d", code)
				}
				if drops := b.SilentDrops(); len(drops) != 2 || drops[0].Chat != "ann" {
					t.Errorf("drops %+v", drops)
				}
			}
			if len(b.own("ann")) != 30 {
				t.Errorf("people see %d messages", len(b.own("ann")))
			}
		})
	}
}

func TestPush(t *testing.T) {
	inBubble(t, wecomfake.BotOptions{}, func(t *testing.T, b *bench) {
		l := b.line()
		to := func(chat string, kind int) obj {
			out := markdown("x")
			out["chatid"], out["chat_type"] = chat, kind
			return out
		}
		push := func(body obj) int { return l.do("aibot_send_msg", b.id("push"), body) }
		for _, c := range []struct{ kind, code int }{{0, 86008}, {1, 81013}, {2, 86008}} {
			if code := push(to("ann", c.kind)); code != c.code {
				t.Errorf("to who never wrote, as %d: %d", c.kind, code)
			}
		}
		b.must(b.Enter("ann"))
		if code := push(to("ann", 1)); code != 81013 {
			t.Errorf("to who came and wrote nothing: %d", code)
		}
		b.said(l, "ann", "", "hi")
		b.said(l, "ben", "wr1", "hi")
		for _, c := range []struct {
			chat       string
			kind, code int
		}{{"ann", 0, 0}, {"ann", 1, 0}, {"ANN", 1, 0}, {"ann", 2, 86008}, {"wr1", 0, 0}, {"wr1", 2, 0}, {"WR1", 2, 86008}, {"wr1", 1, 81013}, {"ben", 1, 81013}, {"ann", 3, 40058}} {
			if code := push(to(c.chat, c.kind)); code != c.code {
				t.Errorf("to %s as %d: %d, want %d", c.chat, c.kind, code, c.code)
			}
		}
		if len(b.own("ann")) != 3 || len(b.own("wr1")) != 2 || b.own("ann")[0].Kind != wecomfake.KindPush || b.own("ann")[0].ReqID != "" {
			t.Errorf("people see %+v", b.own("ann"))
		}
		body := stream("s", "x", true)
		body["chatid"] = "ann"
		if code := push(body); code != 40008 {
			t.Errorf("a stream as a push: %d", code)
		}
	})
}

func TestWelcome(t *testing.T) {
	const welcome = "aibot_respond_welcome_msg"
	hello := obj{"msgtype": "text", "text": obj{"content": "hello"}}
	inBubble(t, wecomfake.BotOptions{PingWithin: 48 * time.Hour}, func(t *testing.T, b *bench) {
		l := b.line()
		enter := func(user string) string {
			b.must(b.Enter(user))
			settle()
			return l.last("aibot_event_callback")["headers"].(obj)["req_id"].(string)
		}
		id := enter("ann")
		body := l.last("aibot_event_callback")["body"].(obj)
		if body["create_time"].(float64) == 0 {
			t.Error("no time")
		}
		delete(body, "create_time")
		delete(body, "msgid")
		same(t, "the event", body, obj{"aibotid": botID, "event": obj{"eventtype": "enter_chat"}, "from": obj{"userid": "ann"}, "msgtype": "event"})
		if _, err := b.Enter("Ann"); err == nil {
			t.Error("she comes twice a day")
		}
		if code := l.do(respond, id, markdown("x")); code != 846605 {
			t.Errorf("another command: %d", code)
		}
		if code := l.do(welcome, id, markdown("x")); code != 40008 {
			t.Errorf("markdown: %d", code)
		}
		if code := l.do(welcome, id, hello); code != 0 || b.only("ann").Kind != wecomfake.KindWelcome || b.only("ann").Text != "hello" {
			t.Errorf("gave %d", code)
		}
		if code := l.do(welcome, id, hello); code != 846605 {
			t.Errorf("a second welcome: %d", code)
		}
		late := enter("ben")
		wait(5 * time.Second)
		if code := l.do(welcome, late, hello); code != 846605 {
			t.Errorf("after five seconds: %d", code)
		}
		wait(24 * time.Hour)
		if code := l.do(welcome, enter("ann"), obj{"msgtype": "template_card", "template_card": buttonCard("t1")}); code != 0 {
			t.Errorf("a card the next day: %d", code)
		}
	})
}

func TestCards(t *testing.T) {
	const update = "aibot_respond_update_msg"
	withCard := func(body obj, card obj) obj {
		body["msgtype"], body["template_card"] = "stream_with_template_card", card
		return body
	}
	inBubble(t, wecomfake.BotOptions{}, func(t *testing.T, b *bench) {
		l := b.line()
		id := b.said(l, "ann", "wr1", "hi")
		for i, c := range []struct {
			body obj
			code int
		}{
			{obj{"msgtype": "template_card", "template_card": buttonCard("t1")}, 0},
			{obj{"msgtype": "template_card", "template_card": buttonCard("t1")}, 42014}, // the task_id was used
			{stream("s", "one", false), 0},
			{withCard(stream("s", "two", false), buttonCard("t1")), 42014},
			{withCard(stream("s", "two", false), buttonCard("t2")), 0},
			{withCard(stream("s", "two", false), buttonCard("t2")), 0},
			{withCard(stream("s", "two", false), buttonCard("t3")), 40058}, // a message has one card
			{stream("s", "three", true), 0},
			{withCard(stream("s", "three", true), buttonCard("t2")), 0}, // the same once more
			{withCard(stream("s", "three", true), buttonCard("t9")), 846608},
			{withCard(stream("s2", "x", true), buttonCard("t4")), 0},
		} {
			if code := l.do(respond, id, c.body); code != c.code {
				t.Errorf("%d: gave %d, want %d", i, code, c.code)
			}
		}
		all := b.own("wr1")
		if len(all) != 3 || all[0].Card == nil || all[1].Card == nil || all[1].Text != "three" || all[2].Card == nil {
			t.Fatalf("people see %+v", all)
		}

		g := b.must(b.Press("ben", all[0].ID, "yes", nil))
		settle()
		f := l.last("aibot_event_callback")
		press := f["headers"].(obj)["req_id"].(string)
		body := f["body"].(obj)
		same(t, "the event", body["event"], obj{"eventtype": "template_card_event", "template_card_event": obj{
			"card_type": "button_interaction", "event_key": "yes", "task_id": "t1",
		}})
		if body["chatid"] != "wr1" || body["chattype"] != "group" || body["from"].(obj)["userid"] != "ben" || body["response_url"] == "" || g == "" {
			t.Errorf("the event is %v", body)
		}
		next := buttonCard("t1")
		next["main_title"] = obj{"title": "Thanks"}
		for i, c := range []struct {
			cmd  string
			body obj
			code int
		}{
			{respond, markdown("x"), 846605},
			{update, obj{"template_card": next}, 40008},
			{update, obj{"response_type": "update_template_card", "template_card": buttonCard("t7")}, 40058},
			{update, obj{"response_type": "update_template_card", "template_card": next, "userids": []string{"Ben"}}, 0},
			{update, obj{"response_type": "update_template_card", "template_card": next}, 846605}, // once
		} {
			if code := l.do(c.cmd, press, c.body); code != c.code {
				t.Errorf("%d: gave %d, want %d", i, code, c.code)
			}
		}
		m := b.own("wr1")[0]
		var title struct {
			MainTitle struct{ Title string } `json:"main_title"`
		}
		if json.Unmarshal(m.For["ben"], &title) != nil || title.MainTitle.Title != "Thanks" || json.Unmarshal(m.Card, &title) != nil || title.MainTitle.Title != "Choose" {
			t.Errorf("after the update: %s, for ben %s", m.Card, m.For["ben"])
		}

		b.must(b.Press("ann", all[0].ID, "no", nil))
		settle()
		press = l.last("aibot_event_callback")["headers"].(obj)["req_id"].(string)
		wait(5 * time.Second)
		if code := l.do(update, press, obj{"response_type": "update_template_card", "template_card": next}); code != 846605 {
			t.Errorf("after five seconds: %d", code)
		}
	})
	inBubble(t, wecomfake.BotOptions{NoCardWithStream: true}, func(t *testing.T, b *bench) {
		l := b.line()
		id := b.said(l, "ann", "", "hi")
		if code := l.do(respond, id, withCard(stream("s", "x", true), buttonCard("t"))); code != 40008 {
			t.Errorf("NoCardWithStream: %d", code)
		}
	})
}

// TestJudge asks package judge when nobody else is named.
func TestJudge(t *testing.T) {
	inBubble(t, wecomfake.BotOptions{}, func(t *testing.T, b *bench) {
		l := b.line()
		id := b.said(l, "ann", "", "hi")
		empty, wide := buttonCard("t1"), buttonCard("t2")
		empty["button_list"] = []obj{}
		wide["button_list"] = []obj{{"text": "more than ten letters", "key": "a"}}
		for i, c := range []struct {
			body   obj
			code   int
			advice int
		}{
			{obj{"msgtype": "template_card", "template_card": empty}, 40058, 0},
			{obj{"msgtype": "template_card", "template_card": wide}, 0, 1},
			{markdown("\u200b"), 44004, 1},
			{stream("s", "", false), 0, 1},
			{stream("s", "", true), 44004, 1},
			{stream("s", "a\x01", true), 40033, 1},
			{stream("s", "end", true), 0, 1},
		} {
			if code := l.do(respond, id, c.body); code != c.code || len(b.Advice()) != c.advice {
				t.Errorf("%d: gave %d with %q, want %d", i, code, b.Advice(), c.code)
			}
		}
	})
}

// TestPress refuses what people cannot press and tells what they chose.
func TestPress(t *testing.T) {
	options := []obj{{"id": "one", "text": "One"}, {"id": "two", "text": "Two"}}
	boxes := []obj{{"id": "one", "text": "One"}, {"id": "two", "text": "Two", "is_checked": true}}
	title := obj{"title": "Choose"}
	vote := obj{"card_type": "vote_interaction", "task_id": "v", "main_title": title, "submit_button": obj{"text": "Send", "key": "send"}, "checkbox": obj{"question_key": "q", "option_list": boxes}}
	many := obj{"card_type": "multiple_interaction", "task_id": "m", "main_title": title, "submit_button": obj{"text": "Send", "key": "send"}, "select_list": []obj{
		{"question_key": "a", "option_list": options},
		{"question_key": "b", "option_list": options, "selected_id": "two"},
	}}
	ask := obj{"card_type": "text_notice", "main_title": title, "card_action": obj{"type": 1, "url": "https://example.com"}, "jump_list": []obj{
		{"type": 3, "title": "More", "question": "What more?"},
		{"type": 1, "title": "Link", "url": "https://example.com"},
	}}
	inBubble(t, wecomfake.BotOptions{}, func(t *testing.T, b *bench) {
		l := b.line()
		id := b.said(l, "ann", "", "hi")
		for _, card := range []obj{vote, many, ask} {
			if code := l.do(respond, id, obj{"msgtype": "template_card", "template_card": card}); code != 0 {
				t.Fatal(code)
			}
		}
		l.do(respond, id, markdown("no card"))
		all := b.own("ann")
		for _, c := range []struct {
			message, key string
			chosen       map[string][]string
			want         any
		}{
			{all[0].ID, "send", nil, []any{obj{"option_ids": obj{"option_id": []string{"two"}}, "question_key": "q"}}},
			{all[0].ID, "send", map[string][]string{"q": {"one"}}, []any{obj{"option_ids": obj{"option_id": []string{"one"}}, "question_key": "q"}}},
			{all[1].ID, "send", map[string][]string{}, []any{obj{"option_ids": obj{"option_id": []string{"one"}}, "question_key": "a"}, obj{"option_ids": obj{"option_id": []string{"two"}}, "question_key": "b"}}},
			{all[0].ID, "send", map[string][]string{"q": {"three"}}, nil},
			{all[0].ID, "send", map[string][]string{"z": {"one"}}, nil},
			{all[0].ID, "gone", nil, nil},
			{all[3].ID, "send", nil, nil},
			{"m-none", "send", nil, nil},
		} {
			_, err := b.Press("ann", c.message, c.key, c.chosen)
			if (err == nil) != (c.want != nil) {
				t.Errorf("press %s %s %v: %v", c.message, c.key, c.chosen, err)
			}
			if err != nil {
				continue
			}
			settle()
			event := l.last("aibot_event_callback")["body"].(obj)["event"].(obj)["template_card_event"].(obj)
			same(t, "what was chosen", event["selected_items"], obj{"selected_item": c.want})
		}
		b.must(b.Follow("ann", all[2].ID, "More"))
		settle()
		same(t, "the question", l.last("aibot_msg_callback")["body"].(obj)["text"], obj{"content": "What more?"})
		for _, title := range []string{"Link", "None"} {
			if _, err := b.Follow("ann", all[2].ID, title); err == nil {
				t.Errorf("%s is followed", title)
			}
		}
	})
}

// TestRate needs a feedback.id that was there from the first frame on.
func TestRate(t *testing.T) {
	rateable := func(body obj, key, id string) obj {
		body[key].(obj)["feedback"] = obj{"id": id}
		return body
	}
	good := wecomfake.Rating{Type: wecomfake.RatedGood}
	inBubble(t, wecomfake.BotOptions{}, func(t *testing.T, b *bench) {
		l := b.line()
		id := b.said(l, "ann", "", "hi")
		l.do(respond, id, stream("late", "x", false))
		l.do(respond, id, rateable(stream("late", "x", true), "stream", "f-late"))
		if _, err := b.Rate("ann", "f-late", good); err == nil {
			t.Error("a feedback.id on a later frame counts")
		}
		l.do(respond, id, rateable(stream("s", "x", false), "stream", "f1"))
		l.do(respond, id, stream("s", "x", true))
		l.do(respond, id, rateable(markdown("x"), "markdown", "f2"))
		card := buttonCard("t1")
		card["feedback"] = obj{"id": "f3"}
		l.do(respond, id, obj{"msgtype": "template_card", "template_card": card})
		for _, f := range []string{"f1", "f2", "f3"} {
			b.must(b.Rate("ann", f, wecomfake.Rating{Type: wecomfake.RatedBad, Text: "no", Reasons: []int{2, 4}}))
			settle()
			frame := l.last("aibot_event_callback")
			same(t, "the event", frame["body"].(obj)["event"], obj{"eventtype": "feedback_event", "feedback_event": obj{
				"content": "no", "id": f, "inaccurate_reason_list": []int{2, 4}, "type": 2,
			}})
			if code := l.do(respond, frame["headers"].(obj)["req_id"].(string), markdown("x")); code != 846605 {
				t.Errorf("a reply to a rating: %d", code)
			}
		}
		for _, r := range []wecomfake.Rating{{}, {Type: 4}, {Type: 1, Reasons: []int{1}}, {Type: 2, Reasons: []int{5}}} {
			if _, err := b.Rate("ann", "f1", r); err == nil {
				t.Errorf("rated with %+v", r)
			}
		}
		if _, err := b.Rate("ben", "f1", good); err == nil {
			t.Error("ben rates what he does not see")
		}
		if _, err := b.Rate("ann", "none", good); err == nil {
			t.Error("rated without a message")
		}
	})
}

type coded struct{ error }

func (coded) Errcode() int { return 40035 }

// TestCheck asks for what is sent and answers as it says.
func TestCheck(t *testing.T) {
	var asked []string
	check := func(surface string, body json.RawMessage) error {
		asked = append(asked, surface)
		var c struct{ Content, Bad string }
		if err := json.Unmarshal(body, &c); err != nil {
			return err
		}
		switch c.Content {
		case "bad":
			return errors.New("bad")
		case "worse":
			return coded{errors.New("worse")}
		}
		return nil
	}
	inBubbleWith(t, wecomfake.Options{Check: check}, func(t *testing.T, b *bench) {
		l := b.line()
		id := b.said(l, "ann", "", "hi")
		l.do(respond, id, stream("s", "fine", false))
		for _, c := range []struct {
			body obj
			code int
		}{
			{markdown("bad"), 40058},
			{markdown("worse"), 40035},
			{stream("s", "bad", true), 40058},
			{obj{"msgtype": "template_card", "template_card": buttonCard("t")}, 0},
		} {
			if code := l.do(respond, id, c.body); code != c.code {
				t.Errorf("%v gave %d", c.body, code)
			}
		}
		same(t, "asked", asked, []string{"stream", "markdown", "markdown", "stream", "template_card"})
		if m := b.own("ann"); len(m) != 2 || m[0].Text != "fine" || m[0].Finished {
			t.Errorf("people see %+v", m)
		}
	})
}
