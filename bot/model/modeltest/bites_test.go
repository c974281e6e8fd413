package modeltest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"policybot/bot/model"
)

// A fake is a fake model, which wrong may break.
type fake struct {
	reply string
	size  int // of a piece
	wrong string
	mu    sync.Mutex
	calls int
}

func (f *fake) Name() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.wrong == "name" {
		return fmt.Sprint("fake ", f.calls)
	}
	return "fake"
}

func (f *fake) Stream(ctx context.Context, r model.Request, pass func(string) error) (model.Usage, error) {
	f.mu.Lock()
	f.calls++
	calls := f.calls
	f.mu.Unlock()
	u := model.Usage{Model: "fake", TokensIn: 1 + len(r.User), TokensOut: len(f.reply), Tries: 1}
	if f.wrong == "usage" {
		u.TokensIn = 0
	}
	if f.wrong == "stays broken" && calls > 10 {
		return u, errors.New("out of slots")
	}
	for rest := f.reply; rest != ""; {
		if err := ctx.Err(); err != nil && f.wrong != "ignores the context" {
			if f.wrong == "own error for the context" {
				err = errors.New("stopped")
			}
			if f.wrong == "slow to stop" {
				<-time.After(2 * limit)
			}
			return u, err
		}
		n := min(f.size, len(rest))
		for f.wrong != "cuts characters" && n < len(rest) && !utf8.RuneStart(rest[n]) {
			n++
		}
		piece := rest[:n]
		rest = rest[n:]
		switch f.wrong {
		case "empty pieces":
			_ = pass("")
		case "loses":
			piece = strings.TrimSuffix(piece, "。")
		}
		if err := pass(piece); err != nil {
			switch f.wrong {
			case "wraps":
				err = fmt.Errorf("stopped: %w", err)
			case "goes on":
				continue
			}
			return u, err
		}
		u.Bytes += len(piece)
	}
	u.Finish = "stop"
	return u, nil
}

// TestGood: a model that keeps every law passes, with pieces of any size.
func TestGood(t *testing.T) {
	for _, size := range []int{1, 7, 1 << 20} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			Run(t, func(reply string) model.Model { return &fake{reply: reply, size: size} })
		})
	}
}

// TestBites: each way to break a model breaks a law.
func TestBites(t *testing.T) {
	for wrong, at := range map[string]string{
		"name": "name", "usage": "whole", "loses": "whole", "empty pieces": "whole", "cuts characters": "whole",
		"wraps": "error of pass", "goes on": "later error", "stays broken": "used again",
		"ignores the context": "cancelled before", "own error for the context": "deadline before", "slow to stop": "cancelled between",
	} {
		t.Run(wrong, func(t *testing.T) {
			m := &fake{reply: long, size: 7, wrong: wrong}
			var problems []string
			if at == "whole" {
				problems = whole(t.Context(), m, long)
			} else {
				problems = laws[at](t.Context(), m)
			}
			if len(problems) == 0 {
				t.Errorf("%s finds nothing wrong", at)
			}
		})
	}
	if problems := several(t.Context(), &fake{reply: long[:len(long)-3], size: 7}); len(problems) == 0 {
		t.Error("several at once finds nothing wrong")
	}
}
