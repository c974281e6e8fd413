package render

import (
	"fmt"
	"strings"

	"policybot/bot/channel"
	"policybot/bot/channel/cut"
	"policybot/bot/channel/reading"
)

// A form is how an item is shown.
type form int

const (
	asText   form = iota // in rich text
	asNotice             // in a context block, marked
	asSmall              // in a context block
	asSource             // in the list of sources
)

// An item is a piece of a document that stays together.
type item struct {
	form   form
	kind   channel.NodeKind
	text   string
	cites  []reading.Cite // shown natively behind the text
	goesOn bool           // the same line as the item before
	source reading.Cite   // of asSource, whose text is the name
	rest   string         // of asSource: what follows the name
	quote  string         // of asSource: the words that are quoted; "" when they stand above
}

// Bounds of what an item takes, so that a message has room for several.
const (
	maxPiece   = 2800 // bytes of a context line and of an element of text; Slack allows 3,000 characters
	maxNative  = 1500 // characters of the citations behind one sentence; above, they are text
	maxName    = 600  // bytes of the name of a source, and of what follows it
	maxSnippet = 160  // bytes that a citation shows of its quote
	perBlock   = 70   // characters that a block takes besides its text, such as its id
	perSource  = 200  // characters that a source takes besides its texts, such as its button
)

// notice marks what limits an answer.
const notice = "⚠️ "

// said are the items of nodes.
func (r *reader) said(nodes []reading.Node) []item {
	var out []item
	for _, n := range nodes {
		text, cites := r.sentence(n)
		it := item{form: asText, kind: n.Kind, text: text, cites: cites}
		if n.Kind == channel.Notice {
			it.form, it.text = asNotice, notice+text
		}
		out = append(out, it)
	}
	return out
}

// sentence is the text of a node and the citations behind it. Those that have no address, or would take
// too much room together, are in the text.
func (r *reader) sentence(n reading.Node) (string, []reading.Cite) {
	text := n.Text
	if r.Verbatim(n) {
		text = "“" + text + "”"
	}
	var cites []reading.Cite
	sum := 0
	for _, c := range n.Cites {
		cites = append(cites, r.Cites[c])
		sum += inlineChars(r.Cites[c])
	}
	if n.Kind == channel.Notice || sum > maxNative {
		for _, c := range cites {
			text += marker(c)
		}
		return text, nil
	}
	return text, cites
}

func marker(c reading.Cite) string { return fmt.Sprintf("[%d]", c.N) }

// inlineChars is what a citation behind a sentence takes.
func inlineChars(c reading.Cite) int {
	return len(c.URL) + chars(marker(c)) + chars(displayName(c)) + 10
}

// sources are the items of the list of sources. Long quotes are shortened to what leaves room for all.
func (r *reader) sources() []item {
	var out []item
	room := max(240, min(2400, 9000/max(1, len(r.Numbers))))
	for _, n := range r.Numbers {
		c := r.Cites[n]
		name, rest := r.Named(c)
		it := item{form: asSource, source: c, text: cut.Shorten(name, maxName), rest: cut.Shorten(rest, maxName)}
		if c.Quote != "" && !r.Whole && !r.Quoted(c) {
			it.quote = cut.Shorten(c.Quote, room)
		}
		out = append(out, it)
	}
	return out
}

// standing are the items below the sources.
func (r *reader) standing() []item {
	var out []item
	for _, n := range r.After {
		text, cites := r.sentence(n)
		for _, c := range cites {
			text += marker(c)
		}
		it := item{form: asSmall, kind: n.Kind, text: text}
		if n.Kind == channel.Notice {
			it.form, it.text = asNotice, notice+text
		}
		out = append(out, it)
	}
	return out
}

// count gives what an item takes: characters, and bytes of what the document says.
func (it *item) count() (taken, said int) {
	taken, said = 2+chars(it.text), len(it.text)
	if it.form == asNotice || it.form == asSmall {
		taken = chars(escaper.Replace(it.text))
	}
	if it.form != asText {
		taken += perBlock
	}
	for _, c := range it.cites {
		taken += inlineChars(c)
		said += len(marker(c))
	}
	if it.form == asSource {
		taken += chars(it.rest) + chars(it.quote) + len(it.source.URL) + 2*maxSnippet + chars(displayName(it.source)) + chars(clause(it.source)) + perSource
		return taken, 0
	}
	return taken, said
}

// A page is the items of one message.
type page struct {
	items                        []item
	taken, said, blocks, sources int
}

// A packer fills pages.
type packer struct {
	pages []page
	room  int // characters that a page has
	first int // characters of the first that are taken already
}

func (p *packer) page() *page { return &p.pages[len(p.pages)-1] }

func (p *packer) turn() { p.pages = append(p.pages, page{}) }

// begun reports whether another page has more room than this one has.
func (p *packer) begun() bool { return len(p.page().items) > 0 || len(p.pages) == 1 && p.first > 0 }

// left is the bytes of text that the page still takes.
func (p *packer) left() int {
	pg := p.page()
	room := p.room - pg.taken - perBlock
	if len(p.pages) == 1 {
		room -= p.first
	}
	return min(Budget-pg.said, room)
}

// fits reports whether an item fits on the page as a whole.
func (p *packer) fits(it item) bool {
	taken, said := it.count()
	pg := p.page()
	room := p.room - pg.taken
	if len(p.pages) == 1 {
		room -= p.first
	}
	return taken <= room && pg.said+said <= Budget && pg.blocks+pg.more(it) <= MaxBlocks-6
}

// more is how many blocks an item adds to a page at most.
func (pg *page) more(it item) int {
	same := len(pg.items) > 0 && pg.items[len(pg.items)-1].form == it.form
	switch {
	case it.form == asText && same:
		return 0
	case it.form == asSource && same && pg.sources%perRow != 0:
		return 0
	case it.form == asSource:
		return 2 // the text and a row of buttons
	}
	return 1
}

func (p *packer) add(it item) {
	pg := p.page()
	taken, said := it.count()
	pg.blocks += pg.more(it)
	if it.form == asSource {
		pg.sources++
	}
	pg.items = append(pg.items, it)
	pg.taken += taken
	pg.said += said
}

// put adds an item, on a new page if it must and in pieces if there is no other way: what fits on a page
// of its own is only cut where a block cannot hold it.
func (p *packer) put(it item) {
	if it.form == asSource {
		if !p.fits(it) {
			p.turn()
		}
		p.add(it)
		return
	}
	if most := maxPiece / growth(it.text); (it.form == asNotice || it.form == asSmall) && len(it.text) > most {
		p.pieces(it, most)
		return
	}
	switch taken, said := it.count(); {
	case p.fits(it):
		p.add(it)
	case said <= Budget && taken <= p.room:
		p.turn()
		p.add(it)
	default:
		p.pieces(it, Budget)
	}
}

// pieces adds an item that must be cut. Each piece has at most a number of bytes.
func (p *packer) pieces(it item, most int) {
	rest, cites := it.text, it.cites
	it.cites = nil
	for {
		it.text = rest
		last := it
		last.cites = cites
		if len(rest) <= most && p.fits(last) {
			p.add(last)
			return
		}
		at := min(p.left(), most, len(rest)-1)
		if it.form != asText {
			at = min(p.left()/growth(it.text), at)
		}
		if !p.page().takes(it) || at < min(most, Budget)/4 && p.begun() {
			p.turn()
			continue
		}
		at = cut.At(rest, max(at, 8))
		it.text = strings.TrimRight(rest[:at], " \t\n")
		if rest = strings.TrimLeft(rest[at:], " \t\n"); it.text != "" {
			p.add(it)
		}
		if rest == "" && len(cites) == 0 {
			return
		}
		it.goesOn = it.form == asText
	}
}

// takes reports whether a page has a block left for an item.
func (pg *page) takes(it item) bool { return pg.blocks+pg.more(it) <= MaxBlocks-6 }
