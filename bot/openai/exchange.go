package openai

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	goopenai "github.com/sashabaranov/go-openai"

	"policybot/bot/model"
	"policybot/retrieval/openai/wire"
)

// An exchange is one request for a reply and its answer. It stands between
// go-openai and the HTTP client and lets only a stream through that go-openai can
// read without loss. go-openai itself would take a page of HTML or a report of a
// failure with status 200 for the end of a reply without text, stop after 300
// comments, read a failure of any size, and drop Retry-After.
type exchange struct {
	e      *endpoint
	lacks  lacking // what is left out of the request
	body   io.ReadCloser
	events *events
}

var _ goopenai.HTTPDoer = (*exchange)(nil)

// lacking are parts of a request that an endpoint does not take.
type lacking uint32

const (
	noUsage       lacking = 1 << iota // stream_options
	noMaxTokens                       // max_tokens; max_completion_tokens is sent instead
	noTemperature                     // temperature 0
)

func (e *endpoint) lack(more lacking) { e.lacks.Or(uint32(more)) }

const (
	maxFailure = 64 << 10 // of an answer that reports a failure
	maxWhole   = 8        // bytes of an answer for each of its text: a character of it may be written as \u0020
)

// Do implements goopenai.HTTPDoer. The error is a *failure.
func (x *exchange) Do(req *http.Request) (*http.Response, error) {
	req.Header.Set("Accept-Encoding", "identity") // what packs a stream holds it back
	if x.lacks&noTemperature == 0 {
		if err := withTemperature(req); err != nil {
			return nil, x.e.failed(model.Unavailable, false, "the request cannot be built: %s", err)
		}
	}
	resp, err := x.e.client.Do(req)
	if err != nil {
		return nil, x.unreached(err)
	}
	if resp.StatusCode != http.StatusOK {
		defer resp.Body.Close()
		body, _ := io.ReadAll(io.LimitReader(resp.Body, maxFailure))
		return nil, x.refused(resp, body)
	}
	x.body = resp.Body
	in := bufio.NewReaderSize(resp.Body, 32<<10)
	if err := x.inspect(resp, in); err != nil {
		resp.Body.Close()
		return nil, err
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{x.events, x.body}
	return resp, nil
}

// withTemperature asks for temperature 0, the same reply to the same prompt as far
// as the model can. go-openai leaves a 0 out, and the endpoint takes its default,
// often 1. The smallest number above 0 is no help: some endpoints refuse it, or
// take it for a larger one.
func withTemperature(req *http.Request) error {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return err
	}
	rest, ok := bytes.CutPrefix(body, []byte("{"))
	if ok {
		body = append([]byte(`{"temperature":0,`), rest...)
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	req.ContentLength = int64(len(body))
	return nil
}

// unreached is the failure of a request that got no answer, or half of one.
func (x *exchange) unreached(err error) *failure {
	detail, retry := wire.Unreached(err)
	return x.e.failed(model.Unavailable, retry, "%s", detail)
}

// refused is the failure of an answer with another status than 200.
func (x *exchange) refused(resp *http.Response, body []byte) *failure {
	failed := x.e.reported(resp.StatusCode, body)
	failed.reached = false
	failed.err.RetryAfter = wire.RetryAfter(resp.Header)
	if location := resp.Header.Get("Location"); resp.StatusCode/100 == 3 && location != "" {
		failed.err.Detail = x.e.clean("the endpoint has moved to " + wire.WithoutSecrets(location))
	}
	if resp.StatusCode == http.StatusBadRequest || resp.StatusCode == http.StatusUnprocessableEntity {
		failed.lacks = named(body) &^ x.lacks
	}
	return failed
}

// named are the parts of a request that a refusal names: as param, where OpenAI
// has it, else in the first words of the message. Words further on may be those of
// a prompt.
func named(body []byte) (parts lacking) {
	var report struct {
		Error struct {
			Param string `json:"param"`
		} `json:"error"`
	}
	_ = json.Unmarshal(body, &report) // what cannot be read names nothing
	words := wire.ParseReport(body).Message
	words = words[:min(len(words), wire.MaxQuoted)]
	for part, word := range map[lacking]string{noUsage: "stream_options", noMaxTokens: "max_completion_tokens", noTemperature: "temperature"} {
		if strings.Contains(words, word) && (report.Error.Param == "" || part == noMaxTokens || strings.HasPrefix(report.Error.Param, word)) {
			parts |= part
		}
	}
	return parts
}

// reported is the failure that an answer reports, in a body of its own or within a
// stream; then status is 200.
func (e *endpoint) reported(status int, body []byte) *failure {
	report := wire.ParseReport(body)
	if status == http.StatusOK && report.Status != 0 {
		status = report.Status
	}
	class, retry := classify(status, report.Codes)
	failed := &failure{retry: retry, reached: true, err: &model.Error{Class: class, Detail: e.clean(report.Message)}}
	if status != http.StatusOK {
		failed.err.Status = status
	}
	if len(report.Codes) > 0 {
		failed.err.Code = e.clean(report.Codes[0])
	}
	return failed
}

// telling gives codes of chat endpoints that say more than the status they come
// with; others are in package wire. All are in lower case.
var telling = map[string]model.Class{
	// OpenAI, https://platform.openai.com/docs/guides/error-codes; Azure has
	// content_filter with status 400:
	// https://learn.microsoft.com/azure/ai-services/openai/concepts/content-filter
	"content_filter":           model.Refused,
	"content_policy_violation": model.Refused,
	"context_length_exceeded":  model.Refused,
	"server_error":             model.Unavailable,
	// Alibaba Cloud Model Studio, https://www.alibabacloud.com/help/en/model-studio/error-code
	"datainspectionfailed":       model.Refused,
	"data_inspection_failed":     model.Refused,
	"throttling":                 model.RateLimited,
	"throttling.ratequota":       model.RateLimited,
	"throttling.allocationquota": model.RateLimited,
	"internalerror":              model.Unavailable,
	"internalerror.algo":         model.Unavailable,
	// Zhipu, https://docs.z.ai/api-reference/api-code
	"1001": model.Unauthorized, "1002": model.Unauthorized, "1003": model.Unauthorized, "1004": model.Unauthorized,
	"1112": model.Unauthorized, // account locked
	"1211": model.NotFound,
	"1234": model.Unavailable, // network
	"1301": model.Refused,     // sensitive content
	"1302": model.RateLimited, // too many at once
	// vLLM names the exception: entrypoints/openai/protocol.py, ErrorResponse
	"internalservererror": model.Unavailable,
	"badrequesterror":     model.Refused,
}

// classify says what a reported failure is, and whether to try again. A failure
// within a stream that nothing is known of is the endpoint's: Unavailable.
func classify(status int, codes []string) (class model.Class, retry bool) {
	for _, code := range codes {
		if class, ok := telling[strings.ToLower(code)]; ok {
			return class, class == model.RateLimited || class == model.Unavailable
		}
	}
	known, retry := wire.Classify(status, codes)
	if known == wire.BadAnswer {
		return model.Unavailable, status == http.StatusOK
	}
	return model.Class(known), retry
}

// inspect looks at the beginning of an answer with status 200, and sets events.
func (x *exchange) inspect(resp *http.Response, in *bufio.Reader) error {
	start, err := firstByte(in)
	if errors.Is(err, io.EOF) {
		return x.e.failed(model.BadAnswer, true, "the answer is empty")
	} else if err != nil {
		return x.unreached(err)
	}
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	switch {
	case strings.Contains(kind, "html") || start == '<':
		page, _ := in.Peek(min(in.Buffered(), 2*wire.MaxQuoted))
		return x.e.failed(model.BadAnswer, false,
			"the answer is a web page and not a stream, as when a login or a proxy stands before the endpoint: %s", page)
	case start == '{':
		return x.whole(in)
	case strings.HasSuffix(kind, "json"):
		return x.e.failed(model.BadAnswer, false, "the answer is JSON, but neither a stream nor an object")
	}
	x.events = &events{e: x.e, in: in}
	return nil
}

// firstByte skips a byte order mark and blanks, which endpoints send to keep the
// connection alive, and returns the byte after them without taking it.
func firstByte(in *bufio.Reader) (byte, error) {
	for {
		c, err := in.ReadByte()
		if err != nil {
			return 0, err
		}
		if strings.IndexByte(" \t\r\n\ufeff", c) < 0 {
			return c, in.UnreadByte()
		}
	}
}

// whole reads an answer that is one JSON object, from an endpoint that does not
// stream, and makes a stream of it.
func (x *exchange) whole(in *bufio.Reader) error {
	limit := int64(x.e.o.MaxReply)*maxWhole + maxFailure
	body, err := io.ReadAll(io.LimitReader(in, limit+1))
	if err != nil {
		return x.unreached(err)
	}
	if int64(len(body)) > limit {
		return x.e.failed(model.BadAnswer, false, "the answer has more than %d bytes", limit)
	}
	var answer struct {
		Model   json.RawMessage `json:"model"`
		Usage   json.RawMessage `json:"usage"`
		Choices []struct {
			Index   int             `json:"index"`
			Message json.RawMessage `json:"message"`
			Finish  json.RawMessage `json:"finish_reason"`
		} `json:"choices"`
		Error json.RawMessage `json:"error"`
	}
	err = json.Unmarshal(body, &answer)
	switch {
	case err != nil && !json.Valid(body):
		return x.e.failed(model.Cut, true, "the answer is JSON that ends too early: %s", err)
	case err != nil:
		return x.e.failed(model.BadAnswer, false, "the answer is no chat completion: %s", err)
	case answer.Choices == nil || wire.IsSet(answer.Error):
		return x.e.reported(http.StatusOK, body)
	}
	var b bytes.Buffer
	b.WriteString(`{"choices":[`)
	for i, choice := range answer.Choices {
		if i > 0 {
			b.WriteByte(',')
		}
		part, _ := json.Marshal(choice.Index)
		b.WriteString(`{"index":` + string(part) + `,"delta":` + null(choice.Message) + `,"finish_reason":` + null(choice.Finish) + `}`)
	}
	b.WriteString(`],"model":` + null(answer.Model) + `,"usage":` + null(answer.Usage) + `}`)
	line := bytes.ReplaceAll(b.Bytes(), []byte("\n"), []byte(" "))
	x.events = &events{e: x.e, in: bufio.NewReader(io.MultiReader(
		strings.NewReader("data: "), bytes.NewReader(line), strings.NewReader("\ndata: [DONE]\n")))}
	return nil
}

func null(raw json.RawMessage) string {
	if len(raw) == 0 {
		return "null"
	}
	return string(raw)
}
