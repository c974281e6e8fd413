package publication_test

import (
	"errors"
	"strings"
	"testing"

	"policybot/retrieval/publication"
)

// TestRevert makes an earlier version current again by two persons, and takes that back.
func TestRevert(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		before := o.shows()
		first, err := o.Propose(t.Context(), publication.Upload{Kind: publication.Document, Document: "a", Name: "a.txt", Data: []byte(strings.ReplaceAll(plan, "五百", "六百")), By: anna})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.Publish(t.Context(), first.Proposal.ID, bert); err != nil {
			t.Fatal(err)
		}
		after := o.shows()
		for _, n := range []int{-1, 0, 3} {
			if _, err := o.Propose(t.Context(), publication.Upload{Kind: publication.Revert, Document: "a", Version: n, By: anna}); !errors.Is(err, publication.ErrNoVersion) {
				t.Errorf("version %d: %v", n, err)
			}
		}
		if _, err := o.Propose(t.Context(), publication.Upload{Kind: publication.Revert, Document: "a", Version: 2, By: anna}); !errors.Is(err, publication.ErrNoChange) {
			t.Errorf("the current version: %v", err)
		}
		back, err := o.Propose(t.Context(), publication.Upload{Kind: publication.Revert, Document: "a", Version: 1, By: anna})
		if err != nil {
			t.Fatal(err)
		}
		if d, err := o.Diff(t.Context(), back.Proposal.ID); err != nil || d.Count(publication.Changed) != 1 || back.Proposal.Counts.Changed != 1 {
			t.Errorf("diff %+v, %v", d, err)
		}
		if _, err := o.Publish(t.Context(), back.Proposal.ID, anna); !errors.Is(err, publication.ErrSamePerson) {
			t.Errorf("published by who proposed it: %v", err)
		}
		done, err := o.Publish(t.Context(), back.Proposal.ID, bert)
		if err != nil || done.Proposal.Version != 1 || done.Document == nil || done.Document.Version != 1 {
			t.Fatalf("%+v, %v", done, err)
		}
		if got := o.shows(); searchPart(got) != searchPart(before) {
			t.Errorf("after the revert:\n%s\nwant\n%s", got, before)
		}
		if _, err := o.RollBack(t.Context(), back.Proposal.ID, anna, "wrong"); err != nil {
			t.Fatal(err)
		}
		if got := o.shows(); got != after {
			t.Errorf("after the roll back:\n%s\nwant\n%s", got, after)
		}
	})
}

// searchPart is what shows gives without the origin, which a revert does not bring back.
func searchPart(shown string) string {
	return strings.ReplaceAll(shown, `Origin:"/x/a.txt"`, `Origin:""`)
}
