package retrieval_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"policybot/retrieval"
	"policybot/retrieval/analysis"
	"policybot/retrieval/embed"
	"policybot/retrieval/ranker"
	"policybot/retrieval/training"
	"policybot/retrieval/vector"
)

// trainingPassages are the clauses of the embedded documents: more than a search
// takes as candidates.
var trainingPassages = sync.OnceValue(func() []retrieval.Passage {
	set, err := training.Clauses(context.Background(), nil)
	if err != nil || len(set.Passages) <= retrieval.Candidates {
		panic("training clauses: " + err.Error())
	}
	return set.Passages
})

var trainingIndex = sync.OnceValue(func() *retrieval.Lexical { return training.Index(trainingPassages()) })

// questions are typed in several ways; the last ones have no known word.
var questions = []retrieval.Query{
	{Text: "企业研发补贴最高多少"},
	{Text: "最高多少？", Context: []string{"普惠托育机构有什么补贴", "托育"}},
	{Text: "支持"},
	{Text: "Help for Beijing pharma firms with IPOs and mergers?"},
	{Text: "zzzz qqqq"},
	{},
}

func newSearcher(t testing.TB, x *retrieval.Lexical, m *ranker.Model, v *retrieval.Vectors) *retrieval.Searcher {
	t.Helper()
	s, err := retrieval.NewSearcher(x, m, v)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// mustSearch searches and wants no error.
func mustSearch(t testing.TB, s *retrieval.Searcher, q retrieval.Query, k int) retrieval.Result {
	t.Helper()
	r, err := s.Search(ctx, q, k)
	if err != nil {
		t.Fatalf("%+v: %v", q, err)
	}
	return r
}

// vectorsOf embeds passages; an index without any has one dimension.
func vectorsOf(t testing.TB, e embed.Embedder, weight float64, passages []retrieval.Passage) *retrieval.Vectors {
	t.Helper()
	texts := make([]string, len(passages))
	for i, p := range passages {
		texts[i] = p.Embedded()
	}
	vectors, err := e.Embed(ctx, embed.Passage, texts)
	if err != nil {
		t.Fatal(err)
	}
	entries := make([]vector.Entry, len(passages))
	for i, p := range passages {
		entries[i] = vector.Entry{ID: p.ID, Vector: vectors[i]}
	}
	index, err := vector.NewFlat(entries, e.Dimensions())
	if err != nil {
		t.Fatal(err)
	}
	return &retrieval.Vectors{Index: index, Embedder: e, Weight: weight}
}

// An asking embedder gives questions what it is told to.
type asking struct {
	embed.Embedder
	ask func(ctx context.Context) ([][]float32, error)
}

func (a asking) Embed(ctx context.Context, role embed.Role, texts []string) ([][]float32, error) {
	if role == embed.Question {
		return a.ask(ctx)
	}
	return a.Embedder.Embed(ctx, role, texts)
}

// Without a ranker and vectors the order is that of BM25, in shares of the best.
func TestSearcherWithoutRanker(t *testing.T) {
	s := newSearcher(t, trainingIndex(), nil, nil)
	for _, q := range questions {
		got, want := mustSearch(t, s, q, retrieval.Candidates), trainingIndex().Rank(q)
		if got.Degraded != nil || len(got.Matches) != len(want) {
			t.Fatalf("%+v: %d matches, want %d; %v", q, len(got.Matches), len(want), got.Degraded)
		}
		for i, m := range want {
			m.Score, m.Signals = (m.Clause+m.Document)/(want[0].Clause+want[0].Document), nil
			if diff := cmp.Diff(m, got.Matches[i]); diff != "" {
				t.Errorf("%+v: match %d (-want +got):\n%s", q, i, diff)
			}
		}
	}
}

// With a ranker a score is the sum of the weighted signals, where the signal
// score weighs 1, and of the vector's share.
func TestSearcherScores(t *testing.T) {
	m := retrieval.DefaultModel()
	unit := m.Weight(signal(t, "score"))
	for _, weight := range []float64{0, 0.3} {
		s := newSearcher(t, trainingIndex(), m, vectorsOf(t, embed.NewHash(0), weight, trainingPassages()))
		for _, q := range questions {
			found := mustSearch(t, s, q, math.MaxInt)
			if found.Degraded != nil {
				t.Fatal(found.Degraded)
			}
			alike := 0.0
			for i, f := range found.Matches {
				if want := m.Score(f.Signals)/unit + weight*f.Likeness; math.Abs(f.Score-want) > 1e-9 {
					t.Errorf("%+v: %s scores %v, want %v", q, f.ID, f.Score, want)
				}
				if f.Likeness < 0 || f.Likeness > 1 || weight == 0 && f.Likeness != 0 {
					t.Errorf("%+v: %s has the likeness %v", q, f.ID, f.Likeness)
				}
				alike = max(alike, f.Likeness)
				if i == 0 {
					continue
				}
				if b := found.Matches[i-1]; b.Score < f.Score || b.Score == f.Score && b.Unit > f.Unit {
					t.Errorf("%+v: %s (%v, unit %d) comes before %s (%v, unit %d)", q, b.ID, b.Score, b.Unit, f.ID, f.Score, f.Unit)
				}
			}
			if weight > 0 && asks(q) && alike != 1 {
				t.Errorf("%+v: the nearest clause has the likeness %v", q, alike)
			}
		}
	}
}

// A model with a score that weighs nothing, or less, is no division by it.
func TestSearcherWithoutScore(t *testing.T) {
	for _, score := range []float64{0, -2} {
		weights := make([]float64, len(retrieval.Signals))
		weights[signal(t, "score")], weights[signal(t, "coverage")] = score, 3
		m, err := ranker.NewModel(retrieval.Signals, weights)
		if err != nil {
			t.Fatal(err)
		}
		found := mustSearch(t, newSearcher(t, trainingIndex(), m, nil), questions[0], 10).Matches
		for i, f := range found {
			if f.Score != m.Score(f.Signals) || i > 0 && f.Score > found[i-1].Score {
				t.Errorf("score weighs %v: match %d scores %v, want %v", score, i, f.Score, m.Score(f.Signals))
			}
		}
	}
}

// What Why tells adds up to the score, with vectors and without, also of a clause
// that only its vector has found.
func TestWhyWithVectors(t *testing.T) {
	store := retrieval.NewMemory()
	l := sampleLibrary(t, store, "")
	e := embed.NewHash(0)
	l.UseVectors(retrieval.VectorOptions{
		Store:    store,
		Embedder: func(string) (embed.Embedder, error) { return e, nil },
		Open: func(_ string, entries []vector.Entry, dimensions int) (vector.Index, error) {
			return vector.NewFlat(entries, dimensions)
		},
	})
	for _, weight := range []float64{0, 0.5} {
		if _, err := l.BuildVectors(ctx, e, weight, "", nil); err != nil {
			t.Fatal(err)
		}
		only := 0
		for _, q := range append(questions, retrieval.Query{Text: "充电设施"}) {
			for _, h := range search(t, l, q, 500) {
				sum, clause, document, before := h.Why.Vector, 0.0, 0.0, math.Inf(1)
				for _, p := range h.Why.Signals {
					sum += p.Part
					if math.Abs(p.Part) > before || p.Part == 0 || signal(t, p.Signal) < 0 {
						t.Errorf("%+v: %s: part %+v after one of %v", q, h.Clause.ID, p, before)
					}
					before = math.Abs(p.Part)
				}
				for _, w := range h.Why.Words {
					clause, document = clause+w.Clause, document+w.Document
				}
				if math.Abs(sum-h.Score) > 1e-9 {
					t.Errorf("%+v: %s scores %v, the parts are %v", q, h.Clause.ID, h.Score, sum)
				}
				if math.Abs(clause-h.Why.Clause) > 1e-6 || math.Abs(document-h.Why.Document) > 1e-6 {
					t.Fatalf("%+v: %s: words add up to %v and %v, want %v and %v", q, h.Clause.ID, clause, document, h.Why.Clause, h.Why.Document)
				}
				if weight == 0 && h.Why.Vector != 0 {
					t.Errorf("%+v: %s: vector %v", q, h.Clause.ID, h.Why.Vector)
				}
				if h.Why.Clause == 0 {
					only++
				}
			}
		}
		if (only > 0) != (weight > 0) {
			t.Errorf("weight %v: %d clauses found by their vectors alone", weight, only)
		}
	}
}

func TestNewSearcherRefuses(t *testing.T) {
	model := func(names ...string) *ranker.Model {
		m, err := ranker.NewModel(names, make([]float64, len(names)))
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	swapped := slices.Clone(retrieval.Signals)
	swapped[1], swapped[2] = swapped[2], swapped[1]
	renamed := slices.Clone(retrieval.Signals)
	renamed[3] = "other"
	for name, m := range map[string]*ranker.Model{
		"no signals":    model(),
		"one too few":   model(retrieval.Signals[1:]...),
		"one too many":  model(append(slices.Clone(retrieval.Signals), "more")...),
		"another order": model(swapped...),
		"another name":  model(renamed...),
	} {
		if s, err := retrieval.NewSearcher(trainingIndex(), m, nil); err == nil || s != nil {
			t.Errorf("%s: accepted", name)
		}
	}
	newSearcher(t, trainingIndex(), model(retrieval.Signals...), nil)
}

// However many clauses are asked for, the first of them are the same.
func TestSearcherK(t *testing.T) {
	for _, v := range []*retrieval.Vectors{nil, vectorsOf(t, embed.NewHash(0), 0.5, trainingPassages())} {
		s := newSearcher(t, trainingIndex(), retrieval.DefaultModel(), v)
		for _, q := range questions {
			all := mustSearch(t, s, q, retrieval.Candidates).Matches
			for _, k := range []int{math.MinInt, -1, 0, 1, 2, 10, 299, retrieval.Candidates} {
				got := mustSearch(t, s, q, k).Matches
				if want := all[:min(max(k, 0), len(all))]; len(got) != len(want) || len(want) > 0 && !reflect.DeepEqual(want, got) {
					t.Errorf("%+v, k %d (-want +got):\n%s", q, k, cmp.Diff(want, got))
				}
			}
			if got := mustSearch(t, s, q, math.MaxInt).Matches; len(got) < len(all) || len(got) > trainingIndex().Len() {
				t.Errorf("%+v: %d matches of %d clauses, %d candidates", q, len(got), trainingIndex().Len(), len(all))
			}
		}
	}
	empty := newSearcher(t, training.Index(nil), retrieval.DefaultModel(), nil)
	if got := mustSearch(t, empty, questions[0], 10).Matches; len(got) != 0 {
		t.Errorf("an empty library: %+v", got)
	}
}

// The end of the caller's context is an error and no reason to go on without
// vectors.
func TestSearcherCancelled(t *testing.T) {
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	s := newSearcher(t, trainingIndex(), retrieval.DefaultModel(), nil)
	for _, k := range []int{-1, 0, 10} {
		if r, err := s.Search(cancelled, questions[0], k); !errors.Is(err, context.Canceled) || len(r.Matches) != 0 {
			t.Errorf("k %d: %d matches, %v", k, len(r.Matches), err)
		}
	}
	during, cancel := context.WithCancel(ctx)
	v := vectorsOf(t, embed.NewHash(0), 1, trainingPassages())
	v.Embedder = asking{v.Embedder, func(ctx context.Context) ([][]float32, error) { cancel(); return nil, ctx.Err() }}
	s = newSearcher(t, trainingIndex(), retrieval.DefaultModel(), v)
	if r, err := s.Search(during, questions[0], 10); !errors.Is(err, context.Canceled) || len(r.Matches) != 0 {
		t.Errorf("cancelled while the question is embedded: %d matches, %v", len(r.Matches), err)
	}
}

// An embedder that does not answer is waited for five seconds; then the answer is
// that of the words. The caller's own end comes first.
func TestSearcherWaits(t *testing.T) {
	v := vectorsOf(t, embed.NewHash(0), 1, trainingPassages())
	v.Embedder = asking{v.Embedder, func(ctx context.Context) ([][]float32, error) { <-ctx.Done(); return nil, ctx.Err() }}
	q := questions[0]
	want := mustSearch(t, newSearcher(t, trainingIndex(), retrieval.DefaultModel(), nil), q, 20)
	for _, tt := range []struct {
		name    string
		context func(context.Context) (context.Context, context.CancelFunc)
		took    time.Duration
		failed  error
	}{
		{"no end", context.WithCancel, 5 * time.Second, nil},
		{"a later end", func(c context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(c, time.Minute)
		}, 5 * time.Second, nil},
		{"an earlier end", func(c context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(c, 2*time.Second)
		}, 2 * time.Second, context.DeadlineExceeded},
		{"the caller goes away", func(c context.Context) (context.Context, context.CancelFunc) {
			c, cancel := context.WithCancel(c)
			time.AfterFunc(time.Second, cancel)
			return c, cancel
		}, time.Second, context.Canceled},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSearcher(t, trainingIndex(), retrieval.DefaultModel(), v) // none that pauses
			synctest.Test(t, func(t *testing.T) {
				started := time.Now()
				limited, cancel := tt.context(t.Context())
				defer cancel()
				got, err := s.Search(limited, q, 20)
				if took := time.Since(started); took != tt.took {
					t.Errorf("took %v, want %v", took, tt.took)
				}
				if tt.failed != nil {
					if !errors.Is(err, tt.failed) || len(got.Matches) != 0 {
						t.Errorf("%d matches, %v; want %v", len(got.Matches), err, tt.failed)
					}
					return
				}
				if err != nil || !errors.Is(got.Degraded, context.DeadlineExceeded) {
					t.Errorf("error %v, by words alone because of %v", err, got.Degraded)
				}
				if diff := cmp.Diff(want.Matches, got.Matches); diff != "" {
					t.Errorf("(-without vectors +with):\n%s", diff)
				}
			})
		})
	}
}

// After a failure the embedder is left alone for ten seconds, and every search
// says why.
func TestSearcherPauses(t *testing.T) {
	broken := errors.New("no such endpoint")
	synctest.Test(t, func(t *testing.T) {
		v := vectorsOf(t, embed.NewHash(0), 1, trainingPassages())
		asked := 0
		v.Embedder = asking{v.Embedder, func(context.Context) ([][]float32, error) { asked++; return nil, broken }}
		s := newSearcher(t, trainingIndex(), retrieval.DefaultModel(), v)
		for _, want := range []int{1, 1, 1, 2, 2, 2, 3} { // questions three and a half seconds apart
			if got := mustSearch(t, s, questions[0], 5); !errors.Is(got.Degraded, broken) || asked != want {
				t.Errorf("%v, asked %d times, want %d", got.Degraded, asked, want)
			}
			time.Sleep(3500 * time.Millisecond)
		}
	})
}

// Vectors that cannot be searched change nothing but Result.Degraded, which says
// why.
func TestSearcherGoesOnWithoutVectors(t *testing.T) {
	broken := errors.New("no such endpoint")
	nan := float32(math.NaN())
	for name, ask := range map[string]func(context.Context) ([][]float32, error){
		"an error":             func(context.Context) ([][]float32, error) { return nil, broken },
		"another dimension":    func(context.Context) ([][]float32, error) { return [][]float32{{1, 2}}, nil },
		"a value not a number": func(context.Context) ([][]float32, error) { return [][]float32{{nan, 1, 1, 1}}, nil },
		"no direction":         func(context.Context) ([][]float32, error) { return [][]float32{{0, 0, 0, 0}}, nil },
	} {
		for _, m := range []*ranker.Model{nil, retrieval.DefaultModel()} {
			v := vectorsOf(t, embed.NewHash(4), 1, trainingPassages())
			v.Embedder = asking{v.Embedder, ask}
			with, without := newSearcher(t, trainingIndex(), m, v), newSearcher(t, trainingIndex(), m, nil)
			for _, q := range questions {
				got, want := mustSearch(t, with, q, 30), mustSearch(t, without, q, 30)
				if asks(q) && (got.Degraded == nil || name == "an error" && !errors.Is(got.Degraded, broken)) {
					t.Errorf("%s, %+v: says %v", name, q, got.Degraded)
				}
				if diff := cmp.Diff(want.Matches, got.Matches); diff != "" {
					t.Errorf("%s, %+v (-without vectors +with):\n%s", name, q, diff)
				}
			}
		}
	}
}

// Vectors that weigh nothing, or an index without any, are as good as none: their
// embedder is not even asked.
func TestSearcherWeighsNothing(t *testing.T) {
	asked := 0
	silent := asking{embed.NewRandom(8, 1), func(context.Context) ([][]float32, error) {
		asked++
		return nil, errors.New("asked")
	}}
	for name, v := range map[string]*retrieval.Vectors{
		"weight 0":        vectorsOf(t, silent, 0, trainingPassages()),
		"weight below 0":  vectorsOf(t, silent, -1, trainingPassages()),
		"an empty index":  vectorsOf(t, silent, 1, nil),
		"empty, weight 0": vectorsOf(t, silent, 0, nil),
	} {
		for _, m := range []*ranker.Model{nil, retrieval.DefaultModel()} {
			with, without := newSearcher(t, trainingIndex(), m, v), newSearcher(t, trainingIndex(), m, nil)
			for _, q := range questions {
				if diff := cmp.Diff(mustSearch(t, without, q, 400), mustSearch(t, with, q, 400), cmpopts.IgnoreUnexported(retrieval.Result{})); diff != "" {
					t.Errorf("%s, %+v (-without vectors +with):\n%s", name, q, diff)
				}
			}
		}
	}
	if asked > 0 {
		t.Errorf("the embedder was asked %d times", asked)
	}
}

// asks reports whether q has a word at all; without one nothing is searched.
func asks(q retrieval.Query) bool {
	return len(analysis.AppendKeys(nil, strings.Join(append([]string{q.Text}, q.Context...), "\n"))) > 0
}

// Vectors find what no word of the question leads to.
func TestSearcherWidens(t *testing.T) {
	passages := trainingPassages()
	gold := passages[len(passages)/2]
	answers := map[string][]string{}
	for _, q := range questions {
		answers[strings.Join(append([]string{q.Text}, q.Context...), "\n")] = []string{gold.Embedded()}
	}
	v := vectorsOf(t, embed.NewOracle(64, 0, answers), 50, passages)
	for _, m := range []*ranker.Model{nil, retrieval.DefaultModel()} {
		with, without := newSearcher(t, trainingIndex(), m, v), newSearcher(t, trainingIndex(), m, nil)
		new := 0
		for _, q := range questions {
			found := mustSearch(t, with, q, 10)
			if !asks(q) {
				continue
			}
			if found.Degraded != nil || len(found.Matches) != 10 || found.Matches[0].ID != gold.ID || found.Matches[0].Likeness != 1 {
				t.Errorf("%+v: %+v, %v; want %s first", q, found.Matches[:1], found.Degraded, gold.ID)
			}
			if _, ok := byID(mustSearch(t, without, q, 400).Matches)[gold.ID]; !ok {
				new++
				if f := found.Matches[0]; f.Clause != 0 || f.Document != 0 {
					t.Errorf("%+v: %s shares no word and has BM25 %v and %v", q, f.ID, f.Clause, f.Document)
				}
			}
		}
		if new < 2 {
			t.Errorf("the answer shares words with all but %d questions", new)
		}
	}
}

// A clause that no word of the question has, of a document that has one, is found
// by its vector, without a part of the document's score.
func TestSearcherWidensWithinDocument(t *testing.T) {
	passages := []retrieval.Passage{
		{ID: "a", Document: "d", Text: "alpha"},
		{ID: "b", Document: "d", Text: "beta"},
		{ID: "c", Document: "e", Text: "gamma"},
	}
	q := retrieval.Query{Text: "alpha"}
	v := vectorsOf(t, embed.NewOracle(64, 0, map[string][]string{"alpha": {passages[1].Embedded()}}), 50, passages)
	found := mustSearch(t, newSearcher(t, training.Index(passages), retrieval.DefaultModel(), v), q, 10).Matches
	if len(found) != 3 || found[0].ID != "b" || found[0].Clause != 0 || found[0].Document != 0 || found[0].Signals[signal(t, "previous")] != 1 {
		t.Errorf("%+v", found)
	}
}

// Vectors of clauses that the library does not have make no difference, however
// near they are.
func TestSearcherIgnoresStrangers(t *testing.T) {
	q := questions[0]
	passages := trainingPassages()[:40]
	x := training.Index(passages)
	strange := retrieval.Passage{ID: "gone", Text: "a clause of another library"}
	e := embed.NewOracle(64, 0, map[string][]string{q.Text: {strange.Embedded()}})
	want := mustSearch(t, newSearcher(t, x, retrieval.DefaultModel(), vectorsOf(t, e, 2, passages)), q, 100)
	got := mustSearch(t, newSearcher(t, x, retrieval.DefaultModel(), vectorsOf(t, e, 2, append(slices.Clone(passages), strange))), q, 100)
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(retrieval.Result{})); diff != "" {
		t.Errorf("(-without +with a vector of no clause):\n%s", diff)
	}
	words := mustSearch(t, newSearcher(t, x, retrieval.DefaultModel(), nil), q, 100)
	none := mustSearch(t, newSearcher(t, x, retrieval.DefaultModel(), vectorsOf(t, e, 2, []retrieval.Passage{strange})), q, 100)
	if diff := cmp.Diff(words, none, cmpopts.IgnoreUnexported(retrieval.Result{})); diff != "" {
		t.Errorf("(-without vectors +with vectors of no clause):\n%s", diff)
	}
}

// When all clauses are equally like the question, the order is that of the words.
func TestSearcherAllAlike(t *testing.T) {
	passages := trainingPassages()[:200]
	x := training.Index(passages)
	entries := make([]vector.Entry, len(passages))
	for i, p := range passages {
		entries[i] = vector.Entry{ID: p.ID, Vector: []float32{1, 2}}
	}
	index, err := vector.NewFlat(entries, 2)
	if err != nil {
		t.Fatal(err)
	}
	same := asking{embed.NewRandom(2, 1), func(context.Context) ([][]float32, error) { return [][]float32{{2, 1}}, nil }}
	v := &retrieval.Vectors{Index: index, Embedder: same, Weight: 3}
	for _, q := range questions[:3] {
		words := mustSearch(t, newSearcher(t, x, nil, nil), q, 200).Matches
		found := mustSearch(t, newSearcher(t, x, nil, v), q, 200).Matches
		if len(found) != len(passages) || len(words) == 0 {
			t.Fatalf("%+v: %d of %d found, %d by words", q, len(found), len(passages), len(words))
		}
		for i, m := range found {
			if i < len(words) && m.ID != words[i].ID || m.Likeness != found[0].Likeness {
				t.Errorf("%+v: match %d is %s of likeness %v", q, i, m.ID, m.Likeness)
			}
		}
	}
}

// Two searchers may be made with the same vectors, over different libraries: each
// finds its own clauses.
func TestSearchersShareVectors(t *testing.T) {
	passages := trainingPassages()
	v := vectorsOf(t, embed.NewHash(0), 0.5, passages)
	q := questions[0]
	s := newSearcher(t, trainingIndex(), retrieval.DefaultModel(), v)
	want := mustSearch(t, s, q, 50)
	reversed := slices.Clone(passages[:100])
	slices.Reverse(reversed)
	newSearcher(t, training.Index(reversed), retrieval.DefaultModel(), v)
	if diff := cmp.Diff(want, mustSearch(t, s, q, 50), cmpopts.IgnoreUnexported(retrieval.Result{})); diff != "" {
		t.Errorf("(-before +after another searcher was made):\n%s", diff)
	}
}

// The same question gives the same answer, however often and by however many it
// is asked at once.
func TestSearcherIsDeterministic(t *testing.T) {
	v := vectorsOf(t, embed.NewRandom(16, 1), 0.4, trainingPassages())
	s := newSearcher(t, trainingIndex(), retrieval.DefaultModel(), v)
	var want []retrieval.Result
	for _, q := range questions {
		want = append(want, mustSearch(t, s, q, 400))
	}
	again := newSearcher(t, training.Index(trainingPassages()), retrieval.DefaultModel(), vectorsOf(t, embed.NewRandom(16, 1), 0.4, trainingPassages()))
	var wait sync.WaitGroup
	for run := range 20 {
		wait.Go(func() {
			for i, q := range questions {
				for _, s := range []*retrieval.Searcher{s, again} {
					if got, err := s.Search(ctx, q, 400); err != nil || !reflect.DeepEqual(want[i], got) {
						t.Errorf("run %d, %+v: another result, %v", run, q, err)
					}
				}
			}
		})
		if run < 4 { // some after one another, the others at once
			wait.Wait()
		}
	}
	wait.Wait()
}

// Clauses that share words with the question and are found by their vectors alone,
// as too many others share more, always come in the same order.
func TestSearcherWidensInOrder(t *testing.T) {
	var passages []retrieval.Passage
	for i := range retrieval.Candidates {
		passages = append(passages, retrieval.Passage{ID: fmt.Sprint("many.", i), Document: "many", Text: "alpha alpha"})
	}
	for i := range 12 {
		passages = append(passages, retrieval.Passage{ID: fmt.Sprint("few.", i), Document: "few", Text: "alpha" + strings.Repeat(" beta", 3+(i*5)%12)})
	}
	v := vectorsOf(t, embed.NewRandom(8, 1), 0.5, passages[retrieval.Candidates:])
	s := newSearcher(t, training.Index(passages), retrieval.DefaultModel(), v)
	want := mustSearch(t, s, retrieval.Query{Text: "alpha"}, 20)
	for range 20 {
		if got := mustSearch(t, s, retrieval.Query{Text: "alpha"}, 20); !reflect.DeepEqual(want, got) {
			t.Fatalf("(-before +again):\n%s", cmp.Diff(want, got))
		}
	}
	few := 0
	for _, m := range want.Matches {
		if strings.HasPrefix(m.ID, "few.") && m.Clause > 0 {
			few++
		}
	}
	if few == 0 {
		t.Errorf("no clause was found by its vector: %+v", want.Matches)
	}
}

// Of any small library: vectors add clauses and never take one away, and what they
// do not find keeps its signals of its own words.
func TestSearcherLaws(t *testing.T) {
	own := []int{}
	for _, name := range []string{"coverage", "title", "path", "path_density", "beginning", "numbers", "first", "short", "previous", "neighbour"} {
		own = append(own, signal(t, name))
	}
	rapid.Check(t, func(rt *rapid.T) {
		documents, q := drawDocuments(rt), drawQuery(rt)
		passages := slices.Concat(documents...)
		x := training.Index(passages)
		some := passages[:rapid.IntRange(0, len(passages)).Draw(rt, "embedded")]
		v := vectorsOf(t, embed.NewHash(16), rapid.Float64Range(0.1, 5).Draw(rt, "weight"), some)
		words := byID(mustSearch(t, newSearcher(t, x, retrieval.DefaultModel(), nil), q, 1000).Matches)
		found := mustSearch(t, newSearcher(t, x, retrieval.DefaultModel(), v), q, 1000).Matches
		embedded := map[string]bool{}
		for _, p := range some {
			embedded[p.ID] = true
		}
		all := byID(found)
		if len(all) != len(found) {
			rt.Fatalf("%d matches, %d ids", len(found), len(all))
		}
		for id, m := range all {
			w, ok := words[id]
			if !ok && !embedded[id] || !embedded[id] && m.Likeness != 0 {
				rt.Fatalf("%s was found, likeness %v, and has no vector", id, m.Likeness)
			}
			if !ok {
				continue
			}
			for _, k := range own {
				if m.Signals[k] != w.Signals[k] {
					rt.Fatalf("%s: %s is %v, without vectors %v", id, retrieval.Signals[k], m.Signals[k], w.Signals[k])
				}
			}
		}
		for id := range words {
			if _, ok := all[id]; !ok {
				rt.Fatalf("%s is not found with vectors", id)
			}
		}
		for id := range embedded {
			if _, ok := all[id]; !ok && asks(q) {
				rt.Fatalf("%s has a vector and is not found", id)
			}
		}
		if !asks(q) && len(found) > 0 {
			rt.Fatalf("%d matches for nothing", len(found))
		}
	})
}
