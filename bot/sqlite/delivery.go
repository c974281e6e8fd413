package sqlite

import (
	"encoding/json"
	"time"

	"policybot/bot/channel"
	"policybot/bot/journal"
)

// deliveryNames are the columns of deliveries that a [journal.Delivery] has,
// but its question and document, in the order of deliveryFields.
var deliveryNames = []string{
	"seq", "id", "case_id", "purpose", "channel", "asker", "dialogue", "place", "thread", "in_group", "reply", "reply_expires",
	"state", "token", "attempts", "uncertain", "created_at", "next_at", "posted_at", "receipt", "why",
}

// deliveryFields points at what deliveryNames keep, to be read from or written to.
func deliveryFields(d *journal.Delivery) []any {
	return []any{
		&d.Seq, &d.ID, &d.Case, &d.Purpose, &d.Channel, &d.User, &d.Dialogue, &d.Place.ID, &d.Place.Thread, &d.Place.Group,
		blob{&d.Reply.Data},
		instant{&d.Reply.Expires},
		&d.State, &d.Token, &d.Attempts, &d.Uncertain,
		instant{&d.CreatedAt},
		instant{&d.NextAt},
		instant{&d.PostedAt},
		&d.Receipt, &d.Why,
	}
}

var (
	deliveryQuery = `SELECT ` + columns("d.", deliveryNames) + `, COALESCE(q.id, ''), COALESCE(d.question, 0), COALESCE(m.doc, '') FROM deliveries d
		LEFT JOIN questions q ON q.workspace = d.workspace AND q.seq = d.question
		LEFT JOIN documents m ON m.workspace = d.workspace AND m.delivery = d.seq `
	insertDelivery = `INSERT INTO deliveries (` + columns("", deliveryNames) + `, workspace, question, lease_until)
		VALUES (` + marks(len(deliveryNames)) + `, ?, ?, ?)`
)

// A delivered is a delivery with the seq of its question, 0 when it has none.
type delivered struct {
	journal.Delivery
	question int64
}

// deliveries reads deliveries with their documents.
func (t tx) deliveries(rest string, args ...any) ([]delivered, error) {
	var found []delivered
	var d delivered
	var doc string
	var damaged error
	fields := append(deliveryFields(&d.Delivery), &d.Question, &d.question, &doc)
	err := t.each(deliveryQuery+rest, args, fields, func() {
		d.Doc = channel.Doc{}
		if doc != "" {
			if err := json.Unmarshal([]byte(doc), &d.Doc); err != nil {
				damaged = t.file.Corrupt("document of delivery %q: %w", d.ID, err)
			}
		}
		found = append(found, d)
	})
	if err == nil {
		err = damaged
	}
	return found, err
}

// deliveryOf makes the delivery of a document to where a question came from.
func deliveryOf(q journal.Question, p journal.Purpose, doc channel.Doc, at time.Time) journal.Delivery {
	return journal.Delivery{
		Question: q.ID, Purpose: p, Channel: q.Channel, User: q.User, Dialogue: q.Dialogue, Place: q.Place, Reply: q.Reply,
		Doc: doc, CreatedAt: at,
	}
}

// addDelivery stores a delivery, which is ready unless it says something else, and gives it its Seq and ID.
func (t tx) addDelivery(d *journal.Delivery, question int64) error {
	var err error
	if d.Seq, err = t.next("deliveries"); err != nil {
		return err
	}
	d.ID = random()
	if d.State == "" {
		d.State = journal.Ready
	}
	args := append(deliveryFields(d), workspace, reference(question), instant{new(time.Time)})
	if err := t.exec(insertDelivery, args...); err != nil {
		return err
	}
	doc, err := jsonText(d.Doc)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO documents (workspace, delivery, doc) VALUES (?, ?, ?)`, workspace, d.Seq, doc)
}
