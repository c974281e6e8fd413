package bot

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"policybot/bot/channel"
	"policybot/bot/journal"
	"policybot/bot/understand"
	"policybot/prompts"
	"policybot/retrieval"
)

// Answer gives the JSON of an [Answer] by the id of its question. The error wraps
// journal.ErrPending while there is none yet, and journal.ErrNotFound for an id that is
// not known or whose question was withdrawn.
func (s *Service) Answer(ctx context.Context, id string) (json.RawMessage, error) {
	e, err := s.Journal.Entry(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("look an answer up: %w", err)
	}
	switch e.Question.State {
	case journal.Waiting, journal.Claimed:
		return nil, journal.ErrPending
	case journal.Cancelled:
		return nil, fmt.Errorf("the question was withdrawn: %w", journal.ErrNotFound)
	}
	if len(e.Question.Answer) == 0 {
		return nil, fmt.Errorf("the answer was removed: %w", journal.ErrNotFound)
	}
	return withReply(e)
}

// withReply is the answer of a question with the reply of the staff, if there is one.
func withReply(e journal.Entry) (json.RawMessage, error) {
	i := len(e.Deliveries) - 1 // the latest
	for i >= 0 && e.Deliveries[i].Purpose != journal.Staff {
		i--
	}
	if i < 0 {
		return e.Question.Answer, nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(e.Question.Answer, &fields); err != nil {
		return nil, fmt.Errorf("read a stored answer: %w", err)
	}
	fields["staff_reply"] = encode(StaffReply{Text: e.Deliveries[i].Doc.Text, At: e.Deliveries[i].CreatedAt})
	return encode(fields), nil
}

// A StaffReply is what a person of the staff answered, beside the answer of the
// program, for whoever fetches it.
type StaffReply struct {
	Text string    `json:"text"`
	At   time.Time `json:"at"`
}

// Cases lists the cases of the staff in a state; "" lists all.
func (s *Service) Cases(ctx context.Context, state journal.CaseState) ([]journal.Case, error) {
	return s.Journal.ListCases(ctx, state)
}

// Case gives one case.
func (s *Service) Case(ctx context.Context, id string) (journal.Case, error) {
	return s.Journal.GetCase(ctx, id)
}

// Respond sends a person's reply to where a case came from, once; see
// [journal.Cases]. by is who replies, for the record.
func (s *Service) Respond(ctx context.Context, id, by, text string) (journal.Case, error) {
	return s.RespondCiting(ctx, id, by, text, nil)
}

// RespondCiting is Respond for a text whose [1], [2] … name the cited clauses in their
// order.
func (s *Service) RespondCiting(ctx context.Context, id, by, text string, cited []retrieval.Clause) (journal.Case, error) {
	c, err := RespondCiting(ctx, s.Journal, journal.Response{Case: id, By: by, Text: text, At: s.clock.now()}, s.Lang, cited)
	if w, ok := s.post[c.Channel]; ok && err == nil {
		w.up()
	}
	return c, err
}

// Respond is [Service.Respond] for a journal whose service may not be running: the
// reply waits in the outbox until it does. lang is the language of the line above the
// reply where the case shows none.
func Respond(ctx context.Context, j journal.Journal, r journal.Response, lang string) (journal.Case, error) {
	return RespondCiting(ctx, j, r, lang, nil)
}

// RespondCiting is Respond for a text whose [1], [2] … name the cited clauses in their
// order: what goes out has their sources, see [ComposeReply]. A text that cites none goes
// out alone.
func RespondCiting(ctx context.Context, j journal.Journal, r journal.Response, lang string, cited []retrieval.Clause) (journal.Case, error) {
	r.Text = strings.TrimSpace(strings.ToValidUTF8(r.Text, "\ufffd"))
	if r.Text == "" {
		return journal.Case{}, errors.New("the reply has no text")
	}
	c, err := j.GetCase(ctx, r.Case)
	if err != nil {
		return c, err
	}
	l := understand.LanguageOf(understand.Clean(cmp.Or(c.Asked, c.Text)), lang)
	head := prompts.Render(l, "staff_reply", prompts.Slots{"case": c.ID})
	r.Doc = channel.Doc{Text: r.Text, Nodes: []channel.Node{{Kind: channel.Line, Text: r.Text}}}
	if len(cited) > 0 {
		r.Doc = ComposeReply(Reply{Text: r.Text, Lang: l, Question: cmp.Or(c.Asked, c.Text)}, cited)
	}
	r.Doc.ID, r.Doc.Lang, r.Doc.Label = "r-"+strings.TrimPrefix(c.ID, "c-"), l, channel.LabelStaff
	r.Doc.Text = head + "\n" + r.Doc.Text
	r.Doc.Nodes = slices.Insert(r.Doc.Nodes, 0, channel.Node{Kind: channel.Line, Text: head})
	return j.Respond(ctx, r)
}
