package eligibility

import (
	"slices"
	"strings"

	"policybot/bot/understand"
	"policybot/retrieval"
	"policybot/retrieval/sentence"
)

// Bind finds the words of a measure in the clauses of its document, which must be all
// of them. A word that is not there to the letter is an error: with file and line
// where the measure was read from a file ([*FileError]).
func (m Measure) Bind(clauses []retrieval.Clause) (Bound, error) {
	b := Bound{Measure: m}
	v, err := Builtin().With(m.Facts)
	if err != nil {
		return b, m.fail(m.line, "%s", err)
	}
	b.vocabulary = v
	own := at(clauses, m.Path, m.Quote)
	if own == nil {
		return b, m.fail(m.line, "%s: %s has no clause %s", m.ID, m.Document, m.Path)
	}
	switch strings.Count(own.Text, m.Quote) {
	case 0:
		return b, m.fail(m.line, "%s: clause %s of %s does not have the words “%s”", m.ID, m.Path, m.Document, m.Quote)
	case 1:
	default:
		return b, m.fail(m.line, "%s: clause %s of %s has the words “%s” more than once: copy more of them", m.ID, m.Path, m.Document, m.Quote)
	}
	b.Clause, b.home = *own, understand.CityOf(own.Document)
	b.Start, b.End = whole(own.Text, m.Quote)
	for i := range b.Criteria {
		c := &b.Criteria[i]
		where, found := own.Path, stands(*own, c.Words)
		if c.In != "" {
			where, found = c.In, slices.ContainsFunc(clauses, func(o retrieval.Clause) bool {
				return (o.ID == c.In || o.Path == c.In || strings.HasPrefix(o.Path, c.In+"/")) && stands(o, c.Words)
			})
		}
		if !found {
			return b, m.fail(c.line, "%s: need %q: clause %s of %s does not have the words “%s”", m.ID, c.Need, where, m.Document, c.Words)
		}
	}
	return b, nil
}

// stands reports whether words stand in a clause, or in what it stands under: an
// article that begins a list is no clause of its own.
func stands(c retrieval.Clause, words string) bool {
	return strings.Contains(c.Text, words) || slices.ContainsFunc(c.Parents, func(p string) bool { return strings.Contains(p, words) })
}

// at finds a clause by its path or id. Of several with the same path it is the one
// that has the words, else the first.
func at(clauses []retrieval.Clause, path, words string) *retrieval.Clause {
	var found *retrieval.Clause
	for i := range clauses {
		c := &clauses[i]
		if c.ID != path && c.Path != path {
			continue
		}
		if strings.Contains(c.Text, words) {
			return c
		}
		if found == nil {
			found = c
		}
	}
	return found
}

// whole widens words to the sentences that they stand in.
func whole(text, words string) (start, end int) {
	from := strings.Index(text, words)
	to := from + len(words)
	start, end = from, to
	for _, s := range sentence.Split(text) {
		if s.Start <= from && from < s.End {
			start = s.Start
		}
		if s.Start < to && to <= s.End {
			end = s.End
		}
	}
	return start, end
}
