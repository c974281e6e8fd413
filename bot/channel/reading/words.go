package reading

import (
	"fmt"
	"regexp"
	"slices"

	"policybot/bot/channel"
)

// words are what is said on every platform, in Chinese and English. A slot is %s or %d.
var words = map[string][2]string{
	"label extract": {"原文摘录", "Quoted from the documents"},
	"label ai":      {"AI 生成，逐句核对过出处", "Written by AI; each sentence checked against its source"},
	"label staff":   {"工作人员答复", "Reply by staff"},
	"label notice":  {"系统消息", "Service message"},
	"label other":   {"来源不明", "Of unknown origin"},
	"part":          {"%s（%d/%d）", "%s (%d/%d)"},
	"title":         {"《%s》", "“%s”"},
	"number":        {"（%s）", " (%s)"},
}

// say fills what is said in a language: en, else Chinese.
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

// LabelOf is the text of a label with the number of the part, where there are several.
func LabelOf(l channel.Label, lang string, part, parts int) string {
	if parts > 1 {
		return say(lang, "part", LabelText(l, lang), part, parts)
	}
	return LabelText(l, lang)
}

var counted = regexp.MustCompile(`(?:（| \()\d+/\d+[）)]$`)

// ParseLabel reads what [LabelOf] wrote in either language; "" when it is not that.
func ParseLabel(text string) channel.Label {
	text = counted.ReplaceAllString(text, "")
	for _, l := range labels {
		if text == LabelText(l, "zh") || text == LabelText(l, "en") {
			return l
		}
	}
	return ""
}
