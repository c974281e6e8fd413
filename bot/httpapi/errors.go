package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"

	"policybot/bot/journal"
)

// A requestError is what a caller is told.
type requestError struct {
	status    int
	message   string // name of a sentence
	args      []any
	retry     int    // seconds until trying again makes sense; 0: it does not say
	challenge string // of a 401
}

func (e *requestError) Error() string { return say("en", e.message, e.args...) }

// problem makes an error of a status and a sentence.
func problem(status int, message string, args ...any) *requestError {
	return &requestError{status: status, message: message, args: args}
}

// Seconds after which a caller may try again.
const (
	retrySoon = 5
	retryBusy = 30
)

// unavailable is the error of an event that could not be stored.
func unavailable() error {
	e := problem(http.StatusServiceUnavailable, "unavailable")
	e.retry = retrySoon
	return e
}

// asProblem gives what a caller is told of an error. An error that the caller can do nothing about becomes
// a temporary one, and is logged.
func (a *API) asProblem(r *http.Request, err error) *requestError {
	if p, ok := errors.AsType[*requestError](err); ok {
		return p
	}
	switch {
	case errors.Is(err, journal.ErrNotFound):
		return problem(http.StatusNotFound, "not_found")
	case errors.Is(err, journal.ErrReplied):
		return problem(http.StatusConflict, "replied")
	case errors.Is(err, journal.ErrClosed):
		return problem(http.StatusConflict, "closed")
	case errors.Is(err, journal.ErrUnapproved):
		return problem(http.StatusConflict, "unapproved")
	case errors.Is(err, journal.ErrUnreachable):
		return problem(http.StatusGone, "unreachable")
	}
	if r.Context().Err() == nil {
		a.log.Error("a request to the HTTP API failed", "method", r.Method, "path", r.URL.Path, "error", err)
	}
	p := problem(http.StatusServiceUnavailable, "try_again")
	p.retry = retrySoon
	return p
}

// fail writes an error.
func (a *API) fail(w http.ResponseWriter, r *http.Request, err error) {
	p := a.asProblem(r, err)
	if p.retry > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(p.retry))
	}
	if p.challenge != "" {
		w.Header().Set("WWW-Authenticate", p.challenge)
	}
	writeJSON(w, p.status, encode(p.body(r)))
}

// An errorBody is the JSON of an error.
type errorBody struct {
	Error string `json:"error"`
}

func (e *requestError) body(r *http.Request) errorBody {
	return errorBody{say(langOf(r), e.message, e.args...)}
}

// langOf tells the language that a caller reads.
func langOf(r *http.Request) string {
	if strings.HasPrefix(strings.ToLower(r.Header.Get("Accept-Language")), "zh") {
		return "zh"
	}
	return "en"
}

func (a *API) logPanic(r *http.Request, cause any) {
	a.log.Error("a handler of the HTTP API panicked", "method", r.Method, "path", r.URL.Path, "panic", cause, "stack", string(debug.Stack()))
}

// encode writes v as JSON on one line, with < and > as they are. It panics when v has no JSON.
func encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// writeJSON writes a reply and a line feed. A caller that has gone does not matter.
func writeJSON(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(append(bytes.Clone(body), '\n'))
}
