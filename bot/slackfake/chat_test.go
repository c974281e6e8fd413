package slackfake_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"policybot/bot/slackfake"
	"policybot/bot/slackfake/blockkit"
)

func TestTokens(t *testing.T) {
	inBubble(t, slackfake.Options{Scopes: []string{"chat:write", "im:history"}}, func(t *testing.T, b *bench) {
		cases := []struct{ method, token, want string }{
			{"auth.test", "", "not_authed"},
			{"auth.test", "xoxb-other", "invalid_auth"},
			{"auth.test", appToken, "not_allowed_token_type"},
			{"auth.test", botToken, ""},
			{"apps.connections.open", botToken, "not_allowed_token_type"},
			{"apps.connections.open", appToken, ""},
			{"users.info", botToken, "missing_scope"},
			{"dance", botToken, "unknown_method"},
			{"dance", "", "unknown_method"},
		}
		for _, tt := range cases {
			resp, out := b.request(tt.method, "application/json", tt.token, "{}")
			if got, _ := out["error"].(string); got != tt.want || resp.StatusCode != http.StatusOK {
				t.Errorf("%s with %q gave %q, status %d, want %q", tt.method, tt.token, got, resp.StatusCode, tt.want)
			}
		}
		resp, out := b.post("users.info", obj{"user": "U1"})
		if out["needed"] != "users:read" || out["provided"] != "chat:write,im:history" || resp.Header.Get("X-OAuth-Scopes") != "chat:write,im:history" {
			t.Errorf("missing_scope gave %v and %v", out, resp.Header)
		}
		form := url.Values{"token": {botToken}}.Encode()
		if _, out := b.request("auth.test", "application/x-www-form-urlencoded", "", form); out["user_id"] != botUser || out["bot_id"] != "B0000BOT" {
			t.Errorf("a token in the form gave %v", out)
		}
		b.say("C1", "", "hello")
		b.fails("missing_scope", "conversations.history", obj{"channel": "C1"})
		if _, out := b.request("auth.test", "application/json", botToken, ""); out["ok"] != true {
			t.Errorf("a call without a body gave %v", out)
		}
		if _, out := b.request("auth.test", "application/json", botToken, "{"); out["error"] != "invalid_json" {
			t.Errorf("half of JSON gave %v", out)
		}
		if got := b.Calls()[1]; got.Method != "auth.test" || got.Error != "invalid_auth" || got.OK {
			t.Errorf("the log has %+v", got)
		}
		for _, c := range b.Calls() {
			if c.Args["token"] != "" {
				t.Errorf("the log has a token: %+v", c)
			}
		}
	})
}

func TestNewRefusesTokens(t *testing.T) {
	for _, o := range []slackfake.Options{{BotToken: "secret"}, {AppToken: "xoxb-1"}} {
		if s, err := slackfake.New(o); err == nil {
			s.Close()
			t.Errorf("%+v was taken", o)
		}
	}
}

func section(text string) obj {
	return obj{"type": "section", "text": obj{"type": "mrkdwn", "text": text}}
}

func markdown(text string) obj { return obj{"type": "markdown", "text": text} }

func times(n int, block obj) []obj { return slices.Repeat([]obj{block}, n) }

func TestPosting(t *testing.T) {
	long := func(n int) string { return strings.Repeat("例", n) }
	check := func(surface string, blocks json.RawMessage) error {
		if surface == "message" && strings.Contains(string(blocks), "forbidden") {
			return errors.New("forbidden")
		}
		return nil
	}
	in := obj{"channel": "C1"}
	cases := []struct {
		name string
		args obj
		want string // error, "" for none
	}{
		{"a text", with(in, "text", "hello"), ""},
		{"blocks alone", with(in, "blocks", times(50, section("a"))), ""},
		{"nothing", in, "no_text"},
		{"an empty text", with(in, "text", ""), "no_text"},
		{"no channel", obj{"text": "a"}, "channel_not_found"},
		{"another channel", obj{"channel": "C404", "text": "a"}, "channel_not_found"},
		{"a private channel without us", obj{"channel": "G9", "text": "a"}, "channel_not_found"},
		{"a channel without us", obj{"channel": "C9", "text": "a"}, "not_in_channel"},
		{"an archived channel", obj{"channel": "C8", "text": "a"}, "is_archived"},
		{"51 blocks", with(in, "blocks", times(51, section("a"))), "invalid_blocks"},
		{"no blocks", with(in, "text", "a", "blocks", "]"), "invalid_blocks_format"},
		{"a block without a type", with(in, "blocks", []obj{{"text": "a"}}), "invalid_blocks"},
		{"a block_id twice", with(in, "blocks", times(2, with(section("a"), "block_id", "x"))), "invalid_blocks"},
		{"what the check refuses", with(in, "blocks", times(1, section("forbidden"))), "invalid_blocks"},
		{"12,000 characters of markdown", with(in, "markdown_text", long(12000)), ""},
		{"12,001 characters of markdown", with(in, "markdown_text", long(12001)), "msg_too_long"},
		{"markdown and a text", with(in, "markdown_text", "a", "text", "b"), "markdown_text_conflict"},
		{"markdown and blocks", with(in, "markdown_text", "a", "blocks", times(1, section("b"))), "markdown_text_conflict"},
		{"12,000 in four markdown blocks", with(in, "blocks", times(4, markdown(long(3000)))), ""},
		{"12,001 in two markdown blocks", with(in, "blocks", []obj{markdown(long(12000)), markdown("a")}), "msg_blocks_too_long"},
		{"blocks with 12,797", with(in, "blocks", times(5, section(long(2559)))), ""},
		{"blocks with 12,800", with(in, "blocks", times(5, section(long(2560)))), "msg_blocks_too_long"},
		{"50 blocks with 7,200", with(in, "blocks", times(50, section(long(144)))), "msg_blocks_too_long"},
		{"metadata", with(in, "text", "a", "metadata", obj{"event_type": "x", "event_payload": obj{}}), ""},
		{"metadata without a payload", with(in, "text", "a", "metadata", obj{"event_type": "x"}), "invalid_metadata_schema"},
		{"metadata of another kind", with(in, "text", "a", "metadata", "[]"), "invalid_metadata_format"},
		{"a thread that is none", with(in, "text", "a", "thread_ts", "1"), "invalid_thread_ts"},
		{"a person", obj{"channel": "U1", "text": "a"}, ""},
	}
	inBubble(t, slackfake.Options{Check: check}, func(t *testing.T, b *bench) {
		b.say("C1", "", "hello")
		b.AddChannel(slackfake.Channel{ID: "C8", Archived: true})
		b.AddChannel(slackfake.Channel{ID: "C9", Absent: true})
		b.AddChannel(slackfake.Channel{ID: "G9", Absent: true})
		for _, tt := range cases {
			before := len(b.All(""))
			_, out := b.post("chat.postMessage", tt.args)
			got, _ := out["error"].(string)
			if shown := len(b.All("")) - before; got != tt.want || shown != map[bool]int{true: 1, false: 0}[tt.want == ""] {
				t.Errorf("%s: error %q and %d messages, want %q", tt.name, got, shown, tt.want)
			}
		}
		cut := b.ok("chat.postMessage", with(in, "text", long(50000)))
		if n := len([]rune(cut["message"].(obj)["text"].(string))); n != 40000 {
			t.Errorf("of 50,000 characters %d were kept", n)
		}
	})
}

// TestProblems gives calls the names and the lines that a check of blocks found.
func TestProblems(t *testing.T) {
	check := func(surface string, _ json.RawMessage) error {
		if surface == "stream" {
			return errors.New("not here")
		}
		return &blockkit.Problem{Code: "msg_blocks_too_long", Path: "/blocks/0", Text: "too long"}
	}
	inBubble(t, slackfake.Options{Check: check}, func(t *testing.T, b *bench) {
		_, ts := b.say("C1", "", "hello")
		blocks := times(1, section("a"))
		view := obj{"type": "home", "blocks": blocks}
		stream := obj{"channel": "C1", "thread_ts": ts, "recipient_team_id": "T1", "recipient_user_id": "U1", "chunks": []obj{{"type": "blocks", "blocks": blocks}}}
		for _, tt := range []struct {
			method string
			args   obj
			name   string
			want   []any
		}{
			{"chat.postMessage", obj{"channel": "C1", "blocks": blocks}, "msg_blocks_too_long", []any{"[ERROR] too long [json-pointer:/blocks/0]"}},
			{"chat.startStream", stream, "invalid_blocks", []any{"[ERROR] not here"}},
			{"views.publish", obj{"user_id": "U1", "view": view}, "invalid_arguments", []any{
				"[ERROR] failed to match all allowed schemas [json-pointer:/view]", "[ERROR] too long [json-pointer:/view/blocks/0]",
			}},
		} {
			out := b.fails(tt.name, tt.method, tt.args)
			if meta, _ := out["response_metadata"].(obj); meta == nil || !slices.Equal(meta["messages"].([]any), tt.want) {
				t.Errorf("%s: %v, want the messages %q", tt.method, out, tt.want)
			}
		}
	})
}

// TestMessages follows a message through all that the API can do with it.
func TestMessages(t *testing.T) {
	inBubble(t, slackfake.Options{}, func(t *testing.T, b *bench) {
		_, root := b.say("C1", "", "question")
		meta := obj{"event_type": "x", "event_payload": obj{"id": "7"}}
		out := b.ok("chat.postMessage", obj{"channel": "C1", "thread_ts": root, "text": "fallback", "blocks": times(2, section("shown")), "metadata": meta})
		ts := out["ts"].(string)
		blocks := out["message"].(obj)["blocks"].([]any)
		id := blocks[0].(obj)["block_id"]
		if id == nil || id == blocks[1].(obj)["block_id"] {
			t.Errorf("blocks have the ids %v and %v", id, blocks[1].(obj)["block_id"])
		}
		replies := b.ok("conversations.replies", obj{"channel": "C1", "ts": root, "include_all_metadata": true})["messages"].([]any)
		if len(replies) != 2 || replies[0].(obj)["text"] != "question" || replies[1].(obj)["metadata"] == nil || replies[1].(obj)["blocks"].([]any)[0].(obj)["block_id"] != id {
			t.Errorf("replies are %v", replies)
		}
		if plain := b.ok("conversations.replies", obj{"channel": "C1", "ts": root})["messages"].([]any); plain[1].(obj)["metadata"] != nil {
			t.Error("metadata came unasked")
		}
		if history := b.ok("conversations.history", obj{"channel": "C1"})["messages"].([]any); len(history) != 1 {
			t.Errorf("a reply stands in the channel: %v", history)
		}
		b.fails("thread_not_found", "conversations.replies", obj{"channel": "C1", "ts": "1.000000"})

		at := obj{"channel": "C1", "ts": ts}
		b.ok("chat.update", with(at, "text", "other fallback"))
		m := b.Messages("C1", root)[0]
		if m.Text != "other fallback" || !strings.Contains(string(m.Blocks), "shown") || !m.Edited || len(m.Metadata) == 0 || !m.Own {
			t.Errorf("an update without blocks made %+v", m)
		}
		b.ok("chat.update", with(at, "markdown_text", "**new**", "metadata", "{}"))
		if m := b.Messages("C1", root)[0]; strings.Contains(string(m.Blocks), "shown") || m.Text != "**new**" || string(m.Metadata) != "{}" {
			t.Errorf("an update with markdown made %+v", m)
		}
		b.ok("chat.update", with(at, "text", "plain"))
		if m := b.Messages("C1", root)[0]; m.Blocks != nil || m.Text != "plain" {
			t.Errorf("text after markdown made %+v", m)
		}
		b.fails("msg_too_long", "chat.update", with(at, "text", strings.Repeat("a", 4001)))
		b.fails("cant_update_message", "chat.update", obj{"channel": "C1", "ts": root, "text": "a"})
		b.fails("cant_delete_message", "chat.delete", obj{"channel": "C1", "ts": root})
		b.fails("channel_not_found", "chat.update", obj{"channel": "C2", "ts": ts, "text": "a"})
	})
}

func TestDeletingAndLinks(t *testing.T) {
	inBubble(t, slackfake.Options{}, func(t *testing.T, b *bench) {
		b.say("C1", "", "question")
		ts := b.ok("chat.postMessage", obj{"channel": "C1", "text": "a"})["ts"].(string)
		link := b.ok("chat.getPermalink", obj{"channel": "C1", "message_ts": ts})["permalink"].(string)
		if !strings.HasSuffix(link, "/C1/p"+strings.ReplaceAll(ts, ".", "")) {
			t.Errorf("the link is %s", link)
		}
		b.ok("chat.delete", obj{"channel": "C1", "ts": ts})
		b.fails("message_not_found", "chat.delete", obj{"channel": "C1", "ts": ts})
		b.fails("message_not_found", "chat.update", obj{"channel": "C1", "ts": ts, "text": "a"})
		b.fails("message_not_found", "chat.getPermalink", obj{"channel": "C1", "message_ts": ts})

		only := b.ok("chat.postEphemeral", obj{"channel": "C1", "user": "U1", "text": "for you"})["message_ts"].(string)
		b.fails("user_not_in_channel", "chat.postEphemeral", obj{"channel": "C1", "user": "U2", "text": "for you"})
		b.fails("message_not_found", "chat.update", obj{"channel": "C1", "ts": only, "text": "a"})
		if all := b.All("C1"); len(all) != 2 || all[1].Ephemeral != "U1" {
			t.Errorf("people see %+v", all)
		}
		if history := b.ok("conversations.history", obj{"channel": "C1"})["messages"].([]any); len(history) != 1 {
			t.Errorf("what one person sees is in the history: %v", history)
		}
	})
}

func TestStampsAreUnique(t *testing.T) {
	inBubble(t, slackfake.Options{}, func(t *testing.T, b *bench) {
		_, first := b.say("C1", "", "hello")
		seen, last := map[string]bool{first: true}, first
		for range 100 {
			ts := b.ok("chat.postMessage", obj{"channel": "C1", "text": "a"})["ts"].(string)
			if seen[ts] || ts <= last {
				t.Fatalf("ts %s after %s", ts, last)
			}
			seen[ts], last = true, ts
		}
		if _, other := b.say("C2", "", "hello"); other != first {
			t.Errorf("at the same moment C1 gave %s and C2 %s: nothing shows that a ts alone names no message", first, other)
		}
	})
}

func TestPages(t *testing.T) {
	inBubble(t, slackfake.Options{}, func(t *testing.T, b *bench) {
		var stamps []string
		for i := range 7 {
			_, ts := b.say("C1", "", fmt.Sprint(i))
			stamps = append(stamps, ts)
		}
		var got []string
		cursor, pages := "", 0
		for {
			out := b.ok("conversations.history", obj{"channel": "C1", "limit": 3, "cursor": cursor})
			for _, m := range out["messages"].([]any) {
				got = append(got, m.(obj)["text"].(string))
			}
			pages++
			cursor = out["response_metadata"].(obj)["next_cursor"].(string)
			if (cursor != "") != out["has_more"].(bool) {
				t.Errorf("has_more is %v with the cursor %q", out["has_more"], cursor)
			}
			if cursor == "" {
				break
			}
		}
		if strings.Join(got, "") != "6543210" || pages != 3 {
			t.Errorf("%d pages with %v", pages, got)
		}
		between := b.ok("conversations.history", obj{"channel": "C1", "oldest": stamps[2], "latest": stamps[5]})["messages"].([]any)
		inclusive := b.ok("conversations.history", obj{"channel": "C1", "oldest": stamps[2], "latest": stamps[5], "inclusive": true})["messages"].([]any)
		if len(between) != 2 || len(inclusive) != 4 {
			t.Errorf("%d messages between, %d with the ends", len(between), len(inclusive))
		}
		b.fails("invalid_cursor", "conversations.history", obj{"channel": "C1", "cursor": "x"})
		b.fails("invalid_ts_oldest", "conversations.history", obj{"channel": "C1", "oldest": "x"})
		b.fails("invalid_limit", "conversations.history", obj{"channel": "C1", "limit": 1001})
	})
}

func TestConversations(t *testing.T) {
	inBubble(t, slackfake.Options{}, func(t *testing.T, b *bench) {
		b.say("C1", "", "a")
		b.say("G1", "", "a")
		b.AddChannel(slackfake.Channel{ID: "C8", Archived: true})
		b.AddUser(slackfake.User{ID: "U2", Email: "ben@example.com", Locale: "zh-CN"})
		im := b.ok("conversations.open", obj{"users": "U1"})["channel"].(obj)["id"].(string)
		if again := b.ok("conversations.open", obj{"users": "U1", "return_im": true})["channel"].(obj); again["id"] != im || again["user"] != "U1" || again["is_im"] != true {
			t.Errorf("opened again it is %v, first %s", again, im)
		}
		group := b.ok("conversations.open", obj{"users": "U1,U2", "return_im": true})["channel"].(obj)
		if group["is_mpim"] != true {
			t.Errorf("two people make %v", group)
		}
		b.fails("user_not_found", "conversations.open", obj{"users": "U404"})
		b.fails("users_list_not_supplied", "conversations.open", obj{})
		if c := b.ok("conversations.info", obj{"channel": "G1"})["channel"].(obj); c["is_private"] != true || c["is_im"] != false {
			t.Errorf("G1 is %v", c)
		}
		count := func(args obj) int { return len(b.ok("conversations.list", args)["channels"].([]any)) }
		if n, m, all := count(obj{}), count(obj{"exclude_archived": true}), count(obj{"types": "public_channel,private_channel,im,mpim"}); n != 2 || m != 1 || all != 5 {
			t.Errorf("listed %d, %d, %d", n, m, all)
		}
		b.fails("invalid_types", "conversations.list", obj{"types": "rooms"})
		if members := b.ok("conversations.members", obj{"channel": "C1"})["members"].([]any); !slices.Equal(members, []any{"U1", botUser}) {
			t.Errorf("members are %v", members)
		}
		u := b.ok("users.info", obj{"user": "U2", "include_locale": true})["user"].(obj)
		if u["locale"] != "zh-CN" || u["profile"].(obj)["email"] != "ben@example.com" {
			t.Errorf("the person is %v", u)
		}
		b.fails("user_not_found", "users.info", obj{"user": "U404"})
		b.fails("bot_not_found", "bots.info", obj{"bot": "B404"})
		b.ok("bots.info", obj{"bot": "B0000BOT"})
	})
}

func TestThreadsOfAgents(t *testing.T) {
	inBubble(t, slackfake.Options{Events: []string{"message.channels"}}, func(t *testing.T, b *bench) {
		_, ts := b.say("C1", "", "question")
		in := obj{"channel_id": "C1", "thread_ts": ts}
		b.ok("assistant.threads.setStatus", with(in, "status", "is reading", "loading_messages", []string{"a, b", "c"}))
		if th := b.Thread("C1", ts); th.Status != "is reading" || !slices.Equal(th.Loading, []string{"a, b", "c"}) {
			t.Errorf("the thread is %+v", th)
		}
		time.Sleep(2 * time.Minute)
		if th := b.Thread("C1", ts); th.Status != "" {
			t.Errorf("two minutes later the status is %q", th.Status)
		}
		b.ok("assistant.threads.setStatus", with(in, "status", "is writing"))
		b.ok("chat.postMessage", obj{"channel": "C1", "thread_ts": ts, "text": "a"})
		if th := b.Thread("C1", ts); th.Status != "" {
			t.Errorf("after a reply the status is %q", th.Status)
		}
		b.fails("invalid_arguments", "assistant.threads.setStatus", with(in, "status", "a", "loading_messages", slices.Repeat([]string{"a"}, 11)))
		b.fails("invalid_thread_ts", "assistant.threads.setStatus", obj{"channel_id": "C1", "status": "a"})
		b.ok("assistant.threads.setTitle", with(in, "title", "Leave"))

		prompts := slices.Repeat([]obj{{"title": "a", "message": "b"}}, 4)
		b.ok("assistant.threads.setSuggestedPrompts", with(in, "prompts", prompts))
		if th := b.Thread("C1", ts); len(th.Prompts) != 0 || th.Title != "Leave" {
			t.Errorf("prompts of a thread are shown: %+v", th)
		}
		b.ok("assistant.threads.setSuggestedPrompts", obj{"channel_id": "C1", "prompts": prompts})
		if th := b.Thread("C1", ""); len(th.Prompts) != 4 {
			t.Errorf("prompts are %+v", th)
		}
		b.fails("invalid_arguments", "assistant.threads.setSuggestedPrompts", obj{"channel_id": "C1", "prompts": slices.Repeat(prompts, 2)})

		b.fails("session_not_found", "agents.sessions.rename", with(in, "title", "a"))
		b.fails("invalid_status", "agents.sessions.setStatus", with(in, "status", "busy"))
		b.fails("thread_ts_required", "agents.sessions.setStatus", obj{"channel_id": "C1", "status": "active"})
		b.fails("user_not_found", "agents.sessions.setStatus", with(in, "status", "active", "initiator_user_id", "U9"))
		out := b.ok("agents.sessions.setStatus", with(in, "status", "processing", "initiator_user_id", "U1"))
		if out["status"] != "processing" || out["warning"] != "missing_agent_session_stopped_event_subscription" {
			t.Errorf("the answer is %v", out)
		}
		b.ok("agents.sessions.rename", with(in, "title", "New"))
		if _, err := b.Stop("U1", "C1", ts); err == nil {
			t.Error("without the subscription there is a stop button")
		}
		if th := b.Thread("C1", ts); th.Session != "processing" || th.Title != "New" {
			t.Errorf("the thread is %+v", th)
		}
	})
}

func TestRateLimits(t *testing.T) {
	inBubble(t, slackfake.Options{Limits: true}, func(t *testing.T, b *bench) {
		_, ts := b.say("C1", "", "hello")
		b.say("C2", "", "hello")
		burst := func(method string, args obj) (n int, wait string) {
			for ; n < 1000; n++ {
				resp, out := b.post(method, args)
				if out["error"] == "ratelimited" {
					if resp.StatusCode != http.StatusTooManyRequests {
						t.Errorf("%s: status %d", method, resp.StatusCode)
					}
					return n, resp.Header.Get("Retry-After")
				}
			}
			return n, ""
		}
		cases := []struct {
			method string
			args   obj
			want   int
			wait   string
		}{
			{"chat.postMessage", obj{"channel": "C1", "text": "a"}, 4, "1"},
			{"chat.postMessage", obj{"channel": "C2", "text": "a"}, 4, "1"},
			{"chat.update", obj{"channel": "C1", "ts": ts, "text": "a"}, 50, "2"},
			{"chat.appendStream", obj{"channel": "C1", "ts": ts, "markdown_text": "a"}, 100, "1"},
			{"chat.stopStream", obj{"channel": "C1", "ts": ts}, 20, "3"},
			{"apps.connections.open", obj{}, 50, "2"},
			{"auth.test", obj{}, 1000, ""},
		}
		for _, tt := range cases {
			if n, wait := burst(tt.method, tt.args); n != tt.want || wait != tt.wait {
				t.Errorf("%s: %d calls and then Retry-After %q, want %d and %q", tt.method, n, wait, tt.want, tt.wait)
			}
		}
		time.Sleep(2 * time.Second)
		if n, _ := burst("chat.update", obj{"channel": "C1", "ts": ts, "text": "a"}); n != 1 {
			t.Errorf("after Retry-After %d calls, want 1", n)
		}
	})
}

func TestEcho(t *testing.T) {
	inBubble(t, slackfake.Options{Echo: true}, func(t *testing.T, b *bench) {
		k := b.dial(true)
		b.AddChannel(slackfake.Channel{ID: "C1"})
		ts := b.ok("chat.postMessage", obj{"channel": "C1", "text": "a"})["ts"]
		settle()
		b.ok("chat.update", obj{"channel": "C1", "ts": ts, "text": "b"})
		settle()
		got := k.got("events_api")
		if len(got) != 2 || inner(got[0])["bot_id"] != "B0000BOT" || inner(got[1])["subtype"] != "message_changed" {
			data, _ := json.Marshal(got)
			t.Errorf("the bot heard of itself: %s", data)
		}
	})
}
