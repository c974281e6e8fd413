package main

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"policybot/bot/channel"
	"policybot/bot/slackfake"
	journaldb "policybot/bot/sqlite"
)

// A fakeWebhook takes posts of a group robot and answers that all is well.
type fakeWebhook struct {
	server *httptest.Server
	mu     sync.Mutex
	posts  []string
	came   chan struct{} // one for each post
}

func newFakeWebhook(t *testing.T) *fakeWebhook {
	f := &fakeWebhook{came: make(chan struct{}, 100)}
	f.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var m struct{ Markdown struct{ Content string } }
		if err := json.NewDecoder(r.Body).Decode(&m); err != nil || r.URL.Query().Get("key") != fakeWebhookKey {
			t.Errorf("%s: %v", r.URL, err)
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		f.posts = append(f.posts, m.Markdown.Content)
		f.came <- struct{}{}
		_, _ = io.WriteString(w, `{"errcode":0,"errmsg":"ok"}`)
	}))
	t.Cleanup(f.server.Close)
	return f
}

func (f *fakeWebhook) url() string {
	return f.server.URL + "/cgi-bin/webhook/send?key=" + fakeWebhookKey
}

func (f *fakeWebhook) posted() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.posts...)
}

// TestWebhookDesk: what is handed over is posted in the group, once, with a link to the case on the console; the reply
// goes back to where the question was asked, and not to the group.
func TestWebhookDesk(t *testing.T) {
	t.Parallel()
	group := newFakeWebhook(t)
	data := seeded(t)
	s := serving(t, data, map[string]string{"WECOM_WEBHOOK_URL": group.url(), "POLICYBOT_BASE_URL": "http://localhost:9999"}, nil)
	a := s.ask(unknownQuestion)
	id := s.handOver(a.ID, "请尽快")
	wait(t, group.came, "a post in the group")
	post := group.posted()[0]
	for _, want := range []string{unknownQuestion, "请尽快", id, "[Open the case](http://localhost:9999/desk/cases/" + id + ")"} {
		if !strings.Contains(post, want) {
			t.Errorf("the group does not read %q in\n%s", want, post)
		}
	}
	pb(t, data, "case", "reply", id, "请问市科创局。").want(t, exitOK)
	if got := s.get(200, "GET", "/api/v1/answers/"+a.ID, "").answer(t); got.StaffReply == nil || !strings.Contains(got.StaffReply.Text, "请问市科创局。") {
		t.Errorf("%+v", got)
	}
	if r := s.get(200, "GET", "/readyz", ""); !strings.Contains(r.body, `"wecomhook":{"state":"up"`) {
		t.Error(r.body)
	}
	s.stop()
	if posts := group.posted(); len(posts) != 1 {
		t.Errorf("%q", posts)
	}
	if log := s.said.String(); strings.Contains(log, fakeWebhookKey) {
		t.Errorf("the key is in the log: %s", log)
	}
}

// TestWebhookAlerts: the group is told that a channel has stopped and why, without secrets.
func TestWebhookAlerts(t *testing.T) {
	t.Parallel()
	_, env := wecomServer(t)
	group := newFakeWebhook(t)
	maps.Copy(env, environment(envSocket))
	env["WECOM_WEBHOOK_URL"], env["WECOM_BOT_SECRET"] = group.url(), "canary-another-secret"
	serving(t, seeded(t), env, nil)
	wait(t, group.came, "an alert in the group")
	for _, want := range []string{"wecom", "WECOM_BOT_SECRET"} {
		if post := group.posted()[0]; !strings.Contains(post, want) || strings.Contains(post, "canary") {
			t.Errorf("the group reads no %q in\n%s", want, post)
		}
	}
}

// TestWebhookBesideSlack: cases go to Slack's staff channel, unless the configuration wants them in the group; and to
// neither where it wants none.
func TestWebhookBesideSlack(t *testing.T) {
	t.Parallel()
	_, at := slackServer(t, slackfake.Options{BotUser: demoBot})
	withSlack := map[string]string{
		"SLACK_BOT_TOKEN": "xoxb-1-fake", "SLACK_APP_TOKEN": "xapp-1-fake", "SLACK_API_URL": at + "/api/", "SLACK_STAFF_CHANNEL": demoStaff,
	}
	db, err := journaldb.Open(t.Context(), filepath.Join(t.TempDir(), journaldb.FileName), journaldb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, tt := range []struct {
		name  string
		conf  string
		slack bool
		want  string
		alert bool
	}{
		{"hook alone", "{}\n", false, "wecomhook", true},
		{"Slack first", "{}\n", true, "slack", true},
		{"insisted on", "wecom: {staff: hook}\n", true, "wecomhook", true},
		{"nowhere", "wecom: {staff: none, alerts: false}\n", false, "", false},
		{"not in the group", "wecom: {staff: none}\n", true, "slack", true},
	} {
		env := map[string]string{"WECOM_WEBHOOK_URL": newFakeWebhook(t).url()}
		if tt.slack {
			maps.Copy(env, withSlack)
		}
		a := &app{env: func(name string) string { return env[name] }, lang: "en", streams: streams{nil, io.Discard, io.Discard}}
		if err := a.configure(cli{Config: write(t, t.TempDir(), "c.yaml", tt.conf), Lang: "en"}); err != nil {
			t.Fatal(err)
		}
		v := &server{app: a, extra: &extras{}, journal: db}
		list, err := v.chats(addr("127.0.0.1:8080"))
		if err != nil || v.hook == nil || v.staff.Channel != tt.want || (v.alert != nil) != tt.alert {
			t.Errorf("%s: %d channels, staff at %q, want %q; alerts %v: %v", tt.name, len(list), v.staff.Channel, tt.want, v.alert != nil, err)
		}
	}
}

// TestCaseLink: what tells of a case leads to it, in its language; another document leads nowhere.
func TestCaseLink(t *testing.T) {
	link := linkToCase("https://policy.example")
	for _, tt := range []struct{ id, lang, words, address string }{
		{"k-1", "zh", "打开办理页面", "https://policy.example/desk/cases/c-1"},
		{"k-1", "en", "Open the case", "https://policy.example/desk/cases/c-1"},
		{"a-1", "en", "", ""},
	} {
		if words, address := link(channel.Doc{ID: tt.id, Lang: tt.lang}); words != tt.words || address != tt.address {
			t.Errorf("%+v: %q, %q", tt, words, address)
		}
	}
}

// An addr is an address that is listened on.
type addr string

func (addr) Network() string  { return "tcp" }
func (a addr) String() string { return string(a) }
