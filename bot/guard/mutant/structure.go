package mutant

import (
	"slices"
	"strings"

	"policybot/bot/guard"
	"policybot/retrieval"
)

// sentenceCitations lets sentence i cite what does not back it.
func (g *generator) sentenceCitations(i int) {
	s := g.claims.Sentences[i]
	cite := func(note string, numbers ...int) {
		g.structure(Citation, note, func(c *guard.Claims) { c.Sentences[i].Citations = numbers })
	}
	cite("none cited")
	cite("beyond the last", append(slices.Clone(s.Citations), len(g.claims.Citations)+1)...)
	cite("number 0", 0)
	for _, c := range g.claims.Citations {
		if !slices.Contains(s.Citations, c.N) && !strings.Contains(c.Clause.Text, strings.TrimSpace(s.Text)) {
			cite("another clause's number", c.N)
			cite("another clause's number added", append(slices.Clone(s.Citations), c.N)...)
			break
		}
	}
}

// numbering breaks the numbers of the citations.
func (g *generator) numbering() {
	if len(g.claims.Citations) == 0 {
		return
	}
	k := g.rand.IntN(len(g.claims.Citations))
	n := g.claims.Citations[k].N
	g.structure(Citation, "renumbered", func(c *guard.Claims) { c.Citations[k].N = n + 1 })
	g.structure(Citation, "negative number", func(c *guard.Claims) { c.Citations[k].N = -n })
	g.structure(Citation, "all numbers raised", func(c *guard.Claims) {
		for i := range c.Citations {
			c.Citations[i].N++
		}
	})
	used := slices.ContainsFunc(g.claims.Sentences, func(s guard.Sentence) bool { return slices.Contains(s.Citations, n) })
	if used {
		g.structure(Citation, "citation removed", func(c *guard.Claims) { c.Citations = slices.Delete(c.Citations, k, k+1) })
		g.structure(Citation, "all citations removed", func(c *guard.Claims) { c.Citations = nil })
		g.structure(Citation, "quote emptied", func(c *guard.Claims) {
			c.Citations[k].Quote, c.Citations[k].QuoteEnd = "", c.Citations[k].QuoteStart
		})
	}
	for other, c := range g.claims.Citations {
		if c.Clause.Text != g.claims.Citations[k].Clause.Text {
			g.structure(Citation, "clauses exchanged", func(c *guard.Claims) {
				a, b := &c.Citations[k].Clause, &c.Citations[other].Clause
				*a, *b = *b, *a
			})
			break
		}
	}
}

// documents says of citation k that it is of another document or place in it.
func (g *generator) documents(k int) {
	d := g.claims.Citations[k].Clause.Document
	p := papers[g.rand.IntN(len(papers))]
	of := func(note, old, with string, field func(*retrieval.Clause) *string) {
		if with != old {
			g.structure(Document, note, func(c *guard.Claims) { *field(&c.Citations[k].Clause) = with })
		}
	}
	clause := g.claims.Citations[k].Clause
	of("another title", d.Title, p.title, func(c *retrieval.Clause) *string { return &c.Document.Title })
	of("another number", d.Number, p.number, func(c *retrieval.Clause) *string { return &c.Document.Number })
	of("another issuer", d.Issuer, p.issuer, func(c *retrieval.Clause) *string { return &c.Document.Issuer })
	of("another place", d.Jurisdiction, "海南省", func(c *retrieval.Clause) *string { return &c.Document.Jurisdiction })
	of("another end", d.ValidUntil, "2035-12-31", func(c *retrieval.Clause) *string { return &c.Document.ValidUntil })
	of("another day of issue", d.IssuedOn, "2026-01-15", func(c *retrieval.Clause) *string { return &c.Document.IssuedOn })
	of("another path", clause.Path, clause.Path+"/(九)", func(c *retrieval.Clause) *string { return &c.Path })
	of("another id", clause.ID, clause.ID+".9", func(c *retrieval.Clause) *string { return &c.ID })
}

// glosses says something else of the quote of citation k.
func (g *generator) glosses(k int) {
	facts := g.claims.Citations[k].Gloss
	if len(facts) == 0 {
		return
	}
	i := g.rand.IntN(len(facts))
	change := func(note string, f func(*guard.Citation)) {
		g.structure(Gloss, note, func(c *guard.Claims) { f(&c.Citations[k]) })
	}
	for _, e := range g.some(append(g.digits(facts[i].Gloss), append(unitTurns.edits(facts[i].Gloss), g.years(facts[i].Gloss)...)...), each) {
		change(e.note, func(c *guard.Citation) { c.Gloss[i].Gloss = e.apply(facts[i].Gloss) })
	}
	change("said otherwise", func(c *guard.Citation) { c.Gloss[i].Gloss = "not " + facts[i].Gloss })
	change("of other words", func(c *guard.Citation) { c.Gloss[i].Text += "甲" })
	change("of another place", func(c *guard.Citation) { c.Gloss[i].Start, c.Gloss[i].End = facts[i].Start+1, facts[i].End+1 })
	for j, f := range facts {
		if f.Gloss != facts[i].Gloss && f.Text != facts[i].Text {
			change("exchanged", func(c *guard.Citation) { c.Gloss[i].Gloss, c.Gloss[j].Gloss = f.Gloss, facts[i].Gloss })
			break
		}
	}
}

// kinds are the kinds of notice.
var kinds = []string{
	guard.PeriodOver, guard.TargetYearOver, guard.DeadlinePassed, guard.Future, guard.Undated, guard.OtherPlace,
	guard.Translation, guard.Intention, guard.NotPolicy, guard.SuccessorMissing, guard.Conflict, guard.Repealed,
}

// notice takes notice i away, in whole or for one clause, or makes it another.
func (g *generator) notice(i int) {
	n := g.claims.Notices[i]
	needed := func(id string) bool { return g.needed(n.Kind, id) }
	class := Advice
	if slices.ContainsFunc(n.Clauses, needed) {
		class = Notice
	}
	g.structure(class, n.Kind+" removed", func(c *guard.Claims) { c.Notices = slices.Delete(c.Notices, i, i+1) })
	g.structure(class, "says nothing: "+n.Kind, func(c *guard.Claims) { c.Notices[i].Text = " " })
	others := slices.DeleteFunc(slices.Clone(kinds), func(k string) bool { return k == n.Kind })
	other := others[g.rand.IntN(len(others))]
	g.structure(class, n.Kind+" of another kind", func(c *guard.Claims) { c.Notices[i].Kind = other })
	if len(n.Clauses) > 0 {
		at := g.rand.IntN(len(n.Clauses))
		class := Advice
		if needed(n.Clauses[at]) {
			class = Notice
		}
		g.structure(class, n.Kind+" without a clause", func(c *guard.Claims) {
			c.Notices[i].Clauses = slices.Delete(c.Notices[i].Clauses, at, at+1)
		})
		g.structure(class, n.Kind+" of an unknown clause", func(c *guard.Claims) { c.Notices[i].Clauses[at] += ".9" })
	}
	for _, e := range g.some(g.markup(n.Text), each) {
		g.structure(Markup, "notice, "+e.note, func(c *guard.Claims) { c.Notices[i].Text = e.apply(n.Text) })
	}
}

// needed reports whether a notice of a kind must be given for a clause: for the
// status that its document has on the day, or because it is of another place.
func (g *generator) needed(kind, id string) bool {
	if kind == guard.OtherPlace {
		return slices.Contains(g.claims.Elsewhere, id)
	}
	status, ok := map[string]string{
		guard.PeriodOver: retrieval.StatusPeriodOver, guard.TargetYearOver: retrieval.StatusTargetOver, guard.Future: retrieval.StatusNotYet,
		guard.NotPolicy: retrieval.StatusNotPolicy, guard.Repealed: retrieval.StatusRepealed,
	}[kind]
	return ok && slices.ContainsFunc(g.claims.Citations, func(c guard.Citation) bool {
		return c.Clause.ID == id && c.Clause.Document.StatusOn(g.claims.Day) == status
	})
}

// elsewhere has the first clause that no notice of another place names be of
// another place.
func (g *generator) elsewhere() {
	for _, cite := range g.claims.Citations {
		id := cite.Clause.ID
		said := slices.ContainsFunc(g.claims.Notices, func(n guard.Notice) bool {
			return n.Kind == guard.OtherPlace && slices.Contains(n.Clauses, id)
		})
		if !said && !slices.Contains(g.claims.Elsewhere, id) {
			g.structure(Notice, "another place not said", func(c *guard.Claims) { c.Elsewhere = append(c.Elsewhere, id) })
			return
		}
	}
}

// markup adds what is no plain text.
func (g *generator) markup(s string) []edit {
	if s == "" {
		return nil
	}
	runes := []rune(s)
	middle := len(string(runes[:len(runes)/2]))
	return []edit{
		{len(s), len(s), " https://example.com/apply", "address"},
		{0, len(s), "[" + s + "](http://example.com)", "link"},
		{0, len(s), `<a href="http://example.com">` + s + "</a>", "HTML link"},
		{0, len(s), "<b>" + s + "</b>", "HTML"},
		{len(s), len(s), "<script>alert(1)</script>", "script"},
		{len(s), len(s), "![](https://example.com/p.png)", "image"},
		{middle, middle, "\u200b", "zero width space"},
		{middle, middle, "\u200d", "zero width joiner"},
		{middle, middle, "\u2060", "word joiner"},
		{middle, middle, "\ufeff", "byte order mark"},
		{middle, middle, "\u00ad", "soft hyphen"},
		{0, len(s), "\u202e" + s + "\u202c", "bidi override"},
		{0, len(s), "\u2067" + s + "\u2069", "bidi isolate"},
		{middle, middle, "\x1b[8m", "escape sequence"},
		{len(s), len(s), "\U000e0041\U000e0042", "tag characters"},
	}
}
