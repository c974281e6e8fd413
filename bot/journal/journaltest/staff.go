package journaltest

import (
	"encoding/json"
	"time"

	"policybot/bot/channel"
	"policybot/bot/journal"
)

func staffCases() []check {
	return []check{
		{"OpenCase", testOpenCase},
		{"OpenCaseOnce", testOpenCaseOnce},
		{"UndeliverableReply", testUndeliverableReply},
		{"OpenCaseNoQuestion", testOpenCaseNoQuestion},
		{"OpenCaseErrors", testOpenCaseErrors},
		{"ListCases", testListCases},
		{"Respond", testRespond},
		{"RespondNoQuestion", testRespondNoQuestion},
		{"RespondErased", testRespondErased},
		{"RespondInOrder", testRespondInOrder},
	}
}

// openCase opens a case.
func (b *bench) openCase(c journal.NewCase) journal.Case {
	b.Helper()
	got, err := b.OpenCase(b.ctx, c, b.now)
	b.must("OpenCase", err)
	b.tick(time.Second)
	return got
}

// respond replies to a case.
func (b *bench) respond(id string) (journal.Case, error) {
	return b.Respond(b.ctx, journal.Response{Case: id, By: "clerk", Text: "come by", Doc: doc("come by"), At: b.now})
}

func testOpenCase(b *bench) {
	q := b.ask("ann")
	at := b.now
	got := b.openCase(journal.NewCase{
		ID: "case", Question: q.ID, Reason: "asked", Text: "a person, please",
		Channel: "other", User: "other", Dialogue: "other", Place: channel.Place{ID: "other"}, // the question's count
	})
	b.restart()
	want := journal.Case{
		ID: "case", Seq: got.Seq, Question: q.ID, Reason: "asked", Text: "a person, please", Asked: q.Text, Channel: "chat",
		User: "ann", Dialogue: q.Dialogue, Place: q.Place, Reply: q.Reply, State: journal.CaseOpen, OpenedAt: at,
	}
	b.same("OpenCase", got, want)
	got, err := b.GetCase(b.ctx, "case")
	b.must("GetCase", err)
	b.same("GetCase", got, want)
	b.wantSteps(q.ID, "accepted", "case")
	b.wantState(journal.Waiting, q.ID)
	b.same("counts", b.count(), journal.Counts{Waiting: 1, OpenCases: 1, Questions: 1, Oldest: q.AcceptedAt})
	_, err = b.Edit(b.ctx, journal.Edit{Channel: "chat", ContentKey: "content 001", User: "ann", Text: "edited", At: b.now})
	b.must("Edit", err)
	got, err = b.GetCase(b.ctx, "case")
	b.must("GetCase", err)
	b.same("what was asked, as it is now", got.Asked, "edited")
}

func testOpenCaseOnce(b *bench) {
	q := b.ask("ann")
	first := b.openCase(journal.NewCase{ID: "one", Question: q.ID, Reason: "asked"})
	b.restart()
	b.same("a second case", b.openCase(journal.NewCase{ID: "two", Question: q.ID, Reason: "other", Text: "text"}), first)
	b.same("the same again", b.openCase(journal.NewCase{ID: "one", Question: q.ID}), first)
	b.wantSteps(q.ID, "accepted", "case")
	_, err := b.Respond(b.ctx, journal.Response{Case: "one", By: "clerk", Text: "come by", Doc: doc("come by"), Why: "hurry", At: b.now})
	b.must("Respond", err)
	var said struct{ By, Why string }
	steps := b.entry(q.ID).Steps
	b.must("read the step", json.Unmarshal(steps[len(steps)-1].Detail, &said))
	b.same("who replied, and why although", said.By+" "+said.Why, "clerk hurry")
	b.tick(time.Minute)
	again := b.openCase(journal.NewCase{ID: "three", Question: q.ID, Reason: "asked", Text: "once more"})
	if again.ID != "one" || again.State != journal.CaseOpen || again.Text != "once more" || again.Delivery != "" {
		b.Errorf("opened again after a reply: %+v", again)
	}
	b.restart()
	_, err = b.respond("one")
	b.must("Respond once more", err)
	_, err = b.respond("one")
	b.wantErr("Respond a third time", err, journal.ErrReplied)
	b.wantSteps(q.ID, "accepted", "case", "replied", "case", "replied")
}

// testUndeliverableReply has a reply of the staff fail: its case waits for the staff again.
func testUndeliverableReply(b *bench) {
	q := b.posted("ann")
	b.openCase(journal.NewCase{ID: "one", Question: q.ID, Reason: "asked"})
	_, err := b.respond("one")
	b.must("Respond", err)
	b.must("GiveUp", b.GiveUp(b.ctx, b.next(), b.now, "archived", journal.NewCase{ID: "two", Question: q.ID, Reason: "undeliverable", Text: "gone"}))
	b.restart()
	got, err := b.GetCase(b.ctx, "one")
	b.must("GetCase", err)
	if got.State != journal.CaseOpen || got.Reason != "undeliverable" || got.Text != "gone" {
		b.Errorf("case: %+v; want it open again", got)
	}
	b.same("open cases", b.count().OpenCases, 1)
}

func testOpenCaseNoQuestion(b *bench) {
	c := journal.NewCase{
		ID: "case", Reason: "asked", Text: "hello", Channel: "chat", User: "ann", Dialogue: "d",
		Place: channel.Place{ID: "p", Thread: "t", Group: true}, Reply: channel.Handle{Data: []byte{0, 1}, Expires: b.now},
	}
	at := b.now
	got := b.openCase(c)
	b.restart()
	want := journal.Case{
		ID: c.ID, Seq: got.Seq, Reason: c.Reason, Text: c.Text, Channel: c.Channel, User: c.User, Dialogue: c.Dialogue,
		Place: c.Place, Reply: c.Reply, State: journal.CaseOpen, OpenedAt: at,
	}
	b.same("OpenCase", got, want)
	got, err := b.GetCase(b.ctx, "case")
	b.must("GetCase", err)
	b.same("GetCase", got, want)
	c.ID = "case2"
	if second := b.openCase(c); second.ID != "case2" || second.Seq <= got.Seq {
		b.Errorf("OpenCase: %+v; want a second case, for there is no question", second)
	}
}

func testOpenCaseErrors(b *bench) {
	_, err := b.OpenCase(b.ctx, journal.NewCase{ID: "case", Question: "none"}, b.now)
	b.wantErr("OpenCase for a question that is not known", err, journal.ErrNotFound)
	_, err = b.GetCase(b.ctx, "case")
	b.wantErr("GetCase", err, journal.ErrNotFound)
	first := b.openCase(journal.NewCase{ID: "case", Channel: "chat", User: "ann", Dialogue: "d"})
	q := b.ask("bob")
	if got, err := b.OpenCase(b.ctx, journal.NewCase{ID: "case", Question: q.ID}, b.now); err == nil {
		b.Errorf("OpenCase with the id of another case gave %+v; want an error", got)
	}
	list, err := b.ListCases(b.ctx, "")
	b.must("ListCases", err)
	b.same("cases", list, []journal.Case{first})
	b.wantSteps(q.ID, "accepted")
}

func testListCases(b *bench) {
	list := func(state journal.CaseState, want ...string) {
		b.Helper()
		got, err := b.ListCases(b.ctx, state)
		b.must("ListCases", err)
		var names []string
		for _, c := range got {
			names = append(names, c.ID)
		}
		b.same("cases "+string(state), names, want)
	}
	list("")
	for _, id := range []string{"z", "a", "m"} {
		b.openCase(journal.NewCase{ID: id, Question: b.ask("user " + id).ID, Reason: "asked"})
	}
	_, err := b.respond("a")
	b.must("Respond", err)
	b.restart()
	list("", "z", "a", "m")
	list(journal.CaseOpen, "z", "m")
	list(journal.CaseReplied, "a")
	list("other")
	b.same("open cases", b.count().OpenCases, 2)
}

func testRespond(b *bench) {
	q := b.posted("ann")
	want := b.openCase(journal.NewCase{ID: "case", Question: q.ID, Reason: "asked"})
	at := b.now
	got, err := b.respond("case")
	b.must("Respond", err)
	if got.Delivery == "" {
		b.Errorf("Respond gave no delivery")
	}
	want.State, want.RepliedAt, want.By, want.Response, want.Delivery = journal.CaseReplied, at, "clerk", "come by", got.Delivery
	b.same("Respond", got, want)
	b.restart()
	got, err = b.GetCase(b.ctx, "case")
	b.must("GetCase", err)
	b.same("GetCase", got, want)
	_, err = b.respond("case")
	b.wantErr("Respond again", err, journal.ErrReplied)
	_, err = b.respond("none")
	b.wantErr("Respond to no case", err, journal.ErrNotFound)
	d := b.next()
	b.same("id of the delivery", d.ID, got.Delivery)
	b.same("delivery", visibleDelivery(d), journal.Delivery{
		Question: q.ID, Case: "case", Purpose: journal.Staff, Channel: "chat", User: "ann", Dialogue: q.Dialogue, Place: q.Place,
		Reply: q.Reply, Doc: doc("come by"), State: journal.Posting, Attempts: 1, CreatedAt: at,
	})
	before := b.entry(q.ID).Question
	b.post(d)
	b.same("the question", b.entry(q.ID).Question, before) // closed long ago
	b.noNext("there is one response")
	b.wantSteps(q.ID, "accepted", "claimed", "answered", "posting", "posted", "case", "replied", "posting", "posted")
}

func testRespondNoQuestion(b *bench) {
	c := b.openCase(journal.NewCase{
		ID: "case", Channel: "chat", User: "ann", Dialogue: "d", Place: channel.Place{ID: "p"}, Reply: channel.Handle{Data: []byte("r")},
	})
	_, err := b.respond("case")
	b.must("Respond", err)
	b.restart()
	d := b.next()
	b.same("delivery", visibleDelivery(d), journal.Delivery{
		Case: "case", Purpose: journal.Staff, Channel: "chat", User: "ann", Dialogue: "d", Place: c.Place, Reply: c.Reply,
		Doc: doc("come by"), State: journal.Posting, Attempts: 1, CreatedAt: b.now,
	})
	b.must("GiveUp", b.GiveUp(b.ctx, d, b.now, "gone", journal.NewCase{
		ID: "second", Reason: "undeliverable", Channel: "chat", User: "ann", Dialogue: "d", Place: c.Place, Reply: c.Reply,
	}))
	got, err := b.GetCase(b.ctx, "second")
	b.must("GetCase", err)
	if got.State != journal.CaseOpen || got.User != "ann" || got.Place != c.Place || got.Question != "" {
		b.Errorf("case of a response that was given up: %+v; want one for the same user and place", got)
	}
}

func testRespondErased(b *bench) {
	q := b.posted("ann")
	b.openCase(journal.NewCase{ID: "one", Question: q.ID})
	b.openCase(journal.NewCase{ID: "two", Channel: "chat", User: "ann", Dialogue: "d"})
	b.openCase(journal.NewCase{ID: "three", Channel: "chat", User: "ann", Dialogue: "d"})
	_, err := b.respond("three")
	b.must("Respond", err)
	_, err = b.Erase(b.ctx, "ann", b.now)
	b.must("Erase", err)
	b.restart()
	for _, id := range []string{"one", "two"} {
		_, err = b.respond(id)
		b.wantErr("Respond to an erased user, case "+id, err, journal.ErrUnreachable)
		got, err := b.GetCase(b.ctx, id)
		b.must("GetCase", err)
		b.same("state of the case", got.State, journal.CaseOpen)
	}
	_, err = b.respond("three")
	b.wantErr("Respond to a case that was replied", err, journal.ErrReplied)
	b.noNext("nobody can be reached")
}

// testRespondInOrder has a reply of the staff wait for what was said before in the dialogue.
func testRespondInOrder(b *bench) {
	q := b.answer("ann")
	b.openCase(journal.NewCase{ID: "case", Question: q.ID})
	_, err := b.respond("case")
	b.must("Respond", err)
	d := b.next()
	b.same("first", d.Purpose, journal.Final)
	b.noNext("the answer did not arrive yet")
	b.post(d)
	b.same("second", b.next().Purpose, journal.Staff)
}
