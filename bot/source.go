package bot

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"policybot/bot/guard"
	"policybot/bot/journal"
	"policybot/bot/understand"
	"policybot/prompts"
	"policybot/retrieval"
	"policybot/retrieval/sentence"
)

// ReasonClause is the reason of the reply to a command that asks for the whole text of a source and names none that there is.
const ReasonClause = "clause"

// A Shown is what an answer is that shows the whole text of a source of another answer. It is answered, with the text for
// its sentences; where no source is named that there is, it is to be made clear, with ReasonClause.
type Shown struct {
	Of     string `json:"of,omitempty"`     // id of that answer; "" where there is none
	N      int    `json:"n,omitempty"`      // number of the source in it; 0 where none is shown
	Count  int    `json:"count"`            // of its sources
	Marked []int  `json:"marked,omitempty"` // those of the sentences that it quotes, from 0
	// Before and After are the neighbours of the clause in its document, without texts; nil where it has none or the library
	// holds it no more.
	Before *retrieval.Clause `json:"before,omitempty"`
	After  *retrieval.Clause `json:"after,omitempty"`
}

// sourceForms are what a whole message may be that asks for the text of a source, with the number as the first group, if
// the form has one.
var sourceForms = readSourceForms(commands["source"])

// readSourceForms reads forms in which # stands for a number.
func readSourceForms(forms []string) []*regexp.Regexp {
	const number = `[\s:\[(]*(\d{1,6}|[一二三四五六七八九十])[\s\])]*`
	var out []*regexp.Regexp
	for _, form := range forms {
		before, after, _ := strings.Cut(form, "#")
		pattern := regexp.QuoteMeta(strings.TrimSpace(before))
		if strings.Contains(form, "#") {
			pattern += number + regexp.QuoteMeta(strings.TrimSpace(after))
		}
		out = append(out, regexp.MustCompile("^"+pattern+"$"))
	}
	return out
}

// sourceCommand reports whether a message asks for the text of a source, and of which: 0 where it names none.
func sourceCommand(text string) (n int, is bool) {
	if len(text) > maxCommand {
		return 0, false
	}
	folded := commandOf(text)
	for _, form := range sourceForms {
		m := form.FindStringSubmatch(folded)
		switch {
		case m == nil:
			continue
		case len(m) == 1:
			return 0, true
		}
		if i := strings.Index("一二三四五六七八九十", m[1]); i >= 0 {
			return i/len("一") + 1, true
		}
		n, _ = strconv.Atoi(m[1]) // at most six digits
		return n, true
	}
	return 0, false
}

// sourceReply shows the text of a source: of the answer that is quoted, or else of the last one of the dialogue that has
// sources, or of the group where the dialogue has none.
func (s *Service) sourceReply(ctx context.Context, c journal.Claim, quoted *quotedAnswer, n int) (journal.Result, error) {
	of, err := s.sourced(ctx, c.Question, quoted)
	if err != nil {
		return journal.Result{}, err
	}
	if n < 1 || n > len(of.Citations) {
		a := s.notice(c.Question, Clarify, ReasonClause)
		a.Lang, a.Shown = cmp.Or(of.Lang, a.Lang), &Shown{Of: of.ID, Count: len(of.Citations)}
		a.Interview = question(c, nil).learned()
		return s.finish(c.Question, a, Record{}, nil), nil
	}
	a := s.shows(ctx, c.Question, of, n)
	a.Interview = question(c, nil).learned()
	return s.checked(c.Question, a, Explanation{}, quoted), nil
}

// sourced is the answer whose sources a command is about; one without an id where there is none.
func (s *Service) sourced(ctx context.Context, q journal.Question, quoted *quotedAnswer) (Answer, error) {
	if quoted != nil {
		return s.sourceOf(ctx, quoted.answer)
	}
	if q.Dialogue == "" {
		return Answer{}, nil
	}
	f := journal.Filter{Dialogue: q.Dialogue, Since: q.AcceptedAt.Add(-quotedWithin), Limit: quotedAmong, NoRecord: true}
	last, err := s.lastSourced(ctx, q, f)
	if err == nil && last.ID == "" && q.Place.Group && q.Place.ID != "" && q.Place.Thread == "" { // all of the group read what was answered to one
		f.Dialogue, f.Channel, f.Place = "", q.Channel, q.Place.ID
		return s.lastSourced(ctx, q, f)
	}
	return last, err
}

// lastSourced is the last answer before a question that has sources; one without an id where there is none.
func (s *Service) lastSourced(ctx context.Context, q journal.Question, f journal.Filter) (Answer, error) {
	var last Answer
	for e, err := range s.Journal.Entries(ctx, f) {
		if err != nil {
			return Answer{}, fmt.Errorf("look for the answer whose source is to be shown: %w", err)
		}
		if a, says := saying(e); says && e.Seq < q.Seq && e.Place.Group == q.Place.Group && e.Place.Thread == q.Place.Thread && a.Shown == nil && len(a.Citations) > 0 {
			last = a
		}
	}
	return last, nil
}

// sourceOf is an answer or, where that shows a source, the answer whose source it is.
func (s *Service) sourceOf(ctx context.Context, a Answer) (Answer, error) {
	if a.Shown == nil {
		return a, nil
	}
	e, err := s.Journal.Entry(ctx, a.Shown.Of)
	if errors.Is(err, journal.ErrNotFound) {
		return Answer{}, nil
	}
	if err != nil {
		return Answer{}, fmt.Errorf("look for the answer whose source was shown: %w", err)
	}
	if a, _ = saying(e.Question); a.Shown != nil {
		return Answer{}, nil
	}
	return a, nil
}

// shows is the answer that shows source n of another. The clause is as the library holds it now, where it says the same
// still; else as it was cited.
func (s *Service) shows(ctx context.Context, q journal.Question, of Answer, n int) Answer {
	cited := of.Citations[n-1]
	shown := &Shown{Of: of.ID, N: n, Count: len(of.Citations)}
	clause := s.inPlace(ctx, cited.Clause, shown)
	day := s.Now()
	if asOf, err := time.Parse(time.DateOnly, q.AsOf); err == nil {
		day = asOf
	}
	clause.Document.Status = clause.Document.StatusOn(day)
	a := newAnswer(Question{ID: q.ID, Text: q.Text})
	a.Lang, a.Outcome, a.Masked, a.Shown = of.Lang, Answered, q.Masked, shown
	a.Library, a.AsOf = of.Library, day.Format(time.DateOnly)
	for i, part := range wholeParts(clause.Text, cited) {
		a.Sentences = append(a.Sentences, Sentence{Text: part.text, Citations: []int{1}})
		if part.quoted {
			shown.Marked = append(shown.Marked, i)
		}
	}
	a.Citations = []Citation{a.glossed(Citation{N: 1, Clause: clause, Quote: clause.Text, QuoteEnd: utf8.RuneCountInString(clause.Text)})}
	a.addContacts(clause)
	a.Notices = shownNotices(a, of, cited, day)
	return a
}

// inPlace is a clause as the library holds it, and notes its neighbours. Where the library cannot tell, it is the clause
// as it was cited.
func (s *Service) inPlace(ctx context.Context, cited retrieval.Clause, shown *Shown) retrieval.Clause {
	if s.Replies == nil {
		return cited
	}
	v, err := s.Replies.ClauseAt(ctx, cited.ID)
	if err != nil || v.Clause.Text != cited.Text {
		return cited
	}
	v.Clause.URL = cited.URL
	shown.Before, shown.After = neighbour(v.Before), neighbour(v.After)
	return v.Clause
}

// neighbour is a clause without its text, under the heading that it stands under where it has none.
func neighbour(c *retrieval.Clause) *retrieval.Clause {
	if c == nil {
		return nil
	}
	next := retrieval.Clause{ID: c.ID, Document: retrieval.Document{ID: c.Document.ID, Title: c.Document.Title}, Path: c.Path, Heading: c.Heading}
	if n := len(c.Parents); next.Heading == "" && n > 0 {
		next.Heading = c.Parents[n-1]
	}
	return &next
}

// A wholePart is some sentences of a clause that stand on one line and are all quoted, or none.
type wholePart struct {
	text   string
	quoted bool
}

// wholeParts cuts the text of a clause where a line ends and where what is cited of it begins and ends.
func wholeParts(text string, cited Citation) []wholePart {
	runes := []rune(text)
	from := len(string(runes[:min(cited.QuoteStart, len(runes))]))
	to := len(string(runes[:min(cited.QuoteEnd, len(runes))]))
	var out []wholePart
	begins, last := 0, sentence.Span{}
	for i, span := range sentence.Split(text) {
		quoted := span.Start >= from && span.End <= to
		if i == 0 || quoted != out[len(out)-1].quoted || strings.Contains(text[last.End:span.Start], "\n") {
			begins = span.Start
			out = append(out, wholePart{quoted: quoted})
		}
		out[len(out)-1].text, last = text[begins:span.End], span
	}
	return out
}

// shownNotices are the limits of a clause that is shown, of which an answer cites some: what its document and words say,
// and what that answer said that needs the question or the library.
func shownNotices(a, of Answer, cited Citation, day time.Time) []Notice {
	n := &noticer{u: understand.Understanding{Lang: a.Lang}, day: day, list: []Notice{}}
	c := a.Citations[0]
	n.document(c)
	n.translated(c)
	cited.N = c.N
	n.strength([]Citation{cited}, cited, false)
	n.strength(a.Citations, c, false)
	for _, said := range of.Notices {
		if (said.Kind == guard.OtherPlace || said.Kind == guard.SuccessorMissing) && slices.Contains(said.Clauses, c.Clause.ID) {
			n.list = append(n.list, Notice{Kind: said.Kind, Text: said.Text, Clauses: []string{c.Clause.ID}})
		}
	}
	return n.list
}

// shown writes the text of a source.
func (c *composer) shown(a Answer) {
	some := len(a.Shown.Marked) > 0 && len(a.Shown.Marked) < len(a.Sentences)
	c.line("clause_head", prompts.Slots{"n": strconv.Itoa(a.Shown.N)})
	marked := false
	for i, s := range a.Sentences {
		if now := some && slices.Contains(a.Shown.Marked, i); now != marked {
			marked = now
			c.line(map[bool]string{true: "clause_quoted", false: "clause_rest"}[marked], nil)
		}
		c.sentence("quote", s)
	}
	c.gap()
	c.glossedLine(a.Citations[0])
	if n := a.Shown.Before; n != nil {
		c.place("clause_before", prompts.Slots{"path": n.Path}, *n)
	}
	if n := a.Shown.After; n != nil {
		c.place("clause_after", prompts.Slots{"path": n.Path}, *n)
	}
	c.ending(a)
}

// whichSource says which sources there are.
func (c *composer) whichSource(a Answer) {
	switch a.Shown.Count {
	case 0:
		c.line("clause_none", nil)
	case 1:
		c.line("clause_one", nil)
	default:
		c.line("clause_which", prompts.Slots{"count": strconv.Itoa(a.Shown.Count)})
	}
}

// answerOf is the id of the question that a question is about, which may ask to see a source of its answer.
func answerOf(e journal.Question) string {
	var a Answer
	if json.Unmarshal(e.Answer, &a) == nil && a.Shown != nil && a.Shown.Of != "" {
		return a.Shown.Of
	}
	return e.ID
}
