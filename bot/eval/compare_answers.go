package eval

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// An AnswerComparison sets a run beside an earlier one over the same questions.
// What was expected is taken from the later run. The JSON keys are stable.
type AnswerComparison struct {
	Questions int            `json:"questions"`
	Rounds    int            `json:"rounds"`   // of the bootstrap
	Passed    Change         `json:"passed"`   // of the questions
	Citation  Change         `json:"citation"` // of those with gold, clarify left out
	Recall5   *Change        `json:"recall@5"` // of those with gold; null unless both runs measured a search
	Changed   []AnswerChange `json:"changed"`  // in the order of the questions
}

// An AnswerChange is a question whose answer was judged otherwise in an earlier
// run: its outcome, its reason, a check, the citation or recall@5 differs.
type AnswerChange struct {
	ID     string       `json:"id"`
	Before AnswerStatus `json:"before"`
	Now    AnswerStatus `json:"now"`
}

// An AnswerStatus is what a comparison looks at of one answer.
type AnswerStatus struct {
	Outcome  string   `json:"outcome"`
	Reason   string   `json:"reason"`
	Passed   bool     `json:"passed"`
	Failed   []string `json:"failed"` // checks
	Citation bool     `json:"citation"`
	Recall5  float64  `json:"recall@5"` // 0 where one of the runs measured no search
}

// ErrNoVerdicts says that a file is no report of answers.
var ErrNoVerdicts = errors.New(`no verdicts ("verdicts"); it is not what eval answers --json writes`)

// An EarlierAnswers is an earlier run to compare with.
type EarlierAnswers struct {
	Verdicts []Verdict
	Searched bool // the run measured a search
}

// ReadAnswers reads the JSON form of a [Report] to compare with. It returns
// [ErrNoVerdicts] for a JSON object without verdicts, and an error that names
// the verdict for one without an id and for an id that stands there twice.
// Figures that later versions added may be missing.
func ReadAnswers(r io.Reader) (EarlierAnswers, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return EarlierAnswers{}, err
	}
	var report struct {
		Retrieval *GoldRecall `json:"retrieval"`
		Verdicts  []Verdict   `json:"verdicts"`
	}
	if err := json.Unmarshal(data, &report); err != nil {
		return EarlierAnswers{}, fmt.Errorf("not a report that eval answers --json wrote: %w", err)
	}
	if report.Verdicts == nil {
		return EarlierAnswers{}, ErrNoVerdicts
	}
	seen := map[string]bool{}
	for i, v := range report.Verdicts {
		switch {
		case v.ID == "":
			return EarlierAnswers{}, fmt.Errorf(`verdict %d of "verdicts" has no "id"`, i+1)
		case seen[v.ID]:
			return EarlierAnswers{}, fmt.Errorf(`question %s stands in "verdicts" twice`, v.ID)
		}
		seen[v.ID] = true
	}
	return EarlierAnswers{report.Verdicts, report.Retrieval != nil}, nil
}

// Same tells before a run whether it can be compared: nil when the earlier run
// has these questions, in any order, and a [*QueriesError] otherwise.
func (e EarlierAnswers) Same(questions []Question) error {
	ids := make([]string, len(questions))
	for i, q := range questions {
		ids[i] = q.ID
	}
	return sameIDs(verdictIDs(e.Verdicts), ids)
}

func verdictIDs(verdicts []Verdict) []string {
	ids := make([]string, len(verdicts))
	for i, v := range verdicts {
		ids[i] = v.ID
	}
	return ids
}

// CompareAnswers sets a report beside an earlier run. The runs must have the
// same questions, each once, in any order; a [*QueriesError] says what differs.
// Equal input gives equal output: the seed of the bootstrap is that of
// [Compare].
func CompareAnswers(earlier EarlierAnswers, now Report) (*AnswerComparison, error) {
	if err := sameIDs(verdictIDs(earlier.Verdicts), verdictIDs(now.Verdicts)); err != nil {
		return nil, err
	}
	byID := map[string]Verdict{}
	for _, v := range earlier.Verdicts {
		byID[v.ID] = v
	}
	searched := earlier.Searched && now.Retrieval != nil
	c := &AnswerComparison{Questions: len(now.Verdicts), Rounds: rounds, Changed: []AnswerChange{}}
	var all, cited, ranked pairedStatuses
	for _, v := range now.Verdicts {
		was := byID[v.ID]
		before, after := was.status(searched), v.status(searched)
		all.add(before, after)
		if v.citationScored() {
			cited.add(before, after)
		}
		if len(v.Golds) > 0 {
			ranked.add(before, after)
		}
		if before.differs(after) {
			c.Changed = append(c.Changed, AnswerChange{v.ID, before, after})
		}
	}
	c.Passed = all.change(func(s AnswerStatus) float64 { return oneIf(s.Passed) })
	c.Citation = cited.change(func(s AnswerStatus) float64 { return oneIf(s.Citation) })
	if searched {
		recall := ranked.change(func(s AnswerStatus) float64 { return s.Recall5 })
		c.Recall5 = &recall
	}
	return c, nil
}

// pairedStatuses are the same answers in two runs.
type pairedStatuses struct{ before, now []AnswerStatus }

func (p *pairedStatuses) add(before, now AnswerStatus) {
	p.before, p.now = append(p.before, before), append(p.now, now)
}

func (p *pairedStatuses) change(measure func(AnswerStatus) float64) Change {
	return newChange(p.before, p.now, measure)
}

func oneIf(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// status is what a comparison looks at.
func (v *Verdict) status(searched bool) AnswerStatus {
	s := AnswerStatus{
		Outcome: v.Outcome, Reason: v.Reason, Passed: v.Passed, Failed: append([]string{}, v.Failed...), Citation: v.CitationHit,
	}
	if searched {
		_, s.Recall5 = v.found(5)
	}
	return s
}

func (s AnswerStatus) differs(o AnswerStatus) bool {
	return s.Outcome != o.Outcome || s.Reason != o.Reason || s.Passed != o.Passed || !slices.Equal(s.Failed, o.Failed) ||
		s.Citation != o.Citation || s.Recall5 != o.Recall5
}

// write writes the comparison for reading.
func (c *AnswerComparison) write(b *strings.Builder) {
	fmt.Fprintf(b, "\nBeside the earlier run over the same questions, interval from %d rounds of the paired bootstrap\n\n", c.Rounds)
	changes := []namedChange{{"passed", c.Passed}, {"gold cited", c.Citation}}
	if c.Recall5 != nil {
		changes = append(changes, namedChange{"recall@5", *c.Recall5})
	}
	writeChanges(b, changes)
	b.WriteString("\n")
	if len(c.Changed) == 0 {
		b.WriteString("No question changed.\n")
		return
	}
	c.writeChanged(b)
}

// writeChanged lists the questions that changed, those that fell first.
func (c *AnswerComparison) writeChanged(b *strings.Builder) {
	fmt.Fprintf(b, "Changed: %s\n", plural(len(c.Changed), "question"))
	for _, kind := range []struct {
		name string
		in   func(AnswerChange) bool
	}{
		{"passed before, not now", func(a AnswerChange) bool { return a.Before.Passed && !a.Now.Passed }},
		{"passes now, not before", func(a AnswerChange) bool { return !a.Before.Passed && a.Now.Passed }},
		{"otherwise", func(a AnswerChange) bool { return a.Before.Passed == a.Now.Passed }},
	} {
		title := kind.name
		for _, a := range c.Changed {
			if !kind.in(a) {
				continue
			}
			if title != "" {
				fmt.Fprintf(b, "%s\n", title)
				title = ""
			}
			fmt.Fprintf(b, "  %s  %s\n", oneLine(a.ID), a.line(c.Recall5 != nil))
		}
	}
}

// line is a change in short.
func (a AnswerChange) line(searched bool) string {
	before, now := a.Before.line(), a.Now.line()
	text := before + " → " + now
	if before == now {
		text = now
	}
	if a.Before.Citation != a.Now.Citation {
		text += map[bool]string{true: "; gold cited now", false: "; gold no longer cited"}[a.Now.Citation]
	}
	if searched && a.Before.Recall5 != a.Now.Recall5 {
		text += fmt.Sprintf("; recall@5 %s → %s", decimals(a.Before.Recall5), decimals(a.Now.Recall5))
	}
	return text
}

// line is a status in short.
func (s AnswerStatus) line() string {
	text := s.Outcome
	if s.Reason != "" {
		text += " (" + s.Reason + ")"
	}
	if len(s.Failed) > 0 {
		text += ": " + strings.Join(s.Failed, ", ") + " failed"
	}
	return text
}
