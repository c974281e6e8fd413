package channeltest

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"policybot/bot/channel"
)

func buttonCases(w *world) []Case {
	if w.caps.Buttons == 0 {
		return []Case{{"buttons/none are seen", func(w *world) error { return buttonsSeen(w, 3) }}}
	}
	out := []Case{
		{"buttons/carry their token and no more", func(w *world) error { return buttonsSeen(w, 1) }},
		{"buttons/as many as there may be", func(w *world) error { return buttonsSeen(w, w.caps.Buttons) }},
		{"buttons/more than there may be do no harm", func(w *world) error { return buttonsSeen(w, w.caps.Buttons+3) }},
		{"buttons/under a long document are seen once", buttonsLong},
	}
	return append(out, when(w.has(channel.Pressed), Case{"buttons/a press gives the token", buttonPressed})...)
}

func buttons(n int) []channel.Button {
	var out []channel.Button
	for i := range n {
		out = append(out, channel.Button{Token: fmt.Sprintf("tok-%018d", i), Label: fmt.Sprintf("Button <%d>", i), Does: []string{"good", "bad", "person"}[i%3]})
	}
	return out
}

func buttonsSeen(w *world, n int) error {
	d := notice("Answer.")
	d.Buttons = buttons(n)
	if err := w.shown(d); err != nil {
		return err
	}
	return w.sameButtons(d)
}

// sameButtons checks that the buttons on screen are the first of a document.
func (w *world) sameButtons(d channel.Doc) error {
	var got []Button
	for _, m := range w.screen(room).Messages {
		got = append(got, m.Buttons...)
	}
	want := d.Buttons[:min(len(d.Buttons), w.caps.Buttons)]
	if len(got) != len(want) {
		return fmt.Errorf("%d buttons on screen, want %d", len(got), len(want))
	}
	for i, b := range got {
		if b.Value != want[i].Token || b.Label != want[i].Label {
			return fmt.Errorf("button %d is %+v, want only the token %q under the label %q", i+1, b, want[i].Token, want[i].Label)
		}
	}
	return nil
}

func buttonsLong(w *world) error {
	d := document(channel.LabelAI, w.long(3))
	d.Buttons = buttons(1)
	if err := w.shown(d); err != nil {
		return err
	}
	return w.sameButtons(d)
}

// button shows a button and gives what the platform knows of it.
func (w *world) button() (string, error) {
	t, err := w.asked()
	if err != nil {
		return "", err
	}
	d := notice("Answer.")
	d.Buttons = buttons(1)
	if err := t.deliver(d); err != nil {
		return "", err
	}
	for _, m := range w.screen(room).Messages {
		for _, b := range m.Buttons {
			return b.Value, nil
		}
	}
	return "", errors.New("no button is on screen")
}

func buttonPressed(w *world) error {
	value, err := w.button()
	if err != nil {
		return err
	}
	e, _, err := w.do(Gesture{Kind: channel.Pressed, By: ann, Place: room, Token: value})
	return errors.Join(err, check(e.Token == buttons(1)[0].Token, "the event has token %q, want %q", e.Token, buttons(1)[0].Token))
}

func manyCases(w *world) []Case {
	out := []Case{
		{"many/replies to one place are all shown, in order", manyInOrder},
		{"many/replies at once to one place are all shown", manyAtOnePlace},
	}
	return append(out, when(w.can.Places,
		Case{"many/replies at once to many places do not mix", manyPlaces},
		Case{"many/a reply goes only to its place", onlyThere})...)
}

func manyInOrder(w *world) error {
	var docs []channel.Doc
	for i := range 5 {
		t, err := w.asked()
		if err != nil {
			return err
		}
		docs = append(docs, notice(fmt.Sprintf("Answer %d. ", i+1)))
		if err := t.deliver(docs[i]); err != nil {
			return err
		}
	}
	return w.shows(room, docs...)
}

// together runs tasks at once and gives all errors.
func together(n int, task func(i int) error) error {
	failed := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { failed[i] = task(i) })
	}
	all.Wait()
	return errors.Join(failed...)
}

func manyAtOnePlace(w *world) error {
	const n = 4
	var tasks [n]*task
	for i := range n {
		t, err := w.asked()
		if err != nil {
			return err
		}
		tasks[i] = t
	}
	if err := together(n, func(i int) error {
		time.Sleep(time.Duration(i) * time.Millisecond)
		return tasks[i].deliver(notice(fmt.Sprintf("Answer %d.", i+1)))
	}); err != nil {
		return err
	}
	var all strings.Builder
	for _, m := range w.screen(room).Messages {
		all.WriteString(m.Text)
	}
	for i := range n {
		if c := strings.Count(all.String(), fmt.Sprintf("Answer %d.", i+1)); c != 1 {
			return fmt.Errorf("answer %d is shown %d times", i+1, c)
		}
	}
	return nil
}

func manyPlaces(w *world) error {
	const n = 10
	var tasks [n]*task
	places := make([]channel.Place, n)
	docs := make([]channel.Doc, n)
	for i := range n {
		places[i] = channel.Place{ID: fmt.Sprintf("room-%d", i), Group: true}
		docs[i] = document(channel.LabelAI, fmt.Sprintf("Answer to room %d.", i))
		t, err := w.askedAt(ann, places[i], fmt.Sprintf("question in %d", i))
		if err != nil {
			return err
		}
		tasks[i] = t
	}
	if err := together(n, func(i int) error { return tasks[i].deliver(docs[i]) }); err != nil {
		return err
	}
	for i := range n {
		if err := w.shows(places[i], docs[i]); err != nil {
			return fmt.Errorf("room %d: %w", i, err)
		}
	}
	return nil
}

func onlyThere(w *world) error {
	if _, err := w.askedAt(ben, other, "first"); err != nil {
		return err
	}
	if err := w.shown(notice("Answer.")); err != nil {
		return err
	}
	return w.showsMeanwhile(other)
}
