package slack_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"policybot/bot/channel"
	"policybot/bot/channel/channeltest"
	"policybot/bot/slack"
	"policybot/bot/slack/act"
	"policybot/bot/slack/render"
	"policybot/bot/slackfake"
	"policybot/bot/slackfake/blockkit"
)

const (
	botToken = "xoxb-bot-token-of-the-test"
	appToken = "xapp-app-token-of-the-test"
	secret   = "signing-secret-of-the-test"
	botUser  = "U0BOT"
	mention  = "<@" + botUser + ">"
)

// A platform plays the fake workspace for the suite: people, and what they see.
type platform struct {
	*slackfake.Server
	t      testing.TB
	http   bool // events go over HTTP, else over Socket Mode
	api    string
	client *http.Client
	taking atomic.Pointer[slack.Channel]

	mu      sync.Mutex
	threads map[channel.Place]string // ts of the root of a place
	presses map[string]slackfake.Press
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

func newPlatform(t testing.TB, o slackfake.Options, overHTTP bool) *platform {
	t.Helper()
	p := &platform{t: t, http: overHTTP, threads: map[channel.Place]string{}, presses: map[string]slackfake.Press{}}
	if overHTTP {
		o.Bot, o.Client = channeltest.Serve(t, http.HandlerFunc(p.deliver))
	}
	o.BotToken, o.AppToken, o.SigningSecret, o.BotUser, o.Team = botToken, appToken, secret, botUser, "T1"
	o.Check = func(surface string, blocks json.RawMessage) error {
		return blockkit.Check(blockkit.Surface(surface), blocks)
	}
	o.Echo = true
	if o.Events == nil { // a mention comes as a message alone: the suite counts events
		o.Events = []string{"message.channels", "message.groups", "message.im", "message.mpim", "agent_session_stopped", "app_home_opened"}
	}
	fake, err := slackfake.New(o)
	if err != nil {
		t.Fatal(err)
	}
	p.Server = fake
	t.Cleanup(fake.Close)
	p.api, p.client = channeltest.Serve(t, fake)
	return p
}

// deliver gives a delivery to the channel that was connected last.
func (p *platform) deliver(w http.ResponseWriter, r *http.Request) {
	if c := p.taking.Load(); c != nil {
		c.Handler().ServeHTTP(w, r)
		return
	}
	http.Error(w, "no bot", http.StatusBadGateway)
}

// Can implements channeltest.Platform.
func (p *platform) Can() channeltest.Can {
	return channeltest.Can{
		Kinds: []channel.Kind{channel.Question, channel.Edited, channel.Deleted, channel.Stop, channel.Pressed},
		Acks:  channeltest.AckStored, Places: true, Groups: true, People: true, Tenants: true, Folds: true, Bots: true, Pings: true,
		Lasting: true, Late: true, Secrets: []string{botToken, appToken, secret}, Helpers: []string{"slackfake.(*", "channeltest.(*listener)"},
	}
}

func (p *platform) options() slack.Options {
	o := slack.Options{BotToken: botToken, AppToken: appToken, APIURL: p.api + "/api/", Client: p.client}
	if transport, ok := p.client.Transport.(*http.Transport); ok {
		o.Dial = transport.DialContext
	}
	if p.http {
		o.AppToken, o.SigningSecret = "", secret
	}
	return o
}

// Connect implements channeltest.Platform.
func (p *platform) Connect() (channel.Channel, error) {
	c, err := slack.New(p.options())
	if err != nil {
		return nil, err
	}
	p.taking.Store(c)
	return c, nil
}

// root gives the ts of the message under which a place of the suite is: a thread, for the bot answers in threads.
func (p *platform) root(place channel.Place) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !place.Group {
		return ""
	}
	if ts := p.threads[place]; ts != "" {
		return ts
	}
	p.AddChannel(slackfake.Channel{ID: place.ID, Kind: slackfake.KindChannel})
	g, err := p.Say(slackfake.Said{User: "UROOT", Channel: place.ID, Text: "the beginning of a thread"})
	if err != nil {
		p.t.Error(err)
	}
	_, p.threads[place] = p.TS(g)
	return p.threads[place]
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// Do implements channeltest.Platform.
func (p *platform) Do(g channeltest.Gesture) (string, error) {
	thread := p.root(g.Place)
	if !g.Place.Group {
		p.AddChannel(slackfake.Channel{ID: g.Place.ID, Kind: slackfake.KindIM, Members: []string{g.By.ID}})
	}
	text := escaper.Replace(strings.ToValidUTF8(g.Text, "\ufffd"))
	if g.Place.Group {
		text = mention + " " + text
	}
	switch g.Kind {
	case channel.Question:
		s := slackfake.Said{User: g.By.ID, Channel: g.Place.ID, Thread: thread, Text: text}
		if g.By.Tenant != "T1" {
			s.Workspace = g.By.Tenant
		}
		switch g.Bot {
		case channeltest.OtherBot:
			s.Bot = "B1OTHER"
		case channeltest.OwnBot:
			s.Bot = "B0000BOT"
		}
		return p.Say(s)
	case channel.Edited:
		return p.Edit(g.Of, text)
	case channel.Deleted:
		return p.Delete(g.Of)
	case channel.Stop:
		return p.Happen("agent_session_stopped", map[string]any{"channel": g.Place.ID, "user": g.By.ID, "thread_ts": thread}), nil
	case channel.Pressed:
		return p.press(g)
	}
	return "", channeltest.ErrCannot
}

// press presses the button with a token, wherever it is; one that is on no screen is put there first.
func (p *platform) press(g channeltest.Gesture) (string, error) {
	for _, m := range p.All("") {
		for _, b := range blockkit.Read(m.Blocks).Buttons {
			if strings.TrimPrefix(b.Value, act.Bad) == g.Token {
				return p.pressed(slackfake.Press{User: g.By.ID, Channel: m.Channel, TS: m.TS, Action: b.ActionID, Value: b.Value})
			}
		}
	}
	ts, err := p.post(g)
	if err != nil {
		return "", err
	}
	return p.pressed(slackfake.Press{User: g.By.ID, Channel: g.Place.ID, TS: ts, Action: act.Person, Value: g.Token})
}

func (p *platform) pressed(by slackfake.Press) (string, error) {
	name, err := p.Press(by)
	if err == nil {
		p.mu.Lock()
		p.presses[name] = by
		p.mu.Unlock()
	}
	return name, err
}

// post has the bot post a message with a button.
func (p *platform) post(g channeltest.Gesture) (string, error) {
	blocks := fmt.Sprintf(`[{"type":"actions","elements":[{"type":"button","action_id":%q,"value":%q,"text":{"type":"plain_text","text":"x"}}]}]`, act.Person, g.Token)
	form := url.Values{"token": {botToken}, "channel": {g.Place.ID}, "thread_ts": {p.root(g.Place)}, "text": {"x"}, "blocks": {blocks}}
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, p.api+"/api/chat.postMessage", strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := p.client.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	var out struct {
		TS    string `json:"ts"`
		Error string `json:"error"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil || out.TS == "" {
		return "", fmt.Errorf("post a message: %w, %s", err, out.Error)
	}
	return out.TS, nil
}

// Acked implements channeltest.Platform.
func (p *platform) Acked(gesture string) bool {
	_, ok := p.Server.Acked(gesture)
	return ok
}

// Redeliver implements channeltest.Repeater.
func (p *platform) Redeliver(gesture string) error { return p.Server.Redeliver(gesture) }

// TellAgain implements channeltest.Teller. What is pressed is pressed once more: Slack tells of each press once.
func (p *platform) TellAgain(gesture string) error {
	p.mu.Lock()
	press, ok := p.presses[gesture]
	p.mu.Unlock()
	if ok {
		_, err := p.Press(press)
		return err
	}
	return p.Server.TellAgain(gesture)
}

// Screen implements channeltest.Platform.
func (p *platform) Screen(place channel.Place) channeltest.Screen {
	var out channeltest.Screen
	thread := p.root(place)
	for _, m := range p.Messages(place.ID, thread) {
		switch {
		case !m.Own:
		case m.State != "" && len(m.Metadata) == 0 || strings.Contains(string(m.Metadata), `"answer-`):
			out.Snapshot += read(m).Text
		default:
			out.Messages = append(out.Messages, read(m))
		}
	}
	out.Progress = p.Thread(place.ID, thread).Status
	return out
}

// read is a message as people see it.
func read(m slackfake.Message) channeltest.Message {
	var out channeltest.Message
	shown := blockkit.ReadMrkdwn(m.Text)
	if len(m.Blocks) > 0 {
		shown = blockkit.Read(m.Blocks)
	}
	var lines []string
	for line := range strings.SplitSeq(shown.Text, "\n") {
		label := render.ParseLabel(strings.TrimPrefix(line, "— "))
		switch {
		case label != "":
			out.Label = label
		case slices.ContainsFunc(shown.Tasks, func(t blockkit.Task) bool { return strings.Contains(line, t.Title) }):
		default:
			lines = append(lines, line)
		}
	}
	out.Text = strings.Join(lines, "\n")
	for _, c := range shown.Citations {
		out.Sources = append(out.Sources, cmp.Or(c.Title, c.Source)+" "+c.Text)
	}
	out.Sources = append(out.Sources, lines...)
	for _, b := range shown.Buttons {
		if !act.Is(b.ActionID, act.Clause) && !act.Is(b.ActionID, act.Link) {
			out.Buttons = append(out.Buttons, channeltest.Button{Label: b.Text, Value: strings.TrimPrefix(b.Value, act.Bad)})
		}
	}
	slices.SortStableFunc(out.Buttons, func(a, b channeltest.Button) int { return strings.Compare(a.Value, b.Value) })
	out.Pings = len(shown.Mentions)
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
	methods := map[channeltest.On]string{channeltest.OnFinish: "chat.", channeltest.OnUpdate: "chat.startStream", channeltest.OnAny: "*"}
	err := b.Server.Break(slackfake.Fault{Method: methods[f.On], Kind: string(f.Kind), After: f.After, Times: f.Times})
	if err != nil {
		b.t.Error(err)
	}
}

// good is an event that would be taken.
const good = `{"type":"event_callback","team_id":"T1","event_id":"Ev1","event_time":1,"event":{"type":"message","channel_type":"im","user":"U1","channel":"D1","ts":"1700000000.000100","text":"hello"}}`

// garbage is what no channel should take: the path, the body and what is wrong with its signature. Over a socket the
// body is a frame, or the payload of an envelope.
var garbage = []struct{ name, path, body, wrong string }{
	{"an empty body", "events", "", ""},
	{"half of an event", "events", good[:len(good)/2], ""},
	{"a list", "events", "[" + good + "]", ""},
	{"no JSON", "events", "hello", ""},
	{"an event without an id", "events", strings.Replace(good, "Ev1", "", 1), ""},
	{"an event without a channel", "events", strings.Replace(good, "D1", "", 1), ""},
	{"an event without a type", "events", strings.Replace(good, `"type":"message",`, "", 1), ""},
	{"a number for a text", "events", strings.Replace(good, `"hello"`, "17", 1), ""},
	{"a deep nest", "events", strings.Repeat("[", 1<<20), ""},
	{"five million bytes", "events", strings.Replace(good, "hello", strings.Repeat("x", 5<<20), 1), ""},
	{"an interaction that is no JSON", "interactions", "payload=hello", ""},
	{"a command without a name", "commands", "text=hello", ""},
	{"a wrong signature", "events", good, "signature"},
	{"no signature", "events", good, "unsigned"},
	{"a signature of yesterday", "events", good, "old"},
	{"a signature of tomorrow", "events", good, "future"},
	{"a signature of an empty secret", "events", good, "empty"},
	{"a body that was changed", "events", good, "body"},
}

// Garbage implements channeltest.Garbler. Over a socket there are no signatures.
func (p *platform) Garbage() []string {
	var out []string
	for _, g := range garbage {
		if p.http || g.wrong == "" && g.path == "events" {
			out = append(out, g.name)
		}
	}
	return out
}

// Garble implements channeltest.Garbler.
func (p *platform) Garble(name string) (bool, error) {
	i := slices.IndexFunc(garbage, func(g struct{ name, path, body, wrong string }) bool { return g.name == name })
	if i < 0 {
		return false, fmt.Errorf("no garbage is called %q", name)
	}
	g := garbage[i]
	if !p.http {
		frame := fmt.Sprintf(`{"type":"events_api","envelope_id":"e-1","payload":%s}`, g.body)
		return true, p.SendRaw([]byte(frame), false) // that it became no event is all that can be told
	}
	kind := "application/json"
	if g.path != "events" {
		kind = "application/x-www-form-urlencoded"
	}
	status, _, err := p.Post(context.Background(), "/slack/"+g.path, kind, []byte(g.body), g.wrong)
	if err != nil {
		return true, nil // the connection was closed on it
	}
	return status >= 400, nil
}
