package auditor

import (
	"fmt"
	"regexp"
	"strings"
)

// A Quote is what one sentence may rest on.
type Quote struct {
	Text  string   // verbatim from a clause
	About []string // headings, title, number, issuer, place, dates of its document
}

// longestSentence bounds what is judged; what is longer is refused.
const longestSentence = 1000

// held is one sentence with all that it is held to.
type held struct {
	lang    string
	folded  string
	clean   string // unmasked
	covered []bool
	segs    []segment
	tokens  map[string]bool // of the whole sentence
	quotes  []source
	quote   string // all quotes, folded
	about   string
	parts   []segment // of the quotes
	known   Lexicon
	found   []Violation
	counted map[string][]quantity // the figures of a text
}

func (h *held) bad(rule, format string, args ...any) {
	h.found = append(h.found, Violation{Rule: rule, What: fmt.Sprintf(format, args...)})
}

// Sentence holds one generated sentence to the quotes that it cites: rules G3
// to G7. lang is "zh" or "en", the language that the answer has to be in;
// known may be the zero value. No quotes, an empty sentence or one in another
// language is a violation: doubt never passes. No violation means that nothing
// was found, within what the word lists know.
func Sentence(sentence, lang string, quotes []Quote, known Lexicon) []Violation {
	h := &held{lang: lang, folded: fold(sentence), known: known}
	if strings.TrimSpace(h.folded) == "" {
		h.bad("G1", "the sentence is empty")
		return h.found
	}
	if length(sentence) > longestSentence {
		h.bad("G1", "the sentence is longer than %d characters", longestSentence)
		return h.found
	}
	if len(quotes) == 0 {
		h.bad("G1", "the sentence cites no quote")
		return h.found
	}
	for _, w := range unplain(sentence, allQuoted(quotes)) {
		h.bad("G7", "%s", w)
	}
	h.gather(quotes)
	h.language(sentence)
	h.names()
	h.titles(sentence)
	h.numbers()
	h.bindings()
	h.miscounted()
	h.opposed()
	h.backers()
	h.moods()
	h.negations()
	h.verdicts()
	v := known.vocabulary()
	for _, w := range v.unborne(h.folded, h.covered, append(h.quotes, v.source(h.about))) {
		h.bad("G6", "no quote bears %q", w)
	}
	return h.found
}

func allQuoted(quotes []Quote) string {
	var b strings.Builder
	for _, q := range quotes {
		b.WriteString(q.Text + "\n")
	}
	return b.String()
}

func (h *held) gather(quotes []Quote) {
	var texts, about []string
	for i, q := range quotes {
		f := fold(q.Text)
		if length(q.Text) < shortestQuote {
			h.bad("G3", "the quote %q is shorter than %d characters", q.Text, shortestQuote)
		}
		h.quotes = append(h.quotes, h.known.vocabulary().source(f))
		texts = append(texts, f)
		for _, s := range segmented(f) {
			s.quote, s.sentence = i, s.sentence+i*1000
			h.parts = append(h.parts, s)
		}
		for _, a := range q.About {
			about = append(about, fold(a))
		}
	}
	h.quote, h.about = strings.Join(texts, "\n"), strings.Join(about, "\n")
	h.covered = make([]bool, len(h.folded))
	h.clean = unmasked(h.folded)
	h.segs, h.tokens = segmented(h.folded), tokensOf(h.folded)
}

// language: a Chinese answer has Chinese sentences, an English one has no
// Chinese outside of names in quotation marks.
func (h *held) language(sentence string) {
	if h.lang == "zh" && !hasHan(sentence) || h.lang == "en" && mostlyHan(sentence) || h.lang != "zh" && h.lang != "en" {
		h.bad("G6", "the sentence is not in the language %q", h.lang)
	}
}

// names: G5.
func (h *held) names() {
	for _, m := range h.known.mentions(h.folded) {
		if !h.known.bears(m, h.quote, h.about) && !h.cityItself(m) {
			h.bad("G5", "no quote names %q", m.text)
		}
		mark(h.covered, m.start, m.end)
	}
	h.swappedNames()
}

// cityItself: what a text calls the city, the state or here is named by its
// document, and the short 京 and 厦 stand for their cities.
func (h *held) cityItself(m mention) bool {
	short := map[string]string{"北京": "京", "厦门": "厦", "beijing": "京", "xiamen": "厦"}
	if m.text == "中国" || m.text == "china" || m.text == "全国" || m.text == "我国" || m.text == "nationwide" {
		return strings.Contains(h.quote, "国内") || strings.Contains(h.quote, "domestic")
	}
	s := short[strings.TrimSuffix(m.text, "市")]
	return s != "" && (strings.Contains(h.quote, "在"+s) || strings.Contains(h.quote, "来"+s))
}

var documentNumber = regexp.MustCompile(`\p{Han}{0,8}[\[(]\d{4}[\])]\d+号|\p{Han}{2,8}令第\d+号`)

// englishTitle is what looks like the name of a law or document in English.
var englishTitle = regexp.MustCompile(`(?:[A-Z][A-Za-z]+ )*(?:Measures|Regulations|Rules|Provisions|Law|Opinions|Notice) (?:for|on|of) (?:the )?[A-Z][A-Za-z]+(?: (?:(?:and|of|for|the|in) )*[A-Z][A-Za-z]+)*|(?:[A-Z][A-Za-z]+ ){2,}(?:Measures|Regulations|Rules|Provisions|Law|Opinions)`)

// titles: a document or number that the sentence names is named by a source.
func (h *held) titles(sentence string) {
	for _, m := range bookTitle.FindAllStringSubmatch(sentence, -1) {
		if t := fold(m[1]); !strings.Contains(h.quote, t) && !strings.Contains(h.about, t) && !h.translatedTitle(m[1]) {
			h.bad("G5", "no quote names the document %q", m[1])
		}
	}
	for _, m := range englishTitle.FindAllString(sentence, -1) {
		if t := fold(m); !strings.Contains(h.quote, "《") && !strings.Contains(h.quote, t) && !h.translatedTitle(m) {
			h.bad("G5", "no quote names the document %q", m)
		}
	}
	for _, m := range documentNumber.FindAllString(h.folded, -1) {
		if !strings.Contains(h.quote+"\n"+h.about, numberCore(m)) {
			h.bad("G4", "no quote bears the number %q", m)
		}
	}
}

// translatedTitle: a title with the years and place left out is still named
// when each run of it stands in one title of a source.
func (h *held) translatedTitle(title string) bool {
	v := h.known.vocabulary()
	t := fold(title)
	covered := make([]bool, len(t))
	return len(v.unborne(t, covered, []source{v.source(h.about)})) == 0 && strings.TrimSpace(h.about) != ""
}

var addressee = regexp.MustCompile(`您|你|贵公司|贵企业|贵司|贵单位|咱们|我们公司|\byou\b|\byours?\b|\byou're\b|\byourselves\b`)

var verdict = regexp.MustCompile(`符合申请资格|有资格申请|符合资格|满足全部条件|一定能|肯定能|必然能|都能获得|即可获得|就能获得|可直接获得|` +
	`\b(?:is|are|be) eligible\b|\bwill (?:certainly |definitely |automatically )?(?:receive|get|obtain|be (?:granted|paid|given|awarded|eligible))\b|\bqualif(?:y|ies) for\b|\bentitled\b|\bguaranteed to\b`)

// verdicts: what is said to the asker about the asker is never borne out.
func (h *held) verdicts() {
	for _, m := range addressee.FindAllString(h.folded, -1) {
		if !strings.Contains(h.quote, m) {
			h.bad("G6", "the sentence speaks to the asker: %q", m)
		}
	}
	for _, m := range verdict.FindAllString(h.folded, -1) {
		if !strings.Contains(h.quote, m) {
			h.bad("G6", "the sentence gives a verdict: %q", m)
		}
	}
}

// numberCore is a document number with the two characters before its bracket.
func numberCore(m string) string {
	at := strings.IndexAny(m, "[(")
	if at < 0 {
		at = strings.Index(m, "令第")
	}
	before := []rune(m[:max(at, 0)])
	return string(before[max(0, len(before)-2):]) + m[max(at, 0):]
}
