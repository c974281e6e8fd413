package console

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"policybot/bot"
	"policybot/bot/accounts"
	"policybot/bot/journal"
)

// How far back the desk looks for questions that have no case, and how many of each kind it shows: the latest.
const (
	unopenedFor  = 30 * 24 * time.Hour
	mostUnopened = 500
)

// unopened are questions of the last unopenedFor that have no case although no clause answered them, or who rated
// their answer last found it not helpful. A question that is both is listed once, as rated.
func (c *Console) unopened(ctx context.Context) ([]deskItem, error) {
	since := c.Now().Add(-unopenedFor)
	bad, err := c.logged(ctx, journal.Query{Since: since, Rating: journal.Bad, Case: journal.None})
	if err != nil {
		return nil, err
	}
	said := map[string]journal.Rating{}
	if len(bad) > 0 {
		for rating, err := range c.Service.Journal.Ratings(ctx, journal.Filter{Since: since}) {
			if err != nil {
				return nil, err
			}
			said[rating.Question] = rating // the last one stays
		}
	}
	var items []deskItem
	seen := map[string]bool{}
	for _, row := range bad {
		i := rowItem(row, kindRated)
		if r, ok := said[row.ID]; ok {
			i.At, i.Note, i.text = r.At, r.Text, i.text+"\n"+r.Text
		}
		seen[row.ID] = true
		items = append(items, i)
	}
	without, err := c.logged(ctx, journal.Query{Since: since, Outcome: bot.Abstained, Case: journal.None})
	if err != nil {
		return nil, err
	}
	for _, row := range without {
		if !seen[row.ID] {
			items = append(items, rowItem(row, kindAbstained))
		}
	}
	return items, nil
}

// logged are the questions of the log that fit, whose text is still there: among the latest mostUnopened.
func (c *Console) logged(ctx context.Context, q journal.Query) ([]journal.Row, error) {
	rows, _, err := c.newest(ctx, q, mostUnopened)
	return slices.DeleteFunc(rows, func(row journal.Row) bool { return row.Text == "" }), err
}

// rowItem is a question without a case in a list.
func rowItem(q journal.Row, kind string) deskItem {
	return deskItem{
		Kind: kind, Question: q.ID, Line: firstLine(q.Text), Reason: kind, Channel: q.Channel, Lang: langOf(q.Text), At: q.At,
		State: string(journal.CaseOpen), text: q.ID + "\n" + q.Text,
	}
}

// noCase reads the question of an address and checks that it still has no case, and why it may get one.
func (c *Console) noCase(r *http.Request) (question, kind string, there *journal.Case, err error) {
	e, err := c.Service.Journal.Entry(r.Context(), r.PathValue("id"))
	if errors.Is(err, journal.ErrNotFound) {
		return "", "", nil, errNotFound
	}
	if err != nil {
		return "", "", nil, err
	}
	kind = r.PostForm.Get("kind")
	if kind != kindAbstained && kind != kindRated || kind == kindAbstained && e.Question.Outcome != bot.Abstained ||
		kind == kindRated && count(e.Ratings, func(one journal.Rating) bool { return !one.Good }) == 0 {
		return "", "", nil, problem(http.StatusConflict, "desk.not_so")
	}
	cases, err := c.Service.Journal.Inbox(r.Context(), journal.CaseFilter{Question: e.Question.ID})
	if err != nil || len(cases) == 0 {
		return e.Question.ID, kind, nil, err
	}
	return e.Question.ID, kind, &cases[0], nil
}

// takeQuestion opens a case for a question, and gives it to the reader. Where somebody was quicker, the reader is led
// to that case.
func (c *Console) takeQuestion(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	question, kind, there, err := c.noCase(r)
	if err != nil {
		return err
	}
	if there == nil {
		k, err := c.openCase(r, question, kind)
		if err != nil {
			return err
		}
		there = &k
	}
	if there.Owner == "" && there.State == journal.CaseOpen {
		if err := c.giveTo(r, *there, c.view(r).Account.Name); err != nil {
			return err
		}
	}
	return seeOther(w, r, casePath(there.ID))
}

// openCase opens a case for a question that has none.
func (c *Console) openCase(r *http.Request, question, kind string) (k journal.Case, err error) {
	err = c.change(r, didOpen, c.Service.CaseID(question), accounts.Facts("reason", kind), func(ctx context.Context) error {
		k, err = c.Service.OpenCase(ctx, question, kind)
		return err
	})
	return k, err
}

// dismissQuestion closes the matter of a question that needs no reply, for a reason.
func (c *Console) dismissQuestion(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	why := strings.TrimSpace(r.PostForm.Get("why"))
	if why == "" {
		return inField("why", problem(http.StatusUnprocessableEntity, "desk.why_needed"))
	}
	question, kind, there, err := c.noCase(r)
	if err != nil {
		return err
	}
	if there != nil {
		return problem(http.StatusConflict, "desk.has_case")
	}
	k, err := c.openCase(r, question, kind)
	if err != nil {
		return err
	}
	if k.Owner != "" || k.Revision > 0 {
		return problem(http.StatusConflict, "desk.has_case") // somebody was quicker
	}
	closing := journal.Closing{Case: k.ID, By: c.view(r).Account.Name, Why: why, At: c.moment()}
	err = c.change(r, didClose, k.ID, accounts.Facts("reason", kind, "reason_chars", accounts.Length(why)), func(ctx context.Context) error {
		_, err := c.Service.Journal.CloseCase(ctx, closing)
		return err
	})
	if err != nil {
		return deskProblem(err)
	}
	return seeOther(w, r, ownPath(r.PostForm.Get("back")))
}

// What the audit calls the work of the desk.
const (
	didOpen    = "case.opened"
	didAssign  = "case.assigned"
	didSave    = "case.draft"
	didSubmit  = "case.submitted"
	didReturn  = "case.returned"
	didApprove = "case.approved"
	didSend    = "case.replied"
	didForce   = "case.replied_unchecked" // although the check has found something
	didClose   = "case.closed"
)
