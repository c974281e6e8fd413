package auditor

import (
	"slices"
	"strings"

	"policybot/prompts"
)

// librarySays: a value stands in a clause, heading, title or place of the library.
func (a *audit) librarySays(value string) bool {
	value = strings.Trim(strings.TrimSpace(value), "《》“”*")
	if value == "" {
		return false
	}
	pieces := strings.FieldsFunc(value, func(r rune) bool { return r == '、' || r == '，' || r == ',' })
	for _, p := range pieces {
		if !a.oneSaid(strings.TrimSpace(p)) {
			return a.oneSaid(value)
		}
	}
	return len(pieces) > 0
}

func (a *audit) oneSaid(value string) bool {
	v := plain(value)
	for _, asker := range a.AskerPlaces {
		if plain(asker) == v {
			return true
		}
	}
	for _, m := range a.known.mentions(fold(value)) {
		if m.start == 0 && m.end == len(fold(value)) && strings.HasPrefix(m.id, "place:") {
			return true
		}
	}
	for _, c := range a.library {
		if v != "" && (strings.Contains(plain(c.Text), v) || strings.Contains(plain(c.Heading), v) ||
			strings.Contains(plain(c.Document.Title), v) || strings.Contains(plain(c.Document.Jurisdiction), v)) {
			return true
		}
	}
	return false
}

// pathSaid: a path of the library, perhaps with its heading behind it.
func (a *audit) pathSaid(_ string, value string) bool {
	for _, c := range a.library {
		if value == c.Path || c.Path != "" && c.Heading != "" && value == c.Path+" "+c.Heading {
			return true
		}
	}
	return false
}

// bodiesSaid: each body is a department of a clause that the answer shows.
func (a *audit) bodiesSaid(value string) bool {
	known := map[string]bool{}
	for _, c := range a.library {
		for _, d := range c.Departments {
			known[plain(d)] = true
		}
	}
	for _, b := range strings.FieldsFunc(value, func(r rune) bool { return r == '、' || r == ',' || r == '，' }) {
		if !known[plain(b)] && !a.known.isBody(fold(b)) {
			return false
		}
	}
	return strings.TrimSpace(value) != ""
}

// isBody: a whole text is the name of a body.
func (l Lexicon) isBody(folded string) bool {
	for _, m := range l.mentions(folded) {
		if m.start == 0 && m.end == len(folded) && strings.HasPrefix(m.id, "body:") {
			return true
		}
	}
	return false
}

// pairsSaid: each term of a gloss stands in a quote; what stands for it brings
// in no number and no mark-up.
func (a *audit) pairsSaid(value string) bool {
	var quotes strings.Builder
	for _, c := range a.Citations {
		quotes.WriteString(fold(c.Quote) + "\n")
	}
	for _, pair := range strings.FieldsFunc(value, func(r rune) bool { return r == ';' || r == '；' }) {
		name, slots, ok := prompts.Match(a.Lang, strings.TrimSpace(pair))
		term, gloss := "", ""
		switch {
		case ok && name == "gloss_pair":
			term, gloss = slots["text"], slots["gloss"]
		case ok && name == "renamed_pair":
			if !a.bodiesSaid(slots["old"]) {
				return false
			}
			continue
		default:
			return false
		}
		if !strings.Contains(quotes.String(), fold(term)) || len(unplain(gloss, "")) > 0 || !a.glossFits(term, gloss) {
			return false
		}
	}
	return strings.TrimSpace(value) != ""
}

// fiveYearPlans are names made of numerals that are no number.
var fiveYearPlans = map[string]string{"十三五": "13th", "十四五": "14th", "十五五": "15th"}

// glossFits: a term and what stands for it hold the same numbers.
func (a *audit) glossFits(term, gloss string) bool {
	if plan, ok := fiveYearPlans[fold(term)]; ok {
		return strings.Contains(fold(gloss), plan)
	}
	source := figures(fold(term), Lexicon{})
	for _, q := range figures(fold(gloss), Lexicon{}) {
		if !q.soft && !anyFigure(q, source) && !sameDigits(fold(term), fold(gloss)) {
			return false
		}
	}
	return true
}

func sameDigits(a, b string) bool {
	digits := func(s string) string {
		return strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return r
			}
			return -1
		}, s)
	}
	return digits(a) == digits(b)
}

// parentHeading: a clause without a heading of its own is shown under that of
// its chapter, which the clauses do not hold: short words without a number.
func (a *audit) parentHeading(path, heading string) bool {
	short := length(heading) > 0 && length(heading) <= 30 && len(figures(fold(heading), a.known)) == 0 && len(unplain(heading, "")) == 0
	return short && slices.ContainsFunc(a.library, func(c Clause) bool { return c.Path == path && c.Heading == "" })
}
