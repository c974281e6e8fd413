package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"
	"unicode"
	"unicode/utf8"

	"policybot/bot/gloss"
	"policybot/bot/understand"
	"policybot/retrieval"
	"policybot/retrieval/bridge"
)

// ModeExtractive is the mode of answers that only quote.
const ModeExtractive = "extractive"

// A Desk answers questions from a library. It may be used from several
// goroutines.
type Desk struct {
	Library *retrieval.Library
	Now     func() time.Time // clock; nil means time.Now
	Words   bool             // explanations tell what each word adds to a score, which takes time
	Writing *Writing         // has a model write answers; nil: they only quote
	// Measures are compared with the asker's own case; nil: that is not done.
	Measures Measures
	// Pages is the address of the console, to which /clauses/ID is added for the page of a clause; "" where
	// nothing serves them.
	Pages string

	known   atomic.Pointer[known]
	replies replyMemory
}

// known is what a Desk keeps of a state of the library.
type known struct {
	revision string
	docs     []retrieval.Document
	reader   *understand.Library
	places   []string    // that documents apply to, in order
	named    []NamedOnly // documents that others name and the library lacks
}

// library returns what is known of the library as it is searched now.
func (d *Desk) library(ctx context.Context) (*known, error) {
	revision := d.Library.Revision()
	if k := d.known.Load(); k != nil && k.revision == revision {
		return k, nil
	}
	docs, err := d.Library.Documents(ctx)
	if err != nil {
		return nil, err
	}
	k := &known{revision: revision, docs: docs, reader: understand.NewLibrary(docs), places: []string{}, named: namedOnly(docs)}
	for _, doc := range docs {
		if doc.Jurisdiction != "" && !slices.Contains(k.places, doc.Jurisdiction) {
			k.places = append(k.places, doc.Jurisdiction)
		}
	}
	d.known.Store(k)
	return k, nil
}

// An Explanation shows how an answer came about.
type Explanation struct {
	Understanding understand.Understanding `json:"understanding"`
	Hits          []ExplainedHit           `json:"hits"`
	// Degraded says why clauses were found by words alone although the library
	// has vectors; nil when they were not.
	Degraded error `json:"-"`
	// Evidence is what the answer was concluded from.
	Evidence *Evidence `json:"-"`
}

// An ExplainedHit is a clause that was looked at.
type ExplainedHit struct {
	retrieval.Hit
	Coverage float64 `json:"coverage"` // share of the question's content that it has; see coverage
	Cited    bool    `json:"cited"`
}

// ErrUnverified is returned, wrapped, instead of an answer that fails its checks:
// a mistake of the program, which nobody is told as an answer.
var ErrUnverified = errors.New("the answer did not pass its checks")

// Ask answers a question. Abstaining and refusing are outcomes, not errors; an
// error means that the library could not be read.
func (d *Desk) Ask(ctx context.Context, q Question) (Answer, error) {
	a, _, err := d.Explain(ctx, q)
	return a, err
}

// Search finds the k best clauses for a question as [Desk.Ask] reads it, with
// their status on the day that the question is asked for.
func (d *Desk) Search(ctx context.Context, q Question, k int) (retrieval.Found, error) {
	known, err := d.library(ctx)
	if err != nil {
		return retrieval.Found{}, fmt.Errorf("search: %w", err)
	}
	u := known.read(q)
	day := d.day(q, u)
	found, err := d.Library.Search(ctx, u.Query, k)
	for i := range found.Hits {
		doc := &found.Hits[i].Clause.Document
		doc.Status = doc.StatusOn(day)
	}
	return found, err
}

// beginning is as much of a text as is read: a longer question is refused, and
// only its language is told.
func beginning(text string) string {
	const most = utf8.UTFMax * (MaxQuestion + 1)
	return strings.ToValidUTF8(text[:min(len(text), most)], "")
}

// read reads a question.
func (k *known) read(q Question) understand.Understanding {
	r := understand.Question{Text: beginning(q.Text), Lang: q.Lang, Quotes: q.Quotes}
	for _, t := range q.History {
		r.History = append(r.History, understand.Turn{User: t.Role == RoleUser, Text: beginning(t.Text)})
	}
	u := k.reader.Read(r)
	if q.In != "" {
		u.Lang = q.In
	}
	return u
}

// day is the day that a question is asked for: the one that it says itself
// before the one that came with it.
func (d *Desk) day(q Question, u understand.Understanding) time.Time {
	said, err := time.Parse(time.DateOnly, u.AsOf)
	switch {
	case err == nil:
		return said
	case !q.AsOf.IsZero():
		return q.AsOf
	case d.Now != nil:
		return d.Now()
	}
	return time.Now()
}

// Explain answers a question and shows how.
func (d *Desk) Explain(ctx context.Context, q Question) (Answer, Explanation, error) {
	begin := time.Now()
	if q.ID == "" {
		q.ID = newID("a")
	}
	if does := profileCommand(q.Text); does != "" && d.Measures != nil {
		measures, err := d.Measures.Approved(ctx)
		if err != nil {
			return Answer{}, Explanation{}, fmt.Errorf("answer: read the measures: %w", err)
		}
		return d.profileReply(q, does, measures), Explanation{}, nil
	}
	if isHelp(q.Text) {
		a := newAnswer(q)
		a.Outcome, a.Reason, a.Lang = Clarify, ReasonHelp, cmp.Or(q.In, understand.LanguageOf(understand.Clean(q.Text), q.Lang))
		a.Text = Compose(a)
		return a, Explanation{}, nil
	}
	e, degraded, err := d.gather(ctx, q)
	if err != nil {
		return Answer{}, Explanation{}, err
	}
	a, hits := e.conclude()
	if d.Writing != nil && !e.lists() {
		if a, hits, err = d.written(ctx, e, a, hits); err != nil {
			return Answer{}, Explanation{}, err
		}
	}
	if checks := e.verify(a); !Verified(checks) {
		return Answer{}, Explanation{}, fmt.Errorf("answer: %w: %+v", ErrUnverified, checks)
	}
	a.link(d.Pages)
	a.Ms.Total = milliseconds(time.Since(begin))
	return a, Explanation{Understanding: e.Understanding, Hits: hits, Degraded: degraded, Evidence: e}, nil
}

func newAnswer(q Question) Answer {
	return Answer{
		ID: q.ID, Question: strings.ToValidUTF8(q.Text, "\ufffd"), Mode: ModeExtractive, Sentences: []Sentence{}, Citations: []Citation{},
		Notices: []Notice{}, Nearest: []retrieval.Clause{}, Contacts: []string{},
	}
}

// refuse tells why a question cannot be looked up at all, if it cannot.
func refuse(text string, documents int) (outcome, reason string) {
	text = understand.Clean(text)
	switch {
	case !strings.ContainsFunc(text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }):
		return Refused, ReasonUnclear
	case utf8.RuneCountInString(text) > MaxQuestion:
		return Refused, ReasonTooLong
	case documents == 0:
		return Abstained, ReasonEmptyLibrary
	}
	return "", ""
}

// conclude judges the evidence, and quotes or abstains.
func (e *Evidence) conclude() (Answer, []ExplainedHit) {
	u := e.Understanding
	a := newAnswer(e.Question)
	a.AsOf = e.Day
	a.Library, a.Searched, a.Lang, a.Asked, a.Ms.Retrieve = e.Library, e.Searched, u.Lang, u.Main(), e.RetrieveMs
	e.turned = false
	var hits []ExplainedHit
	if a.Outcome, a.Reason = refuse(e.Question.Text, e.Searched.Documents); a.Outcome == "" && !e.lists() {
		hits = e.judge(&a)
		if e.Written != nil {
			e.finish(&a)
		}
		if x := e.Eligible; x != nil {
			e.meant(&a)
			bare := a.Outcome == Clarify && a.Reason == ReasonUnclear && e.bare()
			e.turned = bare || x.Wanted && a.Reason == ReasonOtherPlace
		}
	}
	e.ownCase(&a)
	a.Text = Compose(a)
	return a, hits
}

// ownCase adds what concerns the asker's own case: the measures, where they are asked
// for, and what the message says of the asker. Where no document applies and nothing is
// open to others, the answer stays that no document applies.
func (e *Evidence) ownCase(a *Answer) {
	before := *a
	switch x := e.Eligible; {
	case x == nil:
		return
	case e.lists() || x.Wanted && a.Outcome != Refused && (a.Outcome == Answered || x.Profile.Closed):
		e.eligible(a)
	case len(x.Interview.Facts) > 0:
		a.Interview = &x.Interview
	}
	if before.Reason == ReasonOtherPlace && len(a.Citations) == 0 {
		*a = before
		a.Interview = &e.Eligible.Interview
	}
	e.noted(a)
}

// lists reports whether the answer is a list of measures and not what a search found.
func (e *Evidence) lists() bool {
	return e.Eligible != nil && (e.turned || e.Eligible.Wanted && e.Eligible.Listed)
}

// cite adds a run of sentences of a clause as citation n.
func (a *Answer) cite(n int, c retrieval.Clause, run []quote) {
	for _, q := range run {
		a.Sentences = append(a.Sentences, Sentence{Text: c.Text[q.start:q.end], Citations: []int{n}})
	}
	from, to := run[0].start, run[len(run)-1].end
	start := utf8.RuneCountInString(c.Text[:from])
	a.Citations = append(a.Citations, a.glossed(Citation{
		N: n, Clause: c, Quote: c.Text[from:to],
		QuoteStart: start, QuoteEnd: start + utf8.RuneCountInString(c.Text[from:to]),
	}))
	a.addContacts(c)
}

// glossed adds key facts in the asker's language to a citation.
func (a *Answer) glossed(c Citation) Citation {
	c.Gloss = gloss.Facts(c.Quote, a.Lang, bridge.Translations())
	return c
}

func (a *Answer) addContacts(c retrieval.Clause) {
	for _, body := range c.Departments {
		if !slices.Contains(a.Contacts, body) {
			a.Contacts = append(a.Contacts, body)
		}
	}
}

func explained(ranked, chosen []judged) []ExplainedHit {
	cited := map[string]bool{}
	for _, j := range chosen {
		cited[j.hit.Clause.ID] = true
	}
	var out []ExplainedHit
	for _, j := range ranked {
		out = append(out, ExplainedHit{Hit: j.hit, Coverage: j.coverage, Cited: cited[j.hit.Clause.ID]})
	}
	return out
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
