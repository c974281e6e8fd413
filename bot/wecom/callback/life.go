package callback

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"policybot/bot/channel"
	"policybot/bot/wecom/aibot"
)

// A life is what this process knows of one message and of the replies to it.
type life struct {
	name string    // of its stream
	made time.Time // when this process learned of it
	late bool      // there is another way to deliver, besides WeCom's
	turn chan struct{}

	mu      sync.Mutex // never held while waiting
	changed chan struct{}

	met      bool // the message is known, not the name of its stream alone
	fresh    bool // this process stored the message: what it does not know of has not happened
	sent     time.Time
	lang     string
	chat     string // a group, or the person
	url      string // response_url, "" where there is none
	feedback string // what a rating names: the id of the question
	arriving bool   // it is being stored
	refused  bool   // it was not taken
	before   bool   // an earlier process took it, and may have answered it
	closed   bool   // there was no room for its stream
	mute     bool   // and none for a sentence that says so: the chat had too many messages
	counted  bool   // its stream is counted in the quota

	opened time.Time // when WeCom got a first snapshot from this process
	asked  time.Time // when it asked last for more
	text   string    // the newest snapshot
	partly bool      // text is of the document
	end    *ending   // nil while the stream goes on

	docs  map[string]*delivery
	spent string // key of the document that the response_url was spent on, or may have been; "" for none
}

// An ending is the last snapshot of a stream.
type ending struct {
	key     string // of the document that it shows; "" for a sentence of our own
	text    string
	card    json.RawMessage
	writing int  // answers with it on their way
	got     int  // answers with it that were written
	doubt   bool // one could not be written
}

// A delivery is what is known of one document.
type delivery struct {
	doubt    bool // an earlier process may have shown it
	streamed bool // its first part is in the stream
	posting  bool // the response_url may have taken it
	paid     bool // its message to the response_url is counted
	done     bool
}

func newLife(name string, now time.Time) *life {
	return &life{name: name, made: now, sent: now, turn: make(chan struct{}, 1), changed: make(chan struct{}), docs: map[string]*delivery{}}
}

// enter waits until nobody else delivers a reply to the message.
func (v *life) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case v.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (v *life) leave() { <-v.turn }

// touch wakes who waits for a change. The caller holds mu.
func (v *life) touch() {
	close(v.changed)
	v.changed = make(chan struct{})
}

// meet adds what is known of the message.
func (v *life) meet(to aibot.Target, sent time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.closed = v.closed || to.Closed
	if v.met {
		return
	}
	v.met, v.sent, v.lang, v.url, v.chat = true, sent, to.Lang, to.URL, to.Chat
}

// arrived notes that the message is being stored.
func (v *life) arrived() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.arriving = true
}

// close lets the stream end with its first snapshot, unless it is open already or there is no other way.
func (v *life) close() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.opened.IsZero() && v.asked.IsZero() && v.end == nil && (v.url != "" || v.late) {
		v.closed = true
	}
}

// quieten lets the message have no stream at all, unless it is open already or there is no other way. take counts the
// stream and tells whether the chat has room for it.
func (v *life) quieten(take func() bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.counted || v.mute || !v.opened.IsZero() || !v.asked.IsZero() {
		return
	}
	v.counted = take()
	if !v.counted && v.end == nil && (v.url != "" || v.late) {
		v.closed, v.mute = true, true
	}
}

func (v *life) isMute() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.mute
}

func (v *life) hasEnded() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.end != nil
}

func (v *life) isClosed() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.closed
}

// isOpen reports whether the stream takes one of the interactions that a person may have at a time.
func (v *life) isOpen(now time.Time) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	begun := v.arriving || !v.opened.IsZero() || !v.asked.IsZero()
	return begun && !v.closed && (v.end == nil || v.end.got == 0) && now.Sub(v.sent) < streamLife
}

// accept notes what became of the message.
func (v *life) accept(got channel.Accepted, stopped string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.arriving = false
	switch {
	case got.ID == "": // it was no question but asked to stop
		v.finish("", stopped, nil)
		return
	case got.Refused != "":
		v.refused = true
	}
	v.feedback, v.fresh = got.ID, v.fresh || !got.Duplicate
	v.before = !v.fresh
	if v.closed && v.refused {
		v.finish("", refused.In(v.lang), nil)
	} else if v.closed {
		v.finish("", queued.In(v.lang), nil)
	}
}

// giveUp notes that the message was not stored.
func (v *life) giveUp() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.arriving = false
}

// finish sets the end of the stream, unless it has one. The caller holds mu.
func (v *life) finish(key, text string, card json.RawMessage) {
	if v.end == nil {
		v.end = &ending{key: key, text: text, card: card}
		v.touch()
	}
}

// show sets the newest snapshot. A status does not take the place of a part of the document.
func (v *life) show(text string, partly bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.end == nil && text != "" && (partly || !v.partly) {
		v.text, v.partly = text, partly
		v.touch()
	}
}

// A frame is a snapshot on its way to WeCom.
type frame struct {
	life    *life
	message aibot.Message
	end     *ending // nil: the stream goes on
}

// frame is what the stream shows now. first tells that it answers the message itself: a document does not end the stream
// there, unless WeCom has it already, because nothing would tell that the answer was lost: WeCom asks no more for a stream
// that has ended. looks tells that WeCom does not ask for the first time, with the very same request: then nothing is known by it.
func (v *life) frame(now time.Time, first, looks bool) frame {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !looks {
		if first {
			v.arriving = false
		} else {
			v.asked = now
		}
		v.retire(now)
	}
	s := aibot.Stream{ID: v.name, Content: v.text}
	if s.Content == "" && v.refused {
		s.Content = refused.In(v.lang)
	} else if s.Content == "" {
		s.Content = working(v.lang)
	}
	if first && v.feedback != "" && len(v.feedback) <= maxFeedback && (v.end == nil || v.end.key != "") {
		s.Feedback = &aibot.FeedbackKey{ID: v.feedback}
	}
	out := frame{life: v, message: aibot.Streamed(s, nil)}
	if e := v.end; e != nil && (!first || e.key == "" || e.got > 0) {
		s.Finish, s.Content = true, e.text
		card := e.card
		if e.got >= cardTries {
			card = nil // WeCom does not seem to take it
		}
		out.message = aibot.Streamed(s, card)
		if !looks {
			e.writing++
			out.end = e
		}
	}
	return out
}

const (
	maxFeedback = 256 // bytes of a feedback.id
	cardTries   = 3
)

// retire ends a stream that would otherwise hang. The caller holds mu.
func (v *life) retire(now time.Time) {
	age := now.Sub(v.sent)
	switch {
	case v.end != nil:
	case v.refused && age >= refusalFor:
		v.finish("", refused.In(v.lang), nil)
	case v.text == "" && (!v.met || v.before) && now.Sub(v.made) >= strayFor: // an earlier process may have ended it
		v.finish("", unseen.In(v.lang), nil)
	case age < streamEnds || !v.met:
	case v.spent == "" && v.url != "" || v.late:
		v.finish("", aibot.Follows(v.lang), nil)
	default:
		v.finish("", unanswered.In(v.lang), nil)
	}
}

// written notes whether a snapshot was written to WeCom.
func (f frame) written(now time.Time, ok bool) {
	v := f.life
	v.mu.Lock()
	defer v.mu.Unlock()
	if ok && v.opened.IsZero() {
		v.opened = now
	}
	if f.end == nil {
		return
	}
	f.end.writing--
	if ok {
		f.end.got++
	} else {
		f.end.doubt = true
	}
	v.touch()
}

// hand lets the stream end with a part of a document, and waits until WeCom got it. got is false when WeCom does not ask
// for it any more; the stream then shows a sentence of our own, should WeCom ask once more. other tells that there is
// another way; without one it is waited for as long as the stream lasts.
func (v *life) hand(ctx context.Context, key, text string, card json.RawMessage, other bool) (got bool, err error) {
	for {
		v.mu.Lock()
		if v.end == nil && time.Since(v.sent) < streamLife {
			v.finish(key, text, card)
		}
		e := v.end
		if e == nil || e.key != key {
			v.mu.Unlock()
			return false, nil
		}
		if e.got > 0 {
			v.mu.Unlock()
			return true, nil
		}
		left := v.left(other && !e.doubt)
		if left <= 0 && e.writing == 0 {
			err := v.takeBack(e)
			v.mu.Unlock()
			return false, err
		}
		changed := v.changed
		v.mu.Unlock()
		if err := wait(ctx, changed, max(left, time.Millisecond)); err != nil {
			return false, err
		}
	}
}

// left is how long WeCom may still ask for the end. The caller holds mu.
func (v *life) left(other bool) time.Duration {
	whole := time.Until(v.sent.Add(streamLife))
	if !other {
		return whole
	}
	last := v.made
	for _, at := range []time.Time{v.opened, v.asked} {
		if at.After(last) {
			last = at
		}
	}
	return min(whole, time.Until(last.Add(silence)))
}

// takeBack puts a sentence in the place of an end that nobody fetched. The caller holds mu.
func (v *life) takeBack(e *ending) error {
	if e.doubt {
		return errUnknowable
	}
	v.end = &ending{text: elsewhere.In(v.lang)}
	v.touch()
	return nil
}

// wait waits for a change, at most so long.
func wait(ctx context.Context, changed <-chan struct{}, most time.Duration) error {
	t := time.NewTimer(most)
	defer t.Stop()
	select {
	case <-changed:
	case <-t.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

var errUnknowable = &channel.GoneError{Reason: "whether WeCom shows it cannot be known, and it must not be shown twice"}

// stop ends the stream with a sentence, if it is open, and waits for a while until WeCom got it.
func (v *life) stop(ctx context.Context, text string) {
	v.mu.Lock()
	ended, hidden := v.end != nil, v.fresh && v.opened.IsZero() && v.asked.IsZero()
	v.finish("", text, nil)
	e := v.end
	v.mu.Unlock()
	if ended || hidden {
		return
	}
	for {
		v.mu.Lock()
		left, changed, got := v.left(true), v.changed, e.got
		v.mu.Unlock()
		if got > 0 || left <= 0 || wait(ctx, changed, left) != nil {
			return
		}
	}
}

// shed lets go of long texts, when nobody asks for them any more.
func (v *life) shed() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.text = ""
	if v.end != nil && v.end.key != "" {
		v.end.text, v.end.card = elsewhere.In(v.lang), nil
	}
}

// delivery is what is known of a document. It belongs to who has entered.
func (v *life) delivery(as channel.Delivery) *delivery {
	v.mu.Lock()
	defer v.mu.Unlock()
	d := v.docs[as.Key]
	if d == nil {
		d = &delivery{doubt: as.Again && !v.fresh}
		v.docs[as.Key] = d
	}
	return d
}

// stored notes that this process stored the message, unless it had come before.
func (v *life) stored(got channel.Accepted) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.fresh = v.fresh || !got.Duplicate
}

func (v *life) isFresh() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.fresh
}

// seen reports whether WeCom has asked this process for the stream. An earlier process cannot have ended it then.
func (v *life) seen() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return !v.opened.IsZero() || !v.asked.IsZero()
}

// spend takes the response_url for a document, and gives "" where there is none, or another document had it.
func (v *life) spend(key string) string {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.spent != "" && v.spent != key {
		return ""
	}
	v.spent = key
	return v.url
}

// keepURL undoes spend: the response_url has taken nothing.
func (v *life) keepURL() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.spent = ""
}

// has reports whether the response_url is there for a document.
func (v *life) has(key string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.url != "" && (v.spent == "" || v.spent == key)
}
