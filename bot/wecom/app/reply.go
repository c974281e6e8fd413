package app

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"policybot/bot/channel"
	"policybot/bot/channel/inlet"
	"policybot/bot/wecom/aibot"
	"policybot/bot/wecom/outgoing"
	"policybot/bot/wecom/render"
)

// A target is where a reply goes: what the handle of an event holds.
type target struct {
	User string `json:"u"`
	At   int64  `json:"t"` // when the event came in, in seconds since 1970
	Lang string `json:"l,omitempty"`
}

func (t target) handle() channel.Handle {
	data, err := json.Marshal(t)
	if err != nil {
		return channel.Handle{} // it is of strings and a number
	}
	return channel.Handle{Data: data}
}

// A reply is one reply under way.
type reply struct {
	c  *Channel
	to target
}

// Begin implements [channel.Channel].
func (c *Channel) Begin(_ context.Context, h channel.Handle, _ string) (channel.Reply, error) {
	r := &reply{c: c}
	if err := json.Unmarshal(h.Data, &r.to); err != nil || !isPerson(r.to.User) {
		return nil, &channel.GoneError{Reason: "the handle is damaged"}
	}
	return r, nil
}

// isPerson reports whether an id is one of a person, and not of several or of all
// (https://developer.work.weixin.qq.com/document/path/90236).
func isPerson(id string) bool {
	return id != "" && len(id) <= 256 && !strings.ContainsAny(id, "|\x00") && !strings.EqualFold(id, "@all")
}

// Progress implements [channel.Reply]. Nothing is shown before the whole.
func (*reply) Progress(context.Context, string) error { return nil }

// Update implements [channel.Reply]. Nothing is shown before the whole.
func (*reply) Update(context.Context, channel.Doc) error { return nil }

// Abort implements [channel.Reply]. Nothing was shown.
func (*reply) Abort(context.Context, string) error { return nil }

// Bodies of requests. The order of the fields is part of what WeCom compares.
type (
	outgoingMessage struct {
		User     string          `json:"touser"`
		Type     string          `json:"msgtype"`
		Agent    int             `json:"agentid"`
		Markdown *aibot.Content  `json:"markdown,omitempty"`
		Card     json.RawMessage `json:"template_card,omitempty"`
		Check    int             `json:"enable_duplicate_check"`
		Interval int             `json:"duplicate_check_interval"` // seconds, at most four hours
	}
	outgoingText struct {
		User  string        `json:"touser"`
		Type  string        `json:"msgtype"`
		Agent int           `json:"agentid"`
		Text  aibot.Content `json:"text"`
	}
	cardUpdate struct {
		Users []string        `json:"userids"`
		Agent int             `json:"agentid"`
		Code  string          `json:"response_code"`
		Card  json.RawMessage `json:"template_card"`
	}
)

// Times in which WeCom drops what it was sent before.
const (
	dropTime  = 4 * time.Hour             // the longest that it does
	againTime = dropTime - 10*time.Minute // clocks differ, and a call takes a while
)

// Finish implements [channel.Reply]. A document is one or more messages, and a card where it has buttons; each is counted
// before it is sent. What was sent with an unknown end is sent again as it was, which WeCom drops where it has arrived.
func (r *reply) Finish(ctx context.Context, d channel.Doc, as channel.Delivery) (channel.Receipt, error) {
	ctx, quit := context.WithTimeout(ctx, finishTime)
	defer quit()
	s := r.c.sent.of(as.Key, r.doubtSince(as))
	if err := s.enter(ctx); err != nil {
		return "", fmt.Errorf("wait for another attempt to deliver the same: %w", err)
	}
	defer s.leave()
	messages, err := r.messages(d, as.Key)
	if err != nil {
		return "", err
	}
	for s.done < len(messages) {
		if err := r.send(ctx, s, messages[s.done]); err != nil {
			return "", fmt.Errorf("send message %d of %d: %w", s.done+1, len(messages), err)
		}
		s.done++
	}
	return channel.Receipt(s.receipt), nil
}

// doubtSince is a time before which no attempt was made whose end is not known to this process; the zero time where there
// is no such attempt.
func (r *reply) doubtSince(as channel.Delivery) time.Time {
	switch came := time.Unix(r.to.At, 0); {
	case !as.Again:
		return time.Time{}
	case as.Since.After(came):
		return as.Since
	default:
		return came // a reply is not sent before its event has come
	}
}

// messages are the requests that a document becomes.
func (r *reply) messages(d channel.Doc, key string) ([]outgoingMessage, error) {
	one := outgoingMessage{User: r.to.User, Type: "markdown", Agent: r.c.o.AgentID, Check: 1, Interval: int(dropTime.Seconds())}
	var out []outgoingMessage
	for _, text := range render.Parts(d, render.App, outgoing.Ref(key)) {
		one.Markdown = &aibot.Content{Content: text}
		out = append(out, one)
	}
	task := taskID(key, d.Lang)
	made, ok := render.Card(d, render.CardOptions{TaskID: task, Pages: r.c.o.Pages, MaxButtons: maxButtons})
	if !ok {
		return out, nil
	}
	card, err := json.Marshal(made)
	if err != nil {
		return nil, fmt.Errorf("make a card: %w", err)
	}
	for _, b := range d.Buttons {
		r.c.labels.Keep(b.Token, b.Label)
	}
	one.Type, one.Markdown, one.Card = "template_card", nil, card
	return append(out, one), nil
}

// taskID names the card of a delivery, and its language.
func taskID(key, lang string) string {
	sum := sha256.Sum256([]byte("card\x00" + key))
	return base64.RawURLEncoding.EncodeToString(sum[:18]) + "@" + lang
}

// langOf is the language of a card.
func langOf(task string) string {
	if _, lang, _ := strings.Cut(task, "@"); lang == "en" {
		return "en"
	}
	return "zh"
}

// send sends one message. When it is the first of its document, being told to wait is the caller's matter, because
// nothing was delivered; later ones wait here.
func (r *reply) send(ctx context.Context, s *sending, m outgoingMessage) error {
	for {
		if since := s.doubt(); !since.IsZero() && time.Since(since) > againTime {
			return &channel.GoneError{Reason: "an attempt some hours ago had no end that is known, and it cannot be known whether it arrived"}
		}
		err := r.try(ctx, s, m)
		wait, waits := errors.AsType[*channel.WaitError](err)
		switch {
		case err == nil:
			return nil
		case !waits || s.first:
			return err
		}
		if err := inlet.Rest(ctx, wait.After); err != nil {
			return err
		}
	}
}

// try makes one call for a message. It fails with what Finish may fail with.
func (r *reply) try(ctx context.Context, s *sending, m outgoingMessage) error {
	if _, err := r.c.tokens.get(ctx, ""); err != nil { // what is not sent is not to be counted
		return r.c.failure(&callError{doing: "send a message", err: err})
	}
	if wait := r.c.quota.Take(r.to.User, time.Now()); wait > 0 {
		return &channel.WaitError{After: wait}
	}
	began := time.Now()
	a, err := r.c.post(ctx, "send a message", sendPath, m)
	switch {
	case unsure(err):
		s.first = false
		if s.part.IsZero() {
			s.part = began
		}
		return r.c.failure(err)
	case err == nil && a.isMissing(r.to.User):
		return &channel.GoneError{Reason: "the person may not use the app, or has left (invaliduser)"}
	case err == nil:
		r.c.block("")
	case codeOf(err) == codeSameTask: // the card is there
	case m.Card != nil && refusesCard(err):
		r.c.remark("a card was refused; the words are there, the buttons are not", "code", codeOf(err))
	default:
		return r.c.failure(err)
	}
	s.first, s.part = false, time.Time{}
	if id, ok := a.ID.(string); ok {
		s.receipt = id
	}
	return nil
}

// codeSameTask is for a task_id that was used (https://developer.work.weixin.qq.com/document/path/90313).
const codeSameTask = 42014

// refusesCard reports whether WeCom does not take a card as it is, so that trying again is useless.
func refusesCard(err error) bool {
	code := codeOf(err)
	return code > 0 && !refusesToken[code] && !aibot.TooFast(code) && blocks[code] == "" && goneCodes[code] == ""
}

// A sending is what is known of the delivery of one document.
type sending struct {
	held chan struct{} // full while somebody works on it
	made time.Time

	done    int       // messages that have arrived
	first   bool      // nothing was sent yet, or what was sent has surely not arrived
	earlier time.Time // since when an attempt of another process may have been made; the zero time: there was none
	part    time.Time // the first attempt of this process at the message after those, if its end is not known
	receipt string
}

// enter waits until nobody else works on it. Who got in calls leave.
func (s *sending) enter(ctx context.Context) error {
	select {
	case s.held <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *sending) leave() { <-s.held }

// doubt is since when the next message may have arrived already; the zero time: it has surely not.
func (s *sending) doubt() time.Time {
	if s.earlier.IsZero() || !s.part.IsZero() && s.part.Before(s.earlier) {
		return s.part
	}
	return s.earlier
}

// sendings remember deliveries for as long as WeCom drops repetitions.
type sendings struct {
	mu  sync.Mutex
	all map[string]*sending
}

const mostSendings = 10_000

func newSendings() *sendings { return &sendings{all: map[string]*sending{}} }

// of is what is known of a delivery. earlier is since when another process may have tried it.
func (l *sendings) of(key string, earlier time.Time) *sending {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s := l.all[key]; s != nil {
		return s
	}
	if len(l.all) >= mostSendings {
		l.forget()
	}
	s := &sending{held: make(chan struct{}, 1), made: time.Now(), first: earlier.IsZero(), earlier: earlier}
	l.all[key] = s
	return s
}

// forget drops what began long ago, or the older half where all are young. It is called with mu held.
func (l *sendings) forget() {
	for _, age := range []time.Duration{dropTime, time.Hour, 10 * time.Minute, 0} {
		for key, s := range l.all {
			if time.Since(s.made) >= age && len(s.held) == 0 {
				delete(l.all, key)
			}
		}
		if len(l.all) < mostSendings/2 {
			return
		}
	}
}
