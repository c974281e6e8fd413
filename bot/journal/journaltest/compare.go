package journaltest

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"policybot/bot/journal"
)

// alike says that two errors are not of the same kind.
func alike(what string, got, want error) error {
	same := (got == nil) == (want == nil)
	for _, kind := range []error{
		journal.ErrNone, journal.ErrLost, journal.ErrNotFound, journal.ErrReplied, journal.ErrUnreachable,
		journal.ErrClosed, journal.ErrDraft, journal.ErrStage, journal.ErrNoReason, journal.ErrOwnApproval, journal.ErrUnapproved,
	} {
		same = same && errors.Is(got, kind) == errors.Is(want, kind)
	}
	same = same && reflect.DeepEqual(conflicts(got), conflicts(want))
	if !same {
		return fmt.Errorf("%s: error %w; want %v", what, got, want) //nolint:errorlint // one of them may be nil
	}
	return nil
}

// differ says how two values differ. A nil list and an empty one are alike.
func differ(what string, got, want any) error {
	if reflect.DeepEqual(got, want) {
		return nil
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		return fmt.Errorf("%s differs (-want +got):\n%s", what, diff)
	}
	return nil
}

// both says how two results of a call differ.
func both(what string, got, want any, gotErr, wantErr error) error {
	if err := alike(what, gotErr, wantErr); err != nil || wantErr != nil {
		return err
	}
	return differ(what, got, want)
}

// A view is what is seen of a journal.
type view struct {
	Counts    journal.Counts
	Questions []journal.Question
	Cases     []journal.Case
	Ratings   []journal.Rating
	Entries   []journal.Entry            // of all questions, in a full view only
	Drafts    map[string][]journal.Draft // of all cases, in a full view only
	Found     []any                      // what searches give, in a full view only
}

// see reads what can be seen.
func (w *walker) see(j journal.Journal, full bool) (view, error) {
	var v view
	var err error
	if v.Counts, err = j.Count(w.ctx); err != nil {
		return v, err
	}
	for q, err := range j.Entries(w.ctx, journal.Filter{}) {
		if err != nil {
			return v, err
		}
		v.Questions = append(v.Questions, q)
	}
	if v.Cases, err = j.ListCases(w.ctx, ""); err != nil || !full {
		return v, err
	}
	v.Drafts = map[string][]journal.Draft{}
	for _, c := range v.Cases {
		if v.Drafts[c.ID], err = j.ListDrafts(w.ctx, c.ID); err != nil {
			return v, err
		}
	}
	for r, err := range j.Ratings(w.ctx, journal.Filter{}) {
		if err != nil {
			return v, err
		}
		v.Ratings = append(v.Ratings, r)
	}
	if v.Found, err = w.search(j); err != nil {
		return v, err
	}
	for _, q := range v.Questions {
		e, err := j.Entry(w.ctx, q.ID)
		if err != nil {
			return v, err
		}
		if err := differ("what Entries and Entry say", visible(q), visible(e.Question)); err != nil {
			return v, err
		}
		v.Entries = append(v.Entries, e)
	}
	return v, nil
}

// compare checks that both journals show the same, and the laws.
func (w *walker) compare(full bool) error {
	got, err := w.see(w.got, full)
	if err != nil {
		return err
	}
	if err := w.laws.check(got, full); err != nil {
		return err
	}
	want, err := w.see(w.want, full)
	if err != nil {
		return err
	}
	return differ("what is seen", plainView(got), plainView(want))
}

// plainView clears what differs from journal to journal.
func plainView(v view) view {
	var out view
	out.Counts, out.Ratings, out.Drafts, out.Found = v.Counts, v.Ratings, v.Drafts, v.Found
	for _, q := range v.Questions {
		out.Questions = append(out.Questions, plain(q))
	}
	for _, e := range v.Entries {
		p := journal.Entry{Question: plain(e.Question), Ratings: e.Ratings}
		for _, s := range e.Steps {
			s.Detail = nil
			p.Steps = append(p.Steps, s)
		}
		for _, d := range e.Deliveries {
			p.Deliveries = append(p.Deliveries, timeless(d))
		}
		out.Entries = append(out.Entries, p)
	}
	for _, c := range v.Cases {
		out.Cases = append(out.Cases, plainCase(c))
	}
	return out
}
