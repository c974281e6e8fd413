package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/slack-go/slack"

	"policybot/bot/channel"
	"policybot/bot/channel/inlet"
	"policybot/bot/slack/render"
)

// A reply is one reply under way.
type reply struct {
	c      *Channel
	to     target
	answer string
}

// Begin implements [channel.Channel].
func (c *Channel) Begin(_ context.Context, h channel.Handle, id string) (channel.Reply, error) {
	r := &reply{c: c, answer: id}
	if err := json.Unmarshal(h.Data, &r.to); err != nil || r.to.Channel == "" && r.to.User == "" {
		return nil, &channel.GoneError{Reason: "the handle is damaged"}
	}
	return r, nil
}

// Finish implements [channel.Reply]. A document is streamed where that is possible and none of Slack's rates
// speaks against it; else it becomes one or more messages. Each carries the key, by which an attempt that
// follows finds it. A stream that has expired, and a message that grew by changes, are changed into the whole
// document; where that is refused, the document is a new message and what was shown goes.
func (r *reply) Finish(ctx context.Context, d channel.Doc, as channel.Delivery) (channel.Receipt, error) {
	ctx, quit := context.WithTimeout(ctx, finishTime)
	defer quit()
	if err := r.settle(ctx); err != nil {
		return "", err
	}
	l := r.c.live.take(r.name())
	if err := l.lock(ctx); err != nil {
		r.c.live.back(r.name(), l)
		return "", err
	}
	defer l.unlock()
	d = r.c.linked(d)
	posts := render.Messages(d, as.Key)
	var there found
	if as.Again || l.doubt || !l.looked && r.isOlder() {
		var err error
		// Where a workspace lets nobody look, what was never tried is delivered all the same.
		if there, err = r.search(ctx, as.Key); err != nil && (as.Again || l.doubt || !lacking[errorName(err)]) {
			r.c.live.keep(r.name(), l)
			return "", err
		}
	}
	l.found(there)
	receipt, err := r.deliver(ctx, d, as.Key, posts, there, l)
	if err == nil {
		r.quiet(ctx, l)
		if err = r.tidy(ctx, as.Key, l); err != nil {
			err = fmt.Errorf("the document is there, a beginning too: %s", plain(err)) // never a *channel.WaitError
		}
	}
	if err != nil {
		r.c.live.keep(r.name(), l)
		return "", err
	}
	return channel.Receipt(receipt), nil
}

// tidy takes away what was shown before and is not the document, which is there. What Slack does not let the bot take
// away stays; after another failure it is tried again, with the whole delivery.
func (r *reply) tidy(ctx context.Context, key string, l *life) error {
	if l.doubt { // a beginning may have come after nobody waited for it any more
		there, err := r.search(ctx, key)
		if err != nil {
			return err
		}
		for _, ts := range there.partly {
			l.leave(ts)
		}
		l.doubt = false
	}
	for len(l.left) > 0 {
		if err := r.remove(ctx, l.left[0]); err != nil && (uncertain(err) || retryAfter(err) > 0 || waiting(err)) {
			return err
		}
		l.left = l.left[1:]
	}
	return nil
}

// deliver brings each part of a document that is not there yet.
func (r *reply) deliver(ctx context.Context, d channel.Doc, key string, posts []render.Message, there found, l *life) (receipt string, err error) {
	delivered := len(there.parts) > 0
	for i, m := range posts {
		if ts := there.parts[m.Part]; ts != "" {
			receipt = ts
			continue
		}
		switch {
		case i == 0 && l.ts != "":
			receipt, err = r.conclude(ctx, d, key, m, len(posts) == 1, l)
		case i == 0 && len(posts) == 1 && streamed[d.Label] && r.streams():
			receipt, err = r.stream(ctx, d, key, m, l)
		default:
			if delivered {
				if err := inlet.Pause(ctx, interval); err != nil {
					return "", fmt.Errorf("post part %d of %d: %w", m.Part, m.Parts, err)
				}
			}
			receipt, err = r.insist(ctx, m, key, !delivered)
		}
		if err != nil {
			return "", err
		}
		delivered = true
	}
	return receipt, nil
}

// linked is a document in which every citation has an address, if there is a console.
func (c *Channel) linked(d channel.Doc) channel.Doc {
	if c.o.Pages == "" {
		return d
	}
	d.Citations = slices.Clone(d.Citations)
	for i := range d.Citations {
		if one := &d.Citations[i]; one.URL == "" && one.Clause != "" {
			one.URL = c.o.Pages + "/clauses/" + url.PathEscape(one.Clause)
		}
	}
	return d
}

// streamed are the labels of documents that are worth a stream: answers.
var streamed = map[channel.Label]bool{channel.LabelExtract: true, channel.LabelAI: true}

// settle finds the talk with a person to whom something goes without having been asked there.
func (r *reply) settle(ctx context.Context) error {
	if r.to.Channel != "" {
		return nil
	}
	id, err := r.c.talk(ctx, r.to.User)
	if err != nil {
		return r.c.failure("open a direct message", err)
	}
	r.to.Channel, r.to.Direct = id, true
	return nil
}

// talk is the id of the direct message channel with a person.
func (c *Channel) talk(ctx context.Context, user string) (string, error) {
	ctx, quit := context.WithTimeout(ctx, callTime)
	defer quit()
	ch, _, _, err := c.api.OpenConversationContext(ctx, &slack.OpenConversationParameters{Users: []string{user}})
	if err != nil {
		return "", err
	}
	return ch.ID, nil
}

// isOlder reports whether the message that is replied to may have come before this process began: what another
// process has shown of the reply is then looked for. Slack's clock and ours may differ by clockSkew.
func (r *reply) isOlder() bool {
	at := timeOf(first(r.to.Asked, r.to.Message))
	since := r.c.me().since
	return !at.IsZero() && (since.IsZero() || at.Before(since.Add(clockSkew)))
}

const clockSkew = 30 * time.Second

// name tells a reply under way from others.
func (r *reply) name() string { return r.to.Channel + "\x00" + r.to.Thread + "\x00" + r.answer }

// insist posts one message. When it is the first of its document, being told to wait is the caller's matter,
// because nothing was delivered; later ones wait here.
func (r *reply) insist(ctx context.Context, m render.Message, key string, first bool) (string, error) {
	for {
		ts, err := r.post(ctx, m, key)
		switch {
		case err == nil || waiting(err) && first:
			return ts, err
		case !waiting(err):
			return "", fmt.Errorf("post part %d of %d: %w", m.Part, m.Parts, err)
		}
		if err := patient(ctx, err); err != nil {
			return "", err
		}
	}
}

// post posts one message, in plainer blocks, or in none, where Slack refuses those that it shows best.
func (r *reply) post(ctx context.Context, m render.Message, key string) (string, error) {
	return r.dressed(m, func(blocks []slack.Block) (ts string, err error) {
		options := append(r.options(m.Text, m, key, blocks), render.Options()...)
		if r.to.Thread != "" {
			options = append(options, slack.MsgOptionTS(r.to.Thread))
		}
		err = r.c.call(ctx, "chat.postMessage", r.to.Channel, func(ctx context.Context) (err error) {
			_, ts, err = r.c.api.PostMessageContext(ctx, r.to.Channel, options...)
			return err
		})
		return ts, err
	})
}

// update changes a message into one of a document. What stands for its blocks where there are none to be seen is cut
// off, because a change takes less of it than a new message.
func (r *reply) update(ctx context.Context, ts string, m render.Message, key string) (string, error) {
	return r.dressed(m, func(blocks []slack.Block) (string, error) {
		text := m.Text
		if len(blocks) > 0 {
			text = shorten(text, maxUpdateText)
		}
		options := append(r.options(text, m, key, blocks), render.Options()...)
		err := r.c.call(ctx, "chat.update", "", func(ctx context.Context) error {
			_, _, _, err := r.c.api.UpdateMessageContext(ctx, r.to.Channel, ts, options...)
			return err
		})
		return ts, err
	})
}

// maxUpdateText is how many characters of text a change of a message may have; more is msg_too_long:
// https://docs.slack.dev/reference/methods/chat.update.
const maxUpdateText = 4000

// options are what every message of a document has.
func (r *reply) options(text string, m render.Message, key string, blocks []slack.Block) []slack.MsgOption {
	return []slack.MsgOption{
		slack.MsgOptionText(text, false), slack.MsgOptionBlocks(blocks...), slack.MsgOptionMetadata(metadata(key, m.Part, m.Parts)),
	}
}

// dressed tries the ways in which a message can be shown, best first. How Slack refused one is remembered.
func (r *reply) dressed(m render.Message, send func([]slack.Block) (string, error)) (string, error) {
	ways := [][]slack.Block{m.Blocks, m.Plain, {}}
	if r.c.isPlain() {
		ways = ways[1:]
	}
	for i, blocks := range ways {
		ts, err := send(blocks)
		if !badBlocks[errorName(err)] || i == len(ways)-1 {
			return ts, r.c.failure("post a message", err)
		}
		r.c.once("Slack refuses the blocks of a message; a plainer form is used", "error", errorName(err))
		if i == 0 && len(ways) == 3 {
			r.c.bePlain()
		}
	}
	return "", nil // not reached: there is always a last way
}

// badBlocks are errors that tell that other blocks may be taken.
var badBlocks = map[string]bool{
	"invalid_blocks": true, "invalid_blocks_format": true, "msg_blocks_too_long": true, "invalid_block": true, "unsupported_block": true,
}

// call makes one call, with a time-out, unless Slack has asked to wait: that is a *channel.WaitError. place is "" for
// methods whose rate is that of the whole workspace.
func (c *Channel) call(ctx context.Context, method, place string, do func(context.Context) error) error {
	if err := c.limits.waits(method, place); err != nil {
		return err
	}
	ctx, quit := context.WithTimeout(ctx, callTime)
	defer quit()
	err := do(ctx)
	if after := retryAfter(err); after > 0 {
		c.limits.asked(method, place, after)
	}
	return err
}

// waiting reports whether a call was not made because Slack has asked to wait.
func waiting(err error) bool {
	_, ok := errors.AsType[*channel.WaitError](err)
	return ok
}

// patient waits as long as err, a *channel.WaitError, asks for. It gives an error where that takes too long: something
// of the document is on screen, so that the caller cannot ask for time.
func patient(ctx context.Context, err error) error {
	wait, _ := errors.AsType[*channel.WaitError](err)
	deadline, limited := ctx.Deadline()
	if wait.After > longWait || limited && time.Until(deadline) < wait.After {
		return fmt.Errorf("a pause of %s is asked for in the middle of a document", wait.After)
	}
	return inlet.Pause(ctx, wait.After)
}

// Abort implements [channel.Reply].
func (r *reply) Abort(ctx context.Context, _ string) error {
	ctx, quit := context.WithTimeout(ctx, callTime)
	defer quit()
	if err := r.settle(ctx); err != nil {
		return err
	}
	l := r.c.live.take(r.name())
	if err := l.lock(ctx); err != nil {
		r.c.live.back(r.name(), l)
		return err
	}
	defer l.unlock()
	r.quiet(ctx, l)
	if l.doubt || !l.looked && r.isOlder() {
		there, err := r.search(ctx, "")
		if err != nil {
			return err
		}
		l.found(there)
	}
	for _, ts := range append(l.left, l.ts) {
		if err := r.remove(ctx, ts); err != nil {
			return r.c.failure("take away what was shown of a reply", err)
		}
	}
	return nil
}

// remove takes away a message that shows a beginning. It may be a stream, which may have ended by itself.
func (r *reply) remove(ctx context.Context, ts string) error {
	if ts == "" {
		return nil
	}
	_ = r.c.call(ctx, methodStop, "", func(ctx context.Context) error {
		_, _, err := r.c.api.StopStreamContext(ctx, r.to.Channel, ts)
		return err
	})
	err := r.c.call(ctx, "chat.delete", "", func(ctx context.Context) error {
		_, _, err := r.c.api.DeleteMessageContext(ctx, r.to.Channel, ts)
		return err
	})
	if errorName(err) == "message_not_found" {
		err = nil
	}
	return err
}

// A life is what is on screen of a reply that is not whole.
type life struct {
	held   chan struct{} // full while somebody works on it
	made   time.Time
	ts     string   // of the message that shows the beginning; "" when there is none
	stream bool     // it is a stream; else a message that is changed
	lost   bool     // what it shows is not known
	looked bool     // it was looked whether another process has begun to show it
	doubt  bool     // there may be a beginning of which nothing else is known
	left   []string // messages that are to go when the document is there
	shown  string   // Markdown
	at     time.Time
	status bool // a line tells that it is being worked on
}

// found takes up what was found on screen: one beginning becomes the document, unless that has begun already; the
// others go.
func (l *life) found(there found) {
	for _, ts := range there.partly {
		if l.ts == "" && there.parts[1] == "" {
			l.ts, l.stream, l.lost = ts, true, true
		}
		if ts != l.ts {
			l.leave(ts)
		}
	}
	if there.parts[1] != "" {
		if l.ts != there.parts[1] {
			l.leave(l.ts)
		}
		l.ts = ""
	}
}

// leave notes that a message is to go.
func (l *life) leave(ts string) {
	if ts != "" && !slices.Contains(l.left, ts) {
		l.left = append(l.left, ts)
	}
}

func newLife() *life { return &life{made: time.Now(), held: make(chan struct{}, 1)} }

// lock waits until nobody else works on a reply, which may take as long as their calls. Who got it calls unlock.
func (l *life) lock(ctx context.Context) error {
	select {
	case l.held <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for what is shown of the reply: %w", ctx.Err())
	}
}

func (l *life) unlock() { <-l.held }
