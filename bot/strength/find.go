package strength

import "unicode/utf8"

// A cursor walks through the matches of one branch.
type cursor struct {
	id         int // of the branch
	start, end int // of the match; start is -1 before the first
	hit        int // index of the next of the places of its heads
}

// all returns the places of p.s that rule holds for, in order, but not more
// than limit. The result holds until the next call.
func (p *passage) all(rule *rule, limit int) [][2]int {
	p.places = p.places[:0]
	m := p.window(0, len(p.s))
	p.cursors = p.open(rule.words, p.cursors[:0])
	for at := 0; at <= len(p.s); {
		c := p.nearest(m, at)
		if c == nil {
			break
		}
		place := [2]int{c.start, c.end}
		if at = c.end; c.start == c.end {
			at += width(p.s, at)
			continue
		}
		if !p.masked(place[0]) && p.allows(rule, place) {
			if p.places = append(p.places, place); len(p.places) == limit {
				break
			}
		}
	}
	return p.places
}

// width returns the length of the character of s at i; at the end it is 1.
func width(s string, i int) int {
	_, w := utf8.DecodeRuneInString(s[i:])
	return max(w, 1)
}

// window returns a matcher for p.s[from:to].
func (p *passage) window(from, to int) *matcher {
	return &matcher{s: p.s[:to], from: from, seen: p.seen}
}

// open appends a cursor for each branch of s that may match.
func (p *passage) open(s set, out []cursor) []cursor {
	for id := p.following(s.lo, s); id < s.hi; id = p.following(id+1, s) {
		out = append(out, cursor{id: id, start: -1})
	}
	return out
}

// nearest returns the cursor of p.cursors with the first match from at on, or
// nil if there is none. Cursors without one are removed.
func (p *passage) nearest(m *matcher, at int) *cursor {
	best, n := -1, 0
	for _, c := range p.cursors {
		if c.start < at && !p.seek(&c, m, at) {
			continue
		}
		p.cursors[n] = c
		if best < 0 || c.start < p.cursors[best].start {
			best = n
		}
		n++
	}
	p.cursors = p.cursors[:n]
	if best < 0 {
		return nil
	}
	return &p.cursors[best]
}

// find returns the start of the first match of s in p.s[from:to], or -1.
func (p *passage) find(s set, from, to int) int {
	m := p.window(from, to)
	first := -1
	for id := p.following(s.lo, s); id < s.hi; id = p.following(id+1, s) {
		c := cursor{id: id}
		if p.seek(&c, m, from) && (first < 0 || c.start < first) {
			first = c.start
		}
	}
	return first
}

// matches reports whether s matches in p.s[from:to].
func (p *passage) matches(s set, from, to int) bool {
	m := p.window(from, to)
	for id := p.following(s.lo, s); id < s.hi; id = p.following(id+1, s) {
		if p.seek(&cursor{id: id}, m, from) {
			return true
		}
	}
	return false
}

// seek moves c to the first match from at on and reports whether there is one.
func (p *passage) seek(c *cursor, m *matcher, at int) bool {
	b := &p.index.branches[c.id]
	m.use(b)
	p.seen = m.seen
	if b.wide {
		for i := at; i <= len(m.s); i += width(m.s, i) {
			if c.try(m, i) {
				return true
			}
		}
		return false
	}
	if b.begin && at == m.from && c.try(m, at) {
		return true
	}
	hits := p.hits[c.id]
	for ; c.hit < len(hits) && hits[c.hit] < len(m.s); c.hit++ {
		if hits[c.hit] >= at && c.try(m, hits[c.hit]) {
			return true
		}
	}
	return false
}

// try moves c to the match that begins at i and reports whether there is one.
func (c *cursor) try(m *matcher, i int) bool {
	end := m.run(m.start, i)
	if end >= 0 {
		c.start, c.end = i, end
	}
	return end >= 0
}
