package draft

import (
	"math/big"
	"regexp"
	"slices"
	"strings"

	"policybot/bot/eligibility"
	"policybot/bot/quantity"
)

// A measured is a number that a fact is compared with.
type measured struct {
	key, op string
	value   *big.Rat
	at      span
}

var operatorOf = map[quantity.Comparator]string{
	quantity.AtLeast: ">=", quantity.MoreThan: ">", quantity.AtMost: "<=", quantity.LessThan: "<",
}

// amounts finds thresholds in a span: 年营业收入不低于2000万元.
func (d *drafter) amounts(page int, in span) []found {
	t := d.pages[page].text
	var list []measured
	end := in.a
	for _, q := range quantity.Find(t.s[in.a:in.b]) {
		at := span{in.a + q.Start, in.a + q.End}
		key, words := d.measures(t, in, at, q)
		from := words.a
		follows := len(list) > 0 && joins(t.s[end:at.a])
		op := operatorOf[q.Comparator]
		switch {
		case follows && unitFits(list[len(list)-1].key, q) && (key == "" || key == list[len(list)-1].key):
			key, words = list[len(list)-1].key, at
			if op == "" {
				op = list[len(list)-1].op
			}
		case key == "":
			continue
		case op == "" && q.High == nil && reaches(t.s[from:at.a]), op == ">" && strings.Contains(t.s[from:at.b], "突破"):
			op = ">="
		}
		if m := included.FindStringSubmatch(t.s[at.b:in.b]); m != nil && (m[1] != "" || key == "years") {
			op = map[string]string{"上": ">=", "下": "<=", "": "<="}[m[1]]
			words.b, at.b = words.b+len(m[0]), at.b+len(m[0])
		}
		if key == "years" && lately.MatchString(t.s[in.a:at.a]) {
			op = "<="
		}
		end = at.b
		list = put(list, key, op, q, words)
	}
	var out []found
	for _, m := range list {
		need := m.key + " " + m.op + " " + eligibility.Decimal(m.value)
		out = append(out, found{need: need, kind: "number", page: page, at: m.at})
	}
	return out
}

// included is 以上 after a bracket that says that the number counts: 500万元（含）以上.
var included = regexp.MustCompile(`^\((?:含|含本数|含.{1,12})\)(?:及|或)?以(上|下)|^(内)`)

// lately is what stands before years that something lies back at most.
var lately = regexp.MustCompile(`(?:within|in|during) the (?:last|past) $|近$`)

// put adds what a quantity says. Of several steps (1亿元、5亿元、10亿元) the easiest is
// the condition.
func put(list []measured, key, op string, q quantity.Quantity, at span) []measured {
	if q.High != nil {
		list = append(list, measured{key, ">=", scaled(key, q.Value, q), at})
		return append(list, measured{key, "<=", scaled(key, q.High, q), at})
	}
	if op == "" {
		return list
	}
	value := scaled(key, q.Value, q)
	for i, m := range list {
		if m.key == key && m.op == op {
			if up := op[0] == '>'; up == (value.Cmp(m.value) < 0) {
				list[i].value = value
			}
			return list
		}
	}
	return append(list, measured{key, op, value, at})
}

// measures finds the fact that a quantity is of, and where its words begin.
func (d *drafter) measures(t text, in, at span, q quantity.Quantity) (string, span) {
	if q.Comparator == quantity.UpTo {
		return "", at
	}
	left := in.a + strings.LastIndexAny(t.s[in.a:at.a], ",;:(\n") + 1
	right := at.b
	if i := strings.IndexAny(t.s[at.b:in.b], ",;:)\n"); i >= 0 {
		right += i
	} else {
		right = in.b
	}
	best, words, near := "", at, -1
	for _, c := range cues().cues["number"] {
		if !d.knows(c.name) || !unitFits(c.name, q) {
			continue
		}
		for _, s := range t.all(c.re, span{left, at.a}) {
			between := t.s[s.b:at.a]
			if size(between) > 16 || cues().list("not number").MatchString(between) || cues().list("not number").MatchString(t.s[left:s.a]) {
				continue
			}
			if s.b > near || s.b == near && s.a < words.a {
				best, words, near = c.name, span{s.a, at.b}, s.b
			}
		}
		if after := (span{at.b, right}); best == "" && (c.name == "patents" || c.name == "employees" || (c.name == "rd_share" || c.name == "rd_spend") && !chinese(t.s[left:right])) {
			if s, ok := t.first(c.re, after); ok && size(t.s[at.b:s.a]) <= 8 && near < 0 && !cues().list("not number").MatchString(t.s[left:at.a]) {
				best, words, near = c.name, span{at.a, s.b}, left
			}
		}
	}
	return best, words
}

// joins reports whether a quantity goes on from the one before it.
func joins(between string) bool {
	return slices.Contains([]string{"、", "或", "和", "及", "以及", "且", ",", "至", "到", "-", ",且", "、且", " and ", ", ", " or ", "但", ",但", " but ", ", but "}, between)
}

// reaches reports whether the words before a bare number make it a threshold.
func reaches(before string) bool { return cues().list("reach").MatchString(before) }

// unitFits reports whether a quantity can be of a fact.
func unitFits(key string, q quantity.Quantity) bool {
	switch key {
	case "revenue", "rd_spend", "investment", "support_yi":
		return q.Kind == quantity.Money && q.Unit == "CNY" || q.Kind == quantity.Number && q.Value.Cmp(big.NewRat(10_000, 1)) >= 0
	case "rd_share":
		return q.Kind == quantity.Percent && q.Unit == "percent"
	case "employees":
		return (q.Kind == quantity.Count || q.Kind == quantity.Number) && slices.Contains([]string{"people", "", "名", "个"}, q.Unit)
	case "patents":
		return (q.Kind == quantity.Count || q.Kind == quantity.Number) && slices.Contains([]string{"件", "项", "个", ""}, q.Unit)
	case "years":
		return q.Kind == quantity.Duration && (q.Unit == "year" || q.Unit == "month")
	}
	return false
}

// scaled is a value in the unit of the fact.
func scaled(key string, value *big.Rat, q quantity.Quantity) *big.Rat {
	f, _ := eligibility.Builtin().Fact(key)
	per := map[string]int64{"万元": 10_000, "亿元": 100_000_000}[f.Unit]
	switch {
	case per > 0:
		return new(big.Rat).Quo(value, big.NewRat(per, 1))
	case q.Kind == quantity.Duration && q.Unit == "month":
		return new(big.Rat).Quo(value, big.NewRat(12, 1))
	}
	return value
}
