package draft

import (
	"slices"
	"strings"

	"policybot/bot/eligibility"
)

// conditions are a list of conditions with the words in front of it.
type conditions struct {
	page  int   // with the words in front, or the first item where no clause has them
	lead  int   // part with the words in front; -1 where no clause has them
	any   bool  // one is enough
	not   bool  // whom they describe is left out: 有下列情形之一的，不予支持
	parts []int // items on the same page
	pages []int // items that are clauses of their own
	words span  // 下列条件之一; of page
}

// findLists finds the lists of conditions of the document.
func (d *drafter) findLists() {
	for i := range d.pages {
		for k := range d.pages[i].parts {
			if l, ok := d.listAt(i, k); ok {
				d.lists[i] = append(d.lists[i], l)
				for _, item := range l.pages {
					d.inList[item] = true
				}
			}
		}
	}
	d.headedLists()
}

// leadWords finds the words that stand in front of a list of conditions.
func leadWords(t text, in span) (at span, one, ok bool) {
	if at, ok = t.first(cues().list("one of"), in); ok {
		return at, true, true
	}
	at, ok = t.first(cues().list("all of"), in)
	return at, false, ok
}

// listAt reads the list that follows a part.
func (d *drafter) listAt(page, k int) (conditions, bool) {
	p := d.pages[page]
	q := p.parts[k]
	at, one, ok := leadWords(p.text, q.span)
	if !ok || !q.leads {
		return conditions{}, false
	}
	l := conditions{page: page, lead: k, any: one, not: p.in(cues().list("exclude after"), q.span), words: at}
	marked := k+1 < len(p.parts) && p.parts[k+1].marked
	for i := k + 1; i < len(p.parts); i++ {
		if p.parts[i].marked != marked || p.parts[i].excludes {
			break
		}
		l.parts = append(l.parts, i)
		if !marked && p.parts[i].stop {
			break
		}
	}
	if len(l.parts) == 0 && k == len(p.parts)-1 {
		l.pages = d.below(page)
	}
	for _, i := range l.parts {
		if d.grants(p, p.parts[i].span) {
			return conditions{}, false
		}
	}
	for _, i := range l.pages {
		for _, q := range d.pages[i].parts {
			if d.grants(d.pages[i], q.span) {
				return conditions{}, false
			}
		}
	}
	return l, len(l.parts)+len(l.pages) > 0
}

// grants reports whether an item of a list is an offer itself, not a condition.
func (d *drafter) grants(p page, in span) bool {
	v, ok := p.first(cues().list("give"), in)
	return ok && p.paid(span{v.a, in.b})
}

// below are the pages under the words in front of a list that are a clause of their
// own.
func (d *drafter) below(page int) []int {
	id := d.pages[page].ID
	i := strings.LastIndexByte(id, '.')
	if i < 0 {
		return nil
	}
	var out []int
	for k := page + 1; k < len(d.pages); k++ {
		rest, ok := strings.CutPrefix(d.pages[k].ID, id[:i+1])
		if !ok || strings.Contains(rest, ".") || !strings.HasPrefix(d.pages[k].Path, parent(d.pages[page].Path)) {
			break
		}
		out = append(out, k)
	}
	return out
}

func parent(path string) string {
	return path[:strings.LastIndexByte(path, '/')+1]
}

// headedLists finds lists whose words in front are the heading of a unit and in no
// clause.
func (d *drafter) headedLists() {
	for i := 0; i < len(d.pages); i++ {
		heading := lastOf(d.pages[i].Parents)
		t := normal(heading)
		_, one, ok := leadWords(t, span{0, len(t.s)})
		if !ok || d.inList[i] {
			continue
		}
		l := conditions{page: i, lead: -1, any: one}
		grants := false
		for k := i; k < len(d.pages) && lastOf(d.pages[k].Parents) == heading && parent(d.pages[k].Path) == parent(d.pages[i].Path); k++ {
			l.pages = append(l.pages, k)
			for _, q := range d.pages[k].parts {
				grants = grants || d.grants(d.pages[k], q.span)
			}
		}
		if grants || len(d.pages[i].parts) == 0 {
			continue
		}
		for _, k := range l.pages {
			d.inList[k] = true
		}
		l.words = d.pages[i].parts[0].span
		d.lists[i] = append(d.lists[i], l)
	}
}

func lastOf(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[len(list)-1]
}

// listsFor are the lists that a part stands in front of or points back to.
func (d *drafter) listsFor(page, i int) []conditions {
	p := d.pages[page]
	var out []conditions
	for _, l := range d.lists[page] {
		if l.not {
			if l.lead != i {
				out = append(out, l)
			}
			continue
		}
		if l.lead == i || i > l.lead && p.parts[i].refers {
			out = append(out, l)
		}
	}
	return out
}

// An item is one condition of a list.
type item struct {
	page int
	at   span
}

func (d *drafter) items(l conditions) []item {
	var out []item
	for _, i := range l.parts {
		out = append(out, item{l.page, d.pages[l.page].parts[i].span})
	}
	for _, k := range l.pages {
		for _, q := range d.pages[k].parts {
			out = append(out, item{k, q.span})
		}
	}
	return out
}

// listed are the criteria of a list: each item, or one of them.
func (d *drafter) listed(l conditions) []found {
	var all []found
	if l.not {
		for _, it := range d.items(l) {
			all = append(all, d.without(it.page, it.at)...)
		}
		return all
	}
	if !l.any {
		for _, it := range d.items(l) {
			all = append(all, d.itemNeeds(it)...)
		}
		return all
	}
	var needs []string
	var facts []eligibility.Fact
	for _, it := range d.items(l) {
		one := d.itemNeeds(it)
		if len(one) == 0 {
			continue
		}
		if len(one) > 1 {
			one = []found{d.declare(it.page, d.pages[it.page].stripped(it.at))}
		}
		if !slices.Contains(needs, one[0].need) {
			needs = append(needs, one[0].need)
			facts = append(facts, one[0].facts...)
		}
	}
	if len(needs) == 0 {
		return nil
	}
	return []found{{need: strings.Join(needs, " or "), kind: "list", page: l.page, at: l.words, facts: facts}}
}

// itemNeeds reads one item of a list.
func (d *drafter) itemNeeds(it item) []found {
	t := d.pages[it.page].text
	s := t.stripped(it.at)
	if s.empty() {
		return nil
	}
	var out []found
	if e := t.exclusionsIn(s); len(e) > 0 {
		for _, x := range e {
			out = append(out, d.without(it.page, x.what)...)
		}
		return out
	}
	for _, f := range tidy(d.told(it.page, s)) {
		if d.zone == "" || f.need != d.zone {
			out = append(out, f)
		}
	}
	pieces := []span{s}
	if len(out) > 0 {
		pieces = t.pieces(s, ",")
	}
	for _, piece := range pieces {
		if piece = t.stripped(piece); d.uncovered(it.page, piece, out, nil) >= 4 {
			out = append(out, d.declare(it.page, piece))
		}
	}
	if places := d.placesIn(it.page, s); len(out) == 0 && len(places) > 0 && d.place != "" {
		out = append(out, found{need: "place " + d.place, kind: "place", page: it.page, at: s})
	}
	return out
}
