package journaltest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"policybot/bot/channel"
	"policybot/bot/journal"
)

// Journals that are bad at drafts and approvals.

type ownApprovals struct{ good }

func (f ownApprovals) Decide(ctx context.Context, d journal.Decision) (journal.Case, error) {
	c, err := f.good.Decide(ctx, d)
	if errors.Is(err, journal.ErrOwnApproval) {
		d.By = "somebody else"
		c, err = f.good.Decide(ctx, d)
	}
	return c, err
}

type lastAuthors struct{ good }

func (f lastAuthors) Decide(ctx context.Context, d journal.Decision) (journal.Case, error) {
	c, err := f.good.Decide(ctx, d)
	if !errors.Is(err, journal.ErrOwnApproval) {
		return c, err
	}
	list, _ := f.ListDrafts(ctx, d.Case)
	now, _ := f.GetCase(ctx, d.Case)
	if strings.EqualFold(d.By, list[len(list)-1].By) || strings.EqualFold(d.By, now.SubmittedBy) {
		return c, err
	}
	d.By = "somebody else"
	return f.good.Decide(ctx, d)
}

type lax struct{ good }

func (f lax) Respond(ctx context.Context, r journal.Response) (journal.Case, error) {
	c, err := f.good.Respond(ctx, r)
	if !errors.Is(err, journal.ErrUnapproved) {
		return c, err
	}
	r.Revision = 0
	if err := f.SetSetting(ctx, journal.SettingApproval, ""); err != nil {
		return c, err
	}
	c, err = f.good.Respond(ctx, r)
	return c, errors.Join(err, f.SetSetting(ctx, journal.SettingApproval, journal.ApprovalOn))
}

type otherDocs struct {
	good
	docs map[string]channel.Doc // by delivery
}

func (f *otherDocs) Respond(ctx context.Context, r journal.Response) (journal.Case, error) {
	given := r.Doc
	r.Doc = reply(r.Text)
	c, err := f.good.Respond(ctx, r)
	if err == nil {
		f.docs[c.Delivery] = given
	}
	return c, err
}

func (f *otherDocs) Next(ctx context.Context, o journal.NextOptions) (journal.Delivery, error) {
	d, err := f.good.Next(ctx, o)
	if given, ok := f.docs[d.ID]; ok {
		d.Doc = given
	}
	return d, err
}

type staysApproved struct{ good }

func (f staysApproved) SaveDraft(ctx context.Context, d journal.Draft) (journal.Draft, error) {
	before, _ := f.GetCase(ctx, d.Case)
	got, err := f.good.SaveDraft(ctx, d)
	if err == nil && before.Approved > 0 && got.N > before.Revision {
		by := before.ApprovedBy
		if strings.EqualFold(by, got.By) {
			by = "somebody else"
		}
		_, err = f.Decide(ctx, journal.Decision{Case: d.Case, Draft: got.N, Does: journal.Approve, By: by, At: d.At})
	}
	return got, err
}

type lastWins struct{ good }

func (f lastWins) SaveDraft(ctx context.Context, d journal.Draft) (journal.Draft, error) {
	got, err := f.good.SaveDraft(ctx, d)
	if latest := conflicts(err); latest != nil {
		d.Base = latest.N
		got, err = f.good.SaveDraft(ctx, d)
	}
	return got, err
}

type leavesDrafts struct {
	good
	texts map[string]string
}

func (f *leavesDrafts) SaveDraft(ctx context.Context, d journal.Draft) (journal.Draft, error) {
	got, err := f.good.SaveDraft(ctx, d)
	f.texts[d.Case] = got.Text
	return got, err
}

func (f *leavesDrafts) ListDrafts(ctx context.Context, id string) ([]journal.Draft, error) {
	list, err := f.good.ListDrafts(ctx, id)
	for i := range list {
		if list[i].Text == "" {
			list[i].Text = f.texts[id]
		}
	}
	return list, err
}

type firstPage struct{ good }

func (f firstPage) Inbox(ctx context.Context, o journal.CaseFilter) ([]journal.Case, error) {
	o.After = 0
	return f.good.Inbox(ctx, o)
}

// forgetsCases removes questions whose cases are open as well.
type forgetsCases struct{ good }

func (f forgetsCases) Forget(ctx context.Context, before time.Time, limit int) (int, error) {
	open, err := f.Inbox(ctx, journal.CaseFilter{State: journal.CaseOpen})
	if err != nil {
		return 0, err
	}
	for _, c := range open {
		q, err := f.Entry(ctx, c.Question)
		if err == nil && q.Question.AcceptedAt.Before(before) {
			_, err = f.CloseCase(ctx, journal.Closing{Case: c.ID, By: "x", Why: "x", At: before})
		}
		if err != nil && !errors.Is(err, journal.ErrNotFound) {
			return 0, err
		}
	}
	return f.good.Forget(ctx, before, limit)
}

// Journals that are bad at telling the staff of cases.

type alwaysTells struct {
	good
	n int
}

func (f *alwaysTells) OpenCase(ctx context.Context, c journal.NewCase, at time.Time) (journal.Case, error) {
	got, err := f.good.OpenCase(ctx, c, at)
	if err != nil || c.Post == nil || got.OpenedAt.Equal(at) {
		return got, err
	}
	f.n++
	other := journal.NewCase{ID: fmt.Sprintf("told again %d", f.n), Channel: got.Channel, User: got.User, Post: c.Post}
	_, err = f.good.OpenCase(ctx, other, at)
	return got, err
}

type tellsOnce struct{ good }

func (f tellsOnce) OpenCase(ctx context.Context, c journal.NewCase, at time.Time) (journal.Case, error) {
	list, _ := f.Inbox(ctx, journal.CaseFilter{Question: c.Question})
	if c.Question != "" && len(list) > 0 {
		c.Post = nil
	}
	return f.good.OpenCase(ctx, c, at)
}

type casesOfCases struct{ good }

func (f casesOfCases) GiveUp(ctx context.Context, d journal.Delivery, at time.Time, why string, c journal.NewCase) error {
	err := f.good.GiveUp(ctx, d, at, why, c)
	if err == nil && d.Purpose == journal.Desk {
		_, err = f.OpenCase(ctx, c, at)
	}
	return err
}

type oneDialogue struct{ good }

func (f oneDialogue) OpenCase(ctx context.Context, c journal.NewCase, at time.Time) (journal.Case, error) {
	if e, err := f.Entry(ctx, c.Question); err == nil && c.Post != nil {
		post := *c.Post
		post.Dialogue = e.Question.Dialogue
		c.Post = &post
	}
	return f.good.OpenCase(ctx, c, at)
}
