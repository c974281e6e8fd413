package channeltest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"policybot/bot/channel"
)

func healthCases(w *world) []Case {
	out := []Case{
		{"health/is known before Run", healthBefore},
		{"health/is up while Run takes events", healthUp},
	}
	out = append(out, when(is[Line](w.p),
		Case{"health/goes down with a reason and up again", healthDown},
		Case{"health/events arrive after the line was mended", lineMended},
		Case{"health/Run ends while the line is cut", endsWhileCut},
		Case{"health/Run begins while the line is cut", beginsWhileCut})...)
	return append(out, when(is[Line](w.p) && w.breaks(FaultRevoked), Case{"health/rights taken back end Run for good", revoked})...)
}

var states = []channel.State{channel.Starting, channel.Up, channel.Down, channel.Stopped, channel.Kicked}

func healthBefore(w *world) error {
	h := w.ch.Health()
	return check(slices.Contains(states, h.State) && h.State != channel.Up, "before Run the channel is %+v", h)
}

func healthUp(w *world) error {
	if _, _, err := w.ask(); err != nil {
		return err
	}
	h := w.ch.Health()
	return check(h.State == channel.Up && h.Reason == "" && !h.Since.After(time.Now()), "while running the channel is %+v", h)
}

// down cuts the line and waits until the channel says so.
func (w *world) down() error {
	w.p.(Line).Cut()
	if !until(func() bool { return w.ch.Health().State == channel.Down }) {
		return fmt.Errorf("the line was cut and after %s the channel is %+v", patience, w.ch.Health())
	}
	h := w.ch.Health()
	return errors.Join(check(h.Reason != "", "the channel is down without a reason"), w.noSecret("the reason", h.Reason))
}

func (w *world) up() error {
	w.p.(Line).Mend()
	return check(until(func() bool { return w.ch.Health().State == channel.Up }), "the line was mended and after %s the channel is %+v", patience, w.ch.Health())
}

func healthDown(w *world) error {
	if err := w.start(); err != nil {
		return err
	}
	for range 3 {
		if err := errors.Join(w.down(), w.up()); err != nil {
			return err
		}
	}
	return healthUp(w)
}

func lineMended(w *world) error {
	if err := w.start(); err != nil {
		return err
	}
	if err := w.down(); err != nil {
		return err
	}
	time.Sleep(time.Hour)
	if err := w.up(); err != nil {
		return err
	}
	return w.shown(notice("Answer."))
}

func endsWhileCut(w *world) error {
	if err := w.start(); err != nil {
		return err
	}
	return errors.Join(w.down(), w.stop())
}

func beginsWhileCut(w *world) error {
	w.p.(Line).Cut()
	ctx, quit := context.WithCancel(context.Background())
	w.quit, w.done = quit, make(chan error, 1)
	go func() { w.done <- w.ch.Run(ctx, w.sink.take) }()
	if !until(func() bool { return w.ch.Health().State == channel.Down }) {
		return fmt.Errorf("without a line the channel is %+v after %s", w.ch.Health(), patience)
	}
	if err := w.up(); err != nil {
		return err
	}
	_, _, err := w.ask()
	return err
}

func revoked(w *world) error {
	if err := w.start(); err != nil {
		return err
	}
	w.p.(Breaker).Break(Fault{Kind: FaultRevoked, On: OnAny, Times: 1})
	quit := w.quit
	w.quit = nil
	defer quit()
	select {
	case err := <-w.done:
		if _, fatal := errors.AsType[*channel.FatalError](err); !fatal {
			return fmt.Errorf("run gave %w, want a *channel.FatalError", err)
		}
		if err := w.noSecret("the error", err.Error()); err != nil {
			return err
		}
	case <-time.After(patience):
		return fmt.Errorf("run goes on %s after the bot's rights were taken back", patience)
	}
	h := w.ch.Health()
	if err := check(h.State == channel.Stopped && h.Reason != "", "the channel is %+v, want stopped with a reason", h); err != nil {
		return err
	}
	w.p.(Line).Mend()
	_, _, err := w.ask()
	return err
}
