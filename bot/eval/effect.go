package eval

import (
	"context"
	"fmt"

	"policybot/bot"
	"policybot/retrieval"
)

// A Moved is a gold whose rank an index entry, or another change of a library, would change. The JSON keys are stable.
type Moved struct {
	Question string `json:"question"` // id
	Text     string `json:"text"`     // as the person typed it
	File     string `json:"file"`     // of the gold
	Clause   string `json:"clause"`   // path of the gold
	Before   int    `json:"before"`   // rank from 1; 0: not among the first EffectDepth
	After    int    `json:"after"`
}

// Falls reports whether the gold would stand further down.
func (m Moved) Falls() bool { return m.Before > 0 && (m.After == 0 || m.After > m.Before) }

// EffectDepth is how many clauses are looked through for golds by [Effect].
const EffectDepth = 20

// Effect tells which golds of a question set would change their rank if an index entry
// were made, before it is made, in the order of the questions; none when nothing changes.
// Nothing is stored. The error is that of [retrieval.Library.Try], of a search or of the
// context.
func Effect(ctx context.Context, desk *bot.Desk, entry retrieval.Taught, questions []Question) ([]Moved, error) {
	trial, err := desk.Library.Try(ctx, entry)
	if err != nil {
		return nil, fmt.Errorf("effect of an index entry: %w", err)
	}
	with := &bot.Desk{Library: trial, Now: desk.Now}
	out := []Moved{}
	for _, q := range questions {
		if len(q.Gold) == 0 {
			continue
		}
		after, err := with.Search(ctx, q.Ask(), EffectDepth)
		if err != nil {
			return nil, fmt.Errorf("effect on question %s: %w", q.ID, err)
		}
		if len(after.Hits) == 0 || after.Hits[0].Why.Taught == nil {
			continue // no entry acts, so that this one changes nothing
		}
		before, err := desk.Search(ctx, q.Ask(), EffectDepth)
		if err != nil {
			return nil, fmt.Errorf("effect on question %s: %w", q.ID, err)
		}
		out = append(out, moved(q, before.Hits, after.Hits)...)
	}
	return out, nil
}

// Compared tells which golds of a question set stand elsewhere when one library answers
// instead of another, in the order of the questions; none when all stand where they did. The
// error is that of a search or of the context.
func Compared(ctx context.Context, before, after *bot.Desk, questions []Question) ([]Moved, error) {
	out := []Moved{}
	for _, q := range questions {
		if len(q.Gold) == 0 {
			continue
		}
		was, err := before.Search(ctx, q.Ask(), EffectDepth)
		if err != nil {
			return nil, fmt.Errorf("compare question %s: %w", q.ID, err)
		}
		is, err := after.Search(ctx, q.Ask(), EffectDepth)
		if err != nil {
			return nil, fmt.Errorf("compare question %s: %w", q.ID, err)
		}
		out = append(out, moved(q, was.Hits, is.Hits)...)
	}
	return out, nil
}

// moved compares where the golds of a question stand.
func moved(q Question, before, after []retrieval.Hit) []Moved {
	var out []Moved
	for _, gold := range q.Gold {
		m := Moved{Question: q.ID, Text: q.Text, File: gold.File, Clause: gold.Clause, Before: rankOf(gold, before), After: rankOf(gold, after)}
		if m.Before != m.After {
			out = append(out, m)
		}
	}
	return out
}

// rankOf is the rank of the first clause that holds a gold, from 1; 0 for none.
func rankOf(gold Gold, hits []retrieval.Hit) int {
	for i, h := range hits {
		if holds(h.Clause, gold) {
			return i + 1
		}
	}
	return 0
}
