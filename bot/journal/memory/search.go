package memory

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"policybot/bot/journal"
)

// A found is what a search knows of a question.
type found struct {
	*question
	facts  journal.Facts
	lang   string
	rating journal.Rating // the latest; zero when there is none
	rated  string
	review journal.Review // the latest; zero when there is none
}

// look gathers what a search knows of a question.
func look(q *question) found {
	f := found{question: q, facts: journal.FactsOf(q.Answer, q.Record)}
	if f.lang = f.facts.Lang; f.lang == "" {
		f.lang = journal.Word(q.Lang)
	}
	if n := len(q.ratings); n > 0 {
		f.rating = q.ratings[n-1]
		f.rated = map[bool]string{true: journal.Good, false: journal.Bad}[f.rating.Good]
	}
	if n := len(q.reviews); n > 0 {
		f.review = q.reviews[n-1]
	}
	return f
}

// Search implements [journal.Finder].
func (j *Journal) Search(ctx context.Context, q journal.Query) (journal.Page, error) {
	if err := j.lock(ctx, "search"); err != nil {
		return journal.Page{}, err
	}
	defer j.mu.Unlock()
	list := j.found(q)
	page := journal.Page{Total: len(list)}
	slices.Reverse(list)
	first, end := 0, len(list) // of what may be on the page
	if q.Before > 0 {
		first = slices.IndexFunc(list, func(f found) bool { return f.Seq < q.Before })
	}
	if q.After > 0 {
		if end = slices.IndexFunc(list, func(f found) bool { return f.Seq <= q.After }); end < 0 {
			end = len(list)
		}
		first = max(0, end-q.Rows())
	}
	if first < 0 {
		first = len(list)
	}
	end = min(end, first+q.Rows())
	for _, f := range list[first:end] {
		page.Rows = append(page.Rows, f.row())
	}
	if n := len(page.Rows); n > 0 && first > 0 {
		page.Newer = page.Rows[0].Seq
	}
	if n := len(page.Rows); n > 0 && end < len(list) {
		page.Older = page.Rows[n-1].Seq
	}
	if q.Uncounted {
		page.Total, page.Newer = 0, 0
	}
	return page, nil
}

// Matches implements [journal.Finder]. All are taken at once.
func (j *Journal) Matches(ctx context.Context, q journal.Query) iter.Seq2[journal.Match, error] {
	return func(yield func(journal.Match, error) bool) {
		list, err := j.matches(ctx, q)
		for _, m := range list {
			if !yield(m, nil) {
				return
			}
		}
		if err != nil {
			yield(journal.Match{}, err)
		}
	}
}

func (j *Journal) matches(ctx context.Context, q journal.Query) ([]journal.Match, error) {
	if err := j.lock(ctx, "search"); err != nil {
		return nil, err
	}
	defer j.mu.Unlock()
	var list []journal.Match
	for _, f := range slices.Backward(j.found(q)) {
		list = append(list, journal.Match{Row: f.row(), Question: withoutRecord(f.question.Question)})
	}
	return list, nil
}

// withoutRecord is a copy of a question without its record.
func withoutRecord(q journal.Question) journal.Question {
	q.Record = nil
	return copyQuestion(q)
}

// Figures implements [journal.Finder].
func (j *Journal) Figures(ctx context.Context, q journal.Query) (journal.Figures, error) {
	if q.OfPerson() {
		return journal.Figures{}, fmt.Errorf("sum up: %w", journal.ErrPersonal)
	}
	if err := j.lock(ctx, "sum up"); err != nil {
		return journal.Figures{}, err
	}
	defer j.mu.Unlock()
	tally := journal.NewTally(q)
	for _, f := range j.found(q) {
		tally.Add(f.logged())
	}
	return tally.Figures(), nil
}

// found gives the questions that fit, by Seq.
func (j *Journal) found(q journal.Query) []found {
	terms := journal.Terms(q.Words)
	var list []found
	for _, row := range j.questions {
		if f := look(row); f.inTime(q) && f.isSo(q) && f.cites(q) && f.judged(q) && f.says(terms, q.InAnswer) {
			list = append(list, f)
		}
	}
	return list
}

func (f found) inTime(q journal.Query) bool {
	took := float64(f.facts.Took.Microseconds())
	return (q.Since.IsZero() || !f.AcceptedAt.Before(q.Since)) &&
		(q.Until.IsZero() || f.AcceptedAt.Before(q.Until)) &&
		(q.MsFrom <= 0 || took >= q.MsFrom*1000) &&
		(q.MsTo <= 0 || took > 0 && took < q.MsTo*1000)
}

func (f found) isSo(q journal.Query) bool {
	return is(q.Channel, f.Channel) && is(q.Lang, f.lang) && is(q.Outcome, f.Outcome) && is(q.Reason, f.Reason) &&
		is(q.Mode, f.facts.Mode) && is(q.Model, f.facts.Model) && is(q.Asker, f.User) && is(q.Dialogue, f.Dialogue) &&
		holds(q.Masked, len(f.Masked) > 0) && holds(q.Duplicates, f.Question.Duplicates > 0)
}

func (f found) cites(q journal.Query) bool {
	return among(q.Place, f.facts.Places) && among(q.Document, f.facts.Documents) && among(q.Clause, f.facts.Clauses) && anyOf(q.AnyClause, f.facts.Clauses) &&
		among(q.Notice, f.facts.Notices)
}

func (f found) judged(q journal.Query) bool {
	var state, reason string
	if f.opened != nil {
		state, reason = string(f.opened.State), f.opened.Reason
	}
	return there(q.Rating, f.rated) && is(q.RatingReason, f.rating.Reason) && there(q.Case, state) && is(q.CaseReason, reason) &&
		there(q.Verdict, string(f.review.Verdict)) && is(q.Reviewer, f.review.By)
}

// says reports whether every term is in the question or, where asked, in the answer.
func (f found) says(terms []string, inAnswer bool) bool {
	if len(terms) == 0 {
		return true
	}
	question, answer := journal.Fold(f.Text), ""
	if inAnswer {
		answer = journal.Fold(f.facts.Text)
	}
	return !slices.ContainsFunc(terms, func(term string) bool {
		return !strings.Contains(question, term) && !strings.Contains(answer, term)
	})
}

// is reports whether a value is the one that is wanted, "" wants any.
func is(want, value string) bool { return want == "" || want == journal.Word(value) }

// holds reports whether something is as it is wanted to be.
func holds(want string, so bool) bool { return want == "" || (want == journal.Yes) == so }

// among reports whether a list has what is wanted.
func among(want string, list []string) bool {
	return want == "" || slices.Contains(list, journal.Word(want))
}

// anyOf reports whether a list has one of what is wanted, if anything is.
func anyOf(want, list []string) bool {
	return len(want) == 0 || slices.ContainsFunc(want, func(one string) bool { return slices.Contains(list, journal.Word(one)) })
}

// there is is for what may not be there at all.
func there(want, value string) bool {
	switch want {
	case journal.None:
		return value == ""
	case journal.Any:
		return value != ""
	}
	return is(want, value)
}

// row gives what a list shows.
func (f found) row() journal.Row {
	row := journal.Row{
		ID: f.ID, Seq: f.Seq, At: f.AcceptedAt, Channel: f.Channel, Lang: f.lang, Text: f.Text, State: f.State, Outcome: f.Outcome, Reason: f.Reason,
		Clauses: f.facts.Clauses[:min(len(f.facts.Clauses), journal.RowClauses)], Rating: f.rated, Verdict: f.review.Verdict,
		Ms: float64(f.facts.Took.Microseconds()) / 1000, Mode: f.facts.Mode,
	}
	if f.opened != nil {
		row.Case = f.opened.State
	}
	return row
}

// logged gives what figures need.
func (f found) logged() journal.Logged {
	return journal.Logged{
		At: f.AcceptedAt, Channel: journal.Word(f.Channel), Lang: f.lang, Outcome: journal.Word(f.Outcome), Reason: journal.Word(f.Reason),
		Took: f.facts.Took, TokensIn: f.facts.TokensIn, TokensOut: f.facts.TokensOut, Clauses: f.facts.Clauses, Documents: f.facts.Documents,
		Places: f.facts.Places, Rating: f.rated, RatingReason: journal.Word(f.rating.Reason),
	}
}
