package openai_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"policybot/bot/model"
	"policybot/bot/openai"
	"policybot/bot/openai/fakeopenai"
)

// once lets no request be sent again.
func once(o *openai.Options) { o.Retries = -1 }

// endless reports a failure until the client has enough.
func endless(p *fakeopenai.Plan) {
	p.Answer = func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(500)
		for r.Context().Err() == nil {
			fmt.Fprint(w, strings.Repeat("x", 1<<16))
		}
	}
}

// TestAnswers: each way in which an answer can be bad has its class, and none is a
// reply that is whole.
func TestAnswers(t *testing.T) {
	f := fakeopenai.Status
	sse := func(body string) fakeopenai.Fault { return f(200, body, "Content-Type", "text/event-stream") }
	good := `data: {"choices":[{"index":0,"delta":{"content":"好"}}]}` + "\n\n"
	end := `data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}` + "\n\n"
	for _, tt := range []struct {
		name  string
		q     fakeopenai.Quirks
		fault fakeopenai.Fault
		class model.Class // "": whole
		part  string      // of the error, or the reply
	}{
		{"HTML", fakeopenai.OpenAI, fakeopenai.HTML(), model.BadAnswer, "web page"},
		{"HTML as a stream", fakeopenai.OpenAI, sse("<html>"), model.BadAnswer, "web page"},
		{"HTML with 502", fakeopenai.OpenAI, f(502, "<html>bad gateway</html>", "Content-Type", "text/html"), model.Unavailable, "HTTP 502"},
		{"JSON of a failure with 200", fakeopenai.OpenAI, f(200, `{"error":{"message":"busy","code":429}}`), model.RateLimited, "busy"},
		{"JSON of a failure as a stream", fakeopenai.OpenAI, sse(`{"error":{"message":"no"}}`), model.Unavailable, "no"},
		{"JSON without choices", fakeopenai.OpenAI, f(200, `{}`), model.Unavailable, ""},
		{"JSON with empty choices", fakeopenai.OpenAI, f(200, `{"choices":[]}`), model.Cut, ""},
		{"JSON without finish_reason", fakeopenai.OpenAI, f(200, `{"choices":[{"message":{"content":"好"}}]}`), model.Cut, ""},
		{"JSON cut", fakeopenai.OpenAI, f(200, `{"choices":[{"message":{"content":"好"`), model.Cut, ""},
		{"JSON list", fakeopenai.OpenAI, f(200, `[]`), model.BadAnswer, "neither a stream"},
		{"JSON whole", fakeopenai.OpenAI, f(200, "{\n\"choices\":[{\"message\":{\"content\":\"好\\n\"},\n\"finish_reason\":\"stop\"}]}"), "", "好\n"},
		{"empty", fakeopenai.OpenAI, f(200, ""), model.BadAnswer, "empty"},
		{"empty stream", fakeopenai.OpenAI, sse(": hello\n\n"), model.Cut, ""},
		{"only [DONE]", fakeopenai.VLLM, sse("data: [DONE]\n\n"), model.Cut, ""},
		{"text and [DONE]", fakeopenai.OpenAI, sse(good + "data: [DONE]\n\n"), model.Cut, ""},
		{"no text", fakeopenai.OpenAI, sse(end), model.BadAnswer, "no text"},
		{"another type", fakeopenai.OpenAI, f(200, good+end, "Content-Type", "text/plain"), "", "好"},
		{"byte order mark", fakeopenai.OpenAI, sse("\ufeff" + good + end), "", "好"},
		{"no blank lines", fakeopenai.OpenAI, sse(strings.ReplaceAll(good+end, "\n\n", "\n")), "", "好"},
		{"other fields", fakeopenai.OpenAI, sse("retry: 5\nid: 1\nevent: message\n" + good + "event: ping\n\n" + end), "", "好"},
		{"error null first", fakeopenai.OpenAI, sse(strings.ReplaceAll(good+end, `{"choices"`, `{"error":null,"choices"`)), "", "好"},
		{"code and message beside choices", fakeopenai.OpenAI, sse(strings.ReplaceAll(good+end, `{"choices"`, `{"code":0,"message":"ok","choices"`)), "", "好"},
		{"finish_reason null as text", fakeopenai.DashScope, sse(strings.Replace(good, `"}}`, `"},"finish_reason":"null"}`, 1) + end), "", "好"},
		{"no end of the last line", fakeopenai.OpenAI, sse(good + strings.TrimSpace(end)), "", "好"},
		{"no JSON", fakeopenai.OpenAI, sse("data: hello\n\n"), model.BadAnswer, "no chunk"},
		{"content is a list", fakeopenai.OpenAI, sse(`data: {"choices":[{"delta":{"content":[1]}}]}` + "\n\n"), model.BadAnswer, "no text"},
		{"goes on after its end", fakeopenai.OpenAI, sse(good + end + good), model.BadAnswer, "after its end"},
		{"refusal", fakeopenai.OpenAI, sse(`data: {"choices":[{"delta":{"refusal":"I cannot"}}]}` + "\n\n" + end), model.Refused, "refuses"},
		{"event error", fakeopenai.DashScope, sse(good + "event: error\ndata: {\"code\":\"InternalError\",\"message\":\"oops\"}\n\n"), model.Unavailable, "oops"},
		{"event error without a code", fakeopenai.DashScope, sse(good + "event: error\ndata: {\"message\":\"oops\"}\n\n"), model.Unavailable, "oops"},
		{"code in the stream", fakeopenai.DashScope, sse(good + "data: {\"code\":\"DataInspectionFailed\",\"message\":\"oops\"}\n\n"), model.Refused, "oops"},
		{"bare report in the stream", fakeopenai.OpenAI, sse(good + "{\"error\":{\"message\":\"gone\"}}\n"), model.Unavailable, "gone"},
		{"report after the end", fakeopenai.OpenAI, sse(good + end + "data: " + fakeopenai.VLLMError + "\n\n"), "", "好"},

		{"length", fakeopenai.OpenAI, fakeopenai.Finish("length"), model.Cut, "length"},
		{"content_filter", fakeopenai.Azure, fakeopenai.Finish("content_filter"), model.Refused, ""},
		{"sensitive", fakeopenai.Zhipu, fakeopenai.Finish("sensitive"), model.Refused, ""},
		{"network_error", fakeopenai.Zhipu, fakeopenai.Finish("network_error"), model.Unavailable, ""},
		{"insufficient_system_resource", fakeopenai.DeepSeek, fakeopenai.Finish("insufficient_system_resource"), model.Unavailable, ""},
		{"abort", fakeopenai.VLLM, fakeopenai.Finish("abort"), model.Unavailable, ""},
		{"load", fakeopenai.Ollama, fakeopenai.Finish("load"), model.Unavailable, ""},
		{"tool_calls", fakeopenai.OpenAI, fakeopenai.Finish("tool_calls"), model.BadAnswer, ""},
		{"an unknown end", fakeopenai.OpenAI, fakeopenai.Finish("whatever"), model.BadAnswer, "whatever"},
		{"eos_token", fakeopenai.OpenAI, fakeopenai.Finish("eos_token"), "", answer},
		{"no finish_reason", fakeopenai.OpenAI, fakeopenai.Finish("-"), model.Cut, ""},
		{"neither", fakeopenai.OpenAI, fakeopenai.Both(fakeopenai.Finish("-"), fakeopenai.NoDone()), model.Cut, ""},
		{"length, whole", fakeopenai.OpenAI, fakeopenai.Both(fakeopenai.Whole(), fakeopenai.Finish("length")), model.Cut, ""},

		{"report first", fakeopenai.VLLM, fakeopenai.Report(0, fakeopenai.VLLMError), model.Unavailable, "EngineCore"},
		{"report after text", fakeopenai.VLLM, fakeopenai.Report(2, fakeopenai.VLLMError), model.Unavailable, "EngineCore"},
		{"old report after text", fakeopenai.VLLM, fakeopenai.Report(2, fakeopenai.OldVLLMError), model.Unavailable, "CUDA"},
		{"OpenAI's report", fakeopenai.OpenAI, fakeopenai.Report(2, fakeopenai.OpenAIServerError), model.Unavailable, "server had"},
		{"arrears", fakeopenai.DashScope, f(400, fakeopenai.DashScopeArrearage), model.QuotaExceeded, "good standing"},
		{"inspection", fakeopenai.DashScope, f(400, fakeopenai.DashScopeInspection), model.Refused, "inappropriate"},
		{"inspection in the stream", fakeopenai.DashScope, fakeopenai.Report(3, fakeopenai.DashScopeInspection), model.Refused, ""},
		{"1113", fakeopenai.Zhipu, f(429, fakeopenai.ZhipuArrears), model.QuotaExceeded, ""},
		{"1302", fakeopenai.Zhipu, f(429, fakeopenai.ZhipuConcurrency), model.RateLimited, ""},
		{"1301", fakeopenai.Zhipu, f(400, fakeopenai.ZhipuSensitive), model.Refused, ""},
		{"1301 in the stream", fakeopenai.Zhipu, fakeopenai.Report(3, fakeopenai.ZhipuSensitive), model.Refused, ""},
		{"filter", fakeopenai.Azure, f(400, fakeopenai.AzureFilter), model.Refused, ""},
		{"402", fakeopenai.DeepSeek, fakeopenai.Refuse(402, "invalid_request_error", "Insufficient Balance"), model.QuotaExceeded, ""},
		{"404", fakeopenai.Ollama, fakeopenai.Refuse(404, "", "model not found"), model.NotFound, ""},
		{"redirection", fakeopenai.OpenAI, f(307, "", "Location", "https://other.invalid/v1?key=x"), model.NotFound, "https://other.invalid/v1"},

		{"NUL", fakeopenai.OpenAI, fakeopenai.Pieces("好", `\u0000`), model.BadAnswer, "no text"},
		{"bare NUL", fakeopenai.OpenAI, fakeopenai.Pieces("好", "\x00"), model.BadAnswer, ""},
		{"no UTF-8", fakeopenai.OpenAI, fakeopenai.Pieces("好", "\xff"), model.BadAnswer, "no text"},
		{"ends within a character", fakeopenai.OpenAI, fakeopenai.Pieces("好", "\xe5\xa5"), model.BadAnswer, "within a character"},
		{"half a pair", fakeopenai.OpenAI, fakeopenai.Pieces(`\ud83d`, "x"), model.BadAnswer, "no text"},
		{"the wrong half", fakeopenai.OpenAI, fakeopenai.Pieces(`\ude00`, `\ud83d`), model.BadAnswer, "no text"},
		{"cut character", fakeopenai.OpenAI, fakeopenai.Pieces("\xe5", "\xa5", "\xbd", "a\xf0\x9f", "\x98\x80"), "", "好a😀"},
		{"cut pair", fakeopenai.OpenAI, fakeopenai.Pieces(`a\ud83d`, `\ude00\n`, `\\\"\/\t\u597d`), "", "a😀\n\\\"/\t好"},
		{"10 MB", fakeopenai.OpenAI, fakeopenai.Lasting(10 << 20), model.BadAnswer, "more than 65536 bytes"},
		{"10 MB in one event", fakeopenai.OpenAI, fakeopenai.Pieces(strings.Repeat("好", 10<<20/3)), model.BadAnswer, ""},
		{"10 MB whole", fakeopenai.OpenAI, f(200, `{"choices":[{"message":{"content":"`+strings.Repeat("好", 10<<20/3)+`"},"finish_reason":"stop"}]}`), model.BadAnswer, ""},
		{"10 MB of a failure", fakeopenai.OpenAI, f(500, strings.Repeat("x", 10<<20)), model.Unavailable, ""},
		{"a failure without end", fakeopenai.OpenAI, endless, model.Unavailable, "HTTP 500"},
		{"reset", fakeopenai.OpenAI, fakeopenai.After(300, fakeopenai.Reset), model.Cut, ""},
		{"broken", fakeopenai.OpenAI, fakeopenai.After(700, fakeopenai.Break), model.Cut, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := overTCP(t, tt.q, once, tt.fault)
			got, u, err := r.ask(t.Context())
			if len(got) > 64<<10 || u.Tries != 1 || u.TokensIn == 0 && u.Bytes > 0 {
				t.Errorf("%d bytes, usage = %+v", len(got), u)
			}
			if tt.class == "" {
				if err != nil || got != tt.part {
					t.Errorf("reply = %q, %v, want %q", got, err, tt.part)
				}
				return
			}
			wantClass(t, err, tt.class, tt.part)
		})
	}
}

// TestCutAnywhere ends a stream after each of its bytes, in two ways. The reply is
// whole only where its end was there, and never more than what the model wrote.
func TestCutAnywhere(t *testing.T) {
	const want = "好a"
	for _, how := range []fakeopenai.Ending{fakeopenai.Cut, fakeopenai.Break} {
		at, wholes := 0, 0
		for ; wholes <= 20 && at <= 5000; at++ {
			s := fakeopenai.NewInMemory(fakeopenai.VLLM, fakeopenai.Reply(want), fakeopenai.After(at, how))
			o := options(fakeopenai.VLLM, s)
			once(&o)
			m, err := openai.New(o)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			_, err = m.Stream(t.Context(), question, func(piece string) error {
				got += piece
				return nil
			})
			s.Close()
			switch {
			case err == nil && got == want:
				wholes++
			case err == nil || wholes > 0 || got != want[:min(len(got), len(want))]:
				t.Errorf("cut after %d bytes: %q, %v", at, got, err)
			}
		}
		if wholes == 0 || at < 300 {
			t.Errorf("ending %d: %d whole replies of %d", how, wholes, at)
		}
	}
}

// TestRequest compares what is sent.
func TestRequest(t *testing.T) {
	for _, tt := range []struct{ model, want, without string }{
		{"m-1", `"temperature":0 "max_tokens":800 "stream":true "stream_options":map[include_usage:true]`, "max_completion_tokens"},
		{"gpt-5-mini", `"max_completion_tokens":800`, "temperature max_tokens"},
		{"o3", `"max_completion_tokens":800`, "temperature max_tokens"},
		{"gpt-4o", `"max_tokens":800 "temperature":0`, "max_completion_tokens"},
	} {
		t.Run(tt.model, func(t *testing.T) {
			r := overTCP(t, fakeopenai.OpenAI, func(o *openai.Options) { o.Model = tt.model })
			if _, _, err := r.ask(t.Context()); err != nil {
				t.Fatal(err)
			}
			sent := r.Requests()[0]
			for _, field := range strings.Fields(tt.want) {
				name, value, _ := strings.Cut(field, ":")
				if got := fmt.Sprint(sent.Body[strings.Trim(name, `"`)]); got != value {
					t.Errorf("%s = %s, want %s", name, got, value)
				}
			}
			for _, name := range strings.Fields(tt.without) {
				if _, has := sent.Body[name]; has {
					t.Errorf("%s is sent: %v", name, sent.Body[name])
				}
			}
			if sent.System != question.System || sent.User != question.User || sent.Header.Get("Accept-Encoding") != "identity" {
				t.Errorf("sent = %+v", sent)
			}
		})
	}
}

// TestOtherWords: what an endpoint does not take is left out from then on.
func TestOtherWords(t *testing.T) {
	refuse := func(param, message string) fakeopenai.Fault {
		return fakeopenai.Status(400, fmt.Sprintf(`{"error":{"message":%q,"param":%q,"code":"unsupported_parameter"}}`, message, param))
	}
	for _, tt := range []struct {
		name, gone, instead string
		fault               fakeopenai.Fault
	}{
		{"usage", "stream_options", "", refuse("stream_options", "Unknown parameter: 'stream_options'")},
		{"usage without param", "stream_options", "", fakeopenai.Status(422, `{"detail":"stream_options: extra fields not permitted"}`)},
		{"tokens", "max_tokens", "max_completion_tokens", refuse("max_tokens", "Use 'max_completion_tokens' instead")},
		{"temperature", "temperature", "", refuse("temperature", "'temperature' does not support 0 with this model")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := inMemory(t, fakeopenai.OpenAI, once, tt.fault, nil)
			for i := range 2 {
				got, u, err := r.ask(t.Context())
				if got != answer || err != nil || u.Tries != 2-i {
					t.Fatalf("reply = %q, %+v, %v", got, u, err)
				}
				if usageGone := tt.gone == "stream_options"; u.Estimated != usageGone || u.TokensOut != (len(answer)+2)/3 {
					t.Errorf("usage = %+v", u)
				}
			}
			for i, sent := range r.Requests() {
				_, has := sent.Body[tt.gone]
				_, instead := sent.Body[tt.instead]
				if has != (i == 0) || tt.instead != "" && instead != (i > 0) {
					t.Errorf("request %d: %v", i+1, sent.Body)
				}
			}
		})
	}
	t.Run("named by the prompt only", func(t *testing.T) {
		body := `{"error":{"message":"bad","input":"stream_options"},"detail":"stream_options"}`
		r := inMemory(t, fakeopenai.OpenAI, nil, fakeopenai.Status(400, body))
		_, u, err := r.ask(t.Context())
		if wantClass(t, err, model.Refused); u.Tries != 1 {
			t.Errorf("usage = %+v", u)
		}
	})
	t.Run("refused again", func(t *testing.T) {
		r := inMemory(t, fakeopenai.OpenAI, nil, refuse("stream_options", "no stream_options"))
		_, u, err := r.ask(t.Context())
		if wantClass(t, err, model.Refused); u.Tries != 2 {
			t.Errorf("usage = %+v", u)
		}
	})
}

// TestKeyIsHidden: no error, log or printed value has the key, though the endpoint
// says it in all that it says. TestAnswers and others check their errors too.
func TestKeyIsHidden(t *testing.T) {
	for _, q := range []fakeopenai.Quirks{fakeopenai.OpenAI, fakeopenai.Azure} {
		wrong := func(o *openai.Options) { o.APIKey = fakeopenai.Key[:20] + "WRONG" }
		r := overTCP(t, q, wrong)
		_, u, err := r.ask(t.Context())
		failed := wantClass(t, err, model.Unauthorized, "HTTP 401", "check the key")
		if u.Tries != 1 || failed.Tries != 1 || len(r.Requests()) != 1 || u.TokensIn != 0 {
			t.Errorf("usage = %+v after %d requests; a wrong key is not tried again", u, len(r.Requests()))
		}
		if s := r.State(); s.Last != model.Unauthorized {
			t.Errorf("state = %s", s)
		}
	}
	echo := fakeopenai.Status(500, `{"error":{"message":"`+fakeopenai.Key+`","code":"`+fakeopenai.Key+`"}}`)
	r := overTCP(t, fakeopenai.OpenAI, once, echo)
	_, _, err := r.ask(t.Context())
	wantClass(t, err, model.Unavailable)
	o := options(fakeopenai.OpenAI, r.Server)
	m, _ := openai.New(o)
	text := fmt.Sprintf("%v %+v %#v %s %v %+v %#v %s", o, o, o, o, m, m, m, m)
	if strings.Contains(text, fakeopenai.Key[:8]) {
		t.Errorf("the key is printed: %s", text)
	}
	r.Model, _ = openai.New(openai.Options{APIKey: fakeopenai.Key, Model: "m", BaseURL: "http://127.0.0.1:1/v1", Retries: -1})
	_, _, err = r.ask(t.Context())
	wantClass(t, err, model.Unavailable)
}

// TestRedirection: nothing, and no key, goes to another host.
func TestRedirection(t *testing.T) {
	other := fakeopenai.New(fakeopenai.OpenAI, fakeopenai.Reply(answer))
	defer other.Close()
	r := overTCP(t, fakeopenai.OpenAI, nil, fakeopenai.Status(http.StatusPermanentRedirect, "", "Location", other.URL+"/chat/completions"))
	_, _, err := r.ask(t.Context())
	wantClass(t, err, model.NotFound, "has moved to")
	if n := len(other.Requests()); n != 0 {
		t.Errorf("%d requests followed", n)
	}
}

// TestOptions: what cannot be used is refused with its name, and without the key.
func TestOptions(t *testing.T) {
	for part, o := range map[string]openai.Options{
		"Model":             {},
		"Model: it has":     {Model: "a b"},
		"APIKey: it has":    {Model: "m", APIKey: fakeopenai.Key + "\n"},
		"APIKey: it is als": {Model: "m", APIKey: fakeopenai.Key, BaseURL: "https://h/" + fakeopenai.Key},
		"BaseURL":           {Model: "m", BaseURL: "ftp://h"},
		"BaseURL: it has a": {Model: "m", BaseURL: "https://u:" + fakeopenai.Key + "@h"},
		"BaseURL: it ":      {Model: "m", Azure: true, APIVersion: "1"},
		"APIVersion":        {Model: "m", Azure: true, BaseURL: "https://h"},
		"Model: it cannot":  {Model: "a/b", Azure: true, BaseURL: "https://h", APIVersion: "1"},
		"Timeouts":          {Model: "m", Timeouts: openai.Timeouts{Total: -1}},
		"Concurrent":        {Model: "m", Concurrent: -1},
		"Breaker":           {Model: "m", Breaker: openai.Breaker{Failures: -1}},
		"MaxReply":          {Model: "m", MaxReply: -1},
	} {
		_, err := openai.New(o)
		wantClass(t, err, model.BadOptions, part)
	}
	if _, err := openai.NewReranker(openai.Options{Azure: true}); model.ClassOf(err) != model.BadOptions {
		t.Error(err)
	}
}

// TestConnectionIsKept: after a whole reply the connection serves the next call,
// though the endpoint takes its time to end the stream.
func TestConnectionIsKept(t *testing.T) {
	r := overTCP(t, fakeopenai.OpenAI, nil, fakeopenai.Linger(10*time.Millisecond))
	dials := map[string]bool{}
	for range 5 {
		if _, _, err := r.ask(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for _, sent := range r.Requests() {
		dials[sent.From] = true
	}
	if len(dials) == 5 { // on a machine with other work, one may be closed
		t.Errorf("%d connections for 5 calls", len(dials))
	}
}
