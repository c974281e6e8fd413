package sqlite_test

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

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

func TestOpenRefuses(t *testing.T) {
	for _, tt := range []struct {
		name    string
		prepare func(t *testing.T) string // returns the path to open
		want    sqlite.Kind
	}{
		{"random bytes", func(t *testing.T) string {
			path := filepath.Join(t.TempDir(), "x.db")
			write(t, path, randomBytes(20000))
			return path
		}, sqlite.Corrupt},
		{"text file", func(t *testing.T) string {
			path := filepath.Join(t.TempDir(), "x.db")
			write(t, path, []byte("厦门市生物医药产业发展若干措施\n"))
			return path
		}, sqlite.Corrupt},
		{"header alone", func(t *testing.T) string {
			path := realFile(t)
			write(t, path, read(t, path)[:100])
			return path
		}, sqlite.Corrupt},
		{"first page alone", func(t *testing.T) string {
			path := realFile(t)
			write(t, path, read(t, path)[:4096])
			return path
		}, sqlite.Corrupt},
		{"cut in half", func(t *testing.T) string {
			path := realFile(t)
			b := read(t, path)
			write(t, path, b[:len(b)/2])
			return path
		}, sqlite.Corrupt},
		{"one page short", func(t *testing.T) string {
			path := realFile(t)
			b := read(t, path)
			write(t, path, b[:len(b)-4096])
			return path
		}, sqlite.Corrupt},
		{"random after the header", func(t *testing.T) string {
			path := realFile(t)
			b := read(t, path)
			write(t, path, append(b[:100:100], randomBytes(len(b)-100)...))
			return path
		}, sqlite.Corrupt},
		{"folder", func(t *testing.T) string { return t.TempDir() }, sqlite.IsFolder},
		{"empty path", func(*testing.T) string { return "" }, sqlite.IsFolder},
		{"no such folder", func(t *testing.T) string { return filepath.Join(t.TempDir(), "none", "x.db") }, sqlite.NoFolder},
		{"folder is a file", func(t *testing.T) string { return filepath.Join(realFile(t), "x.db") }, sqlite.NotWritable},
		{"other program's", func(t *testing.T) string {
			path := filepath.Join(t.TempDir(), "x.db")
			mustExec(t, raw(t, path), "CREATE TABLE songs (title TEXT)")
			return path
		}, sqlite.Foreign},
		{"newer", func(t *testing.T) string {
			path := realFile(t)
			mustExec(t, raw(t, path), "INSERT INTO schema_migrations VALUES (3, 'x', '2030-01-01T00:00:00Z')")
			return path
		}, sqlite.NewerSchema},
		{"much newer", func(t *testing.T) string {
			path := realFile(t)
			mustExec(t, raw(t, path), "INSERT INTO schema_migrations VALUES (2000000000, 'x', '2030-01-01T00:00:00Z')")
			return path
		}, sqlite.NewerSchema},
		{"other checksum", func(t *testing.T) string {
			path := realFile(t)
			mustExec(t, raw(t, path), "UPDATE schema_migrations SET checksum = 'x'")
			return path
		}, sqlite.ChangedSchema},
		{"migration 0", func(t *testing.T) string {
			path := realFile(t)
			mustExec(t, raw(t, path), "UPDATE schema_migrations SET version = 0 WHERE version = 1")
			return path
		}, sqlite.ChangedSchema},
	} {
		for _, readOnly := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, read-only %v", tt.name, readOnly), func(t *testing.T) {
				path := tt.prepare(t)
				before := contents(path)
				db, err := sqlite.Open(t.Context(), path, sqlite.Options{ReadOnly: readOnly})
				if err == nil {
					closeDB(t, db)
				}
				want := tt.want
				if want == sqlite.NoFolder && readOnly {
					want = sqlite.Missing
				}
				wantKind(t, err, want)
				if err != nil {
					wantOneLine(t, err)
				}
				if after := contents(path); !bytes.Equal(before, after) {
					t.Errorf("the file has changed: %d bytes, now %d", len(before), len(after))
				}
			})
		}
	}
}

// contents is nil for what is not a file.
func contents(path string) []byte {
	b, _ := os.ReadFile(path)
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

// A file that was emptied, or made by touch, is a new one for writing.
func TestEmptyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), sqlite.FileName)
	write(t, path, nil)
	_, err := sqlite.Open(t.Context(), path, sqlite.Options{ReadOnly: true})
	wantKind(t, err, sqlite.OlderSchema)
	mustPut(t, openAt(t, path, sqlite.Options{}), 1, 1, 1)
}

func TestProtected(t *testing.T) {
	if os.Geteuid() == 0 { // root may write everything
		asOrdinaryUser(t)
		return
	}
	for _, tt := range []struct {
		name         string
		file, folder os.FileMode
		exists       bool
	}{
		{"file", 0o400, 0o700, true},
		{"folder and file", 0o400, 0o500, true},
		{"folder", 0o600, 0o500, true},
		{"folder without a file", 0, 0o500, false},
		{"folder that cannot be entered", 0o600, 0o000, true},
		{"unreadable file", 0o000, 0o700, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), sqlite.FileName)
			if tt.exists {
				path = realFile(t)
				if err := os.Chmod(path, tt.file); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.Chmod(filepath.Dir(path), tt.folder); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { os.Chmod(filepath.Dir(path), 0o700) })
			_, err := sqlite.Open(t.Context(), path, sqlite.Options{})
			wantKind(t, err, sqlite.NotWritable)
			if err != nil {
				wantOneLine(t, err)
			}
		})
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

func TestErrorText(t *testing.T) {
	seen := make(map[string]bool)
	for _, kind := range []sqlite.Kind{
		sqlite.Missing, sqlite.NoFolder, sqlite.IsFolder, sqlite.NotWritable, sqlite.Locked, sqlite.Corrupt, sqlite.Foreign,
		sqlite.NewerSchema, sqlite.OlderSchema, sqlite.ChangedSchema, sqlite.WrongSettings, sqlite.DiskFull, sqlite.Failed,
	} {
		e := &sqlite.Error{Kind: kind, Path: "/data/policybot.db", Err: errors.New("first\nsecond")}
		text := e.Error()
		if seen[text] || !strings.HasPrefix(text, "/data/policybot.db: ") || !strings.HasSuffix(text, " (first second)") {
			t.Errorf("%s: %q", kind, text)
		}
		seen[text] = true
	}
	if sqlite.KindOf(nil) != "" || sqlite.KindOf(sql.ErrNoRows) != "" {
		t.Error("KindOf finds a kind where there is none")
	}
}
