package erasure

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"unicode"

	"policybot/bot"
	"policybot/bot/journal"
)

// A trace is what leads from a person to copies of their words.
type trace struct {
	Person
	counts  Counts            // of the journal
	ids     map[string]bool   // of their questions
	keys    map[string]bool   // Letters of what they asked, and of replies to them
	asked   map[string]string // Digest of what they asked → the text
	names   []string          // user and dialogues, as a search may name them
	entries map[string]bool   // ids of index entries that their reviews name
	cases   map[string]bool   // ids of their cases
}

// Letters are the letters and digits of a text, folded: two texts that have the same say the same.
func Letters(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, journal.Fold(text))
}

// Digest is the digest of what a question asks, without its words.
func Digest(text string) string {
	sum := sha256.Sum256([]byte(Letters(text)))
	return hex.EncodeToString(sum[:12])
}

// trace reads what the journal has of a person.
func (s Stores) trace(ctx context.Context, p Person) (*trace, error) {
	t := &trace{
		Person: p, ids: map[string]bool{}, keys: map[string]bool{}, asked: map[string]string{}, entries: map[string]bool{}, cases: map[string]bool{},
	}
	if p.User == "" {
		return t, nil // nobody
	}
	t.names = []string{p.User}
	for q, err := range s.Journal.Entries(ctx, journal.Filter{User: p.User, Brief: true}) {
		if err != nil {
			return nil, err
		}
		t.question(q)
	}
	for id := range t.ids {
		if err := s.reviewed(ctx, t, id); err != nil {
			return nil, err
		}
	}
	if err := s.caseTrace(ctx, t); err != nil {
		return nil, err
	}
	for r, err := range s.Journal.Ratings(ctx, journal.Filter{}) {
		if err != nil {
			return nil, err
		}
		if r.User == p.User && !t.ids[r.Question] {
			t.counts.Ratings++
		}
	}
	kept, err := bot.ProfileKept(ctx, s.Journal, p.User)
	if kept {
		t.counts.Profile = 1
	}
	return t, err
}

func (t *trace) question(q journal.Question) {
	t.counts.Questions++
	t.ids[q.ID] = true
	if key := Letters(q.Text); key != "" {
		t.keys[key], t.asked[Digest(q.Text)] = true, q.Text
	}
	if q.Dialogue != "" && t.names[len(t.names)-1] != q.Dialogue {
		t.names = append(t.names, q.Dialogue)
	}
}

// reviewed adds the index entries that were made of a question.
func (s Stores) reviewed(ctx context.Context, t *trace, question string) error {
	list, err := s.Journal.Reviews(ctx, question)
	if errors.Is(err, journal.ErrNotFound) {
		return nil // removed meanwhile
	}
	for _, r := range list {
		if r.Entry != "" {
			t.entries[r.Entry] = true
		}
	}
	return err
}

// caseTrace adds the cases and what was replied.
func (s Stores) caseTrace(ctx context.Context, t *trace) error {
	list, err := s.Journal.ListCases(ctx, "")
	for _, k := range list {
		if k.User != t.User {
			continue
		}
		t.counts.Cases++
		t.cases[k.ID] = true
		if key := Letters(k.Response); key != "" {
			t.keys[key] = true
		}
	}
	return err
}
