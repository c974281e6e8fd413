package understand

import (
	_ "embed"
	"regexp"
	"slices"
	"strings"

	"policybot/prompts"
	"policybot/retrieval"
	"policybot/retrieval/analysis"
)

//go:embed places.txt
var placesFile string

// A place is a province, city, district or zone.
type place struct {
	name   string   // as in a document's jurisdiction, without 省 or 市
	within string   // name of the place that it lies in; may be empty
	latin  string   // name in Latin letters; may be empty
	names  []string // all names, in normal form
}

var places = readPlaces(placesFile)

func readPlaces(file string) []place {
	var out []place
	for line := range strings.Lines(file) {
		line, _, _ = strings.Cut(line, "#")
		var p place
		for i, n := range strings.Fields(line) {
			if i > 0 && strings.HasPrefix(n, "<") {
				p.within = n[1:]
				continue
			}
			if i == 0 {
				p.name = n
			}
			n = strings.ReplaceAll(n, "_", " ")
			if p.latin == "" && len(n) > 2 && n[0] < 0x80 {
				p.latin = n
			}
			p.names = append(p.names, analysis.Normalize(n))
		}
		if p.name != "" {
			out = append(out, p)
		}
	}
	return out
}

// A Place is a place that a question names.
type Place struct {
	Name  string `json:"name"`  // as in a document's jurisdiction, without 省 or 市
	Text  string `json:"text"`  // as in the question, in normal form
	Held  bool   `json:"held"`  // the library has documents that apply there
	Asker bool   `json:"asker"` // the asker says to be there

	at int // byte of the question in normal form
}

// namedPlaces lists the places that a text in normal form names, in its order. Of
// names within one another the longest counts: 中关村 of 中关村生命科学园 once.
func namedPlaces(folded string) []Place {
	var out []Place
	for _, p := range places {
		found, best := Place{Name: p.name, at: -1}, 0
		for _, n := range p.names {
			if i := indexName(folded, n); i >= 0 && len(n) > best {
				found.Text, found.at, best = n, i, len(n)
			}
		}
		if best > 0 {
			found.Asker = isAsker(folded[:found.at], folded[found.at+best:])
			out = append(out, found)
		}
	}
	inside := func(p Place) bool {
		return slices.ContainsFunc(out, func(o Place) bool {
			return len(o.Text) > len(p.Text) && o.at <= p.at && p.at+len(p.Text) <= o.at+len(o.Text)
		})
	}
	kept := []Place{}
	for _, p := range out {
		if !inside(p) {
			kept = append(kept, p)
		}
	}
	slices.SortStableFunc(kept, func(a, b Place) int { return a.at - b.at })
	return kept
}

// indexName finds a name; one in Latin letters with no letter beside it.
func indexName(s, name string) int {
	if name[0] >= 0x80 {
		return strings.Index(s, name)
	}
	letter := func(i int) bool { return i >= 0 && i < len(s) && s[i] >= 'a' && s[i] <= 'z' }
	for at := 0; ; {
		i := strings.Index(s[at:], name)
		if i < 0 {
			return -1
		}
		if i += at; !letter(i-1) && !letter(i+len(name)) {
			return i
		}
		at = i + len(name)
	}
}

// PlacesIn lists the places that a text names, in its order.
func PlacesIn(text string) []Place { return namedPlaces(analysis.Normalize(text)) }

// Speaks reports whether a text names a place, by any of its names.
func Speaks(text, name string) bool {
	folded := analysis.Normalize(text)
	return slices.ContainsFunc(places, func(p place) bool {
		return p.name == name && slices.ContainsFunc(p.names, func(n string) bool { return indexName(folded, n) >= 0 })
	})
}

var (
	askerBefore = regexp.MustCompile(`(?:我们?|我司|我公司|本公司|公司|企业|厂|工厂|医院|团队|总部|注册地?|地址|实验室|这边)[^,。;?!]{0,8}?(?:在|位于|于|是|落户|来自)[^,。;?!在]{0,3}$|\b(?:we|our|i am|i'm|company|firm|plant|lab|startup|based|located|registered|headquartered|office)\b[^.?!]{0,30}\b(?:in|at|from|of)\s*(?:the\s*)?$`)
	askerAfter  = regexp.MustCompile(`^(?:市|区|省|这边|本地|当地)?的?(?:一?[家个所])?[^,。;?!的在对有给为向]{0,6}(?:企业|公司|厂(?:[^管实办认评]|$)|高校|医院|机构|团队|初创|创业|药企|诊所)|^[- ]?based\b|^\s*(?:company|firm|startup|enterprise|manufacturer)`)
)

// isAsker reports whether a place is where the asker is, by what stands around
// it. One in a title in 《》 is not.
func isAsker(before, after string) bool {
	if strings.LastIndex(before, "《") > strings.LastIndex(before, "》") {
		return false
	}
	if i := strings.LastIndexAny(before, "。;?!"); i >= 0 {
		before = before[i+1:]
	}
	return askerBefore.MatchString(before) || askerAfter.MatchString(after)
}

// around are the names of a place and of the places that it lies in.
func around(name string) []string {
	var out []string
	for range 4 { // the levels that places.txt may have
		out = append(out, name)
		i := slices.IndexFunc(places, func(p place) bool { return p.name == name })
		if i < 0 || places[i].within == "" {
			break
		}
		name = places[i].within
	}
	return out
}

// Within reports whether a place is another one or lies in it, by the names of
// places.txt; an empty name does neither.
func Within(place, other string) bool {
	return place != "" && slices.Contains(around(place), other)
}

// PlaceNamed is the place that a text names and nothing else: 昌平区, Changping and
// 昌平 are one. It is "" for any other text.
func PlaceNamed(text string) string {
	folded := strings.TrimSpace(analysis.Normalize(text))
	for _, p := range places {
		for _, n := range p.names {
			if rest, ok := strings.CutPrefix(folded, n); ok && (rest == "" || slices.Contains(levels, strings.TrimSpace(rest))) {
				return p.name
			}
		}
	}
	return ""
}

// levels are words for the level of a place that may follow its name.
var levels = []string{"市", "区", "县", "省", "city", "district", "province"}

// NameIn is the name of a place of places.txt in a language, zh or en; of any other
// text the text itself.
func NameIn(name, lang string) string {
	for _, p := range places {
		if p.name == name && lang == prompts.English && p.latin != "" {
			return p.latin
		}
	}
	return name
}

// CityWithin is the city that a place is or lies in: of a district its city, of
// anything else the place itself.
func CityWithin(name string) string {
	chain := around(name)
	switch n := len(chain); {
	case n > 2:
		return chain[n-2]
	case n == 2 && slices.Contains(municipalities, chain[1]):
		return chain[1]
	}
	return name
}

// municipalities are cities that lie in no province.
var municipalities = []string{"北京", "上海", "天津", "重庆"}

var nationwide = regexp.MustCompile(`^(?:全国|国家|中国|中华人民共和国)`)

// Fits reports whether a document applies in a place: it is of the place, of one
// that the place lies in, of one within it, of a demonstration zone around it, or
// of the whole country. A document of which no place is known fits when its title
// names the place.
func Fits(d retrieval.Document, place string) bool {
	if d.Jurisdiction == "" {
		return strings.Contains(d.Title, place)
	}
	if nationwide.MatchString(d.Jurisdiction) {
		return true
	}
	for i, n := range around(place) {
		if strings.Contains(d.Jurisdiction, n) && (i == 0 || own(d, n) || strings.Contains(d.Jurisdiction, "示范区")) {
			return true // a demonstration zone has parts in several districts
		}
	}
	for _, p := range places {
		if p.within != "" && strings.Contains(d.Jurisdiction, p.name) && slices.Contains(around(p.name), place) {
			return true
		}
	}
	return false
}
