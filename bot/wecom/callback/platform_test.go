package callback_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"policybot/bot/channel"
	"policybot/bot/channel/channeltest"
	"policybot/bot/wecom/callback"
	"policybot/bot/wecom/render"
	"policybot/bot/wecomfake"
	"policybot/bot/wecomfake/envelope"
	"policybot/bot/wecomfake/judge"
)

const (
	token   = "token-of-the-test"
	aesKey  = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
	botName = "Policy Bot"
	pages   = "https://policy.example"
)

// A platform plays the fake for the suite: people, and what they see. It is no channeltest.Line: there is no connection that
// could be lost, and who is not called cannot tell why.
type platform struct {
	fake   *wecomfake.Server
	t      testing.TB
	url    string
	client *http.Client
	late   *lateApp // nil: there is none
	taking atomic.Pointer[callback.Channel]
	door   atomic.Pointer[http.Handler] // where callbacks go in the place of that; nil: nowhere else
}

var (
	_ channeltest.Platform = (*platform)(nil)
	_ channeltest.Repeater = (*platform)(nil)
	_ channeltest.Breaker  = polled{}
	_ channeltest.Breaker  = unpolled{}
	_ channeltest.Garbler  = (*platform)(nil)
)

func newPlatform(t testing.TB, o wecomfake.Options) *platform {
	t.Helper()
	p := &platform{t: t}
	bot, toBot := channeltest.Serve(t, http.HandlerFunc(p.deliver))
	p.url, p.client = channeltest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.fake.ServeHTTP(w, r) }))
	o.URL = p.url
	o.Bot.Name, o.Bot.Token, o.Bot.EncodingAESKey, o.Bot.CallbackURL = botName, token, aesKey, bot+callback.Path
	o.Client = toBot
	fake, err := wecomfake.New(o)
	if err != nil {
		t.Fatal(err)
	}
	p.fake = fake
	t.Cleanup(fake.Close)
	return p
}

// deliver gives a callback to the channel that was connected last.
func (p *platform) deliver(w http.ResponseWriter, r *http.Request) {
	if h := p.door.Load(); h != nil {
		(*h).ServeHTTP(w, r)
		return
	}
	if c := p.taking.Load(); c != nil {
		c.Handler().ServeHTTP(w, r)
		return
	}
	http.Error(w, "no bot", http.StatusBadGateway)
}

// Can implements channeltest.Platform. What was shown cannot be looked up, so that a fresh channel does not know of it.
func (p *platform) Can() channeltest.Can {
	return channeltest.Can{
		Kinds: []channel.Kind{channel.Question, channel.Pressed, channel.Rated},
		Acks:  channeltest.AckStored, Places: true, Groups: true, People: true, Folds: true, Pings: true, Unrates: true,
		Late: true, Untimed: true, Secrets: []string{token, aesKey}, Helpers: []string{"wecomfake.(*", "channeltest.(*listener)"},
	}
}

func (p *platform) options() callback.Options {
	o := callback.Options{Token: token, Key: aesKey, Name: botName, Pages: pages, Client: p.client, Quiet: true}
	if p.late != nil {
		o.Late = p.late.deliver
	}
	return o
}

// Connect implements channeltest.Platform.
func (p *platform) Connect() (channel.Channel, error) { return p.connect() }

func (p *platform) connect() (*callback.Channel, error) {
	c, err := callback.New(p.options())
	if err != nil {
		return nil, err
	}
	p.taking.Store(c)
	return c, nil
}

// chat is the chat of a place: a group, or "" for the talk with one person.
func chat(p channel.Place) string {
	if p.Group {
		return p.ID
	}
	return ""
}

// Do implements channeltest.Platform.
func (p *platform) Do(g channeltest.Gesture) (string, error) {
	switch g.Kind {
	case channel.Question:
		return p.fake.Say(wecomfake.Say{User: g.By.ID, Chat: chat(g.Place), Text: strings.ToValidUTF8(g.Text, "\ufffd")})
	case channel.Pressed:
		return p.press(g)
	case channel.Rated:
		r := wecomfake.Rating{Type: wecomfake.RatedBad, Text: g.Feedback.Text}
		switch {
		case g.Feedback.Withdrawn:
			r.Type = wecomfake.RatedWithdraw
		case g.Feedback.Good:
			r.Type = wecomfake.RatedGood
		default:
			r.Reasons = []int{1 + slices.Index([]string{"irrelevant", "incomplete", "wrong"}, g.Feedback.Reason)}
		}
		return p.fake.Rate(g.By.ID, g.Feedback.Answer, r)
	}
	return "", channeltest.ErrCannot
}

// press presses the button with a token.
func (p *platform) press(g channeltest.Gesture) (string, error) {
	for _, place := range []string{g.Place.ID, g.By.ID} {
		for _, m := range p.fake.Messages(place) {
			if slices.ContainsFunc(judge.ReadCard(m.Card).Buttons, func(b judge.Button) bool { return b.Key == g.Token }) {
				return p.fake.Press(g.By.ID, m.ID, g.Token, nil)
			}
		}
	}
	return "", fmt.Errorf("no button with the token %q is on screen", g.Token)
}

// Acked implements channeltest.Platform.
func (p *platform) Acked(gesture string) bool { return p.fake.Acked(gesture) }

// Redeliver implements channeltest.Repeater.
func (p *platform) Redeliver(gesture string) error { return p.fake.Redeliver(gesture) }

// Screen implements channeltest.Platform. People see what WeCom has asked for, so one more turn is waited for.
func (p *platform) Screen(place channel.Place) channeltest.Screen {
	time.Sleep(2500 * time.Millisecond)
	return p.screen(place)
}

func (p *platform) screen(place channel.Place) channeltest.Screen {
	var out channeltest.Screen
	for _, m := range p.fake.Messages(place.ID) {
		switch {
		case m.User != "" || m.Finished && own(m.Text):
		case m.Finished:
			out.Messages = append(out.Messages, read(m))
		case status(m.Text):
			out.Progress = m.Text
		default:
			out.Snapshot += judge.Read(judge.Bot, m.Text).Text
		}
	}
	return out
}

// own reports whether a text is a sentence of the channel's, and no document.
func own(text string) bool {
	return slices.Contains(callback.Sentences(), text) || text == render.Stopped("zh") || text == render.Stopped("en")
}

// status reports whether a text says how the work goes on, and is no part of a document.
func status(text string) bool {
	for _, lang := range []string{"zh", "en", ""} {
		for _, step := range []string{"", "queued", "working", "searching"} {
			if text == render.Progress(step, lang, render.Bot) || text == callback.Working(lang) || own(text) {
				return true
			}
		}
	}
	return false
}

// read is a message as people see it.
func read(m wecomfake.Message) channeltest.Message {
	shown := judge.Read(judge.Bot, m.Text)
	out := channeltest.Message{Pings: len(shown.Mentions)}
	var lines []string
	for line := range strings.SplitSeq(shown.Text, "\n") {
		if label := render.ParseLabel(line); label != "" {
			out.Label = label
			continue
		}
		lines = append(lines, line)
	}
	out.Text = strings.TrimRight(strings.Join(lines, "\n"), "\n")
	for _, lang := range []string{"zh", "en"} {
		if text, cut := strings.CutSuffix(strings.TrimSpace(out.Text), judge.Read(judge.Bot, callback.Rest(lang, pages)).Text); cut {
			out.Text, out.Cut = text, true
		}
	}
	card := judge.ReadCard(m.Card)
	for _, b := range card.Buttons {
		out.Buttons = append(out.Buttons, channeltest.Button{Label: b.Text, Value: b.Key})
	}
	out.Sources = slices.Concat(lines, []string{card.Text})
	return out
}

// A polled platform asks for streams, and may lose the answer or come late.
type polled struct{ *platform }

// Faults implements channeltest.Breaker.
func (polled) Faults() []channeltest.FaultKind {
	return []channeltest.FaultKind{channeltest.FaultLost, channeltest.FaultSlow}
}

// Break implements channeltest.Breaker. What shows a snapshot and what ends a reply is one question.
func (b polled) Break(f channeltest.Fault) {
	b.must(wecomfake.Fault{Call: "poll", Kind: string(f.Kind), After: min(f.After, 4*time.Second), Times: f.Times})
}

// An unpolled platform never asks for streams: documents go to the response_url, and calls of that fail. The streams that
// hang there are not what it is about.
type unpolled struct{ *platform }

// Screen implements channeltest.Platform.
func (p unpolled) Screen(place channel.Place) channeltest.Screen {
	out := p.screen(place)
	out.Progress, out.Snapshot = "", ""
	return out
}

// Faults implements channeltest.Breaker.
func (unpolled) Faults() []channeltest.FaultKind {
	return []channeltest.FaultKind{
		channeltest.FaultWait, channeltest.FaultGone, channeltest.FaultHang, channeltest.FaultLost, channeltest.FaultBroken,
		channeltest.FaultNoise, channeltest.FaultSlow,
	}
}

// Break implements channeltest.Breaker.
func (b unpolled) Break(f channeltest.Fault) {
	b.must(wecomfake.Fault{Call: "response", Kind: string(f.Kind), After: f.After, Times: f.Times})
}

func (p *platform) must(f wecomfake.Fault) {
	if err := p.fake.Break(f); err != nil {
		p.t.Error(err)
	}
}

// garbage is what no channel should take, sealed as WeCom does.
var garbage = map[string]string{
	"no JSON":              "hello",
	"half of a message":    `{"msgid":"m1","msgtype":"text","from":{"userid":"u"`,
	"a list":               `[{"msgid":"m1"}]`,
	"nothing":              ``,
	"no person":            `{"msgid":"m1","chattype":"single","msgtype":"text","text":{"content":"hello"}}`,
	"no id":                `{"from":{"userid":"u"},"chattype":"single","msgtype":"text","text":{"content":"hello"}}`,
	"no type":              `{"msgid":"m1","from":{"userid":"u"},"text":{"content":"hello"}}`,
	"a number for a text":  `{"msgid":"m1","from":{"userid":"u"},"msgtype":"text","text":{"content":17}}`,
	"a button without key": `{"msgid":"m1","from":{"userid":"u"},"msgtype":"event","event":{"eventtype":"template_card_event"}}`,
	"feedback on nothing":  `{"msgid":"m1","from":{"userid":"u"},"msgtype":"event","event":{"eventtype":"feedback_event"}}`,
	"a stream without id":  `{"msgid":"m1","from":{"userid":"u"},"msgtype":"stream","stream":{}}`,
	"a deep nest":          strings.Repeat("[", 1<<20),
	"five million bytes":   `{"msgid":"m1","msgtype":"text","text":{"content":"` + strings.Repeat("x", 5<<20) + `"}}`,
}

// bare is what no channel should take, as the body of a request without a seal.
var bare = map[string]string{
	"an open message":     `{"msgid":"m1","from":{"userid":"u"},"msgtype":"text","text":{"content":"hello"}}`,
	"an empty body":       ``,
	"a body that is none": `<xml><Encrypt>x</Encrypt></xml>`,
	"an empty envelope":   `{"encrypt":""}`,
	"another envelope":    `{"encrypt":17}`,
}

// Garbage implements channeltest.Garbler.
func (*platform) Garbage() []string {
	var out []string
	for _, way := range envelope.Ways() {
		out = append(out, string(way))
	}
	for _, all := range []map[string]string{garbage, bare} {
		for name := range all {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// Garble implements channeltest.Garbler.
func (p *platform) Garble(name string) (bool, error) {
	ctx := context.Background()
	if way := envelope.Way(name); slices.Contains(envelope.Ways(), way) {
		status, err := p.fake.Spoil(ctx, way, "ann", "hello")
		return status >= 400 && status < 500, err
	}
	if body, ok := bare[name]; ok {
		status, _, err := p.fake.Raw(ctx, http.MethodPost, nil, []byte(body))
		return status >= 400 && status < 500, err
	}
	text, ok := garbage[name]
	if !ok {
		return false, errors.New("no garbage is called " + name)
	}
	r, body := p.seal(text)
	status, _, err := p.fake.Raw(ctx, http.MethodPost, r, body)
	return status >= 400 && status < 500 || err != nil, nil // or the connection was closed on it
}

// seal is what WeCom sends with a text in it.
func (p *platform) seal(text string) (query map[string][]string, body []byte) {
	box, err := envelope.New(token, aesKey, "")
	if err != nil {
		p.t.Fatal(err)
	}
	at, nonce := fmt.Sprint(time.Now().Unix()), "1234567890"
	sealed, signature := box.Seal([]byte(text), at, nonce)
	body, err = json.Marshal(map[string]string{"encrypt": sealed})
	if err != nil {
		p.t.Fatal(err)
	}
	return map[string][]string{"msg_signature": {signature}, "timestamp": {at}, "nonce": {nonce}}, body
}

// A lateApp stands for the self-built app.
type lateApp struct {
	got []channel.Doc
	to  []string
	err error
}

func (l *lateApp) deliver(_ context.Context, user string, d channel.Doc, _ channel.Delivery) error {
	if l.err != nil {
		return l.err
	}
	l.got, l.to = append(l.got, d), append(l.to, user)
	return nil
}
