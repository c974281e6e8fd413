package retrievaltest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"unicode/utf8"

	"policybot/retrieval"
)

func testUnicode(t *testing.T, s retrieval.Store) {
	text := "\ufeff前言\u00a0\u3000一、𠮷野家👩‍🔬补助\r\n二、e\u0301与é\x00不同\u2028三、'引号\"与\\反斜线;--"
	parts := []string{"一、𠮷野家👩‍🔬补助", "二、e\u0301与é\x00不同", "\u2028", "三、'引号\"与\\反斜线;--"}
	clauses := Cut("a", text, parts...)
	clauses[0].Heading = "𠮷\u00a0\u3000\x00\u200d"
	clauses[0].Parents = []string{"", "甲\"乙", "\\u0000<&>\u2028"}
	clauses[0].Departments = []string{"", "市\x00局"}
	doc := retrieval.Document{
		ID: "a", Title: "𠮷\x00'\"", Facts: map[string]string{"": "\u3000"}, Notes: map[string]string{"标题": "<𠮷>"},
		Aliases: []string{"", "𠮷\x00\u2028"}, Mentions: []retrieval.Mention{{Title: "甲\n\u3000<乙>《丙》", Clause: "a.1"}},
	}
	put(t, s, retrieval.Added, doc, text, clauses)
	put(t, s, retrieval.Unchanged, doc, text, clauses)

	got := documents(t, s)[0]
	if got.Title != doc.Title || got.Facts[""] != "\u3000" || got.Notes["标题"] != "<𠮷>" ||
		!slices.Equal(got.Aliases, doc.Aliases) || !slices.Equal(got.Mentions, doc.Mentions) {
		t.Errorf("document = %#v", got)
	}
	points := []rune(text)
	for i, c := range clausesOf(t, s, "a") {
		if c.Text != parts[i] || string(points[c.Start:c.End]) != parts[i] {
			t.Errorf("clause %d: text %q, code points %d to %d are %q; want %q",
				i, c.Text, c.Start, c.End, string(points[c.Start:c.End]), parts[i])
		}
		if c.Heading != clauses[i].Heading || strings.Join(c.Parents, "|") != strings.Join(clauses[i].Parents, "|") ||
			strings.Join(c.Departments, "|") != strings.Join(clauses[i].Departments, "|") {
			t.Errorf("clause %d = %#v", i, c)
		}
		if again := lookup(t, s, c.ID); len(again) != 1 || again[0].Text != parts[i] {
			t.Errorf("clause %d looked up: %#v", i, again)
		}
	}
}

// A badPut is one that must be refused. Its change is made to three good
// clauses of a text that holds characters of 1, 2, 3 and 4 bytes.
type badPut struct {
	name   string
	change func(doc *retrieval.Document, text *string, clauses []retrieval.Clause)
}

// onClause makes the change to the second of the three clauses.
func onClause(name string, change func(c *retrieval.Clause)) badPut {
	return badPut{name, func(_ *retrieval.Document, _ *string, list []retrieval.Clause) { change(&list[1]) }}
}

func badPuts() []badPut {
	return []badPut{
		onClause("text differs", func(c *retrieval.Clause) { c.Text = strings.Replace(c.Text, "临床", "临牀", 1) }),
		onClause("text shorter", func(c *retrieval.Clause) { c.Text = c.Text[:len(c.Text)-3] }),
		onClause("text empty", func(c *retrieval.Clause) { c.Text = "" }),
		onClause("other spaces", func(c *retrieval.Clause) { c.Text = strings.ReplaceAll(c.Text, "\u3000", " ") }),
		onClause("starts early", func(c *retrieval.Clause) { c.Start-- }),
		onClause("ends late", func(c *retrieval.Clause) { c.End++ }),
		onClause("shifted", func(c *retrieval.Clause) { c.Start++; c.End++ }),
		onClause("empty span", func(c *retrieval.Clause) { c.End, c.Text = c.Start, "" }),
		onClause("reversed span", func(c *retrieval.Clause) { c.Start, c.End = c.End, c.Start }),
		onClause("negative start", func(c *retrieval.Clause) { c.Start = -1 }),
		onClause("no id", func(c *retrieval.Clause) { c.ID = "" }),
		onClause("id not UTF-8", func(c *retrieval.Clause) { c.ID = "a\xff" }),
		onClause("heading not UTF-8", func(c *retrieval.Clause) { c.Heading = "\xff" }),
		onClause("parent not UTF-8", func(c *retrieval.Clause) { c.Parents = []string{"\xff"} }),
		{"offsets in bytes", func(_ *retrieval.Document, text *string, list []retrieval.Clause) {
			list[1].Start = strings.Index(*text, list[1].Text)
			list[1].End = list[1].Start + len(list[1].Text)
		}},
		{"offsets in UTF-16 units", func(_ *retrieval.Document, text *string, list []retrieval.Clause) {
			list[1].Start++ // one astral character before it, one in it
			list[1].End += 2
		}},
		{"beyond the text", func(_ *retrieval.Document, text *string, list []retrieval.Clause) {
			list[2].End += utf8.RuneCountInString(*text)
		}},
		{"text cut short", func(_ *retrieval.Document, text *string, list []retrieval.Clause) {
			*text = strings.TrimSpace(*text)
			*text = (*text)[:len(*text)-3]
		}},
		{"same id twice", func(_ *retrieval.Document, _ *string, list []retrieval.Clause) { list[2].ID = list[0].ID }},
		{"not ascending", func(_ *retrieval.Document, _ *string, list []retrieval.Clause) { list[0], list[1] = list[1], list[0] }},
		{"same span twice", func(_ *retrieval.Document, _ *string, list []retrieval.Clause) {
			list[2].Start, list[2].End, list[2].Text = list[1].Start, list[1].End, list[1].Text
		}},
		{"overlap by one", func(_ *retrieval.Document, text *string, list []retrieval.Clause) {
			list[2].Start = list[1].End - 1
			list[2].Text = string([]rune(*text)[list[2].Start:list[2].End])
		}},
		{"text not UTF-8", func(_ *retrieval.Document, text *string, _ []retrieval.Clause) { *text += "\xc3(" }},
		{"no document id", func(doc *retrieval.Document, _ *string, _ []retrieval.Clause) { doc.ID = "" }},
		{"title not UTF-8", func(doc *retrieval.Document, _ *string, _ []retrieval.Clause) { doc.Title = "\xb9\xab" }},
		{"note not UTF-8", func(doc *retrieval.Document, _ *string, _ []retrieval.Clause) {
			doc.Notes = map[string]string{"title": "\xb9\xab"}
		}},
		{"alias not UTF-8", func(doc *retrieval.Document, _ *string, _ []retrieval.Clause) { doc.Aliases = []string{"\xb9\xab"} }},
		{"mention not UTF-8", func(doc *retrieval.Document, _ *string, _ []retrieval.Clause) {
			doc.Mentions = []retrieval.Mention{{Title: "\xb9\xab"}}
		}},
	}
}

func testAllOrNothing(t *testing.T, s retrieval.Store) {
	ctx := t.Context()
	kept, keptText, keptClauses := Numbered(1, 1, 3)
	put(t, s, retrieval.Added, kept, keptText, keptClauses)
	before := state(t, s)
	for _, bad := range badPuts() {
		for _, n := range []int{1, 2} { // a document that is there, and one that is not
			doc, text, clauses := Numbered(n, 2, 3)
			bad.change(&doc, &text, clauses)
			if change, err := s.Put(ctx, doc, text, clauses); err == nil {
				t.Errorf("%s: document %d: Put = %q, want an error", bad.name, n, change)
			}
			if after := state(t, s); after != before {
				t.Fatalf("%s: document %d: the store changed:\n%s\nwas\n%s", bad.name, n, after, before)
			}
		}
	}
	doc, text, clauses := Numbered(2, 2, 3)
	put(t, s, retrieval.Added, doc, text, clauses) // as Version 1: nothing was left behind
	if v := documents(t, s)[1].Version; v != 1 {
		t.Errorf("version %d, want 1", v)
	}
}

func testClauseIDTaken(t *testing.T, s retrieval.Store) {
	text := "一二三"
	put(t, s, retrieval.Added, retrieval.Document{ID: "a"}, text, Cut("a", text, "一", "二"))
	before := state(t, s)
	stolen := Cut("b", text, "一", "二", "三")
	stolen[2].ID = "a.2"
	if _, err := s.Put(t.Context(), retrieval.Document{ID: "b"}, text, stolen); err == nil || !strings.Contains(err.Error(), "a.2") {
		t.Errorf("error %v, want one that names a.2", err)
	}
	if after := state(t, s); after != before {
		t.Errorf("the store changed:\n%s\nwas\n%s", after, before)
	}
	// Once its document has given the id up, another may have it.
	put(t, s, retrieval.NewVersion, retrieval.Document{ID: "a"}, text, Cut("a", text, "一"))
	put(t, s, retrieval.Added, retrieval.Document{ID: "b"}, text, stolen)
	if got := lookup(t, s, "a.2"); len(got) != 1 || got[0].Document.ID != "b" {
		t.Errorf("looked up %+v, want a.2 of b", got)
	}
}

func testCopies(t *testing.T, s retrieval.Store) {
	doc, text, clauses := Numbered(1, 1, 2)
	doc.Aliases, doc.Mentions = []string{"措施"}, []retrieval.Mention{{Title: "药品管理法", Clause: clauses[0].ID}}
	put(t, s, retrieval.Added, doc, text, clauses)
	before := state(t, s)
	spoil := func(d *retrieval.Document) {
		d.Facts["issuer"], d.Notes["number"], d.Facts["new"] = "x", "x", "x"
		d.Aliases[0], d.Mentions[0].Title = "x", "x"
	}
	spoilClauses := func(list []retrieval.Clause) {
		for i := range list {
			list[i].Parents[0], list[i].Departments[0], list[i].Text = "x", "x", "x"
		}
	}
	spoil(&doc) // what was put
	spoilClauses(clauses)
	docs := documents(t, s)
	spoil(&docs[0])
	list := clausesOf(t, s, doc.ID)
	spoilClauses(list)
	spoil(&list[0].Document)
	spoiled := func(d retrieval.Document) bool {
		return d.Facts["new"] != "" || d.Aliases[0] == "x" || d.Mentions[0].Title == "x"
	}
	if spoiled(list[1].Document) {
		t.Error("two clauses share their document's facts")
	}
	found := lookup(t, s, clauses[0].ID, clauses[1].ID, clauses[0].ID)
	spoilClauses(found[:1])
	spoil(&found[0].Document)
	for i, c := range found[1:] {
		if spoiled(c.Document) || c.Departments[0] == "x" {
			t.Errorf("looked-up clause %d shares what another holds", i+1)
		}
	}
	if v, ok := s.(Versioned); ok {
		d, _, old, err := v.Version(t.Context(), doc.ID, 1)
		if err != nil {
			t.Fatal(err)
		}
		spoil(&d)
		spoilClauses(old)
		spoil(&old[0].Document)
	}
	if after := state(t, s); after != before {
		t.Errorf("the store changed:\n%s\nwas\n%s", after, before)
	}
}

func testRevision(t *testing.T, s retrieval.Store) {
	seen := make(map[string]string)
	step := func(name string, change bool) {
		t.Helper()
		got, err := s.Revision(t.Context())
		if err != nil || got == "" {
			t.Fatalf("%s: Revision = %q, %v", name, got, err)
		}
		if earlier, ok := seen[got]; ok == change {
			t.Errorf("%s: revision %s, seen earlier %v (after %s); want a change: %v", name, got, ok, earlier, change)
		}
		seen[got] = name
	}
	step("empty", true)
	doc, text, clauses := Numbered(1, 1, 2)
	put(t, s, retrieval.Added, doc, text, clauses)
	step("added", true)
	put(t, s, retrieval.Unchanged, doc, text, clauses)
	step("unchanged", false)
	doc.Origin = "/elsewhere"
	put(t, s, retrieval.Unchanged, doc, text, clauses)
	step("origin", false)
	doc.Title = "题"
	put(t, s, retrieval.NewVersion, doc, text, clauses)
	step("facts", true)
	clauses[0].Heading = "题"
	put(t, s, retrieval.NewVersion, doc, text, clauses)
	step("clauses", true)
	doc, text, clauses = Numbered(0, 1, 2)
	put(t, s, retrieval.Added, doc, text, clauses)
	step("second document", true)
	wantSameInMemory(t, s)
}

// wantSameInMemory puts what s holds into memory, version by version, and
// wants the same revision there.
func wantSameInMemory(t *testing.T, s retrieval.Store) {
	t.Helper()
	v, ok := s.(Versioned)
	if !ok {
		return
	}
	ctx, m := t.Context(), retrieval.NewMemory()
	for _, d := range documents(t, s) {
		for n := 1; n <= d.Version; n++ {
			doc, text, clauses, err := v.Version(ctx, d.ID, n)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := m.Put(ctx, doc, text, clauses); err != nil {
				t.Fatal(err)
			}
		}
	}
	got, _ := s.Revision(ctx)
	if want, _ := m.Revision(ctx); got != want {
		t.Errorf("revision %s, in memory %s", got, want)
	}
}

func testCancelled(t *testing.T, s retrieval.Store) {
	doc, text, clauses := Numbered(1, 1, 2)
	put(t, s, retrieval.Added, doc, text, clauses)
	before := state(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	check := func(name string, err error) {
		t.Helper()
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: error %v, want context.Canceled", name, err)
		}
	}
	other, text, clauses := Numbered(2, 1, 2)
	_, err := s.Put(ctx, other, text, clauses)
	check("Put", err)
	_, err = s.Documents(ctx)
	check("Documents", err)
	_, err = s.Clauses(ctx, doc.ID)
	check("Clauses", err)
	_, err = s.Lookup(ctx, []string{clauses[0].ID})
	check("Lookup", err)
	if v, ok := s.(Versioned); ok {
		_, _, _, err = v.Version(ctx, doc.ID, 1)
		check("Version", err)
	}
	_, err = s.Revision(ctx)
	check("Revision", err)
	if after := state(t, s); after != before {
		t.Errorf("the store changed:\n%s\nwas\n%s", after, before)
	}
}

// testConcurrent has four writers put editions of one shared document and
// documents of their own while four readers look; every reading must show one
// edition, whole.
func testConcurrent(t *testing.T, s retrieval.Store) {
	const writers, rounds, clauses = 4, 12, 8
	first, text, list := Numbered(0, 0, clauses)
	put(t, s, retrieval.Added, first, text, list)
	var ids []string
	for _, c := range list {
		ids = append(ids, c.ID)
	}
	var changes atomic.Int64
	var writing, reading sync.WaitGroup
	done := make(chan struct{})
	for w := range writers {
		writing.Go(func() {
			for i := range rounds {
				doc, text, list := Numbered(0, 1+w*rounds+i, clauses)
				mustPut(t, s, retrieval.NewVersion, doc, text, list)
				doc, text, list = Numbered(1+w*rounds+i, 1, clauses)
				mustPut(t, s, retrieval.Added, doc, text, list)
				changes.Add(1)
			}
		})
		reading.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
					readOnce(t, s, first.ID, ids)
				}
			}
		})
	}
	writing.Wait()
	close(done)
	reading.Wait()
	docs := documents(t, s)
	if len(docs) != 1+writers*rounds || docs[0].Version != 1+int(changes.Load()) {
		t.Errorf("%d documents, version %d; want %d, %d", len(docs), docs[0].Version, 1+writers*rounds, 1+changes.Load())
	}
}

// mustPut is put for goroutines other than the test's own.
func mustPut(t *testing.T, s retrieval.Store, want retrieval.Change, doc retrieval.Document, text string, clauses []retrieval.Clause) {
	if change, err := s.Put(t.Context(), doc, text, clauses); err != nil || change != want {
		t.Errorf("Put(%s) = %q, %v; want %q", doc.ID, change, err, want)
	}
}

func readOnce(t *testing.T, s retrieval.Store, id string, ids []string) {
	ctx := t.Context()
	listed, err := s.Clauses(ctx, id)
	if err != nil {
		t.Errorf("Clauses: %v", err)
	}
	found, err := s.Lookup(ctx, ids)
	if err != nil {
		t.Errorf("Lookup: %v", err)
	}
	for _, list := range [][]retrieval.Clause{listed, found} {
		if len(list) != len(ids) {
			t.Errorf("%d clauses, want %d", len(list), len(ids))
			return
		}
		_, edition, _ := strings.Cut(list[0].Text, "号第")
		edition, _, _ = strings.Cut(edition, "版")
		for _, c := range list {
			if c.Document.Version != list[0].Document.Version || !strings.Contains(c.Text, "号第"+edition+"版") {
				t.Errorf("two editions in one reading: version %d %q and version %d %q",
					list[0].Document.Version, list[0].Text, c.Document.Version, c.Text)
			}
		}
	}
	if docs, err := s.Documents(ctx); err != nil || !slices.IsSortedFunc(docs, func(a, b retrieval.Document) int {
		return strings.Compare(a.ID, b.ID)
	}) {
		t.Errorf("Documents: not in order, or %v", err)
	}
}

// state prints everything that a store shows.
func state(t *testing.T, s retrieval.Store) string {
	t.Helper()
	var b strings.Builder
	for _, d := range documents(t, s) {
		fmt.Fprintf(&b, "%#v\n", d)
		for _, c := range clausesOf(t, s, d.ID) {
			fmt.Fprintf(&b, "  %#v %#v\n", c, lookup(t, s, c.ID))
		}
	}
	revision, err := s.Revision(t.Context())
	fmt.Fprintln(&b, revision, err)
	return b.String()
}
