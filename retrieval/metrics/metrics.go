// Package metrics measures rankings and latencies.
//
// A ranking is measured against judgements: a set of relevant ids, each with a
// grade. A query without relevant ids says nothing about a ranking and is left
// out of every mean. The package knows no clause and no store; it works on ids.
package metrics

import (
	"math"
	"slices"
)

// A Ranking is what a search returned for one query, with what it should have
// returned.
type Ranking struct {
	Relevant map[string]int // id → grade; a grade below 1 means not relevant
	Ranked   []string       // ids, best first
}

// Judged reports whether the query has a relevant id at all.
func (r Ranking) Judged() bool {
	for _, grade := range r.Relevant {
		if grade > 0 {
			return true
		}
	}
	return false
}

// Recall is the share of the relevant ids that stand among the first k; 0 when
// there is no relevant id. An id that is ranked twice is found once, and the
// repetition keeps its place.
func (r Ranking) Recall(k int) float64 {
	relevant, found := 0, 0
	for _, grade := range r.Relevant {
		if grade > 0 {
			relevant++
		}
	}
	if relevant == 0 {
		return 0
	}
	for _, gain := range r.gains(k) {
		if gain > 0 {
			found++
		}
	}
	return float64(found) / float64(relevant)
}

// ReciprocalRank is 1/rank of the first relevant id among the first k, ranks
// counted from 1; 0 when none is there.
func (r Ranking) ReciprocalRank(k int) float64 {
	for i, gain := range r.gains(k) {
		if gain > 0 {
			return 1 / float64(i+1)
		}
	}
	return 0
}

// NDCG is the normalised discounted cumulated gain of the first k:
//
//	DCG@k  = Σ grade(rank) / log2(rank+1)   for rank = 1 … k
//	NDCG@k = DCG@k / DCG@k of the relevant ids sorted by falling grade
//
// The gain of an id is its grade, so binary grades give binary gains; 0 when
// there is no relevant id. An id that is ranked twice gains at its first place
// only. The measure is that of Järvelin and Kekäläinen, "Cumulated gain-based
// evaluation of IR techniques", ACM TOIS 20(4), 2002; they leave the first
// ranks undiscounted and divide by log(rank) after them, where the
// discount log2(rank+1) used here, the customary one, falls from the second rank on.
func (r Ranking) NDCG(k int) float64 {
	ideal := make([]int, 0, len(r.Relevant))
	for _, grade := range r.Relevant {
		if grade > 0 {
			ideal = append(ideal, grade)
		}
	}
	slices.SortFunc(ideal, func(a, b int) int { return b - a })
	best := dcg(ideal[:min(max(k, 0), len(ideal))])
	if best == 0 {
		return 0
	}
	return dcg(r.gains(k)) / best
}

// gains lists the grade earned at each of the first k ranks.
func (r Ranking) gains(k int) []int {
	n := min(max(k, 0), len(r.Ranked))
	gains := make([]int, n)
	seen := make(map[string]bool, n)
	for i, id := range r.Ranked[:n] {
		if !seen[id] {
			seen[id] = true
			gains[i] = max(r.Relevant[id], 0)
		}
	}
	return gains
}

// dcg is the discounted cumulated gain of gains in rank order.
func dcg(gains []int) float64 {
	sum := 0.0
	for i, gain := range gains {
		sum += float64(gain) / math.Log2(float64(i)+2)
	}
	return sum
}

// Recall is the mean recall at k over the queries that have relevant ids; 0
// when none has.
func Recall(rs []Ranking, k int) float64 { return mean(Values(rs, k, Ranking.Recall)) }

// MRR is the mean reciprocal rank at k over the queries that have relevant
// ids; 0 when none has.
func MRR(rs []Ranking, k int) float64 { return mean(Values(rs, k, Ranking.ReciprocalRank)) }

// NDCG is the mean normalised discounted cumulated gain at k over the queries
// that have relevant ids; 0 when none has. See [Ranking.NDCG] for the formula.
func NDCG(rs []Ranking, k int) float64 { return mean(Values(rs, k, Ranking.NDCG)) }

// Values measures each query that has relevant ids, in the order of rs: the
// samples for [Bootstrap]. Two searches over the same judged queries give
// values that pair up. The measure is a method expression such as
// Ranking.Recall.
func Values(rs []Ranking, k int, measure func(Ranking, int) float64) []float64 {
	values := make([]float64, 0, len(rs))
	for _, r := range rs {
		if r.Judged() {
			values = append(values, measure(r, k))
		}
	}
	return values
}

// mean is the arithmetic mean, 0 of nothing.
func mean(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}
