package callback

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"policybot/bot/channel"
	"policybot/bot/channel/cut"
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
	return &reply{c: c, to: to, answer: id, life: c.lives.of(to, time.Now())}, nil
}

// streams reports whether the reply may be in a stream.
func (r *reply) streams() bool { return !r.to.Event && r.to.Msg != "" && !r.life.isClosed() }

// Progress implements [channel.Reply]. WeCom gets it when it asks the next time.
func (r *reply) Progress(_ context.Context, step string) error {
	r.life.show(render.Progress(step, r.to.Lang, style), false)
	return nil
}

// Update implements [channel.Reply]. WeCom gets it when it asks the next time.
func (r *reply) Update(_ context.Context, d channel.Doc) error {
	r.life.show(render.Snapshot(d, style), true)
	return nil
}

// Abort implements [channel.Reply]. The response_url is not spent on it.
func (r *reply) Abort(ctx context.Context, _ string) error {
	if r.streams() {
		r.life.stop(ctx, render.Stopped(r.to.Lang))
	}
	return nil
}

// Finish implements [channel.Reply]. The document is the end of the stream, as long as WeCom asks for that; the rest of a
// long one, and what no stream takes, goes to the response_url; what that does not take either, to Options.Late. Where an
// earlier process may have shown the document and nothing tells whether it did, it fails with a *channel.GoneError.
func (r *reply) Finish(ctx context.Context, d channel.Doc, as channel.Delivery) (channel.Receipt, error) {
	ctx, quit := context.WithTimeout(ctx, finishTime)
	defer quit()
	if err := r.life.enter(ctx); err != nil {
		return "", err
	}
	defer r.life.leave()
	s := &sending{reply: r, doc: d, as: as, known: r.life.delivery(as), parts: render.Parts(d, style, outgoing.Ref(as.Key))}
	if err := s.send(ctx); err != nil {
		return "", fmt.Errorf("deliver a document: %w", err)
	}
	s.known.done = true
	return channel.Receipt(outgoing.Ref(as.Key)), nil
}

// A sending is one document on its way out.
type sending struct {
	*reply
	doc   channel.Doc
	as    channel.Delivery
	known *delivery
	parts []string
}

func (s *sending) send(ctx context.Context) error {
	if s.known.done {
		return nil
	}
	if !s.as.Later && s.streams() && !s.known.streamed {
		if len(s.parts) > 1 && !s.hasURL() {
			s.parts = []string{s.message(s.parts)} // there is no room for the others
		}
		got, err := s.life.hand(ctx, s.as.Key, s.parts[0], s.card(), s.other())
		switch {
		case err != nil:
			return err
		case !got && s.known.doubt && !s.life.seen() && s.mayStream():
			return errUnknowable
		}
		s.known.streamed = got
	}
	rest := s.parts
	if s.known.streamed {
		rest = s.parts[1:]
	}
	if len(rest) == 0 {
		return nil
	}
	return s.respond(ctx, s.message(rest))
}

// mayStream reports whether an attempt of which nothing is known may have been made while the stream lasted.
func (s *sending) mayStream() bool {
	return s.as.Since.IsZero() || s.as.Since.Before(s.to.Arrived().Add(streamLife))
}

// other reports whether the document can be delivered without a stream.
func (s *sending) other() bool { return s.hasURL() || s.c.o.Late != nil }

// hasURL reports whether the response_url takes the document.
func (s *sending) hasURL() bool { return s.urlLives() && s.life.has(s.as.Key) }

// card is what stands under a document, nil for nothing.
func (s *sending) card() json.RawMessage {
	made, ok := render.Card(s.doc, render.CardOptions{TaskID: aibot.StreamID("card", s.as.Key), Bot: true, Pages: s.c.o.Pages, MaxButtons: maxButtons})
	if !ok {
		return nil
	}
	for _, b := range s.doc.Buttons {
		s.c.labels.Keep(b.Token, aibot.Label{Text: b.Label, Lang: s.doc.Lang})
	}
	data, err := json.Marshal(made)
	if err != nil {
		return nil // it is of strings and numbers
	}
	return data
}

// message is what the response_url gets: the first of the parts. It says when there are more, and what the buttons are
// that it cannot show.
func (s *sending) message(parts []string) string {
	text, tail := parts[0], ""
	if len(parts) > 1 {
		tail = "\n\n" + restOf(s.doc.Lang, s.c.o.Pages)
	} else if said := s.sayable(); said != "" {
		tail = "\n\n" + said
	}
	return text[:cut.At(text, maxMessage-len(tail))] + tail
}

// feedback is what people's feedback on the message will name.
func (s *sending) feedback() *aibot.FeedbackKey {
	if s.answer == "" || len(s.answer) > maxFeedback {
		return nil
	}
	return &aibot.FeedbackKey{ID: s.answer}
}

// sayable is a line with what the buttons say, which can be said in words as well; "" when they are shown, or there are
// none.
func (s *sending) sayable() string {
	var words []string
	for _, b := range s.doc.Buttons {
		if b.Does == "reply" {
			words = append(words, "“"+render.Guard(b.Label)+"”")
		}
	}
	if len(words) == 0 || s.known.streamed {
		return ""
	}
	return strings.ReplaceAll(press.In(s.doc.Lang), "\n", " ") + strings.Join(words, " ")
}
