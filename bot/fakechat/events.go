package fakechat

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"policybot/bot/channel"
)

// Handler takes the platform's deliveries, by POST to /fakechat/events. It answers 200 when the event is
// stored or is none for us, 401 to a wrong signature, 400 to what cannot be read, 413 to what is too
// long, 409 to a key that was used for another question, and 503 when the event could not be stored or
// nobody takes events; the platform then delivers again.
func (c *Channel) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+eventsPath, c.receive)
	return mux
}

func (c *Channel) receive(w http.ResponseWriter, r *http.Request) {
	body, err := readBody(w, r)
	if err != nil {
		http.Error(w, "too long, or broken off", http.StatusRequestEntityTooLarge)
		return
	}
	if err := verify(c.o.Secret, r.Header, body, time.Now()); err != nil {
		http.Error(w, err.Error(), http.StatusUnauthorized)
		return
	}
	var e event
	if err := json.Unmarshal(body, &e); err != nil {
		http.Error(w, "not an event: "+err.Error(), http.StatusBadRequest)
		return
	}
	if e.Bot != "" {
		return // what bots say is none of ours, and neither is what we said
	}
	out, err := c.eventOf(e)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	switch _, err := c.door.Give(r.Context(), out, sinkTime); {
	case errors.Is(err, channel.ErrKeyReused):
		http.Error(w, err.Error(), http.StatusConflict)
	case err != nil:
		http.Error(w, "not stored, send it again", http.StatusServiceUnavailable)
	}
}

var kinds = map[string]channel.Kind{
	TypeMessage: channel.Question, TypeEdit: channel.Edited, TypeDelete: channel.Deleted, TypeStop: channel.Stop,
	TypeRate: channel.Rated, TypePress: channel.Pressed, TypeHandOver: channel.HandOver,
}

// handle is what a reply needs to know.
type handle struct {
	Place  string `json:"place"`
	Thread string `json:"thread,omitempty"`
}

// eventOf makes the event of a delivery.
func (c *Channel) eventOf(e event) (channel.Event, error) {
	kind, ok := kinds[e.Type]
	switch {
	case !ok:
		return channel.Event{}, fmt.Errorf("an event of type %q is not known", e.Type)
	case e.ID == "" || e.Gesture == "" || e.User == "" || e.Place == "":
		return channel.Event{}, errors.New("an event needs id, gesture, user and place")
	case e.Message == "" && (kind == channel.Question || kind == channel.Edited || kind == channel.Deleted):
		return channel.Event{}, fmt.Errorf("an event of type %s needs a message", e.Type)
	case kind == channel.Pressed && e.Token == "" || kind == channel.Rated && e.Rating == nil:
		return channel.Event{}, fmt.Errorf("an event of type %s needs to say what it is about", e.Type)
	}
	data, err := json.Marshal(handle{Place: e.Place, Thread: e.Thread})
	if err != nil {
		return channel.Event{}, err
	}
	out := channel.Event{
		Kind: kind, DeliveryKey: e.ID, ContentKey: e.Place + "/" + e.Gesture, Token: e.Token,
		Actor: channel.Actor{Tenant: e.Tenant, ID: e.User},
		Place: channel.Place{ID: e.Place, Thread: e.Thread, Group: !e.Direct},
		Text:  unescape(withoutMention(e.Text)), Reply: channel.Handle{Data: data}, At: time.UnixMilli(e.Time).UTC(),
	}
	if e.Message != "" {
		out.ContentKey = e.Place + "/" + e.Message
	}
	if e.Rating != nil {
		r := e.Rating
		out.Feedback = &channel.Feedback{Answer: r.Answer, Good: r.Good, Reason: r.Reason, Text: r.Text, Withdrawn: r.Back}
	}
	return out, nil
}

// withoutMention takes the mention of the bot off the start of markup.
func withoutMention(markup string) string {
	if rest, ok := strings.CutPrefix(markup, botMention); ok {
		return strings.TrimLeft(rest, " ")
	}
	return markup
}
