package render

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"policybot/bot/channel"
)

// words are what we say ourselves, in Chinese and English. A slot is %s or %d.
var words = map[string][2]string{
	"label extract": {"原文摘录", "Quoted from the documents"},
	"label ai":      {"AI 生成，逐句核对过出处", "Written by AI; each sentence checked against its source"},
	"label staff":   {"工作人员答复", "Reply by staff"},
	"label notice":  {"系统消息", "Service message"},
	"label other":   {"来源不明", "Of unknown origin"},
	"part":          {"%s（%d/%d）", "%s (%d/%d)"},
	"sources":       {"依据", "Sources"},
	"sources more":  {"依据（续）", "Sources (continued)"},
	"title":         {"《%s》", "“%s”"},
	"number":        {"（%s）", " (%s)"},
	"quote":         {"“%s”", "“%s”"},
	"clause":        {"条款 %d", "Clause %d"},
	"show clause":   {"查看条款：%s %s", "Show the clause: %s %s"},
	"queued":        {"正在排队，马上就轮到您…", "Waiting in line…"},
	"working":       {"正在查找条款…", "Looking for clauses…"},
}

// say fills what we say in a language: en, else Chinese.
func say(lang, name string, args ...any) string {
	text := words[name][0]
	if lang == "en" {
		text = words[name][1]
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

var labels = []channel.Label{channel.LabelExtract, channel.LabelAI, channel.LabelStaff, channel.LabelNotice}

// LabelText is how people see who made a document: en, else Chinese. A label that is none of
// package channel's is said to be unknown.
func LabelText(l channel.Label, lang string) string {
	if !slices.Contains(labels, l) {
		return say(lang, "label other")
	}
	return say(lang, "label "+string(l))
}

var counted = regexp.MustCompile(`(?:（| \()\d+/\d+[）)]$`)

// ParseLabel reads the line that shows a label, in either language, with or without the number of the
// part; "" when it is none.
func ParseLabel(text string) channel.Label {
	text = counted.ReplaceAllString(text, "")
	for _, l := range labels {
		if text == LabelText(l, "zh") || text == LabelText(l, "en") {
			return l
		}
	}
	return ""
}

// Status is what is shown while a question is worked on, for the steps "queued" and "working"; any other
// step is "working". It has no ASCII comma: lists of them are joined with commas on their way.
func Status(step, lang string) string {
	if step != "queued" {
		step = "working"
	}
	return say(lang, step)
}

// language is the language of a document: its own, or where it has none, that of its text.
func language(d channel.Doc) string {
	if d.Lang == "zh" || d.Lang == "en" {
		return d.Lang
	}
	if strings.IndexFunc(d.Text, func(r rune) bool { return unicode.Is(unicode.Han, r) }) >= 0 {
		return "zh"
	}
	return "en"
}
