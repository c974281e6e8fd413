package draft

import (
	"regexp"
	"slices"
	"strings"
)

// A noun is a word for who may ask.
type noun struct {
	span
	value string // of entity; "" for those that it lacks
	kind  string // "entity", "person", "body" or "thing"
}

// A head is who an offer is for: a noun, or several beside one another.
type head struct {
	span
	nouns []noun
}

// nouns finds the words for who may ask in a span, in order. Of those within one
// another the longest counts; names that only hold such a word do not.
func (t text) nouns(in span) []noun {
	var out []noun
	add := func(re *regexp.Regexp, value, kind string) {
		for _, s := range t.all(re, in) {
			out = append(out, noun{s, value, kind})
		}
	}
	for _, c := range cues().cues["entity"] {
		add(c.re, c.name, "entity")
	}
	add(cues().list("person"), "", "person")
	add(cues().list("body"), "", "body")
	add(cues().list("thing"), "", "thing")
	masks := append(t.all(cues().list("compound"), in), t.all(cues().list("intermediary"), in)...)
	out = slices.DeleteFunc(out, func(n noun) bool {
		return slices.ContainsFunc(masks, func(m span) bool { return m.has(n.span) })
	})
	slices.SortStableFunc(out, func(x, y noun) int {
		if x.a != y.a {
			return x.a - y.a
		}
		return y.b - x.b
	})
	kept := out[:0]
	for _, n := range out {
		if len(kept) == 0 || n.a >= kept[len(kept)-1].b {
			kept = append(kept, n)
		}
	}
	return kept
}

var joint = regexp.MustCompile(`^(?:等?(?:、|和|及|以及|或|或者|\(|,? ?and |,? ?or |, )+(?:[^,。;:的]{0,24}?))$`)

// chains puts nouns together that stand beside one another: 高校、科研院所和企业.
func (t text) chains(nouns []noun) []head {
	var out []head
	for _, n := range nouns {
		if k := len(out) - 1; k >= 0 {
			gap := t.s[out[k].b:n.a]
			if joint.MatchString(gap) && size(gap) <= 10 {
				out[k].b = n.b
				out[k].nouns = append(out[k].nouns, n)
				continue
			}
		}
		out = append(out, head{n.span, []noun{n}})
	}
	return out
}

// other reports whether a body is the other side of something: 与医疗机构合作.
func (t text) other(h head, from int) bool {
	return cues().list("other side").MatchString(t.s[from:h.a])
}

// after finds who follows a verb: the first chain that is neither the object of an
// action nor the other side of one. There is none where an action comes first.
func (t text) after(in span) (h head, ok bool) {
	for _, c := range t.chains(t.nouns(in)) {
		between := t.s[in.a:c.a]
		last := c.nouns[len(c.nouns)-1].kind
		body := last == "body" || last == "thing"
		if t.acts(span{in.a, c.a}, c.b) && (body || !relative(between)) || body && directs(t.s[c.b:in.b]) {
			return head{}, false
		}
		if t.other(c, in.a) || cues().list("attribute").MatchString(t.s[c.b:]) {
			continue
		}
		return c, true
	}
	return head{}, false
}

// directs reports whether words behind a thing say what is to be done with it: 产品研发.
func directs(rest string) bool {
	return cues().list("direction").MatchString(strings.TrimRight(rest, "等,。; "))
}

// acts reports whether a span begins with what is done; to is the end of the noun
// behind it, which may be a kind of body: 研发型企业.
func (t text) acts(in span, to int) bool {
	a, ok := t.first(cues().list("action"), in)
	if !ok || a.a > in.a+1 {
		return false
	}
	n, ok := t.first(cues().list("not action"), span{in.a, to})
	return !ok || n.a != a.a
}

// relative reports whether what stands before a noun describes it: …的企业.
func relative(before string) bool { return strings.Contains(before, "的") }

// ending finds who a description in front of a verb ends with, in each of its
// segments: 对…的企业、机构，…; else who it begins with: 企业首次…的.
func (t text) ending(segments []span) []head {
	var out []head
	for _, s := range segments {
		trimmed := t.trim(s)
		for _, c := range t.chains(t.nouns(s)) {
			rest := strings.TrimLeft(t.s[c.b:max(trimmed.b, c.b)], "等的者每家均可中\" ")
			if rest == "" || strings.HasPrefix(rest, "(") && strings.HasSuffix(rest, ")") {
				out = append(out, c)
			}
		}
	}
	if len(segments) == 0 || slices.ContainsFunc(out, func(h head) bool { return h.nouns[0].kind != "body" && h.nouns[0].kind != "thing" }) {
		return out
	}
	if len(out) > 0 { // 企业的…产品
		if c := t.chains(t.nouns(segments[0])); len(c) > 0 && c[0].nouns[0].kind == "entity" && !t.other(c[0], segments[0].a) && strings.HasPrefix(t.s[c[0].b:], "的") {
			out = append(out, c[0])
		}
		return out
	}
	chains := t.chains(t.nouns(segments[0]))
	if len(chains) == 0 {
		return nil
	}
	c := chains[0]
	before := t.s[segments[0].a:c.a]
	if size(before) > 12 || cues().list("action").MatchString(before) || t.other(c, segments[0].a) {
		return nil
	}
	return []head{c}
}
