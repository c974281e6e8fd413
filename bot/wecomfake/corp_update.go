package wecomfake

import (
	"bytes"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"policybot/bot/wecomfake/judge"
)

// A responseCode allows one update of a card, within 72 hours
// (https://developer.work.weixin.qq.com/document/path/94888).
type responseCode struct {
	of   *appMessage
	at   time.Time
	used bool
}

const codeLife = 72 * time.Hour

// codeSpent is the code of an update with a response_code that is none, was used or is too old. Which one the
// platform gives is not documented.
const codeSpent = codeTooLong

// newCode gives a response_code for a card. The caller holds mu.
func (s *Server) newCode(m *appMessage) string {
	code := s.named("response-code-")
	s.corp.codes[code] = &responseCode{of: m, at: time.Now()}
	return code
}

// interactive tells whether the use of a card is told to the app.
func interactive(card json.RawMessage) bool {
	c, err := readCard(card)
	return err == nil && slices.Contains([]string{"button_interaction", "vote_interaction", "multiple_interaction"}, c.CardType)
}

// An updateBody is the body of message/update_template_card.
type updateBody struct {
	Users  []string `json:"userids"`
	All    int      `json:"atall"`
	Agent  int      `json:"agentid"`
	Code   string   `json:"response_code"`
	Button *struct {
		Name string `json:"replace_name"`
	} `json:"button"`
	Card json.RawMessage `json:"template_card"`
}

// updateCard answers message/update_template_card.
func (s *Server) updateCard(_ url.Values, body json.RawMessage) (map[string]any, error) {
	var b updateBody
	if err := json.Unmarshal(body, &b); err != nil {
		return nil, refuse(codeNotJSON, "data format error: %s", err)
	}
	code := s.corp.codes[b.Code]
	switch {
	case b.Agent != s.o.Corp.AgentID:
		return nil, refuse(codeBadAgent, "invalid agentid")
	case code == nil || code.used || time.Since(code.at) >= codeLife:
		return nil, refuse(codeSpent, "invalid response_code")
	case (b.Button == nil) == (b.Card == nil):
		return nil, refuse(codeTooLong, "either button or template_card")
	case len(b.Users) == 0 && b.All != 1 || len(b.Users) > mostUsers:
		return nil, refuse(codeTooLong, "userids or atall")
	}
	change, err := s.change(b, code.of)
	if err != nil {
		return nil, err
	}
	code.used = true
	invalid := []string{}
	for _, id := range b.Users {
		if u := s.corp.members[strings.ToLower(id)]; u == nil || !slices.Contains(code.of.to, u) {
			invalid = append(invalid, strings.ToLower(id))
		}
	}
	for _, u := range code.of.to {
		if b.All == 1 || slices.ContainsFunc(b.Users, func(id string) bool { return strings.EqualFold(id, u.id) }) {
			code.of.seen[u] = change(code.of.view(u))
		}
	}
	return map[string]any{"invaliduser": invalid}, nil
}

// change judges an update and gives what it makes of what a member sees. The caller holds mu.
func (s *Server) change(b updateBody, m *appMessage) (func(appView) *appView, error) {
	if b.Button != nil {
		name := b.Button.Name
		if strings.TrimSpace(name) == "" || !interactive(m.card) {
			return nil, refuse(codeTooLong, "button.replace_name is empty, or the card has no buttons")
		}
		if utf8.RuneCountInString(name) > 10 { // as on any button
			s.advise("button.replace_name: %s", name)
		}
		return func(v appView) *appView { return &appView{card: v.card, used: name} }, nil
	}
	if err := s.judged(TypeCard, b.Card, judge.CardUpdate(judge.App, b.Card)); err != nil {
		return nil, err
	}
	task := taskOf(b.Card)
	if other := s.corp.tasks[task]; task != "" && other != nil && other != m {
		return nil, refuse(codeSameTask, "taskid has existed or empty or exceed max len")
	}
	if task != "" {
		s.corp.tasks[task] = m
	}
	var c struct {
		Used string `json:"replace_text"`
	}
	if json.Unmarshal(b.Card, &c) != nil {
		return nil, refuse(codeNotJSON, "template_card is none")
	}
	card := bytes.Clone(b.Card)
	return func(appView) *appView { return &appView{card: card, used: c.Used} }, nil
}
