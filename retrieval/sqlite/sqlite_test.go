package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"policybot/retrieval"
	"policybot/retrieval/retrievaltest"
	"policybot/retrieval/sqlite"
)

func TestStore(t *testing.T) {
	retrievaltest.TestStore(t, func(t *testing.T) retrieval.Store { return openNew(t) })
}

// openNew opens a new database.
func openNew(t testing.TB) *sqlite.DB {
	t.Helper()
	return openAt(t, filepath.Join(t.TempDir(), sqlite.FileName), sqlite.Options{})
}

// openAt opens a database; at the end of the test it must be sound.
func openAt(t testing.TB, path string, opts sqlite.Options) *sqlite.DB {
	t.Helper()
	db, err := sqlite.Open(t.Context(), path, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Check(context.Background()); err != nil && !strings.Contains(err.Error(), "closed") {
			t.Error(err)
		}
		closeDB(t, db)
	})
	return db
}

func closeDB(t testing.TB, db *sqlite.DB) {
	t.Helper()
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

// raw opens the file past this package.
func raw(t testing.TB, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1) // so that BEGIN and what follows share a connection
	return db
}

func mustExec(t testing.TB, db *sql.DB, statement string) {
	t.Helper()
	if _, err := db.Exec(statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func mustPut(t testing.TB, db *sqlite.DB, n, edition, clauses int) {
	t.Helper()
	doc, text, list := retrievaltest.Numbered(n, edition, clauses)
	if _, err := db.Put(t.Context(), doc, text, list); err != nil {
		t.Fatal(err)
	}
}

func wantKind(t testing.TB, err error, want sqlite.Kind) {
	t.Helper()
	if got := sqlite.KindOf(err); got != want {
		t.Errorf("error %v of kind %q, want kind %q", err, got, want)
	}
}

func TestReopen(t *testing.T) {
	path := filepath.Join(t.TempDir(), sqlite.FileName)
	db := openAt(t, path, sqlite.Options{})
	for n := range 5 {
		mustPut(t, db, n, 1, 4)
	}
	mustPut(t, db, 3, 2, 6)
	want, err := db.Revision(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	closeDB(t, db)
	closeDB(t, db)
	if _, err := db.Documents(t.Context()); err == nil {
		t.Error("Documents after Close: no error")
	}

	db = openAt(t, path, sqlite.Options{})
	if got, err := db.Revision(t.Context()); got != want || err != nil {
		t.Errorf("revision %s, %v after reopening, want %s", got, err, want)
	}
	list, err := db.Clauses(t.Context(), "numbered-000003")
	if err != nil || len(list) != 6 || list[5].Document.Version != 2 {
		t.Errorf("clauses after reopening: %+v, %v", list, err)
	}
}

func TestReadOnly(t *testing.T) {
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), sqlite.FileName)
	readOnly := sqlite.Options{ReadOnly: true}
	if _, err := sqlite.Open(ctx, path, readOnly); sqlite.KindOf(err) != sqlite.Missing {
		t.Errorf("read-only open of nothing: %v, want kind missing", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("read-only open made a file: %v", err)
	}
	writer := openAt(t, path, sqlite.Options{})
	reader := openAt(t, path, readOnly)
	for n := range 20 {
		mustPut(t, writer, n, 1, 3)
		if docs, err := reader.Documents(ctx); err != nil || len(docs) != n+1 {
			t.Fatalf("reader sees %d documents, %v; want %d", len(docs), err, n+1)
		}
	}
	doc, text, list := retrievaltest.Numbered(1, 2, 3)
	_, err := reader.Put(ctx, doc, text, list)
	wantKind(t, err, sqlite.NotWritable)
	want, _ := writer.Revision(ctx)

	// The reader goes on when the writer is gone, and opens without one.
	closeDB(t, writer)
	if got, err := reader.Revision(ctx); got != want || err != nil {
		t.Errorf("revision %s, %v without the writer, want %s", got, err, want)
	}
	closeDB(t, reader)
	if got, err := openAt(t, path, readOnly).Revision(ctx); got != want || err != nil {
		t.Errorf("revision %s, %v after reopening, want %s", got, err, want)
	}
}

// While another process writes, everything but Put goes on.
func TestLocked(t *testing.T) {
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), sqlite.FileName)
	db := openAt(t, path, sqlite.Options{BusyTimeout: 50 * time.Millisecond})
	mustPut(t, db, 1, 1, 3)
	other := raw(t, path)
	mustExec(t, other, "BEGIN EXCLUSIVE")

	doc, text, list := retrievaltest.Numbered(2, 1, 3)
	began := time.Now()
	_, err := db.Put(ctx, doc, text, list)
	wantKind(t, err, sqlite.Locked)
	if took := time.Since(began); took < 40*time.Millisecond || took > 5*time.Second {
		t.Errorf("Put gave up after %v, want about 50 ms", took)
	}
	if found, err := db.Lookup(ctx, []string{"numbered-000001.2"}); err != nil || len(found) != 1 {
		t.Errorf("Lookup = %v, %v", found, err)
	}
	doc1, text1, list1 := retrievaltest.Numbered(1, 1, 3)
	if change, err := db.Put(ctx, doc1, text1, list1); err != nil || change != retrieval.Unchanged {
		t.Errorf("Put of what is there = %q, %v", change, err)
	}
	second, err := sqlite.Open(ctx, path, sqlite.Options{BusyTimeout: -1})
	if err != nil {
		t.Fatal(err)
	}
	_, err = second.Put(ctx, doc, text, list)
	wantKind(t, err, sqlite.Locked)
	closeDB(t, second)

	// The lock is released while Put waits.
	patient := openAt(t, path, sqlite.Options{})
	time.AfterFunc(100*time.Millisecond, func() { other.Exec("COMMIT") })
	if change, err := patient.Put(ctx, doc, text, list); err != nil || change != retrieval.Added {
		t.Errorf("Put after waiting = %q, %v", change, err)
	}
}

// A Put that waits for another writer of the same DB gives up with its context.
func TestPutWaitsForContext(t *testing.T) {
	db := openNew(t)
	holds, goOn, first := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		first <- db.Writing(context.Background(), func() { close(holds); <-goOn })
	}()
	<-holds
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	doc, text, list := retrievaltest.Numbered(2, 1, 1)
	if _, err := db.Put(ctx, doc, text, list); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want context.DeadlineExceeded", err)
	}
	close(goOn) // Put did not wait for this
	if err := <-first; err != nil {
		t.Error(err)
	}
	if change, err := db.Put(t.Context(), doc, text, list); err != nil || change != retrieval.Added {
		t.Errorf("Put afterwards = %q, %v", change, err)
	}
}

// A Put whose writing fails half-way leaves nothing.
func TestPutFailsHalfWay(t *testing.T) {
	path := filepath.Join(t.TempDir(), sqlite.FileName)
	db := openAt(t, path, sqlite.Options{})
	mustPut(t, db, 1, 1, 10)
	before, _ := db.Revision(t.Context())
	other := raw(t, path)
	mustExec(t, other, `CREATE TRIGGER fault BEFORE INSERT ON clauses WHEN NEW.ordinal = 7 BEGIN SELECT RAISE(ABORT, 'fault'); END`)
	for n := 1; n <= 2; n++ { // a new version and a new document
		doc, text, list := retrievaltest.Numbered(n, 2, 10)
		if _, err := db.Put(t.Context(), doc, text, list); err == nil || !strings.Contains(err.Error(), "fault") {
			t.Errorf("document %d: error %v, want the fault", n, err)
		}
		if after, err := db.Revision(t.Context()); after != before || err != nil {
			t.Errorf("document %d: revision %s, %v; want %s", n, after, err, before)
		}
		if err := db.Check(t.Context()); err != nil {
			t.Error(err)
		}
	}
	mustExec(t, other, "DROP TRIGGER fault")
	mustPut(t, db, 1, 2, 10)
	mustPut(t, db, 2, 1, 10)
}

// Many more readers than connections, beside a writer, and cancelled ones
// among them: no connection is lost.
func TestConnectionsReturn(t *testing.T) {
	db := openNew(t)
	mustPut(t, db, 1, 1, 50)
	for i := range 60 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*20*time.Microsecond)
		for _, err := range []error{
			second(db.Lookup(ctx, []string{"numbered-000001.7"})),
			second(db.Clauses(ctx, "numbered-000001")),
			second(db.Documents(ctx)),
			second(db.Revision(ctx)),
			second(db.Clauses(ctx, "none")),
		} {
			if err != nil && !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, retrieval.ErrNotFound) {
				t.Errorf("error %v, want the context's", err)
			}
		}
		doc, text, list := retrievaltest.Numbered(2, i, 50)
		if _, err := db.Put(ctx, doc, text, list); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v, want the context's", err)
		}
		cancel()
	}
	mustPut(t, db, 3, 1, 3)
	if found, err := db.Lookup(t.Context(), []string{"numbered-000003.3"}); err != nil || len(found) != 1 {
		t.Errorf("Lookup = %v, %v", found, err)
	}
}

func second[T any](_ T, err error) error { return err }

func TestAddedAt(t *testing.T) {
	path := filepath.Join(t.TempDir(), sqlite.FileName)
	began := time.Now().Add(-time.Second)
	mustPut(t, openAt(t, path, sqlite.Options{}), 1, 1, 1)
	for _, query := range []string{"SELECT added_at FROM versions", "SELECT applied_at FROM schema_migrations"} {
		var s string
		if err := raw(t, path).QueryRow(query).Scan(&s); err != nil {
			t.Fatal(err)
		}
		at, err := time.Parse(time.RFC3339, s)
		if err != nil || !strings.HasSuffix(s, "Z") || at.Before(began) || at.After(time.Now()) {
			t.Errorf("%s = %q, %v; want the time now in UTC", query, s, err)
		}
	}
}

// Each column holds the fact that it is named after.
func TestColumns(t *testing.T) {
	path := filepath.Join(t.TempDir(), sqlite.FileName)
	doc := retrieval.Document{
		ID: "a", Title: "t", Number: "n", Issuer: "i", Jurisdiction: "j", IssuedOn: "2020-05-20", ValidFrom: "2020-06",
		ValidUntil: "2022", TargetYear: 2025, Language: "zh", Kind: "plan", Translated: true, Source: "s", Origin: "/o",
		Facts: map[string]string{"title": "text"}, Notes: map[string]string{"number": "gazette"},
		Aliases: []string{"b", "c"}, Deadline: "2021", Mentions: []retrieval.Mention{{Title: "m", Clause: "a.1"}},
	}
	if _, err := openAt(t, path, sqlite.Options{}).Put(t.Context(), doc, "", nil); err != nil {
		t.Fatal(err)
	}
	for column, want := range map[string]string{
		"workspace": retrieval.Workspace, "id": "a", "version": "1", "clauses": "0", "title": "t",
		"number": "n", "issuer": "i", "jurisdiction": "j", "issued_on": "2020-05-20", "valid_from": "2020-06", "valid_until": "2022",
		"target_year": "2025", "language": "zh", "kind": "plan", "translated": "1", "repealed": "0", "source": "s", "origin": "/o",
		"facts": `{"title":"text"}`, "notes": `{"number":"gazette"}`,
		"aliases": `["b","c"]`, "deadline": "2021", "mentions": `[{"title":"m","clause":"a.1"}]`,
	} {
		var got string
		if err := raw(t, path).QueryRow("SELECT " + column + " FROM documents").Scan(&got); err != nil || got != want {
			t.Errorf("%s = %q, %v; want %q", column, got, err, want)
		}
	}
}

// Clause texts are not stored a second time.
func TestTextIsStoredOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), sqlite.FileName)
	db := openAt(t, path, sqlite.Options{})
	const marker = "独一无二的标记"
	text := strings.Repeat("前文。", 50) + marker
	if _, err := db.Put(t.Context(), retrieval.Document{ID: "a"}, text, retrievaltest.Cut("a", text, text)); err != nil {
		t.Fatal(err)
	}
	closeDB(t, db)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(b), marker); n != 1 {
		t.Errorf("the text is in the file %d times, want once", n)
	}
}
