package fakeopenai_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"policybot/bot/openai/fakeopenai"
)

// say asks a fake as a client would, and returns its answer as it is.
func say(t *testing.T, q fakeopenai.Quirks, usage string, script ...fakeopenai.Fault) (int, string) {
	t.Helper()
	s := fakeopenai.New(q, fakeopenai.Reply(`说"好"<`), script...)
	defer s.Close()
	path := "/chat/completions"
	if q == fakeopenai.Azure {
		path = "/openai/deployments/m/chat/completions?api-version=1"
	}
	req, err := http.NewRequest(http.MethodPost, s.URL+path, strings.NewReader(`{"model":"m","stream":true,"messages":[{"role":"user","content":"问"}]`+usage+`}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+fakeopenai.Key)
	req.Header.Set("api-key", fakeopenai.Key)
	resp, err := s.Client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(body)
}

// TestQuirks: each fake differs as its provider does.
func TestQuirks(t *testing.T) {
	const usage = `,"stream_options":{"include_usage":true}`
	for q, has := range map[fakeopenai.Quirks][]string{
		fakeopenai.OpenAI:    {`"usage":null`, `"choices":[],"usage":{"prompt_tokens":1,`, "data: [DONE]\n\n"},
		fakeopenai.Azure:     {`{"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results"`, "content_filter_offsets"},
		fakeopenai.DeepSeek:  {": keep-alive\n\n", `"reasoning_content":"hm, "`, `"content":null`},
		fakeopenai.DashScope: {`"choices":[],"usage":{`},
		fakeopenai.Zhipu:     {`"finish_reason":"stop"}],"usage":{`},
		fakeopenai.VLLM:      {`"delta":{"role":"assistant","content":""}`, `"choices":[],"usage":{`},
		fakeopenai.Ollama:    {`fp_ollama`, `"delta":{"role":"assistant","content":"说\""}`, `"choices":[],"usage":{`},
	} {
		status, body := say(t, q, usage)
		if status != 200 {
			t.Errorf("%s: %d", q, status)
		}
		for _, part := range append(has, `\u003c`) {
			if !strings.Contains(body, part) {
				t.Errorf("%s: want %s in\n%s", q, part, body)
			}
		}
		_, body = say(t, q, "")
		if has := strings.Contains(body, `"usage":{`); has != (q == fakeopenai.Zhipu || q == fakeopenai.DeepSeek) {
			t.Errorf("%s: usage without being asked is %t", q, has)
		}
	}
}

// TestFaults: faults do what they say.
func TestFaults(t *testing.T) {
	_, whole := say(t, fakeopenai.OpenAI, "")
	for _, n := range []int{0, 1, 100, len(whole) - 1} {
		if _, body := say(t, fakeopenai.OpenAI, "", fakeopenai.After(n, fakeopenai.Cut)); body != whole[:n] {
			t.Errorf("cut after %d: %d bytes", n, len(body))
		}
		if _, body := say(t, fakeopenai.OpenAI, "", fakeopenai.After(n, fakeopenai.Break)); body != whole[:n] {
			t.Errorf("broken after %d: %d bytes", n, len(body))
		}
	}
	if _, body := say(t, fakeopenai.OpenAI, "", fakeopenai.Lasting(1<<20)); len(body) < 1<<20 {
		t.Errorf("%d bytes", len(body))
	}
	if _, body := say(t, fakeopenai.OpenAI, "", fakeopenai.Finish("-")); strings.Contains(body, `"stop"`) {
		t.Errorf("a finish_reason in %s", body)
	}
	if _, body := say(t, fakeopenai.OpenAI, "", fakeopenai.Pieces("\xff", `\u0000`)); !strings.Contains(body, "\xff") || !strings.Contains(body, `\u0000`) {
		t.Errorf("%q", body)
	}
	if status, body := say(t, fakeopenai.OpenAI, "", fakeopenai.HTML()); status != 200 || !strings.HasPrefix(body, "<!DOCTYPE") {
		t.Errorf("%d %s", status, body)
	}
}
