package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"

	"policybot/bot/channel"
	"policybot/bot/journal"
)

// A fakeService is the service in memory: it keeps events, and answers questions when it is told to.
type fakeService struct {
	mu     sync.Mutex
	events []channel.Event
	byID   map[string]*fakeQuestion
	byKey  map[string]*fakeQuestion
	cases  []journal.Case
	fail   error                              // of the sink, for questions only
	broken error                              // of all reading
	hold   chan struct{}                      // the sink waits for it; nil: it does not
	then   func(e channel.Event, asID string) // called when a question was stored
}

type fakeQuestion struct {
	id     string
	event  channel.Event
	answer json.RawMessage // nil while under way
}

func newFake() *fakeService {
	return &fakeService{byID: map[string]*fakeQuestion{}, byKey: map[string]*fakeQuestion{}}
}

// sink is the channel.Sink.
func (f *fakeService) sink(ctx context.Context, e channel.Event) (channel.Accepted, error) {
	f.mu.Lock()
	f.events = append(f.events, e)
	hold := f.hold
	f.mu.Unlock()
	if hold != nil {
		select {
		case <-hold:
		case <-ctx.Done():
			return channel.Accepted{}, ctx.Err()
		}
	}
	got, err := f.store(e)
	if f.then != nil && err == nil && e.Kind == channel.Question {
		f.then(e, got.ID)
	}
	return got, err
}

func (f *fakeService) store(e channel.Event) (channel.Accepted, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch e.Kind {
	case channel.Question:
		if f.fail != nil {
			return channel.Accepted{}, f.fail
		}
		return f.take(e)
	case channel.Rated:
		if f.byID[e.Feedback.Answer] == nil {
			return channel.Accepted{}, fmt.Errorf("rate: %w", journal.ErrNotFound)
		}
	case channel.HandOver:
		if f.byID[e.ContentKey] == nil {
			return channel.Accepted{}, fmt.Errorf("hand over: %w", journal.ErrNotFound)
		}
		return channel.Accepted{ID: "case-of-" + e.ContentKey}, nil
	case channel.Deleted:
		if q := f.byKey[e.ContentKey]; q != nil && q.answer == nil {
			delete(f.byID, q.id)
		}
	}
	return channel.Accepted{}, nil
}

func (f *fakeService) take(e channel.Event) (channel.Accepted, error) {
	if q := f.byKey[e.ContentKey]; q != nil {
		if q.event.Text != e.Text {
			return channel.Accepted{}, fmt.Errorf("accept: %w", channel.ErrKeyReused)
		}
		return channel.Accepted{ID: q.id, Duplicate: true}, nil
	}
	q := &fakeQuestion{id: e.ID, event: e}
	if q.id == "" || f.byID[q.id] != nil {
		q.id = fmt.Sprintf("q-%d", len(f.byID)+1)
	}
	f.byID[q.id], f.byKey[e.ContentKey] = q, q
	switch e.Text {
	case "user_busy", "busy", "stopped", "injection":
		q.answer = json.RawMessage(fmt.Sprintf(`{"id":%q,"outcome":"refused","reason":%q,"sentences":[]}`, q.id, e.Text))
		return channel.Accepted{ID: q.id, Refused: e.Text}, nil
	case "绿灯":
		q.answer = answerOf(q.id, "第一句。", "第二句。")
	}
	return channel.Accepted{ID: q.id}, nil
}

// complete stores the answer of a question, as the service does before its reply is delivered.
func (f *fakeService) complete(id string, answer json.RawMessage) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.byID[id].answer = answer
}

// finish stores an answer and delivers it by the channel.
func (f *fakeService) finish(t testing.TB, a *API, id string, sentences ...string) {
	t.Helper()
	f.complete(id, answerOf(id, sentences...))
	if _, err := f.begin(t, a, id).Finish(t.Context(), channel.Doc{ID: id}, channel.Delivery{Key: id}); err != nil {
		t.Fatal(err)
	}
}

// begin takes up the reply to a question.
func (f *fakeService) begin(t testing.TB, a *API, id string) channel.Reply {
	t.Helper()
	h, err := f.Reply(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	reply, err := a.Begin(t.Context(), h, id)
	if err != nil {
		t.Fatal(err)
	}
	return reply
}

func (f *fakeService) find(id string) (*fakeQuestion, error) {
	if f.broken != nil {
		return nil, f.broken
	}
	if q := f.byID[id]; q != nil {
		return q, nil
	}
	return nil, fmt.Errorf("question %s: %w", id, journal.ErrNotFound)
}

func (f *fakeService) Answer(_ context.Context, id string) (json.RawMessage, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	q, err := f.find(id)
	if err != nil {
		return nil, err
	}
	if q.answer == nil {
		return nil, journal.ErrPending
	}
	return q.answer, nil
}

func (f *fakeService) Reply(_ context.Context, id string) (channel.Handle, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	q, err := f.find(id)
	if err != nil {
		return channel.Handle{}, err
	}
	return q.event.Reply, nil
}

func (f *fakeService) Cases(_ context.Context, state journal.CaseState) ([]journal.Case, error) {
	var list []journal.Case
	for _, c := range f.cases {
		if state == "" || c.State == state {
			list = append(list, c)
		}
	}
	return list, f.broken
}

func (f *fakeService) Case(_ context.Context, id string) (journal.Case, error) {
	for _, c := range f.cases {
		if c.ID == id {
			return c, nil
		}
	}
	return journal.Case{}, fmt.Errorf("case %s: %w", id, journal.ErrNotFound)
}

func (f *fakeService) Respond(ctx context.Context, id, by, text string) (journal.Case, error) {
	c, err := f.Case(ctx, id)
	switch {
	case err != nil:
		return c, err
	case c.State == journal.CaseReplied:
		return c, fmt.Errorf("case %s: %w", id, journal.ErrReplied)
	case c.State == journal.CaseClosed:
		return c, fmt.Errorf("case %s: %w", id, journal.ErrClosed)
	case c.Stage != "":
		return c, fmt.Errorf("case %s: %w", id, journal.ErrUnapproved)
	case c.User == "":
		return c, fmt.Errorf("case %s: %w", id, journal.ErrUnreachable)
	}
	c.State, c.By, c.Response = journal.CaseReplied, by, text
	return c, nil
}

// asked gives the events that came.
func (f *fakeService) asked() []channel.Event {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]channel.Event(nil), f.events...)
}

// answerOf makes a small Answer, with blanks and line feeds as a store may keep them.
func answerOf(id string, sentences ...string) json.RawMessage {
	list := []streamed{}
	for i, s := range sentences {
		list = append(list, streamed{s, []int{i + 1}})
	}
	return json.RawMessage(fmt.Sprintf("{\n \"id\": %q, \"outcome\": \"answered\",\n \"sentences\": %s\n}", id, encode(list)))
}

// start runs an API over a service until the test ends.
func start(t testing.TB, f *fakeService, o Options) *API {
	t.Helper()
	o.Answers, o.Desk = f, f
	a := New(o)
	run(t, a, f.sink)
	return a
}

// run runs an API until the test ends. It returns when questions are taken.
func run(t testing.TB, a *API, sink channel.Sink) (quit func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx, sink) }()
	for a.Health().State != channel.Up {
		runtime.Gosched() // Run is about to begin
	}
	quit = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	t.Cleanup(quit)
	return quit
}

// request makes a request of a program on this machine. Headers are name, value, name, value.
func request(method, path, body string, headers ...string) *http.Request {
	r := httptest.NewRequest(method, "http://localhost:8080"+path, strings.NewReader(body))
	r.RemoteAddr = "127.0.0.1:50000"
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return r
}

// send serves a request and waits for the reply to end.
func send(a *API, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	a.Handler().ServeHTTP(w, r)
	return w
}

// sendLater serves a request in a goroutine that ends with the reply.
func sendLater(a *API, r *http.Request) <-chan *httptest.ResponseRecorder {
	done := make(chan *httptest.ResponseRecorder, 1)
	go func() { done <- send(a, r) }()
	return done
}

// wantReply checks a reply.
func wantReply(t testing.TB, w *httptest.ResponseRecorder, status int, body string) {
	t.Helper()
	if got := strings.TrimSuffix(w.Body.String(), "\n"); w.Code != status || got != body {
		t.Errorf("status %d, body\n%s\nwant %d\n%s", w.Code, got, status, body)
	}
}

// logged is a log that a test can read.
func logged() (*slog.Logger, *bytes.Buffer) {
	var b bytes.Buffer
	return slog.New(slog.NewTextHandler(&b, nil)), &b
}

var errDisk = errors.New("the disk /secret/path is full")
