package wecomfake

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"policybot/bot/wecomfake/envelope"
)

// BotOptions of an AI bot (https://developer.work.weixin.qq.com/document/path/101463).
type BotOptions struct {
	BotID  string
	Secret string // of the long connection
	Name   string // of mentions in groups; may contain spaces

	// CallbackURL is where the bot takes callbacks, with its path; "": it uses the long connection. A bot
	// has one of the two at a time. SetCallback changes it.
	CallbackURL    string
	Token          string        // of callbacks
	EncodingAESKey string        // of callbacks, 43 characters
	PollEvery      time.Duration // between two callbacks that ask for more of a stream; 0 is a second
	InFlight       int           // interactions of a person at a time, by callback; 0 is 3, below 0 there is no limit

	// ReqIDsEndWithConnection makes a req_id invalid when its connection ends, as reported in
	// https://github.com/NousResearch/hermes-agent/issues/52820; else it lasts 24 hours.
	ReqIDsEndWithConnection bool
	StreamLife              time.Duration // of a stream over the long connection; 0 is ten minutes
	// NoCardWithStream refuses stream_with_template_card over the long connection, and NoItems msg_item:
	// the page of the long connection says so in one place and the opposite in another.
	NoCardWithStream, NoItems bool
	// LenientFinish acknowledges another content after the end of a stream and shows nothing of it; else
	// it is refused with 846608.
	LenientFinish bool
	// TooOften is the errcode of a message beyond 30 a minute or 1,000 an hour; 0 is 45009. With
	// TooOftenSilent it is acknowledged and not shown.
	TooOften       int
	TooOftenSilent bool
	// SpentSilent acknowledges the second use of a response_url and shows nothing, as was seen; else it is
	// refused.
	SpentSilent bool
	// AckAfter is how long an answer takes. With Strict a frame that comes before the answer to another of
	// the same req_id is refused, and AckAfter is 20 milliseconds if it is 0. Calls tells of such frames
	// in any case.
	AckAfter time.Duration
	Strict   bool
	// PingWithin is how long a connection lasts without a frame; 0 is two minutes, which is chosen: the
	// documentation says "long".
	PingWithin time.Duration
	// Subscribes is how many subscriptions a minute are taken; 0 is 60, which is chosen: the
	// documentation only says that they are limited.
	Subscribes int
}

const (
	testToken = "token-of-the-fake-bot"
	testKey   = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
)

func (o *BotOptions) fill() error {
	o.BotID, o.Secret = cmp.Or(o.BotID, "aibFAKE"), cmp.Or(o.Secret, "secret-of-the-fake-bot")
	o.Name = cmp.Or(o.Name, "Policy Bot")
	o.Token, o.EncodingAESKey = cmp.Or(o.Token, testToken), cmp.Or(o.EncodingAESKey, testKey)
	o.PollEvery, o.InFlight = cmp.Or(o.PollEvery, time.Second), cmp.Or(o.InFlight, 3)
	o.StreamLife, o.PingWithin = cmp.Or(o.StreamLife, 10*time.Minute), cmp.Or(o.PingWithin, 2*time.Minute)
	o.TooOften, o.Subscribes = cmp.Or(o.TooOften, codeTooOften), cmp.Or(o.Subscribes, 60)
	if o.Strict {
		o.AckAfter = cmp.Or(o.AckAfter, 20*time.Millisecond)
	}
	if o.PollEvery < 0 || o.StreamLife < 0 || o.PingWithin < 0 || o.AckAfter < 0 || o.Subscribes < 0 {
		return fmt.Errorf("bot %s: a time or number is below 0", o.BotID)
	}
	return nil
}

// A bot is the state of the AI bot, under Server.mu.
type bot struct {
	box       *envelope.Box
	callback  string
	conns     []*conn            // open, oldest first
	live      *conn              // the one that is subscribed
	subs      []time.Time        // of the last minute
	origins   map[string]*origin // by req_id
	chats     map[chatKey]*chat
	messages  []*message // in the order in which they were posted
	tasks     map[string]*message
	entered   map[string]string // the day of the last visit, by user
	responses map[string]*responseURL
}

// openBot fills the options of the bot and registers its routes.
func (s *Server) openBot() error {
	o := &s.o.Bot
	if err := o.fill(); err != nil {
		return err
	}
	box, err := envelope.New(o.Token, o.EncodingAESKey, "") // an AI bot has no receiver's id (path/101033)
	if err != nil {
		return fmt.Errorf("bot %s: %w", o.BotID, err)
	}
	s.bot = bot{
		box: box, callback: o.CallbackURL, origins: map[string]*origin{}, chats: map[chatKey]*chat{},
		tasks: map[string]*message{}, entered: map[string]string{}, responses: map[string]*responseURL{},
	}
	s.mux.HandleFunc("GET /{$}", s.serveSocket)
	s.mux.HandleFunc("GET /ws", s.serveSocket)
	s.mux.HandleFunc("POST /response/{id}", s.serveResponse)
	return nil
}

// A chatKey names a chat: a group by its chatid, a talk with one person by the userid in lower case.
type chatKey struct {
	id    string
	group bool
}

type chat struct {
	id     string
	group  bool
	spoken bool        // somebody has written to the bot there
	sent   []time.Time // messages of the bot within the last hour
	flying map[string]int
}

// chat gives a chat, made if need be: that of a person with the bot when id is "". The caller holds mu.
func (s *Server) chat(id, user string) *chat {
	c := &chat{id: id, group: id != "", flying: map[string]int{}}
	if id == "" {
		c.id = user
	}
	key := c.key()
	if s.bot.chats[key] == nil {
		s.bot.chats[key] = c
	}
	return s.bot.chats[key]
}

func (c *chat) key() chatKey {
	if c.group {
		return chatKey{c.id, true}
	}
	return chatKey{strings.ToLower(c.id), false}
}

// Kinds of what can be replied to.
const (
	ofMessage  = "message"
	ofEnter    = "enter_chat"
	ofCard     = "template_card_event"
	ofFeedback = "feedback_event"
)

// An origin is what the bot was told and may reply to.
type origin struct {
	kind    string
	reqID   string // of the frame, or the msgid of a callback
	gesture string
	chat    *chat
	user    string
	at      time.Time
	conn    *conn    // over which it was told; nil: by callback
	card    *message // whose button was pressed
	used    bool     // of what takes one reply
	streams map[string]*message
}

// What a bot may do after it was told (https://developer.work.weixin.qq.com/document/path/101463).
const (
	replyWithin  = 24 * time.Hour
	promptWithin = 5 * time.Second // a welcome, and the update of a card
)

// An inbound is what the bot is told of a gesture, by either way.
type inbound struct {
	kind     string
	gesture  string
	chat     *chat
	user     string
	card     *message
	msgid    string
	body     map[string]any // without response_url
	at       time.Time
	response *responseURL
}

// tell delivers what a person did. The caller holds mu.
func (s *Server) tell(in *inbound) {
	if s.bot.callback != "" {
		s.start(func() { s.call(in) })
		return
	}
	s.push(in)
}

// origin notes that the bot was told. The caller holds mu.
func (s *Server) originOf(in *inbound, reqID string, c *conn) *origin {
	o := &origin{
		kind: in.kind, reqID: reqID, gesture: in.gesture, chat: in.chat, user: in.user, at: time.Now(), conn: c, card: in.card,
		streams: map[string]*message{},
	}
	s.bot.origins[reqID] = o
	return o
}

// bodyOf is the body of a callback with what differs between deliveries. The caller holds mu.
func (s *Server) bodyOf(in *inbound) json.RawMessage {
	out := map[string]any{}
	for k, v := range in.body {
		out[k] = v
	}
	if in.kind == ofMessage || in.kind == ofCard { // path/101138
		out["response_url"] = s.responseFor(in)
	}
	return encode(out)
}
