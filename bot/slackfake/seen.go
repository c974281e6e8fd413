package slackfake

import "encoding/json"

// A Message is one as people see it.
type Message struct {
	Channel   string
	TS        string
	Thread    string // ts of the root; "" in the channel itself
	User      string // "U…"
	Own       bool   // the bot posted it
	Text      string // what notifications show, and people where there are no Blocks
	Blocks    json.RawMessage
	Metadata  json.RawMessage // not seen by people
	State     string          // of one that was streamed, one of the State constants; else ""
	Edited    bool
	Ephemeral string // the user who alone sees it; "" for all
	Broadcast bool   // it stands in the channel, too
}

// Messages gives what stands in a thread without its root, or in the channel itself when thread is "",
// in the order in which it was posted, with what single persons see.
func (s *Server) Messages(channel, thread string) []Message {
	return s.those(func(m *message) bool { return m.channel == channel && m.thread == thread })
}

// All gives all messages of a channel, in the order in which they were posted; of the workspace, when
// channel is "".
func (s *Server) All(channel string) []Message {
	return s.those(func(m *message) bool { return channel == "" || m.channel == channel })
}

func (s *Server) those(wanted func(*message) bool) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Message
	for _, m := range s.messages {
		if m.deleted || !wanted(m) {
			continue
		}
		seen := Message{
			Channel: m.channel, TS: m.ts, Thread: m.thread, User: m.user, Own: m.bot == s.o.BotID, Text: m.text, Metadata: m.metadata,
			Edited: m.edited != "", Ephemeral: m.only, Broadcast: m.broadcast,
		}
		if blocks := m.content(); len(blocks) > 0 {
			seen.Blocks = encode(blocks)
		}
		if m.stream != nil {
			seen.State = m.stream.state(s.o.Now())
		}
		out = append(out, seen)
	}
	return out
}
