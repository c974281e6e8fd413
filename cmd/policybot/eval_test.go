package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// readReport reads what eval --json wrote.
func readReport(t *testing.T, file string) object {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var v object
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestEvalAnswers(t *testing.T) {
	data, dir := seeded(t), t.TempDir()
	questions := write(t, dir, "questions.jsonl", strings.Join([]string{
		fmt.Sprintf(`{"id":"a","lang":"zh","type":"fact","question":%q,"gold":[{"file":"003_5be9f72802f73f51.txt","quote":"上市企业达12家","clause":"二"}],`+
			`"all_required":true,"answer_points":["12家"],"must_not":["15家"],"expect":"answer","as_of":"2021-06-01"}`, listingQuestion),
		fmt.Sprintf(`{"id":"b","lang":"zh","type":"validity","question":%q,"gold":[{"file":"003_5be9f72802f73f51.txt","quote":"上市企业达12家","clause":"二"}],`+
			`"all_required":true,"answer_points":[],"must_not":[],"expect":"expired_warning","as_of":"2024-06-01"}`, listingQuestion),
		`{"id":"c","lang":"zh","type":"off_topic","question":"明天天气怎么样？","gold":[],"all_required":true,"answer_points":[],"must_not":[],"expect":"abstain"}`,
		``,
	}, "\n"))
	report := filepath.Join(dir, "report.json")
	pb(t, data, "eval", "answers", "--questions", questions, "--json", report).want(t, exitOK).shows(t, "off_topic")
	v := readReport(t, report)
	wantKeys(t, "report", v, "questions number", "total object", "by_type object", "by_document object", "by_language object", "by_expect object",
		"over_refusal object", "abstention_recall object", "retrieval object", "answer_ms_p50 number", "answer_ms_p95 number", "verdicts array",
		"risk_coverage object", "citations object")
	if v["questions"] != 3.0 {
		t.Errorf("%v questions", v["questions"])
	}
	total := v["total"].(object)
	for _, name := range []string{"passed", "behaviour", "citation", "facts", "quotes"} {
		if share, ok := total[name].(object); !ok || share["rate"] != 1.0 {
			t.Errorf("%s is %v, want all", name, total[name])
		}
	}
	pb(t, data, "eval", "answers", "--questions", questions).want(t, exitOK)
	pb(t, data, "eval", "answers").want(t, exitUsage)
	pb(t, data, "eval", "answers", "--questions", filepath.Join(dir, "none")).want(t, exitError).says(t, "none")
	pb(t, data, "eval", "answers", "--questions", questions, "--json", dir).want(t, exitError).says(t, dir)
	bad := write(t, dir, "bad.jsonl", "\n{\"id\":\"a\",\"question\":\"x\"}\n")
	pb(t, data, "eval", "answers", "--questions", bad).want(t, exitError).says(t, "bad.jsonl", "line 2")
}

const (
	outsideQueries = `{"qid":"q1","text":"临床试验资助"}` + "\n" + `{"qid":"q2","text":"apartments for graduates"}` + "\n" + `{"qid":"q3","text":"无人判断"}` + "\n"
	outsideQrels   = "q1\ta2\t1\nq2\tb1\t2\nq2\tb2\t0\n"
)

// outside are the clauses of two documents; the second names its document by
// the title alone.
var outside = []string{
	`{"id":"a1","document":"甲","title":"甲办法","path":"一/(一)","text":"本办法适用于在本市注册的企业。"}`,
	`{"id":"a2","document":"甲","title":"甲办法","path":"一/(二)","text":"对临床试验给予一次性资助。"}`,
	`{"id":"a3","document":"甲","title":"甲办法","text":"由市科技局负责解释。"}`,
	`{"id":"b1","title":"Housing","path":"1","text":"Graduates may rent apartments for three years."}`,
	`{"id":"b2","title":"Housing","text":""}`,
}

func TestEvalRetrieval(t *testing.T) {
	dir := t.TempDir()
	queries, qrels := write(t, dir, "queries.jsonl", outsideQueries), write(t, dir, "qrels.tsv", outsideQrels)
	interleaved := []string{outside[0], outside[3], outside[1], outside[4], outside[2]}
	for i, corpus := range [][]string{outside, interleaved} {
		file := write(t, dir, "corpus.jsonl", strings.Join(corpus, "\n")+"\n")
		report := filepath.Join(dir, "report.json")
		args := []string{"eval", "retrieval", "--corpus", file, "--queries", queries, "--qrels", qrels, "--json", report}
		setting{}.run(t, args...).want(t, exitOK).shows(t, "2 queries", "5 clauses of 2 documents")
		v := readReport(t, report)
		for _, key := range strings.Fields("recall@1 recall@5 recall@10 recall@20 recall@100 mrr@10 ndcg@10") {
			if v[key] != 1.0 {
				t.Errorf("corpus %d: %s is %v, want 1", i, key, v[key])
			}
		}
		for _, key := range strings.Fields("index_seconds query_ms_p50 query_ms_p95 query_ms_p99 heap_mb vectors_mb") {
			if n, ok := v[key].(float64); !ok || n < 0 {
				t.Errorf("corpus %d: %s is %v", i, key, v[key])
			}
		}
		setting{}.run(t, append(args, "--embedder", "none")...).want(t, exitOK)
	}
}

// TestEvalAnswersCompare: a question that was judged otherwise in an earlier
// run shows; a run over other questions is refused in both languages.
func TestEvalAnswersCompare(t *testing.T) {
	data, dir := seeded(t), t.TempDir()
	line := func(id, expect string) string {
		return fmt.Sprintf(`{"id":%q,"lang":"zh","type":"fact","question":%q,"expect":%q,"as_of":"2021-06-01"}`+"\n", id, listingQuestion, expect)
	}
	base, report := filepath.Join(dir, "base.json"), filepath.Join(dir, "report.json")
	args := func(questions string, more ...string) []string {
		return append([]string{"eval", "answers", "--questions", write(t, dir, "questions.jsonl", questions)}, more...)
	}
	pb(t, data, args(line("p1z", "abstain")+line("p1e", "answer"), "--json", base)...).want(t, exitOK).shows(t, "Chinese and English", "confidence from", "because")
	v := readReport(t, base)
	wantKeys(t, "verdict", v["verdicts"].([]any)[0].(object), "confidence number", "sides bool", "unmarked_other_place array", "unmarked_asker_elsewhere array", "why object")
	if _, ok := v["compare"]; ok {
		t.Error("a run that is compared with none has the key compare")
	}
	pb(t, data, args(line("p1e", "answer")+line("p1z", "answer"), "--compare", base, "--json", report)...).want(t, exitOK).
		shows(t, "95 % interval", "passes now, not before\n  p1z")
	compare := readReport(t, report)["compare"].(object)
	if changed := compare["changed"].([]any); len(changed) != 1 || changed[0].(object)["id"] != "p1z" {
		t.Errorf("changed: %v", changed)
	}
	want := object{"before": 0.5, "now": 1.0, "difference": 0.5, "low": 0.0, "high": 1.0, "up": 1.0, "down": 0.0}
	if diff := cmp.Diff(want, compare["passed"]); diff != "" {
		t.Errorf("passed (-want +got)\n%s", diff)
	}

	for _, tt := range []struct{ name, text, zh, en string }{
		{"other", `{"verdicts":[{"id":"a"},{"id":"b"},{"id":"c"},{"id":"d"}]}`, "缺这次的 1 个 (p1z)，多 4 个 (a, b, c, …)。", "missing 1 (p1z), extra 4 (a, b, c, …)."},
		{"retrieval", `{"per_query":[]}`, "无法比较", "is not a report that eval answers --json wrote"},
		{"broken", `{"verdicts":[`, "读不了", "cannot read"},
	} {
		file := write(t, dir, tt.name, tt.text)
		run := args(line("p1z", "answer"), "--compare", file)
		pb(t, data, append(run, "--lang", "zh")...).want(t, exitError).says(t, file, tt.zh)
		pb(t, data, append(run, "--lang", "en")...).want(t, exitError).says(t, file, tt.en)
	}
	pb(t, data, args(line("p1z", "answer"), "--compare", filepath.Join(dir, "none"))...).want(t, exitError).says(t, "none")
}

// TestEvalRetrievalCompare: a clause that was missing in the earlier run shows
// as the one query that moved.
func TestEvalRetrievalCompare(t *testing.T) {
	dir := t.TempDir()
	base, report := filepath.Join(dir, "base.json"), filepath.Join(dir, "report.json")
	measure := func(corpus []string, more ...string) output {
		args := []string{
			"eval", "retrieval", "--corpus", write(t, dir, "corpus", strings.Join(corpus, "\n")),
			"--queries", write(t, dir, "queries", outsideQueries), "--qrels", write(t, dir, "qrels", outsideQrels),
		}
		return setting{}.run(t, append(args, more...)...).want(t, exitOK)
	}
	measure(slices.Concat(outside[:1], outside[2:]), "--json", base)
	v := readReport(t, base)
	if _, ok := v["compare"]; ok {
		t.Error("a run that is compared with none has the key compare")
	}
	all := func(qid string, value float64) object {
		return object{"qid": qid, "recall@10": value, "recall@100": value, "mrr@10": value, "ndcg@10": value}
	}
	if diff := cmp.Diff([]any{all("q1", 0), all("q2", 1)}, v["per_query"]); diff != "" {
		t.Errorf("per_query (-want +got)\n%s", diff)
	}

	// Half of the four pairs of draws have one 1, a quarter two and a quarter none.
	change := object{"before": 0.5, "now": 1.0, "difference": 0.5, "low": 0.0, "high": 1.0, "up": 1.0, "down": 0.0}
	want := object{
		"queries": 2.0, "rounds": 10_000.0, "recall@10": change, "recall@100": change, "mrr@10": change, "ndcg@10": change,
		"most_up": []any{object{"qid": "q1", "before": 0.0, "now": 1.0}}, "most_down": []any{},
	}
	first := measure(outside, "--compare", base, "--json", report).shows(t, "95 % interval", "+0.500", "q1")
	if diff := cmp.Diff(want, readReport(t, report)["compare"]); diff != "" {
		t.Errorf("compare (-want +got)\n%s", diff)
	}
	_, part, _ := strings.Cut(first.out, "earlier run")
	measure(outside, "--compare", base, "--json", base).shows(t, part) // read before it is written
	measure(outside, "--compare", base).shows(t, "No query moved")
	if r := measure(outside); strings.Contains(r.out, "95 %") {
		t.Errorf("compares with nothing:\n%s", r.out)
	}
}

// TestEvalRetrievalCompareErrors: a run that cannot be compared is refused in
// both languages, before the corpus is read.
func TestEvalRetrievalCompareErrors(t *testing.T) {
	dir := t.TempDir()
	const row = `{"qid":%q,"recall@10":1,"recall@100":1,"mrr@10":1,"ndcg@10":1}`
	rows := func(qids ...string) string {
		var list []string
		for _, q := range qids {
			list = append(list, fmt.Sprintf(row, q))
		}
		return `{"per_query":[` + strings.Join(list, ",") + `]}`
	}
	report := filepath.Join(dir, "report.json")
	for _, tt := range []struct {
		name, text string
		zh, en     []string
	}{
		{"old", `{"queries":2,"recall@10":1}`, []string{"没有逐题的结果", "--json"}, []string{"no values of single queries", "--json"}},
		{"broken", `{"per_query":[`, []string{"读不了"}, []string{"cannot read", "not a report"}},
		{"partial", `{"per_query":[{"qid":"q1"}]}`, []string{"读不了"}, []string{"cannot read", "query q1", "lacks a value"}},
		{"fewer", rows("q2"), []string{"缺这次的 1 个 (q1)，多 0 个。"}, []string{"missing 1 (q1), extra 0."}},
		{"unjudged", rows("q1", "q2", "q3"), []string{"缺这次的 0 个，多 1 个 (q3)。"}, []string{"missing 0, extra 1 (q3)."}},
		{"others", rows("a", "b", "c", "d"), []string{"缺这次的 2 个 (q1, q2)，多 4 个 (a, b, c, …)。"}, []string{"missing 2 (q1, q2), extra 4 (a, b, c, …)."}},
	} {
		args := []string{
			"eval", "retrieval", "--corpus", filepath.Join(dir, "none"), "--queries", write(t, dir, "queries", outsideQueries),
			"--qrels", write(t, dir, "qrels", outsideQrels), "--json", report, "--compare", write(t, dir, tt.name, tt.text),
		}
		setting{}.run(t, append(args, "--lang", "zh")...).want(t, exitError).says(t, append(tt.zh, filepath.Join(dir, tt.name))...)
		setting{}.run(t, append(args, "--lang", "en")...).want(t, exitError).says(t, append(tt.en, filepath.Join(dir, tt.name))...)
		args[len(args)-1] = filepath.Join(dir, "missing")
		setting{}.run(t, args...).want(t, exitError).says(t, filepath.Join(dir, "missing"))
	}
	if _, err := os.Stat(report); err == nil {
		t.Error("a run that was refused wrote its report")
	}
}

// TestEvalRetrievalHeap: the texts of the corpus count as memory in use.
func TestEvalRetrievalHeap(t *testing.T) {
	dir := t.TempDir()
	var corpus strings.Builder
	const clauses, clause = 200, 10_000 // of one word, which hardly adds to the index
	for i := range clauses {
		fmt.Fprintf(&corpus, "{\"id\":\"c%d\",\"text\":%q}\n", i, strings.Repeat("对", clause))
	}
	report := filepath.Join(dir, "report.json")
	setting{}.run(t, "eval", "retrieval", "--corpus", write(t, dir, "corpus", corpus.String()), "--queries", write(t, dir, "queries", outsideQueries),
		"--qrels", write(t, dir, "qrels", "q1\tc1\t1\n"), "--json", report).want(t, exitOK)
	texts := float64(clauses*clause*len("对")) / 1e6
	if v := readReport(t, report); v["heap_mb"].(float64) < texts {
		t.Errorf("heap_mb is %v, the texts alone have %v MB", v["heap_mb"], texts)
	}
}

func TestEvalRetrievalErrors(t *testing.T) {
	dir := t.TempDir()
	good := map[string]string{"corpus": strings.Join(outside, "\n"), "queries": outsideQueries, "qrels": outsideQrels}
	for _, tt := range []struct{ file, text, says string }{
		{"corpus", outside[0] + "\n" + outside[0], "line 2"},
		{"corpus", `{"id":"a"}`, "line 1"},
		{"corpus", `{"id":1,"text":"x"}`, "line 1"},
		{"corpus", "\xff", "line 1"},
		{"queries", "{", "line 1"},
		{"queries", `{"qid":"q1","text":" "}`, "line 1"},
		{"qrels", "q1 a1 1\n", "line 1"},
		{"qrels", "q1\ta1\tx\n", "line 1"},
	} {
		args := []string{"eval", "retrieval"}
		for name, text := range good {
			if name == tt.file {
				text = tt.text
			}
			args = append(args, "--"+name, write(t, dir, name, text))
		}
		setting{}.run(t, args...).want(t, exitError).says(t, filepath.Join(dir, tt.file), tt.says)
	}
	args := []string{"eval", "retrieval"}
	for name, text := range good {
		args = append(args, "--"+name, write(t, dir, name, text))
	}
	setting{}.run(t, append(args, "--embedder", "mystery")...).want(t, exitUsage).says(t, "mystery")
	setting{}.run(t, append(args, "--json", dir)...).want(t, exitError).says(t, dir)
	setting{}.run(t, args[:4]...).want(t, exitUsage)
	for _, name := range []string{"corpus", "queries", "qrels"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		setting{}.run(t, args...).want(t, exitError).says(t, filepath.Join(dir, name))
		write(t, dir, name, good[name])
	}
}
