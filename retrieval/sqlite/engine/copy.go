package engine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
)

// partialSuffix ends the name of a copy that is not finished.
const partialSuffix = ".partial"

// CopyTo makes a copy of the whole file at path, in the state of one moment,
// while others go on reading and writing. What was deleted is not in the copy.
// When CopyTo returns without error the copy is on the disk, may be read by the
// owner of the process alone, and can be opened as the file itself can.
//
// There must be no file at path: the error then wraps [fs.ErrExist]. Until it
// is whole the copy has the name path.partial, so that a process that is killed
// leaves nothing at path; the next copy to path then fails until what is at
// path.partial is removed. After an error nothing is left.
func (db *DB) CopyTo(ctx context.Context, path string) error {
	if err := db.copyTo(ctx, path); err != nil {
		return db.Fail(ctx, err, "copy to %q", path)
	}
	return nil
}

func (db *DB) copyTo(ctx context.Context, path string) error {
	target, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	if err := checkPath(target, false); err != nil {
		return err
	}
	partial := target + partialSuffix
	claim, err := os.OpenFile(partial, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fileError(target, err)
	}
	err = claim.Close()
	if err == nil {
		err = db.fill(ctx, partial, target)
	}
	if err == nil {
		err = publish(partial, target)
	}
	if err != nil {
		for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
			_ = os.Remove(partial + suffix) // most of them are not there
		}
		return fileError(target, err)
	}
	return nil
}

// fill copies the database into the empty file at partial.
func (db *DB) fill(ctx context.Context, partial, target string) error {
	err := db.once(ctx, db.path, url.Values{"mode": {"ro"}}, "VACUUM INTO ?", partial)
	if err == nil { // SQLite does not copy the mode, without which the file is not opened for reading only
		err = db.once(ctx, partial, url.Values{"_pragma": {"synchronous(FULL)"}}, "PRAGMA journal_mode = WAL")
	}
	switch kind := KindOf(typed(ctx, target, err)); kind {
	case DiskFull, NotWritable: // the file itself is only read
		return &Error{kind, target, err}
	default:
		return err
	}
}

// once runs one statement on a connection of its own, so that the settings of
// the others, such as that they only read, do not bear on it.
func (db *DB) once(ctx context.Context, path string, values url.Values, statement string, args ...any) error {
	values.Add("_pragma", busyTimeout(db.busy))
	one, err := sql.Open("sqlite", address(path, values))
	if err != nil {
		return err
	}
	_, err = one.ExecContext(ctx, statement, args...)
	return errors.Join(err, one.Close())
}

// publish gives a finished copy its name, once it is on the disk. The caller
// holds partial, so no other copy can come to target between the two steps.
func publish(partial, target string) error {
	if err := syncFile(partial, os.O_RDWR); err != nil {
		return err
	}
	if _, err := os.Lstat(target); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(err, fmt.Errorf("%s: %w", target, fs.ErrExist))
	}
	if err := os.Rename(partial, target); err != nil {
		return err
	}
	if runtime.GOOS == "windows" { // it does not sync folders
		return nil
	}
	if err := syncFile(filepath.Dir(target), os.O_RDONLY); err != nil {
		return errors.Join(err, os.Remove(target))
	}
	return nil
}

// syncFile waits until a file or folder is on the disk.
func syncFile(path string, flag int) error {
	f, err := os.OpenFile(path, flag, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// fileError makes an *Error of an error of the file system at path, but of one
// that says that a file is in the way.
func fileError(path string, err error) error {
	var cause syscall.Errno
	switch {
	case !errors.As(err, &cause) || KindOf(err) != "" || errors.Is(err, fs.ErrExist):
		return err
	case cause == syscall.ENOSPC:
		return &Error{DiskFull, path, err}
	case errors.Is(err, fs.ErrPermission):
		return &Error{NotWritable, path, err}
	default:
		return &Error{IO, path, err}
	}
}
