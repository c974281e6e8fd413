package memory

import (
	"context"
	"fmt"
	"slices"

	"policybot/bot/journal"
)

// Accept implements [journal.Intake]. A delivery key that is known counts before a content key. An empty key
// stands for nothing.
func (j *Journal) Accept(ctx context.Context, a journal.Arrival) (journal.Accepted, error) {
	if err := j.lock(ctx, "accept question "+a.Question.ID); err != nil {
		return journal.Accepted{}, err
	}
	defer j.mu.Unlock()
	old, known := j.known(a)
	if known && !j.asksAnew(old, a) {
		return j.duplicate(old, a), nil
	}
	id, err := j.freeID(a)
	if err != nil {
		return journal.Accepted{}, err
	}
	reason := j.refusal(a)
	if reason != "" && a.Refusal == nil {
		return journal.Accepted{}, fmt.Errorf("refuse question %s for %q: the arrival has no Refusal; give one", id, reason)
	}
	q := &question{Question: taken(a.Question)}
	q.ID = id
	j.lastSeq++
	q.Seq = j.lastSeq
	if reason == "" {
		q.Turn = j.turn(q.User)
	}
	if known {
		j.repoint(old, q.ID)
	}
	j.store(q, a)
	if reason != "" {
		j.refuse(q, reason, a)
	} else {
		j.enter(q, journal.Waiting)
		addStep(q, q.AcceptedAt, "accepted", "")
	}
	return journal.Accepted{Question: copyQuestion(q.Question), Told: q.told}, nil
}

// taken gives what is taken of the question of an arrival.
func taken(q journal.Question) journal.Question {
	return copyQuestion(journal.Question{
		Channel: q.Channel, User: q.User, Dialogue: q.Dialogue, Place: q.Place, Reply: q.Reply, Lang: q.Lang,
		Text: q.Text, Masked: q.Masked, Quote: q.Quote, About: q.About, History: q.History, Profile: q.Profile, Org: q.Org,
		AsOf: q.AsOf, Digest: q.Digest, AskedAt: q.AskedAt, AcceptedAt: q.AcceptedAt,
	})
}

// known finds the question of one of the arrival's keys.
func (j *Journal) known(a journal.Arrival) (id string, known bool) {
	for _, k := range arrivalKeys(a) {
		if id, known = j.keys[k]; known {
			return id, true
		}
	}
	return "", false
}

// asksAnew reports whether an arrival asks a refused question once more.
func (j *Journal) asksAnew(id string, a journal.Arrival) bool {
	q := j.byID[id]
	return a.Reask && q != nil && q.State == journal.Refused && q.Digest == a.Question.Digest
}

// repoint lets the keys of one question stand for another.
func (j *Journal) repoint(from, to string) {
	for k, id := range j.keys {
		if id == from {
			j.keys[k] = to
		}
	}
}

// arrivalKeys gives the keys of an arrival that are not empty.
func arrivalKeys(a journal.Arrival) []key {
	keys := []key{
		{channel: a.Question.Channel, text: a.DeliveryKey},
		{channel: a.Question.Channel, text: a.ContentKey, content: true},
	}
	return slices.DeleteFunc(keys, func(k key) bool { return k.text == "" })
}

// remember stores the keys of an arrival that are not known yet.
func (j *Journal) remember(id string, a journal.Arrival) {
	for _, k := range arrivalKeys(a) {
		if _, known := j.keys[k]; !known {
			j.keys[k] = id
		}
	}
}

// duplicate notes that a question arrived again. Of a forgotten one nothing but its keys is known.
func (j *Journal) duplicate(id string, a journal.Arrival) journal.Accepted {
	j.remember(id, a)
	q, ok := j.byID[id]
	if !ok {
		gone := journal.Question{ID: id, Channel: a.Question.Channel, State: journal.Closed}
		return journal.Accepted{Question: gone, Duplicate: true}
	}
	q.Duplicates++
	addStep(q, a.Question.AcceptedAt, "duplicate", "")
	return journal.Accepted{Question: copyQuestion(q.Question), Duplicate: true}
}

// freeID gives the id that the arrival's question gets. An id is never given twice, so that the keys of a
// forgotten question keep their meaning.
func (j *Journal) freeID(a journal.Arrival) (string, error) {
	for _, id := range []string{a.Question.ID, a.OtherID} {
		if id != "" && !j.ids[id] {
			return id, nil
		}
	}
	return "", fmt.Errorf("accept question %q: another question has this id and OtherID %q too, or they are empty; give a random OtherID",
		a.Question.ID, a.OtherID)
}

// refusal says why the arrival's question is not taken, "" when it is.
func (j *Journal) refusal(a journal.Arrival) string {
	if a.Refuse != "" {
		return a.Refuse
	}
	if most := a.Limits.PerUser; most > 0 && len(j.underWay(a.Question.User)) >= most {
		return journal.ReasonUserBusy
	}
	if most := a.Limits.Total; most > 0 && j.counts[journal.Waiting] >= most {
		return journal.ReasonBusy
	}
	return ""
}

// underWay gives the questions of a user that are waiting or claimed, by Seq.
func (j *Journal) underWay(user string) []*question {
	var list []*question
	for _, q := range j.byUser[user] {
		if queued(q.State) {
			list = append(list, q)
		}
	}
	return list
}

// turn gives the Turn of a user's next question.
func (j *Journal) turn(user string) int64 {
	turn := int64(1)
	if list := j.underWay(user); len(list) > 0 {
		turn = list[len(list)-1].Turn + 1
	}
	for _, q := range j.queue { // by Turn: the first that is waiting has the smallest
		if q.State == journal.Waiting {
			return max(turn, q.Turn)
		}
	}
	return turn
}

// store adds a question that has no state yet.
func (j *Journal) store(q *question, a journal.Arrival) {
	j.counts[q.State]++ // enter takes it back
	j.ids[q.ID] = true
	j.byID[q.ID] = q
	j.questions = append(j.questions, q)
	j.byUser[q.User] = append(j.byUser[q.User], q)
	j.dialogues[q.Dialogue] = append(j.dialogues[q.Dialogue], q)
	j.persons[q.User] = a.Person
	j.remember(q.ID, a)
}

// refuse turns a stored question away and tells the asker, if it was not told lately.
func (j *Journal) refuse(q *question, reason string, a journal.Arrival) {
	told := j.toldLately(q, reason, a)
	doc, answer := a.Refusal(q.ID, reason)
	j.enter(q, journal.Refused)
	q.Outcome, q.Reason = "refused", reason
	q.Answer = slices.Clone(answer)
	addStep(q, q.AcceptedAt, "refused", reason)
	if told || a.Fetched {
		return
	}
	q.told = true
	j.send(q, journal.Delivery{Purpose: journal.Notice, Doc: copyDoc(doc), CreatedAt: q.AcceptedAt})
}

// toldLately reports whether the user was told for the same reason often enough before q was accepted.
func (j *Journal) toldLately(q *question, reason string, a journal.Arrival) bool {
	n := 0
	for _, other := range j.byUser[q.User] {
		if !other.told || other.Reason != reason || q.AcceptedAt.Sub(other.AcceptedAt) >= a.TellOnce {
			continue
		}
		if n++; q.Digest != "" && other.Digest == q.Digest {
			return true
		}
	}
	return a.TellOnce > 0 && n >= max(a.TellMost, 1)
}

// Edit implements [journal.Intake].
func (j *Journal) Edit(ctx context.Context, e journal.Edit) (journal.State, error) {
	if err := j.lock(ctx, "edit a question"); err != nil {
		return "", err
	}
	defer j.mu.Unlock()
	q := j.byContent(e.Channel, e.ContentKey, e.User)
	if q == nil {
		return "", nil
	}
	before := q.State
	if !queued(before) {
		addStep(q, e.At, "edit ignored", "")
		return before, nil
	}
	q.Text, q.Digest, q.Masked = e.Text, e.Digest, slices.Clone(e.Masked)
	q.Revision++
	j.enter(q, journal.Waiting)
	addStep(q, e.At, "edited", "")
	return before, nil
}

// byContent finds a user's question by its content key; nil when it is not known.
func (j *Journal) byContent(channel, text, user string) *question {
	if text == "" {
		return nil
	}
	q := j.byID[j.keys[key{channel: channel, text: text, content: true}]]
	if q == nil || q.erased || q.User != user {
		return nil
	}
	return q
}

// Withdraw implements [journal.Intake].
func (j *Journal) Withdraw(ctx context.Context, w journal.Withdrawal) (journal.State, error) {
	if err := j.lock(ctx, "withdraw a question"); err != nil {
		return "", err
	}
	defer j.mu.Unlock()
	if w.ContentKey != "" {
		q := j.byContent(w.Channel, w.ContentKey, w.User)
		if q == nil {
			return "", nil
		}
		return j.cancel(q, w), nil
	}
	if w.Dialogue == "" {
		return "", nil
	}
	var before journal.State
	for _, q := range j.dialogues[w.Dialogue] {
		if queued(q.State) && q.User == w.User && q.Channel == w.Channel {
			before = j.cancel(q, w)
		}
	}
	return before, nil
}

// cancel withdraws one question if it is not too late, and gives the state before.
func (j *Journal) cancel(q *question, w journal.Withdrawal) journal.State {
	before := q.State
	if !queued(before) {
		addStep(q, w.At, "withdrawal ignored", w.Why)
		return before
	}
	j.enter(q, journal.Cancelled)
	addStep(q, w.At, "withdrawn", w.Why)
	return before
}

// Rate implements [journal.Intake].
func (j *Journal) Rate(ctx context.Context, r journal.Rating) error {
	if err := j.lock(ctx, "rate question "+r.Question); err != nil {
		return err
	}
	defer j.mu.Unlock()
	q, ok := j.byID[r.Question]
	if !ok {
		return fmt.Errorf("rate question %q: %w", r.Question, journal.ErrNotFound)
	}
	before := len(q.ratings)
	q.ratings = slices.DeleteFunc(q.ratings, func(old journal.Rating) bool { return old.User == r.User })
	if r.Withdrawn {
		if len(q.ratings) < before {
			addStep(q, r.At, "rating withdrawn", "")
		}
		return nil
	}
	q.ratings = append(q.ratings, r)
	addStep(q, r.At, "rated", "")
	return nil
}
