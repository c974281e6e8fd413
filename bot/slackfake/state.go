package slackfake

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

type (
	obj = map[string]any
	raw = json.RawMessage
)

// A Channel is a conversation.
type Channel struct {
	ID       string
	Name     string
	Kind     string   // one of the Kind constants; "" is told from the first letter of ID
	Members  []string // besides the bot; who speaks becomes one
	Archived bool
	Shared   bool // with another organisation, over Slack Connect
	Absent   bool // the bot is no member
}

// Kinds of conversation, as channel_type of an event names them
// (https://docs.slack.dev/reference/events/message).
const (
	KindChannel = "channel" // public
	KindGroup   = "group"   // private
	KindIM      = "im"      // of one person and the bot
	KindMPIM    = "mpim"    // of several people and the bot
)

type room struct {
	Channel
	last int64 // microseconds of the newest ts
}

// A User is a person, or a bot as people see it.
type User struct {
	ID     string
	Name   string
	Email  string
	Team   string // "": that of the workspace
	Locale string // "": en-US
	Bot    bool
}

type message struct {
	channel, ts, thread string
	user, bot, team     string
	text                string
	blocks              []raw // each has a block_id
	made                bool  // the blocks were made of markdown_text
	metadata            raw
	edited              string // ts of the last edit
	only                string // the user who alone sees it
	broadcast, files    bool
	subtype             string
	clientID            string
	stream              *stream // nil: it never was one
	deleted             bool
}

// A place is a thread in a channel; ts is "" for the channel itself.
type place struct{ channel, ts string }

// AddChannel makes a conversation or replaces its properties. Conversations that people speak in are
// made by themselves, with the kind that the first letter of their id tells.
func (s *Server) AddChannel(c Channel) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.room(c.ID)
	c.Kind, c.Name = cmp.Or(c.Kind, r.Kind), cmp.Or(c.Name, r.Name)
	r.Channel = c
}

// AddUser makes a person or replaces their properties. People who do something are made by themselves.
func (s *Server) AddUser(u User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u.Team, u.Name = cmp.Or(u.Team, s.o.Team), cmp.Or(u.Name, strings.ToLower(u.ID))
	s.users[u.ID] = &u
}

// room gives a conversation, made if need be. The caller holds mu.
func (s *Server) room(id string) *room {
	if r := s.rooms[id]; r != nil {
		return r
	}
	kind := KindChannel
	switch {
	case strings.HasPrefix(id, "D"):
		kind = KindIM
	case strings.HasPrefix(id, "G"):
		kind = KindGroup
	}
	r := &room{Channel: Channel{ID: id, Name: strings.ToLower(id), Kind: kind}}
	s.rooms[id] = r
	return r
}

// person gives a user, made if need be. The caller holds mu.
func (s *Server) person(id, team string) *User {
	u := s.users[id]
	if u == nil {
		u = &User{ID: id, Name: strings.ToLower(id), Team: cmp.Or(team, s.o.Team)}
		s.users[id] = u
	}
	return u
}

func (r *room) join(user string) {
	if user != "" && !slices.Contains(r.Members, user) {
		r.Members = append(r.Members, user)
	}
}

// dm gives the conversation of the bot with a person, made if need be. The caller holds mu.
func (s *Server) dm(user string) *room {
	for _, r := range s.rooms {
		if r.Kind == KindIM && slices.Equal(r.Members, []string{user}) {
			return r
		}
	}
	r := s.room("D" + strings.TrimLeft(user, "UW"))
	r.Kind = KindIM
	r.join(user)
	return r
}

// stamp gives a ts that is unique in its conversation: seconds and six digits
// (https://docs.slack.dev/messaging/retrieving-messages). Two conversations may give the same.
func (s *Server) stamp(r *room) string {
	r.last = max(r.last+1, s.o.Now().UnixMicro())
	return fmt.Sprintf("%d.%06d", r.last/1e6, r.last%1e6)
}

// eventStamp is a ts that names a moment. The caller holds mu.
func (s *Server) eventStamp() string {
	now := s.o.Now().UnixMicro()
	return fmt.Sprintf("%d.%06d", now/1e6, now%1e6)
}

// isStamp reports whether a text has the form of a ts.
func isStamp(ts string) bool {
	seconds, rest, ok := strings.Cut(ts, ".")
	_, e1 := strconv.ParseUint(seconds, 10, 62)
	_, e2 := strconv.ParseUint(rest, 10, 62)
	return ok && e1 == nil && e2 == nil && len(rest) == 6
}

// find gives a message that all can see, or nil. The caller holds mu.
func (s *Server) find(channel, ts string) *message {
	return s.index[place{channel, ts}]
}

// keep adds a message. The caller holds mu.
func (s *Server) keep(m *message) {
	s.messages = append(s.messages, m)
	if m.only == "" {
		s.index[place{m.channel, m.ts}] = m
	}
	s.touch()
}

// drop takes a message away. The caller holds mu.
func (s *Server) drop(m *message) {
	m.deleted = true
	delete(s.index, place{m.channel, m.ts})
	s.touch()
}

// thread gives what is known of a thread, made if need be. The caller holds mu.
func (s *Server) thread(channel, ts string) *Thread {
	p := place{channel, ts}
	if s.threads[p] == nil {
		s.threads[p] = &Thread{}
	}
	return s.threads[p]
}

// wire is a message as the API and events show it (https://docs.slack.dev/reference/events/message).
// The caller holds mu.
func (s *Server) wire(m *message, metadata bool) obj {
	out := obj{"type": "message", "ts": m.ts, "text": m.text, "team": cmp.Or(m.team, s.o.Team)}
	set(out, "user", m.user)
	set(out, "thread_ts", m.thread)
	set(out, "subtype", m.subtype)
	set(out, "client_msg_id", m.clientID)
	if m.thread != "" {
		if root := s.find(m.channel, m.thread); root != nil && root != m {
			set(out, "parent_user_id", root.user)
		}
	}
	if m.bot != "" {
		out["bot_id"] = m.bot
		app := "A0000002"
		if m.bot == s.o.BotID {
			app = s.o.AppID
		}
		out["app_id"] = app
		out["bot_profile"] = obj{"id": m.bot, "app_id": app, "name": "bot", "deleted": false, "updated": 1, "icons": obj{}, "team_id": s.o.Team}
	}
	if blocks := m.content(); len(blocks) > 0 {
		out["blocks"] = blocks
	}
	if metadata && len(m.metadata) > 0 {
		out["metadata"] = m.metadata
	}
	if m.edited != "" {
		out["edited"] = obj{"user": m.user, "ts": m.edited}
	}
	if m.stream != nil {
		out["streaming_state"] = m.stream.wireState(s.o.Now())
	}
	if m.files {
		out["files"] = []obj{{"id": "F" + strings.ReplaceAll(m.ts, ".", ""), "name": "file.txt", "title": "file", "mimetype": "text/plain", "filetype": "text", "size": 4, "mode": "hosted", "user": m.user}}
	}
	return out
}

func set(o obj, key, value string) {
	if value != "" {
		o[key] = value
	}
}

// encode makes JSON of what always can be.
func encode(v any) raw {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("slackfake: encode %T: %v", v, err))
	}
	return b
}

func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }
