package bot

import (
	"encoding/json"
	"time"

	"policybot/bot/channel"
	"policybot/bot/eligibility"
)

// A Question is what a person asks. Text is taken as it was typed.
type Question struct {
	ID      string    // echoed in the answer; one is made when empty
	Text    string    //
	History []Turn    // earlier turns of the conversation, oldest first
	AsOf    time.Time // "today" for validity; the zero time means the clock
	Lang    string    // language of the answer where Text shows none; empty means zh
	// Profile is all that is known of the asker's enterprise, where the caller gives it: a
	// JSON object, see [eligibility.ReadProfile]. nil: what the conversation says is known.
	Profile json.RawMessage
	// Before is the interview as the answer before left it; nil: it is read from History.
	Before *Interview
	// Saved are facts that are kept for the asker's organisation.
	Saved []eligibility.Known
	// In is the language of the answer whatever that of the question: zh or en; "" for
	// the question's.
	In string
	// Quotes tells that the question quotes the last turn of ours in History, and so is about it.
	Quotes bool
	// Partly is told of an answer that a model writes each time that one more sentence
	// has passed its checks: the answer so far. It must not wait. nil for nobody.
	Partly func(Answer)
}

// Roles of a turn.
const (
	RoleUser      = channel.User
	RoleAssistant = channel.Assistant
)

// A Turn is one earlier message of a conversation.
type Turn = channel.Turn
