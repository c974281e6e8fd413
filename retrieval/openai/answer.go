package openai

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	goopenai "github.com/sashabaranov/go-openai"

	"policybot/retrieval/openai/wire"
	"policybot/retrieval/vector"
)

// An exchange is one request and its answer. It stands between go-openai and
// the HTTP client and lets only an answer through that go-openai can read
// without loss: one that is not too large, has a vector for each text, an index
// for each vector, and only numbers in the vectors. go-openai itself would take
// a page of HTML as a failure of JSON, read an answer of any size, drop
// Retry-After, and read null as 0.
type exchange struct {
	client  *http.Client
	request request
	clean   func(string) string
	items   []item // what the answer held
}

var _ goopenai.HTTPDoer = (*exchange)(nil)

// An item is one vector of an answer.
type item struct {
	Index     *int            `json:"index"`
	Embedding json.RawMessage `json:"embedding"`
}

// maxFailure is how much of an answer is read that reports a failure.
const maxFailure = 64 << 10

// limit is how large an answer may be: 64 bytes a number, which is enough for
// one a line, indented.
func (r request) limit() int64 {
	dimensions := r.dimensions
	if dimensions == 0 {
		dimensions = 8192
	}
	return 1<<20 + int64(len(r.texts))*int64(dimensions)*64
}

// Do implements goopenai.HTTPDoer. The error is an *Error. The body of the
// response is in memory, so it need not be closed.
func (x *exchange) Do(req *http.Request) (*http.Response, error) {
	resp, err := x.client.Do(req)
	if err != nil {
		return nil, x.unreached(err)
	}
	defer resp.Body.Close()
	good := resp.StatusCode == http.StatusOK
	limit := int64(maxFailure)
	if good {
		limit = x.request.limit()
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	switch {
	case !good:
		err = x.failed(resp, body)
	case err != nil:
		err = x.unreached(err)
	case int64(len(body)) > limit:
		err = x.bad("the answer has more than %d bytes", limit)
	default:
		err = x.inspect(resp, body)
	}
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// unreached is the error for a request that got no answer, or half of one.
func (x *exchange) unreached(err error) error {
	detail, retry := wire.Unreached(err)
	return &Error{Class: Unavailable, Detail: x.clean(detail), retry: retry}
}

func (x *exchange) bad(format string, values ...any) *Error {
	return &Error{Class: BadAnswer, Detail: x.clean(fmt.Sprintf(format, values...))}
}

// failed is the error for an answer that reports a failure.
func (x *exchange) failed(resp *http.Response, body []byte) *Error {
	report := wire.ParseReport(body)
	err := &Error{Status: resp.StatusCode, Detail: x.clean(report.Message), RetryAfter: wire.RetryAfter(resp.Header)}
	if len(report.Codes) > 0 {
		err.Code = x.clean(report.Codes[0])
	}
	status := resp.StatusCode
	if status == http.StatusOK && report.Status != 0 {
		status = report.Status
	}
	class, retry := wire.Classify(status, report.Codes)
	err.Class, err.retry = Class(class), retry
	if location := resp.Header.Get("Location"); status/100 == 3 && location != "" {
		err.Detail = x.clean("the endpoint has moved to " + wire.WithoutSecrets(location))
	}
	return err
}

// inspect refuses an answer with status 200 that go-openai would misread.
func (x *exchange) inspect(resp *http.Response, body []byte) error {
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	start := bytes.TrimLeft(body, " \t\r\n")
	switch {
	case len(start) == 0:
		return x.bad("the answer is empty")
	case strings.Contains(kind, "html") || start[0] == '<':
		return x.bad("the answer is a web page and not JSON, as when a login or a proxy stands before the endpoint: %s", start[:min(len(start), 2*wire.MaxQuoted)])
	case kind == "text/event-stream":
		return x.bad("the answer is a stream of events and not JSON")
	}
	var answer struct {
		Error json.RawMessage `json:"error"`
		Data  *[]item         `json:"data"`
	}
	err := json.NewDecoder(bytes.NewReader(body)).Decode(&answer)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return x.unreached(err)
	case err != nil || start[0] != '{':
		return x.bad("the answer is no list of embeddings: %v", cmp.Or(err, errNoObject))
	case answer.Data == nil || wire.IsSet(answer.Error):
		return x.failed(resp, body)
	}
	x.items = *answer.Data
	return x.number()
}

var errNoObject = errors.New("it is no JSON object")

// number checks that each text has one vector and each vector is of numbers.
// Vectors without an index, or all with index 0, are refused unless there is
// one text: that they are in order would be a guess.
func (x *exchange) number() error {
	texts := len(x.request.texts)
	if len(x.items) != texts {
		return x.bad("the answer has %d vectors for %d texts", len(x.items), texts)
	}
	seen, zeros, missing := make([]bool, texts), 0, 0
	for _, it := range x.items {
		switch {
		case it.Index == nil:
			missing++
		case *it.Index == 0:
			zeros++
		}
	}
	if texts > 1 && (missing > 0 || zeros == texts) {
		return x.bad("the answer does not number its vectors, so whose they are is not certain; set Batch to 1 for this endpoint")
	}
	for _, it := range x.items {
		index := it.index()
		if index < 0 || index >= texts {
			return x.bad("a vector has index %d, which is not one of 0 to %d", index, texts-1)
		}
		if seen[index] {
			return x.bad("two vectors have index %d", index)
		}
		seen[index] = true
		if problem := it.problem(); problem != "" {
			return x.bad("the vector of text %d %s", x.request.first+index, problem)
		}
	}
	return nil
}

func (it item) index() int {
	if it.Index == nil {
		return 0
	}
	return *it.Index
}

// problem says what of the vector go-openai would not read, or not see.
func (it item) problem() string {
	raw := bytes.TrimSpace(it.Embedding)
	switch {
	case !wire.IsSet(raw):
		return "is missing"
	case raw[0] == '"':
		return "is a string, as of base64, and not a list of numbers"
	case raw[0] != '[':
		return "is not a list of numbers"
	case bytes.Contains(raw, []byte("null")):
		return "has null among its values, as for NaN"
	}
	return ""
}

// explain says which vector go-openai could not read.
func (x *exchange) explain(err error) error {
	if _, ok := errors.AsType[*Error](err); ok || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	for _, it := range x.items {
		var values []float32
		if err := json.Unmarshal(it.Embedding, &values); err != nil {
			return x.bad("the vector of text %d is not a list of numbers of 32 bits: %v", x.request.first+it.index(), err)
		}
	}
	return x.bad("the answer is no list of embeddings: %v", err)
}

// arrange puts vectors, each with an index of its own, in the order of the texts
// and checks each. wanted is Options.Dimensions.
func (r request) arrange(data []goopenai.Embedding, wanted int) ([][]float32, error) {
	vectors := make([][]float32, len(r.texts))
	for _, d := range data {
		vectors[d.Index] = d.Embedding
	}
	dimensions := r.dimensions
	if dimensions == 0 {
		dimensions = len(vectors[0])
	}
	for i, v := range vectors {
		err := vector.Check(v, dimensions)
		if err == nil {
			continue
		}
		failed := &Error{Class: BadAnswer, Err: err, Detail: fmt.Sprintf("the vector of text %d: %v", r.first+i, err)}
		if invalid, ok := errors.AsType[*vector.Invalid](err); ok {
			failed.Detail = describe(r.first+i, invalid, wanted)
		}
		return nil, failed
	}
	return vectors, nil
}

func describe(text int, invalid *vector.Invalid, wanted int) string {
	switch {
	case invalid.Reason == vector.Dimensions && invalid.Got == 0:
		return fmt.Sprintf("the vector of text %d has no values", text)
	case invalid.Reason == vector.Dimensions && wanted > 0:
		return fmt.Sprintf("the vector of text %d has %d values instead of the %d asked for; does the model have a choice? (Dimensions 0 takes its own)",
			text, invalid.Got, wanted)
	case invalid.Reason == vector.Dimensions:
		return fmt.Sprintf("the vector of text %d has %d values, those before it have %d", text, invalid.Got, invalid.Want)
	}
	return fmt.Sprintf("the vector of text %d: %s", text, invalid.Reason)
}
