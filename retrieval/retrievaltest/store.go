// Package retrievaltest holds the conformance suites that every
// [retrieval.Store] and [retrieval.VectorStore] passes, and sample documents for
// tests and benchmarks.
package retrievaltest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"policybot/retrieval"
)

// A Versioned store shows earlier versions. TestStore checks it where a store
// has it.
type Versioned interface {
	Version(ctx context.Context, documentID string, version int) (retrieval.Document, string, []retrieval.Clause, error)
}

// TestStore checks that a Store keeps its contract. open returns a new, empty
// store and has it closed at the end of the test that it is given. What the
// suite asks for beyond the comments of [retrieval.Store]:
//
//   - Documents, Clauses and Lookup return no nil Parents and Departments, and
//     nil Facts, Notes, Aliases and Mentions where there are none; URL is empty.
//   - Ordinal is the position in the list that was put.
//   - Lookup shows one state of the store, even while documents are put.
//   - A clause id belongs to one document.
//   - A document's Origin changes without a new version and without a new
//     Revision; stores that hold the same have the same Revision.
func TestStore(t *testing.T, open func(t *testing.T) retrieval.Store) {
	for _, tt := range []struct {
		name string
		run  func(t *testing.T, s retrieval.Store)
	}{
		{"Empty", testEmpty},
		{"PutAndRead", testPutAndRead},
		{"EveryField", testEveryField},
		{"NoClauses", testNoClauses},
		{"Unchanged", testUnchanged},
		{"NewVersion", testNewVersion},
		{"FactsChange", testFactsChange},
		{"ClausesChange", testClausesChange},
		{"OriginChange", testOriginChange},
		{"Versions", testVersions},
		{"Order", testOrder},
		{"LookupOrder", testLookupOrder},
		{"LookupMany", testLookupMany},
		{"UnknownDocument", testUnknownDocument},
		{"Unicode", testUnicode},
		{"AllOrNothing", testAllOrNothing},
		{"ClauseIDTaken", testClauseIDTaken},
		{"Copies", testCopies},
		{"Revision", testRevision},
		{"Cancelled", testCancelled},
		{"Concurrent", testConcurrent},
		{"Attachments", testAttachments},
		{"AttachmentNames", testAttachmentNames},
		{"AttachmentsAllOrNothing", testAttachmentsAllOrNothing},
		{"AttachmentsLeaveDocuments", testAttachmentsLeaveDocuments},
		{"AttachmentsCancelled", testAttachmentsCancelled},
		{"AttachmentsConcurrent", testAttachmentsConcurrent},
		{"Revert", testRevert},
		{"Withdrawn", testWithdrawn},
		{"EditWhole", testEditWhole},
		{"EditRace", testEditRace},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.run(t, open(t)) })
	}
}

func testEmpty(t *testing.T, s retrieval.Store) {
	ctx := t.Context()
	if docs, err := s.Documents(ctx); err != nil || len(docs) != 0 {
		t.Errorf("Documents = %v, %v; want none", docs, err)
	}
	for _, ids := range [][]string{nil, {}, {"a.1"}, {""}} {
		if list, err := s.Lookup(ctx, ids); err != nil || len(list) != 0 {
			t.Errorf("Lookup(%q) = %v, %v; want none", ids, list, err)
		}
	}
	wantNotFound(t, s, "a")
	wantNotFound(t, s, "")
}

func testPutAndRead(t *testing.T, s retrieval.Store) {
	doc, text, clauses := Numbered(1, 1, 3)
	put(t, s, retrieval.Added, doc, text, clauses)

	docs := documents(t, s)
	if len(docs) != 1 {
		t.Fatalf("%d documents, want 1", len(docs))
	}
	want := doc
	want.Version, want.Clauses, want.Hash = 1, 3, hash(text)
	equal(t, "document", docs[0], want)

	wantClauses := slices.Clone(clauses)
	for i := range wantClauses {
		wantClauses[i].Document = want
	}
	equal(t, "clauses", clausesOf(t, s, doc.ID), wantClauses)
	equal(t, "looked up", lookup(t, s, clauses[2].ID, clauses[0].ID), []retrieval.Clause{wantClauses[2], wantClauses[0]})
}

// testEveryField fills every field there is, so that a field added later and
// forgotten in a store is found.
func testEveryField(t *testing.T, s retrieval.Store) {
	var doc retrieval.Document
	fill(reflect.ValueOf(&doc).Elem())
	clause := retrieval.Clause{}
	fill(reflect.ValueOf(&clause).Elem())
	clause.Text, clause.Start, clause.End = "款", 2, 3
	text := "第一款。"
	put(t, s, retrieval.Added, doc, text, []retrieval.Clause{clause})

	want := doc
	want.Status, want.Version, want.Clauses, want.Hash = retrieval.StatusUnknown, 1, 1, hash(text)
	equal(t, "document", documents(t, s)[0], want)
	clause.Document, clause.URL, clause.Ordinal = want, "", 0
	equal(t, "clauses", clausesOf(t, s, doc.ID), []retrieval.Clause{clause})
	equal(t, "looked up", lookup(t, s, clause.ID), []retrieval.Clause{clause})
	if v, ok := s.(Versioned); ok {
		got, _, list, err := v.Version(t.Context(), doc.ID, 1)
		if err != nil {
			t.Fatal(err)
		}
		want.Origin = ""
		equal(t, "version 1", got, want)
		clause.Document = want
		equal(t, "clauses of version 1", list, []retrieval.Clause{clause})
	}
}

func testNoClauses(t *testing.T, s retrieval.Store) {
	put(t, s, retrieval.Added, retrieval.Document{ID: "a"}, "", nil)
	put(t, s, retrieval.Unchanged, retrieval.Document{ID: "a", Facts: map[string]string{}, Aliases: []string{}, Mentions: []retrieval.Mention{}}, "", nil)
	docs := documents(t, s)
	equal(t, "documents", docs, []retrieval.Document{{ID: "a", Status: retrieval.StatusUnknown, Version: 1, Hash: hash("")}})
	if list := clausesOf(t, s, "a"); len(list) != 0 {
		t.Errorf("clauses = %v, want none", list)
	}
}

func testUnchanged(t *testing.T, s retrieval.Store) {
	doc, text, clauses := Numbered(1, 1, 3)
	put(t, s, retrieval.Added, doc, text, clauses)
	before := documents(t, s)
	put(t, s, retrieval.Unchanged, doc, text, clauses)

	// What Put sets and what depends on the day or the place does not count.
	doc.Status, doc.Hash, doc.Version, doc.Clauses = retrieval.StatusInForce, "x", 7, 9
	for i := range clauses {
		clauses[i].URL, clauses[i].Document, clauses[i].Ordinal = "http://localhost/", doc, 0
	}
	put(t, s, retrieval.Unchanged, doc, text, clauses)
	put(t, s, retrieval.Unchanged, before[0], text, clausesOf(t, s, doc.ID))
	equal(t, "documents", documents(t, s), before)
}

func testNewVersion(t *testing.T, s retrieval.Store) {
	for edition := 1; edition <= 4; edition++ {
		want := retrieval.NewVersion
		if edition == 1 {
			want = retrieval.Added
		}
		doc, text, clauses := Numbered(1, edition, 6-edition) // fewer clauses each time
		put(t, s, want, doc, text, clauses)
		docs := documents(t, s)
		if len(docs) != 1 || docs[0].Version != edition || docs[0].Hash != hash(text) || docs[0].Clauses != len(clauses) {
			t.Fatalf("after edition %d: documents = %+v", edition, docs)
		}
		list := clausesOf(t, s, doc.ID)
		if len(list) != len(clauses) || list[0].Text != clauses[0].Text || list[0].Document.Version != edition {
			t.Errorf("after edition %d: clauses = %+v", edition, list)
		}
	}
	// Clause 5 is gone, clause 1 is there once and is the newest.
	got := lookup(t, s, "numbered-000001.5", "numbered-000001.1")
	if len(got) != 1 || got[0].Document.Version != 4 {
		t.Errorf("looked up %+v, want clause 1 of version 4 alone", got)
	}
	doc, text, clauses := Numbered(1, 1, 5)
	put(t, s, retrieval.NewVersion, doc, text, clauses) // back to the first text
	if v := documents(t, s)[0].Version; v != 5 {
		t.Errorf("version = %d, want 5", v)
	}
}

func testFactsChange(t *testing.T, s retrieval.Store) {
	doc, text, clauses := Numbered(1, 1, 2)
	put(t, s, retrieval.Added, doc, text, clauses)
	version := 1
	for name, change := range map[string]func(d *retrieval.Document){
		"title":    func(d *retrieval.Document) { d.Title += "(修订)" },
		"until":    func(d *retrieval.Document) { d.ValidUntil = "2022-12-31" },
		"target":   func(d *retrieval.Document) { d.TargetYear = 2025 },
		"repealed": func(d *retrieval.Document) { d.Repealed = true },
		"source":   func(d *retrieval.Document) { d.Source = "other.md" },
		"facts":    func(d *retrieval.Document) { d.Facts = map[string]string{"issuer": retrieval.SourceCatalogue} },
		"notes":    func(d *retrieval.Document) { d.Notes = map[string]string{"issuer": "公报"} },
		"aliases":  func(d *retrieval.Document) { d.Aliases = []string{"三年行动", "行动计划"} },
		"deadline": func(d *retrieval.Document) { d.Deadline = "2022-12" },
		"mentions": func(d *retrieval.Document) {
			d.Mentions = []retrieval.Mention{{Title: "药品管理法", Clause: d.ID + ".1"}}
		},
		"none": func(d *retrieval.Document) { d.Facts, d.Notes = nil, nil },
	} {
		change(&doc)
		put(t, s, retrieval.NewVersion, doc, text, clauses)
		version++
		put(t, s, retrieval.Unchanged, doc, text, clauses)
		want := doc
		want.Version, want.Clauses, want.Hash = version, 2, hash(text)
		equal(t, "after "+name+": documents", documents(t, s), []retrieval.Document{want})
		equal(t, "after "+name+": clause's document", lookup(t, s, clauses[1].ID)[0].Document, want)
	}
}

func testClausesChange(t *testing.T, s retrieval.Store) {
	text := "第一条 甲乙。第二条 丙丁。"
	doc := retrieval.Document{ID: "a"}
	put(t, s, retrieval.Added, doc, text, Cut("a", text, "第一条 甲乙。", "第二条 丙丁。"))
	put(t, s, retrieval.NewVersion, doc, text, Cut("a", text, "甲乙。", "丙丁。"))
	renamed := Cut("a", text, "甲乙。", "丙丁。")
	for i, change := range []func(c *retrieval.Clause){
		func(c *retrieval.Clause) { c.ID = "a.x" },
		func(c *retrieval.Clause) { c.Path = "二" },
		func(c *retrieval.Clause) { c.Heading = "丙" },
		func(c *retrieval.Clause) { c.Parents = []string{"甲"} },
		func(c *retrieval.Clause) { c.Departments = []string{"甲"} },
		func(c *retrieval.Clause) { c.Departments = []string{"甲", "乙"} },
	} {
		change(&renamed[1])
		put(t, s, retrieval.NewVersion, doc, text, renamed)
		put(t, s, retrieval.Unchanged, doc, text, renamed)
		got := clausesOf(t, s, "a")[1]
		if got.Document.Version != i+3 || got.ID != renamed[1].ID || !slices.Equal(got.Departments, renamed[1].Departments) {
			t.Errorf("change %d: got %+v", i, got)
		}
	}
	if got := lookup(t, s, "a.2", "a.x"); len(got) != 1 || got[0].ID != "a.x" {
		t.Errorf("looked up %+v, want a.x alone", got)
	}
}

func testOriginChange(t *testing.T, s retrieval.Store) {
	doc, text, clauses := Numbered(1, 1, 2)
	for i, origin := range []string{"", "/a/numbered.md", "/b/numbered.md", ""} {
		doc.Origin = origin
		want := retrieval.Unchanged
		if i == 0 {
			want = retrieval.Added
		}
		put(t, s, want, doc, text, clauses)
		if got := documents(t, s)[0]; got.Origin != origin || got.Version != 1 {
			t.Errorf("origin %q, version %d; want %q, 1", got.Origin, got.Version, origin)
		}
		if got := lookup(t, s, clauses[0].ID)[0].Document.Origin; got != origin {
			t.Errorf("clause's origin %q, want %q", got, origin)
		}
	}
}

func testVersions(t *testing.T, s retrieval.Store) {
	v, ok := s.(Versioned)
	if !ok {
		t.Skip("this store has no Version")
	}
	ctx := t.Context()
	for edition := 1; edition <= 3; edition++ {
		doc, text, clauses := Numbered(1, edition, 5-edition)
		doc.Title, doc.Origin = fmt.Sprintf("第%d版", edition), "/numbered.md"
		if _, err := s.Put(ctx, doc, text, clauses); err != nil {
			t.Fatal(err)
		}
	}
	for edition := 1; edition <= 3; edition++ {
		want, wantText, wantClauses := Numbered(1, edition, 5-edition)
		want.Title, want.Version, want.Clauses, want.Hash = fmt.Sprintf("第%d版", edition), edition, 5-edition, hash(wantText)
		for i := range wantClauses {
			wantClauses[i].Document = want
		}
		doc, text, clauses, err := v.Version(ctx, want.ID, edition)
		if err != nil || text != wantText {
			t.Fatalf("version %d: text %q, %v", edition, text, err)
		}
		equal(t, "document", doc, want)
		equal(t, "clauses", clauses, wantClauses)
	}
	for _, n := range []int{-1, 0, 4} {
		if _, _, _, err := v.Version(ctx, "numbered-000001", n); !errors.Is(err, retrieval.ErrNotFound) {
			t.Errorf("version %d: error %v, want ErrNotFound", n, err)
		}
	}
	if _, _, _, err := v.Version(ctx, "b", 1); !errors.Is(err, retrieval.ErrNotFound) {
		t.Errorf("unknown document: error %v, want ErrNotFound", err)
	}
}

func testOrder(t *testing.T, s retrieval.Store) {
	ids := []string{"b", "a.b", "a", "é", "a-b", "aa", "10", "9", "厦门", "Z", "a.b.c", "𠮷", "\uffee"}
	for _, id := range ids {
		put(t, s, retrieval.Added, retrieval.Document{ID: id}, id, Cut(id, id, id))
	}
	slices.Sort(ids)
	var got []string
	for _, d := range documents(t, s) {
		got = append(got, d.ID)
	}
	equal(t, "order of documents", got, ids)

	doc, text, clauses := Numbered(1, 1, 120) // 10 after 9, not after 1
	put(t, s, retrieval.Added, doc, text, clauses)
	for i, c := range clausesOf(t, s, doc.ID) {
		if c.ID != clauses[i].ID || c.Ordinal != i {
			t.Fatalf("clause %d is %s with ordinal %d", i, c.ID, c.Ordinal)
		}
	}
}

func testLookupOrder(t *testing.T, s retrieval.Store) {
	for n := 1; n <= 3; n++ {
		doc, text, clauses := Numbered(n, 1, 3)
		put(t, s, retrieval.Added, doc, text, clauses)
	}
	got := lookup(t, s, "numbered-000003.2", "none", "numbered-000001.1", "numbered-000001", "numbered-000003.2",
		"", "numbered-000002.3", "' OR 1=1 --", "numbered-000001.1 ")
	var ids []string
	for _, c := range got {
		ids = append(ids, c.ID)
	}
	equal(t, "ids", ids, []string{"numbered-000003.2", "numbered-000001.1", "numbered-000003.2", "numbered-000002.3"})
}

func testLookupMany(t *testing.T, s retrieval.Store) {
	var ids []string
	for n := 1; n <= 30; n++ {
		doc, text, clauses := Numbered(n, 1, 50)
		put(t, s, retrieval.Added, doc, text, clauses)
		for _, c := range clauses {
			ids = append(ids, c.ID, c.ID+".none")
		}
	}
	slices.Reverse(ids)
	got := lookup(t, s, ids...)
	if len(got) != 1500 {
		t.Fatalf("%d clauses, want 1500", len(got))
	}
	for i, c := range got {
		if c.ID != ids[2*i+1] || len(c.Text) == 0 {
			t.Fatalf("clause %d is %q with text %q, want %s", i, c.ID, c.Text, ids[2*i+1])
		}
	}
}

func testUnknownDocument(t *testing.T, s retrieval.Store) {
	doc, text, clauses := Numbered(1, 1, 1)
	put(t, s, retrieval.Added, doc, text, clauses)
	for _, id := range []string{"", "numbered", "numbered-000001.1", "numbered-000001 ", "NUMBERED-000001", "%"} {
		wantNotFound(t, s, id)
	}
}
