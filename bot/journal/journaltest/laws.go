package journaltest

import (
	"fmt"
	"slices"
	"time"

	"policybot/bot/journal"
)

// laws are what holds for a journal whatever is done to it, checked without another journal.
type laws struct {
	accepted, forgotten int
	states              map[string]journal.Question // at the last look, by id
	before              map[string]journal.Entry    // at the last full look
	leases              map[string]lease            // of the last claim of each question
	finals              map[string]int              // final deliveries that were posted, by question
	last                map[string]int64            // Seq of the last delivery that was posted, by dialogue
	desk                deskLaws
}

// A lease is a claim that was given.
type lease struct {
	token string
	until time.Time
}

// newLaws knows an empty journal.
func newLaws() laws {
	return laws{
		states: map[string]journal.Question{}, before: map[string]journal.Entry{}, leases: map[string]lease{}, finals: map[string]int{}, last: map[string]int64{},
		desk: newDeskLaws(),
	}
}

// claimed checks that nobody else has a claim that lasts.
func (l *laws) claimed(c journal.Claim, o journal.ClaimOptions) error {
	id := c.Question.ID
	for other, lease := range l.leases {
		before, known := l.states[other]
		if !known || before.State != journal.Claimed || !lease.until.After(o.Now) {
			continue
		}
		if other == id {
			return fmt.Errorf("question %s has two claims that last", id)
		}
		if before.Dialogue == c.Question.Dialogue {
			return fmt.Errorf("questions %s and %s of one dialogue have claims that last", other, id)
		}
	}
	if c.Token == "" || c.Token == l.leases[id].token {
		return fmt.Errorf("claim of question %s has the token %q, which is not new", id, c.Token)
	}
	l.leases[id] = lease{token: c.Token, until: o.Until}
	return nil
}

// renewed notes a longer lease.
func (l *laws) renewed(c journal.Claim, until time.Time) {
	l.leases[c.Question.ID] = lease{token: c.Token, until: until}
}

// posted checks what arrived.
func (l *laws) posted(d journal.Delivery) error {
	if d.Purpose == journal.Final {
		if l.finals[d.Question]++; l.finals[d.Question] > 1 {
			return fmt.Errorf("question %s has two final deliveries that arrived", d.Question)
		}
	}
	if d.Seq <= l.last[d.Dialogue] {
		return fmt.Errorf("delivery %d of dialogue %s arrived after delivery %d", d.Seq, d.Dialogue, l.last[d.Dialogue])
	}
	l.last[d.Dialogue] = d.Seq
	return nil
}

// check looks at what is seen.
func (l *laws) check(v view, full bool) error {
	if got := len(v.Questions) + l.forgotten; got != l.accepted || v.Counts.Questions != int64(l.accepted) {
		return fmt.Errorf("%d questions are there, %d of them forgotten, %d counted; want the %d that were accepted",
			got, l.forgotten, v.Counts.Questions, l.accepted)
	}
	states := map[journal.State]int{}
	now := map[string]journal.Question{}
	seq := int64(0)
	for _, q := range v.Questions {
		if q.Seq <= seq {
			return fmt.Errorf("question %s has Seq %d after %d", q.ID, q.Seq, seq)
		}
		seq = q.Seq
		states[q.State]++
		now[q.ID] = q
		if before, known := l.states[q.ID]; known && before.State != q.State && !slices.Contains(may[before.State], q.State) {
			return fmt.Errorf("question %s was %s and is %s", q.ID, before.State, q.State)
		}
	}
	l.states = now
	if c := v.Counts; c.Waiting != states[journal.Waiting] || c.Claimed != states[journal.Claimed] || c.Answered != states[journal.Answered] {
		return fmt.Errorf("counts are %+v; the questions' states are %v", c, states)
	}
	if !full {
		return nil
	}
	for _, c := range v.Cases {
		if err := l.desk.kept(c, v.Drafts[c.ID]); err != nil {
			return err
		}
	}
	return l.checkEntries(v.Entries)
}

// checkEntries looks at all questions with what happened to them.
func (l *laws) checkEntries(list []journal.Entry) error {
	now := map[string]journal.Entry{}
	for _, e := range list {
		now[e.Question.ID] = e
		if err := checkEntry(e); err != nil {
			return fmt.Errorf("question %s: %w", e.Question.ID, err)
		}
		for _, d := range e.Deliveries {
			if err := l.desk.delivered(d); err != nil {
				return err
			}
		}
		if before, known := l.before[e.Question.ID]; known {
			if err := checkSteps(before, e); err != nil {
				return fmt.Errorf("question %s: %w", e.Question.ID, err)
			}
		}
	}
	l.before = now
	return nil
}

// checkEntry checks one question at rest.
func checkEntry(e journal.Entry) error {
	finals, underWay := 0, false
	seq := int64(0)
	for _, d := range e.Deliveries {
		if d.Seq <= seq {
			return fmt.Errorf("delivery %d comes after %d", d.Seq, seq)
		}
		seq = d.Seq
		if d.Purpose == journal.Final {
			finals++
			underWay = d.State == journal.Ready || d.State == journal.Posting
		}
	}
	answered := e.Question.State == journal.Answered
	switch {
	case finals > 1:
		return fmt.Errorf("it has %d final deliveries", finals)
	case answered != underWay:
		return fmt.Errorf("it is %s, and a final delivery under way: %t", e.Question.State, underWay)
	case e.Question.State == journal.Closed && finals != 1:
		return fmt.Errorf("it is closed and has %d final deliveries", finals)
	}
	switch e.Question.State {
	case journal.Waiting, journal.Claimed, journal.Answered, journal.Closed, journal.Cancelled, journal.Refused:
		return nil
	}
	return fmt.Errorf("it is in the state %q", e.Question.State)
}

// may says which states one call leads to from a state, besides itself.
var may = map[journal.State][]journal.State{
	journal.Waiting:  {journal.Claimed, journal.Cancelled},
	journal.Claimed:  {journal.Waiting, journal.Answered, journal.Cancelled},
	journal.Answered: {journal.Closed, journal.Cancelled},
}

// checkSteps checks that steps only grow.
func checkSteps(before, after journal.Entry) error {
	if len(after.Steps) < len(before.Steps) {
		return fmt.Errorf("it had %d steps and has %d", len(before.Steps), len(after.Steps))
	}
	for i, s := range before.Steps {
		if after.Steps[i].Name != s.Name || !after.Steps[i].At.Equal(s.At) {
			return fmt.Errorf("its step %d was %s and is %s", i+1, s.Name, after.Steps[i].Name)
		}
	}
	if from, to := before.Question.State, after.Question.State; from != to && len(after.Steps) == len(before.Steps) {
		return fmt.Errorf("it was %s and is %s, and no step says so", from, to)
	}
	return nil
}
