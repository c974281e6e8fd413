package memory

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"policybot/bot/journal"
)

// work takes the journal for one transaction on a case. The caller unlocks when there is no error.
func (j *Journal) work(ctx context.Context, id, what string) (*openedCase, *journal.Work, error) {
	if err := j.lock(ctx, what+" case "+id); err != nil {
		return nil, nil, err
	}
	row, ok := j.caseByID[id]
	if !ok {
		j.mu.Unlock()
		return nil, nil, fmt.Errorf("%s case %q: %w", what, id, journal.ErrNotFound)
	}
	w := &journal.Work{Case: row.Case, Erased: row.erased, Approval: j.settings[journal.SettingApproval] == journal.ApprovalOn}
	if n := len(row.drafts); n > 0 {
		w.Latest = copyDraft(row.drafts[n-1])
	}
	for _, d := range row.drafts {
		if d.N > row.Earlier {
			w.Authors = append(w.Authors, d.By)
		}
	}
	return row, w, nil
}

// step writes that something happened to the question of a case, if it has one.
func (c *openedCase) step(at time.Time, name string, detail map[string]any) {
	if c.question == nil {
		return
	}
	text, _ := json.Marshal(detail) // strings and numbers can always be written
	c.question.steps = append(c.question.steps, journal.Step{At: at, Name: name, Detail: text})
}

// Assign implements [journal.Drafts].
func (j *Journal) Assign(ctx context.Context, id, owner, by string, at time.Time) (journal.Case, error) {
	row, w, err := j.work(ctx, id, "assign")
	if err != nil {
		return journal.Case{}, err
	}
	defer j.mu.Unlock()
	if err := w.Open(); err != nil {
		return journal.Case{}, fmt.Errorf("assign case %q: %w", id, err)
	}
	if row.Owner != owner {
		row.Owner = owner
		row.step(at, "assigned", map[string]any{"by": by, "owner": owner})
	}
	return row.shown(), nil
}

// SaveDraft implements [journal.Drafts].
func (j *Journal) SaveDraft(ctx context.Context, d journal.Draft) (journal.Draft, error) {
	row, w, err := j.work(ctx, d.Case, "save a draft for")
	if err != nil {
		return journal.Draft{}, err
	}
	defer j.mu.Unlock()
	saved, stored, err := w.Save(d)
	if err != nil {
		return journal.Draft{}, fmt.Errorf("save a draft for case %q: %w", d.Case, err)
	}
	if stored {
		row.Case = w.Case
		row.drafts = append(row.drafts, copyDraft(saved))
	}
	return copyDraft(saved), nil
}

// ListDrafts implements [journal.Drafts].
func (j *Journal) ListDrafts(ctx context.Context, id string) ([]journal.Draft, error) {
	row, _, err := j.work(ctx, id, "list the drafts of")
	if err != nil {
		return nil, err
	}
	defer j.mu.Unlock()
	var list []journal.Draft
	for _, d := range row.drafts {
		list = append(list, copyDraft(d))
	}
	return list, nil
}

// decided names the step of each decision.
var decided = map[journal.Verb]string{journal.Submit: "submitted", journal.Return: "returned", journal.Approve: "approved"}

// Decide implements [journal.Drafts].
func (j *Journal) Decide(ctx context.Context, d journal.Decision) (journal.Case, error) {
	row, w, err := j.work(ctx, d.Case, "decide on")
	if err != nil {
		return journal.Case{}, err
	}
	defer j.mu.Unlock()
	changed, err := w.Decide(d)
	if err != nil {
		return journal.Case{}, fmt.Errorf("%s draft %d of case %q: %w", d.Does, d.Draft, d.Case, err)
	}
	if changed {
		row.Case = w.Case
		row.step(d.At, decided[d.Does], map[string]any{"by": d.By, "draft": d.Draft, "why": d.Why})
	}
	return row.shown(), nil
}

// CloseCase implements [journal.Drafts].
func (j *Journal) CloseCase(ctx context.Context, c journal.Closing) (journal.Case, error) {
	row, w, err := j.work(ctx, c.Case, "close")
	if err != nil {
		return journal.Case{}, err
	}
	defer j.mu.Unlock()
	if err := w.Close(c); err != nil {
		return journal.Case{}, fmt.Errorf("close case %q: %w", c.Case, err)
	}
	row.Case = w.Case
	row.step(c.At, "closed case", map[string]any{"by": c.By, "why": c.Why})
	return row.shown(), nil
}

// Inbox implements [journal.Cases].
func (j *Journal) Inbox(ctx context.Context, f journal.CaseFilter) ([]journal.Case, error) {
	if err := j.lock(ctx, "list cases"); err != nil {
		return nil, err
	}
	defer j.mu.Unlock()
	rows := slices.Clone(j.cases)
	if f.Newest {
		slices.Reverse(rows)
	}
	var list []journal.Case
	for _, c := range rows {
		passed := f.After == 0 || c.Seq > f.After
		if f.Newest {
			passed = f.After == 0 || c.Seq < f.After
		}
		if !passed || !f.Fits(c.Case) {
			continue
		}
		list = append(list, c.shown())
		if len(list) == f.Limit {
			break
		}
	}
	return list, nil
}
