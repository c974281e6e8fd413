package memory

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"policybot/bot/journal"
)

// Entries implements [journal.Log]. It gives the questions as they are when the iteration begins; the journal
// may be used meanwhile.
func (j *Journal) Entries(ctx context.Context, f journal.Filter) iter.Seq2[journal.Question, error] {
	return func(yield func(journal.Question, error) bool) {
		list, err := j.filtered(ctx, f)
		if err != nil {
			yield(journal.Question{}, err)
			return
		}
		for _, q := range list {
			if !yield(q, nil) {
				return
			}
		}
	}
}

// filtered gives copies of the questions that fit.
func (j *Journal) filtered(ctx context.Context, f journal.Filter) ([]journal.Question, error) {
	if err := j.lock(ctx, "list questions"); err != nil {
		return nil, err
	}
	defer j.mu.Unlock()
	var list []journal.Question
	for _, q := range slices.Backward(j.questions) {
		if !fits(q, f) {
			continue
		}
		shown := q.Question
		if f.Brief {
			shown.Answer, shown.Record = nil, nil
		}
		if f.NoRecord {
			shown.Record = nil
		}
		list = append(list, copyQuestion(shown))
		if len(list) == f.Limit {
			break
		}
	}
	slices.Reverse(list)
	return list, nil
}

// fits reports whether a question is one that the filter chooses.
func fits(q *question, f journal.Filter) bool {
	switch {
	case !f.Since.IsZero() && q.AcceptedAt.Before(f.Since):
	case !f.Until.IsZero() && !q.AcceptedAt.Before(f.Until):
	case f.State != "" && q.State != f.State:
	case f.Outcome != "" && q.Outcome != f.Outcome:
	case f.User != "" && q.User != f.User:
	case f.Dialogue != "" && q.Dialogue != f.Dialogue:
	case f.Channel != "" && q.Channel != f.Channel:
	case f.Place != "" && q.Place.ID != f.Place:
	default:
		return true
	}
	return false
}

// Entry implements [journal.Log].
func (j *Journal) Entry(ctx context.Context, id string) (journal.Entry, error) {
	if err := j.lock(ctx, "read question "+id); err != nil {
		return journal.Entry{}, err
	}
	defer j.mu.Unlock()
	q, ok := j.byID[id]
	if !ok {
		return journal.Entry{}, fmt.Errorf("read question %q: %w", id, journal.ErrNotFound)
	}
	e := journal.Entry{Question: copyQuestion(q.Question), Steps: copySteps(q.steps), Ratings: slices.Clone(q.ratings)}
	for _, d := range q.deliveries {
		e.Deliveries = append(e.Deliveries, copyDelivery(d.Delivery))
	}
	slices.SortStableFunc(e.Ratings, func(a, b journal.Rating) int { return a.At.Compare(b.At) })
	return e, nil
}

// Pressed implements [journal.Log].
func (j *Journal) Pressed(ctx context.Context, token string) (journal.Token, error) {
	if err := j.lock(ctx, "look up a button"); err != nil {
		return journal.Token{}, err
	}
	defer j.mu.Unlock()
	found, ok := j.tokens[token]
	if !ok {
		return journal.Token{}, fmt.Errorf("look up a button: %w", journal.ErrNotFound)
	}
	return found, nil
}

// Count implements [journal.Log].
func (j *Journal) Count(ctx context.Context) (journal.Counts, error) {
	if err := j.lock(ctx, "count"); err != nil {
		return journal.Counts{}, err
	}
	defer j.mu.Unlock()
	c := journal.Counts{
		Waiting:   j.counts[journal.Waiting],
		Claimed:   j.counts[journal.Claimed],
		Answered:  j.counts[journal.Answered],
		Questions: j.lastSeq,
	}
	for _, q := range j.queue {
		if q.State == journal.Waiting && (c.Oldest.IsZero() || q.AcceptedAt.Before(c.Oldest)) {
			c.Oldest = q.AcceptedAt
		}
	}
	for _, d := range j.outbox {
		if d.State == journal.Ready {
			c.Ready++
		} else {
			c.Posting++
		}
	}
	for _, opened := range j.cases {
		if opened.State == journal.CaseOpen {
			c.OpenCases++
			if opened.Stage == journal.StageAwaiting {
				c.Awaiting++
			}
		}
	}
	return c, nil
}
