package render

import (
	"fmt"
	"regexp"
	"strings"

	"policybot/bot/channel"
	"policybot/bot/channel/reading"
)

// words are what we say ourselves, in Chinese and English. A slot is %s or %d.
var words = map[string][2]string{
	"notice":       {"注意", "Note"},
	"colon":        {"：", ": "},
	"quote":        {"“%s”", "“%s”"},
	"sources":      {"依据", "Sources"},
	"sources more": {"依据（续）", "Sources (continued)"},
	"page":         {"打开条款 %d", "Open clause %d"},
	"ask one":      {"发送“原文 %d”，就在这里看条款全文，不用登录。", "Send “clause %d” to read the whole clause here, without a login."},
	"ask many":     {"发送“原文 %d”（编号可换），就在这里看条款全文，不用登录。", "Send “clause %d”, or another number, to read a whole clause here, without a login."},
	"ref":          {" · 编号 %s", " · Ref %s"},
	"queued":       {"正在排队，马上就轮到您…", "Waiting in line…"},
	"working":      {"正在查找条款…", "Looking for clauses…"},
	"stopped":      {"已按您的要求停止，这个问题没有作答。", "Stopped, as you asked. The question was not answered."},
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

// Progress is what is shown while a question is worked on, for the steps "queued" and "working"; any other step is
// "working". It is the same for every style.
func Progress(step, lang string, _ Style) string {
	if step != "queued" {
		step = "working"
	}
	return say(lang, step)
}

// Stopped is what takes the place of a reply that the asker stopped: en, else Chinese.
func Stopped(lang string) string { return say(lang, "stopped") }

// dash begins the last line of a message.
const dash = "— "

var (
	goodRef = regexp.MustCompile(`^[0-9A-Z]{1,16}$`)
	refAt   = regexp.MustCompile(` · (?:编号|Ref) ([0-9A-Z]{1,16})$`)
	quoted  = regexp.MustCompile(`— [^\n]{1,90}? · (?:编号|Ref) [0-9A-Z]{1,16}`)
)

// last is the last line of a part: who made it, which part it is, and the reference.
func last(l channel.Label, lang string, part, parts int, ref string) string {
	line := dash + reading.LabelOf(l, lang, part, parts)
	if goodRef.MatchString(ref) {
		line += say(lang, "ref", ref)
	}
	return line
}

// ParseLabel reads the line of a message that shows a label, in either language, with or without the number of the part
// and a reference; "" when it is another line.
func ParseLabel(line string) channel.Label {
	rest, found := strings.CutPrefix(strings.TrimSpace(line), dash)
	if !found {
		return ""
	}
	return reading.ParseLabel(refAt.ReplaceAllString(rest, ""))
}

// ReadRef is the reference in what people quote of a message that [Parts] made, whether or not lines are still lines
// there; the last, where there are several; "" when there is none. What a document says is not taken for one.
func ReadRef(text string) string {
	found := quoted.FindAllStringIndex(text, -1)
	for i := len(found) - 1; i >= 0; i-- {
		from, to := found[i][0], found[i][1]
		if to < len(text) && alphanumeric(rune(text[to])) {
			continue
		}
		for at := from; at >= 0; { // a label may stand behind another dash
			if line := text[at:to]; ParseLabel(line) != "" {
				return refAt.FindStringSubmatch(line)[1]
			}
			next := strings.Index(text[at+len(dash):to], dash)
			if next < 0 {
				break
			}
			at += len(dash) + next
		}
	}
	return ""
}
