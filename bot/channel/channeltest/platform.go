package channeltest

import (
	"errors"
	"time"

	"policybot/bot/channel"
)

// A Platform is the other side of one channel: what people do there and what they see. Its methods are
// called from one goroutine; the channel under test may call at the same time.
type Platform interface {
	// Can says what the platform and its people can do. It does not change.
	Can() Can
	// Connect makes a channel as a process that has just started would. It shares no memory with those
	// made before, whose Run has ended. What people do from now on goes to it.
	Connect() (channel.Channel, error)
	// Do lets a person do something and gives the gesture a name. It does not wait for the channel. It
	// fails with ErrCannot when the platform cannot carry the Text of g.
	Do(g Gesture) (string, error)
	// Acked reports whether the channel has told the platform that the gesture arrived.
	Acked(gesture string) bool
	// Screen is what people see in a place now. Where they must fetch replies, it fetches them. A reply
	// that is fetched twice is one message.
	Screen(p channel.Place) Screen
}

// A Repeater can deliver the same thing again, as platforms do that got no acknowledgement in time.
type Repeater interface {
	// Redeliver delivers a gesture once more, in every respect the same. It does not wait for the channel.
	Redeliver(gesture string) error
}

// A Teller can tell the same gesture in a second delivery, which has an identity of its own.
type Teller interface {
	// TellAgain delivers it. It does not wait for the channel.
	TellAgain(gesture string) error
}

// A Breaker makes calls of the channel to the platform fail.
type Breaker interface {
	// Faults lists the kinds of fault that it can make.
	Faults() []FaultKind
	// Break makes the next calls fail as f says. It is called before the call, not during it.
	Break(f Fault)
}

// A Line is a connection that can be lost.
type Line interface {
	// Cut loses the connection; until Mend a new one cannot be made.
	Cut()
	// Mend lets connections be made again.
	Mend()
}

// A Garbler can send what is no event: a wrong signature, half a document, too much of it.
type Garbler interface {
	// Garbage names what it can send, each in a few words.
	Garbage() []string
	// Garble sends it, waits for the channel's answer where there is one, and reports whether the
	// channel refused it.
	Garble(name string) (refused bool, err error)
}

// ErrCannot is what Platform.Do fails with when the platform cannot carry a text.
var ErrCannot = errors.New("the platform cannot carry this")

// An Ack is when a platform is told that an event arrived.
type Ack string

// Times of an acknowledgement.
const (
	AckNever  Ack = "never"  // it is not told
	AckStored Ack = "stored" // once the event is stored
	AckReply  Ack = "reply"  // only with the reply
)

// Can says what a platform and its people can do. The zero value can do nothing.
type Can struct {
	Kinds   []channel.Kind // gestures; channel.Question is always one
	Acks    Ack
	Places  bool // there is more than one place; else Gesture.Place is of no importance
	Groups  bool // there are places where others read along
	People  bool // there is more than one person; else Gesture.By is of no importance
	Tenants bool // people belong to tenants
	Folds   bool // one person's id may be written in different cases
	Bots    bool // other bots and the bot itself can be heard
	Unrates bool // who rated can take it back
	Pings   bool // a message may call on people by a mark in its text
	// Lasting tells that what was shown outlives the process that showed it, so that a fresh channel can
	// find it. Without it, only the channel that showed it must know.
	Lasting bool
	Untimed bool     // a refusal that asks for time does not say how much
	Late    bool     // after a reply, another document can be sent with the same handle
	Secrets []string // what no handle, health or error may hold
	Helpers []string // parts of the names of functions in whose goroutines the platform itself works
}

// A Gesture is one thing that a person does.
type Gesture struct {
	Kind     channel.Kind
	By       channel.Actor
	Place    channel.Place
	Text     string            // of Question, Edited and HandOver
	Of       string            // of Edited and Deleted: name of the gesture that asked
	Feedback *channel.Feedback // of Rated
	Token    string            // of Pressed: Button.Value, as the screen had it
	Bot      Bot               // who says it is no person
}

// A Bot is a speaker that is no person.
type Bot string

// Bots.
const (
	NoBot    Bot = ""
	OtherBot Bot = "other"
	OwnBot   Bot = "own" // the very bot under test
)

// A Screen is what people see in a place.
type Screen struct {
	Messages []Message // whole ones, oldest first; no snapshots
	Snapshot string    // text of the reply under way that is on screen; "" when there is none
	Progress string    // what is shown of the work on a question; "" when nothing is
}

// A Message is one whole message.
type Message struct {
	Text    string        // as people read it, without what shows the label or counts the parts
	Label   channel.Label // that people can tell from it, "" when they cannot
	Buttons []Button
	Sources []string // titles of documents that are shown apart from Text
	Pings   int      // people that it called on
	Cut     bool     // it says that there is more of the document, which is not shown; Text is without that
}

// A Button is one under a message.
type Button struct {
	Label string
	Value string // all that the platform knows of it besides the label
}

// A FaultKind is how a call fails.
type FaultKind string

// Kinds of fault.
const (
	FaultWait    FaultKind = "wait"    // refused: Fault.After must pass first
	FaultGone    FaultKind = "gone"    // refused: nobody is there any more
	FaultHang    FaultKind = "hang"    // done, but the connection breaks before the answer
	FaultLost    FaultKind = "lost"    // not done, the connection breaks before the answer
	FaultBroken  FaultKind = "broken"  // not done, the platform has a defect
	FaultNoise   FaultKind = "noise"   // done, but the answer cannot be read
	FaultSlow    FaultKind = "slow"    // nothing is done for Fault.After
	FaultRevoked FaultKind = "revoked" // refused from now on: the bot's rights were taken back; Mend of Line gives them back
)

// A Fault makes calls fail.
type Fault struct {
	Kind  FaultKind
	On    On
	After time.Duration // of FaultWait, whole seconds, and of FaultSlow
	Times int           // how many calls fail; those after them do not
}

// On says which calls fail.
type On string

// Calls.
const (
	OnFinish On = "finish" // that show a whole message or a part of one
	OnUpdate On = "update" // that show progress or a snapshot or take it away
	OnAny    On = "any"
)
