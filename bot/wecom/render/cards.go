package render

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"policybot/bot/channel"
	"policybot/bot/channel/cut"
	"policybot/bot/channel/reading"
	"policybot/bot/wecom/card"
)

// CardOptions say which card is wanted.
type CardOptions struct {
	TaskID     string // of the card; see [card.TaskID] for one that may not be one
	Bot        bool   // the AI bot sends it; else a self-built app
	Pages      string // address of the console, for clauses whose citations have no address; "" for none
	MaxButtons int    // 0: card.MaxButtons, which is also the most
}

// ReasonKey is the key of the drop-down list that says why a reply is not good. The ids of its options are
// channel.Reasons, and before them ReasonNone, which stands for none.
const (
	ReasonKey  = "reason"
	ReasonNone = "none"
)

// DoneKey is the key of the one button on a card that [Done] makes. Who presses it wants nothing.
const DoneKey = "done"

// Card is the card of a document, and whether it needs one: it has buttons, or a source with a page. It shows the clause of
// the first source with its words, the first notice, the sources, and the first buttons, that which asks for a person among
// them. The keys of buttons are their tokens alone.
//
// A card with buttons cannot ask anything but by these: WeCom knows jumps on other cards only
// (https://developer.work.weixin.qq.com/document/path/101032). Without buttons the card needs a page to open; its jumps then
// ask the AI bot for a clause, and open its page in an app.
func Card(d channel.Doc, o CardOptions) (card.Card, bool) {
	w := writer{Doc: reading.Read(d), d: d, o: o}
	c := card.Card{Type: card.TextNotice, Title: w.title(), Subtitle: w.subtitle(), Quote: w.quote(), Rows: w.rows()}
	if c.Buttons = w.buttons(); len(c.Buttons) > 0 {
		c.Type, c.TaskID = card.ButtonInteraction, card.TaskID(o.TaskID)
		c.Selection = w.reasons(c.Buttons)
		return c, true
	}
	if d.Whole {
		return card.Card{}, false // it would say it again
	}
	for _, n := range w.Numbers {
		if page := w.page(w.Cites[n]); page != "" {
			c.Action = &card.Action{Type: card.Page, URL: page}
			c.Jumps = w.jumps()
			return c, true
		}
	}
	return card.Card{}, false
}

// Done is what takes a card's place after a press: it says that the button with this label was pressed. label may be "".
// taskID is the card's.
func Done(lang, label, taskID string) card.Card {
	text := cardWord(lang, "done")
	if label = plain(label); label != "" {
		text = cut.Runes(text+cardWord(lang, "colon")+label, card.MaxTitle)
	}
	return card.Card{
		Type: card.ButtonInteraction, Title: &card.Title{Title: text}, TaskID: card.TaskID(taskID),
		Buttons: []card.Button{{Text: cardWord(lang, "done"), Key: DoneKey}},
	}
}

// A writer makes a card of a document.
type writer struct {
	*reading.Doc
	d channel.Doc
	o CardOptions
}

// plain is a text on one line of a card, where no markup is known but that of mentions might be.
func plain(s string) string {
	var b strings.Builder
	for i, r := range cut.Line(s) {
		if i > 0 && strings.HasSuffix(b.String(), "<") && !unicode.IsSpace(r) {
			b.WriteString(joint)
		}
		b.WriteRune(r)
	}
	if cut.Tidy(b.String()) == "" {
		return ""
	}
	return b.String()
}

// title says what the card is about, and who made the reply.
func (w *writer) title() *card.Title {
	name := "sources"
	switch has := func(does ...string) bool {
		return slices.ContainsFunc(w.d.Buttons, func(b channel.Button) bool { return slices.Contains(does, b.Does) })
	}; {
	case has("case"):
		name = "case"
	case slices.ContainsFunc(w.d.Buttons, func(b channel.Button) bool { return replies(b.Does) }):
		name = "choose"
	case len(w.Numbers) > 0:
	case has("good", "bad"):
		name = "helpful"
	default:
		name = "person"
	}
	label := "label other"
	if reading.ParseLabel(reading.LabelText(w.d.Label, "zh")) != "" {
		label = "label " + string(w.d.Label)
	}
	return &card.Title{Title: cardWord(w.Lang, name), Desc: cardWord(w.Lang, label)}
}

// subtitle is the first notice, which must not be overlooked where the words of a clause stand alone.
func (w *writer) subtitle() string {
	notices := w.Notices()
	if len(notices) == 0 {
		return ""
	}
	more := ""
	if n := len(notices) - 1; n > 0 {
		more = fmt.Sprintf(cardWord(w.Lang, "more notices"), n)
	}
	begin := say(w.Lang, "notice") + say(w.Lang, "colon")
	room := card.MaxSubtitle - utf8.RuneCountInString(begin+more)
	return begin + cut.Runes(w.brief(plain(notices[0].Text), room), room) + more
}

// brief is a text that fits into n runes where shorter titles of documents are enough for that: what is said of a document
// matters more than the end of its name.
func (w *writer) brief(text string, n int) string {
	const least = 12 // runes of a title
	for _, number := range w.Numbers {
		title := plain(w.Cites[number].Title)
		over, runes := utf8.RuneCountInString(text)-n, utf8.RuneCountInString(title)
		if over > 0 && runes > least && strings.Contains(text, title) {
			text = strings.ReplaceAll(text, title, shortTitle(title, max(least, runes-over)))
		}
	}
	return text
}

// quote is the first source with its words.
func (w *writer) quote() *card.Quote {
	if len(w.Numbers) == 0 {
		return nil
	}
	c := w.Cites[w.Numbers[0]]
	name := cut.Runes(fmt.Sprintf("[%d] ", c.N)+w.place(c, card.MaxQuoteHead-utf8.RuneCountInString(fmt.Sprintf("[%d] ", c.N))), card.MaxQuoteHead)
	q := &card.Quote{Title: strings.TrimSpace(name), Text: shortQuote(c.Quote)}
	if q.URL = w.page(c); q.URL != "" {
		q.Type = card.Page
	}
	return q
}

// shortQuote is a quote in marks, cut where it is too long: at the end of a sentence if that is not far.
func shortQuote(s string) string {
	if s = plain(s); s == "" {
		return ""
	}
	short := cut.Runes(s, card.MaxQuote-utf8.RuneCountInString("“”"))
	if n := len(short) - len("…"); short != s {
		if at := cut.At(s, n); at > n*2/3 {
			short = strings.TrimSpace(s[:at]) + "…"
		}
	}
	return "“" + short + "”"
}

// place names a clause in at most n runes: its document, and where it stands there.
func (w *writer) place(c reading.Cite, n int) string {
	title, path := plain(c.Title), plain(c.Path)
	switch {
	case title == "":
		return cut.Runes(cmp.Or(path, plain(c.Number), " "), n)
	case path == "":
		return w.titled(title, n)
	}
	if room := n - 1 - utf8.RuneCountInString(w.titled(title, n)); room < utf8.RuneCountInString(path) {
		path = cut.Runes(path, max(room, n/2))
	}
	return w.titled(title, n-1-utf8.RuneCountInString(path)) + " " + path
}

// titled is a title in the marks of titles, in at most n runes. Where it is too long its end is left out, not a mark.
func (w *writer) titled(title string, n int) string {
	open, end := "《", "》"
	if w.Lang == "en" {
		open, end = "“", "”"
	}
	return open + shortTitle(title, n-2) + end
}

// shortTitle is a title of at most n runes. Where it is cut, no half of a number is left at its end, nor a bracket.
func shortTitle(title string, n int) string {
	short := cut.Runes(title, n)
	if short == title {
		return title
	}
	short = strings.TrimSuffix(short, "…")
	return cmp.Or(strings.TrimRight(short, "0123456789-–—([（〔《“ "), short) + "…"
}

// page is the page of a clause, "" where there is none.
func (w *writer) page(c reading.Cite) string {
	if c.URL != "" || w.o.Pages == "" || c.Clause == "" {
		return c.URL
	}
	return reading.Link(strings.TrimRight(w.o.Pages, "/") + "/clauses/" + url.PathEscape(c.Clause))
}

// rows are the sources, each with its page, where there are several; the number of the document where there is one, which
// the quote names.
func (w *writer) rows() []card.Row {
	var out []card.Row
	for _, n := range w.Numbers {
		if len(w.Numbers) == 1 {
			break
		}
		c := w.Cites[n]
		r := card.Row{Key: fmt.Sprintf("[%d]", n), Value: w.place(c, card.MaxRowValue)}
		if len(r.Key) > card.MaxRowKey || strings.TrimSpace(r.Value) == "" || len(out) == card.MaxRows {
			continue
		}
		if r.URL = w.page(c); r.URL != "" {
			r.Type = card.Page
		}
		out = append(out, r)
	}
	if len(w.Numbers) == 1 {
		if number := plain(w.Cites[w.Numbers[0]].Number); number != "" {
			out = append(out, card.Row{Key: cardWord(w.Lang, "number"), Value: cut.Runes(number, card.MaxRowValue)})
		}
	}
	return out
}

// jumps show the first clauses.
func (w *writer) jumps() []card.Jump {
	var out []card.Jump
	for _, n := range w.Numbers {
		c := w.Cites[n]
		j := card.Jump{Type: card.Page, Title: fmt.Sprintf(cardWord(w.Lang, "clause"), n), URL: w.page(c)}
		if w.o.Bot {
			j = card.Jump{Type: card.Ask, Title: j.Title, Question: fmt.Sprintf(cardWord(w.Lang, "ask"), n)}
		}
		if w.o.Bot && c.Clause == "" || !w.o.Bot && j.URL == "" || n < 1 || utf8.RuneCountInString(j.Title) > card.MaxJump {
			continue
		}
		if out = append(out, j); len(out) == card.MaxJumps {
			break
		}
	}
	return out
}
