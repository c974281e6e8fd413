package eval

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"policybot/bot"
	"policybot/bot/fakemodel"
	"policybot/bot/generate"
	"policybot/bot/model"
)

// writingDesk is seededDesk with a model.
func writingDesk(t *testing.T, m model.Model) *bot.Desk {
	t.Helper()
	d, err := seededDesk()
	if err != nil {
		t.Fatal(err)
	}
	return &bot.Desk{Library: d.Library, Now: d.Now, Measures: d.Measures, Writing: &bot.Writing{Generator: &generate.Generator{Model: m}, Rewrite: true}}
}

// TestHonest: what a good model writes is let through. A fake writes true sentences
// in other words for the development questions; at least 90 of 100 answers keep
// every sentence.
func TestHonest(t *testing.T) {
	desk := writingDesk(t, fakemodel.Honest{})
	answered, whole, kept, lines := 0, 0, 0, 0
	for _, q := range readQuestions(t, "dev.jsonl") {
		a, x, err := desk.Explain(t.Context(), q.Ask())
		if err != nil {
			t.Fatalf("%s: %v", q.ID, err)
		}
		if len(q.Gold) == 0 || a.Outcome != bot.Answered {
			continue
		}
		answered++
		all := a.Mode == bot.ModeGenerative
		if w := x.Evidence.Written; w != nil {
			for _, v := range w.Verdicts {
				lines++
				if v.Fate == generate.Kept {
					kept++
					continue
				}
				all = false
				t.Logf("%s: %s: %s: %s: %s", q.ID, v.Fate, v.Rule, v.What, v.Sentence)
			}
		}
		if all {
			whole++
		} else {
			t.Logf("%s: %s %s %q", q.ID, a.Mode, a.Fallback, q.Text)
		}
	}
	t.Logf("%d of %d answers are the model's with every sentence; %d of %d sentences are kept", whole, answered, kept, lines)
	if answered < 80 || whole*10 < answered*9 {
		t.Errorf("%d of %d answers keep every sentence, want 90 %%", whole, answered)
	}
}

// TestDeadEndpoint: whatever an endpoint does not do, every question gets the answer
// that it would have had without a model, in time, and marked.
func TestDeadEndpoint(t *testing.T) {
	d, err := seededDesk()
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		for name, m := range map[string]model.Model{
			"fails":                 fakemodel.Failing(&model.Error{Class: model.Unavailable}),
			"never begins":          &fakemodel.Byzantine{Only: []string{"never-a-piece"}},
			"never ends its line":   &fakemodel.Byzantine{Only: []string{"endless-blanks"}},
			"is left alone":         fakemodel.Failing(&model.Error{Class: model.Open}),
			"has no budget":         fakemodel.Failing(&model.Error{Class: model.Budget}),
			"does not take the key": fakemodel.Failing(&model.Error{Class: model.Unauthorized}),
		} {
			desk := &bot.Desk{Library: d.Library, Now: d.Now, Measures: d.Measures, Writing: &bot.Writing{Generator: &generate.Generator{Model: m}, Rewrite: true, Rerank: true}}
			for _, q := range readQuestions(t, "dev.jsonl")[:8] {
				want, err := d.Ask(t.Context(), q.Ask())
				if err != nil {
					t.Fatal(err)
				}
				begin := time.Now()
				got, err := desk.Ask(t.Context(), q.Ask())
				took := time.Since(begin)
				if err != nil || took > generate.DefaultTimeout+time.Second || got.Outcome != want.Outcome || got.Mode != bot.ModeExtractive {
					t.Errorf("%s, %s: %v after %s, %s %s", name, q.ID, err, took, got.Outcome, got.Mode)
				}
				if want.Outcome == bot.Answered && (got.Fallback == "" || !slices.EqualFunc(got.Citations, want.Citations, func(a, b bot.Citation) bool { return a.Quote == b.Quote })) {
					t.Errorf("%s, %s: fallback %q, other citations", name, q.ID, got.Fallback)
				}
			}
		}
	})
}
