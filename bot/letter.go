package bot

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"policybot/bot/generate"
	"policybot/prompts"
)

// A Letter is the draft of a formal reply for the staff: an answer whose sentences
// are in the style of a letter, with its text. It goes out only when a person sends it.
type Letter struct {
	Answer
	Written *generate.Trace `json:"written,omitempty"` // how a model put it into style, where one was asked
}

// ErrNoLetter is returned, wrapped, for a message that a formal reply cannot be
// drafted to: small talk, or a question that is not clear.
var ErrNoLetter = errors.New("no formal reply can be drafted to this message")

// Letter drafts a formal reply to a question: from its answer, with each sentence
// footnoted to its clauses, under the same checks as the answer. Without a model, or
// where none of its sentences pass, the sentences of the answer stay as they are.
// An answer that abstains becomes a letter that says so. lang is zh or en, or "" for the
// language of the question.
func (d *Desk) Letter(ctx context.Context, q Question, lang string) (Letter, error) {
	q.In = lang
	a, x, err := d.Explain(ctx, q)
	if err != nil {
		return Letter{}, err
	}
	if a.Outcome != Answered && a.Outcome != Abstained {
		return Letter{}, fmt.Errorf("draft: %w: %s", ErrNoLetter, a.Reason)
	}
	l := Letter{Answer: a}
	e := x.Evidence
	if d.Writing != nil && a.Outcome == Answered {
		if err := d.reword(ctx, e, &l); err != nil {
			return Letter{}, err
		}
	}
	if checks := e.verifyClaims(l.Answer); !Verified(checks) {
		return Letter{}, fmt.Errorf("draft: %w: %+v", ErrUnverified, checks)
	}
	l.Text = composeLetter(l.Answer)
	return l, nil
}

// reword has the model put the sentences of the answer into the style of a letter.
// What does not pass as a whole is left as it was.
func (d *Desk) reword(ctx context.Context, e *Evidence, l *Letter) error {
	var ids []string
	for _, c := range l.Citations {
		ids = append(ids, c.Clause.ID)
	}
	m := e.material(ids)
	statements, trace, err := d.Writing.Draft(ctx, m, statementsOf(l.Answer), nil)
	if err != nil {
		return fmt.Errorf("draft: %w", err)
	}
	l.Written = &trace
	if len(statements) == 0 {
		return nil
	}
	reworded := l.Answer
	e.fill(&reworded, m.Clauses, statements)
	if n := len(trace.Calls); n > 0 {
		reworded.Model, reworded.Prompt = trace.Calls[n-1].Usage.Model, trace.Calls[n-1].Prompt
	}
	if Verified(e.verifyClaims(reworded)) {
		l.Answer = reworded
	} else {
		trace.Problem = problemUnverified
	}
	return nil
}

// statementsOf are the sentences of an answer as statements of its citations' clauses.
func statementsOf(a Answer) []generate.Statement {
	var out []generate.Statement
	for _, s := range a.Sentences {
		one := generate.Statement{Text: s.Text}
		for _, n := range s.Citations {
			c := a.Citations[n-1]
			start := len(string([]rune(c.Clause.Text)[:c.QuoteStart]))
			one.Quotes = append(one.Quotes, generate.Quote{Clause: n - 1, Start: start, End: start + len(c.Quote)})
		}
		out = append(out, one)
	}
	return out
}

// composeLetter puts the text of a letter together from its parts and templates, and
// nothing else.
func composeLetter(a Answer) string {
	c := &composer{lang: a.Lang}
	question := strings.Join(strings.Fields(a.Question), " ")
	c.line("letter_to", nil)
	c.gap()
	c.line("letter_about", prompts.Slots{"question": question})
	if a.Outcome == Answered {
		c.letter(a)
	} else {
		c.letterWithout(a)
	}
	c.gap()
	if a.Outcome == Answered {
		c.line("letter_standing", nil)
		c.gap()
	}
	c.line("letter_from", nil)
	if a.Outcome == Answered {
		c.notes(a)
	}
	c.gap()
	c.line("letter_label_"+a.Mode, nil)
	return strings.TrimSpace(c.b.String())
}

// blank is a gap of a letter that is to be filled in.
var blank = regexp.MustCompile(`[（(][^（()）]+[）)]`)

// Blanks are the gaps of a drafted letter in a language, zh or en, that nobody has filled in yet: those of its address and
// its signature that a text still has.
func Blanks(text, lang string) []string {
	var out []string
	for _, gap := range blank.FindAllString(prompts.Render(lang, "letter_to", nil)+prompts.Render(lang, "letter_from", nil), -1) {
		if strings.Contains(text, gap) {
			out = append(out, gap)
		}
	}
	return out
}

// letter writes what an answer says, and its limits.
func (c *composer) letter(a Answer) {
	c.sentences(a)
	for _, s := range a.Citations {
		c.glossedLine(s)
	}
	c.gap()
	c.checklist(a)
	c.gap()
	for i, n := range a.limits() {
		c.line("letter_notice", prompts.Slots{"n": strconv.Itoa(i + 1), "notice": n.Text})
	}
	c.bodies(a)
}

// letterWithout writes that there is no answer, and whom to ask.
func (c *composer) letterWithout(a Answer) {
	c.because(a)
	if len(a.Contacts) > 0 {
		c.line("ask_bodies", prompts.Slots{"bodies": c.join(a.Contacts)})
	}
}

// notes writes the footnotes: document, place in it and the words.
func (c *composer) notes(a Answer) {
	c.gap()
	c.line("letter_notes", nil)
	for _, s := range a.Citations {
		c.place("source", prompts.Slots{"n": strconv.Itoa(s.N), "document": c.document(s.Clause.Document), "path": s.Clause.Path}, s.Clause)
		c.line("source_quote", prompts.Slots{"quote": s.Quote})
	}
	if c.starred {
		c.line("starred", nil)
	}
	if day, err := time.Parse(time.DateOnly, a.AsOf); err == nil {
		c.line("letter_day", prompts.Slots{"day": showDate(day.Format(time.DateOnly), c.lang)})
	}
}
