package aibot

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"policybot/bot/channel"
	"policybot/bot/wecom/outgoing"
)

// ErrUnreadable is for what nobody can make use of: it is not to be sent again.
var ErrUnreadable = errors.New("it cannot be read")

// A Target is what is needed to reply, within a handle.
type Target struct {
	Req   string `json:"r,omitempty"` // req_id of the long connection
	Msg   string `json:"m"`           // msgid
	Chat  string `json:"c"`           // chat of a group, or the person
	Group bool   `json:"g,omitempty"`
	User  string `json:"u"`
	URL   string `json:"l,omitempty"` // response_url
	At    int64  `json:"t"`           // when it came in, in seconds since 1970
	Lang  string `json:"a,omitempty"`
	Event bool   `json:"e,omitempty"` // it replies to an event, which takes no stream
	// Closed tells that the stream ended with its first snapshot, which is not the reply.
	Closed bool `json:"d,omitempty"`
}

// Handle is the handle of a target.
func (t Target) Handle() channel.Handle {
	data, err := json.Marshal(t)
	if err != nil {
		return channel.Handle{} // it is of strings
	}
	return channel.Handle{Data: data}
}

// ReadTarget reads a handle. It fails with a *channel.GoneError.
func ReadTarget(h channel.Handle) (Target, error) {
	var t Target
	if err := json.Unmarshal(h.Data, &t); err != nil || t.Chat == "" || t.Msg == "" && t.At != 0 {
		return t, &channel.GoneError{Reason: "the handle is damaged"}
	}
	return t, nil
}

// Arrived is when the message came in.
func (t Target) Arrived() time.Time { return time.Unix(t.At, 0) }

// StreamID names a stream: the same for the same parts, [A-Za-z0-9_-]{24}.
func StreamID(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return "s" + base64.RawURLEncoding.EncodeToString(sum[:])[:23]
}

// A Reader makes events of bodies. The zero value knows no name of the bot.
type Reader struct {
	Name  string                   // that people call the bot by, perhaps with blanks; "" leaves it to what a mention looks like
	Langs *outgoing.Memory[string] // in which people wrote last; nil: that is not remembered
}

// langOf is the language of a text or, where it shows none, of what its writer wrote there before.
func (r Reader) langOf(place, user, text string) string {
	lang := LangOf(text)
	if r.Langs == nil {
		return lang
	}
	who := place + "\x00" + strings.ToLower(user)
	if lang == "" {
		return r.Langs.Of(who)
	}
	r.Langs.Keep(who, lang)
	return lang
}

// Event is the event that a body tells. It is of Kind "" where it tells none that anybody stores. It fails with ErrUnreadable.
func (r Reader) Event(b Body, req string, now time.Time) (channel.Event, error) {
	group := b.ChatType == "group" || b.ChatType == "" && b.ChatID != ""
	id, place := string(b.MsgID), channel.Place{ID: strings.ToLower(b.From.UserID), Group: group} // WeCom writes one person's id in either case
	if group {
		place.ID = b.ChatID
	}
	if b.From.UserID == "" || place.ID == "" {
		return channel.Event{}, fmt.Errorf("%w: it names no person or no chat", ErrUnreadable)
	}
	e := channel.Event{
		Actor: channel.Actor{Tenant: b.From.CorpID, ID: b.From.UserID}, Place: place, At: timeOf(int64(b.CreateTime)),
	}
	chat := b.From.UserID
	if group {
		chat = b.ChatID
	}
	to := Target{Req: req, Msg: id, Chat: chat, Group: group, User: b.From.UserID, URL: b.ResponseURL, At: now.Unix()}
	switch {
	case b.MsgType == "event" && b.Event != nil:
		to.Event = true
		e.DeliveryKey = cmp.Or(id, keyOf(b))
		to.Msg = e.DeliveryKey
		if err := happened(&e, *b.Event); err != nil {
			return channel.Event{}, err
		}
		e.ContentKey = place.ID + "/" + e.DeliveryKey
	case b.MsgType == "event" || b.MsgType == "stream" || b.MsgType == "":
		return channel.Event{}, fmt.Errorf("%w: it says nothing", ErrUnreadable)
	default:
		if id == "" {
			return channel.Event{}, fmt.Errorf("%w: a message without an id", ErrUnreadable)
		}
		e.DeliveryKey, e.ContentKey = id, place.ID+"/"+id
		if said := b.Said(); said != "" || worded[b.MsgType] {
			e.Kind, e.Text = channel.Question, said
			if group {
				e.Text = r.spoken(said)
			}
			e.Quote = b.Quote.Words()
		}
	}
	to.Lang = r.langOf(place.ID, b.From.UserID, e.Text)
	e.Reply = to.Handle()
	return e, nil
}

// worded are the types of message that have words.
var worded = map[string]bool{"text": true, "voice": true}

// happened adds what an event tells.
func happened(e *channel.Event, in Event) error {
	switch in.Type {
	case CardPressed:
		if e.Token = in.Details().Key; e.Token == "" {
			return fmt.Errorf("%w: a button without a key", ErrUnreadable)
		}
		e.Kind = channel.Pressed
	case Rated:
		f := in.Feedback
		if f == nil || f.ID == "" {
			return fmt.Errorf("%w: feedback on nothing", ErrUnreadable)
		}
		e.Kind, e.Feedback = channel.Rated, feedbackOf(*f)
	}
	return nil
}

// reasons are those of WeCom (https://developer.work.weixin.qq.com/document/path/101027): 1 does not fit the question, 2 is
// incomplete, 3 is not true, 4 is of a wrong source.
var reasons = map[int]string{1: "irrelevant", 2: "incomplete", 3: "wrong", 4: "wrong"}

// feedbackOf reads feedback: 1 is good, 2 is bad, 3 takes it back. Of several reasons the gravest counts.
func feedbackOf(f Feedback) *channel.Feedback {
	out := &channel.Feedback{Answer: f.ID, Good: f.Type == 1, Withdrawn: f.Type == 3, Text: f.Content}
	if f.Type != 2 {
		return out
	}
	for _, r := range f.Reasons {
		if name := reasons[int(r)]; name == "wrong" || out.Reason == "" {
			out.Reason = name
		}
	}
	if out.Reason == "" && f.Content != "" {
		out.Reason = "other"
	}
	return out
}

// keyOf names a body that has no id.
func keyOf(b Body) string {
	p := b.Event.Details()
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s %d %s %s %s %+v", b.From.UserID, b.ChatID, b.CreateTime, b.Event.Type, p.TaskID, p.Key, b.Event.Feedback))
	return "e" + base64.RawURLEncoding.EncodeToString(sum[:])[:23]
}

// timeOf reads a time in seconds or milliseconds since 1970; the zero time for none.
func timeOf(t int64) time.Time {
	switch {
	case t <= 0:
		return time.Time{}
	case t > 1e11:
		return time.UnixMilli(t).UTC()
	}
	return time.Unix(t, 0).UTC()
}

// spoken is a text of a group without the mention of the bot: by its name wherever it stands, else the one at the start.
func (r Reader) spoken(text string) string {
	if name := strings.TrimPrefix(strings.TrimSpace(r.Name), "@"); name != "" {
		if before, after, found := strings.Cut(text, "@"+name); found {
			if strings.TrimSpace(before) == "" {
				before = ""
			}
			return before + withoutGap(after)
		}
	}
	rest, found := strings.CutPrefix(strings.TrimSpace(text), "@")
	at := strings.IndexFunc(rest, func(c rune) bool { return isGap(c) || c == '\n' })
	switch {
	case found && at < 0 && isName(rest):
		return "" // nothing but a mention
	case !found || at <= 0:
		return text
	}
	return withoutGap(rest[at:])
}

// isName reports whether a text could be a name: it is short, and no sentence.
func isName(s string) bool {
	return s != "" && utf8.RuneCountInString(s) <= 16 && !strings.ContainsAny(s, "，。？！；：,?!;:")
}

// isGap reports whether a character is a blank that clients put after a mention.
func isGap(r rune) bool { return r == ' ' || r == '\u00a0' || r == '\u2005' }

// withoutGap is what follows a mention: one or two blanks are of it.
func withoutGap(s string) string {
	for range 2 {
		r, n := utf8.DecodeRuneInString(s)
		if !isGap(r) {
			break
		}
		s = s[n:]
	}
	return s
}

// LangOf is the language of a text, as far as one sees at a glance: zh or en, "" for neither.
func LangOf(text string) string {
	letters := false
	for _, r := range text {
		if unicode.Is(unicode.Han, r) {
			return "zh"
		}
		letters = letters || unicode.IsLetter(r)
	}
	if letters {
		return "en"
	}
	return ""
}
