// Package register keeps measures with the documents that they are read from: those
// that a person has reviewed, and drafts that nobody has reviewed yet.
//
// An [Entry] is a measure with its [State]. Nothing but what a person has approved
// counts, and only while the words it points at are in the current text of its document:
// after a change of the text a measure may be stale, and it is good again when the words
// are back or the measure is corrected.
//
// Entries are attachments of a store: those that were reviewed of one kind, drafts of
// another, so that many drafts cost a question nothing.
package register

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"policybot/bot/eligibility"
	"policybot/retrieval"
)

// A State is what people have decided about a measure.
type State string

// States of a measure.
const (
	Draft    State = "draft"    // nobody has reviewed it
	Approved State = "approved" // it holds
	Rejected State = "rejected" // it does not, and is kept so that it is not drafted again
)

// Origins of measures besides the names of files and of models.
const (
	Rules   = "rules" // drafted by rules
	BySeeds = "seeds" // in place of a reviewer: came with the program
)

// ErrNotFound is returned, wrapped, for an id that the register does not have.
var ErrNotFound = errors.New("not in the register")

// ErrStale is returned, wrapped with the reason, for a measure whose words are not in
// the current text of its document.
var ErrStale = errors.New("its words are not in the text")

// An Entry is a measure in the register.
type Entry struct {
	eligibility.Measure
	State  State     `json:"state"`
	Origin string    `json:"origin"`        // name of the file that it came from, Rules, or the name of a model
	By     string    `json:"by,omitempty"`  // who decided the state; empty for a draft
	Why    string    `json:"why,omitempty"` // it was rejected
	At     time.Time `json:"at"`            // of the draft, or of the decision
	// Imported is the digest of what a file last said of the measure; empty when it
	// did not come from a file.
	Imported string `json:"imported,omitempty"`
}

// A Listed is an entry with how it fits the current text of its document.
type Listed struct {
	Entry
	Bound   *eligibility.Bound `json:"-"`                 // nil when there is a problem
	Problem string             `json:"problem,omitempty"` // why its words are not in the current text, in English
}

// Stale reports whether a measure that was not rejected does not fit the current text.
func (l Listed) Stale() bool { return l.Bound == nil && l.State != Rejected }

// A Store keeps the entries, and tells what the documents say. Every [retrieval.Store]
// is one.
type Store interface {
	Attachments(ctx context.Context, kind string) ([]retrieval.Attachment, error)
	PutAttachments(ctx context.Context, list ...retrieval.Attachment) error
	Clauses(ctx context.Context, documentID string) ([]retrieval.Clause, error)
}

// Kinds of attachment.
const (
	reviewed = "measure"
	drafted  = "measure.draft"
)

// A Register is the measures of a store. Reading is safe from several goroutines, also
// while another one, or another process, changes something. Of those that change it
// there may be one at a time.
type Register struct {
	Store   Store
	Library *retrieval.Library // of the same store: its revision tells when texts have changed
	// Before is told that something is about to be stored, once all is found to be in order, and how many measures are
	// new or other than before: 0 where drafts are only dropped. Its error keeps it from being stored. nil: nobody is
	// told. Seed tells nobody.
	Before func(n int) error

	mu       sync.Mutex
	filled   bool
	revision string
	entries  []retrieval.Attachment
	bound    []eligibility.Bound
}

// Approved are the measures that count: approved, and with words that are in the
// current text; ordered by id. It costs one look at the store while neither a measure
// nor the library's revision has changed. The caller does not change the measures.
func (r *Register) Approved(ctx context.Context) ([]eligibility.Bound, error) {
	revision := r.Library.Revision() // before the texts are read, so that it is not newer than they
	list, err := r.Store.Attachments(ctx, reviewed)
	if err != nil {
		return nil, fmt.Errorf("register: %w", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.filled || r.revision != revision || !slices.EqualFunc(r.entries, list, same) {
		bound, err := r.bindApproved(ctx, list)
		if err != nil {
			return nil, fmt.Errorf("register: %w", err)
		}
		r.filled, r.revision, r.entries, r.bound = true, revision, list, bound
	}
	return slices.Clone(r.bound), nil
}

func same(a, b retrieval.Attachment) bool { return a.ID == b.ID && string(a.Data) == string(b.Data) }

func (r *Register) bindApproved(ctx context.Context, list []retrieval.Attachment) ([]eligibility.Bound, error) {
	t := r.texts()
	out := []eligibility.Bound{}
	for _, a := range list {
		e, misfit := decode(a)
		if misfit != nil || e.State != Approved {
			continue
		}
		b, misfit, err := t.bind(ctx, e.Measure)
		if err != nil {
			return nil, err
		}
		if misfit == nil {
			out = append(out, b)
		}
	}
	return out, nil
}

// List lists all entries, ordered by id.
func (r *Register) List(ctx context.Context) ([]Listed, error) {
	list, err := r.all(ctx)
	if err != nil {
		return nil, fmt.Errorf("register: %w", err)
	}
	t := r.texts()
	out := []Listed{}
	for _, a := range list {
		e, misfit := decode(a)
		l := Listed{Entry: e}
		if misfit == nil {
			var b eligibility.Bound
			if b, misfit, err = t.bind(ctx, e.Measure); err != nil {
				return nil, fmt.Errorf("register: %w", err)
			}
			l.Bound = &b
		}
		if misfit != nil {
			l.Bound, l.Problem = nil, misfit.Error()
		}
		out = append(out, l)
	}
	return out, nil
}

// Get gives one entry. The error wraps ErrNotFound.
func (r *Register) Get(ctx context.Context, id string) (Listed, error) {
	list, err := r.List(ctx)
	if err != nil {
		return Listed{}, err
	}
	for _, l := range list {
		if l.ID == id {
			return l, nil
		}
	}
	return Listed{}, notFound(id)
}

func notFound(id string) error { return fmt.Errorf("register: measure %q: %w", id, ErrNotFound) }

// Count counts the entries by their state.
func (r *Register) Count(ctx context.Context) (map[State]int, error) {
	list, err := r.all(ctx)
	if err != nil {
		return nil, fmt.Errorf("register: %w", err)
	}
	out := map[State]int{}
	for _, a := range list {
		e, _ := decode(a)
		out[e.State]++
	}
	return out, nil
}

// Check tells which measures do not fit the current texts, in their order: for one that
// was read from a file it is an [*eligibility.FileError].
func (r *Register) Check(ctx context.Context, measures []eligibility.Measure) (misfits []error, err error) {
	t := r.texts()
	for _, m := range measures {
		_, misfit, err := t.bind(ctx, m)
		if err != nil {
			return nil, fmt.Errorf("register: %w", err)
		}
		if misfit != nil {
			misfits = append(misfits, misfit)
		}
	}
	return misfits, nil
}

// Documents are the documents of which the register has measures, by id. The value
// tells whether a file has stated some of them: who writes such a file has read the
// whole document, so that nothing is to be drafted of it.
func (r *Register) Documents(ctx context.Context) (map[string]bool, error) {
	list, err := r.all(ctx)
	if err != nil {
		return nil, fmt.Errorf("register: %w", err)
	}
	out := map[string]bool{}
	for _, a := range list {
		e, _ := decode(a) // one that cannot be read any more still has its document
		if e.Document != "" {
			out[e.Document] = out[e.Document] || e.Imported != ""
		}
	}
	return out, nil
}

// all reads every entry, ordered by id.
func (r *Register) all(ctx context.Context) ([]retrieval.Attachment, error) {
	list, err := r.Store.Attachments(ctx, reviewed)
	if err != nil {
		return nil, err
	}
	drafts, err := r.Store.Attachments(ctx, drafted)
	if err != nil {
		return nil, err
	}
	list = append(list, drafts...)
	slices.SortStableFunc(list, func(a, b retrieval.Attachment) int { return strings.Compare(a.ID, b.ID) })
	return list, nil
}

// decode reads an entry. misfit says why it cannot be used: a later version of the
// program has written it, or an earlier one, with facts that there are no more.
func decode(a retrieval.Attachment) (e Entry, misfit error) {
	if err := json.Unmarshal(a.Data, &e); err != nil {
		return Entry{Measure: eligibility.Measure{ID: a.ID}}, fmt.Errorf("%s cannot be read: %w", a.ID, err)
	}
	return e, e.Parse()
}

// encode writes an entry; a draft and a reviewed measure do not have the same id, so
// the other one goes.
func encode(e Entry) ([]retrieval.Attachment, error) {
	data, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("measure %q: %w", e.ID, err)
	}
	if e.State == Draft {
		return []retrieval.Attachment{{Kind: drafted, ID: e.ID, Data: data}}, nil
	}
	return []retrieval.Attachment{{Kind: reviewed, ID: e.ID, Data: data}, {Kind: drafted, ID: e.ID}}, nil
}

// digest names what a measure says.
func digest(m eligibility.Measure) string {
	data, _ := json.Marshal(m) // texts alone
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:16])
}

// A texts gives the clauses of documents, each read once.
type texts struct {
	store   Store
	clauses map[string][]retrieval.Clause
}

func (r *Register) texts() *texts { return &texts{r.Store, map[string][]retrieval.Clause{}} }

// bind finds the words of a measure. misfit says why they are not there; err, why that
// could not be found out.
func (t *texts) bind(ctx context.Context, m eligibility.Measure) (b eligibility.Bound, misfit, err error) {
	clauses, ok := t.clauses[m.Document]
	if !ok {
		clauses, err = t.store.Clauses(ctx, m.Document)
		if err != nil && !errors.Is(err, retrieval.ErrNotFound) {
			return b, nil, err
		}
		t.clauses[m.Document] = clauses
	}
	b, misfit = m.Bind(clauses)
	if misfit == nil || len(clauses) > 0 {
		return b, misfit, nil
	}
	missing := fmt.Sprintf("%s: there is no document %q", m.ID, m.Document)
	if at, ok := errors.AsType[*eligibility.FileError](misfit); ok {
		return b, &eligibility.FileError{File: at.File, Line: at.Line, Problem: missing}, nil
	}
	return b, errors.New(missing), nil
}
