package generate

import (
	"context"
	"errors"

	"policybot/bot/model"
)

// Replay returns a Generator that writes an answer once more from its trace: the
// same replies to the same requests, by no model. With the same material it gives the
// same statements.
func Replay(t Trace) *Generator {
	p := &played{calls: t.Calls}
	seeds := 0
	return &Generator{Model: p, Seed: func() string {
		seeds++
		if seeds > len(t.Calls) {
			return ""
		}
		return t.Calls[seeds-1].Seed
	}}
}

// played is a model that gives recorded replies, one after the other.
type played struct {
	calls []Call
	next  int
}

// Name implements model.Model.
func (p *played) Name() string { return "replay" }

// Stream implements model.Model.
func (p *played) Stream(_ context.Context, r model.Request, pass func(string) error) (model.Usage, error) {
	if p.next >= len(p.calls) {
		return model.Usage{}, &model.Error{Class: model.Unavailable, Task: r.Task, Model: p.Name(), Detail: "the record has no more calls"}
	}
	c := p.calls[p.next]
	p.next++
	if c.Reply != "" {
		if err := pass(c.Reply); err != nil {
			return c.Usage, err
		}
	}
	switch {
	case c.Class != "":
		return c.Usage, &model.Error{Class: c.Class, Task: r.Task, Model: p.Name()}
	case c.Error != "":
		return c.Usage, errors.New(c.Error)
	}
	return c.Usage, nil
}
