package eval

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"policybot/bot"
)

const minimal = `{"id":"q1","lang":"zh","type":"fact","question":"多少？","expect":"answer"}`

func TestReadQuestions(t *testing.T) {
	full := `{"id":"q2","lang":"mixed","type":"follow_up","question":"","history":[{"role":"user","text":"厦门"}],` +
		`"gold":[{"file":"a.txt","quote":"规模","clause":"二"}],"all_required":true,"answer_points":["1200亿"],"must_not":["~x"],` +
		`"expect":"expired_warning","related":[{"file":"b.txt","quote":"土地","clause":"三"}],"notes":"n","as_of":"2026-03-01",` +
		`"profile":{"size":null},"unknown":1}`
	got, err := ReadQuestions(strings.NewReader("\ufeff" + minimal + "\r\n\n  \n" + full))
	if err != nil {
		t.Fatal(err)
	}
	want := []Question{
		{ID: "q1", Lang: "zh", Type: "fact", Text: "多少？", Expect: ExpectAnswer},
		{
			ID: "q2", Lang: "mixed", Type: "follow_up", History: []bot.Turn{{Role: "user", Text: "厦门"}},
			Gold: []Gold{{"a.txt", "规模", "二"}}, AllRequired: true, Points: []string{"1200亿"}, MustNot: []string{"~x"},
			Expect: ExpectExpired, Related: []Gold{{"b.txt", "土地", "三"}}, Notes: "n", AsOf: "2026-03-01",
			Profile: json.RawMessage(`{"size":null}`),
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("questions (-want +got)\n%s", diff)
	}
	asked := got[1].Ask()
	if asked.ID != "q2" || len(asked.History) != 1 || !asked.AsOf.Equal(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("Ask() = %+v", asked)
	}
	if !got[0].Ask().AsOf.IsZero() {
		t.Error("a question without as_of does not leave the day to the clock")
	}
}

func TestReadQuestionsErrors(t *testing.T) {
	change := func(old, new string) string { return strings.Replace(minimal, old, new, 1) }
	add := func(field string) string { return change(`"expect"`, field+`,"expect"`) }
	tests := []struct {
		name, line string
		want       []string // parts of the message
	}{
		{"not JSON", `{"id"`, []string{"one JSON object"}},
		{"an array", `[]`, []string{"one JSON object"}},
		{"two objects", `{} {}`, []string{"one JSON object"}},
		{"a text as list", add(`"gold":"x"`), []string{"one JSON object"}},
		{"not UTF-8", change("多少", "\xff"), []string{"UTF-8"}},
		{"no id", change(`"id":"q1",`, ""), []string{`"id" is missing`}},
		{"the same id", strings.Replace(minimal, "多少", "几", 1), []string{`"q1" stands on line 1 already`}},
		{"no question", change(`"question":"多少？",`, ""), []string{`"question" is missing`}},
		{"no type", change(`"type":"fact",`, ""), []string{`"type" is missing`}},
		{"language", change(`"zh"`, `"fr"`), []string{`"lang" is "fr"`, "zh, en, mixed"}},
		{"no language", change(`"lang":"zh",`, ""), []string{`"lang" is ""`, "zh, en, mixed"}},
		{"expect", change(`"answer"`, `"reply"`), []string{`"expect" is "reply"`, "answer, answer_with_caveat, expired_warning, clarify, abstain"}},
		{"role", add(`"history":[{"role":"bot","text":"x"}]`), []string{`"role" is "bot"`, "user, assistant"}},
		{"gold without file", add(`"gold":[{"quote":"x"}]`), []string{"file (base name), quote"}},
		{"related without quote", add(`"related":[{"file":"a","quote":" · "}]`), []string{"file (base name), quote"}},
		{"abstain with gold", strings.Replace(add(`"gold":[{"file":"a","quote":"x"}]`), `"answer"`, `"abstain"`, 1), []string{"must be empty", "related"}},
		{"day", add(`"as_of":"2026-02-30"`), []string{"2026-02-30", "YYYY-MM-DD"}},
		{"profile", add(`"profile":[1]`), []string{`"profile" is not an object`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			line := tt.line
			if tt.name != "the same id" {
				line = strings.Replace(line, `"q1"`, `"q9"`, 1)
			}
			got, err := ReadQuestions(strings.NewReader(minimal + "\n\n" + line + "\n"))
			if err == nil {
				t.Fatalf("accepted: %+v", got)
			}
			for _, part := range append(tt.want, "line 3: ") {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q lacks %q", err, part)
				}
			}
		})
	}
}

func TestReadCorpus(t *testing.T) {
	got, err := Collect(ReadCorpus(strings.NewReader(`{"id":"1","document":"d","title":"t","path":"一/(二)","text":"甲"}
{"id":"2","title":"t","text":""}
{"id":"3","text":"丙"}`)))
	if err != nil {
		t.Fatal(err)
	}
	want := []Passage{
		{ID: "1", Document: "d", Title: "t", Path: "一/(二)", Text: "甲"},
		{ID: "2", Document: "t", Title: "t"},
		{ID: "3", Document: "3", Text: "丙"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("corpus (-want +got)\n%s", diff)
	}
	for line, part := range map[string]string{
		`{"id":1,"text":"x"}`:   "not a passage",
		`{"id":"4"}`:            `"text" is missing`,
		`{"text":"x"}`:          `"id" is missing`,
		`{"id":"1","text":"x"}`: `"1" stands on line 1 already`,
		"\xff":                  "UTF-8",
	} {
		passages, err := Collect(ReadCorpus(strings.NewReader(`{"id":"1","text":"甲"}` + "\n" + line)))
		if err == nil || !strings.Contains(err.Error(), part) || !strings.HasPrefix(err.Error(), "line 2: ") || len(passages) != 1 {
			t.Errorf("%s: %d passages, %v; want %q", line, len(passages), err, part)
		}
	}
}

func TestReadQueries(t *testing.T) {
	got, err := Collect(ReadQueries(strings.NewReader(`{"qid":"a","text":"谁来管？"}` + "\n")))
	if diff := cmp.Diff([]Query{{"a", "谁来管？"}}, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
	for line, part := range map[string]string{
		`{"qid":"a","text":"x"}`: "line 2: ",
		`{"qid":"b","text":" "}`: `"text" is missing`,
		`{"text":"x"}`:           `"qid" is missing`,
		`a	x`:                    "not a query",
	} {
		_, err := Collect(ReadQueries(strings.NewReader(`{"qid":"a","text":"x"}` + "\n" + line)))
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%s: %v; want %q", line, err, part)
		}
	}
}

func TestReadQrels(t *testing.T) {
	got, err := CollectQrels(ReadQrels(strings.NewReader("a\t1\t1\r\na\t2\t0\n\nb\t1\t3\na\t2\t2")))
	want := Judgements{"a": {"1": 1, "2": 2}, "b": {"1": 3}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
	for line, part := range map[string]string{
		"a 1 1":        "qid<TAB>id<TAB>grade",
		"a\t1":         "qid<TAB>id<TAB>grade",
		"a\t0\t1\t1":   "qid<TAB>id<TAB>grade",
		"\t1\t1":       "qid<TAB>id<TAB>grade",
		"a\t\t1":       "qid<TAB>id<TAB>grade",
		"a\t1\thigh":   `"high" is not a whole number`,
		"a\t1\t1.5":    `"1.5" is not a whole number`,
		"a\t1\t\u0661": "is not a whole number",
	} {
		_, err := CollectQrels(ReadQrels(strings.NewReader("a\t1\t1\n" + line)))
		if err == nil || !strings.Contains(err.Error(), part) || !strings.HasPrefix(err.Error(), "line 2: ") {
			t.Errorf("%q: %v; want %q", line, err, part)
		}
	}
}

func TestReadLines(t *testing.T) {
	endless := io.MultiReader(strings.NewReader("a\t1\t1\n"), neverending{})
	if _, err := CollectQrels(ReadQrels(endless)); err == nil || err.Error() != "line 2: longer than 16 MiB" {
		t.Errorf("endless line: %v", err)
	}
	broken := io.MultiReader(strings.NewReader("a\t1\t1\n"), failing{})
	if _, err := CollectQrels(ReadQrels(broken)); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("broken reader: %v", err)
	}
	for range ReadQrels(strings.NewReader("a\t1\t1\na\t2\t1\n")) {
		break // a reader may stop early
	}
}

type neverending struct{}

func (neverending) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestMeasureRetrieval(t *testing.T) {
	queries := []Query{{"a", "甲"}, {"b", "乙"}, {"c", "丙"}, {"unjudged", "丁"}, {"irrelevant", "戊"}}
	judgements := Judgements{"a": {"1": 1}, "b": {"1": 1, "2": 1}, "c": {"9": 1}, "irrelevant": {"1": 0}}
	results := map[string][]string{"甲": {"1"}, "乙": {"3", "2"}, "丙": nil}
	search := func(query string, k int) []string {
		if k != MeasureDepth {
			t.Errorf("asked for %d", k)
		}
		return results[query]
	}
	r, rankings, err := MeasureRetrieval(t.Context(), queries, judgements, search)
	if err != nil || r.Queries != 3 || len(rankings) != 3 {
		t.Fatalf("%d queries, %d rankings, %v", r.Queries, len(rankings), err)
	}
	// Recall@1: (1 + 0 + 0)/3; @5 and on: (1 + 1/2 + 0)/3; MRR: (1 + 1/2 + 0)/3;
	// nDCG: (1 + 0.6309297536/1.6309297536 + 0)/3.
	near := func(name string, got, want float64) {
		if math.Abs(got-want) > 1e-9 {
			t.Errorf("%s = %v, want %v", name, got, want)
		}
	}
	near("recall@1", r.Recall1, 1.0/3)
	near("recall@5", r.Recall5, 0.5)
	near("recall@100", r.Recall100, 0.5)
	near("mrr@10", r.MRR10, 0.5)
	near("ndcg@10", r.NDCG10, 1.3868528072345/3)
	wantValues := []QueryValues{
		{ID: "a", Recall10: 1, Recall100: 1, MRR10: 1, NDCG10: 1},
		{ID: "b", Recall10: 0.5, Recall100: 0.5, MRR10: 0.5, NDCG10: r.PerQuery[1].NDCG10},
		{ID: "c"},
	}
	if diff := cmp.Diff(wantValues, r.PerQuery); diff != "" {
		t.Errorf("values of single queries (-want +got)\n%s", diff)
	}
	near("ndcg@10 of b", r.PerQuery[1].NDCG10, 0.3868528072345)
	if r.QueryMsP50 < 0 || r.QueryMsP50 > r.QueryMsP95 || r.QueryMsP95 > r.QueryMsP99 {
		t.Errorf("times %v, %v, %v", r.QueryMsP50, r.QueryMsP95, r.QueryMsP99)
	}

	ctx, cancel := context.WithCancel(t.Context())
	r, rankings, err = MeasureRetrieval(ctx, queries, judgements, func(string, int) []string { cancel(); return []string{"1"} })
	if !errors.Is(err, context.Canceled) || r.Queries != 1 || r.Recall1 != 1 || len(rankings) != 1 {
		t.Errorf("cancelled: %+v, %v", r, err)
	}
	r, _, err = MeasureRetrieval(t.Context(), nil, nil, nil)
	if diff := cmp.Diff(RetrievalReport{PerQuery: []QueryValues{}}, r); err != nil || diff != "" {
		t.Errorf("nothing: %v (-want +got)\n%s", err, diff)
	}
}

func TestRetrievalReport(t *testing.T) {
	want := []string{
		"clauses", "documents", "heap_mb", "index_seconds", "mrr@10", "ndcg@10", "per_query", "queries", "query_ms_p50", "query_ms_p95",
		"query_ms_p99", "recall@1", "recall@10", "recall@100", "recall@20", "recall@5", "vectors_mb",
	}
	if diff := cmp.Diff(want, keys(t, RetrievalReport{})); diff != "" {
		t.Errorf("keys (-want +got)\n%s", diff)
	}
	report := RetrievalReport{
		Queries: 40, Clauses: 1200, Documents: 30, Recall1: .125, Recall5: .25, Recall10: .5, Recall20: .75, Recall100: 1,
		MRR10: .2, NDCG10: .3456, IndexSeconds: 1.236, QueryMsP50: .25, QueryMsP95: 2.5, QueryMsP99: 25, HeapMB: 7.25, VectorsMB: 120,
	}
	var text bytes.Buffer
	if err := report.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	golden(t, "retrieval.txt", text.Bytes())
}

// FuzzRead checks that no input makes a reader panic, and that what is read
// can be judged.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		"", minimal, `{"id":"1","text":"x"}`, `{"qid":"1","text":"x"}`, "a\t1\t1", "\ufeff\n", "\xff", "{}", "null", `{"question":null}`,
		strings.Replace(minimal, `"expect"`, `"gold":[{"file":"a","quote":"b"}],"answer_points":["^a|b","~",""],"profile":null,"expect"`, 1),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		questions, _ := ReadQuestions(strings.NewReader(s))
		for _, q := range questions {
			Judge(q, bot.Answer{Text: s, Citations: []bot.Citation{{Quote: s}}})
			if q.ID == "" || q.Expect == "" {
				t.Errorf("read %+v", q)
			}
		}
		passages, _ := Collect(ReadCorpus(strings.NewReader(s)))
		for _, p := range passages {
			if p.ID == "" || p.Document == "" {
				t.Errorf("read %+v", p)
			}
		}
		if queries, _ := Collect(ReadQueries(strings.NewReader(s))); len(queries) > 0 && queries[0].ID == "" {
			t.Errorf("read %+v", queries)
		}
		_, _ = CollectQrels(ReadQrels(strings.NewReader(s)))
	})
}
