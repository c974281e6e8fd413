package auditor

import (
	"slices"
	"strings"
)

// citations: G2, G3 and G12 of each citation.
func (a *audit) citations() {
	cited := map[int]bool{}
	for _, s := range a.Sentences {
		for _, n := range s.Citations {
			cited[n] = true
		}
	}
	for _, c := range a.Citations {
		if _, twice := a.byN[c.N]; twice || c.N < 1 {
			a.bad("G2", "citation number %d is used twice or is no number", c.N)
		}
		a.byN[c.N] = c
		if !slices.Contains(a.Retrieved, c.Clause.ID) {
			a.bad("G2", "[%d] cites %q, which was not found", c.N, c.Clause.ID)
		}
		stored, ok := a.Clauses[c.Clause.ID]
		if !ok {
			a.bad("G12", "[%d] cites %q, which the library does not have", c.N, c.Clause.ID)
			continue
		}
		a.sameVersion(c, stored)
		a.verbatim(c, stored)
		if !cited[c.N] && a.Outcome == "answered" {
			a.bad("G2", "[%d] is cited by no sentence", c.N)
		}
	}
}

func (a *audit) sameVersion(c citation, stored Clause) {
	d, s := c.Clause.Document, stored.Document
	if c.Clause.Text != stored.Text {
		a.bad("G2", "[%d] has another text than the library's %s", c.N, stored.ID)
	}
	if d.ID != s.ID || d.Version != s.Version || d.Hash != s.Hash {
		a.bad("G12", "[%d] is of %s version %s, the library's clause of %s version %s", c.N, d.ID, d.Version, s.ID, s.Version)
	}
	if c.Clause.Path != stored.Path || d.Title != s.Title || d.Jurisdiction != s.Jurisdiction || d.Number != s.Number || d.Issuer != s.Issuer {
		a.bad("G12", "[%d] states other facts of the document than the library", c.N)
	}
	if u := c.Clause.URL; u != "" && !a.ownLink(u) && !strings.HasPrefix(u, "/clauses/") {
		a.bad("G12", "[%d] links to %q", c.N, u)
	}
}

// verbatim: the quote stands at its code points in the library's own clause.
func (a *audit) verbatim(c citation, stored Clause) {
	if length(c.Quote) < shortestQuote {
		a.bad("G3", "[%d]: the quote %q is shorter than %d characters", c.N, c.Quote, shortestQuote)
	}
	text := []rune(stored.Text)
	if c.Start == nil || c.End == nil || *c.Start < 0 || *c.End > len(text) || *c.Start >= *c.End {
		a.bad("G3", "[%d]: the quote has no place in the clause", c.N)
		return
	}
	if plain(string(text[*c.Start:*c.End])) != plain(c.Quote) {
		a.bad("G3", "[%d]: the clause does not say %q at %d-%d", c.N, c.Quote, *c.Start, *c.End)
	}
}

// ownLink tells whether a link is one of the server.
func (a *audit) ownLink(u string) bool {
	base := strings.TrimRight(a.BaseURL, "/")
	return base != "" && (u == base || strings.HasPrefix(u, base+"/"))
}
