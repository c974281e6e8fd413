package erasure

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"policybot/bot/journal"
)

// leastWords is of how many letters words must be, to be somebody's.
const leastWords = 8

// looks lists what has words of a person and cannot be traced to them. What erasing removes may be among it.
func (s Stores) looks(ctx context.Context, t *trace) ([]Look, error) {
	if len(t.keys) == 0 {
		return nil, nil
	}
	var out []Look
	for _, find := range []func(context.Context, *trace) ([]Look, error){s.lookEntries, s.lookNotes, s.lookCases, s.lookReviews, s.lookViews} {
		list, err := find(ctx, t)
		if err != nil {
			return nil, fmt.Errorf("look for a person's words: %w", err)
		}
		out = append(out, list[:min(len(list), MostLooks)]...)
	}
	return out, nil
}

// has reports whether a text has the whole of what they asked or were replied in it.
func (t *trace) has(text string) bool {
	letters := Letters(text)
	for key := range t.keys {
		if utf8.RuneCountInString(key) >= leastWords && strings.Contains(letters, key) {
			return true
		}
	}
	return false
}

// lookEntries are index entries with their words that others asked too, or that somebody made at the machine.
func (s Stores) lookEntries(ctx context.Context, t *trace) ([]Look, error) {
	if s.Library == nil {
		return nil, nil
	}
	list, err := s.Library.Taught(ctx, "")
	if err != nil {
		return nil, err
	}
	var out []Look
	for _, e := range list {
		if !t.entries[e.ID] && !t.keys[Letters(e.Question)] {
			continue
		}
		others := "somebody at the machine"
		if t.entries[e.ID] {
			if others, err = s.others(ctx, t, e.Question, e.ID); err != nil {
				return nil, err
			}
		}
		if others != "" {
			out = append(out, Look{LookEntry, e.Clause})
		}
	}
	return out, nil
}

// lookNotes are notes on what others asked in vain as well.
func (s Stores) lookNotes(ctx context.Context, t *trace) ([]Look, error) {
	if s.Store == nil {
		return nil, nil
	}
	list, err := s.Store.Attachments(ctx, GapKind)
	if err != nil {
		return nil, err
	}
	var out []Look
	for _, a := range list {
		if text, theirs := t.asked[a.ID]; theirs {
			others, err := s.others(ctx, t, text, "")
			if err != nil {
				return nil, err
			}
			if others != "" {
				out = append(out, Look{LookNote, others})
			}
		}
	}
	return out, nil
}

// lookCases are cases of others, whose reply may have been taken from one to them.
func (s Stores) lookCases(ctx context.Context, t *trace) ([]Look, error) {
	list, err := s.Journal.ListCases(ctx, "")
	if err != nil {
		return nil, err
	}
	var out []Look
	for _, k := range list {
		if t.cases[k.ID] || len(out) >= MostLooks {
			continue
		}
		texts := k.Response + "\n" + k.ClosedWhy + "\n" + k.ReturnReason
		if k.Revision > 0 {
			drafts, err := s.Journal.ListDrafts(ctx, k.ID)
			if err != nil && !errors.Is(err, journal.ErrNotFound) {
				return nil, err
			}
			for _, d := range drafts {
				texts += "\n" + d.Text
			}
		}
		if t.has(texts) {
			out = append(out, Look{LookCase, k.ID})
		}
	}
	return out, nil
}

// lookReviews are reviews of the questions of others.
func (s Stores) lookReviews(ctx context.Context, t *trace) ([]Look, error) {
	var out []Look
	for m, err := range s.Journal.Matches(ctx, journal.Query{Verdict: journal.Any}) {
		if err != nil {
			return nil, err
		}
		if t.ids[m.Row.ID] || len(out) >= MostLooks {
			continue
		}
		list, err := s.Journal.Reviews(ctx, m.Row.ID)
		if err != nil && !errors.Is(err, journal.ErrNotFound) {
			return nil, err
		}
		texts := ""
		for _, r := range list {
			texts += r.Text + "\n" + r.Note + "\n"
		}
		if t.has(texts) {
			out = append(out, Look{LookReview, m.Row.ID})
		}
	}
	return out, nil
}

// lookViews are saved searches for some of their words.
func (s Stores) lookViews(ctx context.Context, t *trace) ([]Look, error) {
	list, err := s.Journal.EveryView(ctx)
	if err != nil {
		return nil, err
	}
	var out []Look
	for _, v := range list {
		words := searched(v)
		if t.viewed(v) || utf8.RuneCountInString(words) < leastWords || !v.Shared {
			continue
		}
		for key := range t.keys {
			if strings.Contains(key, words) {
				out = append(out, Look{LookView, v.Query})
				break
			}
		}
	}
	return out, nil
}
