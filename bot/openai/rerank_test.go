package openai_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"policybot/bot/model"
	"policybot/bot/openai"
	"policybot/bot/openai/fakeopenai"
)

var clauses = []string{"本科生租房补贴", "博士每年补贴10万元", "", "博士补贴多少"}

func reranker(t *testing.T, change func(*openai.Options), script ...fakeopenai.Fault) (*openai.Reranker, *fakeopenai.Server) {
	t.Helper()
	s := fakeopenai.NewInMemory(fakeopenai.VLLM, nil, script...)
	t.Cleanup(s.Close)
	o := options(fakeopenai.VLLM, s)
	if change != nil {
		change(&o)
	}
	r, err := openai.NewReranker(o)
	if err != nil {
		t.Fatal(err)
	}
	return r, s
}

// TestRerank: scores come in the order of the texts, whatever that of the answer.
func TestRerank(t *testing.T) {
	l := &ledger{Ledger: openai.NewLedger()}
	r, s := reranker(t, func(o *openai.Options) { o.Ledger = l })
	scores, err := r.Rerank(t.Context(), "博士补贴", clauses)
	if err != nil || len(scores) != len(clauses) {
		t.Fatal(scores, err)
	}
	for i, text := range clauses {
		if want := fakeopenai.Score("博士补贴", text); scores[i] != want {
			t.Errorf("%s: %f, want %f", text, scores[i], want)
		}
	}
	if u := l.entry[0]; u.Task != model.Rerank || u.Usage.TokensIn != 28 || u.Usage.Estimated || u.Usage.Tries != 1 {
		t.Errorf("entered %+v", u)
	}
	if scores, err := r.Rerank(t.Context(), "x", nil); len(scores) != 0 || err != nil || len(s.Requests()) != 1 {
		t.Errorf("no texts: %v, %v", scores, err)
	}
	if r.Name() != "m-1" || r.State().String() != "closed" {
		t.Errorf("%s, %s", r.Name(), r.State())
	}
}

// TestRerankFails: an answer is believed only when it is whole.
func TestRerankFails(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fault fakeopenai.Fault
		tries int
		class model.Class
	}{
		{"too few", fakeopenai.Status(200, `{"results":[{"index":0,"relevance_score":1}]}`), 1, model.BadAnswer},
		{"twice", fakeopenai.Status(200, `{"results":[{"index":0,"relevance_score":1},{"index":0,"relevance_score":1}]}`), 1, model.BadAnswer},
		{"beyond", fakeopenai.Status(200, `{"results":[{"index":0,"relevance_score":1},{"index":2,"relevance_score":1}]}`), 1, model.BadAnswer},
		{"below", fakeopenai.Status(200, `{"results":[{"index":0,"relevance_score":1},{"index":-1,"relevance_score":1}]}`), 1, model.BadAnswer},
		{"no index", fakeopenai.Status(200, `{"results":[{"relevance_score":1},{"index":1,"relevance_score":1}]}`), 1, model.BadAnswer},
		{"no score", fakeopenai.Status(200, `{"results":[{"index":0},{"index":1,"relevance_score":1}]}`), 1, model.BadAnswer},
		{"null", fakeopenai.Status(200, `{"results":[{"index":0,"relevance_score":null},{"index":1,"relevance_score":1}]}`), 1, model.BadAnswer},
		{"infinite", fakeopenai.Status(200, `{"results":[{"index":0,"relevance_score":1e999},{"index":1,"relevance_score":1}]}`), 3, model.BadAnswer},
		{"HTML", fakeopenai.HTML(), 1, model.BadAnswer},
		{"too large", fakeopenai.Status(200, `{"results":[`+string(make([]byte, 1<<20))), 1, model.BadAnswer},
		{"report", fakeopenai.Status(200, `{"error":{"code":"1302"}}`), 3, model.RateLimited},
		{"401", fakeopenai.Refuse(401, "", fakeopenai.Key), 1, model.Unauthorized},
		{"503", fakeopenai.Refuse(503, "", "busy"), 3, model.Unavailable},
		{"redirection", fakeopenai.Status(307, "", "Location", "/v2/rerank"), 1, model.NotFound},
		{"hang", fakeopenai.Hang(), 1, model.Slow},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, s := reranker(t, nil, tt.fault)
				scores, err := r.Rerank(t.Context(), "博士", clauses[:2])
				failed := wantClass(t, err, tt.class)
				if scores != nil || failed.Tries != tt.tries || len(s.Requests()) != tt.tries || failed.Task != model.Rerank {
					t.Errorf("scores %v, %+v", scores, failed)
				}
			})
		})
	}
	t.Run("cancelled", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r, s := reranker(t, nil, fakeopenai.Hang())
			ctx, cancel := context.WithTimeout(t.Context(), second)
			defer cancel()
			start := time.Now()
			_, err := r.Rerank(ctx, "博士", clauses)
			if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != second {
				t.Errorf("%v after %s", err, time.Since(start))
			}
			<-s.Left()
		})
	})
	r, _ := reranker(t, func(o *openai.Options) { o.DailyTokens = openai.Fixed(5) })
	_, err := r.Rerank(t.Context(), "博士", clauses)
	wantClass(t, err, model.Budget)
}
