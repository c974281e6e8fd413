package httpapi

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"policybot/bot/channel"
	"policybot/bot/channel/channeltest"
	"policybot/bot/journal"
)

func TestChannel(t *testing.T) {
	channeltest.Run(t, func(t testing.TB) channeltest.Platform {
		p := &suitePlatform{t: t, answers: map[string]json.RawMessage{}, handles: map[string]channel.Handle{}}
		t.Cleanup(p.end)
		return p
	})
}

const suiteToken = "secret-token"

// A suitePlatform plays programs that ask over HTTP, each question as a stream, and the part of the service
// that stores answers.
type suitePlatform struct {
	t       testing.TB
	api     *API // the latest
	url     string
	client  *http.Client
	working sync.WaitGroup

	mu      sync.Mutex
	sent    []*suiteRequest
	answers map[string]json.RawMessage
	handles map[string]channel.Handle
}

// A suiteRequest is one gesture.
type suiteRequest struct {
	kind               channel.Kind
	place              channel.Place
	method, path, body string
	headers            http.Header

	acked    bool
	id       string // of the question
	text     string // seen so far
	progress string
	message  *channeltest.Message // the whole reply
}

// A suiteAnswer is the Answer of this service, as far as a program shows it.
type suiteAnswer struct {
	ID        string        `json:"id"`
	Outcome   string        `json:"outcome"`
	Text      string        `json:"text"`
	Sentences []streamed    `json:"sentences"`
	Mode      channel.Label `json:"mode"`
	Sources   []string      `json:"sources"`
}

func (p *suitePlatform) Can() channeltest.Can {
	return channeltest.Can{
		Kinds: []channel.Kind{channel.Question, channel.Rated, channel.HandOver, channel.Deleted},
		Acks:  channeltest.AckStored, Places: true, People: true, Folds: true, Lasting: true,
		Secrets: []string{suiteToken}, Helpers: []string{"httpapi.(*suitePlatform)"},
	}
}

// Connect ends the server before, as the end of its process would, and serves a fresh API.
func (p *suitePlatform) Connect() (channel.Channel, error) {
	if p.api != nil {
		p.api.StopWaiting()
	}
	p.api = New(Options{Answers: p, Token: suiteToken, Wait: 24 * time.Hour, Log: slog.New(slog.DiscardHandler)})
	p.url, p.client = channeltest.Serve(p.t, p.api.Handler())
	return &suiteChannel{p.api, p}, nil
}

// end waits until every request has ended.
func (p *suitePlatform) end() {
	if p.api != nil {
		p.api.StopWaiting()
	}
	p.working.Wait()
}

func (p *suitePlatform) Do(g channeltest.Gesture) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	name := fmt.Sprint(len(p.sent))
	r := &suiteRequest{kind: g.Kind, place: g.Place, method: "POST", headers: http.Header{}}
	r.headers.Set("Authorization", "Bearer "+suiteToken)
	r.headers.Set(HeaderKey, "key-"+name)
	r.headers.Set(HeaderUser, g.By.ID)
	r.headers.Set(HeaderConversation, g.Place.ID+"/"+g.Place.Thread)
	switch g.Kind {
	case channel.Question:
		r.path = "ask"
		r.headers.Set("Accept", "text/event-stream")
		r.body = fmt.Sprintf(`{"id":"q%s","question":%s}`, name, quoteBytes(g.Text))
	case channel.Rated:
		r.path = "answers/" + g.Feedback.Answer + "/feedback"
		r.body = fmt.Sprintf(`{"good":%t,"reason":%q,"text":%q}`, g.Feedback.Good, g.Feedback.Reason, g.Feedback.Text)
	case channel.HandOver:
		r.path = "answers/q0/handover"
		r.body = fmt.Sprintf(`{"text":%q}`, g.Text)
	case channel.Deleted:
		r.method, r.path = "DELETE", "answers/q"+g.Of
	default:
		return "", channeltest.ErrCannot
	}
	p.sent = append(p.sent, r)
	p.send(r)
	return name, nil
}

// quoteBytes writes a text as JSON, leaving bytes that are not UTF-8 as they are.
func quoteBytes(s string) []byte {
	var b bytes.Buffer
	b.WriteByte('"')
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ' || c == '"' || c == '\\':
			fmt.Fprintf(&b, `\u%04x`, c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.Bytes()
}

func (p *suitePlatform) Redeliver(gesture string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for name, r := range p.sent {
		if fmt.Sprint(name) == gesture {
			p.send(r)
			return nil
		}
	}
	return fmt.Errorf("no gesture %s", gesture)
}

func (p *suitePlatform) Acked(gesture string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for name, r := range p.sent {
		if fmt.Sprint(name) == gesture {
			return r.acked
		}
	}
	return false
}

// send makes a request to the latest API in a goroutine of the platform.
func (p *suitePlatform) send(r *suiteRequest) {
	req, err := http.NewRequestWithContext(context.Background(), r.method, p.url+apiRoot+r.path, strings.NewReader(r.body))
	if err != nil {
		p.t.Error(err)
		return
	}
	req.Header = r.headers
	client := p.client
	p.working.Go(func() { p.exchange(client, req, r) })
}

// exchange makes a request and takes in its reply.
func (p *suitePlatform) exchange(client *http.Client, req *http.Request, r *suiteRequest) {
	resp, err := client.Do(req)
	if err != nil {
		return // the server has ended
	}
	defer resp.Body.Close()
	if !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream") {
		p.mu.Lock()
		defer p.mu.Unlock()
		r.acked = r.acked || resp.StatusCode < 300
		return
	}
	lines := bufio.NewReader(resp.Body)
	event := ""
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		if name, ok := strings.CutPrefix(line, "event: "); ok {
			event = strings.TrimSpace(name)
		}
		if data, ok := strings.CutPrefix(line, "data: "); ok {
			p.see(r, event, []byte(data))
		}
	}
}

// see takes in one event of a stream.
func (p *suitePlatform) see(r *suiteRequest, event string, data []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var d struct{ ID, Text, Step string }
	if err := json.Unmarshal(data, &d); err != nil {
		p.t.Errorf("event %s: %v", event, err)
	}
	switch event {
	case "accepted":
		r.acked, r.id = true, d.ID
	case "progress":
		r.progress = d.Step
	case "text":
		r.text += d.Text
	case "answer":
		p.show(r, data)
	case "error", "pending":
		r.text, r.progress = "", ""
	}
}

// show puts a whole reply in the place of what was seen of it.
func (p *suitePlatform) show(r *suiteRequest, data []byte) {
	var a suiteAnswer
	if err := json.Unmarshal(data, &a); err != nil {
		p.t.Error(err)
	}
	r.message = &channeltest.Message{Text: a.Text, Label: a.Mode, Sources: a.Sources}
	r.text, r.progress = "", ""
}

func (p *suitePlatform) Screen(place channel.Place) channeltest.Screen {
	p.mu.Lock()
	requests := append([]*suiteRequest(nil), p.sent...)
	p.mu.Unlock()
	var s channeltest.Screen
	for _, r := range requests {
		if r.kind != channel.Question || r.place != place {
			continue
		}
		p.fetch(r)
		p.mu.Lock()
		if r.message != nil {
			s.Messages = append(s.Messages, *r.message)
		}
		s.Snapshot += r.text
		s.Progress += r.progress
		p.mu.Unlock()
	}
	return s
}

// fetch gets a reply that was not seen whole.
func (p *suitePlatform) fetch(r *suiteRequest) {
	p.mu.Lock()
	id, whole := r.id, r.message != nil
	p.mu.Unlock()
	if id == "" || whole {
		return
	}
	req, _ := http.NewRequestWithContext(context.Background(), "GET", p.url+apiRoot+"answers/"+id, nil)
	req.Header = r.headers
	resp, err := p.client.Do(req)
	if err != nil {
		p.t.Error(err)
		return
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Error(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if resp.StatusCode == http.StatusOK {
		p.show(r, data)
	}
}

// suiteGarbage makes of a good request what must be refused as a mistake of the caller.
var suiteGarbage = map[string]func(*suiteRequest){
	"no token":                 func(r *suiteRequest) { r.headers.Del("Authorization") },
	"a wrong token":            func(r *suiteRequest) { r.headers.Set("Authorization", "Bearer other") },
	"no body":                  func(r *suiteRequest) { r.body = "" },
	"half a body":              func(r *suiteRequest) { r.body = `{"question":"gar` },
	"a body of another form":   func(r *suiteRequest) { r.body = "question=garbage" },
	"no question":              func(r *suiteRequest) { r.body = "{}" },
	"a question of numbers":    func(r *suiteRequest) { r.body = `{"question":[1]}` },
	"bytes that are not UTF-8": func(r *suiteRequest) { r.body = "{\"question\":\"\xff\"}" },
	"a body over the limit":    func(r *suiteRequest) { r.body = `{"question":"` + strings.Repeat("x", maxAsk) + `"}` },
	"a bad key":                func(r *suiteRequest) { r.headers.Set(HeaderKey, "a b") },
	"another method":           func(r *suiteRequest) { r.method = "PUT" },
}

func (p *suitePlatform) Garbage() []string {
	return slices.Sorted(maps.Keys(suiteGarbage))
}

func (p *suitePlatform) Garble(name string) (bool, error) {
	r := &suiteRequest{method: "POST", path: "ask", body: `{"question":"garbage"}`, headers: http.Header{}}
	r.headers.Set("Authorization", "Bearer "+suiteToken)
	suiteGarbage[name](r)
	req, err := http.NewRequestWithContext(context.Background(), r.method, p.url+apiRoot+r.path, strings.NewReader(r.body))
	if err != nil {
		return false, err
	}
	req.Header = r.headers
	resp, err := p.client.Do(req)
	if err != nil {
		return false, err
	}
	defer resp.Body.Close()
	return resp.StatusCode >= 400 && resp.StatusCode < 500, nil
}

func (p *suitePlatform) Answer(_ context.Context, id string) (json.RawMessage, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if raw := p.answers[id]; raw != nil {
		return raw, nil
	}
	if _, ok := p.handles[id]; ok {
		return nil, journal.ErrPending
	}
	return nil, journal.ErrNotFound
}

func (p *suitePlatform) Reply(_ context.Context, id string) (channel.Handle, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	h, ok := p.handles[id]
	if !ok {
		return h, journal.ErrNotFound
	}
	return h, nil
}

// store keeps a document as an Answer. The service takes out of a text what nobody can see.
func (p *suitePlatform) store(id string, d channel.Doc) {
	a := suiteAnswer{ID: id, Outcome: "answered", Mode: d.Label, Text: strings.Map(visible, d.Text)}
	for _, n := range d.Nodes {
		if n.Kind == channel.Sentence {
			a.Sentences = append(a.Sentences, streamed{n.Text, n.Cites})
		}
	}
	for _, c := range d.Citations {
		a.Sources = append(a.Sources, c.Title)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answers[id] = encode(a)
}

func visible(c rune) rune {
	if unicode.IsControl(c) && c != '\n' && c != '\t' {
		return -1
	}
	return c
}

// A suiteChannel is the API with the service around it: questions are remembered when they are stored, and
// an answer is stored before its reply is finished.
type suiteChannel struct {
	*API
	p *suitePlatform
}

func (c *suiteChannel) Run(ctx context.Context, sink channel.Sink) error {
	return c.API.Run(ctx, func(ctx context.Context, e channel.Event) (channel.Accepted, error) {
		got, err := sink(ctx, e)
		if err == nil && e.Kind == channel.Question {
			c.p.mu.Lock()
			c.p.handles[got.ID] = e.Reply
			c.p.mu.Unlock()
		}
		return got, err
	})
}

func (c *suiteChannel) Begin(ctx context.Context, h channel.Handle, id string) (channel.Reply, error) {
	r, err := c.API.Begin(ctx, h, id)
	if err != nil {
		return nil, err
	}
	return &suiteReply{r, c.p, id}, nil
}

type suiteReply struct {
	channel.Reply
	p  *suitePlatform
	id string
}

func (r *suiteReply) Finish(ctx context.Context, d channel.Doc, as channel.Delivery) (channel.Receipt, error) {
	r.p.store(r.id, d)
	return r.Reply.Finish(ctx, d, as)
}
