package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"policybot/bot"
)

// TestCarried: a running service carries writing commands out, and what they print, and their exit codes,
// come through.
func TestCarried(t *testing.T) {
	t.Parallel()
	data, dir := seeded(t), t.TempDir()
	s := serving(t, data, nil, nil)
	write(t, dir, "here/a.txt", policy("甲办法", "青蒿素"))
	for _, tt := range []struct {
		lang, file string
		code       int
		shows      []string
	}{
		{"en", "a.txt", exitOK, []string{"added  " + filepath.Join(dir, "here", "a.txt"), "6 documents"}},
		{"zh", "a.txt", exitOK, []string{"未变  ", "6 份文件"}},
		{"zh", "none.txt", exitError, []string{"没有加入的文件有 1 个", "拒绝"}},
		{"en", "none.txt", exitError, []string{"not added: 1", "refused"}},
	} {
		cmd := program("--data", data, "--lang", tt.lang, "index", tt.file)
		cmd.Dir = filepath.Join(dir, "here")
		var out, err bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &err
		_ = cmd.Run()
		r := output{cmd.Args, cmd.ProcessState.ExitCode(), out.String(), err.String()}.want(t, tt.code)
		for _, want := range tt.shows {
			if !strings.Contains(r.out+r.err, want) {
				t.Errorf("%q: no %q in\n%s%s", r.args, want, r.out, r.err)
			}
		}
	}
	if a := s.ask("对青蒿素项目有什么资助？"); a.Outcome != bot.Answered || !strings.Contains(a.Text, "青蒿素") {
		t.Errorf("what was added is not found at once: %+v", a.Answer)
	}
	pb(t, data, "privacy", "erase").want(t, exitUsage).says(t, "--user")
	setting{}.run(t, "--data", data, "--lang", "zh", "privacy", "erase").want(t, exitUsage).wantHan(t, true)
	pb(t, data, "case", "reply", "c-none", "x").want(t, exitError).says(t, "c-none")
	pb(t, data, "documents").want(t, exitOK)
	pb(t, data, "doctor").want(t, exitOK)
}

// TestCarriedAtOnce: documents of several runs are added one after the other, and
// those that wait say so.
func TestCarriedAtOnce(t *testing.T) {
	t.Parallel()
	data := seeded(t)
	serving(t, data, nil, nil)
	var runs sync.WaitGroup
	outputs := make([]output, 4)
	for i := range outputs {
		file := write(t, t.TempDir(), "same.txt", policy(fmt.Sprintf("第%d号办法", i), fmt.Sprintf("第%d号", i)))
		runs.Go(func() { outputs[i] = pb(t, data, "index", file) })
	}
	runs.Wait()
	for _, r := range outputs {
		if r.code != exitOK || r.err != "" && !strings.Contains(r.err, "waiting for it to end") {
			t.Errorf("%q: exit %d\n%s%s", r.args, r.code, r.out, r.err)
		}
	}
	if n := len(documents(t, data)); n != 9 {
		t.Errorf("%d documents, want 9", n)
	}
}

// command sends a command to the control address of a service.
func (s *service) command(method, path, token, body string) (int, string) {
	s.t.Helper()
	req, err := http.NewRequest(method, "http://"+s.at.Control+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

// TestCarriedNeedsToken: only who can read the lock file can give commands.
func TestCarriedNeedsToken(t *testing.T) {
	t.Parallel()
	s := serving(t, seeded(t), map[string]string{"POLICYBOT_API_TOKEN": "of-the-api"}, nil)
	pause := `{"args":["pause","--reason","x"],"by":"alice"}`
	for _, tt := range []struct{ method, path, token string }{
		{"POST", "/run", ""},
		{"POST", "/run", "x"},
		{"POST", "/run", "of-the-api"},
		{"POST", "/run", s.at.Token + "x"},
		{"GET", "/run", s.at.Token},
		{"POST", "/", s.at.Token},
		{"POST", "/api/v1/ask", s.at.Token},
		{"GET", "/metrics", s.at.Token},
	} {
		if status, text := s.command(tt.method, tt.path, tt.token, pause); status != http.StatusForbidden {
			t.Errorf("%+v: status %d %s", tt, status, text)
		}
	}
	if status, _ := s.command("POST", "/run", s.at.Token, "pause"); status != http.StatusBadRequest {
		t.Errorf("no JSON: status %d", status)
	}
	s.until(http.StatusOK, "/readyz")
	if strings.Contains(s.get(200, "GET", "/readyz", "").body, "paused") {
		t.Error("a command without the token was carried out")
	}
	if status, text := s.command("POST", "/run", s.at.Token, pause); status != http.StatusOK || !strings.Contains(text, `"exit":0`) {
		t.Errorf("status %d %s", status, text)
	}
	if by := pausedBy(t, s.data); by != "local:alice" {
		t.Errorf("paused by %q", by)
	}
}

// TestServiceStarting: a service that holds the lock and does not take commands yet.
func TestServiceStarting(t *testing.T) {
	t.Parallel()
	data := seeded(t)
	stale, _ := json.Marshal(running{PID: 1, HTTP: "127.0.0.1:1", Control: "127.0.0.1:1", Token: "t"}) // has JSON
	write(t, data, serveLock, string(stale))
	lock, err := (&app{data: data, lang: "en"}).hold()
	if err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(filepath.Join(data, serveLock)); err != nil || len(text) > 0 {
		t.Errorf("what a killed service has left stays: %s, %v", text, err)
	}
	for _, args := range [][]string{{"pause", "--reason", "x"}, {"resume"}, {"index", data}, {"serve", "--http", "127.0.0.1:0"}, {"restore", "x"}} {
		pb(t, data, args...).want(t, exitError).says(t, "starting or ending", data)
		setting{}.run(t, append([]string{"--data", data, "--lang", "zh"}, args...)...).want(t, exitError).says(t, "正在启动或退出", data)
	}
	pb(t, data, "documents").want(t, exitOK)
	pb(t, data, "doctor").want(t, exitOK)
	lock.Close()
	pb(t, data, "resume").want(t, exitOK)
}

// TestServiceSilent: the lock file names a service that does not answer.
func TestServiceSilent(t *testing.T) {
	t.Parallel()
	data := seeded(t)
	lock, err := (&app{data: data}).hold()
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	replies := make(chan string, 1)
	silent := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		reply := <-replies
		if reply == "" {
			http.Error(w, "no", http.StatusForbidden)
			return
		}
		_, _ = io.WriteString(w, reply)
	}))
	defer silent.Close()
	at := running{PID: 4711, HTTP: "127.0.0.1:1", Control: strings.TrimPrefix(silent.URL, "http://")}
	for _, reply := range []string{"", "no JSON\n", `{"out":"eA=="}` + "\n", "{"} {
		replies <- reply
		if err := announce(lock, at); err != nil {
			t.Fatal(err)
		}
		pb(t, data, "resume").want(t, exitError).says(t, "process 4711", "did not carry")
	}
	at.Control = "127.0.0.1:1"
	if err := announce(lock, at); err != nil {
		t.Fatal(err)
	}
	pb(t, data, "resume").want(t, exitError).says(t, "process 4711", "did not carry")
}

// TestHoldWhileLookedAt: a run that only looks who serves does not keep a service from starting.
func TestHoldWhileLookedAt(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	path := write(t, data, serveLock, "")
	look, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Flock(int(look.Fd()), syscall.LOCK_SH); err != nil {
		t.Fatal(err)
	}
	if isLocked(path) {
		t.Error("two that look are in each other's way")
	}
	got := make(chan error, 1)
	go func() {
		lock, err := (&app{data: data, lang: "en"}).hold()
		if err == nil {
			lock.Close()
		}
		got <- err
	}()
	look.Close()
	if err := <-got; err != nil {
		t.Error(err)
	}
}

// TestCarriedAtTheEnd: a command that is under way when the service ends is interrupted, and says so.
func TestCarriedAtTheEnd(t *testing.T) {
	t.Parallel()
	data := seeded(t)
	s := serving(t, data, nil, nil)
	release, err := lockFile(t.Context(), filepath.Join(data, lockName), func() {})
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	said, code := newShared("another run is writing"), make(chan int, 1)
	go func() {
		args := []string{"--data", data, "--lang", "en", "index", write(t, t.TempDir(), "a.txt", policy("甲办法", "青蒿素"))}
		code <- run(context.Background(), args, streams{nil, io.Discard, said}, func(string) string { return "" })
	}()
	wait(t, said.seen, "the command to wait")
	s.stop()
	if got := <-code; got != exitError || !strings.Contains(said.String(), "\npolicybot: interrupted") {
		t.Errorf("exit %d: %s", got, said)
	}
}

// A deadlineWriter is a ResponseWriter that notes its deadlines for reading.
type deadlineWriter struct {
	*httptest.ResponseRecorder
	deadlines []time.Time
}

func (w *deadlineWriter) SetReadDeadline(at time.Time) error {
	w.deadlines = append(w.deadlines, at)
	return nil
}

// TestCarrier: a command may take longer than the server lets a request be read, what it prints arrives as it
// is, and after the end none is taken.
func TestCarrier(t *testing.T) {
	t.Parallel()
	data := seeded(t)
	done := 0
	c := &carrier{
		app: &app{data: data, lang: "en", env: func(string) string { return "" }}, token: "t",
		done: func(context.Context) error { done++; return nil },
	}
	carry := func(args ...string) *deadlineWriter {
		text, _ := json.Marshal(carriedCommand{Args: args, Lang: "en"}) // has JSON
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/run", bytes.NewReader(text))
		r.Header.Set("Authorization", "Bearer t")
		w := &deadlineWriter{ResponseRecorder: httptest.NewRecorder()}
		c.ServeHTTP(w, r)
		return w
	}
	w := carry("documents", "--json")
	if len(w.deadlines) != 1 || !w.deadlines[0].IsZero() || done != 1 {
		t.Errorf("deadlines %v, done %d", w.deadlines, done)
	}
	var out bytes.Buffer
	a := &app{streams: streams{out: &out, err: io.Discard}, lang: "en"}
	if code, err := a.printCarried(&running{}, w.Body); code != exitOK || err != nil {
		t.Errorf("exit %d, %v", code, err)
	}
	if want := pb(t, data, "documents", "--json").want(t, exitOK).out; out.String() != want {
		t.Errorf("carried, it prints\n%s\nwant\n%s", &out, want)
	}
	w = carry("no-such-command")
	out.Reset()
	if code, err := a.printCarried(&running{}, w.Body); code != exitUsage || err != nil {
		t.Errorf("exit %d, %v", code, err)
	}
	half := httptest.NewRecorder()
	_, _ = pieceWriter{&carriedWriter{w: half, flush: http.NewResponseController(half)}, false}.Write([]byte("\xe7\x94")) // part of a letter
	_, _ = pieceWriter{&carriedWriter{w: half, flush: http.NewResponseController(half)}, false}.Write([]byte("\xb2"))
	out.Reset()
	if _, err := a.printCarried(&running{}, half.Body); err == nil || out.String() != "甲" {
		t.Errorf("%q, %v", &out, err)
	}
	c.close()
	if w := carry("documents"); w.Code != http.StatusServiceUnavailable {
		t.Errorf("after the end: status %d", w.Code)
	}
}
