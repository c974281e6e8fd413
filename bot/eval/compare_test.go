package eval

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// flat is a query of which every measure has the same value.
func flat(id string, value float64) QueryValues { return QueryValues{id, value, value, value, value} }

func TestCompare(t *testing.T) {
	earlier := []QueryValues{
		{ID: "b", Recall10: 1, Recall100: 1, MRR10: 0.25, NDCG10: 0.5},
		{ID: "a", Recall10: 0, Recall100: 0.5, MRR10: 0, NDCG10: 0.25},
	}
	now := []QueryValues{
		{ID: "a", Recall10: 1, Recall100: 0.5, MRR10: 0.5, NDCG10: 0.75},
		{ID: "b", Recall10: 1, Recall100: 0.5, MRR10: 0.75, NDCG10: 0.25},
	}
	// The rounds draw two of two queries: aa, ab, ba or bb, each in a quarter of
	// the rounds. So the 2.5th percentile is the smaller of the two differences
	// and the 97.5th the larger.
	want := &Comparison{
		Queries:   2,
		Rounds:    10_000,
		Recall10:  Change{Before: 0.5, Now: 1, Difference: 0.5, Low: 0, High: 1, Up: 1},
		Recall100: Change{Before: 0.75, Now: 0.5, Difference: -0.25, Low: -0.5, High: 0, Down: 1},
		MRR10:     Change{Before: 0.125, Now: 0.625, Difference: 0.5, Low: 0.5, High: 0.5, Up: 2},
		NDCG10:    Change{Before: 0.375, Now: 0.5, Difference: 0.125, Low: -0.25, High: 0.5, Up: 1, Down: 1},
		MostUp:    []Move{{"a", 0.25, 0.75}},
		MostDown:  []Move{{"b", 0.5, 0.25}},
	}
	for range 2 { // equal input, equal output
		got, err := Compare(earlier, now)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
	var text bytes.Buffer
	if err := (RetrievalReport{Queries: 2, PerQuery: now, Compare: want}).WriteText(&text); err != nil {
		t.Fatal(err)
	}
	golden(t, "compare.txt", text.Bytes())
}

// TestCompareSame: a run beside itself has not moved, nor has a run of nothing.
func TestCompareSame(t *testing.T) {
	for _, values := range [][]QueryValues{{}, {flat("a", 0.3), flat("b", 1)}} {
		c, err := Compare(values, values)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range []Change{c.Recall10, c.Recall100, c.MRR10, c.NDCG10} {
			if m.Before != m.Now || m.Difference != 0 || m.Low != 0 || m.High != 0 || m.Up != 0 || m.Down != 0 {
				t.Errorf("%d queries: %+v", len(values), m)
			}
		}
		encoded, err := json.Marshal(c)
		if err != nil || !strings.Contains(string(encoded), `"most_up":[],"most_down":[]`) {
			t.Errorf("%s, %v", encoded, err)
		}
		var b strings.Builder
		c.write(&b)
		if !strings.Contains(b.String(), "No query moved") {
			t.Error(b.String())
		}
	}
}

// TestCompareMoves: the largest moves come first, equal ones in the order of
// the queries, five each way.
func TestCompareMoves(t *testing.T) {
	var earlier, now []QueryValues
	for i, change := range []float64{0.25, -0.5, 0.5, 0, 0.25, -0.25, 0.5, 0.125, 0.25, 0.25, -0.125} {
		id := fmt.Sprintf("q%d", i)
		earlier, now = append(earlier, flat(id, 0.5)), append(now, flat(id, 0.5+change))
	}
	c, err := Compare(earlier, now)
	if err != nil {
		t.Fatal(err)
	}
	ids := func(moves []Move) string {
		var s []string
		for _, m := range moves {
			s = append(s, m.ID)
		}
		return strings.Join(s, " ")
	}
	if up, down := ids(c.MostUp), ids(c.MostDown); up != "q2 q6 q0 q4 q8" || down != "q1 q5 q10" {
		t.Errorf("up %s, down %s", up, down)
	}
	if c.NDCG10.Up != 7 || c.NDCG10.Down != 3 {
		t.Errorf("%d up, %d down, want 7, 3", c.NDCG10.Up, c.NDCG10.Down)
	}
}

func TestCompareOtherQueries(t *testing.T) {
	earlier := []QueryValues{flat("a", 1), flat("z", 1), flat("b", 1), flat("y", 1)}
	now := []QueryValues{flat("b", 1), flat("d", 1), flat("a", 1)}
	queries := []Query{{"b", "乙"}, {"y", "unjudged"}, {"d", "丁"}, {"a", "甲"}, {"z", "irrelevant"}}
	judgements := Judgements{"a": {"1": 1}, "b": {"1": 2}, "d": {"1": 1}, "z": {"1": 0}}
	_, fromCompare := Compare(earlier, now)
	for _, err := range []error{fromCompare, SameQueries(earlier, queries, judgements)} {
		var differ *QueriesError
		if !errors.As(err, &differ) {
			t.Fatalf("%v", err)
		}
		if diff := cmp.Diff(&QueriesError{Missing: []string{"d"}, Extra: []string{"z", "y"}}, differ); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		if !strings.Contains(err.Error(), "lacks 1 of this run and has 2") {
			t.Error(err)
		}
	}
	if err := SameQueries(now, queries, judgements); err != nil {
		t.Error(err)
	}
	if _, err := Compare(now[:2], now); err == nil || !strings.Contains(err.Error(), "lacks 1 of this run and has 0") {
		t.Errorf("one more query: %v", err)
	}
}

// TestReadQueryValues: what a report says is read as it was measured.
func TestReadQueryValues(t *testing.T) {
	for _, want := range [][]QueryValues{{}, {{"二", 0.1, 0.2, 1.0 / 3, math.Sqrt2 / 2}, flat("a", 0)}} {
		encoded, err := json.Marshal(RetrievalReport{PerQuery: want})
		if err != nil {
			t.Fatal(err)
		}
		got, err := ReadQueryValues(bytes.NewReader(encoded))
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v (-want +got)\n%s", err, diff)
		}
	}
	for _, tt := range []struct{ text, says string }{
		{`{"queries":3,"recall@10":0.5}`, "again"},
		{`{"per_query":null}`, "again"},
		{`null`, "again"},
		{``, "not a report"},
		{`[]`, "not a report"},
		{`{"per_query":[{"qid":"a"}`, "not a report"},
		{`{"per_query":{"a":1}}`, "not a report"},
		{`{"per_query":[{"recall@10":1,"recall@100":1,"mrr@10":1,"ndcg@10":1}]}`, "query 1"},
		{`{"per_query":[{"qid":"a","recall@10":1,"recall@100":1,"mrr@10":1}]}`, "query a"},
		{`{"per_query":[{"qid":"a","recall@10":1,"recall@100":1,"mrr@10":1,"ndcg@10":1},{"qid":"a","recall@10":1,"recall@100":1,"mrr@10":1,"ndcg@10":1}]}`, "twice"},
	} {
		values, err := ReadQueryValues(strings.NewReader(tt.text))
		if err == nil || !strings.Contains(err.Error(), tt.says) || errors.Is(err, ErrNoQueryValues) != (tt.says == "again") || values != nil {
			t.Errorf("%s: %v, %v; want %q", tt.text, values, err, tt.says)
		}
	}
	broken := errors.New("disk is gone")
	if _, err := ReadQueryValues(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("broken reader: %v", err)
	}
}
