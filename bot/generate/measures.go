package generate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"policybot/bot/model"
	"policybot/prompts/task"
	"policybot/retrieval"
)

// A Reading is what the model gets to tell the offers of a clause.
type Reading struct {
	Lang   string // zh or en: of the prompt
	Clause retrieval.Clause
	Facts  []task.Fact // that conditions can be about
}

// An Offer is what the model says that a clause offers. Its strings are of one line,
// bounded, and without invisible characters and markup. Whether they stand in the
// clause, and whether the conditions mean anything, has not been looked at.
type Offer struct {
	Quote    string
	TitleZh  string // may be empty, as TitleEn may
	TitleEn  string
	Criteria []Condition
}

// A Condition is what the model says that an offer depends on.
type Condition struct {
	Words string
	Need  string // may be empty
}

// Limits of what one clause may offer.
const (
	maxOffers   = 8
	maxCriteria = 12
	maxTitle    = 120 // characters, as the next ones
	maxPhrase   = 300 // of a quote, or of words
	maxNeed     = 160
)

// Measures asks the model what a clause offers, and to whom. Lines that are not of the
// form are left out, as are strings of them; the call counts them. An error is that of
// the model or of ctx, after which the offers are those that came before it; a reply
// that was cut off is no error.
func (g *Generator) Measures(ctx context.Context, m Reading) ([]Offer, Call, error) {
	ctx, cancel := g.Within(ctx)
	defer cancel()
	f := g.frame(1)
	p := g.prompts().Measures(m.Lang, task.Measures{Frame: f.Frame, Clauses: f.clauses([]retrieval.Clause{m.Clause}), Facts: m.Facts})
	r := request(model.Measures, p)
	r.MaxTokens = 2 * MaxTokens
	l := offerLines{f: f}
	call, err := g.lines(ctx, r, f, l.take)
	switch {
	case errors.Is(err, errEnough):
		l.dropped++ // the rest
		err = nil
	case model.ClassOf(err) == model.Cut:
		err = nil
	case errors.Is(err, context.DeadlineExceeded):
		err = &model.Error{Class: model.Slow, Task: model.Measures, Model: g.Model.Name(), Detail: "the time is over", Err: err}
	case err != nil:
		err = fmt.Errorf("read a clause: %w", err)
	}
	call.Dropped = l.dropped
	return l.offers, call, err
}

// offerLines collects the offers of a reply.
type offerLines struct {
	f       frame
	seen    int
	offers  []Offer
	dropped int
}

// An offerLine is one object as a model writes it. Other fields are not read.
type offerLine struct {
	Quote    string `json:"quote"`
	TitleZh  string `json:"title_zh"`
	TitleEn  string `json:"title_en"`
	Criteria []struct {
		Words string `json:"words"`
		Need  string `json:"need"`
	} `json:"criteria"`
	None bool `json:"none"`
}

// take reads one line.
func (l *offerLines) take(text string) error {
	if l.seen++; l.seen > maxLines {
		return errEnough
	}
	var line offerLine
	if err := json.Unmarshal([]byte(text), &line); err != nil {
		l.dropped++
		return nil
	}
	if line.None && line.Quote == "" {
		return nil
	}
	quote, ok := l.plain(line.Quote, maxPhrase)
	if !ok || quote == "" || len(l.offers) == maxOffers {
		l.dropped++
		return nil
	}
	o := Offer{Quote: quote}
	o.TitleZh, o.TitleEn = l.optional(line.TitleZh), l.optional(line.TitleEn)
	for i, c := range line.Criteria {
		words, ok := l.plain(c.Words, maxPhrase)
		need, fine := l.need(c.Need)
		if !ok || words == "" || !fine || i >= maxCriteria {
			l.dropped++
			continue
		}
		o.Criteria = append(o.Criteria, Condition{words, need})
	}
	if len(line.Criteria) > 0 && len(o.Criteria) == 0 { // it has conditions, and none can be told
		l.dropped++
		return nil
	}
	l.offers = append(l.offers, o)
	return nil
}

// optional is a string that an offer can do without.
func (l *offerLines) optional(s string) string {
	out, ok := l.plain(s, maxTitle)
	if !ok {
		l.dropped++
		return ""
	}
	return out
}

// plain trims a string of one line. It reports whether it has nothing but what people
// can see and means nothing to a program.
func (l *offerLines) plain(s string, most int) (string, bool) {
	s = strings.TrimSpace(s)
	odd := utf8.RuneCountInString(s) > most || strings.ContainsAny(s, "{}[]<>`|@#*_\\") || strings.ContainsFunc(s, unseen)
	return s, !odd && !l.f.leaks(s)
}

var needForm = regexp.MustCompile(`^[\p{L}\p{N}_ .,，/<>=-]*$`)

// need reads a condition. It reports whether it has the characters of one.
func (l *offerLines) need(s string) (string, bool) {
	s = strings.TrimSpace(s)
	ok := utf8.RuneCountInString(s) <= maxNeed && needForm.MatchString(s) && !strings.ContainsFunc(s, unseen)
	return s, ok && !l.f.leaks(s)
}

// unseen reports whether a character is one that nobody sees, or that stands for none.
func unseen(r rune) bool {
	switch r {
	case utf8.RuneError, 0x034f, 0x115f, 0x1160, 0x2800, 0x3164, 0xffa0:
		return true
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp, unicode.Variation_Selector)
}
