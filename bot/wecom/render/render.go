// Package render makes what a document looks like in WeCom: pure functions from documents to messages of markdown and to
// template cards, without a network.
package render

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"policybot/bot/channel"
	"policybot/bot/wecom/card"
)

// A Style says for which surface a text is.
type Style struct {
	Bytes  int  // most bytes of a message
	Rich   bool // it knows the whole of markdown_v2
	OneWay bool // nobody can answer there
}

// Surfaces of WeCom.
var (
	Bot  = Style{Bytes: 20480, Rich: true}
	App  = Style{Bytes: 2048}
	Hook = Style{Bytes: 4096, OneWay: true}
)

// Budgets.
const (
	Budget     = 5000
	AppBudget  = 1500
	HookBudget = 3000
)

// Parts are the messages of a document.
func Parts(d channel.Doc, s Style, ref string) []string {
	text := said(d)
	most := map[int]int{Bot.Bytes: Budget, App.Bytes: AppBudget, Hook.Bytes: HookBudget}[s.Bytes]
	var pieces []string
	for {
		if len(text) <= most {
			pieces = append(pieces, text)
			break
		}
		at := most
		for !utf8.RuneStart(text[at]) {
			at--
		}
		pieces = append(pieces, text[:at])
		text = text[at:]
	}
	for i := range pieces {
		label := "— " + LabelText(d.Label, d.Lang)
		if len(pieces) > 1 {
			label += fmt.Sprintf("（%d/%d）", i+1, len(pieces))
		}
		if ref != "" {
			label += " · 编号 " + ref
		}
		pieces[i] = strings.TrimLeft(pieces[i]+"\n\n"+label, "\n")
	}
	return pieces
}

func said(d channel.Doc) string {
	text := d.Text
	if len(d.Nodes) > 0 {
		var lines []string
		for _, n := range d.Nodes {
			lines = append(lines, n.Text)
		}
		text = strings.Join(lines, "\n")
	}
	for _, c := range d.Citations {
		text += fmt.Sprintf("\n[%d] 《%s》%s", c.N, c.Title, c.Path)
	}
	text = strings.ToValidUTF8(text, "\ufffd")
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, text)
	return strings.ReplaceAll(strings.TrimSpace(text), "<", "<\u200b")
}

// Snapshot is the beginning of a document under way.
func Snapshot(d channel.Doc, s Style) string {
	text := said(channel.Doc{Text: d.Text, Nodes: d.Nodes})
	for len(text) > Budget {
		_, n := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-n]
	}
	return text
}

// Progress is what is shown while a question is worked on.
func Progress(step, lang string, s Style) string {
	switch {
	case step == "queued" && lang == "en":
		return "Waiting in line…"
	case step == "queued":
		return "正在排队，马上就轮到您…"
	case lang == "en":
		return "Looking for clauses…"
	}
	return "正在查找条款…"
}

// Stopped takes the place of a reply that the asker stopped.
func Stopped(lang string) string {
	if lang == "en" {
		return "Stopped, as you asked."
	}
	return "已按您的要求停止。"
}

var labels = map[channel.Label][2]string{
	channel.LabelExtract: {"原文摘录", "Quoted from the documents"},
	channel.LabelAI:      {"AI 生成，逐句核对过出处", "Written by AI; each sentence checked against its source"},
	channel.LabelStaff:   {"工作人员答复", "Reply by staff"},
	channel.LabelNotice:  {"系统消息", "Service message"},
}

// LabelText is how people see who made a document.
func LabelText(l channel.Label, lang string) string {
	if lang == "en" {
		return labels[l][1]
	}
	return labels[l][0]
}

var (
	refAt   = regexp.MustCompile(` · (?:编号|Ref) ([0-9A-Z]{1,16})$`)
	counted = regexp.MustCompile(`(?:（| \()\d+/\d+[）)]$`)
)

// ParseLabel reads the line that shows a label.
func ParseLabel(line string) channel.Label {
	line = counted.ReplaceAllString(refAt.ReplaceAllString(strings.TrimSpace(line), ""), "")
	for l := range labels {
		if line == "— "+LabelText(l, "zh") || line == "— "+LabelText(l, "en") {
			return l
		}
	}
	return ""
}

// ReadRef is the reference in a text.
func ReadRef(text string) string {
	ref := ""
	for line := range strings.SplitSeq(text, "\n") {
		if m := refAt.FindStringSubmatch(strings.TrimSpace(line)); m != nil && ParseLabel(line) != "" {
			ref = m[1]
		}
	}
	return ref
}

// CardOptions say which card is wanted.
type CardOptions struct {
	TaskID     string // of the card
	Bot        bool   // of the AI bot; else of a self-built app
	Pages      string // address of the console, or ""
	MaxButtons int    // 0: as many as a card may have
}

// DoneKey is the key of the one button of a card that [Done] makes; pressing it means nothing.
const DoneKey = "done"

// Card is the card of a document; false when it needs none.
func Card(d channel.Doc, o CardOptions) (card.Card, bool) {
	c := card.Card{Type: card.Buttons, Title: &card.Title{Title: "请选择"}, TaskID: o.TaskID}
	for _, b := range d.Buttons {
		if len(c.Buttons) < 6 {
			c.Buttons = append(c.Buttons, card.Button{Text: b.Label, Key: b.Token})
		}
	}
	return c, len(c.Buttons) > 0
}

// Done takes a card's place after a press.
func Done(lang, label, taskID string) card.Card {
	title := "已收到：" + label
	if lang == "en" {
		title = "Received: " + label
	}
	return card.Card{Type: card.Buttons, Title: &card.Title{Title: title}, Buttons: []card.Button{{Text: "✓", Key: DoneKey}}, TaskID: taskID}
}
