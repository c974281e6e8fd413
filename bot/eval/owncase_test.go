package eval

import (
	"os"
	"slices"
	"strings"
	"testing"

	"policybot/bot"
	"policybot/bot/eligibility"
)

// TestOwnCase asks the development questions about the asker's own case: the measure
// that is meant has the verdict that testdata/own-case.txt says, and nothing is said to
// be met while one of its conditions is not.
func TestOwnCase(t *testing.T) {
	desk, err := seededDesk()
	if err != nil {
		t.Fatal(err)
	}
	wanted := ownCases(t)
	for _, q := range readQuestions(t, "dev.jsonl") {
		if q.Type != "eligibility" && wanted[q.ID] == nil {
			continue
		}
		a, err := desk.Ask(t.Context(), q.Ask())
		if err != nil {
			t.Fatal(err)
		}
		for _, told := range a.Eligibility {
			open := slices.ContainsFunc(told.Criteria, func(c bot.EligibleCriterion) bool { return c.Verdict != eligibility.Met })
			if open && told.Verdict == eligibility.Met {
				t.Errorf("%s: %s is met with an open condition", q.ID, told.Measure.ID)
			}
		}
		want := wanted[q.ID]
		if want == nil {
			continue
		}
		i := slices.IndexFunc(a.Eligibility, func(e bot.Eligible) bool { return e.Measure.ID == want[0] })
		if i < 0 {
			t.Errorf("%s: nothing is said of %s", q.ID, want[0])
			continue
		}
		told := a.Eligibility[i]
		var keys []string
		for _, c := range told.Criteria {
			if c.Verdict == told.Verdict {
				keys = append(keys, c.Keys...)
			}
		}
		if string(told.Verdict) != want[1] || !slices.Equal(keys, want[2:]) {
			t.Errorf("%s: %s is %s for %v, want %v", q.ID, want[0], told.Verdict, keys, want[1:])
		}
	}
}

// ownCases reads measure, verdict and facts by question.
func ownCases(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("testdata/own-case.txt")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) > 2 && !strings.HasPrefix(line, "#") {
			out[fields[0]] = fields[1:]
		}
	}
	return out
}
