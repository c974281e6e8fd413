package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"reflect"

	"policybot/retrieval"
)

// Check reads the whole database and returns an *Error of Kind Corrupt for the
// first thing that is not as it was put: SQLite's own structure, references
// between tables, gaps in the versions of a document, of every version its
// text, facts and clauses, every attachment, every vector, and which are active.
// Its time grows with the size of the file; writers go on meanwhile.
func (db *DB) Check(ctx context.Context) error {
	if err := db.file.Integrity(ctx); err != nil {
		return damaged(err)
	}
	if err := db.file.Read(ctx, func(tx *sql.Tx) error { return db.check(ctx, tx) }); err != nil {
		return db.fail(ctx, err, "check")
	}
	return nil
}

func (db *DB) check(ctx context.Context, tx *sql.Tx) error {
	holdings, err := readHoldings(ctx, tx, false)
	if err != nil {
		return err
	}
	withdrawn, err := readHoldings(ctx, tx, true)
	if err != nil {
		return err
	}
	for _, h := range append(holdings, withdrawn...) {
		if err := db.checkDocument(ctx, tx, h); err != nil {
			return err
		}
	}
	if err := db.checkAttachments(ctx, tx); err != nil {
		return err
	}
	return db.checkVectors(ctx, tx)
}

// checkDocument checks every version of one document, and that the document
// is what its current version says.
func (db *DB) checkDocument(ctx context.Context, tx *sql.Tx, h retrieval.Holding) error {
	var versions, newest int
	if err := tx.QueryRowContext(ctx, `SELECT COUNT(*), COALESCE(MAX(version), 0) FROM versions WHERE workspace = ? AND document = ?`,
		retrieval.Workspace, h.ID).Scan(&versions, &newest); err != nil {
		return err
	}
	if versions != newest || h.Version < 1 || h.Version > newest {
		return db.file.Corrupt("document %q has %d versions up to %d, and of these %d is current", h.ID, versions, newest, h.Version)
	}
	for n := 1; n <= versions; n++ {
		v, err := db.readVersion(ctx, tx, h.ID, n)
		if err != nil {
			return fmt.Errorf("version %d of %q: %w", n, h.ID, err)
		}
		record, err := retrieval.NewRecord(v.document, v.text, v.clauses)
		if err != nil {
			return db.file.Corrupt("version %d of %q: %w", n, h.ID, err)
		}
		if retrieval.Digest(v.text, []byte(v.facts), v.clauses) != v.digest || record.Document.Hash != v.document.Hash {
			return db.file.Corrupt("version %d of %q is not what was stored", n, h.ID)
		}
		if n == h.Version {
			if err := db.checkCurrent(ctx, tx, h, v); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkCurrent compares the row of a document with its current version.
func (db *DB) checkCurrent(ctx context.Context, tx *sql.Tx, h retrieval.Holding, v storedVersion) error {
	row := retrieval.Document{Status: retrieval.StatusUnknown}
	if err := tx.QueryRowContext(ctx, `SELECT `+documentColumns+` FROM documents WHERE workspace = ? AND id = ?`,
		retrieval.Workspace, h.ID).Scan(documentFields(&row)...); err != nil {
		return err
	}
	row.Origin = ""
	if h.Digest != v.digest || !reflect.DeepEqual(row, v.document) {
		return db.file.Corrupt("document %q is not what its version %d says", h.ID, h.Version)
	}
	return nil
}
