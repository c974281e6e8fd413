package eligibility

import (
	"encoding/json"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"

	"policybot/bot/quantity"
)

// A closedProfile is a whole profile as others write it; see docs/eligibility.md.
type closedProfile struct {
	Jurisdiction   json.RawMessage `json:"jurisdiction"`
	District       json.RawMessage `json:"district"`
	Entity         json.RawMessage `json:"entity"`
	Roles          json.RawMessage `json:"roles"`
	Industry       json.RawMessage `json:"industry"`
	Size           json.RawMessage `json:"size"`
	Revenue        json.RawMessage `json:"revenue"`
	Qualifications json.RawMessage `json:"qualifications"`
	Ownership      json.RawMessage `json:"ownership"`
	Facts          json.RawMessage `json:"facts"`
}

// ReadProfile reads a whole profile, a JSON object: what it does not have is no, and
// null means that it is not known. unused lists what could not be used, sorted: facts
// that the vocabulary does not have, and values that do not fit, which count as not
// known. The error says why data is no profile at all.
func ReadProfile(data []byte, v *Vocabulary) (p Profile, unused []string, err error) {
	var c closedProfile
	if err := json.Unmarshal(data, &c); err != nil {
		return p, nil, fmt.Errorf("profile: %w", err)
	}
	r := closedReader{v: v, p: Profile{Closed: true, Facts: []Known{}}}
	r.where(c)
	r.choice("entity", "entity", c.Entity, entityWords)
	r.set("roles", c.Roles, roleWords)
	r.set("qualifications", c.Qualifications, qualificationWords)
	r.choice("ownership", "ownership", c.Ownership, nil)
	r.choice("size", "size", c.Size, sizeWords)
	r.revenue(c.Revenue)
	r.industry(c.Industry)
	r.facts(c.Facts)
	slices.Sort(r.unused)
	slices.SortStableFunc(r.p.Facts, func(a, b Known) int { return slices.Index(v.order, a.Key) - slices.Index(v.order, b.Key) })
	return r.p, r.unused, nil
}

// How others word values.
var (
	entityWords        = map[string]string{"企业": "enterprise", "医疗机构": "medical_institution", "高校": "university", "科研机构": "research_institute", "hospital": "medical_institution", "company": "enterprise"}
	roleWords          = map[string]string{"研发型": "role_rd", "生产型": "role_production", "第三方服务": "role_service", "rd": "role_rd", "production": "role_production", "service": "role_service", "医疗服务": "", "medical": ""} // the entity says it
	sizeWords          = map[string]string{"中小微": "sme", "中小企业": "sme", "中型": "sme", "小型": "sme", "微型": "sme", "大型": "large"}
	qualificationWords = map[string]string{
		"专精特新": "q_srdi", "专精特新小巨人": "q_giant", "小巨人": "q_giant", "高新技术企业": "q_hnte", "国家高新技术企业": "q_hnte", "科技型中小企业": "q_sme_tech",
		"规模以上企业": "q_above_scale", "规上企业": "q_above_scale", "临床试验机构资质": "q_gcp", "三级医疗机构": "q_tertiary", "三甲": "q_tertiary", "三级甲等": "q_tertiary",
	}
)

type closedReader struct {
	v      *Vocabulary
	p      Profile
	unused []string
}

// isNull reports whether a field is absent or null, and which.
func isNull(raw json.RawMessage) (absent, null bool) {
	return len(raw) == 0, string(raw) == "null"
}

func (r *closedReader) set1(key, value string) { r.p = r.p.With(Known{Key: key, Value: value}) }

// where reads the place.
func (r *closedReader) where(c closedProfile) {
	city, district := r.text("jurisdiction", c.Jurisdiction), r.text("district", c.District)
	if len(c.Jurisdiction)+len(c.District) > 0 {
		r.set1("place", PlaceOf(city, district))
	}
}

// text reads a field that is a text; "" for null and for what is none.
func (r *closedReader) text(field string, raw json.RawMessage) string {
	var s string
	if absent, null := isNull(raw); !absent && !null && json.Unmarshal(raw, &s) != nil {
		r.unused = append(r.unused, field)
	}
	return s
}

// choice reads a field with one value; in other words where there are such.
func (r *closedReader) choice(field, key string, raw json.RawMessage, words map[string]string) {
	absent, null := isNull(raw)
	var s string
	switch {
	case absent:
		return
	case null:
		r.set1(key, "")
		return
	case json.Unmarshal(raw, &s) != nil:
		r.unused = append(r.unused, field)
		r.set1(key, "")
		return
	}
	if w, ok := words[s]; ok {
		s = w
	}
	if r.v.facts[key].checkValue(s) == nil {
		r.set1(key, s)
		return
	}
	r.unused = append(r.unused, field+": "+s)
	r.set1(key, "") // something that conditions cannot be compared with
}

// set reads a list of words, each of which means yes for a fact.
func (r *closedReader) set(field string, raw json.RawMessage, words map[string]string) {
	absent, null := isNull(raw)
	var list []string
	switch {
	case absent:
		return
	case null:
		r.unknown(words)
		return
	case json.Unmarshal(raw, &list) != nil:
		r.unused = append(r.unused, field)
		r.unknown(words)
		return
	}
	for _, s := range list {
		key, ok := words[strings.NewReplacer("“", "", "”", "", "\"", "").Replace(s)]
		if f := r.v.facts[s]; !ok && f.Kind == YesNo {
			key, ok = s, true
		}
		if !ok {
			key, ok = r.named(s)
		}
		if !ok {
			r.unused = append(r.unused, field+": "+s)
		}
		if key == "" {
			continue
		}
		r.set1(key, Yes)
		for _, implied := range r.v.facts[key].Implies { // of qualifications: a little giant is specialised and innovative
			r.set1(implied, Yes)
		}
	}
}

// unknown sets the facts that words mean to not known.
func (r *closedReader) unknown(words map[string]string) {
	for _, key := range words {
		if key != "" {
			r.set1(key, "")
		}
	}
}

// named finds the yes_no fact that is called so, or one of whose phrases it is.
func (r *closedReader) named(s string) (string, bool) {
	for _, key := range r.v.order {
		f := r.v.facts[key]
		if f.Kind == YesNo && (f.Name.Zh == s || f.Name.En == s || f.Option.Zh == s || slices.Contains(f.Yes, s)) {
			return key, true
		}
	}
	return "", false
}

// revenue reads an amount of money in words: 3亿元. Words without one are no amount.
func (r *closedReader) revenue(raw json.RawMessage) {
	absent, null := isNull(raw)
	if absent {
		return
	}
	var s string
	if err := json.Unmarshal(raw, &s); null || err != nil {
		if err != nil {
			r.unused = append(r.unused, "revenue")
		}
		r.set1("revenue", "")
		return
	}
	if value, ok := Money(s, "万元"); ok {
		r.set1("revenue", value)
		return
	}
	if nothing.MatchString(s) {
		r.set1("revenue", "0")
		return
	}
	r.set1("revenue", "")
}

var nothing = regexp.MustCompile(`^(?:无|没有|尚无|0|零|none|no )`)

// Money is the first amount of a text in a unit of yuan: 元, 万元 or 亿元.
func Money(text, unit string) (string, bool) {
	per := map[string]int64{"元": 1, "万元": 10_000, "亿元": 100_000_000}[unit]
	for _, q := range quantity.Find(text) {
		large := q.Kind == quantity.Number && q.Value.Cmp(big.NewRat(10_000, 1)) >= 0 // 两亿, without 元
		if per > 0 && (q.Kind == quantity.Money && q.Unit == "CNY" || large) {
			return Decimal(new(big.Rat).Quo(q.Value, big.NewRat(per, 1))), true
		}
	}
	return "", false
}

// Decimal writes a number with as many digits as it needs, six after the point at
// most.
func Decimal(n *big.Rat) string {
	s := n.FloatString(6)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

var medical = regexp.MustCompile(`(?i)药|医|生物|细胞|基因|疫苗|抗体|诊断|试剂|器械|健康|bio|pharma|drug|medic|gene|cell|CDMO|CRO|CMO`)

// industry tells whether an enterprise is one of the field.
func (r *closedReader) industry(raw json.RawMessage) {
	absent, null := isNull(raw)
	entity, _ := r.p.Get("entity")
	var s string
	switch {
	case entity.Value != "enterprise":
	case null:
		r.set1("biomed", "")
	case absent:
	case json.Unmarshal(raw, &s) != nil:
		r.unused = append(r.unused, "industry")
		r.set1("biomed", "")
	case medical.MatchString(s):
		r.set1("biomed", Yes)
	}
}

// facts reads the further facts.
func (r *closedReader) facts(raw json.RawMessage) {
	absent, null := isNull(raw)
	var facts map[string]json.RawMessage
	if !absent && !null && json.Unmarshal(raw, &facts) != nil {
		r.unused = append(r.unused, "facts")
	}
	for key, value := range facts {
		r.fact(key, value)
	}
}

// fact reads one of the further facts.
func (r *closedReader) fact(key string, raw json.RawMessage) {
	f, ok := r.v.facts[key]
	if !ok {
		r.unused = append(r.unused, key)
		return
	}
	if _, null := isNull(raw); null {
		r.set1(key, "")
		return
	}
	value := strings.Trim(string(raw), `"`)
	switch value {
	case "true":
		value = Yes
	case "false":
		value = No
	}
	if f.checkValue(value) != nil {
		r.unused = append(r.unused, key)
		value = ""
	}
	r.set1(key, value)
}
