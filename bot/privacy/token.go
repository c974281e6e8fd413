package privacy

// passport looks at the letters from i to digits and the digits after them.
func (s *scanner) passport(i, digits int) int {
	if r, _ := s.before(i); isLetter(r) || isDigit(r) {
		return 0
	}
	prefix := s.wordBefore(digits)
	if len(prefix) == 0 || len(prefix) > 2 {
		return 0
	}
	from, g := s.gap(digits)
	if g > joint {
		return 0
	}
	c := s.chain(from)
	for _, n := range []int{10, 8, 7} {
		if !s.closed(&c, n) || c.values[n-1] > 9 || !passportForm(prefix, n) || c.mark(0, n) > joint {
			continue
		}
		ctx := s.context(i)
		sure := words().passport.precede(ctx)
		permit := prefix == "h" || prefix == "m" // also the letters of approved medicines
		if sure || !permit && g == none && i >= s.queryEnd && passportGroups(&c, n) && !datelike(c.values[:n]) && !s.code(i, ctx) && !s.hangs(i) {
			return s.add(Passport, i, c.ends[n-1])
		}
	}
	return 0
}

// passportForm reports whether travel documents of the mainland have these
// letters, in lower case, and n digits.
func passportForm(prefix string, n int) bool {
	switch prefix {
	case "e", "g", "d", "s", "p":
		return n == 8
	case "h", "m":
		return n == 8 || n == 10
	case "de", "se", "pe":
		return n == 7
	}
	return len(prefix) == 2 && prefix[0] == 'e' && prefix[1] != 'i' && prefix[1] != 'o' && n == 7
}

func passportGroups(c *chain, n int) bool {
	var b [longest]int
	sizes := c.groups(b[:0], 0, n)
	return len(sizes) == 1 || singles(sizes) || len(sizes) == 2 && sizes[0] >= 3
}

// hangs reports whether the word at i is a later part of a longer one, as in
// ISO-E12345678.
func (s *scanner) hangs(i int) bool {
	r, at := s.before(i)
	if r != '-' && r != '_' && r != '/' && r != '.' && r != '–' {
		return false
	}
	r, _ = s.before(at)
	return isLetter(r) || isDigit(r)
}

// labelledToken looks at the letters and digits from i to end for a passport
// or an account next to its label.
func (s *scanner) labelledToken(i, end int) int {
	letters, digits := s.count(i, end)
	if digits >= 5 && letters+digits >= 7 && (letters > 0 || digits <= 12) && words().passport.precede(s.context(i)) {
		c := s.chain(i)
		if !datelike(c.values[:c.n]) && !s.amount(end) {
			return s.add(Passport, i, end)
		}
	}
	return s.account(i)
}

// count counts the letters and digits from i to end, as far as a name of an
// account may reach.
func (s *scanner) count(i, end int) (letters, digits int) {
	for i < end && letters+digits < longestHandle {
		r, w := s.at(i)
		if isLetter(r) {
			letters++
		} else if isDigit(r) {
			digits++
		}
		i += w
	}
	return letters, digits
}

// account looks for the name of an account at i, next to its label: letters,
// digits, - and _. One of letters alone needs more than the label, such as a
// colon; one of digits alone has 5 to 12.
func (s *scanner) account(i int) int {
	end, letters, digits, marks := s.handle(i)
	if letters+digits < 5 || letters == 0 && (marks > 0 || digits > 12) {
		return 0
	}
	if digits == 0 && !s.introduced(i) {
		return 0
	}
	ctx := s.context(i)
	if !words().account.precede(ctx) || words().public.within(ctx) {
		return 0
	}
	if r, _ := s.at(i); letters == 0 && (r == '0' || s.amount(end) || s.goesOn(end)) {
		return 0
	}
	return s.add(Account, i, end)
}

// goesOn reports whether - or _ follows at i, as in a telephone number.
func (s *scanner) goesOn(i int) bool {
	r, _, _ := s.seen(i)
	return r == '-' || r == '_'
}

// introduced reports whether what stands before i announces a value.
func (s *scanner) introduced(i int) bool {
	r, at := s.before(i)
	for n := 0; r == ' ' && n < 2; n++ {
		r, at = s.before(at)
	}
	switch r {
	case ':', '=', '是', '为', '為', '号', '號', '叫':
		return true
	case 'd', 'D': // ID
		r, _ = s.before(at)
		return r|0x20 == 'i'
	}
	return false
}

// longestHandle is the most characters of the name of an account.
const longestHandle = 64

// handle reads the name of an account: how far it goes and how many letters,
// digits and marks are in it.
func (s *scanner) handle(i int) (end, letters, digits, marks int) {
	end = i
	pending := 0
	for at := i; ; {
		r, w := s.at(at)
		switch {
		case letters+digits+marks+pending == longestHandle:
			return end, letters, digits, marks
		case isLetter(r):
			letters++
		case isDigit(r):
			digits++
		case r == '-' || r == '_':
			pending++
			at += w
			continue
		case w > 0 && invisible(r):
			at += w
			continue
		default:
			return end, letters, digits, marks
		}
		at += w
		end, marks, pending = at, marks+pending, 0
	}
}
