package engine

import (
	"database/sql"
	"io"
	"os"
	"strings"
	"testing"
)

// TestHotJournal: a process was killed while it changed the file outside WAL
// mode, as at the very first start. The next one undoes that and goes on.
func TestHotJournal(t *testing.T) {
	from, to := newPath(t), newPath(t)
	db, err := Open(t.Context(), from, schema, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	raw, err := sql.Open("sqlite", from)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	raw.SetMaxOpenConns(1)
	for _, statement := range []string{"PRAGMA journal_mode=DELETE", "PRAGMA cache_size=2", "BEGIN IMMEDIATE", "CREATE TABLE stray (x TEXT)"} {
		if _, err := raw.Exec(statement); err != nil {
			t.Fatal(statement, err)
		}
	}
	for range 200 { // more than the cache holds, so that it is written before the end
		if _, err := raw.Exec("INSERT INTO stray VALUES (?)", strings.Repeat("x", 2000)); err != nil {
			t.Fatal(err)
		}
	}
	for _, suffix := range []string{"", "-journal"} { // what a kill would leave
		copyFile(t, from+suffix, to+suffix)
	}
	if _, err := Open(t.Context(), to, schema, Options{ReadOnly: true}); KindOf(err) != NotWritable {
		t.Fatalf("for reading only: %v; the journal is not hot, the test tests nothing", err)
	}
	db, err = Open(t.Context(), to, schema, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Integrity(t.Context()); err != nil {
		t.Error(err)
	}
	var n int
	if err := db.sql.QueryRow("SELECT count(*) FROM sqlite_master WHERE name = 'stray'").Scan(&n); err != nil || n != 0 {
		t.Errorf("%d stray tables, %v", n, err)
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}
