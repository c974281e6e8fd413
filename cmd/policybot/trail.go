package main

import (
	"context"
	"errors"
	"strconv"

	"policybot/bot/accounts"
	"policybot/bot/console"
	"policybot/bot/eligibility/register"
	journaldb "policybot/bot/sqlite"
	"policybot/retrieval"
	"policybot/retrieval/publication"
)

// person is whoever runs the command, as records and the audit call them: by the name that the operating system knows
// them by, behind a word that no account's name begins with.
func (a *app) person() string { return accounts.Local + a.who() }

// A lateJournal is the accounts of a journal that is opened, and made, when they are first wanted.
type lateJournal struct {
	app *app
	db  *journaldb.DB
}

func (j *lateJournal) open(ctx context.Context) error {
	if j.db != nil {
		return nil
	}
	if err := j.app.makeFolder(); err != nil {
		return err
	}
	db, err := j.app.openJournal(ctx, false)
	if err == nil {
		j.db = db
	}
	return err
}

// ChangeAccounts implements [accounts.Store].
func (j *lateJournal) ChangeAccounts(ctx context.Context, f func(accounts.Tx) error) error {
	if err := j.open(ctx); err != nil {
		return err
	}
	return j.db.ChangeAccounts(ctx, f)
}

// ReadAccounts implements [accounts.Store].
func (j *lateJournal) ReadAccounts(ctx context.Context, f func(accounts.Tx) error) error {
	if err := j.open(ctx); err != nil {
		return err
	}
	return j.db.ReadAccounts(ctx, f)
}

// A trail is the audit for a command: as in the console there is no change without its row.
type trail struct {
	book *accounts.Book
	by   string
}

// audited has a command do its work with the audit at hand, which is opened, and its file made, for the first row.
func (a *app) audited(do func(trail) error) error {
	j := &lateJournal{app: a}
	err := a.auditedIn(j, do)
	if j.db != nil {
		err = errors.Join(err, j.db.Close())
	}
	return err
}

// auditedIn is audited where the journal is open.
func (a *app) auditedIn(store accounts.Store, do func(trail) error) error {
	book, err := accounts.New(accounts.Options{Store: store})
	if err != nil {
		return err
	}
	return do(trail{book, a.person()})
}

// enter is audited for one change, with nothing to say of it but what it is and of what.
func (a *app) enter(ctx context.Context, does, object string, do func() error) error {
	return a.audited(func(t trail) error { return t.change(ctx, does, object, "", do) })
}

// change enters what is about to be done, and has it done; see [accounts.Book.Change].
func (t trail) change(ctx context.Context, does, object, detail string, do func() error) error {
	return t.book.Change(ctx, accounts.Entry{By: t.by, Does: does, Object: object, Detail: detail}, do)
}

// changing is change for what finds out by itself whether there is anything to do; see [accounts.Book.Changing].
func (t trail) changing(ctx context.Context, do func(enter accounts.Enter) error) error {
	return t.book.Changing(ctx, accounts.Entry{By: t.by}, do)
}

// decide has something done with proposals. Where alone, who has proposed a change may publish it.
func (t trail) decide(ctx context.Context, lib *retrieval.Library, db publication.Store, alone bool, do func(*publication.Queue) error) error {
	return console.Entering(ctx, t.book, accounts.Entry{By: t.by}, func(before console.Before) *publication.Queue {
		return publication.New(db, lib, publication.Options{Alone: alone, Before: before})
	}, do)
}

// measures has measures stored, and tells how many are new or other than before; where none is, there is no row.
func (t trail) measures(ctx context.Context, r *register.Register, does string, do func(*register.Register) (int, error)) (n int, err error) {
	err = t.changing(ctx, func(enter accounts.Enter) error {
		n, err = do(&register.Register{Store: r.Store, Library: r.Library, Before: func(n int) error {
			return enter(does, "measures", accounts.Facts("count", strconv.Itoa(n)))
		}})
		return err
	})
	return n, err
}
