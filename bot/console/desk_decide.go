package console

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"policybot/bot/accounts"
	"policybot/bot/journal"
	"policybot/retrieval"
)

// assignCase gives a case to somebody of the staff, or back.
func (c *Console) assignCase(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	k, err := c.caseOf(r)
	if err != nil {
		return err
	}
	owner := r.PostForm.Get("owner")
	if owner != "" {
		a, err := c.Accounts.Account(r.Context(), owner)
		if err != nil || a.Disabled || !a.Role.AtLeast(accounts.Staff) {
			return problem(http.StatusUnprocessableEntity, "case.nobody_such")
		}
		owner = a.Name
	}
	if err := c.giveTo(r, k, owner); err != nil {
		return err
	}
	to := casePath(k.ID)
	if back := r.PostForm.Get("back"); back != "" {
		to = ownPath(back)
	}
	return seeOther(w, r, to)
}

// giveTo makes somebody see to a case; "" for nobody. Where it is theirs, nothing is done.
func (c *Console) giveTo(r *http.Request, k journal.Case, owner string) error {
	work, err := c.work(r.Context(), k.ID)
	if err == nil {
		err = work.Open()
	}
	if err != nil {
		return deskProblem(err)
	}
	if work.Case.Owner == owner {
		return nil
	}
	return deskProblem(c.change(r, didAssign, k.ID, accounts.Facts("owner", cmp.Or(owner, noOwner)), func(ctx context.Context) error {
		_, err := c.Service.Journal.Assign(ctx, k.ID, owner, c.view(r).Account.Name, c.moment())
		return err
	}))
}

// noOwner stands for no account where the audit says whose a case is.
const noOwner = "-"

// work is a case with what decides what may be done to it, as it is now. What its rules refuse, or what would change
// nothing, is known by it before the journal is asked to change it; that an asker was erased only the journal knows.
func (c *Console) work(ctx context.Context, id string) (*journal.Work, error) {
	k, err := c.Service.Case(ctx, id)
	if err != nil {
		return nil, err
	}
	drafts, err := c.Service.Journal.ListDrafts(ctx, id)
	if err != nil {
		return nil, err
	}
	work := &journal.Work{Case: k}
	if len(drafts) > 0 {
		work.Latest = drafts[len(drafts)-1]
	}
	work.Approval, err = c.switchedOn(ctx, journal.SettingApproval)
	return work, err
}

// submitDraft stores what is in the editor and submits it for approval.
func (c *Console) submitDraft(w http.ResponseWriter, r *http.Request) error {
	k, t, err := c.posted(w, r)
	if err != nil {
		return err
	}
	d, err := c.keep(r, k, t, journal.ByPerson)
	if err == nil {
		t.Base = d.N
		err = c.decide(r, journal.Decision{Case: k.ID, Draft: d.N, Does: journal.Submit}, didSubmit)
	}
	if err != nil {
		return c.again(w, r, k.ID, t, err)
	}
	return seeOther(w, r, casePath(k.ID))
}

// decide carries a decision of the reader out, unless it was decided so already.
func (c *Console) decide(r *http.Request, d journal.Decision, does string) error {
	d.By, d.At = c.view(r).Account.Name, c.moment()
	work, err := c.work(r.Context(), d.Case)
	if err != nil {
		return err
	}
	if changed, err := work.Decide(d); err != nil || !changed {
		return err
	}
	detail := accounts.Facts("revision", strconv.Itoa(d.Draft), "reason_chars", accounts.Length(d.Why))
	return c.change(r, does, d.Case, detail, func(ctx context.Context) error {
		_, err := c.Service.Journal.Decide(ctx, d)
		return err
	})
}

// approveDraft approves the revision that the reader saw.
func (c *Console) approveDraft(w http.ResponseWriter, r *http.Request) error {
	return c.decided(w, r, journal.Approve, didApprove)
}

// returnDraft gives the revision that the reader saw back to be changed, with a reason.
func (c *Console) returnDraft(w http.ResponseWriter, r *http.Request) error {
	return c.decided(w, r, journal.Return, didReturn)
}

func (c *Console) decided(w http.ResponseWriter, r *http.Request, verb journal.Verb, does string) error {
	k, t, err := c.stored(w, r)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(r.PostForm.Get("revision"))
	if err != nil {
		return problem(http.StatusBadRequest, "error.form")
	}
	d := journal.Decision{Case: k.ID, Draft: n, Does: verb, Why: strings.TrimSpace(r.PostForm.Get("why"))}
	if verb != journal.Return {
		d.Why = ""
	}
	if err := c.decide(r, d, does); err != nil {
		t.Why = reasonOf(r, "return")
		return c.again(w, r, k.ID, t, err)
	}
	return seeOther(w, r, casePath(k.ID))
}

// stored reads a form that has no editor in it; what is written is the latest revision.
func (c *Console) stored(w http.ResponseWriter, r *http.Request) (journal.Case, written, error) {
	if err := readForm(w, r); err != nil {
		return journal.Case{}, written{}, err
	}
	k, d, err := c.caseAndDraft(r)
	return k, written{Text: d.Text, Clauses: d.Clauses, Base: d.N}, err
}

// sendReply sends the reply of a case: in approval mode the approved revision and nothing else, otherwise what is in
// the editor, which is stored first. What the check does not find fit to be sent needs a tick and a reason.
func (c *Console) sendReply(w http.ResponseWriter, r *http.Request) error {
	k, t, err := c.posted(w, r)
	if err != nil {
		return err
	}
	t.Why = reasonOf(r, "send")
	approval, err := c.switchedOn(r.Context(), journal.SettingApproval)
	if err != nil {
		return err
	}
	d, err := c.toSend(r, k, t, approval)
	if err != nil {
		return c.again(w, r, k.ID, t, err)
	}
	t = written{Text: d.Text, Clauses: d.Clauses, Base: d.N, Check: true, Why: t.Why}
	found, err := c.checked(r, c.view(r), k, t)
	if err != nil {
		return err
	}
	if approval && k.State == journal.CaseOpen {
		if err := c.mayGoOut(r, k, !found.Sendable); err != nil {
			return c.again(w, r, k.ID, t, err)
		}
	}
	why := strings.TrimSpace(r.PostForm.Get("why"))
	if !found.Sendable && (r.PostForm.Get("although") != "yes" || why == "") {
		return c.again(w, r, k.ID, t, problem(http.StatusUnprocessableEntity, "case.not_sendable"))
	}
	cited, err := c.Desk.ClausesInOrder(r.Context(), d.Clauses)
	if err != nil {
		return err
	}
	reply := journal.Response{Case: k.ID, By: c.view(r).Account.Name, Text: d.Text, Revision: d.N, Clauses: slices.Clone(d.Clauses)}
	does, facts := didSend, []string{"revision", strconv.Itoa(d.N)}
	if !found.Sendable {
		does, reply.Why = didForce, why
		facts = append(facts, "findings", strconv.Itoa(found.Bad+len(found.Missing)), "reason_chars", accounts.Length(why))
	}
	if err := c.respond(r, reply, cited, does, accounts.Facts(facts...)); err != nil {
		return c.again(w, r, k.ID, t, err)
	}
	return seeOther(w, r, casePath(k.ID)+"#delivery")
}

// respond sends a reply.
func (c *Console) respond(r *http.Request, reply journal.Response, cited []retrieval.Clause, does, detail string) error {
	work, err := c.work(r.Context(), reply.Case)
	if err != nil {
		return err
	}
	asked := reply
	asked.Doc.Text = reply.Text // what is said around it is the program's
	if err := work.Respond(asked); err != nil {
		return err
	}
	return c.change(r, does, reply.Case, detail, func(ctx context.Context) error {
		_, err := c.Service.RespondWith(ctx, reply, cited...)
		return err
	})
}

// toSend is the revision that is to be sent. With approval it is the one that the form names, if that is the latest,
// whatever text the form has; the journal makes sure that it was approved.
func (c *Console) toSend(r *http.Request, k journal.Case, t written, approval bool) (journal.Draft, error) {
	if !approval {
		return c.keep(r, k, t, journal.ByPerson)
	}
	d, err := c.latest(r.Context(), k)
	switch {
	case err != nil:
		return d, err
	case k.State == journal.CaseOpen && (k.Stage != journal.StageApproved || d.N <= k.Earlier):
		return d, journal.ErrUnapproved
	case r.PostForm.Get("revision") != strconv.Itoa(d.N):
		return d, &journal.ConflictError{Latest: d}
	}
	return d, nil
}

// closeCase closes a case without a reply, for a reason.
func (c *Console) closeCase(w http.ResponseWriter, r *http.Request) error {
	k, t, err := c.stored(w, r)
	if err != nil {
		return err
	}
	closing := journal.Closing{Case: k.ID, By: c.view(r).Account.Name, Why: strings.TrimSpace(r.PostForm.Get("why")), At: c.moment()}
	work, err := c.work(r.Context(), k.ID)
	if err == nil {
		err = work.Close(closing)
	}
	if err == nil {
		err = c.change(r, didClose, k.ID, accounts.Facts("reason_chars", accounts.Length(closing.Why)), func(ctx context.Context) error {
			_, err := c.Service.Journal.CloseCase(ctx, closing)
			return err
		})
	}
	if err != nil {
		t.Why = reasonOf(r, "close")
		return c.again(w, r, k.ID, t, err)
	}
	return seeOther(w, r, casePath(k.ID))
}
