package journaltest

import (
	"errors"
	"fmt"
	"time"

	"policybot/bot/journal"
)

func reviewCases() []check {
	return []check{
		{"Reviews", testReviews},
		{"ReviewConflict", testReviewConflict},
		{"ReviewRefused", testReviewRefused},
		{"Views", testViews},
	}
}

// review saves a review. Time passes.
func (b *bench) review(r journal.Review) journal.Review {
	b.Helper()
	r.At = b.now
	got, err := b.SaveReview(b.ctx, r)
	b.must("SaveReview", err)
	b.tick(time.Second)
	return got
}

func testReviews(b *bench) {
	one, two, _ := b.some()
	first := journal.Review{
		Question: one, Verdict: journal.Incomplete, Clause: "xm.9", Text: "text", Note: "note", By: "eve",
		Scores: map[int]journal.Score{0: journal.Supported, 2: journal.Partly, 3: journal.Unsupported, 4: journal.HarmfulHere}, Entry: "entry",
	}
	saved := b.review(first)
	first.N, first.At = 1, saved.At
	b.same("as saved", saved, first)
	second := b.review(journal.Review{Question: one, Base: 1, Verdict: journal.Right, By: "fay"})
	b.same("N", second.N, 2)
	b.restart()
	list, err := b.Reviews(b.ctx, one)
	b.must("Reviews", err)
	b.same("reviews", list, []journal.Review{saved, second})
	list, err = b.Reviews(b.ctx, two)
	b.must("Reviews", err)
	b.same("reviews of another", list, []journal.Review(nil))
	_, err = b.Reviews(b.ctx, "unknown")
	b.wantErr("Reviews of an unknown question", err, journal.ErrNotFound)
	b.wantSteps(one, "accepted", "claimed", "answered", "posted", "reviewed", "reviewed")
}

func testReviewConflict(b *bench) {
	one, _, _ := b.some()
	_, err := b.SaveReview(b.ctx, journal.Review{Question: one, Base: 1, Verdict: journal.Right, By: "eve", At: b.now})
	var conflict *journal.ReviewConflictError
	if !errors.As(err, &conflict) || conflict.Latest.N != 0 {
		b.Errorf("a base that there is not: %v", err)
	}
	saved := b.review(journal.Review{Question: one, Verdict: journal.Right, By: "eve"})
	_, err = b.SaveReview(b.ctx, journal.Review{Question: one, Verdict: journal.Wrong, By: "fay", At: b.now})
	conflict = nil
	if !errors.As(err, &conflict) {
		b.Fatalf("error %v, want a conflict", err)
	}
	b.same("latest", conflict.Latest, saved)
	b.wantFound("nothing was saved", journal.Query{Verdict: string(journal.Right)}, one)
}

func testReviewRefused(b *bench) {
	one, _, _ := b.some()
	for name, r := range map[string]journal.Review{
		"no verdict": {By: "eve"}, "an unknown verdict": {By: "eve", Verdict: "nice"}, "nobody": {Verdict: journal.Right},
		"an unknown score":         {By: "eve", Verdict: journal.Right, Scores: map[int]journal.Score{0: "x"}},
		"a sentence before others": {By: "eve", Verdict: journal.Right, Scores: map[int]journal.Score{-1: journal.Supported}},
	} {
		r.Question, r.At = one, b.now
		_, err := b.SaveReview(b.ctx, r)
		b.wantErr(name, err, journal.ErrReview)
	}
	_, err := b.SaveReview(b.ctx, journal.Review{Question: "unknown", Verdict: journal.Right, By: "eve", At: b.now})
	b.wantErr("an unknown question", err, journal.ErrNotFound)
	b.wantFound("nothing was saved", journal.Query{Verdict: journal.Any})
}

func testViews(b *bench) {
	views := func(owner string) []journal.View {
		list, err := b.ListViews(b.ctx, owner)
		b.must("ListViews", err)
		return list
	}
	b.same("no views", views("eve"), []journal.View(nil))
	mine := journal.View{Name: "b", Owner: "eve", Query: "outcome=failed"}
	shared := journal.View{Name: "a", Owner: "fay", Shared: true, Query: "x"}
	for _, v := range []journal.View{mine, shared, {Name: "c", Owner: "fay"}} {
		b.must("SaveView", b.SaveView(b.ctx, v))
	}
	b.restart()
	b.same("mine and shared", views("eve"), []journal.View{shared, mine})
	every, err := b.EveryView(b.ctx)
	b.must("EveryView", err)
	b.same("every view", every, []journal.View{shared, mine, {Name: "c", Owner: "fay"}})
	mine.Query, mine.Shared = "y", true
	b.must("SaveView", b.SaveView(b.ctx, mine))
	b.same("replaced", views("gil"), []journal.View{shared, mine})
	b.wantErr("DeleteView of another's", b.DeleteView(b.ctx, "eve", "a"), journal.ErrNotFound)
	b.must("DeleteView", b.DeleteView(b.ctx, "fay", "a"))
	b.same("deleted", views("eve"), []journal.View{mine})
	for _, v := range []journal.View{{Name: "x"}, {Owner: "eve"}} {
		if err := b.SaveView(b.ctx, v); err == nil {
			b.Errorf("SaveView of %+v: no error", v)
		}
	}
}

func (w *walker) review(o op) error {
	a, _ := pick(w.asked, o.Which)
	r := journal.Review{
		Question: a.Question.ID, Base: o.Span % 3, Verdict: journal.Verdicts()[o.User], By: user(o.User), Note: w.name("note"), At: w.now,
	}
	got, gotErr := w.got.SaveReview(w.ctx, r)
	want, wantErr := w.want.SaveReview(w.ctx, r)
	if err := both("SaveReview", got, want, gotErr, wantErr); err != nil {
		return err
	}
	var one, other *journal.ReviewConflictError
	if errors.As(gotErr, &one) != errors.As(wantErr, &other) {
		return fmt.Errorf("SaveReview: error %w; want %v", gotErr, wantErr) //nolint:errorlint // one of them may be nil
	}
	if other == nil {
		return nil
	}
	return differ("the latest review", one.Latest, other.Latest)
}

// search looks for what a walk makes.
func (w *walker) search(j journal.Journal) ([]any, error) {
	var found []any
	for _, q := range []journal.Query{
		{},
		{Words: "text00 1"},
		{Words: "edited"},
		{Rating: journal.Good},
		{Rating: journal.None, Case: journal.None},
		{Case: journal.Any, Channel: "mail"},
		{Verdict: journal.Any, Size: 2},
		{Reviewer: user(1)},
		{Asker: user(2), Masked: journal.No},
		{Duplicates: journal.Yes},
		{Outcome: "answered", Since: start.Add(time.Minute)},
		{Lang: "zh", Before: 20, Size: 3},
		{Until: w.now.Add(-time.Minute), After: 3, Size: 3},
	} {
		page, err := j.Search(w.ctx, q)
		if err != nil {
			return nil, err
		}
		found = append(found, page)
	}
	f, err := j.Figures(w.ctx, journal.Query{})
	return append(found, f), err
}
