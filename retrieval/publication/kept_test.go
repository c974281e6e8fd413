package publication_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"policybot/retrieval/publication"
)

// Title and issuer that a person has stated stay when another text comes, and what that says is told, until a person
// states them anew.
func TestStatedStays(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		stated := o.propose("a", plan+"第三条 一。\n", publication.Fact{Field: "title", Value: "登记的名称"}, publication.Fact{Field: "valid_until", Value: "2027-12-31"})
		if _, err := o.Publish(t.Context(), stated.ID, bert); err != nil {
			t.Fatal(err)
		}
		text := strings.Replace(plan, "若干措施", "实施办法", 1) + "第三条 二。\n"
		p := o.propose("a", text)
		want := publication.Warning{Kind: publication.WarnOverruled, Detail: "title: 关于支持企业的实施办法"}
		if p.Title != "登记的名称" || !slices.Contains(p.Warnings, want) {
			t.Errorf("proposed %q with %+v", p.Title, p.Warnings)
		}
		if _, to, err := o.Contents(t.Context(), p.ID); err != nil || to.Document.ValidUntil != "2027-12-31" {
			t.Errorf("until %q, %v", to.Document.ValidUntil, err)
		}
		p = o.propose("a", text, publication.Fact{Field: "title", Value: "另一名称"})
		if p.Title != "另一名称" || slices.Contains(p.Warnings, want) {
			t.Errorf("stated %q with %+v", p.Title, p.Warnings)
		}
	})
}

// The bytes of a file are kept while its proposal waits and where it is published, and go with a rejection.
func TestFileGoes(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		kept, text := o.propose("a", plan+"第三条 一。\n"), plan+"第三条 其他。\n"
		for does, decide := range map[string]func(id string) (publication.Done, error){
			"reject":    func(id string) (publication.Done, error) { return o.Reject(ctx, id, bert, "x") },
			"take back": func(id string) (publication.Done, error) { return o.TakeBack(ctx, id, anna) },
		} {
			p := o.propose("a", text)
			if data, err := o.File(ctx, p.ID); err != nil || string(data) != text {
				t.Errorf("before: %q, %v", data, err)
			}
			if _, err := decide(p.ID); err != nil {
				t.Fatalf("%s: %v", does, err)
			}
			if list, err := o.store.Attachments(ctx, "proposal.file."+p.ID); err != nil || len(list) > 0 {
				t.Errorf("%s leaves %d files, %v", does, len(list), err)
			}
			_, err := o.File(ctx, p.ID)
			_, err2 := o.Diff(ctx, p.ID)
			if !errors.Is(err, publication.ErrFileGone) || !errors.Is(err2, publication.ErrFileGone) {
				t.Errorf("%s: %v, %v", does, err, err2)
			}
			if after, err := o.Get(ctx, p.ID); err != nil || after.Digest != p.Digest || after.File != "new.txt" || after.Size != p.Size || after.By != anna {
				t.Errorf("%s keeps %+v, %v", does, after, err)
			}
		}
		if _, err := o.Publish(ctx, kept.ID, bert); err != nil {
			t.Error(err)
		}
		if data, err := o.File(ctx, kept.ID); err != nil || len(data) != kept.Size {
			t.Errorf("published: %d bytes, %v", len(data), err)
		}
		if done, err := o.Propose(ctx, publication.Upload{Kind: publication.Withdraw, Document: "a", By: anna}); err != nil {
			t.Error(err)
		} else if _, err := o.Reject(ctx, done.Proposal.ID, bert, "x"); err != nil {
			t.Errorf("a proposal without a file: %v", err)
		}
	})
}
