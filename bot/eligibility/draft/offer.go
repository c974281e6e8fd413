package draft

import (
	"regexp"
	"slices"
	"strings"

	"policybot/bot/quantity"
	"policybot/bot/strength"
)

// A zone is where an offer says to whom.
type zone struct {
	span
	// conditional: all of it is a condition, as in 对…的，给予….
	conditional bool
	// object: no one is named, and it says what is supported.
	object bool
	// loose: whom it is for is only named in passing; nothing else in it is a condition.
	loose bool
}

// offers finds the offers of a clause.
func (d *drafter) offers(page int) []offer {
	p := d.pages[page]
	if p.skipped() || d.inList[page] && len(d.lists[page]) == 0 {
		return nil
	}
	var out []offer
	used := map[int]bool{}
	for _, l := range d.lists[page] {
		for _, i := range l.parts {
			used[i] = true
		}
		if l.not {
			used[l.lead] = true
		}
		if l.lead < 0 {
			return d.headed(page, l)
		}
	}
	for i, q := range p.parts {
		if q.heading || used[i] || d.isLabel(page, i) || d.leadsGrants(p, i) || d.spoken(page, i) || q.strength == string(strength.None) && !d.leadsList(page, i) {
			continue
		}
		if o, ok := d.offerIn(page, i); ok {
			out = append(out, o)
		}
	}
	return out
}

// headed is the offer of a list whose words in front are in no clause.
func (d *drafter) headed(page int, l conditions) []offer {
	q := d.pages[page].parts[0]
	o := offer{page: page, part: q, strength: string(strength.Support), lists: []conditions{l}, verb: q.span}
	if f := strength.Of(lastOf(d.pages[page].Parents)); f.Strength != strength.None {
		o.strength = string(f.Strength)
	}
	return []offer{o}
}

// leadsGrants reports whether a part only stands in front of a list of grants.
func (d *drafter) leadsGrants(p page, i int) bool {
	return p.parts[i].leads && i+1 < len(p.parts) && p.parts[i+1].marked && d.grants(p, p.parts[i+1].span)
}

// spoken reports whether a part stands in front of a list that a later part, with the
// offer itself, points back to.
func (d *drafter) spoken(page, i int) bool {
	p := d.pages[page]
	if !d.leadsList(page, i) || p.in(cues().list("give"), p.parts[i].span) && p.paid(p.parts[i].span) {
		return false
	}
	for _, q := range p.parts[i+1:] {
		if q.refers && q.strength != string(strength.None) {
			return true
		}
	}
	return false
}

// leadsList reports whether a part stands in front of a list of conditions.
func (d *drafter) leadsList(page, i int) bool {
	return slices.ContainsFunc(d.lists[page], func(l conditions) bool { return l.lead == i && !l.not })
}

// offerIn reads one part.
func (d *drafter) offerIn(page, i int) (offer, bool) {
	p := d.pages[page]
	q := p.parts[i]
	o := offer{page: page, part: q}
	f := strength.Of(p.words(q.span))
	o.strength = string(f.Strength)
	o.lists, o.labels = d.listsFor(page, i), d.labelsFor(page, i)
	if d.leadsList(page, i) && o.strength == string(strength.None) {
		o.strength = string(strength.Support)
	}
	if o.strength == string(strength.None) || q.excludes || p.in(cues().list("no offer"), q.span) || strings.HasSuffix(p.s[q.a:q.b], "?") {
		return o, false
	}
	d.fromLead(&o)
	d.forWhom(&o)
	d.leadVerbs(&o)
	if !d.giveVerbs(&o) && len(o.zones) == 0 {
		d.serveVerbs(&o)
	}
	if len(o.zones) == 0 && d.leadsList(page, i) {
		d.asks(&o)
	}
	return o, len(o.zones) > 0 && d.addressed(&o)
}

var forX = regexp.MustCompile(`^\s*for [^,]{4,200},`)

// forWhom reads “For …,” at the beginning of a part.
func (d *drafter) forWhom(o *offer) {
	t := d.pages[o.page].text
	m := forX.FindStringIndex(t.s[o.part.a:o.part.b])
	if m == nil {
		return
	}
	z := zone{span: span{o.part.a, o.part.a + m[1]}}
	o.zones = append(o.zones, z)
	for _, c := range t.chains(t.nouns(z.span)) {
		if c.nouns[0].kind == "entity" {
			o.heads = append(o.heads, c)
			break
		}
	}
}

// fromLead takes whom an offer is for from the words in front of the list that it
// points back to.
func (d *drafter) fromLead(o *offer) {
	p := d.pages[o.page]
	for _, l := range o.lists {
		if l.lead < 0 || p.parts[l.lead].span == o.part.span {
			continue
		}
		for _, c := range p.chains(p.nouns(p.parts[l.lead].span)) {
			if c.nouns[0].kind == "entity" {
				o.heads = append(o.heads, c)
				break
			}
		}
	}
}

// segments cuts a span at its commas.
func (t text) segments(in span) []span { return t.pieces(in, ",:;。") }

// leadVerbs reads 支持 and the like, with whom it is for behind them.
func (d *drafter) leadVerbs(o *offer) {
	t := d.pages[o.page].text
	verbs := t.all(cues().list("lead"), o.part.span)
	for i, v := range verbs {
		end := o.part.b
		if i+1 < len(verbs) {
			end = verbs[i+1].a
		}
		rest := span{v.b, end}
		if rest.empty() || t.quoted(o.part.span, v.a) || noOffer(t.s, v) || cues().list("government").MatchString(strings.TrimSpace(t.s[rest.a:rest.b])) {
			continue
		}
		segment := t.segments(rest)[0]
		if z, h, ok := t.pronoun(o.part.span, v, segment); ok {
			o.zones, o.heads = append(o.zones, z), append(o.heads, h...)
			o.verb = v
			continue
		}
		if len(o.zones) > most {
			return
		}
		if z, h, ok := d.follows(t, segment, rest); ok {
			o.zones = append(o.zones, z)
			o.heads = append(o.heads, h...)
			if o.verb.empty() {
				o.verb = v
			}
		}
	}
}

// pronoun reads whom 支持其 is for in what stands before it.
func (t text) pronoun(in, verb, segment span) (zone, []head, bool) {
	if rest := t.s[segment.a:segment.b]; !strings.HasPrefix(rest, "其") && !strings.HasPrefix(rest, " them ") {
		return zone{}, nil, false
	}
	before := t.segments(span{in.a, verb.a})
	for i := len(before) - 1; i >= 0; i-- {
		if c := t.chains(t.nouns(before[i])); len(c) > 0 {
			return zone{span: before[i], loose: true}, c[len(c)-1:], true
		}
	}
	return zone{}, nil, false
}

// noOffer reports whether a verb is a noun here: 政策支持, 的支持, 支持力度.
func noOffer(s string, v span) bool {
	return nounBehind(s, v) || hasSuffix(s[:v.a], "的", "政策", "资金", "信贷", "予", "给予", "提供", "加大", "有力", "配套", "技术", "金融", "人才", "重要", "policy ", "financial ", "provide ", "of ")
}

// nounBehind reports whether a word that offers only describes the noun behind it:
// 支持力度, 奖励标准.
func nounBehind(s string, v span) bool {
	return hasPrefix(s[v.b:], "力度", "政策", "体系", "措施", "方式", "标准", "下", "资金", "总额", "对象", "范围", "方向", "和服务", "性", "条件", "额度", "申请", "办法")
}

// follows reads what follows a verb: who it is for, or what is supported.
func (d *drafter) follows(t text, segment, rest span) (zone, []head, bool) {
	if between, ok := t.first(cues().list("intermediary"), segment); ok && size(t.s[segment.a:between.a]) <= 6 {
		return d.behind(t, span{between.b, rest.b})
	}
	if h, ok := t.after(segment); ok {
		if what := (span{h.b, rest.b}); t.in(cues().list("buys"), what) && !cues().list("takes part").MatchString(t.s[what.a:what.b]) {
			return zone{span: what, object: true}, nil, true
		}
		return zone{span: span{segment.a, h.b}}, []head{h}, true
	}
	object := strings.TrimSpace(t.s[segment.a:segment.b])
	if cues().list("direction").MatchString(strings.TrimRight(object, "等。")) && !cues().list("done by askers").MatchString(object) {
		return zone{}, nil, false
	}
	return zone{span: segment, object: true}, nil, true
}

var toward = regexp.MustCompile(`对|为|向|\bto\b|\bfor\b`)

// behind reads whom a go-between is to serve.
func (d *drafter) behind(t text, in span) (zone, []head, bool) {
	for _, m := range t.all(toward, in) {
		for _, c := range t.chains(t.nouns(span{m.b, in.b})) {
			if c.nouns[0].kind == "entity" || c.nouns[0].kind == "person" {
				return zone{span: span{m.b, c.b}}, []head{c}, true
			}
		}
	}
	if chinese(t.s[in.a:in.b]) {
		return zone{}, nil, false
	}
	return zone{span: in, object: true}, nil, true
}

// giveVerbs reads 给予 and the like, with whom it is for before them. It reports
// whether there is one.
func (d *drafter) giveVerbs(o *offer) bool {
	t := d.pages[o.page].text
	for _, v := range t.all(cues().list("give"), o.part.span) {
		if nounBehind(t.s, v) && v.a == o.part.a {
			continue
		}
		before := span{o.part.a, v.a}
		z := zone{span: before, conditional: true}
		marked := false
		if m, ok := t.mark(before); ok {
			z.span, marked = span{m.b, v.a}, true
		}
		if !marked && len(o.zones) > 0 {
			continue // 支持企业…，并给予…
		}
		if !chinese(t.s[o.part.a:o.part.b]) {
			z.span, z.conditional = o.part.span, false
			o.heads = append(o.heads, t.english(o.part.span)...)
		} else {
			h := t.ending(t.pieces(z.span, ",;:"))
			o.heads = append(o.heads, h...)
			if !marked && len(h) == 0 && !conditionEnds(t.s[z.a:z.b]) && len(o.labels) == 0 {
				continue
			}
		}
		o.zones = append(o.zones, z)
		o.verb = v
		return true
	}
	return false
}

// conditionEnds reports whether what stands before a verb is a condition: …的，.
func conditionEnds(s string) bool {
	s = strings.TrimRight(s, ", ")
	return strings.HasSuffix(s, "的") || strings.HasSuffix(s, "者") || strings.HasSuffix(s, "后") || quantityAtEnd(s)
}

func quantityAtEnd(s string) bool {
	q := quantity.Find(s)
	return len(q) > 0 && q[len(q)-1].End == len(s)
}

// mark finds the last 对 or the like of a span that begins a description, the first
// of a segment before others.
func (t text) mark(in span) (span, bool) {
	masks := t.all(cues().list("not mark"), span{in.a, min(len(t.s), in.b+12)})
	var best span
	for _, m := range t.all(cues().list("mark"), in) {
		if slices.ContainsFunc(masks, func(x span) bool { return x.touches(m) }) {
			continue
		}
		opens := m.a == in.a || strings.HasSuffix(t.s[:m.a], ",") || strings.HasSuffix(t.s[:m.a], "并") || strings.HasSuffix(t.s[:m.a], "。")
		if best.empty() || opens {
			best = m
		}
	}
	return best, !best.empty()
}

// english finds who an English offer is for, before or after the verb: the first who
// is not the other side.
func (t text) english(in span) []head {
	for _, c := range t.chains(t.nouns(in)) {
		if !t.other(c, in.a) && c.nouns[0].kind != "body" && c.nouns[0].kind != "thing" {
			return []head{c}
		}
	}
	return nil
}

// serveVerbs reads services and easier procedures, which name whom they are for
// before or after.
func (d *drafter) serveVerbs(o *offer) {
	t := d.pages[o.page].text
	v, ok := t.first(cues().list("serve"), o.part.span)
	if !ok {
		return
	}
	o.verb = v
	o.zones = append(o.zones, zone{span: o.part.span, loose: true})
	for _, c := range t.chains(t.nouns(o.part.span)) {
		if c.nouns[0].kind == "entity" && !cues().list("counterpart").MatchString(t.s[o.part.a:c.a]) {
			o.heads = append(o.heads, c)
			return
		}
	}
}

// asks reads the sentence in front of a list of conditions: 申请…的企业应当符合….
func (d *drafter) asks(o *offer) {
	t := d.pages[o.page].text
	o.verb = span{o.part.a, o.part.b}
	o.zones = append(o.zones, zone{span: o.part.span})
	for _, c := range t.chains(t.nouns(o.part.span)) {
		if c.nouns[0].kind == "entity" {
			o.heads = append(o.heads, c)
			return
		}
	}
}

// addressed reports whether an offer is for somebody who could ask.
func (d *drafter) addressed(o *offer) bool {
	if len(o.heads) > 0 || len(o.labels) > 0 || slices.ContainsFunc(o.lists, func(l conditions) bool { return !l.not }) {
		return true
	}
	t := d.pages[o.page].text
	for _, z := range o.zones {
		if z.conditional && (conditionEnds(t.s[z.a:z.b]) || t.paid(o.part.span)) {
			return true
		}
		if t.in(cues().list("status"), z.span) {
			return true
		}
		if z.object && cues().list("done by askers").MatchString(strings.TrimSpace(t.s[z.a:z.b])) {
			return true
		}
		if len(d.described(o.page, z.span))+len(d.amounts(o.page, z.span)) > 0 {
			return true
		}
	}
	return slices.ContainsFunc(d.said(o.page, o.part.span), func(f found) bool { return f.kind != "zone" })
}

// quoted reports whether a place stands within quotation marks or brackets.
func (t text) quoted(in span, at int) bool {
	before := t.s[in.a:at]
	return strings.Count(before, "\"")%2 == 1 || strings.Count(before, "(") > strings.Count(before, ")")
}

// paid reports whether money is named.
func (t text) paid(in span) bool {
	return slices.ContainsFunc(quantity.Find(t.s[in.a:in.b]), func(q quantity.Quantity) bool { return q.Kind == quantity.Money || q.Kind == quantity.Percent })
}
