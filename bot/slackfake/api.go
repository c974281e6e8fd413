package slackfake

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A method of the Web API. do runs with mu held and never waits.
type method struct {
	do     func(*Server, args) (obj, error)
	scopes []string // any of them is enough; none: no scope is needed
	tier   int      // calls a minute; 0: a special tier that is not modelled
	app    bool     // it wants the app's token
}

// Calls a minute of each tier (https://docs.slack.dev/apis/web-api/rate-limits).
const (
	tier2 = 20
	tier3 = 50
	tier4 = 100
)

// methods are those that the fake knows. Scopes and tiers are those of
// https://docs.slack.dev/reference/methods, each on the page of its method.
var methods = sync.OnceValue(func() map[string]method {
	write, read := []string{"chat:write"}, []string{"channels:read", "groups:read", "im:read", "mpim:read"}
	history := []string{"channels:history", "groups:history", "im:history", "mpim:history"}
	assistant := []string{"assistant:write"}
	return map[string]method{
		"auth.test":                             {do: (*Server).authTest},
		"apps.connections.open":                 {do: (*Server).connectionsOpen, tier: tier3, app: true},
		"chat.postMessage":                      {do: (*Server).postMessage, scopes: write},
		"chat.postEphemeral":                    {do: (*Server).postEphemeral, scopes: write, tier: tier4},
		"chat.update":                           {do: (*Server).update, scopes: write, tier: tier3},
		"chat.delete":                           {do: (*Server).remove, scopes: write, tier: tier3},
		"chat.getPermalink":                     {do: (*Server).permalink},
		"chat.startStream":                      {do: (*Server).startStream, scopes: write, tier: tier2},
		"chat.appendStream":                     {do: (*Server).appendStream, scopes: write, tier: tier4},
		"chat.stopStream":                       {do: (*Server).stopStream, scopes: write, tier: tier2},
		"conversations.open":                    {do: (*Server).open, scopes: []string{"im:write", "mpim:write", "channels:manage", "groups:write"}, tier: tier3},
		"conversations.info":                    {do: (*Server).info, scopes: read, tier: tier3},
		"conversations.list":                    {do: (*Server).list, scopes: read, tier: tier2},
		"conversations.members":                 {do: (*Server).members, scopes: read, tier: tier4},
		"conversations.history":                 {do: (*Server).history, scopes: history, tier: tier3},
		"conversations.replies":                 {do: (*Server).replies, scopes: history, tier: tier3},
		"users.info":                            {do: (*Server).usersInfo, scopes: []string{"users:read"}, tier: tier4},
		"bots.info":                             {do: (*Server).botsInfo, scopes: []string{"users:read"}, tier: tier3},
		"views.open":                            {do: (*Server).viewsOpen, tier: tier4},
		"views.push":                            {do: (*Server).viewsPush, tier: tier4},
		"views.update":                          {do: (*Server).viewsUpdate, tier: tier4},
		"views.publish":                         {do: (*Server).viewsPublish, tier: tier4},
		"assistant.threads.setStatus":           {do: (*Server).setStatus, scopes: []string{"assistant:write", "chat:write"}},
		"assistant.threads.setTitle":            {do: (*Server).setTitle, scopes: assistant, tier: tier4},
		"assistant.threads.setSuggestedPrompts": {do: (*Server).setPrompts, scopes: assistant, tier: tier4},
		"agents.sessions.setStatus":             {do: (*Server).sessionStatus, scopes: write, tier: tier3},
		"agents.sessions.rename":                {do: (*Server).sessionRename, scopes: write, tier: tier3},
	}
})

// allScopes are those that the methods can need, and those of events that are heard.
func allScopes() []string {
	set := map[string]bool{"app_mentions:read": true, "commands": true, "users:read.email": true, "reactions:read": true}
	for _, m := range methods() {
		for _, scope := range m.scopes {
			set[scope] = true
		}
	}
	return slices.Sorted(maps.Keys(set))
}

// An apiError is an answer with "ok": false.
type apiError struct {
	name     string
	messages []string // response_metadata.messages
	more     obj
	wait     time.Duration // of ratelimited
}

// Error implements error.
func (e *apiError) Error() string { return e.name }

func refuse(name string, messages ...string) error { return &apiError{name: name, messages: messages} }

// args are the arguments of a call; what is no text is JSON.
type args map[string]string

func (a args) has(name string) bool { _, ok := a[name]; return ok }

func (a args) yes(name string) bool {
	return a[name] == "true" || a[name] == "1" || a[name] == "True"
}

// need gives an error when an argument is missing.
func (a args) need(names ...string) error {
	for _, name := range names {
		if a[name] == "" {
			return refuse("invalid_arguments", "[ERROR] missing required field: "+name)
		}
	}
	return nil
}

// maxBody is how much of a request is read.
const maxBody = 4 << 20

// readArgs reads a form or JSON, as the Web API takes both, and the token from the header or the
// arguments (https://docs.slack.dev/apis/web-api/).
func readArgs(r *http.Request) (args, string, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		return nil, "", refuse("request_timeout")
	}
	out := args{}
	for name, values := range r.URL.Query() {
		out[name] = values[0]
	}
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	switch {
	case len(body) == 0: // some clients send nothing where there are no arguments, whatever they call it
	case kind == "application/json":
		err = readJSON(body, out)
	default:
		err = readForm(body, out)
	}
	token := out["token"]
	if t, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		token = t
	}
	delete(out, "token")
	return out, token, err
}

func readForm(body []byte, out args) error {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return refuse("invalid_form_data")
	}
	for name, values := range form {
		out[name] = values[0]
	}
	return nil
}

func readJSON(body []byte, out args) error {
	var fields map[string]raw
	if err := json.Unmarshal(body, &fields); err != nil {
		return refuse("invalid_json")
	}
	for name, value := range fields {
		var text string
		switch {
		case string(value) == "null":
		case json.Unmarshal(value, &text) == nil:
			out[name] = text
		default:
			out[name] = string(value)
		}
	}
	return nil
}

// A Call is one call of the Web API, or one use of a response_url as method "response_url".
type Call struct {
	Method string
	Args   map[string]string // without tokens; what is no text is JSON
	OK     bool              // what it asked for was done
	Error  string            // name of the error; "" when OK
	Fault  string            // kind of the fault that it met, "" for none
	At     time.Time
}

// Calls gives all calls so far, in order, those that failed too.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// noted adds to the log. The caller holds mu.
func (s *Server) noted(name string, a args, fault Fault, err error) {
	c := Call{Method: name, Args: a, OK: err == nil, Fault: fault.Kind, At: s.o.Now()}
	if err != nil {
		c.Error = err.Error()
	}
	s.calls = append(s.calls, c)
	s.touch()
}

func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/api/")
	a, token, err := readArgs(r)
	s.withFaults(w, r, name, a, func(w http.ResponseWriter, f Fault) {
		s.mu.Lock()
		var out obj
		if err == nil {
			out, err = s.call(name, a, token, f)
		}
		s.noted(name, a, f, err)
		s.mu.Unlock()
		s.reply(w, name, out, err)
	})
}

// call does one call. The caller holds mu.
func (s *Server) call(name string, a args, token string, f Fault) (obj, error) {
	m, ok := methods()[name]
	if !ok {
		return nil, refuse("unknown_method")
	}
	if err := s.allowed(m, token); err != nil {
		return nil, err
	}
	if err := f.refusal(); err != nil {
		return nil, err
	}
	if err := s.limited(name, m, a); err != nil {
		return nil, err
	}
	return m.do(s, a)
}

// allowed checks the token and its scopes (https://docs.slack.dev/reference/methods/chat.postMessage).
func (s *Server) allowed(m method, token string) error {
	right, other := s.o.BotToken, s.o.AppToken
	if m.app {
		right, other = other, right
	}
	switch {
	case token == "":
		return refuse("not_authed")
	case token == other:
		return refuse("not_allowed_token_type")
	case token != right:
		return refuse("invalid_auth")
	case s.revoked && !m.app:
		return refuse("token_revoked")
	}
	held := slices.ContainsFunc(m.scopes, func(scope string) bool { return slices.Contains(s.o.Scopes, scope) })
	if len(m.scopes) > 0 && !held {
		return &apiError{name: "missing_scope", more: obj{"needed": strings.Join(m.scopes, ","), "provided": strings.Join(s.o.Scopes, ",")}}
	}
	return nil
}

// reply writes an answer. Only a rate limit has a status of its own
// (https://docs.slack.dev/apis/web-api/rate-limits).
func (s *Server) reply(w http.ResponseWriter, name string, out obj, err error) {
	if out == nil {
		out = obj{}
	}
	out["ok"] = err == nil
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("X-OAuth-Scopes", strings.Join(s.o.Scopes, ","))
	w.Header().Set("X-Accepted-OAuth-Scopes", strings.Join(methods()[name].scopes, ","))
	w.Header().Set("X-Slack-Req-Id", "fake")
	status := http.StatusOK
	if e, ok := errors.AsType[*apiError](err); ok {
		out["error"] = e.name
		maps.Copy(out, e.more)
		if len(e.messages) > 0 {
			out["response_metadata"] = obj{"messages": e.messages}
		}
		if e.name == "ratelimited" {
			status = http.StatusTooManyRequests
			w.Header().Set("Retry-After", strconv.Itoa(max(1, seconds(e.wait))))
		}
	}
	w.WriteHeader(status)
	// What cannot be written was broken off by the other side.
	_, _ = w.Write(encode(out))
}

func (s *Server) authTest(args) (obj, error) {
	out := obj{
		"url": "https://fake.slack.com/", "team": "Fake", "user": s.users[s.o.BotUser].Name,
		"team_id": s.o.Team, "user_id": s.o.BotUser, "bot_id": s.o.BotID, "is_enterprise_install": s.o.OrgInstall,
	}
	set(out, "enterprise_id", s.o.Enterprise)
	return out, nil
}

// connectionsOpen gives a link that can be used once (https://docs.slack.dev/reference/methods/apps.connections.open).
func (s *Server) connectionsOpen(args) (obj, error) {
	ticket := fmt.Sprintf("%08x-%d", s.random.Uint32(), s.next())
	s.tickets[ticket] = true
	base := "ws" + strings.TrimPrefix(s.base, "http")
	return obj{"url": base + "/link/?ticket=" + ticket + "&app_id=" + s.o.AppID}, nil
}
