// Package callback is WeCom's AI bot (智能机器人) by callback: WeCom calls a public address, encrypted, and takes what is
// answered there.
//
// A message is answered with the first snapshot of a stream. From then on WeCom asks for the newest snapshot until it got
// one that ends the stream, for at most six minutes after the message. What comes later, and what follows a stream, goes
// to the response_url of the message, which takes one message within an hour. So a document has at most two messages, and
// one that needs more ends with a sentence that says so.
//
// Nothing is shown twice: the end of a stream may be fetched any number of times, and a response_url shows one message
// only. What a process that has ended may have shown is not sent by another way.
//
// Sources: https://developer.work.weixin.qq.com/document/path/101039, 100719 (messages and streams), 101031 (answers),
// 101027 (events), 101138 (response_url), 101033 (encryption).
package callback

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"policybot/bot/channel"
	"policybot/bot/channel/inlet"
	"policybot/bot/wecom/aibot"
	"policybot/bot/wecom/outgoing"
	"policybot/bot/wecom/render"
	"policybot/bot/wecom/wxcrypt"
)

// Name is the channel's name.
const Name = "wecombot"

// Path is where WeCom calls.
const Path = "/wecom/bot/callback"

// Options of a channel. Token and Key are needed.
type Options struct {
	Token string // of the callback, as the bot's page shows it
	Key   string // EncodingAESKey, 43 characters
	Name  string // that people call the bot by in groups; "" leaves it to what a mention looks like
	Pages string // address of the console without a slash at its end, for links; "" for none
	// Client calls response_urls; nil is one of its own. It is not followed elsewhere.
	Client *http.Client
	Log    *slog.Logger // nil discards; no text of a message and no secret is ever written to it
	// Quiet tells that nothing was sent in the minute before, by another process: the whole quota may be used at once.
	Quiet bool
	// Late delivers a document to a person by another way, such as the self-built app, when this channel no longer can: as
	// [channel.Reply] Finish does, errors included. In place of a group the person who asked there gets it. nil: there is
	// no other way, and such a document fails with a *channel.GoneError.
	Late func(ctx context.Context, user string, d channel.Doc, as channel.Delivery) error
}

// Times and numbers of a channel.
const (
	sinkTime    = 2500 * time.Millisecond // WeCom waits five seconds
	writeTime   = 2 * time.Second         // for an answer
	callTime    = 8 * time.Second         // for one call of a response_url
	finishTime  = 5 * time.Minute         // for one document, pauses included
	interval    = 2 * time.Second         // between two documents in one chat: at most 30 messages a minute
	streamLife  = 6 * time.Minute         // of a stream, after the message
	streamEnds  = streamLife - 30*time.Second
	refusalFor  = 15 * time.Second // so long a message that was refused waits for words why
	strayFor    = 20 * time.Second // so long a stream goes on of whose message a process does not know
	silence     = 10 * time.Second // WeCom asks about every second; after so long it does not ask any more
	urlLife     = time.Hour - 30*time.Second
	keepLives   = 7 * time.Hour // what is known of a message is forgotten then: deliveries have been given up
	keepTexts   = 15 * time.Minute
	maxBody     = 4 << 20         // bytes of one request
	bodyTime    = 3 * time.Second // WeCom waits five
	mostPending = 1000            // of those
	senders     = 32              // documents that wait at once until WeCom asks for them, or no longer does
	maxURL      = 2 << 10         // bytes of a response_url that is kept: handles are small
	mostEvents  = 64              // being stored at once
	// WeCom takes three unfinished interactions of a person (path 100719). One stays free, or nobody could say stop.
	mostOpen   = 2
	maxButtons = 6
	maxMessage = 20480 // bytes, of a stream and of what goes to a response_url
	messages   = 2     // of a document: the stream, and what its response_url takes
	// budget is how many bytes a document may say in one message. There are so few messages that they are filled, but for
	// the sources below and a sentence at the end.
	budget = 15000
	tail   = 600
)

// style is how documents look: as wherever the AI bot speaks, but in larger pieces.
var style = func() render.Style {
	s := render.Bot
	s.Bytes, s.Budget = maxMessage-tail, budget
	return s
}()

// A Channel is the bot at one address.
type Channel struct {
	o       Options
	crypt   *wxcrypt.Crypt
	client  *http.Client
	reader  aibot.Reader
	door    inlet.Door
	lives   *lives
	quota   *outgoing.Quota
	labels  *outgoing.Memory[aibot.Label] // of buttons, by token
	slots   chan struct{}                 // one for each event being stored
	backlog *inlet.Backlog                // events that could not be stored at once
	heard   atomic.Int64                  // when WeCom called last, in seconds since 1970; 0: never
}

var _ channel.Channel = (*Channel)(nil)

// New makes a channel. It calls nobody. It fails when an option cannot be used; the error shows no secret.
func New(o Options) (*Channel, error) {
	crypt, err := wxcrypt.New(o.Token, o.Key, "") // an AI bot has no id of a receiver (path 101033)
	if err != nil {
		return nil, fmt.Errorf("wecombot: set WECOM_BOT_TOKEN and WECOM_BOT_ENCODING_AES_KEY as the bot's page shows them: %w", err)
	}
	if u, err := url.Parse(o.Pages); o.Pages != "" && (err != nil || u.Host == "") {
		return nil, errors.New("wecombot: the address of the console is none")
	}
	client := &http.Client{}
	if o.Client != nil {
		*client = *o.Client
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Channel{
		o: o, crypt: crypt, client: client, reader: aibot.Reader{Name: o.Name, Langs: outgoing.NewMemory[string](mostLabels)}, lives: newLives(o.Late != nil), quota: outgoing.ForChats(time.Now(), o.Quiet),
		labels: outgoing.NewMemory[aibot.Label](mostLabels), slots: make(chan struct{}, mostEvents), backlog: inlet.NewBacklog(mostPending),
	}, nil
}

// Caps implements [channel.Channel].
func (c *Channel) Caps() channel.Caps {
	return channel.Caps{
		Name: Name, Stream: channel.StreamReplace, Interval: interval, Budget: budget, Messages: messages, Buttons: maxButtons,
		Formatted: true, Rates: true, Senders: senders,
	}
}

// Health implements [channel.Channel]. There is no connection to lose: Up says that events are taken, and whether WeCom
// reaches the address is told by [Channel.Heard].
func (c *Channel) Health() channel.Health { return c.door.Health() }

// Heard is when WeCom called last, with a signature that holds. The zero time: never since the start.
func (c *Channel) Heard() time.Time {
	if s := c.heard.Load(); s > 0 {
		return time.Unix(s, 0)
	}
	return time.Time{}
}

// Run implements [channel.Channel]. Events come to Handler; Run lets them in, and forgets what is long past.
func (c *Channel) Run(ctx context.Context, sink channel.Sink) error {
	in := c.door.Open(ctx, sink)
	defer in.Close()
	c.door.Set(channel.Up, "")
	for inlet.Pause(in.Context(), time.Minute) == nil {
		c.lives.sweep(time.Now())
	}
	c.door.Set(channel.Down, "it was stopped")
	return nil
}
