package retrieval

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"
)

// An Attachment is something that another package keeps with the documents, such as
// what was read from them. A [Store] knows no more of it than its name.
type Attachment struct {
	Kind string // as the package that owns it calls them; never empty
	ID   string // unique within the kind; never empty
	Data []byte
}

// Check tells what is wrong with the name of an attachment, nil for nothing. Every
// Store refuses one with a mistake.
func (a Attachment) Check() error {
	switch {
	case a.Kind == "" || a.ID == "":
		return errors.New("an attachment needs a kind and an id")
	case !utf8.ValidString(a.Kind) || !utf8.ValidString(a.ID):
		return fmt.Errorf("kind %q or id %q of an attachment is not UTF-8", a.Kind, a.ID)
	}
	return nil
}

// Attachments implements [Store].
func (m *Memory) Attachments(ctx context.Context, kind string) ([]Attachment, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("retrieval: attachments of kind %q: %w", kind, err)
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	held := m.attachments[kind]
	list := make([]Attachment, 0, len(held))
	for _, id := range slices.Sorted(maps.Keys(held)) {
		list = append(list, Attachment{kind, id, bytes.Clone(held[id])})
	}
	return list, nil
}

// PutAttachments implements [Store].
func (m *Memory) PutAttachments(ctx context.Context, list ...Attachment) error {
	fail := func(err error) error { return fmt.Errorf("retrieval: put %d attachments: %w", len(list), err) }
	if err := ctx.Err(); err != nil {
		return fail(err)
	}
	for _, a := range list {
		if err := a.Check(); err != nil {
			return fail(err)
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.attach(list)
	return nil
}

// attach stores attachments that are fine.
func (m *Memory) attach(list []Attachment) {
	for _, a := range list {
		if m.attachments[a.Kind] == nil {
			m.attachments[a.Kind] = map[string][]byte{}
		}
		if len(a.Data) == 0 {
			delete(m.attachments[a.Kind], a.ID)
			continue
		}
		m.attachments[a.Kind][a.ID] = bytes.Clone(a.Data)
	}
}
