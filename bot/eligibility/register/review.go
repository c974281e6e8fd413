package register

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"policybot/bot/eligibility"
	"policybot/retrieval"
)

// Draft adds measures that a program has drafted, and tells how many are new or other
// than before. One is left out when its words are not in the text, and when a reviewed
// measure has words of its offer; one whose id a reviewed measure has gets another id.
// An older draft with the same id gives way. Older drafts whose words are gone are
// dropped, whatever document they are of.
func (r *Register) Draft(ctx context.Context, measures []eligibility.Measure, origin string, at time.Time) (n int, err error) {
	n, err = r.draft(ctx, measures, origin, at)
	if err != nil {
		return 0, fmt.Errorf("register: %w", err)
	}
	return n, nil
}

func (r *Register) draft(ctx context.Context, measures []eligibility.Measure, origin string, at time.Time) (n int, err error) {
	old, known, err := r.known(ctx)
	if err != nil {
		return 0, err
	}
	t := r.texts()
	changes, err := t.gone(ctx, old)
	if err != nil {
		return 0, err
	}
	taken, err := t.offers(ctx, known, measures)
	if err != nil {
		return 0, err
	}
	for _, m := range measures {
		m.ID = freeID(m.ID, known)
		m.Criteria = slices.Clone(m.Criteria) // Parse writes into them
		if m.Parse() != nil {
			continue
		}
		b, misfit, err := t.bind(ctx, m)
		if err != nil {
			return 0, err
		}
		e, ok := known[m.ID]
		if misfit != nil || slices.ContainsFunc(taken, offerOf(b).overlaps) || ok && e.Origin == origin && digest(e.Measure) == digest(m) {
			continue
		}
		e = Entry{Measure: m, State: Draft, Origin: origin, At: at}
		put, err := encode(e)
		if err != nil {
			return 0, err
		}
		known[m.ID] = e
		changes = append(changes, put...)
		n++
	}
	return n, r.store(ctx, n, changes)
}

// store stores changes, by which n measures are new or other than before.
func (r *Register) store(ctx context.Context, n int, changes []retrieval.Attachment) error {
	if r.Before != nil && len(changes) > 0 {
		if err := r.Before(n); err != nil {
			return err
		}
	}
	return r.Store.PutAttachments(ctx, changes...)
}

// freeID is an id that no reviewed measure has.
func freeID(id string, known map[string]Entry) string {
	free := id
	for n := 2; ; n++ {
		if e, ok := known[free]; !ok || e.State == Draft {
			return free
		}
		free = fmt.Sprintf("%s-%d", id, n)
	}
}

// An offer is where the words of an offer stand.
type offer struct {
	clause     string // id
	start, end int    // bytes of its text
}

func offerOf(b eligibility.Bound) offer {
	from := strings.Index(b.Clause.Text, b.Quote)
	return offer{b.Clause.ID, from, from + len(b.Quote)}
}

func (o offer) overlaps(p offer) bool {
	return o.clause == p.clause && o.start < p.end && p.start < o.end
}

// offers are those of reviewed measures of the documents that measures are of.
func (t *texts) offers(ctx context.Context, known map[string]Entry, measures []eligibility.Measure) (out []offer, err error) {
	documents := map[string]bool{}
	for _, m := range measures {
		documents[m.Document] = true
	}
	for _, e := range known {
		if e.State == Draft || !documents[e.Document] {
			continue
		}
		b, misfit, err := t.bind(ctx, e.Measure)
		if err != nil {
			return nil, err
		}
		if misfit == nil {
			out = append(out, offerOf(b))
		}
	}
	return out, nil
}

// known reads the drafts, and every entry by its id.
func (r *Register) known(ctx context.Context) (drafts []retrieval.Attachment, all map[string]Entry, err error) {
	list, err := r.all(ctx)
	if err != nil {
		return nil, nil, err
	}
	all = map[string]Entry{}
	for _, a := range list {
		all[a.ID], _ = decode(a)
		if a.Kind == drafted {
			drafts = append(drafts, a)
		}
	}
	return drafts, all, nil
}

// gone are the removals of those drafts whose words are not in the text.
func (t *texts) gone(ctx context.Context, drafts []retrieval.Attachment) (out []retrieval.Attachment, err error) {
	for _, a := range drafts {
		e, misfit := decode(a)
		if misfit == nil {
			if _, misfit, err = t.bind(ctx, e.Measure); err != nil {
				return nil, err
			}
		}
		if misfit != nil {
			out = append(out, retrieval.Attachment{Kind: drafted, ID: a.ID})
		}
	}
	return out, nil
}

// Import takes over reviewed measures from a file of this name, read by
// [eligibility.Read], and tells how many are new or other than before. The words of all
// of them must be in the text, or nothing is stored: the error is then the
// [*eligibility.FileError] of the first. What a person has decided about a measure
// since the file last said the same of it stays. Drafts of the file's documents are
// dropped. A measure that the file does not have any more is kept.
func (r *Register) Import(ctx context.Context, name string, measures []eligibility.Measure, by string, at time.Time) (n int, err error) {
	drafts, known, err := r.known(ctx)
	if err != nil {
		return 0, fmt.Errorf("register: %w", err)
	}
	t := r.texts()
	var changes []retrieval.Attachment
	documents := map[string]bool{}
	for _, m := range measures {
		_, misfit, err := t.bind(ctx, m)
		if err != nil {
			return 0, fmt.Errorf("register: %w", err)
		}
		if misfit != nil {
			return 0, misfit
		}
		documents[m.Document] = true
		e, ok := known[m.ID]
		if ok && e.State != Draft && e.Imported == digest(m) {
			continue
		}
		put, err := encode(fromFile(m, name, by, at))
		if err != nil {
			return 0, fmt.Errorf("register: %w", err)
		}
		changes = append(changes, put...)
		n++
	}
	for _, a := range drafts {
		if documents[known[a.ID].Document] {
			changes = append(changes, retrieval.Attachment{Kind: drafted, ID: a.ID})
		}
	}
	if err := r.store(ctx, n, changes); err != nil {
		return 0, fmt.Errorf("register: %w", err)
	}
	return n, nil
}

func fromFile(m eligibility.Measure, name, by string, at time.Time) Entry {
	return Entry{Measure: m, State: Approved, Origin: name, By: by, At: at, Imported: digest(m)}
}

// Seed adds measures that come with the program, in a file of this name, as approved by
// BySeeds: those that the register does not have, and those that it has from an earlier
// version of the program and that nobody has decided about. Their words need not be in
// the text of today.
func (r *Register) Seed(ctx context.Context, name string, measures []eligibility.Measure, at time.Time) error {
	_, known, err := r.known(ctx)
	if err != nil {
		return fmt.Errorf("register: %w", err)
	}
	var changes []retrieval.Attachment
	for _, m := range measures {
		e, ok := known[m.ID]
		if ok && e.State != Draft && (e.By != BySeeds || e.Imported == digest(m)) {
			continue
		}
		put, err := encode(fromFile(m, name, BySeeds, at))
		if err != nil {
			return fmt.Errorf("register: %w", err)
		}
		changes = append(changes, put...)
	}
	if err := r.Store.PutAttachments(ctx, changes...); err != nil {
		return fmt.Errorf("register: %w", err)
	}
	return nil
}

// Approve approves a measure, or with in its place, which is a corrected version of it
// with the same id. The words must be in the text: if they are not, the error wraps
// ErrStale, and an [*eligibility.FileError] where with was read from a file. An id that
// is not there gives an error that wraps ErrNotFound.
func (r *Register) Approve(ctx context.Context, id, by string, at time.Time, with *eligibility.Measure) error {
	e, err := r.entry(ctx, id)
	if err != nil {
		return err
	}
	if with != nil {
		if with.ID != id {
			return fmt.Errorf("register: measure %q is not corrected by %q", id, with.ID)
		}
		e.Measure = *with
	}
	e.Criteria = slices.Clone(e.Criteria)
	misfit := e.Parse()
	if misfit == nil {
		if _, misfit, err = r.texts().bind(ctx, e.Measure); err != nil {
			return fmt.Errorf("register: %w", err)
		}
	}
	if misfit != nil {
		return fmt.Errorf("%w: %w", ErrStale, misfit)
	}
	e.State, e.By, e.Why, e.At = Approved, by, "", at
	return r.put(ctx, e)
}

// Reject rejects a measure for a reason. An id that is not there gives an error that
// wraps ErrNotFound.
func (r *Register) Reject(ctx context.Context, id, by, why string, at time.Time) error {
	e, err := r.entry(ctx, id)
	if err != nil {
		return err
	}
	e.State, e.By, e.Why, e.At = Rejected, by, why, at
	return r.put(ctx, e)
}

// entry reads one entry, also one that does not fit the text or the vocabulary.
func (r *Register) entry(ctx context.Context, id string) (Entry, error) {
	_, known, err := r.known(ctx)
	if err != nil {
		return Entry{}, fmt.Errorf("register: %w", err)
	}
	e, ok := known[id]
	switch {
	case !ok:
		return Entry{}, notFound(id)
	case e.State == "":
		return Entry{}, fmt.Errorf("register: measure %q cannot be read", id)
	}
	return e, nil
}

func (r *Register) put(ctx context.Context, e Entry) error {
	changes, err := encode(e)
	if err == nil {
		err = r.store(ctx, 1, changes)
	}
	if err != nil {
		return fmt.Errorf("register: %w", err)
	}
	return nil
}
