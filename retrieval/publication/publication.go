// Package publication has documents wait for a second person before they count.
//
// A [Proposal] is a file that becomes a document or a new version of one, facts of a document
// that change, a document that is withdrawn, or an earlier version that is to be current again. Nothing of it is in the library until another
// person publishes it; then all of it is, at once, and can be rolled back. What the file of a
// proposal is called is told to people and never used.
//
// Proposals are attachments of the store, the bytes of files apart from the rest, so that
// listing reads none. Each decision is one transaction with the change of the library, and is
// made only where both are as whoever decides has seen them.
package publication

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"policybot/retrieval"
)

// A Kind says what a proposal changes.
type Kind string

// Kinds of proposal.
const (
	Document Kind = "document" // a file becomes a document, or its next version
	Facts    Kind = "facts"    // facts of a document change, its text does not
	Withdraw Kind = "withdraw" // a document goes out of the library
	Revert   Kind = "revert"   // an earlier version of a document becomes current again, as it was
)

// A State is what people have decided.
type State string

// States of a proposal.
const (
	Proposed   State = "proposed"
	Published  State = "published"
	Rejected   State = "rejected"
	RolledBack State = "rolled_back" // it was published, and is not any more
	Withdrawn  State = "withdrawn"   // whoever proposed it has taken it back
)

// A Fact is what a person states of a document, in place of what the text says.
type Fact struct {
	Field string `json:"field"`           // one of catalogue.Fields
	Value string `json:"value"`           // as catalogue.Fact has it; empty: it is not known
	Where string `json:"where,omitempty"` // where it is known from
}

// A Proposal is a change that waits, or has been decided about.
type Proposal struct {
	ID       string    `json:"id"`
	Kind     Kind      `json:"kind"`
	State    State     `json:"state"`
	Document string    `json:"document"`         // id that the document has or will have
	Title    string    `json:"title"`            // of the document, once it is published
	File     string    `json:"file,omitempty"`   // name of the file, for people; see CleanName
	Format   string    `json:"format,omitempty"` // .txt or .md
	Size     int       `json:"size,omitempty"`   // of the file, in bytes
	Facts    []Fact    `json:"facts,omitempty"`
	Base     int       `json:"base"`              // version that was current; 0: there was no such document
	Digest   string    `json:"digest,omitempty"`  // of what it becomes; see retrieval.Digest
	Version  int       `json:"version,omitempty"` // that it became
	To       int       `json:"to,omitempty"`      // of a Revert: the version that is to be current again
	Note     string    `json:"note,omitempty"`    // of whoever proposed it
	By       string    `json:"proposed_by"`
	At       time.Time `json:"proposed_at"`
	Warnings []Warning `json:"warnings,omitempty"`
	Counts   Counts    `json:"counts"`

	DecidedBy    string     `json:"decided_by,omitempty"` // who published, rejected or took back
	DecidedAt    *time.Time `json:"decided_at,omitempty"`
	Why          string     `json:"why,omitempty"` // it was rejected
	RolledBackBy string     `json:"rolled_back_by,omitempty"`
	RolledBackAt *time.Time `json:"rolled_back_at,omitempty"`
	RollBackWhy  string     `json:"roll_back_why,omitempty"`

	Origin string `json:"origin,omitempty"` // of the document before
}

// Counts are the sizes of a [Diff].
type Counts struct {
	Added     int `json:"added"`
	Removed   int `json:"removed"`
	Changed   int `json:"changed"`
	Moved     int `json:"moved"`
	Unchanged int `json:"unchanged"`
	Facts     int `json:"facts"`
}

// Errors. What the methods of a [Queue] return wraps one of them, is one of the types below, a
// *retrieval.Refusal of the file, or comes from the store.
var (
	ErrNotFound      = errors.New("no such proposal")
	ErrNoDocument    = errors.New("no such document")
	ErrNoVersion     = errors.New("the document has no such version")
	ErrNobody        = errors.New("nobody is named")
	ErrNoReason      = errors.New("no reason is given")
	ErrSamePerson    = errors.New("whoever proposed it cannot publish it")
	ErrOther         = errors.New("only whoever proposed it can take it back")
	ErrNoChange      = errors.New("nothing would change")
	ErrTooMany       = errors.New("too many proposals wait")
	ErrBadID         = errors.New("not an id of a document")
	ErrFileGone      = errors.New("the file went when the proposal was rejected or taken back")
	ErrReadOtherwise = errors.New("the file is now read otherwise than when it was proposed")
	// ErrNotSearchable comes with a decision that was made: the library has the change, and
	// answers follow after the next Refresh.
	ErrNotSearchable = errors.New("decided, but not searched yet")
)

// A StateError says that a proposal is in a state in which this cannot be done.
type StateError struct {
	ID    string
	State State
	By    string // who decided; empty for one that is proposed
}

// Error implements error.
func (e *StateError) Error() string {
	return fmt.Sprintf("proposal %s is %s by %s", e.ID, e.State, e.By)
}

// A ConflictError says that a proposal was made against another version than the current one:
// what people were shown as its changes is not what would change.
type ConflictError struct {
	ID       string
	Document string
	Base     int // version that the proposal was made against
	Current  int // 0: the document is not listed
}

// Error implements error.
func (e *ConflictError) Error() string {
	return fmt.Sprintf("proposal %s was made against version %d of %s, and version %d is current", e.ID, e.Base, e.Document, e.Current)
}

// A NewerError says that a document was changed after the publication that is to be rolled back.
type NewerError struct {
	ID       string
	Document string
	Current  int
	Newer    string // the proposal that was published since; empty: the change came another way
}

// Error implements error.
func (e *NewerError) Error() string {
	return fmt.Sprintf("%s was changed after proposal %s, by %q to version %d: that is to be rolled back first", e.Document, e.ID, e.Newer, e.Current)
}

// A FactError says what is wrong with a stated fact.
type FactError struct {
	Field string
	Err   error // in English
}

// Error implements error.
func (e *FactError) Error() string { return "fact: " + e.Err.Error() }

// Unwrap returns what is wrong.
func (e *FactError) Unwrap() error { return e.Err }

// An Event is what somebody did, for an audit log.
type Event struct {
	At     time.Time `json:"at"`
	By     string    `json:"by"`
	Does   string    `json:"does"`   // propose, publish, reject, take_back, roll_back
	Object string    `json:"object"` // id of the proposal
	Detail string    `json:"detail"` // kind, document and versions as name=value; "alone" where nobody else has looked; nothing in people's own words
}

// A Done is what came of a call.
type Done struct {
	Proposal Proposal
	Document *retrieval.Document // that is now current; nil when none is, or nothing has changed
}

// Store keeps proposals, and the documents that they change. [retrieval.Memory] and package
// retrieval/sqlite are such stores.
type Store interface {
	retrieval.Store
	retrieval.Versions
}

// Options of New. The zero value is two persons and the clock of the machine.
type Options struct {
	Alone bool             // who proposes may publish: an installation of a single person
	Now   func() time.Time // nil: time.Now
	// Before is told what is about to be stored, once all is found to be in order; its error keeps it from being stored.
	// What is told and then fails has an error that is not ErrNotSearchable. nil: nobody is told.
	Before func(context.Context, Event) error
}

// A Queue is the proposals of a store. It may be used from several goroutines, and several
// queues of one store beside each other.
type Queue struct {
	store   Store
	library *retrieval.Library
	options Options
}

// New returns the proposals of a store, and the library of the same store that they change.
func New(store Store, library *retrieval.Library, options Options) *Queue {
	if options.Now == nil {
		options.Now = time.Now
	}
	return &Queue{store, library, options}
}

// Alone reports whether who proposes may publish.
func (q *Queue) Alone() bool { return q.options.Alone }

// kind of attachment: what is known of proposals. The bytes of each file are of a kind of
// their own, so that they are read one by one.
const kind = "proposal"

// fileID is the id of the one attachment of such a kind.
const fileID = "bytes"

func fileKind(id string) string { return "proposal.file." + id }

// List lists the proposals in a state, all of them for "", the newest first.
func (q *Queue) List(ctx context.Context, state State) ([]Proposal, error) {
	list, err := q.store.Attachments(ctx, kind)
	if err != nil {
		return nil, fmt.Errorf("publication: %w", err)
	}
	out := []Proposal{}
	for _, a := range list {
		p, err := decode(a)
		if err != nil {
			return nil, err
		}
		if state == "" || p.State == state {
			out = append(out, p)
		}
	}
	slices.SortStableFunc(out, func(a, b Proposal) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.ID, b.ID)) })
	return out, nil
}

// Get gives one proposal. The error wraps ErrNotFound.
func (q *Queue) Get(ctx context.Context, id string) (Proposal, error) {
	p, _, err := q.get(ctx, id)
	return p, err
}

// get gives a proposal with how it is stored.
func (q *Queue) get(ctx context.Context, id string) (Proposal, retrieval.Attachment, error) {
	list, err := q.store.Attachments(ctx, kind)
	if err != nil {
		return Proposal{}, retrieval.Attachment{}, fmt.Errorf("publication: %w", err)
	}
	for _, a := range list {
		if a.ID == id {
			p, err := decode(a)
			return p, a, err
		}
	}
	return Proposal{}, retrieval.Attachment{}, fmt.Errorf("publication: proposal %q: %w", id, ErrNotFound)
}

func decode(a retrieval.Attachment) (Proposal, error) {
	var p Proposal
	if err := json.Unmarshal(a.Data, &p); err != nil {
		return p, fmt.Errorf("publication: proposal %q cannot be read: %w", a.ID, err)
	}
	return p, nil
}

func encode(p Proposal) (retrieval.Attachment, error) {
	data, err := json.Marshal(p)
	return retrieval.Attachment{Kind: kind, ID: p.ID, Data: data}, err
}

// File gives the bytes of a proposal's file, as they were uploaded; none for a proposal without
// one. The error wraps ErrNotFound, or ErrFileGone where the proposal was rejected or taken back.
func (q *Queue) File(ctx context.Context, id string) ([]byte, error) {
	p, err := q.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	return q.file(ctx, p)
}

func (q *Queue) file(ctx context.Context, p Proposal) ([]byte, error) {
	if p.Kind != Document {
		return nil, nil
	}
	if p.State == Rejected || p.State == Withdrawn {
		return nil, fmt.Errorf("publication: proposal %s: %w", p.ID, ErrFileGone)
	}
	list, err := q.store.Attachments(ctx, fileKind(p.ID))
	if err == nil && len(list) == 0 {
		if now, err := q.Get(ctx, p.ID); err == nil && now.State != p.State { // it was decided about meanwhile
			return q.file(ctx, now)
		}
	}
	if err != nil || len(list) != 1 {
		return nil, fmt.Errorf("publication: file of %q: %d, %w", p.ID, len(list), cmp.Or(err, ErrNotFound))
	}
	_, data, _ := bytes.Cut(list[0].Data, []byte{0}) // an attachment is never empty
	return data, nil
}

// Diff tells what a proposal changes, or has changed, against the version that it was made
// against. The errors are those of Get; ErrFileGone where the proposal was rejected or taken back; ErrReadOtherwise
// where the program has changed since.
func (q *Queue) Diff(ctx context.Context, id string) (Diff, error) {
	from, to, err := q.Contents(ctx, id)
	if err != nil {
		return Diff{}, err
	}
	return Compare(from, to), nil
}

// Contents gives the version that a proposal was made against and what it leads to, or has led to; each is zero
// where the document is not listed. The errors are those of Diff.
func (q *Queue) Contents(ctx context.Context, id string) (from, to retrieval.Content, err error) {
	p, err := q.Get(ctx, id)
	if err != nil {
		return from, to, err
	}
	if from, err = q.base(ctx, p); err != nil {
		return from, to, err
	}
	if p.Version > 0 {
		to, err = q.version(ctx, p.Document, p.Version)
		return from, to, err
	}
	data, err := q.file(ctx, p)
	if err != nil {
		return from, to, err
	}
	next, err := q.build(ctx, p, from, data)
	if err != nil || next == nil {
		return from, to, err
	}
	return from, *next, sameDigest(p, *next)
}

// base is the version that a proposal was made against, empty for none.
func (q *Queue) base(ctx context.Context, p Proposal) (retrieval.Content, error) {
	if p.Base == 0 {
		return retrieval.Content{}, nil
	}
	return q.version(ctx, p.Document, p.Base)
}

func (q *Queue) version(ctx context.Context, document string, n int) (retrieval.Content, error) {
	d, text, clauses, err := q.store.Version(ctx, document, n)
	if err != nil {
		return retrieval.Content{}, fmt.Errorf("publication: %w", err)
	}
	return retrieval.Content{Document: d, Text: text, Clauses: clauses}, nil
}

// now is when something is done, in UTC.
func (q *Queue) now() time.Time { return q.options.Now().UTC().Truncate(time.Microsecond) }

// Local stands before the name of somebody who is known to the machine, not by an account.
const Local = "local:"

// samePerson compares names of accounts, which differ in more than case. Who has the name of an account at the machine
// is taken to be its owner: a second person is somebody of another name.
func samePerson(a, b string) bool {
	name := func(s string) string { return strings.TrimPrefix(strings.ToLower(strings.TrimSpace(s)), Local) }
	return strings.EqualFold(name(a), name(b))
}
