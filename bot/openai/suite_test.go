package openai_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"policybot/bot/model"
	"policybot/bot/model/modeltest"
	"policybot/bot/openai"
	"policybot/bot/openai/fakeopenai"
)

var question = model.Request{Task: model.Answer, Prompt: "answer.zh@1", System: "只用条款回答", User: "博士补贴多少？", MaxTokens: 800}

const answer = "新引进博士每年补贴10万元😀。"

// A rig is a model at a fake endpoint, and what it logged.
type rig struct {
	*openai.Model
	*fakeopenai.Server
	log *bytes.Buffer
}

// options are those for a fake.
func options(q fakeopenai.Quirks, s *fakeopenai.Server) openai.Options {
	o := openai.Options{APIKey: fakeopenai.Key, BaseURL: s.URL, Model: "m-1", HTTPClient: s.Client}
	if q == fakeopenai.Azure {
		o.Azure, o.APIVersion = true, "2024-10-21"
	}
	return o
}

// inMemory is a rig without a network; change may be nil.
func inMemory(t *testing.T, q fakeopenai.Quirks, change func(*openai.Options), script ...fakeopenai.Fault) *rig {
	t.Helper()
	return build(t, q, fakeopenai.NewInMemory(q, fakeopenai.Reply(answer), script...), change)
}

// overTCP is a rig with real connections.
func overTCP(t *testing.T, q fakeopenai.Quirks, change func(*openai.Options), script ...fakeopenai.Fault) *rig {
	t.Helper()
	return build(t, q, fakeopenai.New(q, fakeopenai.Reply(answer), script...), change)
}

func build(t *testing.T, q fakeopenai.Quirks, s *fakeopenai.Server, change func(*openai.Options)) *rig {
	t.Helper()
	r := &rig{Server: s, log: &bytes.Buffer{}}
	t.Cleanup(func() {
		s.Close()
		text := r.log.String()
		for _, secret := range []string{fakeopenai.Key[:10], fakeopenai.Key[10:], "博士", "只用条款"} {
			if strings.Contains(text, secret) {
				t.Errorf("the log has %q: %s", secret, text)
			}
		}
	})
	o := options(q, s)
	o.Log = slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if change != nil {
		change(&o)
	}
	m, err := openai.New(o)
	if err != nil {
		t.Fatal(err)
	}
	r.Model = m
	return r
}

// ask returns the reply until its error.
func (r *rig) ask(ctx context.Context) (string, model.Usage, error) {
	var b strings.Builder
	u, err := r.Stream(ctx, question, func(piece string) error {
		b.WriteString(piece)
		return nil
	})
	return b.String(), u, err
}

// wantClass checks an error: its class, and that it is one line without the key.
func wantClass(t *testing.T, err error, class model.Class, parts ...string) *model.Error {
	t.Helper()
	failed, ok := errors.AsType[*model.Error](err)
	if !ok {
		t.Fatalf("error = %v, want a *model.Error of class %s", err, class)
	}
	text := err.Error()
	if failed.Class != class {
		t.Errorf("class = %s, want %s: %s", failed.Class, class, text)
	}
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("error = %q, want %q in it", text, part)
		}
	}
	for i := 0; i+8 <= len(fakeopenai.Key); i++ {
		if strings.Contains(text+failed.Code+failed.Model, fakeopenai.Key[i:i+8]) {
			t.Errorf("the error has part of the key: %q", text)
		}
	}
	if strings.ContainsAny(text, "\n\r\x00") || len([]rune(failed.Detail)) > 201 {
		t.Errorf("the error is long, or not one line: %q", text)
	}
	return failed
}

// TestModel runs the laws of every model over each provider.
func TestModel(t *testing.T) {
	for _, q := range fakeopenai.All() {
		t.Run(string(q), func(t *testing.T) {
			modeltest.Run(t, func(reply string) model.Model {
				s := fakeopenai.New(q, fakeopenai.Reply(reply))
				t.Cleanup(s.Close)
				o := options(q, s)
				o.Retries = -1
				m, err := openai.New(o)
				if err != nil {
					t.Fatal(err)
				}
				return m
			})
		})
	}
}

// TestProviders asks each provider in each way of writing, and compares what it
// got and what it took.
func TestProviders(t *testing.T) {
	ways := map[string]fakeopenai.Fault{
		"plain":      nil,
		"odd":        fakeopenai.Odd(),
		"whole":      fakeopenai.Whole(),
		"no [DONE]":  fakeopenai.NoDone(),
		"keep-alive": fakeopenai.KeepAlive(500, 0),
		"odd, keep-alive and slow": fakeopenai.Both(fakeopenai.Odd(), fakeopenai.KeepAlive(3, time.Millisecond),
			fakeopenai.Trickle(1000)),
	}
	for _, q := range fakeopenai.All() {
		for name, way := range ways {
			t.Run(string(q)+", "+name, func(t *testing.T) {
				r := overTCP(t, q, nil, way)
				got, u, err := r.ask(t.Context())
				if got != answer || err != nil {
					t.Fatalf("reply = %q, %v", got, err)
				}
				in := (len(question.System) + len(question.User) + 2) / 3
				if u.TokensIn != in || u.TokensOut != (len(answer)+2)/3 || u.Estimated || u.Finish != "stop" || u.Model != "m-1" || u.Tries != 1 {
					t.Errorf("usage = %+v", u)
				}
				if s := r.State().String(); s != "closed" {
					t.Errorf("state = %s", s)
				}
			})
		}
	}
}

func TestLedger(t *testing.T) {
	modeltest.RunLedger(t, func(*testing.T) model.Ledger { return openai.NewLedger() })
}
