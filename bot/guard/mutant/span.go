package mutant

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"policybot/bot/guard"
)

// leastLeft is how many characters a sentence must keep when it is cut.
const leastLeft = 6

// cuts drops from sentence i what limits what is left: at depth Text from the
// sentence alone, which then stands within its quote, at depth Quote from the
// quote too with its offsets, at depth Clause from the clause's text.
func (g *generator) cuts(i int) {
	text := g.claims.Sentences[i].Text
	var found []edit
	for _, c := range cutPlaces {
		at := c.pattern.FindStringSubmatchIndex(text)
		if at == nil {
			continue
		}
		e := edit{0, at[1], "", c.what + " cut off"}
		if c.tail {
			e.from, e.to = at[2], len(text)
		}
		if letters(e.apply(text)) >= leastLeft && letters(text[e.from:e.to]) > 0 {
			found = append(found, e)
		}
	}
	for _, e := range g.some(found, each) {
		left := strings.TrimSpace(e.apply(text))
		g.shortened(i, e, left)
		g.quoteShortened(i, e, text)
		g.rewrite(Span, i, Clause, e)
	}
}

func letters(s string) int {
	n := 0
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			n++
		}
	}
	return n
}

func (g *generator) shortened(i int, e edit, left string) {
	c := clone(g.claims)
	c.Sentences[i].Text = left
	g.made = append(g.made, Mutant{Class: Span, Note: e.note, Depth: Text, Claims: c})
}

// quoteShortened cuts the quote with the sentence where the sentence stands at
// that end of it.
func (g *generator) quoteShortened(i int, e edit, text string) {
	c := clone(g.claims)
	for _, n := range c.Sentences[i].Citations {
		k := g.cited(n)
		if k < 0 {
			continue
		}
		cite := &c.Citations[k]
		lost := utf8.RuneCountInString(text[e.from:e.to])
		switch {
		case e.from == 0 && strings.HasPrefix(cite.Quote, text):
			cite.Quote, cite.QuoteStart = cite.Quote[e.to:], cite.QuoteStart+lost
		case e.to == len(text) && strings.HasSuffix(cite.Quote, text):
			cite.Quote, cite.QuoteEnd = strings.TrimSuffix(cite.Quote, text[e.from:]), cite.QuoteEnd-lost
		default:
			continue
		}
		c.Sentences[i].Text, cite.Gloss = e.apply(text), nil
		g.made = append(g.made, Mutant{Class: Span, Note: e.note, Depth: Quote, Claims: c})
		return
	}
}

// offsets moves the quote of citation k.
func (g *generator) offsets(k int) {
	by := 1 + g.rand.IntN(5)
	off := func(note string, start, end int) {
		g.structure(Span, note, func(c *guard.Claims) {
			c.Citations[k].QuoteStart += start
			c.Citations[k].QuoteEnd += end
		})
	}
	cite := g.claims.Citations[k]
	points := []rune(cite.Clause.Text)
	off("end off", 0, by)
	off("start off", -by, 0)
	off("turned about", cite.QuoteEnd-cite.QuoteStart+1, cite.QuoteStart-cite.QuoteEnd-1)
	for _, d := range []int{by, -by} {
		start, end := cite.QuoteStart+d, cite.QuoteEnd+d
		if start < 0 || end > len(points) || string(points[start:end]) == cite.Quote {
			continue
		}
		off("both off", d, d)
		moved := string(points[start:end])
		if g.without(cite.N, moved) {
			g.structure(Span, fmt.Sprintf("moved by %d", d), func(c *guard.Claims) {
				x := &c.Citations[k]
				x.Quote, x.QuoteStart, x.QuoteEnd = moved, start, end
			})
		}
	}
}

// without reports whether a quote lacks a sentence that cites number n and no
// other.
func (g *generator) without(n int, quote string) bool {
	for _, s := range g.claims.Sentences {
		if len(s.Citations) == 1 && s.Citations[0] == n && !strings.Contains(quote, strings.TrimSpace(s.Text)) {
			return true
		}
	}
	return false
}
