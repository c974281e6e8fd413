package engine

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"
)

// A migration is one step of the schema. Once released it never changes.
type migration struct {
	version  int // from 1, without gaps
	name     string
	sql      string
	checksum string // SHA-256 of the file with LF line ends, hex
}

// errForeign marks a database that has tables, but none of ours.
var errForeign = errors.New("it has tables, but not schema_migrations")

// readMigrations reads the NNNN_name.sql files at the root of fsys, which must
// be numbered from 1 without gaps.
func readMigrations(fsys fs.FS) ([]migration, error) {
	entries, err := fs.ReadDir(fsys, ".") // ordered by name
	if err != nil {
		return nil, err
	}
	if len(entries) == 0 {
		return nil, errors.New("there are no migrations")
	}
	var list []migration
	for i, e := range entries {
		number, _, _ := strings.Cut(e.Name(), "_")
		version, err := strconv.Atoi(number)
		if err != nil || version != i+1 {
			return nil, fmt.Errorf("migration %s: want number %04d", e.Name(), i+1)
		}
		b, err := fs.ReadFile(fsys, e.Name())
		if err != nil {
			return nil, err
		}
		text := strings.ReplaceAll(string(b), "\r\n", "\n")
		sum := sha256.Sum256([]byte(text))
		list = append(list, migration{version, e.Name(), text, hex.EncodeToString(sum[:])})
	}
	return list, nil
}

// migrate applies what is due, each migration in a transaction of its own.
// Several processes may do so at once: each step is decided under the write
// lock. With nothing due, nothing is locked.
func (db *DB) migrate(ctx context.Context, all []migration) error {
	due, err := db.due(ctx, db.sql, all)
	if err != nil {
		return err
	}
	for range due {
		if err := db.migrateNext(ctx, all); err != nil {
			return err
		}
	}
	return nil
}

// migrateNext applies the next migration, if one is still due.
func (db *DB) migrateNext(ctx context.Context, all []migration) error {
	tx, err := db.sql.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	defer tx.Rollback()
	due, err := db.due(ctx, tx, all)
	if err != nil || len(due) == 0 {
		return err
	}
	next := due[0]
	if next.version == 1 {
		const table = `CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, checksum TEXT NOT NULL, applied_at TEXT NOT NULL)`
		if _, err := tx.ExecContext(ctx, table); err != nil {
			return fmt.Errorf("migration table: %w", err)
		}
	}
	if _, err := tx.ExecContext(ctx, next.sql); err != nil {
		return fmt.Errorf("migration %s: %w", next.name, err)
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO schema_migrations (version, checksum, applied_at) VALUES (?, ?, ?)`,
		next.version, next.checksum, time.Now().UTC().Format(time.RFC3339)); err != nil {
		return fmt.Errorf("migration %s: %w", next.name, err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("migration %s: %w", next.name, err)
	}
	return nil
}

// due returns the migrations that are not applied yet. It refuses a database
// where anything else is applied than the first of these migrations.
func (db *DB) due(ctx context.Context, q querier, all []migration) ([]migration, error) {
	applied, err := readApplied(ctx, q)
	if errors.Is(err, errForeign) {
		return nil, &Error{Foreign, db.path, err}
	}
	if err != nil {
		return nil, fmt.Errorf("read applied migrations: %w", err)
	}
	if n := len(applied); n > 0 && applied[n-1].version > len(all) {
		return nil, &Error{NewerSchema, db.path, fmt.Errorf("schema version %d, this program knows %d", applied[n-1].version, len(all))}
	}
	for i, a := range applied {
		if a.version != i+1 || a.checksum != all[i].checksum {
			return nil, &Error{ChangedSchema, db.path, fmt.Errorf("migration %d is not this program's %s", a.version, all[i].name)}
		}
	}
	return all[len(applied):], nil
}

// A querier is a database or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// An applied migration, as the database records it.
type applied struct {
	version  int
	checksum string
}

// readApplied returns the applied migrations in order, none for a database
// without tables, and errForeign for one with tables of others alone.
func readApplied(ctx context.Context, q querier) ([]applied, error) {
	var ours, tables int
	const count = `SELECT COALESCE(SUM(name = 'schema_migrations'), 0), COUNT(*) FROM sqlite_master WHERE type = 'table'`
	if err := q.QueryRowContext(ctx, count).Scan(&ours, &tables); err != nil {
		return nil, err
	}
	if ours == 0 {
		if tables > 0 {
			return nil, errForeign
		}
		return nil, nil
	}
	rows, err := q.QueryContext(ctx, `SELECT version, checksum FROM schema_migrations ORDER BY version`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []applied
	for rows.Next() {
		var a applied
		if err := rows.Scan(&a.version, &a.checksum); err != nil {
			return nil, err
		}
		list = append(list, a)
	}
	return list, rows.Err()
}
