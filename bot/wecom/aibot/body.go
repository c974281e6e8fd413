// Package aibot is what the two surfaces of WeCom's AI bot (智能机器人) share, the long connection and the callback: what
// they send as our events, and what they are sent.
//
// Sources: https://developer.work.weixin.qq.com/document/path/101463 (long connection), 101039 and 100719 (callback and
// messages), 101027 (events), 101138 (response_url), and the types of the vendor's client @wecom/aibot-node-sdk.
package aibot

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// A Body is a message or an event as WeCom tells it. Every field may be missing.
type Body struct {
	MsgID       text     `json:"msgid"`
	CreateTime  number   `json:"create_time"` // seconds since 1970, in some events milliseconds
	BotID       string   `json:"aibotid"`
	ChatID      string   `json:"chatid"`   // of a group
	ChatType    string   `json:"chattype"` // single or group
	From        From     `json:"from"`
	ResponseURL string   `json:"response_url"`
	MsgType     string   `json:"msgtype"`
	Text        *Content `json:"text"`
	Voice       *Content `json:"voice"` // as text
	Mixed       *Mixed   `json:"mixed"`
	Quote       *Quote   `json:"quote"`
	Stream      *Stream  `json:"stream"` // of a look whether more of a reply is there
	Event       *Event   `json:"event"`
}

// From is who it comes from.
type From struct {
	UserID string `json:"userid"`
	CorpID string `json:"corpid"` // only of other corporations
}

// Content is a text.
type Content struct {
	Content string `json:"content"`
}

// Mixed is texts and images.
type Mixed struct {
	Items []struct {
		MsgType string   `json:"msgtype"`
		Text    *Content `json:"text"`
	} `json:"msg_item"`
}

// A Quote is what a message quotes: its content, but not which message it was.
type Quote struct {
	MsgType string   `json:"msgtype"`
	Text    *Content `json:"text"`
	Voice   *Content `json:"voice"`
	Mixed   *Mixed   `json:"mixed"`
}

// An Event is the event of a Body. Its details stand in a part of their own or, in older versions, beside its type.
type Event struct {
	Type     string    `json:"eventtype"`
	Card     *Pressed  `json:"template_card_event"`
	Feedback *Feedback `json:"feedback_event"`
	Pressed
}

// Pressed is what a person did to a card.
type Pressed struct {
	CardType string `json:"card_type"`
	Key      string `json:"event_key"`
	TaskID   string `json:"task_id"`
}

// Feedback is what a person thinks of a reply.
type Feedback struct {
	ID      string   `json:"id"` // as the reply gave it
	Type    number   `json:"type"`
	Content string   `json:"content"`
	Reasons []number `json:"inaccurate_reason_list"`
}

// Types of event.
const (
	EnterChat    = "enter_chat"
	CardPressed  = "template_card_event"
	Rated        = "feedback_event"
	Disconnected = "disconnected_event"
)

// A number may be written as a text; what is none of both is 0.
type number int64

// UnmarshalJSON implements json.Unmarshaler. It does not fail: a message is not lost for a number.
func (n *number) UnmarshalJSON(data []byte) error {
	i, err := strconv.ParseInt(strings.Trim(string(data), `"`), 10, 64)
	if err != nil {
		i = 0
	}
	*n = number(i)
	return nil
}

// A text may be written as a number.
type text string

// UnmarshalJSON implements json.Unmarshaler.
func (t *text) UnmarshalJSON(data []byte) error {
	var n json.Number
	if len(data) > 0 && data[0] != '"' && json.Unmarshal(data, &n) == nil {
		*t = text(n)
		return nil
	}
	return json.Unmarshal(data, (*string)(t))
}

// ReadBody reads a body. Numbers may be written as strings, and of a type that nobody makes use of any form will do.
func ReadBody(data []byte) (Body, error) {
	var b Body
	if trimmed := bytes.TrimSpace(data); len(trimmed) == 0 || trimmed[0] != '{' {
		return b, fmt.Errorf("read a message of WeCom: it is no JSON object, %d bytes", len(data))
	}
	if err := json.Unmarshal(data, &b); err != nil {
		return b, fmt.Errorf("read a message of WeCom: %w", err)
	}
	return b, nil
}

// Said is what a message says in words: its text, spoken or among images. "" where it says nothing.
func (b Body) Said() string {
	switch b.MsgType {
	case "text":
		return b.Text.text()
	case "voice":
		return b.Voice.text()
	case "mixed":
		return b.Mixed.text()
	}
	return ""
}

// Words are those that a message quotes, "" for an image and the like.
func (q *Quote) Words() string {
	if q == nil {
		return ""
	}
	switch q.MsgType {
	case "text", "markdown", "":
		return q.Text.text()
	case "voice":
		return q.Voice.text()
	case "mixed":
		return q.Mixed.text()
	}
	return ""
}

func (c *Content) text() string {
	if c == nil {
		return ""
	}
	return c.Content
}

func (m *Mixed) text() string {
	if m == nil {
		return ""
	}
	var lines []string
	for _, i := range m.Items {
		if i.MsgType == "text" && i.Text != nil {
			lines = append(lines, i.Text.Content)
		}
	}
	return strings.Join(lines, "\n")
}

// Details are those of a card that was pressed.
func (e Event) Details() Pressed {
	if e.Card != nil {
		return *e.Card
	}
	return e.Pressed
}
