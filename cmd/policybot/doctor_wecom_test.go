package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"policybot/bot/channel"
	wecomapp "policybot/bot/wecom/app"
	"policybot/bot/wecom/callback"
	"policybot/bot/wecom/socket"
	"policybot/bot/wecom/wxcrypt"
	"policybot/bot/wecomfake"
)

// A fakeCorp answers what doctor asks of WeCom, and of the program's own callbacks. What a test says goes before what
// is fine.
type fakeCorp struct {
	answers map[string]string // by path
	status  map[string]int    // by path
	theirs  map[string]string // token, key and receiver of callbacks; those of the environment where there is none
	asked   []string

	platform http.Handler // of /ws
}

const (
	fakeToken = `{"errcode":0,"errmsg":"ok","access_token":"T","expires_in":7200}`
	fakeAgent = `{"errcode":0,"errmsg":"ok","agentid":1000002,"name":"Policy","close":0,"allow_userinfos":{"user":[{"userid":"a"}]},"allow_partys":{"partyid":[1,2]},"allow_tags":{"tagid":[1,2,3]}}`
)

func (f *fakeCorp) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.asked = append(f.asked, r.Method+" "+r.URL.Path)
	if n := f.status[r.URL.Path]; n != 0 {
		w.WriteHeader(n)
		return
	}
	fine := map[string]string{"/cgi-bin/gettoken": fakeToken, "/cgi-bin/agent/get": fakeAgent, "/hook": `{"errcode":0,"errmsg":"ok"}`}
	if a := f.answers[r.URL.Path]; a != "" {
		fine[r.URL.Path] = a
	}
	switch r.URL.Path {
	case "/ws":
		f.platform.ServeHTTP(w, r)
	case callback.Path:
		f.echo(w, r, "")
	case wecomapp.Path:
		f.echo(w, r, "ww1")
	default:
		_, _ = io.WriteString(w, fine[r.URL.Path])
	}
}

// echo answers as the program's channels do.
func (f *fakeCorp) echo(w http.ResponseWriter, r *http.Request, receiver string) {
	get := func(name, usual string) string {
		if v, ok := f.theirs[name]; ok {
			return v
		}
		return usual
	}
	c, err := wxcrypt.New(get("token", fakeWeComToken), get("key", fakeWeComKey), get("receiver", receiver))
	if err != nil {
		panic(err)
	}
	q := r.URL.Query()
	echo, err := c.Verify(q.Get("msg_signature"), q.Get("timestamp"), q.Get("nonce"), q.Get("echostr"), time.Now())
	switch {
	case err != nil && strings.Contains(err.Error(), wxcrypt.ErrMalformed.Error()):
		w.WriteHeader(http.StatusBadRequest)
	case err != nil:
		w.WriteHeader(http.StatusUnauthorized)
	default:
		_, _ = fmt.Fprint(w, string(echo), f.answers[r.URL.Path])
	}
}

// longConnection is the fake platform's side of it, which refuses the bot with a code where that is not 0.
func longConnection(t *testing.T, code int) *wecomfake.Server {
	t.Helper()
	fake, err := wecomfake.New(wecomfake.Options{Bot: wecomfake.BotOptions{BotID: "aib1", Secret: fakeWeComSecret}})
	if err == nil && code != 0 {
		err = fake.Break(wecomfake.Fault{Call: "aibot_subscribe", Kind: wecomfake.FaultCode, Code: code, Times: 2})
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(fake.Close)
	return fake
}

// refusedBy is an answer of WeCom that names a code.
func refusedBy(code int, words string) string {
	return fmt.Sprintf(`{"errcode":%d,"errmsg":%q}`, code, words)
}

// TestDoctorWeCom: each thing that can be wrong is found, and told with what to do, in both languages.
func TestDoctorWeCom(t *testing.T) {
	t.Parallel()
	const token, agent = "/cgi-bin/gettoken", "/cgi-bin/agent/get"
	for _, tt := range []struct {
		name    string
		env     string // see environment
		answers map[string]string
		status  map[string]int
		theirs  map[string]string
		bot     int // code that the bot is refused with
		wishes  wecomWishes
		conf    wecomConfig
		failing string   // names of the checks
		says    []string // in both languages
		en      string
	}{
		{name: "fine", wishes: wecomWishes{connect: true}, says: []string{"Policy", "http://127.0.0.1", callback.Path, wecomapp.Path, "--wecom-post"}, en: "members: 1, departments: 2, labels: 3"},
		{name: "two ways", en: "there are to be two bots"},
		{name: "not connected", says: []string{"--no-connect"}},
		{name: "name of the bot", env: "WECOM_BOT_NAME=x", en: "set up are the AI bot over the long connection"},
		{name: "no name", says: []string{"WECOM_BOT_NAME"}},
		{name: "bot's secret", bot: 853000, wishes: wecomWishes{connect: true}, failing: "wecom_bot", says: []string{"WECOM_BOT_ID", "WECOM_BOT_SECRET", "853000"}},
		{name: "bot refused otherwise", bot: 846600, wishes: wecomWishes{connect: true}, failing: "wecom_bot", says: []string{"846600", "https://open.work.weixin.qq.com/devtool/query?e=846600"}},
		{name: "no long connection there", status: map[string]int{"/ws": 403}, wishes: wecomWishes{connect: true}, failing: "wecom_bot", says: []string{"127.0.0.1"}, en: "not WeCom's"},
		{name: "app's secret", answers: map[string]string{token: refusedBy(40001, "invalid credential")}, failing: "wecom_token", says: []string{"WECOM_AGENT_SECRET", "40001"}},
		{name: "corporation", answers: map[string]string{token: refusedBy(40013, "invalid corpid")}, failing: "wecom_token", says: []string{"WECOM_CORP_ID", "40013"}},
		{name: "too fast", answers: map[string]string{token: refusedBy(45009, "api freq out of limit")}, failing: "wecom_token", says: []string{"45009"}},
		{name: "address at gettoken", answers: map[string]string{token: refusedBy(60020, "from ip: 1.2.3.4, more info")}, failing: "wecom_token", says: []string{"1.2.3.4", "60020"}, en: "trusted IPs"},
		{name: "address", answers: map[string]string{agent: refusedBy(60020, "not allow to access from your ip, hint: [1], from ip: 5.6.7.8")}, failing: "wecom_agent", says: []string{"5.6.7.8"}, en: "trusted IPs"},
		{name: "address not told", answers: map[string]string{agent: refusedBy(60020, "no")}, failing: "wecom_agent", en: "public address"},
		{name: "another app's secret", answers: map[string]string{agent: refusedBy(301002, "no")}, failing: "wecom_agent", says: []string{"WECOM_AGENT_ID", "WECOM_AGENT_SECRET"}},
		{name: "no such app", answers: map[string]string{agent: refusedBy(40056, "invalid agentid")}, failing: "wecom_agent", says: []string{"WECOM_AGENT_ID"}},
		{name: "token ended", answers: map[string]string{agent: refusedBy(42001, "expired")}, failing: "wecom_agent", says: []string{"42001"}},
		{name: "switched off", answers: map[string]string{agent: strings.Replace(fakeAgent, `"close":0`, `"close":1`, 1)}, failing: "wecom_agent", en: "switched off"},
		{name: "not told by whom it is seen", answers: map[string]string{agent: `{"errcode":0,"agentid":1000002,"name":"Policy"}`}, en: `app is "Policy"`},
		{name: "seen by nobody", answers: map[string]string{agent: `{"errcode":0,"agentid":1000002,"name":"Policy","allow_partys":{"partyid":[]}}`}, failing: "wecom_agent", en: "nobody may see"},
		{name: "down", status: map[string]int{token: 503}, failing: "wecom_token", en: "cannot reach"},
		{name: "no WeCom", answers: map[string]string{token: "<html>"}, failing: "wecom_token", en: "not WeCom's"},
		{name: "another token", theirs: map[string]string{"token": "other"}, failing: "wecom_callback wecom_callback", says: []string{"401", "Token"}},
		{name: "another key", theirs: map[string]string{"key": strings.Repeat("k", 43)}, failing: "wecom_callback wecom_callback", says: []string{"400", "EncodingAESKey"}},
		{name: "another receiver", theirs: map[string]string{"receiver": "ww2"}, failing: "wecom_callback wecom_callback", says: []string{"400"}},
		{name: "no such path", status: map[string]int{wecomapp.Path: 404}, failing: "wecom_callback", says: []string{"404", wecomapp.Path}},
		{name: "answer changed", answers: map[string]string{callback.Path: "\n"}, failing: "wecom_callback", says: []string{callback.Path}, en: "was changed"},
		{name: "moved", status: map[string]int{callback.Path: 301}, failing: "wecom_callback", says: []string{"301"}},
		{name: "nobody there yet", status: map[string]int{callback.Path: 502}, en: "start serve"},
		{name: "no address", env: "POLICYBOT_BASE_URL=", failing: "wecom_callback wecom_callback", says: []string{"POLICYBOT_BASE_URL", callback.Path, wecomapp.Path}},
		{name: "posted", wishes: wecomWishes{post: true}, en: "a message was posted"},
		{name: "not posted", answers: map[string]string{"/hook": refusedBy(93000, "invalid webhook url")}, wishes: wecomWishes{post: true}, failing: "wecom_webhook", says: []string{"93000", "WECOM_WEBHOOK_URL"}},
		{name: "posted too much", answers: map[string]string{"/hook": refusedBy(45009, "api freq out of limit")}, wishes: wecomWishes{post: true}, failing: "wecom_webhook", says: []string{"45009"}},
		{name: "webhook unreachable", status: map[string]int{"/hook": 502}, wishes: wecomWishes{post: true}, failing: "wecom_webhook", says: []string{"502"}, en: "cannot reach"},
		{name: "webhook for cases and alerts", en: "it is for cases, alerts"},
		{name: "webhook for alerts", conf: wecomConfig{Staff: "none"}, en: "it is for alerts"},
		{name: "webhook beside Slack", env: "SLACK_BOT_TOKEN=xoxb-1 SLACK_APP_TOKEN=xapp-1 SLACK_STAFF_CHANNEL=C123", en: "it is for alerts"},
		{name: "by half", env: "WECOM_BOT_ID=", failing: "wecom_settings", says: []string{"WECOM_BOT_ID"}},
	} {
		fake := &fakeCorp{answers: tt.answers, status: tt.status, theirs: tt.theirs, platform: longConnection(t, tt.bot)}
		server := httptest.NewServer(fake)
		env := environment(strings.Join([]string{envSocket, envCallback, envApp}, " "))
		maps.Copy(env, map[string]string{
			"WECOM_WEBHOOK_URL": server.URL + "/hook?key=" + fakeWebhookKey, "WECOM_API_URL": server.URL, "POLICYBOT_BASE_URL": server.URL,
			"WECOM_WS_URL": "ws" + strings.TrimPrefix(server.URL, "http") + "/ws",
		})
		maps.Copy(env, environment(tt.env))
		for _, lang := range []string{"zh", "en"} {
			a := &app{env: func(name string) string { return env[name] }, lang: lang, data: t.TempDir(), settings: config{WeCom: tt.conf}}
			checks := a.examineWeCom(t.Context(), tt.wishes)
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
			if strings.Contains(said, "canary") || strings.Contains(said, "access_token=") {
				t.Errorf("%s: a secret is shown:\n%s", tt.name, said)
			}
		}
		if !tt.wishes.connect && slices.Contains(fake.asked, "GET /ws") || !tt.wishes.post && slices.Contains(fake.asked, "POST /hook") {
			t.Errorf("%s: asked %q", tt.name, fake.asked)
		}
		server.Close()
	}
}

// TestDoctorWeComOff: without WeCom nothing is asked and nothing said; with the webhook alone no questions are looked for.
func TestDoctorWeComOff(t *testing.T) {
	a := &app{env: func(string) string { return "" }, lang: "en", data: t.TempDir()}
	if checks := a.examineWeCom(t.Context(), wecomWishes{connect: true, post: true}); len(checks) > 0 {
		t.Errorf("%+v", checks)
	}
	env := environment(envHook)
	a.env = func(name string) string { return env[name] }
	var names []string
	for _, c := range a.examineWeCom(t.Context(), wecomWishes{connect: true}) {
		names = append(names, c.Name)
	}
	if got := strings.Join(names, " "); got != "wecom_settings wecom_webhook wecom_links" {
		t.Error(got)
	}
}

// wecomServer is a fake WeCom with the environment that leads there.
func wecomServer(t *testing.T) (*wecomfake.Server, map[string]string) {
	t.Helper()
	fake, err := wecomfake.New(wecomfake.Options{Bot: wecomfake.BotOptions{BotID: "aib1", Secret: fakeWeComSecret}, Corp: wecomfake.CorpOptions{
		CorpID: "ww1", AgentID: 1000002, Secret: fakeWeComSecret, Name: "Policy", HookKeys: []string{fakeWebhookKey},
	}})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(fake)
	t.Cleanup(func() {
		fake.Close()
		web.Close()
	})
	return fake, map[string]string{
		"WECOM_WS_URL": "ws" + strings.TrimPrefix(web.URL, "http"), "WECOM_API_URL": web.URL,
		"WECOM_WEBHOOK_URL": web.URL + "/cgi-bin/webhook/send?key=" + fakeWebhookKey,
	}
}

// TestDoctorWeComWhole: against the fake platform doctor has its lines as text and as JSON, posts nothing, connects the
// bot for a moment, and fails where WeCom does.
func TestDoctorWeComWhole(t *testing.T) {
	t.Parallel()
	data := seeded(t)
	fake, env := wecomServer(t)
	maps.Copy(env, environment(envSocket+" "+envApp+" POLICYBOT_BASE_URL=http://127.0.0.1:1"))
	s := setting{env: env}
	text := s.run(t, "--data", data, "--lang", "en", "doctor").want(t, exitOK).shows(t, "the AI bot connects", `app is "Policy"`, "nothing was posted", "no question has come in")
	v := decode[struct {
		OK     bool
		Checks []check
	}](t, s.run(t, "--data", data, "--lang", "zh", "doctor", "--json", "--no-connect").want(t, exitOK))
	var names []string
	for _, c := range v.Checks {
		if strings.HasPrefix(c.Name, "wecom_") {
			names = append(names, c.Name)
		}
	}
	want := []string{"wecom_settings", "wecom_bot", "wecom_callback", "wecom_token", "wecom_agent", "wecom_webhook", "wecom_links", "wecom_events"}
	if !v.OK || !slices.Equal(names, want) {
		t.Errorf("%v, %q", v.OK, names)
	}
	subscribes := 0
	for _, c := range fake.Calls() {
		if c.Name == "aibot_subscribe" {
			subscribes++
		}
	}
	if subscribes != 1 || len(fake.HookMessages("")) > 0 {
		t.Errorf("subscribed %d times, posted %v", subscribes, fake.HookMessages(""))
	}
	s.run(t, "--data", data, "--lang", "en", "doctor", "--no-connect", "--wecom-post").want(t, exitOK).shows(t, "a message was posted")
	if posts := fake.HookMessages(fakeWebhookKey); len(posts) != 1 || !strings.Contains(posts[0].Text, "policybot doctor") {
		t.Errorf("%+v", posts)
	}
	fake.Trust(false)
	broken := s.run(t, "--data", data, "--lang", "en", "doctor", "--no-connect").want(t, exitError).says(t, "60020").shows(t, "failed")
	if strings.Contains(text.out+broken.out+broken.err, "canary") {
		t.Error("a secret is shown")
	}
}

// TestDoctorAsksServe: while a service holds the bot doctor asks it and takes the connection from nobody; it tells when
// somebody did.
func TestDoctorAsksServe(t *testing.T) {
	t.Parallel()
	data := seeded(t)
	fake, env := wecomServer(t)
	maps.Copy(env, environment(envSocket))
	serving(t, data, env, nil)
	ctx, quit := context.WithTimeout(t.Context(), patience)
	defer quit()
	if err := fake.Wait(ctx, fake.Subscribed); err != nil {
		t.Fatal(err)
	}
	s := setting{env: env}
	doctor := func(args ...string) output {
		return s.run(t, append([]string{"--data", data, "--lang", "en", "doctor"}, args...)...)
	}
	doctor().want(t, exitOK).shows(t, "wecom is up", "wecomhook is up")
	elsewhere := seeded(t)
	s.run(t, "--data", elsewhere, "--lang", "en", "doctor").want(t, exitError).says(t, "another program on this machine")
	if n := fake.Connections(); n != 1 || !fake.Subscribed() {
		t.Errorf("%d connections", n)
	}
	env["WECOM_CORP_ID"], env["WECOM_AGENT_ID"], env["WECOM_AGENT_SECRET"] = "ww1", "1000002", fakeWeComSecret
	env["WECOM_TOKEN"], env["WECOM_ENCODING_AES_KEY"], env["POLICYBOT_BASE_URL"] = fakeWeComToken, fakeWeComKey, "http://127.0.0.1:1"
	doctor().want(t, exitError).shows(t, "does not have wecomapp", "cannot be reached")
	delete(env, "WECOM_CORP_ID")
	for _, name := range []string{"WECOM_AGENT_ID", "WECOM_AGENT_SECRET", "WECOM_TOKEN", "WECOM_ENCODING_AES_KEY", "POLICYBOT_BASE_URL"} {
		delete(env, name)
	}
	if err := fake.Kick(); err != nil {
		t.Fatal(err)
	}
	if err := fake.Wait(ctx, func() bool { return !fake.Subscribed() }); err != nil {
		t.Fatal(err)
	}
	doctor().want(t, exitError).shows(t, "was taken by another one")
}

// TestDoctorVerifiesServe: the callbacks of a service that runs are verified as WeCom does it, and whoever has other
// settings than the service is told which.
func TestDoctorVerifiesServe(t *testing.T) {
	t.Parallel()
	data := seeded(t)
	_, env := wecomServer(t)
	maps.Copy(env, environment(envCallback+" "+envApp))
	s := serving(t, data, env, nil)
	for _, tt := range []struct {
		env  string
		code int
		says []string
	}{
		{"", exitOK, []string{callback.Path + " answers", wecomapp.Path + " answers", "wecombot is up", "wecomapp is up", "wecomhook is up"}},
		{"WECOM_BOT_TOKEN=other", exitError, []string{"401", "another Token", wecomapp.Path + " answers"}},
		{"WECOM_ENCODING_AES_KEY=" + strings.Repeat("k", 43), exitError, []string{"400", "another EncodingAESKey", callback.Path + " answers"}},
		{"WECOM_CORP_ID=ww2", exitError, []string{"400", "id of the corporation"}},
	} {
		own := maps.Clone(env)
		own["POLICYBOT_BASE_URL"] = "http://" + s.at.HTTP
		maps.Copy(own, environment(tt.env))
		setting{env: own}.run(t, "--data", data, "--lang", "en", "doctor").want(t, tt.code).shows(t, tt.says...)
	}
}

// TestServedDetail: how a channel of a running service is, as doctor says it.
func TestServedDetail(t *testing.T) {
	since := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name string
		s    served
		ok   bool
		says string
	}{
		{"starting", served{running: true, starting: true}, true, "just starting"},
		{"silent", served{running: true, err: fmt.Errorf("refused")}, false, "refused"},
		{"absent", served{running: true, channels: map[string]channel.Health{}}, false, "start serve again"},
		{"up", served{running: true, channels: map[string]channel.Health{socket.Name: {State: channel.Up, Since: since}}}, true, "since " + since.Local().Format(time.DateTime)},
		{"kicked", served{running: true, channels: map[string]channel.Health{socket.Name: {State: channel.Kicked}}}, false, "taken by another one"},
		{"stopped", served{running: true, channels: map[string]channel.Health{socket.Name: {State: channel.Stopped, Reason: "the secret is wrong"}}}, false, "stopped, since none yet): the secret is wrong"},
	} {
		l := &wecomLook{app: &app{lang: "en"}, o: wecomOptions{BotSecret: "x"}, served: tt.s}
		l.bot(t.Context())
		if len(l.checks) != 1 || l.checks[0].OK != tt.ok || !strings.Contains(l.checks[0].Detail, tt.says) {
			t.Errorf("%s: %+v", tt.name, l.checks)
		}
	}
	up, down := channel.Health{State: channel.Up}, channel.Health{State: channel.Down, Reason: "no network"}
	for _, tt := range []struct {
		app, hook channel.Health
		ok        bool
	}{{up, up, true}, {down, up, false}, {up, down, false}} {
		l := &wecomLook{
			app: &app{lang: "en"}, o: wecomOptions{AgentSecret: "x", WebhookURL: "y"},
			served: served{running: true, channels: map[string]channel.Health{wecomapp.Name: tt.app, "wecomhook": tt.hook}},
		}
		l.channels()
		if len(l.checks) != 1 || l.checks[0].OK != tt.ok || strings.Contains(l.checks[0].Detail, "no network") == tt.ok {
			t.Errorf("%+v: %+v", tt, l.checks)
		}
	}
}

// TestAskServed: a chat in the terminal has no channels to ask for, and a service that is just starting says nothing yet.
func TestAskServed(t *testing.T) {
	a := &app{data: t.TempDir()}
	if s := a.askServed(t.Context()); s.running {
		t.Errorf("nothing runs: %+v", s)
	}
	lock, err := a.takeFolder()
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if s := a.askServed(t.Context()); !s.running || !s.starting {
		t.Errorf("starting: %+v", s)
	}
	for _, tt := range []struct {
		http            string
		running, silent bool
	}{{"", false, false}, {"127.0.0.1:1", true, true}} {
		if err := announce(lock, running{PID: 1, HTTP: tt.http}); err != nil {
			t.Fatal(err)
		}
		if s := a.askServed(t.Context()); s.running != tt.running || s.starting || (s.err != nil) != tt.silent {
			t.Errorf("%+v: %+v", tt, s)
		}
	}
}
