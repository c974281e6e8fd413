// Package render makes what a document looks like in Slack: pure functions from documents to messages,
// without a network.
//
// A document becomes messages of blocks: what it says as rich text with a citation after each sentence,
// what limits it as context lines, its sources with the words that they quote, who made it, and the
// buttons. Text of a document stands in rich text and plain text only, where Slack reads no markup; the
// exceptions are [Message.Text] and [Markdown], which are escaped.
package render

import (
	"slices"

	"github.com/slack-go/slack"

	"policybot/bot/channel"
)

// Limits of a message. Those of Slack are at
// https://docs.slack.dev/reference/block-kit/blocks and https://docs.slack.dev/changelog.
const (
	// Budget is the most bytes of what a document says, without its sources, in one message. A text of
	// no more bytes is one message.
	Budget = 8000
	// MaxButtons is the most buttons of a document that are shown.
	MaxButtons = 25
	// MaxChars is the most characters (UTF-16 units) of all strings in the blocks of one message. Slack
	// refuses messages of about 13,200 (msg_blocks_too_long), which its reference does not say.
	MaxChars = 12000
	// MaxBlocks is the most blocks of a message.
	MaxBlocks = 50
)

// A Message is one message of a document.
type Message struct {
	// Text is the whole text of this part as mrkdwn, for notifications and clients without blocks. & < >
	// are escaped; it is to be sent with [Options]. At most 40,000 bytes.
	Text string
	// Blocks have citations and feedback buttons as Slack's own elements.
	Blocks []slack.Block
	// Plain is the same for where Slack may refuse these: citations are links or [n], feedback buttons
	// are ordinary ones.
	Plain []slack.Block
	// Part is the number of the message, from 1, and Parts how many the document has.
	Part, Parts int
}

// Messages is a whole document as messages, at least one. Each shows the label; sources follow what the
// document says, buttons stand under the last. Block ids are unique in a message and carry the mark of
// key and part (see [BlockID]). Every sentence and every source is in one message, a text over [Budget]
// in several that follow each other.
func Messages(d channel.Doc, key string) []Message {
	r := newReader(d)
	items := r.said(r.Before)
	items = append(items, r.sources()...)
	items = append(items, r.standing()...)
	return r.messages(items, key, 0)
}

// Tail is what follows a body that was streamed as [Markdown] of the same document: its notices, its sources, what
// stands below them, the label and the buttons. The first message's blocks end the stream
// (https://docs.slack.dev/reference/methods/chat.stopStream), the others are posted. Its Text is without
// the body. It fits together with the body when Markdown is not longer than [StreamChars].
func Tail(d channel.Doc, key string) []Message {
	r := newReader(d)
	return r.messages(slices.Concat(r.said(r.Notices()), r.sources(), r.standing()), key, min(chars(Markdown(d)), StreamChars))
}

// Options are what a call that sends a message's Text needs besides its text and blocks, so that nothing
// in it becomes a link, a mention or emphasis and no page is unfurled.
func Options() []slack.MsgOption {
	return []slack.MsgOption{
		slack.MsgOptionParse(false), slack.MsgOptionLinkNames(false), slack.MsgOptionDisableMarkdown(),
		slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl(),
	}
}
