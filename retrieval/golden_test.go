package retrieval_test

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"policybot/retrieval"
	"policybot/retrieval/charset"
	"policybot/retrieval/outline"
	"policybot/seeds"
)

var update = flag.Bool("update", false, "rewrite the files of expected facts in testdata")

// A section of a file of expected facts: comments, "== NAME", lines of a
// document each behind "| ", and the facts.
type section struct {
	comments []string
	name     string
	text     []string
	facts    []string
}

func readSections(t *testing.T, file string) []section {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var all []section
	var comments []string
	for i, l := range strings.Split(strings.TrimRight(string(data), "\n"), "\n") {
		name, head := strings.CutPrefix(l, "== ")
		text, document := strings.CutPrefix(l, "|")
		switch {
		case head:
			all = append(all, section{comments: comments, name: name})
			comments = nil
		case strings.HasPrefix(l, "#") || l == "":
			comments = append(comments, l)
		case len(all) == 0 || len(comments) > 0:
			t.Fatalf("%s:%d: a fact must follow == and its name at once: %q", file, i+1, l)
		case document:
			last := &all[len(all)-1]
			last.text = append(last.text, strings.TrimPrefix(text, " "))
		default:
			last := &all[len(all)-1]
			last.facts = append(last.facts, strings.Join(strings.Fields(l), " "))
		}
	}
	return all
}

func writeSections(t *testing.T, file string, all []section) {
	t.Helper()
	var b strings.Builder
	for _, s := range all {
		for _, c := range s.comments {
			fmt.Fprintln(&b, c)
		}
		fmt.Fprintf(&b, "== %s\n", s.name)
		for _, l := range s.text {
			fmt.Fprintln(&b, strings.TrimRight("| "+l, " "))
		}
		for _, f := range s.facts {
			field, value, _ := strings.Cut(f, " ")
			fmt.Fprintf(&b, "%-13s %s\n", field, value)
		}
	}
	if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// factLines lists what d states, a line each. A title that is only the name of
// the file is no fact.
func factLines(d retrieval.Document) []string {
	title, target := d.Title, ""
	if d.Facts["title"] == "" {
		title = ""
	}
	if d.TargetYear != 0 {
		target = strconv.Itoa(d.TargetYear)
	}
	var out []string
	for _, f := range [][2]string{
		{"title", title},
		{"number", d.Number},
		{"issuer", d.Issuer},
		{"jurisdiction", d.Jurisdiction},
		{"issued_on", d.IssuedOn},
		{"valid_from", d.ValidFrom},
		{"valid_until", d.ValidUntil},
		{"deadline", d.Deadline},
		{"target_year", target},
		{"kind", d.Kind},
		{"language", d.Language},
	} {
		if f[1] != "" {
			out = append(out, f[0]+" "+strings.Join(strings.Fields(f[1]), " "))
		}
	}
	return out
}

// testFacts compares Describe with a file of expected facts. text returns the
// text of a section.
func testFacts(t *testing.T, file string, text func(*testing.T, section) string) {
	all := readSections(t, file)
	found := slices.Clone(all)
	for i, s := range all {
		t.Run(s.name, func(t *testing.T) {
			own := text(t, s)
			d := retrieval.Describe(path.Base(s.name), own, outline.Parse(own))
			checkMarks(t, d)
			found[i].facts = factLines(d)
			if diff := cmp.Diff(s.facts, found[i].facts); diff != "" && !*update {
				t.Errorf("facts (-want +got):\n%s", diff)
			}
		})
	}
	if *update {
		writeSections(t, file, found)
	}
}

// checkMarks checks that exactly the facts that are stated are marked as
// printed, and that the dates are dates.
func checkMarks(t *testing.T, d retrieval.Document) {
	t.Helper()
	stated := map[string]bool{
		"number": d.Number != "", "issuer": d.Issuer != "", "jurisdiction": d.Jurisdiction != "",
		"issued_on": d.IssuedOn != "", "valid_from": d.ValidFrom != "", "valid_until": d.ValidUntil != "",
		"deadline": d.Deadline != "", "target_year": d.TargetYear != 0,
	}
	for name, is := range stated {
		if is != (d.Facts[name] == retrieval.SourceText) {
			t.Errorf("%s: stated %v, marked %q", name, is, d.Facts[name])
		}
	}
	for _, date := range []string{d.IssuedOn, d.ValidFrom, d.ValidUntil, d.Deadline} {
		if date != "" && !retrieval.ValidDate(date) {
			t.Errorf("no date: %q", date)
		}
	}
	if d.Title == "" || d.Status != retrieval.StatusUnknown {
		t.Errorf("title %q, status %q", d.Title, d.Status)
	}
}

// TestDescribe reads twelve documents of many styles and the five seeds.
func TestDescribe(t *testing.T) {
	testFacts(t, "testdata/describe.golden", func(t *testing.T, s section) string { return documentText(t, s.name) })
}

// TestDescribeForms reads the heads and last articles of documents in which one
// form of a fact is printed.
func TestDescribeForms(t *testing.T) {
	testFacts(t, "testdata/forms.golden", func(_ *testing.T, s section) string { return strings.Join(s.text, "\n") })
}

// documentText reads styles/… from the outline's test documents and seeds/…
// from the seeds.
func documentText(t *testing.T, name string) string {
	t.Helper()
	files := osDir("outline/testdata")
	if base, ok := strings.CutPrefix(name, "seeds/"); ok {
		files, name = seeds.FS(), base
	}
	data, err := fs.ReadFile(files, name)
	if err != nil {
		t.Fatal(err)
	}
	text, _, err := charset.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func osDir(dir string) fs.FS { return os.DirFS(dir) }
