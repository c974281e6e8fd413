package openai

import (
	"errors"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"

	"policybot/bot/model"
)

// A breaker leaves an endpoint alone that failed too often.
type breaker struct {
	*gobreaker.TwoStepCircuitBreaker[struct{}]
	open   time.Duration
	opened atomic.Int64 // when it last opened, UnixNano
	last   atomic.Value // a model.Class
}

// errNeither is the outcome of a request that says nothing about the endpoint.
var errNeither = errors.New("neither good nor failed")

func newBreaker(o Options) *breaker {
	b := &breaker{open: o.Breaker.Open}
	b.TwoStepCircuitBreaker = gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
		MaxRequests: 1,
		Timeout:     o.Breaker.Open,
		ReadyToTrip: func(counts gobreaker.Counts) bool {
			return int64(counts.ConsecutiveFailures) >= int64(o.Breaker.Failures)
		},
		IsExcluded: func(err error) bool { return errors.Is(err, errNeither) },
		OnStateChange: func(_ string, from, to gobreaker.State) {
			if to == gobreaker.StateOpen {
				b.opened.Store(time.Now().UnixNano())
			}
			o.Log.Info("the breaker of a model changed", "model", o.Model, "from", from.String(), "to", to.String())
		},
	})
	return b
}

func (b *breaker) lastClass() model.Class {
	class, _ := b.last.Load().(model.Class)
	return class
}

// untilProbe is how long until a request may find out how the endpoint does.
func (b *breaker) untilProbe() time.Duration {
	const probing = time.Second // one is under way; how long it takes is not known
	return max(probing, time.Until(time.Unix(0, b.opened.Load()).Add(b.open)))
}

// pass asks whether a request may be sent. What it came to is to be told to done,
// once: nil or the error of the request.
func (b *breaker) pass() (done func(error), failed *failure) {
	tell, err := b.Allow()
	if err != nil {
		detail := "the endpoint failed too often just now"
		if errors.Is(err, gobreaker.ErrTooManyRequests) {
			detail = "the endpoint failed too often, and one call finds out now how it does"
		}
		return nil, &failure{err: &model.Error{Class: model.Open, Detail: detail, RetryAfter: b.untilProbe()}}
	}
	return func(err error) {
		failed, ok := errors.AsType[*failure](err)
		switch {
		case err == nil:
			b.last.Store(model.Class(""))
		case !ok: // of the caller
			err = errNeither
		default:
			b.last.Store(failed.err.Class)
			if failed.err.Class == model.Refused || failed.err.Class == model.Cut && !failed.retry {
				err = errNeither
			}
		}
		tell(err)
	}, nil
}
