package bot

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"policybot/bot/channel"
	"policybot/bot/journal"
)

// Health is how the service is.
type Health struct {
	Ready    bool                      `json:"ready"`
	Reasons  []string                  `json:"reasons"`           // why it is not ready; none when it is
	Stopped  *Stopped                  `json:"stopped,omitempty"` // somebody switched it off
	Channels map[string]channel.Health `json:"channels"`
	Model    *ModelHealth              `json:"model,omitempty"` // of the language model, where there is one; without it answers only quote
	Counts   *journal.Counts           `json:"counts,omitempty"`
}

// ModelHealth is how a language model's endpoint is. A service whose model fails stays
// ready: it quotes.
type ModelHealth struct {
	Name  string        `json:"name"`
	State channel.State `json:"state"`          // up, or down after a call that failed
	Last  string        `json:"last,omitempty"` // what the last call failed with, such as unauthorized
}

// healths is what the service notices of itself.
type healths struct {
	mu       sync.Mutex
	journal  error                     // of the last use of the journal
	channels map[string]channel.Health // where the supervisor knows more than the channel
}

func newHealths() *healths { return &healths{channels: map[string]channel.Health{}} }

// store notes how something was stored. What somebody else has now, or was given up by its
// caller, says nothing.
func (h *healths) store(err error) {
	if errors.Is(err, journal.ErrLost) || errors.Is(err, context.Canceled) || errors.Is(err, channel.ErrKeyReused) || errors.Is(err, journal.ErrNotFound) {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.journal = err
}

// broken reports whether the journal failed when it was last used.
func (h *healths) broken() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.journal != nil
}

func (h *healths) set(name string, v channel.Health) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if v.State == "" {
		delete(h.channels, name)
		return
	}
	h.channels[name] = v
}

// Health tells how the service is. It reads the journal.
func (s *Service) Health(ctx context.Context) Health {
	out := Health{Reasons: []string{}, Channels: map[string]channel.Health{}}
	c, err := s.Journal.Count(ctx)
	if err == nil {
		out.Counts = &c
	}
	s.health.mu.Lock()
	defer s.health.mu.Unlock()
	if err != nil || s.health.journal != nil {
		out.Reasons = append(out.Reasons, "the journal cannot be written to or read; questions are refused until it can")
	}
	if v := s.Stopped(); v.On() {
		v.By = "" // whoever reads this need not know
		out.Stopped = &v
	}
	for name, c := range s.byName {
		h, ok := s.health.channels[name]
		if !ok {
			h = c.Health()
		}
		out.Channels[name] = h
		if h.State != channel.Up {
			out.Reasons = append(out.Reasons, fmt.Sprintf("channel %s is %s: %s", name, h.State, h.Reason))
		}
	}
	if s.ModelHealth != nil {
		m := s.ModelHealth()
		out.Model = &m
	}
	out.Ready = len(out.Reasons) == 0
	return out
}

// supervise keeps a channel running until ctx ends. One whose error is fatal
// stays down, and Health says why.
func (s *Service) supervise(ctx context.Context, c channel.Channel) {
	name := c.Caps().Name
	for failures := 1; ctx.Err() == nil; failures++ {
		begin := time.Now()
		err := s.runChannel(ctx, c)
		if ctx.Err() != nil {
			return
		}
		if fatal, ok := errors.AsType[*channel.FatalError](err); ok {
			s.Log.Error("a channel stopped; it stays so until it is mended and the service started again", "channel", name, "error", fatal)
			s.health.set(name, channel.Health{State: channel.Stopped, Reason: fatal.Reason, Since: s.Now().UTC()})
			return
		}
		if time.Since(begin) > time.Minute {
			failures = 1
		}
		after := min(s.backoff(failures), 30*time.Second)
		s.Log.Warn("a channel ended and is started again", "channel", name, "after", after, "error", err)
		s.health.set(name, channel.Health{State: channel.Down, Reason: "it ended and is started again", Since: s.Now().UTC()})
		sleep(ctx, after)
		s.health.set(name, channel.Health{})
	}
}

// runChannel runs a channel once. A panic is an error of that channel.
func (s *Service) runChannel(ctx context.Context, c channel.Channel) (err error) {
	defer func() {
		if v := recover(); v != nil {
			s.Log.Error("a channel panicked", "channel", c.Caps().Name, "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
			err = &panicError{v}
		}
	}()
	return c.Run(ctx, s.Sink(c))
}
