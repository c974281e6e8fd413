package main

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"policybot/bot"
	"policybot/bot/slack/act"
	slackapp "policybot/bot/slack/app"
	"policybot/bot/slackfake"
	"policybot/bot/slackfake/blockkit"
)

const (
	fakeBotToken = "xoxb-canary-of-the-bot-token"
	fakeAppToken = "xapp-canary-of-the-app-token"
	fakeSecret   = "canary0of0the0signing0secret0000"
)

// TestSlackSettings: what is set is used; half of what is needed is told, and what to do.
func TestSlackSettings(t *testing.T) {
	off, on := false, true
	usual := slackOptions{FollowUps: true, AgentView: true, Command: true, Shortcuts: true}
	with := func(change func(*slackOptions)) slackOptions {
		o := usual
		change(&o)
		return o
	}
	for _, tt := range []struct {
		name string
		env  string // NAME=value with blanks between
		conf slackConfig
		want slackOptions
		off  bool
		err  string // name of the message
	}{
		{name: "nothing", want: usual, off: true},
		{name: "configuration alone", conf: slackConfig{StaffChannel: "C123", HTTP: &on}, off: true, want: with(func(o *slackOptions) { o.StaffChannel, o.HTTP = "C123", true })},
		{name: "address alone", env: "SLACK_API_URL=http://127.0.0.1:1", want: usual, off: true},
		{name: "Socket Mode", env: "SLACK_BOT_TOKEN=xoxb-1 SLACK_APP_TOKEN=xapp-1", want: with(func(o *slackOptions) { o.BotToken, o.AppToken = "xoxb-1", "xapp-1" })},
		{name: "HTTP", env: "SLACK_BOT_TOKEN=xoxb-1 SLACK_SIGNING_SECRET=s", want: with(func(o *slackOptions) { o.BotToken, o.SigningSecret, o.HTTP = "xoxb-1", "s", true })},
		{name: "both: Socket Mode", env: "SLACK_BOT_TOKEN=xoxb-1 SLACK_APP_TOKEN=xapp-1 SLACK_SIGNING_SECRET=s", want: with(func(o *slackOptions) { o.BotToken, o.AppToken = "xoxb-1", "xapp-1" })},
		{name: "both: HTTP", env: "SLACK_BOT_TOKEN=xoxb-1 SLACK_APP_TOKEN=xapp-1 SLACK_SIGNING_SECRET=s", conf: slackConfig{HTTP: &on}, want: with(func(o *slackOptions) { o.BotToken, o.SigningSecret, o.HTTP = "xoxb-1", "s", true })},
		{name: "switches", env: "SLACK_BOT_TOKEN=xoxb-1 SLACK_APP_TOKEN=xapp-1", conf: slackConfig{
			ExternalChannels: "allow", ThreadFollowUps: &off, AgentView: &off, Command: &off, Shortcuts: &off,
		}, want: slackOptions{BotToken: "xoxb-1", AppToken: "xapp-1", External: true}},
		{name: "staff of the environment first", env: "SLACK_BOT_TOKEN=xoxb-1 SLACK_APP_TOKEN=xapp-1 SLACK_STAFF_CHANNEL=G456", conf: slackConfig{StaffChannel: "C123"}, want: with(func(o *slackOptions) { o.BotToken, o.AppToken, o.StaffChannel = "xoxb-1", "xapp-1", "G456" })},
		{name: "address with a slash", env: "SLACK_BOT_TOKEN=xoxb-1 SLACK_APP_TOKEN=xapp-1 SLACK_API_URL=http://localhost:1/api", want: with(func(o *slackOptions) {
			o.BotToken, o.AppToken, o.APIURL = "xoxb-1", "xapp-1", "http://localhost:1/api/"
		})},

		{name: "no bot token", env: "SLACK_APP_TOKEN=xapp-1", err: "slack_no_bot"},
		{name: "staff channel alone", env: "SLACK_STAFF_CHANNEL=C123", err: "slack_no_bot"},
		{name: "secret alone", env: "SLACK_SIGNING_SECRET=s", err: "slack_no_bot"},
		{name: "bot token alone", env: "SLACK_BOT_TOKEN=xoxb-1", err: "slack_half"},
		{name: "app token missing", env: "SLACK_BOT_TOKEN=xoxb-1 SLACK_SIGNING_SECRET=s", conf: slackConfig{HTTP: &off}, err: "slack_no_app"},
		{name: "secret missing", env: "SLACK_BOT_TOKEN=xoxb-1 SLACK_APP_TOKEN=xapp-1", conf: slackConfig{HTTP: &on}, err: "slack_no_secret"},
		{name: "exchanged", env: "SLACK_BOT_TOKEN=xapp-1 SLACK_APP_TOKEN=xoxb-1", err: "slack_bot_form"},
		{name: "of a person", env: "SLACK_BOT_TOKEN=xoxp-1 SLACK_APP_TOKEN=xapp-1", err: "slack_bot_form"},
		{name: "rotating", env: "SLACK_BOT_TOKEN=xoxe.xoxb-1 SLACK_APP_TOKEN=xapp-1", err: "slack_rotating"},
		{name: "app token of another kind", env: "SLACK_BOT_TOKEN=xoxb-1 SLACK_APP_TOKEN=xoxb-2", err: "slack_app_form"},
		{name: "name of a channel", env: "SLACK_BOT_TOKEN=xoxb-1 SLACK_APP_TOKEN=xapp-1 SLACK_STAFF_CHANNEL=#desk", err: "slack_staff_id"},
		{name: "tokens in the clear", env: "SLACK_BOT_TOKEN=xoxb-1 SLACK_APP_TOKEN=xapp-1 SLACK_API_URL=http://slack.example/api/", err: "slack_api_bad"},
		{name: "no address", env: "SLACK_BOT_TOKEN=xoxb-1 SLACK_APP_TOKEN=xapp-1 SLACK_API_URL=slack.example", err: "slack_api_bad"},
	} {
		env := map[string]string{}
		for _, f := range strings.Fields(tt.env) {
			name, value, _ := strings.Cut(f, "=")
			env[name] = " " + value + "\n" // as a file of secrets gives it
		}
		got, isOn, err := slackSettings(func(name string) string { return env[name] }, tt.conf)
		if tt.err != "" {
			if m, ok := errors.AsType[*messageError](err); !ok || m.name != tt.err || !isOn {
				t.Errorf("%s: %v, want %s", tt.name, err, tt.err)
			}
			continue
		}
		if diff := cmp.Diff(tt.want, got); err != nil || diff != "" || isOn == tt.off {
			t.Errorf("%s: on %v, %v\n%s", tt.name, isOn, err, diff)
		}
	}
}

// TestSlackConfig: the section slack is read, and a mistake in it is told with its place.
func TestSlackConfig(t *testing.T) {
	t.Parallel()
	data, dir := seeded(t), t.TempDir()
	for _, tt := range []struct{ text, says string }{
		{"slack:\n  external_channels: maybe\n", "line 2, column 22: slack.external_channels is maybe; allowed is deny, allow"},
		{"slack:\n  staff_channel: \"#desk\"\n", "slack.staff_channel is #desk"},
		{"slack:\n  follow_ups: true\n", "[2:3]"},
	} {
		file := write(t, dir, "bad.yaml", tt.text)
		setting{}.run(t, "--data", data, "--lang", "en", "--config", file, "documents").want(t, exitError).says(t, tt.says)
		setting{}.run(t, "--data", data, "--lang", "zh", "--config", file, "documents").want(t, exitError).says(t, "有误")
	}
	a := &app{env: func(string) string { return "" }}
	text := "slack: {http: false, external_channels: allow, thread_follow_ups: false, agent_view: false, command: false, shortcuts: false, staff_channel: C123}\n"
	if err := a.configure(cli{Config: write(t, dir, "good.yaml", text)}); err != nil {
		t.Fatal(err)
	}
	o, _, err := slackSettings(a.env, a.settings.Slack)
	if diff := cmp.Diff(slackOptions{External: true, StaffChannel: "C123"}, o); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}

// TestServeNeedsWholeSlack: half of what Slack needs is told before anything is opened.
func TestServeNeedsWholeSlack(t *testing.T) {
	t.Parallel()
	env := map[string]string{"SLACK_BOT_TOKEN": fakeBotToken}
	for lang, says := range map[string]string{"zh": "SLACK_SIGNING_SECRET", "en": "docs/slack.md"} {
		r := setting{env: env}.run(t, "--data", t.TempDir(), "--lang", lang, "serve", "--http", "127.0.0.1:0").want(t, exitError).says(t, "SLACK_APP_TOKEN", says)
		if strings.Contains(r.err, fakeBotToken) {
			t.Errorf("the token is shown: %s", r.err)
		}
	}
}

// TestSlackManifest: the manifest of what is switched on, as JSON or YAML, and nothing else on standard output.
func TestSlackManifest(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	plain := slackapp.Features{FollowUps: true, AgentView: true, Command: true, Shortcuts: true}
	with := func(change func(*slackapp.Features)) slackapp.Features {
		f := plain
		change(&f)
		return f
	}
	http := func(f *slackapp.Features) { f.HTTP, f.BaseURL = true, "https://policy.example" }
	for _, tt := range []struct {
		name, conf string
		env        map[string]string
		args       []string
		want       slackapp.Features
	}{
		{name: "plain", want: plain},
		{name: "HTTP", args: []string{"--http", "--base-url", "https://policy.example/"}, want: with(http)},
		{name: "HTTP, address of the environment", args: []string{"--http"}, env: map[string]string{"POLICYBOT_BASE_URL": "https://policy.example"}, want: with(http)},
		{name: "HTTP, by the secret", env: map[string]string{"POLICYBOT_BASE_URL": "https://policy.example", "SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s"}, want: with(http)},
		{name: "HTTP, configured", conf: "slack: {http: true}\n", args: []string{"--base-url", "https://policy.example"}, want: with(http)},
		{name: "no follow-ups", conf: "slack: {thread_follow_ups: false}\n", want: with(func(f *slackapp.Features) { f.FollowUps = false })},
		{name: "least", conf: "slack: {thread_follow_ups: false, agent_view: false, command: false, shortcuts: false}\n", want: slackapp.Features{}},
		{name: "staff, half a configuration", env: map[string]string{"SLACK_STAFF_CHANNEL": "C123"}, want: with(func(f *slackapp.Features) { f.Staff = true })},
	} {
		args := []string{"slack", "manifest"}
		if tt.conf != "" {
			args = append(args, "--config", write(t, dir, "c.yaml", tt.conf))
		}
		for _, lang := range []string{"zh", "en"} {
			want, err := slackapp.JSON(slackapp.Manifest(tt.want, lang))
			if err != nil {
				t.Fatal(err)
			}
			run := func(more ...string) output {
				return setting{env: tt.env}.run(t, slices.Concat(args, []string{"--lang", lang}, tt.args, more)...).want(t, exitOK)
			}
			if r := run(); r.out != string(want) || run("--json").out != r.out {
				t.Errorf("%s: -want +got\n%s", tt.name, cmp.Diff(string(want), r.out))
			}
			var fromYAML, fromJSON any
			text, err := yaml.YAMLToJSON([]byte(run("--yaml").out))
			if err != nil {
				t.Fatal(err)
			}
			if json.Unmarshal(text, &fromYAML) != nil || json.Unmarshal(want, &fromJSON) != nil || !cmp.Equal(fromYAML, fromJSON) {
				t.Errorf("%s: YAML says something else:\n%s", tt.name, cmp.Diff(fromJSON, fromYAML))
			}
		}
	}
	setting{}.run(t, "slack", "manifest", "--json", "--yaml").want(t, exitUsage)
	for _, base := range []string{"", "http://policy.example", "https://policy.example/x", "https://localhost", "https://127.0.0.1:8080", "policy.example"} {
		setting{}.run(t, "slack", "manifest", "--http", "--base-url", base).want(t, exitError).says(t, "--base-url")
	}
}

// TestSuggestedPrompts: what the manifest offers to ask is answered, by the texts or by a command.
func TestSuggestedPrompts(t *testing.T) {
	t.Parallel()
	data := seeded(t)
	text, err := os.ReadFile(filepath.Join("..", "..", "bot", "commands.txt"))
	if err != nil {
		t.Fatal(err)
	}
	commands := strings.FieldsFunc(string(text), func(r rune) bool { return strings.ContainsRune(":,\n", r) })
	for i, c := range commands {
		commands[i] = strings.TrimSpace(c)
	}
	for _, lang := range []string{"zh", "en"} {
		view := slackapp.Manifest(slackapp.Features{AgentView: true}, lang).Features.AgentView
		if n := len(view.SuggestedPrompts); n < 1 || n > 4 {
			t.Fatalf("%d prompts", n)
		}
		for _, p := range view.SuggestedPrompts {
			if slices.Contains(commands, p.Message) {
				continue
			}
			a := decode[bot.Answer](t, pb(t, data, "ask", "--json", p.Message).want(t, exitOK))
			if a.Outcome == bot.Abstained || a.Lang != lang {
				t.Errorf("%q: %s in %s: %s", p.Message, a.Outcome, a.Lang, a.Text)
			}
		}
	}
}

// TestSlackDocs: both documents name every setting, every scope with what it is for, and every check of doctor; both
// have the same sections and tables.
func TestSlackDocs(t *testing.T) {
	all := slackOptions{FollowUps: true, AgentView: true, Command: true, Shortcuts: true, StaffChannel: "C123"}.features("")
	texts := map[string]string{}
	for lang, name := range map[string]string{"zh": "slack.zh.md", "en": "slack.md"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "docs", name))
		if err != nil {
			t.Fatal(err)
		}
		texts[lang] = string(text)
		want := []string{
			"SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_STAFF_CHANNEL", "SLACK_API_URL", "POLICYBOT_BASE_URL",
			slackapp.ConnectScope, slackapp.PathEvents, slackapp.PathInteractions, slackapp.PathCommands, "/invite @policybot", "policybot slack manifest",
			"`slack_settings`", "`slack_bot`", "`slack_scopes`", "`slack_connection`", "`slack_staff`", "`slack_links`", "`slack_events`",
		}
		kind := reflect.TypeFor[slackConfig]()
		for i := range kind.NumField() {
			want = append(want, "\n  "+kind.Field(i).Tag.Get("yaml")+": ")
		}
		for _, s := range all.Scopes() {
			want = append(want, "| `"+s+"` |", slackapp.Why(s, lang)+" |")
		}
		for _, w := range want {
			if !strings.Contains(texts[lang], w) {
				t.Errorf("%s does not have %q", name, w)
			}
		}
		if n := strings.Count(texts[lang], "| `slack_"); n != 8 {
			t.Errorf("%s has %d rows of checks", name, n)
		}
	}
	for _, mark := range []string{"\n## ", "\n|", "\n- ", "\n```"} {
		if zh, en := strings.Count(texts["zh"], mark), strings.Count(texts["en"], mark); zh != en {
			t.Errorf("%q: %d in Chinese, %d in English", mark, zh, en)
		}
	}
}

// TestSlackReplyAudited: a reply that was written in Slack stands in the audit under who sent it, and a wrong one is not
// sent.
func TestSlackReplyAudited(t *testing.T) {
	t.Parallel()
	fake, at := slackServer(t, slackfake.Options{BotUser: demoBot})
	env := map[string]string{
		"SLACK_BOT_TOKEN": "xoxb-1-fake", "SLACK_APP_TOKEN": "xapp-1-fake", "SLACK_API_URL": at + "/api/", "SLACK_STAFF_CHANNEL": demoStaff,
	}
	data := seeded(t)
	serving(t, data, env, nil)
	s := &troupe{boards: boards{io.Discard, "zh", nil}, fake: fake, script: scripts["zh"]}
	if err := errors.Join(s.ready(t.Context()), s.handOver(t.Context())); err != nil {
		t.Fatal(err)
	}
	r := setting{}.run(t, "--data", data, "audit", "list", "--json")
	if by := "slack:" + demoBen; !strings.Contains(r.out, by) {
		t.Errorf("the audit does not have %s: %s%s", by, r.out, r.err)
	}
	var views []slackfake.View
	if err := s.presses(demoBen, demoStaff, "", act.Case); err != nil {
		t.Fatal(err)
	}
	if err := s.until(t.Context(), "the form", func() bool { views = fake.Views(demoBen); return len(views) > 0 }); err != nil {
		t.Fatal(err)
	}
	form := blockkit.Read(views[len(views)-1].Blocks).Inputs
	if len(form) == 0 { // it was replied to, and there is nothing to send
		return
	}
	name, err := fake.Submit(demoBen, views[len(views)-1].ID, map[string]string{form[0].BlockID: "最高补贴9999万元。[1]"})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.until(t.Context(), "the answer to the form", func() bool { _, ok := fake.Acked(name); return ok }); err != nil {
		t.Fatal(err)
	}
	if all := fake.Views(demoBen); len(all) == 0 || len(all[len(all)-1].Errors) == 0 {
		t.Errorf("a second reply, with a wrong figure, was taken: %+v", all)
	}
}
