package faults

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"policybot/bot/faults/control"
)

func TestClient(t *testing.T) {
	c, err := control.Start(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	client := NewClient(c.Addr())
	if err := client.Clock(t.Context(), time.Hour); err != nil || time.Until(c.Now()) < 59*time.Minute {
		t.Errorf("clock: %v, %v", err, c.Now())
	}
	if err := client.Stall(t.Context(), true, "slow"); err != nil {
		t.Error(err)
	}
	done, cancel := context.WithCancel(t.Context())
	cancel()
	if c.Before(done, "slow") == nil || c.Before(t.Context(), "quick") != nil {
		t.Error("stall is not as told")
	}
	if err := client.Panic(t.Context(), "x"); err != nil {
		t.Error(err)
	}
	if err := client.ExitAt(t.Context(), "nowhere", 1); err != nil {
		t.Error(err)
	}
	c.Point("somewhere")
	if s, err := client.Stats(t.Context()); err != nil || s.Points["somewhere"] != 1 {
		t.Errorf("stats %+v, %v", s, err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if _, err := client.Stats(t.Context()); err == nil || !strings.Contains(err.Error(), "faultkit") {
		t.Errorf("nobody listens: %v", err)
	}
}

// fetch asks for url once, on a connection of its own.
func fetch(ctx context.Context, url string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return string(text), err
}

func TestProxy(t *testing.T) {
	var asked atomic.Int32
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		_, _ = io.WriteString(w, "hello")
	}))
	defer target.Close()
	p, err := Listen(t.Context(), strings.TrimPrefix(target.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	url := "http://" + p.Addr()
	if got, err := fetch(t.Context(), url); got != "hello" || err != nil {
		t.Errorf("pass: %q, %v", got, err)
	}
	p.Set(DropReply)
	before := asked.Load()
	if _, err := fetch(t.Context(), url); err == nil || asked.Load() != before+1 || p.Dropped() != 1 {
		t.Errorf("drop reply: %v, the target was asked %d times, %d dropped", err, asked.Load()-before, p.Dropped())
	}
	p.Set(Refuse)
	before = asked.Load()
	if _, err := fetch(t.Context(), url); err == nil || asked.Load() != before {
		t.Errorf("refuse: %v, the target was asked %d times", err, asked.Load()-before)
	}
	p.Set(Stall)
	got := make(chan string)
	go func() { text, _ := fetch(t.Context(), url); got <- text }()
	select {
	case text := <-got:
		t.Errorf("stall let %q through", text)
	case <-time.After(50 * time.Millisecond):
	}
	p.Set(Pass)
	if text := <-got; text != "hello" {
		t.Errorf("after a stall: %q", text)
	}
}

func TestProxyCloseEndsStall(t *testing.T) {
	target := httptest.NewServer(http.NotFoundHandler())
	defer target.Close()
	p, err := Listen(t.Context(), strings.TrimPrefix(target.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	p.Set(Stall)
	done := make(chan error)
	go func() { _, err := fetch(t.Context(), "http://"+p.Addr()); done <- err }()
	p.Close()
	if err := <-done; err == nil {
		t.Error("a closed proxy answered")
	}
}
