package fakemodel

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"policybot/bot/model"
)

func TestScripted(t *testing.T) {
	m := Scripted("first", "second").For(model.Repair, "mended")
	answer, repair := model.Request{Task: model.Answer, User: "a"}, model.Request{Task: model.Repair}
	for _, c := range []struct {
		r    model.Request
		want string
	}{{answer, "first"}, {repair, "mended"}, {answer, "second"}} {
		if got := say(t, m, c.r); got != c.want {
			t.Errorf("%s: got %q, want %q", c.r.Task, got, c.want)
		}
	}
	for _, r := range []model.Request{answer, repair} {
		if pieces, _, err := ask(t.Context(), m, r); model.ClassOf(err) != model.Unavailable || pieces != nil {
			t.Errorf("after the last reply: %q, %v", pieces, err)
		}
	}
	if asked := m.Asked(); len(asked) != 5 || asked[0] != answer || asked[1] != repair {
		t.Errorf("asked %+v", asked)
	}
}

func TestFailing(t *testing.T) {
	cause := errors.New("cause")
	if pieces, _, err := ask(t.Context(), Failing(cause), model.Request{}); !as(err, cause) || pieces != nil {
		t.Errorf("got %q, %v", pieces, err)
	}
	if _, _, err := ask(t.Context(), Failing(nil), model.Request{}); model.ClassOf(err) != model.BadOptions {
		t.Errorf("no error to fail with: %v", err)
	}
}

func TestTrickle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		pieces, use, err := ask(t.Context(), Trickle(Scripted("政策abcdefgh市"), 4), model.Request{})
		if want := []string{"政", "策", "abcd", "efgh", "市"}; err != nil || !slices.Equal(pieces, want) {
			t.Errorf("got %q, %v; want %q", pieces, err, want)
		}
		if took := time.Since(began); took != 5*250*time.Millisecond || use.Total != took || use.First != 250*time.Millisecond {
			t.Errorf("took %v, usage %+v", took, use)
		}
		ctx, quit := context.WithTimeout(t.Context(), 600*time.Millisecond)
		defer quit()
		began = time.Now()
		pieces, _, err = ask(ctx, Trickle(Scripted("政策abcdefgh市"), 4), model.Request{})
		if !errors.Is(err, context.DeadlineExceeded) || len(pieces) != 2 || time.Since(began) != 600*time.Millisecond {
			t.Errorf("ctx ended: %q, %v after %v", pieces, err, time.Since(began))
		}
	})
	defer func() {
		if recover() == nil {
			t.Error("a rate of 0 was taken")
		}
	}()
	Trickle(Scripted(), 0)
}

// laws checks the contract of model.Model for one call of each of three models that
// do the same: as it is, with a pass that fails, and with a ctx that has ended. It
// runs in a bubble of synctest; ctx ends after ten minutes.
func laws(t *testing.T, fresh func() model.Model, r model.Request) {
	t.Helper()
	const long = 10 * time.Minute
	ctx, quit := context.WithTimeout(t.Context(), long)
	defer quit()
	began, passed := time.Now(), 0
	_, err := fresh().Stream(ctx, r, func(piece string) error {
		if passed++; piece == "" || !utf8.ValidString(piece) {
			t.Fatalf("piece %d is %q", passed, piece)
		}
		if passed > 12_000 {
			return errEnough
		}
		return nil
	})
	if e, ok := errors.AsType[*model.Error](err); ok {
		if strings.ContainsFunc(string(e.Class), func(r rune) bool { return r == ' ' }) || e.Task != r.Task || e.Tries < 0 {
			t.Errorf("error %#v", e)
		}
	} else if err != nil && !errors.Is(err, context.DeadlineExceeded) && !as(err, errEnough) {
		t.Errorf("error %v is neither a model.Error nor that of ctx", err)
	}
	if errors.Is(err, context.DeadlineExceeded) && time.Since(began) > long+100*time.Millisecond {
		t.Errorf("ended %v after ctx", time.Since(began)-long)
	}
	cause := errors.New("cause")
	ctx, quit = context.WithTimeout(t.Context(), long)
	defer quit()
	calls := 0
	_, err = fresh().Stream(ctx, r, func(string) error { calls++; return cause })
	if calls > 1 || calls == 1 && !as(err, cause) {
		t.Errorf("pass failed at each of %d calls, got error %v", calls, err)
	}
	ended, stop := context.WithCancel(t.Context())
	stop()
	_, err = fresh().Stream(ended, r, func(string) error { calls = -1; return nil })
	if !errors.Is(err, context.Canceled) || calls < 0 {
		t.Errorf("ctx had ended: error %v", err)
	}
}

// as reports whether err is want as it is, not wrapped.
func as(err, want error) bool { return errors.Is(err, want) && errors.Unwrap(err) == nil }

var errEnough = errors.New("enough")

func TestLaws(t *testing.T) {
	for name, fresh := range map[string]func() model.Model{
		"honest":   func() model.Model { return Honest{} },
		"scripted": func() model.Model { return Scripted("one", "政策") },
		"empty":    func() model.Model { return Scripted() },
		"failing":  func() model.Model { return Failing(nil) },
		"trickle":  func() model.Model { return Trickle(Honest{}, 100) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { laws(t, fresh, request(model.Answer, sample())) })
		})
	}
}
