package main

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"policybot/bot/channel"
	"policybot/bot/journal"
	slackapp "policybot/bot/slack/app"
	"policybot/bot/slackfake"
	journaldb "policybot/bot/sqlite"
)

// A fakeWebAPI answers the methods that doctor calls. What a test says goes before what is fine.
type fakeWebAPI struct {
	answers map[string]string // by method; "" for what is fine
	scopes  []string
	header  bool // tells the scopes
	status  int
	asked   []string
}

const fakeInstallation = `{"ok":true,"url":"https://x.slack.com/","team":"Xiamen","user":"policybot","team_id":"T1","user_id":"U1","bot_id":"B1"}`

func (f *fakeWebAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	method := strings.TrimPrefix(r.URL.Path, "/api/")
	f.asked = append(f.asked, method)
	if f.header {
		w.Header().Set("X-OAuth-Scopes", strings.Join(f.scopes, ","))
	}
	if f.status != 0 {
		w.Header().Set("Retry-After", "30")
		w.WriteHeader(f.status)
	}
	fine := map[string]string{
		"auth.test":             fakeInstallation,
		"apps.connections.open": `{"ok":true,"url":"wss://127.0.0.1:1/"}`,
		"conversations.info":    `{"ok":true,"channel":{"id":"C123","name":"desk","is_member":true}}`,
	}
	if a := f.answers[method]; a != "" {
		fine[method] = a
	}
	fmt.Fprint(w, fine[method])
}

// refused is an answer of Slack that names an error.
func refused(code string) string { return `{"ok":false,"error":"` + code + `"}` }

// TestDoctorSlack: each thing that can be wrong is found, and told with what to do, in both languages.
func TestDoctorSlack(t *testing.T) {
	t.Parallel()
	need := slackapp.Features{AgentView: true, Command: true, Shortcuts: true, Staff: true}.Scopes()
	for _, tt := range []struct {
		name    string
		env     map[string]string
		answers map[string]string
		lack    string   // scope
		more    []string // scopes
		silent  bool     // about scopes
		status  int
		failing string   // names of the checks
		says    []string // in both languages
		en      string
	}{
		{name: "fine", says: []string{"Xiamen", "policybot", "Socket Mode", "#desk", "https://policy.example"}, en: "all 11 scopes"},
		{name: "scope lacks", lack: "im:history", failing: "slack_scopes", says: []string{"im:history", "Reinstall", "policybot slack manifest"}, en: "sent to it directly"},
		{name: "scopes besides", more: []string{"files:read", "admin"}, says: []string{"files:read, admin"}, en: "not needed"},
		{name: "scopes not told", silent: true, en: "does not say which scopes"},
		{name: "Grid", answers: map[string]string{"auth.test": strings.Replace(fakeInstallation, `"team_id"`, `"enterprise_id":"E9","team_id"`, 1)}, says: []string{"Enterprise", "E9"}},
		{name: "a person's token", answers: map[string]string{"auth.test": strings.Replace(fakeInstallation, `,"bot_id":"B1"`, "", 1)}, failing: "slack_bot", says: []string{"SLACK_BOT_TOKEN", "Bot User OAuth Token"}},
		{name: "unknown", answers: map[string]string{"auth.test": refused("invalid_auth")}, failing: "slack_bot", says: []string{"SLACK_BOT_TOKEN"}, en: "does not know"},
		{name: "revoked", answers: map[string]string{"auth.test": refused("token_revoked")}, failing: "slack_bot", says: []string{"SLACK_BOT_TOKEN"}, en: "revoked"},
		{name: "inactive", answers: map[string]string{"auth.test": refused("account_inactive")}, failing: "slack_bot", en: "deactivated"},
		{name: "kind", answers: map[string]string{"auth.test": refused("not_allowed_token_type")}, failing: "slack_bot", says: []string{"xoxb-", "xapp-"}, en: "exchanged"},
		{name: "not known to us", answers: map[string]string{"auth.test": refused("team_added_to_org")}, failing: "slack_bot", says: []string{"team_added_to_org", "https://docs.slack.dev/reference/methods/auth.test"}},
		{name: "limited", status: 429, failing: "slack_bot slack_connection", says: []string{"30"}, en: "limits the rate"},
		{name: "down", status: 503, failing: "slack_bot slack_connection", says: []string{"127.0.0.1"}, en: "cannot reach"},
		{name: "no Slack", answers: map[string]string{"auth.test": "<html>"}, failing: "slack_bot", says: []string{"SLACK_API_URL"}},
		{name: "app token unknown", answers: map[string]string{"apps.connections.open": refused("invalid_auth")}, failing: "slack_connection", says: []string{"SLACK_APP_TOKEN"}},
		{name: "app token without its scope", answers: map[string]string{"apps.connections.open": `{"ok":false,"error":"missing_scope"}`}, failing: "slack_connection", says: []string{"SLACK_APP_TOKEN", "connections:write", "App-Level Tokens"}},
		{name: "Socket Mode forbidden", answers: map[string]string{"apps.connections.open": refused("forbidden_team")}, failing: "slack_connection", says: []string{"SLACK_SIGNING_SECRET"}},
		{name: "no staff", env: map[string]string{"SLACK_STAFF_CHANNEL": ""}, says: []string{"/desk"}, en: "channels:read, groups:read"},
		{name: "staff channel unknown", answers: map[string]string{"conversations.info": refused("channel_not_found")}, failing: "slack_staff", says: []string{"C123", "/invite @policybot"}},
		{name: "staff channel without a scope", answers: map[string]string{"conversations.info": `{"ok":false,"error":"missing_scope","needed":"groups:read"}`}, failing: "slack_staff", says: []string{"groups:read"}},
		{name: "not in the staff channel", answers: map[string]string{"conversations.info": `{"ok":true,"channel":{"id":"C123","name":"desk"}}`}, failing: "slack_staff", says: []string{"#desk", "/invite @policybot"}},
		{name: "staff channel archived", answers: map[string]string{"conversations.info": `{"ok":true,"channel":{"id":"C123","name":"desk","is_member":true,"is_archived":true}}`}, failing: "slack_staff", says: []string{"#desk"}, en: "archived"},
		{name: "staff channel shared", answers: map[string]string{"conversations.info": `{"ok":true,"channel":{"id":"C123","name":"desk","is_member":true,"is_ext_shared":true}}`}, failing: "slack_staff", says: []string{"#desk"}, en: "other organisations"},
		{name: "links of this machine", env: map[string]string{"POLICYBOT_BASE_URL": "http://127.0.0.1:8080"}, en: "on this machine alone"},
		{name: "no links", env: map[string]string{"POLICYBOT_BASE_URL": ""}, en: "no links"},
		{name: "HTTP", env: map[string]string{"SLACK_APP_TOKEN": "", "SLACK_SIGNING_SECRET": fakeSecret}, says: []string{"HTTP", "https://policy.example/slack/events"}},
		{name: "HTTP without an address", env: map[string]string{"SLACK_APP_TOKEN": "", "SLACK_SIGNING_SECRET": fakeSecret, "POLICYBOT_BASE_URL": ""}, failing: "slack_connection", says: []string{"POLICYBOT_BASE_URL"}},
		{name: "by half", env: map[string]string{"SLACK_APP_TOKEN": ""}, failing: "slack_settings", says: []string{"SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"}},
	} {
		fake := &fakeWebAPI{answers: tt.answers, header: !tt.silent, status: tt.status}
		fake.scopes = append(slices.DeleteFunc(slices.Clone(need), func(s string) bool { return s == tt.lack }), tt.more...)
		server := httptest.NewServer(fake)
		env := map[string]string{
			"SLACK_BOT_TOKEN": fakeBotToken, "SLACK_APP_TOKEN": fakeAppToken, "SLACK_STAFF_CHANNEL": "C123", "SLACK_API_URL": server.URL + "/api",
			"POLICYBOT_BASE_URL": "https://policy.example",
		}
		maps.Copy(env, tt.env)
		for _, lang := range []string{"zh", "en"} {
			a := &app{env: func(name string) string { return env[name] }, lang: lang, data: t.TempDir()}
			checks := a.examineSlack(t.Context())
			said, wrong := "", []string{}
			for _, c := range checks {
				said += c.Name + ": " + c.Detail + "\n"
				if !c.OK {
					wrong = append(wrong, c.Name)
				}
				if c.Detail == "" || strings.Contains(c.Detail, "%!") || hasHan(c.Detail) != (lang == "zh") {
					t.Errorf("%s, %s: %q", tt.name, lang, c.Detail)
				}
			}
			says := tt.says
			if lang == "en" {
				says = append(slices.Clone(says), tt.en)
			}
			for _, want := range says {
				if !strings.Contains(said, want) {
					t.Errorf("%s, %s: no %q in\n%s", tt.name, lang, want, said)
				}
			}
			if got := strings.Join(wrong, " "); got != tt.failing {
				t.Errorf("%s, %s: failing %q, want %q\n%s", tt.name, lang, got, tt.failing, said)
			}
			for _, secret := range []string{fakeBotToken, fakeAppToken, fakeSecret} {
				if strings.Contains(said, secret) {
					t.Errorf("%s: a secret is shown:\n%s", tt.name, said)
				}
			}
		}
		server.Close()
	}
}

// TestDoctorSlackOff: without Slack nothing is asked and nothing said.
func TestDoctorSlackOff(t *testing.T) {
	a := &app{env: func(string) string { return "" }, lang: "en", data: t.TempDir()}
	if checks := a.examineSlack(t.Context()); len(checks) > 0 {
		t.Errorf("%+v", checks)
	}
}

// TestDoctorSlackWhole: against the fake platform, with the scopes of the manifest and no other, doctor has its lines as
// text and as JSON; it fails where Slack does; it changes nothing there and shows no secret.
func TestDoctorSlackWhole(t *testing.T) {
	t.Parallel()
	data := seeded(t)
	env := map[string]string{"SLACK_BOT_TOKEN": fakeBotToken, "SLACK_APP_TOKEN": fakeAppToken, "SLACK_STAFF_CHANNEL": "C0DESK"}
	o, _, err := slackSettings(func(name string) string { return env[name] }, slackConfig{})
	if err != nil {
		t.Fatal(err)
	}
	platform, err := slackfake.New(slackfake.Options{BotToken: fakeBotToken, AppToken: fakeAppToken, Scopes: o.features("").Scopes(), Limits: true})
	if err != nil {
		t.Fatal(err)
	}
	defer platform.Close()
	platform.AddChannel(slackfake.Channel{ID: "C0DESK", Name: "desk"})
	server := httptest.NewServer(platform)
	defer server.Close()
	env["SLACK_API_URL"] = server.URL + "/api/"
	s := setting{env: env}
	text := s.run(t, "--data", data, "--lang", "en", "doctor").want(t, exitOK).shows(t, "Socket Mode can connect", "all 11 scopes", "#desk", "no question has come in")
	v := decode[struct {
		OK     bool
		Checks []check
	}](t, s.run(t, "--data", data, "--lang", "zh", "doctor", "--json").want(t, exitOK))
	var names []string
	for _, c := range v.Checks {
		if strings.HasPrefix(c.Name, "slack_") {
			names = append(names, c.Name)
		}
	}
	if want := []string{"slack_bot", "slack_scopes", "slack_connection", "slack_staff", "slack_links", "slack_events"}; !v.OK || !slices.Equal(names, want) {
		t.Errorf("%v, %q", v.OK, names)
	}
	var asked []string
	for _, c := range platform.Calls() {
		asked = append(asked, c.Method)
	}
	slices.Sort(asked)
	if got := slices.Compact(asked); !slices.Equal(got, []string{"apps.connections.open", "auth.test", "conversations.info"}) || platform.Connections() != 0 {
		t.Errorf("asked %q, %d connections", got, platform.Connections())
	}
	if err := platform.Break(slackfake.Fault{Method: "auth.test", Kind: slackfake.FaultRevoked}); err != nil {
		t.Fatal(err)
	}
	broken := s.run(t, "--data", data, "--lang", "en", "doctor").want(t, exitError).says(t, "SLACK_BOT_TOKEN was revoked").shows(t, "failed")
	for _, secret := range []string{fakeBotToken, fakeAppToken} {
		if strings.Contains(text.out+broken.out+broken.err, secret) {
			t.Error("a secret is shown")
		}
	}
}

// TestDoctorSlackEvents: when questions last came in, directly and in channels, is read from the journal.
func TestDoctorSlackEvents(t *testing.T) {
	t.Parallel()
	a := &app{env: func(string) string { return "" }, lang: "en", data: t.TempDir()}
	look := func() string {
		l := &slackLook{app: a}
		l.events(t.Context())
		if len(l.checks) != 1 || !l.checks[0].OK {
			t.Fatalf("%+v", l.checks)
		}
		return l.checks[0].Detail
	}
	if got := look(); !strings.Contains(got, "no question") || !strings.Contains(got, "app_mention, ") {
		t.Error(got)
	}
	at := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	arrived(t, a.data, "http", at, false)
	if got := look(); !strings.Contains(got, "no question") {
		t.Error(got)
	}
	arrived(t, a.data, slackChannel, at, true)
	arrived(t, a.data, slackChannel, at.Add(time.Hour), true)
	if got, want := look(), "direct none yet, in channels "+at.Add(time.Hour).Local().Format(time.DateTime); !strings.Contains(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	arrived(t, a.data, slackChannel, at.Add(2*time.Hour), false)
	if got, want := look(), "direct "+at.Add(2*time.Hour).Local().Format(time.DateTime)+", in channels "+at.Add(time.Hour).Local().Format(time.DateTime); !strings.Contains(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// arrived stores a question of a channel in the journal of a data folder.
func arrived(t *testing.T, data, platform string, at time.Time, group bool) {
	t.Helper()
	db, err := journaldb.Open(t.Context(), filepath.Join(data, journaldb.FileName), journaldb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	id := fmt.Sprintf("%s-%d", platform, at.Unix())
	_, err = db.Accept(t.Context(), journal.Arrival{
		Question: journal.Question{
			ID: id, Channel: platform, User: "u", Dialogue: "d", Place: channel.Place{ID: "p", Group: group}, Text: "x", AskedAt: at, AcceptedAt: at,
		},
		DeliveryKey: id, ContentKey: id,
	})
	if err != nil {
		t.Fatal(err)
	}
}
