package sqlite_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"policybot/retrieval"
	"policybot/retrieval/sqlite"
)

// realFile makes a database with documents in it, closes it, and returns its path.
func realFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), sqlite.FileName)
	db, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for n := range 30 {
		mustPut(t, db, n, 1, 10)
	}
	closeDB(t, db)
	return path
}

func write(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{1}).Read(b)
	return b
}

func wantOneLine(t *testing.T, err error) {
	t.Helper()
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok || !filepath.IsAbs(e.Path) || !strings.Contains(err.Error(), e.Path) {
		t.Errorf("error %q does not name the file", err)
	}
	if strings.ContainsAny(err.Error(), "\n\t") || len(err.Error()) > 400 {
		t.Errorf("error %q is not one line", err)
	}
}

// Open does not read everything; Check does, and finds a text that is not
// the one that was put.
func TestCheckFindsOtherText(t *testing.T) {
	path := realFile(t)
	b := bytes.ReplaceAll(read(t, path), []byte("对首次"), []byte("对再次"))
	write(t, path, b)
	db, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer closeDB(t, db)
	err = db.Check(t.Context())
	wantKind(t, err, sqlite.Corrupt)
}

// Damage to any page ends in an error of Kind Corrupt or is found by Check;
// nothing panics.
func TestRandomDamage(t *testing.T) {
	path := realFile(t)
	sound := read(t, path)
	source := rand.New(rand.NewPCG(7, 7))
	for i := range 25 {
		b := bytes.Clone(sound)
		from := 100 + source.IntN(len(b)-100-64)
		copy(b[from:], randomBytes(64))
		write(t, path, b)
		os.Remove(path + "-wal")
		os.Remove(path + "-shm")
		if err := useAll(t, path); err != nil && sqlite.KindOf(err) == "" {
			t.Errorf("damage %d at byte %d: error of no kind: %v", i, from, err)
		}
	}
}

func useAll(t *testing.T, path string) error {
	db, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		return err
	}
	defer db.Close()
	check := db.Check(t.Context())
	docs, err := db.Documents(t.Context())
	if err != nil {
		return errors.Join(err, check)
	}
	for _, d := range docs {
		if _, err := db.Clauses(t.Context(), d.ID); err != nil && check == nil {
			return fmt.Errorf("found no fault, but: %w", err)
		}
	}
	return check
}

func TestCheckFindsTampering(t *testing.T) {
	for _, statement := range []string{
		"DELETE FROM clauses WHERE document = 'numbered-000003' AND ordinal = 9",
		"DELETE FROM versions WHERE document = 'numbered-000003'",
		"UPDATE documents SET version = 2 WHERE id = 'numbered-000003'",
		"UPDATE documents SET title = 'x' WHERE id = 'numbered-000003'",
		"UPDATE documents SET notes = '{}' WHERE id = 'numbered-000003'",
		"UPDATE documents SET clauses = 11 WHERE id = 'numbered-000003'",
		"UPDATE documents SET digest = 'x' WHERE id = 'numbered-000003'",
		"UPDATE versions SET hash = 'x' WHERE document = 'numbered-000003'",
		"UPDATE versions SET facts = '{' WHERE document = 'numbered-000003'",
		"UPDATE versions SET text = CAST(replace(CAST(text AS TEXT), '临床', '临牀') AS BLOB) WHERE document = 'numbered-000003'",
		"UPDATE clauses SET heading = 'x' WHERE document = 'numbered-000003'",
		"UPDATE clauses SET byte_start = byte_start + 1 WHERE document = 'numbered-000003'",
		"UPDATE clauses SET byte_end = 1000000 WHERE document = 'numbered-000003'",
		"UPDATE clauses SET char_start = char_start + 1, char_end = char_end + 1 WHERE document = 'numbered-000003'",
		"INSERT INTO clauses SELECT workspace, 'none', version, ordinal, id, path, heading, parents, departments, char_start, char_end, byte_start, byte_end FROM clauses LIMIT 1",
	} {
		path := realFile(t)
		mustExec(t, raw(t, path), statement)
		db, err := sqlite.Open(t.Context(), path, sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Check(t.Context()); sqlite.KindOf(err) != sqlite.Corrupt {
			t.Errorf("%s: Check = %v, want kind corrupt", statement, err)
		}
		closeDB(t, db)
	}
}

// A clause whose span no longer fits is not shown as if nothing were wrong.
func TestReadRefusesWrongSpan(t *testing.T) {
	for _, statement := range []string{
		"UPDATE clauses SET byte_start = byte_start + 3",
		"UPDATE clauses SET byte_end = 100000",
		"UPDATE clauses SET byte_start = -5",
		"UPDATE clauses SET byte_end = 1",
	} {
		path := realFile(t)
		mustExec(t, raw(t, path), statement)
		db, err := sqlite.Open(t.Context(), path, sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = db.Clauses(t.Context(), "numbered-000003")
		wantKind(t, err, sqlite.Corrupt)
		_, err = db.Lookup(t.Context(), []string{"numbered-000003.4"})
		wantKind(t, err, sqlite.Corrupt)
		closeDB(t, db)
	}
}

// What is corrupt is damaged too, whether the file is or what a row holds.
func TestDamaged(t *testing.T) {
	path := filepath.Join(t.TempDir(), sqlite.FileName)
	write(t, path, randomBytes(20000))
	_, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if !errors.Is(err, retrieval.ErrDamaged) {
		t.Errorf("Open: %v, want retrieval.ErrDamaged", err)
	}
	path = realFile(t)
	mustExec(t, raw(t, path), "UPDATE clauses SET byte_end = 100000")
	db, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer closeDB(t, db)
	if _, err := db.Clauses(t.Context(), "numbered-000003"); !errors.Is(err, retrieval.ErrDamaged) {
		t.Errorf("Clauses: %v, want retrieval.ErrDamaged", err)
	}
	if _, err := db.Clauses(t.Context(), "none"); errors.Is(err, retrieval.ErrDamaged) {
		t.Errorf("Clauses of none: %v", err)
	}
}
