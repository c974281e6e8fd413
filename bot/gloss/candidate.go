package gloss

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"policybot/bot/quantity"
	"policybot/retrieval/bridge"
)

// A candidate is a fact before the best are chosen. One without a gloss is a
// word that is known and says nothing certain: it keeps shorter ones out.
type candidate struct {
	fact  Fact
	score float64
}

// candidates lists all that may be facts of a quote, overlapping ones too.
func candidates(quote, to string, words Words) []candidate {
	out := numbers(quote, to)
	places := words.Places(quote)
	spans := map[[2]int]bool{}
	for _, p := range places {
		if at := [2]int{p.Start, p.End}; !spans[at] {
			spans[at] = true
			if c, ok := termAt(quote, p, to, words); ok {
				out = append(out, c)
			}
		}
	}
	for _, at := range bodies(quote, to, words, places) {
		if text := quote[at[0]:at[1]]; !spans[at] && written(text, to) {
			spans[at] = true
			if d := derive(text, to, words); d.gloss != "" {
				out = append(out, candidate{Fact{d.kind, text, at[0], at[1], d.gloss}, d.score})
			}
		}
	}
	for _, at := range blocks(quote) {
		out = append(out, candidate{fact: Fact{Start: at[0], End: at[1]}})
	}
	return out
}

func termAt(quote string, p bridge.Place, to string, words Words) (candidate, bool) {
	text := quote[p.Start:p.End]
	if cuts(quote, p.Start) || cuts(quote, p.End) || !utf8.ValidString(text) || !written(text, to) {
		return candidate{}, false
	}
	c := candidate{fact: Fact{Text: text, Start: p.Start, End: p.End}}
	d := entryOf(text, to, p.Translations)
	if d.gloss == "" && data.isGeneral(text) || d.gloss != "" && !partOfName(quote, p.Start, p.End, d.kind, to) {
		c.fact.Kind, c.fact.Gloss, c.score = d.kind, d.gloss, d.score
	}
	return c, true
}

// numbers lists the quantities that are certain in the other language and are
// not the same in both.
func numbers(quote, to string) []candidate {
	var out []candidate
	for _, q := range quantity.Find(quote) {
		text := quote[q.Start:q.End]
		c := candidate{fact: Fact{Number, text, q.Start, q.End, ""}}
		if gloss, ok := quantity.Render(q, to); ok && !q.Loose && gloss != text && written(text, to) && utf8.ValidString(text) && !cuts(quote, q.Start) && !cuts(quote, q.End) {
			c.fact.Gloss, c.score = gloss, numberScore(q)
		}
		out = append(out, c)
	}
	return out
}

func numberScore(q quantity.Quantity) float64 {
	switch q.Kind {
	case quantity.Money, quantity.Percent:
		return 100
	case quantity.Date:
		if q.Value.Num().BitLen() > 0 && q.Comparator == quantity.None && q.Unit == "" && q.High == nil && strings.HasSuffix(q.Value.RatString(), "0000") {
			return 75 // a year alone
		}
		return 95
	case quantity.Class, quantity.Ordinal, quantity.Document:
		return 70
	}
	return 90
}

// settle takes the longest of candidates that overlap, of equally long ones the
// one that stands first.
func settle(list []candidate) []candidate {
	slices.SortStableFunc(list, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.fact.End-b.fact.Start, a.fact.End-a.fact.Start), cmp.Compare(a.fact.Start, b.fact.Start))
	})
	var out []candidate // by Start
	for _, c := range list {
		i, same := slices.BinarySearchFunc(out, c.fact.Start, func(o candidate, at int) int { return cmp.Compare(o.fact.Start, at) })
		if same || i > 0 && out[i-1].fact.End > c.fact.Start || i < len(out) && out[i].fact.Start < c.fact.End {
			continue
		}
		out = slices.Insert(out, i, c)
	}
	return out
}

// blocks lists words of the file blocks.txt in a quote.
func blocks(quote string) [][2]int {
	var out [][2]int
	for i, r := range quote {
		for _, w := range data.blocks[r] {
			if strings.HasPrefix(quote[i:], w) {
				out = append(out, [2]int{i, i + len(w)})
			}
		}
	}
	return out
}

// partOfName reports whether an English name goes on before or after a text that
// is no place: Technology in the Ministry of Technology Transfer.
func partOfName(quote string, start, end int, kind, to string) bool {
	if to != "zh" || kind == Locus {
		return false
	}
	first, _ := utf8.DecodeRuneInString(quote[start:])
	if !unicode.IsUpper(first) {
		return false
	}
	if rest, ok := strings.CutPrefix(quote[end:], " "); ok {
		if r, _ := utf8.DecodeRuneInString(rest); unicode.IsUpper(r) {
			return true
		}
	}
	before, ok := strings.CutSuffix(quote[:start], " ")
	if !ok {
		return false
	}
	for _, small := range []string{" and", " of"} {
		if b, ok := strings.CutSuffix(before, small); ok {
			before = b
			break
		}
	}
	word := before[strings.LastIndexFunc(before, func(r rune) bool { return !unicode.IsLetter(r) && r != '-' })+1:]
	r, _ := utf8.DecodeRuneInString(word)
	return unicode.IsUpper(r) && !data.opens(word)
}
