package openai_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"policybot/retrieval/embed"
	"policybot/retrieval/openai"
)

var three = []string{"一", "二", "三"}

// TestRetries lets requests fail, then succeed, in fake time.
func TestRetries(t *testing.T) {
	const second = time.Second
	fail := refusal(503, "", "busy")
	after := func(value string) play { return refusal(429, "", "slow down", "Retry-After", value) }
	date := func(w http.ResponseWriter, r *http.Request, texts []string) {
		after(time.Now().Add(20*second).UTC().Format(http.TimeFormat))(w, r, texts)
	}
	for _, tt := range []struct {
		name     string
		plays    []play
		requests int
		min, max time.Duration // that it takes
		class    openai.Class  // empty: vectors
	}{
		{"at once", []play{good}, 1, 0, 0, ""},
		{"503 once", []play{fail, good}, 2, second / 4, second / 2, ""},
		{"503 four times", []play{fail, fail, fail, fail, good}, 5, 15 * second / 4, 15 * second / 2, ""},
		{"503 always", []play{fail}, 5, 15 * second / 4, 15 * second / 2, openai.Unavailable},
		{"408, 409, 425, 500", []play{refusal(408, "", ""), refusal(409, "", ""), refusal(425, "", ""), refusal(500, "", ""), good}, 5, second, 8 * second, ""},
		{"502, 504, 522, 529", []play{refusal(502, "", ""), refusal(504, "", ""), refusal(522, "", ""), refusal(529, "", ""), good}, 5, second, 8 * second, ""},
		{"cut", []play{cut, shortened, good}, 3, second / 4, 2 * second, ""},
		{"429 in an answer with 200", []play{verbatim(200, "application/json", `{"error":{"code":429}}`), good}, 2, second / 4, second / 2, ""},
		{"Retry-After", []play{after("7"), good}, 2, 7 * second, 7 * second, ""},
		{"Retry-After with a fraction", []play{after("1.5"), good}, 2, 3 * second / 2, 3 * second / 2, ""},
		{"Retry-After as a date", []play{date, good}, 2, 19 * second, 20 * second, ""},
		{"Retry-After too long", []play{after("86400"), good}, 2, 60 * second, 60 * second, ""},
		{"Retry-After beyond numbers", []play{after("1e300"), good}, 2, 60 * second, 60 * second, ""},
		{"Retry-After nonsense", []play{after("soon"), after("-5"), after("NaN"), after("Fri, 01 Jan 1999 15:04:05 GMT"), good}, 5, 15 * second / 4, 15 * second / 2, ""},
		{"Retry-After with 503", []play{refusal(503, "", "", "Retry-After", "9"), good}, 2, 9 * second, 9 * second, ""},
		{"429 always", []play{after("10")}, 5, 40 * second, 40 * second, openai.RateLimited},
		{"time-out", []play{hang, good}, 2, 30 * second, 31 * second, ""},
		{"time-out always", []play{hang}, 5, 150 * second, 158 * second, openai.Unavailable},
		{"no quota", []play{refusal(429, "insufficient_quota", ""), good}, 1, 0, 0, openai.QuotaExceeded},
		{"400", []play{refusal(400, "", ""), good}, 1, 0, 0, openai.Refused},
		{"401", []play{refusal(401, "", ""), good}, 1, 0, 0, openai.Unauthorized},
		{"403", []play{refusal(403, "", ""), good}, 1, 0, 0, openai.Unauthorized},
		{"404", []play{refusal(404, "", ""), good}, 1, 0, 0, openai.NotFound},
		{"413", []play{refusal(413, "", ""), good}, 1, 0, 0, openai.Refused},
		{"422", []play{refusal(422, "", ""), good}, 1, 0, 0, openai.Refused},
		{"501", []play{refusal(501, "", ""), good}, 1, 0, 0, openai.Unavailable},
		{"bad answer", []play{withVector("[0]"), good}, 1, 0, 0, openai.BadAnswer},
		{"503, then 400", []play{fail, refusal(400, "", "")}, 2, second / 4, second / 2, openai.Refused},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e, f := inMemory(t, openai.Options{}, tt.plays...)
				start := time.Now()
				vectors, err := e.Embed(t.Context(), embed.Passage, three)
				took := time.Since(start)
				if n := len(f.requests()); n != tt.requests || took < tt.min || took > tt.max {
					t.Errorf("%d requests in %s, want %d in %s to %s", n, took, tt.requests, tt.min, tt.max)
				}
				if tt.class == "" {
					wantVectors(t, vectors, err, three)
				} else if failed := wantError(t, err, tt.class); failed.Tries != tt.requests {
					t.Errorf("Tries = %d, want %d", failed.Tries, tt.requests)
				}
			})
		})
	}
}

// TestRetryFields checks what a command line needs to say when to come back.
func TestRetryFields(t *testing.T) {
	e, _ := overHTTP(t, openai.Options{}, refusal(429, "rate_limit_exceeded", "slow down", "Retry-After", "3600"))
	_, err := e.Embed(t.Context(), embed.Passage, three)
	failed := wantError(t, err, openai.RateLimited)
	if failed.RetryAfter != time.Hour || failed.Status != 429 || failed.Code != "rate_limit_exceeded" {
		t.Errorf("RetryAfter %s, Status %d, Code %q", failed.RetryAfter, failed.Status, failed.Code)
	}
}

// TestOnlyTheFailedBatchIsRepeated counts requests by their texts.
func TestOnlyTheFailedBatchIsRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, f := inMemory(t, openai.Options{Batch: 1}, good, refusal(500, "", ""), good)
		vectors, err := e.Embed(t.Context(), embed.Passage, three)
		wantVectors(t, vectors, err, three)
		got := ""
		for _, s := range f.requests() {
			got += s.texts[0]
		}
		if got != "一二二三" {
			t.Errorf("requests were for %s, want 一二二三", got)
		}
	})
}

// TestCancelled stops a call in each place where it waits.
func TestCancelled(t *testing.T) {
	for name, plays := range map[string][]play{
		"request": {hang},
		"retry":   {refusal(429, "", "", "Retry-After", "50")},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e, f := inMemory(t, openai.Options{}, plays...)
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(3*time.Second, cancel)
				start := time.Now()
				vectors, err := e.Embed(ctx, embed.Passage, three)
				if !errors.Is(err, context.Canceled) || vectors != nil || time.Since(start) != 3*time.Second || len(f.requests()) != 1 {
					t.Errorf("%d vectors, %v after %s and %d requests; want the context's error after 3s and 1",
						len(vectors), err, time.Since(start), len(f.requests()))
				}
			})
		})
	}
}

// TestDeadline does not begin a wait that the caller will not wait for.
func TestDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, _ := inMemory(t, openai.Options{}, refusal(429, "", "", "Retry-After", "50"))
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		start := time.Now()
		_, err := e.Embed(ctx, embed.Question, three)
		wantError(t, err, openai.RateLimited)
		if took := time.Since(start); took != 0 {
			t.Errorf("the error came after %s, want at once", took)
		}

		e, _ = inMemory(t, openai.Options{}, hang)
		if _, err = e.Embed(ctx, embed.Question, three); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error = %v, want that of the context", err)
		}
	})
}

// TestUnreachable asks where nobody listens.
func TestUnreachable(t *testing.T) {
	broken := errors.New("dial tcp: connect: connection refused with " + testKey)
	synctest.Test(t, func(t *testing.T) {
		e := open(t, openai.Options{HTTPClient: &http.Client{Transport: failing{broken}}})
		start := time.Now()
		_, err := e.Embed(t.Context(), embed.Passage, three)
		failed := wantError(t, err, openai.Unavailable, "connection refused with [key];", "after 5 tries")
		if took := time.Since(start); took < 3*time.Second || failed.Status != 0 {
			t.Errorf("took %s, status %d", took, failed.Status)
		}
	})
}

// failing is a fake network that is down.
type failing struct{ err error }

func (f failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.err }

// TestStalledBody gets the head of an answer and then nothing.
func TestStalledBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := open(t, openai.Options{Timeout: 10 * time.Second, Retries: 1, HTTPClient: &http.Client{Transport: stalling{}}})
		start := time.Now()
		_, err := e.Embed(t.Context(), embed.Passage, three)
		wantError(t, err, openai.Unavailable, "no complete answer within 10s", "after 2 tries")
		if took := time.Since(start); took < 20*time.Second || took > 21*time.Second {
			t.Errorf("took %s, want two time-outs of 10s and a wait", took)
		}
	})
}

// stalling is a fake network that stops in the middle of an answer.
type stalling struct{}

func (stalling) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(stalledReader{r.Context()})}, nil
}

type stalledReader struct{ ctx context.Context }

func (s stalledReader) Read([]byte) (int, error) {
	<-s.ctx.Done()
	return 0, s.ctx.Err()
}

// TestFirstCallsDisagree lets two calls that are both the first find two
// dimensions: the later answer is refused.
func TestFirstCallsDisagree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		late := func(w http.ResponseWriter, r *http.Request, texts []string) {
			time.Sleep(time.Second)
			changed(func(data []datum) []datum {
				data[0]["embedding"] = []int{3, 4}
				return data
			})(w, r, texts)
		}
		e, _ := inMemory(t, openai.Options{}, late, good)
		var group sync.WaitGroup
		var later error
		group.Go(func() { _, later = e.Embed(t.Context(), embed.Passage, three[:1]) })
		synctest.Wait()
		if _, err := e.Embed(t.Context(), embed.Passage, three[:1]); err != nil || e.Dimensions() != fakeSize {
			t.Errorf("the earlier answer: %d dimensions, %v", e.Dimensions(), err)
		}
		group.Wait()
		wantError(t, later, openai.BadAnswer, "vectors have 2 values; those of another call had 8")
	})
}

// TestUnknownCertificate is about a server that nobody vouches for: a second try
// would find the same.
func TestUnknownCertificate(t *testing.T) {
	server := httptest.NewUnstartedServer(&fakeEndpoint{})
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	e := open(t, openai.Options{BaseURL: server.URL})
	_, err := e.Embed(t.Context(), embed.Passage, three)
	if failed := wantError(t, err, openai.Unavailable, "certificate"); failed.Tries != 1 {
		t.Errorf("%d tries, want 1", failed.Tries)
	}
}

// TestWrongProtocol asks a server without TLS for it, which is not worth a second
// try.
func TestWrongProtocol(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := open(t, openai.Options{HTTPClient: &http.Client{Transport: failing{http.ErrSchemeMismatch}}})
		_, err := e.Embed(t.Context(), embed.Passage, three)
		if failed := wantError(t, err, openai.Unavailable, "HTTP response to HTTPS client"); failed.Tries != 1 {
			t.Errorf("%d tries, want 1", failed.Tries)
		}
	})
}
