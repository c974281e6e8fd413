package sqlite

import (
	"context"
	"fmt"
	"slices"
	"time"

	"policybot/bot/journal"
)

const (
	earlierSpan = time.Hour // how far back the earlier questions of a claim go
	earlierMost = 3         // how many there are at most
)

// Claim implements [journal.Queue].
func (db *DB) Claim(ctx context.Context, o journal.ClaimOptions) (journal.Claim, error) {
	var c journal.Claim
	err := db.update(ctx, "claim a question", func(t tx) error {
		seq, err := t.due(o)
		if err != nil {
			return err
		}
		if seq == 0 {
			return journal.ErrNone
		}
		c.Token = random()
		if err := t.exec(`UPDATE questions SET state = 'claimed', token = ?, lease_until = ?, attempts = attempts + 1
			WHERE workspace = ? AND seq = ?`, c.Token, instant{&o.Until}, workspace, seq); err != nil {
			return err
		}
		if c.Question, _, err = t.question(seq); err != nil {
			return err
		}
		if c.Earlier, err = t.earlier(c.Question); err != nil {
			return err
		}
		return t.step(seq, o.Now, "claimed", map[string]any{"attempt": c.Question.Attempts})
	})
	if err != nil {
		return journal.Claim{}, err
	}
	return c, nil
}

// The queries that look for work must each have an index: see the test of plans.
const (
	waitingQuery = `SELECT q.turn, q.seq FROM questions q WHERE q.workspace = ? AND q.state = 'waiting' AND q.not_before <= ?` + inTurn
	lapsedQuery  = `SELECT q.turn, q.seq FROM questions q WHERE q.workspace = ? AND q.state = 'claimed' AND q.lease_until <= ?` + inTurn
	dueOrder     = ` ORDER BY q.turn, q.seq LIMIT 1`
)

// inTurn keeps out questions before which another one of the dialogue is
// waiting or claimed.
const inTurn = ` AND NOT EXISTS (SELECT 1 FROM questions e WHERE e.workspace = q.workspace AND e.dialogue = q.dialogue
	AND e.state IN ('waiting', 'claimed') AND e.seq < q.seq)`

// due gives the seq of the question that is to be answered next, 0 when there is none.
func (t tx) due(o journal.ClaimOptions) (int64, error) {
	var before string
	args := []any{workspace, instant{&o.Now}}
	if !o.AcceptedBefore.IsZero() {
		before = ` AND q.accepted_at < ?`
		args = append(args, instant{&o.AcceptedBefore})
	}
	var first, second struct{ turn, seq int64 }
	waits, err := t.get(waitingQuery+before+dueOrder, args, []any{&first.turn, &first.seq})
	if err != nil {
		return 0, err
	}
	lapsed, err := t.get(lapsedQuery+before+dueOrder, args, []any{&second.turn, &second.seq})
	if err != nil {
		return 0, err
	}
	if lapsed && (!waits || second.turn < first.turn || second.turn == first.turn && second.seq < first.seq) {
		return second.seq, nil
	}
	return first.seq, nil
}

var earlierQuery = answerQuery + `
	WHERE q.workspace = ? AND q.dialogue = ? AND q.asked_at >= ? AND q.asked_at <= ? AND q.seq < ?
	AND q.state IN ('answered', 'closed') ORDER BY q.seq DESC LIMIT ?`

// earlier gives the latest answered questions of a dialogue, oldest first.
func (t tx) earlier(q journal.Question) ([]journal.Question, error) {
	var found []journal.Question
	var one journal.Question
	since := q.AskedAt.Add(-earlierSpan)
	err := t.each(earlierQuery,
		[]any{workspace, q.Dialogue, instant{&since}, instant{&q.AskedAt}, q.Seq, earlierMost},
		answerFields(&one), func() { found = append(found, one) })
	slices.Reverse(found)
	return found, err
}

// held gives the question that is claimed by c, ErrLost when it no longer is.
func (t tx) held(c journal.Claim) (journal.Question, error) {
	var q journal.Question
	found, err := t.get(briefQuery+`WHERE q.workspace = ? AND q.id = ? AND q.state = 'claimed' AND q.token = ?`,
		[]any{workspace, c.Question.ID, c.Token}, questionFields(&q))
	if err == nil && !found {
		err = fmt.Errorf("question %q: %w", c.Question.ID, journal.ErrLost)
	}
	return q, err
}

// Renew implements [journal.Queue].
func (db *DB) Renew(ctx context.Context, c journal.Claim, until time.Time) error {
	return db.update(ctx, "renew a claim", func(t tx) error {
		q, err := t.held(c)
		if err != nil {
			return err
		}
		return t.exec(`UPDATE questions SET lease_until = ? WHERE workspace = ? AND seq = ?`, instant{&until}, workspace, q.Seq)
	})
}

// Complete implements [journal.Queue].
func (db *DB) Complete(ctx context.Context, c journal.Claim, r journal.Result) error {
	return db.update(ctx, "complete a question", func(t tx) error {
		q, err := t.held(c)
		if err != nil {
			return err
		}
		if err := t.exec(`UPDATE questions SET state = 'answered', outcome = ?, reason = ?, answered_at = ?, token = '', lease_until = ?
			WHERE workspace = ? AND seq = ?`, r.Outcome, r.Reason, instant{&r.At}, instant{new(time.Time)}, workspace, q.Seq); err != nil {
			return err
		}
		q.Outcome, q.Reason, q.Answer, q.Record = r.Outcome, r.Reason, r.Answer, r.Record
		if err := t.addRecord(&q); err != nil {
			return err
		}
		if err := t.noteAnswer(q); err != nil {
			return err
		}
		if err := t.step(q.Seq, r.At, "answered", map[string]any{"outcome": r.Outcome}); err != nil {
			return err
		}
		final := deliveryOf(q, journal.Final, r.Doc, r.At)
		if r.Fetched {
			final.State, final.PostedAt = journal.Posted, exact(r.At)
		}
		if err := t.addDelivery(&final, q.Seq); err != nil {
			return err
		}
		if r.Fetched {
			if err := t.step(q.Seq, r.At, "posted", map[string]any{"delivery": final.Seq}); err != nil {
				return err
			}
			if err := t.closeQuestion(delivered{final, q.Seq}, r.At); err != nil {
				return err
			}
		}
		if err := t.addTokens(q.Seq, r.Tokens); err != nil {
			return err
		}
		if r.Case == nil {
			return nil
		}
		opened := *r.Case
		if opened.Question == "" {
			opened.Question = q.ID
		}
		_, err = t.openCase(opened, r.At)
		return err
	})
}

// addTokens makes the buttons of a question usable.
func (t tx) addTokens(seq int64, tokens []journal.Token) error {
	for _, token := range tokens {
		if err := t.exec(`INSERT INTO tokens (workspace, token, question, does) VALUES (?, ?, ?, ?)`,
			workspace, token.Token, seq, token.Does); err != nil {
			return err
		}
	}
	return nil
}

// Release implements [journal.Queue].
func (db *DB) Release(ctx context.Context, c journal.Claim, r journal.Release) error {
	return db.update(ctx, "release a question", func(t tx) error {
		q, err := t.held(c)
		if err != nil {
			return err
		}
		if r.Free {
			q.Attempts--
		}
		if err := t.exec(`UPDATE questions SET state = 'waiting', not_before = ?, attempts = ?, token = '', lease_until = ?
			WHERE workspace = ? AND seq = ?`, instant{&r.NotBefore}, q.Attempts, instant{new(time.Time)}, workspace, q.Seq); err != nil {
			return err
		}
		return t.step(q.Seq, r.At, "released", why(r.Why))
	})
}
