package bot

import (
	"context"
	"time"

	"policybot/bot/journal"
)

// A steady clock goes on evenly, whatever is done to the wall clock: leases,
// ages and pauses do not jump with it. Within one process it counts from the
// start; at a start it takes the wall clock.
type steady struct{ base, start time.Time }

func (c steady) now() time.Time {
	return c.base.Add(time.Since(c.start)).UTC().Truncate(time.Microsecond)
}

// How far apart the wall clock and the newest question may be at a start.
const (
	maxBackward = 25 * time.Hour      // behind it: beyond that, the journal's time was wrong
	maxForward  = 30 * 24 * time.Hour // ahead of it: beyond that, old questions are not removed for a day
)

// startClock begins at the wall clock, but not before the newest question, so
// that a clock that was put back does not make what waits wait longer. Where the
// journal's clock must have been wrong, what waits for that time waits no more.
func (s *Service) startClock(ctx context.Context) error {
	s.clock = steady{base: s.Now().Round(0), start: time.Now()}
	s.begun = s.clock.now()
	s.forgetFrom = s.begun.Add(time.Hour)
	for q, err := range s.Journal.Entries(ctx, journal.Filter{Limit: 1, Brief: true}) {
		if err != nil {
			return err
		}
		switch ahead := s.clock.base.Sub(q.AcceptedAt); {
		case ahead > maxForward:
			s.Log.Warn("the clock is far ahead of the newest question; old questions are not removed for a day", "ahead", ahead)
			s.forgetFrom = s.begun.Add(24 * time.Hour)
		case ahead < -maxBackward:
			s.Log.Warn("the clock is far behind the newest question, whose time must be wrong", "behind", -ahead)
			return s.Journal.Rebase(ctx, s.clock.now(), false)
		case ahead < 0:
			s.clock.base = q.AcceptedAt
			s.begun = s.clock.now()
		}
	}
	if s.Alone {
		return s.Journal.Rebase(ctx, s.clock.now(), true)
	}
	return nil
}
