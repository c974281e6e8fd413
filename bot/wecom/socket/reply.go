package socket

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"policybot/bot/channel"
	"policybot/bot/channel/inlet"
	"policybot/bot/wecom/aibot"
	"policybot/bot/wecom/outgoing"
	"policybot/bot/wecom/render"
)

// A reply is one reply under way.
type reply struct {
	c      *Channel
	to     aibot.Target
	answer string
	life   *life
}

// Begin implements [channel.Channel].
func (c *Channel) Begin(_ context.Context, h channel.Handle, id string) (channel.Reply, error) {
	to, err := aibot.ReadTarget(h)
	if err != nil {
		return nil, err
	}
	return &reply{c: c, to: to, answer: id, life: c.lives.of(to)}, nil
}

// Progress implements [channel.Reply].
func (r *reply) Progress(ctx context.Context, step string) error {
	return r.snapshot(ctx, render.Progress(step, r.to.Lang, render.Bot), false)
}

// Update implements [channel.Reply]. A snapshot that comes too soon after the one before is not shown.
func (r *reply) Update(ctx context.Context, d channel.Doc) error {
	return r.snapshot(ctx, render.Snapshot(d, render.Bot), true)
}

// snapshot shows what there is so far. document tells that it is of the document, which a status does not take away.
func (r *reply) snapshot(ctx context.Context, text string, document bool) error {
	if r.to.Event || r.to.Req == "" || text == "" {
		return nil // it has no stream
	}
	ctx, quit := context.WithTimeout(ctx, updateTime)
	defer quit()
	v := r.life
	if err := v.enter(ctx); err != nil {
		return err
	}
	defer v.leave()
	switch {
	case v.over || v.taken != "" || !document && !v.shown.IsZero():
		return nil
	case document && time.Since(v.shown) < snapshots:
		return nil
	case v.opened.IsZero() && r.c.quota.Take(r.to.Chat, time.Now()) > 0:
		return nil // the document itself will need what is left
	}
	l, err := r.c.lined(ctx)
	if err != nil {
		return err
	}
	if v.opened.IsZero() {
		v.opened = time.Now()
	}
	if document {
		v.shown = time.Now()
	}
	err = l.call(ctx, cmdRespond, r.to.Req, aibot.Streamed(aibot.Stream{ID: v.stream, Content: text, Feedback: r.feedback()}, nil))
	if code := codeOf(err); code == aibot.CodeExpired || code == aibot.CodeInvalidReq {
		v.over = true
	}
	if err != nil {
		return fmt.Errorf("show a snapshot: %w", err)
	}
	return nil
}

// feedback is what people's feedback on the reply will name. WeCom takes it with the first snapshot of a stream.
func (r *reply) feedback() *aibot.FeedbackKey {
	if r.answer == "" || len(r.answer) > 256 {
		return nil
	}
	return &aibot.FeedbackKey{ID: r.answer}
}

// Abort implements [channel.Reply].
func (r *reply) Abort(ctx context.Context, _ string) error {
	v := r.life
	if err := v.enter(ctx); err != nil {
		return err
	}
	defer v.leave()
	if v.over || v.taken != "" || v.fresh.Load() && v.opened.IsZero() || r.to.Event || r.to.Req == "" {
		v.over = true
		return nil
	}
	v.over = true
	l, err := r.c.lined(ctx)
	if err == nil {
		err = l.call(ctx, cmdRespond, r.to.Req, aibot.Streamed(aibot.Stream{ID: v.stream, Finish: true, Content: render.Stopped(r.to.Lang)}, nil))
	}
	if err != nil && codeOf(err) == 0 {
		return fmt.Errorf("end a stream: %w", err)
	}
	return nil
}

// Finish implements [channel.Reply]. The first message of an answer is the end of its stream; those that follow, and later
// documents, are streams of one snapshot to the same message as long as WeCom takes them, else pushes. A stream that was
// sent with an unknown end is sent again, which shows nothing twice; a push is not.
func (r *reply) Finish(ctx context.Context, d channel.Doc, as channel.Delivery) (channel.Receipt, error) {
	ctx, quit := context.WithTimeout(ctx, finishTime)
	defer quit()
	r.c.sending.Add(1)
	defer r.c.sending.Add(-1)
	v := r.life
	if err := v.enter(ctx); err != nil {
		return "", err
	}
	defer v.leave()
	parts := render.Parts(d, render.Bot, outgoing.Ref(as.Key))
	for i, text := range parts {
		one := &sending{reply: r, v: v, p: v.part(as, i, r.to), text: text, as: as, number: i}
		if i == len(parts)-1 {
			one.card = r.card(d, as.Key)
		}
		if err := one.send(ctx); err != nil {
			return "", fmt.Errorf("send message %d of %d: %w", i+1, len(parts), err)
		}
	}
	return channel.Receipt(outgoing.Ref(as.Key)), nil
}

// card is what stands under a document, nil for nothing.
func (r *reply) card(d channel.Doc, key string) json.RawMessage {
	made, ok := render.Card(d, render.CardOptions{TaskID: aibot.StreamID("card", key), Bot: true, Pages: r.c.o.Pages, MaxButtons: maxButtons})
	if !ok {
		return nil
	}
	for _, b := range d.Buttons {
		r.c.labels.Keep(b.Token, aibot.Label{Text: b.Label, Lang: d.Lang})
	}
	data, err := json.Marshal(made)
	if err != nil {
		return nil // it is of strings and numbers
	}
	return data
}

// part is what is known of one message of a document.
func (v *life) part(as channel.Delivery, number int, to aibot.Target) *part {
	name := fmt.Sprintf("%s %d", as.Key, number)
	p := v.parts[name]
	if p == nil {
		unknown := as.Again && !v.fresh.Load() // another process may have sent it
		p = &part{first: time.Now(), known: !unknown}
		if unknown {
			p.doubt, p.first = true, to.Arrived()
			if as.Since.After(p.first) {
				p.first = as.Since
			}
		}
		v.parts[name] = p
	}
	return p
}

// A sending is one message on its way out.
type sending struct {
	*reply
	v      *life
	p      *part
	text   string
	card   json.RawMessage
	as     channel.Delivery
	number int
}

// send sends the message by the best way that there is.
func (s *sending) send(ctx context.Context) error {
	if s.p.done {
		return nil
	}
	if s.ownStream() && s.mayBeOver() {
		if !s.p.known {
			return unknowable() // nor is it known which stream an earlier process sent it to
		}
		s.v.over = s.v.over || !s.p.doubt // should WeCom take the end of what has ended without a word, nobody would see it
	}
	if s.ownStream() {
		s.v.taken = s.as.Key
		handled, err := s.stream(ctx, s.v.stream, !s.v.opened.IsZero())
		if handled {
			return err
		}
		s.v.over = true
	}
	if !s.to.Event && s.to.Req != "" && time.Since(s.to.Arrived()) < reqLife {
		if handled, err := s.stream(ctx, aibot.StreamID("more", s.to.Chat, s.to.Msg, s.as.Key, fmt.Sprint(s.number)), false); handled {
			return err
		}
	}
	return s.push(ctx)
}

// ownStream reports whether the message ends the stream of the reply.
func (s *sending) ownStream() bool {
	v := s.v
	return s.number == 0 && !s.as.Later && !s.to.Event && s.to.Req != "" && !v.over && (v.taken == "" || v.taken == s.as.Key)
}

// mayBeOver reports whether an earlier process may have ended the stream of the reply because its time was over.
func (s *sending) mayBeOver() bool {
	return !s.v.fresh.Load() && time.Since(s.to.Arrived()) >= streamEnds
}

// began is a time before which a stream was surely not begun.
func (s *sending) began(id string) time.Time {
	switch {
	case id == s.v.stream && !s.v.fresh.Load(): // an earlier process may have begun it
		return s.to.Arrived()
	case id == s.v.stream && !s.v.opened.IsZero() && s.v.opened.Before(s.p.first):
		return s.v.opened
	}
	return s.p.first
}

// stream sends the message as a whole stream. handled is false when WeCom takes no stream, and the message has surely not
// arrived.
func (s *sending) stream(ctx context.Context, id string, open bool) (handled bool, err error) {
	if !open {
		if err := s.pay(ctx); err != nil {
			return true, err
		}
	}
	began := s.began(id)
	card, refused := s.card, false
	if s.c.isPlain() {
		card = nil
	}
	for range 4 {
		err = s.c.callOnce(ctx, cmdRespond, s.to.Req, aibot.Streamed(aibot.Stream{ID: id, Finish: true, Content: s.text, Feedback: s.feedback()}, card))
		switch code := codeOf(err); {
		case err == nil:
			s.p.done = true
			if refused {
				s.c.bePlain()
			}
			if card == nil {
				s.pushCard(ctx)
			}
			return true, nil
		case code == aibot.CodeExpired && s.p.doubt && s.p.known && time.Since(began) < streamEnds:
			s.p.done = true // it cannot have expired yet: what ended it is this very message. An earlier process may have learned otherwise
			return true, nil
		case code == aibot.CodeExpired || code == aibot.CodeInvalidReq:
			if s.p.doubt {
				return true, unknowable()
			}
			return false, nil
		case code == aibot.CodeNotSubscribed:
			continue // over another connection
		case aibot.TooFast(code):
			if err := s.patient(ctx, time.Minute); err != nil {
				return true, err
			}
			continue
		case aibot.Gone(code) != "":
			return true, &channel.GoneError{Reason: fmt.Sprintf("%s (%d)", aibot.Gone(code), code)}
		case code == aibot.CodeBusy:
			return true, s.refused(err)
		case code != 0 && card != nil:
			s.c.o.Log.Warn("wecom: a card under a stream was refused; it is sent by itself", "code", code)
			card, refused = nil, true
			continue
		case code != 0 && s.p.doubt:
			return true, unknowable()
		case code != 0:
			return false, nil
		}
		if !errors.Is(err, errNoAck) {
			return true, s.unsent(ctx, err)
		}
		s.p.doubt = true // and again: the same stream shows nothing twice
		if ctx.Err() != nil {
			return true, err
		}
	}
	return true, err
}

// push sends the message unasked. What may have arrived is not sent again.
func (s *sending) push(ctx context.Context) error {
	if s.p.doubt {
		return unknowable()
	}
	if err := s.pay(ctx); err != nil {
		return err
	}
	for range 4 {
		l, err := s.c.lined(ctx)
		if err != nil {
			return s.unsent(ctx, err)
		}
		if !inlet.Room(ctx, 0) { // it might be shown, and nobody would learn of it
			return s.unsent(ctx, errNoTime)
		}
		err = l.call(ctx, cmdSend, l.ownID(cmdSend), aibot.Pushed(s.to.Chat, s.text, s.feedback()))
		switch code := codeOf(err); {
		case err == nil:
			s.p.done = true
			s.pushCard(ctx)
			return nil
		case code == aibot.CodeNotSubscribed:
			continue
		case aibot.TooFast(code):
			if err := s.patient(ctx, time.Minute); err != nil {
				return err
			}
			continue
		case aibot.Gone(code) != "":
			return &channel.GoneError{Reason: fmt.Sprintf("%s (%d)", aibot.Gone(code), code)}
		case code != 0:
			return s.refused(err)
		case !errors.Is(err, errNoAck):
			return s.unsent(ctx, err)
		}
		s.p.doubt = true
		return unknowable()
	}
	return &channel.WaitError{After: lastRetry, All: true}
}

// pushCard pushes the card of the message by itself. It may be lost: the words say the same, and what its buttons say can
// be typed. WeCom takes a card of one task once.
func (s *sending) pushCard(ctx context.Context) {
	if s.card == nil || s.c.quota.Take(s.to.Chat, time.Now()) > 0 {
		return
	}
	l, err := s.c.lined(ctx)
	if err != nil {
		return
	}
	s.c.courtesy(ctx, l, cmdSend, l.ownID(cmdSend), aibot.PushedCard(s.to.Chat, s.card))
}

// pay counts the message, and waits while there are too many in the chat.
func (s *sending) pay(ctx context.Context) error {
	for !s.p.paid {
		wait := s.c.quota.Take(s.to.Chat, time.Now())
		if wait == 0 {
			s.p.paid = true
			break
		}
		if err := s.patient(ctx, wait); err != nil {
			return err
		}
	}
	return nil
}

// patient waits. Where nothing of the document has been sent it lets the caller wait.
func (s *sending) patient(ctx context.Context, after time.Duration) error {
	if s.number == 0 && !s.p.doubt {
		return &channel.WaitError{After: after}
	}
	return inlet.Rest(ctx, after)
}

// unsent is what a message fails with that surely was not sent.
func (s *sending) unsent(ctx context.Context, err error) error {
	if s.number == 0 && !s.p.doubt && ctx.Err() == nil {
		return &channel.WaitError{After: firstRetry, All: true}
	}
	return s.refused(err)
}

// refused is what a message fails with that WeCom did not take. Where it is the first of its document, and nothing before
// it is in doubt, nothing was delivered.
func (s *sending) refused(err error) error {
	if s.number == 0 && !s.p.doubt {
		return &channel.UnsentError{Err: err}
	}
	return err
}

var errNoTime = errors.New("there is no time left for it")

// unknowable is what a message fails with that may have arrived and must not arrive twice.
func unknowable() error {
	return &channel.GoneError{Reason: "the connection broke while it was sent, and whether it arrived cannot be known"}
}
