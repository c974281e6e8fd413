package console

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"policybot/bot/accounts"
	"policybot/bot/eligibility"
	"policybot/bot/eligibility/register"
	"policybot/retrieval"
)

// measuresData is the page of the measures.
type measuresData struct {
	View
	States   []option
	State    string
	Document string
	Titles   []option // documents that have measures
	Measures []measureLine
}

// A measureLine is a measure in a list.
type measureLine struct {
	ID, Title, URL, State, Strength string
	Document, Clause                string
	Origin, By, At, Why             string
}

func measureURL(id string) string { return "/admin/measures/" + url.PathEscape(id) }

// measureStates are the states of measures in the order of the page.
var measureStates = []string{string(register.Draft), stateStale, string(register.Approved), string(register.Rejected)}

func (v View) measureLine(l register.Listed, titles map[string]string) measureLine {
	out := measureLine{
		ID: l.ID, Title: l.Title.In(v.Lang), URL: measureURL(l.ID), State: shownState(l), Strength: l.Strength, Document: cmp.Or(titles[l.Document], l.Document),
		Clause: l.Path, Origin: v.Named("origin", l.Origin), By: v.Named("origin", l.By), At: v.Time(l.At), Why: l.Why,
	}
	if l.Bound != nil {
		out.Clause = l.Bound.Clause.Path
	}
	return out
}

// measuresPage lists the measures in a state.
func (c *Console) measuresPage(w http.ResponseWriter, r *http.Request) error {
	if c.Admin.Measures == nil {
		return errNotFound
	}
	list, err := c.Admin.Measures.List(r.Context())
	if err != nil {
		return err
	}
	titles, err := c.documentTitles(r.Context())
	if err != nil {
		return err
	}
	form := r.URL.Query()
	page := measuresData{View: c.adminView(r), State: form.Get("state"), Document: form.Get("document")}
	counts, per := map[string]int{}, map[string]int{}
	for _, l := range list {
		if page.Document == "" || page.Document == l.Document {
			counts[shownState(l)]++
		}
		per[l.Document]++
	}
	if !slices.Contains(measureStates, page.State) {
		page.State = firstWith(measureStates, counts)
	}
	for _, state := range measureStates {
		page.States = append(page.States, option{state, page.Named("measure", state), counts[state]})
	}
	for _, id := range sortedKeys(per) {
		page.Titles = append(page.Titles, option{id, cmp.Or(titles[id], id), per[id]})
	}
	for _, l := range list {
		if shownState(l) == page.State && (page.Document == "" || page.Document == l.Document) {
			page.Measures = append(page.Measures, page.measureLine(l, titles))
		}
	}
	return c.show(w, r, http.StatusOK, "adminmeasures", page)
}

// firstWith is the first name that is counted, or the last.
func firstWith(names []string, counts map[string]int) string {
	for _, name := range names {
		if counts[name] > 0 {
			return name
		}
	}
	return names[len(names)-1]
}

// measureData is the page of one measure.
type measureData struct {
	View
	Measure   measureLine
	Quote     string
	Offer     string
	Criteria  []criterionView
	Texts     []pointedText
	Stamp     string // of what is shown; see reviewMeasure
	Wrong     string
	Done      string
	CanAgree  bool // its words are in the text and it is not approved yet
	CanReject bool
}

// A pointedText is a clause with the words in it that a measure points at.
type pointedText struct {
	Path, URL string
	Text      []marked
	clause    retrieval.Clause
	on        []bool
}

// measurePage shows one measure with its words.
func (c *Console) measurePage(w http.ResponseWriter, r *http.Request) error {
	return c.showMeasure(w, r, http.StatusOK, "")
}

func (c *Console) showMeasure(w http.ResponseWriter, r *http.Request, status int, wrong string) error {
	l, err := c.measure(r)
	if err != nil {
		return err
	}
	titles, err := c.documentTitles(r.Context())
	if err != nil {
		return err
	}
	page := measureData{
		View: c.adminView(r), Quote: l.Quote, Wrong: wrong, Stamp: stamp(l.Entry), Done: c.view(r).done(r, "done"),
		CanAgree: l.Bound != nil && l.State != register.Approved, CanReject: l.State != register.Rejected,
	}
	page.at = measureURL(l.ID)
	page.Measure = page.measureLine(l, titles)
	if l.Bound != nil {
		page.Offer = l.Bound.Offer()
	}
	clauses, err := c.Admin.Measures.Store.Clauses(r.Context(), l.Document)
	if err != nil && !errors.Is(err, retrieval.ErrNotFound) {
		return err
	}
	page.point(l, clauses)
	return c.show(w, r, status, "adminmeasure", page)
}

// measure is the measure that an address names.
func (c *Console) measure(r *http.Request) (register.Listed, error) {
	if c.Admin.Measures == nil {
		return register.Listed{}, errNotFound
	}
	l, err := c.Admin.Measures.Get(r.Context(), r.PathValue("id"))
	if errors.Is(err, register.ErrNotFound) {
		return l, errNotFound
	}
	return l, err
}

// point adds what a measure points at in the clauses of its document.
func (d *measureData) point(l register.Listed, clauses []retrieval.Clause) {
	vocabulary, err := eligibility.Builtin().With(l.Facts)
	if err != nil {
		vocabulary = eligibility.Builtin()
	}
	d.mark(clauses, l.Path, l.Quote)
	for i := range l.Criteria {
		k := &l.Criteria[i]
		one := criterionView{Text: k.Need, Quote: k.Words, Fact: k.Need}
		if l.Bound != nil {
			one.Text = k.Name(vocabulary, d.Lang)
		}
		one.Who = d.mark(clauses, cmp.Or(k.In, l.Path), k.Words)
		d.Criteria = append(d.Criteria, one)
	}
	for i := range d.Texts {
		t := &d.Texts[i]
		t.Text = pieces(t.clause.Text, t.on)
	}
}

// mark marks words in the clause with a path or id, and gives its path; "" where there is none.
func (d *measureData) mark(clauses []retrieval.Clause, path, words string) string {
	at := slices.IndexFunc(clauses, func(c retrieval.Clause) bool {
		return (c.ID == path || c.Path == path) && strings.Contains(c.Text, words)
	})
	if at < 0 {
		at = slices.IndexFunc(clauses, func(c retrieval.Clause) bool { return c.ID == path || c.Path == path })
	}
	if at < 0 {
		return ""
	}
	clause := clauses[at]
	i := slices.IndexFunc(d.Texts, func(t pointedText) bool { return t.clause.ID == clause.ID })
	if i < 0 {
		i = len(d.Texts)
		d.Texts = append(d.Texts, pointedText{Path: clause.Path, URL: clauseURL(clause.ID, 0, 0), clause: clause, on: make([]bool, len(clause.Text))})
	}
	if from := strings.Index(clause.Text, words); from >= 0 {
		for j := range len(words) {
			d.Texts[i].on[from+j] = true
		}
	}
	return clause.Path
}

// stamp tells whether a measure is still the one that was shown.
func stamp(e register.Entry) string {
	return string(e.State) + " " + e.At.UTC().Format(time.RFC3339Nano)
}

// approveMeasure has a measure count.
func (c *Console) approveMeasure(w http.ResponseWriter, r *http.Request) error {
	return c.reviewMeasure(w, r, didApproveMeasure, func(ctx context.Context, id, by, _ string, at time.Time) error {
		return c.Admin.Measures.Approve(ctx, id, by, at, nil)
	})
}

// rejectMeasure keeps a measure from counting.
func (c *Console) rejectMeasure(w http.ResponseWriter, r *http.Request) error {
	return c.reviewMeasure(w, r, didRejectMeasure, func(ctx context.Context, id, by, why string, at time.Time) error {
		return c.Admin.Measures.Reject(ctx, id, by, why, at)
	})
}

// reviewMeasure decides about the measure that was shown, unless it was decided so already.
func (c *Console) reviewMeasure(w http.ResponseWriter, r *http.Request, does string, do func(ctx context.Context, id, by, why string, at time.Time) error) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	v, why := c.view(r), strings.Join(strings.Fields(r.PostForm.Get("why")), " ")
	if does == didRejectMeasure && why == "" {
		return c.showMeasure(w, r, http.StatusUnprocessableEntity, v.T("proposal.no_reason"))
	}
	release, err := c.changing(r.Context())
	if err != nil {
		return err
	}
	defer release()
	l, err := c.measure(r)
	if err != nil {
		return err
	}
	if stamp(l.Entry) != r.PostForm.Get("stamp") {
		return c.showMeasure(w, r, http.StatusConflict, v.T("measure.changed"))
	}
	done := register.Approved
	switch {
	case does == didRejectMeasure:
		done = register.Rejected
	case l.Stale():
		return c.showMeasure(w, r, http.StatusConflict, v.T("measure.is_stale"))
	}
	if l.State != done {
		err = c.change(r, does, l.ID, accounts.Facts("reason_chars", accounts.Length(why)), func(ctx context.Context) error {
			return do(ctx, l.ID, by(r).Name, why, c.moment())
		})
	}
	if errors.Is(err, register.ErrStale) {
		return c.showMeasure(w, r, http.StatusConflict, v.T("measure.is_stale"))
	}
	if err != nil {
		return err
	}
	return adminBack(w, r, measureURL(l.ID), strings.ReplaceAll(does, ".", "_"))
}
