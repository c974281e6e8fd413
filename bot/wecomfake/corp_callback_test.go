package wecomfake_test

import (
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"policybot/bot/channel/channeltest"
	"policybot/bot/wecomfake"
	"policybot/bot/wecomfake/envelope"
)

// An inner is what stands in a callback.
type inner struct {
	To       string `xml:"ToUserName"`
	From     string `xml:"FromUserName"`
	At       int64  `xml:"CreateTime"`
	Type     string `xml:"MsgType"`
	Content  string
	MsgID    string `xml:"MsgId"`
	Agent    string `xml:"AgentID"`
	Event    string
	EventKey string
	TaskID   string `xml:"TaskId"`
	CardType string
	Code     string `xml:"ResponseCode"`
	Selected []struct {
		Question string   `xml:"QuestionKey"`
		Options  []string `xml:"OptionIds>OptionId"`
	} `xml:"SelectedItems>SelectedItem"`
	Label  string
	raw    string
	sealed envelope.Sealed
	when   time.Time
	ctx    context.Context // of the request
}

// wait waits until the request ends or so much time is over.
func (in inner) wait(d time.Duration) {
	ctx, quit := context.WithTimeout(in.ctx, d)
	defer quit()
	<-ctx.Done()
}

// An app takes callbacks. answer gives the answer to the attempt of that number, from 0: its status, or what
// it writes; -1 breaks the connection, -2 waits for its end.
type app struct {
	t      testing.TB
	box    *envelope.Box
	answer func(n int, in inner) (int, string)

	mu   sync.Mutex
	seen []inner
}

func (a *app) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	e := envelope.Sealed{Signature: q.Get("msg_signature"), Timestamp: q.Get("timestamp"), Nonce: q.Get("nonce"), Text: q.Get("echostr")}
	if r.Method == http.MethodPost {
		var outer struct {
			ToUserName, AgentID, Encrypt string
		}
		raw, err := io.ReadAll(r.Body)
		if err != nil || xml.Unmarshal(raw, &outer) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		if outer.ToUserName != "wwfakecorp" || outer.AgentID != "1000002" || !strings.Contains(string(raw), "<Encrypt><![CDATA[") {
			a.t.Errorf("the document is %s", raw)
		}
		e.Text = outer.Encrypt
	}
	plain, err := a.box.Open(e.Signature, e.Timestamp, e.Nonce, e.Text)
	if err != nil {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	in := inner{raw: string(plain), sealed: e, when: time.Now(), ctx: r.Context()}
	if r.Method == http.MethodPost && xml.Unmarshal(plain, &in) != nil {
		w.WriteHeader(http.StatusUnprocessableEntity)
		return
	}
	a.mu.Lock()
	n, answer := len(a.seen), a.answer
	a.seen = append(a.seen, in)
	a.mu.Unlock()
	status, body := answer(n, in)
	switch status {
	case -1:
		panic(http.ErrAbortHandler)
	case -2:
		<-r.Context().Done()
		return
	}
	w.WriteHeader(status)
	io.WriteString(w, body)
}

// reply changes the answers from now on.
func (a *app) reply(answer func(n int, in inner) (int, string)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.answer = answer
}

func (a *app) got() []inner {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.seen)
}

func ok(int, inner) (int, string) { return 200, "" }

// calledApp runs a test in a bubble with a fake and an app that it calls back.
func calledApp(t *testing.T, o wecomfake.CorpOptions, answer func(n int, in inner) (int, string), f func(t *testing.T, c *firm, a *app)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		box, err := envelope.New("token-of-the-fake-app", "GFEDCBA9876543210zyxwvutsrqponmlkjihgfedcba", "wwfakecorp")
		if err != nil {
			t.Fatal(err)
		}
		a := &app{t: t, box: box, answer: answer}
		url, client := channeltest.Serve(t, a)
		o.CallbackURL = url + "/wecom/app/callback"
		f(t, newFirm(t, wecomfake.Options{Corp: o, Client: client}), a)
	})
}

func must(t testing.TB) func(name string, err error) string {
	return func(name string, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return name
	}
}

func TestAppCallbacks(t *testing.T) {
	calledApp(t, wecomfake.CorpOptions{}, ok, func(t *testing.T, c *firm, a *app) {
		begin := time.Now().Unix()
		nasty := "申请]]> <a>&amp; \u202e\U0001F44D\n\t'"
		say := must(t)(c.fake.AppSay("Ann", nasty))
		if c.fake.Acked(say) {
			t.Error("acknowledged before it is told")
		}
		synctest.Wait()
		if !c.fake.Acked(say) || len(c.fake.Trouble(say)) != 0 {
			t.Errorf("not acknowledged: %q", c.fake.Trouble(say))
		}
		must(t)(c.fake.AppEnter("Ann"))
		synctest.Wait()
		must(t)(c.fake.AppEvent("Ann", "subscribe"))
		synctest.Wait()
		must(t)(c.fake.AppSend("Ann", "location"))
		synctest.Wait()
		all := a.got()
		first := all[0]
		if first.To != "wwfakecorp" || first.From != "Ann" || first.At != begin || first.Type != "text" || first.Content != nasty || first.Agent != "1000002" {
			t.Errorf("the message is %+v", first)
		}
		if id, err := strconv.ParseInt(first.MsgID, 10, 64); err != nil || id <= 0 {
			t.Errorf("MsgId is %q", first.MsgID)
		}
		if !strings.Contains(first.raw, "<FromUserName><![CDATA[Ann]]></FromUserName><CreateTime>"+fmt.Sprint(begin)) {
			t.Errorf("the document is %s", first.raw)
		}
		for i, want := range []string{"enter_agent", "subscribe"} {
			if e := all[i+1]; e.Type != "event" || e.Event != want || e.MsgID != "" || e.EventKey != "" || strings.Contains(e.raw, "MsgId") {
				t.Errorf("the event is %+v", e)
			}
		}
		if all[3].Type != "location" || all[3].Label != "厦门市" || all[3].MsgID == first.MsgID {
			t.Errorf("the place is %+v", all[3])
		}
		for _, text := range []string{"", " \n", "a\x00", "a\rb", "\xff"} {
			if _, err := c.fake.AppSay("ann", text); err == nil {
				t.Errorf("%q can be said", text)
			}
		}
		for _, kind := range []string{"image", "voice", "video", "link"} {
			must(t)(c.fake.AppSend("ann", kind))
		}
		if _, err := c.fake.AppSend("ann", "smell"); err == nil {
			t.Error("any kind can be sent")
		}
	})
}

func TestNobodyThere(t *testing.T) {
	calledApp(t, wecomfake.CorpOptions{Users: []string{"ann"}}, ok, func(t *testing.T, c *firm, a *app) {
		_, said := c.fake.AppSay("ben", "a")
		_, entered := c.fake.AppEnter("ben")
		if said == nil || entered == nil {
			t.Error("who is no member can use the app")
		}
		must(t)(c.fake.AppSay("ANN", "a"))
		synctest.Wait()
		if all := a.got(); len(all) != 1 || all[0].From != "ANN" {
			t.Errorf("the app was told %+v", all)
		}
		c.fake.SetAppCallback("")
		name := must(t)(c.fake.AppSay("ann", "a"))
		time.Sleep(time.Minute)
		if c.fake.Acked(name) || len(c.fake.Trouble(name)) != 4 {
			t.Errorf("acked %t, trouble %q", c.fake.Acked(name), c.fake.Trouble(name))
		}
	})
}

// TestRetries counts attempts by what the app answers, and looks at when they come and what they hold.
func TestAppRetries(t *testing.T) {
	cases := []struct {
		name     string
		o        wecomfake.CorpOptions
		answer   func(n int, in inner) (int, string)
		attempts int
		acked    bool
		took     time.Duration // until the last attempt
	}{
		{"at once", wecomfake.CorpOptions{}, ok, 1, true, 0},
		{"the word success", wecomfake.CorpOptions{}, func(int, inner) (int, string) { return 200, "success" }, 1, true, 0},
		{"never", wecomfake.CorpOptions{}, func(int, inner) (int, string) { return -2, "" }, 4, false, 15 * time.Second},
		{"the third time", wecomfake.CorpOptions{}, func(n int, _ inner) (int, string) { return []int{-2, -1, 200, 200}[n], "" }, 3, true, 6 * time.Second},
		{"too late", wecomfake.CorpOptions{}, func(_ int, in inner) (int, string) { in.wait(5001 * time.Millisecond); return 200, "" }, 4, false, 15 * time.Second},
		{"in time", wecomfake.CorpOptions{}, func(_ int, in inner) (int, string) { in.wait(4999 * time.Millisecond); return 200, "" }, 1, true, 0},
		{"a defect", wecomfake.CorpOptions{}, func(int, inner) (int, string) { return 500, "" }, 4, false, 3 * time.Second},
		{"a defect, by the other page", wecomfake.CorpOptions{RetryNetworkOnly: true}, func(int, inner) (int, string) { return 503, "" }, 1, false, 0},
		{"broken, by the other page", wecomfake.CorpOptions{RetryNetworkOnly: true}, func(int, inner) (int, string) { return -1, "" }, 4, false, 3 * time.Second},
	}
	for _, k := range cases {
		calledApp(t, k.o, k.answer, func(t *testing.T, c *firm, a *app) {
			begin := time.Now()
			name := must(t)(c.fake.AppSay("ann", "a"))
			time.Sleep(time.Minute)
			all := a.got()
			if len(all) != k.attempts || c.fake.Acked(name) != k.acked {
				t.Fatalf("%s: %d attempts, acked %t, trouble %q", k.name, len(all), c.fake.Acked(name), c.fake.Trouble(name))
			}
			if took := all[len(all)-1].when.Sub(begin); took != k.took {
				t.Errorf("%s: the last attempt came after %s, want %s", k.name, took, k.took)
			}
			for i, in := range all[1:] {
				if in.raw != all[0].raw || in.sealed.Nonce == all[i].sealed.Nonce || in.sealed.Text == all[i].sealed.Text {
					t.Errorf("%s: attempt %d is %+v after %+v", k.name, i+1, in, all[i])
				}
				if at, err := strconv.ParseInt(in.sealed.Timestamp, 10, 64); err != nil || at != in.when.Unix() {
					t.Errorf("%s: the timestamp of attempt %d is %s at %d", k.name, i+1, in.sealed.Timestamp, in.when.Unix())
				}
			}
			if want := k.attempts; !k.acked && len(c.fake.Trouble(name)) != want {
				t.Errorf("%s: trouble %q", k.name, c.fake.Trouble(name))
			}
			if err := c.fake.Redeliver(name); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			if again := a.got(); len(again) != k.attempts+1 || again[k.attempts].raw != all[0].raw {
				t.Errorf("%s: delivered again as %+v", k.name, again[k.attempts:])
			}
		})
	}
}

func TestAppCut(t *testing.T) {
	calledApp(t, wecomfake.CorpOptions{}, ok, func(t *testing.T, c *firm, a *app) {
		c.fake.Cut()
		lost := must(t)(c.fake.AppSay("ann", "a"))
		time.Sleep(time.Second)
		c.fake.Mend()
		time.Sleep(time.Minute)
		if !c.fake.Acked(lost) || len(a.got()) != 1 {
			t.Errorf("after the line was mended: acked %t, %d attempts", c.fake.Acked(lost), len(a.got()))
		}
	})
}

func TestAppCallbackFaults(t *testing.T) {
	calledApp(t, wecomfake.CorpOptions{}, ok, func(t *testing.T, c *firm, a *app) {
		for _, f := range []wecomfake.Fault{{Call: "callback", Kind: wecomfake.FaultLost}, {Call: "callback", Kind: wecomfake.FaultSlow, After: time.Hour}} {
			if err := c.fake.Break(f); err != nil {
				t.Fatal(err)
			}
		}
		begin := time.Now()
		name := must(t)(c.fake.AppSay("ann", "a"))
		time.Sleep(2 * time.Hour)
		all := a.got()
		if len(all) != 2 || !c.fake.Acked(name) || len(c.fake.Trouble(name)) != 1 || all[1].when.Sub(begin) != time.Hour+time.Second {
			t.Errorf("%d attempts, acked %t, trouble %q", len(all), c.fake.Acked(name), c.fake.Trouble(name))
		}
	})
}

func TestAppReplay(t *testing.T) {
	calledApp(t, wecomfake.CorpOptions{}, ok, func(t *testing.T, c *firm, a *app) {
		if _, err := c.fake.AppReplay("gesture-1"); err == nil {
			t.Error("what never was can be replayed")
		}
		name := must(t)(c.fake.AppSay("ann", "a"))
		time.Sleep(time.Minute)
		if status, err := c.fake.AppReplay(name); err != nil || status != 200 {
			t.Fatalf("status %d, %v", status, err)
		}
		if all := a.got(); len(all) != 2 || all[0].sealed != all[1].sealed {
			t.Errorf("replayed as %+v", all)
		}
	})
}

// press sends a card to ann and presses a button.
func press(t *testing.T, c *firm, key string) string {
	t.Helper()
	c.login()
	c.send(0, "ann", "template_card", useful("t1"))
	return must(t)(c.fake.AppPress("ANN", "t1", key, nil))
}

func TestPressedOnce(t *testing.T) {
	busy := func(int, inner) (int, string) { return 503, "" }
	for _, retry := range []bool{false, true} {
		calledApp(t, wecomfake.CorpOptions{RetryCards: retry}, busy, func(t *testing.T, c *firm, a *app) {
			name := press(t, c, "yes")
			time.Sleep(time.Minute)
			want := 1
			if retry {
				want = 4
			}
			if len(a.got()) != want || c.fake.Acked(name) {
				t.Errorf("retry %t: %d attempts", retry, len(a.got()))
			}
		})
	}
}

func TestPresses(t *testing.T) {
	calledApp(t, wecomfake.CorpOptions{}, ok, func(t *testing.T, c *firm, a *app) {
		press(t, c, "no")
		synctest.Wait()
		in := a.got()[0]
		if in.Type != "event" || in.Event != "template_card_event" || in.From != "ANN" || in.EventKey != "no" || in.TaskID != "t1" ||
			in.CardType != "button_interaction" || in.Code == "" || in.MsgID != "" || len(in.Selected) != 0 {
			t.Errorf("the event is %+v", in)
		}
		for _, wrong := range [][3]string{{"ann", "t1", "maybe"}, {"ann", "t1", ""}, {"ben", "t1", "no"}, {"ann", "t2", "no"}, {"ann", "", "no"}} {
			if _, err := c.fake.AppPress(wrong[0], wrong[1], wrong[2], nil); err == nil {
				t.Errorf("%q can be pressed", wrong)
			}
		}
		update := fields{"agentid": 1000002, "response_code": in.Code, "userids": []string{"ann"}, "button": fields{"replace_name": "Done"}}
		c.code(0, "message/update_template_card?access_token="+c.token, update)
		c.code(40058, "message/update_template_card?access_token="+c.token, update)
		if _, err := c.fake.AppPress("ann", "t1", "no", nil); err == nil {
			t.Error("a button can be pressed after it was used")
		}
		vote := fields{
			"card_type": "vote_interaction", "main_title": fields{"title": "What was wrong?"}, "task_id": "t2",
			"checkbox":      fields{"question_key": "why", "mode": 1, "option_list": []fields{{"id": "1", "text": "old"}, {"id": "2", "text": "wrong"}, {"id": "3", "text": "other"}}},
			"submit_button": fields{"text": "Send", "key": "send"},
		}
		c.send(0, "ann", "template_card", vote)
		must(t)(c.fake.AppPress("ann", "t2", "send", map[string][]string{"why": {"1", "3"}}))
		synctest.Wait()
		if last := a.got()[1]; len(last.Selected) != 1 || last.Selected[0].Question != "why" || !slices.Equal(last.Selected[0].Options, []string{"1", "3"}) {
			t.Errorf("chosen is %+v", last.Selected)
		}
		if _, err := c.fake.AppPress("ann", "t2", "send", map[string][]string{"why": {"4"}}); err == nil {
			t.Error("what is no option can be chosen")
		}
		menu := noticeCard()
		menu["task_id"], menu["action_menu"] = "t3", fields{"desc": "more", "action_list": []fields{{"text": "Hide", "key": "hide"}}}
		c.send(0, "ann", "template_card", menu)
		must(t)(c.fake.AppPress("ann", "t3", "hide", nil))
		synctest.Wait()
		if last := a.got()[2]; last.Event != "template_card_menu_event" || last.EventKey != "hide" || last.CardType != "text_notice" {
			t.Errorf("the event is %+v", last)
		}
	})
}

// passive seals an answer to a callback.
func passive(t testing.TB, body string) string {
	box, err := envelope.New("token-of-the-fake-app", "GFEDCBA9876543210zyxwvutsrqponmlkjihgfedcba", "wwfakecorp")
	if err != nil {
		t.Fatal(err)
	}
	text, signature := box.Seal([]byte(body), "1", "n")
	return "<xml><Encrypt>" + text + "</Encrypt><MsgSignature>" + signature + "</MsgSignature><TimeStamp>1</TimeStamp><Nonce>n</Nonce></xml>"
}

func TestAppPassiveReplies(t *testing.T) {
	reply := func(to, kind, more string) string {
		return "<xml><ToUserName>" + to + "</ToUserName><FromUserName>wwfakecorp</FromUserName><CreateTime>1</CreateTime><MsgType>" + kind + "</MsgType>" + more + "</xml>"
	}
	cases := []struct {
		name, answer string
		press        bool
		text, used   string
		trouble      int
	}{
		{"a text", passive(t, reply("ann", "text", "<Content><![CDATA[please wait]]></Content>")), false, "please wait", "", 0},
		{"a long text", passive(t, reply("ann", "text", "<Content>"+strings.Repeat("a", 2049)+"</Content>")), false, strings.Repeat("a", 2048), "", 0},
		{"to another", passive(t, reply("ben", "text", "<Content>x</Content>")), false, "", "", 1},
		{"a picture", passive(t, reply("ann", "image", "<Image><MediaId>1</MediaId></Image>")), false, "", "", 1},
		{"a button", passive(t, reply("ann", "update_button", "<Button><ReplaceName>Done</ReplaceName></Button>")), true, "", "Done", 0},
		{"a button without a card", passive(t, reply("ann", "update_button", "<Button><ReplaceName>Done</ReplaceName></Button>")), false, "", "", 1},
		{"no XML", "thank you", false, "", "", 1},
		{"not sealed", reply("ann", "text", "<Content>x</Content>"), false, "", "", 1},
		{"sealed nonsense", passive(t, "<xml"), false, "", "", 1},
	}
	for _, k := range cases {
		calledApp(t, wecomfake.CorpOptions{}, func(int, inner) (int, string) { return 200, k.answer }, func(t *testing.T, c *firm, _ *app) {
			name, from := "", 0
			if k.press {
				name, from = press(t, c, "yes"), 1
			} else {
				name = must(t)(c.fake.AppSay("ann", "a"))
			}
			synctest.Wait()
			seen := c.fake.AppMessages("ann")
			got, used := "", ""
			if len(seen) > from && seen[from].Passive {
				got = seen[from].Text
			}
			if k.press {
				used = seen[0].Used
			}
			if got != k.text || used != k.used || len(c.fake.Trouble(name)) != k.trouble || !c.fake.Acked(name) {
				t.Errorf("%s: ann sees %.80q and %q, trouble %q", k.name, got, used, c.fake.Trouble(name))
			}
		})
	}
}

func TestAppVerify(t *testing.T) {
	echo := func(_ int, in inner) (int, string) { return 200, in.raw }
	calledApp(t, wecomfake.CorpOptions{}, echo, func(t *testing.T, c *firm, a *app) {
		if err := c.fake.AppVerify(); err != nil {
			t.Error(err)
		}
		a.reply(func(_ int, in inner) (int, string) { return 200, in.raw + "\n" })
		if c.fake.AppVerify() == nil {
			t.Error("an answer with a line feed is taken")
		}
		a.reply(func(_ int, in inner) (int, string) { in.wait(1001 * time.Millisecond); return 200, in.raw })
		if c.fake.AppVerify() == nil {
			t.Error("an answer after more than a second is taken")
		}
		a.reply(func(_ int, in inner) (int, string) { return 403, in.raw })
		if c.fake.AppVerify() == nil {
			t.Error("a refusal is taken")
		}
		a.reply(echo)
		if _, err := c.fake.AppVerifySpoilt(envelope.WrongReceiver, "x"); err == nil {
			t.Error("an app that checks the receiver took another's")
		}
	})
}

// TestGarbage sends what is wrong to an app that looks at all but the time.
func TestAppGarbage(t *testing.T) {
	calledApp(t, wecomfake.CorpOptions{}, ok, func(t *testing.T, c *firm, a *app) {
		good := []byte("<xml><FromUserName>ann</FromUserName><MsgType>text</MsgType></xml>")
		for _, way := range append(envelope.Ways(), "") {
			status, err := c.fake.AppPost(way, good)
			if err != nil {
				t.Fatal(err)
			}
			timely := slices.Contains([]envelope.Way{"", envelope.OldTimestamp, envelope.EarlyTimestamp, envelope.OddTimestamp}, way)
			if (status == 200) != timely {
				t.Errorf("%s: status %d", way, status)
			}
		}
		if status, err := c.fake.AppPost("", []byte("<xml")); err != nil || status != 422 {
			t.Errorf("half a document: %d, %v", status, err)
		}
		if status, err := c.fake.AppPostOuter([]byte("{}")); err != nil || status != 400 {
			t.Errorf("no document: %d, %v", status, err)
		}
		if _, err := c.fake.AppPost("gently", good); err == nil {
			t.Error("an unknown way is taken")
		}
		a.reply(func(int, inner) (int, string) { return -1, "" })
		if status, err := c.fake.AppPost("", good); err == nil || status != 0 {
			t.Errorf("a broken connection: %d, %v", status, err)
		}
	})
}

// TestClose ends a callback that waits.
func TestCloseDuringCallback(t *testing.T) {
	calledApp(t, wecomfake.CorpOptions{}, func(int, inner) (int, string) { return -2, "" }, func(t *testing.T, c *firm, a *app) {
		must(t)(c.fake.AppSay("ann", "a"))
		synctest.Wait()
		begin := time.Now()
		c.fake.Close()
		if took := time.Since(begin); took != 0 || len(a.got()) != 1 {
			t.Errorf("closing took %s, %d attempts", took, len(a.got()))
		}
		if err := c.fake.Wait(context.Background(), func() bool { return false }); err == nil {
			t.Error("waiting for a closed server ends well")
		}
	})
}
