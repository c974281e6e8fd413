package channeltest

import (
	"errors"
	"fmt"
	"testing/synctest"
	"time"

	"policybot/bot/channel"
)

func keyCases(w *world) []Case {
	var out []Case
	for _, k := range w.can.Kinds {
		out = append(out, when(is[Repeater](w.p),
			Case{"keys/" + string(k) + " delivered again has the same keys", func(w *world) error { return redelivered(w, k) }})...)
		out = append(out, when(is[Teller](w.p),
			Case{"keys/" + string(k) + " told twice is one gesture", func(w *world) error { return toldTwice(w, k) }})...)
	}
	out = append(out, Case{"keys/the same words twice are two questions", sameWords})
	return append(out, when(is[Repeater](w.p),
		Case{"keys/a fresh channel gives the same keys", keysStay},
		Case{"keys/delivered ten times has the same keys", func(w *world) error { return redeliveredOften(w, 10) }})...)
}

// sameKeys checks that all events from the i-th on have the keys of that one.
func (w *world) sameKeys(i int) error {
	events := w.settled()
	for _, e := range events[i:] {
		if e.DeliveryKey != events[i].DeliveryKey || e.ContentKey != events[i].ContentKey || e.Kind != events[i].Kind {
			return fmt.Errorf("the same delivery came as %s with keys %q, %q and as %s with keys %q, %q",
				events[i].Kind, events[i].DeliveryKey, events[i].ContentKey, e.Kind, e.DeliveryKey, e.ContentKey)
		}
	}
	return nil
}

// first does what a kind needs and the gesture itself, and gives the index of its event.
func (w *world) first(k channel.Kind) (string, int, error) {
	if err := w.start(); err != nil {
		return "", 0, err
	}
	g, err := w.kindOf(k)
	if err != nil {
		return "", 0, err
	}
	at := len(w.settled())
	_, name, err := w.do(g)
	return name, at, err
}

func redelivered(w *world, k channel.Kind) error {
	name, at, err := w.first(k)
	if err != nil {
		return err
	}
	if err := w.p.(Repeater).Redeliver(name); err != nil {
		return err
	}
	if _, err := w.event(at + 1); err != nil {
		return err
	}
	return w.sameKeys(at)
}

func redeliveredOften(w *world, n int) error {
	name, at, err := w.first(channel.Question)
	if err != nil {
		return err
	}
	for range n {
		if err := w.p.(Repeater).Redeliver(name); err != nil {
			return err
		}
		time.Sleep(time.Minute)
	}
	if _, err := w.event(at + n); err != nil {
		return err
	}
	return w.sameKeys(at)
}

func toldTwice(w *world, k channel.Kind) error {
	name, at, err := w.first(k)
	if err != nil {
		return err
	}
	if err := w.p.(Teller).TellAgain(name); err != nil {
		return err
	}
	if _, err := w.event(at + 1); err != nil {
		return err
	}
	events := w.settled()
	a, b := events[at], events[at+1]
	return errors.Join(
		check(len(events) == at+2, "%d events for one gesture told twice", len(events)-at),
		check(a.DeliveryKey != b.DeliveryKey, "two deliveries have the same DeliveryKey %q", a.DeliveryKey),
		check(a.ContentKey == b.ContentKey, "two deliveries of one gesture have ContentKeys %q and %q", a.ContentKey, b.ContentKey),
		check(a.Kind == b.Kind && a.Text == b.Text && a.Token == b.Token && a.Place == b.Place && a.Actor == b.Actor, "two deliveries of one gesture differ: %+v, %+v", a, b),
	)
}

func sameWords(w *world) error {
	if err := w.start(); err != nil {
		return err
	}
	for range 2 {
		if _, _, err := w.do(gesture("again")); err != nil {
			return err
		}
	}
	events := w.settled()
	return check(len(events) == 2 && events[0].ContentKey != events[1].ContentKey, "asking the same twice gave %d events with ContentKeys %q and %q",
		len(events), events[0].ContentKey, events[len(events)-1].ContentKey)
}

func keysStay(w *world) error {
	name, at, err := w.first(channel.Question)
	if err != nil {
		return err
	}
	if err := w.restart(); err != nil {
		return err
	}
	if err := w.p.(Repeater).Redeliver(name); err != nil {
		return err
	}
	if _, err := w.event(at + 1); err != nil {
		return err
	}
	return w.sameKeys(at)
}

func storeCases(w *world) []Case {
	if w.can.Acks != AckStored && w.can.Acks != AckReply {
		return nil
	}
	var out []Case
	for _, k := range w.can.Kinds {
		out = append(out,
			Case{"stored/" + string(k) + " is stored before it is acknowledged", func(w *world) error { return storedFirst(w, k, time.Second) }},
			Case{"stored/" + string(k) + " that cannot be stored is not acknowledged", func(w *world) error { return storeFails(w, k) }})
	}
	out = append(out, when(!w.caps.Pull,
		Case{"stored/a question that is a duplicate is acknowledged", func(w *world) error { return taken(w, channel.Accepted{ID: "a-1", Duplicate: true}) }},
		Case{"stored/a question that is refused is acknowledged", func(w *world) error { return taken(w, channel.Accepted{ID: "a-1", Refused: "busy"}) }})...)
	return append(out,
		Case{"stored/a sink that hangs for minutes is not acknowledged", func(w *world) error { return storedFirst(w, channel.Question, 7*time.Minute) }},
		Case{"stored/a key used for another question is not acknowledged", keyReused},
	)
}

// acked waits until a gesture is acknowledged, answering it where that takes a reply.
func (w *world) acked(name string, e channel.Event) error {
	if w.can.Acks == AckReply && e.Kind == channel.Question {
		if err := w.taskOf(e, name).deliver(notice("Answer.")); err != nil {
			return err
		}
	}
	return check(until(func() bool { return w.p.Acked(name) }), "what was stored is not acknowledged after %s", patience)
}

func storedFirst(w *world, k channel.Kind, hold time.Duration) error {
	if err := w.start(); err != nil {
		return err
	}
	g, err := w.kindOf(k)
	if err != nil {
		return err
	}
	at := len(w.settled())
	w.sink.block()
	name, err := w.p.Do(g)
	if err != nil {
		return err
	}
	e, err := w.event(at)
	if err != nil {
		return err
	}
	time.Sleep(hold)
	synctest.Wait()
	if w.p.Acked(name) {
		return errors.New("acknowledged before it was stored")
	}
	w.sink.open()
	if err := w.again(name, at); err != nil {
		return err
	}
	return errors.Join(w.acked(name, e), w.sameKeys(at))
}

// again makes sure that a gesture that may have been given up comes once more.
func (w *world) again(name string, at int) error {
	r, ok := w.p.(Repeater)
	if synctest.Wait(); !ok || w.p.Acked(name) {
		return nil
	}
	n := len(w.settled())
	if err := r.Redeliver(name); err != nil {
		return err
	}
	_, err := w.event(max(n, at+1))
	return err
}

func storeFails(w *world, k channel.Kind) error {
	if err := w.start(); err != nil {
		return err
	}
	g, err := w.kindOf(k)
	if err != nil {
		return err
	}
	at := len(w.settled())
	w.sink.failing(errors.New("the disk is full"))
	name, err := w.p.Do(g)
	if err != nil {
		return err
	}
	e, err := w.event(at)
	if err != nil {
		return err
	}
	w.settled()
	if w.p.Acked(name) {
		return errors.New("acknowledged although it could not be stored")
	}
	w.sink.failing(nil)
	if !is[Repeater](w.p) {
		return nil
	}
	if err := w.again(name, at); err != nil {
		return err
	}
	return errors.Join(w.acked(name, e), w.sameKeys(at))
}

func keyReused(w *world) error {
	if err := w.start(); err != nil {
		return err
	}
	w.sink.failing(fmt.Errorf("accept: %w", channel.ErrKeyReused))
	name, err := w.p.Do(gesture("question"))
	if err != nil {
		return err
	}
	if _, err := w.event(0); err != nil {
		return err
	}
	w.settled()
	if w.p.Acked(name) {
		return errors.New("acknowledged although the key was used before")
	}
	w.sink.failing(nil)
	_, _, err = w.ask()
	return err
}

// taken checks that what is stored is acknowledged, whatever else the sink says.
func taken(w *world, as channel.Accepted) error {
	if err := w.start(); err != nil {
		return err
	}
	w.sink.answering(as)
	e, name, err := w.do(gesture("question"))
	if err != nil {
		return err
	}
	return w.acked(name, e)
}
