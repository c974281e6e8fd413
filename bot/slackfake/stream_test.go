package slackfake_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"policybot/bot/slackfake"
)

// startStream starts one in a thread of C1 and gives the arguments that name it.
func (b *bench) startStream(more ...any) (at obj, thread string) {
	b.t.Helper()
	_, thread = b.say("C1", "", "question")
	out := b.ok("chat.startStream", with(obj{"channel": "C1", "thread_ts": thread, "recipient_user_id": "U1", "recipient_team_id": "T0000001"}, more...))
	return obj{"channel": "C1", "ts": out["ts"]}, thread
}

func TestStream(t *testing.T) {
	inBubble(t, slackfake.Options{}, func(t *testing.T, b *bench) {
		at, thread := b.startStream("markdown_text", "**Ten")
		b.ok("chat.appendStream", with(at, "markdown_text", " days** "))
		b.fails("streaming_state_conflict", "chat.update", with(at, "text", "a"))
		if m := b.Messages("C1", thread)[0]; m.Text != "**Ten days** " || m.State != slackfake.StateStreaming {
			t.Errorf("under way people see %+v", m)
		}
		task := func(status string) obj {
			return obj{"type": "task_update", "id": "1", "title": "Reading", "status": status, "output": "clause 3"}
		}
		b.ok("chat.appendStream", with(at, "chunks", []obj{task("in_progress"), {"type": "markdown_text", "text": "a year"}}))
		b.ok("chat.appendStream", with(at, "chunks", []obj{{"type": "blocks", "blocks": times(50, obj{"type": "divider"})}, task("complete")}))
		out := b.ok("chat.stopStream", with(at, "markdown_text", ".", "blocks", times(50, section("end")), "metadata", obj{"event_type": "x", "event_payload": obj{}}))
		m := b.Messages("C1", thread)[0]
		if m.Text != "**Ten days** a year." || m.State != slackfake.StateStopped || len(m.Metadata) == 0 || out["message"].(obj)["streaming_state"] != "completed" {
			t.Errorf("at the end people see %.300v", m)
		}
		var blocks []obj
		if err := json.Unmarshal(m.Blocks, &blocks); err != nil {
			t.Fatal(err)
		}
		var kinds []string
		for _, block := range blocks {
			kinds = append(kinds, block["type"].(string))
		}
		want := slices.Concat([]string{"markdown", "task_card", "markdown"}, slices.Repeat([]string{"divider"}, 50), []string{"markdown"}, slices.Repeat([]string{"section"}, 50))
		if !slices.Equal(kinds, want) || blocks[1]["status"] != "complete" {
			t.Errorf("blocks are %v, the task is %v", kinds, blocks[1])
		}
		b.fails("message_not_in_streaming_state", "chat.appendStream", with(at, "markdown_text", "a"))
		b.fails("message_not_in_streaming_state", "chat.stopStream", at)
		b.ok("chat.update", with(at, "text", "a"))
		if m := b.Messages("C1", thread)[0]; m.Text != "a" || m.Blocks != nil || m.State != "" {
			t.Errorf("an update leaves %+v", m)
		}
	})
}

func TestStreamRefuses(t *testing.T) {
	inBubble(t, slackfake.Options{}, func(t *testing.T, b *bench) {
		at, thread := b.startStream()
		long := strings.Repeat("例", 6000)
		to := obj{"channel": "C1", "thread_ts": thread, "recipient_user_id": "U1", "recipient_team_id": "T0000001"}
		b.fails("invalid_arguments", "chat.startStream", obj{"channel": "C1", "recipient_user_id": "U1", "recipient_team_id": "T0000001"})
		b.fails("missing_recipient_team_id", "chat.startStream", obj{"channel": "C1", "thread_ts": thread, "recipient_user_id": "U1"})
		b.fails("missing_recipient_user_id", "chat.startStream", obj{"channel": "C1", "thread_ts": thread, "recipient_team_id": "T0000001"})
		b.fails("user_not_found", "chat.startStream", with(to, "recipient_user_id", "U404"))
		b.fails("invalid_arguments", "chat.startStream", with(to, "task_display_mode", "cards"))
		_, dm := b.say("D1", "", "question")
		b.ok("chat.startStream", obj{"channel": "D1", "thread_ts": dm})

		b.fails("no_text", "chat.appendStream", at)
		b.fails("message_not_in_streaming_state", "chat.appendStream", obj{"channel": "C1", "ts": b.ok("chat.postMessage", obj{"channel": "C1", "text": "a"})["ts"], "markdown_text": "a"})
		b.fails("message_not_owned_by_app", "chat.appendStream", obj{"channel": "C1", "ts": thread, "markdown_text": "a"})
		for name, chunks := range map[string]any{
			"no list": "x", "a type that is none": []obj{{"type": "dance"}}, "a text that is none": []obj{{"type": "markdown_text", "text": 1}},
			"a status that is none":  []obj{{"type": "task_update", "id": "1", "title": "a", "status": "done"}},
			"a task without a title": []obj{{"type": "task_update", "id": "1", "status": "complete"}},
			"a plan without a title": []obj{{"type": "plan_update"}},
		} {
			if out := b.fails("invalid_chunks", "chat.appendStream", with(at, "chunks", chunks)); t.Failed() {
				t.Fatal(name, out)
			}
		}
		b.fails("msg_blocks_too_many", "chat.appendStream", with(at, "chunks", []obj{{"type": "blocks", "blocks": times(51, section("a"))}}))
		thirty := obj{"type": "blocks", "blocks": times(30, section("a"))}
		b.fails("msg_blocks_too_many", "chat.appendStream", with(at, "chunks", []obj{thirty, thirty}))
		b.fails("msg_blocks_too_many", "chat.stopStream", with(at, "blocks", times(51, section("a"))))
		b.fails("msg_too_long", "chat.appendStream", with(at, "markdown_text", long+long+"a"))
		b.ok("chat.appendStream", with(at, "markdown_text", long))
		b.ok("chat.appendStream", with(at, "markdown_text", long))
		b.fails("msg_blocks_too_long", "chat.appendStream", with(at, "markdown_text", long))
		if m := b.Messages("C1", thread)[0]; m.Text != long+long {
			t.Errorf("refused calls left %d characters, want 12,000", len([]rune(m.Text)))
		}
	})
}

func TestStreamExpires(t *testing.T) {
	cases := []struct {
		name  string
		gaps  []time.Duration // after the start, each followed by text
		alive int             // how many of the texts are taken
	}{
		{"text all the time", slices.Repeat([]time.Duration{time.Minute - time.Second}, 7), 5},
		{"just in time", []time.Duration{3*time.Minute - time.Second}, 1},
		{"a gap", []time.Duration{time.Second, 3 * time.Minute}, 1},
	}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, slackfake.Options{}, func(t *testing.T, b *bench) {
				at, thread := b.startStream()
				for i, gap := range tt.gaps {
					time.Sleep(gap)
					if i < tt.alive {
						b.ok("chat.appendStream", with(at, "markdown_text", "a"))
					} else {
						b.fails("message_not_in_streaming_state", "chat.appendStream", with(at, "markdown_text", "a"))
					}
				}
				if tt.alive == len(tt.gaps) {
					return
				}
				b.fails("message_not_in_streaming_state", "chat.stopStream", at)
				if m := b.Messages("C1", thread)[0]; m.State != slackfake.StateExpired || m.Text != strings.Repeat("a", tt.alive) {
					t.Errorf("what was streamed is %+v", m)
				}
				b.ok("chat.update", with(at, "text", "whole"))
			})
		})
	}
}

func TestStopButton(t *testing.T) {
	inBubble(t, slackfake.Options{}, func(t *testing.T, b *bench) {
		k := b.dial(true)
		at, thread := b.startStream("markdown_text", "half")
		settleBriefly()
		b.ok("agents.sessions.setStatus", obj{"channel_id": "C1", "thread_ts": thread, "status": "processing"})
		g := b.must(b.Stop("U1", "C1", thread))
		settle()
		if _, ok := b.Acked(g); !ok {
			t.Error("the stop was not acknowledged")
		}
		e := inner(k.got("events_api")[1])
		if e["type"] != "agent_session_stopped" || !slices.Equal(e["streaming_message_ts"].([]any), []any{at["ts"]}) || e["thread_ts"] != thread {
			t.Errorf("the event is %v", e)
		}
		b.fails("stopped_by_user", "chat.appendStream", with(at, "markdown_text", "a"))
		b.fails("message_not_in_streaming_state", "chat.stopStream", at)
		if th := b.Thread("C1", thread); th.Session != "processing" {
			t.Errorf("the status went to %q by itself", th.Session)
		}
		b.ok("agents.sessions.setStatus", obj{"channel_id": "C1", "thread_ts": thread, "status": "active"})
		if _, err := b.Stop("U1", "C1", thread); err == nil {
			t.Error("there is a stop button, although nothing is under way")
		}
	})
}

func TestSessionAfterStream(t *testing.T) {
	for given, want := range map[string]string{"": "active", "closed": "closed"} {
		inBubble(t, slackfake.Options{}, func(t *testing.T, b *bench) {
			at, thread := b.startStream("task_display_mode", "plan", "chunks", []obj{
				{"type": "plan_update", "title": "Answer"}, {"type": "task_update", "id": "1", "title": "Reading", "status": "pending"},
			})
			b.ok("agents.sessions.setStatus", obj{"channel_id": "C1", "thread_ts": thread, "status": "processing"})
			b.fails("invalid_arguments", "chat.stopStream", with(at, "session_status", "done"))
			b.ok("chat.stopStream", with(at, "session_status", given))
			if th := b.Thread("C1", thread); th.Session != want {
				t.Errorf("session_status %q leaves %q, want %q", given, th.Session, want)
			}
			if m := b.Messages("C1", thread)[0]; !strings.Contains(string(m.Blocks), `"type":"plan"`) || !strings.Contains(string(m.Blocks), "Answer") {
				t.Errorf("the plan is %s", m.Blocks)
			}
		})
	}
}
