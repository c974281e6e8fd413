package console

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"policybot/bot/accounts"
	"policybot/bot/journal"
)

// approvalView is what the page of a case says where a reply is approved or sent.
type approvalView struct {
	Author   bool         // the reader wrote a revision of this round
	Void     string       // who approved it and may no longer approve; "" where the approval holds or there is none
	Findings *checkedView // of the revision that is to be approved or sent; nil: none is to be
	N        int          // of that revision
}

// Forbids reports whether the reader may not send the revision because of what was found in it.
func (a approvalView) Forbids() bool { return a.Author && a.Findings != nil && !a.Findings.Sendable }

// approvalOf is what decides about the approval of the latest of a case's revisions.
func (c *Console) approvalOf(r *http.Request, v View, k journal.Case, list []journal.Draft) (approvalView, error) {
	a := approvalView{Author: wrote(list, k, v.Account.Name)}
	latest := latestOf(list, k)
	if k.State != journal.CaseOpen || k.User == "" || k.Stage != journal.StageAwaiting && k.Stage != journal.StageApproved {
		return a, nil
	}
	if k.Stage == journal.StageApproved {
		holds, err := c.mayApprove(r.Context(), list, k)
		if err != nil {
			return a, err
		}
		if !holds {
			a.Void = k.ApprovedBy
		}
	}
	var err error
	a.N = latest.N
	a.Findings, err = c.checked(r, v, k, written{Text: latest.Text, Clauses: latest.Clauses})
	return a, err
}

// wrote reports whether somebody is the author of a revision of a case's round.
func wrote(list []journal.Draft, k journal.Case, name string) bool {
	return slices.ContainsFunc(list, func(d journal.Draft) bool { return d.N > k.Earlier && strings.EqualFold(d.By, name) })
}

// mayApprove reports whether who approved a case's reply may still do that: an enabled account of the staff, of
// somebody who wrote none of the round.
func (c *Console) mayApprove(ctx context.Context, list []journal.Draft, k journal.Case) (bool, error) {
	a, err := c.Accounts.Account(ctx, k.ApprovedBy)
	if errors.Is(err, accounts.ErrNotFound) {
		return false, nil
	}
	return err == nil && !a.Disabled && a.Role.AtLeast(accounts.Staff) && !wrote(list, k, a.Name), err
}

// mayGoOut says why a revision may not be sent in approval mode although it was approved: who approved it may no
// longer, or it has findings and the reader is one of its authors.
func (c *Console) mayGoOut(r *http.Request, k journal.Case, findings bool) error {
	list, err := c.Service.Journal.ListDrafts(r.Context(), k.ID)
	if err != nil {
		return err
	}
	holds, err := c.mayApprove(r.Context(), list, k)
	switch {
	case err != nil:
		return err
	case !holds:
		return problem(http.StatusConflict, "case.approver_gone", k.ApprovedBy)
	case findings && wrote(list, k, c.view(r).Account.Name):
		return problem(http.StatusForbidden, "case.own_findings")
	}
	return nil
}
