package socket_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"policybot/bot/channel"
	"policybot/bot/channel/channeltest"
	"policybot/bot/wecom/render"
	"policybot/bot/wecom/socket"
	"policybot/bot/wecomfake"
	"policybot/bot/wecomfake/judge"
)

const (
	botID  = "aib-of-the-test"
	secret = "secret-of-the-test-0123456789"
)

// A platform plays the fake for the suite: people, and what they see.
type platform struct {
	*wecomfake.Server
	t      testing.TB
	url    string
	client *http.Client
}

var (
	_ channeltest.Platform = (*platform)(nil)
	_ channeltest.Repeater = (*platform)(nil)
	_ channeltest.Breaker  = breaker{}
	_ channeltest.Line     = (*platform)(nil)
	_ channeltest.Garbler  = (*platform)(nil)
)

// breaker is a platform with faults; Server.Break has another shape than the suite's.
type breaker struct{ *platform }

func newPlatform(t testing.TB, o wecomfake.Options) *platform {
	t.Helper()
	o.Bot.BotID, o.Bot.Secret, o.Bot.Name = botID, secret, "Policy Bot"
	fake, err := wecomfake.New(o)
	if err != nil {
		t.Fatal(err)
	}
	p := &platform{Server: fake, t: t}
	t.Cleanup(fake.Close)
	p.url, p.client = channeltest.Serve(t, fake)
	return p
}

// Can implements channeltest.Platform. Over the long connection nobody is told that an event has arrived.
func (p *platform) Can() channeltest.Can {
	return channeltest.Can{
		Kinds: []channel.Kind{channel.Question, channel.Pressed, channel.Rated},
		Acks:  channeltest.AckNever, Places: true, Groups: true, People: true, Folds: true, Pings: true, Unrates: true,
		Lasting: true, Late: true, Untimed: true, Secrets: []string{secret}, Helpers: []string{"wecomfake.(*", "channeltest.(*listener)"},
	}
}

func (p *platform) options() socket.Options {
	o := socket.Options{BotID: botID, Secret: secret, URL: "ws" + strings.TrimPrefix(p.url, "http") + "/ws", Name: "Policy Bot", Pages: "https://policy.example", Quiet: true}
	if transport, ok := p.client.Transport.(*http.Transport); ok {
		o.Dial = transport.DialContext
	}
	return o
}

// Connect implements channeltest.Platform.
func (p *platform) Connect() (channel.Channel, error) { return socket.New(p.options()) }

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
		return p.Say(wecomfake.Say{User: g.By.ID, Chat: chat(g.Place), Text: strings.ToValidUTF8(g.Text, "\ufffd")})
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
		return p.Rate(g.By.ID, g.Feedback.Answer, r)
	}
	return "", channeltest.ErrCannot
}

// press presses the button with a token.
func (p *platform) press(g channeltest.Gesture) (string, error) {
	for _, place := range []string{g.Place.ID, g.By.ID} {
		for _, m := range p.Messages(place) {
			if slices.ContainsFunc(judge.ReadCard(m.Card).Buttons, func(b judge.Button) bool { return b.Key == g.Token }) {
				return p.Press(g.By.ID, m.ID, g.Token, nil)
			}
		}
	}
	return "", fmt.Errorf("no button with the token %q is on screen", g.Token)
}

// Redeliver implements channeltest.Repeater.
func (p *platform) Redeliver(gesture string) error { return p.Server.Redeliver(gesture) }

// progress are what is no part of an answer.
var progress = []string{
	render.Progress("queued", "zh", render.Bot), render.Progress("queued", "en", render.Bot), render.Progress("working", "zh", render.Bot), render.Progress("working", "en", render.Bot),
}

// Screen implements channeltest.Platform. A reply that says that it was stopped is none.
func (p *platform) Screen(place channel.Place) channeltest.Screen {
	var out channeltest.Screen
	for _, m := range p.Messages(place.ID) {
		switch text := judge.Read(judge.Bot, m.Text).Text; {
		case m.User != "":
		case m.Finished && (m.Text == render.Stopped("zh") || m.Text == render.Stopped("en")):
		case m.Finished:
			out.Messages = append(out.Messages, read(m))
		case slices.Contains(progress, m.Text):
			out.Progress = text
		default:
			out.Snapshot += text
		}
	}
	return out
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
	out.Text = strings.TrimSpace(strings.Join(lines, "\n"))
	card := judge.ReadCard(m.Card)
	for _, b := range card.Buttons {
		out.Buttons = append(out.Buttons, channeltest.Button{Label: b.Text, Value: b.Key})
	}
	out.Sources = append(slices.Clone(lines), card.Text)
	return out
}

// Acked implements channeltest.Platform.
func (*platform) Acked(string) bool { return false }

// Faults implements channeltest.Breaker.
func (breaker) Faults() []channeltest.FaultKind {
	return []channeltest.FaultKind{
		channeltest.FaultWait, channeltest.FaultGone, channeltest.FaultHang, channeltest.FaultLost, channeltest.FaultBroken,
		channeltest.FaultNoise, channeltest.FaultSlow, channeltest.FaultRevoked,
	}
}

// Break implements channeltest.Breaker. What shows a snapshot and what ends a reply is one command.
func (b breaker) Break(f channeltest.Fault) {
	fault := wecomfake.Fault{Call: "aibot_respond_msg", Kind: string(f.Kind), After: f.After, Times: f.Times}
	switch f.On {
	case channeltest.OnAny:
		fault.Call = "*"
	case channeltest.OnUpdate:
		fault.Only = wecomfake.OnlyUnfinished
	case channeltest.OnFinish:
		fault.Only = wecomfake.OnlyWhole
	}
	err := b.Server.Break(fault)
	if err != nil {
		b.t.Error(err)
	}
}

// garbage is what no channel should take, as a frame.
var garbage = map[string]string{
	"no JSON":               "hello",
	"half of a frame":       `{"cmd":"aibot_msg_callback","headers":{"req_id":"r1"},"body":{"msgid":"m1"`,
	"a list":                `[{"cmd":"aibot_msg_callback"}]`,
	"no body":               `{"cmd":"aibot_msg_callback","headers":{"req_id":"r1"}}`,
	"a list for a body":     `{"cmd":"aibot_msg_callback","headers":{"req_id":"r1"},"body":[]}`,
	"no person":             `{"cmd":"aibot_msg_callback","headers":{"req_id":"r1"},"body":{"msgid":"m1","chattype":"single","msgtype":"text","text":{"content":"hello"}}}`,
	"no id":                 `{"cmd":"aibot_msg_callback","headers":{"req_id":"r1"},"body":{"from":{"userid":"u"},"chattype":"single","msgtype":"text","text":{"content":"hello"}}}`,
	"a number for a text":   `{"cmd":"aibot_msg_callback","headers":{"req_id":"r1"},"body":{"msgid":"m1","from":{"userid":"u"},"msgtype":"text","text":{"content":17}}}`,
	"an unknown command":    `{"cmd":"aibot_dance","headers":{"req_id":"r1"},"body":{}}`,
	"an unknown event":      `{"cmd":"aibot_event_callback","headers":{"req_id":"r1"},"body":{"msgid":"m1","from":{"userid":"u"},"msgtype":"event","event":{"eventtype":"dance"}}}`,
	"a button without key":  `{"cmd":"aibot_event_callback","headers":{"req_id":"r1"},"body":{"msgid":"m1","from":{"userid":"u"},"msgtype":"event","event":{"eventtype":"template_card_event"}}}`,
	"feedback on nothing":   `{"cmd":"aibot_event_callback","headers":{"req_id":"r1"},"body":{"msgid":"m1","from":{"userid":"u"},"msgtype":"event","event":{"eventtype":"feedback_event"}}}`,
	"an acknowledgement":    `{"headers":{"req_id":"nobody-asked"},"errcode":0}`,
	"a deep nest":           strings.Repeat("[", 1<<20),
	"five million bytes":    `{"cmd":"aibot_msg_callback","body":"` + strings.Repeat("x", 5<<20) + `"}`,
	"a text frame of zeros": strings.Repeat("\x00", 100),
}

// Garbage implements channeltest.Garbler.
func (*platform) Garbage() []string {
	var out []string
	for name := range garbage {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// Garble implements channeltest.Garbler. That it became no event is all that can be told.
func (p *platform) Garble(name string) (bool, error) {
	text, ok := garbage[name]
	if !ok {
		return false, errors.New("no garbage is called " + name)
	}
	return true, p.SendRaw([]byte(text), false)
}

// TestChannel runs the conformance suite.
func TestChannel(t *testing.T) {
	channeltest.Run(t, func(t testing.TB) channeltest.Platform { return breaker{newPlatform(t, wecomfake.Options{})} })
}
