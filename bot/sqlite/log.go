package sqlite

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"policybot/bot/journal"
)

// page is how many questions Entries reads in one transaction, so that a long
// reading holds neither memory nor an old state of the file.
const page = 500

// Entries implements [journal.Log]. It reads in several transactions: a
// question that changes meanwhile is given as it is when its turn comes. The
// body of the loop may call every method.
func (db *DB) Entries(ctx context.Context, f journal.Filter) iter.Seq2[journal.Question, error] {
	return func(yield func(journal.Question, error) bool) {
		given, after := 0, int64(0)
		bounds, err := db.bounds(ctx, f)
		for err == nil {
			var list []journal.Question
			if list, err = db.page(ctx, f, bounds, after); err != nil {
				break
			}
			for _, q := range list {
				if !yield(q, nil) {
					return
				}
				given++
				if given == f.Limit {
					return
				}
			}
			if len(list) < page {
				return
			}
			after = list[len(list)-1].Seq
		}
		yield(journal.Question{}, err)
	}
}

// Bounds are the least and greatest seq that a reading has to look at.
type bounds struct{ first, last int64 }

// bounds finds where a reading begins and ends.
func (db *DB) bounds(ctx context.Context, f journal.Filter) (bounds, error) {
	b := bounds{first: 1}
	err := db.read(ctx, "read questions", func(t tx) error {
		var err error
		if b.last, err = t.number(`SELECT value FROM counters WHERE workspace = ? AND name = 'questions'`, workspace); err != nil {
			return err
		}
		if !f.Since.IsZero() {
			if b.first, err = t.number(`SELECT MIN(seq) FROM questions WHERE workspace = ? AND accepted_at >= ?`,
				workspace, instant{&f.Since}); err != nil || b.first == 0 {
				b.last = 0
				return err
			}
		}
		if !f.Until.IsZero() {
			if b.last, err = t.number(`SELECT MAX(seq) FROM questions WHERE workspace = ? AND accepted_at < ?`,
				workspace, instant{&f.Until}); err != nil {
				return err
			}
		}
		if f.Limit <= 0 {
			return nil
		}
		where, args := conditions(f, b, 0)
		newest, err := t.number(`SELECT q.seq FROM questions q `+where+` ORDER BY q.seq DESC LIMIT 1 OFFSET ?`, append(args, f.Limit-1)...)
		b.first = max(b.first, newest)
		return err
	})
	return b, err
}

// page reads the next questions after a seq.
func (db *DB) page(ctx context.Context, f journal.Filter, b bounds, after int64) ([]journal.Question, error) {
	query, fields := recordQuery, recordFields
	switch {
	case f.Brief:
		query, fields = briefQuery, questionFields
	case f.NoRecord:
		query, fields = answerQuery, answerFields
	}
	where, args := conditions(f, b, after)
	var q journal.Question
	list := make([]journal.Question, 0, page)
	err := db.read(ctx, "read questions", func(t tx) error {
		return t.each(query+where+` ORDER BY q.seq LIMIT ?`, append(args, page), fields(&q), func() { list = append(list, q) })
	})
	return list, err
}

// conditions are the WHERE of a filter, for questions after a seq.
func conditions(f journal.Filter, b bounds, after int64) (string, []any) {
	where := `WHERE q.workspace = ? AND q.seq >= ? AND q.seq <= ?`
	args := []any{workspace, max(b.first, after+1), b.last}
	add := func(condition string, arg any) {
		where += ` AND ` + condition
		args = append(args, arg)
	}
	if !f.Since.IsZero() {
		add(`q.accepted_at >= ?`, instant{&f.Since})
	}
	if !f.Until.IsZero() {
		add(`q.accepted_at < ?`, instant{&f.Until})
	}
	if f.State != "" {
		add(`q.state = ?`, f.State)
	}
	if f.Outcome != "" {
		add(`q.outcome = ?`, f.Outcome)
	}
	if f.User != "" {
		add(`q.asker = ?`, f.User)
	}
	if f.Dialogue != "" {
		add(`q.dialogue = ?`, f.Dialogue)
	}
	if f.Channel != "" {
		add(`q.channel = ?`, f.Channel)
	}
	if f.Place != "" {
		add(`q.place = ?`, f.Place)
	}
	return where, args
}

// Entry implements [journal.Log].
func (db *DB) Entry(ctx context.Context, id string) (journal.Entry, error) {
	var e journal.Entry
	err := db.read(ctx, "read a question", func(t tx) error {
		var found bool
		var err error
		if e.Question, found, err = t.questionByID(id); err != nil {
			return err
		}
		if !found {
			return fmt.Errorf("question %q: %w", id, journal.ErrNotFound)
		}
		seq := e.Question.Seq
		if e.Steps, err = t.steps(seq); err != nil {
			return err
		}
		list, err := t.deliveries(`WHERE d.workspace = ? AND d.question = ? ORDER BY d.seq`, workspace, seq)
		if err != nil {
			return err
		}
		for _, d := range list {
			e.Deliveries = append(e.Deliveries, d.Delivery)
		}
		e.Ratings, err = t.ratings(seq, id)
		return err
	})
	if err != nil {
		return journal.Entry{}, err
	}
	return e, nil
}

// steps reads the steps of a question.
func (t tx) steps(seq int64) ([]journal.Step, error) {
	var list []journal.Step
	var s journal.Step
	err := t.each(`SELECT at_time, name, detail FROM steps WHERE workspace = ? AND question = ? ORDER BY n`, []any{workspace, seq},
		[]any{instant{&s.At}, &s.Name, raw{&s.Detail}}, func() { list = append(list, s) })
	return list, err
}

// ratings reads the ratings of a question.
func (t tx) ratings(seq int64, id string) ([]journal.Rating, error) {
	var list []journal.Rating
	r := journal.Rating{Question: id}
	err := t.each(`SELECT asker, good, reason, text, at_time FROM ratings WHERE workspace = ? AND question = ? ORDER BY at_time, seq`,
		[]any{workspace, seq}, []any{&r.User, &r.Good, &r.Reason, &r.Text, instant{&r.At}}, func() { list = append(list, r) })
	return list, err
}

// Pressed implements [journal.Log].
func (db *DB) Pressed(ctx context.Context, token string) (journal.Token, error) {
	found := journal.Token{Token: token}
	err := db.read(ctx, "read a button", func(t tx) error {
		there, err := t.get(`SELECT q.id, b.does FROM tokens b JOIN questions q ON q.workspace = b.workspace AND q.seq = b.question
			WHERE b.workspace = ? AND b.token = ?`, []any{workspace, token}, []any{&found.Question, &found.Does})
		if err == nil && !there {
			err = fmt.Errorf("button: %w", journal.ErrNotFound)
		}
		return err
	})
	if err != nil {
		return journal.Token{}, err
	}
	return found, nil
}

// Count implements [journal.Log].
func (db *DB) Count(ctx context.Context) (journal.Counts, error) {
	var c journal.Counts
	var oldest []time.Time
	var at time.Time
	err := db.read(ctx, "count", func(t tx) error {
		for _, one := range []struct {
			query string
			n     any
		}{
			{`SELECT COUNT(*) FROM questions WHERE workspace = ? AND state = 'waiting'`, &c.Waiting},
			{`SELECT COUNT(*) FROM questions WHERE workspace = ? AND state = 'claimed'`, &c.Claimed},
			{`SELECT COUNT(*) FROM questions WHERE workspace = ? AND state = 'answered'`, &c.Answered},
			{`SELECT COUNT(*) FROM deliveries WHERE workspace = ? AND state IN ('ready', 'posting') AND state = 'ready'`, &c.Ready},
			{`SELECT COUNT(*) FROM deliveries WHERE workspace = ? AND state IN ('ready', 'posting') AND state = 'posting'`, &c.Posting},
			{`SELECT COUNT(*) FROM cases WHERE workspace = ? AND state = 'open'`, &c.OpenCases},
			{`SELECT COUNT(*) FROM cases WHERE workspace = ? AND state = 'open' AND stage = 'awaiting'`, &c.Awaiting},
			{`SELECT value FROM counters WHERE workspace = ? AND name = 'questions'`, &c.Questions},
		} {
			if _, err := t.get(one.query, []any{workspace}, []any{one.n}); err != nil {
				return err
			}
		}
		return t.each(`SELECT accepted_at FROM questions WHERE workspace = ? AND state = 'waiting'`, []any{workspace},
			[]any{instant{&at}}, func() { oldest = append(oldest, at) })
	})
	if len(oldest) > 0 {
		c.Oldest = slices.MinFunc(oldest, time.Time.Compare)
	}
	return c, err
}
