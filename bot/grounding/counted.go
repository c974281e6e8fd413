package grounding

import (
	"slices"
	"strings"

	"policybot/bot/quantity"
	"policybot/bot/quantity/fold"
)

// small are the numbers that a sentence may use for how many things it lists.
var small = [][]string{
	2: {"two", "both", "两", "二", "双", "2"}, 3: {"three", "三", "3"}, 4: {"four", "四", "4"}, 5: {"five", "五", "5"},
	6: {"six", "六", "6"}, 7: {"seven", "七", "7"}, 8: {"eight", "八", "8"}, 9: {"nine", "九", "9"},
}

// tells reports whether a small number without a unit in the sentence is one
// that the sources say in other words: as part of a word (两同步), by a list of
// so many things, or by being so many sources.
func (c *checker) tells(q *amount) bool {
	if q.Kind != quantity.Number && q.Kind != quantity.Count || !q.Value.IsInt() || !q.Value.Num().IsInt64() {
		return false
	}
	n := int(q.Value.Num().Int64())
	word := string(c.claim.Runes[q.from:q.to])
	if n < 2 || n >= len(small) || word == "" || !slices.ContainsFunc(small[n], func(w string) bool { return strings.HasPrefix(word, w) }) || fold.Digit([]rune(word)[0]) {
		return false
	}
	if c.bound(q) {
		return false
	}
	if n == len(c.sources) && q.from == 0 {
		return true
	}
	for k := range c.sources {
		s := &c.sources[k]
		if n > 2 && s.lists(n) || fold.Latin([]rune(word)[0]) && c.digit(q, s, small[n]) {
			return true
		}
	}
	return false
}

// lists reports whether a Chinese phrase lists so many things.
func (t *text) lists(n int) bool {
	return slices.ContainsFunc(t.phrases, func(p phrase) bool {
		text := string(t.Runes[p.from:p.to])
		marks := strings.Count(text, "、")
		if marks == 0 {
			return false
		}
		if strings.ContainsAny(text[strings.LastIndex(text, "、"):], "和及与") {
			marks++ // the last two
		}
		return marks+1 == n
	})
}

// digit reports whether one of the numerals stands in a Chinese word, 两同步 or
// 一、二期, beside what the sentence says beside q, and is no part of a larger
// number.
func (c *checker) digit(q *amount, t *text, numerals []string) bool {
	part := func(r rune) bool {
		return fold.Digit(r) || strings.ContainsRune("一二三四五六七八九十百千万亿零〇.%", r)
	}
	for i, r := range t.Runes {
		if !fold.Han(r) || !slices.Contains(numerals, string(r)) || part(t.at(i-1)) || part(t.at(i+1)) {
			continue
		}
		for k := range c.parts {
			p := &c.parts[k]
			if p.to > q.from-14 && p.from < q.to+14 && p.from != q.from && c.told(p) && c.part([]*piece{p}, t, i-3, i+5) > 0 {
				return true
			}
		}
	}
	return false
}

// mated reports whether a figure beside q in its phrase is beside q in the
// sources too: the 120 companies are those with sales of 100 million.
func (c *checker) mated(q *amount) bool {
	from, to := c.claim.phraseOf(q.from, q.to)
	for k := range c.claim.quantities {
		b := &c.claim.quantities[k]
		if b.from != q.from && b.from >= from && b.to <= to && counted(b.Kind) && c.partnered(q, b) == paired {
			return true
		}
	}
	return false
}
