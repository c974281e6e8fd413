package slackfake

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"
)

// A Thread is what the bot has set for a thread, as people see it.
type Thread struct {
	Status  string   // of assistant.threads.setStatus; "" when none is shown
	Loading []string // messages that are shown in turn while Status is
	Title   string
	Prompts []Prompt // suggested; those of a direct message stand at its thread ""
	Session string   // of agents.sessions.setStatus: active, processing, suspended or closed; "" when there is none

	statusAt time.Time
}

// A Prompt is one that people can choose.
type Prompt struct {
	Title   string `json:"title"`
	Message string `json:"message"`
}

// Thread gives what the bot has set for a thread.
func (s *Server) Thread(channel, ts string) Thread {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.threads[place{channel, ts}]
	if t == nil {
		return Thread{}
	}
	out := *t
	if s.o.Now().Sub(t.statusAt) >= statusLife {
		out.Status, out.Loading = "", nil
	}
	out.Loading, out.Prompts = slices.Clone(out.Loading), slices.Clone(out.Prompts)
	return out
}

const (
	statusLife = 2 * time.Minute // page of assistant.threads.setStatus
	maxLoading = 10              // the same page
	maxPrompts = 4               // page of assistant.threads.setSuggestedPrompts
	maxTitle   = 200             // of a session, page of agents.sessions.setStatus
)

// inThread checks the thread that a call names. The caller holds mu.
func (s *Server) inThread(a args) (*room, error) {
	r := s.rooms[a["channel_id"]]
	switch {
	case r == nil || r.Absent:
		return nil, refuse("channel_not_found")
	case a["thread_ts"] != "" && !isStamp(a["thread_ts"]):
		return nil, refuse("invalid_thread_ts")
	}
	return r, nil
}

// setStatus (https://docs.slack.dev/reference/methods/assistant.threads.setStatus). loading_messages is a
// JSON array or texts with commas between them, as clients send both.
func (s *Server) setStatus(a args) (obj, error) {
	r, err := s.inThread(a)
	if err != nil {
		return nil, err
	}
	if a["thread_ts"] == "" {
		return nil, refuse("invalid_thread_ts")
	}
	if !a.has("status") {
		return nil, a.need("status")
	}
	loading := listOf(a["loading_messages"])
	if len(loading) > maxLoading {
		return nil, refuse("invalid_arguments", fmt.Sprintf("[ERROR] no more than %d items allowed [json-pointer:/loading_messages]", maxLoading))
	}
	t := s.thread(r.ID, a["thread_ts"])
	t.Status, t.Loading, t.statusAt = a["status"], loading, s.o.Now()
	s.touch()
	return nil, nil
}

func (s *Server) setTitle(a args) (obj, error) {
	r, err := s.inThread(a)
	if err == nil {
		err = a.need("thread_ts", "title")
	}
	if err != nil {
		return nil, err
	}
	s.thread(r.ID, a["thread_ts"]).Title = a["title"]
	s.touch()
	return nil, nil
}

// setPrompts (https://docs.slack.dev/reference/methods/assistant.threads.setSuggestedPrompts). An app
// with an agent view that names a thread is told that all is well, and nothing is shown
// (https://docs.slack.dev/ai/migrating-to-agent-messaging).
func (s *Server) setPrompts(a args) (obj, error) {
	r, err := s.inThread(a)
	if err != nil {
		return nil, err
	}
	var prompts []Prompt
	if err := json.Unmarshal([]byte(a["prompts"]), &prompts); err != nil {
		return nil, refuse("invalid_arguments", "[ERROR] prompts is no list of prompts")
	}
	empty := func(p Prompt) bool { return p.Title == "" || p.Message == "" }
	if len(prompts) > maxPrompts || slices.ContainsFunc(prompts, empty) {
		return nil, refuse("invalid_arguments", fmt.Sprintf("[ERROR] want at most %d prompts, each with a title and a message", maxPrompts))
	}
	if a["thread_ts"] == "" {
		s.thread(r.ID, "").Prompts = prompts
		s.thread(r.ID, "").Title = a["title"]
		s.touch()
	}
	return nil, nil
}

var sessionStatuses = []string{"active", "processing", "suspended", "closed"}

// sessionStatus (https://docs.slack.dev/reference/methods/agents.sessions.setStatus).
func (s *Server) sessionStatus(a args) (obj, error) {
	r, err := s.inThread(a)
	switch user := a["initiator_user_id"]; {
	case err != nil:
		return nil, err
	case a["thread_ts"] == "":
		return nil, refuse("thread_ts_required")
	case !slices.Contains(sessionStatuses, a["status"]):
		return nil, refuse("invalid_status")
	case user != "" && !s.member(r, user):
		return nil, refuse("user_not_found")
	case utf8.RuneCountInString(a["title"]) > maxTitle:
		return nil, refuse("invalid_arguments", "[ERROR] title is longer than 200 characters")
	}
	t := s.thread(r.ID, a["thread_ts"])
	if t.Session == "" && a["title"] != "" {
		t.Title = a["title"]
	}
	t.Session = a["status"]
	s.touch()
	out := obj{"status": t.Session, "agent_status": t.Session, "title": t.Title}
	if !s.hears("agent_session_stopped") {
		out["warning"] = "missing_agent_session_stopped_event_subscription" // page of the event
	}
	return out, nil
}

// sessionRename (https://docs.slack.dev/reference/methods/agents.sessions.rename).
func (s *Server) sessionRename(a args) (obj, error) {
	r, err := s.inThread(a)
	if err != nil {
		return nil, err
	}
	n := utf8.RuneCountInString(a["title"])
	switch t := s.threads[place{r.ID, a["thread_ts"]}]; {
	case a["thread_ts"] == "":
		return nil, refuse("thread_ts_required")
	case n == 0 || n > maxTitle:
		return nil, refuse("invalid_name")
	case t == nil || t.Session == "":
		return nil, refuse("session_not_found")
	default:
		t.Title = a["title"]
		s.touch()
		return obj{"title": t.Title}, nil
	}
}

// sessionStopped moves the session of a stream that ended away from processing
// (https://docs.slack.dev/reference/events/agent_session_stopped). The caller holds mu.
func (s *Server) sessionStopped(m *message, status string) {
	t := s.thread(m.channel, m.thread)
	switch {
	case status != "":
		t.Session = status
	case t.Session == "processing":
		t.Session = "active"
	}
}

// listOf reads a JSON array of texts, or one text.
func listOf(text string) []string {
	var out []string
	if text != "" && json.Unmarshal([]byte(text), &out) != nil {
		return splitList(text)
	}
	return out
}
