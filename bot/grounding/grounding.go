// Package grounding checks a sentence of an answer against the clauses that it
// cites: every number, date, document, place, body, programme and title in it
// has to stand there, and what the clause does not forbid, except, oblige or
// allow the sentence may not either. Strings go in, findings with byte offsets
// come out; no model is asked, so equal input gives equal findings.
//
// Sentence and clause may be in different languages. Quantities are compared
// by value then, names through their forms, and words that turn or oblige by
// class (不得 and must not are one), near the things that both name.
//
// A sentence that is not word for word in a source has to be accounted for as a
// whole (fail closed: what nothing accounts for is a violation):
//
//   - every word stands in a source, or same.txt or retrieval/bridge has it for a
//     word that does, or light.txt says that it adds nothing; kinds.txt and
//     promises.txt list what may never be taken for something else;
//   - words that stand together come from one sentence of the sources, figures
//     with what they are figures of, and who does something is who does it there;
//   - what is only sought, supported, encouraged or allowed is said so, and a
//     condition is not left out.
//
// The checks are of words. They cannot find a sentence that says with the words
// of one sentence of a source what that does not say, nor do they know every
// word that a careful writer may use. Only a quotation is sure: see [Quote]. The
// words that decide are in the .txt files, for a clerk to edit.
package grounding

import (
	"cmp"
	"regexp"
	"slices"

	"policybot/bot/quantity"
	"policybot/bot/quantity/fold"
)

// A Source is a clause that a sentence cites.
type Source struct {
	Text string // the clause
	// About are its headings and its document's title, number, issuer, place
	// and period. What they name may be said, and a number or date if it
	// stands there.
	About []string
}

// A Rule says what is wrong.
type Rule string

// Rules, in the order in which Check looks.
const (
	RuleNumber     Rule = "number"     // not in a source, or said of something else there
	RuleUnit       Rule = "unit"       // there with another unit or multiplier
	RuleComparator Rule = "comparator" // there with another 不少于, more than, 约, …, or without
	RuleDate       Rule = "date"       // a date that no source has
	RuleDocument   Rule = "document"   // a document number that no source has
	RulePlace      Rule = "place"
	RuleBody       Rule = "body"
	RuleProgramme  Rule = "programme"
	RuleTitle      Rule = "title"    // 《…》 that no source names
	RulePolarity   Rule = "polarity" // a negation or restriction added, dropped or changed
	RuleModality   Rule = "modality" // an obligation, permission, … that is not the source's
	RuleWord       Rule = "word"     // a word that nothing in the sources accounts for
	RulePromise    Rule = "promise"  // the asker is told what he gets, may or is, which no source says
	RuleRole       Rule = "role"     // who does what to whom is not as in the source
)

// A Violation is one thing that a sentence says and its sources do not.
type Violation struct {
	Rule Rule
	// What is the text at sentence[Start:End], in bytes; of something dropped,
	// what the source says, and the span is then that of the phrase that should
	// say it.
	What       string
	Start, End int
}

// Check returns what in the sentence its sources do not bear out, by the order
// of Start, then of Rule; nil if there is nothing. A sentence without text has
// no violation, and one with text but without sources has every quantity,
// name, title, negation and modal word in it as one.
//
// A sentence that stands word for word in a source, from one mark of
// punctuation to another and with all that negates or allows it, has none
// whatever else the rules would say. Case, width, traditional characters and
// white space do not matter for that.
//
// The sources are best the quoted sentences alone: the more they say, the more a
// false sentence may stand on.
//
// names may be nil. Time grows with the sentence times the sources: a millisecond
// or so for a sentence and three quotes, more for long clauses, most of it for
// reading them, which [Read] does once for many sentences. The first call reads
// the words of retrieval/bridge, a fraction of a second.
func Check(sentence string, sources []Source, names *Names) []Violation {
	return Read(sources, names).Check(sentence)
}

// Sources are the sources of an answer, read once. They may be used from
// several goroutines.
type Sources struct {
	texts  []text
	about  []text
	names  *Names
	corpus *corpus
}

// Read reads the sources. It keeps nothing of the slice, and names, which may
// be nil.
func Read(sources []Source, names *Names) *Sources {
	r := &Sources{names: names}
	for _, s := range sources {
		r.texts = append(r.texts, read(s.Text, names))
		for _, a := range s.About {
			r.about = append(r.about, read(a, names))
		}
	}
	r.corpus = corpusOf(r.texts, r.about)
	return r
}

// Check is the function Check for these sources.
func (r *Sources) Check(sentence string) []Violation { return r.check(sentence, true) }

// check is Check with or without the rule for what stands word for word.
func (r *Sources) check(sentence string, quoting bool) []Violation {
	claim := read(sentence, r.names)
	if claim.blank() {
		return nil
	}
	for k := range r.texts {
		if quoting && r.texts[k].holds(&claim) {
			return nil
		}
	}
	c := checker{claim: claim, sources: r.texts, about: r.about, corpus: r.corpus}
	c.parts = c.pieces()
	for k := range claim.phrases {
		c.content = append(c.content, claim.phrases[k].keys...)
	}
	c.content = sorted(c.content)
	c.quantities()
	c.chains()
	c.dates()
	c.pairs()
	c.names()
	c.titles()
	c.laws()
	c.offices()
	c.marks()
	c.words()
	c.local()
	c.force()
	c.done()
	c.roleOf()
	c.backwards()
	c.twice()
	c.stuttered()
	c.hyphens()
	c.promises()
	slices.SortStableFunc(c.out, func(a, b Violation) int { return cmp.Compare(a.Start, b.Start) })
	return c.out
}

// A checker holds a sentence, its sources and what is wrong so far.
type checker struct {
	claim   text
	content keys // of all phrases of the claim
	sources []text
	about   []text
	corpus  *corpus
	parts   []piece // of the claim
	out     []Violation
}

// add notes a violation at the runes from i to j of the sentence.
func (c *checker) add(rule Rule, what string, i, j int) {
	start, end := c.claim.Span(i, j)
	if what == "" {
		what = c.claim.Raw[start:end]
	}
	v := Violation{rule, what, start, end}
	if !slices.Contains(c.out, v) {
		c.out = append(c.out, v)
	}
}

// A text is a sentence or a clause, read once.
type text struct {
	fold.Text
	quantities []amount
	named      []named
	phrases    []phrase
}

// An amount is a quantity with its place in runes.
type amount struct {
	quantity.Quantity
	from, to int
	after    int // where the quantity before ends, 0 without one
	before   int // where the next begins, the length of the text without one
}

// read finds all in s that rules look at.
func read(s string, names *Names) text {
	t := text{Text: fold.New(s)}
	at := 0
	for _, q := range quantities(s) {
		for at < len(t.Runes) && t.start(at) < q.Start {
			at++
		}
		from := at
		for at < len(t.Runes) && t.start(at) < q.End {
			at++
		}
		if at > from {
			t.quantities = append(t.quantities, amount{q, from, at, 0, len(t.Runes)})
		}
	}
	for k := 1; k < len(t.quantities); k++ {
		t.quantities[k].after = t.quantities[k-1].to
		t.quantities[k-1].before = t.quantities[k].from
	}
	t.named = names.find(&t.Text)
	t.cut()
	return t
}

func (t *text) start(i int) int {
	start, _ := t.Span(i, i+1)
	return start
}

// at returns the rune at i, or 0 outside the text.
func (t *text) at(i int) rune {
	if i < 0 || i >= len(t.Runes) {
		return 0
	}
	return t.Runes[i]
}

// blank reports whether no letter or digit is in t.
func (t *text) blank() bool {
	return !slices.ContainsFunc(t.Runes, func(r rune) bool { return fold.Han(r) || fold.Latin(r) || fold.Digit(r) })
}

// quantities finds the quantities of s, also where a blank stands between a
// number and 万 or 亿, which package quantity takes for the end of the number.
func quantities(s string) []quantity.Quantity {
	joined, dropped := s, []int(nil) // places of the blanks left out, in joined
	for _, m := range beforeTenThousand.FindAllStringSubmatchIndex(s, -1) {
		from, to := m[2]-len(dropped), m[3]-len(dropped)
		joined = joined[:from] + joined[to:]
		for range to - from {
			dropped = append(dropped, from)
		}
	}
	list := quantity.Find(joined)
	for k := range list {
		start, end := list[k].Start, list[k].End
		for _, at := range dropped {
			if at <= start {
				list[k].Start++
			}
			if at < end {
				list[k].End++
			}
		}
	}
	return list
}

var beforeTenThousand = regexp.MustCompile(`[0-9０-９]([ \x{00a0}\x{3000}]+)[万亿萬億]`)
