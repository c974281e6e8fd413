// Package sqlite keeps the journal of the service in one SQLite file.
//
// What a method has returned for is on the disk: package engine says what that
// rests on, and who may read and write at once. What is erased or forgotten is
// overwritten with zeros in the file, and is gone from the log beside it too.
package sqlite

import (
	"context"
	"crypto/rand"
	"database/sql"
	"embed"
	"errors"
	"io/fs"
	"os"
	"strings"

	"policybot/bot/journal"
	"policybot/retrieval/sqlite/engine"
)

// FileName is the usual name of the file in a data folder.
const FileName = "questions.db"

// workspace begins every key. One file holds one.
const workspace = "default"

// Options of Open. The zero value opens for reading and writing.
type Options struct {
	ReadOnly bool // the file must exist; whatever writes fails; works beside a writer
}

//go:embed migrations/*.sql
var migrationFiles embed.FS

// A DB is a [journal.Journal] in an SQLite file. Make one with Open. It may be
// used by several goroutines at once.
type DB struct {
	file *engine.DB
}

var _ journal.Journal = (*DB)(nil)

// Open opens the database file at path, makes it when there is none, and
// brings its tables up to date, which takes seconds the first time after some releases. It refuses, with an [engine.Error] in the
// chain, a file that it cannot use safely, and then leaves it as it was. It
// does not read the whole file: see [DB.Check]. A file that it makes is for its
// owner alone: it says who asked what. The caller closes the DB.
func Open(ctx context.Context, path string, opts Options) (*DB, error) {
	migrations, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return nil, err
	}
	if !opts.ReadOnly {
		if f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL, 0o600); err == nil {
			f.Close() // SQLite takes over the rights of the file for those beside it
		}
	}
	file, err := engine.Open(ctx, path, migrations, engine.Options{ReadOnly: opts.ReadOnly, SecureDelete: true})
	if err != nil {
		return nil, err
	}
	db := &DB{file}
	if opts.ReadOnly {
		return db, nil
	}
	if err := db.fillFacts(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// Close waits for what is under way and closes the file. It may be called
// more than once.
func (db *DB) Close() error { return db.file.Close() }

// CopyTo makes a copy of the whole file at path, in the state of one moment,
// while others go on reading and writing. There must be no file at path. The
// copy holds what is erased later: whoever keeps copies has to drop them too.
func (db *DB) CopyTo(ctx context.Context, path string) error { return db.file.CopyTo(ctx, path) }

// A tx is one transaction. It ends with the function that it was given to.
type tx struct {
	ctx  context.Context
	sql  *sql.Tx
	file *engine.DB
}

// update runs f in one transaction that writes, and puts what was attempted
// before its error.
func (db *DB) update(ctx context.Context, what string, f func(t tx) error) error {
	if err := db.file.Update(ctx, func(inner *sql.Tx) error { return f(tx{ctx, inner, db.file}) }); err != nil {
		return db.file.Fail(ctx, err, "%s", what)
	}
	return nil
}

// read runs f in one transaction that only reads, as update does.
func (db *DB) read(ctx context.Context, what string, f func(t tx) error) error {
	if err := db.file.Read(ctx, func(inner *sql.Tx) error { return f(tx{ctx, inner, db.file}) }); err != nil {
		return db.file.Fail(ctx, err, "%s", what)
	}
	return nil
}

// exec runs a statement.
func (t tx) exec(statement string, args ...any) error {
	_, err := t.sql.ExecContext(t.ctx, statement, args...)
	return err
}

// changed runs a statement and reports whether it changed a row.
func (t tx) changed(statement string, args ...any) (bool, error) {
	result, err := t.sql.ExecContext(t.ctx, statement, args...)
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n > 0, err
}

// get reads one row into fields and reports whether there is one.
func (t tx) get(query string, args, fields []any) (bool, error) {
	err := t.sql.QueryRowContext(t.ctx, query, args...).Scan(fields...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// number reads one number, 0 when there is no row or it is NULL.
func (t tx) number(query string, args ...any) (int64, error) {
	var n sql.NullInt64
	_, err := t.get(query, args, []any{&n})
	return n.Int64, err
}

// each reads rows, every one into what fields gives and then to f.
func (t tx) each(query string, args, fields []any, f func()) error {
	rows, err := t.sql.QueryContext(t.ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(fields...); err != nil {
			return err
		}
		f()
	}
	return rows.Err()
}

// next gives the next number of a kind, from 1.
func (t tx) next(kind string) (int64, error) {
	return t.number(`INSERT INTO counters (workspace, name, value) VALUES (?, ?, 1)
		ON CONFLICT (workspace, name) DO UPDATE SET value = counters.value + 1 RETURNING value`, workspace, kind)
}

// last gives the number that next gave last, 0 when there is none.
func (t tx) last(kind string) (int64, error) {
	return t.number(`SELECT value FROM counters WHERE workspace = ? AND name = ?`, workspace, kind)
}

// marks returns n placeholders.
func marks(n int) string { return strings.Repeat(", ?", n)[min(2, 3*n):] }

// columns lists names behind a prefix such as "q.".
func columns(prefix string, names []string) string {
	return prefix + strings.Join(names, ", "+prefix)
}

// random gives a text that tells one thing from all others.
func random() string { return rand.Text() }
