package eligibility

import (
	"math/big"
	"slices"
	"strings"

	"policybot/bot/understand"
)

// A Known is what is known of one fact.
type Known struct {
	Key   string `json:"key"`
	Value string `json:"value"`           // see Kind; "" means that it is not known, which somebody said
	Words string `json:"words,omitempty"` // that it was read from
	// Left tells that it was among several choices and was not picked: what is said of
	// it later counts, and is no contradiction.
	Left bool `json:"left,omitempty"`
}

// A Profile is what is known of an enterprise. The zero value knows nothing.
type Profile struct {
	// Closed tells that the profile is whole: what is absent is no. Otherwise what is
	// absent is not known.
	Closed bool    `json:"closed,omitempty"`
	Facts  []Known `json:"facts"` // each key once, in the order in which they were learned
}

// Get gives what a profile says of a fact itself.
func (p Profile) Get(key string) (Known, bool) {
	for _, k := range p.Facts {
		if k.Key == key {
			return k, true
		}
	}
	return Known{}, false
}

// With is the profile with a fact, in place of what it said of it.
func (p Profile) With(k Known) Profile {
	p = p.Without(k.Key)
	p.Facts = append(p.Facts, k)
	return p
}

// Without is the profile without a fact.
func (p Profile) Without(key string) Profile {
	p.Facts = slices.DeleteFunc(slices.Clone(p.Facts), func(k Known) bool { return k.Key == key })
	return p
}

// Lookup gives the value of a fact, by which words, and whether it is known. What
// is implied by another fact is known, unless the profile says of it itself.
func (p Profile) Lookup(v *Vocabulary, key string) (Known, bool) {
	if k, ok := p.Get(key); ok {
		return k, k.Value != ""
	}
	f := v.facts[key]
	if p.Closed {
		if f.Open || f.Kind == Place {
			return Known{Key: key}, false
		}
		return Known{Key: key, Value: No}, true
	}
	if f.Kind == YesNo {
		if k, ok := p.implied(v, key); ok {
			return k, true
		}
	}
	if f.Kind == Place {
		for _, k := range p.Facts { // who is in a zone is in its city
			if within := v.facts[k.Key].Within; within != "" && k.Value == Yes {
				return Known{Key: key, Value: within, Words: k.Words}, true
			}
		}
	}
	return Known{Key: key}, false
}

// implied finds a fact that says yes or no of another: what implies it is yes, or
// what it implies is no.
func (p Profile) implied(v *Vocabulary, key string) (Known, bool) {
	for _, from := range v.by[key] {
		if k, ok := p.Get(from); ok && k.Value == Yes {
			return Known{Key: key, Value: Yes, Words: k.Words}, true
		}
	}
	for _, to := range v.to[key] {
		if k, ok := p.Get(to); ok && k.Value == No {
			return Known{Key: key, Value: No, Words: k.Words}, true
		}
	}
	k, ok := p.Get(placeKey)
	if within := v.facts[key].Within; ok && k.Value != "" && within != "" && !inside(k.Value, within) {
		if site, planned := p.Get(siteKey); !planned || !inside(site.Value, within) {
			return Known{Key: key, Value: No, Words: k.Words}, true
		}
	}
	return Known{}, false
}

// inside reports whether a place may be one within another.
func inside(value, other string) bool {
	city, _, _ := strings.Cut(value, "/")
	return understand.Within(city, other) || understand.Within(other, city)
}

// number reads a decimal number.
func number(s string) (*big.Rat, bool) {
	if s == "" || strings.ContainsAny(s, "/eEpPxX_ ") {
		return nil, false
	}
	return new(big.Rat).SetString(s)
}

// PlaceOf is the value of the place fact for a city and a district in it, as people
// write them. Either may be empty.
func PlaceOf(city, district string) string {
	return strings.Trim(placeName(city)+"/"+placeName(district), "/")
}

// placeName is the name of a place in package understand, else the text as it is.
func placeName(s string) string {
	if name := understand.PlaceNamed(s); name != "" {
		return name
	}
	return strings.TrimSpace(s)
}
