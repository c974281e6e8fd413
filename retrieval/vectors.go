package retrieval

import (
	"context"
	"errors"
	"iter"
)

// A StoredVector is the embedding of one text by one model.
type StoredVector struct {
	Key    string    // names the embedded text: SHA-256, hex
	Vector []float32 // as the model gave it
}

// A Collection is the vectors of one model over the library, complete when it
// was activated.
type Collection struct {
	Model      string  `json:"model"` // fingerprint of the embedder; see embed.Embedder
	Dimensions int     `json:"dimensions"`
	Weight     float64 `json:"weight"` // of the vector score when clauses are ranked, 0 or more
	Report     string  `json:"report"` // how Weight was found; JSON, may be empty
	BuiltAt    string  `json:"built_at"`
}

// Collections tells which vectors a search uses.
type Collections struct {
	Active   *Collection `json:"active"`   // nil: none was ever activated
	Previous *Collection `json:"previous"` // what was active before; nil: nothing was
}

// ErrDamaged is returned, wrapped, for a vector that is damaged in the store.
var ErrDamaged = errors.New("damaged")

// A VectorStore keeps embeddings for a [Library]. Implementations: Memory and
// SQLite; the conformance suite is retrievaltest.TestVectorStore. All methods
// may be called from several goroutines. What a method has returned for
// without error is on the disk.
type VectorStore interface {
	// PutVectors stores vectors of a model, all or nothing. A vector whose model
	// and key are stored already is left as it is. It refuses an empty model or
	// key, and vectors that are empty, have a value that is NaN or infinite, or
	// differ in length from each other or from those stored for the model.
	PutVectors(ctx context.Context, model string, vectors []StoredVector) error
	// Vectors yields all stored vectors of a model, ordered by Key; none for an
	// unknown model. After an error it yields nothing more. A vector that is
	// damaged in the store is an error that wraps ErrDamaged, not a vector.
	Vectors(ctx context.Context, model string) iter.Seq2[StoredVector, error]
	// Activate makes c the active collection and what was active before the
	// previous one, at once for every reader; with the model that is active
	// already it replaces only the other fields of Active. It refuses an empty
	// model, Dimensions below 1, and a Weight that is negative or not finite.
	Activate(ctx context.Context, c Collection) error
	// Collections returns what is active now.
	Collections(ctx context.Context) (Collections, error)
	// DropVectors deletes the vectors of a model; of an unknown one it does
	// nothing. The active and the previous model are refused.
	DropVectors(ctx context.Context, model string) error
}
