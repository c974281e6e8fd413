package eval

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"policybot/bot"
	"policybot/bot/understand"
	"policybot/retrieval"
)

var update = flag.Bool("update", false, "write the golden reports anew")

// golden compares got with a file of testdata, or writes it with -update.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := "testdata/" + name
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (-want +got); -update writes it anew\n%s", path, diff)
	}
}

func readQuestions(t *testing.T, name string) []Question {
	t.Helper()
	f, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	questions, err := ReadQuestions(f)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return questions
}

// A small world: questions, the answers of a bot that is good at some of them,
// and what its search returns.
type small struct {
	questions []Question
	answers   map[string]bot.Answer
	clauses   map[string]retrieval.Clause
	searches  map[string][]string
	why       map[string]bot.Explanation
}

func readSmall(t *testing.T) small {
	t.Helper()
	s := small{
		questions: readQuestions(t, "small/questions.jsonl"),
		answers:   map[string]bot.Answer{},
		clauses:   map[string]retrieval.Clause{},
		searches:  map[string][]string{},
		why:       map[string]bot.Explanation{},
	}
	for _, a := range decodeAll[bot.Answer](t, "small/answers.jsonl") {
		s.answers[a.ID] = a
	}
	for _, c := range decodeAll[retrieval.Clause](t, "small/clauses.jsonl") {
		s.clauses[c.ID] = c
	}
	for _, x := range decodeAll[smallWhy](t, "small/explanations.jsonl") {
		s.why[x.ID] = x.explanation(s.clauses)
	}
	data, err := os.ReadFile("testdata/small/searches.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		id, ids, _ := strings.Cut(strings.TrimSpace(line), "\t")
		s.searches[id] = strings.Fields(ids)
	}
	return s
}

func decodeAll[T any](t *testing.T, name string) []T {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var all []T
	for line := range strings.Lines(string(data)) {
		var v T
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all = append(all, v)
	}
	return all
}

func (s small) ask(_ context.Context, q bot.Question) (bot.Answer, bot.Explanation, error) {
	answer, ok := s.answers[q.ID]
	if !ok {
		return bot.Answer{}, bot.Explanation{}, errors.New("no such question")
	}
	return answer, s.why[q.ID], nil
}

// A smallWhy is the explanation of an answer of the small world.
type smallWhy struct {
	ID            string                   `json:"id"`
	Understanding understand.Understanding `json:"understanding"`
	Concepts      []retrieval.Concept      `json:"concepts"`
	Hits          []struct {
		Clause   string  `json:"clause"`
		Score    float64 `json:"score"`
		Coverage float64 `json:"coverage"`
		Cited    bool    `json:"cited"`
	} `json:"hits"`
}

func (w smallWhy) explanation(clauses map[string]retrieval.Clause) bot.Explanation {
	x := bot.Explanation{Understanding: w.Understanding, Evidence: &bot.Evidence{Sides: []bot.Side{{Concepts: w.Concepts}, {Concepts: w.Concepts}}}}
	for _, h := range w.Hits {
		x.Hits = append(x.Hits, bot.ExplainedHit{Hit: retrieval.Hit{Clause: clauses[h.Clause], Score: h.Score}, Coverage: h.Coverage, Cited: h.Cited})
	}
	return x
}

func (s small) search(_ context.Context, q bot.Question, k int) ([]retrieval.Clause, error) {
	var clauses []retrieval.Clause
	for _, id := range s.searches[q.ID] {
		clauses = append(clauses, s.clauses[id])
	}
	return clauses[:min(k, len(clauses))], nil
}

func TestReport(t *testing.T) {
	s := readSmall(t)
	var seen []string
	report, err := Run(t.Context(), s.questions, s.ask, s.search, func(v Verdict) { seen = append(seen, v.ID) })
	if err != nil {
		t.Fatal(err)
	}
	if len(seen) != len(s.questions) || seen[0] != "s01" {
		t.Errorf("progress saw %v", seen)
	}
	var text bytes.Buffer
	if err := report.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	golden(t, "small/report.txt", text.Bytes())
	encoded, err := json.MarshalIndent(report, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "small/report.json", append(encoded, '\n'))
}

// TestReportKeys holds the JSON keys that people's scripts rely on.
func TestReportKeys(t *testing.T) {
	want := []string{
		"abstention_recall", "answer_ms_p50", "answer_ms_p95", "by_document", "by_expect", "by_language", "by_type",
		"citations", "over_refusal", "parity", "questions", "retrieval", "risk_coverage", "total", "verdicts",
	}
	got := keys(t, Report{})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("keys of Report (-want +got)\n%s", diff)
	}
}

func keys(t *testing.T, v any) []string {
	t.Helper()
	encoded, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(encoded, &fields); err != nil {
		t.Fatal(err)
	}
	return slices.Sorted(maps.Keys(fields))
}

func TestReportEmpty(t *testing.T) {
	report, err := Run(t.Context(), nil, nil, nil, nil)
	if err != nil || report.Retrieval != nil {
		t.Errorf("Run of nothing = %+v, %v", report, err)
	}
	var text bytes.Buffer
	if err := report.WriteText(&text); err != nil || !strings.Contains(text.String(), "Misses: 0") {
		t.Errorf("text of nothing: %v\n%s", err, text.String())
	}
	encoded, err := json.Marshal(report)
	if err != nil || !strings.Contains(string(encoded), `"verdicts":[]`) {
		t.Errorf("JSON of nothing: %v %s", err, encoded)
	}
}

func TestRunErrors(t *testing.T) {
	s := readSmall(t)
	delete(s.answers, "s03")
	report, err := Run(t.Context(), s.questions, s.ask, s.search, nil)
	if err == nil || !strings.HasPrefix(err.Error(), "question s03: ") || report.Questions != 2 {
		t.Errorf("ask fails: %d questions, %v; want 2 and the third named", report.Questions, err)
	}
	broken := func(context.Context, bot.Question, int) ([]retrieval.Clause, error) {
		return nil, errors.New("index is gone")
	}
	_, err = Run(t.Context(), s.questions, s.ask, broken, nil)
	if err == nil || err.Error() != "question s01: search: index is gone" {
		t.Errorf("search fails: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	report, err = Run(ctx, s.questions, s.ask, nil, func(Verdict) { cancel() })
	if !errors.Is(err, context.Canceled) || report.Questions != 1 {
		t.Errorf("cancelled: %d questions, %v", report.Questions, err)
	}
}

func TestTable(t *testing.T) {
	table := table{labels: 2}
	table.row("名称", "1", "说明")
	table.row("a line of its own that is long")
	table.row("“x”", "100", "é")
	table.row("（全）", "")
	var b strings.Builder
	table.write(&b)
	want := "名称      1  说明\na line of its own that is long\n“x”     100  é\n（全）\n"
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
	for s, want := range map[string]int{"": 0, "abc": 3, "厦门": 4, "（）": 4, "e\u0301": 1, "𠀀": 2, "ｱ": 1, "—": 1} {
		if got := width(s); got != want {
			t.Errorf("width(%q) = %d, want %d", s, got, want)
		}
	}
}
