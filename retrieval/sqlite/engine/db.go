// Package engine opens one SQLite file safely, brings its tables up to date,
// and runs reads and writes in it.
//
// What [DB.Update] has returned for is on the disk: the file is in WAL mode
// with synchronous=FULL, and a killed process or a lost power supply loses
// nothing of it and leaves nothing half stored. One process may write while
// others, or other handles of the same one, read.
package engine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"
)

// Options of Open. The zero value opens for reading and writing.
type Options struct {
	ReadOnly    bool          // the file must exist; whatever writes fails; works beside a writer
	BusyTimeout time.Duration // how long to wait for another process's lock: 0 means 5 s, negative not at all
	Connections int           // how many reads, and the one write, may go on at once: 0 means 4

	// SecureDelete has this DB overwrite with zeros what it deletes. The file
	// beside it that ends in -wal keeps older pages until later writes replace
	// them, or until the last handle is closed.
	SecureDelete bool
}

const (
	defaultBusyTimeout = 5 * time.Second
	defaultConnections = 4 // enough for readers beside the one writer
	synchronousFull    = "2"
)

// A DB is an open SQLite file. Make one with Open. It may be used by several
// goroutines at once.
type DB struct {
	sql          *sql.DB
	path         string
	readOnly     bool
	secureDelete bool
	busy         time.Duration
	writing      chan struct{} // holds one token while this DB writes
}

// Open opens the database file at path, makes it when there is none, and
// applies those of the migrations that it lacks. It refuses, with an *Error in
// the chain, a file that it cannot use safely, and then leaves it as it was. It
// does not read the whole file: see [DB.Integrity]. The caller closes the DB.
//
// The root of migrations holds files NNNN_name.sql, numbered from 0001 without
// gaps, and nothing else. Once released they never change: the file keeps the
// checksum of each that was applied, and no file with others is opened.
func Open(ctx context.Context, path string, migrations fs.FS, opts Options) (*DB, error) {
	db, err := open(ctx, path, migrations, opts)
	if err != nil {
		return nil, fmt.Errorf("sqlite: open: %w", typed(ctx, path, err))
	}
	return db, nil
}

func open(ctx context.Context, path string, migrations fs.FS, opts Options) (*DB, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := checkPath(absolute, opts.ReadOnly); err != nil {
		return nil, err
	}
	steps, err := readMigrations(migrations)
	if err != nil {
		return nil, err
	}
	db := &DB{
		path: absolute, readOnly: opts.ReadOnly, secureDelete: opts.SecureDelete, busy: opts.BusyTimeout,
		writing: make(chan struct{}, 1),
	}
	switch {
	case db.busy == 0:
		db.busy = defaultBusyTimeout
	case db.busy < 0:
		db.busy = 0
	}
	if db.sql, err = sql.Open("sqlite", db.dsn(opts.ReadOnly)); err != nil {
		return nil, err
	}
	connections := opts.Connections
	if connections <= 0 {
		connections = defaultConnections
	}
	db.sql.SetMaxOpenConns(connections)
	db.sql.SetMaxIdleConns(connections)
	if err := db.prepare(ctx, steps); err != nil {
		return nil, errors.Join(err, db.sql.Close())
	}
	return db, nil
}

// Path returns the absolute path of the file.
func (db *DB) Path() string { return db.path }

// Close waits for what is under way and closes the file. It may be called
// more than once.
func (db *DB) Close() error {
	if err := db.sql.Close(); err != nil {
		return db.Fail(context.Background(), err, "close")
	}
	return nil
}

// Read runs f on one state of the database, which writers do not change. f
// must not write and must not keep tx; while it runs it holds one of the DB's
// few connections, so reads are not to be nested. The error is that of f,
// made an *Error when it comes from SQLite; see [DB.Fail].
func (db *DB) Read(ctx context.Context, f func(tx *sql.Tx) error) error {
	tx, err := db.sql.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return typed(ctx, db.path, err)
	}
	defer tx.Rollback()
	return typed(ctx, db.path, f(tx))
}

// Update runs f under the write lock and commits what it did if it returns
// without error. When Update returns without error all of it is on the disk;
// when it returns an error nothing is stored, unless the commit itself failed
// half-way, which only a reopening can tell. Either way the DB can be used
// further. The error is that of f, made an *Error when it comes from SQLite.
//
// Updates of one DB wait for each other as long as ctx allows, so f must not
// call Update. For another process's write Update waits BusyTimeout, which ctx
// does not cut short.
func (db *DB) Update(ctx context.Context, f func(tx *sql.Tx) error) error {
	return typed(ctx, db.path, db.update(ctx, f))
}

func (db *DB) update(ctx context.Context, f func(tx *sql.Tx) error) error {
	if err := db.Writable(); err != nil {
		return err
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

// Checkpoint copies what is in the write-ahead log into the file and empties the
// log, so that what was deleted is in neither (see Options.SecureDelete). It
// waits BusyTimeout for readers; an *Error of Kind Locked says that some remained and
// that the log is not empty.
func (db *DB) Checkpoint(ctx context.Context) error {
	var busy, pages, copied int
	err := db.sql.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &copied)
	if err == nil && busy != 0 {
		err = &Error{Locked, db.path, errors.New("the log is being read")}
	}
	if err != nil {
		return db.Fail(ctx, err, "empty the write-ahead log")
	}
	return nil
}

// Writable returns nil, or an *Error of Kind NotWritable when the file was
// opened for reading only.
func (db *DB) Writable() error {
	if db.readOnly {
		return &Error{NotWritable, db.path, errors.New("opened for reading only")}
	}
	return nil
}

// Integrity reads the whole file and returns an *Error of Kind Corrupt when
// SQLite's own structure is damaged or a row refers to one that is not there.
// Its time grows with the size of the file; writers go on meanwhile.
func (db *DB) Integrity(ctx context.Context) error {
	if err := db.Read(ctx, func(tx *sql.Tx) error { return db.integrity(ctx, tx) }); err != nil {
		return db.Fail(ctx, err, "check")
	}
	return nil
}

func (db *DB) integrity(ctx context.Context, tx *sql.Tx) error {
	var verdict string
	if err := tx.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&verdict); err != nil {
		return err
	}
	if verdict != "ok" {
		return db.Corrupt("integrity check: %s", verdict)
	}
	var dangling int
	if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM pragma_foreign_key_check`).Scan(&dangling); err != nil {
		return err
	}
	if dangling > 0 {
		return db.Corrupt("%d rows refer to rows that are not there", dangling)
	}
	return nil
}
