package bot

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"policybot/bot/channel"
	"policybot/bot/understand"
	"policybot/prompts"
	"policybot/retrieval"
	"policybot/retrieval/analysis"
	"policybot/retrieval/sentence"
)

// Shares of the keys of a sentence that a sentence of a clause has or adds to bear it.
const (
	bears    = 0.25
	bearsToo = 0.20
)

// bearing returns the sentences of a clause that say what a sentence says, in order, in
// bytes of the clause's text; nil where none says enough of it, as across languages.
func bearing(c retrieval.Clause, said string) []sentence.Span {
	parts := sentence.Split(c.Text)
	if out := verbatim(c.Text, parts, said); out != nil {
		return out
	}
	want := map[uint64]bool{}
	for _, k := range analysis.AppendKeys(nil, strings.ReplaceAll(said, c.Document.Title, " ")) {
		if analysis.KindOf(k) != analysis.Unigram {
			want[k] = true
		}
	}
	if len(want) == 0 {
		return nil
	}
	keys := make([]map[uint64]bool, len(parts))
	for i, p := range parts {
		keys[i] = keysOf(c.Text[p.Start:p.End])
	}
	all := float64(len(want))
	var out []sentence.Span
	for least := bears; len(out) < 3; least = bearsToo {
		best, most := -1, least*all
		for i := range parts {
			if n := overlap(want, keys[i]); n >= most && (best < 0 || n > most) {
				best, most = i, n
			}
		}
		if best < 0 {
			break
		}
		out = append(out, parts[best])
		for k := range keys[best] {
			delete(want, k)
		}
	}
	slices.SortFunc(out, func(a, b sentence.Span) int { return cmp.Compare(a.Start, b.Start) })
	return out
}

// verbatim returns the parts of a text that a sentence repeats to the letter; nil for none.
func verbatim(text string, parts []sentence.Span, said string) []sentence.Span {
	var out []sentence.Span
	for _, p := range parts {
		if own := text[p.Start:p.End]; utf8.RuneCountInString(own) >= shortestRepeated && strings.Contains(said, own) {
			out = append(out, p)
		}
	}
	return out
}

// shortestRepeated is how many characters a sentence has at least that is found by its letters.
const shortestRepeated = 12

// quoteFor is what of a clause bears a sentence, word for word, neighbours together; nil
// where that cannot be told.
func quoteFor(c retrieval.Clause, said string) []string { return pieces(c, bearing(c, said)) }

// pieces are spans of a clause in order, neighbours together, each once.
func pieces(c retrieval.Clause, spans []sentence.Span) []string {
	var runs []sentence.Span
	for _, s := range spans {
		if n := len(runs); n > 0 && strings.TrimSpace(c.Text[min(runs[n-1].End, s.Start):s.Start]) == "" {
			runs[n-1].End = max(runs[n-1].End, s.End)
		} else {
			runs = append(runs, s)
		}
	}
	var out []string
	for _, r := range runs {
		out = append(out, c.Text[r.Start:r.End])
	}
	return out
}

// sentenceAt is the sentence of a text that has the byte at.
func sentenceAt(text string, at int) string {
	for _, s := range sentence.Split(text) {
		if s.Start <= at && at < s.End {
			return text[s.Start:s.End]
		}
	}
	return ""
}

// opening is as many whole sentences of a clause from its beginning as a quotation may
// have, at least one; its heading alone is left out.
func opening(c retrieval.Clause) string {
	from, to := -1, 0
	for _, q := range candidates(c) {
		if from >= 0 && utf8.RuneCountInString(c.Text[from:q.end]) > maxQuote {
			break
		}
		if from < 0 {
			from = q.start
		}
		to = q.end
	}
	return c.Text[max(from, 0):to]
}

// quotesOf are the pieces of a clause that bear the sentences of a reply that cite it, the
// lines beside them only where there is nothing else; its beginning where none can be told.
func quotesOf(text string, list []replySentence, n int, c retrieval.Clause) []string {
	var spans, beside []sentence.Span
	for _, s := range list {
		if !slices.Contains(s.cites, n) {
			continue
		}
		if own := claimOf(text, s).text; programLine(own) {
			beside = append(beside, bearing(c, own)...)
		} else {
			spans = append(spans, bearing(c, own)...)
		}
	}
	if len(spans) == 0 {
		spans = beside
	}
	slices.SortFunc(spans, func(a, b sentence.Span) int { return cmp.Compare(a.Start, b.Start) })
	if len(spans) == 0 {
		return []string{opening(c)}
	}
	return pieces(c, spans)
}

// ComposeReply is a reply as it goes out, as text and in parts: the person's text to the
// letter, then each clause that a marker names with its number, its document, its place
// and the words that bear what cites it, then who wrote it. clauses are those of
// r.Clauses in their order; one without an ID is not held and not listed. A text that
// cites none of them is left as it is. The document has no ID.
func ComposeReply(r Reply, clauses []retrieval.Clause) channel.Doc {
	lang := r.Lang
	if lang == "" {
		lang = understand.LanguageOf(understand.Clean(r.Text), "")
	}
	c := &composer{lang: answerIn(lang)}
	doc := channel.Doc{Lang: c.lang, Label: channel.LabelStaff}
	list := splitReply(r.Text, r.Question)
	c.written(r.Text, list)
	for i, k := range clauses {
		n := i + 1
		if k.ID == "" || !slices.ContainsFunc(list, func(s replySentence) bool { return slices.Contains(s.cites, n) }) {
			continue
		}
		if len(doc.Citations) == 0 {
			c.gap()
			c.line("sources", nil)
		}
		quotes := quotesOf(r.Text, list, n, k)
		c.place("source", prompts.Slots{"n": strconv.Itoa(n), "document": c.document(k.Document), "path": k.Path}, k)
		for _, q := range quotes {
			c.line("source_quote", prompts.Slots{"quote": strings.Join(strings.Fields(q), " ")})
		}
		doc.Citations = append(doc.Citations, channel.Citation{
			N: n, Title: k.Document.Title, Number: k.Document.Number, Path: k.Path, Quote: strings.Join(quotes, "\n"), Clause: k.ID, URL: k.URL,
		})
	}
	if len(doc.Citations) > 0 {
		if c.starred {
			c.line("starred", nil)
		}
		c.gap()
		c.line("reply_standing", nil)
	}
	doc.Text, doc.Nodes = strings.TrimSuffix(c.b.String(), "\n"), nodes(c.parts)
	return doc
}

// written writes what a person wrote: as text to the letter, as parts by sentences with
// their citations and the lines between.
func (c *composer) written(text string, list []replySentence) {
	at := 0
	for _, s := range list {
		if len(s.cites) == 0 {
			continue
		}
		if before := strings.TrimSpace(text[at:s.start]); before != "" {
			c.parts = append(c.parts, Part{Node: channel.Node{Kind: channel.Line, Text: before}})
		}
		c.parts = append(c.parts, Part{Node: channel.Node{Kind: channel.Sentence, Text: claimOf(text, s).text, Cites: s.cites}})
		at = s.end
	}
	if rest := strings.TrimSpace(text[at:]); rest != "" {
		c.parts = append(c.parts, Part{Node: channel.Node{Kind: channel.Line, Text: rest}})
	}
	c.b.WriteString(text + "\n")
}

// SuggestedReply is a drafted letter as a text that a person can go on with: what the
// letter says, with [n] markers and the clauses that they name, and without its notes.
// Conditions of measures are left out: no clause says by itself whether they are met.
func SuggestedReply(l Letter) Reply {
	c := &composer{lang: answerIn(l.Lang)}
	question := strings.Join(strings.Fields(l.Question), " ")
	c.line("letter_to", nil)
	c.gap()
	c.line("letter_about", prompts.Slots{"question": question})
	if l.Outcome == Answered {
		c.suggested(l.Answer)
	} else {
		c.letterWithout(l.Answer)
	}
	c.gap()
	c.line("letter_from", nil)
	r := Reply{Text: strings.TrimSpace(c.b.String()), Clauses: []string{}, Question: question, Lang: c.lang}
	for _, s := range l.Citations {
		r.Clauses = append(r.Clauses, s.Clause.ID)
	}
	return r
}

// suggested writes what an answer says and its limits.
func (c *composer) suggested(a Answer) {
	c.sentences(a)
	for _, s := range a.Citations {
		c.glossedLine(s)
	}
	c.gap()
	for i, n := range a.limits() {
		c.line("letter_notice", prompts.Slots{"n": strconv.Itoa(i + 1), "notice": n.Text})
	}
	c.bodies(a)
}
