package eligibility

import (
	"slices"
	"time"

	"policybot/retrieval"
)

// Strengths of a measure.
const (
	Intention   = "intention"   // sought, explored, planned: not in force by this text
	Support     = "support"     // supported or encouraged; no claim
	Entitlement = "entitlement" // who meets the conditions gets it, or may do it
)

// A Measure is what a document offers, and to whom. It points at words of the
// document and is nothing without them; see [Measure.Bind].
type Measure struct {
	ID       string      `yaml:"id" json:"id"`
	Title    Text        `yaml:"title" json:"title"`
	Document string      `yaml:"document" json:"document"` // id
	Path     string      `yaml:"clause" json:"clause"`     // of the clause, or its id
	Quote    string      `yaml:"quote" json:"quote"`       // words of the offer: once in the clause
	Strength string      `yaml:"strength" json:"strength"`
	Criteria []Criterion `yaml:"criteria" json:"criteria"`     // all of them must be met
	Facts    []Fact      `yaml:"facts" json:"facts,omitempty"` // that the vocabulary lacks

	line int    // of the file that it was read from; 0 for none
	file string //
}

// A Criterion is one condition of a measure.
type Criterion struct {
	Need  string `yaml:"need" json:"need"`          // see seeds/measures.yaml
	Words string `yaml:"words" json:"words"`        // that it was read from
	In    string `yaml:"in" json:"in,omitempty"`    // path or id of another clause of the document that has them
	Text  Text   `yaml:"text" json:"text,omitzero"` // in place of the usual words

	condition condition
	line      int
}

// A Bound is a measure whose words were found in the clauses of its document.
type Bound struct {
	Measure
	Clause retrieval.Clause
	// Start and End are the bytes of Clause.Text with the whole sentences of the offer.
	Start, End int
	vocabulary *Vocabulary
	home       string // city of the document
}

// Offer is the sentences of the clause that hold the offer.
func (b Bound) Offer() string { return b.Clause.Text[b.Start:b.End] }

// A Result is a measure compared with a profile.
type Result struct {
	Bound    Bound
	Verdict  Verdict
	Criteria []Compared // in the order of the measure
}

// A Compared is a criterion compared with a profile.
type Compared struct {
	Criterion *Criterion // nil with Standing
	Verdict   Verdict
	Used      []Known // what decided, or what is not known; never empty but for Standing
	// Standing is set in place of a criterion of the measure, when the document itself
	// does not apply on the day: StandingNotYet or StandingRepealed.
	Standing string
}

// Why a document does not apply on a day.
const (
	StandingNotYet   = "not_issued" // it was issued later
	StandingRepealed = "repealed"
)

// Evaluate compares a measure with a profile on a day. What a stated period or a
// target year says is no condition: a measure whose period is over is still
// addressed to whom it was addressed to, and its notices say so. A document that was
// issued after the day, or is repealed, offers nothing.
func (b Bound) Evaluate(p Profile, day time.Time) Result {
	r := Result{Bound: b, Verdict: Met}
	r.Criteria = make([]Compared, 0, len(b.Criteria)+1)
	for i := range b.Criteria {
		verdict, used := b.Criteria[i].condition.eval(b.vocabulary, p, b.home)
		r.Criteria = append(r.Criteria, Compared{Criterion: &b.Criteria[i], Verdict: verdict, Used: used})
		r.Verdict = And(r.Verdict, verdict)
	}
	if why := standing(b.Clause.Document, day); why != "" {
		r.Criteria = append(r.Criteria, Compared{Verdict: NotMet, Standing: why})
		r.Verdict = NotMet
	}
	return r
}

// standing tells why a document offers nothing on a day; "" when it may.
func standing(d retrieval.Document, day time.Time) string {
	switch {
	case d.Repealed:
		return StandingRepealed
	case d.IssuedOn != "" && notYet(d.IssuedOn, day):
		return StandingNotYet
	}
	return ""
}

// notYet reports whether a day, or a month or year of which only that much is known,
// begins after another day.
func notYet(date string, day time.Time) bool {
	const whole = "0001-01-01"
	return date+whole[len(date):] > day.Format(time.DateOnly)
}

// Name words a criterion in a language.
func (c *Criterion) Name(v *Vocabulary, lang string) string {
	if !c.Text.IsZero() {
		return c.Text.In(lang)
	}
	return c.condition.name(v, lang)
}

// Vocabulary is what the conditions of the measure are worded in.
func (b Bound) Vocabulary() *Vocabulary { return b.vocabulary }

// Open are the facts that a measure still depends on: those not known of the
// criteria of a measure that is unknown; none of one that is decided.
func (r Result) Open() []string {
	if r.Verdict != Unknown {
		return nil
	}
	var out []string
	for _, c := range r.Criteria {
		if c.Verdict != Unknown {
			continue
		}
		for _, k := range c.Used {
			out = append(out, k.Key)
		}
	}
	return out
}

// common facts say little of which measures fit.
var common = []string{placeKey, siteKey, "entity", "biomed"}

// Common reports whether a fact is one that nearly everybody who asks has in common:
// place, kind of body, field.
func Common(key string) bool { return slices.Contains(common, key) }

// Fits reports whether a measure is worth showing: it is met, or it is unknown and
// something is met that it is about: what the enterprise wants to do, a product that
// few make, or more than place, kind of body and field with half of all conditions.
func (r Result) Fits() bool {
	met, own, wants := 0, 0, false
	for _, c := range r.Criteria {
		if c.Verdict != Met || c.Standing != "" {
			continue
		}
		met++
		if c.Criterion.Own() {
			own++
		}
		for _, k := range c.Criterion.Keys() {
			f := r.Bound.vocabulary.facts[k]
			wants = wants || f.Plan || f.Narrow
		}
	}
	return r.Verdict == Met || r.Verdict == Unknown && own > 0 && (wants || 2*met >= len(r.Criteria))
}

// Own reports whether a criterion is about more than place, kind of body and field.
func (c *Criterion) Own() bool {
	return slices.ContainsFunc(c.condition.keys(), func(k string) bool { return !Common(k) })
}

// Keys are the facts that a criterion is about.
func (c *Criterion) Keys() []string { return c.condition.keys() }
