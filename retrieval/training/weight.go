package training

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"policybot/retrieval"
	"policybot/retrieval/embed"
	"policybot/retrieval/metrics"
	"policybot/retrieval/vector"
)

// A Weight is what the vectors of a model are worth beside the ranker, and how
// that was found. Its JSON is kept with the vectors.
type Weight struct {
	Value     float64 `json:"weight"`    // 0: these vectors do not help
	Questions int     `json:"questions"` // that it was learned from
	Before    float64 `json:"before"`    // nDCG@10 without vectors
	After     float64 `json:"after"`     // with them, each question by the weight learned from other documents
	Low       float64 `json:"low"`       // 95 % interval of the difference
	High      float64 `json:"high"`
}

// weights are those that are tried, in units of the best BM25 score.
var weights = []float64{0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8, 1, 1.5, 2, 3}

const (
	depth  = 10     // of nDCG
	rounds = 10_000 // of the bootstrap
	seed   = 1
)

// LearnWeight embeds the embedded documents and questions and finds the weight
// that orders them best. For every document it is found once from the questions
// about all others and tried on those about it; unless that is better than no
// vectors, with an interval above 0, the weight is 0: vectors can only help. The
// error is the embedder's or the context's.
func LearnWeight(ctx context.Context, e embed.Embedder) (Weight, error) {
	set, err := Clauses(ctx, nil)
	if err != nil {
		return Weight{}, err
	}
	trials, err := try(ctx, e, set)
	if err != nil {
		return Weight{}, fmt.Errorf("learn the weight of %s: %w", e.Model(), err)
	}
	return choose(trials, set.Questions), nil
}

// try returns nDCG of each question with each of weights.
func try(ctx context.Context, e embed.Embedder, set Set) ([][]float64, error) {
	entries, err := Embed(ctx, e, set.Passages)
	if err != nil {
		return nil, err
	}
	index, err := vector.NewFlat(entries, len(entries[0].Vector))
	if err != nil {
		return nil, err
	}
	known, err := embedQuestions(ctx, e, set.Questions)
	if err != nil {
		return nil, err
	}
	s, err := retrieval.NewSearcher(Index(set.Passages), retrieval.DefaultModel(), &retrieval.Vectors{Index: index, Embedder: known, Weight: 1})
	if err != nil {
		return nil, err
	}
	trials := make([][]float64, len(set.Questions))
	for i, q := range set.Questions {
		found, err := s.Search(ctx, retrieval.Query{Text: q.Text}, len(set.Passages))
		if err == nil {
			err = found.Degraded
		}
		if err != nil {
			return nil, err
		}
		trials[i] = ndcg(found.Matches, q.Gold)
	}
	return trials, nil
}

// ndcg measures the order of matches, which were scored with weight 1, by each
// of weights.
func ndcg(matches []retrieval.Match, gold []string) []float64 {
	relevant := map[string]int{}
	for _, id := range gold {
		relevant[id] = 1
	}
	out := make([]float64, len(weights))
	order := make([]int, len(matches))
	for j := range order {
		order[j] = j
	}
	for i, w := range weights {
		score := func(m retrieval.Match) float64 { return m.Score + (w-1)*m.Likeness }
		slices.SortFunc(order, func(a, b int) int {
			return cmp.Or(cmp.Compare(score(matches[b]), score(matches[a])), cmp.Compare(matches[a].Unit, matches[b].Unit))
		})
		r := metrics.Ranking{Relevant: relevant}
		for _, j := range order[:min(len(order), depth)] {
			r.Ranked = append(r.Ranked, matches[j].ID)
		}
		out[i] = r.NDCG(depth)
	}
	return out
}

func choose(trials [][]float64, questions []Question) Weight {
	w := Weight{Questions: len(questions)}
	before, after := make([]float64, len(trials)), make([]float64, len(trials))
	byDocument := map[string]int{} // the best of weights without the document's questions
	for i, q := range questions {
		k, ok := byDocument[q.Document]
		if !ok {
			k = best(trials, questions, q.Document)
			byDocument[q.Document] = k
		}
		before[i], after[i] = trials[i][0], trials[i][k]
		w.Before += before[i] / float64(len(trials))
		w.After += after[i] / float64(len(trials))
	}
	_, w.Low, w.High = metrics.Bootstrap(before, after, rounds, seed)
	if w.Low > 0 {
		w.Value = weights[best(trials, questions, "")]
	}
	return w
}

// best returns which of weights has the highest mean over the questions that are
// not about a document; of equals the least.
func best(trials [][]float64, questions []Question, without string) int {
	sums := make([]float64, len(weights))
	for i, q := range questions {
		if q.Document == without {
			continue
		}
		for k, v := range trials[i] {
			sums[k] += v
		}
	}
	k := 0
	for i, s := range sums {
		if s > sums[k] {
			k = i
		}
	}
	return k
}

// A recorded embedder answers from what another one said before.
type recorded struct {
	embed.Embedder
	vectors map[string][]float32
}

func embedQuestions(ctx context.Context, e embed.Embedder, questions []Question) (*recorded, error) {
	texts := make([]string, len(questions))
	for i, q := range questions {
		texts[i] = q.Text
	}
	vectors, err := e.Embed(ctx, embed.Question, texts)
	if err != nil {
		return nil, err
	}
	r := &recorded{e, make(map[string][]float32, len(texts))}
	for i, t := range texts {
		r.vectors[t] = vectors[i]
	}
	return r, nil
}

// Embed implements embed.Embedder for the questions that were recorded.
func (r *recorded) Embed(_ context.Context, _ embed.Role, texts []string) ([][]float32, error) {
	out := make([][]float32, len(texts))
	for i, t := range texts {
		v, ok := r.vectors[t]
		if !ok {
			return nil, fmt.Errorf("question %q was not recorded", t)
		}
		out[i] = v
	}
	return out, nil
}
