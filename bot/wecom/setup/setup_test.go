package setup_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"policybot/bot/wecom/setup"
	"policybot/bot/wecom/wxcrypt"
)

const secret = "canary-of-the-secret"

// answering is a fake API that answers one text to every call, as long as the call is what it must be.
func answering(t *testing.T, status int, body string) (*setup.Client, *[]string) {
	t.Helper()
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.URL.String())
		w.Header().Set("Location", "/elsewhere?secret="+secret)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	return setup.NewClient(server.URL, nil), &asked
}

// wants compares what a check failed with; "" for nothing. No error has the secret.
func wants(t *testing.T, name string, err error, call string, code int, way string, status int) *setup.Error {
	t.Helper()
	e, ok := errors.AsType[*setup.Error](err)
	switch {
	case call == "" && err == nil:
	case !ok || e.Call != call || e.Code != code || e.Way != way || e.Status != status || e.Err == nil:
		t.Errorf("%s: %#v, want %s %d %q %d", name, err, call, code, way, status)
	case strings.Contains(err.Error(), secret) || strings.Contains(fmt.Sprintf("%#v", e.Err), secret):
		t.Errorf("%s: the secret is in %v", name, err)
	}
	return e
}

// TestToken: what WeCom answers to gettoken is told apart.
func TestToken(t *testing.T) {
	for _, tt := range []struct {
		name   string
		status int
		body   string
		token  string
		code   int
		way    string
		told   int // status
		from   string
	}{
		{name: "fine", body: `{"errcode":0,"errmsg":"ok","access_token":"T","expires_in":7200}`, token: "T"},
		{name: "wrong secret", body: `{"errcode":40001,"errmsg":"invalid credential, hint: [1]"}`, code: setup.CodeSecret},
		{name: "no such corporation", body: `{"errcode":40013,"errmsg":"invalid corpid"}`, code: setup.CodeCorp},
		{name: "address", body: `{"errcode":60020,"errmsg":"not allow to access from your ip, hint: [1658], from ip: 115.227.127.185, more info at https://open.work.weixin.qq.com/devtool/query?e=60020"}`, code: setup.CodeAddress, from: "115.227.127.185"},
		{name: "address of six", body: `{"errcode":60020,"errmsg":"from ip: 2001:db8::1."}`, code: setup.CodeAddress, from: "2001:db8::1"},
		{name: "address not told", body: `{"errcode":60020,"errmsg":"not allow to access from your ip"}`, code: setup.CodeAddress},
		{name: "no token", body: `{"errcode":0,"errmsg":"ok"}`, way: setup.BadAnswer},
		{name: "no code", body: `{"access_token":"T"}`, way: setup.BadAnswer, told: 200},
		{name: "a page", body: `<html>`, way: setup.BadAnswer, told: 200},
		{name: "elsewhere", status: 302, way: setup.BadAnswer, told: 302},
		{name: "not found", status: 404, way: setup.BadAnswer, told: 404},
		{name: "down", status: 502, way: setup.Unreachable, told: 502},
	} {
		c, asked := answering(t, max(tt.status, 200), tt.body)
		token, err := c.Token(t.Context(), "ww1", secret)
		call := "gettoken"
		if tt.token != "" {
			call = ""
		}
		e := wants(t, tt.name, err, call, tt.code, tt.way, tt.told)
		if token != tt.token || e != nil && e.From != tt.from {
			t.Errorf("%s: token %q, %+v", tt.name, token, e)
		}
		if got := strings.Join(*asked, " "); got != "GET /cgi-bin/gettoken?corpid=ww1&corpsecret="+secret {
			t.Errorf("%s: asked %s", tt.name, got)
		}
	}
	_, err := setup.NewClient("http://127.0.0.1:1", nil).Token(t.Context(), "ww1", secret)
	wants(t, "nobody there", err, "gettoken", 0, setup.Unreachable, 0)
	_, err = setup.NewClient("http://\x00", nil).Token(t.Context(), "ww1", secret)
	wants(t, "no address", err, "gettoken", 0, setup.Unreachable, 0)
}

// TestAgent: an app is told with how many may use it.
func TestAgent(t *testing.T) {
	const app = `{"errcode":0,"errmsg":"ok","agentid":1000002,"name":"政策问答","close":0,` +
		`"allow_userinfos":{"user":[{"userid":"a"},{"userid":"b"}]},"allow_partys":{"partyid":[1]},"allow_tags":{"tagid":[1,2,3]}}`
	c, asked := answering(t, 200, app)
	a, err := c.Agent(t.Context(), "T", 1000002)
	if want := (setup.Agent{Name: "政策问答", Told: true, Users: 2, Parties: 1, Labels: 3}); err != nil || a != want {
		t.Errorf("%+v, %v", a, err)
	}
	if got := strings.Join(*asked, " "); got != "GET /cgi-bin/agent/get?access_token=T&agentid=1000002" {
		t.Error(got)
	}
	_, err = c.Agent(t.Context(), "T", 1000003)
	wants(t, "another app", err, "agent/get", 0, setup.BadAnswer, 0)
	c, _ = answering(t, 200, strings.Replace(app, `"close":0`, `"close":1`, 1))
	if a, err := c.Agent(t.Context(), "T", 1000002); err != nil || !a.Closed {
		t.Errorf("%+v, %v", a, err)
	}
	for body, want := range map[string]bool{`{"errcode":0,"agentid":1}`: false, `{"errcode":0,"agentid":1,"allow_partys":{"partyid":[]}}`: true} {
		c, _ = answering(t, 200, body)
		if a, err := c.Agent(t.Context(), "T", 1); err != nil || a != (setup.Agent{Told: want}) {
			t.Errorf("%s: %+v, %v", body, a, err)
		}
	}
	c, _ = answering(t, 200, `{"errcode":301002,"errmsg":"not allow operate another agent"}`)
	_, err = c.Agent(t.Context(), "T", 1000002)
	wants(t, "of another app", err, "agent/get", setup.CodeOtherAgent, "", 0)
}

const (
	token = "canaryToken"
	key   = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
)

func crypt(t *testing.T, token, key, receiver string) *wxcrypt.Crypt {
	t.Helper()
	c, err := wxcrypt.New(token, key, receiver)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestVerify: an address that echoes passes; what differs is told by the status.
func TestVerify(t *testing.T) {
	theirs := crypt(t, token, key, "ww1")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		echo, err := theirs.Verify(q.Get("msg_signature"), q.Get("timestamp"), q.Get("nonce"), q.Get("echostr"), time.Now())
		switch {
		case r.Method != http.MethodGet:
			w.WriteHeader(http.StatusMethodNotAllowed)
		case r.URL.Path == "/quoted":
			_, _ = fmt.Fprintf(w, "%q", echo)
		case r.URL.Path == "/ended":
			_, _ = fmt.Fprintln(w, string(echo))
		case r.URL.Path == "/moved":
			http.Redirect(w, r, "/callback?"+r.URL.RawQuery, http.StatusFound)
		case r.URL.Path == "/down":
			w.WriteHeader(http.StatusBadGateway)
		case r.URL.Path != "/callback":
			w.WriteHeader(http.StatusNotFound)
		case errors.Is(err, wxcrypt.ErrMalformed):
			w.WriteHeader(http.StatusBadRequest)
		case err != nil:
			w.WriteHeader(http.StatusUnauthorized)
		default:
			_, _ = w.Write(echo)
		}
	}))
	defer server.Close()
	otherKey := "x" + key[1:]
	for _, tt := range []struct {
		name, path string
		ours       *wxcrypt.Crypt
		way        string
		status     int
	}{
		{"fine", "/callback", crypt(t, token, key, "ww1"), "", 0},
		{"another token", "/callback", crypt(t, "other", key, "ww1"), setup.BadAnswer, 401},
		{"another key", "/callback", crypt(t, token, otherKey, "ww1"), setup.BadAnswer, 400},
		{"another receiver", "/callback", crypt(t, token, key, ""), setup.BadAnswer, 400},
		{"another path", "/elsewhere", crypt(t, token, key, "ww1"), setup.BadAnswer, 404},
		{"in quotation marks", "/quoted", crypt(t, token, key, "ww1"), setup.BadAnswer, 200},
		{"with a line end", "/ended", crypt(t, token, key, "ww1"), setup.BadAnswer, 200},
		{"moved", "/moved", crypt(t, token, key, "ww1"), setup.BadAnswer, 302},
		{"nobody behind the proxy", "/down", crypt(t, token, key, "ww1"), setup.Unreachable, 502},
	} {
		for range 3 { // the echo is another each time
			call := "callback"
			if tt.way == "" {
				call = ""
			}
			wants(t, tt.name, setup.Verify(t.Context(), server.URL+tt.path, tt.ours, nil), call, 0, tt.way, tt.status)
		}
	}
	wants(t, "nobody there", setup.Verify(t.Context(), "http://127.0.0.1:1/callback", theirs, nil), "callback", 0, setup.Unreachable, 0)
}

// TestSubscribe: whether WeCom takes an id and a secret, whatever else comes over the connection meanwhile.
func TestSubscribe(t *testing.T) {
	type said struct {
		Cmd     string
		Headers map[string]string
		Body    map[string]string
	}
	closed := make(chan bool, 10)
	answer := func(w http.ResponseWriter, r *http.Request, with func(c *websocket.Conn, s said)) {
		c, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close()
		var s said
		if err := c.ReadJSON(&s); err != nil || s.Cmd != "aibot_subscribe" || s.Headers["req_id"] == "" || s.Body["bot_id"] != "aib1" || s.Body["secret"] != secret {
			t.Errorf("%+v, %v", s, err)
		}
		with(c, s)
		_, _, err = c.ReadMessage()
		closed <- websocket.IsCloseError(err, websocket.CloseNormalClosure)
	}
	reply := func(c *websocket.Conn, text string, args ...any) {
		if err := c.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, text, args...)); err != nil {
			t.Error(err)
		}
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/fine":
			answer(w, r, func(c *websocket.Conn, s said) {
				reply(c, `{"cmd":"aibot_msg_callback","headers":{"req_id":"x"},"body":{"msgid":"1","text":{"content":"?"}}}`)
				reply(c, `{"headers":{"req_id":"another"},"errcode":853000,"errmsg":"no"}`)
				reply(c, `{"headers":{"req_id":%q},"errcode":0,"errmsg":"ok"}`, s.Headers["req_id"])
			})
		case "/refused":
			answer(w, r, func(c *websocket.Conn, s said) {
				reply(c, `{"headers":{"req_id":%q},"errcode":853000,"errmsg":"invalid bot_id or secret"}`, s.Headers["req_id"])
			})
		case "/page":
			answer(w, r, func(c *websocket.Conn, _ said) { reply(c, "<html>") })
		case "/silent":
			answer(w, r, func(*websocket.Conn, said) {})
		default:
			w.WriteHeader(http.StatusForbidden)
		}
	}))
	defer server.Close()
	at := "ws" + strings.TrimPrefix(server.URL, "http")
	for _, tt := range []struct {
		path   string
		code   int
		way    string
		status int
	}{
		{path: "/fine"},
		{path: "/refused", code: setup.CodeBotSecret},
		{path: "/page", way: setup.BadAnswer},
		{path: "/none", way: setup.BadAnswer, status: 403},
		{path: "/silent", way: setup.Unreachable},
	} {
		ctx, quit := context.WithTimeout(t.Context(), 5*time.Second)
		if tt.path == "/silent" {
			quit()
			ctx, quit = context.WithTimeout(t.Context(), 200*time.Millisecond)
		}
		call := "aibot_subscribe"
		if tt.path == "/fine" {
			call = ""
		}
		wants(t, tt.path, setup.Subscribe(ctx, at+tt.path, "aib1", secret, nil), call, tt.code, tt.way, tt.status)
		quit()
		if tt.path == "/fine" && !<-closed {
			t.Error("the connection was not closed properly")
		}
	}
	dialled := errors.New("dialled")
	err := setup.Subscribe(t.Context(), at, "aib1", secret, func(context.Context, string, string) (net.Conn, error) { return nil, dialled })
	if wants(t, "own way", err, "aibot_subscribe", 0, setup.Unreachable, 0); !errors.Is(err, dialled) {
		t.Errorf("%v", err)
	}
}
