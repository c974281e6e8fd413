package bot

import (
	"cmp"
	"maps"
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
	searched    = 60   // clauses that are searched for: more than pool, for those that only vectors found
	minCoverage = 0.10 // least share of the question's own words that the best clause must have
	ownWords    = 0.60 // how much full coverage raises a score
	relative    = 0.90 // least evidence of a further clause against the best one
	relativeAll = 0.60 // the same where a list is asked for
	share       = 0.75 // least coverage of a further clause against the best one
	shareAll    = 0.50 // the same where a list is asked for
)

// A judged hit is a clause with the evidence for it.
type judged struct {
	hit      retrieval.Hit
	coverage float64 // share of the question's content, by rarity, that it has
}

// evidence orders clauses: the score of the search, raised for clauses that have
// the question's own words rather than the words of the document's title.
func (j judged) evidence() float64 { return j.hit.Score * (1 + ownWords*j.coverage) }

// rank judges the hits of a question, best first. A clause of another place
// than the question names is left out where the library has one of that place.
// Beside the clauses that are looked at, some that only their vectors found may be
// in the list: they take nobody's place.
func rank(hits []retrieval.Hit, u Understanding, idf weigher) []judged {
	asked := slices.Sorted(maps.Keys(questionKeys(u))) // sums come out the same each time
	var out []judged
	left := pool
	for _, h := range hits {
		j := judged{h, coverage(h.Clause, asked, idf)}
		if !unsupported(j) {
			if left == 0 {
				break
			}
			left--
		}
		if len(u.Places) > 0 && !slices.ContainsFunc(u.Places, func(p string) bool { return covers(h.Clause.Document, p) }) {
			continue
		}
		out = append(out, j)
	}
	slices.SortStableFunc(out, func(a, b judged) int { return cmp.Compare(b.evidence(), a.evidence()) })
	return out
}

// coverage is the share of the asked words, by rarity, that the clause has in
// its text or the headings above it. Words of the document's title, number and
// place are not counted: every clause of the document would have them. Words
// that nothing in the library has count fully.
func coverage(c retrieval.Clause, asked []uint64, idf weigher) float64 {
	common := keysOf(c.Document.Title, c.Document.Number, c.Document.Jurisdiction)
	has := keysOf(append([]string{c.Path, c.Text}, c.Parents...)...)
	sum, all := 0.0, 0.0
	for _, k := range asked {
		if common[k] {
			continue
		}
		w := idf(k)
		if analysis.KindOf(k) == analysis.Unigram {
			w = 0 // a single character is no evidence: 天 of 天气 is everywhere
		}
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

func keysOf(fields ...string) map[uint64]bool {
	out := map[uint64]bool{}
	for _, f := range fields {
		for _, k := range analysis.AppendKeys(nil, f) {
			out[k] = true
		}
	}
	return out
}

// unsupported reports whether only the likeness of its vector speaks for a
// clause. Some clause is always the most alike, whatever is asked: that orders
// clauses and is no evidence.
func unsupported(j judged) bool { return j.hit.Why.Vector > 0 && j.coverage < minCoverage }

// byWords is the evidence without the likeness of the vector.
func (j judged) byWords() float64 {
	return (j.hit.Score - j.hit.Why.Vector) * (1 + ownWords*j.coverage)
}

// choose picks the clauses to cite; none means to abstain. Whether to abstain is
// for words alone to say; vectors help to choose.
func choose(ranked []judged, u Understanding) []judged {
	if len(ranked) == 0 {
		return nil
	}
	first := slices.MaxFunc(ranked, func(a, b judged) int { return cmp.Compare(a.byWords(), b.byWords()) })
	if first.coverage < minCoverage {
		return nil
	}
	ranked = slices.DeleteFunc(slices.Clone(ranked), unsupported)
	most, score, words := maxCited, relative, share
	if u.List {
		most, score, words = maxCitedList, relativeAll, shareAll
	}
	out := ranked[:1:1]
	perDocument := map[string]int{ranked[0].hit.Clause.Document.ID: 1}
	for _, j := range ranked[1:] {
		id := j.hit.Clause.Document.ID
		if len(out) == most || j.evidence() < score*ranked[0].evidence() {
			break
		}
		if j.coverage < max(minCoverage, words*ranked[0].coverage) || u.List && perDocument[id] > 1 {
			continue
		}
		perDocument[id]++
		out = append(out, j)
	}
	return out
}
