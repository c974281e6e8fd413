// Package model is what the program and a language model say to each other: a
// prompt goes out, text comes back piece by piece. It knows no endpoint and no
// policy.
//
// A model is an untrusted user. Nothing that it wrote may leave before plain code
// has checked it: see package guard.
package model

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Tasks of a request: what the reply is for. Logs, budgets and metrics go by them.
const (
	Answer   = "answer"   // sentences that answer a question
	Repair   = "repair"   // sentences once more that did not pass
	Rewrite  = "rewrite"  // a question as words to search for
	Rerank   = "rerank"   // clauses in the order of how well they answer
	Draft    = "draft"    // a letter of the staff
	Measures = "measures" // what a clause offers to whom, for review
)

// A Request is one call of a model.
type Request struct {
	Task   string // Answer, Repair, …
	Prompt string // id of the prompt, such as answer.zh@3f9c0a1b2d4e; for logs
	System string // what the model is to do
	User   string // what it is to do it with; data of others stands between fences
	// MaxTokens is the most that the reply may have, in tokens of the model; 0 means
	// the model's own limit.
	MaxTokens int
}

// Usage is what one call took. Counts that the endpoint did not tell are
// estimated, and Estimated says so.
type Usage struct {
	Model     string        `json:"model"`      // as the endpoint named it; else as it was asked for
	TokensIn  int           `json:"tokens_in"`  // of the prompt
	TokensOut int           `json:"tokens_out"` // of the reply
	Estimated bool          `json:"estimated,omitempty"`
	Tries     int           `json:"tries"`    // requests that were sent
	First     time.Duration `json:"first_ns"` // from the call to the first piece; 0: there was none
	Total     time.Duration `json:"total_ns"` // from the call to its end
	Finish    string        `json:"finish"`   // why the model ended: stop, length, …; "" when it did not
	Bytes     int           `json:"bytes"`    // of the reply
}

// A Model writes text. It may be used from several goroutines.
type Model interface {
	// Name is what the endpoint knows the model by; it stands in answers and logs.
	Name() string
	// Stream asks, and passes the reply on piece by piece as it comes: in order, each
	// piece of valid UTF-8 and not empty, from the goroutine of the caller. The reply is
	// whole only when the error is nil. When pass fails the call to the endpoint ends
	// and Stream returns the error of pass as it is. When ctx ends the call ends within
	// 100 ms and the error wraps that of ctx. Other errors are an *Error. Usage is
	// filled in as far as it is known, with an error too.
	Stream(ctx context.Context, r Request, pass func(piece string) error) (Usage, error)
}

// A Reranker tells how well texts answer a query.
type Reranker interface {
	// Rerank returns a score for each text, in the order of texts: the higher the
	// better; scores of two calls cannot be compared. No texts give no scores. Errors
	// are those of [Model.Stream].
	Rerank(ctx context.Context, query string, texts []string) ([]float64, error)
}

// Used is what is entered into a Ledger.
type Used struct {
	Day   string // YYYY-MM-DD, UTC
	Model string
	Task  string
	Usage Usage
}

// A Ledger remembers what was used, also over a restart. It may be used from
// several goroutines.
type Ledger interface {
	// Add enters one call.
	Add(ctx context.Context, u Used) error
	// Tokens is the sum of tokens in and out that all calls of a day (YYYY-MM-DD, UTC) took.
	Tokens(ctx context.Context, day string) (int, error)
}

// A Class says what kind of failure an Error is.
type Class string

// Classes of failure.
const (
	BadOptions    Class = "bad_options"    // the configuration cannot be used
	Unauthorized  Class = "unauthorized"   // the key is missing, wrong, or may not do this
	NotFound      Class = "not_found"      // no such model or address
	QuotaExceeded Class = "quota_exceeded" // nothing is left to spend at the endpoint
	RateLimited   Class = "rate_limited"   // too many requests
	Unavailable   Class = "unavailable"    // no answer: network, time-out, 5xx
	BadAnswer     Class = "bad_answer"     // an answer that is not one: no stream, no choices, too large, not UTF-8
	Cut           Class = "cut"            // the reply ended before it was whole: length, no finish_reason
	Refused       Class = "refused"        // the endpoint or the model refuses the request: 400, content filter
	Slow          Class = "slow"           // no first piece, or a pause between two, or all of it took too long
	Open          Class = "open"           // not asked: it failed too often just now
	Busy          Class = "busy"           // not asked: as many calls as are allowed are under way
	Budget        Class = "budget"         // not asked: what may be used in a day is used
)

// An Error is a failure to get a reply. Its text is one line that says what was
// tried, what happened and what to do; it holds no key.
type Error struct {
	Class  Class
	Task   string
	Model  string
	Detail string // what happened, one line of at most about 200 characters; may quote the endpoint
	Status int    // HTTP status; 0: none
	Code   string // the endpoint's own word for the failure
	Tries  int
	// RetryAfter is how long the endpoint, or the breaker, asks to wait; 0: not said.
	RetryAfter time.Duration
	Err        error
}

// Error implements error.
func (e *Error) Error() string {
	s := fmt.Sprintf("ask model %q to %s: %s", e.Model, e.Task, e.Class)
	if e.Status != 0 {
		s += fmt.Sprintf(" (HTTP %d)", e.Status)
	}
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	return s + "; " + advice[e.Class]
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

var advice = map[Class]string{
	BadOptions:    "correct the configuration",
	Unauthorized:  "check the key, and what it may be used for",
	NotFound:      "check the model's name and the base URL",
	QuotaExceeded: "check the account's quota and balance",
	RateLimited:   "wait, then try again",
	Unavailable:   "check the network and the endpoint",
	BadAnswer:     "check that the base URL is that of a chat endpoint, and the model",
	Cut:           "check the model's limits",
	Refused:       "check the model and its limits",
	Slow:          "check the load of the endpoint",
	Open:          "wait until the endpoint answers again",
	Busy:          "wait, or allow more calls at once",
	Budget:        "wait until tomorrow (UTC), or raise the daily budget",
}

// ClassOf returns the class of an error of a Model, "" for any other error.
func ClassOf(err error) Class {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Class
	}
	return ""
}
