package analysis

import "unicode/utf16"

// A compact text is kept in memory to be matched against question after
// question: each Han, kana or Hangul character in normal form as UTF-16, each
// word as a mark and the four quarters of its key, and one 0 for whatever
// separates. The marks are of the private use area, which is never a token.
const (
	wordMark   = 0xe000
	numberMark = 0xe001 // a word that begins with a digit
)

// AppendCompact appends s in compact form to dst. [Matcher.Match] finds in it
// the keys that [AppendKeys] finds in s. It takes about as many units as s has
// characters. Two texts appended one after the other need a 0 between them.
func AppendCompact(dst []uint16, s string) []uint16 {
	b := buffers.Get().(*buffer)
	defer buffers.Put(b)
	b.cells = table().cells(b.cells[:0], nil, s)
	cells := b.cells
	separated := true // nothing to separate yet
	for i := 0; i < len(cells); {
		switch c := cells[i]; c & classMask {
		case cjk:
			dst = utf16.AppendRune(dst, rune(c&runeMask))
			separated = false
			i++
		case letter, digit:
			end := wordEnd(cells, i)
			k := wordKey(cells[i:end])
			mark := uint16(wordMark)
			if c&classMask == digit {
				mark = numberMark
			}
			dst = append(dst, mark, uint16(k>>48), uint16(k>>32), uint16(k>>16), uint16(k))
			separated = true // a word separates by itself
			i = end
		default:
			if !separated {
				dst = append(dst, 0)
				separated = true
			}
			i++
		}
	}
	return dst
}

// A Matcher finds the keys of one question in compact texts. It may be used
// from several goroutines.
type Matcher struct {
	single [1 << 16]uint16 // character of the BMP → 1 + index of its unigram
	others map[uint64]int  // index of every other key
}

// maxMatched is the most keys that a Matcher knows.
const maxMatched = 1<<16 - 2

// NewMatcher returns a Matcher for keys as [AppendKeys] gives them: with each
// bigram come its two unigrams. Keys are told apart by their index; of equal
// keys the first counts, and keys beyond 65,534 are never found.
func NewMatcher(keys []uint64) *Matcher {
	m := &Matcher{others: make(map[uint64]int, len(keys))}
	for i, k := range keys[:min(len(keys), maxMatched)] {
		if k < 1<<16 {
			if m.single[k] == 0 {
				m.single[k] = uint16(i + 1)
			}
		} else if _, ok := m.others[k]; !ok {
			m.others[k] = i
		}
	}
	return m
}

// Match calls found for each place of compact that holds a key, in order: with
// the index of the key and the place, in units of compact from 0. At one place
// a unigram comes before the bigram that begins with it.
func (m *Matcher) Match(compact []uint16, found func(key, at int)) {
	for i := 0; i < len(compact); {
		c := compact[i]
		if c == wordMark || c == numberMark {
			if i+5 > len(compact) {
				return // cut off
			}
			w := compact[i+1 : i+5]
			m.find(uint64(w[0])<<48|uint64(w[1])<<32|uint64(w[2])<<16|uint64(w[3]), i, found)
			i += 5
			continue
		}
		n := m.single[c]
		if n > 0 {
			found(int(n-1), i)
		}
		if i+1 < len(compact) {
			if d := compact[i+1]; surrogate(c) || surrogate(d) {
				i += m.rare(compact[i:], i, found)
				continue
			} else if n > 0 && m.single[d] > 0 {
				m.find(bigram(cell(c), cell(d)), i, found)
			}
		}
		i++
	}
}

func (m *Matcher) find(key uint64, at int, found func(key, at int)) {
	if k, ok := m.others[key]; ok {
		found(k, at)
	}
}

func surrogate(c uint16) bool { return c&0xf800 == 0xd800 }

// rare matches what begins with rest, where one of the first two characters
// lies outside the BMP, and returns the number of units to go on by.
func (m *Matcher) rare(rest []uint16, at int, found func(key, at int)) int {
	r, n := decode(rest)
	if n == 2 {
		m.find(uint64(r), at, found)
	}
	if next, size := decode(rest[n:]); size > 0 && next != 0 && next != wordMark && next != numberMark && r != 0 {
		m.find(bigram(cell(r), cell(next)), at, found)
	}
	return n
}

// decode returns the first character and its number of units, 0 at the end.
func decode(s []uint16) (rune, int) {
	switch {
	case len(s) == 0:
		return 0, 0
	case len(s) > 1 && utf16.IsSurrogate(rune(s[0])):
		return utf16.DecodeRune(rune(s[0]), rune(s[1])), 2
	}
	return rune(s[0]), 1
}

// Numbers returns the number of words in compact that begin with a digit.
func Numbers(compact []uint16) int {
	n := 0
	for i := 0; i < len(compact); i++ {
		switch compact[i] {
		case numberMark:
			n++
			i += 4
		case wordMark:
			i += 4
		}
	}
	return n
}
