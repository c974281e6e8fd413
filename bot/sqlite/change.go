package sqlite

import (
	"context"
	"fmt"
	"time"

	"policybot/bot/journal"
)

// Edit implements [journal.Intake].
func (db *DB) Edit(ctx context.Context, e journal.Edit) (journal.State, error) {
	var before journal.State
	err := db.update(ctx, "edit a question", func(t tx) error {
		seq, state, err := t.own(e.Channel, e.ContentKey, e.User)
		if err != nil || seq == 0 {
			return err
		}
		before = state
		if !open(state) {
			return t.step(seq, e.At, "edit ignored", nil)
		}
		if err := t.exec(`UPDATE questions SET text = ?, masked = ?, digest = ?, state = 'waiting', revision = revision + 1,
			token = '', lease_until = ? WHERE workspace = ? AND seq = ?`,
			e.Text, list[string]{&e.Masked}, e.Digest, instant{new(time.Time)}, workspace, seq); err != nil {
			return err
		}
		if err := t.noteEdited(seq, e.Text, len(e.Masked) > 0); err != nil {
			return err
		}
		return t.step(seq, e.At, "edited", nil)
	})
	if err != nil {
		return "", err
	}
	return before, nil
}

// open reports whether a question in this state is still to be answered.
func open(s journal.State) bool { return s == journal.Waiting || s == journal.Claimed }

// own finds a user's question by its content key, 0 when the user has none.
func (t tx) own(channel, key, user string) (int64, journal.State, error) {
	k, err := t.byKey(channel, contentKey, key)
	if err != nil || k == nil {
		return 0, "", err
	}
	var state journal.State
	found, err := t.get(`SELECT state FROM questions WHERE workspace = ? AND seq = ? AND asker = ?`,
		[]any{workspace, k.seq, user}, []any{&state})
	if err != nil || !found {
		return 0, "", err
	}
	return k.seq, state, nil
}

// Withdraw implements [journal.Intake].
func (db *DB) Withdraw(ctx context.Context, w journal.Withdrawal) (journal.State, error) {
	var before journal.State
	err := db.update(ctx, "withdraw a question", func(t tx) error {
		var err error
		if w.ContentKey == "" {
			before, err = t.withdrawDialogue(w)
			return err
		}
		seq, state, err := t.own(w.Channel, w.ContentKey, w.User)
		if err != nil || seq == 0 {
			return err
		}
		before = state
		if !open(state) {
			return t.step(seq, w.At, "withdrawal ignored", why(w.Why))
		}
		return t.cancel(seq, w.At, w.Why)
	})
	if err != nil {
		return "", err
	}
	return before, nil
}

// withdrawDialogue cancels all that is still to be answered in a dialogue, and
// gives the state of the last, "" when there is none.
func (t tx) withdrawDialogue(w journal.Withdrawal) (journal.State, error) {
	type row struct {
		seq   int64
		state journal.State
	}
	var rows []row
	var r row
	if w.Dialogue == "" { // that of erased questions
		return "", nil
	}
	if err := t.each(`SELECT seq, state FROM questions WHERE workspace = ? AND dialogue = ? AND state IN ('waiting', 'claimed')
		AND channel = ? AND asker = ? ORDER BY seq`, []any{workspace, w.Dialogue, w.Channel, w.User}, []any{&r.seq, &r.state},
		func() { rows = append(rows, r) }); err != nil {
		return "", err
	}
	for _, r := range rows {
		if err := t.cancel(r.seq, w.At, w.Why); err != nil {
			return "", err
		}
	}
	return r.state, nil
}

// cancel ends a question that is not answered yet.
func (t tx) cancel(seq int64, at time.Time, reason string) error {
	if err := t.exec(`UPDATE questions SET state = 'cancelled', token = '', lease_until = ? WHERE workspace = ? AND seq = ?`,
		instant{new(time.Time)}, workspace, seq); err != nil {
		return err
	}
	return t.step(seq, at, "withdrawn", why(reason))
}

// Rate implements [journal.Intake].
func (db *DB) Rate(ctx context.Context, r journal.Rating) error {
	return db.update(ctx, "rate an answer", func(t tx) error {
		seq, err := t.number(`SELECT seq FROM questions WHERE workspace = ? AND id = ?`, workspace, r.Question)
		if err != nil {
			return err
		}
		if seq == 0 {
			return fmt.Errorf("question %q: %w", r.Question, journal.ErrNotFound)
		}
		if r.Withdrawn {
			return t.withdrawRating(seq, r)
		}
		number, err := t.next("ratings")
		if err != nil {
			return err
		}
		if err := t.exec(`INSERT INTO ratings (workspace, seq, question, asker, good, reason, text, at_time) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (workspace, question, asker) DO UPDATE SET seq = excluded.seq, good = excluded.good,
			reason = excluded.reason, text = excluded.text, at_time = excluded.at_time`,
			workspace, number, seq, r.User, r.Good, r.Reason, r.Text, instant{&r.At}); err != nil {
			return err
		}
		if err := t.noteRating(seq); err != nil {
			return err
		}
		return t.step(seq, r.At, "rated", map[string]any{"good": r.Good})
	})
}

// withdrawRating removes what a user thinks of a question, if they said anything.
func (t tx) withdrawRating(seq int64, r journal.Rating) error {
	removed, err := t.changed(`DELETE FROM ratings WHERE workspace = ? AND question = ? AND asker = ?`, workspace, seq, r.User)
	if err != nil || !removed {
		return err
	}
	if err := t.noteRating(seq); err != nil {
		return err
	}
	return t.step(seq, r.At, "rating withdrawn", nil)
}
