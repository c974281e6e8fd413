package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"policybot/retrieval"
)

const (
	killsEnv = "POLICYBOT_KILLS"     // how often to kill; 5 when not set
	seedEnv  = "POLICYBOT_KILL_SEED" // to repeat a run; from the clock when not set

	killFiles      = 500
	killsPerFolder = 5 // then a new data folder, so that setting up is killed too
)

// A killed run of index.
type killed struct {
	lines []indexLine // that it had printed
	stage string      // where the kill hit it
}

// Stages of a run of index.
const (
	stageStart  = "before the first file" // making the database, the seeds, the search index
	stageFiles  = "among the files"
	stageFinish = "after the last file" // building the search index
	stageOver   = "too late"
)

func envInt(t *testing.T, name string, otherwise int64) int64 {
	t.Helper()
	s := os.Getenv(name)
	if s == "" {
		return otherwise
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// TestKillDuringIndex kills index again and again while it adds files to one
// data folder. After every kill the folder must be whole and hold each file
// whose line was printed; in the end a run that is left alone completes it.
func TestKillDuringIndex(t *testing.T) {
	t.Parallel()
	kills, seed := int(envInt(t, killsEnv, 5)), envInt(t, seedEnv, time.Now().UnixNano())
	t.Logf("%s=%d", seedEnv, seed)
	random := rand.New(rand.NewPCG(uint64(seed), 0))
	dir, words := smallFolder(t, killFiles)
	stages := map[string]int{}
	for done := 0; done < kills && !t.Failed(); {
		data := filepath.Join(t.TempDir(), "data")
		var held map[string]bool
		anyMoment, last := 1+random.IntN(killsPerFolder), random.IntN(2)
		for left := min(killsPerFolder, kills-done); left > 0 && !t.Failed(); left-- {
			when := among(random, len(held), left)
			switch left {
			case anyMoment:
				when = delay{-1, upTo(random, 200*time.Millisecond)}
			case last:
				when = delay{killFiles - len(held), upTo(random, 60*time.Millisecond)}
			}
			k := killIndex(t, data, dir, when)
			stages[k.stage]++
			held = wantAcknowledged(t, random, data, words, held, k.lines)
			done++
		}
		goOn(t, data, dir, words, held)
	}
	t.Logf("%d kills hit: %v", kills, stages)
	if stages[stageFiles] < kills/2 {
		t.Errorf("only %d of %d kills hit among the files", stages[stageFiles], kills)
	}
}

// A delay says when to kill: some time after the start, or after a number of
// files have been added.
type delay struct {
	files int // -1: from the start
	then  time.Duration
}

// among spreads the kills that are left over the files that are left.
func among(random *rand.Rand, held, left int) delay {
	most := max(1, 2*(killFiles-held)/(left+1)) // so that on average an equal part is left at the end
	return delay{1 + random.IntN(most), upTo(random, 10*time.Millisecond)}
}

func upTo(random *rand.Rand, most time.Duration) time.Duration {
	return time.Duration(random.Int64N(int64(most)))
}

// killIndex starts index and kills it.
func killIndex(t *testing.T, data, dir string, when delay) killed {
	t.Helper()
	cmd := program("--data", data, "index", "--json", dir)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill := func() { _ = cmd.Process.Kill() }
	if when.files < 0 {
		time.AfterFunc(when.then, kill)
	}
	k := killed{stage: stageStart}
	added := 0
	for r := bufio.NewReader(out); ; {
		line, err := r.ReadBytes('\n')
		if err != nil {
			break // a line that was cut off does not count
		}
		var l indexLine
		if err := json.Unmarshal(line, &l); err != nil {
			t.Errorf("index prints %q: %v", line, err)
		}
		k.lines = append(k.lines, l)
		if l.Result == string(retrieval.Added) {
			if added++; added == when.files {
				time.AfterFunc(when.then, kill)
			}
		}
	}
	err = cmd.Wait()
	switch {
	case cmd.ProcessState.Exited():
		k.stage = stageOver
		if err != nil {
			t.Errorf("index: %v\n%s", err, &stderr)
		}
	case len(k.lines) == killFiles:
		k.stage = stageFinish
	case len(k.lines) > 0:
		k.stage = stageFiles
	}
	return k
}

// wantAcknowledged checks a data folder after a kill and returns the documents
// of files that it holds: those from before, those of the lines, and at most one
// more, each whole.
func wantAcknowledged(t *testing.T, random *rand.Rand, data string, words []string, before map[string]bool, lines []indexLine) map[string]bool {
	t.Helper()
	want := map[string]bool{}
	for id := range before {
		want[id] = true
	}
	for _, l := range lines {
		if l.Result == string(retrieval.Added) == before[l.Document] {
			t.Errorf("%s was held: %t, and its line says %s", l.Document, before[l.Document], l.Result)
		}
		want[l.Document] = true
	}
	pb(t, data, "doctor").want(t, exitOK)
	held := map[string]bool{}
	var its []string
	for _, d := range documents(t, data) {
		if held[d.ID] {
			t.Errorf("%s is listed twice", d.ID)
		}
		n, err := strconv.Atoi(strings.TrimPrefix(d.ID, "policy-"))
		if err != nil {
			continue // a seed
		}
		held[d.ID] = true
		its = append(its, words[n])
		if d.Clauses != 4 || d.Version != 1 {
			t.Errorf("%s has version %d with %d clauses", d.ID, d.Version, d.Clauses)
		}
	}
	for id := range want {
		if !held[id] {
			t.Errorf("%s was added and is gone", id)
		}
	}
	if len(held) > len(want)+1 {
		t.Errorf("%d documents, %d were added", len(held), len(want))
	}
	hits := found(t, data, its...)
	for _, word := range its {
		if n := slices.Index(words, word); !slices.Equal(hits[word], []string{documentOf(n)}) {
			t.Errorf("%s is found in %q, want %s", word, hits[word], documentOf(n))
		}
	}
	for range min(3, len(its)) {
		word := its[random.IntN(len(its))]
		list := clauses(t, data, documentOf(slices.Index(words, word)))
		if len(list) != 4 || !strings.Contains(list[2].Text, word) || !strings.Contains(list[3].Text, word) {
			t.Errorf("clauses of %s: %+v", word, list)
		}
	}
	return held
}

// goOn lets index complete a folder, and run once more with nothing to do.
func goOn(t *testing.T, data, dir string, words []string, held map[string]bool) {
	t.Helper()
	for id, l := range index(t, data, exitOK, dir) {
		want := string(retrieval.Added)
		if held[l.Document] {
			want = string(retrieval.Unchanged)
		}
		if l.Result != want {
			t.Errorf("%s is %s, want %s", id, l.Result, want)
		}
	}
	wantWhole(t, data, words)
	again := index(t, data, exitOK, dir)
	for id, l := range again {
		if l.Result != string(retrieval.Unchanged) {
			t.Errorf("%s is %s when run again", id, l.Result)
		}
	}
	if len(again) != killFiles {
		t.Errorf("%d files, want %d", len(again), killFiles)
	}
	if left, err := filepath.Glob(filepath.Join(data, retrieval.LexicalFile+".*")); err != nil || len(left) > 0 {
		t.Logf("left behind by kills: %d files", len(left))
	}
}

// TestInterrupt: a person who stops index gets one line, and the next run goes
// on.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	dir, words := smallFolder(t, 120)
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		data := seeded(t)
		lines := interrupt(t, program("--data", data, "--lang", "en", "index", "--json", dir), signal, 10)
		held := map[string]bool{}
		for _, line := range lines {
			var l indexLine
			if err := json.Unmarshal([]byte(line), &l); err != nil {
				t.Fatal(err)
			}
			held[l.Document] = true
		}
		if len(lines) == len(words) {
			t.Errorf("%v came after the last file", signal)
		}
		for _, l := range index(t, data, exitOK, dir) {
			if held[l.Document] != (l.Result == string(retrieval.Unchanged)) {
				t.Errorf("%s was added: %t, now %s", l.Document, held[l.Document], l.Result)
			}
		}
		wantWhole(t, data, words)
	}
}

// TestInterruptBatch: the answers that were printed are whole.
func TestInterruptBatch(t *testing.T) {
	data := seeded(t)
	batch := write(t, t.TempDir(), "batch", strings.Repeat(`{"id":"x","question":"`+listingQuestion+`"}`+"\n", 20000))
	for _, line := range interrupt(t, program("--data", data, "ask", "--json", "--batch", batch), os.Interrupt, 3) {
		var v object
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatalf("%v: %q", err, line)
		}
	}
}

// setPipeSize is F_SETPIPE_SZ of fcntl(2) on Linux.
const setPipeSize = 1031

// interrupt sends a signal after some lines and returns all that were printed.
// It wants exit code 1 and one line on standard error.
func interrupt(t *testing.T, cmd *exec.Cmd, signal os.Signal, after int) []string {
	t.Helper()
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	// A pipe of one page: the program waits for its lines to be read and cannot
	// be done before the signal comes, however busy the machine.
	if runtime.GOOS == "linux" {
		if _, _, errno := syscall.Syscall(syscall.SYS_FCNTL, out.(*os.File).Fd(), setPipeSize, 4096); errno != 0 {
			t.Fatal(errno)
		}
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var printed []string
	for r := bufio.NewReaderSize(out, 16); ; {
		line, err := r.ReadString('\n')
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if printed = append(printed, line); len(printed) == after {
			if err := cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			taken(t, cmd.Process.Pid, signal.(syscall.Signal)) // while the program waits to print
		}
	}
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != exitError || strings.Count(stderr.String(), "\n") != 1 || !strings.Contains(stderr.String(), "interrupted") {
		t.Errorf("%v: exit %d\n%s", signal, code, &stderr)
	}
	return printed
}

// taken waits until a process has taken a signal. Only Linux tells; elsewhere it does not wait.
func taken(t *testing.T, pid int, signal syscall.Signal) {
	t.Helper()
	if runtime.GOOS != "linux" {
		return
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for pending(t, pid)&(1<<(signal-1)) != 0 {
		select {
		case <-ctx.Done():
			t.Fatalf("%v is not taken: %v", signal, ctx.Err())
		case <-tick.C:
		}
	}
}

// pending are the signals that no thread of a process has taken yet, by bit from 1; see proc(5).
func pending(t *testing.T, pid int) uint64 {
	t.Helper()
	for line := range strings.Lines(read(t, filepath.Join("/proc", strconv.Itoa(pid), "status"))) {
		if text, ok := strings.CutPrefix(line, "ShdPnd:"); ok {
			set, err := strconv.ParseUint(strings.TrimSpace(text), 16, 64)
			if err != nil {
				t.Fatal(err)
			}
			return set
		}
	}
	t.Fatal("the status of a process has no pending signals")
	return 0
}
