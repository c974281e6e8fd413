package bot

import (
	"cmp"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"policybot/bot/quantity"
	"policybot/retrieval/bridge"
)

// What must speak for a figure of a clause before it is named as the one that is meant.
const (
	saidLeast   = 0.5  // share of a word, in any form, that a phrase has which says it
	figureLeast = 0.5  // words of the claim that stand beside it, each by how few figures it stands beside
	figureLead  = 1.25 // least lead over the figure that comes next
	sameDigits  = 4    // what the same value or digits count, where unit or comparator are wrong
	sameUnits   = 0.25 // what the same unit counts
)

// A meantFigure is a figure of a clause that could be meant by one of a claim.
type meantFigure struct {
	n, start, end int // number of the clause, bytes of its text
	phrase        map[uint64]bool
	words, score  float64 // score has the words, and what speaks for the figure itself
}

// figure fills in the figure of the clauses that belongs to the same thing as that of the
// claim at from to to: by its kind and unit and by the words around both, in either
// language. Says stays empty, and the result is false, where none stands out: it is
// better to name no figure than a wrong one. Elsewhere is set where the figure itself
// stands in a clause, for something else.
func (x *replyCheck) figure(p *Problem, c claim, from, to int, held []int) bool {
	own := quantity.Find(c.text)
	i := slices.IndexFunc(own, func(q quantity.Quantity) bool { return q.Start < max(to, from+1) && from < q.End })
	if i < 0 {
		return false
	}
	q := own[i]
	p.Word = c.text[q.Start:q.End]
	p.Start, p.End = c.span(q.Start, q.End)
	list := x.meant(p, q, c.text, held)
	weighFigures(list, phraseOf(c.text, own, i))
	for i := range list {
		list[i].score += list[i].words
	}
	slices.SortStableFunc(list, func(a, b meantFigure) int { return cmp.Compare(b.score, a.score) })
	printed := func(m meantFigure) string { return x.clauses[m.n-1].Text[m.start:m.end] }
	if len(list) == 0 || list[0].words < figureLeast && list[0].score < sameDigits {
		return false
	}
	best := list[0]
	if slices.ContainsFunc(list[1:], func(m meantFigure) bool { return m.score*figureLead > best.score && printed(m) != printed(best) }) {
		return false
	}
	p.N, p.Says, p.elsewhere = best.n, printed(best), false
	p.Clause, p.Quote = x.clauses[best.n-1].ID, sentenceAt(x.clauses[best.n-1].Text, best.start)
	return true
}

// meant are the figures of the clauses that could be meant by one of a claim.
func (x *replyCheck) meant(p *Problem, q quantity.Quantity, claim string, held []int) []meantFigure {
	var list []meantFigure
	for _, n := range held {
		found := quantity.Find(x.clauses[n-1].Text)
		for k, y := range found {
			if y.Loose || !likeFigures(q, y) {
				continue
			}
			if p.Kind == ProblemNumber && quantity.Relate(q, y).Comparator {
				p.elsewhere = true
				continue
			}
			m := meantFigure{n: n, start: y.Start, end: y.End, phrase: keysOf(phraseOf(x.clauses[n-1].Text, found, k))}
			if p.Kind != ProblemNumber && sameFigure(q, y, claim, x.clauses[n-1].Text) {
				m.score += sameDigits
			}
			if q.Unit == y.Unit && q.Kind == y.Kind {
				m.score += sameUnits
			}
			list = append(list, m)
		}
	}
	return list
}

// sameFigure reports whether two figures have the same value, or are written with the
// same digits.
func sameFigure(q, y quantity.Quantity, claim, clause string) bool {
	same := q.Value != nil && y.Value != nil && q.Value.Cmp(y.Value) == 0
	digits := func(s string) string {
		var out string
		for _, r := range runsOfDigits(s) {
			out += r.text + " "
		}
		return out
	}
	own := digits(claim[q.Start:q.End])
	return same || own != "" && own == digits(clause[y.Start:y.End])
}

// likeFigures reports whether one figure could be meant for the other: money is not meant
// for companies. What has no unit may be meant for either.
func likeFigures(a, b quantity.Quantity) bool {
	amount := func(q quantity.Quantity) bool {
		return q.Kind == quantity.Number || q.Kind == quantity.Money || q.Kind == quantity.Count || q.Kind == quantity.Measure
	}
	if a.Kind == b.Kind {
		return a.Kind != quantity.Measure || a.Unit == b.Unit
	}
	if !amount(a) || !amount(b) {
		return false
	}
	if a.Kind != quantity.Number {
		a, b = b, a
	}
	if a.Kind != quantity.Number {
		return false
	}
	return b.Kind != quantity.Money || a.Value.Cmp(leastSum) >= 0
}

// leastSum is what a number without a currency is at least to be a sum of money.
var leastSum = big.NewRat(10_000, 1)

// weighFigures adds to each figure what of a phrase of the claim its own phrase says: a
// word counts the less the more of the phrases have it.
func weighFigures(list []meantFigure, phrase string) {
	concepts, _ := bridge.Default().Read(phrase)
	for _, c := range concepts {
		if slices.Contains(littleWords, c.Text) || strings.ContainsFunc(c.Text, isDigit) {
			continue
		}
		shares, all := make([]float64, len(list)), 0.0
		seen := map[string]bool{}
		for i, m := range list {
			shares[i] = cut(formShare(c, m.phrase))
			if key := sortedKeys(m.phrase); !seen[key] {
				seen[key] = true
				all += shares[i]
			}
		}
		for i := range list {
			if all > 0 {
				list[i].words += shares[i] / max(all, 1)
			}
		}
	}
}

// sortedKeys tells phrases apart.
func sortedKeys(keys map[uint64]bool) string {
	var out []rune
	for k := range keys {
		out = append(out, rune(k), rune(k>>32))
	}
	slices.Sort(out)
	return string(out)
}

// littleWords are words that stand beside any figure.
var littleWords = []string{
	"the", "a", "an", "of", "in", "to", "by", "at", "on", "for", "and", "or", "is", "are", "be", "will", "shall", "with", "from", "that", "which", "it", "its",
	"has", "have", "as", "than", "more", "least", "most", "up", "over", "about", "reach", "reaches", "should", "may", "can", "there", "this", "达", "达到", "达成", "将", "超过", "不少于", "以上", "左右", "实现",
}

// formShare is how much of a concept the keys have, in the form that they have most of.
func formShare(c bridge.Concept, keys map[uint64]bool) float64 {
	best := cut(shareOf(c.Text, keys))
	for _, f := range c.Forms {
		best = max(best, f.Weight*cut(shareOf(f.Text, keys)))
	}
	if len(c.Parts) == 0 {
		return best
	}
	parts := 0.0
	for _, p := range c.Parts {
		parts += formShare(p, keys)
	}
	return max(best, parts/float64(len(c.Parts)))
}

// cut is a share, 0 below saidLeast: half of a word is another word.
func cut(share float64) float64 {
	if share < saidLeast {
		return 0
	}
	return share
}

var (
	sentenceEnds = regexp.MustCompile(`[。！？!?\n]|\.(?:\s|$)`)
	phraseEnds   = regexp.MustCompile(`[，。；：！？、;:!?\n]|,(?:[^\d]|$)|\.(?:\s|$)`)
	phraseAnd    = regexp.MustCompile(`和|及|与|或|\band\b|\bor\b|\bwhile\b|\bwith\b`)
)

// shortPhrase is in characters: what is shorter says no more than that a figure is reached.
const shortPhrase = 4

// phraseOf is the words around the i-th of a text's figures that tell what it is a figure
// of: up to the marks on both sides, and up to an and beyond which another figure stands.
// A phrase of hardly more than the figure takes the one before it. That of a date is its
// whole sentence.
func phraseOf(text string, figures []quantity.Quantity, i int) string {
	q := figures[i]
	if q.Kind == quantity.Date || q.Kind == quantity.Document {
		return between(text, q.Start, q.End, sentenceEnds)
	}
	from := phraseStart(text, figures, i)
	own := text[from:q.Start]
	end := q.End + len(between(text[q.End:], 0, 0, phraseEnds))
	if i+1 < len(figures) && figures[i+1].Start < end {
		if m := phraseAnd.FindStringIndex(text[q.End:figures[i+1].Start]); m != nil {
			end = q.End + m[0]
		}
	}
	if utf8.RuneCountInString(strings.TrimSpace(own+text[q.End:end])) < shortPhrase && from > 0 {
		before := strings.TrimRight(text[:from], " ，,、")
		own = between(before, len(before), len(before), phraseEnds) + own
	}
	return own + " " + text[q.End:end]
}

// between is the part of a text around the bytes from from to to, up to the marks on both sides.
func between(text string, from, to int, marks *regexp.Regexp) string {
	start, end := 0, len(text)
	if all := marks.FindAllStringIndex(text[:from], -1); len(all) > 0 {
		_, w := utf8.DecodeRuneInString(text[all[len(all)-1][0]:])
		start = all[len(all)-1][0] + w
	}
	if m := marks.FindStringIndex(text[to:]); m != nil {
		end = to + m[0]
	}
	return text[start:end]
}

// phraseStart is where the words before a figure begin that belong to it.
func phraseStart(text string, figures []quantity.Quantity, i int) int {
	from := figures[i].Start - len(between(text[:figures[i].Start], figures[i].Start, figures[i].Start, phraseEnds))
	if i > 0 && figures[i-1].End > from {
		if all := phraseAnd.FindAllStringIndex(text[figures[i-1].End:figures[i].Start], -1); len(all) > 0 {
			from = figures[i-1].End + all[len(all)-1][1]
		}
	}
	return from
}
