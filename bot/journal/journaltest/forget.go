package journaltest

import (
	"time"

	"policybot/bot/journal"
)

func forgetCases() []check {
	return []check{
		{"Forget", testForget},
		{"ForgetLimit", testForgetLimit},
		{"ForgetBelongings", testForgetBelongings},
		{"ForgetLateDuplicate", testForgetLateDuplicate},
		{"ForgetErased", testForgetErased},
		{"ForgetOpenCase", testForgetOpenCase},
		{"ForgetTurns", testForgetTurns},
	}
}

// forget removes old questions and checks how many.
func (b *bench) forget(before time.Time, limit, want int) {
	b.Helper()
	old, err := b.Old(b.ctx, before)
	if most := old.Removed; err != nil || limit == 0 && most != want || most < want {
		b.Errorf("Old(%s) = %+v, %v; want %d to be removed", before, old, err, want)
	}
	got, err := b.Forget(b.ctx, before, limit)
	if err != nil || got != want {
		b.Errorf("Forget(%s, %d) = %d, %v; want %d", before, limit, got, err, want)
	}
	b.restart()
}

func testForget(b *bench) {
	closed := b.posted("ann")
	answered := b.answer("ann")
	cancelled := b.arrival("bob")
	b.accept(cancelled)
	b.withdraw(cancelled, journal.Waiting)
	refused := b.arrival("bob")
	refused.Refuse = "closed"
	b.accept(refused)
	claimed := b.ask("cem")
	b.claim()
	waiting := b.ask("dan")
	late := b.arrival("eve")
	b.accept(late)
	b.withdraw(late, journal.Waiting)

	b.forget(closed.AcceptedAt, 0, 0)
	b.forget(closed.AcceptedAt.Add(time.Microsecond), 0, 1)
	b.forget(late.Question.AcceptedAt, 0, 2)
	b.same("what is left", ids(b.list(journal.Filter{})), []string{answered.ID, claimed.ID, waiting.ID, late.Question.ID})
	for _, id := range []string{closed.ID, cancelled.Question.ID, refused.Question.ID} {
		_, err := b.Entry(b.ctx, id)
		b.wantErr("Entry of a forgotten question", err, journal.ErrNotFound)
	}
	b.same("counts", b.count(), journal.Counts{
		Waiting: 1, Claimed: 1, Answered: 1, Ready: 1, Questions: 7, Oldest: waiting.AcceptedAt,
	})
	b.forget(b.now.Add(time.Hour), 0, 1)
	b.same("Seq of the next", b.ask("fay").Seq, int64(8))
}

func testForgetLimit(b *bench) {
	var list []string
	for range 5 {
		list = append(list, b.posted("ann").ID)
	}
	b.forget(b.now, 2, 2)
	b.same("what is left", ids(b.list(journal.Filter{})), list[2:])
	b.forget(b.now, 0, 3)
	b.forget(b.now, 2, 0)
	b.same("Seq of the next", b.ask("ann").Seq, int64(6)) // also when nothing is left
}

func testForgetBelongings(b *bench) {
	q := b.ask("ann")
	r := b.result("answer")
	r.Tokens = []journal.Token{{Token: "token", Question: q.ID, Does: "good"}}
	r.Case = &journal.NewCase{ID: "case", Question: q.ID}
	b.must("Complete", b.Complete(b.ctx, b.claim(), r))
	b.post(b.next())
	_, err := b.respond("case")
	b.must("Respond", err)
	d := b.next()
	b.forget(b.now, 0, 1)
	b.lost("forgotten", d)
	_, err = b.Pressed(b.ctx, "token")
	b.wantErr("Pressed", err, journal.ErrNotFound)
	_, err = b.GetCase(b.ctx, "case")
	b.wantErr("GetCase", err, journal.ErrNotFound)
	b.wantErr("Rate", b.Rate(b.ctx, journal.Rating{Question: q.ID, User: "ann", At: b.now}), journal.ErrNotFound)
	_, err = b.OpenCase(b.ctx, journal.NewCase{ID: "case2", Question: q.ID}, b.now)
	b.wantErr("OpenCase", err, journal.ErrNotFound)
	b.tick(time.Hour)
	b.noNext("the question was forgotten")
	b.same("counts", b.count(), journal.Counts{Questions: 1})
}

func testForgetLateDuplicate(b *bench) {
	a := b.arrival("ann")
	b.accept(a)
	b.must("Complete", b.Complete(b.ctx, b.claim(), b.result("answer")))
	b.post(b.next())
	b.forget(b.now, 0, 1)
	gone := journal.Accepted{Duplicate: true, Question: journal.Question{ID: a.Question.ID, Channel: "chat", State: journal.Closed}}
	again := b.arrival("ann")
	again.DeliveryKey = a.DeliveryKey
	again.Refuse = "closed"
	b.same("a delivery key", b.accept(again), gone)
	b.restart()
	third := b.arrival("ann")
	third.ContentKey = again.ContentKey
	b.same("a key learned from a late duplicate", b.accept(third), gone)
	b.edit(a, "")
	b.withdraw(a, "")
	b.same("counts", b.count(), journal.Counts{Questions: 1})

	other := b.arrival("bob")
	other.Question.ID, other.OtherID = a.Question.ID, "other"
	b.same("id of a question that wants a forgotten id", b.accept(other).Question.ID, "other")
	b.same("and the old keys", b.accept(a), gone)
}

func testForgetErased(b *bench) {
	a := b.arrival("ann")
	b.accept(a)
	b.openCase(journal.NewCase{ID: "case", Question: a.Question.ID})
	b.erase("ann", journal.Erased{Questions: 1, Cases: 1, Cancelled: 1})
	b.ask("ann")
	b.forget(a.Question.AcceptedAt.Add(time.Microsecond), 0, 1)
	got := b.accept(a)
	if !got.Duplicate || got.Question.State != journal.Closed {
		b.Errorf("Accept of a question that was erased and forgotten: %+v; want a duplicate, closed", got)
	}
	b.same("counts", b.count().OpenCases, 0)
}

// closeCase closes a case without a reply.
func (b *bench) closeCase(id string) {
	b.Helper()
	_, err := b.CloseCase(b.ctx, journal.Closing{Case: id, By: "li", Why: "done", At: b.now})
	b.must("CloseCase", err)
}

// testForgetOpenCase wants a question to be kept as long as its case is open, also one that was opened again.
func testForgetOpenCase(b *bench) {
	closed, replied, other := b.posted("ann"), b.posted("bob"), b.posted("cem")
	b.openCase(journal.NewCase{ID: "closed", Question: closed.ID})
	b.openCase(journal.NewCase{ID: "replied", Question: replied.ID})
	b.openCase(journal.NewCase{ID: "alone", Channel: "chat", User: "dan", Dialogue: "d"})
	b.forget(b.now, 0, 1)
	b.wantOld(journal.Old{Kept: 2})
	b.same("what is left", ids(b.list(journal.Filter{})), []string{closed.ID, replied.ID})
	_, err := b.Entry(b.ctx, other.ID)
	b.wantErr("Entry of one without a case", err, journal.ErrNotFound)
	b.closeCase("closed")
	b.wantOld(journal.Old{Kept: 1, Removed: 1})
	b.openCase(journal.NewCase{ID: "x", Question: closed.ID})
	b.forget(b.now, 0, 0)
	b.closeCase("closed")
	_, err = b.respond("replied")
	b.must("Respond", err)
	b.forget(b.now, 1, 1)
	b.forget(b.now, 0, 1)
	b.wantOld(journal.Old{})
}

// testForgetTurns wants the turns beside that of an open case to be kept with it, and no more of the dialogue.
func testForgetTurns(b *bench) {
	const before, after = 3, 2 // that are too far away
	var list []string
	for range before + journal.CaseTurns + 1 + journal.CaseTurns + after {
		list = append(list, b.posted("ann").ID)
	}
	b.posted("bob")
	b.openCase(journal.NewCase{ID: "case", Question: list[before+journal.CaseTurns]})
	b.wantOld(journal.Old{Removed: before + after + 1, Kept: 2*journal.CaseTurns + 1})
	b.forget(b.now, 2, 2)
	b.forget(b.now, 0, before+after+1-2)
	b.same("what is left", ids(b.list(journal.Filter{})), list[before:len(list)-after])
	b.closeCase("case")
	b.forget(b.now, 0, 2*journal.CaseTurns+1)
}

// wantOld checks what Forget would do.
func (b *bench) wantOld(want journal.Old) {
	b.Helper()
	got, err := b.Old(b.ctx, b.now)
	if err != nil || got != want {
		b.Errorf("Old = %+v, %v; want %+v", got, err, want)
	}
}
