package slack

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/slack-go/slack"

	"policybot/bot/channel"
)

// Handler takes what Slack sends over HTTP, by POST to /slack/events, /slack/interactions and /slack/commands,
// signed (https://docs.slack.dev/authentication/verifying-requests-from-slack). It answers 200 when the event is
// stored or is none for us, 401 to a wrong or old signature, 400 to what cannot be read, 413 to what is too long,
// and 503 when the event could not be stored or nobody takes events; Slack then delivers again. A repeated delivery
// is told by its keys, never by the X-Slack-Retry-Num header: it may be the only one that arrives.
func (c *Channel) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /slack/events", func(w http.ResponseWriter, r *http.Request) { c.receive(w, r, eventDelivery) })
	mux.HandleFunc("POST /slack/interactions", func(w http.ResponseWriter, r *http.Request) { c.receive(w, r, interactionDelivery) })
	mux.HandleFunc("POST /slack/commands", func(w http.ResponseWriter, r *http.Request) { c.receive(w, r, commandDelivery) })
	return mux
}

func (c *Channel) receive(w http.ResponseWriter, r *http.Request, read func([]byte) (delivery, error)) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "too long, or broken off", http.StatusRequestEntityTooLarge)
		return
	}
	if err := c.verify(r.Header, body); err != nil {
		c.o.Log.Warn("slack: a request was refused", "path", r.URL.Path, "error", err)
		http.Error(w, "the signature does not hold", http.StatusUnauthorized)
		return
	}
	d, err := read(body)
	if err != nil {
		http.Error(w, "it cannot be read", http.StatusBadRequest)
		return
	}
	if challenge := challengeOf(d); challenge != "" {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, challenge) // the asker went away
		return
	}
	c.answer(w, d)
}

// answer has a delivery stored and tells Slack how it went.
func (c *Channel) answer(w http.ResponseWriter, d delivery) {
	in := c.door.Enter()
	if in == nil {
		http.Error(w, "not stored, send it again", http.StatusServiceUnavailable)
		return
	}
	defer in.Leave()
	out, err := c.take(in, d)
	switch {
	case errors.Is(err, errUnreadable):
		c.once("an event of Slack cannot be read", "type", d.kind, "bytes", len(d.payload))
		http.Error(w, "it cannot be read", http.StatusBadRequest)
	case errors.Is(err, channel.ErrKeyReused):
		http.Error(w, "its key was used for something else", http.StatusConflict)
	case err != nil:
		http.Error(w, "not stored, send it again", http.StatusServiceUnavailable)
	case out != nil:
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_ = json.NewEncoder(w).Encode(out) // the asker went away
	}
}

// verify checks the signature over the body as it came, with a time that is at most five minutes off. Exactly one
// signature and one time are taken, so that no proxy and this program can mean different ones.
func (c *Channel) verify(h http.Header, body []byte) error {
	if len(h.Values("X-Slack-Signature")) != 1 || len(h.Values("X-Slack-Request-Timestamp")) != 1 {
		return errors.New("it has not exactly one signature and one time")
	}
	if sum := h.Get("X-Slack-Signature"); sum != strings.ToLower(sum) {
		return errors.New("its signature is not written as Slack does")
	}
	v, err := slack.NewSecretsVerifier(h, c.o.SigningSecret)
	if err != nil {
		return err
	}
	if _, err := v.Write(body); err != nil {
		return err
	}
	return v.Ensure()
}

func eventDelivery(body []byte) (delivery, error) {
	if !json.Valid(body) {
		return delivery{}, errUnreadable
	}
	return delivery{"events_api", body}, nil
}

// interactionDelivery reads a form whose field "payload" is JSON.
func interactionDelivery(body []byte) (delivery, error) {
	form, err := url.ParseQuery(string(body))
	if err != nil || !json.Valid([]byte(form.Get("payload"))) {
		return delivery{}, errUnreadable
	}
	return delivery{"interactive", json.RawMessage(form.Get("payload"))}, nil
}

// commandDelivery reads a form whose fields are those of the JSON that comes over a socket.
func commandDelivery(body []byte) (delivery, error) {
	form, err := url.ParseQuery(string(body))
	if err != nil || form.Get("command") == "" {
		return delivery{}, errUnreadable
	}
	fields := map[string]string{}
	for name := range form {
		fields[name] = form.Get(name)
	}
	data, err := json.Marshal(fields)
	return delivery{"slash_commands", data}, err
}

// challengeOf is what Slack wants to hear when it checks the address, "" where it does not.
func challengeOf(d delivery) string {
	if d.kind != "events_api" {
		return ""
	}
	outer, err := unpack[callback](d.payload)
	if err != nil || outer.Type != "url_verification" {
		return ""
	}
	return outer.Challenge
}
