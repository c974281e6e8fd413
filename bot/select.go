package bot

import (
	"slices"

	"policybot/retrieval"
	"policybot/retrieval/analysis"
)

// Limits of citations.
const (
	maxCited     = 3 // clauses of an ordinary answer
	maxCitedList = 6 // where a list is asked for
)

// The evidence rules. Their figures come from the development questions: see
// docs/design.md, "When it abstains".
const (
	pool        = 20   // clauses that are looked at
	minCoverage = 0.34 // least share of the question's words that the best clause must have
	relative    = 0.86 // least score of a further clause against the best one
	relativeTo  = 0.60 // the same where a list is asked for
)

// A judged hit is a clause with the evidence for it.
type judged struct {
	hit      retrieval.Hit
	coverage float64 // share of the question's content, by rarity, that it has
}

// rank judges the hits of a question, best first. A clause of another place
// than the question names is left out where the library has one of that place.
func rank(hits []retrieval.Hit, u Understanding, idf weigher) []judged {
	asked := questionKeys(u)
	var out []judged
	for _, h := range hits {
		if len(u.Places) > 0 && !slices.ContainsFunc(u.Places, func(p string) bool { return covers(h.Clause.Document, p) }) {
			continue
		}
		out = append(out, judged{h, coverage(h.Clause, asked, idf)})
	}
	return out
}

// coverage is the share of the asked words, by rarity, that the clause has in
// its title, path headings or text. Words that no document has count fully.
func coverage(c retrieval.Clause, asked map[uint64]bool, idf weigher) float64 {
	has := map[uint64]bool{}
	fields := append([]string{c.Document.Title, c.Document.Number, c.Document.Jurisdiction, c.Path, c.Text}, c.Parents...)
	for _, f := range fields {
		for _, k := range analysis.AppendKeys(nil, f) {
			has[k] = true
		}
	}
	sum, all := 0.0, 0.0
	for k := range asked {
		w := idf(k) * kindWeight(k)
		all += w
		if has[k] {
			sum += w
		}
	}
	if all == 0 {
		return 0
	}
	return sum / all
}

// choose picks the clauses to cite; none means to abstain.
func choose(ranked []judged, u Understanding) []judged {
	if len(ranked) == 0 || ranked[0].coverage < minCoverage {
		return nil
	}
	most, least := maxCited, relative
	if u.List {
		most, least = maxCitedList, relativeTo
	}
	out := ranked[:1:1]
	perDocument := map[string]int{ranked[0].hit.Clause.Document.ID: 1}
	for _, j := range ranked[1:] {
		id := j.hit.Clause.Document.ID
		if len(out) == most || j.hit.Score < least*ranked[0].hit.Score {
			break
		}
		if j.coverage < minCoverage || u.List && perDocument[id] > 1 {
			continue
		}
		perDocument[id]++
		out = append(out, j)
	}
	return out
}
