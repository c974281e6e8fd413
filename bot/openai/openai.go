// Package openai asks language models at endpoints that speak OpenAI's protocol of
// chat completions, and rerankers at /rerank: OpenAI's own, those of other
// providers, or a server of your own.
//
// An endpoint is not trusted: it may answer with a page of HTML, end in the middle
// of a word, send nothing for a minute or never stop. Every reply is checked while
// it streams, everything that is waited for has a limit, and an endpoint that fails
// too often is left alone for a while. A reply is whole only where the endpoint
// said why it ended.
//
// # What is asked again
//
// A request is sent again by these rules, the first that fits:
//
//  1. The caller's context ended, or pass failed: never.
//  2. A piece was passed on: never, as it cannot be taken back.
//  3. The endpoint refuses with 400 or 422 and names stream_options, max_tokens or
//     temperature: at once without it, and it is remembered for later calls. This
//     is not counted as a retry.
//  4. Unauthorized, NotFound, QuotaExceeded, Refused: never; it would fail again.
//  5. Slow: never; who asked has waited long enough.
//  6. RateLimited: yes.
//  7. Unavailable: yes after a failure of the network, but for certificates; after
//     408, 409, 425, 500, 502, 503, 504, 520 to 524 and 529; after a report within
//     the stream, or an end of it that says the endpoint gave up.
//  8. Cut: yes where the stream just ended, no where the limit of tokens was reached.
//  9. BadAnswer: yes where there was no text or an event was no JSON, which chance
//     may explain; no for a web page, a reply too large, or bytes that are no text.
//
// The wait before it is that of [wire.Backoff], longer where Retry-After asks for
// more. A wait that would not end in time is not begun: the failure is reported at
// once, with RetryAfter.
package openai

import (
	"fmt"
	"net/http"
	"sync/atomic"

	goopenai "github.com/sashabaranov/go-openai"

	"policybot/bot/model"
)

// Model asks a language model. It may be used from several goroutines.
type Model struct{ e *endpoint }

var _ model.Model = (*Model)(nil)

// New returns a Model. It sends nothing yet. The error is a *model.Error of class
// BadOptions.
func New(o Options) (*Model, error) {
	e, err := open(o)
	if err != nil {
		return nil, err
	}
	return &Model{e: e}, nil
}

// Name implements model.Model: it is Options.Model.
func (m *Model) Name() string { return m.e.o.Model }

// State says how the endpoint does. It asks nothing.
func (m *Model) State() State { return m.e.state() }

// String describes m without the key.
func (m *Model) String() string { return m.e.o.String() }

// GoString implements fmt.GoStringer: m without the key.
func (m *Model) GoString() string { return m.String() }

// State is how an endpoint does.
type State struct {
	Breaker string      `json:"breaker"`        // closed: it is asked; open: it is not; half-open: the next call finds out
	Last    model.Class `json:"last,omitempty"` // what the last request failed with; "" after a good one
}

// String is the breaker and, after a failure, its class: "open, rate_limited".
func (s State) String() string {
	if s.Last == "" {
		return s.Breaker
	}
	return s.Breaker + ", " + string(s.Last)
}

// An endpoint is what all requests to one address and model share.
type endpoint struct {
	o       Options // defaults filled in
	client  http.Client
	slots   chan struct{} // one element for each call under way
	breaker *breaker
	budget  budget
	lacks   atomic.Uint32 // what the endpoint turned out not to take: see lacking
}

func open(o Options) (*endpoint, error) {
	o = o.withDefaults()
	if err := o.check(); err != nil {
		return nil, err
	}
	e := &endpoint{o: o, slots: make(chan struct{}, o.Concurrent)}
	if o.HTTPClient != nil {
		e.client = *o.HTTPClient
	}
	e.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	e.client.Timeout = 0 // see Options.Timeouts
	e.breaker = newBreaker(o)
	e.budget = budget{ledger: o.Ledger, daily: o.DailyTokens, now: o.Now}
	return e, nil
}

func (e *endpoint) state() State {
	return State{Breaker: e.breaker.State().String(), Last: e.breaker.lastClass()}
}

// goClient is a client of go-openai whose requests go through x.
func (e *endpoint) goClient(x *exchange) *goopenai.Client {
	config := goopenai.DefaultConfig(e.o.APIKey)
	if e.o.Azure {
		config = goopenai.DefaultAzureConfig(e.o.APIKey, e.o.BaseURL)
		config.APIVersion = e.o.APIVersion
		// The default changes names of models to what they might be deployed as.
		config.AzureModelMapperFunc = func(deployment string) string { return deployment }
	}
	config.BaseURL = e.o.BaseURL
	config.HTTPClient = x
	return goopenai.NewClientWithConfig(config)
}

// failed makes a failure. The detail is cleaned; it may quote the endpoint.
func (e *endpoint) failed(class model.Class, retry bool, format string, values ...any) *failure {
	return &failure{retry: retry, err: &model.Error{Class: class, Detail: e.clean(fmt.Sprintf(format, values...))}}
}

// A failure is an error of one try and whether to try again.
type failure struct {
	err     *model.Error
	retry   bool
	lacks   lacking // what to leave out before the next try
	reached bool    // whether the endpoint took the request up, and so may count its tokens
}

// Error implements error.
func (f *failure) Error() string { return f.err.Error() }
