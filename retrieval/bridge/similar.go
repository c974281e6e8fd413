package bridge

import (
	"slices"
)

// A Likeness tells how much two questions say the same, by the weight of what they say.
type Likeness struct {
	Asked    float64 // share of the first question that the second says, 0 to 1
	Other    float64 // share of the second that the first says
	Conflict string  // what sets them apart for certain, "" for nothing; see Conflicts
}

// Conflicts of a Likeness.
const (
	ConflictPlace    = "place"    // they name different places
	ConflictFigure   = "figure"   // different sums, years or shares
	ConflictContrast = "contrast" // different words of a line of contrasts.txt
	ConflictDenied   = "denied"   // one denies what the other says
)

// Value is one number for both directions: their harmonic mean, 0 where the questions
// are set apart.
func (l Likeness) Value() float64 {
	if l.Conflict != "" || l.Asked+l.Other == 0 {
		return 0
	}
	return 2 * l.Asked * l.Other / (l.Asked + l.Other)
}

// Compare tells how much two questions say the same.
func Compare(a, b *Sense) Likeness {
	if a.none || b.none {
		return Likeness{}
	}
	return Likeness{Asked: a.Said(b, nil), Other: b.Said(a, nil), Conflict: conflict(a, b)}
}

// Similar is the [Likeness.Value] of two questions: 0 to 1, the same both ways.
func Similar(a, b *Sense) float64 { return Compare(a, b).Value() }

// Said is the share of s, by weight, that another question says, or that also says of
// each concept, 0 to 1; one of both may be nil. It is 0 for a question with nothing to compare.
func (s *Sense) Said(by *Sense, also func(Concept) float64) float64 {
	if s.none {
		return 0
	}
	sum := 0.0
	for _, c := range s.concepts {
		said := by.covers(c.Concept, c.keys)
		if also != nil && said < fully {
			said = max(said, also(c.Concept))
		}
		sum += c.weight * said
	}
	return sum / s.all
}

// conflict tells what sets two questions apart.
func conflict(a, b *Sense) string {
	switch {
	case differ(a.places, b.places):
		return ConflictPlace
	case differ(a.figures, b.figures):
		return ConflictFigure
	}
	for line, side := range a.sides {
		if other, ok := b.sides[line]; ok && side >= 0 && other >= 0 && side != other {
			return ConflictContrast
		}
	}
	if denies(a, b) || denies(b, a) {
		return ConflictDenied
	}
	return ""
}

// differ reports whether each has what the other lacks.
func differ(a, b map[string]bool) bool { return !within(a, b) && !within(b, a) }

func within(a, b map[string]bool) bool {
	for k := range a {
		if !b[k] {
			return false
		}
	}
	return true
}

// denies reports whether a denies what b says.
func denies(a, b *Sense) bool {
	for _, d := range a.denied {
		if !slices.Contains(b.denied, d) && holds(string(b.folded), d) {
			return true
		}
	}
	return false
}
