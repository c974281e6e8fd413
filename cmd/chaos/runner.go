//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// A row is one fault: what is done to the program and what must happen.
type row struct {
	name  string // of the fault list
	what  string
	waits bool // it mostly waits, so that it may run beside others
	run   func(ctx context.Context, e *env) (figures string, err error)
}

// A result is what became of a row.
type result struct {
	row
	figures string
	err     error
	took    time.Duration
}

// A runner runs rows and prints what became of them.
type runner struct {
	opts     options
	scratch  string
	bin      string
	prepared string

	mu  sync.Mutex
	out io.Writer
}

const (
	shortLimit = 2 * time.Minute // of one row
	longLimit  = 45 * time.Minute
)

// prepare builds the program and lets it fill a data folder, which each row gets a copy of.
func (r *runner) prepare(ctx context.Context) error {
	r.bin = r.opts.bin
	if r.bin == "" {
		r.bin = filepath.Join(r.scratch, "policybot")
		if err := build(ctx, r.bin); err != nil {
			return err
		}
	}
	r.prepared = filepath.Join(r.scratch, "prepared")
	_, err := tool(ctx, r.bin, "documents", "--json", "--data", r.prepared)
	return err
}

// waiting is how many rows that mostly wait run at once.
const waiting = 4

// all runs rows: those that mostly wait a few at once, and beside them the others one after the other.
func (r *runner) all(ctx context.Context, rows []row) error {
	began := time.Now()
	r.say("seed %d", r.opts.seed)
	var lanes sync.WaitGroup
	results := make([]result, len(rows))
	run := func(queue <-chan int) {
		for i := range queue {
			results[i] = r.one(ctx, rows[i])
			r.print(results[i])
		}
	}
	busy, idle := queues(rows)
	lanes.Go(func() { run(busy) })
	for range waiting {
		lanes.Go(func() { run(idle) })
	}
	lanes.Wait()
	failed := r.table(results)
	r.say("%d rows, %d failed, 0 skipped, %s", len(rows), failed, time.Since(began).Round(time.Second))
	if failed > 0 {
		return fmt.Errorf("%d of %d rows failed", failed, len(rows))
	}
	return nil
}

// queues sorts rows, by their numbers, into those that keep the machine busy and those that mostly wait.
func queues(rows []row) (busy, idle <-chan int) {
	b, w := make(chan int, len(rows)), make(chan int, len(rows))
	for i, r := range rows {
		if r.waits {
			w <- i
		} else {
			b <- i
		}
	}
	close(b)
	close(w)
	return b, w
}

// one runs a row in a folder of its own.
func (r *runner) one(ctx context.Context, row row) result {
	limit := shortLimit
	if r.opts.long || r.opts.load || r.opts.soak > 0 {
		limit = longLimit + r.opts.soak
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	began := time.Now()
	e := &env{
		bin: r.bin, prepared: r.prepared, scratch: filepath.Join(r.scratch, strings.ReplaceAll(row.name, " ", "-")), opts: r.opts,
		random: rand.New(rand.NewPCG(r.opts.seed, uint64(len(row.name)))),
		said:   func(format string, args ...any) { r.say("  "+row.name+": "+format, args...) },
	}
	err := os.MkdirAll(e.scratch, 0o755)
	res := result{row: row}
	if err == nil {
		res.figures, err = row.run(ctx, e)
	}
	if err == nil && ctx.Err() != nil {
		err = ctx.Err()
	}
	res.err, res.took = err, time.Since(began)
	return res
}

func (r *runner) say(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fmt.Fprintf(r.out, format+"\n", args...)
}

// print tells of one row as soon as it is over.
func (r *runner) print(res result) {
	if res.err == nil {
		r.say("ok    %-5s %6.1fs  %s", res.name, res.took.Seconds(), res.figures)
		return
	}
	r.say("FAIL  %-5s %6.1fs  %s", res.name, res.took.Seconds(), res.figures)
	for _, line := range strings.Split(res.err.Error(), "\n") {
		r.say("          %s", line)
	}
}

// table prints all rows in order and returns how many failed.
func (r *runner) table(results []result) (failed int) {
	r.say("")
	r.say("| fault | what | result | seconds | figures |")
	r.say("|---|---|---|---|---|")
	for _, res := range results {
		verdict, figures := "ok", res.figures
		if res.err != nil {
			failed++
			first, _, _ := strings.Cut(res.err.Error(), "\n")
			verdict, figures = "**fail**", strings.TrimPrefix(figures+"; "+clip(first, 300), "; ")
		}
		r.say("| %s | %s | %s | %.1f | %s |", res.name, res.what, verdict, res.took.Seconds(), strings.ReplaceAll(figures, "|", "/"))
	}
	return failed
}

// wait waits until done reports true, for at most limit.
func wait(ctx context.Context, limit time.Duration, what string, done func() (bool, error)) error {
	deadline := time.Now().Add(limit)
	for {
		ok, err := done()
		if ok {
			return nil
		}
		if time.Now().After(deadline) {
			return errors.Join(fmt.Errorf("not within %s: %s", limit, what), err)
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// pause waits for a while.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
