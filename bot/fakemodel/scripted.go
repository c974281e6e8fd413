package fakemodel

import (
	"context"
	"errors"
	"sync"
	"time"

	"policybot/bot/model"
)

// A Script is a fake that gives replies that a test wrote.
type Script struct {
	mu    sync.Mutex
	all   []string
	task  map[string][]string
	asked []model.Request
}

// Scripted returns a fake that gives the replies in order, one a call, each in
// pieces of a few characters. A call after the last fails with model.Unavailable.
func Scripted(replies ...string) *Script { return &Script{all: replies, task: map[string][]string{}} }

// For adds replies to a task, such as model.Repair: calls of a task that has
// replies of its own get those, in order, and fail after the last of them; calls of
// other tasks go by the replies of Scripted. It returns s.
func (s *Script) For(task string, replies ...string) *Script {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.task[task] = append(s.task[task], replies...)
	return s
}

// Asked returns the requests so far, in order.
func (s *Script) Asked() []model.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]model.Request(nil), s.asked...)
}

// Name implements model.Model.
func (s *Script) Name() string { return "fake-script" }

func (s *Script) next(r model.Request) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, r)
	if own, ok := s.task[r.Task]; ok {
		if len(own) == 0 {
			return "", false
		}
		s.task[r.Task] = own[1:]
		return own[0], true
	}
	if len(s.all) == 0 {
		return "", false
	}
	text := s.all[0]
	s.all = s.all[1:]
	return text, true
}

// Stream implements model.Model.
func (s *Script) Stream(ctx context.Context, r model.Request, pass func(string) error) (model.Usage, error) {
	c := begin(ctx, s.Name(), r, pass)
	if err := c.alive(); err != nil {
		return c.end(err)
	}
	text, ok := s.next(r)
	if !ok {
		return c.end(c.fail(model.Unavailable, "the script has no more replies"))
	}
	return c.end(c.sendAll(text, 16))
}

type failing struct{ err error }

// Failing returns a fake whose calls all fail with err before any piece, or with
// the error of a ctx that has ended. A nil err is a mistake of the test: it fails
// with a model.Error of class BadOptions.
func Failing(err error) model.Model { return failing{err} }

func (f failing) Name() string { return "fake-failing" }

func (f failing) Stream(ctx context.Context, r model.Request, pass func(string) error) (model.Usage, error) {
	c := begin(ctx, f.Name(), r, pass)
	if err := c.alive(); err != nil {
		return c.end(err)
	}
	if f.err == nil {
		return c.end(c.fail(model.BadOptions, "Failing was given no error"))
	}
	return c.end(f.err)
}

type trickle struct {
	m    model.Model
	rate float64
}

// Trickle returns m slowed down: each character, or run of four ASCII ones, is taken
// for a token and passed by itself, at tokensPerSecond by a timer, in real time or
// that of testing/synctest; the first comes after the time of one. It panics when
// the rate is not above 0.
func Trickle(m model.Model, tokensPerSecond float64) model.Model {
	if !(tokensPerSecond > 0) {
		panic("fakemodel: Trickle needs a rate above 0")
	}
	return trickle{m, tokensPerSecond}
}

func (t trickle) Name() string { return t.m.Name() }

func (t trickle) Stream(ctx context.Context, r model.Request, pass func(string) error) (model.Usage, error) {
	c := begin(ctx, t.Name(), r, pass)
	step := time.Duration(float64(time.Second) / t.rate)
	stopped := false
	use, err := t.m.Stream(ctx, r, func(piece string) error {
		for _, token := range split(piece) {
			err := c.wait(step)
			if err == nil {
				err = c.send(token)
			}
			if err != nil {
				stopped = true
				return err
			}
		}
		return nil
	})
	use.First, use.Bytes, use.TokensOut, use.Total = c.use.First, c.use.Bytes, c.use.TokensOut, time.Since(c.began)
	if stopped && err == nil {
		err = errors.New("fakemodel: the model that trickles hid the error of pass")
	}
	return use, err
}

// split cuts text into what Trickle takes for tokens.
func split(text string) []string {
	var out []string
	start, n := 0, 0
	for i, r := range text {
		if n == 4 || i > start && (r >= 0x80 || text[start] >= 0x80) {
			out = append(out, text[start:i])
			start, n = i, 0
		}
		n++
	}
	if start < len(text) {
		out = append(out, text[start:])
	}
	return out
}
