// Package eligibilitytest gives tests the measures of a folder, bound to a library.
package eligibilitytest

import (
	"context"
	"io/fs"

	"policybot/bot/eligibility"
	"policybot/retrieval"
	"policybot/seeds"
)

// Fixed are measures that do not change.
type Fixed []eligibility.Bound

// Approved gives all of them.
func (f Fixed) Approved(context.Context) ([]eligibility.Bound, error) { return f, nil }

// Seeds are the measures of package seeds, bound to a library that holds its documents.
func Seeds(ctx context.Context, lib *retrieval.Library) (Fixed, error) {
	return Folder(ctx, lib, seeds.FS())
}

// Folder are the measures of a folder with a measures.yaml, bound to a library that
// holds its documents.
func Folder(ctx context.Context, lib *retrieval.Library, folder fs.FS) (Fixed, error) {
	f, err := folder.Open("measures.yaml")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	measures, err := eligibility.Read(f, "measures.yaml")
	if err != nil {
		return nil, err
	}
	var out Fixed
	for _, m := range measures {
		clauses, err := lib.Clauses(ctx, m.Document)
		if err != nil {
			return nil, err
		}
		b, err := m.Bind(clauses)
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}
