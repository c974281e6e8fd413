package sqlite

import (
	"time"

	"policybot/bot/channel"
	"policybot/bot/journal"
)

// questionNames are the columns of questions that a [journal.Question] has, in
// the order of questionFields.
var questionNames = []string{
	"seq", "id", "channel", "asker", "dialogue", "place", "thread", "in_group", "reply", "reply_expires", "lang", "text", "masked",
	"quote", "about", "history", "as_of", "digest", "asked_at", "accepted_at", "answered_at", "closed_at", "state", "reason", "outcome", "turn",
	"not_before", "revision", "attempts", "duplicates", "org", "profile",
}

// questionFields points at what questionNames keep, to be read from or written to.
func questionFields(q *journal.Question) []any {
	return []any{
		&q.Seq, &q.ID, &q.Channel, &q.User, &q.Dialogue, &q.Place.ID, &q.Place.Thread, &q.Place.Group,
		blob{&q.Reply.Data},
		instant{&q.Reply.Expires},
		&q.Lang, &q.Text,
		list[string]{&q.Masked},
		&q.Quote, &q.About,
		list[channel.Turn]{&q.History},
		&q.AsOf, &q.Digest,
		instant{&q.AskedAt},
		instant{&q.AcceptedAt},
		instant{&q.AnsweredAt},
		instant{&q.ClosedAt},
		&q.State, &q.Reason, &q.Outcome, &q.Turn,
		instant{&q.NotBefore},
		&q.Revision, &q.Attempts, &q.Duplicates, &q.Org,
		raw{&q.Profile},
	}
}

var (
	briefColumns  = columns("q.", questionNames)
	recordColumns = briefColumns + `, COALESCE(r.answer, ''), COALESCE(r.record, '')`

	briefQuery  = `SELECT ` + briefColumns + ` FROM questions q `
	recordQuery = `SELECT ` + recordColumns + `
		FROM questions q LEFT JOIN records r ON r.workspace = q.workspace AND r.question = q.seq `
	answerQuery = `SELECT ` + briefColumns + `, COALESCE(r.answer, '')
		FROM questions q LEFT JOIN records r ON r.workspace = q.workspace AND r.question = q.seq `
	insertQuestion = `INSERT INTO questions (` + columns("", questionNames) + `, workspace, lease_until, token, erased)
		VALUES (` + marks(len(questionNames)) + `, ?, ?, '', 0)`
)

// answerFields are questionFields with the answer, as answerQuery gives them.
func answerFields(q *journal.Question) []any { return append(questionFields(q), raw{&q.Answer}) }

// recordFields are questionFields with answer and record, as recordQuery gives them.
func recordFields(q *journal.Question) []any {
	return append(questionFields(q), raw{&q.Answer}, raw{&q.Record})
}

// addQuestion stores a question, without its answer and record.
func (t tx) addQuestion(q *journal.Question) error {
	return t.exec(insertQuestion, append(questionFields(q), workspace, instant{new(time.Time)})...)
}

// addRecord stores what a question came to.
func (t tx) addRecord(q *journal.Question) error {
	return t.exec(`INSERT INTO records (workspace, question, answer, record) VALUES (?, ?, ?, ?)`,
		workspace, q.Seq, raw{&q.Answer}, raw{&q.Record})
}

// question reads a question with its answer and record, and reports whether there is one.
func (t tx) question(seq int64) (journal.Question, bool, error) {
	var q journal.Question
	found, err := t.get(recordQuery+`WHERE q.workspace = ? AND q.seq = ?`, []any{workspace, seq}, recordFields(&q))
	return q, found, err
}

// questionByID is question for an id.
func (t tx) questionByID(id string) (journal.Question, bool, error) {
	var q journal.Question
	found, err := t.get(recordQuery+`WHERE q.workspace = ? AND q.id = ?`, []any{workspace, id}, recordFields(&q))
	return q, found, err
}

// step adds a step to a question; detail is nil when there is nothing more to
// say. For seq 0, which is no question, nothing is added.
func (t tx) step(seq int64, at time.Time, name string, detail map[string]any) error {
	if seq == 0 {
		return nil
	}
	var text string
	if len(detail) > 0 {
		var err error
		if text, err = jsonText(detail); err != nil {
			return err
		}
	}
	return t.exec(`INSERT INTO steps (workspace, question, n, at_time, name, detail)
		SELECT ?, ?, COALESCE(MAX(n), 0) + 1, ?, ?, ? FROM steps WHERE workspace = ? AND question = ?`,
		workspace, seq, instant{&at}, name, text, workspace, seq)
}

// why is the detail of a step that has a reason, nil when it has none.
func why(text string) map[string]any {
	if text == "" {
		return nil
	}
	return map[string]any{"why": text}
}
