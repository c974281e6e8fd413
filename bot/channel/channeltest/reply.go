package channeltest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"policybot/bot/channel"
)

// A task is a question that has to be answered.
type task struct {
	w     *world
	event channel.Event
	name  string // of the gesture
	id    string // of the answer
	docs  int    // delivered so far
}

// asked lets Ann ask and gives the task.
func (w *world) asked() (*task, error) {
	e, name, err := w.ask()
	if err != nil {
		return nil, err
	}
	return w.taskOf(e, name), nil
}

// askedAt lets a person ask in a place.
func (w *world) askedAt(by channel.Actor, p channel.Place, text string) (*task, error) {
	if w.quit == nil {
		if err := w.start(); err != nil {
			return nil, err
		}
	}
	e, name, err := w.do(Gesture{Kind: channel.Question, By: by, Place: p, Text: text})
	if err != nil {
		return nil, err
	}
	return w.taskOf(e, name), nil
}

func (w *world) taskOf(e channel.Event, name string) *task {
	until(func() bool { return w.sink.id(e) != "" })
	return &task{w: w, event: e, name: name, id: w.sink.id(e)}
}

// begin takes up the reply, with a handle that was stored.
func (t *task) begin() (channel.Reply, error) {
	data, err := json.Marshal(t.event.Reply)
	if err != nil {
		return nil, fmt.Errorf("store the handle: %w", err)
	}
	var h channel.Handle
	if err := json.Unmarshal(data, &h); err != nil {
		return nil, fmt.Errorf("read the stored handle: %w", err)
	}
	r, err := t.w.ch.Begin(context.Background(), h, t.id)
	if err != nil {
		return nil, fmt.Errorf("begin: %w", err)
	}
	return r, nil
}

// doc gives a document the task's answer id.
func (t *task) doc(d channel.Doc) channel.Doc {
	d.ID = t.id
	return d
}

// once tries to deliver once.
func (t *task) once(ctx context.Context, d channel.Doc, as channel.Delivery) error {
	r, err := t.begin()
	if err != nil {
		return err
	}
	_, err = r.Finish(ctx, t.doc(d), as)
	return err
}

// deliver delivers a document as the service does: it waits when it is asked to. All after the first are later ones.
func (t *task) deliver(d channel.Doc) error {
	t.docs++
	return t.insist(d, channel.Delivery{Key: fmt.Sprintf("%s-%d", t.id, t.docs), Later: t.docs > 1})
}

// insist delivers under a key, waiting when it is asked to.
func (t *task) insist(d channel.Doc, as channel.Delivery) error {
	for range 20 {
		err := t.once(context.Background(), d, as)
		wait, ok := errors.AsType[*channel.WaitError](err)
		if !ok {
			if err != nil {
				return fmt.Errorf("finish %s: %w", brief(d.Text), err)
			}
			return nil
		}
		if wait.After <= 0 || wait.After > time.Hour {
			return fmt.Errorf("finish %s: a WaitError of %s", brief(d.Text), wait.After)
		}
		time.Sleep(wait.After)
	}
	return fmt.Errorf("finish %s: asked to wait 20 times", brief(d.Text))
}

// notice is a document of the service's own.
func notice(text string) channel.Doc { return document(channel.LabelNotice, text) }

// document makes a document of one node.
func document(label channel.Label, text string) channel.Doc {
	return channel.Doc{Lang: "zh", Label: label, Text: text, Nodes: []channel.Node{{Kind: channel.Line, Text: text}}}
}
