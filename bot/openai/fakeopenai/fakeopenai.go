// Package fakeopenai is a fake of endpoints that speak OpenAI's protocol of chat
// completions, each with what its provider does differently, and with faults on
// demand; a reranker stands at /rerank. It is for tests: the replies are those that
// it is given.
package fakeopenai

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"
)

// A Request is what was asked.
type Request struct {
	At           time.Time
	From         string // address of the client
	Path, Query  string
	Header       http.Header
	Model        string
	System, User string
	MaxTokens    int // max_tokens, or max_completion_tokens
	Stream       bool
	IncludeUsage bool
	Body         map[string]any // all of it
}

// A ReplyFunc says what the model writes.
type ReplyFunc func(Request) string

// Reply is the ReplyFunc that always writes text.
func Reply(text string) ReplyFunc { return func(Request) string { return text } }

// A Server is a fake endpoint. It may be used from several goroutines.
type Server struct {
	// URL is the base URL to ask, with the path that the provider has.
	URL string
	// Client sends requests to this server.
	Client *http.Client

	quirks Quirks
	reply  ReplyFunc
	script []Fault
	close  func()

	mu   sync.Mutex
	seen []Request
	left chan struct{}
}

// New returns a Server on a port of this machine. The requests are answered with
// the faults of script, one each, and with the last one from then on; a nil Fault,
// and an empty script, answer well. Close it.
func New(q Quirks, reply ReplyFunc, script ...Fault) *Server {
	s := &Server{quirks: q, reply: reply, script: script, left: make(chan struct{}, 1000)}
	server := httptest.NewServer(s)
	s.URL, s.Client, s.close = server.URL+q.path(), server.Client(), server.Close
	return s
}

// NewInMemory is New without a network: it works in the fake time of
// testing/synctest. All of it ends with Close.
func NewInMemory(q Quirks, reply ReplyFunc, script ...Fault) *Server {
	s := &Server{quirks: q, reply: reply, script: script, left: make(chan struct{}, 1000)}
	pipes := &pipes{conns: make(chan net.Conn), done: make(chan struct{})}
	server := &http.Server{Handler: s}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve(pipes) // ends with Close
	}()
	transport := &http.Transport{DialContext: pipes.dial, MaxIdleConnsPerHost: 16}
	s.URL, s.Client = "http://fake.invalid"+q.path(), &http.Client{Transport: transport}
	s.close = func() {
		transport.CloseIdleConnections()
		server.Close()
		<-ended
	}
	return s
}

// Close ends all connections.
func (s *Server) Close() { s.close() }

// Requests returns what was asked until now.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.seen...)
}

// Left has an element for each request whose client went away before its answer
// was complete.
func (s *Server) Left() <-chan struct{} { return s.left }

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	request, err := read(r)
	if err != nil {
		http.Error(w, `{"error":{"message":"no JSON"}}`, http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	s.seen = append(s.seen, request)
	plan := Plan{At: -1}
	if n := len(s.script); n > 0 {
		if fault := s.script[min(len(s.seen), n)-1]; fault != nil {
			fault(&plan)
		}
	}
	s.mu.Unlock()
	defer func() {
		if r.Context().Err() != nil {
			s.left <- struct{}{}
		}
	}()
	if s.quirks.refuses(w, request) {
		return
	}
	if plan.Answer != nil {
		plan.Answer(w, r)
		return
	}
	if plan.Hang {
		<-r.Context().Done()
		return
	}
	if strings.HasSuffix(request.Path, "/rerank") {
		s.rerank(w, request)
		return
	}
	s.stream(w, r, request, plan)
}

func read(r *http.Request) (Request, error) {
	request := Request{At: time.Now(), From: r.RemoteAddr, Path: r.URL.Path, Query: r.URL.RawQuery, Header: r.Header.Clone()}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return request, err
	}
	var fields struct {
		Model               string
		Messages            []struct{ Role, Content string }
		Stream              bool
		MaxTokens           int `json:"max_tokens"`
		MaxCompletionTokens int `json:"max_completion_tokens"`
		StreamOptions       struct {
			IncludeUsage bool `json:"include_usage"`
		} `json:"stream_options"`
	}
	if err := json.Unmarshal(body, &fields); err != nil {
		return request, err
	}
	request.Model, request.Stream, request.IncludeUsage = fields.Model, fields.Stream, fields.StreamOptions.IncludeUsage
	request.MaxTokens = max(fields.MaxTokens, fields.MaxCompletionTokens)
	for _, message := range fields.Messages {
		if message.Role == "system" {
			request.System += message.Content
		} else {
			request.User += message.Content
		}
	}
	return request, json.Unmarshal(body, &request.Body)
}

// pipes is a net.Listener of connections in memory.
type pipes struct {
	conns chan net.Conn
	once  sync.Once
	done  chan struct{}
}

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case p.conns <- far:
		return near, nil
	case <-p.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept implements net.Listener.
func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (p *pipes) Close() error {
	p.once.Do(func() { close(p.done) })
	return nil
}

// Addr implements net.Listener.
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "memory"} }
