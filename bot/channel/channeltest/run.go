package channeltest

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing/synctest"

	"policybot/bot/channel"
)

var capsName = regexp.MustCompile(`^[a-z]+$`)

func runCases(w *world) []Case {
	return append([]Case{
		{"run/caps are in range and stay", capsStay},
		{"run/ends with nil", func(w *world) error { return errors.Join(w.start(), w.stop()) }},
		{"run/ends with nil when the context is over before", runOver},
		{"run/runs again", runAgain},
		{"run/a fresh channel runs", func(w *world) error {
			_, _, err := w.ask()
			if err = errors.Join(err, w.restart()); err != nil {
				return err
			}
			_, _, err = w.ask()
			return err
		}},
		{"run/leaves no goroutine", func(w *world) error { return w.leavesNone(w.start) }},
		{"run/leaves no goroutine after questions", func(w *world) error { return w.leavesNone(w.askSome) }},
		{"run/leaves no goroutine after replies", func(w *world) error { return w.leavesNone(w.answerSome) }},
		{"run/leaves no goroutine of a reply that was not ended", func(w *world) error { return w.leavesNone(w.leaveReply) }},
		{"run/lets go of a sink that is busy", runBusy},
		{"run/takes nothing after its end", runEnded},
	}, when(is[Repeater](w.p), Case{"run/takes after a restart what it did not take before", runMissed})...)
}

func capsStay(w *world) error {
	c := w.caps
	if err := errors.Join(
		check(capsName.MatchString(c.Name), "Caps.Name is %q, want [a-z]+", c.Name),
		check(c.Interval >= 0 && c.Budget >= 0 && c.Buttons >= 0 && c.Messages >= 0, "Caps has a number below 0: %+v", c),
		check(slices.Contains([]channel.StreamMode{channel.StreamNone, channel.StreamReplace, channel.StreamAppend}, c.Stream), "Caps.Stream is %q", c.Stream),
		check(c.Budget == 0 || c.Budget >= 16, "Caps.Budget is %d bytes, too few for a sentence", c.Budget),
	); err != nil {
		return err
	}
	if _, _, err := w.ask(); err != nil {
		return err
	}
	if w.ch.Caps() != c {
		return fmt.Errorf("caps changed while running: %+v, before %+v", w.ch.Caps(), c)
	}
	err := w.restart()
	return errors.Join(err, check(w.ch.Caps() == c, "a fresh channel has caps %+v, the first had %+v", w.ch.Caps(), c))
}

func runOver(w *world) error {
	ctx, quit := context.WithCancel(context.Background())
	quit()
	done := make(chan error, 1)
	go func() { done <- w.ch.Run(ctx, w.sink.take) }()
	return within(done, "Run with a context that is over")
}

func runAgain(w *world) error {
	for range 3 {
		if _, _, err := w.ask(); err != nil {
			return err
		}
		if err := w.stop(); err != nil {
			return err
		}
	}
	return check(len(w.settled()) == 3, "%d events for 3 questions", len(w.sink.seen()))
}

func (w *world) askSome() error {
	for range 3 {
		if _, _, err := w.ask(); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) answerSome() error {
	for i := range 2 {
		r, err := w.asked()
		if err != nil {
			return err
		}
		if err := r.deliver(notice(fmt.Sprintf("Answer %d.", i+1))); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) leaveReply() error {
	r, err := w.asked()
	if err != nil {
		return err
	}
	reply, err := r.begin()
	if err != nil {
		return err
	}
	// Both may fail without harm.
	_ = reply.Progress(context.Background(), "searching")
	_ = reply.Update(context.Background(), r.doc(notice("Half an")))
	return nil
}

// leavesNone checks that the channel's goroutines end with Run.
func (w *world) leavesNone(work func() error) error {
	synctest.Wait()
	before := w.goroutines()
	if err := errors.Join(work(), w.stop()); err != nil {
		return err
	}
	synctest.Wait()
	for id, stack := range w.goroutines() {
		if _, known := before[id]; !known {
			return fmt.Errorf("after Run a goroutine is left:\n%s", stack)
		}
	}
	return nil
}

var (
	bubbleMark = regexp.MustCompile(`^goroutine \d+ \[.*synctest bubble (\d+)`)
	createdBy  = regexp.MustCompile(`(?m)^created by (\S+)`)
)

// goroutines gives the stacks of this bubble's goroutines by their first word, without those of
// connections of HTTP, which belong to clients and servers, and those of the platform.
func (w *world) goroutines() map[string]string {
	buf := make([]byte, 1<<16)
	n := runtime.Stack(buf, true)
	for n == len(buf) {
		buf = make([]byte, 2*len(buf))
		n = runtime.Stack(buf, true)
	}
	stacks := strings.Split(string(buf[:n]), "\n\n")
	own := bubbleMark.FindStringSubmatch(stacks[0])
	out := map[string]string{}
	for _, s := range stacks {
		m := bubbleMark.FindStringSubmatch(s)
		if m == nil || own == nil || m[1] != own[1] {
			continue
		}
		by := ""
		if c := createdBy.FindStringSubmatch(s); c != nil {
			by = c[1]
		}
		ours := slices.ContainsFunc(w.can.Helpers, func(part string) bool { return strings.Contains(s, part) })
		if strings.HasPrefix(by, "net/http.") || ours {
			continue
		}
		id, _, _ := strings.Cut(s, " [")
		out[id] = s
	}
	return out
}

func runBusy(w *world) error {
	if err := w.start(); err != nil {
		return err
	}
	w.sink.block()
	if _, err := w.p.Do(gesture("question")); err != nil {
		return err
	}
	if _, err := w.event(0); err != nil {
		return err
	}
	quit := w.quit
	w.quit = nil
	quit()
	defer w.sink.open()
	if err := within(w.done, "Run whose context ended while the sink was busy"); err != nil {
		return err
	}
	return check(w.sink.calls() == 0, "the sink is still called %d times after Run returned", w.sink.calls())
}

func runEnded(w *world) error {
	if _, _, err := w.ask(); err != nil {
		return err
	}
	if err := w.stop(); err != nil {
		return err
	}
	late, err := w.p.Do(gesture("nobody listens"))
	if err != nil {
		return err
	}
	n := len(w.settled())
	return errors.Join(
		check(n == 1, "%d events, the second after Run had returned", n),
		check(!w.p.Acked(late), "what nobody stored was acknowledged after Run had returned"),
	)
}

func runMissed(w *world) error {
	if _, _, err := w.ask(); err != nil {
		return err
	}
	if err := w.stop(); err != nil {
		return err
	}
	missed, err := w.p.Do(gesture("while nobody listened"))
	if err != nil {
		return err
	}
	synctest.Wait()
	if err := w.restart(); err != nil {
		return err
	}
	if err := w.p.(Repeater).Redeliver(missed); err != nil {
		return err
	}
	e, err := w.event(1)
	return errors.Join(err, check(e.Text == "while nobody listened", "the event has text %s", brief(e.Text)))
}
