package sqlite_test

import (
	"path/filepath"
	"testing"

	"policybot/retrieval"
	"policybot/retrieval/retrievaltest"
	"policybot/retrieval/sqlite"
)

// The migrations that were released are what they were: the tables, and the
// checksums by which a file knows them.
func TestMigrations(t *testing.T) {
	path := filepath.Join(t.TempDir(), sqlite.FileName)
	openAt(t, path, sqlite.Options{})
	for query, want := range map[string]string{
		`SELECT group_concat(name, ',') FROM (SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name)`: "attachments,clauses,collections,documents,models,schema_migrations,vectors,versions",
		`SELECT group_concat(checksum, ',') FROM (SELECT checksum FROM schema_migrations ORDER BY version)`: "4dd9c87acbf9e862dd62e6678a2c85388eae1c66b081ca240cf86db1706105f7," +
			"2d7180c0a995697d677918253e71af8fdce15dbed498c2c922fdc45b5db50391," +
			"6f312204d85bb2ca31815ae7f464d077766e1496e4b1044c96c043a08788092a," +
			"ac4768d41bc85442a1efda96f4f6c5fbf7fc1b66a2239c2391e2bcd2bc8d8b22," +
			"00dd38efcd73a80ae8575d0025101d4411afe0a2d4b40dbe93b7e0ce4336ae25",
	} {
		var got string
		if err := raw(t, path).QueryRow(query).Scan(&got); err != nil || got != want {
			t.Errorf("%s = %q, %v; want %q", query, got, err, want)
		}
	}
}

// undoAttachments makes a file that of before there were attachments.
func undoAttachments(t *testing.T, path string) {
	t.Helper()
	mustExec(t, raw(t, path), `ALTER TABLE documents DROP COLUMN withdrawn; DELETE FROM schema_migrations WHERE version = 5;
		DROP TABLE attachments; DELETE FROM schema_migrations WHERE version = 4`)
}

// undoDocumentFacts makes a file that of before documents had aliases, a deadline
// and mentions.
func undoDocumentFacts(t *testing.T, path string) {
	t.Helper()
	undoAttachments(t, path)
	mustExec(t, raw(t, path), `ALTER TABLE documents DROP COLUMN aliases; ALTER TABLE documents DROP COLUMN deadline;
		ALTER TABLE documents DROP COLUMN mentions; DELETE FROM schema_migrations WHERE version = 3`)
}

// A file of before there were aliases, deadlines and mentions keeps its documents
// as they are. One that has any of these now gets a new version, once.
func TestDocumentFactsMigration(t *testing.T) {
	path := realFile(t)
	db := openAt(t, path, sqlite.Options{})
	before, err := db.Revision(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	closeDB(t, db)
	undoDocumentFacts(t, path)
	_, err = sqlite.Open(t.Context(), path, sqlite.Options{ReadOnly: true})
	wantKind(t, err, sqlite.OlderSchema)
	db = openAt(t, path, sqlite.Options{})
	if after, err := db.Revision(t.Context()); after != before || err != nil {
		t.Errorf("revision is %s, %v; want %s", after, err, before)
	}
	if err := db.Check(t.Context()); err != nil {
		t.Error(err)
	}
	docs, err := db.Documents(t.Context())
	if err != nil || len(docs) != 30 || docs[1].Aliases != nil || docs[1].Deadline != "" || docs[1].Mentions != nil {
		t.Fatalf("%d documents, %v; want 30 without the new facts", len(docs), err)
	}
	doc, text, list := retrievaltest.Numbered(1, 1, 10)
	for _, want := range []retrieval.Change{retrieval.Unchanged, retrieval.NewVersion, retrieval.Unchanged} {
		if got, err := db.Put(t.Context(), doc, text, list); got != want || err != nil {
			t.Errorf("Put = %q, %v; want %q", got, err, want)
		}
		doc.Mentions = []retrieval.Mention{{Title: "药品管理法", Clause: list[0].ID}}
	}
}
