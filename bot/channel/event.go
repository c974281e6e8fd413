package channel

import (
	"encoding/json"
	"strings"
	"time"
)

// An Event is one thing that came in, from an asker that the channel has verified.
type Event struct {
	Kind Kind
	// DeliveryKey names the delivery: a platform that delivers twice sends it twice. Never empty.
	DeliveryKey string
	// ContentKey names what the person did, such as place and time of the message. A platform may tell
	// the same thing in two events; both have this key. For Edited and Deleted it is the question's.
	// Never empty for Question, Edited and Deleted. For HandOver it is the id of the question that a
	// person is asked for.
	ContentKey string
	ID         string // that the caller wishes for the question, [A-Za-z0-9._-]{1,64}; "" for any
	Actor      Actor
	Place      Place
	Text       string    // without the mention of the bot; not cleaned otherwise, perhaps not UTF-8
	Lang       string    // zh, en, or "" when only the text can tell
	Quote      string    // text that the message quotes of an earlier one, as the platform tells it; "" where that is no text
	History    []Turn    // earlier turns, where the caller keeps them; nil: the service's own
	AsOf       time.Time // "today" for validity; the zero time means the clock
	Profile    json.RawMessage
	Reply      Handle
	// Feedback is that of Kind Rated. With Kind Pressed of a button that rates it adds its Reason and Text; the button
	// says which answer, and whether it is good.
	Feedback *Feedback
	Token    string // of Kind Pressed: the button's
	// Refuse is "" or why the channel wants a question turned away: RefuseExternal. It counts for what becomes a
	// question: Question, and the Pressed and HandOver that ask one.
	Refuse string
	At     time.Time // when it happened, by the platform; the zero time: now
}

// RefuseExternal is the [Event].Refuse of what is asked where people of another organisation read along, and the bot
// is not open to that.
const RefuseExternal = "external"

// A Kind is what kind of thing came in.
type Kind string

// Kinds of event.
const (
	Question Kind = "question"
	Edited   Kind = "edited"   // ContentKey's question now has this Text
	Deleted  Kind = "deleted"  // ContentKey's question was taken back
	Stop     Kind = "stop"     // the asker wants no more of what is being answered in Place
	Rated    Kind = "rated"    // Feedback
	Pressed  Kind = "pressed"  // a button
	HandOver Kind = "handover" // a person is asked for; Text may say why
)

// An Actor is who did it.
type Actor struct {
	Tenant   string `json:"tenant"` // workspace, team or corporation; "" where there is only one
	ID       string `json:"id"`     // compared without regard to case
	External bool   `json:"external,omitempty"`
}

// Key is the same for one person of one tenant, however the platform writes the id. It is personal
// data: what is stored is a keyed hash of it.
func (a Actor) Key(platform string) string {
	return platform + "\x00" + strings.ToLower(a.Tenant) + "\x00" + strings.ToLower(strings.TrimSpace(a.ID))
}

// A Place is where it happened and where the reply goes.
type Place struct {
	ID     string `json:"id"`
	Thread string `json:"thread,omitempty"` // "" where there are none
	Group  bool   `json:"group,omitempty"`  // others read along
}

// A Turn is one earlier message of a conversation.
type Turn struct {
	Role string `json:"role"` // User or Assistant
	Text string `json:"text"`
}

// Roles of a turn.
const (
	User      = "user"
	Assistant = "assistant"
)

// Feedback is what an asker thinks of an answer.
type Feedback struct {
	Answer string `json:"answer"` // id of the answer
	Good   bool   `json:"good"`
	Reason string `json:"reason,omitempty"` // one of Reasons, or ""
	Text   string `json:"text,omitempty"`
	// Withdrawn tells that the asker takes back what they said of the answer: the rest but Answer counts for nothing. Only of
	// Kind Rated.
	Withdrawn bool `json:"withdrawn,omitempty"`
}

// Reasons of feedback that is not good.
var Reasons = []string{"irrelevant", "incomplete", "wrong", "outdated", "other"}
