// Package understand reads a question: its language, what it asks for, which
// places, documents and days it means, and what earlier turns of the
// conversation give it. All of it can be shown, and none of it goes beyond the
// question, its history and the facts of the library's documents.
package understand

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"policybot/bot/intent"
	"policybot/prompts"
	"policybot/retrieval"
	"policybot/retrieval/analysis"
)

// A Turn is an earlier message of the conversation.
type Turn struct {
	User bool // else ours
	Text string
}

// A Question is what is read.
type Question struct {
	Text    string
	History []Turn // oldest first
	Lang    string // zh or en, for a text that shows no language
	Quotes  bool   // it quotes the last turn of ours: unless it names places or documents of its own, it is about that
}

// An Understanding is how a question was read.
type Understanding struct {
	Lang      string          `json:"lang"`                // zh or en: language of the answer
	Intents   []intent.Intent `json:"intents"`             // what is asked for, the main one first; never empty
	Kind      intent.Kind     `json:"kind,omitempty"`      // of what is off topic
	Places    []Place         `json:"places"`              // named in it, or in earlier turns where it names none
	Documents []Named         `json:"documents"`           // meant, likewise
	Missing   []string        `json:"missing,omitempty"`   // titles in 《》 that the library lacks
	AsOf      string          `json:"as_of,omitempty"`     // the day it is asked for, where it says one: YYYY-MM-DD
	Follows   bool            `json:"follows,omitempty"`   // earlier turns give its subject
	Inherited []string        `json:"inherited,omitempty"` // what they give: place, document, subject
	Removed   []string        `json:"removed,omitempty"`   // words that would steer the program: not looked at
	Parts     []string        `json:"parts,omitempty"`     // the questions that it consists of, where there are several
	Folded    string          `json:"folded"`              // the question in normal form, without what was removed
	Query     retrieval.Query `json:"query"`               // what is searched for
}

// Main is what is asked for first of all.
func (u Understanding) Main() intent.Intent { return u.Intents[0] }

// Asks reports whether something is asked for.
func (u Understanding) Asks(i ...intent.Intent) bool {
	return slices.ContainsFunc(i, func(i intent.Intent) bool { return slices.Contains(u.Intents, i) })
}

// Held are the named places that the library has documents for, by name.
func (u Understanding) Held() []string { return u.names(true) }

// Others are the named places that it has none for.
func (u Understanding) Others() []string { return u.names(false) }

func (u Understanding) names(held bool) []string {
	var out []string
	for _, p := range u.Places {
		if p.Held == held && !slices.Contains(out, p.Name) {
			out = append(out, p.Name)
		}
	}
	return out
}

// What a document counts in the search when the question means it, or when it
// does not apply in the places that it names.
const (
	meant    = 0.5
	notMeant = -0.1
	misplace = -1.5
)

// Read reads a question. docs are the documents of the library.
func Read(q Question, docs []retrieval.Document) Understanding { return NewLibrary(docs).Read(q) }

// Read reads a question.
func (l *Library) Read(q Question) Understanding {
	text, removed := intent.Strip(Clean(q.Text))
	if text == "" {
		text = Clean(q.Text)
	}
	text = iAm.ReplaceAllString(text, "$1 am")
	folded := analysis.Normalize(text)
	u := Understanding{Lang: LanguageOf(text, q.Lang), Removed: removed, Folded: folded, Places: []Place{}, Documents: []Named{}}
	asked := intent.Read(text)
	u.Kind = asked.Kind()
	for _, f := range asked.Intents {
		if !slices.Contains(u.Intents, f.Intent) {
			u.Intents = append(u.Intents, f.Intent)
		}
	}
	u.read(folded, text, l)
	u.Query.Text = text
	u.follow(q, folded, l)
	if u.Parts = parts(text, false); u.Parts == nil && u.Asks(intent.Compare) && len(u.Held()) < 2 && len(u.Documents) < 2 {
		u.Parts = parts(text, true)
	}
	u.focus(l)
	return u
}

// iAm is a contraction whose letters by themselves are another word: M&A.
var iAm = regexp.MustCompile(`(?i)\b(i)['’]m\b`)

// read fills in what the question itself names.
func (u *Understanding) read(folded, text string, l *Library) {
	u.Places = l.placesOf(folded)
	u.Documents = l.named(folded, u.Places)
	if held := u.Held(); len(held) > 0 {
		u.Documents = slices.DeleteFunc(u.Documents, func(n Named) bool {
			return n.Score < byName && !fitsAny(l.docs[l.byID[n.ID]], held)
		})
	}
	u.Missing = quotedTitles(text, l.docs)
	u.AsOf, _ = asOf(folded)
}

func (l *Library) placesOf(folded string) []Place {
	out := namedPlaces(folded)
	for i := range out {
		out[i].Held = slices.ContainsFunc(l.places, func(d retrieval.Document) bool { return Fits(d, out[i].Name) })
	}
	return out
}

func fitsAny(d retrieval.Document, places []string) bool {
	return slices.ContainsFunc(places, func(p string) bool { return Fits(d, p) })
}

// focus tells the search which documents are meant.
func (u *Understanding) focus(l *Library) {
	held := u.Held()
	for _, p := range u.Places {
		if p.Held {
			u.Query.Names = append(u.Query.Names, p.Text)
		}
	}
	for _, d := range u.Documents {
		for _, w := range d.Words {
			if w = analysis.Normalize(w); !slices.Contains(u.Query.Names, w) {
				u.Query.Names = append(u.Query.Names, w)
			}
		}
	}
	fits := map[string]bool{} // jurisdiction → whether it is that of a named place
	for _, d := range l.places {
		if d.Jurisdiction != "" {
			fits[d.Jurisdiction] = fitsAny(d, held)
		}
	}
	for _, d := range l.docs {
		weight := 0.0
		isMeant := slices.ContainsFunc(u.Documents, func(n Named) bool { return n.ID == d.ID })
		switch {
		case isMeant:
			weight = meant
		case len(u.Documents) > 0:
			weight = notMeant
		}
		fit, known := fits[d.Jurisdiction]
		if !isMeant && len(held) > 0 && !fit && (known || !fitsAny(d, held)) {
			weight += misplace
		}
		if weight != 0 {
			u.Query.Focus = append(u.Query.Focus, retrieval.Focus{Document: d.ID, Weight: weight})
		}
	}
}

// parts cuts a text that asks more than one thing into its questions; nil when
// it asks one. commas tells to cut there too.
func parts(text string, commas bool) []string {
	var out []string
	for _, s := range strings.FieldsFunc(text, func(r rune) bool {
		return strings.ContainsRune("？?；;", r) || commas && strings.ContainsRune("，,", r)
	}) {
		if s = strings.TrimSpace(s); utf8.RuneCountInString(s) >= shortestPart {
			out = append(out, s)
		}
	}
	if len(out) < 2 {
		return nil
	}
	return out
}

// shortestPart is in characters.
const shortestPart = 5

// Clean replaces characters that nobody types on purpose by blanks: control
// characters, bidirectional overrides, tag characters.
func Clean(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, " ")))
}

// LanguageOf is zh when the text has a Han character or Chinese punctuation, en
// when it has other letters, and else as the caller prefers. A text of English
// words in which a Chinese term stands is en: it has at least five words of Latin
// letters and no more Han characters than such words.
func LanguageOf(s, preferred string) string {
	characters, marks := 0, false
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Han, r):
			characters++
		case strings.ContainsRune("，。？！：；、（）", r):
			marks = true
		}
	}
	switch words := latinWords(s); {
	case characters > 0 && words >= leastEnglish && characters <= words:
		return prompts.English
	case characters > 0 || marks:
		return prompts.Chinese
	case strings.ContainsFunc(s, unicode.IsLetter), preferred == prompts.English:
		return prompts.English
	}
	return prompts.Chinese
}

// leastEnglish is how many words of Latin letters make a text with a Chinese
// term English.
const leastEnglish = 5

// latinWords counts the words of Latin letters: Xiamen's is one.
func latinWords(s string) int {
	return len(strings.FieldsFunc(s, func(r rune) bool {
		return !unicode.Is(unicode.Latin, r) && !strings.ContainsRune("'’", r)
	}))
}
