// Package eligibility tells which measures of the policies are addressed to an
// enterprise: condition by condition, each with the words of the clause that it was
// read from.
//
// A [Measure] is data: what a document offers, in which clause, on which conditions.
// A [Profile] is what is known of an enterprise. [Bound.Evaluate] compares the two on
// a day and knows three verdicts: met, not met, unknown. Nothing is guessed: what is
// not known stays unknown until somebody says it. [Next] picks what to ask.
//
// The package is pure: it keeps nothing, reads no clock and asks nobody.
package eligibility

// A Verdict is what is known about a condition, or about a measure.
type Verdict string

// Verdicts. Of several conditions that must all be met, one that is not met decides;
// else one that is unknown does (Kleene's strong three-valued logic).
const (
	Met     Verdict = "met"
	NotMet  Verdict = "not_met"
	Unknown Verdict = "unknown"
)

// rank orders verdicts so that the conjunction is the smallest.
func (v Verdict) rank() int {
	switch v {
	case NotMet:
		return 0
	case Unknown:
		return 1
	}
	return 2
}

// And is the verdict of conditions that must all be met; Met for none.
func And(verdicts ...Verdict) Verdict {
	out := Met
	for _, v := range verdicts {
		if v.rank() < out.rank() {
			out = v
		}
	}
	return out
}

// Or is the verdict of conditions of which one must be met; NotMet for none.
func Or(verdicts ...Verdict) Verdict {
	out := NotMet
	for _, v := range verdicts {
		if v.rank() > out.rank() {
			out = v
		}
	}
	return out
}

// A Text is the same words in both languages.
type Text struct {
	Zh string `yaml:"zh" json:"zh"`
	En string `yaml:"en" json:"en"`
}

// In gives the words in a language: zh or en.
func (t Text) In(lang string) string {
	if lang == "en" {
		return t.En
	}
	return t.Zh
}

// IsZero reports whether there are no words.
func (t Text) IsZero() bool { return t == Text{} }
