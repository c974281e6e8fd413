package openai

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"policybot/retrieval/openai/wire"
)

// A Class says what kind of failure an Error is, for callers that say it in
// other words than Error does.
type Class string

// Classes of failure. Those marked "retried" are reported only after the last
// try.
const (
	BadOptions    Class = "bad_options"    // New: Option cannot be used
	Unauthorized  Class = "unauthorized"   // the key is missing or wrong, or may not do this: 401, 403
	NotFound      Class = "not_found"      // no such model, or no such address: 404, 405, 410, a redirection
	QuotaExceeded Class = "quota_exceeded" // nothing is left to spend: 402, insufficient_quota and the like
	RateLimited   Class = "rate_limited"   // too many requests: 429; retried
	Unavailable   Class = "unavailable"    // no answer: network, time-out, 408, 409, 425, 5xx; retried
	BadAnswer     Class = "bad_answer"     // an answer that cannot be used as it is
	Refused       Class = "refused"        // the request is wrong, as for a text too long: 400, 413, 422, other 4xx
)

// An Error is a failure to embed texts, or to make an Embedder. Its text is one
// line that says what was tried, what happened and what to do. No field has the
// key, nor 8 characters of it in a row where the words are the endpoint's.
//
// These are tried again, after 0.5, 1, 2, 4, … (at most 30) seconds, less up to
// half of that by chance: a failure of the network or a time-out, unless the
// certificate or the protocol is at fault; an answer that ends in the middle;
// and the statuses 408, 409, 425, 429, 500, 502, 503, 504, 520 to 524 and 529,
// unless a code says that the quota is used up. Where Retry-After asks for
// more, the wait is that long, but at most 60 seconds.
type Error struct {
	Class  Class
	Option string // name of the field of Options; for BadOptions
	Status int    // HTTP status of the last answer; 0: there was none
	Code   string // the endpoint's own word for the failure; may be empty
	Detail string // what happened, one line of about 200 characters at most; quotes the endpoint
	Model  string // Options.Model
	URL    string // Options.BaseURL

	First, Last, Of int // numbers of the texts that were sent, counted from 1, and of all texts of the call
	Longest         int // number of the longest text that was sent
	Characters      int // its length

	Tries      int           // requests that were sent
	RetryAfter time.Duration // what the last answer asked for; 0: nothing

	// Err is nil or, for a vector that cannot be used, the *vector.Invalid.
	Err error

	retry bool
}

// Error implements error.
func (e *Error) Error() string {
	if e.Class == BadOptions {
		return fmt.Sprintf("embed with an endpoint: option %s: %s", e.Option, e.Detail)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "embed texts %d to %d of %d with model %q at %s: ", e.First, e.Last, e.Of, e.Model, e.URL)
	what, advice := e.say()
	b.WriteString(what)
	if e.Status != 0 {
		fmt.Fprintf(&b, " (HTTP %d", e.Status)
		if e.Code != "" {
			fmt.Fprintf(&b, ", %s", e.Code)
		}
		b.WriteString(")")
	}
	if e.Tries > 1 {
		fmt.Fprintf(&b, " after %d tries", e.Tries)
	}
	if e.Detail != "" {
		fmt.Fprintf(&b, ": %s", e.Detail)
	}
	fmt.Fprintf(&b, "; %s", advice)
	return b.String()
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

func (e *Error) say() (what, advice string) {
	switch e.Class {
	case Unauthorized:
		return "the endpoint does not accept the key", "check the key, and what it may be used for"
	case NotFound:
		return "the endpoint does not know the model or the address", "check the model's name and the base URL"
	case QuotaExceeded:
		return "nothing is left to spend", "check the account's quota and balance"
	case RateLimited:
		return "the endpoint limits the rate of requests", "wait, then try again"
	case Unavailable:
		return "the endpoint does not answer", "check the network and the endpoint, then try again"
	case BadAnswer:
		return "the answer cannot be used", "check that the base URL is that of an embeddings endpoint, and the model"
	default:
		return "the endpoint refuses the request",
			fmt.Sprintf("check the model and its limits; the longest text is number %d with %d characters", e.Longest, e.Characters)
	}
}

// failure completes err with what is known of the request.
func (e *Embedder) failure(r request, err *Error) *Error {
	err.Model, err.URL = e.o.Model, e.o.BaseURL
	err.First, err.Last, err.Of = r.first, r.first+len(r.texts)-1, r.of
	for i, text := range r.texts {
		if n := utf8.RuneCountInString(text); n > err.Characters {
			err.Longest, err.Characters = r.first+i, n
		}
	}
	return err
}

// clean makes text that came from outside fit to be shown, without the key.
func (e *Embedder) clean(text string) string { return wire.Clean(text, e.o.APIKey) }
