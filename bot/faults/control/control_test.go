package control

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// do sends a request to c and wants a status.
func do(t *testing.T, c *Control, path, body string, want int) {
	t.Helper()
	w := httptest.NewRecorder()
	c.handler().ServeHTTP(w, httptest.NewRequest(http.MethodPost, path, strings.NewReader(body)))
	if w.Code != want {
		t.Fatalf("POST %s %s: %d %s, want %d", path, body, w.Code, w.Body, want)
	}
}

func TestBodies(t *testing.T) {
	c := newControl(func() {})
	for _, tt := range []struct {
		path, body string
		want       int
	}{
		{"/clock", `{"offset":"1h"}`, http.StatusNoContent},
		{"/clock", `{"offset":"tomorrow"}`, http.StatusBadRequest},
		{"/clock", `{"ofset":"1h"}`, http.StatusBadRequest},
		{"/clock", `{}`, http.StatusBadRequest},
		{"/stall", `{"on":true}`, http.StatusNoContent},
		{"/stall", `{"on":"yes"}`, http.StatusBadRequest},
		{"/panic", `{"text":"x"}`, http.StatusNoContent},
		{"/panic", ``, http.StatusBadRequest},
		{"/exit", `{"at":"x","skip":1}`, http.StatusNoContent},
		{"/other", `{}`, http.StatusNotFound},
	} {
		do(t, c, tt.path, tt.body, tt.want)
	}
}

func TestClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newControl(func() {})
		start := time.Now()
		for _, tt := range []struct {
			offset string
			want   time.Duration
		}{{"1h", time.Hour}, {"-1h", -time.Hour}, {"0s", 0}} {
			do(t, c, "/clock", `{"offset":"`+tt.offset+`"}`, http.StatusNoContent)
			if got := c.Now().Sub(start); got != tt.want {
				t.Errorf("offset %s: the clock is %v ahead", tt.offset, got)
			}
		}
	})
}

func TestStall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newControl(func() {})
		if err := c.Before(t.Context(), "free"); err != nil {
			t.Fatal(err)
		}
		do(t, c, "/stall", `{"on":true,"text":"slow"}`, http.StatusNoContent)
		if err := c.Before(t.Context(), "quick"); err != nil {
			t.Fatal(err)
		}
		short, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := c.Before(short, "a slow one"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a stall that does not end: %v", err)
		}
		done := make(chan error)
		go func() { done <- c.Before(t.Context(), "a slow one") }()
		synctest.Wait()
		select {
		case <-done:
			t.Error("did not wait")
		default:
		}
		do(t, c, "/stall", `{"on":false}`, http.StatusNoContent)
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestPanic(t *testing.T) {
	c := newControl(func() {})
	do(t, c, "/panic", `{"text":"boom"}`, http.StatusNoContent)
	if err := c.Before(t.Context(), "quiet"); err != nil {
		t.Error(err)
	}
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	_ = c.Before(t.Context(), "a boom here")
}

func TestPoint(t *testing.T) {
	ended := 0
	c := newControl(func() { ended++ })
	c.Point("a")
	do(t, c, "/exit", `{"at":"b","skip":1}`, http.StatusNoContent)
	c.Point("a")
	c.Point("b")
	if ended != 0 {
		t.Error("ended too early")
	}
	c.Point("b")
	if ended != 1 {
		t.Errorf("ended %d times, want once", ended)
	}
	if s := c.stats(); s.Points["a"] != 2 || s.Points["b"] != 2 || s.Goroutines == 0 || s.HeapBytes == 0 {
		t.Errorf("stats: %+v", s)
	}
}

func TestNilDoesNothing(t *testing.T) {
	var c *Control
	c.Point("a")
	if err := c.Before(t.Context(), "q"); err != nil || c.Addr() != "" || c.Close() != nil || c.Now().IsZero() {
		t.Error("a nil Control does something")
	}
}

func TestStart(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", "example.com:80", "127.0.0.1", ":0"} {
		if c, err := Start(t.Context(), addr); err == nil {
			t.Errorf("listens on %s", c.Addr())
			_ = c.Close()
		}
	}
	t.Setenv(ClockEnv, "soon")
	if _, err := Start(t.Context(), "127.0.0.1:0"); err == nil {
		t.Error("takes a clock that is no duration")
	}
	t.Setenv(ClockEnv, "144h")
	ctx, cancel := context.WithCancel(t.Context())
	c, err := Start(ctx, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if ahead := time.Until(c.Now()); ahead < 143*time.Hour {
		t.Errorf("the clock is %s ahead", ahead)
	}
	resp, err := http.Get("http://" + c.Addr() + "/stats")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var s Stats
	if err := json.NewDecoder(resp.Body).Decode(&s); err != nil || s.FDs == 0 {
		t.Errorf("stats %+v, %v", s, err)
	}
	cancel()
	<-c.done
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

// TestEndProcess ends a process of its own.
func TestEndProcess(t *testing.T) {
	if os.Getenv("CONTROL_TEST_END") != "" {
		defer os.Exit(7) // never reached
		endProcess()
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestEndProcess$")
	cmd.Env = append(os.Environ(), "CONTROL_TEST_END=1")
	err := cmd.Run()
	if e, ok := errors.AsType[*exec.ExitError](err); !ok || e.Exited() {
		t.Errorf("the process ended with %v, not by a kill", err)
	}
}
