package app

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/slack-go/slack"

	"policybot/bot/slack/act"
)

// Paths below the base URL that Slack calls where events come over HTTP.
const (
	PathEvents       = "/slack/events"
	PathInteractions = "/slack/interactions"
	PathCommands     = "/slack/commands"
)

// Manifest is what Slack makes an app from, with texts in a language, zh or else English
// (https://docs.slack.dev/reference/app-manifest). It asks for what is switched on and for nothing else.
func Manifest(f Features, lang string) slack.Manifest {
	return slack.Manifest{
		Metadata: slack.ManifestMetadata{MajorVersion: 2, MinorVersion: 1},
		Display: slack.Display{
			Name: in(lang, name), Description: in(lang, description), LongDescription: in(lang, longDescription), BackgroundColor: "#1d4f7c",
		},
		Features: slack.Features{
			AppHome:       slack.AppHome{HomeTabEnabled: true, MessagesTabEnabled: true},
			BotUser:       slack.BotUser{DisplayName: botName, AlwaysOnline: true},
			AgentView:     f.agentView(lang),
			SlashCommands: f.commands(lang),
			Shortcuts:     f.shortcuts(lang),
		},
		OAuthConfig: slack.OAuthConfig{Scopes: slack.OAuthScopes{Bot: f.Scopes()}},
		Settings: slack.Settings{
			EventSubscriptions: &slack.EventSubscriptions{BotEvents: f.Events(), RequestUrl: f.address(PathEvents)},
			Interactivity:      &slack.Interactivity{IsEnabled: true, RequestUrl: f.address(PathInteractions)},
			OrgDeployEnabled:   true,
			SocketModeEnabled:  !f.HTTP,
		},
	}
}

// address is what Slack calls over HTTP; "" over Socket Mode.
func (f Features) address(path string) string {
	if !f.HTTP {
		return ""
	}
	return f.BaseURL + path
}

func (f Features) agentView(lang string) *slack.AgentView {
	if !f.AgentView {
		return nil
	}
	v := &slack.AgentView{AgentDescription: in(lang, agentDescription)}
	for _, p := range prompts {
		v.SuggestedPrompts = append(v.SuggestedPrompts, slack.ManifestSuggestedPrompt{Title: in(lang, p.title), Message: in(lang, p.message)})
	}
	return v
}

func (f Features) commands(lang string) []slack.ManifestSlashCommand {
	if !f.Command {
		return nil
	}
	return []slack.ManifestSlashCommand{{
		Command: act.Command, Description: in(lang, commandDescription), UsageHint: in(lang, commandHint), Url: f.address(PathCommands),
	}}
}

func (f Features) shortcuts(lang string) []slack.Shortcut {
	if !f.Shortcuts {
		return nil
	}
	var out []slack.Shortcut
	for _, s := range shortcutTexts {
		out = append(out, slack.Shortcut{Type: s.kind, CallbackID: s.id, Name: in(lang, s.name), Description: in(lang, s.description)})
	}
	return out
}

// JSON writes a manifest for Slack, indented, keys in the order of the alphabet, with a line feed at its end.
//
// slack.Manifest leaves out what is false. Slack's own default for some of these is true or not documented
// (a messages tab that nobody can write in), so they are written.
func JSON(m slack.Manifest) ([]byte, error) {
	text, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("write the manifest: %w", err)
	}
	var tree map[string]any
	if err := json.Unmarshal(text, &tree); err != nil {
		return nil, fmt.Errorf("read the manifest back: %w", err)
	}
	for _, at := range [][]string{
		{"features", "app_home", "messages_tab_read_only_enabled"},
		{"settings", "socket_mode_enabled"},
		{"settings", "token_rotation_enabled"},
		{"settings", "org_deploy_enabled"},
	} {
		whole(tree, at)
	}
	if features, ok := tree["features"].(map[string]any); ok {
		commands, _ := features["slash_commands"].([]any)
		for _, c := range commands {
			if c, ok := c.(map[string]any); ok {
				whole(c, []string{"should_escape"})
			}
		}
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(tree); err != nil {
		return nil, fmt.Errorf("write the manifest: %w", err)
	}
	return out.Bytes(), nil
}

// whole writes false at a place of a tree where nothing stands. Objects on the way are there.
func whole(tree map[string]any, at []string) {
	for _, key := range at[:len(at)-1] {
		tree, _ = tree[key].(map[string]any)
	}
	last := at[len(at)-1]
	if _, ok := tree[last]; !ok && tree != nil {
		tree[last] = false
	}
}
