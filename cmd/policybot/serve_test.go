package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"policybot/bot"
	"policybot/bot/channel"
	"policybot/bot/journal"
)

const (
	englishQuestion = "Which platforms for pharmaceutical R&D outsourcing services are supported?"
	unknownQuestion = "深圳对量子计算企业有什么补贴？"
)

// TestServe: answers in both languages, one service a folder, its state, and its end.
func TestServe(t *testing.T) {
	t.Parallel()
	data := seeded(t)
	s := serving(t, data, nil, nil)
	if a := s.ask(listingQuestion); a.Outcome != bot.Answered || a.Lang != "zh" || !strings.Contains(a.Text, "12家") {
		t.Errorf("%+v", a.Answer)
	}
	if a := s.ask(englishQuestion); a.Outcome != bot.Answered || a.Lang != "en" {
		t.Errorf("%+v", a.Answer)
	}
	if info, err := os.Stat(filepath.Join(data, serveLock)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the lock file: %v, %v", info, err)
	}
	second := pb(t, data, "serve", "--http", "127.0.0.1:0").want(t, exitError)
	second.says(t, fmt.Sprint(os.Getpid()), "http://"+s.at.HTTP)
	setting{}.run(t, "--data", data, "--lang", "zh", "serve").want(t, exitError).says(t, s.at.HTTP, "已有一个服务")
	s.states()
	s.metrics()
	s.stop()
	if _, err := s.send("GET", "/healthz", ""); err == nil {
		t.Error("it answers after its end")
	}
}

// states checks /healthz and /readyz.
func (s *service) states() {
	s.t.Helper()
	var health, ready object
	if err := json.Unmarshal([]byte(s.get(200, "GET", "/healthz", "").body), &health); err != nil {
		s.t.Fatal(err)
	}
	wantKeys(s.t, "healthz", health, "state string", "version string")
	if err := json.Unmarshal([]byte(s.get(200, "GET", "/readyz", "").body), &ready); err != nil {
		s.t.Fatal(err)
	}
	wantKeys(s.t, "readyz", ready, "state string", "ready bool", "reasons array", "channels object", "counts object", "library string", "clauses number")
	if http := ready["channels"].(object)["http"].(object); ready["state"] != "ready" || http["state"] != "up" {
		s.t.Errorf("%v", ready)
	}
	if s.get(200, "GET", "/readyz", "").header.Get("Cache-Control") != "no-store" {
		s.t.Error("the state may be kept")
	}
}

func (s *service) metrics() {
	s.t.Helper()
	text := s.get(200, "GET", "/metrics", "").body
	for _, want := range []string{
		"policybot_ready 1\n", "policybot_stopped 0\n", `policybot_channel_up{channel="http"} 1`, `policybot_questions{state="waiting"} 0`,
		`policybot_arrivals_total{channel="http",result="taken"} 2`, `policybot_answers_total{channel="http",outcome="answered"} 2`,
		`policybot_accept_seconds_count{channel="http"} 2`, "policybot_open_cases 0\n", "policybot_oldest_question_timestamp_seconds 0\n",
	} {
		if !strings.Contains(text, want) {
			s.t.Errorf("no %s in the metrics", want)
		}
	}
	if strings.Contains(text, "厦门") {
		s.t.Error("the metrics have a question")
	}
}

// TestServeSameKey: a key is asked once, also over a restart.
func TestServeSameKey(t *testing.T) {
	t.Parallel()
	data := seeded(t)
	first := serving(t, data, nil, nil)
	var bodies []string
	for range 2 {
		bodies = append(bodies, first.get(200, "POST", "/api/v1/ask", body(listingQuestion), "Idempotency-Key", "k-1").body)
	}
	first.stop()
	again := serving(t, data, nil, nil)
	bodies = append(bodies, again.get(200, "POST", "/api/v1/ask", body(listingQuestion), "Idempotency-Key", "k-1").body)
	again.get(http.StatusConflict, "POST", "/api/v1/ask", body(unknownQuestion), "Idempotency-Key", "k-1")
	if bodies[0] != bodies[1] || bodies[0] != bodies[2] {
		t.Errorf("three answers to one key:\n%s", strings.Join(bodies, ""))
	}
	if list := logged(t, data); len(list) != 1 || list[0].Attempts != 1 || list[0].Duplicates < 2 {
		t.Errorf("the log has %+v", list)
	}
}

// logged lists all questions of a data folder.
func logged(t testing.TB, data string, args ...string) []journal.Question {
	t.Helper()
	return decodeAll[journal.Question](t, pb(t, data, append([]string{"log", "list", "--json", "-n", "0"}, args...)...).want(t, exitOK))
}

// held answers when it is let: each question tells that it came, and waits.
type held struct {
	bot.Answerer
	came chan struct{} // a question came
	free chan struct{} // closed to let them be answered
}

func newHeld() *held { return &held{came: make(chan struct{}, 100), free: make(chan struct{})} }

func (h *held) Explain(ctx context.Context, q bot.Question) (bot.Answer, bot.Explanation, error) {
	h.came <- struct{}{}
	select {
	case <-h.free:
		return h.Answerer.Explain(ctx, q)
	case <-ctx.Done():
		return bot.Answer{}, bot.Explanation{}, ctx.Err()
	}
}

// hold puts h before the answerer of a service.
func (h *held) hold(v *server) { h.Answerer, v.service.Answerer = v.service.Answerer, h }

// TestServeDrain: a request that waits when the service is ended gets its answer, or an address where it will be.
func TestServeDrain(t *testing.T) {
	t.Parallel()
	for _, answered := range []bool{true, false} {
		t.Run(fmt.Sprintf("answered %t", answered), func(t *testing.T) {
			t.Parallel()
			data, h := seeded(t), newHeld()
			s := serving(t, data, nil, func(v *server) {
				h.hold(v)
				if !answered {
					v.service.Limits.Drain = 100 * time.Millisecond
				}
			})
			replies := make(chan reply, 1)
			go func() {
				r, err := s.send("POST", "/api/v1/ask", body(listingQuestion), "Idempotency-Key", "k")
				if err != nil {
					r.body = err.Error()
				}
				replies <- r
			}()
			<-h.came
			s.cancel()
			want := http.StatusAccepted
			if answered {
				want = http.StatusOK
				s.until(http.StatusServiceUnavailable, "/readyz") // it takes no more questions
				s.get(http.StatusServiceUnavailable, "POST", "/api/v1/ask", body("late"))
				close(h.free)
			}
			r := <-replies
			if r.status != want {
				t.Fatalf("status %d, want %d: %s\n%s", r.status, want, r.body, s.said)
			}
			s.stop()
			var left struct{ ID, URL string }
			if err := json.Unmarshal([]byte(r.body), &left); err != nil {
				t.Fatal(err)
			}
			next := serving(t, data, nil, nil)
			if a := next.ask(listingQuestion, "Idempotency-Key", "k"); a.ID != left.ID || a.Outcome != bot.Answered {
				t.Errorf("after the next start: %+v, was %s", a.Answer, left.ID)
			}
			if !answered && next.get(200, "GET", left.URL, "").answer(t).ID != left.ID {
				t.Errorf("%s is another answer", left.URL)
			}
			if list := logged(t, data); len(list) != 1 {
				t.Errorf("%d questions", len(list))
			}
		})
	}
}

// fakeDown is a fake channel that is down.
type fakeDown struct{ channel.Channel }

func (fakeDown) Caps() channel.Caps { return channel.Caps{Name: "fake"} }
func (fakeDown) Health() channel.Health {
	return channel.Health{State: channel.Down, Reason: "the line is cut"}
}
func (fakeDown) Run(ctx context.Context, _ channel.Sink) error { <-ctx.Done(); return nil }

// TestServeChannelDown: one channel is down, the others go on; readiness says which and why.
func TestServeChannelDown(t *testing.T) {
	t.Parallel()
	s := serving(t, seeded(t), nil, func(v *server) {
		v.extra.channels = []channel.Channel{fakeDown{}}
		if err := v.withHTTP(t.Context(), &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080}); err != nil {
			t.Error(err)
		}
	})
	var ready struct {
		State    string
		Ready    bool
		Reasons  []string
		Channels map[string]channel.Health
	}
	if err := json.Unmarshal([]byte(s.get(http.StatusServiceUnavailable, "GET", "/readyz", "").body), &ready); err != nil {
		t.Fatal(err)
	}
	if c := ready.Channels["fake"]; ready.State != "not_ready" || ready.Ready || c.State != channel.Down || c.Reason != "the line is cut" ||
		len(ready.Reasons) != 1 || !strings.Contains(ready.Reasons[0], "the line is cut") || ready.Channels["http"].State != channel.Up {
		t.Errorf("%+v", ready)
	}
	s.get(http.StatusOK, "GET", "/healthz", "")
	s.ask(listingQuestion)
	if text := s.get(200, "GET", "/metrics", "").body; !strings.Contains(text, `policybot_channel_up{channel="fake"} 0`) || !strings.Contains(text, "policybot_ready 0\n") {
		t.Error("the metrics do not tell")
	}
}

// TestServeProcess runs the service as a process: it is killed, a next one takes over, and a signal ends it.
func TestServeProcess(t *testing.T) {
	t.Parallel()
	data := seeded(t)
	first, at := process(t, data)
	s := &service{t: t, data: data, at: at, said: newShared("x")}
	kept := s.get(200, "POST", "/api/v1/ask", body(listingQuestion), "Idempotency-Key", "k").body
	s.settle() // its reply is not on its way any more, so that the next has nothing to wait for
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = first.Wait()
	if left := lockedBy(t, data); left.PID != at.PID {
		t.Errorf("the killed service left %+v", left)
	}
	pb(t, data, "pause", "--reason", "stocktaking").want(t, exitOK) // nobody carries it out but this run
	pb(t, data, "resume").want(t, exitOK)

	second, at := process(t, data)
	s.at = at
	if again := s.get(200, "POST", "/api/v1/ask", body(listingQuestion), "Idempotency-Key", "k").body; again != kept {
		t.Errorf("the answer became\n%s", again)
	}
	if err := second.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := second.Wait(); err != nil {
		t.Errorf("after the signal: %v", err)
	}
	pb(t, data, "doctor").want(t, exitOK)
}

// process starts serve as a process and waits until it says that it serves.
func process(t *testing.T, data string) (*exec.Cmd, running) {
	t.Helper()
	p := program("--data", data, "serve", "--http", "127.0.0.1:0")
	stderr, err := p.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Process.Kill() }) // if it has not ended
	r := bufio.NewReader(stderr)
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			t.Fatalf("serve: %v %s", err, line)
		}
		if strings.HasPrefix(line, "policybot serves http://") {
			break
		}
	}
	at := lockedBy(t, data)
	if at.PID != p.Process.Pid {
		t.Errorf("the lock file names process %d, it is %d", at.PID, p.Process.Pid)
	}
	return p, at
}
