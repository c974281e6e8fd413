package app_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"policybot/bot/channel"
	"policybot/bot/channel/channeltest"
	"policybot/bot/wecom/app"
	"policybot/bot/wecom/render"
	"policybot/bot/wecomfake"
	"policybot/bot/wecomfake/envelope"
	"policybot/bot/wecomfake/judge"
)

const (
	corpID  = "wwcorpofthetest"
	agentID = 1000007
	secret  = "agent-secret-of-the-test"
	token   = "callback-token-of-the-test"
	key     = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
	sending = "cgi-bin/message/send"
)

// A platform plays the fake corporation for the suite: people, and what they see. An app talks to people one by one, so
// that each place of the suite is a person of its own for everybody who speaks there.
type platform struct {
	*wecomfake.Server
	t      testing.TB
	api    string
	client *http.Client
	taking atomic.Pointer[app.Channel]
	door   atomic.Pointer[http.Handler] // where callbacks go in the place of that; nil: nowhere else

	mu     sync.Mutex
	people map[string][]string // by place
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

func newPlatform(t testing.TB, o wecomfake.CorpOptions) *platform {
	t.Helper()
	t.Cleanup(func() { time.Sleep(time.Second) }) // in a bubble: a server closes a connection that was sent too much only then
	p := &platform{t: t, people: map[string][]string{}}
	door, toBot := channeltest.Serve(t, http.HandlerFunc(p.deliver))
	o.CorpID, o.AgentID, o.Secret, o.Token, o.EncodingAESKey = corpID, agentID, secret, token, key
	o.CallbackURL = door + app.Path
	fake, err := wecomfake.New(wecomfake.Options{Corp: o, Client: toBot})
	if err != nil {
		t.Fatal(err)
	}
	p.Server = fake
	t.Cleanup(fake.Close)
	p.api, p.client = channeltest.Serve(t, fake)
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

// Can implements channeltest.Platform.
func (*platform) Can() channeltest.Can {
	return channeltest.Can{
		Kinds: []channel.Kind{channel.Question, channel.Pressed}, Acks: channeltest.AckStored, Places: true, People: true, Folds: true, Pings: true,
		Lasting: true, Untimed: true, Late: true, Secrets: []string{secret, token, key, "token1-", "xxxxxxxx", "access_token=", "corpsecret="},
		Helpers: []string{"wecomfake.(*", "channeltest.(*listener)"},
	}
}

func (p *platform) options() app.Options {
	return app.Options{
		CorpID: corpID, AgentID: agentID, Secret: secret, Token: token, Key: key, APIURL: p.api, Client: p.client, Pages: "https://policy.example",
	}
}

// Connect implements channeltest.Platform.
func (p *platform) Connect() (channel.Channel, error) {
	c, err := app.New(p.options())
	if err != nil {
		return nil, err
	}
	p.taking.Store(c)
	return c, nil
}

// person is who speaks in a place of the suite.
func (p *platform) person(g channeltest.Gesture) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	id := g.By.ID + "." + g.Place.ID
	if !slices.Contains(p.people[g.Place.ID], id) {
		p.people[g.Place.ID] = append(p.people[g.Place.ID], id)
	}
	return id
}

// Do implements channeltest.Platform.
func (p *platform) Do(g channeltest.Gesture) (string, error) {
	user := p.person(g)
	switch g.Kind {
	case channel.Question:
		name, err := p.AppSay(user, strings.ToValidUTF8(g.Text, "\ufffd"))
		if err != nil {
			return "", fmt.Errorf("%w: %w", channeltest.ErrCannot, err)
		}
		return name, nil
	case channel.Pressed:
		for _, m := range p.AppMessages(user) {
			if slices.ContainsFunc(judge.ReadCard(m.Card).Buttons, func(b judge.Button) bool { return b.Key == g.Token }) {
				return p.AppPress(user, m.TaskID, g.Token, nil)
			}
		}
		return "", fmt.Errorf("no button with the token %q is on screen", g.Token)
	}
	return "", channeltest.ErrCannot
}

// Redeliver implements channeltest.Repeater.
func (p *platform) Redeliver(gesture string) error { return p.Server.Redeliver(gesture) }

// Screen implements channeltest.Platform. A card belongs to the message above it.
func (p *platform) Screen(place channel.Place) channeltest.Screen {
	p.mu.Lock()
	people := slices.Clone(p.people[place.ID])
	p.mu.Unlock()
	var out channeltest.Screen
	for _, user := range people {
		for _, m := range p.AppMessages(user) {
			if m.Type != wecomfake.TypeCard {
				out.Messages = append(out.Messages, read(m))
				continue
			}
			if len(out.Messages) == 0 {
				out.Messages = append(out.Messages, channeltest.Message{})
			}
			above := &out.Messages[len(out.Messages)-1]
			card := judge.ReadCard(m.Card)
			above.Sources = append(above.Sources, card.Text)
			for _, b := range card.Buttons {
				if m.Used == "" && b.Key != render.DoneKey {
					above.Buttons = append(above.Buttons, channeltest.Button{Label: b.Text, Value: b.Key})
				}
			}
		}
	}
	return out
}

// read is a text as people see it.
func read(m wecomfake.AppMessage) channeltest.Message {
	shown := judge.Read(judge.App, m.Text)
	out := channeltest.Message{Pings: len(shown.Mentions)}
	var lines []string
	for line := range strings.SplitSeq(shown.Text, "\n") {
		if label := render.ParseLabel(line); label != "" {
			out.Label = label
			continue
		}
		lines = append(lines, line)
	}
	out.Text = strings.Trim(strings.Join(lines, "\n"), "\n")
	out.Sources = lines
	return out
}

// Faults implements channeltest.Breaker.
func (breaker) Faults() []channeltest.FaultKind {
	return []channeltest.FaultKind{
		channeltest.FaultWait, channeltest.FaultGone, channeltest.FaultHang, channeltest.FaultLost, channeltest.FaultBroken,
		channeltest.FaultNoise, channeltest.FaultSlow, channeltest.FaultRevoked,
	}
}

// Break implements channeltest.Breaker. Nothing is shown before the whole, so that a fault of that meets nothing.
func (b breaker) Break(f channeltest.Fault) {
	calls := map[channeltest.On]string{channeltest.OnFinish: sending, channeltest.OnUpdate: "no/such/call", channeltest.OnAny: "*"}
	if err := b.Server.Break(wecomfake.Fault{Call: calls[f.On], Kind: string(f.Kind), After: f.After, Times: f.Times}); err != nil {
		b.t.Error(err)
	}
}

// inner is a message that would be taken, and good the same for a change.
const inner = `<xml><ToUserName><![CDATA[wwcorpofthetest]]></ToUserName><FromUserName><![CDATA[ann]]></FromUserName><CreateTime>946684800</CreateTime>` +
	`<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[hello]]></Content><MsgId>7</MsgId><AgentID>1000007</AgentID></xml>`

func good(change ...string) string { return strings.NewReplacer(change...).Replace(inner) }

// laughs is a document whose entities hold each other; expanded it has three thousand million words.
func laughs() string {
	var b strings.Builder
	b.WriteString("<!DOCTYPE lolz [\n<!ENTITY lol0 \"lol\">\n")
	for i := 1; i < 10; i++ {
		fmt.Fprintf(&b, "<!ENTITY lol%d \"%s\">\n", i, strings.Repeat(fmt.Sprintf("&lol%d;", i-1), 10))
	}
	return b.String() + "]>\n" + good("hello]]>", "]]>&lol9;", "<![CDATA[]]>&lol9;", "&lol9;")
}

// documents are what no channel should take, sealed as it should be.
var documents = map[string]string{
	"an empty document":             "",
	"no XML":                        "hello",
	"half of a document":            inner[:len(inner)/2],
	"two documents":                 inner + inner,
	"words after the document":      inner + "hello",
	"another root":                  good("<xml>", "<html>", "</xml>", "</html>"),
	"JSON":                          `{"MsgType":"text","Content":"hello"}`,
	"entities that hold each other": laughs(),
	"an entity of a file":           `<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>` + good("<![CDATA[hello]]>", "&f;"),
	"a DOCTYPE alone":               "<!DOCTYPE xml>" + inner,
	"an entity nobody declared":     good("<![CDATA[hello]]>", "&nbsp;"),
	"an instruction":                good("<Content>", `<?php echo 1 ?><Content>`),
	"attributes":                    good("<xml>", `<xml xmlns:x="y">`),
	"a thousand attributes":         good("<xml>", "<xml"+strings.Repeat(` a="b"`, 1000)+">"),
	"a deep nest":                   strings.Repeat("<xml>", 20_000),
	"a deep nest in a field":        good("<Content>", "<Content>"+strings.Repeat("<a>", 20_000)),
	"a sender twice":                good("<Content>", "<FromUserName>boss</FromUserName><Content>"),
	"words that end their own text": good("hello", "]]></Content><FromUserName><![CDATA[boss]]></FromUserName><Content><![CDATA[hello"),
	"another corporation inside":    good("wwcorpofthetest", "wwanother"),
	"another app":                   good("1000007", "1000008"),
	"no app":                        good("<AgentID>1000007</AgentID>", ""),
	"no person":                     good("<![CDATA[ann]]>", ""),
	"everybody as a person":         good("[ann]", "[@all]"),
	"two people as one":             good("[ann]", "[ann|ben]"),
	"no id":                         good("<MsgId>7</MsgId>", ""),
	"no type":                       good("<MsgType><![CDATA[text]]></MsgType>", ""),
	"an event without a name":       good("[text]", "[event]"),
	"a button without a key":        good("[text]", "[event]", "<Content><![CDATA[hello]]></Content>", "<Event><![CDATA[template_card_event]]></Event>"),
}

// bodies are what no channel should take, with a signature of something else.
var bodies = map[string]string{
	"an empty body":                    "",
	"a body that is no XML":            "hello",
	"a body that is not sealed":        inner,
	"a body with two sealed texts":     "<xml><Encrypt>QUJD</Encrypt><Encrypt>QUJD</Encrypt></xml>",
	"a body with an empty sealed text": "<xml><Encrypt></Encrypt></xml>",
	"a body whose sealed text goes on": "<xml><Encrypt><![CDATA[QUJD",
	"a body sealed by somebody else":   "<xml><Encrypt><![CDATA[QUJD]]></Encrypt></xml>",
	"a body of entities":               laughs(),
	"a body of five million bytes":     "<xml><Encrypt>" + strings.Repeat("A", 5<<20) + "</Encrypt></xml>",
	"a body of fifty thousand <a":      strings.Repeat("<a", 50_000),
}

// Garbage implements channeltest.Garbler.
func (*platform) Garbage() []string {
	var out []string
	for name := range documents {
		out = append(out, name)
	}
	for name := range bodies {
		out = append(out, name)
	}
	for _, way := range envelope.Ways() {
		out = append(out, string(way))
	}
	slices.Sort(out)
	return out
}

// Garble implements channeltest.Garbler.
func (p *platform) Garble(name string) (bool, error) {
	status, err := p.garble(name)
	if err != nil {
		return false, err
	}
	return status >= 400 && status < 500, nil
}

func (p *platform) garble(name string) (status int, err error) {
	if body, ok := bodies[name]; ok {
		return p.AppPostOuter([]byte(body))
	}
	if document, ok := documents[name]; ok {
		return p.AppPost("", []byte(document))
	}
	return p.AppPost(envelope.Way(name), []byte(inner))
}
