package aibot

import (
	"encoding/json"

	"policybot/bot/channel"
)

// A Stream is a message that is being written: each snapshot takes the place of the one before.
type Stream struct {
	ID       string       `json:"id"`
	Finish   bool         `json:"finish"`
	Content  string       `json:"content"` // markdown, at most 20,480 bytes
	Feedback *FeedbackKey `json:"feedback,omitempty"`
}

// A FeedbackKey is what a person's feedback on a message will name. It counts only with the first snapshot.
type FeedbackKey struct {
	ID string `json:"id"` // at most 256 bytes
}

// A Message is what is sent.
type Message struct {
	ChatID   string          `json:"chatid,omitempty"` // of what is sent unasked: a group, or a person's id
	MsgType  string          `json:"msgtype"`
	Stream   *Stream         `json:"stream,omitempty"`
	Card     json.RawMessage `json:"template_card,omitempty"`
	Markdown *Markdown       `json:"markdown,omitempty"`
	Text     *Content        `json:"text,omitempty"`
}

// Streamed is a snapshot of a message, with a card under it or nil.
func Streamed(s Stream, card json.RawMessage) Message {
	kind := "stream"
	if card != nil {
		kind = "stream_with_template_card"
	}
	return Message{MsgType: kind, Stream: &s, Card: card}
}

// Markdown is a whole message.
type Markdown struct {
	Content  string       `json:"content"` // at most 20,480 bytes
	Feedback *FeedbackKey `json:"feedback,omitempty"`
}

// Pushed is a message that is sent unasked.
func Pushed(chat, markdown string, feedback *FeedbackKey) Message {
	return Message{ChatID: chat, MsgType: "markdown", Markdown: &Markdown{markdown, feedback}}
}

// PushedCard is a card that is sent unasked.
func PushedCard(chat string, card json.RawMessage) Message {
	return Message{ChatID: chat, MsgType: "template_card", Card: card}
}

// Worded is a text, such as a welcome.
func Worded(text string) Message {
	return Message{MsgType: "text", Text: &Content{text}}
}

// An Update takes the place of a card that was pressed.
type Update struct {
	Response string          `json:"response_type"` // update_template_card
	Card     json.RawMessage `json:"template_card"`
}

// Updated is the update to a card.
func Updated(card json.RawMessage) Update { return Update{"update_template_card", card} }

// Codes of WeCom (https://developer.work.weixin.qq.com/document/path/96213, and those of the AI bot).
const (
	CodeOK            = 0
	CodeBusy          = -1
	CodeInvalidReq    = 846605 // the req_id is not known, or too old
	CodeExpired       = 846608 // the stream has ended
	CodeNotSubscribed = 846609
	CodeBotSecret     = 853000 // the bot's id or secret is wrong; not documented, and seen in reports of real traffic
	CodeBadSecret     = 40001  // a secret is wrong
	CodeTooFast       = 45009
	CodeTooMany       = 45033
	CodeSendTooFast   = 130101
)

// TooFast reports whether a code asks for time.
func TooFast(code int) bool {
	return code == CodeTooFast || code == CodeTooMany || code == CodeSendTooFast
}

// gone are codes that tell that nobody can be reached there.
var gone = map[int]string{
	81013: "none of the receivers may use the bot",
	60111: "the person does not exist",
	40003: "the person does not exist",
	46004: "the person does not exist",
	86008: "the group does not exist, or the bot is not in it",
	86001: "the group does not exist",
	86003: "the person is not in the group",
	86216: "the person has never talked to the bot",
	84061: "the person is no contact any more",
}

// Gone says why nobody can be reached, "" for other codes.
func Gone(code int) string { return gone[code] }

// Welcome is what somebody reads who opens the chat with the bot, in both languages: nothing is known of them yet.
const Welcome = "您好！我按政策原文回答问题，每句话都注明依据的条款；没有依据时会直说。可以问：\n" +
	"· 厦门对生物医药企业上市有什么目标？\n· 我们是外资企业，能享受哪些支持？\n" +
	"发“转人工”找工作人员，发“停止”停止回答。\n\n" +
	"Hello! I answer from official policy documents and cite the clause behind every sentence; where there is none I say so. " +
	"For example:\n· What is Xiamen's target for listed biomedical companies?\n· We are foreign-invested. What support can we get?\n" +
	"Send \"ask a person\" for the staff, \"stop\" to stop an answer."

// A Phrase is something that people read: Chinese, English.
type Phrase [2]string

// In gives the phrase in a language, zh or en, and in both where that is not known.
func (p Phrase) In(lang string) string {
	switch lang {
	case "zh":
		return p[0]
	case "en":
		return p[1]
	}
	return p[0] + "\n" + p[1]
}

var (
	unread = Phrase{
		"我目前只能读文字和语音，看不了图片、文件和视频。请用文字说明您的问题。",
		"I can only read text and speech so far. Please send your question in words.",
	}
	notTaken = Phrase{
		"您的消息没能受理，请过几分钟重新发送。",
		"Your message could not be taken in. Please send it again in a few minutes.",
	}
	notPressed = Phrase{
		"您刚才按的按钮没能受理，请过几分钟再按一次，或者直接打字。",
		"The button you pressed could not be taken in. Please press it again in a few minutes, or type what it says.",
	}
	follows = Phrase{
		"回答还在准备，完成后会另发一条消息。",
		"The answer is still being prepared. It will follow in another message.",
	}
)

// Unread is what somebody is told whose message has no words. The language is as for [Phrase.In], here and below.
func Unread(lang string) string { return unread.In(lang) }

// Lost is what somebody is told whose question or press of a button could not be stored. With any other kind of event
// nobody waits for anything, and ok is false.
func Lost(kind channel.Kind, lang string) (text string, ok bool) {
	switch kind {
	case channel.Question:
		return notTaken.In(lang), true
	case channel.Pressed:
		return notPressed.In(lang), true
	}
	return "", false
}

// Follows is what a reply says whose stream has to end before the answer is there.
func Follows(lang string) string { return follows.In(lang) }

// A Label is what stands on a button, and in which language its document is.
type Label struct{ Text, Lang string }
