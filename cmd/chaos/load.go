//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// percentile is the smallest value that p of 100 are not above; 0 of none.
func percentile(values []time.Duration, p int) time.Duration {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[max(0, (len(sorted)*p+99)/100-1)]
}

// span is how long a figure is measured.
func (e *env) span(usual time.Duration) time.Duration {
	if e.opts.loadTime > 0 {
		return e.opts.loadTime
	}
	return usual
}

// ackLoad measures how fast events are acknowledged at 50 a second while nothing is answered.
func ackLoad(ctx context.Context, e *env) (string, error) {
	w, err := e.stalled(ctx, setup{})
	if err != nil {
		return "", err
	}
	defer w.close()
	const rate = 50
	n := int(e.span(time.Minute).Seconds() * rate)
	c := &crowd{w: w}
	posts := make([]*post, n)
	err = pace(ctx, n, rate, func(i int) {
		c.wait.Go(func() {
			p, err := w.chat.post(fmt.Sprint("loader-", i/3), fmt.Sprint("load-place-", i%200), w.question())
			posts[i] = p
			c.note(err)
		})
	})
	if err := errors.Join(err, c.done()); err != nil {
		return "", err
	}
	if err := wait(ctx, 10*time.Second, "every event is delivered", func() (bool, error) { return w.chat.undelivered() == 0, nil }); err != nil {
		return "", err
	}
	took := make([]time.Duration, 0, n)
	for _, p := range posts {
		took = append(took, w.chat.ackTook(p))
	}
	began := time.Now()
	if err := w.prog.faults.Stall(ctx, false, ""); err != nil {
		return "", err
	}
	drained := wait(ctx, 5*time.Minute, "the queue is empty", func() (bool, error) { busy, err := w.underWay(ctx); return busy == "" && err == nil, err })
	figures := fmt.Sprintf("%d events at %d/s: acknowledged p50 %s, p99 %s, longest %s; the queue drained in %s", n, rate,
		ms(percentile(took, 50)), ms(percentile(took, 99)), ms(percentile(took, 100)), time.Since(began).Round(time.Second))
	if p99 := percentile(took, 99); p99 > 500*time.Millisecond {
		err = fmt.Errorf("p99 is %s, want at most 500ms", p99)
	}
	return figures, errors.Join(err, drained, w.settle(ctx))
}

// pace calls do so many times a second, n times. do must not wait.
func pace(ctx context.Context, n int, rate float64, do func(i int)) error {
	tick := time.NewTicker(time.Duration(float64(time.Second) / rate))
	defer tick.Stop()
	for i := range n {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
			do(i)
		}
	}
	return nil
}

// answerLoad measures how fast questions are answered at the platform's own ceiling.
func answerLoad(ctx context.Context, e *env) (string, error) {
	w, err := e.world(ctx, setup{})
	if err != nil {
		return "", err
	}
	defer w.close()
	const rate = 8.3
	c := w.crowd(ctx, int(e.span(5*time.Minute).Seconds()*rate), rate, 0)
	if err := c.done(); err != nil {
		return "", err
	}
	rss, err := w.prog.rss()
	if err != nil {
		return "", err
	}
	p95 := percentile(c.took, 95)
	if p95 > 2*time.Second {
		err = fmt.Errorf("p95 is %s, want at most 2s", p95)
	}
	return fmt.Sprintf("%d questions at %.1f/s: answered p50 %s, p95 %s, longest %s; %d refused; %d MB", len(c.took), rate,
		ms(percentile(c.took, 50)), ms(p95), ms(percentile(c.took, 100)), c.refused, rss>>20), errors.Join(err, w.settle(ctx))
}

// noisyUser measures what others feel of one user who asks 50 times a second.
func noisyUser(ctx context.Context, e *env) (string, error) {
	w, err := e.world(ctx, setup{})
	if err != nil {
		return "", err
	}
	defer w.close()
	const rate = 4
	span := e.span(time.Minute)
	n := int(span.Seconds() * rate)
	quiet := w.crowd(ctx, n, rate, 0)
	if err := quiet.done(); err != nil {
		return "", err
	}
	noise := &crowd{w: w}
	noise.wait.Go(func() {
		noise.note(pace(ctx, int(span.Seconds()*50), 50, func(int) {
			noise.wait.Go(func() {
				text := w.question()
				r, err := w.http.ask(ctx, ask{key: "noise-" + markIn(text), user: "noisy", text: text, mark: markIn(text)})
				noise.note(err)
				if r.answer.Outcome == "refused" {
					noise.mu.Lock()
					noise.refused++
					noise.mu.Unlock()
				}
			})
		}))
	})
	loud := w.crowd(ctx, n, rate, 0)
	if err := errors.Join(loud.done(), noise.done()); err != nil {
		return "", err
	}
	without, with := percentile(quiet.took, 95), percentile(loud.took, 95)
	if with > max(2*without, 100*time.Millisecond) {
		err = fmt.Errorf("p95 of others goes from %s to %s, want at most twice", without, with)
	}
	return fmt.Sprintf("others' p95 %s without, %s with one user at 50/s, of whose questions %d were refused", ms(without), ms(with), noise.refused), errors.Join(err, w.settle(ctx))
}

// ms rounds for a table.
func ms(d time.Duration) time.Duration { return d.Round(100 * time.Microsecond) }

// soak is F65: a long time under an even load.
func soak(ctx context.Context, e *env) (string, error) {
	w, err := e.world(ctx, setup{})
	if err != nil {
		return "", err
	}
	defer w.close()
	const rate = 10
	span := max(e.opts.soak, time.Duration(either(0, e.opts.long, 120, 20))*time.Second)
	c := w.crowd(ctx, int(span.Seconds()*rate), rate, 0.5)
	var hours, megabytes, goroutines, descriptors []float64
	began := time.Now()
	for time.Since(began) < span {
		if err := pause(ctx, span/60); err != nil {
			return "", err
		}
		s, err := w.prog.faults.Stats(ctx)
		if err != nil {
			return "", err
		}
		rss, err := w.prog.rss()
		if err != nil {
			return "", err
		}
		if time.Since(began) < span/4 {
			continue // it still warms up
		}
		hours = append(hours, time.Since(began).Hours())
		megabytes = append(megabytes, float64(rss)/(1<<20))
		goroutines = append(goroutines, float64(s.Goroutines))
		descriptors = append(descriptors, float64(s.FDs))
		if len(hours)%10 == 0 {
			e.said("%s: %.0f MB, %d goroutines, %d descriptors, heap %d MB", time.Since(began).Round(time.Second), float64(rss)/(1<<20), s.Goroutines, s.FDs, s.HeapBytes>>20)
		}
	}
	if err := c.done(); err != nil {
		return "", err
	}
	n := len(c.asks) * 2
	perHour := slope(hours, megabytes)
	figures := fmt.Sprintf("%s at %d/s (%.1f h of the usual 2/s): memory %.1f to %.1f MB, %+.2f MB an hour of the usual; goroutines %+.1f and descriptors %+.1f an hour", span, rate,
		float64(n)/2/3600, megabytes[0], megabytes[len(megabytes)-1], perHour*2/rate, slope(hours, goroutines), slope(hours, descriptors))
	return figures, errors.Join(grown("memory in MB", megabytes, 8), grown("goroutines", goroutines, 20), grown("descriptors", descriptors, 20), w.settle(ctx))
}

// grown says that the second half of some measurements is higher than the first by more than a quarter and a slack.
func grown(what string, values []float64, slack float64) error {
	mean := func(list []float64) float64 {
		sum := 0.0
		for _, v := range list {
			sum += v
		}
		return sum / float64(max(len(list), 1))
	}
	before, after := mean(values[:len(values)/2]), mean(values[len(values)/2:])
	if after > 1.25*before+slack {
		return fmt.Errorf("%s grow from %.1f to %.1f", what, before, after)
	}
	return nil
}

// slope is the steepness of the line that fits points best, 0 for fewer than two.
func slope(x, y []float64) float64 {
	var sx, sy, sxx, sxy float64
	n := float64(len(x))
	for i := range x {
		sx, sy, sxx, sxy = sx+x[i], sy+y[i], sxx+x[i]*x[i], sxy+x[i]*y[i]
	}
	if d := n*sxx - sx*sx; d > 0 {
		return (n*sxy - sx*sy) / d
	}
	return 0
}
