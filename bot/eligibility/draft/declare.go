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
	if z.loose {
		return nil
	}
	if !chinese(t.s[z.a:z.b]) {
		return d.clausesOf(o, told, masks)
	}
	var out []found
	for _, s := range d.conditionsIn(o, z) {
		if slices.ContainsFunc(masks, func(m span) bool { return m.touches(s) }) {
			continue
		}
		if t.in(cues().list("basis"), s) {
			continue
		}
		s = d.bare(o, s, told)
		if n := d.uncovered(o.page, s, append(told, out...), o.heads); n >= 3 && (5*n >= 2*size(t.words(s)) || others(o.heads, s, told)) {
			out = append(out, d.declare(o.page, s))
		}
	}
	if len(out) == 0 && !slices.ContainsFunc(o.lists, func(l conditions) bool { return !l.not }) && z.conditional && !slices.ContainsFunc(told, func(f found) bool { return f.kind != "entity" && f.kind != "exclude" }) {
		return d.whole(o, z)
	}
	return out
}

// whole declares a zone as it stands, where nothing else was found in it: a condition
// too short to say something else.
func (d *drafter) whole(o offer, z zone) []found {
	t := d.pages[o.page].text
	s := d.bare(o, t.stripped(d.withoutHead(o.page, t.stripped(z.span), o.heads)), nil)
	if t.in(cues().list("basis"), s) || len(o.labels) > 0 || !conditionEnds(t.s[z.a:z.b]) || size(t.s[s.a:max(s.a, s.b)]) < 3 || d.uncovered(o.page, s, nil, o.heads) == 0 {
		return nil
	}
	return []found{d.declare(o.page, s)}
}

// bare takes off the ends of a condition who it is for and the place of the document,
// which are told by themselves.
func (d *drafter) bare(o offer, s span, told []found) span {
	t := d.pages[o.page].text
	for {
		next := s
		for _, p := range d.placesIn(o.page, s) {
			if p.at.a == next.a {
				next.a = p.at.b
			} else if p.at.b == next.b {
				next.b = p.at.a
			}
		}
		for _, h := range o.heads {
			described := slices.ContainsFunc(told, func(f found) bool { return f.kind == "who" && f.at.a == next.a && f.at.b >= h.b })
			if h.nouns[0].kind == "entity" && (h.a == next.a || described) && h.a >= next.a && h.b <= next.b {
				next.a = h.b
			}
		}
		for _, f := range told {
			if f.kind == "number" && f.page == o.page && f.at.a == next.a && size(t.s[f.at.b:max(f.at.b, next.b)]) >= 3 && !joinsOn(t.s[f.at.b:next.b]) {
				next.a = f.at.b
			}
		}
		next = t.stripped(next)
		if next.b-next.a >= s.b-s.a || next.empty() {
			return s
		}
		s = next
	}
}

// joinsOn reports whether a text goes on with more steps of a number: 、5亿元.
func joinsOn(rest string) bool { return hasPrefix(rest, "、", "或", "至", "-") }

// others reports whether a condition holds somebody or something that the vocabulary
// has no kind for, and nothing that it has.
func others(heads []head, s span, told []found) bool {
	if slices.ContainsFunc(told, func(f found) bool { return (f.kind == "name" || f.kind == "who") && s.has(f.at) }) {
		return false
	}
	return slices.ContainsFunc(heads, func(h head) bool { return h.nouns[0].kind != "entity" && s.has(h.span) })
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
			case h.nouns[0].kind == "person" && hasPrefix(before, "引进", "引育", "培养"):
				out = append(out, span{z.a + len("引进"), h.b})
			case h.nouns[0].kind != "entity" && (size(before) >= 2 || h.nouns[0].kind == "body"):
				out = append(out, span{z.a, h.b})
			case h.nouns[0].kind == "entity" && relative(before):
				out = append(out, t.stripped(span{z.a, h.a}))
			}
		}
		return out
	}
	for _, s := range t.pieces(z.span, ",;:") {
		for _, c := range t.conjuncts(s) {
			c = t.stripped(d.withoutHead(o.page, c, o.heads))
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
		if hasSuffix(before, "合", "兼", "一", "吞") || hasPrefix(after, "购", "重", "网", "联", "行", "发", "列", "轨", "入") || size(t.s[start:m.a]) < 4 || size(t.s[m.b:in.b]) < 4 {
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

// withoutHead takes the body that an offer is for off the end of a condition, where it
// is the one that the condition describes: …的企业, not 创办企业.
func (d *drafter) withoutHead(page int, s span, heads []head) span {
	t := d.pages[page].text
	for _, h := range heads {
		if h.nouns[0].kind != "entity" || !s.has(h.span) || size(t.s[h.b:s.b]) > 1 {
			continue
		}
		i := strings.LastIndex(t.s[s.a:h.a], "的")
		if i < 0 {
			continue
		}
		between := span{s.a + i + len("的"), h.a}
		if between.empty() || slices.ContainsFunc(d.placesIn(page, between), func(p placed) bool { return p.at == between }) {
			s.b = between.a
		}
	}
	return s
}

// stripped takes off what does not belong to a condition: 对…的.
func (t text) stripped(s span) span {
	for {
		s = t.trim(s)
		inner := t.s[s.a:s.b]
		rest := strings.TrimPrefix(inner, "的")
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
		if h.nouns[0].kind == "entity" {
			blank(h.span)
		}
	}
	for _, p := range d.placesIn(page, s) {
		blank(p.at)
	}
	for _, name := range []string{"all of", "one of", "refers"} {
		for _, p := range t.all(cues().list(name), s) {
			blank(p)
		}
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

var (
	// relativeClause is a relative clause behind whom an offer is for.
	relativeClause = regexp.MustCompile(`^[^,;:。.]{0,60}?\b(?:that|which|who)\s+([^,;:。.]{8,160}?)` + clauseEnd)
	// participle describes somebody without a relative pronoun.
	participle = regexp.MustCompile(`^(?:\s+in\s+\w+)?\s+((?:founded|established|engaged|holding|having|recogni[sz]ed|certified|listed|employing|investing|producing|selected|newly)\b[^,;:。.]{6,160}?)` + clauseEnd)
)

const clauseEnd = `(?:[,;:。.]|\s(?:will|shall|may|can|are|is|receive|to receive)\s|$)`

// clausesOf finds conditions in English: clauses behind whom the offer is for.
func (d *drafter) clausesOf(o offer, told []found, masks []span) []found {
	t := d.pages[o.page].text
	var out []found
	for _, h := range o.heads {
		for _, re := range []*regexp.Regexp{participle, relativeClause} {
			m := re.FindStringSubmatchIndex(t.s[h.b:max(h.b, o.part.b)])
			if m == nil {
				continue
			}
			s := span{h.b + m[2], h.b + m[3]}
			masked := slices.ContainsFunc(masks, func(x span) bool { return x.touches(s) })
			if n := d.uncovered(o.page, s, append(told, out...), o.heads); !masked && n >= 4 && 5*n >= 2*size(t.s[s.a:s.b]) {
				out = append(out, d.declare(o.page, s))
			}
		}
	}
	return out
}
