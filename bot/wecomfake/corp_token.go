package wecomfake

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// An appToken is an access_token. Until its time is over it is the same for all who ask
// (https://developer.work.weixin.qq.com/document/path/91039).
type appToken struct {
	value string
	since time.Time
	old   []string // those whose time is over
}

const tokenLife = 7200 * time.Second

// getToken answers gettoken. It always speaks of 7200 seconds, also of a token that is older than a moment:
// the documentation says that the same one is given, and not that less is said of it.
func (s *Server) getToken(q url.Values, _ json.RawMessage) (map[string]any, error) {
	c, o := &s.corp, s.o.Corp
	c.asked++
	c.fetches = within(c.fetches, time.Hour)
	switch {
	case q.Get("corpid") != o.CorpID:
		return nil, refuse(codeBadCorp, "invalid corpid")
	case q.Get("corpsecret") != o.Secret || s.revoked:
		return nil, refuse(codeBadSecret, "invalid credential")
	case len(c.fetches) >= o.TokenCalls:
		return nil, refuse(codeTooOften, "api freq out of limit")
	}
	c.fetches = append(c.fetches, time.Now())
	if s.tokenState() != 0 || o.BadTokens {
		s.newToken()
	}
	return map[string]any{"access_token": c.token.value, "expires_in": int(tokenLife / time.Second)}, nil
}

// newToken puts another token in the place of the one that there is. The caller holds mu.
func (s *Server) newToken() {
	t := &s.corp.token
	if t.value != "" {
		t.old = append(t.old, t.value)
	}
	s.seq++
	head := "token" + strconv.Itoa(s.seq) + "-"
	t.value = head + strings.Repeat("x", s.o.Corp.TokenBytes-len(head))
	t.since = time.Now()
}

// tokenState is 0 while the token is good, and the code of its refusal when it is not. The caller holds mu.
func (s *Server) tokenState() int {
	switch t := s.corp.token; {
	case t.value == "" || s.revoked:
		return codeBadToken
	case time.Since(t.since) >= tokenLife:
		return codeOldToken
	}
	return 0
}

// withToken lets do answer who has a good token and calls from a trusted address.
func (s *Server) withToken(do appCall) appCall {
	return func(q url.Values, body json.RawMessage) (map[string]any, error) {
		given := q.Get("access_token")
		state := s.tokenState()
		for _, old := range s.corp.token.old {
			if given == old {
				state = codeOldToken
			}
		}
		switch {
		case given == "":
			return nil, refuse(codeNoToken, "access_token missing")
		case state == codeOldToken:
			return nil, refuse(codeOldToken, "access_token expired")
		case state != 0 || given != s.corp.token.value || s.o.Corp.BadTokens:
			return nil, refuse(codeBadToken, "invalid access_token")
		case s.corp.untrusted:
			return nil, refuse(codeUntrustedIP, "not allow to access from your ip")
		}
		return do(q, body)
	}
}

// RevokeToken takes the access token back before its time is over, as WeCom says it may: who uses it gets
// 40014, and who asks gets another.
func (s *Server) RevokeToken() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.corp.token.value = ""
}

// ExpireToken lets the time of the access token be over: who uses it gets 42001, and who asks gets another.
func (s *Server) ExpireToken() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.corp.token.since = s.corp.token.since.Add(-tokenLife)
}

// TokenCalls tells how often gettoken was called, whatever the answer was.
func (s *Server) TokenCalls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.corp.asked
}

// within keeps what is younger than d.
func within(all []time.Time, d time.Duration) []time.Time {
	var out []time.Time
	for _, at := range all {
		if time.Since(at) < d {
			out = append(out, at)
		}
	}
	return out
}

// domainIPs answers get_api_domain_ip (https://developer.work.weixin.qq.com/document/path/92520).
func (s *Server) domainIPs(url.Values, json.RawMessage) (map[string]any, error) {
	return map[string]any{"ip_list": []string{"192.0.2.1"}}, nil
}

// agent answers agent/get (https://developer.work.weixin.qq.com/document/path/90227).
func (s *Server) agent(q url.Values, _ json.RawMessage) (map[string]any, error) {
	if id, err := strconv.Atoi(q.Get("agentid")); err != nil || id != s.o.Corp.AgentID {
		return nil, refuse(codeBadAgent, "invalid agentid")
	}
	users, parties := []map[string]string{}, []int{}
	if s.o.Corp.Users == nil {
		parties = []int{1} // the root of all departments
	}
	for _, u := range s.o.Corp.Users {
		users = append(users, map[string]string{"userid": u})
	}
	return map[string]any{
		"agentid": s.o.Corp.AgentID, "name": s.o.Corp.Name, "square_logo_url": "https://logo.example/1.png", "description": "",
		"allow_userinfos": map[string]any{"user": users}, "allow_partys": map[string]any{"partyid": parties}, "close": 0,
		"redirect_domain": "", "report_location_flag": 0, "isreportenter": 1, "home_url": "",
	}, nil
}

// user answers user/get (https://developer.work.weixin.qq.com/document/path/90196).
func (s *Server) user(q url.Values, _ json.RawMessage) (map[string]any, error) {
	id := q.Get("userid")
	if !s.reachable(id) {
		return nil, refuse(codeNoMember, "userid not found")
	}
	return map[string]any{"userid": s.member(id).id, "name": s.member(id).id, "status": 1, "department": []int{1}}, nil
}
