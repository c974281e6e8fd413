package console

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"policybot/bot/journal"
)

// usuallyOverdue is the age from which what waits for the staff is marked.
const usuallyOverdue = 24 * time.Hour

// Kinds of what waits for the staff; each thing is of one.
const (
	kindHanded    = "handed"    // somebody asked for a person, or the program failed
	kindAbstained = "abstained" // a question that no clause answers
	kindRated     = "rated"     // an answer that somebody found not helpful
	kindAwaiting  = "awaiting"  // a draft that waits for an approval
)

// deskTabs are the lists of the desk. The first has the four kinds in one.
var deskTabs = []string{"todo", kindHanded, kindAbstained, kindRated, kindAwaiting, "returned", "mine", "replied", "closed"}

// A deskItem is one thing in a list of the desk: a case, or a question that has none yet.
type deskItem struct {
	Kind          string
	Case          string // id; "" for a question that has none
	Question      string // id; "" for a case without one
	Line          string // first line of the question
	Reason        string
	Channel, Lang string
	At            time.Time // since when it waits; of a case that is done, when it was
	Owner         string
	State, Stage  string
	Overdue       bool
	Note          string // why it was returned or closed, what the asker said
	text          string // to search in
	returnedTo    string // who is to change the draft
}

// deskData is the page of what waits for the staff.
type deskData struct {
	View
	Tab     string
	Tabs    []tabView
	Items   []deskItem
	Filters []filter
	Query   string
	Newest  bool
	Total   int
	Pages   pager
}

// A tabView is a list of the desk with how much is in it.
type tabView struct {
	Name, URL string
	Count     int
}

// A pager leads to the pages of a list; an address is "" where there is none.
type pager struct {
	Page, Of     int
	Before, Next string
}

// deskRows is how many rows a page of the desk has.
const deskRows = 30

// deskPage lists what waits for the staff, and what they have done.
func (c *Console) deskPage(w http.ResponseWriter, r *http.Request) error {
	v, form := c.view(r), r.URL.Query()
	page := deskData{
		View: v, Tab: deskTabs[0], Query: textOf(form, "q"),
		Newest: form.Get("sort") == "newest",
	}
	if slices.Contains(deskTabs, form.Get("tab")) {
		page.Tab = form.Get("tab")
	}
	all, err := c.deskItems(r, v)
	if err != nil {
		return err
	}
	for _, name := range deskTabs {
		page.Tabs = append(page.Tabs, tabView{name, "/desk?tab=" + name, count(all, func(i deskItem) bool { return i.in(name, v.Account.Name) })})
	}
	all = slices.DeleteFunc(all, func(i deskItem) bool { return !i.in(page.Tab, v.Account.Name) })
	page.Filters = v.deskFilters(all, form)
	all = slices.DeleteFunc(all, func(i deskItem) bool { return !i.fits(page.Filters, page.Query) })
	newest := page.Newest != (page.Tab == "replied" || page.Tab == "closed") // what is done is listed the other way round
	slices.SortStableFunc(all, func(a, b deskItem) int {
		order := cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Case, b.Case), cmp.Compare(a.Question, b.Question))
		if newest {
			return -order
		}
		return order
	})
	page.Total = len(all)
	page.Items, page.Pages = paged(all, form)
	return c.show(w, r, http.StatusOK, "desk", page)
}

// paged gives the page of a list that the address names.
func paged(all []deskItem, form url.Values) ([]deskItem, pager) {
	p := pagesAt(form, len(all), deskRows, func(n int) string {
		next := url.Values{}
		for _, name := range []string{"tab", "q", "sort", "owner", "reason", "channel"} {
			if value := form.Get(name); value != "" {
				next.Set(name, value)
			}
		}
		next.Set("page", strconv.Itoa(n))
		return "/desk?" + next.Encode()
	})
	return all[(p.Page-1)*deskRows : min(p.Page*deskRows, len(all))], p
}

// pagesAt are the pages of a list of a length with so many rows each, at the page that the form names; to gives the
// address of one.
func pagesAt(form url.Values, length, rows int, to func(int) string) pager {
	p := pager{Page: 1, Of: max(1, (length+rows-1)/rows)}
	if n, err := strconv.Atoi(form.Get("page")); err == nil {
		p.Page = max(1, min(n, p.Of))
	}
	if p.Page > 1 {
		p.Before = to(p.Page - 1)
	}
	if p.Page < p.Of {
		p.Next = to(p.Page + 1)
	}
	return p
}

// count is how many of a list are so.
func count[T any](list []T, is func(T) bool) int {
	n := 0
	for _, one := range list {
		if is(one) {
			n++
		}
	}
	return n
}

// in reports whether a thing is in a list of the desk, for who is called me.
func (i deskItem) in(tab, me string) bool {
	open := i.State == string(journal.CaseOpen)
	switch tab {
	case "todo":
		return open
	case "returned":
		return open && i.Stage == string(journal.StageReturned) && (i.Owner == me || i.returnedTo == me)
	case "mine":
		return open && i.Owner == me
	case "replied", "closed":
		return i.State == tab
	}
	return open && i.Kind == tab
}

// nobody is the value of the filter by owner for what nobody sees to.
const nobody = "-"

// field is the value of a thing by the name of a filter.
func (i deskItem) field(name string) string {
	switch name {
	case "owner":
		return cmp.Or(i.Owner, nobody)
	case "reason":
		return i.Reason
	}
	return i.Channel
}

// fits reports whether a thing has what was chosen, and all the words.
func (i deskItem) fits(filters []filter, words string) bool {
	for _, f := range filters {
		if f.Chosen != "" && i.field(f.Name) != f.Chosen {
			return false
		}
	}
	text := strings.ToLower(i.text)
	for word := range strings.FieldsSeq(strings.ToLower(words)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// deskFilters are the fields to choose by, with how many things have each value.
func (v View) deskFilters(items []deskItem, form url.Values) []filter {
	list := []filter{{Name: "owner"}, {Name: "reason"}, {Name: "channel"}}
	for k := range list {
		f := &list[k]
		f.Label, f.Chosen = v.Named("deskby", f.Name), form.Get(f.Name)
		counts := map[string]int{}
		for _, i := range items {
			counts[i.field(f.Name)]++
		}
		if _, there := counts[f.Chosen]; f.Chosen != "" && !there {
			counts[f.Chosen] = 0
		}
		f.Options = counted(counts, func(value string) string {
			if value == nobody {
				return v.T("desk.nobody")
			}
			return v.Named("case"+f.Name, value)
		})
	}
	return list
}

// deskItems are all things of the desk.
func (c *Console) deskItems(r *http.Request, v View) ([]deskItem, error) {
	cases, err := c.deskCases(r.Context())
	if err != nil {
		return nil, err
	}
	var items []deskItem
	for _, k := range cases {
		one := caseItem(k)
		if k.Stage == journal.StageReturned && k.State == journal.CaseOpen && k.Owner != v.Account.Name {
			if one.returnedTo, err = c.lastAuthor(r, k.ID); err != nil {
				return nil, err
			}
		}
		items = append(items, one)
	}
	more, err := c.unopened(r.Context())
	if err != nil {
		return nil, err
	}
	items = append(items, more...)
	for n := range items {
		i := &items[n]
		i.Overdue = i.State == string(journal.CaseOpen) && v.now.Sub(i.At) >= c.Overdue
	}
	return items, nil
}

// Most cases that the desk reads of a state: what is open, the longest waiting first, and the latest of what is done.
const (
	mostOpen = 2000
	mostDone = 500
)

// deskCases are the cases of the lists.
func (c *Console) deskCases(ctx context.Context) ([]journal.Case, error) {
	var all []journal.Case
	for _, f := range []journal.CaseFilter{
		{State: journal.CaseOpen, Limit: mostOpen}, {State: journal.CaseReplied, Newest: true, Limit: mostDone}, {State: journal.CaseClosed, Newest: true, Limit: mostDone},
	} {
		list, err := c.Service.Journal.Inbox(ctx, f)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	return all, nil
}

// lastAuthor is who wrote the latest draft of a case, "" where there is none.
func (c *Console) lastAuthor(r *http.Request, id string) (string, error) {
	drafts, err := c.Service.Journal.ListDrafts(r.Context(), id)
	if err != nil || len(drafts) == 0 {
		return "", err
	}
	return drafts[len(drafts)-1].By, nil
}

// caseItem is a case in a list.
func caseItem(k journal.Case) deskItem {
	asked := cmp.Or(k.Asked, k.Text)
	i := deskItem{
		Kind: kindHanded, Case: k.ID, Question: k.Question, Line: firstLine(asked), Reason: k.Reason, Channel: k.Channel, Lang: langOf(asked),
		At: k.OpenedAt, Owner: k.Owner, State: string(k.State), Stage: string(k.Stage), Note: k.Text,
		text: strings.Join([]string{k.ID, k.Question, k.Asked, k.Text, k.Response, k.ClosedWhy}, "\n"),
	}
	switch {
	case k.Stage == journal.StageAwaiting:
		i.Kind = kindAwaiting
	case k.Reason == kindAbstained, k.Reason == kindRated:
		i.Kind = k.Reason
	}
	switch k.State {
	case journal.CaseOpen:
		i.Note = cmp.Or(k.ReturnReason, i.Note)
	case journal.CaseReplied:
		i.At, i.Owner, i.Note = k.RepliedAt, cmp.Or(k.By, k.Owner), ""
	case journal.CaseClosed:
		i.At, i.Owner, i.Note = k.ClosedAt, cmp.Or(k.ClosedBy, k.Owner), k.ClosedWhy
	}
	if k.Asked == "" && k.State == journal.CaseOpen && k.ReturnReason == "" {
		i.Note = "" // it is the line
	}
	return i
}

// firstLine is the first line of a text that is not blank.
func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return strings.TrimSpace(line)
}

// langOf is the language that a text is written in, as far as its letters say.
func langOf(text string) string {
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		return chinese
	}
	return english
}
