package grounding

import (
	"cmp"
	"slices"
	"sync"

	"policybot/retrieval/bridge"
)

// A spot is a token of the sources.
type spot struct {
	token
	source   int // of the sources' texts, or below 0 of what they are about
	phrase   int // number among all phrases of the sources
	sentence int // number among all sentences
}

// A corpus is all that the sources say, as far as a sentence may stand on it:
// their words, and what same.txt and the glossary let one say for them.
type corpus struct {
	spots    []spot
	at       map[string][]int32 // key → spots
	lines    map[int][]int32    // line of same.txt → spots where it is borne out
	kinds    map[int]bool       // members of kinds.txt that are named
	spelled  *lexicon           // Chinese forms of English words of the sources; an entry's line is an index of speltAt
	speltAt  [][]int32
	named    map[int][]int32        // by name, where it begins
	amounts  []counts               // quantities of the texts
	holders  map[int]map[int32]bool // by role, the spots of who may have it
	rendered map[string][]int32     // roots of the English words for Chinese words of the sources
}

// A counts is a quantity of the texts of the sources and where it begins.
type counts struct {
	*amount
	at int32
}

// Bounds of the work on one place of a sentence. What is beyond them does not
// count, so that a sentence may be refused for it but never pass.
const (
	mostPlaces = 48 // of a word in the sources
	mostTokens = 64 // of one piece
)

// corpusOf reads the sources.
func corpusOf(texts, about []text) *corpus {
	c := &corpus{
		at: make(map[string][]int32), lines: make(map[int][]int32), kinds: make(map[int]bool),
		spelled: newLexicon(), rendered: make(map[string][]int32), named: make(map[int][]int32),
	}
	phrase, sentence := 0, 0
	for k := range texts {
		c.read(&texts[k], k, &phrase, &sentence)
	}
	c.holders = holders(texts)
	for k := range about {
		c.read(&about[k], -1-k, &phrase, &sentence)
	}
	return c
}

// read adds a text.
func (c *corpus) read(t *text, source int, phrase, sentence *int) {
	list := tokens(&t.Text, 0, len(t.Runes))
	base := len(c.spots)
	p := 0
	for _, k := range list {
		for p < len(t.phrases) && t.phrases[p].to <= k.from {
			p++
			*phrase++
			if p < len(t.phrases) && t.phrases[p].first {
				*sentence++
			}
		}
		c.at[k.key] = append(c.at[k.key], int32(len(c.spots)))
		c.spots = append(c.spots, spot{k, source, *phrase, *sentence})
	}
	*phrase++
	*sentence++
	c.mark(t, list, source, base)
	v := words()
	for i := range list {
		v.same.at(list, i, func(_ int, entries []entry) {
			for _, e := range entries {
				if e.bear {
					c.lines[e.line] = append(c.lines[e.line], int32(base+i))
				}
			}
		})
		v.kinds.at(list, i, func(to int, entries []entry) {
			if source < 0 && to == i+1 && list[i].han {
				return // 都 of 首都 in a title
			}
			for _, e := range entries {
				c.kinds[e.line] = true
			}
		})
	}
	c.translate(t, list, base)
}

// mark adds where names and quantities of a text begin.
func (c *corpus) mark(t *text, list []token, source, base int) {
	first := func(from, to int) (int32, bool) {
		i, _ := slices.BinarySearchFunc(list, from, func(k token, at int) int { return cmp.Compare(k.from, at) })
		return int32(base + i), i < len(list) && list[i].from < to
	}
	for _, n := range t.named {
		if at, ok := first(n.from, n.to); ok {
			c.named[n.name] = append(c.named[n.name], at)
		}
	}
	for k := range t.quantities {
		if at, ok := first(t.quantities[k].from, t.quantities[k].to); ok && source >= 0 {
			c.amounts = append(c.amounts, counts{&t.quantities[k], at})
		}
	}
}

// translate adds what the glossary has for the words of a text.
func (c *corpus) translate(t *text, list []token, base int) {
	normal := string(t.Runes)
	starts := make(map[int]int, len(list)) // byte → token
	bytes, r := 0, 0
	for i, k := range list {
		for r < k.from {
			bytes += len(string(t.Runes[r]))
			r++
		}
		starts[bytes] = base + i
	}
	for _, p := range bridge.Translations().Places(normal) {
		from, ok := starts[p.Start]
		if !ok {
			continue
		}
		for _, tr := range p.Translations {
			for _, other := range tr.Texts {
				if !tr.Chinese {
					c.spelled.addKeys(rendering()[other], entry{line: len(c.speltAt), says: true})
					c.speltAt = append(c.speltAt, []int32{int32(from)})
					continue
				}
				keys := rendering()[other]
				c.spelled.addKeys(keys, entry{line: len(c.speltAt), says: true})
				c.speltAt = append(c.speltAt, []int32{int32(from)})
				for _, key := range keys {
					if !lightKey(key) {
						c.rendered[key] = append(c.rendered[key], int32(from))
					}
				}
			}
		}
	}
}

// rendering holds the keys of all forms of the glossary.
var rendering = sync.OnceValue(func() map[string][]string {
	out := make(map[string][]string)
	g := bridge.Translations()
	for _, form := range g.Forms() {
		for _, t := range g.Translate(form) {
			for _, other := range t.Texts {
				if out[other] == nil {
					out[other] = keysOf(other)
				}
			}
		}
	}
	return out
})

// lightKey reports whether a word alone is in light.txt.
func lightKey(key string) bool {
	l := words().light
	n, ok := l.next[0][key]
	return ok && len(l.ends[n]) > 0
}

// run returns how many tokens of list from i on stand in the sources one after
// the other, and where that begins.
func (c *corpus) run(list []token, i int) (longest int, at map[int][]int32) {
	at = make(map[int][]int32)
	places := c.at[list[i].key]
	for _, s := range places[:min(len(places), mostPlaces)] {
		n := 1
		for n < mostTokens && i+n < len(list) && int(s)+n < len(c.spots) && list[i+n].han == list[i].han && list[i+n].key == c.spots[int(s)+n].key &&
			adjoins(list[i+n-1], list[i+n]) && c.spots[int(s)+n].source == c.spots[s].source && adjoins(c.spots[int(s)+n-1].token, c.spots[int(s)+n].token) {
			n++
		}
		for k := 1; k <= n; k++ {
			if len(at[k]) < 24 {
				at[k] = append(at[k], s)
			}
		}
		longest = max(longest, n)
	}
	return longest, at
}

// phrased reports where a form of several words stands in the sources.
func (c *corpus) phrased(keys []string) []int32 {
	if len(keys) == 0 {
		return nil
	}
	var out []int32
	for _, s := range c.at[keys[0]] {
		fits := int(s)+len(keys) <= len(c.spots)
		for k := 1; fits && k < len(keys); k++ {
			a, b := c.spots[int(s)+k-1], c.spots[int(s)+k]
			fits = b.key == keys[k] && a.source == b.source && adjoins(a.token, b.token)
		}
		if fits {
			out = append(out, s)
		}
	}
	return out
}
