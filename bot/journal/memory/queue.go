package memory

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"time"

	"policybot/bot/journal"
)

// Earlier questions of a dialogue that a claim brings along.
const (
	earlierMost   = 3
	earlierWithin = time.Hour
)

// Claim implements [journal.Queue].
func (j *Journal) Claim(ctx context.Context, o journal.ClaimOptions) (journal.Claim, error) {
	if err := j.lock(ctx, "claim a question"); err != nil {
		return journal.Claim{}, err
	}
	defer j.mu.Unlock()
	for _, q := range j.queue {
		if !j.claimable(q, o) {
			continue
		}
		j.enter(q, journal.Claimed)
		q.token, q.until = rand.Text(), o.Until
		q.Attempts++
		addStep(q, o.Now, "claimed", "")
		return journal.Claim{Question: copyQuestion(q.Question), Token: q.token, Earlier: j.earlier(q)}, nil
	}
	return journal.Claim{}, fmt.Errorf("claim a question: %w", journal.ErrNone)
}

// claimable reports whether a question of the queue may be given now.
func (j *Journal) claimable(q *question, o journal.ClaimOptions) bool {
	if !o.AcceptedBefore.IsZero() && !q.AcceptedAt.Before(o.AcceptedBefore) {
		return false
	}
	if q.State == journal.Claimed && q.until.After(o.Now) || q.State == journal.Waiting && q.NotBefore.After(o.Now) {
		return false
	}
	return j.open[q.Dialogue][0] == q
}

// earlier gives the answered questions of the dialogue that q may refer to, oldest first.
func (j *Journal) earlier(q *question) []journal.Question {
	var list []journal.Question
	for _, other := range slices.Backward(j.dialogues[q.Dialogue]) {
		answered := other.State == journal.Answered || other.State == journal.Closed
		early := other.AskedAt.Before(q.AskedAt.Add(-earlierWithin))
		if other.Seq >= q.Seq || !answered || early || other.AskedAt.After(q.AskedAt) {
			continue
		}
		list = append(list, copyQuestion(other.Question))
		if len(list) == earlierMost {
			break
		}
	}
	slices.Reverse(list)
	return list
}

// claimed finds the question of a claim that still holds.
func (j *Journal) claimed(c journal.Claim, what string) (*question, error) {
	q := j.byID[c.Question.ID]
	if q == nil || q.State != journal.Claimed || q.token != c.Token {
		return nil, fmt.Errorf("%s question %q: %w; drop this claim", what, c.Question.ID, journal.ErrLost)
	}
	return q, nil
}

// Renew implements [journal.Queue].
func (j *Journal) Renew(ctx context.Context, c journal.Claim, until time.Time) error {
	if err := j.lock(ctx, "renew question "+c.Question.ID); err != nil {
		return err
	}
	defer j.mu.Unlock()
	q, err := j.claimed(c, "renew")
	if err != nil {
		return err
	}
	q.until = until
	return nil
}

// Complete implements [journal.Queue].
func (j *Journal) Complete(ctx context.Context, c journal.Claim, r journal.Result) error {
	if err := j.lock(ctx, "complete question "+c.Question.ID); err != nil {
		return err
	}
	defer j.mu.Unlock()
	q, err := j.claimed(c, "complete")
	if err != nil {
		return err
	}
	for _, token := range r.Tokens {
		if _, taken := j.tokens[token.Token]; taken {
			return fmt.Errorf("complete question %q: a button has this token already; make random ones", q.ID)
		}
	}
	about := q
	if r.Case != nil && r.Case.Question != "" {
		if about = j.byID[r.Case.Question]; about == nil {
			return fmt.Errorf("complete question %q: open a case for %q: %w", q.ID, r.Case.Question, journal.ErrNotFound)
		}
	}
	if r.Case != nil {
		if err := j.canOpen(*r.Case, about); err != nil {
			return fmt.Errorf("complete question %q: %w", q.ID, err)
		}
	}
	j.enter(q, journal.Answered)
	q.AnsweredAt = r.At
	q.Outcome, q.Reason = r.Outcome, r.Reason
	q.Answer, q.Record = bytes.Clone(r.Answer), bytes.Clone(r.Record)
	addStep(q, r.At, "answered", "")
	j.addTokens(q, r.Tokens)
	d := j.send(q, journal.Delivery{Purpose: journal.Final, Doc: copyDoc(r.Doc), CreatedAt: r.At})
	if r.Fetched {
		j.end(d, journal.Posted)
		d.PostedAt = r.At
		j.stepOf(d, r.At, "posted", "")
		j.closeQuestion(d, r.At)
	}
	if r.Case != nil {
		j.openCase(*r.Case, about, r.At)
	}
	return nil
}

// Release implements [journal.Queue].
func (j *Journal) Release(ctx context.Context, c journal.Claim, r journal.Release) error {
	if err := j.lock(ctx, "release question "+c.Question.ID); err != nil {
		return err
	}
	defer j.mu.Unlock()
	q, err := j.claimed(c, "release")
	if err != nil {
		return err
	}
	j.enter(q, journal.Waiting)
	q.NotBefore = r.NotBefore
	if r.Free {
		q.Attempts--
	}
	addStep(q, r.At, "released", r.Why)
	return nil
}
