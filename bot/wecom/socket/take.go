package socket

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"policybot/bot/channel"
	"policybot/bot/channel/inlet"
	"policybot/bot/wecom/aibot"
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
			in.Go(func(ctx context.Context) {
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
			in.Go(func(ctx context.Context) { c.tellUnread(ctx, l, e) })
		}
		return false
	}
	select {
	case c.pending <- struct{}{}:
	default: // to wait here would keep acknowledgements from being read
		c.o.Log.Error("wecom: too many events wait to be stored; one is turned away", "kind", e.Kind)
		if to, err := aibot.ReadTarget(e.Reply); err == nil && e.Kind == channel.Question {
			in.Go(func(ctx context.Context) { c.tellNotTaken(ctx, to) })
		}
		return false
	}
	in.Go(func(ctx context.Context) {
		defer func() { <-c.pending }()
		c.store(ctx, in, l, e, b)
	})
	return false
}

// store has an event stored. WeCom does not deliver it again, so it is tried for a while; then the person is told.
func (c *Channel) store(ctx context.Context, in *inlet.Intake, l *line, e channel.Event, b aibot.Body) {
	to, err := aibot.ReadTarget(e.Reply)
	if err != nil {
		return
	}
	if e.Kind == channel.Question {
		c.lives.of(to, true)
	}
	end := time.Now().Add(storeTime)
	for failures := 1; ; failures++ {
		err := c.storeOnce(ctx, in, e)
		switch {
		case err == nil:
			if e.Kind == channel.Pressed {
				c.pressed(ctx, l, to, b, e.Token)
			}
			return
		case errors.Is(err, channel.ErrKeyReused):
			return
		}
		if ctx.Err() != nil || time.Now().After(end) || inlet.Pause(ctx, backoff(failures)) != nil {
			break
		}
	}
	c.o.Log.Error("wecom: an event could not be stored", "kind", e.Kind)
	if e.Kind == channel.Question {
		c.tellNotTaken(ctx, to)
	}
}

// storeOnce has an event stored, when not too many are.
func (c *Channel) storeOnce(ctx context.Context, in *inlet.Intake, e channel.Event) error {
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return ctx.Err()
	}
	ctx, quit := context.WithTimeout(ctx, sinkTime)
	defer quit()
	_, err := in.Sink(ctx, e)
	return err
}

// tellNotTaken tells somebody that their question could not be stored, over whatever connection there is: for a while, and
// when ctx ends only as long as this connection lasts.
func (c *Channel) tellNotTaken(ctx context.Context, to aibot.Target) {
	trying, quit := context.WithTimeout(context.WithoutCancel(ctx), storeTime)
	defer quit()
	defer context.AfterFunc(ctx, func() {
		_ = inlet.Pause(trying, lastTime) // it ends early when this is done
		quit()
	})()
	text := aibot.NotTaken(to.Lang)
	v := c.lives.of(to, true)
	if v.enter(trying) != nil {
		return
	}
	v.over = true
	v.leave()
	end := aibot.Streamed(aibot.Stream{ID: v.stream, Finish: true, Content: text}, nil)
	paid := false
	for failures := 1; ; failures++ {
		wait := backoff(failures)
		if !paid {
			left := c.quota.Take(to.Chat, time.Now())
			paid, wait = left == 0, max(wait, left)
		}
		if paid {
			switch err := c.callOnce(trying, cmdRespond, to.Req, end); codeOf(err) {
			case aibot.CodeInvalidReq, aibot.CodeExpired:
				if c.callOnce(trying, cmdSend, "", aibot.Pushed(to.Chat, text, nil)) == nil {
					return
				}
			case aibot.CodeOK:
				if err == nil {
					return
				}
			}
		}
		if inlet.Pause(trying, wait) != nil {
			return
		}
	}
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
func (c *Channel) pressed(ctx context.Context, l *line, to aibot.Target, b aibot.Body, token string) {
	task := b.Event.Details().TaskID
	if task == "" {
		return
	}
	card, err := json.Marshal(render.Done(to.Lang, c.labels.Of(token), task))
	if err != nil {
		return
	}
	c.courtesy(ctx, l, cmdUpdate, to.Req, aibot.Updated(card))
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
	s := aibot.Stream{ID: c.lives.of(to, true).stream, Finish: true, Content: text}
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
