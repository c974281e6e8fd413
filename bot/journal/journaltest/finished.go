package journaltest

import (
	"time"

	"policybot/bot/journal"
)

func finishedCases() []check {
	return []check{
		{"WorkOnFinished", testWorkOnFinished},
		{"WorkOnErased", testWorkOnErased},
		{"CloseCase", testCloseCase},
		{"EraseDrafts", testEraseDrafts},
		{"ForgetDrafts", testForgetDrafts},
	}
}

// wantFinished checks that nobody can work on a case.
func (b *bench) wantFinished(id string, n int, want error) {
	b.Helper()
	before, drafts := b.get(id), b.drafts(id)
	_, err := b.Assign(b.ctx, id, "other", "li", b.now)
	b.wantErr("Assign", err, want)
	_, err = b.SaveDraft(b.ctx, b.draft(id, n, "li", "late"))
	b.wantErr("SaveDraft", err, want)
	for _, does := range []journal.Verb{journal.Submit, journal.Return, journal.Approve} {
		b.wantErr(string(does), b.decide(id, n, does, "wang"), want)
	}
	_, err = b.CloseCase(b.ctx, journal.Closing{Case: id, By: "li", Why: "late", At: b.now})
	b.wantErr("CloseCase", err, want)
	_, err = b.respond(id)
	b.wantErr("Respond", err, want)
	b.restart()
	b.same("the case", b.get(id), before)
	b.same("its drafts", b.drafts(id), drafts)
}

func testWorkOnFinished(b *bench) {
	b.aCase("replied", "ann")
	b.save("replied", 0, "li", "one")
	_, err := b.respond("replied")
	b.must("Respond", err)
	b.wantFinished("replied", 1, journal.ErrReplied)
	b.aCase("closed", "bob")
	b.save("closed", 0, "li", "one")
	_, err = b.CloseCase(b.ctx, journal.Closing{Case: "closed", By: "li", Why: "a duplicate", At: b.now})
	b.must("CloseCase", err)
	b.wantFinished("closed", 1, journal.ErrClosed)
}

func testWorkOnErased(b *bench) {
	b.aCase("case", "ann")
	b.save("case", 0, "li", "one")
	b.must("submit", b.decide("case", 1, journal.Submit, "li"))
	b.same("awaiting", b.count().Awaiting, 1)
	b.erase("ann", journal.Erased{Questions: 1, Cases: 1})
	b.same("awaiting, erased", b.count().Awaiting, 0)
	b.wantStage("case", "", 1, 0)
	_, err := b.SaveDraft(b.ctx, b.draft("case", 1, "li", "two"))
	b.wantErr("SaveDraft", err, journal.ErrUnreachable)
	b.wantErr("Decide", b.decide("case", 1, journal.Approve, "wang"), journal.ErrUnreachable)
	_, err = b.Assign(b.ctx, "case", "li", "li", b.now)
	b.must("Assign", err)
	got, err := b.CloseCase(b.ctx, journal.Closing{Case: "case", By: "li", Why: "the asker was erased", At: b.now})
	b.must("CloseCase", err)
	b.same("state", got.State, journal.CaseClosed)
}

func testCloseCase(b *bench) {
	q := b.aCase("case", "ann")
	first := b.save("case", 0, "li", "one")
	b.must("approve", b.decide("case", 1, journal.Approve, "wang"))
	_, err := b.CloseCase(b.ctx, journal.Closing{Case: "case", By: "li", Why: " ", At: b.now})
	b.wantErr("CloseCase without a reason", err, journal.ErrNoReason)
	want := b.get("case")
	want.State, want.ClosedAt, want.ClosedBy, want.ClosedWhy = journal.CaseClosed, b.now, "li", "a duplicate"
	got, err := b.CloseCase(b.ctx, journal.Closing{Case: "case", By: "li", Why: "a duplicate", At: b.now})
	b.must("CloseCase", err)
	b.same("CloseCase", got, want)
	b.restart()
	b.same("GetCase", b.get("case"), want)
	b.same("open cases", b.count().OpenCases, 0)
	b.noNext("it was closed without a reply")
	list, err := b.ListCases(b.ctx, journal.CaseClosed)
	b.must("ListCases", err)
	b.same("closed cases", list, []journal.Case{want})
	b.tick(time.Minute)
	again := b.openCase(journal.NewCase{ID: "x", Question: q.ID, Reason: "asked", Text: "please"})
	b.restart()
	b.same("opened again", b.get("case"), again)
	b.same("its state", []any{again.ID, again.State, again.Text, again.ClosedBy, again.ClosedWhy, again.ClosedAt.IsZero(), again.Stage, again.Earlier},
		[]any{"case", journal.CaseOpen, "please", "", "", true, journal.Stage(""), 1})
	b.wantConflict("approve a draft of before", b.decide("case", 1, journal.Approve, "wang"), first)
	b.wantSteps(q.ID, "accepted", "claimed", "answered", "posting", "posted", "case", "approved", "closed case", "case")
	_, err = b.respond("case")
	b.must("Respond", err)
}

func testEraseDrafts(b *bench) {
	b.aCase("case", "ann")
	b.save("case", 0, "li", "one")
	b.save("case", 1, "wang", "two")
	b.aCase("other", "bob")
	kept := b.save("other", 0, "li", "of bob")
	b.erase("ann", journal.Erased{Questions: 1, Cases: 1})
	for _, d := range b.drafts("case") {
		if d.Text != "" || len(d.Clauses) > 0 || d.By == "" || d.At.IsZero() {
			b.Errorf("a draft of an erased case: %+v; want no text and no clauses", d)
		}
	}
	b.same("drafts", len(b.drafts("case")), 2)
	b.same("drafts of others", b.drafts("other"), []journal.Draft{kept})
}

func testForgetDrafts(b *bench) {
	b.aCase("case", "ann")
	b.save("case", 0, "li", "one")
	b.openCase(journal.NewCase{ID: "alone", Channel: "chat", User: "ann", Dialogue: "d"})
	kept := b.save("alone", 0, "li", "two")
	b.forget(b.now, 0, 0) // somebody works on it
	b.same("drafts of an open case", len(b.drafts("case")), 1)
	b.closeCase("case")
	b.forget(b.now, 0, 1)
	_, err := b.ListDrafts(b.ctx, "case")
	b.wantErr("ListDrafts of a forgotten case", err, journal.ErrNotFound)
	b.same("drafts of another", b.drafts("alone"), []journal.Draft{kept})
}
