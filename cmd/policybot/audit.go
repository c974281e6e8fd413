package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"policybot/bot/accounts"
	"policybot/bot/terminal"
)

type auditCmd struct {
	List   auditListCmd   `cmd:"" help:"列出操作记录，最新的在前 · list what people did, newest first"`
	Verify auditVerifyCmd `cmd:"" help:"检查操作记录是否被改动 · check that nothing in it was changed"`
}

type auditListCmd struct {
	By     string `help:"操作人 · who did it" placeholder:"NAME"`
	Does   string `help:"操作，如 account.role · what was done, such as account.role" placeholder:"WHAT"`
	Object string `help:"对象 · to what" placeholder:"NAME"`
	Since  string `help:"从这一天或时刻起 · from this day or time on" placeholder:"TIME"`
	Until  string `help:"到这一天或时刻之前 · before this day or time" placeholder:"TIME"`
	Before int64  `help:"只列序号小于它的（翻页） · only those with a smaller number: the next page" placeholder:"N"`
	N      int    `short:"n" default:"50" help:"最多几条 · how many at most"`
	JSON   bool   `name:"json" help:"每行一个 JSON · a line of JSON each"`
}

// Run lists a page of the audit.
func (c *auditListCmd) Run(ctx context.Context, a *app) error {
	if c.N < 1 || c.N > accounts.MaxPageEntries {
		return usageError{errors.New(a.msg("audit_n", c.N, accounts.MaxPageEntries))}
	}
	times, err := logFilter{Since: c.Since, Until: c.Until}.filter(a)
	if err != nil {
		return err
	}
	chosen := accounts.Filter{By: c.By, Does: c.Does, Object: c.Object, Since: times.Since, Until: times.Until, Before: c.Before, Limit: c.N}
	return a.withBook(ctx, func(book *accounts.Book) error {
		list, err := book.Entries(ctx, chosen)
		if err != nil {
			return err
		}
		if c.JSON {
			for _, e := range list {
				if err := a.printJSON(e); err != nil {
					return err
				}
			}
			return nil
		}
		if len(list) == 0 {
			fmt.Fprintln(a.out, a.msg("au_none"))
			return nil
		}
		t := terminal.Table{Columns: []terminal.Column{
			{Head: a.msg("au_seq"), Keep: true},
			{Head: a.msg("l_at"), Keep: true},
			{Head: a.msg("au_by")},
			{Head: a.msg("au_does"), Keep: true},
			{Head: a.msg("au_object")},
			{Head: a.msg("au_detail")},
			{Head: a.msg("au_from")},
		}}
		for _, e := range list {
			t.Rows = append(t.Rows, terminal.Row{Cells: []string{
				fmt.Sprint(e.Seq), e.At.Local().Format(time.DateTime), e.By, e.Does, e.Object, e.Detail, e.From,
			}})
		}
		s := a.screen()
		s.Table(t)
		return s.Err()
	})
}

type auditVerifyCmd struct {
	Head []string `help:"以前记下的末端（数目:散列），可以有几个 · heads noted before, COUNT:HASH" placeholder:"COUNT:HASH"`
}

// Run reads the whole audit and prints its head, which shows later that nothing up to it was taken away.
func (c *auditVerifyCmd) Run(ctx context.Context, a *app) error {
	var kept []accounts.Head
	for _, text := range c.Head {
		h, err := accounts.ParseHead(text)
		if err != nil {
			return usageError{errors.New(a.msg("audit_head", text))}
		}
		kept = append(kept, h)
	}
	noted, _, err := a.heads()
	if err != nil {
		return &messageError{"read_file", []any{headsName, plain(err)}}
	}
	kept = append(kept, noted...)
	return a.withBook(ctx, func(book *accounts.Book) error {
		h, err := book.Verify(ctx, kept...)
		if bad, ok := errors.AsType[*accounts.BadRow](err); ok {
			return &messageError{"audit_bad", []any{bad.Seq}}
		}
		if err != nil {
			return err
		}
		fmt.Fprintln(a.out, a.msg("audit_good", h.Count, h))
		return nil
	})
}
