package sqlite_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"policybot/retrieval"
	"policybot/retrieval/retrievaltest"
	"policybot/retrieval/sqlite"
)

// editions is how many versions of document 0 there are while the child goes back and forth.
const editions = 3

// move is the step-th way of the child: from one version to another, 0 for withdrawn.
func move(step int) (from, to int) {
	way := []int{3, 1, 2, 0, 1, 3, 2, 1, 0}
	return way[step%len(way)], way[(step+1)%len(way)]
}

// goBackAndForth makes earlier versions current until it is killed, and attaches to each step
// what the step is. It prints the number of each step that is done.
func goBackAndForth(path string, first int) error {
	ctx := context.Background()
	db, err := sqlite.Open(ctx, path, sqlite.Options{})
	if err != nil {
		return err
	}
	defer db.Close()
	for step := first; ; step++ {
		doc, _, _ := retrievaltest.Numbered(0, 1, 1)
		from, to := move(step)
		e := retrieval.Edit{ID: doc.ID, From: from, To: to, Attach: []retrieval.Attachment{named("step", "at", strconv.Itoa(step))}}
		if _, err := db.Edit(ctx, e); err != nil {
			return err
		}
		fmt.Printf("step %d\n", step)
	}
}

// TestKillRevert kills a process that goes back and forth between versions, and wants the last
// step that it has told of, or the one after it, whole: with its attachment, and nothing lost.
func TestKillRevert(t *testing.T) {
	if path := os.Getenv(childEnv); path != "" {
		first, _ := strconv.Atoi(os.Getenv(firstEnv))
		fmt.Fprintln(os.Stderr, "child:", goBackAndForth(path, first))
		os.Exit(1)
	}
	random := rand.New(rand.NewPCG(uint64(envInt(t, seedEnv, 1)), 1))
	path := filepath.Join(t.TempDir(), sqlite.FileName)
	db := openAt(t, path, sqlite.Options{})
	for n := 1; n <= editions; n++ {
		mustPut(t, db, 0, n, 1+n)
	}
	closeDB(t, db)
	next := 0
	for range envInt(t, killsEnv, 8) {
		done := next
		killChild(t, random, "TestKillRevert", path, next, func(line string) {
			if _, err := fmt.Sscanf(line, "step %d\n", &done); err != nil {
				t.Errorf("the child prints %q", line)
			}
			done++
		})
		next = wantStep(t, path, done)
	}
	t.Logf("%d steps", next)
}

// wantStep wants the file to be as after so many steps, or one more, and returns how many it is.
func wantStep(t *testing.T, path string, done int) int {
	t.Helper()
	db := openAt(t, path, sqlite.Options{})
	if err := db.Check(t.Context()); err != nil {
		t.Error(err)
	}
	doc, _, _ := retrievaltest.Numbered(0, 1, 1)
	list, err := db.Versions(t.Context(), doc.ID)
	if err != nil || len(list) != editions {
		t.Fatalf("%d versions, %v", len(list), err)
	}
	at, err := db.Attachments(t.Context(), "step")
	if err != nil {
		t.Fatal(err)
	}
	steps, want := 0, editions
	if len(at) == 1 {
		steps, _ = strconv.Atoi(string(at[0].Data))
		_, want = move(steps)
		steps++
	}
	if current := retrieval.CurrentOf(list); current != want || steps != done && steps != done+1 {
		t.Fatalf("version %d after %d steps, want version %d; %d were told of", current, steps, want, done)
	}
	closeDB(t, db)
	return steps
}

// A file of before documents could be withdrawn lists them all.
func TestWithdrawnMigration(t *testing.T) {
	path := realFile(t)
	mustExec(t, raw(t, path), `ALTER TABLE documents DROP COLUMN withdrawn; DELETE FROM schema_migrations WHERE version = 5`)
	_, err := sqlite.Open(t.Context(), path, sqlite.Options{ReadOnly: true})
	wantKind(t, err, sqlite.OlderSchema)
	db := openAt(t, path, sqlite.Options{})
	docs, err := db.Documents(t.Context())
	if err != nil || len(docs) != 30 {
		t.Errorf("%d documents, %v; want 30", len(docs), err)
	}
	list, err := db.Versions(t.Context(), docs[0].ID)
	if err != nil || retrieval.CurrentOf(list) != docs[0].Version || time.Since(list[0].StoredAt) > time.Hour {
		t.Errorf("versions %+v, %v", list, err)
	}
	if gone, err := db.Withdrawn(t.Context()); err != nil || len(gone) != 0 {
		t.Errorf("withdrawn are %v, %v", gone, err)
	}
}

// An edit that fails half-way leaves nothing, and Check knows versions that are missing or none.
func TestEditFaults(t *testing.T) {
	path := filepath.Join(t.TempDir(), sqlite.FileName)
	db := openAt(t, path, sqlite.Options{})
	for n := 1; n <= editions; n++ {
		mustPut(t, db, 0, n, 1+n)
	}
	doc, _, _ := retrievaltest.Numbered(0, 1, 1)
	other := raw(t, path)
	mustExec(t, other, `CREATE TRIGGER fault BEFORE INSERT ON attachments BEGIN SELECT RAISE(ABORT, 'fault'); END`)
	for _, to := range []int{0, 1} {
		_, err := db.Edit(t.Context(), retrieval.Edit{ID: doc.ID, From: 3, To: to, Attach: []retrieval.Attachment{named("k", "a", "x")}})
		if err == nil || !strings.Contains(err.Error(), "fault") {
			t.Errorf("error %v, want the fault", err)
		}
		if docs, err := db.Documents(t.Context()); err != nil || len(docs) != 1 || docs[0].Version != 3 {
			t.Errorf("documents %v, %v", docs, err)
		}
	}
	mustExec(t, other, `DROP TRIGGER fault`)
	for _, way := range []struct{ from, to int }{{3, 2}, {2, 0}} {
		if _, err := db.Edit(t.Context(), retrieval.Edit{ID: doc.ID, From: way.from, To: way.to}); err != nil {
			t.Error(err)
		}
		if err := db.Check(t.Context()); err != nil {
			t.Error(err)
		}
	}
	mustExec(t, other, `UPDATE documents SET version = 4`)
	wantKind(t, db.Check(t.Context()), sqlite.Corrupt)
	mustExec(t, other, `UPDATE documents SET version = 1`)
	wantKind(t, db.Check(t.Context()), sqlite.Corrupt)
	mustExec(t, other, `UPDATE documents SET version = 2`) // as it was
}
