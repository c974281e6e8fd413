package grounding

import (
	"slices"

	"policybot/bot/quantity/fold"
)

// A phrase is what stands between two marks of punctuation, the part of a text
// in which a negation or a modal word usually holds.
type phrase struct {
	from, to int  // runes
	first    bool // of its sentence
	latin    bool // mostly in Latin letters
	keys     keys // its content: pairs of Han characters, stems of words
	things   keys // what nouns.txt, names and quantities say of it, in any language
	marks    []mark
	classes  class // of its marks
	carried  class // of the phrase before in the same sentence, or of the one with a colon before
}

// keys is a sorted set.
type keys []uint64

func (k keys) has(x uint64) bool {
	_, ok := slices.BinarySearch(k, x)
	return ok
}

// in returns how many of k are in other.
func (k keys) in(other keys) int {
	n := 0
	for i, j := 0, 0; i < len(k) && j < len(other); {
		switch {
		case k[i] == other[j]:
			n, i, j = n+1, i+1, j+1
		case k[i] < other[j]:
			i++
		default:
			j++
		}
	}
	return n
}

// share is the part of k that is in other, 0 of nothing.
func (k keys) share(other keys) float64 {
	if len(k) == 0 {
		return 0
	}
	return float64(k.in(other)) / float64(len(k))
}

func sorted(k keys) keys {
	slices.Sort(k)
	return slices.Compact(k)
}

// cut finds the phrases of t.
func (t *text) cut() {
	hidden := make([]bool, len(t.Runes)) // no mark begins here
	for _, q := range t.quantities {
		for i := q.from; i < q.to; i++ {
			hidden[i] = true
		}
	}
	for _, n := range t.named {
		for i := n.from; i < n.to; i++ {
			hidden[i] = true
		}
	}
	from, first, lead := 0, true, class(0)
	for i := 0; i <= len(t.Runes); i++ {
		level := endOfText
		if i < len(t.Runes) {
			level = t.border(i)
		}
		if level == inside {
			continue
		}
		if i > from {
			t.addPhrase(from, i, first, lead, hidden)
			first = false
		}
		from = i + 1
		switch r := t.at(i); {
		case r == ':' && len(t.phrases) > 0:
			lead = t.phrases[len(t.phrases)-1].classes // 有下列情形之一的,不予受理:
		case level >= endOfSentence && r != ';':
			lead = 0
		}
		if level >= endOfSentence {
			first = true
		}
	}
}

// Levels of punctuation.
const (
	inside = iota
	endOfPhrase
	endOfSentence
	endOfText
)

// border returns what the character at i ends.
func (t *text) border(i int) int {
	r := t.Runes[i]
	switch r {
	case '。', '!', '?', '\n', '\r', ';', '|':
		return endOfSentence
	case ':', '(', ')', '[', ']', '—', '…':
		return endOfPhrase
	case ',':
		if fold.Digit(t.at(i-1)) && fold.Digit(t.at(i+1)) && t.Original(i) == ',' {
			return inside
		}
		return endOfPhrase
	case '.':
		next := t.at(i + 1)
		if fold.Digit(t.at(i-1)) && fold.Digit(next) || fold.Latin(next) || isBlank(next) && fold.Latin(t.at(i-2)) == fold.Latin(t.at(i-1)) && t.at(i-1) == 'o' && t.at(i-2) == 'n' {
			return inside
		}
		return endOfSentence
	}
	return inside
}

func (t *text) addPhrase(from, to int, first bool, lead class, hidden []bool) {
	p := phrase{from: from, to: to, first: first, carried: lead}
	p.marks = t.findMarks(from, to, hidden)
	within := func(m mark, i int) int {
		switch {
		case i < m.from:
			return 1
		case i >= m.to:
			return -1
		}
		return 0
	}
	masked := func(i int) bool {
		_, ok := slices.BinarySearchFunc(p.marks, i, within)
		return ok
	}
	p.keys = t.content(from, to, masked)
	p.things = t.thingsIn(from, to)
	han := 0
	for i := from; i < to; i++ {
		if fold.Han(t.Runes[i]) {
			han += 3
		} else if fold.Latin(t.Runes[i]) {
			han--
		}
	}
	p.latin = han < 0
	for _, m := range p.marks {
		p.classes |= m.class
	}
	if len(t.phrases) > 0 && !first {
		before := t.phrases[len(t.phrases)-1]
		p.carried |= (before.classes | before.carried) & modality
	}
	if len(p.keys) > 0 || len(p.marks) > 0 {
		t.phrases = append(t.phrases, p)
	}
}

// hash is FNV-1a: the same in every process, so that findings are.
func hash(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

// content returns the keys of the runes from one place to another but those
// that are masked: pairs of Han characters and stems of Latin words.
func (t *text) content(from, to int, masked func(int) bool) keys {
	var out keys
	for i := from; i < to; i++ {
		r := t.Runes[i]
		switch {
		case fold.Han(r):
			if i+1 < to && fold.Han(t.Runes[i+1]) && !masked(i) && !masked(i+1) && !lists().empty[r] {
				out = append(out, uint64(r)<<21|uint64(t.Runes[i+1]))
			}
		case fold.Latin(r):
			end := i
			for end < to && letter(t.Runes[end]) {
				end++
			}
			if w := string(t.Runes[i:end]); !masked(i) && end-i > 1 && !lists().emptyWords[w] {
				out = append(out, hash(stem(w))|1<<63)
			}
			i = end - 1
		}
	}
	return sorted(out)
}

// stem cuts the usual endings of an English word.
func stem(w string) string {
	for _, end := range []string{"ations", "ation", "ments", "ment", "ings", "ing", "ies", "ied", "ed", "es", "s", "y", "e"} {
		if n := len(w) - len(end); n >= 3 && w[n:] == end {
			return w[:n]
		}
	}
	return w
}

const (
	nameKey     = 1 << 32 // of the things that are names
	quantityKey = 1 << 63 // of those that are quantities
)

// thingsIn returns what is between two places in words of nouns.txt, names and
// quantities.
func (t *text) thingsIn(from, to int) keys {
	var out keys
	for i := from; i < to; {
		id, end := t.thing(i, to)
		if end == 0 {
			i++
			continue
		}
		out = append(out, uint64(id))
		i = end
	}
	for _, n := range t.named {
		if n.from >= from && n.to <= to {
			out = append(out, nameKey|uint64(n.name))
		}
	}
	for _, q := range t.quantities {
		if q.from >= from && q.to <= to && !q.Loose {
			out = append(out, hash(string(q.Kind[0])+q.Value.RatString())|quantityKey)
		}
	}
	return sorted(out)
}

// thing returns the number of the line of nouns.txt that a word at i stands
// on, and the end of the word, or 0.
func (t *text) thing(i, to int) (id, end int) {
	if letter(t.at(i)) && letter(t.at(i-1)) {
		return 0, 0
	}
	for _, f := range lists().nouns[t.Runes[i]] {
		stop := i + len(f.runes)
		if stop > to || !slices.Equal(t.Runes[i:stop], f.runes) {
			continue
		}
		if fold.Latin(f.runes[0]) {
			for _, e := range []string{"es", "s", "ing", "ed", "d", "al", ""} {
				if k := stop + len(e); k <= to && string(t.Runes[stop:k]) == e && !letter(t.at(k)) {
					return f.name, k
				}
			}
			continue
		}
		return f.name, stop
	}
	return 0, 0
}
