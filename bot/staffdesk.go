package bot

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"policybot/bot/channel"
	"policybot/bot/journal"
	"policybot/prompts"
)

// A StaffDesk is the place in a chat where the staff is told of cases: of each round of each case once, by the
// outbox, in the transaction that opens it. What is told goes when the asker is erased, as far as it has not been
// delivered; where it cannot be delivered it is given up and logged. Who is in the place reads what askers wrote.
type StaffDesk struct {
	Channel string // name of the channel; where the service has none of it, or its askers fetch replies, nobody is told
	Place   channel.Place
	Reply   channel.Handle // to the place; it does not expire
	Lang    string         // zh or en; "" is Options.Lang
}

// What the staff is shown of a conversation.
const (
	deskTurns = 3   // earlier questions, with their answers
	deskShort = 200 // characters of each
)

// doesCase is what the button of a case does: it stands for the case of its question.
const doesCase = "case"

// withPost adds what the staff is told if the case is opened. Nothing is told of a question that is not known or whose
// asker was erased.
func (s *Service) withPost(ctx context.Context, n journal.NewCase) (journal.NewCase, error) {
	c := s.byName[s.StaffDesk.Channel]
	if c == nil || c.Caps().Pull {
		return n, nil
	}
	var asked journal.Question
	var before []channel.Turn
	if n.Question != "" {
		e, err := s.Journal.Entry(ctx, n.Question)
		if errors.Is(err, journal.ErrNotFound) {
			return n, nil // the journal says so
		}
		if asked = e.Question; err == nil {
			before, err = s.turnsBefore(ctx, asked)
		}
		if err != nil {
			return n, fmt.Errorf("read what a case is about: %w", err)
		}
		if asked.User == "" {
			return n, nil
		}
	}
	doc := s.deskDoc(n, asked, before)
	post := &journal.DeskPost{
		Channel: s.StaffDesk.Channel, Place: s.StaffDesk.Place, Reply: s.StaffDesk.Reply, Dialogue: s.hash("dialogue", "desk\x00"+n.ID+"\x00"+newToken()), Doc: doc,
	}
	if n.Question != "" {
		token := newToken()
		post.Doc.Buttons = []channel.Button{{Token: token, Label: prompts.Render(doc.Lang, "button_case", nil), Does: doesCase}}
		post.Tokens = []journal.Token{{Token: token, Question: n.Question, Does: doesCase}}
	}
	n.Post = post
	return n, nil
}

// told wakes who tells the staff.
func (s *Service) told() {
	if w, ok := s.post[s.StaffDesk.Channel]; ok {
		w.up()
	}
}

// turnsBefore are the last turns of the conversation before a question, each shortened: those that its caller gave, or
// those of its dialogue.
func (s *Service) turnsBefore(ctx context.Context, asked journal.Question) ([]channel.Turn, error) {
	turns := slices.Clone(asked.History)
	if asked.History == nil && asked.Dialogue != "" {
		for q, err := range s.Journal.Entries(ctx, journal.Filter{Dialogue: asked.Dialogue, Limit: 10 * deskTurns, NoRecord: true}) {
			if err != nil {
				return nil, err
			}
			var a Answer
			if q.Seq < asked.Seq && q.Outcome != HandedOver && json.Unmarshal(q.Answer, &a) == nil {
				turns = append(turns, channel.Turn{Role: channel.User, Text: q.Text}, channel.Turn{Role: channel.Assistant, Text: a.Text})
			}
		}
	}
	turns = turns[max(0, len(turns)-2*deskTurns):]
	for i := range turns {
		turns[i].Text = shortened(turns[i].Text)
	}
	return turns, nil
}

// shortened is a text on one line, of at most deskShort characters and the mark that more follows.
func shortened(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if short := firstRunes(text, deskShort); short != text {
		return short + "…"
	}
	return text
}

// deskDoc is what the staff is told of a case: why it was opened, what was asked and said before, what the asker adds,
// and the program's answer, if there is one that says something.
func (s *Service) deskDoc(n journal.NewCase, asked journal.Question, before []channel.Turn) channel.Doc {
	c := &composer{lang: cmp.Or(s.StaffDesk.Lang, s.Lang, prompts.Chinese)}
	c.line("desk_head", prompts.Slots{"case": n.ID, "why": CaseReason(n.Reason, c.lang)})
	if asked.Text != "" {
		c.line("desk_asked", prompts.Slots{"text": strings.Join(strings.Fields(asked.Text), " ")})
	}
	switch text := strings.Join(strings.Fields(n.Text), " "); {
	case text == "" || isHandOver(text):
	case n.Reason == ReasonAsked:
		c.line("desk_adds", prompts.Slots{"text": text})
	case n.Reason == ReasonUndeliverable:
		c.line("desk_happened", prompts.Slots{"text": text})
	}
	if len(before) > 0 {
		c.gap()
		c.line("desk_before", nil)
		for _, t := range before {
			role := channel.User
			if t.Role == channel.Assistant {
				role = channel.Assistant
			}
			c.line("desk_"+role, prompts.Slots{"text": t.Text})
		}
	}
	doc := channel.Doc{ID: postOf + strings.TrimPrefix(n.ID, caseOf), Lang: c.lang, Label: channel.LabelNotice}
	var a Answer
	if err := json.Unmarshal(asked.Answer, &a); err == nil && a.Outcome == Answered {
		c.drafted(a)
		doc.Citations = citationsOf(a)
	} else {
		c.gap()
		c.line("desk_no_draft", nil)
	}
	doc.Text, doc.Nodes = strings.TrimSpace(c.b.String()), nodes(c.parts)
	return doc
}

// What the ids of a case and of what tells the staff of it begin with.
const (
	caseOf = "c-"
	postOf = "k-"
)

// CaseOfPost is the id of the case that a document tells the staff of, "" where it is another document. A channel without
// buttons leads there in its own way.
func CaseOfPost(d channel.Doc) string {
	id, ok := strings.CutPrefix(d.ID, postOf)
	if !ok {
		return ""
	}
	return caseOf + id
}

// CaseReason says for what reason a case was opened, in a language, zh or en.
func CaseReason(reason, lang string) string {
	if !slices.Contains(caseReasons, reason) {
		reason = "other"
	}
	return prompts.Render(lang, "desk_why_"+reason, nil)
}

// caseReasons are the reasons of a case that have a sentence of their own.
var caseReasons = []string{ReasonAsked, ReasonExpired, ReasonError, ReasonUndeliverable, Abstained, "rated"}

// drafted writes what the program has answered, with its limits, its sources and how it was made.
func (c *composer) drafted(a Answer) {
	c.gap()
	c.line("desk_draft", nil)
	list := a.listsOffers()
	if !list {
		c.sentences(a)
	}
	c.within(SectionEligibility, func() { c.eligibility(a, list) })
	c.gap()
	c.within(SectionLimits, func() { c.noticed(a) })
	c.gap()
	c.within(SectionSources, func() { c.sources(a) })
	c.label(a)
}
