package sqlite

import (
	"context"
	"fmt"
	"slices"
	"time"

	"policybot/bot/channel"
	"policybot/bot/journal"
)

// pauseKept is how long a pause that is over is kept, for callers whose clock
// is behind.
const pauseKept = 24 * time.Hour

// Next implements [journal.Outbox].
func (db *DB) Next(ctx context.Context, o journal.NextOptions) (journal.Delivery, error) {
	var d delivered
	err := db.update(ctx, "take a delivery", func(t tx) error {
		seq, err := t.outgoing(o)
		if err != nil {
			return err
		}
		if seq == 0 {
			return journal.ErrNone
		}
		if err := t.exec(`UPDATE deliveries SET uncertain = CASE WHEN state = 'posting' THEN 1 ELSE uncertain END,
			state = 'posting', token = ?, lease_until = ?, attempts = attempts + 1 WHERE workspace = ? AND seq = ?`,
			random(), instant{&o.Until}, workspace, seq); err != nil {
			return err
		}
		list, err := t.deliveries(`WHERE d.workspace = ? AND d.seq = ?`, workspace, seq)
		if err != nil || len(list) == 0 {
			return err
		}
		d = list[0]
		return t.step(d.question, o.Now, "posting", map[string]any{"delivery": d.Seq, "attempt": d.Attempts})
	})
	if err != nil {
		return journal.Delivery{}, err
	}
	return d.Delivery, nil
}

// outgoing gives the seq of the delivery that is to go out next, 0 when there is none.
func (t tx) outgoing(o journal.NextOptions) (int64, error) {
	channels := o.Channels
	if channels == nil || o.Other {
		channels = nil
		var name string
		if err := t.each(`SELECT DISTINCT channel FROM deliveries WHERE workspace = ? AND state IN ('ready', 'posting')`,
			[]any{workspace}, []any{&name}, func() {
				if !o.Other || !slices.Contains(o.Channels, name) {
					channels = append(channels, name)
				}
			}); err != nil {
			return 0, err
		}
	}
	var least int64
	for _, name := range channels {
		seq, err := t.outgoingOf(name, o)
		if err != nil {
			return 0, err
		}
		if seq != 0 && (least == 0 || seq < least) {
			least = seq
		}
	}
	return least, nil
}

const outgoingQuery = `SELECT d.seq FROM deliveries d WHERE d.workspace = ? AND d.channel = ? AND d.state IN ('ready', 'posting')
	AND (d.state = 'ready' AND d.next_at <= ? OR d.state = 'posting' AND d.lease_until <= ?)
	AND NOT EXISTS (SELECT 1 FROM deliveries e WHERE e.workspace = d.workspace AND e.dialogue = d.dialogue
		AND e.state IN ('ready', 'posting') AND e.seq < d.seq)
	AND NOT EXISTS (SELECT 1 FROM pauses p WHERE p.workspace = d.workspace AND p.channel = d.channel AND p.whole = 0
		AND p.place = d.place AND p.until_time > ?)
	AND NOT (? AND EXISTS (SELECT 1 FROM deliveries b WHERE b.workspace = d.workspace AND b.channel = d.channel
		AND b.place = d.place AND b.state = 'posting' AND b.lease_until > ?))
	ORDER BY d.seq LIMIT 1`

// outgoingOf is outgoing for one channel.
func (t tx) outgoingOf(name string, o journal.NextOptions) (int64, error) {
	now := o.Now
	paused, err := t.number(`SELECT COUNT(*) FROM pauses WHERE workspace = ? AND channel = ? AND whole = 1 AND until_time > ?`,
		workspace, name, instant{&now})
	if err != nil || paused > 0 {
		return 0, err
	}
	return t.number(outgoingQuery, workspace, name, instant{&now}, instant{&now}, instant{&now}, o.Apart, instant{&now})
}

// sent gives the delivery that was given out as d, ErrLost when it was not or
// no longer is.
func (t tx) sent(d journal.Delivery) (delivered, error) {
	list, err := t.deliveries(`WHERE d.workspace = ? AND d.id = ? AND d.state = 'posting' AND d.token = ?`, workspace, d.ID, d.Token)
	if err != nil {
		return delivered{}, err
	}
	if len(list) == 0 {
		return delivered{}, fmt.Errorf("delivery %q: %w", d.ID, journal.ErrLost)
	}
	return list[0], nil
}

// Posted implements [journal.Outbox].
func (db *DB) Posted(ctx context.Context, d journal.Delivery, at time.Time, receipt channel.Receipt, pause journal.Pause) error {
	return db.update(ctx, "end a delivery", func(t tx) error {
		row, err := t.sent(d)
		if err != nil {
			return err
		}
		if err := t.exec(`UPDATE deliveries SET state = 'posted', posted_at = ?, receipt = ?, token = '', lease_until = ?
			WHERE workspace = ? AND seq = ?`, instant{&at}, string(receipt), instant{new(time.Time)}, workspace, row.Seq); err != nil {
			return err
		}
		if err := t.step(row.question, at, "posted", map[string]any{"delivery": row.Seq}); err != nil {
			return err
		}
		if err := t.closeQuestion(row, at); err != nil {
			return err
		}
		return t.pause(row.Delivery, at, pause)
	})
}

// closeQuestion ends the question of a final delivery.
func (t tx) closeQuestion(d delivered, at time.Time) error {
	if d.Purpose != journal.Final {
		return nil
	}
	return t.exec(`UPDATE questions SET state = 'closed', closed_at = ? WHERE workspace = ? AND seq = ?`,
		instant{&at}, workspace, d.question)
}

// pause keeps a delivery's place or channel from getting more.
func (t tx) pause(d journal.Delivery, at time.Time, p journal.Pause) error {
	if p.Until.IsZero() {
		return nil
	}
	place := d.Place.ID
	if p.All {
		place = ""
	}
	if err := t.exec(`INSERT INTO pauses (workspace, channel, whole, place, until_time) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (workspace, channel, whole, place) DO UPDATE SET until_time = excluded.until_time
		WHERE excluded.until_time > pauses.until_time`, workspace, d.Channel, p.All, place, instant{&p.Until}); err != nil {
		return err
	}
	over := at.Add(-pauseKept)
	return t.exec(`DELETE FROM pauses WHERE workspace = ? AND until_time < ?`, workspace, instant{&over})
}

// Later implements [journal.Outbox].
func (db *DB) Later(ctx context.Context, d journal.Delivery, l journal.Later) error {
	return db.update(ctx, "put off a delivery", func(t tx) error {
		row, err := t.sent(d)
		if err != nil {
			return err
		}
		if err := t.exec(`UPDATE deliveries SET state = 'ready', next_at = ?, why = ?, uncertain = ?, token = '', lease_until = ?
			WHERE workspace = ? AND seq = ?`,
			instant{&l.Next}, l.Why, row.Uncertain || l.Arrived, instant{new(time.Time)}, workspace, row.Seq); err != nil {
			return err
		}
		if err := t.step(row.question, l.At, "retried", why(l.Why)); err != nil {
			return err
		}
		return t.pause(row.Delivery, l.At, l.Pause)
	})
}

// GiveUp implements [journal.Outbox].
func (db *DB) GiveUp(ctx context.Context, d journal.Delivery, at time.Time, reason string, c journal.NewCase) error {
	return db.update(ctx, "give up a delivery", func(t tx) error {
		row, err := t.sent(d)
		if err != nil {
			return err
		}
		if err := t.exec(`UPDATE deliveries SET state = 'failed', why = ?, token = '', lease_until = ? WHERE workspace = ? AND seq = ?`,
			reason, instant{new(time.Time)}, workspace, row.Seq); err != nil {
			return err
		}
		if err := t.step(row.question, at, "failed", why(reason)); err != nil {
			return err
		}
		if err := t.closeQuestion(row, at); err != nil {
			return err
		}
		if row.Purpose == journal.Desk {
			return nil
		}
		c.Question = row.Question
		if c.Question == "" {
			c.Channel, c.User, c.Dialogue, c.Place, c.Reply = row.Channel, row.User, row.Dialogue, row.Place, row.Reply
		}
		_, err = t.openCase(c, at)
		return err
	})
}
