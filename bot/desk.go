package bot

import (
	"context"
	"crypto/rand"
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
		q.ID = "a-" + strings.ToLower(rand.Text()[:16])
	}
	a := newAnswer(q)
	docs, err := d.Library.Documents(ctx)
	if err != nil {
		return Answer{}, Explanation{}, fmt.Errorf("answer: %w", err)
	}
	a.Library = d.Library.Revision()
	a.Searched = Searched{Documents: len(docs), Clauses: d.Library.Len()}
	u := understand(q, docs)
	a.Lang, a.Asked = u.Lang, u.Intent
	x := Explanation{Understanding: u}
	if a.Outcome, a.Reason = refuse(q.Text, len(docs)); a.Outcome == "" {
		if err := d.answer(ctx, &a, &x, d.day(q), docs); err != nil {
			return Answer{}, Explanation{}, err
		}
	}
	a.Text = Compose(a)
	a.Ms.Total = milliseconds(time.Since(begin))
	return a, x, nil
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

// answer searches, judges the evidence, and quotes or abstains.
func (d *Desk) answer(ctx context.Context, a *Answer, x *Explanation, asOf time.Time, docs []retrieval.Document) error {
	u := x.Understanding
	begin := time.Now()
	found, err := d.search(ctx, u, asOf, searched)
	if err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	x.Degraded = found.Degraded
	a.Ms.Retrieve = milliseconds(time.Since(begin))
	ranked := rank(found.Hits, u, d.Library.IDF)
	chosen := choose(ranked, u)
	otherPlace := len(u.Others) > 0 && len(u.Places) == 0
	if otherPlace {
		chosen = nil
	}
	x.Hits = explained(ranked, chosen)
	if len(chosen) == 0 {
		a.abstain(ranked, otherPlace, u, docs)
		return nil
	}
	a.Outcome = Answered
	for n, j := range chosen {
		a.cite(n+1, j.hit.Clause, extract(j.hit.Clause, u, d.Library.IDF))
	}
	a.Notices = notices(a.Citations, a.Lang, asOf)
	return nil
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

func (a *Answer) abstain(ranked []judged, otherPlace bool, u Understanding, docs []retrieval.Document) {
	a.Outcome, a.Reason = Abstained, ReasonNotInLibrary
	if otherPlace {
		a.Reason = ReasonOtherPlace
		a.Places = Places{Others: u.Others, Library: []string{}}
		for _, d := range docs {
			if d.Jurisdiction != "" && !slices.Contains(a.Places.Library, d.Jurisdiction) {
				a.Places.Library = append(a.Places.Library, d.Jurisdiction)
			}
		}
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
