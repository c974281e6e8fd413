package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

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
		hits, err := desk.Search(ctx, q, k)
		var out []retrieval.Clause
		for _, h := range hits {
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

type evalRetrievalCmd struct {
	Corpus   string `required:"" help:"条款语料（JSON 行） · corpus of clauses" placeholder:"FILE"`
	Queries  string `required:"" help:"问题（JSON 行） · queries" placeholder:"FILE"`
	Qrels    string `required:"" help:"答案（制表符分隔） · relevance judgements" placeholder:"FILE"`
	Embedder string `default:"none" help:"向量：none · vectors: none"`
	JSON     string `name:"json" help:"把结果写成 JSON · also write the report as JSON" placeholder:"FILE"`
	Compare  string `help:"与先前用 --json 写下的结果比较 · compare with what an earlier run wrote with --json" placeholder:"FILE"`
}

// Run indexes an outside corpus in memory and measures the search over it.
func (c *evalRetrievalCmd) Run(ctx context.Context, a *app) error {
	if c.Embedder != "none" {
		return &messageError{"embedder", []any{c.Embedder}}
	}
	queries, judged, err := c.questions()
	if err != nil {
		return err
	}
	earlier, err := c.earlier(queries, judged)
	if err != nil {
		return err
	}
	before := heap()
	passages, err := c.corpus()
	if err != nil {
		return err
	}
	begin := time.Now()
	documents := 0
	b := retrieval.NewLexicalBuilder()
	for i, p := range passages {
		if i == 0 || p.Document != passages[i-1].Document {
			documents++
		}
		b.Add(retrieval.Passage{ID: p.ID, Document: p.Document, Title: p.Title, Path: p.Path, Text: p.Text})
	}
	lexical := b.Build()
	seconds := time.Since(begin).Seconds()
	b = nil
	held := max(0, heap()-before)
	runtime.KeepAlive(passages) // the texts count
	report, _, err := eval.MeasureRetrieval(ctx, queries, judged, func(query string, k int) []string {
		matches := lexical.Search(retrieval.Query{Text: query}, k)
		ids := make([]string, len(matches))
		for i, m := range matches {
			ids[i] = m.ID
		}
		return ids
	})
	if err != nil {
		return err
	}
	report.Clauses, report.Documents, report.IndexSeconds, report.HeapMB = len(passages), documents, seconds, held
	if c.Compare != "" {
		if report.Compare, err = eval.Compare(earlier, report.PerQuery); err != nil {
			return err
		}
	}
	if err := a.writeJSON(c.JSON, report); err != nil {
		return err
	}
	return report.WriteText(a.out)
}

// heap is what is held on the heap after a collection, in MB (10^6 bytes).
func heap() float64 {
	runtime.GC()
	runtime.GC() // the first leaves what finalizers and pools still hold
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / 1e6
}

func (c *evalRetrievalCmd) questions() ([]eval.Query, eval.Judgements, error) {
	q, err := os.Open(c.Queries)
	if err != nil {
		return nil, nil, &messageError{"read_file", []any{c.Queries, err}}
	}
	defer q.Close()
	queries, err := eval.Collect(eval.ReadQueries(q))
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", c.Queries, err)
	}
	r, err := os.Open(c.Qrels)
	if err != nil {
		return nil, nil, &messageError{"read_file", []any{c.Qrels, err}}
	}
	defer r.Close()
	judged, err := eval.CollectQrels(eval.ReadQrels(r))
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", c.Qrels, err)
	}
	return queries, judged, nil
}

// earlier reads the run to compare with, if one is named. It is refused before
// the corpus is read when its queries differ.
func (c *evalRetrievalCmd) earlier(queries []eval.Query, judged eval.Judgements) ([]eval.QueryValues, error) {
	if c.Compare == "" {
		return nil, nil
	}
	f, err := os.Open(c.Compare)
	if err != nil {
		return nil, &messageError{"read_file", []any{c.Compare, err}}
	}
	defer f.Close()
	earlier, err := eval.ReadQueryValues(f)
	switch {
	case errors.Is(err, eval.ErrNoQueryValues):
		return nil, &messageError{"compare_old", []any{c.Compare}}
	case err != nil:
		return nil, &messageError{"read_file", []any{c.Compare, err}}
	}
	var differ *eval.QueriesError
	if errors.As(eval.SameQueries(earlier, queries, judged), &differ) {
		missing, extra := differ.Missing, differ.Extra
		return nil, &messageError{"compare_other", []any{c.Compare, len(missing), sample(missing), len(extra), sample(extra)}}
	}
	return earlier, nil
}

// sample is the first few of a list in brackets; nothing of none.
func sample(ids []string) string {
	const few = 3
	switch {
	case len(ids) == 0:
		return ""
	case len(ids) > few:
		ids = append(slices.Clone(ids[:few]), "…")
	}
	return " (" + strings.Join(ids, ", ") + ")"
}

// corpus reads the passages, those of a document together and in their order.
// Titles and documents are shared.
func (c *evalRetrievalCmd) corpus() ([]eval.Passage, error) {
	f, err := os.Open(c.Corpus)
	if err != nil {
		return nil, &messageError{"read_file", []any{c.Corpus, err}}
	}
	defer f.Close()
	var out []eval.Passage
	first := map[string]int{} // document → its first passage
	shared := map[string]string{}
	share := func(s string) string {
		if v, ok := shared[s]; ok {
			return v
		}
		shared[s] = s
		return s
	}
	for p, err := range eval.ReadCorpus(f) {
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.Corpus, err)
		}
		p.Document, p.Title = share(p.Document), share(p.Title)
		if _, ok := first[p.Document]; !ok {
			first[p.Document] = len(out)
		}
		out = append(out, p)
	}
	slices.SortStableFunc(out, func(a, b eval.Passage) int { return first[a.Document] - first[b.Document] })
	return out, nil
}
