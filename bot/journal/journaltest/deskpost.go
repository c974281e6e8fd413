package journaltest

import (
	"time"

	"policybot/bot/channel"
	"policybot/bot/journal"
)

func deskPostCases() []check {
	return []check{
		{"PostOnce", testPostOnce},
		{"PostAgain", testPostAgain},
		{"PostCompleted", testPostCompleted},
		{"PostGivenUp", testPostGivenUp},
		{"PostNoQuestion", testPostNoQuestion},
		{"PostApart", testPostApart},
		{"PostErased", testPostErased},
		{"PostForgotten", testPostForgotten},
		{"PostTokenTaken", testPostTokenTaken},
	}
}

// deskPost tells the staff of a case.
func deskPost(text string) *journal.DeskPost {
	return &journal.DeskPost{
		Channel: "chat", Dialogue: "desk " + text, Place: channel.Place{ID: "office", Group: true},
		Reply: channel.Handle{Data: []byte("office"), Expires: start.Add(time.Hour)}, Doc: doc(text),
		Tokens: []journal.Token{{Token: "button " + text, Does: "case"}},
	}
}

// wantPost checks that a delivery tells of a case.
func (b *bench) wantPost(d journal.Delivery, text, question, user string) {
	b.Helper()
	p := deskPost(text)
	b.same("delivery", visibleDelivery(d), journal.Delivery{
		Question: question, Case: "case", Purpose: journal.Desk, Channel: p.Channel, User: user, Dialogue: p.Dialogue, Place: p.Place,
		Reply: p.Reply, Doc: p.Doc, State: journal.Posting, Attempts: 1, CreatedAt: d.CreatedAt,
	})
}

// wantButton checks what the button of a post stands for; "": for nothing.
func (b *bench) wantButton(text, question string) {
	b.Helper()
	got, err := b.Pressed(b.ctx, "button "+text)
	if question == "" {
		b.wantErr("Pressed", err, journal.ErrNotFound)
		return
	}
	b.must("Pressed", err)
	b.same("button", got, journal.Token{Token: "button " + text, Question: question, Does: "case"})
}

func testPostOnce(b *bench) {
	q := b.posted("ann")
	at := b.now
	b.openCase(journal.NewCase{ID: "case", Question: q.ID, Reason: "asked", Post: deskPost("one")})
	b.openCase(journal.NewCase{ID: "case", Question: q.ID, Reason: "asked", Post: deskPost("two")})
	b.restart()
	b.wantButton("one", q.ID)
	b.wantButton("two", "")
	d := b.next()
	b.wantPost(d, "one", q.ID, "ann")
	b.same("CreatedAt", d.CreatedAt, at)
	before := b.entry(q.ID).Question
	b.post(d)
	b.same("the question", b.entry(q.ID).Question, before)
	b.noNext("the case was open already")
	b.wantSteps(q.ID, "accepted", "claimed", "answered", "posting", "posted", "case", "posting", "posted")
	c, err := b.GetCase(b.ctx, "case")
	b.must("GetCase", err)
	b.same("delivery of the response", c.Delivery, "")
}

// testPostAgain has a case opened again: each round is told of once.
func testPostAgain(b *bench) {
	q := b.posted("ann")
	b.openCase(journal.NewCase{ID: "case", Question: q.ID, Post: deskPost("one")})
	b.post(b.next())
	_, err := b.respond("case")
	b.must("Respond", err)
	b.post(b.next())
	b.openCase(journal.NewCase{ID: "other", Question: q.ID, Post: deskPost("two")})
	b.restart()
	b.wantPost(b.next(), "two", q.ID, "ann")
	b.wantButton("one", q.ID)
	b.wantButton("two", q.ID)
	_, err = b.CloseCase(b.ctx, journal.Closing{Case: "case", By: "clerk", Why: "done", At: b.now})
	b.must("CloseCase", err)
	b.openCase(journal.NewCase{ID: "other", Question: q.ID, Reason: "asked"})
	b.noNext("nothing is told without a post")
}

// testPostCompleted has a case opened with an answer: of the question itself, and of an earlier one.
func testPostCompleted(b *bench) {
	for i, fetched := range []bool{false, true} {
		who := []string{"ann", "bob"}[i]
		earlier := b.posted(who)
		b.ask(who)
		c, r := b.claim(), b.result("handed over")
		r.Fetched = fetched
		r.Case = &journal.NewCase{ID: "case", Question: earlier.ID, Reason: "asked", Post: deskPost(who)}
		if i > 0 {
			r.Case.ID = "case of bob"
		}
		b.must("Complete", b.Complete(b.ctx, c, r))
		b.restart()
		if !fetched {
			b.same("first", b.next().Purpose, journal.Final)
		}
		d := b.next()
		b.same("second", []any{d.Purpose, d.Question, d.User, d.CreatedAt}, []any{journal.Desk, earlier.ID, who, r.At})
		b.wantButton(who, earlier.ID)
		b.post(d)
	}
}

// testPostGivenUp has a reply fail, which opens a case, and then what tells of the case, which opens none.
func testPostGivenUp(b *bench) {
	q := b.answer("ann")
	b.must("GiveUp", b.GiveUp(b.ctx, b.next(), b.now, "archived", journal.NewCase{ID: "case", Question: q.ID, Reason: "undeliverable", Post: deskPost("one")}))
	b.restart()
	d := b.next()
	b.wantPost(d, "one", q.ID, "ann")
	_, err := b.CloseCase(b.ctx, journal.Closing{Case: "case", By: "clerk", Why: "done", At: b.now})
	b.must("CloseCase", err)
	b.must("GiveUp", b.GiveUp(b.ctx, d, b.now, "no such room", journal.NewCase{ID: "case", Question: q.ID, Reason: "undeliverable", Post: deskPost("two")}))
	b.restart()
	list, err := b.ListCases(b.ctx, "")
	b.must("ListCases", err)
	if len(list) != 1 || list[0].State != journal.CaseClosed {
		b.Errorf("cases %+v; want the one that was closed", list)
	}
	b.noNext("it was given up")
	e := b.entry(q.ID)
	last := e.Deliveries[len(e.Deliveries)-1]
	b.same("what became of it", []any{last.State, last.Why}, []any{journal.Failed, "no such room"})
	b.wantState(journal.Closed, q.ID)
	b.lost("given up", d)
}

func testPostNoQuestion(b *bench) {
	c := journal.NewCase{ID: "case", Channel: "chat", User: "ann", Dialogue: "d", Place: channel.Place{ID: "p"}, Post: deskPost("one")}
	b.openCase(c)
	b.restart()
	d := b.next()
	b.wantPost(d, "one", "", "ann")
	b.wantButton("one", "")
	b.later(d, 0)
	b.erase("ann", journal.Erased{Cases: 1})
	b.tick(time.Hour)
	b.noNext("its asker was erased")
}

// testPostApart has what tells the staff hold up no reply to the asker, and the reverse.
func testPostApart(b *bench) {
	q := b.answer("ann")
	b.openCase(journal.NewCase{ID: "case", Question: q.ID, Post: deskPost("one")})
	first, second := b.next(), b.next()
	b.same("purposes", []journal.Purpose{first.Purpose, second.Purpose}, []journal.Purpose{journal.Final, journal.Desk})
	_, err := b.respond("case")
	b.must("Respond", err)
	b.post(first)
	b.same("third, while the staff is not told", b.next().Purpose, journal.Staff)
}

// testPostErased: what was to be told of a person is dropped with the person, and of who was erased nothing is told.
func testPostErased(b *bench) {
	waiting, done := b.posted("ann"), b.posted("ann")
	b.openCase(journal.NewCase{ID: "done", Question: done.ID, Post: deskPost(personal + "done")})
	b.post(b.next())
	b.openCase(journal.NewCase{ID: "case", Question: waiting.ID, Post: deskPost(personal + "waiting")})
	d := b.next()
	b.erase("ann", journal.Erased{Questions: 2, Cases: 2})
	b.lost("dropped", d)
	for id, want := range map[string]journal.DeliveryState{waiting.ID: journal.Dropped, done.ID: journal.Posted} {
		list := b.entry(id).Deliveries
		last := list[len(list)-1]
		b.same("delivery of "+id, []any{last.Purpose, last.State, last.Doc, last.Place, last.User}, []any{journal.Desk, want, channel.Doc{}, channel.Place{}, ""})
	}
	b.wantButton(personal+"done", "")
	b.wantButton(personal+"waiting", "")
	_, err := b.CloseCase(b.ctx, journal.Closing{Case: "case", By: "clerk", Why: "done", At: b.now})
	b.must("CloseCase", err)
	b.openCase(journal.NewCase{ID: "case", Question: waiting.ID, Post: deskPost(personal + "again")})
	never := b.ask("bob")
	b.erase("bob", journal.Erased{Questions: 1, Cancelled: 1})
	b.openCase(journal.NewCase{ID: "late", Question: never.ID, Post: deskPost(personal + "late")})
	b.tick(time.Hour)
	b.noNext("the asker was erased")
	b.wantButton(personal+"again", "")
	b.wantButton(personal+"late", "")
}

func testPostForgotten(b *bench) {
	q := b.posted("ann")
	b.openCase(journal.NewCase{ID: "case", Question: q.ID, Post: deskPost("one")})
	_, err := b.CloseCase(b.ctx, journal.Closing{Case: "case", By: "clerk", Why: "done", At: b.now})
	b.must("CloseCase", err)
	b.tick(time.Hour)
	n, err := b.Forget(b.ctx, b.now, 0)
	b.must("Forget", err)
	b.same("forgotten", n, 1)
	b.restart()
	b.noNext("it was forgotten")
	b.wantButton("one", "")
}

// testPostTokenTaken: where a button has a token that another has, nothing is done.
func testPostTokenTaken(b *bench) {
	first, second := b.posted("ann"), b.posted("bob")
	b.openCase(journal.NewCase{ID: "case", Question: first.ID, Post: deskPost("one")})
	b.post(b.next())
	if c, err := b.OpenCase(b.ctx, journal.NewCase{ID: "second", Question: second.ID, Post: deskPost("one")}, b.now); err == nil {
		b.Errorf("OpenCase with a token that is taken gave %+v; want an error", c)
	}
	b.restart()
	b.same("open cases", b.count().OpenCases, 1)
	b.noNext("nothing was done")
	b.wantButton("one", first.ID)
	b.wantSteps(second.ID, "accepted", "claimed", "answered", "posting", "posted")
}
