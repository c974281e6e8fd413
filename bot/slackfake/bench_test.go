package slackfake_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"policybot/bot/channel/channeltest"
	"policybot/bot/slackfake"
)

type obj = map[string]any

const (
	botToken = "xoxb-of-the-test"
	appToken = "xapp-of-the-test"
	botUser  = "U0000BOT" // of the zero Options
)

// A bench is a workspace with what a bot needs to reach it.
type bench struct {
	*slackfake.Server
	t      *testing.T
	url    string
	client *http.Client
}

// inBubble runs a test with a workspace, both in a bubble.
func inBubble(t *testing.T, o slackfake.Options, test func(*testing.T, *bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, o)
		b.url, b.client = channeltest.Serve(t, b.Server)
		test(t, b)
	})
}

func newBench(t *testing.T, o slackfake.Options) *bench {
	t.Helper()
	o.BotToken, o.AppToken = botToken, appToken
	s, err := slackfake.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return &bench{Server: s, t: t}
}

// post makes a call with the bot's token, or the app's where a method wants that, and gives the status and the answer.
func (b *bench) post(method string, args obj) (answer, obj) {
	b.t.Helper()
	token := botToken
	if method == "apps.connections.open" {
		token = appToken
	}
	body, err := json.Marshal(args)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.request(method, "application/json; charset=utf-8", token, string(body))
}

func (b *bench) request(method, kind, token, body string) (answer, obj) {
	b.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, b.url+"/api/"+method, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := b.client.Do(req)
	if err != nil {
		return answer{}, nil
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return answer{}, nil
	}
	var out obj
	if json.Unmarshal(data, &out) != nil {
		out = nil
	}
	return answer{resp.StatusCode, resp.Header}, out
}

// An answer is what came besides the body; without one the status is 0.
type answer struct {
	StatusCode int
	Header     http.Header
}

// ok makes a call that must succeed.
func (b *bench) ok(method string, args obj) obj {
	b.t.Helper()
	_, out := b.post(method, args)
	if out["ok"] != true {
		b.t.Fatalf("%s %v gave %v", method, args, out)
	}
	return out
}

// fails makes a call that must fail with a name.
func (b *bench) fails(name, method string, args obj) obj {
	b.t.Helper()
	_, out := b.post(method, args)
	if out["ok"] != false || out["error"] != name {
		b.t.Errorf("%s %.200v gave %v, want the error %s", method, args, out, name)
	}
	return out
}

// say lets U1 say something and gives the gesture and its ts.
func (b *bench) say(channel, thread, text string) (string, string) {
	b.t.Helper()
	g, err := b.Say(slackfake.Said{User: "U1", Channel: channel, Thread: thread, Text: text})
	if err != nil {
		b.t.Fatal(err)
	}
	_, ts := b.TS(g)
	return g, ts
}

// must gives the name of a gesture that must be possible.
func (b *bench) must(g string, err error) string {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	return g
}

func with(o obj, more ...any) obj {
	out := maps.Clone(o)
	for i := 0; i < len(more); i += 2 {
		out[more[i].(string)] = more[i+1]
	}
	return out
}

// A sock is the bot's end of a Socket Mode connection.
type sock struct {
	ws    *websocket.Conn
	first chan struct{} // closed when the first frame is there, or it has ended
	over  chan struct{} // closed when it has ended
	auto  bool          // it acknowledges at once

	mu     sync.Mutex
	frames []obj
	pinged int
}

// dial opens a connection. In a bubble it goes through the transport of the client.
func (b *bench) dial(auto bool) *sock {
	b.t.Helper()
	k, status := b.tryDial(auto)
	if k == nil {
		b.t.Fatalf("no connection: status %d", status)
	}
	return k
}

func (b *bench) tryDial(auto bool) (*sock, int) {
	b.t.Helper()
	_, out := b.post("apps.connections.open", nil)
	link, _ := out["url"].(string)
	if link == "" {
		return nil, 0
	}
	return b.dialLink(link, auto)
}

func (b *bench) dialLink(link string, auto bool) (*sock, int) {
	b.t.Helper()
	d := websocket.Dialer{HandshakeTimeout: time.Minute}
	if tr, ok := b.client.Transport.(*http.Transport); ok {
		d.NetDialContext = tr.DialContext
	}
	ws, resp, err := d.Dial(link, nil)
	if resp == nil {
		return nil, 0
	}
	defer resp.Body.Close()
	if err != nil {
		return nil, resp.StatusCode
	}
	k := &sock{ws: ws, first: make(chan struct{}), over: make(chan struct{}), auto: auto}
	pong := ws.PingHandler()
	ws.SetPingHandler(func(data string) error {
		k.mu.Lock()
		k.pinged++
		k.mu.Unlock()
		return pong(data)
	})
	go k.read()
	<-k.first
	b.t.Cleanup(func() {
		ws.Close()
		<-k.over
	})
	return k, resp.StatusCode
}

func (k *sock) read() {
	defer close(k.over)
	first := sync.OnceFunc(func() { close(k.first) })
	defer first()
	for {
		_, data, err := k.ws.ReadMessage()
		if err != nil {
			return
		}
		f := obj{"raw": string(data)}
		if json.Unmarshal(data, &f) != nil {
			f["type"] = "garbage"
		}
		k.mu.Lock()
		k.frames = append(k.frames, f)
		k.mu.Unlock()
		first()
		if id, ok := f["envelope_id"].(string); ok && k.auto {
			k.ack(id, nil)
		}
	}
}

func (k *sock) ack(envelope string, payload any) {
	_ = k.ws.SetWriteDeadline(time.Now().Add(time.Second))
	_ = k.ws.WriteJSON(obj{"envelope_id": envelope, "payload": payload})
}

// got gives the frames of a type so far, in order; all with "".
func (k *sock) got(kind string) []obj {
	k.mu.Lock()
	defer k.mu.Unlock()
	var out []obj
	for _, f := range k.frames {
		if kind == "" || f["type"] == kind {
			out = append(out, f)
		}
	}
	return out
}

// pings counts those that came.
func (k *sock) pings() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.pinged
}

// ended reports whether the connection is over.
func (k *sock) ended() bool {
	select {
	case <-k.over:
		return true
	default:
		return false
	}
}

// inner is the event of an envelope.
func inner(envelope obj) obj { return envelope["payload"].(obj)["event"].(obj) }

// A hook is a bot that is told by HTTP.
type hook struct {
	began  time.Time
	answer func(w http.ResponseWriter, r *http.Request, n int) // the n-th request, from 1; nil: 200

	mu     sync.Mutex
	paths  []string
	bodies []string
	heads  []http.Header
	at     []time.Duration
}

// ServeHTTP implements http.Handler.
func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body bytes.Buffer
	_, _ = body.ReadFrom(r.Body)
	h.mu.Lock()
	h.paths, h.bodies, h.heads = append(h.paths, r.URL.Path), append(h.bodies, body.String()), append(h.heads, r.Header.Clone())
	h.at = append(h.at, time.Since(h.began))
	n := len(h.paths)
	h.mu.Unlock()
	if h.answer != nil {
		h.answer(w, r, n)
	}
}

// hooked runs a test with a bot that is told by HTTP.
func hooked(t *testing.T, o slackfake.Options, answer func(http.ResponseWriter, *http.Request, int), test func(*testing.T, *bench, *hook)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := &hook{began: time.Now(), answer: answer}
		o.Bot, o.Client = channeltest.Serve(t, h)
		b := newBench(t, o)
		b.url, b.client = channeltest.Serve(t, b.Server)
		test(t, b, h)
	})
}

// settleBriefly lets a second pass and everything come to rest.
func settleBriefly() {
	time.Sleep(time.Second)
	synctest.Wait()
}

// settle lets an hour pass and everything come to rest.
func settle() {
	time.Sleep(time.Hour)
	synctest.Wait()
}
