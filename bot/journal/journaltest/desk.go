package journaltest

import (
	"errors"
	"fmt"
	"slices"

	"policybot/bot/journal"
)

// staff gives the name of one of the staff by number.
func staff(n int) string { return fmt.Sprintf("staff%d", n) }

// pickCase takes a case, with its latest draft if it has one.
func (w *walker) pickCase(o op) (c journal.Case, latest journal.Draft, err error) {
	list, err := w.want.ListCases(w.ctx, "")
	if err != nil {
		return c, latest, err
	}
	c, ok := pick(list, o.Which)
	if !ok || c.Revision == 0 {
		return c, latest, nil
	}
	drafts, err := w.want.ListDrafts(w.ctx, c.ID)
	if err != nil {
		return c, latest, err
	}
	return c, drafts[len(drafts)-1], nil
}

func (w *walker) assign(o op) error {
	c, _, err := w.pickCase(o)
	if err != nil {
		return err
	}
	owner := staff(o.User)
	if o.Span == 0 {
		owner = ""
	}
	got, gotErr := w.got.Assign(w.ctx, c.ID, owner, staff(o.Span), w.now)
	want, wantErr := w.want.Assign(w.ctx, c.ID, owner, staff(o.Span), w.now)
	return both("Assign", plainCase(got), plainCase(want), gotErr, wantErr)
}

// save stores a revision: mostly a new one on top of the latest, else one on a base that is not the latest, or the
// same again.
func (w *walker) save(o op) error {
	c, latest, err := w.pickCase(o)
	if err != nil {
		return err
	}
	d := journal.Draft{Case: c.ID, Base: latest.N, Text: w.name("draft"), Clauses: []string{"a.1"}, By: staff(o.User), At: w.now}
	switch o.Span {
	case 0:
		d.Base--
	case 1:
		d.Text = latest.Text
	case 2:
		d.Base, d.Text, d.By = latest.Base, latest.Text, latest.By
	}
	got, gotErr := w.got.SaveDraft(w.ctx, d)
	want, wantErr := w.want.SaveDraft(w.ctx, d)
	if err := both("SaveDraft", got, want, gotErr, wantErr); err != nil {
		return err
	}
	if gotErr == nil {
		return w.laws.desk.saved(d, got)
	}
	return nil
}

func (w *walker) decide(o op) error {
	c, latest, err := w.pickCase(o)
	if err != nil {
		return err
	}
	d := journal.Decision{Case: c.ID, Draft: latest.N, Does: journal.Approve, By: staff(o.User), Why: "why", At: w.now}
	switch o.Span {
	case 0, 1:
		d.Does = journal.Submit
	case 2:
		d.Does = journal.Return
	}
	switch o.Which % 8 {
	case 6:
		d.Draft--
	case 7:
		d.Why = ""
	}
	got, gotErr := w.got.Decide(w.ctx, d)
	want, wantErr := w.want.Decide(w.ctx, d)
	if err := both("Decide", plainCase(got), plainCase(want), gotErr, wantErr); err != nil {
		return err
	}
	if gotErr == nil {
		w.laws.desk.decided(d)
	}
	return nil
}

func (w *walker) closeCase(o op) error {
	c, _, err := w.pickCase(o)
	if err != nil {
		return err
	}
	k := journal.Closing{Case: c.ID, By: staff(o.User), Why: "why", At: w.now}
	got, gotErr := w.got.CloseCase(w.ctx, k)
	want, wantErr := w.want.CloseCase(w.ctx, k)
	if gotErr == nil {
		w.laws.desk.finished(c.ID)
	}
	return both("CloseCase", plainCase(got), plainCase(want), gotErr, wantErr)
}

// reopenCase opens the case of a question once more.
func (w *walker) reopenCase(o op) error {
	c, _, err := w.pickCase(o)
	if err != nil || c.Question == "" {
		return err
	}
	n := journal.NewCase{ID: w.name("case"), Question: c.Question, Reason: "again", Text: w.name("text"), Post: w.deskPost(o)}
	got, gotErr := w.got.OpenCase(w.ctx, n, w.now)
	want, wantErr := w.want.OpenCase(w.ctx, n, w.now)
	return both("OpenCase", plainCase(got), plainCase(want), gotErr, wantErr)
}

// approval switches the approval mode.
func (w *walker) approval(o op) error {
	value := journal.ApprovalOn
	if o.Span == 0 {
		value = ""
	}
	gotErr := w.got.SetSetting(w.ctx, journal.SettingApproval, value)
	if gotErr == nil {
		w.laws.desk.mode = value == journal.ApprovalOn
	}
	return alike("SetSetting", gotErr, w.want.SetSetting(w.ctx, journal.SettingApproval, value))
}

// respond replies to a case: with the latest draft, or with what is not quite it.
func (w *walker) respond(o op) error {
	c, latest, err := w.pickCase(o)
	if err != nil {
		return err
	}
	r := journal.Response{Case: c.ID, By: staff(o.User), Text: latest.Text, Revision: latest.N, At: w.now}
	switch o.Span {
	case 0:
		r.Text, r.Revision = w.name("response"), 0
	case 1:
		r.Text = w.name("response")
	}
	r.Doc = reply(r.Text)
	if o.Which%6 == 5 {
		r.Doc = reply(w.name("other"))
	}
	got, gotErr := w.got.Respond(w.ctx, r)
	want, wantErr := w.want.Respond(w.ctx, r)
	if gotErr == nil {
		if err := w.laws.desk.sent(r, got); err != nil {
			return err
		}
	}
	return both("Respond", plainCase(got), plainCase(want), gotErr, wantErr)
}

// inboxes compares what inboxes show.
func (w *walker) inboxes(o op) error {
	f := journal.CaseFilter{
		State: [...]journal.CaseState{"", journal.CaseOpen, journal.CaseReplied, journal.CaseClosed}[o.User], Newest: o.Which%2 == 0, Limit: o.Span,
		Stage:  [...]journal.Stage{"", "", journal.StageEditing, journal.StageAwaiting, journal.StageReturned, journal.StageApproved}[o.Which%6],
		Reason: [...]string{"", "", "", "asked"}[o.Which%4],
	}
	switch o.Which % 5 {
	case 0:
		f.Owner = staff(o.Span)
	case 1:
		f.Unowned = true
	}
	for range 2 { // the first page, and the one after
		got, gotErr := w.got.Inbox(w.ctx, f)
		want, wantErr := w.want.Inbox(w.ctx, f)
		if err := both("Inbox", plainCases(got), plainCases(want), gotErr, wantErr); err != nil || len(got) == 0 {
			return err
		}
		for _, c := range got {
			if !f.Fits(c) {
				return fmt.Errorf("the inbox %+v shows %+v", f, c)
			}
		}
		f.After = got[len(got)-1].Seq
	}
	return nil
}

// plainCases is plainCase for each of a list.
func plainCases(list []journal.Case) []journal.Case {
	var out []journal.Case
	for _, c := range list {
		out = append(out, plainCase(c))
	}
	return out
}

// deskLaws are what holds for the work of the staff whatever is done. They know only what calls have returned.
type deskLaws struct {
	mode     bool                       // the approval mode is on
	latest   map[string]journal.Draft   // of this round, by case
	authors  map[string][]string        // of this round, by case
	approved map[string][]string        // who approved the latest, by case
	drafts   map[string][]journal.Draft // all, by case
	replies  map[string]string          // what was sent, by delivery
}

// newDeskLaws knows an empty journal.
func newDeskLaws() deskLaws {
	return deskLaws{latest: map[string]journal.Draft{}, authors: map[string][]string{}, approved: map[string][]string{}, drafts: map[string][]journal.Draft{}, replies: map[string]string{}}
}

// saved checks what SaveDraft gave for d.
func (l *deskLaws) saved(d, got journal.Draft) error {
	if got.Text != d.Text || got.By != d.By || !slices.Equal(got.Clauses, d.Clauses) {
		return fmt.Errorf("SaveDraft of %+v gave %+v", d, got)
	}
	if all := l.drafts[d.Case]; got.N == len(all) {
		return nil // it was there already
	} else if got.N != len(all)+1 || d.Base != len(all) {
		return fmt.Errorf("SaveDraft on %d gave N %d after %d drafts", d.Base, got.N, len(all))
	}
	l.drafts[d.Case] = append(l.drafts[d.Case], got)
	l.latest[d.Case] = got
	l.authors[d.Case] = append(l.authors[d.Case], got.By)
	delete(l.approved, d.Case)
	return nil
}

// decided notes who approved what.
func (l *deskLaws) decided(d journal.Decision) {
	switch d.Does {
	case journal.Approve:
		l.approved[d.Case] = append(l.approved[d.Case], d.By)
	case journal.Return:
		delete(l.approved, d.Case)
	}
}

// finished notes that the round of a case is over.
func (l *deskLaws) finished(id string) {
	delete(l.latest, id)
	delete(l.authors, id)
	delete(l.approved, id)
}

// sent checks that a reply may go out: in approval mode it is the latest revision, to the letter, approved by
// somebody who wrote nothing of the round.
func (l *deskLaws) sent(r journal.Response, c journal.Case) error {
	if l.mode {
		latest, ok := l.latest[r.Case]
		if !ok || r.Text != latest.Text || r.Doc.Text != reply(latest.Text).Text || !otherThan(l.approved[r.Case], l.authors[r.Case]) {
			return fmt.Errorf("%q went out for case %s; the latest is %+v, approved by %v", r.Doc.Text, r.Case, latest, l.approved[r.Case])
		}
	}
	l.replies[c.Delivery] = r.Doc.Text
	l.finished(r.Case)
	return nil
}

// delivered checks that a delivery of the staff is what somebody was let send.
func (l *deskLaws) delivered(d journal.Delivery) error {
	if d.Purpose != journal.Staff || d.User == "" { // or it was erased
		return nil
	}
	if text, ok := l.replies[d.ID]; !ok || text != d.Doc.Text {
		return fmt.Errorf("delivery %s of the staff says %q; %q was sent", d.ID, d.Doc.Text, text)
	}
	return nil
}

// kept checks that every revision is there as it was stored, or erased.
func (l *deskLaws) kept(c journal.Case, list []journal.Draft) error {
	all := l.drafts[c.ID]
	if len(list) != len(all) {
		return fmt.Errorf("case %s has %d drafts; %d were stored", c.ID, len(list), len(all))
	}
	for i, d := range list {
		was := all[i]
		if c.User == "" {
			was.Text, was.Clauses = "", nil
		}
		if err := differ("a draft of case "+c.ID, d, was); err != nil {
			return err
		}
	}
	return nil
}

// conflicts gives what a conflict tells, or nil.
func conflicts(err error) *journal.Draft {
	if c, ok := errors.AsType[*journal.ConflictError](err); ok {
		return &c.Latest
	}
	return nil
}

// atDesk says how often each thing is done in a walk that is about the staff.
var atDesk = map[string]int{
	"ask": 2, "complete": 2, "claim": 2, "openCase": 2, "reopenCase": 3, "assign": 1, "save": 8, "decide": 10, "respond": 5,
	"closeCase": 1, "approval": 2, "inboxes": 2, "next": 2, "posted": 1, "giveUp": 1, "edit": 1, "wait": 1, "erase": 1, "forget": 1, "reopen": 1,
}
