package sqlite

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"strings"

	"policybot/bot/journal"
)

// What searches look at is written with what it is derived from: noteAsked when a question is stored or changed,
// noteAnswer when it gets its answer, noteRating, noteCase and noteReview when those change.

// factNames are the columns of facts behind the workspace.
var factNames = []string{
	"question", "at_time", "channel", "lang", "outcome", "reason", "mode", "model", "took", "tokens_in", "tokens_out",
	"masked", "duplicates", "rating", "rating_reason", "case_state", "case_reason", "verdict", "reviewer",
	"places", "documents", "clauses", "notices", "said", "ask",
}

// noteAsked writes what is known of a question that was accepted.
func (t tx) noteAsked(q journal.Question) error { return t.addFacts(q, journal.Facts{}) }

// addFacts writes the facts of a question that has none, but for ratings, case and reviews.
func (t tx) addFacts(q journal.Question, f journal.Facts) error {
	said, err := t.noteText(f.Text)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO facts (workspace, `+columns("", factNames)+`)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', '', '', '', '', '', ?, ?, ?, ?, ?, ?)`,
		workspace, q.Seq, instant{&q.AcceptedAt}, journal.Word(q.Channel), cmp.Or(f.Lang, journal.Word(q.Lang)), journal.Word(q.Outcome),
		journal.Word(q.Reason), f.Mode, f.Model, f.Took.Microseconds(), f.TokensIn, f.TokensOut, len(q.Masked) > 0, q.Duplicates,
		lines(f.Places), lines(f.Documents), lines(f.Clauses), lines(f.Notices), said, journal.Fold(q.Text))
}

// noteEdited writes the new text of a question.
func (t tx) noteEdited(seq int64, text string, masked bool) error {
	return t.exec(`UPDATE facts SET ask = ?, masked = ? WHERE workspace = ? AND question = ?`, journal.Fold(text), masked, workspace, seq)
}

// noteAnswer writes what a question came to: q has its Outcome, Reason, Answer and Record.
func (t tx) noteAnswer(q journal.Question) error {
	f := journal.FactsOf(q.Answer, q.Record)
	said, err := t.noteText(f.Text)
	if err != nil {
		return err
	}
	return t.exec(`UPDATE facts SET lang = CASE WHEN ? <> '' THEN ? ELSE lang END, outcome = ?, reason = ?, mode = ?, model = ?, took = ?,
		tokens_in = ?, tokens_out = ?, places = ?, documents = ?, clauses = ?, notices = ?, said = ? WHERE workspace = ? AND question = ?`,
		f.Lang, f.Lang, journal.Word(q.Outcome), journal.Word(q.Reason), f.Mode, f.Model, f.Took.Microseconds(), f.TokensIn, f.TokensOut,
		lines(f.Places), lines(f.Documents), lines(f.Clauses), lines(f.Notices), said, workspace, q.Seq)
}

// noteText keeps the text of an answer once more, and gives its id, 0 for none.
func (t tx) noteText(text string) (int64, error) {
	if text = journal.Fold(text); text == "" {
		return 0, nil
	}
	sum := sha256.Sum256([]byte(text))
	return t.number(`INSERT INTO answer_texts (workspace, id, hash, uses, text)
		SELECT ?, COALESCE(MAX(id), 0) + 1, ?, 1, ? FROM answer_texts WHERE workspace = ?
		ON CONFLICT (workspace, hash) DO UPDATE SET uses = answer_texts.uses + 1 RETURNING id`, workspace, sum[:], text, workspace)
}

// noteRating writes which rating of a question is the latest.
func (t tx) noteRating(seq int64) error {
	var good bool
	var reason, rating string
	found, err := t.get(`SELECT good, reason FROM ratings WHERE workspace = ? AND question = ? ORDER BY seq DESC LIMIT 1`,
		[]any{workspace, seq}, []any{&good, &reason})
	if err != nil {
		return err
	}
	if found {
		rating = map[bool]string{true: journal.Good, false: journal.Bad}[good]
	}
	return t.exec(`UPDATE facts SET rating = ?, rating_reason = ? WHERE workspace = ? AND question = ?`,
		rating, journal.Word(reason), workspace, seq)
}

// noteCase writes how the case of a question stands. Whatever changes the state or the reason of a case calls
// it; for seq 0, which is no question, nothing is written.
func (t tx) noteCase(seq int64) error {
	var state, reason string
	found, err := t.get(`SELECT state, reason FROM cases WHERE workspace = ? AND question = ?`, []any{workspace, seq}, []any{&state, &reason})
	if err != nil || !found {
		return err
	}
	return t.exec(`UPDATE facts SET case_state = ?, case_reason = ? WHERE workspace = ? AND question = ?`,
		state, journal.Word(reason), workspace, seq)
}

// noteReview writes which review of a question is the latest.
func (t tx) noteReview(seq int64, r journal.Review) error {
	return t.exec(`UPDATE facts SET verdict = ?, reviewer = ? WHERE workspace = ? AND question = ?`,
		r.Verdict, journal.Word(r.By), workspace, seq)
}

// eraseFacts leaves of the facts of a question what Erase keeps: channel, time, outcome, how often it arrived,
// and how its case stands. Its reviews go.
func (t tx) eraseFacts(seq int64) error {
	if err := t.dropText(seq); err != nil {
		return err
	}
	if err := t.exec(`UPDATE facts SET lang = '', reason = '', mode = '', model = '', took = 0, tokens_in = 0, tokens_out = 0, masked = 0,
		rating = '', rating_reason = '', verdict = '', reviewer = '', places = '', documents = '', clauses = '', notices = '', said = 0, ask = ''
		WHERE workspace = ? AND question = ?`, workspace, seq); err != nil {
		return err
	}
	return t.exec(`DELETE FROM reviews WHERE workspace = ? AND question = ?`, workspace, seq)
}

// forgetFacts removes all that searches know of a question, and its reviews.
func (t tx) forgetFacts(seq int64) error {
	if err := t.dropText(seq); err != nil {
		return err
	}
	for _, statement := range []string{
		`DELETE FROM facts WHERE workspace = ? AND question = ?`,
		`DELETE FROM reviews WHERE workspace = ? AND question = ?`,
	} {
		if err := t.exec(statement, workspace, seq); err != nil {
			return err
		}
	}
	return nil
}

// dropText gives up the text of a question's answer, and removes it when no other question has it.
func (t tx) dropText(seq int64) error {
	id, err := t.number(`SELECT said FROM facts WHERE workspace = ? AND question = ?`, workspace, seq)
	if err != nil || id == 0 {
		return err
	}
	if err := t.exec(`UPDATE answer_texts SET uses = uses - 1 WHERE workspace = ? AND id = ?`, workspace, id); err != nil {
		return err
	}
	return t.exec(`DELETE FROM answer_texts WHERE workspace = ? AND id = ? AND uses = 0`, workspace, id)
}

// lines puts a list into a column.
func lines(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return "\n" + strings.Join(list, "\n") + "\n"
}

// unlined takes a list from a column.
func unlined(column string) []string {
	if column == "" {
		return nil
	}
	return strings.Split(strings.Trim(column, "\n"), "\n")
}

// factsDue is the counter that says up to which question facts are still to be filled in; the migration sets it.
const factsDue = "facts_due"

// factsBatch is how many questions get their facts in one transaction.
const factsBatch = 1000

// fillFacts gives facts to the questions of a journal from before there were any: newest first, in transactions
// of their own. When it is cut short it goes on the next time.
func (db *DB) fillFacts(ctx context.Context) error {
	var due int64
	if err := db.read(ctx, "look for facts", func(t tx) (err error) {
		due, err = t.last(factsDue)
		return err
	}); err != nil {
		return err
	}
	for due > 0 {
		if err := db.update(ctx, "fill in facts", func(t tx) error {
			first := max(1, due-factsBatch+1)
			if err := t.fillSome(first, due+1); err != nil {
				return err
			}
			due = first - 1
			return t.exec(`UPDATE counters SET value = ? WHERE workspace = ? AND name = ?`, due, workspace, factsDue)
		}); err != nil {
			return err
		}
	}
	return nil
}

// fillSome gives facts to the questions from first and before end that have none.
func (t tx) fillSome(first, end int64) error {
	var list []journal.Question
	var q journal.Question
	if err := t.each(recordQuery+`WHERE q.workspace = ? AND q.seq >= ? AND q.seq < ?
		AND NOT EXISTS (SELECT 1 FROM facts f WHERE f.workspace = q.workspace AND f.question = q.seq)`,
		[]any{workspace, first, end}, recordFields(&q), func() { list = append(list, q) }); err != nil {
		return err
	}
	for _, q := range list {
		if err := t.addFacts(q, journal.FactsOf(q.Answer, q.Record)); err != nil {
			return fmt.Errorf("question %q: %w", q.ID, err)
		}
	}
	for query, note := range map[string]func(int64) error{
		`SELECT DISTINCT question FROM ratings WHERE workspace = ? AND question >= ? AND question < ?`: t.noteRating,
		`SELECT question FROM cases WHERE workspace = ? AND question >= ? AND question < ?`:            t.noteCase,
	} {
		var seqs []int64
		var seq int64
		if err := t.each(query, []any{workspace, first, end}, []any{&seq}, func() { seqs = append(seqs, seq) }); err != nil {
			return err
		}
		for _, seq := range seqs {
			if err := note(seq); err != nil {
				return err
			}
		}
	}
	return nil
}
