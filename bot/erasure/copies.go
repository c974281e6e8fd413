package erasure

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"

	"policybot/bot/journal"
	"policybot/retrieval"
)

// copies counts the copies of a person's words outside their questions, and removes them where remove is set.
func (s Stores) copies(ctx context.Context, t *trace, remove bool) (n Counts, err error) {
	if n.Entries, err = s.entries(ctx, t, remove); err != nil {
		return n, err
	}
	if n.Golden, n.Results, err = s.golden(ctx, t, remove); err != nil {
		return n, err
	}
	if n.Notes, err = s.notes(ctx, t, remove); err != nil {
		return n, err
	}
	n.Views, err = s.views(ctx, t, remove)
	return n, err
}

// entries are the index entries that were made of their questions alone.
func (s Stores) entries(ctx context.Context, t *trace, remove bool) (n int, err error) {
	if s.Library == nil || len(t.entries) == 0 {
		return 0, nil
	}
	list, err := s.Library.Taught(ctx, "")
	if err != nil {
		return 0, err
	}
	for _, e := range list {
		if !t.entries[e.ID] {
			continue
		}
		others, err := s.others(ctx, t, e.Question, e.ID)
		if err != nil {
			return n, err
		}
		if others != "" {
			continue
		}
		if remove {
			if _, err := s.Library.Unteach(ctx, e.ID); err != nil && !errors.Is(err, retrieval.ErrNotFound) {
				return n, err
			}
		}
		n++
	}
	return n, nil
}

// others finds a question of somebody else that says the same and, unless entry is "", whose review has made this index
// entry; "" when there is none.
func (s Stores) others(ctx context.Context, t *trace, text, entry string) (id string, err error) {
	key := Letters(text)
	for m, err := range s.Journal.Matches(ctx, journal.Query{Words: strings.ReplaceAll(text, `"`, " ")}) {
		if err != nil {
			return "", err
		}
		if t.ids[m.Row.ID] || m.Question.User == t.User || Letters(m.Question.Text) != key {
			continue
		}
		if entry == "" {
			return m.Row.ID, nil
		}
		list, err := s.Journal.Reviews(ctx, m.Row.ID)
		if err != nil && !errors.Is(err, journal.ErrNotFound) {
			return "", err
		}
		for _, r := range list {
			if r.Entry == entry {
				return m.Row.ID, nil
			}
		}
	}
	return "", nil
}

// A goldenCopy is what of a golden question tells where it is from.
type goldenCopy struct {
	Question struct {
		ID string `json:"id"`
	} `json:"question"`
	From string `json:"from"`
}

// golden are the golden questions that were made of their questions, and what came of them in runs that are kept. Runs
// of questions that have left the set are told by the words.
func (s Stores) golden(ctx context.Context, t *trace, remove bool) (golden, results int, err error) {
	if s.Store == nil || len(t.ids) == 0 {
		return 0, 0, nil
	}
	list, err := s.Store.Attachments(ctx, GoldenKind)
	if err != nil {
		return 0, 0, err
	}
	var changed []retrieval.Attachment
	theirs, held := map[string]bool{}, map[string]bool{}
	for _, a := range list {
		var g goldenCopy
		if err := json.Unmarshal(a.Data, &g); err != nil {
			return 0, 0, fmt.Errorf("golden question %s: %w", a.ID, err)
		}
		if held[g.Question.ID] = true; t.ids[g.From] {
			golden++
			theirs[g.Question.ID] = true
			changed = append(changed, retrieval.Attachment{Kind: GoldenKind, ID: a.ID})
		}
	}
	runs, err := s.Store.Attachments(ctx, RunKind)
	if err != nil {
		return 0, 0, err
	}
	for _, a := range runs {
		data, n, err := withoutResults(a.Data, func(id, text string) bool {
			return theirs[id] || t.ids[strings.TrimPrefix(id, GoldenPrefix)] || !held[id] && t.keys[Letters(text)]
		})
		if err != nil {
			return 0, 0, fmt.Errorf("run of the golden set %s: %w", a.ID, err)
		}
		if results += n; n > 0 {
			changed = append(changed, retrieval.Attachment{Kind: RunKind, ID: a.ID, Data: data})
		}
	}
	if remove && len(changed) > 0 {
		err = s.Store.PutAttachments(ctx, changed...)
	}
	return golden, results, err
}

// withoutResults takes from a run what came of some questions. Its figures stay: they name none.
func withoutResults(run []byte, gone func(id, text string) bool) (out []byte, n int, err error) {
	var held, report map[string]json.RawMessage
	var results []json.RawMessage
	if err := json.Unmarshal(run, &held); err != nil {
		return nil, 0, err
	}
	if err := json.Unmarshal(held["report"], &report); err != nil {
		return nil, 0, err
	}
	if err := json.Unmarshal(report["verdicts"], &results); err != nil {
		return nil, 0, err
	}
	left := []json.RawMessage{}
	for _, one := range results {
		var of struct{ ID, Question string }
		if err := json.Unmarshal(one, &of); err != nil {
			return nil, 0, err
		}
		if gone(of.ID, of.Question) {
			n++
		} else {
			left = append(left, one)
		}
	}
	if n == 0 {
		return run, 0, nil
	}
	for _, part := range []struct {
		in   map[string]json.RawMessage
		name string
		with any
	}{{report, "verdicts", left}, {held, "report", report}} {
		if part.in[part.name], err = json.Marshal(part.with); err != nil {
			return nil, 0, err
		}
	}
	out, err = json.Marshal(held)
	return out, n, err
}

// notes are the notes on what they alone asked in vain.
func (s Stores) notes(ctx context.Context, t *trace, remove bool) (n int, err error) {
	if s.Store == nil || len(t.asked) == 0 {
		return 0, nil
	}
	list, err := s.Store.Attachments(ctx, GapKind)
	if err != nil {
		return 0, err
	}
	var gone []retrieval.Attachment
	for _, a := range list {
		text, theirs := t.asked[a.ID]
		if !theirs {
			continue
		}
		others, err := s.others(ctx, t, text, "")
		if err != nil {
			return 0, err
		}
		if others == "" {
			gone = append(gone, retrieval.Attachment{Kind: GapKind, ID: a.ID})
		}
	}
	if remove && len(gone) > 0 {
		err = s.Store.PutAttachments(ctx, gone...)
	}
	return len(gone), err
}

// views are the saved searches of their account, those that name them, and those that look for or are called the whole of what they asked.
func (s Stores) views(ctx context.Context, t *trace, remove bool) (n int, err error) {
	list, err := s.Journal.EveryView(ctx)
	if err != nil {
		return 0, err
	}
	for _, v := range list {
		if !t.viewed(v) {
			continue
		}
		if remove {
			if err := s.Journal.DeleteView(ctx, v.Owner, v.Name); err != nil && !errors.Is(err, journal.ErrNotFound) {
				return n, err
			}
		}
		n++
	}
	return n, nil
}

// viewed reports whether a saved search is about the person.
func (t *trace) viewed(v journal.View) bool {
	if t.Account != "" && v.Owner == t.Account {
		return true
	}
	for _, name := range t.names {
		if strings.Contains(v.Query, name) {
			return true
		}
	}
	for _, words := range []string{searched(v), Letters(v.Name)} {
		if t.keys[words] && utf8.RuneCountInString(words) >= leastWords {
			return true
		}
	}
	return false
}

// searched are the Letters of the words that a saved search looks for.
func searched(v journal.View) string {
	values, err := url.ParseQuery(v.Query)
	if err != nil {
		return Letters(v.Query)
	}
	return Letters(values.Get("q"))
}
