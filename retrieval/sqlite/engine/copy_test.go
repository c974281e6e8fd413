package engine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// A copy holds what the file held at one moment, and is opened as the file is.
func TestCopyTo(t *testing.T) {
	for _, readOnly := range []bool{false, true} {
		t.Run(fmt.Sprint("read-only ", readOnly), func(t *testing.T) {
			path, target := realFile(t), filepath.Join(t.TempDir(), "备份 a'b?c#d.db")
			db := openAt(t, path, Options{ReadOnly: readOnly})
			want, err := notes(t.Context(), db)
			if err != nil {
				t.Fatal(err)
			}
			if err := db.CopyTo(t.Context(), target); err != nil {
				t.Fatal(err)
			}
			wantOnly(t, target)
			info, err := os.Stat(target)
			if err != nil || info.Mode().Perm()&0o077 != 0 {
				t.Errorf("mode %v, %v; want none for others", info.Mode(), err)
			}
			wantNotes(t, openAt(t, target, Options{ReadOnly: true}), want...)
			copied := openAt(t, target, Options{})
			mustAdd(t, copied, "more")
			wantNotes(t, copied, append(want, "more")...)
			wantNotes(t, db, want...)
		})
	}
}

// wantOnly wants nothing in the folder of path but path, or nothing at all
// when no file is there.
func wantOnly(t *testing.T, path string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != filepath.Base(path) {
			t.Errorf("%s is there", e.Name())
		}
	}
}

// Copies that are made while others write are each the state of one moment:
// every update adds two notes, so their number is even.
func TestCopyToWhileOthersWrite(t *testing.T) {
	path := newPath(t)
	db, other := openAt(t, path, Options{}), openAt(t, path, Options{})
	ctx, stop := context.WithCancel(t.Context())
	var writers sync.WaitGroup
	for _, w := range []*DB{db, other} {
		writers.Go(func() {
			for ctx.Err() == nil {
				err := w.Update(ctx, func(tx *sql.Tx) error {
					return run(tx, "INSERT INTO notes (text) VALUES ('one'), ('two')")
				})
				if err != nil && ctx.Err() == nil {
					t.Error(err)
				}
			}
		})
	}
	last := 0
	for i := range 8 {
		target := filepath.Join(t.TempDir(), "copy.db")
		if err := db.CopyTo(t.Context(), target); err != nil {
			t.Fatal(err)
		}
		list, err := notes(t.Context(), openAt(t, target, Options{ReadOnly: true}))
		if err != nil || len(list)%2 != 0 || len(list) < last {
			t.Errorf("copy %d has %d notes, %v; the one before had %d", i, len(list), err, last)
		}
		last = len(list)
	}
	stop()
	writers.Wait()
}

// What was deleted is not in a copy.
func TestCopyToLeavesOutDeleted(t *testing.T) {
	const secret = "a secret that nobody may find"
	db := openNew(t)
	mustAdd(t, db, secret)
	mustAdd(t, db, "kept")
	if err := db.Update(t.Context(), func(tx *sql.Tx) error { return run(tx, "DELETE FROM notes WHERE id = 1") }); err != nil {
		t.Fatal(err)
	}
	target := newPath(t)
	if err := db.CopyTo(t.Context(), target); err != nil {
		t.Fatal(err)
	}
	if b := string(contents(target)); strings.Contains(b, secret) || !strings.Contains(b, "kept") {
		t.Error("the copy holds what was deleted, or not what was kept")
	}
}

func TestCopyToRefuses(t *testing.T) {
	db := openNew(t)
	folder := t.TempDir()
	taken := filepath.Join(folder, "taken.db")
	write(t, taken, []byte("something else"))
	link := filepath.Join(t.TempDir(), "link.db")
	if err := os.Symlink(filepath.Join(folder, "none"), link); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{taken, link, db.Path()} {
		err := db.CopyTo(t.Context(), path)
		if !errors.Is(err, fs.ErrExist) || KindOf(err) != "" {
			t.Errorf("%s: error %v, want fs.ErrExist", path, err)
		}
	}
	if string(contents(taken)) != "something else" {
		t.Error("the file in the way has changed")
	}
	wantOnly(t, taken)
	wantKind(t, db.CopyTo(t.Context(), folder), IsFolder)
	wantKind(t, db.CopyTo(t.Context(), filepath.Join(folder, "none", "x.db")), NoFolder)
	wantKind(t, db.CopyTo(t.Context(), filepath.Join(taken, "x.db")), NotWritable)

	unfinished := filepath.Join(folder, "new.db")
	write(t, unfinished+partialSuffix, []byte("of a process that was killed"))
	if err := db.CopyTo(t.Context(), unfinished); !errors.Is(err, fs.ErrExist) || !strings.Contains(err.Error(), partialSuffix) {
		t.Errorf("error %v, want one that names the unfinished copy", err)
	}
}

// A copy that fails leaves nothing, and the DB goes on.
func TestCopyToFails(t *testing.T) {
	path := realFile(t)
	db := openAt(t, path, Options{})
	want, err := notes(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	target := newPath(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := db.CopyTo(ctx, target); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want the context's", err)
	}
	for i := range 30 { // at any moment
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*200*time.Microsecond)
		err := db.CopyTo(ctx, target)
		cancel()
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v, want the context's", err)
		}
		if err == nil {
			wantNotes(t, openAt(t, target, Options{ReadOnly: true}), want...)
			target = newPath(t)
		}
	}
	wantOnly(t, filepath.Join(filepath.Dir(target), "nothing"))

	damagedPath := realFile(t)
	b := contents(damagedPath)
	write(t, damagedPath, append(b[:8*4096:8*4096], randomBytes(len(b)-8*4096)...))
	damaged, err := Open(t.Context(), damagedPath, schema, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer closeDB(t, damaged)
	err = damaged.CopyTo(t.Context(), target)
	wantKind(t, err, Corrupt)
	if err != nil && (!strings.Contains(err.Error(), damagedPath+": is damaged") || strings.Count(err.Error(), "sqlite:") != 1) {
		t.Errorf("error %q", err)
	}
	wantOnly(t, filepath.Join(filepath.Dir(target), "nothing"))

	mustAdd(t, db, "more")
	if err := db.CopyTo(t.Context(), target); err != nil {
		t.Error(err)
	}
}

func TestCopyToProtectedFolder(t *testing.T) {
	if os.Geteuid() == 0 { // root may write everything
		asOrdinaryUser(t)
		return
	}
	db, folder := openNew(t), t.TempDir()
	if err := os.Chmod(folder, 0o500); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod(folder, 0o700) })
	err := db.CopyTo(t.Context(), filepath.Join(folder, "x.db"))
	wantKind(t, err, NotWritable)
	if err != nil && !strings.Contains(err.Error(), filepath.Join(folder, "x.db")+": cannot be written") {
		t.Errorf("error %q does not name the copy", err)
	}
}
