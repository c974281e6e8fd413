package privacy

import (
	"slices"
	"strings"
)

// number looks at the digits from i on, which no letter precedes but a label
// such as tel.
func (s *scanner) number(i int) int {
	_, end := s.tokenEnd(i)
	if letters, _ := s.count(i, end); letters > 0 {
		if stop := s.account(i); stop > 0 {
			return stop
		}
	}
	c := s.chain(i)
	if c.n >= 11 {
		if k, start, n := s.decide(&c, i); n > 0 {
			return s.add(k, start, s.framed(c.ends[n-1]))
		}
	}
	if end > i && c.n >= 5 {
		if stop := s.labelledToken(i, end); stop > 0 {
			return stop
		}
	}
	return s.next(&c)
}

// framed returns the end of the digit that ends at i with the frame that makes
// it a keycap.
func (s *scanner) framed(i int) int {
	for {
		r, w := s.at(i)
		if r != 0xfe0f && r != 0x20e3 {
			return i
		}
		i += w
	}
}

// decide returns what the chain that begins at i begins with, where that
// starts and how many of its digits belong to it, or 0.
func (s *scanner) decide(c *chain, i int) (k Kind, start, n int) {
	ctx := s.context(i)
	if n = s.resident(c, ctx); n > 0 {
		return ResidentID, i, n
	}
	for n = min(c.n, 19); n >= 14; n-- {
		if s.closed(c, n) && s.card(c, i, n, ctx) {
			return BankCard, i, n
		}
	}
	start, n = s.mobile(c, i, ctx)
	return Mobile, start, n
}

// resident returns the length of the resident identity number at the start of
// the chain, or 0. Its check character makes it sure however it is written;
// next to a label it may have none.
func (s *scanner) resident(c *chain, ctx string) int {
	if s.closed(c, 18) {
		d := c.values[:18]
		if identity(d) && mod11(d) && !creditCode(d) || words().resident.precede(ctx) {
			return 18
		}
	}
	if s.closed(c, 15) && (words().resident.precede(ctx) || oldIdentity(c.values[:15]) && words().resident.within(ctx)) {
		return 15
	}
	return 0
}

// card reports whether the first n digits are a bank card. Next to a label of
// cards the prefix and the check digit may be unknown, next to one of accounts
// the prefix.
func (s *scanner) card(c *chain, i, n int, ctx string) bool {
	d := c.values[:n]
	if d[n-1] > 9 {
		return false
	}
	if words().card.precede(ctx) && (n >= 15 || luhn(d)) {
		return true
	}
	if !luhn(d) || s.code(i, ctx) || s.amount(c.ends[n-1]) {
		return false
	}
	if words().payee.precede(ctx) {
		return n >= 15
	}
	return cardPrefix(d) && c.mark(0, n) <= joint && cardGroups(c.groups(nil, 0, n)) && i >= s.queryEnd
}

// cardGroups reports whether cards are written in groups of these sizes.
func cardGroups(sizes []int) bool {
	switch {
	case singles(sizes), len(sizes) == 1, len(sizes) == 3 && sizes[0] == 4 && sizes[1] == 6:
		return true
	case len(sizes) == 2 && sizes[0] == 6 && sizes[1] >= 9:
		return true
	}
	for _, n := range sizes[:len(sizes)-1] {
		if n != 4 && n != 8 {
			return false
		}
	}
	return true
}

func singles(sizes []int) bool {
	for _, n := range sizes {
		if n != 1 {
			return false
		}
	}
	return true
}

// abroad are the mobile plans that are taken for such after their country
// code only: first digits and length.
var abroad = []struct {
	country int
	first   string
	n       int
}{{852, "456789", 8}, {853, "6", 8}, {886, "9", 9}}

// mobile returns where the mobile number at the start of the chain starts and
// how many digits it has, or 0.
func (s *scanner) mobile(c *chain, i int, ctx string) (start, n int) {
	start = i
	r, at := s.before(i)
	plus := r == '+'
	if plus {
		start = at
	}
	skip := 0
	if c.n >= 13 && c.values[0] == 0 && c.values[1] == 0 {
		skip, plus = 2, true
	}
	code := 0
	if c.n >= skip+11 {
		code = number(c.values[skip : skip+3])
	}
	for _, a := range abroad {
		if n := skip + 3 + a.n; plus && a.country == code && n <= c.n && strings.IndexByte(a.first, byte('0'+c.values[skip+3])) >= 0 && s.closed(c, n) {
			return start, n
		}
	}
	switch {
	case code/10 == 86:
		skip += 2
	case skip == 0 && c.values[0] == 0 && words().mobile.within(ctx):
		skip, plus = 1, true // the long-distance 0 of old
	case skip > 0:
		return start, 0
	}
	n = skip + 11
	if !s.closed(c, n) || !s.plan(c, i, skip, plus, ctx) {
		return start, 0
	}
	if r, at := s.before(start); skip > 1 && r == '(' && c.gaps[skip] == list {
		start = at // the closing bracket is inside
	}
	return start, n
}

// plan reports whether the 11 digits after the first skip are a mobile number
// of the mainland and not one of the other things with 11 digits. A country
// code and a label before make it surer.
func (s *scanner) plan(c *chain, i, skip int, plus bool, ctx string) bool {
	d := c.values[skip : skip+11]
	if d[0] != 1 || d[1] < 3 || s.amount(c.ends[skip+10]) {
		return false
	}
	if plus && skip == 0 && c.groups(nil, 0, 11)[0] == 1 {
		return false // +1 301 …: a number of North America
	}
	if plus {
		return true
	}
	if s.code(i, ctx) || s.decimal(i) {
		return false
	}
	near := words().mobile.precede(ctx)
	if !near && s.hangs(i) {
		return false // BJ-2021-138…: the end of a code
	}
	if number(d[5:]) == 0 && !near {
		return false // a round sum
	}
	if words().mobile.within(ctx) {
		return true
	}
	return i >= s.queryEnd && c.mark(skip, skip+11) <= joint && s.mobileGroups(c, skip)
}

// mobileGroups reports whether the digits are grouped as in mobile numbers,
// and not as numbers in a row of a table.
func (s *scanner) mobileGroups(c *chain, skip int) bool {
	var b [11]int
	sizes := c.groups(b[:0], skip, skip+11)
	if singles(sizes[1:]) {
		return len(sizes) < 3 || sizes[0] > 1 || s.between(c, skip+1) == s.between(c, skip+2) // not a list number before
	}
	if s.inRow(c.starts[0]) || len(sizes) == 3 && sizes[2] == 4 && sizes[1] == 4 && year(c.values[skip+3:]) && year(c.values[skip+7:]) {
		return false
	}
	switch sizes[0] {
	case 3:
		return slices.Min(sizes[1:]) >= 2
	case 7, 5, 6:
		return len(sizes) == 2
	case 2, 4:
		for k, size := range sizes {
			if k > 0 && size == 4 && year(c.values[skip+sum(sizes[:k]):]) {
				return false // part of a date
			}
		}
		return len(sizes) == 3 && sizes[1] == 4 || slices.Min(sizes) >= 2 && slices.Max(sizes) <= 4 && s.between(c, skip+sizes[0]) == "-"
	}
	return false
}

func sum(sizes []int) (n int) {
	for _, size := range sizes {
		n += size
	}
	return n
}

// inRow reports whether two numbers stand before i, with nothing but a blank
// between: it is in a row of a table.
func (s *scanner) inRow(i int) bool {
	for range 2 {
		r, at := s.before(i)
		if r != ' ' {
			return false
		}
		if r, at = s.before(at); !isDigit(r) {
			return false
		}
		for n := 0; isDigit(r) && n < longest; n++ {
			i = at
			r, at = s.before(at)
		}
	}
	return true
}

// between returns what stands before the digit k of the chain.
func (s *scanner) between(c *chain, k int) string { return s.text[c.ends[k-1]:c.starts[k]] }

func year(d []int8) bool {
	n := number(d[:4])
	return n >= 1900 && n < 2100
}

// code reports whether the number at i is called one that tells nothing about
// a person: a document, a project, a sum.
func (s *scanner) code(i int, ctx string) bool {
	switch r, _ := s.before(i); r {
	case '第', '〔', '〕', '﹝', '﹞', '№', '§':
		return true
	}
	return words().other.precede(ctx)
}

// decimal reports whether the digits at i follow "0.".
func (s *scanner) decimal(i int) bool {
	r, at := s.before(i)
	if r != '.' {
		return false
	}
	if r, at = s.before(at); r != '0' {
		return false
	}
	r, _ = s.before(at)
	return !isDigit(r)
}

// amount reports whether a unit follows the number that ends at i, perhaps
// after decimals and a blank.
func (s *scanner) amount(i int) bool {
	r, at, w := s.seen(i)
	if r == '.' {
		r, at, w = s.seen(at + w)
		for n := 0; isDigit(r) && n < 5; n++ {
			r, at, w = s.seen(at + w)
		}
	}
	if r == ' ' {
		_, at, _ = s.seen(at + w)
	}
	return words().units.follow(s.text[at:s.end])
}
