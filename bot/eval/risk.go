package eval

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"policybot/bot"
)

// riskRows is the number of rows of the curve in the text form.
const riskRows = 10

// A RiskCoverage is the risk-coverage curve of the answers: what share of them
// would be wrong if only those of some confidence were given. It is taken over
// the questions to answer and those to abstain from; clarify is left out. An
// answer is wrong when its citation or behaviour check failed, so that any
// answer to a question to abstain from is. The JSON keys are stable.
//
// The measure is that of El-Yaniv and Wiener, "On the Foundations of Noise-free
// Selective Classification", JMLR 11, 2010; the area is the empirical one of
// Geifman and El-Yaniv, "Selective Classification for Deep Neural Networks",
// NIPS 2017: the mean, over the answers, of the risk at each one's confidence.
// Answers of one confidence are given together.
type RiskCoverage struct {
	Questions  int         `json:"questions"`      // to answer or to abstain from
	Answered   int         `json:"answered"`       // of the questions
	Wrong      int         `json:"wrong"`          // of the answered
	AURC       float64     `json:"aurc"`           // area under the curve, divided by its greatest coverage; 0 is best
	Coverage1  float64     `json:"coverage_at_1"`  // greatest coverage with a risk of at most 1 %; 0 when there is none
	Coverage5  float64     `json:"coverage_at_5"`  // the same for 5 %
	Coverage10 float64     `json:"coverage_at_10"` // the same for 10 %
	Points     []RiskPoint `json:"points"`         // one for each confidence, the highest first
}

// A RiskPoint is a point of a [RiskCoverage].
type RiskPoint struct {
	Coverage  float64 `json:"coverage"`  // share of the questions answered with this confidence or more
	Risk      float64 `json:"risk"`      // share of these answers that are wrong
	Threshold float64 `json:"threshold"` // the confidence
}

// wrong reports whether an answer would mislead: the citation or behaviour
// check failed.
func (v *Verdict) wrong() bool {
	return slices.Contains(v.Failed, CheckBehaviour) || slices.Contains(v.Failed, CheckCitation)
}

// riskCoverage measures the curve of verdicts.
func riskCoverage(verdicts []Verdict) RiskCoverage {
	r := RiskCoverage{Points: []RiskPoint{}}
	var answered []Verdict
	for _, v := range verdicts {
		if v.Expect == ExpectClarify {
			continue
		}
		r.Questions++
		if v.Outcome == bot.Answered {
			answered = append(answered, v)
		}
	}
	slices.SortStableFunc(answered, func(a, b Verdict) int { return cmp.Compare(b.Confidence, a.Confidence) })
	r.Answered = len(answered)
	same := 0 // answers of this confidence so far
	for i, v := range answered {
		same++
		if v.wrong() {
			r.Wrong++
		}
		if i+1 < len(answered) && answered[i+1].Confidence == v.Confidence {
			continue
		}
		p := RiskPoint{
			Coverage: float64(i+1) / float64(r.Questions), Risk: float64(r.Wrong) / float64(i+1), Threshold: v.Confidence,
		}
		r.Points = append(r.Points, p)
		r.AURC += p.Risk * float64(same) / float64(len(answered))
		same = 0
	}
	r.Coverage1, r.Coverage5, r.Coverage10 = r.coverageAt(0.01), r.coverageAt(0.05), r.coverageAt(0.10)
	return r
}

// coverageAt is the greatest coverage whose risk is not above one.
func (r RiskCoverage) coverageAt(risk float64) float64 {
	most := 0.0
	for _, p := range r.Points {
		if p.Risk <= risk {
			most = max(most, p.Coverage)
		}
	}
	return most
}

// write writes the curve for reading: the points nearest above each tenth of
// the answers.
func (r RiskCoverage) write(b *strings.Builder) {
	if r.Answered == 0 {
		return
	}
	fmt.Fprintf(b, "\nRisk and coverage: %d answers to %s, %d wrong (gold not cited or behaviour)\n\n", r.Answered, plural(r.Questions, "question"), r.Wrong)
	var t table
	t.row("confidence from", "coverage", "risk")
	last := -1
	for row := range riskRows {
		covered := int(math.Ceil(float64(row+1) * float64(r.Answered) / riskRows))
		i := slices.IndexFunc(r.Points, func(p RiskPoint) bool { return p.Coverage*float64(r.Questions) >= float64(covered)-0.5 })
		if i == last {
			continue // more than a tenth of the answers share a confidence
		}
		p := r.Points[i]
		t.row(decimals(p.Threshold), percent(p.Coverage), percent(p.Risk))
		last = i
	}
	t.write(b)
	fmt.Fprintf(b, "area under the curve %s; coverage at 1 %% risk %s, at 5 %% %s, at 10 %% %s\n",
		decimals(r.AURC), percent(r.Coverage1), percent(r.Coverage5), percent(r.Coverage10))
}

func percent(v float64) string { return fmt.Sprintf("%.1f %%", 100*v) }
