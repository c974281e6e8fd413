package privacy

// longest is the most digits read at once; no number looked for has more.
const longest = 24

// A chain is a row of digits with no more than joints and list marks between
// them, as far as a number may reach.
type chain struct {
	n      int
	values [longest]int8 // 10 for X, at the 18th place only
	gaps   [longest]gap  // before each
	starts [longest]int  // where each begins in the text
	ends   [longest]int
}

// chain reads the digits from i on.
func (s *scanner) chain(i int) (c chain) {
	chinese, between := false, none
	for c.n < longest {
		r, at, w := s.seen(i)
		v := digitOf(r)
		if c.n == 17 && isCheckX(r) {
			v = 10
		}
		if v < 0 {
			break
		}
		if c.n > 0 && between == none && v < 10 && chinese != (r > '9') {
			between = turn
		}
		chinese = v < 10 && r > '9' || v == 10 && chinese
		c.values[c.n], c.gaps[c.n], c.starts[c.n], c.ends[c.n] = int8(v), between, at, at+w
		c.n++
		if v == 10 {
			break
		}
		if i, between = s.gap(at + w); between == apart {
			break
		}
	}
	return c
}

// gap returns what stands between the digit that ends at i and the next, and
// where that is to be looked for. Four marks or more are no gap inside a
// number.
func (s *scanner) gap(i int) (next int, g gap) {
	for marks := 0; ; marks++ {
		r, at, w := s.seen(i)
		this := gapOf(r)
		if this == apart {
			return at, g
		}
		if marks == 3 {
			return at, apart
		}
		g = max(g, this)
		i = at + w
	}
}

// closed reports whether the first n digits stand apart from what follows them.
func (s *scanner) closed(c *chain, n int) bool {
	if n > c.n {
		return false
	}
	if n < c.n && c.gaps[n] == none {
		return false
	}
	r, at, _ := s.seen(c.ends[n-1])
	if !isLetter(r) {
		return n < c.n || digitOf(r) < 0 || c.values[n-1] > 9 // X ends what it ends
	}
	if last, _ := s.at(c.starts[n-1]); last > '9' {
		return true
	}
	letters, end := s.tokenEnd(at)
	return letters == end || s.attached(letters) // else a hexadecimal or other code
}

// next returns where to go on when the chain begins with nothing: at its next
// part. The first of several Chinese numerals may belong to the word before,
// as in 张三一三八…
func (s *scanner) next(c *chain) int {
	first, _ := s.at(c.starts[0])
	chinese := first > '9'
	if chinese && c.n > 1 {
		if r, _ := s.before(c.starts[0]); digitOf(r) < 0 {
			return c.starts[1]
		}
	}
	for k := 1; k < c.n; k++ {
		if c.gaps[k] != none {
			return c.starts[k]
		}
	}
	i := c.ends[c.n-1]
	for {
		r, at, w := s.seen(i)
		if digitOf(r) < 0 || chinese != (r > '9') {
			return i
		}
		i = at + w
	}
}

// mark returns the strongest mark inside the digits from to up to.
func (c *chain) mark(from, to int) (g gap) {
	for k := from + 1; k < to; k++ {
		g = max(g, c.gaps[k])
	}
	return g
}

// groups appends the sizes of the groups in which the digits are written.
func (c *chain) groups(dst []int, from, to int) []int {
	size := 0
	for k := from; k < to; k++ {
		if k > from && c.gaps[k] >= joint {
			dst = append(dst, size)
			size = 0
		}
		size++
	}
	return append(dst, size)
}
