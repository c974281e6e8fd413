// Package sqlite keeps documents, clauses and vectors in one SQLite file.
//
// What [DB.Put] and the methods for vectors have returned for is on the disk:
// package engine says what that rests on, and who may read and write at once.
package sqlite

import (
	"context"
	"embed"
	"io/fs"
	"time"

	"policybot/retrieval"
	"policybot/retrieval/sqlite/engine"
)

// FileName is the usual name of the file in a data folder.
const FileName = "policybot.db"

// Options of Open. The zero value opens for reading and writing.
type Options struct {
	ReadOnly    bool          // the file must exist; whatever writes fails; works beside a writer
	BusyTimeout time.Duration // how long to wait for another process's lock: 0 means 5 s, negative not at all
}

//go:embed migrations/*.sql
var migrationFiles embed.FS

// A DB is a [retrieval.Store] and a [retrieval.VectorStore] in an SQLite file. Make one with Open.
type DB struct {
	file *engine.DB
}

var (
	_ retrieval.Store    = (*DB)(nil)
	_ retrieval.Versions = (*DB)(nil)
)

// Open opens the database file at path, makes it when there is none, and
// brings its tables up to date. It refuses, with an *Error in the chain, a
// file that it cannot use safely, and then leaves it as it was. It does not
// read the whole file: see [DB.Check]. The caller closes the DB.
func Open(ctx context.Context, path string, opts Options) (*DB, error) {
	migrations, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return nil, err
	}
	file, err := engine.Open(ctx, path, migrations, engine.Options{ReadOnly: opts.ReadOnly, SecureDelete: true, BusyTimeout: opts.BusyTimeout})
	if err != nil {
		return nil, damaged(err)
	}
	return &DB{file}, nil
}

// Close waits for what is under way and closes the file. It may be called
// more than once.
func (db *DB) Close() error { return damaged(db.file.Close()) }

// Checkpoint empties the write-ahead log into the file, so that what was deleted is in neither, but for copies of rows that
// SQLite has moved. It fails while a reader of an older state goes on.
func (db *DB) Checkpoint(ctx context.Context) error { return damaged(db.file.Checkpoint(ctx)) }

// CopyTo writes a consistent copy of the whole file to path, where nothing may
// be yet, while others write. The copy is on the disk when it returns nil, and
// there is none when it fails.
func (db *DB) CopyTo(ctx context.Context, path string) error { return db.file.CopyTo(ctx, path) }
