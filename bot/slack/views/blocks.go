package views

import (
	"encoding/json"
	"strconv"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"policybot/bot/slack/act"
)

// nothing stands where the platform wants a text and there is none.
const nothing = "—"

// plain is a text in which nothing is markup, of at most so many units.
func plain(s string, most int) *slack.TextBlockObject {
	s = cut(s, most)
	if s == "" {
		s = nothing
	}
	return slack.NewTextBlockObject(slack.PlainTextType, s, false, false)
}

func header(s string) slack.Block { return slack.NewHeaderBlock(plain(line(s), maxHeader)) }

// small is a remark in small letters.
func small(s string) slack.Block { return slack.NewContextBlock("", plain(s, maxLabel)) }

// runs are texts of one paragraph.
type runs []slack.RichTextSectionElement

func (r runs) styled(s string, style *slack.RichTextSectionTextStyle) runs {
	if s == "" {
		return r
	}
	return append(r, slack.NewRichTextSectionTextElement(s, style))
}

func (r runs) text(s string) runs { return r.styled(s, nil) }

func (r runs) bold(s string) runs { return r.styled(s, &slack.RichTextSectionTextStyle{Bold: true}) }

func (r runs) code(s string) runs { return r.styled(s, &slack.RichTextSectionTextStyle{Code: true}) }

// link is a text that leads to an address, or the text in bold where the address is none.
func (r runs) link(to, s string) runs {
	to = address(to)
	if to == "" || size(to) > maxListed {
		return r.bold(s)
	}
	return append(r, slack.NewRichTextSectionLinkElement(to, s, &slack.RichTextSectionTextStyle{Bold: true}))
}

// maxListed is how long the address of a link in a text may be: there are many in a view.
const maxListed = 500

// paragraph is a block of one paragraph.
func paragraph(r runs) slack.Block {
	return slack.NewRichTextBlock("", slack.NewRichTextSection(r...))
}

// bullets is a block of paragraphs with a bullet or a number each.
func bullets(style slack.RichTextListElementType, items ...runs) slack.Block {
	list := slack.NewRichTextList(style, 0)
	for _, item := range items {
		list.Elements = append(list.Elements, slack.NewRichTextSection(item...))
	}
	return slack.NewRichTextBlock("", list)
}

// listed are paragraphs with bullets or numbers in as many blocks as they need.
func listed(style slack.RichTextListElementType, items []runs) []slack.Block {
	var out []slack.Block
	n, from := 0, 0
	for i, item := range items {
		length := item.size()
		if n += length; n > maxRich && i > from {
			out = append(out, counted(style, from, items[from:i]))
			n, from = length, i
		}
	}
	if from < len(items) {
		out = append(out, counted(style, from, items[from:]))
	}
	return out
}

// counted are bullets whose numbers begin after so many.
func counted(style slack.RichTextListElementType, before int, items []runs) slack.Block {
	b := bullets(style, items...).(*slack.RichTextBlock)
	if style == slack.RTEListOrdered {
		b.Elements[0].(*slack.RichTextList).Offset = before
	}
	return b
}

func (r runs) size() int {
	n := 0
	for _, one := range r {
		switch one := one.(type) {
		case *slack.RichTextSectionTextElement:
			n += size(one.Text)
		case *slack.RichTextSectionLinkElement:
			n += size(one.Text)
		}
	}
	return n
}

// long is a text over as many blocks as it needs, up to most of them, and how many characters were left out.
func long(s string, most int) (out []slack.Block, left int) {
	pieces, left := parts(s, maxRich, most)
	for _, piece := range pieces {
		out = append(out, paragraph(runs{}.text(piece)))
	}
	return out, left
}

func button(id, value, label string) *slack.ButtonBlockElement {
	return slack.NewButtonBlockElement(id, value, plain(line(label), maxButton))
}

// open is a button that opens an address, nil where the address is none.
func open(n int, to, label string) *slack.ButtonBlockElement {
	if to = address(to); to == "" {
		return nil
	}
	return button(act.Link+strconv.Itoa(n), "", label).WithURL(to)
}

// row is a block of the buttons that there are, nil where there are none.
func row(buttons ...*slack.ButtonBlockElement) []slack.Block {
	var all []slack.BlockElement
	for _, b := range buttons {
		if b != nil {
			all = append(all, b)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return []slack.Block{slack.NewActionBlock("", all...)}
}

// modal is a view of a title and blocks; submit may be "".
func modal(callback, title, submit, closing string, blocks []slack.Block) slack.ModalViewRequest {
	v := slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: callback, Title: plain(line(title), maxTitle), Close: plain(closing, maxTitle),
		Blocks: slack.Blocks{BlockSet: blocks},
	}
	if submit != "" {
		v.Submit = plain(submit, maxTitle)
	}
	return v
}

// metadata is what a view may carry; what is too long is left out, since a part of it would be worth nothing.
func metadata(s string) string {
	if !utf8.ValidString(s) || size(s) > maxMetadata {
		return ""
	}
	return s
}

// written is a field for text of at most so many characters.
func written(id, initial string, most int, lines bool) *slack.PlainTextInputBlockElement {
	e := slack.NewPlainTextInputBlockElement(nil, id).WithMaxLength(most).WithMultiline(lines)
	e.InitialValue, _ = fill(initial, most)
	return e
}

// weight is how many bytes a block has on its way.
func weight(b slack.Block) int {
	data, err := json.Marshal(b)
	if err != nil {
		return maxView
	}
	return len(data)
}
