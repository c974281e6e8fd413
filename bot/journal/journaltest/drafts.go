package journaltest

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"policybot/bot/journal"
)

func draftCases() []check {
	return []check{
		{"Assign", testAssign},
		{"SaveDraft", testSaveDraft},
		{"SaveDraftConflict", testSaveDraftConflict},
		{"SaveDraftAgain", testSaveDraftAgain},
		{"SaveDraftLimits", testSaveDraftLimits},
		{"WorkUnknown", testWorkUnknown},
		{"Decide", testDecide},
		{"DecideStages", testDecideStages},
		{"DecideLatestOnly", testDecideLatestOnly},
		{"OwnApproval", testOwnApproval},
		{"NewRound", testNewRound},
		{"ConcurrentDrafts", testConcurrentDrafts},
	}
}

// aCase opens a case for a closed question of a user.
func (b *bench) aCase(id, user string) journal.Question {
	b.Helper()
	q := b.posted(user)
	b.openCase(journal.NewCase{ID: id, Question: q.ID, Reason: "asked"})
	return q
}

// draft makes a revision that is backed by the clause of doc.
func (b *bench) draft(id string, base int, by, text string) journal.Draft {
	return journal.Draft{Case: id, Base: base, Text: text, Clauses: []string{"a.1"}, By: by, At: b.now}
}

// save stores a revision. Time passes.
func (b *bench) save(id string, base int, by, text string) journal.Draft {
	b.Helper()
	got, err := b.SaveDraft(b.ctx, b.draft(id, base, by, text))
	b.must("SaveDraft", err)
	b.tick(time.Second)
	return got
}

// decide decides on a revision. Time passes.
func (b *bench) decide(id string, n int, does journal.Verb, by string) error {
	d := journal.Decision{Case: id, Draft: n, Does: does, By: by, At: b.now}
	if does == journal.Return {
		d.Why = "cite the clause"
	}
	b.tick(time.Second)
	_, err := b.Decide(b.ctx, d)
	return err
}

// get reads a case.
func (b *bench) get(id string) journal.Case {
	b.Helper()
	c, err := b.GetCase(b.ctx, id)
	b.must("GetCase", err)
	return c
}

// drafts lists the revisions of a case.
func (b *bench) drafts(id string) []journal.Draft {
	b.Helper()
	list, err := b.ListDrafts(b.ctx, id)
	b.must("ListDrafts", err)
	return list
}

// wantStage checks how far the draft of a case is.
func (b *bench) wantStage(id string, stage journal.Stage, revision, approved int) {
	b.Helper()
	c := b.get(id)
	if c.Stage != stage || c.Revision != revision || c.Approved != approved {
		b.Errorf("case %s: stage %q of revision %d, approved %d; want %q of %d, approved %d", id, c.Stage, c.Revision, c.Approved, stage, revision, approved)
	}
}

// wantConflict checks that a call was refused for another revision.
func (b *bench) wantConflict(what string, err error, latest journal.Draft) {
	b.Helper()
	conflict, ok := errors.AsType[*journal.ConflictError](err)
	if !ok {
		b.Errorf("%s: error %v; want a conflict", what, err)
		return
	}
	b.same(what+": the latest", conflict.Latest, latest)
}

func testAssign(b *bench) {
	q := b.aCase("case", "ann")
	want := b.get("case")
	want.Owner = "li"
	for range 2 { // the second says nothing new
		got, err := b.Assign(b.ctx, "case", "li", "wang", b.now)
		b.must("Assign", err)
		b.same("Assign", got, want)
		b.restart()
	}
	b.same("GetCase", b.get("case"), want)
	b.wantSteps(q.ID, "accepted", "claimed", "answered", "posting", "posted", "case", "assigned")
	steps := b.entry(q.ID).Steps
	b.same("detail", string(steps[len(steps)-1].Detail), `{"by":"wang","owner":"li"}`)
	got, err := b.Assign(b.ctx, "case", "", "li", b.now)
	b.must("Assign", err)
	b.same("given back", got.Owner, "")
	b.wantSteps(q.ID, "accepted", "claimed", "answered", "posting", "posted", "case", "assigned", "assigned")
	b.openCase(journal.NewCase{ID: "alone", Channel: "chat", User: "ann", Dialogue: "d"})
	_, err = b.Assign(b.ctx, "alone", "li", "li", b.now)
	b.must("Assign of a case without a question", err)
}

func testSaveDraft(b *bench) {
	b.aCase("case", "ann")
	at := b.now
	d := b.draft("case", 0, "program", "first [1]")
	d.Origin = journal.ByProgram
	got, err := b.SaveDraft(b.ctx, d)
	b.must("SaveDraft", err)
	d.N = 1
	b.same("first", got, d)
	b.restart()
	b.tick(time.Second)
	second := b.save("case", 1, "li", " second\r\n[1] ") // to the letter
	b.same("second", second, journal.Draft{
		Case: "case", N: 2, Base: 1, Text: " second\r\n[1] ", Clauses: []string{"a.1"}, By: "li", At: at.Add(time.Second), Origin: journal.ByPerson,
	})
	none, err := b.SaveDraft(b.ctx, journal.Draft{Case: "case", Base: 2, Text: "third", By: "li", At: b.now})
	b.must("SaveDraft without clauses", err)
	b.restart()
	b.same("every revision", b.drafts("case"), []journal.Draft{d, second, none})
	b.wantStage("case", journal.StageEditing, 3, 0)
	b.same("counts", b.count().Awaiting, 0)
	b.openCase(journal.NewCase{ID: "other", Channel: "chat", User: "ann", Dialogue: "d"})
	b.same("drafts of another case", b.drafts("other"), []journal.Draft(nil))
	b.save("other", 0, "li", "first")
	b.wantStage("other", journal.StageEditing, 1, 0)
	b.wantStage("case", journal.StageEditing, 3, 0)
}

func testSaveDraftConflict(b *bench) {
	b.aCase("case", "ann")
	_, err := b.SaveDraft(b.ctx, b.draft("case", 1, "li", "on nothing"))
	b.wantConflict("a base that is not there", err, journal.Draft{})
	first := b.save("case", 0, "li", "one")
	for _, tt := range []struct {
		what string
		base int
		by   string
		text string
	}{
		{"another text on the same base", 0, "wang", "two"},
		{"another text of the same author", 0, "li", "two"},
		{"the same text of another author", 0, "wang", "one"},
		{"a base to come", 2, "li", "one"},
		{"a base below 0", -1, "li", "one"},
	} {
		_, err := b.SaveDraft(b.ctx, b.draft("case", tt.base, tt.by, tt.text))
		b.wantConflict(tt.what, err, first)
	}
	b.restart()
	b.same("drafts", b.drafts("case"), []journal.Draft{first})
	second := b.save("case", 1, "wang", "two")
	_, err = b.SaveDraft(b.ctx, b.draft("case", 1, "li", "three"))
	b.wantConflict("a base that was the latest", err, second)
	b.same("drafts", b.drafts("case"), []journal.Draft{first, second})
}

func testSaveDraftAgain(b *bench) {
	b.aCase("case", "ann")
	first := b.save("case", 0, "li", "one")
	b.restart()
	b.same("sent twice", b.save("case", 0, "li", "one"), first)
	b.same("saved once more", b.save("case", 1, "li", "one"), first)
	b.must("submit", b.decide("case", 1, journal.Submit, "li"))
	b.must("approve", b.decide("case", 1, journal.Approve, "wang"))
	b.same("saved when it is approved", b.save("case", 1, "li", "one"), first)
	b.wantStage("case", journal.StageApproved, 1, 1)
	other := b.draft("case", 1, "li", "one")
	other.Clauses = []string{"a.2"}
	got, err := b.SaveDraft(b.ctx, other)
	b.must("SaveDraft with other clauses", err)
	b.same("N with other clauses", got.N, 2)
	got, err = b.SaveDraft(b.ctx, b.draft("case", 2, "li", "one"))
	b.must("SaveDraft of what it was before", err)
	b.same("N of what it was before", got.N, 3)
	b.same("N of another author", b.save("case", 3, "wang", "one").N, 4)
	b.wantStage("case", journal.StageEditing, 4, 0)
	b.same("drafts", len(b.drafts("case")), 4)
}

func testSaveDraftLimits(b *bench) {
	b.aCase("case", "ann")
	most := b.draft("case", 0, "li", strings.Repeat("补", journal.MaxDraft))
	for i := range journal.MaxClauses {
		most.Clauses = append(most.Clauses[:i:i], fmt.Sprint("a.", i))
	}
	for what, change := range map[string]func(d *journal.Draft){
		"a character too many": func(d *journal.Draft) { d.Text += "贴" },
		"a clause too many":    func(d *journal.Draft) { d.Clauses = append(d.Clauses, "a.1") },
		"no text":              func(d *journal.Draft) { d.Text = "" },
		"blank":                func(d *journal.Draft) { d.Text = " \n" },
		"not UTF-8":            func(d *journal.Draft) { d.Text = "\xff" },
		"nobody's":             func(d *journal.Draft) { d.By = " " },
		"of another origin":    func(d *journal.Draft) { d.Origin = "model" },
	} {
		d := most
		change(&d)
		_, err := b.SaveDraft(b.ctx, d)
		b.wantErr(what, err, journal.ErrDraft)
	}
	b.same("drafts", b.drafts("case"), []journal.Draft(nil))
	b.wantStage("case", "", 0, 0)
	got, err := b.SaveDraft(b.ctx, most)
	b.must("SaveDraft of the most", err)
	b.restart()
	b.same("the most", b.drafts("case"), []journal.Draft{got})
	b.same("characters", len(got.Text), len("补")*journal.MaxDraft)
}

func testWorkUnknown(b *bench) {
	_, err := b.Assign(b.ctx, "none", "li", "li", b.now)
	b.wantErr("Assign", err, journal.ErrNotFound)
	_, err = b.SaveDraft(b.ctx, b.draft("none", 0, "li", "one"))
	b.wantErr("SaveDraft", err, journal.ErrNotFound)
	_, err = b.ListDrafts(b.ctx, "none")
	b.wantErr("ListDrafts", err, journal.ErrNotFound)
	b.wantErr("Decide", b.decide("none", 1, journal.Submit, "li"), journal.ErrNotFound)
	_, err = b.CloseCase(b.ctx, journal.Closing{Case: "none", By: "li", Why: "why", At: b.now})
	b.wantErr("CloseCase", err, journal.ErrNotFound)
}

func testDecide(b *bench) {
	q := b.aCase("case", "ann")
	b.save("case", 0, "li", "one")
	b.must("submit", b.decide("case", 1, journal.Submit, "li"))
	b.restart()
	b.wantStage("case", journal.StageAwaiting, 1, 0)
	b.same("who submitted it", b.get("case").SubmittedBy, "li")
	b.same("awaiting", b.count().Awaiting, 1)
	b.must("return", b.decide("case", 1, journal.Return, "wang"))
	b.restart()
	b.wantStage("case", journal.StageReturned, 1, 0)
	b.same("why", b.get("case").ReturnReason, "cite the clause")
	b.same("awaiting", b.count().Awaiting, 0)
	b.save("case", 1, "li", "two [1]")
	b.wantStage("case", journal.StageEditing, 2, 0)
	b.same("why, while it is changed", b.get("case").ReturnReason, "cite the clause")
	b.must("submit", b.decide("case", 2, journal.Submit, "li"))
	b.same("why, when it is submitted", b.get("case").ReturnReason, "")
	b.must("approve", b.decide("case", 2, journal.Approve, "wang"))
	b.restart()
	b.wantStage("case", journal.StageApproved, 2, 2)
	c := b.get("case")
	b.same("who", []string{c.SubmittedBy, c.ApprovedBy}, []string{"li", "wang"})
	b.save("case", 2, "li", "three")
	b.wantStage("case", journal.StageEditing, 3, 0)
	c = b.get("case")
	b.same("who, after a change", []string{c.SubmittedBy, c.ApprovedBy}, []string{"", ""})
	b.wantSteps(q.ID, "accepted", "claimed", "answered", "posting", "posted", "case", "submitted", "returned", "submitted", "approved")
}

func testDecideStages(b *bench) {
	b.aCase("case", "ann")
	b.save("case", 0, "li", "one")
	check := func(what string, does journal.Verb, by string, want error, stage journal.Stage) {
		b.Helper()
		b.wantErr(what, b.decide("case", 1, does, by), want)
		if got := b.get("case").Stage; got != stage {
			b.Errorf("%s: stage %q; want %q", what, got, stage)
		}
	}
	check("return what nobody submitted", journal.Return, "wang", journal.ErrStage, journal.StageEditing)
	check("submit", journal.Submit, "li", nil, journal.StageAwaiting)
	check("submit again", journal.Submit, "li", nil, journal.StageAwaiting)
	check("submit what another has submitted", journal.Submit, "wang", journal.ErrStage, journal.StageAwaiting)
	check("return", journal.Return, "wang", nil, journal.StageReturned)
	check("return again", journal.Return, "wang", nil, journal.StageReturned)
	check("submit unchanged", journal.Submit, "li", nil, journal.StageAwaiting)
	check("approve", journal.Approve, "wang", nil, journal.StageApproved)
	check("approve again", journal.Approve, "wang", nil, journal.StageApproved)
	check("submit what is approved", journal.Submit, "li", journal.ErrStage, journal.StageApproved)
	check("take the approval back", journal.Return, "wang", nil, journal.StageReturned)
	b.same("approved", b.get("case").Approved, 0)
	check("approve what was returned", journal.Approve, "zhao", nil, journal.StageApproved)
	for _, why := range []string{"", " \n"} {
		_, err := b.Decide(b.ctx, journal.Decision{Case: "case", Draft: 1, Does: journal.Return, By: "wang", Why: why, At: b.now})
		b.wantErr("return without a reason", err, journal.ErrNoReason)
	}
	for what, d := range map[string]journal.Decision{
		"nobody decides":    {Case: "case", Draft: 1, Does: journal.Approve, At: b.now},
		"no such decision":  {Case: "case", Draft: 1, Does: "burn", By: "wang", At: b.now},
		"decide on nothing": {Case: "case", Does: journal.Approve, By: "wang", At: b.now},
	} {
		if _, err := b.Decide(b.ctx, d); err == nil {
			b.Errorf("%s: no error", what)
		}
	}
	b.wantStage("case", journal.StageApproved, 1, 1)
}

func testDecideLatestOnly(b *bench) {
	b.aCase("case", "ann")
	b.wantConflict("no draft", b.decide("case", 0, journal.Approve, "wang"), journal.Draft{})
	b.save("case", 0, "li", "one")
	second := b.save("case", 1, "zhao", "two")
	for _, does := range []journal.Verb{journal.Submit, journal.Return, journal.Approve} {
		for _, n := range []int{-1, 0, 1, 3} {
			b.wantConflict(fmt.Sprint(does, " ", n), b.decide("case", n, does, "wang"), second)
		}
	}
	b.wantStage("case", journal.StageEditing, 2, 0)
}

func testOwnApproval(b *bench) {
	b.aCase("case", "ann")
	b.save("case", 0, "li", "one")
	for _, mode := range []string{"", journal.ApprovalOn} {
		b.must("SetSetting", b.SetSetting(b.ctx, journal.SettingApproval, mode))
		for _, by := range []string{"li", "LI", " li "} {
			b.wantErr("approve, written by oneself, mode "+mode, b.decide("case", 1, journal.Approve, by), journal.ErrOwnApproval)
		}
	}
	b.must("submit", b.decide("case", 1, journal.Submit, "wang"))
	b.wantErr("approve, submitted by oneself", b.decide("case", 1, journal.Approve, "Wang"), journal.ErrOwnApproval)
	b.restart()
	b.wantStage("case", journal.StageAwaiting, 1, 0)
	b.must("approve, of another", b.decide("case", 1, journal.Approve, "zhao"))
	b.must("SetSetting", b.SetSetting(b.ctx, journal.SettingApproval, ""))
	b.must("return", b.decide("case", 1, journal.Return, "zhao"))
	b.must("submit", b.decide("case", 1, journal.Submit, "wang"))
	b.must("approve, submitted by oneself, the mode is off", b.decide("case", 1, journal.Approve, "wang"))
}

// testNewRound opens a case again after a reply: the drafts before are history.
func testNewRound(b *bench) {
	q := b.aCase("case", "ann")
	_, err := b.Assign(b.ctx, "case", "li", "li", b.now)
	b.must("Assign", err)
	first := b.save("case", 0, "li", "one")
	b.must("approve", b.decide("case", 1, journal.Approve, "wang"))
	got, err := b.Respond(b.ctx, b.response("case", first))
	b.must("Respond", err)
	b.same("what was sent", got.Sent, 1)
	b.same("its clauses", got.Clauses, []string{"a.1"})
	b.openCase(journal.NewCase{ID: "x", Question: q.ID, Reason: "asked", Text: "once more"})
	b.restart()
	c := b.get("case")
	b.wantStage("case", "", 1, 0)
	b.same("the new round", []any{c.Earlier, c.ApprovedBy, c.SubmittedBy, c.Owner}, []any{1, "", "", "li"})
	b.wantConflict("approve a draft of before", b.decide("case", 1, journal.Approve, "wang"), first)
	_, err = b.Respond(b.ctx, b.response("case", first))
	b.wantConflict("Respond with a draft of before", err, first)
	b.must("SetSetting", b.SetSetting(b.ctx, journal.SettingApproval, journal.ApprovalOn))
	_, err = b.Respond(b.ctx, b.response("case", first))
	b.wantErr("Respond with a draft of before, in approval mode", err, journal.ErrUnapproved)
	_, err = b.SaveDraft(b.ctx, b.draft("case", 0, "li", "two"))
	b.wantConflict("a base of before", err, first)
	second := b.save("case", 1, "li", "one") // the same words are a new revision
	b.same("N", second.N, 2)
	b.must("approve", b.decide("case", 2, journal.Approve, "wang"))
	_, err = b.Respond(b.ctx, b.response("case", second))
	b.must("Respond", err)
	b.restart()
	b.same("the history", b.drafts("case"), []journal.Draft{first, second})
}

// testConcurrentDrafts has people save on the same base at once, again and again: exactly one wins, the others
// are shown what won, and nothing that was stored is overwritten.
func testConcurrentDrafts(b *bench) {
	const people, rounds = 4, 6
	b.aCase("case", "ann")
	var won []journal.Draft
	for round := range rounds {
		var saved [people]journal.Draft
		var errs [people]error
		var group sync.WaitGroup
		for i := range people {
			d := b.draft("case", round, fmt.Sprint("person", i), fmt.Sprintf("round %d of %d", round, i))
			group.Go(func() { saved[i], errs[i] = b.SaveDraft(b.ctx, d) })
		}
		group.Wait()
		winner := -1
		for i, err := range errs {
			if err == nil {
				if winner >= 0 {
					b.Fatalf("round %d: %d and %d both won", round, winner, i)
				}
				winner = i
			}
		}
		if winner < 0 {
			b.Fatalf("round %d: nobody won: %v", round, errs)
		}
		won = append(won, saved[winner])
		for i, err := range errs {
			if i != winner {
				b.wantConflict(fmt.Sprintf("round %d, person %d", round, i), err, saved[winner])
			}
		}
	}
	b.restart()
	b.same("what won", b.drafts("case"), won)
}
