package memory

import (
	"context"
	"slices"
	"time"

	"policybot/bot/channel"
	"policybot/bot/journal"
)

// Setting implements [journal.Keeper].
func (j *Journal) Setting(ctx context.Context, name string) (string, error) {
	if err := j.lock(ctx, "read setting "+name); err != nil {
		return "", err
	}
	defer j.mu.Unlock()
	return j.settings[name], nil
}

// SetSetting implements [journal.Keeper].
func (j *Journal) SetSetting(ctx context.Context, name, value string) error {
	if err := j.lock(ctx, "write setting "+name); err != nil {
		return err
	}
	defer j.mu.Unlock()
	if value == "" {
		delete(j.settings, name)
	} else {
		j.settings[name] = value
	}
	return nil
}

// Rebase implements [journal.Keeper].
func (j *Journal) Rebase(ctx context.Context, now time.Time, onlyLeases bool) error {
	if err := j.lock(ctx, "rebase"); err != nil {
		return err
	}
	defer j.mu.Unlock()
	earlier := func(t *time.Time) {
		if t.After(now) {
			*t = now
		}
	}
	for _, q := range j.queue {
		earlier(&q.until)
	}
	for _, d := range j.outbox {
		earlier(&d.until)
	}
	if onlyLeases {
		return nil
	}
	for _, q := range j.queue {
		earlier(&q.NotBefore)
	}
	for _, d := range j.outbox {
		earlier(&d.NextAt)
	}
	for p, until := range j.pauses {
		earlier(&until)
		j.pauses[p] = until
	}
	return nil
}

// Erase implements [journal.Keeper]. The user "" is nobody.
func (j *Journal) Erase(ctx context.Context, user string, at time.Time) (journal.Erased, error) {
	if err := j.lock(ctx, "erase a user"); err != nil {
		return journal.Erased{}, err
	}
	defer j.mu.Unlock()
	var e journal.Erased
	if user == "" {
		return e, nil
	}
	for _, c := range j.cases {
		if c.shown().User == user {
			c.erase()
			e.Cases++
		}
	}
	for _, d := range j.deliveries {
		if d.User == user {
			j.eraseDelivery(d)
		}
	}
	for _, q := range slices.Clone(j.byUser[user]) {
		if j.eraseQuestion(q, at) {
			e.Cancelled++
		}
		e.Questions++
	}
	for _, q := range j.questions {
		n := len(q.ratings)
		q.ratings = slices.DeleteFunc(q.ratings, func(r journal.Rating) bool { return r.User == user })
		e.Ratings += n - len(q.ratings)
	}
	delete(j.persons, user)
	return e, nil
}

// eraseQuestion blanks a question. It reports whether the question was still under way.
func (j *Journal) eraseQuestion(q *question, at time.Time) (cancelled bool) {
	if !final(q.State) {
		j.enter(q, journal.Cancelled)
		cancelled = true
	}
	drop(j.byUser, q.User, q)
	drop(j.dialogues, q.Dialogue, q)
	for _, token := range q.tokens {
		delete(j.tokens, token)
	}
	q.Question = journal.Question{
		ID: q.ID, Seq: q.Seq, Channel: q.Channel, State: q.State, Outcome: q.Outcome,
		AskedAt: q.AskedAt, AcceptedAt: q.AcceptedAt, AnsweredAt: q.AnsweredAt, ClosedAt: q.ClosedAt,
		Turn: q.Turn, Attempts: q.Attempts, Duplicates: q.Duplicates, Revision: q.Revision,
	}
	q.ratings, q.reviews, q.tokens, q.told, q.erased = nil, nil, nil, false, true
	for i := range q.steps {
		q.steps[i].Detail = nil
	}
	addStep(q, at, "erased", "")
	return cancelled
}

// eraseDelivery blanks a delivery, and drops it if it did not arrive yet.
func (j *Journal) eraseDelivery(d *delivery) {
	if d.State == journal.Ready || d.State == journal.Posting {
		j.end(d, journal.Dropped)
	}
	d.User, d.Dialogue, d.Receipt, d.Why = "", "", "", ""
	d.Place, d.Reply, d.Doc = channel.Place{}, channel.Handle{}, channel.Doc{}
}

// erase blanks a case and its drafts. It stays in its state.
func (c *openedCase) erase() {
	c.erased = true
	c.Erase()
	for i := range c.drafts {
		c.drafts[i].Text, c.drafts[i].Clauses = "", nil
	}
}

// Forget implements [journal.Keeper]. The oldest go first.
func (j *Journal) Forget(ctx context.Context, before time.Time, limit int) (int, error) {
	if err := j.lock(ctx, "forget old questions"); err != nil {
		return 0, err
	}
	defer j.mu.Unlock()
	n, kept := 0, j.keptForCases()
	j.questions = slices.DeleteFunc(j.questions, func(q *question) bool {
		if !q.old(before) || kept[q] || (limit > 0 && n >= limit) {
			return false
		}
		j.forget(q)
		n++
		return true
	})
	return n, nil
}

// Old implements [journal.Keeper].
func (j *Journal) Old(ctx context.Context, before time.Time) (journal.Old, error) {
	if err := j.lock(ctx, "count old questions"); err != nil {
		return journal.Old{}, err
	}
	defer j.mu.Unlock()
	var n journal.Old
	kept := j.keptForCases()
	for _, q := range j.questions {
		switch {
		case !q.old(before):
		case kept[q]:
			n.Kept++
		default:
			n.Removed++
		}
	}
	return n, nil
}

// old reports whether a question is done with and was accepted before a time.
func (q *question) old(before time.Time) bool { return final(q.State) && q.AcceptedAt.Before(before) }

// keptForCases are the questions that open cases need.
func (j *Journal) keptForCases() map[*question]bool {
	kept := map[*question]bool{}
	for _, c := range j.cases {
		if c.question == nil || c.State != journal.CaseOpen || c.erased {
			continue
		}
		kept[c.question] = true
		if c.question.Dialogue == "" {
			continue // it is of none
		}
		turns := j.dialogues[c.question.Dialogue]
		if i := slices.Index(turns, c.question); i >= 0 {
			for _, q := range turns[max(0, i-journal.CaseTurns):min(len(turns), i+journal.CaseTurns+1)] {
				kept[q] = true
			}
		}
	}
	return kept
}

// forget removes all that belongs to a question but its keys and its id.
func (j *Journal) forget(q *question) {
	for _, d := range q.deliveries {
		j.end(d, d.State)
		delete(j.deliveries, d.ID)
	}
	for _, token := range q.tokens {
		delete(j.tokens, token)
	}
	if c := q.opened; c != nil {
		delete(j.caseByID, c.ID)
		j.cases = slices.DeleteFunc(j.cases, func(other *openedCase) bool { return other == c })
	}
	delete(j.byID, q.ID)
	j.counts[q.State]--
	if q.erased {
		return // the indexes do not have it
	}
	drop(j.byUser, q.User, q)
	drop(j.dialogues, q.Dialogue, q)
	if len(j.byUser[q.User]) == 0 {
		delete(j.persons, q.User)
	}
}
