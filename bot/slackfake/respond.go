package slackfake

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
)

// Limits of a response_url (https://docs.slack.dev/interactivity/handling-user-interaction).
const (
	maxResponses = 5
	responseLife = 30 * time.Minute
)

// A responseURL lets the bot answer one thing that a person did.
type responseURL struct {
	user, channel, thread string
	source                *message // what the person pressed, nil for a command
	at                    time.Time
	used                  int
}

// responseURL gives a new one. The caller holds mu.
func (s *Server) responseURL(user, channel, thread string, source *message) string {
	id := s.named("R")
	s.answers[id] = &responseURL{user: user, channel: channel, thread: thread, source: source, at: s.o.Now()}
	return s.base + "/respond/" + id
}

func (s *Server) serveRespond(w http.ResponseWriter, r *http.Request) {
	const name = "response_url"
	a, _, err := readArgs(r)
	delete(a, "metadata") // it is none of its arguments; clients send an empty one
	id := strings.TrimPrefix(r.URL.Path, "/respond/")
	s.withFaults(w, r, name, a, func(w http.ResponseWriter, f Fault) {
		s.mu.Lock()
		if err == nil {
			err = f.refusal()
		}
		if err == nil {
			err = s.respond(id, a)
		}
		s.noted(name, a, f, err)
		s.mu.Unlock()
		e, ok := errors.AsType[*apiError](err)
		switch {
		case !ok:
			// What cannot be written was broken off by the other side.
			_, _ = io.WriteString(w, "ok")
		case e.name == "ratelimited":
			s.reply(w, name, nil, err)
		default:
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write(encode(obj{"ok": false, "error": e.name}))
		}
	})
}

// respond does what a use of a response_url asks for. The caller holds mu.
func (s *Server) respond(id string, a args) error {
	u := s.answers[id]
	switch {
	case u == nil:
		return refuse("invalid_url")
	case s.o.Now().Sub(u.at) > responseLife:
		return refuse("expired_url")
	case u.used >= maxResponses:
		return refuse("used_url")
	}
	if a.yes("delete_original") && u.source != nil {
		u.used++
		s.drop(u.source)
		return nil
	}
	c, err := s.contents(a, "message")
	if err != nil {
		return err
	}
	u.used++
	if a.yes("replace_original") && u.source != nil {
		u.source.text, u.source.blocks, u.source.edited = c.text, c.blocks, s.eventStamp()
		s.touch()
		return nil
	}
	s.answered(u, a["response_type"], c, a["thread_ts"])
	return nil
}

// answered posts an answer to what a person did: only they see it, unless it is of type in_channel. The
// caller holds mu.
func (s *Server) answered(u *responseURL, kind string, c content, thread string) {
	m := &message{text: c.text, blocks: c.blocks, made: c.made, thread: thread}
	if m.thread == "" {
		m.thread = u.thread
	}
	if kind != "in_channel" {
		m.only = u.user
	}
	s.post(s.room(u.channel), m)
}
