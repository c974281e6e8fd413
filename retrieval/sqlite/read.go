package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"policybot/retrieval"
)

// Documents implements [retrieval.Store].
func (db *DB) Documents(ctx context.Context) ([]retrieval.Document, error) {
	var docs []retrieval.Document
	err := db.file.Read(ctx, func(tx *sql.Tx) error {
		var err error
		docs, err = readDocuments(ctx, tx, false)
		return err
	})
	if err != nil {
		return nil, db.fail(ctx, err, "documents")
	}
	return docs, nil
}

// readDocuments reads the documents that are listed, or those that were withdrawn.
func readDocuments(ctx context.Context, tx *sql.Tx, withdrawn bool) ([]retrieval.Document, error) {
	rows, err := tx.QueryContext(ctx, `SELECT `+documentColumns+` FROM documents WHERE workspace = ? AND withdrawn = ? ORDER BY id`,
		retrieval.Workspace, withdrawn)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	docs := []retrieval.Document{}
	for rows.Next() {
		d := retrieval.Document{Status: retrieval.StatusUnknown}
		if err := rows.Scan(documentFields(&d)...); err != nil {
			return nil, err
		}
		docs = append(docs, d)
	}
	return docs, rows.Err()
}

// Clauses implements [retrieval.Store].
func (db *DB) Clauses(ctx context.Context, documentID string) ([]retrieval.Clause, error) {
	var list []retrieval.Clause
	err := db.file.Read(ctx, func(tx *sql.Tx) error {
		doc := retrieval.Document{Status: retrieval.StatusUnknown}
		row := tx.QueryRowContext(ctx, `SELECT `+documentColumns+` FROM documents WHERE workspace = ? AND id = ? AND withdrawn = 0`,
			retrieval.Workspace, documentID)
		if err := row.Scan(documentFields(&doc)...); err != nil {
			return err
		}
		var text string
		row = tx.QueryRowContext(ctx, `SELECT text FROM versions WHERE workspace = ? AND document = ? AND version = ?`,
			retrieval.Workspace, documentID, doc.Version)
		if err := row.Scan(&text); err != nil {
			return err
		}
		var err error
		list, err = db.readClauses(ctx, tx, doc, text)
		return err
	})
	if err != nil {
		return nil, db.fail(ctx, notFound(err), "clauses of %q", documentID)
	}
	return list, nil
}

func notFound(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return retrieval.ErrNotFound
	}
	return err
}

// readClauses reads the clauses of the version that doc is, whose text is text.
func (db *DB) readClauses(ctx context.Context, tx *sql.Tx, doc retrieval.Document, text string) ([]retrieval.Clause, error) {
	rows, err := tx.QueryContext(ctx, `SELECT id, ordinal, path, heading, parents, departments, char_start, char_end, byte_start, byte_end
		FROM clauses WHERE workspace = ? AND document = ? AND version = ? ORDER BY ordinal`,
		retrieval.Workspace, doc.ID, doc.Version)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list := []retrieval.Clause{}
	for rows.Next() {
		c := retrieval.Clause{Document: cloneDocument(doc)}
		var start, end int
		if err := rows.Scan(&c.ID, &c.Ordinal, &c.Path, &c.Heading, jsonList{&c.Parents}, jsonList{&c.Departments},
			&c.Start, &c.End, &start, &end); err != nil {
			return nil, err
		}
		if start < 0 || end < start || end > len(text) {
			return nil, db.file.Corrupt("clause %q lies at bytes %d to %d of %d", c.ID, start, end, len(text))
		}
		c.Text = text[start:end]
		if err := db.checkLength(c); err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, rows.Err()
}

// checkLength refuses to show a clause whose text cannot be the one that was
// put, however the file came to be so.
func (db *DB) checkLength(c retrieval.Clause) error {
	if n := utf8.RuneCountInString(c.Text); n != c.End-c.Start {
		return db.file.Corrupt("clause %q has %d code points, want %d", c.ID, n, c.End-c.Start)
	}
	return nil
}

// Lookup implements [retrieval.Store].
func (db *DB) Lookup(ctx context.Context, ids []string) ([]retrieval.Clause, error) {
	found := make(map[string]retrieval.Clause, len(ids))
	distinct := slices.Compact(slices.Sorted(slices.Values(ids)))
	err := db.file.Read(ctx, func(tx *sql.Tx) error {
		for part := range slices.Chunk(distinct, chunk) {
			if err := db.lookup(ctx, tx, part, found); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, db.fail(ctx, err, "look up %d clauses", len(ids))
	}
	list := make([]retrieval.Clause, 0, len(found))
	for _, id := range ids {
		if c, ok := found[id]; ok {
			list = append(list, cloneClause(c))
		}
	}
	return list, nil
}

// lookup adds the current clauses with these ids to found.
func (db *DB) lookup(ctx context.Context, tx *sql.Tx, ids []string, found map[string]retrieval.Clause) error {
	args := []any{retrieval.Workspace}
	for _, id := range ids {
		args = append(args, id)
	}
	rows, err := tx.QueryContext(ctx, `
		SELECT c.id, c.ordinal, c.path, c.heading, c.parents, c.departments, c.char_start, c.char_end,
			substr(v.text, c.byte_start + 1, c.byte_end - c.byte_start), d.`+strings.ReplaceAll(documentColumns, ", ", ", d.")+`
		FROM clauses c
		JOIN documents d ON d.workspace = c.workspace AND d.id = c.document AND d.version = c.version AND d.withdrawn = 0
		JOIN versions v ON v.workspace = c.workspace AND v.document = c.document AND v.version = c.version
		WHERE c.workspace = ? AND c.id IN (`+marks(len(ids))+`)`, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		c := retrieval.Clause{Document: retrieval.Document{Status: retrieval.StatusUnknown}}
		fields := []any{&c.ID, &c.Ordinal, &c.Path, &c.Heading, jsonList{&c.Parents}, jsonList{&c.Departments}, &c.Start, &c.End, &c.Text}
		if err := rows.Scan(append(fields, documentFields(&c.Document)...)...); err != nil {
			return err
		}
		if err := db.checkLength(c); err != nil {
			return err
		}
		found[c.ID] = c
	}
	return rows.Err()
}

// cloneClause lets an id that is asked for twice be answered twice.
func cloneClause(c retrieval.Clause) retrieval.Clause {
	c.Parents, c.Departments = slices.Clone(c.Parents), slices.Clone(c.Departments)
	c.Document = cloneDocument(c.Document)
	return c
}

// cloneDocument lets each clause have a document of its own.
func cloneDocument(d retrieval.Document) retrieval.Document {
	d.Facts, d.Notes = maps.Clone(d.Facts), maps.Clone(d.Notes)
	d.Aliases, d.Mentions = slices.Clone(d.Aliases), slices.Clone(d.Mentions)
	return d
}

// Version returns one stored version of a document as it was put, with its
// text and clauses; the Origin is empty. The error wraps
// [retrieval.ErrNotFound] when there is no such version.
func (db *DB) Version(ctx context.Context, documentID string, version int) (retrieval.Document, string, []retrieval.Clause, error) {
	var v storedVersion
	err := db.file.Read(ctx, func(tx *sql.Tx) error {
		var err error
		v, err = db.readVersion(ctx, tx, documentID, version)
		return err
	})
	if err != nil {
		return retrieval.Document{}, "", nil, db.fail(ctx, notFound(err), "version %d of %q", version, documentID)
	}
	return v.document, v.text, v.clauses, nil
}

// A storedVersion is a row of versions with its clauses.
type storedVersion struct {
	document retrieval.Document
	text     string
	clauses  []retrieval.Clause
	facts    string
	digest   string
}

func (db *DB) readVersion(ctx context.Context, tx *sql.Tx, documentID string, version int) (storedVersion, error) {
	var v storedVersion
	var hash string
	err := tx.QueryRowContext(ctx, `SELECT hash, digest, facts, text FROM versions WHERE workspace = ? AND document = ? AND version = ?`,
		retrieval.Workspace, documentID, version).Scan(&hash, &v.digest, &v.facts, &v.text)
	if err != nil {
		return v, err
	}
	if v.document, err = retrieval.ParseFacts([]byte(v.facts)); err != nil {
		return v, db.file.Corrupt("version %d of %q: %w", version, documentID, err)
	}
	v.document.ID, v.document.Hash, v.document.Version, v.document.Status = documentID, hash, version, retrieval.StatusUnknown
	// The number of clauses is part of each clause's document, so it is counted first.
	err = tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM clauses WHERE workspace = ? AND document = ? AND version = ?`,
		retrieval.Workspace, documentID, version).Scan(&v.document.Clauses)
	if err != nil {
		return v, err
	}
	v.clauses, err = db.readClauses(ctx, tx, v.document, v.text)
	return v, err
}

// Revision returns the [retrieval.Fingerprint] of what the store holds now.
// An index derived from the store fits it exactly while the revision is the
// same.
func (db *DB) Revision(ctx context.Context) (string, error) {
	var list []retrieval.Holding
	err := db.file.Read(ctx, func(tx *sql.Tx) error {
		var err error
		list, err = readHoldings(ctx, tx, false)
		return err
	})
	if err != nil {
		return "", db.fail(ctx, err, "revision")
	}
	return retrieval.Fingerprint(list), nil
}

// readHoldings reads what is listed, or what was withdrawn.
func readHoldings(ctx context.Context, tx *sql.Tx, withdrawn bool) ([]retrieval.Holding, error) {
	rows, err := tx.QueryContext(ctx, `SELECT id, version, digest FROM documents WHERE workspace = ? AND withdrawn = ? ORDER BY id`,
		retrieval.Workspace, withdrawn)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []retrieval.Holding
	for rows.Next() {
		var h retrieval.Holding
		if err := rows.Scan(&h.ID, &h.Version, &h.Digest); err != nil {
			return nil, err
		}
		list = append(list, h)
	}
	return list, rows.Err()
}
