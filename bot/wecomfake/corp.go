package wecomfake

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"policybot/bot/wecomfake/envelope"
)

// CorpOptions of a corporation with one self-built app and a group webhook. Its members are played by
// [Server.AppSay], [Server.AppSend], [Server.AppEnter], [Server.AppEvent] and [Server.AppPress]; what they see is
// told by [Server.AppMessages], and what the group sees by [Server.HookMessages].
type CorpOptions struct {
	CorpID  string
	Secret  string // of the app
	AgentID int
	Name    string // of the app, as people see it
	// Users are the members who can be reached; nil: everybody. Their ids are compared without case.
	Users []string

	// CallbackURL is where the app takes callbacks, with its path; "": it takes none. SetAppCallback
	// changes it.
	CallbackURL    string
	Token          string // of callbacks
	EncodingAESKey string // of callbacks, 43 characters
	// RetryNetworkOnly delivers a callback again only when there was no answer at all, as
	// https://developer.work.weixin.qq.com/document/path/90930 says. Else a status other than 200 is a
	// reason, too, as https://developer.work.weixin.qq.com/document/path/90238 says.
	RetryNetworkOnly bool
	// RetryCards delivers the use of a card again like everything else. Else it is delivered once.
	RetryCards bool

	TokenBytes int // length of an access_token; 0 is 512, which the documentation asks to have room for
	TokenCalls int // calls of gettoken that are answered within an hour; 0 is 2000, which is chosen
	// BadTokens gives access tokens that are refused as soon as they are used.
	BadTokens bool
	// Untrusted refuses all calls but gettoken with 60020. Trust changes it.
	Untrusted bool
	// RefuseLong answers 40058 to a text or markdown over its limit, as a webhook does. Else it is cut.
	RefuseLong bool

	HookKeys []string // of the group's webhooks; nil: one that is made up
}

func (o *CorpOptions) fill() error {
	o.CorpID, o.Secret = cmp.Or(o.CorpID, "wwfakecorp"), cmp.Or(o.Secret, "secret-of-the-fake-app")
	o.AgentID, o.Name = cmp.Or(o.AgentID, 1000002), cmp.Or(o.Name, "Policy Desk")
	o.Token = cmp.Or(o.Token, "token-of-the-fake-app")
	o.EncodingAESKey = cmp.Or(o.EncodingAESKey, "GFEDCBA9876543210zyxwvutsrqponmlkjihgfedcba")
	o.TokenBytes, o.TokenCalls = cmp.Or(o.TokenBytes, 512), cmp.Or(o.TokenCalls, 2000)
	if o.HookKeys == nil {
		o.HookKeys = []string{"key-of-the-fake-webhook"}
	}
	if o.TokenBytes < 32 || o.TokenCalls < 0 || o.AgentID < 0 {
		return fmt.Errorf("corporation %s: a number is too small", o.CorpID)
	}
	return nil
}

// A corp is the state of the self-built app, under Server.mu.
type corp struct {
	box       *envelope.Box
	callback  string
	untrusted bool
	token     appToken
	fetches   []time.Time // answers of gettoken, within the last hour
	asked     int         // calls of gettoken
	members   map[string]*member
	sent      []*appMessage // in the order in which they were sent
	tasks     map[string]*appMessage
	codes     map[string]*responseCode
	told      map[string]*appCallback // by gesture
	hooks     map[string]*hook
}

// A member is a person of the corporation, by the id in lower case.
type member struct {
	id   string // as it was first written
	sent []time.Time
	same map[string]time.Time // until when a duplicate check remembers a content, by its fingerprint
}

// openCorp fills the options and registers the routes of the self-built app and its webhooks at s.mux.
func (s *Server) openCorp() error {
	o := &s.o.Corp
	if err := o.fill(); err != nil {
		return err
	}
	box, err := envelope.New(o.Token, o.EncodingAESKey, o.CorpID)
	if err != nil {
		return fmt.Errorf("corporation %s: %w", o.CorpID, err)
	}
	s.corp = corp{
		box: box, callback: o.CallbackURL, untrusted: o.Untrusted, members: map[string]*member{}, tasks: map[string]*appMessage{},
		codes: map[string]*responseCode{}, told: map[string]*appCallback{}, hooks: map[string]*hook{},
	}
	for _, id := range o.Users {
		s.member(id)
	}
	for _, key := range o.HookKeys {
		s.corp.hooks[key] = &hook{}
	}
	s.route("GET", "cgi-bin/gettoken", s.getToken)
	s.route("GET", "cgi-bin/get_api_domain_ip", s.withToken(s.domainIPs))
	s.route("GET", "cgi-bin/agent/get", s.withToken(s.agent))
	s.route("GET", "cgi-bin/user/get", s.withToken(s.user))
	s.route("POST", "cgi-bin/message/send", s.withToken(s.sendApp))
	s.route("POST", "cgi-bin/message/update_template_card", s.withToken(s.updateCard))
	s.route("POST", "cgi-bin/webhook/send", s.sendHook)
	return nil
}

// Codes of the list https://developer.work.weixin.qq.com/document/path/90313.
const (
	codeBadSecret   = 40001
	codeNoUser      = 40003
	codeBadCorp     = 40013
	codeBadToken    = 40014
	codeBadAgent    = 40056
	codeNoToken     = 41001
	codeOldToken    = 42001
	codeSameTask    = 42014 // seen in https://developers.weixin.qq.com/community/enterprisewechat/doc/000e8a97798020098fdd7015a51800
	codeNeedsGet    = 43001
	codeNeedsPost   = 43002
	codeNotJSON     = 47001
	codeUntrustedIP = 60020
	codeNoMember    = 60111
	codeNoHook      = 93000
)

// An appCall answers one call with what stands beside errcode and errmsg, which may be nil. It is called
// with mu held.
type appCall func(q url.Values, body json.RawMessage) (map[string]any, error)

// route registers a call by its path without a slash at its beginning.
func (s *Server) route(method, path string, do appCall) {
	s.mux.HandleFunc("/"+path, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxAnswer))
		if err != nil {
			return // the other side broke off, or sent too much
		}
		s.withFaults(w, r, path, body, func(w http.ResponseWriter, f Fault) {
			s.mu.Lock()
			out, err := s.answerCall(f, method, path, r, do, body)
			code, text := codeOf(err)
			s.noted(Call{Name: path, Body: body, Code: code, Fault: f.Kind})
			s.mu.Unlock()
			writeAnswer(w, code, text, out)
		})
	})
}

// answerCall answers a call or refuses it. The caller holds mu.
func (s *Server) answerCall(f Fault, method, path string, r *http.Request, do appCall, body json.RawMessage) (map[string]any, error) {
	switch {
	case f.Kind == FaultGone && f.Code == 0 && path == "cgi-bin/webhook/send":
		return nil, refuse(codeNoHook, "invalid webhook url")
	case f.Kind == FaultGone && f.Code == 0:
		return nil, refuse(codeNobody, "all of touser are invalid")
	case f.refusal() != 0:
		return nil, refuse(f.refusal(), "as the fault wants")
	case r.Method != method && method == "GET":
		return nil, refuse(codeNeedsGet, "require GET method")
	case r.Method != method:
		return nil, refuse(codeNeedsPost, "require POST method")
	}
	return do(r.URL.Query(), body)
}

func writeAnswer(w http.ResponseWriter, code int, text string, more map[string]any) {
	out := map[string]any{"errcode": code, "errmsg": text}
	if code == 0 {
		for k, v := range more {
			out[k] = v
		}
	}
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	// What cannot be written was broken off by the other side.
	_, _ = w.Write(encode(out))
}

// member gives a person of the corporation, made if need be. The caller holds mu.
func (s *Server) member(id string) *member {
	key := strings.ToLower(id)
	if s.corp.members[key] == nil {
		s.corp.members[key] = &member{id: id, same: map[string]time.Time{}}
	}
	return s.corp.members[key]
}

// reachable tells whether there is such a person, whatever the case of the id. The caller holds mu.
func (s *Server) reachable(id string) bool {
	for _, u := range s.o.Corp.Users {
		if strings.EqualFold(u, id) {
			return true
		}
	}
	return s.o.Corp.Users == nil && id != ""
}

// Corp gives the options of the corporation, with those that were made up.
func (s *Server) Corp() CorpOptions { return s.o.Corp }

// Trust says whether the address from which the app calls is in the list of trusted ones.
func (s *Server) Trust(trusted bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.corp.untrusted = !trusted
}

// SetAppCallback says where the app takes callbacks; "" is nowhere. Deliveries from now on go there.
func (s *Server) SetAppCallback(url string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.corp.callback = url
}
