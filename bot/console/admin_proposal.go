package console

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"policybot/bot/eligibility/register"
	"policybot/bot/journal"
	"policybot/retrieval"
	"policybot/retrieval/publication"
)

// proposalData is the page of one proposal: what it changes, what hangs on it, and what can be decided.
type proposalData struct {
	View
	Proposal  proposalLine
	Document  string // address
	Listed    bool   // the document is in the library
	Decided   string // when
	Undone    string // when it was rolled back
	Diff      *diffView
	Gone      bool // the file is not kept any more: what it would change is not known
	Warnings  []string
	Answers   recallView
	Measures  []hangingView
	Entries   []hangingView
	Alone     bool // who proposes may publish
	Own       bool // the reader has proposed it
	MayDecide bool
	Wrong     string
	Done      string
}

// A diffView is what changes between two versions.
type diffView struct {
	Clauses   []clauseChange // of the page
	Facts     []publication.FieldChange
	Outside   []publication.Span
	Added     int
	Removed   int
	Changed   int
	Moved     int
	Unchanged int
	Empty     bool
	Pages     pager
}

// A clauseChange is what became of a clause, with its text as pieces.
type clauseChange struct {
	publication.ClauseChange
	Path, OldPath string // OldPath where it had another one
	Text          string // where there is nothing to compare
}

// recallView is which past answers cite what changes.
type recallView struct {
	Since string
	Total int // answers; Rows are the latest of them
	Rows  []recallRow
	Log   []logLink
}

// A recallRow is one such answer.
type recallRow struct{ Text, At, URL string }

// A logLink leads to the answers that cite one clause.
type logLink struct {
	Clause, URL string
	Count       int
}

// A hangingView is a measure or an index entry that a change touches.
type hangingView struct {
	Name, URL, Clause string
	Stale             bool // it does nothing once this is published; else its clause changes
}

// mostChanges is how many changed clauses a page shows.
const mostChanges = 100

// changesPage cuts the changes of the page that an address names, and gives the way to the pages beside it.
func changesPage(all []publication.ClauseChange, at *url.URL) ([]publication.ClauseChange, pager) {
	p := pager{Page: 1, Of: max(1, (len(all)+mostChanges-1)/mostChanges)}
	form := at.Query()
	if n, err := strconv.Atoi(form.Get("page")); err == nil {
		p.Page = max(1, min(n, p.Of))
	}
	to := func(n int) string {
		if n < 1 || n > p.Of {
			return ""
		}
		form.Set("page", strconv.Itoa(n))
		return at.Path + "?" + form.Encode() + "#changes"
	}
	p.Before, p.Next = to(p.Page-1), to(p.Page+1)
	return all[(p.Page-1)*mostChanges : min(p.Page*mostChanges, len(all))], p
}

// diff is a comparison for a page with an address.
func (v View) diff(d publication.Diff, at *url.URL) *diffView {
	out := &diffView{
		Outside: d.Outside, Unchanged: d.Unchanged, Empty: d.Empty(), Added: d.Count(publication.Added),
		Removed: d.Count(publication.Removed), Changed: d.Count(publication.Changed), Moved: d.Count(publication.Moved),
	}
	for _, f := range d.Facts {
		out.Facts = append(out.Facts, publication.FieldChange{Field: v.Named("field", f.Field), From: v.factValue(f.Field, f.From), To: v.factValue(f.Field, f.To)})
	}
	shown, pages := changesPage(d.Clauses, at)
	out.Pages = pages
	for _, c := range shown {
		one := clauseChange{ClauseChange: c}
		switch {
		case c.From == nil:
			one.Path, one.Text = c.To.Path, c.To.Text
		case c.To == nil:
			one.Path, one.Text = c.From.Path, c.From.Text
		default:
			one.Path, one.Text = c.To.Path, c.To.Text
			if c.From.Path != c.To.Path {
				one.OldPath = c.From.Path
			}
		}
		out.Clauses = append(out.Clauses, one)
	}
	return out
}

// factValue names the value of a fact.
func (v View) factValue(field, value string) string {
	if value == "true" || value == "false" {
		field = "bool"
	}
	return v.Named(field, value)
}

// proposalPage shows one proposal.
func (c *Console) proposalPage(w http.ResponseWriter, r *http.Request) error {
	return c.showProposal(w, r, http.StatusOK, "")
}

func (c *Console) showProposal(w http.ResponseWriter, r *http.Request, status int, wrong string) error {
	ctx := r.Context()
	q, err := c.queue(ctx)
	if err != nil {
		return err
	}
	p, err := q.Get(ctx, r.PathValue("id"))
	if errors.Is(err, publication.ErrNotFound) {
		return errNotFound
	}
	if err != nil {
		return err
	}
	v := c.adminView(r)
	page := proposalData{
		View: v, Diff: &diffView{}, Proposal: v.proposalLine(p), Document: adminDocumentURL(p.Document), Alone: q.Alone(), Own: p.By == v.Account.Name,
		MayDecide: v.May(string(admin)), Wrong: wrong, Done: v.done(r, "done"),
	}
	page.at = proposalURL(p.ID)
	page.times(p)
	for _, one := range p.Warnings {
		page.Warnings = append(page.Warnings, v.warning(one))
	}
	from, to, err := q.Contents(ctx, p.ID)
	if errors.Is(err, publication.ErrReadOtherwise) {
		page.Wrong = v.T("proposal.otherwise")
		return c.show(w, r, status, "adminproposal", page)
	}
	if errors.Is(err, publication.ErrFileGone) {
		page.Gone = true
		return c.show(w, r, status, "adminproposal", page)
	}
	if err != nil {
		return err
	}
	here := url.URL{Path: proposalURL(p.ID), RawQuery: r.URL.RawQuery}
	if err := c.hanging(ctx, &page, p, from, to, &here); err != nil {
		return err
	}
	return c.show(w, r, status, "adminproposal", page)
}

// times words when it was decided about.
func (d *proposalData) times(p publication.Proposal) {
	if p.DecidedAt != nil {
		d.Decided = d.Time(*p.DecidedAt)
	}
	if p.RolledBackAt != nil {
		d.Undone = d.Time(*p.RolledBackAt)
	}
}

// warning words what whoever decides should look at.
func (v View) warning(w publication.Warning) string {
	detail := w.Detail
	if field, value, ok := strings.Cut(detail, ": "); ok && w.Kind == publication.WarnOverruled {
		detail = v.Named("field", field) + ": " + v.factValue(field, value)
	}
	text := v.T("proposalwarn."+w.Kind, detail)
	if w.Clause != "" {
		text = v.T("proposalwarn.in", w.Clause, text)
	}
	return text
}

// hanging finds the differences, and what hangs on them: past answers, measures and index entries.
func (c *Console) hanging(ctx context.Context, page *proposalData, p publication.Proposal, from, to retrieval.Content, here *url.URL) error {
	d := publication.Compare(from, to)
	page.Diff = page.diff(d, here)
	until := time.Time{}
	if p.State == publication.Published && p.DecidedAt != nil {
		until = *p.DecidedAt
	}
	docs, err := c.Library.Documents(ctx)
	if err != nil {
		return err
	}
	page.Listed = slices.ContainsFunc(docs, func(d retrieval.Document) bool { return d.ID == p.Document })
	if page.Answers, err = c.recall(ctx, page.View, p.Document, d.Touched(), until); err != nil {
		return err
	}
	if page.Measures, err = c.hangingMeasures(ctx, page.Lang, p.Document, to, d.Touched()); err != nil {
		return err
	}
	page.Entries, err = c.hangingEntries(ctx, from, to, d.Touched())
	return err
}

// mostRecalled is how many answers a recall lists.
const mostRecalled = 50

// recall finds the answers of the last 90 days that cite one of the clauses of a document. Only answers from before
// until count, if it is set. However many clauses there are, the log is read twice.
func (c *Console) recall(ctx context.Context, v View, document string, clauses []string, until time.Time) (recallView, error) {
	since := v.now.Add(-recallAge)
	out := recallView{Since: since.Local().Format(time.DateOnly)}
	if len(clauses) == 0 {
		return out, nil
	}
	q := journal.Query{Document: document, AnyClause: clauses, Since: since, Until: until, Size: mostRecalled}
	found, err := c.Service.Journal.Search(ctx, q)
	if err != nil || found.Total == 0 {
		return out, err
	}
	out.Total = found.Total
	for _, row := range found.Rows {
		out.Rows = append(out.Rows, recallRow{row.Text, v.Time(row.At), "/answers/" + url.PathEscape(row.ID)})
	}
	figures, err := c.Service.Journal.Figures(ctx, q)
	if err != nil {
		return out, err
	}
	for _, one := range figures.Clauses {
		out.Log = append(out.Log, logLink{one.Name, logURL("clause", one.Name, since), one.N})
	}
	return out, nil
}

// hangingMeasures are the measures of a document that do not fit what it becomes, or whose clause changes.
func (c *Console) hangingMeasures(ctx context.Context, lang, document string, to retrieval.Content, touched []string) ([]hangingView, error) {
	if c.Admin.Measures == nil {
		return nil, nil
	}
	list, err := c.Admin.Measures.List(ctx)
	if err != nil {
		return nil, err
	}
	var out []hangingView
	for _, l := range list {
		if l.Document != document || l.State == register.Rejected {
			continue
		}
		_, misfit := l.Bind(to.Clauses)
		if misfit != nil || l.Bound != nil && slices.Contains(touched, l.Bound.Clause.ID) {
			out = append(out, hangingView{l.Title.In(lang), measureURL(l.ID), l.Path, misfit != nil})
		}
	}
	return out, nil
}

// hangingEntries are the index entries of clauses that go or change.
func (c *Console) hangingEntries(ctx context.Context, from, to retrieval.Content, touched []string) ([]hangingView, error) {
	all, err := c.Library.Taught(ctx, "")
	if err != nil {
		return nil, err
	}
	has := func(list []retrieval.Clause, id string) bool {
		return slices.ContainsFunc(list, func(c retrieval.Clause) bool { return c.ID == id })
	}
	var out []hangingView
	for _, t := range all {
		if has(from.Clauses, t.Clause) && slices.Contains(touched, t.Clause) {
			out = append(out, hangingView{t.Question, clauseURL(t.Clause, 0, 0), t.Clause, !has(to.Clauses, t.Clause)})
		}
	}
	return out, nil
}

// publishProposal makes a proposal count.
func (c *Console) publishProposal(w http.ResponseWriter, r *http.Request) error {
	return c.decideProposal(w, r, "publish", func(ctx context.Context, q *publication.Queue, id, by, _ string) (publication.Done, error) {
		return q.Publish(ctx, id, by)
	})
}

// rejectProposal keeps a proposal from counting.
func (c *Console) rejectProposal(w http.ResponseWriter, r *http.Request) error {
	return c.decideProposal(w, r, "reject", func(ctx context.Context, q *publication.Queue, id, by, why string) (publication.Done, error) {
		return q.Reject(ctx, id, by, why)
	})
}

// rollBackProposal undoes what was published.
func (c *Console) rollBackProposal(w http.ResponseWriter, r *http.Request) error {
	return c.decideProposal(w, r, "roll_back", func(ctx context.Context, q *publication.Queue, id, by, why string) (publication.Done, error) {
		return q.RollBack(ctx, id, by, why)
	})
}

// takeBackProposal takes the reader's own proposal back.
func (c *Console) takeBackProposal(w http.ResponseWriter, r *http.Request) error {
	return c.decideProposal(w, r, "take_back", func(ctx context.Context, q *publication.Queue, id, by, _ string) (publication.Done, error) {
		return q.TakeBack(ctx, id, by)
	})
}

// decideProposal carries a decision out, once the reader has said that it is meant.
func (c *Console) decideProposal(w http.ResponseWriter, r *http.Request, does string, do func(ctx context.Context, q *publication.Queue, id, by, why string) (publication.Done, error)) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	id := r.PathValue("id")
	q, err := c.queue(r.Context())
	if err != nil {
		return err
	}
	p, err := q.Get(r.Context(), id)
	if errors.Is(err, publication.ErrNotFound) {
		return errNotFound
	}
	if err != nil {
		return err
	}
	sure, err := c.sure(w, r, func(v View) question {
		return question{
			Title: v.T("decide."+does, p.Title), Text: v.T("decide." + does + "_text"), Button: v.T("decide." + does + "_do"),
			Back: proposalURL(id), Danger: does == "publish" || does == "roll_back",
		}
	})
	if err != nil || !sure {
		return err
	}
	done, err := c.carryOut(r, q.Alone(), func(ctx context.Context, q *publication.Queue) (publication.Done, error) {
		return do(ctx, q, id, by(r).Name, r.PostForm.Get("why"))
	})
	if err != nil {
		if wrong := c.view(r).publicationWrong(err); wrong != "" {
			return c.showProposal(w, r, http.StatusConflict, wrong)
		}
		return err
	}
	return adminBack(w, r, proposalURL(done.Proposal.ID), does)
}

// carryOut carries a decision out while nothing else writes to the library.
func (c *Console) carryOut(r *http.Request, alone bool, do func(context.Context, *publication.Queue) (publication.Done, error)) (publication.Done, error) {
	release, err := c.changing(r.Context())
	if err != nil {
		return publication.Done{}, err
	}
	defer release()
	var done publication.Done
	err = c.entering(r, alone, func(ctx context.Context, q *publication.Queue) (err error) {
		done, err = do(ctx, q)
		return err
	})
	if err != nil || c.Admin.Changed == nil {
		return done, err
	}
	return done, c.Admin.Changed(context.WithoutCancel(r.Context()))
}
