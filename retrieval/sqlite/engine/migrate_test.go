package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"testing/fstest"
)

func files(pairs ...string) fstest.MapFS {
	fsys := make(fstest.MapFS)
	for i := 0; i < len(pairs); i += 2 {
		fsys[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return fsys
}

func TestReadMigrations(t *testing.T) {
	for _, bad := range [][]string{
		{"0002_b.sql", ""},
		{"0001_a.sql", "", "0003_c.sql", ""},
		{"0001_a.sql", "", "0001_b.sql", ""},
		{"first.sql", ""},
		{"0000_a.sql", ""},
	} {
		if list, err := readMigrations(files(bad...)); err == nil {
			t.Errorf("%q: %+v, want an error", bad, list)
		}
	}
	if _, err := readMigrations(files()); err == nil {
		t.Error("no files: no error")
	}
	if _, err := readMigrations(os.DirFS(newPath(t))); err == nil {
		t.Error("no folder: no error")
	}
	unix, err := readMigrations(files("0001_a.sql", "A;\nB;\n"))
	if err != nil {
		t.Fatal(err)
	}
	windows, err := readMigrations(files("0001_a.sql", "A;\r\nB;\r\n"))
	if err != nil || windows[0] != unix[0] {
		t.Errorf("with CRLF %+v, %v; want %+v", windows, err, unix)
	}
}

// steps are the migrations of the tests and more of them.
func steps(t *testing.T, more ...string) []migration {
	t.Helper()
	list, err := readMigrations(schema)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range more {
		list = append(list, migration{version: len(list) + 1, name: fmt.Sprint("more ", i), sql: s, checksum: s})
	}
	return list
}

// A migration that fails leaves nothing, and runs again.
func TestMigrationFails(t *testing.T) {
	ctx := t.Context()
	db := openNew(t)
	mustAdd(t, db, "a note")
	const good, bad = "CREATE TABLE a (x TEXT); INSERT INTO a VALUES ('1')", "CREATE TABLE b (x TEXT); INSERT INTO b VALUES ('1'); DROP TABLE none"
	if err := db.migrate(ctx, steps(t, good, bad)); err == nil {
		t.Fatal("no error")
	}
	wantTables(t, db, "a,"+ourTables, 2)
	if err := db.migrate(ctx, steps(t, good, "CREATE TABLE b (x TEXT)", "CREATE TABLE c (x TEXT)")); err != nil {
		t.Fatal(err)
	}
	wantTables(t, db, "a,b,c,"+ourTables, 4)
	if err := db.migrate(ctx, steps(t)); KindOf(err) != NewerSchema {
		t.Errorf("error %v, want kind newer schema", err)
	}
	if err := db.Integrity(ctx); err != nil {
		t.Error(err)
	}
	wantNotes(t, db, "a note")
}

func wantTables(t *testing.T, db *DB, want string, applied int) {
	t.Helper()
	var got string
	const tables = `SELECT group_concat(name, ',') FROM (SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name)`
	if err := db.sql.QueryRow(tables).Scan(&got); err != nil || got != want {
		t.Errorf("tables %q, %v; want %q", got, err, want)
	}
	var n int
	if err := db.sql.QueryRow(`SELECT COUNT(*) FROM schema_migrations`).Scan(&n); err != nil || n != applied {
		t.Errorf("%d applied, %v; want %d", n, err, applied)
	}
}

// Handles that open a new file at once, and then migrate it at once, apply
// each step once. The steps fail when they run twice.
func TestMigrateAtOnce(t *testing.T) {
	for range 5 {
		path := newPath(t)
		const handles = 6
		dbs := make([]*DB, handles)
		atOnce(t, handles, func(i int) error {
			db, err := Open(context.Background(), path, schema, Options{})
			dbs[i] = db
			return err
		})
		more := steps(t, "CREATE TABLE a (x TEXT)", "CREATE TABLE b (x TEXT)", "ALTER TABLE a ADD COLUMN y TEXT")
		atOnce(t, handles, func(i int) error { return dbs[i].migrate(context.Background(), more) })
		wantTables(t, dbs[0], "a,b,"+ourTables, 4)
		for _, db := range dbs {
			db.Close()
		}
	}
}

func atOnce(t *testing.T, n int, f func(i int) error) {
	t.Helper()
	var wg sync.WaitGroup
	errs := make([]error, n)
	for i := range n {
		wg.Go(func() { errs[i] = f(i) })
	}
	wg.Wait()
	for i, err := range errs {
		if err != nil {
			t.Fatalf("handle %d: %v", i, err)
		}
	}
}

// Every connection has the settings, not only the first.
func TestSettings(t *testing.T) {
	db := openNew(t)
	for range defaultConnections {
		conn, err := db.sql.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "5000"} {
			var got string
			if err := conn.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
				t.Errorf("%s = %q, %v; want %q", pragma, got, err, want)
			}
		}
	}
}

// A setting that did not take is noticed.
func TestSettingsRefused(t *testing.T) {
	for _, statement := range []string{"PRAGMA synchronous = NORMAL", "PRAGMA foreign_keys = 0", "PRAGMA busy_timeout = 1", "PRAGMA journal_mode = DELETE", "PRAGMA secure_delete = 0"} {
		db := openAt(t, newPath(t), Options{SecureDelete: true, Connections: 1})
		if _, err := db.sql.Exec(statement); err != nil {
			t.Fatal(err)
		}
		if err := db.checkSettings(t.Context()); KindOf(err) != WrongSettings {
			t.Errorf("%s: error %v, want kind wrong settings", statement, err)
		}
	}
}

func TestKindOfCode(t *testing.T) {
	for code, want := range map[int]Kind{
		5: Locked, 6: Locked, 261: Locked, 517: Locked, // BUSY, LOCKED, BUSY_RECOVERY, BUSY_SNAPSHOT
		11: Corrupt, 26: Corrupt, 267: Corrupt, // CORRUPT, NOTADB, CORRUPT_VTAB
		8: NotWritable, 14: NotWritable, 264: NotWritable, 1032: NotWritable, // READONLY, CANTOPEN, and more of READONLY
		13: DiskFull, 10: IO, 778: IO, 1546: IO, 4874: IO, 1: Failed, // FULL, IOERR, IOERR_WRITE, IOERR_TRUNCATE, IOERR_SHMSIZE, ERROR
	} {
		if got := kindOfCode(code); got != want {
			t.Errorf("code %d is %q, want %q", code, got, want)
		}
	}
}

// When the context is over, that is the error, whatever the engine made of it.
func TestTyped(t *testing.T) {
	over, cancel := context.WithCancel(t.Context())
	cancel()
	damaged := &Error{Corrupt, "x.db", nil}
	scan := errors.New(`read: sql: Scan error on column index 3, name "facts": unexpected end of JSON input`)
	closed := errors.New("sql: statement is closed")
	for _, tt := range []struct {
		ctx  context.Context
		err  error
		is   error
		kind Kind
	}{
		{over, closed, context.Canceled, ""},
		{over, scan, context.Canceled, ""},
		{over, damaged, damaged, Corrupt},
		{t.Context(), closed, closed, ""},
		{t.Context(), scan, scan, Corrupt},
	} {
		got := typed(tt.ctx, "x.db", tt.err)
		if !errors.Is(got, tt.is) || KindOf(got) != tt.kind {
			t.Errorf("typed(%v) = %v of kind %q, want %v of kind %q", tt.err, got, KindOf(got), tt.is, tt.kind)
		}
	}
	if err := typed(over, "x.db", nil); err != nil {
		t.Errorf("typed(nil) = %v", err)
	}
}
