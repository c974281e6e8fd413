// Package render makes what a document looks like in WeCom: pure functions from documents to messages of markdown and to
// template cards, without a network.
//
// A document becomes messages that follow each other: what it says with the numbers of its sources, what limits it as
// lines that are set apart, its sources with the words that they quote and the pages of their clauses, and at the end of
// each message who made it and a reference. Text of documents and people never is markup: see [Guard].
//
// WeCom knows three kinds of markdown. That of an app and of a group's webhook
// (https://developer.work.weixin.qq.com/document/path/90236, 99110) has headings, bold, italics, links, inline code, quotes
// and colours; a line of it is a line. That of the AI bot (99110, markdown_v2) has lists, tables and images besides. Ours
// uses bold, quotes and links alone, so that it reads well where even these are not shown.
package render

import (
	"slices"
	"strings"

	"policybot/bot/channel"
	"policybot/bot/channel/cut"
	"policybot/bot/channel/reading"
)

// A Style says for which surface a text is. Use one of the three below.
type Style struct {
	Bytes  int  // most bytes of UTF-8 in a message
	Budget int  // most bytes of what a document says, without its sources, in a message of several
	Rich   bool // lines are paragraphs unless they end in two blanks
	OneWay bool // nobody can reply there
}

// Budgets: a text of no more bytes is one message, whatever reference it has. Of AppBudget and HookBudget this holds when
// [Guard] has to break it at no more than one in 25 of its bytes, as in any text that was not made for it; of Budget always.
const (
	Budget     = 5000
	AppBudget  = 1700
	HookBudget = 3500
)

// Surfaces of WeCom.
var (
	// Bot is the AI bot: streams and what it pushes (https://developer.work.weixin.qq.com/document/path/101031).
	Bot = Style{Bytes: 20480, Budget: Budget, Rich: true}
	// App is a self-built app: message/send (https://developer.work.weixin.qq.com/document/path/90236).
	App = Style{Bytes: 2048, Budget: AppBudget}
	// Hook is the webhook of a group (https://developer.work.weixin.qq.com/document/path/99110).
	Hook = Style{Bytes: 4096, Budget: HookBudget, OneWay: true}
)

// Parts is a whole document as messages, at least one, each of at most s.Bytes bytes and not blank. Each ends with a line
// that shows the label, its number where there are several, and the reference, of at most 16 of [0-9A-Z]; any other is left
// out. Every sentence and every source is there once, in order; a sentence that is too long for a message goes on in the
// next. A document whose buttons are not shown on a card is to be passed without them.
func Parts(d channel.Doc, s Style, ref string) []string {
	r := reading.Read(forStyle(d, s))
	p := newPacker(s, len(last(d.Label, r.Lang, most, most, ref)), r)
	for _, it := range slices.Concat(said(r), sources(r, s), standing(r, s)) {
		p.put(it)
	}
	out := make([]string, len(p.pages))
	for i, pg := range p.pages {
		out[i] = strings.TrimLeft(pg.text+"\n\n"+last(d.Label, r.Lang, i+1, len(p.pages), ref), "\n")
	}
	return out
}

// most is the greatest number of parts that is reckoned with.
const most = 99999

// forStyle is a document for a surface. The words that ask for a person stand in the text of an app's message also where a
// button does the same: who reads it in WeChat sees texts alone. They stand nowhere where nobody can reply.
func forStyle(d channel.Doc, s Style) channel.Doc {
	switch {
	case s.OneWay:
		d.Buttons = []channel.Button{{Does: "person"}}
	case !s.Rich:
		d.Buttons = nil
	}
	return d
}

// Snapshot is what a document says so far, as much of it as is one message, without its sources, its label and what
// stands below; "" when there is nothing to see yet. What its last sentence ends in is held back while it may be half of
// something: a number, a marker, an address, markup.
func Snapshot(d channel.Doc, s Style) string {
	r := reading.Read(d)
	items := said(r)
	if n := len(items); n > 0 {
		items[n-1] = begun(r, r.Before[n-1])
	}
	p := newPacker(s, 0, nil)
	for _, it := range items {
		whole := len(it.text)
		if it.text = it.text[:cut.At(it.text, s.Bytes)]; it.text != "" {
			p.put(it)
		}
		if len(p.pages) > 1 || len(it.text) < whole {
			break
		}
	}
	return p.pages[0].text
}

// begun is the item of a node that is still being written.
func begun(r *reading.Doc, n reading.Node) item {
	for whole := ""; n.Text != whole; {
		whole = n.Text
		n.Text = cut.Tidy(unfinished.ReplaceAllString(whole, ""))
	}
	if n.Text == "" {
		return item{}
	}
	return itemOf(r, n)
}
