package grounding

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

//go:embed places.txt
var placesFile string

// collective holds for a place the short names that stand for it too.
var collective = sync.OnceValue(func() map[string][]string {
	out := make(map[string][]string)
	for line := range uncommented(placesFile) {
		short, full, _ := strings.Cut(line, " | ")
		for place := range strings.FieldsSeq(full) {
			place = strings.ReplaceAll(place, "_", " ")
			for s := range strings.FieldsSeq(strings.ToLower(short)) {
				out[place] = append(out[place], s)
			}
		}
	}
	return out
})

// otherwiseNamed reports whether a source has the name n in a form that the names
// do not know: the place in a collective name, the body in words of the lists.
func (c *checker) otherwiseNamed(n named) bool {
	word := string(c.claim.Runes[n.from:n.to])
	if n.kind == Place {
		shorts := collective()[strings.TrimSuffix(strings.TrimSuffix(word, "市"), "省")]
		return slices.ContainsFunc(shorts, func(s string) bool {
			return slices.ContainsFunc(c.sources, func(t text) bool { return strings.Contains(string(t.Runes), s) })
		})
	}
	if n.kind != Body {
		return false
	}
	list := tokens(&c.claim.Text, n.from, n.to)
	fits := false
	words().same.at(list, 0, func(end int, entries []entry) {
		fits = fits || end == len(list) && slices.ContainsFunc(entries, func(e entry) bool { return e.says && len(c.corpus.lines[e.line]) > 0 })
	})
	return fits
}
