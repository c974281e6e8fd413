package channeltest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"policybot/bot/channel"
)

// Least is how many cases must apply to a channel.
const Least = 60

// A Start makes a platform on which nothing has happened yet. What it starts ends by t.Cleanup.
type Start func(t testing.TB) Platform

// A Case is one case of the suite.
type Case struct {
	Name string // group/what is claimed
	run  func(w *world) error
}

// Run runs every case that applies to a channel, each as a subtest, and fails when they are fewer than
// [Least].
func Run(t *testing.T, start Start) {
	cases := Cases(t, start)
	names := make([]string, len(cases))
	for i, c := range cases {
		names[i] = c.Name
	}
	t.Logf("%d cases:\n%s", len(cases), strings.Join(names, "\n"))
	if len(cases) < Least {
		t.Errorf("%d cases apply, want at least %d: say in Can what people can do", len(cases), Least)
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			if err := c.Check(t, start); err != nil {
				t.Error(err)
			}
		})
	}
}

// Cases lists the cases that apply to a channel, in a fixed order, with names that differ. It fails t
// when the channel cannot be made.
func Cases(t *testing.T, start Start) []Case {
	t.Helper()
	var out []Case
	synctest.Test(t, func(t *testing.T) {
		w, err := newWorld(t, start)
		if err != nil {
			t.Error(err)
			return
		}
		out = list(w)
	})
	slices.SortStableFunc(out, func(a, b Case) int { return strings.Compare(group(a.Name), group(b.Name)) })
	return out
}

func group(name string) string {
	first, _, _ := strings.Cut(name, "/")
	return first
}

// Check runs the case on a platform of its own and gives what went wrong, nil when nothing did. It fails
// t only when the platform itself cannot be made.
func (c Case) Check(t *testing.T, start Start) error {
	t.Helper()
	var err error
	synctest.Test(t, func(t *testing.T) {
		var w *world
		if w, err = newWorld(t, start); err != nil {
			return
		}
		if err = errors.Join(c.run(w), w.stop()); err != nil {
			time.Sleep(patience) // what is late may end
		}
	})
	return err
}

// list makes the cases for a channel.
func list(w *world) []Case {
	var out []Case
	for _, group := range []func(*world) []Case{
		runCases, eventCases, keyCases, storeCases, textInCases, garbageCases,
		finishCases, textOutCases, budgetCases, againCases, faultCases, buttonCases, streamCases, abortCases,
		handleCases, manyCases, healthCases,
	} {
		out = append(out, group(w)...)
	}
	return out
}

// when gives cases if they apply.
func when(applies bool, cases ...Case) []Case {
	if !applies {
		return nil
	}
	return cases
}

// has reports whether people can do a kind of thing.
func (w *world) has(k channel.Kind) bool { return slices.Contains(w.can.Kinds, k) }

// breaks reports whether the platform can make a kind of fault.
func (w *world) breaks(k FaultKind) bool {
	b, ok := w.p.(Breaker)
	return ok && slices.Contains(b.Faults(), k)
}

func is[T any](p Platform) bool {
	_, ok := p.(T)
	return ok
}

// check says what is wrong, unless ok.
func check(ok bool, format string, args ...any) error {
	if ok {
		return nil
	}
	return fmt.Errorf(format, args...)
}
