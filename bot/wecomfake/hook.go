package wecomfake

import (
	"bytes"
	"encoding/json"
	"net/url"
	"slices"
	"time"

	"policybot/bot/wecomfake/judge"
)

// A hook is a group webhook. Its state belongs to Server.mu.
type hook struct {
	sent []time.Time // within the last minute
	seen []HookMessage
}

// hookMinute is how many messages a webhook takes in a minute
// (https://developer.work.weixin.qq.com/document/path/99110).
const hookMinute = 20

// A HookMessage is one that a webhook brought into its group.
type HookMessage struct {
	ID       string
	Key      string // of the webhook
	Type     string // one of the Type constants
	Text     string // content as it was sent; "" of a card
	Card     json.RawMessage
	Mentions []string // who is called on by mentioned_list and mentioned_mobile_list, besides those in Text
	At       time.Time
}

// HookMessages gives what webhooks brought into their groups, oldest first; those of one of them, or all when
// key is "".
func (s *Server) HookMessages(key string) []HookMessage {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []HookMessage
	for k, h := range s.corp.hooks {
		if key == "" || k == key {
			out = append(out, h.seen...)
		}
	}
	slices.SortFunc(out, func(a, b HookMessage) int { return a.At.Compare(b.At) })
	return out
}

// A hookBody is the body of webhook/send.
type hookBody struct {
	Type string `json:"msgtype"`
	Text *struct {
		appText
		Users  []string `json:"mentioned_list"`
		Phones []string `json:"mentioned_mobile_list"`
	} `json:"text"`
	Markdown   *appText        `json:"markdown"`
	MarkdownV2 *appText        `json:"markdown_v2"`
	Card       json.RawMessage `json:"template_card"`
}

// sendHook answers webhook/send. Unlike an app, a webhook refuses what is too long and what comes too soon.
func (s *Server) sendHook(q url.Values, body json.RawMessage) (map[string]any, error) {
	h := s.corp.hooks[q.Get("key")]
	if h == nil || s.revoked {
		return nil, refuse(codeNoHook, "invalid webhook url")
	}
	var b hookBody
	if err := json.Unmarshal(body, &b); err != nil {
		return nil, refuse(codeNotJSON, "data format error: %s", err)
	}
	h.sent = within(h.sent, time.Minute)
	if len(h.sent) >= hookMinute {
		return nil, refuse(codeTooOften, "api freq out of limit")
	}
	m := HookMessage{ID: s.named("hook"), Key: q.Get("key"), Type: b.Type, At: time.Now()}
	if err := s.composeHook(&m, b); err != nil {
		return nil, err
	}
	h.sent = append(h.sent, m.At)
	h.seen = append(h.seen, m)
	return nil, nil
}

func (s *Server) composeHook(m *HookMessage, b hookBody) error {
	switch {
	case b.Type == TypeText && b.Text != nil:
		m.Text, m.Mentions = b.Text.Content, slices.Concat(b.Text.Users, b.Text.Phones)
		return s.judged(b.Type, encode(b.Text.appText), judge.Text(judge.Hook, m.Text))
	case b.Type == TypeMarkdown && b.Markdown != nil:
		m.Text = b.Markdown.Content
		return s.judged(b.Type, encode(b.Markdown), judge.Markdown(judge.Hook, m.Text))
	case b.Type == TypeMarkdownV2 && b.MarkdownV2 != nil:
		m.Text = b.MarkdownV2.Content
		return s.judged(b.Type, encode(b.MarkdownV2), judge.Markdown(judge.HookV2, m.Text))
	case b.Type == TypeCard && b.Card != nil:
		m.Card = bytes.Clone(b.Card)
		return s.judged(b.Type, b.Card, judge.Card(judge.Hook, b.Card))
	}
	return refuse(codeNoType, "invalid message type")
}
