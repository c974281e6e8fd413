package eval

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"policybot/retrieval/metrics"
	"policybot/retrieval/training"
)

// MeasureDepth is the number of passages that [MeasureRetrieval] asks for.
const MeasureDepth = 100

// A RetrievalReport holds the figures of a search over an outside corpus. The
// JSON keys are stable. [MeasureRetrieval] fills in the measures, the query
// times, Queries and PerQuery; what concerns the index is the caller's, who
// builds it, as is Compare.
type RetrievalReport struct {
	Queries      int     `json:"queries"` // queries with a relevant passage; no others are run
	Clauses      int     `json:"clauses"` // of the corpus
	Documents    int     `json:"documents"`
	Recall1      float64 `json:"recall@1"` // mean share of a query's relevant passages among the first k
	Recall5      float64 `json:"recall@5"`
	Recall10     float64 `json:"recall@10"`
	Recall20     float64 `json:"recall@20"`
	Recall100    float64 `json:"recall@100"`
	MRR10        float64 `json:"mrr@10"`
	NDCG10       float64 `json:"ndcg@10"`
	IndexSeconds float64 `json:"index_seconds"`
	QueryMsP50   float64 `json:"query_ms_p50"` // nearest-rank percentiles
	QueryMsP95   float64 `json:"query_ms_p95"`
	QueryMsP99   float64 `json:"query_ms_p99"`
	HeapMB       float64 `json:"heap_mb"`    // lexical index and text after a collection
	VectorsMB    float64 `json:"vectors_mb"` // 0 without an embedder

	Vectors *Vectors `json:"vectors,omitempty"`

	PerQuery []QueryValues `json:"per_query"`         // in the order of the queries
	Compare  *Comparison   `json:"compare,omitempty"` // with an earlier run; see [Compare]
}

// Vectors tells which vectors a search used.
type Vectors struct {
	Model      string          `json:"model"`
	Dimensions int             `json:"dimensions"`
	Weight     training.Weight `json:"weight"` // of the likeness in the score, learned on other questions
}

// MeasureRetrieval runs every query that has a relevant passage through
// search, one after the other, and times each call. search returns the ids of
// at most k passages, best first. The rankings are returned in the order of
// the queries, for [metrics.Bootstrap].
//
// When the context ends, the error is returned with the report on the queries
// before it.
func MeasureRetrieval(
	ctx context.Context, queries []Query, judgements Judgements, search func(query string, k int) []string,
) (RetrievalReport, []metrics.Ranking, error) {
	var rankings []metrics.Ranking
	perQuery := []QueryValues{}
	var times []float64
	var err error
	for _, q := range queries {
		ranking := metrics.Ranking{Relevant: judgements[q.ID]}
		if !ranking.Judged() {
			continue
		}
		if err = ctx.Err(); err != nil {
			err = fmt.Errorf("query %s: %w", q.ID, err)
			break
		}
		start := time.Now()
		ranking.Ranked = search(q.Text, MeasureDepth)
		times = append(times, time.Since(start).Seconds()*1000)
		rankings = append(rankings, ranking)
		perQuery = append(perQuery, measureQuery(q.ID, ranking))
	}
	return RetrievalReport{
		Queries:    len(rankings),
		Recall1:    metrics.Recall(rankings, 1),
		Recall5:    metrics.Recall(rankings, 5),
		Recall10:   metrics.Recall(rankings, 10),
		Recall20:   metrics.Recall(rankings, 20),
		Recall100:  metrics.Recall(rankings, 100),
		MRR10:      metrics.MRR(rankings, 10),
		NDCG10:     metrics.NDCG(rankings, 10),
		QueryMsP50: metrics.Percentile(times, 50),
		QueryMsP95: metrics.Percentile(times, 95),
		QueryMsP99: metrics.Percentile(times, 99),
		PerQuery:   perQuery,
	}, rankings, err
}

// WriteText writes the report for reading, the comparison last. The values of
// single queries are left out.
func (r RetrievalReport) WriteText(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "Retrieval: %d queries with relevant clauses, %d clauses of %d documents\n\n", r.Queries, r.Clauses, r.Documents)
	var t table
	t.row("", "@1", "@5", "@10", "@20", "@100")
	t.row("recall", decimals(r.Recall1), decimals(r.Recall5), decimals(r.Recall10), decimals(r.Recall20), decimals(r.Recall100))
	t.row("MRR", "", "", decimals(r.MRR10))
	t.row("nDCG", "", "", decimals(r.NDCG10))
	t.write(&b)
	b.WriteString("\n")
	fmt.Fprintf(&b, "query time  %.2f ms p50, %.2f ms p95, %.2f ms p99\n", r.QueryMsP50, r.QueryMsP95, r.QueryMsP99)
	fmt.Fprintf(&b, "index       %.2f s\n", r.IndexSeconds)
	fmt.Fprintf(&b, "memory      %.1f MB index and text, %.1f MB vectors\n", r.HeapMB, r.VectorsMB)
	if v := r.Vectors; v != nil {
		w := v.Weight
		fmt.Fprintf(&b, "vectors     %s, %d dimensions, weight %.2f (nDCG@10 of %d written questions %.3f without, %.3f with; 95 %% interval of the difference %+.3f to %+.3f)\n",
			v.Model, v.Dimensions, w.Value, w.Questions, w.Before, w.After, w.Low, w.High)
	}
	if r.Compare != nil {
		r.Compare.write(&b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
