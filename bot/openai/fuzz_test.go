package openai_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"policybot/bot/model"
	"policybot/bot/openai"
	"policybot/bot/openai/fakeopenai"
)

// A body is a fake network: it answers every request with itself.
type body struct {
	text, kind string
	status     int
}

func (b body) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: b.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {b.kind}}, Body: io.NopCloser(strings.NewReader(b.text)),
	}, nil
}

// FuzzAnswers: whatever an endpoint sends, pieces are text, errors are of a known
// class and one line, and a reply is whole only where the endpoint says why it ended.
func FuzzAnswers(f *testing.F) {
	good := `data: {"choices":[{"index":0,"delta":{"content":"好"}}],"usage":null}` + "\n\n"
	end := `data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}` + "\n\ndata: [DONE]\n\n"
	for _, text := range []string{
		"", good + end, good, end, strings.ReplaceAll(good+end, "\n", "\r\n"), ": keep-alive\n\n" + good + "data: " + fakeopenai.VLLMError + "\n\n",
		"data: {\"choices\":[{\"delta\":{\"content\":\"\xe5\"}}]}\n" + end, `data: {"choices":[{"delta":{"content":"\ud83d"}}]}` + "\n" + end,
		`{"choices":[{"message":{"content":"好"},"finish_reason":"stop"}]}`, fakeopenai.DashScopeArrearage, "<html>", "event: error\ndata: {}\n\n",
	} {
		f.Add(text, "text/event-stream", 200)
		f.Add(text, "application/json", 200)
		f.Add(text, "application/json", 429)
	}
	f.Fuzz(func(t *testing.T, text, kind string, status int) {
		if status < 200 || status > 599 {
			return
		}
		m, err := openai.New(openai.Options{Model: "m", APIKey: fakeopenai.Key, Retries: -1, MaxReply: 1000, HTTPClient: &http.Client{Transport: body{text, kind, status}}})
		if err != nil {
			t.Fatal(err)
		}
		size := 0
		u, err := m.Stream(t.Context(), question, func(piece string) error {
			if size += len(piece); piece == "" || !utf8.ValidString(piece) || strings.Contains(piece, "\x00") {
				t.Errorf("piece = %q", piece)
			}
			return nil
		})
		switch {
		case size > 1000 || u.Bytes != size || u.TokensIn < 0 || u.TokensOut < 0:
			t.Errorf("%d bytes, usage = %+v", size, u)
		case err == nil && (size == 0 || u.Finish == "" || status != 200):
			t.Errorf("whole, with %d bytes, status %d, usage = %+v", size, status, u)
		case err != nil && (model.ClassOf(err) == "" || strings.ContainsAny(err.Error(), "\n\r\x00")):
			t.Errorf("error = %q", err)
		}
	})
}
