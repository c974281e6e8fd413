package main

import (
	"cmp"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// wecomConfig is how people meet the service in WeCom; ids, secrets and addresses are in the environment.
type wecomConfig struct {
	Staff  string `yaml:"staff"`  // hook or none: whether "ask a person" posts with the group webhook; not set: unless Slack has a staff channel
	Alerts *bool  `yaml:"alerts"` // the webhook's group is told when the service needs somebody to look after it; true
}

// Values of staff.
const (
	staffHook = "hook"
	staffNone = "none"
)

// check names the first value that is not allowed and says what is; name is "" when all are.
func (c wecomConfig) check() (name, value, allowed string) {
	switch c.Staff {
	case "", staffHook, staffNone:
		return "", "", ""
	}
	return "wecom.staff", c.Staff, staffHook + ", " + staffNone
}

// Addresses of WeCom: https://developer.work.weixin.qq.com/document/path/101463 and
// https://developer.work.weixin.qq.com/document/path/91039.
const (
	wecomSocketURL = "wss://openws.work.weixin.qq.com"
	wecomAPIURL    = "https://qyapi.weixin.qq.com"
)

// wecomOptions are the settings of WeCom, checked. Those of a surface are all set or all empty; the addresses are always
// set.
type wecomOptions struct {
	BotID, BotSecret string // of the AI bot over the long connection
	WSURL            string // where that connects to
	BotToken, BotKey string // of the AI bot by callback; a key has 43 characters
	BotName          string // of the AI bot, as people mention it in groups, without the @; "" where it is not known

	CorpID      string
	AgentID     int
	AgentSecret string
	Token, Key  string // of the app's callback
	APIURL      string // of the app's calls; no slash at its end

	WebhookURL string // of the group robot; whoever has it can post
	Staff      string // hook, none or ""
	Alerts     bool   // alerts are posted with the webhook
}

// socket reports whether the AI bot takes part over the long connection.
func (o wecomOptions) socket() bool { return o.BotSecret != "" }

// callback reports whether the AI bot takes part by callback.
func (o wecomOptions) callback() bool { return o.BotKey != "" }

// app reports whether the self-built app takes part.
func (o wecomOptions) app() bool { return o.AgentSecret != "" }

// hook reports whether there is a group webhook.
func (o wecomOptions) hook() bool { return o.WebhookURL != "" }

// staffs reports whether cases are posted with the webhook. elsewhere tells that they already have a place in a chat.
func (o wecomOptions) staffs(elsewhere bool) bool {
	return o.hook() && (o.Staff == staffHook || o.Staff == "" && !elsewhere)
}

// A wecomSurface is one way into or out of WeCom, with the variables that it needs and the error of half of them.
type wecomSurface struct {
	vars []string
	half func(setAndMissing []any) error
}

var wecomSurfaces = []wecomSurface{
	{[]string{"WECOM_BOT_ID", "WECOM_BOT_SECRET"}, func(v []any) error { return &messageError{"wecom_half_socket", v} }},
	{[]string{"WECOM_BOT_TOKEN", "WECOM_BOT_ENCODING_AES_KEY"}, func(v []any) error { return &messageError{"wecom_half_callback", v} }},
	{[]string{"WECOM_CORP_ID", "WECOM_AGENT_ID", "WECOM_AGENT_SECRET", "WECOM_TOKEN", "WECOM_ENCODING_AES_KEY"}, func(v []any) error {
		return &messageError{"wecom_half_app", v}
	}},
	{vars: []string{"WECOM_WEBHOOK_URL"}},
}

// wecomSettings reads the settings of WeCom from the environment and the configuration. on is false where no surface is
// set up. Half of what one needs is an error that says what is missing; no error has the value of a variable.
func wecomSettings(env func(string) string, c wecomConfig) (o wecomOptions, on bool, err error) {
	get := func(name string) string { return strings.TrimSpace(env(name)) }
	o = wecomOptions{
		BotID: get("WECOM_BOT_ID"), BotSecret: get("WECOM_BOT_SECRET"), BotToken: get("WECOM_BOT_TOKEN"), BotKey: get("WECOM_BOT_ENCODING_AES_KEY"),
		BotName: strings.TrimSpace(strings.TrimLeft(get("WECOM_BOT_NAME"), "@")), CorpID: get("WECOM_CORP_ID"), AgentSecret: get("WECOM_AGENT_SECRET"),
		Token: get("WECOM_TOKEN"), Key: get("WECOM_ENCODING_AES_KEY"), WebhookURL: get("WECOM_WEBHOOK_URL"), Staff: c.Staff, Alerts: isOn(c.Alerts),
		WSURL:  strings.TrimRight(cmp.Or(get("WECOM_WS_URL"), wecomSocketURL), "/"),
		APIURL: strings.TrimRight(cmp.Or(get("WECOM_API_URL"), wecomAPIURL), "/"),
	}
	for _, s := range wecomSurfaces {
		some, err := s.check(get)
		on = on || some
		if err != nil {
			return o, true, err
		}
	}
	if !on && c.Staff != staffHook {
		return o, false, nil
	}
	return o, true, o.checkForms(get("WECOM_AGENT_ID"))
}

// check reports whether any variable of a surface is set, and says what is missing when not all are.
func (s wecomSurface) check(get func(string) string) (some bool, err error) {
	var set, missing []string
	for _, name := range s.vars {
		switch v := get(name); {
		case v == "":
			missing = append(missing, name)
		case strings.ContainsFunc(v, unicode.IsSpace):
			return true, &messageError{"wecom_blank", []any{name}}
		default:
			set = append(set, name)
		}
	}
	if len(set) > 0 && len(missing) > 0 {
		return true, s.half([]any{strings.Join(set, ", "), strings.Join(missing, ", ")})
	}
	return len(set) > 0, nil
}

// encodingKey is what an EncodingAESKey looks like: https://developer.work.weixin.qq.com/document/path/90968.
var encodingKey = regexp.MustCompile(`^[A-Za-z0-9+/]{43}$`)

// checkForms says what is not what its name says, and keeps the number of the app.
func (o *wecomOptions) checkForms(agent string) error {
	for _, k := range []struct{ name, value string }{{"WECOM_BOT_ENCODING_AES_KEY", o.BotKey}, {"WECOM_ENCODING_AES_KEY", o.Key}} {
		if k.value != "" && !encodingKey.MatchString(k.value) {
			return &messageError{"wecom_key_form", []any{k.name, len(k.value)}}
		}
	}
	if o.app() {
		n, err := strconv.ParseUint(agent, 10, 31)
		if err != nil || n == 0 {
			return &messageError{name: "wecom_agent_form"}
		}
		o.AgentID = int(n)
	}
	switch {
	case o.socket() && !wecomAddress(o.WSURL, "wss", "ws"):
		return &messageError{name: "wecom_ws_bad"}
	case o.app() && !wecomAddress(o.APIURL, "https", "http"):
		return &messageError{name: "wecom_api_bad"}
	case o.hook() && !isWebhook(o.WebhookURL):
		return &messageError{name: "wecom_webhook_bad"}
	case o.Staff == staffHook && !o.hook():
		return &messageError{name: "wecom_staff_hook"}
	}
	return nil
}

// wecomAddress reports whether secrets may travel to an address: encrypted, or in the clear on this machine.
func wecomAddress(text, safe, clear string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Hostname() != "" && u.RawQuery == "" && u.User == nil && u.Fragment == "" &&
		(u.Scheme == safe || u.Scheme == clear && isLoopback(u.Hostname()))
}

// isWebhook reports whether an address is that of a group robot: https://developer.work.weixin.qq.com/document/path/99110.
func isWebhook(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Query().Get("key") == "" {
		return false
	}
	u.RawQuery = ""
	return wecomAddress(u.String(), "https", "http")
}
