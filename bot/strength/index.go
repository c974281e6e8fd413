package strength

import (
	"math/bits"
	"regexp/syntax"
	"unicode/utf8"
)

// An index holds the expressions of all rules and finds those that may match in
// a text by one walk through it. It does not change after it is built.
type index struct {
	branches []branch
	sets     map[string]set // by expression
	groups   int            // of literals, one of which must be in the text
	root     *node
	loose    []uint64 // the branches without a literal to begin with, as bits
}

// A set is an expression: of its branches, those from lo to hi, the earlier wins
// over the later where both match, as in an alternation.
type set struct{ lo, hi int }

// A branch is one alternative of an expression.
type branch struct {
	prog  []inst
	start uint32
	alts  int   // number of instructions with a choice
	wide  bool  // it may begin anywhere, otherwise only where one of its heads is
	begin bool  // it may also begin where the text does
	needs []int // groups
}

// An inst is an instruction of a compiled branch.
type inst struct {
	syntax.Inst
	alt  int   // of an instruction with a choice: its number
	next sieve // of one: the characters that a match may go on with; if it may be over, all
}

// A node of the trie of all literals stands for a run of characters.
type node struct {
	next   map[rune]*node
	heads  []int // branches that may begin with the run
	groups []int // groups that the run belongs to
}

func newIndex() *index { return &index{sets: make(map[string]set), root: new(node)} }

// add adds the regular expression expr.
func (x *index) add(expr string) (set, error) {
	if s, ok := x.sets[expr]; ok {
		return s, nil
	}
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return set{}, err
	}
	s := set{lo: len(x.branches)}
	for _, sub := range alternatives(re) {
		if err := x.addBranch(sub.Simplify()); err != nil {
			return set{}, err
		}
	}
	s.hi = len(x.branches)
	x.sets[expr] = s
	return s, nil
}

// alternatives returns what re is an alternation of.
func alternatives(re *syntax.Regexp) []*syntax.Regexp {
	if re.Op != syntax.OpAlternate {
		return []*syntax.Regexp{re}
	}
	var out []*syntax.Regexp
	for _, sub := range re.Sub {
		out = append(out, alternatives(sub)...)
	}
	return out
}

func (x *index) addBranch(re *syntax.Regexp) error {
	prog, err := syntax.Compile(re)
	if err != nil {
		return err
	}
	id := len(x.branches)
	b := compile(prog)
	all, whole := heads(re)
	for _, h := range all {
		b.begin = b.begin || h.begin
		b.wide = b.wide || h.text == "" && !h.begin
	}
	if id/64 >= len(x.loose) {
		x.loose = append(x.loose, 0)
	}
	if b.begin || b.wide {
		x.loose[id/64] |= 1 << (id % 64)
	}
	for _, h := range all {
		if !b.wide && !h.begin {
			n := x.root.at(h.text)
			n.heads = append(n.heads, id)
		}
	}
	if !whole || b.wide || b.begin {
		b.needs = x.addGroups(needs(re))
	}
	x.branches = append(x.branches, b)
	return nil
}

// addGroups adds groups of literals and returns their numbers.
func (x *index) addGroups(groups [][]string) (out []int) {
	for _, group := range groups {
		for _, s := range group {
			n := x.root.at(s)
			n.groups = append(n.groups, x.groups)
		}
		out = append(out, x.groups)
		x.groups++
	}
	return out
}

// at returns the node for the run s below n, which it makes if need be.
func (n *node) at(s string) *node {
	for _, r := range s {
		if n.next == nil {
			n.next = make(map[rune]*node)
		}
		if n.next[r] == nil {
			n.next[r] = new(node)
		}
		n = n.next[r]
	}
	return n
}

// A scan is what an index knows of a text.
type scan struct {
	live []uint64 // the branches that may match, as bits
	hits [][]int  // by branch, if it is live: where one of its heads is
	has  []uint64 // the groups of which a literal is in the text, as bits
}

// read fills sc for s.
func (x *index) read(sc *scan, s string) {
	sc.live = append(sc.live[:0], x.loose...)
	for len(sc.hits) < len(x.branches) {
		sc.hits = append(sc.hits, nil)
	}
	sc.has = sc.has[:0]
	for range x.groups/64 + 1 {
		sc.has = append(sc.has, 0)
	}
	eachBit(x.loose, func(id int) { sc.hits[id] = sc.hits[id][:0] })
	for i, r := range s {
		if n := x.root.next[r]; n != nil {
			sc.walk(n, s, i, i+utf8.RuneLen(r))
		}
	}
	eachBit(sc.live, func(id int) {
		if !sc.meets(x.branches[id].needs) {
			sc.live[id/64] &^= 1 << (id % 64)
		}
	})
}

// eachBit calls do for each bit that is set.
func eachBit(set []uint64, do func(id int)) {
	for i, w := range set {
		for ; w != 0; w &= w - 1 {
			do(i*64 + bits.TrailingZeros64(w))
		}
	}
}

// walk notes the literals that begin at i; n stands for s[i:end].
func (sc *scan) walk(n *node, s string, i, end int) {
	for n != nil {
		for _, id := range n.heads {
			sc.hit(id, i)
		}
		for _, g := range n.groups {
			sc.has[g/64] |= 1 << (g % 64)
		}
		if n.next == nil || end >= len(s) {
			return
		}
		r, w := utf8.DecodeRuneInString(s[end:])
		n, end = n.next[r], end+w
	}
}

// hit notes that a head of a branch is at i.
func (sc *scan) hit(id, i int) {
	if sc.live[id/64]>>(id%64)&1 == 0 {
		sc.live[id/64] |= 1 << (id % 64)
		sc.hits[id] = sc.hits[id][:0]
	}
	if h := sc.hits[id]; len(h) == 0 || h[len(h)-1] != i {
		sc.hits[id] = append(h, i)
	}
}

// meets reports whether the text has a literal of each of groups.
func (sc *scan) meets(groups []int) bool {
	for _, g := range groups {
		if sc.has[g/64]>>(g%64)&1 == 0 {
			return false
		}
	}
	return true
}

// following returns the first live branch of s from id on, or s.hi.
func (sc *scan) following(id int, s set) int {
	for id < s.hi {
		if w := sc.live[id/64] >> (id % 64); w != 0 {
			return min(id+bits.TrailingZeros64(w), s.hi)
		}
		id = (id/64 + 1) * 64
	}
	return s.hi
}
