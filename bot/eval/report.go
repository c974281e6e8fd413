package eval

import (
	"maps"
	"slices"

	"policybot/retrieval/metrics"
)

// NoDocument is the group of the questions without gold in Report.ByDocument.
const NoDocument = "(none)"

// A Share is a part of a whole. Its JSON form is {"hits", "of", "rate"}; the
// rate is 0 when there is nothing to share.
type Share struct {
	Hits int     `json:"hits"`
	Of   int     `json:"of"`
	Rate float64 `json:"rate"`
}

// add counts n more of a whole, hits of them hit.
func (s *Share) add(hits, n int) {
	s.Hits += hits
	s.Of += n
	if s.Of > 0 {
		s.Rate = float64(s.Hits) / float64(s.Of)
	}
}

// count adds one, hit or not.
func (s *Share) count(hit bool) {
	if hit {
		s.add(1, 1)
	} else {
		s.add(0, 1)
	}
}

// Figures are the figures of a group of questions. The JSON keys are stable.
type Figures struct {
	Questions       int   `json:"questions"`
	Passed          Share `json:"passed"`           // of the questions: no check failed
	Behaviour       Share `json:"behaviour"`        // of the questions
	Citation        Share `json:"citation"`         // of the questions with gold, clarify left out
	ClarifyCitation Share `json:"clarify_citation"` // of the clarify questions with gold
	Precision       Share `json:"precision"`        // cited clauses that hold a gold or related quote, of all cited clauses
	Points          Share `json:"points"`           // of the single checkable points: facts and wording
	Facts           Share `json:"facts"`            // of the questions with facts: all of them found
	Wording         Share `json:"wording"`          // of the questions with "^" points: all of them found
	MustNot         Share `json:"must_not"`         // of the questions with a forbidden wording found; 0 is best
	Quotes          Share `json:"quotes"`           // of the citations: verbatim at their offsets
}

// add counts one verdict.
func (f *Figures) add(v Verdict) {
	f.Questions++
	f.Passed.count(v.Passed)
	f.Behaviour.count(!slices.Contains(v.Failed, CheckBehaviour))
	if v.citationScored() {
		f.Citation.count(v.CitationHit)
	} else if len(v.Golds) > 0 {
		f.ClarifyCitation.count(v.CitationHit)
	}
	f.Precision.add(v.Supported, len(v.Cited))
	checkable, missed := v.Facts+v.Wording, len(v.MissedFacts)+len(v.MissedWording)
	f.Points.add(checkable-missed, checkable)
	if v.Facts > 0 {
		f.Facts.count(len(v.MissedFacts) == 0)
	}
	if v.Wording > 0 {
		f.Wording.count(len(v.MissedWording) == 0)
	}
	f.MustNot.count(len(v.Said) > 0)
	f.Quotes.add(v.Citations-len(v.BadQuotes), v.Citations)
}

// A GoldRecall says where a search put the golds of the questions that have
// some, by the same test as for citations. The JSON keys are stable.
type GoldRecall struct {
	Questions int     `json:"questions"`
	Recall1   float64 `json:"recall@1"`  // mean share of a question's golds among the first k clauses
	Recall5   float64 `json:"recall@5"`  //
	Recall10  float64 `json:"recall@10"` //
	Enough1   float64 `json:"enough@1"`  // share of questions whose required golds are all among the first k
	Enough5   float64 `json:"enough@5"`  //
	Enough10  float64 `json:"enough@10"` //
}

// A Report adds up verdicts. Its JSON form is this struct, maps in the order
// of their keys; the keys are stable:
//
//	questions, total, by_type, by_document, by_language, by_expect,
//	over_refusal, abstention_recall, retrieval, answer_ms_p50,
//	answer_ms_p95, risk_coverage, citations, parity, verdicts, writing, embedded, compare
//
// [Figures], [Share], [GoldRecall], [RiskCoverage], [CitationFigures],
// [Parity], [Verdict] and [AnswerComparison] list the keys beneath them.
// WriteText gives the form for reading.
type Report struct {
	Questions        int                `json:"questions"`
	Total            Figures            `json:"total"`
	ByType           map[string]Figures `json:"by_type"`
	ByDocument       map[string]Figures `json:"by_document"` // a question counts under each file of its golds, or under NoDocument
	ByLanguage       map[string]Figures `json:"by_language"`
	ByExpect         map[string]Figures `json:"by_expect"`
	OverRefusal      Share              `json:"over_refusal"`       // abstained or refused, of those to be answered (answer, answer_with_caveat, expired_warning)
	AbstentionRecall Share              `json:"abstention_recall"`  // abstained or refused, of those expected to abstain
	Retrieval        *GoldRecall        `json:"retrieval"`          // null when no search was measured
	AnswerMsP50      float64            `json:"answer_ms_p50"`      // time that the answers say they took
	AnswerMsP95      float64            `json:"answer_ms_p95"`      //
	RiskCoverage     RiskCoverage       `json:"risk_coverage"`      // what the confidence of the answers is worth
	Citations        CitationFigures    `json:"citations"`          // what is cited beyond the gold
	Parity           *Parity            `json:"parity"`             // null without pairs of questions in both languages
	Verdicts         []Verdict          `json:"verdicts"`           // in the order of the questions
	Writing          *WritingFigures    `json:"writing,omitempty"`  // null when no model was asked
	Embedded         *Report            `json:"embedded,omitempty"` // the same questions without a model; set by the caller
	Compare          *AnswerComparison  `json:"compare,omitempty"`  // with an earlier run; set by the caller
}

// NewReport adds verdicts up. Its figures of retrieval are nil: see [Run].
func NewReport(verdicts []Verdict) Report { return newReport(verdicts, false) }

// newReport adds verdicts up; searched tells that their golds were looked for.
func newReport(verdicts []Verdict, searched bool) Report {
	r := Report{
		Questions: len(verdicts), Verdicts: verdicts, RiskCoverage: riskCoverage(verdicts),
		Citations: citationFigures(verdicts, searched), Parity: parity(verdicts, searched),
		Writing: writingFigures(verdicts),
	}
	if searched {
		r.Retrieval = goldRecall(verdicts)
	}
	r.addVerdicts()
	return r
}

// addVerdicts counts the verdicts in all and in each group.
func (r *Report) addVerdicts() {
	byType, byDocument := map[string]*Figures{}, map[string]*Figures{}
	byLanguage, byExpect := map[string]*Figures{}, map[string]*Figures{}
	var times []float64
	for _, v := range r.Verdicts {
		r.Total.add(v)
		group(byType, v.Type).add(v)
		group(byLanguage, v.Lang).add(v)
		group(byExpect, v.Expect).add(v)
		for _, file := range v.files() {
			group(byDocument, file).add(v)
		}
		switch v.Expect {
		case ExpectAbstain:
			r.AbstentionRecall.count(v.declined())
		case ExpectAnswer, ExpectCaveat, ExpectExpired:
			r.OverRefusal.count(v.declined())
		}
		times = append(times, v.Ms)
	}
	r.ByType, r.ByDocument = values(byType), values(byDocument)
	r.ByLanguage, r.ByExpect = values(byLanguage), values(byExpect)
	r.AnswerMsP50, r.AnswerMsP95 = metrics.Percentile(times, 50), metrics.Percentile(times, 95)
}

// group returns the figures under a key, new ones at first.
func group(groups map[string]*Figures, key string) *Figures {
	if groups[key] == nil {
		groups[key] = &Figures{}
	}
	return groups[key]
}

func values(groups map[string]*Figures) map[string]Figures {
	figures := make(map[string]Figures, len(groups))
	for key, f := range groups {
		figures[key] = *f
	}
	return figures
}

// files lists the files of the golds, each once, in order of name.
func (v *Verdict) files() []string {
	files := map[string]bool{}
	for _, gold := range v.Golds {
		files[gold.File] = true
	}
	if len(files) == 0 {
		return []string{NoDocument}
	}
	return slices.Sorted(maps.Keys(files))
}

// Misses lists the verdicts with a failed check, in the order of the questions.
func (r Report) Misses() []Verdict {
	var misses []Verdict
	for _, v := range r.Verdicts {
		if !v.Passed {
			misses = append(misses, v)
		}
	}
	return misses
}

// goldRecall measures the ranks of the golds in verdicts.
func goldRecall(verdicts []Verdict) *GoldRecall {
	var with []Verdict
	for _, v := range verdicts {
		if len(v.Golds) > 0 {
			with = append(with, v)
		}
	}
	r := &GoldRecall{Questions: len(with)}
	r.Recall1, r.Enough1 = recallAt(with, 1)
	r.Recall5, r.Enough5 = recallAt(with, 5)
	r.Recall10, r.Enough10 = recallAt(with, 10)
	return r
}

// recallAt measures verdicts that all have golds at rank k; 0 of nothing.
func recallAt(verdicts []Verdict, k int) (recall, enoughShare float64) {
	for _, v := range verdicts {
		hits, share := v.found(k)
		recall += share
		if enough(hits, v.AllRequired) {
			enoughShare++
		}
	}
	n := float64(max(len(verdicts), 1))
	return recall / n, enoughShare / n
}

// found tells which golds were retrieved among the first k clauses, and what
// share of them; 0 without gold.
func (v *Verdict) found(k int) (hits []bool, share float64) {
	hits = make([]bool, len(v.Golds))
	n := 0
	for i, gold := range v.Golds {
		if gold.Rank > 0 && gold.Rank <= k {
			hits[i] = true
			n++
		}
	}
	return hits, float64(n) / float64(max(len(hits), 1))
}
