package bridge

import (
	_ "embed"
	"strings"
	"sync"

	"policybot/retrieval/analysis"
)

//go:embed contrasts.txt
var contrastsText string

// A contrast is a side of a line: words of which one is in a text.
type contrast struct{ line, side int }

// A contraster knows the words that set questions apart.
type contraster struct {
	words  map[string][]contrast
	absent map[int]int // line → the side of texts that have none of its words
}

var contrasts = sync.OnceValue(func() *contraster { return readContrasts(contrastsText) })

func readContrasts(text string) *contraster {
	c := &contraster{words: map[string][]contrast{}, absent: map[int]int{}}
	n := 0
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		for side, field := range fields {
			if field == "-" {
				c.absent[n] = side
				continue
			}
			for w := range strings.SplitSeq(field, "/") {
				w = analysis.Normalize(strings.ReplaceAll(w, "_", " "))
				c.words[w] = append(c.words[w], contrast{n, side})
			}
		}
		n++
	}
	return c
}

// sides tells on which side of each line a text in normal form is; -1 for several.
func (c *contraster) sides(folded string) map[int]int {
	out := map[int]int{}
	for w, list := range c.words {
		if !holds(folded, w) {
			continue
		}
		for _, x := range list {
			if was, ok := out[x.line]; ok && was != x.side {
				out[x.line] = -1
				continue
			}
			out[x.line] = x.side
		}
	}
	for line, side := range c.absent {
		if _, ok := out[line]; !ok {
			out[line] = side
		}
	}
	return out
}

// holds reports whether a text has a word, an English one as a whole.
func holds(text, word string) bool {
	for at := 0; ; {
		i := strings.Index(text[at:], word)
		if i < 0 {
			return false
		}
		from, to := at+i, at+i+len(word)
		if word[0] >= 0x80 || !isLetter(text, from-1) && !isLetter(text, to) {
			return true
		}
		at = to
	}
}

func isLetter(s string, i int) bool { return i >= 0 && i < len(s) && 'a' <= s[i] && s[i] <= 'z' }
