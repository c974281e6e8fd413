package openai

import (
	"context"
	"sync"
	"time"

	"policybot/bot/model"
)

// Ledger is a model.Ledger that forgets everything when the program ends.
type Ledger struct {
	mu   sync.Mutex
	days map[string]int
}

var _ model.Ledger = (*Ledger)(nil)

// maxDays is how many days a Ledger remembers.
const maxDays = 31

// NewLedger returns an empty Ledger.
func NewLedger() *Ledger { return &Ledger{days: map[string]int{}} }

// Add implements model.Ledger. It keeps the sum of each of the last 31 days only,
// and never fails.
func (l *Ledger) Add(_ context.Context, u model.Used) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.days[u.Day] += u.Usage.TokensIn + u.Usage.TokensOut
	for len(l.days) > maxDays {
		oldest := u.Day
		for day := range l.days {
			oldest = min(oldest, day)
		}
		delete(l.days, oldest)
	}
	return nil
}

// Tokens implements model.Ledger. It never fails.
func (l *Ledger) Tokens(_ context.Context, day string) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.days[day], nil
}

// A Daily tells how many tokens may be used on one day (UTC); 0 is no limit. It is asked before each call, by several
// goroutines at once. When it fails the call is not begun.
type Daily func(context.Context) (int, error)

// Fixed is a Daily that is always n, which is not negative.
func Fixed(n int) Daily { return func(context.Context) (int, error) { return n, nil } }

// A budget is what may still be used today.
type budget struct {
	ledger model.Ledger
	daily  Daily
	now    func() time.Time

	mu   sync.Mutex
	held int // what calls under way may take
}

func (b *budget) day() string { return b.now().UTC().Format(time.DateOnly) }

// hold sets need tokens aside until free is called, once.
func (b *budget) hold(ctx context.Context, need int) (free func(), err error) {
	daily, err := b.daily(ctx)
	used := 0
	if err == nil && daily != 0 {
		used, err = b.ledger.Tokens(ctx, b.day())
	}
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil: // who cannot know what was spent spends nothing
		return nil, &failure{err: &model.Error{Class: model.Budget, Detail: "what was used today, or may be, cannot be read", Err: err}}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if daily != 0 && used+b.held+need > daily {
		now := b.now().UTC()
		return nil, &failure{err: &model.Error{
			Class: model.Budget, Detail: "today's tokens are used up, or this call could take more than are left",
			RetryAfter: now.Truncate(24 * time.Hour).Add(24 * time.Hour).Sub(now),
		}}
	}
	b.held += need
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.held -= need
	}, nil
}

// Tokens that an endpoint does not tell are estimated: a token of Chinese or
// English is about three bytes of UTF-8, and mostly more.
func estimate(bytes int) int { return (bytes + 2) / 3 }
