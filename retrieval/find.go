package retrieval

import (
	"fmt"
	"slices"
	"strings"

	"policybot/retrieval/analysis"
)

// Find returns the document that name says: its id, or else the only one whose
// file name, number or title it is, or else of one of these, or of its id, a
// part. Width, case, traditional characters and the kind of brackets make no
// difference. The error wraps ErrNotFound, or is an *AmbiguousError.
func Find(docs []Document, name string) (Document, error) {
	want := fold(name)
	if want == "" {
		return Document{}, fmt.Errorf("no document is named: %w", ErrNotFound)
	}
	var whole, parts []Document
	for _, d := range docs {
		names := []string{fold(d.Source), fold(d.Number), fold(d.Title)}
		switch {
		case fold(d.ID) == want:
			return d, nil
		case slices.Contains(names, want):
			whole = append(whole, d)
		case slices.ContainsFunc(append(names, d.ID), func(n string) bool { return strings.Contains(n, want) }):
			parts = append(parts, d)
		}
	}
	if len(whole) == 0 {
		whole = parts
	}
	switch len(whole) {
	case 1:
		return whole[0], nil
	case 0:
		return Document{}, fmt.Errorf("document %q: %w", name, ErrNotFound)
	}
	var ids []string
	for _, d := range whole {
		ids = append(ids, d.ID)
	}
	return Document{}, &AmbiguousError{Name: name, IDs: ids}
}

// An AmbiguousError says that a name fits several documents.
type AmbiguousError struct {
	Name string
	IDs  []string // of the documents, ordered as they were listed
}

// Error implements error.
func (e *AmbiguousError) Error() string {
	return fmt.Sprintf("document %q may be any of %s", e.Name, strings.Join(e.IDs, ", "))
}

// brackets makes all brackets of a number alike: 〔2020〕, [2020], (2020).
var brackets = strings.NewReplacer("〔", "(", "〕", ")", "[", "(", "]", ")", "【", "(", "】", ")", "﹝", "(", "﹞", ")")

func fold(s string) string {
	return brackets.Replace(strings.Trim(strings.Join(strings.Fields(analysis.Normalize(s)), ""), "《》"))
}
