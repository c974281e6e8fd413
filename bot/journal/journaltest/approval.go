package journaltest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"policybot/bot/channel"
	"policybot/bot/journal"
)

func approvalCases() []check {
	return []check{
		{"Approval", testApproval},
		{"ApprovalToTheLetter", testApprovalToTheLetter},
		{"ApprovalTakenBack", testApprovalTakenBack},
		{"ApprovalOfRound", testApprovalOfRound},
		{"ApprovalOff", testApprovalOff},
		{"Inbox", testInbox},
		{"InboxPages", testInboxPages},
		{"ConcurrentApproval", testConcurrentApproval},
	}
}

// reply makes the document of a staff's reply: a line, and the text.
func reply(text string) channel.Doc {
	return channel.Doc{
		ID: "r", Lang: "zh", Label: channel.LabelStaff, Text: "our reply:\n" + text,
		Nodes: []channel.Node{{Kind: channel.Line, Text: "our reply:"}, {Kind: channel.Line, Text: text}},
	}
}

// response sends a draft.
func (b *bench) response(id string, d journal.Draft) journal.Response {
	return journal.Response{Case: id, By: "clerk", Text: d.Text, Doc: reply(d.Text), At: b.now, Revision: d.N}
}

// approvalMode switches the mode on.
func (b *bench) approvalMode() {
	b.Helper()
	b.must("SetSetting", b.SetSetting(b.ctx, journal.SettingApproval, journal.ApprovalOn))
}

func testApproval(b *bench) {
	b.aCase("case", "ann")
	b.approvalMode()
	_, err := b.respond("case")
	b.wantErr("Respond without a draft", err, journal.ErrUnapproved)
	d := b.save("case", 0, "li", "one [1]")
	refused := func(what string) {
		b.Helper()
		before := b.get("case")
		_, err := b.Respond(b.ctx, b.response("case", d))
		b.wantErr("Respond, "+what, err, journal.ErrUnapproved)
		b.restart()
		b.same("the case, "+what, b.get("case"), before)
		b.noNext("it was not approved: " + what)
	}
	refused("not submitted")
	b.must("submit", b.decide("case", 1, journal.Submit, "li"))
	refused("not approved")
	b.must("return", b.decide("case", 1, journal.Return, "wang"))
	refused("returned")
	b.must("approve", b.decide("case", 1, journal.Approve, "wang"))
	b.restart()
	got, err := b.Respond(b.ctx, b.response("case", d))
	b.must("Respond, approved", err)
	b.same("the case", []any{got.State, got.Response, got.Sent, got.Clauses, got.Approved, got.ApprovedBy},
		[]any{journal.CaseReplied, "one [1]", 1, []string{"a.1"}, 1, "wang"})
	b.same("what is delivered", b.next().Doc, reply("one [1]"))
	b.noNext("there is one reply")
	b.openCase(journal.NewCase{ID: "alone", Channel: "chat", User: "ann", Dialogue: "d"})
	d = b.save("alone", 0, "li", "two")
	_, err = b.Respond(b.ctx, b.response("alone", d))
	b.wantErr("Respond to a case without a question", err, journal.ErrUnapproved)
}

// testApprovalToTheLetter changes an approved reply in each way.
func testApprovalToTheLetter(b *bench) {
	b.aCase("case", "ann")
	b.approvalMode()
	b.save("case", 0, "li", "before")
	d := b.save("case", 1, "li", "up to 300 [1]\nsee the annex")
	b.must("approve", b.decide("case", 2, journal.Approve, "wang"))
	for what, change := range map[string]func(r *journal.Response){
		"another text":            func(r *journal.Response) { r.Text, r.Doc = "up to 900", reply("up to 900") },
		"a blank more":            func(r *journal.Response) { r.Text, r.Doc = r.Text+" ", reply(r.Text+" ") },
		"a blank less":            func(r *journal.Response) { r.Text = strings.Replace(r.Text, " ", "", 1); r.Doc = reply(r.Text) },
		"no revision":             func(r *journal.Response) { r.Revision = 0 },
		"the revision before":     func(r *journal.Response) { r.Revision = 1 },
		"a revision to come":      func(r *journal.Response) { r.Revision = 3 },
		"another clause":          func(r *journal.Response) { r.Clauses = []string{"a.2"} },
		"no clauses":              func(r *journal.Response) { r.Clauses = []string{} },
		"a clause more":           func(r *journal.Response) { r.Clauses = []string{"a.1", "a.2"} },
		"a document of another":   func(r *journal.Response) { r.Doc = reply("up to 900") },
		"a document with a tail":  func(r *journal.Response) { r.Doc.Text += "\nor 900" },
		"a document with two":     func(r *journal.Response) { r.Doc.Text = "up to 900\n" + r.Doc.Text },
		"a head without an end":   func(r *journal.Response) { r.Doc = channel.Doc{Text: "not " + r.Text} },
		"other parts":             func(r *journal.Response) { r.Doc.Nodes = reply("up to 900").Nodes },
		"a part more":             func(r *journal.Response) { r.Doc.Nodes = append(r.Doc.Nodes, channel.Node{Text: "or 900"}) },
		"an empty document":       func(r *journal.Response) { r.Doc = channel.Doc{} },
		"a citation of no clause": func(r *journal.Response) { r.Doc.Citations = []channel.Citation{{N: 1, Clause: "a.2", Quote: "900"}} },
		"a tail of another clause": func(r *journal.Response) {
			r.Doc.Text += "\n\n[1] 900"
			r.Doc.Nodes, r.Doc.Citations = nil, []channel.Citation{{N: 1, Clause: "a.2", Quote: "900"}}
		},
		"a longer last line": func(r *journal.Response) {
			r.Doc.Text += " or 900"
			r.Doc.Nodes, r.Doc.Citations = nil, []channel.Citation{{N: 1, Clause: "a.1", Quote: "300"}}
		},
		"only the end of the text": func(r *journal.Response) { r.Text, r.Doc = "see the annex", reply("see the annex") },
	} {
		r := b.response("case", d)
		change(&r)
		_, err := b.Respond(b.ctx, r)
		b.wantErr(what, err, journal.ErrUnapproved)
	}
	b.same("state", b.get("case").State, journal.CaseOpen)
	b.noNext("nothing was approved as it was sent")
	r := b.response("case", d)
	r.Clauses = []string{"a.1"}
	r.Doc.Citations = []channel.Citation{{N: 1, Clause: "a.1", Quote: "300"}}
	r.Doc.Text += "\n\nSources:\n[1] a 1"
	r.Doc.Nodes = append(r.Doc.Nodes, channel.Node{Text: "Sources:"}, channel.Node{Text: "[1] a 1"})
	_, err := b.Respond(b.ctx, r)
	b.must("Respond to the letter", err)
}

func testApprovalTakenBack(b *bench) {
	b.aCase("case", "ann")
	b.approvalMode()
	d := b.save("case", 0, "li", "one")
	b.must("approve", b.decide("case", 1, journal.Approve, "wang"))
	second := b.save("case", 1, "zhao", "two")
	for what, r := range map[string]journal.Response{"what was approved": b.response("case", d), "the latest": b.response("case", second)} {
		_, err := b.Respond(b.ctx, r)
		b.wantErr("after a change: "+what, err, journal.ErrUnapproved)
	}
	b.must("approve", b.decide("case", 2, journal.Approve, "chen"))
	b.must("return", b.decide("case", 2, journal.Return, "wang"))
	_, err := b.Respond(b.ctx, b.response("case", second))
	b.wantErr("returned", err, journal.ErrUnapproved)
	b.save("case", 2, "li", "one") // what was approved once, by others
	_, err = b.Respond(b.ctx, b.response("case", d))
	b.wantErr("the words of a revision that was approved", err, journal.ErrUnapproved)
	b.noNext("nothing was approved")
}

// testApprovalOfRound: nobody approves a round of which they wrote a revision, whoever wrote the last one; in the
// next round they may.
func testApprovalOfRound(b *bench) {
	b.aCase("case", "ann")
	b.approvalMode()
	b.save("case", 0, "li", "one")
	d := b.save("case", 1, "wang", "one,")
	b.must("submit", b.decide("case", 2, journal.Submit, "wang"))
	b.restart()
	for _, by := range []string{"li", "Li", "wang"} {
		b.wantErr("approve by "+by, b.decide("case", 2, journal.Approve, by), journal.ErrOwnApproval)
	}
	b.must("return", b.decide("case", 2, journal.Return, "li"))
	b.wantErr("approve what was returned", b.decide("case", 2, journal.Approve, "li"), journal.ErrOwnApproval)
	d = b.save("case", d.N, "wang", "two")
	b.must("submit", b.decide("case", 3, journal.Submit, "wang"))
	b.wantErr("approve after a return", b.decide("case", 3, journal.Approve, "li"), journal.ErrOwnApproval)
	b.must("approve by another", b.decide("case", 3, journal.Approve, "zhao"))
	_, err := b.Respond(b.ctx, b.response("case", d))
	b.must("Respond", err)
	b.openCase(journal.NewCase{ID: "again", Question: b.get("case").Question})
	b.restart()
	d = b.save("case", 3, "wang", "three")
	b.must("approve in the next round", b.decide("case", 4, journal.Approve, "li"))
	_, err = b.Respond(b.ctx, b.response("case", d))
	b.must("Respond in the next round", err)
}

// testApprovalOff: without the mode a reply needs no draft; one that names a draft needs the latest.
func testApprovalOff(b *bench) {
	for i, mode := range []string{"", "off", "ON", "true"} {
		id := fmt.Sprint("case", i)
		b.must("SetSetting", b.SetSetting(b.ctx, journal.SettingApproval, mode))
		b.aCase(id, "ann")
		first := b.save(id, 0, "li", "one")
		second := b.save(id, 1, "wang", "two")
		_, err := b.Respond(b.ctx, b.response(id, first))
		b.wantConflict("Respond with a draft that is not the latest", err, second)
		r := b.response(id, second)
		r.Text, r.Clauses = "another", []string{"a.3"}
		got, err := b.Respond(b.ctx, r)
		b.must("Respond", err)
		b.same("the case", []any{got.Response, got.Sent, got.Clauses}, []any{"another", 2, []string{"a.3"}})
		b.post(b.next())
	}
}

// inbox gives the ids of the cases that fit.
func (b *bench) inbox(f journal.CaseFilter) []string {
	b.Helper()
	list, err := b.Inbox(b.ctx, f)
	b.must("Inbox", err)
	var names []string
	for _, c := range list {
		b.same("Inbox and GetCase", c, b.get(c.ID))
		names = append(names, c.ID)
	}
	return names
}

func testInbox(b *bench) {
	for _, c := range []struct{ id, reason, owner string }{
		{"c1", "asked", "li"}, {"c2", "failed", ""}, {"c3", "asked", "wang"}, {"c4", "asked", "li"}, {"c5", "failed", "li"}, {"c6", "asked", ""},
	} {
		q := b.posted("ann")
		b.openCase(journal.NewCase{ID: c.id, Question: q.ID, Reason: c.reason})
		_, err := b.Assign(b.ctx, c.id, c.owner, "li", b.now)
		b.must("Assign", err)
	}
	b.save("c1", 0, "li", "one")
	b.save("c3", 0, "li", "one")
	b.save("c5", 0, "li", "one")
	b.must("submit", b.decide("c3", 1, journal.Submit, "li"))
	b.must("submit", b.decide("c5", 1, journal.Submit, "li"))
	_, err := b.respond("c4")
	b.must("Respond", err)
	_, err = b.CloseCase(b.ctx, journal.Closing{Case: "c6", By: "li", Why: "why", At: b.now})
	b.must("CloseCase", err)
	b.restart()
	for _, tt := range []struct {
		filter journal.CaseFilter
		want   string
	}{
		{journal.CaseFilter{}, "c1 c2 c3 c4 c5 c6"},
		{journal.CaseFilter{Newest: true}, "c6 c5 c4 c3 c2 c1"},
		{journal.CaseFilter{State: journal.CaseOpen}, "c1 c2 c3 c5"},
		{journal.CaseFilter{State: journal.CaseReplied}, "c4"},
		{journal.CaseFilter{State: journal.CaseClosed}, "c6"},
		{journal.CaseFilter{Owner: "li"}, "c1 c4 c5"},
		{journal.CaseFilter{Owner: "li", State: journal.CaseOpen}, "c1 c5"},
		{journal.CaseFilter{Unowned: true}, "c2 c6"},
		{journal.CaseFilter{Question: b.get("c4").Question}, "c4"},
		{journal.CaseFilter{Question: "none"}, ""},
		{journal.CaseFilter{Unowned: true, Owner: "li"}, ""},
		{journal.CaseFilter{Stage: journal.StageAwaiting}, "c3 c5"},
		{journal.CaseFilter{Stage: journal.StageAwaiting, Reason: "failed"}, "c5"},
		{journal.CaseFilter{Reason: "asked", Newest: true, Limit: 2}, "c6 c4"},
		{journal.CaseFilter{Reason: "none"}, ""},
	} {
		b.same(fmt.Sprintf("Inbox(%+v)", tt.filter), strings.Join(b.inbox(tt.filter), " "), tt.want)
	}
	b.same("awaiting", b.count().Awaiting, 2)
}

// testInboxPages goes through pages of each size, both ways.
func testInboxPages(b *bench) {
	var all []string
	for i := range 7 {
		all = append(all, fmt.Sprint("c", i))
		b.openCase(journal.NewCase{ID: all[i], Channel: "chat", User: "ann", Dialogue: "d"})
	}
	for size := 1; size <= 8; size++ {
		for _, newest := range []bool{false, true} {
			var got []string
			f := journal.CaseFilter{State: journal.CaseOpen, Limit: size, Newest: newest}
			for range len(all) + 1 {
				page, err := b.Inbox(b.ctx, f)
				b.must("Inbox", err)
				if len(page) == 0 {
					break
				}
				for _, c := range page {
					got = append(got, c.ID)
				}
				f.After = page[len(page)-1].Seq
			}
			want := strings.Join(all, " ")
			if newest {
				want = "c6 c5 c4 c3 c2 c1 c0"
			}
			b.same(fmt.Sprintf("pages of %d, newest first: %t", size, newest), strings.Join(got, " "), want)
		}
	}
}

// testConcurrentApproval has people write, approve and send at once in approval mode, and at the end, when all have
// written, only approve and send; one of them never writes. Each case is then replied to: what went out is the latest
// revision, once, and somebody approved it who wrote none.
func testConcurrentApproval(b *bench) {
	const cases, people = 8, 4
	ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
	defer cancel()
	b.approvalMode()
	t := &deskTally{approved: map[string]map[int][]string{}}
	var names []string
	for i := range cases {
		names = append(names, fmt.Sprint("case", i))
		b.aCase(names[i], fmt.Sprint("asker", i))
	}
	var group, writing sync.WaitGroup
	writing.Add(people)
	for i := range people {
		group.Go(func() {
			random, by := rand.New(rand.NewPCG(uint64(i), 0)), fmt.Sprint("person", i)
			for round := range most {
				does := random.IntN(6)
				if i == 0 {
					does = max(does, approves)
				}
				t.work(ctx, b, names[random.IntN(cases)], by, round, does)
			}
			writing.Done()
			writing.Wait()
			for _, id := range names {
				t.work(ctx, b, id, by, most, approves)
				t.work(ctx, b, id, by, most, sends)
			}
		})
	}
	group.Wait()
	b.restart()
	b.same("what went wrong", t.problems, []string(nil))
	for _, id := range names {
		c, list := b.get(id), b.drafts(id)
		latest := list[len(list)-1]
		if c.State != journal.CaseReplied || c.Sent != latest.N || c.Response != latest.Text || !otherThan(t.approved[id][latest.N], authors(list)) {
			b.Errorf("case %s is %s with %q of revision %d; the latest is %+v, approved by %v", id, c.State, c.Response, c.Sent, latest, t.approved[id][latest.N])
		}
		b.same("what is delivered", b.staffTexts(c.Question), []string{reply(latest.Text).Text})
	}
}

// staffTexts gives what goes out to a question by the staff.
func (b *bench) staffTexts(question string) []string {
	b.Helper()
	var texts []string
	for _, d := range b.entry(question).Deliveries {
		if d.Purpose == journal.Staff {
			texts = append(texts, d.Doc.Text)
		}
	}
	return texts
}

// otherThan reports whether one of a list is none of the authors.
func otherThan(list, authors []string) bool {
	return slices.ContainsFunc(list, func(name string) bool { return !slices.Contains(authors, name) })
}

// authors are those of drafts.
func authors(list []journal.Draft) []string {
	var names []string
	for _, d := range list {
		names = append(names, d.By)
	}
	return names
}

// most is how much each person does while some write.
const most = 120

// The least numbers of what a person does: below approves it is writing.
const approves, sends = 2, 4

// A deskTally is what people did at once.
type deskTally struct {
	mu       sync.Mutex
	approved map[string]map[int][]string // who approved, by case and revision
	problems []string
}

// work does one thing of a person to a case.
func (t *deskTally) work(ctx context.Context, b *bench, id, by string, round, does int) {
	c, err := b.GetCase(ctx, id)
	t.expect("GetCase", err)
	switch {
	case does < approves:
		d := b.draft(id, c.Revision, by, fmt.Sprint(by, " writes ", round))
		_, err = b.SaveDraft(ctx, d)
		t.expect("SaveDraft", err)
	case does < sends:
		_, err = b.Decide(ctx, journal.Decision{Case: id, Draft: c.Revision, Does: journal.Approve, By: by, At: b.now})
		t.expect("Decide", err)
		if err == nil {
			t.mu.Lock()
			if t.approved[id] == nil {
				t.approved[id] = map[int][]string{}
			}
			t.approved[id][c.Revision] = append(t.approved[id][c.Revision], by)
			t.mu.Unlock()
		}
	case round >= most/2 && c.Revision > 0: // there is something to send
		list, err := b.ListDrafts(ctx, id)
		t.expect("ListDrafts", err)
		if len(list) > 0 {
			_, err = b.Respond(ctx, b.response(id, list[len(list)-1]))
			t.expect("Respond", err)
		}
	}
}

// expect notes an error that the rules do not explain.
func (t *deskTally) expect(what string, err error) {
	if _, ok := errors.AsType[*journal.ConflictError](err); ok || err == nil {
		return
	}
	for _, known := range []error{journal.ErrReplied, journal.ErrUnapproved, journal.ErrOwnApproval} {
		if errors.Is(err, known) {
			return
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.problems = append(t.problems, what+": "+err.Error())
}
