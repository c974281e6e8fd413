package eval

import (
	"context"
	"testing"
	"time"

	"policybot/bot"
	"policybot/retrieval"
	"policybot/retrieval/metrics"
	"policybot/retrieval/retrievaltest"
)

// TestWordsHelp measures how often the golds of the questions are found with the
// files of words and without them: with them more are, by more than chance.
func TestWordsHelp(t *testing.T) {
	with := wordsDesk(t, true)
	without := wordsDesk(t, false)
	var before, now [2][]float64 // of all files: recall@5, @10
	for _, file := range []string{"questions.jsonl", "pairs.jsonl"} {
		plain, bridged := recalls(t, without, readQuestions(t, file)), recalls(t, with, readQuestions(t, file))
		for i, k := range []int{5, 10} {
			mean, low, high := metrics.Bootstrap(plain[i], bridged[i], rounds, metrics.Seed)
			t.Logf("%s, %d questions: recall@%d %.3f without, %.3f with, %+.3f (95 %% interval %+.3f to %+.3f)",
				file, len(plain[i]), k, average(plain[i]), average(bridged[i]), mean, low, high)
			before[i], now[i] = append(before[i], plain[i]...), append(now[i], bridged[i]...)
		}
	}
	for i, k := range []int{5, 10} {
		mean, low, high := metrics.Bootstrap(before[i], now[i], rounds, metrics.Seed)
		t.Logf("all, %d questions: recall@%d %+.3f (95 %% interval %+.3f to %+.3f)", len(now[i]), k, mean, low, high)
		if k == 10 && low <= 0 {
			t.Errorf("the words add %+.3f to recall@10; the interval is %+.3f to %+.3f, want it above 0", mean, low, high)
		}
	}
}

// wordsDesk searches the seeds with the files of words or without.
func wordsDesk(t *testing.T, words bool) *bot.Desk {
	t.Helper()
	store := retrieval.NewMemory()
	lib, err := retrievaltest.SeedsIn(t.Context(), store)
	if err == nil && !words {
		lib = retrieval.New(store, "")
		lib.UseBridge(nil)
		err = lib.Refresh(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	return &bot.Desk{Library: lib, Now: func() time.Time { return day }}
}

// recalls is the share of the golds in the first 5 and 10 clauses, of each question
// with gold.
func recalls(t *testing.T, desk *bot.Desk, questions []Question) (out [2][]float64) {
	t.Helper()
	for _, q := range questions {
		if len(q.Gold) == 0 {
			continue
		}
		found, err := desk.Search(context.Background(), q.Ask(), 10)
		if err != nil {
			t.Fatalf("question %s: %v", q.ID, err)
		}
		var share [2]float64
		for _, gold := range q.Gold {
			for rank, h := range found.Hits {
				if holds(h.Clause, gold) {
					share[1] += 1 / float64(len(q.Gold))
					if rank < 5 {
						share[0] += 1 / float64(len(q.Gold))
					}
					break
				}
			}
		}
		out[0], out[1] = append(out[0], share[0]), append(out[1], share[1])
	}
	return out
}

func average(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(max(len(values), 1))
}
