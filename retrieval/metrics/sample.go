package metrics

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// Seed is the seed of [Bootstrap] for figures that are published, so that they
// can be computed again.
const Seed = 1

// Percentile is the p-th percentile of values by the nearest-rank method: the
// smallest value such that at least p per cent of the values are not above it,
// which is always one of the values. p is in per cent (50, 95, 99); p of 0 or
// less gives the smallest value and p of 100 or more the largest. 0 of
// nothing. values is not changed and need not be sorted.
func Percentile(values []float64, p float64) float64 {
	if len(values) == 0 {
		return 0
	}
	return nearestRank(slices.Sorted(slices.Values(values)), p)
}

// nearestRank is Percentile of values that are sorted and not empty.
func nearestRank(sorted []float64, p float64) float64 {
	rank := int(math.Ceil(p * float64(len(sorted)) / 100))
	return sorted[min(max(rank, 1), len(sorted))-1]
}

// Bootstrap compares two systems measured on the same queries: a[i] is the
// value of the base and b[i] that of the system compared with it. It returns
// the mean of b[i]-a[i] and the 95 % interval of that mean by the paired
// percentile bootstrap: each round draws len(a) pairs with replacement and
// takes the mean of their differences; lo and hi are the 2.5th and the 97.5th
// percentile of the rounds. A gain is shown when lo is above 0.
//
// Equal input gives equal output: the draws come from a PCG generator seeded
// with (seed, 0). 10,000 rounds are customary. With fewer than one round, lo
// and hi are the mean; without pairs all three are 0. Slices of
// different lengths are a mistake of the caller and panic.
func Bootstrap(a, b []float64, rounds int, seed uint64) (mean, lo, hi float64) {
	if len(a) != len(b) {
		panic(fmt.Sprintf("metrics: Bootstrap of %d and %d values", len(a), len(b)))
	}
	if len(a) == 0 {
		return 0, 0, 0
	}
	n := float64(len(a))
	differences := make([]float64, len(a))
	for i := range a {
		differences[i] = b[i] - a[i]
		mean += differences[i] / n
	}
	if rounds < 1 {
		return mean, mean, mean
	}
	random := rand.New(rand.NewPCG(seed, 0))
	means := make([]float64, rounds)
	for round := range means {
		sum := 0.0
		for range differences {
			sum += differences[random.IntN(len(differences))]
		}
		means[round] = sum / n
	}
	slices.Sort(means)
	return mean, nearestRank(means, 2.5), nearestRank(means, 97.5)
}
