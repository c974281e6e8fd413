package analysis

import (
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/longbridgeapp/opencc"
	"golang.org/x/text/unicode/norm"
)

// A cell is one normalised character: the rune in the low 24 bits, its class
// above them. In the fold table a cell of class expand holds an index into
// foldTable.long instead of a rune.
type cell uint32

// Classes of a normalised character.
const (
	other  cell = iota << 24 // separates tokens
	cjk                      // Han, kana, Hangul: unigrams and bigrams
	letter                   // part of a word
	digit                    // 0 to 9, part of a word
	drop                     // leaves nothing behind
	expand                   // becomes several characters

	classMask cell = 0xff << 24
	runeMask  cell = 1<<24 - 1
)

// variants are pairs of a character and the one it is folded to, beyond the
// character table of opencc: forms usual in Hong Kong, Macau and Taiwan, and
// traditional forms that opencc resolves by phrase only (了解 is written 瞭解,
// 批复 is written 批覆, 产业链 is sometimes written 產業鍊).
const variants = "瞭了覆复藉借鍊链著着衞卫敍叙枱台粧妆糭粽揹背牴抵擡抬幷并讬托谘咨钜巨馀余锺钟麪面祇只衹只託托彷仿餵喂擣捣"

// foldTable maps every rune to its normalised form.
type foldTable struct {
	bmp   [1 << 16]cell
	plain map[rune]rune // traditional → simplified, where either is outside the BMP, and variants
	long  [][]cell
}

var table = sync.OnceValue(newFoldTable)

// newFoldTable builds the table: about 5 ms, once in a process.
func newFoldTable() *foldTable {
	t := &foldTable{plain: simplified()}
	for r := rune(0); r < 1<<16; r++ {
		switch {
		case r >= 0x3400 && r <= 0x9fff, r >= 0xac00 && r <= 0xd7a3:
			t.bmp[r] = cell(r) | cjk // NFKC leaves these alone
			if s, ok := t.plain[r]; ok {
				t.bmp[r] = classify(s)
			}
		case r >= 0xd800 && r <= 0xf8ff: // surrogates, private use
			t.bmp[r] = cell(r)
		default:
			t.bmp[r] = t.pack(t.fold(nil, r, 0))
		}
	}
	return t
}

// simplified returns the character table of opencc t2s, closed over chains,
// with the variants. Phrase rules are not used; see the package comment.
func simplified() map[rune]rune {
	m := make(map[rune]rune, 5000)
	t2s, err := opencc.New("t2s")
	if err != nil {
		panic("analysis: the embedded opencc tables do not load: " + err.Error())
	}
	dicts := t2s.DictChains[0].Dicts
	chars := dicts[len(dicts)-1] // TSCharacters, after TSPhrases
	for _, id := range chars.Trie.PrefixPredict(nil, 0) {
		key, err1 := chars.Trie.Key(id)
		value, err2 := chars.Trie.Value(id)
		from, n := utf8.DecodeRune(key)
		if err1 != nil || err2 != nil || n != len(key) {
			continue
		}
		if to, _ := utf8.DecodeRuneInString(chars.Values[value][0]); to != from {
			m[from] = to
		}
	}
	pairs := []rune(variants)
	for i := 0; i+1 < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	for from, to := range m {
		for range 8 { // chains are two long at most; a loop would end here
			next, ok := m[to]
			if !ok || next == from {
				break
			}
			to = next
		}
		m[from] = to
	}
	return m
}

// fold appends the normalised form of r: compatibility forms resolved,
// diacritics and invisible characters removed, lower case, simplified. It is
// its own fixed point: folding what it appends changes nothing.
func (t *foldTable) fold(dst []cell, r rune, depth int) []cell {
	if invisible(r) {
		return dst
	}
	if r < utf8.RuneSelf {
		return append(dst, classify(unicode.ToLower(r)))
	}
	if depth < 4 {
		if s := decomposed(r); s != "" {
			for _, x := range s {
				dst = t.fold(dst, x, depth+1)
			}
			return dst
		}
		if x := unicode.ToLower(r); x != r {
			return t.fold(dst, x, depth+1)
		}
		if x, ok := t.plain[r]; ok && x != r {
			return t.fold(dst, x, depth+1)
		}
	}
	return append(dst, classify(r))
}

// decomposed returns the compatibility form of r without diacritics, or "" if
// that is r itself.
func decomposed(r rune) string {
	var b [utf8.UTFMax]byte
	n := utf8.EncodeRune(b[:], r)
	if norm.NFKD.Properties(b[:n]).Decomposition() == nil {
		return ""
	}
	s := norm.NFKD.String(string(r))
	bare := make([]rune, 0, 8)
	for _, x := range s {
		if !invisible(x) {
			bare = append(bare, x)
		}
	}
	if s = norm.NFKC.String(string(bare)); s == string(r) {
		return ""
	}
	return s
}

// pack turns a folded form into one cell of the table.
func (t *foldTable) pack(form []cell) cell {
	switch len(form) {
	case 0:
		return drop
	case 1:
		return form[0]
	}
	t.long = append(t.long, form)
	return expand | cell(len(t.long)-1)
}

// invisible reports whether r leaves nothing behind: combining diacritics,
// variation selectors, zero-width and direction marks.
func invisible(r rune) bool {
	switch {
	case r < 0x00ad:
		return false
	case r == 0x00ad, r >= 0x0300 && r <= 0x036f, r >= 0x200b && r <= 0x200f,
		r >= 0x202a && r <= 0x202e, r >= 0x2060 && r <= 0x206f,
		r >= 0xfe00 && r <= 0xfe0f, r == 0xfeff, r >= 0xe0100 && r <= 0xe01ef:
		return true
	}
	return false
}

// classify gives a normalised rune its class.
func classify(r rune) cell {
	c := cell(r)
	switch {
	case r >= '0' && r <= '9':
		return c | digit
	case r >= 'a' && r <= 'z':
		return c | letter
	case r < utf8.RuneSelf:
		return c
	case r == '々', r == '〆', r == '〇',
		unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul):
		return c | cjk
	case unicode.IsLetter(r), unicode.IsDigit(r):
		return c | letter
	}
	return c
}

// A span is where a cell came from: byte offsets in the input.
type span struct{ start, end int32 }

// cells appends the normalised characters of s to dst and, if spans is not
// nil, their places in s to spans.
func (t *foldTable) cells(dst []cell, spans *[]span, s string) []cell {
	for i := 0; i < len(s); {
		var r rune
		n := 1
		if c := s[i]; c < utf8.RuneSelf {
			r = rune(c)
		} else if c >= 0xe1 && c <= 0xec && i+2 < len(s) && s[i+1]&0xc0 == 0x80 && s[i+2]&0xc0 == 0x80 {
			r, n = rune(c&0x0f)<<12|rune(s[i+1]&0x3f)<<6|rune(s[i+2]&0x3f), 3
		} else {
			r, n = utf8.DecodeRuneInString(s[i:])
		}
		before := len(dst)
		if r < 1<<16 {
			if e := t.bmp[r]; e < drop {
				dst = append(dst, e)
			} else if e >= expand {
				dst = append(dst, t.long[e&runeMask]...)
			}
		} else {
			dst = t.fold(dst, r, 0)
		}
		if spans != nil {
			for range len(dst) - before {
				*spans = append(*spans, span{int32(i), int32(i + n)})
			}
		}
		i += n
	}
	return dst
}
