package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"policybot/retrieval"
)

// ModeExtractive is the mode of answers that only quote.
const ModeExtractive = "extractive"

// A Desk answers questions from a library. It may be used from several
// goroutines.
type Desk struct {
	Library *retrieval.Library
	Now     func() time.Time // clock; nil means time.Now
}

// An Explanation shows how an answer came about.
type Explanation struct {
	Understanding Understanding  `json:"understanding"`
	Hits          []ExplainedHit `json:"hits"`
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

// Ask answers a question. Abstaining and refusing are outcomes, not errors; an
// error means that the library could not be read.
func (d *Desk) Ask(ctx context.Context, q Question) (Answer, error) {
	a, _, err := d.Explain(ctx, q)
	return a, err
}

// Search finds the k best clauses for a question as [Desk.Ask] reads it, with
// their status on the day that the question is asked for.
func (d *Desk) Search(ctx context.Context, q Question, k int) (retrieval.Found, error) {
	docs, err := d.Library.Documents(ctx)
	if err != nil {
		return retrieval.Found{}, fmt.Errorf("search: %w", err)
	}
	return d.search(ctx, understand(q, docs), d.day(q), k)
}

func (d *Desk) search(ctx context.Context, u Understanding, day time.Time, k int) (retrieval.Found, error) {
	found, err := d.Library.Search(ctx, u.Query, k)
	for i := range found.Hits {
		d := &found.Hits[i].Clause.Document
		d.Status = d.StatusOn(day)
	}
	return found, err
}

// day is the day that a question is asked for.
func (d *Desk) day(q Question) time.Time {
	switch {
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
	e, degraded, err := d.gather(ctx, q)
	if err != nil {
		return Answer{}, Explanation{}, err
	}
	a, hits := e.conclude(d.Library.IDF)
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
	text = clean(text)
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

// conclude judges the evidence, and quotes or abstains. from tells how rare a
// word is; nil takes what the evidence has noted of that.
func (e *Evidence) conclude(from weigher) (Answer, []ExplainedHit) {
	u, idf := e.Understanding, e.weigher(from)
	a := newAnswer(e.Question)
	a.Library, a.Searched, a.Lang, a.Asked, a.Ms.Retrieve = e.Library, e.Searched, u.Lang, u.Intent, e.RetrieveMs
	var hits []ExplainedHit
	if a.Outcome, a.Reason = refuse(e.Question.Text, e.Searched.Documents); a.Outcome == "" {
		hits = e.judge(&a, idf)
	}
	a.Text = Compose(a)
	return a, hits
}

// judge cites the clauses that answer, or abstains.
func (e *Evidence) judge(a *Answer, idf weigher) []ExplainedHit {
	u := e.Understanding
	asOf, _ := time.Parse(time.DateOnly, e.Day)
	for i := range e.Hits {
		doc := &e.Hits[i].Clause.Document
		doc.Status = doc.StatusOn(asOf)
	}
	ranked := rank(e.Hits, u, idf)
	chosen := choose(ranked, u)
	otherPlace := len(u.Others) > 0 && len(u.Places) == 0
	if otherPlace {
		chosen = nil
	}
	if len(chosen) == 0 {
		a.abstain(ranked, otherPlace, u, e.Places)
		return explained(ranked, chosen)
	}
	a.Outcome = Answered
	for n, j := range chosen {
		a.cite(n+1, j.hit.Clause, extract(j.hit.Clause, u, idf))
	}
	a.Notices = notices(a.Citations, a.Lang, asOf)
	return explained(ranked, chosen)
}

// cite adds a run of sentences of a clause as citation n.
func (a *Answer) cite(n int, c retrieval.Clause, run []quote) {
	for _, q := range run {
		a.Sentences = append(a.Sentences, Sentence{Text: c.Text[q.start:q.end], Citations: []int{n}})
	}
	from, to := run[0].start, run[len(run)-1].end
	start := utf8.RuneCountInString(c.Text[:from])
	a.Citations = append(a.Citations, Citation{
		N: n, Clause: c, Quote: c.Text[from:to],
		QuoteStart: start, QuoteEnd: start + utf8.RuneCountInString(c.Text[from:to]),
	})
	a.addContacts(c)
}

func (a *Answer) addContacts(c retrieval.Clause) {
	for _, body := range c.Departments {
		if !slices.Contains(a.Contacts, body) {
			a.Contacts = append(a.Contacts, body)
		}
	}
}

// maxNearest is how many clauses an abstention shows.
const maxNearest = 3

func (a *Answer) abstain(ranked []judged, otherPlace bool, u Understanding, places []string) {
	a.Outcome, a.Reason = Abstained, ReasonNotInLibrary
	if otherPlace {
		a.Reason = ReasonOtherPlace
		a.Places = Places{Others: u.Others, Library: places}
		return // another place's clauses are not offered
	}
	for _, j := range ranked[:min(len(ranked), maxNearest)] {
		a.Nearest = append(a.Nearest, j.hit.Clause)
		a.addContacts(j.hit.Clause)
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
