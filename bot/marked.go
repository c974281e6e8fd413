package bot

import (
	"slices"

	"policybot/bot/intent"
)

// marked reports whether people have marked the clause as the answer to the question: an
// index entry asks the same; see retrieval.Library.Teach.
func (j judged) marked() bool { return j.hit.Why.Taught != nil }

// similarity is how alike the question of the entry and the one that was asked are, 0
// without an entry.
func (j judged) similarity() float64 {
	if !j.marked() {
		return 0
	}
	return j.hit.Why.Taught.Similarity
}

// firstMarked puts the clause that an index entry raised before the others.
func firstMarked(ranked []judged) []judged {
	i := slices.IndexFunc(ranked, judged.marked)
	if i <= 0 {
		return ranked
	}
	return slices.Concat(ranked[i:i+1], ranked[:i], ranked[i+1:])
}

// withMarked cites the clause that an index entry raised. Clauses that rules chose stay
// beside it where they chose it too, and where several things are asked for; else what
// rules chose is what people have put right. ranked has it first, if there is one.
func (e *Evidence) withMarked(ranked, chosen []judged) []judged {
	if len(ranked) == 0 || !ranked[0].marked() {
		return chosen
	}
	first := ranked[0]
	several := len(e.Sides) > 1 || len(e.Anchors) > 0 || e.Understanding.Asks(intent.Compare, intent.List)
	if !cites(chosen, first) && !several {
		return ranked[:1:1]
	}
	others := slices.DeleteFunc(slices.Clone(chosen), func(j judged) bool { return j.hit.Clause.ID == first.hit.Clause.ID })
	return slices.Concat(ranked[:1], others[:min(len(others), max(len(chosen), maxCited)-1)])
}
