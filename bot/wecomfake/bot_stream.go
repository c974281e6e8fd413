package wecomfake

import (
	"bytes"
	"encoding/json"
	"time"
)

// A streamBody is one frame of a stream. Its content replaces what was there
// (https://developer.work.weixin.qq.com/document/path/101031).
type streamBody struct {
	ID string
	content
	Finish  bool
	MsgItem []struct {
		MsgType string `json:"msgtype"`
		Image   struct{ Base64, MD5 string }
	} `json:"msg_item"`
}

func (s *Server) readStream(body json.RawMessage) (streamBody, error) {
	var b streamBody
	switch {
	case json.Unmarshal(body, &b) != nil:
		return b, refuse(codeTooLong, "no stream")
	case len(b.MsgItem) > 0 && (!b.Finish || len(b.MsgItem) > maxItems || s.o.Bot.NoItems):
		return b, refuse(codeTooLong, "msg_item: at most %d with the last frame", maxItems)
	}
	for _, item := range b.MsgItem {
		if item.MsgType != "image" || item.Image.Base64 == "" || item.Image.MD5 == "" {
			return b, refuse(codeTooLong, "msg_item: not a picture")
		}
	}
	if err := limits(b.content); err != nil {
		return b, err
	}
	return b, s.check(typeStream, body)
}

// stream does one frame: the first of a stream.id for a req_id makes a message, the others change it. The
// caller holds mu.
func (s *Server) stream(t target, b replyBody) error {
	body, err := s.readStream(b.Stream)
	if err != nil {
		return err
	}
	m := t.origin.streams[body.ID]
	if m == nil {
		return s.open(t, b, body)
	}
	switch {
	case m.Finished && m.same(b, body):
		return nil
	case m.Finished && s.o.Bot.LenientFinish:
		return nil
	case m.Finished:
		return refuse(codeStreamOver, "stream message update expired: it is finished")
	case m.over():
		return refuse(codeStreamOver, "stream message update expired")
	}
	if err := s.addCard(m, b); err != nil {
		return err
	}
	m.Text, m.Finished, m.Items = body.Content, body.Finish, len(body.MsgItem)
	m.Changed = time.Now()
	m.Frames++
	s.touch()
	return nil
}

// open makes the message of a stream. Only its first frame can make it rateable (path/101031, and
// https://github.com/Tencent/WeKnora/issues/2813). The caller holds mu.
func (s *Server) open(t target, b replyBody, body streamBody) error {
	if body.ID == "" {
		return refuse(codeTooLong, "no stream.id")
	}
	m := t.draft(b.MsgType)
	m.limit = t.streams
	if err := s.addCard(m, b); err != nil {
		return err
	}
	hidden, err := s.count(t.chat, b.raw)
	if err != nil {
		return err
	}
	m.hidden, m.StreamID, m.Text, m.Finished, m.Items, m.Frames = hidden, body.ID, body.Content, body.Finish, len(body.MsgItem), 1
	m.rateable(body.Feedback.ID)
	t.origin.streams[body.ID] = m
	s.keep(m)
	s.own(m)
	return nil
}

// addCard puts the card of a frame into the message, which takes one. The caller holds mu.
func (s *Server) addCard(m *message, b replyBody) error {
	switch {
	case b.MsgType != typeStreamCard || b.TemplateCard == nil:
		return nil
	case m.Card == nil:
		if err := s.putCard(m, b.TemplateCard); err != nil {
			return err
		}
		s.own(m)
		return nil
	case bytes.Equal(m.Card, b.TemplateCard):
		return nil // the same frame once more
	}
	return refuse(codeTooLong, "the message has a template_card")
}

// same reports whether a frame says what the finished message is.
func (m *message) same(b replyBody, body streamBody) bool {
	card := b.MsgType != typeStreamCard || b.TemplateCard == nil || bytes.Equal(m.Card, b.TemplateCard)
	return body.Finish && body.Content == m.Text && len(body.MsgItem) == m.Items && card
}
