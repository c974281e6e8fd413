package training

import (
	"context"
	"io/fs"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"policybot/retrieval"
)

// styles holds the documents that are not embedded.
func styles() fs.FS { return os.DirFS("../outline/testdata/styles") }

// The sets with all documents and with the embedded ones, which tests only read.
var (
	allClauses  = sync.OnceValues(func() (Set, error) { return Clauses(context.Background(), styles()) })
	allLines    = sync.OnceValues(func() (Set, error) { return Lines(context.Background(), styles()) })
	someClauses = sync.OnceValues(func() (Set, error) { return Clauses(context.Background(), nil) })
	someLines   = sync.OnceValues(func() (Set, error) { return Lines(context.Background(), nil) })
)

func loaded(t testing.TB, load func() (Set, error)) Set {
	t.Helper()
	set, err := load()
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// countLines counts the questions of a file.
func countLines(t testing.TB, name string) int {
	t.Helper()
	data, err := fs.ReadFile(Files(), name)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(data)) {
		if strings.Contains(line, "\t") && !strings.HasPrefix(line, "#") {
			n++
		}
	}
	return n
}

// wellFormed checks what holds for every set.
func wellFormed(t *testing.T, set Set) {
	t.Helper()
	documentOf := map[string]string{}
	ended := map[string]bool{} // documents
	for i, p := range set.Passages {
		if p.ID == "" || documentOf[p.ID] != "" {
			t.Errorf("passage %d has the id %q, which is empty or taken", i, p.ID)
		}
		documentOf[p.ID] = p.Document
		if strings.TrimSpace(p.Text) == "" || p.Title == "" {
			t.Errorf("%s has the text %q and the title %q", p.ID, p.Text, p.Title)
		}
		if i > 0 && set.Passages[i-1].Document != p.Document {
			ended[set.Passages[i-1].Document] = true
		}
		if ended[p.Document] {
			t.Errorf("%s: its document went on after another one", p.ID)
		}
	}
	ids, texts := map[string]bool{}, map[string]string{}
	for _, q := range set.Questions {
		if ids[q.ID] {
			t.Errorf("two questions are %s", q.ID)
		}
		ids[q.ID] = true
		if key := strings.ToLower(strings.TrimSpace(q.Text)); key == "" || texts[key] != "" {
			t.Errorf("%s: the question %q is empty or that of %s", q.ID, q.Text, texts[key])
		} else {
			texts[key] = q.ID
		}
		if len(q.Gold) == 0 {
			t.Errorf("%s: nothing answers it", q.ID)
			continue
		}
		for _, id := range q.Gold {
			if documentOf[id] == "" {
				t.Errorf("%s: there is no passage %q", q.ID, id)
			}
		}
		if documentOf[q.Gold[0]] != q.Document {
			t.Errorf("%s: of document %q, its first gold is of %q", q.ID, q.Document, documentOf[q.Gold[0]])
		}
	}
}

// All questions are there, at least as many as there once were, and what answers
// them is.
func TestSets(t *testing.T) {
	seeds, written := countLines(t, "sets/seeds.txt"), countLines(t, "sets/written.txt")
	if seeds < 220 || written < 314 {
		t.Errorf("%d and %d questions, want at least 220 and 314", seeds, written)
	}
	for name, set := range map[string]Set{"clauses": loaded(t, allClauses), "lines": loaded(t, allLines)} {
		t.Run(name, func(t *testing.T) {
			wellFormed(t, set)
			count := map[string]int{}
			for _, q := range set.Questions {
				file, _, _ := strings.Cut(q.ID, ":")
				count[file]++
			}
			if want := map[string]int{"seeds.txt": seeds, "written.txt": written}; !reflect.DeepEqual(count, want) {
				t.Errorf("%v questions, want %v", count, want)
			}
		})
	}
	for _, q := range loaded(t, allClauses).Questions {
		if gold := slices.Sorted(slices.Values(q.Gold)); len(slices.Compact(gold)) != len(q.Gold) {
			t.Errorf("%s names a clause twice: %v", q.ID, q.Gold)
		}
	}
}

// Both forms of the set ask the same questions in the same order.
func TestSetsAgree(t *testing.T) {
	clauses, lines := loaded(t, allClauses), loaded(t, allLines)
	if len(clauses.Questions) != len(lines.Questions) {
		t.Fatalf("%d questions, %d with lines", len(clauses.Questions), len(lines.Questions))
	}
	for i, q := range clauses.Questions {
		if l := lines.Questions[i]; l.ID != q.ID || l.Text != q.Text || l.Document != q.Document {
			t.Errorf("question %d: %+v, with lines %+v", i, q, l)
		}
	}
	for _, p := range lines.Passages {
		if p.Path != "" || strings.ContainsAny(p.Text, "\r\n") {
			t.Errorf("%s is no line: path %q, text %q", p.ID, p.Path, p.Text)
		}
	}
}

// A line that answers a question says some of what a clause says that answers it;
// each such clause has a line, and headings stand only for clauses of headings.
func TestLinesAnswer(t *testing.T) {
	l, err := newLibrary(t.Context(), styles())
	if err != nil {
		t.Fatal(err)
	}
	lines := map[string]line{}
	documentOf := map[string]string{}
	for document, text := range l.texts {
		for _, n := range cutLines(document, text) {
			lines[n.id], documentOf[n.id] = n, document
			if got := strings.TrimSpace(slice(text, n.start, n.end)); got != n.text {
				t.Errorf("%s is %q, there the text has %q", n.id, n.text, got)
			}
		}
	}
	set := loaded(t, allLines)
	at := 0
	err = l.questions(true, func(id, _ string, gold []retrieval.Clause) {
		q := set.Questions[at]
		at++
		shares := func(n line, c retrieval.Clause) bool {
			from, to := max(n.start, c.Start), min(n.end, c.End)
			return documentOf[n.id] == c.Document.ID && from < to &&
				strings.ContainsFunc(slice(l.texts[c.Document.ID], from, to), func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) })
		}
		for _, g := range q.Gold {
			if !slices.ContainsFunc(gold, func(c retrieval.Clause) bool { return shares(lines[g], c) }) {
				t.Errorf("%s: line %s %q is part of none of its clauses", id, g, lines[g].text)
			}
		}
		for _, c := range gold {
			long, heading := 0, 0
			for _, g := range q.Gold {
				switch {
				case !shares(lines[g], c):
				case utf8.RuneCountInString(lines[g].text) >= longLine:
					long++
				case !slices.ContainsFunc(gold, func(o retrieval.Clause) bool { return o.ID != c.ID && shares(lines[g], o) }):
					heading++
				}
			}
			if long+heading == 0 && !slices.ContainsFunc(q.Gold, func(g string) bool { return shares(lines[g], c) }) || long > 0 && heading > 0 {
				t.Errorf("%s: clause %s has %d lines and %d headings", id, c.ID, long, heading)
			}
		}
	})
	if err != nil || at != len(set.Questions) {
		t.Errorf("%d of %d questions, %v", at, len(set.Questions), err)
	}
}

// slice returns the characters from start to end.
func slice(text string, start, end int) string {
	r := []rune(text)
	return string(r[start:min(end, len(r))])
}

func TestCutLines(t *testing.T) {
	for _, tt := range []struct {
		text string
		want []line
	}{
		{"", nil},
		{" \n\n\u3000\n", nil},
		{"甲", []line{{"d.line0", "甲", 0, 1}}},
		{"甲乙\n\n  丙 \r\n丁\n", []line{{"d.line0", "甲乙", 0, 3}, {"d.line4", "丙", 4, 10}, {"d.line10", "丁", 10, 12}}},
	} {
		got := cutLines("d", tt.text)
		if !slices.Equal(got, tt.want) {
			t.Errorf("%q: %+v, want %+v", tt.text, got, tt.want)
		}
	}
}

func TestLinesOf(t *testing.T) {
	long := strings.Repeat("长", longLine)
	lines := []line{
		{"head", "第一条", 0, 4}, {"long", long, 4, 30}, {"almost", long[3:], 30, 55}, {"tail", "（二）", 55, 59}, {"next", long, 59, 85},
	}
	for _, tt := range []struct {
		start, end int
		want       []string
	}{
		{0, 59, []string{"long"}},
		{0, 4, []string{"head"}},
		{0, 5, []string{"long"}},
		{30, 59, []string{"almost", "tail"}},
		{29, 60, []string{"long", "next"}},
		{58, 59, []string{"tail"}},
		{85, 90, nil},
	} {
		got := linesOf(lines, retrieval.Clause{Start: tt.start, End: tt.end})
		if !slices.Equal(got, tt.want) {
			t.Errorf("%d to %d: %v, want %v", tt.start, tt.end, got, tt.want)
		}
	}
}

// Without the documents that are not embedded, exactly the questions that need
// one of them are left out.
func TestEmbeddedAlone(t *testing.T) {
	for name, load := range map[string][2]func() (Set, error){"clauses": {allClauses, someClauses}, "lines": {allLines, someLines}} {
		t.Run(name, func(t *testing.T) {
			all, some := loaded(t, load[0]), loaded(t, load[1])
			wellFormed(t, some)
			there := map[string]bool{}
			for _, p := range some.Passages {
				there[p.ID] = true
			}
			var want []Question
			for _, q := range all.Questions {
				if !slices.ContainsFunc(q.Gold, func(id string) bool { return !there[id] }) {
					want = append(want, q)
				}
			}
			if diff := cmp.Diff(want, some.Questions); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if len(want) == len(all.Questions) || len(want) < 220 {
				t.Errorf("%d of %d questions are about the embedded documents", len(want), len(all.Questions))
			}
		})
	}
}

// A file that is missing where all are said to be there is an error that names
// the question.
func TestMissingDocument(t *testing.T) {
	without := fstest.MapFS{}
	names, err := fs.Glob(styles(), "*.txt")
	if err != nil || len(names) < 2 {
		t.Fatalf("%q, %v", names, err)
	}
	for _, name := range names[1:] {
		data, err := fs.ReadFile(styles(), name)
		if err != nil {
			t.Fatal(err)
		}
		without[name] = &fstest.MapFile{Data: data}
	}
	for name, load := range map[string]func() (Set, error){
		"clauses": func() (Set, error) { return Clauses(t.Context(), without) },
		"lines":   func() (Set, error) { return Lines(t.Context(), without) },
	} {
		if _, err := load(); err == nil || !strings.Contains(err.Error(), "written.txt line ") || !strings.Contains(err.Error(), names[0]) {
			t.Errorf("%s without %s: %v", name, names[0], err)
		}
	}
	bad := fstest.MapFS{"x.txt": &fstest.MapFile{Data: []byte("%PDF-1.7\n")}}
	if _, err := Clauses(t.Context(), bad); err == nil || !strings.Contains(err.Error(), "x.txt") {
		t.Errorf("a file that is refused: %v", err)
	}
}

// Answers gives for each question the embedded texts of its clauses.
func TestAnswers(t *testing.T) {
	answers, err := Answers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	set := loaded(t, someClauses)
	if len(answers) != len(set.Questions) {
		t.Errorf("%d answers to %d questions", len(answers), len(set.Questions))
	}
	texts := map[string]string{}
	for _, p := range set.Passages {
		texts[p.ID] = p.Embedded()
	}
	for _, q := range set.Questions {
		var want []string
		for _, id := range q.Gold {
			want = append(want, texts[id])
		}
		if !slices.Equal(answers[q.Text], want) {
			t.Errorf("%s: %q, want %q", q.ID, answers[q.Text], want)
		}
	}
}

// An example has the candidates in their order, which of them answer, and how
// many should have been found.
func TestExamples(t *testing.T) {
	x := Index([]retrieval.Passage{
		{ID: "a", Document: "d", Text: "alpha beta"},
		{ID: "b", Document: "d", Text: "gamma"},
		{ID: "c", Document: "e", Text: "alpha"},
	})
	questions := []Question{
		{Text: "alpha beta", Gold: []string{"c", "b"}},
		{Text: "gamma", Gold: []string{"b"}},
		{Text: "zzzz", Gold: []string{"a"}},
	}
	examples := Examples(x, questions)
	for i, want := range []struct {
		relevant []bool
		judged   int
	}{{[]bool{false, true}, 2}, {[]bool{true}, 1}, {nil, 1}} {
		e := examples[i]
		if !slices.Equal(e.Relevant, want.relevant) || e.Judged != want.judged || len(e.Signals) != len(want.relevant) {
			t.Errorf("%q: %+v, want %+v", questions[i].Text, e, want)
		}
		for j, m := range x.Rank(retrieval.Query{Text: questions[i].Text}) {
			if !slices.Equal(e.Signals[j], m.Signals) {
				t.Errorf("%q: candidate %d has %v, want %v", questions[i].Text, j, e.Signals[j], m.Signals)
			}
		}
	}
	if len(examples) != len(questions) {
		t.Errorf("%d examples of %d questions", len(examples), len(questions))
	}
}
