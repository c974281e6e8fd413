package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"policybot/bot/terminal"
	"policybot/retrieval"
	"policybot/retrieval/publication"
	"policybot/retrieval/sqlite"
)

type publicationCmd struct {
	List     publicationListCmd     `cmd:"" help:"列出待发布和已处理的变更 · list proposed and decided changes"`
	Show     publicationShowCmd     `cmd:"" help:"一项变更：改了哪些条款和事实 · one change: which clauses and facts"`
	Publish  publicationPublishCmd  `cmd:"" help:"发布；提出人自己不能发布 · publish; not by who proposed it"`
	Reject   publicationRejectCmd   `cmd:"" help:"退回，不发布 · reject"`
	Rollback publicationRollbackCmd `cmd:"" help:"撤销已发布的变更，恢复原样 · undo what was published; what was before is back as it was"`
}

type publicationListCmd struct {
	State string `help:"只要这种状态 · only this state" enum:",proposed,published,rejected,rolled_back,withdrawn" default:"" placeholder:"proposed|published|rejected|rolled_back|withdrawn"`
	JSON  bool   `name:"json" help:"输出 JSON · print JSON"`
}

// withQueue opens the data folder for the proposals that are kept in it.
func (a *app) withQueue(ctx context.Context, do func(*publication.Queue) error) error {
	lib, db, done, err := a.openStore(ctx, false)
	if err != nil {
		return err
	}
	defer done()
	return do(publication.New(db, lib, publication.Options{}))
}

// Run lists the proposals, the newest first.
func (c *publicationListCmd) Run(ctx context.Context, a *app) error {
	return a.withQueue(ctx, func(q *publication.Queue) error {
		list, err := q.List(ctx, publication.State(c.State))
		if err != nil {
			return err
		}
		if c.JSON {
			return a.printJSON(map[string]any{"proposals": list})
		}
		if len(list) == 0 {
			fmt.Fprintln(a.out, a.msg("p_none"))
			return nil
		}
		t := terminal.Table{Columns: []terminal.Column{
			{Head: a.msg("l_at")}, {Head: a.msg("l_id"), Keep: true}, {Head: a.msg("l_state")}, {Head: a.msg("p_change")}, {Head: a.msg("p_document")}, {Head: a.msg("p_by")},
		}}
		for _, p := range list {
			t.Rows = append(t.Rows, terminal.Row{Cells: []string{
				p.At.Local().Format("01-02 15:04"), p.ID, a.msg("p_" + string(p.State)), a.msg("p_kind_" + string(p.Kind)), p.Document, p.By,
			}})
		}
		s := a.screen()
		s.Table(t)
		return s.Err()
	})
}

type publicationShowCmd struct {
	ID   string `arg:"" help:"编号 · id of the change"`
	JSON bool   `name:"json" help:"输出 JSON · print JSON"`
}

// Run shows a proposal with what it changes.
func (c *publicationShowCmd) Run(ctx context.Context, a *app) error {
	return a.withQueue(ctx, func(q *publication.Queue) error {
		p, err := q.Get(ctx, c.ID)
		if err != nil {
			return publicationError(c.ID, err)
		}
		d, err := q.Diff(ctx, c.ID)
		gone := errors.Is(err, publication.ErrFileGone)
		if gone {
			d, err = publication.Compare(retrieval.Content{}, retrieval.Content{}), nil
		}
		if err != nil {
			return publicationError(c.ID, err)
		}
		if c.JSON {
			return a.printJSON(map[string]any{"proposal": p, "diff": d, "touched": d.Touched()})
		}
		fmt.Fprintln(a.out, terminal.Clean(a.describeProposal(p, d, gone)))
		return nil
	})
}

// describeProposal words a proposal for people; what it changes is not known where its file is gone.
func (a *app) describeProposal(p publication.Proposal, d publication.Diff, gone bool) string {
	at := func(t time.Time) string { return t.Local().Format(time.DateTime) }
	lines := []string{
		p.ID + "  " + strings.Join([]string{a.msg("p_" + string(p.State)), a.msg("p_kind_" + string(p.Kind)), p.Document, p.Title}, " · "),
		a.msg("p_proposed_by", p.By, at(p.At), first(p.Note, "—")),
	}
	if p.File != "" {
		lines = append(lines, a.msg("p_file", p.File, p.Size))
	}
	if p.DecidedAt != nil {
		lines = append(lines, a.msg("p_decided_by", p.DecidedBy, at(*p.DecidedAt), first(p.Why, "—")))
	}
	if p.RolledBackAt != nil {
		lines = append(lines, a.msg("p_rolled_back_by", p.RolledBackBy, at(*p.RolledBackAt), p.RollBackWhy))
	}
	for _, w := range p.Warnings {
		lines = append(lines, a.msg("p_warning", strings.TrimSpace(w.Clause+" "+a.msg("p_warn_"+w.Kind, w.Detail))))
	}
	if gone {
		return strings.Join(append(lines, "", a.msg("p_file_gone")), "\n")
	}
	lines = append(lines, "", a.msg("p_counts", d.Count(publication.Added), d.Count(publication.Removed), d.Count(publication.Changed), d.Count(publication.Moved), d.Unchanged))
	for _, f := range d.Facts {
		lines = append(lines, fmt.Sprintf("%s: %s → %s", f.Field, first(f.From, "—"), first(f.To, "—")))
	}
	for _, c := range d.Clauses {
		lines = append(lines, "", a.clauseChange(c))
	}
	if d.Outside != nil {
		lines = append(lines, "", a.msg("p_outside"), markedSpans(d.Outside))
	}
	return strings.Join(lines, "\n")
}

// clauseChange words what became of a clause.
func (a *app) clauseChange(c publication.ClauseChange) string {
	var text string
	place := c.From
	switch {
	case c.From == nil:
		place, text = c.To, c.To.Text
	case c.To == nil:
		text = c.From.Text
	case c.Spans != nil:
		text = markedSpans(c.Spans)
	default:
		text = c.To.Text
	}
	head := a.msg("p_"+c.Kind) + "  " + place.Path + "  " + place.ID
	if c.From != nil && c.To != nil && c.From.ID != c.To.ID {
		head += " → " + c.To.Path + "  " + c.To.ID
	}
	for _, f := range c.Around {
		head += fmt.Sprintf("\n%s: %s → %s", f.Field, first(f.From, "—"), first(f.To, "—"))
	}
	return head + "\n" + text
}

// markedSpans shows what is taken as [-…-] and what is put as {+…+}.
func markedSpans(spans []publication.Span) string {
	var b strings.Builder
	for _, s := range spans {
		switch s.Op {
		case publication.Taken:
			b.WriteString("[-" + s.Text + "-]")
		case publication.Put:
			b.WriteString("{+" + s.Text + "+}")
		default:
			b.WriteString(s.Text)
		}
	}
	return b.String()
}

type publicationPublishCmd struct {
	ID    string `arg:"" help:"编号 · id of the change"`
	Alone bool   `help:"没有第二个人看过：发布自己提出的变更，操作记录会写明 · nobody else has looked: publish one's own proposal; the audit says so"`
}

func (c *publicationPublishCmd) writes() bool { return true }

// Run publishes a proposal.
func (c *publicationPublishCmd) Run(ctx context.Context, a *app) error {
	return a.publication(ctx, c.ID, c.Alone, func(q *publication.Queue) (string, error) {
		done, err := q.Publish(ctx, c.ID, a.person())
		return a.msg("p_is_published", c.ID, done.Proposal.Document), err
	})
}

type publicationRejectCmd struct {
	ID     string `arg:"" help:"编号 · id of the change"`
	Reason string `required:"" help:"原因，记入记录 · the reason, for the record" placeholder:"TEXT"`
}

func (c *publicationRejectCmd) writes() bool { return true }

// Run rejects a proposal.
func (c *publicationRejectCmd) Run(ctx context.Context, a *app) error {
	return a.publication(ctx, c.ID, false, func(q *publication.Queue) (string, error) {
		done, err := q.Reject(ctx, c.ID, a.person(), c.Reason)
		return a.msg("p_is_rejected", c.ID, done.Proposal.Document), err
	})
}

type publicationRollbackCmd struct {
	ID     string `arg:"" help:"编号 · id of the change"`
	Reason string `required:"" help:"原因，记入记录 · the reason, for the record" placeholder:"TEXT"`
}

func (c *publicationRollbackCmd) writes() bool { return true }

// Run rolls a publication back.
func (c *publicationRollbackCmd) Run(ctx context.Context, a *app) error {
	return a.publication(ctx, c.ID, false, func(q *publication.Queue) (string, error) {
		done, err := q.RollBack(ctx, c.ID, a.person(), c.Reason)
		return a.msg("p_is_rolled_back", c.ID, done.Proposal.Document), err
	})
}

// publication carries out a decision and says what came of it.
func (a *app) publication(ctx context.Context, id string, alone bool, do func(*publication.Queue) (said string, err error)) error {
	return a.change(ctx, func(lib *retrieval.Library, db *sqlite.DB) error {
		var said string
		err := a.audited(func(t trail) error {
			return t.decide(ctx, lib, db, alone, func(q *publication.Queue) (err error) {
				said, err = do(q)
				return err
			})
		})
		if err != nil {
			return publicationError(id, err)
		}
		fmt.Fprintln(a.out, terminal.Clean(said))
		return a.embedMissing(ctx, lib)
	})
}

// publicationError words why a proposal was not decided about.
func publicationError(id string, err error) error {
	if e, ok := errors.AsType[*publication.ConflictError](err); ok {
		return &messageError{"p_conflict", []any{id, e.Document, e.Base, e.Current}}
	}
	if e, ok := errors.AsType[*publication.NewerError](err); ok {
		return &messageError{"p_newer", []any{e.Document, id, first(e.Newer, "index"), e.Current}}
	}
	if e, ok := errors.AsType[*publication.StateError](err); ok {
		args := []any{id, e.By}
		if e.State == publication.Proposed {
			args = args[:1] // nobody has decided
		}
		return &messageError{"p_state_" + string(e.State), args}
	}
	switch {
	case errors.Is(err, publication.ErrNotFound):
		return &messageError{"p_unknown", []any{id}}
	case errors.Is(err, publication.ErrSamePerson):
		return &messageError{"p_same", []any{id}}
	case errors.Is(err, publication.ErrReadOtherwise):
		return &messageError{"p_otherwise", []any{id}}
	case errors.Is(err, publication.ErrNotSearchable):
		return &messageError{"p_not_searched", []any{id}}
	case errors.Is(err, publication.ErrNoReason):
		return &messageError{name: "reason_empty"}
	}
	return err
}
