package said

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"policybot/bot/eligibility"
	"policybot/bot/quantity/fold"
)

// A phrase is phrases that say one value of one fact.
type phrase struct {
	key, value   string
	choice, plan bool
	// broken tells that the phrases have gaps, in which they can be denied.
	broken  bool
	pattern *regexp.Regexp
	hints   []string // a text that has none of them has none of the phrases
}

// in reports whether a text may have one of the phrases. It is much faster than the
// pattern, and most texts have none.
func (p *phrase) in(text string) bool {
	return slices.ContainsFunc(p.hints, func(h string) bool { return strings.Contains(text, h) })
}

// hints are of each phrase the longest part without a gap; of parts within one another
// the shorter.
func hints(words []string) []string {
	var all []string
	for _, w := range words {
		best := ""
		for part := range strings.SplitSeq(w, "~") {
			if part = foldText(part); len(part) > len(best) {
				best = part
			}
		}
		all = append(all, best)
	}
	slices.SortFunc(all, func(a, b string) int { return len(a) - len(b) })
	var out []string
	for _, h := range all {
		if !slices.ContainsFunc(out, func(o string) bool { return strings.Contains(h, o) }) {
			out = append(out, h)
		}
	}
	return out
}

// builtin is the phrases of the built-in vocabulary: reading them takes some tens of
// milliseconds, once in a process.
var builtin = sync.OnceValue(func() []*phrase { return compile(eligibility.Builtin(), nil) })

// phrasesOf compiles the phrases of a vocabulary. Those that the built-in one lacks are
// few.
func phrasesOf(v *eligibility.Vocabulary) []*phrase {
	if v == eligibility.Builtin() {
		return builtin()
	}
	return append(slices.Clone(builtin()), compile(v, eligibility.Builtin())...)
}

// compile reads the phrases of the facts of a vocabulary that another one, which may be
// nil, does not have.
func compile(v, but *eligibility.Vocabulary) []*phrase {
	var out []*phrase
	add := func(p phrase, words []string) {
		whole, broken := []string{}, []string{}
		for _, w := range words {
			if strings.Contains(w, "~") && !denies.MatchString(foldText(w)) {
				broken = append(broken, w)
			} else {
				whole = append(whole, w)
			}
		}
		for i, list := range [][]string{whole, broken} {
			if len(list) > 0 {
				p := p
				p.broken, p.pattern, p.hints = i == 1, pattern(list), hints(list)
				out = append(out, &p)
			}
		}
	}
	for _, key := range v.Keys() {
		f, _ := v.Fact(key)
		if but != nil {
			if _, known := but.Fact(key); known {
				continue
			}
		}
		switch f.Kind {
		case eligibility.YesNo:
			add(phrase{key: key, value: eligibility.Yes, plan: f.Plan}, f.Yes)
			add(phrase{key: key, value: eligibility.No, plan: f.Plan}, f.No)
		case eligibility.Choice:
			for _, value := range f.Values {
				add(phrase{key: key, value: value.Value, choice: true}, value.Yes)
			}
		}
	}
	return out
}

// gap is what ~ stands for: up to 12 characters, or 5 words in English.
const gap = `(?:[^,;。?!]{0,12}?|\s(?:[\w&'"-]+\s){0,5}?)`

// pattern is one expression for phrases, of which it finds the longest at a place. It
// finds nothing where there are none.
func pattern(words []string) *regexp.Regexp {
	if len(words) == 0 {
		return regexp.MustCompile(`[^\s\S]`)
	}
	var all []string
	for _, w := range words {
		var parts []string
		for part := range strings.SplitSeq(w, "~") {
			parts = append(parts, bordered(foldText(part)))
		}
		all = append(all, strings.Join(parts, gap))
	}
	slices.SortStableFunc(all, func(a, b string) int { return len(b) - len(a) })
	p := regexp.MustCompile(strings.Join(all, "|"))
	p.Longest()
	return p
}

// foldText is the normal form of a text, with one kind of apostrophe.
func foldText(s string) string {
	return strings.ReplaceAll(string(fold.Runes(s)), "’", "'")
}

// bordered quotes a phrase, whose Latin letters stand by themselves.
func bordered(w string) string {
	if w == "" {
		return ""
	}
	out := regexp.QuoteMeta(w)
	if isWord(w[0]) {
		out = `\b` + out
	}
	if isWord(w[len(w)-1]) {
		out += `\b`
	}
	return out
}

func isWord(b byte) bool { return b >= 'a' && b <= 'z' || b >= '0' && b <= '9' }

// A hit is a phrase that stands at bytes of a clause.
type hit struct {
	*phrase
	start, end int
	denied     bool
}

// hits lists the phrases that stand in a clause.
func (r *reader) hits(c *clause) []hit {
	var out []hit
	for _, p := range phrasesOf(r.vocabulary) {
		if !p.in(c.text) {
			continue
		}
		found := p.pattern.FindAllStringIndex(c.text, -1)
		var never [][]int
		if not := notPhrases[p.key]; not != nil {
			never = not.FindAllStringIndex(c.text, -1)
		}
		for _, m := range found {
			if !overlaps(m, never) {
				h := hit{phrase: p, start: m[0], end: m[1]}
				h.denied = h.denies(c)
				out = append(out, h)
			}
		}
	}
	return out
}

// denies reports whether the clause denies the phrase.
func (h hit) denies(c *clause) bool {
	words, tail := c.text[h.start:h.end], c.text[h.end:]
	inside := outside(words, denies, neverDenies)
	return deniedBefore(c.text, h.start, h.key) || h.broken && len(inside) > 0 ||
		!h.choice && deniedAfter(notDone, tail) || held[h.key] && deniedAfter(notHeld, tail) || granted[h.key] && deniedAfter(pending, tail)
}

// hidden reports whether a phrase says nothing because of another one: it stands inside
// a longer one that is a name or is denied, or what is denied is something narrower: who
// makes no devices may well be of the field.
func (r *reader) hidden(h hit, all []hit) bool {
	return slices.ContainsFunc(all, func(o hit) bool {
		switch {
		case o.key == h.key || o.start >= h.end || h.start >= o.end:
			return false
		case o.denied && h.denied && r.implies(o.key, h.key):
			return true
		}
		return o.start <= h.start && h.end <= o.end && o.end-o.start > h.end-h.start && (names[o.key] || o.denied)
	})
}

// implies reports whether yes of one fact means yes of another.
func (r *reader) implies(from, to string) bool {
	reached := []string{from}
	for i := 0; i < len(reached); i++ {
		f, _ := r.vocabulary.Fact(reached[i])
		for _, next := range f.Implies {
			if next == to {
				return true
			}
			if !slices.Contains(reached, next) {
				reached = append(reached, next)
			}
		}
	}
	return false
}

// phrase notes a phrase of a clause.
func (r *reader) phrase(c *clause, h hit) {
	wished := r.speaks || wish.MatchString(c.text[:h.start])
	switch {
	case !c.states(h.start, h.end, h.plan && wished) || !h.ofUs(c) || h.elsewhere(c):
	case h.denied && !h.says(c), !h.denied && h.notNow(c):
	case h.denied:
		r.add(h.key, eligibility.No, c.start+h.start, c.start+h.end)
	default:
		r.add(h.key, h.value, c.start+h.start, c.start+h.end)
	}
}

// ofUs reports whether the clause speaks of its writer's enterprise at the phrase.
// Those that it belongs to tell whose it is, and what is planned after them is its own.
func (h hit) ofUs(c *clause) bool {
	switch c.of(h.start) {
	case them:
		return h.key == "sell_to_zgc"
	case kin:
		return h.key == "ownership" || h.plan && c.follows(h.start)
	}
	return true
}

// says reports whether the denial of a phrase says no.
func (h hit) says(c *clause) bool {
	switch {
	case h.choice, h.value == eligibility.No:
		return false // what it is not does not say what it is
	case h.plan:
		return !c.asks && !notYet.MatchString(c.text)
	}
	return held[h.key] || !ofItsKind(c.text, h.start)
}

// notNow reports whether a phrase is only wanted, or was so once.
func (h hit) notNow(c *clause) bool {
	head := c.text[:h.start]
	return (held[h.key] || doing[h.key]) && (wanted(head) && !placed[h.key] || former(head))
}

// maker follows what somebody makes: 给创新药企业做检测.
var maker = regexp.MustCompile(`^(?:生产|研发)?的?(?:企业|公司|厂|机构|团队)|^\s(?:compan|firm|maker|manufacturer|developer|startup|producer)`)

// elsewhere reports whether a phrase names somebody else, an institution that is to be
// opened, or what is bought.
func (h hit) elsewhere(c *clause) bool {
	head, words := c.text[:h.start], c.text[h.start:h.end]
	own := ours.MatchString(words)
	switch {
	case who[h.key] && h.broken && serves.MatchString(words), made[h.key] && (bought(head) || served(head) && maker.MatchString(c.text[h.end:])):
		return true
	case h.key == "ownership":
		return opened(head) && !own
	case h.key == "entity" && !own && (opened(head) || wanted(head)):
		return true
	}
	return who[h.key] && served(head)
}
