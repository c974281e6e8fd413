package ranker

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// sample returns judged questions of six candidates with the signals good,
// constant and noise: the relevant one of each is good, and noise knows nothing
// of it. The constant differs from question to question and not within one.
func sample() (names []string, examples []Example) {
	for q := range 12 {
		e := Example{Judged: 1}
		for c := range 6 {
			answer := c == (q*5+2)%6
			good := float64((q+c)%3) / 10
			if answer {
				good += 0.5
			}
			e.Signals = append(e.Signals, []float64{good, float64(q), float64((q*7+c*c*3)%11) / 11})
			e.Relevant = append(e.Relevant, answer)
		}
		examples = append(examples, e)
	}
	return []string{"good", "constant", "noise"}, examples
}

func train(t testing.TB, names []string, examples []Example, o Options) *Model {
	t.Helper()
	m, err := Train(names, examples, o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// A signal that tells the answers apart is found, one that never differs within
// a question weighs nothing, whatever it started with.
func TestTrainLearns(t *testing.T) {
	names, examples := sample()
	for _, start := range [][]float64{nil, {0, 5, 0}, {-1, -5, 2}} {
		m := train(t, names, examples, Options{Start: start, L2: 0.01})
		if m.Weight(1) != 0 {
			t.Errorf("start %v: the constant signal weighs %v", start, m.Weight(1))
		}
		if start == nil && !(m.Weight(0) > 3*math.Abs(m.Weight(2))) {
			t.Errorf("the good signal weighs %v, noise %v", m.Weight(0), m.Weight(2))
		}
		for i, e := range examples {
			best := 0
			for c := range e.Signals {
				if m.Score(e.Signals[c]) > m.Score(e.Signals[best]) {
					best = c
				}
			}
			if !e.Relevant[best] {
				t.Errorf("start %v, question %d: candidate %d comes first, weights %v", start, i, best, m.weights)
			}
		}
	}
	for i := range examples { // what was relevant is not any more, and the other way round
		for c := range examples[i].Relevant {
			examples[i].Relevant[c] = !examples[i].Relevant[c]
		}
		examples[i].Judged = 5
	}
	if m := train(t, names, examples, Options{}); m.Weight(0) >= 0 {
		t.Errorf("a signal of wrong answers weighs %v", m.Weight(0))
	}
}

// The same examples give the same bytes, and training neither changes what it is
// given nor keeps it.
func TestTrainIsPure(t *testing.T) {
	names, examples := sample()
	_, same := sample()
	o := Options{Start: []float64{0.3, 0.2, 0.1}}
	bytesOf := func(m *Model) string {
		var b bytes.Buffer
		if err := m.Write(&b, ""); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	m := train(t, names, examples, o)
	weights, file := slices.Clone(m.weights), bytesOf(m)
	if diff := cmp.Diff(same, examples); diff != "" {
		t.Errorf("the examples changed (-before +after):\n%s", diff)
	}
	if !slices.Equal(o.Start, []float64{0.3, 0.2, 0.1}) {
		t.Errorf("the start changed: %v", o.Start)
	}
	again := train(t, names, examples, o)
	if !slices.Equal(again.weights, weights) || bytesOf(again) != file {
		t.Errorf("trained twice: %v and %v", weights, again.weights)
	}
	for _, e := range examples { // the next question goes into the same slices
		for _, s := range e.Signals {
			clear(s)
		}
		clear(e.Relevant)
	}
	clear(o.Start)
	clear(names)
	if got := bytesOf(m); got != file {
		t.Errorf("was %q, became %q", file, got)
	}
}

// Examples that teach nothing change nothing.
func TestTrainPassesOver(t *testing.T) {
	names, examples := sample()
	want := train(t, names, examples, Options{}).weights
	idle := []Example{
		{},
		{Judged: 3},
		{Signals: [][]float64{{9, 9, 9}}, Relevant: []bool{false}, Judged: 1},
		{Signals: [][]float64{{9, 9, 9}, {0, 0, 0}}, Relevant: []bool{true, true}, Judged: 2},
	}
	if got := train(t, names, slices.Concat(idle, examples, idle), Options{}).weights; !slices.Equal(got, want) {
		t.Errorf("with idle examples %v, want %v", got, want)
	}
}

// The larger L2, the nearer the weights stay to where they began.
func TestTrainL2(t *testing.T) {
	names, examples := sample()
	spread := spreads(examples, len(names))
	for _, start := range [][]float64{{0, 0, 0}, {2, 0, -1}} {
		before := math.Inf(1)
		for _, l2 := range []float64{0.01, 0.1, 1, 100} {
			m := train(t, names, examples, Options{Start: start, L2: l2, Steps: 300})
			away := 0.0
			for _, k := range []int{0, 2} {
				away = math.Hypot(away, m.Weight(k)*spread[k]-start[k])
			}
			if away > before || l2 == 100 && away > 0.05 {
				t.Errorf("start %v, L2 %v: %v from the start, %v with a smaller L2", start, l2, away, before)
			}
			before = away
		}
	}
}

// The unit in which a signal is measured makes no difference to the order.
func TestTrainUnits(t *testing.T) {
	names, examples := sample()
	m := train(t, names, examples, Options{})
	_, scaled := sample()
	for _, e := range scaled {
		for _, s := range e.Signals {
			s[0], s[2] = s[0]*1024, s[2]/8
		}
	}
	n := train(t, names, scaled, Options{})
	if math.Abs(n.Weight(0)*1024/m.Weight(0)-1) > 1e-9 || math.Abs(n.Weight(2)/8/m.Weight(2)-1) > 1e-9 {
		t.Errorf("%v for the signals as they are, %v for 1024 and 1/8 times them", m.weights, n.weights)
	}
}

func TestTrainRefuses(t *testing.T) {
	yes, no := []float64{1, 2}, []float64{2, 1}
	good := Example{Signals: [][]float64{yes, no}, Relevant: []bool{true, false}, Judged: 1}
	for _, tt := range []struct {
		name     string
		examples []Example
		start    []float64
		says     string
	}{
		{"no examples", nil, nil, "no example"},
		{"none relevant", []Example{{Signals: [][]float64{yes, no}, Relevant: []bool{false, false}, Judged: 2}}, nil, "no example"},
		{"all relevant", []Example{{Signals: [][]float64{yes, no}, Relevant: []bool{true, true}, Judged: 2}}, nil, "no example"},
		{"one signal too few", []Example{good, {Signals: [][]float64{yes, {1}}, Relevant: []bool{true, false}}}, nil, "example 1 has a candidate with 1 signals, want 2"},
		{"one signal too many", []Example{{Signals: [][]float64{{1, 2, 3}, yes}, Relevant: []bool{true, false}}}, nil, "example 0 has a candidate with 3 signals, want 2"},
		{"wrong also where it teaches nothing", []Example{good, {Signals: [][]float64{{1}}, Relevant: []bool{false}}}, nil, "example 1"},
		{"a judgement too few", []Example{{Signals: [][]float64{yes, no}, Relevant: []bool{true}}}, nil, "2 candidates, 1 judgements"},
		{"a judgement too many", []Example{{Signals: [][]float64{yes}, Relevant: []bool{true, false}}}, nil, "1 candidates, 2 judgements"},
		{"a start too short", []Example{good}, []float64{1}, "1 weights to start with, want 2"},
		{"a start too long", []Example{good}, []float64{1, 2, 3}, "3 weights to start with, want 2"},
		{"a value that is no number", []Example{{Signals: [][]float64{{math.NaN(), 1}, no}, Relevant: []bool{true, false}}}, nil, "NaN"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m, err := Train([]string{"a", "b"}, tt.examples, Options{Start: tt.start})
			if err == nil {
				t.Fatalf("accepted as %v", m.weights)
			}
			if !strings.Contains(err.Error(), tt.says) {
				t.Errorf("says %q, want %q in it", err, tt.says)
			}
		})
	}
	if _, err := Train([]string{"a b", "c"}, []Example{good}, Options{}); err == nil {
		t.Error("a name with a blank is accepted")
	}
}

// Three candidates with scores 2, 1 and 0, of which the last one is relevant. To
// exchange it with the first would gain 1 - 1/log2(4) = 0.5 of DCG, with the
// second 1/log2(3) - 0.5 = 0.1309. How wrong the pairs are is 1/(1+e^-2) = 0.8808
// and 1/(1+e^-1) = 0.7311; they differ by 2 and 1 in the signal. So the weight is
// pulled by -(0.5·0.8808·2 + 0.1309·0.7311·1) = -0.9765.
func TestPull(t *testing.T) {
	const first, second = 0.880797, 0.095717
	three, last := [][]float64{{2}, {1}, {0}}, []bool{false, false, true}
	for _, tt := range []struct {
		name     string
		signals  [][]float64
		relevant []bool
		judged   int
		depth    int
		want     float64
	}{
		{"the last is relevant", three, last, 1, 100, -first - second},
		{"in another order", [][]float64{{0}, {2}, {1}}, []bool{true, false, false}, 1, 100, -first - second},
		{"only pairs with the first place", three, last, 1, 1, -first},
		{"only pairs with the first two", three, last, 1, 2, -first - second},
		{"no pairs", three, last, 1, -1, 0},
		{"judged as none", three, last, 0, 100, -first - second},
		{"a relevant one was not found", three, last, 2, 100, (-first - second) / 1.630930},
		{"ten were not found", three, last, 11, 100, (-first - second) / 4.543559},
		{"twenty were not found", three, last, 21, 100, (-first - second) / 4.543559},
		// The first is relevant: the same gains, but the pairs are wrong by 1/(1+e^2) and 1/(1+e^1) (0.1192, 0.2689).
		{"the first is relevant", three, []bool{true, false, false}, 1, 100, 0.5*0.119203*2 + 0.369070*0.268941},
		{"equal scores", [][]float64{{1}, {1}, {1}}, last, 1, 100, 0},
		{"none is relevant", three, []bool{false, false, false}, 1, 100, 0},
		{"all are relevant", three, []bool{true, true, true}, 3, 100, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			q := newQuestion(Example{Signals: tt.signals, Relevant: tt.relevant, Judged: tt.judged}, []float64{1})
			gradient := []float64{0}
			q.pull([]float64{1}, tt.depth, gradient)
			if math.Abs(gradient[0]-tt.want) > 1e-5 {
				t.Errorf("pulled by %v, want %v", gradient[0], tt.want)
			}
		})
	}
}

// A pull goes uphill: a small step along it does not lower the mean of what the
// pairs are wrong by, whose slope it is.
func TestPullIsUphill(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.Map(rapid.IntRange(-8, 8), func(n int) float64 { return float64(n) / 4 })
		n := rapid.IntRange(2, 6).Draw(t, "candidates")
		e := Example{Judged: 1, Relevant: rapid.SliceOfN(rapid.Bool(), n, n).Draw(t, "relevant")}
		for range n {
			e.Signals = append(e.Signals, rapid.SliceOfN(value, 2, 2).Draw(t, "signals"))
		}
		weights := rapid.SliceOfN(value, 2, 2).Draw(t, "weights")
		q := newQuestion(e, []float64{1, 1})
		gradient := make([]float64, 2)
		q.pull(weights, n, gradient)
		place := make([]int, n)
		for p, i := range q.order {
			place[i] = p
		}
		good := func(w []float64) float64 { // the exchanges as they are at weights, the scores by w
			sum := 0.0
			for i := range n {
				for j := range n {
					if e.Relevant[i] && !e.Relevant[j] {
						a, b := e.Signals[i], e.Signals[j]
						lead := w[0]*(a[0]-b[0]) + w[1]*(a[1]-b[1])
						sum -= math.Abs(discount(place[i])-discount(place[j])) / q.ideal * math.Log1p(math.Exp(-lead))
					}
				}
			}
			return sum
		}
		const h = 1e-5
		for k := range weights {
			up, down := slices.Clone(weights), slices.Clone(weights)
			up[k] += h
			down[k] -= h
			// Pairs that are pulled by less than 1e-5 are left out; at most nine of them, 4 apart.
			if slope := (good(up) - good(down)) / (2 * h); math.Abs(slope-gradient[k]) > 5e-4 {
				t.Fatalf("weight %d is pulled by %v, the slope is %v", k, gradient[k], slope)
			}
		}
	})
}
