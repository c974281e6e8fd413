package sqlite

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"policybot/bot/journal"
)

// draftFields points at what columns of drafts keep, in the order of draftQuery.
func draftFields(d *journal.Draft) []any {
	return []any{&d.N, &d.Base, &d.By, instant{&d.At}, &d.Origin, list[string]{&d.Clauses}, &d.Text}
}

const (
	draftColumns = `n, base, author, at_time, origin, clauses, text`
	draftQuery   = `SELECT ` + draftColumns + ` FROM drafts WHERE workspace = ? AND case_seq = ? `
	insertDraft  = `INSERT INTO drafts (` + draftColumns + `, workspace, case_seq) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`
)

// drafts reads drafts of a case.
func (t tx) drafts(c heldCase, rest string) ([]journal.Draft, error) {
	var found []journal.Draft
	d := journal.Draft{Case: c.ID}
	err := t.each(draftQuery+rest, []any{workspace, c.Seq}, draftFields(&d), func() { found = append(found, d) })
	return found, err
}

// work reads what decides what may be done to a case.
func (t tx) work(id string) (heldCase, *journal.Work, error) {
	c, err := t.caseByID(id)
	if err != nil {
		return c, nil, err
	}
	w := &journal.Work{Case: c.Case, Erased: c.erased}
	var mode string
	if _, err := t.get(`SELECT value FROM settings WHERE workspace = ? AND name = ?`,
		[]any{workspace, journal.SettingApproval}, []any{&mode}); err != nil {
		return c, nil, err
	}
	w.Approval = mode == journal.ApprovalOn
	if c.Revision == 0 {
		return c, w, nil
	}
	latest, err := t.drafts(c, `ORDER BY n DESC LIMIT 1`)
	if err != nil {
		return c, nil, err
	}
	if len(latest) == 0 {
		return c, nil, t.file.Corrupt("case %q has no draft %d", c.ID, c.Revision)
	}
	w.Latest = latest[0]
	var author string
	err = t.each(`SELECT DISTINCT author FROM drafts WHERE workspace = ? AND case_seq = ? AND n > ?`, []any{workspace, c.Seq, c.Earlier},
		[]any{&author}, func() { w.Authors = append(w.Authors, author) })
	return c, w, err
}

// onCase runs f in one transaction on a case, and gives the case as it is then.
func (db *DB) onCase(ctx context.Context, what, id string, f func(t tx, c heldCase, w *journal.Work) error) (journal.Case, error) {
	var after journal.Case
	err := db.update(ctx, what, func(t tx) error {
		c, w, err := t.work(id)
		if err != nil {
			return err
		}
		if err := f(t, c, w); err != nil {
			return fmt.Errorf("case %q: %w", id, err)
		}
		after = w.Case
		return nil
	})
	return after, err
}

// Assign implements [journal.Drafts].
func (db *DB) Assign(ctx context.Context, id, owner, by string, at time.Time) (journal.Case, error) {
	return db.onCase(ctx, "assign a case", id, func(t tx, c heldCase, w *journal.Work) error {
		if err := w.Open(); err != nil || c.Owner == owner {
			return err
		}
		w.Case.Owner = owner
		if err := t.storeCase(&w.Case, c.question); err != nil {
			return err
		}
		return t.step(c.question, at, "assigned", map[string]any{"by": by, "owner": owner})
	})
}

// SaveDraft implements [journal.Drafts].
func (db *DB) SaveDraft(ctx context.Context, d journal.Draft) (journal.Draft, error) {
	d.At = exact(d.At)
	var saved journal.Draft
	_, err := db.onCase(ctx, "save a draft", d.Case, func(t tx, c heldCase, w *journal.Work) error {
		var stored bool
		var err error
		if saved, stored, err = w.Save(d); err != nil || !stored {
			return err
		}
		if err := t.exec(insertDraft, append(draftFields(&saved), workspace, c.Seq)...); err != nil {
			return err
		}
		return t.storeCase(&w.Case, c.question)
	})
	if err != nil {
		return journal.Draft{}, err
	}
	return saved, nil
}

// ListDrafts implements [journal.Drafts].
func (db *DB) ListDrafts(ctx context.Context, id string) ([]journal.Draft, error) {
	var list []journal.Draft
	err := db.read(ctx, "list drafts", func(t tx) error {
		c, err := t.caseByID(id)
		if err != nil {
			return err
		}
		list, err = t.drafts(c, `ORDER BY n`)
		return err
	})
	return list, err
}

// decided names the step of each decision.
var decided = map[journal.Verb]string{journal.Submit: "submitted", journal.Return: "returned", journal.Approve: "approved"}

// Decide implements [journal.Drafts].
func (db *DB) Decide(ctx context.Context, d journal.Decision) (journal.Case, error) {
	return db.onCase(ctx, "decide on a draft", d.Case, func(t tx, c heldCase, w *journal.Work) error {
		if changed, err := w.Decide(d); err != nil || !changed {
			return err
		}
		if err := t.storeCase(&w.Case, c.question); err != nil {
			return err
		}
		return t.step(c.question, d.At, decided[d.Does], map[string]any{"by": d.By, "draft": d.Draft, "why": d.Why})
	})
}

// CloseCase implements [journal.Drafts].
func (db *DB) CloseCase(ctx context.Context, k journal.Closing) (journal.Case, error) {
	k.At = exact(k.At)
	return db.onCase(ctx, "close a case", k.Case, func(t tx, c heldCase, w *journal.Work) error {
		if err := w.Close(k); err != nil {
			return err
		}
		if err := t.storeCase(&w.Case, c.question); err != nil {
			return err
		}
		return t.step(c.question, k.At, "closed case", map[string]any{"by": k.By, "why": k.Why})
	})
}

// states are those of cases.
var states = []journal.CaseState{journal.CaseOpen, journal.CaseReplied, journal.CaseClosed}

// Inbox implements [journal.Cases]. It reads each state by itself, which the indexes begin with.
func (db *DB) Inbox(ctx context.Context, f journal.CaseFilter) ([]journal.Case, error) {
	var list []journal.Case
	err := db.read(ctx, "list cases", func(t tx) error {
		for _, state := range states {
			if f.State != "" && f.State != state {
				continue
			}
			one := f
			one.State = state
			rest, args := inboxRest(one)
			found, err := t.cases(rest, args...)
			if err != nil {
				return err
			}
			for _, c := range found {
				list = append(list, c.Case)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(list, func(a, b journal.Case) int {
		if f.Newest {
			a, b = b, a
		}
		return cmp.Compare(a.Seq, b.Seq)
	})
	if f.Limit > 0 {
		list = list[:min(len(list), f.Limit)]
	}
	return list, nil
}

// inboxRest is what follows FROM for a filter with a State.
func inboxRest(f journal.CaseFilter) (string, []any) {
	rest, args := `WHERE k.workspace = ? AND k.state = ?`, []any{workspace, f.State}
	add := func(given bool, condition string, arg any) {
		if given {
			rest += ` AND ` + condition
			args = append(args, arg)
		}
	}
	add(f.Owner != "", `k.owner = ?`, f.Owner)
	add(f.Unowned, `k.owner = ?`, "")
	if f.Question != "" {
		rest += ` AND k.question = (SELECT seq FROM questions WHERE workspace = ? AND id = ?)`
		args = append(args, workspace, f.Question)
	}
	add(f.Stage != "", `k.stage = ?`, f.Stage)
	add(f.Reason != "", `k.reason = ?`, f.Reason)
	order := ` ORDER BY k.seq`
	if f.Newest {
		add(f.After != 0, `k.seq < ?`, f.After)
		order += ` DESC`
	} else {
		add(f.After != 0, `k.seq > ?`, f.After)
	}
	if f.Limit > 0 {
		order += ` LIMIT ?`
		args = append(args, f.Limit)
	}
	return rest + order, args
}
