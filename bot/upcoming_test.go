package bot

import (
	"testing"

	"policybot/retrieval"
)

// TestUpcoming reads testdata/upcoming.txt.
func TestUpcoming(t *testing.T) {
	caseLines(t, "upcoming.txt", 60, func(t *testing.T, line string, f []string, want string) {
		e := &Evidence{Day: "2026-03-01", Understanding: asked(f[0])}
		c := retrieval.Clause{ID: "c", Text: field(f, 1)}
		got := "-"
		if e.undated([]judged{{hit: retrieval.Hit{Clause: c}}}, func(j judged) string { return j.hit.Clause.Text }) {
			got = lackingDate
		}
		if got != want {
			t.Errorf("%s: lacks %s", line, got)
		}
	})
}
