package journaltest

import (
	"context"
	"iter"
	"time"

	"policybot/bot/journal"
)

// searches breaks what queries ask for.
type searches struct {
	good
	change func(*journal.Query)
}

func (j searches) Search(ctx context.Context, q journal.Query) (journal.Page, error) {
	j.change(&q)
	return j.good.Search(ctx, q)
}

func (j searches) Figures(ctx context.Context, q journal.Query) (journal.Figures, error) {
	j.change(&q)
	return j.good.Figures(ctx, q)
}

func (j searches) Matches(ctx context.Context, q journal.Query) iter.Seq2[journal.Match, error] {
	j.change(&q)
	return j.good.Matches(ctx, q)
}

// allMatches gives every question as a match.
type allMatches struct{ good }

func (j allMatches) Matches(ctx context.Context, _ journal.Query) iter.Seq2[journal.Match, error] {
	return j.good.Matches(ctx, journal.Query{})
}

// blindReviews takes every review, whatever it is on top of.
type blindReviews struct{ good }

func (j blindReviews) SaveReview(ctx context.Context, r journal.Review) (journal.Review, error) {
	list, err := j.Reviews(ctx, r.Question)
	if err != nil {
		return journal.Review{}, err
	}
	r.Base = len(list)
	return j.good.SaveReview(ctx, r)
}

// searchFaults ignores every part of a query, one at a time.
func searchFaults() []fault {
	list := []fault{
		{name: "reviews without a conflict", wrap: func(g good) journal.Journal { return blindReviews{g} }, cases: []string{"ReviewConflict"}, walk: true},
		{name: "matches ignore the query", wrap: func(g good) journal.Journal { return allMatches{g} }, cases: []string{"Matches"}},
	}
	for name, one := range map[string]struct {
		change func(*journal.Query)
		found  string // case that finds it
	}{
		"since":         {func(q *journal.Query) { q.Since = time.Time{} }, "SearchTimes"},
		"until":         {func(q *journal.Query) { q.Until = time.Time{} }, "SearchTimes"},
		"channel":       {func(q *journal.Query) { q.Channel = "" }, "SearchFilters"},
		"language":      {func(q *journal.Query) { q.Lang = "" }, "SearchFilters"},
		"outcome":       {func(q *journal.Query) { q.Outcome = "" }, "SearchFilters"},
		"reason":        {func(q *journal.Query) { q.Reason = "" }, "SearchFilters"},
		"mode":          {func(q *journal.Query) { q.Mode = "" }, "SearchFilters"},
		"model":         {func(q *journal.Query) { q.Model = "" }, "SearchFilters"},
		"place":         {func(q *journal.Query) { q.Place = "" }, "SearchFilters"},
		"document":      {func(q *journal.Query) { q.Document = "" }, "SearchFilters"},
		"clause":        {func(q *journal.Query) { q.Clause = "" }, "SearchFilters"},
		"any clause":    {func(q *journal.Query) { q.AnyClause = nil }, "SearchClauses"},
		"notice":        {func(q *journal.Query) { q.Notice = "" }, "SearchFilters"},
		"rating":        {func(q *journal.Query) { q.Rating = "" }, "SearchFilters"},
		"rating reason": {func(q *journal.Query) { q.RatingReason = "" }, "SearchFilters"},
		"case":          {func(q *journal.Query) { q.Case = "" }, "SearchFilters"},
		"case reason":   {func(q *journal.Query) { q.CaseReason = "" }, "SearchFilters"},
		"verdict":       {func(q *journal.Query) { q.Verdict = "" }, "SearchFilters"},
		"reviewer":      {func(q *journal.Query) { q.Reviewer = "" }, "SearchFilters"},
		"asker":         {func(q *journal.Query) { q.Asker = "" }, "SearchFilters"},
		"dialogue":      {func(q *journal.Query) { q.Dialogue = "" }, "SearchFilters"},
		"masked":        {func(q *journal.Query) { q.Masked = "" }, "SearchFilters"},
		"duplicates":    {func(q *journal.Query) { q.Duplicates = "" }, "SearchFilters"},
		"ms from":       {func(q *journal.Query) { q.MsFrom = 0 }, "SearchFilters"},
		"ms to":         {func(q *journal.Query) { q.MsTo = 0 }, "SearchFilters"},
		"words":         {func(q *journal.Query) { q.Words = "" }, "SearchWords"},
		"in answer":     {func(q *journal.Query) { q.InAnswer = false }, "SearchWords"},
		"not in answer": {func(q *journal.Query) { q.InAnswer = true }, "SearchWords"},
		"size":          {func(q *journal.Query) { q.Size = 0 }, "SearchPages"},
		"before":        {func(q *journal.Query) { q.Before = 0 }, "SearchPages"},
		"after":         {func(q *journal.Query) { q.After = 0 }, "SearchPages"},
		"uncounted":     {func(q *journal.Query) { q.Uncounted = false }, "SearchUncounted"},
		"zone":          {func(q *journal.Query) { q.Zone = nil }, "Figures"},
	} {
		list = append(list, fault{name: "searches ignore: " + name, wrap: func(g good) journal.Journal { return searches{g, one.change} }, cases: []string{one.found}})
	}
	return list
}
