package wecomfake

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
)

// Kinds of message.
const (
	KindSaid    = "said"    // a person wrote it
	KindReply   = "reply"   // it belongs to what a person wrote and is shown as a reply to that
	KindPush    = "push"    // it stands for itself
	KindWelcome = "welcome" // it answers that a person came
)

// A Message is one that people see in a chat.
type Message struct {
	ID    string
	Chat  string // chatid of a group, userid of a talk with one person
	Group bool
	User  string // who wrote it; "": the bot
	Kind  string // one of the Kind constants
	Type  string // msgtype
	Text  string // content, as it was sent
	// Finished is false while a stream runs. Hangs tells that it will never be finished.
	Finished, Hangs bool
	Card            json.RawMessage            // template_card; nil: none
	For             map[string]json.RawMessage // what some see in its place after an update for them, by userid
	FeedbackIDs     []string                   // of the text and of the card; people can rate it
	Items           int                        // pictures
	At, Changed     time.Time
	ReqID           string // of the callback that it replies to
	StreamID        string
	Gesture         string // that it replies to, or that it is
	Frames          int    // of a stream
}

type message struct {
	Message
	chat   *chat
	hidden bool // it was dropped without a word
	polled bool // somebody asks for more of the stream
	start  time.Time
	limit  time.Duration // of a stream
}

// Messages gives what is in the chat with that id: a chatid or a userid. Oldest first.
func (s *Server) Messages(chat string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Message
	for _, m := range s.bot.messages {
		if m.hidden || m.Chat != chat && (m.Group || !strings.EqualFold(m.Chat, chat)) {
			continue
		}
		c := m.Message
		c.Hangs = m.over()
		c.FeedbackIDs, c.For = slices.Clone(c.FeedbackIDs), maps.Clone(c.For)
		out = append(out, c)
	}
	return out
}

// over reports whether a stream can no longer be changed although it is not finished.
func (m *message) over() bool { return !m.Finished && time.Since(m.start) >= m.limit }

// find gives a message that people see. The caller holds mu.
func (s *Server) find(id string) *message {
	for _, m := range s.bot.messages {
		if m.ID == id && !m.hidden {
			return m
		}
	}
	return nil
}

// shows gives the card that a person sees in a message, or nil.
func (m *message) shows(user string) json.RawMessage {
	for u, card := range m.For {
		if strings.EqualFold(u, user) {
			return card
		}
	}
	return m.Card
}

// keep adds a message, unless it is dropped without a word. The caller holds mu.
func (s *Server) keep(m *message) {
	m.ID, m.At = s.named("m-"), time.Now()
	m.Chat, m.Group, m.Changed, m.start = m.chat.id, m.chat.group, m.At, m.At
	s.bot.messages = append(s.bot.messages, m)
	s.touch()
}

// Limits of a chat, for replies and pushes together; a stream counts once. Whether its later frames count
// is not documented (https://developer.work.weixin.qq.com/document/path/101463).
const (
	perMinute = 30
	perHour   = 1000
)

// count takes a message of the bot into account. It reports whether it is to be dropped without a word, and
// fails when it is refused. The caller holds mu.
func (s *Server) count(c *chat, body json.RawMessage) (hidden bool, err error) {
	now := time.Now()
	c.sent = slices.DeleteFunc(c.sent, func(at time.Time) bool { return now.Sub(at) >= time.Hour })
	lately := 0
	for _, at := range c.sent {
		if now.Sub(at) < time.Minute {
			lately++
		}
	}
	if lately < perMinute && len(c.sent) < perHour {
		c.sent = append(c.sent, now)
		return false, nil
	}
	if s.o.Bot.TooOftenSilent {
		s.dropped(c.id, body)
		return true, nil
	}
	return false, refuse(s.o.Bot.TooOften, "too many messages in this chat")
}
