package retrieval_test

import (
	"crypto/sha256"
	"database/sql"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"policybot/retrieval"
	"policybot/retrieval/chromem"
	"policybot/retrieval/embed"
	"policybot/retrieval/retrievaltest"
	"policybot/retrieval/sqlite"
	"policybot/retrieval/vector"
)

// openVectors opens a file as another process would.
func openVectors(t testing.TB, path string) *sqlite.DB {
	t.Helper()
	db, err := sqlite.Open(ctx, path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// What was stored before a crash is in the file, and is not embedded again.
func TestCrashWithFile(t *testing.T) {
	last := map[*testing.T]*sqlite.DB{}
	dirs := map[*testing.T]string{}
	testCrash(t, func(t *testing.T) vectorStore {
		if dirs[t] == "" {
			dirs[t] = t.TempDir()
		} else if err := last[t].Close(); err != nil {
			t.Fatal(err)
		}
		last[t] = openVectors(t, filepath.Join(dirs[t], sqlite.FileName))
		return last[t]
	})
}

// One process builds and rolls back, another sees it.
func TestTwoProcesses(t *testing.T) {
	path := filepath.Join(t.TempDir(), sqlite.FileName)
	db := openVectors(t, path)
	for i := range 4 {
		putNumbered(t, db, i, 50)
	}
	testTwoLibraries(t, db, openVectors(t, path))
}

// damage changes one bit of one vector in the file at path.
func damage(t testing.TB, path, key string) {
	t.Helper()
	file, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	done, err := file.Exec(`UPDATE vectors SET vector = CAST(X'01' || substr(vector, 2) AS BLOB) WHERE key = ?`, key)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := done.RowsAffected(); n != 1 || err != nil {
		t.Fatalf("%d vectors damaged, %v", n, err)
	}
}

// A damaged vector costs the vectors and not the words: the library says which
// it is, and another model can be built.
func TestDamagedVector(t *testing.T) {
	path := filepath.Join(t.TempDir(), sqlite.FileName)
	store := openVectors(t, path)
	for i := range 4 {
		putNumbered(t, store, i, 50)
	}
	words := ask(t, newShelf(t, store).Library, wordy)
	a, b := models(t, store)
	newShelf(t, store).build(t, a)
	key := keyOf(embedded(t, store)["numbered-000002.9"])
	damage(t, path, key)
	s := newShelf(t, openVectors(t, path), a, b)
	found, err := s.Search(ctx, retrieval.Query{Text: wordy}, 20)
	var problem *sqlite.Error
	if err != nil || !errors.As(found.Degraded, &problem) || problem.Kind != sqlite.Corrupt {
		t.Fatalf("%v; degraded: %v", err, found.Degraded)
	}
	if says := found.Degraded.Error(); !strings.Contains(says, key) || !strings.Contains(says, a.Model()) || strings.Contains(says, "\n") {
		t.Errorf("it says %q", says)
	}
	wantHits(t, "degraded", found.Hits, words)
	s.build(t, b)
	wantActive(t, s.Library, b.Model(), a.Model(), 0)
	if hits := ask(t, s.Library, wordy); hits[0].Clause.ID != ofB {
		t.Errorf("with B %q is found", ids(hits[:1]))
	}
}

// Building the model again repairs what is damaged.
func TestDamageIsRepaired(t *testing.T) {
	path := filepath.Join(t.TempDir(), sqlite.FileName)
	store := openVectors(t, path)
	for i := range 4 {
		putNumbered(t, store, i, 50)
	}
	m := oracle(t, store, ofA)
	first := newShelf(t, store)
	first.build(t, m)
	want := ask(t, first.Library, wordy)
	m.take()
	text := embedded(t, store)["numbered-000002.9"]
	damage(t, path, keyOf(text))
	s := newShelf(t, openVectors(t, path), m)
	if s.VectorState().Problem == nil {
		t.Fatal("there is no damage: the test shows nothing")
	}
	if _, err := s.BuildVectors(ctx, m, testWeight, "repaired", nil); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(m.take(), text) {
		t.Error("the text of the damaged vector was not sent to the model")
	}
	wantActive(t, s.Library, m.Model(), "", 0)
	wantHits(t, "repaired", ask(t, s.Library, wordy), want)
}

// Two clauses whose ids begin with the same 32 bits of SHA-256, by which
// chromem-go names its files, are both found after a restart (F50).
func TestCollidingClauses(t *testing.T) {
	var clauses []string
	for _, v := range retrievaltest.CollidingVectors() {
		if strings.HasPrefix(v.Key, "numbered-") {
			clauses = append(clauses, v.Key)
		}
	}
	if len(clauses) != 2 {
		t.Fatalf("colliding are %q", clauses)
	}
	one, two := sha256.Sum256([]byte(clauses[0])), sha256.Sum256([]byte(clauses[1]))
	if one == two || [4]byte(one[:4]) != [4]byte(two[:4]) {
		t.Fatalf("%q do not collide", clauses)
	}
	path := filepath.Join(t.TempDir(), sqlite.FileName)
	store := openVectors(t, path)
	putNumbered(t, store, 1628, 26)
	putNumbered(t, store, 3120, 25)
	texts := embedded(t, store)
	m := embed.NewOracle(32, 0, map[string][]string{
		"plugh": {texts[clauses[0]]}, "xyzzy": {texts[clauses[1]]}, wordless: {texts[clauses[0]], texts[clauses[1]]},
	})
	first := newShelf(t, store)
	first.build(t, m)
	before := ask(t, first.Library, wordless)
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}

	var index vector.Index
	l := retrieval.New(openVectors(t, path), "")
	l.UseVectors(retrieval.VectorOptions{
		Store:    openVectors(t, path),
		Embedder: func(string) (embed.Embedder, error) { return m, nil },
		Open: func(model string, entries []vector.Entry, dimensions int) (vector.Index, error) {
			x, err := chromem.Open(model, entries, dimensions)
			index = x
			return x, err
		},
	})
	refresh(t, l)
	wantActive(t, l, m.Model(), "", 0)
	if _, ok := index.(*chromem.Index); !ok || index.Len() != 51 {
		t.Errorf("%T of %d, want chromem's of 51", index, index.Len())
	}
	for question, want := range map[string]string{"plugh": clauses[0], "xyzzy": clauses[1]} {
		if h := ask(t, l, question)[0]; h.Clause.ID != want || h.Why.Vector != testWeight {
			t.Errorf("%s: first is %s, %g of the vector; want %s", question, h.Clause.ID, h.Why.Vector, want)
		}
	}
	after := ask(t, l, wordless)
	wantHits(t, "after the restart", after, before)
	both := []string{after[0].Clause.ID, after[1].Clause.ID}
	slices.Sort(both)
	if !slices.Equal(both, clauses) {
		t.Errorf("first are %q, want %q", both, clauses)
	}
}
