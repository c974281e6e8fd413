package memory

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"time"

	"policybot/bot/channel"
	"policybot/bot/journal"
)

// send puts a document for the asker of q into the outbox.
func (j *Journal) send(q *question, d journal.Delivery) *delivery {
	d.Question = q.ID
	d.Channel, d.User, d.Dialogue = q.Channel, q.User, q.Dialogue
	d.Place, d.Reply = q.Place, copyHandle(q.Reply)
	out := j.put(d)
	q.deliveries = append(q.deliveries, out)
	return out
}

// put adds a delivery, which is ready at once.
func (j *Journal) put(d journal.Delivery) *delivery {
	j.lastOut++
	d.ID, d.Seq, d.State = rand.Text(), j.lastOut, journal.Ready
	out := &delivery{Delivery: d}
	j.deliveries[d.ID] = out
	j.outbox = append(j.outbox, out)
	return out
}

// Next implements [journal.Outbox].
func (j *Journal) Next(ctx context.Context, o journal.NextOptions) (journal.Delivery, error) {
	if err := j.lock(ctx, "take the next delivery"); err != nil {
		return journal.Delivery{}, err
	}
	defer j.mu.Unlock()
	seen := map[string]bool{} // dialogues of which the first was looked at
	busy := map[place]bool{}  // places to which something is being posted
	for _, d := range j.outbox {
		if o.Apart && d.State == journal.Posting && d.until.After(o.Now) {
			busy[place{channel: d.Channel, id: d.Place.ID}] = true
		}
	}
	for _, d := range j.outbox {
		if seen[d.Dialogue] {
			continue
		}
		seen[d.Dialogue] = true
		if !j.due(d, o) || busy[place{channel: d.Channel, id: d.Place.ID}] {
			continue
		}
		if d.State == journal.Posting {
			d.Uncertain = true
		}
		d.State, d.Token, d.until = journal.Posting, rand.Text(), o.Until
		d.Attempts++
		j.stepOf(d, o.Now, "posting", "")
		return copyDelivery(d.Delivery), nil
	}
	return journal.Delivery{}, fmt.Errorf("take the next delivery: %w", journal.ErrNone)
}

// due reports whether a delivery of the outbox may be given now, but for its dialogue.
func (j *Journal) due(d *delivery, o journal.NextOptions) bool {
	if o.Channels != nil && slices.Contains(o.Channels, d.Channel) == o.Other {
		return false
	}
	for _, p := range []place{{channel: d.Channel, id: d.Place.ID}, {channel: d.Channel, all: true}} {
		if j.pauses[p].After(o.Now) {
			return false
		}
	}
	if d.State == journal.Posting {
		return !d.until.After(o.Now)
	}
	return !d.NextAt.After(o.Now)
}

// stepOf writes a step of the question of a delivery, if it has one.
func (j *Journal) stepOf(d *delivery, at time.Time, name, why string) {
	if q := j.byID[d.Question]; q != nil {
		addStep(q, at, name, why)
	}
}

// given finds the delivery that was given, if it is still given to the same.
func (j *Journal) given(d journal.Delivery, what string) (*delivery, error) {
	row := j.deliveries[d.ID]
	if row == nil || row.State != journal.Posting || row.Token != d.Token {
		return nil, fmt.Errorf("%s delivery %q: %w; drop it", what, d.ID, journal.ErrLost)
	}
	return row, nil
}

// pause keeps the place of a delivery or its channel from getting more.
func (j *Journal) pause(d *delivery, p journal.Pause) {
	at := place{channel: d.Channel, id: d.Place.ID}
	if p.All {
		at = place{channel: d.Channel, all: true}
	}
	if p.Until.After(j.pauses[at]) {
		j.pauses[at] = p.Until
	}
}

// end brings a delivery into a final state and takes it out of the outbox.
func (j *Journal) end(d *delivery, to journal.DeliveryState) {
	d.State, d.Token, d.until = to, "", time.Time{}
	i, found := slices.BinarySearchFunc(j.outbox, d.Seq, func(other *delivery, seq int64) int { return cmp.Compare(other.Seq, seq) })
	if found {
		j.outbox = slices.Delete(j.outbox, i, i+1)
	}
}

// closeQuestion closes the question of a final delivery.
func (j *Journal) closeQuestion(d *delivery, at time.Time) {
	if d.Purpose != journal.Final {
		return
	}
	q := j.byID[d.Question]
	j.enter(q, journal.Closed)
	q.ClosedAt = at
}

// Posted implements [journal.Outbox].
func (j *Journal) Posted(ctx context.Context, d journal.Delivery, at time.Time, receipt channel.Receipt, pause journal.Pause) error {
	if err := j.lock(ctx, "end delivery "+d.ID); err != nil {
		return err
	}
	defer j.mu.Unlock()
	row, err := j.given(d, "end")
	if err != nil {
		return err
	}
	j.end(row, journal.Posted)
	row.PostedAt, row.Receipt = at, string(receipt)
	j.pause(row, pause)
	j.stepOf(row, at, "posted", "")
	j.closeQuestion(row, at)
	return nil
}

// Later implements [journal.Outbox].
func (j *Journal) Later(ctx context.Context, d journal.Delivery, l journal.Later) error {
	if err := j.lock(ctx, "put off delivery "+d.ID); err != nil {
		return err
	}
	defer j.mu.Unlock()
	row, err := j.given(d, "put off")
	if err != nil {
		return err
	}
	row.State, row.Token, row.until = journal.Ready, "", time.Time{}
	row.NextAt, row.Why = l.Next, l.Why
	row.Uncertain = row.Uncertain || l.Arrived
	j.pause(row, l.Pause)
	j.stepOf(row, l.At, "retried", l.Why)
	return nil
}

// GiveUp implements [journal.Outbox]. The case of a delivery without a question leads to where the delivery was
// to go.
func (j *Journal) GiveUp(ctx context.Context, d journal.Delivery, at time.Time, why string, c journal.NewCase) error {
	if err := j.lock(ctx, "give up delivery "+d.ID); err != nil {
		return err
	}
	defer j.mu.Unlock()
	row, err := j.given(d, "give up")
	if err != nil {
		return err
	}
	q := j.byID[row.Question]
	if row.Purpose != journal.Desk {
		if err := j.canOpen(c, q); err != nil {
			return fmt.Errorf("give up delivery %q: %w", d.ID, err)
		}
	}
	j.end(row, journal.Failed)
	row.Why = why
	j.stepOf(row, at, "failed", why)
	j.closeQuestion(row, at)
	if row.Purpose == journal.Desk {
		return nil
	}
	if q == nil {
		c.Channel, c.User, c.Dialogue = row.Channel, row.User, row.Dialogue
		c.Place, c.Reply = row.Place, row.Reply
	}
	j.openCase(c, q, at)
	return nil
}
