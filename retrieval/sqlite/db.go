// Package sqlite keeps documents, clauses and vectors in one SQLite file.
//
// What [DB.Put] and the methods for vectors have returned for is on the disk:
// the file is in WAL mode with synchronous=FULL, and a killed process or a lost
// power supply loses nothing of it and leaves nothing half stored. One process may write while others,
// or other handles of the same one, read.
package sqlite

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

	engine "modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"

	"policybot/retrieval"
)

// FileName is the usual name of the file in a data folder.
const FileName = "policybot.db"

// Options of Open. The zero value opens for reading and writing.
type Options struct {
	ReadOnly    bool          // the file must exist; whatever writes fails; works beside a writer
	BusyTimeout time.Duration // how long to wait for another process's lock: 0 means 5 s, negative not at all
}

const (
	defaultBusyTimeout = 5 * time.Second
	connections        = 4 // enough for readers beside the one writer
	synchronousFull    = "2"
)

// A DB is a [retrieval.Store] and a [retrieval.VectorStore] in an SQLite file. Make one with Open.
type DB struct {
	sql      *sql.DB
	path     string
	readOnly bool
	busy     time.Duration
	writing  chan struct{} // holds one token while this DB writes
}

var _ retrieval.Store = (*DB)(nil)

// Open opens the database file at path, makes it when there is none, and
// brings its tables up to date. It refuses, with an *Error in the chain, a
// file that it cannot use safely, and then leaves it as it was. It does not
// read the whole file: see [DB.Check]. The caller closes the DB.
func Open(ctx context.Context, path string, opts Options) (*DB, error) {
	db, err := open(ctx, path, opts)
	if err != nil {
		return nil, fmt.Errorf("sqlite: open: %w", typed(ctx, path, err))
	}
	return db, nil
}

func open(ctx context.Context, path string, opts Options) (*DB, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	db := &DB{path: absolute, readOnly: opts.ReadOnly, busy: opts.BusyTimeout, writing: make(chan struct{}, 1)}
	if err := checkPath(absolute, opts.ReadOnly); err != nil {
		return nil, err
	}
	switch {
	case db.busy == 0:
		db.busy = defaultBusyTimeout
	case db.busy < 0:
		db.busy = 0
	}
	db.sql, err = sql.Open("sqlite", dsn(absolute, db.busy, opts.ReadOnly))
	if err != nil {
		return nil, err
	}
	db.sql.SetMaxOpenConns(connections)
	db.sql.SetMaxIdleConns(connections)
	if err := db.prepare(ctx); err != nil {
		return nil, errors.Join(err, db.sql.Close())
	}
	return db, nil
}

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
func dsn(absolute string, busy time.Duration, readOnly bool) string {
	pragmas := []string{busyTimeout(busy), "synchronous(FULL)", "foreign_keys(1)"}
	values := url.Values{"_txlock": {"immediate"}}
	if readOnly {
		values.Set("mode", "ro")
		pragmas = append(pragmas, "query_only(1)")
	} else {
		pragmas = append(pragmas, "journal_mode(WAL)")
	}
	values["_pragma"] = pragmas
	return address(absolute, values)
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
func (db *DB) prepare(ctx context.Context) error {
	deadline := time.Now().Add(db.busy)
	for {
		err := db.prepareOnce(ctx)
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

func (db *DB) prepareOnce(ctx context.Context) error {
	migrations, err := embedded()
	if err != nil {
		return err
	}
	if err := db.peek(ctx, migrations); err != nil {
		return err
	}
	if err := db.checkSettings(ctx); err != nil {
		return err
	}
	if db.readOnly {
		return nil
	}
	if err := db.migrate(ctx, migrations); err != nil {
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
	reader, err := sql.Open("sqlite", dsn(db.path, db.busy, true))
	if err != nil {
		return err
	}
	defer reader.Close()
	due, err := db.due(ctx, reader, all)
	if e, ok := errors.AsType[*engine.Error](err); ok && e.Code() == codes.SQLITE_READONLY_ROLLBACK && !db.readOnly {
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
	for _, s := range []struct{ pragma, want string }{
		{"journal_mode", "wal"},
		{"synchronous", synchronousFull},
		{"foreign_keys", "1"},
		{"busy_timeout", fmt.Sprint(db.busy.Milliseconds())},
	} {
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

// Close waits for what is under way and closes the file. It may be called
// more than once.
func (db *DB) Close() error {
	if err := db.sql.Close(); err != nil {
		return fmt.Errorf("sqlite: close: %w", typed(context.Background(), db.path, err))
	}
	return nil
}

// update runs f under the write lock and commits what it did if it returns
// without error.
func (db *DB) update(ctx context.Context, f func(tx *sql.Tx) error) error {
	if db.readOnly {
		return &Error{NotWritable, db.path, errors.New("opened for reading only")}
	}
	select {
	case db.writing <- struct{}{}:
		defer func() { <-db.writing }()
	case <-ctx.Done():
		return ctx.Err()
	}
	tx, err := db.sql.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := f(tx); err != nil {
		return err
	}
	return tx.Commit()
}
