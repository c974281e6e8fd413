package openai

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	firstWait     = 500 * time.Millisecond
	longestWait   = 30 * time.Second
	maxRetryAfter = 60 * time.Second
)

// ask sends r, again where that may help, and returns its vectors in order.
func (e *Embedder) ask(ctx context.Context, r request) ([][]float32, error) {
	for try := 1; ; try++ {
		if ctx.Err() != nil {
			return nil, e.interrupted(ctx, r)
		}
		vectors, err := e.inTime(ctx, r)
		if err == nil {
			return vectors, nil
		}
		if ctx.Err() != nil {
			return nil, e.interrupted(ctx, r)
		}
		failed := e.failure(r, asError(err))
		failed.Tries = try
		if !failed.retry || try > e.o.Retries {
			return nil, failed
		}
		wait := max(backoff(try), min(failed.RetryAfter, maxRetryAfter))
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= wait {
			return nil, failed
		}
		sleep(ctx, wait)
	}
}

// inTime sends r once and gives up after the time-out.
func (e *Embedder) inTime(ctx context.Context, r request) ([][]float32, error) {
	limited, cancel := context.WithTimeout(ctx, e.o.Timeout)
	defer cancel()
	vectors, err := e.once(limited, r)
	if err != nil && limited.Err() != nil {
		return nil, &Error{Class: Unavailable, Detail: fmt.Sprintf("no complete answer within %s", e.o.Timeout), retry: true}
	}
	return vectors, err
}

func (e *Embedder) interrupted(ctx context.Context, r request) error {
	return fmt.Errorf("embed texts %d to %d of %d with model %q at %s: %w",
		r.first, r.first+len(r.texts)-1, r.of, e.o.Model, e.o.BaseURL, ctx.Err())
}

func asError(err error) *Error {
	if failed, ok := errors.AsType[*Error](err); ok {
		return failed
	}
	return &Error{Class: Unavailable, Detail: "an error of an unknown kind"}
}

// sleep returns after wait, or when ctx is done.
func sleep(ctx context.Context, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// backoff is how long to wait after this many tries: twice as long after each,
// less up to half of it by chance, so that clients that failed together do not
// come back together.
func backoff(tries int) time.Duration {
	wait := longestWait
	if doublings := tries - 1; doublings < 10 {
		wait = min(wait, firstWait<<doublings)
	}
	return wait - rand.N(wait/2)
}

// retryAfter reads the header Retry-After, which is in seconds or a date; 0
// where there is none, or none that can be read.
func retryAfter(h http.Header) time.Duration {
	value := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, err := strconv.ParseFloat(value, 64); err == nil {
		const day = 24 * 60 * 60
		if !(seconds > 0) {
			return 0
		}
		return time.Duration(min(seconds, day) * float64(time.Second))
	}
	if date, err := http.ParseTime(value); err == nil {
		return max(0, time.Until(date))
	}
	return 0
}
