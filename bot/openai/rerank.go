package openai

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"strings"

	"policybot/bot/model"
	"policybot/retrieval/openai/wire"
)

// Reranker asks a model how well texts answer a query, at the address /rerank below
// the base URL, in the form that Jina, vLLM and others have in common:
// https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html#re-rank-api.
// It may be used from several goroutines.
type Reranker struct{ e *endpoint }

var _ model.Reranker = (*Reranker)(nil)

// NewReranker returns a Reranker. It sends nothing yet. The limits of Options hold
// as for a Model, MaxReply for all of the answer; Azure has no rerankers. The error
// is a *model.Error of class BadOptions.
func NewReranker(o Options) (*Reranker, error) {
	if o.Azure {
		return nil, &model.Error{Class: model.BadOptions, Model: wire.Clean(o.Model, o.APIKey), Task: model.Rerank, Detail: "Azure: it has no rerankers"}
	}
	e, err := open(o)
	if err != nil {
		return nil, err
	}
	return &Reranker{e: e}, nil
}

// Name is what the endpoint knows the model by.
func (r *Reranker) Name() string { return r.e.o.Model }

// State says how the endpoint does. It asks nothing.
func (r *Reranker) State() State { return r.e.state() }

// String describes r without the key.
func (r *Reranker) String() string { return r.e.o.String() }

// GoString implements fmt.GoStringer: r without the key.
func (r *Reranker) GoString() string { return r.String() }

// Rerank implements model.Reranker. All texts go out in one request. An answer is
// believed only with one finite score for each text.
func (r *Reranker) Rerank(ctx context.Context, query string, texts []string) ([]float64, error) {
	if len(texts) == 0 {
		return nil, nil
	}
	in := len(texts) * len(query) // a reranker reads the query with each text
	for _, text := range texts {
		in += len(text)
	}
	c := &call{e: r.e, task: model.Rerank, in: in, need: estimate(in)}
	var scores []float64
	c.once = func(ctx context.Context, _ *watch) (err error) {
		scores, err = r.once(ctx, c, query, texts)
		return err
	}
	if _, err := c.run(ctx); err != nil {
		return nil, err
	}
	return scores, nil
}

// once sends one request.
func (r *Reranker) once(ctx context.Context, c *call, query string, texts []string) ([]float64, error) {
	body, err := json.Marshal(map[string]any{
		"model": r.e.o.Model, "query": query, "documents": texts, "top_n": len(texts), "return_documents": false,
	})
	if err != nil {
		return nil, r.e.failed(model.Refused, false, "the request cannot be built: %s", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimRight(r.e.o.BaseURL, "/")+"/rerank", bytes.NewReader(body))
	if err != nil {
		return nil, r.e.failed(model.Refused, false, "the request cannot be built: %s", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	if r.e.o.APIKey != "" {
		req.Header.Set("Authorization", "Bearer "+r.e.o.APIKey)
	}
	x := &exchange{e: r.e, lacks: noUsage | noMaxTokens | noTemperature}
	resp, err := r.e.client.Do(req)
	if err != nil {
		if ctx.Err() != nil { // given up, which the endpoint may count
			c.usage.TokensIn, c.usage.Estimated = c.usage.TokensIn+estimate(c.in), true
		}
		return nil, x.unreached(err)
	}
	defer resp.Body.Close()
	limit := r.e.o.MaxReply + len(texts)*256 // each score with its index and a short name
	answer, err := io.ReadAll(io.LimitReader(resp.Body, int64(limit)+1))
	switch {
	case resp.StatusCode != http.StatusOK:
		return nil, x.refused(resp, answer[:min(len(answer), maxFailure)])
	case err != nil:
		return nil, x.unreached(err)
	case len(answer) > limit:
		return nil, r.e.failed(model.BadAnswer, false, "the answer has more than %d bytes", limit)
	}
	return r.scores(c, answer, len(texts))
}

// scores reads an answer with status 200.
func (r *Reranker) scores(c *call, body []byte, texts int) ([]float64, error) {
	var answer struct {
		Model   string          `json:"model"`
		Error   json.RawMessage `json:"error"`
		Results []struct {
			Index *int     `json:"index"`
			Score *float64 `json:"relevance_score"`
		} `json:"results"`
		Usage struct {
			Total int `json:"total_tokens"`
		} `json:"usage"`
	}
	bad := func(retry bool, format string, values ...any) ([]float64, error) {
		return nil, r.e.failed(model.BadAnswer, retry, format, values...)
	}
	err := json.Unmarshal(body, &answer)
	switch {
	case err != nil:
		return bad(bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")), "the answer is no list of scores: %s", err)
	case answer.Results == nil || wire.IsSet(answer.Error):
		return nil, r.e.reported(http.StatusOK, body)
	case len(answer.Results) != texts:
		return bad(false, "the answer has %d scores for %d texts", len(answer.Results), texts)
	}
	if answer.Model != "" {
		c.usage.Model = r.e.clean(answer.Model)
	}
	c.usage.Bytes, c.usage.Finish = len(body), "stop"
	if answer.Usage.Total > 0 {
		c.usage.TokensIn += answer.Usage.Total
	} else {
		c.usage.TokensIn, c.usage.Estimated = c.usage.TokensIn+estimate(c.in), true
	}
	scores, seen := make([]float64, texts), make([]bool, texts)
	for _, result := range answer.Results {
		switch {
		case result.Index == nil || *result.Index < 0 || *result.Index >= texts || seen[*result.Index]:
			return bad(false, "the answer does not number its scores from 0 to %d, each once", texts-1)
		case result.Score == nil || math.IsNaN(*result.Score) || math.IsInf(*result.Score, 0):
			return bad(false, "a score is no number")
		}
		seen[*result.Index] = true
		scores[*result.Index] = *result.Score
	}
	return scores, nil
}
