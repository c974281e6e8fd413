package openai

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"policybot/bot/model"
	"policybot/retrieval/openai/wire"
)

// DefaultBaseURL is the address of OpenAI.
const DefaultBaseURL = "https://api.openai.com/v1"

// Options say which model to ask, and how. Model is required; everything else has
// a default.
type Options struct {
	// APIKey is sent with each request; none is sent when it is empty, which suits
	// many servers of one's own. It goes to the host of BaseURL only: redirections
	// are not followed.
	APIKey string `json:"-"`
	// BaseURL is the address that "/chat/completions" or "/rerank" is appended to,
	// without user, query and fragment; the default is DefaultBaseURL. For Azure it is
	// the resource, such as https://name.openai.azure.com, and has no default.
	BaseURL string
	// Model is the name that the endpoint knows the model by; for Azure it is that of
	// the deployment.
	Model string
	// Azure speaks as Azure OpenAI wants it: the key in the header api-key, the
	// deployment in the path, APIVersion in the query.
	Azure bool
	// APIVersion is that of Azure, such as 2024-10-21; it is required with Azure.
	APIVersion string
	// HTTPClient sends the requests; its Timeout and CheckRedirect are not used. The
	// default uses the proxy of the environment. Its transport must end a request when
	// the context of the request ends, as http.Transport does.
	HTTPClient *http.Client `json:"-"`
	// Timeouts limit each wait.
	Timeouts Timeouts
	// Retries is how often a request is sent again; the default is 2, a negative
	// number means never.
	Retries int
	// Concurrent is how many calls may be under way at once; the default is 4.
	Concurrent int
	// Wait is how long a call waits until it may be under way; then it fails with
	// class Busy. The default is 5 s, a negative time means not at all.
	Wait time.Duration
	// DailyTokens tells what may be used on one day (UTC) by all that enter their use
	// into Ledger, prompts and replies together; nil is no limit. A call is not begun
	// when its prompt and MaxTokens, with what calls under way may still take, would
	// go beyond it. A reply without MaxTokens, and one call at a time in each other
	// process, can.
	DailyTokens Daily `json:"-"`
	// Ledger remembers what was used; the default is [NewLedger].
	Ledger model.Ledger `json:"-"`
	// Breaker says when the endpoint is left alone.
	Breaker Breaker
	// MaxReply is how large a reply may be, in bytes; the default is 64 KiB.
	MaxReply int
	// Log gets a line for each failure, retry and change of the breaker: constant
	// messages, with classes, counts, times, and ids of prompts; never text of a
	// prompt or a reply, nor the key. The default is none.
	Log *slog.Logger `json:"-"`
	// Now tells which day it is, for the budget; the default is time.Now.
	Now func() time.Time `json:"-"`
}

// Timeouts limit what a call waits for. Waits that are over give class Slow.
type Timeouts struct {
	// FirstByte is from sending a request to the first event of the reply; the default
	// is 15 s. Comments that keep a connection alive, and parts of an event, are none.
	FirstByte time.Duration
	// BetweenTokens is between two events; the default is 15 s. The time in pass does
	// not count.
	BetweenTokens time.Duration
	// Total is for all of a call, with all its tries and waits; the default is 60 s.
	Total time.Duration
}

// Breaker says when an endpoint is left alone: calls fail at once with class Open
// instead.
type Breaker struct {
	// Failures is after how many failed requests in a row; the default is 5. Refused
	// requests, replies that reached their limit of tokens, and calls that the caller
	// ended count neither as failed nor as good.
	Failures int
	// Open is for how long; then one request finds out whether the endpoint answers
	// again. The default is 30 s.
	Open time.Duration
}

// String describes o without the key.
func (o Options) String() string {
	return fmt.Sprintf("openai.Options{Model: %q, BaseURL: %q}", o.Model, o.BaseURL)
}

// GoString implements fmt.GoStringer: o without the key.
func (o Options) GoString() string { return o.String() }

func (o Options) withDefaults() Options {
	if o.BaseURL == "" && !o.Azure {
		o.BaseURL = DefaultBaseURL
	}
	o.Timeouts.FirstByte = or(o.Timeouts.FirstByte, 15*time.Second)
	o.Timeouts.BetweenTokens = or(o.Timeouts.BetweenTokens, 15*time.Second)
	o.Timeouts.Total = or(o.Timeouts.Total, 60*time.Second)
	o.Retries = max(or(o.Retries, 2), 0)
	o.Concurrent = or(o.Concurrent, 4)
	o.Wait = max(or(o.Wait, 5*time.Second), 0)
	o.Breaker.Failures = or(o.Breaker.Failures, 5)
	o.Breaker.Open = or(o.Breaker.Open, 30*time.Second)
	o.MaxReply = or(o.MaxReply, 64<<10)
	if o.DailyTokens == nil {
		o.DailyTokens = Fixed(0)
	}
	if o.Ledger == nil {
		o.Ledger = NewLedger()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

func or[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}

const maxConcurrent = 1000

func (o Options) check() error {
	bad := func(option, format string, values ...any) error {
		return &model.Error{Class: model.BadOptions, Model: wire.Clean(o.Model, o.APIKey), Task: "configure", Detail: option + ": " + fmt.Sprintf(format, values...)}
	}
	_, problem := wire.ParseBase(o.BaseURL)
	switch {
	case o.Model == "":
		return bad("Model", "it is empty; name the model that the endpoint is to use")
	case !wire.IsWord(o.Model):
		return bad("Model", "it has a space or a control character, or is not UTF-8")
	case !wire.IsKey(o.APIKey):
		return bad("APIKey", "it has a space, a line end or a character that no key has; was it copied with something around it?")
	case problem != "":
		return bad("BaseURL", "%s; give an address such as %s", problem, DefaultBaseURL)
	case o.Azure && url.PathEscape(o.Model) != o.Model:
		return bad("Model", "it cannot be the name of a deployment")
	case o.Azure && (o.APIVersion == "" || url.QueryEscape(o.APIVersion) != o.APIVersion):
		return bad("APIVersion", "Azure needs one, such as 2024-10-21")
	case wire.ShowsKey(o.APIKey, o.BaseURL, o.Model, o.APIVersion):
		return bad("APIKey", "it is also part of the address or the name of the model, which are shown and stored; give it as key only")
	case o.Timeouts.FirstByte < 0 || o.Timeouts.BetweenTokens < 0 || o.Timeouts.Total < 0:
		return bad("Timeouts", "one is negative; give positive times")
	case o.Concurrent < 0 || o.Concurrent > maxConcurrent:
		return bad("Concurrent", "it is %d; give 1 to %d", o.Concurrent, maxConcurrent)
	case o.Breaker.Failures < 0 || o.Breaker.Open < 0:
		return bad("Breaker", "a value is negative; give positive ones")
	case o.MaxReply < 0:
		return bad("MaxReply", "it is %d; give a positive number of bytes", o.MaxReply)
	}
	return nil
}

// clean makes words of an endpoint fit to be shown, without the key.
func (e *endpoint) clean(text string) string { return wire.Clean(text, e.o.APIKey) }
