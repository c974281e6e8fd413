package sqlite

import (
	"context"
	"iter"

	"policybot/bot/journal"
)

// Ratings implements [journal.Log]. It reads all of them at once: few questions are rated.
func (db *DB) Ratings(ctx context.Context, f journal.Filter) iter.Seq2[journal.Rating, error] {
	return func(yield func(journal.Rating, error) bool) {
		f.Limit = 0
		var list []journal.Rating
		b, err := db.bounds(ctx, f)
		if err == nil {
			where, args := conditions(f, b, 0)
			var r journal.Rating
			err = db.read(ctx, "read ratings", func(t tx) error {
				return t.each(`SELECT q.id, r.asker, r.good, r.reason, r.text, r.at_time FROM ratings r
					JOIN questions q ON q.workspace = r.workspace AND q.seq = r.question `+where+` ORDER BY r.at_time, q.seq, r.seq`,
					args, []any{&r.Question, &r.User, &r.Good, &r.Reason, &r.Text, instant{&r.At}}, func() { list = append(list, r) })
			})
		}
		if err != nil {
			yield(journal.Rating{}, err)
			return
		}
		for _, r := range list {
			if !yield(r, nil) {
				return
			}
		}
	}
}
