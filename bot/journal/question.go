package journal

import (
	"encoding/json"
	"time"

	"policybot/bot/channel"
)

// A State is where a question is in its life.
type State string

// States of a question. The last three are final.
const (
	Waiting   State = "waiting"   // stored, and its arrival acknowledged
	Claimed   State = "claimed"   // being answered under a lease
	Answered  State = "answered"  // its final reply is in the outbox
	Closed    State = "closed"    // its final reply arrived, or was given up with a case
	Cancelled State = "cancelled" // taken back before it was answered
	Refused   State = "refused"   // turned away at the door
)

// A Question is one question. Its Text and the values of its Profile have no personal data in them that rules
// can find.
type Question struct {
	ID         string          `json:"id"`
	Seq        int64           `json:"seq"` // order of acceptance, from 1
	Channel    string          `json:"channel"`
	User       string          `json:"user"`     // keyed hash
	Dialogue   string          `json:"dialogue"` // what is answered in order: keyed hash of user, place and thread
	Place      channel.Place   `json:"-"`        // may say who asked
	Reply      channel.Handle  `json:"-"`
	Lang       string          `json:"lang,omitempty"`
	Text       string          `json:"text"`
	Masked     []string        `json:"masked,omitempty"` // kinds of personal data that were masked
	Quote      string          `json:"quote,omitempty"`
	About      string          `json:"about,omitempty"`   // id of the question that a person of the staff is asked for; "" when none is
	History    []channel.Turn  `json:"history,omitempty"` // what the caller gave; nil: the dialogue's own
	Profile    json.RawMessage `json:"profile,omitempty"` // the enterprise that the caller told of; nil: none
	Org        string          `json:"org,omitempty"`     // keyed hash of the asker's organisation; "" when none is known
	AsOf       string          `json:"as_of,omitempty"`   // YYYY-MM-DD or ""
	Digest     string          `json:"-"`                 // keyed hash of what was asked, to tell a repeated key from another question
	AskedAt    time.Time       `json:"asked_at"`
	AcceptedAt time.Time       `json:"accepted_at"`
	AnsweredAt time.Time       `json:"answered_at,omitzero"`
	ClosedAt   time.Time       `json:"closed_at,omitzero"`
	State      State           `json:"state"`
	Reason     string          `json:"reason,omitempty"` // of an outcome or a refusal
	Outcome    string          `json:"outcome,omitempty"`
	Turn       int64           `json:"-"`
	NotBefore  time.Time       `json:"-"`
	Revision   int             `json:"revision,omitempty"` // edits
	Attempts   int             `json:"attempts"`
	Duplicates int             `json:"duplicates"`
	Answer     json.RawMessage `json:"answer,omitempty"` // as the outside gets it
	Record     json.RawMessage `json:"record,omitempty"` // how it came about: enough to answer again
}
