package openai_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"policybot/bot/model"
	"policybot/bot/openai"
	"policybot/bot/openai/fakeopenai"
)

// TestLeaves: when the caller ends a call, the endpoint's side of it ends at once.
// A goroutine that stays behind would stop the fake time.
func TestLeaves(t *testing.T) {
	own := errors.New("enough")
	left := func(t *testing.T, r *rig, since time.Time) {
		<-r.Left()
		if took := time.Since(since); took != 0 {
			t.Errorf("the endpoint was left after %s", took)
		}
		if s := r.State(); s.Breaker != "closed" || s.Last != "" {
			t.Errorf("state = %s", s)
		}
	}
	for name, fault := range map[string]fakeopenai.Fault{"slow": fakeopenai.Trickle(5), "stalled": fakeopenai.After(800, fakeopenai.Stall), "fast": fakeopenai.Lasting(1 << 20)} {
		t.Run("error of pass, "+name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := inMemory(t, fakeopenai.OpenAI, nil, fault)
				var start time.Time
				_, err := r.Stream(t.Context(), question, func(string) error {
					start = time.Now()
					return own
				})
				if err != own || time.Since(start) != 0 { //nolint:errorlint // as it is, not wrapped
					t.Errorf("error = %v after %s", err, time.Since(start))
				}
				left(t, r, start)
			})
		})
	}
	for name, fault := range map[string]fakeopenai.Fault{
		"before a header": fakeopenai.Hang(), "before an event": fakeopenai.After(0, fakeopenai.Stall),
		"between": fakeopenai.Trickle(1), "stalled": fakeopenai.After(800, fakeopenai.Stall),
	} {
		t.Run("context, "+name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := inMemory(t, fakeopenai.OpenAI, nil, fault)
				ctx, cancel := context.WithTimeout(t.Context(), 3*second)
				defer cancel()
				start := time.Now()
				_, u, err := r.ask(ctx)
				if !errors.Is(err, context.DeadlineExceeded) || model.ClassOf(err) != "" || time.Since(start) != 3*second || u.TokensIn == 0 {
					t.Errorf("error = %v after %s, usage = %+v", err, time.Since(start), u)
				}
				left(t, r, start.Add(3*second))
			})
		})
	}
	t.Run("context, before the next try", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := inMemory(t, fakeopenai.OpenAI, nil, fakeopenai.Refuse(503, "", "busy", "Retry-After", "9"))
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(second, cancel)
			start := time.Now()
			if _, _, err := r.ask(ctx); !errors.Is(err, context.Canceled) || time.Since(start) != second {
				t.Errorf("error = %v after %s", err, time.Since(start))
			}
		})
	})
}

// BenchmarkFirstPiece measures what this package and the loopback device add at 50
// tokens a second: from the endpoint's writing of a piece to pass, for the first
// piece of a reply and for all.
func BenchmarkFirstPiece(b *testing.B) {
	base := time.Now()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		control := http.NewResponseController(w)
		for range 4 {
			select {
			case <-time.After(20 * time.Millisecond):
			case <-r.Context().Done():
				return
			}
			fmt.Fprintf(w, "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"%d\"}}]}\n\n", time.Since(base))
			control.Flush()
		}
		fmt.Fprint(w, "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n")
	}))
	defer server.Close()
	m, err := openai.New(openai.Options{Model: "m", BaseURL: server.URL})
	if err != nil {
		b.Fatal(err)
	}
	var first, all []time.Duration
	for b.Loop() {
		n := 0
		_, err := m.Stream(b.Context(), question, func(piece string) error {
			now := time.Since(base)
			at, _ := strconv.Atoi(piece)
			all = append(all, now-time.Duration(at))
			if n++; n == 1 {
				first = append(first, now-time.Duration(at))
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	report(b, "first", first)
	report(b, "piece", all)
}

// BenchmarkCancel measures from the end of the context to the end of the call, and
// to the end of the endpoint's side of it.
func BenchmarkCancel(b *testing.B) {
	s := fakeopenai.New(fakeopenai.OpenAI, fakeopenai.Reply(answer), fakeopenai.Trickle(50))
	defer s.Close()
	m, err := openai.New(options(fakeopenai.OpenAI, s))
	if err != nil {
		b.Fatal(err)
	}
	var call, upstream []time.Duration
	for b.Loop() {
		ctx, cancel := context.WithCancel(b.Context())
		var at time.Time
		_, err := m.Stream(ctx, question, func(string) error {
			at = time.Now()
			cancel()
			return nil
		})
		call = append(call, time.Since(at))
		<-s.Left()
		upstream = append(upstream, time.Since(at))
		if !errors.Is(err, context.Canceled) {
			b.Fatal(err)
		}
	}
	report(b, "call", call)
	report(b, "upstream", upstream)
}

// report gives the middle and the 99th of 100 in microseconds.
func report(b *testing.B, name string, all []time.Duration) {
	slices.Sort(all)
	b.ReportMetric(float64(all[len(all)/2].Microseconds()), name+"-p50-µs")
	b.ReportMetric(float64(all[(len(all)-1)*99/100].Microseconds()), name+"-p99-µs")
}
