package app

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"policybot/bot/channel"
	"policybot/bot/channel/inlet"
	"policybot/bot/wecom/aibot"
	"policybot/bot/wecom/outgoing"
	"policybot/bot/wecom/render"
	"policybot/bot/wecom/wxcrypt"
)

// Path is where WeCom calls.
const Path = "/wecom/app/callback"

// Handler takes what WeCom sends to Path. A GET verifies the address: it is answered with the text that was sealed. A
// POST is answered with an empty 200 when the event is stored, was taken before or is none for us; with 401 to a wrong
// signature or an old timestamp, 400 to what cannot be read or is for another app, 413 to what is too long, 409 to a key
// that was used for something else, and 503 when it could not be stored or nobody takes events. Nothing of a request is
// parsed before its signature holds.
func (c *Channel) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+Path, c.verify)
	mux.HandleFunc("POST "+Path, c.receive)
	return mux
}

// verify answers the request with which the administration page tries an address
// (https://developer.work.weixin.qq.com/document/path/90930).
func (c *Channel) verify(w http.ResponseWriter, r *http.Request) {
	q, ok := signed(r, "echostr")
	if !ok {
		c.refuse(w, wxcrypt.ErrSignature)
		return
	}
	echo, err := c.crypt.Verify(q["msg_signature"], q["timestamp"], q["nonce"], q["echostr"], time.Now())
	if err != nil {
		c.refuse(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(echo) // the asker went away
}

// receive takes a message or an event.
func (c *Channel) receive(w http.ResponseWriter, r *http.Request) {
	limit := http.NewResponseController(w) // where the server has no such thing, its own limits hold
	_ = limit.SetReadDeadline(time.Now().Add(bodyTime))
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	_ = limit.SetReadDeadline(time.Time{})
	if _, long := errors.AsType[*http.MaxBytesError](err); long {
		http.Error(w, "too long", http.StatusRequestEntityTooLarge)
		return
	}
	q, ok := signed(r)
	if !ok {
		c.refuse(w, wxcrypt.ErrSignature)
		return
	}
	sealed, whole := sealedIn(body)
	if err != nil || !whole {
		c.refuse(w, wxcrypt.ErrMalformed)
		return
	}
	plain, err := c.crypt.Open(q["msg_signature"], q["timestamp"], q["nonce"], sealed, time.Now())
	if errors.Is(err, wxcrypt.ErrReplayed) {
		return // it is stored: an empty 200
	}
	if err != nil {
		c.refuse(w, err)
		return
	}
	m, err := readMessage(plain)
	if err == nil {
		err = c.ours(m)
	}
	if err != nil {
		c.o.Log.Warn("wecom: a callback cannot be read", "bytes", len(plain), "error", err)
		http.Error(w, "it cannot be read", http.StatusBadRequest)
		return
	}
	in := c.door.Enter()
	if in == nil {
		http.Error(w, "not stored, send it again", http.StatusServiceUnavailable)
		return
	}
	defer in.Leave()
	switch err := c.take(in, m); {
	case errors.Is(err, channel.ErrKeyReused):
		http.Error(w, "its key was used for something else", http.StatusConflict)
	case err != nil:
		http.Error(w, "not stored, send it again", http.StatusServiceUnavailable)
	default:
		c.crypt.Done(q["msg_signature"])
	}
}

// signed gives the parameters that are signed, and others that are named, each of which is there exactly once, so that no
// proxy and this program can mean different ones.
func signed(r *http.Request, others ...string) (map[string]string, bool) {
	q, err := url.ParseQuery(r.URL.RawQuery)
	out := map[string]string{}
	for _, name := range append([]string{"msg_signature", "timestamp", "nonce"}, others...) {
		if len(q[name]) != 1 {
			return nil, false
		}
		out[name] = q[name][0]
	}
	return out, err == nil
}

// refuse answers a request that cannot be opened.
func (c *Channel) refuse(w http.ResponseWriter, err error) {
	c.o.Log.Warn("wecom: a request was refused", "error", err)
	if errors.Is(err, wxcrypt.ErrSignature) || errors.Is(err, wxcrypt.ErrOld) {
		http.Error(w, "the signature does not hold", http.StatusUnauthorized)
		return
	}
	http.Error(w, "it cannot be read", http.StatusBadRequest)
}

// Types of message and of event.
const (
	typeText  = "text"
	typeVoice = "voice"
	typeEvent = "event"

	eventPressed   = "template_card_event"
	eventEnter     = "enter_agent"
	eventSubscribe = "subscribe"
)

// ours says what is wrong with a message that is not for this app, or that nobody can make use of.
func (c *Channel) ours(m message) error {
	event := m.Type == typeEvent
	switch {
	case m.To != c.o.CorpID:
		return errors.New("it is for another corporation")
	case m.Agent != strconv.Itoa(c.o.AgentID) && (m.Agent != "" || !event || m.Event == eventPressed):
		return errors.New("it is for another app")
	case !isPerson(m.From) || m.Type == "" || event && m.Event == "":
		return errors.New("it says not from whom, or not what")
	case !event && m.ID == "":
		return errors.New("it is a message without an id")
	case event && m.Event == eventPressed && m.EventKey == "":
		return errors.New("it is a button without a key")
	}
	return nil
}

// take has stored what a message tells. WeCom may be told that it has arrived when the error is nil.
func (c *Channel) take(in *inlet.Intake, m message) error {
	switch {
	case m.Type == typeText:
		return c.give(in, m, c.question(m, m.Content))
	case m.Type == typeVoice && strings.TrimSpace(m.Heard) != "":
		return c.give(in, m, c.question(m, m.Heard))
	case m.Type == typeEvent && m.Event == eventPressed && m.EventKey != render.DoneKey:
		return c.give(in, m, c.press(m))
	case m.Type == typeEvent && (m.Event == eventEnter || m.Event == eventSubscribe):
		c.courtesy(in, func(ctx context.Context) { c.welcome(ctx, m) })
	case m.Type != typeEvent:
		c.courtesy(in, func(ctx context.Context) { c.tellUnread(ctx, m) })
	}
	return nil
}

// placeOf is the talk with a person, which is one however WeCom writes the person's id.
func placeOf(user string) string { return strings.ToLower(user) }

// event is what all events have.
func (c *Channel) event(m message, kind channel.Kind, key, lang string) channel.Event {
	return channel.Event{
		Kind: kind, DeliveryKey: key, ContentKey: placeOf(m.From) + "/" + key, Actor: channel.Actor{Tenant: c.o.CorpID, ID: m.From},
		Place: channel.Place{ID: placeOf(m.From)}, Reply: target{User: m.From, At: time.Now().Unix(), Lang: lang}.handle(), At: m.at(),
	}
}

func (c *Channel) question(m message, text string) channel.Event {
	lang := aibot.LangOf(text)
	if lang != "" {
		c.langs.Keep(placeOf(m.From), lang)
	}
	e := c.event(m, channel.Question, m.ID, lang)
	e.Text = text
	return e
}

// press is the press of a button. Such events have no id; what was chosen of a list is what is wrong with an answer.
func (c *Channel) press(m message) channel.Event {
	sum := sha256.Sum256([]byte(strings.Join([]string{placeOf(m.From), m.Created, m.Event, m.EventKey, m.TaskID}, "\x00")))
	e := c.event(m, channel.Pressed, "e"+base64.RawURLEncoding.EncodeToString(sum[:])[:23], langOf(m.TaskID))
	e.Token = m.EventKey
	for _, s := range m.Selected {
		for _, id := range s.Options {
			if slices.Contains(channel.Reasons, id) {
				e.Feedback = &channel.Feedback{Reason: id}
			}
		}
	}
	return e
}

// give has an event stored. What cannot be stored at once is tried again besides: WeCom may never send it again.
func (c *Channel) give(in *inlet.Intake, m message, e channel.Event) error {
	err := c.store(in.Context(), in, e)
	switch {
	case err == nil:
		c.backlog.Done(e.DeliveryKey)
		c.stored(in, m)
	case !errors.Is(err, channel.ErrKeyReused) && in.Context().Err() == nil:
		c.insist(in, m, e)
	}
	return err
}

// store has an event stored within the time in which WeCom waits for an answer.
func (c *Channel) store(ctx context.Context, in *inlet.Intake, e channel.Event) error {
	ctx, quit := context.WithTimeout(ctx, sinkTime)
	defer quit()
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return fmt.Errorf("store an event: %w", ctx.Err())
	}
	if _, err := in.Sink(ctx, e); err != nil {
		return fmt.Errorf("store an event: %w", err)
	}
	return nil
}

// insist tries for a while to store an event. The person is told when it was in vain.
func (c *Channel) insist(in *inlet.Intake, m message, e channel.Event) {
	store := func(ctx context.Context) error {
		err := c.store(ctx, in, e)
		if err == nil {
			c.stored(in, m)
		}
		return err
	}
	lost := func(err error) {
		if errors.Is(err, channel.ErrKeyReused) {
			return
		}
		c.o.Log.Error("wecom: an event could not be stored", "kind", e.Kind)
		if text, waited := aibot.Lost(e.Kind, c.langs.Of(placeOf(m.From))); waited {
			c.tellLost(in.Context(), m.From, text)
		}
	}
	if !c.backlog.Add(in, e.DeliveryKey, inlet.StoreTime, store, lost) {
		c.o.Log.Error("wecom: an event could not be stored, and too many are tried again already", "kind", e.Kind)
	}
}

// stored does what follows when an event is stored.
func (c *Channel) stored(in *inlet.Intake, m message) {
	if m.Event == eventPressed && m.UpdateCode != "" && outgoing.Due(c.told, "update "+m.UpdateCode, 24*time.Hour) { // it holds once
		c.courtesy(in, func(ctx context.Context) { c.showPressed(ctx, m) })
	}
}

// courtesy does in the background what may fail and what nobody waits for, unless too much of that is under way.
func (c *Channel) courtesy(in *inlet.Intake, do func(context.Context)) {
	select {
	case c.spare <- struct{}{}:
	default:
		c.remark("there is too much to do: some courtesies are left out")
		return
	}
	in.Go(func(ctx context.Context) {
		defer func() { <-c.spare }()
		do(ctx)
	})
}

// welcome greets a person who opens the app, at most once a day.
func (c *Channel) welcome(ctx context.Context, m message) {
	if outgoing.Due(c.told, "welcome "+placeOf(m.From), 24*time.Hour) {
		c.tell(ctx, m.From, aibot.Welcome)
	}
}

// tellUnread tells a person that only words can be read, once for a message and at most once a minute.
func (c *Channel) tellUnread(ctx context.Context, m message) {
	if outgoing.Due(c.told, "unread "+m.ID, 24*time.Hour) && outgoing.Due(c.told, "unread by "+placeOf(m.From), time.Minute) {
		c.tell(ctx, m.From, aibot.Unread(c.langs.Of(placeOf(m.From))))
	}
}

// tell sends a text that may be lost.
func (c *Channel) tell(ctx context.Context, user, text string) {
	if err := c.say(ctx, user, text); err != nil {
		c.o.Log.Debug("wecom: a courtesy was not sent", "error", err)
	}
}

// tellLost tells somebody that what they said could not be stored. It is tried for a while.
func (c *Channel) tellLost(ctx context.Context, user, text string) {
	err := inlet.Insist(ctx, inlet.TellTime, func(ctx context.Context) error {
		if err := c.say(ctx, user, text); !channel.IsGone(err) {
			return err
		}
		return nil
	})
	if err != nil {
		c.o.Log.Error("wecom: somebody could not be told that a message was not taken", "error", err)
	}
}

// say sends a text. It is counted as answers are, and fails where these would have to wait.
func (c *Channel) say(ctx context.Context, user, text string) error {
	if wait := c.quota.Take(user, time.Now()); wait > 0 {
		return &channel.WaitError{After: wait}
	}
	_, err := c.post(ctx, "send a courtesy", sendPath, outgoingText{User: user, Type: typeText, Agent: c.o.AgentID, Text: aibot.Content{Content: text}})
	if err != nil {
		return c.failure(err)
	}
	return nil
}

// showPressed puts what says that it was pressed in the place of a card. The code for that holds once
// (https://developer.work.weixin.qq.com/document/path/94888).
func (c *Channel) showPressed(ctx context.Context, m message) {
	lang := langOf(m.TaskID)
	card, err := json.Marshal(render.Done(lang, c.labels.Of(m.EventKey), m.TaskID))
	if err != nil {
		return // it is of strings
	}
	_, err = c.post(ctx, "update a card", updatePath, cardUpdate{Users: []string{m.From}, Agent: c.o.AgentID, Code: m.UpdateCode, Card: card})
	if err != nil {
		c.o.Log.Debug("wecom: a card was not updated", "error", c.failure(err))
	}
}
