package render

import (
	"cmp"
	"regexp"
	"strings"
	"unicode/utf8"

	"policybot/bot/channel"
	"policybot/bot/channel/cut"
	"policybot/bot/wecom/card"
)

// cardWords are what cards say, in Chinese and English, within the limits of package card.
var cardWords = map[string][2]string{
	"sources":      {"答复的依据", "Sources of the reply"},
	"choose":       {"请选择，也可以直接打字", "Choose, or just type"},
	"helpful":      {"这条答复有用吗？", "Was this reply useful?"},
	"person":       {"需要工作人员答复吗？", "Do you need a person?"},
	"case":         {"有问题等待答复", "A question waits"},
	"number":       {"文号", "No."},
	"clause":       {"原文 %d", "Clause %d"},
	"ask":          {"原文 %d", "clause %d"},
	"more notices": {"（另有 %d 条，见上文）", " (%d more above)"},
	"done":         {"已收到", "Received"},
	"colon":        {"：", ": "},

	"label extract": {"原文摘录", "Quoted from the documents"},
	"label ai":      {"AI 生成，逐句核对过出处", "Written by AI, sources checked"},
	"label staff":   {"工作人员答复", "Reply by staff"},
	"label notice":  {"系统消息", "Service message"},
	"label other":   {"来源不明", "Of unknown origin"},

	"button good":   {"有用", "Useful"},
	"button bad":    {"没用", "Not useful"},
	"button person": {"转人工", "Ask staff"},
	"button case":   {"答复", "Reply"},

	"why":               {"没用的原因", "If not useful"},
	"reason none":       {"不说明", "Not said"},
	"reason irrelevant": {"答非所问", "Irrelevant"},
	"reason incomplete": {"不完整", "Incomplete"},
	"reason wrong":      {"有错误", "Wrong"},
	"reason outdated":   {"已过时", "Outdated"},
	"reason other":      {"其他", "Other"},
}

// cardWord is what a card says in a language: en, else Chinese. "" for what it does not say.
func cardWord(lang, name string) string {
	if lang == "en" {
		return cardWords[name][1]
	}
	return cardWords[name][0]
}

// replies reports whether a button says something, as any does that does nothing else.
func replies(does string) bool {
	switch does {
	case "good", "bad", "person", "case":
		return false
	}
	return true
}

// buttons are the first of a document's, in its order. The one that asks for a person is always among them: it takes the
// place of the last where it would not be.
func (w *writer) buttons() []card.Button {
	room := card.MaxButtons
	if w.o.MaxButtons > 0 {
		room = min(room, w.o.MaxButtons)
	}
	var out []card.Button
	person := -1
	seen := map[string]bool{}
	for _, b := range w.d.Buttons {
		one := card.Button{Text: w.label(b), Key: b.Token}
		if seen[b.Token] || one.Text == "" || b.Token == "" || len(b.Token) > maxToken || cut.Clean(b.Token) != b.Token || b.Token == DoneKey {
			continue
		}
		if seen[b.Token] = true; b.Does == "person" && person < 0 {
			person = len(out)
		}
		out = append(out, one)
	}
	if person >= room {
		out[room-1] = out[person]
	}
	return out[:min(len(out), room)]
}

// maxToken is the most bytes of a token; ours have 22.
const maxToken = 64

// bracketed is what a label explains at its end.
var bracketed = regexp.MustCompile(`\s*[（(][^（）()]*[）)]$`)

// article is what an English label does without where there is little room.
var article = regexp.MustCompile(`(?i)^(?:an?|the) `)

// label is what a button says: its label, or where that is too long a shorter word for the same.
func (w *writer) label(b channel.Button) string {
	text := cut.Line(b.Label) // as it is: there is no markup on buttons
	if cut.Tidy(text) == "" {
		return ""
	}
	if utf8.RuneCountInString(text) <= card.MaxButton {
		return text
	}
	short := article.ReplaceAllString(strings.TrimRight(bracketed.ReplaceAllString(text, ""), " "), "")
	if short == "" || utf8.RuneCountInString(short) > card.MaxButton {
		short = cut.Runes(text, card.MaxButton)
	}
	return cmp.Or(cardWord(w.Lang, "button "+b.Does), short)
}

// reasons is the list that says why a reply is not good, where a button says that it is not: in an app, which has no such
// list of its own.
func (w *writer) reasons(shown []card.Button) *card.Selection {
	bad := ""
	for _, b := range w.d.Buttons {
		if b.Does == "bad" {
			bad = cmp.Or(bad, b.Token)
		}
	}
	for _, b := range shown {
		if b.Key != bad || w.o.Bot {
			continue
		}
		s := &card.Selection{Key: ReasonKey, Title: cardWord(w.Lang, "why"), Selected: ReasonNone}
		s.Options = append(s.Options, card.Option{ID: ReasonNone, Text: cardWord(w.Lang, "reason "+ReasonNone)})
		for _, r := range channel.Reasons {
			s.Options = append(s.Options, card.Option{ID: r, Text: cardWord(w.Lang, "reason "+r)})
		}
		return s
	}
	return nil
}
