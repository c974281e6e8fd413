package journaltest

import (
	"time"

	"policybot/bot/journal"
)

func changeCases() []check {
	return []check{
		{"EditWaiting", testEditWaiting},
		{"EditClaimed", testEditClaimed},
		{"EditTooLate", testEditTooLate},
		{"EditKeepsNotBefore", testEditKeepsNotBefore},
		{"EditUnknown", testEditUnknown},
		{"Withdraw", testWithdraw},
		{"WithdrawTooLate", testWithdrawTooLate},
		{"WithdrawUnknown", testWithdrawUnknown},
		{"WithdrawDialogue", testWithdrawDialogue},
		{"Rate", testRate},
		{"RateWithdrawn", testRateWithdrawn},
	}
}

// edit changes the text of the question that an arrival brought.
func (b *bench) edit(a journal.Arrival, want journal.State) {
	b.Helper()
	got, err := b.Edit(b.ctx, journal.Edit{
		Channel: a.Question.Channel, ContentKey: a.ContentKey, User: a.Question.User,
		Text: "edited", Digest: "edited digest", Masked: []string{"email"}, At: b.now,
	})
	if err != nil || got != want {
		b.Errorf("Edit: %q, %v; want %q, the state before", got, err, want)
	}
	b.tick(time.Second)
}

// withdraw takes back the question that an arrival brought.
func (b *bench) withdraw(a journal.Arrival, want journal.State) {
	b.Helper()
	got, err := b.Withdraw(b.ctx, journal.Withdrawal{
		Channel: a.Question.Channel, ContentKey: a.ContentKey, User: a.Question.User, Why: "why", At: b.now,
	})
	if err != nil || got != want {
		b.Errorf("Withdraw: %q, %v; want %q, the state before", got, err, want)
	}
	b.tick(time.Second)
}

func testEditWaiting(b *bench) {
	a := b.arrival("ann")
	a.Question.Masked = []string{"phone"}
	b.accept(a)
	b.ask("bob")
	at := b.now
	b.edit(a, journal.Waiting)
	b.edit(a, journal.Waiting)
	b.restart()
	want := a.Question
	want.Seq, want.State, want.Revision = 1, journal.Waiting, 2
	want.Text, want.Digest, want.Masked = "edited", "edited digest", []string{"email"}
	e := b.entry(a.Question.ID)
	b.same("edited question", visible(e.Question), want)
	b.wantSteps(a.Question.ID, "accepted", "edited", "edited")
	if !e.Steps[1].At.Equal(at) {
		b.Errorf("step edited at %s; want %s", e.Steps[1].At, at)
	}
	b.same("the first in the queue", b.claim().Question.Text, "edited") // it kept its place
}

func testEditClaimed(b *bench) {
	a := b.arrival("ann")
	b.accept(a)
	bob := b.ask("bob")
	lost := b.claim()
	b.edit(a, journal.Claimed)
	b.restart()
	b.wantState(journal.Waiting, a.Question.ID)
	b.wantErr("Renew", b.Renew(b.ctx, lost, b.now.Add(time.Hour)), journal.ErrLost)
	b.wantErr("Complete", b.Complete(b.ctx, lost, b.result("late")), journal.ErrLost)
	b.wantErr("Release", b.Release(b.ctx, lost, journal.Release{At: b.now, Free: true}), journal.ErrLost)
	b.noNext("the answer to the old text was lost")
	c := b.claim()
	if c.Question.ID != a.Question.ID || c.Question.Text != "edited" || c.Question.Attempts != 2 || c.Question.Revision != 1 {
		b.Errorf("Claim after Edit: %+v; want the edited question, at its place, attempt 2", c.Question)
	}
	if c.Token == lost.Token {
		b.Errorf("a claim has the token of one that was lost")
	}
	b.wantErr("Complete", b.Complete(b.ctx, lost, b.result("late")), journal.ErrLost)
	b.claims(bob.ID)
	b.wantSteps(a.Question.ID, "accepted", "claimed", "edited", "claimed")
}

// tooLate brings questions into each state that is neither waiting nor claimed.
func tooLate(b *bench) map[journal.State]journal.Arrival {
	late := map[journal.State]journal.Arrival{}
	for _, state := range []journal.State{journal.Answered, journal.Closed, journal.Cancelled, journal.Refused} {
		a := b.arrival("user-" + string(state))
		if state == journal.Refused {
			a.Refuse = "closed"
		}
		b.accept(a)
		switch state {
		case journal.Cancelled:
			b.withdraw(a, journal.Waiting)
		case journal.Answered, journal.Closed:
			b.must("Complete", b.Complete(b.ctx, b.claim(), b.result("answer")))
		}
		late[state] = a
	}
	for range 3 { // the two answers and the notice
		if d := b.next(); d.User == "user-closed" {
			b.post(d)
		}
	}
	for state, a := range late {
		b.wantState(state, a.Question.ID)
	}
	return late
}

func testEditTooLate(b *bench) {
	for state, a := range tooLate(b) {
		want := b.entry(a.Question.ID)
		want.Steps = append(want.Steps, journal.Step{At: b.now, Name: "edit ignored"})
		b.edit(a, state)
		b.restart()
		b.sameButDetail("question that is "+string(state), b.entry(a.Question.ID), want)
	}
	b.noClaim("nothing waits")
}

// sameButDetail compares entries without the detail of the last step.
func (b *bench) sameButDetail(what string, got, want journal.Entry) {
	b.Helper()
	for _, e := range []journal.Entry{got, want} {
		if n := len(e.Steps); n > 0 {
			e.Steps[n-1].Detail = nil
		}
	}
	b.same(what, got, want)
}

func testEditKeepsNotBefore(b *bench) {
	a := b.arrival("ann")
	b.accept(a)
	b.must("Release", b.Release(b.ctx, b.claim(), journal.Release{At: b.now, NotBefore: b.now.Add(time.Minute)}))
	b.edit(a, journal.Waiting)
	b.noClaim("it waits until NotBefore")
	b.tick(time.Minute)
	b.same("text", b.claim().Question.Text, "edited")
}

func testEditUnknown(b *bench) {
	a := b.arrival("ann")
	b.accept(a)
	before := b.entry(a.Question.ID)
	for _, tt := range []struct{ name, channel, content, user string }{
		{"other user", "chat", a.ContentKey, "bob"},
		{"no user", "chat", a.ContentKey, ""},
		{"other channel", "mail", a.ContentKey, "ann"},
		{"other key", "chat", "nobody knows", "ann"},
		{"no key", "chat", "", "ann"},
		{"a delivery key", "chat", a.DeliveryKey, "ann"},
	} {
		got, err := b.Edit(b.ctx, journal.Edit{Channel: tt.channel, ContentKey: tt.content, User: tt.user, Text: "edited", At: b.now})
		if got != "" || err != nil {
			b.Errorf("Edit, %s: %q, %v; want no state and no error", tt.name, got, err)
		}
		got, err = b.Withdraw(b.ctx, journal.Withdrawal{Channel: tt.channel, ContentKey: tt.content, User: tt.user, At: b.now})
		if got != "" || err != nil {
			b.Errorf("Withdraw, %s: %q, %v; want no state and no error", tt.name, got, err)
		}
		b.same(tt.name+": the question", b.entry(a.Question.ID), before)
	}
}

func testWithdraw(b *bench) {
	a := b.arrival("ann")
	b.accept(a)
	other := b.ask("ann")
	b.withdraw(a, journal.Waiting)
	b.restart()
	b.wantState(journal.Cancelled, a.Question.ID)
	b.wantSteps(a.Question.ID, "accepted", "withdrawn")
	want := a.Question
	want.Seq, want.State = 1, journal.Cancelled
	b.same("withdrawn question", visible(b.entry(a.Question.ID).Question), want)
	b.claims(other.ID)

	claimed := b.arrival("bob")
	b.accept(claimed)
	lost := b.claim()
	b.withdraw(claimed, journal.Claimed)
	b.wantState(journal.Cancelled, claimed.Question.ID)
	b.wantErr("Renew", b.Renew(b.ctx, lost, b.now.Add(time.Hour)), journal.ErrLost)
	b.wantErr("Complete", b.Complete(b.ctx, lost, b.result("late")), journal.ErrLost)
	b.wantErr("Release", b.Release(b.ctx, lost, journal.Release{At: b.now}), journal.ErrLost)
	b.wantState(journal.Cancelled, claimed.Question.ID)
	b.noNext("nothing is answered")
}

func testWithdrawTooLate(b *bench) {
	for state, a := range tooLate(b) {
		want := b.entry(a.Question.ID)
		want.Steps = append(want.Steps, journal.Step{At: b.now, Name: "withdrawal ignored"})
		b.withdraw(a, state)
		b.restart()
		b.sameButDetail("question that is "+string(state), b.entry(a.Question.ID), want)
	}
}

func testWithdrawUnknown(b *bench) {
	for _, w := range []journal.Withdrawal{
		{}, {Channel: "chat", User: "ann"}, {Channel: "chat", User: "ann", Dialogue: "none"}, {Channel: "chat", ContentKey: "none"},
	} {
		if got, err := b.Withdraw(b.ctx, w); got != "" || err != nil {
			b.Errorf("Withdraw(%+v): %q, %v; want no state and no error", w, got, err)
		}
	}
}

func testWithdrawDialogue(b *bench) {
	closed := b.posted("ann")
	answered := b.answer("ann")
	b.ask("ann")
	c := b.claim()
	waiting := b.ask("ann")
	elsewhere := b.arrival("ann")
	elsewhere.Question.Dialogue = "another"
	b.accept(elsewhere)
	bob := b.ask("bob")
	w := journal.Withdrawal{Channel: "chat", Dialogue: waiting.Dialogue, User: "bob", At: b.now}
	if got, err := b.Withdraw(b.ctx, w); got != "" || err != nil {
		b.Errorf("Withdraw of another user's dialogue: %q, %v; want no state", got, err)
	}
	w.User = "ann"
	if got, err := b.Withdraw(b.ctx, w); got != journal.Waiting || err != nil {
		b.Errorf("Withdraw of a dialogue: %q, %v; want %q, the state of the last", got, err, journal.Waiting)
	}
	b.restart()
	b.wantState(journal.Cancelled, c.Question.ID, waiting.ID)
	b.wantState(journal.Closed, closed.ID)
	b.wantState(journal.Answered, answered.ID)
	b.wantState(journal.Waiting, elsewhere.Question.ID, bob.ID)
	b.wantSteps(answered.ID, "accepted", "claimed", "answered")
	b.wantErr("Complete", b.Complete(b.ctx, c, b.result("late")), journal.ErrLost)
	if got, err := b.Withdraw(b.ctx, w); got != "" || err != nil {
		b.Errorf("Withdraw of a dialogue where nothing waits: %q, %v; want no state", got, err)
	}
}

func testRate(b *bench) {
	q := b.posted("ann")
	rate := func(r journal.Rating) journal.Rating {
		b.Helper()
		r.Question, r.At = q.ID, b.now
		b.must("Rate", b.Rate(b.ctx, r))
		b.tick(time.Second)
		return r
	}
	rate(journal.Rating{User: "ann", Good: true, Reason: "other", Text: "fine"})
	bob := rate(journal.Rating{User: "bob", Reason: "wrong", Text: "错"})
	b.restart()
	ann := rate(journal.Rating{User: "ann", Reason: "outdated"})
	b.same("ratings", b.entry(q.ID).Ratings, []journal.Rating{bob, ann})
	b.wantSteps(q.ID, "accepted", "claimed", "answered", "posting", "posted", "rated", "rated", "rated")
	b.wantErr("Rate a question that is not known", b.Rate(b.ctx, journal.Rating{Question: "none", User: "ann", At: b.now}), journal.ErrNotFound)
	other := b.ask("bob")
	b.same("ratings of another question", len(b.entry(other.ID).Ratings), 0)
}

func testRateWithdrawn(b *bench) {
	q := b.posted("ann")
	rate := func(r journal.Rating) journal.Rating {
		b.Helper()
		r.Question, r.At = q.ID, b.now
		b.must("Rate", b.Rate(b.ctx, r))
		b.tick(time.Second)
		return r
	}
	steps := []string{"accepted", "claimed", "answered", "posting", "posted"}
	rate(journal.Rating{User: "ann", Withdrawn: true, Good: true, Reason: "other", Text: "none was there"})
	b.same("a rating that was never there, taken back", b.entry(q.ID).Ratings, []journal.Rating(nil))
	b.wantSteps(q.ID, steps...)
	bob := rate(journal.Rating{User: "bob", Good: true})
	rate(journal.Rating{User: "ann", Reason: "wrong", Text: "错"})
	b.wantFound("before it is taken back", journal.Query{Rating: journal.Bad}, q.ID)
	rate(journal.Rating{User: "ann", Withdrawn: true, Good: true, Text: "again"})
	steps = append(steps, "rated", "rated", "rating withdrawn")
	b.restart()
	b.same("what the other thinks", b.entry(q.ID).Ratings, []journal.Rating{bob})
	b.wantFound("taken back", journal.Query{Rating: journal.Bad})
	b.wantFound("the other's counts", journal.Query{Rating: journal.Good}, q.ID)
	rate(journal.Rating{User: "ann", Withdrawn: true})
	rate(journal.Rating{User: "bob", Withdrawn: true})
	steps = append(steps, "rating withdrawn")
	b.same("all taken back", b.entry(q.ID).Ratings, []journal.Rating(nil))
	b.same("in the list", b.ratings(journal.Filter{}), []journal.Rating(nil))
	b.wantFound("as if never rated", journal.Query{Rating: journal.None}, q.ID)
	b.wantFound("without a reason", journal.Query{RatingReason: "wrong"})
	b.wantSteps(q.ID, steps...)
	b.wantErr("of a question that is not known", b.Rate(b.ctx, journal.Rating{Question: "none", User: "ann", At: b.now, Withdrawn: true}), journal.ErrNotFound)
	ann := rate(journal.Rating{User: "ann", Reason: "outdated"})
	b.same("rated anew", b.entry(q.ID).Ratings, []journal.Rating{ann})
}
