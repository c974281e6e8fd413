package httpapi

import (
	"context"
	"encoding/json"
	"fmt"

	"policybot/bot/channel"
)

// Name is the channel's in every key.
const Name = "http"

// Caps says what a caller of the API sees: all of a document's parts, as they come.
func (a *API) Caps() channel.Caps {
	return channel.Caps{Name: Name, Stream: channel.StreamAppend, Threads: true, Pull: true, Formatted: true}
}

// Run lets requests give their events to sink until ctx ends. It returns nil when no call of sink is under
// way any more; requests that wait for an answer go on waiting. It listens to nothing itself: that is for
// the server of [API.Handler].
func (a *API) Run(ctx context.Context, sink channel.Sink) error {
	if err := a.setState(sink, channel.Up, ""); err != nil {
		return err
	}
	<-ctx.Done()
	err := a.setState(nil, channel.Down, "takes no questions")
	a.taking.Wait()
	return err
}

// Health tells whether questions are taken.
func (a *API) Health() channel.Health {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.health
}

// Begin takes up a reply, of any answer and also when nobody waits for it. A handle that is not of this
// channel is a *channel.GoneError.
func (a *API) Begin(_ context.Context, h channel.Handle, id string) (channel.Reply, error) {
	key := handleKey(h)
	if key == "" {
		return nil, fmt.Errorf("reply over HTTP with answer %s: %w", id, &channel.GoneError{Reason: "the handle is not of the HTTP API"})
	}
	return &reply{hub: &a.hub, key: key}, nil
}

// A handleData is what a handle of this channel holds.
type handleData struct {
	Key string `json:"key"` // the question's idempotency key, its own or one made for it
}

func newHandle(key string) channel.Handle {
	data, _ := json.Marshal(handleData{Key: key}) // a string can always be written
	return channel.Handle{Data: data}
}

// handleKey gives the key in a handle, "" when it is not of this channel.
func handleKey(h channel.Handle) string {
	var data handleData
	if json.Unmarshal(h.Data, &data) != nil {
		return ""
	}
	return data.Key
}

// A reply tells the requests that wait with one key. What they get as the answer they read themselves.
type reply struct {
	hub *hub
	key string
}

func (p *reply) Progress(_ context.Context, step string) error {
	p.hub.tell(p.key, func(n *news) { n.step = step })
	return nil
}

func (p *reply) Update(_ context.Context, d channel.Doc) error {
	p.hub.tell(p.key, func(n *news) { n.doc = &d })
	return nil
}

// Finish wakes the requests that wait. The document was stored before and can be fetched, so it counts as
// delivered also when nobody waits, and a second Finish does no harm.
func (p *reply) Finish(context.Context, channel.Doc, channel.Delivery) (channel.Receipt, error) {
	p.hub.tell(p.key, func(*news) {})
	return "", nil
}

func (p *reply) Abort(context.Context, string) error {
	p.hub.tell(p.key, func(n *news) { n.withdrawn = true })
	return nil
}
