package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"policybot/bot"
	"policybot/bot/terminal"
	"policybot/bot/understand"
	"policybot/retrieval"
)

type searchCmd struct {
	Query []string `arg:"" optional:"" help:"要找的内容 · what to find"`
	JSON  bool     `name:"json" help:"输出 JSON · print JSON"`
	K     int      `short:"k" default:"10" help:"条款数 · number of clauses"`
	Batch string   `help:"逐行检索文件里的问题，- 为标准输入 · search for the lines of a file, - is standard input" placeholder:"FILE"`
}

// searchResult is the JSON form of a search.
type searchResult struct {
	ID     string      `json:"id"`
	Hits   []searchHit `json:"hits"`
	Reason string      `json:"reason,omitempty"` // why nothing was searched for: too_long

	found []retrieval.Hit
}

type searchHit struct {
	Clause retrieval.Clause `json:"clause"`
	Score  float64          `json:"score"`
	Why    retrieval.Why    `json:"why"`
}

// Run searches for one query, or for each line of a batch.
func (c *searchCmd) Run(ctx context.Context, a *app) error {
	if (len(c.Query) > 0) == (c.Batch != "") {
		return usageError{errors.New(a.msg("question_or"))}
	}
	if c.K < 1 || c.K > 1000 {
		return usageError{errors.New(a.msg("k_bad", c.K))}
	}
	desk, done, err := a.desk(ctx)
	if err != nil {
		return err
	}
	defer done()
	if c.Batch != "" {
		return a.eachLine(c.Batch, func(q bot.Question) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			r, err := c.search(ctx, a, desk, q)
			if err != nil {
				return err
			}
			return a.printJSON(r)
		})
	}
	r, err := c.search(ctx, a, desk, bot.Question{Text: strings.Join(c.Query, " "), Lang: a.lang})
	if err != nil {
		return err
	}
	if c.JSON {
		return a.printJSON(r)
	}
	s := a.screen()
	switch {
	case r.Reason != "":
		s.Print(a.msg("query_long", bot.MaxQuestion))
	case len(r.found) == 0:
		s.Print(a.msg("no_hits"))
	default:
		s.Hits(shown(r.found, nil), a.lang)
	}
	return s.Err()
}

// search finds clauses for one query; for one that no question may be as long as,
// nothing is looked up.
func (c *searchCmd) search(ctx context.Context, a *app, desk *bot.Desk, q bot.Question) (searchResult, error) {
	q, long := readable(q)
	if long {
		return searchResult{ID: q.ID, Hits: []searchHit{}, Reason: bot.ReasonTooLong}, nil
	}
	found, err := desk.Search(ctx, q, c.K)
	if err != nil {
		return searchResult{}, err
	}
	a.degraded(found.Degraded)
	r := searchResult{ID: q.ID, Hits: []searchHit{}, found: found.Hits}
	for _, h := range found.Hits {
		r.Hits = append(r.Hits, searchHit{h.Clause, h.Score, h.Why})
	}
	return r, nil
}

// shown prepares hits for the screen; notes add a line to the hit of their index.
func shown(hits []retrieval.Hit, notes []string) []terminal.Hit {
	var out []terminal.Hit
	for i, h := range hits {
		t := terminal.Hit{Clause: h.Clause, Score: h.Score}
		if notes != nil {
			t.Why = append(t.Why, notes[i])
		}
		out = append(out, t)
	}
	return out
}

// explanation prints how a question was read and why its clauses ranked.
func (a *app) explanation(s *terminal.Screen, x bot.Explanation) {
	s.Print(strings.Join(append([]string{"", a.msg("x_read")}, a.reading(x.Understanding)...), "\n"))
	if len(x.Evidence.Sides) == 0 { // nothing was looked up
		return
	}
	if about := a.concepts(x.Evidence); len(about) > 0 {
		s.Print(strings.Join(append([]string{"", a.msg("x_concepts")}, about...), "\n"))
	}
	s.Print("\n" + a.msg("x_hits"))
	var hits []retrieval.Hit
	var notes []string
	for _, h := range x.Hits[:min(len(x.Hits), 10)] {
		mark := " "
		if h.Cited {
			mark = "*"
		}
		hits = append(hits, h.Hit)
		notes = append(notes, fmt.Sprintf("%s %s · %s · BM25 %.2f + %.2f: %s", mark, a.msg("x_coverage", 100*h.Coverage), a.signals(h.Why),
			h.Why.Clause, h.Why.Document, words(h.Why)))
	}
	s.Hits(shown(hits, notes), a.lang)
}

// reading lists what a question names and asks for; what it does not is left out.
func (a *app) reading(u understand.Understanding) []string {
	var out []string
	add := func(name string, words ...string) {
		if words = slices.DeleteFunc(words, func(w string) bool { return w == "" }); len(words) > 0 {
			out = append(out, "- "+name+": "+strings.Join(words, " "))
		}
	}
	add(a.msg("x_language"), u.Lang)
	var intents, held, meant []string
	for _, i := range u.Intents {
		intents = append(intents, string(i))
	}
	add(a.msg("x_intent"), append(intents, string(u.Kind))...)
	for _, p := range u.Places {
		name := p.Name
		if p.Asker {
			name += a.msg("x_asker")
		}
		if p.Held {
			held = append(held, name)
		}
	}
	add(a.msg("x_places"), held...)
	add(a.msg("x_others"), u.Others()...)
	for _, d := range u.Documents {
		meant = append(meant, fmt.Sprintf("%s (%s)", d.ID, strings.Join(d.Words, ", ")))
	}
	add(a.msg("x_meant"), meant...)
	add(a.msg("x_missing"), u.Missing...)
	add(a.msg("x_as_of"), u.AsOf)
	add(a.msg("x_follows"), u.Inherited...)
	add(a.msg("x_context"), u.Query.Context...)
	add(a.msg("x_removed"), u.Removed...)
	return out
}

// concepts lists what a question is about, with the other words that were looked for.
func (a *app) concepts(e *bot.Evidence) []string {
	var out []string
	for _, side := range e.Sides {
		for _, c := range side.Concepts {
			line := fmt.Sprintf("- %s %.2f", c.Text, c.Weight)
			if c.Unknown {
				line += " (" + a.msg("x_unknown") + ")"
			}
			for i, f := range c.Forms[:min(len(c.Forms), 6)] {
				line += map[bool]string{true: " → ", false: ", "}[i == 0] + f.Text + fmt.Sprintf(" %.2f", f.Weight)
			}
			out = append(out, line)
		}
	}
	return out
}

// signals lists what adds most to a score.
func (a *app) signals(w retrieval.Why) string {
	var out []string
	for _, p := range w.Signals[:min(len(w.Signals), 5)] {
		if math.Abs(p.Part) < 0.005 {
			break
		}
		name, plain := strings.CutPrefix(p.Signal, "plain.")
		text := a.msg("sig_" + name)
		if plain {
			text = a.msg("sig_plain", text)
		}
		out = append(out, fmt.Sprintf("%s %+.2f", text, p.Part))
	}
	if w.Focus != 0 {
		out = append(out, fmt.Sprintf("%s %+.2f", a.msg("sig_focus"), w.Focus))
	}
	if w.Taught != nil {
		out = append(out, fmt.Sprintf("%s %+.2f", a.msg("sig_taught", w.Taught.Entry), w.Taught.Part))
	}
	if w.Vector > 0 {
		out = append(out, fmt.Sprintf("%s %+.2f", a.msg("sig_vector"), w.Vector))
	}
	return strings.Join(out, "  ")
}

// words lists the words that add most to BM25.
func words(w retrieval.Why) string {
	var out []string
	for _, p := range w.Words[:min(len(w.Words), 8)] {
		out = append(out, fmt.Sprintf("%s %.2f", p.Word, p.Clause))
	}
	return strings.Join(out, "  ")
}
