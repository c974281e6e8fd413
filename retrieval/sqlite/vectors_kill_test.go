package sqlite_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"policybot/retrieval"
	"policybot/retrieval/retrievaltest"
	"policybot/retrieval/sqlite"
)

// The child of TestKillVectors builds one model after the other: it puts its
// batches, activates it and drops the one before the previous.
const (
	killBatches   = 4  // of each model
	killBatch     = 25 // vectors
	killDimension = 64
)

func killModel(m int) string { return fmt.Sprintf("model %d", m) }

// batchVectors are those of batch n, counted through all models.
func batchVectors(n int) []retrieval.StoredVector {
	list := retrievaltest.NumberedVectors(n/killBatches, killBatches*killBatch, killDimension)
	return list[n%killBatches*killBatch:][:killBatch]
}

// vectorChild prints "put N" after each batch, and "activate M" and "drop M".
func vectorChild(path string, first int) error {
	ctx := context.Background()
	db, err := sqlite.Open(ctx, path, sqlite.Options{})
	if err != nil {
		return err
	}
	defer db.Close()
	for n := first; ; n++ {
		m := n / killBatches
		if err := db.PutVectors(ctx, killModel(m), batchVectors(n)); err != nil {
			return err
		}
		fmt.Printf("put %d\n", n)
		if n%killBatches < killBatches-1 {
			continue
		}
		if err := db.Activate(ctx, killCollection(m)); err != nil {
			return err
		}
		fmt.Printf("activate %d\n", m)
		if err := db.DropVectors(ctx, killModel(m-2)); err != nil {
			return err
		}
		fmt.Printf("drop %d\n", m-2)
	}
}

func killCollection(m int) retrieval.Collection {
	return retrieval.Collection{Model: killModel(m), Dimensions: killDimension, Weight: float64(m) / 7, Report: strconv.Itoa(m)}
}

// TestKillVectors kills a process that builds models again and again, at any
// moment from its start on. Every batch for which PutVectors had returned must
// be there, whole; the model that was activated last, or is the next to be,
// must be active; and the next process must be able to go on.
func TestKillVectors(t *testing.T) {
	if path := os.Getenv(childEnv); path != "" {
		first, _ := strconv.Atoi(os.Getenv(firstEnv))
		fmt.Fprintln(os.Stderr, "child:", vectorChild(path, first))
		os.Exit(1)
	}
	kills, seed := envInt(t, killsEnv, 5), envInt(t, seedEnv, 1)
	random := rand.New(rand.NewPCG(uint64(seed), 1))
	var path string
	var state killState
	var total, early, pending int
	for i := range kills {
		if i%killsPerFile == 0 {
			path, state = filepath.Join(t.TempDir(), sqlite.FileName), killState{0, -1, -3}
		}
		before := state
		state = killVectorsOnce(t, random, path, before)
		total += state.put - before.put
		if state == before {
			early++
		}
		stored := verifyVectors(t, path, state)
		if stored != state {
			pending++
		}
		state = stored
		if t.Failed() {
			t.Fatalf("after kill %d of %d, seed %d", i+1, kills, seed)
		}
	}
	t.Logf("seed %d: %d kills, %d batches acknowledged, 0 lost; %d kills before anything new, %d with something stored and not yet acknowledged",
		seed, kills, total, early, pending)
}

// A killState is how far the child has come.
type killState struct {
	put     int // batches 0 to put-1
	active  int // model; -1 before the first
	dropped int // the last model dropped; the first that there is to drop is -2
}

// killVectorsOnce starts a child, kills it, and returns what it acknowledged.
// It starts with the last batch there is, since what comes after that may not
// have been done. A third of the kills come at any moment after the start, the
// others after the first acknowledgement.
func killVectorsOnce(t *testing.T, random *rand.Rand, path string, state killState) killState {
	t.Helper()
	cmd, out := startChild(t, "TestKillVectors", path, max(0, state.put-1))
	kill := func() {
		if err := cmd.Process.Kill(); err != nil {
			t.Errorf("kill: %v", err)
		}
	}
	wait := time.Duration(random.Int64N(int64(60 * time.Millisecond)))
	started := random.IntN(3) == 0
	if started {
		time.AfterFunc(wait, kill)
	}
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			break // a line that was cut off does not count
		}
		if !started {
			started = true
			time.AfterFunc(wait, kill)
		}
		var what string
		var n int
		if _, err := fmt.Sscanf(line, "%s %d\n", &what, &n); err != nil {
			t.Errorf("the child prints %q", line)
		}
		switch what {
		case "put":
			state.put = max(state.put, n+1)
		case "activate":
			state.active = n
		case "drop":
			state.dropped = n
		}
	}
	if err := cmd.Wait(); err == nil || cmd.ProcessState.Exited() {
		t.Errorf("the child was not killed: %v", err)
	}
	return state
}

// verifyVectors opens the file after a kill and returns how far the child has
// come, which is as far as it acknowledged, or one step further.
func verifyVectors(t *testing.T, path string, acknowledged killState) killState {
	t.Helper()
	db, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer closeDB(t, db)
	if err := db.Check(t.Context()); err != nil {
		t.Error(err)
	}
	stored := acknowledged
	now, err := db.Collections(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if now.Active != nil && *now.Active == killCollection(stored.active+1) {
		stored.active++
	}
	for m, got := range map[int]*retrieval.Collection{stored.active: now.Active, stored.active - 1: now.Previous} {
		if want := killCollection(m); (got != nil) != (m >= 0) || got != nil && *got != want {
			t.Errorf("collection is %+v, want %+v", got, want)
		}
	}
	if n := countVectors(t, db, stored.put/killBatches); n > stored.put%killBatches*killBatch {
		stored.put++
	}
	if next := stored.dropped + 1; next >= 0 && next < stored.active-1 && countVectors(t, db, next) == 0 {
		stored.dropped++
	}
	steps := stored.put - acknowledged.put + stored.active - acknowledged.active + stored.dropped - acknowledged.dropped
	if steps > 1 {
		t.Errorf("acknowledged is %+v, stored %+v", acknowledged, stored)
	}
	for m := range stored.put/killBatches + 2 {
		var want []retrieval.StoredVector
		for n := m * killBatches; m > stored.dropped && n < min(stored.put, (m+1)*killBatches); n++ {
			want = append(want, batchVectors(n)...)
		}
		retrievaltest.WantVectors(t, db, killModel(m), want)
	}
	return stored
}

func countVectors(t *testing.T, db *sqlite.DB, m int) int {
	t.Helper()
	n := 0
	for _, err := range db.Vectors(t.Context(), killModel(m)) {
		if err != nil {
			t.Error(err)
		}
		n++
	}
	return n
}
