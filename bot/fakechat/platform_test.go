package fakechat_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"policybot/bot/channel"
	"policybot/bot/channel/channeltest"
	"policybot/bot/fakechat"
)

const secret = "s3cret-of-the-fake"

// A platform plays the fake for the suite.
type platform struct {
	*fakechat.Server
	t      testing.TB
	api    string
	client *http.Client // of the bot
	bot    string
	caller *http.Client // of the platform
	taking atomic.Pointer[fakechat.Channel]
	spoil  func(*platform, *broken) // nil: the channel is the good one
	// handler takes deliveries in place of the channel's; nil: that. Spoil or Run may set it.
	handler atomic.Pointer[http.HandlerFunc]
	claimed atomic.Pointer[broken] // the first that ran, for a spoil that needs to know
	replied atomic.Bool            // a document went out, for a spoil that needs to know
	closed  chan struct{}          // when the test ends
}

var (
	_ channeltest.Platform = (*platform)(nil)
	_ channeltest.Repeater = (*platform)(nil)
	_ channeltest.Teller   = (*platform)(nil)
	_ channeltest.Breaker  = breaker{}
	_ channeltest.Line     = (*platform)(nil)
	_ channeltest.Garbler  = (*platform)(nil)
)

// breaker is a platform with faults; Server.Break has another shape than the suite's.
type breaker struct{ *platform }

// start makes a platform and the bot's side of it, both in the bubble.
func start(t testing.TB) channeltest.Platform {
	return breaker{newPlatform(t, fakechat.ServerOptions{}, nil)}
}

func newPlatform(t testing.TB, o fakechat.ServerOptions, spoil func(*platform, *broken)) *platform {
	t.Helper()
	p := &platform{t: t, spoil: spoil, closed: make(chan struct{})}
	p.bot, p.caller = channeltest.Serve(t, http.HandlerFunc(p.deliver))
	o.Secret, o.Bot, o.Client = secret, p.bot, p.caller
	server, err := fakechat.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	p.Server = server
	t.Cleanup(server.Close)
	p.api, p.client = channeltest.Serve(t, server)
	t.Cleanup(func() { close(p.closed) })
	return p
}

// handle has deliveries taken by h.
func (p *platform) handle(h http.HandlerFunc) { p.handler.Store(&h) }

// deliver gives a delivery to the channel that was connected last.
func (p *platform) deliver(w http.ResponseWriter, r *http.Request) {
	if h := p.handler.Load(); h != nil {
		(*h)(w, r)
		return
	}
	if c := p.taking.Load(); c != nil {
		c.Handler().ServeHTTP(w, r)
		return
	}
	http.Error(w, "no bot", http.StatusBadGateway)
}

// Can implements channeltest.Platform.
func (p *platform) Can() channeltest.Can {
	return channeltest.Can{
		Kinds: []channel.Kind{
			channel.Question, channel.Edited, channel.Deleted, channel.Stop, channel.Rated, channel.Pressed, channel.HandOver,
		},
		Acks: channeltest.AckStored, Places: true, Groups: true, People: true, Tenants: true, Folds: true, Bots: true, Pings: true,
		Unrates: true, Lasting: true, Late: true, Secrets: []string{secret}, Helpers: []string{"fakechat.(*Server)."},
	}
}

// Connect implements channeltest.Platform.
func (p *platform) Connect() (channel.Channel, error) {
	c, err := fakechat.New(fakechat.Options{Base: p.api, Secret: secret, Client: p.client})
	if err != nil {
		return nil, err
	}
	p.taking.Store(c)
	if p.spoil != nil {
		b := &broken{Channel: c, caps: c.Caps()}
		p.spoil(p, b)
		return b, nil
	}
	return c, nil
}

var types = map[channel.Kind]string{
	channel.Question: fakechat.TypeMessage, channel.Edited: fakechat.TypeEdit, channel.Deleted: fakechat.TypeDelete, channel.Stop: fakechat.TypeStop,
	channel.Rated: fakechat.TypeRate, channel.Pressed: fakechat.TypePress, channel.HandOver: fakechat.TypeHandOver,
}

// Do implements channeltest.Platform.
func (p *platform) Do(g channeltest.Gesture) (string, error) {
	a := fakechat.Act{
		Tenant: g.By.Tenant, User: g.By.ID, Place: g.Place.ID, Thread: g.Place.Thread, Direct: !g.Place.Group,
		Text: g.Text, Of: g.Of, Token: g.Token,
	}
	switch g.Bot {
	case channeltest.OtherBot:
		a.Bot = "B1OTHER"
	case channeltest.OwnBot:
		a.Bot = fakechat.BotID
	}
	if f := g.Feedback; f != nil {
		a.Answer, a.Good, a.Reason, a.Comment, a.Back = f.Answer, f.Good, f.Reason, f.Text, f.Withdrawn
	}
	return p.Server.Do(types[g.Kind], a)
}

// Screen implements channeltest.Platform.
func (p *platform) Screen(place channel.Place) channeltest.Screen {
	seen := p.Seen(place.ID, place.Thread)
	var out channeltest.Screen
	for _, m := range seen.Messages {
		s := channeltest.Message{Text: m.Text, Label: channel.Label(m.Label), Sources: m.Sources, Pings: m.Pings}
		for _, b := range m.Buttons {
			s.Buttons = append(s.Buttons, channeltest.Button{Label: b.Label, Value: b.Value})
		}
		out.Messages = append(out.Messages, s)
	}
	for _, d := range seen.Drafts {
		out.Snapshot += d.Text
		out.Progress += d.Progress
	}
	return out
}

// Faults implements channeltest.Breaker.
func (breaker) Faults() []channeltest.FaultKind {
	return []channeltest.FaultKind{
		channeltest.FaultWait, channeltest.FaultGone, channeltest.FaultHang, channeltest.FaultLost, channeltest.FaultBroken,
		channeltest.FaultNoise, channeltest.FaultSlow, channeltest.FaultRevoked,
	}
}

// Break implements channeltest.Breaker.
func (b breaker) Break(f channeltest.Fault) {
	err := b.Server.Break(fakechat.Fault{Kind: string(f.Kind), On: string(f.On), After: f.After, Times: f.Times})
	if err != nil {
		b.t.Error(err)
	}
}

const good = `{"id":"ev-1","gesture":"g-1","type":"message","message":"m-1","time":1,"tenant":"T1","user":"U1","place":"room-1","text":"hello"}`

// garbage is what no channel should take: the body and what is wrong with its headers.
var garbage = []struct{ name, body, wrong string }{
	{"an empty body", "", ""},
	{"half of an event", good[:len(good)/2], ""},
	{"a list", "[" + good + "]", ""},
	{"no JSON", "hello", ""},
	{"an event without an id", strings.Replace(good, "ev-1", "", 1), ""},
	{"an event without a person", strings.Replace(good, "U1", "", 1), ""},
	{"an event without a place", strings.Replace(good, "room-1", "", 1), ""},
	{"an event of another type", strings.Replace(good, `"type":"message"`, `"type":"dance"`, 1), ""},
	{"a number for a text", strings.Replace(good, `"hello"`, "17", 1), ""},
	{"a press of nothing", strings.Replace(good, `"type":"message"`, `"type":"press"`, 1), ""},
	{"a wrong signature", good, "signature"},
	{"no signature", good, "unsigned"},
	{"a signature of yesterday", good, "old"},
	{"a signature of an empty secret", good, "empty"},
	{"nine million bytes", strings.Replace(good, "hello", strings.Repeat("x", 9<<20), 1), ""},
	{"a deep nest", strings.Repeat("[", 1<<20), ""},
}

// Garbage implements channeltest.Garbler.
func (p *platform) Garbage() []string {
	var out []string
	for _, g := range garbage {
		out = append(out, g.name)
	}
	return out
}

// Garble implements channeltest.Garbler.
func (p *platform) Garble(name string) (bool, error) {
	for _, g := range garbage {
		if g.name != name {
			continue
		}
		req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, p.bot+"/fakechat/events", bytes.NewReader([]byte(g.body)))
		if err != nil {
			return false, err
		}
		fakechat.Sign(req, []byte(g.body), secret, g.wrong)
		resp, err := p.caller.Do(req)
		if err != nil {
			return true, nil // the connection was closed on it
		}
		defer resp.Body.Close()
		_, err = io.Copy(io.Discard, resp.Body)
		return resp.StatusCode >= 400, err
	}
	return false, fmt.Errorf("no garbage is called %q", name)
}
