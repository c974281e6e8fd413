package journaltest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"policybot/bot/channel"
	"policybot/bot/journal"
)

func generalCases() []check {
	return []check{
		{"ContextOver", testContextOver},
		{"CopiesIn", testCopiesIn},
		{"CopiesOut", testCopiesOut},
		{"UTC", testUTC},
		{"Concurrent", testConcurrent},
		{"ConcurrentDuplicates", testConcurrentDuplicates},
	}
}

// testContextOver calls every method with a context that is over: it says so, and nothing is done.
func testContextOver(b *bench) {
	a := b.arrival("ann")
	b.accept(a)
	b.ask("bob")
	c := b.claim()
	b.posted("cem")
	answered := b.answer("dan")
	d := b.next()
	b.answer("eve")
	b.openCase(journal.NewCase{ID: "case", Question: answered.ID})
	ctx, cancel := context.WithCancel(b.ctx)
	cancel()
	before, count := b.all(), b.count()
	for what, err := range overErrors(ctx, b, a, c, d) {
		if !errors.Is(err, context.Canceled) {
			b.Errorf("%s with a context that is over: %v; want that it was cancelled", what, err)
		}
	}
	b.same("counts", b.count(), count)
	b.same("everything", b.all(), before)
	got, err := b.Setting(b.ctx, "name")
	b.must("Setting", err)
	b.same("setting", got, "")
}

// overErrors gives the error of each method.
func overErrors(ctx context.Context, b *bench, a journal.Arrival, c journal.Claim, d journal.Delivery) map[string]error {
	errs := map[string]error{}
	again := b.arrival("fay")
	_, errs["Accept"] = b.Accept(ctx, again)
	_, errs["Accept of a duplicate"] = b.Accept(ctx, a)
	_, errs["Edit"] = b.Edit(ctx, journal.Edit{Channel: "chat", ContentKey: a.ContentKey, User: "ann", At: b.now})
	_, errs["Withdraw"] = b.Withdraw(ctx, journal.Withdrawal{Channel: "chat", ContentKey: a.ContentKey, User: "ann", At: b.now})
	errs["Rate"] = b.Rate(ctx, journal.Rating{Question: a.Question.ID, User: "ann", At: b.now})
	_, errs["Claim"] = b.Claim(ctx, journal.ClaimOptions{Now: b.now, Until: b.now.Add(time.Minute)})
	errs["Renew"] = b.Renew(ctx, c, b.now.Add(time.Hour))
	errs["Complete"] = b.Complete(ctx, c, b.result("x"))
	errs["Release"] = b.Release(ctx, c, journal.Release{At: b.now})
	_, errs["Next"] = b.Next(ctx, b.nextOptions())
	errs["Posted"] = b.Posted(ctx, d, b.now, "", journal.Pause{})
	errs["Later"] = b.Later(ctx, d, journal.Later{At: b.now})
	errs["GiveUp"] = b.GiveUp(ctx, d, b.now, "why", journal.NewCase{ID: "c", Question: d.Question})
	_, errs["OpenCase"] = b.OpenCase(ctx, journal.NewCase{ID: "c", Question: a.Question.ID}, b.now)
	_, errs["ListCases"] = b.ListCases(ctx, "")
	_, errs["GetCase"] = b.GetCase(ctx, "case")
	_, errs["Respond"] = b.Respond(ctx, journal.Response{Case: "case", At: b.now})
	_, errs["Inbox"] = b.Inbox(ctx, journal.CaseFilter{})
	_, errs["Assign"] = b.Assign(ctx, "case", "li", "li", b.now)
	_, errs["SaveDraft"] = b.SaveDraft(ctx, b.draft("case", 0, "li", "one"))
	_, errs["ListDrafts"] = b.ListDrafts(ctx, "case")
	_, errs["Decide"] = b.Decide(ctx, journal.Decision{Case: "case", Does: journal.Approve, By: "li", At: b.now})
	_, errs["CloseCase"] = b.CloseCase(ctx, journal.Closing{Case: "case", By: "li", Why: "why", At: b.now})
	errs["Entries"] = errors.New("no error")
	for _, err := range b.Entries(ctx, journal.Filter{}) {
		errs["Entries"] = err
		break
	}
	errs["Ratings"] = errors.New("no error")
	for _, err := range b.Ratings(ctx, journal.Filter{}) {
		errs["Ratings"] = err
		break
	}
	_, errs["Entry"] = b.Entry(ctx, a.Question.ID)
	_, errs["Pressed"] = b.Pressed(ctx, "token")
	_, errs["Count"] = b.Count(ctx)
	_, errs["Setting"] = b.Setting(ctx, "name")
	errs["SetSetting"] = b.SetSetting(ctx, "name", "value")
	_, errs["Erase"] = b.Erase(ctx, "ann", b.now)
	_, errs["Forget"] = b.Forget(ctx, b.now.Add(time.Hour), 0)
	_, errs["Old"] = b.Old(ctx, b.now)
	return errs
}

// testCopiesIn changes what was given to the journal.
func testCopiesIn(b *bench) {
	a := b.arrival("ann")
	a.Question.Masked = []string{"phone"}
	a.Question.History = []channel.Turn{{Role: channel.User, Text: "turn"}}
	b.accept(a)
	r := b.result("answer")
	r.Tokens = []journal.Token{{Token: "t", Question: a.Question.ID, Does: "good"}}
	b.must("Complete", b.Complete(b.ctx, b.claim(), r))
	c := journal.NewCase{ID: "case", Channel: "chat", User: "bob", Dialogue: "d", Reply: channel.Handle{Data: []byte("reply")}}
	b.openCase(c)
	d := b.draft("case", 0, "li", "one")
	_, err := b.SaveDraft(b.ctx, d)
	b.must("SaveDraft", err)
	before := b.all()
	d.Clauses[0] = "x"
	a.Question.Masked[0], a.Question.History[0].Text, a.Question.Reply.Data[0], a.Question.Profile[2] = "x", "x", 'x', 'x'
	r.Answer[2], r.Record[2], r.Tokens[0].Does, c.Reply.Data[0] = 'x', 'x', "x", 'x'
	r.Doc.Nodes[0].Text, r.Doc.Nodes[0].Cites[0], r.Doc.Citations[0].Title, r.Doc.Buttons[0].Label = "x", 9, "x", "x"
	b.same("everything", b.all(), before)
	got, err := b.Pressed(b.ctx, "t")
	b.must("Pressed", err)
	b.same("token", got.Does, "good")
}

// testCopiesOut changes what the journal gave.
func testCopiesOut(b *bench) {
	q := b.posted("ann")
	b.must("Rate", b.Rate(b.ctx, journal.Rating{Question: q.ID, User: "ann", At: b.now}))
	b.openCase(journal.NewCase{ID: "case", Question: q.ID})
	a := b.arrival("ann")
	a.Question.Masked = []string{"phone"}
	accepted := b.accept(a).Question
	claimed := b.claim()
	b.must("Complete", b.Complete(b.ctx, claimed, b.result("answer")))
	d := b.next()
	list, err := b.ListCases(b.ctx, "")
	b.must("ListCases", err)
	c, err := b.GetCase(b.ctx, "case")
	b.must("GetCase", err)
	e := b.entry(q.ID)
	saved := b.save("case", 0, "li", "one")
	before := b.all()
	saved.Clauses[0], b.drafts("case")[0].Clauses[0] = "x", "x"
	accepted.Masked[0], claimed.Question.Masked[0] = "x", "x"
	accepted.Profile[2], claimed.Question.Profile[2], e.Question.Profile[2], claimed.Earlier[0].Profile[2] = 'x', 'x', 'x', 'x'
	accepted.Reply.Data[0], claimed.Question.Reply.Data[0], claimed.Earlier[0].Answer[2] = 'x', 'x', 'x'
	d.Doc.Nodes[0].Cites[0], d.Doc.Buttons[0].Label, d.Reply.Data[0] = 9, "x", 'x'
	list[0].Reply.Data[0], list[0].Text, c.Reply.Data[0] = 'x', "x", 'x'
	e.Question.Answer[2], e.Question.Reply.Data[0], e.Steps[0].Name, e.Ratings[0].Text = 'x', 'x', "x", "x"
	e.Deliveries[0].Doc.Citations[0].Title, e.Deliveries[0].Reply.Data[0], e.Deliveries[0].State = "x", 'x', "x"
	for _, q := range b.list(journal.Filter{}) {
		q.Answer[2], q.Record[2], q.Profile[2] = 'x', 'x', 'x'
	}
	b.same("everything", b.all(), before)
}

// testUTC checks that times come back in UTC and to the microsecond.
func testUTC(b *bench) {
	q := b.posted("ann")
	e := b.entry(q.ID)
	for what, at := range map[string]time.Time{
		"AskedAt": e.Question.AskedAt, "AcceptedAt": e.Question.AcceptedAt, "AnsweredAt": e.Question.AnsweredAt,
		"ClosedAt": e.Question.ClosedAt, "step": e.Steps[0].At, "PostedAt": e.Deliveries[0].PostedAt, "Expires": e.Question.Reply.Expires,
	} {
		if at.Location() != time.UTC || at.Nanosecond() != 1000 {
			b.Errorf("%s is %s; want UTC and a microsecond", what, at)
		}
	}
}

// Sizes of the concurrent case.
const (
	askers       = 4
	workers      = 4
	asksOfOne    = 8
	allQuestions = askers * asksOfOne
)

// testConcurrent has askers and workers work at once: each question is claimed by one and delivered once. Workers
// end when every question was delivered, or when something is wrong.
func testConcurrent(b *bench) {
	ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
	defer cancel()
	t := &tally{claims: map[string]int{}, posts: map[string]int{}, last: map[string]int64{}}
	var arrivals [askers][]journal.Arrival
	for i := range allQuestions {
		arrivals[i%askers] = append(arrivals[i%askers], b.arrival(fmt.Sprintf("user%d", i%askers)))
	}
	var group sync.WaitGroup
	for _, list := range arrivals {
		group.Go(func() {
			for _, a := range list {
				_, err := b.Accept(ctx, a)
				t.failed("Accept", err)
			}
		})
	}
	for range workers {
		group.Go(func() {
			for ctx.Err() == nil && !t.over() {
				t.work(ctx, b)
				t.deliver(ctx, b)
			}
		})
	}
	group.Wait()
	b.same("what went wrong", t.problems, []string(nil))
	b.same("counts", b.count(), journal.Counts{Questions: allQuestions})
}

// A tally is what the workers did.
type tally struct {
	mu            sync.Mutex
	claims, posts map[string]int
	last          map[string]int64 // Seq of the last that was posted of each dialogue
	problems      []string
}

// failed notes an error that should not be.
func (t *tally) failed(what string, err error) {
	if err != nil {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.problems = append(t.problems, what+": "+err.Error())
	}
}

// over reports whether there is nothing more to do.
func (t *tally) over() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.posts) == allQuestions || len(t.problems) > 0
}

// work answers one question, if there is one.
func (t *tally) work(ctx context.Context, b *bench) {
	c, err := b.Claim(ctx, journal.ClaimOptions{Now: b.now, Until: b.now.Add(time.Hour)})
	if errors.Is(err, journal.ErrNone) {
		return
	}
	if err != nil {
		t.failed("Claim", err)
		return
	}
	t.mu.Lock()
	t.claims[c.Question.ID]++
	if t.claims[c.Question.ID] > 1 {
		t.problems = append(t.problems, c.Question.ID+" was claimed twice")
	}
	t.mu.Unlock()
	t.failed("Renew", b.Renew(ctx, c, b.now.Add(2*time.Hour)))
	t.failed("Complete", b.Complete(ctx, c, b.result(c.Question.ID)))
}

// deliver posts one delivery, if there is one.
func (t *tally) deliver(ctx context.Context, b *bench) {
	d, err := b.Next(ctx, journal.NextOptions{Now: b.now, Until: b.now.Add(time.Hour)})
	if errors.Is(err, journal.ErrNone) {
		return
	}
	if err != nil {
		t.failed("Next", err)
		return
	}
	t.mu.Lock()
	if d.Seq < t.last[d.Dialogue] {
		t.problems = append(t.problems, d.Question+" is out of order")
	}
	t.last[d.Dialogue] = d.Seq
	t.mu.Unlock()
	t.failed("Posted", b.Posted(ctx, d, b.now, "", journal.Pause{}))
	t.mu.Lock()
	defer t.mu.Unlock()
	t.posts[d.Question]++
	if t.posts[d.Question] > 1 {
		t.problems = append(t.problems, d.Question+" was given twice")
	}
}

// testConcurrentDuplicates has one question arrive many times at once.
func testConcurrentDuplicates(b *bench) {
	a := b.arrival("ann")
	got := make([]journal.Accepted, 8)
	errs := make([]error, len(got))
	var group sync.WaitGroup
	for i := range got {
		group.Go(func() { got[i], errs[i] = b.Accept(b.ctx, a) })
	}
	group.Wait()
	first := 0
	for i := range got {
		b.must("Accept", errs[i])
		if !got[i].Duplicate {
			first++
		}
	}
	b.same("times it was new", first, 1)
	b.same("duplicates", b.entry(a.Question.ID).Question.Duplicates, len(got)-1)
	b.same("counts", b.count().Questions, int64(1))
}
