package draft

import "strings"

// Guides set conditions apart from what is given: 支持对象：…。支持标准：…. A label is
// the part of a clause, or a clause, that says to whom.

// labelled is where the words behind a label begin: in 支持对象：…, or under a heading
// that is one. ok is false for a part without a label.
func (p page) labelled(i int) (at int, ok bool) {
	q := p.parts[i]
	if m, found := p.first(cues().list("label"), q.span); found && m.a == q.a {
		return m.b, true
	}
	if i > 0 && p.parts[i-1].heading {
		h := normal(p.Heading).s
		if m := cues().list("label").FindString(h + ":"); m != "" && len(m) >= len(h) {
			return q.a, true
		}
	}
	return 0, false
}

// findLabels makes a list of conditions of the labelled parts of each unit, for the
// offers beside them.
func (d *drafter) findLabels() {
	for i, p := range d.pages {
		for k, q := range p.parts {
			at, ok := p.labelled(k)
			if !ok || d.grants(p, q.span) || d.leadsList(i, k) {
				continue
			}
			d.labels = append(d.labels, label{page: i, part: k, at: span{at, q.b}})
		}
	}
}

// A label is words that say to whom the offers beside them are.
type label struct {
	page, part int
	at         span
}

// labelsFor are the labels for the offers of a part: in the same clause, or in those
// beside it.
func (d *drafter) labelsFor(page, part int) []label {
	var out []label
	for _, l := range d.labels {
		same := l.page == page && l.part != part
		beside := l.page != page && parent(d.pages[l.page].Path) == parent(d.pages[page].Path) && strings.Contains(d.pages[page].Path, "/")
		if same || beside {
			out = append(out, l)
		}
	}
	return out
}

// isLabel reports whether a part is a label, not an offer.
func (d *drafter) isLabel(page, part int) bool {
	for _, l := range d.labels {
		if l.page == page && l.part == part {
			return true
		}
	}
	return false
}

// needs are the criteria behind a label.
func (d *drafter) labelNeeds(l label) []found {
	t := d.pages[l.page].text
	var out []found
	for _, f := range d.itemNeeds(item{l.page, l.at}) {
		if !strings.HasPrefix(f.need, "place ") {
			out = append(out, f)
		}
	}
	heads := t.ending(t.pieces(l.at, ",;:。"))
	return append(d.entity(offer{page: l.page, heads: heads}, out), out...)
}
