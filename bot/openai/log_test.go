package openai_test

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"

	"policybot/bot/model"
	"policybot/bot/openai"
	"policybot/bot/openai/fakeopenai"
)

// TestLog: what failed, and how often, is logged; whole replies and calls that the
// caller ended are not. That no key and no words are in it is checked for each rig.
func TestLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		echo := fakeopenai.Status(503, `{"error":{"message":"`+question.User+`","code":"`+question.System+`"}}`)
		r := inMemory(t, fakeopenai.OpenAI, func(o *openai.Options) { o.Breaker.Failures = 2 }, nil, fakeopenai.Refuse(400, "", "no"), echo)
		for range 3 {
			r.ask(t.Context())
		}
		var got []string
		for line := range strings.Lines(r.log.String()) {
			_, line, _ = strings.Cut(line, "msg=")
			line, _, _ = strings.Cut(line, " took=")
			got = append(got, strings.TrimSpace(line))
		}
		call := ` model=m-1 task=answer prompt=answer.zh@1 class=`
		want := []string{
			`"a model gave no whole reply"` + call + "refused status=400 tries=1 bytes=0",
			`"a model is asked again"` + call + "unavailable status=503 tries=1 bytes=0",
			`"the breaker of a model changed" model=m-1 from=closed to=open`,
			`"a model is asked again"` + call + "unavailable status=503 tries=2 bytes=0",
			`"a model gave no whole reply"` + call + "unavailable status=503 tries=2 bytes=0",
		}
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("logged\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

// TestOptionsInJSON: options can be shown as JSON, without the key.
func TestOptionsInJSON(t *testing.T) {
	text, err := json.Marshal(openai.Options{APIKey: fakeopenai.Key, Model: "m", Ledger: openai.NewLedger()})
	if err != nil || strings.Contains(string(text), fakeopenai.Key[:8]) {
		t.Errorf("%s, %v", text, err)
	}
}

// TestClientTimeout: a time-out of the HTTP client does not cut replies.
func TestClientTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := inMemory(t, fakeopenai.OpenAI, func(o *openai.Options) {
			client := *o.HTTPClient
			client.Timeout = second
			o.HTTPClient = &client
		}, fakeopenai.Trickle(1))
		if got, _, err := r.ask(t.Context()); got != answer || err != nil {
			t.Errorf("reply = %q, %v", got, err)
		}
	})
}

// TestReasoningModels: thinking is no reply, and a model that only thinks gave none.
func TestReasoningModels(t *testing.T) {
	think := `data: {"choices":[{"index":0,"delta":{"reasoning_content":"hm","content":null}}]}` + "\n\n"
	end := `data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}` + "\n\n"
	r := overTCP(t, fakeopenai.DeepSeek, once, fakeopenai.Status(200, think+end, "Content-Type", "text/event-stream"))
	got, _, err := r.ask(t.Context())
	wantClass(t, err, model.BadAnswer, "no text")
	if got != "" {
		t.Errorf("reply = %q", got)
	}
}
