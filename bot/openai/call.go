package openai

import (
	"context"
	"errors"
	"fmt"
	"time"

	"policybot/bot/model"
	"policybot/retrieval/openai/wire"
)

// A call is one call of a caller: one try after the other until one is good.
type call struct {
	e      *endpoint
	task   string
	prompt string
	in     int // bytes of what is asked
	need   int // tokens it may take
	start  time.Time
	usage  model.Usage
	began  bool // whether something was passed on, which cannot be taken back
	// once sends one request and reads its answer. It returns nil, a *failure, or
	// another error, which is the caller's.
	once func(ctx context.Context, w *watch) error
}

// run makes the call, enters what it used into the ledger and returns it. The
// error is a *model.Error, or the caller's.
func (c *call) run(ctx context.Context) (model.Usage, error) {
	c.start = time.Now()
	c.usage.Model = c.e.o.Model
	day := c.e.budget.day()
	total, cancel := context.WithTimeoutCause(ctx, c.e.o.Timeouts.Total, errTotal)
	defer cancel()
	err := c.held(ctx, total, day)
	c.usage.Total = time.Since(c.start)
	return c.usage, err
}

// held makes the call while it has its slot and its part of the budget.
func (c *call) held(ctx, total context.Context, day string) error {
	if err := c.e.slot(total); err != nil {
		return c.report(ctx, total, err)
	}
	defer func() { <-c.e.slots }()
	free, err := c.e.budget.hold(total, c.need)
	if err != nil {
		return c.report(ctx, total, err)
	}
	defer free()
	defer c.enter(ctx, day)
	return c.report(ctx, total, c.tries(total))
}

// slot waits until the call may be under way.
func (e *endpoint) slot(ctx context.Context) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	select {
	case e.slots <- struct{}{}:
		return nil
	default:
	}
	timer := time.NewTimer(e.o.Wait)
	defer timer.Stop()
	select {
	case e.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return e.failed(model.Busy, false, "%d calls are under way, and none ended within %s", e.o.Concurrent, e.o.Wait)
	}
}

// tries sends the request until it is answered or must not be sent again: see the
// rules of the package.
func (c *call) tries(ctx context.Context) error {
	var last *failure
	for retries := 0; ; {
		err := c.try(ctx)
		failed, ok := errors.AsType[*failure](err)
		switch {
		case !ok || ctx.Err() != nil:
			return err
		case failed.err.Class == model.Open && last != nil:
			return last // the breaker opened because of it
		case !c.began && failed.lacks != 0:
			c.e.lack(failed.lacks)
			c.log("a model is asked again in other words", failed)
			continue
		case c.began || !failed.retry || retries >= c.e.o.Retries:
			return failed
		}
		retries++
		last = failed
		wait := max(wire.Backoff(retries), failed.err.RetryAfter)
		deadline, _ := ctx.Deadline()
		if failed.err.RetryAfter > wire.MaxRetryAfter || time.Until(deadline) <= wait {
			return failed
		}
		c.log("a model is asked again", failed, "wait", wait)
		wire.Sleep(ctx, wait)
	}
}

// try sends the request once.
func (c *call) try(ctx context.Context) (err error) {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	done, refused := c.e.breaker.pass()
	if refused != nil {
		return refused
	}
	outcome := errNeither // of a panic too
	defer func() { done(outcome) }()
	limited, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	w := newWatch(cancel, c.e.o.Timeouts)
	defer w.stop()
	c.usage.Tries++
	err = c.once(limited, w)
	slow, isSlow := errors.AsType[*slow](context.Cause(limited))
	switch {
	case err == nil || errors.As(err, new(passed)):
	case isSlow && slow != errGrace:
		err = c.e.failed(model.Slow, false, "%s", slow.detail(c.e.o.Timeouts))
	case ctx.Err() != nil:
		err = ctx.Err() // the caller's, whatever came of it
	}
	outcome = err
	return err
}

// report completes the error of a call: ctx is the caller's context, total that
// with the limit of the call.
func (c *call) report(ctx, total context.Context, err error) error {
	if err == nil {
		return nil
	}
	if p, ok := errors.AsType[passed](err); ok {
		return p.err
	}
	if ctx.Err() != nil {
		return fmt.Errorf("ask model %q to %s: %w", c.e.o.Model, c.task, ctx.Err())
	}
	failed, ok := errors.AsType[*failure](err)
	if !ok {
		failed = c.e.failed(model.Unavailable, false, "%s", err)
		if total.Err() != nil {
			failed = c.e.failed(model.Slow, false, "%s", errTotal.detail(c.e.o.Timeouts))
		}
	}
	failed.err.Task, failed.err.Model, failed.err.Tries = c.task, c.e.o.Model, c.usage.Tries
	c.log("a model gave no whole reply", failed)
	return failed.err
}

// A passed is an error of pass, which goes back to the caller as it is.
type passed struct{ err error }

// Error implements error.
func (p passed) Error() string { return p.err.Error() }

// enter tells the ledger what the call used. When the caller's context has ended
// there is little time for it, as the caller is to have its goroutine back.
func (c *call) enter(ctx context.Context, day string) {
	c.usage.Total = time.Since(c.start)
	if c.usage.Tries == 0 {
		return // nothing was sent
	}
	limit := 5 * time.Second
	if ctx.Err() != nil {
		limit = 50 * time.Millisecond
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	defer cancel()
	if err := c.e.o.Ledger.Add(ctx, model.Used{Day: day, Model: c.e.o.Model, Task: c.task, Usage: c.usage}); err != nil {
		c.e.o.Log.Error("what a model used could not be entered", "model", c.e.o.Model, "task", c.task,
			"tokens", c.usage.TokensIn+c.usage.TokensOut)
	}
}

// log tells of a failure what cannot hold words of the prompt.
func (c *call) log(message string, failed *failure, more ...any) {
	c.e.o.Log.Warn(message, append([]any{
		"model", c.e.o.Model, "task", c.task, "prompt", c.prompt, "class", string(failed.err.Class),
		"status", failed.err.Status, "tries", c.usage.Tries, "bytes", c.usage.Bytes, "took", time.Since(c.start),
	}, more...)...)
}
