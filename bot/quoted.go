package bot

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"

	"policybot/bot/channel"
	"policybot/bot/journal"
	"policybot/retrieval/analysis"
)

// Some platforms have no threads: who means an earlier answer quotes it. They tell the words that are quoted, perhaps cut
// off, with the marks of the platform or without them, and not which message it was.

// How an answer is found by words of it.
const (
	quotedAmong  = 50                 // questions of the place, or in a talk between two of the person there
	quotedWithin = 7 * 24 * time.Hour // before the question that quotes
	quotedLeast  = 12                 // letters and digits that follow each other in both
	quotedPart   = 0.5                // of what is quoted, as told in such runs; the rest may be the platform's
)

// A quotedAnswer is an answer that a question quotes.
type quotedAnswer struct {
	journal.Question
	answer Answer
	own    bool // of the conversation in which it is quoted
}

// quoted finds the answer that a question quotes; nil where it quotes none. In a group it may have been given to anybody
// there; between two only to the one who quotes it. Of several that say the same it is the latest.
func (s *Service) quoted(ctx context.Context, q journal.Question) (*quotedAnswer, error) {
	runs := runsOf(q.Quote)
	if len(runs) == 0 || q.History != nil || q.Place.ID == "" || q.User == "" {
		return nil, nil
	}
	f := journal.Filter{Channel: q.Channel, Place: q.Place.ID, Since: q.AcceptedAt.Add(-quotedWithin), Limit: quotedAmong, NoRecord: true}
	if !q.Place.Group {
		f.User = q.User
	}
	var found *quotedAnswer
	best := quotedPart
	for e, err := range s.Journal.Entries(ctx, f) {
		if err != nil {
			return nil, fmt.Errorf("look for the answer that a question quotes: %w", err)
		}
		a, says := saying(e)
		if !says || e.Seq >= q.Seq || e.Place.Group != q.Place.Group {
			continue
		}
		if part := partOf(runs, a.Text); part >= best {
			best, found = part, &quotedAnswer{Question: e, answer: a, own: e.Dialogue == q.Dialogue}
		}
	}
	if found == nil {
		return nil, nil
	}
	return found, s.knownOf(ctx, found)
}

// saying is the answer of a question, and whether it says something of what was asked.
func saying(e journal.Question) (a Answer, says bool) {
	if e.Outcome != Answered && e.Outcome != Abstained && e.Outcome != Clarify || json.Unmarshal(e.Answer, &a) != nil {
		return a, false
	}
	return a, true
}

// knownOf leaves of a quoted answer what the one who quotes it may have known of their enterprise.
func (s *Service) knownOf(ctx context.Context, found *quotedAnswer) error {
	if !found.own {
		found.answer.Interview, found.answer.Next = nil, nil
		return nil
	}
	list := []journal.Question{found.Question}
	if err := s.withoutForgotten(ctx, found.User, list); err != nil {
		return err
	}
	found.answer, _ = saying(list[0])
	return nil
}

// before is what a conversation knows of the asker when it goes on from a quoted answer: what it knew last, and what that
// answer asked for.
func (a *quotedAnswer) before(last *Interview) *Interview {
	from := Interview{}
	switch {
	case last != nil:
		from = *last
	case a.own && a.answer.Interview != nil:
		from = *a.answer.Interview
	}
	from.Asked = nil
	if a.answer.Next != nil {
		from.Asked = a.answer.Next.Keys
	}
	return &from
}

// question is what the answerer is asked: with the turns that the caller gave, or those of the dialogue, as far as
// the answer that the question quotes.
func question(c journal.Claim, quoted *quotedAnswer) Question {
	q := Question{ID: c.Question.ID, Text: c.Question.Text, History: c.Question.History, Lang: c.Question.Lang, Profile: c.Question.Profile}
	if t, err := time.Parse(time.DateOnly, c.Question.AsOf); err == nil {
		q.AsOf = t
	}
	if q.History != nil {
		return q
	}
	var asked []string // by the answer that the message quotes
	for _, e := range c.Earlier {
		var a Answer
		if json.Unmarshal(e.Answer, &a) != nil {
			continue
		}
		if quoted == nil || e.Seq < quoted.Seq {
			q.History = append(q.History, turns(e, a)...)
		}
		q.Before = cmp.Or(a.Interview, q.Before, &Interview{})
		if a.Next != nil && strings.Contains(c.Question.Quote, a.Next.Text) {
			asked = a.Next.Keys
		}
	}
	switch {
	case quoted != nil:
		q.History, q.Quotes, q.Before = append(q.History, turns(quoted.Question, quoted.answer)...), true, quoted.before(q.Before)
		return q
	case c.Question.Quote != "":
		q.History = append(q.History, Turn{Role: RoleAssistant, Text: c.Question.Quote})
	}
	if asked != nil {
		before := *q.Before
		before.Asked, q.Before = asked, &before
	}
	return q
}

// turns are a question and its answer as turns of a conversation. Who asked to see a source has asked nothing.
func turns(e journal.Question, a Answer) []channel.Turn {
	said := channel.Turn{Role: RoleAssistant, Text: a.Text}
	switch {
	case a.Shown != nil && a.Outcome != Answered:
		return nil
	case a.Shown != nil:
		return []channel.Turn{said}
	}
	return []channel.Turn{{Role: RoleUser, Text: e.Text}, said}
}

// What is not of the words of an answer when it is quoted.
var (
	quotedLink = regexp.MustCompile(`\]\([^()\s]*\)`)
	quotedTag  = regexp.MustCompile(`<[@/a-z][^<>]*>`)
	quotedMark = regexp.MustCompile(`\\?\[\s*\d{1,2}(?:\s*[,、]\s*\d{1,2})*\s*\\?\]|【\s*\d{1,2}\s*】`)
	quotedRef  = regexp.MustCompile(`(?:编号|\bref\b)[.:：\s]*[0-9a-z]{6}[\s.。]*$`)
)

// lettersOf are the letters and digits of a text in normal form, without the numbers of citations, what a markup adds and
// the reference that a message ends with.
func lettersOf(text string) string {
	text = analysis.Normalize(strings.Map(seen, text))
	text = quotedTag.ReplaceAllString(quotedLink.ReplaceAllString(text, "]"), "")
	text = quotedRef.ReplaceAllString(quotedMark.ReplaceAllString(text, ""), "")
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, text)
}

// runsOf are all runs of quotedLeast letters of a text.
func runsOf(text string) map[string]bool {
	out := map[string]bool{}
	eachRun(lettersOf(text), func(run string) { out[run] = true })
	return out
}

// partOf is how much of the runs stands in a text, 0 to 1.
func partOf(runs map[string]bool, text string) float64 {
	there := map[string]bool{}
	eachRun(lettersOf(text), func(run string) {
		if runs[run] {
			there[run] = true
		}
	})
	return float64(len(there)) / float64(len(runs))
}

func eachRun(letters string, do func(string)) {
	var starts []int // of the last letters
	for i := range letters {
		if starts = append(starts, i); len(starts) > quotedLeast {
			do(letters[starts[0]:i])
			starts = starts[1:]
		}
	}
	if len(starts) == quotedLeast {
		do(letters[starts[0]:])
	}
}
