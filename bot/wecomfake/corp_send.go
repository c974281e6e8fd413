package wecomfake

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"policybot/bot/wecomfake/judge"
)

// What an app may send to one member; what is more is dropped without a word
// (https://developer.work.weixin.qq.com/document/path/90236).
const (
	memberMinute = 30
	memberHour   = 1000
)

// Of the same page: for how long a duplicate check remembers, and how many receivers a message has.
const (
	sameUsual   = 1800
	sameLongest = 4 * 3600
	mostUsers   = 1000
)

// An appBody is the body of message/send.
type appBody struct {
	To        string          `json:"touser"`
	Party     string          `json:"toparty"`
	Tag       string          `json:"totag"`
	Agent     int             `json:"agentid"`
	Type      string          `json:"msgtype"`
	Text      *appText        `json:"text"`
	Markdown  *appText        `json:"markdown"`
	Card      json.RawMessage `json:"template_card"`
	TextCard  *appTextCard    `json:"textcard"`
	Duplicate int             `json:"enable_duplicate_check"`
	Interval  *int            `json:"duplicate_check_interval"`
}

type appText struct {
	Content string `json:"content"`
}

type appTextCard struct {
	Title       string `json:"title"`
	Description string `json:"description"`
	URL         string `json:"url"`
	Button      string `json:"btntxt"`
}

// Kinds of AppMessage and HookMessage, as msgtype names them.
const (
	TypeText       = "text"
	TypeMarkdown   = "markdown"
	TypeMarkdownV2 = "markdown_v2"
	TypeCard       = "template_card"
	TypeTextCard   = "textcard"
)

// An AppMessage is one of the app as a member sees it.
type AppMessage struct {
	ID      string
	Type    string          // one of the Type constants
	Text    string          // content as it was sent, unless it was cut; "" of a card
	Card    json.RawMessage // of TypeCard, as it is now; of TypeTextCard
	TaskID  string          // of a card
	At      time.Time
	Cut     bool
	Passive bool   // it is the answer to a callback
	Used    string // what stands on the buttons of a card that were used; "": they can be used
}

// An appMessage is one message to all of its receivers.
type appMessage struct {
	id, kind, text, task string
	card                 json.RawMessage
	at                   time.Time
	cut, passive         bool
	to                   []*member
	seen                 map[*member]*appView // what some see in its place
}

// An appView is a card after an update.
type appView struct {
	card json.RawMessage
	used string
}

// sendApp answers message/send.
func (s *Server) sendApp(_ url.Values, body json.RawMessage) (map[string]any, error) {
	var b appBody
	if err := json.Unmarshal(body, &b); err != nil {
		return nil, refuse(codeNotJSON, "data format error: %s", err)
	}
	if b.Agent != s.o.Corp.AgentID {
		return nil, refuse(codeBadAgent, "invalid agentid")
	}
	to, invalid, err := s.receivers(b)
	if err != nil {
		return nil, err
	}
	m := &appMessage{kind: b.Type, at: time.Now(), seen: map[*member]*appView{}}
	if err := s.compose(m, b); err != nil {
		return nil, err
	}
	again, err := b.again()
	if err != nil {
		return nil, err
	}
	if again > 0 {
		to = slices.DeleteFunc(to, func(u *member) bool { return time.Now().Before(u.same[m.fingerprint()]) })
	}
	if m.task != "" && s.corp.tasks[m.task] != nil && len(to) > 0 {
		return nil, refuse(codeSameTask, "taskid has existed or empty or exceed max len")
	}
	s.give(m, to, again, body)
	m.id = s.named("msg")
	s.corp.sent = append(s.corp.sent, m)
	if m.task != "" && len(m.to) > 0 {
		s.corp.tasks[m.task] = m
	}
	out := map[string]any{"invaliduser": strings.Join(invalid, "|"), "msgid": m.id}
	if interactive(m.card) {
		out["response_code"] = s.newCode(m)
	}
	return out, nil
}

// receivers gives those who can be reached, and the ids of the others in lower case. The caller holds mu.
func (s *Server) receivers(b appBody) (to []*member, invalid []string, err error) {
	ids := strings.Split(b.To, "|")
	if b.To == "@all" {
		ids = nil
		for _, m := range s.corp.members {
			ids = append(ids, m.id)
		}
		slices.Sort(ids)
	}
	if len(ids) > mostUsers {
		return nil, nil, refuse(codeTooLong, "%d users", len(ids))
	}
	for _, id := range ids {
		id = strings.TrimSpace(id)
		switch {
		case id == "":
		case !s.reachable(id):
			invalid = append(invalid, strings.ToLower(id))
		case !slices.Contains(to, s.member(id)):
			to = append(to, s.member(id))
		}
	}
	if len(to) == 0 {
		return nil, nil, refuse(codeNobody, "all of touser, toparty and totag are invalid")
	}
	return to, invalid, nil
}

// compose puts into a message what is sent, and cuts what is too long. The caller holds mu.
func (s *Server) compose(m *appMessage, b appBody) error {
	switch {
	case b.Type == TypeText && b.Text != nil:
		m.text = b.Text.Content
		return s.composeText(m, judge.Text)
	case b.Type == TypeMarkdown && b.Markdown != nil:
		m.text = b.Markdown.Content
		return s.composeText(m, judge.Markdown)
	case b.Type == TypeCard && b.Card != nil:
		m.card, m.task = bytes.Clone(b.Card), taskOf(b.Card)
		return s.judged(TypeCard, b.Card, judge.Card(judge.App, b.Card))
	case b.Type == TypeTextCard && b.TextCard != nil:
		m.card = encode(b.TextCard)
		return s.judged(TypeTextCard, m.card, b.TextCard.check())
	}
	return refuse(codeNoType, "invalid message type")
}

// composeText judges a text, after it was cut if it is too long. The caller holds mu.
func (s *Server) composeText(m *appMessage, check func(judge.Surface, string) error) error {
	if n := len(m.text); n > judge.MaxApp && !s.o.Corp.RefuseLong {
		s.advise("%s of %d bytes", m.kind, n)
		m.text, m.cut = cut(m.text, judge.MaxApp), true
	}
	return s.judged(m.kind, encode(appText{m.text}), check(judge.App, m.text))
}

// cut gives the beginning of a text, of at most most bytes and in whole characters.
func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most]
}

// judged gives what Options.Check says of a body or, without it, what the judge says; advice that is not
// followed is noted. The caller holds mu.
func (s *Server) judged(kind string, body json.RawMessage, verdict error) error {
	if s.o.Check != nil {
		return s.o.Check(kind, body)
	}
	if p, ok := errors.AsType[*judge.Problem](verdict); ok && p.Advice {
		s.advise("%s: %s", kind, p)
		return nil
	}
	return verdict
}

// advise notes what the platform takes and people see in part. The caller holds mu.
func (s *Server) advise(format string, args ...any) {
	s.advice = append(s.advice, fmt.Sprintf(format, args...))
}

// check judges a text card (https://developer.work.weixin.qq.com/document/path/90236): its title has at most
// 128 characters, its text 512, its button 4, and it leads somewhere.
func (c *appTextCard) check() error {
	for _, f := range []struct {
		name, text string
		most       int
	}{{"title", c.Title, 128}, {"description", c.Description, 512}, {"btntxt", c.Button, 4}} {
		switch n := utf8.RuneCountInString(f.text); {
		case strings.TrimSpace(f.text) == "" && f.name != "btntxt":
			return &judge.Problem{Code: codeTooLong, Path: "/" + f.name, Text: "empty"}
		case n > f.most:
			return &judge.Problem{Code: codeTooLong, Path: "/" + f.name, Text: fmt.Sprintf("%d characters", n), Advice: true}
		}
	}
	if u, err := url.Parse(c.URL); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || len(c.URL) > 2048 {
		return &judge.Problem{Code: codeTooLong, Path: "/url", Text: "no address of http or https"}
	}
	return nil
}

// again is for how long the same content is not shown again; 0: a duplicate is shown.
func (b appBody) again() (time.Duration, error) {
	interval := sameUsual
	if b.Interval != nil {
		interval = *b.Interval
	}
	if b.Duplicate < 0 || b.Duplicate > 1 || interval < 1 || interval > sameLongest {
		return 0, refuse(codeTooLong, "enable_duplicate_check is 0 or 1, its interval at most %d seconds", sameLongest)
	}
	return time.Duration(b.Duplicate*interval) * time.Second, nil
}

// give shows a message to those of the receivers who are not sent too much. A duplicate check remembers it
// for all of them, from the first time on. The caller holds mu.
func (s *Server) give(m *appMessage, to []*member, again time.Duration, body json.RawMessage) {
	for _, u := range to {
		if again > 0 {
			u.same[m.fingerprint()] = m.at.Add(again)
		}
		u.sent = within(u.sent, time.Hour)
		if len(within(u.sent, time.Minute)) >= memberMinute || len(u.sent) >= memberHour {
			s.dropped(u.id, body)
			continue
		}
		u.sent = append(u.sent, m.at)
		m.to = append(m.to, u)
	}
}

// fingerprint is the same for messages that hold the same.
func (m *appMessage) fingerprint() string {
	var card bytes.Buffer
	if json.Compact(&card, m.card) != nil {
		card.Reset()
	}
	return string(encode([]string{m.kind, m.text, card.String()}))
}

// AppMessages gives what the app sent to a member and the member sees, oldest first. The id is compared
// without case.
func (s *Server) AppMessages(user string) []AppMessage {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []AppMessage
	for _, m := range s.corp.sent {
		u := s.corp.members[strings.ToLower(user)]
		if u == nil || !slices.Contains(m.to, u) {
			continue
		}
		v := m.view(u)
		out = append(out, AppMessage{
			ID: m.id, Type: m.kind, Text: m.text, Card: v.card, TaskID: taskOf(v.card), At: m.at, Cut: m.cut, Passive: m.passive, Used: v.used,
		})
	}
	return out
}

// view is what a member sees.
func (m *appMessage) view(u *member) appView {
	if v := m.seen[u]; v != nil {
		return *v
	}
	return appView{card: m.card}
}
