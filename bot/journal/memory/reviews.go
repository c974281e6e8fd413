package memory

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"policybot/bot/journal"
)

// SaveReview implements [journal.Reviewer].
func (j *Journal) SaveReview(ctx context.Context, r journal.Review) (journal.Review, error) {
	if err := j.lock(ctx, "review question "+r.Question); err != nil {
		return journal.Review{}, err
	}
	defer j.mu.Unlock()
	if err := r.Check(); err != nil {
		return journal.Review{}, fmt.Errorf("review question %q: %w", r.Question, err)
	}
	q, ok := j.byID[r.Question]
	if !ok || q.erased {
		return journal.Review{}, fmt.Errorf("review question %q: %w", r.Question, journal.ErrNotFound)
	}
	if n := len(q.reviews); n != r.Base {
		var latest journal.Review
		if n > 0 {
			latest = copyReview(q.reviews[n-1])
		}
		return journal.Review{}, &journal.ReviewConflictError{Latest: latest}
	}
	r.N = len(q.reviews) + 1
	q.reviews = append(q.reviews, copyReview(r))
	addStep(q, r.At, "reviewed", "")
	return copyReview(r), nil
}

// Reviews implements [journal.Reviewer].
func (j *Journal) Reviews(ctx context.Context, question string) ([]journal.Review, error) {
	if err := j.lock(ctx, "read reviews of question "+question); err != nil {
		return nil, err
	}
	defer j.mu.Unlock()
	q, ok := j.byID[question]
	if !ok {
		return nil, fmt.Errorf("read reviews of question %q: %w", question, journal.ErrNotFound)
	}
	var list []journal.Review
	for _, r := range q.reviews {
		list = append(list, copyReview(r))
	}
	return list, nil
}

func copyReview(r journal.Review) journal.Review {
	r.Scores = maps.Clone(r.Scores)
	return r
}

// SaveView implements [journal.Views].
func (j *Journal) SaveView(ctx context.Context, v journal.View) error {
	if err := j.lock(ctx, "save view "+v.Name); err != nil {
		return err
	}
	defer j.mu.Unlock()
	if err := v.Check(); err != nil {
		return fmt.Errorf("save view %q: %w", v.Name, err)
	}
	j.views[viewKey{v.Owner, v.Name}] = v
	return nil
}

// ListViews implements [journal.Views].
func (j *Journal) ListViews(ctx context.Context, owner string) ([]journal.View, error) {
	return j.listViews(ctx, func(v journal.View) bool { return v.Shared || v.Owner == owner })
}

// EveryView implements [journal.Views].
func (j *Journal) EveryView(ctx context.Context) ([]journal.View, error) {
	return j.listViews(ctx, func(journal.View) bool { return true })
}

func (j *Journal) listViews(ctx context.Context, wanted func(journal.View) bool) ([]journal.View, error) {
	if err := j.lock(ctx, "list views"); err != nil {
		return nil, err
	}
	defer j.mu.Unlock()
	var list []journal.View
	for _, v := range j.views {
		if wanted(v) {
			list = append(list, v)
		}
	}
	slices.SortFunc(list, func(a, b journal.View) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Owner, b.Owner)) })
	return list, nil
}

// DeleteView implements [journal.Views].
func (j *Journal) DeleteView(ctx context.Context, owner, name string) error {
	if err := j.lock(ctx, "delete view "+name); err != nil {
		return err
	}
	defer j.mu.Unlock()
	if _, ok := j.views[viewKey{owner, name}]; !ok {
		return fmt.Errorf("delete view %q: %w", name, journal.ErrNotFound)
	}
	delete(j.views, viewKey{owner, name})
	return nil
}
