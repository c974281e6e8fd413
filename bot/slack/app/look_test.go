package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// slackSays is a fake of the Web API that gives one answer to everything, and notes what it was asked.
func slackSays(t *testing.T, status int, header http.Header, body string) (apiURL string, asked *[]string) {
	t.Helper()
	asked = new([]string)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		*asked = append(*asked, r.URL.Path+" "+r.Header.Get("Authorization")+" "+r.Form.Get("token")+" "+r.Form.Get("channel"))
		for k, v := range header {
			w.Header()[k] = v
		}
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}))
	t.Cleanup(s.Close)
	return s.URL + "/api/", asked
}

// TestInstallation: whose the token is and which scopes it has, or that Slack did not say.
func TestInstallation(t *testing.T) {
	const body = `{"ok":true,"url":"https://x.slack.com/","team":"Xiamen","user":"policybot","team_id":"T1","user_id":"U1","bot_id":"B1","enterprise_id":"E1"}`
	want := Installation{Team: "Xiamen", TeamID: "T1", Enterprise: "E1", Bot: "policybot", IsBot: true, Told: true, Scopes: []string{"chat:write", "commands"}}
	u, asked := slackSays(t, 200, http.Header{"X-Oauth-Scopes": {"chat:write, commands"}}, body)
	got, err := NewClient("xoxb-1", "xapp-1", u, nil).Installation(t.Context())
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	if len(*asked) != 1 || !strings.HasPrefix((*asked)[0], "/api/auth.test ") || !strings.Contains((*asked)[0], "xoxb-1") {
		t.Errorf("asked %q", *asked)
	}
	u, _ = slackSays(t, 200, nil, strings.Replace(body, `"bot_id":"B1",`, "", 1))
	if got, err := NewClient("xoxb-1", "", u, nil).Installation(t.Context()); err != nil || got.Told || got.IsBot || len(got.Scopes) > 0 {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestConnects: the app token is tried, not the bot's, and nothing is dialled.
func TestConnects(t *testing.T) {
	u, asked := slackSays(t, 200, nil, `{"ok":true,"url":"wss://127.0.0.1:1/link"}`)
	if err := NewClient("xoxb-1", "xapp-1", u, nil).Connects(t.Context()); err != nil {
		t.Error(err)
	}
	if len(*asked) != 1 || !strings.Contains((*asked)[0], "/api/apps.connections.open Bearer xapp-1") {
		t.Errorf("asked %q", *asked)
	}
}

// TestChannel: membership and what else matters of a channel.
func TestChannel(t *testing.T) {
	for body, want := range map[string]Channel{
		`{"ok":true,"channel":{"id":"C1","name":"desk","is_member":true}}`:                                    {Name: "desk", Member: true},
		`{"ok":true,"channel":{"id":"C1","name":"desk","is_archived":true,"is_ext_shared":true}}`:             {Name: "desk", Archived: true, External: true},
		`{"ok":true,"channel":{"id":"C1","name":"desk","is_member":true,"is_pending_ext_shared":true}}`:       {Name: "desk", Member: true, External: true},
		`{"ok":true,"channel":{"id":"C1","name":"desk","is_member":true,"is_shared":true,"is_private":true}}`: {Name: "desk", Member: true},
	} {
		u, asked := slackSays(t, 200, nil, body)
		got, err := NewClient("xoxb-1", "", u, nil).Channel(t.Context(), "C1")
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v", body, got, err)
		}
		if len(*asked) != 1 || !strings.HasSuffix((*asked)[0], " C1") {
			t.Errorf("asked %q", *asked)
		}
	}
}

// TestErrors: each failure has its code, and no token.
func TestErrors(t *testing.T) {
	for _, tt := range []struct {
		name   string
		status int
		header http.Header
		body   string
		want   Error
	}{
		{"refused", 200, nil, `{"ok":false,"error":"invalid_auth"}`, Error{Code: "invalid_auth"}},
		{"scope", 200, nil, `{"ok":false,"error":"missing_scope","needed":"channels:read,groups:read","provided":"chat:write"}`, Error{Code: "missing_scope", Needed: "channels:read,groups:read"}},
		{"limited", 429, http.Header{"Retry-After": {"30"}}, "", Error{Code: RateLimited, After: 30 * time.Second}},
		{"limited without a time", 429, nil, "", Error{Code: RateLimited}},
		{"broken", 503, nil, "<html>", Error{Code: Unreachable}},
		{"no Slack", 404, nil, "not found", Error{Code: BadAnswer}},
		{"no JSON", 200, nil, "<html>hello", Error{Code: BadAnswer}},
		{"empty", 200, nil, "{}", Error{Code: BadAnswer}},
		{"nothing asked for", 200, nil, `{"ok":true}`, Error{Code: BadAnswer}},
	} {
		u, _ := slackSays(t, tt.status, tt.header, tt.body)
		c := NewClient("xoxb-secret", "xapp-secret", u, nil)
		_, first := c.Installation(t.Context())
		second := c.Connects(t.Context())
		_, third := c.Channel(t.Context(), "C1")
		for i, err := range []error{first, second, third} {
			got, ok := errors.AsType[*Error](err)
			if !ok {
				t.Errorf("%s, call %d: %v", tt.name, i, err)
				continue
			}
			if got.Code != tt.want.Code || got.Needed != tt.want.Needed || got.After != tt.want.After || !strings.Contains(err.Error(), got.Method) {
				t.Errorf("%s, call %d: %+v, want %+v", tt.name, i, got, tt.want)
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("%s: a token is shown: %v", tt.name, err)
			}
		}
	}
}

// TestUnreachable: nothing listens, or nothing answers; the latter is waited for so long and no longer.
func TestUnreachable(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	s.Close()
	if _, err := NewClient("xoxb-1", "", s.URL+"/", nil).Installation(t.Context()); code(err) != Unreachable {
		t.Errorf("closed: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := NewClient("xoxb-1", "", s.URL+"/", nil).Installation(ctx); code(err) != Unreachable || !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		_, err := NewClient("xoxb-1", "", "http://slack.example/", silent{}).Installation(t.Context())
		if took := time.Since(began); code(err) != Unreachable || took != CallTimeout {
			t.Errorf("silent: %v after %v", err, took)
		}
	})
}

// silent is a network on which no answer ever comes.
type silent struct{}

func (silent) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func code(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return ""
}
