package app

import (
	"slices"
	"strings"
)

// A Scope is a permission of the bot token (https://docs.slack.dev/reference/scopes).
type Scope struct {
	Name    string
	For     []Feature // any of them needs it
	Methods []string  // of the Web API that are called with it
	Events  []string  // that arrive with it
	why     [2]string // Chinese, English
}

// scopes are all that the app may ask for, in the order of their names.
var scopes = []Scope{
	{
		"app_mentions:read",
		[]Feature{Always},
		nil,
		[]string{"app_mention"},
		[2]string{"收到 @ 它的消息", "gets the messages that mention it"},
	},
	{
		"assistant:write",
		[]Feature{AgentView},
		[]string{"assistant.threads.setSuggestedPrompts"},
		nil,
		[2]string{"在 Slack 的智能助手入口出现，并给出建议的问题", "appears as an agent, with suggested prompts"},
	},
	{
		"channels:history",
		[]Feature{Always},
		[]string{"conversations.history", "conversations.replies"},
		[]string{"message.channels"},
		[2]string{"在它加入的公开频道里，重试前先看回答是否已经发出；启用追问时收频道里的消息", "in public channels that it is in: looks for what was posted before it tries again; with follow-ups, gets the messages"},
	},
	{
		"channels:read",
		[]Feature{Staff},
		[]string{"conversations.info"},
		nil,
		[2]string{"查看办理频道是否存在、是否已加入", "looks whether the staff channel is there and it is a member"},
	},
	{
		"chat:write",
		[]Feature{Always},
		[]string{
			"agents.sessions.setStatus", "assistant.threads.setStatus", "chat.appendStream", "chat.delete", "chat.postMessage",
			"chat.startStream", "chat.stopStream", "chat.update",
		},
		[]string{"agent_session_stopped"},
		[2]string{"发出和更新回答", "posts and updates answers"},
	},
	{
		"commands",
		[]Feature{Command, Shortcuts},
		nil, nil,
		[2]string{"斜杠命令和快捷操作", "the slash command and the shortcuts"},
	},
	{
		"groups:history",
		[]Feature{Always},
		[]string{"conversations.history", "conversations.replies"},
		[]string{"message.groups"},
		[2]string{"同 channels:history，用于它加入的私有频道", "as channels:history, in private channels that it is in"},
	},
	{
		"groups:read",
		[]Feature{Staff},
		[]string{"conversations.info"},
		nil,
		[2]string{"同 channels:read，用于私有的办理频道", "as channels:read, where the staff channel is private"},
	},
	{
		"im:history",
		[]Feature{Always},
		[]string{"conversations.history", "conversations.replies"},
		[]string{"message.im"},
		[2]string{"收到直接发给它的消息；重试前先看回答是否已经发出", "gets the messages that are sent to it directly; looks for what was posted before it tries again"},
	},
	{
		"im:write",
		[]Feature{Always},
		[]string{"conversations.open"},
		nil,
		[2]string{"给用斜杠命令或表单提问的人私信回答", "opens the direct conversation with who asked by command or form"},
	},
	{
		"mpim:history",
		[]Feature{Always},
		[]string{"conversations.history", "conversations.replies"},
		[]string{"message.mpim"},
		[2]string{"同 channels:history，用于它加入的多人对话", "as channels:history, in group messages that it is in"},
	},
}

// An event is a subscription of the bot (https://docs.slack.dev/reference/events).
type event struct {
	name    string
	feature Feature
	scope   string // that Slack wants for it; "" for none
}

// events are all that the app may subscribe to, in the order of their names.
var events = []event{
	{"agent_session_stopped", AgentView, "chat:write"}, // without it agents.sessions.setStatus shows no button to stop
	{"app_home_opened", Always, ""},
	{"app_mention", Always, "app_mentions:read"},
	{"app_uninstalled", Always, ""},
	{"message.channels", FollowUps, "channels:history"},
	{"message.groups", FollowUps, "groups:history"},
	{"message.im", Always, "im:history"},
	{"message.mpim", FollowUps, "mpim:history"},
	{"tokens_revoked", Always, ""},
}

// ConnectScope is the one scope of the app-level token, for Socket Mode
// (https://docs.slack.dev/reference/scopes/connections.write).
const ConnectScope = "connections:write"

// Scopes are the scopes of the bot token that the features need, in the order of their names.
func (f Features) Scopes() []string {
	var out []string
	for _, s := range scopes {
		if f.wants(s.For) {
			out = append(out, s.Name)
		}
	}
	return out
}

// Events are the events that the features need, in the order of their names.
func (f Features) Events() []string {
	var out []string
	for _, e := range events {
		if f.wants([]Feature{e.feature}) {
			out = append(out, e.name)
		}
	}
	return out
}

// Missing lists the scopes that the features need and that are not among have, in the order of their names.
func Missing(f Features, have []string) []string {
	return slices.DeleteFunc(f.Scopes(), func(s string) bool { return slices.Contains(have, s) })
}

// Extra lists the scopes among have that the features do not need, in the order of have.
func Extra(f Features, have []string) []string {
	need := f.Scopes()
	return slices.DeleteFunc(slices.Clone(have), func(s string) bool { return slices.Contains(need, s) })
}

// All are copies of all scopes that the app may ask for, in the order of their names.
func All() []Scope {
	out := slices.Clone(scopes)
	for i, s := range out {
		out[i].For, out[i].Methods, out[i].Events = slices.Clone(s.For), slices.Clone(s.Methods), slices.Clone(s.Events)
	}
	return out
}

// Why says in a language, zh or else English, what a scope is for; "" for one that the app never asks for.
func Why(name, lang string) string {
	for _, s := range scopes {
		if s.Name == name {
			return in(lang, s.why)
		}
	}
	return ""
}

// ParseScopes reads the header X-OAuth-Scopes: names with commas between. Blanks and empty names are left out.
func ParseScopes(header string) []string {
	var out []string
	for _, s := range strings.Split(header, ",") {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// in picks one of Chinese and English.
func in(lang string, text [2]string) string {
	if lang == "zh" {
		return text[0]
	}
	return text[1]
}
