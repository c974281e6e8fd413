package strength

import (
	"regexp/syntax"
	"unicode/utf8"
)

// A sieve is a set of characters that may hold more than were put in.
type sieve [4]uint64

func (s *sieve) add(r rune)      { s[r>>6&3] |= 1 << (r & 63) }
func (s *sieve) has(r rune) bool { return s[r>>6&3]>>(r&63)&1 != 0 }

// anything is the sieve of all characters.
var anything = sieve{^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)}

// compile returns the branch for prog.
func compile(prog *syntax.Prog) branch {
	b := branch{start: uint32(prog.Start), prog: make([]inst, len(prog.Inst))}
	for pc, in := range prog.Inst {
		b.prog[pc].Inst = in
		if in.Op == syntax.InstAlt || in.Op == syntax.InstAltMatch {
			b.prog[pc].alt = b.alts
			b.alts++
		}
	}
	for pc := range b.prog {
		if op := b.prog[pc].Op; op == syntax.InstAlt || op == syntax.InstAltMatch {
			b.gather(uint32(pc), &b.prog[pc].next, make([]bool, len(b.prog)))
		}
	}
	return b
}

// gather adds to s what may follow at pc.
func (b *branch) gather(pc uint32, s *sieve, seen []bool) {
	if seen[pc] {
		return
	}
	seen[pc] = true
	switch in := &b.prog[pc]; in.Op {
	case syntax.InstAlt, syntax.InstAltMatch:
		b.gather(in.Out, s, seen)
		b.gather(in.Arg, s, seen)
	case syntax.InstCapture, syntax.InstEmptyWidth, syntax.InstNop:
		b.gather(in.Out, s, seen)
	case syntax.InstFail:
	case syntax.InstRune, syntax.InstRune1:
		gatherRunes(&in.Inst, s)
	default:
		*s = anything
	}
}

func gatherRunes(in *syntax.Inst, s *sieve) {
	if len(in.Rune) == 1 && syntax.Flags(in.Arg)&syntax.FoldCase == 0 {
		s.add(in.Rune[0])
		return
	}
	for i := 0; i+1 < len(in.Rune); i += 2 {
		if in.Rune[i+1]-in.Rune[i] >= 256 {
			*s = anything
			return
		}
		for r := in.Rune[i]; r <= in.Rune[i+1]; r++ {
			s.add(r)
		}
	}
	if len(in.Rune) == 1 {
		*s = anything
	}
}

// A matcher tries a branch in the text s from the place from on, which counts
// as the begin of the text.
type matcher struct {
	*branch
	s    string
	from int
	seen []uint64 // by choice and place, whether it was tried in vain, as bits
}

// use readies m for b; what was tried before is forgotten.
func (m *matcher) use(b *branch) {
	m.branch = b
	n := (b.alts*(len(m.s)-m.from+1) + 63) / 64
	if n > cap(m.seen) {
		m.seen = make([]uint64, n)
	}
	m.seen = m.seen[:n]
	clear(m.seen)
}

// run returns the end of the match that begins at i with the instruction pc, or
// -1 if there is none. Of several matches it is the one that regexp prefers. It
// may be called again for other places as long as there is no match.
func (m *matcher) run(pc uint32, i int) int {
	for {
		in := &m.prog[pc]
		switch in.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			if m.hopeless(in, i) {
				return -1
			}
			if end := m.run(in.Out, i); end >= 0 {
				return end
			}
			pc = in.Arg
			continue
		case syntax.InstMatch:
			return i
		case syntax.InstFail:
			return -1
		case syntax.InstEmptyWidth:
			if syntax.EmptyOp(in.Arg)&^m.context(i) != 0 {
				return -1
			}
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			if i >= len(m.s) {
				return -1
			}
			r, w := utf8.DecodeRuneInString(m.s[i:])
			if !in.MatchRune(r) {
				return -1
			}
			i += w
		}
		pc = in.Out
	}
}

// hopeless reports whether no match is found from the choice in at i, and notes
// that it was tried.
func (m *matcher) hopeless(in *inst, i int) bool {
	if i < len(m.s) {
		if r, _ := utf8.DecodeRuneInString(m.s[i:]); !in.next.has(r) {
			return true
		}
	}
	at := in.alt*(len(m.s)-m.from+1) + i - m.from
	if m.seen[at/64]>>(at%64)&1 != 0 {
		return true
	}
	m.seen[at/64] |= 1 << (at % 64)
	return false
}

// context returns what is true of the place i.
func (m *matcher) context(i int) syntax.EmptyOp {
	before, after := rune(-1), rune(-1)
	if i > m.from {
		before, _ = utf8.DecodeLastRuneInString(m.s[m.from:i])
	}
	if i < len(m.s) {
		after, _ = utf8.DecodeRuneInString(m.s[i:])
	}
	return syntax.EmptyOpContext(before, after)
}
