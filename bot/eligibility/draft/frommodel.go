package draft

import (
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"policybot/bot/eligibility"
	"policybot/bot/quantity"
	"policybot/bot/strength"
	"policybot/bot/understand"
	"policybot/retrieval"
)

// An Offer is what a model says that a clause offers. Nothing of it is believed.
type Offer struct {
	Clause   string // id
	Quote    string
	Title    eligibility.Text
	Criteria []Condition
}

// A Condition is what a model says that an offer depends on.
type Condition struct{ Words, Need string }

// A Form is a fact as conditions are written about it.
type Form struct{ Need, Name string }

// Forms are the facts that conditions of a document can be about: those of the
// vocabulary that are not about another place. lang is zh or en.
func Forms(doc retrieval.Document, lang string) []Form {
	d := newDrafter(doc, nil)
	var out []Form
	v := eligibility.Builtin()
	for _, key := range v.Keys() {
		if !d.knows(key) {
			continue
		}
		f, _ := v.Fact(key)
		form := Form{Need: key, Name: f.Name.In(lang)}
		switch f.Kind {
		case eligibility.Place:
			if d.place == "" {
				continue
			}
			form.Need, form.Name = key+" "+d.place, strings.ReplaceAll(form.Name, "{value}", understand.NameIn(d.place, lang))
		case eligibility.Number:
			form.Need, form.Name = key+" >= 1", form.Name+" ("+f.Unit+")"
		case eligibility.Choice:
			var values, names []string
			for _, x := range f.Values {
				values, names = append(values, x.Value), append(names, x.Name.In(lang))
			}
			form.Need = key + " in " + strings.Join(values, ", ")
			form.Name = strings.ReplaceAll(form.Name, "{value}", strings.Join(names, " / "))
		}
		if parses(form.Need) {
			out = append(out, form)
		}
	}
	return out
}

// parses reports whether a text is a condition of the vocabulary.
func parses(need string) bool {
	m := eligibility.Measure{
		ID: "x", Document: "x", Path: "x", Quote: "x", Strength: eligibility.Support, Title: eligibility.Text{Zh: "x", En: "x"},
		Criteria: []eligibility.Criterion{{Need: need, Words: "x"}},
	}
	return need != "" && m.Parse() == nil
}

// FromModel makes drafts of what a model says that clauses of a document offer.
// clauses must be all leaf clauses of the document, in order.
//
// What it says counts only as far as the document has it: the quote stands once in the
// clause, to the letter, in a sentence that by package strength offers something; the
// words of a condition stand in the clause or in what it stands under; the condition is
// one of the vocabulary, and its number stands in its words, or else it is declared in
// those words. Strength and place are read by rules. Each measure that is returned has
// criteria and binds to clauses; one of an offer that [Clauses] drafts too has the same
// id, and no two are of the same words. dropped counts offers, conditions and titles
// that were left out.
func FromModel(doc retrieval.Document, clauses []retrieval.Clause, offers []Offer) (out []eligibility.Measure, dropped int) {
	d := newDrafter(doc, clauses)
	ids := givenIDs(Clauses(doc, clauses), clauses)
	var taken []eligibility.Bound
	for _, o := range offers {
		m, lost, ok := d.claimed(o)
		dropped += lost
		if !ok || m.Parse() != nil {
			dropped++
			continue
		}
		b, err := m.Bind(clauses)
		if err != nil || slices.ContainsFunc(taken, func(t eligibility.Bound) bool { return overlap(t, b) }) {
			dropped++
			continue
		}
		m.ID = ids.of(b)
		taken, out = append(taken, b), append(out, m)
	}
	return out, dropped
}

// overlap reports whether two measures are offered by some of the same words.
func overlap(a, b eligibility.Bound) bool {
	x, y := strings.Index(a.Clause.Text, a.Quote), strings.Index(b.Clause.Text, b.Quote)
	return a.Clause.ID == b.Clause.ID && x < y+len(b.Quote) && y < x+len(a.Quote)
}

// drafts are those by rules, whose ids those of the same offers get, each once.
type drafts struct {
	rules []eligibility.Bound
	taken map[string]bool
}

func givenIDs(rules []eligibility.Measure, clauses []retrieval.Clause) *drafts {
	out := &drafts{taken: map[string]bool{}}
	for _, m := range rules {
		if b, err := m.Bind(clauses); err == nil {
			out.rules = append(out.rules, b)
		}
	}
	return out
}

// of is the id of a measure that a model offers.
func (l *drafts) of(b eligibility.Bound) string {
	for _, r := range l.rules {
		if !l.taken[r.ID] && overlap(r, b) {
			l.taken[r.ID] = true
			return r.ID
		}
	}
	for n := 1; ; n++ {
		id := fmt.Sprintf("%s.m%d", b.Clause.ID, n)
		if !l.taken[id] && !slices.ContainsFunc(l.rules, func(r eligibility.Bound) bool { return r.ID == id }) {
			l.taken[id] = true
			return id
		}
	}
}

// claimed makes a measure of an offer, with an id that is not its own. lost counts what
// was left out of it; ok is false when nothing is left.
func (d *drafter) claimed(o Offer) (m eligibility.Measure, lost int, ok bool) {
	page := slices.IndexFunc(d.pages, func(p page) bool { return p.ID == o.Clause })
	if page < 0 {
		return m, 0, false
	}
	p := d.pages[page]
	quote := cutWords(strings.TrimSpace(o.Quote))
	at := p.stands(quote)
	if size(quote) < 3 || len(at) != 1 {
		return m, 0, false
	}
	own, ok := d.offering(page, at[0])
	if !ok {
		return m, 0, false
	}
	defer func(n int) { d.pages = d.pages[:n] }(len(d.pages))
	told, lost := d.conditionsOf(own, o.Criteria)
	if len(told) == 0 && len(o.Criteria) > 0 { // it depends on something, and nobody knows on what
		return m, lost, false
	}
	told = tidy(append(d.placeOf(own, told), told...))
	m = eligibility.Measure{ID: p.ID + ".m1", Document: d.doc.ID, Path: p.ID, Quote: quote, Strength: own.strength}
	d.enter(&m, told)
	for i, title := range []*string{&m.Title.Zh, &m.Title.En} {
		lang := []string{"zh", "en"}[i]
		if *title, ok = d.title(own, o.Title.In(lang), lang); !ok {
			lost++
			label := d.label(own, quote)
			*title = map[string]string{"zh": label, "en": "Clause " + p.Path + ": " + label}[lang]
		}
	}
	return m, lost, true
}

// stands finds words to the letter, where they are no part of a longer word.
func (t text) stands(words string) []span {
	var out []span
	for from := 0; words != "" && len(t.s) > 0; {
		i := strings.Index(t.raw[from:], words)
		if i < 0 {
			break
		}
		a := from + i
		b := a + len(words)
		if !joined(t.raw[:a], words) && !joined(words, t.raw[b:]) {
			out = append(out, t.spanOf(a, b))
		}
		from = b
	}
	return out
}

// joined reports whether a text goes on within a word of Latin letters or a number.
func joined(before, after string) bool {
	a, _ := utf8.DecodeLastRuneInString(before)
	b, _ := utf8.DecodeRuneInString(after)
	word := func(r rune) bool { return unicode.Is(unicode.Latin, r) }
	digit := func(r rune) bool { return r >= '0' && r <= '9' }
	return word(a) && word(b) || digit(a) && digit(b)
}

// offering reads the part of a clause that has the words of an offer. ok is false when
// it offers nothing.
func (d *drafter) offering(page int, at span) (o offer, ok bool) {
	p := d.pages[page]
	all := strength.Of(p.Text).Strength
	for i, q := range p.parts {
		if q.heading || !q.touches(at) || q.excludes || p.in(cues().list("no offer"), q.span) || strings.HasSuffix(p.s[q.a:q.b], "?") || p.forbids(q.span, at) {
			continue
		}
		s := strength.Of(p.words(q.span)).Strength
		if s == strength.None && (q.marked || d.leadsList(page, i)) {
			s = strength.Strength(q.strength)
		}
		if s == strength.None {
			continue
		}
		if all == strength.Intention { // what the clause says of itself counts for all of it
			s = all
		}
		return offer{page: page, part: q, strength: string(s), verb: at, zones: []zone{{span: q.span, loose: true}}}, true
	}
	return o, false
}

var refusal = regexp.MustCompile(`不得|不予|不再|不能|不享|不可以|严禁|禁止|\b(?:shall|may|must|will|can|is|are|do|does) not\b|\bcannot\b`)

// forbids reports whether words of a part stand in a clause of it that refuses
// something.
func (t text) forbids(part, at span) bool {
	return slices.ContainsFunc(t.segments(part), func(s span) bool { return s.touches(at) && refusal.MatchString(t.s[s.a:s.b]) })
}

// conditionsOf finds the conditions that a model tells. lost counts the others.
func (d *drafter) conditionsOf(o offer, list []Condition) (told []found, lost int) {
	for _, c := range list {
		f, ok := d.condition(o, c)
		if !ok {
			lost++
			continue
		}
		told = append(told, f)
	}
	return told, lost
}

// condition finds one condition: its words, and what it needs.
func (d *drafter) condition(o offer, c Condition) (found, bool) {
	page, at, ok := d.wordsOf(o, strings.TrimSpace(c.Words))
	if !ok {
		return found{}, false
	}
	t := d.pages[page].text
	need := normalNeed(c.Need)
	if d.says(t, at, need) {
		f := found{need: need, kind: "model", page: page, at: at}
		if slices.ContainsFunc(cues().cues["zone"], func(z cue) bool { return z.name == need }) {
			f.kind = "zone"
		}
		return f, true
	}
	if strings.HasPrefix(need, "place ") || size(t.s[at.a:at.b]) < 3 {
		return found{}, false
	}
	return d.declare(page, at), true
}

// wordsOf finds words in the clause of an offer, in the offer itself before elsewhere,
// or in what the clause stands under, which becomes a page of its own.
func (d *drafter) wordsOf(o offer, words string) (page int, at span, ok bool) {
	p := d.pages[o.page]
	if all := p.stands(words); len(all) > 0 {
		if i := slices.IndexFunc(all, func(s span) bool { return o.part.has(s) }); i > 0 {
			return o.page, all[i], true
		}
		return o.page, all[0], true
	}
	for _, parent := range p.Parents {
		t := normal(parent)
		if all := t.stands(words); len(all) > 0 {
			d.pages = append(d.pages, pageOf(p.Clause, t))
			return len(d.pages) - 1, all[0], true
		}
	}
	return 0, span{}, false
}

func pageOf(c retrieval.Clause, t text) page { return page{Clause: c, text: t} }

var comparison = regexp.MustCompile(`\s*(<=|>=|<|>|=)\s*`)

// normalNeed writes a condition with blanks where they are usual.
func normalNeed(need string) string {
	return strings.Join(strings.Fields(comparison.ReplaceAllString(need, " $1 ")), " ")
}

// says reports whether a condition is one of the vocabulary, may be about the document
// and has no number or place that its words do not have.
func (d *drafter) says(t text, at span, need string) bool {
	if !parses(need) {
		return false
	}
	for test := range strings.SplitSeq(need, " or ") {
		key := keyOf(test)
		f, _ := eligibility.Builtin().Fact(key)
		switch {
		case !d.knows(key):
			return false
		case f.Kind == eligibility.Place && !d.saysPlaces(t.words(at), strings.TrimPrefix(test, "place ")):
			return false
		case f.Kind == eligibility.Number && !saysNumber(t.s[at.a:at.b], test):
			return false
		}
	}
	return true
}

// saysPlaces reports whether each place of a list is in that of the document, or named.
func (d *drafter) saysPlaces(words, list string) bool {
	for v := range strings.SplitSeq(strings.ReplaceAll(list, "，", ","), ",") {
		v = strings.TrimSpace(v)
		name := understand.PlaceNamed(v)
		here := name != "" && d.place != "" && (understand.Within(name, d.place) || understand.Within(name, d.city()))
		if !here && (v == "" || !strings.Contains(words, v)) {
			return false
		}
	}
	return true
}

// saysNumber reports whether words have the number of a test, key >= number, in the
// unit of the fact and not compared the other way round.
func saysNumber(words, test string) bool {
	f := strings.Fields(test)
	if len(f) != 3 {
		return false
	}
	value, ok := new(big.Rat).SetString(f[2])
	return ok && slices.ContainsFunc(quantity.Find(words), func(q quantity.Quantity) bool {
		if op := operatorOf[q.Comparator]; !unitFits(f[0], q) || q.Value == nil || op != "" && op != f[1] {
			return false
		}
		return scaled(f[0], q.Value, q).Cmp(value) == 0 || q.High != nil && scaled(f[0], q.High, q).Cmp(value) == 0
	})
}

// title reduces a title to letters, digits and punctuation, at most longestLabel of
// them. ok is false when nothing is left in the language, or when it has an address, or
// a number that the clause lacks.
func (d *drafter) title(o offer, said, lang string) (string, bool) {
	p := d.pages[o.page]
	s := strings.Join(strings.Fields(strings.Map(inTitle, said)), " ")
	if r := []rune(s); len(r) > longestLabel {
		s = strings.TrimRight(string(r[:longestLabel]), marks)
	}
	if size(s) < 2 || chinese(s) != (lang == "zh") || address.MatchString(s) {
		return "", false
	}
	stated := append(quantity.Find(p.s), quantity.Find(normal(p.Heading).s)...)
	for _, q := range quantity.Find(normal(s).s) {
		if !q.Loose && !slices.ContainsFunc(stated, func(x quantity.Quantity) bool { return sameValue(q.Value, x.Value) || sameValue(q.Value, x.High) }) {
			return "", false
		}
	}
	return s, true
}

var address = regexp.MustCompile(`(?i)://|www\.|[a-z0-9]\.[a-z]{2}`)

func sameValue(a, b *big.Rat) bool { return a != nil && b != nil && a.Cmp(b) == 0 }

// inTitle drops a character that is no blank, letter, digit or punctuation, and those
// that stand for markup.
func inTitle(r rune) rune {
	switch {
	case unicode.IsSpace(r):
		return ' '
	case strings.ContainsRune("#*@_[]{}\\【】［］", r):
		return -1
	case unicode.In(r, unicode.Han, unicode.Latin, unicode.Greek, unicode.Nd, unicode.P) && unicode.IsGraphic(r):
		return r
	}
	return -1
}
