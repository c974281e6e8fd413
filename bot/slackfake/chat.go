package slackfake

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"policybot/bot/slackfake/blockkit"
)

// A content is what the arguments of a call want to show.
type content struct {
	text     string
	blocks   []raw
	metadata raw
	made     bool // the blocks were made of markdown_text
}

// contents reads and checks it. The caller holds mu.
func (s *Server) contents(a args, surface string) (content, error) {
	c := content{text: a["text"]}
	blocks, err := s.blocks(a["blocks"], surface)
	if err != nil {
		return c, err
	}
	c.blocks = blocks
	if c.metadata, err = readMetadata(a["metadata"]); err != nil {
		return c, err
	}
	switch md := a["markdown_text"]; {
	case md != "" && (c.text != "" || len(c.blocks) > 0):
		return c, refuse("markdown_text_conflict")
	case utf8.RuneCountInString(md) > maxMarkdown:
		return c, refuse("msg_too_long")
	case md != "":
		c.text, c.made, c.blocks = md, true, s.identify([]raw{encode(obj{"type": "markdown", "text": md})})
	case c.text == "" && len(c.blocks) == 0 && len(a["attachments"]) < 3:
		return c, refuse("no_text")
	}
	return c, nil
}

// blocks reads an array of blocks, checks it and gives a block_id to those without
// (https://docs.slack.dev/reference/block-kit/blocks). The caller holds mu.
func (s *Server) blocks(text, surface string) ([]raw, error) {
	if text == "" {
		return nil, nil
	}
	var blocks []raw
	if err := json.Unmarshal([]byte(text), &blocks); err != nil {
		return nil, refuse("invalid_blocks_format")
	}
	most := maxBlocks
	if surface == "modal" || surface == "home" {
		most = maxViewBlocks
	}
	if len(blocks) > most {
		if surface == "stream" {
			return nil, refuse("msg_blocks_too_many")
		}
		return nil, refuse("invalid_blocks", fmt.Sprintf("[ERROR] no more than %d items allowed [json-pointer:/blocks]", most))
	}
	if s.o.Check != nil && len(blocks) > 0 {
		if err := s.o.Check(surface, raw(text)); err != nil {
			if p, ok := errors.AsType[*blockkit.Problem](err); ok {
				return nil, refuse(p.Code, p.Line())
			}
			return nil, refuse("invalid_blocks", "[ERROR] "+err.Error())
		}
	}
	if most == maxBlocks && tooLong(blocks) {
		return nil, refuse("msg_blocks_too_long")
	}
	seen := map[string]bool{}
	for i, b := range blocks {
		var id struct {
			Type    string
			BlockID string `json:"block_id"`
		}
		if err := json.Unmarshal(b, &id); err != nil || id.Type == "" {
			return nil, refuse("invalid_blocks", fmt.Sprintf("[ERROR] missing required field: type [json-pointer:/blocks/%d]", i))
		}
		if id.BlockID != "" && seen[id.BlockID] || len(id.BlockID) > 255 {
			return nil, refuse("invalid_blocks", fmt.Sprintf("[ERROR] block_id must be unique and of at most 255 characters [json-pointer:/blocks/%d]", i))
		}
		seen[id.BlockID] = true
	}
	return s.identify(blocks), nil
}

// identify gives a block_id to blocks without. The caller holds mu.
func (s *Server) identify(blocks []raw) []raw {
	out := make([]raw, len(blocks))
	for i, b := range blocks {
		var fields map[string]raw
		if err := json.Unmarshal(b, &fields); err != nil {
			out[i] = b
			continue
		}
		if _, ok := fields["block_id"]; !ok {
			fields["block_id"] = encode(s.named("b"))
		}
		out[i] = encode(fields)
	}
	return out
}

// readMetadata checks metadata (https://docs.slack.dev/messaging/message-metadata/).
func readMetadata(text string) (raw, error) {
	if text == "" {
		return nil, nil
	}
	var m struct {
		Type    *string `json:"event_type"`
		Payload obj     `json:"event_payload"`
	}
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		return nil, refuse("invalid_metadata_format")
	}
	if text != "{}" && (m.Type == nil || *m.Type == "" || m.Payload == nil) {
		return nil, refuse("invalid_metadata_schema")
	}
	return raw(text), nil
}

// target gives the conversation that the bot may write in. The caller holds mu.
func (s *Server) target(id string) (*room, error) {
	if u := s.users[id]; u != nil && !u.Bot {
		return s.dm(id), nil // a user's id posts in the direct messages (page of chat.postMessage)
	}
	r := s.rooms[id]
	switch {
	case r == nil:
		return nil, refuse("channel_not_found")
	case r.Archived:
		return nil, refuse("is_archived")
	case r.Absent && r.Kind == KindChannel:
		return nil, refuse("not_in_channel")
	case r.Absent:
		return nil, refuse("channel_not_found") // what is private is not there for others
	}
	return r, nil
}

// post puts a message of the bot there. The caller holds mu.
func (s *Server) post(r *room, m *message) *message {
	m.channel, m.ts = r.ID, s.stamp(r)
	m.user, m.bot, m.team = s.o.BotUser, s.o.BotID, s.o.Team
	if m.thread != "" {
		s.thread(r.ID, m.thread).Status = "" // a reply ends it (page of assistant.threads.setStatus)
		s.thread(r.ID, m.thread).Loading = nil
	}
	s.keep(m)
	if m.only == "" {
		s.echo(m, nil)
	}
	return m
}

func (s *Server) postMessage(a args) (obj, error) {
	r, err := s.target(a["channel"])
	if err != nil {
		return nil, err
	}
	c, err := s.contents(a, "message")
	if err != nil {
		return nil, err
	}
	if a["thread_ts"] != "" && !isStamp(a["thread_ts"]) {
		return nil, refuse("invalid_thread_ts")
	}
	m := s.post(r, &message{
		thread: a["thread_ts"], text: cutText(c.text), blocks: c.blocks, metadata: c.metadata, made: c.made,
		broadcast: a["thread_ts"] != "" && a.yes("reply_broadcast"),
	})
	return obj{"channel": r.ID, "ts": m.ts, "message": s.wire(m, true)}, nil
}

func cutText(text string) string {
	if runes := []rune(text); len(runes) > maxText {
		return string(runes[:maxText])
	}
	return text
}

func (s *Server) postEphemeral(a args) (obj, error) {
	r, err := s.target(a["channel"])
	if err != nil {
		return nil, err
	}
	if !s.member(r, a["user"]) {
		return nil, refuse("user_not_in_channel")
	}
	c, err := s.contents(a, "message")
	if err != nil {
		return nil, err
	}
	m := s.post(r, &message{thread: a["thread_ts"], text: cutText(c.text), blocks: c.blocks, made: c.made, only: a["user"]})
	return obj{"message_ts": m.ts}, nil
}

// own finds a message that the bot posted and that can be changed. The caller holds mu.
func (s *Server) own(a args, denied string) (*message, error) {
	r := s.rooms[a["channel"]]
	if r == nil || r.Absent {
		return nil, refuse("channel_not_found")
	}
	m := s.find(r.ID, a["ts"]) // one that a single person sees is not found (https://docs.slack.dev/messaging/modifying-messages)
	switch {
	case m == nil:
		return nil, refuse("message_not_found")
	case m.bot != s.o.BotID:
		return nil, refuse(denied)
	}
	return m, nil
}

// update changes a message; blocks and metadata that the bot gave and that are not given now stay (page of
// chat.update). What was streamed, or made of markdown_text, does not.
func (s *Server) update(a args) (obj, error) {
	m, err := s.own(a, "cant_update_message")
	if err != nil {
		return nil, err
	}
	if s.rooms[m.channel].Archived {
		return nil, refuse("is_inactive")
	}
	if m.stream != nil && m.stream.state(s.o.Now()) == StateStreaming {
		return nil, refuse("streaming_state_conflict")
	}
	c, err := s.contents(a, "message")
	if err != nil {
		return nil, err
	}
	if utf8.RuneCountInString(a["text"]) > maxUpdateText {
		return nil, refuse("msg_too_long")
	}
	before := s.wire(m, false)
	if len(c.blocks) > 0 || a.has("blocks") || m.made || m.stream != nil {
		m.blocks, m.made = c.blocks, c.made
	}
	m.stream, m.text = nil, c.text
	if a.has("metadata") {
		m.metadata = c.metadata
	}
	m.edited = s.eventStamp()
	s.touch()
	s.echo(m, before)
	return obj{"channel": m.channel, "ts": m.ts, "text": m.text, "message": s.wire(m, true)}, nil
}

func (s *Server) remove(a args) (obj, error) {
	m, err := s.own(a, "cant_delete_message")
	if err != nil {
		return nil, err
	}
	s.drop(m)
	return obj{"channel": m.channel, "ts": m.ts}, nil
}

func (s *Server) permalink(a args) (obj, error) {
	if s.rooms[a["channel"]] == nil {
		return nil, refuse("channel_not_found")
	}
	m := s.find(a["channel"], a["message_ts"])
	if m == nil {
		return nil, refuse("message_not_found")
	}
	link := "https://fake.slack.com/archives/" + m.channel + "/p" + strings.ReplaceAll(m.ts, ".", "")
	if m.thread != "" && m.thread != m.ts {
		link += "?thread_ts=" + m.thread + "&cid=" + m.channel
	}
	return obj{"channel": m.channel, "permalink": link}, nil
}

// echo tells the bot of its own message, new or changed, as Slack does. The caller holds mu.
func (s *Server) echo(m *message, before obj) {
	if !s.o.Echo {
		return
	}
	g := s.gesture("echo", m.channel, m.ts)
	if before == nil {
		s.tellEvent(g, s.messageEvent(m))
		return
	}
	s.tellEvent(g, s.changedEvent(m, before))
}
