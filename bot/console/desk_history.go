package console

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"

	"policybot/bot"
	"policybot/bot/journal"
	"policybot/retrieval/publication"
)

// historyData is the page of all revisions of a case's reply.
type historyData struct {
	View
	Case      caseView
	Total     int            // revisions
	Revisions []revisionView // of this page, the newest first
	Steps     []stepView     // on the first page
	Pages     pager
}

// historyRows is how many revisions a page of the history has.
const historyRows = 20

// A revisionView is one revision with what it changes.
type revisionView struct {
	N, Base     int
	By, At      string
	Program     bool
	Earlier     bool // of a round that is over
	Difference  []publication.Span
	Added, Gone []citedView // clauses
	Approved    bool
	Sent        bool
}

// A stepView is one thing that was done with the case.
type stepView struct{ Name, By, At, Why string }

// caseHistory shows every revision of a case's reply with what it changes, and who decided what.
func (c *Console) caseHistory(w http.ResponseWriter, r *http.Request) error {
	k, err := c.caseOf(r)
	if err != nil {
		return err
	}
	drafts, err := c.Service.Journal.ListDrafts(r.Context(), k.ID)
	if err != nil {
		return err
	}
	v := c.view(r)
	page := historyData{View: v, Case: c.caseView(v, k)}
	page.Total = len(drafts)
	page.Pages = pagesAt(r.URL.Query(), len(drafts), historyRows, func(n int) string { return casePath(k.ID) + "/history?page=" + strconv.Itoa(n) })
	last := len(drafts) - (page.Pages.Page-1)*historyRows
	for n := last - 1; n >= max(0, last-historyRows); n-- {
		var before journal.Draft
		if n > 0 {
			before = drafts[n-1]
		}
		one, err := c.revisionView(r, v, k, before, drafts[n])
		if err != nil {
			return err
		}
		page.Revisions = append(page.Revisions, one)
	}
	if page.Pages.Page == 1 {
		if page.Steps, err = c.stepsOf(r, v, k); err != nil {
			return err
		}
	}
	return c.show(w, r, http.StatusOK, "casehistory", page)
}

// revisionView is a revision with what it changes of the one before.
func (c *Console) revisionView(r *http.Request, v View, k journal.Case, before, d journal.Draft) (revisionView, error) {
	one := revisionView{
		N: d.N, Base: d.Base, By: d.By, At: v.Time(d.At), Program: d.Origin == journal.ByProgram, Earlier: d.N <= k.Earlier,
		Difference: publication.Spans(before.Text, d.Text), Approved: k.Approved == d.N, Sent: k.Sent == d.N && k.State == journal.CaseReplied,
	}
	var err error
	if one.Added, err = c.citedViews(r, v, without(d.Clauses, before.Clauses)); err != nil {
		return one, err
	}
	one.Gone, err = c.citedViews(r, v, without(before.Clauses, d.Clauses))
	return one, err
}

// without are the ids of a list that another lacks.
func without(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(id string) bool { return slices.Contains(other, id) })
}

// shownSteps are the steps of a question that are the staff's.
var shownSteps = []string{"case", "assigned", "submitted", "returned", "approved", "replied", "closed case"}

// stepsOf are the steps of a case, as its question has kept them.
func (c *Console) stepsOf(r *http.Request, v View, k journal.Case) ([]stepView, error) {
	if k.Question == "" {
		return nil, nil
	}
	e, err := c.Service.Journal.Entry(r.Context(), k.Question)
	if err != nil {
		return nil, deskProblem(err)
	}
	var out []stepView
	for _, s := range e.Steps {
		if !slices.Contains(shownSteps, s.Name) {
			continue
		}
		var detail struct{ By, Owner, Why, Reason string }
		_ = json.Unmarshal(s.Detail, &detail) // what it does not say is not shown
		switch s.Name {
		case "assigned":
			detail.Why = "→ " + cmp.Or(detail.Owner, v.T("desk.nobody"))
		case "case":
			detail.Why = v.Named("casereason", cmp.Or(detail.Reason, detail.Why))
		}
		out = append(out, stepView{s.Name, detail.By, v.Time(s.At), detail.Why})
	}
	return out, nil
}

// printData is a reply as a formal letter, in its own language.
type printData struct {
	View
	Case    string
	Letter  View // of the language of the letter
	Lines   []string
	Sources []printedSource
	Day     string
	Draft   int // revision, where it was not sent
	Asked   string
}

// A printedSource is a clause that the letter rests on.
type printedSource struct {
	N                          int
	Title, Number, Path, Quote string
}

// casePrint shows the reply as it would be printed: what was sent, else the latest draft, which says so.
func (c *Console) casePrint(w http.ResponseWriter, r *http.Request) error {
	k, d, err := c.caseAndDraft(r)
	if err != nil {
		return err
	}
	page := printData{View: c.view(r), Case: k.ID, Draft: d.N, Asked: k.Asked}
	text, clauses, at := d.Text, d.Clauses, c.Now()
	if k.State == journal.CaseReplied {
		text, clauses, at, page.Draft = k.Response, k.Clauses, k.RepliedAt, 0
	}
	if text == "" {
		return problem(http.StatusNotFound, "case.nothing_to_print")
	}
	listed, err := c.Desk.ClausesInOrder(r.Context(), clauses)
	if err != nil {
		return err
	}
	doc := bot.ComposeReply(bot.Reply{Text: text, Clauses: clauses, Question: k.Asked}, listed)
	page.Letter, page.Lines = View{Lang: doc.Lang}, splitLines(text)
	page.Day = page.Letter.printedDay(at.Local())
	for _, s := range doc.Citations {
		page.Sources = append(page.Sources, printedSource{s.N, s.Title, s.Number, s.Path, s.Quote})
	}
	return c.show(w, r, http.StatusOK, "caseprint", page)
}

// printedDay is a day as letters have it.
func (v View) printedDay(t time.Time) string {
	if v.Lang == chinese {
		return t.Format("2006年1月2日")
	}
	return t.Format("2 ") + v.Named("month", strconv.Itoa(int(t.Month()))) + t.Format(" 2006")
}
