// Package app is a self-built app (自建应用) of WeCom: messages and events come in as encrypted XML, answers go out by
// message/send, one person at a time, whole.
//
// Nothing is answered twice and nothing is dropped without a word. Every message of a document is the same request, byte
// for byte, at each attempt, and is sent with enable_duplicate_check, so that WeCom shows it once within four hours; it
// shows a reference that no other document has, so that the same answer to the same question asked twice is no
// repetition. An attempt whose end is still not known after that time is not made again: the document then fails with a
// *channel.GoneError, and the staff gets a case. (A new version of this program that
// writes documents in another way makes other requests of them.) Messages to each person are counted here, because WeCom answers "ok" to
// those above its limits and drops them.
//
// Sources: https://developer.work.weixin.qq.com/document/path/90238, 90239 and 90240 (what comes in), 90236 and 94888
// (what goes out), 91039 (access_token), 90313 (codes).
package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"policybot/bot/channel"
	"policybot/bot/channel/inlet"
	"policybot/bot/wecom/aibot"
	"policybot/bot/wecom/outgoing"
	"policybot/bot/wecom/render"
	"policybot/bot/wecom/wxcrypt"
)

// Name is the channel's name.
const Name = "wecomapp"

// DefaultURL is WeCom's own address.
const DefaultURL = "https://qyapi.weixin.qq.com"

// Options of a channel. All but APIURL, Pages, Client and Log are needed.
type Options struct {
	CorpID  string // of the corporation
	AgentID int    // of the app, above 0
	Secret  string // of the app, with which tokens are fetched
	Token   string // of the callback
	Key     string // EncodingAESKey of the callback, 43 characters
	APIURL  string // http or https; "" is WeCom's own
	Pages   string // address of the console, http or https without a slash at its end, for links; "" for none
	Client  *http.Client
	// Quiet tells that nothing was sent in the minute before, by another process: the whole quota may be used at once.
	Quiet bool
	Log   *slog.Logger // nil discards; no text of a message and no secret is ever written to it
}

// Times and limits of a channel.
const (
	callTime     = 10 * time.Second // for one call of the API
	finishTime   = time.Hour        // for one document, pauses included: 20 messages are sent in a minute
	sinkTime     = 2500 * time.Millisecond
	bodyTime     = 3 * time.Second // WeCom waits 5 seconds for an answer
	checkEvery   = 5 * time.Minute // whether WeCom still knows the app
	checkAgain   = 15 * time.Second
	interval     = 2 * time.Second // between two documents to one person
	maxBody      = 1 << 20         // bytes of one callback
	maxAnswer    = 1 << 20         // bytes of one answer of the API
	maxButtons   = 6
	mostEvents   = 64   // being stored at once
	mostPending  = 1000 // that could not be stored and are tried again
	mostCourtesy = 16   // being sent at once
)

// A Channel is the bot in one self-built app.
type Channel struct {
	o      Options
	api    string
	client *http.Client
	crypt  *wxcrypt.Crypt
	door   inlet.Door
	tokens *tokens
	quota  *outgoing.Quota
	sent   *sendings
	labels *outgoing.Memory[string]    // of buttons, by token
	langs  *outgoing.Memory[string]    // that people wrote in last, by person
	told   *outgoing.Memory[time.Time] // who was welcomed when, and what could not be read, by person or message
	slots  chan struct{}               // one for each event being stored
	spare  chan struct{}               // one for each courtesy
	poke   chan struct{}               // the API is to be looked at now
	fatal  chan string                 // why the channel cannot go on

	mu      sync.Mutex
	checked time.Time       // when the API was last looked at
	backlog *inlet.Backlog  // events that could not be stored at once
	blocked string          // why WeCom refuses messages until somebody mends it; "" when it does not
	noticed map[string]bool // remarks that were logged once
}

var _ channel.Channel = (*Channel)(nil)

// New makes a channel. It calls nobody before Run and Finish. The error names the variable that is wrong and never shows
// its value.
func New(o Options) (*Channel, error) {
	o.APIURL = strings.TrimRight(cmp.Or(o.APIURL, DefaultURL), "/")
	u, err := url.Parse(o.APIURL)
	switch {
	case o.CorpID == "" || o.Secret == "":
		return nil, errors.New("wecom: the app needs the corporation's id and its own secret: set WECOM_CORP_ID and WECOM_AGENT_SECRET")
	case o.AgentID <= 0:
		return nil, fmt.Errorf("wecom: %d is no number of an app: set WECOM_AGENT_ID", o.AgentID)
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return nil, errors.New("wecom: the address of the API is none: WECOM_API_URL begins with https://")
	}
	crypt, err := wxcrypt.New(o.Token, o.Key, o.CorpID)
	if err != nil {
		return nil, fmt.Errorf("wecom: look at WECOM_TOKEN and WECOM_ENCODING_AES_KEY: %w", err)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	client := http.Client{}
	if o.Client != nil {
		client = *o.Client
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse } // addresses hold secrets
	c := &Channel{
		o: o, api: o.APIURL, client: &client, crypt: crypt, quota: outgoing.ForChats(time.Now(), o.Quiet), sent: newSendings(),
		labels: outgoing.NewMemory[string](20_000), langs: outgoing.NewMemory[string](20_000), told: outgoing.NewMemory[time.Time](20_000), slots: make(chan struct{}, mostEvents),
		spare: make(chan struct{}, mostCourtesy), poke: make(chan struct{}, 1), fatal: make(chan string, 1), backlog: inlet.NewBacklog(mostPending), noticed: map[string]bool{},
	}
	c.tokens = &tokens{fetch: c.fetchToken, alarm: c.alarm}
	return c, nil
}

// Caps implements [channel.Channel].
func (c *Channel) Caps() channel.Caps {
	return channel.Caps{Name: Name, Interval: interval, Budget: render.AppBudget, Buttons: maxButtons, Formatted: true}
}

// Health implements [channel.Channel].
func (c *Channel) Health() channel.Health { return c.door.Health() }

// Run implements [channel.Channel]. Events come to Handler; Run asks WeCom now and then whether the app may still do what
// it does.
func (c *Channel) Run(ctx context.Context, sink channel.Sink) error {
	select {
	case <-c.fatal: // somebody may have mended it
	default:
	}
	c.tokens.reset()
	c.door.Set(channel.Starting, "")
	in := c.door.Open(ctx, sink)
	defer in.Close()
	if reason := c.attend(in.Context()); reason != "" && ctx.Err() == nil {
		c.door.Set(channel.Stopped, reason)
		c.o.Log.Error("wecom: the channel stops until somebody mends it", "reason", reason)
		return &channel.FatalError{Reason: "wecom: " + reason}
	}
	c.door.Set(channel.Down, "it was stopped")
	return nil
}

// attend checks the secret until ctx ends, or until there is a reason to stop for good.
func (c *Channel) attend(ctx context.Context) (fatal string) {
	for ctx.Err() == nil {
		timer := time.NewTimer(c.check(ctx))
		select {
		case <-ctx.Done():
		case fatal = <-c.fatal:
		case <-c.poke:
		case <-timer.C:
		}
		timer.Stop()
		if fatal != "" {
			return fatal
		}
	}
	return ""
}

// check asks WeCom about the app, which takes a token, an address that is trusted and the app's own number. It says how
// the channel is, and gives the time until it is to be asked again.
func (c *Channel) check(ctx context.Context) time.Duration {
	_, err := c.call(ctx, "ask about the app", http.MethodGet, agentPath, url.Values{"agentid": {strconv.Itoa(c.o.AgentID)}}, nil)
	if ctx.Err() != nil {
		return checkEvery
	}
	c.mu.Lock()
	c.checked = time.Now()
	c.mu.Unlock()
	if wait, waits := errors.AsType[*channel.WaitError](err); waits {
		return max(wait.After, checkAgain) // the alarm has said why
	}
	e, refused := errors.AsType[*callError](err)
	switch {
	case refused && e.blocks() != "":
		c.block(e.blocks())
		return time.Minute
	case refused && e.isNotThere(): // a proxy that lets only some calls pass
		c.remark("WeCom does not tell about the app", "error", errNotThere)
	case refused && (e.code <= 0 || refusesToken[e.code] || aibot.TooFast(e.code)):
		c.down(plain(err))
		return checkAgain
	case refused: // it may not ask that, but WeCom knows the app
		c.remark("WeCom does not tell about the app", "code", e.code)
	}
	c.block("")
	c.door.Set(channel.Up, "")
	return checkEvery
}

// look has the API looked at now, unless it was lately: a call has failed.
func (c *Channel) look() {
	c.mu.Lock()
	lately := time.Since(c.checked) < checkAgain
	c.mu.Unlock()
	if lately {
		return
	}
	select {
	case c.poke <- struct{}{}:
	default:
	}
}

// stop ends Run for good.
func (c *Channel) stop(reason string) {
	select {
	case c.fatal <- reason:
	default:
	}
}

// down says that the channel is down, unless it has stopped for good: answers may still be tried.
func (c *Channel) down(reason string) {
	if c.door.Health().State != channel.Stopped {
		c.door.Set(channel.Down, reason)
	}
}

// alarm says that WeCom gives no token that it takes, and for how long none is asked for.
func (c *Channel) alarm(pause time.Duration, why error) {
	c.down(fmt.Sprintf("WeCom gives no access_token that it takes (%s); the next is asked for in %s", plain(why), pause))
	c.o.Log.Error("wecom: no access_token that is taken; nothing is sent until the next is asked for", "error", plain(why), "pause", pause)
}

// block notes why WeCom refuses messages until somebody mends it, "" when it takes them again.
func (c *Channel) block(reason string) {
	c.mu.Lock()
	was := c.blocked
	c.blocked = reason
	c.mu.Unlock()
	switch {
	case reason != "" && reason != was:
		c.down(reason)
		c.o.Log.Error("wecom: messages are refused", "reason", reason)
	case reason == "" && was != "": // WeCom takes them, whatever it said lately
		c.mu.Lock()
		c.checked = time.Time{}
		c.mu.Unlock()
		c.look()
	}
}

// remark logs a remark the first time.
func (c *Channel) remark(remark string, args ...any) {
	c.mu.Lock()
	before := c.noticed[remark]
	c.noticed[remark] = true
	c.mu.Unlock()
	if !before {
		c.o.Log.Warn("wecom: "+remark, args...)
	}
}
