package fakemodel

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"policybot/bot/model"
)

// A call is one call of a fake that is under way: it passes text on and keeps the
// usage. Time is that of the runtime, so that it can be faked by testing/synctest.
type call struct {
	ctx   context.Context
	name  string
	r     model.Request
	pass  func(string) error
	began time.Time
	use   model.Usage
}

func begin(ctx context.Context, name string, r model.Request, pass func(string) error) *call {
	return &call{ctx: ctx, name: name, r: r, pass: pass, began: time.Now(), use: model.Usage{
		Model: name, TokensIn: tokens(r.System) + tokens(r.User), Estimated: true, Tries: 1,
	}}
}

// tokens is a rough count: a character of Chinese is one, four bytes of others are.
func tokens(s string) int {
	n, narrow := 0, 0
	for _, r := range s {
		if r < utf8.RuneSelf {
			narrow++
		} else {
			n++
		}
	}
	return n + (narrow+3)/4
}

// send passes one piece on. An empty one is not passed.
func (c *call) send(piece string) error {
	if err := c.alive(); err != nil {
		return err
	}
	if piece == "" {
		return nil
	}
	if c.use.First == 0 {
		c.use.First = max(time.Since(c.began), 1)
	}
	c.use.Bytes += len(piece)
	c.use.TokensOut += tokens(piece)
	return c.pass(piece)
}

// sendAll passes text on in pieces of about n bytes, cut between characters.
func (c *call) sendAll(text string, n int) error {
	for len(text) > 0 {
		piece := text
		if len(text) > n {
			end := n
			for end < len(text) && !utf8.RuneStart(text[end]) {
				end++
			}
			piece = text[:end]
		}
		text = text[len(piece):]
		if err := c.send(piece); err != nil {
			return err
		}
	}
	return nil
}

// alive returns an error when ctx has ended.
func (c *call) alive() error {
	if err := c.ctx.Err(); err != nil {
		return fmt.Errorf("ask model %q to %s: %w", c.name, c.r.Task, err)
	}
	return nil
}

// wait returns after d, or earlier when ctx ends, with an error.
func (c *call) wait(d time.Duration) error {
	if d > 0 {
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-t.C:
		case <-c.ctx.Done():
		}
	}
	return c.alive()
}

// fail makes an error of a class.
func (c *call) fail(class model.Class, detail string) error {
	e := &model.Error{Class: class, Task: c.r.Task, Model: c.name, Detail: detail, Tries: 1, Status: status[class]}
	if class == model.RateLimited || class == model.Open {
		e.RetryAfter = 2 * time.Second
	}
	return e
}

var status = map[model.Class]int{
	model.Unauthorized: 401, model.NotFound: 404, model.QuotaExceeded: 429, model.RateLimited: 429,
	model.Unavailable: 503, model.BadAnswer: 200, model.Refused: 400,
}

// end closes the books; a reply is whole when err is nil.
func (c *call) end(err error) (model.Usage, error) {
	c.use.Total = time.Since(c.began)
	if err == nil && c.use.Finish == "" {
		c.use.Finish = "stop"
	}
	return c.use, err
}
