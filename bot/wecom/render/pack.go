package render

import (
	"slices"
	"strings"

	"policybot/bot/channel/cut"
	"policybot/bot/channel/reading"
)

// A page is one message, without its last line.
type page struct {
	text string
	last *item // nil: the page is empty
	said int   // bytes of what the document says, as people see them
}

// A packer fills pages.
type packer struct {
	s      Style
	pages  []page
	room   int  // bytes that a page has
	budget int  // most of page.said
	listed bool // there are sources before
}

// newPacker makes a packer whose pages leave room for a last line of so many bytes. A document that says no more than the
// budget is not divided for its sake; nil is for one that is.
func newPacker(s Style, line int, r *reading.Doc) *packer {
	p := &packer{s: s, pages: []page{{}}, room: s.Bytes, budget: s.Budget}
	if line > 0 {
		p.room -= line + len("\n\n")
	}
	if r == nil {
		return p
	}
	all := 0
	for _, n := range slices.Concat(r.Before, r.After) {
		all += len(n.Text)
	}
	if all <= s.Budget {
		p.budget = s.Bytes
	}
	return p
}

func (p *packer) page() *page { return &p.pages[len(p.pages)-1] }

func (p *packer) turn() { p.pages = append(p.pages, page{}) }

// text is what an item adds to the page, with what stands before it.
func (p *packer) text(it *item) string {
	pg := p.page()
	before := ""
	if pg.last != nil {
		before = p.s.gap(pg.last, it)
	}
	if it.form == asSource && (pg.last == nil || pg.last.form != asSource) {
		before += title(it.lang, p.listed) + p.s.br()
	}
	return before + it.markdown(p.s, p.room-len(title(it.lang, true)+p.s.br()))
}

// try adds an item if it fits on the page.
func (p *packer) try(it item) bool {
	if it.form != asSource && len(it.text) > p.room { // which is soon seen
		return false
	}
	return p.over(it) <= 0
}

// over adds an item if it fits on the page, and else tells by how many bytes it does not.
func (p *packer) over(it item) int {
	pg := p.page()
	text := p.text(&it)
	n := 0
	if it.form != asSource {
		n = visible(text)
	}
	if over := max(len(pg.text)+len(text)-p.room, pg.said+n-p.budget); over > 0 {
		return over
	}
	pg.text += text
	pg.said += n
	pg.last = &it
	p.listed = p.listed || it.form == asSource
	return 0
}

// put adds an item, on a new page if it must and in pieces if there is no other way.
func (p *packer) put(it item) {
	if p.try(it) {
		return
	}
	if p.page().last != nil && p.fitsAlone(it) {
		p.turn()
		if p.try(it) {
			return
		}
	}
	p.pieces(it)
}

// fitsAlone reports whether an item fits on a page of its own.
func (p *packer) fitsAlone(it item) bool {
	if it.form == asSource {
		return true
	}
	if len(it.text) > p.room {
		return false
	}
	text := it.markdown(p.s, p.room)
	return len(text) <= p.room && visible(text) <= p.budget
}

// pieces adds an item that must be cut.
func (p *packer) pieces(it item) {
	for it.text != "" {
		if p.try(it) {
			return
		}
		pg := p.page()
		n := min(p.room-len(pg.text), p.budget-pg.said)
		if pg.last != nil && n < p.budget/4 {
			p.turn()
			continue
		}
		added := false
		if it.text, added = p.piece(it, n); added {
			it.goesOn = true
			p.turn()
		}
	}
}

// piece adds the beginning of an item, of at most n bytes before it is guarded, and gives the rest. What is blank is left
// out. A page of its own has room for the least that is tried.
func (p *packer) piece(it item, n int) (rest string, added bool) {
	const least = 16
	whole := it.text
	for n = min(n, len(whole)-1); ; {
		at := cut.At(whole, max(n, least))
		rest = strings.TrimLeft(whole[at:], " \t\n")
		if it.text = strings.TrimSpace(whole[:at]); it.text == "" {
			return rest, false
		}
		over := p.over(it)
		if over <= 0 {
			return rest, rest != ""
		}
		if n = max(at-over, at*3/4); n < least {
			p.turn()
		}
	}
}
