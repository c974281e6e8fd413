package console

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"policybot/bot"
	"policybot/bot/accounts"
	"policybot/bot/export"
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
	Personal     bool
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
}

// logPage lists questions.
func (c *Console) logPage(w http.ResponseWriter, r *http.Request) error {
	page := logData{opsData: c.opsPage(r, "log")}
	form := r.URL.Query()
	f := readFilter(form, c.Now())
	q := f.Query
	q.Before, _ = strconv.ParseInt(form.Get("before"), 10, 64) // what is no number is no place
	if q.Before <= 0 {
		q.After, _ = strconv.ParseInt(form.Get("after"), 10, 64)
	}
	q.Before, q.After = max(0, q.Before), max(0, q.After)
	found, err := c.Service.Journal.Search(r.Context(), q)
	if err != nil {
		return err
	}
	page.Form, page.Total, page.FilterText, page.Personal = c.filterView(page.View, f, "/ops/log"), found.Total, f.Encode(), f.Query.OfPerson()
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
	return cmp.Or(k.Document.Title, k.Document.Source, k.Document.ID) + " " + k.Path
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
		out = append(out, savedView{one.Name, one.Owner, "/ops/log?" + one.Query, one.Owner == me, one.Shared})
	}
	return out, nil
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
		return problem(http.StatusUnprocessableEntity, "ops.view_name_bad")
	}
	values, err := url.ParseQuery(r.PostForm.Get("filter"))
	if err != nil {
		return problem(http.StatusBadRequest, "error.form")
	}
	filter := readFilter(values, c.Now()).Encode()
	err = c.Service.Journal.SaveView(r.Context(), journal.View{Name: name, Owner: by(r).Name, Shared: r.PostForm.Get("shared") == journal.Yes, Query: filter})
	if err != nil {
		return err
	}
	return c.toLog(w, r, filter, "view_saved")
}

// toLog goes back to the log with a filter.
func (c *Console) toLog(w http.ResponseWriter, r *http.Request, filter, done string) error {
	values, err := url.ParseQuery(filter)
	if err != nil {
		values = url.Values{}
	}
	values.Set("done", done)
	http.Redirect(w, r, "/ops/log?"+values.Encode(), http.StatusSeeOther)
	return nil
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
		return problem(http.StatusUnprocessableEntity, "ops.view_name_bad")
	}
	if name != old && slices.ContainsFunc(all, func(v journal.View) bool { return v.Owner == view.Owner && v.Name == name }) {
		return problem(http.StatusConflict, "ops.view_taken", name)
	}
	view.Name, view.Shared = name, r.PostForm.Get("shared") == journal.Yes
	if err := c.Service.Journal.SaveView(r.Context(), view); err != nil {
		return err
	}
	if name != old {
		if err := c.Service.Journal.DeleteView(r.Context(), view.Owner, old); err != nil && !errors.Is(err, journal.ErrNotFound) {
			return err
		}
	}
	return c.toLog(w, r, view.Query, "view_saved")
}

// deleteView removes a view of the reader.
func (c *Console) deleteView(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	view, _, err := c.myView(r, r.PostForm.Get("view"))
	if err != nil {
		return err
	}
	if err := c.Service.Journal.DeleteView(r.Context(), view.Owner, view.Name); err != nil && !errors.Is(err, journal.ErrNotFound) {
		return err
	}
	return c.toLog(w, r, view.Query, "view_deleted")
}

// exportLog writes the questions of a filter as a file. It is entered in the audit before the first row leaves.
func (c *Console) exportLog(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	format := export.Format(r.PostForm.Get("format"))
	values, err := url.ParseQuery(r.PostForm.Get("filter"))
	if format.MediaType() == "" || err != nil {
		return problem(http.StatusBadRequest, "error.form")
	}
	f, v := readFilter(values, c.Now()), c.view(r)
	columns, err := export.Columns(v.Lang)
	if err != nil {
		return err
	}
	one := f.Query
	one.Size = 1
	found, err := c.Service.Journal.Search(r.Context(), one)
	if err != nil {
		return err
	}
	detail := auditFilter(f) + " format=" + string(format) + " count=" + strconv.Itoa(found.Total)
	if err := c.record(r, "log.exported", "log", detail); err != nil {
		return err
	}
	ratings, err := c.latestRatings(r.Context(), f.Query)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", format.MediaType())
	w.Header().Set("Content-Disposition", `attachment; filename="`+export.FileName(format, c.Now().Local())+`"`)
	w.Header().Set("Cache-Control", "no-store")
	if err := export.Write(w, format, columns, c.exportRows(r.Context(), f.Query, ratings)); err != nil {
		c.Log.Error("an export of the log ended early", "format", format, "error", err)
		panic(http.ErrAbortHandler) // what was written is no whole file, and must not look like one
	}
	return nil
}

// auditFilter tells a filter in the audit: which fields choose, and the values that are not what people wrote.
func auditFilter(f logFilter) string {
	var out []string
	for _, name := range append([]string{"span"}, fieldNames()...) {
		value := f.values.Get(name)
		switch {
		case value == "":
		case name == "q" || strings.ContainsAny(value, " \"\n"):
			out = append(out, name+"=…")
		default:
			out = append(out, name+"="+value)
		}
	}
	if len(out) == 0 {
		return "all"
	}
	return strings.Join(out, " ")
}

func fieldNames() []string {
	var out []string
	for _, field := range logFields {
		out = append(out, field.name)
	}
	return out
}

// record enters in the audit what the reader did.
func (c *Console) record(r *http.Request, does, object, detail string) error {
	who := by(r)
	return c.Accounts.Record(context.WithoutCancel(r.Context()), accounts.Entry{By: who.Name, Does: does, Object: object, Detail: detail, From: who.From})
}

// latestRatings are the latest ratings of questions in the time of a query, by question.
func (c *Console) latestRatings(ctx context.Context, q journal.Query) (map[string]journal.Rating, error) {
	out := map[string]journal.Rating{}
	for one, err := range c.Service.Journal.Ratings(ctx, journal.Filter{Since: q.Since, Until: q.Until}) {
		if err != nil {
			return nil, err
		}
		out[one.Question] = one
	}
	return out, nil
}

// exportRows are the questions of a query as rows of a file, in the order of the list.
func (c *Console) exportRows(ctx context.Context, q journal.Query, ratings map[string]journal.Rating) iter.Seq2[export.Row, error] {
	label := func(outcome, mode string) string { return string(bot.LabelOf(outcome, mode)) }
	return func(yield func(export.Row, error) bool) {
		for m, err := range c.Service.Journal.Matches(ctx, q) {
			if err != nil {
				yield(export.Row{}, err)
				return
			}
			row := export.RowOf(m.Question, label)
			row.Case, row.Verdict = m.Row.Case, m.Row.Verdict
			if rating, ok := ratings[row.ID]; ok {
				row.Rate(rating)
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}
