package console

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"policybot/bot"
	"policybot/bot/journal"
	"policybot/retrieval/publication"
)

// written is a reply as it stands in the editor of a request.
type written struct {
	Text    string
	Clauses []string
	Base    int    // revision that it was written on
	Query   string // of a search beside it
	Caret   int    // where the editor goes on, in code points of Text; 0: nowhere
	Check   bool   // it is to be checked
	Why     reason // that was given for what could not be done
	Was     *written
	Clash   *journal.Draft // the latest revision, which is another than Base
}

// A reason is what somebody has entered beside a button: why, and whether they ticked the box.
type reason struct {
	Does, Text string // send, return or close
	Tick       bool
	Wrong      string // what is wrong with it
}

// reasonOf reads the reason of a form for one of its buttons.
func reasonOf(r *http.Request, does string) reason {
	return reason{Does: does, Text: r.PostForm.Get("why"), Tick: r.PostForm.Get("although") == "yes"}
}

// writtenOf reads the editor's form.
func writtenOf(r *http.Request) written {
	form := r.PostForm
	t := written{Text: plain(form.Get("text")), Query: form.Get("q")}
	t.Base, _ = strconv.Atoi(cmp.Or(form.Get("over"), form.Get("base")))
	for _, id := range form["clause"] {
		if id != "" && len(t.Clauses) < bot.MaxReplyClauses && !slices.Contains(t.Clauses, id) {
			t.Clauses = append(t.Clauses, id)
		}
	}
	return t
}

// plain is a text of a form with the line ends of a text.
func plain(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
}

// editorView is the editor of a reply.
type editorView struct {
	View
	ID       string
	Text     string
	Clauses  []citedView
	Base     int
	Caret    int
	Saved    string // when the latest revision was, and by whom
	SavedBy  string
	Own      bool // what is written goes on from nothing or from the reader's own revision
	Dirty    bool // the text is not that of the revision
	Open     bool // something can be written
	Approval bool // the approval mode is on
	Stage    string
	CaseLang string // of the case: for the program's draft
	Does     does
	Held     approvalView
	Why      reason
	Checked  *checkedView
	Clash    *clashView
	Was      *written
	Wrong    string
}

// A citedView is a clause of a draft by its number.
type citedView struct {
	N      int
	ID     string
	Clause *clauseLine // nil: the library does not hold it
	Text   string
}

// does is what the reader may do with a case as it is.
type does struct {
	Submit, Approve, Return, Send bool
	OwnDraft                      bool // they would have to approve what they wrote or submitted themselves
}

// A clashView is another's revision beside what the reader has written.
type clashView struct {
	N          int
	By, At     string
	Text       string
	Difference []publication.Span // from the other's to the reader's
}

// editor is the editor of a case with what is written in it.
func (c *Console) editor(r *http.Request, v View, k journal.Case, t written) (editorView, error) {
	ctx := r.Context()
	approval, err := c.switchedOn(ctx, journal.SettingApproval)
	if err != nil {
		return editorView{}, err
	}
	list, err := c.revisions(ctx, k)
	if err != nil {
		return editorView{}, err
	}
	latest := latestOf(list, k)
	me := v.Account.Name
	now := latest.N > k.Earlier // there is a revision of this round
	e := editorView{
		View: v, ID: k.ID, Text: t.Text, Base: t.Base, Caret: t.Caret, Open: k.State == journal.CaseOpen && k.User != "", CaseLang: langOf(k.Asked),
		Approval: approval, Stage: string(k.Stage), Was: t.Was, Why: t.Why, Dirty: t.Text != latest.Text || !slices.Equal(t.Clauses, latest.Clauses),
	}
	settled := k.Stage == journal.StageAwaiting || k.Stage == journal.StageApproved
	e.Own = !settled && (!now || strings.EqualFold(latest.By, me))
	if now {
		e.Saved, e.SavedBy = v.Time(latest.At), latest.By
	}
	if e.Held, err = c.approvalOf(r, v, k, list); err != nil {
		return e, err
	}
	own := e.Held.Author || e.Approval && strings.EqualFold(k.SubmittedBy, me)
	waits := k.Stage == journal.StageAwaiting || e.Held.Void != ""
	e.Does = does{
		Submit: !settled, Return: settled, OwnDraft: own && waits,
		Approve: waits && !own, Send: e.Approval && k.Stage == journal.StageApproved && e.Held.Void == "" || !e.Approval,
	}
	if e.Clauses, err = c.citedViews(r, v, t.Clauses); err != nil {
		return e, err
	}
	if d := t.Clash; d != nil {
		e.Clash = &clashView{d.N, d.By, v.Time(d.At), d.Text, publication.Spans(d.Text, t.Text)}
	}
	switch {
	case t.Check && e.Held.Findings != nil && !e.Dirty:
		e.Checked = e.Held.Findings
	case t.Check:
		e.Checked, err = c.checked(r, v, k, t)
	}
	return e, err
}

// citedViews are the clauses of a draft by their numbers.
func (c *Console) citedViews(r *http.Request, v View, ids []string) ([]citedView, error) {
	held, err := c.clausesOf(r.Context(), ids)
	if err != nil {
		return nil, err
	}
	var out []citedView
	for n, id := range ids {
		one := citedView{N: n + 1, ID: id}
		if k, ok := held[id]; ok {
			line := v.clauseLine(k)
			one.Clause, one.Text = &line, k.Text
		}
		out = append(out, one)
	}
	return out, nil
}

// editDraft changes what is in the editor as one of its buttons says, and stores nothing.
func (c *Console) editDraft(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	k, err := c.caseOf(r)
	if err != nil {
		return err
	}
	before := writtenOf(r)
	t, err := c.edited(r, before)
	if err != nil {
		return c.again(w, r, k.ID, t, err)
	}
	t.Check = t.Check || r.PostForm.Get("checked") == "yes"
	return c.showCase(w, r, http.StatusOK, k, t, "")
}

// edited is what is written after one of the editor's buttons: cite, uncite, apply, notice, use, theirs, undo, or none.
// With an error it is as it was.
func (c *Console) edited(r *http.Request, before written) (written, error) {
	form, t := r.PostForm, before
	t.Clauses = slices.Clone(before.Clauses)
	t.Was = &before
	var err error
	switch {
	case form.Get("cite") != "":
		at := -1
		if n, wrong := strconv.Atoi(form.Get("at")); wrong == nil {
			at = n
		}
		err = t.cite(form.Get("cite"), at)
	case form.Get("uncite") != "":
		t.uncite(form.Get("uncite"))
	case form.Get("apply") != "":
		err = t.apply(form.Get("apply"))
	case form.Get("notice") != "":
		t.notice(plain(form.Get("notice")))
	case form.Get("use") != "":
		err = c.use(r, &t, form.Get("use"))
	case form.Get("theirs") != "":
		err = c.theirs(r, &t)
	case form.Get("undo") != "":
		t.Text, t.Clauses, t.Was = plain(form.Get("was")), slices.Clone(form["wasclause"]), nil
	default:
		t.Was = nil
	}
	if err != nil {
		return before, err
	}
	return t, nil
}

// apply cites a clause at a place, as the button of a suggestion says.
func (t *written) apply(suggested string) error {
	id, place, _ := strings.Cut(suggested, "@")
	at, err := strconv.Atoi(place)
	if err != nil || at < 0 {
		return problem(http.StatusBadRequest, "error.form")
	}
	t.Check = true
	return t.cite(id, at)
}

// cite puts a clause into the list and, where at is not below 0, a marker of it behind the code point at.
func (t *written) cite(id string, at int) error {
	n := slices.Index(t.Clauses, id) + 1
	if n == 0 {
		if len(t.Clauses) >= bot.MaxReplyClauses {
			return problem(http.StatusUnprocessableEntity, "case.too_many")
		}
		t.Clauses = append(t.Clauses, id)
		n = len(t.Clauses)
	}
	if at >= 0 {
		t.Text, t.Caret = bot.PutMarker(t.Text, at, n)
	}
	return nil
}

// uncite takes the clause of a number out of the list and out of the text.
func (t *written) uncite(number string) {
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > len(t.Clauses) {
		return
	}
	t.Clauses = slices.Delete(t.Clauses, n-1, n)
	t.Text = bot.DropMarker(t.Text, n)
}

// notice puts a sentence on a line of its own behind the last line that cites something; where none does, at the end.
func (t *written) notice(sentence string) {
	lines := strings.Split(t.Text, "\n")
	at := len(lines)
	for i, line := range slices.Backward(lines) {
		if strings.ContainsAny(line, "[［【") {
			at = i + 1
			break
		}
	}
	lines = slices.Insert(lines, at, sentence)
	t.Text = strings.TrimLeft(strings.Join(lines, "\n"), "\n")
	t.Caret = utf8.RuneCountInString(strings.Join(lines[:at+1], "\n"))
}

// theirs takes over the latest revision, to go on from it.
func (c *Console) theirs(r *http.Request, t *written) error {
	k, err := c.caseOf(r)
	if err != nil {
		return err
	}
	d, err := c.latest(r.Context(), k)
	t.Text, t.Clauses, t.Base = d.Text, slices.Clone(d.Clauses), d.N
	return err
}

// use takes over the reply to another case.
func (c *Console) use(r *http.Request, t *written, id string) error {
	other, err := c.Service.Case(r.Context(), id)
	if errors.Is(err, journal.ErrNotFound) || err == nil && other.Response == "" {
		return problem(http.StatusUnprocessableEntity, "case.no_reply")
	}
	if err != nil {
		return err
	}
	t.Text, t.Clauses = other.Response, slices.Clone(other.Clauses)
	return nil
}
