package mutant

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"policybot/bot/guard"
)

// inventions adds sentences behind sentence i that its clause does not say.
func (g *generator) inventions(i int) {
	text := g.claims.Sentences[i].Text
	lang := "en"
	if chinese(text) {
		lang = "zh"
	}
	var list []edit
	for _, t := range templates {
		if t.lang == lang {
			list = append(list, edit{len(text), len(text), g.fill(t.text), "invented " + t.what})
		}
	}
	list = g.some(list, each)
	list = append(list, g.some(g.translated(text), 1)...)
	for _, e := range list {
		for depth := Text; depth <= Clause; depth++ {
			g.invent(i, depth, e)
		}
	}
}

// invent adds a sentence behind sentence i to a depth.
func (g *generator) invent(i, depth int, e edit) {
	if g.said(i, e.with) {
		return
	}
	c := clone(g.claims)
	s := c.Sentences[i]
	if depth > Text && !replaceQuote(&c, s.Citations, s.Text, e, depth) {
		return
	}
	added := guard.Sentence{Text: e.with, Citations: slices.Clone(s.Citations)}
	c.Sentences = slices.Insert(c.Sentences, i+1, added)
	g.made = append(g.made, Mutant{Class: Invention, Note: e.note, Depth: depth, Claims: c})
}

// fill fills the places of a template by chance, with figures that no clause
// of the answer has.
func (g *generator) fill(s string) string {
	pick := func(least, most int) string {
		for {
			n := strconv.Itoa(least + g.rand.IntN(most-least))
			if !slices.ContainsFunc(g.claims.Citations, func(c guard.Citation) bool { return strings.Contains(c.Clause.Text, n) }) {
				return n
			}
		}
	}
	cities := []string{"海口", "昆明", "兰州"}
	if !chinese(s) {
		cities = []string{"Haikou", "Kunming", "Lanzhou"}
	}
	return strings.NewReplacer(
		"{n}", pick(31, 998), "{d}", pick(31, 98), "{y}", pick(31, 98), "{p}", cities[g.rand.IntN(len(cities))],
	).Replace(s)
}

// translated are loose translations of a fact of a sentence with the fact
// changed.
func (g *generator) translated(text string) []edit {
	var out []edit
	for _, t := range translations {
		at := t.pattern.FindStringSubmatchIndex(text)
		if at == nil || chinese(t.with) == chinese(text) {
			continue
		}
		with := string(t.pattern.ExpandString(nil, t.with, text, at))
		if len(at) > 2 {
			n, _ := strconv.Atoi(text[at[2]:at[3]])
			with = strings.ReplaceAll(with, "{+}", strconv.Itoa(n+1+g.rand.IntN(9)))
		}
		out = append(out, edit{len(text), len(text), with, fmt.Sprintf("translated: %s → %s", text[at[0]:at[1]], with)})
	}
	return out
}
