package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestMain lets the test binary stand in for the program that starts itself.
func TestMain(m *testing.M) {
	for _, arg := range os.Args {
		if arg == "-phase" {
			main()
			return
		}
	}
	os.Exit(m.Run())
}

// TestEngines: every engine finds the clause that a query was taken from.
func TestEngines(t *testing.T) {
	b := synthetic(300, 20)
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			folder := t.TempDir()
			if err := e.build(folder, b.clauses); err != nil {
				t.Fatal(err)
			}
			x, err := e.open(folder)
			if err != nil {
				t.Fatal(err)
			}
			if c, ok := x.(interface{ Close() error }); ok {
				defer c.Close()
			}
			for _, q := range b.queries {
				units, err := x.search(q.Text, 5)
				if err != nil {
					t.Fatal(err)
				}
				if len(units) == 0 || b.qrels[q.ID][b.clauses[units[0]].ID] == 0 {
					t.Errorf("%s: found %v", q.Text, units)
				}
			}
		})
	}
}

// TestRun measures one engine on a corpus from files, in its two processes.
func TestRun(t *testing.T) {
	b := synthetic(200, 5)
	folder := t.TempDir()
	write := func(name string, lines ...string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	var clauses, queries, qrels []string
	for _, c := range b.clauses {
		line, _ := json.Marshal(map[string]string{"id": c.ID, "title": c.Title, "path": c.Path, "text": c.Text})
		clauses = append(clauses, string(line))
	}
	for _, q := range b.queries {
		line, _ := json.Marshal(map[string]string{"qid": q.ID, "text": q.Text})
		queries = append(queries, string(line))
		for id := range b.qrels[q.ID] {
			qrels = append(qrels, q.ID+"\t"+id+"\t1")
		}
	}
	var out bytes.Buffer
	err := run([]string{
		"-engines", "policybot", "-k", "10", "-corpus", write("corpus", clauses...),
		"-queries", write("queries", queries...), "-qrels", write("qrels", qrels...),
	}, &out)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "200 clauses, 5 queries") || !strings.Contains(out.String(), "\npolicybot ") ||
		!strings.Contains(out.String(), "1.000") {
		t.Errorf("printed %s", out.String())
	}
	if err := run([]string{"-corpus", "x"}, &out); err == nil {
		t.Error("-corpus without -queries is accepted")
	}
}
