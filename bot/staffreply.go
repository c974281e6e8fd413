package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"policybot/bot/channel"
	"policybot/bot/journal"
	"policybot/bot/understand"
	"policybot/prompts"
	"policybot/retrieval"
)

// A CaseView is a case as somebody of the staff sees it who replies from a chat.
type CaseView struct {
	Case     journal.Case
	Lang     string         // of what the asker gets and of findings: zh or en
	Turns    []channel.Turn // of the conversation before the question, oldest first: the last ones, shortened
	Draft    Reply          // to go on with: the latest draft of this round, else the program's answer; no Text where there is neither
	Clauses  []retrieval.Clause
	Approval bool // the approval mode is on: a reply goes out in the console only
}

// A FindingsError says why a reply was not sent: what the check has found in it.
type FindingsError struct {
	Lang     string   // zh or en
	Findings []string // sentences for whoever writes; at least one
}

// Error says how many there are. It has no words of the reply.
func (e *FindingsError) Error() string {
	return fmt.Sprintf("the check has found %d things in the reply", len(e.Findings))
}

// errNoReplies is for a service that was made without a desk to check replies.
var errNoReplies = errors.New("this service does not check replies")

// CaseOf gives the case that a button which does "case" stands for, in whichever state it is. The clauses are those of
// the draft, by number - 1, an empty one for each that the library does not hold. It is for the staff: that who presses is
// of it is for the caller to see to. The error wraps journal.ErrNotFound for a token that stands for no case, or whose
// asker was erased.
func (s *Service) CaseOf(ctx context.Context, token string) (CaseView, error) {
	k, err := s.caseOfToken(ctx, token)
	if err != nil {
		return CaseView{}, err
	}
	v := CaseView{Case: k, Lang: s.langOfCase(k)}
	if v.Approval, err = s.approvalMode(ctx); err != nil {
		return v, err
	}
	m, err := s.Message(ctx, k.Question)
	if err == nil {
		v.Turns, err = s.turnsBefore(ctx, m.Question)
	}
	if err == nil {
		v.Draft, err = s.draftOf(ctx, k, m.Answer)
	}
	if err == nil && s.Replies != nil {
		v.Clauses, err = s.Replies.ClausesInOrder(ctx, v.Draft.Clauses)
	}
	if err != nil {
		return v, fmt.Errorf("read what a case is about: %w", err)
	}
	return v, nil
}

// caseOfToken is the case that a button stands for.
func (s *Service) caseOfToken(ctx context.Context, token string) (journal.Case, error) {
	t, err := s.Journal.Pressed(ctx, token)
	if err != nil {
		return journal.Case{}, fmt.Errorf("look up the case of a button: %w", err)
	}
	list, err := s.Journal.Inbox(ctx, journal.CaseFilter{Question: t.Question})
	if err != nil {
		return journal.Case{}, fmt.Errorf("look up the case of a button: %w", err)
	}
	if t.Does != doesCase || t.Question == "" || len(list) == 0 {
		return journal.Case{}, fmt.Errorf("look up the case of a button: %w", journal.ErrNotFound)
	}
	return list[0], nil
}

// langOfCase is the language of what the asker of a case gets.
func (s *Service) langOfCase(k journal.Case) string {
	return understand.LanguageOf(understand.Clean(cmp.Or(k.Asked, k.Text)), s.Lang)
}

// approvalMode reports whether replies have to be approved.
func (s *Service) approvalMode(ctx context.Context) (bool, error) {
	v, err := s.Journal.Setting(ctx, journal.SettingApproval)
	if err != nil {
		return false, fmt.Errorf("read whether replies have to be approved: %w", err)
	}
	return v == journal.ApprovalOn, nil
}

// draftOf is what a reply to a case can go on from.
func (s *Service) draftOf(ctx context.Context, k journal.Case, a *Answer) (Reply, error) {
	r := Reply{Question: k.Asked, Lang: s.langOfCase(k)}
	if k.Revision > k.Earlier {
		drafts, err := s.Journal.ListDrafts(ctx, k.ID)
		if err != nil {
			return r, err
		}
		if n := len(drafts); n > 0 {
			r.Text, r.Clauses = drafts[n-1].Text, drafts[n-1].Clauses
			return r, nil
		}
	}
	if a == nil || a.Outcome != Answered {
		return r, nil
	}
	c := &composer{lang: r.Lang}
	c.suggested(*a)
	r.Text = strings.TrimSpace(c.b.String())
	for _, cited := range a.Citations {
		r.Clauses = append(r.Clauses, cited.Clause.ID)
	}
	return r, nil
}

// CheckFrom tells what keeps a reply from being sent with [Service.RespondFrom], and gives its case: for a caller who
// enters in the audit what is about to be done before it is done. The error wraps journal.ErrNotFound as that of CaseOf;
// journal.ErrReplied or journal.ErrClosed where somebody was quicker; journal.ErrUnreachable; journal.ErrUnapproved in
// approval mode, in which nothing goes out from a chat; or it is a *FindingsError.
func (s *Service) CheckFrom(ctx context.Context, token, text string, clauses []string) (journal.Case, error) {
	k, _, err := s.checkedReply(ctx, token, text, clauses)
	return k, err
}

// RespondFrom sends a reply to the case that a button stands for, once, after the check of [Service.CheckFrom], whose
// errors it gives. by is who replies, for the record; [1] in the text is clauses[0].
func (s *Service) RespondFrom(ctx context.Context, token, by, text string, clauses []string) (journal.Case, error) {
	k, cited, err := s.checkedReply(ctx, token, text, clauses)
	if err != nil {
		return k, err
	}
	return s.RespondWith(ctx, journal.Response{Case: k.ID, By: by, Text: text, Clauses: slices.Clone(clauses)}, cited...)
}

// checkedReply checks a reply and gives its case and the clauses that it may cite.
func (s *Service) checkedReply(ctx context.Context, token, text string, clauses []string) (journal.Case, []retrieval.Clause, error) {
	if s.Replies == nil {
		return journal.Case{}, nil, errNoReplies
	}
	k, err := s.caseOfToken(ctx, token)
	if err != nil {
		return k, nil, err
	}
	if err := (&journal.Work{Case: k, Erased: k.User == ""}).Respond(journal.Response{}); err != nil {
		return k, nil, fmt.Errorf("reply to the case %s: %w", k.ID, err)
	}
	approval, err := s.approvalMode(ctx)
	if err == nil && approval {
		err = fmt.Errorf("reply to the case %s: %w", k.ID, journal.ErrUnapproved)
	}
	if err != nil {
		return k, nil, err
	}
	r := Reply{Text: text, Clauses: clauses, Question: k.Asked, Lang: s.langOfCase(k), AsOf: s.Now()}
	if err := s.Replies.checkToSend(ctx, r); err != nil {
		return k, nil, err
	}
	cited, err := s.Replies.ClausesInOrder(ctx, clauses)
	return k, cited, err
}

// checkToSend gives a *FindingsError where a reply is not fit to be sent.
func (d *Desk) checkToSend(ctx context.Context, r Reply) error {
	found := &FindingsError{Lang: r.Lang}
	add := func(name string, slots prompts.Slots) {
		found.Findings = append(found.Findings, prompts.Render(r.Lang, name, slots))
	}
	checked, err := d.CheckReply(ctx, r)
	switch {
	case errors.Is(err, ErrReplyTooLong):
		add("finding_long", prompts.Slots{"limit": fmt.Sprint(MaxReply), "clauses": fmt.Sprint(MaxReplyClauses)})
		return found
	case err != nil:
		return err
	case len(checked.Sentences) == 0:
		add("finding_empty", nil)
	}
	for _, s := range checked.Sentences {
		if s.State == Fine || s.State == Courtesy {
			continue
		}
		for _, p := range s.Problems {
			add("finding", prompts.Slots{"text": shortened(s.Text), "message": p.Message})
		}
	}
	for _, m := range checked.Missing {
		add("finding", prompts.Slots{"text": m.Text, "message": m.Message})
	}
	for _, blank := range Blanks(r.Text, r.Lang) {
		add("finding_blank", prompts.Slots{"text": blank})
	}
	if len(found.Findings) > 0 {
		return found
	}
	return nil
}

// ClausesInOrder gives the clauses of ids in their order, an empty one for each that the library does not hold.
func (d *Desk) ClausesInOrder(ctx context.Context, ids []string) ([]retrieval.Clause, error) {
	found, err := d.Library.Lookup(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("look up the clauses of a reply: %w", err)
	}
	out := make([]retrieval.Clause, len(ids))
	for i, id := range ids {
		if k := slices.IndexFunc(found, func(c retrieval.Clause) bool { return c.ID == id }); k >= 0 {
			out[i] = found[k]
		}
	}
	return out, nil
}
