package openai

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
)

// A report is what an endpoint says of a failure, in one of many forms.
type report struct {
	message string
	codes   []string // the most telling first
	status  int      // an HTTP status among the codes; 0: none
}

// parseReport reads
//
//	{"error": {"message": …, "code": …, "type": …}}  OpenAI and most others
//	{"error": "…", "error_type": …}                   servers of one's own
//	{"object": "error", "message": …, "code": …}
//	{"detail": …}
//
// and takes anything else as the message.
func parseReport(body []byte) report {
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) != nil {
		return report{message: string(body)}
	}
	var inner map[string]json.RawMessage
	if json.Unmarshal(fields["error"], &inner) == nil && len(inner) > 0 {
		fields = inner
	}
	r := report{message: first(fields, "message", "error", "error_msg", "msg", "detail", "errors")}
	if r.message == "" {
		r.message = string(body)
	}
	for _, name := range []string{"code", "error_code", "type", "error_type"} {
		code := first(fields, name)
		if code == "" {
			continue
		}
		r.codes = append(r.codes, code)
		if n, err := strconv.Atoi(code); err == nil && n >= 400 && n < 600 && r.status == 0 {
			r.status = n
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

// classify says what a failure with this status is, and whether to try again.
// The rules are in order.
func classify(status int, codes []string) (class Class, retry bool) {
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
