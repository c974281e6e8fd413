package wecomfake

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Limits of what is sent (https://developer.work.weixin.qq.com/document/path/101031, path/101138).
const (
	maxContent  = 20480 // bytes of a stream or of markdown
	maxFeedback = 256   // bytes of a feedback.id
	maxItems    = 10    // pictures of a stream
)

// Message types.
const (
	typeStream     = "stream"
	typeStreamCard = "stream_with_template_card"
	typeCard       = "template_card"
	typeMarkdown   = "markdown"
	typeText       = "text"

	updateCard = "update_template_card"
)

// A replyBody is what the bot sends, by any way.
type replyBody struct {
	MsgType      string `json:"msgtype"`
	ResponseType string `json:"response_type"`
	ChatID       string `json:"chatid"`
	ChatType     int    `json:"chat_type"`
	UserIDs      []string
	Stream       json.RawMessage
	TemplateCard json.RawMessage `json:"template_card"`
	Markdown     json.RawMessage
	Text         json.RawMessage
	raw          json.RawMessage
}

type content struct {
	Content  string
	Feedback struct{ ID string }
}

func (b *replyBody) read(data json.RawMessage) error {
	b.raw = data
	if !utf8.Valid(data) || json.Unmarshal(data, b) != nil {
		return refuse(codeTooLong, "the body cannot be read")
	}
	return nil
}

// A target is where a message of the bot goes to.
type target struct {
	kind    string
	chat    *chat
	origin  *origin // nil: a push
	streams time.Duration
	types   []string // that are taken there
}

// A draft is a message that was checked.
func (t target) draft(kind string) *message {
	m := &message{chat: t.chat, Message: Message{Kind: t.kind, Type: kind, Finished: true}}
	if t.origin != nil {
		m.ReqID, m.Gesture = t.origin.reqID, t.origin.gesture
	}
	return m
}

// deliver shows what the bot sends. The caller holds mu.
func (s *Server) deliver(t target, b replyBody) error {
	switch {
	case slices.Contains([]string{"file", "image", "voice", "video"}, b.MsgType) && slices.Contains(t.types, typeMarkdown):
		return refuse(codeNoMedia, "invalid media_id: the fake keeps no media")
	case !slices.Contains(t.types, b.MsgType):
		return refuse(codeNoType, "invalid message type")
	case b.MsgType == typeStream || b.MsgType == typeStreamCard:
		return s.stream(t, b)
	}
	m := t.draft(b.MsgType)
	var err error
	switch b.MsgType {
	case typeCard:
		err = s.putCard(m, b.TemplateCard)
	case typeMarkdown:
		err = s.putText(m, b.MsgType, b.Markdown)
	case typeText:
		err = s.putText(m, b.MsgType, b.Text)
	}
	if err != nil {
		return err
	}
	if m.hidden, err = s.count(t.chat, b.raw); err != nil {
		return err
	}
	s.keep(m)
	s.own(m)
	return nil
}

// putText puts text or markdown into a message.
func (s *Server) putText(m *message, surface string, body json.RawMessage) error {
	var c content
	if json.Unmarshal(body, &c) != nil || c.Content == "" {
		return refuse(codeTooLong, "no %s.content", surface)
	}
	if err := limits(c); err != nil {
		return err
	}
	if err := s.check(surface, body); err != nil {
		return err
	}
	m.Text = c.Content
	m.rateable(c.Feedback.ID)
	return nil
}

func limits(c content) error {
	if len(c.Content) > maxContent {
		return refuse(codeTooLong, "content has %d bytes, at most %d are allowed", len(c.Content), maxContent)
	}
	if len(c.Feedback.ID) > maxFeedback {
		return refuse(codeTooLong, "feedback.id has %d bytes, at most %d are allowed", len(c.Feedback.ID), maxFeedback)
	}
	return nil
}

func (m *message) rateable(id string) {
	if id != "" {
		m.FeedbackIDs = append(m.FeedbackIDs, id)
	}
}

// putCard puts a card into a message that is new or has none. The caller holds mu.
func (s *Server) putCard(m *message, body json.RawMessage) error {
	feedback, err := s.checkCard(m, typeCard, body)
	if err != nil {
		return err
	}
	m.Card = bytes.Clone(body)
	m.rateable(feedback)
	return nil
}

// checkCard judges a card for a message and gives its feedback.id. The caller holds mu.
func (s *Server) checkCard(m *message, surface string, body json.RawMessage) (feedback string, err error) {
	var c struct {
		TaskID   string `json:"task_id"`
		Feedback struct{ ID string }
	}
	if json.Unmarshal(body, &c) != nil {
		return "", refuse(codeTooLong, "no template_card")
	}
	if other := s.bot.tasks[c.TaskID]; other != nil && other != m { // path/101032: a task_id is used once
		return "", refuse(codeTask, "task_id %s was used before", c.TaskID)
	}
	if err := limits(content{Feedback: c.Feedback}); err != nil {
		return "", err
	}
	return c.Feedback.ID, s.check(surface, body)
}

// own lets the task_id of a message's card be its. The caller holds mu.
func (s *Server) own(m *message) {
	if id := taskOf(m.Card); id != "" {
		s.bot.tasks[id] = m
	}
}

func taskOf(card json.RawMessage) string {
	var c struct {
		TaskID string `json:"task_id"`
	}
	if json.Unmarshal(card, &c) != nil {
		return ""
	}
	return c.TaskID
}

// origin gives what a req_id of the long connection stands for. Each kind has its own command: a reply to
// the press of a button with another one is refused with 846605 as was seen. The caller holds mu.
func (s *Server) origin(reqID, kind string, within time.Duration) (*origin, error) {
	o := s.bot.origins[reqID]
	switch {
	case o == nil || o.conn == nil || o.kind != kind || o.used || time.Since(o.at) >= within:
		return nil, refuse(codeNoReq, "invalid req_id")
	case s.o.Bot.ReqIDsEndWithConnection && o.conn != s.bot.live:
		return nil, refuse(codeNoReq, "invalid req_id: its connection is over")
	}
	return o, nil
}

// respond does aibot_respond_msg. The caller holds mu.
func (s *Server) respond(reqID string, b replyBody) error {
	o, err := s.origin(reqID, ofMessage, replyWithin)
	if err != nil {
		return err
	}
	types := []string{typeStream, typeStreamCard, typeCard, typeMarkdown}
	if s.o.Bot.NoCardWithStream {
		types = []string{typeStream, typeCard, typeMarkdown}
	}
	return s.deliver(target{kind: KindReply, chat: o.chat, origin: o, streams: s.o.Bot.StreamLife, types: types}, b)
}

// welcome does aibot_respond_welcome_msg. The caller holds mu.
func (s *Server) welcome(reqID string, b replyBody) error {
	o, err := s.origin(reqID, ofEnter, promptWithin)
	if err != nil {
		return err
	}
	if err := s.deliver(target{kind: KindWelcome, chat: o.chat, origin: o, types: []string{typeText, typeCard}}, b); err != nil {
		return err
	}
	o.used = true
	return nil
}

// update does aibot_respond_update_msg. The caller holds mu.
func (s *Server) update(reqID string, b replyBody) error {
	o, err := s.origin(reqID, ofCard, promptWithin)
	if err != nil {
		return err
	}
	return s.replace(o, b)
}

// replace puts another card in the place of one whose button was pressed. The caller holds mu.
func (s *Server) replace(o *origin, b replyBody) error {
	if b.ResponseType != updateCard {
		return refuse(codeNoType, "response_type is %q", b.ResponseType)
	}
	if task := taskOf(b.TemplateCard); task != taskOf(o.card.Card) {
		return refuse(codeTooLong, "task_id is %q, that of the card %q", task, taskOf(o.card.Card))
	}
	feedback, err := s.checkCard(o.card, updateCard, b.TemplateCard)
	if err != nil {
		return err
	}
	o.used = true
	o.card.put(bytes.Clone(b.TemplateCard), b.UserIDs)
	if !slices.Contains(o.card.FeedbackIDs, feedback) {
		o.card.rateable(feedback)
	}
	s.touch()
	return nil
}

// put replaces the card of a message for some people, or for all when users is empty.
func (m *message) put(card json.RawMessage, users []string) {
	m.Changed = time.Now()
	if len(users) == 0 {
		m.Card, m.For = card, nil
		return
	}
	if m.For == nil {
		m.For = map[string]json.RawMessage{}
	}
	for _, u := range users {
		m.For[strings.ToLower(u)] = card
	}
}

// send does aibot_send_msg. Without a chat_type a group is looked for first, then a person. The caller
// holds mu.
func (s *Server) send(b replyBody) error {
	group, single := s.bot.chats[chatKey{b.ChatID, true}], s.bot.chats[chatKey{strings.ToLower(b.ChatID), false}]
	var c *chat
	switch b.ChatType {
	case 0:
		if c = group; c == nil {
			c = single
		}
	case 1:
		c = single
	case 2:
		c = group
	default:
		return refuse(codeTooLong, "chat_type is %d", b.ChatType)
	}
	switch {
	case c != nil && c.spoken:
		return s.deliver(target{kind: KindPush, chat: c, types: []string{typeMarkdown, typeCard}}, b)
	case b.ChatType == 1:
		return refuse(codeNobody, "%s has not written to the bot", b.ChatID)
	}
	return refuse(codeNoChat, "nobody has written to the bot in %s", b.ChatID)
}
