package metrics_test

import (
	"math"
	"testing"

	"policybot/retrieval/metrics"
)

// near reports whether two figures agree to nine decimals.
func near(a, b float64) bool { return math.Abs(a-b) < 1e-9 }

func TestRanking(t *testing.T) {
	// Discounts 1/log2(rank+1): rank 1: 1, rank 2: 1/log2(3) = 0.6309297536,
	// rank 3: 1/2 = 0.5, rank 4: 1/log2(5) = 0.4306765581.
	one := map[string]int{"a": 1}
	two := map[string]int{"a": 1, "b": 1}
	graded := map[string]int{"a": 3, "b": 2, "c": 1}
	tests := []struct {
		name             string
		relevant         map[string]int
		ranked           []string
		k                int
		recall, rr, ndcg float64
	}{
		// Found first: everything is 1.
		{"first", one, []string{"a", "x"}, 10, 1, 1, 1},
		// Found third: 1/1, 1/3, 0.5/1.
		{"third", one, []string{"x", "y", "a"}, 10, 1, 1.0 / 3, 0.5},
		// The same, looked at only to rank 2: nothing is found.
		{"below k", one, []string{"x", "y", "a"}, 2, 0, 0, 0},
		// b at rank 2, a at rank 4: 2/2, 1/2,
		// (0.6309297536+0.4306765581)/(1+0.6309297536) = 1.0616063117/1.6309297536.
		{"two", two, []string{"x", "b", "y", "a"}, 4, 1, 0.5, 0.6509209298068},
		// One of two in the first 3: 1/2, 1/2, 0.6309297536/1.6309297536.
		{"half", two, []string{"x", "b", "y", "a"}, 3, 0.5, 0.5, 0.3868528072345},
		// k = 1 cuts the ideal ranking as well: recall 1/2 but nDCG 1/1.
		{"k cuts the ideal", two, []string{"b", "a"}, 1, 0.5, 1, 1},
		// Grades 1, 3, 2 in the order found: 1 + 3*0.6309297536 + 2*0.5 = 3.8927892607;
		// ideal 3, 2, 1: 3 + 2*0.6309297536 + 1*0.5 = 4.7618595071.
		{"graded", graded, []string{"c", "a", "b"}, 10, 1, 1, 3.8927892607144 / 4.7618595071429},
		// Graded, first two only: (1 + 1.8927892607)/(3 + 1.2618595071).
		{"graded at 2", graded, []string{"c", "a", "b"}, 2, 2.0 / 3, 1, 2.8927892607144 / 4.2618595071429},
		// a at ranks 1 and 2 counts once, and b stays at rank 3:
		// 2/2, 1/1, (1+0.5)/1.6309297536.
		{"repeated", two, []string{"a", "a", "b"}, 3, 1, 1, 1.5 / 1.6309297535715},
		// The repetition takes the place of b within the first two: 1/2, 1, 1/1.6309297536.
		{"repeated pushes out", two, []string{"a", "a", "b"}, 2, 0.5, 1, 1 / 1.6309297535715},
		// Grades of 0 and below are not relevant: only a counts, at rank 3.
		{"grade 0", map[string]int{"a": 1, "x": 0, "y": -1}, []string{"x", "y", "a"}, 10, 1, 1.0 / 3, 0.5},
		{"nothing found", one, nil, 10, 0, 0, 0},
		{"nothing relevant", nil, []string{"a"}, 10, 0, 0, 0},
		{"k is 0", one, []string{"a"}, 0, 0, 0, 0},
		{"k is negative", one, []string{"a"}, -3, 0, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := metrics.Ranking{Relevant: tt.relevant, Ranked: tt.ranked}
			if got := r.Recall(tt.k); !near(got, tt.recall) {
				t.Errorf("Recall(%d) = %v, want %v", tt.k, got, tt.recall)
			}
			if got := r.ReciprocalRank(tt.k); !near(got, tt.rr) {
				t.Errorf("ReciprocalRank(%d) = %v, want %v", tt.k, got, tt.rr)
			}
			if got := r.NDCG(tt.k); !near(got, tt.ndcg) {
				t.Errorf("NDCG(%d) = %v, want %v", tt.k, got, tt.ndcg)
			}
		})
	}
}

func TestMeans(t *testing.T) {
	rs := []metrics.Ranking{
		{Relevant: map[string]int{"a": 1}, Ranked: []string{"a"}},                     // 1, 1, 1
		{Relevant: map[string]int{"a": 1, "b": 1}, Ranked: []string{"x", "b"}},        // 1/2, 1/2, .6309297536/1.6309297536
		{Relevant: map[string]int{"a": 1}, Ranked: nil},                               // 0, 0, 0
		{Relevant: nil, Ranked: []string{"a"}},                                        // left out
		{Relevant: map[string]int{"a": 0}, Ranked: []string{"a"}},                     // left out
		{Relevant: map[string]int{"a": 1}, Ranked: []string{"p", "q", "r", "s", "a"}}, // at 3: 0, 0, 0
	}
	// Four queries count: (1 + 1/2 + 0 + 0)/4.
	if got := metrics.Recall(rs, 3); !near(got, 0.375) {
		t.Errorf("Recall = %v, want 0.375", got)
	}
	if got := metrics.MRR(rs, 3); !near(got, 0.375) {
		t.Errorf("MRR = %v, want 0.375", got)
	}
	// At 5 the last is found at rank 5: (1 + 1/2 + 0 + 1/5)/4 = 1.7/4.
	if got := metrics.MRR(rs, 5); !near(got, 0.425) {
		t.Errorf("MRR = %v, want 0.425", got)
	}
	// (1 + 0.3868528072 + 0 + 0)/4.
	if got := metrics.NDCG(rs, 3); !near(got, 1.3868528072345/4) {
		t.Errorf("NDCG = %v, want %v", got, 1.3868528072345/4)
	}
	if got := metrics.Values(rs, 3, metrics.Ranking.Recall); len(got) != 4 || got[1] != 0.5 {
		t.Errorf("Values = %v, want [1 0.5 0 0]", got)
	}
	for _, rs := range [][]metrics.Ranking{nil, rs[3:5]} {
		if r, m, n := metrics.Recall(rs, 10), metrics.MRR(rs, 10), metrics.NDCG(rs, 10); r != 0 || m != 0 || n != 0 {
			t.Errorf("measures of nothing = %v, %v, %v, want 0", r, m, n)
		}
	}
}

func TestPercentile(t *testing.T) {
	ten := []float64{10, 9, 8, 7, 6, 5, 4, 3, 2, 1}
	twenty := make([]float64, 20)
	for i := range twenty {
		twenty[i] = float64(i + 1)
	}
	tests := []struct {
		values []float64
		p      float64
		want   float64
	}{
		{ten, 50, 5},     // rank ceil(0.50*10) = 5
		{ten, 51, 6},     // rank ceil(5.1) = 6
		{ten, 95, 10},    // rank ceil(9.5) = 10
		{ten, 90, 9},     // rank ceil(9) = 9
		{twenty, 95, 19}, // rank ceil(19) = 19
		{twenty, 99, 20}, // rank ceil(19.8) = 20
		{ten, 0, 1},
		{ten, -5, 1},
		{ten, 100, 10},
		{ten, 250, 10},
		{[]float64{7}, 50, 7},
		{[]float64{15, 20, 35, 40, 50}, 30, 20}, // rank ceil(1.5) = 2
		{[]float64{15, 20, 35, 40, 50}, 40, 20}, // rank ceil(2) = 2
		{nil, 50, 0},
	}
	for _, tt := range tests {
		if got := metrics.Percentile(tt.values, tt.p); got != tt.want {
			t.Errorf("Percentile(%v, %v) = %v, want %v", tt.values, tt.p, got, tt.want)
		}
	}
	if ten[0] != 10 || ten[9] != 1 {
		t.Error("Percentile changed its argument")
	}
}

func TestBootstrap(t *testing.T) {
	// Every difference is 0.25, so every resample has that mean.
	mean, lo, hi := metrics.Bootstrap([]float64{0, 0.25, 0.5}, []float64{0.25, 0.5, 0.75}, 1000, metrics.Seed)
	if mean != 0.25 || lo != 0.25 || hi != 0.25 {
		t.Errorf("constant gain: %v [%v, %v], want 0.25 three times", mean, lo, hi)
	}

	// Half of 400 pairs gain 1, half gain 0: mean 0.5, standard error
	// sqrt(0.25/400) = 0.025, so the interval is about 0.5 ± 1.96*0.025 = ± 0.049.
	a, b := make([]float64, 400), make([]float64, 400)
	for i := range b {
		b[i] = float64(i % 2)
	}
	mean, lo, hi = metrics.Bootstrap(a, b, 10_000, metrics.Seed)
	if mean < 0.4999 || mean > 0.5001 || math.Abs(lo-0.451) > 0.004 || math.Abs(hi-0.549) > 0.004 {
		t.Errorf("coin: %v [%v, %v], want 0.5 [0.451, 0.549]", mean, lo, hi)
	}
	again, lo2, hi2 := metrics.Bootstrap(a, b, 10_000, metrics.Seed)
	if again != mean || lo2 != lo || hi2 != hi {
		t.Error("equal seeds gave different intervals")
	}
	if down, dlo, dhi := metrics.Bootstrap(b, a, 10_000, metrics.Seed); down != -mean || dlo > -0.44 || dhi < -0.56 || dhi >= 0 {
		t.Errorf("loss: %v [%v, %v], want all below 0", down, dlo, dhi)
	}

	if m, l, h := metrics.Bootstrap(nil, nil, 100, 1); m != 0 || l != 0 || h != 0 {
		t.Errorf("nothing: %v [%v, %v], want 0", m, l, h)
	}
	if m, l, h := metrics.Bootstrap([]float64{1}, []float64{3}, 0, 1); m != 2 || l != 2 || h != 2 {
		t.Errorf("no rounds: %v [%v, %v], want 2", m, l, h)
	}
	defer func() {
		if recover() == nil {
			t.Error("different lengths did not panic")
		}
	}()
	metrics.Bootstrap([]float64{1}, nil, 10, 1)
}

func ExampleBootstrap() {
	base := []metrics.Ranking{{Relevant: map[string]int{"a": 1}, Ranked: []string{"x", "a"}}}
	tried := []metrics.Ranking{{Relevant: map[string]int{"a": 1}, Ranked: []string{"a", "x"}}}
	metrics.Bootstrap(
		metrics.Values(base, 10, metrics.Ranking.NDCG),
		metrics.Values(tried, 10, metrics.Ranking.NDCG),
		10_000, metrics.Seed)
}
