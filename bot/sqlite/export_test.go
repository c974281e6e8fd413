package sqlite

import (
	"strings"
	"testing"
	"time"

	"policybot/bot/journal"
)

// Fill takes one question through its whole life, as the methods do, and makes
// n of it, of users user0 to user999. The file must be new.
func Fill(t testing.TB, db *DB, n int, a journal.Arrival, r journal.Result) {
	t.Helper()
	const some = 10_000 // in one transaction, to keep the log short
	for first := 0; first < n; first += some {
		if err := db.update(t.Context(), "fill", func(x tx) error {
			if first == 0 {
				if err := x.life(a, r); err != nil {
					return err
				}
			}
			return x.multiply(max(2, first+1), min(n, first+some))
		}); err != nil {
			t.Fatal(err)
		}
	}
}

// multiply copies question 1 to the numbers from first to last.
func (t tx) multiply(first, last int) error {
	const numbers = `WITH RECURSIVE numbers (i) AS (SELECT CAST(? AS INTEGER) UNION ALL SELECT i + 1 FROM numbers WHERE i < ?) `
	copies := func(table, columns, values, of string) string {
		return numbers + `INSERT INTO ` + table + ` (workspace, ` + columns + `) SELECT workspace, ` + values + ` FROM numbers, ` + table + ` WHERE ` + of
	}
	rest := func(names []string, from int) string { return columns("", names[from:]) }
	later := func(name string) string { return name + " + (i - 1) * 1000000" }
	for _, statement := range []string{
		copies("questions", "seq, id, channel, asker, dialogue, "+rest(questionNames, 5)+", lease_until, token, erased",
			"i, 'q' || (i - 1), channel, 'user' || ((i - 1) % 1000), 'dialogue of user' || ((i - 1) % 1000), "+
				strings.NewReplacer("asked_at", later("asked_at"), "accepted_at", later("accepted_at")).Replace(rest(questionNames, 5))+", lease_until, token, erased", "seq = 1"),
		copies("facts", "question, "+rest(factNames, 1), "i, "+strings.Replace(rest(factNames, 1), "at_time", later("at_time"), 1), "question = 1"),
		copies("records", "question, answer, record", "i, answer, record", "question = 1"),
		copies("keys", "hash, question, id", "randomblob(32), i, 'q' || (i - 1)", "question = 1"),
		copies("steps", "question, n, at_time, name, detail", "i, n, at_time, name, detail", "question = 1"),
		copies("tokens", "question, token, does", "i, 'button of q' || (i - 1), does", "question = 1"),
		copies("deliveries", "question, seq, id, case_id, purpose, channel, asker, "+rest(deliveryNames, 6)+", lease_until",
			"i, i, hex(randomblob(13)), case_id, purpose, channel, 'user' || ((i - 1) % 1000), "+rest(deliveryNames, 6)+", lease_until", "seq = 1"),
		copies("documents", "delivery, doc", "i, doc", "delivery = 1"),
	} {
		if err := t.exec(statement, first, last); err != nil {
			return err
		}
	}
	return t.exec(`UPDATE counters SET value = ? WHERE workspace = ?`, last, workspace)
}

// life is what Accept, Claim, Complete, Next and Posted leave of one question.
func (t tx) life(a journal.Arrival, r journal.Result) error {
	accepted, err := t.admit(a)
	if err != nil {
		return err
	}
	q, at := accepted.Question, a.Question.AcceptedAt
	q.Answer, q.Record = r.Answer, r.Record
	for _, name := range []string{"claimed", "answered", "posting", "posted"} {
		if err := t.step(q.Seq, at, name, nil); err != nil {
			return err
		}
	}
	if err := t.exec(`UPDATE questions SET state = 'closed', attempts = 1, outcome = ?, answered_at = ?, closed_at = ? WHERE workspace = ? AND seq = ?`,
		r.Outcome, instant{&at}, instant{&at}, workspace, q.Seq); err != nil {
		return err
	}
	q.Outcome = r.Outcome
	if err := t.addRecord(&q); err != nil {
		return err
	}
	if err := t.noteAnswer(q); err != nil {
		return err
	}
	if err := t.addTokens(q.Seq, r.Tokens); err != nil {
		return err
	}
	d := deliveryOf(q, journal.Final, r.Doc, at)
	if err := t.addDelivery(&d, q.Seq); err != nil {
		return err
	}
	return t.exec(`UPDATE deliveries SET state = 'posted', attempts = 1, posted_at = ?, lease_until = ? WHERE workspace = ? AND seq = ?`,
		instant{&at}, instant{new(time.Time)}, workspace, d.Seq)
}

// FillCases opens n cases of question 1, which must be there, with each owner, stage and reason, as OpenCase and
// what follows leave them. There must be none before.
func FillCases(t testing.TB, db *DB, n int) {
	t.Helper()
	if err := db.update(t.Context(), "fill", func(x tx) error {
		if _, err := x.openCase(journal.NewCase{ID: "k1", Channel: "chat", User: "user", Dialogue: "d", Text: "text"}, time.Unix(0, 0)); err != nil {
			return err
		}
		rest := columns("", caseNames[3:])
		chosen := strings.NewReplacer(
			"owner", "CASE WHEN i % 3 = 0 THEN '' ELSE 'owner' || (i % 20) END",
			"stage", "CASE WHEN i % 1000 = 0 THEN 'awaiting' WHEN i % 4 = 0 THEN 'editing' ELSE '' END",
		).Replace(rest)
		return x.exec(`WITH RECURSIVE numbers (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM numbers WHERE i < ?)
			INSERT INTO cases (workspace, seq, id, reason, `+rest+`, question, erased)
			SELECT workspace, i, 'k' || i, CASE WHEN i % 50 = 0 THEN 'failed' ELSE 'asked' END, `+chosen+`, NULL, 0 FROM numbers, cases WHERE seq = 1`, n)
	}); err != nil {
		t.Fatal(err)
	}
}

// Exec runs a statement.
func Exec(t testing.TB, db *DB, statement string) {
	t.Helper()
	if err := db.update(t.Context(), "break", func(x tx) error { return x.exec(statement) }); err != nil {
		t.Fatal(err)
	}
}
