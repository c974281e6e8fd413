package aibot_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"policybot/bot/channel"
	"policybot/bot/wecom/aibot"
	"policybot/bot/wecom/outgoing"
)

var now = time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)

// TestMentions: testdata/mentions.txt.
func TestMentions(t *testing.T) {
	text, err := os.ReadFile("testdata/mentions.txt")
	if err != nil {
		t.Fatal(err)
	}
	cases := 0
	for line := range strings.SplitSeq(strings.TrimSpace(string(text)), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(line, "|")
		if len(f) != 3 {
			t.Fatalf("a line is not in three parts: %s", line)
		}
		for i := range f {
			f[i] = strings.ReplaceAll(strings.TrimSpace(f[i]), "␣", " ")
		}
		b := aibot.Body{MsgID: "m", ChatType: "group", ChatID: "g", From: aibot.From{UserID: "u"}, MsgType: "text", Text: &aibot.Content{Content: f[1]}}
		e, err := aibot.Reader{Name: f[0]}.Event(b, "r", now)
		if err != nil || e.Text != f[2] {
			t.Errorf("%s: %q, %v", line, e.Text, err)
		}
		b.ChatType, b.ChatID = "single", ""
		if e, err = (aibot.Reader{Name: f[0]}).Event(b, "r", now); err != nil || e.Text != f[1] {
			t.Errorf("between two: %s: %q, %v", line, e.Text, err)
		}
		cases++
	}
	if cases < 10 {
		t.Errorf("%d cases", cases)
	}
}

// TestEvents: what bodies tell.
func TestEvents(t *testing.T) {
	const head = `"msgid":"m1","create_time":1700000000,"aibotid":"b","from":{"userid":"Ann"}`
	for _, tt := range []struct{ name, body, want string }{
		{"text", `"chattype":"single","msgtype":"text","text":{"content":" 补贴 "}`, "question ann/m1 ann false  补贴 "},
		{"group", `"chattype":"group","chatid":"g","msgtype":"text","text":{"content":"@b 补贴"}`, "question g/m1 g true 补贴"},
		{"voice", `"chattype":"single","msgtype":"voice","voice":{"content":"补贴"}`, "question ann/m1 ann false 补贴"},
		{"mixed", `"chattype":"single","msgtype":"mixed","mixed":{"msg_item":[{"msgtype":"image"},{"msgtype":"text","text":{"content":"补贴"}}]}`, "question ann/m1 ann false 补贴"},
		{"mixed without words", `"chattype":"single","msgtype":"mixed","mixed":{"msg_item":[{"msgtype":"image"}]}`, " ann/m1 ann false "},
		{"image", `"chattype":"single","msgtype":"image","image":{"url":"https://x"}`, " ann/m1 ann false "},
		{"a kind of tomorrow", `"chattype":"single","msgtype":"dance"`, " ann/m1 ann false "},
		{"empty text", `"chattype":"single","msgtype":"text","text":{"content":""}`, "question ann/m1 ann false "},
		{"a press", `"chattype":"single","msgtype":"event","event":{"eventtype":"template_card_event","template_card_event":{"event_key":"tok","task_id":"t"}}`, "pressed ann/m1 ann false  tok"},
		{"a press, of old", `"chattype":"single","msgtype":"event","event":{"eventtype":"template_card_event","event_key":"tok","task_id":"t"}`, "pressed ann/m1 ann false  tok"},
		{"good", `"chattype":"single","msgtype":"event","event":{"eventtype":"feedback_event","feedback_event":{"id":"a1","type":1}}`, "rated ann/m1 ann false  {a1 true false  }"},
		{"bad", `"chattype":"group","chatid":"g","msgtype":"event","event":{"eventtype":"feedback_event","feedback_event":{"id":"a1","type":2,"content":"旧","inaccurate_reason_list":[1,2,4]}}`, "rated g/m1 g true  {a1 false false wrong 旧}"},
		{"bad, in words", `"chattype":"single","msgtype":"event","event":{"eventtype":"feedback_event","feedback_event":{"id":"a1","type":2,"content":"旧"}}`, "rated ann/m1 ann false  {a1 false false other 旧}"},
		{"taken back", `"chattype":"single","msgtype":"event","event":{"eventtype":"feedback_event","feedback_event":{"id":"a1","type":3}}`, "rated ann/m1 ann false  {a1 false true  }"},
		{"an event of tomorrow", `"chattype":"single","msgtype":"event","event":{"eventtype":"dance"}`, " ann/m1 ann false "},
	} {
		b, err := aibot.ReadBody([]byte("{" + head + "," + tt.body + "}"))
		if err != nil {
			t.Fatal(err)
		}
		e, err := aibot.Reader{}.Event(b, "r", now)
		got := fmt.Sprintf("%s %s %s %v %s", e.Kind, e.ContentKey, e.Place.ID, e.Place.Group, e.Text)
		if e.Token != "" {
			got += " " + e.Token
		}
		if f := e.Feedback; f != nil {
			got += fmt.Sprintf(" {%s %v %v %s %s}", f.Answer, f.Good, f.Withdrawn, f.Reason, f.Text)
		}
		if err != nil || got != tt.want || e.DeliveryKey != "m1" || !e.At.Equal(time.Unix(1700000000, 0)) {
			t.Errorf("%s: %q, want %q; %v", tt.name, got, tt.want, err)
		}
		if to, err := aibot.ReadTarget(e.Reply); err != nil || to.Req != "r" || to.User != "Ann" || !to.Arrived().Equal(now) {
			t.Errorf("%s: the target is %+v, %v", tt.name, to, err)
		}
	}
}

// TestUnreadable: what names nobody or nothing is no event.
func TestUnreadable(t *testing.T) {
	for _, body := range []string{
		``, `[]`, `null`, `17`, `"x"`, `{"msgid":`, `{"text":17}`,
	} {
		if _, err := aibot.ReadBody([]byte(body)); err == nil {
			t.Errorf("%q was read", body)
		}
	}
	for _, body := range []string{
		`{}`, `{"msgid":"m","msgtype":"text","text":{"content":"x"}}`, `{"from":{"userid":"u"},"msgtype":"text","text":{"content":"x"}}`,
		`{"from":{"userid":"u"},"chattype":"group","msgid":"m","msgtype":"text"}`, `{"from":{"userid":"u"},"msgid":"m"}`,
		`{"from":{"userid":"u"},"msgid":"m","msgtype":"event"}`, `{"from":{"userid":"u"},"msgid":"m","msgtype":"event","event":{"eventtype":"feedback_event"}}`,
	} {
		b, err := aibot.ReadBody([]byte(body))
		if err != nil {
			t.Fatal(err)
		}
		if e, err := (aibot.Reader{}).Event(b, "r", now); !errors.Is(err, aibot.ErrUnreadable) {
			t.Errorf("%s: %+v, %v", body, e, err)
		}
	}
	for _, data := range []string{"", "x", "{}", "null", `{"m":"x"}`} {
		if _, err := aibot.ReadTarget(channel.Handle{Data: []byte(data)}); !channel.IsGone(err) {
			t.Errorf("the handle %q: %v", data, err)
		}
	}
}

// TestKeys: events without an id are told apart by what they tell, and are the same when they come again.
func TestKeys(t *testing.T) {
	keys := map[string]string{}
	for _, body := range []string{
		`{"from":{"userid":"u"},"create_time":1,"msgtype":"event","event":{"eventtype":"template_card_event","template_card_event":{"event_key":"a","task_id":"t"}}}`,
		`{"from":{"userid":"v"},"create_time":1,"msgtype":"event","event":{"eventtype":"template_card_event","template_card_event":{"event_key":"a","task_id":"t"}}}`,
		`{"from":{"userid":"u"},"create_time":2,"msgtype":"event","event":{"eventtype":"template_card_event","template_card_event":{"event_key":"a","task_id":"t"}}}`,
		`{"from":{"userid":"u"},"create_time":1,"msgtype":"event","event":{"eventtype":"template_card_event","template_card_event":{"event_key":"b","task_id":"t"}}}`,
		`{"from":{"userid":"u"},"create_time":1,"msgtype":"event","event":{"eventtype":"feedback_event","feedback_event":{"id":"a","type":1}}}`,
		`{"from":{"userid":"u"},"create_time":1,"msgtype":"event","event":{"eventtype":"feedback_event","feedback_event":{"id":"a","type":2}}}`,
	} {
		var twice []string
		for range 2 {
			b, err := aibot.ReadBody([]byte(body))
			if err != nil {
				t.Fatal(err)
			}
			e, err := aibot.Reader{}.Event(b, "", now)
			if err != nil {
				t.Fatal(err)
			}
			twice = append(twice, e.DeliveryKey)
		}
		if before := keys[twice[0]]; twice[0] != twice[1] || before != "" {
			t.Errorf("the keys %q of %s, and of %s", twice, body, before)
		}
		keys[twice[0]] = body
	}
}

// FuzzEvent: any body becomes an event that can be replied to, or an error; never a panic.
// TestForgiving: no message is lost because a number is a text, or a text a number, or because a number is none.
func TestForgiving(t *testing.T) {
	for body, want := range map[string]string{
		`{"msgid":17,"create_time":"1700000000","from":{"userid":"Ann"},"msgtype":"text","text":{"content":"补贴"}}`:                                                                 "question 17 补贴 2023",
		`{"msgid":"m","create_time":{},"from":{"userid":"Ann"},"msgtype":"text","text":{"content":"补贴"}}`:                                                                          "question m 补贴 1",
		`{"msgid":"m","from":{"userid":"Ann"},"msgtype":"event","event":{"eventtype":"feedback_event","feedback_event":{"id":"a","type":"2","inaccurate_reason_list":["2","x"]}}}`: "rated m incomplete 1",
	} {
		b, err := aibot.ReadBody([]byte(body))
		if err != nil {
			t.Errorf("%s: %v", body, err)
			continue
		}
		e, err := aibot.Reader{}.Event(b, "r", now)
		said := e.Text
		if e.Feedback != nil {
			said = e.Feedback.Reason
		}
		if got := fmt.Sprint(e.Kind, " ", e.DeliveryKey, " ", said, " ", e.At.Year()); err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", body, got, err, want)
		}
	}
}

// TestLangs: where a message shows no language it is that of what its writer wrote before in that chat, and nobody else's.
func TestLangs(t *testing.T) {
	r := aibot.Reader{Langs: outgoing.NewMemory[string](10)}
	for _, c := range []struct{ chat, user, text, want string }{
		{"", "ann", "？", ""}, {"", "ann", "How much?", "en"}, {"", "Ann", "2022?", "en"}, {"", "ben", "2022?", ""}, {"g", "ann", "2022?", ""}, {"", "ann", "多少", "zh"}, {"", "ann", "", "zh"},
	} {
		b := aibot.Body{MsgID: "m", ChatID: c.chat, From: aibot.From{UserID: c.user}, MsgType: "text", Text: &aibot.Content{Content: c.text}}
		e, err := r.Event(b, "r", now)
		if err != nil {
			t.Fatal(err)
		}
		if to, err := aibot.ReadTarget(e.Reply); err != nil || to.Lang != c.want {
			t.Errorf("%+v: %q, %v", c, to.Lang, err)
		}
	}
}

func FuzzEvent(f *testing.F) {
	f.Add([]byte(`{"msgid":"m1","from":{"userid":"Ann"},"chattype":"group","chatid":"g","msgtype":"text","text":{"content":"@b 补贴"},"quote":{"msgtype":"mixed","mixed":{"msg_item":[{"msgtype":"text","text":{"content":"x"}}]}}}`), "b")
	f.Add([]byte(`{"msgid":"m1","from":{"userid":"Ann"},"msgtype":"event","event":{"eventtype":"feedback_event","feedback_event":{"id":"a1","type":2,"inaccurate_reason_list":[3]}}}`), "")
	f.Fuzz(func(t *testing.T, data []byte, name string) {
		b, err := aibot.ReadBody(data)
		if err != nil {
			return
		}
		e, err := aibot.Reader{Name: name}.Event(b, "r", now)
		if err != nil {
			if !errors.Is(err, aibot.ErrUnreadable) {
				t.Fatal(err)
			}
			return
		}
		to, err := aibot.ReadTarget(e.Reply)
		if err != nil || !strings.EqualFold(to.Chat, e.Place.ID) || e.DeliveryKey == "" || e.ContentKey == "" || !json.Valid(e.Reply.Data) {
			t.Fatalf("%+v: %+v, %v", e, to, err)
		}
	})
}
