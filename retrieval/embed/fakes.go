package embed

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
)

// Random is a fake: the vector of a text is a pseudo-random function of text,
// role and seed, so no text is similar to any other. Use it to prove that
// search with useless vectors is no worse than search without vectors.
type Random struct {
	dimensions int
	seed       uint64
}

var _ Embedder = Random{}

// NewRandom returns a Random that makes vectors with this many values. Other
// seeds give other vectors. It panics at fewer than 1 dimensions.
func NewRandom(dimensions int, seed uint64) Random {
	wantDimensions("Random", dimensions)
	return Random{dimensions, seed}
}

// Model implements Embedder.
func (r Random) Model() string { return fmt.Sprintf("fake-random-%d-1 seed %d", r.dimensions, r.seed) }

// Dimensions implements Embedder. It is known from the start.
func (r Random) Dimensions() int { return r.dimensions }

// Embed implements Embedder. The only error is that of ctx.
func (r Random) Embed(ctx context.Context, role Role, texts []string) ([][]float32, error) {
	purpose := fmt.Sprintf("random %d %d", r.seed, role)
	return each(ctx, texts, func(text string) []float64 { return noise(r.dimensions, purpose, text) })
}

// Oracle is a fake that carries the answers: it knows which passages answer a
// question and gives the question a vector near theirs. Passages themselves get
// pseudo-random vectors. Use it to prove that vectors are really used: with an
// Oracle a search finds what no words lead to.
type Oracle struct {
	dimensions int
	noise      float64
	answers    map[string][]string
	model      string
}

var _ Embedder = (*Oracle)(nil)

// NewOracle returns an Oracle that makes vectors with this many values. answers
// gives for the text of a question the texts of its gold passages, exactly as
// they are embedded; it is copied. The vector of such a question is the
// direction of the sum of its gold vectors plus noise times a random direction
// of its own: with noise 0 the golds are what is most similar to it, with much
// noise they are lost in the crowd. A question without golds gets a random
// vector. It panics at fewer than 1 dimensions, and at noise that is negative
// or not finite.
func NewOracle(dimensions int, noise float64, answers map[string][]string) *Oracle {
	wantDimensions("Oracle", dimensions)
	if !(noise >= 0) || math.IsInf(noise, 0) {
		panic(fmt.Sprintf("embed: an Oracle with noise %v; it needs 0 or more", noise))
	}
	o := &Oracle{dimensions: dimensions, noise: noise, answers: make(map[string][]string, len(answers))}
	sum := sha256.New()
	for _, question := range slices.Sorted(maps.Keys(answers)) {
		o.answers[question] = slices.Clone(answers[question])
		fmt.Fprintf(sum, "%q %q\n", question, answers[question])
	}
	o.model = fmt.Sprintf("fake-oracle-%d-1 noise %g answers %s", dimensions, noise, hex.EncodeToString(sum.Sum(nil)[:6]))
	return o
}

// Model implements Embedder. It names the answers by their hash.
func (o *Oracle) Model() string { return o.model }

// Dimensions implements Embedder. It is known from the start.
func (o *Oracle) Dimensions() int { return o.dimensions }

// Embed implements Embedder. The only error is that of ctx.
func (o *Oracle) Embed(ctx context.Context, role Role, texts []string) ([][]float32, error) {
	if role == Question {
		return each(ctx, texts, o.question)
	}
	return each(ctx, texts, o.passage)
}

func (o *Oracle) passage(text string) []float64 { return noise(o.dimensions, "oracle passage", text) }

func (o *Oracle) question(text string) []float64 {
	own := noise(o.dimensions, "oracle question", text)
	golds := o.answers[text]
	if len(golds) == 0 {
		return own
	}
	sum := make([]float64, o.dimensions)
	for _, gold := range golds {
		for i, x := range unit(o.passage(gold)) {
			sum[i] += float64(x)
		}
	}
	direction, away := unit(sum), unit(own)
	for i := range sum {
		sum[i] = float64(direction[i]) + float64(o.noise*float64(away[i]))
	}
	return sum
}

// each returns the direction of what vector gives for every text.
func each(ctx context.Context, texts []string, vector func(text string) []float64) ([][]float32, error) {
	vectors := make([][]float32, len(texts))
	for i, text := range texts {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		vectors[i] = unit(vector(text))
	}
	return vectors, nil
}

// noise returns pseudo-random values, each nearly normally distributed, so that
// all directions are about equally likely. They are whole numbers: no machine
// rounds them otherwise. The purpose keeps vectors apart that must not agree.
func noise(dimensions int, purpose, text string) []float64 {
	random := rand.NewChaCha8(sha256.Sum256([]byte(purpose + "\x00" + text)))
	v := make([]float64, dimensions)
	for i := range v {
		bits := random.Uint64()
		v[i] = float64(int64(bits&0xffff) + int64(bits>>16&0xffff) + int64(bits>>32&0xffff) + int64(bits>>48) - 2*0xffff)
	}
	return v
}

func wantDimensions(fake string, dimensions int) {
	if dimensions < 1 {
		panic(fmt.Sprintf("embed: a %s of %d dimensions; it needs 1 or more", fake, dimensions))
	}
}
