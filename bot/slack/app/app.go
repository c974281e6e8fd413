// Package app says what this program is as a Slack app: its manifest, the scopes and events that each
// feature needs, and what Slack answers when it is asked about an installation.
//
// Scopes and events are data (scopes.go); testdata/scopes.txt says the same for people to read and is compared with
// them. Only what is switched on asks for anything.
package app

import "slices"

// Features are what is switched on. The zero value answers mentions and direct messages over Socket Mode.
type Features struct {
	HTTP    bool   // Slack calls us; else we call Slack (Socket Mode)
	BaseURL string // of the program, as Slack reaches it: https://host, no slash at its end; for HTTP alone

	AgentView bool // the agent's own place in Slack, with suggested prompts and a button to stop; needs a paid plan
	Command   bool // the slash command
	Shortcuts bool // on messages and in the menu of all places
	FollowUps bool // what somebody writes in a thread in which they asked is a question without a mention
	Staff     bool // there is a channel of the staff, which is looked at before it is used
}

// A Feature is why the app asks for something.
type Feature string

// Features that need scopes or events. Always is what no setting switches off.
const (
	Always    Feature = "always"
	AgentView Feature = "agent_view"
	Command   Feature = "command"
	Shortcuts Feature = "shortcuts"
	FollowUps Feature = "thread_follow_ups"
	Staff     Feature = "staff"
)

// On lists what is switched on, Always first, in the order of the constants.
func (f Features) On() []Feature {
	on := []Feature{Always}
	for _, s := range []struct {
		is      bool
		feature Feature
	}{
		{f.AgentView, AgentView},
		{f.Command, Command},
		{f.Shortcuts, Shortcuts},
		{f.FollowUps, FollowUps},
		{f.Staff, Staff},
	} {
		if s.is {
			on = append(on, s.feature)
		}
	}
	return on
}

// wants reports whether any of the features is switched on.
func (f Features) wants(any []Feature) bool {
	on := f.On()
	return slices.ContainsFunc(any, func(w Feature) bool { return slices.Contains(on, w) })
}
