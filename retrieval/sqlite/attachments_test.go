package sqlite_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"policybot/retrieval"
	"policybot/retrieval/sqlite"
)

func mustAttach(t testing.TB, db *sqlite.DB, list ...retrieval.Attachment) {
	t.Helper()
	if err := db.PutAttachments(t.Context(), list...); err != nil {
		t.Fatal(err)
	}
}

// wantAttached wants the attachments of a kind to be these, as id=data.
func wantAttached(t testing.TB, db *sqlite.DB, kind string, want ...string) {
	t.Helper()
	list, err := db.Attachments(t.Context(), kind)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, a := range list {
		got = append(got, a.ID+"="+string(a.Data))
	}
	if !slices.Equal(got, want) {
		t.Errorf("attachments %q, want %q", got, want)
	}
}

func named(kind, id, data string) retrieval.Attachment {
	return retrieval.Attachment{Kind: kind, ID: id, Data: []byte(data)}
}

// Attachments survive closing, and go with a copy of the file.
func TestAttachmentsReopen(t *testing.T) {
	path := filepath.Join(t.TempDir(), sqlite.FileName)
	db := openAt(t, path, sqlite.Options{})
	mustPut(t, db, 1, 1, 2)
	mustAttach(t, db, named("k", "a", "x"), named("k", "b", "y"), named("l", "a", "z"))
	mustAttach(t, db, named("k", "a", ""), named("k", "b", "二"))
	copied := path + ".copy"
	if err := db.CopyTo(t.Context(), copied); err != nil {
		t.Fatal(err)
	}
	closeDB(t, db)
	for _, file := range []string{path, copied} {
		db := openAt(t, file, sqlite.Options{ReadOnly: true})
		wantAttached(t, db, "k", "b=二")
		wantAttached(t, db, "l", "a=z")
		wantKind(t, db.PutAttachments(t.Context(), named("k", "c", "x")), sqlite.NotWritable)
		wantAttached(t, db, "k", "b=二")
	}
}

// A file of before there were attachments keeps its documents.
func TestAttachmentsMigration(t *testing.T) {
	path := realFile(t)
	undoAttachments(t, path)
	_, err := sqlite.Open(t.Context(), path, sqlite.Options{ReadOnly: true})
	wantKind(t, err, sqlite.OlderSchema)
	db := openAt(t, path, sqlite.Options{})
	if docs, err := db.Documents(t.Context()); err != nil || len(docs) != 30 {
		t.Errorf("%d documents, %v; want 30", len(docs), err)
	}
	wantAttached(t, db, "k")
	mustAttach(t, db, named("k", "a", "x"))
	wantAttached(t, db, "k", "a=x")
}

// A writing that fails half-way leaves nothing.
func TestAttachmentsFailHalfWay(t *testing.T) {
	path := filepath.Join(t.TempDir(), sqlite.FileName)
	db := openAt(t, path, sqlite.Options{})
	mustAttach(t, db, named("k", "a", "x"))
	mustExec(t, raw(t, path), `CREATE TRIGGER fault BEFORE INSERT ON attachments WHEN NEW.id = 'c' BEGIN SELECT RAISE(ABORT, 'fault'); END`)
	err := db.PutAttachments(t.Context(), named("k", "a", "y"), named("k", "b", "y"), named("k", "c", "y"))
	if err == nil || !strings.Contains(err.Error(), "fault") {
		t.Errorf("error %v, want the fault", err)
	}
	wantAttached(t, db, "k", "a=x")
}

// An attachment that is not what was put is found.
func TestAttachmentsCheck(t *testing.T) {
	for _, change := range []string{
		`UPDATE attachments SET data = CAST('yes' AS BLOB)`,
		`UPDATE attachments SET id = 'b'`,
		`UPDATE attachments SET kind = 'b'`,
		`UPDATE attachments SET digest = 'b'`,
	} {
		path := filepath.Join(t.TempDir(), sqlite.FileName)
		db := openAt(t, path, sqlite.Options{})
		mustAttach(t, db, named("k", "a", "no"))
		if err := db.Check(t.Context()); err != nil {
			t.Error(err)
		}
		mustExec(t, raw(t, path), change)
		wantKind(t, db.Check(t.Context()), sqlite.Corrupt)
		mustAttach(t, db, named("k", "a", ""), named("k", "b", ""), named("b", "a", ""))
	}
}
