package said

import (
	"math/big"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"

	"policybot/bot/eligibility"
	"policybot/bot/quantity"
	"policybot/bot/understand"
)

// near is how many bytes may lie between a number and the word of what it counts.
const near = 40

// numbers notes the numbers of a clause that belong to a fact: its word stands near,
// and the number is of its unit.
func (r *reader) numbers(c clause) {
	found := quantity.Find(c.text)
	for _, q := range found {
		if q.High != nil || q.Comparator != quantity.None && q.Comparator != quantity.About && q.Comparator != quantity.Nearly {
			continue // a range or a bound does not say how much it is
		}
		best, distance := "", near+1
		for _, key := range r.vocabulary.Keys() {
			f, _ := r.vocabulary.Fact(key)
			if f.Kind != eligibility.Number || amount(q, f.Unit) == "" {
				continue
			}
			if d, ok := distanceOf(c.text, q, f.Yes); ok && d < distance {
				best, distance = key, d
			}
		}
		if best == "" || !c.states(q.Start, q.End, false) {
			continue
		}
		f, _ := r.vocabulary.Fact(best)
		r.add(best, amount(q, f.Unit), c.start+q.Start, c.start+q.End)
	}
}

var wordsOf sync.Map // phrases joined → *regexp.Regexp

// distanceOf is how far the nearest of some words is from a number.
func distanceOf(text string, q quantity.Quantity, words []string) (int, bool) {
	if len(words) == 0 {
		return 0, false
	}
	id := strings.Join(words, "|")
	p, ok := wordsOf.Load(id)
	if !ok {
		p, _ = wordsOf.LoadOrStore(id, pattern(words))
	}
	best := near + 1
	for _, m := range p.(*regexp.Regexp).FindAllStringIndex(text, -1) {
		switch {
		case m[1] <= q.Start:
			best = min(best, 2*(q.Start-m[1])-(m[1]-m[0]))
		case m[0] >= q.End:
			best = min(best, 2*(m[0]-q.End)+1-(m[1]-m[0]))
		default:
			best = min(best, 0)
		}
	}
	return best, best <= near
}

// perUnit is how many of the kind's own unit one unit of a fact is.
var perUnit = map[string]int64{"元": 1, "万元": 10_000, "亿元": 100_000_000}

// amount is a number in the unit of a fact; "" when it is of another kind.
func amount(q quantity.Quantity, unit string) string {
	large := q.Kind == quantity.Number && q.Value.Cmp(big.NewRat(10_000, 1)) >= 0 // 两亿, without 元
	switch per, money := perUnit[unit]; {
	case money && (q.Kind == quantity.Money && q.Unit == "CNY" || large):
		return eligibility.Decimal(new(big.Rat).Quo(q.Value, big.NewRat(per, 1)))
	case money:
	case unit == "%" && q.Kind == quantity.Percent,
		unit == "年" && q.Kind == quantity.Duration && q.Unit == "year",
		unit == "人" && q.Kind == quantity.Count && (q.Unit == "people" || q.Unit == "人" || q.Unit == "名" || q.Unit == ""),
		(unit == "件" || unit == "个" || unit == "家") && (q.Kind == quantity.Count || q.Kind == quantity.Number):
		return eligibility.Decimal(q.Value)
	}
	return ""
}

// places notes where the enterprise or its project is.
func (r *reader) places(c clause) {
	found := understand.PlacesIn(c.text)
	var here []understand.Place
	for _, p := range found {
		at := strings.Index(c.text, p.Text)
		end := at + len(p.Text)
		if at < 0 || !c.states(at, end, true) || negated(c.text[:at], p.Text, c.text[end:]) || origin.MatchString(c.text[end:]) {
			continue
		}
		if at >= c.cut && !p.Asker && !toward.MatchString(c.text[:at]) || titled(c.text, at) {
			continue
		}
		here = append(here, p)
	}
	for _, p := range here {
		at := strings.Index(c.text, p.Text)
		r.add("place", qualified(p.Name, here), c.start+at, c.start+at+len(p.Text))
	}
}

var (
	// origin follows a place that is a name's part or somebody else's.
	origin = regexp.MustCompile(`^(?:市)?(?:方案|意见|计划|政策|大学|银行|文件|的?政策|市?(?:政府|科委|经信局|药监局|卫健委|发改委))|^(?:'s)? (?:plan|policy|policies|opinions|government|municipal|bureau|measures)`)
	// toward precedes a place where something is to be done.
	toward = regexp.MustCompile(`(?:在|到|去|来|落户|位于|于)[^,;]{0,2}$|\b(?:in|to|into|at|near)\s(?:the\s)?$`)
)

// titled reports whether a place stands in the title of a document.
func titled(text string, at int) bool {
	return strings.LastIndex(text[:at], "《") > strings.LastIndex(text[:at], "》")
}

// qualified is a place with the city that it lies in: a district with its city.
func qualified(name string, beside []understand.Place) string {
	for _, p := range beside {
		if p.Name != name && understand.Within(name, p.Name) {
			return p.Name + "/" + name
		}
	}
	if city := understand.CityWithin(name); city != "" && city != name {
		return city + "/" + name
	}
	return name
}

// runes is the length of a text in characters.
func runes(s string) int { return utf8.RuneCountInString(s) }
