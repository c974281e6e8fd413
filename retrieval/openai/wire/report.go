// Package wire has what every client of an endpoint that speaks OpenAI's protocols
// needs beside the protocol: what a report of a failure means, when to ask again,
// which options can be used, and how words of an endpoint are shown without the
// key. It sends nothing and knows no model.
package wire

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// A Class says what kind of failure an endpoint reports.
type Class string

// Classes of failure.
const (
	Unauthorized  Class = "unauthorized"   // the key is missing or wrong, or may not do this: 401, 403
	NotFound      Class = "not_found"      // no such model, or no such address: 404, 405, 410, a redirection
	QuotaExceeded Class = "quota_exceeded" // nothing is left to spend: 402, insufficient_quota and the like
	RateLimited   Class = "rate_limited"   // too many requests: 429
	Unavailable   Class = "unavailable"    // no answer: network, 408, 409, 425, 5xx
	BadAnswer     Class = "bad_answer"     // an answer that is neither a good one nor a known failure
	Refused       Class = "refused"        // the request is wrong: 400, 413, 422, other 4xx
)

// A Report is what an endpoint says of a failure, in one of many forms. Its words
// are the endpoint's: show them through [Clean] only.
type Report struct {
	Message string
	Codes   []string // the most telling first
	Status  int      // an HTTP status among the codes; 0: none
}

// ParseReport reads
//
//	{"error": {"message": …, "code": …, "type": …}}  OpenAI and most others
//	{"error": "…", "error_type": …}                   servers of one's own
//	{"object": "error", "message": …, "code": …}
//	{"detail": …}
//
// and takes anything else as the message.
func ParseReport(body []byte) Report {
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) != nil {
		return Report{Message: string(body)}
	}
	var inner map[string]json.RawMessage
	if json.Unmarshal(fields["error"], &inner) == nil && len(inner) > 0 {
		fields = inner
	}
	r := Report{Message: first(fields, "message", "error", "error_msg", "msg", "detail", "errors")}
	if r.Message == "" {
		r.Message = string(body)
	}
	for _, name := range []string{"code", "error_code", "type", "error_type"} {
		code := first(fields, name)
		if code == "" {
			continue
		}
		r.Codes = append(r.Codes, code)
		if n, err := strconv.Atoi(code); err == nil && n >= 400 && n < 600 && r.Status == 0 {
			r.Status = n
		}
	}
	return r
}

// first returns the first of the named fields that is set: the text of a string,
// the JSON of anything else.
func first(fields map[string]json.RawMessage, names ...string) string {
	for _, name := range names {
		raw := fields[name]
		var text string
		if json.Unmarshal(raw, &text) != nil {
			text = string(raw)
		}
		if text != "" && text != "null" {
			return text
		}
	}
	return ""
}

// telling gives codes that say more than the status they come with.
var telling = map[string]Class{
	"insufficient_quota":         QuotaExceeded,
	"insufficient_balance":       QuotaExceeded,
	"billing_not_active":         QuotaExceeded,
	"billing_hard_limit_reached": QuotaExceeded,
	"arrearage":                  QuotaExceeded, // Alibaba Cloud Model Studio, with status 400
	"1113":                       QuotaExceeded, // Zhipu, with status 429
	"invalid_api_key":            Unauthorized,
	"model_not_found":            NotFound,
	"rate_limit_exceeded":        RateLimited,
}

// Classify says what a failure with this status is, and whether to try again.
// The rules are in order.
func Classify(status int, codes []string) (class Class, retry bool) {
	for _, code := range codes {
		if class, ok := telling[strings.ToLower(code)]; ok {
			return class, class == RateLimited
		}
	}
	switch status {
	case http.StatusPaymentRequired:
		return QuotaExceeded, false
	case http.StatusUnauthorized, http.StatusForbidden:
		return Unauthorized, false
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusGone:
		return NotFound, false
	case http.StatusTooManyRequests:
		return RateLimited, true
	case http.StatusRequestTimeout, http.StatusConflict, http.StatusTooEarly, // as OpenAI's own clients do
		http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout,
		520, 521, 522, 523, 524, 529: // Cloudflare's, and "overloaded"
		return Unavailable, true
	}
	switch status / 100 {
	case 3:
		return NotFound, false
	case 4:
		return Refused, false
	case 5:
		return Unavailable, false
	}
	return BadAnswer, false
}

// Unreached says why a request got no answer, or half of one, without the address,
// and whether to try again: not where the certificate or the protocol is at fault.
// The detail is to be shown through [Clean].
func Unreached(err error) (detail string, retry bool) {
	detail, retry = err.Error(), true
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		detail = wrapped.Err.Error()
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok || errors.Is(err, http.ErrSchemeMismatch) {
		retry = false
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		detail = "the connection was closed before the answer was complete"
	}
	return detail, retry
}

// IsSet reports whether raw is there and not null.
func IsSet(raw json.RawMessage) bool { return len(raw) > 0 && string(raw) != "null" }
