package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"policybot/bot/eval"
	"policybot/retrieval/bridge"
)

type evalWordsCmd struct {
	Questions []string `arg:"" optional:"" help:"题目集（JSON 行），与库中条款一并查看 · question sets to look at beside the library's clauses" placeholder:"FILE"`
}

// Run prints how many entries of each file of words are hit by the library's
// clauses and the questions, and lists those that are not.
func (c *evalWordsCmd) Run(ctx context.Context, a *app) error {
	texts, err := c.texts(ctx, a)
	if err != nil {
		return err
	}
	words := bridge.Default()
	unused := words.Unused(texts)
	all, left := perFile(words.Entries()), perFile(unused)
	for _, e := range words.Entries() {
		file, _, _ := strings.Cut(e, ":")
		if n, ok := all[file]; ok {
			fmt.Fprintln(a.out, a.msg("w_file", file, n-left[file], n))
			delete(all, file)
		}
	}
	if len(unused) > 0 {
		fmt.Fprintln(a.out, a.msg("w_unused", len(unused)))
	}
	for _, e := range unused {
		fmt.Fprintln(a.out, "  "+e)
	}
	return nil
}

// texts are the clauses of the library, with the titles of their documents, and
// the questions.
func (c *evalWordsCmd) texts(ctx context.Context, a *app) ([]string, error) {
	var out []string
	for _, file := range c.Questions {
		f, err := os.Open(file)
		if err != nil {
			return nil, &messageError{"read_file", []any{file, err}}
		}
		questions, err := eval.ReadQuestions(f)
		f.Close()
		if err != nil {
			return nil, &messageError{"read_file", []any{file, err}}
		}
		for _, q := range questions {
			out = append(out, q.Text)
		}
	}
	lib, done, err := a.open(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	docs, err := lib.Documents(ctx)
	if err != nil {
		return nil, err
	}
	for _, d := range docs {
		clauses, err := lib.Clauses(ctx, d.ID)
		if err != nil {
			return nil, err
		}
		out = append(out, d.Title)
		for _, k := range clauses {
			out = append(out, slices.Concat(k.Parents, []string{k.Path, k.Text})...)
		}
	}
	return out, nil
}

// perFile counts entries by their file.
func perFile(entries []string) map[string]int {
	out := map[string]int{}
	for _, e := range entries {
		file, _, _ := strings.Cut(e, ":")
		out[file]++
	}
	return out
}
