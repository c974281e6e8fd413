package main

import (
	"fmt"
	"hash/fnv"
	"os"
	"slices"
	"strings"

	"policybot/retrieval"
	"policybot/retrieval/metrics"
	"policybot/retrieval/ranker"
	"policybot/retrieval/training"
)

// startScore is the weight of the BM25 score to begin with, in spreads of it.
const startScore = 1.2

const folds = 5

// train learns from the examples of all sets that are learned from, without
// those that leave says to leave out.
func train(d *data, leave func(training.Question) bool) (*ranker.Model, error) {
	var examples []ranker.Example
	for _, s := range d.sets {
		for i, e := range s.examples {
			if s.learned && (leave == nil || !leave(s.questions[i])) {
				examples = append(examples, e)
			}
		}
	}
	start := make([]float64, len(retrieval.Signals))
	start[slices.Index(retrieval.Signals, "score")] = startScore
	return ranker.Train(retrieval.Signals, examples, ranker.Options{Start: start, Depth: retrieval.Candidates})
}

// fold puts a name into one of the folds, always the same.
func fold(name string) int {
	h := fnv.New32a()
	h.Write([]byte(name))
	return int(h.Sum32()>>8) % folds
}

// A result is the rankings of one set by one model or several.
type result []metrics.Ranking

// rank orders the candidates of a set; model gives the model for a question.
func rank(s set, model func(training.Question) *ranker.Model) result {
	out := make(result, len(s.examples))
	for i, e := range s.examples {
		q := s.questions[i]
		m := model(q)
		scores := make([]float64, len(e.Signals))
		order := make([]int, len(e.Signals))
		for j, x := range e.Signals {
			order[j] = j
			if scores[j] = -float64(j); m != nil {
				scores[j] = m.Score(x)
			}
		}
		slices.SortStableFunc(order, func(a, b int) int {
			switch {
			case scores[a] > scores[b]:
				return -1
			case scores[a] < scores[b]:
				return 1
			}
			return 0
		})
		r := metrics.Ranking{Relevant: map[string]int{}}
		found := 0
		for _, j := range order {
			id := fmt.Sprint("candidate ", j)
			r.Ranked = append(r.Ranked, id)
			if e.Relevant[j] {
				r.Relevant[id] = 1
				found++
			}
		}
		for n := range e.Judged - found {
			r.Relevant[fmt.Sprint("not found ", n)] = 1
		}
		out[i] = r
	}
	return out
}

// measure trains once for each fold and says how well all of it went.
func measure(d *data, final *ranker.Model) (string, error) {
	var b strings.Builder
	b.WriteString("How the weights beside this file were found. Written by go run ./cmd/train-ranker -stard FOLDER.\n")
	for _, by := range []struct {
		name string
		key  func(training.Question) string
	}{
		{"questions", func(q training.Question) string { return q.Text }},
		{"documents", func(q training.Question) string { return q.Document }},
	} {
		var models [folds]*ranker.Model
		for k := range folds {
			m, err := train(d, func(q training.Question) bool { return fold(by.key(q)) == k })
			if err != nil {
				return "", err
			}
			models[k] = m
		}
		fmt.Fprintf(&b, "\nCross-validated over %s, %d folds\n\n", by.name, folds)
		table(&b, d, func(q training.Question) *ranker.Model { return models[fold(by.key(q))] })
	}
	fmt.Fprintf(&b, "\nOn the questions that it was trained on\n\n")
	table(&b, d, func(training.Question) *ranker.Model { return final })
	b.WriteString("\nSHA-256 of the data\n\n")
	for _, h := range d.hashes {
		b.WriteString(h + "\n")
	}
	return b.String(), nil
}

func table(b *strings.Builder, d *data, model func(training.Question) *ranker.Model) {
	fmt.Fprintf(b, "%-42s %9s  %-16s %-16s %-16s %-16s\n", "", "questions", "recall@1", "recall@10", "recall@100", "nDCG@10")
	for _, s := range d.sets {
		base := rank(s, func(training.Question) *ranker.Model { return nil })
		ranked := rank(s, model)
		cell := func(f func(metrics.Ranking, int) float64, k int) string {
			before, after := metrics.Values(base, k, f), metrics.Values(ranked, k, f)
			mean, low, high := metrics.Bootstrap(before, after, 2000, 1)
			sign := " "
			if low > 0 {
				sign = "+"
			} else if high < 0 {
				sign = "-"
			}
			sum := 0.0
			for _, v := range after {
				sum += v
			}
			return fmt.Sprintf("%.3f (%+.3f)%s", sum/float64(len(after)), mean, sign)
		}
		fmt.Fprintf(b, "%-42s %9d  %-16s %-16s %-16s %-16s\n", s.name, len(s.questions),
			cell(metrics.Ranking.Recall, 1), cell(metrics.Ranking.Recall, 10), cell(metrics.Ranking.Recall, 100), cell(metrics.Ranking.NDCG, 10))
	}
	b.WriteString("\nIn brackets the difference to BM25; + and - after it: the 95 % interval of the paired bootstrap lies on one side of 0.\n")
}

func write(file, text string) error { return os.WriteFile(file, []byte(text), 0o644) }

func writeModel(file string, m *ranker.Model) error {
	var b strings.Builder
	if err := m.Write(&b, "Weights of the ranker, one a signal; see policybot/retrieval, Signals.\nWritten by go run ./cmd/train-ranker -stard FOLDER; report.txt tells from what and how well."); err != nil {
		return err
	}
	return write(file, b.String())
}
