package openai

import (
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
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
	u, problem := parseBase(o.BaseURL)
	switch {
	case o.Model == "":
		return bad("Model", "it is empty; name the model that the endpoint is to use")
	case !isWord(o.Model):
		return bad("Model", "%.100q has a space or a control character, or is not UTF-8", o.Model)
	case strings.ContainsFunc(o.APIKey, func(r rune) bool { return r <= ' ' || r > '~' }):
		return bad("APIKey", "it has a space, a line end or a character that no key has; was it copied with something around it?")
	case problem != "":
		return bad("BaseURL", "%s; give an address such as %s", problem, DefaultBaseURL)
	case !isWord(o.Endpoint):
		return bad("Endpoint", "%.100q has a space or a control character, or is not UTF-8", o.Endpoint)
	case len(o.APIKey) >= window && strings.Contains(o.BaseURL+" "+o.Endpoint+" "+o.Model, o.APIKey):
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
	return hostAndPath(u), nil
}

// parseBase says what is wrong with the address, without repeating it: a
// password may be what is wrong with it.
func parseBase(base string) (u *url.URL, problem string) {
	u, err := url.Parse(base)
	switch {
	case err != nil:
		return nil, "it is no URL"
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, "it does not begin with https:// or http://"
	case u.Hostname() == "":
		return nil, "it names no host"
	case u.User != nil:
		return nil, "it has a user or a password; a key belongs into APIKey"
	case strings.ContainsAny(base, "?#"):
		return nil, "it has a query or a fragment"
	case !isWord(base):
		return nil, "it has a space or a control character, or is not UTF-8"
	}
	return u, ""
}

func hostAndPath(u *url.URL) string {
	host := strings.ToLower(u.Host)
	if port := u.Port(); port == "" || u.Scheme == "https" && port == "443" || u.Scheme == "http" && port == "80" {
		host = strings.TrimSuffix(host, ":"+port)
	}
	return host + strings.TrimRight(u.EscapedPath(), "/")
}

// isWord reports whether s can be one of the words of a model's name; so can the
// empty string.
func isWord(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r)
	})
}
