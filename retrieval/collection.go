package retrieval

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"policybot/retrieval/embed"
	"policybot/retrieval/vector"
)

// VectorOptions connect a [Library] with vectors.
type VectorOptions struct {
	Store VectorStore
	// Embedder returns the embedder of a model that a collection was built with,
	// or an error that says why it cannot be had.
	Embedder func(model string) (embed.Embedder, error)
	// Open makes an index of the vectors of a model.
	Open func(model string, entries []vector.Entry, dimensions int) (vector.Index, error)
}

// UseVectors connects the library with vectors. Call it before the first
// Refresh; the active collection is then searched beside the words, whenever
// Refresh has seen it.
func (l *Library) UseVectors(o VectorOptions) { l.vectors = &o }

// A VectorState tells which vectors a library searches.
type VectorState struct {
	Collections
	Missing int   // clauses of the library without a vector of the active model
	Problem error // why the active collection is not searched; nil when it is, or when there is nothing to search
}

// VectorState tells which vectors are searched since the last Refresh.
func (l *Library) VectorState() VectorState { return l.view().state }

// collections returns what is active in the store; nothing without vectors.
func (l *Library) collections(ctx context.Context) (Collections, error) {
	if l.vectors == nil {
		return Collections{}, nil
	}
	c, err := l.vectors.Store.Collections(ctx)
	if err != nil {
		return c, fmt.Errorf("read which vectors are active: %w", err)
	}
	return c, nil
}

// loadVectors reads the vectors of the active collection for the clauses of x. What is
// wrong with them is no error but a problem of the state: words are searched
// without them. The error is the context's.
func (l *Library) loadVectors(ctx context.Context, x *Lexical, c Collections) (*Vectors, VectorState, error) {
	state := VectorState{Collections: c}
	if c.Active == nil || c.Active.Weight == 0 {
		return nil, state, nil
	}
	e, err := l.vectors.Embedder(c.Active.Model)
	if err != nil {
		state.Problem = err
		return nil, state, nil
	}
	entries, err := l.entries(ctx, x, c.Active.Model)
	if ctx.Err() != nil {
		return nil, state, ctx.Err()
	}
	if err != nil {
		state.Problem = fmt.Errorf("read the vectors of %s: %w", c.Active.Model, err)
		return nil, state, nil
	}
	state.Missing = x.Len() - len(entries)
	index, err := l.vectors.Open(c.Active.Model, entries, c.Active.Dimensions)
	if err != nil {
		state.Problem = fmt.Errorf("load the vectors of %s: %w", c.Active.Model, err)
		return nil, state, nil
	}
	return &Vectors{Index: index, Embedder: e, Weight: c.Active.Weight}, state, nil
}

// entries returns the stored vectors of a model for the clauses of x.
func (l *Library) entries(ctx context.Context, x *Lexical, model string) ([]vector.Entry, error) {
	units := make(map[string][]int, len(x.keys))
	for u, k := range x.keys {
		units[k.String()] = append(units[k.String()], u)
	}
	var entries []vector.Entry
	for v, err := range l.vectors.Store.Vectors(ctx, model) {
		if err != nil {
			return nil, err
		}
		for _, u := range units[v.Key] {
			entries = append(entries, vector.Entry{ID: x.ids[u], Vector: v.Vector})
		}
	}
	return entries, nil
}

// A Built tells what BuildVectors did.
type Built struct {
	Embedded int // texts that were sent to the model
	Reused   int // texts whose vectors were there
}

// embedBatch is how many texts are embedded and stored at once: what a crash
// can lose.
const embedBatch = 64

// ErrNoVectors is returned by what needs vectors of a library without.
var ErrNoVectors = errors.New("the library has no vectors")

// BuildVectors embeds the clauses that have no vector of e's model yet, and then
// makes that model the active one, with the given weight and report. Until then
// the collection that was active is searched, and the new one at once
// afterwards. With weight 0 nothing is embedded: searches go by words. What was
// embedded is stored batch by batch: after a crash or an error nothing is
// embedded again. progress may be nil; it is called after each batch. Texts that
// change while it works are embedded too. Library and questions may be used
// meanwhile. The error wraps ErrOtherModel when e is known to give not as many
// values as the vectors have that are stored under its name.
func (l *Library) BuildVectors(ctx context.Context, e embed.Embedder, weight float64, report string, progress func(done, all int)) (Built, error) {
	var built Built
	if l.vectors == nil {
		return built, ErrNoVectors
	}
	if err := (Collection{Model: e.Model(), Dimensions: 1, Weight: weight}).Check(); err != nil {
		return built, fmt.Errorf("build vectors of %s: %w", e.Model(), err)
	}
	dimensions := 0
	if weight > 0 {
		var err error
		if dimensions, err = l.embedDue(ctx, e, &built, progress); err != nil {
			return built, fmt.Errorf("build vectors of %s: %w", e.Model(), err)
		}
	}
	c := Collection{
		Model: e.Model(), Dimensions: cmp.Or(dimensions, e.Dimensions(), 1), Weight: weight, Report: report,
		BuiltAt: time.Now().UTC().Format(time.RFC3339Nano), // tells two builds of one model apart
	}
	if err := l.vectors.Store.Activate(ctx, c); err != nil {
		return built, fmt.Errorf("activate the vectors of %s: %w", e.Model(), err)
	}
	return built, l.Refresh(ctx)
}

// embedDue embeds what has no vector, and what changes meanwhile, until nothing
// is missing. It returns the number of values of the vectors.
func (l *Library) embedDue(ctx context.Context, e embed.Embedder, built *Built, progress func(done, all int)) (dimensions int, err error) {
	for try := 1; ; try++ {
		done, dimensions, err := l.stored(ctx, e.Model())
		if err != nil {
			return 0, err
		}
		due, reused, err := l.due(ctx, done)
		if err != nil {
			return 0, err
		}
		if try == 1 {
			built.Reused = reused
			if known := e.Dimensions(); dimensions > 0 && known > 0 && known != dimensions {
				return 0, fmt.Errorf("%d values, those stored have %d: %w", known, dimensions, ErrOtherModel)
			}
		}
		if len(due) == 0 || try > maxTries {
			return dimensions, nil
		}
		n, err := l.embed(ctx, e, due, progress)
		built.Embedded += n
		if err != nil {
			return 0, err
		}
	}
}

// ErrOtherModel is returned, wrapped, when an embedder gives other vectors than
// those that are stored under its model's name.
var ErrOtherModel = errors.New("another model under the same name")

// stored returns which texts of the library a model has vectors of, and how many
// values these have. From a damaged vector on nothing counts as stored: it is
// embedded again, and storing it repairs the damage.
func (l *Library) stored(ctx context.Context, model string) (done map[Key]bool, dimensions int, err error) {
	names := map[string]bool{}
	for v, err := range l.vectors.Store.Vectors(ctx, model) {
		if errors.Is(err, ErrDamaged) {
			break
		}
		if err != nil {
			return nil, 0, err
		}
		names[v.Key] = true
		dimensions = len(v.Vector)
	}
	done = map[Key]bool{}
	err = l.eachPassage(ctx, func(p Passage) {
		if k := p.Key(); names[k.String()] {
			done[k] = true
		}
	})
	return done, dimensions, err
}

func (l *Library) eachPassage(ctx context.Context, do func(Passage)) error {
	docs, err := l.store.Documents(ctx)
	if err != nil {
		return err
	}
	for _, d := range docs {
		clauses, err := l.store.Clauses(ctx, d.ID)
		if err != nil {
			return err
		}
		for _, c := range clauses {
			do(PassageOf(c))
		}
	}
	return nil
}

// due returns the texts that are not done, each once.
func (l *Library) due(ctx context.Context, done map[Key]bool) (texts []string, reused int, err error) {
	seen := map[Key]bool{}
	err = l.eachPassage(ctx, func(p Passage) {
		k := p.Key()
		switch {
		case seen[k]:
		case done[k]:
			reused++
		default:
			texts = append(texts, p.Embedded())
		}
		seen[k] = true
	})
	return texts, reused, err
}

// embed embeds texts and stores their vectors, batch by batch, and returns how
// many.
func (l *Library) embed(ctx context.Context, e embed.Embedder, texts []string, progress func(done, all int)) (int, error) {
	for i := 0; i < len(texts); i += embedBatch {
		batch := texts[i:min(i+embedBatch, len(texts))]
		vectors, err := e.Embed(ctx, embed.Passage, batch)
		if err != nil {
			return i, err
		}
		if len(vectors) != len(batch) {
			return i, fmt.Errorf("the model gave %d vectors for %d texts", len(vectors), len(batch))
		}
		rows := make([]StoredVector, len(batch))
		for j, v := range vectors {
			if err := vector.Check(v, e.Dimensions()); err != nil {
				return i, err
			}
			rows[j] = StoredVector{Key: keyOf(batch[j]).String(), Vector: v}
		}
		if err := l.vectors.Store.PutVectors(ctx, e.Model(), rows); err != nil {
			return i, err
		}
		if progress != nil {
			progress(i+len(batch), len(texts))
		}
	}
	return len(texts), nil
}

// RollbackVectors makes the collection active that was active before; the one
// that is active now becomes the previous one. Clauses that came in between have
// no vector of it until BuildVectors embeds them. The error wraps ErrNoVectors
// when there is none to go back to.
func (l *Library) RollbackVectors(ctx context.Context) (Collection, error) {
	c, err := l.collections(ctx)
	if err != nil {
		return Collection{}, err
	}
	if c.Previous == nil {
		return Collection{}, fmt.Errorf("roll back: %w of an earlier model", ErrNoVectors)
	}
	if err := l.vectors.Store.Activate(ctx, *c.Previous); err != nil {
		return Collection{}, fmt.Errorf("roll back to %s: %w", c.Previous.Model, err)
	}
	return *c.Previous, l.Refresh(ctx)
}
