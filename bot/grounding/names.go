package grounding

import (
	"slices"
	"strings"

	"policybot/bot/quantity/fold"
)

// Kinds of names.
const (
	Place     = "place"
	Body      = "body"
	Programme = "programme"
)

// A Name is one place, body or programme.
type Name struct {
	Kind string // Place, Body or Programme
	// Forms are all ways to write it: aliases, short forms and translations,
	// all of which are the same thing. Empty ones are left out.
	Forms []string
}

// Names finds the names in texts. It may be used from several goroutines. A nil
// *Names knows none.
type Names struct {
	kinds []string
	forms map[rune][]form // by first rune, longest first
}

type form struct {
	runes []rune
	name  int
}

// A named is a name at the runes from one place to another.
type named struct {
	name     int
	kind     string
	from, to int
	inner    bool // inside a longer name
}

// NewNames returns the names of entries. Forms are compared in the normal form
// of retrieval/analysis, the longest first; one that begins or ends with a
// Latin letter or a digit has to stand on a word border there. The same form
// in two entries means either. Entries of another Kind are left out.
func NewNames(entries ...Name) *Names {
	n := &Names{forms: make(map[rune][]form)}
	for _, e := range entries {
		if e.Kind != Place && e.Kind != Body && e.Kind != Programme {
			continue
		}
		for _, f := range e.Forms {
			if runes := squeeze(fold.Runes(f)); len(runes) > 0 {
				n.forms[runes[0]] = append(n.forms[runes[0]], form{runes, len(n.kinds)})
			}
		}
		n.kinds = append(n.kinds, e.Kind)
	}
	for _, list := range n.forms {
		slices.SortStableFunc(list, func(a, b form) int { return len(b.runes) - len(a.runes) })
	}
	return n
}

// squeeze makes every run of blanks one blank and takes those at the ends away.
func squeeze(runes []rune) []rune {
	out := make([]rune, 0, len(runes))
	for _, r := range runes {
		if isBlank(r) {
			if len(out) > 0 && out[len(out)-1] != ' ' {
				out = append(out, ' ')
			}
			continue
		}
		out = append(out, r)
	}
	if n := len(out); n > 0 && out[n-1] == ' ' {
		out = out[:n-1]
	}
	return out
}

func isBlank(r rune) bool { return r == ' ' || r == '\n' || r == '\t' || r == '\r' }

// find returns every name in t, also inside longer ones.
func (n *Names) find(t *fold.Text) []named {
	if n == nil {
		return nil
	}
	var out []named
	end := 0 // of the outer name before
	for i := range t.Runes {
		outer := i >= end
		for _, f := range n.forms[t.Runes[i]] {
			to := matches(t, i, f.runes)
			if to == 0 {
				continue
			}
			inner := !outer || end > i && to < end
			out = append(out, named{f.name, n.kinds[f.name], i, to, inner})
			end = max(end, to)
		}
	}
	return out
}

// matches returns the end of the form that stands at i, or 0. Blanks between
// Latin words match any blanks.
func matches(t *fold.Text, i int, f []rune) int {
	joins := func(a, b rune) bool { return letter(a) && letter(b) }
	if i > 0 && joins(t.Runes[i-1], f[0]) {
		return 0
	}
	at := i
	for _, r := range f {
		if at >= len(t.Runes) {
			return 0
		}
		if r == ' ' && isBlank(t.Runes[at]) {
			for at < len(t.Runes) && isBlank(t.Runes[at]) {
				at++
			}
			continue
		}
		if t.Runes[at] != r {
			return 0
		}
		at++
	}
	if at < len(t.Runes) && joins(f[len(f)-1], t.Runes[at]) {
		return 0
	}
	return at
}

func letter(r rune) bool { return fold.Latin(r) || fold.Digit(r) }

var nameRules = map[string]Rule{Place: RulePlace, Body: RuleBody, Programme: RuleProgramme}

// names notes the names in the sentence that no source has in any form, and
// those that stand where a source names another.
func (c *checker) names() {
	known := make(map[int]bool)
	for _, list := range [][]text{c.sources, c.about} {
		for _, t := range list {
			for _, n := range t.named {
				known[n.name] = true
			}
		}
	}
	for _, n := range c.claim.named {
		if n.inner {
			continue
		}
		fits := known[n.name] || c.otherwiseNamed(n)
		for _, m := range c.claim.named { // the same words may be a form of two names
			fits = fits || m.from == n.from && m.to == n.to && known[m.name]
		}
		if !fits || c.exchanged(n) {
			c.add(nameRules[n.kind], "", n.from, n.to)
		}
	}
}

// exchanged reports whether n stands among words among which the sources name
// something else of its kind, and never n.
func (c *checker) exchanged(n named) bool {
	around := c.claim.beside(n)
	if len(around.keys) < 4 {
		return false
	}
	own, other := 0.0, 0.0
	for i := range c.sources {
		s := &c.sources[i]
		for _, m := range s.named {
			if m.kind != n.kind {
				continue
			}
			if share := s.beside(m).near(around); m.name == n.name {
				own = max(own, share)
			} else if !m.inner && !s.together(m, n.name) {
				other = max(other, share)
			}
		}
	}
	return other >= same && other > own+0.4
}

// together reports whether the name stands inside m or in the list that m is
// part of: 海淀区、大兴区和昌平区.
func (t *text) together(m named, name int) bool {
	const gap = 5 // ", and"
	from, to := m.from, m.to
	for grown := true; grown; {
		grown = false
		for _, x := range t.named {
			if x.from <= to+gap && x.to >= from-gap && (x.from < from || x.to > to) && t.joined(min(x.to, to), max(x.from, from)) {
				from, to, grown = min(from, x.from), max(to, x.to), true
			}
		}
	}
	return slices.ContainsFunc(t.named, func(x named) bool { return x.name == name && x.from >= from && x.to <= to })
}

// joined reports whether nothing but signs of a list stands between two places.
func (t *text) joined(from, to int) bool {
	if from >= to {
		return true
	}
	s := strings.TrimSpace(strings.Trim(string(t.Runes[from:to]), "、,/和及与 "))
	return s == "" || s == "and" || s == "or" || s == "以"
}

// beside returns the content close to n in its phrase.
func (t *text) beside(n named) context {
	from, to := t.phraseOf(n.from, n.to)
	latin := fold.Latin(t.Runes[n.from])
	most := contextHan
	if latin {
		most = contextLatin
	}
	none := func(int) bool { return false }
	k := t.content(max(from, n.from-most), n.from, none)
	for _, x := range t.content(n.to, min(to, n.to+most), none) {
		k = append(k, x^1<<62) // what stands after is not what stands before
	}
	return context{sorted(k), latin}
}
