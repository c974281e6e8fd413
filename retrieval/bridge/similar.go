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
	return Likeness{Asked: a.said(b, nil), Other: b.said(a, nil), Conflict: conflict(a, b)}
}

// Beside is Compare for what two questions say beside something, of which ofA and ofB tell
// how much of each concept of a and of b it says, 0 to 1. Conflict is not looked for.
func Beside(a, b *Sense, ofA, ofB func(Concept) float64) Likeness {
	return Likeness{Asked: a.said(b, ofA), Other: b.said(a, ofB)}
}

// Similar is the [Likeness.Value] of two questions: 0 to 1, the same both ways.
func Similar(a, b *Sense) float64 { return Compare(a, b).Value() }

// said is the share of s, by weight, that another question says, 0 to 1, of what beside
// leaves; beside may be nil. It is 0 where nothing is to compare.
func (s *Sense) said(by *Sense, beside func(Concept) float64) float64 {
	sum, all := 0.0, 0.0
	for _, c := range s.concepts {
		weight := c.weight
		if beside != nil {
			weight *= 1 - beside(c.Concept)
		}
		all += weight
		sum += weight * by.covers(c.Concept, c.keys)
	}
	if all <= 0 {
		return 0
	}
	return sum / all
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
