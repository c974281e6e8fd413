package main

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	wecomapp "policybot/bot/wecom/app"
	"policybot/bot/wecom/callback"
	"policybot/bot/wecom/setup"
)

// What a test sets up stands for secrets: nothing that the program prints may have it.
const (
	fakeWeComSecret = "canary-of-the-secret"
	fakeWeComToken  = "canary0token"
	fakeWeComKey    = "canary00jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3yk" // 43 characters
	fakeWebhookKey  = "canary-4f2a-of-the-webhook"
)

// Whole settings of each surface.
const (
	envSocket   = "WECOM_BOT_ID=aib1 WECOM_BOT_SECRET=" + fakeWeComSecret
	envCallback = "WECOM_BOT_TOKEN=" + fakeWeComToken + " WECOM_BOT_ENCODING_AES_KEY=" + fakeWeComKey
	envApp      = "WECOM_CORP_ID=ww1 WECOM_AGENT_ID=1000002 WECOM_AGENT_SECRET=" + fakeWeComSecret + " WECOM_TOKEN=" + fakeWeComToken + " WECOM_ENCODING_AES_KEY=" + fakeWeComKey
	envHook     = "WECOM_WEBHOOK_URL=https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=" + fakeWebhookKey
)

// environment reads NAME=value with blanks between; a later one goes before an earlier one, and ~ in a value stands for a
// blank.
func environment(text string) map[string]string {
	env := map[string]string{}
	for _, f := range strings.Fields(text) {
		name, value, _ := strings.Cut(f, "=")
		env[name] = strings.ReplaceAll(value, "~", " ")
	}
	return env
}

// TestWeComSettings: what is set is used; half of what a surface needs is told, and what is not what its name says.
func TestWeComSettings(t *testing.T) {
	off := false
	usual := wecomOptions{WSURL: "wss://openws.work.weixin.qq.com", APIURL: "https://qyapi.weixin.qq.com", Alerts: true}
	with := func(changes ...func(*wecomOptions)) wecomOptions {
		o := usual
		for _, change := range changes {
			change(&o)
		}
		return o
	}
	socket := func(o *wecomOptions) { o.BotID, o.BotSecret = "aib1", fakeWeComSecret }
	callback := func(o *wecomOptions) { o.BotToken, o.BotKey = fakeWeComToken, fakeWeComKey }
	app := func(o *wecomOptions) {
		o.CorpID, o.AgentID, o.AgentSecret, o.Token, o.Key = "ww1", 1000002, fakeWeComSecret, fakeWeComToken, fakeWeComKey
	}
	hook := func(o *wecomOptions) {
		o.WebhookURL = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=" + fakeWebhookKey
	}
	for _, tt := range []struct {
		name string
		env  string // see environment
		conf wecomConfig
		want wecomOptions
		on   string // surfaces
		err  string // name of the message
		says []string
	}{
		{name: "nothing", want: usual},
		{name: "addresses and a name alone", env: "WECOM_WS_URL=nonsense WECOM_API_URL=nonsense WECOM_BOT_NAME=x", want: with(func(o *wecomOptions) { o.WSURL, o.APIURL, o.BotName = "nonsense", "nonsense", "x" })},
		{name: "configuration alone", conf: wecomConfig{Staff: "none", Alerts: &off}, want: with(func(o *wecomOptions) { o.Staff, o.Alerts = "none", false })},
		{name: "long connection", env: envSocket, want: with(socket), on: "socket"},
		{name: "callback", env: envCallback, want: with(callback), on: "callback"},
		{name: "app", env: envApp, want: with(app), on: "app"},
		{name: "webhook", env: envHook, want: with(hook), on: "hook"},
		{name: "all", env: strings.Join([]string{envSocket, envCallback, envApp, envHook}, " "), want: with(socket, callback, app, hook), on: "socket callback app hook"},
		{name: "a name with blanks", env: envSocket + " WECOM_BOT_NAME=@政策~问答~Bot", want: with(socket, func(o *wecomOptions) { o.BotName = "政策 问答 Bot" }), on: "socket"},
		{name: "other addresses", env: envSocket + " " + envApp + " WECOM_WS_URL=ws://127.0.0.1:1/ WECOM_API_URL=http://localhost:1/x/", want: with(socket, app, func(o *wecomOptions) {
			o.WSURL, o.APIURL = "ws://127.0.0.1:1", "http://localhost:1/x"
		}), on: "socket app"},
		{name: "webhook of this machine", env: "WECOM_WEBHOOK_URL=http://127.0.0.1:1/send?key=k", conf: wecomConfig{Staff: "hook"}, want: with(func(o *wecomOptions) {
			o.WebhookURL, o.Staff = "http://127.0.0.1:1/send?key=k", "hook"
		}), on: "hook"},

		{name: "half a long connection", env: "WECOM_BOT_SECRET=" + fakeWeComSecret, err: "wecom_half_socket", says: []string{"WECOM_BOT_SECRET", "WECOM_BOT_ID"}},
		{name: "half a callback", env: "WECOM_BOT_TOKEN=" + fakeWeComToken, err: "wecom_half_callback", says: []string{"WECOM_BOT_ENCODING_AES_KEY"}},
		{name: "half a callback beside a long connection", env: envSocket + " WECOM_BOT_TOKEN=" + fakeWeComToken, err: "wecom_half_callback"},
		{name: "half an app", env: "WECOM_CORP_ID=ww1 WECOM_AGENT_SECRET=" + fakeWeComSecret, err: "wecom_half_app", says: []string{"WECOM_AGENT_ID, WECOM_TOKEN, WECOM_ENCODING_AES_KEY"}},
		{name: "a blank in a secret", env: envSocket + " WECOM_BOT_SECRET=" + fakeWeComSecret + "~x", err: "wecom_blank", says: []string{"WECOM_BOT_SECRET"}},
		{name: "key of the bot too short", env: envCallback + " WECOM_BOT_ENCODING_AES_KEY=" + fakeWeComKey[:42], err: "wecom_key_form", says: []string{"WECOM_BOT_ENCODING_AES_KEY", "42"}},
		{name: "key of the app too long", env: envApp + " WECOM_ENCODING_AES_KEY=" + fakeWeComKey + "=", err: "wecom_key_form", says: []string{"WECOM_ENCODING_AES_KEY", "44"}},
		{name: "key of other characters", env: envApp + " WECOM_ENCODING_AES_KEY=" + strings.Repeat("-", 43), err: "wecom_key_form"},
		{name: "app by its name", env: envApp + " WECOM_AGENT_ID=policybot", err: "wecom_agent_form"},
		{name: "app 0", env: envApp + " WECOM_AGENT_ID=0", err: "wecom_agent_form"},
		{name: "app beyond", env: envApp + " WECOM_AGENT_ID=4294967296", err: "wecom_agent_form"},
		{name: "secret in the clear to a socket", env: envSocket + " WECOM_WS_URL=ws://wecom.example", err: "wecom_ws_bad"},
		{name: "socket by https", env: envSocket + " WECOM_WS_URL=https://wecom.example", err: "wecom_ws_bad"},
		{name: "secret in the clear to the API", env: envApp + " WECOM_API_URL=http://wecom.example", err: "wecom_api_bad"},
		{name: "API with a password", env: envApp + " WECOM_API_URL=https://a:" + fakeWeComSecret + "@wecom.example", err: "wecom_api_bad"},
		{name: "webhook in the clear", env: "WECOM_WEBHOOK_URL=http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=" + fakeWebhookKey, err: "wecom_webhook_bad"},
		{name: "webhook without its key", env: "WECOM_WEBHOOK_URL=https://qyapi.weixin.qq.com/cgi-bin/webhook/send", err: "wecom_webhook_bad"},
		{name: "the key alone", env: "WECOM_WEBHOOK_URL=" + fakeWebhookKey, err: "wecom_webhook_bad"},
		{name: "staff by a webhook that is not there", env: envSocket, conf: wecomConfig{Staff: "hook"}, err: "wecom_staff_hook"},
		{name: "staff by a webhook alone", conf: wecomConfig{Staff: "hook"}, err: "wecom_staff_hook"},
	} {
		env := environment(tt.env)
		got, on, err := wecomSettings(func(name string) string { return " " + env[name] + "\n" }, tt.conf) // as a file of secrets gives it
		if tt.err != "" {
			m, ok := errors.AsType[*messageError](err)
			if !ok || m.name != tt.err || !on {
				t.Errorf("%s: %v, want %s", tt.name, err, tt.err)
				continue
			}
			zh, en := format("zh", m.name, m.args...), format("en", m.name, m.args...)
			for _, want := range tt.says {
				if !strings.Contains(zh, want) || !strings.Contains(en, want) {
					t.Errorf("%s: no %q in\n%s\n%s", tt.name, want, zh, en)
				}
			}
			if !strings.Contains(zh, "docs/wecom.zh.md") || !strings.Contains(en, "docs/wecom.md") || strings.Contains(zh+en, "canary") || strings.Contains(zh+en, "%!") {
				t.Errorf("%s:\n%s\n%s", tt.name, zh, en)
			}
			continue
		}
		var surfaces []string
		for name, is := range map[string]bool{"socket": got.socket(), "callback": got.callback(), "app": got.app(), "hook": got.hook()} {
			if is != strings.Contains(" "+tt.on+" ", " "+name+" ") {
				surfaces = append(surfaces, name)
			}
		}
		if diff := cmp.Diff(tt.want, got); err != nil || diff != "" || on != (tt.on != "") || len(surfaces) > 0 {
			t.Errorf("%s: on %v, wrong %q, %v\n%s", tt.name, on, surfaces, err, diff)
		}
	}
}

// TestWeComStaffs: cases are posted with the webhook where that is said, or where they have no other place in a chat.
func TestWeComStaffs(t *testing.T) {
	for _, tt := range []struct {
		hook            bool
		staff           string
		elsewhere, want bool
	}{
		{true, "", false, true},
		{true, "", true, false},
		{true, "hook", true, true},
		{true, "none", false, false},
		{false, "", false, false},
	} {
		o := wecomOptions{Staff: tt.staff}
		if tt.hook {
			o.WebhookURL = "https://x.example/?key=k"
		}
		if got := o.staffs(tt.elsewhere); got != tt.want {
			t.Errorf("%+v: %v", tt, got)
		}
	}
}

// TestWeComConfig: the section wecom is read, and a mistake in it is told with its place.
func TestWeComConfig(t *testing.T) {
	t.Parallel()
	data, dir := seeded(t), t.TempDir()
	for _, tt := range []struct{ text, says string }{
		{"wecom:\n  staff: maybe\n", "line 2, column 10: wecom.staff is maybe; allowed is hook, none"},
		{"wecom:\n  bot_id: aib\n", "[2:3]"},
	} {
		file := write(t, dir, "bad.yaml", tt.text)
		setting{}.run(t, "--data", data, "--lang", "en", "--config", file, "documents").want(t, exitError).says(t, tt.says)
		setting{}.run(t, "--data", data, "--lang", "zh", "--config", file, "documents").want(t, exitError).says(t, "有误")
	}
	a := &app{env: func(string) string { return "" }}
	if err := a.configure(cli{Config: write(t, dir, "good.yaml", "wecom: {staff: none, alerts: false}\n")}); err != nil {
		t.Fatal(err)
	}
	if c := a.settings.WeCom; c.Staff != "none" || isOn(c.Alerts) {
		t.Errorf("%+v", c)
	}
}

// TestServeNeedsWholeWeCom: half of what WeCom needs is told before anything is opened.
func TestServeNeedsWholeWeCom(t *testing.T) {
	t.Parallel()
	for lang, says := range map[string]string{"zh": "docs/wecom.zh.md", "en": "docs/wecom.md"} {
		r := setting{env: environment("WECOM_BOT_SECRET=" + fakeWeComSecret)}.run(t, "--data", t.TempDir(), "--lang", lang, "serve", "--http", "127.0.0.1:0")
		r.want(t, exitError).says(t, "WECOM_BOT_ID", says)
		if strings.Contains(r.err, "canary") {
			t.Errorf("the secret is shown: %s", r.err)
		}
	}
}

// TestWeComDocs: both documents name every setting, every page and field of the administration, every code that the
// program has words for, and every check of doctor; both have the same sections and tables.
func TestWeComDocs(t *testing.T) {
	texts := map[string]string{}
	for lang, name := range map[string]string{"zh": "wecom.zh.md", "en": "wecom.md"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "docs", name))
		if err != nil {
			t.Fatal(err)
		}
		texts[lang] = string(text)
		want := []string{
			"POLICYBOT_BASE_URL", "WECOM_WS_URL", "WECOM_API_URL", "WECOM_BOT_NAME", wecomSocketURL, wecomAPIURL, callback.Path, wecomapp.Path,
			"policybot demo wecom", "--no-connect", "--wecom-post",
			"API模式创建", "API配置", "连接方式", "使用长连接", "使用URL回调", "可使用的成员", "*Bot ID*", "*Secret*", "*URL*", "*Token*", "*EncodingAESKey*",
			"企业ID", "*AgentId*", "接收消息", "设置API接收", "企业可信IP", "可见范围", "群机器人",
		}
		for _, s := range wecomSurfaces {
			want = append(want, s.vars...)
		}
		kind := reflect.TypeFor[wecomConfig]()
		for i := range kind.NumField() {
			want = append(want, "\n  "+kind.Field(i).Tag.Get("yaml")+": ")
		}
		for _, name := range []string{"settings", "bot", "callback", "token", "agent", "webhook", "channels", "links", "events"} {
			want = append(want, "| `wecom_"+name+"` |")
		}
		for _, c := range wecomCodes {
			for _, code := range c.codes {
				if code > 0 {
					want = append(want, strconv.Itoa(code))
				}
			}
		}
		for _, w := range append(want, strconv.Itoa(setup.CodeAddress)) {
			if !strings.Contains(texts[lang], w) {
				t.Errorf("%s does not have %q", name, w)
			}
		}
		if n := strings.Count(texts[lang], "| `wecom_"); n != 10 {
			t.Errorf("%s has %d rows of checks", name, n)
		}
		if n := strings.Count(texts[lang], "| `WECOM_"); n != 13 {
			t.Errorf("%s has %d rows of variables", name, n)
		}
	}
	for _, mark := range []string{"\n## ", "\n|", "\n- ", "```", "\n1. ", "\n5. "} {
		if zh, en := strings.Count(texts["zh"], mark), strings.Count(texts["en"], mark); zh != en {
			t.Errorf("%q: %d in Chinese, %d in English", mark, zh, en)
		}
	}
}

// TestWeComChecksListed: every check that doctor has of WeCom stands in the documents.
func TestWeComChecksListed(t *testing.T) {
	source, err := os.ReadFile("doctor_wecom.go")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := os.ReadFile(filepath.Join("..", "..", "docs", "wecom.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range regexp.MustCompile(`"wecom_[a-z]+"`).FindAllString(string(source), -1) {
		if !strings.Contains(string(doc), "| `"+strings.Trim(name, `"`)+"` |") {
			t.Errorf("docs/wecom.md does not have %s", name)
		}
	}
}
