package httpapi

import (
	"context"
	"errors"
	"net/http"

	"policybot/bot/channel"
	"policybot/bot/journal"
)

// pathID gives the id in an address. One that no question or case can have is not found.
func pathID(r *http.Request) (string, error) {
	id := r.PathValue("id")
	if !wishedID.MatchString(id) {
		return "", journal.ErrNotFound
	}
	return id, nil
}

// getAnswer gives an answer as it is stored.
func (a *API) getAnswer(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	raw, err := a.answers.Answer(r.Context(), id)
	switch {
	case errors.Is(err, journal.ErrPending):
		writePending(w, id)
		return nil
	case err != nil:
		return err
	}
	writeJSON(w, http.StatusOK, raw)
	return nil
}

// withdraw takes a question back, if it is still under way. Only its asker can: another one is told the
// same, and nothing happens.
func (a *API) withdraw(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	key, err := a.keyOf(r.Context(), id)
	if err != nil {
		return err
	}
	e, err := eventFor(r, channel.Deleted, key)
	if err != nil {
		return err
	}
	e.ContentKey = key
	if _, err := a.give(r.Context(), e); err != nil {
		return err
	}
	writeJSON(w, http.StatusAccepted, encode(map[string]string{"id": id}))
	return nil
}

// keyOf gives the key that a question came with.
func (a *API) keyOf(ctx context.Context, id string) (string, error) {
	h, err := a.answers.Reply(ctx, id)
	if err != nil {
		return "", err
	}
	key := handleKey(h)
	if key == "" {
		return "", journal.ErrNotFound // its asker was erased
	}
	return key, nil
}

// feedback takes what an asker thinks of an answer.
func (a *API) feedback(w http.ResponseWriter, r *http.Request) error {
	id, body, err := smallBody(w, r)
	if err != nil {
		return err
	}
	f, err := parseFeedback(body, id)
	if err != nil {
		return err
	}
	e, err := a.eventAbout(r, channel.Rated, id)
	if err != nil {
		return err
	}
	e.Feedback = &f
	if _, err := a.give(r.Context(), e); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// handOver asks for a person to see to a question. The body may be empty.
func (a *API) handOver(w http.ResponseWriter, r *http.Request) error {
	id, body, err := smallBody(w, r)
	if err != nil {
		return err
	}
	text := ""
	if len(body) > 0 {
		f, err := parseFields(body)
		if err != nil {
			return err
		}
		if text = f.text("text"); f.bad != nil {
			return f.bad
		}
	}
	e, err := a.eventAbout(r, channel.HandOver, id)
	if err != nil {
		return err
	}
	e.ContentKey, e.Text = id, text
	got, err := a.give(r.Context(), e)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusAccepted, encode(map[string]string{"case": got.ID}))
	return nil
}

// smallBody reads the id and the body of a request that is no question.
func smallBody(w http.ResponseWriter, r *http.Request) (id string, body []byte, err error) {
	if id, err = pathID(r); err != nil {
		return "", nil, err
	}
	body, err = readBody(w, r, maxSmall)
	return id, body, err
}

// eventAbout begins an event about a question, which the service may know nothing of: it then says so.
func (a *API) eventAbout(r *http.Request, kind channel.Kind, id string) (channel.Event, error) {
	key, err := a.keyOf(r.Context(), id)
	if errors.Is(err, journal.ErrNotFound) {
		key, err = id, nil
	}
	if err != nil {
		return channel.Event{}, err
	}
	return eventFor(r, kind, key)
}

// eventFor begins an event about the question of a key.
func eventFor(r *http.Request, kind channel.Kind, question string) (channel.Event, error) {
	key, err := idempotencyKey(r)
	if err != nil {
		return channel.Event{}, err
	}
	who, place, err := origin(r, question)
	return channel.Event{Kind: kind, DeliveryKey: key, Actor: who, Place: place}, err
}
