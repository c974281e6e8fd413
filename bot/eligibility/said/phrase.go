package said

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"policybot/bot/eligibility"
	"policybot/bot/quantity/fold"
)

// A phrase is all phrases that say one value of one fact.
type phrase struct {
	key, value   string
	choice, plan bool
	pattern      *regexp.Regexp
}

// find lists the bytes of a folded clause where one of them stands, the longest at
// each place.
func (p *phrase) find(text string) [][]int { return p.pattern.FindAllStringIndex(text, -1) }

var (
	compiledMu sync.Mutex
	compiled   = map[*eligibility.Vocabulary][]*phrase{}
)

// phrasesOf compiles the phrases of a vocabulary, once for the built-in one.
func phrasesOf(v *eligibility.Vocabulary) []*phrase {
	compiledMu.Lock()
	defer compiledMu.Unlock()
	if list, ok := compiled[v]; ok {
		return list
	}
	list := compile(v)
	if v == eligibility.Builtin() {
		compiled[v] = list
	}
	return list
}

func compile(v *eligibility.Vocabulary) []*phrase {
	var out []*phrase
	add := func(p phrase, words []string) {
		if len(words) > 0 {
			p.pattern = pattern(words)
			out = append(out, &p)
		}
	}
	for _, key := range v.Keys() {
		f, _ := v.Fact(key)
		switch f.Kind {
		case eligibility.YesNo:
			add(phrase{key: key, value: eligibility.Yes, plan: f.Plan}, f.Yes)
			add(phrase{key: key, value: eligibility.No}, f.No)
		case eligibility.Choice:
			for _, value := range f.Values {
				add(phrase{key: key, value: value.Value, choice: true}, value.Yes)
			}
		}
	}
	return out
}

// pattern is one expression for phrases in which ~ stands for a few characters.
func pattern(words []string) *regexp.Regexp {
	var all []string
	for _, w := range words {
		var parts []string
		for part := range strings.SplitSeq(w, "~") {
			parts = append(parts, bordered(string(fold.Runes(part))))
		}
		all = append(all, strings.Join(parts, `[^,;。?!]{0,14}?`))
	}
	slices.SortStableFunc(all, func(a, b string) int { return len(b) - len(a) })
	p := regexp.MustCompile(strings.Join(all, "|"))
	p.Longest()
	return p
}

// bordered quotes a phrase, whose Latin letters stand by themselves.
func bordered(w string) string {
	out := regexp.QuoteMeta(w)
	if w == "" {
		return ""
	}
	if isWord(w[0]) {
		out = `\b` + out
	}
	if isWord(w[len(w)-1]) {
		out += `\b`
	}
	return out
}

func isWord(b byte) bool { return b >= 'a' && b <= 'z' || b >= '0' && b <= '9' }
