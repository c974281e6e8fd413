// Package gloss says the key facts of a quote in the reader's other language: an
// English reader of a Chinese clause, or a Chinese reader of an English one, is
// shown its numbers, terms, bodies and places beside the quote itself.
//
// Nothing is translated by a model. A number is what policybot/bot/quantity
// renders, a name or a term is what the glossary of policybot/retrieval/bridge
// says for exactly that text, a body of a level or a place is put together from
// such parts (市财政局 is Municipal Finance Bureau). Where that is not certain there
// is no fact. Check does the same again for one fact.
//
// The files in the folder words say which words are too general to show, which
// alternative of the glossary is meant, and how bodies are named; a clerk may
// edit them.
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

// Kinds of fact.
const (
	Number = "number"
	Term   = "term"
	Body   = "body"
	Locus  = "place"
)

// Most is how many facts a quote has at most.
const Most = 10

// A Fact is something that a quote says at quote[Start:End], which is Text.
type Fact struct {
	Kind  string `json:"kind"` // number, term, body, place
	Text  string `json:"text"`
	Start int    `json:"start"`
	End   int    `json:"end"`
	Gloss string `json:"gloss"` // the same in the other language
}

// Words are the bilingual words, as *bridge.Glossary knows them.
type Words interface {
	// Places lists where forms stand in a text.
	Places(text string) []bridge.Place
	// Translate lists the entries that a form stands in.
	Translate(form string) []bridge.Translation
}

var _ Words = (*bridge.Glossary)(nil)

// Facts returns the key facts of a quote for a reader of the language to, en or
// zh: at most Most, those that tell most, in the order of the quote, without
// overlap, and none twice. Of a quote that says some in either language, those
// are given that are in the other one. It returns nil for a quote that is in the
// language to already, for one without facts, and for another language.
//
// Check accepts every fact that Facts returns.
func Facts(quote, to string, words Words) []Fact {
	if !foreign(quote, to) {
		return nil
	}
	list := settle(candidates(quote, to, words))
	seen := map[string]bool{}
	var out []candidate
	for _, c := range list {
		if seen[c.fact.Text] {
			continue
		}
		c.complete(quote, to)
		if c.fact.Gloss != "" && !seen[c.fact.Gloss] {
			seen[c.fact.Text], seen[c.fact.Gloss] = true, true
			out = append(out, c)
		}
	}
	slices.SortStableFunc(out, func(a, b candidate) int { return cmp.Compare(b.score, a.score) })
	out = out[:min(len(out), Most)]
	slices.SortFunc(out, func(a, b candidate) int { return cmp.Compare(a.fact.Start, b.fact.Start) })
	var facts []Fact
	for _, c := range out {
		facts = append(facts, c.fact)
	}
	return facts
}

// Check says what is wrong with a fact of a quote for a reader of the language
// to; "" when it holds: its text stands in the quote at its place, as a whole
// word or number, it is of its kind, and its gloss is letter for letter what the
// glossary or quantity.Render gives for exactly that text.
func Check(quote string, f Fact, to string, words Words) string {
	if to != "en" && to != "zh" {
		return "no glosses in this language"
	}
	if f.Start < 0 || f.End <= f.Start || f.End > len(quote) || quote[f.Start:f.End] != f.Text {
		return "the text does not stand there in the quote"
	}
	if !whole(quote, f.Start, f.End) {
		return "the text begins or ends within a word"
	}
	if !written(f.Text, to) {
		return "the text is not in the other language"
	}
	if f.Kind == Number {
		return checkNumber(quote, f, to)
	}
	d := derive(f.Text, to, words)
	switch {
	case d.gloss == "":
		return "the glossary says nothing certain for this text"
	case d.kind != f.Kind:
		return "the glossary says that this is a " + d.kind
	case d.gloss != f.Gloss:
		return "the glossary says " + d.gloss
	case partOfName(quote, f.Start, f.End, f.Kind, to):
		return "the text is only part of a name"
	}
	return ""
}

func checkNumber(quote string, f Fact, to string) string {
	for _, q := range quantity.Find(quote) {
		if q.Start != f.Start || q.End != f.End {
			continue
		}
		want, ok := quantity.Render(q, to)
		if !ok || !certain(q, f.Text) {
			return "this quantity has no certain rendering"
		}
		if want != f.Gloss {
			return "the quantity reads " + want
		}
		back := quantity.Find(f.Gloss)
		if len(back) != 1 || !quantity.Equal(back[0], q) {
			return "the gloss is another quantity"
		}
		return ""
	}
	return "no quantity of the quote is exactly this text"
}

// foreign reports whether enough of a quote is in the language that a reader of
// to does not read.
func foreign(quote, to string) bool {
	han, words, in := 0, 0, false
	for _, r := range quote {
		latin := unicode.Is(unicode.Latin, r)
		switch {
		case unicode.Is(unicode.Han, r):
			han++
		case latin && !in:
			words++
		}
		in = latin
	}
	// Two characters are about a word; a few foreign names do not make a quote foreign.
	switch to {
	case "en":
		return han > 0 && han*3 >= words*2
	case "zh":
		return words > 0 && words*6 >= han
	}
	return false
}

// written reports whether a text has a letter of the language that is not to.
func written(text, to string) bool {
	if to == "en" {
		return strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) })
	}
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Latin, r) }) &&
		!strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

// whole reports whether a span of a quote is characters and words as a whole.
func whole(quote string, start, end int) bool {
	return utf8.ValidString(quote[start:end]) && !cuts(quote, start) && !cuts(quote, end)
}

// cuts reports whether the byte at is within a character, or between two letters
// or digits of one word.
func cuts(s string, at int) bool {
	if at > 0 && at < len(s) && !utf8.RuneStart(s[at]) {
		return true
	}
	before, _ := utf8.DecodeLastRuneInString(s[:at])
	after, _ := utf8.DecodeRuneInString(s[at:])
	return inWord(before) && inWord(after)
}

func inWord(r rune) bool {
	return unicode.Is(unicode.Latin, r) || unicode.IsMark(r)
}
