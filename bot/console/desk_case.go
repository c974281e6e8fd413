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

	"policybot/bot"
	"policybot/bot/accounts"
	"policybot/bot/journal"
	"policybot/retrieval"
	"policybot/retrieval/bridge"
)

// caseData is the page of one case: what was asked, what is known, and the reply that is being written.
type caseData struct {
	View
	Case     caseView
	Messages []answerView
	Earlier  int // questions of the conversation that are not shown
	Facts    []string
	Found    []foundView
	Search   searchData
	Similar  []similarView
	Editor   editorView
	Delivery *deliveryView
	Present  []present
	Wrong    string // what could not be done
	Kept     int    // days of the retention, where the question is older and only kept for the open case; else 0
	People   []option
}

// A caseView is a case as its page shows it.
type caseView struct {
	ID, Reason, Channel         string
	Kind                        string
	Asked, Text, Line           string
	State, Stage                string
	Owner, At, Machine          string
	Overdue                     bool
	Mine                        bool
	Reply                       []string // that was sent
	By, RepliedAt               string
	Closed, ClosedBy, ClosedWhy string
	Returned                    string
}

// A foundView is a clause that can be cited.
type foundView struct {
	source
	Cited bool // by the answer
}

// A searchData is what a search of the library from a case has found.
type searchData struct {
	View
	ID, Query string
	Searched  bool
	Hits      []hitView
}

// A similarView is an earlier reply to a question like this one.
type similarView struct {
	Case, Asked, Reply, At, URL string
	Clauses                     int
}

// A deliveryView is how far a reply has come.
type deliveryView struct {
	State, At string
	Attempts  int
	Uncertain bool
}

// Sizes of the page of a case.
const (
	mostTurns   = 10  // questions of the conversation
	mostFound   = 10  // clauses of a search
	mostSimilar = 3   // earlier replies
	lookedAt    = 500 // earlier replies that are compared
	alike       = 0.2 // least likeness of two questions, from 0 to 1
)

// casePath is the page of a case.
func casePath(id string) string { return "/desk/cases/" + url.PathEscape(id) }

// caseOf reads the case of an address.
func (c *Console) caseOf(r *http.Request) (journal.Case, error) {
	k, err := c.Service.Case(r.Context(), r.PathValue("id"))
	if errors.Is(err, journal.ErrNotFound) {
		return k, errNotFound
	}
	return k, err
}

// caseAndDraft reads the case of an address with its latest draft.
func (c *Console) caseAndDraft(r *http.Request) (journal.Case, journal.Draft, error) {
	k, err := c.caseOf(r)
	if err != nil {
		return k, journal.Draft{}, err
	}
	d, err := c.latest(r.Context(), k)
	return k, d, err
}

// casePage shows a case with its latest draft.
func (c *Console) casePage(w http.ResponseWriter, r *http.Request) error {
	k, d, err := c.caseAndDraft(r)
	if err != nil {
		return err
	}
	if k.State == journal.CaseReplied {
		d.Clauses = k.Clauses
	}
	return c.showCase(w, r, http.StatusOK, k, written{Text: d.Text, Clauses: d.Clauses, Base: d.N, Check: k.State == journal.CaseOpen && k.User != "" && d.Text != ""}, "")
}

// revisions are all drafts of a case, oldest first.
func (c *Console) revisions(ctx context.Context, k journal.Case) ([]journal.Draft, error) {
	if k.Revision == 0 {
		return nil, nil
	}
	return c.Service.Journal.ListDrafts(ctx, k.ID)
}

// latest is latestOf what a case has.
func (c *Console) latest(ctx context.Context, k journal.Case) (journal.Draft, error) {
	list, err := c.revisions(ctx, k)
	return latestOf(list, k), err
}

// latestOf is the latest draft of a case, whose N is 0 where there is none. Where the last one is of an earlier round, it
// has no text: its number is what the next one is written on.
func latestOf(list []journal.Draft, k journal.Case) journal.Draft {
	if len(list) == 0 {
		return journal.Draft{Case: k.ID}
	}
	d := list[len(list)-1]
	if d.N <= k.Earlier && k.State == journal.CaseOpen {
		d.Text, d.Clauses = "", nil
	}
	return d
}

// showCase shows the page of a case, or its editor alone where the request asks for a part of a page.
func (c *Console) showCase(w http.ResponseWriter, r *http.Request, status int, k journal.Case, t written, wrong string) error {
	v := c.view(r)
	editor, err := c.editor(r, v, k, t)
	if err != nil {
		return err
	}
	editor.Wrong = wrong
	if r.Header.Get(headerPart) != "" && r.Method == http.MethodPost {
		return c.show(w, r, status, "caseeditor", editor)
	}
	page := caseData{View: v, Case: c.caseView(v, k), Editor: editor, Wrong: wrong, Search: searchData{View: v, ID: k.ID, Query: t.Query}}
	page.Present = c.present.beat(c.Now(), k.ID, v.Account.ID, v.Me(), false)
	if err := c.fillCase(r.Context(), &page, k); err != nil {
		return err
	}
	return c.show(w, r, status, "case", page)
}

// fillCase adds what the page shows beside the reply.
func (c *Console) fillCase(ctx context.Context, page *caseData, k journal.Case) error {
	messages, err := c.Service.Dialogue(ctx, k.Dialogue)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(messages, func(m bot.Message) bool { return m.ID == k.Question }); i >= 0 {
		page.addFound(messages[i].Answer)
	}
	if page.Facts, err = c.factsOf(ctx, page.View, messages); err != nil {
		return err
	}
	page.Earlier = max(0, len(messages)-mostTurns)
	for _, m := range messages[page.Earlier:] {
		one := page.View.answerView(m, "")
		one.Desk, one.About = true, m.ID == k.Question
		page.Messages = append(page.Messages, one)
	}
	if k.State == journal.CaseOpen {
		if page.Similar, err = c.similar(ctx, page.View, k); err != nil {
			return err
		}
		if page.Search, err = c.searched(ctx, page.Search); err != nil {
			return err
		}
	}
	if page.Delivery, err = c.delivery(ctx, page.View, k); err != nil {
		return err
	}
	if page.Kept, err = c.keptBeyond(ctx, k); err != nil {
		return err
	}
	page.People, err = c.staffPeople(ctx, k)
	return err
}

// keptBeyond is the retention in days where a case is open and its question older; else 0.
func (c *Console) keptBeyond(ctx context.Context, k journal.Case) (int, error) {
	if k.State != journal.CaseOpen || k.Question == "" || k.User == "" {
		return 0, nil
	}
	retention, err := c.Service.Retention(ctx)
	if errors.Is(err, journal.ErrSetting) {
		err = nil // what is configured holds
	}
	if err != nil || retention <= 0 {
		return 0, err
	}
	e, err := c.Service.Journal.Entry(ctx, k.Question)
	if errors.Is(err, journal.ErrNotFound) {
		return 0, nil // removed meanwhile
	}
	if err != nil || !e.Question.AcceptedAt.Before(c.Now().Add(-retention)) {
		return 0, err
	}
	return int(retention / (24 * time.Hour)), nil
}

func (c *Console) caseView(v View, k journal.Case) caseView {
	i := caseItem(k)
	out := caseView{
		ID: k.ID, Reason: k.Reason, Channel: k.Channel, Kind: i.Kind, Asked: k.Asked, Text: k.Text, Line: i.Line, State: string(k.State),
		Stage: string(k.Stage), Owner: k.Owner, At: v.Time(k.OpenedAt), Machine: v.Machine(k.OpenedAt), Mine: k.Owner == v.Account.Name,
		Overdue: k.State == journal.CaseOpen && v.now.Sub(k.OpenedAt) >= c.Overdue, By: k.By, RepliedAt: v.Time(k.RepliedAt),
		Closed: v.Time(k.ClosedAt), ClosedBy: k.ClosedBy, ClosedWhy: k.ClosedWhy, Returned: k.ReturnReason,
	}
	if k.State == journal.CaseReplied && k.Response != "" {
		out.Reply = splitLines(k.Response)
	}
	return out
}

// addFound adds the clauses that an answer cites, and those that come close.
func (page *caseData) addFound(a *bot.Answer) {
	if a == nil {
		return
	}
	add := func(clause retrieval.Clause, s source, cited bool) {
		if !slices.ContainsFunc(page.Found, func(f foundView) bool { return f.Clause.ID == clause.ID }) {
			page.Found = append(page.Found, foundView{s, cited})
		}
	}
	for _, cited := range a.Citations {
		add(cited.Clause, page.source(cited.Clause, cited.N, cited.Quote, cited.QuoteStart, cited.QuoteEnd), true)
	}
	for _, near := range a.Nearest {
		add(near, page.source(near, 0, "", 0, 0), false)
	}
}

// factsOf tells what a conversation has said of the asker's company, as its last answer knows it.
func (c *Console) factsOf(ctx context.Context, v View, messages []bot.Message) ([]string, error) {
	for _, m := range slices.Backward(messages) {
		if m.Answer != nil && m.Answer.Interview != nil {
			return c.Desk.FactLines(ctx, *m.Answer.Interview, v.Lang)
		}
	}
	return nil, nil
}

// searched finds clauses for the words of a search.
func (c *Console) searched(ctx context.Context, s searchData) (searchData, error) {
	text := strings.TrimSpace(s.Query)
	if text == "" {
		return s, nil
	}
	found, err := c.search(ctx, s.View, text, mostFound)
	if err != nil {
		return s, err
	}
	s.Searched, s.Hits = true, s.hitViews(found.Hits)
	return s, nil
}

// caseClauses shows what a search of the library has found, as a part of a case's page.
func (c *Console) caseClauses(w http.ResponseWriter, r *http.Request) error {
	k, err := c.caseOf(r)
	if err != nil {
		return err
	}
	q := strings.ToValidUTF8(r.URL.Query().Get("q"), "\ufffd")
	found, err := c.searched(r.Context(), searchData{View: c.view(r), ID: k.ID, Query: q})
	if err != nil {
		return err
	}
	return c.show(w, r, http.StatusOK, "caseclauses", found)
}

// similar are earlier replies to questions like that of a case, the likest first.
func (c *Console) similar(ctx context.Context, v View, k journal.Case) ([]similarView, error) {
	earlier, err := c.Service.Journal.Inbox(ctx, journal.CaseFilter{State: journal.CaseReplied, Newest: true, Limit: lookedAt})
	if err != nil {
		return nil, err
	}
	type match struct {
		journal.Case
		like float64
	}
	var list []match
	words := c.Library.Comparing()
	asked := words.Sense(k.Asked, nil)
	for _, e := range earlier {
		if like := bridge.Similar(asked, words.Sense(e.Asked, nil)); e.Response != "" && like >= alike {
			list = append(list, match{e, like})
		}
	}
	slices.SortStableFunc(list, func(a, b match) int { return cmp.Compare(b.like, a.like) })
	var out []similarView
	for _, m := range list[:min(mostSimilar, len(list))] {
		out = append(out, similarView{m.ID, m.Asked, m.Response, v.Time(m.RepliedAt), casePath(m.ID), len(m.Clauses)})
	}
	return out, nil
}

// delivery is how far the reply of a case has come; nil where there is none, or it cannot be told.
func (c *Console) delivery(ctx context.Context, v View, k journal.Case) (*deliveryView, error) {
	if k.Delivery == "" || k.Question == "" {
		return nil, nil
	}
	e, err := c.Service.Journal.Entry(ctx, k.Question)
	if errors.Is(err, journal.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, d := range e.Deliveries {
		if d.ID == k.Delivery {
			return &deliveryView{string(d.State), v.Time(d.PostedAt), d.Attempts, d.Uncertain}, nil
		}
	}
	return nil, nil
}

// staffPeople are who a case can be given to.
func (c *Console) staffPeople(ctx context.Context, k journal.Case) ([]option, error) {
	all, err := c.Accounts.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	var out []option
	for _, a := range all {
		if !a.Disabled && a.Role.AtLeast(accounts.Staff) && a.Name != k.Owner {
			out = append(out, option{a.Name, cmp.Or(a.Display, a.Name), 0})
		}
	}
	return out, nil
}
