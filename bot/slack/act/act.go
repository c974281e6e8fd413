// Package act names what people can press, open and call in Slack: the ids by which the platform tells
// which of our controls was used. Messages and views are made with them, and events are read by them.
package act

import "strings"

// Action ids of elements (https://docs.slack.dev/reference/block-kit/block-elements). Those that end in
// an underscore are followed by a number that makes them unique in their message.
const (
	Rate        = "pb_rate"         // feedback buttons; the value is a token, that of the one that does not help after Bad
	RateGood    = "pb_rate_good"    // the same as an ordinary button
	RateBad     = "pb_rate_bad"     // the same as an ordinary button
	Person      = "pb_person"       // asks for a person; the value is a token
	Reply       = "pb_reply_"       // says its label; the value is a token
	Case        = "pb_case"         // opens a case for a reply; the value is a token
	Clause      = "pb_clause_"      // shows a clause; the value is its id, perhaps with ?quote=start-end
	Link        = "pb_link_"        // opens a page in the browser; nothing happens here
	HomeAsk     = "pb_home_ask"     // opens the form of a question
	HomeProfile = "pb_home_profile" // opens the form of eligibility
	HomeForget  = "pb_home_forget"  // forgets what is kept for the organisation
)

// Bad stands before the token in the value of the feedback button that says that an answer did not help: both
// buttons of the element have one action id. A token has no colon.
const Bad = "bad:"

// Callback ids of views and shortcuts.
const (
	ViewClause   = "pb_view_clause"
	ViewFeedback = "pb_view_feedback" // private metadata is the token that was pressed
	ViewProfile  = "pb_view_profile"
	ViewAsk      = "pb_view_ask"
	ViewCase     = "pb_view_case" // private metadata is the token that was pressed
	ViewDraft    = "pb_view_draft"

	ShortcutAskAbout = "pb_ask_about" // on a message
	ShortcutDraft    = "pb_draft"     // on a message
	ShortcutAsk      = "pb_ask"       // anywhere
)

// Command is the slash command.
const Command = "/policy"

// Metadata names the messages that this program posts (https://docs.slack.dev/messaging/message-metadata/).
const Metadata = "policybot_reply"

// Is reports whether an action id is of a kind: the kind itself, or the kind with a number.
func Is(id, kind string) bool {
	rest, ok := strings.CutPrefix(id, kind)
	return ok && (rest == "" || strings.HasSuffix(kind, "_") && strings.Trim(rest, "0123456789") == "")
}
