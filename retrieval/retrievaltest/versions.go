package retrievaltest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"policybot/retrieval"
)

// versioned gives a store as one of versions, and three editions of one document in it, the
// last one current, beside another document.
func versioned(t *testing.T, s retrieval.Store) (v retrieval.Versions, id string, states []string) {
	t.Helper()
	v, ok := s.(retrieval.Versions)
	if !ok {
		return nil, "", nil
	}
	other, text, clauses := Numbered(2, 1, 2)
	put(t, s, retrieval.Added, other, text, clauses)
	states = append(states, state(t, s))
	for n := 1; n <= 3; n++ {
		doc, text, clauses := edition(n)
		mustPut(t, s, map[bool]retrieval.Change{true: retrieval.Added, false: retrieval.NewVersion}[n == 1], doc, text, clauses)
		id, states = doc.ID, append(states, state(t, s))
	}
	return v, id, states
}

// edition is document 1 in an edition with its own title, facts and number of clauses.
func edition(n int) (retrieval.Document, string, []retrieval.Clause) {
	doc, text, clauses := Numbered(1, n, 5-n)
	doc.Title, doc.Origin = fmt.Sprintf("第%d版", n), "/numbered.md"
	doc.Aliases, doc.Notes = []string{fmt.Sprint("别名", n)}, map[string]string{"number": fmt.Sprint("公报", n)}
	doc.Mentions = []retrieval.Mention{{Title: "药品管理法", Clause: clauses[0].ID}}
	return doc, text, clauses
}

// edit makes an edit and wants the change.
func edit(t *testing.T, v retrieval.Versions, want retrieval.Change, e retrieval.Edit) {
	t.Helper()
	if change, err := v.Edit(t.Context(), e); err != nil || change != want {
		t.Errorf("Edit(%s %d to %d) = %q, %v; want %q", e.ID, e.From, e.To, change, err, want)
	}
}

// shows wants everything that a store shows to be what it was.
func shows(t *testing.T, s retrieval.Store, what, want string) {
	t.Helper()
	if got := state(t, s); got != want {
		t.Errorf("%s: the store shows\n%s\nwant\n%s", what, got, want)
	}
}

// testRevert: what is current again is so exactly as it was, in any order of going back and forth.
func testRevert(t *testing.T, s retrieval.Store) {
	v, id, states := versioned(t, s)
	if v == nil {
		return
	}
	at := 3
	for _, to := range []int{1, 3, 2, 0, 2, 1, 0, 3} {
		want := retrieval.Reverted
		if to == 0 {
			want = retrieval.Withdrawn
		}
		edit(t, v, want, retrieval.Edit{ID: id, From: at, To: to, Origin: "/numbered.md"})
		shows(t, s, fmt.Sprintf("%d to %d", at, to), states[to])
		at = to
		wantVersions(t, v, id, 3, at)
	}
	edit(t, v, retrieval.Reverted, retrieval.Edit{ID: id, From: 3, To: 1, Origin: "/other.md"})
	if got := documents(t, s)[0].Origin; got != "/other.md" {
		t.Errorf("origin %q, want /other.md", got)
	}
	doc, text, clauses := edition(4) // numbers are never given twice
	put(t, s, retrieval.NewVersion, doc, text, clauses)
	wantVersions(t, v, id, 4, 4)
	doc, text, clauses = edition(2)
	put(t, s, retrieval.NewVersion, doc, text, clauses)
	put(t, s, retrieval.Unchanged, doc, text, clauses)
	wantVersions(t, v, id, 5, 5)
}

// wantVersions wants n versions of a document, as they were put, the one with number current being so.
func wantVersions(t *testing.T, v retrieval.Versions, id string, n, current int) {
	t.Helper()
	list, err := v.Versions(t.Context(), id)
	if err != nil || len(list) != n || retrieval.CurrentOf(list) != current {
		t.Errorf("%d versions, %d current, %v; want %d, %d", len(list), retrieval.CurrentOf(list), err, n, current)
		return
	}
	for i, l := range list {
		doc, text, clauses, err := v.Version(t.Context(), id, i+1)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, fmt.Sprint("listed version ", i+1), l.Document, doc)
		r, err := retrieval.NewRecord(doc, text, clauses)
		if err != nil || r.Digest != l.Digest || l.Document.Version != i+1 || l.Document.Clauses != len(clauses) {
			t.Errorf("version %d has digest %s, %d clauses; want %+v, %v", i+1, l.Digest, l.Document.Clauses, r, err)
		}
	}
	gone, err := v.Withdrawn(t.Context())
	if err != nil || (len(gone) == 1 && gone[0].ID == id) != (current == 0) || len(gone) > 1 {
		t.Errorf("withdrawn are %v, %v", gone, err)
	}
}

// testWithdrawn: a document that was withdrawn is listed again by Put too, as its next version, and
// its clause ids are free until then.
func testWithdrawn(t *testing.T, s retrieval.Store) {
	v, id, states := versioned(t, s)
	if v == nil {
		return
	}
	edit(t, v, retrieval.Withdrawn, retrieval.Edit{ID: id, From: 3})
	wantNotFound(t, s, id)
	shows(t, s, "withdrawn", states[0])
	doc, text, clauses := edition(3)
	put(t, s, retrieval.NewVersion, doc, text, clauses)
	wantVersions(t, v, id, 4, 4)
	edit(t, v, retrieval.Withdrawn, retrieval.Edit{ID: id, From: 4})

	thief := retrieval.Document{ID: "thief"}
	stolen := Cut("x", "条", "条")
	stolen[0].ID = clauses[0].ID
	put(t, s, retrieval.Added, thief, "条", stolen)
	before := state(t, s)
	if _, err := s.Put(t.Context(), doc, text, clauses); err == nil {
		t.Error("Put: no error although another document holds a clause id")
	}
	if _, err := v.Edit(t.Context(), retrieval.Edit{ID: id, To: 1}); err == nil || errors.Is(err, retrieval.ErrMoved) {
		t.Errorf("Edit: error %v although another document holds a clause id", err)
	}
	shows(t, s, "clause id taken", before)
}

// testEditWhole: what an edit expects and what it attaches is one with the change.
func testEditWhole(t *testing.T, s retrieval.Store) {
	v, id, states := versioned(t, s)
	if v == nil {
		return
	}
	attach(t, s, attachment("k", "a", "1"))
	fresh, text, clauses := Numbered(9, 1, 1)
	bad := clauses[0]
	bad.Text = "other"
	next, nextText, nextClauses := edition(4)
	content := &retrieval.Content{Document: next, Text: nextText, Clauses: nextClauses}
	mark := []retrieval.Attachment{attachment("k", "a", "2"), attachment("k", "b", "2")}
	for _, tt := range []struct {
		name string
		edit retrieval.Edit
		want error // nil: any
	}{
		{"from another", retrieval.Edit{ID: id, From: 2, To: 1}, retrieval.ErrMoved},
		{"not listed", retrieval.Edit{ID: id, From: 0, To: 1}, retrieval.ErrMoved},
		{"new over another", retrieval.Edit{ID: id, From: 2, New: content}, retrieval.ErrMoved},
		{"new though listed", retrieval.Edit{ID: id, New: content}, retrieval.ErrMoved},
		{"another number", retrieval.Edit{ID: id, From: 3, As: 3, New: content}, retrieval.ErrMoved},
		{"no such version", retrieval.Edit{ID: id, From: 3, To: 4}, retrieval.ErrNotFound},
		{"no such document", retrieval.Edit{ID: "none", To: 1}, retrieval.ErrNotFound},
		{"withdraw none", retrieval.Edit{ID: "none"}, retrieval.ErrNotFound},
		{"attachment is other", retrieval.Edit{ID: id, From: 3, To: 1, Expect: []retrieval.Attachment{attachment("k", "a", "0")}}, retrieval.ErrMoved},
		{"attachment is there", retrieval.Edit{ID: id, From: 3, To: 1, Expect: []retrieval.Attachment{attachment("k", "a", "")}}, retrieval.ErrMoved},
		{"attachment is missing", retrieval.Edit{Expect: []retrieval.Attachment{attachment("k", "c", "0")}}, retrieval.ErrMoved},
		{"below 0", retrieval.Edit{ID: id, From: 3, To: -1}, nil},
		{"another document", retrieval.Edit{ID: id, From: 3, New: &retrieval.Content{Document: fresh, Text: text, Clauses: clauses}}, nil},
		{"bad clause", retrieval.Edit{ID: fresh.ID, New: &retrieval.Content{Document: fresh, Text: text, Clauses: []retrieval.Clause{bad}}}, nil},
		{"bad attachment", retrieval.Edit{ID: id, From: 3, To: 1, Expect: []retrieval.Attachment{attachment("", "c", "")}}, nil},
	} {
		tt.edit.Attach = mark
		if _, err := v.Edit(t.Context(), tt.edit); err == nil || tt.want != nil && !errors.Is(err, tt.want) {
			t.Errorf("%s: error %v, want %v", tt.name, err, tt.want)
		}
		shows(t, s, tt.name, states[3])
		attached(t, s, "k", "a", "1")
	}
	edit(t, v, retrieval.Unchanged, retrieval.Edit{ID: id, From: 3, To: 3, Attach: mark[1:]})
	edit(t, v, retrieval.Unchanged, retrieval.Edit{Attach: mark[:1], Expect: []retrieval.Attachment{attachment("k", "a", "1"), attachment("k", "c", "")}})
	shows(t, s, "attachments alone", states[3])
	attached(t, s, "k", "a", "2", "b", "2")
	edit(t, v, retrieval.NewVersion, retrieval.Edit{ID: id, From: 3, As: 4, New: content, Attach: []retrieval.Attachment{attachment("k", "a", "")}})
	edit(t, v, retrieval.Added, retrieval.Edit{ID: fresh.ID, New: &retrieval.Content{Document: fresh, Text: text, Clauses: clauses}})
	attached(t, s, "k", "b", "2")
	wantVersions(t, v, id, 4, 4)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := v.Edit(ctx, retrieval.Edit{ID: id, From: 4, To: 1})
	_, err2 := v.Versions(ctx, id)
	_, err3 := v.Withdrawn(ctx)
	for _, err := range []error{err, err2, err3} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, want context.Canceled", err)
		}
	}
	if _, err := v.Versions(t.Context(), "none"); !errors.Is(err, retrieval.ErrNotFound) {
		t.Errorf("Versions: error %v, want ErrNotFound", err)
	}
}

// testEditRace: of several edits at once that expect the same, one is made.
func testEditRace(t *testing.T, s retrieval.Store) {
	v, id, _ := versioned(t, s)
	if v == nil {
		return
	}
	for round, from := range []int{3, 1, 2, 1} {
		var made, told atomic.Int64
		var wg sync.WaitGroup
		to := []int{1, 2, 1, 0}[round]
		for range 6 {
			wg.Go(func() {
				switch _, err := v.Edit(context.Background(), retrieval.Edit{ID: id, From: from, To: to}); {
				case err == nil:
					made.Add(1)
				case errors.Is(err, retrieval.ErrMoved):
					told.Add(1)
				default:
					t.Errorf("Edit: %v", err)
				}
			})
		}
		wg.Wait()
		if made.Load() != 1 || told.Load() != 5 {
			t.Errorf("round %d: %d made, %d told", round, made.Load(), told.Load())
		}
	}
}
