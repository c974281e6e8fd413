package main

import (
	"context"
	"encoding/json"
	"os"

	"policybot/bot"
	"policybot/bot/eval"
	"policybot/bot/terminal"
	"policybot/retrieval"
)

type evalCmd struct {
	Answers   evalAnswersCmd   `cmd:"" help:"用题目集评测回答 · measure answers on a question set"`
	Retrieval evalRetrievalCmd `cmd:"" help:"用外部语料评测检索 · measure retrieval on an outside corpus"`
}

type evalAnswersCmd struct {
	Questions string `required:"" help:"题目集（JSON 行） · question set" placeholder:"FILE"`
	JSON      string `name:"json" help:"把结果写成 JSON · also write the report as JSON" placeholder:"FILE"`
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
	desk, done, err := a.desk(ctx)
	if err != nil {
		return err
	}
	defer done()
	p := terminal.NewProgress(a.err, len(questions), terminal.ProgressOptions{})
	report, err := eval.Run(ctx, questions, desk.Ask, finder(desk), func(v eval.Verdict) { p.Step(v.ID) })
	p.Done()
	if err != nil {
		return err
	}
	if err := a.writeJSON(c.JSON, report); err != nil {
		return err
	}
	return report.WriteText(a.out)
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
