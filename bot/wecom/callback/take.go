package callback

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"policybot/bot/channel"
	"policybot/bot/channel/inlet"
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
		if err != nil {
			c.insist(e, to, func(channel.Accepted) {})
		}
		return answer{}, err
	case b.MsgType == "event":
		return answer{}, nil
	}
	return answer{message: aibot.Streamed(aibot.Stream{ID: streamOf(to), Finish: true, Content: aibot.Unread(to.Lang)}, nil)}, nil
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
	accept := func(got channel.Accepted) {
		if got.ID == "" && !v.hasEnded() { // else WeCom tells of it again
			c.lives.stop(to) // those too that nobody works on yet
		}
		v.accept(got, render.Stopped(to.Lang))
	}
	got, err := c.give(ctx, e)
	if err != nil {
		v.giveUp()
		c.insist(e, to, accept)
		return answer{}, err
	}
	accept(got)
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
	to.Lang = cmp.Or(of.Lang, to.Lang)
	e.Reply = c.handle(to)
	stored := func(got channel.Accepted) { c.lives.of(to, time.Now()).stored(got) }
	got, err := c.give(ctx, e)
	if err != nil {
		c.insist(e, to, stored)
		return answer{}, err
	}
	stored(got)
	if details.TaskID == "" || got.ID == "" { // it was somebody else's to press, or too late
		return answer{}, nil
	}
	card, err := json.Marshal(render.Done(to.Lang, of.Text, details.TaskID))
	if err != nil {
		return answer{}, nil //nolint:nilerr // it is of strings, and stored
	}
	return answer{message: aibot.Updated(card)}, nil
}

// insist tries for a while to store an event, which WeCom may never send again. Who waits for something is told when it was
// in vain.
func (c *Channel) insist(e channel.Event, to aibot.Target, stored func(channel.Accepted)) {
	in := c.door.Enter()
	if in == nil {
		return
	}
	defer in.Leave()
	store := func(ctx context.Context) error {
		got, err := c.slotted(ctx, func(ctx context.Context) (channel.Accepted, error) { return in.Sink(ctx, e) })
		if err == nil {
			stored(got)
		}
		return err
	}
	lost := func(err error) {
		if errors.Is(err, channel.ErrKeyReused) {
			return
		}
		c.o.Log.Error("wecombot: an event could not be stored", "kind", e.Kind)
		if text, waited := aibot.Lost(e.Kind, to.Lang); waited && to.URL != "" {
			c.tellLost(in.Context(), to.URL, text)
		}
	}
	if !c.backlog.Add(in, e.DeliveryKey, inlet.StoreTime, store, lost) {
		c.o.Log.Error("wecombot: an event could not be stored, and too many are tried again already", "kind", e.Kind)
	}
}

// tellLost tells somebody, by a response_url, that what they said or pressed could not be stored. It is tried for a while.
func (c *Channel) tellLost(ctx context.Context, address, text string) {
	err := inlet.Insist(ctx, inlet.TellTime, func(ctx context.Context) error {
		code, err := c.post(ctx, address, aibot.Pushed("", text, nil))
		if err == nil && (aibot.TooFast(code) || code == aibot.CodeBusy) {
			return fmt.Errorf("WeCom takes no reply now (%d)", code)
		}
		return err
	})
	if err != nil {
		c.o.Log.Error("wecombot: somebody could not be told that a message was not taken", "error", err)
	}
}

// give has an event stored, as long as Run runs.
func (c *Channel) give(ctx context.Context, e channel.Event) (channel.Accepted, error) {
	got, err := c.slotted(ctx, func(ctx context.Context) (channel.Accepted, error) { return c.door.Give(ctx, e, sinkTime) })
	if err == nil {
		c.backlog.Done(e.DeliveryKey)
	}
	return got, err
}

// slotted stores when not too much is being stored.
func (c *Channel) slotted(ctx context.Context, store func(context.Context) (channel.Accepted, error)) (channel.Accepted, error) {
	ctx, quit := context.WithTimeout(ctx, sinkTime)
	defer quit()
	select {
	case c.slots <- struct{}{}:
	case <-ctx.Done():
		return channel.Accepted{}, ctx.Err()
	}
	defer func() { <-c.slots }()
	return store(ctx)
}
