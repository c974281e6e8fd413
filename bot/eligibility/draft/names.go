package draft

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"policybot/bot/eligibility"
	"policybot/bot/understand"
)

// A factName is the name of a fact in one language, as tokens.
type factName struct {
	key   string
	text  string
	want  map[string]int
	pairs map[string]bool
	n     int
	size  int // of the name
	han   bool
}

// A token is a Han character or a word in its stem.
type token struct {
	span
	s string
}

// empty characters and words carry no meaning of their own in a name.
const emptyHan = "的了或和与及并有拟在把所之以等已是于为其者"

var emptyWords = map[string]bool{"a": true, "an": true, "the": true, "of": true, "in": true, "to": true, "for": true, "and": true, "or": true, "it": true, "its": true, "that": true, "with": true, "is": true, "are": true, "by": true, "at": true, "on": true, "as": true, "be": true, "ha": true, "hav": true, "been": true, "their": true, "not": true}

// tokens are the tokens of a span that carry meaning.
func (t text) tokens(in span) []token {
	var out []token
	for i := in.a; i < in.b; {
		r, w := utf8.DecodeRuneInString(t.s[i:])
		switch {
		case unicode.Is(unicode.Han, r):
			if !strings.ContainsRune(emptyHan, r) {
				out = append(out, token{span{i, i + w}, string(r)})
			}
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			for j := i + w; j < in.b; {
				r, x := utf8.DecodeRuneInString(t.s[j:])
				if unicode.Is(unicode.Han, r) || !unicode.IsLetter(r) && !unicode.IsDigit(r) {
					break
				}
				w += x
				j = i + w
			}
			if s := stem(t.s[i : i+w]); !emptyWords[s] {
				out = append(out, token{span{i, i + w}, s})
			}
		}
		i += w
	}
	return out
}

// stem takes the usual endings off an English word.
func stem(s string) string {
	s = strings.Replace(strings.Replace(s, "isation", "ization", 1), "catalogue", "catalog", 1)
	if len(s) > 4 && strings.HasSuffix(s, "ies") {
		return s[:len(s)-3] + "y"
	}
	if len(s) > 3 && strings.HasSuffix(s, "s") && !strings.HasSuffix(s, "ss") {
		s = s[:len(s)-1]
	}
	for _, end := range []string{"ing", "ed", "e"} {
		if len(s) > len(end)+2 && strings.HasSuffix(s, end) {
			return s[:len(s)-len(end)]
		}
	}
	return s
}

var inBrackets = regexp.MustCompile(`[（(][^）)]*[）)]`)

// A knownFact is a fact of the vocabulary as drafts need it.
type knownFact struct {
	key    string
	places []string   // that its name names
	names  []factName // none for a fact that has cues of its own
}

// vocabulary is the facts of package eligibility. The names of those without cues of
// their own are cues: a text that says the same in nearly the same words is about them.
var vocabulary = sync.OnceValue(func() []knownFact {
	cued := map[string]bool{}
	for _, c := range append(cues().cues["zone"], cues().cues["who"]...) {
		for alternative := range strings.SplitSeq(c.name, " or ") {
			cued[keyOf(alternative)] = true
		}
	}
	var out []knownFact
	v := eligibility.Builtin()
	for _, key := range v.Keys() {
		f, _ := v.Fact(key)
		k := knownFact{key: key}
		for _, p := range understand.PlacesIn(f.Name.Zh + "。" + f.Name.En) {
			k.places = append(k.places, p.Name)
		}
		for _, name := range []string{f.Name.Zh, f.Name.En} {
			n := nameOf(key, inBrackets.ReplaceAllString(name, ""))
			if f.Kind == eligibility.YesNo && !cued[key] && !vague(n) && (n.n >= 3 || n.n == 2 && !n.han) {
				k.names = append(k.names, n)
			}
		}
		out = append(out, k)
	}
	return out
})

// vague reports whether a name says no more than that there are conditions.
func vague(n factName) bool {
	return cues().list("unspecified").FindString(n.text) == n.text
}

func nameOf(key, name string) factName {
	t := normal(name)
	n := factName{key: key, text: strings.TrimSpace(t.s), want: map[string]int{}, pairs: map[string]bool{}, size: utf8.RuneCountInString(name), han: chinese(name)}
	last := ""
	for _, k := range t.tokens(span{0, len(t.s)}) {
		n.want[k.s]++
		n.n++
		if last != "" {
			n.pairs[last+" "+k.s] = true
		}
		last = k.s
	}
	return n
}

// named finds the facts whose names a span says.
func (d *drafter) named(page int, in span) []found {
	t := d.pages[page].text
	tokens := t.tokens(in)
	var out []found
	for _, n := range d.names {
		if s, ok := n.in(t, tokens); ok && !slices.ContainsFunc(out, func(f found) bool { return f.need == n.key }) {
			out = append(out, found{need: n.key, kind: "name", page: page, at: s})
		}
	}
	return out
}

// in finds the stretch of a text that says most of a name.
func (n factName) in(t text, tokens []token) (span, bool) {
	have := map[string]int{}
	covered, best := 0, 0
	var at [2]int
	limit := 2*n.size + 8
	if n.n <= 6 {
		limit = n.size + 4
	}
	if !n.han {
		limit = 2*n.size + 20
	}
	left := 0
	for right, k := range tokens {
		have[k.s]++
		if have[k.s] <= n.want[k.s] {
			covered++
		}
		for left < right && (n.want[tokens[left].s] == 0 || have[tokens[left].s] > n.want[tokens[left].s] || utf8.RuneCountInString(t.s[tokens[left].a:k.b]) > limit) {
			if s := tokens[left].s; have[s] <= n.want[s] {
				covered--
			}
			have[tokens[left].s]--
			left++
		}
		if n.want[k.s] > 0 && (covered > best || covered == best && k.b-tokens[left].a < tokens[at[1]].b-tokens[at[0]].a) {
			best, at = covered, [2]int{left, right}
		}
	}
	if best == 0 || !n.enough(tokens[at[0]:at[1]+1], best) {
		return span{}, false
	}
	return span{tokens[at[0]].a, tokens[at[1]].b}, true
}

// enough reports whether a stretch says a name: nearly all of its words, many of
// them side by side, and all its numbers.
func (n factName) enough(stretch []token, covered int) bool {
	share, beside := 0.85, 0.5
	if !n.han {
		share, beside = 0.75, 0.3
	}
	if n.n <= 5 {
		share = 1
	}
	if n.n <= 3 || n.han && n.n <= 6 {
		beside = 1
	}
	if float64(covered) < share*float64(n.n) {
		return false
	}
	pairs, last := map[string]bool{}, ""
	has := map[string]bool{}
	for _, k := range stretch {
		has[k.s] = true
		if n.pairs[last+" "+k.s] {
			pairs[last+" "+k.s] = true
		}
		last = k.s
	}
	for w := range n.want {
		if w[0] >= '0' && w[0] <= '9' && !has[w] {
			return false
		}
	}
	return float64(len(pairs)) >= beside*float64(len(n.pairs))
}
