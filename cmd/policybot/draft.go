package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"policybot/bot"
	"policybot/bot/journal"
	journaldb "policybot/bot/sqlite"
	"policybot/bot/terminal"
)

type draftCmd struct {
	Question []string `arg:"" help:"问题 · the question"`
	In       string   `help:"复函的语言 zh 或 en；默认随问题 · language of the letter, the question's by default" placeholder:"zh|en"`
	AsOf     string   `help:"以这一天为“今天” · take this day as today" placeholder:"YYYY-MM-DD"`
	JSON     bool     `name:"json" help:"输出 JSON · print JSON"`
}

// Run drafts a formal reply to a question. Nothing is sent.
func (c *draftCmd) Run(ctx context.Context, a *app) error {
	q := bot.Question{Text: strings.Join(c.Question, " "), Lang: a.lang}
	if c.AsOf != "" {
		day, err := time.Parse(time.DateOnly, c.AsOf)
		if err != nil {
			return usageError{errors.New(a.msg("as_of_bad", c.AsOf))}
		}
		q.AsOf = day
	}
	return a.draft(ctx, q, c.In, c.JSON)
}

type caseDraftCmd struct {
	ID   string `arg:"" help:"编号 · id of the case"`
	In   string `help:"复函的语言 zh 或 en；默认随问题 · language of the letter, the question's by default" placeholder:"zh|en"`
	JSON bool   `name:"json" help:"输出 JSON · print JSON"`
}

// Run drafts a formal reply to the question behind a case. Nothing is sent.
func (c *caseDraftCmd) Run(ctx context.Context, a *app) error {
	var q bot.Question
	err := a.withJournal(ctx, func(db *journaldb.DB) error {
		k, err := db.GetCase(ctx, c.ID)
		if err != nil {
			return caseError(c.ID, err)
		}
		q = bot.Question{Text: first(k.Asked, k.Text), Lang: a.lang}
		if k.Question == "" {
			return nil
		}
		e, err := db.Entry(ctx, k.Question)
		if err == nil {
			q.History = e.Question.History
		}
		if errors.Is(err, journal.ErrNotFound) {
			err = nil
		}
		return err
	})
	if err != nil {
		return err
	}
	return a.draft(ctx, q, c.In, c.JSON)
}

// draft prints the draft of a letter.
func (a *app) draft(ctx context.Context, q bot.Question, lang string, asJSON bool) error {
	if lang != "" && lang != "zh" && lang != "en" {
		return usageError{errors.New(a.msg("lang_bad", lang))}
	}
	if strings.TrimSpace(q.Text) == "" {
		return &messageError{"draft_nothing", nil}
	}
	desk, done, err := a.desk(ctx)
	if err != nil {
		return err
	}
	defer done()
	q, _ = readable(q)
	letter, err := desk.Letter(ctx, q, lang)
	if errors.Is(err, bot.ErrNoLetter) {
		return &messageError{"draft_nothing", nil}
	}
	if err != nil {
		return err
	}
	if asJSON {
		return a.printJSON(letter)
	}
	_, err = fmt.Fprintln(a.out, terminal.Clean(letter.Text))
	return err
}
