package ranker

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
)

// An Example is one judged question: its candidates as a search without the
// ranker orders them.
type Example struct {
	Signals  [][]float64 // of each candidate; as many as the model has names
	Relevant []bool      // whether it answers the question
	Judged   int         // relevant ones in all, found or not; at least as many as Relevant has
}

// Options of Train. The zero value of a field stands for its default.
type Options struct {
	Start []float64 // weights to begin with and to be drawn to, for signals divided by their spread
	L2    float64   // how strongly; default 0.1
	Depth int       // a pair counts where one of the two stands among the first Depth; default 100
	Steps int       // default 50
	Rate  float64   // length of the first steps; default 0.1
}

func (o Options) withDefaults(signals int) Options {
	if o.Start == nil {
		o.Start = make([]float64, signals)
	}
	if o.L2 == 0 {
		o.L2 = 0.1
	}
	if o.Depth == 0 {
		o.Depth = 100
	}
	if o.Steps == 0 {
		o.Steps = 50
	}
	if o.Rate == 0 {
		o.Rate = 0.1
	}
	return o
}

// Train learns a weight for each of names. It climbs the LambdaRank gradient of
// nDCG (Burges, From RankNet to LambdaRank to LambdaMART, MSR-TR-2010-82) with
// Adam (Kingma and Ba, ICLR 2015): each pair of a relevant and another candidate
// pulls by what exchanging them would change. The same examples in the same
// order give the same weights to the last bit. Examples without a relevant
// candidate teach nothing; it is an error when no other is left, or when the
// numbers of signals differ.
func Train(names []string, examples []Example, options Options) (*Model, error) {
	o := options.withDefaults(len(names))
	if len(o.Start) != len(names) {
		return nil, fmt.Errorf("ranker: %d weights to start with, want %d", len(o.Start), len(names))
	}
	useful, err := teaching(examples, len(names))
	if err != nil {
		return nil, err
	}
	spread := spreads(useful, len(names))
	t := trainer{options: o, weights: slices.Clone(o.Start)}
	for _, e := range useful {
		t.questions = append(t.questions, newQuestion(e, spread))
	}
	t.climb()
	for i := range t.weights {
		if spread[i] == 0 {
			t.weights[i] = 0 // the signal never differs
			continue
		}
		t.weights[i] /= spread[i]
	}
	return NewModel(names, t.weights)
}

// teaching returns the examples that have a relevant candidate.
func teaching(examples []Example, signals int) ([]Example, error) {
	var out []Example
	for i, e := range examples {
		if len(e.Relevant) != len(e.Signals) {
			return nil, fmt.Errorf("ranker: example %d has %d candidates, %d judgements", i, len(e.Signals), len(e.Relevant))
		}
		for _, s := range e.Signals {
			if len(s) != signals {
				return nil, fmt.Errorf("ranker: example %d has a candidate with %d signals, want %d", i, len(s), signals)
			}
		}
		if slices.Contains(e.Relevant, true) && slices.Contains(e.Relevant, false) {
			out = append(out, e)
		}
	}
	if len(out) == 0 {
		return nil, errors.New("ranker: no example has a relevant candidate and another one")
	}
	return out, nil
}

// spreads returns the standard deviation of each signal among the candidates
// of a question, 0 for a signal that hardly differs.
func spreads(examples []Example, signals int) []float64 {
	out := make([]float64, signals)
	n := 0
	for _, e := range examples {
		mean := make([]float64, signals)
		for _, s := range e.Signals {
			for k, x := range s {
				mean[k] += x / float64(len(e.Signals))
			}
		}
		for _, s := range e.Signals {
			for k, x := range s {
				out[k] += float64((x - mean[k]) * (x - mean[k]))
			}
		}
		n += len(e.Signals)
	}
	for k := range out {
		if out[k] = math.Sqrt(out[k] / float64(n)); out[k] < 1e-6 {
			out[k] = 0
		}
	}
	return out
}

// A question is an example in the form that training goes through.
type question struct {
	signals  []float64 // of all candidates, one after the other, divided by their spread
	relevant []bool
	ideal    float64 // DCG@10 of the best order
	scores   []float64
	order    []int
}

func newQuestion(e Example, spread []float64) question {
	q := question{relevant: e.Relevant, scores: make([]float64, len(e.Signals)), order: make([]int, len(e.Signals))}
	for _, s := range e.Signals {
		for k, x := range s {
			if spread[k] > 0 {
				x /= spread[k]
			}
			q.signals = append(q.signals, x)
		}
	}
	for r := range min(max(e.Judged, 1), 10) {
		q.ideal += discount(r)
	}
	return q
}

// discount is what a relevant candidate at this place, from 0, adds to DCG.
func discount(place int) float64 { return 1 / math.Log2(float64(place+2)) }

// A trainer climbs.
type trainer struct {
	options   Options
	questions []question
	weights   []float64
}

// climb takes the steps. Their length falls to nothing.
func (t *trainer) climb() {
	const keepMean, keepSquare, tiny = 0.9, 0.999, 1e-9
	mean, square := make([]float64, len(t.weights)), make([]float64, len(t.weights))
	for step := 1; step <= t.options.Steps; step++ {
		gradient := make([]float64, len(t.weights))
		for i := range t.questions {
			t.questions[i].pull(t.weights, t.options.Depth, gradient)
		}
		rate := t.options.Rate * (1 - float64(step-1)/float64(t.options.Steps))
		for k, g := range gradient {
			g = g/float64(len(t.questions)) - float64(t.options.L2*(t.weights[k]-t.options.Start[k]))
			mean[k] = float64(keepMean*mean[k]) + float64((1-keepMean)*g)
			square[k] = float64(keepSquare*square[k]) + float64((1-keepSquare)*g*g)
			m := mean[k] / (1 - math.Pow(keepMean, float64(step)))
			s := square[k] / (1 - math.Pow(keepSquare, float64(step)))
			t.weights[k] += float64(rate * m / (math.Sqrt(s) + tiny))
		}
	}
}

// pull adds the gradient of one question.
func (q *question) pull(weights []float64, depth int, gradient []float64) {
	q.sort(weights)
	n := len(weights)
	for pi, i := range q.order {
		if !q.relevant[i] {
			continue
		}
		for pj, j := range q.order {
			if q.relevant[j] || min(pi, pj) >= depth {
				continue
			}
			change := math.Abs(discount(pi)-discount(pj)) / q.ideal
			lambda := change / (1 + math.Exp(q.scores[i]-q.scores[j]))
			if lambda < 1e-5 {
				continue
			}
			a, b := q.signals[i*n:(i+1)*n], q.signals[j*n:(j+1)*n]
			for k := range gradient {
				gradient[k] += float64(lambda * (a[k] - b[k]))
			}
		}
	}
}

// sort orders the candidates by score.
func (q *question) sort(weights []float64) {
	n := len(weights)
	for i := range q.order {
		q.order[i] = i
		sum := 0.0
		for k, x := range q.signals[i*n : (i+1)*n] {
			sum += float64(weights[k] * x)
		}
		q.scores[i] = sum
	}
	slices.SortFunc(q.order, func(a, b int) int {
		return cmp.Or(cmp.Compare(q.scores[b], q.scores[a]), cmp.Compare(a, b))
	})
}
