package said

import (
	"math/big"
	"regexp"
	"strings"
	"sync"

	"policybot/bot/eligibility"
	"policybot/bot/quantity"
)

// near is how many bytes may lie between a number and the word of what it counts.
const near = 40

// numbers notes the numbers of a clause that belong to a fact: its word stands near,
// and the number is of its unit.
func (r *reader) numbers(c *clause, i int) {
	for _, q := range quantity.Find(persons.ReplaceAllString(c.text, "${1}名人")) {
		if !exact(q) || !c.states(q.Start, q.End, false) || c.of(q.Start) != us {
			continue
		}
		key := r.counted(c, q)
		if key == "" && i > 0 && len(c.own()) > 0 {
			key = r.askedFor(r.list[i-1], c, q)
		}
		if key == "" || deniedBefore(c.text, q.Start, "") {
			continue
		}
		f, _ := r.vocabulary.Fact(key)
		if key != "investment" && key != "support_yi" && wanted(c.text[:q.Start]) {
			continue // what is hoped for is not so yet
		}
		r.add(key, amountIn(c.text, q, f.Unit), c.start+q.Start, c.start+q.End)
	}
}

// persons are people whom package quantity takes for an individual: 三十五个人.
var persons = regexp.MustCompile(`([一二三四五六七八九十百千两零])个人`)

// exact reports whether a quantity says how much it is: no range and no bound.
func exact(q quantity.Quantity) bool {
	return q.High == nil && !q.Loose && (q.Comparator == quantity.None || q.Comparator == quantity.About || q.Comparator == quantity.Nearly)
}

// counted is the number fact that a quantity belongs to: the one whose word stands
// nearest, unless a word of something else stands nearer.
func (r *reader) counted(c *clause, q quantity.Quantity) string {
	best, distance := "", near+1
	for _, key := range r.vocabulary.Keys() {
		f, _ := r.vocabulary.Fact(key)
		if f.Kind != eligibility.Number || amountIn(c.text, q, f.Unit) == "" {
			continue
		}
		d, ok := distanceOf(c.text, q, wordsOf(f.Yes))
		if !ok && (key == "employees" && crowd.MatchString(c.text[q.Start:]) || q.Unit == "age") {
			d, ok = near, true
		}
		if not := notPhrases[key]; ok && not != nil {
			if other, near := distanceOf(c.text, q, not); near && other <= d {
				continue
			}
		}
		if ok && d < distance {
			best, distance = key, d
		}
	}
	return best
}

// askedFor is the number fact that the clause before asks about: 要到5%才行吗？我们只有3%.
func (r *reader) askedFor(before, c *clause, q quantity.Quantity) string {
	found := ""
	for _, key := range r.vocabulary.Keys() {
		f, _ := r.vocabulary.Fact(key)
		if before.asks && f.Kind == eligibility.Number && amountIn(c.text, q, f.Unit) != "" && wordsOf(f.Yes).MatchString(before.text) {
			if found != "" {
				return ""
			}
			found = key
		}
	}
	return found
}

// crowd is a number of people that can only be those of the enterprise.
var crowd = regexp.MustCompile(`^[^\s人个名号来]{1,8}(?:多|来)?[个名号]?来?人(?:的?小?(?:团队|公司|企业|规模|队伍)|左右|上下)?\s*$|^[^\s人个名号来]{1,8}[个名号]?人的小?(?:团队|公司|企业|队伍|初创)|^\S+(?:-person|-people|-strong|-employee|-man)\s|^\S+ people\s*$`)

var patterns sync.Map // phrases joined → *regexp.Regexp

// wordsOf is the pattern for the words of a number fact.
func wordsOf(words []string) *regexp.Regexp {
	id := strings.Join(words, "|")
	p, ok := patterns.Load(id)
	if !ok {
		p, _ = patterns.LoadOrStore(id, pattern(words))
	}
	return p.(*regexp.Regexp)
}

// distanceOf is how far the nearest of some words is from a number, and whether that
// is near.
func distanceOf(text string, q quantity.Quantity, words *regexp.Regexp) (int, bool) {
	d, ok := nearest(text, q, words)
	return d, ok && d <= near
}

// nearest is how far the nearest of some words is from a number: words before it are
// nearer, and so are long ones. It is false where there are none.
func nearest(text string, q quantity.Quantity, words *regexp.Regexp) (distance int, ok bool) {
	for _, m := range words.FindAllStringIndex(text, -1) {
		d := 0
		switch {
		case m[1] <= q.Start:
			d = 2*(q.Start-m[1]) - (m[1] - m[0])
		case m[0] >= q.End:
			d = 2*(m[0]-q.End) + 1 - (m[1] - m[0])
		}
		if !ok || d < distance {
			distance, ok = d, true
		}
	}
	return distance, ok
}

// perUnit is how many of the kind's own unit one unit of a fact is.
var perUnit = map[string]int64{"元": 1, "万元": 10_000, "亿元": 100_000_000}

// amountIn is a number of a text in the unit of a fact; "" when it is of another kind.
// 1.5个亿 is money.
func amountIn(text string, q quantity.Quantity, unit string) string {
	for _, hundred := range []struct {
		word string
		of   int64
	}{{"亿", 100_000_000}, {"千万", 10_000_000}, {"百万", 1_000_000}} {
		if q.Unit == "个" && strings.HasPrefix(text[q.End:], hundred.word) {
			q.Kind, q.Unit, q.Value = quantity.Number, "", new(big.Rat).Mul(q.Value, big.NewRat(hundred.of, 1))
			break
		}
	}
	return amount(q, unit)
}

// amount is a number in the unit of a fact; "" when it is of another kind.
func amount(q quantity.Quantity, unit string) string {
	large := q.Kind == quantity.Number && q.Value.Cmp(big.NewRat(10_000, 1)) >= 0 // 两亿, without 元
	switch per, money := perUnit[unit]; {
	case money && (q.Kind == quantity.Money && q.Unit == "CNY" || large):
		return eligibility.Decimal(new(big.Rat).Quo(q.Value, big.NewRat(per, 1)))
	case money:
	case unit == "%" && q.Kind == quantity.Percent,
		unit == "年" && q.Kind == quantity.Duration && (q.Unit == "year" || q.Unit == "age"),
		unit == "人" && people(q),
		(unit == "件" || unit == "个" || unit == "家") && (q.Kind == quantity.Count || q.Kind == quantity.Number):
		return eligibility.Decimal(q.Value)
	}
	return ""
}

// people reports whether a quantity can be a number of people.
func people(q quantity.Quantity) bool {
	switch q.Unit {
	case "people", "人", "名", "号":
		return q.Kind == quantity.Count
	case "":
		return q.Kind == quantity.Count || q.Kind == quantity.Number && q.Value.IsInt()
	case "个", "位":
		return q.Kind == quantity.Count && (strings.HasPrefix(q.Noun, "人") || strings.HasPrefix(q.Noun, "员工"))
	}
	return false
}
