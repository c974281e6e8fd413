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

// maxBackward is how far the wall clock may lie behind the journal at a start
// for the journal to be right. Beyond, the journal's time was wrong.
const maxBackward = 25 * time.Hour

// startClock begins at the wall clock, but not before the newest question, so
// that a clock that was put back does not make what waits wait longer.
func (s *Service) startClock(ctx context.Context) error {
	s.clock = steady{base: s.Now().Round(0), start: time.Now()}
	for q, err := range s.Journal.Entries(ctx, journal.Filter{Limit: 1, Brief: true}) {
		if err != nil {
			return err
		}
		if behind := q.AcceptedAt.Sub(s.clock.base); behind > 0 && behind < maxBackward {
			s.clock.base = q.AcceptedAt
		}
	}
	return nil
}
