package retrieval

import (
	"fmt"
	"strings"

	"policybot/retrieval/analysis"
)

// Find returns the document that name says: exactly its id, file name, number
// or title, or else the only one of which it is a part. Width, case and
// traditional characters make no difference. The error wraps ErrNotFound, or is
// an *AmbiguousError.
func Find(docs []Document, name string) (Document, error) {
	want := fold(name)
	if want == "" {
		return Document{}, fmt.Errorf("no document is named: %w", ErrNotFound)
	}
	var parts []Document
	for _, d := range docs {
		for _, n := range []string{d.ID, d.Source, d.Number, d.Title} {
			if n = fold(n); n == want {
				return d, nil
			} else if strings.Contains(n, want) {
				parts = append(parts, d)
				break
			}
		}
	}
	switch len(parts) {
	case 1:
		return parts[0], nil
	case 0:
		return Document{}, fmt.Errorf("document %q: %w", name, ErrNotFound)
	}
	var ids []string
	for _, d := range parts {
		ids = append(ids, d.ID)
	}
	return Document{}, &AmbiguousError{Name: name, IDs: ids}
}

// An AmbiguousError says that a name fits several documents.
type AmbiguousError struct {
	Name string
	IDs  []string // of the documents, ordered as they were listed
}

func (e *AmbiguousError) Error() string {
	return fmt.Sprintf("document %q may be any of %s", e.Name, strings.Join(e.IDs, ", "))
}

func fold(s string) string {
	return strings.Trim(strings.Join(strings.Fields(analysis.Normalize(s)), ""), "《》")
}
