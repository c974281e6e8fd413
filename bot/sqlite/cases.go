package sqlite

import (
	"context"
	"fmt"
	"strings"
	"time"

	"policybot/bot/journal"
)

// caseNames are the columns of cases that a [journal.Case] has, but its
// question, in the order of caseFields.
var caseNames = []string{
	"seq", "id", "reason", "text", "channel", "asker", "dialogue", "place", "thread", "in_group", "reply", "reply_expires",
	"state", "opened_at", "replied_at", "replied_by", "response", "delivery", "sent", "clauses", "owner", "stage", "revision", "earlier",
	"submitted_by", "approved", "approved_by", "return_reason", "closed_at", "closed_by", "closed_why",
}

// caseFields points at what caseNames keep, to be read from or written to.
func caseFields(c *journal.Case) []any {
	return []any{
		&c.Seq, &c.ID, &c.Reason, &c.Text, &c.Channel, &c.User, &c.Dialogue, &c.Place.ID, &c.Place.Thread, &c.Place.Group,
		blob{&c.Reply.Data},
		instant{&c.Reply.Expires},
		&c.State,
		instant{&c.OpenedAt},
		instant{&c.RepliedAt},
		&c.By, &c.Response, &c.Delivery, &c.Sent,
		list[string]{&c.Clauses},
		&c.Owner, &c.Stage, &c.Revision, &c.Earlier, &c.SubmittedBy, &c.Approved, &c.ApprovedBy, &c.ReturnReason,
		instant{&c.ClosedAt},
		&c.ClosedBy, &c.ClosedWhy,
	}
}

var (
	caseQuery = `SELECT ` + columns("k.", caseNames) + `, COALESCE(q.id, ''), COALESCE(q.text, ''), COALESCE(k.question, 0), k.erased
		FROM cases k LEFT JOIN questions q ON q.workspace = k.workspace AND q.seq = k.question `
	insertCase = `INSERT INTO cases (` + columns("", caseNames) + `, workspace, question, erased)
		VALUES (` + marks(len(caseNames)) + `, ?, ?, ?)`
	updateCase = `UPDATE cases SET ` + strings.Join(caseNames[1:], " = ?, ") + ` = ? WHERE workspace = ? AND seq = ?`
)

// A held case is a case with what is not told of it.
type heldCase struct {
	journal.Case
	question int64 // seq, 0 when it has none
	erased   bool
}

// cases reads cases.
func (t tx) cases(rest string, args ...any) ([]heldCase, error) {
	var found []heldCase
	var c heldCase
	fields := append(caseFields(&c.Case), &c.Question, &c.Asked, &c.question, &c.erased)
	err := t.each(caseQuery+rest, args, fields, func() { found = append(found, c) })
	return found, err
}

// storeCase writes all of a case that is there, and how it stands to the facts of its question, which is 0 for none.
func (t tx) storeCase(c *journal.Case, question int64) error {
	if err := t.exec(updateCase, append(caseFields(c)[1:], workspace, c.Seq)...); err != nil {
		return err
	}
	return t.noteCase(question)
}

// OpenCase implements [journal.Cases].
func (db *DB) OpenCase(ctx context.Context, c journal.NewCase, at time.Time) (journal.Case, error) {
	var opened journal.Case
	err := db.update(ctx, "open a case", func(t tx) error {
		var err error
		opened, err = t.openCase(c, at)
		return err
	})
	if err != nil {
		return journal.Case{}, err
	}
	return opened, nil
}

// openCase opens a case unless its question has one, and gives the one that there is.
func (t tx) openCase(n journal.NewCase, at time.Time) (journal.Case, error) {
	c := journal.Case{
		ID: n.ID, Question: n.Question, Reason: n.Reason, Text: n.Text, Channel: n.Channel, User: n.User, Dialogue: n.Dialogue,
		Place: n.Place, Reply: n.Reply, State: journal.CaseOpen, OpenedAt: exact(at),
	}
	c.Reply.Expires = exact(c.Reply.Expires)
	var q journal.Question
	var erased bool
	if n.Question != "" {
		found, err := t.get(`SELECT `+briefColumns+`, q.erased FROM questions q WHERE q.workspace = ? AND q.id = ?`,
			[]any{workspace, n.Question}, append(questionFields(&q), &erased))
		if err != nil {
			return journal.Case{}, err
		}
		if !found {
			return journal.Case{}, fmt.Errorf("question %q: %w", n.Question, journal.ErrNotFound)
		}
		list, err := t.cases(`WHERE k.workspace = ? AND k.question = ?`, workspace, q.Seq)
		if err != nil {
			return journal.Case{}, err
		}
		if len(list) > 0 {
			return t.reopen(list[0], n, at)
		}
		c.Channel, c.User, c.Dialogue, c.Place, c.Reply, c.Asked = q.Channel, q.User, q.Dialogue, q.Place, q.Reply, q.Text
	}
	taken, err := t.number(`SELECT COUNT(*) FROM cases WHERE workspace = ? AND id = ?`, workspace, c.ID)
	if err != nil {
		return journal.Case{}, err
	}
	if taken > 0 || c.ID == "" {
		return journal.Case{}, fmt.Errorf("another case has the id %q, or it is empty; give a random one", c.ID)
	}
	if c.Seq, err = t.next("cases"); err != nil {
		return journal.Case{}, err
	}
	if err := t.exec(insertCase, append(caseFields(&c), workspace, reference(q.Seq), erased)...); err != nil {
		return journal.Case{}, err
	}
	if err := t.noteCase(q.Seq); err != nil {
		return journal.Case{}, err
	}
	if err := t.step(q.Seq, at, "case", why(n.Reason)); err != nil {
		return journal.Case{}, err
	}
	return c, t.postCase(heldCase{c, q.Seq, erased}, n.Post)
}

// reopen opens the case of a question again if it is not open.
func (t tx) reopen(c heldCase, n journal.NewCase, at time.Time) (journal.Case, error) {
	if c.State == journal.CaseOpen {
		return c.Case, nil
	}
	c.Reopen(n, exact(at))
	if err := t.storeCase(&c.Case, c.question); err != nil {
		return c.Case, err
	}
	if err := t.step(c.question, at, "case", why(n.Reason)); err != nil {
		return c.Case, err
	}
	return c.Case, t.postCase(c, n.Post)
}

// postCase tells the staff of a round of a case that begins.
func (t tx) postCase(c heldCase, p *journal.DeskPost) error {
	if p == nil || c.erased {
		return nil
	}
	d := journal.Delivery{
		Question: c.Question, Case: c.ID, Purpose: journal.Desk, Channel: p.Channel, User: c.User, Dialogue: p.Dialogue, Place: p.Place,
		Reply: p.Reply, Doc: p.Doc, CreatedAt: c.OpenedAt,
	}
	if err := t.addDelivery(&d, c.question); err != nil || c.question == 0 {
		return err
	}
	return t.addTokens(c.question, p.Tokens)
}

// ListCases implements [journal.Cases].
func (db *DB) ListCases(ctx context.Context, state journal.CaseState) ([]journal.Case, error) {
	rest, args := `WHERE k.workspace = ?`, []any{workspace}
	if state != "" {
		rest += ` AND k.state = ?`
		args = append(args, state)
	}
	var list []journal.Case
	err := db.read(ctx, "list cases", func(t tx) error {
		found, err := t.cases(rest+` ORDER BY k.seq`, args...)
		for _, c := range found {
			list = append(list, c.Case)
		}
		return err
	})
	return list, err
}

// GetCase implements [journal.Cases].
func (db *DB) GetCase(ctx context.Context, id string) (journal.Case, error) {
	var c heldCase
	err := db.read(ctx, "read a case", func(t tx) error {
		var err error
		c, err = t.caseByID(id)
		return err
	})
	return c.Case, err
}

// caseByID gives one case, or ErrNotFound.
func (t tx) caseByID(id string) (heldCase, error) {
	list, err := t.cases(`WHERE k.workspace = ? AND k.id = ?`, workspace, id)
	if err != nil {
		return heldCase{}, err
	}
	if len(list) == 0 {
		return heldCase{}, fmt.Errorf("case %q: %w", id, journal.ErrNotFound)
	}
	return list[0], nil
}

// Respond implements [journal.Cases].
func (db *DB) Respond(ctx context.Context, r journal.Response) (journal.Case, error) {
	r.At = exact(r.At)
	return db.onCase(ctx, "reply to a case", r.Case, func(t tx, c heldCase, w *journal.Work) error {
		if err := w.Respond(r); err != nil {
			return err
		}
		d := journal.Delivery{
			Question: c.Question, Case: c.ID, Purpose: journal.Staff, Channel: c.Channel, User: c.User, Dialogue: c.Dialogue,
			Place: c.Place, Reply: c.Reply, Doc: r.Doc, CreatedAt: r.At,
		}
		if err := t.addDelivery(&d, c.question); err != nil {
			return err
		}
		w.Case.Delivery = d.ID
		if err := t.storeCase(&w.Case, c.question); err != nil {
			return err
		}
		return t.step(c.question, r.At, "replied", map[string]any{"by": r.By, "why": r.Why})
	})
}
