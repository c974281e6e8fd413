package sqlite_test

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"policybot/retrieval"
	"policybot/retrieval/retrievaltest"
	"policybot/retrieval/sqlite"
)

func TestVectorStore(t *testing.T) {
	retrievaltest.TestVectorStore(t, func(t *testing.T) retrieval.VectorStore { return openNew(t) })
}

func mustPutVectors(t testing.TB, db *sqlite.DB, model string, list []retrieval.StoredVector) {
	t.Helper()
	if err := db.PutVectors(t.Context(), model, list); err != nil {
		t.Fatal(err)
	}
}

func mustActivate(t testing.TB, db *sqlite.DB, model string) {
	t.Helper()
	if err := db.Activate(t.Context(), retrieval.Collection{Model: model, Dimensions: 1}); err != nil {
		t.Fatal(err)
	}
}

func wantActive(t testing.TB, db *sqlite.DB, active, previous string) {
	t.Helper()
	now, err := db.Collections(t.Context())
	if err != nil || now.Active == nil || now.Previous == nil || now.Active.Model != active || now.Previous.Model != previous {
		t.Errorf("collections are %+v, %v; want %s and %s", now, err, active, previous)
	}
}

func TestVectorsReopen(t *testing.T) {
	path := filepath.Join(t.TempDir(), sqlite.FileName)
	list := retrievaltest.NumberedVectors(1, 300, 5)
	db := openAt(t, path, sqlite.Options{})
	mustPut(t, db, 1, 1, 3)
	for model, list := range map[string][]retrieval.StoredVector{
		"a": list, "b": list[:7], "dropped": list, "colliding": retrievaltest.CollidingVectors(),
	} {
		mustPutVectors(t, db, model, list)
	}
	mustActivate(t, db, "a")
	mustActivate(t, db, "b")
	if err := db.DropVectors(t.Context(), "dropped"); err != nil {
		t.Fatal(err)
	}
	before, err := db.Revision(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	closeDB(t, db)
	for _, err := range db.Vectors(t.Context(), "a") {
		if err == nil {
			t.Fatal("a closed database yields a vector")
		}
	}
	for _, readOnly := range []bool{false, true} {
		db = openAt(t, path, sqlite.Options{ReadOnly: readOnly})
		retrievaltest.WantVectors(t, db, "a", list)
		retrievaltest.WantVectors(t, db, "b", list[:7])
		retrievaltest.WantVectors(t, db, "dropped", nil)
		retrievaltest.WantVectors(t, db, "colliding", retrievaltest.CollidingVectors())
		wantActive(t, db, "b", "a")
		if after, err := db.Revision(t.Context()); after != before || err != nil {
			t.Errorf("revision is %s, %v; want %s", after, err, before)
		}
	}
	wantKind(t, db.PutVectors(t.Context(), "a", list), sqlite.NotWritable)
	wantKind(t, db.Activate(t.Context(), retrieval.Collection{Model: "a", Dimensions: 1}), sqlite.NotWritable)
	wantKind(t, db.DropVectors(t.Context(), "colliding"), sqlite.NotWritable)
}

// A file of before there were vectors keeps its documents.
func TestVectorsMigration(t *testing.T) {
	path := realFile(t)
	undoDocumentFacts(t, path)
	mustExec(t, raw(t, path), `DROP TABLE vectors; DROP TABLE models; DROP TABLE collections; DELETE FROM schema_migrations WHERE version = 2`)
	_, err := sqlite.Open(t.Context(), path, sqlite.Options{ReadOnly: true})
	wantKind(t, err, sqlite.OlderSchema)
	db := openAt(t, path, sqlite.Options{})
	if docs, err := db.Documents(t.Context()); err != nil || len(docs) != 30 {
		t.Errorf("%d documents, %v; want 30", len(docs), err)
	}
	if now, err := db.Collections(t.Context()); err != nil || now != (retrieval.Collections{}) {
		t.Errorf("collections are %+v, %v; want none", now, err)
	}
	mustPutVectors(t, db, "m", retrievaltest.NumberedVectors(1, 3, 2))
}

func checksum(model, key string, blob []byte) uint32 {
	return crc32.Checksum([]byte(model+"\x00"+key+"\x00"+string(blob)), crc32.MakeTable(crc32.Castagnoli))
}

// The file holds what the comments of the migration say.
func TestVectorColumns(t *testing.T) {
	path := filepath.Join(t.TempDir(), sqlite.FileName)
	db := openAt(t, path, sqlite.Options{})
	mustPutVectors(t, db, "m", []retrieval.StoredVector{{Key: "k", Vector: []float32{1, -2.5}}})
	blob := []byte{0, 0, 0x80, 0x3f, 0, 0, 0x20, 0xc0}
	var got string
	const row = `SELECT m.workspace || ' ' || m.name || ' ' || m.dimensions || ' ' || v.workspace || ' ' || v.key || ' ' || v.checksum || ' ' || hex(v.vector)
		FROM vectors v JOIN models m ON m.workspace = v.workspace AND m.number = v.model`
	if err := raw(t, path).QueryRow(row).Scan(&got); err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprint("main m 2 main k ", checksum("m", "k", blob), " ", strings.ToUpper(hex.EncodeToString(blob)))
	if got != want {
		t.Errorf("row %q, want %q", got, want)
	}
}

// Damage of a vector is found, costs no other vector, and putting the vector
// again repairs it.
func TestVectorDamage(t *testing.T) {
	list := retrievaltest.NumberedVectors(1, 9, 3)
	key := list[4].Key
	nan := []byte{0, 0, 0xc0, 0x7f, 0, 0, 0, 0, 0, 0, 0, 0}
	for name, set := range map[string]string{
		"flipped bit":      `vector = CAST(X'01' || substr(vector, 2) AS BLOB)`,
		"short":            `vector = substr(vector, 1, 8)`,
		"long":             `vector = CAST(vector || X'00000000' AS BLOB)`,
		"not of 4 bytes":   `vector = substr(vector, 1, 11)`,
		"empty":            `vector = X''`,
		"zeros":            `vector = zeroblob(12)`,
		"text":             `vector = 'a text'`,
		"number":           `vector = 7`,
		"checksum":         `checksum = checksum + 1`,
		"checksum of text": `checksum = 'a text'`,
		"checksum real":    `checksum = 0.5`,
		"NaN with checksum": fmt.Sprintf(`vector = X'%x', checksum = %d`,
			nan, checksum("m", key, nan)),
		"short with checksum": fmt.Sprintf(`vector = X'%x', checksum = %d`,
			nan[4:], checksum("m", key, nan[4:])),
		"vector of another key":   `(vector, checksum) = (SELECT vector, checksum FROM vectors WHERE key LIKE '%5' AND model = 1)`,
		"vector of another model": `(vector, checksum) = (SELECT vector, checksum FROM vectors v WHERE v.key = vectors.key AND model = 2)`,
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), sqlite.FileName)
			db := openAt(t, path, sqlite.Options{})
			mustPutVectors(t, db, "m", list)
			mustPutVectors(t, db, "other", retrievaltest.NumberedVectors(2, 9, 3))
			mustExec(t, raw(t, path), `UPDATE vectors SET `+set+` WHERE model = 1 AND key = '`+key+`'`)
			wantDamage(t, db, "m", list[:4], key)
			wantKind(t, db.Check(t.Context()), sqlite.Corrupt)
			retrievaltest.WantVectors(t, db, "other", retrievaltest.NumberedVectors(2, 9, 3))

			mustPutVectors(t, db, "m", list[:4])
			wantDamage(t, db, "m", list[:4], key) // still
			mustExec(t, raw(t, path), `CREATE TRIGGER fault BEFORE UPDATE ON vectors BEGIN SELECT RAISE(ABORT, 'fault'); END`)
			if err := db.PutVectors(t.Context(), "m", list); err == nil || !strings.Contains(err.Error(), "fault") {
				t.Errorf("error %v, want the fault", err)
			}
			mustExec(t, raw(t, path), `DROP TRIGGER fault`)
			mustPutVectors(t, db, "m", list[3:6])
			retrievaltest.WantVectors(t, db, "m", list)
		})
	}
}

// wantDamage wants a loop over the vectors of a model to yield first, then one
// error that names model and key, and nothing more.
func wantDamage(t *testing.T, db *sqlite.DB, model string, first []retrieval.StoredVector, key string) {
	t.Helper()
	var n, failures int
	for v, err := range db.Vectors(t.Context(), model) {
		switch {
		case err != nil:
			failures++
			wantKind(t, err, sqlite.Corrupt)
			wantOneLine(t, err)
			if msg := err.Error(); !strings.Contains(msg, fmt.Sprintf("%q", model)) || !strings.Contains(msg, key) {
				t.Errorf("error %q does not name model %q and key %s", msg, model, key)
			}
		case n >= len(first) || v.Key != first[n].Key:
			t.Errorf("vector %d is %q", n, v.Key)
			n++
		default:
			n++
		}
	}
	if n != len(first) || failures != 1 {
		t.Errorf("%d vectors and %d errors, want %d and 1", n, failures, len(first))
	}
}

// What is damaged beside the vectors is found too.
func TestModelDamage(t *testing.T) {
	for name, statement := range map[string]string{
		"dimensions":          `UPDATE models SET dimensions = 4`,
		"no dimensions":       `UPDATE models SET dimensions = -3`,
		"name":                `UPDATE models SET name = 'n'`,
		"no model":            `PRAGMA foreign_keys = 0; DELETE FROM models`,
		"weight":              `UPDATE collections SET weight = -1`,
		"weight of text":      `UPDATE collections SET weight = 'a text'`,
		"collection's model":  `UPDATE collections SET model = ''`,
		"role":                `UPDATE collections SET role = 'third' WHERE role = 'active'`,
		"no active one":       `DELETE FROM collections WHERE role = 'active'`,
		"active and previous": `UPDATE collections SET model = 'm'`,
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), sqlite.FileName)
			db, err := sqlite.Open(t.Context(), path, sqlite.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer closeDB(t, db)
			mustPutVectors(t, db, "m", retrievaltest.NumberedVectors(1, 9, 3))
			mustActivate(t, db, "l")
			mustActivate(t, db, "m")
			if err := db.Check(t.Context()); err != nil {
				t.Fatal(err)
			}
			mustExec(t, raw(t, path), statement)
			wantKind(t, db.Check(t.Context()), sqlite.Corrupt)
		})
	}
}

// What fails half-way leaves nothing.
func TestVectorsFailHalfWay(t *testing.T) {
	path := filepath.Join(t.TempDir(), sqlite.FileName)
	db := openAt(t, path, sqlite.Options{})
	list := retrievaltest.NumberedVectors(1, 20, 3)
	mustPutVectors(t, db, "m", list[:5])
	mustActivate(t, db, "a")
	mustActivate(t, db, "b")
	other := raw(t, path)
	for _, tt := range []struct {
		trigger string
		run     func() error
	}{
		{`INSERT ON vectors WHEN NEW.key LIKE '%f'`, func() error { return db.PutVectors(t.Context(), "m", list) }},
		{`INSERT ON vectors WHEN NEW.key LIKE '%f'`, func() error { return db.PutVectors(t.Context(), "n", list) }},
		{`DELETE ON models`, func() error { return db.DropVectors(t.Context(), "m") }},
		{`UPDATE ON collections WHEN NEW.role = 'active'`, func() error {
			return db.Activate(t.Context(), retrieval.Collection{Model: "c", Dimensions: 1})
		}},
	} {
		mustExec(t, other, `CREATE TRIGGER fault BEFORE `+tt.trigger+` BEGIN SELECT RAISE(ABORT, 'fault'); END`)
		if err := tt.run(); err == nil || !strings.Contains(err.Error(), "fault") {
			t.Errorf("%s: error %v, want the fault", tt.trigger, err)
		}
		mustExec(t, other, "DROP TRIGGER fault")
		retrievaltest.WantVectors(t, db, "m", list[:5])
		retrievaltest.WantVectors(t, db, "n", nil)
		wantActive(t, db, "b", "a")
		mustPutVectors(t, db, "n", nil) // the lock is free
	}
	mustPutVectors(t, db, "n", retrievaltest.NumberedVectors(1, 20, 4)) // of no length yet
}

// While another process writes, reading goes on and writing gives up in time.
func TestVectorsLocked(t *testing.T) {
	path := filepath.Join(t.TempDir(), sqlite.FileName)
	db := openAt(t, path, sqlite.Options{BusyTimeout: 50 * time.Millisecond})
	list := retrievaltest.NumberedVectors(1, 20, 3)
	mustPutVectors(t, db, "m", list)
	mustActivate(t, db, "a")
	mustActivate(t, db, "b")
	other := raw(t, path)
	mustExec(t, other, "BEGIN EXCLUSIVE")
	wantKind(t, db.PutVectors(t.Context(), "n", list), sqlite.Locked)
	wantKind(t, db.Activate(t.Context(), retrieval.Collection{Model: "c", Dimensions: 1}), sqlite.Locked)
	wantKind(t, db.DropVectors(t.Context(), "m"), sqlite.Locked)
	retrievaltest.WantVectors(t, db, "m", list)
	wantActive(t, db, "b", "a")
	mustExec(t, other, "ROLLBACK")
	mustPutVectors(t, db, "n", list)
}

// Loops that are cut short by their context at any moment lose no connection.
func TestVectorConnectionsReturn(t *testing.T) {
	db := openNew(t)
	list := retrievaltest.NumberedVectors(1, 200, 50)
	mustPutVectors(t, db, "m", list)
	for i := range 60 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*40*time.Microsecond)
		for _, err := range db.Vectors(ctx, "m") {
			if err != nil && !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("error %v, want the context's", err)
			}
		}
		for _, err := range []error{
			second(db.Collections(ctx)),
			db.PutVectors(ctx, fmt.Sprint("model ", i), list),
			db.DropVectors(ctx, fmt.Sprint("model ", i)),
		} {
			if err != nil && !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("error %v, want the context's", err)
			}
		}
		cancel()
	}
	retrievaltest.WantVectors(t, db, "m", list)
	mustPutVectors(t, db, "n", list)
}
