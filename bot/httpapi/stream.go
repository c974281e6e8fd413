package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"policybot/bot/channel"
)

// wantsStream reports whether a caller takes server-sent events.
func wantsStream(r *http.Request) bool {
	for _, header := range r.Header.Values("Accept") {
		for kind := range strings.SplitSeq(header, ",") {
			kind, _, _ = strings.Cut(kind, ";")
			if strings.EqualFold(strings.TrimSpace(kind), "text/event-stream") {
				return true
			}
		}
	}
	return false
}

// streamAnswer sends what happens to a question as events until it is answered. A question that was
// refused at the door has that status, with the same events.
func (a *API) streamAnswer(w http.ResponseWriter, r *http.Request, l *listener, id string) error {
	look := looker{api: a, id: id}
	raw, err := look.once(r.Context())
	if err != nil {
		return err
	}
	status := http.StatusOK
	if raw != nil {
		parsed, err := parseAnswer(raw)
		if err != nil {
			return err
		}
		status = parsed.prepare(w)
	}
	s := openStream(w, status)
	if s.event("accepted", encode(map[string]string{"id": id})) != nil {
		return nil // the caller has gone
	}
	if raw == nil {
		raw, err = a.await(r.Context(), l, id, s)
	}
	switch {
	case r.Context().Err() != nil:
		return nil
	case errors.Is(err, errLater):
		err = s.event("pending", encode(newPending(id)))
	case err == nil:
		err = s.answer(raw)
	}
	if err != nil {
		_ = s.event("error", encode(a.asProblem(r, err).body(r)))
	}
	return nil
}

// A stream writes server-sent events. It is used by one goroutine.
type stream struct {
	w    http.ResponseWriter
	c    *http.ResponseController
	text string   // of a document, as far as it was sent
	sent []string // texts of the sentences that were sent
	over bool     // a snapshot went back on what was sent: no more sentences
}

func openStream(w http.ResponseWriter, status int) *stream {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("X-Accel-Buffering", "no")
	w.WriteHeader(status)
	return &stream{w: w, c: http.NewResponseController(w)}
}

// event sends one event. data is on one line.
func (s *stream) event(name string, data []byte) error {
	return s.write(fmt.Sprintf("event: %s\ndata: %s\n\n", name, data))
}

// ping sends a comment, so that nobody takes the connection for dead.
func (s *stream) ping() error { return s.write(": ping\n\n") }

// write sends text at once. The caller has writeTime to take it, and the next.
func (s *stream) write(text string) error {
	_ = s.c.SetWriteDeadline(time.Now().Add(writeTime))
	if _, err := s.w.Write([]byte(text)); err != nil {
		return err
	}
	if err := s.c.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}

// A streamed is a sentence of a snapshot, in the form of an element of Answer.sentences.
type streamed struct {
	Text      string `json:"text"`
	Citations []int  `json:"citations"`
}

// news sends what a snapshot has more than what was sent.
func (s *stream) news(n news) error {
	if n.step != "" {
		if err := s.event("progress", encode(map[string]string{"step": n.step})); err != nil {
			return err
		}
	}
	if n.doc == nil {
		return nil
	}
	if more, grew := strings.CutPrefix(n.doc.Text, s.text); grew && more != "" {
		if err := s.event("text", encode(map[string]string{"text": more})); err != nil {
			return err
		}
		s.text = n.doc.Text
	}
	var texts []string
	var events [][]byte
	for _, node := range n.doc.Nodes {
		if node.Kind == channel.Sentence {
			cites := append([]int{}, node.Cites...) // never null
			texts = append(texts, node.Text)
			events = append(events, encode(streamed{node.Text, cites}))
		}
	}
	return s.sentences(texts, events)
}

// answer sends the sentences of an answer that were not sent yet, and the answer.
func (s *stream) answer(raw json.RawMessage) error {
	parsed, err := parseAnswer(raw)
	if err != nil {
		return err
	}
	var texts []string
	var events [][]byte
	for _, sentence := range parsed.Sentences {
		var one streamed
		if err := json.Unmarshal(sentence, &one); err != nil {
			return fmt.Errorf("read a sentence of the answer that the service gave: %w", err)
		}
		texts = append(texts, one.Text)
		events = append(events, oneLine(sentence))
	}
	if err := s.sentences(texts, events); err != nil {
		return err
	}
	return s.event("answer", oneLine(raw))
}

// sentences sends those that were not sent. When what was sent is not how they begin, nothing can be added
// to it any more.
func (s *stream) sentences(texts []string, events [][]byte) error {
	for i, text := range s.sent {
		if i >= len(texts) {
			return nil // an older snapshot
		}
		s.over = s.over || texts[i] != text
	}
	if s.over {
		return nil
	}
	for i := len(s.sent); i < len(texts); i++ {
		if err := s.event("sentence", events[i]); err != nil {
			return err
		}
		s.sent = append(s.sent, texts[i])
	}
	return nil
}

// oneLine gives JSON without line feeds.
func oneLine(raw json.RawMessage) []byte {
	var b bytes.Buffer
	_ = json.Compact(&b, raw) // it is JSON: it was read
	return b.Bytes()
}
