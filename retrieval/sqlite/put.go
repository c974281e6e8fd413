package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"policybot/retrieval"
)

// chunk is the most ids that go into one statement.
const chunk = 500

// Put implements [retrieval.Store]. See [retrieval.NewRecord] for what it
// refuses; it also refuses a clause id that another document holds. A new
// Origin alone is taken over without a new version. When Put returns without
// error the document is on the disk; when it returns an error nothing is
// stored, unless the commit itself failed half-way, which only a reopening
// can tell.
//
// Puts of one DB wait for each other as long as ctx allows. For another
// process's write Put waits BusyTimeout, which ctx does not cut short.
func (db *DB) Put(ctx context.Context, doc retrieval.Document, text string, clauses []retrieval.Clause) (retrieval.Change, error) {
	change, err := db.put(ctx, doc, text, clauses)
	if err != nil {
		return "", db.fail(ctx, err, "put %q", doc.ID)
	}
	return change, nil
}

func (db *DB) put(ctx context.Context, doc retrieval.Document, text string, clauses []retrieval.Clause) (retrieval.Change, error) {
	if err := db.file.Writable(); err != nil {
		return "", err
	}
	record, err := retrieval.NewRecord(doc, text, clauses)
	if err != nil {
		return "", err
	}
	var now stored
	err = db.file.Read(ctx, func(tx *sql.Tx) error {
		now, err = readStored(ctx, tx, doc.ID)
		return err
	})
	if err != nil {
		return "", err
	}
	if now.holds(record) {
		return retrieval.Unchanged, nil // without waiting for a writer
	}
	var change retrieval.Change
	err = db.file.Update(ctx, func(tx *sql.Tx) error {
		change, err = write(ctx, tx, record)
		return err
	})
	return change, err
}

// stored is what decides whether there is something to store. The zero value
// is a document that was never there.
type stored struct {
	version   int // the current one, or the last
	digest    string
	origin    string
	withdrawn bool
	versions  int // how many there are
}

func (s stored) holds(r *retrieval.Record) bool {
	return s.version > 0 && !s.withdrawn && s.digest == r.Digest && s.origin == r.Document.Origin
}

// current is the number of the version that is listed, 0 for none.
func (s stored) current() int {
	if s.withdrawn {
		return 0
	}
	return s.version
}

func readStored(ctx context.Context, tx *sql.Tx, id string) (stored, error) {
	var s stored
	err := tx.QueryRowContext(ctx, `SELECT d.version, d.digest, d.origin, d.withdrawn,
		(SELECT COALESCE(MAX(v.version), 0) FROM versions v WHERE v.workspace = d.workspace AND v.document = d.id)
		FROM documents d WHERE d.workspace = ? AND d.id = ?`,
		retrieval.Workspace, id).Scan(&s.version, &s.digest, &s.origin, &s.withdrawn, &s.versions)
	if errors.Is(err, sql.ErrNoRows) {
		return stored{}, nil
	}
	return s, err
}

// write stores a record under the write lock.
func write(ctx context.Context, tx *sql.Tx, r *retrieval.Record) (retrieval.Change, error) {
	old, err := readStored(ctx, tx, r.Document.ID)
	if err != nil {
		return "", err
	}
	if err := checkTaken(ctx, tx, r); err != nil {
		return "", err
	}
	if old.current() > 0 && old.digest == r.Digest {
		_, err := tx.ExecContext(ctx, `UPDATE documents SET origin = ? WHERE workspace = ? AND id = ?`,
			r.Document.Origin, retrieval.Workspace, r.Document.ID)
		return retrieval.Unchanged, err
	}
	change := retrieval.NewVersion
	if old.version == 0 {
		change = retrieval.Added
	}
	r.Document.Version = old.versions + 1
	if err := writeDocument(ctx, tx, r.Document, r.Digest, old.version > 0); err != nil {
		return "", fmt.Errorf("document: %w", err)
	}
	if err := writeVersion(ctx, tx, r); err != nil {
		return "", fmt.Errorf("version: %w", err)
	}
	if err := writeClauses(ctx, tx, r); err != nil {
		return "", fmt.Errorf("clauses: %w", err)
	}
	return change, nil
}

// checkTaken refuses clause ids that are current in another document.
func checkTaken(ctx context.Context, tx *sql.Tx, r *retrieval.Record) error {
	return checkIDs(ctx, tx, r.Document.ID, r.Clauses)
}

func checkIDs(ctx context.Context, tx *sql.Tx, own string, clauses []retrieval.Clause) error {
	for part := range slices.Chunk(clauses, chunk) {
		args := []any{retrieval.Workspace, own}
		for _, c := range part {
			args = append(args, c.ID)
		}
		var id, document string
		err := tx.QueryRowContext(ctx, `
			SELECT c.id, c.document FROM clauses c
			JOIN documents d ON d.workspace = c.workspace AND d.id = c.document AND d.version = c.version AND d.withdrawn = 0
			WHERE c.workspace = ? AND c.document <> ? AND c.id IN (`+marks(len(part))+`) LIMIT 1`, args...).Scan(&id, &document)
		switch {
		case err == nil:
			return fmt.Errorf("clause id %q is taken by document %q", id, document)
		case !errors.Is(err, sql.ErrNoRows):
			return err
		}
	}
	return nil
}

// marks returns n placeholders.
func marks(n int) string { return strings.Repeat(", ?", n)[min(2, 3*n):] }

// documentColumns are the columns of documents but workspace and digest, in
// the order of documentFields.
const documentColumns = `id, version, clauses, hash, source, origin, title, number, issuer, jurisdiction, ` +
	`issued_on, valid_from, valid_until, target_year, language, kind, translated, repealed, facts, notes, ` +
	`aliases, deadline, mentions`

// documentFields points at the fields that documentColumns keep, to be read
// from or written to.
func documentFields(d *retrieval.Document) []any {
	return []any{
		&d.ID, &d.Version, &d.Clauses, &d.Hash, &d.Source, &d.Origin, &d.Title, &d.Number, &d.Issuer, &d.Jurisdiction,
		&d.IssuedOn, &d.ValidFrom, &d.ValidUntil, &d.TargetYear, &d.Language, &d.Kind, &d.Translated, &d.Repealed,
		jsonMap{&d.Facts},
		jsonMap{&d.Notes},
		jsonSlice[string]{&d.Aliases},
		&d.Deadline,
		jsonSlice[retrieval.Mention]{&d.Mentions},
	}
}

// writeDocument makes d the current version of its document, which is there already or not.
func writeDocument(ctx context.Context, tx *sql.Tx, d retrieval.Document, digest string, there bool) error {
	fields := append([]any{digest}, documentFields(&d)...)
	statement := `INSERT INTO documents (digest, ` + documentColumns + `, workspace) VALUES (` + marks(len(fields)+1) + `)`
	args := slices.Concat(fields, []any{retrieval.Workspace})
	if there {
		statement = `UPDATE documents SET (digest, ` + documentColumns + `, withdrawn) = (` + marks(len(fields)) + `, 0) WHERE workspace = ? AND id = ?`
		args = append(args, d.ID)
	}
	_, err := tx.ExecContext(ctx, statement, args...)
	return err
}

func writeVersion(ctx context.Context, tx *sql.Tx, r *retrieval.Record) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO versions (workspace, document, version, hash, digest, facts, text, added_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		retrieval.Workspace, r.Document.ID, r.Document.Version, r.Document.Hash, r.Digest, string(r.Facts), []byte(r.Text),
		time.Now().UTC().Format(time.RFC3339))
	return err
}

func writeClauses(ctx context.Context, tx *sql.Tx, r *retrieval.Record) error {
	insert, err := tx.PrepareContext(ctx, `INSERT INTO clauses (workspace, document, version, ordinal, id, path, heading,
		parents, departments, char_start, char_end, byte_start, byte_end) VALUES (`+marks(13)+`)`)
	if err != nil {
		return err
	}
	defer insert.Close()
	for i := range r.Clauses {
		c, span := &r.Clauses[i], r.Bytes[i]
		if _, err := insert.ExecContext(ctx, retrieval.Workspace, r.Document.ID, r.Document.Version, c.Ordinal, c.ID, c.Path, c.Heading,
			jsonList{&c.Parents}, jsonList{&c.Departments}, c.Start, c.End, span.Start, span.End); err != nil {
			return err
		}
	}
	return nil
}

// A jsonMap keeps a map in a text column, {} when it is empty.
type jsonMap struct{ m *map[string]string }

// Value implements driver.Valuer.
func (j jsonMap) Value() (driver.Value, error) {
	if len(*j.m) == 0 {
		return "{}", nil
	}
	b, err := json.Marshal(*j.m)
	return string(b), err
}

// Scan implements sql.Scanner. An empty map is read as nil.
func (j jsonMap) Scan(src any) error {
	*j.m = nil
	if src == "{}" {
		return nil
	}
	return scanJSON(src, j.m)
}

// A jsonSlice keeps a slice in a text column, [] when it is empty.
type jsonSlice[T any] struct{ slice *[]T }

// Value implements driver.Valuer.
func (j jsonSlice[T]) Value() (driver.Value, error) {
	if len(*j.slice) == 0 {
		return "[]", nil
	}
	b, err := json.Marshal(*j.slice)
	return string(b), err
}

// Scan implements sql.Scanner. An empty slice is read as nil.
func (j jsonSlice[T]) Scan(src any) error {
	*j.slice = nil
	if src == "[]" {
		return nil
	}
	return scanJSON(src, j.slice)
}

// A jsonList is a jsonSlice of strings that is never read as nil.
type jsonList struct{ list *[]string }

// Value implements driver.Valuer.
func (j jsonList) Value() (driver.Value, error) { return jsonSlice[string]{j.list}.Value() }

// Scan implements sql.Scanner. The list is never nil.
func (j jsonList) Scan(src any) error {
	*j.list = []string{}
	return scanJSON(src, j.list)
}

func scanJSON(src, dst any) error {
	s, ok := src.(string)
	if !ok {
		return fmt.Errorf("column holds %T, want text", src)
	}
	return json.Unmarshal([]byte(s), dst)
}
