package retrieval

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode/utf8"

	"policybot/retrieval/outline"
)

// Cut turns the leaves of an outline into the clauses of a document, with
// offsets in code points.
func Cut(documentID, text string, o outline.Outline) []Clause {
	var out []Clause
	bytes, points := 0, 0
	for _, i := range o.Leaves() {
		u := o.Units[i]
		points += utf8.RuneCountInString(text[bytes:u.Span.Start])
		own := text[u.Span.Start:u.Span.End]
		start := points
		points += utf8.RuneCountInString(own)
		bytes = u.Span.End
		out = append(out, Clause{
			ID:          documentID + "." + u.ID,
			Path:        u.Path,
			Heading:     u.Heading,
			Text:        own,
			Start:       start,
			End:         points,
			Departments: u.Departments,
			Parents:     o.Parents(i),
			Ordinal:     len(out),
		})
	}
	return out
}

// slug turns a file name into a document id: its letters and digits in lower
// case, everything else a hyphen. A name in another script loses its letters, so that
// it also gets the start of its SHA-256.
func slug(source string) string {
	var b strings.Builder
	hyphen, lost := false, false
	for _, r := range strings.ToLower(strings.TrimSuffix(source, extension(source))) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			if hyphen && b.Len() > 0 {
				b.WriteByte('-')
			}
			b.WriteRune(r)
			hyphen = false
		default:
			hyphen = true
			lost = lost || r >= utf8.RuneSelf
		}
	}
	if b.Len() == 0 {
		b.WriteString("doc")
	}
	if lost {
		sum := sha256.Sum256([]byte(source))
		b.WriteString("-" + hex.EncodeToString(sum[:4]))
	}
	return b.String()
}
