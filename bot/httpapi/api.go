package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"policybot/bot/channel"
	"policybot/bot/journal"
)

// Answers reads what became of questions. Its methods may be used from several goroutines.
type Answers interface {
	// Answer gives the Answer of a question that is answered or refused, as the outside gets it: the same
	// JSON object each time. While the question is under way it returns journal.ErrPending; when there is no such
	// question, or it was taken back, journal.ErrNotFound. It may be called every second for each request
	// that waits. Any other error is temporary.
	Answer(ctx context.Context, id string) (json.RawMessage, error)
	// Reply gives the handle that a question of this channel came with. It returns journal.ErrNotFound
	// when there is no such question, or it came from another channel.
	Reply(ctx context.Context, id string) (channel.Handle, error)
}

// A Desk is what the staff works with. Its methods may be used from several goroutines. An error that is
// none of those named is temporary.
type Desk interface {
	// Cases lists cases, oldest first; state "" lists all.
	Cases(ctx context.Context, state journal.CaseState) ([]journal.Case, error)
	// Case gives one case, or journal.ErrNotFound.
	Case(ctx context.Context, id string) (journal.Case, error)
	// Respond sends a person's reply to whoever asked, and returns the case as it is then. It returns
	// journal.ErrNotFound, journal.ErrReplied, journal.ErrClosed, journal.ErrUnreachable or, where replies have to be
	// approved at the console, journal.ErrUnapproved. Neither by nor text is empty.
	Respond(ctx context.Context, id, by, text string) (journal.Case, error)
}

// Options of an API.
type Options struct {
	Answers Answers // needed
	Desk    Desk    // nil: there are no cases, and their addresses are not found
	// Token is the bearer token that every request must bring. Without one ("") only programs on the same
	// machine are let in.
	Token string
	// Proxied tells that others reach this machine through a proxy on it: then nobody is let in without a token.
	Proxied bool
	Wait    time.Duration // longest wait for an answer; 0 or less: 120 s
	Log     *slog.Logger  // nil: slog.Default()
}

const (
	defaultWait = 120 * time.Second
	pollEvery   = time.Second      // how often a waiting request reads Answers
	pingEvery   = 15 * time.Second // how often a stream sends a comment
	storeTime   = 10 * time.Second // longest time to store an event
	writeTime   = 30 * time.Second // longest time for a caller to take what is written
	maxAsk      = 1 << 20          // bytes of the body of a question
	maxSmall    = 64 << 10         // bytes of any other body
	apiRoot     = "/api/v1/"
)

// An API is the HTTP API and the channel behind it. Use [New]. It may be used from several goroutines.
type API struct {
	answers Answers
	desk    Desk
	token   string
	proxied bool
	wait    time.Duration
	log     *slog.Logger
	handler http.Handler

	hub     hub
	stop    chan struct{} // closed when nobody may wait any more
	stopped sync.Once
	up      chan struct{} // closed when events are taken for the first time
	upOnce  sync.Once

	mu     sync.Mutex
	sink   channel.Sink // nil when no events are taken
	health channel.Health
	taking sync.WaitGroup // calls of sink under way
}

var _ channel.Channel = (*API)(nil)

// New makes an API. It panics without o.Answers. Questions are taken while [API.Run] runs.
func New(o Options) *API {
	if o.Answers == nil {
		panic("httpapi: New without Answers")
	}
	a := &API{
		answers: o.Answers, desk: o.Desk, token: o.Token, proxied: o.Proxied, wait: o.Wait, log: o.Log,
		stop:   make(chan struct{}),
		up:     make(chan struct{}),
		health: channel.Health{State: channel.Starting, Reason: "has not begun to take questions", Since: time.Now()},
	}
	if a.wait <= 0 {
		a.wait = defaultWait
	}
	if a.log == nil {
		a.log = slog.Default()
	}
	a.handler = a.routes()
	return a
}

// Handler serves every address under /api/v1/. The http.Server around it needs no write time-out for its
// sake; one that is there does not cut off a request that waits.
func (a *API) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { a.answer(w, r, a.access) })
}

// Inside serves the same addresses without asking who calls. It is for another part of the same program that
// has made sure of it and says in the headers who asks, such as the console.
func (a *API) Inside() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { a.answer(w, r, nil) })
}

// Up is closed when questions are taken for the first time. A server that accepts connections after that turns
// nobody away at its start.
func (a *API) Up() <-chan struct{} { return a.up }

// StopWaiting ends all waiting, now and from now on: a request whose question is not answered yet gets 202
// and can fetch the answer later. It is for a server that shuts down. It may be called more than once.
func (a *API) StopWaiting() { a.stopped.Do(func() { close(a.stop) }) }

// A handler serves one method of one address. What it returns is written as an error, if nothing was
// written before.
type handler func(w http.ResponseWriter, r *http.Request) error

func (a *API) routes() http.Handler {
	mux := http.NewServeMux()
	route := func(path string, methods map[string]handler) {
		mux.Handle(apiRoot+path, a.methods(methods))
	}
	route("ask", map[string]handler{http.MethodPost: a.ask})
	route("answers/{id}", map[string]handler{http.MethodGet: a.getAnswer, http.MethodDelete: a.withdraw})
	route("answers/{id}/feedback", map[string]handler{http.MethodPost: a.feedback})
	route("answers/{id}/handover", map[string]handler{http.MethodPost: a.handOver})
	if a.desk != nil {
		route("cases", map[string]handler{http.MethodGet: a.listCases})
		route("cases/{id}", map[string]handler{http.MethodGet: a.getCase})
		route("cases/{id}/reply", map[string]handler{http.MethodPost: a.replyCase})
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		a.fail(w, r, problem(http.StatusNotFound, "no_such_address"))
	})
	return mux
}

// methods chooses by method; HEAD goes with GET.
func (a *API) methods(known map[string]handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		method := r.Method
		if method == http.MethodHead {
			method = http.MethodGet
		}
		h, ok := known[method]
		if !ok {
			allow := strings.Join(slices.Sorted(maps.Keys(known)), ", ")
			w.Header().Set("Allow", allow)
			a.fail(w, r, problem(http.StatusMethodNotAllowed, "method", allow))
			return
		}
		if err := h(w, r); err != nil {
			a.fail(w, r, err)
		}
	})
}

// answer does what is the same for every request: headers, access, and panics. access nil lets everybody in.
func (a *API) answer(w http.ResponseWriter, r *http.Request, access func(*http.Request) error) {
	watched := &watchedWriter{ResponseWriter: w}
	defer a.recovered(watched, r)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	if access != nil {
		if err := access(r); err != nil {
			a.fail(watched, r, err)
			return
		}
	}
	a.handler.ServeHTTP(watched, r)
}

// recovered turns a panic of a handler into an error. A reply that has begun is cut off instead, so that
// the caller does not take it for whole.
func (a *API) recovered(w *watchedWriter, r *http.Request) {
	cause := recover()
	if cause == nil {
		return
	}
	if err, ok := cause.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(http.ErrAbortHandler)
	}
	a.logPanic(r, cause)
	if w.began {
		panic(http.ErrAbortHandler)
	}
	a.fail(w, r, problem(http.StatusInternalServerError, "internal"))
}

// A watchedWriter knows whether a reply has begun.
type watchedWriter struct {
	http.ResponseWriter
	began bool
}

func (w *watchedWriter) WriteHeader(status int) {
	w.began = true
	w.ResponseWriter.WriteHeader(status)
}

func (w *watchedWriter) Write(b []byte) (int, error) {
	w.began = true
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController find what the writer beneath can do.
func (w *watchedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// give hands an event to the sink, for at most storeTime. A caller that goes away meanwhile does not stop it.
func (a *API) give(ctx context.Context, e channel.Event) (channel.Accepted, error) {
	sink, done := a.takeSink()
	if sink == nil {
		return channel.Accepted{}, unavailable()
	}
	defer done()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTime)
	defer cancel()
	got, err := sink(ctx, e)
	switch {
	case err == nil:
		return got, nil
	case errors.Is(err, channel.ErrKeyReused):
		return got, problem(http.StatusConflict, "key_reused")
	case errors.Is(err, journal.ErrNotFound):
		return got, err
	}
	a.log.Error("an event from the HTTP API could not be stored", "kind", e.Kind, "error", err)
	return got, unavailable()
}

// takeSink gives the sink and what to call after its use; nil when no events are taken.
func (a *API) takeSink() (channel.Sink, func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.sink == nil {
		return nil, nil
	}
	a.taking.Add(1)
	return a.sink, a.taking.Done
}

// setState changes what Health tells.
func (a *API) setState(sink channel.Sink, state channel.State, reason string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if sink != nil && a.sink != nil {
		return fmt.Errorf("run the HTTP API: it runs already; start it once")
	}
	if a.sink = sink; sink != nil {
		a.upOnce.Do(func() { close(a.up) })
	}
	a.health = channel.Health{State: state, Reason: reason, Since: time.Now()}
	return nil
}
