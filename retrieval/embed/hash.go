package embed

import (
	"context"
	"fmt"
	"math"
	"slices"

	"policybot/retrieval/analysis"
)

// HashDimensions is the number of values of a vector of Hash unless another is
// asked for.
const HashDimensions = 256

// hashVersion changes whenever any text may get another vector from the same keys.
const hashVersion = 1

// Hash embeds a text by hashing its words: every key of package analysis (Han
// unigrams and bigrams, words) adds to or takes from one value of the vector,
// both chosen by the key.
//
// It understands nothing. Two texts are similar as far as they share words,
// blurred by words that meet in one value by chance, so it finds no more than
// lexical search does, and finds it less surely. It is there so that everything
// that is done with vectors works without a server or a download. Search that
// finds the same meaning in other words needs a model of package openai.
//
// A key that occurs n times weighs √n, that of a unigram half as much as that
// of a bigram or word. Vectors have length 1. The first value belongs to texts
// without any key (empty, or only punctuation) and to those, all but
// impossible, whose keys cancel each other out: their vector is 1, 0, 0, …,
// which is similar to nothing else. The role of a text makes no difference, and
// neither does the machine. The zero Hash is NewHash(0).
type Hash struct{ dimensions int }

var _ Embedder = Hash{}

// NewHash returns a Hash that makes vectors with this many values; 0 means
// HashDimensions. It panics at 1 and at a negative number.
func NewHash(dimensions int) Hash {
	if dimensions < 0 || dimensions == 1 {
		panic(fmt.Sprintf("embed: a Hash of %d dimensions; it needs 2 or more, or 0 for %d", dimensions, HashDimensions))
	}
	return Hash{dimensions}
}

// Model implements Embedder. It names the dimensions, the rules of Hash and
// those of package analysis.
func (h Hash) Model() string {
	return fmt.Sprintf("hash-%d-%d %s", h.Dimensions(), hashVersion, analysis.Version)
}

// Dimensions implements Embedder. It is known from the start.
func (h Hash) Dimensions() int {
	if h.dimensions == 0 {
		return HashDimensions
	}
	return h.dimensions
}

// Embed implements Embedder. The only error is that of ctx.
func (h Hash) Embed(ctx context.Context, _ Role, texts []string) ([][]float32, error) {
	sums := make([]float64, h.Dimensions())
	var keys []uint64
	vectors := make([][]float32, len(texts))
	for i, text := range texts {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		keys = analysis.AppendKeys(keys[:0], text)
		addKeys(sums, keys)
		vectors[i] = unit(sums)
		clear(sums)
	}
	return vectors, nil
}

// addKeys adds keys to sums, all but the first, and sorts keys. That no value
// is computed by a fused multiplication and addition, which would round
// otherwise on some machines, is what the conversions of products are for, here
// and in unit.
func addKeys(sums []float64, keys []uint64) {
	slices.Sort(keys)
	places := uint64(len(sums) - 1)
	for i, end := 0, 0; i < len(keys); i = end {
		for end = i + 1; end < len(keys) && keys[end] == keys[i]; end++ {
		}
		weight := math.Sqrt(float64(end - i))
		if analysis.KindOf(keys[i]) == analysis.Unigram {
			weight = float64(weight * 0.5)
		}
		h := mix(keys[i])
		if h&1 == 0 {
			weight = -weight
		}
		sums[1+(h>>32)*places>>32] += weight
	}
}

// mix spreads a key over all bits: the finalizer of splitmix64.
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

// unit returns v with length 1. Where v has no direction but that of rounding,
// it is 1, 0, 0, ….
func unit(v []float64) []float32 {
	sum := 0.0
	for _, x := range v {
		sum += float64(x * x)
	}
	out := make([]float32, len(v))
	norm := math.Sqrt(sum)
	if norm < 1e-9 {
		out[0] = 1
		return out
	}
	for i, x := range v {
		out[i] = float32(x / norm)
	}
	return out
}
