package retrieval

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"policybot/retrieval/analysis"
)

// A Taught is an index entry of a clause: a question that a person marked as answered
// by it. From then on the question, and what asks the same in other words, finds the
// clause first; see [Library.Teach].
type Taught struct {
	ID       string    `json:"id"`     // by the question's words; set by Teach
	Clause   string    `json:"clause"` // id
	Question string    `json:"question"`
	By       string    `json:"by,omitempty"` // who marked it
	At       time.Time `json:"at,omitzero"`
	// Stale says that the clause is not in the library as it is searched now: the
	// entry is kept and does nothing until the clause is back. Never stored.
	Stale bool `json:"stale,omitempty"`
}

// Limits of index entries.
const (
	MaxTaught       = 10_000 // in a library
	MaxTaughtClause = 50     // of a clause
	MaxTaughtText   = 2_000  // characters of a question
)

// Kinds of attachment of a [Store] that hold index entries.
const (
	taughtKind = "taught"         // one entry each
	changeKind = "taught-changed" // one attachment, which is another after every change, also of [Words]
	changeID   = "last"
)

// Errors of index entries; they are returned wrapped.
var (
	ErrTaughtQuestion = fmt.Errorf("a question needs a letter and at most %d characters", MaxTaughtText)
	ErrTaughtLimit    = errors.New("too many index entries")
)

// A TaughtError says that a question is marked for another clause already.
type TaughtError struct{ Existing Taught }

// Error names the clause and the entry.
func (e *TaughtError) Error() string {
	return fmt.Sprintf("the question is an entry of %s already: %s", e.Existing.Clause, e.Existing.ID)
}

// Teach makes a question an index entry of a clause and takes it over at once. The same
// words, whatever their width, case and marks, are one entry: to teach them again for
// the same clause changes nothing and returns what is there; for another clause the
// error wraps a *[TaughtError] with the entry that is there. The error wraps [ErrNotFound] for a clause that the
// library does not have, [ErrTaughtQuestion] for a question that cannot be one, and
// [ErrTaughtLimit] at 50 entries of the clause or 10,000 of the library. ID and Stale of
// the argument are not looked at. The Revision of the library stays as it is.
func (l *Library) Teach(ctx context.Context, t Taught) (Taught, error) {
	fail := func(err error) (Taught, error) {
		return Taught{}, fmt.Errorf("teach %s: %w", t.Clause, err)
	}
	t, err := t.named()
	if err != nil {
		return fail(err)
	}
	l.teaching.Lock()
	defer l.teaching.Unlock()
	switch found, err := l.store.Lookup(ctx, []string{t.Clause}); {
	case err != nil:
		return fail(err)
	case len(found) == 0:
		return fail(ErrNotFound)
	}
	all, err := readTaught(ctx, l.store)
	if err != nil {
		return fail(err)
	}
	own := 0
	for _, o := range all {
		switch {
		case o.ID == t.ID && o.Clause == t.Clause:
			return l.marked(o), l.Refresh(ctx)
		case o.ID == t.ID:
			return fail(&TaughtError{l.marked(o)})
		case o.Clause == t.Clause:
			own++
		}
	}
	if own >= MaxTaughtClause || len(all) >= MaxTaught {
		return fail(ErrTaughtLimit)
	}
	data, err := json.Marshal(t)
	if err != nil {
		return fail(err)
	}
	if err := l.storeTaught(ctx, Attachment{taughtKind, t.ID, data}); err != nil {
		return fail(err)
	}
	return t, nil
}

// named returns the entry with the id that its question gives it.
func (t Taught) named() (Taught, error) {
	t.Question, t.Stale = strings.TrimSpace(t.Question), false
	words := lettersOf(t.Question)
	if words == "" || !utf8.ValidString(t.Question) || utf8.RuneCountInString(t.Question) > MaxTaughtText {
		return t, ErrTaughtQuestion
	}
	sum := sha256.Sum256([]byte(words))
	t.ID = "t" + hex.EncodeToString(sum[:8])
	return t, nil
}

// Unteach removes an index entry, and with it all that it did to the order of clauses.
// It returns what was removed; the error wraps [ErrNotFound] when there is none.
func (l *Library) Unteach(ctx context.Context, id string) (Taught, error) {
	l.teaching.Lock()
	defer l.teaching.Unlock()
	all, err := readTaught(ctx, l.store)
	if err != nil {
		return Taught{}, fmt.Errorf("take entry %s back: %w", id, err)
	}
	i := slices.IndexFunc(all, func(t Taught) bool { return t.ID == id })
	if i < 0 {
		return Taught{}, fmt.Errorf("take entry %s back: %w", id, ErrNotFound)
	}
	if err := l.storeTaught(ctx, Attachment{taughtKind, id, nil}); err != nil {
		return Taught{}, fmt.Errorf("take entry %s back: %w", id, err)
	}
	return l.marked(all[i]), nil
}

// Taught lists the index entries of a clause, or all for "", ordered by clause and then
// by when they were made.
func (l *Library) Taught(ctx context.Context, clause string) ([]Taught, error) {
	all, err := readTaught(ctx, l.store)
	if err != nil {
		return nil, fmt.Errorf("list index entries: %w", err)
	}
	out := []Taught{}
	for _, t := range all {
		if clause == "" || t.Clause == clause {
			out = append(out, l.marked(t))
		}
	}
	slices.SortStableFunc(out, func(a, b Taught) int {
		return cmp.Or(cmp.Compare(a.Clause, b.Clause), a.At.Compare(b.At))
	})
	return out, nil
}

// marked tells of an entry whether it is stale.
func (l *Library) marked(t Taught) Taught {
	_, held := l.view().units()[t.Clause]
	t.Stale = !held
	return t
}

// storeTaught stores a change of the entries, with a mark by which every process sees
// that there was one, and takes it over.
func (l *Library) storeTaught(ctx context.Context, a Attachment) error {
	if err := l.store.PutAttachments(ctx, a, Attachment{changeKind, changeID, []byte(rand.Text())}); err != nil {
		return err
	}
	return l.Refresh(ctx)
}

// readTaught reads the entries of a store, ordered by id.
func readTaught(ctx context.Context, s Store) ([]Taught, error) {
	list, err := s.Attachments(ctx, taughtKind)
	if err != nil {
		return nil, err
	}
	out := make([]Taught, 0, len(list))
	for _, a := range list {
		var t Taught
		if err := json.Unmarshal(a.Data, &t); err != nil {
			return nil, fmt.Errorf("index entry %s: %w", a.ID, err)
		}
		t.ID = a.ID
		out = append(out, t)
	}
	return out, nil
}

// taughtChange names the last change of the entries of a store; "" before the first.
func taughtChange(ctx context.Context, s Store) (string, error) {
	list, err := s.Attachments(ctx, changeKind)
	if err != nil || len(list) == 0 {
		return "", err
	}
	return string(list[0].Data), nil
}

// lettersOf is a question by its letters and digits alone, in normal form.
func lettersOf(question string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, analysis.Normalize(question))
}
