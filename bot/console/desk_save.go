package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"policybot/bot"
	"policybot/bot/accounts"
	"policybot/bot/journal"
)

// applying is what the button of a suggestion sends.
func applying(clause string, at int) string { return fmt.Sprintf("%s@%d", clause, at) }

// deskProblem is an error of the journal as one for people.
func deskProblem(err error) error {
	if clash, ok := errors.AsType[*journal.ConflictError](err); ok {
		return problem(http.StatusConflict, "case.newer", clash.Latest.N, clash.Latest.By)
	}
	for _, known := range []struct{ err, shown error }{
		{journal.ErrNotFound, errNotFound},
		{journal.ErrReplied, problem(http.StatusConflict, "case.is_replied")},
		{journal.ErrClosed, problem(http.StatusConflict, "case.is_closed")},
		{journal.ErrUnreachable, problem(http.StatusConflict, "case.is_erased")},
		{journal.ErrOwnApproval, problem(http.StatusForbidden, "case.own_approval")},
		{journal.ErrUnapproved, problem(http.StatusConflict, "case.unapproved")},
		{journal.ErrNoReason, problem(http.StatusUnprocessableEntity, "desk.why_needed")},
		{journal.ErrStage, problem(http.StatusConflict, "case.stage")},
		{journal.ErrDraft, problem(http.StatusUnprocessableEntity, "case.bad_draft")},
	} {
		if errors.Is(err, known.err) {
			return known.shown
		}
	}
	return err
}

// again shows a case once more with what was written, and says why something could not be done; where another has
// saved meanwhile, with both texts. An error that is not for people is returned.
func (c *Console) again(w http.ResponseWriter, r *http.Request, id string, t written, err error) error {
	shown, ok := errors.AsType[*pageError](deskProblem(err))
	if !ok {
		return err
	}
	k, readErr := c.Service.Case(r.Context(), id)
	if readErr != nil {
		return readErr
	}
	if clash, is := errors.AsType[*journal.ConflictError](err); is && clash.Latest.N > 0 {
		t.Clash = &clash.Latest
	}
	v := c.view(r)
	if errors.Is(err, journal.ErrNoReason) {
		t.Why.Wrong = v.T(shown.name)
	}
	return c.showCase(w, r, shown.status, k, t, v.T(shown.name, shown.values...))
}

// keep stores what is written as a revision, unless it is the latest one, and gives that.
func (c *Console) keep(r *http.Request, k journal.Case, t written, origin journal.Origin) (journal.Draft, error) {
	latest, err := c.latest(r.Context(), k)
	if err != nil {
		return latest, err
	}
	if t.Base == latest.N && latest.N > k.Earlier && t.Text == latest.Text && slices.Equal(t.Clauses, latest.Clauses) {
		return latest, nil
	}
	me := c.view(r).Account.Name
	work, err := c.work(r.Context(), k.ID)
	if err != nil {
		return journal.Draft{}, err
	}
	d := journal.Draft{Case: k.ID, Base: t.Base, Text: t.Text, Clauses: t.Clauses, By: me, At: c.moment(), Origin: origin}
	next, stored, err := work.Save(d)
	if err != nil {
		return journal.Draft{}, err
	}
	if stored {
		err = c.change(r, didSave, k.ID, accounts.Facts("revision", strconv.Itoa(next.N), "origin", string(next.Origin)), func(ctx context.Context) error {
			next, err = c.Service.Journal.SaveDraft(ctx, d)
			return err
		})
	}
	if d = next; err != nil {
		return d, err
	}
	if k.Owner == "" {
		return d, c.giveTo(r, k, me) // who writes sees to it
	}
	return d, nil
}

// saveDraft stores what is in the editor. Where the request is a script's of its own accord, it does not go on from
// another person's revision, and does not take back a submission.
func (c *Console) saveDraft(w http.ResponseWriter, r *http.Request) error {
	k, t, err := c.posted(w, r)
	if err != nil {
		return err
	}
	if r.PostForm.Get("auto") == "yes" {
		e, err := c.editor(r, c.view(r), k, t)
		if err != nil {
			return err
		}
		if !e.Own {
			return problem(http.StatusConflict, "case.not_own")
		}
	}
	d, err := c.keep(r, k, t, journal.ByPerson)
	if err != nil {
		return c.again(w, r, k.ID, t, err)
	}
	if r.Header.Get(headerPart) == "" {
		return seeOther(w, r, casePath(k.ID)+"#editor")
	}
	if k, err = c.Service.Case(r.Context(), k.ID); err != nil {
		return err
	}
	return c.showCase(w, r, http.StatusOK, k, written{Text: d.Text, Clauses: d.Clauses, Base: d.N, Check: r.PostForm.Get("checked") == "yes"}, "")
}

// posted reads the editor's form and the case that it is of.
func (c *Console) posted(w http.ResponseWriter, r *http.Request) (journal.Case, written, error) {
	if err := readForm(w, r); err != nil {
		return journal.Case{}, written{}, err
	}
	k, err := c.caseOf(r)
	return k, writtenOf(r), err
}

// programDraft has the program draft the reply, as a revision of its own on top of what is in the editor.
func (c *Console) programDraft(w http.ResponseWriter, r *http.Request) error {
	k, t, err := c.posted(w, r)
	if err != nil {
		return err
	}
	lang := r.PostForm.Get("lang")
	if lang != chinese && lang != english {
		lang = langOf(k.Asked)
	}
	if strings.TrimSpace(k.Asked) == "" {
		return c.again(w, r, k.ID, t, problem(http.StatusConflict, "case.no_question"))
	}
	letter, err := c.Desk.Letter(r.Context(), bot.Question{Text: k.Asked, AsOf: c.Now()}, lang)
	if errors.Is(err, bot.ErrNoLetter) || errors.Is(err, bot.ErrUnverified) {
		return c.again(w, r, k.ID, t, problem(http.StatusUnprocessableEntity, "case.no_letter"))
	}
	if err != nil {
		return err
	}
	if strings.TrimSpace(t.Text) != "" { // nothing that was written is lost
		before, err := c.keep(r, k, t, journal.ByPerson)
		if err != nil {
			return c.again(w, r, k.ID, t, err)
		}
		t.Base = before.N
		if k, err = c.Service.Case(r.Context(), k.ID); err != nil {
			return err
		}
	}
	reply := bot.SuggestedReply(letter)
	suggested := written{Text: reply.Text, Clauses: reply.Clauses, Base: t.Base}
	if _, err := c.keep(r, k, suggested, journal.ByProgram); err != nil {
		return c.again(w, r, k.ID, suggested, err)
	}
	return seeOther(w, r, casePath(k.ID)+"#editor")
}
