package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"policybot/bot/channel"
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
	l.mu.Lock()
	defer l.mu.Unlock()
	d = r.c.linked(d)
	posts := render.Messages(d, as.Key)
	var there found
	if as.Again || l.doubt || l.ts == "" && r.isOlder() {
		var err error
		if there, err = r.search(ctx, as.Key); err != nil {
			return "", err
		}
	}
	l.found(there)
	receipt, err := r.deliver(ctx, d, as.Key, posts, there, l)
	if err != nil {
		r.c.live.keep(r.name(), l)
		return "", err
	}
	r.quiet(ctx, l)
	if l.doubt {
		r.tidy(ctx, as.Key)
	}
	return channel.Receipt(receipt), nil
}

// tidy takes away a stream that began after nobody waited for it any more. The document is there; what cannot be
// taken away stays.
func (r *reply) tidy(ctx context.Context, key string) {
	if there, err := r.search(ctx, key); err == nil && there.partly != "" {
		_ = r.remove(ctx, &life{ts: there.partly, stream: true})
	}
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
				if err := pause(ctx, interval); err != nil {
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
	at := timeOf(r.to.Message)
	return !at.IsZero() && at.Before(r.c.me().since.Add(clockSkew))
}

const clockSkew = 30 * time.Second

// name tells a reply under way from others.
func (r *reply) name() string { return r.to.Channel + "\x00" + r.to.Thread + "\x00" + r.answer }

// insist posts one message. When it is the first of its document, being told to wait is the caller's matter,
// because nothing was delivered; later ones wait here.
func (r *reply) insist(ctx context.Context, m render.Message, key string, first bool) (string, error) {
	for {
		ts, err := r.post(ctx, m, key)
		wait, ok := errors.AsType[*channel.WaitError](err)
		switch {
		case !ok && err != nil:
			return "", fmt.Errorf("post part %d of %d: %w", m.Part, m.Parts, err)
		case !ok || first:
			return ts, err
		case wait.After > longWait:
			return "", fmt.Errorf("Slack wants a pause of %s in the middle of a document", wait.After)
		}
		if err := pause(ctx, wait.After); err != nil {
			return "", err
		}
	}
}

// post posts one message, in plainer blocks, or in none, where Slack refuses those that it shows best.
func (r *reply) post(ctx context.Context, m render.Message, key string) (string, error) {
	return r.dressed(m, func(blocks []slack.Block) (string, error) {
		return r.call(ctx, "chat.postMessage", r.to.Channel, func(ctx context.Context) (string, error) {
			options := append(r.options(m, key, blocks), render.Options()...)
			if r.to.Thread != "" {
				options = append(options, slack.MsgOptionTS(r.to.Thread))
			}
			_, ts, err := r.c.api.PostMessageContext(ctx, r.to.Channel, options...)
			return ts, err
		})
	})
}

// update changes a message into one of a document.
func (r *reply) update(ctx context.Context, ts string, m render.Message, key string) (string, error) {
	return r.dressed(m, func(blocks []slack.Block) (string, error) {
		return r.call(ctx, "chat.update", r.to.Channel, func(ctx context.Context) (string, error) {
			_, got, _, err := r.c.api.UpdateMessageContext(ctx, r.to.Channel, ts, append(r.options(m, key, blocks), render.Options()...)...)
			return first(got, ts), err
		})
	})
}

// options are what every message of a document has.
func (r *reply) options(m render.Message, key string, blocks []slack.Block) []slack.MsgOption {
	return []slack.MsgOption{
		slack.MsgOptionText(m.Text, false), slack.MsgOptionBlocks(blocks...), slack.MsgOptionMetadata(metadata(key, m.Part, m.Parts)),
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

// call makes one call, with a time-out, unless Slack has asked to wait.
func (r *reply) call(ctx context.Context, method, place string, do func(context.Context) (string, error)) (string, error) {
	if err := r.c.limits.waits(method, place); err != nil {
		return "", err
	}
	ctx, quit := context.WithTimeout(ctx, callTime)
	defer quit()
	ts, err := do(ctx)
	if after := retryAfter(err); after > 0 {
		r.c.limits.asked(method, place, after)
	}
	return ts, err
}

// Abort implements [channel.Reply].
func (r *reply) Abort(ctx context.Context, _ string) error {
	ctx, quit := context.WithTimeout(ctx, callTime)
	defer quit()
	if err := r.settle(ctx); err != nil {
		return err
	}
	l := r.c.live.take(r.name())
	l.mu.Lock()
	defer l.mu.Unlock()
	r.quiet(ctx, l)
	if l.ts == "" && (l.doubt || r.isOlder()) {
		there, err := r.search(ctx, "")
		if err != nil {
			return err
		}
		l.found(there)
	}
	if err := r.remove(ctx, l); err != nil {
		return r.c.failure("take away what was shown of a reply", err)
	}
	return nil
}

// remove takes away what is on screen of a reply.
func (r *reply) remove(ctx context.Context, l *life) error {
	if l.ts == "" {
		return nil
	}
	if l.stream {
		// It may have ended by itself.
		_, _, _ = r.c.api.StopStreamContext(ctx, r.to.Channel, l.ts)
	}
	_, _, err := r.c.api.DeleteMessageContext(ctx, r.to.Channel, l.ts)
	if errorName(err) == "message_not_found" {
		err = nil
	}
	if err == nil {
		l.ts = ""
	}
	return err
}

// A life is what is on screen of a reply that is not whole.
type life struct {
	mu     sync.Mutex
	made   time.Time
	ts     string // of the message; "" when there is none
	stream bool   // it is a stream; else a message that is changed
	lost   bool   // what it shows is not known
	doubt  bool   // there may be a stream of which nothing else is known
	shown  string // Markdown
	at     time.Time
	status bool // a line tells that it is being worked on
}

// found takes up what was found on screen.
func (l *life) found(there found) {
	if l.ts == "" && there.partly != "" {
		l.ts, l.stream, l.lost = there.partly, true, true
	}
}

func newLife() *life { return &life{made: time.Now()} }
