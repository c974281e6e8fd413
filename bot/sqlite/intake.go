package sqlite

import (
	"context"
	"fmt"

	"policybot/bot/channel"
	"policybot/bot/journal"
)

// Accept implements [journal.Intake].
func (db *DB) Accept(ctx context.Context, a journal.Arrival) (journal.Accepted, error) {
	var done journal.Accepted
	err := db.update(ctx, "accept a question", func(t tx) error {
		known, err := t.known(a)
		if err != nil {
			return err
		}
		anew := false
		if known != nil && a.Reask {
			if anew, err = t.asksAnew(a, *known); err != nil {
				return err
			}
		}
		if known != nil && !anew {
			done, err = t.duplicate(a, *known)
			return err
		}
		if done, err = t.admit(a); err != nil || !anew {
			return err
		}
		return t.exec(`UPDATE keys SET question = ?, id = ? WHERE workspace = ? AND question = ?`,
			done.Question.Seq, done.Question.ID, workspace, known.seq)
	})
	if err != nil {
		return journal.Accepted{}, err
	}
	return done, nil
}

// A keyed question is what a key stands for. The question itself may be forgotten.
type keyed struct {
	seq int64
	id  string
}

// known finds the question of an arrival's keys, nil when both are new.
func (t tx) known(a journal.Arrival) (*keyed, error) {
	k, err := t.byKey(a.Question.Channel, deliveryKey, a.DeliveryKey)
	if k != nil || err != nil {
		return k, err
	}
	return t.byKey(a.Question.Channel, contentKey, a.ContentKey)
}

// asksAnew reports whether an arrival asks a refused question once more.
func (t tx) asksAnew(a journal.Arrival, k keyed) (bool, error) {
	n, err := t.number(`SELECT COUNT(*) FROM questions WHERE workspace = ? AND seq = ? AND state = 'refused' AND digest = ?`,
		workspace, k.seq, a.Question.Digest)
	return n > 0, err
}

// byKey finds the question of one key, nil when it is new.
func (t tx) byKey(channel, kind, key string) (*keyed, error) {
	if key == "" {
		return nil, nil
	}
	var k keyed
	found, err := t.get(`SELECT question, id FROM keys WHERE workspace = ? AND hash = ?`,
		[]any{workspace, keyHash(channel, kind, key)}, []any{&k.seq, &k.id})
	if !found {
		return nil, err
	}
	return &k, nil
}

// remember keeps the keys of an arrival that are new.
func (t tx) remember(a journal.Arrival, k keyed) error {
	for _, key := range []struct{ kind, key string }{{deliveryKey, a.DeliveryKey}, {contentKey, a.ContentKey}} {
		if key.key == "" {
			continue
		}
		if err := t.exec(`INSERT INTO keys (workspace, hash, question, id) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			workspace, keyHash(a.Question.Channel, key.kind, key.key), k.seq, k.id); err != nil {
			return err
		}
	}
	return nil
}

// duplicate notes that a question arrived again. Of one that is forgotten only
// what its key tells is returned.
func (t tx) duplicate(a journal.Arrival, k keyed) (journal.Accepted, error) {
	if err := t.remember(a, k); err != nil {
		return journal.Accepted{}, err
	}
	there, err := t.changed(`UPDATE questions SET duplicates = duplicates + 1 WHERE workspace = ? AND seq = ?`, workspace, k.seq)
	if err != nil {
		return journal.Accepted{}, err
	}
	if err := t.exec(`UPDATE facts SET duplicates = duplicates + 1 WHERE workspace = ? AND question = ?`, workspace, k.seq); err != nil {
		return journal.Accepted{}, err
	}
	if !there {
		gone := journal.Question{ID: k.id, Channel: a.Question.Channel, State: journal.Closed}
		return journal.Accepted{Question: gone, Duplicate: true}, nil
	}
	if err := t.step(k.seq, a.Question.AcceptedAt, "duplicate", nil); err != nil {
		return journal.Accepted{}, err
	}
	q, _, err := t.question(k.seq)
	return journal.Accepted{Question: q, Duplicate: true}, err
}

// admit stores a question that is new, and refuses it when it must.
func (t tx) admit(a journal.Arrival) (journal.Accepted, error) {
	q, err := t.arrived(a)
	if err != nil {
		return journal.Accepted{}, err
	}
	if q.Reason, err = t.refusal(a); err != nil {
		return journal.Accepted{}, err
	}
	if q.Reason != "" {
		q.State, q.Outcome = journal.Refused, "refused"
	} else if q.Turn, err = t.turn(q.User); err != nil {
		return journal.Accepted{}, err
	}
	if err := t.addQuestion(&q); err != nil {
		return journal.Accepted{}, err
	}
	if err := t.noteAsked(q); err != nil {
		return journal.Accepted{}, err
	}
	if err := t.remember(a, keyed{q.Seq, q.ID}); err != nil {
		return journal.Accepted{}, err
	}
	if err := t.meet(q.User, a.Person); err != nil {
		return journal.Accepted{}, err
	}
	done := journal.Accepted{Question: q}
	if q.State == journal.Refused {
		done.Told, err = t.refuse(a, &done.Question)
		return done, err
	}
	return done, t.step(q.Seq, q.AcceptedAt, "accepted", nil)
}

// arrived makes the row of a question at the door, as one that waits.
func (t tx) arrived(a journal.Arrival) (journal.Question, error) {
	from := a.Question
	q := journal.Question{
		ID: from.ID, Channel: from.Channel, User: from.User, Dialogue: from.Dialogue, Place: from.Place, Lang: from.Lang,
		Reply: channel.Handle{Data: from.Reply.Data, Expires: exact(from.Reply.Expires)},
		Text:  from.Text, Masked: from.Masked, Quote: from.Quote, About: from.About, History: from.History, Profile: from.Profile, Org: from.Org,
		AsOf: from.AsOf, Digest: from.Digest, AskedAt: exact(from.AskedAt), AcceptedAt: exact(from.AcceptedAt), State: journal.Waiting,
	}
	var err error
	if q.ID, err = t.freeID(a); err != nil {
		return q, err
	}
	q.Seq, err = t.next("questions")
	return q, err
}

// freeID gives the id that a question gets.
func (t tx) freeID(a journal.Arrival) (string, error) {
	for _, id := range []string{a.Question.ID, a.OtherID} {
		if id == "" {
			continue
		}
		taken, err := t.number(`SELECT COUNT(*) FROM (SELECT id FROM questions WHERE workspace = ? AND id = ?
			UNION ALL SELECT id FROM forgotten WHERE workspace = ? AND id = ?) AS known`, workspace, id, workspace, id)
		if err != nil || taken == 0 {
			return id, err
		}
	}
	return "", fmt.Errorf("other questions have id %q and OtherID %q, or they are empty; give a random OtherID", a.Question.ID, a.OtherID)
}

// refusal gives the reason why a question must be refused, "" when it need not.
func (t tx) refusal(a journal.Arrival) (string, error) {
	if a.Refuse != "" {
		return a.Refuse, nil
	}
	if limit := a.Limits.PerUser; limit > 0 {
		n, err := t.number(`SELECT COUNT(*) FROM (SELECT 1 FROM questions
			WHERE workspace = ? AND asker = ? AND state IN ('waiting', 'claimed') LIMIT ?) AS few`, workspace, a.Question.User, limit)
		if err != nil || n >= int64(limit) {
			return journal.ReasonUserBusy, err
		}
	}
	if limit := a.Limits.Total; limit > 0 {
		n, err := t.number(`SELECT COUNT(*) FROM (SELECT 1 FROM questions
			WHERE workspace = ? AND state = 'waiting' LIMIT ?) AS few`, workspace, limit)
		if err != nil || n >= int64(limit) {
			return journal.ReasonBusy, err
		}
	}
	return "", nil
}

// turn gives the turn of a user's next question.
func (t tx) turn(user string) (int64, error) {
	least, err := t.number(`SELECT MIN(turn) FROM questions WHERE workspace = ? AND state = 'waiting'`, workspace)
	if err != nil {
		return 0, err
	}
	latest := int64(0)
	found, err := t.get(`SELECT turn FROM questions WHERE workspace = ? AND asker = ? AND state IN ('waiting', 'claimed')
		ORDER BY seq DESC LIMIT 1`, []any{workspace, user}, []any{&latest})
	if err != nil || !found {
		return max(least, 1), err
	}
	return max(least, latest+1), nil
}

// meet keeps who a user is.
func (t tx) meet(user string, p journal.Person) error {
	if p == (journal.Person{}) {
		return nil
	}
	return t.exec(`INSERT INTO people (workspace, asker, platform, tenant, id) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (workspace, asker) DO UPDATE SET platform = excluded.platform, tenant = excluded.tenant, id = excluded.id`,
		workspace, user, p.Platform, p.Tenant, p.ID)
}

// refuse gives a refused question its answer and, unless its user was told
// lately, a notice. It reports whether there is a notice.
func (t tx) refuse(a journal.Arrival, q *journal.Question) (bool, error) {
	if a.Refusal == nil {
		return false, fmt.Errorf("question %q is refused (%s) and its arrival has no Refusal; give one", q.ID, q.Reason)
	}
	if err := t.step(q.Seq, q.AcceptedAt, "refused", why(q.Reason)); err != nil {
		return false, err
	}
	doc, answer := a.Refusal(q.ID, q.Reason)
	q.Answer = answer
	if err := t.addRecord(q); err != nil {
		return false, err
	}
	if err := t.noteAnswer(*q); err != nil {
		return false, err
	}
	told, err := t.toldLately(a, *q)
	if err != nil || told || a.Fetched {
		return false, err
	}
	notice := deliveryOf(*q, journal.Notice, doc, q.AcceptedAt)
	return true, t.addDelivery(&notice, q.Seq)
}

// toldLately reports whether a user was told of the same refusal so lately
// that it need not be said again.
func (t tx) toldLately(a journal.Arrival, q journal.Question) (bool, error) {
	if a.TellOnce <= 0 {
		return false, nil
	}
	after := q.AcceptedAt.Add(-a.TellOnce)
	const told = `SELECT COUNT(*) FROM deliveries d JOIN questions q ON q.workspace = d.workspace AND q.seq = d.question
		WHERE d.workspace = ? AND d.asker = ? AND d.purpose = 'notice' AND d.created_at > ? AND q.reason = ?`
	args := []any{workspace, q.User, instant{&after}, q.Reason}
	if n, err := t.number(told, args...); err != nil || n == 0 || n >= int64(max(a.TellMost, 1)) {
		return n > 0, err
	}
	same, err := t.number(told+` AND q.digest = ? AND q.digest <> ''`, append(args, q.Digest)...)
	return same > 0, err
}
