package auditor

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// library reads the clauses of the five seed documents as they are printed.
func library(t testing.TB) map[string]Clause {
	t.Helper()
	f, err := os.Open("testdata/clauses.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out := map[string]Clause{}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var c Clause
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		out[c.ID] = c
	}
	return out
}

func lexicon(clauses map[string]Clause) Lexicon {
	var all []Clause
	for _, c := range clauses {
		all = append(all, c)
	}
	return NewLexicon(all)
}

// A judged sentence of a file of cases.
type judged struct {
	line  int
	kind  string // "+" or the kind of change
	text  string
	quote Quote
}

func judgedSentences(t testing.TB, file string, clauses map[string]Clause) []judged {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []judged
	var quote Quote
	for i, line := range strings.Split(string(raw), "\n") {
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '@':
			id, span, _ := strings.Cut(strings.TrimSpace(line[1:]), " | ")
			c, ok := clauses[id]
			first, last, _ := strings.Cut(span, "..")
			at := strings.Index(c.Text, first)
			end := -1
			if at >= 0 {
				end = strings.Index(c.Text[at:], last)
			}
			if !ok || at < 0 || end < 0 {
				t.Fatalf("%s:%d: %q is not in %s", file, i+1, span, id)
			}
			quote = Quote{Text: c.Text[at : at+end+len(last)], About: aboutOf(c)}
		case line[0] == '+':
			out = append(out, judged{i + 1, "+", strings.TrimSpace(line[1:]), quote})
		case line[0] == '-':
			kind, text, _ := strings.Cut(strings.TrimSpace(line[1:]), " ")
			out = append(out, judged{i + 1, kind, text, quote})
		default:
			t.Fatalf("%s:%d: %q", file, i+1, line)
		}
	}
	return out
}

func langOf(s string) string {
	if hasHan(s) {
		return "zh"
	}
	return "en"
}

// TestSentences: at most one true rendering in twenty of the seeds is refused,
// and no false one of the files is let through.
func TestSentences(t *testing.T) {
	clauses := library(t)
	known := lexicon(clauses)
	for _, file := range []string{"testdata/sentences.txt", "testdata/more.txt", "testdata/third.txt", "testdata/fourth.txt"} {
		n, wrong := map[string]int{}, map[string]int{}
		for _, j := range judgedSentences(t, file, clauses) {
			found := Sentence(j.text, langOf(j.text), []Quote{j.quote}, known)
			n[j.kind]++
			if (j.kind == "+") == (len(found) == 0) {
				continue
			}
			wrong[j.kind]++
			t.Logf("%s:%d %s: %s\n   %v", file, j.line, j.kind, j.text, found)
		}
		t.Logf("%s: sentences by kind %v, judged wrongly %v", file, n, wrong)
		for kind, w := range wrong {
			if kind != "+" || w*20 > n["+"] {
				t.Errorf("%s: %s: %d of %d judged wrongly", file, kind, w, n[kind])
			}
		}
	}
}
