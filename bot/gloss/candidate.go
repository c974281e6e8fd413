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
	// What is not glossed yet: a quantity, a word.
	number  *quantity.Quantity
	entries []bridge.Translation
}

// candidates lists all that may be facts of a quote, overlapping ones too.
func candidates(quote, to string, words Words) []candidate {
	out := numbers(quote, to)
	places := words.Places(quote)
	spans := map[[2]int]bool{}
	for _, p := range places {
		if at := [2]int{p.Start, p.End}; !spans[at] {
			spans[at] = true
			if c, ok := termAt(quote, p, to); ok {
				out = append(out, c)
			}
		}
	}
	for _, at := range bodies(quote, to, words, places) {
		if text := quote[at[0]:at[1]]; !spans[at] && written(text, to) && whole(quote, at[0], at[1]) {
			spans[at] = true
			if d := compose(text, to, words); d.gloss != "" && !partOfName(quote, at[0], at[1], d.kind, to) {
				out = append(out, candidate{fact: Fact{d.kind, text, at[0], at[1], d.gloss}, score: d.score})
			}
		}
	}
	for _, at := range blocks(quote) {
		out = append(out, candidate{fact: Fact{Start: at[0], End: at[1]}})
	}
	return out
}

// termAt makes a candidate of a known word; complete glosses it when it is one of
// those that stay; so for a quantity.
func termAt(quote string, p bridge.Place, to string) (candidate, bool) {
	text := quote[p.Start:p.End]
	if !whole(quote, p.Start, p.End) || !written(text, to) {
		return candidate{}, false
	}
	return candidate{fact: Fact{Text: text, Start: p.Start, End: p.End}, entries: p.Translations}, true
}

func (c *candidate) complete(quote, to string) {
	if q := c.number; q != nil {
		if gloss, ok := quantity.Render(*q, to); ok && certain(*q, c.fact.Text) && gloss != c.fact.Text {
			c.fact.Gloss, c.score = gloss, numberScore(*q)
		}
		return
	}
	if c.entries == nil {
		return
	}
	d := entryOf(c.fact.Text, to, c.entries)
	if d.gloss != "" && !partOfName(quote, c.fact.Start, c.fact.End, d.kind, to) {
		c.fact.Kind, c.fact.Gloss, c.score = d.kind, d.gloss, d.score
	}
}

// numbers lists the quantities of a quote.
func numbers(quote, to string) []candidate {
	var out []candidate
	for _, q := range quantity.Find(quote) {
		text := quote[q.Start:q.End]
		c := candidate{fact: Fact{Kind: Number, Text: text, Start: q.Start, End: q.End}}
		if written(text, to) && whole(quote, q.Start, q.End) {
			c.number = &q
		}
		out = append(out, c)
	}
	return out
}

// certain reports whether a quantity is said by its text: not by a numeral alone
// that shares the unit of the next one, nor by an article.
func certain(q quantity.Quantity, text string) bool {
	return !q.Loose && utf8.RuneCountInString(text) > 1
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
	order := make([]int, len(list))
	end := 0
	for i, c := range list {
		order[i], end = i, max(end, c.fact.End)
	}
	slices.SortStableFunc(order, func(a, b int) int {
		x, y := &list[a].fact, &list[b].fact
		return cmp.Or(cmp.Compare(y.End-y.Start, x.End-x.Start), cmp.Compare(x.Start, y.Start))
	})
	taken := make([]bool, end)
	var out []candidate
	for _, i := range order {
		f := &list[i].fact
		// What is taken is longer, so it covers one end if it covers any of it.
		if taken[f.Start] || taken[f.End-1] {
			continue
		}
		for at := f.Start; at < f.End; at++ {
			taken[at] = true
		}
		out = append(out, list[i])
	}
	slices.SortFunc(out, func(a, b candidate) int { return cmp.Compare(a.fact.Start, b.fact.Start) })
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
	joined := false
	for _, small := range []string{" and", " of"} {
		if b, ok := strings.CutSuffix(before, small); ok {
			before, joined = b, true
			break
		}
	}
	at := strings.LastIndexFunc(before, func(r rune) bool { return !unicode.IsLetter(r) && r != '-' && r != '\'' }) + 1
	word := before[at:]
	if !startsUpper(word) || small[strings.ToLower(word)] || joined && (data.isHead(word) || isAbbreviation(quote[start:end])) {
		return false // the name before and is a whole one
	}
	lead := strings.TrimRight(before[:at], " \t(（\"“")
	mark, _ := utf8.DecodeLastRuneInString(lead)
	return lead != "" && !strings.ContainsRune(".。!?！？;；:：\n-", mark) || !data.isGeneral(word) || data.isLevel(word) || national(word)
}
