package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"policybot/bot/channel"
	"policybot/bot/journal"
)

// Errors of await.
var (
	errLater     = errors.New("the answer takes longer than a request may wait")
	errWithdrawn = problem(http.StatusGone, "withdrawn")
)

// ask takes a question and waits for its answer.
func (a *API) ask(w http.ResponseWriter, r *http.Request) error {
	e, err := questionEvent(w, r)
	if err != nil {
		return err
	}
	a.extendDeadlines(w)
	l := a.hub.listen(e.ContentKey) // first, so that nothing of the reply is missed
	defer a.hub.leave(e.ContentKey, l)
	got, err := a.give(r.Context(), e)
	if err != nil {
		return err
	}
	if got.ID == "" {
		return fmt.Errorf("take a question: the service gave it no id")
	}
	if wantsStream(r) {
		return a.streamAnswer(w, r, l, got.ID)
	}
	raw, err := a.await(r.Context(), l, got.ID, silent{})
	switch {
	case r.Context().Err() != nil:
		return nil // nobody is there to be told
	case errors.Is(err, errLater):
		writePending(w, got.ID)
		return nil
	case err != nil:
		return err
	}
	return writeAnswer(w, raw)
}

// questionEvent reads a request to ask.
func questionEvent(w http.ResponseWriter, r *http.Request) (channel.Event, error) {
	key, err := idempotencyKey(r)
	if err != nil {
		return channel.Event{}, err
	}
	who, place, err := origin(r, key)
	if err != nil {
		return channel.Event{}, err
	}
	body, err := readBody(w, r, maxAsk)
	if err != nil {
		return channel.Event{}, err
	}
	q, err := parseQuestion(body)
	if err != nil {
		return channel.Event{}, err
	}
	return channel.Event{
		Kind: channel.Question, DeliveryKey: key, ContentKey: key, ID: q.ID,
		Actor: who, Place: place, Reply: newHandle(key),
		Text: q.Text, Lang: q.Lang, History: q.History, AsOf: q.AsOf, Profile: q.Profile,
	}, nil
}

// extendDeadlines keeps time-outs of the server from ending a request that waits. A server that has none
// needs nothing, so errors do not matter.
func (a *API) extendDeadlines(w http.ResponseWriter) {
	c := http.NewResponseController(w)
	_ = c.SetReadDeadline(time.Time{}) // the body is read
	_ = c.SetWriteDeadline(time.Now().Add(a.wait + storeTime + writeTime))
}

// A viewer is shown what happens while a request waits. An error ends the waiting.
type viewer interface {
	news(news) error
	ping() error
}

// silent is the viewer of a request that gets only the answer.
type silent struct{}

func (silent) news(news) error { return nil }
func (silent) ping() error     { return nil }

// await waits for the answer of a question, at most a.wait. What is stored counts: it is read at the
// beginning, every second, and when the reply ends. The error is errLater, errWithdrawn, that of ctx, or
// the viewer's.
func (a *API) await(ctx context.Context, l *listener, id string, v viewer) (json.RawMessage, error) {
	poll, ping, limit := time.NewTicker(pollEvery), time.NewTicker(pingEvery), time.NewTimer(a.wait)
	defer poll.Stop()
	defer ping.Stop()
	defer limit.Stop()
	look := looker{api: a, id: id}
	for {
		raw, err := look.once(ctx)
		if raw != nil || err != nil {
			return raw, err
		}
		select {
		case <-poll.C:
		case <-ping.C:
			err = v.ping()
		case <-l.wake:
			n := l.take()
			look.withdrawn = look.withdrawn || n.withdrawn
			err = v.news(n)
		case <-limit.C:
			err = errLater
		case <-a.stop:
			err = errLater
		case <-ctx.Done():
			err = ctx.Err()
		}
		if err != nil {
			return nil, err
		}
	}
}

// A looker looks for the answer of one question, for one request.
type looker struct {
	api       *API
	id        string
	withdrawn bool // the channel was told so
	failed    bool // reading failed before: it is logged once
}

// once gives the answer, or nil when it must be looked for again.
func (k *looker) once(ctx context.Context) (json.RawMessage, error) {
	short, cancel := context.WithTimeout(ctx, storeTime)
	defer cancel()
	raw, err := k.api.answers.Answer(short, k.id)
	switch {
	case err == nil && len(raw) > 0:
		return raw, nil
	case errors.Is(err, journal.ErrNotFound), errors.Is(err, journal.ErrPending) && k.withdrawn:
		return nil, errWithdrawn
	case errors.Is(err, journal.ErrPending), ctx.Err() != nil:
		return nil, nil
	}
	if !k.failed {
		k.api.log.Warn("the HTTP API could not read an answer and tries again", "id", k.id, "error", err)
	}
	k.failed = true
	return nil, nil
}

// A pending is the reply for a question that is under way.
type pending struct {
	ID    string `json:"id"`
	State string `json:"state"` // pending
	URL   string `json:"url"`   // where the answer will be
}

func newPending(id string) pending {
	return pending{ID: id, State: "pending", URL: apiRoot + "answers/" + id}
}

func writePending(w http.ResponseWriter, id string) {
	p := newPending(id)
	w.Header().Set("Location", p.URL)
	writeJSON(w, http.StatusAccepted, encode(p))
}

// An answer is what the API itself needs to know of an Answer.
type answer struct {
	Outcome   string            `json:"outcome"`
	Reason    string            `json:"reason"`
	Sentences []json.RawMessage `json:"sentences"`
}

// parseAnswer reads an Answer of the service.
func parseAnswer(raw json.RawMessage) (answer, error) {
	var parsed answer
	if err := json.Unmarshal(raw, &parsed); err != nil {
		return answer{}, fmt.Errorf("read the answer that the service gave: %w", err)
	}
	return parsed, nil
}

// status is the HTTP status of an answer; retry is in seconds, 0 for none.
func (n answer) status() (status, retry int) {
	switch {
	case n.Outcome != "refused":
	case n.Reason == journal.ReasonUserBusy:
		return http.StatusTooManyRequests, retrySoon
	case n.Reason == journal.ReasonBusy, n.Reason == journal.ReasonStopped:
		return http.StatusServiceUnavailable, retryBusy
	}
	return http.StatusOK, 0
}

func writeAnswer(w http.ResponseWriter, raw json.RawMessage) error {
	parsed, err := parseAnswer(raw)
	if err != nil {
		return err
	}
	writeJSON(w, parsed.prepare(w), raw)
	return nil
}

// prepare sets the headers of an answer and gives its status.
func (n answer) prepare(w http.ResponseWriter) int {
	status, retry := n.status()
	if retry > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(retry))
	}
	return status
}
