package grounding

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"policybot/bot/quantity/fold"
)

// shortest is the least number of characters of a quotation.
const shortest = 6

// Quote finds a quotation word for word in the text of a clause: both in
// Unicode NFKC and without white space. It returns where that first stands in
// text, as half-open offsets in characters (runes) of text as given, and true.
// A quotation of fewer than six characters that are not white space, counted
// in that form, and one that is not UTF-8, are refused: they prove nothing.
func Quote(quote, text string) (start, end int, ok bool) {
	want := norm.NFKC.String(quote)
	want = strings.Map(dropSpace, want)
	if utf8.RuneCountInString(want) < shortest || !utf8.ValidString(quote) {
		return 0, 0, false
	}
	have, places := squeezed(text)
	at := strings.Index(have, want)
	if at < 0 {
		return 0, 0, false
	}
	return places[at].start, places[at+len(want)-1].end, true
}

func dropSpace(r rune) rune {
	if unicode.IsSpace(r) {
		return -1
	}
	return r
}

// A place is the runes of the text as given that a byte comes from.
type place struct{ start, end int }

// squeezed returns text in NFKC without white space, and where each byte of it
// comes from. Characters that normalise together share a place.
func squeezed(text string) (string, []place) {
	var b strings.Builder
	var places []place
	var it norm.Iter
	it.InitString(norm.NFKC, text)
	runes, at := 0, 0
	for !it.Done() {
		form := strings.Map(dropSpace, string(it.Next()))
		n := utf8.RuneCountInString(text[at:it.Pos()])
		at = it.Pos()
		b.WriteString(form)
		for range len(form) {
			places = append(places, place{runes, runes + n})
		}
		runes += n
	}
	return b.String(), places
}

// holds reports whether the claim stands word for word in t, from border to
// border, with every word that turns or allows it.
func (t *text) holds(claim *text) bool {
	want, _ := claim.letters()
	for n := len(want); n > 0 && closing(want[n-1]); n = len(want) {
		want = want[:n-1]
	}
	have, places := t.letters()
	if len(want) == 0 {
		return false
	}
	text, sub := string(have), string(want)
	for from, first := 0, 0; ; first++ {
		k := strings.Index(text[from:], sub)
		if k < 0 {
			return false
		}
		first += utf8.RuneCountInString(text[from : from+k])
		last := first + len(want)
		if t.framed(places[first], places[last-1]) {
			return true
		}
		_, w := utf8.DecodeRuneInString(text[from+k:])
		from += k + w
	}
}

// letters returns the runes of t without white space, and their places.
func (t *text) letters() (out []rune, places []int) {
	for i, r := range t.Runes {
		if !unicode.IsSpace(r) {
			out, places = append(out, r), append(places, i)
		}
	}
	return out, places
}

func closing(r rune) bool { return strings.ContainsRune("。.,;!?、:", r) }

// framed reports whether the runes of t from first to last begin and end at
// punctuation and leave no word out that turns or allows them.
func (t *text) framed(first, last int) bool {
	before := first - 1
	for before >= 0 && isBlank(t.Runes[before]) && t.Runes[before] != '\n' {
		before--
	}
	after := last + 1
	for after < len(t.Runes) && isBlank(t.Runes[after]) && t.Runes[after] != '\n' {
		after++
	}
	if before >= 0 && !t.breaks(before) || after < len(t.Runes) && !t.breaks(after) {
		return false
	}
	for k := range t.phrases {
		p := &t.phrases[k]
		cut := p.from < first && p.to > first || p.from <= last && p.to > last+1
		for _, m := range p.marks {
			out := m.to <= first || m.from > last
			if out && (cut || m.class == except && t.sameSentence(p.from, first)) {
				return false
			}
		}
	}
	return true
}

// breaks reports whether the character at i may stand beside a phrase.
func (t *text) breaks(i int) bool {
	switch r := t.Runes[i]; r {
	case '.':
		return !letter(t.at(i + 1))
	case '%', '-', '+', '/':
		return false
	default:
		return !fold.Han(r) && !letter(r)
	}
}

// sameSentence reports whether no end of a sentence stands between two places.
func (t *text) sameSentence(a, b int) bool {
	for i := min(a, b); i < max(a, b); i++ {
		if t.border(i) >= endOfSentence {
			return false
		}
	}
	return true
}
