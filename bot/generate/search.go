package generate

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"policybot/bot/model"
	"policybot/prompts/task"
	"policybot/retrieval"
)

// Limits of the words that a model proposes.
const (
	maxWords = 8
	maxWord  = 40 // characters
)

// Rewrite asks the model for words to search for. They are words of the model's: they
// may find clauses and may not be shown. None come back when the model fails, which
// the call tells.
func (g *Generator) Rewrite(ctx context.Context, lang string, history []task.Turn, question string) ([]string, Call) {
	ctx, cancel := context.WithTimeout(ctx, searchTime(g))
	defer cancel()
	f := g.frame(0)
	p := g.prompts().Rewrite(lang, task.Rewrite{Frame: f.Frame, History: history, Question: question})
	var r struct {
		Words []string `json:"words"`
	}
	call := g.object(ctx, model.Rewrite, p, f, &r)
	var words []string
	for _, w := range r.Words {
		w = plainText(w)
		if n := utf8.RuneCountInString(w); n > 1 && n <= maxWord && !f.leaks(w) && !slices.Contains(words, w) && len(words) < maxWords {
			words = append(words, w)
		}
	}
	return words, call
}

// Rerank puts clauses in the order of how well they answer, by the Reranker or, without one,
// by the model. It returns all of their indexes once: those that were not named come
// last, in their order. An order that cannot be had is that of the clauses.
func (g *Generator) Rerank(ctx context.Context, lang, question string, clauses []retrieval.Clause) ([]int, Call) {
	ctx, cancel := context.WithTimeout(ctx, searchTime(g))
	defer cancel()
	if g.Reranker != nil {
		return g.rerankByScore(ctx, question, clauses)
	}
	f := g.frame(len(clauses))
	p := g.prompts().Rerank(lang, task.Rerank{Frame: f.Frame, Clauses: f.clauses(clauses), Question: question})
	var r struct {
		Order []string `json:"order"`
	}
	call := g.object(ctx, model.Rerank, p, f, &r)
	var order []int
	for _, h := range r.Order {
		if i, ok := f.index(h); ok && !slices.Contains(order, i) {
			order = append(order, i)
		}
	}
	return completed(order, len(clauses)), call
}

func (g *Generator) rerankByScore(ctx context.Context, question string, clauses []retrieval.Clause) ([]int, Call) {
	texts := make([]string, len(clauses))
	for i, c := range clauses {
		texts[i] = strings.Join(append(slices.Clone(c.Parents), c.Text), "\n")
	}
	call := Call{Task: model.Rerank}
	scores, err := g.Reranker.Rerank(ctx, question, texts)
	if err != nil || len(scores) != len(texts) {
		call.failed(err)
		return completed(nil, len(clauses)), call
	}
	order := completed(nil, len(clauses))
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	return order, call
}

// completed adds the indexes below n that an order lacks.
func completed(order []int, n int) []int {
	for i := range n {
		if !slices.Contains(order, i) {
			order = append(order, i)
		}
	}
	return order
}

// searchTime is how long the search may wait for a model: a third of the time of an
// answer.
func searchTime(g *Generator) time.Duration { return cmp.Or(g.Timeout, DefaultTimeout) / 3 }

// object asks for a reply that is one object of JSON.
func (g *Generator) object(ctx context.Context, name string, p task.Prompt, f frame, into any) Call {
	call := Call{Task: name, Prompt: p.ID, Seed: f.seed}
	done := false
	objects := objectReader{take: func(text string) error {
		if !done {
			done = json.Unmarshal([]byte(text), into) == nil
		}
		return nil
	}}
	var err error
	call.Usage, err = g.Model.Stream(ctx, request(name, p), func(piece string) error {
		call.Reply += piece[:min(len(piece), maxLine-len(call.Reply))]
		if len(call.Reply) == maxLine {
			return errEnough
		}
		return objects.write(piece)
	})
	call.failed(err)
	return call
}
