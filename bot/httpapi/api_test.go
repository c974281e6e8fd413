package httpapi

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"policybot/bot/channel"
)

// TestInternalsStayInside: an error of the service is logged, and the caller learns nothing of it.
func TestInternalsStayInside(t *testing.T) {
	f := tableFake()
	f.fail, f.broken = errDisk, errDisk
	log, text := logged()
	a := start(t, f, Options{Log: log})
	for _, r := range []*http.Request{
		request("POST", "/api/v1/ask", `{"question":"绿灯"}`),
		request("GET", "/api/v1/answers/done", ""),
		request("DELETE", "/api/v1/answers/done", ""),
		request("GET", "/api/v1/cases", ""),
	} {
		text.Reset()
		w := send(a, r)
		if w.Code != 503 || w.Header().Get("Retry-After") != "5" || strings.Contains(w.Body.String(), "disk") {
			t.Errorf("%s %s: status %d, body %s", r.Method, r.URL, w.Code, w.Body)
		}
		if !strings.Contains(text.String(), errDisk.Error()) {
			t.Errorf("%s %s: the log %q does not say why", r.Method, r.URL, text)
		}
	}
}

func TestPanics(t *testing.T) {
	f := newFake()
	log, text := logged()
	a := start(t, f, Options{Log: log})
	f.then = func(channel.Event, string) { panic("secret") }
	w := send(a, request("POST", "/api/v1/ask", `{"question":"绿灯"}`, "Accept-Language", "zh"))
	wantReply(t, w, 500, `{"error":"服务出错，已记入日志。"}`)
	if !strings.Contains(text.String(), "panic=secret") || !strings.Contains(text.String(), "fake_test.go") {
		t.Errorf("the log %q does not say where", text)
	}
}

// TestPanicWithinAReply: a reply that has begun is cut off, so that nobody takes it for whole.
func TestPanicWithinAReply(t *testing.T) {
	for _, cause := range []any{"secret", http.ErrAbortHandler} {
		log, _ := logged()
		a := New(Options{Answers: newFake(), Log: log})
		a.handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("{"))
			panic(cause)
		})
		func() {
			defer func() {
				if err, ok := recover().(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
					t.Errorf("after %v the connection is not cut off", cause)
				}
			}()
			send(a, request("GET", "/api/v1/cases", ""))
		}()
	}
}

func TestNewNeedsAnswers(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("New without Answers does not panic")
		}
	}()
	New(Options{})
}

func TestWithoutDesk(t *testing.T) {
	a := New(Options{Answers: newFake()})
	wantReply(t, send(a, request("GET", "/api/v1/cases", "")), 404, `{"error":"There is no such address."}`)
}

// TestServiceWithoutID: a service that gives a question no id is a mistake of ours, which is logged.
func TestServiceWithoutID(t *testing.T) {
	log, text := logged()
	a := New(Options{Answers: newFake(), Log: log})
	run(t, a, func(context.Context, channel.Event) (channel.Accepted, error) { return channel.Accepted{}, nil })
	w := send(a, request("POST", "/api/v1/ask", `{"question":"绿灯"}`))
	if w.Code != 503 || !strings.Contains(text.String(), "no id") {
		t.Errorf("status %d, log %q", w.Code, text)
	}
}

// TestMessages: every sentence is used, exists in both languages, and takes the same values in both.
func TestMessages(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var source strings.Builder
	for _, file := range files {
		if text, err := os.ReadFile(file); err == nil && !strings.HasSuffix(file, "_test.go") && file != "messages.go" {
			source.Write(text)
		}
	}
	verb := regexp.MustCompile(`%[a-z]`)
	for name, m := range messages {
		if !strings.Contains(source.String(), `"`+name+`"`) {
			t.Errorf("%s is not used", name)
		}
		if diff := cmp.Diff(verb.FindAllString(m.zh, -1), verb.FindAllString(m.en, -1)); diff != "" {
			t.Errorf("%s takes different values:\n%s", name, diff)
		}
		if !strings.HasSuffix(m.zh, "。") || !strings.HasSuffix(m.en, ".") {
			t.Errorf("%s is no sentence in both languages", name)
		}
	}
}

// TestQuestionLaws: a body that was read is read again as the same.
func TestQuestionLaws(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		body := map[string]any{
			"id":       rapid.StringMatching(`[A-Za-z0-9_-]{1,64}`).Draw(rt, "id"),
			"question": rapid.String().Draw(rt, "question"),
			"lang":     rapid.SampledFrom([]string{"zh", "en"}).Draw(rt, "lang"),
			"history": []channel.Turn{
				{Role: rapid.SampledFrom([]string{"user", "assistant"}).Draw(rt, "role"), Text: rapid.String().Draw(rt, "text")},
			},
		}
		q, err := parseQuestion(encode(body))
		if err != nil {
			rt.Fatal(err)
		}
		got := map[string]any{"id": q.ID, "question": q.Text, "lang": q.Lang, "history": q.History}
		if diff := cmp.Diff(body, got); diff != "" {
			rt.Fatalf("read otherwise (-want +got):\n%s", diff)
		}
	})
}

// FuzzQuestion: any bytes give a question of sound parts or one sentence.
func FuzzQuestion(f *testing.F) {
	for _, seed := range []string{
		``, `{}`, `null`, "\xff", `{"question":"\ud800"}`, "\ufeff{\"question\":\"绿灯\"}", `{"question":"a","question":1}`,
		`{"id":".","question":"a","history":[{"role":"user","text":"b"}],"as_of":"2024-02-29","profile":{"a":null},"lang":"zh"}`,
		`{"question":"a","history":[null]}`, strings.Repeat("[", 20000), `{"question":"` + "\xed\xa0\x80" + `"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		q, err := parseQuestion(body)
		if err != nil {
			p, ok := errors.AsType[*requestError](err)
			if !ok || p.status != 400 || strings.Contains(err.Error(), "%!") || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %v, want one sentence with status 400", err)
			}
			return
		}
		if !utf8.ValidString(q.Text) || q.ID != "" && !wishedID.MatchString(q.ID) || q.ID == "." || q.Lang != "" && q.Lang != "zh" && q.Lang != "en" {
			t.Errorf("question %+v", q)
		}
		for _, turn := range q.History {
			if turn.Role != channel.User && turn.Role != channel.Assistant || !utf8.ValidString(turn.Text) {
				t.Errorf("turn %+v", turn)
			}
		}
	})
}

func TestBodyMustBeUTF8(t *testing.T) {
	a := start(t, newFake(), Options{})
	gbk := "{\"question\":\"\xc2\xcc\xb5\xc6\"}"
	wantReply(t, send(a, request("POST", "/api/v1/ask", gbk)), 400, `{"error":"The body must be UTF-8."}`)
	if w := send(a, request("POST", "/api/v1/ask", "\ufeff"+`{"question":"绿灯"}`)); w.Code != 200 {
		t.Errorf("with a byte order mark: status %d", w.Code)
	}
}
