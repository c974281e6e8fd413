package sqlite_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"policybot/bot/journal"
	"policybot/bot/sqlite"
)

const (
	childEnv = "POLICYBOT_CHILD_DB"    // set in the child alone: the file it writes to
	firstEnv = "POLICYBOT_CHILD_FIRST" // the number of its first question
	killsEnv = "POLICYBOT_KILLS"       // how often to kill; 8 when not set
	seedEnv  = "POLICYBOT_KILL_SEED"   // 1 when not set

	killsPerFile = 8 // then a new file, so that setting up is killed too
)

// clock is the time of the nth question. The leases of a child that was killed
// are over after as many questions as seconds.
func clock(n int) time.Time { return start.Add(time.Duration(n) * time.Second) }

// child accepts questions and takes others through their lives until it is
// killed. It prints what was acknowledged: a word and the question's id.
func child(path string, first int) error {
	ctx := context.Background()
	db, err := sqlite.Open(ctx, path, sqlite.Options{})
	if err != nil {
		return err
	}
	defer db.Close()
	for n := first; ; n++ {
		for range 1 + n%2 { // every second one arrives twice
			if _, err := db.Accept(ctx, arrival(n, fmt.Sprintf("user%d", n%5), "text", clock(n))); err != nil {
				return err
			}
			fmt.Printf("accepted q%d\n", n)
		}
		if err := step(ctx, db, clock(n), func(what, id string) { fmt.Println(what, id) }); err != nil {
			return err
		}
	}
}

// step claims and completes the next question and delivers the next document,
// where there is one.
func step(ctx context.Context, db *sqlite.DB, now time.Time, done func(what, id string)) error {
	until := now.Add(time.Second)
	c, err := db.Claim(ctx, journal.ClaimOptions{Now: now, Until: until})
	if err == nil {
		done("claimed", c.Question.ID)
		if err := db.Complete(ctx, c, result("answer", "button of "+c.Question.ID, now)); err != nil {
			return err
		}
		done("answered", c.Question.ID)
	} else if !errors.Is(err, journal.ErrNone) {
		return err
	}
	d, err := db.Next(ctx, journal.NextOptions{Now: now, Until: until})
	if errors.Is(err, journal.ErrNone) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := db.Posted(ctx, d, now, "receipt", journal.Pause{}); err != nil {
		return err
	}
	done("posted", d.Question)
	return nil
}

// TestKill kills a writing process again and again, at any moment from its
// start on, and wants everything for which a method had returned.
func TestKill(t *testing.T) {
	if path := os.Getenv(childEnv); path != "" {
		first, _ := strconv.Atoi(os.Getenv(firstEnv))
		fmt.Fprintln(os.Stderr, "child:", child(path, first))
		os.Exit(1)
	}
	kills, seed := envInt(t, killsEnv, 8), envInt(t, seedEnv, 1)
	random := rand.New(rand.NewPCG(uint64(seed), 0))
	var path string
	var next, total, lines int
	printed := map[string]string{} // the last word of each question of this file
	for i := range kills {
		if i%killsPerFile == 0 {
			path, next, printed = filepath.Join(t.TempDir(), sqlite.FileName), 0, map[string]string{}
		}
		lines += killOnce(t, random, path, next, printed)
		stored := verify(t, path, printed)
		total += stored - next
		next = stored
		if t.Failed() {
			t.Fatalf("after kill %d of %d, seed %d", i+1, kills, seed)
		}
		if i%killsPerFile == killsPerFile-1 || i == kills-1 {
			finish(t, path, next)
		}
	}
	t.Logf("seed %d: %d kills, %d questions, %d acknowledgements, 0 lost", seed, kills, total, lines)
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

// killOnce starts a child, kills it, and notes the last that it acknowledged of
// each question. A third of the kills come at any moment after the start, the
// others after the first acknowledgement. It returns how many there were.
func killOnce(t *testing.T, random *rand.Rand, path string, first int, printed map[string]string) int {
	t.Helper()
	cmd, out := startChild(t, path, first)
	kill := func() {
		if err := cmd.Process.Kill(); err != nil {
			t.Errorf("kill: %v", err)
		}
	}
	afterFirst := time.Duration(random.Int64N(int64(150 * time.Millisecond)))
	killAtStart := random.IntN(3) == 0
	if killAtStart {
		defer time.AfterFunc(afterFirst, kill).Stop()
	}
	lines := 0
	for in := bufio.NewReader(out); ; lines++ {
		line, err := in.ReadString('\n')
		if err != nil {
			break // a line that was cut off does not count
		}
		what, id, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok {
			t.Errorf("the child prints %q", line)
		}
		if lines == 0 && !killAtStart {
			defer time.AfterFunc(afterFirst, kill).Stop()
		}
		printed[id] = what
	}
	if err := cmd.Wait(); err == nil || cmd.ProcessState.Exited() {
		t.Errorf("the child was not killed: %v", err)
	}
	return lines
}

// startChild runs this test binary as a child and returns what it prints.
func startChild(t *testing.T, path string, first int) (*exec.Cmd, io.Reader) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestKill$")
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

// verify opens the file after a kill and compares it with what the children
// printed. It returns how many questions there are.
func verify(t *testing.T, path string, printed map[string]string) int {
	t.Helper()
	db, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	must(t, err)
	defer db.Close()
	if err := db.Check(t.Context()); err != nil {
		t.Error(err)
	}
	states := map[string]journal.State{}
	for q, err := range db.Entries(t.Context(), journal.Filter{}) {
		must(t, err)
		if want := fmt.Sprintf("q%d", q.Seq-1); q.ID != want || q.Text != "text" {
			t.Errorf("question %d is %s %q, want %s", q.Seq, q.ID, q.Text, want)
		}
		states[q.ID] = q.State
	}
	for id, what := range printed {
		state := states[id]
		switch {
		case state == "", what == "posted" && state != journal.Closed,
			what == "answered" && state != journal.Answered && state != journal.Closed,
			what == "claimed" && state == journal.Waiting:
			t.Errorf("question %s is %q, acknowledged was %s", id, state, what)
		}
	}
	return len(states)
}

// finish takes every question to its end and wants one answer and one final
// delivery for each.
func finish(t *testing.T, path string, questions int) {
	t.Helper()
	db, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	must(t, err)
	defer db.Close()
	for i := range 2*questions + 2 {
		must(t, step(t.Context(), db, clock(questions+10*i), func(string, string) {}))
	}
	must(t, db.Check(t.Context()))
	for n := range questions {
		e, err := db.Entry(t.Context(), fmt.Sprintf("q%d", n))
		must(t, err)
		answered := 0
		for _, s := range e.Steps {
			if s.Name == "answered" {
				answered++
			}
		}
		if e.Question.State != journal.Closed || answered != 1 || len(e.Deliveries) != 1 {
			t.Errorf("question %d is %s, answered %d times, with %d deliveries; want it closed and one of each",
				n, e.Question.State, answered, len(e.Deliveries))
		}
	}
}
