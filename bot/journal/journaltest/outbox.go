package journaltest

import (
	"time"

	"policybot/bot/journal"
)

func outboxCases() []check {
	return []check{
		{"Posted", testPosted},
		{"Later", testLater},
		{"LaterArrived", testLaterArrived},
		{"DeliveryLease", testDeliveryLease},
		{"DeliveryLeaseOverNotGiven", testDeliveryLeaseOverNotGiven},
		{"GiveUp", testGiveUp},
		{"GiveUpHasCase", testGiveUpHasCase},
		{"LostDeliveries", testLostDeliveries},
		{"DialogueInOrder", testDialogueInOrder},
		{"DeliveriesBySeq", testDeliveriesBySeq},
		{"NextChannels", testNextChannels},
	}
}

// later gives a delivery back for a time.
func (b *bench) later(d journal.Delivery, after time.Duration) {
	b.Helper()
	b.must("Later", b.Later(b.ctx, d, journal.Later{At: b.now, Next: b.now.Add(after), Why: "busy"}))
}

func testPosted(b *bench) {
	b.noNext("the journal is empty")
	q := b.answer("ann")
	d := b.next()
	if d.Token == "" || d.ID == "" || d.State != journal.Posting || d.Attempts != 1 || d.Uncertain {
		b.Errorf("Next: %+v; want a delivery with id and token, posting, attempt 1, not uncertain", d)
	}
	b.same("counts", b.count(), journal.Counts{Answered: 1, Posting: 1, Questions: 1})
	b.noNext("it was given")
	b.restart()
	b.noNext("it was given, also after a restart")
	at := b.now
	b.must("Posted", b.Posted(b.ctx, d, at, "receipt 1", journal.Pause{}))
	b.restart()
	e := b.entry(q.ID)
	want := d
	want.State, want.PostedAt, want.Receipt = journal.Posted, at, "receipt 1"
	if len(e.Deliveries) != 1 || e.Deliveries[0].ID != d.ID {
		b.Fatalf("deliveries of the question: %+v; want the one", e.Deliveries)
	}
	b.same("delivery", visibleDelivery(e.Deliveries[0]), visibleDelivery(want))
	if e.Question.State != journal.Closed || !e.Question.ClosedAt.Equal(at) {
		b.Errorf("question is %s at %s; want closed at %s", e.Question.State, e.Question.ClosedAt, at)
	}
	b.wantSteps(q.ID, "accepted", "claimed", "answered", "posting", "posted")
	b.same("counts", b.count(), journal.Counts{Questions: 1})
	b.tick(time.Hour)
	b.noNext("it arrived")
}

func testLater(b *bench) {
	q := b.answer("ann")
	first := b.next()
	b.later(first, time.Minute)
	b.same("counts", b.count(), journal.Counts{Answered: 1, Ready: 1, Questions: 1})
	got := b.entry(q.ID).Deliveries[0]
	if got.State != journal.Ready || got.Why != "busy" || got.Uncertain || !got.NextAt.Equal(b.now.Add(time.Minute)) {
		b.Errorf("delivery after Later: %+v; want ready, with Why and NextAt, not uncertain", got)
	}
	b.wantErr("Posted after Later", b.Posted(b.ctx, first, b.now, "", journal.Pause{}), journal.ErrLost)
	b.restart()
	b.tick(time.Minute - time.Microsecond)
	b.noNext("it is not yet time")
	b.tick(time.Microsecond)
	second := b.next()
	if second.ID != first.ID || second.Attempts != 2 || second.Uncertain || second.Token == first.Token {
		b.Errorf("Next after Later: %+v; want the same delivery, attempt 2, not uncertain, another token", second)
	}
	b.wantErr("Posted with the first token", b.Posted(b.ctx, first, b.now, "", journal.Pause{}), journal.ErrLost)
	b.post(second)
	b.wantSteps(q.ID, "accepted", "claimed", "answered", "posting", "retried", "posting", "posted")
}

func testLaterArrived(b *bench) {
	b.answer("ann")
	d := b.next()
	b.must("Later", b.Later(b.ctx, d, journal.Later{At: b.now, Next: b.now, Why: "time-out", Arrived: true}))
	b.restart()
	d = b.next()
	b.same("Uncertain", d.Uncertain, true)
	b.later(d, 0)
	b.same("Uncertain for good", b.next().Uncertain, true)
}

func testDeliveryLease(b *bench) {
	q := b.answer("ann")
	lost := b.next()
	b.tick(time.Minute - time.Microsecond)
	b.noNext("the lease lasts")
	b.tick(time.Microsecond)
	b.restart()
	d := b.next()
	if d.ID != lost.ID || !d.Uncertain || d.Attempts != 2 || d.Token == lost.Token {
		b.Errorf("Next after the lease: %+v; want the same delivery, uncertain, attempt 2, another token", d)
	}
	before := b.entry(q.ID)
	b.lost("a lease that was given to another", lost)
	b.same("the question", b.entry(q.ID), before)
	b.later(d, 0)
	d = b.next()
	b.same("Uncertain for good", d.Uncertain, true)
	b.post(d)
	b.wantSteps(q.ID, "accepted", "claimed", "answered", "posting", "posting", "retried", "posting", "posted")
}

func testDeliveryLeaseOverNotGiven(b *bench) {
	q := b.answer("ann")
	d := b.next()
	b.tick(time.Hour)
	b.restart()
	b.post(d)
	b.wantState(journal.Closed, q.ID)
}

// lost checks that a delivery cannot be ended, and that trying pauses nothing.
func (b *bench) lost(what string, d journal.Delivery) {
	b.Helper()
	pause := journal.Pause{Until: b.now.Add(time.Hour), All: true}
	b.wantErr("Posted, "+what, b.Posted(b.ctx, d, b.now, "lost", pause), journal.ErrLost)
	b.wantErr("Later, "+what, b.Later(b.ctx, d, journal.Later{At: b.now, Next: b.now, Pause: pause}), journal.ErrLost)
	b.wantErr("GiveUp, "+what, b.GiveUp(b.ctx, d, b.now, "lost", journal.NewCase{ID: "lost", Question: d.Question}), journal.ErrLost)
	_, err := b.GetCase(b.ctx, "lost")
	b.wantErr("GetCase, "+what, err, journal.ErrNotFound)
}

func testGiveUp(b *bench) {
	q := b.answer("ann")
	d := b.next()
	b.must("GiveUp", b.GiveUp(b.ctx, d, b.now, "archived", journal.NewCase{ID: "case", Question: q.ID, Reason: "undeliverable", Text: "gone"}))
	b.restart()
	e := b.entry(q.ID)
	if e.Question.State != journal.Closed || !e.Question.ClosedAt.Equal(b.now) {
		b.Errorf("question is %s at %s; want closed now", e.Question.State, e.Question.ClosedAt)
	}
	if got := e.Deliveries[0]; got.State != journal.Failed || got.Why != "archived" || !got.PostedAt.IsZero() {
		b.Errorf("delivery: %+v; want failed, with Why, not posted", got)
	}
	c, err := b.GetCase(b.ctx, "case")
	b.must("GetCase", err)
	if c.Question != q.ID || c.State != journal.CaseOpen || c.Asked != q.Text || c.Reason != "undeliverable" || c.Text != "gone" {
		b.Errorf("case: %+v; want an open one of the question", c)
	}
	b.wantSteps(q.ID, "accepted", "claimed", "answered", "posting", "failed", "case")
	b.lost("given up", d)
	b.tick(time.Hour)
	b.noNext("it was given up")
	b.same("counts", b.count(), journal.Counts{OpenCases: 1, Questions: 1})
}

func testGiveUpHasCase(b *bench) {
	q := b.answer("ann")
	first, err := b.OpenCase(b.ctx, journal.NewCase{ID: "asked", Question: q.ID, Reason: "asked"}, b.now)
	b.must("OpenCase", err)
	b.must("GiveUp", b.GiveUp(b.ctx, b.next(), b.now, "archived", journal.NewCase{ID: "second", Question: q.ID, Reason: "undeliverable"}))
	list, err := b.ListCases(b.ctx, "")
	b.must("ListCases", err)
	b.same("cases", list, []journal.Case{first})
	b.wantState(journal.Closed, q.ID)
	b.wantSteps(q.ID, "accepted", "claimed", "answered", "case", "posting", "failed")
}

func testLostDeliveries(b *bench) {
	q := b.answer("ann")
	b.lost("not given yet", b.entry(q.ID).Deliveries[0])
	b.answer("bob")
	good, other := b.next(), b.next()
	b.lost("no delivery", journal.Delivery{})
	for what, token := range map[string]string{"no token": "", "another token": "x", "the token of another": other.Token} {
		d := good
		d.Token = token
		b.lost(what, d)
	}
	unknown := good
	unknown.ID = "none"
	b.lost("no such delivery", unknown)
	b.post(good)
	b.lost("posted", good)
	b.same("deliveries", b.entry(q.ID).Deliveries[0].State, journal.Posted)
	b.later(other, 0)
	other.Token = ""
	b.lost("given back, no token", other)
	b.next() // what was lost paused nothing
}

func testDialogueInOrder(b *bench) {
	first, second, third := b.answer("ann"), b.answer("ann"), b.answer("ann")
	bob := b.answer("bob")
	d := b.next()
	b.same("first", d.Question, first.ID)
	b.same("another dialogue", b.next().Question, bob.ID)
	b.noNext("the first of the dialogue is being posted")
	b.later(d, time.Hour)
	b.restart()
	b.noNext("the first of the dialogue is not due")
	b.tick(time.Hour)
	d = b.next()
	b.same("the first again", d.Question, first.ID)
	b.post(d)
	d = b.next()
	b.same("second", d.Question, second.ID)
	b.must("GiveUp", b.GiveUp(b.ctx, d, b.now, "no", journal.NewCase{ID: "c", Question: second.ID}))
	b.same("third, when the second failed", b.next().Question, third.ID)
}

func testDeliveriesBySeq(b *bench) {
	users := []string{"dan", "ann", "cem", "bob"}
	var want, got []string
	for _, user := range users {
		want = append(want, b.answer(user).ID)
	}
	b.restart()
	last := int64(0)
	for range users {
		d := b.next()
		if d.Seq <= last {
			b.Errorf("Seq %d comes after %d", d.Seq, last)
		}
		last = d.Seq
		got = append(got, d.Question)
	}
	b.same("order of deliveries", got, want)
	b.noNext("all were given")
	b.tick(time.Minute)
	b.same("the first again", b.next().Question, want[0])
}

func testNextChannels(b *bench) {
	a := b.arrival("ann")
	a.Question.Channel = "mail"
	b.accept(a)
	b.must("Complete", b.Complete(b.ctx, b.claim(), b.result("by mail")))
	q := b.answer("bob")
	o := b.nextOptions()
	for _, channels := range [][]string{{}, {"web"}, {""}} {
		o.Channels = channels
		_, err := b.Next(b.ctx, o)
		b.wantErr("Next of other channels", err, journal.ErrNone)
	}
	o.Channels = []string{"web", "chat"}
	d, err := b.Next(b.ctx, o)
	b.must("Next", err)
	b.same("by chat", d.Question, q.ID)
	o.Channels = []string{"mail"}
	d, err = b.Next(b.ctx, o)
	b.must("Next", err)
	b.same("by mail", d.Question, a.Question.ID)
}
