package main

import (
	"cmp"
	"net/netip"
	"net/url"
	"regexp"
	"strings"

	slackapp "policybot/bot/slack/app"
)

// slackConfig is how people meet the service in Slack; the tokens are in the environment.
type slackConfig struct {
	HTTP             *bool  `yaml:"http"`              // Slack calls this program; not set: where there is a signing secret and no app token
	ExternalChannels string `yaml:"external_channels"` // deny or allow: whether channels with other organisations are answered; deny
	ThreadFollowUps  *bool  `yaml:"thread_follow_ups"` // what somebody writes in a thread in which they asked is a question without a mention; true
	AgentView        *bool  `yaml:"agent_view"`        // the agent's own place in Slack, which needs a paid plan; true
	Command          *bool  `yaml:"command"`           // /policy; true
	Shortcuts        *bool  `yaml:"shortcuts"`         // on messages and in the menu of all places; true
	StaffChannel     string `yaml:"staff_channel"`     // id of the channel that "ask a person" posts to; SLACK_STAFF_CHANNEL goes before it
}

// Values of external_channels.
const (
	externalDeny  = "deny"
	externalAllow = "allow"
)

// channelID is what the id of a channel looks like.
var channelID = regexp.MustCompile(`^[CG][A-Z0-9]{2,}$`)

// check names the first value that is not allowed and says what is; name is "" when all are.
func (c slackConfig) check() (name, value, allowed string) {
	switch c.ExternalChannels {
	case "", externalDeny, externalAllow:
	default:
		return "slack.external_channels", c.ExternalChannels, externalDeny + ", " + externalAllow
	}
	if c.StaffChannel != "" && !channelID.MatchString(c.StaffChannel) {
		return "slack.staff_channel", c.StaffChannel, "C0123456789"
	}
	return "", "", ""
}

// slackOptions are the settings of Slack, checked.
type slackOptions struct {
	BotToken      string // xoxb-…
	AppToken      string // xapp-…, "" over HTTP
	SigningSecret string // "" over Socket Mode
	StaffChannel  string // id; "" for none
	APIURL        string // ends in a slash; "" for Slack's own
	HTTP          bool   // Slack calls this program; else Socket Mode
	External      bool   // channels with other organisations are answered
	FollowUps     bool   // what somebody writes in a thread in which they asked is a question without a mention
	AgentView     bool
	Command       bool
	Shortcuts     bool
}

// slackSettings reads the settings of Slack from the environment and the configuration. on is false where nothing is
// set in the environment: then there is no Slack. Half of what is needed is an error that says what is missing.
func slackSettings(env func(string) string, c slackConfig) (o slackOptions, on bool, err error) {
	get := func(name string) string { return strings.TrimSpace(env(name)) }
	o = slackOptions{
		BotToken: get("SLACK_BOT_TOKEN"), AppToken: get("SLACK_APP_TOKEN"), SigningSecret: get("SLACK_SIGNING_SECRET"),
	}
	staff := get("SLACK_STAFF_CHANNEL")
	on = o.BotToken != "" || o.AppToken != "" || o.SigningSecret != "" || staff != ""
	o.StaffChannel = cmp.Or(staff, c.StaffChannel)
	o.HTTP = o.SigningSecret != "" && o.AppToken == ""
	if c.HTTP != nil {
		o.HTTP = *c.HTTP
	}
	o.External, o.FollowUps = c.ExternalChannels == externalAllow, isOn(c.ThreadFollowUps)
	o.AgentView, o.Command, o.Shortcuts = isOn(c.AgentView), isOn(c.Command), isOn(c.Shortcuts)
	if !on {
		return o, false, nil
	}
	if err := o.checkTokens(); err != nil {
		return o, true, err
	}
	if o.StaffChannel != "" && !channelID.MatchString(o.StaffChannel) {
		return o, true, &messageError{"slack_staff_id", []any{o.StaffChannel}}
	}
	o.APIURL, err = slackAPI(get("SLACK_API_URL"))
	return o, true, err
}

// isOn reports a switch that is on unless it is switched off.
func isOn(s *bool) bool { return s == nil || *s }

// checkTokens says what is missing, or is not what its name says, and keeps what the way of transport needs.
func (o *slackOptions) checkTokens() error {
	switch {
	case o.BotToken == "":
		return &messageError{name: "slack_no_bot"}
	case strings.HasPrefix(o.BotToken, "xoxe"):
		return &messageError{name: "slack_rotating"}
	case !strings.HasPrefix(o.BotToken, "xoxb-"):
		return &messageError{name: "slack_bot_form"}
	case o.HTTP && o.SigningSecret == "":
		return &messageError{name: "slack_no_secret"}
	case o.HTTP:
		o.AppToken = ""
		return nil
	case o.AppToken == "" && o.SigningSecret == "":
		return &messageError{name: "slack_half"}
	case o.AppToken == "":
		return &messageError{name: "slack_no_app"}
	case !strings.HasPrefix(o.AppToken, "xapp-"):
		return &messageError{name: "slack_app_form"}
	}
	o.SigningSecret = ""
	return nil
}

// slackAPI checks another address of the Web API: https, or http on this machine, for the tokens travel there.
func slackAPI(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.RawQuery != "" || u.User != nil || u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())) {
		return "", &messageError{"slack_api_bad", []any{text}}
	}
	return strings.TrimRight(text, "/") + "/", nil
}

// isLoopback reports whether a host is this machine.
func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && addr.Unmap().IsLoopback()
}

// features are what the app asks Slack for. base is the address of the program, for HTTP.
func (o slackOptions) features(base string) slackapp.Features {
	return slackapp.Features{
		HTTP: o.HTTP, BaseURL: base, AgentView: o.AgentView, Command: o.Command, Shortcuts: o.Shortcuts,
		FollowUps: o.FollowUps, Staff: o.StaffChannel != "",
	}
}
