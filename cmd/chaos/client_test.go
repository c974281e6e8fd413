//go:build linux

package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// standIn is a program under test that answers as told: one step of the script for each request, the last
// one again and again. It stands in for serve.
func standIn(t *testing.T, script ...func(http.ResponseWriter)) (*client, *ledger, *atomic.Int32) {
	t.Helper()
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Idempotency-Key") != "k" || r.Header.Get("Authorization") != "Bearer "+canaryToken {
			t.Errorf("headers: %v", r.Header)
		}
		script[min(int(asked.Add(1)), len(script))-1](w)
	}))
	t.Cleanup(server.Close)
	l := &ledger{}
	c := newClient(strings.TrimPrefix(server.URL, "http://"), l, func(err error) {
		if err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(c.close)
	return c, l, &asked
}

func says(code int, body string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.WriteHeader(code)
		fmt.Fprint(w, body)
	}
}

func hangsUp(http.ResponseWriter) { panic(http.ErrAbortHandler) }

const anAnswer = `{"id":"a1","outcome":"answered","text":"t"}`

func TestClientRetries(t *testing.T) {
	for _, tt := range []struct {
		name   string
		script []func(http.ResponseWriter)
		tries  int32
		want   string // outcome
		status int
	}{
		{"at once", []func(http.ResponseWriter){says(200, anAnswer)}, 1, "answered", 200},
		{"after a cut", []func(http.ResponseWriter){hangsUp, says(200, anAnswer)}, 2, "answered", 200},
		{"after an error", []func(http.ResponseWriter){says(503, "later"), says(500, ""), says(200, anAnswer)}, 3, "answered", 200},
		{"after an accepted", []func(http.ResponseWriter){says(202, `{"id":"a1"}`), says(200, anAnswer)}, 2, "answered", 200},
		{"refused", []func(http.ResponseWriter){says(429, `{"id":"a1","outcome":"refused","reason":"user_busy","text":"t"}`)}, 1, "refused", 429},
		{"wait without an answer", []func(http.ResponseWriter){says(429, "slow down"), says(200, anAnswer)}, 2, "answered", 200},
		{"bad request", []func(http.ResponseWriter){says(400, "bad")}, 1, "", 400},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, l, tries := standIn(t, tt.script...)
			r, err := c.ask(t.Context(), ask{key: "k", text: "q"})
			if err != nil || r.answer.Outcome != tt.want || r.status != tt.status || tries.Load() != tt.tries {
				t.Errorf("%+v, %v after %d tries", r, err, tries.Load())
			}
			if got := judgeAsked(l.all()); len(got) > 0 {
				t.Error(got)
			}
		})
	}
}

// TestClientSeesDoubles: the oracle hears of another answer to the same key, and of none.
func TestClientSeesDoubles(t *testing.T) {
	c, l, _ := standIn(t, says(200, anAnswer), says(200, `{"id":"a2","outcome":"answered","text":"t"}`))
	q := ask{key: "k", text: "q"}
	a := l.add(viaHTTP, q.key, "")
	for range 2 {
		if _, err := c.follow(t.Context(), q, a); err != nil {
			t.Fatal(err)
		}
	}
	if got := judgeAsked(l.all()); len(got) != 1 || !strings.Contains(got[0], "doubled") {
		t.Errorf("two answers: %q", got)
	}
	c, l, _ = standIn(t, says(202, `{"id":"a1"}`))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := c.ask(ctx, q); err == nil {
		t.Error("an answer came from nowhere")
	}
	if got := judgeAsked(l.all()); len(got) != 1 || !strings.Contains(got[0], "lost") {
		t.Errorf("no answer after an acknowledgement: %q", got)
	}
}
