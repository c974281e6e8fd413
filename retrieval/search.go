package retrieval

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"policybot/retrieval/bm25"
	"policybot/retrieval/embed"
	"policybot/retrieval/ranker"
	"policybot/retrieval/vector"
)

// Depths of a search.
const (
	Candidates       = 300 // clauses by their words that the ranker orders
	vectorCandidates = 300 // clauses by their vectors that are ordered with them
)

// embedTimeout is how long a search waits for the vector of its question, and
// embedPause how long it does not ask again after a failure. It goes on without.
const (
	embedTimeout = 5 * time.Second
	embedPause   = 10 * time.Second
)

// ErrSlow is returned, wrapped, when the vector of a question did not come in
// time.
var ErrSlow = errors.New("no vector within 5 seconds")

// A Searcher finds clauses: candidates by their words and, where there are
// vectors, by their likeness to the question; then all of them are ordered by
// the ranker. It never changes and may be used from several goroutines.
type Searcher struct {
	lexical *Lexical
	ranker  *ranker.Model
	vectors *Vectors
	marked  *marked // index entries; nil: none
}

// NewSearcher returns a Searcher. Without a model clauses are ordered by BM25,
// without vectors by their words alone. It refuses a model that was trained for
// other signals.
func NewSearcher(x *Lexical, model *ranker.Model, vectors *Vectors) (*Searcher, error) {
	if model != nil && !slices.Equal(model.Names(), Signals) {
		return nil, fmt.Errorf("the ranker's signals are %v, want %v", model.Names(), Signals)
	}
	if vectors != nil {
		own := *vectors // the caller may give them to another Searcher too
		own.bind(x)
		vectors = &own
	}
	return &Searcher{lexical: x, ranker: model, vectors: vectors}, nil
}

// Vectors are the vectors of the clauses of a Searcher by one model.
type Vectors struct {
	Index    vector.Index   // by clause id
	Embedder embed.Embedder // of the model
	Weight   float64        // of the likeness, against the ranker's score; 0 or more

	units map[string]int // clause id → unit
	pause *pause
}

// A pause keeps the last failure to embed a question, for embedPause.
type pause struct {
	mu    sync.Mutex
	until time.Time
	err   error
}

func (p *pause) failure() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if time.Now().Before(p.until) {
		return p.err
	}
	return nil
}

func (p *pause) begin(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.until, p.err = time.Now().Add(embedPause), err
}

func (v *Vectors) bind(x *Lexical) {
	v.pause = new(pause)
	v.units = x.units()
}

// A Match is a clause found by a Searcher. Score is the sum of the parts: the
// ranker's weighted signals and the vector's share, in units of the best
// candidate's BM25 score. Scores of different questions do not compare.
type Match struct {
	ID    string
	Score float64
	Unit  int // for Explain

	Clause, Document float64   // BM25: the clause's own words, the share of the whole document's
	Signals          []float64 // see Signals; none without a ranker
	Focus            float64   // of its document
	Likeness         float64   // between the question's vector and the clause's, 0 to 1; see likeness
	Taught           *TaughtPart
}

// A Result is what a search found.
type Result struct {
	Matches []Match
	// Degraded says why vectors were not used although there are some, such as
	// an endpoint that does not answer; nil when they were used or there are none.
	Degraded error
	Concepts []Concept // what the query speaks of

	terms []bm25.Term
}

// Search returns the k best clauses for a query, best first, ties by the order
// of adding. It returns nothing for a query without known words and without
// vectors. The error is that of the context.
func (s *Searcher) Search(ctx context.Context, q Query, k int) (Result, error) {
	if err := ctx.Err(); err != nil {
		return Result{}, fmt.Errorf("search: %w", err)
	}
	if k <= 0 {
		return Result{}, nil
	}
	r := s.lexical.read(q)
	near, failed := s.near(ctx, q, r.terms)
	if err := ctx.Err(); err != nil {
		return Result{}, fmt.Errorf("search: %w", err)
	}
	hits := s.lexical.index.Search(r.terms, max(k, Candidates))
	hits = s.widen(r.terms, hits, near)
	var rows [][]float64
	if s.ranker != nil {
		rows = s.lexical.signals(r, hits)
	}
	matches := make([]Match, len(hits))
	for i, h := range hits {
		matches[i] = Match{ID: s.lexical.ids[h.Unit], Unit: h.Unit, Clause: h.UnitScore, Document: h.GroupScore}
		if rows != nil {
			matches[i].Signals = rows[i]
		}
		matches[i].Likeness = near[h.Unit]
	}
	s.score(matches)
	if len(q.Focus) > 0 {
		focused := q.focused()
		for i := range matches {
			matches[i].Focus = focused(matches[i].ID)
			matches[i].Score += matches[i].Focus
		}
	}
	byScore := func(a, b Match) int { return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Unit, b.Unit)) }
	slices.SortStableFunc(matches, byScore)
	matches = s.marked.raise(s, q, r, matches)
	return Result{Matches: matches[:min(k, len(matches))], Degraded: failed, Concepts: r.list(), terms: r.terms}, nil
}

// near returns the likeness of the clauses nearest to the question and what was
// said before it, by unit; nothing for a question without a word.
func (s *Searcher) near(ctx context.Context, q Query, terms []bm25.Term) (map[int]float64, error) {
	v := s.vectors
	if v == nil || v.Weight <= 0 || v.Index.Len() == 0 || len(terms) == 0 {
		return nil, nil
	}
	if err := v.pause.failure(); err != nil {
		return nil, err
	}
	limited, cancel := context.WithTimeout(ctx, embedTimeout)
	defer cancel()
	text := strings.Join(append([]string{q.Text}, q.Context...), "\n")
	vectors, err := v.Embedder.Embed(limited, embed.Question, []string{text})
	if err == nil && len(vectors) != 1 {
		err = fmt.Errorf("the model gave %d vectors for one text", len(vectors))
	}
	if err != nil {
		if limited.Err() != nil && ctx.Err() == nil {
			err = fmt.Errorf("%w (%w)", ErrSlow, err)
		}
		err = fmt.Errorf("embed the question: %w", err)
		if ctx.Err() == nil {
			v.pause.begin(err)
		}
		return nil, err
	}
	hits, err := v.Index.Search(limited, vectors[0], vectorCandidates)
	if err != nil {
		return nil, fmt.Errorf("search the vectors: %w", err)
	}
	return likeness(hits, v.units), nil
}

// likeness spreads the similarities of the nearest clauses over 0 to 1: from
// the least of them to the greatest. Models differ in how alike they find any
// two texts; what counts is by how much the best stand out. Where none does, all
// have 0.
func likeness(hits []vector.Hit, units map[string]int) map[int]float64 {
	hits = slices.DeleteFunc(hits, func(h vector.Hit) bool { // clauses of another state of the library
		_, ok := units[h.ID]
		return !ok
	})
	out := make(map[int]float64, len(hits))
	if len(hits) == 0 {
		return out
	}
	high, low := hits[0].Score, hits[len(hits)-1].Score
	for _, h := range hits {
		likeness := 0.0
		if high > low {
			likeness = (h.Score - low) / (high - low)
		}
		out[units[h.ID]] = likeness
	}
	return out
}

// widen adds the clauses that only their vectors found, ordered by BM25 as hits
// are, then by the order of adding.
func (s *Searcher) widen(terms []bm25.Term, hits []bm25.Hit, near map[int]float64) []bm25.Hit {
	if len(near) == 0 {
		return hits
	}
	found := make(map[int]bool, len(hits))
	for _, h := range hits {
		found[h.Unit] = true
	}
	var units []int
	for u := range near {
		if !found[u] {
			units = append(units, u)
		}
	}
	more := s.lexical.index.Score(terms, units)
	slices.SortFunc(more, func(a, b bm25.Hit) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Unit, b.Unit))
	})
	return append(hits, more...)
}

// score sets the scores of matches. Without a ranker the BM25 score takes the
// place of its score.
func (s *Searcher) score(matches []Match) {
	best := 0.0
	for _, m := range matches {
		best = max(best, m.Clause+m.Document)
	}
	for i := range matches {
		m := &matches[i]
		if s.ranker != nil {
			m.Score = s.ranker.Score(m.Signals) / s.unit()
		} else {
			m.Score = share(m.Clause+m.Document, best)
		}
		if s.vectors != nil {
			m.Score += s.vectors.Weight * m.Likeness
		}
	}
}

// unit is the ranker's score of the best candidate's BM25 score alone.
func (s *Searcher) unit() float64 {
	if w := s.ranker.Weight(sigScore); w > 0 {
		return w
	}
	return 1
}

// parts tells what the signals of a match add to its score, largest first.
func (s *Searcher) parts(m Match) []SignalPart {
	out := []SignalPart{}
	for i, x := range m.Signals {
		if part := s.ranker.Weight(i) * x / s.unit(); part != 0 {
			out = append(out, SignalPart{Signals[i], x, part})
		}
	}
	slices.SortStableFunc(out, func(a, b SignalPart) int { return cmp.Compare(math.Abs(b.Part), math.Abs(a.Part)) })
	return out
}
