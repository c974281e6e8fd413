package draft

import (
	"slices"
	"strings"
	"unicode/utf8"

	"policybot/bot/eligibility"
)

// longestQuote is how many characters a quote may have.
const longestQuote = 60

// measure makes a measure of an offer. It lacks its id.
func (d *drafter) measure(o offer) eligibility.Measure {
	p := d.pages[o.page]
	quote := d.quote(o)
	m := eligibility.Measure{Document: d.doc.ID, Path: p.ID, Quote: quote, Strength: o.strength}
	label := d.label(o, quote)
	m.Title = eligibility.Text{Zh: label, En: "Clause " + p.Path + ": " + label}
	d.enter(&m, d.read(o))
	return m
}

// enter writes conditions into a measure, with the facts that they declare.
func (d *drafter) enter(m *eligibility.Measure, told []found) {
	for _, f := range told {
		from := d.pages[f.page]
		c := eligibility.Criterion{Need: f.need, Words: from.words(f.at)}
		if from.ID != m.Path {
			c.In = from.ID
		}
		m.Criteria = append(m.Criteria, c)
		for _, fact := range f.facts {
			if !slices.ContainsFunc(m.Facts, func(g eligibility.Fact) bool { return g.Key == fact.Key }) {
				m.Facts = append(m.Facts, fact)
			}
		}
	}
}

// quote picks the words of an offer: from its verb on, once in the clause, at most
// longestQuote characters; "" where there are none.
func (d *drafter) quote(o offer) string {
	p := d.pages[o.page]
	start := o.verb.a
	if o.verb.empty() || start < o.part.a {
		start = o.part.a
	}
	rest := p.segments(span{start, o.part.b})
	try := []span{rest[0]}
	if size(p.s[rest[0].a:rest[0].b]) < 4 && len(rest) > 1 {
		try = []span{{rest[0].a, rest[1].b}}
	}
	before := p.segments(span{o.part.a, start})
	for i := len(before) - 1; i >= 0; i-- {
		try = append(try, span{before[i].a, rest[0].b})
	}
	try = append(try, o.part.span, span{start, o.part.b})
	for _, s := range try {
		if q := cutWords(p.words(s)); q != "" && strings.Count(p.Text, q) == 1 {
			return q
		}
	}
	return ""
}

// cutWords shortens words to longestQuote characters, at the end of a word.
func cutWords(s string) string {
	if i := strings.IndexByte(s, '\n'); i >= 0 {
		s = s[:i]
	}
	if utf8.RuneCountInString(s) <= longestQuote {
		return s
	}
	cut := string([]rune(s)[:longestQuote])
	if i := strings.LastIndexByte(cut, ' '); i > len(cut)/2 && !chinese(cut) {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, marks)
}

// longestLabel is how many characters the words of an offer have in a title.
const longestLabel = 40

// label is a short title: the heading of the clause and what is offered, in the words
// of the document.
func (d *drafter) label(o offer, quote string) string {
	p := d.pages[o.page]
	heading := strings.Trim(p.Heading, marks)
	if o.part.span == (span{}) || quote == "" {
		return heading
	}
	if r := []rune(quote); len(r) > longestLabel {
		quote = strings.TrimRight(string(r[:longestLabel]), marks) + "…"
	}
	if heading == "" {
		heading = strings.Trim(lastOf(p.Parents), marks)
	}
	if heading == "" || utf8.RuneCountInString(heading) > longestLabel || strings.Contains(heading, quote) {
		return quote
	}
	return heading + "：" + quote
}
