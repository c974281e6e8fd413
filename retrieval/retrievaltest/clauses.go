package retrievaltest

import (
	"context"

	"policybot/retrieval"
)

// Clauses returns the leaf clauses of all documents of a library, by id.
func Clauses(ctx context.Context, lib *retrieval.Library) (map[string]retrieval.Clause, error) {
	docs, err := lib.Documents(ctx)
	if err != nil {
		return nil, err
	}
	out := map[string]retrieval.Clause{}
	for _, d := range docs {
		clauses, err := lib.Clauses(ctx, d.ID)
		if err != nil {
			return nil, err
		}
		for _, c := range clauses {
			out[c.ID] = c
		}
	}
	return out, nil
}
