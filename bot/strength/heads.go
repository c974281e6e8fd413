package strength

import (
	"regexp/syntax"
	"slices"
)

// A head is what a match may begin with: a literal, or if begin is set the
// begin of the text.
type head struct {
	text  string
	begin bool
}

// maxHeads bounds the heads of an expression; beyond it they are cut shorter.
const maxHeads = 256

// heads returns what the matches of re begin with: each begins with one of
// them. If whole is true nothing but the head is left to match. A head that is
// empty and not the begin says nothing.
func heads(re *syntax.Regexp) (all []head, whole bool) {
	switch re.Op {
	case syntax.OpEmptyMatch, syntax.OpWordBoundary, syntax.OpNoWordBoundary, syntax.OpEndText:
		return []head{{}}, true
	case syntax.OpBeginText:
		return []head{{begin: true}}, true
	case syntax.OpLiteral:
		if re.Flags&syntax.FoldCase == 0 {
			return []head{{text: string(re.Rune)}}, true
		}
	case syntax.OpCharClass:
		return headsOfClass(re.Rune)
	case syntax.OpCapture:
		return heads(re.Sub[0])
	case syntax.OpPlus:
		all, _ = heads(re.Sub[0])
		return all, false
	case syntax.OpQuest:
		all, whole = heads(re.Sub[0])
		return append(all, head{}), whole
	case syntax.OpAlternate:
		return headsOfAny(re.Sub)
	case syntax.OpConcat:
		return headsOfRow(re.Sub)
	}
	return []head{{}}, false
}

// headsOfClass returns the characters of a class of few.
func headsOfClass(pairs []rune) ([]head, bool) {
	var all []head
	for i := 0; i < len(pairs); i += 2 {
		if len(all)+int(pairs[i+1]-pairs[i]) >= maxHeads {
			return []head{{}}, false
		}
		for r := pairs[i]; r <= pairs[i+1]; r++ {
			all = append(all, head{text: string(r)})
		}
	}
	return all, true
}

func headsOfAny(subs []*syntax.Regexp) (all []head, whole bool) {
	whole = true
	for _, sub := range subs {
		h, w := heads(sub)
		all, whole = append(all, h...), whole && w
	}
	return all, whole
}

func headsOfRow(subs []*syntax.Regexp) (all []head, whole bool) {
	all, whole = []head{{}}, true
	for _, sub := range subs {
		h, w := heads(sub)
		if len(all)*len(h) > maxHeads {
			return all, false
		}
		all, whole = product(all, h), whole && w
		if !whole {
			break
		}
	}
	return all, whole
}

// product returns the heads of an expression that begins with one of a and goes
// on with one of b.
func product(a, b []head) []head {
	out := make([]head, 0, len(a)*len(b))
	for _, x := range a {
		for _, y := range b {
			out = append(out, head{x.text + y.text, x.begin || y.begin && x.text == ""})
		}
	}
	return out
}

// needs returns groups of literals: a text in which re matches holds at least
// one literal of each group. No literal is empty.
func needs(re *syntax.Regexp) [][]string {
	switch re.Op {
	case syntax.OpLiteral:
		if re.Flags&syntax.FoldCase == 0 {
			return [][]string{{string(re.Rune)}}
		}
	case syntax.OpCapture, syntax.OpPlus:
		return needs(re.Sub[0])
	case syntax.OpConcat:
		var out [][]string
		for _, sub := range re.Sub {
			out = append(out, needs(sub)...)
		}
		return out
	case syntax.OpAlternate:
		return needsOfAny(re.Sub)
	}
	return nil
}

// needsOfAny returns one group, made of the best group of each of subs, or none
// if one of them needs nothing.
func needsOfAny(subs []*syntax.Regexp) [][]string {
	var group []string
	for _, sub := range subs {
		all := needs(sub)
		if h, whole := heads(sub); whole && telling(h) {
			all = append(all, textsOf(h))
		}
		if len(all) == 0 {
			return nil
		}
		group = append(group, slices.MaxFunc(all, func(a, b []string) int { return shortest(a) - shortest(b) })...)
	}
	return [][]string{group}
}

// telling reports whether each of hs is a literal.
func telling(hs []head) bool {
	return !slices.ContainsFunc(hs, func(h head) bool { return h.text == "" })
}

func textsOf(hs []head) (out []string) {
	for _, h := range hs {
		out = append(out, h.text)
	}
	return out
}

// shortest returns the length of the shortest of ss.
func shortest(ss []string) int {
	n := len(ss[0])
	for _, s := range ss {
		n = min(n, len(s))
	}
	return n
}
