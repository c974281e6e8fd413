package render

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/slack-go/slack"

	"policybot/bot/channel"
	"policybot/bot/channel/cut"
	"policybot/bot/channel/reading"
	"policybot/bot/slack/act"
)

// perRow is the most sources in one block and the most buttons of sources in one row.
const perRow = 5

// A writer makes the blocks of one message.
type writer struct {
	lang        string
	native      bool
	id          string // of the label; others count on
	blocks      []slack.Block
	sourcesSeen bool // there are sources in a message before
}

// next is the id of the next block.
func (w *writer) next() string { return fmt.Sprintf("%s-%d", w.id, len(w.blocks)+1) }

func (w *writer) add(b slack.Block) { w.blocks = append(w.blocks, b) }

// items writes what a message says.
func (w *writer) items(items []item) {
	for i := 0; i < len(items); {
		end := i + 1
		for end < len(items) && items[end].form == items[i].form {
			end++
		}
		switch items[i].form {
		case asText:
			w.text(items[i:end])
		case asSource:
			w.sources(items[i:end])
		default:
			for _, it := range items[i:end] {
				w.context(w.next(), it.text)
			}
		}
		i = end
	}
}

// context writes a small line of plain text.
func (w *writer) context(id, text string) { w.add(slack.NewContextBlock(id, plainText(text))) }

// plainText is a text object in which Slack reads no markup, but &amp; &lt; and &gt; for & < >.
func plainText(text string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, escaper.Replace(text), false, false)
}

// growth is how many times longer a text may become as plain text.
func growth(text string) int {
	if strings.ContainsAny(text, "&<>") {
		return len("&amp;")
	}
	return 1
}

// text writes items as one block of rich text: each on its own line, sentences apart from other lines.
func (w *writer) text(items []item) {
	var out []slack.RichTextSectionElement
	for i, it := range items {
		if i > 0 && !it.goesOn {
			out = append(out, plain(gap(items[i-1], it)))
		}
		for _, piece := range chunks(it.text, maxPiece) {
			out = append(out, plain(piece))
		}
		for _, c := range it.cites {
			out = append(out, w.cite(c, marker(c)))
		}
	}
	w.add(slack.NewRichTextBlock(w.next(), slack.NewRichTextSection(out...)))
}

// gap is what stands between two items of text. What stands above others is apart from what is above it.
func gap(a, b item) string {
	heads := reading.Node{Kind: b.kind, Text: b.text}.Heads()
	if (a.kind == channel.Sentence) != (b.kind == channel.Sentence) || heads {
		return "\n\n"
	}
	return "\n"
}

// chunks cuts a text into pieces of at most n bytes, which follow each other without a gap.
func chunks(text string, n int) []string {
	var out []string
	for len(text) > n {
		at := cut.At(text, n)
		out = append(out, text[:at])
		text = text[at:]
	}
	return append(out, text)
}

func plain(text string) slack.RichTextSectionElement {
	return slack.NewRichTextSectionTextElement(text, nil)
}

func bold(text string) slack.RichTextSectionElement {
	return slack.NewRichTextSectionTextElement(text, &slack.RichTextSectionTextStyle{Bold: true})
}

// cite writes what refers to a source: a citation, a link, or where it has no address the text alone.
// https://docs.slack.dev/reference/block-kit/block-elements/citation-element
func (w *writer) cite(c reading.Cite, text string) slack.RichTextSectionElement {
	switch {
	case c.URL == "":
		return plain(text)
	case !w.native:
		return slack.NewRichTextSectionLinkElement(c.URL, text, nil)
	}
	details := slack.NewRichTextCitationWebDetails(displayName(c))
	return slack.NewRichTextSectionCitationElement(c.URL, text, float64(c.N), details)
}

// displayName is what a citation is called where there is little room.
func displayName(c reading.Cite) string {
	const most = 120 // bytes
	if name := strings.TrimSpace(c.Title + " " + c.Path); name != "" {
		return cut.Shorten(name, most)
	}
	return marker(c)
}

// sources writes entries of the list of sources, and under every few of them the buttons that show their
// clauses.
func (w *writer) sources(items []item) {
	title := say(w.lang, "sources")
	if w.sourcesSeen {
		title = say(w.lang, "sources more")
	}
	for i := 0; i < len(items); i += perRow {
		row := items[i:min(i+perRow, len(items))]
		var parts []slack.RichTextElement
		if i == 0 {
			parts = append(parts, slack.NewRichTextSection(bold(title)))
		}
		var buttons []slack.BlockElement
		for _, it := range row {
			parts = append(parts, w.entry(it)...)
			if b := w.clause(it.source); b != nil {
				buttons = append(buttons, b)
			}
		}
		w.add(slack.NewRichTextBlock(w.next(), parts...))
		if len(buttons) > 0 {
			w.add(slack.NewActionBlock(w.next(), buttons...))
		}
	}
}

// entry writes one source with its quote.
func (w *writer) entry(it item) []slack.RichTextElement {
	name := w.cite(it.source, it.text)
	if c, ok := name.(*slack.RichTextSectionCitationElement); ok {
		if d, ok := c.Details.(*slack.RichTextCitationWebDetails); ok && it.source.Quote != "" {
			snippet := cut.Shorten(cut.Line(it.source.Quote), maxSnippet)
			d.Snippet = &snippet
		}
	}
	elements := []slack.RichTextSectionElement{name}
	if it.rest != "" {
		elements = append(elements, plain(it.rest))
	}
	out := []slack.RichTextElement{slack.NewRichTextSection(elements...)}
	if it.quote != "" {
		out = append(out, &slack.RichTextQuote{Type: slack.RTEQuote, Elements: []slack.RichTextSectionElement{plain(it.quote)}})
	}
	return out
}

// clause is the button that shows the clause of a source; nil where it has none.
func (w *writer) clause(c reading.Cite) slack.BlockElement {
	value := clause(c)
	if value == "" {
		return nil
	}
	b := w.button(act.Clause+strconv.Itoa(c.Index), value, say(w.lang, "clause", c.N))
	b.AccessibilityLabel = shortChars(say(w.lang, "show clause", c.Title, c.Path), maxLabel)
	return b
}

// maxLabel is the most characters on a button.
// https://docs.slack.dev/reference/block-kit/block-elements/button-element
const maxLabel = 75

func (w *writer) button(action, value, label string) *slack.ButtonBlockElement {
	return slack.NewButtonBlockElement(action, value, plainText(shortLabel(label)))
}

// shortLabel is a label as short as a button needs it, however it is written.
func shortLabel(label string) string {
	if chars(escaper.Replace(label)) <= maxLabel {
		return label
	}
	return shortChars(label, maxLabel/growth(label))
}

// shortChars is a text of at most n characters, with an ellipsis where it was cut.
func shortChars(s string, n int) string {
	if chars(s) <= n {
		return s
	}
	taken, bytes := 0, 0
	for i, r := range s {
		if taken += chars(string(r)); taken > n-1 {
			bytes = i
			break
		}
	}
	return strings.TrimSpace(s[:cut.At(s, bytes)]) + "…"
}

// shown are the buttons of a document that can be shown: those that rate, ask for a person and open a
// case, one of each, before the others.
func shown(d channel.Doc) []channel.Button {
	const maxToken = 64 // ours have 22; so there is room for what a document says
	var first, replies []channel.Button
	for _, b := range d.Buttons {
		b.Label = cut.Line(b.Label)
		if cut.Tidy(b.Label) == "" || b.Token == "" || len(b.Token) > maxToken || cut.Clean(b.Token) != b.Token {
			continue
		}
		switch b.Does {
		case "good", "bad", "person", "case":
			if !has(first, b.Does) { // an action id stands for one element
				first = append(first, b)
				continue
			}
			b.Does = "reply"
		}
		replies = append(replies, b)
	}
	return append(first, replies[:min(len(replies), MaxButtons-len(first))]...)
}

func has(buttons []channel.Button, does string) bool {
	for _, b := range buttons {
		if b.Does == does {
			return true
		}
	}
	return false
}

// buttons writes the buttons of a document: replies, then what rates it, then what else can be done.
// https://docs.slack.dev/reference/block-kit/block-elements/feedback-buttons-element
func (w *writer) buttons(buttons []channel.Button) {
	var replies, rest []slack.BlockElement
	var good, bad *channel.Button
	for i, b := range buttons {
		switch b.Does {
		case "good":
			good = &buttons[i]
		case "bad":
			bad = &buttons[i]
		case "person":
			rest = append(rest, w.button(act.Person, b.Token, b.Label))
		case "case":
			one := w.button(act.Case, b.Token, b.Label)
			rest = append(rest, one.WithStyle(slack.StylePrimary))
		default:
			replies = append(replies, w.button(act.Reply+strconv.Itoa(len(replies)+1), b.Token, b.Label))
		}
	}
	if len(replies) > 0 {
		w.add(slack.NewActionBlock(w.next(), replies...))
	}
	if w.native && good != nil && bad != nil {
		w.add(slack.NewContextActionsBlock(w.next(), slack.NewFeedbackButtonsBlockElement(act.Rate, thumb(good, ""), thumb(bad, act.Bad))))
		good, bad = nil, nil
	}
	var rate []slack.BlockElement
	if good != nil {
		rate = append(rate, w.button(act.RateGood, good.Token, good.Label))
	}
	if bad != nil {
		rate = append(rate, w.button(act.RateBad, bad.Token, bad.Label))
	}
	if rest = append(rate, rest...); len(rest) > 0 {
		w.add(slack.NewActionBlock(w.next(), rest...))
	}
}

// thumb is one of the feedback buttons. The other has the same action id, so before is what tells them apart.
func thumb(b *channel.Button, before string) *slack.FeedbackButton {
	label := shortChars(b.Label, maxLabel)
	return slack.NewFeedbackButton(slack.NewTextBlockObject(slack.PlainTextType, label, false, false), before+b.Token).WithAccessibilityLabel(label)
}
