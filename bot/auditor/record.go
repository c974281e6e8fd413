package auditor

import (
	"encoding/json"
	"strings"
)

// record: G10. The stored record has what the answer was made from.
func (a *audit) record() {
	var log any
	if err := json.Unmarshal(a.Log, &log); err != nil {
		a.bad("G10", "the record cannot be decoded: %v", err)
		return
	}
	fields := map[string][]any{}
	collect(log, fields, 0)
	need := func(what string, names ...string) {
		for _, n := range names {
			for _, v := range fields[n] {
				if !void(v) {
					return
				}
			}
		}
		a.bad("G10", "the record lacks %s", what)
	}
	need("the question", "question", "understanding")
	need("the fingerprint of the library", "library", "library_hash", "fingerprint")
	if !has(fields["library"], a.Library) && !has(fields["fingerprint"], a.Library) {
		a.bad("G10", "the record is of another library than the answer")
	}
	a.scored(log)
	if a.Mode == "generative" {
		need("the prompt", "prompt", "prompt_id", "prompt_hash")
		need("the model", "model", "model_id")
		need("what the model said", "raw", "raw_output", "output", "completion", "reply")
		need("the verdicts", "verdicts", "checks")
	}
}

// scored: each cited clause was found with a score.
func (a *audit) scored(log any) {
	ids := map[string]bool{}
	scores(log, ids, 0)
	if len(ids) == 0 && a.Outcome == "answered" {
		a.bad("G10", "the record lacks the clauses found, with scores")
	}
	for _, c := range a.Citations {
		if !ids[c.Clause.ID] {
			a.bad("G10", "the record has no score for %s", c.Clause.ID)
		}
	}
}

const deepest = 60 // levels of JSON that a record may have

// collect gathers every value by the name of its field. The answer itself,
// which a record may hold, says nothing about how it was made.
func collect(v any, into map[string][]any, depth int) {
	if depth > deepest {
		return
	}
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			if k == "answer" {
				continue
			}
			into[strings.ToLower(k)] = append(into[strings.ToLower(k)], x)
			collect(x, into, depth+1)
		}
	case []any:
		for _, x := range v {
			collect(x, into, depth+1)
		}
	}
}

// scores gathers the clause ids that stand beside a number named score.
func scores(v any, into map[string]bool, depth int) {
	if depth > deepest {
		return
	}
	switch v := v.(type) {
	case map[string]any:
		if _, ok := v["score"].(float64); ok {
			for _, key := range []string{"clause", "id", "clause_id"} {
				if id, ok := v[key].(string); ok {
					into[id] = true
				}
			}
		}
		for k, x := range v {
			if k != "answer" {
				scores(x, into, depth+1)
			}
		}
	case []any:
		for _, x := range v {
			scores(x, into, depth+1)
		}
	}
}

func void(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return strings.TrimSpace(v) == ""
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}

func has(values []any, want string) bool {
	for _, v := range values {
		if s, ok := v.(string); ok && s == want && want != "" {
			return true
		}
	}
	return false
}
