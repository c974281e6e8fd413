package mutant

import (
	"slices"
	"strings"
	"unicode/utf8"

	"policybot/bot/guard"
)

// An edit puts a text in the place of the bytes [from, to) of another.
type edit struct {
	from, to int
	with     string
	note     string
}

func (e edit) apply(s string) string { return s[:e.from] + e.with + s[e.to:] }

// replaceQuote edits a sentence where the first quote among the citations has
// it, and at depth Clause in the text of the clause too, in all its citations.
// What was said of the quote in the other language is left out then. It reports
// false when no quote has the sentence.
func replaceQuote(c *guard.Claims, citations []int, sentence string, e edit, depth int) bool {
	for k := range c.Citations {
		cite := &c.Citations[k]
		at := strings.Index(cite.Quote, sentence)
		if !slices.Contains(citations, cite.N) || at < 0 {
			continue
		}
		text := []rune(cite.Clause.Text)
		if cite.QuoteStart < 0 || cite.QuoteEnd > len(text) || string(text[cite.QuoteStart:cite.QuoteEnd]) != cite.Quote {
			return false
		}
		inQuote := edit{from: at + e.from, to: at + e.to, with: e.with}
		if depth == Clause {
			before := len(string(text[:cite.QuoteStart]))
			return replaceText(c, cite.Clause.ID, edit{from: before + inQuote.from, to: before + inQuote.to, with: e.with})
		}
		cite.Quote, cite.Gloss = inQuote.apply(cite.Quote), nil
		if end := cite.QuoteStart + utf8.RuneCountInString(cite.Quote); end <= len(text) {
			cite.QuoteEnd = end
		}
		return true
	}
	return false
}

// replaceText edits the text of a clause in every citation of it, and moves
// the quotes with it. It reports false when a quote ends within the edit.
func replaceText(c *guard.Claims, id string, e edit) bool {
	for k := range c.Citations {
		cite := &c.Citations[k]
		if cite.Clause.ID != id {
			continue
		}
		old := cite.Clause.Text
		points := []rune(old)
		from, to := len(string(points[:cite.QuoteStart])), len(string(points[:cite.QuoteEnd]))
		grown := len(e.with) - (e.to - e.from)
		switch {
		case to <= e.from && (to < e.from || e.from < e.to):
		case from >= e.to && from > e.from:
			from, to = from+grown, to+grown
		case from <= e.from && e.to <= to:
			to += grown
		default:
			return false
		}
		text := e.apply(old)
		cite.Clause.Text = text
		cite.Clause.End += utf8.RuneCountInString(text) - len(points)
		cite.Quote, cite.Gloss = text[from:to], nil
		cite.QuoteStart = utf8.RuneCountInString(text[:from])
		cite.QuoteEnd = utf8.RuneCountInString(text[:to])
	}
	return true
}
