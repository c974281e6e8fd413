package channeltest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"policybot/bot/channel"
)

func faultCases(w *world) []Case {
	out := []Case{
		{"fault/a context that is over delivers nothing or one", contextOver},
	}
	out = append(out, when(w.breaks(FaultWait),
		Case{"fault/wait is told with the platform's time", func(w *world) error { return waits(w, 7*time.Second) }},
		Case{"fault/wait in the middle of a long document loses nothing", waitsInside})...)
	out = append(out, when(w.breaks(FaultWait) && !w.can.Untimed,
		Case{"fault/wait of half an hour is told", func(w *world) error { return waits(w, 30*time.Minute) }})...)
	out = append(out, when(w.breaks(FaultGone),
		Case{"fault/gone is told", gone},
		Case{"fault/gone in one place leaves the others", goneElsewhere})...)
	out = append(out, when(w.breaks(FaultSlow),
		Case{"fault/slow ends with the context", slowContext},
		Case{"fault/slow ends by itself", slowAlone},
		Case{"fault/slow for a moment does no harm", slowMoment})...)
	return append(out, when(w.breaks(FaultBroken), Case{"fault/defects of the platform are temporary", brokenTemporary})...)
}

func contextOver(w *world) error {
	t, err := w.asked()
	if err != nil {
		return err
	}
	ctx, quit := context.WithCancel(context.Background())
	quit()
	d := notice("Answer.")
	err = t.once(ctx, d, channel.Delivery{Key: "k1"})
	if channel.IsGone(err) {
		return fmt.Errorf("a context that is over gave %w", err)
	}
	if err := t.insist(d, channel.Delivery{Key: "k1", Again: true}); err != nil {
		return err
	}
	return w.shows(room, d)
}

func waits(w *world, after time.Duration) error {
	t, err := w.asked()
	if err != nil {
		return err
	}
	w.p.(Breaker).Break(Fault{Kind: FaultWait, On: OnFinish, After: after, Times: 1})
	d := notice("Answer.")
	err = t.once(context.Background(), d, channel.Delivery{Key: "k1"})
	wait, ok := errors.AsType[*channel.WaitError](err)
	if !ok {
		return fmt.Errorf("finish gave %w, want a *channel.WaitError", err)
	}
	if wait.After < after || wait.After > after+time.Minute {
		return fmt.Errorf("WaitError.After is %s, the platform said %s", wait.After, after)
	}
	if n := len(w.screen(room).Messages); n > 0 {
		return fmt.Errorf("%d messages on screen after a WaitError, want none", n)
	}
	time.Sleep(wait.After)
	if err := t.insist(d, channel.Delivery{Key: "k1"}); err != nil {
		return err
	}
	return w.shows(room, d)
}

// waitsInside refuses the second part of a document. That is no WaitError, which would say that nothing
// was delivered; the channel waits by itself or fails and finds the first part when it is called again.
func waitsInside(w *world) error {
	t, err := w.asked()
	if err != nil {
		return err
	}
	d := document(channel.LabelAI, w.long(3))
	done := make(chan error, 1)
	go func() { done <- t.once(context.Background(), d, channel.Delivery{Key: "k1"}) }()
	parts := func() int { return len(w.screen(room).Messages) }
	if !until(func() bool { return parts() > 0 }) {
		return errors.New("nothing was shown")
	}
	w.p.(Breaker).Break(Fault{Kind: FaultWait, On: OnFinish, After: 40 * time.Second, Times: 1})
	err = <-done
	_, wait := errors.AsType[*channel.WaitError](err)
	if wait && parts() > 0 {
		return fmt.Errorf("finish gave %w, which says that nothing was delivered, with %d messages on screen", err, parts())
	}
	if err != nil {
		if err := t.insist(d, channel.Delivery{Key: "k1", Again: true}); err != nil {
			return err
		}
	}
	return w.shows(room, d)
}

func gone(w *world) error {
	t, err := w.asked()
	if err != nil {
		return err
	}
	w.p.(Breaker).Break(Fault{Kind: FaultGone, On: OnFinish, Times: 1})
	err = t.once(context.Background(), notice("Answer."), channel.Delivery{Key: "k1"})
	if !channel.IsGone(err) {
		return fmt.Errorf("finish gave %w, want a *channel.GoneError", err)
	}
	return errors.Join(w.noSecret("the error", err.Error()), w.shows(room))
}

func goneElsewhere(w *world) error {
	if err := gone(w); err != nil {
		return err
	}
	d := notice("Another answer.")
	return w.shown(d)
}

func slowContext(w *world) error {
	t, err := w.asked()
	if err != nil {
		return err
	}
	w.p.(Breaker).Break(Fault{Kind: FaultSlow, On: OnAny, After: 24 * time.Hour, Times: 1})
	ctx, quit := context.WithTimeout(context.Background(), time.Second)
	defer quit()
	begin := time.Now()
	d := notice("Answer.")
	err = t.once(ctx, d, channel.Delivery{Key: "k1"})
	if took := time.Since(begin); err == nil || took > 3*time.Second {
		return fmt.Errorf("finish with a second to live took %s and gave %w", took, err)
	}
	if err := t.insist(d, channel.Delivery{Key: "k1", Again: true}); err != nil {
		return err
	}
	return w.shows(room, d)
}

func slowAlone(w *world) error {
	t, err := w.asked()
	if err != nil {
		return err
	}
	w.p.(Breaker).Break(Fault{Kind: FaultSlow, On: OnFinish, After: 24 * time.Hour, Times: 1})
	begin := time.Now()
	d := notice("Answer.")
	err = t.once(context.Background(), d, channel.Delivery{Key: "k1"})
	if took := time.Since(begin); took > 10*time.Minute {
		return fmt.Errorf("finish without a deadline took %s (%w), want a time-out of its own", took, err)
	}
	if err := t.insist(d, channel.Delivery{Key: "k1", Again: true}); err != nil {
		return err
	}
	return w.shows(room, d)
}

func slowMoment(w *world) error {
	w.p.(Breaker).Break(Fault{Kind: FaultSlow, On: OnFinish, After: 500 * time.Millisecond, Times: 1})
	return w.shown(notice("Answer."))
}

func brokenTemporary(w *world) error {
	t, err := w.asked()
	if err != nil {
		return err
	}
	w.p.(Breaker).Break(Fault{Kind: FaultBroken, On: OnAny, Times: 100})
	err = t.once(context.Background(), notice("Answer."), channel.Delivery{Key: "k1"})
	if _, wait := errors.AsType[*channel.WaitError](err); err == nil || wait || channel.IsGone(err) {
		return fmt.Errorf("finish on a platform with a defect gave %w, want a temporary error", err)
	}
	return w.noSecret("the error", err.Error())
}

func handleCases(w *world) []Case {
	out := []Case{
		{"handle/stored and read again is the same", handleStored},
		{"handle/that is damaged does no harm", handleDamaged},
	}
	return append(out, when(w.can.Lasting || w.caps.Pull,
		Case{"handle/serves a fresh channel", handleFresh},
		Case{"handle/serves an hour later and after its end", handleLate})...)
}

func handleStored(w *world) error {
	e, _, err := w.ask()
	if err != nil {
		return err
	}
	data, err := json.Marshal(e.Reply)
	if err != nil {
		return err
	}
	var h channel.Handle
	if err := json.Unmarshal(data, &h); err != nil {
		return err
	}
	return check(string(h.Data) == string(e.Reply.Data) && h.Expires.Equal(e.Reply.Expires), "the handle %+v was read again as %+v", e.Reply, h)
}

func handleFresh(w *world) error {
	t, err := w.asked()
	if err != nil {
		return err
	}
	if err := w.restart(); err != nil {
		return err
	}
	d := document(channel.LabelAI, "第一条。")
	if err := t.deliver(d); err != nil {
		return err
	}
	return w.shows(room, d)
}

// handleLate replies when the handle's time is over, if it has one. The channel has another way to reply
// or says that there is none.
func handleLate(w *world) error {
	t, err := w.asked()
	if err != nil {
		return err
	}
	wait := time.Hour
	if end := t.event.Reply.Expires; !end.IsZero() {
		wait = max(wait, time.Until(end)+time.Minute)
	}
	time.Sleep(wait)
	d := notice("Answer.")
	if err := t.deliver(d); !t.event.Reply.Expires.IsZero() && channel.IsGone(err) {
		return w.shows(room)
	} else if err != nil {
		return err
	}
	return w.shows(room, d)
}

func handleDamaged(w *world) error {
	t, err := w.asked()
	if err != nil {
		return err
	}
	good := t.event.Reply
	for _, data := range [][]byte{nil, []byte("x"), []byte("{}"), []byte("null"), []byte("\xff\x00"), good.Data[:len(good.Data)/2]} {
		t.event.Reply = channel.Handle{Data: data}
		err := t.once(context.Background(), notice("lost"), channel.Delivery{Key: "k0"})
		if err == nil && len(good.Data) > 0 {
			return fmt.Errorf("a reply to the damaged handle %q was delivered", data)
		}
	}
	if err := w.showsMeanwhile(room); err != nil {
		return err
	}
	t.event.Reply = good
	d := notice("Answer.")
	if err := t.deliver(d); err != nil {
		return err
	}
	return w.shows(room, d)
}
