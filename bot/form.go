package bot

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"policybot/bot/eligibility"
	"policybot/prompts"
)

// A FactField is one fact of an enterprise as a field of a form.
type FactField struct {
	Key     string // of the fact
	Kind    eligibility.Kind
	Ask     string       // the question
	Unit    string       // of a number; "" for none
	Options []FactOption // to choose from; none: it is written
}

// A FactOption is a value to choose.
type FactOption struct{ Value, Label string }

// FactFields are the facts that approved measures depend on and an enterprise can tell, in a language, zh or en: the
// place first, then its legal form, and of the others those first that more measures depend on.
func FactFields(all []eligibility.Bound, lang string) []FactField {
	uses, facts := map[string]int{"place": 2000, "entity": 1000}, map[string]eligibility.Fact{}
	for _, b := range all {
		for i := range b.Criteria {
			for _, key := range b.Criteria[i].Keys() {
				if f, ok := b.Vocabulary().Fact(key); ok && f.Never.In(lang) == "" && f.Ask.In(lang) != "" {
					uses[key]++
					facts[key] = f
				}
			}
		}
	}
	var out []FactField
	for _, f := range facts {
		out = append(out, factField(f, lang))
	}
	slices.SortFunc(out, func(a, b FactField) int {
		return cmp.Or(cmp.Compare(uses[b.Key], uses[a.Key]), strings.Compare(a.Key, b.Key))
	})
	return out
}

func factField(f eligibility.Fact, lang string) FactField {
	out := FactField{Key: f.Key, Kind: f.Kind, Ask: f.Ask.In(lang), Unit: f.Unit}
	switch f.Kind {
	case eligibility.YesNo:
		for _, value := range []string{eligibility.Yes, eligibility.No} {
			out.Options = append(out.Options, FactOption{value, prompts.Render(lang, "value_"+value, nil)})
		}
	case eligibility.Choice:
		for _, one := range f.Values {
			out.Options = append(out.Options, FactOption{one.Value, one.Name.In(lang)})
		}
	}
	return out
}

// A FactEntry is what was entered into the field of a fact: the value of an option, or what was written.
type FactEntry struct {
	Kind eligibility.Kind // of its FactField
	Text string           // "" where it was left open
}

// FormProfile is what a form tells of an enterprise, by the keys of its facts, as the JSON of a profile; nil where it
// tells nothing. Facts that were left open are null, which means not known. What is no number where there should be one
// stays a text, which whoever reads the profile reports as not used.
func FormProfile(form map[string]FactEntry) json.RawMessage {
	profile, told := map[string]any{}, false
	for key, entry := range form {
		value := strings.TrimSpace(entry.Text)
		number, err := strconv.ParseFloat(strings.ReplaceAll(value, ",", ""), 64)
		switch {
		case value == "":
			profile[key] = nil
			continue
		case entry.Kind == eligibility.YesNo && (value == eligibility.Yes || value == eligibility.No):
			profile[key] = value == eligibility.Yes
		case entry.Kind == eligibility.Number && err == nil && number-number == 0: // JSON has no infinity
			profile[key] = number
		default:
			profile[key] = value
		}
		told = true
	}
	if !told {
		return nil
	}
	return encode(profile)
}
