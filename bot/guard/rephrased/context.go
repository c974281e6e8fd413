package rephrased

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// work is what the makers of one paraphrase share.
type work struct {
	p        Paraphrase
	rng      *rand.Rand
	quotes   string          // clause ids and quotes, for rules that need something in them
	evidence string          // folded: quotes, headings, facts of the documents, and the sentence itself
	packed   string          // evidence without spaces, for Chinese names
	numbers  []number        // of the sentence
	values   map[float64]int // every value in the evidence, with the bounds it has there as a bit set
	stood    map[int]bool    // by concept: what stands has found already
	found    []mention       // concepts in the sentence, none within another
}

// A mention is a concept that the sentence names.
type mention struct {
	concept  int
	from, to int
}

func newWork(p Paraphrase, rng *rand.Rand) *work {
	w := &work{p: p, rng: rng, values: map[float64]int{}, stood: map[int]bool{}}
	var quotes, all strings.Builder
	for _, q := range p.Quotes {
		quotes.WriteString(q.Clause + " " + q.Text + "\n")
		all.WriteString(q.Text + "\n" + words().context[q.Clause] + "\n")
	}
	w.quotes = quotes.String()
	evidence := all.String()
	for _, n := range numbersOf(evidence) {
		for _, v := range n.values() {
			w.values[v] |= 1 << n.bound
		}
	}
	w.numbers = numbersOf(p.Sentence)
	for _, n := range w.numbers {
		for _, v := range n.values() {
			w.values[v] |= 0
		}
	}
	w.evidence = fold(evidence + "\n" + p.Sentence)
	w.packed = strings.Join(strings.Fields(w.evidence), "")
	w.found = w.mentions()
	return w
}

// folding writes full-width punctuation and typographic marks as the plain ones.
var folding = strings.NewReplacer("，", ",", "；", ";", "：", ":", "（", "(", "）", ")", "’", "'", "‘", "'", "“", `"`, "”", `"`, "–", "-", "—", "-", "％", "%")

func fold(s string) string { return strings.ToLower(folding.Replace(s)) }

func isHan(r rune) bool    { return unicode.Is(unicode.Han, r) }
func isLetter(r rune) bool { return unicode.IsLetter(r) && !isHan(r) }

// stands says whether any name of a concept, in either language, stands in the evidence.
func (w *work) stands(i int) bool {
	had, known := w.stood[i]
	if !known {
		had = w.standsFirst(words().concepts[i])
		w.stood[i] = had
	}
	return had
}

func (w *work) standsFirst(c concept) bool {
	for _, name := range c.names[Chinese] {
		if strings.Contains(w.packed, strings.ReplaceAll(fold(name), " ", "")) {
			return true
		}
	}
	for _, name := range c.names[English] {
		if len(spans(w.evidence, fold(name))) > 0 {
			return true
		}
	}
	return false
}

// spans finds a name as whole words; a name in Chinese letters needs no edges.
func spans(text, name string) [][2]int {
	var all [][2]int
	for at := 0; at <= len(text); {
		i := strings.Index(text[at:], name)
		if i < 0 {
			break
		}
		from, to := at+i, at+i+len(name)
		before, _ := utf8.DecodeLastRuneInString(text[:from])
		after, _ := utf8.DecodeRuneInString(text[to:])
		first, _ := utf8.DecodeRuneInString(name)
		last, _ := utf8.DecodeLastRuneInString(name)
		if (!isWord(first) || !isWord(before)) && (!isWord(last) || !isWord(after)) {
			all = append(all, [2]int{from, to})
		}
		at = to
	}
	return all
}

func isWord(r rune) bool { return r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r)) }

// mentions finds all concepts in the sentence; a longer name hides a shorter one within it.
func (w *work) mentions() []mention {
	var all []mention
	for i, c := range words().concepts {
		for _, name := range slices.Concat(c.names[Chinese], c.names[English]) {
			for _, s := range spans(w.p.Sentence, name) {
				all = append(all, mention{i, s[0], s[1]})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b mention) int {
		if d := (b.to - b.from) - (a.to - a.from); d != 0 {
			return d
		}
		return a.from - b.from
	})
	var kept []mention
	for _, m := range all {
		if !slices.ContainsFunc(kept, func(k mention) bool { return m.from < k.to && k.from < m.to }) {
			kept = append(kept, m)
		}
	}
	slices.SortFunc(kept, func(a, b mention) int { return a.from - b.from })
	return kept
}

// inTitle says whether a place of the sentence lies within the marks of a title.
func (w *work) inTitle(at int) bool {
	return strings.LastIndex(w.p.Sentence[:at], "《") > strings.LastIndex(w.p.Sentence[:at], "》")
}

// negation finds a word that turns what follows it.
var negation = regexp.MustCompile(`(?i)(不|未|无|没|免|非|否|勿|禁止|避免|防止|\bnot|n't|n’t|\bno|\bwithout|\bnever|\bcannot|\bnor|\brather than|\binstead of)[^,，。.;；]{0,12}$`)

// negated says whether a place stands shortly after a negation.
func (w *work) negated(at int) bool { return negation.MatchString(w.p.Sentence[:at]) }

var (
	article = regexp.MustCompile(`(^| )([Aa])n? $`)
	vowel   = regexp.MustCompile(`^([aeioAEIO]|[Uu](n[^i]|p|r|l))`)
)

// rightArticle ends a text with the English article that fits what follows; without one it stays. Words
// in capitals are read one letter at a time, so that theirs stay too.
func rightArticle(text, next string) string {
	m := article.FindStringSubmatchIndex(text)
	first, _, _ := strings.Cut(next, " ")
	if m == nil || first == "" || first == strings.ToUpper(first) || strings.HasPrefix(strings.ToLower(first), "one") || strings.HasPrefix(first, "Eu") {
		return text
	}
	if vowel.MatchString(first) {
		return text[:m[5]] + "n "
	}
	return text[:m[5]] + " "
}
