package draft

import (
	"regexp"
	"slices"
	"strings"

	"policybot/bot/eligibility"
	"policybot/bot/understand"
	"policybot/retrieval/analysis"
)

var nationwide = regexp.MustCompile(`^(?:全国|国家|中国|中华人民共和国|国务院)`)

// locate finds the place that the document is of: the narrowest that its
// jurisdiction names.
func (d *drafter) locate() {
	j := d.doc.Jurisdiction
	if j == "" || nationwide.MatchString(j) {
		return
	}
	for _, p := range understand.PlacesIn(j) {
		if d.place == "" || understand.Within(p.Name, d.place) {
			d.place = p.Name
		}
	}
	if d.place == "" {
		d.place = eligibility.PlaceOf(understand.CityOf(d.doc), "")
	}
	for _, c := range cues().cues["zone"] {
		if c.re.MatchString(normal(j).s) && strings.Contains(j, "区") && understand.Within(d.place, d.city()) {
			d.zone = c.name
		}
	}
}

// city is the place around the place of the document that is a city or province.
func (d *drafter) city() string { return understand.CityOf(d.doc) }

// elsewhere reports whether a fact that names these places is about one that the
// document is not of.
func (d *drafter) elsewhere(places []string) bool {
	for _, p := range places {
		near := d.place != "" && (understand.Within(p, d.place) || understand.Within(d.place, p) || understand.Within(p, d.city()))
		if !near && !abroadNames[p] {
			return true
		}
	}
	return false
}

// abroadNames are places that facts name as where somebody is from.
var abroadNames = map[string]bool{"香港": true, "澳门": true, "台湾": true}

// A placed is words that say where.
type placed struct {
	page int
	at   span
	rank int // the larger the better
}

// placesIn finds the words of a span that say the place of the document.
func (d *drafter) placesIn(page int, in span) []placed {
	t := d.pages[page].text
	var out []placed
	if d.zone != "" {
		for _, c := range cues().cues["zone"] {
			for _, s := range t.all(c.re, in) {
				if c.name == d.zone {
					out = append(out, placed{page, s, 3})
				}
			}
		}
		return append(out, d.namesOfPlaces(page, in)...)
	}
	for _, s := range t.all(cues().list("here"), in) {
		out = append(out, placed{page, s, 3})
	}
	for _, s := range t.all(cues().list("here too"), in) {
		out = append(out, placed{page, s, 1})
	}
	for short, long := range cues().short {
		if analysis.Normalize(long) != analysis.Normalize(d.city()) {
			continue
		}
		for _, before := range []string{"在", "来", "驻", "到"} {
			for _, s := range t.find(before+short, in) {
				out = append(out, placed{page, s, 2})
			}
		}
	}
	return append(out, d.namesOfPlaces(page, in)...)
}

// namesOfPlaces finds names of places in the place of the document, outside the
// brackets with departments.
func (d *drafter) namesOfPlaces(page int, in span) []placed {
	t := d.pages[page].text
	if m, ok := t.first(cues().list("departments"), in); ok {
		in.b = m.a
	}
	var out []placed
	if literal := normal(strings.TrimRight(d.place, "市区县省")).s; size(literal) >= 2 {
		for _, s := range t.find(literal, in) {
			out = append(out, placed{page, s, 2})
		}
	}
	for _, p := range understand.PlacesIn(t.s[in.a:in.b]) {
		if !understand.Within(p.Name, d.place) && (d.zone != "" || !understand.Within(p.Name, d.city())) {
			continue
		}
		for _, s := range t.find(p.Text, in) {
			out = append(out, placed{page, s, 2})
		}
	}
	return out
}

// outsiders reports whether an offer is for those who would come.
func (d *drafter) outsiders(o offer) bool {
	t := d.pages[o.page].text
	for _, z := range o.zones {
		near := span{z.a, t.segments(span{z.b, o.part.b})[0].b}
		if t.in(cues().list("outsider"), near) {
			return true
		}
		if t.in(cues().list("abroad"), z.span) && len(d.placesIn(o.page, o.part.span)) > 0 && !t.in(cues().list("here"), o.part.span) {
			return true
		}
	}
	return false
}

// in reports whether a list has words in a span.
func (t text) in(re *regexp.Regexp, p span) bool {
	_, ok := t.first(re, p)
	return ok
}

// placeOf is the criterion for the place of an offer: in the zone that it names, else
// in the place of the document. There is none where the offer names the place only
// in another condition, or is for those who would come.
func (d *drafter) placeOf(o offer, told []found) []found {
	if d.place == "" {
		return nil
	}
	for _, f := range told {
		if f.kind == "zone" || strings.HasPrefix(f.need, "place ") {
			return nil
		}
	}
	best, covered := placed{rank: -1}, false
	for _, p := range d.placesIn(o.page, o.part.span) {
		if slices.ContainsFunc(told, func(f found) bool { return (f.kind == "name" || f.kind == "any") && f.page == o.page && f.at.has(p.at) }) {
			covered = true
			continue
		}
		if p.rank > best.rank {
			best = p
		}
	}
	if best.rank < 0 && covered || d.outsiders(o) {
		return nil
	}
	if best.rank < 0 {
		best = d.bestPlace(o.page)
	}
	if best.rank < 0 {
		best = d.where
	}
	if best.rank < 0 {
		return nil
	}
	need := "place " + d.place
	if d.zone != "" {
		need = d.zone
	}
	return []found{{need: need, page: best.page, at: d.around(best), kind: "place"}}
}

// bestPlace finds the plainest words for the place in a clause.
func (d *drafter) bestPlace(page int) placed {
	if best, ok := d.best[page]; ok {
		return best
	}
	best := placed{rank: -1}
	for _, p := range d.placesIn(page, span{0, len(d.pages[page].s)}) {
		if p.rank > best.rank {
			best = p
		}
	}
	d.best[page] = best
	return best
}

// placeWords looks for words for the place of the document: in the clause that says
// who may ask, and then in all clauses in order.
func (d *drafter) placeWords() placed {
	if d.place == "" {
		return placed{rank: -1}
	}
	if d.scope >= 0 {
		if p := d.bestPlace(d.scope); p.rank >= 0 {
			return p
		}
	}
	for i := range d.pages {
		if p := d.bestPlace(i); p.rank >= 0 {
			return p
		}
	}
	return placed{rank: -1}
}

// around widens words for a place to what stands beside them, up to 24 characters.
func (d *drafter) around(p placed) span {
	t := d.pages[p.page].text
	end := p.at.b
	for i, r := range t.s[p.at.b:] {
		if strings.ContainsRune(",。;:!?、\n\"()《》", r) || i >= 60 || size(t.s[p.at.a:p.at.b+i]) >= 16 {
			break
		}
		end = p.at.b + i + len(string(r))
	}
	if !chinese(t.s[p.at.a:end]) {
		for end < len(t.s) && end > p.at.b && isLetter(t.s[end]) && isLetter(t.s[end-1]) {
			end--
		}
	}
	return span{p.at.a, max(end, p.at.b)}
}

func isLetter(b byte) bool { return b >= 'a' && b <= 'z' }

// selfNamed is how a document names itself: 本办法.
var selfNamed = regexp.MustCompile(`本(?:办法|措施|政策|规定|细则|意见|方案|条例|通知|计划)|\bthese? \w+ $`)

// findScope finds the clause that says who may ask.
func (d *drafter) findScope() {
	for i, p := range d.pages {
		for _, q := range p.parts {
			m, ok := p.first(cues().list("scope"), q.span)
			headed := !strings.Contains(p.Path, "/") && cues().list("scope").MatchString(normal(p.Heading).s)
			if ok && (headed || selfNamed.MatchString(p.s[q.a:m.a])) && len(p.nouns(q.span)) > 0 {
				d.scope = i
				return
			}
		}
	}
}
