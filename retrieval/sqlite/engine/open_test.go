package engine

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
	"time"
)

// realFile makes a database with notes in it, closes it, and returns its path.
func realFile(t *testing.T) string {
	t.Helper()
	path := newPath(t)
	db, err := Open(t.Context(), path, schema, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for range 30 {
		mustAdd(t, db, strings.Repeat("a note ", 200))
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
		want    Kind
	}{
		{"random bytes", func(t *testing.T) string {
			path := filepath.Join(t.TempDir(), "x.db")
			write(t, path, randomBytes(20000))
			return path
		}, Corrupt},
		{"text file", func(t *testing.T) string {
			path := filepath.Join(t.TempDir(), "x.db")
			write(t, path, []byte("厦门市生物医药产业发展若干措施\n"))
			return path
		}, Corrupt},
		{"header alone", func(t *testing.T) string {
			path := realFile(t)
			write(t, path, read(t, path)[:100])
			return path
		}, Corrupt},
		{"first page alone", func(t *testing.T) string {
			path := realFile(t)
			write(t, path, read(t, path)[:4096])
			return path
		}, Corrupt},
		{"cut in half", func(t *testing.T) string {
			path := realFile(t)
			b := read(t, path)
			write(t, path, b[:len(b)/2])
			return path
		}, Corrupt},
		{"one page short", func(t *testing.T) string {
			path := realFile(t)
			b := read(t, path)
			write(t, path, b[:len(b)-4096])
			return path
		}, Corrupt},
		{"random after the header", func(t *testing.T) string {
			path := realFile(t)
			b := read(t, path)
			write(t, path, append(b[:100:100], randomBytes(len(b)-100)...))
			return path
		}, Corrupt},
		{"folder", func(t *testing.T) string { return t.TempDir() }, IsFolder},
		{"empty path", func(*testing.T) string { return "" }, IsFolder},
		{"no such folder", func(t *testing.T) string { return filepath.Join(t.TempDir(), "none", "x.db") }, NoFolder},
		{"folder is a file", func(t *testing.T) string { return filepath.Join(realFile(t), "x.db") }, NotWritable},
		{"other program's", func(t *testing.T) string {
			path := filepath.Join(t.TempDir(), "x.db")
			mustExec(t, raw(t, path), "CREATE TABLE songs (title TEXT)")
			return path
		}, Foreign},
		{"newer", func(t *testing.T) string {
			path := realFile(t)
			mustExec(t, raw(t, path), "INSERT INTO schema_migrations VALUES (2, 'x', '2030-01-01T00:00:00Z')")
			return path
		}, NewerSchema},
		{"much newer", func(t *testing.T) string {
			path := realFile(t)
			mustExec(t, raw(t, path), "INSERT INTO schema_migrations VALUES (2000000000, 'x', '2030-01-01T00:00:00Z')")
			return path
		}, NewerSchema},
		{"other checksum", func(t *testing.T) string {
			path := realFile(t)
			mustExec(t, raw(t, path), "UPDATE schema_migrations SET checksum = 'x'")
			return path
		}, ChangedSchema},
		{"migration 0", func(t *testing.T) string {
			path := realFile(t)
			mustExec(t, raw(t, path), "UPDATE schema_migrations SET version = 0 WHERE version = 1")
			return path
		}, ChangedSchema},
	} {
		for _, readOnly := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, read-only %v", tt.name, readOnly), func(t *testing.T) {
				path := tt.prepare(t)
				before := contents(path)
				db, err := Open(t.Context(), path, schema, Options{ReadOnly: readOnly})
				if err == nil {
					closeDB(t, db)
				}
				want := tt.want
				if want == NoFolder && readOnly {
					want = Missing
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
	e, ok := errors.AsType[*Error](err)
	if !ok || !filepath.IsAbs(e.Path) || !strings.Contains(err.Error(), e.Path) {
		t.Errorf("error %q does not name the file", err)
	}
	if strings.ContainsAny(err.Error(), "\n\t") || len(err.Error()) > 400 {
		t.Errorf("error %q is not one line", err)
	}
}

// A file that was emptied, or made by touch, is a new one for writing.
func TestEmptyFile(t *testing.T) {
	path := newPath(t)
	write(t, path, nil)
	_, err := Open(t.Context(), path, schema, Options{ReadOnly: true})
	wantKind(t, err, OlderSchema)
	mustAdd(t, openAt(t, path, Options{}), "a note")
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
			path := newPath(t)
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
			_, err := Open(t.Context(), path, schema, Options{})
			wantKind(t, err, NotWritable)
			if err != nil {
				wantOneLine(t, err)
			}
		})
	}
}

// A path is a name, not a URI.
func TestOddPaths(t *testing.T) {
	for _, name := range []string{"政策 库.db", "a?mode=memory", "a#b", "a%41b.db", "a&_txlock=x;b='\".db", ":memory:", "file:x"} {
		path := filepath.Join(t.TempDir(), name)
		db := openAt(t, path, Options{})
		mustAdd(t, db, "a note")
		if info, err := os.Stat(path); err != nil || info.Size() == 0 {
			t.Errorf("%q: no file of that name: %v", name, err)
		}
		if _, err := Open(t.Context(), path, schema, Options{ReadOnly: true}); err != nil {
			t.Errorf("%q: read-only: %v", name, err)
		}
	}
	t.Chdir(t.TempDir())
	mustAdd(t, openAt(t, "relative.db", Options{}), "a note")
	if _, err := os.Stat("relative.db"); err != nil {
		t.Error(err)
	}
}

// A new file cannot be set up while another connection holds it.
func TestLockedNew(t *testing.T) {
	path := newPath(t)
	other := raw(t, path)
	mustExec(t, other, "BEGIN EXCLUSIVE")
	_, err := Open(t.Context(), path, schema, Options{BusyTimeout: 50 * time.Millisecond})
	wantKind(t, err, Locked)
	time.AfterFunc(100*time.Millisecond, func() { other.Exec("COMMIT") })
	mustAdd(t, openAt(t, path, Options{}), "a note")
}

func TestErrorText(t *testing.T) {
	seen := make(map[string]bool)
	for _, kind := range []Kind{
		Missing, NoFolder, IsFolder, NotWritable, Locked, Corrupt, Foreign,
		NewerSchema, OlderSchema, ChangedSchema, WrongSettings, DiskFull, Failed,
	} {
		e := &Error{Kind: kind, Path: "/data/policybot.db", Err: errors.New("first\nsecond")}
		text := e.Error()
		if seen[text] || !strings.HasPrefix(text, "/data/policybot.db: ") || !strings.HasSuffix(text, " (first second)") {
			t.Errorf("%s: %q", kind, text)
		}
		seen[text] = true
	}
	if KindOf(nil) != "" || KindOf(sql.ErrNoRows) != "" {
		t.Error("KindOf finds a kind where there is none")
	}
}
