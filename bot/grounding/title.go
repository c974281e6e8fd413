package grounding

import (
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
