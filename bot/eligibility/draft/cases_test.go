package draft_test

import (
	"os"
	"strings"
	"testing"

	"policybot/bot/eligibility"
	"policybot/bot/eligibility/draft"
	"policybot/retrieval"
)

// A draftCase is a document with the conditions that should be read from it.
type draftCase struct {
	name, place, text string
	line              int
	want              []string
}

func readCases(t testing.TB, file string) []draftCase {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []draftCase
	for i, line := range strings.Split(string(data), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		if name, ok := strings.CutPrefix(line, "== "); ok {
			out = append(out, draftCase{name: name, line: i + 1})
			continue
		}
		if len(out) == 0 {
			continue
		}
		c := &out[len(out)-1]
		switch {
		case strings.HasPrefix(line, "@"):
			c.place = strings.TrimSpace(line[1:])
		case strings.HasPrefix(line, "> "):
			c.want = append(c.want, line[2:])
		default:
			c.text += line + "\n"
		}
	}
	return out
}

// clausesOf cuts a text as the library does.
func clausesOf(t testing.TB, place, text string) (retrieval.Document, []retrieval.Clause) {
	t.Helper()
	lib := retrieval.New(retrieval.NewMemory(), "")
	facts := func(d *retrieval.Document) bool { d.Jurisdiction = place; return true }
	if _, err := lib.Add(t.Context(), retrieval.File{Source: "case.txt", Data: []byte(text), Facts: facts}); err != nil {
		t.Fatal(err)
	}
	docs, err := lib.Documents(t.Context())
	if err != nil || len(docs) == 0 {
		t.Fatal("no document", err)
	}
	clauses, err := lib.Clauses(t.Context(), docs[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	return docs[0], clauses
}

// TestCases drafts the measures of small documents.
func TestCases(t *testing.T) {
	cases := readCases(t, "testdata/cases.txt")
	if len(cases) < 60 {
		t.Errorf("%d cases", len(cases))
	}
	for _, c := range cases {
		doc, clauses := clausesOf(t, c.place, c.text)
		var have []string
		for _, m := range draft.Clauses(doc, clauses) {
			have = append(have, needs(eligibility.Bound{Measure: m}))
		}
		if len(have) == 0 {
			have = []string{"none"}
		}
		if !sameLines(have, c.want) {
			t.Errorf("cases.txt:%d: %s\n\thave %s\n\twant %s", c.line, c.name, strings.Join(have, "\n\t     "), strings.Join(c.want, "\n\t     "))
		}
	}
}

// sameLines compares measures in their order, and their conditions in any.
func sameLines(have, want []string) bool {
	if len(have) != len(want) {
		return false
	}
	for i := range have {
		h, w := map[string]bool{}, map[string]bool{}
		for s := range strings.SplitSeq(have[i], " | ") {
			h[s] = true
		}
		for s := range strings.SplitSeq(want[i], " | ") {
			w[s] = true
		}
		if len(h) != len(w) {
			return false
		}
		for s := range h {
			if !w[s] {
				return false
			}
		}
	}
	return true
}
