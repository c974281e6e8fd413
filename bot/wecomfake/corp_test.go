package wecomfake_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"policybot/bot/channel/channeltest"
	"policybot/bot/wecomfake"
)

// A firm is a fake with somebody who calls it.
type firm struct {
	t      testing.TB
	fake   *wecomfake.Server
	url    string
	client *http.Client
	token  string
}

// firmed runs a test in a bubble with a fake.
func firmed(t *testing.T, o wecomfake.CorpOptions, f func(t *testing.T, c *firm)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { f(t, newFirm(t, wecomfake.Options{Corp: o})) })
}

func newFirm(t *testing.T, o wecomfake.Options) *firm {
	t.Helper()
	fake, err := wecomfake.New(o)
	if err != nil {
		t.Fatal(err)
	}
	url, client := channeltest.Serve(t, fake)
	t.Cleanup(fake.Close)
	return &firm{t: t, fake: fake, url: url, client: client}
}

// do makes a call and gives the answer; body nil is a GET.
func (c *firm) do(path string, body any) map[string]any {
	c.t.Helper()
	method, data := http.MethodGet, []byte(nil)
	if body != nil {
		method = http.MethodPost
		var err error
		if raw, ok := body.(string); ok {
			data = []byte(raw)
		} else if data, err = json.Marshal(body); err != nil {
			c.t.Fatal(err)
		}
	}
	r, err := http.NewRequest(method, c.url+"/cgi-bin/"+path, bytes.NewReader(data))
	if err != nil {
		c.t.Fatal(err)
	}
	resp, err := c.client.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(raw, &out); err != nil {
		c.t.Fatalf("%s answers %q: %v", path, raw, err)
	}
	return out
}

// code makes a call and compares the errcode.
func (c *firm) code(want int, path string, body any) map[string]any {
	c.t.Helper()
	out := c.do(path, body)
	if got := int(out["errcode"].(float64)); got != want {
		c.t.Errorf("%s with %.80v answers %v, want %d", path, body, out, want)
	}
	return out
}

// login fetches a token.
func (c *firm) login() string {
	c.t.Helper()
	c.token, _ = c.code(0, "gettoken?corpid=wwfakecorp&corpsecret=secret-of-the-fake-app", nil)["access_token"].(string)
	return c.token
}

type fields = map[string]any

// send sends to a member and compares the errcode.
func (c *firm) send(want int, to, kind string, body any, more ...fields) map[string]any {
	c.t.Helper()
	all := fields{"touser": to, "agentid": 1000002, "msgtype": kind, kind: body}
	for _, m := range more {
		for k, v := range m {
			all[k] = v
		}
	}
	return c.code(want, "message/send?access_token="+c.token, all)
}

func text(s string) fields { return fields{"content": s} }

// texts are what a member sees.
func (c *firm) texts(user string) []string {
	var out []string
	for _, m := range c.fake.AppMessages(user) {
		out = append(out, m.Text)
	}
	return out
}

func (c *firm) sees(user string, want ...string) {
	c.t.Helper()
	if got := c.texts(user); !slices.Equal(got, want) {
		c.t.Errorf("%s sees %.200q, want %.200q", user, got, want)
	}
}

func TestAppToken(t *testing.T) {
	firmed(t, wecomfake.CorpOptions{}, func(t *testing.T, c *firm) {
		c.send(41001, "ann", "text", text("a"))
		c.token = "guessed"
		c.send(40014, "ann", "text", text("a"))
		first := c.login()
		if o := c.fake.Corp(); o.CorpID != "wwfakecorp" || o.AgentID != 1000002 || len(o.HookKeys) != 1 || o.TokenBytes != 512 {
			t.Errorf("the options are %+v", o)
		}
		if len(first) != 512 {
			t.Errorf("the token has %d bytes", len(first))
		}
		time.Sleep(7199 * time.Second)
		if again := c.login(); again != first {
			t.Error("there is another token before the time is over")
		}
		c.send(0, "ann", "text", text("a"))
		time.Sleep(time.Second)
		c.send(42001, "ann", "text", text("b"))
		second := c.login()
		if second == first {
			t.Error("there is no other token when the time is over")
		}
		c.send(0, "ann", "text", text("c"))
		c.token = first
		c.send(42001, "ann", "text", text("d"))
		c.token = second
		c.fake.RevokeToken()
		c.send(40014, "ann", "text", text("e"))
		c.login()
		c.send(0, "ann", "text", text("f"))
		c.fake.ExpireToken()
		c.send(42001, "ann", "text", text("g"))
		c.code(41001, "message/send", fields{})
		c.code(40001, "gettoken?corpid=wwfakecorp&corpsecret=other", nil)
		c.code(40013, "gettoken?corpid=other&corpsecret=secret-of-the-fake-app", nil)
		c.code(43001, "gettoken", fields{})
		c.code(43002, "message/send", nil)
		c.sees("ann", "a", "c", "f")
		if n := c.fake.TokenCalls(); n != 6 {
			t.Errorf("gettoken was called %d times", n)
		}
	})
}

func TestAppTokenLimit(t *testing.T) {
	firmed(t, wecomfake.CorpOptions{TokenCalls: 3, TokenBytes: 600}, func(t *testing.T, c *firm) {
		for range 3 {
			c.login()
		}
		if len(c.token) != 600 {
			t.Errorf("the token has %d bytes", len(c.token))
		}
		login := "gettoken?corpid=wwfakecorp&corpsecret=secret-of-the-fake-app"
		c.code(45009, login, nil)
		time.Sleep(time.Hour)
		c.code(0, login, nil)
	})
}

func TestAppBadTokens(t *testing.T) {
	firmed(t, wecomfake.CorpOptions{BadTokens: true}, func(t *testing.T, c *firm) {
		first := c.login()
		c.send(40014, "ann", "text", text("a"))
		if c.login() == first {
			t.Error("the bad token is given again")
		}
		c.send(40014, "ann", "text", text("a"))
		c.sees("ann")
	})
}

func TestAppUntrusted(t *testing.T) {
	firmed(t, wecomfake.CorpOptions{Untrusted: true}, func(t *testing.T, c *firm) {
		c.login()
		c.send(60020, "ann", "text", text("a"))
		c.code(60020, "get_api_domain_ip?access_token="+c.token, nil)
		c.fake.Trust(true)
		c.send(0, "ann", "text", text("b"))
		c.fake.Trust(false)
		c.send(60020, "ann", "text", text("c"))
		c.sees("ann", "b")
	})
}

func TestAppReads(t *testing.T) {
	firmed(t, wecomfake.CorpOptions{Users: []string{"Ann"}}, func(t *testing.T, c *firm) {
		c.login()
		if out := c.code(0, "agent/get?agentid=1000002&access_token="+c.token, nil); out["name"] != "Policy Desk" {
			t.Errorf("the app is %v", out)
		}
		c.code(40056, "agent/get?agentid=1&access_token="+c.token, nil)
		if out := c.code(0, "get_api_domain_ip?access_token="+c.token, nil); len(out["ip_list"].([]any)) == 0 {
			t.Errorf("addresses are %v", out)
		}
		if out := c.code(0, "user/get?userid=ANN&access_token="+c.token, nil); out["userid"] != "Ann" {
			t.Errorf("Ann is %v", out)
		}
		c.code(60111, "user/get?userid=ben&access_token="+c.token, nil)
		c.code(40014, "agent/get?agentid=1000002&access_token=x", nil)
	})
}

func TestAppReceivers(t *testing.T) {
	firmed(t, wecomfake.CorpOptions{Users: []string{"Ann", "ben"}}, func(t *testing.T, c *firm) {
		c.login()
		out := c.send(0, "ANN|Zoe|ann| Carl ", "text", text("a"))
		if out["invaliduser"] != "zoe|carl" || out["msgid"] == "" {
			t.Errorf("the answer is %v", out)
		}
		c.send(81013, "Zoe", "text", text("b"))
		c.send(81013, "", "text", text("b"))
		c.send(0, "@all", "text", text("c"))
		c.send(40058, strings.Repeat("ann|", 1001), "text", text("d"))
		c.send(40056, "ann", "text", text("e"), fields{"agentid": 7})
		c.send(40008, "ann", "news", text("e"))
		c.send(40008, "ann", "text", nil)
		c.code(47001, "message/send?access_token="+c.token, "{")
		c.sees("Ann", "a", "c")
		c.sees("ann", "a", "c")
		c.sees("BEN", "c")
		c.sees("zoe")
	})
}

func TestAppLongTexts(t *testing.T) {
	long := strings.Repeat("政", 683) // 2049 bytes
	for _, kind := range []string{"text", "markdown"} {
		firmed(t, wecomfake.CorpOptions{}, func(t *testing.T, c *firm) {
			c.login()
			c.send(0, "ann", kind, text(long[:2046]+"ab"))
			c.send(0, "ann", kind, text(long))
			c.send(44004, "ann", kind, text(" \u200b"))
			c.send(40033, "ann", kind, text("a\x01"))
			c.sees("ann", long[:2046]+"ab", long[:2046])
			seen := c.fake.AppMessages("ann")
			if seen[0].Cut || !seen[1].Cut || len(c.fake.Advice()) != 1 {
				t.Errorf("cut: %t and %t, advice %q", seen[0].Cut, seen[1].Cut, c.fake.Advice())
			}
		})
		firmed(t, wecomfake.CorpOptions{RefuseLong: true}, func(t *testing.T, c *firm) {
			c.login()
			c.send(40058, "ann", kind, text(long))
			c.send(0, "ann", kind, text(long[:2046]+"ab"))
			c.sees("ann", long[:2046]+"ab")
		})
	}
}

func TestAppDuplicates(t *testing.T) {
	once := fields{"enable_duplicate_check": 1}
	firmed(t, wecomfake.CorpOptions{}, func(t *testing.T, c *firm) {
		c.login()
		c.send(0, "ann", "text", text("a"))
		c.send(0, "ann", "text", text("a")) // without a check both are shown
		c.send(0, "ann", "text", text("b"), once)
		time.Sleep(1799 * time.Second)
		c.send(0, "ANN", "text", text("b"), once)
		c.send(0, "ann", "markdown", text("b"), once) // another message
		c.send(0, "ben", "text", text("b"), once)
		c.send(0, "ann", "text", text("c"), once)
		time.Sleep(time.Second)
		c.send(0, "ann", "text", text("b"), once)
		c.send(0, "ann|ben", "text", text("b"), once)
		c.sees("ann", "a", "a", "b", "b", "c", "b")
		c.sees("ben", "b")
		for interval, code := range map[int]int{14400: 0, 14401: 40058, 0: 40058, -1: 40058, 1: 0} {
			c.send(code, "carl", "text", text(fmt.Sprint(interval)), once, fields{"duplicate_check_interval": interval})
		}
		time.Sleep(time.Second)
		c.login() // half an hour may be too long ago
		c.send(0, "carl", "text", text("1"), once, fields{"duplicate_check_interval": 1})
		c.send(0, "carl", "text", text("14400"), once, fields{"duplicate_check_interval": 14400})
		if n := len(c.texts("carl")); n != 3 {
			t.Errorf("carl sees %q", c.texts("carl"))
		}
		if n := len(c.fake.SilentDrops()); n != 0 {
			t.Errorf("%d drops; a duplicate is none", n)
		}
	})
}

func TestAppTooManyForOne(t *testing.T) {
	firmed(t, wecomfake.CorpOptions{}, func(t *testing.T, c *firm) {
		c.login()
		for i := range 31 {
			c.send(0, "ann", "text", text(fmt.Sprint(i)))
		}
		if n := len(c.texts("ann")); n != 30 || len(c.fake.SilentDrops()) != 1 {
			t.Errorf("ann sees %d, %d were dropped", n, len(c.fake.SilentDrops()))
		}
		if d := c.fake.SilentDrops()[0]; d.Chat != "ann" || !strings.Contains(string(d.Body), `"30"`) {
			t.Errorf("dropped is %s", d.Body)
		}
		c.send(0, "ben", "text", text("x")) // others are not touched
		c.sees("ben", "x")
		for range 33 {
			time.Sleep(time.Minute)
			for range 30 {
				c.send(0, "ann", "text", text("x"))
			}
		}
		if n := len(c.texts("ann")); n != 1000 { // of 30 + 33 * 30
			t.Errorf("ann sees %d within an hour", n)
		}
		time.Sleep(27 * time.Minute) // an hour after the first
		c.login()
		c.send(0, "ann", "text", text("y"))
		if all := c.texts("ann"); all[len(all)-1] != "y" {
			t.Errorf("ann sees %q last", all[len(all)-1])
		}
	})
}

func useful(task string) fields {
	return fields{
		"card_type": "button_interaction", "main_title": fields{"title": "Was this useful?"}, "task_id": task,
		"button_list": []fields{{"text": "Yes", "key": "yes"}, {"text": "No", "key": "no"}},
	}
}

func noticeCard() fields {
	return fields{"card_type": "text_notice", "main_title": fields{"title": "T"}, "card_action": fields{"type": 1, "url": "https://a.example/"}}
}

func TestAppCards(t *testing.T) {
	firmed(t, wecomfake.CorpOptions{}, func(t *testing.T, c *firm) {
		c.login()
		out := c.send(0, "ann|ben", "template_card", useful("t1"))
		if code, _ := out["response_code"].(string); code == "" {
			t.Errorf("the answer is %v", out)
		}
		c.send(42014, "ann", "template_card", useful("t1"))
		c.send(42014, "ann", "template_card", useful(""))
		if out := c.send(0, "ann", "template_card", noticeCard()); out["response_code"] != nil {
			t.Errorf("a card without buttons gives %v", out)
		}
		wrong := noticeCard()
		delete(wrong, "card_action")
		c.send(40058, "ann", "template_card", wrong)
		long := noticeCard()
		long["sub_title_text"] = strings.Repeat("字", 113)
		c.send(0, "ann", "template_card", long)
		if v := c.fake.Advice(); len(v) != 1 || !strings.Contains(v[0], "sub_title_text") {
			t.Errorf("advice is %q", v)
		}
		seen := c.fake.AppMessages("ann")
		if len(seen) != 3 || seen[0].TaskID != "t1" || seen[0].Type != "template_card" || !strings.Contains(string(seen[0].Card), "useful") {
			t.Errorf("ann sees %+v", seen)
		}
		// The same card once more, where that is checked, is no second use of the task.
		once := fields{"enable_duplicate_check": 1}
		c.send(0, "ann", "template_card", useful("t2"), once)
		c.send(0, "ann", "template_card", useful("t2"), once)
		if n := len(c.fake.AppMessages("ann")); n != 4 {
			t.Errorf("ann sees %d messages", n)
		}
	})
}

func TestAppTextCards(t *testing.T) {
	firmed(t, wecomfake.CorpOptions{}, func(t *testing.T, c *firm) {
		c.login()
		good := fields{"title": "T", "description": "D", "url": "https://a.example/", "btntxt": "更多"}
		c.send(0, "ann", "textcard", good)
		for name, value := range map[string]string{"title": "", "description": " ", "url": "javascript:x"} {
			bad := fields{"title": "T", "description": "D", "url": "https://a.example/"}
			bad[name] = value
			c.send(40058, "ann", "textcard", bad)
		}
		c.send(0, "ann", "textcard", fields{"title": strings.Repeat("t", 129), "description": "D", "url": "http://a.example/"})
		if len(c.fake.AppMessages("ann")) != 2 || len(c.fake.Advice()) != 1 {
			t.Errorf("ann sees %+v, advice %q", c.fake.AppMessages("ann"), c.fake.Advice())
		}
	})
}

func TestAppUpdates(t *testing.T) {
	firmed(t, wecomfake.CorpOptions{}, func(t *testing.T, c *firm) {
		c.login()
		code := c.send(0, "ann|ben", "template_card", useful("t1"))["response_code"]
		update := func(want int, code any, more fields) map[string]any {
			t.Helper()
			all := fields{"agentid": 1000002, "response_code": code, "userids": []string{"Ann", "Zoe"}}
			for k, v := range more {
				all[k] = v
			}
			return c.code(want, "message/update_template_card?access_token="+c.token, all)
		}
		thanks := fields{"button": fields{"replace_name": "Thank you"}}
		update(40058, "none", thanks)
		update(40056, code, fields{"agentid": 1, "button": fields{"replace_name": "x"}})
		update(40058, code, fields{"button": fields{"replace_name": " "}})
		update(40058, code, nil)
		update(40058, code, fields{"button": fields{"replace_name": "x"}, "template_card": useful("t1")})
		update(40058, code, fields{"userids": []string{}, "button": fields{"replace_name": "x"}})
		if out := update(0, code, thanks); fmt.Sprint(out["invaliduser"]) != "[zoe]" {
			t.Errorf("the answer is %v", out)
		}
		update(40058, code, thanks)
		if ann, ben := c.fake.AppMessages("ann")[0], c.fake.AppMessages("ben")[0]; ann.Used != "Thank you" || ben.Used != "" {
			t.Errorf("ann sees %+v, ben %+v", ann, ben)
		}
		c.send(0, "ben", "template_card", useful("t9"))
		code = c.send(0, "ann|ben", "template_card", useful("t2"))["response_code"]
		wrong := useful("t2")
		delete(wrong, "button_list")
		update(40058, code, fields{"template_card": wrong})
		update(42014, code, fields{"template_card": useful("t9")})
		time.Sleep(71 * time.Hour)
		c.login()
		update(0, code, fields{"template_card": noticeCard(), "atall": 1, "userids": nil})
		for _, user := range []string{"ann", "ben"} {
			all := c.fake.AppMessages(user)
			if last := all[len(all)-1]; strings.Contains(string(last.Card), "button_list") {
				t.Errorf("%s sees %s", user, last.Card)
			}
		}
		code = c.send(0, "ann", "template_card", useful("t3"))["response_code"]
		time.Sleep(72 * time.Hour)
		c.login()
		update(40058, code, thanks)
	})
}

func TestHook(t *testing.T) {
	firmed(t, wecomfake.CorpOptions{HookKeys: []string{"k1", "k2"}}, func(t *testing.T, c *firm) {
		post := func(want int, key, kind string, body any) {
			t.Helper()
			c.code(want, "webhook/send?key="+key, fields{"msgtype": kind, kind: body})
		}
		post(93000, "k3", "text", text("a"))
		c.code(93000, "webhook/send", fields{})
		c.code(47001, "webhook/send?key=k1", "[")
		post(0, "k1", "text", fields{"content": "a", "mentioned_list": []string{"ann", "@all"}, "mentioned_mobile_list": []string{"1"}})
		post(0, "k1", "markdown", text(strings.Repeat("政", 1365)+"a"))
		post(40058, "k1", "markdown", text(strings.Repeat("政", 1365)+"ab"))
		post(40058, "k1", "text", text(strings.Repeat("a", 2049)))
		post(0, "k1", "text", text(strings.Repeat("a", 2048)))
		post(0, "k1", "markdown_v2", text("| a |\n|---|\n| b |"))
		post(40058, "k1", "markdown_v2", text(strings.Repeat("a", 4097)))
		post(0, "k1", "template_card", noticeCard())
		post(40058, "k1", "template_card", useful("t"))
		post(40008, "k1", "news", text("a"))
		post(40008, "k1", "text", nil)
		for range 15 {
			post(0, "k1", "text", text("b"))
		}
		post(45009, "k1", "text", text("c"))
		post(0, "k2", "text", text("d"))
		time.Sleep(time.Minute)
		post(0, "k1", "text", text("e"))
		if a, b, all := c.fake.HookMessages("k1"), c.fake.HookMessages("k2"), c.fake.HookMessages(""); len(a) != 21 || len(b) != 1 || len(all) != 22 {
			t.Errorf("%d, %d and %d messages", len(a), len(b), len(all))
		}
		first := c.fake.HookMessages("k1")[0]
		if first.Text != "a" || first.Type != "text" || !slices.Equal(first.Mentions, []string{"ann", "@all", "1"}) {
			t.Errorf("the first is %+v", first)
		}
	})
}

func TestCorpFaults(t *testing.T) {
	type fault = wecomfake.Fault
	send, hook := "cgi-bin/message/send", "cgi-bin/webhook/send"
	cases := []struct {
		fault fault
		code  int // of the answer; -2: there is none that can be read
		done  bool
	}{
		{fault{Call: send, Kind: wecomfake.FaultWait}, 45009, false},
		{fault{Call: send, Kind: wecomfake.FaultGone}, 81013, false},
		{fault{Call: "*", Kind: wecomfake.FaultCode, Code: 45033}, 45033, false},
		{fault{Call: send, Kind: wecomfake.FaultLost}, -2, false},
		{fault{Call: send, Kind: wecomfake.FaultBroken}, -2, false},
		{fault{Call: send, Kind: wecomfake.FaultNoise}, -2, true},
		{fault{Call: send, Kind: wecomfake.FaultHang}, -2, true},
		{fault{Call: send, Kind: wecomfake.FaultSlow, After: time.Minute}, 0, true},
		{fault{Call: hook, Kind: wecomfake.FaultGone}, 0, true},
	}
	for _, k := range cases {
		firmed(t, wecomfake.CorpOptions{}, func(t *testing.T, c *firm) {
			c.login()
			if err := c.fake.Break(k.fault); err != nil {
				t.Fatal(err)
			}
			got := -2
			body, err := json.Marshal(fields{"touser": "ann", "agentid": 1000002, "msgtype": "text", "text": text("a")})
			if err != nil {
				t.Fatal(err)
			}
			if resp, err := c.client.Post(c.url+"/"+send+"?access_token="+c.token, "application/json", bytes.NewReader(body)); err == nil {
				var out struct{ Errcode int }
				if json.NewDecoder(resp.Body).Decode(&out) == nil && resp.StatusCode == http.StatusOK {
					got = out.Errcode
				}
				resp.Body.Close()
			}
			if got != k.code || (len(c.texts("ann")) == 1) != k.done {
				t.Errorf("%+v: code %d, ann sees %q", k.fault, got, c.texts("ann"))
			}
		})
	}
	firmed(t, wecomfake.CorpOptions{}, func(t *testing.T, c *firm) {
		c.login()
		if err := c.fake.Break(fault{Call: "*", Kind: wecomfake.FaultRevoked}); err != nil {
			t.Fatal(err)
		}
		c.send(40014, "ann", "text", text("a"))
		c.code(40001, "gettoken?corpid=wwfakecorp&corpsecret=secret-of-the-fake-app", nil)
		c.code(93000, "webhook/send?key=key-of-the-fake-webhook", fields{})
		c.fake.Mend()
		c.login()
		c.send(0, "ann", "text", text("b"))
		c.sees("ann", "b")
		calls := c.fake.Calls()
		if last := calls[len(calls)-1]; last.Name != send || last.Code != 0 || !strings.Contains(string(last.Body), `"b"`) {
			t.Errorf("the last call is %+v", last)
		}
	})
}

func TestCorpOptions(t *testing.T) {
	for _, o := range []wecomfake.CorpOptions{{EncodingAESKey: "short"}, {TokenBytes: 8}, {TokenCalls: -1}, {AgentID: -1}} {
		if s, err := wecomfake.New(wecomfake.Options{Corp: o}); err == nil {
			s.Close()
			t.Errorf("%+v is taken", o)
		}
	}
}
