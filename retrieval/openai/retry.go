package openai

import (
	"context"
	"errors"
	"fmt"
	"time"

	"policybot/retrieval/openai/wire"
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
		wait := max(wire.Backoff(try), min(failed.RetryAfter, wire.MaxRetryAfter))
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= wait {
			return nil, failed
		}
		wire.Sleep(ctx, wait)
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
