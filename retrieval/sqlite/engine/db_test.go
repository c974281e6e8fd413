package engine

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// schema is the migration of the tests.
var schema = files("0001_init.sql", `
	CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL);
	CREATE TABLE links (note INTEGER NOT NULL REFERENCES notes (id));`)

// ourTables are those that it makes.
const ourTables = "links,notes,schema_migrations"

// newPath is that of a file that is not there yet.
func newPath(t testing.TB) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "test.db")
}

// openNew opens a new database.
func openNew(t testing.TB) *DB {
	t.Helper()
	return openAt(t, newPath(t), Options{})
}

// openAt opens a database; at the end of the test it must be sound.
func openAt(t testing.TB, path string, opts Options) *DB {
	t.Helper()
	db, err := Open(t.Context(), path, schema, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Integrity(context.Background()); err != nil && !strings.Contains(err.Error(), "closed") {
			t.Error(err)
		}
		closeDB(t, db)
	})
	return db
}

func closeDB(t testing.TB, db *DB) {
	t.Helper()
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

// add stores one note in an update of its own.
func add(ctx context.Context, db *DB, text string) error {
	return db.Update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO notes (text) VALUES (?)", text)
		return err
	})
}

func mustAdd(t testing.TB, db *DB, text string) {
	t.Helper()
	if err := add(t.Context(), db, text); err != nil {
		t.Fatal(err)
	}
}

// notes reads all notes, in order, in one read.
func notes(ctx context.Context, db *DB) ([]string, error) {
	var list []string
	err := db.Read(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, "SELECT text FROM notes ORDER BY id")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var text string
			if err := rows.Scan(&text); err != nil {
				return err
			}
			list = append(list, text)
		}
		return rows.Err()
	})
	return list, err
}

func wantNotes(t testing.TB, db *DB, want ...string) {
	t.Helper()
	if got, err := notes(t.Context(), db); err != nil || !slices.Equal(got, want) {
		t.Errorf("notes %.60q, %v; want %.60q", got, err, want)
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

func wantKind(t testing.TB, err error, want Kind) {
	t.Helper()
	if got := KindOf(err); got != want {
		t.Errorf("error %v of kind %q, want kind %q", err, got, want)
	}
}

func TestReadOnly(t *testing.T) {
	path := newPath(t)
	_, err := Open(t.Context(), path, schema, Options{ReadOnly: true})
	wantKind(t, err, Missing)
	if contents(path) != nil {
		t.Error("opening for reading only made a file")
	}
	writer := openAt(t, path, Options{})
	reader := openAt(t, path, Options{ReadOnly: true})
	mustAdd(t, writer, "a")
	wantNotes(t, reader, "a")
	mustAdd(t, writer, "b")
	wantNotes(t, reader, "a", "b")
	wantKind(t, add(t.Context(), reader, "c"), NotWritable)
	wantKind(t, reader.Writable(), NotWritable)
	if err := writer.Writable(); err != nil {
		t.Error(err)
	}
	if !filepath.IsAbs(reader.Path()) || filepath.Base(reader.Path()) != filepath.Base(path) {
		t.Errorf("path %q, want that of %q", reader.Path(), path)
	}
}

// A read sees one state, however long it lasts.
func TestReadIsConsistent(t *testing.T) {
	db := openNew(t)
	mustAdd(t, db, "a")
	err := db.Read(t.Context(), func(tx *sql.Tx) error {
		for range 3 {
			var n int
			if err := tx.QueryRow("SELECT count(*) FROM notes").Scan(&n); err != nil || n != 1 {
				t.Errorf("%d notes, %v; want 1", n, err)
			}
			mustAdd(t, db, "more")
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	wantNotes(t, db, "a", "more", "more", "more")
}

// An update that fails leaves nothing, whatever made it fail, and the next one
// goes on.
func TestUpdateFails(t *testing.T) {
	db := openAt(t, newPath(t), Options{Connections: 1}) // so that each gets the connection of the one before
	fault := errors.New("fault")
	ctx, cancel := context.WithCancel(t.Context())
	for _, tt := range []struct {
		name string
		then func(tx *sql.Tx) error
		want string // in the error
	}{
		{"error", func(*sql.Tx) error { return fault }, "fault"},
		{"constraint", func(tx *sql.Tx) error { return run(tx, "INSERT INTO notes (text) VALUES (NULL)") }, "NOT NULL"},
		{"reference", func(tx *sql.Tx) error { return run(tx, "INSERT INTO links VALUES (99)") }, "FOREIGN KEY"},
		{"reference at the commit", func(tx *sql.Tx) error {
			if err := errors.Join(run(tx, "PRAGMA defer_foreign_keys = 1"), run(tx, "INSERT INTO links VALUES (99)")); err != nil {
				t.Error(err)
			}
			return nil
		}, "FOREIGN KEY"},
		{"cancelled", func(*sql.Tx) error { cancel(); return nil }, "canceled"},
	} {
		err := db.Update(ctx, func(tx *sql.Tx) error {
			if err := run(tx, "INSERT INTO notes (text) VALUES ('lost')"); err != nil {
				t.Error(err)
			}
			return tt.then(tx)
		})
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %s", tt.name, err, tt.want)
		}
		wantNotes(t, db)
	}
	mustAdd(t, db, "kept")
	wantNotes(t, db, "kept")
}

func run(tx *sql.Tx, statement string) error {
	_, err := tx.Exec(statement)
	return err
}

// An update waits for another of the same DB as long as its context allows,
// and for another process's as long as the BusyTimeout.
func TestUpdateWaits(t *testing.T) {
	path := newPath(t)
	db := openAt(t, path, Options{BusyTimeout: 50 * time.Millisecond})
	err := db.Update(t.Context(), func(*sql.Tx) error {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
		defer cancel()
		return add(ctx, db, "inner")
	})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want the context's", err)
	}
	other := raw(t, path)
	mustExec(t, other, "BEGIN IMMEDIATE")
	wantKind(t, add(t.Context(), db, "a"), Locked)
	wantNotes(t, db) // reading goes on
	mustExec(t, other, "COMMIT")
	mustAdd(t, db, "a")
	wantNotes(t, db, "a")
}

// Reads and updates that are cut short at any moment lose no connection.
func TestConnectionsReturn(t *testing.T) {
	db := openAt(t, newPath(t), Options{Connections: 2})
	for range 100 {
		mustAdd(t, db, "a note")
	}
	for i := range 100 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*10*time.Microsecond)
		_, err := notes(ctx, db)
		for _, err := range []error{err, add(ctx, db, "more"), db.Integrity(ctx)} {
			if err != nil && !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("error %v, want the context's", err)
			}
		}
		cancel()
	}
	mustAdd(t, db, "last")
}

// When there is no space left an update fails as a whole; reading goes on, and
// writing too once there is space.
func TestDiskFull(t *testing.T) {
	db := openAt(t, newPath(t), Options{Connections: 1})
	mustAdd(t, db, "a")
	pragma := func(s string) {
		t.Helper()
		if _, err := db.sql.Exec(s); err != nil {
			t.Fatal(err)
		}
	}
	pragma("PRAGMA max_page_count = 10") // as SQLite fails when a write does for want of space
	for range 3 {
		err := db.Update(t.Context(), func(tx *sql.Tx) error {
			for range 100 {
				if _, err := tx.Exec("INSERT INTO notes (text) VALUES (?)", strings.Repeat("x", 1000)); err != nil {
					return err
				}
			}
			return nil
		})
		wantKind(t, err, DiskFull)
		wantNotes(t, db, "a")
	}
	pragma("PRAGMA max_page_count = 1000000")
	mustAdd(t, db, "b")
	wantNotes(t, db, "a", "b")
}

// What is deleted is gone from the file, if that is what was asked for.
func TestSecureDelete(t *testing.T) {
	const secret = "a secret that nobody may find"
	for _, secure := range []bool{false, true} {
		path := newPath(t)
		db, err := Open(t.Context(), path, schema, Options{SecureDelete: secure})
		if err != nil {
			t.Fatal(err)
		}
		mustAdd(t, db, secret)
		mustAdd(t, db, "kept")
		closeDB(t, db)
		db, err = Open(t.Context(), path, schema, Options{SecureDelete: secure})
		if err != nil {
			t.Fatal(err)
		}
		err = db.Update(t.Context(), func(tx *sql.Tx) error { return run(tx, "DELETE FROM notes WHERE id = 1") })
		if err != nil {
			t.Fatal(err)
		}
		closeDB(t, db)
		if found := bytes.Contains(contents(path), []byte(secret)); found == secure {
			t.Errorf("secure delete %v: the file holds the secret: %v", secure, found)
		}
	}
}

func TestIntegrity(t *testing.T) {
	for _, statement := range []string{
		"PRAGMA foreign_keys = 0; INSERT INTO links VALUES (99)",
		"PRAGMA writable_schema = 1; UPDATE sqlite_master SET rootpage = 2 WHERE name = 'links'",
	} {
		path := realFile(t)
		mustExec(t, raw(t, path), statement)
		db, err := Open(t.Context(), path, schema, Options{})
		if err != nil {
			t.Fatal(err)
		}
		err = db.Integrity(t.Context())
		wantKind(t, err, Corrupt)
		if err != nil && strings.Count(err.Error(), "sqlite:") != 1 {
			t.Errorf("error %q", err)
		}
		closeDB(t, db)
	}
}
