package socket

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"time"

	"policybot/bot/channel"
	"policybot/bot/channel/inlet"
	"policybot/bot/wecom/aibot"
	"policybot/bot/wecom/outgoing"
	"policybot/bot/wecom/render"
)

// take takes a message or an event. It reports whether another connection took over.
func (c *Channel) take(ctx context.Context, in *inlet.Intake, l *line, f frame) (kicked bool) {
	b, err := aibot.ReadBody(f.Body)
	if err != nil {
		c.o.Log.Warn("wecom: a message cannot be read", "bytes", len(f.Body))
		return false
	}
	if b.MsgType == "event" && b.Event != nil {
		switch b.Event.Type {
		case aibot.Disconnected:
			return true
		case aibot.EnterChat:
			if b.MsgID != "" && !outgoing.Due(c.told, string(b.MsgID), reqLife) {
				return false
			}
			c.aside(in, func(ctx context.Context) {
				c.courtesy(ctx, l, cmdWelcome, f.Headers.ReqID, aibot.Worded(aibot.Welcome))
			})
			return false
		}
	}
	e, err := c.reader.Event(b, f.Headers.ReqID, time.Now())
	if err != nil {
		c.o.Log.Warn("wecom: a message cannot be made use of", "type", b.MsgType, "error", err)
		return false
	}
	if e.Kind == "" {
		if b.MsgType != "event" {
			c.aside(in, func(ctx context.Context) { c.tellUnread(ctx, l, e) })
		}
		return false
	}
	to, err := aibot.ReadTarget(e.Reply)
	if err != nil {
		c.o.Log.Warn("wecom: a message cannot be replied to", "type", b.MsgType, "error", err)
		return false
	}
	if e.Kind == channel.Pressed { // it has no words that would tell a language
		to.Lang = cmp.Or(c.labels.Of(e.Token).Lang, to.Lang)
		e.Reply = to.Handle()
	}
	select {
	case c.pending <- struct{}{}:
	default: // to wait here would keep acknowledgements from being read
		c.o.Log.Error("wecom: too many events wait to be stored; one is turned away", "kind", e.Kind)
		c.aside(in, func(ctx context.Context) { c.tellLost(ctx, e.Kind, to) })
		return false
	}
	in.Go(func(ctx context.Context) {
		defer func() { <-c.pending }()
		c.store(ctx, in, l, e, to, b)
	})
	return false
}

// store has an event stored. WeCom does not deliver it again, so it is tried for a while; then the person is told.
func (c *Channel) store(ctx context.Context, in *inlet.Intake, l *line, e channel.Event, to aibot.Target, b aibot.Body) {
	var got channel.Accepted
	err := inlet.Insist(ctx, inlet.StoreTime, func(ctx context.Context) (err error) {
		got, err = c.storeOnce(ctx, in, e)
		return err
	})
	switch {
	case errors.Is(err, channel.ErrKeyReused):
	case err != nil:
		c.o.Log.Error("wecom: an event could not be stored", "kind", e.Kind)
		c.tellLost(ctx, e.Kind, to)
	case e.Kind == channel.Question, e.Kind == channel.Pressed:
		if !got.Duplicate {
			c.lives.of(to).fresh.Store(true)
		}
		if e.Kind == channel.Pressed && got.ID != "" { // else it was somebody else's to press, or too late
			c.pressed(ctx, l, to, b, c.labels.Of(e.Token).Text)
		}
	}
}

// storeOnce has an event stored, when not too many are.
func (c *Channel) storeOnce(ctx context.Context, in *inlet.Intake, e channel.Event) (channel.Accepted, error) {
	ctx, quit := context.WithTimeout(ctx, sinkTime)
	defer quit()
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return channel.Accepted{}, ctx.Err()
	}
	return in.Sink(ctx, e)
}

// tellLost tells somebody that what they said or pressed could not be stored, over whatever connection there is: for a
// while, and when ctx ends only as long as this connection lasts.
func (c *Channel) tellLost(ctx context.Context, kind channel.Kind, to aibot.Target) {
	text, waited := aibot.Lost(kind, to.Lang)
	if !waited {
		return
	}
	trying, quit := context.WithTimeout(context.WithoutCancel(ctx), inlet.TellTime)
	defer quit()
	defer context.AfterFunc(ctx, func() {
		_ = inlet.Pause(trying, lastTime) // it ends early when this is done
		quit()
	})()
	v := c.lives.of(to)
	if v.enter(trying) != nil {
		return
	}
	v.over = true
	v.leave()
	paid := false
	for failures := 1; ; failures++ {
		wait := backoff(failures, lastRetry)
		if !paid {
			left := c.quota.Take(to.Chat, time.Now())
			paid, wait = left == 0, max(wait, left)
		}
		if paid && c.toldLost(trying, to, v.stream, text) || inlet.Pause(trying, wait) != nil {
			return
		}
	}
}

// toldLost ends the stream of a reply with a sentence, or pushes it where WeCom takes no stream. It reports whether nothing
// more can be done.
func (c *Channel) toldLost(ctx context.Context, to aibot.Target, stream, text string) bool {
	if !to.Event {
		err := c.callOnce(ctx, cmdRespond, to.Req, aibot.Streamed(aibot.Stream{ID: stream, Finish: true, Content: text}, nil))
		if code := codeOf(err); code != aibot.CodeInvalidReq && code != aibot.CodeExpired {
			return err == nil
		}
	}
	return c.callOnce(ctx, cmdSend, "", aibot.Pushed(to.Chat, text, nil)) == nil // to be told twice is better than not at all
}

// callOnce calls over the connection that there is. A call of our own has the req "".
func (c *Channel) callOnce(ctx context.Context, cmd, req string, body any) error {
	l, err := c.lined(ctx)
	if err != nil {
		return err
	}
	if req == "" {
		req = l.ownID(cmd)
	}
	return l.call(ctx, cmd, req, body)
}

// pressed puts something else in the place of a card that was pressed. WeCom waits five seconds for it.
func (c *Channel) pressed(ctx context.Context, l *line, to aibot.Target, b aibot.Body, label string) {
	task := b.Event.Details().TaskID
	if task == "" {
		return
	}
	card, err := json.Marshal(render.Done(to.Lang, label, task))
	if err != nil {
		return
	}
	c.courtesy(ctx, l, cmdUpdate, to.Req, aibot.Updated(card))
}

// aside does in the background what may fail, unless too much of that is under way.
func (c *Channel) aside(in *inlet.Intake, do func(context.Context)) {
	select {
	case c.spare <- struct{}{}:
	default:
		c.o.Log.Warn("wecom: there is too much to do: a courtesy is left out")
		return
	}
	in.Go(func(ctx context.Context) {
		defer func() { <-c.spare }()
		do(ctx)
	})
}

// courtesy sends what may fail.
func (c *Channel) courtesy(ctx context.Context, l *line, cmd, req string, body any) {
	ctx, quit := context.WithTimeout(ctx, updateTime)
	defer quit()
	if err := l.call(ctx, cmd, req, body); err != nil {
		c.o.Log.Debug("wecom: a courtesy was not sent", "cmd", cmd, "error", err)
	}
}

// tellUnread tells that only words can be read.
func (c *Channel) tellUnread(ctx context.Context, l *line, e channel.Event) {
	if to, err := aibot.ReadTarget(e.Reply); err == nil {
		c.end(ctx, l, to, aibot.Unread(to.Lang))
	}
}

// end ends the stream of a reply with a sentence of our own.
func (c *Channel) end(ctx context.Context, l *line, to aibot.Target, text string) {
	if c.quota.Take(to.Chat, time.Now()) > 0 {
		return
	}
	s := aibot.Stream{ID: c.lives.of(to).stream, Finish: true, Content: text}
	c.courtesy(ctx, l, cmdRespond, to.Req, aibot.Streamed(s, nil))
}

// tend ends streams before WeCom does, and forgets what is long past, until ctx ends.
func (c *Channel) tend(ctx context.Context) {
	for swept := time.Now(); inlet.Pause(ctx, 10*time.Second) == nil; {
		for _, v := range c.lives.list() {
			c.retire(ctx, v)
		}
		if time.Since(swept) > 10*time.Minute {
			c.lives.sweep()
			swept = time.Now()
		}
	}
}

// retire ends a stream whose time is nearly over, so that it does not hang. What it was for comes in another message.
func (c *Channel) retire(ctx context.Context, v *life) {
	select {
	case v.lock <- struct{}{}:
	default:
		return // somebody is sending
	}
	defer v.leave()
	if v.opened.IsZero() || v.over || v.taken != "" || time.Since(v.opened) < streamEnds {
		return
	}
	l, err := c.lined(ctx)
	if err != nil {
		return
	}
	v.over = true
	c.courtesy(ctx, l, cmdRespond, v.req, aibot.Streamed(aibot.Stream{ID: v.stream, Finish: true, Content: aibot.Follows(v.lang)}, nil))
}
