package render

import (
	"fmt"

	"policybot/bot/channel"
	"policybot/bot/channel/reading"
)

// words are what we say ourselves, in Chinese and English. A slot is %s or %d.
var words = map[string][2]string{
	"sources":      {"依据", "Sources"},
	"sources more": {"依据（续）", "Sources (continued)"},
	"quote":        {"“%s”", "“%s”"},
	"clause":       {"条款 %d", "Clause %d"},
	"show clause":  {"查看条款：%s %s", "Show the clause: %s %s"},
	"queued":       {"正在排队，马上就轮到您…", "Waiting in line…"},
	"working":      {"正在查找条款…", "Looking for clauses…"},
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

// LabelText is how people see who made a document: en, else Chinese. A label that is none of
// package channel's is said to be unknown.
func LabelText(l channel.Label, lang string) string { return reading.LabelText(l, lang) }

// ParseLabel reads the line that shows a label, in either language, with or without the number of the
// part; "" when it is none.
func ParseLabel(text string) channel.Label { return reading.ParseLabel(text) }

// Status is what is shown while a question is worked on, for the steps "queued" and "working"; any other
// step is "working". It has no ASCII comma: lists of them are joined with commas on their way.
func Status(step, lang string) string {
	if step != "queued" {
		step = "working"
	}
	return say(lang, step)
}
