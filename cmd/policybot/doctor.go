package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"unicode"

	"policybot/bot/eligibility/register"
	"policybot/bot/journal"
	journaldb "policybot/bot/sqlite"
	"policybot/bot/terminal"
	"policybot/retrieval"
	"policybot/retrieval/sqlite"
)

type doctorCmd struct {
	JSON      bool `name:"json" help:"输出 JSON · print JSON"`
	NoConnect bool `name:"no-connect" help:"不连接企业微信智能机器人：别处正在用它的程序会因此断开 · do not connect WeCom's AI bot: a program elsewhere that holds it would lose it"`
	WeComPost bool `name:"wecom-post" help:"用企业微信群机器人发一条测试消息 · post a message with WeCom's group webhook"`
}

// A check is one thing that doctor looked at.
type check struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail,omitempty"` // what is wrong, or what was found
}

// Run looks at everything that answers depend on and says what is wrong. The
// exit code is 1 when anything is.
func (c *doctorCmd) Run(ctx context.Context, a *app) error {
	checks := []check{{"version", true, a.msg("d_version", version(), runtime.Version())}}
	checks = append(append(checks, a.examineProxies()...), a.examine(ctx)...)
	checks = append(checks, a.examineSlack(ctx)...)
	checks = append(checks, a.examineWeCom(ctx, wecomWishes{connect: !c.NoConnect, post: c.WeComPost})...)
	wrong := ""
	for _, k := range checks {
		if !k.OK {
			wrong = k.Detail
		}
	}
	if c.JSON {
		if err := a.printJSON(map[string]any{"ok": wrong == "", "checks": checks}); err != nil {
			return err
		}
	} else {
		fmt.Fprintln(a.out, a.msg("d_title", a.data))
		for _, k := range checks {
			mark := a.msg("ok")
			if !k.OK {
				mark = a.msg("failed")
			}
			fmt.Fprintln(a.out, terminal.Clean(terminal.Pad(mark, 8)+k.Detail))
		}
	}
	if wrong != "" {
		return errors.New(wrong)
	}
	return nil
}

// examine runs the checks that build on one another and stops at the first
// that fails.
func (a *app) examine(ctx context.Context) []check {
	var out []check
	pass := func(name string, err error, detail string) bool {
		if err != nil {
			detail += ": " + a.explain(err)
		}
		out = append(out, check{name, err == nil, detail})
		return err == nil
	}
	if !pass("folder", writable(a.data), a.msg("d_folder")) {
		return out
	}
	db, err := sqlite.Open(ctx, filepath.Join(a.data, sqlite.FileName), sqlite.Options{})
	if !pass("database", err, a.msg("d_database")) {
		return out
	}
	defer db.Close()
	if !pass("integrity", db.Check(ctx), a.msg("d_integrity")) {
		return out
	}
	lib, err := a.library(ctx, db, true)
	if !pass("index", err, a.msg("d_index")) {
		return out
	}
	docs, err := lib.Documents(ctx)
	pass("library", err, a.msg("d_library", len(docs), lib.Len()))
	if state := lib.VectorState(); state.Active != nil && state.Active.Weight > 0 {
		pass("vectors", state.Problem, a.msg("d_vectors", state.Active.Model, lib.Len()-state.Missing, lib.Len()))
	}
	pass("search", findsItself(ctx, lib, docs), a.msg("d_answer"))
	used, stale, drafts, err := measured(ctx, &register.Register{Store: db, Library: lib})
	pass("measures", err, a.msg("d_measures", used, stale, drafts))
	if name := a.env("POLICYBOT_CHAT_MODEL"); name != "" {
		pass("model", a.askModel(ctx), a.msg("d_model", name))
	}
	asked, counts, err := a.examineJournal(ctx)
	if !asked && err == nil {
		return out
	}
	pass("journal", err, a.msg("d_journal", counts.Questions, counts.Waiting+counts.Claimed+counts.Answered))
	_, err = a.readKey()
	if counts.Questions > 0 || !errors.Is(err, os.ErrNotExist) {
		if errors.Is(err, os.ErrNotExist) {
			err = &messageError{"key_missing", []any{filepath.Join(a.data, keyName)}}
		}
		pass("key", err, a.msg("d_key", keyName))
	}
	return out
}

// measured counts the measures that are used, those that are approved and whose words
// are not in the texts any more, and those that await review.
func measured(ctx context.Context, r *register.Register) (used, stale, drafts int, err error) {
	list, err := r.List(ctx)
	for _, l := range list {
		switch {
		case l.State == register.Draft:
			drafts++
		case l.State == register.Approved && l.Problem != "":
			stale++
		case l.State == register.Approved:
			used++
		}
	}
	return used, stale, drafts, err
}

// examineJournal reads the whole log of questions. asked is false when there is none.
func (a *app) examineJournal(ctx context.Context) (asked bool, c journal.Counts, err error) {
	err = a.withJournal(ctx, func(db *journaldb.DB) error {
		asked = true
		var err error
		if c, err = db.Count(ctx); err != nil {
			return err
		}
		return db.Check(ctx)
	})
	if m, ok := errors.AsType[*messageError](err); ok && m.name == "no_journal" {
		err = nil
	}
	return asked, c, err
}

func writable(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".doctor-*")
	if err != nil {
		return err
	}
	name := f.Name()
	if err := f.Close(); err != nil {
		return err
	}
	return os.Remove(name)
}

// findsItself searches for the longest clause of a few documents by its own
// words. A short one may have none that others do not have more often.
func findsItself(ctx context.Context, lib *retrieval.Library, docs []retrieval.Document) error {
	var longest retrieval.Clause
	for _, d := range docs[:min(len(docs), 20)] {
		clauses, err := lib.Clauses(ctx, d.ID)
		if err != nil {
			return err
		}
		for _, c := range clauses {
			if len(c.Text) > len(longest.Text) {
				longest = c
			}
		}
	}
	text := []rune(longest.Text)
	text = text[:min(len(text), 300)]
	if !slices.ContainsFunc(text, unicode.IsLetter) {
		return nil
	}
	found, err := lib.Search(ctx, retrieval.Query{Text: string(text)}, 5)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(found.Hits, func(h retrieval.Hit) bool { return strings.HasPrefix(h.Clause.Text, string(text)) }) {
		return errors.New(longest.ID)
	}
	return nil
}

// version is the version that was built in.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
