package draft_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"policybot/bot/eligibility/draft"
	"policybot/retrieval"
)

// FuzzClauses drafts any text cut at blank lines: it never fails, and what it drafts
// binds, has words of the clauses and a quote of at most 60 characters.
func FuzzClauses(f *testing.F) {
	for _, c := range readCases(f, "testdata/cases.txt") {
		f.Add(c.place, c.text)
	}
	f.Add("北京市", "对符合以下条件之一的：\n\n（1）\xff；\n\n(2)对")
	f.Add("", "支持的的的，给予，给予除外，不包括。")
	f.Fuzz(func(t *testing.T, place, text string) {
		doc := retrieval.Document{ID: "d", Jurisdiction: place}
		var clauses []retrieval.Clause
		for i, s := range strings.Split(text, "\n\n") {
			id := "d.n" + string(rune('a'+i%26)) + strings.Repeat("x", i/26)
			clauses = append(clauses, retrieval.Clause{ID: id, Document: doc, Path: id[2:], Text: s, Ordinal: i})
		}
		seen := map[string]bool{}
		for _, m := range draft.Clauses(doc, clauses) {
			if seen[m.ID] {
				t.Errorf("%s twice", m.ID)
			}
			seen[m.ID] = true
			if _, err := m.Bind(clauses); err != nil {
				t.Error(err)
			}
			if n := utf8.RuneCountInString(m.Quote); n > 60 {
				t.Errorf("%s: a quote of %d characters", m.ID, n)
			}
			for _, c := range m.Criteria {
				if !strings.Contains(text, c.Words) {
					t.Errorf("%s: %q is not in the text", m.ID, c.Words)
				}
			}
		}
	})
}
