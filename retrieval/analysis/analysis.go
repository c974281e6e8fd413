// Package analysis turns text into the keys of lexical search.
//
// A text is first normalised character by character: compatibility forms are
// resolved as in Unicode NFKC (full and half width, ① is 1, Ⅱ is ii, ㎡ is
// m2), diacritics and invisible characters are removed, letters are made lower
// case, and traditional characters become simplified ones. Thousands
// separators inside numbers are dropped (1,200 is 1200).
//
// Then Han, kana and Hangul characters give a key each (unigrams) and a key
// for each two that are adjacent (bigrams); runs of other letters and of
// digits give a key a word. A decimal number is one word, and an English
// plural has the key of its singular. Everything else separates.
//
// Traditional characters are mapped one by one with the character table of
// opencc t2s. Its phrase rules are left out because a phrase may change its
// length, and every key must keep its place in the text as written; the few
// characters for which that matters are folded together (see variants).
//
// No dictionary of words is used: bigrams need none, take no time to load and
// never miss a new name of a zone, a programme or a document number.
package analysis

import (
	"strings"
	"sync"
)

// Version names the rules of this package. It changes whenever any text may
// get other keys or another normal form, so that an index made with other
// rules can be told apart; it belongs into the fingerprint of an index.
const Version = "han12-nfkc-t2s-1"

// A Token is one key and the place it stands for: s[Start:End] in bytes.
type Token struct {
	Key        uint64
	Start, End int
}

// A Kind tells what a key stands for.
type Kind uint8

// Kinds of key.
const (
	Unigram Kind = iota // one Han, kana or Hangul character
	Bigram              // two adjacent ones
	Word                // a run of other letters and digits
)

// KindOf returns the kind of a key made by this package.
func KindOf(key uint64) Kind { return min(Kind(key>>62), Word) }

// Append appends the tokens of s to dst, ordered by Start; a unigram comes
// before the bigram that begins with it. Invalid UTF-8 separates tokens. Time
// and memory are linear in len(s), which must be below 2 GiB.
func Append(dst []Token, s string) []Token {
	b := buffers.Get().(*buffer)
	defer buffers.Put(b)
	b.spans = b.spans[:0]
	b.cells = table().cells(b.cells[:0], &b.spans, s)
	for i := 0; i < len(b.cells); {
		switch b.cells[i] & classMask {
		case cjk:
			at := b.spans[i]
			dst = append(dst, Token{uint64(b.cells[i] & runeMask), int(at.start), int(at.end)})
			if i+1 < len(b.cells) && b.cells[i+1]&classMask == cjk {
				dst = append(dst, Token{bigram(b.cells[i], b.cells[i+1]), int(at.start), int(b.spans[i+1].end)})
			}
			i++
		case letter, digit:
			end := wordEnd(b.cells, i)
			dst = append(dst, Token{wordKey(b.cells[i:end]), int(b.spans[i].start), int(b.spans[end-1].end)})
			i = end
		default:
			i++
		}
	}
	return dst
}

// AppendKeys appends the keys of s to dst: those of [Append], in its order,
// without their places and faster.
func AppendKeys(dst []uint64, s string) []uint64 {
	b := buffers.Get().(*buffer)
	defer buffers.Put(b)
	b.cells = table().cells(b.cells[:0], nil, s)
	cells := b.cells
	for i := 0; i < len(cells); {
		c := cells[i]
		switch c & classMask {
		case cjk:
			i++
			dst = append(dst, uint64(c&runeMask))
			if i < len(cells) && cells[i]&classMask == cjk {
				dst = append(dst, bigram(c, cells[i]))
			}
		case letter, digit:
			end := wordEnd(cells, i)
			dst = append(dst, wordKey(cells[i:end]))
			i = end
		default:
			i++
		}
	}
	return dst
}

// Normalize returns s in its normal form, for comparing texts: two texts with
// the same normal form read the same apart from width, case, diacritics,
// traditional characters and thousands separators. Punctuation and white
// space are kept (full-width punctuation becomes half-width where Unicode has
// it so). Normalize(Normalize(s)) == Normalize(s), and the keys of s and of
// Normalize(s) are the same. Invalid UTF-8 becomes U+FFFD.
func Normalize(s string) string {
	b := buffers.Get().(*buffer)
	defer buffers.Put(b)
	b.cells = table().cells(b.cells[:0], nil, s)
	var out strings.Builder
	out.Grow(len(s))
	for i := 0; i < len(b.cells); {
		if class := b.cells[i] & classMask; class != letter && class != digit {
			out.WriteRune(rune(b.cells[i] & runeMask))
			i++
			continue
		}
		end := wordEnd(b.cells, i)
		for _, c := range b.cells[i:end] {
			if c != comma {
				out.WriteRune(rune(c & runeMask))
			}
		}
		i = end
	}
	return out.String()
}

// A buffer is scratch space of one call.
type buffer struct {
	cells []cell
	spans []span
}

var buffers = sync.Pool{New: func() any { return new(buffer) }}

const (
	comma = other | ','
	point = other | '.'
)

// wordEnd returns the end of the word that begins at cells[i], a letter or a
// digit. A number takes its thousands separators and its decimal points with
// it: groups of exactly three digits after one to three.
func wordEnd(cells []cell, i int) int {
	if cells[i]&classMask == digit {
		i = numberEnd(cells, i)
	}
	for i < len(cells) && (cells[i]&classMask == letter || cells[i]&classMask == digit) {
		i++
	}
	return i
}

func numberEnd(cells []cell, i int) int {
	end := digitsEnd(cells, i)
	if end-i <= 3 {
		for end < len(cells) && cells[end] == comma && digitsEnd(cells, end+1) == end+4 {
			end += 4
		}
	}
	for end+1 < len(cells) && cells[end] == point && cells[end+1]&classMask == digit {
		end = digitsEnd(cells, end+1)
	}
	return end
}

func digitsEnd(cells []cell, i int) int {
	for i < len(cells) && cells[i]&classMask == digit {
		i++
	}
	return i
}

// bigram packs two characters of 21 bits each under the mark 01. A unigram is
// the character itself under 00; neither can collide with anything.
func bigram(a, b cell) uint64 {
	return 1<<62 | uint64(a&runeMask)<<21 | uint64(b&runeMask)
}

// wordKey hashes a word, without its thousands separators and its English
// plural ending, to 62 bits under the mark 10. Among a million different
// words the odds of a single collision are one in nine million.
func wordKey(word []cell) uint64 {
	word, last := singular(word)
	h := uint64(14695981039346656037) // FNV-1a
	for _, c := range word {
		if c != comma {
			h = (h ^ uint64(c&runeMask)) * 1099511628211
		}
	}
	if last != 0 {
		h = (h ^ uint64(last)) * 1099511628211
	}
	h ^= h >> 33 // and the end of MurmurHash3, because FNV mixes its last bytes weakly
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	return 2<<62 | h>>2
}

// singular applies the S stemmer (Harman, How effective is suffixing?, JASIS
// 42, 1991) to words of more than three letters: -ies is y, -es is e, -s goes,
// with the exceptions given there. It returns what is kept and a letter to
// put after it, or 0.
func singular(word []cell) (kept []cell, last rune) {
	n := len(word)
	if n <= 3 || word[n-1] != letter|'s' || word[0]&classMask != letter {
		return word, 0
	}
	before, third := rune(word[n-2]&runeMask), rune(word[n-3]&runeMask)
	switch {
	case before == 'e' && third == 'i':
		if fourth := rune(word[n-4] & runeMask); fourth != 'e' && fourth != 'a' {
			return word[:n-3], 'y'
		}
		return word[:n-1], 0
	case before == 'e' && (third == 'a' || third == 'e' || third == 'o'),
		before == 'u', before == 's', before < 'a' || before > 'z':
		return word, 0
	}
	return word[:n-1], 0
}
