package slackfake

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// States of a message that was streamed.
const (
	StateStreaming = "streaming" // text can be appended
	StateStopped   = "stopped"   // by the bot, or by a person
	StateExpired   = "expired"   // Slack closed it; what was appended stays, and chat.update can change it
)

// Slack closes a stream by itself. That is not documented. It was measured to happen five minutes after
// the start, with text coming all the time (https://github.com/slackapi/node-slack-sdk/issues/2702), and
// when no text comes for a few minutes (https://github.com/vercel/chat/issues/607).
const (
	streamLife = 5 * time.Minute
	streamGap  = 3 * time.Minute
)

// A stream is what a streamed message has besides.
type stream struct {
	began, last time.Time
	stopped     bool
	byPerson    bool
	plan        bool   // task_display_mode is plan
	title       string // of the plan
	parts       []part
	end         []raw // blocks of chat.stopStream
}

// A part is a text, a task, or blocks, in the order in which they came.
type part struct {
	text   string
	task   obj
	blocks []raw
}

func (st *stream) state(now time.Time) string {
	switch {
	case st.stopped:
		return StateStopped
	case now.Sub(st.began) >= streamLife || now.Sub(st.last) >= streamGap:
		return StateExpired
	}
	return StateStreaming
}

// wireState is the state in the words of Slack (BotMessageEvent in @slack/types).
func (st *stream) wireState(now time.Time) string {
	return map[string]string{StateStreaming: "in_progress", StateStopped: "completed", StateExpired: "errored"}[st.state(now)]
}

// text is all that was streamed as text.
func (st *stream) text() string {
	var b strings.Builder
	for _, p := range st.parts {
		b.WriteString(p.text)
	}
	return b.String()
}

// content is what a message shows as blocks: a streamed one its texts, tasks and blocks in order.
func (m *message) content() []raw {
	if m.stream == nil || len(m.stream.parts) == 0 {
		return m.blocks
	}
	st := m.stream
	var out, tasks []raw
	for i, p := range st.parts {
		switch {
		case p.task != nil:
			card := taskCard(p.task)
			if tasks = append(tasks, card); !st.plan {
				out = append(out, card)
			}
		case p.blocks != nil:
			out = append(out, p.blocks...)
		default:
			out = append(out, encode(obj{"type": "markdown", "block_id": fmt.Sprintf("text%s-%d", m.ts, i), "text": p.text}))
		}
	}
	if st.plan && len(tasks) > 0 {
		out = append([]raw{encode(obj{"type": "plan", "block_id": "plan" + m.ts, "title": st.title, "tasks": tasks})}, out...)
	}
	return append(out, st.end...)
}

// taskCard is a task as a block (https://docs.slack.dev/reference/block-kit/blocks/task-card-block).
func taskCard(task obj) raw {
	card := obj{"type": "task_card", "block_id": "task_" + str(task["id"]), "task_id": task["id"], "title": task["title"], "status": task["status"]}
	for _, key := range []string{"details", "output"} {
		if text := str(task[key]); text != "" {
			section := obj{"type": "rich_text_section", "elements": []obj{{"type": "text", "text": text}}}
			card[key] = obj{"type": "rich_text", "elements": []obj{section}}
		}
	}
	if task["sources"] != nil {
		card["sources"] = task["sources"]
	}
	return encode(card)
}

func str(v any) string {
	text, _ := v.(string)
	return text
}

// startStream (https://docs.slack.dev/reference/methods/chat.startStream). A thread is wanted here
// always, although newer pages allow a stream at the top of a channel.
func (s *Server) startStream(a args) (obj, error) {
	r, err := s.target(a["channel"])
	if err != nil {
		return nil, err
	}
	if err := a.need("thread_ts"); err != nil {
		return nil, err
	}
	switch user := a["recipient_user_id"]; {
	case !isStamp(a["thread_ts"]):
		return nil, refuse("invalid_thread_ts")
	case r.Kind != KindIM && a["recipient_team_id"] == "":
		return nil, refuse("missing_recipient_team_id")
	case r.Kind != KindIM && user == "":
		return nil, refuse("missing_recipient_user_id")
	case user != "" && s.users[user] == nil:
		return nil, refuse("user_not_found")
	}
	if mode := a["task_display_mode"]; mode != "" && mode != "timeline" && mode != "plan" {
		return nil, refuse("invalid_arguments", "[ERROR] task_display_mode must be timeline or plan")
	}
	now := s.o.Now()
	st := &stream{began: now, last: now, plan: a["task_display_mode"] == "plan"}
	if err := s.feed(st, a, false); err != nil {
		return nil, err
	}
	m := s.post(r, &message{thread: a["thread_ts"], text: st.text(), stream: st})
	return obj{"channel": r.ID, "ts": m.ts}, nil
}

// streaming finds a message that can be appended to. The caller holds mu.
func (s *Server) streaming(a args) (*message, error) {
	m, err := s.own(a, "message_not_owned_by_app")
	if err != nil {
		return nil, err
	}
	switch {
	case m.stream == nil || !m.stream.byPerson && m.stream.state(s.o.Now()) != StateStreaming:
		return nil, refuse("message_not_in_streaming_state")
	case m.stream.byPerson:
		return nil, refuse("stopped_by_user") // page of chat.appendStream
	}
	return m, nil
}

func (s *Server) appendStream(a args) (obj, error) {
	m, err := s.streaming(a)
	if err != nil {
		return nil, err
	}
	if err := s.feed(m.stream, a, true); err != nil {
		return nil, err
	}
	m.text, m.stream.last = m.stream.text(), s.o.Now()
	s.touch()
	return obj{"channel": m.channel, "ts": m.ts}, nil
}

// stopStream ends a stream; blocks come last, and there may be 50 of them besides those in chunks (page
// of chat.stopStream). A stream that a person has stopped is no longer in that state.
func (s *Server) stopStream(a args) (obj, error) {
	m, err := s.streaming(a)
	if err != nil {
		if err.Error() == "stopped_by_user" {
			err = refuse("message_not_in_streaming_state")
		}
		return nil, err
	}
	end, err := s.blocks(a["blocks"], "stream")
	if err != nil {
		return nil, err
	}
	metadata, err := readMetadata(a["metadata"])
	if err != nil {
		return nil, err
	}
	if status := a["session_status"]; status != "" && !slices.Contains(sessionStatuses, status) {
		return nil, refuse("invalid_arguments", "[ERROR] session_status must be one of "+strings.Join(sessionStatuses, ", "))
	}
	if err := s.feed(m.stream, a, false); err != nil {
		return nil, err
	}
	before := s.wire(m, false)
	st := m.stream
	m.text, m.metadata = st.text(), metadata
	st.stopped, st.end = true, end
	s.sessionStopped(m, a["session_status"])
	s.touch()
	s.echo(m, before)
	return obj{"channel": m.channel, "ts": m.ts, "message": s.wire(m, true)}, nil
}

// feed adds the text and chunks of a call to a stream, all or nothing. The caller holds mu.
func (s *Server) feed(st *stream, a args, must bool) error {
	var chunks []obj
	if a["chunks"] != "" {
		if err := json.Unmarshal([]byte(a["chunks"]), &chunks); err != nil {
			return refuse("invalid_chunks")
		}
	}
	if a["markdown_text"] != "" {
		chunks = append([]obj{{"type": "markdown_text", "text": a["markdown_text"]}}, chunks...)
	}
	if must && len(chunks) == 0 {
		return refuse("no_text")
	}
	next := *st
	next.parts = slices.Clone(st.parts)
	text, blocks := 0, 0
	for _, c := range chunks {
		if err := s.chunk(&next, c); err != nil {
			return err
		}
		if c["type"] == "markdown_text" {
			text += utf8.RuneCountInString(str(c["text"]))
		}
		if list, ok := c["blocks"].([]any); ok {
			blocks += len(list)
		}
	}
	switch {
	case text > maxMarkdown:
		return refuse("msg_too_long")
	case blocks > maxBlocks:
		return refuse("msg_blocks_too_many")
	case utf8.RuneCountInString(next.text()) > maxAllBlocks:
		// A limit of the whole is not documented; the error is, for appends too.
		return refuse("msg_blocks_too_long")
	}
	*st = next
	return nil
}

var taskStatuses = []string{"pending", "in_progress", "complete", "error"}

// chunk adds one chunk to a stream (chunk.d.ts of @slack/types;
// https://docs.slack.dev/messaging/sending-and-scheduling-messages#text-streaming). The caller holds mu.
func (s *Server) chunk(st *stream, c obj) error {
	switch c["type"] {
	case "markdown_text":
		text, ok := c["text"].(string)
		if !ok {
			return refuse("invalid_chunks")
		}
		if n := len(st.parts); n > 0 && st.parts[n-1].task == nil && st.parts[n-1].blocks == nil {
			st.parts[n-1].text += text
		} else if text != "" {
			st.parts = append(st.parts, part{text: text})
		}
	case "task_update":
		if str(c["id"]) == "" || str(c["title"]) == "" || !slices.Contains(taskStatuses, str(c["status"])) {
			return refuse("invalid_chunks")
		}
		i := slices.IndexFunc(st.parts, func(p part) bool { return p.task != nil && p.task["id"] == c["id"] })
		if i < 0 {
			st.parts = append(st.parts, part{task: c})
		} else {
			st.parts[i].task = c
		}
	case "plan_update":
		if str(c["title"]) == "" {
			return refuse("invalid_chunks")
		}
		st.title = str(c["title"])
	case "blocks":
		blocks, err := s.blocks(string(encode(c["blocks"])), "stream")
		if err != nil {
			return err
		}
		st.parts = append(st.parts, part{blocks: blocks})
	default:
		return refuse("invalid_chunks")
	}
	return nil
}
