package bridge

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"policybot/retrieval/analysis"
)

// A piece is a character of a Chinese text or a word of another.
type piece struct {
	text       string // in normal form
	start, end int    // bytes of the text
}

// pieces cuts a text, marks left out.
func pieces(text string) []piece {
	var out []piece
	for _, t := range analysis.Append(nil, text) {
		if analysis.KindOf(t.Key) != analysis.Bigram {
			out = append(out, piece{strings.ToLower(text[t.Start:t.End]), t.Start, t.End})
		}
	}
	return out
}

// A gap is where two texts that go on alike differ: both have something there.
type gap struct{ a, b []piece }

// longestFrame is how many pieces a text may have that frames are looked for in.
const longestFrame = 200

// gaps aligns two texts by their longest common sequence. It returns the share of the
// longer one that is common, and the gaps of which both sides have something.
func gaps(a, b []piece) (common float64, out []gap) {
	if len(a) == 0 || len(b) == 0 || len(a) > longestFrame || len(b) > longestFrame {
		return 0, nil
	}
	rest := make([][]int16, len(a)+1) // common pieces of a[i:] and b[j:]
	for i := range rest {
		rest[i] = make([]int16, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			rest[i][j] = max(rest[i+1][j], rest[i][j+1])
			if a[i].text == b[j].text {
				rest[i][j] = rest[i+1][j+1] + 1
			}
		}
	}
	i, j := 0, 0
	for fromA, fromB := 0, 0; ; {
		switch {
		case i < len(a) && j < len(b) && a[i].text == b[j].text:
			if i > fromA && j > fromB {
				out = append(out, gap{a[fromA:i], b[fromB:j]})
			}
			i, j = i+1, j+1
			fromA, fromB = i, j
		case i < len(a) && (j == len(b) || rest[i+1][j] >= rest[i][j+1]):
			i++
		case j < len(b):
			j++
		default:
			if i > fromA && j > fromB {
				out = append(out, gap{a[fromA:i], b[fromB:j]})
			}
			return float64(rest[0][0]) / float64(max(len(a), len(b))), out
		}
	}
}

// isSlip reports whether a gap may be a slip of the keyboard: one character for another.
func (g gap) isSlip() bool {
	han := func(p piece) bool { r, _ := utf8.DecodeRuneInString(p.text); return unicode.Is(unicode.Han, r) }
	return len(g.a) == 1 && len(g.b) == 1 && han(g.a[0]) && han(g.b[0])
}

// sameFrame is the least share of two questions that is common where they ask by the same
// words for something.
const sameFrame = 0.5

// Replaces reports whether s asks by the same words as another question for something
// else: where they differ, each has a word that the other does not say. Slips of the
// keyboard are no other words.
func (s *Sense) Replaces(by *Sense) bool {
	common, list := gaps(s.pieces, by.pieces)
	if common < sameFrame {
		return false
	}
	for _, g := range list {
		if !g.isSlip() && s.unsaidIn(g.a, by) && by.unsaidIn(g.b, s) {
			return true
		}
	}
	return false
}

// halfSaid is below what a word is not said in a gap.
const halfSaid = 0.6

// unsaidIn reports whether another question does not say a concept that lies in some
// pieces of s, at least in part.
func (s *Sense) unsaidIn(in []piece, by *Sense) bool {
	from, to := in[0].start, in[len(in)-1].end
	for _, c := range s.concepts {
		if c.Start < to && from < c.End && by.covers(c.Concept, c.keys) < halfSaid {
			return true
		}
	}
	return false
}
