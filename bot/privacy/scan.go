package privacy

// A scanner walks over a text once. E-mail addresses are found before it
// starts, because a number may be part of one, and so are pages.
//
// What decides about a place is read from floor to end only: what was found
// before, what is already masked and the next address are walls. So a text and
// its masked form are read alike, which is why masking twice changes nothing.
// A rule must not turn something down because of what follows it when that may
// itself be found later; TestSoup looks for such rules.
type scanner struct {
	text     string
	emails   []Found // not yet passed
	pages    []page  // not yet passed
	found    []Found
	floor    int // end of what was found last, or of a placeholder
	end      int // start of the next e-mail address or page
	queryEnd int // end of the query of the page that was met last
	token    struct{ start, end int }
}

// starts are the bytes that step has to look at: all others begin nothing.
var starts = func() (t [256]bool) {
	for _, c := range "0123456789[ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" {
		t[c] = true
	}
	for _, c := range []byte{0xe2, 0xe3, 0xe4, 0xe5, 0xe6, 0xe7, 0xe8, 0xe9, 0xef, 0xf0} {
		t[c] = true // Chinese numerals, full width, mathematical digits
	}
	return t
}()

// step looks at the character at i, which is not inside a word or number
// already looked at, and returns where to go on.
func (s *scanner) step(i int) int {
	if len(s.emails) > 0 && i >= s.emails[0].Start {
		f := s.emails[0]
		s.emails = s.emails[1:]
		s.setEnd()
		return s.add(f.Kind, f.Start, f.End)
	}
	if len(s.pages) > 0 && i >= s.pages[0].start {
		p := s.pages[0]
		s.pages = s.pages[1:]
		s.setEnd()
		if i == p.start {
			s.queryEnd = p.end
			return p.path
		}
	}
	if !starts[s.text[i]] {
		return i + 1
	}
	if n := placeholderAt(s.text, i); n > 0 {
		s.floor = i + n
		return s.floor
	}
	r, w := s.at(i)
	switch {
	case digitOf(r) >= 0:
		return s.number(i)
	case isLetter(r):
		return s.word(i)
	}
	return i + w
}

// add notes what was found and returns where to go on.
func (s *scanner) add(k Kind, start, end int) int {
	s.found = append(s.found, Found{k, start, end})
	s.floor, s.queryEnd = end, 0
	return end
}

// setEnd notes where the text ends that may be read: at the next e-mail address
// or page.
func (s *scanner) setEnd() {
	s.end = len(s.text)
	if len(s.emails) > 0 {
		s.end = s.emails[0].Start
	}
	if len(s.pages) > 0 {
		s.end = min(s.end, s.pages[0].start)
	}
}

// at returns the folded character at i and its width in the text, or 0, 0 at
// the end.
func (s *scanner) at(i int) (rune, int) {
	if i >= s.end {
		return 0, 0
	}
	return fold(s.text[:s.end], i)
}

// seen returns the first character from i on that is visible, and where it
// stands.
func (s *scanner) seen(i int) (r rune, at, width int) {
	for {
		r, width = s.at(i)
		if width == 0 || !invisible(r) {
			return r, i, width
		}
		i += width
	}
}

// before returns the last visible character before i and where it starts, or
// 0 if there is none after floor.
func (s *scanner) before(i int) (r rune, at int) {
	for i > s.floor {
		var w int
		r, w = foldLast(s.text[s.floor:i])
		if i -= w; !invisible(r) {
			return r, i
		}
	}
	return 0, s.floor
}

// word looks at the word that begins with a letter at i.
func (s *scanner) word(i int) int {
	if end := s.ordinary(i); end > 0 {
		return end
	}
	letters, end := s.tokenEnd(i)
	if stop := s.labelledToken(i, end); stop > 0 {
		return stop
	}
	if stop := s.passport(i, letters); stop > 0 {
		return stop
	}
	if s.attached(letters) {
		return letters
	}
	return end
}

// ordinary returns the end of the word at i if it is a plain word of three
// letters or more that can be no part of a number, or 0. It only saves time.
func (s *scanner) ordinary(i int) int {
	at, end := i, s.end
	for at < end && isLetter(rune(s.text[at])) {
		at++
	}
	if at-i < 3 || at < end && (s.text[at] >= 0x80 || s.text[at] == '-' || s.text[at] == '_' || isDigit(rune(s.text[at]))) {
		return 0
	}
	if s.introduced(i) {
		return 0
	}
	return at
}

// tokenEnd returns where the letters that begin at i end, and where the letters
// and digits do. The latter is remembered, because it is asked for at several
// places of one token.
func (s *scanner) tokenEnd(i int) (letters, end int) {
	r, at, w := s.seen(i)
	letters = i
	for isLetter(r) {
		letters = at + w
		r, at, w = s.seen(letters)
	}
	if i < s.token.start || i >= s.token.end || s.token.end > s.end {
		s.token.start, s.token.end = i, letters
		for isLetter(r) || isDigit(r) {
			s.token.end = at + w
			r, at, w = s.seen(s.token.end)
		}
	}
	return letters, max(letters, s.token.end)
}

// wordBefore returns the letters that end at i, in lower case, or "" if there
// are none or more than 12.
func (s *scanner) wordBefore(i int) string {
	var b [12]byte
	n := len(b)
	for {
		r, at := s.before(i)
		if !isLetter(r) {
			return string(b[n:])
		}
		if n == 0 {
			return ""
		}
		n--
		b[n] = byte(r) | 0x20
		i = at
	}
}

// attached reports whether the letters that end at i are a label that is
// often written without a blank, as in tel13800138000.
func (s *scanner) attached(i int) bool {
	return words().attached[s.wordBefore(i)]
}

func hasFoldedPrefix(s, prefix string) bool {
	if len(s) < len(prefix) {
		return false
	}
	for i := range len(prefix) {
		c := s[i]
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if c != prefix[i] {
			return false
		}
	}
	return true
}
