package slackfake_test

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"policybot/bot/slackfake"
)

func plain(text string) obj { return obj{"type": "plain_text", "text": text} }

// form is a modal with one input of each kind that a person must or may fill in.
func form() obj {
	input := func(id string, optional bool, element obj) obj {
		return obj{"type": "input", "block_id": "block_" + id, "label": plain(id), "optional": optional, "element": with(element, "action_id", id)}
	}
	options := []obj{{"text": plain("One"), "value": "1"}, {"text": plain("Two"), "value": "2"}}
	return obj{
		"type": "modal", "title": plain("Why?"), "submit": plain("Send"), "callback_id": "cb", "private_metadata": "token",
		"blocks": []obj{
			input("text", false, obj{"type": "plain_text_input"}),
			input("radio", true, obj{"type": "radio_buttons", "options": options}),
			input("boxes", true, obj{"type": "checkboxes", "options": options, "initial_options": options[:1]}),
			input("day", true, obj{"type": "datepicker"}),
			{"type": "actions", "elements": []obj{{"type": "button", "action_id": "more", "text": plain("More"), "value": "m"}}},
		},
	}
}

// pressed lets U1 press a button of a message and gives the payload that the bot got.
func (b *bench) pressed(k *sock) obj {
	b.t.Helper()
	ts := b.ok("chat.postMessage", obj{"channel": "C1", "text": "a", "blocks": []obj{
		{"type": "actions", "elements": []obj{{"type": "button", "action_id": "go", "text": plain("Go"), "value": "v1"}, {"type": "button", "action_id": "stay", "text": plain("Stay")}}},
		{"type": "context_actions", "elements": []obj{{
			"type": "feedback_buttons", "action_id": "rate",
			"positive_button": obj{"text": plain("Good"), "value": "good"}, "negative_button": obj{"text": plain("Bad"), "value": "bad"},
		}}},
	}})["ts"].(string)
	n := len(k.got("interactive"))
	b.must(b.Press(slackfake.Press{User: "U1", Channel: "C1", TS: ts, Action: "go", Value: "v1"}))
	synctest.Wait()
	return k.got("interactive")[n]["payload"].(obj)
}

func TestPress(t *testing.T) {
	inBubble(t, slackfake.Options{Enterprise: "E1"}, func(t *testing.T, b *bench) {
		k := b.dial(true)
		b.say("C1", "", "hello")
		p := b.pressed(k)
		action := p["actions"].([]any)[0].(obj)
		at := p["container"].(obj)
		if p["type"] != "block_actions" || action["value"] != "v1" || action["block_id"] == nil || action["action_id"] != "go" || p["user"].(obj)["id"] != "U1" {
			t.Errorf("the payload is %v", p)
		}
		if at["channel_id"] != "C1" || at["is_ephemeral"] != false || p["message"].(obj)["ts"] != at["message_ts"] || p["enterprise"].(obj)["id"] != "E1" || p["team"].(obj)["id"] != "T0000001" {
			t.Errorf("the payload is %v", p)
		}
		ts := at["message_ts"].(string)
		b.must(b.Press(slackfake.Press{User: "U1", Channel: "C1", TS: ts, Action: "rate", Value: "bad"}))
		synctest.Wait()
		got := k.got("interactive")
		if a := got[len(got)-1]["payload"].(obj)["actions"].([]any)[0].(obj); a["value"] != "bad" || a["type"] != "feedback_buttons" || a["text"].(obj)["text"] != "Bad" {
			t.Errorf("feedback is %v", a)
		}
		for _, wrong := range []slackfake.Press{
			{User: "U1", Channel: "C1", TS: ts, Action: "nothing"},
			{User: "U1", Channel: "C1", TS: ts, Action: "go", Value: "v2"},
			{User: "U1", Channel: "C1", TS: "1.000000", Action: "go"},
			{User: "U1", View: "V1", Action: "go"},
			{User: "U1", Channel: "C1", TS: ts, Action: "rate"},
		} {
			if g, err := b.Press(wrong); err == nil {
				t.Errorf("%+v was possible: %s", wrong, g)
			}
		}
		only := b.ok("chat.postEphemeral", obj{"channel": "C1", "user": "U1", "text": "a", "blocks": []obj{
			{"type": "section", "text": plain("a"), "accessory": obj{"type": "button", "action_id": "go", "text": plain("Go"), "value": "v"}},
		}})["message_ts"].(string)
		if _, err := b.Press(slackfake.Press{User: "U2", Channel: "C1", TS: only, Action: "go"}); err == nil {
			t.Error("U2 pressed what only U1 sees")
		}
		b.must(b.Press(slackfake.Press{User: "U1", Channel: "C1", TS: only, Action: "go"}))
		synctest.Wait()
		got = k.got("interactive")
		if p := got[len(got)-1]["payload"].(obj); p["message"] != nil || p["container"].(obj)["is_ephemeral"] != true {
			t.Errorf("the payload of an ephemeral message is %v", p)
		}
	})
}

func TestTriggers(t *testing.T) {
	inBubble(t, slackfake.Options{}, func(t *testing.T, b *bench) {
		k := b.dial(true)
		b.say("C1", "", "hello")
		id := b.pressed(k)["trigger_id"]
		time.Sleep(3 * time.Second)
		b.ok("views.open", obj{"trigger_id": id, "view": form()})
		b.fails("exchanged_trigger_id", "views.open", obj{"trigger_id": id, "view": form()})
		late := b.pressed(k)["trigger_id"]
		time.Sleep(3*time.Second + time.Millisecond)
		b.fails("expired_trigger_id", "views.open", obj{"trigger_id": late, "view": form()})
		b.fails("invalid_trigger_id", "views.open", obj{"trigger_id": "1.2.x", "view": form()})
		b.fails("invalid_arguments", "views.open", obj{"view": form()})
		if views := b.Views("U1"); len(views) != 1 || views[0].Title != "Why?" || views[0].CallbackID != "cb" || views[0].Submit != "Send" {
			t.Errorf("open are %+v", views)
		}
	})
}

func TestViewLimits(t *testing.T) {
	cases := []struct {
		name string
		view any
		want string
	}{
		{"fine", with(form(), "title", plain(strings.Repeat("例", 24))), ""},
		{"a title of 25", with(form(), "title", plain(strings.Repeat("例", 25))), "invalid_arguments"},
		{"no title", with(form(), "title", nil), "invalid_arguments"},
		{"another type", with(form(), "type", "home"), "invalid_arguments"},
		{"100 blocks", with(form(), "blocks", times(100, obj{"type": "divider"})), ""},
		{"101 blocks", with(form(), "blocks", times(101, obj{"type": "divider"})), "invalid_arguments"},
		{"metadata of 3,000", with(form(), "private_metadata", strings.Repeat("例", 3000)), ""},
		{"metadata of 3,001", with(form(), "private_metadata", strings.Repeat("例", 3001)), "invalid_arguments"},
		{"an input and no button", with(form(), "submit", nil), "invalid_arguments"},
		{"a callback_id of 256", with(form(), "callback_id", strings.Repeat("a", 256)), "invalid_arguments"},
		{"250 kB", with(form(), "blocks", times(90, section(strings.Repeat("a", 3000)))), "view_too_large"},
		{"no view", "x", "invalid_arguments"},
	}
	inBubble(t, slackfake.Options{}, func(t *testing.T, b *bench) {
		k := b.dial(true)
		b.say("C1", "", "hello")
		for _, tt := range cases {
			_, out := b.post("views.open", obj{"trigger_id": b.pressed(k)["trigger_id"], "view": tt.view})
			if got, _ := out["error"].(string); got != tt.want {
				t.Errorf("%s: %v, want %q", tt.name, out, tt.want)
			}
		}
	})
}

func TestUpdateAndPublish(t *testing.T) {
	inBubble(t, slackfake.Options{}, func(t *testing.T, b *bench) {
		k := b.dial(true)
		b.say("C1", "", "hello")
		v := b.ok("views.open", obj{"trigger_id": b.pressed(k)["trigger_id"], "view": with(form(), "external_id", "mine")})["view"].(obj)
		next := b.ok("views.update", obj{"view_id": v["id"], "hash": v["hash"], "view": with(form(), "title", plain("Then"))})["view"].(obj)
		b.fails("hash_conflict", "views.update", obj{"view_id": v["id"], "hash": v["hash"], "view": form()})
		b.ok("views.update", obj{"view_id": v["id"], "hash": next["hash"], "view": with(form(), "external_id", "mine")})
		b.ok("views.update", obj{"external_id": "mine", "view": form()})
		b.fails("not_found", "views.update", obj{"view_id": "V404", "view": form()})

		home := obj{"type": "home", "blocks": []obj{{"type": "actions", "elements": []obj{{"type": "button", "action_id": "ask", "text": plain("Ask")}}}}}
		h := b.ok("views.publish", obj{"user_id": "U1", "view": home})["view"].(obj)
		b.ok("views.publish", obj{"user_id": "U1", "view": home, "hash": h["hash"]})
		b.fails("hash_conflict", "views.publish", obj{"user_id": "U1", "view": home, "hash": h["hash"]})
		b.fails("invalid_arguments", "views.publish", obj{"user_id": "U404", "view": home})
		seen, ok := b.Home("U1")
		if _, other := b.Home("U2"); !ok || other || !strings.Contains(string(seen.Blocks), "Ask") {
			t.Errorf("the home tab is %+v, that of U2 is there: %t", seen, other)
		}
		b.must(b.Press(slackfake.Press{User: "U1", View: seen.ID, Action: "ask"}))
		synctest.Wait()
		got := k.got("interactive")
		if p := got[len(got)-1]["payload"].(obj); p["container"].(obj)["view_id"] != seen.ID || p["view"].(obj)["type"] != "home" {
			t.Errorf("pressed there it is %v", p)
		}
	})
}

// TestStack pushes modals by the trigger of a press in a modal.
func TestStack(t *testing.T) {
	inBubble(t, slackfake.Options{}, func(t *testing.T, b *bench) {
		k := b.dial(true)
		b.say("C1", "", "hello")
		b.fails("not_found", "views.push", obj{"trigger_id": b.pressed(k)["trigger_id"], "view": form()})
		id := b.ok("views.open", obj{"trigger_id": b.pressed(k)["trigger_id"], "view": form()})["view"].(obj)["id"].(string)
		trigger := func() any {
			b.must(b.Press(slackfake.Press{User: "U1", View: id, Action: "more"}))
			synctest.Wait()
			got := k.got("interactive")
			return got[len(got)-1]["payload"].(obj)["trigger_id"]
		}
		second := b.ok("views.push", obj{"trigger_id": trigger(), "view": with(form(), "notify_on_close", true)})["view"].(obj)
		if second["previous_view_id"] != id || second["root_view_id"] != id {
			t.Errorf("pushed is %v", second)
		}
		third := b.ok("views.push", obj{"trigger_id": trigger(), "view": form()})["view"].(obj)["id"].(string)
		b.fails("push_limit_reached", "views.push", obj{"trigger_id": trigger(), "view": form()})
		if _, err := b.CloseView("U1", id); err == nil {
			t.Error("a modal below another was closed")
		}
		before := len(k.got("interactive"))
		b.must(b.CloseView("U1", third))
		b.must(b.CloseView("U1", second["id"].(string)))
		synctest.Wait()
		closed := k.got("interactive")[before:]
		if len(closed) != 1 || closed[0]["payload"].(obj)["type"] != "view_closed" || len(b.Views("U1")) != 1 {
			t.Errorf("closing told %v, %d views are open", closed, len(b.Views("U1")))
		}
	})
}

func TestSubmit(t *testing.T) {
	good := map[string]string{"text": "late", "radio": "2", "day": "2026-11-22"}
	cases := []struct {
		name   string
		answer any
		open   []string // titles of the modals then
		errors map[string]string
		bad    bool // the person is told that it failed
	}{
		{name: "nothing"},
		{name: "an empty object", answer: obj{}},
		{name: "clear", answer: obj{"response_action": "clear"}},
		{name: "errors", answer: obj{"response_action": "errors", "errors": obj{"block_text": "no"}}, open: []string{"Why?"}, errors: map[string]string{"block_text": "no"}},
		{name: "an error of no input", answer: obj{"response_action": "errors", "errors": obj{"block_x": "no"}}, open: []string{"Why?"}, bad: true},
		{name: "update", answer: obj{"response_action": "update", "view": with(form(), "title", plain("Then"))}, open: []string{"Then"}},
		{name: "push", answer: obj{"response_action": "push", "view": with(form(), "title", plain("Then"))}, open: []string{"Why?", "Then"}},
		{name: "a bad view", answer: obj{"response_action": "push", "view": obj{}}, open: []string{"Why?"}, bad: true},
		{name: "an action that is none", answer: obj{"response_action": "dance"}, open: []string{"Why?"}, bad: true},
	}
	for _, tt := range cases {
		inBubble(t, slackfake.Options{}, func(t *testing.T, b *bench) {
			k := b.dial(false)
			b.say("C1", "", "hello")
			id := b.ok("views.open", obj{"trigger_id": b.pressed(k)["trigger_id"], "view": form()})["view"].(obj)["id"].(string)
			g := b.must(b.Submit("U1", id, good))
			synctest.Wait()
			got := k.got("interactive")
			e := got[len(got)-1]
			values := e["payload"].(obj)["view"].(obj)["state"].(obj)["values"].(obj)
			data, _ := json.Marshal(values)
			want := `{"block_boxes":{"boxes":{"selected_options":[{"text":{"text":"One","type":"plain_text"},"value":"1"}],"type":"checkboxes"}},` +
				`"block_day":{"day":{"selected_date":"2026-11-22","type":"datepicker"}},` +
				`"block_radio":{"radio":{"selected_option":{"text":{"text":"Two","type":"plain_text"},"value":"2"},"type":"radio_buttons"}},` +
				`"block_text":{"text":{"type":"plain_text_input","value":"late"}}}`
			if string(data) != want || e["accepts_response_payload"] != true || e["payload"].(obj)["view"].(obj)["private_metadata"] != "token" {
				t.Errorf("%s: entered is %s, want %s", tt.name, data, want)
			}
			k.ack(e["envelope_id"].(string), tt.answer)
			settle()
			var open []string
			for _, v := range b.Views("U1") {
				open = append(open, v.Title)
			}
			if !slices.Equal(open, tt.open) || (b.Trouble(g) != "") != tt.bad {
				t.Errorf("%s: open are %q, trouble %q", tt.name, open, b.Trouble(g))
			}
			if tt.errors != nil && b.Views("U1")[0].Errors["block_text"] != "no" {
				t.Errorf("%s: errors are %v", tt.name, b.Views("U1")[0].Errors)
			}
		})
	}
}

func TestSubmitNeeds(t *testing.T) {
	inBubble(t, slackfake.Options{}, func(t *testing.T, b *bench) {
		k := b.dial(false)
		b.say("C1", "", "hello")
		id := b.ok("views.open", obj{"trigger_id": b.pressed(k)["trigger_id"], "view": form()})["view"].(obj)["id"].(string)
		for _, values := range []map[string]string{nil, {"text": "a", "radio": "3"}, {"text": "a", "other": "b"}} {
			if g, err := b.Submit("U1", id, values); err == nil {
				t.Errorf("%v was submitted as %s", values, g)
			}
		}
		if _, err := b.Submit("U2", id, map[string]string{"text": "a"}); err == nil {
			t.Error("U2 submitted a modal of U1")
		}
		g := b.must(b.Submit("U1", id, map[string]string{"text": "a"}))
		settle()
		if len(b.Views("U1")) != 1 || b.Trouble(g) != "timeout" {
			t.Errorf("without an acknowledgement %d modals are open, trouble %q", len(b.Views("U1")), b.Trouble(g))
		}
	})
}

func TestCommandsAndResponseURLs(t *testing.T) {
	inBubble(t, slackfake.Options{}, func(t *testing.T, b *bench) {
		k := b.dial(false)
		b.Command(slackfake.Command{User: "U1", Channel: "C1", Name: "/policy", Text: "leave"})
		synctest.Wait()
		e := k.got("slash_commands")[0]
		p := e["payload"].(obj)
		if e["accepts_response_payload"] != true || p["text"] != "leave" || p["command"] != "/policy" || p["user_id"] != "U1" || e["retry_attempt"] != nil {
			t.Errorf("the command is %v", e)
		}
		k.ack(e["envelope_id"].(string), obj{"text": "working"})
		synctest.Wait()
		if all := b.All("C1"); len(all) != 1 || all[0].Text != "working" || all[0].Ephemeral != "U1" {
			t.Errorf("people see %+v", all)
		}
		link := p["response_url"].(string)
		respond := func(link string, args obj) (int, string) {
			data, _ := json.Marshal(args)
			resp, err := b.client.Post(link, "application/json", strings.NewReader(string(data)))
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			body, _ := io.ReadAll(resp.Body)
			return resp.StatusCode, string(body)
		}
		for i := range 6 {
			status, body := respond(link, obj{"text": "more", "response_type": "in_channel", "metadata": obj{"event_type": "", "event_payload": nil}})
			if (status == 200) != (i < 5) || i == 5 && !strings.Contains(body, "used_url") {
				t.Errorf("use %d gave %d %s", i+1, status, body)
			}
		}
		if all := b.All("C1"); len(all) != 6 || all[5].Ephemeral != "" {
			t.Errorf("people see %d messages", len(all))
		}
		b.ok("views.open", obj{"trigger_id": p["trigger_id"], "view": form()})

		press := b.pressed(k)
		ts := press["container"].(obj)["message_ts"].(string)
		if status, _ := respond(press["response_url"].(string), obj{"text": "replaced", "replace_original": true}); status != 200 || !slices.ContainsFunc(b.All("C1"), func(m slackfake.Message) bool { return m.TS == ts && m.Text == "replaced" }) {
			t.Errorf("status %d, people see %+v", status, b.All("C1"))
		}
		if status, _ := respond(press["response_url"].(string), obj{"delete_original": true}); status != 200 || slices.ContainsFunc(b.All("C1"), func(m slackfake.Message) bool { return m.TS == ts }) {
			t.Errorf("status %d, the original is there", status)
		}
		time.Sleep(30*time.Minute + time.Second)
		if status, body := respond(press["response_url"].(string), obj{"text": "late"}); status != http.StatusNotFound || !strings.Contains(body, "expired_url") {
			t.Errorf("half an hour later: %d %s", status, body)
		}
	})
}

func TestShortcuts(t *testing.T) {
	inBubble(t, slackfake.Options{}, func(t *testing.T, b *bench) {
		k := b.dial(true)
		_, ts := b.say("C1", "", "hello")
		b.Shortcut("U1", "ask")
		b.must(b.MessageShortcut("U1", "C1", ts, "draft"))
		if _, err := b.MessageShortcut("U1", "C1", "1.000000", "draft"); err == nil {
			t.Error("a shortcut of no message")
		}
		settle()
		types := map[any]obj{}
		for _, e := range k.got("interactive") {
			types[e["payload"].(obj)["type"]] = e["payload"].(obj)
		}
		if p := types["message_action"]; p["callback_id"] != "draft" || p["message"].(obj)["text"] != "hello" || p["trigger_id"] == nil || p["response_url"] == nil {
			t.Errorf("the message shortcut is %v", p)
		}
		if p := types["shortcut"]; p["callback_id"] != "ask" || p["trigger_id"] == nil || p["channel"] != nil {
			t.Errorf("the shortcut is %v", p)
		}
	})
}
