package callback

import (
	"context"
	"encoding/json"
	"time"

	"policybot/bot/channel"
	"policybot/bot/wecom/aibot"
	"policybot/bot/wecom/render"
)

// An answer is what a request is answered with.
type answer struct {
	message any    // nil: an empty 200
	frame   *frame // that the message is; nil: it is none
}

func framed(f frame) answer { return answer{f.message, &f} }

// take takes what WeCom tells or asks.
func (c *Channel) take(ctx context.Context, b aibot.Body) (answer, error) {
	now := time.Now()
	if b.MsgType == "stream" && b.Stream != nil && b.Stream.ID != "" {
		return framed(c.lives.stream(b.Stream.ID, b.From.UserID, now).frame(now, false, false)), nil
	}
	if b.MsgType == "event" && b.Event != nil && b.Event.Type == aibot.EnterChat {
		return answer{message: aibot.Worded(aibot.Welcome)}, nil
	}
	if len(b.ResponseURL) > maxURL {
		b.ResponseURL = ""
	}
	e, err := c.reader.Event(b, "", now)
	if err != nil {
		return answer{}, err
	}
	to, err := aibot.ReadTarget(e.Reply)
	if err != nil {
		return answer{}, err
	}
	switch {
	case e.Kind == channel.Question:
		return c.question(ctx, e, to, now)
	case e.Kind == channel.Pressed:
		return c.pressed(ctx, e, to, b)
	case e.Kind != "":
		_, err := c.give(ctx, e)
		return answer{}, err
	case b.MsgType == "event":
		return answer{}, nil
	}
	return answer{message: aibot.Streamed(aibot.Stream{ID: streamOf(to), Finish: true, Content: unread(to.Lang)}, nil)}, nil
}

// repeat answers the very same request once more, which is not stored again: the first answer may have been lost, or
// somebody else sends what they have caught. Nothing is learned from it.
func (c *Channel) repeat(b aibot.Body) answer {
	now := time.Now()
	if b.MsgType == "stream" && b.Stream != nil {
		if v := c.lives.known(b.Stream.ID); v != nil {
			return answer{message: v.frame(now, false, true).message}
		}
		return answer{}
	}
	e, err := c.reader.Event(b, "", now)
	if err != nil || e.Kind != channel.Question {
		return answer{}
	}
	to, err := aibot.ReadTarget(e.Reply)
	if err != nil {
		return answer{}
	}
	if v := c.lives.known(streamOf(to)); v != nil && !v.isMute() {
		return answer{message: v.frame(now, true, true).message}
	}
	return answer{}
}

// question has a question stored, and answers with the first snapshot of its stream.
func (c *Channel) question(ctx context.Context, e channel.Event, to aibot.Target, now time.Time) (answer, error) {
	sent := now
	if !e.At.IsZero() && e.At.Before(now) && now.Sub(e.At) < streamLife {
		sent = e.At
	}
	v := c.lives.arrive(to, sent, now)
	v.quieten(func() bool { return c.quota.Take(to.Chat, now) == 0 })
	to.Closed = v.isClosed()
	e.Reply = c.handle(to)
	got, err := c.give(ctx, e)
	if err != nil {
		v.giveUp()
		return answer{}, err
	}
	v.accept(got, render.Stopped(to.Lang))
	if v.isMute() {
		return answer{}, nil // the answer comes in another message, when there is room for it
	}
	return framed(v.frame(time.Now(), true, false)), nil
}

// handle is the handle of a target. It expires with its response_url where there is no other way.
func (c *Channel) handle(to aibot.Target) channel.Handle {
	h := to.Handle()
	if c.o.Late == nil {
		h.Expires = to.Arrived().Add(time.Hour).UTC()
	}
	return h
}

// pressed has the press of a button stored, and puts something else in the place of the card.
func (c *Channel) pressed(ctx context.Context, e channel.Event, to aibot.Target, b aibot.Body) (answer, error) {
	details := b.Event.Details()
	if details.Key == render.DoneKey {
		return answer{}, nil // of a card that was pressed before
	}
	of := c.labels.Of(details.Key)
	to.Lang = of.lang
	e.Reply = c.handle(to)
	got, err := c.give(ctx, e)
	if err != nil {
		return answer{}, err
	}
	c.lives.of(to, time.Now()).stored(got)
	if details.TaskID == "" {
		return answer{}, nil
	}
	card, err := json.Marshal(render.Done(of.lang, of.text, details.TaskID))
	if err != nil {
		return answer{}, nil //nolint:nilerr // it is of strings, and stored
	}
	return answer{message: aibot.Updated(card)}, nil
}

// give has an event stored.
func (c *Channel) give(ctx context.Context, e channel.Event) (channel.Accepted, error) {
	ctx, quit := context.WithTimeout(ctx, sinkTime)
	defer quit()
	select {
	case c.slots <- struct{}{}:
	case <-ctx.Done():
		return channel.Accepted{}, ctx.Err()
	}
	defer func() { <-c.slots }()
	return c.door.Give(ctx, e, sinkTime)
}
