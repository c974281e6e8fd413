package console

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"policybot/bot"
	"policybot/bot/accounts"
	"policybot/bot/eval"
	"policybot/bot/journal"
	"policybot/retrieval"
)

// An entryView is what can be done to make a question an index entry of the clause that its review names.
type entryView struct {
	Clause   string // "" where no clause is named yet
	Name     string
	Made     string // id of the entry that there is
	Gone     bool   // the review's entry was taken back since
	Rank     int    // of the clause for this question now; 0: not among the first Depth
	Was      int    // before the entry was made, where WasKnown
	WasKnown bool
	Depth    int
	Follows  bool // the question was understood with turns before it, which an entry does not have
	Preview  *effectView
	Golden   int // how many golden questions there are to try
}

// An effectView is what an entry would change.
type effectView struct {
	Before, After int
	Moved         []eval.Moved // golden clauses whose rank would change
	Falls         bool
}

// entry takes over whether the question is an entry, and where the clause stands.
func (p *questionData) entry(ctx context.Context, c *Console) error {
	e := &p.Entry
	e.Depth, e.Clause = eval.EffectDepth, p.latest.Clause
	if e.Clause == "" {
		return nil
	}
	e.Follows = p.Trace != nil && p.Trace.Understanding != nil && p.Trace.Understanding.Follows
	names, err := c.clauseNames(ctx, []string{e.Clause})
	if err != nil {
		return err
	}
	e.Name = cmp.Or(names[e.Clause], e.Clause)
	list, err := c.Library.Taught(ctx, e.Clause)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(list, func(t retrieval.Taught) bool { return t.ID == p.latest.Entry }); i >= 0 {
		e.Made = list[i].ID
	}
	e.Gone = p.latest.Entry != "" && e.Made == ""
	golden, err := c.goldenSet(ctx)
	if err != nil {
		return err
	}
	e.Golden = len(golden)
	e.Rank, err = rankOf(ctx, c.Desk, p.Asked, e.Clause)
	return err
}

// rankOf is the rank of a clause for a question, from 1; 0: it is not among the first EffectDepth.
func rankOf(ctx context.Context, desk *bot.Desk, question, clause string) (int, error) {
	found, err := desk.Search(ctx, bot.Question{Text: question}, eval.EffectDepth)
	if err != nil {
		return 0, err
	}
	return 1 + slices.IndexFunc(found.Hits, func(h retrieval.Hit) bool { return h.Clause.ID == clause }), nil
}

// rankName is a rank as people read it.
func rankName(v View, rank int) string {
	if rank == 0 {
		return v.T("ops.rank_none")
	}
	return v.T("ops.rank", rank)
}

// effect tells what an entry would change, before it is made.
func (c *Console) effect(ctx context.Context, t retrieval.Taught) (*effectView, error) {
	trial, err := c.Library.Try(ctx, t)
	if err != nil {
		return nil, err
	}
	out := &effectView{}
	if out.Before, err = rankOf(ctx, c.Desk, t.Question, t.Clause); err != nil {
		return nil, err
	}
	if out.After, err = rankOf(ctx, &bot.Desk{Library: trial, Now: c.Desk.Now}, t.Question, t.Clause); err != nil {
		return nil, err
	}
	golden, err := c.goldenSet(ctx)
	if err != nil {
		return nil, err
	}
	moved, err := eval.Effect(ctx, c.Desk, t, golden)
	if err != nil {
		return nil, err
	}
	out.Moved, out.Falls = moved, slices.ContainsFunc(moved, eval.Moved.Falls)
	return out, nil
}

// taughtProblem is an error of making an entry as a sentence, "" for one that is not for people.
func (v View) taughtProblem(err error) string {
	if taken, ok := errors.AsType[*retrieval.TaughtError](err); ok {
		return v.T("ops.entry_taken", taken.Existing.Clause)
	}
	switch {
	case errors.Is(err, retrieval.ErrTaughtLimit):
		return v.T("ops.entry_limit", retrieval.MaxTaughtClause)
	case errors.Is(err, retrieval.ErrTaughtQuestion):
		return v.T("ops.entry_question")
	case errors.Is(err, retrieval.ErrNotFound):
		return v.T("error.no_clause")
	}
	return ""
}

// makeEntry shows what making the question an index entry would change, or makes it.
func (c *Console) makeEntry(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	p, err := c.opsQuestion(r, r.PathValue("id"))
	if err != nil {
		return err
	}
	if p.latest.Clause == "" || strconv.Itoa(p.latest.N) != r.PostForm.Get("base") {
		p.Wrong = p.T("ops.entry_changed")
		return c.showQuestion(w, r, http.StatusConflict, p)
	}
	t := retrieval.Taught{Clause: p.latest.Clause, Question: p.Asked, By: by(r).Name, At: c.moment()}
	effect, err := c.effect(r.Context(), t)
	if err != nil {
		if p.Wrong = p.taughtProblem(err); p.Wrong == "" {
			return err
		}
		return c.showQuestion(w, r, http.StatusUnprocessableEntity, p)
	}
	p.Entry.Preview = effect
	switch {
	case effect.Falls:
		p.Wrong = p.T("ops.entry_falls")
		return c.showQuestion(w, r, http.StatusConflict, p)
	case r.PostForm.Get("do") != "make":
		return c.showQuestion(w, r, http.StatusOK, p)
	}
	if err := c.teach(r, p, t); err != nil {
		if p.Wrong = p.taughtProblem(err); p.Wrong == "" {
			return err
		}
		return c.showQuestion(w, r, http.StatusUnprocessableEntity, p)
	}
	return seeOther(w, r, p.url("entry_made")+"&was="+strconv.Itoa(effect.Before)+"#entry")
}

// teach makes an entry and notes it in the review, unless the review has it.
func (c *Console) teach(r *http.Request, p *questionData, t retrieval.Taught) error {
	if p.Entry.Made != "" {
		return nil
	}
	return c.change(r, didMakeEntry, t.Clause, accounts.Facts("question", p.ID), func(ctx context.Context) error {
		return c.teachAndNote(ctx, p, t)
	})
}

// teachAndNote makes an entry and notes it in the review. An entry whose review was changed meanwhile is taken back.
func (c *Console) teachAndNote(ctx context.Context, p *questionData, t retrieval.Taught) error {
	before, err := c.Library.Taught(ctx, t.Clause)
	if err != nil {
		return err
	}
	made, err := c.Library.Teach(ctx, t)
	if err != nil {
		return err
	}
	review := p.latest
	review.Base, review.Entry, review.By, review.At = p.latest.N, made.ID, t.By, t.At
	if _, err := c.Service.Journal.SaveReview(ctx, review); err != nil {
		if !slices.ContainsFunc(before, func(o retrieval.Taught) bool { return o.ID == made.ID }) {
			_, undone := c.Library.Unteach(ctx, made.ID)
			err = errors.Join(err, undone)
		}
		return err
	}
	return nil
}

// entriesData is the page of all index entries.
type entriesData struct {
	opsData
	Entries []entryLine
	Clause  string
}

// An entryLine is one index entry.
type entryLine struct {
	retrieval.Taught
	Name, URL, Made string
}

// entriesPage lists the index entries.
func (c *Console) entriesPage(w http.ResponseWriter, r *http.Request) error {
	page := entriesData{opsData: c.opsPage(r, "entries"), Clause: r.URL.Query().Get("clause")}
	list, err := c.Library.Taught(r.Context(), page.Clause)
	if err != nil {
		return err
	}
	var ids []string
	for _, t := range list {
		ids = append(ids, t.Clause)
	}
	names, err := c.clauseNames(r.Context(), ids)
	if err != nil {
		return err
	}
	for _, t := range list {
		page.Entries = append(page.Entries, entryLine{t, cmp.Or(names[t.Clause], t.Clause), clauseURL(t.Clause, 0, 0), page.Time(t.At)})
	}
	return c.show(w, r, http.StatusOK, "opsentries", page)
}

// undoEntry takes an index entry back. Where it is taken back from the page of a question, its review forgets it.
func (c *Console) undoEntry(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	all, err := c.Library.Taught(r.Context(), "")
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(t retrieval.Taught) bool { return t.ID == r.PathValue("id") })
	if i < 0 {
		return problem(http.StatusNotFound, "ops.entry_gone")
	}
	question := r.PostForm.Get("question")
	err = c.change(r, didUndoEntry, all[i].Clause, accounts.Facts("entry", all[i].ID), func(ctx context.Context) error {
		_, err := c.Library.Unteach(ctx, all[i].ID)
		if err != nil || question == "" {
			return err
		}
		return c.forgetEntry(ctx, r, question, all[i].ID)
	})
	if errors.Is(err, retrieval.ErrNotFound) {
		return problem(http.StatusNotFound, "ops.entry_gone")
	}
	if err != nil {
		return err
	}
	if question == "" {
		return seeOther(w, r, "/ops/entries?done=entry_undone")
	}
	return seeOther(w, r, "/ops/questions/"+url.PathEscape(question)+"?done=entry_undone#entry")
}

// forgetEntry notes in the review of a question that its entry was taken back. A review that somebody else has saved
// meanwhile stays as it is: its page finds that the entry is gone.
func (c *Console) forgetEntry(ctx context.Context, r *http.Request, question, entry string) error {
	list, err := c.Service.Journal.Reviews(ctx, question)
	if errors.Is(err, journal.ErrNotFound) || err == nil && (len(list) == 0 || list[len(list)-1].Entry != entry) {
		return nil
	}
	if err != nil {
		return err
	}
	review := list[len(list)-1]
	review.Base, review.Entry, review.By, review.At = review.N, "", by(r).Name, c.moment()
	_, err = c.Service.Journal.SaveReview(ctx, review)
	if _, conflict := errors.AsType[*journal.ReviewConflictError](err); conflict {
		return nil
	}
	return err
}
