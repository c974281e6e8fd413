package openai_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"policybot/bot/model"
	"policybot/bot/openai"
	"policybot/bot/openai/fakeopenai"
)

const second = time.Second

// TestRetries lets requests fail, then succeed, in fake time: a storm of failures
// is met with waits that grow, and each class has its rule.
func TestRetries(t *testing.T) {
	fail := func(status int, headers ...string) fakeopenai.Fault {
		return fakeopenai.Refuse(status, "", "busy", headers...)
	}
	after := func(value string) fakeopenai.Fault { return fail(429, "Retry-After", value) }
	for _, tt := range []struct {
		name     string
		script   []fakeopenai.Fault
		requests int
		min, max time.Duration
		class    model.Class // "": whole
	}{
		{"at once", []fakeopenai.Fault{nil}, 1, 0, 0, ""},
		{"429", []fakeopenai.Fault{fail(429), nil}, 2, second / 4, second / 2, ""},
		{"500", []fakeopenai.Fault{fail(500), nil}, 2, second / 4, second / 2, ""},
		{"502 and 503", []fakeopenai.Fault{fail(502), fail(503), nil}, 3, 3 * second / 4, 3 * second / 2, ""},
		{"503 always", []fakeopenai.Fault{fail(503)}, 3, 3 * second / 4, 3 * second / 2, model.Unavailable},
		{"Retry-After", []fakeopenai.Fault{after("7"), nil}, 2, 7 * second, 7 * second, ""},
		{"Retry-After beyond the limit of the call", []fakeopenai.Fault{after("60"), nil}, 1, 0, 0, model.RateLimited},
		{"Retry-After of a day", []fakeopenai.Fault{after("86400"), nil}, 1, 0, 0, model.RateLimited},
		{"401", []fakeopenai.Fault{fail(401), nil}, 1, 0, 0, model.Unauthorized},
		{"403", []fakeopenai.Fault{fail(403), nil}, 1, 0, 0, model.Unauthorized},
		{"400", []fakeopenai.Fault{fail(400), nil}, 1, 0, 0, model.Refused},
		{"404", []fakeopenai.Fault{fail(404), nil}, 1, 0, 0, model.NotFound},
		{"501", []fakeopenai.Fault{fail(501), nil}, 1, 0, 0, model.Unavailable},
		{"HTML", []fakeopenai.Fault{fakeopenai.HTML(), nil}, 1, 0, 0, model.BadAnswer},
		{"empty", []fakeopenai.Fault{fakeopenai.Status(200, ""), nil}, 2, second / 4, second / 2, ""},
		{"cut before text", []fakeopenai.Fault{fakeopenai.After(100, fakeopenai.Break), nil}, 2, second / 4, second / 2, ""},
		{"ended before text", []fakeopenai.Fault{fakeopenai.After(100, fakeopenai.Cut), nil}, 2, second / 4, second / 2, ""},
		{"cut after text", []fakeopenai.Fault{fakeopenai.After(800, fakeopenai.Break), nil}, 1, 0, 0, model.Cut},
		{"report before text", []fakeopenai.Fault{fakeopenai.Report(0, fakeopenai.OpenAIServerError), nil}, 2, second / 4, second / 2, ""},
		{"report after text", []fakeopenai.Fault{fakeopenai.Report(1, fakeopenai.OpenAIServerError), nil}, 1, 0, 0, model.Unavailable},
		{"loaded only", []fakeopenai.Fault{fakeopenai.Both(fakeopenai.Pieces(), fakeopenai.Finish("load"), noPieces), nil}, 2, second / 4, second / 2, ""},
		{"length", []fakeopenai.Fault{fakeopenai.Finish("length"), nil}, 1, 0, 0, model.Cut},
		{"hang", []fakeopenai.Fault{fakeopenai.Hang(), nil}, 1, 15 * second, 15 * second, model.Slow},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := inMemory(t, fakeopenai.OpenAI, nil, tt.script...)
				start := time.Now()
				got, u, err := r.ask(t.Context())
				took := time.Since(start)
				if n := len(r.Requests()); n != tt.requests || u.Tries != n || took < tt.min || took > tt.max+graceMost {
					t.Errorf("%d requests in %s, usage = %+v, want %d in %s to %s", n, took, u, tt.requests, tt.min, tt.max)
				}
				if tt.class != "" {
					wantClass(t, err, tt.class)
				} else if got != answer || err != nil {
					t.Errorf("reply = %q, %v", got, err)
				}
			})
		})
	}
}

// graceMost is how long the end of a stream may be waited for.
const graceMost = 50 * time.Millisecond

// noPieces is a reply without text.
func noPieces(p *fakeopenai.Plan) { p.Pieces = []string{} }

// TestStallAnywhere stops a stream after each of its bytes for good. The call ends
// in time, whole where the model had said that it ended, and leaves nothing behind.
func TestStallAnywhere(t *testing.T) {
	wholes, first, between := 0, 0, 0
	for at := 0; wholes < 10 && at < 3000; at++ {
		synctest.Test(t, func(t *testing.T) {
			s := fakeopenai.NewInMemory(fakeopenai.OpenAI, fakeopenai.Reply("好a"), fakeopenai.After(at, fakeopenai.Stall))
			o := options(fakeopenai.OpenAI, s)
			o.Retries = 2
			m, err := openai.New(o)
			if err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			start := time.Now()
			_, err = m.Stream(t.Context(), question, func(piece string) error {
				got.WriteString(piece)
				return nil
			})
			took := time.Since(start)
			s.Close()
			switch {
			case err == nil:
				if wholes++; got.String() != "好a" || took > 2*second {
					t.Errorf("stalled after %d bytes: %q whole after %s", at, got.String(), took)
				}
				return
			case strings.Contains(err.Error(), "nothing of a reply came"):
				first++
			case strings.Contains(err.Error(), "the reply stopped"):
				between++
			}
			if wantClass(t, err, model.Slow); took != 15*second {
				t.Errorf("stalled after %d bytes: %v after %s, want 15s", at, err, took)
			}
		})
	}
	if wholes == 0 || first < 50 || between < 50 {
		t.Errorf("%d whole, %d without an event, %d stopped: the cases are not all there", wholes, first, between)
	}
}

// TestTimeouts: each wait has its limit, and says which it was.
func TestTimeouts(t *testing.T) {
	for _, tt := range []struct {
		name  string
		q     fakeopenai.Quirks
		fault fakeopenai.Fault
		took  time.Duration
		part  string
	}{
		{"no header", fakeopenai.OpenAI, fakeopenai.Hang(), 15 * second, "nothing of a reply came within 15s"},
		{"no event", fakeopenai.OpenAI, fakeopenai.After(0, fakeopenai.Stall), 15 * second, "nothing of a reply came within 15s"},
		{"comments only", fakeopenai.OpenAI, fakeopenai.KeepAlive(1_000_000, second), 15 * second, "nothing of a reply came within 15s"},
		{"comments between", fakeopenai.OpenAI, fakeopenai.Both(fakeopenai.KeepAlive(20, second), fakeopenai.Finish("stop")), 15 * second, "nothing of a reply"},
		{"too slow a piece", fakeopenai.OpenAI, fakeopenai.Trickle(1.0 / 16), 15 * second, "the reply stopped for 15s"},
		{"too slow in all", fakeopenai.OpenAI, fakeopenai.Both(fakeopenai.Trickle(1), fakeopenai.Lasting(10_000)), 60 * second, "longer than 1m0s"},
		{"comments kept short", fakeopenai.DeepSeek, fakeopenai.KeepAlive(14, second/10), 0, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := inMemory(t, tt.q, nil, tt.fault)
				start := time.Now()
				got, u, err := r.ask(t.Context())
				took := time.Since(start)
				if tt.part == "" {
					if err != nil || got != answer {
						t.Errorf("reply = %q, %v", got, err)
					}
					return
				}
				wantClass(t, err, model.Slow, tt.part)
				if took != tt.took || u.Tries != 1 || u.TokensIn == 0 {
					t.Errorf("it took %s, want %s; usage = %+v", took, tt.took, u)
				}
				select {
				case <-r.Left():
				case <-time.After(100 * time.Millisecond):
					t.Error("the endpoint still sends")
				}
			})
		})
	}
	t.Run("after the end", func(t *testing.T) {
		for finish, class := range map[string]model.Class{"stop": "", "length": model.Cut} {
			synctest.Test(t, func(t *testing.T) {
				r := inMemory(t, fakeopenai.OpenAI, nil, fakeopenai.Both(fakeopenai.Finish(finish), fakeopenai.NoDone(), fakeopenai.Linger(time.Hour)))
				start := time.Now()
				_, u, err := r.ask(t.Context())
				if took := time.Since(start); model.ClassOf(err) != class || (err == nil) != (class == "") || took > 2*second || u.Estimated {
					t.Errorf("%s: %v after %s, usage = %+v", finish, err, took, u)
				}
			})
		}
	})
	t.Run("a slow caller", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := inMemory(t, fakeopenai.OpenAI, nil)
			n := 0
			_, err := r.Stream(t.Context(), question, func(string) error {
				if n++; n == 1 {
					<-time.After(40 * second)
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	})
	t.Run("the caller's deadline", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := inMemory(t, fakeopenai.OpenAI, nil, fakeopenai.Refuse(503, "", "busy"))
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			start := time.Now()
			_, _, err := r.ask(ctx)
			if took := time.Since(start); took > 301*time.Millisecond || err == nil {
				t.Errorf("%v after %s", err, took)
			}
		})
	})
}

// TestBreaker: an endpoint that fails is left alone, found out about by one call,
// and asked again once it answers.
func TestBreaker(t *testing.T) {
	for _, status := range []int{429, 500, 502, 503} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fail := fakeopenai.Refuse(status, "", "busy")
				r := inMemory(t, fakeopenai.OpenAI, nil, fail, fail, fail, fail, fail, fail, nil)
				classes := []model.Class{model.Unavailable, model.RateLimited}
				for range 2 {
					_, u, err := r.ask(t.Context())
					if c := model.ClassOf(err); c != classes[0] && c != classes[1] || u.Tries == 0 {
						t.Errorf("%+v, %v", u, err)
					}
				}
				if n := len(r.Requests()); n != 5 || r.State().Breaker != "open" {
					t.Fatalf("%d requests, state %s; want 5, and open", n, r.State())
				}
				start := time.Now()
				_, u, err := r.ask(t.Context())
				failed := wantClass(t, err, model.Open)
				if time.Since(start) != 0 || u.Tries != 0 || failed.RetryAfter <= 29*second || failed.RetryAfter > 30*second {
					t.Errorf("%+v, %+v", u, failed)
				}
				if s := r.State(); s.Last == "" || s.String() != "open, "+string(s.Last) {
					t.Errorf("state = %s", s)
				}
				<-time.After(failed.RetryAfter + 1)
				if s := r.State().Breaker; s != "half-open" {
					t.Errorf("state = %s", s)
				}
				_, u, err = r.ask(t.Context()) // fails once and opens again
				if u.Tries != 1 || err == nil || r.State().Breaker != "open" {
					t.Errorf("%+v, %v, state %s", u, err, r.State())
				}
				<-time.After(30*second + 1)
				if got, _, err := r.ask(t.Context()); got != answer || err != nil || r.State().String() != "closed" {
					t.Errorf("reply = %q, %v, state %s", got, err, r.State())
				}
			})
		})
	}
	t.Run("one finds out", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			fail := fakeopenai.Refuse(500, "", "busy")
			r := inMemory(t, fakeopenai.OpenAI, func(o *openai.Options) { once(o); o.Breaker.Failures = 1 }, fail, fakeopenai.Trickle(2))
			_, _, err := r.ask(t.Context())
			wantClass(t, err, model.Unavailable)
			<-time.After(30*second + 1)
			var wg sync.WaitGroup
			var mu sync.Mutex
			count := map[model.Class]int{}
			for range 4 {
				wg.Go(func() {
					_, _, err := r.ask(t.Context())
					mu.Lock()
					defer mu.Unlock()
					count[model.ClassOf(err)]++
				})
			}
			wg.Wait()
			if count[""] != 1 || count[model.Open] != 3 || len(r.Requests()) != 2 {
				t.Errorf("outcomes %v of %d requests", count, len(r.Requests()))
			}
		})
	})
	t.Run("what does not count", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := inMemory(t, fakeopenai.OpenAI, nil, fakeopenai.Refuse(400, "", "too long"), fakeopenai.Finish("length"), fakeopenai.Finish("content_filter"),
				fakeopenai.Trickle(1), fakeopenai.Trickle(1), fakeopenai.Refuse(422, "", ""), fakeopenai.Finish("length"))
			for i := range 10 {
				ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
				_, _, err := r.ask(ctx)
				if cancel(); err == nil || model.ClassOf(err) == model.Open {
					t.Errorf("call %d: %v", i+1, err)
				}
			}
			if s := r.State().Breaker; s != "closed" {
				t.Errorf("state = %s", s)
			}
		})
	})
	t.Run("panic of pass", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := inMemory(t, fakeopenai.OpenAI, func(o *openai.Options) { o.Concurrent = 1 })
			for range 10 {
				func() {
					defer func() { _ = recover() }()
					_, _ = r.Stream(t.Context(), question, func(string) error { panic("own") })
				}()
			}
			if got, _, err := r.ask(t.Context()); got != answer || err != nil {
				t.Errorf("reply = %q, %v", got, err)
			}
		})
	})
}

// TestConcurrent: no more calls than allowed are under way; others wait, and not
// for long.
func TestConcurrent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inMemory(t, fakeopenai.OpenAI, func(o *openai.Options) { o.Concurrent = 2 }, fakeopenai.Trickle(1)) // 9 s and more each
		var wg sync.WaitGroup
		var mu sync.Mutex
		count := map[model.Class]int{}
		start := time.Now()
		for range 5 {
			wg.Go(func() {
				_, u, err := r.ask(t.Context())
				mu.Lock()
				defer mu.Unlock()
				count[model.ClassOf(err)]++
				if err != nil && (u.Tries != 0 || time.Since(start) != 5*second) {
					t.Errorf("%v after %s", err, time.Since(start))
				}
			})
		}
		wg.Wait()
		if count[""] != 2 || count[model.Busy] != 3 || len(r.Requests()) != 2 {
			t.Errorf("outcomes %v of %d requests", count, len(r.Requests()))
		}
		ctx, cancel := context.WithCancel(t.Context())
		for range 2 {
			wg.Go(func() { r.ask(ctx) })
		}
		synctest.Wait()
		short, stop := context.WithTimeout(t.Context(), second)
		defer stop()
		if _, _, err := r.ask(short); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error = %v while it waited", err)
		}
		cancel()
		wg.Wait()
	})
}

// A ledger is a fake that fails, or is slow.
type ledger struct {
	model.Ledger
	fail  error
	entry []model.Used
}

func (l *ledger) Add(ctx context.Context, u model.Used) error {
	l.entry = append(l.entry, u)
	if l.fail != nil {
		<-ctx.Done() // as slow as it may be
		return l.fail
	}
	return l.Ledger.Add(ctx, u)
}

func (l *ledger) Tokens(ctx context.Context, day string) (int, error) {
	if l.fail != nil {
		return 0, l.fail
	}
	return l.Ledger.Tokens(ctx, day)
}

// TestBudget: what a day may take is not gone beyond, and the next day is new.
func TestBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Date(2026, 3, 1, 23, 50, 0, 0, time.FixedZone("", -8*3600)) // 07:50 of the next day in UTC
		l := &ledger{Ledger: openai.NewLedger()}
		o := func(o *openai.Options) {
			o.Ledger, o.DailyTokens, o.Now = l, openai.Fixed(830), func() time.Time { return now }
		}
		r := inMemory(t, fakeopenai.OpenAI, o)
		_, u, err := r.ask(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(l.entry) != 1 || l.entry[0].Day != "2026-03-02" || l.entry[0].Usage != u || l.entry[0].Task != model.Answer {
			t.Errorf("entered %+v, want %+v", l.entry, u)
		}
		_, u, err = r.ask(t.Context())
		failed := wantClass(t, err, model.Budget)
		if u.Tries != 0 || len(r.Requests()) != 1 || failed.RetryAfter != 16*time.Hour+10*time.Minute || len(l.entry) != 1 {
			t.Errorf("%+v, %+v", u, failed)
		}
		now = now.Add(failed.RetryAfter)
		if _, _, err := r.ask(t.Context()); err != nil {
			t.Error(err)
		}
		now = now.Add(24 * time.Hour)
		l.fail = errors.New("disk full")
		_, _, err = r.ask(t.Context())
		wantClass(t, err, model.Budget)
	})
	t.Run("calls under way", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := inMemory(t, fakeopenai.OpenAI, func(o *openai.Options) { o.DailyTokens = openai.Fixed(1000) }, fakeopenai.Trickle(1))
			var wg sync.WaitGroup
			wg.Go(func() { r.ask(t.Context()) })
			synctest.Wait()
			_, _, err := r.ask(t.Context())
			wantClass(t, err, model.Budget)
			wg.Wait()
			if _, _, err := r.ask(t.Context()); err != nil {
				t.Error(err)
			}
		})
	})
	t.Run("changed between calls", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			l, daily, fail := &ledger{Ledger: openai.NewLedger()}, 0, error(nil)
			r := inMemory(t, fakeopenai.OpenAI, func(o *openai.Options) {
				o.Ledger, o.DailyTokens = l, func(context.Context) (int, error) { return daily, fail }
			})
			for _, tt := range []struct {
				daily int
				fail  error
				class model.Class
			}{{0, nil, ""}, {1, nil, model.Budget}, {1_000_000, nil, ""}, {0, errors.New("disk"), model.Budget}, {0, nil, ""}} {
				daily, fail = tt.daily, tt.fail
				_, _, err := r.ask(t.Context())
				if model.ClassOf(err) != tt.class || (err != nil) != (tt.class != "") {
					t.Errorf("%+v: %v", tt, err)
				}
			}
			if len(r.Requests()) != 3 || len(l.entry) != 3 {
				t.Errorf("%d requests, %d entered", len(r.Requests()), len(l.entry))
			}
		})
	})
	t.Run("failed calls", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			l := &ledger{Ledger: openai.NewLedger()}
			r := inMemory(t, fakeopenai.OpenAI, func(o *openai.Options) { o.Ledger = l }, fakeopenai.Hang(), fakeopenai.After(800, fakeopenai.Cut), fakeopenai.Refuse(400, "", ""))
			for range 3 {
				if _, _, err := r.ask(t.Context()); err == nil {
					t.Error("no error")
				}
			}
			if len(l.entry) != 3 {
				t.Fatalf("entered %+v", l.entry)
			}
			hung, cut, refused := l.entry[0].Usage, l.entry[1].Usage, l.entry[2].Usage
			if hung.TokensIn == 0 || hung.TokensOut != 0 || !hung.Estimated || cut.TokensIn == 0 || cut.TokensOut == 0 || refused.TokensIn != 0 || refused.Tries != 1 {
				t.Errorf("entered %+v, %+v, %+v", hung, cut, refused)
			}
		})
	})
	t.Run("calls that were not sent", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			l := &ledger{Ledger: openai.NewLedger()}
			r := inMemory(t, fakeopenai.OpenAI, func(o *openai.Options) { o.Ledger, o.Breaker.Failures = l, 1 }, fakeopenai.Refuse(501, "", ""))
			for range 3 {
				if _, _, err := r.ask(t.Context()); err == nil {
					t.Error("no error")
				}
			}
			if len(l.entry) != 1 {
				t.Errorf("entered %+v, want the first call only", l.entry)
			}
		})
	})
	t.Run("cancelled with a slow ledger", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			l := &ledger{Ledger: openai.NewLedger(), fail: errors.New("disk full")}
			r := inMemory(t, fakeopenai.OpenAI, func(o *openai.Options) { o.Ledger = l }, fakeopenai.Hang())
			ctx, cancel := context.WithTimeout(t.Context(), second)
			defer cancel()
			start := time.Now()
			_, _, err := r.ask(ctx)
			if took := time.Since(start); !errors.Is(err, context.DeadlineExceeded) || took > 1100*time.Millisecond || len(l.entry) != 1 {
				t.Errorf("%v after %s, entered %d", err, took, len(l.entry))
			}
			if !strings.Contains(r.log.String(), "could not be entered") {
				t.Errorf("log: %s", r.log)
			}
		})
	})
}

// TestLedgerForgets: only the last days are kept.
func TestLedgerForgets(t *testing.T) {
	l := openai.NewLedger()
	day := func(i int) string { return time.Date(2026, 1, 1+i, 0, 0, 0, 0, time.UTC).Format(time.DateOnly) }
	for i := range 40 {
		for range 2 {
			l.Add(t.Context(), model.Used{Day: day(i), Usage: model.Usage{TokensIn: 1, TokensOut: 2}})
		}
	}
	for i := range 40 {
		want := 6
		if i < 9 {
			want = 0
		}
		if n, _ := l.Tokens(t.Context(), day(i)); n != want {
			t.Errorf("%s: %d, want %d", day(i), n, want)
		}
	}
}
