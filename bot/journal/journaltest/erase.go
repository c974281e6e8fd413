package journaltest

import (
	"encoding/json"
	"strings"
	"time"

	"policybot/bot/channel"
	"policybot/bot/journal"
)

func eraseCases() []check {
	return []check{
		{"EraseUnderWay", testEraseUnderWay},
		{"EraseLeavesNothing", testEraseLeavesNothing},
		{"EraseKeepsOthers", testEraseKeepsOthers},
		{"EraseRemains", testEraseRemains},
		{"EraseLateDuplicate", testEraseLateDuplicate},
		{"EraseTwice", testEraseTwice},
	}
}

// erase forgets a user and checks what was told of it.
func (b *bench) erase(user string, want journal.Erased) {
	b.Helper()
	got, err := b.Erase(b.ctx, user, b.now)
	b.must("Erase", err)
	b.same("Erase", got, want)
	b.restart()
}

// testEraseUnderWay erases a user with questions and deliveries in each state.
func testEraseUnderWay(b *bench) {
	closed := b.posted("ann")
	answered, posting := b.answer("ann"), b.own("ann")
	b.must("Complete", b.Complete(b.ctx, b.claim(), b.result("being posted")))
	var lost journal.Delivery
	for range 2 {
		if d := b.next(); d.Question == posting.ID {
			lost = d
		} else {
			b.later(d, time.Hour)
		}
	}
	refused := b.arrival("ann")
	refused.Refuse, refused.Question.Dialogue = "closed", "third"
	b.accept(refused)
	b.ask("ann")
	c := b.claim()
	waiting := b.own("ann")

	b.erase("ann", journal.Erased{Questions: 6, Cancelled: 4})
	b.wantState(journal.Closed, closed.ID)
	b.wantState(journal.Cancelled, answered.ID, posting.ID, c.Question.ID, waiting.ID)
	b.wantState(journal.Refused, refused.Question.ID)
	b.wantErr("Renew", b.Renew(b.ctx, c, b.now.Add(time.Hour)), journal.ErrLost)
	b.wantErr("Complete", b.Complete(b.ctx, c, b.result("late")), journal.ErrLost)
	b.wantErr("Release", b.Release(b.ctx, c, journal.Release{At: b.now}), journal.ErrLost)
	b.lost("dropped", lost)
	b.tick(2 * time.Hour)
	b.noNext("the asker was erased")
	b.noClaim("the asker was erased")
	b.same("counts", b.count(), journal.Counts{Questions: 6})
	for id, want := range map[string]journal.DeliveryState{
		closed.ID: journal.Posted, answered.ID: journal.Dropped, posting.ID: journal.Dropped, refused.Question.ID: journal.Dropped,
	} {
		b.same("delivery of "+id, b.entry(id).Deliveries[0].State, want)
	}
	b.wantSteps(waiting.ID, "accepted", "erased")
	b.wantSteps(posting.ID, "accepted", "claimed", "answered", "posting", "erased")
}

// personal is in everything of a person that goes into the journal.
const personal = "PERSONAL"

// eraseMe gives the journal all that it can know of a user.
func (b *bench) eraseMe(user string) {
	a := b.arrival(user)
	q := &a.Question
	q.Dialogue, q.Text, q.Quote, q.Digest, q.About = personal+"d", personal+"t", personal+"q", personal+"g", personal+"a"
	q.Lang, q.AsOf = "zh", "2026-01-01"
	q.Place = channel.Place{ID: personal + "p", Thread: personal, Group: true}
	q.Reply.Data = []byte(personal + "h")
	q.Masked = []string{personal + "m"}
	q.History = []channel.Turn{{Role: channel.User, Text: personal + "turn"}}
	q.Profile, q.Org = json.RawMessage(`{"`+personal+`key": "`+personal+`value"}`), personal+"o"
	a.Person = journal.Person{Platform: "chat", Tenant: personal, ID: personal}
	b.accept(a)
	b.must("Release", b.Release(b.ctx, b.claim(), journal.Release{At: b.now, Why: personal + "release"}))
	r := journal.Result{
		Outcome: "answered", Reason: personal, Doc: doc(personal + "doc"), At: b.now,
		Answer: json.RawMessage(`"` + personal + `"`), Record: json.RawMessage(`"` + personal + `"`),
		Tokens: []journal.Token{{Token: "token of it", Question: q.ID, Does: "good"}},
		Case:   &journal.NewCase{ID: "case of it", Question: q.ID, Reason: "asked", Text: personal + "case"},
	}
	b.must("Complete", b.Complete(b.ctx, b.claim(), r))
	b.must("Later", b.Later(b.ctx, b.next(), journal.Later{At: b.now, Next: b.now, Why: personal + "later"}))
	b.must("Posted", b.Posted(b.ctx, b.next(), b.now, personal+"receipt", journal.Pause{}))
	b.must("Rate", b.Rate(b.ctx, journal.Rating{Question: q.ID, User: user, Text: personal + "feedback", At: b.now}))
	b.must("Rate", b.Rate(b.ctx, journal.Rating{Question: q.ID, User: "neighbour", Text: personal + "of it", At: b.now}))
	b.draftsOf("case of it")
	_, err := b.Respond(b.ctx, journal.Response{Case: "case of it", By: "clerk", Text: personal + "reply", Clauses: []string{personal}, Doc: doc(personal), At: b.now})
	b.must("Respond", err)
	b.must("GiveUp", b.GiveUp(b.ctx, b.next(), b.now, personal+"gone", journal.NewCase{ID: "x", Question: q.ID}))
	b.openCase(journal.NewCase{
		ID: "case alone", Text: personal, Channel: "chat", User: user, Dialogue: personal + "d",
		Place: channel.Place{ID: personal}, Reply: channel.Handle{Data: []byte(personal)},
	})
	b.draftsOf("case alone")
	_, err = b.CloseCase(b.ctx, journal.Closing{Case: "case alone", By: "clerk", Why: personal + "closed", At: b.now})
	b.must("CloseCase", err)
	refused := b.arrival(user)
	refused.Refuse, refused.Question.Text, refused.Question.Dialogue = "closed", personal, personal+"e"
	refused.Question.Profile, refused.Question.Org = q.Profile, q.Org
	b.accept(refused)
	cancelled := b.arrival(user)
	cancelled.Question.Text = personal
	b.accept(cancelled)
	b.withdraw(cancelled, journal.Waiting)
	b.edit(cancelled, journal.Cancelled)
}

// draftsOf has the staff write about a user and send it back.
func (b *bench) draftsOf(id string) {
	b.Helper()
	d := journal.Draft{Case: id, Text: personal + "draft", Clauses: []string{personal + "clause"}, By: "clerk", At: b.now}
	_, err := b.SaveDraft(b.ctx, d)
	b.must("SaveDraft", err)
	for _, does := range []journal.Verb{journal.Submit, journal.Return} {
		_, err := b.Decide(b.ctx, journal.Decision{Case: id, Draft: 1, Does: does, By: "chief", Why: personal + "why", At: b.now})
		b.must("Decide", err)
	}
}

func testEraseLeavesNothing(b *bench) {
	other := b.posted("neighbour")
	b.must("Rate", b.Rate(b.ctx, journal.Rating{Question: other.ID, User: "ann-" + personal, Text: "mine", At: b.now}))
	b.eraseMe("ann-" + personal)
	if all := b.all(); strings.Count(all, personal) < 20 {
		b.Fatalf("what was stored is not shown, so the case says nothing: %s", all)
	}
	b.erase("ann-"+personal, journal.Erased{Questions: 3, Cases: 2, Ratings: 1})
	all := b.all()
	if i := strings.Index(all, personal); i >= 0 {
		b.Errorf("after Erase this is still shown: %s", all[max(0, i-200):min(len(all), i+200)])
	}
	if i := strings.Index(all, "dialogue-ann"); i >= 0 {
		b.Errorf("after Erase this is still shown: %s", all[max(0, i-200):min(len(all), i+200)])
	}
	b.same("questions of the user", ids(b.list(journal.Filter{User: "ann-" + personal})), []string(nil))
	b.same("ratings of another's question", len(b.entry(other.ID).Ratings), 0)
	_, err := b.Pressed(b.ctx, "token of it")
	b.wantErr("Pressed", err, journal.ErrNotFound)
	b.tick(time.Hour)
	b.noNext("a notice was on its way to who was erased")
	b.withdrawDialogue(personal+"d", "ann-"+personal)
}

// withdrawDialogue checks that nothing of a dialogue is left.
func (b *bench) withdrawDialogue(dialogue, user string) {
	b.Helper()
	got, err := b.Withdraw(b.ctx, journal.Withdrawal{Channel: "chat", Dialogue: dialogue, User: user, At: b.now})
	if got != "" || err != nil {
		b.Errorf("Withdraw of an erased dialogue: %q, %v; want no state", got, err)
	}
}

func testEraseKeepsOthers(b *bench) {
	bob := b.posted("bob")
	b.must("Rate", b.Rate(b.ctx, journal.Rating{Question: bob.ID, User: "bob", Good: true, At: b.now}))
	b.openCase(journal.NewCase{ID: "case", Question: bob.ID, Text: "text"})
	b.openCase(journal.NewCase{ID: "case2", Channel: "chat", User: "bob", Dialogue: "d", Text: "text"})
	waiting := b.ask("bob")
	answered := b.answer("cem")
	others := func() (list []journal.Entry) {
		for _, q := range []journal.Question{bob, waiting, answered} {
			list = append(list, b.entry(q.ID))
		}
		return list
	}
	want := others()
	ann := b.ask("ann")
	b.erase("nobody", journal.Erased{})
	b.erase("", journal.Erased{})
	b.wantState(journal.Waiting, ann.ID)
	b.erase("ann", journal.Erased{Questions: 1, Cancelled: 1})
	b.same("questions of others", others(), want)
	list, err := b.ListCases(b.ctx, journal.CaseOpen)
	b.must("ListCases", err)
	b.same("cases of others", []string{list[0].User, list[0].Text, list[1].User, list[1].Text}, []string{"bob", "text", "bob", "text"})
}

// testEraseRemains says what is left of a question.
func testEraseRemains(b *bench) {
	q := b.posted("ann")
	before := b.entry(q.ID)
	b.wantProfile("before", before.Question, `{"of": "ann"}`, "org-ann")
	b.erase("ann", journal.Erased{Questions: 1})
	e := b.entry(q.ID)
	b.wantProfile("after", e.Question, "", "")
	was := before.Question
	e.Question.Attempts, e.Question.Duplicates, e.Question.Revision = 0, 0, 0
	b.same("question", visible(e.Question), journal.Question{
		ID: was.ID, Seq: was.Seq, Channel: was.Channel, State: journal.Closed, Outcome: was.Outcome,
		AskedAt: was.AskedAt, AcceptedAt: was.AcceptedAt, AnsweredAt: was.AnsweredAt, ClosedAt: was.ClosedAt,
	})
	d := before.Deliveries[0]
	b.same("deliveries", e.Deliveries, []journal.Delivery{{
		ID: d.ID, Seq: d.Seq, Question: q.ID, Purpose: journal.Final, Channel: "chat", State: journal.Posted, Attempts: 1,
		CreatedAt: d.CreatedAt, NextAt: e.Deliveries[0].NextAt, PostedAt: d.PostedAt, Token: e.Deliveries[0].Token,
	}})
	want := before.Steps
	want = append(want, journal.Step{At: b.now, Name: "erased"})
	for i := range want {
		want[i].Detail = nil
	}
	b.same("steps", e.Steps, want)
}

func testEraseLateDuplicate(b *bench) {
	a := b.arrival("ann")
	b.accept(a)
	b.erase("ann", journal.Erased{Questions: 1, Cancelled: 1})
	got := b.accept(a)
	if !got.Duplicate || got.Question.ID != a.Question.ID || got.Question.State != journal.Cancelled || got.Question.Text != "" || got.Question.User != "" {
		b.Errorf("Accept of an erased question: %+v; want a duplicate that is cancelled, without text and user", got)
	}
	b.wantProfile("a duplicate of an erased question", got.Question, "", "")
	b.edit(a, "")
	b.withdraw(a, "")
	b.noClaim("the question was erased")
	b.same("a new question of the user", b.claimOf("ann"), journal.Claimed)
}

// claimOf asks a question and claims it.
func (b *bench) claimOf(user string) journal.State {
	b.Helper()
	b.ask(user)
	return b.claim().Question.State
}

func testEraseTwice(b *bench) {
	q := b.ask("ann")
	b.openCase(journal.NewCase{ID: "case", Question: q.ID})
	b.erase("ann", journal.Erased{Questions: 1, Cases: 1, Cancelled: 1})
	before := b.entry(q.ID)
	b.erase("ann", journal.Erased{})
	b.same("the question", b.entry(q.ID), before)
	again := b.ask("ann")
	b.erase("ann", journal.Erased{Questions: 1, Cancelled: 1})
	b.wantState(journal.Cancelled, q.ID, again.ID)
}
