package draft

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"

	"policybot/bot/eligibility"
	"policybot/retrieval/analysis"
)

// longestWords is how many characters a declared condition may have.
const longestWords = 90

// declare makes a fact of words that no fact of the vocabulary says.
func (d *drafter) declare(page int, at span) found {
	t := d.pages[page].text
	words := t.words(at)
	if runes := []rune(words); len(runes) > longestWords {
		words = string(runes[:longestWords])
		at = t.spanOf(t.from[t.trim(at).a], t.from[t.trim(at).a]+len(words))
	}
	f := eligibility.Fact{Key: factKey(words), Kind: eligibility.YesNo, Open: true}
	if chinese(words) {
		f.Name = eligibility.Text{Zh: words, En: "“" + words + "”"}
	} else {
		f.Name = eligibility.Text{Zh: "“" + words + "”", En: words}
	}
	f.Ask = eligibility.Text{Zh: "是否符合：" + f.Name.Zh + "？", En: "Does this hold: " + f.Name.En + "?"}
	return found{need: f.Key, kind: "declared", page: page, at: at, facts: []eligibility.Fact{f}}
}

// factKey is the key of a declared fact: the same words have the same key in all
// documents.
func factKey(words string) string {
	sum := sha256.Sum256([]byte(strings.Join(strings.Fields(analysis.Normalize(words)), " ")))
	return "x_" + hex.EncodeToString(sum[:4])
}

// declared finds the conditions of a zone that nothing found so far says.
func (d *drafter) declared(o offer, z zone, told []found, masks []span) []found {
	t := d.pages[o.page].text
	if !chinese(t.s[z.a:z.b]) {
		return d.clausesOf(o, z, told, masks)
	}
	var out []found
	for _, s := range d.conditionsIn(o, z) {
		if slices.ContainsFunc(masks, func(m span) bool { return m.touches(s) }) {
			continue
		}
		if d.uncovered(o.page, s, append(told, out...), o.heads) >= 3 && size(t.words(s)) >= 3 {
			out = append(out, d.declare(o.page, s))
		}
	}
	return out
}

// conditionsIn cuts a zone into the conditions that it may hold.
func (d *drafter) conditionsIn(o offer, z zone) []span {
	t := d.pages[o.page].text
	var out []span
	if !z.conditional {
		for _, h := range o.heads {
			if !z.has(h.span) {
				continue
			}
			before := t.s[z.a:h.a]
			switch {
			case h.nouns[0].kind != "entity" && size(before) >= 2:
				out = append(out, span{z.a, h.b})
			case h.nouns[0].kind == "entity" && relative(before):
				out = append(out, t.stripped(span{z.a, h.a}))
			}
		}
		return out
	}
	for _, s := range t.pieces(z.span, ",;:") {
		for _, c := range t.conjuncts(s) {
			c = t.stripped(d.withoutHead(t, c, o.heads))
			if !c.empty() {
				out = append(out, c)
			}
		}
	}
	return out
}

var alongside = regexp.MustCompile(`并且|同时|且|并`)

// conjuncts cuts a condition at 且 and 并, where these are words.
func (t text) conjuncts(in span) []span {
	var out []span
	start := in.a
	for _, m := range t.all(alongside, in) {
		before, after := t.s[:m.a], t.s[m.b:]
		if hasSuffix(before, "合", "兼", "一", "吞") || hasPrefix(after, "购", "重", "网", "联", "行", "发", "列", "轨", "入") || m.a <= start {
			continue
		}
		out = append(out, span{start, m.a})
		start = m.b
	}
	return append(out, span{start, in.b})
}

func hasSuffix(s string, ends ...string) bool {
	return slices.ContainsFunc(ends, func(e string) bool { return strings.HasSuffix(s, e) })
}

func hasPrefix(s string, starts ...string) bool {
	return slices.ContainsFunc(starts, func(e string) bool { return strings.HasPrefix(s, e) })
}

// withoutHead takes the body that an offer is for off the end of a condition.
func (d *drafter) withoutHead(t text, s span, heads []head) span {
	for _, h := range heads {
		if h.nouns[0].kind == "entity" && s.has(h.span) && size(t.s[h.b:s.b]) <= 1 {
			s.b = h.a
		}
	}
	return s
}

// stripped takes off what does not belong to a condition: 对…的.
func (t text) stripped(s span) span {
	for {
		s = t.trim(s)
		inner := t.s[s.a:s.b]
		rest := inner
		for _, w := range []string{"对于", "对", "凡是", "凡", "如", "若", "其中", "并", "且", "同时", "为", "给", "另", "鼓励", "支持"} {
			if cut, ok := strings.CutPrefix(rest, w); ok && size(cut) >= 2 && !hasPrefix(inner, "对外", "如期", "对口", "对标", "为主", "并购", "支持") {
				rest = cut
				break
			}
		}
		s.a = s.b - len(rest)
		for _, w := range []string{"的", "等", "之日起", "后", "时"} {
			rest = strings.TrimSuffix(rest, w)
		}
		next := span{s.a, s.a + len(rest)}
		if next == s || next.empty() {
			return next
		}
		s = next
	}
}

// uncovered counts how much of a condition nothing found so far says.
func (d *drafter) uncovered(page int, s span, told []found, heads []head) int {
	t := d.pages[page].text
	left := []byte(t.s[s.a:s.b])
	blank := func(p span) {
		for i := max(p.a, s.a); i < min(p.b, s.b); i++ {
			left[i-s.a] = ' '
		}
	}
	for _, f := range told {
		if f.page == page && f.kind != "list" {
			blank(f.at)
		}
	}
	for _, h := range heads {
		blank(h.span)
	}
	for _, p := range d.placesIn(page, s) {
		blank(p.at)
	}
	rest := normal(string(left))
	for _, p := range rest.all(cues().list("filler"), span{0, len(rest.s)}) {
		for i := p.a; i < p.b; i++ {
			left[min(i, len(left)-1)] = ' '
		}
	}
	for _, n := range t.nouns(s) {
		if n.kind == "entity" {
			blank(n.span)
		}
	}
	return size(string(left))
}

// premises finds premises and approvals anywhere in an offer.
func (d *drafter) premises(o offer, told []found) []found {
	t := d.pages[o.page].text
	var out []found
	for _, name := range []string{"premise", "approval"} {
		for _, s := range t.all(cues().list(name), o.part.span) {
			if d.uncovered(o.page, s, append(told, out...), o.heads) < 5 {
				continue
			}
			f := d.declare(o.page, s)
			if name == "approval" && approves(t.s[s.a:s.b]) {
				f.facts[0].Ask = eligibility.Text{}
				f.facts[0].Never = eligibility.Text{Zh: "批准的机关", En: "the approving authority"}
			}
			out = append(out, f)
		}
	}
	return out
}

func approves(s string) bool {
	return slices.ContainsFunc([]string{"批准", "核准", "同意", "审定", "approval", "consent"}, func(w string) bool { return strings.Contains(s, w) })
}

// unspecified is a condition of which the document says only that there is one.
func (d *drafter) unspecified(o offer, told []found) []found {
	t := d.pages[o.page].text
	for _, z := range o.zones {
		s, ok := t.first(cues().list("unspecified"), z.span)
		if !ok || slices.ContainsFunc(told, func(f found) bool { return f.at.touches(s) && f.page == o.page }) {
			continue
		}
		f := d.declare(o.page, s)
		f.facts[0].Ask = eligibility.Text{}
		f.facts[0].Never = eligibility.Text{Zh: "文件没有写明是哪些条件", En: "the document does not say which conditions"}
		return []found{f}
	}
	return nil
}

var relativeClause = regexp.MustCompile(`^\s*(?:that|which|who)\s+([^,;:。.]{8,160}?)(?:[,;:。.]|\s(?:will|shall|may|can|are|is|receive|to receive)\s|$)`)

// clausesOf finds conditions in English: relative clauses behind whom the offer is for.
func (d *drafter) clausesOf(o offer, z zone, told []found, masks []span) []found {
	t := d.pages[o.page].text
	var out []found
	for _, h := range o.heads {
		m := relativeClause.FindStringSubmatchIndex(t.s[h.b:o.part.b])
		if m == nil {
			continue
		}
		s := span{h.b + m[2], h.b + m[3]}
		if slices.ContainsFunc(masks, func(x span) bool { return x.touches(s) }) {
			continue
		}
		if d.uncovered(o.page, s, told, o.heads) >= 4 {
			out = append(out, d.declare(o.page, s))
		}
	}
	return out
}
