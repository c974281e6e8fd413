package eligibility

import (
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"

	"policybot/bot/understand"
)

// A Kind is what the value of a fact can be.
type Kind string

// Kinds of facts.
const (
	YesNo  Kind = "yes_no" // Yes or No
	Choice Kind = "choice" // one of Fact.Values
	Number Kind = "number" // a decimal number of Fact.Unit
	Place  Kind = "place"  // a city, or city/district, by the names of package understand
)

// Values of a yes_no fact.
const (
	Yes = "yes"
	No  = "no"
)

// A Fact is something about an enterprise that a condition can be about.
type Fact struct {
	Key     string   `yaml:"key" json:"key"`
	Kind    Kind     `yaml:"kind" json:"kind"`
	Name    Text     `yaml:"name" json:"name,omitzero"`      // of the condition; {value} stands for what is asked for
	Option  Text     `yaml:"option" json:"option,omitzero"`  // in a list of choices; Name where there is none
	Ask     Text     `yaml:"ask" json:"ask,omitzero"`        // the question
	Never   Text     `yaml:"never" json:"never,omitzero"`    // who decides it, when it is no use to ask
	Open    bool     `yaml:"open" json:"open,omitempty"`     // absent means not known, in a closed profile too
	All     bool     `yaml:"all" json:"all,omitempty"`       // yes says it of all there is: a no beside it decides
	Rare    bool     `yaml:"rare" json:"rare,omitempty"`     // true of few: asked for last
	Narrow  bool     `yaml:"narrow" json:"narrow,omitempty"` // a product that few make: who makes it is shown what is for it
	Plan    bool     `yaml:"plan" json:"plan,omitempty"`     // something that is wanted: to ask whether it can be done says yes
	Implies []string `yaml:"implies" json:"implies,omitempty"`
	Within  string   `yaml:"within" json:"within,omitempty"` // a place: no for who is elsewhere
	Unit    string   `yaml:"unit" json:"unit,omitempty"`     // of a number
	Yes     []string `yaml:"yes" json:"yes,omitempty"`       // phrases that say yes, or that a number belongs to
	No      []string `yaml:"no" json:"no,omitempty"`
	Values  []Value  `yaml:"values" json:"values,omitempty"`
}

// A Value is one of the values of a choice.
type Value struct {
	Value string   `yaml:"value" json:"value"`
	Name  Text     `yaml:"name" json:"name,omitzero"`
	Yes   []string `yaml:"yes" json:"yes,omitempty"` // phrases that say it
}

// Askable reports whether the fact is one that an enterprise knows.
func (f Fact) Askable() bool { return f.Never.IsZero() }

// Label is the short name in a list of choices.
func (f Fact) Label(lang string) string {
	if f.Option.IsZero() {
		return f.Name.In(lang)
	}
	return f.Option.In(lang)
}

// ValueName names a value of the fact for people.
func (f Fact) ValueName(value, lang string) string {
	if f.Kind == Place {
		var parts []string
		for part := range strings.SplitSeq(value, "/") {
			parts = append(parts, understand.NameIn(part, lang))
		}
		return strings.Join(parts, "·")
	}
	for _, v := range f.Values {
		if v.Value == value {
			return v.Name.In(lang)
		}
	}
	return value
}

// A Topic is facts that are asked for together.
type Topic struct {
	Facts []string `yaml:"facts"`
	Ask   Text     `yaml:"ask" json:"ask,omitzero"` // where there are several
}

// A Vocabulary is the facts that conditions can be about. It does not change.
type Vocabulary struct {
	facts  map[string]Fact
	order  []string
	topics []Topic
	by     map[string][]string // facts of which yes means yes of this one, at any distance
	to     map[string][]string // the other way round
}

//go:embed facts.yaml
var factsFile []byte

// Builtin is the vocabulary of facts.yaml.
var Builtin = sync.OnceValue(func() *Vocabulary {
	var file struct {
		Facts  []Fact  `yaml:"facts"`
		Topics []Topic `yaml:"topics"`
	}
	if err := yaml.UnmarshalWithOptions(factsFile, &file, yaml.Strict()); err != nil {
		panic("eligibility: facts.yaml: " + err.Error())
	}
	v, err := (&Vocabulary{}).With(file.Facts)
	if err != nil {
		panic("eligibility: facts.yaml: " + err.Error())
	}
	v.topics = append(file.Topics, v.topics...)
	return v
})

var keyPattern = regexp.MustCompile(`^[a-z][a-z0-9_]{1,40}$`)

// With is the vocabulary with more facts, each asked for by itself.
func (v *Vocabulary) With(more []Fact) (*Vocabulary, error) {
	out := &Vocabulary{facts: maps.Clone(v.facts), order: slices.Clone(v.order), topics: slices.Clone(v.topics)}
	if out.facts == nil {
		out.facts = map[string]Fact{}
	}
	for _, f := range more {
		if problem := f.check(); problem != "" {
			return nil, fmt.Errorf("fact %q %s", f.Key, problem)
		}
		if _, ok := out.facts[f.Key]; ok {
			return nil, fmt.Errorf("fact %q is there already", f.Key)
		}
		out.facts[f.Key] = f
		out.order = append(out.order, f.Key)
	}
	for _, f := range more {
		for _, k := range f.Implies {
			if out.facts[k].Kind != YesNo {
				return nil, fmt.Errorf("fact %q implies %q, which is no yes_no fact", f.Key, k)
			}
		}
	}
	out.by, out.to = map[string][]string{}, map[string][]string{}
	for _, key := range out.order {
		out.reach(key, key)
	}
	return out, nil
}

// reach notes what a fact implies, from what it implies next.
func (v *Vocabulary) reach(from, at string) {
	for _, next := range v.facts[at].Implies {
		if next != from && !slices.Contains(v.to[from], next) {
			v.to[from], v.by[next] = append(v.to[from], next), append(v.by[next], from)
			v.reach(from, next)
		}
	}
}

// VocabularyOf is the vocabulary of all facts that measures are about. Where two
// declare a fact of the same key, the first counts.
func VocabularyOf(measures []Bound) *Vocabulary {
	v := Builtin()
	for _, b := range measures {
		for _, f := range b.Facts {
			if _, ok := v.facts[f.Key]; ok {
				continue
			}
			if more, err := v.With([]Fact{f}); err == nil {
				v = more
			}
		}
	}
	return v
}

// check tells what is wrong with a fact, if anything is.
func (f Fact) check() string {
	switch {
	case !keyPattern.MatchString(f.Key) || slices.Contains([]string{"or", "not", "in", "place"}, f.Key) && f.Kind != Place:
		return "must have a key of small letters, digits and _"
	case !slices.Contains([]Kind{YesNo, Choice, Number, Place}, f.Kind):
		return fmt.Sprintf("has kind %q: it is yes_no, choice, number or place", f.Kind)
	case f.Name.Zh == "" || f.Name.En == "":
		return "needs a name in both languages (zh, en)"
	case f.Askable() && (f.Ask.Zh == "" || f.Ask.En == ""):
		return "needs a question in both languages (ask), or who decides it (never)"
	case (f.Kind == Choice) != (len(f.Values) > 0):
		return "needs values when it is a choice, and only then"
	case f.Kind == Number && f.Unit == "":
		return "needs a unit"
	}
	return ""
}

// Fact gives a fact by its key.
func (v *Vocabulary) Fact(key string) (Fact, bool) {
	f, ok := v.facts[key]
	return f, ok
}

// Keys are the keys of all facts, in order.
func (v *Vocabulary) Keys() []string { return slices.Clone(v.order) }

// Together are the facts that are asked for with a fact, itself included, in order.
func (v *Vocabulary) Together(key string) []string { return slices.Clone(v.topic(key).Facts) }

// topic is the topic of a fact: its own where it is in none.
func (v *Vocabulary) topic(key string) Topic {
	for _, t := range v.topics {
		if slices.Contains(t.Facts, key) {
			return t
		}
	}
	return Topic{Facts: []string{key}}
}

// errValue is wrapped by what says that a value does not fit its fact.
var errValue = errors.New("does not fit")

// checkValue tells whether a value fits the fact.
func (f Fact) checkValue(value string) error {
	fits := true
	switch f.Kind {
	case YesNo:
		fits = value == Yes || value == No
	case Choice:
		fits = slices.ContainsFunc(f.Values, func(v Value) bool { return v.Value == value })
	case Number:
		_, fits = number(value)
	case Place:
		fits = strings.Trim(value, "/ ") != ""
	}
	if !fits {
		return fmt.Errorf("%q %w %s", value, errValue, f.Key)
	}
	return nil
}
