package sqlite_test

import (
	"path/filepath"
	"testing"

	"policybot/retrieval/sqlite"
)

// The migrations that were released are what they were: the tables, and the
// checksums by which a file knows them.
func TestMigrations(t *testing.T) {
	path := filepath.Join(t.TempDir(), sqlite.FileName)
	openAt(t, path, sqlite.Options{})
	for query, want := range map[string]string{
		`SELECT group_concat(name, ',') FROM (SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name)`: "clauses,collections,documents,models,schema_migrations,vectors,versions",
		`SELECT group_concat(checksum, ',') FROM (SELECT checksum FROM schema_migrations ORDER BY version)`: "4dd9c87acbf9e862dd62e6678a2c85388eae1c66b081ca240cf86db1706105f7," +
			"2d7180c0a995697d677918253e71af8fdce15dbed498c2c922fdc45b5db50391",
	} {
		var got string
		if err := raw(t, path).QueryRow(query).Scan(&got); err != nil || got != want {
			t.Errorf("%s = %q, %v; want %q", query, got, err, want)
		}
	}
}
