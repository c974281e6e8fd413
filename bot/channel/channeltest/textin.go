package channeltest

import (
	"errors"
	"fmt"
	"strings"
)

func textInCases(*world) []Case {
	var out []Case
	for _, n := range nasty {
		out = append(out, Case{"text in/" + n.name, func(w *world) error { return textIn(w, n) }})
	}
	return out
}

func textIn(w *world, n nastyText) error {
	if err := w.start(); err != nil {
		return err
	}
	_, err := w.p.Do(gesture(n.text))
	switch {
	case n.loose && errors.Is(err, ErrCannot):
	case err != nil:
		return fmt.Errorf("platform: %w", err)
	case !n.loose:
		if _, err := w.event(0); err != nil {
			return err
		}
	}
	events := w.settled()
	if len(events) > 1 {
		return fmt.Errorf("%d events for one question", len(events))
	}
	for _, e := range events {
		same := e.Text == n.text || n.loose && bare(e.Text) == bare(n.text)
		if !same && strings.TrimSpace(e.Text) != strings.TrimSpace(n.text) {
			return fmt.Errorf("text is %s, want %s", brief(e.Text), brief(n.text))
		}
	}
	next, _, err := w.do(gesture("the next question"))
	return errors.Join(err, check(next.Text == "the next question", "the question after it has text %s", brief(next.Text)))
}

func garbageCases(w *world) []Case {
	g, ok := w.p.(Garbler)
	if !ok {
		return nil
	}
	var out []Case
	for _, name := range g.Garbage() {
		out = append(out, Case{"garbage/" + name, func(w *world) error { return garbage(w, name) }})
	}
	return out
}

func garbage(w *world, name string) error {
	if err := w.start(); err != nil {
		return err
	}
	refused, err := w.p.(Garbler).Garble(name)
	if err != nil {
		return err
	}
	if events := w.settled(); len(events) > 0 {
		return fmt.Errorf("it became an event: %s", brief(events[0].Text))
	}
	if !refused {
		return errors.New("it was not refused")
	}
	_, _, err = w.ask()
	return err
}
