package eval

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"policybot/retrieval/metrics"
)

const (
	rounds    = 10_000 // of the bootstrap behind the intervals of a Comparison
	mostMoved = 5      // queries that a Comparison names in each direction
)

// QueryValues are the measures of one query. The JSON keys are stable.
type QueryValues struct {
	ID        string  `json:"qid"`
	Recall10  float64 `json:"recall@10"`
	Recall100 float64 `json:"recall@100"`
	MRR10     float64 `json:"mrr@10"` // of this query alone: 1/rank of the first relevant passage
	NDCG10    float64 `json:"ndcg@10"`
}

// measureQuery measures the ranking of one query.
func measureQuery(id string, r metrics.Ranking) QueryValues {
	return QueryValues{ID: id, Recall10: r.Recall(10), Recall100: r.Recall(100), MRR10: r.ReciprocalRank(10), NDCG10: r.NDCG(10)}
}

// A Comparison sets a run beside an earlier one over the same queries. The
// JSON keys are stable.
type Comparison struct {
	Queries   int    `json:"queries"`
	Rounds    int    `json:"rounds"` // of the bootstrap
	Recall10  Change `json:"recall@10"`
	Recall100 Change `json:"recall@100"`
	MRR10     Change `json:"mrr@10"`
	NDCG10    Change `json:"ndcg@10"`
	MostUp    []Move `json:"most_up"`   // at most five queries whose nDCG@10 rose, the largest rise first
	MostDown  []Move `json:"most_down"` // at most five queries whose nDCG@10 fell, the largest fall first
}

// A Change is what became of one measure. The interval [Low, High] is that of
// [metrics.Bootstrap]; one that leaves out 0 shows a change.
type Change struct {
	Before     float64 `json:"before"` // mean of the earlier run
	Now        float64 `json:"now"`    // mean of this run
	Difference float64 `json:"difference"`
	Low        float64 `json:"low"` // 95 % interval of the difference
	High       float64 `json:"high"`
	Up         int     `json:"up"` // queries whose value rose
	Down       int     `json:"down"`
}

// A Move is the nDCG@10 of one query in two runs.
type Move struct {
	ID     string  `json:"qid"`
	Before float64 `json:"before"`
	Now    float64 `json:"now"`
}

// ErrNoQueryValues says that a report holds no values of single queries:
// it was written before reports had them, or it is not one of a retrieval.
var ErrNoQueryValues = errors.New(`no values of single queries ("per_query"); run eval retrieval --json again and compare with what it writes`)

// A QueriesError says that two runs cannot be compared because their queries
// or questions differ.
type QueriesError struct {
	Missing []string // queries of this run that the earlier one lacks, in the order of this run
	Extra   []string // queries of the earlier run that this one lacks, in the order of the earlier one
}

// Error says how many queries differ.
func (e *QueriesError) Error() string {
	return fmt.Sprintf("the earlier run has other queries: it lacks %d of this run and has %d that this run lacks; compare runs over the same queries and judgements",
		len(e.Missing), len(e.Extra))
}

// ReadQueryValues reads the values of single queries off the JSON form of a
// [RetrievalReport], in the order of its queries. It returns
// [ErrNoQueryValues] for a JSON object without them, and an error that names
// the query for one without an id or a value and for an id that stands there
// twice.
func ReadQueryValues(r io.Reader) ([]QueryValues, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	var report struct {
		PerQuery []struct {
			ID        string   `json:"qid"`
			Recall10  *float64 `json:"recall@10"`
			Recall100 *float64 `json:"recall@100"`
			MRR10     *float64 `json:"mrr@10"`
			NDCG10    *float64 `json:"ndcg@10"`
		} `json:"per_query"`
	}
	if err := json.Unmarshal(data, &report); err != nil {
		return nil, fmt.Errorf("not a report that eval retrieval --json wrote: %w", err)
	}
	if report.PerQuery == nil {
		return nil, ErrNoQueryValues
	}
	values := make([]QueryValues, 0, len(report.PerQuery))
	seen := map[string]bool{}
	for i, q := range report.PerQuery {
		switch {
		case q.ID == "":
			return nil, fmt.Errorf(`query %d of "per_query" has no "qid"`, i+1)
		case seen[q.ID]:
			return nil, fmt.Errorf(`query %s stands in "per_query" twice`, q.ID)
		case q.Recall10 == nil || q.Recall100 == nil || q.MRR10 == nil || q.NDCG10 == nil:
			return nil, fmt.Errorf(`query %s of "per_query" lacks a value; it needs recall@10, recall@100, mrr@10 and ndcg@10`, q.ID)
		}
		seen[q.ID] = true
		values = append(values, QueryValues{q.ID, *q.Recall10, *q.Recall100, *q.MRR10, *q.NDCG10})
	}
	return values, nil
}

// SameQueries tells before a run whether it can be compared with an earlier
// one: nil when the queries that [MeasureRetrieval] will run are those of the
// earlier run, in any order, and a [*QueriesError] otherwise.
func SameQueries(earlier []QueryValues, queries []Query, judgements Judgements) error {
	var ids []string
	for _, q := range queries {
		if (metrics.Ranking{Relevant: judgements[q.ID]}).Judged() {
			ids = append(ids, q.ID)
		}
	}
	return sameIDs(queryIDs(earlier), ids)
}

func queryIDs(values []QueryValues) []string {
	ids := make([]string, len(values))
	for i, q := range values {
		ids[i] = q.ID
	}
	return ids
}

func sameIDs(earlier, ids []string) error {
	before, now := map[string]bool{}, map[string]bool{}
	for _, id := range earlier {
		before[id] = true
	}
	var e QueriesError
	for _, id := range ids {
		now[id] = true
		if !before[id] {
			e.Missing = append(e.Missing, id)
		}
	}
	for _, id := range earlier {
		if !now[id] {
			e.Extra = append(e.Extra, id)
		}
	}
	if len(e.Missing) > 0 || len(e.Extra) > 0 {
		return &e
	}
	return nil
}

// Compare sets a run beside an earlier one. The runs must have the same
// queries, each once, in any order; a [*QueriesError] says what differs. Equal
// input gives equal output: the seed of the bootstrap is [metrics.Seed].
func Compare(earlier, now []QueryValues) (*Comparison, error) {
	before := make(map[string]QueryValues, len(earlier))
	for _, q := range earlier {
		before[q.ID] = q
	}
	if err := sameIDs(queryIDs(earlier), queryIDs(now)); err != nil {
		return nil, err
	}
	paired := make([]QueryValues, len(now)) // the earlier run in the order of this one
	for i, q := range now {
		paired[i] = before[q.ID]
	}
	c := &Comparison{
		Queries:   len(now),
		Rounds:    rounds,
		Recall10:  newChange(paired, now, func(q QueryValues) float64 { return q.Recall10 }),
		Recall100: newChange(paired, now, func(q QueryValues) float64 { return q.Recall100 }),
		MRR10:     newChange(paired, now, func(q QueryValues) float64 { return q.MRR10 }),
		NDCG10:    newChange(paired, now, func(q QueryValues) float64 { return q.NDCG10 }),
	}
	c.MostUp, c.MostDown = mostMoves(paired, now)
	return c, nil
}

// newChange compares one measure of queries or answers that pair up.
func newChange[T any](before, now []T, measure func(T) float64) Change {
	var c Change
	a, b := make([]float64, len(now)), make([]float64, len(now))
	for i := range now {
		a[i], b[i] = measure(before[i]), measure(now[i])
		c.Before += a[i]
		c.Now += b[i]
		switch {
		case b[i] > a[i]:
			c.Up++
		case b[i] < a[i]:
			c.Down++
		}
	}
	n := float64(max(len(now), 1))
	c.Before /= n
	c.Now /= n
	c.Difference, c.Low, c.High = metrics.Bootstrap(a, b, rounds, metrics.Seed)
	return c
}

// mostMoves lists the queries that moved most, the largest move first and
// equal moves in the order of the queries. Neither list is nil.
func mostMoves(before, now []QueryValues) (up, down []Move) {
	up, down = []Move{}, []Move{}
	for i := range now {
		m := Move{ID: now[i].ID, Before: before[i].NDCG10, Now: now[i].NDCG10}
		switch {
		case m.Now > m.Before:
			up = append(up, m)
		case m.Now < m.Before:
			down = append(down, m)
		}
	}
	byRise := func(a, b Move) int { return cmp.Compare(b.Now-b.Before, a.Now-a.Before) }
	slices.SortStableFunc(up, byRise)
	slices.SortStableFunc(down, func(a, b Move) int { return -byRise(a, b) })
	return up[:min(mostMoved, len(up))], down[:min(mostMoved, len(down))]
}

// write writes the comparison for reading.
func (c *Comparison) write(b *strings.Builder) {
	fmt.Fprintf(b, "\nBeside the earlier run over the same queries, interval from %d rounds of the paired bootstrap\n\n", c.Rounds)
	writeChanges(b, []namedChange{{"recall@10", c.Recall10}, {"recall@100", c.Recall100}, {"mrr@10", c.MRR10}, {"ndcg@10", c.NDCG10}})
	b.WriteString("\n")
	if len(c.MostUp)+len(c.MostDown) == 0 {
		b.WriteString("No query moved by nDCG@10.\n")
		return
	}
	var moves table
	moves.row("moved most by nDCG@10", "before", "now", "change")
	for _, m := range slices.Concat(c.MostUp, c.MostDown) {
		moves.row("  "+oneLine(m.ID), decimals(m.Before), decimals(m.Now), signed(m.Now-m.Before))
	}
	moves.write(b)
}

// A namedChange is a change with the name of its measure.
type namedChange struct {
	name string
	Change
}

func writeChanges(b *strings.Builder, changes []namedChange) {
	t := table{labels: 4}
	t.row("", "before", "now", "change", "95 % interval", "up", "down")
	for _, m := range changes {
		interval := fmt.Sprintf("%6s to %6s", signed(m.Low), signed(m.High))
		t.row(m.name, decimals(m.Before), decimals(m.Now), signed(m.Difference), interval, fmt.Sprint(m.Up), fmt.Sprint(m.Down))
	}
	t.write(b)
}

// signed prints a difference with its sign; one that rounds to 0 has none.
func signed(v float64) string {
	s := fmt.Sprintf("%+.3f", v)
	if s == "+0.000" || s == "-0.000" {
		return "0.000"
	}
	return s
}
