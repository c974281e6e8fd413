package training

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"policybot/retrieval"
	"policybot/retrieval/embed"
	"policybot/retrieval/metrics"
)

// Vectors that know nothing weigh nothing, and those that know the answers much.
// The nDCG without vectors is that of a search without any, whoever the model is.
func TestLearnWeight(t *testing.T) {
	answers, err := Answers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	set := loaded(t, someClauses)
	before := plainNDCG(t, set)
	for _, tt := range []struct {
		name string
		e    embed.Embedder
		some bool // a weight above 0
	}{
		{"random", embed.NewRandom(32, 1), false},
		{"oracle", embed.NewOracle(32, 1, answers), true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w, err := LearnWeight(t.Context(), tt.e)
			if err != nil {
				t.Fatal(err)
			}
			checkWeight(t, w, set, before, tt.some)
			if tt.some && w.After < 0.9 {
				t.Errorf("%+v: an oracle finds the answers", w)
			}
		})
	}
}

func checkWeight(t *testing.T, w Weight, set Set, before float64, some bool) {
	t.Helper()
	if w.Questions != len(set.Questions) || math.Abs(w.Before-before) > 1e-9 {
		t.Errorf("%+v, want %d questions and %v before", w, len(set.Questions), before)
	}
	if (w.Value > 0) != some || (w.Low > 0) != some || !slices.Contains(weights, w.Value) {
		t.Errorf("%+v, want a weight: %v", w, some)
	}
	if difference := w.After - w.Before; w.Low > difference || w.High < difference {
		t.Errorf("%+v: the difference lies outside its interval", w)
	}
}

// The vectors of hashed words find no more than the words do and weigh nothing, here
// on a part of the documents. The same vectors give the same weight, to the last
// bit.
func TestLearnWeightOfPart(t *testing.T) {
	set := loaded(t, someClauses)
	part := Set{Passages: set.Passages[:100]}
	there := map[string]bool{}
	for _, p := range part.Passages {
		there[p.ID] = true
	}
	for _, q := range set.Questions {
		if !slices.ContainsFunc(q.Gold, func(id string) bool { return !there[id] }) {
			part.Questions = append(part.Questions, q)
		}
	}
	before := plainNDCG(t, part)
	var first [][]float64
	for range 2 {
		trials, err := try(t.Context(), embed.NewHash(0), part)
		if err != nil || len(trials) < 80 || len(trials) != len(part.Questions) {
			t.Fatalf("%d trials of %d questions, %v", len(trials), len(part.Questions), err)
		}
		if first != nil && !reflect.DeepEqual(trials, first) {
			t.Error("tried again, the questions are found otherwise")
		}
		first = trials
	}
	w := choose(first, part.Questions)
	checkWeight(t, w, part, before, false)
	if again := choose(first, part.Questions); again != w {
		t.Errorf("%+v, and again %+v", w, again)
	}
}

// plainNDCG is the mean nDCG@10 of searches without vectors.
func plainNDCG(t *testing.T, set Set) float64 {
	t.Helper()
	s, err := retrieval.NewSearcher(Index(set.Passages), retrieval.DefaultModel(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var all []metrics.Ranking
	for _, q := range set.Questions {
		found, err := s.Search(t.Context(), retrieval.Query{Text: q.Text}, 10)
		if err != nil {
			t.Fatal(err)
		}
		r := metrics.Ranking{Relevant: map[string]int{}}
		for _, id := range q.Gold {
			r.Relevant[id] = 1
		}
		for _, m := range found.Matches {
			r.Ranked = append(r.Ranked, m.ID)
		}
		all = append(all, r)
	}
	return metrics.NDCG(all, 10)
}

// A failing embedder fails for texts of one role only.
type failing struct {
	embed.Embedder
	role embed.Role
}

var errGone = errors.New("the endpoint is gone")

func (f failing) Embed(ctx context.Context, role embed.Role, texts []string) ([][]float32, error) {
	if role == f.role {
		return nil, errGone
	}
	return f.Embedder.Embed(ctx, role, texts)
}

// What goes wrong is told, and not taken for vectors that do not help.
func TestLearnWeightFails(t *testing.T) {
	for _, role := range []embed.Role{embed.Passage, embed.Question} {
		e := failing{embed.NewRandom(8, 1), role}
		w, err := LearnWeight(t.Context(), e)
		if !errors.Is(err, errGone) || !strings.Contains(err.Error(), e.Model()) || w != (Weight{}) {
			t.Errorf("role %d: %+v, %v", role, w, err)
		}
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if w, err := LearnWeight(cancelled, embed.NewRandom(8, 1)); !errors.Is(err, context.Canceled) || w != (Weight{}) {
		t.Errorf("cancelled: %+v, %v", w, err)
	}
}

// trials returns the nDCG of questions about documents: as much as value says of
// a document with each of weights.
func trials(perDocument int, documents []string, value func(document, weight int) float64) (rows [][]float64, questions []Question) {
	for d, name := range documents {
		for range perDocument {
			row := make([]float64, len(weights))
			for k := range row {
				row[k] = value(d, k)
			}
			rows = append(rows, row)
			questions = append(questions, Question{ID: fmt.Sprint(len(rows)), Document: name})
		}
	}
	return rows, questions
}

func TestChoose(t *testing.T) {
	documents := []string{"a", "b", "c", "d"}
	const third = 3 // of weights
	for _, tt := range []struct {
		name  string
		value func(document, weight int) float64
		want  Weight
	}{
		{"one weight is better everywhere", func(_, k int) float64 {
			if k == third {
				return 0.75
			}
			return 0.5
		}, Weight{weights[third], 40, 0.5, 0.75, 0.25, 0.25}},
		{"no weight makes a difference", func(int, int) float64 { return 0.5 }, Weight{0, 40, 0.5, 0.5, 0, 0}},
		{"of equals the least", func(_, k int) float64 { return 0.5 + 0.25*float64(min(k, 1)) }, Weight{weights[1], 40, 0.5, 0.75, 0.25, 0.25}},
		{"every weight harms", func(_, k int) float64 { return 0.5 - 0.25*float64(min(k, 1)) }, Weight{0, 40, 0.5, 0.5, 0, 0}},
		// Of each document alone one weight is best; the others say so of theirs, for which it does harm. Only
		// trying on other documents shows it.
		{"each document by heart", func(d, k int) float64 {
			switch k {
			case d + 1:
				return 1
			case 0:
				return 0.5
			}
			return 0.4
		}, Weight{0, 40, 0.5, 0.4, -0.1, -0.1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rows, questions := trials(10, documents, tt.value)
			got := choose(rows, questions)
			for i, pair := range [][2]float64{{got.Value, tt.want.Value}, {got.Before, tt.want.Before}, {got.After, tt.want.After}, {got.Low, tt.want.Low}, {got.High, tt.want.High}} {
				if math.Abs(pair[0]-pair[1]) > 1e-9 {
					t.Errorf("field %d: %+v, want %+v", i, got, tt.want)
				}
			}
			if got.Questions != 40 {
				t.Errorf("%d questions, want 40", got.Questions)
			}
		})
	}
}

// A gain that the questions do not agree on is no gain.
func TestChooseWantsProof(t *testing.T) {
	rows, questions := trials(10, []string{"a", "b", "c", "d"}, func(int, int) float64 { return 0.5 })
	for i := range rows { // the last weight is better on average, by very different questions
		rows[i][len(weights)-1] = 0.4
		if i%4 == 0 {
			rows[i][len(weights)-1] = 0.9
		}
	}
	if w := choose(rows, questions); w.Value != 0 || w.Low > 0 || w.After <= w.Before {
		t.Errorf("%+v", w)
	}
}

// The weight is compared as if the search had been run with it.
func TestNDCGByWeight(t *testing.T) {
	matches := []retrieval.Match{ // scored with weight 1
		{ID: "words", Unit: 0, Score: 1.2, Likeness: 0.2},
		{ID: "equal", Unit: 1, Score: 1.2, Likeness: 0.2},
		{ID: "both", Unit: 2, Score: 1.1, Likeness: 0.5},
		{ID: "alike", Unit: 3, Score: 1.0, Likeness: 1},
	}
	for gold, want := range map[string]func(w float64) int{ // place of the gold from 1
		"words": func(w float64) int {
			place := 1
			for _, m := range matches[2:] {
				if m.Score-m.Likeness+w*m.Likeness > 1+w*0.2 {
					place++
				}
			}
			return place
		},
		"alike": func(w float64) int {
			place := 1
			for _, m := range matches[:3] {
				if m.Score-m.Likeness+w*m.Likeness >= w {
					place++
				}
			}
			return place
		},
	} {
		for i, got := range ndcg(matches, []string{gold}) {
			if want := 1 / math.Log2(float64(want(weights[i])+1)); math.Abs(got-want) > 1e-9 {
				t.Errorf("%s with weight %v: %v, want %v", gold, weights[i], got, want)
			}
		}
	}
	if got := ndcg(nil, []string{"x"}); slices.Max(got) != 0 {
		t.Errorf("nothing found: %v", got)
	}
}
