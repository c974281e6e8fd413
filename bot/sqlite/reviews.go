package sqlite

import (
	"context"
	"fmt"

	"policybot/bot/journal"
)

// SaveReview implements [journal.Reviewer].
func (db *DB) SaveReview(ctx context.Context, r journal.Review) (journal.Review, error) {
	err := db.update(ctx, "review an answer", func(t tx) error {
		if err := r.Check(); err != nil {
			return err
		}
		seq, err := t.number(`SELECT seq FROM questions WHERE workspace = ? AND id = ? AND erased = 0`, workspace, r.Question)
		if err != nil {
			return err
		}
		if seq == 0 {
			return fmt.Errorf("question %q: %w", r.Question, journal.ErrNotFound)
		}
		list, err := t.reviews(seq, r.Question)
		if err != nil {
			return err
		}
		if n := len(list); n != r.Base {
			var latest journal.Review
			if n > 0 {
				latest = list[n-1]
			}
			return &journal.ReviewConflictError{Latest: latest}
		}
		r.N, r.At = len(list)+1, exact(r.At)
		return t.addReview(seq, r)
	})
	if err != nil {
		return journal.Review{}, err
	}
	return r, nil
}

// addReview stores a review.
func (t tx) addReview(seq int64, r journal.Review) error {
	scores, err := jsonText(r.Scores)
	if err != nil {
		return err
	}
	if err := t.exec(`INSERT INTO reviews (workspace, question, n, base, verdict, clause, text, scores, note, reviewer, at_time, entry)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		workspace, seq, r.N, r.Base, r.Verdict, r.Clause, r.Text, scores, r.Note, r.By, instant{&r.At}, r.Entry); err != nil {
		return err
	}
	if err := t.noteReview(seq, r); err != nil {
		return err
	}
	return t.step(seq, r.At, "reviewed", map[string]any{"n": r.N, "verdict": r.Verdict})
}

// reviews reads the reviews of a question.
func (t tx) reviews(seq int64, id string) ([]journal.Review, error) {
	var list []journal.Review
	r := journal.Review{Question: id}
	err := t.each(`SELECT n, base, verdict, clause, text, scores, note, reviewer, at_time, entry FROM reviews
		WHERE workspace = ? AND question = ? ORDER BY n`, []any{workspace, seq},
		[]any{&r.N, &r.Base, &r.Verdict, &r.Clause, &r.Text, table[int, journal.Score]{&r.Scores}, &r.Note, &r.By, instant{&r.At}, &r.Entry},
		func() { list = append(list, r) })
	return list, err
}

// Reviews implements [journal.Reviewer].
func (db *DB) Reviews(ctx context.Context, question string) ([]journal.Review, error) {
	var list []journal.Review
	err := db.read(ctx, "read reviews", func(t tx) error {
		seq, err := t.number(`SELECT seq FROM questions WHERE workspace = ? AND id = ?`, workspace, question)
		if err != nil {
			return err
		}
		if seq == 0 {
			return fmt.Errorf("question %q: %w", question, journal.ErrNotFound)
		}
		list, err = t.reviews(seq, question)
		return err
	})
	return list, err
}

// SaveView implements [journal.Views].
func (db *DB) SaveView(ctx context.Context, v journal.View) error {
	return db.update(ctx, "save a view", func(t tx) error {
		if err := v.Check(); err != nil {
			return err
		}
		return t.exec(`INSERT INTO views (workspace, owner, name, shared, query) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (workspace, owner, name) DO UPDATE SET shared = excluded.shared, query = excluded.query`,
			workspace, v.Owner, v.Name, v.Shared, v.Query)
	})
}

// ListViews implements [journal.Views].
func (db *DB) ListViews(ctx context.Context, owner string) ([]journal.View, error) {
	return db.listViews(ctx, `(owner = ? OR shared = 1)`, owner)
}

// EveryView implements [journal.Views].
func (db *DB) EveryView(ctx context.Context) ([]journal.View, error) {
	return db.listViews(ctx, `1`)
}

func (db *DB) listViews(ctx context.Context, which string, args ...any) ([]journal.View, error) {
	var list []journal.View
	var v journal.View
	err := db.read(ctx, "list views", func(t tx) error {
		return t.each(`SELECT name, owner, shared, query FROM views WHERE workspace = ? AND `+which+` ORDER BY name, owner`,
			append([]any{workspace}, args...), []any{&v.Name, &v.Owner, &v.Shared, &v.Query}, func() { list = append(list, v) })
	})
	return list, err
}

// DeleteView implements [journal.Views].
func (db *DB) DeleteView(ctx context.Context, owner, name string) error {
	return db.update(ctx, "delete a view", func(t tx) error {
		there, err := t.changed(`DELETE FROM views WHERE workspace = ? AND owner = ? AND name = ?`, workspace, owner, name)
		if err == nil && !there {
			err = fmt.Errorf("view %q: %w", name, journal.ErrNotFound)
		}
		return err
	})
}
