package draft

import (
	"fmt"
	"slices"
	"strings"

	"policybot/bot/eligibility"
)

// An exclusion is words that say who is left out.
type exclusion struct {
	whole span // with the words that leave out
	what  span
}

// exclusionsIn finds what a span leaves out.
func (t text) exclusionsIn(in span) []exclusion {
	var out []exclusion
	for _, m := range t.all(cues().list("exclude before"), in) {
		end := in.b
		if i := strings.IndexAny(t.s[m.b:in.b], ",;:。)\n"); i >= 0 {
			end = m.b + i
		}
		out = append(out, exclusion{span{m.a, end}, span{m.b, end}})
	}
	for _, m := range t.all(cues().list("exclude after"), in) {
		start := in.a + strings.LastIndexAny(t.s[in.a:m.a], ",;:。(\n") + 1
		if strings.TrimSpace(t.s[start:m.a]) == "" && start > in.a {
			start = in.a + strings.LastIndexAny(t.s[in.a:start-1], ",;:。(\n") + 1
		}
		if i := strings.LastIndex(t.s[start:m.a], "。"); i >= 0 {
			start += i + len("。")
		}
		out = append(out, exclusion{span{start, m.b}, span{start, m.a}})
	}
	return slices.DeleteFunc(out, func(e exclusion) bool { return size(t.s[e.what.a:max(e.what.b, e.what.a)]) < 2 })
}

func (p page) onlyExcludes(in span) bool {
	list := p.exclusionsIn(in)
	if len(list) == 0 {
		return false
	}
	for _, name := range []string{"lead", "give", "serve"} {
		for _, v := range p.all(cues().list(name), in) {
			if !slices.ContainsFunc(list, func(e exclusion) bool { return e.whole.touches(v) }) && !noOffer(p.s, v) {
				return false
			}
		}
	}
	return true
}

// exclusions are the criteria that leave somebody out of an offer: those of its own
// part, and of parts of the clause that do nothing else. masks are the words, which
// say nothing else.
func (d *drafter) exclusions(o offer) (out []found, masks []span) {
	p := d.pages[o.page]
	for _, e := range append(p.exclusionsIn(o.part.span), p.out...) {
		if d.leadsOut(o.page, e.whole) {
			continue
		}
		masks = append(masks, e.whole)
		out = append(out, d.without(o.page, e.what)...)
		if len(out) > most {
			break
		}
	}
	return out, masks
}

// leadsOut reports whether words stand in front of a list of those left out.
func (d *drafter) leadsOut(page int, in span) bool {
	return slices.ContainsFunc(d.lists[page], func(l conditions) bool {
		return l.not && d.pages[page].parts[l.lead].has(in)
	})
}

// without are the criteria for what is left out.
func (d *drafter) without(page int, what span) []found {
	t := d.pages[page].text
	pieces := []span{what}
	if !relative(t.s[what.a:what.b]) {
		pieces = t.pieces(what, "、")
	}
	var out []found
	for _, s := range pieces {
		s = t.stripped(s)
		if n := t.nouns(s); len(n) > 0 && n[len(n)-1].b == s.b && strings.HasSuffix(t.s[s.a:n[len(n)-1].a], "的") {
			s = t.stripped(span{s.a, n[len(n)-1].a})
		}
		if size(t.s[s.a:max(s.a, s.b)]) < 2 {
			continue
		}
		out = append(out, d.notOne(page, s))
	}
	return out
}

// notOne is the criterion that leaves out one thing: by a fact of the vocabulary where
// it says all of it.
func (d *drafter) notOne(page int, s span) found {
	for _, f := range d.told(page, s) {
		if d.uncovered(page, s, []found{f}, nil) >= 3 || strings.Contains(f.need, " or ") {
			continue
		}
		if need := negated(f.need); need != "" {
			return found{need: need, kind: "exclude", page: page, at: s}
		}
	}
	f := d.declare(page, s)
	f.need, f.kind = "not "+f.need, "exclude"
	return f
}

// negated is the contrary of a need; "" where it cannot be said.
func negated(need string) string {
	v := eligibility.Builtin()
	f, _ := v.Fact(keyOf(need))
	switch f.Kind {
	case eligibility.YesNo:
		return "not " + f.Key
	case eligibility.Choice:
		var rest []string
		for _, value := range f.Values {
			if !strings.HasSuffix(need, " "+value.Value) && !strings.Contains(need, " "+value.Value+",") {
				rest = append(rest, value.Value)
			}
		}
		return fmt.Sprintf("%s in %s", f.Key, strings.Join(rest, ", "))
	}
	return ""
}
