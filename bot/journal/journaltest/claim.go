package journaltest

import (
	"time"

	"policybot/bot/journal"
)

func claimCases() []check {
	return []check{
		{"ClaimNone", testClaimNone},
		{"ClaimFairness", testClaimFairness},
		{"ClaimLatecomer", testClaimLatecomer},
		{"ClaimDialogue", testClaimDialogue},
		{"ClaimInTurn", testClaimInTurn},
		{"ClaimLease", testClaimLease},
		{"ClaimNotBefore", testClaimNotBefore},
		{"ClaimAcceptedBefore", testClaimAcceptedBefore},
		{"ClaimReleasedKeepsPlace", testClaimReleasedKeepsPlace},
		{"Earlier", testEarlier},
		{"EarlierHour", testEarlierHour},
		{"EarlierErased", testEarlierErased},
	}
}

func testClaimNone(b *bench) {
	b.noClaim("the journal is empty")
	q := b.ask("ann")
	at := b.now
	c := b.claim()
	if c.Token == "" || c.Question.ID != q.ID || c.Question.State != journal.Claimed || c.Question.Attempts != 1 || len(c.Earlier) != 0 {
		b.Errorf("Claim: %+v; want the one question, claimed, attempt 1, with a token", c)
	}
	e := b.entry(q.ID)
	b.same("claimed question", visible(c.Question), visible(e.Question))
	b.wantSteps(q.ID, "accepted", "claimed")
	if !e.Steps[1].At.Equal(at) {
		b.Errorf("step claimed at %s; want %s", e.Steps[1].At, at)
	}
	b.noClaim("the one question is claimed")
	b.restart()
	b.noClaim("the one question is claimed, also after a restart")
	b.same("counts", b.count(), journal.Counts{Claimed: 1, Questions: 1})
}

// own gives a user a dialogue for each question, so that only fairness orders them.
func (b *bench) own(user string) journal.Question {
	b.Helper()
	a := b.arrival(user)
	a.Question.Dialogue += a.Question.ID
	return b.accept(a).Question
}

func testClaimFairness(b *bench) {
	var want [9]string
	for i := range 5 { // a user with many questions
		want[[]int{0, 3, 5, 7, 8}[i]] = b.own("ann").ID
	}
	for i := range 3 { // does not keep one with some
		want[[]int{1, 4, 6}[i]] = b.own("bob").ID
	}
	want[2] = b.own("cem").ID // nor one with a single question
	b.restart()
	b.claims(want[:]...)
	b.noClaim("all are claimed")
}

// testClaimLatecomer has a user come when the others' Turns have grown: it starts with those that wait now.
func testClaimLatecomer(b *bench) {
	var ann []string
	for range 6 {
		ann = append(ann, b.own("ann").ID)
	}
	b.claims(ann[:3]...)
	bob := []string{b.own("bob").ID, b.own("bob").ID}
	b.claims(ann[3], bob[0], ann[4], bob[1], ann[5])
}

func testClaimDialogue(b *bench) {
	first, second, bob := b.ask("ann"), b.ask("ann"), b.ask("bob")
	c := b.claim()
	b.same("first", c.Question.ID, first.ID)
	b.claims(bob.ID)
	b.noClaim("another question of the dialogue is claimed")
	b.restart()
	b.must("Complete", b.Complete(b.ctx, c, b.result("answer")))
	b.claims(second.ID)
}

func testClaimInTurn(b *bench) {
	first, second := b.ask("ann"), b.ask("ann")
	b.must("Release", b.Release(b.ctx, b.claim(), journal.Release{At: b.now, NotBefore: b.now.Add(time.Minute)}))
	b.restart()
	b.noClaim("the first of the dialogue has to wait, and the second with it")
	b.tick(time.Minute)
	c := b.claim()
	b.same("first", c.Question.ID, first.ID)
	b.must("Complete", b.Complete(b.ctx, c, b.result("answer")))
	b.claims(second.ID)
}

func testClaimLease(b *bench) {
	q := b.ask("ann")
	second := b.ask("ann")
	old := b.claim()
	b.tick(time.Minute - time.Microsecond)
	b.noClaim("the lease lasts")
	b.tick(time.Microsecond)
	b.restart()
	c := b.claim()
	if c.Question.ID != q.ID || c.Question.Attempts != 2 || c.Token == old.Token {
		b.Errorf("Claim after the lease: %+v; want %s, attempt 2, another token", c, q.ID)
	}
	b.wantErr("Renew", b.Renew(b.ctx, old, b.now.Add(time.Hour)), journal.ErrLost)
	b.wantErr("Complete", b.Complete(b.ctx, old, b.result("late")), journal.ErrLost)
	b.wantErr("Release", b.Release(b.ctx, old, journal.Release{At: b.now, Free: true}), journal.ErrLost)
	b.wantState(journal.Claimed, q.ID)
	b.wantSteps(q.ID, "accepted", "claimed", "claimed")
	b.noClaim("the dialogue has a claim that lasts")
	b.must("Complete", b.Complete(b.ctx, c, b.result("answer")))
	b.claims(second.ID)
}

func testClaimNotBefore(b *bench) {
	q := b.ask("ann")
	c := b.claim()
	b.must("Release", b.Release(b.ctx, c, journal.Release{At: b.now, NotBefore: b.now.Add(time.Minute), Why: "model is down"}))
	b.wantState(journal.Waiting, q.ID)
	b.restart()
	b.tick(time.Minute - time.Microsecond)
	b.noClaim("it is not to be answered before")
	b.tick(time.Microsecond)
	c = b.claim()
	b.same("attempts", c.Question.Attempts, 2)
	b.must("Release", b.Release(b.ctx, c, journal.Release{At: b.now, Free: true}))
	b.same("attempts when one was free", b.entry(q.ID).Question.Attempts, 1)
	b.same("attempts", b.claim().Question.Attempts, 2)
	b.wantSteps(q.ID, "accepted", "claimed", "released", "claimed", "released", "claimed")
}

func testClaimAcceptedBefore(b *bench) {
	first := b.ask("ann")
	b.ask("bob")
	claim := func(before time.Time) (journal.Claim, error) {
		return b.Claim(b.ctx, journal.ClaimOptions{Now: b.now, Until: b.now.Add(time.Minute), AcceptedBefore: before})
	}
	_, err := claim(first.AcceptedAt)
	b.wantErr("Claim of what was accepted before the first", err, journal.ErrNone)
	c, err := claim(first.AcceptedAt.Add(time.Microsecond))
	if err != nil || c.Question.ID != first.ID {
		b.Errorf("Claim of what was accepted just after the first: %q, %v; want the first", c.Question.ID, err)
	}
	_, err = claim(first.AcceptedAt.Add(time.Microsecond))
	b.wantErr("Claim again", err, journal.ErrNone)
	b.tick(time.Minute)
	c, err = claim(first.AcceptedAt.Add(time.Microsecond))
	if err != nil || c.Question.ID != first.ID {
		b.Errorf("Claim when the lease is over: %q, %v; want the first", c.Question.ID, err)
	}
}

func testClaimReleasedKeepsPlace(b *bench) {
	first, second := b.own("ann"), b.own("bob")
	c := b.claim()
	b.own("cem")
	b.must("Release", b.Release(b.ctx, c, journal.Release{At: b.now}))
	b.claims(first.ID, second.ID)
}

func testEarlier(b *bench) {
	b.posted("ann")
	b.tick(time.Hour)
	var want []string
	for i := range 4 {
		q := b.answer("ann")
		if i%2 == 0 {
			b.post(b.next()) // an answer counts, delivered or not
		}
		want = append(want, q.ID)
	}
	cancelled := b.arrival("ann")
	b.accept(cancelled)
	b.withdraw(cancelled, journal.Waiting)
	refused := b.arrival("ann")
	refused.Refuse = "closed"
	b.accept(refused)
	b.posted("bob")
	b.ask("ann")
	b.ask("ann")
	b.restart()
	c := b.claim()
	b.same("Earlier", ids(c.Earlier), want[1:])
	for _, q := range c.Earlier {
		b.same("text and answer of "+q.ID, []string{q.Text, string(q.Answer)},
			[]string{b.entry(q.ID).Question.Text, `{"answer": "answer to ` + q.ID + `"}`})
	}
}

// testEarlierHour asks by the clock of the platform: at most an hour apart counts.
func testEarlierHour(b *bench) {
	q := b.posted("ann")
	for _, tt := range []struct {
		after time.Duration
		want  []string
	}{
		{time.Hour, []string{q.ID}},
		{time.Hour + time.Microsecond, nil},
	} {
		a := b.arrival("ann")
		a.Question.AskedAt = q.AskedAt.Add(tt.after)
		b.accept(a)
		b.same("Earlier after "+tt.after.String(), ids(b.claim().Earlier), tt.want)
		b.withdraw(a, journal.Claimed)
	}
}

func testEarlierErased(b *bench) {
	b.posted("ann")
	_, err := b.Erase(b.ctx, "ann", b.now)
	b.must("Erase", err)
	b.ask("ann")
	b.same("Earlier", ids(b.claim().Earlier), []string(nil))
}
