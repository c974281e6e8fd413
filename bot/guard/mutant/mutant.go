// Package mutant makes wrong answers out of true ones, to measure what package
// guard refuses. It knows nothing of the rules that it tests: its word lists
// are its own, in words.
package mutant

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"policybot/bot/guard"
	"policybot/retrieval"
)

// Classes of mutants: what was made wrong.
const (
	Digit      = "digit"      // one digit of a number
	Unit       = "unit"       // a unit or magnitude
	Year       = "year"       // a year, or a five-year period
	Place      = "place"      // a city, district or zone
	Body       = "body"       // a department
	Polarity   = "polarity"   // a negation added or removed
	Comparator = "comparator" // dropped, added or turned
	Modality   = "modality"   // a wish made an obligation or a fact, or the other way
	Document   = "document"   // title, number, issuer, path or id of what is cited
	Name       = "name"       // a programme, company, park or institute
	Swap       = "swap"       // two numbers or names of a sentence exchanged
	Span       = "span"       // a condition, negation or unit cut off, a quote moved
	Citation   = "citation"   // numbers of citations
	Invention  = "invention"  // a sentence that nothing says
	Notice     = "notice"     // a limit not said that the status or place of a document asks for
	Advice     = "advice"     // any other limit not said
	Markup     = "markup"     // links, HTML, invisible characters
	Gloss      = "gloss"      // what is said of a quote in the asker's language
)

// Depths of mutants.
const (
	Structure = 0 // no wording of a sentence: numbers, offsets, facts of documents, notices
	Text      = 1 // only the sentence
	Quote     = 2 // the sentence and the quote alike
	Clause    = 3 // and the clause's text in the citation, so that the answer is consistent in itself
)

// A Mutant is an answer's claims with one thing made wrong.
type Mutant struct {
	Class, Note string
	Depth       int
	Claims      guard.Claims
}

// each is how many mutants of one class and depth are made of one sentence.
const each = 2

// All makes mutants of the claims of a true answer. Each differs from it in
// what it means or is invalid; the claims given are left as they are. Equal
// claims and seeds give equal mutants.
func All(c guard.Claims, seed uint64) []Mutant {
	g := &generator{claims: c, rand: rand.New(rand.NewPCG(seed, 0x6d7574616e74))}
	for i := range c.Sentences {
		g.wordings(i)
		g.cuts(i)
		g.inventions(i)
		g.sentenceCitations(i)
	}
	for i := range c.Citations {
		g.documents(i)
		g.offsets(i)
		g.glosses(i)
	}
	g.numbering()
	for i := range c.Notices {
		g.notice(i)
	}
	g.elsewhere()
	return g.made
}

type generator struct {
	claims guard.Claims
	rand   *rand.Rand
	made   []Mutant
}

// structure adds a mutant that a change of a copy makes.
func (g *generator) structure(class, note string, change func(*guard.Claims)) {
	c := clone(g.claims)
	change(&c)
	g.made = append(g.made, Mutant{Class: class, Note: note, Depth: Structure, Claims: c})
}

// wordings rewrites sentence i in every way that its words allow.
func (g *generator) wordings(i int) {
	text := g.claims.Sentences[i].Text
	for _, w := range []struct {
		class string
		edits func(string) []edit
	}{
		{Digit, g.digits},
		{Unit, unitTurns.edits},
		{Year, g.years},
		{Place, g.names("city", "province", "region", "reach", "in", "district", "zone")},
		{Body, g.names("body", "ministry", "government")},
		{Name, g.names("programme", "talent", "firm", "park", "board", "school", "hospital", "list", "trial")},
		{Polarity, polarityTurns.edits},
		{Comparator, comparatorTurns.edits},
		{Modality, modalityTurns.edits},
		{Document, g.titles},
		{Swap, g.swaps},
		{Markup, g.markup},
	} {
		for _, e := range g.some(w.edits(text), each) {
			for depth := Text; depth <= Clause; depth++ {
				g.rewrite(w.class, i, depth, e)
			}
		}
	}
}

// rewrite adds a mutant in which sentence i is edited to a depth, unless the
// clause happens to say the new sentence, or no quote has the old one.
func (g *generator) rewrite(class string, i, depth int, e edit) {
	text := g.claims.Sentences[i].Text
	changed := e.apply(text)
	if changed == text || strings.TrimSpace(changed) == "" || g.said(i, changed) {
		return
	}
	c := clone(g.claims)
	c.Sentences[i].Text = changed
	if depth > Text && !replaceQuote(&c, c.Sentences[i].Citations, text, e, depth) {
		return
	}
	g.made = append(g.made, Mutant{Class: class, Note: e.note, Depth: depth, Claims: c})
}

// said reports whether a clause that sentence i cites has a text.
func (g *generator) said(i int, text string) bool {
	for _, n := range g.claims.Sentences[i].Citations {
		if k := g.cited(n); k >= 0 && strings.Contains(g.claims.Citations[k].Clause.Text, text) {
			return true
		}
	}
	return false
}

// cited is the place of citation n, or -1.
func (g *generator) cited(n int) int {
	return slices.IndexFunc(g.claims.Citations, func(c guard.Citation) bool { return c.N == n })
}

// some picks at most n of a list, by chance, and keeps their order.
func (g *generator) some(list []edit, n int) []edit {
	for len(list) > n {
		at := g.rand.IntN(len(list))
		list = slices.Delete(list, at, at+1)
	}
	return list
}

func clone(c guard.Claims) guard.Claims {
	c.Sentences = slices.Clone(c.Sentences)
	for i, s := range c.Sentences {
		c.Sentences[i].Citations = slices.Clone(s.Citations)
	}
	c.Citations = slices.Clone(c.Citations)
	for i := range c.Citations {
		c.Citations[i].Clause = cloneClause(c.Citations[i].Clause)
		c.Citations[i].Gloss = slices.Clone(c.Citations[i].Gloss)
	}
	c.Notices = slices.Clone(c.Notices)
	for i, n := range c.Notices {
		c.Notices[i].Clauses = slices.Clone(n.Clauses)
	}
	c.Elsewhere = slices.Clone(c.Elsewhere)
	return c
}

func cloneClause(c retrieval.Clause) retrieval.Clause {
	c.Departments, c.Parents = slices.Clone(c.Departments), slices.Clone(c.Parents)
	d := &c.Document
	d.Aliases, d.Mentions = slices.Clone(d.Aliases), slices.Clone(d.Mentions)
	d.Facts, d.Notes = maps.Clone(d.Facts), maps.Clone(d.Notes)
	return c
}
