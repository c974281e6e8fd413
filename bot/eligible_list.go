package bot

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"policybot/bot/eligibility"
	"policybot/bot/understand"
	"policybot/retrieval"
)

// Limits of what is told of measures.
const (
	maxTold = 5 // measures that a conversation is told of at once; with a whole profile all are
	maxNear = 6 // measures that are not met and nearly are
)

// eligible adds to an answer what is known of the measures that it is about.
func (e *Evidence) eligible(a *Answer) {
	x := e.Eligible
	day, _ := time.Parse(time.DateOnly, e.Day)
	var results []eligibility.Result
	for _, b := range e.scope(a.Citations) {
		b.Clause.Document.Status = b.Clause.Document.StatusOn(day)
		if r := b.Evaluate(x.Profile, day); !withdrawn(r) || x.Profile.Closed {
			results = append(results, r)
		}
	}
	sortResults(results)
	if e.lists() || x.Profile.Closed {
		e.listed(a, results)
	} else {
		results = e.about(a, results)
		for _, r := range results {
			a.Eligibility = append(a.Eligibility, e.compared(r, a.numberOf(r.Bound)))
		}
	}
	e.interviewed(a, results)
}

// about picks the measures that a question is about, of those of the clauses that its
// answer cites, which hold more: what the answer quotes is the offer and something of it
// is decided, or a condition of the measure's own is met. Those come first of which the message decides most, and
// those of which it decides much less than of others are left out.
func (e *Evidence) about(a *Answer, results []eligibility.Result) []eligibility.Result {
	decides := map[string]int{}
	most := 0
	for _, r := range results {
		n, met := 0, false
		for _, c := range r.Criteria {
			if c.Standing != "" || c.Verdict == eligibility.Unknown {
				continue
			}
			met = met || a.quotes(r.Bound) || c.Verdict == eligibility.Met && c.Criterion.Own()
			if c.Criterion.Own() {
				n++
			}
		}
		if met {
			decides[r.Bound.ID] = n + 1
			most = max(most, n+1)
		}
	}
	out := slices.DeleteFunc(slices.Clone(results), func(r eligibility.Result) bool {
		n := decides[r.Bound.ID]
		return n == 0 || 5*n <= 3*most && n < most
	})
	slices.SortStableFunc(out, func(x, y eligibility.Result) int { return decides[y.Bound.ID] - decides[x.Bound.ID] })
	return out
}

// quotes reports whether an answer quotes the offer of a measure.
func (a *Answer) quotes(b eligibility.Bound) bool {
	return slices.ContainsFunc(a.Citations, func(c Citation) bool { return c.Clause.ID == b.Clause.ID && strings.Contains(c.Quote, b.Offer()) })
}

// meant cites the measures whose own conditions a message speaks of one and all,
// in place of what the search found, where that hardly stands out.
func (e *Evidence) meant(a *Answer) {
	x := e.Eligible
	plain := a.Outcome == Answered || a.Reason == ReasonNotInLibrary && a.Lacking == "" && len(a.Missing) == 0
	if e.lists() || !x.Wanted || x.Profile.Closed || !plain || a.Confidence >= sure {
		return
	}
	missed := func(b eligibility.Bound) bool { return a.numberOf(b) == 0 && e.statesAll(b) }
	if slices.ContainsFunc(x.measures, missed) {
		a.Sentences, a.Citations, a.Contacts, a.Sides, a.AskBack = []Sentence{}, []Citation{}, []string{}, false, ""
	}
	for _, b := range x.measures {
		if len(a.Citations) < maxCited+1 && missed(b) {
			a.citeOffer(b)
			a.Outcome, a.Reason = Answered, ""
		}
	}
	if len(a.Citations) > 0 {
		a.Nearest, a.Lacking, a.Missing, a.Places = []retrieval.Clause{}, "", nil, Places{}
		day, _ := time.Parse(time.DateOnly, e.Day)
		a.Notices = e.notices(a, day)
	}
}

// statesAll reports whether a message states every fact that a measure's own
// conditions are about, and at least two. What earlier messages stated counts for one
// that follows up on them and adds to it.
func (e *Evidence) statesAll(b eligibility.Bound) bool {
	x, n, adds := e.Eligible, 0, false
	facts := x.News
	if e.Understanding.Follows {
		facts = x.Interview.Facts
	}
	in := func(list []eligibility.Known, c *eligibility.Criterion) bool {
		return slices.ContainsFunc(list, func(k eligibility.Known) bool { return slices.Contains(c.Keys(), k.Key) })
	}
	for i := range b.Criteria {
		c := &b.Criteria[i]
		adds = adds || in(x.News, c)
		if !c.Own() {
			continue
		}
		if !in(facts, c) {
			return false
		}
		n++
	}
	return n >= 2 && adds
}

// withdrawn reports whether the document of a measure does not apply on the day.
func withdrawn(r eligibility.Result) bool {
	return slices.ContainsFunc(r.Criteria, func(c eligibility.Compared) bool { return c.Standing != "" })
}

// listed makes the answer that lists measures: those that apply or may apply, of a
// few that were asked about all.
func (e *Evidence) listed(a *Answer, results []eligibility.Result) {
	x := e.Eligible
	few := len(x.Interview.Measures) > 0
	var offered, near []eligibility.Result
	for _, r := range results {
		switch {
		case few, r.Fits(), r.Verdict == eligibility.Unknown && (x.Profile.Closed || e.foundFor(r)):
			offered = append(offered, r)
		case r.Verdict == eligibility.NotMet && nearly(r) && len(near) < maxNear:
			near = append(near, r)
		}
	}
	if _, more := e.next(results); !more || x.Interview.Over {
		x.All = true // the last word
	}
	tell := x.tell(offered, few)
	a.Same = len(offered) - len(tell)
	for _, r := range append(slices.Clone(offered), near...) {
		n := 0
		if slices.ContainsFunc(tell, func(t eligibility.Result) bool { return t.Bound.ID == r.Bound.ID }) {
			n = a.citeOffer(r.Bound)
		}
		a.Eligibility = append(a.Eligibility, e.compared(r, n))
	}
	e.settleOutcome(a, results)
}

// foundFor reports whether a question from where no document applies is about a
// measure: the search found its clause, and a condition is met.
func (e *Evidence) foundFor(r eligibility.Result) bool {
	if e.outside() == "" || len(e.Sides) == 0 {
		return false
	}
	hits := e.Sides[0].Hits
	return slices.ContainsFunc(hits[:min(len(hits), maxNearest)], func(h retrieval.Hit) bool { return h.Clause.ID == r.Bound.Clause.ID }) &&
		slices.ContainsFunc(r.Criteria, func(c eligibility.Compared) bool { return c.Verdict == eligibility.Met })
}

// tell picks the measures that are told of: in a conversation those whose verdict, or
// how much it depends on, is new, unless all are wanted.
func (x *Assessment) tell(offered []eligibility.Result, few bool) []eligibility.Result {
	out := slices.Clone(offered)
	if !x.All && !few {
		out = slices.DeleteFunc(out, func(r eligibility.Result) bool { return x.Interview.Verdicts[r.Bound.ID] == state(r) })
	}
	if !x.Profile.Closed && !x.All && len(out) > maxTold {
		out = out[:maxTold]
	}
	return out
}

// outside is the city of the asker, when no document applies there.
func (e *Evidence) outside() string {
	k, _ := e.Eligible.Profile.Get("place")
	if site, ok := e.Eligible.Profile.Get("site"); ok {
		k = site
	}
	city, _, _ := strings.Cut(k.Value, "/")
	for _, place := range e.Places {
		if city == "" || understand.Fits(retrieval.Document{Jurisdiction: place}, city) {
			return ""
		}
	}
	return city
}

// settleOutcome tells what kind of answer a list of measures is.
func (e *Evidence) settleOutcome(a *Answer, results []eligibility.Result) {
	x := e.Eligible
	_, more := e.next(results)
	a.Places = Places{}
	if city := e.outside(); city != "" {
		a.Places = Places{Others: []string{understand.NameIn(city, a.Lang)}, Library: e.Places}
	}
	switch {
	case len(a.Citations) > 0:
		a.Outcome, a.Reason, a.Confidence = Answered, "", 1
		a.Nearest, a.Lacking, a.Missing = []retrieval.Clause{}, "", nil
		day, _ := time.Parse(time.DateOnly, e.Day)
		a.Notices = e.notices(a, day)
	case x.Interview.Doubt != nil:
		a.Outcome, a.Reason = Clarify, ReasonDoubt
	case more && !x.Interview.Over:
		a.Outcome, a.Reason = Clarify, ReasonFact
	default:
		a.Outcome, a.Reason = Abstained, ReasonNoMeasure
	}
}

// sortResults puts what is met first, then what is unknown by how little is, then the
// rest, each in the order of the measures.
func sortResults(results []eligibility.Result) {
	rank := func(r eligibility.Result) int {
		switch r.Verdict {
		case eligibility.Met:
			return 0
		case eligibility.Unknown:
			return len(r.Open())
		}
		return 1000
	}
	slices.SortStableFunc(results, func(a, b eligibility.Result) int { return cmp.Compare(rank(a), rank(b)) })
}

// nearly reports whether one condition alone is not met, and not for where the asker is.
func nearly(r eligibility.Result) bool {
	failed := 0
	for _, c := range r.Criteria {
		if c.Verdict != eligibility.NotMet {
			continue
		}
		if failed++; c.Standing != "" {
			return false
		}
		for _, k := range c.Used {
			if f, _ := r.Bound.Vocabulary().Fact(k.Key); eligibility.Common(k.Key) || f.Within != "" {
				return false
			}
		}
	}
	return failed == 1 && len(r.Criteria) > 2
}

// numberOf is the number of the citation that quotes a measure's offer, or of any of
// its clause.
func (a *Answer) numberOf(b eligibility.Bound) int {
	n := 0
	for _, c := range a.Citations {
		if c.Clause.ID != b.Clause.ID {
			continue
		}
		if n == 0 || strings.Contains(c.Quote, b.Offer()) {
			n = c.N
		}
	}
	return n
}

// citeOffer quotes what a measure offers and returns the number of the citation. Two
// measures of one sentence share it.
func (a *Answer) citeOffer(b eligibility.Bound) int {
	for _, c := range a.Citations {
		if c.Clause.ID == b.Clause.ID && c.Quote == b.Offer() {
			return c.N
		}
	}
	n := len(a.Citations) + 1
	a.cite(n, b.Clause, []quote{{start: b.Start, end: b.End}})
	a.Citations[n-1].Gloss = nil // the title says it in the asker's language
	return n
}
