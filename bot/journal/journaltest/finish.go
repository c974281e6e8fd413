package journaltest

import (
	"time"

	"policybot/bot/journal"
)

func finishCases() []check {
	return []check{
		{"Renew", testRenew},
		{"Complete", testComplete},
		{"CompleteAfterLease", testCompleteAfterLease},
		{"CompleteTwice", testCompleteTwice},
		{"CompleteWithCase", testCompleteWithCase},
		{"CompleteFetched", testCompleteFetched},
		{"CompleteWithCaseOfAnother", testCompleteWithCaseOfAnother},
		{"CompleteAllOrNothing", testCompleteAllOrNothing},
		{"LostClaims", testLostClaims},
	}
}

func testRenew(b *bench) {
	q := b.ask("ann")
	c := b.claim()
	b.must("Renew", b.Renew(b.ctx, c, b.now.Add(time.Hour)))
	b.tick(time.Hour - time.Microsecond)
	b.restart()
	b.noClaim("the lease was prolonged")
	b.tick(time.Microsecond)
	b.must("Renew a lease that ended and was not given to another", b.Renew(b.ctx, c, b.now.Add(time.Minute)))
	b.noClaim("the lease was prolonged again")
	b.tick(time.Minute)
	b.same("attempts", b.claim().Question.Attempts, 2)
	b.wantSteps(q.ID, "accepted", "claimed", "claimed")
}

func testComplete(b *bench) {
	q := b.ask("ann")
	c := b.claim()
	r := b.result("answer 税")
	r.Tokens = []journal.Token{{Token: "t1", Question: q.ID, Does: "good"}, {Token: "t2", Question: q.ID, Does: "person"}}
	b.must("Complete", b.Complete(b.ctx, c, r))
	b.restart()
	want := q
	want.State, want.Attempts, want.AnsweredAt = journal.Answered, 1, b.now
	want.Outcome, want.Reason, want.Answer, want.Record = r.Outcome, r.Reason, r.Answer, r.Record
	e := b.entry(q.ID)
	b.same("answered question", visible(e.Question), visible(want))
	b.wantSteps(q.ID, "accepted", "claimed", "answered")
	for _, token := range r.Tokens {
		got, err := b.Pressed(b.ctx, token.Token)
		b.must("Pressed", err)
		b.same("token", got, token)
	}
	b.same("counts", b.count(), journal.Counts{Answered: 1, Ready: 1, Questions: 1})
	d := b.next()
	b.same("delivery", visibleDelivery(d), journal.Delivery{
		Question: q.ID, Purpose: journal.Final, Channel: "chat", User: "ann", Dialogue: q.Dialogue, Place: q.Place, Reply: q.Reply,
		Doc: r.Doc, State: journal.Posting, Attempts: 1, CreatedAt: b.now,
	})
	b.noClaim("nothing waits")
	b.noNext("a question has one final delivery")
}

func testCompleteAfterLease(b *bench) {
	b.ask("ann")
	c := b.claim()
	b.tick(time.Hour)
	b.restart()
	b.must("Complete when the lease has ended and nobody else has it", b.Complete(b.ctx, c, b.result("answer")))
	b.wantState(journal.Answered, c.Question.ID)
	b.ask("bob")
	c = b.claim()
	b.tick(time.Hour)
	b.must("Release when the lease has ended and nobody else has it", b.Release(b.ctx, c, journal.Release{At: b.now}))
	b.claims(c.Question.ID)
}

func testCompleteTwice(b *bench) {
	b.ask("ann")
	c := b.claim()
	b.must("Complete", b.Complete(b.ctx, c, b.result("first")))
	b.restart()
	b.wantErr("Complete again", b.Complete(b.ctx, c, b.result("second")), journal.ErrLost)
	b.wantErr("Renew", b.Renew(b.ctx, c, b.now.Add(time.Hour)), journal.ErrLost)
	b.wantErr("Release", b.Release(b.ctx, c, journal.Release{At: b.now}), journal.ErrLost)
	d := b.next()
	b.same("delivered", d.Doc.Text, "first")
	b.wantErr("Complete while it is posted", b.Complete(b.ctx, c, b.result("third")), journal.ErrLost)
	b.post(d)
	b.wantErr("Complete when it is closed", b.Complete(b.ctx, c, b.result("fourth")), journal.ErrLost)
	b.noNext("there is one final delivery")
	b.wantSteps(c.Question.ID, "accepted", "claimed", "answered", "posting", "posted")
}

func testCompleteWithCase(b *bench) {
	q := b.ask("ann")
	c := b.claim()
	r := b.result("answer")
	r.Case = &journal.NewCase{ID: "case", Question: q.ID, Reason: "expired", Text: "took too long"}
	b.must("Complete", b.Complete(b.ctx, c, r))
	b.restart()
	b.wantSteps(q.ID, "accepted", "claimed", "answered", "case")
	got, err := b.GetCase(b.ctx, "case")
	b.must("GetCase", err)
	b.same("case", got, journal.Case{
		ID: "case", Seq: got.Seq, Question: q.ID, Reason: "expired", Text: "took too long", Asked: q.Text, Channel: "chat", User: "ann",
		Dialogue: q.Dialogue, Place: q.Place, Reply: q.Reply, State: journal.CaseOpen, OpenedAt: b.now,
	})

	second := b.ask("bob")
	_, err = b.OpenCase(b.ctx, journal.NewCase{ID: "asked", Question: second.ID, Reason: "asked"}, b.now)
	b.must("OpenCase", err)
	r.Case = &journal.NewCase{ID: "another", Question: second.ID, Reason: "expired"}
	b.must("Complete with a case that is open", b.Complete(b.ctx, b.claim(), r))
	b.same("open cases", b.count().OpenCases, 2)
	_, err = b.GetCase(b.ctx, "another")
	b.wantErr("GetCase of a second case", err, journal.ErrNotFound)
	b.wantSteps(second.ID, "accepted", "case", "claimed", "answered")
}

func testCompleteFetched(b *bench) {
	q := b.ask("ann")
	r := b.result("answer")
	r.Fetched = true
	b.must("Complete", b.Complete(b.ctx, b.claim(), r))
	b.restart()
	b.wantState(journal.Closed, q.ID)
	b.wantSteps(q.ID, "accepted", "claimed", "answered", "posted")
	e := b.entry(q.ID)
	if len(e.Deliveries) != 1 || e.Deliveries[0].State != journal.Posted || !e.Deliveries[0].PostedAt.Equal(r.At) || !e.Question.ClosedAt.Equal(r.At) {
		b.Errorf("fetched: %+v; want one delivery, posted, and the question closed", e)
	}
	b.noNext("there is nothing to deliver")
	refused := b.arrival("bob")
	refused.Refuse, refused.Fetched = "closed", true
	if got := b.accept(refused); got.Told {
		b.Errorf("a refusal that is fetched: %+v; want no notice", got)
	}
	b.noNext("the refusal is fetched")
}

func testCompleteWithCaseOfAnother(b *bench) {
	earlier := b.posted("ann")
	b.ask("ann")
	r := b.result("handed over")
	r.Case = &journal.NewCase{ID: "case", Question: earlier.ID, Reason: "asked", Text: "please"}
	b.must("Complete", b.Complete(b.ctx, b.claim(), r))
	b.restart()
	got, err := b.GetCase(b.ctx, "case")
	b.must("GetCase", err)
	b.same("question of the case", []string{got.Question, got.Asked}, []string{earlier.ID, earlier.Text})
	b.ask("bob")
	c := b.claim()
	r.Case = &journal.NewCase{ID: "other", Question: "nobody knows", Reason: "asked"}
	b.wantErr("Complete with a case of a question that is not there", b.Complete(b.ctx, c, r), journal.ErrNotFound)
	r.Case = &journal.NewCase{ID: "own", Reason: "failed"}
	b.must("Complete", b.Complete(b.ctx, c, r))
	got, err = b.GetCase(b.ctx, "own")
	b.must("GetCase", err)
	b.same("question of its own case", got.Question, c.Question.ID)
}

// testCompleteAllOrNothing has the last of what Complete does fail.
func testCompleteAllOrNothing(b *bench) {
	_, err := b.OpenCase(b.ctx, journal.NewCase{ID: "taken", Reason: "asked", Channel: "chat", User: "zed", Dialogue: "z"}, b.now)
	b.must("OpenCase", err)
	q := b.ask("ann")
	c := b.claim()
	before := b.entry(q.ID)
	r := b.result("answer")
	r.Tokens = []journal.Token{{Token: "t1", Question: q.ID, Does: "good"}}
	r.Case = &journal.NewCase{ID: "taken", Question: q.ID, Reason: "expired"}
	if err := b.Complete(b.ctx, c, r); err == nil {
		b.Errorf("Complete with the id of another case: no error; want one")
	}
	b.restart()
	b.same("question after a Complete that failed", b.entry(q.ID), before)
	_, err = b.Pressed(b.ctx, "t1")
	b.wantErr("Pressed", err, journal.ErrNotFound)
	b.noNext("nothing was answered")
	r.Case.ID = "free"
	b.must("Complete after one that failed", b.Complete(b.ctx, c, r))
	b.wantState(journal.Answered, q.ID)
}

func testLostClaims(b *bench) {
	q := b.ask("ann")
	b.ask("bob")
	good := b.claim()
	other := b.claim()
	for _, tt := range []struct {
		name  string
		claim journal.Claim
	}{
		{"no claim", journal.Claim{}},
		{"no token", journal.Claim{Question: good.Question}},
		{"another token", journal.Claim{Question: good.Question, Token: "another"}},
		{"the token of another claim", journal.Claim{Question: good.Question, Token: other.Token}},
		{"no such question", journal.Claim{Question: journal.Question{ID: "none"}, Token: good.Token}},
	} {
		b.wantErr("Renew, "+tt.name, b.Renew(b.ctx, tt.claim, b.now.Add(time.Hour)), journal.ErrLost)
		b.wantErr("Complete, "+tt.name, b.Complete(b.ctx, tt.claim, b.result("x")), journal.ErrLost)
		b.wantErr("Release, "+tt.name, b.Release(b.ctx, tt.claim, journal.Release{At: b.now}), journal.ErrLost)
	}
	b.wantState(journal.Claimed, q.ID)
	b.must("Release", b.Release(b.ctx, good, journal.Release{At: b.now}))
	b.wantErr("Release again", b.Release(b.ctx, good, journal.Release{At: b.now}), journal.ErrLost)
	good.Token = ""
	b.wantErr("Complete of what waits, without a token", b.Complete(b.ctx, good, b.result("x")), journal.ErrLost)
	b.wantState(journal.Waiting, q.ID)
}
