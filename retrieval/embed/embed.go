// Package embed turns texts into vectors.
//
// An [Embedder] is a model. Three need no server: [Hash], the embedded default,
// and two fakes for measuring, [Random] and [Oracle]. Package openai has the one
// that asks an endpoint. The conformance suite is embedtest.TestEmbedder.
package embed

import "context"

// A Role says what a text is for: some models embed questions otherwise than
// the texts that answer them.
type Role int

// Roles of a text.
const (
	Passage Role = iota // a clause
	Question
)

// An Embedder turns texts into vectors. It may be used from several goroutines.
type Embedder interface {
	// Model names everything that the vectors depend on, such as
	// "hash-256-1" or "openai text-embedding-3-small 1024": vectors of
	// equal models may be compared, those of different ones never. It is not
	// empty and has no control characters.
	Model() string
	// Dimensions is the number of values of each vector; 0 while it is not yet
	// known, which it is after the first successful Embed.
	Dimensions() int
	// Embed returns one vector a text, in the order of texts; none for none.
	// Every vector has passed vector.Check. On an error no vector is returned.
	// The same text and role give the same vector.
	Embed(ctx context.Context, role Role, texts []string) ([][]float32, error)
}
