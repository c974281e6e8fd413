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
	"strings"
	"time"

	driver "modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"
)

// checkPath finds what SQLite would only call "unable to open database file".
// It must not open the file: closing it would release the locks that other
// handles of this process hold.
func checkPath(path string, readOnly bool) error {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return &Error{IsFolder, path, nil}
	case err == nil:
		return nil
	case !errors.Is(err, fs.ErrNotExist): // such as a file where a folder should be
		return &Error{NotWritable, path, err}
	case readOnly:
		return &Error{Missing, path, nil}
	}
	folder, err := os.Stat(filepath.Dir(path))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &Error{NoFolder, path, nil}
	case err == nil && !folder.IsDir():
		err = errors.New("its folder is a file")
	}
	if err != nil {
		return &Error{NotWritable, path, err}
	}
	return nil
}

// dsn names the file and the settings of every connection to it.
func (db *DB) dsn(readOnly bool) string {
	pragmas := []string{busyTimeout(db.busy), "synchronous(FULL)", "foreign_keys(1)"}
	if db.secureDelete {
		pragmas = append(pragmas, "secure_delete(1)")
	}
	values := url.Values{"_txlock": {"immediate"}}
	if readOnly {
		values.Set("mode", "ro")
		pragmas = append(pragmas, "query_only(1)")
	} else {
		pragmas = append(pragmas, "journal_mode(WAL)")
	}
	values["_pragma"] = pragmas
	return address(db.path, values)
}

func busyTimeout(d time.Duration) string { return fmt.Sprintf("busy_timeout(%d)", d.Milliseconds()) }

// address is the name of a file with settings, as the driver takes it.
func address(absolute string, values url.Values) string {
	slashed := filepath.ToSlash(absolute)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed // a drive letter
	}
	u := url.URL{Scheme: "file", Path: slashed, RawQuery: values.Encode()}
	return u.String()
}

// prepare makes the first connection, checks its settings and migrates. SQLite
// answers "busy" without waiting when two processes switch a new file to WAL
// at once, so prepare does the waiting.
func (db *DB) prepare(ctx context.Context, all []migration) error {
	deadline := time.Now().Add(db.busy)
	for {
		err := db.prepareOnce(ctx, all)
		if KindOf(typed(ctx, db.path, err)) != Locked || time.Now().After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func (db *DB) prepareOnce(ctx context.Context, all []migration) error {
	if err := db.peek(ctx, all); err != nil {
		return err
	}
	if err := db.checkSettings(ctx); err != nil {
		return err
	}
	if db.readOnly {
		return nil
	}
	if err := db.migrate(ctx, all); err != nil {
		return err
	}
	return db.checkWritable(ctx)
}

// peek looks at an existing file without writing, because the first connection
// for writing would turn any database into one in WAL mode.
func (db *DB) peek(ctx context.Context, all []migration) error {
	if info, err := os.Stat(db.path); !db.readOnly && (err != nil || info.Size() == 0) {
		return nil // new
	}
	reader, err := sql.Open("sqlite", db.dsn(true))
	if err != nil {
		return err
	}
	defer reader.Close()
	due, err := db.due(ctx, reader, all)
	if e, ok := errors.AsType[*driver.Error](err); ok && e.Code() == codes.SQLITE_READONLY_ROLLBACK && !db.readOnly {
		if err := db.rollBack(ctx); err != nil {
			return err
		}
		due, err = db.due(ctx, reader, all)
	}
	if err == nil && len(due) > 0 && db.readOnly {
		return &Error{OlderSchema, db.path, fmt.Errorf("%s is not applied", due[0].name)}
	}
	return err
}

// rollBack undoes what a killed process had begun while the file was not yet in
// WAL mode, as when it was being made. Reading alone cannot, and the connection
// that does must not change anything else.
func (db *DB) rollBack(ctx context.Context) error {
	writer, err := sql.Open("sqlite", address(db.path, url.Values{"_pragma": {busyTimeout(db.busy)}}))
	if err != nil {
		return err
	}
	var tables int
	err = writer.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_master").Scan(&tables)
	return errors.Join(err, writer.Close())
}

// checkSettings reads the settings back: the driver and SQLite pass over in
// silence what they do not know or cannot do.
func (db *DB) checkSettings(ctx context.Context) error {
	type setting struct{ pragma, want string }
	settings := []setting{
		{"journal_mode", "wal"},
		{"synchronous", synchronousFull},
		{"foreign_keys", "1"},
		{"busy_timeout", fmt.Sprint(db.busy.Milliseconds())},
	}
	if db.secureDelete {
		settings = append(settings, setting{"secure_delete", "1"})
	}
	for _, s := range settings {
		var got string
		if err := db.sql.QueryRowContext(ctx, "PRAGMA "+s.pragma).Scan(&got); err != nil {
			return fmt.Errorf("read setting %s: %w", s.pragma, err)
		}
		if got != s.want {
			return &Error{WrongSettings, db.path, fmt.Errorf("%s is %s, want %s", s.pragma, got, s.want)}
		}
	}
	return nil
}

// checkWritable makes sure that SQLite has not fallen back to reading only, as
// it does for a protected file. Another process's write lock is no obstacle.
func (db *DB) checkWritable(ctx context.Context) error {
	conn, err := db.sql.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "PRAGMA busy_timeout = 0"); err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, "UPDATE schema_migrations SET version = version WHERE version < 0") // no row
	if KindOf(typed(ctx, db.path, err)) == Locked {
		err = nil
	}
	_, err2 := conn.ExecContext(ctx, fmt.Sprintf("PRAGMA busy_timeout = %d", db.busy.Milliseconds()))
	return errors.Join(err, err2)
}
