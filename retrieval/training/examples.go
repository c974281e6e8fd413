package training

import (
	"context"
	"slices"

	"policybot/retrieval"
	"policybot/retrieval/embed"
	"policybot/retrieval/ranker"
	"policybot/retrieval/vector"
)

// Index returns the lexical index of passages, of which those of a document are
// together.
func Index(passages []retrieval.Passage) *retrieval.Lexical {
	b := retrieval.NewLexicalBuilder()
	for _, p := range passages {
		b.Add(p)
	}
	return b.Build()
}

// Answers returns the embedded texts of the clauses that answer each question,
// for an oracle.
func Answers(ctx context.Context) (map[string][]string, error) {
	set, err := Clauses(ctx, nil)
	if err != nil {
		return nil, err
	}
	texts := map[string]string{}
	for _, p := range set.Passages {
		texts[p.ID] = p.Embedded()
	}
	out := map[string][]string{}
	for _, q := range set.Questions {
		for _, id := range q.Gold {
			out[q.Text] = append(out[q.Text], texts[id])
		}
	}
	return out, nil
}

// Examples returns an example for the ranker a question, in their order.
func Examples(x *retrieval.Lexical, questions []Question) []ranker.Example {
	out := make([]ranker.Example, 0, len(questions))
	for _, q := range questions {
		e := ranker.Example{Judged: len(q.Gold)}
		for _, m := range x.Rank(retrieval.Query{Text: q.Text}) {
			e.Signals = append(e.Signals, m.Signals)
			e.Relevant = append(e.Relevant, slices.Contains(q.Gold, m.ID))
		}
		out = append(out, e)
	}
	return out
}

// Embed returns the vectors of passages by their ids, in their order. The error
// is the embedder's.
func Embed(ctx context.Context, e embed.Embedder, passages []retrieval.Passage) ([]vector.Entry, error) {
	texts := make([]string, len(passages))
	for i, p := range passages {
		texts[i] = p.Embedded()
	}
	vectors, err := e.Embed(ctx, embed.Passage, texts)
	if err != nil {
		return nil, err
	}
	entries := make([]vector.Entry, len(vectors))
	for i, v := range vectors {
		entries[i] = vector.Entry{ID: passages[i].ID, Vector: v}
	}
	return entries, nil
}
