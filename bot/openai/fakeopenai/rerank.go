package fakeopenai

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// rerank answers as vLLM does, the best first:
// https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html#re-rank-api.
// The fake's score is the part of the query's characters that a text has.
func (s *Server) rerank(w http.ResponseWriter, r Request) {
	type result struct {
		Index int     `json:"index"`
		Score float64 `json:"relevance_score"`
	}
	query := fmt.Sprint(r.Body["query"])
	documents, _ := r.Body["documents"].([]any)
	results := []result{}
	for i, document := range documents {
		results = append(results, result{i, Score(query, fmt.Sprint(document))})
	}
	slices.SortStableFunc(results, func(a, b result) int {
		if a.Score > b.Score {
			return -1
		}
		return 1
	})
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{
		"id": "score-1", "model": r.Model, "usage": map[string]int{"total_tokens": 7 * len(documents)}, "results": results,
	}) // at worst the client went away
}

// Score is how the fake reranker judges a text: the part of the characters of the
// query that the text has, 0 to 1; 0 for an empty query.
func Score(query, text string) float64 {
	n, has := 0, 0
	for _, c := range query {
		n++
		if strings.ContainsRune(text, c) {
			has++
		}
	}
	return float64(has) / float64(max(n, 1))
}
