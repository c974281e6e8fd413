package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"policybot/bot/channel"
	"policybot/bot/journal"
)

// A Message is a question of a conversation with what became of it.
type Message struct {
	journal.Question
	Answer     *Answer     // nil while there is none
	StaffReply *StaffReply // of a person, the latest; nil where there is none
	Handed     bool        // a person was asked for, and has not replied since
}

// maxConversation is how many questions of a conversation are shown.
const maxConversation = 100

// Conversation gives the questions of one person in one place and thread of a channel, oldest first,
// with their answers: the latest maxConversation. Those that were taken back are left out.
func (s *Service) Conversation(ctx context.Context, name string, who channel.Actor, where channel.Place) ([]Message, error) {
	return s.Dialogue(ctx, s.dialogue(channel.Caps{Name: name}, channel.Event{Actor: who, Place: where}))
}

// Dialogue is Conversation by [journal.Case].Dialogue or [journal.Question].Dialogue. Of "", which is that of who was
// erased, there is nothing.
func (s *Service) Dialogue(ctx context.Context, dialogue string) ([]Message, error) {
	if dialogue == "" {
		return nil, nil
	}
	var ids []string
	for q, err := range s.Journal.Entries(ctx, journal.Filter{Dialogue: dialogue, Limit: maxConversation, Brief: true}) {
		if err != nil {
			return nil, fmt.Errorf("read a conversation: %w", err)
		}
		if q.State != journal.Cancelled {
			ids = append(ids, q.ID)
		}
	}
	var list []Message
	for _, id := range ids {
		m, err := s.Message(ctx, id)
		if errors.Is(err, journal.ErrNotFound) {
			continue // removed meanwhile
		}
		if err != nil {
			return nil, fmt.Errorf("read a conversation: %w", err)
		}
		list = append(list, m)
	}
	return list, nil
}

// Asked gives the newest n questions of a person on a channel, in all its places, newest first and without Record. Those
// that were taken back are left out, and the asking for a person about an answer. There are none for n below 1.
func (s *Service) Asked(ctx context.Context, name string, who channel.Actor, n int) ([]journal.Question, error) {
	if n < 1 {
		return nil, nil
	}
	for most := n + 5; ; most *= 2 {
		var list []journal.Question
		read := 0
		for q, err := range s.Journal.Entries(ctx, journal.Filter{User: s.Asker(name, who), Limit: most, NoRecord: true}) {
			if err != nil {
				return nil, fmt.Errorf("read what a person asked: %w", err)
			}
			read++
			if q.State != journal.Cancelled && q.About == "" {
				list = append(list, q)
			}
		}
		if len(list) >= n || read < most {
			slices.Reverse(list)
			return list[:min(n, len(list))], nil
		}
	}
}

// HasAsked reports whether a person of a channel has a question, taken back or not, in a place.
func (s *Service) HasAsked(ctx context.Context, name string, who channel.Actor, p channel.Place) (bool, error) {
	dialogue := s.dialogue(channel.Caps{Name: name}, channel.Event{Actor: who, Place: p})
	for _, err := range s.Journal.Entries(ctx, journal.Filter{Dialogue: dialogue, Limit: 1, Brief: true}) {
		if err != nil {
			return false, fmt.Errorf("read whether a person asked in a place: %w", err)
		}
		return true, nil
	}
	return false, nil
}

// LanguageOf is the language in which a question is answered that tells one, else that of the service's notices.
func (s *Service) LanguageOf(q journal.Question) string { return s.langOf(q) }

// Asker is the keyed hash that stands for a person of a channel, as in [journal.Question].User.
func (s *Service) Asker(name string, who channel.Actor) string { return UserHash(s.Key, name, who) }

// Message gives one question with its answer. The error wraps journal.ErrNotFound when there is none.
func (s *Service) Message(ctx context.Context, id string) (Message, error) {
	e, err := s.Journal.Entry(ctx, id)
	if err != nil {
		return Message{}, fmt.Errorf("read a question: %w", err)
	}
	return messageOf(e)
}

// messageOf is an entry as it is shown to people.
func messageOf(e journal.Entry) (Message, error) {
	m := Message{Question: e.Question}
	if len(e.Question.Answer) > 0 {
		m.Answer = &Answer{}
		if err := json.Unmarshal(e.Question.Answer, m.Answer); err != nil {
			return Message{}, fmt.Errorf("read the answer %s: %w", e.Question.ID, err)
		}
	}
	m.StaffReply = staffReply(e)
	for _, s := range e.Steps {
		switch s.Name {
		case "case":
			m.Handed = true
		case "replied", "closed case":
			m.Handed = false
		}
	}
	return m, nil
}
