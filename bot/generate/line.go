package generate

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"policybot/bot/grounding"
	"policybot/bot/guard"
	"policybot/prompts"
	"policybot/retrieval"
	"policybot/retrieval/sentence"
)

// An objectReader finds the objects of JSON in a reply as it comes. Models put line
// ends into them, lists around them, fences of Markdown before them and their
// thoughts between <think> tags, whatever they are told; none of that is read.
type objectReader struct {
	take    func(object string) error
	object  strings.Builder // that is open
	outside strings.Builder // the last characters outside of objects, to see tags
	depth   int
	quoted  bool // within a string
	escaped bool // after a backslash
	silent  bool // within thoughts
	heard   bool // there was text
	taken   bool
}

// maxLine is how long an object may be, in bytes; a longer one ends the reply.
const maxLine = 8 << 10

const (
	thoughts    = "<think>"
	endThoughts = "</think>"
)

func (r *objectReader) write(piece string) error {
	for i := range len(piece) {
		c := piece[i]
		if r.depth == 0 && (r.silent || c != '{') {
			r.text(c)
			continue
		}
		r.object.WriteByte(c)
		if r.object.Len() > maxLine {
			return errEnough
		}
		r.nest(c)
		if r.depth > 0 {
			continue
		}
		object := r.object.String()
		r.object.Reset()
		r.taken = true
		if err := r.take(object); err != nil {
			return err
		}
	}
	return nil
}

// text takes a byte outside of objects.
func (r *objectReader) text(c byte) {
	r.heard = r.heard || c > ' '
	r.outside.WriteByte(c)
	s := r.outside.String()
	switch {
	case strings.HasSuffix(s, thoughts):
		r.silent = true
	case strings.HasSuffix(s, endThoughts):
		r.silent = false
	case len(s) < 64:
		return
	}
	r.outside.Reset()
	r.outside.WriteString(s[max(0, len(s)-len(endThoughts)):])
}

// nest takes a byte of an object.
func (r *objectReader) nest(c byte) {
	switch {
	case r.escaped:
		r.escaped = false
	case r.quoted && c == '\\':
		r.escaped = true
	case c == '"':
		r.quoted = !r.quoted
	case r.quoted:
	case c == '{' || c == '[':
		r.depth++
	case c == '}' || c == ']':
		r.depth--
	}
}

// close ends a reply. One that has text and no object is taken as it is: it is no
// answer, and that is to be noted.
func (r *objectReader) close() error {
	if r.heard && !r.taken {
		return r.take("")
	}
	return nil
}

// A reply is one object as a model writes it.
type reply struct {
	Sentence *string      `json:"sentence,omitempty"`
	Quotes   []replyQuote `json:"quotes,omitempty"`
	None     bool         `json:"none,omitempty"`
}

type replyQuote struct {
	Clause string `json:"clause"` // handle
	Quote  string `json:"quote"`
}

// A line is one sentence as it was read.
type line struct {
	sentence string
	quotes   []Quote // those that were found
	none     bool
	problem  guard.Violation
}

func violation(rule, form string, args ...any) *guard.Violation {
	return &guard.Violation{Rule: rule, What: fmt.Sprintf(form, args...)}
}

// maxQuotes is how many quotes a sentence may have.
const maxQuotes = 4

// readLine reads a line strictly: one object of the form that was asked for and
// nothing else. A quote that is found is made whole, to the borders of its
// sentences: what is cut off might be its condition.
func readLine(text string, f frame, clauses []retrieval.Clause) (line, *guard.Violation) {
	var r reply
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		return line{}, violation("form", "not the JSON that was asked for: %s", clip(err.Error()))
	}
	if r.None {
		return line{none: r.Sentence == nil && len(r.Quotes) == 0}, violation("form", "none, and a sentence")
	}
	if r.Sentence == nil {
		return line{}, violation("form", "no sentence")
	}
	l := line{sentence: strings.TrimSpace(*r.Sentence)}
	var problem *guard.Violation
	for _, q := range r.Quotes[:min(len(r.Quotes), maxQuotes)] {
		found, v := locate(q, f, clauses)
		switch {
		case v == nil && !slices.Contains(l.quotes, found):
			l.quotes = append(l.quotes, found)
		case v != nil && problem == nil:
			problem = v
		}
	}
	if problem == nil && len(l.quotes) == 0 {
		problem = violation("G1", "no quote")
	}
	return l, problem
}

// maxQuote is the most that one quote may have, in characters.
const maxQuote = 1200

// locate finds a quote in the clause of its handle.
func locate(q replyQuote, f frame, clauses []retrieval.Clause) (Quote, *guard.Violation) {
	i, ok := f.index(q.Clause)
	if !ok {
		return Quote{}, violation("G2", "no clause has this handle")
	}
	text := clauses[i].Text
	from, to, ok := grounding.Quote(q.Quote, text)
	if !ok {
		return Quote{}, violation("G3", "the quote is not in the clause")
	}
	start, end := byteOffset(text, from), byteOffset(text, to)
	for _, s := range sentence.Split(text) {
		if s.Start < end && start < s.End {
			start, end = min(start, s.Start), max(end, s.End)
		}
	}
	if utf8.RuneCountInString(text[start:end]) > maxQuote {
		return Quote{}, violation("G3", "the quote is too long")
	}
	return Quote{i, start, end}, nil
}

// byteOffset is where the n-th character of s begins.
func byteOffset(s string, n int) int {
	for at := range s {
		if n == 0 {
			return at
		}
		n--
	}
	return len(s)
}

// Cite is a quote as citation n.
func Cite(n int, c retrieval.Clause, q Quote) guard.Citation {
	from := utf8.RuneCountInString(c.Text[:q.Start])
	return guard.Citation{
		N: n, Clause: c, Quote: c.Text[q.Start:q.End],
		QuoteStart: from, QuoteEnd: from + utf8.RuneCountInString(c.Text[q.Start:q.End]),
	}
}

// Limits of a sentence, in characters.
const (
	shortest = 4
	longest  = 500
)

// numbered is how an item of a list begins. Numbers of items are the program's to say.
var numbered = regexp.MustCompile(`^[(（]?[0-9０-９一二三四五六七八九十]{1,3}[)）、.．]\s*\D`)

// form says what is wrong with a sentence whatever its quotes say.
func form(s, lang string, f frame) *guard.Violation {
	switch n := utf8.RuneCountInString(s); {
	case n < shortest || n > longest:
		return violation("form", "%d characters", n)
	case strings.ContainsFunc(s, unicode.IsControl):
		return violation("G7", "a control character")
	case len(sentence.Split(s)) > 1:
		return violation("form", "more than one sentence")
	case numbered.MatchString(s):
		return violation("form", "it begins with the number of an item")
	case f.leaks(s):
		return violation("G2", "it holds what only the prompt has")
	case strings.ContainsAny(s, "{}[]<>`|@#*_\\") || strings.Contains(s, "【") || strings.Contains(s, "［"):
		return violation("G7", "signs of markup, of a mention or of a citation")
	}
	if name, _, ok := prompts.Match(lang, s); ok {
		return violation("form", "it looks like our own words: %s", name)
	}
	return nil
}

// foreign says whether a sentence is in another language than the answer.
func foreign(s, lang string) *guard.Violation {
	if inLanguage(s, lang) {
		return nil
	}
	return violation("language", "not in the language of the question")
}

// inLanguage reports whether most of a sentence is in the language: names may be in
// another.
func inLanguage(s, lang string) bool {
	han, latin := 0, 0
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Han, r):
			han++
		case unicode.IsLetter(r):
			latin++
		}
	}
	if lang == prompts.Chinese {
		return han >= shortest && 3*han >= latin
	}
	return latin >= shortest && latin >= 3*han
}
