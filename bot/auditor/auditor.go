// Package auditor judges an answer that was delivered against the twelve
// guarantees of faithfulness, from the outside: from the printed JSON of the
// answer, the clauses of the library and the closed list of templates. It
// shares no code with what makes answers, so that both have to agree.
package auditor

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// A Violation is one broken guarantee.
type Violation struct {
	Rule string // G1 to G12
	What string // for a person, in English
}

// A Trace is an answer as it was delivered with what it has to agree with.
// What is missing is never taken for granted: an empty Retrieved or Clauses
// makes each citation a violation.
type Trace struct {
	Answer      json.RawMessage   // one Answer as printed
	Retrieved   []string          // ids of the clauses that were found
	Clauses     map[string]Clause // the library, by clause id
	Day         string            // YYYY-MM-DD, the day for which the answer holds
	AskerPlaces []string          // where the asker is; empty when not said
	Canary      []string          // secrets of the prompt that must not come out
	Handles     []string          // one-time citation tokens of the request
	Log         []byte            // the stored record as JSON; nil when none was kept
	BaseURL     string            // what links of the server begin with; "" allows none
	Channel     bool              // the text is what was posted to a chat channel, with its own links
	Reviewed    []string          // what people have approved of measures: titles, names of conditions and facts, questions
	Said        []string          // the question and earlier turns
	Known       *Lexicon          // names and words that sentences are judged by; nil makes one from Clauses
}

// A Clause is a clause as the contract prints it.
type Clause struct {
	ID          string   `json:"id"`
	Document    Document `json:"document"`
	Path        string   `json:"path"`
	Heading     string   `json:"heading"`
	Text        string   `json:"text"`
	Departments []string `json:"departments"`
	URL         string   `json:"url"`
}

// A Document is a document as the contract prints it, with the fields beside
// it that versions and years are judged by.
type Document struct {
	ID           string      `json:"id"`
	Title        string      `json:"title"`
	Number       string      `json:"number"`
	Issuer       string      `json:"issuer"`
	Jurisdiction string      `json:"jurisdiction"`
	IssuedOn     string      `json:"issued_on"`
	ValidFrom    string      `json:"valid_from"`
	ValidUntil   string      `json:"valid_until"`
	TargetYear   int         `json:"target_year"`
	Deadline     string      `json:"deadline"`
	Status       string      `json:"status"`
	Hash         string      `json:"hash"`
	Version      json.Number `json:"version"`
}

type answer struct {
	Lang      string     `json:"lang"`
	Outcome   string     `json:"outcome"`
	Reason    string     `json:"reason"`
	Text      string     `json:"text"`
	Sentences []sentence `json:"sentences"`
	Citations []citation `json:"citations"`
	Notices   []notice   `json:"notices"`
	Nearest   []Clause   `json:"nearest"`
	Measures  []measure  `json:"eligibility"`
	Contacts  []string   `json:"contacts"`
	Mode      string     `json:"mode"`
	Fallback  string     `json:"fallback"` // why a generated answer was given up; "" when none was
	Library   string     `json:"library"`
	AsOf      string     `json:"as_of"`
}

type sentence struct {
	Text      string `json:"text"`
	Citations []int  `json:"citations"`
}

type citation struct {
	N      int    `json:"n"`
	Clause Clause `json:"clause"`
	Quote  string `json:"quote"`
	Start  *int   `json:"quote_start"`
	End    *int   `json:"quote_end"`
}

type notice struct {
	Kind    string   `json:"kind"`
	Text    string   `json:"text"`
	Clauses []string `json:"clauses"`
}

// audit is one Trace being judged.
type audit struct {
	Trace
	answer
	known   Lexicon
	found   []Violation
	byN     map[int]citation
	library []Clause
	shown   int // the number of the source that the line before names
}

func (a *audit) bad(rule, format string, args ...any) {
	a.found = append(a.found, Violation{rule, fmt.Sprintf(format, args...)})
}

// Bounds of what is judged; what is longer is refused.
const (
	longestText   = 200_000 // bytes
	mostSentences = 200     // and citations
)

var outcomes = map[string]bool{"answered": true, "abstained": true, "clarify": true, "refused": true, "handed_over": true, "failed": true}

// Audit lists every guarantee that an answer breaks, in the order of the
// checks; none when it keeps all. What cannot be decoded breaks G1.
func Audit(t Trace) []Violation {
	a := &audit{Trace: t, byN: map[int]citation{}}
	if err := json.Unmarshal(t.Answer, &a.answer); err != nil {
		a.bad("G1", "the answer cannot be decoded: %v", err)
		return a.found
	}
	if len(a.Text) > longestText || len(a.Sentences) > mostSentences || len(a.Citations) > mostSentences {
		a.bad("G1", "the answer is too long to be judged")
		return a.found
	}
	if !outcomes[a.Outcome] || a.Lang != "zh" && a.Lang != "en" {
		a.bad("G1", "outcome %q in language %q", a.Outcome, a.Lang)
		return a.found
	}
	for _, c := range t.Clauses {
		a.library = append(a.library, c)
	}
	if t.Known != nil {
		a.known = *t.Known
	} else {
		a.known = NewLexicon(a.library)
	}
	a.citations()
	a.sentences()
	a.ownCase()
	a.lines()
	a.leaks()
	a.validity()
	a.silence()
	a.label()
	if t.Log != nil {
		a.record()
	}
	return a.found
}

// sentences: G1 and G3 to G7 of each sentence.
func (a *audit) sentences() {
	if a.Outcome == "answered" && len(a.Sentences) == 0 {
		a.bad("G1", "answered without a sentence")
	}
	if a.Outcome != "answered" && a.Outcome != "clarify" && len(a.Sentences) > 0 {
		a.bad("G9", "outcome %s with sentences", a.Outcome)
	}
	for _, s := range a.Sentences {
		if len(s.Citations) == 0 {
			a.bad("G1", "no citation: %q", s.Text)
			continue
		}
		var quotes []Quote
		whole, text := false, s.Text
		for _, n := range s.Citations {
			c, ok := a.byN[n]
			if !ok {
				a.bad("G2", "citation [%d] does not exist: %q", n, s.Text)
				continue
			}
			quotes = append(quotes, Quote{Text: c.Quote, About: aboutOf(c.Clause)})
			text = withoutNumber(text, c.Clause.Path)
			whole = whole || plain(s.Text) != "" && strings.Contains(plain(c.Quote), plain(s.Text))
		}
		switch {
		case whole:
		case a.Mode == "extractive" || a.Mode == "":
			a.bad("G3", "not verbatim in its quote: %q", s.Text)
		case a.Mode == "generative":
			a.found = append(a.found, Sentence(text, a.Lang, quotes, a.known)...)
		default:
			a.bad("G1", "unknown mode %q", a.Mode)
		}
	}
}

// withoutNumber takes the number of its clause, the end of the path, from the
// beginning of a sentence.
func withoutNumber(text, path string) string {
	number := plain(path[strings.LastIndexByte(path, '/')+1:])
	rest := strings.TrimSpace(text)
	for range utf8.RuneCountInString(number) {
		_, size := utf8.DecodeRuneInString(rest)
		rest = rest[size:]
	}
	if number != "" && strings.HasPrefix(plain(text), number) && strings.ContainsAny(number, "()") {
		return rest
	}
	return text
}

func aboutOf(c Clause) []string {
	d := c.Document
	return []string{c.Heading, d.Title, d.Number, d.Issuer, d.Jurisdiction, d.IssuedOn, d.ValidFrom, d.ValidUntil}
}
