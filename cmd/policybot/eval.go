package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"

	"policybot/bot"
	"policybot/bot/eval"
	"policybot/bot/openai/httprecord"
	"policybot/bot/terminal"
	"policybot/retrieval"
)

type evalCmd struct {
	Answers   evalAnswersCmd   `cmd:"" help:"用题目集评测回答 · measure answers on a question set"`
	Retrieval evalRetrievalCmd `cmd:"" help:"用外部语料评测检索 · measure retrieval on an outside corpus"`
	Words     evalWordsCmd     `cmd:"" help:"说法对照表中没有用上的条目 · entries of the files of words that nothing hits"`
}

type evalAnswersCmd struct {
	Questions string `required:"" help:"题目集（JSON 行） · question set" placeholder:"FILE"`
	JSON      string `name:"json" help:"把结果写成 JSON · also write the report as JSON" placeholder:"FILE"`
	Record    string `help:"把与模型服务的往来录到文件，不含密钥 · record what is said with the model's endpoint; no key is in the file" placeholder:"FILE"`
	Replay    string `help:"用录下的往来，不问模型服务 · answer from a recording and ask no endpoint" placeholder:"FILE"`
	Compare   string `help:"与先前用 --json 写下的结果比较 · compare with what an earlier run wrote with --json" placeholder:"FILE"`
}

// Run asks every question of a set and prints the report.
func (c *evalAnswersCmd) Run(ctx context.Context, a *app) error {
	f, err := os.Open(c.Questions)
	if err != nil {
		return &messageError{"read_file", []any{c.Questions, err}}
	}
	defer f.Close()
	questions, err := eval.ReadQuestions(f)
	if err != nil {
		return &messageError{"read_file", []any{c.Questions, err}}
	}
	earlier, err := c.earlier(questions)
	if err != nil {
		return err
	}
	close, err := c.tap(a)
	if err != nil {
		return err
	}
	desk, done, err := a.desk(ctx)
	if err != nil {
		return err
	}
	defer done()
	report, err := a.evaluate(ctx, desk, questions)
	if err := errors.Join(err, close()); err != nil {
		return err
	}
	if c.Compare != "" {
		if report.Compare, err = eval.CompareAnswers(earlier, report); err != nil {
			return err
		}
	}
	if err := a.writeJSON(c.JSON, report); err != nil {
		return err
	}
	return report.WriteText(a.out)
}

// tap puts a recording between the program and the endpoint of the model, and
// returns what ends it.
func (c *evalAnswersCmd) tap(a *app) (close func() error, err error) {
	var r *httprecord.Recorder
	switch {
	case c.Record != "" && c.Replay != "":
		return nil, usageError{errors.New(a.msg("record_or"))}
	case c.Record == "" && c.Replay == "":
		return func() error { return nil }, nil
	case a.env("POLICYBOT_CHAT_MODEL") == "":
		return nil, &messageError{"record_model", nil}
	case c.Record != "":
		r = httprecord.Record(c.Record, http.DefaultTransport, a.env("OPENAI_API_KEY"))
	default:
		if r, err = httprecord.Open(c.Replay); err != nil {
			return nil, &messageError{"read_file", []any{c.Replay, err}}
		}
	}
	a.transport = r
	return func() error {
		if err := r.Close(); err != nil {
			return &messageError{"write_file", []any{c.Record, err}}
		}
		return nil
	}, nil
}

// evaluate asks every question; with a model also without it, so that the figures
// stand side by side.
func (a *app) evaluate(ctx context.Context, desk *bot.Desk, questions []eval.Question) (eval.Report, error) {
	runs := 1
	if desk.Writing != nil {
		runs = 2
	}
	p := terminal.NewProgress(a.err, runs*len(questions), terminal.ProgressOptions{})
	defer p.Done()
	run := func(d *bot.Desk) (eval.Report, error) {
		return eval.Run(ctx, questions, d.Explain, finder(d), func(v eval.Verdict) { p.Step(v.ID) })
	}
	report, err := run(desk)
	if err != nil || desk.Writing == nil {
		return report, err
	}
	embedded, err := run(&bot.Desk{Library: desk.Library, Now: desk.Now})
	report.Embedded = &embedded
	return report, err
}

// earlier reads the run to compare with, if one is named. It is refused before
// a question is asked when its questions differ.
func (c *evalAnswersCmd) earlier(questions []eval.Question) (eval.EarlierAnswers, error) {
	var earlier eval.EarlierAnswers
	if c.Compare == "" {
		return earlier, nil
	}
	f, err := os.Open(c.Compare)
	if err != nil {
		return earlier, &messageError{"read_file", []any{c.Compare, err}}
	}
	defer f.Close()
	earlier, err = eval.ReadAnswers(f)
	switch {
	case errors.Is(err, eval.ErrNoVerdicts):
		return earlier, &messageError{"compare_no_answers", []any{c.Compare}}
	case err != nil:
		return earlier, &messageError{"read_file", []any{c.Compare, err}}
	}
	if differ, ok := errors.AsType[*eval.QueriesError](earlier.Same(questions)); ok {
		missing, extra := differ.Missing, differ.Extra
		return earlier, &messageError{"compare_questions", []any{c.Compare, len(missing), sample(missing), len(extra), sample(extra)}}
	}
	return earlier, nil
}

// finder searches for evaluation: the clauses alone.
func finder(desk *bot.Desk) func(context.Context, bot.Question, int) ([]retrieval.Clause, error) {
	return func(ctx context.Context, q bot.Question, k int) ([]retrieval.Clause, error) {
		found, err := desk.Search(ctx, q, k)
		var out []retrieval.Clause
		for _, h := range found.Hits {
			out = append(out, h.Clause)
		}
		return out, err
	}
}

// writeJSON writes a report to a file, if one is named.
func (a *app) writeJSON(file string, v any) error {
	if file == "" {
		return nil
	}
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(file, append(data, '\n'), 0o644); err != nil {
		return &messageError{"write_file", []any{file, err}}
	}
	return nil
}
