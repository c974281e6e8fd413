package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"policybot/retrieval"
	"policybot/retrieval/ranker"
	"policybot/retrieval/training"
)

const (
	stardFolder  = "testdata/stard" // invented articles and questions, as small as can be learned from
	stylesFolder = "../../retrieval/outline/testdata/styles"
)

// invented returns the invented questions twice: learned from, and only measured.
func invented(t testing.TB) *data {
	t.Helper()
	d := &data{}
	s, err := d.readSTARD(stardFolder)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.hashWritten(os.DirFS(stylesFolder)); err != nil {
		t.Fatal(err)
	}
	examples := training.Examples(training.Index(s.Passages), s.Questions)
	d.sets = []set{{"invented articles", true, s.Questions, examples}, {"measured only", false, s.Questions[:4], examples[:4]}}
	return d
}

func read(t testing.TB, parts ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(parts...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// From the files of the questions to the files of the weights, twice with the
// same bytes. What is written is what the program reads.
func TestTrain(t *testing.T) {
	one, two := t.TempDir(), t.TempDir()
	for _, out := range []string{one, two} {
		if err := finish(invented(t), out); err != nil {
			t.Fatal(err)
		}
	}
	weights, report := read(t, one, "weights.txt"), read(t, one, "report.txt")
	if read(t, two, "weights.txt") != weights || read(t, two, "report.txt") != report {
		t.Error("the same data gave other bytes")
	}
	m, err := ranker.Read(strings.NewReader(weights), retrieval.Signals)
	if err != nil {
		t.Fatal(err)
	}
	if m.Weight(slices.Index(retrieval.Signals, "score")) <= 0 {
		t.Errorf("BM25 weighs nothing:\n%s", weights)
	}
	for _, want := range []string{
		"Cross-validated over questions, 5 folds\n", "Cross-validated over documents, 5 folds\n", "On the questions that it was trained on\n",
		"\ninvented articles                                 12  ", "\nmeasured only                                      4  ",
	} {
		if !strings.Contains(report, want) {
			t.Errorf("the report does not say %q:\n%s", want, report)
		}
	}
	if _, hashes, _ := strings.Cut(report, "SHA-256 of the data\n\n"); hashes != strings.Join(expectedHashes(t), "") {
		t.Errorf("the report names\n%swant\n%s", hashes, strings.Join(expectedHashes(t), ""))
	}
}

// expectedHashes are the last lines of a report.
func expectedHashes(t testing.TB) []string {
	t.Helper()
	var lines []string
	add := func(name string, content []byte, err error) {
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(content)
		lines = append(lines, hex.EncodeToString(sum[:])+"  "+name+"\n")
	}
	for _, name := range []string{"corpus.jsonl", "queries.dev.jsonl", "qrels.dev.tsv"} {
		content, err := os.ReadFile(filepath.Join(stardFolder, name))
		add("STARD/"+name, content, err)
	}
	for _, pattern := range []string{"sets/documents/*.txt", "sets/*.txt"} {
		names, err := fs.Glob(training.Files(), pattern)
		if err != nil || len(names) < 2 {
			t.Fatalf("%s: %q, %v", pattern, names, err)
		}
		for _, name := range names {
			content, err := fs.ReadFile(training.Files(), name)
			add("training/"+name, content, err)
		}
	}
	names, err := filepath.Glob(filepath.Join(stylesFolder, "*.txt"))
	if err != nil || len(names) < 12 {
		t.Fatalf("%q, %v", names, err)
	}
	for _, name := range names {
		content, err := os.ReadFile(name)
		add("styles/"+filepath.Base(name), content, err)
	}
	return lines
}

// All sets are read, the written questions over clauses and over lines.
func TestLoad(t *testing.T) {
	d, err := load(t.Context(), stardFolder, stylesFolder)
	if err != nil {
		t.Fatal(err)
	}
	written, err := training.Clauses(t.Context(), os.DirFS(stylesFolder))
	if err != nil {
		t.Fatal(err)
	}
	type summary struct {
		learned             bool
		questions, examples int
	}
	n := len(written.Questions)
	want := []summary{{true, 12, 12}, {true, n, n}, {true, n, n}, {false, n, n}}
	var got []summary
	for _, s := range d.sets {
		got = append(got, summary{s.learned, len(s.questions), len(s.examples)})
	}
	if !slices.Equal(got, want) {
		t.Fatalf("%+v, want %+v", got, want)
	}
	var hashes []string
	for _, h := range d.hashes {
		hashes = append(hashes, h+"\n")
	}
	if want := expectedHashes(t); !slices.Equal(hashes, want) {
		t.Errorf("%q, want %q", hashes, want)
	}
	// The same lines, with the articles among them and without.
	among, alone := d.sets[2], d.sets[3]
	more := 0
	for i := range alone.examples {
		if len(among.examples[i].Signals) > len(alone.examples[i].Signals) {
			more++
		}
		if among.examples[i].Judged != alone.examples[i].Judged || among.questions[i].ID != alone.questions[i].ID {
			t.Errorf("question %d: %+v and %+v", i, among.questions[i], alone.questions[i])
		}
	}
	if more == 0 {
		t.Error("the articles are candidates for no written question")
	}
	path := slices.Index(retrieval.Signals, "path")
	for _, e := range slices.Concat(among.examples, alone.examples) {
		for _, s := range e.Signals {
			if s[path] != 0 {
				t.Fatalf("a line has a path: %v", s)
			}
		}
	}
}

// What is wrong with the files is said, before anything is written.
func TestRunRefuses(t *testing.T) {
	good := map[string]string{}
	for _, name := range []string{"corpus.jsonl", "queries.dev.jsonl", "qrels.dev.tsv"} {
		good[name] = read(t, stardFolder, name)
	}
	for _, tt := range []struct {
		name, file, content string // of a file that differs; "-": it is missing
		says                []string
	}{
		{"no corpus", "corpus.jsonl", "-", []string{"corpus.jsonl", "no such file"}},
		{"no questions", "queries.dev.jsonl", "-", []string{"queries.dev.jsonl"}},
		{"no judgements", "qrels.dev.tsv", "-", []string{"qrels.dev.tsv"}},
		{"a broken passage", "corpus.jsonl", "{\"id\":\"a\",\"text\":\"x\"}\n{", []string{"line 2"}},
		{"a broken question", "queries.dev.jsonl", "{}\n", []string{"line 1"}},
		{"a broken judgement", "qrels.dev.tsv", "q1\t0.0\tyes\n", []string{"line 1", "yes"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			folder, out := t.TempDir(), t.TempDir()
			for name, content := range good {
				if name == tt.file {
					content = tt.content
				}
				if content == "-" {
					continue
				}
				if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			wantError(t, run(t.Context(), folder, stylesFolder, out), append(tt.says, folder)...)
			wantEmpty(t, out)
		})
	}
	out := t.TempDir()
	wantError(t, run(t.Context(), "", stylesFolder, out), "-stard", "corpus.jsonl", "queries.dev.jsonl", "qrels.dev.tsv")
	err := run(t.Context(), filepath.Join(out, "nowhere"), stylesFolder, out)
	wantError(t, err, "nowhere")
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v is not that a file does not exist", err)
	}
	wantError(t, run(t.Context(), stardFolder, out, out), "written.txt line ", "01-measures.txt") // no further documents
	wantEmpty(t, out)
}

func wantError(t *testing.T, err error, says ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	for _, s := range says {
		if !strings.Contains(err.Error(), s) {
			t.Errorf("says %q, want %q in it", err, s)
		}
	}
}

func wantEmpty(t *testing.T, folder string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) > 0 {
		t.Errorf("%s holds %v, %v", folder, entries, err)
	}
}

// A question that nothing answers is left out; answers are in order, and the
// first gives the document.
func TestReadBenchmark(t *testing.T) {
	d := &data{}
	s, err := d.readSTARD(stardFolder)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Passages) != 12 || len(s.Questions) != 12 {
		t.Fatalf("%d articles, %d questions", len(s.Passages), len(s.Questions))
	}
	want := training.Question{ID: "q11", Text: "图书逾期一天收多少", Gold: []string{"3.1", "3.2"}, Document: "云桥图书借阅规定"}
	if got := s.Questions[10]; !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	p := retrieval.Passage{ID: "0.1", Document: "海雾渔业条例", Title: "海雾渔业条例", Path: "第二条", Text: "禁渔期内捕捞的，没收渔获，并处以二千元以上一万元以下的罚款。"}
	if s.Passages[1] != p {
		t.Errorf("%+v, want %+v", s.Passages[1], p)
	}
}

// Training uses the sets that are learned from, without what is left out.
func TestTrainLeaves(t *testing.T) {
	weights := func(d *data, leave func(training.Question) bool) []float64 {
		m, err := train(d, leave)
		if err != nil {
			t.Fatal(err)
		}
		out := []float64{}
		for i := range retrieval.Signals {
			out = append(out, m.Weight(i))
		}
		return out
	}
	d := invented(t)
	all := weights(d, nil)
	measured := &data{sets: []set{d.sets[0]}}
	if !slices.Equal(weights(measured, nil), all) {
		t.Error("a set that is only measured changes the weights")
	}
	fishing := func(q training.Question) bool { return q.Document == "海雾渔业条例" }
	fewer := &data{sets: []set{{learned: true, questions: d.sets[0].questions[3:], examples: d.sets[0].examples[3:]}}}
	if got := weights(d, fishing); !slices.Equal(got, weights(fewer, nil)) || slices.Equal(got, all) {
		t.Error("what is left out is learned from")
	}
	if _, err := train(d, func(training.Question) bool { return true }); err == nil {
		t.Error("nothing to learn from is no error")
	}
}

// A name has one fold for ever, by its FNV-1a hash: what was measured with it can be measured again.
func TestFold(t *testing.T) {
	used := map[int]bool{}
	for name, want := range map[string]int{"": 4, "海雾渔业条例": 0, "青石镇集市规则": 2, "q1": 2, "q2": 0, "q3": 2, "q4": 4} {
		if got := fold(name); got != want {
			t.Errorf("fold(%q) = %d, want %d", name, got, want)
		}
	}
	for _, q := range invented(t).sets[0].questions {
		k := fold(q.Text)
		if k < 0 || k >= folds {
			t.Errorf("%q is in fold %d", q.Text, k)
		}
		used[k] = true
	}
	if len(used) < 3 {
		t.Errorf("twelve questions are in %d folds", len(used))
	}
}

// Without a model candidates keep their order; with one they are ordered by
// score, equal ones as before. Answers that were not found count as missing.
func TestRank(t *testing.T) {
	m, err := ranker.NewModel([]string{"x"}, []float64{1})
	if err != nil {
		t.Fatal(err)
	}
	s := set{questions: []training.Question{{Text: "a"}, {Text: "b"}}, examples: []ranker.Example{
		{Signals: [][]float64{{1}, {3}, {1}, {2}}, Relevant: []bool{true, false, true, false}, Judged: 4},
		{Judged: 1},
	}}
	for _, tt := range []struct {
		model  *ranker.Model
		order  []string
		recall float64 // at 2
	}{
		{nil, []string{"candidate 0", "candidate 1", "candidate 2", "candidate 3"}, 0.25},
		{m, []string{"candidate 1", "candidate 3", "candidate 0", "candidate 2"}, 0},
	} {
		var asked []string
		got := rank(s, func(q training.Question) *ranker.Model { asked = append(asked, q.Text); return tt.model })
		if !slices.Equal(got[0].Ranked, tt.order) || math.Abs(got[0].Recall(2)-tt.recall) > 1e-9 || len(got[0].Relevant) != 4 {
			t.Errorf("%v: %+v, recall %v", tt.model, got[0], got[0].Recall(2))
		}
		if len(got) != 2 || len(got[1].Ranked) != 0 || len(got[1].Relevant) != 1 {
			t.Errorf("nothing found: %+v", got)
		}
		if !slices.Equal(asked, []string{"a", "b"}) {
			t.Errorf("asked for the models of %q", asked)
		}
	}
}

// The table tells a gain, and a gain that is shown.
func TestTable(t *testing.T) {
	m, err := ranker.NewModel([]string{"x"}, []float64{1})
	if err != nil {
		t.Fatal(err)
	}
	s := set{name: "gain"}
	for range 20 {
		s.questions = append(s.questions, training.Question{})
		s.examples = append(s.examples, ranker.Example{Signals: [][]float64{{1}, {2}}, Relevant: []bool{false, true}, Judged: 1})
	}
	loss := set{name: "loss", questions: s.questions}
	for _, e := range s.examples {
		loss.examples = append(loss.examples, ranker.Example{Signals: e.Signals, Relevant: []bool{true, false}, Judged: 1})
	}
	var b strings.Builder
	table(&b, &data{sets: []set{s, loss}}, func(training.Question) *ranker.Model { return m })
	rows := strings.Split(b.String(), "\n")
	for i, want := range []string{
		"gain 20 1.000 (+1.000)+ 1.000 (+0.000) 1.000 (+0.000) 1.000 (+0.369)+",
		"loss 20 0.000 (-1.000)- 1.000 (+0.000) 1.000 (+0.000) 0.631 (-0.369)-",
	} {
		if got := strings.Join(strings.Fields(rows[i+1]), " "); got != want {
			t.Errorf("row %d says %q, want %q", i+1, got, want)
		}
	}
}
