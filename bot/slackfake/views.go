package slackfake

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Limits of views.
const (
	maxViewBytes = 250 << 10 // "view_too_large" on the pages of views.*
	maxViewTitle = 24        // views.d.ts of @slack/types, with the next two
	maxPrivate   = 3000
	maxCallback  = 255
	maxStack     = 3               // "push_limit_reached" on the page of views.push
	triggerLife  = 3 * time.Second // https://docs.slack.dev/interactivity/handling-user-interaction
	surfaceModal = "modal"
	surfaceHome  = "home"
)

// A view is a modal or a home tab.
type view struct {
	id, user, hash string
	kind           string
	blocks         []raw
	given          map[string]raw // as it was given, without blocks
	root, previous string
	errors         map[string]string // shown by the bot's answer to a submission, by block
	closed         bool
}

// A trigger lets a view be opened once, soon after a person did something.
type trigger struct {
	user string
	view string // the modal that it came from, "" for none
	at   time.Time
	used bool
}

// trigger gives a new one, in the form that Slack documents. The caller holds mu.
func (s *Server) trigger(user, view string) string {
	id := fmt.Sprintf("%d.%d.%08x", s.next(), s.seq, s.random.Uint32())
	s.triggers[id] = &trigger{user: user, view: view, at: s.o.Now()}
	return id
}

// exchange uses a trigger. The caller holds mu.
func (s *Server) exchange(id string) (*trigger, error) {
	t := s.triggers[id]
	switch {
	case id == "":
		return nil, refuse("invalid_arguments", "[ERROR] missing required field: trigger_id")
	case t == nil:
		return nil, refuse("invalid_trigger_id")
	case t.used:
		return nil, refuse("exchanged_trigger_id")
	case s.o.Now().Sub(t.at) > triggerLife:
		return nil, refuse("expired_trigger_id")
	}
	return t, nil
}

// readView reads and checks a view (views.d.ts of @slack/types). The caller holds mu.
func (s *Server) readView(text, kind string) (*view, error) {
	if len(text) > maxViewBytes {
		return nil, refuse("view_too_large")
	}
	var v struct {
		Type            string
		Title, Submit   *struct{ Text string }
		PrivateMetadata string `json:"private_metadata"`
		CallbackID      string `json:"callback_id"`
		Blocks          raw
	}
	var given map[string]raw
	if json.Unmarshal([]byte(text), &v) != nil || json.Unmarshal([]byte(text), &given) != nil {
		return nil, refuse("invalid_arguments", "[ERROR] view is no JSON object of a view")
	}
	blocks, err := s.blocks(string(v.Blocks), kind)
	if e, ok := errors.AsType[*apiError](err); ok {
		return nil, badView(e)
	}
	count := utf8.RuneCountInString
	input := false
	for _, b := range blocks {
		input = input || kindOf(b) == "input"
	}
	problem := ""
	switch {
	case v.Type != kind:
		problem = "type must be " + kind
	case len(v.Blocks) == 0:
		problem = "missing required field: blocks"
	case kind == surfaceModal && (v.Title == nil || v.Title.Text == "" || count(v.Title.Text) > maxViewTitle):
		problem = "title must have 1 to 24 characters"
	case v.Submit != nil && count(v.Submit.Text) > maxViewTitle:
		problem = "submit must have at most 24 characters"
	case kind == surfaceModal && input && v.Submit == nil:
		problem = "submit is required with an input block"
	case count(v.PrivateMetadata) > maxPrivate:
		problem = "private_metadata must have at most 3000 characters"
	case count(v.CallbackID) > maxCallback:
		problem = "callback_id must have at most 255 characters"
	}
	if problem != "" {
		return nil, refuse("invalid_arguments", "[ERROR] "+problem+" [json-pointer:/view]")
	}
	delete(given, "blocks")
	out := &view{id: s.named("V"), kind: kind, blocks: blocks, given: given}
	out.hash = s.hash()
	out.root = out.id
	return out, nil
}

// badView says what is wrong with the blocks of a view, as seen in https://github.com/imryche/blockkit/issues/105.
func badView(e *apiError) error {
	messages := []string{"[ERROR] failed to match all allowed schemas [json-pointer:/view]"}
	for _, m := range e.messages {
		messages = append(messages, strings.Replace(m, "[json-pointer:/blocks", "[json-pointer:/view/blocks", 1))
	}
	return refuse("invalid_arguments", messages...)
}

func (s *Server) hash() string { return fmt.Sprintf("%d.%08x", s.o.Now().Unix(), s.next()) }

// wireView is a view as the API and payloads show it (https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload).
func (s *Server) wireView(v *view, values obj) obj {
	out := obj{
		"private_metadata": "", "callback_id": "", "external_id": "", "clear_on_close": false, "notify_on_close": false, "close": nil, "submit": nil,
	}
	for name, value := range v.given {
		out[name] = value
	}
	if values == nil {
		values = obj{}
	}
	out["id"], out["team_id"], out["type"], out["hash"] = v.id, s.o.Team, v.kind, v.hash
	out["blocks"], out["state"] = append([]raw{}, v.blocks...), obj{"values": values}
	out["root_view_id"], out["previous_view_id"] = v.root, nil
	if v.previous != "" {
		out["previous_view_id"] = v.previous
	}
	out["app_id"], out["bot_id"], out["app_installed_team_id"] = s.o.AppID, s.o.BotID, s.o.Team
	return out
}

// keepView puts a modal on top of what a person has open. The caller holds mu.
func (s *Server) keepView(v *view, user string) {
	v.user = user
	if n := len(s.stacks[user]); n > 0 {
		v.root, v.previous = s.stacks[user][0].id, s.stacks[user][n-1].id
	}
	s.stacks[user] = append(s.stacks[user], v)
	s.views[v.id] = v
	s.touch()
}

// closeAll closes what a person has open. The caller holds mu.
func (s *Server) closeAll(user string) {
	for _, v := range s.stacks[user] {
		v.closed = true
	}
	delete(s.stacks, user)
	s.touch()
}

// closeTop closes the modal on top. The caller holds mu.
func (s *Server) closeTop(user string) {
	stack := s.stacks[user]
	if len(stack) > 0 {
		stack[len(stack)-1].closed = true
		s.stacks[user] = stack[:len(stack)-1]
	}
	s.touch()
}

func (s *Server) viewsOpen(a args) (obj, error) {
	t, err := s.exchange(a["trigger_id"])
	if err != nil {
		return nil, err
	}
	v, err := s.readView(a["view"], surfaceModal)
	if err != nil {
		return nil, err
	}
	t.used = true
	s.closeAll(t.user)
	s.keepView(v, t.user)
	return obj{"view": s.wireView(v, nil)}, nil
}

func (s *Server) viewsPush(a args) (obj, error) {
	t, err := s.exchange(a["trigger_id"])
	if err != nil {
		return nil, err
	}
	switch n := len(s.stacks[t.user]); {
	case t.view == "" || n == 0:
		return nil, refuse("not_found")
	case n >= maxStack:
		return nil, refuse("push_limit_reached")
	}
	v, err := s.readView(a["view"], surfaceModal)
	if err != nil {
		return nil, err
	}
	t.used = true
	s.keepView(v, t.user)
	return obj{"view": s.wireView(v, nil)}, nil
}

// viewsUpdate (https://docs.slack.dev/reference/methods/views.update).
func (s *Server) viewsUpdate(a args) (obj, error) {
	v := s.views[a["view_id"]]
	if id := a["external_id"]; v == nil && id != "" {
		for _, other := range s.views {
			if string(other.given["external_id"]) == string(encode(id)) && !other.closed {
				v = other
			}
		}
	}
	switch {
	case v == nil || v.closed:
		return nil, refuse("not_found")
	case a["hash"] != "" && a["hash"] != v.hash:
		return nil, refuse("hash_conflict")
	}
	next, err := s.readView(a["view"], v.kind)
	if err != nil {
		return nil, err
	}
	v.replace(next)
	s.touch()
	return obj{"view": s.wireView(v, nil)}, nil
}

func (v *view) replace(next *view) {
	v.blocks, v.given, v.hash, v.errors = next.blocks, next.given, next.hash, nil
}

// viewsPublish (https://docs.slack.dev/reference/methods/views.publish).
func (s *Server) viewsPublish(a args) (obj, error) {
	user, old := s.users[a["user_id"]], s.homes[a["user_id"]]
	switch {
	case user == nil || user.Bot:
		return nil, refuse("invalid_arguments", "[ERROR] user_id is no person")
	case a["hash"] != "" && (old == nil || old.hash != a["hash"]):
		return nil, refuse("hash_conflict")
	}
	v, err := s.readView(a["view"], surfaceHome)
	if err != nil {
		return nil, err
	}
	v.user = user.ID
	if old != nil {
		old.replace(v)
		v = old
	}
	s.homes[user.ID], s.views[v.id] = v, v
	s.touch()
	return obj{"view": s.wireView(v, nil)}, nil
}

// A View is a modal or a home tab as a person sees it.
type View struct {
	ID              string
	CallbackID      string
	Title           string
	PrivateMetadata string // not seen by people
	Hash            string // not seen by people
	Blocks          json.RawMessage
	Submit          string            // label of the button that submits, "" for none
	Errors          map[string]string // of the last submission, by block_id
}

func (v *view) seen() View {
	text := func(name string) string {
		var plain string
		var o struct{ Text string }
		if json.Unmarshal(v.given[name], &plain) == nil {
			return plain
		}
		_ = json.Unmarshal(v.given[name], &o) // what is no text object shows nothing
		return strings.TrimSpace(o.Text)
	}
	return View{
		ID: v.id, CallbackID: text("callback_id"), Title: text("title"), PrivateMetadata: text("private_metadata"), Hash: v.hash,
		Blocks: encode(v.blocks), Submit: text("submit"), Errors: v.errors,
	}
}

// Views gives the modals that a person has open, the one on top last.
func (s *Server) Views(user string) []View {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []View
	for _, v := range s.stacks[user] {
		out = append(out, v.seen())
	}
	return out
}

// Home gives the home tab of a person, and whether one was published.
func (s *Server) Home(user string) (View, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.homes[user]
	if v == nil {
		return View{}, false
	}
	return v.seen(), true
}
