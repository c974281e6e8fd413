package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"policybot/bot"

	"policybot/bot/slackfake"
)

// TestServiceConfig: a mistake in the configuration is told with its place, or with what is allowed, in one line.
func TestServiceConfig(t *testing.T) {
	t.Parallel()
	data, dir := seeded(t), t.TempDir()
	place := regexp.MustCompile(`\[\d+:\d+\]`)
	for _, tt := range []struct {
		text  string
		place bool // a line and a column are told
		says  []string
	}{
		{"service:\n  per_usr: 3\n", true, []string{"[2:3]", "per_usr"}},
		{"services: {}\n", true, []string{"[1:1]", "services"}},
		{"service:\n  http: a\n  http: b\n", true, []string{"[3:3]"}},
		{"service:\n  per_user: many\n", true, []string{"[2:13]"}},
		{"service:\n  wait: soon\n", false, []string{`service.wait`, `"soon"`, "1s – 10m"}},
		{"service:\n  wait: 90\n", false, []string{`service.wait`, `"90"`, "1s – 10m"}},
		{"service:\n  age: [1s]\n", false, []string{`service.age`, `"[1s]"`, "1s – 24h"}},
		{"service: [\n", true, nil},
		{"service:\n  per_user: 0\n", false, []string{"service.per_user", "0", "1 – 1000"}},
		{"service:\n  per_user: 1001\n", false, []string{"service.per_user", "1001", "1 – 1000"}},
		{"service:\n  total: -1\n", false, []string{"service.total", "-1", "1 – 1000000"}},
		{"service:\n  workers: 257\n", false, []string{"service.workers", "257", "1 – 256"}},
		{"service:\n  retention_days: 7\n", false, []string{"service.retention_days", "7", "0, 8 – 36500"}},
		{"service:\n  retention_days: 36501\n", false, []string{"36501", "0, 8 – 36500"}},
		{"service:\n  age: 999ms\n", false, []string{"service.age", "999ms", "1s – 24h"}},
		{"service:\n  answer: 11m\n", false, []string{"service.answer", "11m0s", "1s – 10m"}},
		{"service:\n  wait: -5s\n", false, []string{"service.wait", "-5s", "1s – 10m"}},
	} {
		file := write(t, dir, "bad.yaml", tt.text)
		for _, lang := range []string{"zh", "en"} {
			r := setting{}.run(t, "--data", data, "--lang", lang, "--config", file, "serve", "--http", "127.0.0.1:0").want(t, exitError)
			if r.says(t, append(tt.says, file)...); place.MatchString(r.err) != tt.place {
				t.Errorf("%q: %s", tt.text, r.err)
			}
		}
	}
}

// TestServiceConfigUsed: what is set is used, what is not has its usual value.
func TestServiceConfigUsed(t *testing.T) {
	t.Parallel()
	configured := func(text string) serviceConfig {
		t.Helper()
		a := &app{env: func(string) string { return "" }}
		if err := a.configure(cli{Config: write(t, t.TempDir(), "c.yaml", text)}); err != nil {
			t.Fatal(err)
		}
		return a.settings.Service
	}
	if c := configured("lang: zh\n"); c.limits() != bot.DefaultLimits || c.wait() != 0 {
		t.Errorf("%+v, %v", c.limits(), c.wait())
	}
	c := configured("service:\n  http: 127.0.0.1:0\n  per_user: 1\n  total: 2\n  workers: 3\n  age: 1m\n  answer: \"2s\"\n  wait: 3s\n  retention_days: 8\n")
	want := bot.DefaultLimits
	want.PerUser, want.Total, want.Workers, want.Age, want.Answer, want.Retention = 1, 2, 3, time.Minute, 2*time.Second, 8*24*time.Hour
	if c.limits() != want || c.wait() != 3*time.Second || c.HTTP != "127.0.0.1:0" {
		t.Errorf("%+v, %v, %s", c.limits(), c.wait(), c.HTTP)
	}
	if c := configured("service: {retention_days: 0}\n"); c.limits().Retention != 0 {
		t.Errorf("%v, want never", c.limits().Retention)
	}
}

// TestServeAddress: the address comes from the command line, the environment, or the configuration; one that
// cannot be listened on is told, and leaves nothing locked.
func TestServeAddress(t *testing.T) {
	t.Parallel()
	data, dir := seeded(t), t.TempDir()
	file := write(t, dir, "c.yaml", "service: {http: \"256.0.0.1:1\"}\n")
	for _, tt := range []struct {
		env  map[string]string
		args []string
		says string
	}{
		{nil, []string{"--config", file}, "256.0.0.1:1"},
		{map[string]string{"POLICYBOT_HTTP": "256.0.0.2:2"}, []string{"--config", file}, "256.0.0.2:2"},
		{map[string]string{"POLICYBOT_HTTP": "256.0.0.2:2"}, []string{"--config", file, "--http", "256.0.0.3:3"}, "256.0.0.3:3"},
		{nil, []string{"--http", "here"}, "here"},
	} {
		setting{env: tt.env}.run(t, append([]string{"--data", data, "serve"}, tt.args...)...).want(t, exitError).says(t, "cannot listen", tt.says, "--http")
	}
	s := serving(t, data, nil, nil)
	setting{}.run(t, "--data", seeded(t), "--lang", "zh", "serve", "--http", s.at.HTTP).want(t, exitError).says(t, "不能监听")
}

// slackServer is a fake Slack on this machine, with its address.
func slackServer(t *testing.T, o slackfake.Options) (*slackfake.Server, string) {
	t.Helper()
	fake, err := slackfake.New(o)
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(fake)
	t.Cleanup(func() {
		fake.Close()
		web.Close()
	})
	return fake, web.URL
}

// askInSlack has somebody ask by direct message, and waits for the answer.
func askInSlack(t *testing.T, fake *slackfake.Server) {
	t.Helper()
	ctx, quit := context.WithTimeout(t.Context(), time.Minute)
	defer quit()
	if err := fake.Wait(ctx, func() bool { return fake.Connections() > 0 }); err != nil {
		t.Fatalf("no connection: %v", err)
	}
	if _, err := fake.Say(slackfake.Said{User: "U1", Text: listingQuestion}); err != nil {
		t.Fatal(err)
	}
	answered := func() bool {
		return slices.ContainsFunc(fake.All(""), func(m slackfake.Message) bool { return m.Own && len(m.Metadata) > 0 })
	}
	if err := fake.Wait(ctx, answered); err != nil {
		t.Fatalf("no answer: %v", err)
	}
}

// TestSecretsUnseen: neither output, nor log, nor any file of the data folder shows a secret of the environment.
func TestSecretsUnseen(t *testing.T) {
	t.Parallel()
	const apiToken, modelKey = "canary-of-the-api-token", "canary-of-the-model-key"
	model := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusUnauthorized) }))
	defer model.Close()
	const botToken, appToken = "xoxb-canary-of-the-bot", "xapp-canary-of-the-app"
	chat, chatURL := slackServer(t, slackfake.Options{BotToken: botToken, AppToken: appToken})
	env := map[string]string{
		"POLICYBOT_API_TOKEN": apiToken, "OPENAI_API_KEY": modelKey,
		"OPENAI_BASE_URL": model.URL, "POLICYBOT_EMBED_MODEL": "m",
		"SLACK_BOT_TOKEN": botToken, "SLACK_APP_TOKEN": appToken, "SLACK_API_URL": chatURL + "/api/",
	}
	data := seeded(t)
	s := serving(t, data, env, nil)
	askInSlack(t, chat)
	seen := ""
	note := func(r output) { seen += r.out + r.err }
	bearer := []string{"Authorization", "Bearer " + apiToken}
	id := s.ask(listingQuestion, bearer...).ID
	for _, wrong := range [][]string{nil, {"Authorization", "Bearer x"}, {"Authorization", apiToken}} {
		seen += s.get(401, "POST", "/api/v1/ask", body(listingQuestion), wrong...).body
	}
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		seen += s.get(200, "GET", path, "").body
	}
	seen += s.get(404, "GET", "/api/v1/x", "", bearer...).body
	backup := filepath.Join(t.TempDir(), "b")
	for _, args := range [][]string{
		{"index", write(t, t.TempDir(), "a.txt", policy("甲办法", "青蒿素"))},
		{"vectors", "status"},
		{"vectors", "build"},
		{"doctor"},
		{"doctor", "--json"},
		{"log", "list"},
		{"log", "show", "--json", id},
		{"log", "export", "--full"},
		{"replay", "--json", id},
		{"pause", "--reason", "x"},
		{"resume"},
		{"backup", backup},
		{"serve"},
		{"case", "list"},
		{"--help"},
	} {
		note(setting{env: env}.run(t, append([]string{"--data", data}, args...)...))
	}
	seen += s.said.String()
	for _, secret := range []string{apiToken, modelKey, botToken, appToken, s.at.Token} {
		if i := strings.Index(seen, secret); i >= 0 {
			t.Errorf("%s is shown: %s", secret, seen[max(0, i-200):i])
		}
	}
	for _, secret := range []string{apiToken, modelKey} {
		if files := holding(t, data, secret); len(files) > 0 {
			t.Errorf("%s is in %q", secret, files)
		}
	}
	if files := holding(t, data, s.at.Token); len(files) != 1 || files[0] != serveLock {
		t.Errorf("the token for commands is in %q", files)
	}
	s.stop()
	if files := holding(t, data, s.at.Token); len(files) > 0 || strings.Contains(s.said.String(), s.at.Token) {
		t.Errorf("after the end the token for commands is in %q, or in the log", files)
	}
}
