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
	reply := staffReply(e)
	if reply == nil {
		return e.Question.Answer, nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(e.Question.Answer, &fields); err != nil {
		return nil, fmt.Errorf("read a stored answer: %w", err)
	}
	fields["staff_reply"] = encode(reply)
	return encode(fields), nil
}

// staffReply is the latest reply of a person, nil where there is none.
func staffReply(e journal.Entry) *StaffReply {
	for _, d := range slices.Backward(e.Deliveries) {
		if d.Purpose == journal.Staff {
			r := &StaffReply{Text: d.Doc.Text, At: d.CreatedAt, Citations: d.Doc.Citations, Body: d.Doc.Text}
			if head := "\n\n" + prompts.Render(d.Doc.Lang, "sources", nil) + "\n"; len(r.Citations) > 0 {
				r.Body = r.Text[:max(strings.LastIndex(r.Text, head), 0)]
			}
			return r
		}
	}
	return nil
}

// A StaffReply is what a person of the staff answered, beside the answer of the
// program, for whoever fetches it.
type StaffReply struct {
	Text string    `json:"text"`
	At   time.Time `json:"at"`
	// Citations are the clauses that its markers name, with the words that bear it; none where it cites none.
	Citations []channel.Citation `json:"citations,omitempty"`
	Body      string             `json:"-"` // Text without the sources behind it
}

// Cases lists the cases of the staff in a state; "" lists all.
func (s *Service) Cases(ctx context.Context, state journal.CaseState) ([]journal.Case, error) {
	return s.Journal.ListCases(ctx, state)
}

// Case gives one case.
func (s *Service) Case(ctx context.Context, id string) (journal.Case, error) {
	return s.Journal.GetCase(ctx, id)
}

// CaseID is the id that OpenCase gives the case of a question, which has no case yet.
func (s *Service) CaseID(question string) string { return s.caseID(question) }

// OpenCase opens the case of a question for a reason; see [journal.Cases].
func (s *Service) OpenCase(ctx context.Context, question, reason string) (journal.Case, error) {
	return s.openCase(ctx, journal.NewCase{ID: s.caseID(question), Question: question, Reason: reason})
}

// openCase opens a case and tells the staff.
func (s *Service) openCase(ctx context.Context, n journal.NewCase) (journal.Case, error) {
	n, err := s.withPost(ctx, n)
	if err != nil {
		return journal.Case{}, err
	}
	defer s.told()
	return s.Journal.OpenCase(ctx, n, s.clock.now())
}

// Respond sends a person's reply to where a case came from, once; see
// [journal.Cases]. by is who replies, for the record.
func (s *Service) Respond(ctx context.Context, id, by, text string) (journal.Case, error) {
	return s.RespondWith(ctx, journal.Response{Case: id, By: by, Text: text})
}

// RespondWith is Respond with a draft: what it sends is r.Text, r.Revision says which draft that is, and cited
// are the clauses that [1], [2] … of the text name. r.Doc and r.At are filled in.
func (s *Service) RespondWith(ctx context.Context, r journal.Response, cited ...retrieval.Clause) (journal.Case, error) {
	r.At = s.clock.now()
	c, err := Respond(ctx, s.Journal, r, s.Lang, cited...)
	if w, ok := s.post[c.Channel]; ok && err == nil {
		w.up()
	}
	return c, err
}

// Respond is [Service.RespondWith] for a journal whose service may not be running: the
// reply waits in the outbox until it does. lang is the language of the line above the
// reply where the case shows none. A reply that is a draft goes out to the letter; of any other
// blank ends are cut off. What goes out has the sources of the clauses that the text cites, see
// [ComposeReply]; a text that cites none goes out alone.
func Respond(ctx context.Context, j journal.Journal, r journal.Response, lang string, cited ...retrieval.Clause) (journal.Case, error) {
	if r.Revision == 0 {
		r.Text = strings.TrimSpace(strings.ToValidUTF8(r.Text, "\ufffd"))
	}
	if strings.TrimSpace(r.Text) == "" {
		return journal.Case{}, errors.New("the reply has no text")
	}
	c, err := j.GetCase(ctx, r.Case)
	if err != nil {
		return c, err
	}
	l := understand.LanguageOf(understand.Clean(cmp.Or(c.Asked, c.Text)), lang)
	r.Doc = replyDoc(c, l, r.Text, cited)
	return j.Respond(ctx, r)
}

// replyDoc is what goes out for a person's reply: a line that says so, the text as it is, and the sources of the
// clauses that it cites.
func replyDoc(c journal.Case, lang, text string, cited []retrieval.Clause) channel.Doc {
	head := prompts.Render(lang, "staff_reply", prompts.Slots{"case": c.ID})
	doc := channel.Doc{Text: text, Nodes: []channel.Node{{Kind: channel.Line, Text: text}}}
	if len(cited) > 0 {
		doc = ComposeReply(Reply{Text: text, Lang: lang, Question: cmp.Or(c.Asked, c.Text)}, cited)
	}
	doc.ID, doc.Lang, doc.Label = "r-"+strings.TrimPrefix(c.ID, "c-"), lang, channel.LabelStaff
	doc.Text = head + "\n" + doc.Text
	doc.Nodes = slices.Insert(doc.Nodes, 0, channel.Node{Kind: channel.Line, Text: head})
	return doc
}
