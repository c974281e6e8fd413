package eval

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// reported is a report as ReadAnswers reads it.
func reported(t *testing.T, r Report) EarlierAnswers {
	t.Helper()
	encoded, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	earlier, err := ReadAnswers(bytes.NewReader(encoded))
	if err != nil {
		t.Fatal(err)
	}
	return earlier
}

// lineReport adds up the verdicts of lines of the form of testdata/figures.txt.
func lineReport(t *testing.T, searched bool, lines ...string) Report {
	t.Helper()
	var verdicts []Verdict
	for _, line := range lines {
		verdicts = append(verdicts, lineVerdict(t, line))
	}
	return newReport(verdicts, searched)
}

func TestCompareAnswers(t *testing.T) {
	earlier := reported(t, lineReport(t, true,
		"d fact zh abstain abstained 0 - - 0 - 0 0",
		"b fact zh answer answered 0.5 - 1 1 - 0 0",
		"a fact zh answer abstained 0 behaviour+citation 6 0 - 0 0",
		"c fact zh answer answered 0.5 points 1 1 - 0 0"))
	now := lineReport(t, true,
		"a fact zh answer answered 0.5 - 1 1 - 0 0",
		"b fact zh answer answered 0.9 citation 6 1 - 0 0",
		"c fact zh answer answered 0.5 points 6 1 - 0 0",
		"d fact zh abstain abstained 0 - - 2 - 0 0")
	c, err := CompareAnswers(earlier, now)
	if err != nil {
		t.Fatal(err)
	}
	var changed []string
	for _, a := range c.Changed {
		changed = append(changed, a.ID)
	}
	if got := strings.Join(changed, " "); got != "a b c" || c.Questions != 4 || c.Rounds != rounds {
		t.Errorf("changed %s of %d questions in %d rounds", got, c.Questions, c.Rounds)
	}
	same := Change{Before: 0.5, Now: 0.5, Low: -0.75, High: 0.75, Up: 1, Down: 1}
	if diff := cmp.Diff(same, c.Passed); diff != "" {
		t.Errorf("passed (-want +got)\n%s", diff)
	}
	if p := c.Citation; p.Up != 1 || p.Down != 1 || p.Before != 2.0/3 || p.Now != 2.0/3 || p.Low != -1 || p.High != 1 {
		t.Errorf("gold cited: %+v", p)
	}
	if p := c.Recall5; p == nil || p.Up != 1 || p.Down != 2 || p.Before != 2.0/3 || p.Now != 1.0/3 {
		t.Errorf("recall@5: %+v", p)
	}
	var b strings.Builder
	c.write(&b)
	golden(t, "compare_answers.txt", []byte(b.String()))
	again, err := CompareAnswers(earlier, now)
	if diff := cmp.Diff(c, again); err != nil || diff != "" {
		t.Errorf("equal input: %v\n%s", err, diff)
	}
}

// TestCompareAnswersSame: a run beside itself has not moved, nor has a run of
// nothing; without a search there is no recall.
func TestCompareAnswersSame(t *testing.T) {
	for _, lines := range [][]string{nil, {"a fact zh answer answered 0.5 - 1 1 - 0 0", "b fact zh answer answered 0.5 citation 6 1 - 0 0"}} {
		for _, searched := range []bool{true, false} {
			r := lineReport(t, searched, lines...)
			if r.Verdicts == nil {
				r.Verdicts = []Verdict{}
			}
			c, err := CompareAnswers(reported(t, r), r)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range []Change{c.Passed, c.Citation} {
				if m.Before != m.Now || m.Difference != 0 || m.Low != 0 || m.High != 0 || m.Up != 0 || m.Down != 0 {
					t.Errorf("%d questions: %+v", len(lines), m)
				}
			}
			encoded, err := json.Marshal(c)
			if err != nil || !strings.Contains(string(encoded), `"changed":[]`) || (c.Recall5 != nil) != searched {
				t.Errorf("%s, %v", encoded, err)
			}
			r.Compare = c
			var b strings.Builder
			if err := r.WriteText(&b); err != nil || !strings.Contains(b.String(), "No question changed") {
				t.Errorf("%v\n%s", err, b.String())
			}
		}
	}
}

func TestCompareAnswersOther(t *testing.T) {
	earlier := reported(t, lineReport(t, true, "a fact zh answer answered 0.5 - 1 1 - 0 0", "z fact zh answer answered 0.5 - 1 1 - 0 0"))
	now := lineReport(t, true, "b fact zh answer answered 0.5 - 1 1 - 0 0", "a fact zh answer answered 0.5 - 1 1 - 0 0")
	_, fromCompare := CompareAnswers(earlier, now)
	for _, err := range []error{fromCompare, earlier.Same([]Question{{ID: "b"}, {ID: "a"}})} {
		differ, ok := errors.AsType[*QueriesError](err)
		if !ok {
			t.Fatalf("%v", err)
		}
		if diff := cmp.Diff(&QueriesError{Missing: []string{"b"}, Extra: []string{"z"}}, differ); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
	if err := earlier.Same([]Question{{ID: "z"}, {ID: "a"}}); err != nil {
		t.Error(err)
	}
}

// TestReadAnswers: a report of before the newer figures can be read.
func TestReadAnswers(t *testing.T) {
	old := `{"questions":1,"retrieval":{"recall@5":1},"verdicts":[{"id":"a","passed":true,"golds":[{"file":"a","clause":"一","rank":2}]}]}`
	earlier, err := ReadAnswers(strings.NewReader(old))
	if err != nil || !earlier.Searched || len(earlier.Verdicts) != 1 || !earlier.Verdicts[0].Passed || earlier.Verdicts[0].Golds[0].Rank != 2 {
		t.Errorf("%+v, %v", earlier, err)
	}
	for _, tt := range []struct{ text, says string }{
		{`{"queries":3,"per_query":[]}`, "no verdicts"},
		{`{"verdicts":null}`, "no verdicts"},
		{`null`, "no verdicts"},
		{``, "not a report"},
		{`[]`, "not a report"},
		{`{"verdicts":[{"id":"a"}`, "not a report"},
		{`{"verdicts":[{"id":1}]}`, "not a report"},
		{`{"verdicts":[{"passed":true}]}`, "verdict 1"},
		{`{"verdicts":[{"id":"a"},{"id":"a"}]}`, "twice"},
	} {
		_, err := ReadAnswers(strings.NewReader(tt.text))
		if err == nil || !strings.Contains(err.Error(), tt.says) || errors.Is(err, ErrNoVerdicts) != (tt.says == "no verdicts") {
			t.Errorf("%s: %v; want %q", tt.text, err, tt.says)
		}
	}
	broken := errors.New("disk is gone")
	if _, err := ReadAnswers(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("broken reader: %v", err)
	}
}
