package grounding

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// titles notes the titles 《…》 of the sentence that no source names.
func (c *checker) titles() {
	for i := 0; i < len(c.claim.Runes); i++ {
		if c.claim.Runes[i] != '《' {
			continue
		}
		end, depth := i+1, 1
		for ; end < len(c.claim.Runes) && depth > 0; end++ {
			switch c.claim.Runes[end] {
			case '《':
				depth++
			case '》':
				depth--
			}
		}
		inner := end
		if depth == 0 {
			inner--
		}
		if title := bare(c.claim.Runes[i+1 : inner]); title != "" && !c.titled(title, i, end) {
			c.add(RuleTitle, "", i, end)
		}
		i = end - 1
	}
}

// laws notes an English name of a law that the sources and what they are about do
// not have.
func (c *checker) laws() {
	list := append(lawNames.FindAllStringIndex(c.claim.Raw, -1), lawsOn.FindAllStringIndex(c.claim.Raw, -1)...)
	for _, m := range list {
		if c.titledIn() || len(c.corpus.phrased(keysOf(c.claim.Raw[m[0]:m[1]]))) > 0 {
			continue
		}
		from, to := c.claim.runes(m[0], m[1])
		if from < to {
			c.add(RuleTitle, "", from, to)
		}
	}
}

// titledIn reports whether the sources name a document with 《》, which the
// sentence may have in English.
func (c *checker) titledIn() bool {
	return slices.ContainsFunc(c.sources, func(t text) bool { return strings.ContainsRune(string(t.Runes), '《') })
}

var lawsOn = regexp.MustCompile(`\b(?:Measures|Regulations|Provisions|Opinions|Rules|Guidelines|Law) (?:for|on|of) (?:the )?[A-Z][\w-]+(?: (?:and |of |the |for )*[A-Z][\w-]+)*`)

var lawNames = regexp.MustCompile(`(?:[A-Z][A-Za-z'-]* (?:(?:of|for|on|and) )?){2,}(?:Regulations?|Rules|Law|Act|Decree|Ordinance|Guidelines)\b`)

// titled reports whether a source names the title, or it holds a known name
// and nothing else.
func (c *checker) titled(title string, from, to int) bool {
	for _, list := range [][]text{c.sources, c.about} {
		for i := range list {
			if strings.Contains(bare(list[i].Runes), title) {
				return true
			}
		}
	}
	for _, n := range c.claim.named {
		if n.from == from+1 && n.to == to-1 {
			return true // names looks at it
		}
	}
	return false
}

// bare returns the letters, digits and marks of runes that tell titles apart.
func bare(runes []rune) string {
	var b strings.Builder
	for _, r := range runes {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// offices notes an English name of an office whose words an English source has
// only far from one another: the Municipal Public Security Bureau.
func (c *checker) offices() {
	if !slices.ContainsFunc(c.sources, func(t text) bool { return officeNames.MatchString(t.Raw) }) {
		return
	}
	for _, m := range officeNames.FindAllStringIndex(c.claim.Raw, -1) {
		var keys []string
		for _, k := range keysOf(c.claim.Raw[m[0]:m[1]]) {
			if !lightKey(k) {
				keys = append(keys, k)
			}
		}
		if len(keys) < 3 || c.together(keys) {
			continue
		}
		from, to := c.claim.runes(m[0], m[1])
		c.add(RuleBody, "", from, max(to, from+1))
	}
}

var officeNames = regexp.MustCompile(`(?:[A-Z][A-Za-z'-]* (?:(?:of|for|and) )?){1,7}(?:Bureau|Administration|Commission|Committee|Ministry|Office|Group|Association)\b`)

// together reports whether the words stand within a few words of one another.
func (c *checker) together(list []string) bool {
	for _, at := range c.corpus.at[list[0]] {
		k := int(at)
		lo, hi := max(0, k-len(list)-3), min(len(c.corpus.spots), k+len(list)+4)
		near := map[string]bool{}
		for _, s := range c.corpus.spots[lo:hi] {
			near[s.key] = true
		}
		if !slices.ContainsFunc(list, func(w string) bool { return !near[w] }) {
			return true
		}
	}
	return false
}

// runes returns the runes that the bytes [start, end) of the text as given are.
func (t *text) runes(start, end int) (from, to int) {
	for from < len(t.Runes) && t.start(from) < start {
		from++
	}
	for to = from; to < len(t.Runes) && t.start(to) < end; {
		to++
	}
	return from, to
}
