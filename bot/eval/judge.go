package eval

import (
	"slices"
	"strings"
	"unicode/utf8"

	"policybot/bot"
	"policybot/retrieval"
)

// Checks of a verdict, as they stand in [Verdict].Failed.
const (
	CheckBehaviour = "behaviour" // outcome and notices fit what was expected
	CheckCitation  = "citation"  // the gold is cited
	CheckPoints    = "points"    // every fact is in the text
	CheckMustNot   = "must_not"  // nothing is in the text that a wrong answer says
	CheckQuotes    = "quotes"    // every quote is verbatim at its offsets
)

// A Place names a clause for people.
type Place struct {
	File   string `json:"file"`
	Clause string `json:"clause"` // path
	Rank   int    `json:"rank"`   // of a gold among the retrieved clauses, from 1; 0 = not there or not looked for
}

// A Verdict is the judgement of one answer. An answer passes when none of its
// checks failed. Wording (points marked "^") and the retrieval ranks are
// reported and never fail an answer.
type Verdict struct {
	ID       string   `json:"id"`
	Question string   `json:"question"`
	Lang     string   `json:"lang"`
	Type     string   `json:"type"`
	Expect   string   `json:"expect"`
	Outcome  string   `json:"outcome"`
	Reason   string   `json:"reason"`
	Notices  []string `json:"notices"` // kinds
	Passed   bool     `json:"passed"`
	Failed   []string `json:"failed"` // the checks that failed, in the order above

	Golds         []Place  `json:"golds"`          // expected clauses, one for each gold
	AllRequired   bool     `json:"all_required"`   // every gold is required; else one is enough
	GoldHits      []bool   `json:"gold_hits"`      // whether each gold is cited
	CitationHit   bool     `json:"citation_hit"`   // the golds that are required are cited; false without gold
	Cited         []Place  `json:"cited"`          // cited clauses, each once, in order of citation
	Supported     int      `json:"supported"`      // cited clauses that hold a gold or related quote
	Citations     int      `json:"citations"`      // number of citations
	BadQuotes     []int    `json:"bad_quotes"`     // numbers n of citations whose quote is not verbatim
	Facts         int      `json:"facts"`          // points without a mark
	MissedFacts   []string `json:"missed_facts"`   //
	Wording       int      `json:"wording"`        // points marked "^"
	MissedWording []string `json:"missed_wording"` // to look at
	Said          []string `json:"said"`           // must_not entries that the text says
	Ms            float64  `json:"ms"`             // time that the answer says it took

	Confidence     float64  `json:"confidence"`               // that the answer states, 0 to 1
	Sides          bool     `json:"sides"`                    // the answer labels its citations by document and place
	OtherPlace     []Place  `json:"unmarked_other_place"`     // cited clauses that apply in none of the places that the question names, and are not marked: see CitationFigures
	AskerElsewhere []Place  `json:"unmarked_asker_elsewhere"` // cited clauses that do not apply where the asker says to be, and are not marked
	Written        *Written `json:"written,omitempty"`        // null when no model was asked
	Why            *Why     `json:"why"`                      // null when the answer came without an explanation; then the two lists before are empty
}

// Judge compares an answer with what its question expects:
//
//   - behaviour: for answer and answer_with_caveat the outcome is answered; for
//     expired_warning it is answered with a notice that a period, target year
//     or deadline has passed; for abstain it is abstained or refused; for
//     clarify it is clarify, or answered with golds of at least two files, each
//     of these files cited. A clarify question without gold passes by the
//     outcome clarify only.
//   - citation (questions with gold, other than clarify): the cited clauses
//     hold all golds, or one where that is enough. A clause holds a gold when
//     [CiteHit] says so and it is not an enclosing unit: its path is neither
//     empty nor a beginning of the gold's path.
//   - points: every fact is found in the text. Not checked for clarify.
//   - must_not: no entry is found in the text.
//   - quotes: every quote is the code points [QuoteStart, QuoteEnd) of the
//     clause's text, and neither is empty.
//
// What a text says is decided by [PointHit] and [MustNotHit] on Answer.Text.
func Judge(q Question, a bot.Answer) Verdict {
	v := Verdict{
		ID: q.ID, Question: q.Text, Lang: q.Lang, Type: q.Type, Expect: q.Expect,
		Outcome: a.Outcome, Reason: a.Reason, Notices: noticeKinds(a),
		AllRequired: q.AllRequired, Citations: len(a.Citations), Ms: a.Ms.Total,
		Failed: []string{}, Golds: []Place{}, GoldHits: []bool{}, Cited: []Place{}, BadQuotes: []int{},
		MissedFacts: []string{}, MissedWording: []string{}, Said: []string{},
		Confidence: a.Confidence, Sides: a.Sides, OtherPlace: []Place{}, AskerElsewhere: []Place{},
	}
	v.judgeCitations(q, a)
	v.judgeText(q, a.Text)
	checks := []struct {
		name   string
		failed bool
	}{
		{CheckBehaviour, !v.behaves()},
		{CheckCitation, v.citationScored() && !v.CitationHit},
		{CheckPoints, q.Expect != ExpectClarify && len(v.MissedFacts) > 0},
		{CheckMustNot, len(v.Said) > 0},
		{CheckQuotes, len(v.BadQuotes) > 0},
	}
	for _, check := range checks {
		if check.failed {
			v.Failed = append(v.Failed, check.name)
		}
	}
	v.Passed = len(v.Failed) == 0
	return v
}

// explain notes how the answer came about; nothing without an explanation.
func (v *Verdict) explain(q Question, a bot.Answer, x bot.Explanation) {
	if v.Why = newWhy(q, a, x); v.Why != nil {
		v.placeCitations(a, x.Understanding.Places)
	}
}

func noticeKinds(a bot.Answer) []string {
	kinds := []string{}
	for _, notice := range a.Notices {
		if !slices.Contains(kinds, notice.Kind) {
			kinds = append(kinds, notice.Kind)
		}
	}
	return kinds
}

// judgeCitations fills in what concerns golds, cited clauses and quotes.
func (v *Verdict) judgeCitations(q Question, a bot.Answer) {
	clauses := citedClauses(a)
	held := make([]bool, len(clauses))
	mark := func(gold Gold) bool {
		hit := false
		for i, clause := range clauses {
			if holds(clause, gold) {
				held[i], hit = true, true
			}
		}
		return hit
	}
	for _, gold := range q.Gold {
		v.Golds = append(v.Golds, Place{File: gold.File, Clause: gold.Clause})
		v.GoldHits = append(v.GoldHits, mark(gold))
	}
	for _, gold := range q.Related {
		mark(gold)
	}
	v.CitationHit = enough(v.GoldHits, q.AllRequired)
	for i, clause := range clauses {
		v.Cited = append(v.Cited, Place{File: clause.Document.Source, Clause: clause.Path})
		if held[i] {
			v.Supported++
		}
	}
	for _, citation := range a.Citations {
		if !verbatim(citation) {
			v.BadQuotes = append(v.BadQuotes, citation.N)
		}
	}
}

// enough reports whether the golds that are required are hit; false without
// gold.
func enough(hits []bool, all bool) bool {
	if all {
		return len(hits) > 0 && !slices.Contains(hits, false)
	}
	return slices.Contains(hits, true)
}

// citedClauses lists the cited clauses, each once, in order of citation.
func citedClauses(a bot.Answer) []retrieval.Clause {
	var clauses []retrieval.Clause
	for _, citation := range a.Citations {
		same := func(c retrieval.Clause) bool {
			return c.ID == citation.Clause.ID && c.Document.Source == citation.Clause.Document.Source &&
				c.Path == citation.Clause.Path
		}
		if !slices.ContainsFunc(clauses, same) {
			clauses = append(clauses, citation.Clause)
		}
	}
	return clauses
}

// holds reports whether a clause holds a gold and is not an enclosing unit of
// the gold's clause.
func holds(clause retrieval.Clause, gold Gold) bool {
	return !encloses(clause.Path, gold.Clause) && CiteHit(gold, clause.Document.Source, clause.Text)
}

// encloses reports whether the unit at path outer holds the smaller unit at
// path inner. Paths are compared folded, so that 三、(二) equals 三/(二).
func encloses(outer, inner string) bool {
	o, i := pathParts(outer), pathParts(inner)
	return len(o) < len(i) && slices.Equal(o, i[:len(o)])
}

func pathParts(path string) []string {
	return strings.FieldsFunc(Norm(path), func(r rune) bool { return r == '/' || r == ',' })
}

// verbatim reports whether a quote is what stands at its offsets.
func verbatim(c bot.Citation) bool {
	if c.Quote == "" || c.QuoteStart < 0 || c.QuoteEnd < c.QuoteStart || c.QuoteEnd > utf8.RuneCountInString(c.Clause.Text) {
		return false
	}
	return string([]rune(c.Clause.Text)[c.QuoteStart:c.QuoteEnd]) == c.Quote
}

// judgeText fills in what concerns points and must_not entries.
func (v *Verdict) judgeText(q Question, text string) {
	for _, point := range q.Points {
		hit, checkable := PointHit(point, text)
		wording := strings.HasPrefix(point, "^")
		switch {
		case !checkable:
			continue
		case wording:
			v.Wording++
		default:
			v.Facts++
		}
		switch {
		case !hit && wording:
			v.MissedWording = append(v.MissedWording, point)
		case !hit:
			v.MissedFacts = append(v.MissedFacts, point)
		}
	}
	for _, entry := range q.MustNot {
		if hit, _ := MustNotHit(entry, text); hit {
			v.Said = append(v.Said, entry)
		}
	}
}

// behaves reports whether outcome and notices fit what was expected.
func (v *Verdict) behaves() bool {
	answered := v.Outcome == bot.Answered
	switch v.Expect {
	case ExpectAbstain:
		return v.declined()
	case ExpectClarify:
		return v.Outcome == bot.Clarify || answered && v.eachVersionCited()
	case ExpectExpired:
		return answered && slices.ContainsFunc(v.Notices, saysOver)
	}
	return answered
}

// saysOver reports whether a kind of notice says that a period is over.
func saysOver(kind string) bool {
	return kind == bot.NoticePeriodOver || kind == bot.NoticeTargetYearOver || kind == bot.NoticeDeadlinePassed
}

// declined reports whether the bot gave no answer of its own will.
func (v *Verdict) declined() bool {
	return v.Outcome == bot.Abstained || v.Outcome == bot.Refused
}

// eachVersionCited reports whether the golds stand in several files and each
// of them is cited: the versions are then labelled by their citations.
func (v *Verdict) eachVersionCited() bool {
	cited := map[string]bool{}
	for i, gold := range v.Golds {
		cited[gold.File] = cited[gold.File] || v.GoldHits[i]
	}
	for _, hit := range cited {
		if !hit {
			return false
		}
	}
	return len(cited) > 1
}

// citationScored reports whether the citation check applies. A clarify
// question is reported apart.
func (v *Verdict) citationScored() bool {
	return len(v.Golds) > 0 && v.Expect != ExpectClarify
}
