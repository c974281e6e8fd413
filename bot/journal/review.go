package journal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// A Reviewer keeps what people who looked at an answer found.
type Reviewer interface {
	// SaveReview adds a review to those of a question and gives it with its N. r.Base is the N of the
	// latest that its writer saw, 0 for none: when another has been saved since, the error is a
	// *ReviewConflictError with the latest, and nothing is saved. ErrReview, wrapped, when it is not
	// whole; ErrNotFound when there is no such question or it was erased.
	SaveReview(ctx context.Context, r Review) (Review, error)
	// Reviews gives all reviews of a question, oldest first; the last one counts. ErrNotFound when there
	// is no such question.
	Reviews(ctx context.Context, question string) ([]Review, error)
}

// Views keep searches that somebody wants to see again.
type Views interface {
	// SaveView keeps a view; one of the same owner and name is replaced.
	SaveView(ctx context.Context, v View) error
	// ListViews gives an owner's views and those that others share, by name, then owner.
	ListViews(ctx context.Context, owner string) ([]View, error)
	// EveryView gives the views of all owners, shared or not, by name, then owner: for whoever removes what is in
	// them, not to be shown.
	EveryView(ctx context.Context) ([]View, error)
	// DeleteView removes an owner's view; ErrNotFound.
	DeleteView(ctx context.Context, owner, name string) error
}

// A View is a search under a name.
type View struct {
	Name   string `json:"name"`
	Owner  string `json:"owner"`  // account
	Shared bool   `json:"shared"` // with all who may search
	Query  string `json:"query"`  // as the page has it in its address
}

// Check reports what a view lacks.
func (v View) Check() error {
	if v.Name == "" || v.Owner == "" {
		return errors.New("a view has a name and an owner")
	}
	return nil
}

// A Verdict is what a reviewer finds of an answer.
type Verdict string

// Verdicts.
const (
	Right         Verdict = "right"
	Wrong         Verdict = "wrong"
	Incomplete    Verdict = "incomplete"
	WrongClause   Verdict = "wrong_clause"   // what it says holds, and another clause says it
	ShouldAbstain Verdict = "should_abstain" // the library does not answer this
	ShouldAnswer  Verdict = "should_answer"  // the library does
	Outdated      Verdict = "outdated"       // it was right once
	Unclear       Verdict = "unclear"        // right, and hard to understand
	Harmful       Verdict = "harmful"
)

// Verdicts lists them in the order in which they are offered.
func Verdicts() []Verdict {
	return []Verdict{Right, Wrong, Incomplete, WrongClause, ShouldAbstain, ShouldAnswer, Outdated, Unclear, Harmful}
}

// A Score is how a sentence stands to the clauses that it cites.
type Score string

// Scores.
const (
	Supported   Score = "supported"
	Partly      Score = "partly"
	Unsupported Score = "unsupported"
	HarmfulHere Score = "harmful"
)

// Scores lists them in the order in which they are offered.
func Scores() []Score { return []Score{Supported, Partly, Unsupported, HarmfulHere} }

// A Review is what somebody found of the answer to a question.
type Review struct {
	Question string        `json:"question"`
	N        int           `json:"n"`    // from 1; given by the journal
	Base     int           `json:"base"` // N of the latest that By saw
	Verdict  Verdict       `json:"verdict"`
	Clause   string        `json:"clause,omitempty"` // id of the right one
	Text     string        `json:"text,omitempty"`   // the answer as it should be
	Scores   map[int]Score `json:"scores,omitempty"` // of sentences, by index from 0
	Note     string        `json:"note,omitempty"`
	By       string        `json:"by"`
	At       time.Time     `json:"at"`
	Entry    string        `json:"entry,omitempty"` // id of the index entry that was made of it
}

// ErrReview says that a review is not whole.
var ErrReview = errors.New("not a review")

// Check reports what is not as it must be.
func (r Review) Check() error {
	if !slices.Contains(Verdicts(), r.Verdict) {
		return fmt.Errorf("%w: verdict %q", ErrReview, r.Verdict)
	}
	if r.By == "" {
		return fmt.Errorf("%w: nobody wrote it", ErrReview)
	}
	for i, s := range r.Scores {
		if i < 0 || !slices.Contains(Scores(), s) {
			return fmt.Errorf("%w: score %q of sentence %d", ErrReview, s, i)
		}
	}
	return nil
}

// A ReviewConflictError says that a question was reviewed since its reviewer looked.
type ReviewConflictError struct{ Latest Review }

// Error implements error.
func (e *ReviewConflictError) Error() string {
	return fmt.Sprintf("question %q: review %d by %q was saved meanwhile", e.Latest.Question, e.Latest.N, e.Latest.By)
}
