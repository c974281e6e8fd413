package draft

import (
	"fmt"

	"policybot/bot/eligibility"
	"policybot/retrieval"
)

// Clauses drafts the measures that the clauses of a document offer: at most one for
// each sentence, or part of a sentence between semicolons. clauses must be all leaf
// clauses of the document, in order. Each measure that is returned has criteria and
// binds to clauses; see [eligibility.Measure.Bind]. What is not read with some
// certainty is left out; nothing that is returned is true before a person has
// reviewed it.
func Clauses(doc retrieval.Document, clauses []retrieval.Clause) []eligibility.Measure {
	d := newDrafter(doc, clauses)
	var out []eligibility.Measure
	for i := range d.pages {
		n := 0
		for _, o := range d.offers(i) {
			m := d.measure(o)
			m.ID = fmt.Sprintf("%s.m%d", d.pages[i].ID, n+1)
			if m.Parse() != nil {
				continue
			}
			if _, err := m.Bind(clauses); err != nil {
				continue
			}
			out = append(out, m)
			n++
		}
	}
	return out
}

// A drafter reads one document.
type drafter struct {
	doc    retrieval.Document
	pages  []page
	facts  map[string]bool // of the vocabulary, that may be about the document
	names  []factName
	place  string // city or district that the document is of; "" where none is known
	zone   string // fact that stands for the zone that the document is of
	scope  int    // page that says who may ask; -1 for none
	lists  map[int][]conditions
	inList map[int]bool // pages that are items of a list
	labels []label
	best   map[int]placed // words for it in a page
	where  placed         // words for the place of the document; rank -1 where there are none
	whom   []found        // kind of body that the document is for, from the page of scope
}

func newDrafter(doc retrieval.Document, clauses []retrieval.Clause) *drafter {
	d := &drafter{doc: doc, scope: -1, facts: map[string]bool{}, lists: map[int][]conditions{}, inList: map[int]bool{}, best: map[int]placed{}}
	for _, c := range clauses {
		d.pages = append(d.pages, lay(c))
	}
	d.locate()
	for _, f := range vocabulary() {
		if d.elsewhere(f.places) {
			continue
		}
		d.facts[f.key] = true
		d.names = append(d.names, f.names...)
	}
	d.findScope()
	d.whom = d.scopeNeeds()
	d.where = d.placeWords()
	d.findLists()
	d.findLabels()
	return d
}

// knows reports whether a fact may be about the document.
func (d *drafter) knows(key string) bool { return d.facts[key] }

// most is how many of a kind are read in one offer: what has more is a list of
// something else.
const most = 24

// An offer is a part of a clause that offers something.
type offer struct {
	page     int
	part     part
	strength string
	verb     span   // word that offers
	zones    []zone // where it says to whom
	heads    []head // who that is
	lists    []conditions
	labels   []label
}
