package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"

	driver "modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"
)

// A Kind says what is wrong with a database, for callers that say it in other
// words than Error does.
type Kind string

// Kinds of error.
const (
	Missing       Kind = "missing"        // opened for reading only, and there is no such file
	NoFolder      Kind = "no_folder"      // the folder of the file does not exist
	IsFolder      Kind = "is_folder"      // there is a folder where the file should be
	NotWritable   Kind = "not_writable"   // file or folder is protected, or opened for reading only
	Locked        Kind = "locked"         // another process held the lock for longer than BusyTimeout
	Corrupt       Kind = "corrupt"        // damaged, or not an SQLite file at all
	Foreign       Kind = "foreign"        // a sound SQLite file that some other program made
	NewerSchema   Kind = "newer_schema"   // made by a newer version of this program
	OlderSchema   Kind = "older_schema"   // opened for reading only, and migrations are due
	ChangedSchema Kind = "changed_schema" // migrations were applied that differ from this program's
	WrongSettings Kind = "wrong_settings" // a setting that durability rests on was not accepted
	DiskFull      Kind = "disk_full"      // no space left
	IO            Kind = "io"             // the disk, or what it is connected by, failed to read or write
	Failed        Kind = "failed"         // anything else
)

// An Error is a failure of the database file at Path. Its text is one line
// that says what is wrong and what to do. Err is the cause, and may be nil.
type Error struct {
	Kind Kind
	Path string
	Err  error
}

// Error implements error.
func (e *Error) Error() string {
	msg := e.Path + ": " + e.advice()
	if e.Err != nil {
		msg += " (" + strings.Join(strings.Fields(e.Err.Error()), " ") + ")"
	}
	return msg
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

func (e *Error) advice() string {
	switch e.Kind {
	case Missing:
		return "there is no database yet; add documents first, or name another file"
	case NoFolder:
		return "its folder does not exist; create the folder, or name another file"
	case IsFolder:
		return "this is a folder; name a file in it"
	case NotWritable:
		return "cannot be written; check the permissions of the file and of its folder"
	case Locked:
		return "another process is writing; wait for it to finish or stop it, then try again"
	case Corrupt:
		return "is damaged or not an SQLite database; move it away, and restore a copy or add the documents again"
	case Foreign:
		return "is a database of another program; name another file"
	case NewerSchema:
		return "was made by a newer version of this program; use that version, or name another file"
	case OlderSchema:
		return "was made by an older version of this program; open it once for writing to bring it up to date"
	case ChangedSchema:
		return "its tables were made by a different build of this program; use that build, or add the documents to a new file"
	case WrongSettings:
		return "does not accept the settings that keep it safe; keep it on a local disk"
	case DiskFull:
		return "no space left on the disk; free some, then try again"
	default: // IO, Failed
		return "cannot be read or written; check the disk"
	}
}

// KindOf returns the Kind of the *Error in err's chain, "" when there is none.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return ""
}

// Corrupt returns an *Error of Kind Corrupt for this file, for callers that
// find damage in what a row holds.
func (db *DB) Corrupt(format string, args ...any) error {
	return &Error{Corrupt, db.path, fmt.Errorf(format, args...)}
}

// Fail puts the operation, in the words of format and args, before err, which
// is made an *Error when it comes from SQLite or says that a row holds a value
// that is not of its column's type. When ctx is over, its error takes the place
// of err. err must not be nil.
func (db *DB) Fail(ctx context.Context, err error, format string, args ...any) error {
	return fmt.Errorf("sqlite: %s: %w", fmt.Sprintf(format, args...), typed(ctx, db.path, err))
}

// typed makes an *Error of an error of the driver, and of a value that is not
// of its column's type. When ctx is over, that is the error: what the driver
// and database/sql then say ("interrupted", "statement is closed") varies.
func typed(ctx context.Context, path string, err error) error {
	if _, ok := errors.AsType[*Error](err); ok || err == nil {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if e, ok := errors.AsType[*driver.Error](err); ok {
		return &Error{kindOfCode(e.Code()), path, err}
	}
	if strings.Contains(err.Error(), "sql: Scan error") { // database/sql has no type for it
		return &Error{Corrupt, path, err}
	}
	return err
}

// kindOfCode maps an SQLite result code, plain or extended.
func kindOfCode(code int) Kind {
	switch code & 0xff {
	case codes.SQLITE_BUSY, codes.SQLITE_LOCKED, codes.SQLITE_PROTOCOL:
		return Locked
	case codes.SQLITE_CORRUPT, codes.SQLITE_NOTADB, codes.SQLITE_FORMAT:
		return Corrupt
	case codes.SQLITE_READONLY, codes.SQLITE_PERM, codes.SQLITE_CANTOPEN, codes.SQLITE_AUTH:
		return NotWritable
	case codes.SQLITE_FULL:
		return DiskFull
	case codes.SQLITE_IOERR:
		return IO
	default:
		return Failed
	}
}
