package sqlite

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"

	"policybot/retrieval"
)

// Attachments implements [retrieval.Store].
func (db *DB) Attachments(ctx context.Context, kind string) ([]retrieval.Attachment, error) {
	list := []retrieval.Attachment{}
	err := db.file.Read(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `SELECT id, data FROM attachments WHERE workspace = ? AND kind = ? ORDER BY id`,
			retrieval.Workspace, kind)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			a := retrieval.Attachment{Kind: kind}
			if err := rows.Scan(&a.ID, &a.Data); err != nil {
				return err
			}
			list = append(list, a)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, db.fail(ctx, err, "attachments of kind %q", kind)
	}
	return list, nil
}

// PutAttachments implements [retrieval.Store]. When it returns without error the
// attachments are on the disk; for waiting and for a commit that fails half-way see
// [DB.Put].
func (db *DB) PutAttachments(ctx context.Context, list ...retrieval.Attachment) error {
	if err := db.putAttachments(ctx, list); err != nil {
		return db.fail(ctx, err, "put %d attachments", len(list))
	}
	return nil
}

func (db *DB) putAttachments(ctx context.Context, list []retrieval.Attachment) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, a := range list {
		if err := a.Check(); err != nil {
			return err
		}
	}
	if len(list) == 0 {
		return nil
	}
	return db.file.Update(ctx, func(tx *sql.Tx) error {
		for _, a := range list {
			if err := writeAttachment(ctx, tx, a); err != nil {
				return err
			}
		}
		return nil
	})
}

func writeAttachment(ctx context.Context, tx *sql.Tx, a retrieval.Attachment) error {
	if len(a.Data) == 0 {
		_, err := tx.ExecContext(ctx, `DELETE FROM attachments WHERE workspace = ? AND kind = ? AND id = ?`, retrieval.Workspace, a.Kind, a.ID)
		return err
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO attachments (workspace, kind, id, digest, data) VALUES (`+marks(5)+`)
		ON CONFLICT (workspace, kind, id) DO UPDATE SET digest = excluded.digest, data = excluded.data`,
		retrieval.Workspace, a.Kind, a.ID, attachmentDigest(a), a.Data)
	return err
}

// attachmentDigest hashes an attachment with its name.
func attachmentDigest(a retrieval.Attachment) string {
	h := sha256.New()
	fmt.Fprintf(h, "attachment 1\n%d %s\n%d %s\n%d\n%s", len(a.Kind), a.Kind, len(a.ID), a.ID, len(a.Data), a.Data)
	return hex.EncodeToString(h.Sum(nil))
}

// checkAttachments compares every attachment with its digest.
func (db *DB) checkAttachments(ctx context.Context, tx *sql.Tx) error {
	rows, err := tx.QueryContext(ctx, `SELECT kind, id, digest, data FROM attachments WHERE workspace = ?`, retrieval.Workspace)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var a retrieval.Attachment
		var digest string
		if err := rows.Scan(&a.Kind, &a.ID, &digest, &a.Data); err != nil {
			return err
		}
		if attachmentDigest(a) != digest {
			return db.file.Corrupt("attachment %q of kind %q is not what was stored", a.ID, a.Kind)
		}
	}
	return rows.Err()
}
