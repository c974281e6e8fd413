package sqlite

import (
	"context"
	"fmt"
	"time"
)

// Check reads the whole database and returns an engine.Error of Kind
// Corrupt for the first thing that is not as this package leaves it: SQLite's
// own structure, references between tables, and the rules that questions,
// their replies, cases and accounts keep, and the chain of the audit. Its time
// grows with the size of the file; writers go on meanwhile.
func (db *DB) Check(ctx context.Context) error {
	if err := db.file.Integrity(ctx); err != nil {
		return err
	}
	return db.read(ctx, "check", func(t tx) error {
		for _, r := range rules {
			var bad string
			found, err := t.get(r.find, []any{workspace}, []any{&bad})
			if err != nil {
				return fmt.Errorf("whether %s: %w", r.says, err)
			}
			if found {
				return db.file.Corrupt("%s: not so for %s", r.says, bad)
			}
		}
		if err := t.checkAccounts(); err != nil {
			return err
		}
		return t.checkContents()
	})
}

// A rule is something that holds for every row; find gives one that breaks it.
type rule struct{ says, find string }

// noTime is the zero time as columns keep it.
var noTime = fmt.Sprint(time.Time{}.UnixMicro())

// finals is a subquery for how many final deliveries a question has in some states.
func finals(states string) string {
	return `(SELECT COUNT(*) FROM deliveries d WHERE d.workspace = q.workspace AND d.question = q.seq
		AND d.purpose = 'final' AND d.state IN (` + states + `))`
}

const (
	oneQuestion = `SELECT q.id FROM questions q WHERE q.workspace = ? AND `
	oneDelivery = `SELECT d.id FROM deliveries d WHERE d.workspace = ? AND `
	oneCase     = `SELECT k.id FROM cases k WHERE k.workspace = ? AND `
	anyFinal    = `'ready', 'posting', 'posted', 'failed', 'dropped'`
)

var rules = []rule{
	{
		"the state of a question is known",
		oneQuestion + `q.state NOT IN ('waiting', 'claimed', 'answered', 'closed', 'cancelled', 'refused') LIMIT 1`,
	},
	{
		"an answered question has one final reply, which is under way",
		oneQuestion + `q.state = 'answered' AND (` + finals(`'ready', 'posting'`) + ` <> 1 OR ` + finals(anyFinal) + ` <> 1) LIMIT 1`,
	},
	{
		"a closed question has one final reply, which was posted or given up",
		oneQuestion + `q.state = 'closed' AND (` + finals(`'posted', 'failed'`) + ` <> 1 OR ` + finals(anyFinal) + ` <> 1) LIMIT 1`,
	},
	{
		"no other question has a final reply, but an erased one that had it before",
		oneQuestion + `q.state IN ('waiting', 'claimed', 'cancelled', 'refused')
			AND (q.erased = 0 AND ` + finals(anyFinal) + ` > 0 OR ` + finals(`'ready', 'posting', 'posted', 'failed'`) + ` > 0) LIMIT 1`,
	},
	{
		"a question has a token while it is claimed and at no other time",
		oneQuestion + `(q.state = 'claimed') <> (q.token <> '') LIMIT 1`,
	},
	{
		"an answered or closed question has a time of its answer",
		oneQuestion + `q.state IN ('answered', 'closed') AND q.answered_at = ` + noTime + ` LIMIT 1`,
	},
	{
		"an answered, closed or refused question has its answer until it is erased",
		oneQuestion + `q.state IN ('answered', 'closed', 'refused') AND q.erased = 0
			AND NOT EXISTS (SELECT 1 FROM records r WHERE r.workspace = q.workspace AND r.question = q.seq) LIMIT 1`,
	},
	{
		"an erased question has nothing of its asker",
		oneQuestion + `q.erased = 1 AND (q.asker <> '' OR q.dialogue <> '' OR q.place <> '' OR q.thread <> '' OR q.text <> ''
			OR q.quote <> '' OR q.about <> '' OR q.org <> '' OR q.profile <> '' OR q.digest <> '' OR q.reply IS NOT NULL
			OR q.state IN ('waiting', 'claimed', 'answered')
			OR EXISTS (SELECT 1 FROM records r WHERE r.workspace = q.workspace AND r.question = q.seq)) LIMIT 1`,
	},
	{
		"a question has its facts",
		oneQuestion + `NOT EXISTS (SELECT 1 FROM facts f WHERE f.workspace = q.workspace AND f.question = q.seq) LIMIT 1`,
	},
	{
		"the facts of an erased question tell nothing, and it has no reviews",
		oneQuestion + `q.erased = 1 AND (EXISTS (SELECT 1 FROM facts f WHERE f.workspace = q.workspace AND f.question = q.seq
			AND (f.ask <> '' OR f.said <> 0 OR f.reason <> '' OR f.model <> '' OR f.clauses <> '' OR f.documents <> '' OR f.places <> ''))
			OR EXISTS (SELECT 1 FROM reviews r WHERE r.workspace = q.workspace AND r.question = q.seq)) LIMIT 1`,
	},
	{
		"the text of an answer is there as long as a question has it",
		`SELECT CAST(a.id AS TEXT) FROM answer_texts a LEFT JOIN (SELECT workspace, said, COUNT(*) AS n FROM facts GROUP BY workspace, said) s
			ON s.workspace = a.workspace AND s.said = a.id
			WHERE a.workspace = ? AND (s.n IS NULL OR s.n <> a.uses) LIMIT 1`,
	},
	{
		"a question has a first step",
		oneQuestion + `NOT EXISTS (SELECT 1 FROM steps s WHERE s.workspace = q.workspace AND s.question = q.seq AND s.n = 1) LIMIT 1`,
	},
	{
		"the steps of a question have no gaps",
		`SELECT q.id FROM questions q JOIN steps s ON s.workspace = q.workspace AND s.question = q.seq
			WHERE q.workspace = ? GROUP BY q.id HAVING MAX(s.n) <> COUNT(*) LIMIT 1`,
	},
	{
		"a key stands for a question that is there or forgotten",
		`SELECT k.id FROM keys k WHERE k.workspace = ?
			AND NOT EXISTS (SELECT 1 FROM questions q WHERE q.workspace = k.workspace AND q.id = k.id AND q.seq = k.question)
			AND NOT EXISTS (SELECT 1 FROM forgotten f WHERE f.workspace = k.workspace AND f.id = k.id) LIMIT 1`,
	},
	{
		"a forgotten question is not there",
		`SELECT f.id FROM forgotten f JOIN questions q ON q.workspace = f.workspace AND q.id = f.id WHERE f.workspace = ? LIMIT 1`,
	},
	{
		"the state of a delivery is known",
		oneDelivery + `d.state NOT IN (` + anyFinal + `) LIMIT 1`,
	},
	{
		"a delivery has a token while it is posting and at no other time",
		oneDelivery + `(d.state = 'posting') <> (d.token <> '') LIMIT 1`,
	},
	{
		"a delivery under way has its document",
		oneDelivery + `d.state IN ('ready', 'posting')
			AND NOT EXISTS (SELECT 1 FROM documents m WHERE m.workspace = d.workspace AND m.delivery = d.seq) LIMIT 1`,
	},
	{
		"a delivery belongs to a question or a case",
		oneDelivery + `d.question IS NULL AND d.case_id = '' LIMIT 1`,
	},
	{
		"a replied case has its delivery, and no other has one",
		oneCase + `(k.state = 'replied') <> EXISTS (SELECT 1 FROM deliveries d WHERE d.workspace = k.workspace
			AND d.id = k.delivery AND d.purpose = 'staff' AND d.case_id = k.id) LIMIT 1`,
	},
	{
		"the state of a case is known",
		oneCase + `k.state NOT IN ('open', 'replied', 'closed') LIMIT 1`,
	},
	{
		"the drafts of a case have no gaps, and it knows the latest",
		oneCase + `(k.earlier > k.revision
			OR k.revision <> (SELECT COUNT(*) FROM drafts d WHERE d.workspace = k.workspace AND d.case_seq = k.seq)
			OR k.revision <> (SELECT COALESCE(MAX(d.n), 0) FROM drafts d WHERE d.workspace = k.workspace AND d.case_seq = k.seq)) LIMIT 1`,
	},
	{
		"a case is approved in that stage alone, by somebody who did not write the draft, which is the latest",
		oneCase + `((k.stage = 'approved') <> (k.approved > 0) OR k.approved > 0 AND (k.approved <> k.revision OR k.approved <= k.earlier
			OR EXISTS (SELECT 1 FROM drafts d WHERE d.workspace = k.workspace AND d.case_seq = k.seq AND d.n = k.approved
				AND d.author = k.approved_by))) LIMIT 1`,
	},
	{
		"an erased case has nothing of its asker",
		oneCase + `k.erased = 1 AND (k.asker <> '' OR k.dialogue <> '' OR k.place <> '' OR k.thread <> '' OR k.reply IS NOT NULL
			OR k.response <> '' OR k.return_reason <> ''
			OR EXISTS (SELECT 1 FROM drafts d WHERE d.workspace = k.workspace AND d.case_seq = k.seq AND d.text <> '')) LIMIT 1`,
	},
	{
		"numbers are given once: questions",
		oneQuestion + `q.seq > (SELECT c.value FROM counters c WHERE c.workspace = q.workspace AND c.name = 'questions') LIMIT 1`,
	},
	{
		"numbers are given once: deliveries",
		oneDelivery + `d.seq > (SELECT c.value FROM counters c WHERE c.workspace = d.workspace AND c.name = 'deliveries') LIMIT 1`,
	},
	{
		"numbers are given once: cases",
		oneCase + `k.seq > (SELECT c.value FROM counters c WHERE c.workspace = k.workspace AND c.name = 'cases') LIMIT 1`,
	},
	{
		"the role of an account is known",
		`SELECT a.id FROM accounts a WHERE a.workspace = ? AND a.role NOT IN ('viewer', 'staff', 'ops', 'admin') LIMIT 1`,
	},
	{
		"a session belongs to an account that is not disabled",
		`SELECT s.id FROM sessions s WHERE s.workspace = ? AND NOT EXISTS
			(SELECT 1 FROM accounts a WHERE a.workspace = s.workspace AND a.id = s.account AND a.disabled = 0) LIMIT 1`,
	},
	{
		"a code is for the first admin or for an account that is not disabled",
		`SELECT c.account FROM codes c WHERE c.workspace = ? AND ((c.purpose = 'setup') <> (c.account = '') OR c.account <> '' AND NOT EXISTS
			(SELECT 1 FROM accounts a WHERE a.workspace = c.workspace AND a.id = c.account AND a.disabled = 0)) LIMIT 1`,
	},
}

// checkContents reads what columns hold of everything that is under way.
func (t tx) checkContents() error {
	if _, err := t.deliveries(`WHERE d.workspace = ? AND d.state IN ('ready', 'posting')`, workspace); err != nil {
		return err
	}
	_, err := t.cases(`WHERE k.workspace = ? AND k.state = 'open'`, workspace)
	return err
}
