package console

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"policybot/bot"
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

// factFields are the facts of bot.FactFields as fields of the page.
func (v View) factFields(all []eligibility.Bound) []fieldView {
	var out []fieldView
	for _, f := range bot.FactFields(all, v.Lang) {
		field := fieldView{Name: factPrefix + f.Key, Kind: string(f.Kind), Ask: f.Ask, Unit: f.Unit}
		for _, o := range f.Options {
			field.Options = append(field.Options, option{Value: o.Value, Label: o.Label})
		}
		out = append(out, field)
	}
	return out
}

// profileOf is what a form tells of a company, nil where it tells nothing.
func profileOf(form url.Values) json.RawMessage {
	entries := map[string]bot.FactEntry{}
	for name, values := range form {
		if key, ok := strings.CutPrefix(name, factPrefix); ok && len(values) > 0 {
			entries[key] = bot.FactEntry{Kind: eligibility.Kind(form.Get("kind." + key)), Text: values[0]}
		}
	}
	return bot.FormProfile(entries)
}
