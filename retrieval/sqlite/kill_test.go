package sqlite_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"sync"
	"testing"
	"time"

	"policybot/retrieval"
	"policybot/retrieval/retrievaltest"
	"policybot/retrieval/sqlite"
)

const (
	childEnv = "POLICYBOT_CHILD_DB"    // set in the child alone: the file it writes to
	firstEnv = "POLICYBOT_CHILD_FIRST" // the number of its first document
	killsEnv = "POLICYBOT_KILLS"       // how often to kill; 8 when not set
	seedEnv  = "POLICYBOT_KILL_SEED"   // 1 when not set

	killsPerFile = 8 // then a new file, so that setting up is killed too
)

// clauseCount varies the size of the numbered documents.
func clauseCount(n int) int { return 1 + n*7%30 }

// child puts documents until it is killed, or limit of them. It prints "put N
// EDITION" after each Put; every third document gets a second edition at once.
func child(path string, first, limit int) error {
	db, err := sqlite.Open(context.Background(), path, sqlite.Options{})
	if err != nil {
		return err
	}
	defer db.Close()
	for n := first; n < first+limit; n++ {
		for edition := 1; edition == 1 || edition == 2 && n%3 == 0; edition++ {
			doc, text, list := retrievaltest.Numbered(n, edition, clauseCount(n))
			if _, err := db.Put(context.Background(), doc, text, list); err != nil {
				return err
			}
			fmt.Printf("put %d %d\n", n, edition)
		}
	}
	return nil
}

// startChild runs this test binary as a child and returns what it prints.
func startChild(t *testing.T, test, path string, first int) (*exec.Cmd, io.Reader) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^"+test+"$")
	cmd.Env = append(os.Environ(), childEnv+"="+path, firstEnv+"="+strconv.Itoa(first))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, out
}

// runChild is what the child does instead of the test.
func runChild(limit int) {
	first, _ := strconv.Atoi(os.Getenv(firstEnv))
	if err := child(os.Getenv(childEnv), first, limit); err != nil {
		fmt.Fprintln(os.Stderr, "child:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// TestKill kills a writing process again and again, at any moment from its
// start on, and wants every document for which Put had returned, whole.
func TestKill(t *testing.T) {
	if os.Getenv(childEnv) != "" {
		runChild(1 << 30)
	}
	kills, seed := envInt(t, killsEnv, 8), envInt(t, seedEnv, 1)
	random := rand.New(rand.NewPCG(uint64(seed), 0))
	var path string
	var next, total, pending, early int
	for i := range kills {
		if i%killsPerFile == 0 {
			path, next = filepath.Join(t.TempDir(), sqlite.FileName), 0
		}
		printed := killOnce(t, random, path, next)
		stored := verify(t, path, next, printed)
		total += len(printed)
		if len(printed) == 0 {
			early++
		}
		if stored > len(printed) {
			pending++
		}
		next += stored
		if t.Failed() {
			t.Fatalf("after kill %d of %d, seed %d", i+1, kills, seed)
		}
	}
	t.Logf("seed %d: %d kills, %d documents acknowledged, 0 lost; %d kills before the first, %d with one stored and not yet acknowledged",
		seed, kills, total, early, pending)
}

func envInt(t *testing.T, name string, otherwise int) int {
	t.Helper()
	s := os.Getenv(name)
	if s == "" {
		return otherwise
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// killOnce starts a child, kills it, and returns the last edition that it
// acknowledged of each document. A third of the kills come at any moment after
// the start, the others after the first acknowledgement.
func killOnce(t *testing.T, random *rand.Rand, path string, first int) map[int]int {
	t.Helper()
	printed := make(map[int]int)
	killChild(t, random, "TestKill", path, first, func(line string) {
		var n, edition int
		if _, err := fmt.Sscanf(line, "put %d %d\n", &n, &edition); err != nil {
			t.Errorf("the child prints %q", line)
		}
		printed[n] = edition
	})
	return printed
}

// killChild starts a child, kills it, and gives every line that it has printed whole.
func killChild(t *testing.T, random *rand.Rand, test, path string, first int, line func(string)) {
	t.Helper()
	cmd, out := startChild(t, test, path, first)
	kill := func() {
		if err := cmd.Process.Kill(); err != nil {
			t.Errorf("kill: %v", err)
		}
	}
	afterFirst := time.Duration(random.Int64N(int64(60 * time.Millisecond)))
	if random.IntN(3) == 0 {
		time.AfterFunc(afterFirst, kill)
		afterFirst = -1
	}
	lines := bufio.NewReader(out)
	for began := false; ; began = true {
		text, err := lines.ReadString('\n')
		if err != nil {
			break // a line that was cut off does not count
		}
		if !began && afterFirst >= 0 {
			time.AfterFunc(afterFirst, kill)
		}
		line(text)
	}
	if err := cmd.Wait(); err == nil || cmd.ProcessState.Exited() {
		t.Errorf("the child was not killed: %v", err)
	}
}

// verify opens the file after a kill and returns how many documents from
// first on are there: those printed, and at most one more.
func verify(t *testing.T, path string, first int, printed map[int]int) int {
	t.Helper()
	db, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer closeDB(t, db)
	if err := db.Check(t.Context()); err != nil {
		t.Error(err)
	}
	docs, err := db.Documents(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(docs) < first {
		t.Fatalf("%d documents, there were %d", len(docs), first)
	}
	docs = docs[first:]
	if len(docs) != len(printed) && len(docs) != len(printed)+1 {
		t.Errorf("%d new documents, %d acknowledged", len(docs), len(printed))
	}
	for i, d := range docs {
		n := first + i
		if d.Version < printed[n] || d.Version > 2 {
			t.Errorf("document %d has version %d, acknowledged is %d", n, d.Version, printed[n])
		}
		wantWhole(t, db, d, n)
	}
	return len(docs)
}

// wantWhole wants d to be the numbered document n in the edition of its
// version, with every clause once.
func wantWhole(t *testing.T, db *sqlite.DB, d retrieval.Document, n int) {
	t.Helper()
	want, _, list := retrievaltest.Numbered(n, d.Version, clauseCount(n))
	if d.ID != want.ID || d.Clauses != len(list) {
		t.Errorf("document %d is %s with %d clauses, want %s with %d", n, d.ID, d.Clauses, want.ID, len(list))
	}
	var ids []string
	for i := range list {
		list[i].Document = d
		ids = append(ids, list[i].ID)
	}
	if got, err := db.Clauses(t.Context(), d.ID); err != nil || !reflect.DeepEqual(got, list) {
		t.Errorf("clauses of document %d: %+v, %v; want %+v", n, got, err, list)
	}
	if got, err := db.Lookup(t.Context(), ids); err != nil || !reflect.DeepEqual(got, list) {
		t.Errorf("clauses of document %d looked up: %+v, %v; want %+v", n, got, err, list)
	}
}

// TestProcessesAtOnce has processes set up a new file and write to it at once.
func TestProcessesAtOnce(t *testing.T) {
	const processes, each = 4, 15
	if os.Getenv(childEnv) != "" {
		runChild(each)
	}
	path := filepath.Join(t.TempDir(), sqlite.FileName)
	var wg sync.WaitGroup
	for i := range processes {
		cmd, out := startChild(t, "TestProcessesAtOnce", path, i*each)
		wg.Go(func() {
			io.Copy(io.Discard, out)
			if err := cmd.Wait(); err != nil {
				t.Errorf("process %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	printed := make(map[int]int)
	for n := range processes * each {
		printed[n] = 1
	}
	if n := verify(t, path, 0, printed); n != len(printed) {
		t.Errorf("%d documents, want %d", n, len(printed))
	}
}
