package bot

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"policybot/retrieval"
	"policybot/retrieval/analysis"
	"policybot/retrieval/sentence"
)

// A weigher tells how rare a word is in the library; see Library.IDF.
type weigher func(key uint64) float64

// Limits of what is quoted.
const (
	maxQuotes    = 2   // sentences of one clause
	maxQuoteRune = 400 // characters of one clause's quotes together; the first is always whole
)

// secondShare is the least share of the best sentence's weight that another
// sentence must add in words of the question that are not quoted yet.
const secondShare = 0.4

// A quote is a piece of a clause's text, in bytes.
type quote struct {
	start, end int
	weight     float64 // idf of the question's words in it
}

var departmentsMark = regexp.MustCompile(`责任单位|牵头单位|责任部门|市级部门|主办单位|[Dd]epartments?|[Mm]inistries|State Council|负责`)

// extract picks the sentences of a clause that answer, in the order of the
// text. There is at least one for a clause with text.
func extract(c retrieval.Clause, u Understanding, idf weigher) []quote {
	if q, ok := departmentLine(c); ok && u.Intent == IntentBodies {
		return []quote{q}
	}
	parts := candidates(c)
	asked := questionKeys(u)
	for i := range parts {
		parts[i].weight = weigh(c.Text[parts[i].start:parts[i].end], asked, idf, u.Intent)
	}
	best := 0
	for i, p := range parts {
		if p.weight > parts[best].weight {
			best = i
		}
	}
	chosen := []int{best}
	if next, ok := second(c, parts, best, asked, idf, u.Intent); ok {
		chosen = append(chosen, next)
	}
	slices.Sort(chosen)
	var out []quote
	for _, i := range chosen {
		if n := len(out); n > 0 && i > 0 && out[n-1].end == parts[i-1].end {
			out[n-1].end = parts[i].end // neighbours are one quotation
			continue
		}
		out = append(out, parts[i])
	}
	return out
}

// departmentLine is the sentence that names the responsible bodies.
func departmentLine(c retrieval.Clause) (quote, bool) {
	if len(c.Departments) == 0 {
		return quote{}, false
	}
	for _, s := range slices.Backward(sentence.Split(c.Text)) {
		if own := c.Text[s.Start:s.End]; departmentsMark.MatchString(own) && strings.Contains(own, c.Departments[0]) {
			return quote{start: s.Start, end: s.End}, true
		}
	}
	return quote{}, false
}

// second finds the sentence that adds most to the best one, if it adds enough.
func second(c retrieval.Clause, parts []quote, best int, asked map[uint64]bool, idf weigher, intent Intent) (int, bool) {
	left := map[uint64]bool{}
	for k := range asked {
		left[k] = true
	}
	for _, k := range analysis.AppendKeys(nil, c.Text[parts[best].start:parts[best].end]) {
		delete(left, k)
	}
	budget := maxQuoteRune - utf8.RuneCountInString(c.Text[parts[best].start:parts[best].end])
	next, most := -1, secondShare*parts[best].weight
	for i, p := range parts {
		s := c.Text[p.start:p.end]
		if i == best || utf8.RuneCountInString(s) > budget {
			continue
		}
		if w := weigh(s, left, idf, intent); w > most && w > 0 {
			next, most = i, w
		}
	}
	return next, next >= 0
}

// candidates are the sentences of a clause. Its heading is none of them unless
// the clause has nothing else, nor is its list of departments.
func candidates(c retrieval.Clause) []quote {
	var all, kept []quote
	for i, s := range sentence.Split(c.Text) {
		q := quote{start: s.Start, end: s.End}
		all = append(all, q)
		own := c.Text[s.Start:s.End]
		if i == 0 && c.Heading != "" && strings.HasSuffix(strings.TrimRightFunc(own, isMark), strings.TrimRightFunc(c.Heading, isMark)) {
			continue
		}
		if len(c.Departments) > 0 && strings.HasPrefix(strings.TrimLeft(own, "（("), "责任单位") || strings.HasPrefix(own, "(Municipal departments") ||
			strings.HasPrefix(own, "(Involved ministries") || strings.HasPrefix(own, "(State Council") || strings.HasPrefix(own, "(市级部门") {
			continue
		}
		kept = append(kept, q)
	}
	if len(kept) == 0 {
		return all
	}
	return kept
}

func isMark(r rune) bool { return unicode.IsPunct(r) || unicode.IsSpace(r) }

// questionKeys are the keys of the question's content, and of earlier turns
// where it has hardly any of its own.
func questionKeys(u Understanding) map[uint64]bool {
	out := map[uint64]bool{}
	for _, k := range analysis.AppendKeys(nil, u.Content) {
		out[k] = true
	}
	for _, text := range u.Query.Context {
		for _, k := range analysis.AppendKeys(nil, text) {
			out[k] = true
		}
	}
	return out
}

// weigh sums the rarity of the asked words that s has. Single characters say
// little beside the pairs that hold them. A question for a number prefers
// sentences with numbers.
func weigh(s string, asked map[uint64]bool, idf weigher, intent Intent) float64 {
	seen := map[uint64]bool{}
	sum := 0.0
	for _, k := range analysis.AppendKeys(nil, s) {
		if !asked[k] || seen[k] {
			continue
		}
		seen[k] = true
		sum += idf(k) * kindWeight(k)
	}
	if (intent == IntentNumber || intent == IntentDate) && strings.ContainsFunc(s, unicode.IsDigit) {
		sum *= 1.3
	}
	return sum
}

// kindWeight is what a key counts as evidence.
func kindWeight(key uint64) float64 {
	if analysis.KindOf(key) == analysis.Unigram {
		return 0.2
	}
	return 1
}
