package openai

import (
	"fmt"
	"time"

	"policybot/retrieval/openai/wire"
)

const (
	defaultBatch   = 64
	maxBatch       = 2048 // OpenAI's limit
	defaultTimeout = 30 * time.Second
	defaultRetries = 4
)

func (o Options) withDefaults() Options {
	if o.BaseURL == "" {
		o.BaseURL = DefaultBaseURL
	}
	if o.Batch == 0 {
		o.Batch = defaultBatch
	}
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	switch {
	case o.Retries == 0:
		o.Retries = defaultRetries
	case o.Retries < 0:
		o.Retries = 0
	}
	return o
}

// check returns what stands for the endpoint in the name of the model.
func (o Options) check() (endpoint string, err error) {
	bad := func(option, format string, values ...any) (string, error) {
		return "", &Error{Class: BadOptions, Option: option, Detail: fmt.Sprintf(format, values...)}
	}
	u, problem := wire.ParseBase(o.BaseURL)
	switch {
	case o.Model == "":
		return bad("Model", "it is empty; name the model that the endpoint is to use")
	case !wire.IsWord(o.Model):
		return bad("Model", "%.100q has a space or a control character, or is not UTF-8", o.Model)
	case !wire.IsKey(o.APIKey):
		return bad("APIKey", "it has a space, a line end or a character that no key has; was it copied with something around it?")
	case problem != "":
		return bad("BaseURL", "%s; give an address such as %s", problem, DefaultBaseURL)
	case !wire.IsWord(o.Endpoint):
		return bad("Endpoint", "%.100q has a space or a control character, or is not UTF-8", o.Endpoint)
	case wire.ShowsKey(o.APIKey, o.BaseURL, o.Endpoint, o.Model):
		return bad("APIKey", "it is also part of the address or the name of the model, which are shown and stored; give it as key only")
	case o.Dimensions < 0:
		return bad("Dimensions", "it is %d; give 0 or more", o.Dimensions)
	case o.Batch < 0 || o.Batch > maxBatch:
		return bad("Batch", "it is %d; give 1 to %d", o.Batch, maxBatch)
	case o.Timeout < 0:
		return bad("Timeout", "it is %s; give a positive time", o.Timeout)
	}
	if o.Endpoint != "" {
		return o.Endpoint, nil
	}
	return wire.HostAndPath(u), nil
}
