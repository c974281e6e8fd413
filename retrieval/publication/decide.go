package publication

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"policybot/retrieval"
)

// Publish makes a proposal count: the library has it from then on, and searches find it. Of
// several who publish, reject or take back at once one wins, the others get a *StateError. Who
// proposed it gets ErrSamePerson, unless the queue is for one person alone. Where the document
// has changed since it was proposed, the error is a *ConflictError and it has to be proposed
// again; where the program reads the file otherwise by now, ErrReadOtherwise.
func (q *Queue) Publish(ctx context.Context, id, by string) (Done, error) {
	p, held, err := q.open(ctx, id, by, Proposed)
	if err != nil {
		return Done{}, err
	}
	alone := samePerson(p.By, by)
	if alone && !q.options.Alone {
		return Done{}, fmt.Errorf("publication: proposal %s of %s: %w", id, p.By, ErrSamePerson)
	}
	e, err := q.change(ctx, &p)
	if err != nil {
		return Done{}, err
	}
	p.State = Published
	p.decided(by, q)
	event := q.event("publish", p, by)
	if alone {
		event.Detail += " alone"
	}
	return q.decide(ctx, p, held, e, event)
}

// change is what publishing a proposal does to its document.
func (q *Queue) change(ctx context.Context, p *Proposal) (retrieval.Edit, error) {
	e := retrieval.Edit{ID: p.Document, From: p.Base}
	base, err := q.base(ctx, *p)
	if err != nil {
		return e, err
	}
	data, err := q.file(ctx, *p)
	if errors.Is(err, ErrFileGone) { // somebody was faster
		now, gerr := q.Get(ctx, p.ID)
		return e, cmp.Or(gerr, now.stateError())
	}
	if err != nil {
		return e, err
	}
	if e.New, err = q.build(ctx, *p, base, data); err != nil || e.New == nil {
		return e, err
	}
	if err := sameDigest(*p, *e.New); err != nil {
		return e, err
	}
	if p.Kind == Revert {
		e.New, e.To, p.Version = nil, p.To, p.To
		return e, nil
	}
	list, err := q.store.Versions(ctx, p.Document)
	if err != nil && !errors.Is(err, retrieval.ErrNotFound) {
		return e, fmt.Errorf("publication: %w", err)
	}
	e.New.Document.Origin = "" // no file of this machine stands for it any more
	e.As, p.Version = len(list)+1, len(list)+1
	return e, nil
}

// Reject keeps a proposal from being published. Anybody may, also who proposed it; why must
// not be empty. The bytes of its file go; its name, size and digest stay. The errors are those of Publish, and ErrNoReason.
func (q *Queue) Reject(ctx context.Context, id, by, why string) (Done, error) {
	if strings.TrimSpace(why) == "" {
		return Done{}, fmt.Errorf("publication: %w", ErrNoReason)
	}
	p, held, err := q.open(ctx, id, by, Proposed)
	if err != nil {
		return Done{}, err
	}
	p.State, p.Why = Rejected, clip(strings.TrimSpace(why), maxText)
	p.decided(by, q)
	return q.decide(ctx, p, held, fileGone(p), q.event("reject", p, by))
}

// TakeBack is a rejection by who proposed it, without a reason, whose file goes too; others get ErrOther.
func (q *Queue) TakeBack(ctx context.Context, id, by string) (Done, error) {
	p, held, err := q.open(ctx, id, by, Proposed)
	if err != nil {
		return Done{}, err
	}
	if !samePerson(p.By, by) {
		return Done{}, fmt.Errorf("publication: proposal %s of %s: %w", id, p.By, ErrOther)
	}
	p.State = Withdrawn
	p.decided(by, q)
	return q.decide(ctx, p, held, fileGone(p), q.event("take_back", p, by))
}

// fileGone removes the bytes of a proposal's file.
func fileGone(p Proposal) (e retrieval.Edit) {
	if p.Kind == Document {
		e.Attach = []retrieval.Attachment{{Kind: fileKind(p.ID), ID: fileID}}
	}
	return e
}

// RollBack makes current again what was before a publication: the version of before exactly as
// it was, no document where it was new, and the document where it was withdrawn. One person is
// enough, so that what is wrong is gone at once; why must not be empty. Where the document has
// changed since, the error is a *NewerError.
func (q *Queue) RollBack(ctx context.Context, id, by, why string) (Done, error) {
	if strings.TrimSpace(why) == "" {
		return Done{}, fmt.Errorf("publication: %w", ErrNoReason)
	}
	p, held, err := q.open(ctx, id, by, Published)
	if err != nil {
		return Done{}, err
	}
	e := retrieval.Edit{ID: p.Document, From: p.Version, To: p.Base, Origin: p.Origin}
	at := q.now()
	p.State, p.RolledBackBy, p.RolledBackAt, p.RollBackWhy = RolledBack, strings.TrimSpace(by), &at, clip(strings.TrimSpace(why), maxText)
	return q.decide(ctx, p, held, e, q.event("roll_back", p, by))
}

// open gives a proposal that is in a state, with how it is stored.
func (q *Queue) open(ctx context.Context, id, by string, state State) (Proposal, retrieval.Attachment, error) {
	if strings.TrimSpace(by) == "" {
		return Proposal{}, retrieval.Attachment{}, fmt.Errorf("publication: %w", ErrNobody)
	}
	p, held, err := q.get(ctx, id)
	if err == nil && p.State != state {
		err = p.stateError()
	}
	return p, held, err
}

func (p Proposal) stateError() error {
	by := p.DecidedBy
	if p.State == RolledBack {
		by = p.RolledBackBy
	}
	return &StateError{p.ID, p.State, by}
}

func (p *Proposal) decided(by string, q *Queue) {
	at := q.now()
	p.DecidedBy, p.DecidedAt = strings.TrimSpace(by), &at
}

// decide makes a decision and what it changes one, if nobody was faster.
func (q *Queue) decide(ctx context.Context, p Proposal, held retrieval.Attachment, e retrieval.Edit, event Event) (Done, error) {
	meta, err := encode(p)
	if err != nil {
		return Done{}, fmt.Errorf("publication: %w", err)
	}
	e.Expect, e.Attach = []retrieval.Attachment{held}, append(e.Attach, meta)
	if err := q.tell(ctx, event); err != nil {
		return Done{}, err
	}
	change, err := q.library.Edit(ctx, e)
	switch {
	case errors.Is(err, retrieval.ErrMoved):
		return Done{}, q.whoElse(ctx, p, e)
	case err != nil && change == "":
		return Done{}, fmt.Errorf("publication: proposal %s: %w", p.ID, err)
	case err != nil:
		err = fmt.Errorf("publication: proposal %s: %w: %w", p.ID, ErrNotSearchable, err)
	}
	done := Done{Proposal: p}
	if change != retrieval.Unchanged {
		d, derr := q.current(ctx, p.Document)
		done.Document, err = d, errors.Join(err, derr)
	}
	return done, err
}

// whoElse tells why a decision could not be made.
func (q *Queue) whoElse(ctx context.Context, p Proposal, e retrieval.Edit) error {
	now, err := q.Get(ctx, p.ID)
	if err != nil {
		return err
	}
	publishing := p.State == Published
	if publishing && now.State != Proposed || p.State == RolledBack && now.State != Published || e.ID == "" {
		return now.stateError()
	}
	d, err := q.current(ctx, p.Document)
	if err != nil {
		return err
	}
	current := 0
	if d != nil {
		current = d.Version
	}
	if publishing {
		return &ConflictError{ID: p.ID, Document: p.Document, Base: p.Base, Current: current}
	}
	newer := &NewerError{ID: p.ID, Document: p.Document, Current: current}
	list, err := q.List(ctx, Published)
	for _, other := range list {
		if other.Document == p.Document && other.ID != p.ID && other.Version == current {
			newer.Newer = other.ID
		}
	}
	return errors.Join(err, newer)
}

// current is the document as it is listed, nil when it is not.
func (q *Queue) current(ctx context.Context, id string) (*retrieval.Document, error) {
	docs, err := q.store.Documents(ctx)
	if err != nil {
		return nil, fmt.Errorf("publication: %w", err)
	}
	for _, d := range docs {
		if d.ID == id {
			return &d, nil
		}
	}
	return nil, nil
}

// event is what is about to be done with a proposal. Of its versions those are told that are known: 0 is none.
func (q *Queue) event(does string, p Proposal, by string) Event {
	text := fmt.Sprintf("kind=%s document=%s", p.Kind, p.Document)
	switch does {
	case "publish":
		text += fmt.Sprintf(" from=%d to=%d", p.Base, p.Version)
	case "roll_back":
		text += fmt.Sprintf(" from=%d to=%d", p.Version, p.Base)
	default:
		text += fmt.Sprintf(" from=%d", p.Base)
	}
	return Event{At: q.now(), By: strings.TrimSpace(by), Does: does, Object: p.ID, Detail: text}
}

// tell tells what is about to be stored.
func (q *Queue) tell(ctx context.Context, e Event) error {
	if q.options.Before == nil {
		return nil
	}
	return q.options.Before(ctx, e)
}
