package grounding

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed promises.txt
var promisesFile string

// promised are words that speak to the asker, or promise him something.
var promised = sync.OnceValue(func() *lexicon {
	l := newLexicon()
	for line := range uncommented(promisesFile) {
		for w := range strings.FieldsSeq(line) {
			l.add(w, entry{says: true})
		}
	}
	return l
})

// promises notes every word of promises.txt that the texts of the sources do not
// have: a clause speaks of nobody in particular, so that you and your company
// never come from it.
func (c *checker) promises() {
	list := tokens(&c.claim.Text, 0, len(c.claim.Runes))
	for i := 0; i < len(list); i++ {
		end := 0
		promised().at(list, i, func(to int, _ []entry) { end = to })
		if end == 0 {
			continue
		}
		var keys []string
		for _, t := range list[i:end] {
			keys = append(keys, t.key)
		}
		if at := c.corpus.phrased(keys); len(at) == 0 || c.corpus.spots[at[0]].source < 0 {
			c.add(RulePromise, "", list[i].from, list[end-1].to)
		}
		i = end - 1
	}
}
