package console

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"policybot/bot/accounts"
	"policybot/bot/journal"
	"policybot/retrieval"
)

// logData is the page of the log.
type logData struct {
	opsData
	Form         filterView
	Rows         []logRow
	Total        int
	Older, Newer string // addresses; "": there is none
	Views        []savedView
	FilterText   string // of the address
}

// A logRow is a question in the list.
type logRow struct {
	journal.Row
	URL, At, Machine string
	Clauses          []cite
}

// A savedView is a search that somebody keeps.
type savedView struct {
	Name, Owner, URL string
	Mine, Shared     bool
	Left             bool // of an account that is closed: anybody who sees it may remove it
}

// logPage lists questions.
func (c *Console) logPage(w http.ResponseWriter, r *http.Request) error {
	page := logData{opsData: c.opsPage(r, "log")}
	form := r.URL.Query()
	f := readFilter(form, c.Now())
	found, err := c.Service.Journal.Search(r.Context(), f.placed(form))
	if err != nil {
		return err
	}
	page.Form, page.Total, page.FilterText = c.filterView(page.View, f, "/ops/log"), found.Total, f.Encode()
	if found.Older > 0 {
		page.Older = "/ops/log?" + f.with("before", strconv.FormatInt(found.Older, 10))
	}
	if found.Newer > 0 {
		page.Newer = "/ops/log?" + f.with("after", strconv.FormatInt(found.Newer, 10))
	}
	if page.Rows, err = c.logRows(r.Context(), page.View, found.Rows, f); err != nil {
		return err
	}
	if page.Views, err = c.savedViews(r); err != nil {
		return err
	}
	return c.show(w, r, http.StatusOK, "opslog", page)
}

// logRows are rows as a page shows them.
func (c *Console) logRows(ctx context.Context, v View, rows []journal.Row, f logFilter) ([]logRow, error) {
	var ids []string
	for _, row := range rows {
		ids = append(ids, row.Clauses...)
	}
	names, err := c.clauseNames(ctx, ids)
	if err != nil {
		return nil, err
	}
	var out []logRow
	for _, row := range rows {
		one := logRow{Row: row, URL: questionURL(row.ID, f.Encode()), At: v.Time(row.At), Machine: v.Machine(row.At)}
		for _, id := range row.Clauses {
			one.Clauses = append(one.Clauses, cite{URL: clauseURL(id, 0, 0), Title: cmp.Or(names[id], id)})
		}
		out = append(out, one)
	}
	return out, nil
}

// clauseNames are the documents and paths of clauses by id; those that are not held have none.
func (c *Console) clauseNames(ctx context.Context, ids []string) (map[string]string, error) {
	slices.Sort(ids)
	found, err := c.Library.Lookup(ctx, slices.Compact(ids))
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, k := range found {
		names[k.ID] = clauseName(k)
	}
	return names, nil
}

// clauseName is how people know a clause.
func clauseName(k retrieval.Clause) string {
	return documentTitle(k.Document) + " " + k.Path
}

// questionURL is the page of a question, which leads back to a filter of the log.
func questionURL(id, filter string) string {
	u := "/ops/questions/" + url.PathEscape(id)
	if filter != "" {
		u += "?from=" + url.QueryEscape(filter)
	}
	return u
}

// savedViews are the reader's views and those that others share.
func (c *Console) savedViews(r *http.Request) ([]savedView, error) {
	me := by(r).Name
	list, err := c.Service.Journal.ListViews(r.Context(), me)
	if err != nil {
		return nil, err
	}
	var out []savedView
	for _, one := range list {
		left, err := c.viewLeft(r.Context(), one)
		if err != nil {
			return nil, err
		}
		out = append(out, savedView{one.Name, one.Owner, "/ops/log?" + one.Query, one.Owner == me, one.Shared, left})
	}
	return out, nil
}

// viewLeft reports whether the account of a shared view's owner is closed.
func (c *Console) viewLeft(ctx context.Context, v journal.View) (bool, error) {
	if !v.Shared {
		return false, nil
	}
	a, err := c.Accounts.Account(ctx, v.Owner)
	if errors.Is(err, accounts.ErrNotFound) {
		return true, nil
	}
	return a.Disabled, err
}

// leftView finds the shared view of a closed account; of another there is none to remove.
func (c *Console) leftView(r *http.Request, owner, name string) (journal.View, error) {
	all, err := c.Service.Journal.ListViews(r.Context(), by(r).Name)
	if err != nil {
		return journal.View{}, err
	}
	for _, v := range all {
		if v.Owner != owner || v.Name != name {
			continue
		}
		if left, err := c.viewLeft(r.Context(), v); err != nil || left {
			return v, err
		}
	}
	return journal.View{}, problem(http.StatusNotFound, "ops.view_gone")
}

// mostViewName is how many characters the name of a view may have.
const mostViewName = 80

// viewName is a name for a view out of a form; "" for one that cannot be.
func viewName(form url.Values, field string) string {
	name := strings.Join(strings.Fields(form.Get(field)), " ")
	if len([]rune(name)) > mostViewName {
		return ""
	}
	return name
}

// saveView keeps the current view under a name of the reader's.
func (c *Console) saveView(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	name := viewName(r.PostForm, "name")
	if name == "" {
		return inField("name", problem(http.StatusUnprocessableEntity, "ops.view_name_bad"))
	}
	values, err := url.ParseQuery(r.PostForm.Get("filter"))
	if err != nil {
		return problem(http.StatusBadRequest, "error.form")
	}
	view := journal.View{Name: name, Owner: by(r).Name, Shared: r.PostForm.Get("shared") == journal.Yes, Query: readFilter(values, c.Now()).Encode()}
	if err := c.storeView(r, view, ""); err != nil {
		return err
	}
	return c.toLog(w, r, view.Query, "view_saved")
}

// storeView keeps a view of the reader, in the place of that with an old name where one is given, unless it is there as it
// is. Its name and its filter are the reader's words.
func (c *Console) storeView(r *http.Request, view journal.View, old string) error {
	all, err := c.Service.Journal.ListViews(r.Context(), view.Owner)
	if err != nil || old == "" && slices.Contains(all, view) {
		return err
	}
	detail := accounts.Facts("name_chars", accounts.Length(view.Name), "shared", strconv.FormatBool(view.Shared))
	return c.change(r, didSaveView, "view", detail, func(ctx context.Context) error {
		if err := c.Service.Journal.SaveView(ctx, view); err != nil || old == "" {
			return err
		}
		if err := c.Service.Journal.DeleteView(ctx, view.Owner, old); !errors.Is(err, journal.ErrNotFound) {
			return err
		}
		return nil
	})
}

// toLog goes back to the log with a filter.
func (c *Console) toLog(w http.ResponseWriter, r *http.Request, filter, done string) error {
	values := queryOf(filter)
	values.Set("done", done)
	return seeOther(w, r, "/ops/log?"+values.Encode())
}

// myView finds a view of the reader by name; those of others do not exist for who would change them.
func (c *Console) myView(r *http.Request, name string) (found journal.View, all []journal.View, err error) {
	all, err = c.Service.Journal.ListViews(r.Context(), by(r).Name)
	if err != nil {
		return found, nil, err
	}
	i := slices.IndexFunc(all, func(v journal.View) bool { return v.Owner == by(r).Name && v.Name == name })
	if i < 0 {
		return found, all, problem(http.StatusNotFound, "ops.view_gone")
	}
	return all[i], all, nil
}

// renameView gives a view of the reader another name, or shares it or not.
func (c *Console) renameView(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	view, all, err := c.myView(r, r.PostForm.Get("view"))
	if err != nil {
		return err
	}
	old, name := view.Name, viewName(r.PostForm, "name")
	if name == "" {
		return inField("name", problem(http.StatusUnprocessableEntity, "ops.view_name_bad"))
	}
	if name != old && slices.ContainsFunc(all, func(v journal.View) bool { return v.Owner == view.Owner && v.Name == name }) {
		return inField("name", problem(http.StatusConflict, "ops.view_taken", name))
	}
	view.Name, view.Shared = name, r.PostForm.Get("shared") == journal.Yes
	if name == old {
		old = ""
	}
	if err := c.storeView(r, view, old); err != nil {
		return err
	}
	return c.toLog(w, r, view.Query, "view_saved")
}

// deleteView removes a view of the reader, or the shared one of a closed account.
func (c *Console) deleteView(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	view, _, err := c.myView(r, r.PostForm.Get("view"))
	if owner := r.PostForm.Get("owner"); owner != "" && owner != by(r).Name {
		view, err = c.leftView(r, owner, r.PostForm.Get("view"))
	}
	if err != nil {
		return err
	}
	err = c.change(r, didDeleteView, "view", accounts.Facts("name_chars", accounts.Length(view.Name)), func(ctx context.Context) error {
		return c.Service.Journal.DeleteView(ctx, view.Owner, view.Name)
	})
	if err != nil && !errors.Is(err, journal.ErrNotFound) {
		return err
	}
	return c.toLog(w, r, view.Query, "view_deleted")
}
