package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"policybot/bot"
	"policybot/bot/journal"
)

// A shared is a buffer for several goroutines that tells when a text was written to it.
type shared struct {
	mu   sync.Mutex
	text bytes.Buffer
	mark string
	seen chan struct{} // closed when mark was written
}

func newShared(mark string) *shared { return &shared{mark: mark, seen: make(chan struct{})} }

func (s *shared) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := strings.Contains(s.text.String(), s.mark)
	s.text.Write(b)
	if !before && strings.Contains(s.text.String(), s.mark) {
		close(s.seen)
	}
	return len(b), nil
}

func (s *shared) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// A service is one that runs in this process.
type service struct {
	t      testing.TB
	data   string
	env    map[string]string
	at     running // as its lock file tells
	said   *shared // standard error
	cancel context.CancelFunc
	ended  chan struct{}
	code   int
	over   bool // stop was called
}

// patience is how long a test waits for what must come; it measures nothing.
const patience = time.Minute

// wait waits for a channel to be closed.
func wait(t testing.TB, done <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatalf("waited for %s in vain", what)
	}
}

// serving starts a service on a data folder and a free port. change may change it before it runs.
func serving(t testing.TB, data string, env map[string]string, change func(*server), args ...string) *service {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	s := &service{t: t, data: data, env: env, said: newShared("policybot serves http://"), cancel: cancel, ended: make(chan struct{})}
	getenv := func(name string) string { return env[name] }
	go func() {
		defer close(s.ended)
		if change == nil {
			all := append([]string{"--data", data, "--lang", "en", "serve", "--http", "127.0.0.1:0"}, args...)
			s.code = run(ctx, all, streams{strings.NewReader(""), io.Discard, s.said}, getenv)
			return
		}
		a := &app{streams: streams{strings.NewReader(""), io.Discard, s.said}, env: getenv, lang: "en", data: data}
		s.code = a.fail(serveChanged(ctx, a, change))
	}()
	t.Cleanup(func() { s.stop() })
	select {
	case <-s.said.seen:
	case <-s.ended:
		t.Fatalf("the service ended: exit %d\n%s", s.code, s.said)
	case <-time.After(patience):
		t.Fatalf("the service does not start\n%s", s.said)
	}
	s.at = lockedBy(t, data)
	return s
}

// serveChanged is serve on a free port with a change.
func serveChanged(ctx context.Context, a *app, change func(*server)) error {
	lock, err := a.takeFolder()
	if err != nil {
		return err
	}
	defer lock.Close()
	v, err := a.newServer(ctx, lock, slog.LevelInfo)
	if err != nil {
		return err
	}
	defer v.close()
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	if err := v.withHTTP(ctx, listener.Addr()); err != nil {
		listener.Close()
		return err
	}
	change(v)
	if err := v.withConsole(ctx, listener.Addr()); err != nil {
		listener.Close()
		return err
	}
	return v.serve(ctx, listener)
}

// lockedBy reads the lock file of a data folder.
func lockedBy(t testing.TB, data string) running {
	t.Helper()
	var r running
	text, err := os.ReadFile(filepath.Join(data, serveLock))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return r
}

// stop ends the service, once, and wants exit 0, nothing left in the lock file, and a log of JSON lines.
func (s *service) stop() {
	s.t.Helper()
	if s.over {
		return
	}
	s.over = true
	s.cancel()
	wait(s.t, s.ended, "the end of the service")
	if at := lockedBy(s.t, s.data); at != (running{}) {
		s.t.Errorf("after its end the lock file has %+v", at)
	}
	if s.code != exitOK {
		s.t.Errorf("serve: exit %d\n%s", s.code, s.said)
	}
	for _, line := range lines(s.said.String()) {
		if !strings.HasPrefix(line, "policybot serves ") && !strings.HasPrefix(line, "there is no administrator yet. ") && !json.Valid([]byte(line)) {
			s.t.Errorf("the log has %q", line)
		}
	}
}

// A reply is what the service answers over HTTP.
type reply struct {
	status int
	header http.Header
	body   string
}

// send sends a request; headers are names and values in turn.
func (s *service) send(method, path, body string, headers ...string) (reply, error) {
	req, err := http.NewRequest(method, "http://"+s.at.HTTP+path, strings.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	for h := range slices.Chunk(headers, 2) {
		req.Header.Set(h[0], h[1])
	}
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	resp, err := (&http.Client{Transport: transport, Timeout: patience}).Do(req)
	if err != nil {
		return reply{}, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return reply{resp.StatusCode, resp.Header, string(text)}, err
}

// get is send that must work, with a status.
func (s *service) get(status int, method, path, body string, headers ...string) reply {
	s.t.Helper()
	r, err := s.send(method, path, body, headers...)
	if err != nil {
		s.t.Fatalf("%s %s: %v\n%s", method, path, err, s.said)
	}
	if r.status != status {
		s.t.Fatalf("%s %s: status %d, want %d\n%s", method, path, r.status, status, r.body)
	}
	return r
}

// An asked is an Answer as a caller sees it.
type asked struct {
	bot.Answer
	StaffReply *bot.StaffReply `json:"staff_reply"`
}

func (r reply) answer(t testing.TB) asked {
	t.Helper()
	var a asked
	if err := json.Unmarshal([]byte(r.body), &a); err != nil {
		t.Fatalf("%v: %s", err, r.body)
	}
	return a
}

// ask asks over HTTP and gives the whole answer.
func (s *service) ask(question string, headers ...string) asked {
	s.t.Helper()
	return s.get(http.StatusOK, "POST", "/api/v1/ask", body(question), headers...).answer(s.t)
}

func body(question string) string {
	b, _ := json.Marshal(map[string]string{"question": question}) // strings only
	return string(b)
}

// settle waits until no question is under way.
func (s *service) settle() {
	s.t.Helper()
	for deadline := time.Now().Add(patience); ; {
		var ready struct{ Counts journal.Counts }
		if err := json.Unmarshal([]byte(s.get(200, "GET", "/readyz", "").body), &ready); err != nil {
			s.t.Fatal(err)
		}
		if c := ready.Counts; c.Waiting+c.Claimed+c.Answered+c.Ready+c.Posting == 0 {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("under way: %+v", ready.Counts)
		}
	}
}

// until sends GET requests until one has a status.
func (s *service) until(status int, path string) {
	s.t.Helper()
	for deadline := time.Now().Add(patience); ; {
		r, err := s.send("GET", path, "")
		if err != nil || time.Now().After(deadline) {
			s.t.Fatalf("GET %s: no status %d, last %d: %v", path, status, r.status, err)
		}
		if r.status == status {
			return
		}
	}
}
