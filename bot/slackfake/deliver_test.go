package slackfake_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"policybot/bot/slackfake"
)

// TestSignature is the example that Slack publishes
// (https://docs.slack.dev/authentication/verifying-requests-from-slack).
func TestSignature(t *testing.T) {
	body := "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
	got := slackfake.Sign("8f742231b10e8888abcd99yyyzzz85a5", "1531420618", []byte(body))
	if want := "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"; got != want {
		t.Errorf("the signature is %s, want %s", got, want)
	}
}

func TestRetriesByHTTP(t *testing.T) {
	s, m := time.Second, time.Minute
	hang := func(_ http.ResponseWriter, r *http.Request, _ int) { <-r.Context().Done() }
	broken := func(w http.ResponseWriter, _ *http.Request, _ int) { w.WriteHeader(http.StatusInternalServerError) }
	cases := []struct {
		name   string
		answer func(http.ResponseWriter, *http.Request, int)
		at     []time.Duration
		reason string
		acked  bool
	}{
		{"acknowledged", nil, []time.Duration{0}, "", true},
		{"any success", func(w http.ResponseWriter, _ *http.Request, _ int) { w.WriteHeader(http.StatusAccepted) }, []time.Duration{0}, "", true},
		{"errors", broken, []time.Duration{0, 0, m, 6 * m}, "http_error", false},
		{"three seconds each", hang, []time.Duration{0, 3 * s, m + 6*s, 6*m + 9*s}, "http_timeout", false},
		{"cut off", func(http.ResponseWriter, *http.Request, int) { panic(http.ErrAbortHandler) }, []time.Duration{0, 0, m, 6 * m}, "connection_failed", false},
		{"no more, please", func(w http.ResponseWriter, _ *http.Request, _ int) {
			w.Header().Set("X-Slack-No-Retry", "1")
			w.WriteHeader(http.StatusInternalServerError)
		}, []time.Duration{0}, "", false},
		{"the third time", func(w http.ResponseWriter, _ *http.Request, n int) {
			if n < 3 {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		}, []time.Duration{0, 0, m}, "http_error", true},
	}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			hooked(t, slackfake.Options{}, tt.answer, func(t *testing.T, b *bench, h *hook) {
				g, _ := b.say("C1", "", "hello")
				if b.Pending() != 1 {
					t.Errorf("%d deliveries are pending at first", b.Pending())
				}
				settle()
				took, acked := b.Acked(g)
				if !slices.Equal(h.at, tt.at) || acked != tt.acked || b.Pending() != 0 || (b.Trouble(g) == "") != tt.acked {
					t.Errorf("delivered at %v, acknowledged: %t, %d pending, trouble %q; want %v, %t", h.at, acked, b.Pending(), b.Trouble(g), tt.at, tt.acked)
				}
				if tt.acked && took != tt.at[len(tt.at)-1] {
					t.Errorf("it took %s", took)
				}
				for n, head := range h.heads {
					num, reason := head.Get("X-Slack-Retry-Num"), head.Get("X-Slack-Retry-Reason")
					if n == 0 && num+reason != "" || n > 0 && (num != string(rune('0'+n)) || reason != tt.reason) {
						t.Errorf("attempt %d says %q, %q", n, num, reason)
					}
					if slackfake.Sign("signing-secret-of-the-fake", head.Get("X-Slack-Request-Timestamp"), []byte(h.bodies[n])) != head.Get("X-Slack-Signature") {
						t.Errorf("attempt %d is not signed", n)
					}
					if h.bodies[n] != h.bodies[0] {
						t.Errorf("attempt %d has another body", n)
					}
				}
			})
		})
	}
}

func TestInteractionsAreToldOnce(t *testing.T) {
	broken := func(w http.ResponseWriter, _ *http.Request, _ int) { w.WriteHeader(http.StatusInternalServerError) }
	hooked(t, slackfake.Options{}, broken, func(t *testing.T, b *bench, h *hook) {
		g := b.Shortcut("U1", "ask")
		c := b.Command(slackfake.Command{User: "U1", Channel: "C1", Name: "/policy", Text: "a & b"})
		settle()
		if len(h.paths) != 2 || b.Trouble(g) == "" || b.Trouble(c) == "" || b.Pending() != 0 {
			t.Errorf("told by %v, trouble %q and %q", h.paths, b.Trouble(g), b.Trouble(c))
		}
		for i, path := range h.paths {
			form, err := url.ParseQuery(h.bodies[i])
			if err != nil {
				t.Fatal(err)
			}
			if path == "/slack/interactions" && !strings.Contains(form.Get("payload"), `"callback_id":"ask"`) ||
				path == "/slack/commands" && (form.Get("text") != "a & b" || form.Get("command") != "/policy" || form.Get("trigger_id") == "") {
				t.Errorf("%s got %s", path, h.bodies[i])
			}
		}
	})
}

func TestAgain(t *testing.T) {
	hooked(t, slackfake.Options{}, nil, func(t *testing.T, b *bench, h *hook) {
		g, _ := b.say("C1", "", "hello <@"+botUser+">")
		settle()
		if err := b.Redeliver(g); err != nil {
			t.Fatal(err)
		}
		settle()
		if err := b.TellAgain(g); err != nil {
			t.Fatal(err)
		}
		settle()
		ids, places, types := map[string]int{}, map[string]bool{}, map[string]int{}
		for _, body := range h.bodies {
			var e struct {
				EventID string `json:"event_id"`
				Event   struct{ Type, TS, Channel, ClientMsgID string }
			}
			if err := json.Unmarshal([]byte(body), &e); err != nil {
				t.Fatal(err)
			}
			ids[e.EventID]++
			types[e.Event.Type]++
			places[e.Event.Channel+e.Event.TS] = true
		}
		if len(h.bodies) != 5 || len(ids) != 3 || len(places) != 1 || types["message"] < 2 || types["app_mention"] < 2 {
			t.Errorf("%d deliveries, event ids %v, types %v, places %v", len(h.bodies), ids, types, places)
		}
		if _, acked := b.Acked(g); !acked {
			t.Error("not acknowledged")
		}
		if b.Redeliver("g-404") == nil || b.TellAgain("g-404") == nil {
			t.Error("a gesture that never was is told again")
		}
	})
}

func TestChallengeAndWrongSignatures(t *testing.T) {
	answer := func(w http.ResponseWriter, _ *http.Request, n int) {
		if n == 1 {
			_, _ = w.Write([]byte("prove-it"))
		}
	}
	hooked(t, slackfake.Options{}, answer, func(t *testing.T, b *bench, h *hook) {
		if err := b.Challenge(context.Background()); err != nil {
			t.Error(err)
		}
		if b.Challenge(context.Background()) == nil {
			t.Error("a bot that proves nothing passed")
		}
	})
	hooked(t, slackfake.Options{}, answer, func(t *testing.T, b *bench, h *hook) {
		for _, wrong := range append(slackfake.Wrongs(), "") {
			if _, _, err := b.Post(context.Background(), "/slack/events", "application/json", []byte("{}"), wrong); err != nil {
				t.Fatal(err)
			}
			head := h.heads[len(h.heads)-1]
			at := head.Get("X-Slack-Request-Timestamp")
			right := head.Get("X-Slack-Signature") == slackfake.Sign("signing-secret-of-the-fake", at, []byte("{}"))
			fresh := at == strconv.FormatInt(time.Now().Unix(), 10)
			if (right && fresh) != (wrong == "") {
				t.Errorf("%q: the signature is right: %t, fresh: %t", wrong, right, fresh)
			}
		}
	})
}

// TestMentions tells the bot of a mention twice, in both orders.
func TestMentions(t *testing.T) {
	first := map[string]int{}
	hooked(t, slackfake.Options{Seed: 3}, nil, func(t *testing.T, b *bench, h *hook) {
		for range 20 {
			n := len(h.bodies)
			b.say("C1", "", "<@"+botUser+"> hello")
			settle()
			var a, c struct{ Event obj }
			if len(h.bodies) != n+2 || json.Unmarshal([]byte(h.bodies[n]), &a) != nil || json.Unmarshal([]byte(h.bodies[n+1]), &c) != nil {
				t.Fatalf("a mention is told %d times", len(h.bodies)-n)
			}
			first[a.Event["type"].(string)]++
			if a.Event["ts"] != c.Event["ts"] || a.Event["type"] == c.Event["type"] || a.Event["client_msg_id"] != c.Event["client_msg_id"] {
				t.Errorf("told as %v and %v", a.Event, c.Event)
			}
		}
	})
	if first["message"] == 0 || first["app_mention"] == 0 {
		t.Errorf("always in one order: %v", first)
	}
}

// TestEvents tells what people do and checks what the bot hears of it.
func TestEvents(t *testing.T) {
	o := slackfake.Options{Enterprise: "E1", OrgInstall: true, Team: "T1"}
	hooked(t, o, nil, func(t *testing.T, b *bench, h *hook) {
		b.AddChannel(slackfake.Channel{ID: "C5", Shared: true})
		b.AddChannel(slackfake.Channel{ID: "G5", Kind: slackfake.KindMPIM})
		b.AddChannel(slackfake.Channel{ID: "C9", Absent: true})
		heard := func() obj {
			t.Helper()
			settle()
			var out obj
			if len(h.bodies) != 1 || json.Unmarshal([]byte(h.bodies[0]), &out) != nil {
				t.Fatalf("%d deliveries: %v", len(h.bodies), h.bodies)
			}
			h.bodies = nil
			return out
		}
		say := func(s slackfake.Said) string { return b.must(b.Say(s)) }

		direct := say(slackfake.Said{User: "U1", Text: "hi <@" + botUser + ">"})
		e := heard()
		auth := e["authorizations"].([]any)[0].(obj)
		if in := e["event"].(obj); in["channel_type"] != "im" || in["type"] != "message" || in["user"] != "U1" || in["client_msg_id"] == nil {
			t.Errorf("a direct message is %v", in)
		}
		if e["enterprise_id"] != "E1" || e["team_id"] != "T1" || auth["is_enterprise_install"] != true || auth["enterprise_id"] != "E1" || e["is_ext_shared_channel"] != false {
			t.Errorf("the envelope is %v", e)
		}
		b.must(b.Edit(direct, "hello"))
		if in := heard()["event"].(obj); in["subtype"] != "message_changed" || in["message"].(obj)["text"] != "hello" || in["previous_message"].(obj)["text"] == "hello" {
			t.Errorf("an edit is %v", in)
		}
		b.must(b.Delete(direct))
		_, ts := b.TS(direct)
		if in := heard()["event"].(obj); in["subtype"] != "message_deleted" || in["deleted_ts"] != ts {
			t.Errorf("a deletion is %v", in)
		}
		if _, err := b.Edit(direct, "again"); err == nil {
			t.Error("what is deleted was edited")
		}
		say(slackfake.Said{User: "U7", Team: "T7", Channel: "C5", Text: "hi"})
		if e := heard(); e["is_ext_shared_channel"] != true || e["team_id"] != "T1" || e["event"].(obj)["user_team"] != "T7" {
			t.Errorf("a stranger is heard as %v", e)
		}
		say(slackfake.Said{User: "U1", Channel: "C1", Text: "hi", Workspace: "T2"})
		if e := heard(); e["team_id"] != "T2" || e["enterprise_id"] != "E1" {
			t.Errorf("another workspace is heard as %v", e)
		}
		say(slackfake.Said{User: "U1", Channel: "G5", Text: "hi"})
		if e := heard(); e["event"].(obj)["channel_type"] != "mpim" {
			t.Errorf("a group is heard as %v", e)
		}
		say(slackfake.Said{User: "U1", Channel: "C1", Thread: ts, Text: "hi", Files: true})
		if in := heard()["event"].(obj); in["subtype"] != "file_share" || in["files"] == nil || in["thread_ts"] != ts {
			t.Errorf("a file is heard as %v", in)
		}
		say(slackfake.Said{Bot: "B7", Channel: "C1", Text: "hi", Subtype: "bot_message"})
		if in := heard()["event"].(obj); in["bot_id"] != "B7" || in["subtype"] != "bot_message" || in["user"] != nil {
			t.Errorf("another bot is heard as %v", in)
		}
		say(slackfake.Said{Bot: "B0000BOT", Channel: "C1", Text: "<@" + botUser + ">"})
		if in := heard()["event"].(obj); in["bot_id"] != "B0000BOT" || in["user"] != botUser {
			t.Errorf("the bot itself is heard as %v", in)
		}
		b.OpenHome("U1", "home")
		if in := heard()["event"].(obj); in["type"] != "app_home_opened" || in["tab"] != "home" {
			t.Errorf("the home tab is heard as %v", in)
		}
		_, posted := b.say("C1", "", "nice")
		heard()
		b.must(b.React("U1", "C1", posted, "thumbsup"))
		if in := heard()["event"].(obj); in["type"] != "reaction_added" || in["item"].(obj)["ts"] != posted {
			t.Errorf("a reaction is heard as %v", in)
		}
		b.Happen("tokens_revoked", obj{"tokens": obj{"bot": []string{botUser}}})
		if in := heard()["event"].(obj); in["type"] != "tokens_revoked" || in["tokens"] == nil {
			t.Errorf("it is heard as %v", in)
		}
		say(slackfake.Said{User: "U1", Channel: "C9", Text: "hi <@" + botUser + ">"})
		settle()
		if len(h.bodies) != 0 {
			t.Errorf("the bot hears where it is not: %v", h.bodies)
		}
		if _, err := b.Say(slackfake.Said{Channel: "C1", Text: "hi"}); err == nil {
			t.Error("nobody said something")
		}
	})
}

func TestSubscriptions(t *testing.T) {
	hooked(t, slackfake.Options{Events: []string{"app_mention", "message.im"}}, nil, func(t *testing.T, b *bench, h *hook) {
		b.say("C1", "", "hello")
		b.say("G1", "", "hello")
		b.say("D1", "", "hello")
		b.say("C1", "", "hello <@"+botUser+">")
		b.OpenHome("U1", "home")
		settle()
		if len(h.bodies) != 2 {
			t.Errorf("the bot hears %v", h.bodies)
		}
	})
}
