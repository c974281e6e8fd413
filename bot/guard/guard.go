// Package guard decides by plain code whether what an answer claims may leave:
// every sentence, quote and notice against the clauses that it cites. It trusts
// nobody who wrote the answer, a program or a model, and fails closed.
//
// Its rules are the guarantees G1 to G8:
//
//	G1 every sentence cites a clause
//	G2 what is cited is a clause that was found, unchanged
//	G3 every quote is word for word at its place
//	G4 numbers, dates and documents of a sentence stand in the clause it cites
//	G5 so do places, bodies and programmes
//	G6 nothing is allowed, forbidden, obliged, promised or negated that the clause
//	   does not, nobody does what another does there, and no word adds to it
//	G7 no links, markup or invisible characters but the clause's own
//	G8 a period, deadline or target year that has ended, a translation, a mere
//	   intention and another place than the asker's are said
package guard

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"policybot/bot/gloss"
	"policybot/bot/grounding"
	"policybot/bot/strength"
	"policybot/retrieval"
	"policybot/retrieval/bridge"
	"policybot/retrieval/sentence"
)

// A Sentence is one sentence of an answer with the numbers of the citations
// that back it.
type Sentence struct {
	Text      string `json:"text"`
	Citations []int  `json:"citations"`
}

// A Citation backs a sentence: Quote is exactly the code points
// [QuoteStart, QuoteEnd) of Clause.Text.
type Citation struct {
	N          int              `json:"n"` // from 1, in order of first use
	Clause     retrieval.Clause `json:"clause"`
	Quote      string           `json:"quote"`
	QuoteStart int              `json:"quote_start"`
	QuoteEnd   int              `json:"quote_end"`
	// Gloss says key facts of the quote in the asker's language, by plain code.
	Gloss []gloss.Fact `json:"gloss,omitempty"`
}

// A Notice is a limit that the asker must know: a period that has ended, a
// text that is not a policy.
type Notice struct {
	Kind    string   `json:"kind"`
	Text    string   `json:"text"`
	Clauses []string `json:"clauses"` // ids of the clauses it concerns
}

// Kinds of notice.
const (
	PeriodOver       = "period_over"       // a stated period has ended
	TargetYearOver   = "target_year_over"  // only a target year has passed; no expiry is stated
	DeadlinePassed   = "deadline_passed"   // the day by which measures were to be carried out
	Future           = "future"            // the stated period has not begun
	Undated          = "undated"           // neither date nor period is known
	OtherPlace       = "other_place"       // of another place than the asker's
	Translation      = "translation"       // machine-translated, or a word that cannot be right
	Intention        = "intention"         // sought or encouraged, not granted
	NotPolicy        = "not_policy"        // a press conference or interview
	SuccessorMissing = "successor_missing" // a newer document is named and not held
	Conflict         = "conflict"          // documents differ
	Repealed         = "repealed"
	AIGenerated      = "ai_generated" // the sentences were written by a model
)

// Claims are what an answer says.
type Claims struct {
	Sentences []Sentence
	Citations []Citation
	Notices   []Notice
	Lang      string    // zh or en: of the asker
	Day       time.Time // for which it is said
	Elsewhere []string  // ids of cited clauses that do not apply where the asker is
}

// Known is what may be claimed.
type Known struct {
	// Clauses are those that were found, by id. nil: what was found is not known,
	// as when a stored answer is looked at; then G2 asks only for whole citations.
	Clauses map[string]retrieval.Clause
	Names   *grounding.Names // places, bodies and programmes
	// Rephrased allows sentences that are not word for word in a quote: G4 to G6
	// are then all there is between a model and the reader.
	Rephrased bool
}

// A Violation is one claim that may not be made.
type Violation struct {
	Rule string `json:"rule"` // G1 to G8
	What string `json:"what"`
}

// Check returns what of the claims may not be made, in the order of the
// rules' subjects: citations, sentences, notices; nil when all may.
func Check(c Claims, known Known) []Violation {
	k := checker{claims: c, known: known}
	k.said()
	for _, n := range c.Notices {
		k.plain(n.Text, nil)
	}
	k.required()
	return k.found
}

// Prepare reads the files of words that sentences in other words are checked with,
// which takes most of a second once; else the first such sentence waits for it.
func Prepare() {
	_ = grounding.Check("Firms are supported.", []grounding.Source{{Text: "支持企业上市。"}}, nil)
	_ = glossary()
}

// CheckSoFar is Check for the sentences and citations of an answer that is still
// being written: G8 is for its end.
func CheckSoFar(c Claims, known Known) []Violation {
	k := checker{claims: c, known: known}
	k.said()
	return k.found
}

// said checks citations and sentences.
func (k *checker) said() {
	for i := range k.claims.Citations {
		k.citation(i)
	}
	for _, s := range k.claims.Sentences {
		k.sentence(s)
	}
}

type checker struct {
	claims Claims
	known  Known
	found  []Violation
}

func (k *checker) add(rule, form string, args ...any) {
	k.found = append(k.found, Violation{rule, fmt.Sprintf(form, args...)})
}

// citation checks G2 and G3.
func (k *checker) citation(i int) {
	c := k.claims.Citations[i]
	if c.N != i+1 {
		k.add("G2", "citation %d has the number %d", i+1, c.N)
	}
	if k.known.Clauses != nil {
		if own, ok := k.known.Clauses[c.Clause.ID]; !ok || !same(own, c.Clause) {
			k.add("G2", "citation %d is not the clause %s that was found", c.N, c.Clause.ID)
		}
	}
	text := []rune(c.Clause.Text)
	if c.QuoteStart < 0 || c.QuoteEnd > len(text) || c.QuoteStart >= c.QuoteEnd || string(text[c.QuoteStart:c.QuoteEnd]) != c.Quote {
		k.add("G3", "citation %d is not what %s says at %d to %d", c.N, c.Clause.ID, c.QuoteStart, c.QuoteEnd)
	} else if from := len(string(text[:c.QuoteStart])); !whole(c.Clause.Text, from, from+len(c.Quote)) {
		k.add("G3", "citation %d begins or ends within a sentence of %s", c.N, c.Clause.ID)
	}
	for _, f := range c.Gloss {
		if problem := gloss.Check(c.Quote, f, k.claims.Lang, bridge.Translations()); problem != "" {
			k.add("G4", "gloss of citation %d: %s", c.N, problem)
		}
	}
}

// whole reports whether text[from:to], in bytes, is one sentence or more: what is
// cut off a sentence may be the condition or the negation that it stands under.
func whole(text string, from, to int) bool {
	parts := sentence.Split(text)
	begins := from == 0 || slices.ContainsFunc(parts, func(p sentence.Span) bool { return p.Start == from })
	ends := to == len(text) || slices.ContainsFunc(parts, func(p sentence.Span) bool { return p.End == to })
	return begins && ends
}

// Verbatim reports whether a sentence is one or more whole sentences of a quote.
func Verbatim(s string, c Citation) bool {
	text := []rune(c.Clause.Text)
	if c.QuoteStart < 0 || c.QuoteStart > len(text) {
		return false
	}
	from := len(string(text[:c.QuoteStart]))
	for at := 0; s != ""; {
		i := strings.Index(c.Quote[at:], s)
		if i < 0 {
			return false
		}
		i += at
		if whole(c.Clause.Text, from+i, from+i+len(s)) {
			return true
		}
		at = i + 1
	}
	return false
}

// same reports whether two clauses say the same to a reader.
func same(a, b retrieval.Clause) bool {
	x, y := a.Document, b.Document
	return a.Text == b.Text && a.Path == b.Path && a.Heading == b.Heading && slices.Equal(a.Departments, b.Departments) &&
		a.Start == b.Start && a.End == b.End &&
		x.ID == y.ID && x.Title == y.Title && x.Number == y.Number && x.Issuer == y.Issuer && x.Jurisdiction == y.Jurisdiction &&
		x.IssuedOn == y.IssuedOn && x.ValidFrom == y.ValidFrom && x.ValidUntil == y.ValidUntil && x.TargetYear == y.TargetYear &&
		x.Source == y.Source && x.Kind == y.Kind
}

// sentence checks G1 and, of a sentence that is not a quotation, G4 to G7.
func (k *checker) sentence(s Sentence) {
	if len(s.Citations) == 0 {
		k.add("G1", "no citation for %q", s.Text)
		return
	}
	var sources []grounding.Source
	quoted := true
	for _, n := range s.Citations {
		if n < 1 || n > len(k.claims.Citations) {
			k.add("G2", "%q cites %d, of %d", s.Text, n, len(k.claims.Citations))
			return
		}
		c := k.claims.Citations[n-1]
		quoted = quoted && Verbatim(s.Text, c)
		sources = append(sources, source(c))
	}
	if quoted {
		return
	}
	if !k.known.Rephrased {
		k.add("G3", "%q is not in every quote that it cites, or not whole", s.Text)
		return
	}
	for _, v := range grounding.Check(s.Text, sources, k.known.Names) {
		k.add(rules[v.Rule], "%s: %q in %q", v.Rule, v.What, s.Text)
	}
	k.plain(s.Text, sources)
	k.prose(s.Text, sources)
}

var rules = map[grounding.Rule]string{
	grounding.RuleNumber: "G4", grounding.RuleUnit: "G4", grounding.RuleComparator: "G4", grounding.RuleDate: "G4", grounding.RuleDocument: "G4",
	grounding.RulePlace: "G5", grounding.RuleBody: "G5", grounding.RuleProgramme: "G5", grounding.RuleTitle: "G5",
	grounding.RulePolarity: "G6", grounding.RuleModality: "G6", grounding.RulePromise: "G6", grounding.RuleRole: "G6", grounding.RuleWord: "G6",
}

// source is what is quoted as sentences are grounded in it: the quote, and what
// the clause stands under.
func source(c Citation) grounding.Source {
	d := c.Clause.Document
	return grounding.Source{
		Text:  c.Quote,
		About: append(slices.Clone(c.Clause.Parents), c.Clause.Heading, d.Title, d.Number, d.Issuer, d.Jurisdiction, d.IssuedOn, d.ValidFrom, d.ValidUntil),
	}
}

// signs of links, markup and code that text of ours never has.
var signs = []string{"://", "www.", "](", "<a ", "<img", "<script", "</", "```", "javascript:", "data:"}

// code are more of them, in sentences that a model wrote: prose of policies has none.
var code = []string{"=", "<", ">", "{", "}", "|", "\\", "^", "_", "#", "@", "`", "--", "/*", "*/"}

// plain checks G7: no signs, nothing that does not show.
func (k *checker) plain(text string, sources []grounding.Source) {
	k.without(signs, text, sources)
	if strings.ContainsFunc(text, invisible) {
		k.add("G7", "an invisible character in %q", text)
	}
}

// prose checks G7 of a sentence that a model wrote: no code, no characters of other
// scripts, and quotation marks that open are closed, as far as they are in the sources.
func (k *checker) prose(text string, sources []grounding.Source) {
	k.without(code, text, sources)
	for _, r := range text {
		if foreign(r) && !slices.ContainsFunc(sources, func(s grounding.Source) bool { return strings.ContainsRune(s.Text, r) }) {
			k.add("G7", "%q in %q", r, text)
			break
		}
	}
	if open(text) && !slices.ContainsFunc(sources, func(s grounding.Source) bool { return open(s.Text) }) {
		k.add("G7", "quotation marks without another in %q", text)
	}
}

// foreign reports whether a letter or digit is of a script that texts in Chinese and
// English are not written in: its digits are numbers that no rule here reads, its
// letters look like others.
func foreign(r rune) bool {
	if !unicode.IsLetter(r) && !unicode.IsNumber(r) {
		return false
	}
	plain := '0' <= r && r <= '9' || '０' <= r && r <= '９'
	return !plain && !unicode.In(r, unicode.Han, unicode.Latin)
}

// open reports whether a text has a quotation mark without another.
func open(text string) bool {
	return strings.Count(text, `"`)%2 != 0 || strings.Count(text, "“") != strings.Count(text, "”")
}

// without checks that a text has none of the signs, but those that a source has too.
func (k *checker) without(signs []string, text string, sources []grounding.Source) {
	lower := strings.ToLower(text)
	for _, sign := range signs {
		own := func(s grounding.Source) bool { return strings.Contains(strings.ToLower(s.Text), sign) }
		if strings.Contains(lower, sign) && !slices.ContainsFunc(sources, own) {
			k.add("G7", "%q in %q", sign, text)
		}
	}
}

// invisible reports whether a character does not show, or changes how the one before
// it does: formats, private use, controls, what is not assigned, combining marks and
// variation selectors (Unicode 15, categories Cf, Co, Cc, Cn, Mn, Me; property
// Default_Ignorable_Code_Point).
func invisible(r rune) bool {
	return !unicode.IsGraphic(r) && r != '\n' ||
		unicode.In(r, unicode.Mn, unicode.Me, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

// Odd reports whether a character of a text that a person typed does not show, or is a
// letter or digit of a script that texts in Chinese and English are not written in.
// Numbers that are signs of their own, such as ①, Ⅲ and ², and white space are not odd.
func Odd(r rune) bool {
	if unicode.IsSpace(r) {
		return false
	}
	return invisible(r) || foreign(r) && !unicode.In(r, unicode.No, unicode.Nl)
}

// required checks G8.
func (k *checker) required() {
	for _, c := range k.claims.Citations {
		for _, kind := range limits(c, k.claims.Day) {
			if !k.noticed(kind, c.Clause.ID) {
				k.add("G8", "%s is not said of %s", kind, c.Clause.ID)
			}
		}
	}
	for _, id := range k.claims.Elsewhere {
		if !k.noticed(OtherPlace, id) {
			k.add("G8", "%s is not said of %s", OtherPlace, id)
		}
	}
}

func (k *checker) noticed(kind, clause string) bool {
	return slices.ContainsFunc(k.claims.Notices, func(n Notice) bool {
		return n.Kind == kind && strings.TrimSpace(n.Text) != "" && slices.Contains(n.Clauses, clause)
	})
}

// limits are the kinds of notice that what is cited asks for, from the facts of
// its document and its verbs.
func limits(c Citation, day time.Time) []string {
	d := c.Clause.Document
	var out []string
	add := func(kind string, when bool) {
		if when {
			out = append(out, kind)
		}
	}
	limit := Limit(d, day)
	add(limit, limit != "")
	add(TargetYearOver, limit == NotPolicy && d.TargetYear > 0 && day.Year() > d.TargetYear)
	add(Undated, limit == "" && d.IssuedOn == "" && d.ValidFrom == "")
	add(DeadlinePassed, d.Deadline != "" && retrieval.Passed(d.Deadline, day))
	add(Translation, d.Translated)
	add(Intention, strength.Of(c.Quote).Strength == strength.Intention)
	return out
}

// Limit is the kind of notice that the status of a document asks for on a day,
// or "".
func Limit(d retrieval.Document, day time.Time) string {
	switch d.StatusOn(day) {
	case retrieval.StatusNotPolicy:
		return NotPolicy
	case retrieval.StatusRepealed:
		return Repealed
	case retrieval.StatusPeriodOver:
		return PeriodOver
	case retrieval.StatusTargetOver:
		return TargetYearOver
	case retrieval.StatusNotYet:
		return Future
	}
	return ""
}
