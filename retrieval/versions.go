package retrieval

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// ErrMoved is returned, wrapped, for an [Edit] whose state of before is not that of the
// store: somebody else has changed something meanwhile.
var ErrMoved = errors.New("changed meanwhile")

// ErrNoVersions is returned, wrapped, by a [Library] whose store is no [Versions].
var ErrNoVersions = errors.New("the store gives no earlier versions")

// A Version is what is known of one stored version of a document.
type Version struct {
	Document Document  `json:"document"`            // its facts, Hash, Version and Clauses; Origin is empty
	Digest   string    `json:"digest"`              // of text, facts and clauses; see Digest
	StoredAt time.Time `json:"stored_at,omitempty"` // UTC, in whole seconds; zero where the store does not know
	Current  bool      `json:"current"`             // it is listed and searched
}

// A Content is a document as [Store.Put] takes it.
type Content struct {
	Document Document
	Text     string
	Clauses  []Clause
}

// An Edit is a change of one document and of attachments, which is made whole or not at
// all, and only where the store is as the Edit expects.
type Edit struct {
	ID     string   // of the document; empty: attachments alone are changed
	From   int      // the version that must be current; 0: the document must not be listed
	New    *Content // becomes the current version, as by Put; nil: an earlier one does
	As     int      // the version number that New gets; 0: any
	To     int      // without New: the version that becomes current again; 0: the document is withdrawn
	Origin string   // of the document, where To becomes current
	Expect []Attachment
	Attach []Attachment // stored with the change; see Store.PutAttachments
}

// check tells what is wrong with an edit in itself.
func (e Edit) check() error {
	for _, a := range slices.Concat(e.Expect, e.Attach) {
		if err := a.Check(); err != nil {
			return err
		}
	}
	switch {
	case e.From < 0 || e.To < 0 || e.As < 0:
		return fmt.Errorf("versions %d, %d, %d: must not be below 0", e.From, e.To, e.As)
	case e.New != nil && e.New.Document.ID != e.ID:
		return fmt.Errorf("the new version is of document %q", e.New.Document.ID)
	}
	return nil
}

// Prepare checks an edit for making it, and gives the record of its New, nil where it has none.
func (e Edit) Prepare() (*Record, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	if e.New == nil {
		return nil, nil
	}
	return NewRecord(e.New.Document, e.New.Text, e.New.Clauses)
}

// Results of an [Edit] besides those of Put.
const (
	Reverted  Change = "reverted"  // another version is current again
	Withdrawn Change = "withdrawn" // the document is not listed and not searched any more
)

// Versions is the record of every version of every document, of which one or none is
// current. [Memory] and package sqlite have it; retrievaltest.TestStore checks it where a
// store does. What is current again is so exactly as it was: the store then has the
// Revision of before, and all that follows from it.
type Versions interface {
	// Versions lists all versions of a document, oldest first, also of one that was
	// withdrawn. The error wraps ErrNotFound for a document that was never stored.
	Versions(ctx context.Context, documentID string) ([]Version, error)
	// Version returns one version as it was put, with text and clauses; the Origin is
	// empty. The error wraps ErrNotFound when there is no such version.
	Version(ctx context.Context, documentID string, version int) (Document, string, []Clause, error)
	// Withdrawn lists the documents that were withdrawn, ordered by ID, each as it last was.
	Withdrawn(ctx context.Context) ([]Document, error)
	// Edit makes a change. The error wraps ErrMoved when From, As or Expect is not as the
	// store has it (an Expect without Data wants that there is none), ErrNotFound when To
	// or the document does not exist; then nothing has changed.
	Edit(ctx context.Context, e Edit) (Change, error)
}

// Versions implements [Versions]. The store does not know when a version was stored.
func (m *Memory) Versions(ctx context.Context, documentID string) ([]Version, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("retrieval: versions of %q: %w", documentID, err)
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	all := m.versions[documentID]
	if len(all) == 0 {
		return nil, fmt.Errorf("retrieval: versions of %q: %w", documentID, ErrNotFound)
	}
	list := make([]Version, 0, len(all))
	for i, r := range all {
		v := Version{Document: r.Document.clone(), Digest: r.Digest, Current: i+1 == m.listed[documentID]}
		v.Document.Origin = ""
		list = append(list, v)
	}
	return list, nil
}

// Withdrawn implements [Versions].
func (m *Memory) Withdrawn(ctx context.Context) ([]Document, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("retrieval: withdrawn documents: %w", err)
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	docs := []Document{}
	for _, id := range slices.Sorted(maps.Keys(m.last)) {
		docs = append(docs, m.versions[id][m.last[id]-1].Document.clone())
	}
	return docs, nil
}

// Edit implements [Versions].
func (m *Memory) Edit(ctx context.Context, e Edit) (Change, error) {
	fail := func(err error) (Change, error) { return "", fmt.Errorf("retrieval: edit %q: %w", e.ID, err) }
	if err := ctx.Err(); err != nil {
		return fail(err)
	}
	r, err := e.Prepare()
	if err != nil {
		return fail(err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, a := range e.Expect {
		if string(m.attachments[a.Kind][a.ID]) != string(a.Data) {
			return fail(fmt.Errorf("attachment %q of kind %q: %w", a.ID, a.Kind, ErrMoved))
		}
	}
	change := Unchanged
	if e.ID != "" {
		if change, err = m.edit(e, r); err != nil {
			return fail(err)
		}
	}
	m.attach(e.Attach)
	return change, nil
}

// edit makes the part of e that is about the document.
func (m *Memory) edit(e Edit, r *Record) (Change, error) {
	if now := m.listed[e.ID]; now != e.From {
		return "", fmt.Errorf("version %d is current, not %d: %w", now, e.From, ErrMoved)
	}
	switch {
	case r != nil && e.As > 0 && e.As != len(m.versions[e.ID])+1:
		return "", fmt.Errorf("the next version is not %d: %w", e.As, ErrMoved)
	case r != nil:
		return m.put(r)
	case len(m.versions[e.ID]) == 0 || e.To > len(m.versions[e.ID]):
		return "", ErrNotFound
	case e.To == e.From:
		return Unchanged, nil
	case e.To == 0:
		m.unlist(e.ID)
		return Withdrawn, nil
	}
	to := m.versions[e.ID][e.To-1]
	if err := m.checkTaken(to); err != nil {
		return "", err
	}
	m.list(e.ID, e.To)
	to.Document.Origin = e.Origin
	return Reverted, nil
}

// list makes a version the current one.
func (m *Memory) list(id string, version int) {
	m.unlist(id)
	delete(m.last, id)
	m.listed[id] = version
	for i, c := range m.versions[id][version-1].Clauses {
		m.places[c.ID] = place{id, i}
	}
}

// unlist makes no version of a document current.
func (m *Memory) unlist(id string) {
	old := m.current(id)
	if old == nil {
		return
	}
	for _, c := range old.Clauses {
		delete(m.places, c.ID)
	}
	m.last[id] = m.listed[id]
	delete(m.listed, id)
}

// checkTaken refuses clause ids that are current in another document.
func (m *Memory) checkTaken(r *Record) error {
	for _, c := range r.Clauses {
		if p, ok := m.places[c.ID]; ok && p.document != r.Document.ID {
			return fmt.Errorf("clause id %q is taken by document %q", c.ID, p.document)
		}
	}
	return nil
}

func (l *Library) versioned() (Versions, error) {
	v, ok := l.store.(Versions)
	if !ok {
		return nil, fmt.Errorf("library: %w", ErrNoVersions)
	}
	return v, nil
}

// Versions lists the versions of a document, oldest first; see [Versions].
func (l *Library) Versions(ctx context.Context, documentID string) ([]Version, error) {
	v, err := l.versioned()
	if err != nil {
		return nil, err
	}
	return v.Versions(ctx, documentID)
}

// Withdrawn lists the documents that were withdrawn, ordered by ID; none where the
// store is no [Versions].
func (l *Library) Withdrawn(ctx context.Context) ([]Document, error) {
	v, err := l.versioned()
	if err != nil {
		return nil, nil //nolint:nilerr // nothing can have been withdrawn
	}
	return v.Withdrawn(ctx)
}

// Edit makes a change of one document, beside no other of this library, and makes it
// searchable. Where that alone failed, change tells what the store has taken, and the
// next Refresh goes on.
func (l *Library) Edit(ctx context.Context, e Edit) (change Change, err error) {
	v, err := l.versioned()
	if err != nil {
		return "", err
	}
	l.adding.Lock()
	change, err = v.Edit(ctx, e)
	l.adding.Unlock()
	if err != nil {
		return "", err
	}
	return change, l.Refresh(ctx)
}

// Revert makes an earlier version of a document current again, exactly as it was, also
// one of a document that was withdrawn, and makes it searchable. The error wraps
// ErrNotFound when there is no such version.
func (l *Library) Revert(ctx context.Context, documentID string, version int) (Change, error) {
	if version < 1 {
		return "", fmt.Errorf("library: version %d of %q: %w", version, documentID, ErrNotFound)
	}
	return l.move(ctx, documentID, version)
}

// Withdraw takes a document out of the library: it is not listed and not searched any
// more, its versions stay for the record, and Revert brings it back. The error wraps
// ErrNotFound for one that was never stored.
func (l *Library) Withdraw(ctx context.Context, documentID string) (Change, error) {
	return l.move(ctx, documentID, 0)
}

func (l *Library) move(ctx context.Context, id string, to int) (Change, error) {
	for try := 1; ; try++ {
		list, err := l.Versions(ctx, id)
		if err != nil {
			return "", err
		}
		origin, err := l.origin(ctx, id)
		if err != nil {
			return "", err
		}
		change, err := l.Edit(ctx, Edit{ID: id, From: CurrentOf(list), To: to, Origin: origin})
		if !errors.Is(err, ErrMoved) || try == maxTries {
			return change, err
		}
	}
}

// origin is where a document that is listed or was withdrawn comes from.
func (l *Library) origin(ctx context.Context, id string) (string, error) {
	held, err := l.store.Documents(ctx)
	if err != nil {
		return "", err
	}
	gone, err := l.Withdrawn(ctx)
	for _, d := range append(held, gone...) {
		if d.ID == id {
			return d.Origin, err
		}
	}
	return "", err
}

// CurrentOf is the number of the version that is current, 0 when none is.
func CurrentOf(list []Version) int {
	for _, v := range list {
		if v.Current {
			return v.Document.Version
		}
	}
	return 0
}
