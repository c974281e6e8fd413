package draft

import (
	"slices"
	"strings"

	"policybot/bot/eligibility"
)

// A found is a condition that was read from words.
type found struct {
	need  string
	kind  string // place, zone, entity, who, any, name, number, declared, exclude, list
	page  int
	at    span
	facts []eligibility.Fact // that it declares
}

// coveredBy reports whether words stand within those of a condition.
func coveredBy(p span, told []found) bool {
	return slices.ContainsFunc(told, func(f found) bool { return f.at.has(p) })
}

// read reads all conditions of an offer.
func (d *drafter) read(o offer) []found {
	out, masks := d.exclusions(o)
	out = append(out, d.said(o.page, o.part.span)...)
	for _, z := range o.zones {
		out = append(out, d.described(o.page, z.span)...)
		out = append(out, d.amounts(o.page, z.span)...)
	}
	out = append(out, d.fromHeading(o, out)...)
	out = slices.DeleteFunc(out, func(f found) bool {
		return f.kind != "exclude" && f.page == o.page && slices.ContainsFunc(masks, func(m span) bool { return m.touches(f.at) })
	})
	out = append(out, d.entity(o, out)...)
	for _, z := range o.zones {
		out = append(out, d.declared(o, z, out, masks)...)
		out = append(out, d.statuses(o.page, z.span, out)...)
	}
	out = append(out, d.premises(o, out)...)
	for _, l := range o.lists {
		out = append(out, d.listed(l)...)
	}
	for _, l := range o.labels {
		out = append(out, d.labelNeeds(l)...)
	}
	if len(o.labels) == 0 && !slices.ContainsFunc(o.lists, func(l conditions) bool { return !l.not }) {
		out = append(out, d.unspecified(o, out)...)
	}
	if !slices.ContainsFunc(o.heads, func(h head) bool { return h.nouns[0].kind == "person" }) {
		out = append(out, d.fromScope(out)...)
	}
	out = append(d.placeOf(o, out), out...)
	return tidy(out)
}

// told finds all that the vocabulary can say of a span.
func (d *drafter) told(page int, in span) []found {
	out := append(d.said(page, in), d.described(page, in)...)
	return append(out, d.amounts(page, in)...)
}

// said finds what a part says of plans, approvals and zones.
func (d *drafter) said(page int, part span) []found {
	t := d.pages[page].text
	out := d.named(page, part)
	for _, kind := range []string{"any", "zone"} {
		for _, c := range cues().cues[kind] {
			s, ok := t.first(c.re, part)
			if ok && d.knowsAll(c.name) && (kind != "zone" || !coveredBy(s, out) && !cues().list("counterpart").MatchString(t.s[part.a:s.a])) {
				out = append(out, found{need: c.name, kind: kind, page: page, at: s})
			}
		}
	}
	return out
}

// described finds what a span says of whom it is for. Kinds and products that stand
// beside one another (高新技术企业、专精特新企业) are one condition: one of them.
func (d *drafter) described(page int, in span) []found {
	t := d.pages[page].text
	var all []found
	for _, c := range cues().cues["who"] {
		if !d.knowsAll(c.name) {
			continue
		}
		for _, s := range t.all(c.re, in) {
			if !cues().list("counterpart").MatchString(t.s[in.a:s.a]) {
				all = append(all, found{need: c.name, kind: "who", page: page, at: s})
			}
		}
	}
	all = slices.DeleteFunc(slices.Clone(all), func(f found) bool { return within(f, all) })
	slices.SortStableFunc(all, func(x, y found) int { return x.at.a - y.at.a })
	var out []found
	for _, f := range all {
		k := len(out) - 1
		if k >= 0 && family(f.need) != "" && family(f.need) == family(out[k].need) && f.at.a >= out[k].at.b && beside(t.s[out[k].at.b:f.at.a]) {
			if !slices.Contains(strings.Split(out[k].need, " or "), f.need) {
				out[k].need += " or " + f.need
			}
			out[k].at.b = f.at.b
			continue
		}
		out = append(out, f)
	}
	return out
}

// family is what a fact is a kind of, where several of it are alternatives.
func family(need string) string {
	key := keyOf(need)
	switch {
	case strings.HasPrefix(key, "q_"):
		return "q"
	case slices.Contains([]string{"biologic", "tcm", "device", "ivd", "software", "stemcell_gene", "innovative_drug", "innovative_product"}, key):
		return "product"
	}
	return ""
}

// beside reports whether nothing but a word for “or” and an adjective stands between
// two descriptions.
func beside(between string) bool {
	return size(between) <= 10 && cues().list("or").MatchString(between)
}

// knowsAll reports whether all facts of a need may be about the document.
func (d *drafter) knowsAll(need string) bool {
	for alternative := range strings.SplitSeq(need, " or ") {
		if !d.knows(keyOf(alternative)) {
			return false
		}
	}
	return true
}

// keyOf is the fact that one test of a need is about.
func keyOf(test string) string {
	test = strings.TrimPrefix(strings.TrimSpace(test), "not ")
	key, _, _ := strings.Cut(test, " ")
	return key
}

// entity is the criterion for the kind of body that an offer is for.
func (d *drafter) entity(o offer, told []found) []found {
	t := d.pages[o.page].text
	var values []string
	var at span
	for _, h := range o.heads {
		for _, n := range h.nouns {
			if n.kind != "entity" || d.saysEntity(n.span, told) {
				continue
			}
			if !slices.Contains(values, n.value) {
				values = append(values, n.value)
			}
			if at.empty() {
				at = n.span
			} else if n.b > at.b && len(values) > 1 && size(t.s[at.a:n.b]) < 60 {
				at.b = n.b
			}
		}
	}
	switch len(values) {
	case 0:
		return nil
	case 1:
		return []found{{need: "entity = " + values[0], kind: "entity", page: o.page, at: at}}
	}
	return []found{{need: "entity in " + strings.Join(values, ", "), kind: "entity", page: o.page, at: at}}
}

// saysEntity reports whether a condition that was found says by itself what kind of
// body it is.
func (d *drafter) saysEntity(p span, told []found) bool {
	return slices.ContainsFunc(told, func(f found) bool {
		key := keyOf(f.need)
		return f.at.has(p) && (key == "ownership" || key == "multinational_top" || key == "top_pharma" || key == "social_med" || key == "entity" || f.kind == "name")
	})
}

// fromHeading adds what the heading says of whom the clause is for, where the offer
// itself says no more than 企业.
func (d *drafter) fromHeading(o offer, told []found) []found {
	p := d.pages[o.page]
	h := p.headed()
	if h.empty() || slices.ContainsFunc(told, func(f found) bool { return f.kind == "who" || f.kind == "name" }) {
		return nil
	}
	verb, ok := p.first(cues().list("lead"), h)
	if !ok {
		if verb, ok = p.first(cues().list("action"), h); !ok {
			return nil
		}
	}
	who, ok := p.after(span{verb.b, h.b})
	if !ok || who.nouns[0].kind != "entity" {
		return nil
	}
	z := zone{span: span{verb.b, who.b}}
	var out []found
	return append(out, d.described(o.page, z.span)...)
}

// fromScope adds the kind of body that the document is for, where it says so in a
// clause of its own and the offer names none.
func (d *drafter) fromScope(told []found) []found {
	if slices.ContainsFunc(told, func(f found) bool { return keyOf(f.need) == "entity" }) {
		return nil
	}
	return d.whom
}

// scopeNeeds reads the kind of body from the clause that says who may ask.
func (d *drafter) scopeNeeds() []found {
	if d.scope < 0 {
		return nil
	}
	p := d.pages[d.scope]
	for _, q := range p.parts {
		m, ok := p.first(cues().list("scope"), q.span)
		if !ok {
			continue
		}
		for _, h := range p.chains(p.nouns(q.span)) {
			if !slices.ContainsFunc(h.nouns, func(n noun) bool { return n.kind != "entity" }) && (h.a > m.a || size(p.s[h.b:m.a]) > 0) {
				return d.entity(offer{page: d.scope, heads: []head{h}}, nil)
			}
		}
	}
	return nil
}

// statuses finds standing that the vocabulary lacks.
func (d *drafter) statuses(page int, in span, told []found) []found {
	t := d.pages[page].text
	var out []found
	for _, s := range t.all(cues().list("status"), in) {
		if !coveredBy(s, told) {
			out = append(out, d.declare(page, s))
		}
	}
	return out
}

// tidy drops what is said twice, or follows from what is said: one condition for each
// need, and none that another one implies.
func tidy(all []found) []found {
	v := eligibility.Builtin()
	implied := map[string]bool{}
	for _, f := range all {
		if strings.Contains(f.need, " or ") {
			continue
		}
		fact, _ := v.Fact(keyOf(f.need))
		implies(v, fact, implied)
		if fact.Key == "device_class" {
			implied["device"] = true
		}
	}
	several := slices.ContainsFunc(all, func(f found) bool { return strings.HasPrefix(f.need, "device_class in") })
	all = slices.DeleteFunc(all, func(f found) bool { return several && strings.HasPrefix(f.need, "device_class =") })
	var out []found
	for _, f := range all {
		same := slices.ContainsFunc(out, func(o found) bool { return o.need == f.need }) || partOf(f, all)
		if same || !strings.ContainsAny(f.need, " ") && implied[f.need] || within(f, all) {
			continue
		}
		out = append(out, f)
	}
	slices.SortStableFunc(out, func(x, y found) int { return order(x) - order(y) })
	return out
}

// partOf reports whether a declared condition is only a part of another one.
func partOf(f found, all []found) bool {
	return f.kind == "declared" && slices.ContainsFunc(all, func(o found) bool {
		return o.kind == "declared" && o.need != f.need && strings.Contains(o.facts[0].Name.Zh, f.facts[0].Name.Zh)
	})
}

func implies(v *eligibility.Vocabulary, f eligibility.Fact, out map[string]bool) {
	for _, k := range f.Implies {
		if !out[k] {
			out[k] = true
			next, _ := v.Fact(k)
			implies(v, next, out)
		}
	}
}

// within reports whether a description is only a part of the words of another one
// that says more: 中小企业 of 科技型中小企业, 创新药 of a whole list of products.
func within(f found, all []found) bool {
	if f.kind != "who" && f.kind != "any" && f.kind != "name" {
		return false
	}
	narrow := f.need == "innovative_drug" || strings.HasPrefix(f.need, "size") || strings.HasPrefix(f.need, "q_") || strings.HasPrefix(f.need, "role_")
	return slices.ContainsFunc(all, func(o found) bool {
		return o.page == f.page && o.need != f.need && o.at.has(f.at) && o.at.b-o.at.a > f.at.b-f.at.a &&
			(o.kind == "name" || o.kind == "who" && narrow)
	})
}

func order(f found) int {
	for i, kind := range []string{"place", "zone", "entity"} {
		if f.kind == kind {
			return i
		}
	}
	if f.kind == "exclude" {
		return 9
	}
	return 5
}
