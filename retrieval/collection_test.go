package retrieval_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"policybot/retrieval"
	"policybot/retrieval/chromem"
	"policybot/retrieval/embed"
	"policybot/retrieval/retrievaltest"
	"policybot/retrieval/vector"
)

// A vectorStore holds documents and vectors.
type vectorStore interface {
	retrieval.Store
	retrieval.VectorStore
}

// A fakeModel gives the vectors of another embedder and writes down which
// passages it was asked for.
type fakeModel struct {
	embed.Embedder
	before   func(call int) error                                    // of each batch of passages, counted from 1; may be nil
	after    func(call int, vectors [][]float32) [][]float32         // may be nil
	question func(context.Context, [][]float32) ([][]float32, error) // may be nil

	mu        sync.Mutex
	calls     int
	passages  []string
	questions int
}

func (m *fakeModel) Embed(ctx context.Context, role embed.Role, texts []string) ([][]float32, error) {
	m.mu.Lock()
	if role == embed.Question {
		m.questions++
	} else {
		m.calls++
		m.passages = append(m.passages, texts...)
	}
	call := m.calls
	m.mu.Unlock()
	if role == embed.Passage && m.before != nil {
		if err := m.before(call); err != nil {
			return nil, err
		}
	}
	vectors, err := m.Embedder.Embed(ctx, role, texts)
	switch {
	case err != nil:
	case role == embed.Question && m.question != nil:
		return m.question(ctx, vectors)
	case role == embed.Passage && m.after != nil:
		vectors = m.after(call, vectors)
	}
	return vectors, err
}

// take returns the passages that were sent to the model since it was last
// called, sorted.
func (m *fakeModel) take() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	texts := m.passages
	m.passages, m.calls = nil, 0
	slices.Sort(texts)
	return texts
}

// A shelf is a library with vectors, of which the models of known can be had.
type shelf struct {
	*retrieval.Library
	store  vectorStore
	known  map[string]embed.Embedder
	opened []int // how many vectors each index was made of
}

// newShelf opens a library over store and refreshes it.
func newShelf(t testing.TB, store vectorStore, models ...embed.Embedder) *shelf {
	t.Helper()
	s := &shelf{Library: retrieval.New(store, ""), store: store, known: map[string]embed.Embedder{}}
	for _, m := range models {
		s.known[m.Model()] = m
	}
	s.UseVectors(retrieval.VectorOptions{
		Store: store,
		Embedder: func(model string) (embed.Embedder, error) {
			if e, ok := s.known[model]; ok {
				return e, nil
			}
			return nil, notToBeHad(model)
		},
		Open: func(model string, entries []vector.Entry, dimensions int) (vector.Index, error) {
			s.opened = append(s.opened, len(entries))
			return chromem.Open(model, entries, dimensions)
		},
	})
	refresh(t, s.Library)
	return s
}

func notToBeHad(model string) error {
	return fmt.Errorf("index built with %s, configuration says another", model)
}

// build builds the vectors of a model, which can be had from now on.
func (s *shelf) build(t testing.TB, e embed.Embedder) retrieval.Built {
	t.Helper()
	s.known[e.Model()] = e
	built, err := s.BuildVectors(ctx, e, testWeight, "report of "+e.Model(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return built
}

// testWeight makes the likeness count more than any words.
const testWeight = 20

// ask searches and wants the vectors to be used, if there are any.
func ask(t testing.TB, l *retrieval.Library, text string) []retrieval.Hit {
	t.Helper()
	found, err := l.Search(ctx, retrieval.Query{Text: text}, 20)
	if err != nil || found.Degraded != nil {
		t.Fatalf("%s: %v; degraded: %v", text, err, found.Degraded)
	}
	return found.Hits
}

// wantHits wants exactly these, with all that explains them.
func wantHits(t testing.TB, what string, got, want []retrieval.Hit) {
	t.Helper()
	if len(want) == 0 {
		t.Fatalf("%s: the test wants no hits", what)
	}
	if !slices.Equal(ids(got), ids(want)) {
		t.Errorf("%s: found\n%q, want\n%q", what, ids(got), ids(want))
	} else if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// wantActive wants these models to be active and previous, clauses without a
// vector, and no problem.
func wantActive(t testing.TB, l *retrieval.Library, active, previous string, missing int) {
	t.Helper()
	s := l.VectorState()
	name := func(c *retrieval.Collection) string {
		if c == nil {
			return ""
		}
		return c.Model
	}
	if name(s.Active) != active || name(s.Previous) != previous || s.Missing != missing || s.Problem != nil {
		t.Errorf("active %q after %q, %d missing, problem %v; want %q after %q, %d missing",
			name(s.Active), name(s.Previous), s.Missing, s.Problem, active, previous, missing)
	}
}

// The question of these tests, and one of whose words no clause has any.
const (
	wordy    = "临床试验投入的资助"
	wordless = "xyzzy plugh"
)

// numbered returns a store in memory of n documents of 50 clauses, all texts
// different.
func numbered(t testing.TB, n int) *retrieval.Memory {
	t.Helper()
	m := retrieval.NewMemory()
	for i := range n {
		putNumbered(t, m, i, 50)
	}
	return m
}

func putNumbered(t testing.TB, s retrieval.Store, n, clauses int) {
	t.Helper()
	doc, text, list := retrievaltest.Numbered(n, 1, clauses)
	if _, err := s.Put(ctx, doc, text, list); err != nil {
		t.Fatal(err)
	}
}

// putParts puts a document of these clauses.
func putParts(t testing.TB, s retrieval.Store, id, title string, parts ...string) {
	t.Helper()
	text := strings.Join(parts, "\n")
	if _, err := s.Put(ctx, retrieval.Document{ID: id, Title: title}, text, retrievaltest.Cut(id, text, parts...)); err != nil {
		t.Fatal(err)
	}
}

// embedded returns the text of every clause as it is embedded, by its id.
func embedded(t testing.TB, s retrieval.Store) map[string]string {
	t.Helper()
	docs, err := s.Documents(ctx)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, d := range docs {
		clauses, err := s.Clauses(ctx, d.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range clauses {
			out[c.ID] = retrieval.PassageOf(c).Embedded()
		}
	}
	return out
}

// distinct returns the different texts of some clauses, sorted.
func distinct(texts map[string]string) []string {
	return slices.Compact(slices.Sorted(maps.Values(texts)))
}

// storedKeys returns the keys of the vectors of a model.
func storedKeys(t testing.TB, s retrieval.VectorStore, model string) map[string]bool {
	t.Helper()
	keys := map[string]bool{}
	for v, err := range s.Vectors(ctx, model) {
		if err != nil {
			t.Fatal(err)
		}
		keys[v.Key] = true
	}
	return keys
}

// unstored returns the texts without a vector of a model, sorted.
func unstored(t testing.TB, s vectorStore, model string) []string {
	t.Helper()
	keys := storedKeys(t, s, model)
	list := distinct(embedded(t, s))
	return slices.DeleteFunc(list, func(text string) bool { return keys[keyOf(text)] })
}

// keyOf is the key under which the vector of a text is stored.
func keyOf(text string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(text))) }

// wantTexts wants exactly these texts, both sorted.
func wantTexts(t testing.TB, what string, got, want []string) {
	t.Helper()
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			t.Errorf("%s: %d texts, want %d; they differ from number %d on:\n got %.200q\nwant %.200q",
				what, len(got), len(want), i, got[min(i, len(got)):min(i+1, len(got))], want[min(i, len(want)):min(i+1, len(want))])
			return
		}
	}
}

// oracle returns a model that finds the clause of this id for both questions.
// Models that find other clauses have other names.
func oracle(t testing.TB, s retrieval.Store, id string) *fakeModel {
	t.Helper()
	text, ok := embedded(t, s)[id]
	if !ok {
		t.Fatalf("there is no clause %s", id)
	}
	return &fakeModel{Embedder: embed.NewOracle(32, 0, map[string][]string{wordy: {text}, wordless: {text}})}
}

// Clauses that the models of these tests find.
const (
	ofA = "numbered-000001.37"
	ofB = "numbered-000003.11"
)

// models returns two models that find ofA and ofB.
func models(t testing.TB, s retrieval.Store) (a, b *fakeModel) {
	t.Helper()
	return oracle(t, s, ofA), oracle(t, s, ofB)
}

// Without vectors a search goes by words, and says nothing about it.
func TestNoVectors(t *testing.T) {
	store := numbered(t, 2)
	plain := retrieval.New(store, "")
	refresh(t, plain)
	s := newShelf(t, store)
	wantHits(t, "library with nothing active", ask(t, s.Library, wordy), ask(t, plain, wordy))
	for name, l := range map[string]*retrieval.Library{"plain": plain, "nothing active": s.Library} {
		if state := l.VectorState(); state != (retrieval.VectorState{}) {
			t.Errorf("%s: state %+v", name, state)
		}
		if c, err := l.RollbackVectors(ctx); !errors.Is(err, retrieval.ErrNoVectors) || c != (retrieval.Collection{}) {
			t.Errorf("%s: rolled back to %+v, %v", name, c, err)
		}
		if hits := ask(t, l, wordless); len(hits) != 0 {
			t.Errorf("%s: found %q", name, ids(hits))
		}
	}
	if _, err := plain.BuildVectors(ctx, embed.NewHash(8), 1, "", nil); !errors.Is(err, retrieval.ErrNoVectors) {
		t.Errorf("built: %v", err)
	}
	if len(s.opened) != 0 {
		t.Errorf("opened indexes of %d vectors", s.opened)
	}
}

// Every text is sent to the model once, in batches that are reported, and what
// the model finds is found from then on.
func TestBuildVectors(t *testing.T) {
	store := numbered(t, 4)
	s := newShelf(t, store)
	words := ask(t, s.Library, wordy)
	m := oracle(t, store, ofA)
	s.known[m.Model()] = m
	var steps []string
	progress := func(done, all int) { steps = append(steps, fmt.Sprintf("%d/%d", done, all)) }
	built, err := s.BuildVectors(ctx, m, testWeight, `{"n": 7}`, progress)
	if err != nil || built != (retrieval.Built{Embedded: 200}) {
		t.Fatalf("%+v, %v; want 200 embedded", built, err)
	}
	wantTexts(t, "sent to the model", m.take(), distinct(embedded(t, store)))
	if diff := cmp.Diff([]string{"64/200", "128/200", "192/200", "200/200"}, steps); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
	wantActive(t, s.Library, m.Model(), "", 0)
	c := *s.VectorState().Active
	if _, err := time.Parse(time.RFC3339, c.BuiltAt); err != nil {
		t.Error(err)
	}
	c.BuiltAt = ""
	if want := (retrieval.Collection{Model: m.Model(), Dimensions: 32, Weight: testWeight, Report: `{"n": 7}`}); c != want {
		t.Errorf("active is %+v, want %+v", c, want)
	}
	for _, q := range []string{wordy, wordless} {
		h := ask(t, s.Library, q)[0]
		parts := h.Why.Vector
		for _, p := range h.Why.Signals {
			parts += p.Part
		}
		if h.Clause.ID != ofA || math.Abs(h.Score-parts) > 1e-9 || h.Why.Vector != testWeight {
			t.Errorf("%s: first is %s, score %g, parts %g, of the vector %g", q, h.Clause.ID, h.Score, parts, h.Why.Vector)
		}
	}
	if words[0].Clause.ID == ofA {
		t.Error("words find the same clause: the test shows nothing")
	}
	hits := ask(t, s.Library, wordy)
	if built := s.build(t, m); built != (retrieval.Built{Reused: 200}) || len(m.take()) != 0 {
		t.Errorf("built again: %+v", built)
	}
	wantActive(t, s.Library, m.Model(), "", 0)
	wantHits(t, "built again", ask(t, s.Library, wordy), hits)
	wantHits(t, "another library", ask(t, newShelf(t, store, m).Library, wordy), hits)
}

// Hash needs nothing, and clauses that share words with the question are alike.
func TestBuildHash(t *testing.T) {
	s := newShelf(t, numbered(t, 1))
	putParts(t, s.store, "only", "办法", "青蒿素企业", "奎宁企业")
	if built := s.build(t, embed.NewHash(0)); built != (retrieval.Built{Embedded: 52}) {
		t.Errorf("%+v", built)
	}
	wantActive(t, s.Library, embed.NewHash(0).Model(), "", 0)
	if h := ask(t, s.Library, "青蒿素")[0]; h.Clause.ID != "only.1" || h.Why.Vector != testWeight {
		t.Errorf("first is %s, of the vector %g", h.Clause.ID, h.Why.Vector)
	}
}

// Clauses that read the same share one vector.
func TestEqualTexts(t *testing.T) {
	store := retrieval.NewMemory()
	for _, id := range []string{"a", "b", "c"} {
		putParts(t, store, id, "办法", "青蒿素", "奎宁"+id)
	}
	s := newShelf(t, store)
	m := oracle(t, store, "b.1")
	if built := s.build(t, m); built != (retrieval.Built{Embedded: 4}) {
		t.Errorf("%+v, want 4 embedded: one for the first clauses, three for the others", built)
	}
	wantTexts(t, "sent to the model", m.take(), distinct(embedded(t, store)))
	wantActive(t, s.Library, m.Model(), "", 0)
	var first []string
	for _, h := range ask(t, s.Library, wordless)[:3] {
		first = append(first, h.Clause.ID)
		if h.Why.Vector != testWeight {
			t.Errorf("%s: %g of the vector", h.Clause.ID, h.Why.Vector)
		}
	}
	if !slices.Equal(first, []string{"a.1", "b.1", "c.1"}) {
		t.Errorf("first are %q", first)
	}
	if built := s.build(t, m); built != (retrieval.Built{Reused: 4}) {
		t.Errorf("built again: %+v", built)
	}
}

// Only what changed is sent to the model: the clause, or with the title all
// clauses of the document.
func TestChangesAreEmbedded(t *testing.T) {
	store := numbered(t, 1)
	parts := []string{"青蒿素", "奎宁", "紫杉醇"}
	putParts(t, store, "d", "南汀市办法", parts...)
	s := newShelf(t, store)
	m := &fakeModel{Embedder: embed.NewHash(32)}
	s.build(t, m)
	m.take()
	for _, tt := range []struct {
		name, title string
		parts       []string
		want        []string // clauses
	}{
		{"nothing", "南汀市办法", parts, nil},
		{"a clause", "南汀市办法", []string{"青蒿素", "奎宁片", "紫杉醇"}, []string{"d.2"}},
		{"back again", "南汀市办法", parts, nil},
		{"a clause more", "南汀市办法", append(slices.Clone(parts), "干扰素"), []string{"d.4"}},
		{"the title", "云岭市办法", parts, []string{"d.1", "d.2", "d.3"}},
	} {
		putParts(t, store, "d", tt.title, tt.parts...)
		texts := embedded(t, store)
		var want []string
		for _, id := range tt.want {
			want = append(want, texts[id])
		}
		slices.Sort(want)
		built := s.build(t, m)
		wantTexts(t, tt.name, m.take(), want)
		if all := 50 + len(tt.parts); built != (retrieval.Built{Embedded: len(want), Reused: all - len(want)}) {
			t.Errorf("%s: %+v, of %d", tt.name, built, all)
		}
		wantActive(t, s.Library, m.Model(), "", 0)
	}
}

// A countingStore counts how often vectors are listed, and may fail.
type countingStore struct {
	vectorStore
	mu     sync.Mutex
	listed int
	broken error // comes after the first vector
}

func (s *countingStore) Vectors(ctx context.Context, model string) iter.Seq2[retrieval.StoredVector, error] {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listed++
	all, broken := s.vectorStore.Vectors(ctx, model), s.broken
	if broken == nil {
		return all
	}
	return func(yield func(retrieval.StoredVector, error) bool) {
		for v, err := range all {
			if !yield(v, err) {
				return
			}
			break
		}
		yield(retrieval.StoredVector{}, broken)
	}
}

// What has weight 0 is not searched, and costs nothing.
func TestWeightZero(t *testing.T) {
	store := &countingStore{vectorStore: numbered(t, 4)}
	m := oracle(t, store, ofA)
	s := newShelf(t, store, m)
	words := ask(t, s.Library, wordy)
	if _, err := s.BuildVectors(ctx, m, 0, "no gain", nil); err != nil {
		t.Fatal(err)
	}
	wantActive(t, s.Library, m.Model(), "", 0)
	store.listed = 0
	for name, l := range map[string]*shelf{"same library": s, "another": newShelf(t, store, m)} {
		refresh(t, l.Library)
		wantHits(t, name, ask(t, l.Library, wordy), words)
		if state := l.VectorState(); store.listed != 0 || len(l.opened) != 0 || m.questions != 0 || state.Active.Report != "no gain" {
			t.Errorf("%s: %d lists of vectors, indexes of %d, %d questions embedded; report %q",
				name, store.listed, l.opened, m.questions, state.Active.Report)
		}
	}
	s.build(t, m) // now with a weight
	wantActive(t, s.Library, m.Model(), "", 0)
	hits := ask(t, s.Library, wordy)
	if hits[0].Clause.ID != ofA {
		t.Errorf("with a weight %q is found", ids(hits[:1]))
	}
	m.take()
	if _, err := s.BuildVectors(ctx, m, 0, "", nil); err != nil || len(m.take()) != 0 {
		t.Errorf("weight taken away: %v", err)
	}
	wantHits(t, "weight taken away", ask(t, s.Library, wordy), words)
}

// A weight that cannot be leaves everything as it was.
func TestBadWeight(t *testing.T) {
	store := numbered(t, 4)
	a, b := models(t, store)
	s := newShelf(t, store)
	s.build(t, a)
	want := ask(t, s.Library, wordy)
	for _, weight := range []float64{-1, math.NaN(), math.Inf(1)} {
		if _, err := s.BuildVectors(ctx, b, weight, "", nil); err == nil || !strings.Contains(err.Error(), "weight") {
			t.Errorf("weight %v: %v", weight, err)
		}
		wantActive(t, s.Library, a.Model(), "", 0)
		wantHits(t, fmt.Sprint("after weight ", weight), ask(t, s.Library, wordy), want)
	}
}

// badVectors are faults of the third batch, and what an error must say of each.
var badVectors = map[string]struct {
	after  func(vectors [][]float32) [][]float32
	before error
	says   []string
}{
	"wrong dimension":     {after: func(v [][]float32) [][]float32 { v[40] = v[40][:31]; return v }, says: []string{"31", "32"}},
	"dimension of all":    {after: wider, says: []string{"33", "32"}},
	"empty vector":        {after: func(v [][]float32) [][]float32 { v[63] = nil; return v }, says: []string{"0 dimensions", "32"}},
	"NaN":                 {after: func(v [][]float32) [][]float32 { v[63][31] = float32(math.NaN()); return v }, says: []string{"not finite"}},
	"infinite":            {after: func(v [][]float32) [][]float32 { v[0][0] = float32(math.Inf(-1)); return v }, says: []string{"not finite"}},
	"all zero":            {after: func(v [][]float32) [][]float32 { clear(v[5]); return v }, says: []string{"zero norm"}},
	"one vector too few":  {after: func(v [][]float32) [][]float32 { return v[:63] }, says: []string{"63 vectors", "64 texts"}},
	"no vectors":          {after: func([][]float32) [][]float32 { return nil }, says: []string{"0 vectors", "64 texts"}},
	"one vector too many": {after: func(v [][]float32) [][]float32 { return append(v, v[0]) }, says: []string{"65 vectors", "64 texts"}},
	"no answer":           {before: errors.New("endpoint on fire"), says: []string{"endpoint on fire"}},
}

func wider(vectors [][]float32) [][]float32 {
	for i := range vectors {
		vectors[i] = append(vectors[i], 1)
	}
	return vectors
}

// A batch that cannot be used is refused with the reason (F36). What was
// active goes on, and what came before is not sent again.
func TestBadVectors(t *testing.T) {
	for name, fault := range badVectors {
		t.Run(name, func(t *testing.T) {
			store := numbered(t, 4)
			a, b := models(t, store)
			s := newShelf(t, store, b)
			s.build(t, a)
			want := ask(t, s.Library, wordy)
			state := s.VectorState()
			b.before = func(call int) error {
				if call == 3 {
					return fault.before
				}
				return nil
			}
			b.after = func(call int, vectors [][]float32) [][]float32 {
				if call == 3 && fault.after != nil {
					return fault.after(vectors)
				}
				return vectors
			}
			built, err := buildOrPanic(s, b)
			if err == nil || built.Embedded != 128 {
				t.Fatalf("%+v, error %v; want 128 embedded and the reason", built, err)
			}
			for _, part := range append(fault.says, b.Model()) {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("error %q does not say %q", err, part)
				}
			}
			if fault.before != nil && !errors.Is(err, fault.before) {
				t.Errorf("error %v does not wrap the model's", err)
			}
			for _, l := range []*retrieval.Library{s.Library, newShelf(t, store, a, b).Library} {
				if diff := cmp.Diff(state, l.VectorState()); diff != "" {
					t.Errorf("state (-before +after):\n%s", diff)
				}
				wantHits(t, "after the failure", ask(t, l, wordy), want)
			}
			due := unstored(t, store, b.Model())
			if len(due) != 72 {
				t.Errorf("%d texts without vectors, want 72", len(due))
			}
			b.take()
			b.before, b.after = nil, nil
			if built := s.build(t, b); built != (retrieval.Built{Embedded: 72, Reused: 128}) {
				t.Errorf("built again: %+v", built)
			}
			wantTexts(t, "sent to the model again", b.take(), due)
			wantActive(t, s.Library, b.Model(), a.Model(), 0)
		})
	}
}

// buildOrPanic is BuildVectors, of which a panic is an error.
func buildOrPanic(s *shelf, e embed.Embedder) (built retrieval.Built, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return s.BuildVectors(ctx, e, testWeight, "", nil)
}

// A library whose model cannot be had is searched by words and says why (F37),
// until another model is built.
func TestModelNotToBeHad(t *testing.T) {
	store := numbered(t, 4)
	words := ask(t, newShelf(t, store).Library, wordy)
	a, b := models(t, store)
	first := newShelf(t, store)
	first.build(t, a)
	ofModel := ask(t, first.Library, wordy)
	s := newShelf(t, store, b) // the configuration says B
	found, err := s.Search(ctx, retrieval.Query{Text: wordy}, 20)
	if err != nil || found.Degraded == nil || found.Degraded.Error() != notToBeHad(a.Model()).Error() {
		t.Errorf("%v; degraded: %v, want %v", err, found.Degraded, notToBeHad(a.Model()))
	}
	wantHits(t, "degraded", found.Hits, words)
	state := s.VectorState()
	if state.Problem == nil || state.Problem.Error() != found.Degraded.Error() || state.Active == nil || state.Active.Model != a.Model() {
		t.Errorf("state %+v", state)
	}
	s.build(t, b)
	wantActive(t, s.Library, b.Model(), a.Model(), 0)
	if hits := ask(t, s.Library, wordy); hits[0].Clause.ID != ofB {
		t.Errorf("with B %q is found", ids(hits[:1]))
	}

	s.known[a.Model()] = a // both can be had: A comes back whole
	if _, err := s.RollbackVectors(ctx); err != nil {
		t.Fatal(err)
	}
	wantHits(t, "after A can be had", ask(t, s.Library, wordy), ofModel)
}

// Until the last batch of another model the one before is searched.
func TestOldModelServes(t *testing.T) {
	store := numbered(t, 4)
	a, b := models(t, store)
	s := newShelf(t, store, a, b)
	s.build(t, a)
	want := ask(t, s.Library, wordy)
	calls := 0
	b.before = func(int) error {
		calls++
		refresh(t, s.Library)
		wantActive(t, s.Library, a.Model(), "", 0)
		wantHits(t, fmt.Sprint("batch ", calls), ask(t, s.Library, wordy), want)
		return nil
	}
	s.build(t, b)
	wantActive(t, s.Library, b.Model(), a.Model(), 0)
	if hits := ask(t, s.Library, wordy); calls != 4 || hits[0].Clause.ID != ofB {
		t.Errorf("after %d batches %q is found", calls, ids(hits[:1]))
	}
}

// A crashingStore stops the program at a PutVectors, before or after it has
// stored anything, or fails.
type crashingStore struct {
	vectorStore
	puts   int // that are left
	stored bool
	broken error // instead of a stop
}

func (s *crashingStore) PutVectors(ctx context.Context, model string, vectors []retrieval.StoredVector) error {
	s.puts--
	if s.puts < 0 && s.stored {
		if err := s.vectorStore.PutVectors(ctx, model, vectors); err != nil {
			return err
		}
	}
	if s.puts < 0 && s.broken != nil {
		return s.broken
	}
	if s.puts < 0 {
		panic("killed")
	}
	return s.vectorStore.PutVectors(ctx, model, vectors)
}

// Activate stops the program too.
func (s *crashingStore) Activate(ctx context.Context, c retrieval.Collection) error {
	if s.puts == 0 {
		panic("killed")
	}
	return s.vectorStore.Activate(ctx, c)
}

// testCrash crashes while b is built over what open opens, after each of its
// batches. The collection of a, which is built first, is searched afterwards as
// before, and only what is missing is sent to the model (F38).
func testCrash(t *testing.T, open func(t *testing.T) vectorStore) {
	for puts := range 5 { // 200 texts are four batches; after these it is Activate
		for _, stored := range []bool{false, true} {
			name := fmt.Sprintf("after %d batches", puts)
			if stored {
				name += " and a stored one"
			}
			if puts == 4 && stored {
				continue // there is no fifth
			}
			t.Run(name, func(t *testing.T) {
				store := open(t)
				for i := range 4 {
					putNumbered(t, store, i, 50)
				}
				a, b := models(t, store)
				first := newShelf(t, store)
				first.build(t, a)
				want, state := ask(t, first.Library, wordy), first.VectorState()

				crash := &crashingStore{vectorStore: store, puts: puts, stored: stored}
				if _, err := buildOrPanic(newShelf(t, crash, a, b), b); err == nil || err.Error() != "panic: killed" {
					t.Fatalf("the crash did not happen: %v", err)
				}
				b.take()

				store = open(t)
				s := newShelf(t, store, a, b)
				if diff := cmp.Diff(state, s.VectorState()); diff != "" {
					t.Errorf("state (-before +after):\n%s", diff)
				}
				wantHits(t, "after the crash", ask(t, s.Library, wordy), want)
				kept := min(64*puts, 200)
				if stored {
					kept = min(64*(puts+1), 200)
				}
				due := unstored(t, store, b.Model())
				if built := s.build(t, b); built != (retrieval.Built{Embedded: 200 - kept, Reused: kept}) {
					t.Errorf("built again: %+v, want %d reused", built, kept)
				}
				wantTexts(t, "sent to the model again", b.take(), due)
				wantActive(t, s.Library, b.Model(), a.Model(), 0)
				if hits := ask(t, s.Library, wordy); hits[0].Clause.ID != ofB {
					t.Errorf("with B %q is found", ids(hits[:1]))
				}
			})
		}
	}
}

func TestCrash(t *testing.T) {
	stores := map[*testing.T]vectorStore{}
	testCrash(t, func(t *testing.T) vectorStore {
		if stores[t] == nil {
			stores[t] = retrieval.NewMemory()
		}
		return stores[t]
	})
}

// Vectors that cannot be stored fail the build, which says how far it came.
func TestVectorsNotStored(t *testing.T) {
	store := numbered(t, 4)
	a, b := models(t, store)
	newShelf(t, store).build(t, a)
	s := newShelf(t, &crashingStore{vectorStore: store, puts: 2, broken: errors.New("disk is full")}, a, b)
	want := ask(t, s.Library, wordy)
	built, err := s.BuildVectors(ctx, b, testWeight, "", nil)
	if err == nil || !strings.Contains(err.Error(), "disk is full") || built != (retrieval.Built{Embedded: 128}) {
		t.Errorf("%+v, %v", built, err)
	}
	wantActive(t, s.Library, a.Model(), "", 0)
	wantHits(t, "after the failure", ask(t, s.Library, wordy), want)
	if due := unstored(t, store, b.Model()); len(due) != 72 {
		t.Errorf("%d texts without vectors, want 72", len(due))
	}
}

// One call goes back to the collection before, as it was, and one more forward
// again. Nothing is embedded for it.
func TestRollback(t *testing.T) {
	store := numbered(t, 4)
	a, b := models(t, store)
	s := newShelf(t, store)
	s.build(t, a)
	hitsA, stateA := ask(t, s.Library, wordy), *s.VectorState().Active
	if _, err := s.RollbackVectors(ctx); !errors.Is(err, retrieval.ErrNoVectors) {
		t.Errorf("back from the first: %v", err)
	}
	wantHits(t, "back from the first", ask(t, s.Library, wordy), hitsA)
	s.build(t, b)
	hitsB, stateB := ask(t, s.Library, wordy), *s.VectorState().Active
	a.take()
	b.take()
	for i, want := range []struct {
		active, previous retrieval.Collection
		hits             []retrieval.Hit
	}{{stateA, stateB, hitsA}, {stateB, stateA, hitsB}, {stateA, stateB, hitsA}} {
		c, err := s.RollbackVectors(ctx)
		if err != nil || c != want.active {
			t.Fatalf("rollback %d: %+v, %v; want %+v", i, c, err, want.active)
		}
		for _, l := range []*retrieval.Library{s.Library, newShelf(t, store, a, b).Library} {
			wantActive(t, l, want.active.Model, want.previous.Model, 0)
			if state := l.VectorState(); *state.Active != want.active || *state.Previous != want.previous {
				t.Errorf("rollback %d: %+v after %+v", i, state.Active, state.Previous)
			}
			wantHits(t, fmt.Sprint("rollback ", i), ask(t, l, wordy), want.hits)
		}
	}
	if len(a.take())+len(b.take()) != 0 {
		t.Error("a rollback embedded clauses")
	}
}

// Clauses that came after a collection was built are counted and found by
// words, and the next build embeds them and nothing else.
func TestRollbackAfterAdding(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := numbered(t, 4)
		a, b := models(t, store)
		s := newShelf(t, store)
		s.build(t, a)
		putParts(t, store, "new", "办法", "青蒿素企业", "奎宁企业")
		refresh(t, s.Library)
		wantActive(t, s.Library, a.Model(), "", 2)
		s.build(t, b)
		wantActive(t, s.Library, b.Model(), a.Model(), 0)
		a.take()
		if _, err := s.RollbackVectors(ctx); err != nil {
			t.Fatal(err)
		}
		wantActive(t, s.Library, a.Model(), b.Model(), 2)
		if h := ask(t, s.Library, wordy)[0]; h.Clause.ID != ofA {
			t.Errorf("by its vector %s is found", h.Clause.ID)
		}
		found := func() (float64, bool) {
			for _, h := range search(t, s.Library, retrieval.Query{Text: "青蒿素"}, 300) {
				if h.Clause.ID == "new.1" {
					return h.Why.Vector, true
				}
			}
			return 0, false
		}
		if of, ok := found(); !ok || of != 0 {
			t.Errorf("by its words new.1 is found: %t, %g of its vector", ok, of)
		}
		time.Sleep(time.Minute)
		if built := s.build(t, a); built != (retrieval.Built{Embedded: 2, Reused: 200}) || len(a.take()) != 2 {
			t.Errorf("built again: %+v", built)
		}
		wantActive(t, s.Library, a.Model(), b.Model(), 0)
		if _, ok := found(); !ok {
			t.Error("new.1 is not found any more")
		}
	})
}

// A library whose vectors cannot be read is searched by words, and says which
// and why.
func TestUnreadableVectors(t *testing.T) {
	store := &countingStore{vectorStore: numbered(t, 4)}
	words := ask(t, newShelf(t, store).Library, wordy)
	m := oracle(t, store, ofA)
	newShelf(t, store).build(t, m)
	store.broken = errors.New("checksum is wrong")
	s := newShelf(t, store, m)
	found, err := s.Search(ctx, retrieval.Query{Text: wordy}, 20)
	if err != nil || !errors.Is(found.Degraded, store.broken) || !strings.Contains(found.Degraded.Error(), m.Model()) {
		t.Errorf("%v; degraded: %v, want %v and the model", err, found.Degraded, store.broken)
	}
	wantHits(t, "degraded", found.Hits, words)
	if state := s.VectorState(); !errors.Is(state.Problem, store.broken) || state.Active.Model != m.Model() {
		t.Errorf("state %+v", state)
	}
}

// Vectors that no index can be made of are no reason to find nothing.
func TestUnusableVectors(t *testing.T) {
	store := numbered(t, 4)
	words := ask(t, newShelf(t, store).Library, wordy)
	m := oracle(t, store, ofA)
	newShelf(t, store).build(t, m)
	c, err := store.Collections(ctx)
	if err != nil {
		t.Fatal(err)
	}
	c.Active.Dimensions++
	if err := store.Activate(ctx, *c.Active); err != nil {
		t.Fatal(err)
	}
	found, err := newShelf(t, store, m).Search(ctx, retrieval.Query{Text: wordy}, 20)
	if err != nil || found.Degraded == nil || !strings.Contains(found.Degraded.Error(), "32 dimensions, want 33") {
		t.Errorf("%v; degraded: %v", err, found.Degraded)
	}
	wantHits(t, "degraded", found.Hits, words)
}

// A question without a usable vector is answered by words, in time, and says
// why.
func TestQuestionFails(t *testing.T) {
	broken := errors.New("endpoint on fire")
	for name, tt := range map[string]struct {
		question func(context.Context, [][]float32) ([][]float32, error)
		says     string
	}{
		"error":           {func(context.Context, [][]float32) ([][]float32, error) { return nil, broken }, broken.Error()},
		"wrong dimension": {func(_ context.Context, v [][]float32) ([][]float32, error) { return wider(v), nil }, "33 dimensions, want 32"},
		"all zero":        {func(_ context.Context, v [][]float32) ([][]float32, error) { clear(v[0]); return v, nil }, "zero norm"},
		"no vector":       {func(context.Context, [][]float32) ([][]float32, error) { return nil, nil }, "0 vectors"},
		"silence": {func(ctx context.Context, _ [][]float32) ([][]float32, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}, context.DeadlineExceeded.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := numbered(t, 4)
				words := ask(t, newShelf(t, store).Library, wordy)
				m := oracle(t, store, ofA)
				s := newShelf(t, store)
				s.build(t, m)
				want := ask(t, s.Library, wordy)
				m.question = tt.question
				begin := time.Now()
				found, err := searchOrPanic(s.Library)
				if err != nil || found.Degraded == nil || !strings.Contains(found.Degraded.Error(), tt.says) {
					t.Fatalf("%v; degraded: %v, want %q", err, found.Degraded, tt.says)
				}
				if took := time.Since(begin); took > 5*time.Second {
					t.Errorf("it took %v", took)
				}
				found.Hits = withoutVector(found.Hits)
				wantHits(t, "degraded", found.Hits, words)
				m.question = nil
				time.Sleep(10 * time.Second) // the model is left alone for so long
				wantHits(t, "answered again", ask(t, s.Library, wordy), want)
			})
		})
	}
}

func searchOrPanic(l *retrieval.Library) (found retrieval.Found, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return l.Search(ctx, retrieval.Query{Text: wordy}, 20)
}

// withoutVector wants no part of a vector in hits.
func withoutVector(hits []retrieval.Hit) []retrieval.Hit {
	for _, h := range hits {
		if h.Why.Vector != 0 {
			return nil
		}
	}
	return hits
}

// A slowStore takes its time to list vectors.
type slowStore struct{ vectorStore }

func (s slowStore) Vectors(ctx context.Context, model string) iter.Seq2[retrieval.StoredVector, error] {
	time.Sleep(400 * time.Millisecond)
	return s.vectorStore.Vectors(ctx, model)
}

// An answer is what a question found that was asked at some time.
type answer struct {
	asked time.Duration
	hits  []retrieval.Hit
}

// Under load (5 questions a second, each of which takes longer than that) a
// model is built, switched to and rolled back. No question fails or goes by
// words alone, and each is answered wholly by the model that was active when it
// was asked.
func TestSwitchUnderLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := slowStore{numbered(t, 12)} // 600 texts: ten batches
		a, b := models(t, store)
		s := newShelf(t, store, a, b)
		var want [2][]retrieval.Hit
		for i, m := range []embed.Embedder{a, b} {
			alone := newShelf(t, numbered(t, 12), m)
			for _, l := range []*shelf{alone, s}[:2-i] {
				if _, err := l.BuildVectors(ctx, m, testWeight/float64(1+i), "", nil); err != nil {
					t.Fatal(err)
				}
			}
			want[i] = ask(t, alone.Library, wordy)
		}
		if want[0][0].Clause.ID != ofA || want[1][0].Clause.ID != ofB {
			t.Fatalf("the models find %q and %q", ids(want[0][:1]), ids(want[1][:1]))
		}
		slow := func(_ context.Context, v [][]float32) ([][]float32, error) {
			time.Sleep(250 * time.Millisecond)
			return v, nil
		}
		a.question, b.question = slow, slow
		b.before = func(int) error { time.Sleep(300 * time.Millisecond); return nil }

		begin := time.Now()
		var mu sync.Mutex
		var answers []answer
		var asking sync.WaitGroup
		asking.Go(func() {
			time.Sleep(100 * time.Millisecond) // so that nothing is asked at the very moment of a switch
			for range 35 {
				asking.Go(func() {
					asked := time.Since(begin)
					found, err := s.Search(ctx, retrieval.Query{Text: wordy}, 20)
					if err != nil || found.Degraded != nil {
						t.Errorf("asked after %v: %v; degraded: %v", asked, err, found.Degraded)
					}
					mu.Lock()
					defer mu.Unlock()
					answers = append(answers, answer{asked, found.Hits})
				})
				time.Sleep(200 * time.Millisecond)
			}
		})
		if _, err := s.BuildVectors(ctx, b, testWeight/2, "", nil); err != nil {
			t.Fatal(err)
		}
		switched := time.Since(begin)
		wantActive(t, s.Library, b.Model(), a.Model(), 0)
		time.Sleep(1200 * time.Millisecond)
		if _, err := s.RollbackVectors(ctx); err != nil {
			t.Fatal(err)
		}
		back := time.Since(begin)
		asking.Wait()
		if switched != 4200*time.Millisecond || back != 5800*time.Millisecond || len(answers) != 35 {
			t.Errorf("switched after %v, back after %v, %d answers", switched, back, len(answers))
		}
		for _, x := range answers {
			model := 0
			if switched < x.asked && x.asked < back {
				model = 1
			}
			wantHits(t, fmt.Sprintf("asked after %v", x.asked), x.hits, want[model])
		}
	})
}

// What is added while a model works is embedded in the same build.
func TestAddingWhileBuilding(t *testing.T) {
	store := numbered(t, 4)
	s := newShelf(t, store)
	m := &fakeModel{Embedder: embed.NewHash(32)}
	m.before = func(call int) error {
		switch call {
		case 2:
			putParts(t, store, "during", "办法", "青蒿素企业", "奎宁企业")
		case 5: // when that is embedded
			putParts(t, store, "during", "办法", "青蒿素企业", "紫杉醇企业")
			refresh(t, s.Library)
		}
		return nil
	}
	if built := s.build(t, m); built != (retrieval.Built{Embedded: 203}) {
		t.Errorf("%+v, want 203 embedded: 200, two that came, and one that changed", built)
	}
	if got := m.take(); len(slices.Compact(got)) != 203 || s.Len() != 202 {
		t.Errorf("%d texts sent to the model, of %d clauses", len(got), s.Len())
	}
	wantActive(t, s.Library, m.Model(), "", 0)
	if due := unstored(t, store, m.Model()); len(due) != 0 {
		t.Errorf("without a vector: %q", due)
	}
}

// When somebody never stops adding, a build ends, and says what is missing.
func TestAddingNeverStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := numbered(t, 1)
		s := newShelf(t, store)
		m := &fakeModel{Embedder: embed.NewHash(32)}
		m.before = func(call int) error {
			putNumbered(t, store, call, 7)
			return nil
		}
		if built := s.build(t, m); built.Embedded != 50+7+7 {
			t.Errorf("%+v", built)
		}
		wantActive(t, s.Library, m.Model(), "", 7)
		m.before = nil
		time.Sleep(time.Minute)
		if built := s.build(t, m); built != (retrieval.Built{Embedded: 7, Reused: 64}) {
			t.Errorf("built again: %+v", built)
		}
		wantActive(t, s.Library, m.Model(), "", 0)
	})
}

// testTwoLibraries has one library build and roll back, and the other, over
// another handle of the same store, see it when it refreshes.
func testTwoLibraries(t *testing.T, one, other vectorStore) {
	a, b := models(t, one)
	writer, reader := newShelf(t, one, a, b), newShelf(t, other, a, b)
	want := ask(t, reader.Library, wordy)
	for _, tt := range []struct {
		name             string
		change           func() error
		active, previous string
		first            string
	}{
		{"A is built", func() error { _, err := writer.BuildVectors(ctx, a, testWeight, "", nil); return err }, a.Model(), "", ofA},
		{"B is built, and back to A", func() error {
			_, err := writer.BuildVectors(ctx, b, testWeight, "", nil)
			_, back := writer.RollbackVectors(ctx)
			return errors.Join(err, back)
		}, a.Model(), b.Model(), ofA},
		{"B is built", func() error { _, err := writer.BuildVectors(ctx, b, testWeight, "", nil); return err }, b.Model(), a.Model(), ofB},
		{"back to A", func() error { _, err := writer.RollbackVectors(ctx); return err }, a.Model(), b.Model(), ofA},
		{"forward to B", func() error { _, err := writer.RollbackVectors(ctx); return err }, b.Model(), a.Model(), ofB},
		{"A again", func() error { _, err := writer.BuildVectors(ctx, a, testWeight, "", nil); return err }, a.Model(), b.Model(), ofA},
	} {
		if err := tt.change(); err != nil {
			t.Fatal(err)
		}
		wantHits(t, tt.name+", before Refresh", ask(t, reader.Library, wordy), want)
		refresh(t, reader.Library)
		wantActive(t, reader.Library, tt.active, tt.previous, 0)
		want = ask(t, reader.Library, wordy)
		if want[0].Clause.ID != tt.first {
			t.Errorf("%s: the other finds %q", tt.name, ids(want[:1]))
		}
		wantHits(t, tt.name+", in both", want, ask(t, writer.Library, wordy))
		opened := len(reader.opened)
		refresh(t, reader.Library)
		if len(reader.opened) != opened {
			t.Errorf("%s: the vectors are loaded again although nothing changed", tt.name)
		}
	}
	if _, err := writer.BuildVectors(ctx, a, testWeight/2, "", nil); err != nil {
		t.Fatal(err)
	}
	refresh(t, reader.Library)
	if h := ask(t, reader.Library, wordy)[0]; h.Why.Vector != testWeight/2 {
		t.Errorf("another weight: %g of the vector", h.Why.Vector)
	}
}

func TestTwoLibraries(t *testing.T) {
	store := numbered(t, 4)
	testTwoLibraries(t, store, store)
}

// Builds, rollbacks, additions and questions at once leave a library that is
// whole. Run with -race.
func TestVectorsAtOnce(t *testing.T) {
	store := numbered(t, 4)
	a, b := models(t, store)
	s := newShelf(t, store, a, b)
	s.build(t, a)
	s.build(t, b)
	var working sync.WaitGroup
	for _, m := range []embed.Embedder{a, b, a} {
		working.Go(func() {
			if _, err := s.BuildVectors(ctx, m, testWeight, "", nil); err != nil {
				t.Error(err)
			}
		})
	}
	for range 3 {
		working.Go(func() {
			if _, err := s.RollbackVectors(ctx); err != nil {
				t.Error(err)
			}
		})
		working.Go(func() {
			for range 5 {
				found, err := s.Search(ctx, retrieval.Query{Text: wordy}, 20)
				if err != nil || found.Degraded != nil || len(found.Hits) != 20 {
					t.Errorf("%d hits, %v; degraded: %v", len(found.Hits), err, found.Degraded)
				}
				if first := found.Hits[0].Clause.ID; first != ofA && first != ofB {
					t.Errorf("%s is found", first)
				}
				s.VectorState()
			}
		})
	}
	working.Go(func() {
		for i := range 5 {
			putNumbered(t, store, 10+i, 3)
			if err := s.Refresh(ctx); err != nil {
				t.Error(err)
			}
		}
	})
	working.Wait()
	refresh(t, s.Library)
	c, err := store.Collections(ctx)
	if state := s.VectorState(); err != nil || *state.Active != *c.Active || *state.Previous != *c.Previous || state.Problem != nil {
		t.Errorf("state %+v, the store says %+v, %v", state, c, err)
	}
	if s.Len() != 215 {
		t.Errorf("%d clauses", s.Len())
	}
	for _, m := range []*fakeModel{b, a} {
		s.build(t, m)
		if due := unstored(t, store, m.Model()); len(due) != 0 {
			t.Errorf("without a vector: %q", due)
		}
	}
}

// A build that is called off stops, and the next one goes on.
func TestBuildIsCancelled(t *testing.T) {
	store := numbered(t, 4)
	a, b := models(t, store)
	s := newShelf(t, store, b)
	s.build(t, a)
	want := ask(t, s.Library, wordy)
	short, cancel := context.WithCancel(ctx)
	b.before = func(call int) error {
		if call == 3 {
			cancel()
		}
		return nil
	}
	if built, err := s.BuildVectors(short, b, testWeight, "", nil); !errors.Is(err, context.Canceled) || built.Embedded != 128 {
		t.Errorf("%+v, %v", built, err)
	}
	wantActive(t, s.Library, a.Model(), "", 0)
	wantHits(t, "cancelled", ask(t, s.Library, wordy), want)
	if built := s.build(t, b); built != (retrieval.Built{Embedded: 72, Reused: 128}) {
		t.Errorf("built again: %+v", built)
	}
}

// A lazyModel is a fake that knows its dimensions only after it has embedded
// something, as a model behind an endpoint does.
type lazyModel struct {
	*fakeModel
	known int
}

func (m *lazyModel) Dimensions() int { return m.known }

func (m *lazyModel) Embed(ctx context.Context, role embed.Role, texts []string) ([][]float32, error) {
	m.known = m.Embedder.Dimensions()
	return m.fakeModel.Embed(ctx, role, texts)
}

// A model that does not know its dimensions yet, and finds all its vectors
// there, is used as well as one that does.
func TestDimensionsNotYetKnown(t *testing.T) {
	store := numbered(t, 4)
	m := oracle(t, store, ofA)
	newShelf(t, store).build(t, m)
	want := ask(t, newShelf(t, store, m).Library, wordy)
	if built := newShelf(t, store).build(t, &lazyModel{fakeModel: m}); built != (retrieval.Built{Reused: 200}) {
		t.Errorf("%+v", built)
	}
	s := newShelf(t, store, m)
	wantActive(t, s.Library, m.Model(), "", 0)
	if c := s.VectorState().Active; c.Dimensions != 32 {
		t.Errorf("the collection has %d dimensions, its vectors 32", c.Dimensions)
	}
	wantHits(t, "built again", ask(t, s.Library, wordy), want)
}

// Clauses that are embedded within a second of the last build are searched by
// their vectors like all others.
func TestBuildAgainAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := numbered(t, 4)
		s := newShelf(t, store)
		m := &fakeModel{Embedder: embed.NewHash(32)}
		s.build(t, m)
		putParts(t, store, "new", "办法", "青蒿素企业")
		refresh(t, s.Library)
		wantActive(t, s.Library, m.Model(), "", 1)
		time.Sleep(time.Millisecond)
		if built := s.build(t, m); built != (retrieval.Built{Embedded: 1, Reused: 200}) {
			t.Errorf("%+v", built)
		}
		wantActive(t, s.Library, m.Model(), "", 0)
	})
}

// What kept vectors from being read may pass: when it has, Refresh reads them.
func TestProblemPasses(t *testing.T) {
	store := &countingStore{vectorStore: numbered(t, 4)}
	m := oracle(t, store, ofA)
	newShelf(t, store).build(t, m)
	store.broken = errors.New("database is locked")
	s := newShelf(t, store, m)
	if s.VectorState().Problem == nil {
		t.Fatal("there is no problem: the test shows nothing")
	}
	store.broken = nil
	refresh(t, s.Library)
	wantActive(t, s.Library, m.Model(), "", 0)
}
