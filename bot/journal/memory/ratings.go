package memory

import (
	"context"
	"iter"
	"slices"

	"policybot/bot/journal"
)

// Ratings implements [journal.Log], as Entries does.
func (j *Journal) Ratings(ctx context.Context, f journal.Filter) iter.Seq2[journal.Rating, error] {
	return func(yield func(journal.Rating, error) bool) {
		list, err := j.rated(ctx, f)
		if err != nil {
			yield(journal.Rating{}, err)
			return
		}
		for _, r := range list {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// rated gives the ratings of the questions that fit, in order of time.
func (j *Journal) rated(ctx context.Context, f journal.Filter) ([]journal.Rating, error) {
	if err := j.lock(ctx, "list ratings"); err != nil {
		return nil, err
	}
	defer j.mu.Unlock()
	var list []journal.Rating
	for _, q := range j.questions {
		if fits(q, f) {
			list = append(list, q.ratings...)
		}
	}
	slices.SortStableFunc(list, func(a, b journal.Rating) int { return a.At.Compare(b.At) })
	return list, nil
}
