package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"policybot/bot"
	"policybot/bot/export"
	"policybot/bot/journal"
	journaldb "policybot/bot/sqlite"
	"policybot/bot/terminal"
)

type logCmd struct {
	List   logListCmd   `cmd:"" help:"列出最近的提问 · list the latest questions"`
	Show   logShowCmd   `cmd:"" help:"一次提问的全部经过 · all that happened to a question"`
	Export logExportCmd `cmd:"" help:"导出 · export"`
}

// A logFilter is which questions a command takes.
type logFilter struct {
	Since   string `help:"从这一天或时刻起 · from this day or time on" placeholder:"TIME"`
	Until   string `help:"到这一天或时刻之前 · before this day or time" placeholder:"TIME"`
	Outcome string `help:"只要这种结果 · only this outcome" placeholder:"OUTCOME"`
	State   string `help:"只要这种状态 · only this state" enum:",waiting,claimed,answered,closed,cancelled,refused" default:"" placeholder:"STATE"`
	User    string `help:"只要这个人（记录里的代号） · only this person, as the log calls them" placeholder:"HASH"`
}

func (f logFilter) filter(a *app) (journal.Filter, error) {
	out := journal.Filter{State: journal.State(f.State), Outcome: f.Outcome, User: f.User}
	for _, t := range []struct {
		text string
		to   *time.Time
	}{{f.Since, &out.Since}, {f.Until, &out.Until}} {
		if t.text == "" {
			continue
		}
		at, err := time.ParseInLocation(time.DateOnly, t.text, time.Local)
		if err != nil {
			at, err = time.Parse(time.RFC3339, t.text)
		}
		if err != nil {
			return out, usageError{errors.New(a.msg("time_bad", t.text))}
		}
		*t.to = at.UTC()
	}
	return out, nil
}

// withJournal opens the journal for reading and lets do read it. Without a
// journal, nobody has asked anything yet.
func (a *app) withJournal(ctx context.Context, do func(*journaldb.DB) error) error {
	db, err := a.openJournal(ctx, true)
	if err != nil {
		if a.isMissing(err) {
			return &messageError{"no_journal", []any{a.data}}
		}
		return err
	}
	defer db.Close()
	return do(db)
}

// changeJournal opens the journal that is there for writing and lets do change it.
func (a *app) changeJournal(ctx context.Context, do func(*journaldb.DB) error) error {
	if err := a.withJournal(ctx, func(*journaldb.DB) error { return nil }); err != nil {
		return err
	}
	return a.makeJournal(ctx, do)
}

// makeJournal opens the journal for writing and lets do change it, and makes the file when there is none.
func (a *app) makeJournal(ctx context.Context, do func(*journaldb.DB) error) error {
	if err := a.makeFolder(); err != nil {
		return err
	}
	db, err := a.openJournal(ctx, false)
	if err != nil {
		return err
	}
	defer db.Close()
	return do(db)
}

type logListCmd struct {
	logFilter
	N    int  `short:"n" default:"20" help:"最多几条（0 为全部） · how many at most, 0 for all"`
	JSON bool `name:"json" help:"每行一个 JSON · a line of JSON each"`
}

// Run lists the newest questions, oldest first.
func (c *logListCmd) Run(ctx context.Context, a *app) error {
	f, err := c.filter(a)
	if err != nil {
		return err
	}
	f.Limit, f.Brief = c.N, true
	return a.withJournal(ctx, func(db *journaldb.DB) error {
		t := terminal.Table{Columns: []terminal.Column{
			{Head: a.msg("l_at"), Keep: true},
			{Head: a.msg("l_id"), Keep: true},
			{Head: a.msg("l_channel")},
			{Head: a.msg("l_user")},
			{Head: a.msg("l_state"), Keep: true},
			{Head: a.msg("l_question")},
		}}
		for q, err := range db.Entries(ctx, f) {
			if err != nil {
				return err
			}
			if c.JSON {
				if err := a.printJSON(q); err != nil {
					return err
				}
				continue
			}
			state := string(q.State)
			if q.State == journal.Closed || q.State == journal.Refused {
				state = first(q.Outcome, state)
			}
			t.Rows = append(t.Rows, terminal.Row{Cells: []string{
				q.AcceptedAt.Local().Format("01-02 15:04"), q.ID, q.Channel, q.User[:min(6, len(q.User))], state, shorten(q.Text, 60),
			}})
		}
		if c.JSON {
			return nil
		}
		if len(t.Rows) == 0 {
			fmt.Fprintln(a.out, a.msg("l_none"))
			return nil
		}
		s := a.screen()
		s.Table(t)
		return s.Err()
	})
}

// shorten cuts a text to n code points, with a sign that it was cut.
func shorten(text string, n int) string {
	r := []rune(strings.Join(strings.Fields(text), " "))
	if len(r) > n {
		return string(r[:n]) + "…"
	}
	return string(r)
}

type logShowCmd struct {
	ID   string `arg:"" help:"提问的编号 · id of the question"`
	JSON bool   `name:"json" help:"输出 JSON · print JSON"`
}

// Run shows everything that is stored of a question.
func (c *logShowCmd) Run(ctx context.Context, a *app) error {
	return a.withJournal(ctx, func(db *journaldb.DB) error {
		e, err := db.Entry(ctx, c.ID)
		if errors.Is(err, journal.ErrNotFound) {
			return &messageError{"no_question", []any{c.ID}}
		}
		if err != nil {
			return err
		}
		if c.JSON {
			return a.printJSON(e)
		}
		a.showEntry(e)
		return nil
	})
}

func (a *app) showEntry(e journal.Entry) {
	line := func(format string, args ...any) { fmt.Fprintln(a.out, terminal.Clean(fmt.Sprintf(format, args...))) }
	q := e.Question
	line("%s  %s  %s  %s", q.ID, q.Channel, q.User, q.AcceptedAt.Local().Format(time.DateTime))
	line("%s", q.Text)
	line("")
	for _, s := range e.Steps {
		line("%s  %-12s %s", s.At.Local().Format("15:04:05.000"), s.Name, s.Detail)
	}
	var answer bot.Answer
	if json.Unmarshal(q.Answer, &answer) == nil && answer.Text != "" {
		line("")
		s := a.screen()
		s.Answer(answer)
	}
	if t, err := bot.TraceOf(q.Record); err == nil {
		a.judged(line, t)
		a.writtenBy(line, t.Calls, t.Written)
	}
	for _, d := range e.Deliveries {
		line("%s", a.msg("l_delivery", d.ID, d.Purpose, d.State, d.Attempts, d.Why))
	}
	for _, r := range e.Ratings {
		line("%s", a.msg("l_rating", r.At.Local().Format(time.DateTime), r.Good, r.Reason, r.Text))
	}
}

// judged shows how the clauses that were found were judged, and what was checked.
func (a *app) judged(line func(string, ...any), t bot.Trace) {
	if len(t.Verdicts) == 0 {
		return
	}
	line("")
	line("%s", a.msg("l_judged"))
	for _, v := range t.Verdicts {
		mark := " "
		if v.Cited {
			mark = "*"
		}
		line("%s %-40s %6.2f  %3.0f%%", mark, v.Clause, v.Score, 100*v.Coverage)
	}
	for _, k := range t.Checks {
		line("%s: %s %s", k.Name, a.msg(map[bool]string{true: "ok", false: "failed"}[k.OK]), k.Problem)
	}
}

type logExportCmd struct {
	logFilter
	Format string `default:"jsonl" enum:"jsonl,csv,xlsx" help:"jsonl、csv 或 xlsx · jsonl, csv or xlsx"`
	Out    string `help:"写入文件，不给则写到标准输出 · file to write, else standard output" placeholder:"FILE"`
	Full   bool   `help:"连同每一步的依据（只用于 jsonl） · with the evidence of each answer, for jsonl"`
}

// Run exports the questions, oldest first, one after the other.
func (c *logExportCmd) Run(ctx context.Context, a *app) error {
	f, err := c.filter(a)
	if err != nil {
		return err
	}
	return a.withJournal(ctx, func(db *journaldb.DB) error {
		fill := func(w io.Writer) error {
			b := bufio.NewWriterSize(w, 1<<16)
			return errors.Join(c.export(ctx, a, db, f, b), b.Flush())
		}
		if c.Out == "" {
			return fill(a.out)
		}
		if err := writeFile(c.Out, 0o600, fill); err != nil {
			return &messageError{"write_file", []any{c.Out, plain(err)}}
		}
		return nil
	})
}

func (c *logExportCmd) export(ctx context.Context, a *app, db journal.Log, f journal.Filter, w io.Writer) error {
	ratings := map[string]journal.Rating{}
	for r, err := range db.Ratings(ctx, f) {
		if err != nil {
			return err
		}
		ratings[r.Question] = r // the latest
	}
	columns, err := export.Columns(a.lang)
	if err != nil {
		return err
	}
	for i := range columns {
		columns[i].Heading = columns[i].Key // the same in every language, for programs
	}
	f.NoRecord = !c.Full
	folder := ""
	if export.Format(c.Format) == export.XLSX {
		folder = a.exporting()
	}
	return export.WriteIn(folder, w, export.Format(c.Format), columns, func(yield func(export.Row, error) bool) {
		for q, err := range db.Entries(ctx, f) {
			row := export.RowOf(q, func(outcome, mode string) string { return string(bot.LabelOf(outcome, mode)) })
			if r, ok := ratings[q.ID]; ok {
				row.Rate(r)
			}
			if c.Full {
				row.Answer, row.Record = q.Answer, q.Record
			}
			if !yield(row, err) {
				return
			}
		}
	})
}

type replayCmd struct {
	ID   string `arg:"" help:"提问的编号 · id of the question"`
	JSON bool   `name:"json" help:"输出 JSON · print JSON"`
}

// Run concludes a logged answer once more from what is stored. The exit code is
// 1 when anything differs.
func (c *replayCmd) Run(ctx context.Context, a *app) error {
	var e journal.Entry
	err := a.withJournal(ctx, func(db *journaldb.DB) (err error) {
		e, err = db.Entry(ctx, c.ID)
		return err
	})
	if errors.Is(err, journal.ErrNotFound) {
		return &messageError{"no_question", []any{c.ID}}
	}
	if err != nil {
		return err
	}
	_, store, done, err := a.openStore(ctx, false)
	if err != nil {
		return err
	}
	defer done()
	r, err := bot.Replay(ctx, e.Question.Record, e.Question.Answer, store)
	if err != nil {
		return &messageError{"not_replayable", []any{c.ID, err}}
	}
	if c.JSON {
		if err := a.printJSON(r); err != nil {
			return err
		}
	} else {
		s := a.screen()
		s.Answer(r.Answer)
		if s.Err() != nil {
			return s.Err()
		}
	}
	if len(r.Differences) > 0 || !bot.Verified(r.Checks) {
		return &messageError{"replay_differs", []any{c.ID, strings.Join(r.Differences, ", ")}}
	}
	if !c.JSON {
		fmt.Fprintln(a.out, "\n"+a.msg("replay_same"))
	}
	return nil
}
