// Package erasure removes a person from everything that the program keeps: from the journal, and the copies of their
// words that people have made elsewhere. What can be traced to a question of theirs goes; what only looks like it is
// named, so that somebody can look at it.
package erasure

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"policybot/bot"
	"policybot/bot/journal"
	"policybot/retrieval"
)

// Kinds of attachments of the library that hold copies of questions.
const (
	GoldenKind = "golden"     // golden questions: JSON with question.id, question.text and from, the id in the log
	RunKind    = "golden-run" // runs of them: JSON with report, an eval.Report
	GapKind    = "gap"        // notes on what could not be answered, by Digest of the question
)

// GoldenPrefix stands before the id of a question in the log in that of the golden question that was made of it.
const GoldenPrefix = "q-"

// Stores is all that the program keeps. Its methods may be used from several goroutines and processes; what is copied
// while Erase is at work may stay until it is called again.
type Stores struct {
	Journal journal.Journal
	Library *retrieval.Library // nil: there are no index entries
	Store   retrieval.Store    // of the library; nil: there are no attachments
}

// Counts tell how much there is of a person, or how much was removed.
type Counts struct {
	Questions int `json:"questions"`
	Cases     int `json:"cases"`
	Cancelled int `json:"cancelled"` // questions that were still under way; only of what was removed
	Ratings   int `json:"ratings"`   // of the questions of others
	Profile   int `json:"profile"`   // 1: what was kept of their enterprise, or the language that they chose
	Entries   int `json:"entries"`   // index entries made from their questions
	Golden    int `json:"golden"`    // golden questions
	Results   int `json:"results"`   // of golden questions in runs that are kept
	Notes     int `json:"notes"`     // on questions that could not be answered
	Views     int `json:"views"`     // saved searches that name them or have a question of theirs
}

// and adds the copies of another count.
func (n Counts) and(o Counts) Counts {
	n.Entries, n.Golden, n.Results, n.Notes, n.Views = n.Entries+o.Entries, n.Golden+o.Golden, n.Results+o.Results, n.Notes+o.Notes, n.Views+o.Views
	return n
}

// Copies is how many there are outside the journal.
func (n Counts) Copies() int { return n.Entries + n.Golden + n.Results + n.Notes + n.Views }

// Found is what there is of a person.
type Found struct {
	Counts
	Look   []Look
	Before time.Time // when somebody with this code was erased last; zero: never
}

// None reports that there is nothing to erase.
func (f Found) None() bool { return f.Counts == Counts{} }

// Erased is what was removed of a person, and what somebody should look at.
type Erased struct {
	Counts
	Look []Look
}

// A Look is something that nothing traces to a person, and that has words of theirs all the same.
type Look struct {
	Kind string `json:"kind"` // one of the following
	ID   string `json:"id"`
}

// Kinds of Look. Each lists at most MostLooks.
const (
	LookEntry  = "entry"  // an index entry that others asked too; ID is its clause
	LookNote   = "note"   // a note on what others asked too; ID is one of their questions
	LookCase   = "case"   // somebody else's case whose reply or draft has the words
	LookReview = "review" // a review of somebody else's question that has the words; ID is the question
	LookView   = "view"   // a saved search for some of the words; ID is its query
)

// MostLooks is how many of a kind are named.
const MostLooks = 50

// ErrNone says that there is nothing of a person.
var ErrNone = errors.New("there is nothing of this person")

// A Person is who is to be erased.
type Person struct {
	User    string // as the log calls them
	Account string // name of their account in the console, whose saved searches go too; "" for none
}

// Find tells what Erase would remove of a person, without removing it.
func Find(ctx context.Context, s Stores, p Person) (Found, error) {
	var f Found
	t, err := s.trace(ctx, p)
	if err != nil {
		return f, fmt.Errorf("look for a person: %w", err)
	}
	if f.Before, err = s.before(ctx, p.User); err != nil {
		return f, err
	}
	copies, err := s.copies(ctx, t, false)
	if err != nil {
		return f, fmt.Errorf("look for copies: %w", err)
	}
	f.Counts = t.counts.and(copies)
	f.Look, err = s.looks(ctx, t)
	return f, err
}

// Erase removes a person; ErrNone, wrapped, when there is nothing of them. When it fails, calling it again goes on: the
// copies go before the questions by which they are found. What is removed from the library's file may lie in its unused
// bytes.
func Erase(ctx context.Context, s Stores, p Person, at time.Time) (Erased, error) {
	var e Erased
	f, err := Find(ctx, s, p)
	if err != nil {
		return e, err
	}
	if f.None() {
		return e, fmt.Errorf("erase: %w", ErrNone)
	}
	t, err := s.trace(ctx, p)
	if err != nil {
		return e, fmt.Errorf("look for a person: %w", err)
	}
	e.Look, e.Profile = f.Look, t.counts.Profile
	if err := s.removeCopies(ctx, t, &e.Counts); err != nil {
		return e, err
	}
	if err := s.Journal.SetSetting(ctx, setting(p.User), at.Format(time.RFC3339)); err != nil {
		return e, err
	}
	gone, err := bot.Erase(ctx, s.Journal, p.User, at)
	e.Questions, e.Cases, e.Cancelled, e.Ratings = gone.Questions, gone.Cases, gone.Cancelled, gone.Ratings
	if err != nil {
		return e, err
	}
	return e, s.removeCopies(ctx, t, &e.Counts) // what was made meanwhile
}

// removeCopies removes what can be traced, and adds it up.
func (s Stores) removeCopies(ctx context.Context, t *trace, n *Counts) error {
	gone, err := s.copies(ctx, t, true)
	if err != nil {
		return fmt.Errorf("remove copies: %w", err)
	}
	*n = n.and(gone)
	if c, ok := s.Store.(interface{ Checkpoint(context.Context) error }); ok { // a file, whose log still has it
		return c.Checkpoint(ctx)
	}
	return nil
}

// setting keeps when somebody was erased, under a digest of what the log called them: the code itself is not kept.
func setting(user string) string {
	sum := sha256.Sum256([]byte("erased\x00" + user))
	return "erased:" + hex.EncodeToString(sum[:12])
}

func (s Stores) before(ctx context.Context, user string) (time.Time, error) {
	text, err := s.Journal.Setting(ctx, setting(user))
	if err != nil || text == "" {
		return time.Time{}, err
	}
	return time.Parse(time.RFC3339, text)
}
