package memory

import (
	"context"
	"fmt"
	"slices"
	"time"

	"policybot/bot/journal"
)

// canOpen reports why a case cannot be opened. q is nil when there is no question.
func (j *Journal) canOpen(c journal.NewCase, q *question) error {
	if q != nil && q.opened != nil && q.opened.State == journal.CaseOpen {
		return nil // it has one, which stays
	}
	if _, taken := j.caseByID[c.ID]; (q == nil || q.opened == nil) && (taken || c.ID == "") {
		return fmt.Errorf("open case %q: another case has this id, or it is empty; give a random one", c.ID)
	}
	if c.Post == nil || q == nil {
		return nil
	}
	for _, token := range c.Post.Tokens {
		if _, taken := j.tokens[token.Token]; taken {
			return fmt.Errorf("open case %q: a button has this token already; make random ones", c.ID)
		}
	}
	return nil
}

// post tells the staff of a round of a case that begins.
func (j *Journal) post(c *openedCase, p *journal.DeskPost, at time.Time) {
	if p == nil || c.erased {
		return
	}
	d := journal.Delivery{Case: c.ID, Purpose: journal.Desk, User: c.shown().User, CreatedAt: at}
	d.Channel, d.Dialogue, d.Place, d.Reply, d.Doc = p.Channel, p.Dialogue, p.Place, copyHandle(p.Reply), copyDoc(p.Doc)
	q := c.question
	if q == nil {
		j.put(d)
		return
	}
	d.Question = q.ID
	q.deliveries = append(q.deliveries, j.put(d))
	j.addTokens(q, p.Tokens)
}

// addTokens makes the buttons of a question usable.
func (j *Journal) addTokens(q *question, tokens []journal.Token) {
	for _, token := range tokens {
		token.Question = q.ID
		j.tokens[token.Token] = token
		q.tokens = append(q.tokens, token.Token)
	}
}

// openCase opens a case that canOpen allowed, or gives the one that the question has.
func (j *Journal) openCase(c journal.NewCase, q *question, at time.Time) *openedCase {
	if q != nil && q.opened != nil {
		if row := q.opened; row.State != journal.CaseOpen {
			row.Reopen(c, at)
			addStep(q, at, "case", "")
			j.post(row, c.Post, at)
		}
		return q.opened
	}
	j.lastCase++
	row := &openedCase{question: q, Case: journal.Case{
		ID: c.ID, Seq: j.lastCase, Reason: c.Reason, Text: c.Text, State: journal.CaseOpen, OpenedAt: at,
	}}
	if q != nil {
		row.Question = q.ID
		row.erased = q.erased
		q.opened = row
		addStep(q, at, "case", "")
	} else {
		row.Channel, row.User, row.Dialogue = c.Channel, c.User, c.Dialogue
		row.Place, row.Reply = c.Place, copyHandle(c.Reply)
	}
	j.cases = append(j.cases, row)
	j.caseByID[c.ID] = row
	j.post(row, c.Post, at)
	return row
}

// shown gives a case as it is now, with what its question says.
func (c *openedCase) shown() journal.Case {
	out := c.Case
	if q := c.question; q != nil {
		out.Asked, out.Channel, out.User, out.Dialogue = q.Text, q.Channel, q.User, q.Dialogue
		out.Place, out.Reply = q.Place, q.Reply
	}
	out.Reply = copyHandle(out.Reply)
	out.Clauses = slices.Clone(out.Clauses)
	return out
}

// OpenCase implements [journal.Cases]. ErrNotFound when there is no such question.
func (j *Journal) OpenCase(ctx context.Context, c journal.NewCase, at time.Time) (journal.Case, error) {
	if err := j.lock(ctx, "open case "+c.ID); err != nil {
		return journal.Case{}, err
	}
	defer j.mu.Unlock()
	q := j.byID[c.Question]
	if c.Question != "" && q == nil {
		return journal.Case{}, fmt.Errorf("open case %q for question %q: %w", c.ID, c.Question, journal.ErrNotFound)
	}
	if err := j.canOpen(c, q); err != nil {
		return journal.Case{}, err
	}
	return j.openCase(c, q, at).shown(), nil
}

// ListCases implements [journal.Cases].
func (j *Journal) ListCases(ctx context.Context, state journal.CaseState) ([]journal.Case, error) {
	if err := j.lock(ctx, "list cases"); err != nil {
		return nil, err
	}
	defer j.mu.Unlock()
	var list []journal.Case
	for _, c := range j.cases {
		if state == "" || c.State == state {
			list = append(list, c.shown())
		}
	}
	return list, nil
}

// GetCase implements [journal.Cases].
func (j *Journal) GetCase(ctx context.Context, id string) (journal.Case, error) {
	if err := j.lock(ctx, "get case "+id); err != nil {
		return journal.Case{}, err
	}
	defer j.mu.Unlock()
	c, ok := j.caseByID[id]
	if !ok {
		return journal.Case{}, fmt.Errorf("get case %q: %w", id, journal.ErrNotFound)
	}
	return c.shown(), nil
}

// Respond implements [journal.Cases]. ErrNotFound when there is no such case; ErrReplied comes before ErrUnreachable,
// and that before ErrUnapproved.
func (j *Journal) Respond(ctx context.Context, r journal.Response) (journal.Case, error) {
	c, w, err := j.work(ctx, r.Case, "respond to")
	if err != nil {
		return journal.Case{}, err
	}
	defer j.mu.Unlock()
	if err := w.Respond(r); err != nil {
		return journal.Case{}, fmt.Errorf("respond to case %q: %w", r.Case, err)
	}
	reply := journal.Delivery{Case: c.ID, Purpose: journal.Staff, Doc: copyDoc(r.Doc), CreatedAt: r.At}
	var out *delivery
	if q := c.question; q != nil {
		out = j.send(q, reply)
		c.step(r.At, "replied", map[string]any{"by": r.By, "why": r.Why})
	} else {
		reply.Channel, reply.User, reply.Dialogue = c.Channel, c.User, c.Dialogue
		reply.Place, reply.Reply = c.Place, copyHandle(c.Reply)
		out = j.put(reply)
	}
	c.Case = w.Case
	c.Delivery = out.ID
	return c.shown(), nil
}
