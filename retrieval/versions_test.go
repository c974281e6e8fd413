package retrieval_test

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"policybot/retrieval"
	"policybot/retrieval/retrievaltest"
	"policybot/retrieval/sqlite"
)

// found is what searches of a library give, and its revision, to the byte.
func found(t *testing.T, store retrieval.Store, l *retrieval.Library) string {
	t.Helper()
	var b strings.Builder
	for _, text := range []string{"临床试验的资助", "生物医药企业有哪些支持", "GMP", "which funds support research and development", "疫苗"} {
		hits, err := l.Search(t.Context(), retrieval.Query{Text: text}, 20)
		if err != nil {
			t.Fatal(err)
		}
		data, err := json.Marshal(hits)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(data)
	}
	docs, err := l.Documents(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	data, _ := json.Marshal(docs)
	revision, err := store.Revision(t.Context())
	if err != nil || revision != l.Revision() {
		t.Errorf("revision %s, searched is %s, %v", revision, l.Revision(), err)
	}
	return b.String() + string(data) + revision
}

// A document that is changed and reverted, and one that is withdrawn and brought back, leaves the
// library as it was: every search, every fact, the revision, in every store, and after a restart.
func TestRevertRestores(t *testing.T) {
	for name, open := range map[string]func(testing.TB) retrieval.Store{
		"memory": func(testing.TB) retrieval.Store { return retrieval.NewMemory() },
		"sqlite": sqliteStore,
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			store := open(t)
			if _, err := retrievaltest.SeedsIn(t.Context(), store); err != nil {
				t.Fatal(err)
			}
			l := retrieval.New(store, dir)
			refresh(t, l)
			before := found(t, store, l)
			docs, err := l.Documents(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range docs {
				text := "第一条 对疫苗的临床试验给予资助。\n第二条 GMP 支持。\n"
				id := d.ID
				a, err := l.Add(t.Context(), retrieval.File{Source: "new.txt", Data: []byte(text), Facts: func(d *retrieval.Document) bool { d.ID = id; return true }})
				if err != nil || a.Change != retrieval.NewVersion {
					t.Fatalf("%+v, %v", a, err)
				}
				refresh(t, l)
				changed := found(t, store, l)
				revert(t, l, id, 1)
				if after := found(t, store, l); after != before || changed == before {
					t.Errorf("%s: after the way back the library differs, or before it did not", id)
				}
				if change, err := l.Withdraw(t.Context(), id); err != nil || change != retrieval.Withdrawn {
					t.Errorf("Withdraw = %q, %v", change, err)
				}
				if found(t, store, l) == before {
					t.Errorf("%s: withdrawn, but nothing changed", id)
				}
				revert(t, l, id, 1)
				if found(t, store, l) != before {
					t.Errorf("%s: brought back, but the library differs", id)
				}
			}
			again := retrieval.New(store, dir)
			refresh(t, again)
			if found(t, store, again) != before {
				t.Error("after a restart the library differs")
			}
		})
	}
}

func revert(t *testing.T, l *retrieval.Library, id string, version int) {
	t.Helper()
	if change, err := l.Revert(t.Context(), id, version); err != nil || change != retrieval.Reverted {
		t.Errorf("Revert = %q, %v", change, err)
	}
}

// The file of a document that was withdrawn does not bring it back, however it is recognised, and
// another file never gets its id.
func TestAddWithdrawn(t *testing.T) {
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), sqlite.FileName), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	l := retrieval.New(db, "")
	const text = "第一条 支持企业。\n第二条 支持研究。\n"
	file := retrieval.File{Source: "a.txt", Origin: "/x/a.txt", Data: []byte(text)}
	add(t, l, file)
	if _, err := l.Withdraw(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string]retrieval.File{
		"same file":    file,
		"changed":      {Source: "a.txt", Origin: "/x/a.txt", Data: []byte(text + "第三条 支持人才。\n")},
		"same name":    {Source: "a.txt", Origin: "/y/a.txt", Data: []byte("第一条 支持人才。\n")},
		"same text":    {Source: "b.txt", Origin: "/y/b.txt", Data: []byte(text)},
		"by catalogue": {Source: "c.txt", Data: []byte("第一条 其他。\n"), Facts: func(d *retrieval.Document) bool { d.ID = "a"; return true }},
	} {
		_, err := l.Add(t.Context(), f)
		if r, ok := errors.AsType[*retrieval.Refusal](err); !ok || r.Code != retrieval.RefusedWithdrawn || r.Detail != "a" {
			t.Errorf("%s: error %v, want a refusal", name, err)
		}
	}
	if a := add(t, l, retrieval.File{Source: "A!.txt", Data: []byte("第一条 别的。\n")}); a.Document.ID != "a-2" {
		t.Errorf("another file is %s, want a-2", a.Document.ID)
	}
	for _, version := range []int{-1, 0, 2} {
		if _, err := l.Revert(t.Context(), "a", version); !errors.Is(err, retrieval.ErrNotFound) {
			t.Errorf("Revert to %d: error %v, want ErrNotFound", version, err)
		}
	}
	if _, err := l.Withdraw(t.Context(), "none"); !errors.Is(err, retrieval.ErrNotFound) {
		t.Errorf("Withdraw: error %v, want ErrNotFound", err)
	}
	revert(t, l, "a", 1)
	docs, err := l.Documents(t.Context())
	if err != nil || len(docs) != 2 || docs[0].Origin != "/x/a.txt" {
		t.Errorf("documents %+v, %v", docs, err)
	}
	if a := add(t, l, file); a.Change != retrieval.Unchanged {
		t.Errorf("added again: %+v", a)
	}
}
