package bot

import (
	"context"
	"sync"
	"time"

	"policybot/bot/channel"
	"policybot/bot/journal"
)

// Steps that a waiting asker is told of.
const (
	stepQueued  = "queued"  // others come first
	stepWorking = "working" // it takes longer than usual
	stepAbort   = ""        // the question was taken back: what was shown goes
)

// A telling is something to show in a conversation before the reply, or instead
// of one. It is a courtesy: it may be lost.
type telling struct {
	question journal.Question
	step     string
}

// say tells it when there is time.
func (s *Service) say(t telling) {
	select {
	case s.tell <- t:
	default:
	}
}

// tellAll tells until ctx ends.
func (s *Service) tellAll(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case t := <-s.tell:
			s.tellOne(ctx, t)
		}
	}
}

func (s *Service) tellOne(ctx context.Context, t telling) {
	c := s.byName[t.question.Channel]
	if c == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, s.Limits.Progress)
	defer cancel()
	defer func() {
		if v := recover(); v != nil {
			s.Log.Error("a channel panicked", "channel", t.question.Channel, "panic", v)
		}
	}()
	if t.step == stepAbort {
		if e, err := s.Journal.Entry(ctx, t.question.ID); err != nil || e.Question.State != journal.Cancelled {
			return // changed or taken over
		}
	}
	r, err := c.Begin(ctx, t.question.Reply, t.question.ID)
	switch {
	case err != nil:
	case t.step == stepAbort:
		err = r.Abort(ctx, "withdrawn")
	default:
		err = r.Progress(ctx, t.step)
	}
	if err != nil {
		s.Log.Debug("a waiting asker was not told", "id", t.question.ID, "error", err)
	}
}

// paces foretell when a reply can be posted to a place where posts must keep
// apart.
type paces struct {
	mu   sync.Mutex
	next map[string]time.Time
}

func newPaces() *paces { return &paces{next: map[string]time.Time{}} }

// book takes the next turn of a place and returns when it is.
func (p *paces) book(place string, now time.Time, interval time.Duration) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.next) > 1000 {
		for k, t := range p.next {
			if t.Before(now) {
				delete(p.next, k)
			}
		}
	}
	at := p.next[place]
	if at.Before(now) {
		at = now
	}
	p.next[place] = at.Add(interval)
	return at
}

// forecast is the wait that an asker is told of.
const forecast = 5 * time.Second

// tellOfWait tells an asker at once when posts to the place are booked out.
func (s *Service) tellOfWait(caps channel.Caps, q journal.Question) {
	if caps.Interval <= 0 {
		return
	}
	now := s.clock.now()
	if s.paces.book(caps.Name+"\x00"+q.Place.ID, now, caps.Interval).Sub(now) > forecast {
		s.say(telling{question: q, step: stepQueued})
	}
}
