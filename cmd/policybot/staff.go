package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"policybot/bot"
	"policybot/bot/accounts"
	"policybot/bot/console"
	"policybot/bot/erasure"
	"policybot/bot/journal"
	journaldb "policybot/bot/sqlite"
	"policybot/bot/terminal"
	"policybot/retrieval/sqlite"
)

type caseCmd struct {
	List  caseListCmd  `cmd:"" help:"列出待处理的问题 · list cases"`
	Show  caseShowCmd  `cmd:"" help:"一个问题的详情 · one case"`
	Draft caseDraftCmd `cmd:"" help:"起草正式答复，不发送 · draft a formal reply; nothing is sent"`
	Reply caseReplyCmd `cmd:"" help:"答复，发回原来的对话 · reply to where it came from"`
	Close caseCloseCmd `cmd:"" help:"关闭，不答复 · close without a reply"`
}

type caseListCmd struct {
	All  bool `help:"包括已答复和已关闭的 · those replied to and closed as well"`
	JSON bool `name:"json" help:"输出 JSON · print JSON"`
}

// Run lists the cases, oldest first.
func (c *caseListCmd) Run(ctx context.Context, a *app) error {
	state := journal.CaseOpen
	if c.All {
		state = ""
	}
	return a.withJournal(ctx, func(db *journaldb.DB) error {
		list, err := db.ListCases(ctx, state)
		if err != nil {
			return err
		}
		if c.JSON {
			if list == nil {
				list = []journal.Case{}
			}
			return a.printJSON(map[string]any{"cases": list})
		}
		if len(list) == 0 {
			fmt.Fprintln(a.out, a.msg("c_none"))
			return nil
		}
		t := terminal.Table{Columns: []terminal.Column{
			{Head: a.msg("l_at")}, {Head: a.msg("l_id"), Keep: true}, {Head: a.msg("l_channel")}, {Head: a.msg("c_reason")}, {Head: a.msg("l_state")}, {Head: a.msg("l_question")},
		}}
		for _, k := range list {
			t.Rows = append(t.Rows, terminal.Row{Cells: []string{
				k.OpenedAt.Local().Format("01-02 15:04"), k.ID, k.Channel, k.Reason, string(k.State), shorten(first(k.Asked, k.Text), 60),
			}})
		}
		s := a.screen()
		s.Table(t)
		return s.Err()
	})
}

type caseShowCmd struct {
	ID   string `arg:"" help:"编号 · id of the case"`
	JSON bool   `name:"json" help:"输出 JSON · print JSON"`
}

// Run shows a case with the question behind it.
func (c *caseShowCmd) Run(ctx context.Context, a *app) error {
	return a.withJournal(ctx, func(db *journaldb.DB) error {
		k, err := db.GetCase(ctx, c.ID)
		if err != nil {
			return caseError(c.ID, err)
		}
		if c.JSON {
			return a.printJSON(k)
		}
		fmt.Fprintln(a.out, terminal.Clean(a.msg("c_case", k.ID, k.Channel, k.Reason, k.State, k.OpenedAt.Local().Format(time.DateTime))))
		if k.Text != "" {
			fmt.Fprintln(a.out, terminal.Clean(k.Text))
		}
		if k.Response != "" {
			fmt.Fprintln(a.out, terminal.Clean(a.msg("c_replied", k.By, k.RepliedAt.Local().Format(time.DateTime), k.Response)))
		}
		if k.State == journal.CaseClosed {
			fmt.Fprintln(a.out, terminal.Clean(a.msg("c_closed", k.ClosedBy, k.ClosedAt.Local().Format(time.DateTime), k.ClosedWhy)))
		}
		if k.Question == "" {
			return nil
		}
		e, err := db.Entry(ctx, k.Question)
		if err != nil {
			return err
		}
		fmt.Fprintln(a.out)
		a.showEntry(e)
		return nil
	})
}

func caseError(id string, err error) error {
	switch {
	case errors.Is(err, journal.ErrNotFound):
		return &messageError{"no_case", []any{id}}
	case errors.Is(err, journal.ErrReplied):
		return &messageError{"case_replied", []any{id}}
	case errors.Is(err, journal.ErrClosed):
		return &messageError{"case_closed", []any{id}}
	case errors.Is(err, journal.ErrUnapproved):
		return &messageError{"case_unapproved", []any{id}}
	case errors.Is(err, journal.ErrUnreachable):
		return &messageError{"case_unreachable", []any{id}}
	}
	return err
}

type caseReplyCmd struct {
	ID   string   `arg:"" help:"编号 · id of the case"`
	Text []string `arg:"" help:"答复内容 · the reply"`
}

func (c *caseReplyCmd) writes() bool { return true }

// Run puts the reply into the outbox; the service delivers it.
func (c *caseReplyCmd) Run(ctx context.Context, a *app) error {
	text := strings.Join(c.Text, " ")
	if strings.TrimSpace(text) == "" {
		return usageError{errors.New(a.msg("reply_empty"))}
	}
	return a.changeJournal(ctx, func(db *journaldb.DB) error {
		k, err := db.GetCase(ctx, c.ID)
		if err == nil {
			err = (&journal.Work{Case: k}).Open()
		}
		if err == nil {
			err = a.auditedIn(db, func(t trail) error {
				return t.change(ctx, console.DidSend, c.ID, accounts.Facts("chars", accounts.Length(text)), func() (err error) {
					k, err = bot.Respond(ctx, db, journal.Response{Case: c.ID, By: a.person(), Text: text, At: now()}, a.lang)
					return err
				})
			})
		}
		if err != nil {
			return caseError(c.ID, err)
		}
		said := a.msg("c_sent", k.ID)
		if a.within == nil { // nobody delivers it now
			said = a.msg("c_queued", k.ID)
		}
		fmt.Fprintln(a.out, said)
		return nil
	})
}

type caseCloseCmd struct {
	ID  string `arg:"" help:"编号 · id of the case"`
	Why string `required:"" help:"原因（记入记录，提问人看不到） · why, for the record" placeholder:"TEXT"`
}

func (c *caseCloseCmd) writes() bool { return true }

// Run closes a case that nobody will reply to.
func (c *caseCloseCmd) Run(ctx context.Context, a *app) error {
	if strings.TrimSpace(c.Why) == "" {
		return usageError{errors.New(a.msg("why_empty"))}
	}
	return a.changeJournal(ctx, func(db *journaldb.DB) error {
		closing := journal.Closing{Case: c.ID, By: a.person(), Why: c.Why, At: now()}
		k, err := db.GetCase(ctx, c.ID)
		if err == nil {
			err = (&journal.Work{Case: k}).Close(closing)
		}
		if err == nil {
			err = a.auditedIn(db, func(t trail) error {
				return t.change(ctx, console.DidClose, c.ID, accounts.Facts("reason_chars", accounts.Length(c.Why)), func() error {
					_, err := db.CloseCase(ctx, closing)
					return err
				})
			})
		}
		if err != nil {
			return caseError(c.ID, err)
		}
		fmt.Fprintln(a.out, a.msg("c_shut", k.ID))
		return nil
	})
}

// login is the name of whoever runs the program, as the operating system has it: none that they could choose, as in the
// environment. Who has none there is called by the number of the user.
func login() string {
	if id := strconv.Itoa(os.Getuid()); id != "-1" {
		if u, err := user.LookupId(id); err == nil {
			return u.Username
		}
		return "uid" + id
	}
	if u, err := user.Current(); err == nil { // a system without such numbers
		return u.Username
	}
	return "unknown"
}

type pauseCmd struct {
	Reason string `required:"" help:"原因，提问的人会看到 · the reason, which askers see" placeholder:"TEXT"`
}

func (c *pauseCmd) writes() bool { return true }

// Run switches answering off.
func (c *pauseCmd) Run(ctx context.Context, a *app) error {
	if strings.TrimSpace(c.Reason) == "" {
		return usageError{errors.New(a.msg("reason_empty"))}
	}
	return a.setStopped(ctx, bot.Stopped{Reason: strings.Join(strings.Fields(c.Reason), " "), By: a.person(), At: time.Now().UTC()}, console.DidPauseAnswers, a.msg("paused"))
}

type resumeCmd struct{}

func (c *resumeCmd) writes() bool { return true }

// Run switches answering on.
func (c *resumeCmd) Run(ctx context.Context, a *app) error {
	return a.setStopped(ctx, bot.Stopped{}, console.DidResumeAnswers, a.msg("resumed"))
}

// setStopped switches answering off or on, unless it is so already.
func (a *app) setStopped(ctx context.Context, v bot.Stopped, does, said string) error {
	return a.makeJournal(ctx, func(db *journaldb.DB) error {
		was, err := bot.ReadStopped(ctx, db)
		if err == nil && was.Reason != v.Reason {
			err = a.auditedIn(db, func(t trail) error {
				return t.change(ctx, does, "answering", accounts.Facts("reason_chars", accounts.Length(v.Reason)), func() error { return bot.SetStopped(ctx, db, v) })
			})
		}
		if err != nil {
			return err
		}
		fmt.Fprintln(a.out, said)
		return nil
	})
}

type privacyCmd struct {
	Erase privacyEraseCmd `cmd:"" help:"删除一个人的提问、身份和往来 · erase who a person is and what they asked"`
	Mask  privacyMaskCmd  `cmd:"" help:"显示一段文字里会被遮盖的个人信息 · show what is masked in a text"`
}

type privacyEraseCmd struct {
	User     string `help:"记录里的代号 · the person as the log calls them" placeholder:"HASH"`
	Platform string `help:"渠道，如 http、slack、wecom；account 是网页账号 · channel, such as http, slack, wecom; account: an account of the console" placeholder:"NAME"`
	Tenant   string `help:"工作区或企业 · workspace or corporation" placeholder:"ID"`
	ID       string `help:"渠道里的账号；网页账号是登录名 · the person's id there; of an account, its login name" placeholder:"ID"`
}

func (c *privacyEraseCmd) writes() bool { return true }

// Run erases one person.
func (c *privacyEraseCmd) Run(ctx context.Context, a *app) error {
	if (c.User == "") == (c.Platform == "" || c.ID == "") || c.User != "" && c.ID+c.Platform+c.Tenant != "" {
		return usageError{errors.New(a.msg("erase_who"))}
	}
	return a.changeJournal(ctx, func(db *journaldb.DB) error {
		who, err := c.person(ctx, a, db)
		if err != nil {
			return err
		}
		return a.erase(ctx, db, who)
	})
}

// erase erases a person from the journal and the library.
func (a *app) erase(ctx context.Context, db *journaldb.DB, who erasure.Person) error {
	stores := erasure.Stores{Journal: db}
	if _, err := os.Stat(filepath.Join(a.data, sqlite.FileName)); !errors.Is(err, os.ErrNotExist) {
		lib, store, done, err := a.openStore(ctx, false)
		if err != nil {
			return err
		}
		defer done()
		stores.Library, stores.Store = lib, store
	}
	found, err := erasure.Find(ctx, stores, who)
	if err != nil {
		return err
	}
	if found.None() && found.Before.IsZero() {
		return &messageError{"erase_none", nil}
	}
	if found.None() {
		fmt.Fprintln(a.out, a.msg("erase_before", found.Before.Local().Format(time.DateTime)))
		return nil
	}
	var e erasure.Erased
	err = a.auditedIn(db, func(t trail) error {
		return t.change(ctx, console.DidErasePerson, "", accounts.Facts("questions", strconv.Itoa(found.Questions)), func() (err error) {
			e, err = erasure.Erase(ctx, stores, who, now())
			return err
		})
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(a.out, a.msg("erased", e.Questions, e.Cases, e.Cancelled))
	fmt.Fprintln(a.out, a.msg("erased_copies", e.Entries, e.Golden, e.Results, e.Notes, e.Views))
	for _, l := range e.Look {
		fmt.Fprintln(a.out, terminal.Clean(a.msg("erase_look_"+l.Kind, l.ID)))
	}
	if left := a.earlier(); len(left) > 0 {
		fmt.Fprintln(a.out, a.msg("erase_left", strings.Join(left, ", ")))
	}
	return nil
}

// earlier lists the folders in the data folder with data from before: what a restore has moved aside, and what
// a backup or restore that was killed has left.
func (a *app) earlier() []string {
	var out []string
	entries, _ := os.ReadDir(a.data) // one that cannot be read was told of before
	for _, e := range entries {
		for _, prefix := range []string{asidePrefix, backupPrefix, restorePrefix} {
			if e.IsDir() && strings.HasPrefix(e.Name(), prefix) {
				out = append(out, filepath.Join(a.data, e.Name()))
			}
		}
	}
	return out
}

type privacyMaskCmd struct {
	Text []string `arg:"" optional:"" help:"文字，不给则读标准输入 · the text, else standard input"`
}

// Run shows a text as the log would have it.
func (c *privacyMaskCmd) Run(a *app) error {
	text := strings.Join(c.Text, " ")
	if len(c.Text) == 0 {
		all, err := io.ReadAll(io.LimitReader(a.in, 1<<20))
		if err != nil {
			return &messageError{"read_file", []any{"-", err}}
		}
		text = strings.TrimRight(string(all), "\n")
	}
	masked, _ := bot.Mask(text)
	fmt.Fprintln(a.out, terminal.Clean(masked))
	return nil
}
