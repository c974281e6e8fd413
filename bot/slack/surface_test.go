package slack_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"policybot/bot/channel"
	"policybot/bot/slack"
	"policybot/bot/slack/act"
	"policybot/bot/slack/views"
	"policybot/bot/slackfake"
	"policybot/bot/slackfake/blockkit"
)

// A fakeOffice is what the surfaces are made of, with what they asked for.
type fakeOffice struct {
	mu    sync.Mutex
	lang  string
	fails error         // of every function
	slow  time.Duration // of every function
	asked []string
}

func (o *fakeOffice) called(ctx context.Context, what ...string) error {
	o.mu.Lock()
	o.asked = append(o.asked, strings.Join(what, " "))
	slow, err := o.slow, o.fails
	o.mu.Unlock()
	if e := rest(ctx, slow); e != nil {
		return e
	}
	return err
}

func (o *fakeOffice) was(what string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Contains(o.asked, what)
}

func (o *fakeOffice) office() slack.Office {
	return slack.Office{
		Lang: func(context.Context, channel.Actor) string { o.mu.Lock(); defer o.mu.Unlock(); return o.lang },
		SetLang: func(ctx context.Context, who channel.Actor, lang string) error {
			return o.called(ctx, "lang", who.ID, lang)
		},
		Home: func(ctx context.Context, who channel.Actor, lang string) (views.HomeData, error) {
			return views.HomeData{Documents: []views.Document{{Title: "扶持办法"}}, Examples: []string{"有什么补贴？"}}, o.called(ctx, "home", who.ID)
		},
		Forget: func(ctx context.Context, who channel.Actor) error { return o.called(ctx, "forget", who.ID) },
		Clause: func(ctx context.Context, id, quote, _ string) (views.ClauseData, error) {
			return views.ClauseData{Title: "办法 " + id, Text: "第一条 奖励100万元。", After: &views.Neighbour{Path: "二", Text: "第二条", ID: "next"}}, o.called(ctx, "clause", id, quote)
		},
		Search: func(ctx context.Context, query, _ string) ([]views.Hit, error) {
			return []views.Hit{{Title: "办法", Path: "一", Text: "奖励100万元", ClauseID: "c.1"}}, o.called(ctx, "search", query)
		},
		Fields: func(ctx context.Context, _ string) ([]views.Field, string, error) {
			return []views.Field{{Key: "listed", Ask: "上市了吗？", Kind: views.YesNo}, {Key: "staff", Ask: "人数？", Kind: views.Number, Unit: "人"}}, "能拿什么？", o.called(ctx, "fields")
		},
		Draft: func(ctx context.Context, text, _ string) (views.DraftData, error) {
			return views.DraftData{Text: "答复草稿"}, o.called(ctx, "draft", text)
		},
		Case: func(ctx context.Context, token string, _ channel.Actor) (views.CaseData, string, error) {
			return views.CaseData{ID: "c-1", Asked: "补贴？", Draft: "草稿"}, "", o.called(ctx, "case", token)
		},
		Respond: func(ctx context.Context, token string, _ channel.Actor, text string) ([]string, error) {
			var problems []string
			if strings.Contains(text, "保证") {
				problems = []string{"不能保证"}
			}
			return problems, o.called(ctx, "respond", token, text)
		},
	}
}

// atOffice runs do with a channel that has an office, and checks all views that were shown meanwhile.
func atOffice(t *testing.T, overHTTP bool, o *fakeOffice, do func(*world)) {
	t.Helper()
	change := func(so *slack.Options) {
		if o != nil {
			so.Office = o.office()
		}
	}
	in(t, overHTTP, slackfake.Options{Events: append(alone, "app_home_opened", "assistant_thread_started")}, change, func(w *world) {
		do(w)
		for _, c := range w.calls("views.") {
			if err := blockkit.CheckView(json.RawMessage(c.Args["view"])); err != nil || !c.OK {
				w.bubble.Errorf("%s: %v, %s", c.Method, err, c.Error)
			}
		}
	})
}

// top is the modal that U1 has on top.
func (w *world) top() slackfake.View {
	w.bubble.Helper()
	w.settle()
	all := w.Views("U1")
	if len(all) == 0 {
		w.bubble.Fatal("no modal is open")
	}
	return all[len(all)-1]
}

// controls posts a message with a button for every action, as an answer may have them, and gives its ts.
func (w *world) controls() (thread, ts string) {
	w.bubble.Helper()
	e := w.ask()
	var elements []string
	for _, id := range []string{act.RateGood, act.RateBad, act.Person, act.Reply + "1", act.Case, act.Clause + "1", act.Link + "1", act.Rate} {
		value := "token-" + id
		if id == act.Clause+"1" {
			value = "doc.1?quote=1-5"
		}
		b, _ := json.Marshal(map[string]any{"type": "button", "action_id": id, "value": value, "text": map[string]string{"type": "plain_text", "text": "x"}}) // of texts
		elements = append(elements, string(b))
	}
	form := url.Values{
		"token": {botToken}, "channel": {"C1"}, "thread_ts": {e.Place.Thread}, "text": {"x"}, "blocks": {`[{"type":"actions","elements":[` + strings.Join(elements, ",") + `]}]`},
	}
	resp, err := w.client.PostForm(w.api+"/api/chat.postMessage", form)
	if err != nil {
		w.bubble.Fatal(err)
	}
	resp.Body.Close()
	all := own(w.Messages("C1", e.Place.Thread))
	w.events()
	return e.Place.Thread, all[len(all)-1].TS
}

// use presses a control of that message.
func (w *world) use(ts, id, value string) string {
	w.bubble.Helper()
	g, err := w.Press(slackfake.Press{User: "U1", Channel: "C1", TS: ts, Action: id, Value: value})
	if err != nil {
		w.bubble.Fatal(err)
	}
	w.settle()
	if after, ok := w.platform.Server.Acked(g); !ok || after > 3*time.Second {
		w.bubble.Errorf("%s was acknowledged %v after %s", id, ok, after)
	}
	return g
}

// wantView wants a modal with a text on top.
func (w *world) wantView(callback, text string) slackfake.View {
	w.bubble.Helper()
	v := w.top()
	if shown := blockkit.Read(v.Blocks); v.CallbackID != callback || !strings.Contains(v.Title+shown.Text+initials(shown), text) {
		w.bubble.Errorf("modal %q says %q %q, want %q in %q", v.CallbackID, v.Title, shown.Text, text, callback)
	}
	return v
}

func initials(s blockkit.Shown) string {
	out := ""
	for _, i := range s.Inputs {
		out += i.Initial
	}
	return out
}

// toldU1 is the last thing that only U1 sees.
func (w *world) toldU1() string {
	w.settle()
	out := ""
	for _, m := range w.All("") {
		if m.Ephemeral == "U1" {
			out = m.Text + blockkit.Read(m.Blocks).Text
		}
	}
	return out
}

var unavailable = map[string]string{"zh": "无法显示", "en": "not available"}

// TestButtons presses every control of an answer.
func TestButtons(t *testing.T) {
	both(t, func(t *testing.T, overHTTP bool) {
		for _, lang := range []string{"zh", "en"} {
			o := &fakeOffice{lang: lang, slow: time.Second}
			atOffice(t, overHTTP, o, func(w *world) {
				thread, ts := w.controls()
				for _, id := range []string{act.RateGood, act.Person, act.Reply + "1", act.Rate} {
					w.use(ts, id, "")
					if e := w.one(); e.Kind != channel.Pressed || e.Token != "token-"+id || e.Feedback != nil || e.Place != (channel.Place{ID: "C1", Thread: thread, Group: true}) || e.Actor.ID != "U1" {
						w.bubble.Errorf("%s: %+v", id, e)
					}
				}
				w.use(ts, act.RateBad, "")
				if e := w.one(); e.Token != "token-"+act.RateBad {
					w.bubble.Errorf("%+v", e)
				}
				v := w.wantView(act.ViewFeedback, "")
				if _, err := w.Submit("U1", v.ID, map[string]string{"pb_value": "wrong"}); err != nil {
					w.bubble.Fatal(err)
				}
				if e := w.one(); e.Kind != channel.Pressed || e.Token != "token-"+act.RateBad || e.Feedback == nil || len(w.Views("U1")) > 0 {
					w.bubble.Errorf("%+v", e)
				}
				w.use(ts, act.Clause+"1", "")
				time.Sleep(time.Second)
				v = w.wantView(act.ViewClause, "办法 doc.1")
				if !o.was("clause doc.1 1-5") {
					w.bubble.Errorf("%q", o.asked)
				}
				if _, err := w.Press(slackfake.Press{User: "U1", View: v.ID, Action: act.Clause + "2", Value: "next"}); err != nil {
					w.bubble.Fatal(err)
				}
				time.Sleep(time.Second)
				if after := w.wantView(act.ViewClause, "办法 next"); after.ID != v.ID {
					w.bubble.Error("the next clause opened a modal of its own")
				}
				w.use(ts, act.Case, "")
				time.Sleep(time.Second)
				w.respond(o, lang)
				w.use(ts, act.Link+"1", "")
				w.none()
			})
		}
	})
}

// respond sends replies to the case that is open.
func (w *world) respond(o *fakeOffice, lang string) {
	w.bubble.Helper()
	v := w.wantView(act.ViewCase, "草稿")
	send := func(text string) slackfake.View {
		g, err := w.Submit("U1", v.ID, map[string]string{"pb_value": text})
		if err != nil {
			w.bubble.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		if trouble := w.Trouble(g); trouble != "" {
			w.bubble.Errorf("submit: %s", trouble)
		}
		return w.top()
	}
	if v := send("我们保证"); !strings.Contains(strings.Join(mapValues(v.Errors), ""), "不能保证") {
		w.bubble.Errorf("errors %v", v.Errors)
	}
	o.mu.Lock()
	o.fails = errors.New("dial tcp 10.0.0.1: refused")
	o.mu.Unlock()
	if v := send("可以申请"); len(v.Errors) == 0 || strings.Contains(strings.Join(mapValues(v.Errors), ""), "tcp") {
		w.bubble.Errorf("errors %v, want a polite one", v.Errors)
	}
	o.mu.Lock()
	o.fails = nil
	o.mu.Unlock()
	want := map[string]string{"zh": "已发送", "en": "Sent"}[lang]
	if v := send("可以申请"); v.Title != want || !o.was("respond token-"+act.Case+" 可以申请") {
		w.bubble.Errorf("%q, asked %q", v.Title, o.asked)
	}
}

func mapValues(m map[string]string) []string {
	var out []string
	for _, v := range m {
		out = append(out, v)
	}
	return out
}

// TestCommands uses every part of the slash command, in both languages.
func TestCommands(t *testing.T) {
	questions := map[string]string{"补贴？": "补贴？", "ask 补贴？": "补贴？", "问 补贴？": "补贴？", "What is there?": "What is there?", "  ask   a  b ": "a  b", "helping hands": "helping hands"}
	shown := map[string][2]string{ // zh, en
		"": {"/policy", "/policy"}, "help": {"/policy", "/policy"}, "帮助": {"/policy", "/policy"}, "search 补贴": {"奖励100万元", "奖励100万元"}, "查 补贴": {"奖励100万元", "奖励100万元"},
		"search": {"要找的词", "what to look for"}, "lang en": {"in English", "in English"}, "语言 中文": {"用中文", "用中文"}, "lang fr": {"lang zh", "lang zh"}, "forget": {"已清除", "is forgotten"},
	}
	both(t, func(t *testing.T, overHTTP bool) {
		for i, lang := range []string{"zh", "en"} {
			o := &fakeOffice{lang: lang}
			atOffice(t, overHTTP, o, func(w *world) {
				command := func(text string) string {
					g := w.Command(slackfake.Command{User: "U1", Channel: "C1", Name: act.Command, Text: text})
					w.settle()
					if trouble := w.Trouble(g); trouble != "" {
						w.bubble.Errorf("%q: %s", text, trouble)
					}
					return w.toldU1()
				}
				for text, want := range questions {
					command(text)
					if e := w.one(); e.Text != want || e.Kind != channel.Question || e.Place != (channel.Place{ID: "D1"}) {
						w.bubble.Errorf("%q: %+v", text, e)
					}
				}
				for text, want := range shown {
					if got := command(text); !strings.Contains(got, want[i]) {
						w.bubble.Errorf("%q shows %q", text, got)
					}
					w.none()
				}
				for _, want := range []string{"search 补贴", "lang U1 en", "lang U1 zh", "forget U1"} {
					if !o.was(want) {
						w.bubble.Errorf("nobody asked for %q: %q", want, o.asked)
					}
				}
				command("ask")
				w.asksIn(w.wantView(act.ViewAsk, ""))
				command("资格")
				v := w.wantView(act.ViewProfile, "能拿什么？")
				if _, err := w.Submit("U1", v.ID, map[string]string{"pb_yesno": "yes"}); err != nil {
					w.bubble.Fatal(err)
				}
				if e := w.one(); e.Kind != channel.Question || !strings.Contains(string(e.Profile), `"listed":true`) || e.Text != "能拿什么？" || e.Place.ID != "D1" {
					w.bubble.Errorf("%+v %s", e, e.Profile)
				}
			})
		}
	})
}

// asksIn sends the form of a question, first with nothing in it.
func (w *world) asksIn(v slackfake.View) {
	w.bubble.Helper()
	field := blockkit.Read(v.Blocks).Inputs[0].ActionID
	if _, err := w.Submit("U1", v.ID, map[string]string{field: "   "}); err != nil {
		w.bubble.Fatal(err)
	}
	if w.none(); len(w.top().Errors) == 0 {
		w.bubble.Error("an empty question was taken")
	}
	if _, err := w.Submit("U1", v.ID, map[string]string{field: "有什么补贴？"}); err != nil {
		w.bubble.Fatal(err)
	}
	if e := w.one(); e.Text != "有什么补贴？" || e.Place.ID != "D1" || len(w.Views("U1")) > 0 {
		w.bubble.Errorf("%+v", e)
	}
}

// TestShortcuts uses the shortcuts.
func TestShortcuts(t *testing.T) {
	both(t, func(t *testing.T, overHTTP bool) {
		o := &fakeOffice{lang: "zh", slow: 4 * time.Second}
		atOffice(t, overHTTP, o, func(w *world) {
			w.Shortcut("U1", act.ShortcutAsk)
			w.asksIn(w.wantView(act.ViewAsk, ""))
			_, ts := w.say(slackfake.Said{User: "U2", Channel: "C1", Text: "公司 &lt;甲&gt; 能拿什么？"})
			if _, err := w.MessageShortcut("U1", "C1", ts, act.ShortcutAskAbout); err != nil {
				w.bubble.Fatal(err)
			}
			w.wantView(act.ViewAsk, "公司 <甲> 能拿什么？")
			if _, err := w.MessageShortcut("U1", "C1", ts, act.ShortcutDraft); err != nil {
				w.bubble.Fatal(err)
			}
			waiting := w.wantView("", "正在起草")
			time.Sleep(5 * time.Second)
			if v := w.wantView(act.ViewDraft, "答复草稿"); v.ID != waiting.ID {
				w.bubble.Error("the draft is in another modal")
			}
			w.Shortcut("U1", "pb_unknown")
			w.none()
		})
	})
}

// TestHome opens the home tab and uses what is there, and the tab of messages.
func TestHome(t *testing.T) {
	both(t, func(t *testing.T, overHTTP bool) {
		o := &fakeOffice{lang: "zh"}
		atOffice(t, overHTTP, o, func(w *world) {
			w.OpenHome("U1", "home")
			w.settle()
			home, ok := w.Home("U1")
			if !ok || !strings.Contains(blockkit.Read(home.Blocks).Text, "扶持办法") {
				w.bubble.Fatalf("%v %+v", ok, home)
			}
			for _, b := range blockkit.Read(home.Blocks).Buttons {
				if b.URL != "" {
					continue
				}
				if _, err := w.Press(slackfake.Press{User: "U1", View: home.ID, Action: b.ActionID, Value: b.Value}); err != nil {
					w.bubble.Fatal(err)
				}
				w.settle()
				if home, ok = w.Home("U1"); !ok {
					w.bubble.Fatal("the home tab is gone")
				}
				switch b.ActionID {
				case act.HomeAsk:
					w.wantView(act.ViewAsk, b.Value)
				case act.HomeProfile:
					w.wantView(act.ViewProfile, "能拿什么？")
				case act.HomeForget:
					if !o.was("forget U1") {
						w.bubble.Error("nothing was forgotten")
					}
				default:
					w.bubble.Errorf("what does %s do?", b.ActionID)
				}
			}
			w.none()
			w.OpenHome("U1", "messages")
			w.settle()
			if prompts := w.Thread("D1", "").Prompts; len(prompts) == 0 || len(prompts) > 4 {
				w.bubble.Errorf("%+v", prompts)
			}
		})
	})
}

// TestNoOffice: where there is nothing to show, or it fails, people are told so politely, and nothing breaks.
func TestNoOffice(t *testing.T) {
	for name, o := range map[string]*fakeOffice{"none": nil, "zh": {lang: "zh", fails: errors.New("dial tcp 10.0.0.1: refused")}, "en": {lang: "en", fails: errors.New("dial tcp 10.0.0.1: refused")}} {
		t.Run(name, func(t *testing.T) {
			lang := "zh"
			if name == "en" {
				lang = name
			}
			atOffice(t, true, o, func(w *world) {
				_, ts := w.controls()
				for _, id := range []string{act.Clause + "1", act.Case} {
					w.use(ts, id, "")
					w.wantView("", unavailable[lang])
				}
				if _, err := w.MessageShortcut("U1", "C1", ts, act.ShortcutDraft); err != nil {
					w.bubble.Fatal(err)
				}
				w.wantView("", unavailable[lang])
				for text, want := range map[string][2]string{"search x": {"无法检索", "not available"}, "lang en": {"无法保存", "not be kept"}, "forget": {"无法清除", "not be forgotten"}} {
					w.Command(slackfake.Command{User: "U1", Channel: "C1", Name: act.Command, Text: text})
					if got := w.toldU1(); !strings.Contains(got, want[map[string]int{"zh": 0, "en": 1}[lang]]) || strings.Contains(got, "tcp") {
						w.bubble.Errorf("%q shows %q", text, got)
					}
				}
				w.Command(slackfake.Command{User: "U1", Channel: "C1", Name: act.Command, Text: "eligibility"})
				w.wantView("", unavailable[lang])
				w.OpenHome("U1", "home")
				w.none()
				for _, c := range w.calls("views.") {
					if strings.Contains(c.Args["view"], "tcp") {
						w.bubble.Errorf("people see %.300s", c.Args["view"])
					}
				}
			})
		})
	}
}

// TestOddInteractions: values that are none of ours do no harm.
func TestOddInteractions(t *testing.T) {
	bodies := []string{
		`{"type":"block_actions","user":{"id":"U1"},"actions":[{"action_id":"somebody_elses","value":"x"}]}`,
		`{"type":"block_actions","user":{"id":"U1"},"actions":[]}`,
		`{"type":"block_actions","user":{"id":"U1"},"actions":[{"action_id":"pb_clause_x","value":"x"}]}`,
		`{"type":"block_actions","user":{"id":"U1"},"actions":[{"action_id":"pb_reply_1","value":""}],"container":{"channel_id":"C1","message_ts":"1.000001"}}`,
		`{"type":"view_submission","user":{"id":"U1"},"view":{"id":"V1","callback_id":"unknown"}}`,
		`{"type":"view_submission","user":{"id":"U1"},"view":{"id":"V1","callback_id":"pb_view_draft","state":{"values":{}}}}`,
		`{"type":"view_closed","user":{"id":"U1"},"view":{"id":"V1","callback_id":"pb_view_ask"}}`,
		`{"type":"block_suggestion","user":{"id":"U1"}}`, `{"type":"message_action","callback_id":"unknown","user":{"id":"U1"}}`, `{"type":"from_the_future","user":{"id":"U1"}}`,
	}
	in(t, true, slackfake.Options{}, func(o *slack.Options) { o.Office = (&fakeOffice{lang: "xx"}).office() }, func(w *world) {
		for _, body := range bodies {
			form := url.Values{"payload": {body}}.Encode()
			status, _, err := w.Post(w.bubble.Context(), "/slack/interactions", "application/x-www-form-urlencoded", []byte(form), "")
			if err != nil || status != http.StatusOK {
				w.bubble.Errorf("%s: status %d, %v", body, status, err)
			}
		}
		w.none()
	})
}

// TestCommandKept: a question of the slash command is never told again, so that a Slack that does not answer must not
// keep it from being stored.
func TestCommandKept(t *testing.T) {
	both(t, func(t *testing.T, overHTTP bool) {
		for _, place := range []string{"C1", "D1"} {
			in(t, overHTTP, slackfake.Options{}, nil, func(w *world) {
				w.broken(slackfake.Fault{Method: "conversations.open", Kind: slackfake.FaultHang, Times: 2})
				w.Command(slackfake.Command{User: "U1", Channel: place, Name: act.Command, Text: "补贴？"})
				time.Sleep(3 * time.Second)
				e := w.one()
				w.deliver(e, short, channel.Delivery{Key: "d-1"})
				if err := whole(own(w.All("D1")), short, "d-1"); err != nil {
					w.bubble.Error(err)
				}
			})
		}
	})
}
