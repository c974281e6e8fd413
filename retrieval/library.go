package retrieval

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"policybot/retrieval/bm25"
	"policybot/retrieval/bridge"
	"policybot/retrieval/ranker"
)

// A Library is the documents of a store together with the search over them.
// It may be used from several goroutines.
type Library struct {
	store   Store
	vectors *VectorOptions // nil: only words are searched
	file    string         // where the lexical index is kept; empty: in memory only
	words   *bridge.Bridge // other words that are searched for; nil: none
	added   addedWords     // used while refreshing

	adding     sync.Mutex // one document at a time: ids are given out
	teaching   sync.Mutex // one index entry at a time: they are counted
	refreshing sync.Mutex // one index at a time: no older view replaces a newer one
	mu         sync.RWMutex
	current    *view
}

// A view is the library at one revision, with the vectors that were active and the index
// entries and added words of one change.
type view struct {
	revision string
	lexical  *Lexical
	searcher *Searcher
	state    VectorState
	taught   string                // see taughtChange
	units    func() map[string]int // clause id → unit
}

func newView(revision string, x *Lexical, vectors *Vectors, state VectorState) *view {
	s, err := NewSearcher(x, DefaultModel(), vectors)
	if err != nil {
		panic("retrieval: " + err.Error()) // the program's own weights
	}
	return &view{revision: revision, lexical: x, searcher: s, state: state, units: sync.OnceValue(x.units)}
}

// fits reports whether v is of a revision and of what is active, index entries and added words aside.
// Where there was a problem with the vectors it does not: the next Refresh may do better.
func (v *view) fits(revision string, c Collections) bool {
	return v.revision == revision && v.state.Problem == nil && sameCollection(v.state.Active, c.Active) && sameCollection(v.state.Previous, c.Previous)
}

func sameCollection(a, b *Collection) bool {
	return a == b || a != nil && b != nil && *a == *b
}

// DefaultModel returns the trained ranker.
var DefaultModel = sync.OnceValue(func() *ranker.Model {
	m, err := ranker.Read(bytes.NewReader(ranker.Weights()), Signals)
	if err != nil {
		panic("retrieval: " + err.Error())
	}
	return m
})

// LexicalFile is the name of the stored lexical index in a data folder.
const LexicalFile = "lexical.idx"

// New returns the library of a store. dir is the folder in which the lexical
// index is kept, or "" to keep it in memory. Call Refresh before searching.
func New(store Store, dir string) *Library {
	l := &Library{store: store, words: bridge.Default(), current: newView("", NewLexicalBuilder().Build(), nil, VectorState{})}
	if dir != "" {
		l.file = filepath.Join(dir, LexicalFile)
	}
	return l
}

// UseBridge makes searches find other words as b says, beside the added ones ([Words]),
// or none but those of the query for nil; a new Library has [bridge.Default]. Call it
// before Refresh.
func (l *Library) UseBridge(b *bridge.Bridge) { l.words = b }

// Refresh makes what the store holds searchable, and the vectors that are
// active. It costs one look at the store's revision when nothing has changed. A
// stored index that is missing, damaged, or made from another content or by
// other rules is made anew; that it cannot be written does no harm but time.
// While documents are being added the index may hold some of them and not
// others; the next Refresh goes on. Vectors that cannot be read are no error, see
// VectorState; the next Refresh reads them again.
func (l *Library) Refresh(ctx context.Context) error {
	if fresh, err := l.fresh(ctx); err != nil || fresh {
		return err
	}
	l.refreshing.Lock()
	defer l.refreshing.Unlock()
	if fresh, err := l.fresh(ctx); err != nil || fresh {
		return err
	}
	change, err := taughtChange(ctx, l.store) // before the entries are read, so that it is not newer than they
	if err != nil {
		return fmt.Errorf("read the index entries: %w", err)
	}
	next, err := l.next(ctx)
	if err != nil {
		return err
	}
	list, _, err := readWords(ctx, l.store)
	if err != nil {
		return err
	}
	next = next.speaking(l.spoken(latestWords(list).Text))
	if next, err = l.teach(ctx, next, change); err != nil {
		return fmt.Errorf("read the index entries: %w", err)
	}
	l.set(next)
	return nil
}

// next is a view of what the store holds now, index entries and added words aside: the one
// that is there where only they have changed.
func (l *Library) next(ctx context.Context) (*view, error) {
	if same, err := l.fitting(ctx); err != nil || same {
		return l.view(), err
	}
	revision, x, err := l.index(ctx)
	if err != nil {
		return nil, err
	}
	x = x.WithBridge(l.words)
	c, err := l.collections(ctx)
	if err != nil {
		return nil, err
	}
	vectors, state, err := l.loadVectors(ctx, x, c)
	if err != nil {
		return nil, err
	}
	return newView(revision, x, vectors, state), nil
}

// fresh reports whether the view is of what the store holds now.
func (l *Library) fresh(ctx context.Context) (bool, error) {
	if fits, err := l.fitting(ctx); err != nil || !fits {
		return false, err
	}
	change, err := taughtChange(ctx, l.store)
	return l.view().taught == change, err
}

// fitting is fresh without regard to index entries and added words.
func (l *Library) fitting(ctx context.Context) (bool, error) {
	revision, err := l.store.Revision(ctx)
	if err != nil || l.view().revision != revision {
		return false, err
	}
	c, err := l.collections(ctx)
	return l.view().fits(revision, c), err
}

// index returns the lexical index of what the store holds, and its revision.
func (l *Library) index(ctx context.Context) (string, *Lexical, error) {
	revision, err := l.store.Revision(ctx)
	if err != nil {
		return "", nil, err
	}
	if v := l.view(); v.revision == revision {
		return revision, v.lexical, nil
	}
	if x, err := l.load(revision); err == nil {
		return revision, x, nil
	}
	for try := 1; ; try++ {
		x, err := l.build(ctx)
		if errors.Is(err, ErrNotFound) && try < maxTries {
			continue
		}
		if err != nil {
			return "", nil, fmt.Errorf("index the library: %w", err)
		}
		after, err := l.store.Revision(ctx)
		if err != nil {
			return "", nil, err
		}
		if after != revision && try < maxTries {
			revision = after
			continue
		}
		if after == revision {
			l.save(x, revision)
		}
		return revision, x, nil
	}
}

// maxTries is how often Refresh builds for a revision that stands still while
// somebody adds documents. After that it takes what it has.
const maxTries = 3

func (l *Library) view() *view {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.current
}

func (l *Library) set(v *view) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.current = v
}

func (l *Library) load(revision string) (*Lexical, error) {
	if l.file == "" {
		return nil, fs.ErrNotExist
	}
	data, err := os.ReadFile(l.file)
	if err != nil {
		return nil, err
	}
	return readLexical(data, revision)
}

func (l *Library) build(ctx context.Context) (*Lexical, error) {
	docs, err := l.store.Documents(ctx)
	if err != nil {
		return nil, err
	}
	b := NewLexicalBuilder()
	for _, d := range docs {
		clauses, err := l.store.Clauses(ctx, d.ID)
		if err != nil {
			return nil, err
		}
		for _, c := range clauses {
			b.Add(PassageOf(c))
		}
	}
	return b.Build(), nil
}

// save writes the index beside its final name first, so that a crash leaves
// the old file or the new one. The index can always be made anew, so a folder
// that cannot be written to is no error.
func (l *Library) save(x *Lexical, revision string) {
	if l.file == "" {
		return
	}
	f, err := os.CreateTemp(filepath.Dir(l.file), LexicalFile+".*")
	if err != nil {
		return
	}
	w := bufio.NewWriterSize(f, 1<<16)
	err = x.write(w, revision)
	if err == nil {
		err = w.Flush()
	}
	if err == nil {
		err = f.Chmod(0o644) // as the database: readable by whoever may read the folder
	}
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.Name(), l.file)
	}
	if err != nil {
		os.Remove(f.Name())
	}
}

// Revision names the content that is being searched.
func (l *Library) Revision() string { return l.view().revision }

// Len is the number of clauses that are being searched.
func (l *Library) Len() int { return l.view().lexical.Len() }

// Documents lists the documents, ordered by ID.
func (l *Library) Documents(ctx context.Context) ([]Document, error) { return l.store.Documents(ctx) }

// Clauses lists the leaf clauses of the document that name says: its id, its
// file name, its number or title, or a part of one of these that no other
// document has; see Find for the errors.
func (l *Library) Clauses(ctx context.Context, name string) ([]Clause, error) {
	docs, err := l.store.Documents(ctx)
	if err != nil {
		return nil, err
	}
	d, err := Find(docs, name)
	if err != nil {
		return nil, err
	}
	return l.store.Clauses(ctx, d.ID)
}

// Lookup returns the current clauses with these ids, ids that do not exist left
// out.
func (l *Library) Lookup(ctx context.Context, ids []string) ([]Clause, error) {
	return l.store.Lookup(ctx, ids)
}

// A Hit is a clause that was found, with the reasons for its rank.
type Hit struct {
	Clause Clause  `json:"clause"`
	Score  float64 `json:"score"`
	Why    Why     `json:"why"`
}

// A Found is what a search of a Library found.
type Found struct {
	Hits []Hit
	// Degraded says why the search went by words alone although the library has
	// vectors; nil when it did not.
	Degraded error
	Concepts []Concept // what the query speaks of
}

// Search returns at most k clauses, best first; none when no word of the query
// is known. A clause that went out of the store since the last Refresh is left
// out.
func (l *Library) Search(ctx context.Context, q Query, k int) (Found, error) {
	v := l.view()
	result, err := v.searcher.Search(ctx, q, k)
	if err != nil {
		return Found{}, err
	}
	ids := make([]string, len(result.Matches))
	for i, m := range result.Matches {
		ids[i] = m.ID
	}
	clauses, err := l.store.Lookup(ctx, ids)
	if err != nil {
		return Found{}, fmt.Errorf("search: %w", err)
	}
	byID := make(map[string]Clause, len(clauses))
	for _, c := range clauses {
		byID[c.ID] = c
	}
	words := q.words(result.Concepts)
	found := Found{Degraded: cmp.Or(result.Degraded, v.state.Problem), Concepts: result.Concepts}
	for i, m := range result.Matches {
		terms := result.terms
		if q.Told != 0 && i >= q.Told {
			terms = nil
		}
		if c, ok := byID[m.ID]; ok {
			found.Hits = append(found.Hits, Hit{Clause: c, Score: m.Score, Why: v.searcher.explain(terms, m, words)})
		}
	}
	return found, nil
}

// explain says how the score of a match comes about.
func (s *Searcher) explain(terms []bm25.Term, m Match, words map[uint64]string) Why {
	w := Why{Clause: m.Clause, Document: m.Document, Words: []WordPart{}, Signals: s.parts(m), Focus: m.Focus, Taught: m.Taught}
	if s.vectors != nil {
		w.Vector = s.vectors.Weight * m.Likeness
	}
	if m.Clause == 0 || len(terms) == 0 {
		return w // only its vector found it: its document's words add nothing
	}
	for _, c := range s.lexical.index.Explain(terms, m.Unit) {
		w.Words = append(w.Words, WordPart{Word: words[c.Key], Weight: c.Weight, Clause: c.Unit, Document: c.Group})
	}
	slices.SortStableFunc(w.Words, func(a, b WordPart) int {
		switch d := (b.Clause + b.Document) - (a.Clause + a.Document); {
		case d > 0:
			return 1
		case d < 0:
			return -1
		}
		return 0
	})
	return w
}
