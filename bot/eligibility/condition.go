package eligibility

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"policybot/bot/understand"
)

// A condition is one or more tests of which one must be met.
type condition []test

// A test compares one fact. For a yes_no fact the values are Yes or No; for a choice
// or a place any of them will do; of a number there is one.
type test struct {
	key    string
	op     string // "in", or <=, <, >=, >, = for numbers
	values []string
}

// Keys of where an enterprise is, and of where its project is to be.
const (
	placeKey = "place"
	siteKey  = "site"
)

// operators of numbers, longest first.
var operators = []string{"<=", ">=", "<", ">", "="}

// parseCondition reads the need of a criterion; see seeds/measures.yaml.
func parseCondition(v *Vocabulary, text string) (condition, error) {
	var out condition
	for part := range strings.SplitSeq(" "+text+" ", " or ") {
		t, err := parseTest(v, strings.TrimSpace(part))
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

func parseTest(v *Vocabulary, text string) (test, error) {
	if rest, ok := strings.CutPrefix(text, "place "); ok {
		return test{key: placeKey, op: "in", values: placesOf(rest)}, nil
	}
	if rest, ok := strings.CutPrefix(text, "not "); ok {
		return simple(v, strings.TrimSpace(rest), No)
	}
	for _, op := range operators {
		key, value, ok := strings.Cut(text, op)
		if !ok {
			continue
		}
		return compared(v, strings.TrimSpace(key), op, strings.TrimSpace(value))
	}
	if key, values, ok := strings.Cut(text, " in "); ok {
		return chosen(v, strings.TrimSpace(key), list(values))
	}
	return simple(v, text, Yes)
}

// list cuts a list at its commas.
func list(s string) []string {
	var out []string
	for part := range strings.SplitSeq(strings.ReplaceAll(s, "，", ","), ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

func placesOf(s string) []string {
	out := list(s)
	for i := range out {
		out[i] = placeName(out[i])
	}
	return out
}

// known finds a fact of a kind.
func known(v *Vocabulary, key string, kind Kind) (Fact, error) {
	f, ok := v.facts[key]
	switch {
	case !ok:
		return f, fmt.Errorf("there is no fact %q: see bot/eligibility/facts.yaml, or declare it under “facts” in the file", key)
	case f.Kind != kind:
		return f, fmt.Errorf("%s is of kind %s, and is compared here as %s", key, f.Kind, kind)
	}
	return f, nil
}

func simple(v *Vocabulary, key, value string) (test, error) {
	_, err := known(v, key, YesNo)
	return test{key: key, op: "in", values: []string{value}}, err
}

// chosen is a test of a choice.
func chosen(v *Vocabulary, key string, values []string) (test, error) {
	f, err := known(v, key, Choice)
	if err != nil {
		return test{}, err
	}
	for _, value := range values {
		if err := f.checkValue(value); err != nil {
			return test{}, err
		}
	}
	if len(values) == 0 {
		return test{}, fmt.Errorf("%s is compared with nothing", key)
	}
	return test{key: key, op: "in", values: values}, nil
}

// compared is a test of a number, or of a choice with one value.
func compared(v *Vocabulary, key, op, value string) (test, error) {
	if op == "=" && v.facts[key].Kind == Choice {
		return chosen(v, key, []string{value})
	}
	if _, err := known(v, key, Number); err != nil {
		return test{}, err
	}
	if _, ok := number(value); !ok {
		return test{}, fmt.Errorf("%s is compared with %q, which is no number", key, value)
	}
	return test{key: key, op: op, values: []string{value}}, nil
}

// eval compares a test with what a profile knows; home is the city of the document. used is what decided, or what is
// not known.
func (t test) eval(v *Vocabulary, p Profile, home string) (verdict Verdict, used Known) {
	k, ok := p.Lookup(v, t.key)
	if site, planned := p.Lookup(v, siteKey); t.key == placeKey && planned && t.placed(site.Value, home) == Met {
		return Met, site // what is to be there counts as what is there
	}
	if !ok {
		return Unknown, k
	}
	switch v.facts[t.key].Kind {
	case Place:
		return t.placed(k.Value, home), k
	case Number:
		n, ok := number(k.Value)
		if !ok { // absent from a closed profile
			return NotMet, k
		}
		return verdictOf(t.holds(n)), k
	}
	return verdictOf(slices.Contains(t.values, k.Value)), k
}

func verdictOf(holds bool) Verdict {
	if holds {
		return Met
	}
	return NotMet
}

func (t test) holds(n *big.Rat) bool {
	bound, _ := number(t.values[0])
	switch c := n.Cmp(bound); t.op {
	case "<=":
		return c <= 0
	case "<":
		return c < 0
	case ">=":
		return c >= 0
	case ">":
		return c > 0
	default:
		return c == 0
	}
}

// placed compares a place, city or city/district, with those asked for: it is met in
// one of them or in a part of one, and unknown when one of them is a part of it. A
// place that the table of places does not have lies in home, the city of the document.
func (t test) placed(value, home string) Verdict {
	city, district, _ := strings.Cut(value, "/")
	out := NotMet
	for _, wanted := range t.values {
		part := understand.Within(wanted, city) || understand.PlaceNamed(wanted) == "" && understand.Within(home, city)
		switch {
		case understand.Within(district, wanted), understand.Within(city, wanted), district != "" && wanted == city+district:
			return Met
		case district == "" && part:
			out = Unknown
		}
	}
	return out
}

// eval compares a condition. used is what decided: the first test that is met, else
// those that are not known, else those that are not met.
func (c condition) eval(v *Vocabulary, p Profile, home string) (Verdict, []Known) {
	out, used := NotMet, make([]Known, 0, 1)
	for _, t := range c {
		verdict, k := t.eval(v, p, home)
		switch {
		case verdict == Met:
			return Met, append(used[:0], k)
		case verdict.rank() > out.rank():
			out, used = verdict, append(used[:0], k)
		case verdict == out && !slices.ContainsFunc(used, func(o Known) bool { return o.Key == k.Key }):
			used = append(used, k)
		}
	}
	return out, used
}

// keys are the facts that a condition is about.
func (c condition) keys() []string {
	var out []string
	for _, t := range c {
		if !slices.Contains(out, t.key) {
			out = append(out, t.key)
		}
	}
	return out
}

// name words a condition from the names of its facts.
func (c condition) name(v *Vocabulary, lang string) string {
	var out []string
	for _, t := range c {
		out = append(out, t.name(v.facts[t.key], lang))
	}
	return strings.Join(out, orWord[lang])
}

var (
	orWord  = map[string]string{"zh": "，或者", "en": ", or "}
	notWord = map[string]string{"zh": "不是：", "en": "not: "}
	opWord  = map[string]map[string]string{
		"zh": {"<=": "不超过", "<": "低于", ">=": "不低于", ">": "超过", "=": "等于"},
		"en": {"<=": " of at most ", "<": " below ", ">=": " of at least ", ">": " above ", "=": " of exactly "},
	}
)

func (t test) name(f Fact, lang string) string {
	name := f.Name.In(lang)
	switch f.Kind {
	case YesNo:
		if t.values[0] == No {
			return notWord[lang] + name
		}
		return name
	case Number:
		return name + opWord[lang][t.op] + f.Amount(t.values[0], lang)
	}
	var values []string
	for _, v := range t.values {
		values = append(values, f.ValueName(v, lang))
	}
	sep := map[string]string{"zh": "或", "en": " or "}[lang]
	return strings.ReplaceAll(name, "{value}", strings.Join(values, sep))
}

// Amount is a number of the fact's unit as people write it: 2亿元, RMB 200 million, 8%.
func (f Fact) Amount(value, lang string) string {
	n, ok := number(value)
	per := yuan[f.Unit]
	if !ok || per == 0 {
		return value + map[bool]string{true: f.Unit, false: unitsEnglish[f.Unit]}[lang != "en"]
	}
	n = new(big.Rat).Mul(n, big.NewRat(per, 1))
	for _, s := range scales[lang] {
		if n.Cmp(big.NewRat(s.least, 1)) >= 0 || s.least == 1 {
			return s.before + Decimal(n.Quo(n, big.NewRat(s.least, 1))) + s.after
		}
	}
	return value
}

// yuan is how many yuan one unit of money is.
var yuan = map[string]int64{"元": 1, "万元": 10_000, "亿元": 100_000_000}

var unitsEnglish = map[string]string{"%": "%", "人": " people", "年": " years", "件": " items", "个": " items", "家": " items"}

// A scale is how amounts of money from one number of yuan on are written.
type scale struct {
	least         int64
	before, after string
}

var scales = map[string][]scale{
	"zh": {{100_000_000, "", "亿元"}, {10_000, "", "万元"}, {1, "", "元"}},
	"en": {{1_000_000_000, "RMB ", " billion"}, {1_000_000, "RMB ", " million"}, {1, "RMB ", ""}},
}
