// Package channel is what a chat platform and the service say to each other: events come in,
// whole documents go out. It knows no platform, no store and no policy.
//
// An adapter of a platform implements [Channel] and [Reply], and passes the cases of package
// channeltest. Limits are data ([Caps]), never a question of which platform it is.
package channel

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// A Channel is one way in and out. Its methods may be used from several goroutines.
type Channel interface {
	// Caps says what the channel can do. It does not change.
	Caps() Caps
	// Run takes events until ctx ends, and then returns nil once it has stopped taking them. It gives
	// each to sink and tells the platform that the event has arrived only after sink returned nil; when
	// sink fails the platform must be left to send the event again. A lost connection is for Run to
	// make anew; an error that it returns is temporary (Run is called again later) unless it is a
	// *FatalError. Run is not called again before it returned.
	Run(ctx context.Context, sink Sink) error
	// Begin takes up the reply that h stands for, also in another process than the one that took the
	// event. id is the answer's, known before its first word. It may fail as Finish may.
	Begin(ctx context.Context, h Handle, id string) (Reply, error)
	// Health tells how the channel is. It does not wait.
	Health() Health
}

// A Reply is one reply under way, used by one goroutine at a time.
type Reply interface {
	// Progress tells that the question is being worked on. A failure does no harm.
	Progress(ctx context.Context, step string) error
	// Update shows the document as it is so far. The last snapshot counts; those before it may never be
	// seen. A failure does no harm.
	Update(ctx context.Context, d Doc) error
	// Finish delivers the document and ends the reply. It is the one call that must succeed, and brings
	// its own fallbacks: an expired handle, a document over the platform's limits. See Delivery for how
	// nothing is delivered twice. Its error is a *WaitError, a *GoneError, an *UnsentError, or temporary: then
	// the document may have arrived.
	Finish(ctx context.Context, d Doc, as Delivery) (Receipt, error)
	// Abort ends the reply without a document, because the asker withdrew the question.
	Abort(ctx context.Context, why string) error
}

// A Sink stores one event durably. When it returns nil the event is safe, and the platform may be
// told so; Accepted says what became of it.
type Sink func(ctx context.Context, e Event) (Accepted, error)

// Accepted is what became of an event.
type Accepted struct {
	ID        string // of the question, the same for each delivery of it; of the case that a HandOver of a Pull channel opened; else ""
	Duplicate bool   // the question had arrived before
	Refused   string // why a question was not taken, such as "busy"; "" when it was
}

// A Delivery names one document on its way out.
type Delivery struct {
	// Key is the same for every attempt to deliver one document. A platform that knows such keys gets it.
	Key string
	// Again tells that an earlier attempt may have arrived: its end is not known. The channel then must
	// look for the document before it sends, or be one where the same key cannot arrive twice.
	Again bool
	// Since is a time before which no attempt was made, such as that at which the document was made; the zero time: it is
	// not known. With Again it bounds how long ago the one may have arrived whose end is not known.
	Since time.Time
	// Later tells that this is not the reply to the event that the handle is of: that one was delivered before, or is
	// still to be, with the same handle, or the handle is of no event. A person's reply to a case is later, and what tells the staff of
	// a case. What a platform allows once for each event, such as a stream, then belongs to another document.
	Later bool
}

// A Receipt is what the platform gave for a document, such as the id of a message. It may be empty.
type Receipt string

// A Handle is what a channel needs to reply to an event later: opaque, storable, and at most 4 KB.
type Handle struct {
	Data    []byte    `json:"data"`
	Expires time.Time `json:"expires,omitzero"` // the zero time: never
}

// Caps say what a channel can do.
type Caps struct {
	Name      string        // of the platform, [a-z]+; part of every key
	Stream    StreamMode    // how a reply can be seen before it is whole
	Stops     bool          // it says by itself what became of a message that stops
	Interval  time.Duration // least time between two documents to one place; 0: none
	Budget    int           // most bytes of a document's text in one message; 0: no limit
	Messages  int           // most messages of one document, the last of which then says that there is more; 0: no limit
	Buttons   int           // most buttons under a document; 0: none
	Threads   bool          // a place has threads
	Pull      bool          // the asker fetches replies: Finish only tells whoever waits, and refusals are not sent
	Formatted bool          // shows Nodes and Citations; otherwise Doc.Text
	Senders   int           // how many documents are delivered at once, where each waits until the platform asks for it; 0: as many as is usual
	Rates     bool          // people rate an answer by means of the platform itself: it needs no buttons for that
}

// A StreamMode is how a reply can be seen before it is whole.
type StreamMode string

// Stream modes.
const (
	StreamNone    StreamMode = ""        // only when it is whole
	StreamReplace StreamMode = "replace" // snapshots take each other's place
	StreamAppend  StreamMode = "append"  // what was shown stays, more follows
)

// Health is how a channel is.
type Health struct {
	State  State     `json:"state"`
	Reason string    `json:"reason,omitempty"` // why it is not Up, for people; no secrets
	Since  time.Time `json:"since,omitzero"`
}

// A State is how a channel's connection is.
type State string

// States.
const (
	Starting State = "starting"
	Up       State = "up"      // Run is taking events
	Down     State = "down"    // it is being connected again
	Stopped  State = "stopped" // it stays so until somebody mends it
	Kicked   State = "kicked"  // another process took the connection of the same bot; it is asked for again much later
)

// A FatalError ends a channel until somebody mends it: a token that was revoked, a second connection
// of the same bot.
type FatalError struct{ Reason string }

// Error says it in a sentence.
func (e *FatalError) Error() string { return e.Reason }

// A WaitError asks for time: the platform is not to be called before After is over. Nothing was
// delivered: once a part of a long document has been, Finish waits by itself or fails with another error.
type WaitError struct {
	After time.Duration
	All   bool // the whole channel has to wait, not only this place
}

// Error says it in a sentence.
func (e *WaitError) Error() string { return fmt.Sprintf("the platform asks to wait %s", e.After) }

// An UnsentError is another failure of Finish of which it is known that nothing was delivered: the platform refused the
// document, or it was not given to it. It may be tried again by another process too.
type UnsentError struct{ Err error }

// Error says what Err says.
func (e *UnsentError) Error() string { return e.Err.Error() }

// Unwrap is Err.
func (e *UnsentError) Unwrap() error { return e.Err }

// A GoneError tells that nobody can be reached there any more: the channel was archived, the person
// has left. Trying again is useless.
type GoneError struct{ Reason string }

// Error says it in a sentence.
func (e *GoneError) Error() string { return "cannot be delivered: " + e.Reason }

// ErrKeyReused is what a [Sink] returns for a key that came before with another question.
var ErrKeyReused = errors.New("this key was used for another question")

// IsUnsent reports whether err says that nothing was delivered.
func IsUnsent(err error) bool {
	_, ok := errors.AsType[*UnsentError](err)
	return ok
}

// IsGone reports whether err says that trying again is useless.
func IsGone(err error) bool {
	_, ok := errors.AsType[*GoneError](err)
	return ok
}
