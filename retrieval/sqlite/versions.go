package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"policybot/retrieval"
)

// Versions implements [retrieval.Versions].
func (db *DB) Versions(ctx context.Context, documentID string) ([]retrieval.Version, error) {
	var list []retrieval.Version
	err := db.file.Read(ctx, func(tx *sql.Tx) error {
		now, err := readStored(ctx, tx, documentID)
		if err != nil {
			return err
		}
		if now.version == 0 {
			return retrieval.ErrNotFound
		}
		list, err = db.readVersions(ctx, tx, documentID, now.current())
		return err
	})
	if err != nil {
		return nil, db.fail(ctx, err, "versions of %q", documentID)
	}
	return list, nil
}

func (db *DB) readVersions(ctx context.Context, tx *sql.Tx, documentID string, current int) ([]retrieval.Version, error) {
	rows, err := tx.QueryContext(ctx, `SELECT v.version, v.hash, v.digest, v.facts, v.added_at,
		(SELECT COUNT(*) FROM clauses c WHERE c.workspace = v.workspace AND c.document = v.document AND c.version = v.version)
		FROM versions v WHERE v.workspace = ? AND v.document = ? ORDER BY v.version`, retrieval.Workspace, documentID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list := []retrieval.Version{}
	for rows.Next() {
		var v retrieval.Version
		var number, clauses int
		var hash, facts, at string
		if err := rows.Scan(&number, &hash, &v.Digest, &facts, &at, &clauses); err != nil {
			return nil, err
		}
		if v.Document, err = retrieval.ParseFacts([]byte(facts)); err != nil {
			return nil, db.file.Corrupt("version %d of %q: %w", number, documentID, err)
		}
		d := &v.Document
		d.ID, d.Hash, d.Version, d.Clauses, d.Status = documentID, hash, number, clauses, retrieval.StatusUnknown
		v.StoredAt, _ = time.Parse(time.RFC3339, at) // what cannot be read is not known
		v.Current = number == current
		list = append(list, v)
	}
	return list, rows.Err()
}

// Withdrawn implements [retrieval.Versions].
func (db *DB) Withdrawn(ctx context.Context) ([]retrieval.Document, error) {
	var docs []retrieval.Document
	err := db.file.Read(ctx, func(tx *sql.Tx) error {
		var err error
		docs, err = readDocuments(ctx, tx, true)
		return err
	})
	if err != nil {
		return nil, db.fail(ctx, err, "withdrawn documents")
	}
	return docs, nil
}

// Edit implements [retrieval.Versions]. When it returns without error the change is on
// the disk; for waiting and for a commit that fails half-way see [DB.Put].
func (db *DB) Edit(ctx context.Context, e retrieval.Edit) (retrieval.Change, error) {
	change := retrieval.Unchanged
	record, err := e.Prepare()
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		err = db.file.Update(ctx, func(tx *sql.Tx) error {
			change, err = db.edit(ctx, tx, e, record)
			return err
		})
	}
	if err != nil {
		return "", db.fail(ctx, err, "edit %q", e.ID)
	}
	return change, nil
}

// edit makes a change under the write lock.
func (db *DB) edit(ctx context.Context, tx *sql.Tx, e retrieval.Edit, r *retrieval.Record) (retrieval.Change, error) {
	for _, a := range e.Expect {
		if err := expect(ctx, tx, a); err != nil {
			return "", err
		}
	}
	change := retrieval.Unchanged
	if e.ID != "" {
		var err error
		if change, err = db.editDocument(ctx, tx, e, r); err != nil {
			return "", err
		}
	}
	for _, a := range e.Attach {
		if err := writeAttachment(ctx, tx, a); err != nil {
			return "", err
		}
	}
	return change, nil
}

// expect wants an attachment to be stored like this.
func expect(ctx context.Context, tx *sql.Tx, a retrieval.Attachment) error {
	var data []byte
	err := tx.QueryRowContext(ctx, `SELECT data FROM attachments WHERE workspace = ? AND kind = ? AND id = ?`,
		retrieval.Workspace, a.Kind, a.ID).Scan(&data)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if !bytes.Equal(data, a.Data) {
		return fmt.Errorf("attachment %q of kind %q: %w", a.ID, a.Kind, retrieval.ErrMoved)
	}
	return nil
}

func (db *DB) editDocument(ctx context.Context, tx *sql.Tx, e retrieval.Edit, r *retrieval.Record) (retrieval.Change, error) {
	now, err := readStored(ctx, tx, e.ID)
	switch {
	case err != nil:
		return "", err
	case now.current() != e.From:
		return "", fmt.Errorf("version %d is current, not %d: %w", now.current(), e.From, retrieval.ErrMoved)
	case r != nil && e.As > 0 && e.As != now.versions+1:
		return "", fmt.Errorf("the next version is not %d: %w", e.As, retrieval.ErrMoved)
	case r != nil:
		return write(ctx, tx, r)
	case now.version == 0 || e.To > now.versions:
		return "", retrieval.ErrNotFound
	case e.To == e.From:
		return retrieval.Unchanged, nil
	case e.To == 0:
		_, err := tx.ExecContext(ctx, `UPDATE documents SET withdrawn = 1 WHERE workspace = ? AND id = ?`, retrieval.Workspace, e.ID)
		return retrieval.Withdrawn, err
	}
	v, err := db.readVersion(ctx, tx, e.ID, e.To)
	if err != nil {
		return "", err
	}
	if err := checkIDs(ctx, tx, e.ID, v.clauses); err != nil {
		return "", err
	}
	v.document.Origin = e.Origin
	return retrieval.Reverted, writeDocument(ctx, tx, v.document, v.digest, true)
}
