package said

import (
	"regexp"
	"slices"
	"strings"

	"policybot/bot/understand"
)

var (
	notSeat = cue("not seat")
	// toward is what stands before a place where something is to be.
	toward = regexp.MustCompile(`(?:` + cue("toward").String() + `)(?:[^,;]{0,3}|\s(?:the\s)?)$`)
	// origin follows a place that is a name's part or somebody else's.
	origin = regexp.MustCompile(`^(?:'s|的)[^,;]{0,12}(?:产业|行业|市场|环境|优势|补贴|补助|industry|market|sector)|^(?:市|区|省)?(?:的)?[^,;]{0,2}?(?:` + notSeat.String() + `)|^(?:'s)?\s(?:` + notSeat.String() + `)`)
	// located is what stands before a place where somebody is.
	located = regexp.MustCompile(`(?:在|位于|于|落户|注册地?(?:是|为|在)?|地址(?:是|为)?|所在地(?:是|为)?|坐落|来自|驻|属于?|[:、/,\s(]|市|省)\s*$|\b(?:in|at|near|from|of|to|into|is|city|district)\s(?:the\s|downtown\s|central\s)?$`)
	// notHere is what stands before a place where something else is or was.
	notHere = regexp.MustCompile(`\b(?:approved|trials?|sold|sell|sells|customers?|hospitals?|clients?|partners?|suppliers?|offices?|branch|investors?|parent|sales|tested|licensed|conference|used)\s(?:\w+\s)?(?:in|from|of|at|to)\s(?:the\s)?$|\b(?:moved?|moving|relocat(?:ed?|ing))\s(?:[\w']+\s){0,3}from\s$|\bwith\s(?:[a-z'-]+\s){0,3}(?:universit\w+|hospitals?|institutes?|companies|firms?|partners?)\sin\s$|(?:从|卖到|销往|送到|发到|出口到|客户在|医院在|股东在|母公司在|总公司在)$`)
	alone   = regexp.MustCompile(`^[\s(]*(?:我们|公司|我司|是|就)?[\s(]*$`)
	after   = regexp.MustCompile(`^(?:市|区|县)?(?:的|这边|本地|那边|注册的|[\s)]*$|[、(/-])|^[- ]?based\b`)
	// shortNames are districts of Beijing whose short name means something else elsewhere.
	shortNames = regexp.MustCompile(`在(朝阳|东城|西城)(?:区|$|[\s的这那注,、)有做])`)
	shortName  = map[string]string{"朝阳": "朝阳区", "东城": "东城区", "西城": "西城区"}
)

// A seat is a place that a clause names, by the bytes of its words.
type seat struct {
	name       string
	start, end int
}

// seats lists the places of a text.
func seats(text string) []seat {
	var out []seat
	for _, p := range understand.PlacesIn(text) {
		if at := strings.Index(text, p.Text); at >= 0 {
			out = append(out, seat{p.Name, at, at + len(p.Text)})
		}
	}
	if len(out) == 0 || slices.ContainsFunc(out, func(s seat) bool { return s.name == "北京" }) {
		for _, m := range shortNames.FindAllStringSubmatchIndex(text, -1) {
			out = append(out, seat{shortName[text[m[2]:m[3]]], m[2], m[3]})
		}
	}
	return out
}

// places notes where the enterprise or its project is. Where it is goes before where it
// wants to be.
func (r *reader) places(c *clause, hits []hit) {
	all := seats(c.text)
	var here, there []seat
	for _, s := range all {
		switch {
		case !r.here(c, s, hits):
		case toward.MatchString(c.text[:s.start]) || wish.MatchString(c.text[:s.start]):
			there = append(there, s)
		default:
			here = append(here, s)
		}
	}
	for _, s := range here {
		r.add("place", qualified(s.name, all), c.start+s.start, c.start+s.end)
	}
	for _, s := range there {
		r.planned = append(r.planned, len(r.found))
		r.add("place", qualified(s.name, all), c.start+s.start, c.start+s.end)
	}
}

// here reports whether a place is said to be where the enterprise or its project is.
func (r *reader) here(c *clause, s seat, hits []hit) bool {
	head, tail := c.text[:s.start], c.text[s.end:]
	inName := slices.ContainsFunc(hits, func(h hit) bool {
		return h.start <= s.start && s.end <= h.end && (names[h.key] && !projects[h.key] || h.key == "ownership" || h.denied)
	})
	switch {
	case inName || titled(c.text, s.start) || c.of(s.start) != us || origin.MatchString(tail) || notHere.MatchString(head) || deniedBefore(c.text, s.start, "entity") || former(head) || togetherWith.MatchString(head):
		return false
	case !located.MatchString(head) && !toward.MatchString(head) && !alone.MatchString(head) && !after.MatchString(tail) && !asker(c.text, s):
		return false
	case c.states(s.start, s.end, false):
		return true
	}
	return c.states(s.start, s.end, true) && (asker(c.text, s) || toward.MatchString(head))
}

// projects are named facts that say where something will be.
var projects = map[string]bool{"plan_bj_hq": true, "plan_xm_rd": true, "plan_zgc": true, "plan_zgc_land": true}

// asker reports whether the words around a place say that somebody is there.
func asker(text string, s seat) bool {
	return slices.ContainsFunc(understand.PlacesIn(text), func(p understand.Place) bool { return p.Name == s.name && p.Asker })
}

// titled reports whether a place stands in the title of a document.
func titled(text string, at int) bool {
	return strings.LastIndex(text[:at], "《") > strings.LastIndex(text[:at], "》")
}

// qualified is a place with the city that it lies in: a district with its city.
func qualified(name string, beside []seat) string {
	for _, p := range beside {
		if p.name != name && understand.Within(name, p.name) {
			return p.name + "/" + name
		}
	}
	if city := understand.CityWithin(name); city != "" && city != name {
		return city + "/" + name
	}
	return name
}
