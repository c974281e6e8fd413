// Package openai embeds texts with an endpoint that speaks OpenAI's embeddings
// protocol: OpenAI's own, that of another provider, or a server of your own.
//
// Texts go out in batches, one request after the other. An answer is believed
// only after everything in it was checked; what fails for a passing reason is
// tried again (see [Error]). Nothing is logged, and the key is in no error.
package openai

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	goopenai "github.com/sashabaranov/go-openai"

	"policybot/retrieval/embed"
)

// DefaultBaseURL is the address of OpenAI.
const DefaultBaseURL = "https://api.openai.com/v1"

// Options say which model to ask, and how. Model is required; everything else
// has a default.
type Options struct {
	// APIKey is sent with each request; none is sent when it is empty, which
	// suits many servers of one's own. It goes to the host of BaseURL only:
	// redirections are not followed.
	APIKey string `json:"-"`
	// BaseURL is the address that "/embeddings" is appended to, without user,
	// query and fragment; the default is DefaultBaseURL.
	BaseURL string
	// Endpoint stands for BaseURL in the name of the model, for a model that is
	// served the same at several addresses; see [Embedder.Model]. The default is
	// host and path of BaseURL.
	Endpoint string
	// Model is the name that the endpoint knows the model by.
	Model string
	// Dimensions is the number of values to ask for, where the model has a
	// choice; 0 asks for nothing and takes what the model gives.
	Dimensions int
	// Batch is the number of texts in a request, at most 2048; the default is
	// 64. A request also has no more than 60,000 characters, unless it is one
	// text.
	Batch int
	// Timeout limits each request, from dialling to the end of the answer; the
	// default is 30 s.
	Timeout time.Duration
	// Retries is how often a request that failed for a passing reason is sent
	// again; the default is 4, a negative number means never.
	Retries int
	// HTTPClient sends the requests; the default is one of its own that uses
	// the proxy of the environment.
	HTTPClient *http.Client
}

// String describes o without the key.
func (o Options) String() string {
	return fmt.Sprintf("openai.Options{Model: %q, BaseURL: %q, Dimensions: %d}", o.Model, o.BaseURL, o.Dimensions)
}

// GoString implements fmt.GoStringer: o without the key.
func (o Options) GoString() string { return o.String() }

// Embedder asks an endpoint for embeddings. It may be used from several
// goroutines.
type Embedder struct {
	o      Options // defaults filled in
	name   string  // Model()
	client http.Client
	known  atomic.Int64 // Dimensions()
}

var _ embed.Embedder = (*Embedder)(nil)

// New returns an Embedder. It sends nothing yet. The error is an *Error of
// class BadOptions.
func New(o Options) (*Embedder, error) {
	o = o.withDefaults()
	endpoint, err := o.check()
	if err != nil {
		return nil, err
	}
	e := &Embedder{o: o}
	dimensions := ownDimensions
	if o.Dimensions > 0 {
		dimensions = fmt.Sprint(o.Dimensions)
		e.known.Store(int64(o.Dimensions))
	}
	e.name = fmt.Sprintf("openai %s %s %s", o.Model, dimensions, endpoint)
	if o.HTTPClient != nil {
		e.client = *o.HTTPClient
	}
	e.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return e, nil
}

// Model implements embed.Embedder. It is "openai", the name of the model, the
// dimensions asked for or "own", and the endpoint: Options.Endpoint, or host and
// path of the base URL, as in
//
//	openai text-embedding-3-small own api.openai.com/v1
//
// The endpoint counts because servers may hold different weights, or prepare
// texts differently, under one name. The key, the scheme and a port that the
// scheme implies do not count.
func (e *Embedder) Model() string { return e.name }

// ParseModel returns Options.Model and Options.Dimensions of the Embedder whose
// [Embedder.Model] is name; ok is false for a name of another form.
func ParseModel(name string) (model string, dimensions int, ok bool) {
	fields := strings.Split(name, " ")
	if len(fields) != 4 || fields[0] != "openai" || fields[1] == "" {
		return "", 0, false
	}
	if fields[2] == ownDimensions {
		return fields[1], 0, true
	}
	dimensions, err := strconv.Atoi(fields[2])
	return fields[1], dimensions, err == nil && dimensions > 0
}

// ownDimensions stands in a name for the number that the model gives.
const ownDimensions = "own"

// Dimensions implements embed.Embedder. What Options.Dimensions asked for is
// known from the start.
func (e *Embedder) Dimensions() int { return int(e.known.Load()) }

// String describes e without the key.
func (e *Embedder) String() string { return e.name }

// GoString implements fmt.GoStringer: e without the key.
func (e *Embedder) GoString() string { return e.name }

// Embed implements embed.Embedder. The role makes no difference: OpenAI's models
// know none. An empty text is sent as a single space, because endpoints refuse
// empty ones; every other text is sent as it is, bytes that are not UTF-8 as
// U+FFFD. A text too long for the model is not cut: endpoints refuse it or cut
// it themselves. That the same text always gives the same vector is up to the
// endpoint; OpenAI's differ in the last digits.
//
// The error is that of ctx, wrapped, or an *Error. A wait that would outlast the
// deadline of ctx is not begun.
func (e *Embedder) Embed(ctx context.Context, _ embed.Role, texts []string) ([][]float32, error) {
	dimensions := e.Dimensions()
	texts = sendable(texts)
	var vectors [][]float32
	for len(vectors) < len(texts) {
		rest := texts[len(vectors):]
		r := request{
			texts: rest[:batch(rest, e.o.Batch)],
			first: len(vectors) + 1, of: len(texts), dimensions: dimensions,
		}
		got, err := e.ask(ctx, r)
		if err != nil {
			return nil, err
		}
		dimensions = len(got[0])
		vectors = append(vectors, got...)
	}
	if dimensions > 0 && !e.known.CompareAndSwap(0, int64(dimensions)) && e.Dimensions() != dimensions {
		return nil, e.failure(request{first: 1, of: len(texts), texts: texts}, &Error{
			Class:  BadAnswer,
			Detail: fmt.Sprintf("vectors have %d values; those of another call had %d", dimensions, e.Dimensions()),
		})
	}
	return vectors, nil
}

// maxCharacters is what a request of several texts may have.
const maxCharacters = 60_000

// batch returns how many of texts, one at least, go into the next request.
func batch(texts []string, most int) int {
	characters := 0
	for i, text := range texts {
		characters += utf8.RuneCountInString(text)
		if i == most || i > 0 && characters > maxCharacters {
			return i
		}
	}
	return len(texts)
}

// sendable returns texts as they are sent.
func sendable(texts []string) []string {
	texts = slices.Clone(texts)
	for i, text := range texts {
		if text == "" {
			texts[i] = " "
		}
	}
	return texts
}

// A request is one batch of the texts of a call.
type request struct {
	texts      []string
	first, of  int // number of the first text, counted from 1, and of all texts
	dimensions int // that vectors must have; 0: not yet known
}

// once sends r and returns its vectors in the order of its texts.
func (e *Embedder) once(ctx context.Context, r request) ([][]float32, error) {
	x := &exchange{client: &e.client, request: r, clean: e.clean}
	config := goopenai.DefaultConfig(e.o.APIKey)
	config.BaseURL = e.o.BaseURL
	config.HTTPClient = x
	response, err := goopenai.NewClientWithConfig(config).CreateEmbeddings(ctx, goopenai.EmbeddingRequest{
		Input:      r.texts,
		Model:      goopenai.EmbeddingModel(e.o.Model),
		Dimensions: e.o.Dimensions,
	})
	if err != nil {
		return nil, x.explain(err)
	}
	return r.arrange(response.Data, e.o.Dimensions)
}
