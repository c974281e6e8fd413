package eval

import (
	"context"
	"fmt"

	"policybot/bot"
	"policybot/retrieval"
)

// Depth is the number of clauses that [Run] retrieves for a question.
const Depth = 10

// An Ask answers a question and may explain the answer: with the zero
// explanation, Verdict.Why stays nil.
type Ask func(context.Context, bot.Question) (bot.Answer, bot.Explanation, error)

// Run asks every question in order, one at a time, and judges the answers.
//
// Where search is given, it also retrieves the first [Depth] clauses for each
// question with gold and reports where the golds stood; a nil search leaves
// Report.Retrieval and the other figures of retrieval nil. Where progress is given, it is called after each
// question with its verdict.
//
// The first error of ask or search, or of the context, ends the run: it is
// returned, naming the question, together with the report on the questions
// before it. An answer with the outcome failed is no error but a miss.
func Run(
	ctx context.Context, questions []Question, ask Ask,
	search func(ctx context.Context, q bot.Question, k int) ([]retrieval.Clause, error),
	progress func(Verdict),
) (Report, error) {
	verdicts := []Verdict{}
	report := func() Report { return newReport(verdicts, search != nil) }
	for _, q := range questions {
		if err := ctx.Err(); err != nil {
			return report(), fmt.Errorf("question %s: %w", q.ID, err)
		}
		answer, why, err := ask(ctx, q.Ask())
		if err != nil {
			return report(), fmt.Errorf("question %s: %w", q.ID, err)
		}
		verdict := Judge(q, answer)
		verdict.explain(q, answer, why)
		verdict.Written = written(answer, why)
		if search != nil && len(q.Gold) > 0 {
			clauses, err := search(ctx, q.Ask(), Depth)
			if err != nil {
				return report(), fmt.Errorf("question %s: search: %w", q.ID, err)
			}
			rankGolds(&verdict, q.Gold, clauses)
		}
		verdicts = append(verdicts, verdict)
		if progress != nil {
			progress(verdict)
		}
	}
	return report(), nil
}

// rankGolds notes the rank of the first clause that holds each gold.
func rankGolds(v *Verdict, golds []Gold, clauses []retrieval.Clause) {
	for i, gold := range golds {
		for rank, clause := range clauses {
			if holds(clause, gold) {
				v.Golds[i].Rank = rank + 1
				break
			}
		}
	}
}
