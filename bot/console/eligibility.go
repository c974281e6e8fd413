package console

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"policybot/bot/eligibility"
)

// eligibilityData is the form of all facts that measures ask about.
type eligibilityData struct {
	View
	Conversation string
	Fields       []fieldView
	Measures     int
	Question     string // that is asked with the form
}

// A fieldView is one fact as a field of a form.
type fieldView struct {
	Name, Kind, Ask string
	Unit            string
	Options         []option
}

// factPrefix begins the names of fields that are facts of a profile.
const factPrefix = "fact."

// eligibilityPage shows the form.
func (c *Console) eligibilityPage(w http.ResponseWriter, r *http.Request) error {
	if c.Measures == nil {
		return errNotFound
	}
	all, err := c.Measures.Approved(r.Context())
	if err != nil {
		return err
	}
	v := c.view(r)
	page := eligibilityData{View: v, Measures: len(all), Question: v.T("eligibility.question")}
	if id := r.URL.Query().Get("c"); conversationID.MatchString(id) {
		page.Conversation = id
	}
	page.Fields = v.factFields(all)
	return c.show(w, r, http.StatusOK, "eligibility", page)
}

// factFields are the facts that approved measures depend on and a company can tell, the place first and else those
// first that more measures depend on.
func (v View) factFields(all []eligibility.Bound) []fieldView {
	uses, facts := map[string]int{}, map[string]eligibility.Fact{}
	for _, b := range all {
		for i := range b.Criteria {
			for _, key := range b.Criteria[i].Keys() {
				if f, ok := b.Vocabulary().Fact(key); ok && f.Never.In(v.Lang) == "" && f.Ask.In(v.Lang) != "" {
					uses[key]++
					facts[key] = f
				}
			}
		}
	}
	keys := make([]string, 0, len(facts))
	for key := range facts {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b string) int {
		first := func(key string) int { return map[string]int{"place": 2000, "entity": 1000}[key] + uses[key] }
		if d := first(b) - first(a); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	var out []fieldView
	for _, key := range keys {
		out = append(out, v.factField(facts[key]))
	}
	return out
}

func (v View) factField(f eligibility.Fact) fieldView {
	out := fieldView{Name: factPrefix + f.Key, Kind: string(f.Kind), Ask: f.Ask.In(v.Lang), Unit: f.Unit}
	switch f.Kind {
	case eligibility.YesNo:
		out.Options = []option{{Value: "yes", Label: v.T("ask.yes")}, {Value: "no", Label: v.T("ask.no")}}
	case eligibility.Choice:
		for _, one := range f.Values {
			out.Options = append(out.Options, option{Value: one.Value, Label: one.Name.In(v.Lang)})
		}
	}
	return out
}

// profileOf is what a form tells of a company, nil where it tells nothing: facts that were left open are null, which
// means not known.
func profileOf(form url.Values) map[string]any {
	profile, told := map[string]any{}, false
	for name, values := range form {
		key, ok := strings.CutPrefix(name, factPrefix)
		if !ok || len(values) == 0 {
			continue
		}
		value := strings.TrimSpace(values[0])
		kind := form.Get("kind." + key)
		number, err := strconv.ParseFloat(strings.ReplaceAll(value, ",", ""), 64)
		switch {
		case value == "":
			profile[key] = nil
			continue
		case value == "yes" && kind == string(eligibility.YesNo), value == "no" && kind == string(eligibility.YesNo):
			profile[key] = value == "yes"
		case kind == string(eligibility.Number) && err == nil:
			profile[key] = number
		default:
			profile[key] = value
		}
		told = true
	}
	if !told {
		return nil
	}
	return profile
}
