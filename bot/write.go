package bot

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"policybot/bot/generate"
	"policybot/bot/grounding"
	"policybot/bot/guard"
	"policybot/bot/privacy"
	"policybot/bot/understand"
	"policybot/prompts"
	"policybot/prompts/task"
	"policybot/retrieval"
)

// ModeGenerative is the mode of answers that a model wrote and plain code checked
// sentence by sentence.
const ModeGenerative = "generative"

// Writing is how a Desk has a model write its answers.
type Writing struct {
	*generate.Generator
	Rewrite bool // ask the model for words to search for where the rules find nothing or little
	Rerank  bool // ask for the order of the clauses that it gets
	Clauses int  // most clauses that the model gets; 0 means DefaultClauses
}

// DefaultClauses is how many clauses a model gets.
const DefaultClauses = 6

// Writing limits.
const (
	unsure     = 0.30 // confidence below which words to search for are asked for
	sure       = 0.45 // confidence from which a model can neither withdraw nor leave out what rules cite: see docs/design.md
	offered    = 0.45 // least evidence of a clause that a model gets against the best
	toldTurns  = 4    // earlier turns that a model gets
	toldLength = 400  // characters of each
)

// problemUnverified is the [generate.Trace.Problem] of an answer whose sentences
// passed one by one and that did not pass as a whole.
const problemUnverified = "unverified"

// written has a model write the answer that a is by rules, and returns what came of
// it: the model's, or a with the reason why not.
func (d *Desk) written(ctx context.Context, e *Evidence, a Answer, hits []ExplainedHit) (Answer, []ExplainedHit, error) {
	begin := time.Now()
	if a.Outcome != Answered && !e.mayRewrite(a) {
		return a, hits, nil
	}
	if err := d.write(ctx, e, a); err != nil || e.Written == nil {
		return a, hits, err
	}
	a, hits = e.conclude()
	if a.Mode == ModeGenerative && !Verified(e.verify(a)) {
		e.Written.Problem = problemUnverified
		a, hits = e.conclude()
	}
	a.Ms.Generate = milliseconds(time.Since(begin))
	return a, hits, nil
}

// write has the model write the answer that e gives by rules, where there is one to
// give, and puts what came of it into e. q.Partly sees it grow.
func (d *Desk) write(ctx context.Context, e *Evidence, a Answer) error {
	w := d.Writing
	within, cancel := w.Within(ctx)
	defer cancel()
	if w.Rewrite && e.mayRewrite(a) {
		if err := d.searchAgain(ctx, within, e); err != nil {
			return err
		}
	}
	if n := len(e.Calls); n > 0 && e.Calls[n-1].Down() {
		e.Written = &generate.Trace{Calls: []generate.Call{}, Verdicts: []generate.Verdict{}, Problem: string(e.Calls[n-1].Class)}
		return nil
	}
	ids := e.candidates(a, w.most())
	if len(ids) == 0 {
		return nil
	}
	e.Offered = ids
	m := e.material(ids)
	if w.Rerank && len(ids) > 1 {
		order, call := w.Generator.Rerank(within, m.Lang, m.Question, m.Clauses)
		e.Calls = append(e.Calls, call)
		e.Offered = reordered(ids, order)
		m = e.material(e.Offered)
	}
	m.Names = sync.OnceValue(e.names)
	go m.Names() // while the model reads; what it writes waits for them
	defer m.Names()
	var said []generate.Statement
	_, trace, err := w.Generator.Answer(within, m, func(s generate.Statement) error {
		if said = append(said, s); e.Question.Partly != nil && e.bears(m.Clauses, said, a) {
			e.Question.Partly(e.soFar(a, m.Clauses, said))
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	e.Written = &trace
	return nil
}

func (w *Writing) most() int {
	if w.Clauses > 0 {
		return w.Clauses
	}
	return DefaultClauses
}

// reordered puts a list into an order of its indexes.
func reordered(list []string, order []int) []string {
	out := make([]string, len(list))
	for i, k := range order {
		out[i] = list[k]
	}
	return out
}

// mayRewrite reports whether other words may find what the question's do not: they
// found nothing, or little that stands out.
func (e *Evidence) mayRewrite(a Answer) bool {
	if a.Outcome == Answered {
		return a.Confidence < unsure && len(e.Anchors) == 0
	}
	return a.Outcome == Abstained && a.Reason == ReasonNotInLibrary && a.Lacking == "" && len(a.Missing) == 0
}

// searchAgain searches with the model's words, which count as the question, and the
// question's as what it is about. within is for the model.
func (d *Desk) searchAgain(ctx, within context.Context, e *Evidence) error {
	u := e.Understanding
	words, call := d.Writing.Generator.Rewrite(within, u.Lang, e.told(), e.masked())
	e.Calls = append(e.Calls, call)
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	if len(words) == 0 {
		return nil
	}
	query := retrieval.Query{Text: strings.Join(words, "; "), Context: append([]string{u.Query.Text}, u.Query.Context...), Focus: u.Query.Focus, Told: -1}
	found, err := d.Library.Search(ctx, query, pool)
	if err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	e.Words, e.Again = words, Side{Concepts: subject(found, u), Hits: found.Hits}
	e.setStatus()
	return nil
}

// candidates are the ids of the clauses that the model gets: those that are cited by
// rules, those with nearly as much evidence, and those that its own words found.
func (e *Evidence) candidates(a Answer, most int) []string {
	var ids []string
	add := func(id string) {
		if len(ids) < most && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	u := e.Understanding
	if a.Outcome == Answered {
		for _, c := range a.Citations {
			add(c.Clause.ID)
		}
	}
	again := rank(e.Again.Hits, u, e.Again.Concepts)
	for i, j := range again {
		if i < most/2 && j.coverage >= clearly {
			add(j.hit.Clause.ID)
		}
	}
	if a.Outcome != Answered {
		return ids
	}
	ranked := rank(e.Sides[0].Hits, u, e.Sides[0].Concepts)
	for _, j := range ranked {
		if j.coverage >= minCoverage && j.evidence() >= offered*ranked[0].evidence() {
			add(j.hit.Clause.ID)
		}
	}
	return ids
}

// known are the clauses that were found, by id.
func (e *Evidence) known() map[string]retrieval.Clause {
	out := map[string]retrieval.Clause{}
	for _, side := range append(slices.Clone(e.Sides), e.Again) {
		for _, h := range side.Hits {
			out[h.Clause.ID] = h.Clause
		}
	}
	for _, c := range e.Anchors {
		out[c.ID] = c
	}
	if e.Eligible != nil {
		for _, b := range e.Eligible.measures {
			if _, ok := out[b.Clause.ID]; !ok {
				out[b.Clause.ID] = b.Clause
			}
		}
	}
	return out
}

// names are the places, bodies and programmes of what the model got, or, where it
// was not asked, of what was found; with those of the glossary.
func (e *Evidence) names() *grounding.Names {
	if e.lexicon == nil {
		clauses := e.known()
		ids := slices.Sorted(maps.Keys(clauses))
		if len(e.Offered) > 0 {
			ids = slices.Sorted(slices.Values(e.Offered))
		}
		var list []retrieval.Clause
		for _, id := range ids {
			list = append(list, clauses[id])
		}
		e.lexicon = guard.Names(list)
	}
	return e.lexicon
}

// material is what the model gets.
func (e *Evidence) material(ids []string) generate.Material {
	m := generate.Material{Question: e.masked(), Lang: e.Understanding.Lang, History: e.told(), Names: e.names}
	clauses := e.known()
	for _, id := range ids {
		if c, ok := clauses[id]; ok {
			m.Clauses = append(m.Clauses, c)
		}
	}
	return m
}

// masked is the question without personal data and without characters that do not show.
func (e *Evidence) masked() string {
	text, _ := privacy.Mask(understand.Clean(e.Question.Text))
	return text
}

// told are the latest turns as a model gets them.
func (e *Evidence) told() []task.Turn {
	var out []task.Turn
	history := e.Question.History
	for _, t := range history[max(0, len(history)-toldTurns):] {
		text, _ := privacy.Mask(understand.Clean(beginning(t.Text)))
		if r := []rune(text); len(r) > toldLength {
			text = string(r[:toldLength])
		}
		out = append(out, task.Turn{Role: t.Role, Text: text})
	}
	return out
}

// finish makes the model's answer of one that rules gave, from what it wrote. Where
// nothing of that may be said the answer stays as it is, and says so; one that was
// not clear is given up when the model finds no clause that answers.
func (e *Evidence) finish(a *Answer) {
	a.Fallback = e.Written.Problem
	if a.Fallback == problemUnverified {
		return
	}
	m := e.material(e.Offered)
	statements, _, err := generate.Replay(*e.Written).Answer(context.Background(), m, nil)
	if err == nil && len(statements) > 0 && e.bears(m.Clauses, statements, *a) {
		e.fill(a, m.Clauses, append(statements, leftOut(*a, m.Clauses, statements)...))
		return
	}
	if a.Outcome == Answered && a.Fallback == generate.ProblemNone && a.Confidence < sure {
		*a = e.withdrawn(*a)
	}
}

// leftOut are the quotes that rules are sure of and the model does not have: the best
// clause, or each side of a comparison. A model may say it better; it cannot make an
// answer worse by leaving it out.
func leftOut(a Answer, clauses []retrieval.Clause, statements []generate.Statement) []generate.Statement {
	if a.Outcome != Answered || a.Confidence < sure {
		return nil
	}
	var out []generate.Statement
	for i, s := range statementsOf(a) {
		n := a.Sentences[i].Citations[0]
		k := slices.IndexFunc(clauses, func(c retrieval.Clause) bool { return c.ID == a.Citations[n-1].Clause.ID })
		has := func(s generate.Statement) bool {
			return slices.ContainsFunc(s.Quotes, func(q generate.Quote) bool { return q.Clause == k })
		}
		if k < 0 || n > 1 && !a.Sides || slices.ContainsFunc(statements, has) {
			continue
		}
		for j := range s.Quotes {
			s.Quotes[j].Clause = k
		}
		s.Quoted = true
		out = append(out, s)
	}
	return out
}

// withdrawn is an answer without what it said: what it cited is only the nearest.
func (e *Evidence) withdrawn(a Answer) Answer {
	out := newAnswer(e.Question)
	out.AsOf, out.Library, out.Searched, out.Lang, out.Asked, out.Ms = a.AsOf, a.Library, a.Searched, a.Lang, a.Asked, a.Ms
	out.Outcome, out.Reason, out.Promise = Abstained, ReasonNotInLibrary, a.Promise
	for _, c := range a.Citations[:min(len(a.Citations), maxNearest)] {
		out.Nearest = append(out.Nearest, c.Clause)
	}
	out.Contacts = toAsk(out.Nearest)
	return out
}

// bears reports whether statements may answer a question that rules find no answer
// for: one of the words that were searched for has to stand in what is quoted, so
// that the answer can say how it was found.
func (e *Evidence) bears(clauses []retrieval.Clause, statements []generate.Statement, a Answer) bool {
	return a.Outcome == Answered || len(e.shownWords(clauses, statements)) > 0
}

// shownWords are the words of the model's that stand in a clause that is quoted.
func (e *Evidence) shownWords(clauses []retrieval.Clause, statements []generate.Statement) []string {
	var out []string
	for _, w := range e.Words {
		for _, s := range statements {
			for _, q := range s.Quotes {
				if !slices.Contains(out, w) && hasPhrase(clauses[q.Clause].Text, w) {
					out = append(out, w)
				}
			}
		}
	}
	return out
}

// soFar is an answer while it is being written.
func (e *Evidence) soFar(a Answer, clauses []retrieval.Clause, statements []generate.Statement) Answer {
	e.fill(&a, clauses, statements)
	a.Text = begun(a).b.String()
	return a
}

// fill puts statements into an answer, and says of them what rules have to say.
func (e *Evidence) fill(a *Answer, clauses []retrieval.Clause, statements []generate.Statement) {
	if a.Outcome != Answered {
		a.SearchedFor = e.shownWords(clauses, statements)
	}
	a.Outcome, a.Reason, a.Mode, a.Nearest, a.Fallback = Answered, "", ModeGenerative, []retrieval.Clause{}, ""
	if e.Written != nil && len(e.Written.Calls) > 0 {
		a.Model, a.Prompt = e.Written.Calls[0].Usage.Model, e.Written.Calls[0].Prompt
	}
	a.Sentences, a.Citations, a.Contacts, a.Missing = []Sentence{}, []Citation{}, []string{}, nil
	var cited []judged
	for _, s := range statements {
		one := Sentence{Text: s.Text}
		for _, q := range s.Quotes {
			n := a.citeQuote(clauses[q.Clause], q)
			if !slices.Contains(one.Citations, n) {
				one.Citations = append(one.Citations, n)
			}
			cited = append(cited, judged{hit: retrieval.Hit{Clause: clauses[q.Clause]}})
		}
		a.Sentences = append(a.Sentences, one)
	}
	a.Sides, a.AskBack = e.sides(cited)
	day, _ := time.Parse(time.DateOnly, e.Day)
	a.Notices = append(e.notices(a, day), byModel(*a))
}

// byModel says that a model wrote the sentences, of all clauses that are cited. The
// text of an answer has it as its last line.
func byModel(a Answer) Notice {
	n := Notice{Kind: NoticeAIGenerated, Text: prompts.Render(a.Lang, "label_"+ModeGenerative, nil)}
	for _, c := range a.Citations {
		if !slices.Contains(n.Clauses, c.Clause.ID) {
			n.Clauses = append(n.Clauses, c.Clause.ID)
		}
	}
	return n
}

// citeQuote returns the number of a citation that has a quote, a new one where there
// is none.
func (a *Answer) citeQuote(c retrieval.Clause, q generate.Quote) int {
	cited := generate.Cite(len(a.Citations)+1, c, q)
	for _, o := range a.Citations {
		if o.Clause.ID == c.ID && o.QuoteStart <= cited.QuoteStart && cited.QuoteEnd <= o.QuoteEnd {
			return o.N
		}
	}
	a.Citations = append(a.Citations, a.glossed(cited))
	a.addContacts(c)
	return cited.N
}
