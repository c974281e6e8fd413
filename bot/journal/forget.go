package journal

import (
	"context"
	"time"
)

// A Forgetter removes what is no longer to be kept.
type Forgetter interface {
	// Erase forgets a user: who the user is, what was asked and answered, and how to reply. What is waiting
	// or on its way to the user is cancelled. Of each question remain its id, channel, times, state,
	// outcome and steps without detail; keys remain, so that a late duplicate stays a duplicate. It may do its work
	// in several transactions: when it fails, calling it again goes on.
	Erase(ctx context.Context, user string, at time.Time) (Erased, error)
	// Forget removes questions in a final state that were accepted before a time, with all that belongs
	// to them, at most limit of them (0: no limit), and users who then have none. Their keys are kept. It returns how many.
	// A question is kept while its own case is open and its asker was not erased, and with it what the case is read
	// with: of its dialogue the CaseTurns questions before it and as many after it.
	Forget(ctx context.Context, before time.Time, limit int) (int, error)
	// Old tells what Forget without a limit would do now.
	Old(ctx context.Context, before time.Time) (Old, error)
}

// CaseTurns is how many questions of the dialogue, before and after that of an open case, are kept as long as it.
const CaseTurns = 10

// Old counts questions in a final state that were accepted before a time.
type Old struct {
	Removed int // that Forget removes
	Kept    int // that it keeps for an open case
}

// Erased tells what Erase removed.
type Erased struct {
	Questions int `json:"questions"`
	Cases     int `json:"cases"`
	Cancelled int `json:"cancelled"` // questions that were still under way
	Ratings   int `json:"ratings"`   // of the user on the questions of others
}
