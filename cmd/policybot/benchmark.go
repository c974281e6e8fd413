package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"policybot/bot/eval"
	"policybot/retrieval"
	"policybot/retrieval/bridge"
	"policybot/retrieval/chromem"
	"policybot/retrieval/embed"
	"policybot/retrieval/training"
)

type evalRetrievalCmd struct {
	Corpus   string `required:"" help:"条款语料（JSON 行） · corpus of clauses" placeholder:"FILE"`
	Queries  string `required:"" help:"问题（JSON 行） · queries" placeholder:"FILE"`
	Qrels    string `required:"" help:"答案（制表符分隔） · relevance judgements" placeholder:"FILE"`
	Embedder string `default:"none" enum:"none,default,random,oracle,openai" help:"向量：none 不用；default 内置；random、oracle 为检验用的假模型；openai 按环境变量 · vectors: none; default is built in; random and oracle are fakes for checking; openai as the environment says"`
	Ranker   string `default:"trained" enum:"trained,none" help:"排序：trained 或 none（只用 BM25） · ranking: trained, or none for BM25 alone"`
	Words    string `default:"bridged" enum:"bridged,plain" help:"词语：bridged 也找同义说法，或 plain 只找所写的词 · words: bridged finds other words for the same too, or plain for those of the query alone"`
	JSON     string `name:"json" help:"把结果写成 JSON · also write the report as JSON" placeholder:"FILE"`
	Compare  string `help:"与先前用 --json 写下的结果比较 · compare with what an earlier run wrote with --json" placeholder:"FILE"`
}

// Run indexes an outside corpus in memory and measures the search over it.
func (c *evalRetrievalCmd) Run(ctx context.Context, a *app) error {
	queries, judged, err := c.questions()
	if err != nil {
		return err
	}
	earlier, err := c.earlier(queries, judged)
	if err != nil {
		return err
	}
	b, err := c.index()
	if err != nil {
		return err
	}
	embedder, err := c.embedder(ctx, a, queries, judged, b.passages)
	if err != nil {
		return err
	}
	searcher, vectors, err := b.searcher(ctx, c.Ranker == "trained", embedder)
	if err != nil {
		return err
	}
	var failed error
	report, _, err := eval.MeasureRetrieval(ctx, queries, judged, func(query string, k int) []string {
		result, err := searcher.Search(ctx, retrieval.Query{Text: query}, k)
		if failed == nil && err == nil {
			failed = result.Degraded // a measurement without the vectors it is about is none
		}
		ids := make([]string, len(result.Matches))
		for i, m := range result.Matches {
			ids[i] = m.ID
		}
		return ids
	})
	if err == nil {
		err = failed
	}
	if err != nil {
		return err
	}
	report.Clauses, report.Documents, report.IndexSeconds, report.HeapMB = len(b.passages), b.documents, b.seconds, b.heap
	report.Vectors = vectors
	if vectors != nil && vectors.Weight.Value > 0 {
		report.VectorsMB = float64(len(b.passages)*vectors.Dimensions*4) / 1e6
	}
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

// A bench is a corpus and its index.
type bench struct {
	passages  []retrieval.Passage
	lexical   *retrieval.Lexical
	documents int
	seconds   float64 // to index
	heap      float64 // MB held by index and text
}

func (c *evalRetrievalCmd) index() (*bench, error) {
	bridge.Default() // a process has the words once, whatever it indexes
	before := heap()
	passages, err := c.corpus()
	if err != nil {
		return nil, err
	}
	b := &bench{passages: passages}
	for i, p := range passages {
		if i == 0 || p.Document != passages[i-1].Document {
			b.documents++
		}
	}
	begin := time.Now()
	b.lexical = training.Index(passages)
	if c.Words == "plain" {
		b.lexical = b.lexical.WithBridge(nil)
	}
	b.seconds = time.Since(begin).Seconds()
	b.heap = max(0, heap()-before)
	runtime.KeepAlive(passages) // the texts count
	return b, nil
}

// heap is what is held on the heap after a collection, in MB (10^6 bytes).
func heap() float64 {
	runtime.GC()
	runtime.GC() // the first leaves what finalizers and pools still hold
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / 1e6
}

// Of the fakes. The oracle's questions have a similarity of about 0.3 to their
// golds: with so much noise a vector is a strong hint and no more.
const (
	fakeDimensions = 256
	oracleNoise    = 3
)

// embedder returns what --embedder names, nil for none. The oracle is told the
// golds of the queries and of the questions that the weight is learned from.
func (c *evalRetrievalCmd) embedder(ctx context.Context, a *app, queries []eval.Query, judged eval.Judgements, passages []retrieval.Passage) (embed.Embedder, error) {
	switch c.Embedder {
	case "default":
		return embed.NewHash(0), nil
	case "random":
		return embed.NewRandom(fakeDimensions, 1), nil
	case "openai":
		return a.openai()
	case "oracle":
		texts := make(map[string]string, len(passages))
		for _, p := range passages {
			texts[p.ID] = p.Embedded()
		}
		answers, err := training.Answers(ctx)
		if err != nil {
			return nil, err
		}
		for _, q := range queries {
			for id, grade := range judged[q.ID] {
				if grade > 0 {
					answers[q.Text] = append(answers[q.Text], texts[id])
				}
			}
			slices.Sort(answers[q.Text])
		}
		return embed.NewOracle(fakeDimensions, oracleNoise, answers), nil
	}
	return nil, nil
}

// searcher returns the search that is measured, with its vectors.
func (b *bench) searcher(ctx context.Context, ranked bool, e embed.Embedder) (*retrieval.Searcher, *eval.Vectors, error) {
	model := retrieval.DefaultModel()
	if !ranked {
		model = nil
	}
	if e == nil {
		s, err := retrieval.NewSearcher(b.lexical, model, nil)
		return s, nil, err
	}
	weight, err := training.LearnWeight(ctx, e)
	if err != nil {
		return nil, nil, err
	}
	about := &eval.Vectors{Model: e.Model(), Dimensions: e.Dimensions(), Weight: weight}
	if weight.Value == 0 { // never looked at
		s, err := retrieval.NewSearcher(b.lexical, model, nil)
		return s, about, err
	}
	entries, err := training.Embed(ctx, e, b.passages)
	if err != nil {
		return nil, nil, fmt.Errorf("embed the corpus: %w", err)
	}
	index, err := chromem.Open(e.Model(), entries, e.Dimensions())
	if err != nil {
		return nil, nil, err
	}
	s, err := retrieval.NewSearcher(b.lexical, model, &retrieval.Vectors{Index: index, Embedder: e, Weight: weight.Value})
	return s, about, err
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

// corpus reads the passages.
func (c *evalRetrievalCmd) corpus() ([]retrieval.Passage, error) {
	f, err := os.Open(c.Corpus)
	if err != nil {
		return nil, &messageError{"read_file", []any{c.Corpus, err}}
	}
	defer f.Close()
	out, err := eval.CollectPassages(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Corpus, err)
	}
	return out, nil
}
