package slack

import "policybot/bot/slack/render"

// maxText (bytes) and maxButtons are of a message; see package render.
const (
	maxText    = render.Budget
	maxButtons = render.MaxButtons
)

// Methods that not every workspace has.
const (
	methodStream  = "chat.startStream"
	methodAppend  = "chat.appendStream"
	methodStop    = "chat.stopStream"
	methodSession = "agents.sessions.setStatus"
	methodStatus  = "assistant.threads.setStatus"
	methodPrompts = "assistant.threads.setSuggestedPrompts"
)

// lacking are errors that tell that a method cannot be used here at all.
var lacking = map[string]bool{
	"unknown_method": true, "method_deprecated": true, "deprecated_endpoint": true, "missing_scope": true, "not_allowed": true,
	"feature_not_enabled": true, "access_denied": true, "no_permission": true, "team_not_eligible": true, "method_not_supported_for_channel_type": false,
}

// can reports whether a method is worth calling.
func (c *Channel) can(method string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.noticed["without "+method]
}

// learn remembers that a method cannot be used, and gives the error.
func (c *Channel) learn(method string, err error) error {
	if lacking[errorName(err)] {
		c.once("without "+method, "error", errorName(err))
	}
	return err
}

// isPlain reports whether Slack refused the blocks that it shows best.
func (c *Channel) isPlain() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.noticed["plain"]
}

func (c *Channel) bePlain() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.noticed["plain"] = true
}
