package intent

import (
	"regexp/syntax"
	"slices"
	"unicode/utf8"
)

// most is how many strings a pattern may stand for to be looked up as such.
const most = 120

// alternatives returns the parts of pattern that are joined by | outside of
// brackets.
func alternatives(pattern string) []string {
	var out []string
	from, depth := 0, 0
	escaped, class := false, false
	for i := 0; i < len(pattern); i++ {
		c := pattern[i]
		switch {
		case escaped:
			escaped = false
		case c == '\\':
			escaped = true
		case class:
			class = c != ']'
		case c == '[':
			class = true
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == '|' && depth == 0:
			out = append(out, pattern[from:i])
			from = i + 1
		}
	}
	return append(out, pattern[from:])
}

// width is how many characters a match of re has at most, -1 for any number.
func width(re *syntax.Regexp) int {
	total := 0
	switch re.Op {
	case syntax.OpStar, syntax.OpPlus:
		return -1
	case syntax.OpLiteral:
		return len(re.Rune)
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return 1
	}
	for _, sub := range re.Sub {
		n := width(sub)
		switch {
		case n < 0:
			return -1
		case re.Op == syntax.OpAlternate:
			total = max(total, n)
		default:
			total += n
		}
	}
	if re.Op == syntax.OpRepeat {
		if re.Max < 0 {
			return -1
		}
		total *= re.Max
	}
	return total
}

// bounded reports whether re looks at the ends of the text.
func bounded(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpBeginText, syntax.OpEndText, syntax.OpBeginLine, syntax.OpEndLine:
		return true
	}
	return slices.ContainsFunc(re.Sub, bounded)
}

// exact returns all strings that re matches, nil if they are many.
func exact(re *syntax.Regexp) []string {
	switch re.Op {
	case syntax.OpEmptyMatch:
		return []string{""}
	case syntax.OpLiteral:
		if re.Flags&syntax.FoldCase == 0 {
			return []string{string(re.Rune)}
		}
	case syntax.OpCharClass:
		return exactClass(re.Rune)
	case syntax.OpCapture:
		return exact(re.Sub[0])
	case syntax.OpQuest:
		if s := exact(re.Sub[0]); s != nil && !slices.Contains(s, "") {
			return append([]string{""}, s...)
		}
	case syntax.OpConcat:
		return exactConcat(re.Sub)
	case syntax.OpAlternate:
		var out []string
		for _, sub := range re.Sub {
			s := exact(sub)
			if s == nil || len(out)+len(s) > most {
				return nil
			}
			out = append(out, s...)
		}
		return out
	}
	return nil
}

func exactClass(ranges []rune) []string {
	var out []string
	for i := 0; i+1 < len(ranges); i += 2 {
		if int(ranges[i+1]-ranges[i])+len(out) >= 40 {
			return nil
		}
		for r := ranges[i]; r <= ranges[i+1]; r++ {
			out = append(out, string(r))
		}
	}
	return out
}

func exactConcat(subs []*syntax.Regexp) []string {
	out := []string{""}
	for _, sub := range subs {
		if out = product(out, exact(sub)); out == nil {
			return nil
		}
	}
	return out
}

// product returns each of a followed by each of b, nil if that is too many.
func product(a, b []string) []string {
	if b == nil || len(a)*len(b) > most {
		return nil
	}
	out := make([]string, 0, len(a)*len(b))
	for _, x := range a {
		for _, y := range b {
			out = append(out, x+y)
		}
	}
	return out
}

// A clue says how to find the matches of a pattern. Every match contains one of
// words, with at most before characters ahead of where that begins and after
// from there on; and one of also, if there are any.
type clue struct {
	words, also   []string
	before, after int
	from, to      int // of words, among the parts of a sequence
}

// clueOf returns how to find re; without words if there is no way.
func clueOf(re *syntax.Regexp) clue {
	if re.Op == syntax.OpConcat {
		return clueConcat(re.Sub)
	}
	n := width(re)
	return clue{words: needed(re), before: n, after: n}
}

// needed returns strings of which every match of re contains at least one, nil
// if there are none.
func needed(re *syntax.Regexp) []string {
	switch re.Op {
	case syntax.OpCapture:
		return needed(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return needed(re.Sub[0])
		}
		return nil
	case syntax.OpConcat:
		return clueConcat(re.Sub).words
	case syntax.OpAlternate:
		var words []string
		for _, sub := range re.Sub {
			w := needed(sub)
			if w == nil {
				return nil
			}
			words = append(words, w...)
		}
		return words
	}
	if s := exact(re); s != nil && !slices.Contains(s, "") {
		return s
	}
	return nil
}

// clueConcat chooses the best words of a sequence: long ones, few of them.
func clueConcat(subs []*syntax.Regexp) clue {
	all := runs(subs)
	var best clue
	for _, c := range all {
		if value(c.words) > value(best.words) {
			best = c
		}
	}
	for _, c := range all {
		apart := c.to <= best.from || c.from >= best.to
		if apart && len(c.words) <= 24 && value(c.words) > value(best.also) {
			best.also = c.words
		}
	}
	return best
}

// runs returns the clues that parts of a sequence give.
func runs(subs []*syntax.Regexp) []clue {
	widths := make([]int, len(subs)+1) // of what comes before each
	for i, sub := range subs {
		widths[i+1] = widths[i] + width(sub)
	}
	total := widths[len(subs)]
	var out []clue
	for i := range subs {
		run := []string{""}
		for j := i; j < len(subs); j++ {
			if run = product(run, exact(subs[j])); run == nil {
				break
			}
			out = append(out, clue{words: run, before: widths[i], after: total - widths[i], from: i, to: j + 1})
		}
		out = append(out, clue{words: needed(subs[i]), before: widths[i+1], after: total - widths[i], from: i, to: i + 1})
	}
	return out
}

// value says how good hints are: the length of the shortest counts up to three
// characters, a few dozen of them are as bad as one character less.
func value(words []string) int {
	if len(words) == 0 {
		return 0
	}
	shortest := 3
	for _, w := range words {
		shortest = min(shortest, utf8.RuneCountInString(w))
	}
	if shortest == 0 {
		return 0
	}
	return max(1, 40*shortest-len(words))
}
