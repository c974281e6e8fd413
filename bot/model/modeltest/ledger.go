package modeltest

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"policybot/bot/model"
)

// RunLedger runs the laws of [model.Ledger] on the ledgers that open makes: empty
// ones, that nobody else uses.
func RunLedger(t *testing.T, open func(t *testing.T) model.Ledger) {
	t.Helper()
	used := func(day, name, task string, in, out int) model.Used {
		return model.Used{Day: day, Model: name, Task: task, Usage: model.Usage{TokensIn: in, TokensOut: out}}
	}
	wants := func(t *testing.T, l model.Ledger, day string, want int) {
		t.Helper()
		if got, err := l.Tokens(t.Context(), day); err != nil || got != want {
			t.Errorf("%s: %d tokens, want %d; %v", day, got, want, err)
		}
	}
	t.Run("sums by day", func(t *testing.T) {
		l := open(t)
		wants(t, l, "2026-03-01", 0)
		for _, u := range []model.Used{
			used("2026-03-01", "a", model.Answer, 10, 5), used("2026-03-01", "a", model.Answer, 1, 0), used("2026-03-01", "b", model.Draft, 100, 50),
			used("2026-03-02", "a", model.Answer, 7, 0), used("2026-03-01", "a", model.Rewrite, 0, 0),
		} {
			if err := l.Add(t.Context(), u); err != nil {
				t.Fatal(err)
			}
		}
		wants(t, l, "2026-03-01", 166)
		wants(t, l, "2026-03-02", 7)
		wants(t, l, "2026-03-03", 0)
	})
	t.Run("several at once", func(t *testing.T) {
		l := open(t)
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				for range 10 {
					if err := l.Add(context.WithoutCancel(t.Context()), used("2026-03-01", fmt.Sprint(i%2), model.Answer, 1, 1)); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		wants(t, l, "2026-03-01", 160)
	})
}
