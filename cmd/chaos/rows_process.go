//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// kills is F51: the program is killed again and again while a crowd asks.
func kills(ctx context.Context, e *env) (string, error) {
	w, err := e.world(ctx, setup{})
	if err != nil {
		return "", err
	}
	defer w.close()
	w.lossy = true
	n, rate := e.opts.questions, e.opts.rate
	c := w.crowd(ctx, n, rate, 0.5)
	span := time.Duration(float64(n) / rate * float64(time.Second))
	starts, killErr := w.killing(ctx, e.opts.kills, span)
	if err := errors.Join(killErr, c.done()); err != nil {
		return "", err
	}
	if err := c.again(ctx, 20); err != nil {
		return "", err
	}
	err = w.settle(ctx)
	t := w.ledger.tally()
	return fmt.Sprintf("%d kills; %s; %d refused over HTTP; %d never reached the program; ready again after p50 %s, longest %s", e.opts.kills, t, c.refused,
		t.asked-t.acked, percentile(starts, 50).Round(time.Millisecond), percentile(starts, 100).Round(time.Millisecond)), err
}

// killing spreads kills over a span of time and starts the program again after each, at once. Every tenth
// start is itself killed. It returns how long the starts took.
func (w *world) killing(ctx context.Context, kills int, span time.Duration) ([]time.Duration, error) {
	var starts []time.Duration
	end := time.Now().Add(span)
	for left := kills; left > 0; left-- {
		gap := time.Until(end) / time.Duration(left)
		if left%10 == 0 {
			gap = time.Duration(w.random.Int64N(int64(100 * time.Millisecond)))
		}
		if err := pause(ctx, time.Duration(w.random.Int64N(int64(max(2*gap, time.Millisecond))))); err != nil {
			return starts, err
		}
		if !w.prog.alive() {
			return starts, fmt.Errorf("the program ended by itself: %s", w.prog.ending())
		}
		w.prog.kill()
		began := time.Now()
		var err error
		if left%10 == 1 { // the next kill comes while it starts
			w.prog, err = start(w.launch)
		} else {
			err = w.begin(ctx)
			starts = append(starts, time.Since(began))
		}
		if err != nil {
			return starts, err
		}
		if left%50 == 0 {
			w.said("%d kills to go; %s", left-1, w.ledger.tally())
		}
	}
	return starts, w.prog.ready(ctx)
}

// firstStart is F58: the first start, which makes all tables, is killed again and again.
func firstStart(ctx context.Context, e *env) (string, error) {
	w, err := e.world(ctx, setup{empty: true, manual: true})
	if err != nil {
		return "", err
	}
	defer w.close()
	kills := either(0, e.opts.long, 100, 15)
	for i := range kills {
		if i%5 == 0 { // from nothing
			if err := os.RemoveAll(w.launch.data); err != nil {
				return "", err
			}
		}
		if w.prog, err = start(w.launch); err != nil {
			return "", err
		}
		if err := pause(ctx, time.Duration(e.random.Int64N(int64(120*time.Millisecond)))); err != nil {
			return "", err
		}
		if !w.prog.alive() {
			return "", fmt.Errorf("kill %d: the program ended by itself: %s", i, w.prog.ending())
		}
		w.prog.kill()
	}
	if err := w.begin(ctx); err != nil {
		return "", err
	}
	if err := w.warmUp(ctx); err != nil {
		return "", err
	}
	want, err := tool(ctx, w.launch.bin, "documents", "--json", "--data", e.prepared)
	if err != nil {
		return "", err
	}
	got, err := w.tool(ctx, "documents", "--json")
	if err == nil && got != want {
		err = fmt.Errorf("the documents are not those of a start that was left alone: %s", clip(got, 300))
	}
	return fmt.Sprintf("%d kills, then a clean start", kills), errors.Join(err, w.settle(ctx))
}

// terminated is F60: SIGTERM under load, and a second one while the first takes its time.
func terminated(ctx context.Context, e *env) (string, error) {
	w, err := e.world(ctx, setup{})
	if err != nil {
		return "", err
	}
	defer w.close()
	c := w.crowd(ctx, either(0, e.opts.long, 400, 120), 40, 0.5)
	if err := pause(ctx, time.Second); err != nil {
		return "", err
	}
	began := time.Now()
	if err := w.prog.stop(ctx); err != nil {
		return "", err
	}
	drained := time.Since(began)
	if err := w.begin(ctx); err != nil {
		return "", err
	}
	if err := c.done(); err != nil {
		return "", err
	}
	second, err := w.secondSignal(ctx)
	if err != nil {
		return "", err
	}
	err = w.settle(ctx)
	return fmt.Sprintf("drained in %s, after a second SIGTERM in %s; %s", drained.Round(time.Millisecond), second.Round(time.Millisecond), w.ledger.tally()), err
}

// secondSignal stalls answers, so that a drain would take its whole time, and sends SIGTERM twice.
func (w *world) secondSignal(ctx context.Context) (time.Duration, error) {
	if err := w.prog.faults.Stall(ctx, true, ""); err != nil {
		return 0, err
	}
	c := w.crowd(ctx, 10, 100, 0.5)
	if err := wait(ctx, 10*time.Second, "a question under way", func() (bool, error) {
		counts, err := countJournal(ctx, w.launch.data)
		return counts.Waiting+counts.Claimed >= 5, err
	}); err != nil {
		return 0, err
	}
	if err := w.prog.signal(syscall.SIGTERM); err != nil {
		return 0, err
	}
	if err := pause(ctx, 500*time.Millisecond); err != nil {
		return 0, err
	}
	began := time.Now()
	if err := w.prog.signal(syscall.SIGTERM); err != nil {
		return 0, fmt.Errorf("ended 500 ms after the first SIGTERM though answers were under way: %s", w.prog.ending())
	}
	if err := w.prog.ends(ctx, 5*time.Second); err != nil {
		return 0, fmt.Errorf("after a second SIGTERM: %w", err)
	}
	took := time.Since(began)
	if err := w.begin(ctx); err != nil {
		return 0, err
	}
	return took, c.done()
}

// frozen is F61: the process is stopped for a while and then goes on.
func frozen(ctx context.Context, e *env) (string, error) {
	span := time.Duration(either(0, e.opts.long, 65, 20)) * time.Second
	// The platform's last retry, six minutes after the first try, comes when the program goes on again.
	w, err := e.world(ctx, setup{chat: chatSetup{speed: float64(6*time.Minute) / float64(span+10*time.Second)}})
	if err != nil {
		return "", err
	}
	defer w.close()
	w.http.limit = 2 * span
	c := w.crowd(ctx, 60, 30, 0.5)
	if err := pause(ctx, 500*time.Millisecond); err != nil {
		return "", err
	}
	if err := w.prog.signal(syscall.SIGSTOP); err != nil {
		return "", err
	}
	err = pause(ctx, span)
	if err := errors.Join(err, w.prog.signal(syscall.SIGCONT)); err != nil {
		return "", err
	}
	if err := c.done(); err != nil {
		return "", err
	}
	if err := w.settle(ctx); err != nil {
		return "", err
	}
	pages, err := readJournal(ctx, w.launch.data)
	expired := 0
	for _, p := range pages {
		if p.reason == "expired" {
			expired++
		}
	}
	if err == nil && expired > 0 {
		err = fmt.Errorf("%d questions expired while the process was frozen", expired)
	}
	return fmt.Sprintf("frozen for %s; %s; %d refused, none expired", span, w.ledger.tally(), c.refused), err
}

// scarce is F63: few descriptors, little memory, one processor.
func scarce(ctx context.Context, e *env) (string, error) {
	var figures []string
	for _, s := range []struct {
		name  string
		setup setup
	}{
		{"64 descriptors", setup{wrap: []string{"prlimit", "--nofile=64:64"}}},
		{"256 MB of mapped memory", setup{wrap: []string{"prlimit", "--data=268435456"}, env: []string{"GOMEMLIMIT=96MiB"}}},
		{"one processor", setup{env: []string{"GOMAXPROCS=1"}}},
	} {
		sub := *e
		sub.scratch = filepath.Join(e.scratch, strings.ReplaceAll(s.name, " ", "-"))
		figure, err := scarceOne(ctx, &sub, s.setup)
		figures = append(figures, s.name+": "+figure)
		if err != nil {
			return strings.Join(figures, "; "), fmt.Errorf("with %s: %w", s.name, err)
		}
	}
	return strings.Join(figures, "; "), nil
}

func scarceOne(ctx context.Context, e *env, s setup) (string, error) {
	w, err := e.world(ctx, s)
	if err != nil {
		return "", err
	}
	defer w.close()
	w.lossy = true // callers may hold every descriptor for longer than the platform tries
	n := either(0, e.opts.long, 500, 150)
	if err := w.crowd(ctx, n, 50, 0.3).done(); err != nil {
		return "", err
	}
	if err := w.rest(ctx); err != nil {
		return "", err
	}
	peak, err := w.prog.peak()
	if err != nil {
		return "", err
	}
	err = w.settle(ctx)
	for _, line := range w.prog.complaints() {
		if strings.HasPrefix(line, "panic:") || strings.HasPrefix(line, "goroutine ") {
			err = errors.Join(err, fmt.Errorf("a stack in the log: %s", line))
		}
	}
	t := w.ledger.tally()
	return fmt.Sprintf("%s, peak %d MB", t, peak>>20), err
}
