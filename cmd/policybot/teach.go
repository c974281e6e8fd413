package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"policybot/bot/accounts"
	"policybot/bot/console"
	"policybot/bot/terminal"
	"policybot/retrieval"
	"policybot/retrieval/sqlite"
)

type reviewCmd struct {
	Teach reviewTeachCmd `cmd:"" help:"把一个问题标为由某一条款回答 · mark a question as answered by a clause"`
	Undo  reviewUndoCmd  `cmd:"" help:"撤销标注，检索恢复原样 · take markings back; searches are as before"`
	List  reviewListCmd  `cmd:"" help:"列出标注 · list the markings"`
}

type reviewTeachCmd struct {
	Clause   string   `arg:"" help:"条款编号 · id of the clause"`
	Question []string `arg:"" help:"问题 · the question"`
}

func (c *reviewTeachCmd) writes() bool { return true }

// Run marks a question.
func (c *reviewTeachCmd) Run(ctx context.Context, a *app) error {
	return a.change(ctx, func(lib *retrieval.Library, _ *sqlite.DB) error {
		e := retrieval.Taught{Clause: c.Clause, Question: strings.Join(c.Question, " "), By: a.person(), At: now()}
		held, err := lib.Taught(ctx, c.Clause)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(held, func(o retrieval.Taught) bool { return o.Question == strings.TrimSpace(e.Question) })
		if i >= 0 {
			e = held[i]
		} else if _, err = lib.Try(ctx, e); err == nil { // what cannot be marked is known before it is entered
			err = a.audited(func(t trail) error {
				return t.change(ctx, console.DidMakeEntry, c.Clause, "", func() (err error) {
					e, err = lib.Teach(ctx, e)
					return err
				})
			})
		}
		if err != nil {
			return taughtError(c.Clause, err)
		}
		fmt.Fprintln(a.out, terminal.Clean(a.msg("ta_made", e.ID, e.Clause, e.Question)))
		return nil
	})
}

// taughtError words what keeps a question from being marked.
func taughtError(clause string, err error) error {
	if taken, ok := errors.AsType[*retrieval.TaughtError](err); ok {
		return &messageError{"ta_taken", []any{taken.Existing.Clause, taken.Existing.ID}}
	}
	switch {
	case errors.Is(err, retrieval.ErrNotFound):
		return &messageError{"ta_no_clause", []any{clause}}
	case errors.Is(err, retrieval.ErrTaughtQuestion):
		return &messageError{"ta_question", []any{retrieval.MaxTaughtText}}
	case errors.Is(err, retrieval.ErrTaughtLimit):
		return &messageError{"ta_limit", []any{retrieval.MaxTaughtClause, retrieval.MaxTaught}}
	}
	return err
}

type reviewUndoCmd struct {
	IDs []string `arg:"" name:"id" help:"标注编号 · ids of the markings"`
}

func (c *reviewUndoCmd) writes() bool { return true }

// Run takes markings back, each by itself, until one is not there.
func (c *reviewUndoCmd) Run(ctx context.Context, a *app) error {
	return a.change(ctx, func(lib *retrieval.Library, _ *sqlite.DB) error {
		return a.audited(func(t trail) error {
			for _, id := range c.IDs {
				if err := c.undo(ctx, a, t, lib, id); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// undo takes one marking back.
func (c *reviewUndoCmd) undo(ctx context.Context, a *app, t trail, lib *retrieval.Library, id string) error {
	all, err := lib.Taught(ctx, "")
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(e retrieval.Taught) bool { return e.ID == id })
	if i < 0 {
		return &messageError{"ta_none_such", []any{id}}
	}
	e := all[i]
	err = t.change(ctx, console.DidUndoEntry, e.Clause, accounts.Facts("entry", id), func() (err error) {
		e, err = lib.Unteach(ctx, id)
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(a.out, terminal.Clean(a.msg("ta_undone", e.ID, e.Clause, e.Question)))
	return nil
}

type reviewListCmd struct {
	Clause string `help:"只要这一条款的 · only of this clause" placeholder:"ID"`
	JSON   bool   `name:"json" help:"输出 JSON · print JSON"`
}

// Run lists the markings, ordered by clause.
func (c *reviewListCmd) Run(ctx context.Context, a *app) error {
	lib, _, done, err := a.openStore(ctx, false)
	if err != nil {
		return err
	}
	defer done()
	if err := lib.Refresh(ctx); err != nil {
		return err
	}
	list, err := lib.Taught(ctx, c.Clause)
	if err != nil {
		return err
	}
	if c.JSON {
		return a.printJSON(map[string]any{"taught": list})
	}
	if len(list) == 0 {
		fmt.Fprintln(a.out, a.msg("ta_none"))
		return nil
	}
	t := terminal.Table{Columns: []terminal.Column{
		{Head: a.msg("l_id"), Keep: true}, {Head: a.msg("me_clause"), Keep: true}, {Head: a.msg("ta_by"), Fold: true}, {Head: a.msg("ta_head")},
	}}
	for _, e := range list {
		row := terminal.Row{Cells: []string{e.ID, e.Clause, e.By, e.Question}}
		if e.Stale {
			row.Notes = []string{a.msg("ta_stale")}
		}
		t.Rows = append(t.Rows, row)
	}
	s := a.screen()
	s.Table(t)
	return s.Err()
}
