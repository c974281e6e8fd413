package render

import (
	"strings"

	"policybot/bot/channel/reading"
)

// messages packs items into messages, of which the first has first characters already.
func (r *reader) messages(items []item, key string, first int) []Message {
	buttons := shown(r.d)
	room := MaxChars - 500 // the label, and what stands around
	for _, b := range buttons {
		room -= 2*chars(escaper.Replace(shortLabel(b.Label))) + chars(b.Token) + 20
	}
	p := &packer{pages: []page{{}}, room: room, first: first}
	for _, it := range items {
		p.put(it)
	}
	out := make([]Message, len(p.pages))
	listed := false
	for i, pg := range p.pages {
		m := &out[i]
		m.Part, m.Parts = i+1, len(p.pages)
		label := reading.LabelOf(r.d.Label, r.Lang, m.Part, m.Parts)
		for _, native := range []bool{true, false} {
			w := &writer{lang: r.Lang, native: native, id: BlockID(key, m.Part, m.Parts), sourcesSeen: listed}
			w.items(pg.items)
			w.context(w.id, label)
			if m.Part == m.Parts {
				w.buttons(buttons)
			}
			if native {
				m.Blocks = w.blocks
			} else {
				m.Plain = w.blocks
			}
		}
		m.Text = r.fallback(pg.items, label, listed)
		listed = listed || pg.sources > 0
	}
	return out
}

// fallback is the text of a message: what its blocks say, but for the buttons.
func (r *reader) fallback(items []item, label string, listed bool) string {
	const most = 40000 // bytes; Slack cuts a text off at 40,000 characters
	var b strings.Builder
	for i, it := range items {
		if i > 0 && !it.goesOn {
			b.WriteString(gapOf(items[i-1], it))
		}
		if it.form == asSource && (i == 0 || items[i-1].form != asSource) {
			title := say(r.Lang, "sources")
			if listed {
				title = say(r.Lang, "sources more")
			}
			b.WriteString(title + "\n")
		}
		b.WriteString(it.text + it.rest)
		for _, c := range it.cites {
			b.WriteString(marker(c))
		}
		if it.quote != "" {
			b.WriteString("\n" + say(r.Lang, "quote", it.quote))
		}
	}
	text, end := Escape(b.String()), "— "+Escape(label)
	if len(text) > most-len(end)-10 {
		text = headEscaped(text, most-len(end)-10) + "…"
	}
	return strings.TrimLeft(text+"\n"+end, "\n")
}

// gapOf is what stands between two items in the text of a message.
func gapOf(a, b item) string {
	if a.form != b.form {
		return "\n\n"
	}
	return gap(a, b)
}
