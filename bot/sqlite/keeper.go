package sqlite

import (
	"context"
	"fmt"
	"time"

	"policybot/bot/journal"
)

// batch is how many questions are erased or forgotten in one transaction, so
// that others can write between.
const batch = 100

// Setting implements [journal.Keeper].
func (db *DB) Setting(ctx context.Context, name string) (string, error) {
	var value string
	err := db.read(ctx, "read a setting", func(t tx) error {
		_, err := t.get(`SELECT value FROM settings WHERE workspace = ? AND name = ?`, []any{workspace, name}, []any{&value})
		return err
	})
	return value, err
}

// SetSetting implements [journal.Keeper].
func (db *DB) SetSetting(ctx context.Context, name, value string) error {
	return db.update(ctx, "set "+name, func(t tx) error {
		if value == "" {
			return t.exec(`DELETE FROM settings WHERE workspace = ? AND name = ?`, workspace, name)
		}
		return t.exec(`INSERT INTO settings (workspace, name, value) VALUES (?, ?, ?)
			ON CONFLICT (workspace, name) DO UPDATE SET value = excluded.value`, workspace, name, value)
	})
}

// Rebase implements [journal.Keeper].
func (db *DB) Rebase(ctx context.Context, now time.Time, onlyLeases bool) error {
	return db.update(ctx, "rebase", func(t tx) error {
		queries := []string{
			`UPDATE questions SET lease_until = ? WHERE workspace = ? AND state = 'claimed' AND lease_until > ?`,
			`UPDATE deliveries SET lease_until = ? WHERE workspace = ? AND state = 'posting' AND lease_until > ?`,
		}
		if !onlyLeases {
			queries = append(queries,
				`UPDATE questions SET not_before = ? WHERE workspace = ? AND state IN ('waiting', 'claimed') AND not_before > ?`,
				`UPDATE deliveries SET next_at = ? WHERE workspace = ? AND state IN ('ready', 'posting') AND next_at > ?`,
				`UPDATE pauses SET until_time = ? WHERE workspace = ? AND until_time > ?`)
		}
		for _, query := range queries {
			if err := t.exec(query, instant{&now}, workspace, instant{&now}); err != nil {
				return err
			}
		}
		return nil
	})
}

// Erase implements [journal.Keeper]. It works in several transactions. What it
// erased is gone from the file and the log beside it when it returns nil, for
// which it reads the whole file; it fails when a reader of an older state holds
// the log for long. The Erased of
// a call that failed, and of one that finds nothing more, count only their own.
func (db *DB) Erase(ctx context.Context, user string, at time.Time) (journal.Erased, error) {
	var total journal.Erased
	if user == "" { // whose questions are those of nobody
		return total, nil
	}
	for more := true; more; {
		var done journal.Erased
		err := db.update(ctx, "erase a user", func(t tx) error {
			var err error
			done, more, err = t.eraseSome(user, at)
			return err
		})
		if err != nil {
			return total, err
		}
		total.Questions += done.Questions
		total.Cases += done.Cases
		total.Cancelled += done.Cancelled
		total.Ratings += done.Ratings
	}
	return total, db.clearAway(ctx)
}

// A brief is what of a question decides how it is erased or forgotten.
type brief struct {
	seq   int64
	id    string
	state journal.State
	user  string
}

// eraseSome erases some of a user's questions and, after the last of them,
// the user. It reports whether there are more.
func (t tx) eraseSome(user string, at time.Time) (journal.Erased, bool, error) {
	var done journal.Erased
	var list []brief
	var one brief
	if err := t.each(`SELECT seq, state FROM questions WHERE workspace = ? AND asker = ? ORDER BY seq LIMIT ?`,
		[]any{workspace, user, batch}, []any{&one.seq, &one.state}, func() { list = append(list, one) }); err != nil {
		return done, false, err
	}
	for _, q := range list {
		n, err := t.eraseQuestion(q, at)
		if err != nil {
			return done, false, err
		}
		done.Cases += n
		done.Questions++
		if underWay(q.state) {
			done.Cancelled++
		}
	}
	if _, err := t.next(deletions); err != nil {
		return done, false, err
	}
	if len(list) == batch {
		return done, true, nil
	}
	cases, ratings, err := t.eraseUser(user)
	done.Cases += cases
	done.Ratings = ratings
	return done, false, err
}

// underWay reports whether a question's life goes on.
func underWay(s journal.State) bool { return open(s) || s == journal.Answered }

// eraseQuestion takes from a question what was asked and answered and by whom,
// and ends it. It returns how many cases went with it.
func (t tx) eraseQuestion(q brief, at time.Time) (int, error) {
	none := instant{new(time.Time)}
	if err := t.exec(`UPDATE questions SET asker = '', dialogue = '', place = '', thread = '', in_group = 0, reply = NULL,
		reply_expires = ?, lang = '', text = '', masked = 'null', quote = '', about = '', history = 'null', org = '', profile = '', as_of = '', digest = '',
		reason = '', token = '', lease_until = ?, erased = 1 WHERE workspace = ? AND seq = ?`, none, none, workspace, q.seq); err != nil {
		return 0, err
	}
	if underWay(q.state) {
		if err := t.exec(`UPDATE questions SET state = 'cancelled' WHERE workspace = ? AND seq = ?`, workspace, q.seq); err != nil {
			return 0, err
		}
	}
	for _, statement := range []string{
		`DELETE FROM records WHERE workspace = ? AND question = ?`,
		`DELETE FROM tokens WHERE workspace = ? AND question = ?`,
		`DELETE FROM ratings WHERE workspace = ? AND question = ?`,
		`UPDATE steps SET detail = '' WHERE workspace = ? AND question = ? AND detail <> ''`,
	} {
		if err := t.exec(statement, workspace, q.seq); err != nil {
			return 0, err
		}
	}
	if err := t.eraseFacts(q.seq); err != nil {
		return 0, err
	}
	if err := t.eraseDeliveries(`question = ?`, q.seq); err != nil {
		return 0, err
	}
	cases, err := t.eraseCases(`question = ?`, q.seq)
	if err != nil {
		return 0, err
	}
	return cases, t.step(q.seq, at, "erased", nil)
}

// eraseDeliveries drops deliveries that are under way, and takes from all of
// them what they say and where to.
func (t tx) eraseDeliveries(which string, arg any) error {
	if err := t.exec(`DELETE FROM documents WHERE workspace = ? AND delivery IN
		(SELECT seq FROM deliveries WHERE workspace = ? AND `+which+`)`, workspace, workspace, arg); err != nil {
		return err
	}
	none := instant{new(time.Time)}
	return t.exec(`UPDATE deliveries SET state = CASE WHEN state IN ('ready', 'posting') THEN 'dropped' ELSE state END,
		asker = '', dialogue = '', place = '', thread = '', in_group = 0, reply = NULL, reply_expires = ?, receipt = '', why = '',
		token = '', lease_until = ? WHERE workspace = ? AND `+which, none, none, workspace, arg)
}

// eraseCases takes from cases and their drafts what they say and who asked, as
// [journal.Case.Erase] does. It returns how many.
func (t tx) eraseCases(which string, arg any) (int, error) {
	if err := t.exec(`UPDATE drafts SET text = '', clauses = 'null' WHERE workspace = ? AND case_seq IN
		(SELECT seq FROM cases WHERE workspace = ? AND `+which+`)`, workspace, workspace, arg); err != nil {
		return 0, err
	}
	if err := t.exec(`UPDATE cases SET stage = '', submitted_by = '', approved = 0, approved_by = ''
		WHERE workspace = ? AND state = 'open' AND `+which, workspace, arg); err != nil {
		return 0, err
	}
	result, err := t.sql.ExecContext(t.ctx, `UPDATE cases SET text = '', asker = '', dialogue = '', place = '', thread = '', in_group = 0,
		reply = NULL, reply_expires = ?, response = '', clauses = 'null', return_reason = '', closed_why = '', erased = 1
		WHERE workspace = ? AND `+which, instant{new(time.Time)}, workspace, arg)
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}

// eraseUser erases what does not hang on one of the user's questions. It
// returns how many cases and ratings went.
func (t tx) eraseUser(user string) (cases, ratings int, err error) {
	if err := t.eraseDeliveries(`asker = ?`, user); err != nil {
		return 0, 0, err
	}
	if ratings, err = t.eraseRatings(user); err != nil {
		return 0, 0, err
	}
	if err := t.exec(`DELETE FROM people WHERE workspace = ? AND asker = ?`, workspace, user); err != nil {
		return 0, 0, err
	}
	cases, err = t.eraseCases(`asker = ?`, user)
	return cases, ratings, err
}

// eraseRatings erases what a user thinks of the questions of others, and returns of how many.
func (t tx) eraseRatings(user string) (int, error) {
	var seqs []int64
	var seq int64
	if err := t.each(`SELECT question FROM ratings WHERE workspace = ? AND asker = ?`, []any{workspace, user}, []any{&seq},
		func() { seqs = append(seqs, seq) }); err != nil {
		return 0, err
	}
	if err := t.exec(`DELETE FROM ratings WHERE workspace = ? AND asker = ?`, workspace, user); err != nil {
		return 0, err
	}
	for _, seq := range seqs {
		if err := t.noteRating(seq); err != nil {
			return 0, err
		}
	}
	return len(seqs), nil
}

// Forget implements [journal.Keeper]. It works in several transactions, oldest
// questions first. The call that finds fewer than limit also clears the files,
// as Erase does; before it, what was removed may still lie in them.
func (db *DB) Forget(ctx context.Context, before time.Time, limit int) (int, error) {
	total := 0
	for limit <= 0 || total < limit {
		most := batch
		if limit > 0 {
			most = min(batch, limit-total)
		}
		done := 0
		err := db.update(ctx, "forget questions", func(t tx) error {
			var err error
			done, err = t.forgetSome(before, most)
			return err
		})
		total += done
		if err != nil {
			return total, err
		}
		if done < most {
			break
		}
	}
	if limit > 0 && total == limit {
		return total, nil
	}
	return total, db.clearAway(ctx)
}

// keptForCases gives the seq of the questions that open cases need: their own, and of its dialogue journal.CaseTurns
// before and as many after it. Both its arguments are the workspace.
var keptForCases = fmt.Sprintf(`SELECT COALESCE(question, 0) FROM cases WHERE workspace = ? AND state = 'open' AND erased = 0
	UNION ALL SELECT turn.seq FROM cases k CROSS JOIN questions q CROSS JOIN questions turn
	WHERE k.workspace = ? AND k.state = 'open' AND k.erased = 0 AND q.workspace = k.workspace AND q.seq = k.question AND q.dialogue <> ''
	AND turn.workspace = q.workspace AND turn.dialogue = q.dialogue
	AND turn.seq >= (SELECT MIN(seq) FROM (SELECT b.seq FROM questions b WHERE b.workspace = q.workspace AND b.dialogue = q.dialogue
		AND b.seq <= q.seq ORDER BY b.seq DESC LIMIT %[1]d))
	AND turn.seq <= (SELECT MAX(seq) FROM (SELECT a.seq FROM questions a WHERE a.workspace = q.workspace AND a.dialogue = q.dialogue
		AND a.seq >= q.seq ORDER BY a.seq LIMIT %[1]d))`, journal.CaseTurns+1)

// Old implements [journal.Keeper].
func (db *DB) Old(ctx context.Context, before time.Time) (journal.Old, error) {
	var n journal.Old
	err := db.read(ctx, "count old questions", func(t tx) error {
		_, err := t.get(`SELECT COUNT(*) - COALESCE(SUM(kept), 0), COALESCE(SUM(kept), 0) FROM (SELECT seq IN (`+keptForCases+`) AS kept
			FROM questions WHERE workspace = ? AND accepted_at < ? AND state IN ('closed', 'cancelled', 'refused'))`,
			[]any{workspace, workspace, workspace, instant{&before}}, []any{&n.Removed, &n.Kept})
		return err
	})
	return n, err
}

// forgetSome removes the oldest questions in a final state, and their users
// when they have none left. It returns how many questions.
func (t tx) forgetSome(before time.Time, most int) (int, error) {
	var list []brief
	var one brief
	last, err := t.number(`SELECT MAX(seq) FROM questions WHERE workspace = ? AND accepted_at < ?`, workspace, instant{&before})
	if err != nil {
		return 0, err
	}
	if err := t.each(`SELECT seq, id, asker FROM questions WHERE workspace = ? AND seq <= ? AND accepted_at < ?
		AND state IN ('closed', 'cancelled', 'refused') AND seq NOT IN (`+keptForCases+`) ORDER BY seq LIMIT ?`,
		[]any{workspace, last, instant{&before}, workspace, workspace, most},
		[]any{&one.seq, &one.id, &one.user}, func() { list = append(list, one) }); err != nil {
		return 0, err
	}
	for _, q := range list {
		if err := t.forgetQuestion(q); err != nil {
			return 0, err
		}
	}
	if len(list) > 0 {
		_, err = t.next(deletions)
	}
	return len(list), err
}

// forgetQuestion removes a question with all that belongs to it.
func (t tx) forgetQuestion(q brief) error {
	if err := t.forgetFacts(q.seq); err != nil {
		return err
	}
	if err := t.exec(`DELETE FROM documents WHERE workspace = ? AND delivery IN
		(SELECT seq FROM deliveries WHERE workspace = ? AND question = ?)`, workspace, workspace, q.seq); err != nil {
		return err
	}
	if err := t.exec(`DELETE FROM drafts WHERE workspace = ? AND case_seq IN
		(SELECT seq FROM cases WHERE workspace = ? AND question = ?)`, workspace, workspace, q.seq); err != nil {
		return err
	}
	for _, statement := range []string{
		`DELETE FROM deliveries WHERE workspace = ? AND question = ?`,
		`DELETE FROM records WHERE workspace = ? AND question = ?`,
		`DELETE FROM steps WHERE workspace = ? AND question = ?`,
		`DELETE FROM tokens WHERE workspace = ? AND question = ?`,
		`DELETE FROM ratings WHERE workspace = ? AND question = ?`,
		`DELETE FROM cases WHERE workspace = ? AND question = ?`,
		`DELETE FROM questions WHERE workspace = ? AND seq = ?`,
	} {
		if err := t.exec(statement, workspace, q.seq); err != nil {
			return err
		}
	}
	if err := t.exec(`INSERT INTO forgotten (workspace, id) VALUES (?, ?)`, workspace, q.id); err != nil {
		return err
	}
	return t.exec(`DELETE FROM people WHERE workspace = ? AND asker = ?
		AND NOT EXISTS (SELECT 1 FROM questions q WHERE q.workspace = ? AND q.asker = ?)`, workspace, q.user, workspace, q.user)
}
